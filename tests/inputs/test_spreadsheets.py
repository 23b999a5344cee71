"""Damaged spreadsheets of every kind give findings: no traceback, no panic on the screen, no file that takes long."""

from __future__ import annotations

import io
import random
import time
import zipfile

import openpyxl
import pytest

from reporter.domain.errors import Finding
from reporter.inputs import spreadsheets
from reporter.inputs.spreadsheets import cell_text, coordinate, is_per_cent, read_workbook
from tests.support.spreadsheets import binary_excel, old_excel, open_document


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        changed[at : at + chance.randint(0, 30)] = bytes(
            chance.randrange(256) for _ in range(chance.randint(0, 12))
        )
    return bytes(changed)


def damaged_inside(data: bytes, chance: random.Random) -> bytes:
    """One part of an archive damaged, the archive itself whole: checksums do not tell."""
    old, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    hit = chance.choice(old.namelist())
    with zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, damaged(old.read(name), chance) if name == hit else old.read(name))
    return stream.getvalue()


@pytest.mark.parametrize("make", [old_excel, open_document, binary_excel])
def test_damaged_files_give_findings_or_sheets(make, capfd):
    chance, whole = random.Random(11), make()
    for _ in range(100):
        data = (
            damaged(whole, chance)
            if whole[:2] != b"PK" or chance.random() < 0.2
            else damaged_inside(whole, chance)
        )
        found: list[Finding] = []
        began = time.perf_counter()
        sheets = read_workbook(data, "series/x", found)
        assert sheets or found
        assert time.perf_counter() - began < 10
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0.0%", True),
        ('0.0"%"', False),
        ("0.0\\%", False),
        ("General", False),
        ('0" %"%', True),
        ("[Red]0%;-0%", True),
    ],
)
def test_only_a_bare_per_cent_sign_multiplies(code, expected):
    assert is_per_cent(code) is expected


def test_cells_have_the_names_and_texts_that_a_person_sees():
    assert [coordinate(11, column) for column in (0, 25, 26, 701, 702)] == [
        "A12",
        "Z12",
        "AA12",
        "ZZ12",
        "AAA12",
    ]
    assert [cell_text(value) for value in (5.0, 0.1, True, "", None, 1e300)] == [
        "5",
        "0.1",
        "1",
        "",
        "",
        "1e+300",
    ]


@pytest.mark.parametrize("repeats", [20_000, 1_000_000, 2**31])
def test_a_row_that_is_repeated_endlessly_is_refused_before_it_is_unrolled(repeats):
    old, stream = zipfile.ZipFile(io.BytesIO(open_document())), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            repeated = f'<table:table-row table:number-rows-repeated="{repeats}">'
            new.writestr(name, content.replace("<table:table-row>", repeated, 1))
    found: list[Finding] = []
    assert read_workbook(stream.getvalue(), "a.ods", found) == []
    assert [one.rule for one in found] == ["xlsx.size"]


@pytest.mark.parametrize("cell", ["A4294967290", "A12345678901", "ZZ900000", "zz900000", "AAAAAA1", "XFD200"])
@pytest.mark.parametrize("content", ["<v>1</v>", "<f>1+1</f>"])
def test_a_cell_whose_own_name_lies_far_away_is_refused_whatever_its_row_says(cell, content):
    old, stream = zipfile.ZipFile(io.BytesIO(cases_book())), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            new.writestr(name, part.replace('r="A2" t="n"><v>1</v>', f'r="{cell}" t="n">{content}'))
    found: list[Finding] = []
    assert read_workbook(stream.getvalue(), "a.xlsx", found) == []
    assert [one.rule for one in found] == ["xlsx.size"]


def cases_book() -> bytes:
    book = openpyxl.Workbook()
    for row in range(200):
        book.active.append([row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("make", [old_excel, binary_excel, open_document])
def test_a_sheet_of_too_many_cells_is_named_and_never_read_as_empty(make, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_CELLS", 8)
    monkeypatch.setattr(spreadsheets, "MAX_CELLS", 8)
    found: list[Finding] = []
    assert read_workbook(make(), "a", found) == []
    assert [one.rule for one in found] == ["xlsx.size"]
    assert "3 rows by 3 columns" in found[0].en
