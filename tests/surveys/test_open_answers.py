"""Open answers: themes with demands to the state, and what an analyst releases of them."""

import pandas as pd
import pytest

from reporter.domain.errors import InputError
from reporter.surveys.quality import (
    DESK_COLUMNS,
    demands,
    released_themes,
    themes,
)

QUARTER = pd.Period("2025Q3")
HEADER = "release,kind,theme,words,answers,of,share\n"


def released(folder, text, name="worker-2025-Q3-comment.csv", quarter=QUARTER):
    path = folder / "surveys" / "themes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + text, encoding="utf-8-sig")
    return released_themes(folder, "worker", quarter)


def test_a_theme_that_turns_to_the_state_is_marked_as_a_demand():
    texts = ["อยากให้กระทรวงขึ้นค่าแรง", "ค่าแรงขั้นต่ำน้อย รัฐช่วยค่าแรง", "ค่าแรงไม่พอ กระทรวงดูแล", "ที่จอดรถไม่พอ", "ไม่มี"]
    table = themes(texts)
    assert list(table) == DESK_COLUMNS and (table["of"] == 4).all()
    assert table.loc[table["answers"] == 3, "kind"].tolist() == ["demand"]
    assert demands(texts) == 3


def test_only_released_rows_are_published_and_equal_wordings_are_one_theme(tmp_path):
    table = released(
        tmp_path,
        "ค่าแรง,demand,ค่าแรง,,12,40,0.3\n,,ลับ,,9,40,0.2\nค่าแรง,,ค่าจ้าง,,๓,40,0.1\nการเดินทาง,,รถ,,6,40,0.15\n",
    )
    assert table[["theme", "kind", "answers", "of"]].values.tolist() == [
        ["ค่าแรง", "demand", 15, 40],
        ["การเดินทาง", "", 6, 40],
    ]
    assert (table["low"] < table["share"]).all() and (table["share"] < table["high"]).all()


def test_later_quarters_wait(tmp_path):
    assert released(tmp_path, "ค่าแรง,,ค่าแรง,,12,40,0.3\n", quarter=QUARTER - 1).empty


@pytest.mark.parametrize(
    "row", ["ค่าแรง,,x,,4,40,0.1", "ค่าแรง,,x,,50,40,1", "ค่าแรง,,x,,มาก,40,1"], ids=["few", "above", "word"]
)
def test_what_cannot_be_published_is_named(tmp_path, row):
    with pytest.raises(InputError) as caught:
        released(tmp_path, row + "\n")
    finding = caught.value.findings[0]
    assert finding.rule == "survey.themes" and finding.where == "surveys/themes/worker-2025-Q3-comment.csv"


def test_a_name_without_quarter_is_refused(tmp_path):
    with pytest.raises(InputError):
        released(tmp_path, "", name="worker-comment.csv")
