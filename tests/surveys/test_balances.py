"""Net balances: the score less 100, adjusted where years of answers show a season, alone where they do not."""

import numpy as np
import pandas as pd
import pytest

from reporter.surveys import pipeline
from surveys.respondents import respondents, write

pytestmark = pytest.mark.slow

LAST = pd.Period("2025Q4")


def balances(declarations, folder, quarters, season):
    """Workers' answers over some quarters; in the first quarter of the year some ratings are a step lower."""
    worker = declarations.questionnaires["worker"]
    files = {}
    for lag in range(quarters):
        period = LAST - lag
        frame = respondents(declarations, worker, 154, seed=lag, blank=0)
        columns = [item.column for item in worker.items]
        rng = np.random.default_rng(lag)
        level = 4 - (season if period.quarter == 1 else 0)
        frame[columns] = np.clip(level + rng.integers(-1, 2, (len(frame), len(columns))), 1, 5).astype(str)
        files[period] = write(frame, folder / f"{lag}.csv")
    tables, _ = pipeline.compute({"worker": files}, LAST, declarations)
    return tables


def test_a_season_is_taken_out_where_there_are_years_of_it(declarations, tmp_path):
    tables = balances(declarations, tmp_path, 24, season=1)
    item = tables["survey_balances"].query("series == 'q1.1'").set_index("period")
    scores = tables["confidence_items"].query("item == 'q1.1'").set_index("period")["value"]
    assert item["balance"].to_numpy() == pytest.approx((scores - 100).reindex(item.index).to_numpy())
    assert set(item["method"]) == {"x13"}
    is_first = item.index.str.endswith("Q1")
    gap = item["balance"][~is_first].mean() - item["balance"][is_first].mean()
    left = item["adjusted"][~is_first].mean() - item["adjusted"][is_first].mean()
    assert gap > 40 and abs(left) < 0.2 * gap


def test_a_short_history_is_left_as_it_is(declarations, tmp_path):
    table = balances(declarations, tmp_path, 5, season=1)["survey_balances"]
    assert set(table["method"]) == {"too_short"} and table["adjusted"].isna().all()
