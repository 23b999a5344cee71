"""The annex: all formulas declared, tied to the indicators, computed from raw counts."""

from __future__ import annotations

import pandas as pd
import pytest

from reporter import measures as annexes
from reporter.domain import schema
from reporter.domain.declarations import names
from reporter.domain.errors import DeclarationError
from reporter.measures import beside_declared, compute_annex


@pytest.fixture(scope="module")
def annex():
    return annexes.load_annex()


def observations(**series):
    """``series_id={period: value}``, or ``{(group, period): value}``."""
    rows = []
    for indicator, values in series.items():
        for key, value in values.items():
            group, period = key if isinstance(key, tuple) else ("TH", key)
            rows.append((indicator, group, period, "Q" if "Q" in period else "M", float(value)))
    return pd.DataFrame(rows, columns=["indicator", "group", "period", "frequency", "value"])


def values(annex, code, **series):
    found = compute_annex(observations(**series), annex)
    found = found[found["code"] == code]
    return {
        (row.measure, row.group, row.part, row.period): row.value for row in found.itertuples(index=False)
    }


def test_all_17_kilm_and_74_kip_mol_indicators_are_declared(annex):
    codes = [indicator.code for indicator in annex.indicators]
    assert codes == [f"KILM {n}" for n in range(1, 18)] + [f"KIP-MOL {n}" for n in range(1, 75)]
    measures = [measure.id for indicator in annex.indicators for measure in indicator.measure]
    assert len(measures) == len(set(measures))


def test_every_input_is_used_and_has_a_unit(annex):
    used = {
        name.removesuffix("_total") for i in annex.indicators for m in i.measure for name in names(m.formula)
    }
    beside = {name for item in beside_declared() for name in names(item["formula"])}
    assert set(annex.inputs) == used | beside
    assert {item.unit for item in annex.inputs.values()} <= set(annex.units)


def test_the_indicators_of_the_index_are_mapped_to_the_annex(annex, declarations):
    mapped = {index for indicator in annex.indicators for index in indicator.index}
    assert mapped <= set(declarations.indicators)
    # Outside the annex: the economic indicators and women in senior management; the growth of GDP is no KILM either. An indicator that
    # the office adds may stand outside too.
    assert not mapped & {i for i, item in declarations.indicators.items() if item.dimension == "economy"}
    assert len(mapped) == 30 and "women_senior_management" not in mapped


def test_formulas_of_the_index_are_those_of_the_annex(annex, declarations):
    for indicator in annex.indicators:
        formulas = {measure.formula for measure in indicator.measure}
        for index in indicator.index:
            formula = declarations.indicators[index].formula
            if (
                formula
                and not declarations.indicators[index].components
                and indicator.code not in ("KILM 15",)
                and index != "quit_rate"
            ):
                assert formula in formulas, index


def test_insured_unemployment_rate_by_hand(annex):
    # 250 / (11,750 + 250) * 100 = 2.083...
    found = values(annex, "KIP-MOL 17", claimants={"2025-Q3": 250}, insured_s33={"2025-Q3": 11750})
    assert found == {("kip_mol_17", "TH", "", "2025-Q3"): pytest.approx(2.0833333)}


def test_months_become_complete_quarters_as_their_input_says(annex):
    months = {"2025-07": 10, "2025-08": 20, "2025-09": 30, "2025-10": 40}
    # tests are a flow: 60 passed of 120
    taken = {month: value * 2 for month, value in months.items()}
    found = values(annex, "KIP-MOL 13", skill_tests_passed=months, skill_tests_taken=taken)
    assert found == {("kip_mol_13", "TH", "", "2025-Q3"): 50.0}
    # claimants are a stock: mean 20 of (180 + 20)
    insured = dict.fromkeys(months, 180)
    assert (
        values(annex, "KIP-MOL 17", claimants=months, insured_s33=insured)[
            ("kip_mol_17", "TH", "", "2025-Q3")
        ]
        == 10.0
    )


def test_quarters_become_complete_years(annex):
    quarters = {f"2024-Q{n}": 100 * n for n in (1, 2, 3, 4)} | {"2025-Q1": 1}
    granted = {quarter: value / 4 for quarter, value in quarters.items()}
    found = values(annex, "KIP-MOL 34", complaints=quarters, complaints_granted=granted)
    assert found == {("kip_mol_34", "TH", "", "2024"): 25.0}


