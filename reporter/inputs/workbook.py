"""The workspace's workbook (``workspace.xlsx``) read back: its sheets of values, and its lists of factors and people.

Goes in: the folder. Comes out: tables of the series reader, and rows of the lists by column name; findings name sheet and
cell. The lists count where the workspace has no file of that kind: a file beside the workbook goes before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reporter.domain.errors import Finding
from reporter.inputs import spreadsheets
from reporter.inputs.series.cells import is_inside, read_bytes
from reporter.inputs.spreadsheets import cell_text, coordinate
from reporter.inputs.workbook_form import ABOUT, CHOICES, SHEET_COLUMNS

FILE = "workspace.xlsx"
NOT_VALUES = frozenset({ABOUT, *SHEET_COLUMNS})


@dataclass(frozen=True)
class Entry:
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


def entries(root: Path, sheet: str, found: list[Finding]) -> list[Entry]:
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


def _entries(page: spreadsheets.Sheet, found: list[Finding]) -> list[Entry]:
    where, columns = f"{FILE}[{page.name}]", SHEET_COLUMNS[page.name]
    header = [cell_text(cell).strip() for cell in page.rows[0]] if page.rows else []
    if missing := [name for name in columns if name not in header]:
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
    places = {name: header.index(name) for name in columns}
    letters = {name: coordinate(0, place).rstrip("1") for name, place in places.items()}
    read = []
    for number, row in enumerate(page.rows[1:], start=2):
        texts = {name: cell_text(row[place]).strip() for name, place in places.items()}
        if any(texts.values()):
            read.append(Entry(where, number, texts, letters))
    return read


def choice(entry: Entry, column: str, found: list[Finding]) -> str | None:
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


def wrong(entry: Entry, column: str, th: str, en: str) -> Finding:
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
