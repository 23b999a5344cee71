"""What is there and what is not: frequencies, groups, vintages, stale and missing series.

Goes in: the history of observations and the issue's quarter. Comes out: findings. A month in a quarterly series (or
the reverse) is an error; what is stale or missing is told, because a real workspace always lacks something.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache

import pandas as pd

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.errors import Finding, Severity
from reporter.domain.periods import iso, parse_period

_STALE_QUARTERS = 2
_WORDS = {"M": ("รายเดือน", "monthly"), "Q": ("รายไตรมาส", "quarterly")}


def check(history: pd.DataFrame, declarations: Declarations, quarter: pd.Period | None) -> list[Finding]:
    """Findings about whole series."""
    found = _frequencies(history, declarations)
    found += _groups(history, declarations)
    found += _vintages(history)
    found += _future(history, dt.date.today())
    found += _gaps(history, declarations)
    if not _usable(history, declarations):
        found.append(
            Finding(
                "error",
                "series",
                "ไม่มีข้อมูลของตัวชี้วัดใดเลย — เพิ่มไฟล์ข้อมูลใน series/",
                "No indicator has any data; add files to series/.",
                rule="series.none",
            )
        )
    elif quarter is not None:
        found += _missing(history, declarations, quarter)
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


def _missing(history: pd.DataFrame, declarations: Declarations, quarter: pd.Period) -> list[Finding]:
    """Indicators without national data, and those that end long before the issue's quarter."""
    nation = history[history["group"] == "TH"]
    last = {str(name): max(rows, key=_end) for name, rows in nation.groupby("indicator")["period"]}
    found = []
    for indicator in declarations.indicators.values():
        newest = [last[name] for name in (indicator.id, *indicator.components) if name in last]
        if not newest:
            if not _from_formula(indicator, set(last)):
                found.append(_missing_finding(indicator))
            continue
        end = max(newest, key=_end)
        behind = quarter.ordinal - pd.Period(_end(end), freq="Q").ordinal
        if behind >= _STALE_QUARTERS:
            found.append(_stale_finding(nation, indicator, end, behind))
    return found


@cache
def _end(period: str) -> pd.Timestamp:
    return parse_period(period).end_time


def _from_formula(indicator: Indicator, present: set[str]) -> bool:
    from reporter.domain.formula import names

    return bool(indicator.formula) and present.issuperset(names(indicator.formula))


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


def _note(severity: Severity, where: str, th: str, en: str, value: str, rule: str) -> Finding:
    return Finding(severity, where, th, en, value=value, rule=rule)
