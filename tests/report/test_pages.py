"""The document around the chapters: marks, commentary, figures, references."""

import re
from dataclasses import replace

import pandas as pd
import pytest
import tinyhtml5

from reporter import report
from reporter.domain.declarations import chapters
from reporter.domain.errors import RenderError
from reporter.figures import Figure
from reporter.inputs.commentary import ChapterText, Commentary, Factor
from reporter.report import pages
from tests.report.issues import chapter, context, index_tables, page, print_page, text_of
from tests.support.tables import empty_tables, sparse_tables

TABLES = index_tables(overall=[100.0, 98.0])


def figure(name, chapter_slug, source="สำนักงานสถิติแห่งชาติ"):
    return Figure(
        id=name, chart=name, chapter=chapter_slug, order=1, title=f"ข้อค้นพบ {name}", subtitle="", subject=f"เรื่อง {name}",
        unit="จุด", source=source, note="", alt=f"คำบรรยาย {name}", svg=f"charts/{name}.svg", png=f"charts/{name}.png",
        width="full", height_mm=60.0, table=pd.DataFrame(),
    )  # fmt: skip


def filled(figures=(), commentary=None, tables=TABLES):
    return print_page(report.findings(tables, context()), list(figures), tables, context(), commentary)


def commented(slug, markdown, *, replaces=False):
    return Commentary(chapters={slug: ChapterText(slug, markdown, replaces, f"{slug}.md")})


def test_a_draft_of_synthetic_data_says_so():
    html = page(TABLES, synthetic=True)
    assert '<body class="draft synthetic">' in html
    assert "ข้อมูลสังเคราะห์" in text_of(html)
    assert "ข้อมูลสังเคราะห์" not in text_of(page(TABLES))


def test_figures_are_numbered_as_placed_and_referenced():
    html = filled(
        [
            figure("priorities", "priorities"),
            figure("index_history", "labour"),
            figure("macro_panel", "outlook"),
        ]
    )
    captions = re.findall(r'<figure id="fig-(\w+)".*?รูปที่ (\d+)<', html, re.S)
    assert ("macro_panel", "1") in captions and ("index_history", "2") in captions
    for name, number in captions:
        assert f'<a href="#fig-{name}">รูปที่ {number}</a>' in html


def test_a_figure_that_no_template_knows_stands_at_the_end_of_its_chapter():
    html = filled([figure("something_new", "forecast")])
    assert 'id="fig-something_new"' in html
    assert "รูปที่ 1 แสดง" in chapter(html, "forecast")


def test_a_repeated_source_points_to_the_figure_that_gives_it():
    html = filled([figure("macro_panel", "outlook"), figure("economy_new", "outlook")])
    assert html.count("ที่มา: สำนักงานสถิติแห่งชาติ") == 1
    assert "ที่มา: เช่นเดียวกับรูปที่ 1" in html


def test_commentary_is_added_to_a_chapter():
    html = filled(commentary=commented("forecast", "**สำคัญ** กว่าเดิม"))
    assert "<strong>สำคัญ</strong> กว่าเดิม" in html
    assert "บทวิเคราะห์เพิ่มเติมของนักวิเคราะห์" in chapter(html, "forecast")
    assert "ไตรมาสนี้ไม่มีผลการพยากรณ์" in chapter(html, "forecast")


def test_commentary_may_replace_a_chapter():
    text = chapter(filled(commentary=commented("forecast", "เขียนใหม่", replaces=True)), "forecast")
    assert "เขียนใหม่" in text
    assert "ไตรมาสนี้ไม่มีผลการพยากรณ์" not in text


@pytest.mark.parametrize("slug", [item.slug for item in chapters()])
def test_hostile_commentary_is_text_in_every_chapter(slug):
    hostile = '<script>alert(1)</script>\n\n{{ 7*7 }} {% include "x" %}\n\n![x](file:///etc/passwd)'
    html = filled(commentary=commented(slug, hostile))
    assert "<script" not in html
    assert "49" not in chapter(html, slug).replace("2549", "")
    assert "file:///etc/passwd" in text_of(html)
    assert "<img" not in html


def test_hostile_factors_are_text():
    factor = Factor("abroad", "-", "both", "<b onclick=x>ภาษี</b> {{ 7*7 }}", "<i>")
    html = filled(commentary=Commentary(factors=(factor,)))
    assert "&lt;b onclick=x&gt;ภาษี&lt;/b&gt; {{ 7*7 }}" in html
    assert "ปัจจัยลบ 1 ประการ" in chapter(html, "outlook")


def test_marks_of_the_pages_own_in_commentary_do_nothing():
    html = filled(commentary=commented("labour", "\ue000see:fig:x\ue001 ก"))
    assert "see:fig:x ก" in html


def test_the_contents_list_every_section():
    html = page(sparse_tables("2025-Q3"))
    headings = re.findall(r'<h2 id="(s-[a-z]+-\d+)">', html)
    contents = html[html.index('id="contents"') : html.index('id="chapter-outlook"')]
    assert headings
    assert all(f'href="#{name}"' in contents for name in headings)


def test_a_failing_template_is_named():
    broken = replace(report.findings(TABLES, context()), traits="x")
    with pytest.raises(RenderError, match=r"report/th/summary\.j2:\d+"):
        print_page(broken, [], TABLES, context())


def test_an_empty_issue_says_why():
    text = text_of(page(empty_tables()))
    assert "ยังไม่มีดัชนีเศรษฐกิจแรงงานของไตรมาสที่ 3 ปี 2568 เพราะไม่มีตัวชี้วัดที่ใช้คำนวณได้" in text
    assert "ไตรมาสนี้ไม่มีผลการสำรวจความเชื่อมั่น" in text


def test_a_screen_gets_the_tree_that_an_html5_parser_sees():
    markdown = "ย่อหน้า *เอน* & <b>ตัวหนา</b>\n\n- ก\n- ข\n\n> อ้าง\n\n| ก | ข |\n|---|---|\n| 1 < 2 | 3 |\n"
    html = filled([figure("index_history", "labour")], commented("labour", markdown))
    ours, browsers = pages.parsed(html), tinyhtml5.parse(html, namespace_html_elements=False)

    def described(root):
        return [
            (
                item.tag,
                dict(item.attrib),
                *(" ".join((text or "").split()) for text in (item.text, item.tail)),
            )
            for item in root.iter()
        ]

    assert described(ours) == described(browsers)
