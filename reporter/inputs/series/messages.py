"""What is said about cells that cannot be used: where, the value found, how to mend it; Thai first, then English.

Goes in: columns of texts and which of them are wrong. Comes out: findings; what is wrong in the same way in more than
``MOST_PER_RULE`` rows is one finding with its number.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from reporter.domain.errors import Finding
from reporter.domain.periods import arabic_digits
from reporter.inputs.names import Register
from reporter.inputs.series.cells import Cells
from reporter.inputs.values import UnreadableError, shown

# More rows than this with one remedy are one systematic fault: one finding with their number.
MOST_PER_RULE = 10
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
Message = Callable[[str], tuple[str, str]]


class Report:
    """Notes findings of one table; many rows with the same remedy become one finding with a count.

    places   names of the cells of a wide table (``C12``), else empty: the column's name is told
    """

    def __init__(
        self, where: str, rows: np.ndarray, found: list[Finding], places: Sequence[str] = ()
    ) -> None:
        self.where, self.rows, self.found, self.cells = where, rows, found, places

    def texts(self, column: str, texts: Sequence[str], wrong: Iterable[str], message: Message) -> np.ndarray:
        """Note the rows whose text is among the wrong ones; True where the row is good."""
        refused = set(wrong)
        if not refused:
            return np.ones(len(texts), dtype=bool)
        return self.at(column, texts, [n for n, text in enumerate(texts) if text in refused], message)

    def at(self, column: str, texts: Sequence[str], places: Sequence[int], message: Message) -> np.ndarray:
        """Note rows by their position; True where the row is good."""
        good = np.ones(len(texts), dtype=bool)
        good[list(places)] = False
        by_remedy: dict[str, list[int]] = {}
        for place in places:
            # An unknown name is one fault however many rows repeat it.
            remedy = (
                texts[place]
                if column in ("indicator", "group")
                else message(texts[place])[1].rpartition(";")[2]
            )
            by_remedy.setdefault(remedy, []).append(place)
        for one in by_remedy.values():
            is_one = len(one) > MOST_PER_RULE or column in ("indicator", "group")
            for group in [one] if is_one else [[place] for place in one]:
                self.found.append(self._finding(column, texts, group, message))
        return good

    def _finding(self, column: str, texts: Sequence[str], places: list[int], message: Message) -> Finding:
        first = places[0]
        th, en = message(texts[first])
        if len(places) > 1:
            rows = ", ".join(
                str(row) for row in dict.fromkeys(int(self.rows[place]) for place in places[1:6])
            )
            more = ", …" if len(places) > 6 else ""
            th += f" (แบบเดียวกันรวม {len(places):,} ค่า แถวต่อไป: {rows}{more})"
            en += f" ({len(places):,} values in all; next rows: {rows}{more})"
        at_cell = bool(self.cells) and column in ("value", "period")
        return Finding(
            "error",
            self.where,
            th,
            en,
            row=int(self.rows[first]),
            column=self.cells[first] if at_cell else column,
            value=texts[first][:200],
            rule=f"series.{column}",
        )


def unknown(kind: str, register: Register) -> Message:
    """Message for an unknown indicator or group, with the nearest known one."""
    th, en = {"indicator": ("ตัวชี้วัด", "indicator"), "group": ("กลุ่ม", "group")}[kind]

    def message(text: str) -> tuple[str, str]:
        if not text:
            return f"ไม่ได้ระบุ{th} — เติมรหัส{th}", f"No {en} is given; fill it in."
        near = register.nearest(text, "series" if kind == "indicator" else "group")
        hint_th = f'หมายถึง "{near[0]}" หรือไม่' if near else f"ดูรหัส{th}ด้วย reporter indicators"
        hint_en = f'did you mean "{near[0]}"?' if near else f"use a declared {en}, see reporter indicators."
        return f'ไม่รู้จัก{th} "{shown(text)}" — {hint_th}', f'Unknown {en} "{shown(text)}"; {hint_en}'

    return message


def unreadable(errors: Mapping[str, UnreadableError]) -> Message:
    """Message for a text that the parser refuses: what it said."""
    return lambda text: (errors[text].th, f"{errors[text].en}.")


def day_for_quarter(text: str) -> tuple[str, str]:
    """Message for a day that stands for a quarter in an uncertain way."""
    return (
        f'"{text}" เป็นวันที่ แต่ตัวชี้วัดนี้เป็นรายไตรมาส (Excel อาจเปลี่ยน 3/2568 เป็นวันที่) — จัดเซลล์เป็นข้อความแล้วพิมพ์ 2568-Q3',
        f'"{text}" is a day, but the indicator is quarterly (Excel may have turned 3/2568 into a date);'
        " format the cells as text and write 2025-Q3.",
    )


def date(text: str) -> tuple[str, str]:
    """Message for a text that is no day."""
    return f'"{shown(text)}" ไม่ใช่วันที่ — เขียนแบบ 2025-11-15', f'"{shown(text)}" is no date; write 2025-11-15.'


def flag(text: str) -> tuple[str, str]:
    """Message for a text that is neither yes nor no."""
    return (
        f'"{shown(text)}" ใช้ไม่ได้ — ใส่ 1 หากแหล่งข้อมูลปรับฤดูกาลแล้ว มิฉะนั้นใส่ 0',
        f'"{shown(text)}" cannot be used; write 1 if its source adjusted the value for season, 0 if not.',
    )


def missing_columns(cells: Cells, missing: Sequence[str], required: Sequence[str], row: int = 1) -> Finding:
    """A file without the columns that it must have."""
    return Finding(
        "error",
        cells.where,
        f"ไม่มีคอลัมน์ {', '.join(missing)} — หัวตารางต้องมี {','.join(required)} หรือเป็นตารางที่มีงวดเป็นหัวคอลัมน์"
        " และชื่อหรือรหัสตัวชี้วัดในแต่ละแถว; ตารางแบบอื่นให้ใช้ reporter map FILE",
        f"Column(s) {', '.join(missing)} missing; the header needs {','.join(required)}, or periods across with the"
        " indicator's id or name in each row; for other layouts run reporter map FILE.",
        row=row,
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


def counted(findings: Sequence[Finding]) -> Finding:
    """Many findings of one kind as one: the first, with their number."""
    first, count = findings[0], len(findings)
    return dataclasses.replace(
        first,
        th=f"{first.th} (แบบเดียวกันรวม {count:,} แถว)",
        en=f"{first.en} ({count:,} rows of this kind in all)",
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


def only_blanks(where: str) -> Finding:
    """A file of which every value is blank."""
    return Finding(
        "warning",
        where,
        "ทุกค่าในไฟล์ว่าง — ใส่ค่าหรือลบไฟล์",
        "Every value in the file is blank; fill it in or remove the file.",
        rule="file.no_rows",
    )
