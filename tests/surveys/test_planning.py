"""Sample sizes, quotas, fieldwork, agreement of experts, alpha: by hand."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from reporter.domain.errors import InputError
from reporter.surveys import quality, sampling
from reporter.surveys.responses import read
from surveys.respondents import respondents, write


def test_yamane_of_four_hundred_thousand_is_four_hundred():
    assert sampling.yamane(400_000, "0.05") == 400  # 400000 / 1001 = 399.6
    assert sampling.yamane(400, "0.05") == 200  # exactly: not pushed up
    assert sampling.yamane(1, "0.05") == 1 and sampling.yamane(0, "0.05") == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        sampling.yamane(10, "1.5")


def test_largest_remainder_by_hand():
    # 10 x 47, 16, 16, 21 of 100: 4.7 1.6 1.6 2.1 -> 4 1 1 2, the two left go to .7 and to the first of .6
    assert sampling.largest_remainder(10, [Fraction(n) for n in (47, 16, 16, 21)]) == [5, 2, 1, 2]
    assert sampling.largest_remainder(0, [Fraction(0)]) == [0]
    with pytest.raises(ValueError, match="nothing"):
        sampling.largest_remainder(3, [Fraction(0)])


def test_quotas_sum_to_n_in_every_province_and_fit_the_population():
    rng = np.random.default_rng(3)
    cells = [
        (province, industry, status, Fraction(int(rng.integers(0, 4000))))
        for province in range(77)
        for industry in "ABCDEFG"
        for status in ("formal", "informal")
    ]
    frame = pd.DataFrame(cells, columns=["province", "industry", "status", "population"])
    planned = sampling.plan(frame, "0.05")
    for _, cell in planned.groupby("province"):
        population = int(cell["population"].sum())
        n = math.ceil(population / (1 + population * 0.0025) - 1e-9)
        assert (cell["province_n"] == n).all() and cell["quota"].sum() == n
        assert (abs(cell["quota"] - n * cell["population"] / population) < 1).all()
        assert (cell["quota"] <= cell["population"]).all()


def test_a_frame_reads_names_commas_and_repeated_cells(tmp_path, declarations):
    path = tmp_path / "frame.csv"
    path.write_text(
        'จังหวัด,อุตสาหกรรม,สถานะการจ้างงาน,จำนวน\nเชียงใหม่,การผลิต,ในระบบ,"๑,๐๐๐"\nTH-50,C,formal,500\nTH-10,A,informal,20\n',
        encoding="utf-8",
    )
    frame = sampling.read_frame(path, declarations)
    assert frame.to_numpy().tolist() == [["TH-10", "A", "informal", 20], ["TH-50", "C", "formal", 1500]]


def test_every_wrong_cell_of_a_frame_is_said_at_once(tmp_path, declarations):
    path = tmp_path / "frame.csv"
    path.write_text(
        "province,industry,status,population\nTH-99,C,formal,10\nTH-10,C,?,-4\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as refused:
        sampling.read_frame(path, declarations)
    places = [(finding.row, finding.column) for finding in refused.value.findings]
    assert sorted(places) == [(2, "province"), (3, "population"), (3, "status")]


def test_a_frame_that_is_not_filled_in_is_one_finding(tmp_path, declarations):
    path = tmp_path / "frame.csv"
    path.write_text(sampling.empty_frame(declarations).to_csv(index=False), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        sampling.read_frame(path, declarations)
    (finding,) = refused.value.findings
    assert (finding.row, finding.column) == (2, "population") and "3,234" in finding.en


def test_progress_counts_against_the_quota(tmp_path, declarations):
    worker = declarations.questionnaires["worker"]
    answers = respondents(declarations, worker, 3, seed=1)
    answers[["province", "industry", "status"]] = [["TH-10", "C", "formal"]] * 2 + [
        ["TH-11", "A", "informal"]
    ]
    frame, _ = read(write(answers, tmp_path / "w.csv"), worker, declarations, quarter=pd.Period("2025Q3"))
    planned = pd.DataFrame(
        [["TH-10", "C", "formal", 5], ["TH-10", "G", "formal", 1]],
        columns=["province", "industry", "status", "quota"],
    )
    table = sampling.progress(planned, frame).set_index(["province", "industry", "status"])
    assert table.loc[("TH-10", "C", "formal")].tolist() == [5, 2, 3, 0]
    assert table.loc[("TH-10", "G", "formal")].tolist() == [1, 0, 1, 0]
    assert table.loc[("TH-11", "A", "informal")].tolist() == [0, 1, 0, 1]


def test_ioc_keeps_from_one_half_on(tmp_path):
    path = tmp_path / "ioc.csv"
    path.write_text("item,e1,e2,e3,e4\nq1,+1,1,0,0\nq2,1,0,0,0\nq3,-1,-1,1,1\nq4,๑,1,1,\n", encoding="utf-8")
    table = quality.ioc(quality.read_ioc(path)).set_index("item")
    assert table["ioc"].tolist() == [0.5, 0.25, 0.0, 1.0]
    assert table["keep"].tolist() == [True, False, False, True]
    assert table["experts"].tolist() == [4, 4, 4, 3]


def test_alpha_by_hand_and_by_its_formula():
    # two items, sums 2 6 10: item variances 4 and 4, total variance 16: 2 (1 - 8/16) = 1
    assert quality.alpha(quality.covariances(np.array([[1.0, 1], [3, 3], [5, 5]]))) == pytest.approx(1)
    points = np.random.default_rng(1).normal(size=(30, 6)) + np.random.default_rng(2).normal(size=(30, 1))
    by_formula = 6 / 5 * (1 - points.var(axis=0, ddof=1).sum() / points.sum(axis=1).var(ddof=1))
    assert quality.alpha(quality.covariances(points)) == pytest.approx(by_formula)
    items = quality.item_table(points, list("abcdef")).set_index("item")
    rest = np.delete(points, 2, axis=1)
    assert items.loc["c", "item_total"] == pytest.approx(np.corrcoef(points[:, 2], rest.sum(axis=1))[0, 1])
    dropped = 5 / 4 * (1 - rest.var(axis=0, ddof=1).sum() / rest.sum(axis=1).var(ddof=1))
    assert items.loc["c", "alpha_if_dropped"] == pytest.approx(dropped)


@pytest.mark.parametrize(
    ("value", "word"), [(0.9, "สำคัญ"), (0.85, "พื้นฐาน"), (0.7, "เชิงสำรวจ"), (0.69, "ต่ำกว่า")]
)
def test_bands_of_alpha(value, word):
    assert word in quality.band(value).th


def test_a_plan_is_summed_by_region(declarations):
    frame = pd.DataFrame(
        {
            "province": ["TH-10", "TH-50", "TH-50", "TH-57", "TH-90"],
            "industry": ["A", "A", "C", "A", "A"],
            "population": [Fraction(n) for n in (10_000, 700, 300, 2_000, 5_000)],
        }
    )
    found = sampling.by_region(sampling.plan(frame, "0.05"), declarations).set_index("region")
    # Yamane: 10,000 -> 385 (rounded up), 1,000 -> 286, 2,000 -> 334, 5,000 -> 371
    assert found["quota"].to_dict() == {"REGION:bangkok": 385, "REGION:north": 620, "REGION:south": 371}
    assert found.at["REGION:north", "population"] == 3_000 and found.at["REGION:north", "provinces"] == 2
