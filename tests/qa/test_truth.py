"""The truth checker accepts what the tables bear out, and tells everything else: small tables, sums in the head."""

import copy

import pandas as pd
import pytest

from reporter.qa.truth import check_issue
from reporter.qa.words import CellError, CheckedCells


def tables() -> dict[str, pd.DataFrame]:
    quarters = ["2025-Q1", "2025-Q2", "2025-Q3"]
    index = pd.DataFrame(
        [("overall", quarter, value) for quarter, value in zip(quarters, (103.0, 101.0, 100.24), strict=True)]
        + [("wages", quarter, value) for quarter, value in zip(quarters, (98.0, 99.0, 104.0), strict=True)]
        + [("safety", quarter, value) for quarter, value in zip(quarters, (97.0, 96.0, 90.0), strict=True)]
        + [
            ("economy", quarter, value)
            for quarter, value in zip(quarters, (101.0, 101.0, 100.5), strict=True)
        ],
        columns=["dimension", "period", "value"],
    )
    parts = pd.DataFrame(
        {
            "period": "2025-Q3",
            "against": "quarter",
            "dimension": ["wages", "safety", "economy"],
            "contribution": [0.5, -1.0, -0.26],
        }
    )
    confidence = pd.DataFrame(
        {
            "survey": ["worker"],
            "domain": [1],
            "value": [99.8],
            "low": [99.1],
            "high": [100.5],
            "significant_year": [True],
            "p_value_year": [0.003],
        }
    )
    status = pd.DataFrame(
        {
            "indicator": ["average_wage", "work_injury_rate", "gdp_growth"],
            "dimension": ["wages", "safety", "economy"],
            "status": ["used", "used", "missing"],
        }
    )
    series = pd.DataFrame(
        {"indicator": ["average_wage"], "period": ["2025-Q3"], "raw": [16063.0], "adjusted": [16151.0]}
    )
    forecast = pd.DataFrame({"period": ["2025-Q4", "2026-Q1"], "mean": [102.0, 100.3]})
    return {
        "labour_index": index, "contributions": parts, "confidence": confidence, "indicator_status": status,
        "series": series, "forecast": forecast,
    }  # fmt: skip


def index_cell(dimension: str, quarter: str = "2025-Q3") -> str:
    return f"labour_index?dimension={dimension}&period={quarter}#value"


def part_cell(dimension: str) -> str:
    return f"contributions?period=2025-Q3&against=quarter&dimension={dimension}#contribution"


NOW, BEFORE = index_cell("overall"), index_cell("overall", "2025-Q2")
CHANGE = f"{NOW} - {BEFORE}"
SUBS = [{"subject": name, "of": index_cell(name)} for name in ("wages", "safety", "economy", "overall")]
PARTS = [{"subject": name, "of": part_cell(name)} for name in ("wages", "safety", "economy")]
SCOPE = {"table": "labour_index", "key": {"period": "2025-Q3"}, "vary": "dimension", "column": "value"}
PART_SCOPE = {
    "table": "contributions", "key": {"period": "2025-Q3", "against": "quarter"}, "vary": "dimension",
    "column": "contribution",
}  # fmt: skip
WORKER = "confidence?survey=worker&domain=1"

