"""Seeded simulator of workspaces with a known cycle behind every dimension.

Goes in: declarations, a seed and a Recipe. Comes out: observations (docs/tables.md) of every indicator and the
quarterly truth of every dimension. Monthly cycles drive monthly and quarterly members; season, trend, noise,
2 % missing values and a ragged edge are laid over them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations, Indicator

_LAWS = {"ar1": (0.95, 0.0), "ar2": (1.90, -0.91)}


@dataclass(frozen=True)
class Recipe:
    """How a simulated workspace is made.

    cycle        "ar1" | "ar2" or two coefficients: law of the monthly cycles
    growth       "rate": the cycle moves the growth rate; "level": it moves the deviation from the trend
    idiosyncratic  monthly autocorrelation of a member's own noise
    quarterly    autocorrelation of a quarterly member's own noise; None follows from ``idiosyncratic``
    loadings     range of the members' loadings
    common       share of a national cycle in every dimension's cycle
    wandering    standard deviation of a year's step of a random walk in every member, in that of the cycle
    members      how many of each dimension's members there are; None: all
    tails        degrees of freedom of the noise's Student t; None: normal noise
    """

    start: str = "2008-01"
    end: str = "2025-09"
    cycle: str | tuple[float, float] = "ar1"
    growth: str = "rate"
    idiosyncratic: float = 0.3
    quarterly: float | None = None
    loadings: tuple[float, float] = (0.7, 1.2)
    noise: tuple[float, float] = (0.35, 1.1)
    trend: float = 1.0
    season: float = 1.0
    common: float = 0.5
    wandering: float = 0.0
    members: int | None = None
    tails: float | None = None
    missing: float = 0.02
    ragged: bool = True


def _cycle(rng: np.random.Generator, n: int, law: str | tuple[float, float]) -> np.ndarray:
    coefficients = _LAWS[law] if isinstance(law, str) else law
    path = np.zeros(n + 120)
    shocks = rng.standard_normal(n + 120)
    for t in range(2, n + 120):
        path[t] = coefficients[0] * path[t - 1] + coefficients[1] * path[t - 2] + shocks[t]
    path = path[120:]
    return (path - path.mean()) / path.std()


def _noise(
    rng: np.random.Generator, n: int, autocorrelation: float, tails: float | None = None
) -> np.ndarray:
    path = (
        rng.standard_normal(n) if tails is None else rng.standard_t(tails, n) / np.sqrt(tails / (tails - 2))
    )
    for t in range(1, n):
        path[t] = autocorrelation * path[t - 1] + np.sqrt(1 - autocorrelation**2) * path[t]
    return path


def _walk(rng: np.random.Generator, n: int, step: float, per_year: int) -> np.ndarray:
    return np.cumsum(rng.standard_normal(n)) * step / np.sqrt(per_year) if step > 0 else np.zeros(n)


def _values(
    rng: np.random.Generator, item: Indicator, signal: np.ndarray, recipe: Recipe, per_year: int
) -> np.ndarray:
    """Raw values of one indicator from its signal (cycle plus noise, sd about 1)."""
    n = len(signal)
    pattern = rng.standard_normal(per_year)
    pattern -= pattern.mean()
    season = recipe.season * rng.uniform(0.3, 1.5) * np.resize(pattern, n)
    slope = recipe.trend * rng.normal(0, 0.06) * 12 / per_year / 3
    if item.transform == "level":
        base = {1: 60.0, -1: 12.0}[item.polarity]
        return base + 0.8 * (signal + season + slope * np.arange(n))
    scale = 0.01 if per_year == 4 else 0.006
    drift = 0.03 / per_year
    if recipe.growth == "rate":
        path = np.cumsum(drift + scale * signal)
    else:
        path = drift * np.arange(n) + 3 * scale * signal
    return 10_000.0 * np.exp(path + 3 * scale * season)


def simulate(
    declarations: Declarations, seed: int, recipe: Recipe | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Observations and truth of one simulated workspace.

    Returns  observations (docs/tables.md) and truth: quarter x dimension, standardised
    """
    recipe = recipe or Recipe()
    rng = np.random.default_rng(seed)
    months = pd.period_range(recipe.start, recipe.end, freq="M")
    quarters = months.asfreq("Q")
    national = _cycle(rng, len(months), recipe.cycle)
    rows: list[pd.DataFrame] = []
    truth: dict[str, pd.Series] = {}
    for dimension in declarations.dimensions:
        own = _cycle(rng, len(months), recipe.cycle)
        cycle = np.sqrt(recipe.common) * national + np.sqrt(1 - recipe.common) * own
        cycle /= cycle.std()
        truth[dimension] = pd.Series(cycle, months).groupby(quarters).mean()
        for item in declarations.members(dimension)[: recipe.members]:
            rows.extend(_member(rng, item, cycle, months, recipe))
    observations = pd.concat(rows, ignore_index=True)
    observations["file"], observations["row"] = "simulated", np.arange(2, len(observations) + 2)
    return observations, pd.DataFrame(truth)


def _member(
    rng: np.random.Generator, item: Indicator, cycle: np.ndarray, months: pd.PeriodIndex, recipe: Recipe
) -> list[pd.DataFrame]:
    loading, noise = item.polarity * rng.uniform(*recipe.loadings), rng.uniform(*recipe.noise)
    if item.frequency == "monthly":
        index = months
        signal = loading * cycle + noise * 1.3 * _noise(rng, len(months), recipe.idiosyncratic, recipe.tails)
        signal = signal + _walk(rng, len(months), recipe.wandering, 12)
        values = _values(rng, item, signal, recipe, 12)
        keep = len(index) - (int(rng.integers(0, 3)) if recipe.ragged else 0)
    else:
        means = pd.Series(cycle, months).groupby(months.asfreq("Q")).mean()
        index = pd.PeriodIndex(means.index)
        own = _noise(
            rng,
            len(index),
            recipe.idiosyncratic**3 if recipe.quarterly is None else recipe.quarterly,
            recipe.tails,
        )
        signal = loading * means.to_numpy() + noise * own + _walk(rng, len(index), recipe.wandering, 4)
        values = _values(rng, item, signal, recipe, 4)
        keep = len(index) - (int(rng.integers(0, 2)) if recipe.ragged else 0)
    values = values[:keep]
    present = rng.random(keep) >= recipe.missing
    frequency = "M" if item.frequency == "monthly" else "Q"
    frames = []
    for name, path in _components(item, values):
        frame = pd.DataFrame(
            {"indicator": name, "group": "TH", "period": index[:keep].astype(str), "value": path}
        )
        frames.append(frame[present])
    for frame in frames:
        frame["period"] = frame["period"].str.replace(r"(\d{4})Q", r"\1-Q", regex=True)
        frame["frequency"], frame["as_of"], frame["adjusted"] = frequency, pd.NaT, False
    columns = [name for name in schema.columns("observations") if name in frames[0]]
    return [frame[columns] for frame in frames]


def _components(item: Indicator, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """A gap's two component series, or the indicator itself."""
    if not item.components:
        return [(item.id, values)]
    male, female = item.components
    if item.gap == "relative":
        return [(male, 100 * (1 + values / 200)), (female, 100 * (1 - values / 200))]
    return [(male, 50 + values), (female, np.full(len(values), 50.0))]
