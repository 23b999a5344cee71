"""A second, separately written computation of the national index, which shares no code with the first.

In: the model as JSON text (``models/index-<year>-v<n>.json``) and the published table ``series``. Out: the index, and its largest difference from what is published. An office that had
miscoded a chain link in 2020 found it in 2025; this finds such a slip before the release. Where the first computation
decomposes by hand, quarter by quarter, this one writes down every equation of the model and leaves the whole sparse system of squares to a
general solver.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from reporter.domain.errors import Finding

_OWN_MONTHLY = 0.5  # docs/index.md: persistence of own monthly noise; written again here on purpose
_LEVEL_VARIANCE = 1.5**2  # docs/index.md: prior of the mean
_WIDEST = 20.0  # docs/index.md: standardised values are clipped there
_SMALLEST_NOISE = 1e-4  # keeps the matrix of a series without own noise invertible
TOLERANCE = 0.05  # points: half of the last printed digit


class _System:
    """A sum of squares: every ``add`` is one equation, coefficients @ states = value with a given variance."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.entries: list[float] = []
        self.right: list[float] = []

    def add(self, terms: list[tuple[int, float]], value: float, variance: float) -> None:
        weight = 1 / math.sqrt(variance)
        for column, coefficient in terms:
            self.rows.append(len(self.right))
            self.columns.append(column)
            self.entries.append(coefficient * weight)
        self.right.append(value * weight)

    def solve(self, states: int) -> np.ndarray:
        matrix = coo_array((self.entries, (self.rows, self.columns)), shape=(len(self.right), states)).tocsr()
        return spsolve((matrix.T @ matrix).tocsc(), matrix.T @ np.array(self.right))


