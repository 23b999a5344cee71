"""The index as it would have been published: vintages by the declared publication lags, late sources, revisions, bands.

In: adjusted series of one workspace, declarations, a model learnt before the vintages begin. Out: figures of docs/index.md. Shared by the tests of the index and
by ``tests/bench/bench_realtime.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.index import joint_model
from reporter.index.composite import (
    LAGS,
    OVERALL,
    Z80,
    Z95,
    IndexValues,
    final_spread,
    index_values,
    points,
)
from reporter.index.joint_model import JointModel, smooth
from reporter.index.panel import quarters_of
from reporter.index.realtime import late_moves

Adjusted = Mapping[str, pd.Series]
DAYS = (-15, 30, 60)  # before and after the quarter's end


def known(
    adjusted: Adjusted, declarations: Declarations, quarter: pd.Period, days: int
) -> dict[str, pd.Series]:
    """What is published so many days after the quarter's end, by each indicator's declared lag."""
    day = quarter.end_time.normalize() + pd.Timedelta(days=days)
    found = {}
    for name, values in adjusted.items():
        lag = pd.Timedelta(days=declarations.indicators[name].publication_lag_days)
        there = np.asarray(values.index.end_time.normalize() + lag <= day)
        kept = values[there]
        if kept.notna().any():
            found[name] = kept.loc[: kept.last_valid_index()]
    return found


def read(model: JointModel, adjusted: Adjusted, quarter: pd.Period) -> IndexValues:
    """The index of one vintage."""
    found = joint_model.inputs(model, adjusted)
    return index_values(smooth(model, found, quarter), found)


@dataclass(frozen=True)
class Vintages:
    """Issues of consecutive quarters: ``by_days`` days after the quarter's end -> quarter -> points; ``issues`` with bands, at the last of the days; ``final``: all data."""

    by_days: Mapping[int, Mapping[pd.Period, pd.DataFrame]]
    issues: Mapping[pd.Period, IndexValues]
    final: IndexValues


def vintages(
    model: JointModel,
    adjusted: Callable[[pd.Period], Adjusted],
    declarations: Declarations,
    quarters: pd.PeriodIndex,
) -> Vintages:
    """Issues of all quarters at 15 days before and 30 and 60 days after their end.

    adjusted  quarter -> series adjusted with the data of that quarter
    """
    issues = {q: read(model, known(adjusted(q), declarations, q, DAYS[-1]), q) for q in quarters}
    found: dict[int, Mapping[pd.Period, pd.DataFrame]] = {DAYS[-1]: {q: v.value for q, v in issues.items()}}
    for days in DAYS[:-1]:
        found[days] = {
            q: points(
                model,
                smooth(model, joint_model.inputs(model, known(adjusted(q), declarations, q, days)), q).value,
            )
            for q in quarters
        }
    return Vintages(found, issues, read(model, adjusted(quarters[-1]), quarters[-1]))


def revisions(made: Vintages, days: int = 60) -> pd.DataFrame:
    """First release and latest value: rows quarter x column (overall and dimensions), columns ``first``, ``final``."""
    first = pd.DataFrame({q: values.loc[q] for q, values in made.by_days[days].items()}).T
    final = made.final.value.loc[first.index]
    # The newest quarter's first release is itself the latest but for what came after it.
    return pd.concat({"first": first.stack(), "final": final.stack()}, axis=1)


def revision_figures(made: Vintages) -> dict[str, float]:
    """Mean absolute revision and bias of first releases, headline and sub-indices, points."""
    both = revisions(made)
    moved = (both["final"] - both["first"]).unstack()
    sub = moved.drop(columns=OVERALL)
    return {
        "revision headline": float(moved[OVERALL].abs().mean()),
        "revision sub-indices": float(sub.abs().mean().mean()),
        "revision worst sub-index": float(sub.abs().mean().max()),
        "bias headline": float(moved[OVERALL].mean()),
        "bias worst sub-index": float(sub.mean().abs().max()),
    }


def move_figures(made: Vintages, quarters: int = 23) -> dict[str, float]:
    """By how much the headline's last quarters move from issue to issue: across a year's end, and within a year."""
    issues = list(made.issues.items())
    across, within = [], []
    for (before, old), (now, new) in itertools.pairwise(issues):
        moved = (new.composite - old.composite)[before - quarters + 1 : before].abs()
        (across if now.year != before.year else within).append(moved)
    return {
        "January move mean": float(np.mean([m.mean() for m in across])),
        "January move largest": float(max(m.max() for m in across)),
        "within a year mean": float(np.mean([m.mean() for m in within])),
    }


