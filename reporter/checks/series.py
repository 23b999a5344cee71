"""Checks of coverage and timeliness: frequencies, groups, vintages, stale and missing series.

Goes in: the history of observations and the issue's quarter. Comes out: findings. A month in a quarterly series (or
the reverse) is an error; what is stale or missing is told, because a real workspace always lacks something.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.errors import Finding, Severity
from reporter.domain.periods import end_of, iso, parse_period, today_in_bangkok
from reporter.index.panel import MAD_TO_SD
from reporter.inputs.schema import units_of
from reporter.inputs.series_cells import latest_vintage
from reporter.inputs.workbook import FILE
from reporter.runtime.cache import StageCache

_MANY_MISSING = 5  # more are told in one finding: a workspace that has just begun lacks thirty
_STALE_QUARTERS = 2  # the slowest declared source comes one quarter late
_WORDS = {"M": ("รายเดือน", "monthly"), "Q": ("รายไตรมาส", "quarterly")}


def check_coverage(
    history: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period | None,
    has_workbook: bool = False,
) -> list[Finding]:
    """Findings about whole series. ``has_workbook``: the workspace has a ``workspace.xlsx`` to fill in."""
    found = _frequencies(history, declarations)
    found += _groups(history, declarations)
    found += _vintages(history)
    found += _future(history, today_in_bangkok())
    found += _gaps(history, declarations)
    found += _more_than_the_whole(history, declarations)
    if not _usable(history, declarations):
        where, th, en = ("series", "เพิ่มไฟล์ข้อมูลใน series/", "add files to series/")
        if has_workbook:
            where, th, en = FILE, "กรอกค่าในแผ่นของแต่ละหน่วยงาน", "fill in the sheets of the agencies"
        found.append(
            Finding(
                "error",
                where,
                f"ไม่มีข้อมูลของตัวชี้วัดใดเลย — {th}",
                f"No indicator has any data; {en}.",
                rule="series.none",
            )
        )
    elif quarter is not None:
        found += _missing(history, declarations, quarter)
        found += _holes(history, quarter)
    return found


def _usable(history: pd.DataFrame, declarations: Declarations) -> set[str]:
    return set(history["indicator"].unique()) - set(declarations.macro)


def _declared(declarations: Declarations) -> dict[str, str]:
    """Declared frequency, M or Q, of indicators and of the components of gaps."""
    declared: dict[str, str] = {}
    for indicator in declarations.indicators.values():
        for name in (indicator.id, *indicator.components):
            declared[name] = "M" if indicator.frequency == "monthly" else "Q"
    return declared


def _frequencies(history: pd.DataFrame, declarations: Declarations) -> list[Finding]:
    """Rows of the frequency that a series does not have; a whole series of the other frequency is a warning."""
    declared = _declared(declarations)
    found = []
    pairs = history[["indicator", "group", "frequency"]].drop_duplicates()
    counts = Counter(zip(pairs["indicator"], pairs["group"], strict=True))
    for indicator, group in (pair for pair, count in counts.items() if count > 1):
        rows = history[(history["indicator"] == indicator) & (history["group"] == group)]
        usual = declared.get(indicator) or str(rows["frequency"].mode().iloc[0])
        found += [
            _odd_frequency(row, usual) for _, row in rows[rows["frequency"] != usual].head(50).iterrows()
        ]
    expected = history["indicator"].map(declared)
    other = history[expected.notna() & (expected != history["frequency"])]
    for pair, rows in other.groupby(["indicator", "group"], sort=True):
        if counts[str(pair[0]), str(pair[1])] == 1:
            found.append(_other_frequency(rows.iloc[0], declared[str(pair[0])]))
    return found


def _odd_frequency(row: pd.Series, usual: str) -> Finding:
    th, en = _WORDS[usual]
    odd_th, odd_en = _WORDS["M" if usual == "Q" else "Q"]
    return Finding(
        "error",
        str(row["file"]),
        f"{row['indicator']} {row['group']} เป็นอนุกรม{th} แต่แถวนี้เป็น{odd_th} ({row['period']}) — แก้งวดหรือย้ายแถวออก",
        f"{row['indicator']} {row['group']} is a {en} series, but this row is {odd_en} ({row['period']});"
        " mend the period or remove the row.",
        row=int(row["row"]),
        column="period",
        value=str(row["period"]),
        rule="series.frequency",
    )


def _other_frequency(row: pd.Series, declared: str) -> Finding:
    th, en = _WORDS[declared]
    return Finding(
        "warning",
        str(row["file"]),
        f"{row['indicator']} {row['group']} ประกาศไว้เป็น{th} แต่ข้อมูลทั้งอนุกรมเป็น{_WORDS[row['frequency']][0]}"
        " — ตรวจว่าเป็นอนุกรมที่ถูกต้อง",
        f"{row['indicator']} {row['group']} is declared {en}, but all of it is {_WORDS[row['frequency']][1]};"
        " check that it is the right series.",
        row=int(row["row"]),
        column="period",
        value=str(row["period"]),
        rule="series.frequency",
    )


def _groups(history: pd.DataFrame, declarations: Declarations) -> list[Finding]:
    """Groups that the indicator's source is not declared to publish."""
    found = []
    published: dict[str, tuple[str, ...]] = {}
    for indicator in declarations.indicators.values():
        for name in (indicator.id, *indicator.components):
            published[name] = indicator.groups
    first = history.drop_duplicates(["indicator", "group"])
    for _, row in first.iterrows():
        kind = str(row["group"]).partition(":")[0]
        if row["indicator"] in published and kind not in published[row["indicator"]]:
            found.append(
                Finding(
                    "warning",
                    str(row["file"]),
                    f"แหล่งข้อมูลไม่ได้เผยแพร่ {row['indicator']} จำแนกตาม {kind} — ตรวจรหัสกลุ่ม หรือเพิ่ม {kind} ในนิยามตัวชี้วัด",
                    f"The source of {row['indicator']} is not declared to publish {kind}; check the group,"
                    f" or add {kind} to the indicator's declaration.",
                    row=int(row["row"]),
                    column="group",
                    value=str(row["group"]),
                    rule="series.group",
                )
            )
    return found


