"""A revision that reaches one series of an identity is told for every quarter that it changed, however old."""

import numpy as np
import pandas as pd
import pytest

from reporter.checks import newest
from reporter.inputs.declared import load

QUARTERS = pd.period_range("2010Q1", "2025Q3", freq="Q")
REVISED = ["2018-Q1", "2018-Q2", "2018-Q3", "2018-Q4"]


def _iso(period: pd.Period) -> str:
    return f"{period.year}-Q{period.quarter}"


def _identity() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    participation = 68 + np.round(random.normal(0, 0.4, len(QUARTERS)), 2)
    unemployment = 1 + np.round(np.abs(random.normal(0, 0.2, len(QUARTERS))), 2)
    employment = np.round(participation * (1 - unemployment / 100), 2)
    return {
        "participation_rate": participation,
        "unemployment_rate": unemployment,
        "employment_rate": employment,
    }


def _rows(series: str, values, periods, as_of: str) -> pd.DataFrame:
    periods = list(periods)
    return pd.DataFrame(
        {
            "indicator": series, "group": "TH", "period": periods, "frequency": "Q", "value": list(values), "as_of": pd.Timestamp(as_of),
            "adjusted": False, "flag": "", "file": f"series/{as_of}.csv", "row": range(2, len(periods) + 2), "cell": "",
        }
    )  # fmt: skip


def _history(*revisions: tuple[str, float]) -> pd.DataFrame:
    values = _identity()
    frames = [_rows(name, own, map(_iso, QUARTERS), "2025-11-14") for name, own in values.items()]
    places = [list(map(_iso, QUARTERS)).index(text) for text in REVISED]
    frames += [_rows(name, values[name][places] + by, REVISED, "2025-11-18") for name, by in revisions]
    return pd.concat(frames, ignore_index=True)


def _relations(history):
    found = newest.check(history, load(), QUARTERS[-1])
    return [one for one in found if one.rule == "newest.relation"]


@pytest.mark.parametrize("series", ["employment_rate", "participation_rate"])
def test_a_revision_of_one_series_alone_is_told_with_all_its_quarters(series):
    (found,) = _relations(_history((series, -1.2)))
    assert found.severity == "warning"
    assert found.subject == f"{series} TH 2018-Q4"
    assert found.where == "series/2025-11-18.csv"
    assert found.row == 5
    for quarter in REVISED:
        assert quarter in found.th
        assert quarter in found.en


def test_a_revision_that_reached_all_series_is_silent():
    assert _relations(_history(("employment_rate", -1.2), ("participation_rate", -1.2))) == []
    assert _relations(_history()) == []


def test_a_revision_that_mends_an_identity_is_silent():
    history = _history(("employment_rate", 0.0))
    is_first = (history["indicator"] == "employment_rate") & (history["as_of"] == "2025-11-14")
    history.loc[is_first & history["period"].isin(REVISED), "value"] -= 3.0
    assert _relations(history) == []
