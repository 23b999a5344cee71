"""Text files of a workspace as cells, refused when they are not what they claim to be.

Goes in: a path. Comes out: a ``TextTable`` of texts, ``Cells`` once its header is known, and findings: encoding, NUL bytes, size,
ragged rows. Nothing is interpreted here. CSV: UTF-8 with or without marks; UTF-16 (also without its mark) and Windows-874
(TIS-620) are recognised, read and named. Also here: which observation of a history counts on a date (``latest_vintage``).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from reporter.domain.declarations import Declarations, Indicator, evaluate, names
from reporter.domain.errors import Finding
from reporter.domain.periods import THAI_LETTER
from reporter.inputs.spreadsheets import SUFFIXES, Fault
from reporter.inputs.values import visible
from reporter.measures import aggregate_of, at_frequency

MAX_BYTES = 40_000_000  # four times the sample's series, in one file
MAX_COLUMNS = 2_000  # 160 years of months side by side; more is another kind of file
MOST_CELLS_OF_A_ROW = 16_384  # as many as a spreadsheet has; a line of a million commas takes minutes
MOST_RAGGED = 10  # a file of another kind breaks in every row
# Thai in UTF-8 begins with E0 B8 or E0 B9, which Western encodings show as these two letters.
_TWICE = re.compile("\u00e0[\u00b8\u00b9]")
_TWICE_THAI = re.compile("\u0e40[\u0e18\u0e19]")  # the same two bytes as TIS-620 shows them: เธ, เน
_SIGNATURES = (
    (b"%PDF", "PDF", "PDF"),
    (b"\x89PNG", "รูปภาพ PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "รูปภาพ JPEG", "a JPEG picture"),
    (b"\x1f\x8b", "ไฟล์บีบอัด gzip", "gzip"),
    (b"\x7fELF", "โปรแกรม", "a program"),
    (b"MZ", "โปรแกรม", "a program"),
    (b"SQLite format 3", "ฐานข้อมูล SQLite", "an SQLite database"),
)


@dataclass(frozen=True)
class TextTable:
    """A sheet as text cells, before anybody knows which row holds the column names.

    where    path within the workspace, with the sheet's name for a spreadsheet of several
    records  texts row by row; record i is spreadsheet row i + 1
    faults   cells whose value must not be used, by (row, column) counted from 0
    merged   merged ranges, as ((row, column), (row, column)) counted from 0
    """

    where: str
    records: list[list[str]]
    faults: dict[tuple[int, int], Fault] = field(default_factory=dict)
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()


@dataclass(frozen=True)
class SheetCells:
    """Text cells of one table, one list of texts per column name, all of one length.

    header   column names, stripped, lower case
    rows     row numbers as a spreadsheet counts them (the header is row 1)
    places   of a wide table, the name of the cell that each value comes from (``C12``); else empty
    """

    where: str
    header: tuple[str, ...]
    columns: dict[str, list[str]]
    rows: list[int]
    places: tuple[str, ...] = ()


def read_bytes(path: Path, where: str, found: list[Finding]) -> bytes | None:
    """Content of a file of sensible size; None after noting why it cannot be read."""
    try:
        if not path.is_file():
            found.append(
                _error(where, "ไม่ใช่ไฟล์ปกติ — ลบหรือย้ายออก", "Not a regular file; remove it.", "file.kind")
            )
            return None
        size = path.stat().st_size
        if size > MAX_BYTES:
            found.append(
                _error(
                    where,
                    f"ไฟล์ใหญ่ {size / 1e6:,.0f} MB เกินที่รับได้ {MAX_BYTES / 1e6:,.0f} MB — แบ่งไฟล์",
                    f"{size / 1e6:,.0f} MB is more than the {MAX_BYTES / 1e6:,.0f} MB accepted; split the file.",
                    "file.size",
                )
            )
            return None
        data = path.read_bytes()
    except OSError as error:
        found.append(
            _error(
                where,
                f"เปิดไฟล์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"Cannot be opened ({error.strerror}); check its permissions.",
                "file.unreadable",
            )
        )
        return None
    if not data.strip():
        found.append(
            _error(
                where,
                "ไฟล์ว่าง — ส่งออกข้อมูลใหม่หรือลบไฟล์",
                "Empty file; export it again or remove it.",
                "file.empty",
            )
        )
        return None
    return data


def is_inside(path: Path, root: Path, where: str, found: list[Finding]) -> bool:
    """True for a path that stays within the workspace; a link that leads out is noted."""
    if not path.is_symlink() or path.resolve().is_relative_to(root.resolve()):
        return True
    found.append(
        _error(
            where,
            "เป็นลิงก์ออกนอกโฟลเดอร์งาน — คัดลอกไฟล์จริงมาวางแทน",
            "A link that leads out of the workspace; put the file itself there.",
            "file.outside",
        )
    )
    return False


def decode(data: bytes, where: str, found: list[Finding]) -> str | None:
    """Text of a file; None after noting that it is binary. A legacy encoding is read and named in a warning."""
    for signature, th, en in _SIGNATURES:
        if data.startswith(signature):
            found.append(
                _error(
                    where,
                    f"เป็น{th} ไม่ใช่ CSV — ส่งออกเป็น CSV UTF-8",
                    f"This is {en}, not CSV; export it as CSV UTF-8.",
                    "file.binary",
                )
            )
            return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _legacy(data, "utf-16", "UTF-16", where, found)
    if b"\x00" in data:
        if codec := _without_mark(data):
            return _legacy(data, codec, codec.upper(), where, found)
        row = data.count(b"\n", 0, data.index(b"\x00")) + 1
        found.append(
            _error(
                where,
                "มีไบต์ NUL ไฟล์อาจเสียหายหรือไม่ใช่ข้อความ — ส่งออกใหม่เป็น CSV UTF-8",
                "Contains a NUL byte: damaged or no text; export it again as CSV UTF-8.",
                "file.nul",
                row,
            )
        )
        return None
    try:
        text = data.decode("utf-8").lstrip("\ufeff")  # a file saved twice may have two marks
    except UnicodeDecodeError:
        return _legacy(data, "cp874", "TIS-620/Windows-874", where, found)
    return None if _is_twice_encoded(text, where, found) else text


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without its mark: separators and line ends leave every other byte of a header NUL."""
    head = data[: 2 * 400]
    for codec, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
        # The ids and commas of a header are a third of its characters at the least; damaged files have single NULs.
        if 3 * head[odd::2].count(0) >= len(head[odd::2]) and head[1 - odd :: 2].count(0) == 0:
            return codec
    return None


