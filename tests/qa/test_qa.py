"""What is asked of results: identities, history, structure of the page; and the editor's page itself."""

import dataclasses
import io
import json
import re
from pathlib import Path

import pandas as pd
import pikepdf
import pytest

from reporter import qa
from reporter.domain.errors import Finding
from reporter.inputs import workspace
from reporter.inputs.workspace import DEMANDED, Waiver, rule_on
from reporter.qa import headline, identities
from reporter.report.document import (
    Aside,
    Chapter,
    Document,
    FigureBlock,
    Heading,
    Paragraph,
    Section,
    Sentence,
    Span,
)
from tests.report.issues import index_tables
from tests.support.frames import frame
from tests.support.issue import example_context
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow

CONTEXT = example_context()


@pytest.fixture(scope="module")
def tables():
    return example_tables("2025-Q3")


def _rules(found):
    return [finding.rule for finding in found]


def _index(values, dimension="overall"):
    quarters = pd.period_range(end="2025Q3", periods=len(values), freq="Q")
    return pd.DataFrame(
        {
            "dimension": dimension,
            "group": "TH",
            "period": [f"{quarter.year}-Q{quarter.quarter}" for quarter in quarters],
            "value": values,
        }
    )


STEADY = [100.0, 103.0, 99.0, 101.0] * 5


@pytest.mark.parametrize(
    ("last", "is_found"),
    [
        (104.0, False),
        (111.0, False),  # a change of 10 is not more than one standard deviation
        (111.2, True),  # 10.2 > max(2 x 4, 10)
        (114.0, True),  # and beyond 103 + 10
        (90.9, True),  # a change of 10.1 from 101
    ],
)
def test_a_change_unlike_all_before_asks_for_a_word(last, is_found):
    found = identities.check_history({"labour_index": _index([*STEADY, last])}, CONTEXT)
    assert _rules(found) == (["index.jump"] if is_found else [])


def test_a_short_history_judges_nothing():
    assert identities.check_history({"labour_index": _index([100.0] * 8 + [150.0])}, CONTEXT) == []


@pytest.mark.parametrize(
    ("lasts", "is_found"),
    [
        (["2025-02", "2024-Q4"], True),
        (["2025-02", "2025-Q2"], False),
        (["2025-03"], True),
        (["2025-04"], False),
    ],
)
def test_a_sub_index_without_one_recent_observation_asks_for_a_word(lasts, is_found):
    status = pd.DataFrame({"dimension": "economy", "last": lasts, "status": "used"})
    tables = {"labour_index": _index(STEADY, "economy"), "indicator_status": status}
    assert _rules(identities.check_history(tables, CONTEXT)) == (
        ["index.stale_dimension"] if is_found else []
    )


@pytest.mark.parametrize(
    ("at", "revised", "is_found"),
    [(19, 4.5, True), (19, 3.5, False), (2, 4.5, False)],  # the largest change between periods is 4
)
def test_a_revision_larger_than_any_change_asks_for_a_word(at, revised, is_found):
    latest = _index(STEADY)
    triangle = pd.DataFrame(
        {
            "series": "mpi",
            "period": latest["period"],
            "first": latest["value"],
            "second": latest["value"],
            "latest": latest["value"],
        }
    )
    triangle.loc[at, "first"] += revised
    assert _rules(identities.check_history({"revisions": triangle}, CONTEXT)) == (
        ["revisions.large"] if is_found else []
    )


def test_a_forecast_beyond_everything_seen_asks_for_a_word():
    forecast = pd.DataFrame({"period": ["2025-Q4", "2026-Q1", "2026-Q2"], "mean": [112.9, 113.1, 88.9]})
    found = identities.check_history({"labour_index": _index(STEADY), "forecast": forecast}, CONTEXT)
    assert [(finding.rule, finding.subject) for finding in found] == [
        ("forecast.bounds", "overall TH 2026-Q1"),
        ("forecast.bounds", "overall TH 2026-Q2"),
    ]


