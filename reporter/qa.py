"""Checks of the results before anything is released, and the record of what they found.

Goes in: the tables, figures, HTML and PDF of one issue. Comes out: findings (error, warning, note) and ``qa.json``.
An error stops a final issue; a warning needs a waiver (contract.md, ``build --final``).
"""

from __future__ import annotations

import html as html_entities
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.context import Context
from reporter.errors import Finding
from reporter.figures import Figure
from reporter.narrative.trace import check_trace
from reporter.periods import iso
from reporter.tables import Tables

NAME = "qa.json"
_TOLERANCE = 1e-9
_BROKEN_WORDS = re.compile(r"(?<![A-Za-z])(nan|NaN|None|NaT|inf|undefined|\{\{|\}\})(?![A-Za-z])")
_ANALYSTS = re.compile(r'<div class="commentary">.*?</div>', re.S)
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.S)


def check_tables(tables: Tables, context: Context) -> list[Finding]:
    """Identities and ranges that must hold whatever the data: sums, shares, finite values, the newest quarter."""
    found: list[Finding] = []
    for check in _TABLE_CHECKS:
        found += check(tables, context)
    return found


def check_page(html: str, tables: Tables, drawn: Sequence[Figure]) -> list[Finding]:
    """The page says what the tables say: no broken word, every printed number re-derived, every figure placed."""
    return [*_broken_words(html), *check_trace(html, tables), *_unplaced(html, drawn)]


def _broken_words(html: str) -> list[Finding]:
    """Words that betray a missing value in the generated text; what the analysts wrote is theirs."""
    text = html_entities.unescape(_TAG.sub(" ", _ANALYSTS.sub(" ", html)))
    return [
        _error("report.html", "text.missing", f'พบ "{match}" ในข้อความของรายงาน', f'The text holds "{match}".')
        for match in sorted(set(_BROKEN_WORDS.findall(text)))
    ]


def _unplaced(html: str, drawn: Sequence[Figure]) -> list[Finding]:
    """Figures that were drawn but that no chapter shows."""
    return [
        _warning(figure.svg, "figure.unplaced", "วาดแผนภูมินี้แล้วแต่ไม่มีบทใดใช้", "Drawn, but no chapter shows it.")
        for figure in drawn
        if figure.svg not in html
    ]


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
    wrong = firsts[(firsts - 1).abs() > 1e-6]
    return [
        _warning(
            "tables/priorities.csv",
            "priorities.sum",
            f"สัดส่วนอันดับหนึ่งของ {period} รวมได้ {value:.4f}",
            f"First-place shares of {period} sum to {value:.4f}.",
        )
        for period, value in wrong.items()
    ]


_TABLE_CHECKS: tuple[Callable[[Tables, Context], list[Finding]], ...] = (
    _newest_quarter,
    _contributions_sum,
    _weights_sum,
    _ranges,
    _ranks_sum,
)


def headline(tables: Tables, context: Context) -> dict[str, Any]:
    """The three headline numbers with their changes on the quarter and on the year; None where there is none."""
    index = tables["labour_index"]
    labour = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    series = {"labour_index": labour.set_index("period")["value"]}
    confidence = tables.get(
        "confidence", pd.DataFrame(columns=["survey", "domain", "group", "period", "value"])
    )
    for survey in ("employer", "worker"):
        rows = confidence[
            (confidence["survey"] == survey)
            & (confidence["domain"] == "overall")
            & (confidence["group"] == "TH")
        ]
        series[survey] = rows.set_index("period")["value"]
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


def write(findings: Sequence[Finding], folder: Path) -> None:
    """Write ``qa.json``: counts by severity and every finding."""
    counts = {
        level: sum(item.severity == level for item in findings) for level in ("error", "warning", "note")
    }
    content = {"counts": counts, "findings": [asdict(item) for item in findings]}
    (folder / NAME).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that forbid a final issue."""
    return [item for item in findings if item.severity == "error"]


def _error(where: str, rule: str, th: str, en: str) -> Finding:
    return Finding("error", where, th, en, rule=rule)


def _warning(where: str, rule: str, th: str, en: str) -> Finding:
    return Finding("warning", where, th, en, rule=rule)
