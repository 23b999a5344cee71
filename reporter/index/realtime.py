"""The index as it was, or would have been, published: real time.

In: the learnt model, today's adjusted inputs, publication lags; and what earlier issues printed. Out: ``index_vintages`` (the composite and the joint model's forecast as seen from
every past quarter; the forecast stage learns from it) and ``realtime`` with its summary ``track_record``. Simulated vintages know each series up to its
declared publication lag 60 days after the quarter's end; they take today's seasonal factors, so they understate what those add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso, parse_quarter
from reporter.index.joint_model import JointModel
from reporter.index.panel import periods
from reporter.index.points import OVERALL, chained, points
from reporter.index.smoother import smooth

RELEASE_DAYS = 60  # an issue comes out two months after its quarter
HORIZONS = 4  # quarters ahead, as the forecast
_FIRST_ORIGIN = 12  # three years before the first origin
_TRACKED_QUARTERS = 24  # simulated issues in the track record: six years
_TRACKED_AGE = 8  # quarters for which an issue's value is followed: later data hardly move it


def known(
    inputs: Mapping[str, pd.Series], declarations: Declarations, quarter: pd.Period, days: int = RELEASE_DAYS
) -> dict[str, pd.Series]:
    """The inputs as published so many days after a quarter's end, by each indicator's declared lag."""
    day = quarter.end_time.normalize() + pd.Timedelta(days=days)
    found = {}
    for name, values in inputs.items():
        lag = pd.Timedelta(days=declarations.indicators[name].publication_lag_days)
        kept = values[np.asarray(periods(values).end_time.normalize() + lag <= day)]
        if kept.notna().any():
            found[name] = kept
    return found


def simulated(
    model: JointModel,
    inputs: Mapping[str, pd.Series],
    declarations: Declarations,
    quarter: pd.Period,
    linked: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """``index_vintages``, and the simulated rows of ``realtime``.

    linked  an earlier model's values up to the link quarter (points.chained)
    """
    first = min(periods(values.dropna())[0].asfreq("Q-DEC") for values in inputs.values())
    vintages: list[tuple[str, str, float]] = []
    tracked: list[tuple[str, str, str, float, bool]] = []
    for issued in pd.period_range(first + _FIRST_ORIGIN, quarter, freq="Q-DEC"):
        data = known(inputs, declarations, issued)
        if not data:
            continue
        value = points(model, smooth(model, data, issued + HORIZONS).value)
        value = value if linked is None else chained(value, linked)
        vintages += [
            (iso(issued), iso(p), float(v)) for p, v in zip(periods(value), value[OVERALL], strict=True)
        ]
        if (quarter - issued).n < _TRACKED_QUARTERS:
            recent = value.loc[issued - _TRACKED_AGE + 1 : issued]
            tracked += [
                (str(name), iso(period), iso(issued), float(level), True)
                for name in recent
                for period, level in zip(periods(recent), recent[name], strict=True)
            ]
    rows = pd.DataFrame(tracked, columns=schema.columns("realtime"))
    return {
        "index_vintages": pd.DataFrame(vintages, columns=schema.columns("index_vintages")),
        "realtime": sorted_rows(rows),
    }


def sorted_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``realtime`` by dimension, quarter and issue."""
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["dimension"]))}
    ranked = rows.assign(order=rows["dimension"].map(order))
    ranked = ranked.sort_values(["order", "period", "published_in"], kind="stable", ignore_index=True)
    return ranked.drop(columns="order")


def with_published(
    rows: pd.DataFrame, issues: Sequence[tuple[pd.Period, pd.DataFrame]]
) -> dict[str, pd.DataFrame]:
    """``realtime`` with what earlier issues printed in place of simulated rows, and its summary ``track_record``.

    rows    simulated ones; issues: (quarter, ``labour_index``) of every earlier issue and of this one
    """
    parts = [rows]
    for quarter, index in issues:
        nation = index[(index["group"] == "TH") & index["value"].notna()]
        ages = np.array([(quarter - parse_quarter(text)).n for text in nation["period"]])
        nation = nation[ages < _TRACKED_AGE]
        parts.append(
            nation[["dimension", "period", "value"]].assign(published_in=iso(quarter), simulated=False)
        )
    whole = pd.concat(parts, ignore_index=True)[schema.columns("realtime")]
    whole = whole.drop_duplicates(["dimension", "period", "published_in"], keep="last")
    table = sorted_rows(whole.astype({"simulated": bool}))
    return {"realtime": table, "track_record": track_record(table)}


def track_record(table: pd.DataFrame) -> pd.DataFrame:
    """By dimension and age in quarters: how far a value has moved from its first release, and how often the change's sign turned."""
    rows: list[list[object]] = []
    numbered = table.assign(
        age=[
            (parse_quarter(issue) - parse_quarter(period)).n
            for issue, period in zip(table["published_in"], table["period"], strict=True)
        ]
    )
    for name, own in numbered.groupby("dimension", sort=False):
        wide = own.pivot(index="period", columns="age", values="value")
        if 0 not in wide:
            continue
        before = wide.shift(1)
        for age in range(1, _TRACKED_AGE):
            if age not in wide:
                continue
            moved = (wide[age] - wide[0]).dropna()
            if moved.empty:
                continue
            # The change on the quarter at first release and now; the quarter before is one quarter older.
            first = wide[0] - before.get(1, np.nan)
            later = wide[age] - before.get(age + 1, np.nan)
            both = pd.DataFrame({"first": first, "later": later}).dropna()
            turned = float((np.sign(both["first"]) != np.sign(both["later"])).mean()) if len(both) else np.nan
            size = moved.abs()
            rows.append(
                [name, age, len(moved), float(size.median()), float(size.mean()), float(moved.mean()), turned]
            )
    return pd.DataFrame(rows, columns=schema.columns("track_record"))
