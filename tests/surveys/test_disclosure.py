"""Suppression: checked by solving for the hidden cells, as an intruder would."""

import numpy as np
import pandas as pd
import pytest

from reporter.surveys import pipeline
from reporter.surveys.quality import flags
from surveys.respondents import respondents, write

REGIONS = {
    f"PROVINCE:{r}{p}": f"REGION:{r}" for r, count in (("b", 1), ("c", 4), ("n", 3)) for p in range(count)
}


def sizes(provinces, **others):
    """Sizes of every group from the provinces' and the other kinds' (``STATUS=[3, 40]``)."""
    table = dict(zip(REGIONS, provinces, strict=True))
    for region in dict.fromkeys(REGIONS.values()):
        table[region] = sum(n for province, n in table.items() if REGIONS.get(province) == region)
    table |= {f"{kind}:{k}": n for kind, counts in others.items() for k, n in enumerate(counts)}
    table["TH"] = sum(provinces)
    return table


def derivable(table, flag):
    """Sets of respondents whose mean follows from what is published: the smallest such set's size, by linear algebra."""
    leaves = [province for province in REGIONS if table[province]]
    known = [
        group for group in ("TH", *dict.fromkeys(REGIONS.values()), *leaves) if flag[group] != "suppressed"
    ]

    def row(group):
        return [float(group in ("TH", leaf, REGIONS[leaf])) for leaf in leaves]

    matrix = np.array([row(group) for group in known])
    hidden = [leaf for leaf in leaves if flag[leaf] == "suppressed"]
    found = []
    # Every hidden province, hidden region and union of two hidden provinces: is its sum in the span of what is known?
    targets = [{leaf} for leaf in hidden] + [{a, b} for a in hidden for b in hidden if a < b]
    for target in targets:
        vector = np.array([float(leaf in target) for leaf in leaves])
        solution = np.linalg.lstsq(matrix.T, vector, rcond=None)[0]
        if np.allclose(matrix.T @ solution, vector):
            found.append(sum(table[leaf] for leaf in target))
    return min(found, default=10**9)


def test_a_small_province_takes_the_smallest_of_its_region_with_it():
    flag = flags(sizes([50, 3, 20, 10, 40, 30, 30, 30]), REGIONS)
    assert [group for group, state in flag.items() if state == "suppressed"] == ["PROVINCE:c0", "PROVINCE:c2"]


def test_of_two_statuses_both_go():
    flag = flags(sizes([50, 30, 30, 30, 30, 30, 30, 30], STATUS=[257, 3]), REGIONS)
    assert flag["STATUS:0"] == flag["STATUS:1"] == "suppressed"


def test_two_handfuls_that_are_still_a_handful_take_a_third():
    flag = flags(sizes([50, 1, 2, 10, 40, 30, 30, 30]), REGIONS)
    assert {g for g, s in flag.items() if s == "suppressed"} == {"PROVINCE:c0", "PROVINCE:c1", "PROVINCE:c2"}


def test_a_region_of_one_province_shares_its_fate():
    flag = flags(sizes([4, 30, 30, 30, 30, 30, 30, 30]), REGIONS)
    assert flag["REGION:b"] == flag["PROVINCE:b0"] == "suppressed"
    assert flag["REGION:n"] == "suppressed"  # or the bangkok region would be the country less the others
    assert "suppressed" in {flag["PROVINCE:n0"], flag["PROVINCE:n1"], flag["PROVINCE:n2"]}


def test_empty_groups_hide_nothing_and_small_ones_are_marked():
    flag = flags(sizes([50, 0, 30, 30, 30, 30, 30, 12]), REGIONS)
    assert flag["PROVINCE:c0"] == "" and flag["PROVINCE:n2"] == "small"
    assert "suppressed" not in flag.values()


def test_nothing_small_can_be_worked_out_whatever_the_sizes():
    rng = np.random.default_rng(4)
    for _ in range(300):
        provinces = rng.choice([0, 1, 2, 3, 4, 6, 9, 20, 60], len(REGIONS)).tolist()
        table = sizes(provinces)
        flag = flags(table, REGIONS)
        assert not [g for g, n in table.items() if 0 < n < 5 and flag[g] != "suppressed"]
        if flag["TH"] != "suppressed":
            assert derivable(table, flag) >= 5


@pytest.fixture(scope="module")
def thin(tmp_path_factory, declarations):
    """Workers with three respondents in one province and one industry, in two quarters."""
    folder = tmp_path_factory.mktemp("thin")
    files = {}
    for lag in range(2):
        frame = respondents(declarations, declarations.questionnaires["worker"], 770, seed=lag)
        frame.loc[frame["province"] == "TH-58", "province"] = "TH-50"
        frame.loc[:2, "province"] = "TH-58"
        files[pd.Period("2025Q3") - lag] = write(frame, folder / f"{lag}.csv")
    return pipeline.compute({"worker": files}, pd.Period("2025Q3"), declarations)


def test_every_table_hides_the_same_groups(thin):
    tables, _ = thin
    hidden = tables["confidence"].query("flag == 'suppressed'")
    assert "PROVINCE:TH-58" in set(hidden["group"])
    assert hidden[["value", "low", "high"]].isna().all().all()
    assert (hidden.groupby(["group", "period"])["domain"].nunique() == 8).all()  # all domains or none
    for name, values in (
        ("confidence_change", ["change", "low", "high", "p_value"]),
        ("priorities_by_group", ["mean_rank"]),
    ):
        cells = tables[name].query("group == 'PROVINCE:TH-58'")
        assert len(cells) and cells[values].isna().all().all()


def test_no_answer_leaves_with_the_findings(declarations, tmp_path):
    frame = respondents(declarations, declarations.questionnaires["employer"], 154, seed=3)
    frame.loc[5, "q1.1"] = "ความลับของฉัน"
    frame.loc[6, "respondent_id"] = frame.loc[5, "respondent_id"]
    frame["comment"] = "ความเห็นลับ"
    path = write(frame, tmp_path / "e.csv")
    tables, found = pipeline.compute(
        {"employer": {pd.Period("2025Q3"): path}}, pd.Period("2025Q3"), declarations
    )
    everything = "\n".join(map(str, found)) + "".join(table.to_csv() for table in tables.values())
    assert any(finding.rule == "survey.impossible_value" for finding in found)
    for secret in ("ความลับของฉัน", "ความเห็นลับ", "R00000"):
        assert secret not in everything
    assert all(finding.row is None for finding in found if finding.rule == "survey.impossible_value")
