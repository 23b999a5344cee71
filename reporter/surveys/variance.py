"""Design-based variance by linearisation: strata, clusters, weights, raking; groups are domains of the sample.

Goes in: linearised values z (respondent x statistic; sum of w z is the statistic's error to first order) and the
``SampleDesign``. Comes out: variances and degrees of freedom. Method: Taylor linearisation for stratified samples of
primary sampling units with domains (Cochran 1977, 5A; Wolter 2007, 6); after raking, z is replaced by its residual e
from the regression on the margins with the design weights, times the raked weights (Deville and Sarndal 1992; as R's
``survey`` does). With t_c the sum of w e over unit c, and n_h units in stratum h, of which n_gh hold members of group g:

    V = sum_h K_h ( sum_{c in h} t_c^2 - (sum_{c in h} t_c)^2 / n_h ),
    K_h = n_gh / D_h,   D_h = n_gh ((1 - 1/n_g) - (1 - n_gh/n_g) / n_h)

For the whole sample K_h = n_h / (n_h - 1), the textbook's factor; for a group that fills a stratum n_g / (n_g - 1). D =
sum D_h serves as the degrees of freedom, times n_eff / n (Kish) where weights differ. Without weights, clusters and
raking one factor n_g / D is used for all strata (respondents of one variance: the published intervals of the study's
unweighted index). Strata so thin that less than half of the units would be left as degrees of freedom are not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95  # the report's intervals are 95 % throughout (contract: confidence.low and high)
_SINGULAR = 1e-10  # margins that add up to one total leave singular values of rounding error, a millionth of this


@dataclass(frozen=True)
class Spread:
    """Variances and degrees of freedom, one per statistic.

    effect  variance over that of a simple random sample; 1 without weights and clusters
    """

    variance: np.ndarray
    freedom: np.ndarray
    effect: np.ndarray | None = None


@dataclass(frozen=True)
class Margins:
    """What raking takes out of the variance: the regression of a linearised value on the margins' categories.

    weighted  respondent x category: D X, D the design weights; solve: the inverse of X'DX
    by_unit   unit x (category, one): sums of w X and of w; by_stratum: the same by stratum
    within    stratum x (category, one) squared: sums of squares of ``by_unit`` about the stratum's mean
    centre    stratum x category: means of X where the strata are a margin themselves, and X is taken about them; else
              None
    base      design weights; strata: of each respondent
    """

    weighted: np.ndarray
    solve: np.ndarray
    by_unit: np.ndarray
    by_stratum: np.ndarray
    within: np.ndarray
    centre: np.ndarray | None
    base: np.ndarray
    strata: np.ndarray

    def slopes(self, linearised: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Stratum x (category, one) x statistic: coefficients of the regression; ``one`` is the stratum's own level."""
        slopes = self.solve @ (self.weighted[rows].T @ linearised)
        count = len(self.by_stratum)
        level = np.zeros((count, linearised.shape[1]))
        if self.centre is not None:
            total = np.bincount(self.strata, self.base, count)[:, None]
            level = _sums(linearised * self.base[rows][:, None], self.strata[rows], count) / total
            level = level - self.centre @ slopes
        return np.concatenate([np.broadcast_to(slopes, (count, *slopes.shape)), level[:, None, :]], axis=1)


