"""Revisions: first, second and latest value of every period, their size, and what changed since the last issue.

Goes in: the history of observations (superseded values too), and the tables of earlier issues for the index. Comes out:
``revisions``, ``revisions_summary``, ``release_notes``. The second value is the one after the series' next release,
whether or not it differs. Values that came with a series' first delivery were revised before anyone looked and count as
no first estimate, save the newest of them. Method: OECD revision analysis (mean revision, mean absolute revision), ESS
guidelines on revision policy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reporter.domain import schema
from reporter.pipeline import manifest
from reporter.pipeline.manifest import EarlierIssue

Tables = dict[str, pd.DataFrame]
INDEX = "labour_index"
_KEY = ["series", "period"]
_NAMED = 5
_NEVER = pd.Timestamp(2200, 1, 1)
_ALWAYS = pd.Timestamp(1900, 1, 1)  # when a value without as_of was known: before any release
_SETTINGS = ("base_start", "base_end", "seed")


def compute(history: pd.DataFrame, issues: Sequence[tuple[dt.date | str, pd.DataFrame]] = ()) -> Tables:
    """Revisions of every series of the whole country, and of the index.

    history  ``observation_history`` (docs/tables.md): ``indicator, group, period, value, as_of`` at least
    issues   earlier issues and this one in order of time: (date of the issue, its ``labour_index``)
    Returns  ``revisions``: ``series,period,first,second,latest``; ``second`` NaN where no later release is known.
             ``revisions_summary``: per series the number of periods, mean and mean absolute revision (latest - first),
             the same for the second value, the largest revision and its period.
             The index is ``labour_index`` and ``labour_index:<dimension>``.
    """
    observed = history[history["group"] == "TH"].rename(columns={"indicator": "series"})[
        [*_KEY, "value", "as_of"]
    ]
    observed = observed.assign(as_of=observed["as_of"].fillna(_ALWAYS))
    triangle = _triangle(pd.concat([observed, _published(issues)], ignore_index=True))
    return {"revisions": triangle, "revisions_summary": summarise(triangle)}


def of_issue(
    history: pd.DataFrame,
    computed: Mapping[str, pd.DataFrame],
    earlier: Sequence[EarlierIssue],
    names: Mapping[str, str],
    *,
    as_of: dt.date,
    parameters: Mapping[str, Any],
) -> Tables:
    """All tables of an issue that compare it with earlier ones.

    history    ``Workspace.observation_history()``, cut at ``as_of``
    computed   the issue's tables; earlier  ``issues.earlier(out, quarter)``
    names      indicator and dimension ids -> Thai names; parameters  ``{"settings": ..., "index": ...}`` as in manifests
    """
    published = [(issue.as_of, issue.tables["labour_index"]) for issue in earlier]
    last = earlier[-1] if earlier else None
    notes = release_notes(
        computed,
        None if last is None else last.tables,
        names,
        parameters=_flat(parameters),
        previous_parameters={} if last is None else _flat(last.parameters),
    )
    known = history[history["as_of"].isna() | (history["as_of"] < pd.Timestamp(as_of) + pd.Timedelta(days=1))]
    return {
        **compute(known, [*published, (as_of, computed["labour_index"])]),
        **manifest.moved_tables(computed, None if last is None else last.tables),
        "release_notes": notes,
    }


def _flat(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Settings and the index's own parameters that shape numbers, as text; the run's date and the addresses do not."""
    settings = parameters.get("settings", {})
    chosen = {name: settings[name] for name in _SETTINGS if name in settings}
    return {name: str(value) for name, value in {**parameters.get("index", {}), **chosen}.items()}


def _published(issues: Sequence[tuple[dt.date | str, pd.DataFrame]]) -> pd.DataFrame:
    """The index as each issue published it, as a history."""
    parts = []
    for day, index in issues:
        country = index[index["group"] == "TH"]
        names = country["dimension"].map(
            lambda dimension: INDEX if dimension == "overall" else f"{INDEX}:{dimension}"
        )
        parts.append(
            pd.DataFrame(
                {
                    "series": names,
                    "period": country["period"],
                    "value": country["value"],
                    "as_of": pd.Timestamp(day),
                }
            )
        )
    if not parts:
        return pd.DataFrame({"series": [], "period": [], "value": [], "as_of": pd.to_datetime([])})
    return pd.concat(parts, ignore_index=True).dropna(subset=["value"])


