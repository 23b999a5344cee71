"""Facts of small tables: movements, drivers, causes, groups, surveys, forecast."""

import re

import pandas as pd
import pytest

from reporter import report
from reporter.domain.edition import english_context
from reporter.report.numbers import Cells, movement
from tests.report.issues import (
    context,
    frame,
    index_tables,
    print_page,
    text_of,
    whole_findings,
    whole_tables,
)
from tests.support.tables import empty_tables, sparse_tables

pytestmark = pytest.mark.slow

LAST = "2025-Q3"
OVERALL = {"dimension": "overall", "group": "TH"}


def moved(levels):
    return movement(Cells(index_tables(overall=levels)), "labour_index", "2025-Q3", key=OVERALL)


def test_changes_are_against_the_quarter_before_and_the_year_before():
    found = moved([98.0, 99.0, 99.5, 100.0, 102.0])
    assert found.quarter.number.value == 2.0
    assert found.year.number.value == 4.0
    assert (found.quarter.word, found.year.word) == ("เพิ่มขึ้น", "เพิ่มขึ้นมาก")


def test_the_first_year_has_no_change_on_the_year():
    found = moved([100.0, 101.0])
    assert found.quarter.number.value == 1.0
    assert found.year is None


def test_a_change_that_reads_nothing_is_still():
    found = moved([100.0, 100.04])
    assert (found.quarter.sign, found.quarter.word, found.quarter.quality) == (0, "ทรงตัว", "unchanged")


def test_a_missing_quarter_has_no_level_and_names_the_newest():
    tables = index_tables(overall=[100.0, 101.0, None])
    found = movement(Cells(tables), "labour_index", "2025-Q3", key=OVERALL)
    assert found.level is None
    assert found.newest == "2025-Q2"


def test_records_name_the_quarter_that_was_not_beaten():
    assert moved([110.0, *[100.0] * 7, 105.0]).record.since == "2023-Q3"  # nine quarters to 2025-Q3
    assert moved([*[100.0] * 8, 105.0]).record.since == ""
    assert moved([100.0, 106.0, 100.0, 105.0]).record is None  # too short to be news


def mover(indicator, dimension, value, previous, change_sd, direction):
    return (
        "2025-Q3",
        "quarter",
        indicator,
        dimension,
        value,
        previous,
        value - previous,
        change_sd,
        direction,
    )


def test_causes_are_the_largest_contributions_not_the_largest_changes():
    tables = index_tables(overall=[100.0, 98.0], unemployment=[100.0, 96.0])
    tables["movers"] = frame(
        "movers",
        [
            mover("unemployment_rate", "unemployment", 1.2, 0.9, -0.2, "worsened"),
            mover("quit_rate", "unemployment", 1.5, 1.4, -3.0, "worsened"),  # moved most, pulled least
            mover("underemployment_rate", "unemployment", 0.5, 0.6, 0.5, "improved"),
        ],
    )
    tables["indicator_contributions"] = frame(
        "indicator_contributions",
        [
            ("2025-Q3", "quarter", "unemployment", "unemployment_rate", -4.0, -4.0),
            ("2025-Q3", "quarter", "unemployment", "quit_rate", -0.5, -0.5),
            ("2025-Q3", "quarter", "unemployment", "sso_unemployment_rate", 0.3, 0.3),
            ("2025-Q3", "quarter", "unemployment", "underemployment_rate", 0.2, 0.2),
        ],
    )
    facts = report.findings(tables, context()).labour
    item = next(item for item in facts.dimensions if item.dimension.id == "unemployment")
    assert [cause.id for cause in item.causes] == ["unemployment_rate", "quit_rate"]
    assert [cause.id for cause in item.offsets] == ["sso_unemployment_rate", "underemployment_rate"]
    assert item.causes[0].mover.change.quality == "worse"  # a rising unemployment rate


def test_a_part_without_data_in_the_quarter_says_so():
    tables = index_tables(overall=[100.0, 98.0], vulnerable=[100.0, 94.0])
    rows = [("neet_rate", "vulnerable", "quarterly", "2010-Q1", "2025-Q2", 60, 0, "used", False, "", "")]
    tables["indicator_status"] = frame("indicator_status", rows).assign(quarter_status="estimated")
    tables["indicator_contributions"] = frame(
        "indicator_contributions", [("2025-Q3", "quarter", "vulnerable", "neet_rate", -6.0, -6.0)]
    )
    tables["labour_index"]["status"] = "provisional"
    item = next(
        item
        for item in report.findings(tables, context()).labour.dimensions
        if item.dimension.id == "vulnerable"
    )
    assert [(cause.id, cause.state) for cause in item.causes] == [("neet_rate", "estimated")]
    assert item.estimated_part.value == -6.0


