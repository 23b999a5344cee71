"""A table that says its own unit is held to the register's: thousands, millions and per cent are not read as something else."""

import openpyxl
import pytest

from reporter.inputs.series import read_series
from reporter.inputs.series_layout import stated_scale


def _errors(root, declarations):
    return [one for one in read_series(root, declarations)[1] if one.rule == "series.unit"]


def _csv(root, text):
    (root / "series").mkdir()
    (root / "series" / "a.csv").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("พันตำแหน่ง", 1e3), ("ล้านบาท", 1e6), ("พันล้านบาท", 1e9), ("thousand persons", 1e3), ("ร้อยละ", 0.01), ("%", 0.01),
        ("คน", 1), ("บาท/พันคน", 1), ("บาทต่อเดือน", 1), ("per cent", 0.01), ("อัตรา", None), ("ดัชนี", None), ("รายเดือน", None),
    ],
)  # fmt: skip
def test_the_words_of_a_unit_say_how_large_it_is(text, scale):
    assert stated_scale(text) == scale


@pytest.mark.parametrize(
    ("series", "said", "is_wrong"),
    [
        ("vacancies", "พันตำแหน่ง", True), ("vacancies", "ตำแหน่ง", False), ("vacancies", "ร้อยละ", True), ("vacancies", "", False),
        ("average_wage", "พันบาท", True), ("average_wage", "บาท/เดือน", False),
        ("unemployment_rate", "พันคน", True), ("unemployment_rate", "ร้อยละ", False), ("unemployment_rate", "คนต่อ 100 คน", False),
        ("mpi", "ร้อยละ", False), ("mpi", "ปี 2564 = 100", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("heading", ["หน่วย", "Unit"])
def test_a_column_of_units_is_held_to_the_register(tmp_path, declarations, series, said, is_wrong, heading):
    root = _csv(
        tmp_path, f"indicator,{heading},period,value\n{series},{said},2025-Q3,1\n{series},{said},2025-Q2,2\n"
    )
    found = _errors(root, declarations)
    assert len(found) == is_wrong
    if is_wrong:
        assert said in found[0].th
        assert declarations.indicators[series].unit in found[0].th
    assert "columns.unknown" not in {one.rule for one in read_series(root, declarations)[1]}


@pytest.mark.parametrize("label", ["vacancies|พันตำแหน่ง", "ตำแหน่งงานว่าง (พันตำแหน่ง)|"])
def test_a_wide_table_says_its_unit_in_a_column_or_behind_the_name(tmp_path, declarations, label):
    name, unit = label.split("|")
    name = name.replace("ตำแหน่งงานว่าง", declarations.indicators["vacancies"].name.th)
    book = openpyxl.Workbook()
    book.active.append(["indicator", "หน่วย", "2025-07", "2025-08", "2025-09"])
    book.active.append([name, unit, 31.1, 32.2, 33.3])
    (tmp_path / "series").mkdir()
    book.save(tmp_path / "series" / "v.xlsx")
    (found,) = _errors(tmp_path, declarations)
    assert "พันตำแหน่ง" in found.en
    assert found.subject == "vacancies"
