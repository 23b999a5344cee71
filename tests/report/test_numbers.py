"""Numbers keep the cell they came from, and the cell gives them back."""

import numpy as np
import pandas as pd
import pytest

from reporter.report.numbers import Cells, Number, key_text, streak_length
from reporter.report.provenance import check_trace, evaluate

TABLES = {
    "macro": pd.DataFrame(
        {
            "variable": ["gdp", "gdp", "gdp", "rate"],
            "period": ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q3"],
            "value": [3.0, 2.5, 1.25, None],
        }
    ),
    "scores": pd.DataFrame({"horizon": [1.0, 2.0], "rmse": [2.0, 3.0], "selected": [True, False]}),
}
CELLS = Cells(TABLES)


def gdp(period):
    return CELLS.number("macro", "value", {"variable": "gdp", "period": period})


def test_a_number_names_its_cell():
    assert gdp("2025-Q3").value == 1.25
    assert gdp("2025-Q3").cell == "macro?variable=gdp&period=2025-Q3#value"


@pytest.mark.parametrize(
    "key", [{"variable": "rate", "period": "2025-Q3"}, {"variable": "no", "period": "2025-Q3"}]
)
def test_an_empty_or_absent_cell_is_no_number(key):
    assert CELLS.number("macro", "value", key) is None


def test_an_ambiguous_key_is_no_number():
    assert CELLS.number("macro", "value", {"variable": "gdp"}) is None


def test_whole_numbers_of_a_key_have_no_point():
    assert CELLS.number("scores", "rmse", {"horizon": "2"}).value == 3.0
    assert CELLS.text("scores", "selected", horizon="1") == "True"


def test_derived_numbers_can_be_worked_out_again():
    change = gdp("2025-Q3") - gdp("2025-Q2")  # 1.25 - 2.5
    share = change.times(100).over(gdp("2025-Q1"))  # -125 / 3
    assert change.value == -1.25
    assert evaluate(change.cell, CELLS) == change.value
    assert evaluate(share.cell, CELLS) == pytest.approx(share.value)


def test_a_difference_of_differences_keeps_its_signs():
    twice = (gdp("2025-Q3") - gdp("2025-Q2")) - (gdp("2025-Q2") - gdp("2025-Q1"))  # -1.25 - -0.5
    assert twice.value == evaluate(twice.cell, CELLS) == -0.75


def test_counts_may_compare_a_column():
    many = CELLS.count("macro", {"variable": "gdp", "value>": "2.5"})
    assert many.value == evaluate(many.cell, CELLS) == 2


def test_values_with_spaces_and_signs_survive_in_an_address():
    odd = Cells({"t": pd.DataFrame({"name": ["a & b = c # d"], "value": [7.0]})})
    number = odd.number("t", "value", {"name": "a & b = c # d"})
    assert evaluate(number.cell, odd) == 7.0


@pytest.mark.parametrize(
    ("values", "length"),
    [
        ([1, 2, 3, 4], 3),
        ([4, 3, 3.05, 2], 1),  # the still move ends the row
        ([1, 2, 3, 3.1], 0),  # the last move is still
        ([5], 0),
    ],
)
def test_streaks_count_moves_of_one_direction(values, length):
    quarters = [f"2025-Q{n}" for n in range(1, len(values) + 1)]
    assert streak_length(pd.Series(values, quarters, dtype=float), quarters[-1], 0.3) == length


def test_a_gap_ends_a_streak():
    values = pd.Series([1.0, 2.0, 4.0], ["2024-Q4", "2025-Q1", "2025-Q3"])
    assert streak_length(values, "2025-Q3", 0.3) == 0


def number_html(value, cell, text):
    return f'<p><data class="n" value="{value}" data-cell="{cell}">{text}</data></p>'


CELL = "macro?variable=gdp&amp;period=2025-Q3#value"


def test_the_trace_passes_a_true_number_whatever_its_sign_shows():
    change = "macro?variable=gdp&amp;period=2025-Q3#value - macro?variable=gdp&amp;period=2025-Q2#value"
    good = [
        ("1.25", CELL, "1.2"),
        ("1.25", CELL, "๑.๒๕"),
        ("-1.25", change, "1.2"),
        ("-1.25", change, "−1.2"),
    ]
    assert check_trace("".join(number_html(*item) for item in good), TABLES) == []


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        (("1.35", CELL, "1.4"), "trace.value"),
        (("1.25", CELL, "1.4"), "trace.rounding"),
        (("1.25", "macro?variable=gdp&amp;period=2030-Q1#value", "1.2"), "trace.cell"),
        (("1.25", "nonsense", "1.2"), "trace.cell"),
    ],
)
def test_the_trace_finds_a_number_that_is_not_its_cell(item, rule):
    assert [found.rule for found in check_trace(number_html(*item), TABLES)] == [rule]


def test_the_trace_finds_a_decimal_that_names_no_cell():
    html = "<h2>1.1 หัวข้อ</h2><p>เพิ่มขึ้น 2.5 จุด</p><div class='commentary'><p>9.9</p></div>"
    found = check_trace(html, TABLES)
    assert [item.rule for item in found] == ["trace.untraced"]
    assert "2.5" in found[0].en


def test_positions_are_those_of_a_plain_search():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "a": rng.choice(["x", "y", "z"], 300),
            "b": rng.integers(0, 4, 300),
            "c": rng.choice([1.0, 2.5, np.nan], 300),
        }
    )
    cells = Cells({"t": table})
    texts = {name: [key_text(value) for value in table[name]] for name in table}
    for key in (
        {"a": "x"},
        {"a": "y", "b": "3"},
        {"c": "2.5", "a": "z", "b": "0"},
        {"c": "nan"},
        {"a": "w"},
        {"b": "7"},
    ):
        wanted = [row for row in range(300) if all(texts[name][row] == text for name, text in key.items())]
        assert cells.positions("t", key) == wanted
    assert cells.positions("t", {"a": "x", "c": "2.50"}) == []


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.04, "−0.04"), (-10.3, "−10.3"), (0.004, "0.004"), (0.0001, "0.0"), (0.0, "0.0")]
)
def test_a_bound_that_is_not_zero_is_not_shown_as_zero(value, shown):
    assert Number(value, "x?a=b#c").off_zero().text == shown
