"""What sentences must tell, and must not: signals, one verdict for one number, ties, clear changes alone explained, both languages alike."""

import copy
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from reporter import report
from reporter.domain.edition import english_context, has_thai
from reporter.domain.thai import RATE_STEPS
from reporter.figures import level_and_change
from reporter.index import forecast
from reporter.qa.truth import check_issue, check_sentence, sentences
from reporter.qa.words import CheckedCells, lexicon
from reporter.report import english, pages
from reporter.report.dimensions import Mover
from reporter.report.document import Claim, Listing, record, walk
from reporter.report.labour import EconomyFacts
from reporter.report.numbers import UNITS, Cells, Change, Number, movement
from reporter.report.provenance import streak
from reporter.report.tables_of_chapters import (
    domains_sheet,
    groups_sheet,
    parts_sheet,
    priorities_sheet,
    traits_sheet,
)
from tests.report.issues import chapter, context, declarations, index_tables, whole_page, whole_tables
from tests.support.frames import frame
from tests.support.random_issues import VOLUMES, random_issue

pytestmark = pytest.mark.slow

LAST, BEFORE, YEAR_AGO = "2025-Q3", "2025-Q2", "2024-Q3"


def said(issue, lang, place=""):
    """The sentences of one language, of one place where it is given."""
    return [own["text"] for where, own in sentences(issue["documents"][lang]) if where.startswith(place)]


def written(tables, issue_context):
    facts = report.findings(tables, issue_context)
    return record(
        {"report": {issue_context.lang: pages.write(facts, [], tables, issue_context)}}, tables, issue_context
    )


def problems(tables, issue_context):
    return [item.en for item in check_issue(written(tables, issue_context), tables, declarations())]


# ------------------------------------------------------------------------------------------------ signals


@pytest.mark.parametrize("seed", [1, 3, 10, 12, 25])
def test_everything_on_alert_and_every_dimension_on_watch_is_named(seed):
    tables, issue, _ = random_issue(seed, in_english=True)
    now = tables["signals"].query("period == @LAST")
    alerts = now.query("kind == 'indicator' and signal == 'alert'")["item"]
    present = {item.dimension.id for item in report.findings(tables, context()).labour.dimensions}
    watched = now.query("kind == 'dimension' and signal in ('watch', 'alert')")["item"]
    assert len(alerts) > 0 and (seed == 12 or set(watched) & present)  # 12: five dimensions, no composite
    for lang in ("th", "en"):
        told = " ".join(said(issue, lang, "labour 2 2.1")).lower()
        for code in alerts:
            item = declarations().indicators[code]
            assert (item.spoken.th if lang == "th" else item.name.en.lower()) in told, (lang, code)
        for code in set(watched) & present:
            assert getattr(declarations().dimensions[code].name, lang).lower() in told, (lang, code)


def test_a_signal_is_called_by_its_own_level():
    tables, issue, _ = random_issue(1)
    cells, words = CheckedCells(tables), lexicon("th", declarations())
    own = next(one for _, one in sentences(issue["documents"]["th"]) if "สัญญาณเตือนภัย" in one["text"])
    assert check_sentence(own, cells, words) == []
    milder = copy.deepcopy(own)
    for span in milder["spans"]:
        span["text"] = span["text"].replace("สัญญาณเตือนภัย", "สัญญาณเฝ้าระวัง")
    milder["text"] = milder["text"].replace("สัญญาณเตือนภัย", "สัญญาณเฝ้าระวัง")
    assert check_sentence(milder, cells, words)
    wrong = copy.deepcopy(own)
    next(claim for claim in wrong["claims"] if claim["kind"] == "signal")["says"] = "watch"
    assert check_sentence(wrong, cells, words)


# ------------------------------------------------------------------------------- one number, one verdict


def with_verdicts(domain: bool, question: bool):
    """Tables in which domain 6 of the employers, which has one question, and that question are tested so."""
    tables = whole_tables()
    for name, column, code, verdict in (
        ("confidence", "domain", "6", domain),
        ("confidence_items", "item", "q6.1", question),
    ):
        table = tables[name]
        own = (table["survey"] == "employer") & (table["group"] == "TH") & (table["period"] == LAST)
        here = table.index[own & (table[column] == code)]
        before = table.index[
            (table["survey"] == "employer")
            & (table["group"] == "TH")
            & (table["period"] == BEFORE)
            & (table[column] == code)
        ]
        table.loc[here, "value"] = table.loc[before, "value"].to_numpy() - 5
        table.loc[here, ["p_value_quarter", "significant_quarter"]] = (0.01, verdict)
    return tables