def _triangle(known: pd.DataFrame) -> pd.DataFrame:
    """First, second and latest value of each period that was seen at its first release."""
    if known.empty:
        return schema.empty("revisions")
    ordered = known.sort_values([*_KEY, "as_of"], kind="stable")
    first = ordered.drop_duplicates(_KEY, keep="first")
    latest = ordered.drop_duplicates(_KEY, keep="last").set_index(_KEY)["value"]

    # A delivery that opens a series brings its whole past; only its newest period is fresh.
    opening = first.groupby("series")["as_of"].transform("min")
    newest_of_opening = first[first["as_of"] == opening].groupby("series")["period"].transform("max")
    is_newest = first["period"] == newest_of_opening.reindex(first.index)
    fresh = (first["as_of"] > opening) | (is_newest & (opening != _ALWAYS))
    first = first[fresh]

    second = _second(ordered, first)

    keys = pd.MultiIndex.from_frame(first[_KEY])
    table = pd.DataFrame(
        {
            "series": first["series"].to_numpy(),
            "period": first["period"].to_numpy(),
            "first": first["value"].to_numpy(),
            "second": second.reindex(keys).to_numpy(),
            "latest": latest.reindex(keys).to_numpy(),
        }
    )
    return table.sort_values(_KEY, ignore_index=True)


def _second(known: pd.DataFrame, first: pd.DataFrame) -> pd.Series:
    """Value in force when the release after the first had been completed: just before the one after that.

    A release is a time at which a series brought a period that it had not had. Where none followed yet, a later value of
    the same period counts; otherwise there is no second value.
    """
    opened = known.drop_duplicates(_KEY, keep="first")
    releases = opened[["series", "as_of"]].drop_duplicates().sort_values(["series", "as_of"])
    by_series = releases.groupby("series")["as_of"]
    releases = releases.assign(has_next=by_series.shift(-1).notna(), until=by_series.shift(-2).fillna(_NEVER))
    asked = first[[*_KEY, "as_of"]].merge(releases, on=["series", "as_of"], how="left")
    vintages = known.merge(asked[[*_KEY, "has_next", "until"]], on=_KEY)
    settled = vintages[vintages["as_of"] < vintages["until"]]
    number = settled.groupby(_KEY).cumcount()
    alone = settled[~settled["has_next"] & (number == 1)]
    regular = settled[settled["has_next"]].drop_duplicates(_KEY, keep="last")
    return pd.concat([regular, alone]).set_index(_KEY)["value"]


def summarise(triangle: pd.DataFrame) -> pd.DataFrame:
    """Size of the revisions of each series, in the series' own unit; periods with one release only do not count."""
    revised = triangle[triangle["second"].notna()]
    rows = []
    for series, values in revised.groupby("series", sort=True):
        revision = values["latest"] - values["first"]
        second = values["second"] - values["first"]
        at = int(revision.abs().to_numpy().argmax())
        rows.append(
            (
                series,
                len(values),
                revision.mean(),
                revision.abs().mean(),
                second.abs().mean(),
                revision.iloc[at],
                values["period"].iloc[at],
            )
        )
    return pd.DataFrame(rows, columns=schema.columns("revisions_summary"))


