"""The tables of an issue: which are published, and their CSV files.

Goes in: the named tidy frames that ``schema`` declares. Comes out: one UTF-8 CSV per table, full precision, missing
values empty. Text that a spreadsheet would run as a formula is defused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from reporter.domain import schema

Tables = dict[str, pd.DataFrame]
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def public(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """The tables that are published, in declared order; internal ones are left out."""
    return {name: tables[name] for name in schema.published() if name in tables}


def for_whole_country(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """The published tables with the large ones cut to the whole country: what workbook and PDF carry."""
    return {
        name: table[table["group"] == "TH"] if schema.tables()[name].large and "group" in table else table
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