def _vintages(history: pd.DataFrame) -> list[Finding]:
    """Values that were known before their period had begun."""
    dated = history[history["as_of"].notna()]
    if dated.empty:
        return []
    starts = {period: parse_period(period).start_time for period in dated["period"].unique()}
    early = dated[dated["as_of"] < dated["period"].map(starts)]
    return [
        Finding(
            "error",
            str(row["file"]),
            f"as_of {row['as_of']:%Y-%m-%d} อยู่ก่อนงวด {row['period']} จะเริ่ม — ตรวจวันที่หรือปี พ.ศ./ค.ศ.",
            f"as_of {row['as_of']:%Y-%m-%d} lies before {row['period']} began; check the date, and its era.",
            row=int(row["row"]),
            column="as_of",
            value=f"{row['as_of']:%Y-%m-%d}",
            rule="series.as_of",
        )
        for _, row in early.head(100).iterrows()
    ]


def _future(history: pd.DataFrame, today: dt.date) -> list[Finding]:
    """Observations of periods that have not begun: a slip of the year, or forecasts among the data."""
    ahead = {text for text in history["period"].unique() if parse_period(text).start_time.date() > today}
    return [
        Finding(
            "error",
            str(row["file"]),
            f"{row['indicator']} {row['group']} มีค่าของงวด {row['period']} ซึ่งยังไม่เริ่ม — ตรวจปี หรือย้ายค่าพยากรณ์ออก",
            f"{row['indicator']} {row['group']} has a value for {row['period']}, which has not begun; check the year,"
            " or take forecasts out.",
            row=int(row["row"]),
            column="period",
            value=str(row["period"]),
            rule="series.future",
            subject=f"{row['indicator']} {row['group']} {row['period']}",
        )
        for _, row in history[history["period"].isin(ahead)].head(100).iterrows()
    ]


def _gaps(history: pd.DataFrame, declarations: Declarations) -> list[Finding]:
    """Gaps of which only one sex is there."""
    present = set(history["indicator"].unique())
    found = []
    for indicator in declarations.indicators.values():
        have = [name for name in indicator.components if name in present]
        if len(have) == 1 and indicator.id not in present:
            lacking = next(name for name in indicator.components if name not in present)
            row = history[history["indicator"] == have[0]].iloc[0]
            found.append(
                Finding(
                    "warning",
                    str(row["file"]),
                    f"มี {have[0]} แต่ไม่มี {lacking} จึงคำนวณ {indicator.id} ไม่ได้ — เพิ่มข้อมูลอีกเพศหนึ่ง",
                    f"{have[0]} is there but {lacking} is not, so {indicator.id} cannot be computed; add it.",
                    row=int(row["row"]),
                    column="indicator",
                    value=have[0],
                    rule="series.component",
                )
            )
    return found