def test_a_dimension_that_is_only_a_models_estimate_drives_nothing():
    tables = index_tables(overall=[100.0, 97.0])
    tables["labour_index"]["status"] = [
        "nowcast" if (dimension, period) == ("unemployment", "2025-Q3") else "final"
        for dimension, period in zip(
            tables["labour_index"]["dimension"], tables["labour_index"]["period"], strict=True
        )
    ]
    tables["contributions"] = frame(
        "contributions",
        [("2025-Q3", "quarter", "unemployment", -2.5), ("2025-Q3", "quarter", "wages", -0.5)],
    )
    facts = report.findings(tables, context()).labour
    assert [part.dimension.id for part in facts.quarter.drags] == ["wages"]
    assert [part.dimension.id for part in facts.quarter.without_data] == ["unemployment"]
    assert facts.quarter.estimated.value == -2.5
    assert "unemployment" in [item.id for item in facts.absent]


@pytest.mark.parametrize(("dimensions", "is_reduced"), [(5, True), (6, False), (10, False)])
def test_below_six_dimensions_there_is_no_composite(dimensions, is_reduced):
    names = list(context().declarations.dimensions)[:dimensions]
    tables = index_tables(is_whole=False, overall=[100.0, 99.0], **{name: [100.0, 99.0] for name in names})
    facts = report.findings(tables, context()).labour
    assert facts.is_reduced is is_reduced
    assert (facts.movement.level is None) is is_reduced


def _running(quarter_before: str) -> dict:
    """2025-Q3 with data of the economy alone; ``quarter_before``: state of all dimensions in 2025-Q2."""
    tables = index_tables(overall=[100.0, 97.0])
    index = tables["labour_index"]
    index["status"] = [
        quarter_before
        if period != "2025-Q3"
        else "provisional"
        if name in ("overall", "economy")
        else "nowcast"
        for name, period in zip(index["dimension"], index["period"], strict=True)
    ]
    index["low80"], index["high80"] = index["value"] - 5, index["value"] + 5
    names = list(context().declarations.dimensions)
    tables["weights"] = frame("weights", [(name, 0.1) for name in names])
    states = {"pmi": "observed", "mpi": "partial", "inflation": "observed", "unemployment_rate": "estimated"}
    declared = context().declarations.indicators
    tables["indicator_status"] = pd.DataFrame(
        [
            {
                "indicator": name,
                "dimension": declared[name].dimension,
                "status": "used",
                "quarter_status": state,
            }
            for name, state in states.items()
        ]
    )
    return tables


def test_a_running_quarter_has_a_nowcast_with_its_band_and_the_sources_that_are_in():
    facts = report.findings(_running("final"), context()).labour
    assert facts.is_reduced and facts.movement.level is None
    assert facts.nowcast.level.value == 97.0
    assert [edge.value for edge in facts.nowcast.band] == [92.0, 102.0]
    assert (facts.delivered.arrived, facts.delivered.every) == (
        2,
        3,
    )  # MOI and MOC; the survey office is waited for


def test_where_the_quarter_before_had_too_few_dimensions_too_there_is_no_nowcast():
    assert report.findings(_running("nowcast"), context()).labour.nowcast is None


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_nowcast_is_never_shown_without_its_name(lang):
    tables, issue = _running("final"), context()
    issue = issue if lang == "th" else english_context(issue)
    text = text_of(print_page(report.findings(tables, issue), [], tables, issue))
    around = [text[max(0, at.start() - 60) : at.end()] for at in re.finditer(r"97\.0", text)]
    assert around and all("nowcast" in part for part in around), around


def test_below_six_tenths_of_the_weight_there_is_no_composite():
    names = list(context().declarations.dimensions)
    tables = index_tables(
        is_whole=False, overall=[100.0, 99.0], **{name: [100.0, 99.0] for name in names[:7]}
    )
    others = len(names) - 7
    weights = [0.08] * 7 + [0.44 / others] * others
    tables["weights"] = frame("weights", list(zip(names, weights, strict=True)))
    assert report.findings(tables, context()).labour.is_reduced


def test_a_fall_is_counted_on_unrounded_values():
    levels = [110.5, 108.0, 107.9, 107.8, 105.0, 104.9, 104.7, 104.6, 100.2]
    assert moved(levels).streak.value == 8


