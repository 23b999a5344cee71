"""The joint model: its posterior against a second computation, and identities on random ragged edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.domain.edition import Settings
from reporter.domain.periods import iso
from reporter.index import (
    joint_model,
    model_file,
    national,
    realtime,
    recompute,
)
from reporter.index.composite import OVERALL, index_table, points
from reporter.index.joint_model import Posterior, observations_of, smooth
from tests.index.conftest import QUARTER


@pytest.fixture(scope="module")
def result(simulated, declarations) -> national.National:
    prepared = national.prepare(simulated[0].assign(adjusted=True), declarations, QUARTER, Settings())
    return national.estimate(prepared, declarations, QUARTER, Settings())


def _ragged(inputs: dict[str, pd.Series], rng: np.random.Generator) -> dict[str, pd.Series]:
    """The inputs with random ends cut off, random holes and one series gone."""
    found = {}
    for name, values in inputs.items():
        kept = values.iloc[: len(values) - int(rng.integers(0, 7))].copy()
        kept[rng.random(len(kept)) < 0.05] = np.nan
        found[name] = kept
    del found[str(rng.choice(list(found)))]
    return found


def _series(prepared: national.Prepared) -> pd.DataFrame:
    """Table ``series``, as far as the second computation reads it."""
    rows = [
        (name, iso(period), value) for name, own in prepared.adjusted.items() for period, value in own.items()
    ]
    return pd.DataFrame(rows, columns=["indicator", "period", "adjusted"])


def test_second_computation_gives_the_same_index_and_finds_a_slip(result):
    text = model_file.text(model_file.KeptModel(2025, 1, result.model))
    table = index_table(result.values, "TH")
    assert recompute.difference(text, _series(result.prepared), table)[0] < 1e-3
    table.loc[table["dimension"] == "wages", "value"] += 0.1
    largest, where = recompute.difference(text, _series(result.prepared), table)
    assert largest > recompute.TOLERANCE and where.startswith("wages")


def test_posterior_is_the_conditional_expectation_of_the_stated_covariances(result):
    """By the textbook formula from covariances written down here, for two quarterly and two monthly members."""
    names = [m.indicator for m in result.model.members if m.dimension in ("wages", "job_opportunity")]
    short = {
        name: result.inputs[name].iloc[-36 if "placements" in name or "vacancies" in name else -12 :]
        for name in names
    }
    posterior = smooth(result.model, short, QUARTER)
    model, grid, seen = result.model, posterior.grid, posterior.seen
    months = 3 * grid.quarters
    rows = np.zeros((len(seen.cell), months))
    for o, cell in enumerate(seen.cell):
        covered = (
            slice(3 * cell, 3 * cell + 3)
            if cell < grid.quarters
            else slice(cell - grid.quarters, cell - grid.quarters + 1)
        )
        rows[o, covered] = 1 / len(range(months)[covered])
    lags = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    names = list(model.dimensions)
    share = np.array([model.dimensions[m.dimension].common for m in model.members])[seen.member]
    which = np.array([names.index(m.dimension) for m in model.members])[seen.member]
    loading = np.array([m.loading for m in model.members])[seen.member]
    between = np.where(which[:, None] == which[None, :], 1.0, np.outer(share, share))
    factor = 0.95**lags
    covariance = np.outer(loading, loading) * between * (rows @ factor @ rows.T)
    time = rows @ (grid.first.year + (grid.first.quarter - 1) / 4 + (np.arange(months) + 0.5) / 12)
    for number, member in enumerate(model.members):
        own = np.flatnonzero(seen.member == number)
        if not len(own):
            continue
        away = time[own] - member.middle
        part = (
            1.5**2 + member.slope_prior**2 * np.outer(away, away) + (member.white + 1e-4) * np.eye(len(own))
        )
        if member.monthly:
            part = part + member.persistent * 0.5 ** np.abs(np.subtract.outer(seen.cell[own], seen.cell[own]))
        else:
            part = part + member.persistent * model.own_quarterly ** np.abs(
                np.subtract.outer(seen.cell[own], seen.cell[own])
            )
        covariance[np.ix_(own, own)] += part
    quarter = np.kron(np.eye(grid.quarters), np.full((1, 3), 1 / 3))
    unit = np.sqrt((quarter @ factor @ quarter.T)[0, 0])
    for place, name in enumerate(names):
        reach = np.where(which == place, 1.0, model.dimensions[name].common * share) * loading
        target = quarter @ factor @ rows.T * reach / unit
        by_hand = target @ np.linalg.solve(covariance, seen.value)
        assert np.abs(by_hand - posterior.value[name]).max() < 1e-8
        variance = 1 - np.einsum("ij,ij->i", target, np.linalg.solve(covariance, target.T).T)
        assert np.abs(np.sqrt(variance) - posterior.spread[name]).max() < 1e-8


@pytest.mark.parametrize("seed", range(5))
def test_parts_weights_and_news_sum_exactly_on_random_ragged_edges(result, seed):
    rng = np.random.default_rng(seed)
    before, now = (_ragged(result.inputs, rng) for _ in range(2))
    now = {name: values + 0.01 * rng.standard_normal(len(values)) for name, values in now.items()}
    posterior = smooth(result.model, now, QUARTER)
    assert np.abs(posterior.parts.sum(axis=2) - posterior.value.to_numpy()).max() < 1e-9
    quarters = [QUARTER - 1, QUARTER]
    by_weights = posterior.weights(quarters) @ posterior.seen.value
    assert np.abs(by_weights - posterior.value.loc[quarters].to_numpy().ravel()).max() < 1e-9
    seen = observations_of(result.model, posterior.grid, before)
    found = realtime.impacts(posterior, seen, quarters)
    earlier = Posterior(result.model, posterior.grid, seen).value
    change = (posterior.value - earlier).loc[quarters].to_numpy().ravel()
    assert np.abs(found.total - change).max() < 1e-9
    assert np.abs(change).max() > 0.01


def _workspace(
    result: national.National, rng: np.random.Generator, slip: float
) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """Raw series with a season and adjusted ones without, ragged; one value lies ``slip`` standard deviations off."""
    adjusted = _ragged(result.prepared.adjusted, rng)
    member = next(m for m in result.model.members if m.form == "level" and m.dimension == "unemployment")
    values = result.prepared.adjusted[member.indicator].copy()
    values.iloc[-9] = member.centre + slip * member.scale
    adjusted[member.indicator] = values
    raw = {}
    for name, values in adjusted.items():
        season = 1 + 0.1 * np.sin(np.arange(len(values))) + 0.01 * rng.standard_normal(len(values))
        raw[name] = values * season
    return raw, adjusted


@pytest.mark.parametrize("seed", range(5))
def test_steps_from_raw_data_to_the_index_sum_exactly_on_random_ragged_edges(result, seed):
    """Contributions and revisions by raw data, transformation, seasonal adjustment and clipping lose nothing."""
    rng = np.random.default_rng(seed)
    (raw_before, before), (raw, adjusted) = (_workspace(result, rng, slip) for slip in (0.0, 30.0))
    anchor = joint_model.anchors(raw)
    steps = joint_model.steps(result.model, raw, adjusted, anchor)
    inputs = joint_model.inputs(result.model, adjusted)
    for name, values in inputs.items():
        whole = sum(steps[step][name] for step in joint_model.STEPS)
        pd.testing.assert_frame_equal(
            whole.to_frame("v"), values.to_frame("v"), atol=1e-12, rtol=0, check_freq=False
        )
    posterior = smooth(result.model, inputs, QUARTER)
    values = national.index_values(posterior, inputs)
    by_step = national.composite.of_steps(posterior, steps, QUARTER)
    assert set(by_step["step"]) == set(joint_model.STEPS)
    key = ["against", "dimension", "indicator"]
    sums = by_step.groupby(key)[["contribution", "sub_index"]].sum()
    told = national.composite.of_indicators(values, posterior)
    told = told[told["period"] == iso(QUARTER)].set_index(key)[["contribution", "sub_index"]]
    assert np.abs(told.sub(sums, fill_value=0.0)).to_numpy().max() < 1e-9
    steps_before = joint_model.steps(result.model, raw_before, before, anchor)
    earlier = joint_model.inputs(result.model, before)
    news = realtime.since(posterior, earlier, steps, steps_before)["news"]
    assert {"news", *realtime.KINDS.values()} == set(news["kind"])
    change = points(result.model, posterior.value) - points(
        result.model, smooth(result.model, earlier, QUARTER).value
    )
    for quarter in (QUARTER - 1, QUARTER):
        impact = news.loc[news["period"] == iso(quarter), "impact"].sum()
        assert impact == pytest.approx(change.loc[quarter, OVERALL], abs=1e-9)


def test_what_only_the_seasonal_adjustment_moved_is_told_as_that(result):
    raw = {name: item.values for name, item in result.prepared.series.items()}
    anchor = joint_model.anchors(raw)
    adjusted = result.prepared.adjusted
    again = {name: values * 1.01 if name == "vacancies" else values for name, values in adjusted.items()}
    steps, steps_now = (joint_model.steps(result.model, raw, one, anchor) for one in (adjusted, again))
    now = smooth(result.model, joint_model.inputs(result.model, again), QUARTER)
    news = realtime.since(now, result.inputs, steps_now, steps)["news"]
    assert set(news["kind"]) <= {"seasonal"} and set(news["indicator"]) <= {"vacancies"}


def test_an_observation_that_comes_as_expected_is_no_news(result):
    cut = {n: v[: v.index[-1] - 2] for n, v in result.inputs.items()}
    known = smooth(result.model, cut, QUARTER)
    full = observations_of(result.model, known.grid, result.inputs)
    new = ~np.isin(full.member * 10_000 + full.cell, known.seen.member * 10_000 + known.seen.cell)
    arrived = joint_model.Observations(full.member[new], full.cell[new], full.value[new])
    value = full.value.copy()
    value[new] = known.expected(arrived)
    again = Posterior(result.model, known.grid, joint_model.Observations(full.member, full.cell, value))
    assert np.abs(again.value - known.value).to_numpy().max() < 1e-6


def test_every_dimension_has_a_value_and_a_wider_band_when_its_sources_are_late(result, declarations):
    late = {item.id for item in declarations.members("unemployment")}
    cut = {
        name: values[: (QUARTER - 2).asfreq(values.index.freqstr, "end")] if name in late else values
        for name, values in result.inputs.items()
    }
    values = national.index_values(smooth(result.model, cut, QUARTER), cut)
    assert values.value.loc[QUARTER].notna().all()
    assert values.status.loc[QUARTER, "unemployment"] == "nowcast"
    assert values.status.loc[QUARTER, OVERALL] == "provisional"
    assert values.spread.loc[QUARTER, "unemployment"] > result.values.spread.loc[QUARTER, "unemployment"]
    moved = (values.value - result.values.value).loc[QUARTER].abs()
    assert moved["unemployment"] < 15 and moved[OVERALL] < 8


def test_the_spread_of_a_change_is_that_of_simulated_paths(result):
    """Variances by lag against the covariance of values whose observations are drawn from the model's own posterior weights."""
    short = {name: values.iloc[-24:] for name, values in result.inputs.items()}
    posterior = smooth(result.model, short, QUARTER)
    weights = posterior.weights([QUARTER - 4, QUARTER])
    count = len(posterior.dimensions)
    quarters = [posterior.grid.quarters - 5, posterior.grid.quarters - 1]
    common = np.array([item.common for item in result.model.dimensions.values()])
    between = np.outer(common, common)
    np.fill_diagonal(between, 1.0)
    step = 0.95 ** (3 * 4) * _cross_mean(0.95) / joint_model.quarter_variance(0.95)
    target = _targets(posterior, quarters)
    explained = weights @ target.T
    by_hand = step * between - explained[count:, :count]
    assert np.abs(posterior.blocks(4)[-1] - by_hand).max() < 1e-6


