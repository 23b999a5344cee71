"""The rules of suppression one by one, at their very edges (see docs/mutation.md)."""

from __future__ import annotations

import pytest

from reporter.surveys.quality import flags

TWO = {"PROVINCE:a": "REGION:r", "PROVINCE:b": "REGION:r"}


def hidden(sizes, regions=None, least=None):
    return {group for group, flag in flags(sizes, regions or {}, least).items() if flag == "suppressed"}


@pytest.mark.parametrize(("size", "flag"), [(0, ""), (5, "small"), (29, "small"), (30, ""), (31, "")])
def test_sizes_of_a_published_group(size, flag):
    assert flags({"TH": 500, "STATUS:a": size, "STATUS:b": 60}, {})["STATUS:a"] == flag


@pytest.mark.parametrize("size", [1, 4])
def test_one_to_four_are_suppressed(size):
    assert flags({"TH": 500, "STATUS:a": size, "STATUS:b": 60}, {})["STATUS:a"] == "suppressed"


def test_a_country_of_fewer_than_five_hides_everything_that_has_answers():
    assert hidden({"TH": 4, "STATUS:a": 4, "STATUS:b": 0}) == {"TH", "STATUS:a"}
    assert hidden({"TH": 1, "STATUS:a": 1}) == {"TH", "STATUS:a"}
    assert hidden({"TH": 5, "STATUS:a": 5}) == set()
    assert hidden({"TH": 0, "STATUS:a": 0}) == set()


def test_a_small_cell_within_a_large_group_suppresses_it():
    sizes = {"TH": 500, "SKILL:a": 40, "SKILL:b": 50, "SKILL:c": 60}
    assert hidden(sizes, least={**sizes, "SKILL:c": 4}) == {"SKILL:c", "SKILL:a"}
    assert hidden(sizes, least={**sizes, "SKILL:c": 5}) == set()
    assert hidden(sizes, least={"SKILL:c": 4}) == {"SKILL:c", "SKILL:a"}  # others: their own size
    assert hidden(sizes, least={**sizes, "TH": 4}) == set(sizes)


def test_the_smallest_follows_and_the_first_of_equals():
    assert hidden({"TH": 99, "SKILL:c": 3, "SKILL:b": 20, "SKILL:a": 20}) == {"SKILL:c", "SKILL:a"}


def test_two_hidden_groups_of_five_together_are_enough():
    assert hidden({"TH": 99, "SKILL:a": 1, "SKILL:b": 4, "SKILL:c": 20}) == {"SKILL:a", "SKILL:b"}
    assert len(hidden({"TH": 99, "SKILL:a": 2, "SKILL:b": 2, "SKILL:c": 20})) == 3


def test_an_empty_group_protects_nobody():
    assert hidden({"TH": 99, "SKILL:a": 3, "SKILL:b": 0, "SKILL:c": 20, "SKILL:d": 30}) == {
        "SKILL:a",
        "SKILL:c",
    }


def test_kinds_do_not_protect_one_another():
    assert hidden({"TH": 99, "SKILL:a": 3, "SKILL:b": 20, "STATUS:a": 9, "STATUS:b": 9}) == {
        "SKILL:a",
        "SKILL:b",
    }


def test_provinces_of_an_open_region_follow_within_it():
    sizes = {"TH": 99, "REGION:r": 43, "PROVINCE:a": 3, "PROVINCE:b": 40, "REGION:s": 56, "PROVINCE:c": 9}
    sizes["PROVINCE:d"] = 47
    regions = {**TWO, "PROVINCE:c": "REGION:s", "PROVINCE:d": "REGION:s"}
    assert hidden(sizes, regions) == {"PROVINCE:a", "PROVINCE:b"}


def test_a_hidden_region_hides_its_smallest_province_and_another_elsewhere():
    sizes = {"TH": 99, "REGION:r": 40, "PROVINCE:a": 15, "PROVINCE:b": 25, "REGION:s": 59, "PROVINCE:c": 9}
    sizes["PROVINCE:d"] = 50
    regions = {**TWO, "PROVINCE:c": "REGION:s", "PROVINCE:d": "REGION:s"}
    found = hidden(sizes, regions, {**sizes, "REGION:r": 4})
    # of two regions both go; each keeps its smallest province hidden, and the two together hide one another
    assert found == {"REGION:r", "REGION:s", "PROVINCE:a", "PROVINCE:c"}


def test_a_region_of_one_filled_province_shares_its_fate_either_way():
    sizes = {"TH": 199, "REGION:r": 60, "PROVINCE:a": 60, "PROVINCE:b": 0, "REGION:s": 70, "REGION:t": 69}
    sizes |= {"PROVINCE:c": 30, "PROVINCE:d": 40, "PROVINCE:e": 33, "PROVINCE:f": 36}
    regions = {**TWO, "PROVINCE:c": "REGION:s", "PROVINCE:d": "REGION:s"}
    regions |= {"PROVINCE:e": "REGION:t", "PROVINCE:f": "REGION:t"}
    for small in ("REGION:r", "PROVINCE:a"):
        found = hidden(sizes, regions, {**sizes, small: 4})
        assert found == {"REGION:r", "PROVINCE:a", "REGION:t", "PROVINCE:e"}


def test_without_small_cells_nothing_is_hidden():
    sizes = {"TH": 60, "REGION:r": 60, "PROVINCE:a": 60, "PROVINCE:b": 0}
    assert hidden(sizes, TWO) == set()
