"""``reporter indicators`` and ``reporter check --mark``: what an economist looks up, and where she has to mend."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from reporter.commands.build import check_command as check
from reporter.commands.inputs import indicators_command
from reporter.inputs.declared import register
from reporter.inputs.schema import register_of
from reporter.inputs.workspace import open_workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "a.csv").write_text(
        'indicator,period,value\nunemployment_rate,2025-Q2,0.91\nunemployment_rate,2025-Q3,"0,76"\nmpi,2025-09,98.4\n',
        encoding="utf-8",
    )
    return tmp_path


def test_the_register_tells_newest_values_and_when_the_next_are_due(root, declarations):
    table = register(declarations, open_workspace(root).usable_history(), dt.date(2025, 11, 20)).set_index(
        "id"
    )
    row = table.loc["unemployment_rate"]
    lag = declarations.indicators["unemployment_rate"].publication_lag_days
    assert (row["last_period"], row["last_value"]) == ("2025-Q2", 0.91)
    assert row["next_due"] == (dt.date(2025, 9, 30) + dt.timedelta(days=lag)).isoformat()
    assert row["status"] == "due"
    assert table.loc["mpi", "status"] == "current"
    assert table.loc["gdp_growth", "status"] == "absent"
    assert set(declarations.indicators) | set(declarations.macro) | {
        "participation_male",
        "claimants",
    } <= set(table.index)


@pytest.mark.parametrize("shape", ["table", "csv", "xlsx"])
def test_the_register_comes_as_table_csv_and_excel(root, shape, declarations):
    target = root / "register.xlsx"
    result = CliRunner().invoke(
        indicators_command, ["--data", str(root), "--format", shape, "--to", str(target)]
    )
    assert result.exit_code == 0
    name = declarations.indicators["unemployment_rate"].name.th
    if shape == "csv":
        rows = {row["id"]: row for row in csv.DictReader(io.StringIO(result.output))}
        assert rows["unemployment_rate"]["name_th"] == name
    elif shape == "xlsx":
        page = openpyxl.load_workbook(target).active
        assert name in [row[2].value for row in page.iter_rows()]
    else:
        assert name in result.output


def test_an_unknown_word_gets_suggestions(root):
    result = CliRunner().invoke(indicators_command, ["unemploymnt", "--data", str(root)])
    assert "unemployment_rate" in result.output


def test_check_marks_the_cells_to_mend_in_a_copy(root):
    book = openpyxl.Workbook()
    for row in (["รหัส", "2568-Q1", "2568-Q2"], ["employment_rate", 68, "0,9"], ["unemployment_rat", 1, 2]):
        book.active.append(row)
    book.save(root / "series" / "nso.xlsx")
    result = CliRunner().invoke(check, ["--data", str(root), "--mark"])
    assert result.exit_code == 1
    page = openpyxl.load_workbook(root / "checked" / "series-nso.marked.xlsx").active
    assert page["C2"].fill.start_color.rgb.endswith("FFC7CE")
    assert "0,9" in page["C2"].comment.text
    plain = openpyxl.load_workbook(root / "checked" / "series-a.csv.marked.xlsx").active
    assert "0,76" in plain["C3"].comment.text
    assert openpyxl.load_workbook(root / "series" / "nso.xlsx").active["C2"].comment is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PROVINCE:Chiengmai", "PROVINCE:TH-50"),
        ("เชียงไหม่", "PROVINCE:TH-50"),
        ("REGION:northh", "REGION:north"),
        ("Thailnd", "TH"),
        ("PROVINCE:TH-99", None),  # a digit away from nine provinces
        ("REGION:west", None),
        ("ภาคตะวันตก", None),
        ("INDUSTRY:Z", None),
        ("PROVINCE:Bangkokk Region", None),
    ],
)
def test_a_group_is_suggested_by_its_name_and_only_of_the_kind_that_was_written(text, code, declarations):
    register = register_of(declarations)
    assert register.group_code(text) is None
    assert register.nearest_group(text) == code


@pytest.mark.parametrize("text", ["ทั่วราชอาณาจักร", "ทั่วประเทศ", "ทั้งประเทศ", "Whole Kingdom", "THAILAND"])
def test_the_usual_words_for_the_nation_are_read_as_it(text, declarations):
    assert register_of(declarations).group_code(text) == "TH"