def test_drivers_are_sorted_and_leave_out_what_reads_nothing():
    tables = index_tables(overall=[100.0, 98.0])
    tables["contributions"] = frame(
        "contributions",
        [
            ("2025-Q3", "quarter", "employment", -0.5),
            ("2025-Q3", "quarter", "wages", 0.3),
            ("2025-Q3", "quarter", "economy", -1.84),
            ("2025-Q3", "quarter", "safety", 0.04),
        ],
    )
    drivers = report.findings(tables, context()).labour.quarter
    assert [part.dimension.id for part in drivers.drags] == ["economy", "employment"]
    assert [part.dimension.id for part in drivers.lifts] == ["wages"]
    assert drivers.leading.dimension.id == "economy"


def test_parts_that_differ_by_less_than_the_index_shows_share_their_place():
    tables = index_tables(overall=[100.0, 98.0])
    drags = [("employment", -1.0), ("economy", -0.93), ("wages", -0.85)]
    tables["contributions"] = frame("contributions", [(LAST, "quarter", name, part) for name, part in drags])
    drivers = report.findings(tables, context()).labour.quarter
    assert [part.dimension.id for part in drivers.foremost(drivers.drags)] == ["employment", "economy"]


@pytest.mark.parametrize(
    ("low", "high", "told"), [(-8.0, -0.1, "ชิดศูนย์"), (-8.0, -2.0, "จากปีก่อน 3.5 จุดอย่างชัดเจน"), (-8.0, 0.1, "")]
)
def test_a_clear_change_whose_band_a_usual_revision_may_undo_says_so(low, high, told):
    tables = whole_tables()
    index = tables["labour_index"]
    is_nation = (index["group"] == "TH") & (index["dimension"] == "overall")
    value = dict(zip(index.loc[is_nation, "period"], index.loc[is_nation, "value"], strict=True))
    index.loc[is_nation & (index["period"] == "2024-Q3"), "value"] = value[LAST] + 3.5
    rows = [("overall", "quarter", LAST, 0.1, -3.0, 3.2, False)]
    rows += [("overall", "year", LAST, -3.5, low, high, low * high > 0)]
    tables["index_changes"] = frame("index_changes", rows)
    text = text_of(print_page(report.findings(tables, context()), [], tables, context()))
    text = text.replace("\u200b", "").replace("\xa0", " ")
    words = {"ชิดศูนย์": "ชิดศูนย์" in text, "อย่างชัดเจน": "ปีก่อน 3.5 จุดอย่างชัดเจน" in text}
    assert words == {"ชิดศูนย์": told == "ชิดศูนย์", "อย่างชัดเจน": told.endswith("อย่างชัดเจน")}


def test_what_other_dimensions_say_through_the_common_factor_is_summed():
    labour = whole_findings().labour
    parts = whole_tables()["indicator_contributions"].query("period == @LAST and against == 'year'")
    own = parts[parts["indicator"] == "other_dimensions"]["contribution"]
    found = labour.through_others("year")
    assert (0.0 if found is None else found.value) == pytest.approx(
        own.sum() if abs(own.sum()) >= 0.05 else 0.0
    )


def test_nothing_is_found_in_empty_tables():
    found = report.findings(empty_tables(), context())
    assert found.labour.movement.level is None
    assert (found.employer, found.worker, found.forecast, found.actions) == (None, None, None, None)
    assert len(found.labour.absent) == len(context().declarations.dimensions)


def test_a_missing_table_is_an_empty_one():
    assert report.findings({}, context()).sheets == {}


def test_sparse_tables_name_what_is_absent():
    found = report.findings(sparse_tables(), context("2025-Q2"))
    assert [item.dimension.id for item in found.labour.dimensions] == ["unemployment", "economy"]
    declared = context().declarations
    assert len(found.labour.absent) == len(declared.dimensions) - 2
    assert found.labour.late.value == 2
    assert found.labour.without.value == len(declared.indicators) - 6  # the tables have six
    assert [item.variable.id for item in found.economy.late] == ["short_term_rate"]


def test_survey_facts_agree_with_the_tables():
    tables, found = whole_tables(), whole_findings()
    rows = tables["confidence"]
    own = rows[
        (rows["survey"] == "worker")
        & (rows["domain"] == "overall")
        & (rows["group"] == "TH")
        & (rows["period"] == "2025-Q3")
    ]
    assert found.worker.movement.level.value == own["value"].item()
    assert len(found.worker.domains) == 7
    levels = [item.movement.level.value for item in found.worker.ranked_domains]
    assert levels == sorted(levels, reverse=True)


