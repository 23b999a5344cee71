"""Coverage of the forecast intervals in simulation, and the time of one forecast.

Run by ``make bench``. Series of known processes and lengths go through ``forecast.compute`` as the index does; the four
quarters that really follow are then compared with the printed intervals. Claimed: 80 % intervals cover 75-85 %,
95 % intervals 90-99 %, per horizon, over all processes and lengths. ``REPORTER_BENCH_SERIES`` sets the number of series per case.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from reporter.index import forecast
from reporter.periods import iso

Array = np.ndarray
QUARTER = pd.Period("2025Q3", freq="Q-DEC")
LENGTHS = (40, 56, 72)
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
    "breaks": with_breaks,
    "2020 shock": with_pandemic,
    "heavy tails": heavy_tailed,
}


def table(values: Array) -> pd.DataFrame:
    """``labour_index`` of one simulated composite that ends in ``QUARTER``."""
    periods = [iso(QUARTER - (len(values) - 1 - t)) for t in range(len(values))]
    return pd.DataFrame({"dimension": "overall", "group": "TH", "period": periods, "value": values})


NO_MACRO = pd.DataFrame({"variable": [], "period": [], "value": []})


def coverage(
    process: Callable[[np.random.Generator, int], Array], length: int, series: int
) -> tuple[Array, float]:
    """Hits (series, horizons, 2) and the mean width of the one-year-ahead 95 % interval in shock sds."""
    hits, widths = np.zeros((series, AHEAD, 2)), []
    for number in range(series):
        rng = np.random.default_rng([length, number])
        values = 100 + 4 * process(rng, BURN + length + AHEAD)[BURN:]
        made = forecast.compute(table(values[:length]), NO_MACRO, QUARTER, seed=1)["forecast"]
        future = values[length:]
        for place, level in enumerate(("80", "95")):
            hits[number, :, place] = (future >= made[f"low{level}"]) & (future <= made[f"high{level}"])
        widths.append(float(made["high95"].iloc[-1] - made["low95"].iloc[-1]) / 4)
    return hits, float(np.mean(widths))


def main() -> None:
    """Print coverage by process and length, then per horizon over all, then the time of one forecast."""
    series = int(os.environ.get("REPORTER_BENCH_SERIES", "60"))
    every = []
    started = time.perf_counter()
    print(f"{'process':16} {'T':>3}  80 % by horizon            95 % by horizon            width95")
    for name, process in PROCESSES.items():
        for length in LENGTHS:
            hits, width = coverage(process, length, series)
            every.append(hits)
            by_horizon = hits.mean(axis=0)
            shown = "  ".join(" ".join(f"{share:5.2f}" for share in by_horizon[:, k]) for k in range(2))
            print(f"{name:16} {length:3}  {shown}  {width:6.2f}", flush=True)
    elapsed = time.perf_counter() - started
    overall = np.concatenate(every).mean(axis=0)
    for place, (level, (low, high)) in enumerate(BOUNDS.items()):
        shares = overall[:, place]
        verdict = "holds" if ((shares >= low) & (shares <= high)).all() else "DOES NOT HOLD"
        print(
            f"{level} % intervals cover {' '.join(f'{share:.3f}' for share in shares)} per horizon: {verdict}"
        )
    print(
        f"{elapsed / (series * len(PROCESSES) * len(LENGTHS)):.2f} s a forecast, {len(every)} cases of {series} series"
    )


if __name__ == "__main__":
    main()
