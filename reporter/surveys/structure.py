"""Whether a file's columns can be this survey's answers, and rankings in the three forms they arrive in.

Goes in: a ``Layout``, cells. Comes out: findings, or InputError for another survey's file and another scale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain.declarations import (
    Declarations,
    Name,
    Option,
    Questionnaire,
)
from reporter.domain.errors import Finding, InputError
from reporter.surveys.columns import DEMOGRAPHICS, Layout
from reporter.surveys.rules import Rules
from reporter.surveys.wording import plain

EMPLOYED = Option("employed", Name("มีงานทำ", "employed"))
_FOREIGN = 3


@dataclass(frozen=True)
class Breach:
    """Cells that break one rule: spreadsheet rows, and the texts that stood there."""

    rule: str
    column: str
    rows: np.ndarray
    values: tuple[str, ...] = ()


Note = Callable[[str, str, np.ndarray, pd.Series], None]


def wordings(options: Iterable[Option]) -> dict[str, str]:
    """Plain wordings of options -> ids."""
    known: dict[str, str] = {}
    for option in options:
        known |= {plain(text): option.id for text in (option.id, option.name.en, option.name.th)}
    return known


def refuse_wrong_file(
    layout: Layout, questionnaire: Questionnaire, declarations: Declarations, where: str
) -> None:
    """Raise InputError when the columns are not this survey's: too few items, or another survey's columns."""
    columns = [item.column for item in questionnaire.items]
    missing = [column for column in columns if column not in layout.single]
    foreign = sorted(
        _own_columns(declarations, questionnaire) & {header.strip().lower() for header in layout.unknown}
    )
    if len(foreign) >= _FOREIGN and len(missing) >= _FOREIGN:
        raise _refused(
            where,
            f"มีคอลัมน์ของแบบสำรวจอื่น ({', '.join(foreign[:5])}) และขาด {', '.join(missing[:5])} — วางแฟ้มไว้ผิดโฟลเดอร์หรือไม่",
            f"Holds another survey's columns ({', '.join(foreign[:5])}) and lacks {', '.join(missing[:5])};"
            " is it in the wrong folder?",
            layout.header + 1,
        )
    if 2 * len(missing) > len(columns):
        raise _refused(
            where,
            f"พบข้อให้คะแนนเพียง {len(columns) - len(missing)} จาก {len(columns)} ข้อ — ตรวจหัวตาราง หรือเขียนแฟ้มจับคู่ใน surveys/mappings/",
            f"Only {len(columns) - len(missing)} of {len(columns)} rated items found; check the header, or write a"
            " mapping in surveys/mappings/.",
            layout.header + 1,
        )
    if layout.twice:
        target, header = layout.twice[0]
        raise _refused(
            where,
            f"มีสองคอลัมน์ที่เป็น {target.replace(':', ' ')} คอลัมน์หลังคือ “{header[:60]}” — ลบหรือเปลี่ยนชื่อคอลัมน์หนึ่ง",
            f"Two columns are {target.replace(':', ' ')}, the later one “{header[:60]}”; delete or rename one.",
            layout.header + 1,
        )


def _own_columns(declarations: Declarations, questionnaire: Questionnaire) -> set[str]:
    """Columns of the other questionnaires that this one does not have."""

    def columns(entry: Questionnaire) -> set[str]:
        return {item.column for item in entry.items} | {o.id for o in (*entry.actions, *entry.aspects)}

    others = [entry for entry in declarations.questionnaires.values() if entry.id != questionnaire.id]
    return set().union(*map(columns, others)) - columns(questionnaire) if others else set()


def refuse_other_scale(
    frame: pd.DataFrame, breaches: Sequence[Breach], items: Sequence[str], rules: Rules, where: str
) -> None:
    """Raise InputError when an item has so many impossible answers that it must be on another scale."""
    share, count = (
        rules.number("impossible_value", "refuse_share"),
        rules.number("impossible_value", "refuse_count"),
    )
    findings = []
    for breach in breaches:
        if breach.column not in items or len(breach.rows) < count:
            continue
        answered = int(frame[breach.column].notna().sum()) + len(breach.rows)
        if len(breach.rows) > share * answered:
            seen = ", ".join(list(dict.fromkeys(value[:12] for value in breach.values))[:4])
            findings.append(
                Finding(
                    "error",
                    where,
                    f"คำตอบ {len(breach.rows)} จาก {answered} ช่องไม่ใช่ 5 ถึง 1 หรือคำไทยตามมาตร (พบ {seen}) — แปลงเป็นมาตร 5 ระดับ"
                    " หรือเขียน [values.rating] ในแฟ้มจับคู่",
                    f"{len(breach.rows)} of {answered} answers are neither 5 to 1 nor the scale's Thai words (found {seen});"
                    " convert them, or write [values.rating] in a mapping.",
                    row=int(breach.rows[0]),
                    column=breach.column,
                    rule="survey.other_scale",
                )
            )
    if findings:
        raise InputError(f"{where} ใช้มาตรอื่น", f"{where} is on another scale.", findings)


def structure_findings(layout: Layout, questionnaire: Questionnaire, where: str) -> list[Finding]:
    """Missing items and groups, accepted rewordings, columns nobody knows."""
    row = layout.header + 1
    found = [
        _missing(
            where,
            row,
            item.column,
            f"ไม่มีข้อ {item.column} ({item.text.th}) — ดัชนีคิดจากข้อที่เหลือ และเทียบไตรมาสด้วยข้อที่มีทั้งสองไตรมาส",
            f"Item {item.column} is missing; the index uses the others, and quarters are compared on the items"
            " both have.",
        )
        for item in questionnaire.items
        if item.column not in layout.single
    ]
    found += [
        _missing(
            where,
            row,
            column,
            f"ไม่มีคอลัมน์ {column} — ไม่มีผลจำแนกตามกลุ่มนี้",
            f"Column {column} is missing; there will be no results by it.",
        )
        for column in DEMOGRAPHICS
        if column not in layout.single and (column != "work_type" or questionnaire.id == "worker")
    ]
    found += [
        Finding(
            "note",
            where,
            f"รับ “{header[:60]}” เป็นข้อ {target} แม้ถ้อยคำต่างจากแบบสอบถาม",
            f"“{header[:60]}” was taken for {target} although the wording differs.",
            row=row,
            column=target,
            rule="survey.reworded",
        )
        for target, header in layout.reworded.items()
    ]
    if layout.unknown:
        names = ", ".join(f"“{header[:30]}”" for header in list(layout.unknown)[:6])
        found.append(
            Finding(
                "note",
                where,
                f"ไม่ใช้ {len(layout.unknown)} คอลัมน์ที่ไม่รู้จัก: {names}",
                f"{len(layout.unknown)} unknown columns are not used: {names}",
                row=row,
                rule="survey.unknown_column",
            )
        )
    return found


def _missing(where: str, row: int, column: str, th: str, en: str) -> Finding:
    return Finding("warning", where, th, en, row=row, column=column, rule="survey.missing_column")


def ranks_from_places(
    cells: pd.DataFrame, places: Mapping[int, int], aspects: Sequence[Option], note: Note
) -> dict[str, np.ndarray]:
    """Ranks from columns ``อันดับ 1`` .. that hold aspects."""
    known = wordings(aspects)
    ranks = {aspect.id: np.full(len(cells), np.nan, dtype=np.float32) for aspect in aspects}
    for place, column in sorted(places.items()):
        texts = cells.iloc[:, column]
        ids = np.array([known.get(plain(str(text)), "") for text in texts], dtype=object)
        note("impossible_value", f"rank place {place}", (ids == "") & (texts != "").to_numpy(), texts)
        for aspect, values in ranks.items():
            repeated = (ids == aspect) & ~np.isnan(values)
            values[ids == aspect] = place
            values[repeated] = 0  # an aspect put on two places: no rank at all, the cleaning finds it
    return ranks


def ranks_from_orders(texts: pd.Series, aspects: Sequence[Option], note: Note) -> dict[str, np.ndarray]:
    """Ranks from one cell that lists the aspects in order, joined by semicolons (Microsoft Forms)."""
    known = wordings(aspects)
    order = {aspect.id: number for number, aspect in enumerate(aspects)}
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    table = np.full((len(distinct), len(aspects)), np.nan, dtype=np.float32)
    impossible = np.zeros(len(distinct), dtype=bool)
    for number, text in enumerate(distinct):
        separator = ";" if ";" in str(text) else ","
        ids = [known.get(plain(token), "") for token in str(text).split(separator) if token.strip()]
        impossible[number] = "" in ids or len(set(ids)) != len(ids)
        if not impossible[number]:
            table[number, [order[aspect] for aspect in ids]] = np.arange(1, len(ids) + 1)
    note("impossible_value", "ranking", impossible[places], texts)
    return {aspect: table[places, number] for aspect, number in order.items()}


def _refused(where: str, th: str, en: str, row: int) -> InputError:
    finding = Finding("error", where, th, en, row=row, rule="survey.wrong_file")
    return InputError(
        f"{where} ไม่ใช่คำตอบของแบบสำรวจนี้", f"{where} does not hold this survey's answers.", [finding]
    )