_COUNTS = ("persons", "positions", "establishments", "cases", "organisations")  # parts add up to the whole
_ROUNDED = 1.005  # a whole that is rounded to hundreds, and parts of the day before
_PARTS = ("REGION", "PROVINCE", "INDUSTRY", "STATUS")


def _more_than_the_whole(history: pd.DataFrame, declarations: Declarations) -> list[Finding]:
    """Counts of which one part is more than the nation in the same period: one of them is in another unit."""
    units = units_of(declarations)
    counts = [name for name in history["indicator"].unique() if units.get(name, "") in _COUNTS]
    if not counts:
        return []
    own = latest_vintage(history[history["indicator"].isin(counts)], None)
    kind = own["group"].str.partition(":")[0]
    whole = own[kind == "TH"]
    parts = own[kind.isin(_PARTS)]
    both = whole.merge(parts, on=["indicator", "period"], suffixes=("", "_part"))
    wrong = both[both["value_part"] > _ROUNDED * both["value"]]
    found = []
    for name, rows in wrong.groupby("indicator", sort=True):
        row = max(rows.to_dict("records"), key=lambda one: _ordinal(one["period"]))
        periods = rows["period"].nunique()
        found.append(
            Finding(
                "error",
                str(row["file"]),
                f"{name} ทั้งประเทศงวด {row['period']} คือ {row['value']:,g} น้อยกว่า {row['group_part']} กลุ่มเดียวซึ่งมี {row['value_part']:,g}"
                f" (ทั้งหมด {periods:,} งวด) — ตรวจหน่วย เช่น พันคนกับคน",
                f"{name} of the whole country in {row['period']} is {row['value']:,g}, less than {row['group_part']} alone with"
                f" {row['value_part']:,g} ({periods:,} periods in all); check the unit (persons or thousands).",
                row=int(row["row"]) or None,
                column=str(row.get("cell") or "value"),
                value=f"{row['value']:g}",
                rule="series.whole",
                subject=f"{name} TH {row['period']}",
            )
        )
    return found


def _missing(history: pd.DataFrame, declarations: Declarations, quarter: pd.Period) -> list[Finding]:
    """Indicators without national data, and those that end long before the issue's quarter."""
    nation = history[history["group"] == "TH"]
    last = {str(name): max(rows, key=end_of) for name, rows in nation.groupby("indicator")["period"]}
    found, missing = [], []
    for indicator in declarations.indicators.values():
        newest = [last[name] for name in (indicator.id, *indicator.components) if name in last]
        if not newest:
            if not _from_formula(indicator, set(last)):
                missing.append(indicator)
            continue
        end = max(newest, key=end_of)
        behind = quarter.ordinal - pd.Period(end_of(end), freq="Q").ordinal
        if behind >= _STALE_QUARTERS:
            found.append(_stale_finding(nation, indicator, end, behind))
    if len(missing) > _MANY_MISSING:
        return [*found, _many_missing(missing, len(declarations.indicators))]
    return [*found, *map(_missing_finding, missing)]


def _from_formula(indicator: Indicator, present: set[str]) -> bool:
    from reporter.domain.declarations import names

    return bool(indicator.formula) and present.issuperset(names(indicator.formula))


def _many_missing(missing: list[Indicator], total: int) -> Finding:
    ids = ", ".join(indicator.id for indicator in missing)
    return _note(
        "note",
        "series",
        f"ไม่มีข้อมูล {len(missing)} จาก {total} ตัวชี้วัด ({ids}) — ดัชนีคำนวณจากตัวชี้วัดที่เหลือ ดูรายชื่อด้วย reporter indicators",
        f"No data for {len(missing)} of {total} indicators ({ids}); the index is built from the rest. See reporter indicators.",
        ids,
        "series.missing",
    )


def _missing_finding(indicator: Indicator) -> Finding:
    return _note(
        "note",
        "series",
        f"ไม่มีข้อมูล {indicator.id} ({indicator.name.th}) — ดัชนีคำนวณจากตัวชี้วัดที่เหลือ",
        f"No data for {indicator.id} ({indicator.name.en}); the index is built from the rest.",
        indicator.id,
        "series.missing",
    )


