"""What is called a change: families of tests, and provinces that borrow strength from their region.

Goes in: p-values of changes; direct estimates of provinces with their variances. Comes out: which changes are
significant; the table ``confidence_pooled``. Method: Benjamini and Hochberg (1995) within each family of one survey,
quarter and comparison: with no change anywhere, at most 5 % of families have any "significant" member. Partial
pooling: Fay and Herriot (1979), the province's mean about its region's, the spread between provinces by their moment
equation, mean squared error with the uncertainty of both (Prasad and Rao 1990; Datta and Lahiri 2000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, stats

from reporter.domain import schema
from reporter.surveys.variance import LEVEL

AGAINST = {"quarter": 1, "year": 4}  # quarters back of the comparisons on the quarter and on the year
FALSE_SHARE = 0.05  # share of false alarms among the changes told: the counterpart of the 95 % intervals
_LEAST_PROVINCES = 8  # fewer say nothing about how much provinces differ


def benjamini_hochberg(p_values: np.ndarray, false_share: float = FALSE_SHARE) -> np.ndarray:
    """Which tests of one family are significant; NaN is no test."""
    significant = np.zeros(len(p_values), dtype=bool)
    tested = np.flatnonzero(~np.isnan(p_values))
    if not len(tested):
        return significant
    order = tested[np.argsort(p_values[tested], kind="stable")]
    passed = p_values[order] <= false_share * np.arange(1, len(order) + 1) / len(order)
    if passed.any():
        significant[order[: int(np.flatnonzero(passed)[-1]) + 1]] = True
    return significant


def significant_in_families(table: pd.DataFrame, p_value: str, by: Sequence[str]) -> np.ndarray:
    """Which rows are significant, each family being the rows alike in the columns ``by``."""
    found = np.zeros(len(table), dtype=bool)
    values = table[p_value].to_numpy(dtype=float)
    for places in table.groupby(list(by), sort=False).indices.values():
        found[places] = benjamini_hochberg(values[places])
    return found


def family_of(groups: pd.Series, domains: pd.Series) -> pd.Series:
    """Family of every test of a confidence index.

    ``headline`` (the country's index, one test), ``domains`` (the country's domains), ``REGION``, ``PROVINCE`` .. (all
    groups of a kind), ``REGION.3`` (one domain in all groups of a kind).
    """
    kinds = groups.str.partition(":")[0]
    own = kinds.where(domains == "overall", kinds + "." + domains)
    whole = domains.map(lambda domain: "headline" if domain == "overall" else "domains")
    return own.where(kinds != "TH", whole)


def pooled_table(confidence: pd.DataFrame, regions: Mapping[str, str]) -> pd.DataFrame:
    """``confidence_pooled``: provinces' indices drawn towards their region's as far as their own answers are few.

    confidence  the published table with ``variance``; suppressed provinces have no value here either
    regions     province -> region
    """
    columns = schema.columns("confidence_pooled")
    own = confidence[confidence["group"].str.startswith("PROVINCE:") & (confidence["domain"] == "overall")]
    parts = []
    for _, cells in own.groupby(["survey", "domain", "period"], sort=False):
        known = cells[cells["value"].notna() & (cells["variance"] > 0)]
        if len(known) < _LEAST_PROVINCES:
            continue
        region = known["group"].map(regions).to_numpy()
        value, error, share = pool(
            known["value"].to_numpy(dtype=float), known["variance"].to_numpy(dtype=float), region
        )
        half = stats.norm.ppf(0.5 + LEVEL / 2) * np.sqrt(error)
        part = known[["survey", "domain", "group", "period", "n"]].assign(
            direct=known["value"], pooled=value, low=value - half, high=value + half, own_share=share
        )
        parts.append(part)
    if not parts:
        return pd.DataFrame(
            {name: pd.Series(dtype="str" if n < 4 else "float64") for n, name in enumerate(columns)}
        )
    return pd.concat(parts, ignore_index=True)[columns]


def pool(
    direct: np.ndarray, variance: np.ndarray, region: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fay-Herriot estimates, their mean squared errors, and the share of the direct estimate in each.

    Regions of one province keep their province as it is: there is nothing to draw it to.
    """
    _, code = np.unique(region, return_inverse=True)
    x = (code[:, None] == np.arange(code.max() + 1)).astype(float)
    freedom = len(direct) - x.shape[1]
    if freedom < 1:
        return direct, variance, np.ones(len(direct))

    def excess(between: float) -> float:
        weights = 1 / (variance + between)
        mean = (x.T @ (weights * direct)) / (x.T @ weights)
        return float((weights * (direct - x @ mean) ** 2).sum() - freedom)

    highest = 10 * float(np.var(direct)) + 1e-9
    between = float(optimize.brentq(excess, 0, highest)) if excess(0) > 0 > excess(highest) else 0.0
    weights = 1 / (variance + between)
    precision = x.T @ weights
    mean = x @ ((x.T @ (weights * direct)) / precision)
    share = between * weights
    value = share * direct + (1 - share) * mean
    error = between * variance * weights + (1 - share) ** 2 * (x @ (1 / precision))
    spread = 2 * len(direct) / weights.sum() ** 2  # variance of the moment estimator of ``between``
    error = error + 2 * variance**2 * weights**3 * spread
    is_alone = np.bincount(code)[code] == 1
    return (
        np.where(is_alone, direct, value),
        np.where(is_alone, variance, error),
        np.where(is_alone, 1.0, share),
    )
