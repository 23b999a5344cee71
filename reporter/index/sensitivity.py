"""How the composite would look under other reasonable choices.

In: the model, the posterior, the dimensions' principal components, the factors under other detrending. Out: ``sensitivity`` and ``sensitivity_summary``. The
Federal Reserve stopped its labour market conditions index over exactly this question, so the answer is printed in every issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index import detrend
from reporter.index.composite import MEAN, SD, principal_weights, scale_of
from reporter.index.joint_model import JointModel
from reporter.index.panel import Series, known_items, last_row, quarterly_means
from reporter.index.points import IndexValues
from reporter.index.smoother import Grid, Posterior, observations_of
from reporter.index.transform import apply_form


def rescaled(values: pd.DataFrame, base: tuple[pd.Period, pd.Period]) -> pd.DataFrame:
    """Every column with mean 100 and standard deviation 10 over the base period; all quarters where it has no value there."""
    inside = values[base[0] : base[1]]
    inside = inside.where(inside.notna().sum() >= 2, values)
    spread = inside.std(ddof=0)
    return MEAN + SD * (values - inside.mean()) / spread.where(spread > 0)


def composite_of(
    sub_indices: pd.DataFrame, weights: pd.Series, base: tuple[pd.Period, pd.Period]
) -> pd.Series:
    """Weighted mean of sub-indices on the composite's scale; a quarter's missing ones count as 100."""
    mean = ((sub_indices - MEAN).fillna(0.0) * weights / weights.sum()).sum(axis=1)
    mean = mean.where(sub_indices.notna().any(axis=1))
    slope, level = scale_of(mean[base[0] : base[1]])
    return level + slope * mean


def alternatives(
    model: JointModel, values: IndexValues, components: pd.DataFrame, others: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Composite by choice: quarter -> points.

    components  quarter x dimension: principal components; others: name of another detrending -> factors
    """
    base, sub = model.base, values.sub_indices
    names = [str(name) for name in sub]
    equal = pd.Series(1 / len(names), names)
    first, _ = principal_weights(sub[base[0] : base[1]].dropna(how="all"), components=1)
    found = {
        "equal_weights": composite_of(sub, equal, base),
        "first_component": composite_of(sub, first, base),
        "pca": composite_of(rescaled(components, base), model.weights, base),
    }
    for name in names if len(names) > 1 else []:
        kept = model.weights.drop(name)
        kept = kept if kept.sum() > 0 else equal.drop(name)
        found[f"without_{name}"] = composite_of(sub.drop(columns=name), kept, base)
    found |= {
        name: composite_of(rescaled(frame, base), model.weights, base) for name, frame in others.items()
    }
    known = values.composite.notna()
    return {name: other[known] for name, other in found.items()}


def other_trends(
    model: JointModel, series: Mapping[str, Series], adjusted: Mapping[str, pd.Series], grid: Grid
) -> dict[str, pd.DataFrame]:
    """Factors (quarter x dimension) with every other way of taking trends out: ``detrend_<choice>`` -> values.

    The model reads series whose trend was removed beforehand, without slopes of its own; all else stays.
    """
    straight = replace(model, members=tuple(replace(member, slope_prior=0.0) for member in model.members))
    found = {}
    for choice in detrend.OTHERS:
        inputs = {}
        for member in model.members:
            if member.indicator in series:
                values = _otherwise(
                    choice, member.form, series[member.indicator], adjusted[member.indicator], model
                )
                if values.notna().any():
                    inputs[member.indicator] = values
        seen = observations_of(straight, grid, inputs)
        found[f"detrend_{choice}"] = Posterior(straight, grid, seen).value
    return found


def _otherwise(choice: str, form: str, item: Series, adjusted: pd.Series, model: JointModel) -> pd.Series:
    """One standardised input under another detrending."""
    form = detrend.form_under(choice, form, item.indicator.transform)
    rest = detrend.removed(
        apply_form(form, adjusted), form, item.indicator.detrend, model.learn_until, choice
    ).values
    known = quarterly_means(rest[: last_row(rest, model.learn_until)]).dropna()
    spread = float(known.std(ddof=0)) if len(known) > 2 else 0.0
    return (rest - known.mean()) / spread if spread > 0 else rest * float("nan")


def tables(values: IndexValues, found: Mapping[str, pd.Series]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``sensitivity`` and ``sensitivity_summary``."""
    long: list[list[object]] = []
    summary: list[list[object]] = []
    ranks = values.composite.rank()
    for name, other in found.items():
        both = pd.DataFrame({"published": values.composite, "other": other}).dropna()
        long.extend([name, iso(period), value] for period, value in known_items(other))
        difference = (both["other"] - both["published"]).abs()
        moved = (other.rank() - ranks).abs().max()
        agreement = both["published"].corr(both["other"]) if len(both) > 2 else float("nan")
        summary.append([name, agreement, difference.mean(), difference.max(), moved])
    columns = schema.columns("sensitivity"), schema.columns("sensitivity_summary")
    return pd.DataFrame(long, columns=columns[0]), pd.DataFrame(summary, columns=columns[1])