def _stale_finding(nation: pd.DataFrame, indicator: Indicator, end: str, behind: int) -> Finding:
    names = [indicator.id, *indicator.components]
    row = nation[nation["indicator"].isin(names) & (nation["period"] == end)].iloc[0]
    finding = _note(
        "warning",
        str(row["file"]),
        f"{indicator.id} สิ้นสุดที่ {iso(parse_period(end))} ช้ากว่ารายงาน {behind} ไตรมาส — ขอข้อมูลงวดล่าสุดจากแหล่งข้อมูล",
        f"{indicator.id} ends in {end}, {behind} quarters before the issue; ask its source for newer data.",
        indicator.id,
        "series.stale",
    )
    return Finding(**{**finding.__dict__, "row": int(row["row"]), "column": "period"})


_LEAST_KNOWN = 8  # values without which nobody knows how often a series appears
_REGULAR = 0.7  # share of the steps that are the usual one; below, a series comes as it comes
_LONG = 2  # periods in a row: a single old one is how a survey was (2020-Q2), and is left alone
_LATE_YEARS = 2  # within these a single one is told too
_MANY_GROUPS = (
    0.5  # share of the groups of a kind that lack a period: no cell that was too small, but a column
)
_REACHED = 0.9  # quantile of the series' ends: one mistyped year among them does not make an issue an old one


def _holes(history: pd.DataFrame, quarter: pd.Period) -> list[Finding]:
    """Periods that lack between the values of a series: in the issue's quarter a warning, before it a note.

    Judged by the frequency at which the series appears. An issue that later data have long passed has notes only: what lacks
    there lacked when it came out, or is known.
    """
    nation = history[history["group"] == "TH"].drop_duplicates(["indicator", "period"], keep="last")
    ends = nation.groupby("indicator")["period"].agg(lambda texts: max(map(_quarter_of, texts)))
    is_current = len(ends) > 0 and float(ends.quantile(_REACHED, "lower")) - quarter.ordinal <= 1
    found = []
    for _, rows in nation.groupby(["indicator", "frequency"], sort=True):
        found += _holes_of(rows, quarter, is_current)
    if not is_current:
        return found
    told = {one.subject.split()[0] for one in found if one.severity == "warning"}
    return found + [one for one in _holes_of_groups(history, quarter) if one.subject.split()[0] not in told]


@cache
def _quarter_of(period: str) -> int:
    return int(parse_period(period).asfreq("Q-DEC").ordinal)


@cache
def _ordinal(period: str) -> int:
    return int(parse_period(period).ordinal)


def _lacking(periods: Iterable[str]) -> list[list[str]]:
    """Runs of ISO periods that lack between the first and the last, at the step at which the series appears."""
    known = sorted(periods, key=_ordinal)
    if len(known) < _LEAST_KNOWN:
        return []
    at = [parse_period(text) for text in known]
    steps = [later.ordinal - earlier.ordinal for earlier, later in pairwise(at)]
    usual, count = Counter(steps).most_common(1)[0]
    if count < _REGULAR * len(steps):
        return []
    return [
        [iso(earlier + step) for step in range(usual, later.ordinal - earlier.ordinal, usual)]
        for earlier, later in pairwise(at)
        if later.ordinal - earlier.ordinal > usual
    ]


def _holes_of(rows: pd.DataFrame, quarter: pd.Period, is_current: bool) -> list[Finding]:
    """At most two findings of a national series: its hole in the issue's quarter, and its older ones together."""
    runs = _lacking(rows["period"])
    now = [text for run in runs for text in run if _quarter_of(text) == quarter.ordinal]
    late = quarter.ordinal - 4 * _LATE_YEARS
    before = [[text for text in run if _quarter_of(text) < quarter.ordinal] for run in runs]
    old = [run for run in before if len(run) >= _LONG or (run and _quarter_of(run[-1]) > late)]
    found = []
    if now:
        found.append(_hole_finding(rows, now, "warning" if is_current else "note"))
    if old:
        found.append(_hole_finding(rows, [text for run in old for text in run], "note"))
    return found


