"""What an issue must not say: a composite that is not published, dimensions without data, one sentence twice, more than numbers carry."""

import re
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from reporter import report
from reporter.domain.edition import english_context
from reporter.figures import words
from reporter.qa.truth import check_issue, sentences
from reporter.report import pages
from reporter.report.dimensions import Clarity, IndicatorPart
from reporter.report.document import Listing, Paragraph, Sentence, Span, record, sentences_of, walk
from reporter.report.provenance import _checked_sentences
from tests.report.issues import chapter, context, whole_findings, whole_page, whole_tables
from tests.support.frames import frame
from tests.support.random_issues import random_issue
from tests.support.tables import sparse_tables

pytestmark = pytest.mark.slow

LONG = 40  # letters of a sentence that nobody writes twice by chance


@pytest.fixture(scope="module")
def reduced():
    tables, issue = sparse_tables("2025-Q2"), context("2025-Q2")
    facts = report.findings(tables, issue)
    assert facts.labour.is_reduced
    volumes = [pages.write(facts, [], tables, issue, volume=name) for name in ("report", "technical")]
    return tables, facts, volumes


def test_a_reduced_issue_has_no_table_of_the_composite(reduced):
    _, facts, _ = reduced
    national = {
        name: sheet for name, sheet in facts.sheets.items() if not name.startswith(("employer", "worker"))
    }
    labels = [column.label for sheet in national.values() for column in sheet.columns]
    heads = [row.head + row.group for sheet in national.values() for row in sheet.rows]
    titles = [sheet.title for sheet in national.values()]
    assert not [text for text in (*labels, *heads, *titles) if "ดัชนีรวม" in text]


def test_a_reduced_issue_counts_no_change_of_the_composite(reduced):
    _, facts, volumes = reduced
    said = [
        sentence.text
        for volume in volumes
        for part in volume.chapters
        for section in part.sections
        for block in walk(section.blocks)
        for sentence in sentences_of(block)
    ]
    assert facts.moved is None and facts.track is None
    assert not [text for text in said if re.search("ดัชนีรวม(ของ(งวด| [0-9])|เปลี่ยนไป)", text)]


def test_charts_are_not_given_the_quarter_of_dimensions_without_data(reduced):
    tables, facts, _ = reduced
    given = report.publishable(tables, context("2025-Q2"))["labour_index"]
    now = given[(given["group"] == "TH") & (given["period"] == "2025-Q2")]
    assert not set(now["dimension"]) & {item.id for item in facts.labour.absent}
    assert "overall" not in set(given.loc[given["group"] == "TH", "dimension"])


@pytest.mark.parametrize("seed", [44, 62, 66])
def test_no_sentence_stands_twice_in_an_issue(seed):
    _, issue, _ = random_issue(seed)
    texts = [own["text"] for _, own in sentences(issue["documents"]["th"]) if len(own["text"]) >= LONG]
    assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_the_change_of_a_group_is_told_before_the_nation():
    """Behind the nation's level it would read as the nation's change; groups stand in declared order, none is ranked."""
    text = chapter(whole_page(), "labour")
    own = text[text.index("ดัชนีของแต่ละภาค") :]
    regions = [group.name.th for group in context().declarations.groups_of("REGION")]
    places = [own.index(f"{name} ") for name in regions if f"{name} " in own]
    assert len(places) > 2 and places == sorted(places)
    assert "ทั้งประเทศ" not in own[: places[-1]] or own.count("มิติเดียวกัน") > 1


def test_an_index_whose_change_is_not_clear_shares_no_direction():
    facts = whole_findings()
    level = facts.labour.movement.level
    unclear = Clarity(False, level, level, facts.labour.level_claim)
    told = replace(facts, labour=replace(facts.labour, clarity={"quarter": unclear}))
    assert told.joint_reading in ("surveys_same", "surveys_apart", "")
    assert not [claim for claim in told.joint_claims if "labour_index" in str(claim.about)]


def test_the_issue_is_true_whether_or_not_the_change_of_the_index_is_clear():
    """The words about the three indices, growth and the surveys, for a band of the change on either side of zero and over it."""
    said = set()
    for low, high in ((-5.0, 3.0), (0.5, 3.0), (-5.0, -0.5)):
        tables = dict(whole_tables())
        rows = [
            ("overall", against, "2025-Q3", (low + high) / 2, low, high, low * high > 0)
            for against in ("quarter", "year")
        ]
        tables["index_changes"] = frame("index_changes", rows)
        told = tables["confidence"].copy()
        told["significant_quarter"] = True
        tables["confidence"] = told
        for issue in (context(), english_context(context())):
            facts = report.findings(tables, issue)
            written = {"report": {issue.lang: pages.write(facts, [], tables, issue)}}
            found = check_issue(record(written, tables, issue), tables, issue.declarations)
            assert [item.en for item in found] == []
            said.add(facts.joint_reading)
    assert len(said) > 1


def test_a_part_against_its_indicators_change_is_known():
    part = next(part for item in whole_findings().labour.dimensions for part in item.parts if part.mover)
    way = 1 if part.mover.verb == "เพิ่มขึ้น" else -1
    is_contrary = part.mover.verb != "ทรงตัว" and way * part.mover.indicator.polarity * part.sub.value < 0
    turned = replace(part, sub=replace(part.sub, value=-part.sub.value))
    assert isinstance(part, IndicatorPart) and part.is_contrary is is_contrary
    assert turned.is_contrary is (part.mover.verb != "ทรงตัว" and not is_contrary)


def test_notes_of_the_release_need_no_cell():
    """A second issue of a workspace is no error for the numbers of the table release_notes."""
    note = Sentence([Span("text", "ดัชนีรวมของงวดที่เผยแพร่แล้วเปลี่ยนไปเฉลี่ย 0.05 จุด")])
    assert _checked_sentences([Listing([[Paragraph([note])]], "method")]) == []
    assert _checked_sentences([Listing([[Paragraph([note])]])]) == [note]


def test_the_ends_of_groups_are_named_only_as_far_as_their_intervals_go():
    data = pd.DataFrame(
        {"value": [135.0, 132.0, 120.0, 119.0], "low": [134, 131, 119, 118], "high": [136, 133, 121, 120]}
    )
    said = words.clear_ends(data, ["ก", "ข", "ค", "ง"])
    assert said.startswith("กสูงที่สุด 135.0 จุด") and "ต่ำที่สุด" in said and "กลุ่มอื่น" not in said
    few = words.clear_ends(data.assign(flag=["small", "", "", ""]), ["ก", "ข", "ค", "ง"])
    assert "กสูงที่สุด" not in few


def test_the_recommendations_of_the_whole_issue_show_a_published_figure():
    text = chapter(whole_page(), "recommendations")
    assert whole_tables()["movers"] is not None and "(ปีก่อน" in text
