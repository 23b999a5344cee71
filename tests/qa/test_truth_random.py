"""Issues of random tables make no false claim, and errors put into a finished issue are found (all of them: bench_truth)."""

import copy

import numpy as np
import pytest

from reporter.qa.truth import check_issue, check_sentence, sentences
from reporter.qa.words import CheckedCells, lexicon
from tests.report.issues import declarations
from tests.support.random_issues import names_to_exchange, random_issue
from tests.support.random_tables import CASES, random_tables
from tests.support.seeded_errors import seeded_errors

pytestmark = pytest.mark.slow

FEW = ("all_equal", "ties", "first_quarter", "one_survey", "round_alike", "dimension_came_back", "holes")


def test_the_same_seed_gives_the_same_tables():
    first, second = random_tables(5)[0], random_tables(5)[0]
    assert all(first[name].equals(second[name]) for name in first)


@pytest.mark.parametrize("case", FEW)
def test_an_issue_of_random_tables_makes_no_false_claim(case):
    tables, issue, made = random_issue(22 * 7 + CASES.index(case), in_english=True)
    assert made == case
    assert [finding.en for finding in check_issue(issue, tables, declarations())] == []


@pytest.mark.parametrize("lang", ["th", "en"])
def test_errors_put_into_a_finished_issue_are_found(lang):
    tables, issue, _ = random_issue(44, in_english=True)
    cells, words = CheckedCells(tables), lexicon(lang, declarations())
    errors = list(seeded_errors(issue, names_to_exchange(lang), np.random.default_rng(1), 150, lang))
    missed = [
        (kind, sentence["text"]) for kind, sentence in errors if not check_sentence(sentence, cells, words)
    ]
    assert len(errors) >= 130
    assert len(missed) <= 0.03 * len(errors), missed


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("ใกล้เคียงค่าเฉลี่ยระยะยาว", "สูงกว่าค่าเฉลี่ยระยะยาว"),
        ("สูงกว่าค่าเฉลี่ยระยะยาว", "ใกล้เคียงค่าเฉลี่ยระยะยาว"),
        ("ต่ำกว่าค่าเฉลี่ยระยะยาว", "ใกล้เคียงค่าเฉลี่ยระยะยาว"),
        ("เปลี่ยนแปลงอย่างมีนัยสำคัญ", "เปลี่ยนแปลงอย่างยังไม่มีนัยสำคัญ"),
    ],
)
def test_where_a_level_stands_is_borne_by_its_own_claim(true, false):
    """Causes and changes of the same sentence bear no word about the long-run average; the sentences of several issues are turned."""
    found = 0
    for seed in (44, 46, 61, 71):
        tables, issue, _ = random_issue(seed)
        cells, words = CheckedCells(tables), lexicon("th", declarations())
        for place, own in sentences(issue["documents"]["th"]):
            spans = [
                span for span in own["spans"] if true in span["text"] and "การ" + true not in span["text"]
            ]
            if not own.get("claims") or not spans or place.startswith("appendix"):
                continue
            turned = copy.deepcopy(own)
            for span in turned["spans"]:
                span["text"] = span["text"].replace(true, false)
            turned["text"] = turned["text"].replace(true, false)
            found += 1
            assert check_sentence(turned, cells, words), turned["text"]
    assert found


def test_the_checker_knows_every_name_of_running_text():
    words = lexicon("th", declarations())
    for code, item in declarations().indicators.items():
        assert item.spoken.th in words.names["indicator", code]