def _holes_of_groups(history: pd.DataFrame, quarter: pd.Period) -> list[Finding]:
    """The issue's quarter where it lacks in most groups of a kind that have values behind it."""
    since = [text for text in history["period"].unique() if _quarter_of(text) >= quarter.ordinal]
    late = history[history["period"].isin(since) & (history["group"] != "TH")]
    late = late.drop_duplicates([*_SERIES, "period"])
    start = late["frequency"].map({"Q": quarter.ordinal, "M": quarter.asfreq("M", how="start").ordinal})
    late = late.assign(steps=late["period"].map(_ordinal) - start + 1)
    spans = late.groupby(_SERIES)["steps"].agg(["max", "size"])
    broken = spans.index[spans["max"] > spans["size"]]
    found = []
    for name in sorted(set(broken.get_level_values("indicator"))):
        series = history[(history["indicator"] == name) & (history["group"] != "TH")]
        for _, rows in series.groupby(series["group"].str.partition(":")[0], sort=True):
            found += _hole_of_most(rows, {group for one, group in broken if one == name}, quarter)
    return found


def _hole_of_most(rows: pd.DataFrame, broken: set[str], quarter: pd.Period) -> list[Finding]:
    """One finding for the groups of a kind, where most of them lack the issue's quarter."""
    holes: dict[str, list[str]] = {}
    for group, own in rows[rows["group"].isin(broken)].groupby("group", sort=True):
        lacking = [text for run in _lacking(own["period"].unique()) for text in run]
        now = [text for text in lacking if _quarter_of(text) == quarter.ordinal]
        holes |= {str(group): now} if now else {}
    if len(holes) <= _MANY_GROUPS * rows["group"].nunique():
        return []
    group, now = next(iter(holes.items()))
    return [_hole_finding(rows[rows["group"] == group], now, "warning", len(holes) - 1)]


def _hole_finding(rows: pd.DataFrame, lacking: list[str], severity: Severity, others: int = 0) -> Finding:
    """One finding at the first value behind the last hole."""
    behind = rows[rows["period"].map(_ordinal) > _ordinal(lacking[-1])]
    row = min(behind.to_dict("records"), key=lambda one: _ordinal(one["period"]))
    named = f"{row['indicator']} {row['group']}"
    some = ", ".join(lacking[:6]) + (f" … {lacking[-1]}" if len(lacking) > 6 else "")
    count_th, count_en = (
        (f" ({len(lacking)} งวด)", f" ({len(lacking)} periods)") if len(lacking) > 1 else ("", "")
    )
    also_th = f" และอีก {others} กลุ่ม" if others else ""
    also_en = f" and {others} more groups" if others else ""
    finding = _note(
        severity,
        str(row["file"]),
        f"{named}{also_th} ไม่มีค่าของ {some}{count_th} ทั้งที่มีค่าของ {row['period']} — ตรวจงวดที่หัวคอลัมน์หรือในแถว หรือเพิ่มค่าที่ขาด",
        f"{named}{also_en} lacks {some}{count_en}, though there is a value for {row['period']}; check the periods as typed,"
        " or add what lacks.",
        lacking[-1],
        "series.hole",
    )
    place = str(row.get("cell") or "period")
    subject = f"{named} {lacking[-1]}"
    return replace(finding, row=int(row["row"]) or None, column=place, subject=subject)


def _note(severity: Severity, where: str, th: str, en: str, value: str, rule: str) -> Finding:
    return Finding(severity, where, th, en, value=value, rule=rule)


# ----------------------------------------------------------------------------------------------------
# Values against declared bounds, against the series' own history, and against a slipped unit.
#
# Goes in: the history of observations. Comes out: findings by row. A value beyond the declared bounds, or about 100 or
# 1,000 times what the series always was, is an error; a jump that its own history does not know is a warning.
# ----------------------------------------------------------------------------------------------------

Odd = list[tuple[int, float]]
_SERIES = ["indicator", "group"]
_SLIPS = (10.0, 100.0, 1000.0, 1_000_000.0)  # slipped decimal point, per cent, thousands, millions
_LEAST_HISTORY = 12  # three years of quarters, one of months: below, nothing is unusual
_STEADY = 0.3  # robust spread in log10: a series that doubles and halves by itself cannot show a slip
_TINY_PER_CENT = 0.1  # a rate that never reaches a thousandth was delivered as a share
_JUMP = 12.0  # robust standard deviations; finer faults are found by ``newest``
_MOST = 100  # findings of a kind that anybody reads
_JUDGED_YEARS = 5  # years of its own season that a series is compared with
_MOST_OF_SERIES = 20  # more jumps than that are the nature of the series


