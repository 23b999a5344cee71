"""The workspace's workbook (``workspace.xlsx``) read back: its sheets of values, and its lists of factors and people.

Goes in: the folder. Comes out: tables of the series reader, and rows of the lists by column name; findings name sheet and
cell. The lists count where the workspace has no file of that kind: a file beside the workbook goes before it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding
from reporter.domain.periods import buddhist_year, iso
from reporter.inputs import spreadsheets
from reporter.inputs.schema import known_series
from reporter.inputs.series_cells import is_inside, read_bytes
from reporter.inputs.spreadsheets import cell_text, coordinate
from reporter.measures import annex_inputs

# ----------------------------------------------------------------------------------------------------
# The workspace as one Excel workbook, written empty or filled: what an economist fills in instead of CSV and TOML.
#
# Goes in: the declarations and, to fill it, a history of observations. Comes out: ``workspace.xlsx``: a sheet per source and
# frequency with its indicators as rows and periods across, sheets for groups, for the inputs of the annex, for values by the day on
# which they were known, and for factors, recipients, calendar and sources. Ids and names are locked, cells for values are not.
# ``reporter.inputs.workbook`` reads it back.
# ----------------------------------------------------------------------------------------------------

# The Labour Force Survey is quarterly since 2001 (พ.ศ. 2544): no series of the index reaches further back.
FIRST_YEAR = 2001
VINTAGES, FACTORS, RECIPIENTS, CALENDAR, SOURCES = "ค่าตามวันที่รู้", "ปัจจัย", "ผู้รับรายงาน", "กำหนดเผยแพร่", "แหล่งข้อมูล"
ABOUT = "วิธีใช้"
_MONTHS = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
_FREQUENCIES = {"monthly": ("รายเดือน", "M"), "quarterly": ("รายไตรมาส", "Q")}
_KINDS = {"STATUS": "สถานะ", "REGION": "ภาค", "PROVINCE": "จังหวัด", "INDUSTRY": "อุตสาหกรรม"}
_LABELS = ("รหัส", "ตัวชี้วัด", "หน่วย", "ความถี่", "ปรับฤดูกาลแล้ว")
_GROUP_LABELS = ("รหัส", "ตัวชี้วัด", "รหัสกลุ่ม", "กลุ่ม", "หน่วย", "ปรับฤดูกาลแล้ว")
_UNITS = {
    "percent": "ร้อยละ",
    "pp": "จุดร้อยละ",
    "percent_of_mean": "ร้อยละของค่าเฉลี่ย",
    "per_1000": "ต่อพันคน",
    "percent_growth": "ร้อยละต่อปี",
    "baht": "บาท",
    "baht_per_month": "บาทต่อเดือน",
    "baht_per_person": "บาทต่อคน",
    "hours_per_week": "ชั่วโมงต่อสัปดาห์",
    "index": "ดัชนี",
    "positions": "ตำแหน่ง",
    "persons": "คน",
}
SHEET_COLUMNS = {
    FACTORS: ("ไตรมาส", "ที่มา", "ทิศทาง", "กระทบ", "ข้อความ", "อ้างอิง"),
    RECIPIENTS: ("หน่วยงาน", "ชื่อ", "อีเมล", "กลุ่มผู้รับ", "ภาษา"),
    CALENDAR: ("ไตรมาส", "วันเวลาเผยแพร่"),
    SOURCES: ("รหัส", "ตัวชี้วัด", "แหล่งข้อมูลตามทะเบียน", "แหล่งข้อมูลที่ใช้จริง"),
}
CHOICES = {
    "ที่มา": {"ต่างประเทศ": "abroad", "ในประเทศ": "home"},
    "ทิศทาง": {"บวก": "+", "ลบ": "-"},
    "กระทบ": {"แรงงาน": "workers", "นายจ้าง": "employers", "ทั้งสองฝ่าย": "both"},
}
_DROP_DOWNS = {name: list(words) for name, words in CHOICES.items()} | {"ภาษา": ["ไทย", "อังกฤษ"]}
_LATER_COLUMNS = frozenset(("ภาษา",))  # a workbook of an earlier version lacks them
_ABOUT = (
    "สมุดงานนี้คือข้อมูลนำเข้าทั้งหมดของรายงานภาวะแรงงานรายไตรมาส ใช้แทนไฟล์ CSV ใน series/ ได้",
    "1. ใส่ค่าในแผ่นของแต่ละหน่วยงาน แถวคือตัวชี้วัด คอลัมน์คืองวด เว้นว่างหากยังไม่มีข้อมูล ใส่ 0 เฉพาะเมื่อค่าคือศูนย์",
    "2. ร้อยละใส่เป็นตัวเลขธรรมดา เช่น 0.92 อย่าจัดรูปแบบเป็นเปอร์เซ็นต์ เครื่องหมาย p r * หลังตัวเลขอ่านเป็นหมายเหตุ",
    "3. ปรับฤดูกาลแล้ว ใส่ 1 หากแหล่งข้อมูลปรับฤดูกาลมาแล้ว",
    f'4. แผ่น "{VINTAGES}" สำหรับค่าที่ถูกปรับปรุงภายหลัง ใส่วันที่รู้ค่าในคอลัมน์ as_of (ปี ค.ศ. เช่น 2025-11-15)',
    f'5. แผ่น "{FACTORS}" "{RECIPIENTS}" "{CALENDAR}" "{SOURCES}" ใช้เมื่อไม่มีไฟล์ชนิดนั้นในโฟลเดอร์งาน',
    "6. ตรวจด้วย reporter check --data โฟลเดอร์นี้ -q 2568-Q3 --mark แล้วเปิดสำเนาที่ระบายสีเซลล์ที่ต้องแก้",
    "In English: rows are indicators, columns periods; ids are locked. Check with `reporter check --mark`.",
)


@dataclass(frozen=True)
class WorkbookRow:
    """One row of a sheet of values: series, group, and what is shown beside them."""

    series: str
    group: str
    labels: tuple[str, ...]
    note: str = ""


@dataclass
class _Page:
    """One sheet of values."""

    name: str
    title: str
    header: tuple[str, ...]
    frequency: str
    rows: list[WorkbookRow] = field(default_factory=list)


def empty_history() -> pd.DataFrame:
    """No observations, in the columns that filling a workbook looks at."""
    return pd.DataFrame(columns=["indicator", "group", "period", "value", "as_of", "adjusted", "flag"])


def workbook(
    declarations: Declarations,
    until: pd.Period,
    history: pd.DataFrame | None = None,
    about: Iterable[str] = (),
) -> bytes:
    """The workbook's bytes.

    until    last quarter that has columns
    history  observations to fill in (docs/tables.md); those with ``as_of`` go to the sheet of values by day
    about    lines put before the instructions
    """
    history = empty_history() if history is None else history
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    )
    look = _Look(book)
    _write_about(book, look, [*about, *_ABOUT])
    undated = history[history["as_of"].isna()]
    pages = _pages(declarations, undated)
    for page in pages:
        _write_page(book, look, page, _periods(page.frequency, until, undated), undated)
    _write_vintages(book, look, declarations, history[history["as_of"].notna()])
    _write_lists(book, look, declarations)
    book.close()
    return stream.getvalue()


class _Look:
    """Formats of the workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        font = {"font_name": "TH Sarabun New", "font_size": 14}
        self.title = book.add_format({**font, "bold": True, "font_size": 18})
        self.header = book.add_format(
            {**font, "bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.locked = book.add_format({**font, "bg_color": "#F5F5F5"})
        self.open = book.add_format({**font, "locked": False})
        self.text = book.add_format({**font, "locked": False, "num_format": "@"})
        self.plain = book.add_format(font)


def _pages(declarations: Declarations, history: pd.DataFrame) -> list[_Page]:
    """All sheets of values in order: by source, by kind of group, then the inputs of the annex."""
    pages: dict[str, _Page] = {}
    for row, source, frequency in _national(declarations):
        word = _FREQUENCIES[frequency][0]
        name = f"{source} {word}"[:31]
        owner = " และ ".join(
            declarations.sources[code].name.th for code in source.split("+") if code in declarations.sources
        )
        page = pages.setdefault(name, _Page(name, f"{owner or source} — ข้อมูล{word}", _LABELS, frequency))
        page.rows.append(row)
    for kind, word in _KINDS.items():
        for frequency in ("quarterly", "monthly"):
            name = f"{word} {_FREQUENCIES[frequency][0]}"
            rows = list(_grouped(declarations, kind, frequency))
            if rows:
                pages[name] = _Page(
                    name, f"จำแนกตาม{word} — ข้อมูล{_FREQUENCIES[frequency][0]}", _GROUP_LABELS, frequency, rows
                )
    declared = {one.series for page in pages.values() for one in page.rows}
    for frequency, (word, letter) in _FREQUENCIES.items():
        given = (
            set(history.loc[history["period"].str.contains("Q") == (letter == "Q"), "indicator"])
            if len(history)
            else set()
        )
        rows = [
            WorkbookRow(series, "TH", (series, entry.name.th, entry.unit, word, ""))
            for series, entry in annex_inputs().items()
            if series not in declared and (frequency == "quarterly" or series in given)
        ]
        if rows:
            name = f"ภาคผนวก {word}"
            pages[name] = _Page(name, f"ข้อมูลดิบสำหรับสูตรและภาคผนวกสถิติ — {word}", _LABELS, frequency, rows)
    _add_others(pages, declarations, history)
    return list(pages.values())


def _add_others(pages: dict[str, _Page], declarations: Declarations, history: pd.DataFrame) -> None:
    """Rows for what the history holds and no sheet has: series of another frequency or group than declared."""
    placed = {(row.series, row.group, page.frequency) for page in pages.values() for row in page.rows}
    for frequency, (word, letter) in _FREQUENCIES.items():
        rows = history[history["period"].astype(str).str.contains("Q") == (letter == "Q")]
        for series, group in rows[["indicator", "group"]].drop_duplicates().itertuples(index=False):
            if (series, group, frequency) not in placed:
                name = f"อื่น ๆ {word}"
                page = pages.setdefault(name, _Page(name, f"ข้อมูลอื่น — {word}", _GROUP_LABELS, frequency))
                page.rows.append(
                    WorkbookRow(series, group, (series, "", group, _group_name(declarations, group), "", ""))
                )


def _national(declarations: Declarations) -> Iterator[tuple[WorkbookRow, str, str]]:
    """Rows of the whole country with source and frequency: indicators, then the parts of gaps, then macro variables."""
    for one in declarations.indicators.values():
        word, unit = _FREQUENCIES[one.frequency][0], _UNITS.get(one.unit, one.unit)
        note = f"สูตร: {one.formula}" if one.formula else ""
        note = "\n".join(filter(None, (note, one.notes.th)))
        yield (
            WorkbookRow(one.id, "TH", (one.id, one.name.th, unit, word, ""), note),
            one.source,
            one.frequency,
        )
        for part in one.components:
            sex = "ชาย" if part.endswith("_male") else "หญิง"
            yield (
                WorkbookRow(part, "TH", (part, f"{one.name.th} ({sex})", "", word, "")),
                one.source,
                one.frequency,
            )
    for macro in declarations.macro.values():
        labels = (
            macro.id,
            macro.name.th,
            _UNITS.get(macro.unit, macro.unit),
            _FREQUENCIES[macro.frequency][0],
            "",
        )
        yield WorkbookRow(macro.id, "TH", labels), macro.source, macro.frequency


def _grouped(declarations: Declarations, kind: str, frequency: str) -> Iterator[WorkbookRow]:
    for one in declarations.indicators.values():
        if kind not in one.groups or one.frequency != frequency:
            continue
        for series in one.components or (one.id,):
            for group in declarations.groups_of(kind):
                sex = "" if series == one.id else " (ชาย)" if series.endswith("_male") else " (หญิง)"
                unit = _UNITS.get(one.unit, one.unit) if series == one.id else ""
                yield WorkbookRow(
                    series, group.code, (series, one.name.th + sex, group.code, group.name.th, unit, "")
                )


def _group_name(declarations: Declarations, code: str) -> str:
    return declarations.groups[code].name.th if code in declarations.groups else code


def _periods(frequency: str, until: pd.Period, history: pd.DataFrame) -> list[pd.Period]:
    """Periods across, from the first that any series may have; earlier ones where the history holds some."""
    letter = _FREQUENCIES[frequency][1]
    own = [text for text in history["period"].unique() if ("Q" in text) == (letter == "Q")]
    first = min([FIRST_YEAR, *(int(text[:4]) for text in own)])
    last = max([until, *(pd.Period(text.replace("-Q", "Q")).asfreq("Q") for text in own)])
    start = pd.Period(year=first, quarter=1, freq="Q")
    if letter == "Q":
        return list(pd.period_range(start, last, freq="Q"))
    return list(pd.period_range(start.asfreq("M", how="start"), last.asfreq("M", how="end"), freq="M"))


def thai_period(period: pd.Period) -> str:
    """``ไตรมาส 3/2568`` or ``ก.ย. 2568``."""
    if period.freqstr.startswith("Q"):
        return f"ไตรมาส {period.quarter}/{buddhist_year(period)}"
    return f"{_MONTHS[period.month - 1]} {buddhist_year(period)}"


def _write_page(
    book: xlsxwriter.Workbook, look: _Look, page: _Page, periods: Sequence[pd.Period], history: pd.DataFrame
) -> None:
    sheet = book.add_worksheet(page.name)
    width = len(page.header)
    sheet.protect(
        "",
        {
            "format_columns": True,
            "autofilter": True,
            "format_cells": True,
            "insert_columns": True,
            "insert_rows": True,
        },
    )
    sheet.set_column(0, 0, 22, look.locked)
    sheet.set_column(1, 1, 44, look.locked)
    sheet.set_column(2, width - 2, 14, look.locked)
    sheet.set_column(width - 1, width - 1, 10, look.open)
    sheet.set_column(width, width + len(periods) + 40, 11, look.open)
    sheet.write_string(0, 0, page.title, look.title)
    for column, text in enumerate((*page.header, *map(thai_period, periods))):
        sheet.write_string(2, column, text, look.header)
    sheet.freeze_panes(3, 2)
    places = {iso(period): width + number for number, period in enumerate(periods)}
    given = _given(history, page)
    for number, row in enumerate(page.rows, start=3):
        for column, text in enumerate(row.labels):
            sheet.write_string(number, column, text, look.open if column == width - 1 else look.locked)
        if row.note:
            sheet.write_comment(number, 1, row.note, {"x_scale": 3, "y_scale": 1.5})
        for period, value, flag, adjusted in given.get((row.series, row.group), ()):
            if adjusted:
                sheet.write_number(number, width - 1, 1, look.open)
            _write_value(sheet, (number, places[period]), value, flag, look)
    sheet.data_validation(
        3, width - 1, 3 + len(page.rows), width - 1, {"validate": "list", "source": ["0", "1"]}
    )


def _write_value(sheet: Any, place: tuple[int, int], value: float, flag: str, look: _Look) -> None:
    """A value as a number; as text where a flag stands beside it, or where it has more digits than the writer's sixteen."""
    if flag or float(f"{value:.16G}") != value:
        sheet.write_string(*place, f"{value!r} {flag}".strip(), look.open)
    else:
        sheet.write_number(*place, value, look.open)


def _given(history: pd.DataFrame, page: _Page) -> dict[tuple[str, str], list[tuple[str, float, str, bool]]]:
    """Values of a sheet's frequency by series and group."""
    if history.empty:
        return {}
    own = history[history["period"].str.contains("Q") == (page.frequency == "quarterly")]
    found: dict[tuple[str, str], list[tuple[str, float, str, bool]]] = {}
    columns = ["indicator", "group", "period", "value", "flag", "adjusted"]
    for series, group, period, value, flag, adjusted in own[columns].itertuples(index=False):
        found.setdefault((series, group), []).append((period, value, flag, adjusted))
    return found


def _write_vintages(
    book: xlsxwriter.Workbook, look: _Look, declarations: Declarations, history: pd.DataFrame
) -> None:
    """Values by the day on which they were known: a long sheet."""
    sheet = book.add_worksheet(VINTAGES)
    header = ("indicator", "group", "period", "value", "as_of", "adjusted")
    for column, text in enumerate(header):
        sheet.write_string(0, column, text, look.header)
    sheet.set_column(0, 5, 18, look.open)
    sheet.freeze_panes(1, 0)
    columns = ["indicator", "group", "period", "value", "as_of", "adjusted"]
    for number, row in enumerate(history[columns].itertuples(index=False), start=1):
        for column, text in enumerate((row[0], row[1], row[2])):
            sheet.write_string(number, column, text)
        _write_value(sheet, (number, 3), row[3], "", look)
        sheet.write_string(number, 4, f"{row[4]:%Y-%m-%d}")
        sheet.write_number(number, 5, int(row[5]))
    last = len(history) + 5_000  # rows that a person may still add below
    sheet.data_validation(1, 0, last, 0, _listed(book, "_รหัส", sorted(known_series(declarations))))


def _listed(book: xlsxwriter.Workbook, name: str, texts: Sequence[str]) -> dict[str, Any]:
    """A drop-down of many texts, which Excel takes from a sheet; it is very hidden, and reading passes over it."""
    sheet = book.get_worksheet_by_name(name) or book.add_worksheet(name)
    for number, text in enumerate(texts):
        sheet.write_string(number, 0, text)
    sheet.very_hidden()
    return {"validate": "list", "source": f"='{name}'!$A$1:$A${len(texts)}", "error_type": "warning"}


def _write_lists(book: xlsxwriter.Workbook, look: _Look, declarations: Declarations) -> None:
    """Sheets of factors, recipients, calendar and sources."""
    for name, header in SHEET_COLUMNS.items():
        sheet = book.add_worksheet(name)
        for column, text in enumerate(header):
            sheet.write_string(0, column, text, look.header)
        sheet.set_column(0, len(header) - 1, 24, look.text)
        sheet.freeze_panes(1, 0)
        for column, text in enumerate(header):
            if text in _DROP_DOWNS:
                sheet.data_validation(
                    1, column, 500, column, {"validate": "list", "source": _DROP_DOWNS[text]}
                )
    sheet = book.get_worksheet_by_name(SOURCES)
    codes = {"validate": "list", "source": list(declarations.sources), "error_type": "warning"}
    entries = [(one.id, one.name.th, one.source) for one in declarations.indicators.values()]
    entries += [(one.id, one.name.th, one.source) for one in declarations.macro.values()]
    for number, texts in enumerate(entries, start=1):
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text, look.locked)
    sheet.data_validation(1, 3, len(entries), 3, codes)


def _write_about(book: xlsxwriter.Workbook, look: _Look, lines: Sequence[str]) -> None:
    sheet = book.add_worksheet(ABOUT)
    sheet.set_column(0, 0, 110, look.plain)
    sheet.write_string(0, 0, "ข้อมูลนำเข้า รายงานภาวะแรงงานรายไตรมาส", look.title)
    for number, text in enumerate(lines, start=2):
        sheet.write_string(number, 0, text, look.plain)


FILE = "workspace.xlsx"
NOT_VALUES = frozenset({ABOUT, *SHEET_COLUMNS})


@dataclass(frozen=True)
class ListRow:
    """One row of a list: texts by column name, and where it stands."""

    where: str
    row: int
    texts: dict[str, str]
    letters: dict[str, str]

    def cell(self, column: str) -> str:
        """``C12``, for a finding."""
        return f"{self.letters[column]}{self.row}"


def path_of(root: Path) -> Path | None:
    """The workspace's workbook, None where it has none."""
    path = root / FILE
    return path if path.is_file() else None


def holds_values(sheet: str) -> bool:
    """Whether a sheet of the workbook is one of values; lists, help and helping sheets are not."""
    return sheet not in NOT_VALUES and not sheet.startswith("_")


def entries(root: Path, sheet: str, found: list[Finding]) -> list[ListRow]:
    """Filled rows of one list of the workbook; none without a workbook or without the list."""
    path = path_of(root)
    if path is None or not is_inside(path, root, FILE, found):
        return []
    data = read_bytes(path, FILE, found)
    if data is None:
        return []
    noted: list[Finding] = []  # what is wrong with the file as a whole, the reading of its values says
    for page in spreadsheets.read_workbook(data, FILE, noted, wanted=lambda name: name == sheet):
        return _entries(page, found)
    return []


def _entries(page: spreadsheets.Sheet, found: list[Finding]) -> list[ListRow]:
    where, columns = f"{FILE}[{page.name}]", SHEET_COLUMNS[page.name]
    header = [cell_text(cell).strip() for cell in page.rows[0]] if page.rows else []
    if missing := [name for name in columns if name not in header and name not in _LATER_COLUMNS]:
        found.append(
            Finding(
                "error",
                where,
                f"ไม่มีคอลัมน์ {', '.join(missing)} ในแถวที่ 1 — คืนหัวคอลัมน์ตามแบบ",
                f"Column(s) {', '.join(missing)} missing in row 1; restore the form's headings.",
                row=1,
                rule="columns.missing",
            )
        )
        return []
    places = {name: header.index(name) for name in columns if name in header}
    letters = {name: coordinate(0, place).rstrip("1") for name, place in places.items()}
    read = []
    for number, row in enumerate(page.rows[1:], start=2):
        texts = {name: cell_text(row[place]).strip() for name, place in places.items()}
        if any(texts.values()):
            read.append(ListRow(where, number, {name: texts.get(name, "") for name in columns}, letters))
    return read


def choice(entry: ListRow, column: str, found: list[Finding]) -> str | None:
    """Code of a drop-down's word (or the code itself); None after noting another word."""
    text, known = entry.texts[column], CHOICES[column]
    code = known.get(text, text if text in known.values() else None)
    if code is None:
        found.append(
            wrong(
                entry,
                column,
                f'พบ "{text}" — เลือก {" หรือ ".join(known)}',
                f'Found "{text}"; choose {", ".join(known)}.',
            )
        )
    return code


def wrong(entry: ListRow, column: str, th: str, en: str) -> Finding:
    """A finding about one cell of a list."""
    return Finding(
        "error",
        entry.where,
        th,
        en,
        row=entry.row,
        column=entry.cell(column),
        value=entry.texts[column][:80],
        rule="workbook.list",
    )