def _cross_mean(persistence: float) -> float:
    """Covariance of two quarters' means four quarters apart, in units of ``persistence ** 12``."""
    return sum(persistence ** (a - b) for a in range(3) for b in range(3)) / 9


def _targets(posterior: Posterior, quarters: list[int]) -> np.ndarray:
    """Covariance of the factors with the observations, from the definition."""
    model, grid, seen = posterior.model, posterior.grid, posterior.seen
    names = list(model.dimensions)
    unit = np.sqrt(joint_model.quarter_variance(model.persistence))
    found = []
    for quarter in quarters:
        for name in names:
            row = []
            for number, cell in zip(seen.member, seen.cell, strict=True):
                member = model.members[number]
                months = range(3 * cell, 3 * cell + 3) if cell < grid.quarters else [cell - grid.quarters]
                pairs = [0.95 ** abs(a - b) for a in range(3 * quarter, 3 * quarter + 3) for b in months]
                same = member.dimension == name
                between = (
                    1.0 if same else model.dimensions[name].common * model.dimensions[member.dimension].common
                )
                row.append(member.loading * between * np.mean(pairs) / unit)
            found.append(row)
    return np.array(found)


def test_the_composite_is_the_fixed_weighted_mean_of_all_sub_indices(result):
    made = points(result.model, result.posterior.value)
    base = made[result.model.base[0] : result.model.base[1]]
    weighted = (base.drop(columns=OVERALL) - 100) @ result.model.weights
    assert result.model.weights.sum() == pytest.approx(1, abs=1e-12)
    assert np.corrcoef(weighted, base[OVERALL])[0, 1] == pytest.approx(1, abs=1e-12)


def test_new_data_leave_the_learnt_model_alone(result, simulated, declarations):
    """Within a block of five years only data may move the index."""
    earlier = simulated[0].assign(adjusted=True)
    earlier = earlier[~earlier["period"].isin(["2025-07", "2025-08", "2025-09", "2025-Q3"])]
    prepared = national.prepare(earlier, declarations, QUARTER - 1, Settings())
    before = national.estimate(prepared, declarations, QUARTER - 1, Settings())
    assert before.model == result.model
