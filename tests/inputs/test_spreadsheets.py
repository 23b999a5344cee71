"""Damaged spreadsheets of every kind give findings: no traceback, no panic on the screen, no file that takes long."""

from __future__ import annotations

import importlib.util
import io
import random
import time
import zipfile
from pathlib import Path

import pytest

from reporter.inputs.spreadsheets import cell_text, coordinate, is_per_cent, read_workbook

_PATH = Path(__file__).with_name("test_cases_series.py")
_SPEC = importlib.util.spec_from_file_location("cases_of_series", _PATH)
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)


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


@pytest.mark.parametrize("make", [cases.old_excel, cases.open_document, cases.binary_excel])
def test_damaged_files_give_findings_or_sheets(make, capfd):
    chance, whole = random.Random(11), make()
    for _ in range(100):
        data = (
            damaged(whole, chance)
            if whole[:2] != b"PK" or chance.random() < 0.2
            else damaged_inside(whole, chance)
        )
        found: list = []
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
