"""Expressions over cells of the published tables, evaluated for checks (grammar: docs/issue.md, "Cells").

Goes in: an expression such as ``labour_index?dimension=overall&group=TH&period=2025-Q3#value - 100``, and the tables.
Comes out: a number. Written apart from the code that makes the sentences, so that one can be held against the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import numpy as np
import pandas as pd

Tables = Mapping[str, pd.DataFrame]
_NUMBER_OF_A_CELL = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?$")


class CellError(ValueError):
    """An expression names a cell that is not there, or not exactly one, or cannot be read."""


class Cells:
    """The tables, with their rows found by key."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._places: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[int]]] = {}
        self._columns: dict[tuple[str, str], np.ndarray] = {}
        self._values: dict[str, float] = {}

    def value(self, expression: str) -> float:
        """Value of an expression. Raises CellError for a cell that is missing, ambiguous or not a number."""
        if expression not in self._values:
            tokens = expression.split(" ")
            value, rest = self._sum(tokens)
            if rest:
                raise CellError(f"{expression}: cannot read {' '.join(rest)!r}")
            self._values[expression] = value
        return self._values[expression]

    def text(self, cell: str) -> str:
        """A cell as text: for codes and flags."""
        table, key, column = split_cell(cell)
        rows = self.rows(table, key)
        if len(rows) != 1 or column not in rows:
            raise CellError(f"{cell}: {len(rows)} rows")
        return as_text(rows[column].iloc[0])

    def rows(self, table: str, key: Mapping[str, str]) -> pd.DataFrame:
        """Rows of a table that match; a name that ends in ``>`` or ``<`` bounds a column. Raises CellError without the table."""
        self._need(table, key)
        exact = tuple(sorted(name for name in key if name[-1] not in "<>"))
        found = self._tables[table].iloc[self._positions(table, exact, tuple(key[name] for name in exact))]
        for name in key.keys() - set(exact):
            values, bound = pd.to_numeric(found[name[:-1]], errors="coerce"), float(key[name])
            found = found[values >= bound if name[-1] == ">" else values <= bound]
        return found

    def _positions(self, table: str, columns: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
        """Places of the rows whose columns read so; the rows of a table are sorted by those columns once."""
        if not columns:
            return np.arange(len(self._tables[table]))
        if (table, columns) not in self._places:
            places: dict[tuple[str, ...], list[int]] = {}
            texts = [self._texts(table, name) for name in columns]
            for place, row in enumerate(zip(*texts, strict=True)):
                places.setdefault(row, []).append(place)
            self._places[table, columns] = places
        return np.array(self._places[table, columns].get(wanted, ()), dtype=int)

    # ---------------------------------------------------------------- arithmetic: sums of products of factors

    def _sum(self, tokens: list[str]) -> tuple[float, list[str]]:
        value, rest = self._product(tokens)
        while rest and rest[0] in ("+", "-"):
            right, after = self._product(rest[1:])
            value, rest = (value + right if rest[0] == "+" else value - right), after
        return value, rest

    def _product(self, tokens: list[str]) -> tuple[float, list[str]]:
        value, rest = self._factor(tokens)
        while rest and rest[0] in ("*", "/"):
            right, after = self._factor(rest[1:])
            if rest[0] == "/" and right == 0:
                raise CellError("division by zero")
            value, rest = (value * right if rest[0] == "*" else value / right), after
        return value, rest

    def _factor(self, tokens: list[str]) -> tuple[float, list[str]]:
        if not tokens or not tokens[0]:
            raise CellError("an expression ends too early")
        head, rest = tokens[0], tokens[1:]
        if head == "(":
            value, rest = self._sum(rest)
            if not rest or rest[0] != ")":
                raise CellError("a bracket is not closed")
            return value, rest[1:]
        if _NUMBER_OF_A_CELL.match(head):
            return float(head), rest
        if head.startswith("count:"):
            table, key, _ = split_cell(head.removeprefix("count:"))
            return float(len(self.rows(table, key))), rest
        if head.startswith("streak:"):
            return self._streak(head.removeprefix("streak:")), rest
        return self._cell(head), rest

    def _cell(self, cell: str) -> float:
        table, key, column = split_cell(cell)
        if any(name[-1] in "<>" for name in key):
            raise CellError(f"{cell}: a cell has no bounds")
        self._need(table, (*key, column))
        columns = tuple(sorted(key))
        places = self._positions(table, columns, tuple(key[name] for name in columns))
        if len(places) != 1:
            raise CellError(f"{cell}: {len(places)} rows match")
        value = self._numbers(table, column)[places[0]]
        if not math.isfinite(value):
            raise CellError(f"{cell}: the cell is empty")
        return float(value)

    def _texts(self, table: str, column: str) -> np.ndarray:
        """A column as the keys of expressions write it; every different value is turned into text once."""
        codes, different = pd.factorize(self._tables[table][column], use_na_sentinel=False)
        return np.array([as_text(value) for value in different], dtype=object)[codes]

    def _need(self, table: str, columns: Iterable[str]) -> None:
        """Raise CellError where the table or one of its columns is not there."""
        if table not in self._tables:
            raise CellError(f"there is no table {table}")
        for name in columns:
            if name.rstrip("<>") not in self._tables[table]:
                raise CellError(f"{table} has no column {name.rstrip('<>')}")

    def _numbers(self, table: str, column: str) -> np.ndarray:
        """A column as numbers; what is none is missing."""
        if (table, column) not in self._columns:
            values = pd.to_numeric(self._tables[table][column], errors="coerce")
            self._columns[table, column] = values.to_numpy(float)
        return self._columns[table, column]

    def _streak(self, text: str) -> float:
        """Quarters in a row, up to one, that moved the same way by at least ``still``."""
        cell, period, still = text.rsplit("@", 2)
        table, key, column = split_cell(cell)
        rows = self.rows(table, key)
        values = {as_text(p): float(v) for p, v in zip(rows["period"], rows[column], strict=True)}
        at = pd.Period(unquote(period), freq="Q-DEC")
        way, length = 0, 0
        while True:
            now, before = values.get(quarter(at)), values.get(quarter(at - 1))
            if now is None or before is None or not math.isfinite(now - before):
                break
            move = now - before
            sign = (move > 0) - (move < 0)
            if sign == 0 or abs(move) < float(still) or (way and sign != way):
                break
            way, length, at = sign, length + 1, at - 1
        return float(length)


def split_cell(cell: str) -> tuple[str, dict[str, str], str]:
    """``table?key=value&key=value#column`` as its three parts. Raises CellError."""
    match = re.fullmatch(r"([a-z_0-9]+)(?:\?([^#]*))?(?:#([^#]+))?", cell)
    if match is None:
        raise CellError(f"cannot read {cell!r}")
    pairs = [pair for pair in (match[2] or "").split("&") if pair]
    key = {}
    for pair in pairs:
        bounded = re.fullmatch(r"(\w+)([<>]?)=(.*)", pair)
        if bounded is None:
            raise CellError(f"cannot read {pair!r} in {cell!r}")
        key[bounded[1] + bounded[2]] = unquote(bounded[3])
    return match[1], key, unquote(match[3] or "")


def quarter(period: pd.Period) -> str:
    """A quarter as in tables: ``2025-Q3``."""
    return f"{period.year}-Q{period.quarter}"


def as_text(value: object) -> str:
    """A cell as the keys of expressions write it: whole numbers without a point, nothing for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