TRUE = {
    "direction": {"kind": "direction", "says": "down", "of": CHANGE, "still": 0.3, "decimals": 1, "size": "slight", "slight": 1, "marked": 3},
    "quality": {"kind": "quality", "says": "worse", "of": CHANGE, "polarity": 1, "decimals": 1},
    "level": {"kind": "level", "says": "about", "of": NOW, "low": 99, "high": 101},
    "level with interval": {"kind": "level", "says": "about", "of": f"{WORKER}#value", "low": 99.9, "high": 100.1, "interval": [f"{WORKER}#low", f"{WORKER}#high"]},
    "superlative": {"kind": "superlative", "says": "highest", "of": index_cell("wages"), "subject": "wages", "among": SUBS, "scope": SCOPE},
    "rank": {"kind": "rank", "says": 2, "order": [SUBS[1], SUBS[3]], "among": SUBS, "scope": SCOPE, "from": "lowest"},
    "count": {"kind": "count", "says": 3, "among": SUBS, "scope": SCOPE, "operator": ">", "value": 100},
    "cause": {"kind": "cause", "says": "down", "of": CHANGE, "parts": PARTS[1:2], "among": PARTS, "scope": PART_SCOPE, "role": "drives", "least": 0.05},
    "offset": {"kind": "cause", "says": "down", "of": CHANGE, "parts": PARTS[:1], "among": PARTS, "scope": PART_SCOPE, "role": "offsets", "least": 0.05},
    "complete_sum": {"kind": "complete_sum", "says": True, "of": CHANGE, "among": PARTS, "scope": PART_SCOPE},
    "significance": {"kind": "significance", "says": True, "test": f"{WORKER}#significant_year"},
    "significance by level": {"kind": "significance", "says": True, "test": f"{WORKER}#p_value_year", "level": 0.05},
    "comparison": {"kind": "comparison", "says": "lower", "left": NOW, "right": BEFORE, "tolerance": 0.05},
    "together": {"kind": "together", "says": "opposite", "left": CHANGE, "right": f"{index_cell('wages')} - {index_cell('wages', '2025-Q2')}", "still_left": 0.3, "still_right": 0.3, "clear": [f"{WORKER}#significant_year", f"{WORKER}#significant_year"]},
    "interval": {"kind": "interval", "says": "contains", "low": f"{WORKER}#low", "high": f"{WORKER}#high", "point": 100},
    "streak": {"kind": "streak", "says": 2, "of": "streak:labour_index?dimension=overall#value@2025-Q3@0.3"},
    "record": {"kind": "record", "says": "low", "of": NOW, "scope": {"table": "labour_index", "key": {"dimension": "overall"}, "column": "value"}, "since": "", "first": "2025-Q1"},
    "coverage": {"kind": "coverage", "says": 2, "statuses": ["used"], "where": {}},
    "forecast": {"kind": "forecast", "says": "hump", "path": ["forecast?period=2025-Q4#mean", "forecast?period=2026-Q1#mean"], "start": NOW, "still": 0.3},
    "published": {"kind": "published", "says": "published", "of": "series?indicator=average_wage&period=2025-Q3#raw"},
}  # fmt: skip

# What the claim must not say instead: one false word for each kind.
FALSE = {
    "direction": {"says": "up"}, "quality": {"says": "better"}, "level": {"says": "above"}, "level with interval": {"says": "below"},
    "superlative": {"says": "lowest"}, "rank": {"from": "highest"}, "count": {"says": 4}, "cause": {"parts": PARTS[2:3]},
    "offset": {"parts": PARTS[1:2]}, "complete_sum": {"among": PARTS[:2], "scope": None}, "significance": {"says": False},
    "significance by level": {"level": 0.001}, "comparison": {"says": "higher"}, "together": {"says": "same"},
    "interval": {"says": "below"}, "streak": {"says": 3}, "record": {"says": "high"}, "coverage": {"says": 3},
    "forecast": {"says": "flat"}, "published": {"says": "adjusted"},
}  # fmt: skip


def issue(*claims: dict, spans: list | None = None) -> dict:
    sentence = {"text": "…", "spans": spans or [], "claims": list(claims)}
    chapter = {
        "slug": "labour",
        "title": "",
        "number": 2,
        "sections": [{"blocks": [{"kind": "paragraph", "sentences": [sentence]}]}],
    }
    return {"quarter": "2025-Q3", "documents": {"th": {"summary": None, "chapters": [chapter]}}}


def problems(document: dict) -> list[str]:
    return [finding.en for finding in check_issue(document, tables())]


@pytest.mark.parametrize("name", TRUE)
def test_a_true_claim_passes(name):
    assert problems(issue(TRUE[name])) == []


