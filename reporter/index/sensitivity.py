"""How the composite would look under other reasonable choices.

Goes in: the composite, the dimensions' fits and composites of other detrending. Comes out: ``sensitivity`` and
``sensitivity_summary``. The Federal Reserve stopped its labour market conditions index over exactly this question, so
the answer is printed in every issue.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index.composite import Composite, combine, principal_weights
from reporter.index.factor import Fit
from reporter.index.panel import known_items


def alternatives(
    composite: Composite, factors: pd.DataFrame, fits: Mapping[str, Fit], others: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Composite by choice: quarter -> points.

    factors  quarter x dimension, the factors the composite was made of
    others   name of another choice -> its factors
    """
    base, names = composite.base, [str(name) for name in factors]
    inside = composite.sub_indices[base.start : base.end]
    equal = pd.Series(1 / len(names), names)
    found = {
        "equal_weights": combine(factors, base, equal).value,
        "first_component": combine(factors, base, principal_weights(inside, components=1)).value,
        "pca": combine(pd.DataFrame({name: fits[name].pca for name in names}), base).value,
    }
    for name in names if len(names) > 1 else []:
        kept = composite.weights.drop(name)
        kept = kept / kept.sum() if kept.sum() > 0 else equal.drop(name) * len(names) / (len(names) - 1)
        found[f"without_{name}"] = combine(factors.drop(columns=name), base, kept).value
    return found | {name: combine(frame, base).value for name, frame in others.items()}


def tables(composite: Composite, found: Mapping[str, pd.Series]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``sensitivity`` and ``sensitivity_summary``."""
    long: list[list[object]] = []
    summary: list[list[object]] = []
    ranks = composite.value.rank()
    for name, other in found.items():
        both = pd.DataFrame({"published": composite.value, "other": other}).dropna()
        long.extend([name, iso(period), value] for period, value in known_items(other))
        difference = (both["other"] - both["published"]).abs()
        moved = (other.rank() - ranks).abs().max()
        agreement = both["published"].corr(both["other"]) if len(both) > 2 else float("nan")
        summary.append([name, agreement, difference.mean(), difference.max(), moved])
    columns = schema.columns("sensitivity_summary")
    return pd.DataFrame(long, columns=schema.columns("sensitivity")), pd.DataFrame(summary, columns=columns)
