"""Chapters 7 and 8 tell the themes of the open answers that an analyst has released, and nothing where there are none."""

import pandas as pd
import pytest

from reporter import report
from reporter.domain import schema
from tests.report.issues import chapter, context, print_page, whole_tables

pytestmark = pytest.mark.slow


def page(**tables):
    made = {**whole_tables(), **tables}
    return print_page(report.findings(made, context()), [], made, context())


def test_released_themes_stand_in_their_chapters():
    columns = ["survey", "period", "question", "theme", "kind", "answers", "of", "share", "low", "high"]
    rows = [
        ["employer", "2025-Q3", "traits_other", "ภาษาจีน", "", 21, 80, 0.26, 0.2, 0.4],
        ["worker", "2025-Q3", "comment", "ค่าครองชีพ", "", 42, 120, 0.35, 0.3, 0.4],
        ["worker", "2025-Q3", "comment", "เพิ่มค่าแรงขั้นต่ำ", "demand", 37, 120, 0.31, 0.2, 0.4],
    ]
    html = page(survey_themes=pd.DataFrame(rows, columns=columns))
    skills, priorities = chapter(html, "skills"), chapter(html, "priorities")
    assert "ภาษาจีน (21 ราย)" in skills and "80 ราย" in skills
    assert "ค่าครองชีพ (42 ราย)" in priorities
    assert "ข้อเสนอต่อภาครัฐ ได้แก่ เพิ่มค่าแรงขั้นต่ำ (37 ราย)" in priorities


def test_without_release_nothing_is_said():
    assert "คำตอบปลายเปิด" not in chapter(page(), "priorities")


def test_net_balances_stand_beside_the_index_and_the_questions_outside_it():
    """EC BCS: the score less 100; a Net Employment Outlook has no score and an interval of its own."""
    made = dict(whole_tables())
    cell = {"survey": "employer", "domain": "overall", "group": "TH", "period": "2025-Q3"}
    index = made["confidence"]
    row = index[(index[list(cell)] == pd.Series(cell)).all(axis=1)].iloc[0]
    balances = [
        ("employer", "overall", "2025-Q3", row["value"] - 100, None, "not_seasonal"),
        ("employer", "hiring_next", "2025-Q3", -7.15, -6.5, "x13"),
    ]
    made["survey_balances"] = pd.DataFrame(balances, columns=schema.columns("survey_balances"))
    asked = {"survey": "employer", "question": "hiring_next", "answer": "balance", "period": "2025-Q3"}
    made["survey_questions"] = pd.DataFrame([{**asked, "share": -0.0715, "low": -0.0825, "high": -0.0605}])
    sheet = report.findings(made, context()).sheets["balances"]
    shown = {
        row.head: [cell.number.value if cell.number else None for cell in row.cells]
        for row in sheet.rows
        if row.cells
    }
    assert shown["ดัชนีรวม"] == [row["value"], row["value"] - 100, None, None, None]
    outlook = next(values for head, values in shown.items() if "จำนวนลูกจ้าง" in head)
    assert outlook[:3] == [None, -7.15, -6.5]
    assert [round(end, 2) for end in outlook[3:]] == [-8.25, -6.05]