@pytest.mark.parametrize("name", TRUE)
def test_a_false_claim_is_told(name):
    assert len(problems(issue(TRUE[name] | FALSE[name]))) == 1


def test_a_candidate_left_out_is_told():
    claim = TRUE["superlative"] | {"says": "lowest", "of": index_cell("economy"), "among": SUBS[2:]}
    assert "left out: safety, wages" in problems(issue(claim))[0]


def test_a_dimension_without_data_is_no_cause():
    claim = TRUE["cause"] | {"parts": PARTS[1:3]}  # -1.00 and -0.26 are the largest, but economy has no data
    assert "no data: economy" in problems(issue(claim))[0]


def test_a_dimension_that_is_only_a_models_estimate_is_no_cause():
    given = tables()
    index = given["labour_index"].assign(group="TH", status="final")
    of_safety = (index["dimension"] == "safety") & (index["period"] == "2025-Q3")
    claim = TRUE["cause"]
    assert any(part["subject"] == "safety" for part in claim["parts"])
    known = [finding.en for finding in check_issue(issue(claim), given | {"labour_index": index})]
    index.loc[of_safety, "status"] = "nowcast"
    told = [finding.en for finding in check_issue(issue(claim), given | {"labour_index": index})]
    assert known == [] and "only a model's estimate: safety" in told[0]


def test_a_test_of_another_number_is_told():
    """The mean rank may move clearly where the share among the first three does not: each has its own test."""
    row = {"aspect": "rank2", "period": "2025-Q3", "mean_rank": 2.7, "top3_share": 0.72}
    row |= {"significant_quarter": True, "top3_significant_quarter": True}
    before = {"aspect": "rank2", "period": "2025-Q2", "mean_rank": 2.9, "top3_share": 0.68}
    given = tables() | {"priorities": pd.DataFrame([row, before])}
    here, then = "priorities?aspect=rank2&period=2025-Q3", "priorities?aspect=rank2&period=2025-Q2"
    change = f"( {here}#top3_share * 100 ) - ( {then}#top3_share * 100 )"
    claim = {"kind": "significance", "says": True, "of": change, "test": f"{here}#top3_significant_quarter"}
    assert check_issue(issue(claim), given) == []
    borrowed = claim | {"test": f"{here}#significant_quarter"}
    assert "is the test of mean_rank" in check_issue(issue(borrowed), given)[0].en
    of_another = claim | {"of": change.replace("rank2", "rank3")}
    assert "is the test of top3_share" in check_issue(issue(of_another), given)[0].en


def test_two_signs_of_one_quarter_are_no_common_movement():
    """GDP and confidence both fell, with a correlation of 0.02: nothing moved with anything."""
    claim = {name: value for name, value in TRUE["together"].items() if name != "clear"}
    assert "nothing shows that they move together" in problems(issue(claim))[0]
    given = tables() | {
        "joint_correlations": pd.DataFrame(
            {"first": ["a", "b"], "low": [-0.54, -0.97], "high": [0.56, -0.05]}
        ),
        "index_tests": pd.DataFrame(
            {"variable": ["a", "b"], "statistic": [-0.6, 0.6], "p_value": [0.01, 0.01]}
        ),
    }
    for variable, is_borne in (("a", False), ("b", True)):  # what is said is that they went opposite ways
        band = [f"joint_correlations?first={variable}#low", f"joint_correlations?first={variable}#high"]
        assert (check_issue(issue(claim | {"evidence": band}), given) == []) == is_borne
    for variable, level, is_borne in (("a", 0.05, True), ("a", 0.005, False), ("b", 0.05, False)):
        tested = [f"index_tests?variable={variable}#statistic", f"index_tests?variable={variable}#p_value"]
        found = check_issue(issue(claim | {"tested": tested, "level": level}), given)
        assert (found == []) == is_borne