def check_ranges(
    history: pd.DataFrame, declarations: Declarations, cache: StageCache | None = None
) -> list[Finding]:
    """Findings about single values; at most ``_MOST`` of each kind. Slips and jumps are looked for in the newest vintage.

    cache  what was seen of an indicator whose values are unchanged comes from here
    """
    if history.empty:
        return []
    slips: dict[int, float] = {}
    jumps: dict[int, float] = {}
    newest = history.sort_values([*_SERIES, "period", "as_of"], kind="stable", na_position="first")
    newest = newest.drop_duplicates([*_SERIES, "period"], keep="last")
    kept = cache or StageCache(None)
    for labels, series in _indicators(newest):
        odd = kept.result("odd_values", series, partial(_odd_values, *series))
        slips |= {int(labels[at]): factor for at, factor in odd[0]}
        jumps |= {int(labels[at]): usual for at, usual in odd[1]}
    scaled = _shares_for_per_cent(newest, declarations)
    beyond = _beyond(history, declarations)
    taken = set(slips) | set(beyond.index)
    rows = {cast(int, row.Index): row for row in history.loc[sorted(taken | set(jumps))].itertuples()}
    others = {at: tuple(beyond.loc[at]) for at in beyond.index if at not in slips}
    places = _places(history) if taken else pd.Series(dtype=int)
    found = [_slip_finding(_whole(run, rows), slips[run[0]]) for run in _runs(slips, rows, places)[:_MOST]]
    found += [
        _range_finding(_whole(run, rows), *others[run[0]]) for run in _runs(others, rows, places)[:_MOST]
    ]
    lone = [(at, usual) for at, usual in jumps.items() if at not in taken]
    found += [_scale_finding(row) for row in scaled.itertuples()]
    return found + [_jump_finding(rows[at], usual) for at, usual in lone[:_MOST]]


def _places(history: pd.DataFrame) -> pd.Series:
    """Number of each row's period in the order of series and periods."""
    return history.groupby([*_SERIES, "period"], sort=True).ngroup()


def _runs(found: Mapping[int, Any], rows: Mapping[int, Any], places: pd.Series) -> list[list[int]]:
    """Rows of one series that follow one another and have the same fault: one mistake, one finding."""
    runs: list[list[int]] = []
    for at in sorted(found, key=lambda at: (places[at], at)):
        if runs and _follows(at, runs[-1][-1], rows, places) and found[at] == found[runs[-1][-1]]:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _follows(at: int, before: int, rows: Mapping[int, Any], places: pd.Series) -> bool:
    """Whether a row is the next period of another's series, or another vintage of the same period."""
    is_one_series = all(getattr(rows[at], name) == getattr(rows[before], name) for name in _SERIES)
    return is_one_series and bool(places[at] - places[before] <= 1)


def _whole(run: list[int], rows: Mapping[int, Any]) -> Any:
    """The first row of a run, with how many there are and the last period."""
    first = rows[run[0]]
    more = len(run) - 1
    last = rows[run[-1]].period
    return SimpleNamespace(
        **first._asdict(),
        last=last,
        more_th=f" (และอีก {more} แถวถึง {last})" if more else "",
        more_en=f" (and {more} more up to {last})" if more else "",
    )


