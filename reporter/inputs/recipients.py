"""Who receives the issue: ``recipients.csv`` with ``agency,name,email`` and optionally ``group``.

Goes in: the file. Comes out: frozen recipients and findings. An address that cannot be right, a repeated one and
anything that could smuggle a header into a mail is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from reporter.domain.errors import Finding
from reporter.inputs import workbook
from reporter.inputs.series.cells import cells_of, first_filled, is_inside
from reporter.inputs.series.messages import missing_columns
from reporter.inputs.series.reading import read_table
from reporter.inputs.workbook_form import RECIPIENTS

FILE = "recipients.csv"
COLUMNS = ("agency", "name", "email")


@dataclass(frozen=True)
class Recipient:
    """One addressee; ``email`` is normalised, ``group`` names a covering text (cover/<group>.md) or is empty."""

    agency: str
    name: str
    email: str
    group: str = ""


def read_recipients(root: Path) -> tuple[tuple[Recipient, ...], list[Finding]]:
    """Recipients in file order (none without the file) and what is wrong with the others."""
    found: list[Finding] = []
    path = root / FILE
    if not path.exists():
        return _listed(root, found), found
    if not is_inside(path, root, FILE, found):
        return (), found
    recipients: list[Recipient] = []
    first_row: dict[str, int] = {}
    for table in read_table(path, FILE, found):
        cells = cells_of(table, first_filled(table), found)
        if cells is None:
            continue
        if missing := [name for name in COLUMNS if name not in cells.header]:
            found.append(missing_columns(cells, missing, COLUMNS))
            continue
        groups = cells.columns.get("group", [""] * len(cells.rows))
        for row, group, *texts in zip(
            cells.rows, groups, *(cells.columns[name] for name in COLUMNS), strict=True
        ):
            agency, name, email = texts
            address = _address(cells.where, row, agency, name, email, found)
            if address is None:
                continue
            key = address.casefold()
            if key in first_row:
                found.append(
                    _finding(
                        cells.where,
                        row,
                        email,
                        f"ที่อยู่ซ้ำกับแถว {first_row[key]} — ลบแถวหนึ่ง",
                        f"The same address as in row {first_row[key]}; remove one.",
                    )
                )
                continue
            first_row[key] = row
            recipients.append(Recipient(agency, name, address, group))
    return tuple(recipients), found


def _listed(root: Path, found: list[Finding]) -> tuple[Recipient, ...]:
    """Recipients from the workbook's list, where there is no file of them."""
    recipients: dict[str, Recipient] = {}
    for entry in workbook.entries(root, RECIPIENTS, found):
        agency, name, email, group = entry.texts.values()
        address = _address(entry.where, entry.row, agency, name, email, found)
        if address is None:
            continue
        if address.casefold() in recipients:
            th, en = "ที่อยู่ซ้ำกับแถวก่อนหน้า — ลบแถวหนึ่ง", "The address stands in an earlier row; remove one."
            found.append(workbook.wrong(entry, "อีเมล", th, en))
        recipients.setdefault(address.casefold(), Recipient(agency, name, address, group))
    return tuple(recipients.values())


def _address(where: str, row: int, agency: str, name: str, email: str, found: list[Finding]) -> str | None:
    for column, text in zip(COLUMNS, (agency, name, email), strict=True):
        if any(ord(mark) < 32 or ord(mark) == 127 or mark in "\u2028\u2029" for mark in text):
            found.append(
                _finding(
                    where,
                    row,
                    text.encode("unicode_escape").decode()[:80],
                    "มีการขึ้นบรรทัดใหม่หรืออักขระควบคุม ซึ่งอาจแทรกหัวจดหมาย — ลบออก",
                    "Contains a line break or control character, which could smuggle in a mail header; remove it.",
                    column,
                )
            )
            return None
    try:
        # Addresses under .test pass, so that a rehearsal workspace can name recipients that nobody has.
        return validate_email(
            email, check_deliverability=False, globally_deliverable=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        found.append(
            _finding(
                where,
                row,
                email[:80],
                f'"{email[:80]}" ไม่ใช่ที่อยู่อีเมล — ตรวจตัวสะกด',
                f'"{email[:80]}" is no e-mail address: {error}',
            )
        )
        return None


def _finding(where: str, row: int, value: str, th: str, en: str, column: str = "email") -> Finding:
    return Finding("error", where, th, en, row=row, column=column, value=value, rule=f"recipients.{column}")
