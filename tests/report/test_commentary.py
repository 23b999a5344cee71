"""Commentary may name values, and its typed numbers are held against the tables."""

import pandas as pd
import pytest

from reporter.inputs.commentary import ChapterText, Commentary, check_texts, names_of_values
from reporter.inputs.workspace import needs_waiver
from reporter.qa.truth import check_issue
from reporter.report import document as issue_json
from reporter.report.commentary import check_typed, named_values
from reporter.report.numbers import Cells
from tests.report.issues import context, document, index_tables, whole_tables

pytestmark = pytest.mark.slow

TABLES = index_tables(overall=[104.0, 102.0, 101.5, 101.0, 100.2], wages=[90.0, 91.0, 92.0, 93.0, 95.5])


def written(markdown, tables=TABLES, *, replaces=True):
    own = Commentary(chapters={"labour": ChapterText("labour", markdown, replaces, "labour.md")})
    return document(tables, own)


def rules(markdown):
    return [item.rule for item in check_typed(written(markdown), Cells(TABLES), context())]


def test_a_named_value_is_the_number_of_the_quarter_with_its_cell():
    made = written("ดัชนี {{ index.overall }} จุด เปลี่ยน {{index.overall.quarter}} มิติค่าจ้าง {{ index.wages }}")
    chapter = next(item for item in made.chapters if item.slug == "labour")
    sentence = chapter.sections[0].blocks[0].blocks[0].sentences[0]
    assert sentence.text == "ดัชนี 100.2 จุด เปลี่ยน −0.8 มิติค่าจ้าง 95.5"
    assert [span.cell.count("labour_index?") for span in sentence.numbers] == [1, 2, 1]
    record = issue_json.record({"report": {"th": made}}, TABLES, context())
    assert check_issue(record, TABLES) == []


@pytest.mark.parametrize(
    "typed", ["{{ 7*7 }}", "{{ settings.contact }}", "{{ index.overall|e }}", "{% set x = 1 %}"]
)
def test_nothing_but_a_name_is_filled(typed):
    chapter = next(item for item in written(typed).chapters if item.slug == "labour")
    assert typed in chapter.sections[0].blocks[0].blocks[0].sentences[0].text


def test_an_unknown_name_is_an_error():
    assert rules("ดัชนี {{ index.nothing }} จุด") == ["commentary.unknown_name"]


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("ดัชนีเศรษฐกิจแรงงานอยู่ที่ 98.7 จุด", ["commentary.contradicts"]),
        ("ดัชนีเศรษฐกิจแรงงานอยู่ที่ 100.2 จุด ลดลง 0.8 จุด", []),
        ("ดัชนีเศรษฐกิจแรงงานอยู่ที่ ๑๐๐.๒ จุด ต่ำกว่าปีก่อน 3.8 จุด", []),
        ("ดัชนีเศรษฐกิจแรงงานลดลง 1.3 จุด", ["commentary.contradicts"]),
        ("ดัชนีเศรษฐกิจแรงงานเมื่อไตรมาสที่ 1 ปี 2566 อยู่ที่ 98.7 จุด", []),  # another time
        ("ดัชนีเศรษฐกิจแรงงานลดลง ขณะที่มิติค่าจ้างอยู่ที่ 95.5 จุด", []),  # the one named last
        ("ดัชนีเศรษฐกิจแรงงานลดลง ขณะที่มิติค่าจ้างอยู่ที่ 100.2 จุด", ["commentary.contradicts"]),
        ("ราคาน้ำมันสูงขึ้นร้อยละ 12.5", []),  # nothing of ours is named
        ("ดัชนีเศรษฐกิจแรงงานเพิ่มขึ้น 0.8 จุดจากไตรมาสก่อน", ["commentary.contradicts"]),  # it fell
        ("ดัชนีเศรษฐกิจแรงงานสูงกว่าไตรมาสเดียวกันของปีก่อน 3.8 จุด", ["commentary.contradicts"]),
        ("ดัชนีเศรษฐกิจแรงงานลดลงจากไตรมาสก่อนเล็กน้อย 0.8 จุด", []),
        ("ดัชนีเศรษฐกิจแรงงานลดลงเหลือ 100.2 จุด จาก 101.0 จุด", []),
        ("ดัชนีเศรษฐกิจแรงงานลดลง ๑.๒ จุด", ["commentary.contradicts"]),
    ],
)
def test_a_typed_number_is_held_against_the_quantity_named_before_it(markdown, found):
    assert rules(markdown) == found


def test_names_cover_indices_surveys_and_indicators():
    names = named_values(Cells(whole_tables()), context())
    assert {"index.overall", "index.wages.year", "employers.overall", "workers.overall.quarter"} <= set(names)
    assert "indicator.unemployment_rate" in names


MACRO = pd.DataFrame(
    {
        "variable": "real_gdp_growth",
        "period": ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"],
        "value": [3.0, 3.2, 3.1, 2.66, 1.28],
    }
)
PERSONS = pd.DataFrame(
    {
        "series": "unemployed_persons",
        "name_th": "ผู้ว่างงาน",
        "unit": "คน",
        "period": ["2025-Q2", "2025-Q3"],
        "value": [361_000.0, 362_400.0],
    }
)


@pytest.mark.parametrize(
    ("markdown", "is_true"),
    [
        ("GDP ขยายตัวร้อยละ 1.3", True),
        ("GDP ขยายตัวร้อยละ 3.4", False),
        ("GDP หดตัวร้อยละ 1.3", False),
        ("อัตราการขยายตัวของผลิตภัณฑ์มวลรวมในประเทศที่แท้จริงลดลงจากร้อยละ 2.7", True),
        ("หนี้ครัวเรือนต่อ GDP อยู่ที่ร้อยละ 89.6", True),
        ("ผู้ว่างงาน 512,000 คน", False),
        ("ผู้ว่างงาน 362,000 คน", True),
        ("ผู้ว่างงานประมาณ 3.6 แสนคน", True),
        ("คนว่างงานเพิ่มเป็น 5.1 แสนคน", False),
        ("ผู้ว่างงาน 362,000 คน ได้รับเงินทดแทนเฉลี่ย 8,400 บาท", True),  # baht are no persons
    ],
)
def test_growth_and_counts_of_persons_are_held_against_their_tables(markdown, is_true):
    tables = {**TABLES, "macro": MACRO, "beside": PERSONS}
    found = check_typed(written(markdown), Cells(tables), context())
    assert [item.rule for item in found] == ([] if is_true else ["commentary.contradicts"])


def test_what_is_offered_in_place_of_a_wrong_number_is_its_own_name():
    found = check_typed(written("มิติค่าจ้างอยู่ที่ 99.9 จุด"), Cells(TABLES), context())
    assert "{{ index.wages }}" in found[0].en
    assert needs_waiver(found[0])


def test_the_check_knows_the_names_that_a_build_fills(tmp_path):
    known = names_of_values(context().declarations)
    assert set(named_values(Cells(whole_tables()), context())) <= known
    folder = tmp_path / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    (folder / "labour.md").write_text(
        "ดัชนี {{ index.overall.year }}\n\nว่างงาน {{ indicator.unemploymentrate }} เทียบกับ {{ indicator.unemployment_rate }}\n",
        encoding="utf-8",
    )
    found = check_texts(tmp_path, pd.Period("2025Q3", "Q-DEC"))
    assert [(one.rule, one.value, one.row) for one in found if one.severity == "error"] == [
        ("commentary.unknown_name", "indicator.unemploymentrate", 3)
    ]