def test_a_rate_of_change_needs_the_period_before(annex):
    found = values(annex, "KIP-MOL 16", claimants={"2025-Q1": 100, "2025-Q2": 110, "2025-Q4": 200})
    assert found == {("kip_mol_16", "TH", "", "2025-Q2"): 10.0}


def test_breakdowns_take_the_endings_of_their_inputs(annex):
    found = values(
        annex,
        "KILM 4",
        employed={"2025-Q3": 400},
        employed_agriculture={"2025-Q3": 120},
        employed_services={"2025-Q3": 200},
    )
    assert found == {
        ("kilm_4", "TH", "agriculture", "2025-Q3"): 30.0,
        ("kilm_4", "TH", "services", "2025-Q3"): 50.0,
    }


def test_breakdowns_by_group_are_of_that_kind_only(annex):
    claimants = {("TH", "2025-Q3"): 50, ("INDUSTRY:C", "2025-Q3"): 10, ("REGION:north", "2025-Q3"): 5}
    insured = {key: value * 9 for key, value in claimants.items()}
    assert values(annex, "KIP-MOL 18", claimants=claimants, insured_s33=insured) == {
        ("kip_mol_18", "INDUSTRY:C", "", "2025-Q3"): 10.0
    }


def test_neet_rate_by_hand(annex):
    series = {"youth": 9000, "youth_employed": 3600, "youth_studying": 4320}
    found = values(
        annex,
        "KILM 10",
        **{name: {f"2025-Q{n}": value for n in (1, 2, 3, 4)} for name, value in series.items()},
    )
    assert found == {("kilm_10_2", "TH", "", "2025"): 12.0}  # (9000 - 3600 - 4320) / 9000


def test_unions_are_counted_per_100000_establishments(annex):
    found = compute_annex(observations(unions={"2025-Q3": 1400}, establishments={"2025-Q3": 500_000}), annex)
    row = found[(found["code"] == "KIP-MOL 40") & (found["period"] == "2025-Q3")].iloc[0]
    assert (row["value"], row["unit"]) == (280.0, "ต่อ 100,000 ราย (แห่ง)")


def test_nothing_later_than_the_issues_quarter(annex):
    table = compute_annex(
        observations(claimants={"2025-Q1": 1, "2025-Q2": 2, "2025-Q3": 3}), annex, pd.Period("2025Q2")
    )
    assert table["period"].tolist() == ["2025-Q2"]


def test_no_series_is_a_part_of_two_breakdowns(annex):
    of: dict[str, set[str]] = {}
    for indicator in annex.indicators:
        for measure in indicator.measure:
            for part in annex.breakdowns[measure.by].parts if measure.by else ():
                for name, series in measure.inputs(part.id).items():
                    if series != name.removesuffix("_total"):
                        of.setdefault(series, set()).add(measure.by)
    assert {series: names for series, names in of.items() if len(names) > 1} == {}


def test_without_counts_or_rates_the_annex_is_empty(annex):
    table = compute_annex(observations(pmi={"2025-Q3": 1}), annex)
    assert table.empty and list(table.columns) == schema.columns("annex")


def test_a_wrong_declaration_is_told_with_its_place(tmp_path):
    (tmp_path / "annex").mkdir()
    (tmp_path / "annex" / "kilm.toml").write_text(
        '[[indicator]]\nnumber = 1\nname = {th = "ก", en = "a"}\nagency = "x"\n[[indicator.measure]]\nid = "kilm_1"\n'
        'formula = "nothing / labour_force"\nunit = "furlong"\nfrequencies = ["quarterly"]\n',
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError) as caught:
        annexes.load_annex(tmp_path)
    shown = " ".join(str(finding) for finding in caught.value.findings)
    assert "nothing" in shown and "furlong" in shown and "kilm_1" in shown


def test_a_declaration_of_the_wrong_kind_is_told_in_thai(tmp_path):
    folder = tmp_path / "annex"
    folder.mkdir()
    (folder / "inputs.toml").write_text(
        '[persons]\nname = {th = "คน", en = "persons"}\nunit = 5\naggregate = "median"\n', encoding="utf-8"
    )
    with pytest.raises(DeclarationError) as caught:
        annexes.load_annex(tmp_path)
    told = {finding.column or finding.where: finding for finding in caught.value.findings}
    thai = " ".join(finding.th for finding in told.values())
    assert "ต้องเป็นข้อความในเครื่องหมายคำพูด" in thai and "ต้องเป็น 'sum', 'mean' หรือ 'last'" in thai
    assert "Input should" not in thai and "valid string" not in thai
