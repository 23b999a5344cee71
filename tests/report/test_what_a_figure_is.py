"""What a sentence says of the figure it cites: the mean of months, an adjusted value, a model's estimate."""

from dataclasses import replace
from unittest.mock import patch

import pandas as pd
import pytest

from reporter import report
from reporter.domain.edition import english_context
from reporter.domain.thai import RATE_STEPS
from reporter.figures import name_of, value_with_unit
from reporter.qa.truth import check_issue, sentences
from reporter.report import english, pages, templating
from reporter.report.dimensions import IndicatorPart, Mover
from reporter.report.dimensions import mover_of as mover_of_quarter
from reporter.report.document import record
from reporter.report.labour import EconomyFacts
from reporter.report.numbers import UNITS, Cells, Change, Number
from reporter.report.outlook import Evidence, load_rules
from reporter.report.provenance import comparison
from reporter.report.tables_of_chapters import dimensions_sheet, parts_sheet
from tests.report.issues import chapter, context, declarations, index_tables, whole_tables

LAST = "2025-Q3"


def macro(lang, call, **given):
    """The text of a macro of ``words.j2``."""
    made = (templating if lang == "th" else english).environment()
    name = call.partition("(")[0]
    text = made.from_string(
        f'{{% from "report/{lang}/words.j2" import {name} with context %}}{{{{ {call} }}}}'
    )
    return "".join(
        span.text for sentence in templating.sentences(text.render(**given)) for span in sentence.spans
    )


def mover_of(indicator, value, previous, **published):
    unit = UNITS[indicator.unit]
    now, before = (
        Number(one, name, unit.after, unit.decimals) for one, name in ((value, "a"), (previous, "b"))
    )
    own = {
        name: Number(
            one, f"series?indicator={indicator.id}&group=TH&period={name}#raw", unit.after, unit.decimals
        )
        for name, one in published.items()
    }
    change = Change(now - before, RATE_STEPS, indicator.polarity)
    return Mover(indicator, unit, now, before, change, "unchanged", **own)


@pytest.mark.parametrize(
    ("unit", "frequency", "per_month", "is_mean"),
    [
        ("persons", "monthly", False, True),
        ("positions", "monthly", False, True),
        ("percent", "monthly", True, True),
        ("percent", "monthly", False, False),
        ("persons", "quarterly", True, False),
    ],
)
def test_the_mean_of_monthly_counts_is_called_one_wherever_it_stands(unit, frequency, per_month, is_mean):
    """24,251 placements a month are no count of the quarter: label, sentence and recommendation say so."""
    before = declarations().indicators["placements"]
    indicator = replace(before, unit=unit, frequency=frequency, per_month=per_month)
    mover = mover_of(indicator, 23513.0, 24086.0, published=24251.0, published_year=26130.0)
    evidence = Evidence(indicator.spoken.th, "year", mover.value, None, mover)
    chart = replace(context().declarations, indicators={"placements": indicator})
    told = [
        templating.evidence_text(evidence),
        macro("th", "moved(mover)", mover=mover),
        value_with_unit(24251.0, "placements", replace(context(), declarations=chart)),
    ]
    assert [("เฉลี่ยต่อเดือน" in text) for text in told] == [is_mean] * 3, told
    told = [english.evidence_text(evidence), macro("en", "moved(mover)", mover=mover)]
    assert [("monthly average" in text) for text in told] == [is_mean] * 2, told


@pytest.mark.parametrize(("adjusted", "is_said"), [(20.98, True), (21.02, False)])
def test_adjusted_levels_are_called_adjusted_in_a_quarter_that_lacks_a_month_too(adjusted, is_said):
    """20.96 to 20.98 are adjusted where the published figures read otherwise; the months of the quarter are named."""
    indicator = declarations().indicators["sso_employment_rate"]
    before = 20.96 if is_said else 20.92
    mover = replace(
        mover_of(indicator, adjusted, before, published_before=20.92),
        months=("2025-07", "2025-08"),
        published_months=Number(21.02, "c", "", 2),
    )
    thai, english_one = (macro(lang, "moved(mover)", mover=mover) for lang in ("th", "en"))
    assert ("ปรับฤดูกาลแล้ว" in thai) is ("seasonally adjusted" in english_one) is is_said
    assert "เฉพาะเดือนกรกฎาคม และสิงหาคม" in thai and "July and August only" in english_one


def test_the_published_mean_of_a_part_of_a_quarter_tells_whether_its_value_is_adjusted():
    rows = [
        ("quit_rate", "TH", f"2025-0{month}", 0.9 if month > 6 else 0.8, 0.8) for month in (4, 5, 6, 7, 8)
    ]
    table = pd.DataFrame(rows, columns=["indicator", "group", "period", "raw", "adjusted"])
    moved = pd.DataFrame(
        [("2025-Q3", "quarter", "quit_rate", "unemployment", 0.8, 0.8, 0.0, 0.0, "unchanged")],
        columns=["period", "against", "indicator", "dimension", "value", "previous", "change", "change_sd", "direction"],
    )  # fmt: skip
    item = declarations().indicators["quit_rate"]
    for part, is_adjusted in ((table, True), (table.assign(raw=table["adjusted"]), False)):
        mover = mover_of_quarter(Cells({"series": part, "movers": moved}), item, "2025-Q3", "quarter")
        assert mover.published is None and mover.is_adjusted is is_adjusted


