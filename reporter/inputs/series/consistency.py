"""Whether the ways in agree: files with and without dates, files and store, vintages, seasonal adjustment, the two sexes.

Goes in: the history of observations of the files and of the store. Comes out: findings that say which value counts and which does
not, so that a corrected file never loses in silence. Nothing is changed here.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding, Severity
from reporter.inputs.series.observations import KEY, latest_vintage

_LEAST = 8  # two years of quarters: fewer values say nothing about a series' habits
_LEAST_REBASED = (
    0.01  # revisions of statistics are smaller than one per cent throughout, changes of base are not
)
_ONE_FACTOR = 1e-3  # ratios of values that are printed with three or four digits agree to about a thousandth
_ALWAYS = 0.95  # one sex above the other in all but one of twenty periods is a habit


def check(
    files: pd.DataFrame, stored: pd.DataFrame, declarations: Declarations, today: dt.date
) -> list[Finding]:
    """Findings about files and store together. ``files`` and ``stored`` have the columns of observations (docs/tables.md)."""
    whole = pd.concat([files, stored], ignore_index=True) if len(stored) else files
    if whole.empty:
        return []
    newest = latest_vintage(whole, None)
    return [
        *_undated(files),
        *_known_tomorrow(whole, today),
        *_two_ways(files, stored),
        *_rebased(whole),
        *_part_adjusted(newest),
        *_constant(newest),
        *_swapped(newest, declarations),
    ]


def _undated(files: pd.DataFrame) -> list[Finding]:
    """Values without a date that lose against dated ones of another file: the file that was corrected last may be the one that loses."""
    undated, dated = files[files["as_of"].isna()], files[files["as_of"].notna()]
    if undated.empty or dated.empty:
        return []
    both = undated.merge(latest_vintage(dated, None), on=KEY, suffixes=("", "_dated"))
    both = both[(both["value"] != both["value_dated"]) & (both["file"] != both["file_dated"])]
    found = []
    for (file, other), rows in both.groupby(["file", "file_dated"], sort=True):
        first = rows.iloc[0]
        found.append(
            _finding(
                first,
                f"{_named(first)} มีค่า {first['value']:g} โดยไม่มี as_of แต่ {other} มีค่า {first['value_dated']:g} (as_of {first['as_of_dated']:%Y-%m-%d})"
                f" ระบบใช้ค่าที่มีวันที่ ทั้งหมด {len(rows):,} ค่า — หากค่าใน {file} ใหม่กว่า ให้ใส่ as_of",
                f"{_named(first)} is {first['value']:g} here without as_of, but {first['value_dated']:g} in {other} (as_of"
                f" {first['as_of_dated']:%Y-%m-%d}), which counts; {len(rows):,} values in all. If {file} is newer, give as_of.",
                "series.undated",
            )
        )
    return found


def _known_tomorrow(whole: pd.DataFrame, today: dt.date) -> list[Finding]:
    """Values that were known after today: a build leaves them out, and with them the newest month."""
    ahead = whole[whole["as_of"] >= pd.Timestamp(today) + pd.Timedelta(days=1)]
    found = []
    for _, rows in ahead.groupby("file", sort=True):
        first = rows.iloc[0]
        found.append(
            _finding(
                first,
                f"as_of {first['as_of']:%Y-%m-%d} ของ {_named(first)} อยู่ในอนาคต ค่านี้และอีก {len(rows) - 1:,} ค่าจะไม่ถูกใช้ — ตรวจวันที่และปี",
                f"as_of {first['as_of']:%Y-%m-%d} of {_named(first)} lies in the future: this value and {len(rows) - 1:,} more would not"
                " be used; check the date and its era.",
                "series.as_of",
                severity="error",
                column="as_of",
            )
        )
    return found


def _two_ways(files: pd.DataFrame, stored: pd.DataFrame) -> list[Finding]:
    """Series that come from files and from the store: told which periods each of them decides."""
    if files.empty or stored.empty:
        return []
    found = []
    ways = pd.concat([files.assign(way="file"), stored.assign(way="store")], ignore_index=True)
    for series in sorted(set(files["indicator"]) & set(stored["indicator"])):
        own = latest_vintage(ways[(ways["indicator"] == series) & (ways["group"] == "TH")], None)
        counted = {way: rows["period"] for way, rows in own.groupby("way")}
        if len(counted) < 2:
            continue
        first = own[own["way"] == "file"].iloc[-1]
        spans = {
            way: f"{periods.min()}..{periods.max()} ({len(periods)})" for way, periods in counted.items()
        }
        found.append(
            _finding(
                first,
                f"{series} มีทั้งใน series/ และในคลัง: จาก series/ ใช้ {spans['file']} จากคลังใช้ {spans['store']} — เก็บไว้ทางเดียว",
                f"{series} is in series/ and in the store: {spans['file']} count from series/, {spans['store']} from the store;"
                " keep one of them.",
                "series.two_ways",
            )
        )
    return found


def _rebased(whole: pd.DataFrame) -> list[Finding]:
    """A vintage that is the one before times a factor: another base or unit, which would stand beside older values."""
    again = whole[whole.duplicated(KEY, keep=False)].sort_values(
        [*KEY, "as_of"], na_position="first", kind="stable"
    )
    if again.empty:
        return []
    before = again.groupby(KEY, sort=False)["value"].shift()
    pairs = again.assign(before=before)[before.notna() & (before != 0)]
    pairs = pairs.drop_duplicates(KEY, keep="last")
    pairs = pairs.assign(ratio=pairs["value"] / pairs["before"])
    found = []
    for _, rows in pairs.groupby(["indicator", "group", "as_of"], sort=True, dropna=False):
        ratio = float(rows["ratio"].median())
        if (
            len(rows) < _LEAST
            or abs(ratio - 1) < _LEAST_REBASED
            or (rows["ratio"] / ratio - 1).abs().max() > _ONE_FACTOR
        ):
            continue
        last = rows.iloc[-1]
        found.append(
            _finding(
                last,
                f"{last['indicator']} {last['group']} ฉบับใหม่เป็น {ratio:.4g} เท่าของฉบับก่อนเท่ากันทั้ง {len(rows):,} งวด (เปลี่ยนปีฐานหรือหน่วย)"
                " — ส่งทั้งอนุกรมในฐานเดียวกัน",
                f"The new vintage of {last['indicator']} {last['group']} is {ratio:.4g} times the one before in all {len(rows):,} periods"
                " (another base or unit); deliver the whole series on one base.",
                "series.rebased",
            )
        )
    return found


def _part_adjusted(newest: pd.DataFrame) -> list[Finding]:
    """Series of which some values are said to be adjusted for season and others not."""
    shares = newest.groupby(["indicator", "group"], sort=True)["adjusted"].agg(["sum", "size"])
    found = []
    for series, group in shares[(shares["sum"] > 0) & (shares["sum"] < shares["size"])].index:
        rows = newest[(newest["indicator"] == series) & (newest["group"] == group)]
        fewer = rows[rows["adjusted"] == (rows["adjusted"].mean() < 0.5)].iloc[0]
        count = int(rows["adjusted"].sum())
        found.append(
            _finding(
                fewer,
                f"{series} {group} ระบุว่าปรับฤดูกาลแล้ว {count:,} จาก {len(rows):,} งวด — ใส่ adjusted ให้เหมือนกันทั้งอนุกรม",
                f"{count:,} of {len(rows):,} periods of {series} {group} are said to be adjusted for season; say the same of all.",
                "series.part_adjusted",
                column="adjusted",
            )
        )
    return found


def _constant(newest: pd.DataFrame) -> list[Finding]:
    """National series that never move."""
    nation = newest[newest["group"] == "TH"]
    spread = nation.groupby("indicator", sort=True)["value"].agg(["min", "max", "size"])
    found = []
    for series in spread[(spread["min"] == spread["max"]) & (spread["size"] >= _LEAST)].index:
        first = nation[nation["indicator"] == series].iloc[-1]
        count = int(spread.loc[series, "size"])
        found.append(
            _finding(
                first,
                f"{series} มีค่า {first['value']:g} เท่ากันทั้ง {count:,} งวด — ตรวจว่าเป็นข้อมูลจริง",
                f"{series} is {first['value']:g} in all {count:,} periods; check that these are data.",
                "series.constant",
            )
        )
    return found


def _swapped(newest: pd.DataFrame, declarations: Declarations) -> list[Finding]:
    """Men's and women's values of the newest period the other way round than ever before."""
    found = []
    nation = newest[newest["group"] == "TH"]
    for gap in declarations.indicators.values():
        if len(gap.components) != 2:
            continue
        men, women = (nation[nation["indicator"] == name].set_index("period") for name in gap.components)
        both = men.join(women["value"].rename("women"), how="inner").sort_index()
        if len(both) <= _LEAST:
            continue
        signs = np.sign((both["value"] - both["women"]).to_numpy())
        usual = np.sign(np.median(signs[:-1]))
        if usual != 0 and signs[-1] == -usual and (signs[:-1] == usual).mean() >= _ALWAYS:
            last = both.reset_index().iloc[-1]
            found.append(
                _finding(
                    last,
                    f"{gap.components[0]} ({last['value']:g}) และ {gap.components[1]} ({last['women']:g}) งวด {last['period']} กลับข้างจากทุกงวดก่อน"
                    " — ตรวจว่าสลับชายหญิงหรือไม่",
                    f"{gap.components[0]} ({last['value']:g}) and {gap.components[1]} ({last['women']:g}) of {last['period']} stand the other"
                    " way round than ever before; check that the sexes are not swapped.",
                    "series.swapped",
                )
            )
    return found


def _named(row: pd.Series) -> str:
    return f"{row['indicator']} {row['group']} {row['period']}"


def _finding(
    row: pd.Series, th: str, en: str, rule: str, *, severity: Severity = "warning", column: str = "value"
) -> Finding:
    return Finding(
        severity,
        str(row["file"]),
        th,
        en,
        row=int(row["row"]) or None,
        column=str(row.get("cell") or column),
        value=f"{row['value']:g}",
        rule=rule,
        subject=_named(row),
    )
