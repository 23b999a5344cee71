"""Files of a workspace as text cells, refused when they are not what they claim to be.

Goes in: a path. Comes out: ``Cells`` per sheet (one for CSV) and findings: encoding, NUL bytes, size, ragged rows.
Nothing is interpreted here. CSV: UTF-8 with or without BOM; UTF-16 and Windows-874 (TIS-620) are recognised, read
and named.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from reporter.domain.errors import Finding

MAX_BYTES = 40_000_000
MAX_COLUMNS = 2_000
MOST_RAGGED = 100
_SIGNATURES = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "Excel รุ่นเก่า (.xls) หรือไฟล์มีรหัสผ่าน",
        "old Excel (.xls) or protected",
    ),
    (b"%PDF", "PDF", "PDF"),
    (b"\x89PNG", "รูปภาพ PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "รูปภาพ JPEG", "a JPEG picture"),
    (b"\x1f\x8b", "ไฟล์บีบอัด gzip", "gzip"),
    (b"\x7fELF", "โปรแกรม", "a program"),
    (b"MZ", "โปรแกรม", "a program"),
    (b"SQLite format 3", "ฐานข้อมูล SQLite", "an SQLite database"),
)


@dataclass(frozen=True)
class Cells:
    """Text cells of one sheet.

    where    path within the workspace, with the sheet's name for a spreadsheet of several
    header   column names, stripped, lower case
    columns  one list of stripped texts per name of the header, all of one length
    rows     row numbers as a spreadsheet counts them (the header is row 1)
    """

    where: str
    header: tuple[str, ...]
    columns: dict[str, list[str]]
    rows: list[int]


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
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _legacy(data, "cp874", "TIS-620/Windows-874", where, found)


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
    return text


def read_csv(data: bytes, where: str, found: list[Finding]) -> Cells | None:
    """Cells of a comma-separated file (semicolon and tab are recognised); None after noting why not."""
    text = decode(data, where, found)
    if text is None:
        return None
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
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
    return from_records(records, where, found)


def _separator(text: str) -> str:
    first = text.lstrip("\ufeff\r\n ").split("\n", 1)[0]
    return max(",;\t", key=lambda mark: (first.count(mark), mark == ","))


def from_records(records: list[list[str]], where: str, found: list[Finding]) -> Cells | None:
    """Cells from rows of text; the first row that is not blank is the header."""
    start = next((n for n, record in enumerate(records) if any(cell.strip() for cell in record)), None)
    if start is None:
        found.append(
            _error(
                where,
                "ไม่มีข้อมูล — ส่งออกใหม่หรือลบไฟล์",
                "Holds no data; export it again or remove it.",
                "file.empty",
            )
        )
        return None
    header = tuple(cell.strip().lower() for cell in records[start])
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
    columns = {name: [record[n].strip() for record in kept] for n, name in enumerate(header)}
    return Cells(where, header, columns, rows)


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
    """The first findings, and how many more there are: a file of another kind breaks in every row."""
    if (more := len(ragged) - MOST_RAGGED) <= 0:
        return ragged
    rest = _error(
        where,
        f"มีอีก {more:,} แถวที่จำนวนช่องไม่ตรงกับหัวตาราง",
        f"{more:,} more rows do not fit the header.",
        "file.ragged",
    )
    return [*ragged[:MOST_RAGGED], rest]


def _fits(record: list[str], width: int, where: str, row: int, found: list[Finding]) -> bool:
    """Pad or trim a row by blank cells; False after noting that it has cells of its own."""
    while len(record) > width and not record[-1].strip():
        record.pop()
    if len(record) > width or (len(record) < width and any(cell.strip() for cell in record)):
        found.append(
            _error(
                where,
                f"มี {len(record)} ช่อง แต่หัวตารางมี {width} — ตรวจเครื่องหมายจุลภาคหรือเครื่องหมายคำพูด",
                f"{len(record)} cells under a header of {width}; check commas and quotation marks.",
                "file.ragged",
                row,
            )
        )
        return False
    record.extend([""] * (width - len(record)))
    return any(cell.strip() for cell in record)


def _error(where: str, th: str, en: str, rule: str, row: int | None = None) -> Finding:
    return Finding("error", where, th, en, row=row, rule=rule)