def test_a_question_that_may_have_changed_by_chance_is_no_cause():
    row = {"survey": "employer", "item": "q1.1", "group": "TH", "value": 120.0}
    items = pd.DataFrame(
        [
            row | {"period": "2025-Q2", "significant_quarter": False},
            row | {"period": "2025-Q3", "value": 118.0, "significant_quarter": False},
        ]
    )
    cell = "confidence_items?survey=employer&item=q1.1&group=TH&period={}#value"
    change = f"{cell.format('2025-Q3')} - {cell.format('2025-Q2')}"
    part = {"subject": "q1.1", "of": f"( {change} ) / 26"}
    claim = {
        "kind": "cause",
        "says": "down",
        "of": change,
        "parts": [part],
        "among": [part],
        "role": "drives",
    }
    told = check_issue(issue(claim), tables() | {"confidence_items": items})
    assert "q1.1 is not significant" in told[0].en
    clear = items.assign(significant_quarter=[False, True])
    assert check_issue(issue(claim), tables() | {"confidence_items": clear}) == []


def test_a_part_too_small_to_be_named_is_told():
    assert "smaller than 2" in problems(issue(TRUE["cause"] | {"least": 2}))[0]


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("จาก 9 มิติ สูงกว่า 50 จุด 3 มิติ และไม่มีมิติใดสูงกว่า 200 จุด", False),
        (
            "จาก 9 มิติ สูงกว่า 50 จุด 2 มิติ และไม่มีมิติใดสูงกว่า 200 จุด",
            True,
        ),  # "none" stands for the nought, not for the three
    ],
)
def test_a_word_for_no_count_hides_no_other_count(said, is_told):
    from reporter.qa.truth import check_sentence
    from reporter.qa.words import lexicon
    from tests.support.issue import declarations

    count = {"kind": "count", "among": SUBS, "operator": ">"}
    sentence = {
        "text": said,
        "spans": [{"kind": "text", "text": said}],
        "claims": [count | {"says": 3, "value": 50}, count | {"says": 0, "value": 200}],
    }
    found = check_sentence(sentence, CheckedCells(tables()), lexicon("th", declarations()))
    assert any("is not said" in problem for problem in found) is is_told


def test_an_unknown_kind_is_told():
    assert "unknown kind" in problems(issue({"kind": "prophecy", "says": "rain"}))[0]


NUMBER = {"kind": "number", "text": "−0.8", "value": 100.24 - 101.0, "cell": CHANGE}


@pytest.mark.parametrize("text", ["−0.8", "0.8", "-0.76", "๐.๘", "−1"])
def test_a_number_as_printed_passes(text):
    assert problems(issue(spans=[NUMBER | {"text": text}])) == []


@pytest.mark.parametrize("text", ["−0.7", "+0.8", "8.0", "−0.77", "มาก"])
def test_a_number_that_is_not_the_cell_is_told(text):
    assert len(problems(issue(spans=[NUMBER | {"text": text}]))) == 1


def test_a_number_of_another_cell_is_told():
    wrong = copy.deepcopy(NUMBER) | {"cell": f"{NOW} - {index_cell('overall', '2025-Q1')}"}
    assert len(problems(issue(spans=[wrong]))) == 1


def test_a_cell_that_is_not_there_is_told():
    assert "0 rows match" in problems(issue(spans=[NUMBER | {"cell": index_cell("overall", "1999-Q1")}]))[0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7), ("( 1 + 2 ) * 3", 9), ("10 / 4 - 1", 1.5), ("count:labour_index?period=2025-Q3", 4),
        ("count:contributions?contribution<=-0.2", 2), ("count:contributions?contribution>=0.5", 1), (part_cell("safety"), -1.0),
    ],
)  # fmt: skip
def test_expressions(expression, value):
    assert CheckedCells(tables()).value(expression) == value


@pytest.mark.parametrize(
    "expression", ["", "1 +", "( 1", "1 2", "nothing?a=b#c", "labour_index?period=2025-Q3#value", "1 / 0"]
)
def test_bad_expressions_are_errors(expression):
    with pytest.raises(CellError):
        CheckedCells(tables()).value(expression)