@pytest.mark.parametrize(("domain", "question"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_domain_has_the_verdict_of_its_own_test_in_sentence_and_table(domain, question):
    tables = with_verdicts(domain, question)
    survey = report.findings(tables, context()).employer
    (own,) = [item for item in survey.domains if item.option.id == "6"]
    assert (own.movement.quarter.sign == -1) is domain
    assert ("6" in [item.option.id for item in survey.fallen]) is domain
    (row,) = [row for row in domains_sheet(survey).rows if row.head == own.option.name.th]
    assert (row.cells[1].quality == "worse") is domain
    assert [item.option.id for item in survey.lone_domains] == (["6"] if domain and not question else [])


def test_two_verdicts_of_one_number_are_explained_where_no_question_is_significant():
    tables = with_verdicts(True, False)
    fall = []
    for name in ("confidence_items", "confidence"):  # the index falls by the mean of its questions
        table = tables[name]
        whole = (table["survey"] == "employer") & (table["group"] == "TH")
        whole &= (table["domain"] == "overall") if name == "confidence" else True
        now, before = (table.index[whole & (table["period"] == period)] for period in (LAST, BEFORE))
        if name == "confidence_items":
            table.loc[now, "value"] = table.loc[before, "value"].to_numpy() - 5
        fall.append(table.loc[before, "value"].mean() - table.loc[now, "value"].mean())
        verdict = (0.01, True) if name == "confidence" else (0.5, False)
        table.loc[now, ["p_value_quarter", "significant_quarter"]] = verdict
        table.loc[now, "value"] = table.loc[before, "value"].to_numpy() - fall[0]
    for issue_context, told in (
        (context(), "มีข้อเดียว จึงทดสอบทั้งเป็นด้าน"),
        (english_context(context()), "a domain of one item"),
    ):
        assert told in " ".join(said(written(tables, issue_context), issue_context.lang, "employers"))
    assert problems(tables, context()) == []


# ------------------------------------------------------------------- the largest, among the significant


def with_a_group_that_fell(*verdicts):
    """Workers of a region fell; its first domains fell by 6, 5 and 4 points, and are tested so, the others stood still."""
    tables = whole_tables()
    table = tables["confidence"]
    own = (table["survey"] == "worker") & (table["group"] == "REGION:north")
    falls = {"overall": (4.5, True)} | {
        str(at + 1): (6.0 - at, verdict) for at, verdict in enumerate(verdicts)
    }
    for domain in table.loc[own, "domain"].unique():
        fall, is_significant = falls.get(domain, (0.0, False))
        now = own & (table["domain"] == domain) & (table["period"] == LAST)
        before = own & (table["domain"] == domain) & (table["period"] == BEFORE)
        table.loc[now, "value"] = table.loc[before, "value"].to_numpy() - fall
        table.loc[now, ["p_value_quarter", "significant_quarter"]] = (0.01, is_significant)
    return tables


@pytest.mark.parametrize(
    ("lang", "phrase"),
    [("th", "ในบรรดาด้านที่เปลี่ยนแปลงอย่างมีนัยสำคัญ "), ("en", ", of the domains that changed significantly")],
)
def test_a_largest_fall_among_the_significant_says_that_it_is(lang, phrase):
    issue_context = context() if lang == "th" else english_context(context())
    tables = with_a_group_that_fell(False, True, True)
    issue = written(tables, issue_context)
    second = getattr(declarations().questionnaires["worker"].domains[1].name, lang)
    cells, words = CheckedCells(tables), lexicon(lang, declarations())
    (own,) = [
        one
        for _, one in sentences(issue["documents"][lang])
        if "5.0" in one["text"] and second in one["text"] and phrase in one["text"]
    ]
    assert check_sentence(own, cells, words) == []
    bare = copy.deepcopy(own)
    for span in bare["spans"]:
        span["text"] = span["text"].replace(phrase, "")
    bare["text"] = bare["text"].replace(phrase, "")
    assert any("left out unsaid" in problem for problem in check_sentence(bare, cells, words))
    every = CheckedCells(with_a_group_that_fell(True, True, True))
    assert any("significantly, and is left out" in problem for problem in check_sentence(own, every, words))


# ------------------------------------------------------------------------------------------------ ties


def alike_domains():
    """Workers' domains 1 and 2 both stand highest, at 130.04 and 130.01: both read 130.0."""
    tables = whole_tables()
    table = tables["confidence"]
    own = (table["survey"] == "worker") & (table["group"] == "TH") & (table["period"] == LAST)
    table.loc[own & (table["domain"] == "1"), "value"] = 130.04
    table.loc[own & (table["domain"] == "2"), "value"] = 130.01
    return tables


@pytest.mark.parametrize("lang", ["th", "en"])
def test_two_firsts_that_read_the_same_are_both_named(lang):
    issue_context = context() if lang == "th" else english_context(context())
    tables = alike_domains()
    issue = written(tables, issue_context)
    names = [getattr(item.name, lang) for item in declarations().questionnaires["worker"].domains[:2]]
    cells, words = CheckedCells(tables), lexicon(lang, declarations())
    own = next(
        one
        for _, one in sentences(issue["documents"][lang])
        if any(claim["kind"] == "superlative" and "130" in one["text"] for claim in one["claims"])
        and names[0] in one["text"]
    )
    assert names[1] in own["text"] and check_sentence(own, cells, words) == []
    alone = copy.deepcopy(own)
    for span in alone["spans"]:
        span["text"] = span["text"].replace(names[1], names[0])
    alone["text"] = alone["text"].replace(names[1], names[0])
    assert any("reads the same" in problem for problem in check_sentence(alone, cells, words))


# --------------------------------------------------------------------- causes of an index of domains


def test_the_fall_of_an_index_of_domains_is_told_by_domain_and_then_by_question():
    tables = whole_tables()
    for name in ("confidence", "confidence_items"):
        table = tables[name]
        own = (table["survey"] == "worker") & (table["period"] == LAST)
        table.loc[own, ["p_value_quarter", "significant_quarter"]] = (0.001, True)
    worker = report.findings(tables, context()).worker
    parts = (*worker.domain_causes, *worker.domain_offsets)
    assert parts and len(worker.domains) == 7
    assert sum(part.number.value for part in parts) == pytest.approx(worker.movement.quarter.number.value)
    sizes = [abs(part.number.value) for part in worker.domain_causes]
    assert sizes == sorted(sizes, reverse=True)
    assert all(part.facts.item.domain == own.facts.option.id for own in parts for part in own.items)
    one = [own for own in parts if own.facts.option.id in ("1", "5")]  # domains of one question
    assert [own.items for own in one] == [()] * len(one)
    assert problems(tables, context()) == problems(tables, english_context(context())) == []


# ------------------------------------------------------------------------ only a clear change is explained


def with_bands(quarter, year):
    tables = whole_tables()
    rows = [
        ("overall", against, LAST, sum(band) / 2, *band, band[0] * band[1] > 0)
        for against, band in (("quarter", quarter), ("year", year))
    ]
    return tables | {"index_changes": frame("index_changes", rows)}


@pytest.mark.parametrize(
    ("quarter", "year", "told"),
    [
        ((-5.0, -1.0), (-9.0, 1.0), "quarter"),
        ((-5.0, 3.0), (-9.0, -1.0), "year"),
        ((-5.0, 3.0), (-9.0, 1.0), None),
    ],
)
def test_the_summary_explains_the_change_that_is_clear(quarter, year, told):
    tables = with_bands(quarter, year)
    labour = report.findings(tables, context()).labour
    assert (labour.told and labour.told.against) == told
    for issue_context, word in ((context(), "มากที่สุด"), (english_context(context()), "most")):
        issue = written(tables, issue_context)
        headline = said(issue, issue_context.lang, "summary")[0]
        assert (word in headline) is (told is not None), headline
    assert problems(tables, context()) == []


def test_dimensions_whose_change_on_the_year_is_clear_are_named_and_the_others_said_to_be_unclear():
    tables = whole_tables()
    known = [item.dimension.id for item in report.findings(tables, context()).labour.dimensions]
    rows = [(name, "year", LAST, -0.5, -2.0, 1.0, False) for name in known[1:]]
    tables["index_changes"] = frame(
        "index_changes", [(known[0], "year", LAST, -3.0, -5.0, -1.0, True), *rows]
    )
    clear = report.findings(tables, context()).labour.clear_on_year
    assert [item.dimension.id for item in clear] == known[:1]
    issue = written(tables, context())
    (told,) = [text for text in said(issue, "th", "labour 2") if "จากปีก่อนอย่างชัดเจน" in text]
    assert clear[0].dimension.name.th in told and "มิติอื่นยังไม่ชัดเจน" in told
    paragraph = next(text for text in said(issue, "th", "labour 2 2.3") if "(ชัดเจน)" in text)
    assert clear[0].dimension.short.th in paragraph


# ------------------------------------------------------------------------------------------------ runs


def test_a_run_tells_how_many_of_its_moves_count_as_unchanged():
    tables = index_tables(overall=[110.0, 108.0, 107.9, 106.0])
    moved = movement(Cells(tables), "labour_index", LAST, key={"dimension": "overall", "group": "TH"})
    assert (moved.streak.value, moved.small_moves) == (3, 1)
    claim = streak(moved).record()
    assert claim["small"] == 1
    cells = CheckedCells(tables)
    assert check_sentence({"text": "", "spans": [], "claims": [claim]}, cells) == []
    assert check_sentence({"text": "", "spans": [], "claims": [claim | {"small": 0}]}, cells)
    text = chapter(
        pages.print_html(pages.write(report.findings(tables, context()), [], tables, context()), context()),
        "labour",
    )
    assert "ต่อเนื่องเป็นไตรมาสที่ 3 (รวม 1 ไตรมาสที่นับว่าทรงตัว)" in text


def test_a_record_counts_its_quarters():
    levels = [90.0, *[100.0] * 8, 95.0]
    tables = index_tables(overall=levels)
    moved = movement(Cells(tables), "labour_index", LAST, key={"dimension": "overall", "group": "TH"})
    assert (moved.record.kind, moved.record.quarters) == ("low", 9)  # the nine quarters after the first


# ------------------------------------------------------------------------------------------------ groups


def ranked(*rows):
    """Tables with an index and a ranking of groups: (kind, code, value, dimensions, nation)."""
    tables = index_tables(overall=[100.0, 99.0])
    own = [("overall", code, LAST, value) for _, code, value, _, _ in rows]
    tables["labour_index"] = pd.concat([tables["labour_index"], frame("labour_index", own)])
    made = [
        {
            "kind": kind,
            "group": code,
            "period": LAST,
            "value": value,
            "low": value - 9,
            "high": value + 9,
            "rank": 1,
            "rank_low": 1,
            "rank_high": 2,
            "change_quarter": 0.0,
            "dimensions": dimensions,
            "nation_same_dimensions": nation,
        }
        for kind, code, value, dimensions, nation in rows
    ]
    return tables | {"group_ranking": pd.DataFrame(made)}


def test_a_place_that_is_a_region_and_a_province_has_its_two_indices_explained():
    place = ("REGION", "REGION:bangkok", 102.1, 10, 99.9), ("PROVINCE", "PROVINCE:TH-10", 99.1, 8, 99.0)
    text = " ".join(said(written(ranked(*place), context()), "th", "labour"))
    assert "กรุงเทพมหานครในฐานะภูมิภาคใช้ 10 มิติ (102.1 จุด) ในฐานะจังหวัดใช้ 8 มิติ (99.1 จุด)" in text
    same = place[0], (*place[1][:3], 10, 99.0)
    assert "ในฐานะภูมิภาค" not in " ".join(said(written(ranked(*same), context()), "th", "labour"))


def test_groups_that_all_read_below_100_are_explained():
    rows = [("INDUSTRY", f"INDUSTRY:{code}", 94.0 + at, 9, 99.1 - at) for at, code in enumerate("ACFGIP")]
    tables = ranked(*rows)
    text = " ".join(said(written(tables, context()), "th", "labour"))
    assert "ค่ากลางของทุกอุตสาหกรรมต่ำกว่า 100 จุด แต่ยังแยกจาก 100 จุดไม่ได้" in text
    assert "อยู่ระหว่าง 94.1 ถึง 99.1 จุด" in text and problems(tables, context()) == []
    mixed = ranked(*rows[:-1], ("INDUSTRY", "INDUSTRY:P", 103.0, 9, 99.1))
    assert "ค่ากลางของทุก" not in " ".join(said(written(mixed, context()), "th", "labour"))


@pytest.mark.parametrize(
    ("count", "told"), [(41, "จะพบโดยบังเอิญราว 2 จังหวัด"), (16, "จะพบโดยบังเอิญไม่ถึง 1 จังหวัด")]
)
def test_groups_counted_off_normal_are_told_with_how_many_chance_alone_gives(count, told):
    codes = [code for code, group in declarations().groups.items() if group.kind == "PROVINCE"][:count]
    rows = [("PROVINCE", code, 115.0 if at < 3 else 101.0, 8, 99.0) for at, code in enumerate(codes)]
    tables = ranked(*rows)
    issue = written(tables, context())
    (own,) = [one for _, one in sentences(issue["documents"]["th"]) if "3 จังหวัด" in one["text"]]
    assert told in own["text"]
    assert problems(tables, context()) == problems(tables, english_context(context())) == []
    bare = copy.deepcopy(own)
    for span in bare["spans"]:
        span["text"] = span["text"].replace("โดยบังเอิญ", "")
    bare["text"] = bare["text"].replace("โดยบังเอิญ", "")
    words = lexicon("th", declarations())
    assert any("by chance" in problem for problem in check_sentence(bare, CheckedCells(tables), words))
    none_off = ranked(*[("PROVINCE", code, 101.0, 8, 99.0) for code in codes])
    assert "โดยบังเอิญ" not in " ".join(said(written(none_off, context()), "th", "labour"))


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_rule_of_lying_behind_is_said_with_those_that_miss_it_by_places_alone(lang):
    tables = whole_tables()
    issue_context = context() if lang == "th" else english_context(context())
    facts = report.findings(tables, issue_context)
    places = [(1, 7), (8, 10), (2, 3), (4, 5)]  # two lie behind by the rule, two by one place alone
    sure = Claim("behind", 1, {})
    gaps = tuple(
        replace(
            gap, wanted=replace(gap.wanted, value=wanted), rated=replace(gap.rated, value=rated), least=sure
        )
        for gap, (wanted, rated) in zip(facts.traits.gaps, places, strict=False)
    )
    traits = replace(facts.traits, gaps=gaps)
    clear, near = traits.clear_gaps, traits.near_gaps
    assert (len(clear), len(near)) == (2, 2)
    document = pages.write(replace(facts, traits=traits), [], tables, issue_context)
    texts = said(record({"report": {lang: document}}, tables, issue_context), lang, "skills 7 7.2")
    rule, less = {
        "th": ("เกณฑ์ของการตามหลังคือต่างกันตั้งแต่ 2 ลำดับ", "ต่างกันไม่ถึง 2 ลำดับ"),
        "en": ("A rating counts as behind where it lies at least 2 places", "but fewer than 2 places"),
    }[lang]
    (told,) = [text for text in texts if rule in text]
    (missed,) = [text for text in texts if less in text]
    assert all(item.option.name.th in told for item in clear)
    assert all(item.option.name.th in missed for item in near)


@pytest.mark.parametrize(
    ("score", "told"), [(97.0, "ต่ำกว่า 100 คะแนนเล็กน้อย"), (90.0, "จึงยังไม่ได้รับการตอบสนองเพียงพอ")]
)
def test_a_score_a_little_below_the_middle_is_said_to_be_so_once(score, told):
    tables = whole_tables()
    items = tables["confidence_items"]
    items.loc[(items["survey"] == "worker") & (items["period"] == LAST), "value"] = score
    text = " ".join(said(written(tables, context()), "th", "priorities"))
    assert text.count(told) == (1 if score == 97.0 else 3)
    assert ("ตอบสนองเพียงพอ" in text) is (score == 90.0)
    english = " ".join(said(written(tables, english_context(context())), "en", "priorities"))
    assert ("Slightly lower than" in english, "not yet met enough" in english) == (
        score == 97.0,
        score == 90.0,
    )
    own = [one for _, one in sentences(written(tables, context())["documents"]["th"]) if told in one["text"]]
    words = lexicon("th", declarations())
    assert [problem for one in own for problem in check_sentence(one, CheckedCells(tables), words)] == []


@pytest.mark.parametrize(("is_clear", "is_significant"), [(True, True), (True, False), (False, False)])
def test_what_is_told_from_zero_on_the_year_stands_beside_the_quarter_of_the_three_indices(
    is_clear, is_significant
):
    tables = with_bands((-5.0, 3.0), (-9.0, -1.0 if is_clear else 1.0))
    labour = tables["labour_index"]
    own = (labour["dimension"] == "overall") & (labour["group"] == "TH")
    before = labour.loc[own & (labour["period"] == YEAR_AGO), "value"].item()
    labour.loc[own & (labour["period"] == LAST), "value"] = before - 5
    table = tables["confidence"]
    whole = (table["domain"] == "overall") & (table["group"] == "TH")
    for survey in ("employer", "worker"):
        mine = whole & (table["survey"] == survey)
        level = table.loc[mine & (table["period"] == YEAR_AGO), "value"].item()
        now = mine & (table["period"] == LAST)
        table.loc[now, "value"] = level - 4
        table.loc[now, ["p_value_year", "significant_year"]] = (0.01, is_significant)
    for issue_context, year, all_same in (
        (context(), "เทียบกับปีก่อน ดัชนี", "ทั้งสามไปในทิศทางเดียวกัน"),
        (english_context(context()), "(clear)", "all three went the same way"),
    ):
        text = " ".join(said(written(tables, issue_context), issue_context.lang, "workers 5 5.5"))
        assert (year in text, all_same in text) == (is_clear, is_clear and is_significant)
        assert problems(tables, issue_context) == []


def test_of_two_groups_one_is_higher_and_employers_are_called_so():
    """Of two groups none is the highest and the lowest; the groups of the employers' survey are employers, not workers."""
    tables = whole_tables()
    table = tables["confidence"]
    for group, value in (("STATUS:formal", 130.0), ("STATUS:informal", 110.0)):
        own = (table["domain"] == "overall") & (table["group"] == group) & (table["period"] == LAST)
        table.loc[own, ["value", "low", "high"]] = (value, value - 1, value + 1)
    text = " ".join(said(written(tables, context()), "th", "employers"))
    assert "ผู้ประกอบการที่มีแรงงานในระบบมีดัชนี 130.0 จุด สูงกว่าผู้ประกอบการที่มีแรงงานนอกระบบ (110.0 จุด)" in text
    assert "แรงงานในระบบมีดัชนีสูงที่สุด" not in text
    english = english_context(context())
    text = " ".join(said(written(tables, english), "en", "employers"))
    assert "have an index of 130.0 points, higher than that of “Informal workers” (110.0 points)" in text
    assert problems(tables, context()) == problems(tables, english) == []


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_run_of_a_survey_is_told_as_one_of_values(lang):
    """Some of its changes may be chance: the value fell, which is all that is said."""
    tables = whole_tables()
    table = tables["confidence"]
    own = (table["survey"] == "worker") & (table["domain"] == "overall") & (table["group"] == "TH")
    for period, value, verdict in (
        ("2024-Q4", 109.0, False), ("2025-Q1", 108.0, True), ("2025-Q2", 107.5, False), (LAST, 104.0, True),
    ):  # fmt: skip
        table.loc[own & (table["period"] == period), ["value", "significant_quarter"]] = (value, verdict)
    table.loc[own & (table["period"] == LAST), "p_value_quarter"] = 0.01
    issue_context = context() if lang == "th" else english_context(context())
    text = " ".join(said(written(tables, issue_context), lang, "workers 5 5.1"))
    assert (
        "ค่าดัชนีของแรงงานลดลง" in text and "ไตรมาสติดต่อกัน" in text
    ) or "The value of the index of workers has fallen" in text
    assert "ต่อเนื่องเป็นไตรมาสที่" not in text


# -------------------------------------------------------------------------- every tested change is told


def is_about(claim, subject, against):
    """Whether a claim tells the change of a subject, by its test or by its direction."""
    before = BEFORE if against == "quarter" else YEAR_AGO
    test, of = claim.get("test", ""), claim.get("of", "")
    is_tested = (
        claim["kind"] == "significance" and subject in test and test.endswith(f"significant_{against}")
    )
    return is_tested or (claim["kind"] == "direction" and subject in of and before in of)


@pytest.mark.parametrize("seed", [0, 9, 11, 15])
def test_every_significant_change_of_the_other_questions_is_told(seed):
    tables, issue, _ = random_issue(seed, in_english=True)
    asked = (
        ("employer_actions", "action", "", "actions"),
        ("traits", "trait", "", "skills"),
        ("priorities", "aspect", "top3_", "priorities"),
    )
    found = 0
    for name, column, prefix, slug in asked:
        if tables[name].empty:
            continue
        now = tables[name].query("period == @LAST").set_index(column)
        for against in ("quarter", "year"):
            flags = now[f"{prefix}significant_{against}"].astype(str).isin(("True", "1", "1.0"))
            every = flags.all() and name == "employer_actions" and against == "year"
            for code in () if every else flags[flags].index:
                for lang in ("th", "en"):
                    told = [
                        one["text"]
                        for where, one in sentences(issue["documents"][lang])
                        if where.startswith(slug)
                        and any(is_about(claim, f"{column}={code}&", against) for claim in one["claims"])
                    ]
                    assert told, (name, code, against, lang)
                    found += 1
    assert found


# ------------------------------------------------------------------------------------- recommendations


def test_measures_are_numbered_through(tmp_path):
    tables = whole_tables()
    document = pages.write(report.findings(tables, context()), [], tables, context())
    (part,) = [item for item in document.chapters if item.slug == "recommendations"]
    lists = [
        block
        for section in part.sections
        for block in walk(section.blocks)
        if isinstance(block, Listing) and block.style == "ordered"
    ]
    starts = [block.start for block in lists]
    assert len(lists) > 1
    assert starts == [1 + sum(len(block.items) for block in lists[:at]) for at in range(len(lists))]
    html = pages.print_html(document, context())
    shown = rf'<ol start="{starts[1]}"\s+style="counter-reset: list-item {starts[1] - 1}">'
    assert re.search(shown, html)  # the typesetter does not know the start
    screen = ElementTree.tostring(pages.screen_tree(html, tmp_path), encoding="unicode")
    assert f'<ol start="{starts[1]}">' in screen  # its policy forbids styles, and browsers know the start


def test_a_fall_that_gives_a_reason_is_called_worse():
    text = chapter(whole_page(), "recommendations")
    told = re.findall(r"ลดลง [0-9.]+ จุดจาก(?:ไตรมาสก่อน|ปีก่อน) ?(\([^)]*\))?", text)
    assert told and all("แย่ลง" in words for words in told)


def test_a_low_dimension_without_a_measure_is_named_with_the_reason():
    tables = index_tables(overall=[100.0, 99.0], safety=[91.0, 91.0])
    index = tables["labour_index"]
    index["low95"], index["high95"] = index["value"] - 12, index["value"] + 12
    index.loc[index["dimension"] == "employment", "value"] = 80.0
    index.loc[index["dimension"] == "employment", ["low95", "high95"]] = (70.0, 90.0)
    text = " ".join(said(written(tables, context()), "th", "recommendations"))
    assert "มิติที่ต่ำแต่ไม่มีข้อเสนอแนะ คือ ความปลอดภัยในการทำงาน (91.0 จุด) เพราะยังไม่ชัดเจนว่าอยู่ใต้ระดับปกติ" in text
    assert problems(tables, context()) == []


def test_a_bonus_that_pushes_by_less_than_a_word_is_worth_is_not_set_beside_the_answers():
    """Its part reads 0.05, which is shown, and is smaller, which is no push."""
    tables, issue, _ = random_issue(30106)
    (part,) = [
        item for item in report.findings(tables, context()).labour.pushes if item.id == "average_bonus"
    ]
    assert part.total.text == "0.05" and part.total.value < 0.05
    assert [item.en for item in check_issue(issue, tables, declarations())] == []


# ------------------------------------------------------------------------------------ both languages


def told_facts(document):
    """Claims and cells of numbers, by section."""
    found = {}
    for place, own in sentences(document):
        claims = {repr(sorted(claim.items(), key=str)) for claim in own["claims"]}
        cells = {span["cell"] for span in own["spans"] if span["kind"] == "number" and span.get("cell")}
        found.setdefault(place, set()).update(claims | cells)
    return found


@pytest.mark.parametrize("seed", [0, 8, 13, 21, 40])
def test_both_languages_tell_the_same_facts_in_every_section(seed):
    _, issue, _ = random_issue(seed, in_english=True)
    thai, english = (told_facts(issue["documents"][lang]) for lang in ("th", "en"))
    for place in thai.keys() | english.keys():
        only = thai.get(place, set()) ^ english.get(place, set())
        assert sorted(only) == [], place


def test_the_english_edition_says_how_the_model_was_chosen():
    tables = whole_tables()
    tables["forecast_notes"] = every_note()
    text = " ".join(said(written(tables, english_context(context())), "en", "forecast"))
    assert "43 past quarters, from Q1 2014 to Q3 2024" in text and "0.85 times" in text
    assert "joint model of the index" in text and "Order of the SARIMA model" in text and "ETS" in text
    assert "the theta method" in text and "at 3 of 43 quarters" in text
    assert (
        "at 3 quarters, as simulated from the release calendar at 38 quarters and as it is today at 2 quarters"
        in text
    )
    assert "changed by −19.7 points in Q2 2020" in text
    assert "those of the store of vintages at 3 quarters" in text


def test_every_note_of_the_forecast_has_its_english():
    """The table holds Thai alone: a sentence whose form changes would be lost in the English edition."""
    for text in every_note()["text_th"]:
        assert english.note(text) and not has_thai(english.note(text)), text
    assert english.note("ข้อความที่ไม่รู้จัก") == ""


def every_note():
    """The notes that the forecast writes, by its own functions."""
    quarters = pd.period_range("2010Q1", "2025Q3", freq="Q-DEC")
    values = np.full(len(quarters), 100.0) + np.tile([0.0, 0.1, 0.3], len(quarters) // 3)
    values[quarters >= pd.Period("2020Q2", "Q-DEC")] -= 19.9
    index = pd.Series(values, quarters)
    rolling = forecast.Rolling(
        list(range(16, 59)), np.zeros((43, 4)), means={"sarima": np.zeros((43, 4))}, failed={"theta": 3}
    )
    notes = forecast._Notes()
    forecast._describe(notes, rolling, index, "joint", {"joint": 0.85}, forecast.Forms())
    origins = rolling.origins
    forecast._describe_releases(notes, origins, set(origins[:41]), set(origins[:3]))
    economy = forecast.Macro(
        values=np.zeros((len(quarters), 1)),
        lags=(1,),
        known={(origin, 0): np.zeros(1) for origin in origins[:3]},
    )
    forecast._describe_macro(notes, origins, economy)
    return notes.frame()


@pytest.mark.parametrize(
    ("against", "columns"),
    [("year", ("ปีก่อน", "ไตรมาสนี้")), ("quarter", ("ไตรมาสก่อน ปรับฤดูกาล", "ไตรมาสนี้ ปรับฤดูกาล"))],
)
def test_pushes_stand_beside_the_values_that_they_come_from(against, columns):
    """A fall on the quarter is not shown with the value of a year ago, from which the indicator may have risen."""
    labour = report.findings(whole_tables(), context()).labour
    parts = labour.moving(against, 1) or labour.moving(against, -1)
    sheet = parts_sheet("pushes", "แรงหนุน", parts, against)
    assert tuple(column.label for column in sheet.columns)[1:3] == columns
    shown = [cell.number.text for cell in sheet.rows[0].cells[:2]]
    mover = parts[0].mover
    told = (mover.published_year, mover.published) if against == "year" else (mover.previous, mover.value)
    assert shown == [number.text for number in told]


@pytest.mark.parametrize("issue_context", [context(), english_context(context())], ids=["th", "en"])
def test_a_change_that_counts_as_none_need_not_be_named_beside_one_that_reads_the_same(issue_context):
    """0.31 is a rise and 0.27 none, though both print as 0.3: the text counts one dimension and names one."""
    tables = index_tables(
        overall=[100.0, 100.0, 100.0, 100.0, 100.2],
        wages=[95.0, 95.0, 95.0, 95.0, 95.31],
        vulnerable=[95.0, 95.0, 95.0, 95.0, 95.27],
    )
    assert [item for item in problems(tables, issue_context) if "reads the same" in item] == []


def test_every_significant_change_of_a_mean_rank_is_told():
    """The mean rank and the share among the first three are tested apart: either may change alone."""
    found = 0
    for seed in (0, 9, 11):
        tables, issue, _ = random_issue(seed, in_english=True)
        now = tables["priorities"].query("period == @LAST").set_index("aspect")
        for against in ("quarter", "year"):
            flags = now[f"significant_{against}"].astype(str).isin(("True", "1", "1.0"))
            for code in flags[flags].index:
                for lang in ("th", "en"):
                    told = [
                        claim
                        for where, one in sentences(issue["documents"][lang])
                        if where.startswith("priorities")
                        for claim in one["claims"]
                        if claim["kind"] == "significance"
                        and f"aspect={code}&" in claim["test"]
                        and claim["test"].endswith(f"#significant_{against}")
                    ]
                    assert told, (seed, code, against, lang)
                    found += 1
    assert found


def test_a_rating_that_is_a_mean_names_the_questions():
    issue = written(whole_tables(), context())
    text = " ".join(said(issue, "th", "skills"))
    form = declarations().questionnaires["employer"]
    wording = {item.column: item.text.th for item in form.items}
    several = [trait for trait in form.traits if len(trait.items) > 1]
    assert several
    for trait in several:
        if any(gap.option.id == trait.id for gap in report.findings(whole_tables(), context()).traits.gaps):
            assert all(f"“{wording[column]}”" in text for column in trait.items), trait.id
    assert "ค่าเฉลี่ยของหลายข้อคำถาม" in traits_sheet(report.findings(whole_tables(), context()).traits).note


def test_tables_of_changes_say_which_of_them_are_significant():
    facts = report.findings(whole_tables(), context())
    assert "ที่มีสีคือที่มีนัยสำคัญ" in domains_sheet(facts.employer).note
    for sheet in (traits_sheet(facts.traits), priorities_sheet(facts.priorities)):
        assert "ระบุไว้ในข้อความ" in sheet.note
        assert all(cell.quality in ("", "unchanged") for row in sheet.rows for cell in row.cells)
    sets = [facts.groups["REGION"]] if "REGION" in facts.groups else list(facts.groups.values())[:1]
    assert "ไม่มีช่วงความเชื่อมั่น จึงไม่มีสี" in groups_sheet("labour-groups", "", sets).note
    survey = groups_sheet("x", "", [next(iter(facts.worker.groups.values()))], has_sizes=True)
    assert "ที่มีสีคือที่มีนัยสำคัญ" in survey.note


def test_provinces_none_of_which_can_be_judged_are_not_counted_as_none_of_nought():
    """All provinces have few answers: nothing is said of how many lie clearly on a side."""
    tables, issue, _ = random_issue(60404, VOLUMES, in_english=True)
    assert [item.en for item in check_issue(issue, tables, declarations())] == []
    assert not any("Of 0 " in text or "จาก 0 " in text for lang in ("th", "en") for text in said(issue, lang))


@pytest.mark.parametrize(
    ("states", "th", "en"),
    [
        ({}, "มีข้อมูลครบทั้งไตรมาส", "have data for the whole quarter"),
        ({"partial": 1}, "ขาดบางเดือน 1 ตัว", "1 lacks a month"),
        ({"estimated": 2}, "จึงใช้ค่าประมาณ 2 ตัว", "2 have none yet and are model estimates"),
    ],
)
def test_completeness_counts_no_nought(states, th, en):
    """A quarter with all its data is not told to lack 0 months and to have 0 estimates."""
    tables = whole_tables()
    status = tables["indicator_status"].copy()
    status["quarter_status"] = "observed"
    at = 0
    for state, count in states.items():
        status.iloc[at : at + count, status.columns.get_loc("quarter_status")] = state
        at += count
    tables["indicator_status"] = status
    for issue_context, lang, words in ((context(), "th", th), (english_context(context()), "en", en)):
        texts = said(written(tables, issue_context), lang)
        assert any(words in text for text in texts)
        assert not any(re.search(r"(?<![\d.,])0 (ตัว|lack|are model|have none)", text) for text in texts)


@pytest.mark.parametrize(
    ("value", "previous", "told"), [(-0.7, -0.3, True), (0.2, 0.5, False), (-0.2, -0.6, False)]
)
def test_falling_prices_of_a_part_of_the_quarter_need_a_word_too(value, previous, told):
    """Inflation that fell below nought has what it gives to the index told, whether the macro variable is there or not."""
    now, before = Number(value, "a"), Number(previous, "b")
    indicator = declarations().indicators["inflation"]
    way = "improved" if value < previous else "worsened"
    mover = Mover(indicator, UNITS["percent"], now, before, Change(now - before, RATE_STEPS, -1), way)
    assert (EconomyFacts((), (), {"inflation": mover}, {}).price_fall is not None) is told


def test_a_quarter_in_a_title_stands_apart_from_the_verb():
    values = pd.Series([2.0, 2.9], ["2025-Q1", "2025-Q2"])
    assert "2568 อยู่ที่ร้อยละ 2.9" in level_and_change("ดัชนีในไตรมาสที่ 2 ปี 2568", values, unit="ร้อยละ")
    assert level_and_change("ดัชนี", values).startswith("ดัชนีอยู่ที่ 2.9")


def test_aspects_that_read_alike_share_a_place():
    tables = whole_tables()
    ranks = tables["priorities"]
    now = ranks["period"] == LAST
    order = list(ranks[now].sort_values("mean_rank")["aspect"])
    for place, value in enumerate((1.5, 2.001, 2.004, 2.6)):
        ranks.loc[now & (ranks["aspect"] == order[place]), "mean_rank"] = value
    found = report.findings(tables, context()).priorities
    assert [(place, is_shared) for place, is_shared, _ in found.placed] == [(1, False), (2, True), (2, True)]
    for issue_context, shared in (
        (context(), "ลำดับที่ 2 ร่วมกัน"),
        (english_context(context()), "Shared rank 2"),
    ):
        own = pages.write(report.findings(tables, issue_context), [], tables, issue_context)
        (part,) = [item for item in own.chapters if item.slug == "priorities"]
        heads = [getattr(block, "text", "") for section in part.sections for block in walk(section.blocks)]
        assert sum(shared in head for head in heads) == 2


def test_changes_that_chance_may_have_made_are_not_called_unchanged():
    """No change on the year is significant: the text says so, and neither "unchanged" nor a count of nought."""
    tables = whole_tables()
    actions = tables["employer_actions"]
    for against in ("quarter", "year"):
        actions[f"p_value_{against}" if f"p_value_{against}" in actions else f"p_{against}"] = 0.6
        actions[f"significant_{against}"] = False
    for issue_context, lang, words, wrong in (
        (context(), "th", "ปีก่อน การเปลี่ยนแปลงของสัดส่วนยังไม่มีนัยสำคัญ", "ทรงตัว"),
        (english_context(context()), "en", "On the year no share changed significantly", "unchanged"),
    ):
        texts = said(written(tables, issue_context), lang, "actions")
        assert any(words in text for text in texts)
        assert not any(
            wrong in text or "0 of" in text or "มี 0 จาก" in text
            for text in texts
            if "share" in text or "สัดส่วน" in text
        )
        assert problems(tables, issue_context) == []


def test_a_domain_is_below_the_middle_only_where_its_interval_is():
    """99.8 with an interval up to 100.5 is about average, not below."""
    tables = whole_tables()
    own = tables["confidence"]
    now = (
        (own["survey"] == "worker")
        & (own["group"] == "TH")
        & (own["period"] == LAST)
        & (own["domain"] != "overall")
    )
    for place, at in enumerate(own.index[now]):
        value, high = ((99.8, 100.5), (97.0, 97.9))[min(place, 1)] if place < 2 else (120.0, 121.0)
        own.loc[at, ["value", "low", "high"]] = [value, 2 * value - high, high]
    for issue_context, lang, words in (
        (context(), "th", "มีด้านเดียวที่ต่ำกว่า 100 จุดอย่างชัดเจน"),
        (english_context(context()), "en", "One domain lies clearly below 100 points"),
    ):
        assert any(words in text for text in said(written(tables, issue_context), lang, "workers"))
        assert [
            item for item in problems(tables, issue_context) if "below 100" in item or "ต่ำกว่า 100" in item
        ] == []


# ------------------------------------------------------------------------------------------------ persons


@pytest.mark.parametrize(
    ("year_ago", "thai", "english"),
    [
        (234983.0, "สูงกว่าปีก่อน 127 พันคน", "127 thousand more than a year before"),
        (400000.0, "ต่ำกว่าปีก่อน 38 พันคน", "38 thousand fewer than a year before"),
        (361700.0, "ใกล้เคียงกับปีก่อน", "about as many as a year before"),
    ],
)
def test_the_summary_tells_persons_without_work_beside_the_year_before(year_ago, thai, english):
    tables = whole_tables()
    own = [(YEAR_AGO, year_ago), (BEFORE, 354803.0), (LAST, 361682.0)]
    tables["beside"] = frame("beside", [("unemployed_persons", "ผู้ว่างงาน", "คน", *row) for row in own])
    for issue_context, words in ((context(), thai), (english_context(context()), english)):
        issue = written(tables, issue_context)
        told = " ".join(said(issue, issue_context.lang, "summary"))
        assert "362" in told and words in told
        assert check_issue(issue, tables, declarations()) == []