def part_of(indicator, value, previous, sub, **given):
    published = given.pop("published", {})
    mover = mover_of(declarations().indicators[indicator], value, previous, **published)
    return IndicatorPart(
        indicator, mover.indicator, Number(sub, "s", "จุด", 1), None, "observed", "", mover, **given
    )


@pytest.mark.parametrize(
    ("sub", "measured", "is_turned", "thai", "english_words"),
    [
        (0.3, -0.1, False, "เทียบกับแนวโน้มของตัวชี้วัดเอง", "own trend"),
        (0.3, 0.1, False, "ไม่ใช่สัญญาณของตัวชี้วัดเอง", "no signal"),
        (0.3, None, False, "ไม่ใช่สัญญาณของตัวชี้วัดเอง", "no signal"),
        (0.3, -0.1, True, "สวนทางกับทิศทางที่ประกาศไว้", "against the declared direction"),
        (-0.3, 0.1, False, "", ""),
    ],
)
def test_the_trend_is_the_reason_only_where_the_transformed_value_went_the_other_way(
    sub, measured, is_turned, thai, english_words
):
    """Youth unemployment rose; only where its distance from its own trend fell does the trend explain a push."""
    part = part_of("youth_unemployment_rate", 4.24, 4.10, sub, measured=measured, is_turned=is_turned)
    for lang, own in (("th", thai), ("en", english_words)):
        text = macro(lang, "by_part(part)", part=part)
        reasons = {
            "th": ("แนวโน้ม", "ไม่ใช่สัญญาณ", "สวนทาง"),
            "en": ("trend", "no signal", "against the declared"),
        }[lang]
        assert own in text and sum(reason in text for reason in reasons) == bool(own), text


@pytest.mark.parametrize(
    ("published", "seasonal", "is_said"),
    [
        ((0.86, 0.87), -0.67, True),
        ((0.86, 0.87), -0.3, False),
        ((0.86, 0.87), -1.5, False),
        ((0.88, 0.87), -0.67, False),
        ((0.87, 0.87), -0.67, False),
    ],
)
def test_a_part_that_is_mostly_seasonal_adjustment_says_that_the_published_figure_went_the_other_way(
    published, seasonal, is_said
):
    now, before = published
    part = part_of(
        "quit_rate", 0.86, 0.85, -0.7, seasonal=Number(seasonal, "t", "จุด", 2),
        published={"published": now, "published_before": before, "published_year": 0.72},
    )  # fmt: skip
    thai, english_one = (macro(lang, "by_part(part)", part=part) for lang in ("th", "en"))
    assert (
        ("−0.67 จุดมาจากการปรับฤดูกาล" in thai) is ("ค่าประกาศลดลงจากร้อยละ 0.87 ในไตรมาสก่อน" in thai) is is_said
    )
    assert ("the published figure fell from 0.87" in english_one) is is_said


@pytest.mark.parametrize("loading", [0.15, -0.4])
def test_no_text_says_which_way_the_index_takes_an_indicator_against_its_loading(loading):
    part = part_of("quit_rate", 0.9, 0.8, -0.7 if loading < 0 else 0.7, is_turned=loading > 0)
    assert ("นับเป็นผลลบต่อดัชนี" in macro("th", "by_part(part)", part=part)) is (loading < 0)
    assert ("counts more of it as worse" in macro("en", "by_part(part)", part=part)) is (loading < 0)
    tables = whole_tables()
    tables["index_model"] = pd.DataFrame(
        {"indicator": ["quit_rate"], "dimension": ["unemployment"], "loading": [loading]}
    )
    for issue_context, words in (
        (context(), "อัตราการลาออก (+0.15)"),
        (english_context(context()), "quit rate (+0.15)"),
    ):
        found = report.findings(tables, issue_context)
        issue = record(
            {"report": {issue_context.lang: pages.write(found, [], tables, issue_context)}},
            tables,
            issue_context,
        )
        texts = [
            own["text"]
            for place, own in sentences(issue["documents"][issue_context.lang])
            if place.startswith("appendix")
        ]
        assert any(words in text for text in texts) is (loading > 0)
        assert [item.en for item in check_issue(issue, tables, declarations())] == []


