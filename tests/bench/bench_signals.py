"""Early-warning signals on 200 simulated histories with known downturns; ``--write`` keeps the numbers that the issue prints.

A history is 80 quarters of a composite: expansions of 10 to 24 quarters that rise, downturns of 4 to 7 that fall three times as
fast, and noise that carries on. The signal sees the values alone; it is held against the downturns that made them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reporter.measures import (
    Quality,
    downturns,
    quality,
    rules,
    signals_of,
    turning_points,
)

HISTORIES, QUARTERS, SEED = 200, 80, 2568
RISE, FALL, NOISE, MEMORY = 0.35, -1.1, 0.6, 0.5  # points a quarter; the index's own are of this size
TARGET = Path(__file__).resolve().parents[2] / "data" / "rules" / "signals_measured.toml"


def history(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Values, and whether each quarter is one of a downturn."""
    steps: list[float] = []
    inside: list[bool] = []
    while len(steps) < QUARTERS:
        for length, step, is_downturn in (
            (int(random.integers(10, 25)), RISE, False),
            (int(random.integers(4, 8)), FALL, True),
        ):
            steps += [step] * length
            inside += [is_downturn] * length
    noise = np.zeros(QUARTERS)
    for place in range(1, QUARTERS):
        noise[place] = MEMORY * noise[place - 1] + random.normal(0, NOISE)
    return 100 + np.cumsum(steps[:QUARTERS]) + noise, np.array(inside[:QUARTERS])


def measured(histories: int = HISTORIES, seed: int = SEED) -> tuple[Quality, float]:
    """The signals' quality over all histories, and the share of downturns whose trough the rules date within two quarters."""
    random, declared = np.random.default_rng(seed), rules()
    counts = np.zeros(4, dtype=int)
    dated = ended = 0
    for _ in range(histories):
        values, inside = history(random)
        found = quality(signals_of(values, declared)[1], inside, declared)
        counts += np.array([found.hits, found.missed, found.false_alarms, found.quiet])
        troughs = [place for place, kind in turning_points(values, declared) if kind == "trough"]
        ends = [place for place in range(QUARTERS - 5) if inside[place] and not inside[place + 1]]
        ended += len(ends)
        dated += sum(any(abs(place - end) <= 2 for place in troughs) for end in ends)
        assert downturns([], QUARTERS).sum() == 0
    return Quality(*map(int, counts)), dated / ended


def main() -> None:
    """Print the numbers, and keep them where asked."""
    found, dated = measured()
    useful = found.usefulness(rules().preference)
    print(f"{HISTORIES} histories: {found}")
    print(
        f"noise-to-signal {found.noise_to_signal:.3f} (below 1), usefulness {useful:.3f} (above 0), troughs dated {dated:.0%}"
    )
    if "--write" in sys.argv:
        TARGET.write_text(
            f"# Made by tests/bench/bench_signals.py --write: {HISTORIES} simulated histories with known downturns.\n"
            f"hits = {found.hits}\nmissed = {found.missed}\nfalse_alarms = {found.false_alarms}\nquiet = {found.quiet}\n"
            f"noise_to_signal = {found.noise_to_signal:.4f}\nusefulness = {useful:.4f}\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
