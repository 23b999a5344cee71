"""A title that names the largest, the smallest or the first ones names every one that reads the same as displayed."""

import pandas as pd
import pytest

from reporter import figures
from reporter.domain.edition import english_context
from reporter.figures import chart_data
from reporter.figures.chart import all_charts
from tests.report.issues import whole_tables
from tests.support.issue import example_context

CHARTS = {chart.id: chart for chart in all_charts()}
TH, EN = example_context(), english_context(example_context())
# chart, column of names, column of values, where the tie stands: highest, lowest, largest by size, or the third of a ranking
TIES = [
    ("actions_by_quarter", "action", "share", "highest"),
    ("actions_by_quarter", "action", "share", "lowest"),
    ("contributions_history-quarter", "dimension", "contribution", "size"),
    ("contributions_waterfall-quarter", "name", "value", "step"),
    ("confidence_items-worker", "item", "value", "highest"),
    ("confidence_items-worker", "item", "value", "lowest"),
    ("cross_correlations", "variable", "correlation", "size"),
    ("dimension_panels", "dimension", "value", "change"),
    ("indicator_contributions", "indicator", "contribution", "push"),
    ("movers-quarter", "indicator", "change_sd", "highest"),
    ("movers-quarter", "indicator", "change_sd", "lowest"),
    ("news", "indicator", "impact", "size"),
    ("priorities", "aspect", "mean_rank", "third"),
    ("traits", "trait", "share", "third"),
    ("weights", "dimension", "weight", "highest"),
]  # fmt: skip


def name(code: str, context: figures.Context, chart: str) -> str:
    """A code as a title names it."""
    declarations = context.declarations
    options = figures.option_names(declarations)
    if chart.startswith("confidence_items"):
        return figures.item_texts("worker", declarations)[code]
    return options.get(code) or figures.name_of(code, declarations)


def tied(data: pd.DataFrame, column: str, value: str, where: str) -> tuple[pd.DataFrame, list[str]]:
    """The data with two that read the same at the place, one a hair from the other; their names."""
    made = data.copy()
    rows = made[made["period"] == made["period"].max()] if "period" in made else made
    rows = rows[rows[column] != "overall"].dropna(subset=value)
    if where == "step":
        rows = rows[rows["kind"] == "ผล"]
    if where == "push":
        rows = rows[rows["against"] == "year"]
    if where == "change":
        before = made[made["period"] < made["period"].max()].groupby(column)[value].last()
        top = rows.assign(size=(rows[value] - rows[column].map(before)).abs()).sort_values("size").index[::-1]
        change = rows.loc[top[0], value] - before[rows.loc[top[0], column]]
        made.loc[top[1], value] = before[rows.loc[top[1], column]] + change - 1e-7
        return made, list(rows.loc[top[:2], column])
    keys = {"size": rows[value].abs(), "lowest": -rows[value]}
    order = keys.get(where, rows[value]).sort_values(ascending=False, kind="stable").index
    if where == "third":
        order = rows.index[2:]
    first, second = order[:2]
    if column == "variable":  # the strongest correlation of another variable
        second = next(at for at in order if made.loc[at, column] != made.loc[first, column])
    made.loc[second, value] = made.loc[first, value] - (1e-7 if where != "lowest" else -1e-7)
    return made, list(made.loc[[first, second], column])


@pytest.mark.parametrize(("chart", "column", "value", "where"), TIES)
def test_a_title_names_everyone_of_a_tie(chart, column, value, where):
    for context in (TH, EN):
        drawn = CHARTS[chart]
        data, names = tied(chart_data(drawn, whole_tables(), context), column, value, where)
        said = drawn.call("finding" if context is TH else "finding_en", data, context=context, default="")
        for code in names if said else ():
            called = code if column == "name" else name(code, context, chart)
            assert called.lower() in said.lower(), (called, said)


@pytest.mark.parametrize("count", [4, 7])
def test_a_title_counts_a_tie_of_many(count):
    names = [f"มิติ {at}" for at in range(count)]
    values = pd.Series([*[99.04, 99.0, 98.96, 99.01, 99.02, 98.99, 99.03][:count], 120.0], [*names, "มิติสูง"])
    tops, bottoms = figures.ends(values)
    assert tops == ["มิติสูง"] and bottoms == names
    assert figures.named(bottoms, "มิติ") == f"{count} มิติ"
    assert figures.named_en(bottoms, "dimensions") == f"{count} dimensions"


def test_where_all_read_alike_nothing_is_highest():
    data = chart_data(CHARTS["actions_by_quarter"], whole_tables(), TH).assign(share=0.2)
    for context, function in ((TH, "finding"), (EN, "finding_en")):
        said = CHARTS["actions_by_quarter"].call(function, data, context=context)
        assert "20.0" in said and "ที่สุด" not in said and "most" not in said and "least" not in said