@pytest.mark.parametrize(
    ("part", "thai", "english_words"),
    [
        (-0.001, "แทบไม่มีผลต่อดัชนีรวม (−0.001 จุด)", "hardly moved"),
        (0.4, "หนุนดัชนีรวม", "pushed"),
        (-0.4, "ฉุดดัชนีรวม", "dragged"),
    ],
)
def test_falling_prices_are_told_by_what_they_gave_to_the_index(part, thai, english_words):
    tables = whole_tables()
    for issue_context, words in ((context(), thai), (english_context(context()), english_words)):
        found = report.findings(tables, issue_context)
        cell = next(item.quarter for item in found.labour.dimensions if item.quarter is not None).cell
        given = Number(part, cell, "จุด", 2)
        economy = replace(found.economy, price_part=given)
        falls = patch.object(EconomyFacts, "price_fall", new=comparison(Number(-0.8, "a"), Number(-0.3, "b")))
        with falls:
            document = pages.write(replace(found, economy=economy), [], tables, issue_context)
        issue = record({"report": {issue_context.lang: document}}, tables, issue_context)
        texts = [
            own["text"]
            for place, own in sentences(issue["documents"][issue_context.lang])
            if place.startswith("outlook")
        ]
        assert any(words in text for text in texts), texts
        assert not any("ถือว่าเงินเฟ้อ" in text or "counts lower inflation" in text for text in texts)


def test_counts_of_better_and_worse_indicators_say_that_they_are_of_adjusted_values():
    for issue_context, words in (
        (context(), "นับจากค่าที่ปรับฤดูกาลแล้ว"),
        (english_context(context()), "of seasonally adjusted values"),
    ):
        html = pages.print_html(
            pages.write(report.findings(whole_tables(), issue_context), [], whole_tables(), issue_context),
            issue_context,
        )
        assert words in chapter(html, "labour")


def test_a_model_estimate_stands_beside_what_was_published_a_year_ago():
    indicator = next(item for item in declarations().indicators.values() if item.unit == "percent")
    part = IndicatorPart(
        indicator.id, indicator, Number(0.4, "s"), Number(0.43, "t", "จุด", 2), "estimated", "", None
    )
    for year_ago, shown in ((Number(14.5, "y", "", 2), "14.50"), (None, "–")):
        for against, is_shown in (("year", True), ("quarter", False)):
            row = parts_sheet("pushes", "แรงหนุน", (replace(part, year_ago=year_ago),), against).rows[0]
            first, second = row.cells[:2]
            assert (first.number.text if first.number else first.text) == (shown if is_shown else "–")
            assert second.number is None and row.head.endswith("(ค่าประมาณ)")
            assert "(ร้อยละ)" not in row.head


def test_the_estimated_indicators_are_summed_on_the_year_as_well():
    tables = whole_tables()
    tables["indicator_status"]["quarter_status"] = "observed"
    parts = tables["indicator_contributions"]
    code = parts.loc[(parts["period"] == LAST) & (parts["against"] == "year"), "indicator"].iloc[0]
    tables["indicator_status"].loc[tables["indicator_status"]["indicator"] == code, "quarter_status"] = (
        "estimated"
    )
    for issue_context, words in (
        (context(), "จุดจากปีก่อน ตามค่าประมาณของแบบจำลอง"),
        (english_context(context()), "points on the year, as the model"),
    ):
        found = report.findings(tables, issue_context)
        year = [
            part.total.value
            for item in found.labour.dimensions
            for part in item.parts_year
            if part.id == code
        ]
        assert found.labour.estimated_year.value == pytest.approx(sum(year))
        issue = record(
            {"report": {issue_context.lang: pages.write(found, [], tables, issue_context)}},
            tables,
            issue_context,
        )
        assert any(words in own["text"] for _, own in sentences(issue["documents"][issue_context.lang]))


@pytest.mark.parametrize(("slope", "is_told"), [(1.25, True), (1.0, False), (None, False)])
def test_the_table_of_dimensions_tells_the_slope_that_makes_its_contributions(slope, is_told):
    tables = index_tables(overall=[100.0, 99.0], wages=[100.0, 96.0])
    weights = [{"dimension": code, "weight": 0.2} for code in declarations().dimensions]
    tables["weights"] = pd.DataFrame(weights)
    tables["contributions"] = pd.DataFrame(
        [{"period": LAST, "against": "quarter", "dimension": "wages", "contribution": -1.0}]
    )
    if slope is not None:
        tables["index_parameters"] = pd.DataFrame([{"key": "composite_slope", "value": str(slope)}])
    sheet = dimensions_sheet(report.findings(tables, context()).labour)
    assert ("น้ำหนัก × การเปลี่ยนแปลงของดัชนีย่อย × 1.2500" in sheet.note) is is_told
    own = dimensions_sheet(report.findings(tables, english_context(context())).labour)
    assert ("× change of the sub-index × 1.2500." in english.in_english(own).note) is is_told


def test_a_gap_is_drawn_under_the_name_of_a_gap():
    for item in declarations().indicators.values():
        if item.gap:
            assert "ช่องว่าง" in name_of(item.id, declarations())


def test_youth_without_school_work_and_training_are_spoken_of_with_and():
    words = [declarations().indicators["neet_rate"].spoken.th]  # the name is the study's own term
    words += [rule.measure for rule in load_rules().rules if "ไม่ได้เรียน" in rule.measure]
    assert len(words) > 1 and all("ไม่ได้ทำงาน และไม่ได้อบรม" in text and "หรือ" not in text for text in words)
