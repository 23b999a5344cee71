"""What the report says of the index's quality: counts of directions, fallbacks, rank changes, news, moved history."""

from __future__ import annotations

import pytest

from reporter import report
from tests.support.issue import example_context
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow

CONTEXT = example_context()


@pytest.fixture(scope="module")
def tables():
    return example_tables("2025-Q3")


@pytest.fixture(scope="module")
def facts(tables):
    return report.findings(tables, CONTEXT)


@pytest.mark.parametrize("against", ["quarter", "year"])
def test_every_mover_is_counted_once(tables, facts, against):
    counted = facts.labour.directions[against]
    rows = tables["movers"].query("against == @against and period == '2025-Q3'")
    total = counted.improved.value + counted.worsened.value + counted.unchanged.value
    assert total == len(rows) > 0
    assert counted.improved.value == (rows["direction"] == "improved").sum()


def test_sentence_on_published_quarters_quotes_the_summary(tables, facts):
    row = tables["moved_summary"].set_index("dimension").loc["overall"]
    moved = facts.moved
    assert (moved.quarters.value, moved.mean.value, moved.period) == (
        row["quarters"],
        row["mean_abs"],
        row["largest_period"],
    )
    assert facts.sheets["moved"].rows[0].head == "ดัชนีรวม"


def test_first_issue_says_nothing_of_earlier_ones(tables):
    first = {name: table.iloc[:0] if name.startswith("moved") else table for name, table in tables.items()}
    found = report.findings(first, CONTEXT)
    assert found.moved is None
    assert "moved" not in found.sheets


def test_method_of_every_dimension_and_rank_changes_are_printed(tables, facts):
    methods = [row.cells[0].text for row in facts.sheets["dimension-quality"].rows]
    assert set(methods) <= {"แบบจำลองร่วม", "ตัวชี้วัดเดียว", "ไม่มีข้อมูล"}
    printed = [row.cells[-1].number.value for row in facts.sheets["sensitivity"].rows]
    assert printed == tables["sensitivity_summary"]["largest_rank_change"].tolist()


def test_news_are_listed_with_the_largest_first(facts):
    sheet = facts.sheets["news"]
    sizes = [sum(abs(cell.number.value) for cell in row.cells if cell.kind == "number") for row in sheet.rows]
    assert sizes == sorted(sizes, reverse=True)