def _is_twice_encoded(text: str, where: str, found: list[Finding]) -> bool:
    """Whether Thai was taken for Western letters and saved again (``à¸\u0081`` for ก); noted, since nothing in it can be trusted."""
    western = len(_TWICE.findall(text))
    thai, pairs = len(THAI_LETTER.findall(text)), len(_TWICE_THAI.findall(text))
    # Three is more than chance in a text without one Thai letter; pairs are two in three letters of a text read as TIS-620.
    if not ((western >= 3 and not thai) or (pairs >= 10 and 4 * pairs > thai)):
        return False
    first = _TWICE.search(text) or _TWICE_THAI.search(text)
    row = text.count("\n", 0, first.start() if first else 0) + 1
    found.append(
        _error(
            where,
            "ตัวอักษรไทยเพี้ยนทั้งไฟล์ (UTF-8 ถูกอ่านเป็นรหัสอื่นแล้วบันทึกซ้ำ) — ส่งออกจากต้นทางใหม่เป็น CSV UTF-8",
            "The Thai text is broken (UTF-8 was read as another encoding and saved again); export it anew as CSV UTF-8.",
            "file.encoding",
            row,
        )
    )
    return True


def _legacy(data: bytes, codec: str, name: str, where: str, found: list[Finding]) -> str | None:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        found.append(
            _error(
                where,
                "อ่านตัวอักษรไม่ได้ ทั้งแบบ UTF-8 และ TIS-620 — บันทึกใหม่เป็น CSV UTF-8",
                "Neither UTF-8 nor TIS-620; save it as CSV UTF-8.",
                "file.encoding",
                row,
            )
        )
        return None
    found.append(
        Finding(
            "warning",
            where,
            f"เข้ารหัสแบบ {name} ระบบอ่านให้แล้ว — ควรบันทึกใหม่เป็น UTF-8",
            f"Encoded as {name}; it was read, but should be saved as UTF-8.",
            value=name,
            rule="file.encoding",
        )
    )
    return text.lstrip("\ufeff")


def read_records(data: bytes, where: str, found: list[Finding]) -> TextTable | None:
    """Records of a comma-separated file (semicolon and tab are recognised); None after noting why not."""
    text = decode(data, where, found)
    return None if text is None else text_records(text, where, found)


