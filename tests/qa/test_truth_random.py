"""Issues of random tables make no false claim, and errors put into a finished issue are found (all of them: bench_truth)."""

import numpy as np
import pytest

from reporter.qa.cells import Cells
from reporter.qa.truth import check_issue, check_sentence
from reporter.qa.words import lexicon
from reporter.report.numbers import spoken
from tests.report.issues import declarations
from tests.support.random_issues import names_to_exchange, random_issue
from tests.support.random_tables import CASES, random_tables
from tests.support.seeded_errors import seeded_errors

FEW = ("all_equal", "ties", "first_quarter", "one_survey", "round_alike", "dimension_came_back", "holes")


def test_the_same_seed_gives_the_same_tables():
    first, second = random_tables(5)[0], random_tables(5)[0]
    assert all(first[name].equals(second[name]) for name in first)


@pytest.mark.parametrize("case", FEW)
def test_an_issue_of_random_tables_makes_no_false_claim(case):
    tables, issue, made = random_issue(22 * 7 + CASES.index(case))
    assert made == case
    assert [finding.en for finding in check_issue(issue, tables, declarations())] == []


def test_errors_put_into_a_finished_issue_are_found():
    tables, issue, _ = random_issue(44)
    cells, words = Cells(tables), lexicon("th", declarations())
    errors = list(seeded_errors(issue, names_to_exchange(), np.random.default_rng(1), 150))
    missed = [
        (kind, sentence["text"]) for kind, sentence in errors if not check_sentence(sentence, cells, words)
    ]
    assert len(errors) >= 130
    assert len(missed) <= 0.03 * len(errors), missed


def test_the_checker_knows_every_name_of_running_text():
    words = lexicon("th", declarations())
    for code, item in declarations().indicators.items():
        assert spoken(code, item.name.th) in words.names["indicator", code]