def test_the_last_of_a_ranking_that_reads_alike_is_among_the_first():
    assert figures.first_ones(pd.Series([5.0, 4.0, 3.02, 2.98, 1.0]), 3) == 4
    assert figures.first_ones(pd.Series([5.0, 4.0]), 3) == 2


def test_groups_that_agree_are_counted_and_none_is_left_out_silently():
    chart = CHARTS["priorities_by_group"]
    data = chart_data(chart, whole_tables(), TH)
    groups = [group for group in dict.fromkeys(data["group"]) if group != "TH"]
    one = data[data["group"] == groups[0]]
    codes = list(one["aspect"])
    many = [f"REGION:{at}" for at in range(6)]
    parts = []
    for at, group in enumerate(many):
        first = codes[0] if at < 2 else codes[1 + at % 4]
        parts.append(one.assign(group=group, mean_rank=[1.0 if code == first else 4.0 for code in codes]))
    made = pd.concat([data[data["group"] == "TH"], *parts], ignore_index=True)
    said, english = (
        chart.call(name, made, context=context) for name, context in (("finding", TH), ("finding_en", EN))
    )
    assert "2 จาก 6 กลุ่ม" in said and "ส่วนใหญ่" not in said
    assert "Of 6 groups" in english and " 2 rank" in english and "most" not in english.lower()


@pytest.mark.parametrize(
    ("count", "th", "en"),
    [
        (0, "ไม่มีมิติใดใน 10 มิติ", "Of 10 dimensions none"),
        (4, "4 จาก 10 มิติ", "Of 10 dimensions 4"),
        (10, "ทั้ง 10 มิติ", "All 10 dimensions"),
    ],
)
def test_a_title_counts_no_nought(count, th, en):
    assert figures.counted(count, 10, "มิติ") == th and figures.counted_en(count, 10, "dimensions") == en


def test_a_title_tells_the_year_by_published_values_and_not_across_a_hole():
    """Adjusted values may go the other way than those that the page for the minister prints."""
    chart = CHARTS["vacancies_unemployment"]
    data = chart_data(chart, whole_tables(), TH)
    quarters = list(data["period"])
    now, before = data["period"] == quarters[-1], data["period"] == quarters[-5]
    data.loc[now, ["unemployment_published", "unemployment"]] = [1.0, 0.8]
    data.loc[before, ["unemployment_published", "unemployment"]] = [0.8, 1.0]
    assert "อัตราการว่างงานสูงขึ้น" in chart.call("finding", data, context=TH)
    assert "the unemployment rate" in chart.call("finding_en", data, context=EN)
    assert "จากปีก่อน" not in chart.call("finding", data[~before].reset_index(drop=True), context=TH)


@pytest.mark.parametrize("chart", ["index_by_dimension", "worker_domain_lines"])
def test_a_title_names_no_end_that_intervals_do_not_part(chart):
    data = chart_data(CHARTS[chart], whole_tables(), TH)
    code = "dimension" if chart == "index_by_dimension" else "domain"
    now = (data["period"] == data["period"].max()) & (data[code] != "overall")
    data.loc[now, "value"] = [100.0 + at for at in range(int(now.sum()))]
    for half, is_apart in ((3.0, False), (0.3, True)):
        made = data.assign(low=data["value"] - half, high=data["value"] + half)
        for context, function, word in (
            (TH, "finding", "ที่สุด 100.0 จุด"),
            (EN, "finding_en", "lowest (100.0 points)"),
        ):
            assert (word in CHARTS[chart].call(function, made, context=context)) is is_apart


def test_a_title_counts_the_significant_changes_of_domains_alone():
    data = chart_data(CHARTS["worker_domain_lines"], whole_tables(), TH)
    for is_unclear, th, en in (
        (True, "ไม่มีด้านใดเปลี่ยนแปลงจากปีก่อนอย่างมีนัยสำคัญ", "none changed significantly"),
        (False, "จากปีก่อนอย่างมีนัยสำคัญ", "significantly on the year"),
    ):
        made = data.assign(is_unclear=is_unclear)
        assert th in CHARTS["worker_domain_lines"].call("finding", made, context=TH)
        assert en in CHARTS["worker_domain_lines"].call("finding_en", made, context=EN)


@pytest.mark.parametrize("low", [-5.0, 0.1])
@pytest.mark.parametrize(
    "chart", ["index_history", "contributions_history-quarter", "contributions_waterfall-quarter"]
)
def test_a_title_that_tells_a_change_says_where_its_band_holds_zero(chart, low):
    tables = whole_tables()
    change = {"dimension": "overall", "against": "quarter", "period": "2025-Q3", "change": 2.0}
    tables["index_changes"] = pd.DataFrame([{**change, "low": low, "high": 5.0, "clear": low > 0}])
    for context in (TH, EN):
        figure = figures.figure_of(CHARTS[chart], chart_data(CHARTS[chart], tables, context), tables, context)
        is_told = "ยังไม่ชัดเจน" in figure.title or "not clear" in figure.title
        assert (
            is_told == (low < 0) or figure.title == figure.subject
        )  # no English finding: the subject stands