@pytest.mark.parametrize(
    ("achieved", "severity"), [([49, 50], "warning"), ([20, 90], "note"), ([50, 50], None), ([99, 101], None)]
)
def test_a_sample_below_half_of_its_plan_asks_for_a_word(achieved, severity):
    coverage = pd.DataFrame(
        {
            "survey": "worker",
            "period": "2025-Q3",
            "province": ["PROVINCE:TH-10", "PROVINCE:TH-50"],
            "planned": [100.0, 100.0],
            "achieved": achieved,
        }
    )
    found = identities.check_history({"survey_coverage": coverage}, CONTEXT)
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_example_tables_hold_all_identities(tables):
    assert [str(finding) for finding in identities.check_identities(tables, CONTEXT)] == []


@pytest.mark.parametrize(
    ("table", "column", "change", "rule"),
    [
        ("contributions", "contribution", lambda values: values + 0.01, "contributions.sum"),
        ("weights", "weight", lambda values: values * 1.001, "weights.sum"),
        ("weights", "weight", lambda values: values * float("inf"), "weights.sum"),
        ("traits", "share", lambda values: values + 1, "range"),
        ("confidence", "value", lambda values: values - 201, "range"),
        ("confidence", "high", lambda values: values - 150, "interval"),
        ("forecast", "high80", lambda values: values + 1000, "interval"),
        ("labour_index", "period", lambda values: values.replace("2025-Q3", "2024-Q5"), "index.quarter"),
        ("labour_index", "value", lambda values: values * float("inf"), "infinite"),
    ],
)
def test_a_broken_identity_is_an_error(tables, table, column, change, rule):
    broken = {**tables, table: tables[table].assign(**{column: change(tables[table][column])})}
    found = identities.check_identities(broken, CONTEXT)
    assert rule in _rules(found)
    assert {finding.severity for finding in found if finding.rule == rule} == {"error"}


def _document():
    """A chapter of one section: a sentence that refers to its only figure."""
    said = Paragraph([Sentence([Span("text", "ดู"), Span("link", "รูปที่ 1", target="fig-a")])])
    figure = FigureBlock("a", 1, "ก", "", "ก", "ก", "charts/a.svg", "charts/a.png", "", "", "full", ())
    section = Section("s-labour-1", "1.1", "หัวข้อ", [said, figure])
    chapter = Chapter("labour", 1, "บท", "บท", sections=[section])
    summary = Chapter("summary", 0, "สรุป", "สรุป", finding=[Sentence([Span("text", "สรุป")])])
    return Document("th", "รายงาน", "2025-Q3", "ไตรมาสที่ 3", (), (), summary, [chapter])


def _say(*spans):
    return lambda blocks: blocks.insert(0, Paragraph([Sentence(list(spans))]))


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda blocks: None, []),
        (lambda blocks: blocks.__setitem__(0, Heading("ก")), ["page.unreferred"]),
        (lambda blocks: blocks.pop(1), ["page.dangling"]),
        (_say(Span("link", "x", target="chapter-none")), ["page.dangling"]),
        (lambda blocks: blocks.append(Heading("ท้าย")), ["page.empty_section"]),
        (lambda blocks: blocks.insert(0, Heading("ย่อย")), []),
        (
            lambda blocks: blocks.append(
                Aside("commentary", [Paragraph([Sentence([Span("link", "x", target="none")])])])
            ),
            [],
        ),
        (_say(Span("text", "ค่า nan")), ["text.missing"]),
        (_say(Span("text", "ค่า 12.5")), ["trace.untraced"]),
        (_say(Span("number", "1.0", 1.0, "labour_index?x=y#value")), ["trace.cell"]),
    ],
)
def test_the_document_has_no_gap_and_no_loose_end(change, rules):
    document = _document()
    change(document.chapters[0].sections[0].blocks)
    assert sorted(_rules(qa.check_document(document, {}, []))) == sorted(rules)


def test_an_empty_section_is_found():
    document = _document()
    document.chapters[0].sections.append(Section("s-labour-2", "1.2", "ว่าง"))
    assert _rules(qa.check_document(document, {}, [])) == ["page.empty_section"]


