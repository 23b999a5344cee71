"""Texts of series files as numbers, periods and dates; fast on many rows, strict on each.

Goes in: lists of stripped texts. Comes out: arrays, and which rows could not be read and why. Every different text
is parsed once. Numbers: Thai digits and thousand separators are accepted, nothing else; a dash means no value.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.formula import evaluate, names
from reporter.domain.periods import (
    PeriodError,
    arabic_digits,
    iso,
    parse_month,
    parse_period,
)
from reporter.measures.annex import aggregate_of, at_frequency

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?\Z")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?\Z")
_NOTHING = {"", "-", "–", "—", "..", "...", "n.a.", "na", "n/a"}
_TRUE = {"1", "true", "ใช่"}
_FALSE = {"", "0", "false", "ไม่ใช่"}


def number(text: str) -> float:
    """One number: ``1,234.5``, ``๑๒.๕``, ``-3``. NaN for a blank or a dash. Raises ValueError otherwise."""
    cleaned = arabic_digits(text.strip()).replace("\u2212", "-").replace("\u00a0", "")
    if cleaned.lower() in _NOTHING:
        return np.nan
    if not (_PLAIN.match(cleaned) or _GROUPED.match(cleaned)):
        raise ValueError(text)
    value = float(cleaned.replace(",", ""))
    if not np.isfinite(value):
        raise ValueError(text)
    return value


def numbers(texts: list[str]) -> tuple[np.ndarray, list[int]]:
    """Numbers of many texts: (values, positions that are no number)."""
    values = np.full(len(texts), np.nan)
    bad: list[int] = []
    for position, text in enumerate(texts):
        try:
            # The plain road of most cells; float() also knows inf, nan and 1_000, which are no numbers here.
            if text and text[-1].isdigit() and text.isascii() and "_" not in text:
                values[position] = float(text)
            else:
                values[position] = number(text)
        except ValueError:
            try:
                values[position] = number(text)
            except ValueError:
                bad.append(position)
    bad += [int(n) for n in np.flatnonzero(np.isinf(values))]
    return values, sorted(set(bad))


def periods(texts: list[str]) -> tuple[np.ndarray, np.ndarray, dict[str, PeriodError]]:
    """Periods of many texts: (ISO texts, frequencies M/Q, error by text that is no period)."""
    parsed: dict[str, tuple[str, str]] = {}
    wrong: dict[str, PeriodError] = {}
    for text in dict.fromkeys(texts):
        try:
            period = _period(text)
            parsed[text] = (iso(period), "Q" if period.freqstr.startswith("Q") else "M")
        except PeriodError as error:
            wrong[text] = error
            parsed[text] = ("", "")
    pairs = [parsed[text] for text in texts]
    return (
        np.array([pair[0] for pair in pairs], dtype=object),
        np.array([pair[1] for pair in pairs], dtype=object),
        wrong,
    )


def _period(text: str) -> pd.Period:
    cleaned = arabic_digits(text)
    if _DATE.match(cleaned):
        return parse_month(cleaned[:7])
    if re.fullmatch(r"[0-9]{5}(\.0)?", cleaned):
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(cleaned)))
        raise PeriodError(
            f'"{text}" เป็นเลขลำดับวันที่ของสเปรดชีต ({day.isoformat()}) — เขียนแบบ {day:%Y-%m} หรือ 2025-Q3',
            f'"{text}" is a spreadsheet\'s date serial ({day.isoformat()}); write {day:%Y-%m} or 2025-Q3.',
        )
    return parse_period(text)


def dates(texts: list[str]) -> tuple[np.ndarray, set[str]]:
    """Days of many texts (ISO, Christian or Buddhist year): (datetime64[ns], NaT where blank; texts that are no day)."""
    parsed: dict[str, np.datetime64] = {}
    wrong: set[str] = set()
    for text in set(texts):
        parsed[text] = np.datetime64("NaT", "ns")
        if not text:
            continue
        match = _DATE.match(arabic_digits(text))
        try:
            if not match:
                raise ValueError(text)
            year = int(match[1]) - (543 if int(match[1]) >= 2400 else 0)
            day = dt.date(year, int(match[2]), int(match[3]))
            if not 1900 <= year <= 2200:
                raise ValueError(text)
            parsed[text] = np.datetime64(day, "ns")
        except ValueError:
            wrong.add(text)
    return np.array([parsed[text] for text in texts], dtype="datetime64[ns]"), wrong


def flags(texts: list[str]) -> tuple[np.ndarray, set[str]]:
    """Yes/no of many texts (blank is no): (bool, texts that are neither)."""
    wrong = {text for text in set(texts) if text.lower() not in _TRUE | _FALSE}
    return np.array([text.lower() in _TRUE for text in texts], dtype=bool), wrong


KEY = ["indicator", "group", "period"]


def in_force(history: pd.DataFrame, as_of: dt.date | None) -> pd.DataFrame:
    """Newest vintage of each observation not later than the date (None: newest of all), sorted by key."""
    known = history
    if as_of is not None:
        # The whole day counts: the store knows hours, files know days.
        known = known[known["as_of"].isna() | (known["as_of"] < pd.Timestamp(as_of) + pd.Timedelta(days=1))]
    ordered = known.sort_values([*KEY, "as_of"], na_position="first", kind="stable")
    return ordered.drop_duplicates(KEY, keep="last").reset_index(drop=True)


def with_computed(observations: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """Add the values of indicators that are absent but whose formula's inputs are there."""
    present = set(observations["indicator"].unique())
    added = []
    for indicator in declarations.indicators.values():
        inputs = names(indicator.formula) if indicator.formula else ()
        if inputs and present.issuperset(inputs):
            own = observations[observations["indicator"] == indicator.id]
            added.append(_computed(observations, indicator, inputs, own))
    added = [rows for rows in added if len(rows)]
    if not added:
        return observations
    return pd.concat([observations, *added], ignore_index=True).sort_values(KEY, ignore_index=True)


def _computed(
    observations: pd.DataFrame, indicator: Indicator, inputs: tuple[str, ...], own: pd.DataFrame
) -> pd.DataFrame:
    """Rows of one indicator where all inputs are known and it is not; they carry the place of the first input."""
    by_input = {
        name: at_frequency(
            observations[observations["indicator"] == name], indicator.frequency, aggregate_of(name)
        ).set_index(["group", "period"])
        for name in inputs
    }
    values = evaluate(indicator.formula, {name: rows["value"] for name, rows in by_input.items()}).dropna()
    have = pd.MultiIndex.from_frame(own[["group", "period"]])
    wanted = values.index.difference(have)
    first = by_input[inputs[0]].loc[wanted]
    rows = first.assign(indicator=indicator.id, value=values[wanted])
    for other in inputs[1:]:
        rows["as_of"] = rows["as_of"].combine(by_input[other].loc[wanted, "as_of"], _later)
        rows["adjusted"] &= by_input[other].loc[wanted, "adjusted"]
    return rows.reset_index()[observations.columns.tolist()]


def _later(first: pd.Timestamp, second: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(first):
        return second
    return first if pd.isna(second) else max(first, second)
