"""Formulas of declarations are arithmetic over named series, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.domain.declarations import evaluate, names


def test_insured_unemployment_by_hand():
    series = {"claimants": pd.Series([20.0, 0.0]), "insured_s33": pd.Series([80.0, 0.0])}
    found = evaluate("claimants / (insured_s33 + claimants) * 100", series)
    assert found[0] == 20  # 20 / 100
    assert np.isnan(found[1])  # 0 / 0


def test_division_by_zero_is_missing_whatever_the_sign():
    found = evaluate("a / b", {"a": pd.Series([1.0, -1.0, 3.0]), "b": pd.Series([0.0, 0.0, 2.0])})
    assert found.isna().tolist() == [True, True, False] and found[2] == 1.5


def test_relative_gap_by_hand():
    series = {"male": pd.Series([42.0]), "female": pd.Series([38.0])}
    found = evaluate("abs(male - female) / ((male + female) / 2) * 100", series)
    assert found[0] == 10  # 4 / 40


def test_names_in_order_and_once():
    assert names("a / (b + a) * 100") == ("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.b",
        "a[0]",
        "a if b else c",
        "a ** 9",
        "max(a)",
        "abs(a, b)",
        "(",
        "True",
        "-a",
        "'x'",
        "a" * 600,
    ],
)
def test_anything_else_is_refused(text):
    if text == "a" * 600:
        with pytest.raises(ValueError, match="too long"):
            names(text)
    else:
        with pytest.raises(ValueError, match=r"known|expression"):
            names(text)