def text_records(text: str, where: str, found: list[Finding]) -> TextTable | None:
    """As ``read_records``, of decoded text; Excel's first line ``sep=,`` is obeyed and becomes a blank row."""
    separator = _separator(text)
    if match := re.match(r"\ufeff*sep=(.)\r?\n", text):
        separator, text = match[1], "\n" + text[match.end() :]
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        found.append(
            _error(
                where,
                f"ไม่ใช่ CSV ที่ถูกต้อง ({error}) — ตรวจเครื่องหมายคำพูด",
                f"Not valid CSV ({error}); check the quotation marks.",
                "file.csv",
            )
        )
        return None
    if (wide := too_wide(records)) is not None:
        found.append(
            _error(
                where,
                f"แถวนี้มี {len(records[wide]):,} ช่อง เกิน {MOST_CELLS_OF_A_ROW:,} — ตรวจว่าเป็นไฟล์ที่ถูกต้อง",
                f"{len(records[wide]):,} cells in one row, more than {MOST_CELLS_OF_A_ROW:,}; check that it is the right file.",
                "file.columns",
                wide + 1,
            )
        )
        return None
    return TextTable(where, records)


def too_wide(records: Iterable[Sequence[str]]) -> int | None:
    """The first row (from 0) of more cells than any spreadsheet has; None without one."""
    return next((n for n, record in enumerate(records) if len(record) > MOST_CELLS_OF_A_ROW), None)


def _separator(text: str) -> str:
    """The mark that parts the first lines most alike: title rows have none, decimal commas are not in every line."""
    lines = [line for line in text.lstrip("\ufeff").split("\n", 12)[:12] if line.strip()]

    def score(mark: str) -> int:
        counts = [line.count(mark) for line in lines]
        usual = max(set(counts), key=lambda count: (counts.count(count) if count else 0, count), default=0)
        return sum(min(count, usual) for count in counts)

    return max(",;\t", key=lambda mark: (score(mark), mark == ","))


def first_filled(table: TextTable) -> int:
    """The first row (from 0) that holds anything; 0 for a blank table."""
    return next((n for n, record in enumerate(table.records) if any(cell.strip() for cell in record)), 0)


def cells_of(table: TextTable, start: int, found: list[Finding]) -> SheetCells | None:
    """Cells under the header in row ``start`` (from 0); rows that do not fit it are noted and left out."""
    where, records = table.where, table.records
    if start >= len(records) or not any(records[start]):
        found.append(
            _error(
                where,
                "ไม่มีข้อมูล — ส่งออกใหม่หรือลบไฟล์",
                "Holds no data; export it again or remove it.",
                "file.empty",
            )
        )
        return None
    records = _without_blank_columns(records, start)
    header = tuple(visible(cell).lower() for cell in records[start])
    while header and not header[-1]:
        header = header[:-1]
    if not _check_header(header, where, start + 1, found):
        return None
    width = len(header)
    kept: list[list[str]] = []
    rows: list[int] = []
    ragged: list[Finding] = []
    for number, record in enumerate(records[start + 1 :], start=start + 2):
        if not any(record):
            continue
        if len(record) != width and not _fits(record, width, where, number, ragged):
            continue
        kept.append(record)
        rows.append(number)
    found += _first_of(ragged, where)
    columns = {name: [_visible(record[n]) for record in kept] for n, name in enumerate(header)}
    return SheetCells(where, header, columns, rows)


def _without_blank_columns(records: list[list[str]], start: int) -> list[list[str]]:
    """Without the columns before and between the named ones in which nothing stands: people leave a margin."""
    last = max((n for n, cell in enumerate(records[start]) if cell.strip()), default=0)
    blank = {
        column
        for column in range(last)
        if not any(column < len(record) and record[column].strip() for record in records[start:])
    }
    if not blank:
        return records
    return [[cell for column, cell in enumerate(record) if column not in blank] for record in records]


def _visible(text: str) -> str:
    return text.strip() if text.isascii() else visible(text)


def _check_header(header: tuple[str, ...], where: str, row: int, found: list[Finding]) -> bool:
    if len(header) > MAX_COLUMNS:
        found.append(
            _error(
                where,
                f"มี {len(header):,} คอลัมน์ เกิน {MAX_COLUMNS:,} — ตรวจว่าเป็นไฟล์ที่ถูกต้อง",
                f"{len(header):,} columns, more than {MAX_COLUMNS:,}; check that it is the right file.",
                "file.columns",
                row,
            )
        )
        return False
    for name, times in Counter(header).items():
        if times > 1 or not name:
            shown = name or "(ว่าง)"
            found.append(
                _error(
                    where,
                    f'หัวคอลัมน์ "{shown}" ซ้ำหรือว่าง — ตั้งชื่อคอลัมน์ให้ไม่ซ้ำกัน',
                    f'Column "{name}" is blank or occurs twice; give each column its own name.',
                    "columns.duplicate",
                    row,
                )
            )
            return False
    return True


