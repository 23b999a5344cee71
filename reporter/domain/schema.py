"""The schema of every table that a stage hands on: its columns, its key, what each column holds.

Goes in: ``data/tables/<name>.toml``, one file for each table. Comes out: frozen ``Table`` objects. From them come the
check of every stage's result, docs/tables.md (``python -m reporter.domain.schema``), the codebook, the workbook's
headings, the data package and the tables that tests use. To add a column, add its section to the table's file at the
place where the column stands, then run ``make docs``; nothing else lists the columns of a table.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.domain.declarations import Name, asset
from reporter.domain.errors import DeclarationError, TableError

# What a column may hold -> the dtype of a table without rows. An integer column that has missing values is float.
DTYPES = {"text": "str", "integer": "int64", "number": "float64", "flag": "bool", "date": "datetime64[ns]"}
# Key columns whose values ascend within equal values of the key columns before them; codes keep their declared order.
_PERIODS = ("period", "issued")


@dataclass(frozen=True)
class Column:
    """One column.

    dtype    ``text``, ``integer``, ``number``, ``flag`` (true or false) or ``date``
    title    a short heading
    unit     None: the values are codes or texts, or have no unit
    missing  what an empty cell means; None: no cell is ever empty
    tests    of a flag that says whether a change is significant: the column whose change was tested; "" of all others
    """

    name: str
    dtype: str
    title: Name
    meaning: Name
    unit: Name | None = None
    missing: Name | None = None
    tests: str = ""


@dataclass(frozen=True)
class Table:
    """One table; ``columns`` stand in the table's order.

    made_by    the module that makes it
    published  written to ``tables/`` and to the workbook; otherwise stages only hand it on
    order      place among the tables, in steps of ten so that another fits between
    key        columns that together name a row, in the order in which rows are sorted; empty: rows stand as they are read
    large      the workbook has its rows of the whole country only
    """

    name: str
    title: Name
    meaning: Name
    made_by: str
    published: bool
    order: int
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    large: bool = False


@cache
def declared_tables() -> Mapping[str, Table]:
    """Every table by its name, in the workbook's order. Raises DeclarationError where a file of ``data/tables`` is wrong."""
    found = [_read(path) for path in sorted(asset("data", "tables").glob("*.toml"))]
    return {table.name: table for table in sorted(found, key=lambda table: (table.order, table.name))}


def published() -> Mapping[str, Table]:
    """The tables that an issue publishes, in the workbook's order."""
    return {name: table for name, table in declared_tables().items() if table.published}


def columns(name: str) -> list[str]:
    """Names of a table's columns, in order."""
    return list(declared_tables()[name].columns)


def empty(name: str) -> pd.DataFrame:
    """A table without rows, with its columns and their dtypes."""
    return pd.DataFrame(
        {c.name: pd.Series(dtype=DTYPES[c.dtype]) for c in declared_tables()[name].columns.values()}
    )