def _written(tmp_path, tables, findings, waivers=()):
    document = _document()
    number = Span("number", "101.3", 101.25, "labour_index?dimension=overall#value")
    document.summary.finding.append(Sentence([number]))
    ruling = rule_on(findings, waivers, CONTEXT.quarter)
    qa.write(ruling, tmp_path, document=document, tables=tables, context=CONTEXT)
    return (tmp_path / "qa.html").read_text(encoding="utf-8"), json.loads(
        (tmp_path / "qa.json").read_text(encoding="utf-8")
    )


def test_the_editors_page_shows_what_is_open_and_who_answered(tmp_path, tables):
    jump = Finding("warning", "tables/labour_index.csv", "ดัชนี", "index", rule="index.jump", subject="economy")
    other = dataclasses.replace(jump, subject="wages")
    import datetime as dt

    waiver = Waiver(1, "index.jump", "", "", "wages", "โรงงานปิดจริง", "ผู้อำนวยการ", dt.date(2025, 11, 1), "")
    text, record = _written(tmp_path, tables, [jump, other], [waiver])
    assert text.count("ต้องแก้ไขหรือรับรอง") == 1 and "โรงงานปิดจริง" in text
    assert [item["needs_waiver"] for item in record["findings"]] == [True, False]
    assert record["waivers"][0]["findings"] == [other.id]
    assert "labour_index?dimension=overall#value" in text and "<script" not in text
    assert re.findall(r'(?:src|href)="(?!#|tables/|charts/|report)', text) == []


def test_the_editors_page_escapes_what_came_from_files(tmp_path, tables):
    bad = Finding("warning", "series/<b>.csv", "<script>alert(1)</script>", "{{ 7*7 }}", rule="x")
    text, _ = _written(tmp_path, tables, [bad])
    assert "<script" not in text and "{{ 7*7 }}" in text


def test_the_editors_page_stands_without_surveys_and_forecast(tmp_path):
    text, record = _written(tmp_path, {"labour_index": _index(STEADY)}, [])
    assert "ไม่มีผลสำรวจ" in text and record["counts"] == {"error": 0, "warning": 0, "note": 0}


def test_rules_that_demand_a_waiver_come_from_somewhere():
    package = Path(workspace.__file__).parents[1]
    files = [path for path in package.rglob("*.py") if path != Path(workspace.__file__)]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [rule for rule in DEMANDED if f'"{rule}"' not in sources] == []


def test_sub_indices_of_groups_that_rest_on_a_fallback_are_named(tables):
    status = frame(
        "group_status",
        [
            ("PROVINCE:TH-50", "overall", "reweighted", 5, 0.2, "ไม่มีข้อมูลบางมิติ", "", ""),
            ("PROVINCE:TH-50", "wages", "used", 2, 0.2, "การค้นหาไม่ลู่เข้า", "two_step", ""),
            ("PROVINCE:TH-50", "employment", "used", 3, 0.2, "", "dfm", ""),
            ("PROVINCE:TH-50", "safety", "used", 2, 0.2, "ใช้วิธี STL แทน", "dfm", "accident_rate severe_rate"),
            ("PROVINCE:TH-50", "economy", "reweighted", 0, 0.2, "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้", "", ""),
        ],
    )
    found = {
        item.rule: item
        for item in qa.check_tables(tables | {"group_status": status}, CONTEXT)
        if item.rule in ("factor.group_fallback", "seasonal.group_fallback")
    }
    assert [item.severity for item in found.values()] == ["note", "note"]
    factor, seasonal = found["factor.group_fallback"].en, found["seasonal.group_fallback"].en
    assert "PROVINCE:TH-50 wages" in factor
    assert not any(name in factor for name in ("employment", "safety", "economy"))
    assert "2 series" in seasonal and "PROVINCE:TH-50 accident_rate, severe_rate" in seasonal


def test_an_issue_without_composite_needs_somebodys_word():
    few = index_tables(is_whole=False, overall=[100.0, 99.0], wages=[100.0, 99.0])
    found = [item for item in identities.check_identities(few, CONTEXT) if item.rule == "index.reduced"]
    assert [item.severity for item in found] == ["warning"]
    assert "index.reduced" in DEMANDED
    assert headline(few, CONTEXT)["labour_index"]["value"] is None
    whole = index_tables(overall=[100.0, 99.0])
    assert "index.reduced" not in _rules(identities.check_identities(whole, CONTEXT))
    assert headline(whole, CONTEXT)["labour_index"]["value"] == 99.0