def _first_of(ragged: list[Finding], where: str) -> list[Finding]:
    """The findings, or the first with their number: a file of another kind breaks in every row."""
    if len(ragged) <= MOST_RAGGED:
        return ragged
    first, count = ragged[0], len(ragged)
    th = f"{first.th} (แบบเดียวกันรวม {count:,} แถว)"
    en = f"{first.en} ({count:,} rows of this kind in all)"
    return [replace(first, th=th, en=en)]


def _fits(record: list[str], width: int, where: str, row: int, found: list[Finding]) -> bool:
    """Pad or trim a row by blank cells; False after noting that it has cells of its own."""
    while len(record) > width and not record[-1].strip():
        record.pop()
    if len(record) > width or (len(record) < width and any(cell.strip() for cell in record)):
        is_sheet = PurePosixPath(where.partition("[")[0]).suffix.lower() in SUFFIXES
        remedy_th = "ตรวจหัวคอลัมน์และเซลล์ทางขวา" if is_sheet else "ตรวจเครื่องหมายจุลภาคหรือเครื่องหมายคำพูด"
        remedy_en = (
            "check the headings and the cells to the right"
            if is_sheet
            else "check commas and quotation marks"
        )
        th = f"มี {len(record)} ช่อง แต่หัวตารางมี {width} — {remedy_th}"
        en = f"{len(record)} cells under a header of {width}; {remedy_en}."
        found.append(_error(where, th, en, "file.ragged", row))
        return False
    record.extend([""] * (width - len(record)))
    return any(cell.strip() for cell in record)


def _error(where: str, th: str, en: str, rule: str, row: int | None = None) -> Finding:
    return Finding("error", where, th, en, row=row, rule=rule)


# ----------------------------------------------------------------------------------------------------
# Which observation counts: the newest vintage on a date, and the series that are computed from others.
#
# Goes in: the history of observations. Comes out: one value per indicator, group and period.
# ----------------------------------------------------------------------------------------------------

KEY = ["indicator", "group", "period"]


def latest_vintage(history: pd.DataFrame, as_of: dt.date | None) -> pd.DataFrame:
    """Newest vintage of each observation not later than the date (None: newest of all), sorted by key."""
    known = history
    if as_of is not None:
        # The whole day counts: the store knows hours, files know days.
        known = known[known["as_of"].isna() | (known["as_of"] < pd.Timestamp(as_of) + pd.Timedelta(days=1))]
    ordered = known.sort_values([*KEY, "as_of"], na_position="first", kind="stable")
    return ordered.drop_duplicates(KEY, keep="last").reset_index(drop=True)


def with_computed(observations: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """Add the values of indicators that are absent but whose formula's inputs are there."""
    present = set(observations["indicator"].unique())
    added = []
    for indicator in declarations.indicators.values():
        inputs = names(indicator.formula) if indicator.formula else ()
        if inputs and present.issuperset(inputs):
            own = observations[observations["indicator"] == indicator.id]
            added.append(_computed(observations, indicator, inputs, own))
    added = [rows for rows in added if len(rows)]
    if not added:
        return observations
    return pd.concat([observations, *added], ignore_index=True).sort_values(KEY, ignore_index=True)


def _computed(
    observations: pd.DataFrame, indicator: Indicator, inputs: tuple[str, ...], own: pd.DataFrame
) -> pd.DataFrame:
    """Rows of one indicator where all inputs are known and it is not; they carry the place of the first input."""
    by_input = {
        name: at_frequency(
            observations[observations["indicator"] == name], indicator.frequency, aggregate_of(name)
        ).set_index(["group", "period"])
        for name in inputs
    }
    values = evaluate(indicator.formula, {name: rows["value"] for name, rows in by_input.items()}).dropna()
    have = pd.MultiIndex.from_frame(own[["group", "period"]])
    wanted = values.index.difference(have)
    first = by_input[inputs[0]].loc[wanted]
    rows = first.assign(indicator=indicator.id, value=values[wanted])
    for other in inputs[1:]:
        rows["as_of"] = rows["as_of"].combine(by_input[other].loc[wanted, "as_of"], _later)
        rows["adjusted"] &= by_input[other].loc[wanted, "adjusted"]
    return rows.reset_index()[observations.columns.tolist()]


def _later(first: pd.Timestamp, second: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(first):
        return second
    return first if pd.isna(second) else max(first, second)