def _beyond(history: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """Rows outside the declared bounds, with the bounds."""
    bounds = {item.id: item.bounds for item in declarations.indicators.values()}
    bounds |= {item.id: item.bounds for item in declarations.macro.values()}
    low = history["indicator"].map({name: pair[0] for name, pair in bounds.items()})
    high = history["indicator"].map({name: pair[1] for name, pair in bounds.items()})
    outside = (history["value"] < low) | (history["value"] > high)
    return pd.DataFrame({"low": low[outside], "high": high[outside]})


def _shares_for_per_cent(newest: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """The newest row of every series in per cent that never reaches a tenth of one: the whole of it may be shares."""
    rates = {
        name
        for item in declarations.indicators.values()
        if item.unit == "percent" and item.transform == "level"
        for name in (item.id, *item.components)
    }
    own = newest[newest["indicator"].isin(rates)]
    most = own["value"].abs().groupby([own["indicator"], own["group"]]).transform("max")
    count = own.groupby(_SERIES)["value"].transform("size")
    tiny = own[(most > 0) & (most < _TINY_PER_CENT) & (count >= _LEAST_HISTORY)]
    return tiny.drop_duplicates(_SERIES, keep="last")


def _indicators(newest: pd.DataFrame) -> Iterator[tuple[np.ndarray, tuple[np.ndarray, ...]]]:
    """(index labels, (values, first place of every series, its periods a year)) of every indicator of a frame sorted by series."""
    labels, values = newest.index.to_numpy(), newest["value"].to_numpy()
    season = np.where(newest["frequency"] == "M", 12, 4)
    is_first = ~newest.duplicated(_SERIES).to_numpy()
    starts = np.flatnonzero(~newest.duplicated("indicator").to_numpy())
    for first, last in pairwise([*starts, len(newest)]):
        own = slice(first, last)
        firsts = np.flatnonzero(is_first[own])
        yield labels[own], (values[own], firsts, season[own][firsts])


def _odd_values(values: np.ndarray, firsts: np.ndarray, seasons: np.ndarray) -> tuple[Odd, Odd]:
    """Slips and jumps in the series of one indicator, which stand one after the other."""
    slips: Odd = []
    jumps: Odd = []
    for (first, last), season in zip(pairwise([*firsts, len(values)]), seasons, strict=True):
        own = values[first:last]
        slips += [(int(first) + place, factor) for place, factor in _slips(own)]
        jumps += [(int(first) + place, usual) for place, usual in _jumps(own, int(season))]
    return slips, jumps


def _slips(values: np.ndarray) -> list[tuple[int, float]]:
    """(place, factor) of values about a power of ten from the median, in series that keep near their median."""
    positive = np.flatnonzero(values > 0)
    if len(positive) < _LEAST_HISTORY:
        return []
    logs = np.log10(values[positive])
    away = logs - np.median(logs)
    spread = float(np.quantile(np.abs(away), 0.9))
    # A steady series keeps within a factor of two of its median; only there does a factor of ten stand out.
    if spread >= _STEADY:
        step = _step(logs)
        return [(int(positive[step[0]]), step[1])] if step else []
    found = []
    for place in np.flatnonzero(np.abs(away) > 0.85):
        for factor in _SLIPS:
            if abs(abs(away[place]) - np.log10(factor)) < max(0.15, 1.5 * spread):
                found.append((int(positive[place]), factor if away[place] > 0 else 1 / factor))
                break
    return found


def _step(logs: np.ndarray) -> tuple[int, float] | None:
    """(place, factor) where a steady series turns into a steady one about 100 or 1,000 times as large or small."""
    for place in np.flatnonzero(np.abs(np.diff(logs)) > 1.7) + 1:
        before, after = logs[max(0, place - 12) : place], logs[place : place + 12]
        if min(len(before), len(after)) < 2 or max(np.ptp(before), np.ptp(after)) > _STEADY:
            continue
        distance = float(np.median(after) - np.median(before))
        for factor in _SLIPS[1:]:
            if abs(abs(distance) - np.log10(factor)) < 0.2:
                return int(place), factor if distance > 0 else 1 / factor
    return None


def _jumps(values: np.ndarray, season: int) -> list[tuple[int, float]]:
    """(place, usual value) of values that stand apart as nothing else in the series does, the farthest first.

    The newest quarter of a series of five years and more is left to ``checks.newest``. A value that was found is set to what is usual before the next is looked for: it would make its own seasons, a
    year before and after, look odd.
    """
    if len(values) >= _JUDGED_YEARS * season:
        values = values[: -max(season // 4, 1)]
    if len(values) < 2 * season + _LEAST_HISTORY:
        return []
    mended = values.astype(float)
    off = _off_season(mended, season)
    middle = float(np.median(off))
    far = _JUMP * _scale(values, off, middle)
    found: list[tuple[int, float]] = []
    while len(found) < _MOST_OF_SERIES:
        away = np.abs(off - middle)
        apart = np.flatnonzero(away > far)
        ordered = apart[np.argsort(-away[apart], kind="stable")]
        place = next((int(at) for at in ordered if _stands_alone(off, int(at))), None)
        if place is None:
            break
        usual = float(mended[place] - off[place])
        found.append((place, usual))
        mended[place] = usual
        off = _off_season(mended, season)
    return found


def _scale(values: np.ndarray, off: np.ndarray, middle: float) -> float:
    """Usual size of a deviation; not below a thousandth of the level nor half the step that values are rounded to."""
    spread = MAD_TO_SD * float(np.median(np.abs(off - middle)))
    steps = np.diff(np.unique(values))
    rounding = float(steps.min()) / 2 if len(steps) else 0.0
    return max(spread, 1e-3 * float(np.median(np.abs(values))), rounding, 1e-9)


def _off_season(values: np.ndarray, season: int) -> np.ndarray:
    """Deviation from the mean of the same season a year before and after (one of them at the ends)."""
    before = np.concatenate([values[season : 2 * season], values[:-season]])
    after = np.concatenate([values[season:], values[-2 * season : -season]])
    return np.asarray(values - (before + after) / 2)


def _stands_alone(off: np.ndarray, place: int) -> bool:
    """Whether a value is the only one off: in a slump or a boom neighbouring values are off too, beside a typing error they are not."""
    near = [off[n] for n in (place - 2, place - 1, place + 1, place + 2) if 0 <= n < len(off)]
    return all(abs(value) < 0.35 * abs(off[place]) for value in near)


def _slip_finding(row: Any, factor: float) -> Finding:
    times = f"{factor:,.0f}" if factor > 1 else f"1/{1 / factor:,.0f}"
    return Finding(
        "error",
        str(row.file),
        f"{row.indicator} {row.group} {row.period}{row.more_th} มีค่า {row.value:g} ประมาณ {times} เท่าของค่าปกติในอนุกรม"
        " — ตรวจหน่วย เช่น บาทกับพันบาท หรือร้อยละกับสัดส่วน",
        f"{row.indicator} {row.group} {row.period}{row.more_en} is {row.value:g}, about {times} times what the series"
        " usually is; check the unit (baht or thousand baht, per cent or share).",
        row=int(row.row) or None,
        column=getattr(row, "cell", "") or "value",
        value=f"{row.value:g}",
        rule="series.unit_slip",
        subject=f"{row.indicator} {row.group} {row.last}",
    )


def _scale_finding(row: Any) -> Finding:
    return Finding(
        "warning",
        str(row.file),
        f"{row.indicator} {row.group} ทั้งอนุกรมไม่ถึงร้อยละ {_TINY_PER_CENT:g} (ล่าสุด {row.value:g})"
        " — ตรวจว่าเป็นสัดส่วน (0 ถึง 1) แทนที่จะเป็นร้อยละหรือไม่",
        f"All of {row.indicator} {row.group} lies below {_TINY_PER_CENT:g} per cent (newest {row.value:g});"
        " check whether these are shares of one instead of per cent.",
        row=int(row.row) or None,
        column=getattr(row, "cell", "") or "value",
        value=f"{row.value:g}",
        rule="series.scale",
        subject=f"{row.indicator} {row.group}",
    )


def _range_finding(row: Any, low: float, high: float) -> Finding:
    return Finding(
        "error",
        str(row.file),
        f"{row.indicator} {row.group} {row.period}{row.more_th} มีค่า {row.value:g} อยู่นอกช่วงที่เป็นไปได้ {low:g} ถึง {high:g}"
        " — ตรวจตัวเลขกับแหล่งข้อมูล",
        f"{row.indicator} {row.group} {row.period}{row.more_en} is {row.value:g}, outside the possible range"
        f" {low:g} to {high:g}; check it with the source.",
        row=int(row.row) or None,
        column=getattr(row, "cell", "") or "value",
        value=f"{row.value:g}",
        rule="series.range",
        subject=f"{row.indicator} {row.group} {row.last}",
    )


def _jump_finding(row: Any, usual: float) -> Finding:
    return Finding(
        "warning",
        str(row.file),
        f"{row.indicator} {row.group} {row.period} มีค่า {row.value:g} ต่างจากค่าข้างเคียงผิดปกติ (คาดว่าราว {usual:.4g})"
        " — ตรวจตัวเลขกับแหล่งข้อมูล",
        f"{row.indicator} {row.group} {row.period} is {row.value:g}, unlike its neighbours"
        f" (about {usual:.4g} would be usual); check it with the source.",
        row=int(row.row) or None,
        column=getattr(row, "cell", "") or "value",
        value=f"{row.value:g}",
        rule="series.jump",
        subject=f"{row.indicator} {row.group} {row.period}",
    )
