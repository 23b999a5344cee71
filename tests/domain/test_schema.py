"""The schema of the tables: what it refuses, what is made from it, and that a built issue fits it."""

import ast
import importlib.util
import re

import pandas as pd
import pytest

from reporter.domain import schema
from reporter.domain.declarations import asset
from reporter.domain.errors import DeclarationError, TableError
from tests.support.tables import empty_tables, example_tables, sparse_tables

pytestmark = pytest.mark.slow

GOOD = pd.DataFrame(
    {
        "dimension": ["overall", "overall", "wages"],
        "group": ["TH", "TH", "TH"],
        "period": ["2025-Q2", "2025-Q3", "2025-Q2"],
        "value": [100.0, 101.0, 99.0],
    }
)


@pytest.fixture
def small(monkeypatch):
    """A schema of one table whose key is group, dimension, period."""
    text = schema.Name("ก", "a")
    columns = {
        name: schema.Column(name, dtype, text, text)
        for name, dtype in (("dimension", "text"), ("group", "text"), ("period", "text"), ("value", "number"))
    }
    table = schema.Table(
        "small", text, text, "reporter.index", True, 10, ("group", "dimension", "period"), columns
    )
    monkeypatch.setattr(schema, "declared_tables", lambda: {"small": table})


def refused(frame: pd.DataFrame, name: str = "small") -> str:
    with pytest.raises(TableError) as caught:
        schema.check(name, frame)
    return caught.value.en


def test_a_table_as_declared_passes(small):
    schema.check("small", GOOD)
    schema.check("small", GOOD.iloc[:0])
    assert schema.missing_without_meaning("small", GOOD.assign(value=[1.0, None, 2.0])) == ["value"]


def test_a_table_that_differs_is_refused_with_its_name_and_column(small):
    assert "Table other: no file" in refused(GOOD, "other")
    assert "Table small: column value is missing" in refused(GOOD.drop(columns="value"))
    assert "column low is not declared in data/tables/small.toml" in refused(GOOD.assign(low=1.0))
    assert "columns stand as" in refused(GOOD[["group", "dimension", "period", "value"]])
    assert "column value should hold number, but is" in refused(GOOD.assign(value="101"))
    assert "column period should hold text" in refused(GOOD.assign(period=[1, 2, 3]))


def test_a_key_is_whole_unique_and_sorted(small):
    assert "two rows have the key TH overall 2025-Q2" in refused(GOOD.iloc[[0, 0, 1, 2]])
    assert "sorted by the key, at column period" in refused(GOOD.iloc[[1, 0, 2]])
    assert "sorted by the key, at column dimension" in refused(GOOD.iloc[[0, 2, 1]])
    assert "key column group has empty cells" in refused(GOOD.assign(group=["TH", None, "TH"]))


def test_codes_may_stand_in_their_declared_order(small):
    schema.check("small", GOOD.iloc[[2, 0, 1]])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('dtype = "number"', 'dtype = "float"'),
        ('key = ["period"]', 'key = ["quarter"]'),
        ("published = true", 'published = "yes"'),
        ("order = ", "place = "),
        ('th = "ค่ากลาง"', 'th = ""'),
    ],
)
def test_a_wrong_declaration_is_refused_by_the_name_of_its_file(tmp_path, old, new):
    text = asset("data", "tables", "forecast.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "forecast.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match=re.escape("data/tables/forecast.toml")):
        schema._read(tmp_path / "forecast.toml")


def test_every_table_names_a_module_that_exists_and_a_place_of_its_own():
    declared = schema.declared_tables().values()
    assert [table.made_by for table in declared if not importlib.util.find_spec(table.made_by)] == []
    assert len({table.order for table in declared}) == len(declared)


def test_the_documentation_is_made_from_the_schema():
    found = asset("docs", "tables.md").read_text(encoding="utf-8")
    assert found == schema.document(), "run `make docs`"


def strings(node: ast.AST) -> list[str]:
    """The texts of a list that is written out, nested ones too; none where anything else stands in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.split(",") if re.fullmatch(r"\w+(,\w+)+", node.value) else [node.value]
    if isinstance(node, ast.Starred):
        return strings(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        parts = [strings(part) for part in node.elts]
        return [text for part in parts for text in part] if all(parts) else []
    return []


def lists_columns(names: list[str]) -> list[str]:
    """Tables whose columns these are: all of four or more, or the first six and more."""
    if len(names) < 4:
        return []
    return [
        name
        for name, table in schema.declared_tables().items()
        for columns in [list(table.columns)]
        if names == columns or (len(names) >= 6 and names == columns[: len(names)])
    ]


def test_no_code_lists_the_columns_of_a_table():
    found = []
    for path in sorted([*asset("reporter").rglob("*.py"), *asset("tests", "support").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            listed = lists_columns(strings(node))
            if listed:
                found.append((path.relative_to(asset()).as_posix(), getattr(node, "lineno", 0), listed))
    assert found == []


def test_a_second_list_of_columns_would_be_found():
    for name, table in schema.declared_tables().items():
        columns = list(table.columns)
        for text in (repr(columns), repr(tuple(columns)), repr(",".join(columns))):
            assert len(columns) < 4 or name in lists_columns(strings(ast.parse(text).body[0].value)), text


@pytest.mark.parametrize("made", [empty_tables, sparse_tables, example_tables])
def test_the_tables_of_the_tests_are_those_of_the_schema(made):
    tables = made()
    assert list(tables) == list(schema.declared_tables())
    schema.checked(tables)
    assert [name for name, table in tables.items() if schema.missing_without_meaning(name, table)] == []


# Tables that the example does not model yet; nothing that it is drawn or written from reads them.
NOT_MODELLED = {
    *("index_changes", "index_final", "index_model", "group_levels"),
    *("realtime", "track_record", "late_sources", "replaced_history", "index_vintages", "index_model_file"),
    *("survey_balances", "survey_themes", "countries"),
}


def test_the_example_has_rows_in_every_table_that_it_models():
    assert {name for name, table in example_tables().items() if table.empty} == NOT_MODELLED
