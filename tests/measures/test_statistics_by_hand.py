"""The annex's arithmetic on a declaration of three measures, by hand (see docs/mutation.md)."""

from __future__ import annotations

import pandas as pd
import pytest

from reporter import measures
from reporter.domain import schema
from reporter.measures import Annex


def _named(name):
    return {"th": name, "en": name}


def _annex(**measure):
    declared = {
        "id": "m",
        "formula": "a / b * 100",
        "unit": "percent",
        "frequencies": ("quarterly", "yearly"),
    }
    return Annex.model_validate(
        {
            "indicators": [
                {
                    "catalogue": "KILM",
                    "number": 3,
                    "name": _named("อัตรา"),
                    "agency": "x",
                    "measure": [{**declared, **measure}],
                }
            ],
            "inputs": {
                "a": {"name": _named("a"), "unit": "persons", "aggregate": "sum"},
                "b": {"name": _named("b"), "unit": "persons", "aggregate": "last"},
                "c": {"name": _named("c"), "unit": "persons", "aggregate": "mean"},
            },
            "breakdowns": {"sex": {"name": _named("เพศ"), "parts": [{"id": "male", "name": _named("ชาย")}]}},
            "units": {"percent": _named("ร้อยละ")},
        }
    )


def observed(**series):
    """``series={(group, period): value}``; a key that is no pair is a period of the country."""
    rows = []
    for indicator, values in series.items():
        for key, value in values.items():
            group, period = key if isinstance(key, tuple) else ("TH", key)
            frequency = "Q" if "Q" in period else "M" if "-" in period else "Y"
            rows.append((indicator, group, period, frequency, float(value)))
    return pd.DataFrame(rows, columns=["indicator", "group", "period", "frequency", "value"])


def found(annex, quarter=None, **series):
    table = measures.compute_annex(observed(**series), annex, quarter)
    return {(row.group, row.period): row.value for row in table.itertuples(index=False)}


YEAR = [f"2024-{month:02d}" for month in range(1, 13)]


def test_twelve_months_make_four_quarters_and_a_year_whatever_their_order():
    a = dict(reversed([(month, n) for n, month in enumerate(YEAR, start=1)]))
    b = {month: 10 * n for month, n in a.items()}
    assert found(_annex(), a=a, b=b) == {
        ("TH", "2024-Q1"): 20,  # (1 + 2 + 3) / 30
        ("TH", "2024-Q2"): 25,  # (4 + 5 + 6) / 60
        ("TH", "2024-Q3"): pytest.approx(100 * 24 / 90),
        ("TH", "2024-Q4"): pytest.approx(27.5),
        ("TH", "2024"): 65,  # 78 / 120
    }


def test_eleven_months_make_no_year_and_three_quarters_none():
    a = dict.fromkeys(YEAR[1:], 1)
    assert set(found(_annex(formula="a"), a=a)) == {("TH", f"2024-Q{n}") for n in (2, 3, 4)}
    quarters = {f"2024-Q{n}": n for n in (1, 2, 3)}
    assert found(_annex(formula="a", frequencies=("yearly",)), a=quarters) == {}


def test_a_years_value_makes_no_quarter_but_stands_for_the_year():
    assert found(_annex(formula="a"), a={"2024": 7}) == {("TH", "2024"): 7}


def test_the_sources_own_quarter_stands_before_the_months():
    a = {"2024-01": 1, "2024-02": 1, "2024-03": 1, "2024-Q1": 50}
    assert found(_annex(formula="a"), a=a) == {("TH", "2024-Q1"): 50}


def test_a_year_ends_with_its_fourth_quarter():
    a = {f"2024-Q{n}": n for n in (1, 2, 3, 4)}
    at_its_end = found(_annex(formula="a"), pd.Period("2024Q4"), a=a)
    assert at_its_end[("TH", "2024")] == 10 and len(at_its_end) == 5
    before = found(_annex(formula="a"), pd.Period("2024Q3"), a=a)
    assert set(before) == {("TH", f"2024-Q{n}") for n in (1, 2, 3)}


def test_a_rate_of_change_by_group_and_without_a_zero_before():
    c = {
        ("REGION:n", "2024-Q1"): 0,
        ("REGION:n", "2024-Q2"): 8,
        ("REGION:n", "2024-Q3"): 6,
        ("REGION:s", "2024-Q1"): 1,
        ("REGION:s", "2024-Q2"): 3,
        ("TH", "2024-Q1"): 1,
        ("TH", "2024-Q2"): 2,
    }
    annex = _annex(formula="c", change=True, group="REGION")
    assert found(annex, c=c) == {("REGION:n", "2024-Q3"): -25, ("REGION:s", "2024-Q2"): 200}


def test_the_country_alone_where_no_group_is_asked_for():
    c = {("REGION:n", "2024-Q1"): 4, ("TH", "2024-Q1"): 5}
    assert found(_annex(formula="c"), c=c) == {("TH", "2024-Q1"): 5}


def test_a_row_says_code_measure_name_unit_and_part():
    annex = _annex(formula="a / a_total * 100", by="sex", split=("a",))
    table = measures.compute_annex(observed(a={"2024-Q1": 8}, a_male={"2024-Q1": 2}), annex)
    assert table.iloc[0].tolist() == ["KILM 3", "m", "อัตรา (ชาย)", "ร้อยละ", "TH", "male", "2024-Q1", 25.0]
    assert list(table.columns) == schema.columns("annex") and len(table) == 1


def test_a_measures_own_name_stands_before_the_indicators():
    table = measures.compute_annex(observed(a={"2024-Q1": 8}), _annex(formula="a", name=_named("จำนวน")))
    assert table["name_th"].tolist() == ["จำนวน"] and table["part"].tolist() == [""]


def test_one_input_of_two_is_not_enough():
    assert found(_annex(), a={"2024-Q1": 8}) == {}
    assert found(_annex(), a={"2024-Q1": 8}, b={"2024-Q2": 8}) == {}


def test_an_empty_annex_keeps_the_types_of_its_columns():
    table = measures.compute_annex(observed(other={"2024-Q1": 8}), _annex())
    assert table["value"].dtype == "float64" and table["code"].dtype == "str"