def release_notes(
    tables: Mapping[str, pd.DataFrame],
    previous: Mapping[str, pd.DataFrame] | None,
    names: Mapping[str, str],
    *,
    parameters: Mapping[str, object] | None = None,
    previous_parameters: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """What changed since the last issue: data, methods, weights.

    tables, previous   ``series``, ``weights``, ``labour_index``, ``detrending``, ``indicator_status`` of this and the
                       last issue; None for a first issue
    names              indicator and dimension ids -> Thai names
    parameters         settings of both issues, as their manifests have them
    Returns            ``kind,text_th``; ``kind`` data|methods|weights; at least one row of each kind
    """
    if previous is None:
        return pd.DataFrame(
            [("data", "รายงานฉบับนี้เป็นฉบับแรก จึงไม่มีฉบับก่อนหน้าให้เปรียบเทียบ")],
            columns=schema.columns("release_notes"),
        )
    notes = [
        *(("data", text) for text in _data_notes(tables, previous, names)),
        *(
            ("methods", text)
            for text in _method_notes(tables, previous, names, parameters or {}, previous_parameters or {})
        ),
        *(("weights", text) for text in _weight_notes(tables, previous, names)),
    ]
    return pd.DataFrame(notes, columns=schema.columns("release_notes"))


def _data_notes(
    tables: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> list[str]:
    """New and revised observations of the country, and how far the published index moved."""
    key = ["indicator", "period"]
    now, before = (_country(source["series"]).set_index(key)["raw"].dropna() for source in (tables, previous))
    new = sorted(set(now.index.difference(before.index).get_level_values("indicator")))
    common = now.index.intersection(before.index)
    changed = common[(now[common] != before[common]).to_numpy()]
    revised = sorted(set(changed.get_level_values("indicator")))
    gone = sorted(
        set(before.index.get_level_values("indicator")) - set(now.index.get_level_values("indicator"))
    )
    notes = [f"มีข้อมูลงวดใหม่ของ {len(new)} ตัวชี้วัด" if new else "ไม่มีข้อมูลงวดใหม่"]
    if revised:
        notes.append(
            f"แหล่งข้อมูลปรับปรุงค่าย้อนหลัง {len(changed):,} ค่า ใน {len(revised)} ตัวชี้วัด ได้แก่ {_listed(revised, names)}"
        )
    else:
        notes.append("ไม่มีการปรับปรุงค่าย้อนหลังจากแหล่งข้อมูล")
    if gone:
        notes.append(f"ไม่มีข้อมูลของ {_listed(gone, names)} แล้ว")
    change = _index_moved(tables["labour_index"], previous["labour_index"])
    if change is not None:
        notes.append(f"ดัชนีรวมของงวดที่เผยแพร่แล้วเปลี่ยนไปเฉลี่ย {change:.2f} จุด")
    return notes


def _index_moved(now: pd.DataFrame, before: pd.DataFrame) -> float | None:
    """Mean absolute change of the published composite, points."""
    both = [
        _country(index).query("dimension == 'overall'").set_index("period")["value"].dropna()
        for index in (now, before)
    ]
    common = both[0].index.intersection(both[1].index)
    return float((both[0][common] - both[1][common]).abs().mean()) if len(common) else None


def _method_notes(
    tables: Mapping[str, pd.DataFrame],
    previous: Mapping[str, pd.DataFrame],
    names: Mapping[str, str],
    parameters: Mapping[str, object],
    previous_parameters: Mapping[str, object],
) -> list[str]:
    """Indicators that came into use or left it, changed transformations, changed settings."""
    notes = []
    if "indicator_status" in tables and "indicator_status" in previous:
        now, before = (_used(source["indicator_status"]) for source in (tables, previous))
        if now - before:
            notes.append(f"นำตัวชี้วัดมาใช้เพิ่ม ได้แก่ {_listed(sorted(now - before), names)}")
        if before - now:
            notes.append(f"งดใช้ตัวชี้วัด ได้แก่ {_listed(sorted(before - now), names)}")
    if "detrending" in tables and "detrending" in previous:
        now_how, before_how = (_methods(source["detrending"]) for source in (tables, previous))
        changed = [name for name in now_how if name in before_how and now_how[name] != before_how[name]]
        if changed:
            notes.append(f"เปลี่ยนวิธีแปลงหรือขจัดแนวโน้มของ {_listed(sorted(changed), names)}")
    settings = sorted(
        name
        for name in {*parameters, *previous_parameters}
        if parameters.get(name) != previous_parameters.get(name)
    )
    if settings:
        notes.append(f"ค่าตั้งต้นที่เปลี่ยน ได้แก่ {', '.join(settings)}")
    return notes or ["วิธีคำนวณไม่เปลี่ยนแปลง"]


def _weight_notes(
    tables: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> list[str]:
    """Changed weights of the dimensions."""
    now, before = (source["weights"].set_index("dimension")["weight"] for source in (tables, previous))
    every = now.index.union(before.index)
    change = (now.reindex(every, fill_value=0.0) - before.reindex(every, fill_value=0.0)).dropna()
    moved = change[change.abs() >= 0.0005].sort_values(key=lambda values: -values.abs(), kind="stable")
    if moved.empty:
        return ["ค่าถ่วงน้ำหนักของทุกมิติไม่เปลี่ยนแปลง"]
    shown = [
        f"{names.get(str(name), str(name))} จากร้อยละ {before.get(name, 0.0) * 100:.1f} เป็นร้อยละ {now.get(name, 0.0) * 100:.1f}"
        for name in moved.index[:_NAMED]
    ]
    return [f"ประมาณค่าถ่วงน้ำหนักใหม่ มิติที่เปลี่ยนมากที่สุด ได้แก่ {' '.join(shown)}"]


def _country(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["group"] == "TH"]


def _methods(detrending: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Indicator -> how its trend leaves it and how it is transformed."""
    columns = (detrending[name].astype(str) for name in ("indicator", "detrend", "transform"))
    return {indicator: (detrend, transform) for indicator, detrend, transform in zip(*columns, strict=True)}


def _used(status: pd.DataFrame) -> set[str]:
    return set(status.loc[status["status"].isin(["used", "stale"]), "indicator"])


def _listed(ids: Sequence[str], names: Mapping[str, str]) -> str:
    """The first names of a list, and how many more there are."""
    shown = " ".join(names.get(name, name) for name in ids[:_NAMED])
    return shown if len(ids) <= _NAMED else f"{shown} และอีก {len(ids) - _NAMED} ตัวชี้วัด"
