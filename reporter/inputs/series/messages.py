"""What is said about cells that cannot be used: where, the value found, how to mend it; Thai first, then English.

Goes in: columns of texts and which of them are wrong. Comes out: findings, at most ``MOST_PER_RULE`` of a kind and
sheet, with the number of the others.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from reporter.domain.errors import Finding
from reporter.domain.periods import PeriodError, arabic_digits
from reporter.inputs.series.cells import Cells

MOST_PER_RULE = 100
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
Message = Callable[[str], tuple[str, str]]


class Report:
    """Notes findings of one sheet, row by row."""

    def __init__(self, where: str, rows: np.ndarray, found: list[Finding], prefix: str = "series") -> None:
        self.where, self.rows, self.found, self.prefix = where, rows, found, prefix

    def texts(self, column: str, texts: Sequence[str], wrong: Iterable[str], message: Message) -> np.ndarray:
        """Note every row whose text is among the wrong ones; True where the row is good."""
        refused = set(wrong)
        if not refused:
            return np.ones(len(texts), dtype=bool)
        return self.places(column, texts, [n for n, text in enumerate(texts) if text in refused], message)

    def places(
        self, column: str, texts: Sequence[str], places: Sequence[int], message: Message
    ) -> np.ndarray:
        """Note rows by their position; True where the row is good."""
        good = np.ones(len(texts), dtype=bool)
        good[list(places)] = False
        rule = f"{self.prefix}.{column}"
        for place in places[:MOST_PER_RULE]:
            th, en = message(texts[place])
            self.found.append(
                Finding(
                    "error",
                    self.where,
                    th,
                    en,
                    row=int(self.rows[place]),
                    column=column,
                    value=texts[place][:200],
                    rule=rule,
                )
            )
        if len(places) > MOST_PER_RULE:
            self.found.append(more(self.where, column, len(places) - MOST_PER_RULE, rule))
        return good


def more(where: str, column: str, count: int, rule: str) -> Finding:
    """Says how many findings of one kind are not listed one by one."""
    return Finding(
        "error",
        where,
        f"และอีก {count:,} แถวที่คอลัมน์ {column} ผิดแบบเดียวกัน",
        f"And {count:,} more rows with the same kind of error in column {column}.",
        column=column,
        rule=rule,
    )


def unknown(kind: str, known: set[str]) -> Message:
    """Message for an unknown indicator or group, with the nearest known one."""
    th, en = {"indicator": ("ตัวชี้วัด", "indicator"), "group": ("กลุ่ม", "group")}.get(kind, (kind, kind))

    def message(text: str) -> tuple[str, str]:
        if not text:
            return f"ไม่ได้ระบุ{th} — เติมรหัส{th}", f"No {en} is given; fill it in."
        near = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
        hint_th = f'หมายถึง "{near[0]}" หรือไม่' if near else f"ใช้รหัส{th}ตามทะเบียน"
        hint_en = f'did you mean "{near[0]}"?' if near else f"use a declared {en}."
        return f'ไม่รู้จัก{th} "{text[:80]}" — {hint_th}', f'Unknown {en} "{text[:80]}"; {hint_en}'

    return message


def period(errors: Mapping[str, PeriodError]) -> Message:
    """Message for a text that is no period: what the parser said."""
    return lambda text: (errors[text].th, errors[text].en)


def date(text: str) -> tuple[str, str]:
    """Message for a text that is no day."""
    return f'"{text[:40]}" ไม่ใช่วันที่ — เขียนแบบ 2025-11-15', f'"{text[:40]}" is no date; write 2025-11-15.'


def flag(text: str) -> tuple[str, str]:
    """Message for a text that is neither yes nor no."""
    return (
        f'"{text[:40]}" ใช้ไม่ได้ — ใส่ 1 หากแหล่งข้อมูลปรับฤดูกาลแล้ว มิฉะนั้นใส่ 0',
        f'"{text[:40]}" cannot be used; write 1 if its source adjusted the value for season, 0 if not.',
    )


def number(text: str) -> tuple[str, str]:
    """Message for a text that is no number."""
    return (
        f'"{text[:40]}" ไม่ใช่ตัวเลข — ใส่ตัวเลขล้วน เช่น 1234.5 หรือเว้นว่างหากไม่มีข้อมูล',
        f'"{text[:40]}" is no number; write digits only, as 1234.5, or leave it blank if there is none.',
    )


def missing_columns(cells: Cells, missing: Sequence[str], required: Sequence[str]) -> Finding:
    """A file without the columns that it must have."""
    return Finding(
        "error",
        cells.where,
        f"ไม่มีคอลัมน์ {', '.join(missing)} — หัวตารางต้องมี {','.join(required)}",
        f"Column(s) {', '.join(missing)} missing; the header needs {','.join(required)}.",
        row=1,
        column=missing[0],
        value=",".join(cells.header)[:200],
        rule="columns.missing",
    )


def unknown_column(where: str, name: str, optional: Sequence[str] = ()) -> Finding:
    """A column that nobody reads; a name close to one of ``optional`` may be that column misspelt."""
    if near := difflib.get_close_matches(name.casefold(), optional, n=1, cutoff=0.75):
        return Finding(
            "warning",
            where,
            f'ระบบไม่อ่านคอลัมน์ "{name}" ซึ่งคล้ายกับ {near[0]} — แก้เป็น {near[0]} หรือเปลี่ยนชื่อให้ต่างออกไป',
            f'Column "{name}" is not read, though it looks like {near[0]}; write {near[0]}, or rename or remove it.',
            row=1,
            column=name,
            rule="columns.misspelt",
            subject=name,
        )
    return Finding(
        "warning",
        where,
        f'ไม่รู้จักคอลัมน์ "{name}" ระบบไม่อ่าน — ตรวจตัวสะกดหรือลบออก',
        f'Unknown column "{name}" is not read; check its spelling or remove it.',
        row=1,
        column=name,
        rule="columns.unknown",
    )


def mixed_eras(cells: Cells) -> list[Finding]:
    """A file that writes some years Buddhist and others Christian; the rarer era's first row is named."""
    eras = [_era(text) for text in cells.columns["period"]]
    buddhist, christian = eras.count("BE"), eras.count("CE")
    if not (buddhist and christian):
        return []
    rarer = "BE" if buddhist <= christian else "CE"
    at = eras.index(rarer)
    return [
        Finding(
            "warning",
            cells.where,
            f"ไฟล์นี้ใช้ทั้งปี พ.ศ. ({buddhist:,} แถว) และ ค.ศ. ({christian:,} แถว) ระบบแปลงให้แล้ว — ควรใช้แบบเดียว",
            f"The file mixes Buddhist ({buddhist:,} rows) and Christian years ({christian:,} rows); both were read,"
            " but use one of them.",
            row=cells.rows[at],
            column="period",
            value=cells.columns["period"][at],
            rule="series.mixed_eras",
        )
    ]


