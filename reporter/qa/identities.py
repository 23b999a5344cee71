"""Identities and ranges that must hold whatever the data: sums, shares, intervals, finite values, the newest quarter.

Goes in: the tables of one issue. Comes out: findings; a broken identity is an error, because the report would contradict
itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.context import Context
from reporter.domain.errors import Finding
from reporter.domain.periods import iso
from reporter.domain.tables import Tables
from reporter.report.indicators import SAME_FACT
from reporter.report.labour import labour_facts
from reporter.report.numbers import Cells, quarter_number

_TOLERANCE = 1e-9
_ROUNDING = 1e-6


def check(tables: Tables, context: Context) -> list[Finding]:
    """Findings of all identities."""
    found: list[Finding] = []
    for one in _CHECKS:
        found += one(tables, context)
    return found


def _newest_quarter(tables: Tables, context: Context) -> list[Finding]:
    index = tables.get("labour_index", pd.DataFrame())
    wanted = iso(context.quarter)
    if index.empty:
        return [
            _error(
                "tables/labour_index.csv",
                "index.empty",
                "คำนวณดัชนีไม่ได้ เพราะไม่มีตัวชี้วัดที่ใช้ได้",
                "No index: no indicator can be used.",
            )
        ]
    national = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    if wanted in set(national["period"]):
        return []
    return [
        _error(
            "tables/labour_index.csv",
            "index.quarter",
            f"ไม่มีดัชนีของไตรมาส {wanted} — ข้อมูลใหม่สุดถึง {national['period'].max()}",
            f"No index for {wanted}; the newest is {national['period'].max()}.",
        )
    ]


def _reduced(tables: Tables, context: Context) -> list[Finding]:
    """An issue without a composite is one that somebody has to want."""
    facts = labour_facts(Cells(tables), context)
    if not facts.is_reduced:
        return []
    return [
        _warning(
            "tables/labour_index.csv",
            "index.reduced",
            f"ไตรมาสนี้มีข้อมูล {len(facts.dimensions)} มิติ ไม่พอสำหรับดัชนีรวม ฉบับนี้จึงไม่มีดัชนีรวม — รอข้อมูล หรือรับรองใน waivers.toml",
            f"Only {len(facts.dimensions)} dimensions have data, so the issue has no composite; wait for data or waive this.",
        )
    ]


def _contributions_sum(tables: Tables, context: Context) -> list[Finding]:
    contributions, index = tables.get("contributions"), tables.get("labour_index")
    if contributions is None or contributions.empty or index is None:
        return []
    overall = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    level = overall.set_index("period")["value"]
    found = []
    for against, lag in (("quarter", 1), ("year", 4)):
        rows = contributions[contributions["against"] == against]
        sums = rows.groupby("period")["contribution"].sum()
        change = level.diff(lag).reindex(sums.index)
        gap = (sums - change).abs().max()
        if gap > _TOLERANCE:
            found.append(
                _error(
                    "tables/contributions.csv",
                    "contributions.sum",
                    f"ผลรวมรายมิติต่างจากการเปลี่ยนแปลงของดัชนีรวม {gap:.2g} จุด ({against})",
                    f"Contributions differ from the change by {gap:.2g} points ({against}).",
                )
            )
    return found


def _weights_sum(tables: Tables, context: Context) -> list[Finding]:
    weights = tables.get("weights")
    if weights is None or weights.empty:
        return []
    total = float(weights["weight"].sum())
    if abs(total - 1) <= _TOLERANCE and (weights["weight"] >= 0).all():
        return []
    return [
        _error(
            "tables/weights.csv",
            "weights.sum",
            f"น้ำหนักรวมได้ {total:.6f} แต่ต้องเป็น 1 และไม่ติดลบ",
            f"Weights sum to {total:.6f}; must be 1 and not negative.",
        )
    ]


def _ranges(tables: Tables, context: Context) -> list[Finding]:
    """Shares lie in 0..1, confidence in 0..200; infinite numbers nowhere."""
    limits = (
        ("employer_actions", "share", 0, 1),
        ("traits", "share", 0, 1),
        ("priorities", "first_share", 0, 1),
        ("priorities", "top3_share", 0, 1),
        ("priorities", "mean_rank", 1, 7),
        ("confidence", "value", 0, 200),
    )
    found = []
    for name, column, low, high in limits:
        values = tables.get(name, pd.DataFrame({column: []}))[column]
        outside = int(((values < low) | (values > high)).sum())
        if outside:
            found.append(
                _error(
                    f"tables/{name}.csv",
                    "range",
                    f"{column} มี {outside} ค่าอยู่นอกช่วง {low} ถึง {high}",
                    f"{outside} values of {column} lie outside {low} to {high}.",
                )
            )
    for name, table in tables.items():
        numbers = table.select_dtypes("number")
        infinite = (
            int(np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).sum()) if len(numbers.columns) else 0
        )
        if infinite:
            found.append(
                _error(
                    f"tables/{name}.csv", "infinite", f"มีค่าอนันต์ {infinite} ค่า", f"{infinite} infinite values."
                )
            )
    return found


def _ranks_sum(tables: Tables, context: Context) -> list[Finding]:
    """Mean ranks of the seven aspects average to 4 where everyone ranked all of them."""
    priorities = tables.get("priorities")
    if priorities is None or priorities.empty:
        return []
    firsts = priorities.dropna(subset=["first_share"]).groupby("period")["first_share"].sum()
    wrong = firsts[(firsts - 1).abs() > _ROUNDING]
    return [
        _warning(
            "tables/priorities.csv",
            "priorities.sum",
            f"สัดส่วนอันดับหนึ่งของ {period} รวมได้ {value:.4f}",
            f"First-place shares of {period} sum to {value:.4f}.",
        )
        for period, value in wrong.items()
    ]


def _intervals(tables: Tables, context: Context) -> list[Finding]:
    """Values lie inside their intervals, and wider intervals hold narrower ones."""
    chains = (
        ("confidence", ("low", "value", "high")),
        ("employer_actions", ("low", "share", "high")),
        ("traits", ("low", "share", "high")),
        ("forecast", ("low95", "low80", "mean", "high80", "high95")),
    )
    found = []
    for name, columns in chains:
        table = tables.get(name)
        if table is None or not set(columns) <= set(table.columns):
            continue
        values = table[list(columns)].apply(pd.to_numeric, errors="coerce").dropna().to_numpy(dtype=float)
        wrong = int((np.diff(values, axis=1) < -_ROUNDING).any(axis=1).sum()) if len(values) else 0
        if wrong:
            found.append(
                _error(
                    f"tables/{name}.csv",
                    "interval",
                    f"มี {wrong} แถวที่ {' <= '.join(columns)} ไม่เป็นจริง",
                    f"{wrong} rows do not hold {' <= '.join(columns)}.",
                )
            )
    return found


_READS_THE_SAME = 0.1  # percentage points: one source gives one decimal, the other two


def _one_fact_one_number(tables: Tables, context: Context) -> list[Finding]:
    """Growth and inflation come once as an indicator and once as a macro variable; both must say the same."""
    cells, period = Cells(tables), iso(context.quarter)
    found = []
    for indicator, variable in SAME_FACT.items():
        key = {"indicator": indicator, "group": "TH"}
        values = cells.series("series", "raw", **key)
        own = values[[quarter_number(str(at)) == quarter_number(period) for at in values.index]]
        first = float(own.mean()) if len(own) in (1, 3) else None
        second = cells.value("macro", "value", {"variable": variable, "period": period})
        if first is not None and second is not None and abs(first - second) > _READS_THE_SAME:
            found.append(
                _warning(
                    "tables/macro.csv",
                    "facts.differ",
                    f"{indicator} คือ {first:.2f} แต่ {variable} คือ {second:.2f} ทั้งที่เป็นข้อเท็จจริงเดียวกัน — ใช้ค่าเดียวกัน",
                    f"{indicator} is {first:.2f} but {variable} is {second:.2f}; they are one fact: give one value.",
                )
            )
    return found


_CHECKS: tuple[Callable[[Tables, Context], list[Finding]], ...] = (
    _newest_quarter,
    _reduced,
    _contributions_sum,
    _weights_sum,
    _ranges,
    _ranks_sum,
    _intervals,
    _one_fact_one_number,
)


def _error(where: str, rule: str, th: str, en: str) -> Finding:
    return Finding("error", where, th, en, rule=rule)


def _warning(where: str, rule: str, th: str, en: str) -> Finding:
    return Finding("warning", where, th, en, rule=rule)


def headline(tables: Tables, context: Context) -> dict[str, Any]:
    """The three headline numbers with their changes on the quarter and on the year; None where there is none.

    A reduced issue has no composite: too few dimensions, or too little of the weight, have data.
    """
    index = tables["labour_index"]
    labour = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    series = {"labour_index": labour.set_index("period")["value"]}
    confidence = tables.get("confidence", schema.empty("confidence"))
    for survey in ("employer", "worker"):
        rows = confidence[
            (confidence["survey"] == survey)
            & (confidence["domain"] == "overall")
            & (confidence["group"] == "TH")
        ]
        series[survey] = rows.set_index("period")["value"]
    if labour_facts(Cells(tables), context).is_reduced:
        series["labour_index"] = pd.Series(dtype=float)
    now, before, year_ago = (iso(context.quarter - lag) for lag in (0, 1, 4))
    return {
        name: {
            "value": _number(values.get(now)),
            "change_quarter": _difference(values.get(now), values.get(before)),
            "change_year": _difference(values.get(now), values.get(year_ago)),
        }
        for name, values in series.items()
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _difference(value: Any, earlier: Any) -> float | None:
    first, second = _number(value), _number(earlier)
    return None if first is None or second is None else first - second
