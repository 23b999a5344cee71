"""Who answered: faults of whole columns that say it, told before any answer counts.

Goes in: the cells and the layout of a survey file. Comes out: findings, or an InputError where nobody can be told apart: ids that lost
their digits, one person's address several times, a group column under another name, weights that decide the index.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding, InputError
from reporter.surveys import answers
from reporter.surveys.columns import Layout
from reporter.surveys.rules import Aliases
from reporter.surveys.text_matching import plain

_POWER = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}\Z")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
# Words that a header about a group has whatever else it says.
_WORDS = {"province": "จังหวัด", "industry": "อุตสาหกรรม", "skill": "ทักษะ", "work_type": "ลักษณะการทำงาน"}
_KINDS = {"province": "PROVINCE", "industry": "INDUSTRY", "skill": "SKILL", "work_type": "WORK"}
_MOSTLY = 0.9  # of the answers must be groups of the kind: a comment about provinces is not a province
_LEAST_GROUP = 5  # smaller groups are suppressed in any case (disclosure)
_LARGEST_SHARE = 0.05  # one respondent in twenty of the whole weight: the index then says what that one said
_LARGEST_TIMES = 10.0  # ... unless the file is so small that others weigh a tenth of it


def recognise_by_values(
    cells: pd.DataFrame, layout: Layout, declarations: Declarations, aliases: Aliases, reading: Any
) -> None:
    """Give a group's column to the header in other words whose answers are groups of that kind; it is noted as reworded."""
    for target, word in _WORDS.items():
        if target in layout.single:
            continue
        meaning, _ = answers.code_meaning(declarations.groups_of(_KINDS[target]), aliases, target)
        for header, place in list(layout.unknown.items()):
            if plain(word) not in plain(header):
                continue
            texts = [str(text) for text in cells.iloc[:, place] if str(text).strip()]
            known = sum(isinstance(meaning(text), str) for text in texts)
            if texts and known >= _MOSTLY * len(texts):
                layout.single[target] = place
                layout.reworded[target] = header
                del layout.unknown[header]
                break
    reading.columns = {
        **reading.columns,
        **{target: layout.headers[layout.single[target]] for target in layout.single},
    }


def refuse_lost_ids(cells: pd.DataFrame, layout: Layout, where: str) -> None:
    """Raise InputError for ids that a spreadsheet turned into powers of ten: different people then have one id."""
    place = layout.single.get("respondent_id")
    if place is None:
        return
    ids = cells.iloc[:, place].astype(str).str.strip()
    lost = ids[ids.map(lambda text: bool(_POWER.match(text)))]
    if lost.empty or not lost.duplicated().any():
        return
    finding = Finding(
        "error",
        where,
        f'รหัสผู้ตอบ {len(lost):,} แถวเป็นเลขยกกำลัง เช่น "{lost.iloc[0]}" จึงเสียหลักท้ายไปแล้ว — จัดคอลัมน์เป็นข้อความแล้วส่งออกใหม่',
        f'{len(lost):,} ids are powers of ten, as "{lost.iloc[0]}", and have lost their last digits; format the column as text'
        " and export again.",
        row=int(lost.index[0]) + 1,
        column="respondent_id",
        rule="survey.lost_ids",
    )
    raise InputError(f"{where} รหัสผู้ตอบเสียหาย", f"The ids of {where} are damaged.", [finding])


def repeated_addresses(cells: pd.DataFrame, layout: Layout, where: str) -> list[Finding]:
    """One person several times, by an e-mail column of a file without ids; the address itself is never shown."""
    if "respondent_id" in layout.single:
        return []
    for header, place in layout.unknown.items():
        texts = cells.iloc[:, place].astype(str).str.strip().str.casefold()
        filled = texts[texts != ""]
        if filled.empty or not filled.map(lambda text: bool(_ADDRESS.match(text))).mean() > _MOSTLY:
            continue
        again = filled[filled.duplicated()]
        if again.empty:
            return []
        return [
            Finding(
                "warning",
                where,
                f"ที่อยู่อีเมลซ้ำ {len(again):,} แถว คนเดียวกันอาจตอบหลายครั้ง — ลบแถวที่ซ้ำ หรือใส่คอลัมน์ respondent_id",
                f"{len(again):,} rows repeat an e-mail address, so one person may count several times; delete them, or add"
                " a column respondent_id.",
                row=int(again.index[0]) + 1,
                column=header[:40],
                rule="survey.repeated_person",
            )
        ]
    return []


def odd_weights(cells: pd.DataFrame, layout: Layout, aliases: Aliases, where: str) -> list[Finding]:
    """One weight that decides the index, and groups that weigh nothing."""
    place = layout.single.get("weight")
    if place is None:
        return []
    weights, _ = answers.numbers(cells.iloc[:, place], answers.weight_meaning(aliases))
    total = float(np.nansum(weights))
    if not total > 0:
        return [
            _weight(
                where,
                "น้ำหนักทุกค่าเป็นศูนย์หรือว่าง — ใส่น้ำหนัก หรือลบคอลัมน์",
                "Every weight is zero or blank; fill them in, or delete the column.",
                None,
            )
        ]
    found = []
    largest = int(np.nanargmax(weights))
    share, times = weights[largest] / total, weights[largest] / np.nanmean(weights)
    if share > _LARGEST_SHARE and times > _LARGEST_TIMES:
        effective = total**2 / float(np.nansum(np.square(weights, dtype=float)))
        found.append(
            _weight(
                where,
                f"ผู้ตอบรายเดียวมีน้ำหนักร้อยละ {100 * share:.0f} ของทั้งหมด ({times:,.0f} เท่าของค่าเฉลี่ย) เท่ากับมีผู้ตอบเพียง {effective:,.1f} ราย"
                " — ตรวจน้ำหนัก",
                f"One respondent has {100 * share:.0f} % of the whole weight ({times:,.0f} times the mean), as if {effective:,.1f} people"
                " had answered; check the weights.",
                int(cells.index[largest]) + 1,
            )
        )
    return found + _weightless_groups(cells, layout, weights, where)


def _weightless_groups(cells: pd.DataFrame, layout: Layout, weights: np.ndarray, where: str) -> list[Finding]:
    found = []
    for column in _KINDS:
        place = layout.single.get(column)
        if place is None:
            continue
        texts = cells.iloc[:, place].astype(str).str.strip()
        sums = (
            pd.Series(np.nan_to_num(weights, nan=1.0), index=texts.index).groupby(texts).agg(["sum", "size"])
        )
        for name, row in sums[
            (sums["sum"] == 0) & (sums.index != "") & (sums["size"] >= _LEAST_GROUP)
        ].iterrows():
            found.append(
                _weight(
                    where,
                    f'ผู้ตอบ {int(row["size"]):,} รายของ {column} "{str(name)[:30]}" มีน้ำหนักศูนย์ทั้งหมด จึงไม่มีผลใด ๆ — ตรวจน้ำหนัก',
                    f'All {int(row["size"]):,} respondents of {column} "{str(name)[:30]}" weigh nothing and count for nothing; check'
                    " the weights.",
                    None,
                )
            )
    return found


def _weight(where: str, th: str, en: str, row: int | None) -> Finding:
    return Finding("warning", where, th, en, row=row, column="weight", rule="survey.weights")