def checked(made: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables that a stage made, each checked against its schema. Raises TableError as ``check`` does."""
    for name, frame in made.items():
        check(name, frame)
    return dict(made)


def check(name: str, frame: pd.DataFrame) -> None:
    """Compare a table with its schema: columns and their order, dtypes, a key that is unique and sorted.

    Sorted means: rows with the same leading key values stand together, and periods and whole numbers ascend among
    them. Codes may stand in their declared order. Raises TableError with the table's name and the column.
    """
    if name not in declared_tables():
        raise _error(name, "ไม่มีแฟ้ม data/tables ของตารางนี้", "no file of data/tables declares it")
    table = declared_tables()[name]
    _check_columns(table, frame)
    if frame.empty:
        return
    for column in table.columns.values():
        if not _fits(frame[column.name], column.dtype):
            raise _error(
                name,
                f"คอลัมน์ {column.name} ควรเป็น {column.dtype} แต่เป็น {frame[column.name].dtype}",
                f"column {column.name} should hold {column.dtype}, but is {frame[column.name].dtype}",
            )
    _check_key(table, frame)


def missing_without_meaning(name: str, frame: pd.DataFrame) -> list[str]:
    """Columns with empty cells although the schema does not say what an empty cell means."""
    declared = declared_tables()[name].columns.values()
    return [c.name for c in declared if c.missing is None and _is_missing(frame[c.name]).any()]


def _check_columns(table: Table, frame: pd.DataFrame) -> None:
    declared, found = list(table.columns), [str(column) for column in frame.columns]
    if found == declared:
        return
    for column in declared:
        if column not in found:
            raise _error(table.name, f"ไม่มีคอลัมน์ {column}", f"column {column} is missing")
    for column in found:
        if column not in declared:
            raise _error(
                table.name,
                f"คอลัมน์ {column} ไม่ได้ประกาศไว้",
                f"column {column} is not declared in data/tables/{table.name}.toml",
            )
    raise _error(
        table.name,
        f"ลำดับคอลัมน์เป็น {', '.join(found)} แต่ควรเป็น {', '.join(declared)}",
        f"columns stand as {', '.join(found)}, but should stand as {', '.join(declared)}",
    )


def _fits(values: pd.Series, dtype: str) -> bool:
    kinds = pd.api.types
    if dtype == "text":
        return bool(kinds.is_string_dtype(values.dtype) or kinds.is_object_dtype(values.dtype))
    if dtype == "flag":
        return bool(kinds.is_bool_dtype(values.dtype))
    if dtype == "date":
        return bool(kinds.is_datetime64_any_dtype(values.dtype))
    if kinds.is_bool_dtype(values.dtype) or not kinds.is_numeric_dtype(values.dtype):
        return False
    return dtype == "number" or kinds.is_integer_dtype(values.dtype) or bool((values.dropna() % 1 == 0).all())


def _check_key(table: Table, frame: pd.DataFrame) -> None:
    """Number the rows' leading key values column by column; each number must fill one unbroken run of rows."""
    lead = np.zeros(len(frame), dtype=np.int64)
    for column in table.key:
        codes, values = pd.factorize(frame[column])
        if (codes < 0).any():
            raise _error(table.name, f"คีย์ {column} ว่าง", f"key column {column} has empty cells")
        joined = lead * max(len(values), 1) + codes
        if _runs(joined) != len(np.unique(joined)):
            raise _unsorted(table.name, column)
        if column in _PERIODS or table.columns[column].dtype == "integer":
            given = frame[column].to_numpy()
            if ((given[1:] < given[:-1]) & (lead[1:] == lead[:-1])).any():
                raise _unsorted(table.name, column)
        lead = np.unique(joined, return_inverse=True)[1]
    if table.key and _runs(lead) != len(frame):
        row = frame[list(table.key)][frame.duplicated(list(table.key))].iloc[0]
        at = " ".join(map(str, row))
        raise _error(table.name, f"คีย์ซ้ำ: {at}", f"two rows have the key {at}")


def _runs(codes: np.ndarray) -> int:
    """Number of unbroken runs of equal values."""
    return int((codes[1:] != codes[:-1]).sum()) + 1


def _unsorted(name: str, column: str) -> TableError:
    return _error(
        name, f"แถวไม่เรียงตามคีย์ที่คอลัมน์ {column}", f"rows are not sorted by the key, at column {column}"
    )


def _error(name: str, th: str, en: str) -> TableError:
    return TableError(
        f"ตาราง {name}: {th} — แจ้งผู้ดูแลระบบ", f"Table {name}: {en}. This is a fault of the program."
    )


def _is_missing(values: pd.Series) -> pd.Series:
    return values.isna() | (values.astype(object) == "")


def _read(path: Path) -> Table:
    """One file of ``data/tables``."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        table = _table(path.stem, content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        where = f"data/tables/{path.name}"
        raise DeclarationError(f"{where} ผิดรูปแบบ: {error}", f"{where} is wrong: {error}") from error
    return table


def _table(name: str, content: Mapping[str, Any]) -> Table:
    found = {key: _column(key, spec) for key, spec in content["columns"].items()}
    plain = {
        key: value for key, value in content.items() if key not in ("title", "meaning", "key", "columns")
    }
    table = Table(
        name=name,
        title=_name(content["title"]),
        meaning=_name(content["meaning"]),
        key=tuple(content["key"]),
        columns=found,
        **plain,
    )
    if unknown := [column for column in table.key if column not in found]:
        raise ValueError(f"key: {', '.join(unknown)}")
    if unknown := [column.tests for column in found.values() if column.tests and column.tests not in found]:
        raise ValueError(f"tests: {', '.join(unknown)}")
    for field, kind in (("made_by", str), ("published", bool), ("order", int), ("large", bool)):
        if type(getattr(table, field)) is not kind:
            raise ValueError(f"{field}: {getattr(table, field)!r}")
    return table


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    words = {key: _name(spec[key]) for key in ("title", "meaning", "unit", "missing") if key in spec}
    column = Column(name=name, **{**spec, **words})
    if column.dtype not in DTYPES:
        raise ValueError(f"{name}.dtype: {column.dtype!r}")
    return column


def _name(spec: Mapping[str, str]) -> Name:
    name = Name(**spec)
    if not (name.th.strip() and name.en.strip()):
        raise ValueError(f"{dict(spec)}")
    return name


_HEAD = """# Tables: what the stages hand on

Made by `make docs` from `data/tables/*.toml`; do not edit here. **To add a column**, add its section to the table's file, at the
place where the column stands, and run `make docs`. **To add a table**, add a file. Nothing else lists a table's columns: the codebook,
the workbook, `datapackage.json` and the tables of the tests come from these files, and every stage's result is checked against them.

Every table is a tidy `pd.DataFrame` with a plain `RangeIndex` and columns in this order; `period` is text (`2025-Q3`, `2025-09`); numbers have full
precision; missing numbers are `NaN`, missing texts empty (both are empty in CSV). Rows are sorted by their key: codes in their declared order,
periods ascending. A stage that has nothing to say returns the table without rows. Group codes, dimension ids and indicator ids are those of the
contract. Published tables are written to `tables/` and to the workbook.
"""


def document() -> str:
    """Text of docs/tables.md."""
    internal = [table for table in declared_tables().values() if not table.published]
    parts = [
        _HEAD,
        *_sections("Published tables", published().values()),
        *_sections("Internal tables", internal),
    ]
    return "\n".join(parts)


def _sections(heading: str, wanted: Iterable[Table]) -> list[str]:
    return [f"## {heading}\n", *(_section(table) for table in wanted)]


def _section(table: Table) -> str:
    key = (
        f"key `{','.join(table.key)}`"
        if table.key
        else "no key: rows stand in the order in which they are read"
    )
    lines = [
        f"### {table.name}",
        f"{table.title.en}. {table.title.th}.",
        f"{table.meaning.en}; {key}; made by `{table.made_by}`.",
        "",
        "| column | holds | unit | meaning | empty |",
        "| --- | --- | --- | --- | --- |",
    ]
    for column in table.columns.values():
        unit, missing = (text.en if text else "" for text in (column.unit, column.missing))
        lines.append(f"| `{column.name}` | {column.dtype} | {unit} | {column.meaning.en} | {missing} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    asset("docs", "tables.md").write_text(document(), encoding="utf-8")


# ----------------------------------------------------------------------------------------------------
# The tables of an issue: which are published, and their CSV files.
#
# Goes in: the named tidy frames that ``schema`` declares. Comes out: one UTF-8 CSV per table, full precision, missing
# values empty. Text that a spreadsheet would run as a formula is defused.
# ----------------------------------------------------------------------------------------------------

Tables = dict[str, pd.DataFrame]
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def public(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """The tables that are published, in declared order; internal ones are left out."""
    return {name: tables[name] for name in published() if name in tables}


def for_whole_country(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """The published tables with the large ones cut to the whole country: what workbook and PDF carry."""
    return {
        name: table[table["group"] == "TH"] if declared_tables()[name].large and "group" in table else table
        for name, table in public(tables).items()
    }


def defuse(text: object) -> object:
    """Prefix a text that a spreadsheet would take for a formula with an apostrophe; leave the rest alone."""
    if isinstance(text, str) and len(text) > 1 and text.startswith(_FORMULA_START):
        return "'" + text
    return text


def defused(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every text column defused; numbers are untouched."""
    texts = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    risky = [
        column
        for column in texts
        if any(isinstance(text, str) and text.startswith(_FORMULA_START) for text in table[column].unique())
    ]
    return table.assign(**{column: table[column].map(defuse) for column in risky}) if risky else table


def write_csv(tables: Mapping[str, pd.DataFrame], folder: Path) -> dict[str, bytes]:
    """Write the published tables to ``folder`` as ``<name>.csv``; returns name -> what was written, in declared order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {name: csv_bytes(table) for name, table in public(tables).items()}
    for name, content in written.items():
        (folder / f"{name}.csv").write_bytes(content)
    return written


def csv_bytes(table: pd.DataFrame) -> bytes:
    """One table as CSV: UTF-8, comma, ``\\n``, numbers so that they read back to the last bit."""
    text: str = defused(table).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")
