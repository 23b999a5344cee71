"""Tables of tests in the shape that the schema declares (``data/tables``): no test lists a table's columns."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pandas as pd

from reporter.domain import schema

_FILLERS = {"text": "", "integer": 0, "number": 0.0, "flag": False, "date": pd.NaT}


def generator(*names: object) -> np.random.Generator:
    """A random generator of its own for each thing drawn."""
    return np.random.default_rng(crc32("/".join(map(str, names)).encode()))


def frame(name: str, rows: Sequence[tuple]) -> pd.DataFrame:
    """A table from rows; last columns that the rows leave out are filled."""
    width = len(rows[0]) if rows else 0
    return filled(name, pd.DataFrame(rows, columns=schema.columns(name)[:width]))


def filled(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with every declared column, in order, and the declared dtypes; what it lacks is empty, 0 or false."""
    if table.empty:
        return schema.empty(name)
    declared = schema.declared_tables()[name].columns.values()
    made = {
        column.name: table[column.name] if column.name in table else _filler(column) for column in declared
    }
    out = pd.DataFrame(made, index=table.index)
    whole = {
        c.name: schema.DTYPES[c.dtype] for c in declared if c.dtype != "integer" or out[c.name].notna().all()
    }
    return out.astype(whole).reset_index(drop=True)


def sorted_by_key(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows as the schema asks: codes in the order in which they first appear, periods and numbers ascending."""
    declared = schema.declared_tables()[name]
    ranks = {
        column: table[column]
        if column in ("period", "issued") or declared.columns[column].dtype == "integer"
        else pd.factorize(table[column])[0]
        for column in declared.key
    }
    if not ranks:
        return table
    order = pd.DataFrame(ranks).sort_values(list(ranks), kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _filler(column: schema.Column) -> object:
    if column.dtype == "text" and column.missing is None:
        return column.name
    return np.nan if column.dtype == "number" and column.missing else _FILLERS[column.dtype]
