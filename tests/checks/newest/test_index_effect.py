"""What a finding says that a value does to the index is what the index does when it is computed with that value."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reporter.checks.newest.effects import IndexEffect, Told
from reporter.domain.declarations import Declarations, Name
from reporter.domain.edition import Settings
from reporter.index import model_file, national
from reporter.inputs.series_cells import latest_vintage
from reporter.runtime.cache import StageCache

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")
DATA = Path(__file__).resolve().parents[3] / "data"
SERIES = ("unemployment_rate", "quit_rate", "mpi", "vacancies", "hours_male", "hours_female", "hours_worked")


def told(series: str, period: str, found: float, expected: float, periods: int = 1) -> Told:
    at = pd.Period(period.replace("-Q", "Q"), freq="Q-DEC" if "Q" in period else "M")
    return Told("newest.surprise", "warning", (series, "TH"), at, found, expected, 9.0, Name("", ""), periods)


@pytest.mark.parametrize(
    ("series", "periods", "factor"),
    [
        ("unemployment_rate", ["2025-Q3"], 2.0),
        ("mpi", ["2025-07", "2025-08", "2025-09"], 0.85),
        ("hours_male", ["2025-Q3"], 1.05),
    ],
)
def test_effects_are_what_a_build_would_find(
    series: str,
    periods: list[str],
    factor: float,
    nation: pd.DataFrame,
    declarations: Declarations,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    few = latest_vintage(nation[nation["indicator"].isin(SERIES)], None)
    kept = model_file.read(DATA, QUARTER.year)
    assert kept is not None
    run = national.cached_run(StageCache(tmp_path_factory.getbasetemp() / "x13"))

    def index(history: pd.DataFrame) -> pd.Series:
        prepared = national.prepare(history, declarations, QUARTER, Settings(), None, run, kept)
        result = national.estimate(prepared, declarations, QUARTER, Settings(), kept)
        return result.values.value.loc[QUARTER]

    at = (few["indicator"] == series) & few["period"].isin(periods)
    wrong = few.assign(value=few["value"].where(~at, factor * few["value"]))
    effect = IndexEffect(wrong, declarations, QUARTER, model=kept.model, seasonal_models=None, run=run)
    true = float(few.loc[at, "value"].iloc[0])
    moved = effect(told(series, periods[0], factor * true, true, len(periods)))
    assert moved is not None
    assert moved.is_exact
    difference = index(wrong) - index(few)
    assert moved.index == pytest.approx(difference["overall"], abs=0.005)
    assert moved.sub_index == pytest.approx(difference[moved.dimension], abs=0.005)


def test_series_outside_the_index_have_no_effect(nation: pd.DataFrame, declarations: Declarations) -> None:
    kept = model_file.read(DATA, QUARTER.year)
    assert kept is not None
    run = national.cached_run(StageCache(None))
    effect = IndexEffect(nation, declarations, QUARTER, model=kept.model, seasonal_models=None, run=run)
    assert effect(told("short_term_rate", "2025-Q3", 9.0, 2.0)) is None
