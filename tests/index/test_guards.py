"""Fits that fail their guards: what is taken instead, what the tables and qa.json say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.index import factor, status
from reporter.index.estimation import Parameters, two_step
from reporter.qa import factors
from tests.index.conftest import QUARTER
from tests.index.test_factor import LEARN, _members


def _fit(members: dict[str, pd.Series]) -> factor.Fit:
    return factor.fit(members, dict.fromkeys(members, 1), LEARN, QUARTER)


def _locked(start: Parameters) -> Parameters:
    """A model that follows its first member only."""
    loadings, variances = np.full(len(start.loadings), 1e-3), np.ones(len(start.loadings))
    loadings[0], variances[0] = 0.99, 0.02
    return start._replace(loadings=loadings, variances=variances)


@pytest.fixture
def locked(monkeypatch):
    monkeypatch.setattr(factor, "maximise", lambda panel, layout, start: (_locked(start), True))


def test_fit_that_locks_on_to_one_series_is_replaced_by_two_steps(locked):
    fit = _fit(_members(8, 4, noise=1.2)[0])
    assert fit.method == "two_step"
    assert fit.reason.startswith("left out m")
    assert np.abs(fit.shares.sum(axis=1) - fit.value).max() < 1e-10


def test_component_is_the_last_resort(locked, monkeypatch):
    monkeypatch.setattr(
        factor, "two_step", lambda panel, layout, *parts: _locked(two_step(panel, layout, *parts))
    )
    fit = _fit(_members(8, 4, noise=1.2)[0])
    assert fit.method == "pca"
    assert fit.value.corr(fit.pca) > 0.999


def test_search_without_an_end_is_replaced_and_said(monkeypatch):
    found = factor.maximise
    monkeypatch.setattr(factor, "maximise", lambda *parts: (found(*parts)[0], False))
    fit = _fit(_members(8, 3)[0])
    assert (fit.method, fit.reason, fit.converged) == ("two_step", "search did not converge", False)


def test_fallback_reaches_the_tables_and_qa(declarations, monkeypatch):
    found = factor.maximise
    monkeypatch.setattr(factor, "maximise", lambda *parts: (found(*parts)[0], False))
    wages = [item.id for item in declarations.members("wages")]
    members = dict(zip(wages, _members(8, 2)[0].values(), strict=True))
    quality = status.dimension_quality(declarations, {"wages": _fit(members)})
    row = quality.set_index("dimension").loc["wages"]
    assert (row["method"], row["converged"]) == ("two_step", False)
    assert "ไม่ลู่เข้า" in row["note_th"]
    warnings = [item for item in factors.check({"dimension_quality": quality}) if item.severity == "warning"]
    assert [(item.rule, item.subject) for item in warnings] == [("factor.fallback", "wages")]
    assert "ไม่ลู่เข้า" in warnings[0].th


def test_sound_fits_raise_no_warning(tables):
    assert [item for item in factors.check(tables) if item.severity == "warning"] == []
