"""Chapters 7 and 8 tell the themes of the open answers that an analyst has released, and nothing where there are none."""

import pandas as pd

from reporter import report
from tests.report.issues import chapter, context, print_page, whole_tables


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
