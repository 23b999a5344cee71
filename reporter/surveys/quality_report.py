"""The report of ``reporter survey quality``: what is wrong with the answers, how well the questionnaire measures.

Goes in: a file of answers. Comes out: a text in Thai and English for the screen, and the log of every row found. For
the desk: rows are named, respondents are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.surveys import reliability
from reporter.surveys.cleaning import Cleaned, clean
from reporter.surveys.responses import parse
from reporter.surveys.rules import Rules, cleaning_rules, reading_aliases
from reporter.surveys.sample import sample_of

_ROWS = 12
_ACTIONS = {"keep": "เก็บไว้", "blank": "ลบค่าในช่อง", "drop": "ไม่นับ"}


@dataclass(frozen=True)
class QualityReport:
    """The text for the screen, and ``rule,row,column,action`` of everything found."""

    text: str
    log: pd.DataFrame


def answers_report(
    path: Path,
    questionnaire: Questionnaire,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    root: Path | None = None,
) -> QualityReport:
    """Read, clean and judge one file of answers. Raises InputError for a file that must be refused."""
    rules = cleaning_rules(root)
    mapping = root / "surveys" / "mappings" if root else None
    reading = parse(
        path,
        questionnaire,
        declarations,
        where=path.name,
        mapping=mapping,
        rules=rules,
        aliases=reading_aliases(root),
    )
    cleaned = clean(reading, questionnaire, quarter, rules)
    points = sample_of(cleaned, questionnaire, declarations, quarter).points.astype(float)
    lines = [str(finding) for finding in reading.findings]
    lines += [_cleaning_text(cleaned, rules)]
    lines += [_alpha_text(reliability.alpha_table(points, questionnaire))]
    lines += [_items_text(reliability.item_table(points, [item.column for item in questionnaire.items]))]
    return QualityReport("\n".join(lines), cleaned.log(rules))


def ioc_text(table: pd.DataFrame) -> str:
    """IOC per item with the verdict of the 0.50 rule."""
    lines = ["ข้อ\tผู้เชี่ยวชาญ\tIOC\tผล"]
    lines += [
        f"{row['item']}\t{row['experts']}\t{row['ioc']:.2f}\t{'ใช้ได้ keep' if row['keep'] else 'ตัดออก drop'}"
        for row in table.to_dict("records")
    ]
    kept = int(table["keep"].sum())
    lines.append(
        f"ใช้ได้ {kept} จาก {len(table)} ข้อ (เกณฑ์ IOC ≥ 0.50)\n{kept} of {len(table)} items kept (rule IOC >= 0.50)."
    )
    if (table["experts"] < reliability.EXPERTS).any():
        lines.append("บางข้อมีผู้เชี่ยวชาญน้อยกว่า 3 คน\nSome items were judged by fewer than 3 experts.")
    return "\n".join(lines)


def _cleaning_text(cleaned: Cleaned, rules: Rules) -> str:
    kept = len(cleaned.frame)
    lines = [
        f"ผู้ตอบ {cleaned.received:,} ราย นับ {kept:,} ไม่นับ {cleaned.received - kept:,} ลบค่า {cleaned.blanked:,} ช่อง",
        f"{cleaned.received:,} received, {kept:,} kept, {cleaned.received - kept:,} left out,"
        f" {cleaned.blanked:,} cells emptied.",
    ]
    log = cleaned.log(rules)
    for (rule, column), found in log.groupby(["rule", "column"], sort=False):
        rows = ", ".join(map(str, found["row"].head(_ROWS)))
        more = f" … (+{len(found) - _ROWS:,})" if len(found) > _ROWS else ""
        name = rules[str(rule)].name
        done = _ACTIONS[rules[str(rule)].action]
        lines.append(f"- {name.th} ({name.en}) {column}: {len(found):,} {done} แถว rows {rows}{more}")
    return "\n".join(lines)


def _alpha_text(table: pd.DataFrame) -> str:
    lines = ["Cronbach's alpha\nด้าน domain\tข้อ items\tn\talpha\tเกณฑ์ band"]
    lines += [
        f"{row['domain']}\t{row['items']}\t{row['n']:,}\t{_number(row['alpha'])}\t{row['band']}"
        for row in table.to_dict("records")
    ]
    return "\n".join(lines)


def _items_text(table: pd.DataFrame) -> str:
    lines = ["ข้อ item\tn\tค่าเฉลี่ย mean\tsd\titem-total\talpha ถ้าตัดข้อนี้ if dropped"]
    lines += [
        f"{row['item']}\t{row['n']:,}\t{row['mean']:.1f}\t{_number(row['sd'], 1)}\t{_number(row['item_total'])}"
        f"\t{_number(row['alpha_if_dropped'])}"
        for row in table.to_dict("records")
    ]
    return "\n".join(lines)


def _number(value: float, decimals: int = 3) -> str:
    return "–" if pd.isna(value) else f"{value:.{decimals}f}"