@dataclass(frozen=True)
class SampleDesign:
    """How the respondents came into the sample, and what each stands for.

    weights     respondent; unit: primary sampling unit of each respondent, 0.. (the respondent where nothing is known)
    unit_strata stratum of each unit; sizes: units in each stratum
    is_simple   no weights, no clusters, no raking; margins: None without raking
    sampled     share of each stratum's units that are in the sample (finite population correction); None: negligible
    """

    weights: np.ndarray
    unit: np.ndarray
    unit_strata: np.ndarray
    sizes: np.ndarray
    is_simple: bool
    has_clusters: bool
    margins: Margins | None = None
    sampled: np.ndarray | None = None

    def spread(self, linearised: np.ndarray, counted: np.ndarray, rows: np.ndarray | None = None) -> Spread:
        """Variance of one group's statistics.

        linearised  respondent of the group x statistic, without weights; 0 where the respondent does not count
        counted     the same shape, 1 or 0: whether the respondent counts for the statistic
        rows        places of the group's respondents in the sample; None: the whole sample
        Returns     NaN variance where fewer than two units count
        """
        places = np.arange(len(self.weights)) if rows is None else rows
        weights = self.weights[places]
        totals, units, held = linearised * weights[:, None], self.unit[places], counted
        if self.has_clusters:
            units, inverse = np.unique(units, return_inverse=True)
            totals = _sums(totals, inverse, len(units))
            held = (_sums(counted, inverse, len(units)) > 0).astype(float)
        within, squares = self._within(totals, units, linearised, places)
        variance, freedom = self._combined(
            within, squares, _sums(held, self.unit_strata[units], len(self.sizes))
        )
        if self.is_simple:
            return Spread(variance, freedom, np.where(np.isnan(variance), np.nan, 1.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = variance / _simple_variance(linearised, counted, weights)
        return Spread(variance, freedom * _evenness(weights), effect)

    def _within(
        self, totals: np.ndarray, units: np.ndarray, linearised: np.ndarray, places: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Sums of squares of the units' totals about their stratum's mean, by stratum, and about zero."""
        strata, count = self.unit_strata[units], len(self.sizes)
        sums = _sums(totals, strata, count)
        squares = _sums(totals**2, strata, count)
        sizes = self.sizes[:, None]
        # A stratum of one unit has no mean of its own: its total is taken about zero, the mean of all. Without weights
        # the common factor stands in for such strata.
        has_mean = (sizes > 1) | self.is_simple
        correction = np.where(has_mean, sums / np.maximum(sizes, 1), 0)
        within = squares - correction * sums
        if self.margins is not None:
            slopes = self.margins.slopes(linearised, places)
            fitted = _by_stratum(self.margins.by_unit[units], slopes, strata)
            level = np.einsum("hp,hpj->hj", self.margins.by_stratum, slopes)
            cross = _sums(totals * fitted, strata, count) - correction * level
            within = within - 2 * cross + ((self.margins.within @ slopes) * slopes).sum(axis=1)
        return np.clip(within, 0, None), squares.sum(axis=0)

    def _combined(
        self, within: np.ndarray, squares: np.ndarray, held: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Variance and degrees of freedom of the strata together; held: units that count, stratum x statistic."""
        count, sizes = held.sum(axis=0), np.maximum(self.sizes[:, None], 1).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            by_stratum = held * ((1 - 1 / count) - (1 - held / count) / sizes)
            freedom = by_stratum.sum(axis=0)
            if self.is_simple:
                variance = within.sum(axis=0) * count / freedom
            else:
                own = np.where(by_stratum > 0, held / by_stratum, 1.0)
                factor = np.where(held > 0, own, sizes / np.maximum(sizes - 1, 1))
                left = 1.0 if self.sampled is None else (1 - self.sampled)[:, None]
                variance = (left * factor * within).sum(axis=0)
            is_thin = freedom < count / 2
            variance = np.where(is_thin, squares * count / (count - 1), variance)
            freedom = np.where(is_thin, count - 1, freedom)
        is_alone = count < 2
        return np.where(is_alone, np.nan, variance), np.where(is_alone, np.nan, freedom)


def sample_design(
    weights: np.ndarray,
    strata: np.ndarray,
    *,
    units: np.ndarray | None = None,
    margins: Sequence[np.ndarray] = (),
    base: np.ndarray | None = None,
    sampled: np.ndarray | None = None,
) -> SampleDesign:
    """The design of a sample.

    strata   stratum of each respondent, 0..; units: establishment of each respondent, -1 where it is not known
    margins  category of each respondent in every raked margin, 0.., -1 for none; base: weights before raking
    """
    unit, has_clusters = np.arange(len(weights)), False
    if units is not None and (units >= 0).any():
        # An establishment with respondents in two provinces is a unit of its own in each.
        keys = np.where(units >= 0, units, units.max() + 1 + np.arange(len(units)))
        _, unit = np.unique(np.column_stack([strata, keys]), axis=0, return_inverse=True)
        has_clusters = bool(unit.max() + 1 < len(unit))
    unit = unit.ravel()
    unit_strata = np.zeros(int(unit.max()) + 1 if len(unit) else 0, dtype=int)
    unit_strata[unit] = strata
    sizes = np.bincount(unit_strata) if len(unit_strata) else np.zeros(1, dtype=int)
    is_even = len(weights) == 0 or bool(np.ptp(weights) == 0)
    taken = (
        _margins(weights, weights if base is None else base, unit, unit_strata, sizes, margins)
        if margins
        else None
    )
    return SampleDesign(
        weights,
        unit,
        unit_strata,
        sizes,
        is_even and not has_clusters and taken is None,
        has_clusters,
        taken,
        sampled,
    )


def _margins(
    weights: np.ndarray,
    base: np.ndarray,
    unit: np.ndarray,
    unit_strata: np.ndarray,
    sizes: np.ndarray,
    margins: Sequence[np.ndarray],
) -> Margins:
    strata = unit_strata[unit]
    left = [codes for codes in margins if not _is_strata(codes, strata)]
    dummies = [codes[:, None] == np.arange(codes.max() + 1) for codes in left]
    x = np.concatenate([np.empty((len(base), 0)), *dummies], axis=1).astype(float)
    # Where the strata are a margin, their own dummies are left out and the others taken about the strata's means: the
    # same regression (Frisch and Waugh 1933) with a tenth of the columns.
    centre = None
    if len(left) < len(margins):
        centre = _sums(base[:, None] * x, strata, len(sizes)) / np.bincount(strata, base, len(sizes))[:, None]
    around = x if centre is None else x - centre[strata]
    weighted = base[:, None] * around
    by_unit = _sums(weights[:, None] * np.column_stack([x, np.ones(len(x))]), unit, len(unit_strata))
    by_stratum = _sums(by_unit, unit_strata, len(sizes))
    order = np.argsort(unit_strata, kind="stable")
    within = np.empty((len(sizes), by_unit.shape[1], by_unit.shape[1]))
    for stratum, (end, size) in enumerate(zip(np.cumsum(sizes), sizes, strict=True)):
        rows = by_unit[order[end - size : end]]
        within[stratum] = rows.T @ rows
        if size > 1:
            within[stratum] -= np.outer(by_stratum[stratum], by_stratum[stratum]) / size
    # The categories of several margins add up to the same total: the generalised inverse takes any of the solutions.
    solve = np.linalg.pinv(around.T @ weighted, rcond=_SINGULAR, hermitian=True)
    return Margins(weighted, solve, by_unit, by_stratum, within, centre, base, strata)


def _is_strata(codes: np.ndarray, strata: np.ndarray) -> bool:
    """Whether a margin's categories are the strata under other numbers."""
    pairs = len(np.unique(strata.astype(np.int64) * (int(codes.max()) + 1) + codes))
    return bool(pairs == len(np.unique(codes)) == len(np.unique(strata)))


def _by_stratum(rows: np.ndarray, slopes: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Row x statistic: each row times its stratum's slopes; all columns but the last have the same in every stratum."""
    return rows[:, :-1] @ slopes[0, :-1] + rows[:, -1:] * slopes[strata, -1]


def _simple_variance(linearised: np.ndarray, counted: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Variance that a simple random sample of as many respondents would have."""
    count, total = counted.sum(axis=0), weights @ counted
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total * (weights @ linearised**2) / (count - 1))


def _evenness(weights: np.ndarray) -> float:
    """Kish's effective sample size over the number of respondents: 1 for equal weights."""
    return float(weights.sum() ** 2 / (weights**2).sum() / len(weights)) if len(weights) else 1.0


def _sums(values: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """Column sums by place: place x column."""
    width = values.shape[1]
    flat = (places[:, None] * width + np.arange(width)).ravel()
    return np.bincount(flat, values.ravel(), count * width).reshape(count, width)


def half_width(variance: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Half the 95 % interval by Student's t."""
    return np.asarray(stats.t.ppf(0.5 + LEVEL / 2, np.maximum(freedom, 1)) * np.sqrt(variance))


def difference_test(change: np.ndarray, first: Spread, second: Spread) -> tuple[np.ndarray, np.ndarray]:
    """Half the 95 % interval of a difference of two independent samples, and its two-sided p-value (Welch)."""
    variance = first.variance + second.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = variance**2 / (
            first.variance**2 / np.maximum(first.freedom, 1)
            + second.variance**2 / np.maximum(second.freedom, 1)
        )
        freedom = np.where(np.isfinite(freedom), freedom, 1e6)
        p_value = 2 * stats.t.sf(np.abs(change) / np.sqrt(variance), freedom)
    # No variation at all in both quarters: a change is then certain, no change is no evidence.
    p_value = np.where(variance == 0, np.where(change == 0, 1.0, 0.0), p_value)
    return half_width(variance, freedom), np.where(np.isnan(change), np.nan, p_value)


def share_interval(share: np.ndarray, count: np.ndarray, spread: Spread) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval with the effective sample size share (1 - share) / variance (Korn and Graubard 1998)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = share * (1 - share) / spread.variance
        effective = np.where(np.isfinite(effective) & (effective > 0), effective, count)
        t = stats.t.ppf(0.5 + LEVEL / 2, np.maximum(spread.freedom, 1))
        centre = (share + t**2 / (2 * effective)) / (1 + t**2 / effective)
        half = (
            t / (1 + t**2 / effective) * np.sqrt(share * (1 - share) / effective + (t / (2 * effective)) ** 2)
        )
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