def test_the_newest_forecast_of_the_quarter_is_checked_and_a_test_is_told_from_a_publication():
    tables = index_tables(overall=[100.0, 98.0])
    score = frame(
        "forecast_scorecard",
        [
            ("2025-Q1", "2025-Q3", 99.0, 95.0, 103.0, 98.0, -1.0, True, "published"),
            ("2025-Q2", "2025-Q3", 97.0, 94.0, 100.0, 98.0, 1.0, True, "published"),
        ],
    )
    tables["forecast"] = frame("forecast", [("2025-Q4", 98.5, 95.0, 102.0, 93.0, 104.0)])
    tables["forecast_scorecard"] = score
    latest = report.findings(tables, context()).forecast.latest
    assert (latest.issued, latest.mean.value, latest.was_published) == ("2025-Q2", 97.0, True)
    tables["forecast_scorecard"] = score.assign(kind=["published", "rolling_origin"])
    latest = report.findings(tables, context()).forecast.latest
    assert (latest.issued, latest.mean.value, latest.was_published) == ("2025-Q1", 99.0, True)
    tables["forecast_scorecard"] = score.assign(kind="rolling_origin")
    assert not report.findings(tables, context()).forecast.latest.was_published


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ([98.2, 98.1, 98.4, 98.5], "flat"),
        ([99.0, 100.0, 101.0, 102.0], "rising"),
        ([97.0, 96.0, 95.0, 94.0], "falling"),
        ([101.0, 102.0, 99.0, 98.0], "hump"),
        ([95.0, 94.0, 97.0, 98.0], "dip"),
    ],
)
def test_the_shape_of_a_path(path, shape):
    tables = index_tables(overall=[98.0])
    quarters = ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
    rows = [
        (quarter, mean, mean - 3, mean + 3, mean - 5, mean + 5)
        for quarter, mean in zip(quarters, path, strict=True)
    ]
    tables["forecast"] = frame("forecast", rows)
    assert report.findings(tables, context()).forecast.shape == shape


def test_two_changes_that_read_the_same_have_the_same_word():
    """−0.96 and −1.04 both read −1.0 beside the bound of a slight change at 1."""
    first, second = (moved([100.0, 100.0 + change]).quarter for change in (-0.96, -1.04))
    assert first.number.text == second.number.text
    assert first.word == second.word == "ลดลง"


def test_a_band_that_leaves_out_zero_does_not_read_as_if_it_held_it():
    tables = index_tables(overall=[100.0, 95.0])
    tables["index_changes"] = frame(
        "index_changes", [("overall", "quarter", "2025-Q3", -5.0, -9.9, -0.04, True)]
    )
    clarity = report.findings(tables, context()).labour.clarity["quarter"]
    assert clarity.is_clear and clarity.high.text == "−0.04"


def test_a_mean_of_two_months_is_told_with_its_months():
    tables = index_tables(overall=[100.0, 99.0], economy=[100.0, 99.0])
    tables["series"] = frame(
        "series",
        [
            ("private_investment", "TH", f"2025-{month:02d}", 139.0 + month, 139.0 + month, 0.0)
            for month in range(4, 9)
        ],
    )
    tables["movers"] = frame(
        "movers", [mover("private_investment", "economy", 146.5, 144.0, 0.9, "improved")]
    )
    (told,) = report.findings(tables, context()).economy.own
    assert told.months == ("2025-07", "2025-08") and told.published is None
    whole = tables["series"].iloc[-1:].assign(period="2025-09")
    tables["series"] = pd.concat([tables["series"], whole])
    (told,) = report.findings(tables, context()).economy.own
    assert told.months == () and told.published is not None


def test_every_better_model_is_told_at_the_horizon_of_the_headline():
    tables = whole_tables()
    rows = tables["forecast_evaluation"]
    chosen = str(rows.loc[rows["selected"], "model"].iloc[0])
    last = int(rows["horizon"].max())
    at_last, others = (
        rows["horizon"] == last,
        [name for name in rows["model"].unique() if name not in (chosen, "procedure")],
    )
    assert len(others) > 2
    rows = rows.assign(rmse=rows["rmse"].where(~at_last, 5.0))
    for name, rmse in zip(
        others, (3.0, 4.0, 6.0), strict=False
    ):  # two of them are better four quarters ahead
        rows.loc[at_last & (rows["model"] == name), "rmse"] = rmse
    forecast = report.findings(tables | {"forecast_evaluation": rows}, context()).forecast
    assert [horizon for horizon, _ in forecast.benchmarks][-1] == last
    assert [error.value for _, error in forecast.better[-1].better] == [3.0, 4.0]
    assert forecast.better[-1].claims[0].says == 2


