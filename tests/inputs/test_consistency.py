"""Files, store and vintages that do not agree are told: what counts, what does not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reporter.inputs import vintages
from reporter.inputs.workspace import open_workspace

HEADER = "indicator,period,value,as_of,adjusted\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "series").mkdir()
    return tmp_path


def put(root: Path, rows: list[str], name: str = "a.csv") -> None:
    (root / "series" / name).write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")


def told(root: Path) -> dict[str, str]:
    return {one.rule: one.en for one in open_workspace(root).series_findings}


def months(count: int = 12) -> list[str]:
    return [str(period) for period in pd.period_range("2024-01", periods=count, freq="M")]


def test_a11_an_undated_file_beside_a_dated_one_is_told_which_counts(root):
    put(root, ["mpi,2025-09,98.85,2025-10-31,"], "a_old.csv")
    put(root, ["mpi,2025-09,103.85,,"], "b_new.csv")
    assert "98.85 in series/a_old.csv" in told(root)["series.undated"]
    put(root, ["mpi,2025-09,98.85,,"], "b_new.csv")
    assert told(root) == {}


def test_revisions_in_one_file_are_no_contradiction(root):
    put(root, ["mpi,2025-01,1,,", "mpi,2025-01,2,2025-03-01,"])
    assert told(root) == {}


def test_a_day_in_the_future_is_an_error(root):
    put(root, ["mpi,2025-08,1,,", "mpi,2025-09,2,2099-01-01,", "mpi,2025-09,3,2098-01-01,"])
    assert [(f.severity, f.rule) for f in open_workspace(root).series_findings] == [("error", "series.as_of")]


def test_a_series_adjusted_in_part_is_told(root):
    put(root, [f"mpi,{month},{100 + n},,{int(n > 5)}" for n, month in enumerate(months())])
    assert "6 of 12" in told(root)["series.part_adjusted"]


def test_a10_a_series_that_never_moves_is_told(root):
    put(root, [f"mpi,{month},100,," for month in months()])
    assert "all 12 periods" in told(root)["series.constant"]


def test_a06_a_vintage_of_one_factor_is_told_and_ordinary_revisions_are_not(root):
    base = [f"mpi,{month},{100 + n}.5,2025-01-31," for n, month in enumerate(months())]
    put(
        root, base + [f"mpi,{month},{(100.5 + n) * 0.93:.4f},2025-02-28," for n, month in enumerate(months())]
    )
    assert "0.93 times" in told(root)["series.rebased"]
    put(
        root,
        base + [f"mpi,{month},{100.5 + n + n % 3 / 10:.4f},2025-02-28," for n, month in enumerate(months())],
    )
    assert told(root) == {}


def test_sexes_swapped_in_the_newest_quarter_are_told(root):
    quarters = [str(period).replace("Q", "-Q") for period in pd.period_range("2022Q1", "2025Q3", freq="Q")]
    men, women = [76 + n % 3 for n in range(len(quarters))], [60 + n % 2 for n in range(len(quarters))]
    men[-1], women[-1] = women[-1], men[-1]
    put(root, [f"participation_male,{q},{v},," for q, v in zip(quarters, men, strict=True)]
        + [f"participation_female,{q},{v},," for q, v in zip(quarters, women, strict=True)])  # fmt: skip
    assert "2025-Q3" in told(root)["series.swapped"]


def test_a_series_in_files_and_store_is_told_with_what_each_decides(root):
    put(root, ["mpi,2025-07,1,,", "mpi,2025-09,3,,"])
    row = pd.DataFrame(
        {"indicator": "mpi", "group": "TH", "period": ["2025-08"], "frequency": "M", "value": 2.0,
         "as_of": pd.Timestamp("2025-10-01"), "adjusted": False, "source": "x", "snapshot": "s", "published": pd.NaT,
         "place": "incoming/oie.xlsx[ตาราง]", "row": 7, "cell": "C7"}
    )  # fmt: skip
    vintages.append(root, row)
    assert "2025-07..2025-09 (2) count from series/" in told(root)["series.two_ways"]
    history = open_workspace(root).usable_history()
    stored = history[history["value"] == 2].iloc[0]
    assert (stored["file"], stored["row"], stored["cell"]) == ("incoming/oie.xlsx[ตาราง]", 7, "C7")


def test_a_series_of_blanks_beside_others_is_told_and_values_not_known_yet_are_not(tmp_path):
    (tmp_path / "series").mkdir()
    months = [f"2025-{month:02d}" for month in range(1, 10)]
    rows = [f"mpi,{month},98" for month in months] + [f"pmi,{month}," for month in months]
    path = tmp_path / "series" / "a.csv"
    path.write_text("indicator,period,value\n" + "\n".join([*rows, "vacancies,2025-09,"]) + "\n")
    found = [one for one in open_workspace(tmp_path).series_findings if one.rule == "series.blank"]
    assert [(one.value, one.row) for one in found] == [("pmi", 11)]
