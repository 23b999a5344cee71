"""The index in real time: without late sources, and what moved printed values since their first release."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.domain import schema
from reporter.domain.edition import Settings
from reporter.index import joint_model, national, realtime
from reporter.index.composite import OVERALL, points
from reporter.index.joint_model import Posterior, smooth, taken
from tests.index.conftest import QUARTER


@pytest.fixture(scope="module")
def posterior(simulated, declarations) -> Posterior:
    prepared = national.prepare(simulated[0].assign(adjusted=True), declarations, QUARTER, Settings())
    return national.estimate(prepared, declarations, QUARTER, Settings()).posterior


def test_the_leave_out_formula_is_the_posterior_of_what_is_left(posterior):
    newest = np.flatnonzero(posterior.grid.quarter_of(posterior.seen.cell) >= posterior.grid.quarters - 2)
    groups = [newest, newest[::3], newest[:1], newest[:0]]
    found = posterior.without(QUARTER, groups)
    for value, group in zip(found, groups, strict=True):
        kept = np.setdiff1d(np.arange(len(posterior.seen.value)), group)
        again = Posterior(posterior.model, posterior.grid, taken(posterior.seen, kept))
        assert np.abs(value - again.value.loc[QUARTER].to_numpy()).max() < 1e-10


def test_moves_by_late_sources_are_those_of_series_cut_off(posterior, simulated, declarations):
    moves = realtime.late_moves(posterior, declarations, QUARTER)
    names = realtime.sources(declarations)
    assert set(moves["missing"]) == set(range(1, moves["missing"].max() + 1)) <= set(range(1, len(names) + 1))
    prepared = national.prepare(simulated[0].assign(adjusted=True), declarations, QUARTER, Settings())
    inputs = joint_model.inputs(posterior.model, prepared.adjusted)
    cut = {
        name: values[: (QUARTER - 1).asfreq(values.index.freqstr, "end")]
        if "NSO" in declarations.indicators[name].source
        else values
        for name, values in inputs.items()
    }
    before, after = (
        points(posterior.model, smooth(posterior.model, own, QUARTER).value) for own in (inputs, cut)
    )
    moved = (after - before).loc[QUARTER]
    alone = moves[moves["missing"] == 1]
    assert np.abs(alone[moved.index] - moved).max(axis=1).min() < 1e-9


def test_the_index_without_a_source_is_that_of_a_posterior_that_never_saw_its_series(
    posterior, simulated, declarations
):
    found = realtime.without_sources(posterior, declarations)
    assert found and all(name.removeprefix("source_") in declarations.sources for name in found)
    published = points(posterior.model, posterior.value)[OVERALL]
    for name, values in found.items():
        own = {
            member.indicator
            for member in posterior.model.members
            if name.removeprefix("source_") in declarations.indicators[member.indicator].source.split("+")
        }
        seen = posterior.seen
        kept = [n for n, k in enumerate(seen.member) if posterior.model.members[k].indicator not in own]
        again = Posterior(posterior.model, posterior.grid, taken(seen, np.array(kept)))
        pd.testing.assert_series_equal(values, points(posterior.model, again.value)[OVERALL])
        assert (values - published).abs().max() > 1e-6, name


def test_more_missing_sources_have_more_rows_and_none_without_a_number(posterior, declarations):
    table = realtime.late_sources([realtime.late_moves(posterior, declarations, QUARTER)])
    assert list(table.columns) == schema.columns("late_sources")
    assert table["n"].sum() == 2 ** table["missing"].max() - 1
    assert np.isfinite(table.to_numpy(dtype=float)).all()
    assert (table["headline_largest"] >= table["headline_mean"]).all()


def _printed(
    quarter: str, values: dict[str, float], data: float, models: float, model: str
) -> realtime.Printed:
    index = pd.DataFrame(
        {"dimension": OVERALL, "group": "TH", "period": list(values), "value": list(values.values())}
    )
    earlier = [period for period in values if period != quarter.replace("Q", "-Q")]
    moved = pd.DataFrame({"dimension": OVERALL, "period": earlier, "data": data, "models": models})
    return realtime.Printed(pd.Period(quarter, freq="Q-DEC"), index, moved, model)


def test_the_track_record_tells_data_seasonal_models_and_the_model_apart():
    issues = [
        _printed("2024Q4", {"2024-Q4": 100.0}, 0.0, 0.0, "a"),
        _printed("2025Q1", {"2024-Q4": 103.0, "2025-Q1": 101.0}, 1.0, 2.0, "a"),  # January: seasonal models
        _printed(
            "2025Q2", {"2024-Q4": 106.5, "2025-Q1": 104.5, "2025-Q2": 99.0}, -0.5, 4.0, "b"
        ),  # another model
    ]
    rows = pd.DataFrame(columns=schema.columns("realtime")).astype({"simulated": bool})
    found = realtime.with_published(rows, issues)["track_record"].set_index("age")
    # Two quarters after its release 2024-Q4 has moved by 6.5: data 1 - 0.5, seasonal models 2, the model 4.
    assert found.loc[2, ["mean_abs", "data", "seasonal", "model"]].tolist() == [6.5, 0.5, 2.0, 4.0]
    # After one quarter: 2024-Q4 by 1 + 2 (seasonal), 2025-Q1 by -0.5 + 4 (model).
    assert found.loc[1, ["data", "seasonal", "model"]].tolist() == [0.75, 1.0, 2.0]


def test_a_missing_issue_between_leaves_the_causes_unsaid():
    issues = [
        _printed("2024Q4", {"2024-Q4": 100.0}, 0.0, 0.0, "a"),
        _printed("2025Q2", {"2024-Q4": 103.0, "2025-Q2": 101.0}, 1.0, 2.0, "a"),
    ]
    rows = pd.DataFrame(columns=schema.columns("realtime")).astype({"simulated": bool})
    record = realtime.with_published(rows, issues)["track_record"]
    assert record["mean_abs"].tolist() == [3.0]
    assert record[["data", "seasonal", "model"]].isna().all(axis=None)
