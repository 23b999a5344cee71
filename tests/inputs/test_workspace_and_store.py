"""A workspace's series files and its store are one history; `--as-of` sees the day's state to the last digit."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from reporter.inputs import vintages
from reporter.inputs.workspace import open_workspace


def store(root, day, value, indicator="mpi", period="2025-08"):
    row = (
        indicator,
        "TH",
        period,
        "M",
        value,
        pd.Timestamp(f"{day} 15:30"),
        False,
        "",
        "files",
        "snapshots/files/x",
        pd.NaT,
        "incoming/x.xlsx[a]",
        7,
        "C7",
    )
    vintages.append(root, pd.DataFrame([row], columns=vintages.COLUMNS))


def value(root, day=None):
    found = open_workspace(root).observations(None if day is None else dt.date.fromisoformat(day))
    return found.loc[found["period"] == "2025-08", "value"].tolist()


def test_the_newest_of_files_and_store_counts(tmp_path):
    series = tmp_path / "series"
    series.mkdir()
    (series / "mpi.csv").write_text(
        "indicator,period,value,as_of\nmpi,2025-08,95.1,2025-09-30\nmpi,2025-07,94,2025-09-30\n",
        encoding="utf-8",
    )
    store(tmp_path, "2025-10-20", 95.30000000000001)
    assert value(tmp_path) == [95.30000000000001]
    assert value(tmp_path, "2025-10-19") == [95.1]
    assert value(tmp_path, "2025-10-20") == [95.30000000000001]  # the whole day counts
    assert value(tmp_path, "2025-09-29") == []
    history = open_workspace(tmp_path).observation_history()
    assert history.loc[history["period"] == "2025-08", "value"].tolist() == [95.1, 95.30000000000001]
    assert open_workspace(tmp_path).observation_history("TH").equals(history)
    assert open_workspace(tmp_path).observation_history("PROVINCE:TH-10").empty


def test_rates_are_computed_from_counts_in_the_store(tmp_path):
    (tmp_path / "series").mkdir()
    store(tmp_path, "2025-10-20", 250.0, "claimants")
    store(tmp_path, "2025-10-21", 11750.0, "insured_s33")
    found = open_workspace(tmp_path).observations()
    rate = found.loc[found["indicator"] == "sso_unemployment_rate", "value"].tolist()
    assert rate == [250 / 12000 * 100]


def test_a_quarterly_rate_needs_all_months_of_its_counts(tmp_path):
    (tmp_path / "series").mkdir()
    for month, laid_off, claimants in (("07", 10, 100), ("08", 20, 200), ("09", 30, 300), ("10", 40, 400)):
        store(tmp_path, "2025-11-20", laid_off, "laid_off_claimants", f"2025-{month}")
        store(tmp_path, "2025-11-20", claimants, "claimants", f"2025-{month}")
        store(tmp_path, "2025-11-20", 1800, "insured_s33", f"2025-{month}")
    found = open_workspace(tmp_path).observations()
    rate = found[found["indicator"] == "layoff_rate"]
    # stocks are averaged: 20 / (1800 + 200) * 100; October has no quarter yet
    assert rate[["period", "frequency", "value"]].to_numpy().tolist() == [["2025-Q3", "Q", 1.0]]


def test_a_quarters_population_stands_under_each_month(tmp_path):
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "lfs.csv").write_text(
        "indicator,period,value\npopulation_15_plus,2025-Q3,400\n", encoding="utf-8"
    )
    for month in ("07", "08", "10"):
        store(tmp_path, "2025-11-20", 100.0 + int(month), "insured_s33", f"2025-{month}")
    found = open_workspace(tmp_path).observations()
    rate = found[found["indicator"] == "sso_employment_rate"]
    assert rate[["period", "frequency", "value"]].to_numpy().tolist() == [
        ["2025-07", "M", 26.75],
        ["2025-08", "M", 27.0],
    ]


def test_what_no_indicator_knows_stays_in_the_store(tmp_path):
    (tmp_path / "series").mkdir()
    store(tmp_path, "2025-10-20", 1.0, "something_else")
    assert open_workspace(tmp_path).observations().empty