def test_better_models_are_told_at_every_horizon_that_has_one():
    tables = whole_tables()
    rows = tables["forecast_evaluation"]
    chosen = str(rows.loc[rows["selected"], "model"].iloc[0])
    other = next(name for name in rows["model"].unique() if name not in (chosen, "procedure"))
    tables["forecast_evaluation"] = rows.assign(rmse=5.0)
    wins = (rows["model"] == other) & rows["horizon"].isin([2, 3])
    tables["forecast_evaluation"].loc[wins, "rmse"] = 4.0
    forecast = report.findings(tables, context()).forecast
    assert [(at.horizon, len(at.better)) for at in forecast.better] == [(2, 1), (3, 1)]


@pytest.mark.parametrize(
    ("errors", "count", "is_below", "mean"),
    [([-1.0, -2.0, -3.0, 2.0], 3, True, -1.0), ([1.0, 2.0, 3.0, -2.0], 3, False, 1.0)],
)
def test_the_forecasts_bias_is_told_with_its_sign(errors, count, is_below, mean):
    quarters = ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"]
    ahead = [(issued, period, 98.0, 95.0, 101.0, 98.0 + error, error, True, "rolling_origin")
             for issued, period, error in zip(quarters, quarters[1:], errors, strict=False)]  # fmt: skip
    further = [("2024-Q3", "2025-Q1", 98.0, 95.0, 101.0, 198.0, 100.0, True, "rolling_origin")]
    tables = whole_tables() | {"forecast_scorecard": frame("forecast_scorecard", ahead + further)}
    bias = report.findings(tables, context()).forecast.bias
    assert (bias.count, bias.is_below, bias.mean.value) == (count, is_below, mean)
    tables["forecast_scorecard"] = frame("forecast_scorecard", ahead[:3])
    assert report.findings(tables, context()).forecast.bias is None


def test_groups_that_are_not_compared_are_named():
    tables = whole_tables()
    by_group = tables["priorities_by_group"]
    small = by_group[by_group["group"] == "STATUS:formal"].assign(group="INDUSTRY:D", flag="small")
    found = report.findings(tables | {"priorities_by_group": pd.concat([by_group, small])}, context())
    assert [group.code for group in found.priorities.left_out] == ["INDUSTRY:D"]
    assert found.priorities.compared == 2 and found.priorities.kinds == ("สถานะการจ้างงาน",)


@pytest.mark.parametrize(
    ("low", "high", "is_told", "is_beside"),
    [(0.3, 0.9, True, False), (-0.5, 0.6, False, True), (-0.97, -0.1, False, False)],
)
def test_an_index_moves_with_another_only_where_their_correlation_bears_it(low, high, is_told, is_beside):
    """Nor is one that has gone the other way so far called unrelated."""
    tables = whole_tables()
    pair = ("confidence_worker", "consumer_confidence", 0, (low + high) / 2, 13, low, high)
    tables["joint_correlations"] = frame("joint_correlations", [pair])
    beside = report.findings(tables, context()).economy.quarter["consumer_confidence"].change.sign
    own = tables["confidence"].query("survey == 'worker' and domain == 'overall' and group == 'TH'")
    before = own.loc[own["period"] == "2025-Q2", "value"].item()
    now = own.index[own["period"] == "2025-Q3"]
    tables["confidence"].loc[now, ["value", "significant_quarter"]] = (before + 4 * beside, True)
    worker = report.findings(tables, context()).worker
    (item,) = [item for item in worker.companions if item.mover.indicator.id == "consumer_confidence"]
    told = [mover.indicator.id for mover in worker.same]
    assert item.relation == "same" and ("consumer_confidence" in told) == is_told
    assert ("consumer_confidence" in [mover.indicator.id for mover in worker.beside]) == is_beside


@pytest.mark.parametrize(("first", "is_told"), [((-2.0, 1.0, False), True), ((-2.0, -0.5, True), False)])
def test_that_no_dimension_moved_clearly_is_told_only_where_none_did(first, is_told):
    tables = whole_tables()
    known = [item.dimension.id for item in report.findings(tables, context()).labour.dimensions]
    rows = [(name, "quarter", "2025-Q3", -0.5, -2.0, 1.0, False) for name in known[1:]]
    tables["index_changes"] = frame("index_changes", [(known[0], "quarter", "2025-Q3", -1.0, *first), *rows])
    claims = report.findings(tables, context()).labour.unclear_claims
    assert bool(claims) == is_told and len(claims) in (0, len(known))
