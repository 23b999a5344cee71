"""The model behind the index: one joint Gaussian model of all dimensions, in months.

In: nothing but numbers. Out: the data classes that hold a learnt model, and the model's inputs made from adjusted series. The equations
(docs/index.md; Stock and Watson 1991, Banbura and Modugno 2014 for the mixed frequencies):

    x_it = (form_i(SA_it) - centre_i) / scale_i = mu_i + delta_i (t - middle_i) + beta_i f_dt + e_it
    f_dt = lambda_d g_t + sqrt(1 - lambda_d^2) u_dt;   g and u_d: AR(1) of unit variance

mu_i and delta_i are states with priors, so that no pre-test decides on a trend. e_it of a monthly member is an AR(0.5) plus white noise, that of a
quarterly member an AR(1) in quarters plus white noise. A quarter is the mean of its three months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.index.panel import is_monthly, periods
from reporter.index.transform import apply_form

PERSISTENCE = 0.95  # monthly AR(1) of all factors: half-life of 13 months, the middle of estimates between 0.93 and 0.97
OWN_MONTHLY = 0.5  # monthly AR(1) of a monthly member's persistent own part: gone within a quarter
LEVEL_PRIOR = (
    1.5  # standard deviation of mu_i, in those of the member: its mean over a sample of one or two cycles
)
WIDEST_INPUT = (
    20.0  # standard deviations; further out it is a slip of the pen, and checks have asked about it
)


def quarter_variance(persistence: float) -> float:
    """Variance of the mean of three months of a unit-variance AR(1)."""
    return (3 + 4 * persistence + 2 * persistence**2) / 9


@dataclass(frozen=True)
class Member:
    """One indicator as the model sees it.

    form           "level", "growth" or "deviation" (transform.apply_form)
    middle         year (with fraction) from which the slope is counted
    centre, scale  bring the form's values to standard deviations
    loading        beta: effect of the monthly factor
    persistent     variance of the autoregressive own part; white: of the white part
    slope_prior    tau: standard deviation of the slope a year
    weight         of the principal component, the starting value and cross-check; pca_loading its correlation with it
    """

    indicator: str
    dimension: str
    monthly: bool
    form: str
    middle: float
    centre: float
    scale: float
    loading: float
    persistent: float
    white: float
    slope_prior: float
    weight: float
    pca_loading: float


@dataclass(frozen=True)
class Dimension:
    """One sub-index: correlation of its factor with the common one, its scale, its weight in the composite.

    mean, spread  of the posterior mean over the base period; the sub-index is 100 + 10 (value - mean) / spread
    """

    common: float
    mean: float = 0.0
    spread: float = 1.0
    weight: float = 0.0


@dataclass(frozen=True)
class JointModel:
    """Everything that stands still between two estimations.

    members         in declared order; dimensions: by id, in declared order, those with a member
    own_quarterly   quarterly AR(1) of a quarterly member's persistent own part
    learn_until     last quarter the model was learnt on; base: first and last quarter of the scale
    slope, level    bring the weighted mean of the sub-indices to mean 100 and standard deviation 10 over the base
    components      principal components kept for the weights
    """

    members: tuple[Member, ...]
    dimensions: Mapping[str, Dimension]
    own_quarterly: float
    learn_until: pd.Period
    base: tuple[pd.Period, pd.Period]
    slope: float = 1.0
    level: float = 0.0
    components: int = 1
    persistence: float = PERSISTENCE

    @property
    def weights(self) -> pd.Series:
        """Dimension -> weight in the composite; they sum to 1."""
        return pd.Series({name: item.weight for name, item in self.dimensions.items()}, dtype=float)

    def of(self, dimension: str) -> tuple[Member, ...]:
        """Members of one dimension."""
        return tuple(item for item in self.members if item.dimension == dimension)

    def points(self) -> np.ndarray:
        """Points of each sub-index for one unit of its factor."""
        return np.array([10.0 / item.spread for item in self.dimensions.values()])


def years(index: pd.PeriodIndex) -> np.ndarray:
    """Middle of every period, in years."""
    per_year = 12 if index.freqstr == "M" else 4
    return 1970 + (index.asi8 + 0.5) / per_year


def inputs(model: JointModel, adjusted: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Standardised inputs of the members with data: id -> series on its own index; NaN = missing.

    adjusted  seasonally adjusted series; other indicators than the model's members are left alone. A monthly series of a member that was
              quarterly when the model was learnt is averaged to quarters
    """
    found = {}
    for member in model.members:
        values = adjusted.get(member.indicator)
        if values is None or not values.notna().any():
            continue
        if is_monthly(values) and not member.monthly:
            values = whole_quarters(values)
        standard = (apply_form(member.form, values).to_numpy(dtype=float) - member.centre) / member.scale
        if np.isfinite(standard).any():
            found[member.indicator] = pd.Series(np.clip(standard, -WIDEST_INPUT, WIDEST_INPUT), values.index)
    return found


def whole_quarters(values: pd.Series) -> pd.Series:
    """Quarterly means of a monthly series; NaN where a month is missing."""
    grouped = values.groupby(periods(values).asfreq("Q-DEC"))
    means = grouped.mean().where(grouped.count() == 3)
    return means.reindex(pd.period_range(means.index[0], means.index[-1], freq="Q-DEC"))