def index(model_text: str, series: pd.DataFrame, last: str) -> pd.DataFrame:
    """The index from the first quarter with data to ``last`` ("2025-Q3"): ``dimension,period,value``, link included.

    series  table ``series``: its ``adjusted`` values
    """
    model = json.loads(model_text)
    values = {name: _input(item, series) for item in model["members"] for name in [item["indicator"]]}
    values = {name: known for name, known in values.items() if known}
    first = min(min(known) for known in values.values()) // 3 * 3
    end = _month(last) + 3
    factors = _factors(model, values, first, end)
    return _published(model, factors, first // 3)


def _month(text: str) -> int:
    """Number of a month, or of a quarter's first month, since year 0."""
    year = int(text[:4])
    return year * 12 + (3 * (int(text[-1]) - 1) if "Q" in text else int(text[5:]) - 1)


def _input(item: dict[str, Any], series: pd.DataFrame) -> dict[int, float]:
    """Standardised values by number of the month (quarters: their first month)."""
    own = series[series["indicator"] == item["indicator"]]
    pairs = [(str(p), float(v)) for p, v in zip(own["period"], own["adjusted"], strict=True)]
    quarterly = bool(pairs) and "Q" in pairs[0][0]
    step = 3 if quarterly else 1
    level = {_month(text): value for text, value in pairs if value == value}
    if not quarterly and not item["monthly"]:
        starts = {month // 3 * 3 for month in level}
        level = {
            s: sum(level[s + k] for k in range(3)) / 3
            for s in starts
            if all(s + k in level for k in range(3))
        }
        step = 3
    if item["form"] == "growth":
        formed = {
            m: (v / level[m - step] - 1) * 100
            for m, v in level.items()
            if m - step in level and level[m - step] > 0
        }
    elif item["form"] == "deviation" and all(value > 0 for value in level.values()):
        formed = {m: 100 * math.log(v) for m, v in level.items()}
    else:
        formed = level
    found = {m: (v - item["centre"]) / item["scale"] for m, v in formed.items()}
    return {m: min(max(v, -_WIDEST), _WIDEST) for m, v in found.items()}


def _factors(
    model: dict[str, Any], values: dict[str, dict[int, float]], first: int, end: int
) -> dict[str, np.ndarray]:
    """Quarterly unit-variance factors of every dimension."""
    months, names = end - first, list(model["dimensions"])
    system, place = _System(), 0
    starts = {}
    for name in ["common", *names]:
        starts[name], place = place, place + months
        _chain(system, starts[name], months, model["persistence"], 1.0)
    for item in model["members"]:
        if item["indicator"] in values:
            place = _member(system, model, item, values[item["indicator"]], starts, place, first, months)
    states = system.solve(place)
    unit = math.sqrt((3 + 4 * model["persistence"] + 2 * model["persistence"] ** 2) / 9)
    found = {}
    for name in names:
        share = model["dimensions"][name]["common"]
        common, own = (states[starts[n] : starts[n] + months] for n in ("common", name))
        monthly = share * common + math.sqrt(1 - share**2) * own
        found[name] = monthly.reshape(-1, 3).mean(axis=1) / unit
    return found


def _chain(system: _System, start: int, count: int, persistence: float, variance: float) -> None:
    """A stationary first-order autoregression."""
    system.add([(start, 1.0)], 0.0, variance)
    for k in range(1, count):
        terms = [(start + k, 1.0), (start + k - 1, -persistence)]
        system.add(terms, 0.0, variance * (1 - persistence**2))


def _member(
    system: _System,
    model: dict[str, Any],
    item: dict[str, Any],
    values: dict[int, float],
    starts: dict[str, int],
    place: int,
    first: int,
    months: int,
) -> int:
    """One member's level, slope, own part and observations; returns the next free state."""
    level, slope, own = place, place + 1, place + 2
    system.add([(level, 1.0)], 0.0, _LEVEL_VARIANCE)
    system.add([(slope, 1.0)], 0.0, max(item["slope_prior"] ** 2, 1e-14))
    step = 1 if item["monthly"] else 3
    has_own = item["persistent"] > 0
    count = months // step if has_own else 0
    if has_own:
        memory = _OWN_MONTHLY if item["monthly"] else model["own_quarterly"]
        _chain(system, own, count, memory, item["persistent"])
    share = model["dimensions"][item["dimension"]]["common"]
    rest = math.sqrt(1 - share**2)
    for month, value in values.items():
        at = month - first
        if not 0 <= at < months:
            continue
        covered = range(at, at + step)
        terms = [(starts["common"] + k, item["loading"] * share / step) for k in covered]
        terms += [(starts[item["dimension"]] + k, item["loading"] * rest / step) for k in covered]
        time = (month + step / 2) / 12
        terms += [(level, 1.0), (slope, time - item["middle"])]
        if has_own:
            terms.append((own + at // step, 1.0))
        system.add(terms, value, item["white"] + _SMALLEST_NOISE)
    return own + count


def _published(model: dict[str, Any], factors: dict[str, np.ndarray], first: int) -> pd.DataFrame:
    """Points, and the link to an earlier model's values."""
    sub = {
        name: 100 + 10 * (factors[name] - item["mean"]) / item["spread"]
        for name, item in model["dimensions"].items()
    }
    total = sum(item["weight"] * (sub[name] - 100) for name, item in model["dimensions"].items())
    sub = {"overall": model["level"] + model["slope"] * total, **sub}
    history = model.get("history") or {}
    rows = []
    for name, points in sub.items():
        periods = [f"{(first + k) // 4}-Q{(first + k) % 4 + 1}" for k in range(len(points))]
        new = dict(zip(periods, points.tolist(), strict=True))
        old = history.get(name, {})
        link = model.get("link")
        gap = old[link] - new[link] if link in old and link in new else 0.0
        rows += [
            (name, period, old.get(period, value) if link and period <= link else value + gap)
            for period, value in new.items()
        ]
    return pd.DataFrame(rows, columns=["dimension", "period", "value"])


def check(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """The largest difference, as a note; as an error where it is more than ``TOLERANCE``.

    tables  ``index_model_file``, ``series``, ``labour_index``
    """
    model_text = str(tables["index_model_file"]["text"].iloc[0])
    largest, where = difference(model_text, tables["series"], tables["labour_index"])
    is_same = largest <= TOLERANCE
    return [
        Finding(
            "note" if is_same else "error",
            "tables/labour_index.csv",
            f"คำนวณดัชนีซ้ำด้วยโปรแกรมอีกชุดหนึ่ง ต่างมากที่สุด {largest:.2g} จุด ({where})"
            + ("" if is_same else " — ห้ามเผยแพร่จนกว่าจะพบสาเหตุ"),
            f"The index computed again by other code differs by at most {largest:.2g} points ({where})."
            + ("" if is_same else " Do not publish before the reason is found."),
            value=f"{largest:.2g}",
            rule="index.second_computation",
        )
    ]


def difference(model_text: str, series: pd.DataFrame, labour_index: pd.DataFrame) -> tuple[float, str]:
    """Largest absolute difference between the published and the recomputed index of the nation, points, and where."""
    published = labour_index[labour_index["group"] == "TH"]
    own = index(model_text, series, str(published["period"].max()))
    both = published.merge(own, on=["dimension", "period"], how="left", suffixes=("", "_second"))
    gap = (both["value"] - both["value_second"]).abs()
    at = int(gap.fillna(np.inf).to_numpy().argmax())
    return float(gap.fillna(np.inf).iloc[at]), f"{both['dimension'].iloc[at]} {both['period'].iloc[at]}"