def nowcast_figures(made: Vintages) -> dict[str, float]:
    """Error of the nowcast over that of "no change", the newest number then published: 15 days before the quarter's end, and 30 after it.

    At both moments no quarterly source has delivered the quarter.
    """
    found = {}
    published = made.by_days[60]
    for days in (-15, 30):
        nowcast, same = [], []
        for quarter, values in made.by_days[days].items():
            if quarter - 1 in published:
                final = made.final.value.loc[quarter]
                nowcast.append((values.loc[quarter] - final).abs())
                same.append((published[quarter - 1].loc[quarter - 1] - final).abs())
        errors, plain = pd.DataFrame(nowcast).mean(), pd.DataFrame(same).mean()
        found[f"nowcast {days:+d} headline"] = float(errors[OVERALL] / plain[OVERALL])
        found[f"nowcast {days:+d} sub-indices"] = float(
            errors.drop(OVERALL).mean() / plain.drop(OVERALL).mean()
        )
    return found


def late_figures(
    model: JointModel, adjusted: Adjusted, declarations: Declarations, quarter: pd.Period
) -> dict[str, float]:
    """Largest move of the newest quarter that all sources have data of, over all patterns of sources that have delivered nothing of it."""
    found = joint_model.inputs(model, adjusted)
    quarter = max(
        (q for q in (quarter, quarter - 1, quarter - 2)),
        key=lambda q: (_delivered(found, declarations, q), q),
    )
    posterior = smooth(model, found, quarter)
    moves = late_moves(posterior, declarations, quarter)
    headline, sub = moves[OVERALL], moves.drop(columns=["missing", OVERALL])
    return {
        "late sub-index": float(sub.abs().to_numpy().max()),
        "late headline": float(headline.abs().max()),
        "late without value": float(sub.isna().to_numpy().sum()),
        "patterns": len(moves),
    }


def _delivered(found: Adjusted, declarations: Declarations, quarter: pd.Period) -> int:
    """How many sources have data of the quarter."""
    there = [n for n, v in found.items() if quarters_of(v.dropna()).isin([quarter]).any()]
    return len({part for n in there for part in declarations.indicators[n].source.split("+")})


def truth_in_points(model: JointModel, truth: pd.DataFrame) -> pd.DataFrame:
    """The true cycles (unit variance) on the scale of the index, composite first."""
    return points(model, truth[list(model.dimensions)])


def coverage_figures(made: Vintages, model: JointModel, truth: pd.DataFrame) -> dict[str, float]:
    """Share of bands that hold the truth: level and changes of first releases, and of the latest history."""
    true = truth_in_points(model, truth)
    hits: dict[str, list[float]] = {}

    def add(name: str, gap: pd.Series, spread: pd.Series) -> None:
        for label, z in (("80", Z80), ("95", Z95)):
            hits.setdefault(f"{name} {label}", []).extend((gap.abs() <= z * spread).astype(float).tolist())

    for quarter, values in made.issues.items():
        add("level", values.value.loc[quarter] - true.loc[quarter], values.spread.loc[quarter])
        for against, lag in LAGS.items():
            change = values.value.loc[quarter] - values.value.loc[quarter - lag]
            moved = true.loc[quarter] - true.loc[quarter - lag]
            add("change", change - moved, values.change_spread[against].loc[quarter])
        if (made.final.value.index[-1] - quarter).n >= 4:
            spread = final_spread(values, quarter)
            add("final", values.value.loc[quarter] - made.final.value.loc[quarter], spread)
    return {f"coverage {name}": float(np.mean(values)) for name, values in hits.items()}


def agreement(values: IndexValues, model: JointModel, truth: pd.DataFrame) -> dict[str, float]:
    """Correlation with the truth over all quarters: mean of the sub-indices, and of the headline."""
    true = truth_in_points(model, truth)
    found = values.value.corrwith(true)
    return {"truth sub-indices": float(found.drop(OVERALL).mean()), "truth headline": float(found[OVERALL])}
