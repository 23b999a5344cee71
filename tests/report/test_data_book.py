"""The workbook that people open: the rules of accessible spreadsheets, numbers to the last bit, both languages."""

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from lxml import etree

from reporter.domain.edition import edition_of
from reporter.report import data_book
from reporter.report.dimensions import survey_profile
from reporter.report.numbers import Cells
from tests.support.issue import example_context
from tests.support.tables import empty_tables, example_tables

pytestmark = pytest.mark.slow

THAI = re.compile("[\u0e00-\u0e7f]")


@pytest.fixture(scope="module")
def tables():
    return example_tables("2025-Q3")


@pytest.fixture(scope="module")
def context():
    given = example_context()
    return replace(given, edition=edition_of(given.quarter, 1, "https://labour.example.org", {}))


@pytest.fixture(scope="module", params=["th", "en"])
def content(request, tables, context):
    return data_book.data_book(tables, context, request.param)


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_cover_contents_notes_and_codebook_stand_where_readers_look_for_them(book):
    names = book.sheetnames
    either = [
        (name.th, name.en)
        for name in (data_book.COVER, data_book.CONTENTS, data_book.NOTES, data_book.CODEBOOK)
    ]
    assert names[0] in either[0] and names[1] in either[1]
    assert names[-2] in either[2] and names[-1] in either[3]
    cover = " ".join(str(cell.value) for cell in book.worksheets[0]["A"] if cell.value)
    assert "https://labour.example.org/2568/q3/" in cover
    assert "[x]" in cover and "[c]" in cover


def test_every_sheet_but_the_cover_has_one_excel_table_below_its_title_unit_and_source(book):
    taken = []
    for sheet in book.worksheets[1:]:
        assert sheet["A1"].value and sheet["A1"].font.b
        (table,) = sheet.tables.values()
        taken.append(table.displayName)
        first, last = table.ref.split(":")
        assert first.startswith("A") and sheet[first].row >= 4
        headers = [cell.value for cell in sheet[sheet[first].row]]
        assert all(isinstance(name, str) and name for name in headers)
        assert len(set(headers)) == len(headers) and not THAI.search(table.displayName)
        assert sheet[last].row == sheet.max_row or sheet._charts
    assert len(set(taken)) == len(taken)


def test_no_cell_of_a_table_is_blank_merged_hidden_or_a_formula(book):
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())
        for table in sheet.tables.values():
            assert all(cell.value not in (None, "") for row in sheet[table.ref] for cell in row), sheet.title
            assert all(cell.data_type != "f" for row in sheet[table.ref] for cell in row)


def test_contents_name_and_link_to_every_sheet(book):
    contents = book.worksheets[1]
    linked = {cell.value for cell in contents["A"] if cell.hyperlink}
    assert linked == set(book.sheetnames[2:])


def test_the_index_reads_back_to_the_last_bit_with_quarters_across(book, tables):
    sheet = next(s for s in book.worksheets if s.title in ("ดัชนีและมิติ", "Index and dimensions"))
    rows = list(sheet.iter_rows(min_row=6, values_only=True))
    header, composite = rows[0], rows[1]
    assert header[-1] in ("3/2568", "Q3 2025")
    index = tables["labour_index"]
    own = index[(index["group"] == "TH") & (index["dimension"] == "overall")].sort_values("period")["value"]
    shown = [value for value in composite[1 : len(header)] if isinstance(value, float | int)]
    assert shown == own.dropna().tolist()


def test_numbers_have_formats_and_main_sheets_native_charts_with_descriptions(content, book):
    for sheet in book.worksheets[2:-2]:
        for row in sheet.iter_rows(min_row=7):
            assert all(cell.number_format != "General" for cell in row if isinstance(cell.value, float))
    assert sum(bool(sheet._charts) for sheet in book.worksheets) >= 4
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        drawings = [
            etree.fromstring(parts.read(name)) for name in parts.namelist() if "drawings/drawing" in name
        ]
    named = [element for drawing in drawings for element in drawing.iter("{*}cNvPr")]
    assert named and all(element.get("descr") for element in named)


def test_the_file_is_small_and_the_same_for_the_same_tables(content, tables, context):
    assert len(content) < 1_000_000
    assert content in (data_book.data_book(tables, context, lang) for lang in ("th", "en"))


def test_the_english_workbook_has_no_thai_letter(tables, context):
    book = openpyxl.load_workbook(io.BytesIO(data_book.data_book(tables, context, "en")))
    thai = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and THAI.search(cell.value)
    ]
    assert thai == []
    assert not any(THAI.search(name) for name in book.sheetnames)


def test_the_english_workbook_names_the_producers_of_every_table(tables, context):
    book = openpyxl.load_workbook(io.BytesIO(data_book.data_book(tables, context, "en")))
    sources = {sheet.title: sheet["A3"].value for sheet in book.worksheets if sheet["A3"].value}
    assert "National Economic and Social Development Council" in sources["Macroeconomy"]
    assert "National Statistical Office" in sources["Indicators"] and "survey" in sources["Workers"]


