"""Files that lie in a workspace without being read are named: somebody thinks that what they say counts."""

import pandas as pd

from reporter.inputs.commentary import read_commentary
from reporter.inputs.series import series_files


def _written(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def test_series_in_subfolders_and_of_other_kinds_are_named(tmp_path):
    _written(
        tmp_path, "series/a.csv", "series/2568/pmi.csv", "series/2568/deep/mpi.xlsx", "series/letter.docx"
    )
    _written(tmp_path, "series/.DS_Store", "series/~$a.xlsx", "series/Thumbs.db", "series/2568/photo.png")
    found = []
    assert [path.name for path in series_files(tmp_path, found)] == ["a.csv"]
    assert [(one.where, one.severity) for one in found] == [
        ("series/2568/deep/mpi.xlsx", "warning"),
        ("series/2568/pmi.csv", "warning"),
        ("series/letter.docx", "note"),
    ]


def test_many_files_of_a_subfolder_are_one_finding(tmp_path):
    _written(tmp_path, *(f"series/old/{number}.csv" for number in range(40)))
    found = []
    series_files(tmp_path, found)
    assert len(found) == 1
    assert "40" in found[0].en


def test_a_word_file_beside_the_commentary_is_named_and_its_pictures_are_not(tmp_path):
    _written(
        tmp_path, *(f"commentary/2025-Q3/{name}" for name in ("02.docx", "map.png", ".DS_Store", "~$02.docx"))
    )
    _, found = read_commentary(tmp_path, pd.Period("2025Q3"))
    assert [one.where for one in found] == ["commentary/2025-Q3/02.docx"]
