"""Early warning: signals from a series' own past, turning points by hand, usefulness on histories whose downturns are known."""

import numpy as np
import pandas as pd
import pytest

from reporter import measures
from reporter.domain import schema
from reporter.domain.periods import parse_quarter
from reporter.inputs import declared
from reporter.measures import (
    Quality,
    downturns,
    rules,
    signals_of,
    turning_points,
)
from tests.bench.bench_signals import TARGET, measured
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow


def test_a_signal_knows_only_its_own_past():
    random = np.random.default_rng(1)
    values = 100 + np.cumsum(random.normal(0, 1, 60))
    _, words = signals_of(values, rules())
    for size in (25, 40, 59):
        assert signals_of(values[:size], rules())[1] == words[:size]


def test_a_fall_among_the_worst_tenth_is_an_alert_and_too_little_past_says_nothing():
    values = np.array([100.0 + 0.1 * n + (0.05 if n % 2 else 0) for n in range(30)] + [96.0])
    ranks, words = signals_of(values, rules())
    assert words[-1] == "alert" and ranks[-1] == pytest.approx(1 / 29)
    first = rules().least_history + rules().span_quarters - 1
    assert words[:first] == [""] * first and "" not in words[first:]
    assert set(words[first:-1]) == {"normal"}  # a slower rise is no fall


def test_turning_points_of_a_plain_cycle_and_a_blip_that_is_none():
    rise, fall = np.linspace(100, 110, 9), np.linspace(110, 104, 6)
    values = np.concatenate(
        [rise, fall[1:], np.linspace(104, 112, 9)[1:], np.linspace(112, 108, 5)[1:], [108.5, 109, 109.5]]
    )
    assert turning_points(values, rules()) == [(8, "peak"), (13, "trough"), (21, "peak"), (25, "trough")]
    inside = downturns(turning_points(values, rules()), len(values))
    assert np.flatnonzero(inside).tolist() == [*range(9, 14), *range(22, 26)]
    blip = np.linspace(100, 110, 20)
    blip[10] += 3  # one quarter is no phase
    assert turning_points(blip, rules()) == []
    assert turning_points(np.array([1.0, np.nan, 2, 3]), rules()) == []


def test_quality_by_hand():
    found = Quality(hits=6, missed=4, false_alarms=5, quiet=45)
    assert found.noise_to_signal == pytest.approx((5 / 50) / (6 / 10))
    assert found.usefulness(0.5) == pytest.approx(0.5 - (0.5 * 0.4 + 0.5 * 0.1))
    assert Quality(0, 0, 3, 4).usefulness(0.5) is None and Quality(0, 5, 3, 4).noise_to_signal is None


def test_on_simulated_histories_with_known_downturns_the_signal_is_useful():
    found, dated = measured(60, seed=11)
    assert found.usefulness(rules().preference) > 0.2
    assert found.noise_to_signal < 0.3 and dated > 0.8
    assert "usefulness = 0." in TARGET.read_text(encoding="utf-8")


def test_the_measured_numbers_are_those_of_the_declared_thresholds():
    import tomllib

    kept = tomllib.loads(TARGET.read_text(encoding="utf-8"))
    found, _ = measured()
    assert (kept["hits"], kept["missed"]) == (found.hits, found.missed)
    assert (
        kept["usefulness"] == pytest.approx(found.usefulness(rules().preference), abs=1e-4)
        and kept["usefulness"] > 0
    )


def test_the_diffusion_index_counts_what_improved():
    index = pd.period_range("2024Q1", periods=3, freq="Q-DEC")
    series = {"a": [1, 2, 2], "b": [5, 4, 5], "c": [1, 2, 3], "d": [1, np.nan, np.nan]}
    found = measures.diffusion(
        {key: pd.Series(values, index=index, dtype=float) for key, values in series.items()}
    )
    assert found.tolist() == pytest.approx([200 / 3, 250 / 3])  # two of three; two and a half of three


def test_an_index_of_the_cycle_by_hand():
    declarations = declared.load(None).indicators
    index = pd.period_range("2024Q1", periods=3, freq="Q-DEC")
    rate = pd.Series([4.0, 3.0, 6.0], index=index)  # worse when higher: 1 better, 3 worse; mean size 2
    posts = pd.Series(
        [100.0, 120.0, 120.0], index=index
    )  # symmetrical: 20 / 110, then 0; mean size half of it
    found = measures.cycle_changes(
        {
            "unemployment_rate": (declarations["unemployment_rate"], rate),
            "vacancies": (declarations["vacancies"], posts),
        }
    )
    assert found.dropna().tolist() == pytest.approx([(0.5 + 2) / 2, (-1.5 + 0) / 2])
    assert measures.accumulated(pd.Series([10.0, -10.0])).tolist() == pytest.approx([100 * 210 / 190, 100])


def test_the_leading_and_the_coincident_index_are_dated_and_every_declared_indicator_exists():
    tables, declarations = example_tables(), declared.load(None)
    found = measures.compute_signals(
        tables["labour_index"], tables["series"], declarations, parse_quarter("2025-Q3")
    )
    assert set(rules().timing) == {"coincident", "leading"}
    assert {code for codes in rules().timing.values() for code in codes} <= set(declarations.indicators)
    own = found["signals"].query("kind == 'cycle'")
    assert set(own["item"]) == {"coincident", "leading"}
    sizes = (
        own.sort_values("period")
        .groupby("item")["value"]
        .apply(lambda values: np.log(values).diff().abs().mean())
    )
    assert sizes["leading"] == pytest.approx(sizes["coincident"], rel=0.05)  # both swing as widely


def test_the_tables_hold_every_dimension_and_indicator_and_keep_their_schema():
    tables, declarations = example_tables(), declared.load(None)
    found = measures.compute_signals(
        tables["labour_index"], tables["series"], declarations, parse_quarter("2025-Q3")
    )
    for name, table in found.items():
        schema.check(name, table)
    drawn_whole = found["signals"]["kind"].isin(["cycle", "diffusion"])
    assert set(found["signals"]["signal"][~drawn_whole]) <= {"normal", "watch", "alert"}
    assert set(found["signals"]["signal"]) <= {"normal", "watch", "alert", ""}
    quality = found["signal_quality"].set_index(["kind", "item"])
    assert ("index", "overall") in quality.index and ("simulation", "overall") in quality.index
    assert {("dimension", code) for code in declarations.dimensions} <= set(quality.index)
