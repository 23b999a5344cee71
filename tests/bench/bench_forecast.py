"""Coverage of the forecast intervals in simulation, and the time of one forecast.

Run by ``make bench``. Series of known processes and lengths go through ``forecast.compute`` as the index does, choice of
the model included, every third one with macro variables; the four quarters that really follow are then compared with
the printed intervals. Claimed: 80 % intervals cover 75-85 %, 95 % intervals 90-99 %, over all processes and lengths at
every horizon, and for every process and length as far as the number of series can tell (two standard errors; the hits
of one series hang together and count as one). ``REPORTER_BENCH_SERIES`` sets the number of series per case.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from reporter.domain.periods import iso
from reporter.index import forecast

Array = np.ndarray
QUARTER = pd.Period("2025Q3", freq="Q-DEC")
LENGTHS = (32, 48, 72)
AHEAD, BURN = 4, 60
BOUNDS = {80: (0.75, 0.85), 95: (0.90, 0.99)}


def autoregressive(*coefficients: float) -> Callable[[np.random.Generator, int], Array]:
    """An AR process with normal shocks."""

    def draw(rng: np.random.Generator, length: int) -> Array:
        shocks = rng.standard_normal(length)
        values = np.zeros(length)
        for t in range(length):
            values[t] = shocks[t] + sum(
                c * values[t - 1 - lag] for lag, c in enumerate(coefficients) if t > lag
            )
        return values

    return draw


def with_breaks(rng: np.random.Generator, length: int) -> Array:
    """AR(1) whose mean moves once in about ten years, in the sample and after it."""
    shifts = np.where(rng.random(length) < 0.025, 3 * rng.standard_normal(length), 0.0)
    return autoregressive(0.7)(rng, length) + np.cumsum(shifts)


def with_pandemic(rng: np.random.Generator, length: int) -> Array:
    """AR(0.8) with a fall of eight standard deviations of its shocks five years before the end, mended within a year."""
    values = autoregressive(0.8)(rng, length)
    place = length - AHEAD - 22
    values[place : place + 4] -= np.array([8.0, 6.0, 3.0, 1.5])
    return values


def with_leftover_season(rng: np.random.Generator, length: int) -> Array:
    """AR(0.7) with a season that the adjustment left: sd 0.6 of the shocks' between quarters."""
    return autoregressive(0.7)(rng, length) + np.resize(0.6 * rng.standard_normal(4), length)


def heavy_tailed(rng: np.random.Generator, length: int) -> Array:
    """AR(0.8) with Student's t shocks of four degrees of freedom."""
    shocks = rng.standard_t(4, length) / np.sqrt(2)
    values = np.zeros(length)
    for t in range(1, length):
        values[t] = 0.8 * values[t - 1] + shocks[t]
    return values


PROCESSES = {
    "AR(1) 0.5": autoregressive(0.5),
    "AR(1) 0.8": autoregressive(0.8),
    "AR(2) cycle": autoregressive(1.4, -0.6),
    "near unit root": autoregressive(0.97),
    "leftover season": with_leftover_season,
    "breaks": with_breaks,
    "2020 shock": with_pandemic,
    "heavy tails": heavy_tailed,
}


def table(values: Array) -> pd.DataFrame:
    """``labour_index`` of one simulated composite that ends in ``QUARTER``."""
    periods = [iso(QUARTER - (len(values) - 1 - t)) for t in range(len(values))]
    return pd.DataFrame({"dimension": "overall", "group": "TH", "period": periods, "value": values})


NO_MACRO = pd.DataFrame({"variable": [], "period": [], "value": []})


def macro_of(values: Array, length: int, rng: np.random.Generator) -> pd.DataFrame:
    """A variable that knows the next quarter half, and one that has nothing to do with the index."""
    periods = [iso(QUARTER - (length - 1 - t)) for t in range(length)]
    leading = 0.7 * (values[1 : length + 1] - 100) / 4 + 0.7 * rng.standard_normal(length)
    columns = {"leading": leading, "other": autoregressive(0.7)(rng, length)}
    return pd.concat(
        [pd.DataFrame({"variable": name, "period": periods, "value": of}) for name, of in columns.items()]
    )


def coverage(
    place: int, process: Callable[[np.random.Generator, int], Array], length: int, series: int
) -> tuple[Array, float]:
    """Hits (series, horizons, 2) and the mean width of the one-year-ahead 95 % interval in shock sds."""
    hits, widths = np.zeros((series, AHEAD, 2)), []
    for number in range(series):
        rng = np.random.default_rng([place, length, number])
        values = 100 + 4 * process(rng, BURN + length + AHEAD)[BURN:]
        macro = macro_of(values, length, rng) if number % 3 == 2 else NO_MACRO
        made = forecast.compute(table(values[:length]), macro, QUARTER, seed=1)["forecast"]
        future = values[length:]
        for column, level in enumerate(BOUNDS):
            hits[number, :, column] = (future >= made[f"low{level}"]) & (future <= made[f"high{level}"])
        widths.append(float(made["high95"].iloc[-1] - made["low95"].iloc[-1]) / 4)
    return hits, float(np.mean(widths))


def verdict(hits: Array, bounds: tuple[float, float]) -> str:
    """Share of hits (series, horizons) with its standard error, and whether it lies within the bounds."""
    by_series = hits.mean(axis=1)
    share, error = float(by_series.mean()), float(by_series.std(ddof=1) / np.sqrt(len(by_series)))
    low, high = bounds
    inside = low <= share <= high
    apart = share < low - 2 * error or share > high + 2 * error
    said = "holds" if inside else "DOES NOT HOLD" if apart else "not told apart"
    return f"{share:.3f} (se {error:.3f}) {said}"


def report(name: str, hits: Array) -> None:
    """One line a group of cases: shares by horizon, share of all with the verdict."""
    for column, (level, bounds) in enumerate(BOUNDS.items()):
        by_horizon = " ".join(f"{share:.3f}" for share in hits[:, :, column].mean(axis=0))
        print(f"  {name:16} {level} %: by horizon {by_horizon}; all {verdict(hits[:, :, column], bounds)}")


def main() -> None:
    """Print coverage by process, by length, per horizon over all, then the time of one forecast."""
    series = int(os.environ.get("REPORTER_BENCH_SERIES", "30"))
    cases: dict[tuple[str, int], Array] = {}
    started = time.perf_counter()
    for place, (name, process) in enumerate(PROCESSES.items()):
        for length in LENGTHS:
            cases[name, length], width = coverage(place, process, length, series)
            print(
                f"{name}, {length} quarters: 95 % interval a year ahead {width:.2f} shock sds wide",
                flush=True,
            )
    elapsed = time.perf_counter() - started
    for name in PROCESSES:
        report(name, np.concatenate([hits for (of, _), hits in cases.items() if of == name]))
    for length in LENGTHS:
        report(
            f"{length} quarters", np.concatenate([hits for (_, of), hits in cases.items() if of == length])
        )
    every = np.concatenate(list(cases.values()))
    report("all", every)
    for column, (level, bounds) in enumerate(BOUNDS.items()):
        for horizon in range(AHEAD):
            said = verdict(every[:, [horizon], column], bounds)
            print(f"{level} % intervals, {horizon + 1} quarters ahead: {said}")
    print(f"{elapsed / len(every):.2f} s a forecast, {len(cases)} cases of {series} series")


if __name__ == "__main__":
    main()