def test_two_numbers_of_one_fact_are_found(tables):
    other = tables["macro"].assign(value=tables["macro"]["value"] + 0.4)
    assert "facts.differ" in _rules(identities.check_identities({**tables, "macro": other}, CONTEXT))


def _pdf(starts: dict[str, int], pages: int) -> bytes:
    """A PDF whose parts begin on these pages, counted from 0."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    tree = pikepdf.NameTree.new(made)
    for name, page in starts.items():
        tree[name] = pikepdf.Array([made.pages[page].obj, pikepdf.Name.Fit])
    made.Root.Names = pikepdf.Dictionary(Dests=tree.obj)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _volume(name: str) -> Document:
    return Document("th", "", "2025-Q3", "", (), (), Chapter("summary", 0, "", "", [], []), [], volume=name)


@pytest.mark.parametrize(
    ("starts", "pages", "told"),
    [
        ({"summary": 1, "contents": 2, "chapter-labour": 3}, 35, []),
        ({"summary": 1, "contents": 3, "chapter-labour": 4}, 35, ["page.summary"]),
        ({"summary": 1, "contents": 2, "chapter-labour": 5}, 35, ["page.contents"]),
        ({"summary": 1, "contents": 2, "chapter-labour": 3}, 41, ["page.count"]),
    ],
)
def test_a_summary_that_overflows_its_page_is_told(starts, pages, told):
    assert _rules(qa.check_pages(_pdf(starts, pages), _volume("report"), "report.pdf")) == told


def test_blank_pages_are_told_but_for_the_last_of_a_chapter():
    made = _pdf({"summary": 1}, 4)
    assert _rules(qa.check_layout(made, _volume("report"), "report.pdf")) == ["page.blank", "page.empty"]
    assert qa.check_layout(made, _volume("technical"), "technical.pdf") == []


def test_a_figure_far_from_its_text_is_told():
    """A link on page 2 leads to a figure on page 4 (from 1): two pages."""
    with pikepdf.open(io.BytesIO(_pdf({"summary": 0, "fig-a": 3}, 5))) as made:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Dest=pikepdf.String("fig-a")
        )
        made.pages[1].Annots = pikepdf.Array([made.make_indirect(link)])
        stream = io.BytesIO()
        made.save(stream)
    found = qa.check_layout(stream.getvalue(), _volume("report"), "report.pdf")
    assert "page.figure" in _rules(found) and "2 pages" in next(
        f.en for f in found if f.rule == "page.figure"
    )


def test_the_technical_volume_may_be_as_long_as_it_needs():
    made = _pdf({"contents": 1, "chapter-methods": 3}, 43)
    assert qa.check_pages(made, _volume("technical"), "technical.pdf") == []


@pytest.mark.parametrize(("rows", "told"), [((12, 12), ["page.table"]), ((30, 30), []), ((24,), [])])
def test_a_split_table_that_fits_a_page_is_told(rows, told):
    """Tables tagged as in the report: rows of 6 mm on one page or on two that follow each other."""
    found = qa.check_layout(_table_pdf(rows), _volume("technical"), "technical.pdf")
    assert _rules(found) == told
    assert not told or "page 1" in found[0].en


def _table_pdf(parts: tuple[int, ...]) -> bytes:
    """One table whose parts stand on pages of A4; every row is a tagged rectangle."""
    made = pikepdf.new()
    table = made.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Table, K=pikepdf.Array()))
    for rows in parts:
        page = made.add_blank_page(page_size=(595, 842))
        boxes = [f"/TR <</MCID {at}>> BDC 60 {760 - 17 * at} 400 12 re f EMC" for at in range(rows)]
        page.Contents = made.make_stream("\n".join(boxes).encode())
        for at in range(rows):
            row = pikepdf.Dictionary(S=pikepdf.Name.TR, Pg=page.obj, K=pikepdf.Array([at]))
            table.K.append(made.make_indirect(row))
    made.Root.StructTreeRoot = made.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, K=pikepdf.Array([table]))
    )
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()
