"""Design-based variance by linearisation: provinces are strata, groups are domains of the sample.

Goes in: linearised values u (respondent x statistic; their sum is the statistic's error to first order), strata.
Comes out: variances and degrees of freedom. Method: Taylor linearisation for stratified samples with domains
(Cochran 1977, 5A; Wolter 2007, 6). For group g and stratum h of n_h respondents, g has n_gh of them:

    V = K * sum_h ( sum_{i in gh} u_i^2 - (sum_{i in gh} u_i)^2 / n_h ),   K = n_g / D,
    D = sum_h n_gh * ((1 - 1/n_g) - (1 - n_gh/n_g) / n_h)

K makes V unbiased for respondents of one variance, whatever the strata: it is n/(n - H) for the whole sample and
n/(n - 1) for a group that fills a stratum. D serves as the degrees of freedom. Strata so thin that less than half of
the respondents would be left as degrees of freedom are not used (K = n/(n - 1), no stratum means).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Spread:
    """Variances and degrees of freedom, one per statistic."""

    variance: np.ndarray
    freedom: np.ndarray


def stratified(linearised: np.ndarray, counted: np.ndarray, strata: np.ndarray, sizes: np.ndarray) -> Spread:
    """Variance of one group's statistics.

    linearised  respondent of the group x statistic; 0 where the respondent does not count
    counted     the same shape, 1 or 0: whether the respondent counts for the statistic
    strata      stratum of each respondent of the group; sizes: respondents of the whole sample in each stratum
    Returns     NaN variance where fewer than two respondents count
    """
    count = counted.sum(axis=0)
    squares = np.einsum("ij,ij->j", linearised, linearised)
    is_met = np.bincount(strata, minlength=len(sizes)) > 0
    by_stratum = _sums(linearised, strata, len(sizes))[is_met]
    held = _sums(counted, strata, len(sizes))[is_met]
    n_h = sizes[is_met][:, None].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = (held * ((1 - 1 / count) - (1 - held / count) / n_h)).sum(axis=0)
        within = np.clip(squares - (by_stratum**2 / n_h).sum(axis=0), 0, None)
        plain = squares * count / (count - 1)
        is_thin = freedom < count / 2
        variance = np.where(is_thin, plain, within * count / freedom)
        freedom = np.where(is_thin, count - 1, freedom)
    is_alone = count < 2
    return Spread(np.where(is_alone, np.nan, variance), np.where(is_alone, np.nan, freedom))


def _sums(values: np.ndarray, strata: np.ndarray, count: int) -> np.ndarray:
    """Column sums by stratum: stratum x statistic."""
    width = values.shape[1]
    places = (strata[:, None] * width + np.arange(width)).ravel()
    return np.bincount(places, values.ravel(), count * width).reshape(count, width)


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
