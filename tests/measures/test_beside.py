"""Series beside the index: by hand, left out without inputs, never part of the index."""

import pandas as pd
import pytest

from reporter import measures
from reporter.domain import schema
from reporter.domain.declarations import names
from reporter.domain.periods import parse_quarter
from reporter.inputs import declared


def observed(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["indicator", "period", "frequency", "value"])
    return frame.assign(group="TH", as_of=pd.NaT, adjusted=False)


MONTHS = [("vacancies", f"2025-0{month}", "M", 100.0 * month) for month in (1, 2, 3, 4)]


def test_vacancies_of_three_months_stand_against_the_unemployed_of_the_quarter():
    found = measures.compute_beside(
        observed(*MONTHS, ("unemployed", "2025-Q1", "Q", 3000.0)), parse_quarter("2025-Q3")
    )
    schema.check("beside", found)
    assert found[["series", "period", "value"]].to_numpy().tolist() == [
        ["unemployed_persons", "2025-Q1", 3000.0],
        [
            "vacancies_per_unemployed",
            "2025-Q1",
            pytest.approx(20.0),
        ],  # 600 / 3,000; April alone is no quarter
    ]


def test_labour_cost_of_output_and_of_an_hour_by_hand():
    found = measures.compute_beside(
        observed(
            ("compensation_of_employees", "2025-Q1", "Q", 1500.0),  # million baht
            ("real_gdp_baht", "2025-Q1", "Q", 4e9),
            ("quarterly_hours", "2025-Q1", "Q", 2e7),
            ("compensation_of_employees", "2025-Q2", "Q", 9999.0),
        ),
        parse_quarter("2025-Q1"),
    ).set_index("series")["value"]
    assert found["unit_labour_cost"] == pytest.approx(37.5) and found["hourly_labour_cost"] == pytest.approx(
        75
    )


def test_a_delivered_series_is_shown_as_it_is_and_without_data_there_is_none():
    found = measures.compute_beside(
        observed(("working_poor_rate", "2025-Q1", "Q", 4.2)), parse_quarter("2025-Q3")
    )
    assert found[["series", "value"]].to_numpy().tolist() == [["working_poor_rate", 4.2]]
    assert measures.compute_beside(observed(*MONTHS), parse_quarter("2025-Q3")).empty


def test_every_input_is_declared_and_no_series_is_an_indicator():
    declarations = declared.load(None)
    known = {*measures.load_annex().inputs, *declarations.indicators}
    for item in measures.beside_declared():
        assert set(names(item["formula"])) <= known
        assert item["id"] not in declarations.indicators
        assert item.get("beside", "unemployment_rate") in declarations.indicators