@cache
def _era(text: str) -> str:
    match = _YEAR.search(arabic_digits(text))
    return "" if match is None else "BE" if int(match[0]) >= 2400 else "CE"


def no_rows(where: str) -> Finding:
    """A file with a header only."""
    return Finding(
        "warning",
        where,
        "มีแต่หัวตาราง ไม่มีข้อมูล — เพิ่มข้อมูลหรือลบไฟล์",
        "Only a header, no data; add data or remove the file.",
        rule="file.no_rows",
    )


def duplicate(row: Any, origin: Any) -> Finding:
    """A row whose indicator, group, period and vintage were given before."""
    is_same = row.value == origin.value
    place = f"{origin.file}, row {origin.row}"
    return Finding(
        "warning" if is_same else "error",
        str(row.file),
        f"{row.indicator} {row.group} {row.period} ซ้ำกับ {place} ค่า{'เท่ากัน' if is_same else f'ต่างกัน ({origin.value:g})'}"
        " — ลบแถวหนึ่ง หรือใส่ as_of หากเป็นค่าปรับปรุง",
        f"{row.indicator} {row.group} {row.period} was given in {place} "
        f"with {'the same value' if is_same else f'another value ({origin.value:g})'};"
        " remove one row, or give as_of if it is a revision.",
        row=int(row.row),
        column="period",
        value=f"{row.value:g}",
        rule="series.duplicate",
    )