def test_a_suppressed_share_is_marked_as_not_published(tables, context):
    actions = tables["employer_actions"].copy()
    place = actions.index[actions["period"] == "2025-Q3"][0]
    actions.loc[place, "share"] = float("nan")
    actions["flag"] = actions["flag"].astype(object)
    actions.loc[place, "flag"] = "suppressed"
    made = data_book.readable_tables({**tables, "employer_actions": actions}, context)
    item = next(item for item in made if item.chapter == "actions")
    assert (item.frame.iloc[:, -1] == data_book.SUPPRESSED).sum() == 1


def test_without_tables_cover_notes_and_contents_remain(context):
    empty = {name: pd.DataFrame(table) for name, table in empty_tables().items()}
    book = openpyxl.load_workbook(io.BytesIO(data_book.data_book(empty, context)))
    assert book.sheetnames[0] == data_book.COVER.th and len(book.sheetnames) >= 4


def _people(tables, flags):
    """The newest quarter's confidence with groups of sex and age, in the colours of disclosure that ``flags`` gives."""
    whole = tables["confidence"]
    row = whole[(whole["group"] == "TH") & (whole["domain"] == "overall") & (whole["period"] == "2025-Q3")]
    made = [
        row.assign(group=code, flag=flag, value=None if flag == "suppressed" else 101.5)
        for code, flag in flags
    ]
    return pd.concat([whole, *made], ignore_index=True)


def test_who_answered_has_a_sheet_and_withheld_groups_say_so(tables, context):
    flags = [("SEX:male", None), ("SEX:female", "suppressed"), ("AGE:15-24", "small")]
    made = data_book.readable_tables({**tables, "confidence": _people(tables, flags)}, context)
    for title in ("ผู้ประกอบการรายกลุ่ม", "แรงงานรายกลุ่ม"):
        frame = next(item for item in made if item.name.th == title).frame
        newest = frame.set_index(["จำแนกตาม", "กลุ่ม"]).iloc[:, -1]
        assert newest["เพศ", "ชาย"] == 101.5 and newest["เพศ", "หญิง"] == data_book.SUPPRESSED
        assert ("อายุ", "15–24 ปี") in newest.index and "สถานะการจ้างงาน" in newest.index.get_level_values(0)


def test_print_tells_only_groups_with_answers_enough_and_no_refusals(tables, context):
    employer = context.declarations.questionnaires["employer"]
    flags = [
        ("SEX:male", None),
        ("SEX:female", None),
        ("SEX:unspecified", None),
        ("AGE:15-24", None),
        ("AGE:25-34", "small"),
        ("INCOME:0-9999", "suppressed"),
    ]
    found = survey_profile(Cells({**tables, "confidence": _people(tables, flags)}), context, employer)
    assert [(one.name, [row.group.name.th for row in one.rows]) for one in found] == [("เพศ", ["ชาย", "หญิง"])]


def test_actions_skills_and_priorities_stand_by_group_with_the_options_across(tables, context):
    keys = {
        "employer_actions": ("action", "share"),
        "traits": ("trait", "share"),
        "priorities": ("aspect", "top3_share"),
    }
    given = {}
    for name, (key, column) in keys.items():
        newest = tables[name][tables[name]["period"] == "2025-Q3"].assign(flag=None)
        hidden = newest.assign(group="SEX:female", flag="suppressed", **{column: None})
        given[f"{name}_by_group"] = pd.concat([newest.assign(group="SEX:male"), hidden], ignore_index=True)
        assert len(newest[key]) > 3
    made = {item.name.th: item for item in data_book.readable_tables({**tables, **given}, context)}
    for title, name in (
        ("การดำเนินงาน รายกลุ่ม", "employer_actions"),
        ("คุณลักษณะ รายกลุ่ม", "traits"),
        ("การให้ความสำคัญ รายกลุ่ม", "priorities"),
    ):
        frame, (key, column) = made[title].frame, keys[name]
        newest = tables[name][tables[name]["period"] == "2025-Q3"].set_index(key)[column]
        assert frame["กลุ่ม"].tolist() == ["ชาย", "หญิง"]
        assert sorted(frame.iloc[0, 2:]) == pytest.approx(sorted(100 * newest))
        assert set(frame.iloc[1, 2:]) == {data_book.SUPPRESSED}


def test_a_provinces_pooled_value_stands_beside_its_own(tables, context):
    code = "PROVINCE:TH-50"
    row = {
        "survey": "worker",
        "domain": "overall",
        "group": code,
        "period": "2025-Q3",
        "direct": 95.0,
        "pooled": 98.0,
    }
    hidden = row | {
        "group": "PROVINCE:TH-10",
        "direct": None,
        "pooled": None,
        "low": None,
        "high": None,
        "n": 3,
    }
    pooled = pd.DataFrame([row | {"low": 96.0, "high": 100.0, "own_share": 0.4, "n": 60}, hidden])
    made = data_book.readable_tables({**tables, "confidence_pooled": pooled}, context)
    frame = next(item for item in made if item.name.th == "ความเชื่อมั่นรายจังหวัด").frame.set_index("จังหวัด")
    assert frame.loc["เชียงใหม่"].tolist() == [95.0, 98.0, 96.0, 100.0]
    assert set(frame.loc["กรุงเทพมหานคร"]) == {data_book.SUPPRESSED}
