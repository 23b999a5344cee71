"""The dashboard's numbers of one group: items 7 to 9 are the group's own, with intervals and numbers of answers."""

import pandas as pd
import pytest

from reporter.delivery.site.search import VersionSeries, group_content
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow

GROUP = "PROVINCE:TH-50"
ITEMS = {
    "actions": ("employer_actions_by_group", "action", "share", "low", "high"),
    "traits": ("traits_by_group", "trait", "share", "low", "high"),
    "priorities": ("priorities_by_group", "aspect", "top3_share", "top3_low", "top3_high"),
}


@pytest.fixture
def folder(tmp_path):
    """The three tables by group of two quarters, beside an index and confidence of the same groups."""
    tables = {
        name: table
        for name, table in example_tables("2025-Q3").items()
        if name in ("labour_index", "confidence")
    }
    for name, code, value, low, high in ITEMS.values():
        rows = [
            (group, option, period, share, share - 0.05, share + 0.05, n)
            for group, share, n in ((GROUP, 0.3, 41), ("TH", 0.6, 900))
            for option in ("one", "two")
            for period in ("2025-Q2", "2025-Q3")
        ]
        tables[name] = pd.DataFrame(rows, columns=["group", code, "period", value, low, high, "n"])
    (tmp_path / "tables").mkdir()
    for name, table in tables.items():
        table.to_csv(tmp_path / "tables" / f"{name}.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("item", ITEMS)
def test_actions_traits_and_priorities_are_the_groups_own(folder, item):
    numbers = VersionSeries(folder, pd.Period("2025Q3"))
    own, whole = (group_content(numbers, group)[item] for group in (GROUP, "TH"))
    assert own["value"]["one"][-2:] == [0.3, 0.3] and whole["value"]["one"][-1] == 0.6
    assert own["low"]["two"][-1] == pytest.approx(0.25) and own["high"]["two"][-1] == pytest.approx(0.35)
    assert own["n"]["one"][-1] == 41
    assert item not in group_content(numbers, "REGION:north")  # nobody's answers are not the country's
