"""Design-based variance by linearisation: strata, clusters, weights, raking; groups are domains of the sample.

Goes in: linearised values z (respondent x statistic; sum of w z is the statistic's error to first order) and the
``SampleDesign``. Comes out: variances and degrees of freedom. Method: Taylor linearisation for stratified samples of
primary sampling units with domains (Cochran 1977, 5A; Wolter 2007, 6); after raking, z is replaced by its residual e
from the regression on the margins with the design weights, times the raked weights (Deville and Sarndal 1992; as R's
``survey`` does). With t_c the sum of w e over unit c, and n_h units in stratum h, of which n_gh hold members of group g:

    V = sum_h K_h ( sum_{c in h} t_c^2 - (sum_{c in h} t_c)^2 / n_h ),
    K_h = n_gh / D_h,   D_h = n_gh ((1 - 1/n_g) - (1 - n_gh/n_g) / n_h)

For the whole sample K_h = n_h / (n_h - 1), the textbook's factor; for a group that fills a stratum n_g / (n_g - 1).

Degrees of freedom (Student's t of the intervals and of all tests of change): D = sum D_h, units less strata, where units
stand for equally much. Where they do not, a few units carry the variance (ten establishments of Bangkok stand for more
than a hundred elsewhere), and D promises too much. Then Satterthwaite's (1946) approximation, as Korn and Graubard (1999,
5.2) and Bell and McCaffrey (2002) advise, with the variance of a unit's total proportional to W_c^2, W_c what the unit
stands for in the group (no estimate of the variance enters, so that the degrees of freedom are no noise themselves):

    df = (sum_h K_h a_h)^2 / sum_h K_h^2 b_h,  a_h = (1 - 1/n_h) S2,  b_h = (1 - 2/n_h) S4 + (S2 / n_h)^2,

S2 and S4 the sums of W_c^2 and W_c^4 in h; with equal W_c it is units less strata; never more than D. Without weights,
clusters and raking one factor n_g / D is used for all strata and D degrees of freedom (respondents of one variance: the
published intervals of the study's unweighted index). Strata so thin that less than half of the units would be left as
degrees of freedom are not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import optimize, sparse, stats

from reporter.domain import schema

LEVEL = 0.95  # the report's intervals are 95 % throughout (contract: confidence.low and high)
_SINGULAR = (
    1e-10  # margins that add up to one total leave singular values of rounding error, a millionth of this
)


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

    def regressed(self, linearised: np.ndarray, cells: OrderedGroups) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of the regression of every group's values, zero for who is not in the group.

        Returns  group x category x statistic; group x stratum x statistic, the stratum's own level
        """
        weighted = self.weighted[cells.rows]
        slopes = np.stack(
            [self.solve @ (weighted[start:end].T @ linearised[start:end]) for start, end in cells.runs]
        )
        if self.centre is None:
            return slopes, np.zeros((cells.count, len(self.by_stratum), linearised.shape[1]))
        total = np.bincount(self.strata, self.base, len(self.by_stratum))[:, None]
        level = cells.by_stratum(cells.by_unit(linearised * self.base[cells.rows][:, None]))
        return slopes, level / total - self.centre @ slopes


@dataclass(frozen=True)
class OrderedGroups:
    """Respondents of the groups of one kind, ordered by group, stratum and unit: sums are those of neighbours.

    rows    place of each respondent in the sample; group: of each; count: groups, strata: strata there are
    pieces  first row of every unit within its group; unit: of each piece
    starts  first piece of every group and stratum that has one; places: where it stands in group x stratum
    """

    rows: np.ndarray
    group: np.ndarray
    count: int
    strata: int
    pieces: np.ndarray
    unit: np.ndarray
    starts: np.ndarray
    places: np.ndarray

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """First and last row (exclusive) of every group."""
        return group_runs(self.group, self.count)

    @cached_property
    def own(self) -> np.ndarray:
        """Group of every piece."""
        return self.group[self.pieces]

    @property
    def has_whole_units(self) -> bool:
        """Whether every respondent is a unit, so that nothing is to be summed by unit."""
        return len(self.pieces) == len(self.rows)

    def by_unit(self, values: np.ndarray) -> np.ndarray:
        """Sums of respondents' values by unit within the group: piece x column."""
        return values if self.has_whole_units else self._unit_sums @ values

    def by_stratum(self, values: np.ndarray) -> np.ndarray:
        """Sums of pieces' values: group x stratum x column, zero where the group has nobody."""
        return np.asarray(self._stratum_sums @ values).reshape(self.count, self.strata, values.shape[1])

    def by_group(self, values: np.ndarray) -> np.ndarray:
        """Sums of respondents' values: group x column."""
        return np.asarray(self._group_sums @ values)

    @cached_property
    def _unit_sums(self) -> sparse.csr_matrix:
        return _neighbours(np.append(self.pieces, len(self.rows)))

    @cached_property
    def _stratum_sums(self) -> sparse.csr_matrix:
        lengths = np.zeros(self.count * self.strata + 1, dtype=np.int64)
        lengths[self.places + 1] = np.diff(self.starts, append=len(self.pieces))
        return _neighbours(np.cumsum(lengths))

    @cached_property
    def _group_sums(self) -> sparse.csr_matrix:
        return _neighbours(np.searchsorted(self.group, np.arange(self.count + 1)))


def _neighbours(ends: np.ndarray) -> sparse.csr_matrix:
    """Matrix whose product with a table sums its rows from each of ``ends`` up to the next."""
    size = int(ends[-1])
    return sparse.csr_matrix((np.ones(size), np.arange(size), ends), shape=(len(ends) - 1, size))


@dataclass(frozen=True)
class SampleDesign:
    """Design of a sample: weights, primary sampling units, strata, margins of the raking.

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
    _kept: dict[str, OrderedGroups] = field(default_factory=dict, repr=False)

    def cells_of(self, kind: str, codes: np.ndarray, count: int) -> OrderedGroups:
        """``cells`` of one kind of groups, ordered once however many tables ask for them."""
        if kind not in self._kept:
            self._kept[kind] = self.cells(codes, count)
        return self._kept[kind]

    def cells(self, codes: np.ndarray, count: int) -> OrderedGroups:
        """The respondents of ``count`` disjoint groups; ``codes``: group of each respondent, -1 for none."""
        rows = np.flatnonzero(codes >= 0)
        strata = len(self.sizes)
        group, unit = codes[rows].astype(np.int64), self.unit[rows]
        cell = group * strata + self.unit_strata[unit]
        order = np.argsort(cell * len(self.unit_strata) + unit if self.has_clusters else cell, kind="stable")
        rows, group, unit, cell = rows[order], group[order], unit[order], cell[order]
        pieces = np.arange(len(rows))
        if self.has_clusters:
            pieces = np.flatnonzero(np.diff(unit, prepend=-1) | np.diff(group, prepend=-1))
        starts = np.flatnonzero(np.diff(cell[pieces], prepend=-1))
        return OrderedGroups(rows, group, count, strata, pieces, unit[pieces], starts, cell[pieces][starts])

    def spread(self, linearised: np.ndarray, counted: np.ndarray) -> Spread:
        """As ``spreads``, for statistics of the whole sample."""
        cells = self.cells(np.zeros(len(self.weights), dtype=int), 1)
        found = self.spreads(linearised[cells.rows], counted[cells.rows], cells)
        assert found.effect is not None
        return Spread(found.variance[0], found.freedom[0], found.effect[0])

    def spreads(self, linearised: np.ndarray, counted: np.ndarray, cells: OrderedGroups) -> Spread:
        """Variances of the statistics of groups that share no respondent: group x statistic.

        linearised  respondent x statistic in the order of ``cells``, of the respondent's own group, without weights; 0
                    where not counted
        counted     the same shape, 1 or 0: whether the respondent counts for the statistic
        Returns     NaN variance where fewer than two units count
        """
        weights = self.weights[cells.rows][:, None]
        totals = cells.by_unit(linearised * weights)
        held = counted if cells.has_whole_units else (cells.by_unit(counted) > 0).astype(float)
        sums, squares, met = (cells.by_stratum(values) for values in (totals, totals**2, held))
        sizes = self.sizes[:, None]
        # A stratum of one unit has no mean of its own: its total is taken about zero, the mean of all. Without weights
        # the common factor stands in for such strata.
        centred = np.where((sizes > 1) | self.is_simple, sums / np.maximum(sizes, 1), 0)
        within = squares - centred * sums
        if self.margins is not None:
            within += self._taken_out(totals, cells, centred, self.margins.regressed(linearised, cells))
        within, about_zero = np.clip(within, 0, None), squares.sum(axis=1)
        if self.is_simple:
            variance, freedom = self._pooled(within, about_zero, met)
            return Spread(variance, freedom, np.where(np.isnan(variance), np.nan, 1.0))
        variance, freedom = self._combined(within, about_zero, met, self._influence(weights, cells))
        with np.errstate(divide="ignore", invalid="ignore"):
            return Spread(variance, freedom, variance / _simple_variance(linearised, counted, weights, cells))

    def _taken_out(
        self,
        totals: np.ndarray,
        cells: OrderedGroups,
        centred: np.ndarray,
        regressed: tuple[np.ndarray, np.ndarray],
    ) -> np.ndarray:
        """What the regression on the margins changes in the sums of squares: group x stratum x statistic.

        sum (t - f)^2 = sum t^2 - 2 sum t f + sum f^2, f the fitted total of a unit; the last over all units of the sample.
        """
        assert self.margins is not None
        margins, (slopes, level) = self.margins, regressed
        by_unit = margins.by_unit[cells.unit]
        fitted = by_unit[:, -1:] * level[cells.own, self.unit_strata[cells.unit]]
        for number, (start, end) in enumerate(group_runs(cells.own, cells.count)):
            fitted[start:end] += by_unit[start:end, :-1] @ slopes[number]
        cross = cells.by_stratum(totals * fitted)
        mean = margins.by_stratum[:, :-1] @ slopes + margins.by_stratum[:, -1:] * level
        return np.asarray(self._fitted_squares(slopes, level) - 2 * (cross - centred * mean))

    def _fitted_squares(self, slopes: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Sums of squares of the fitted totals of all units: group x stratum x statistic."""
        assert self.margins is not None
        within, width = self.margins.within, slopes.shape[1]
        # b'Wb of every group and statistic at once: the products of two coefficients times the matrix of the stratum
        above = np.triu_indices(width)
        twice = np.where(above[0] == above[1], 1.0, 2.0)
        products = slopes[:, above[0]] * slopes[:, above[1]] * twice[:, None]
        squared = np.matmul(within[:, above[0], above[1]], products)
        if self.margins.centre is None:
            return squared
        crossed = within[:, -1, :-1] @ slopes
        return np.asarray(squared + 2 * crossed * level + within[:, -1, -1][:, None] * level**2)

    def _influence(self, weights: np.ndarray, cells: OrderedGroups) -> tuple[np.ndarray, np.ndarray]:
        """Sums of squares and of fourth powers of what each unit stands for in its group: group x stratum x 1."""
        squared = cells.by_unit(weights) ** 2
        return cells.by_stratum(squared), cells.by_stratum(squared**2)

    def _pooled(
        self, within: np.ndarray, about_zero: np.ndarray, held: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Variance and degrees of freedom with one variance for all strata, group x statistic."""
        count, _, freedom = self._free(held)
        with np.errstate(divide="ignore", invalid="ignore"):
            is_thin = freedom < count / 2
            variance = within.sum(axis=1) * count / freedom
            variance = np.where(is_thin, about_zero * count / (count - 1), variance)
        is_alone = count < 2
        freedom = np.where(is_thin, count - 1, freedom)
        return np.where(is_alone, np.nan, variance), np.where(is_alone, np.nan, freedom)

    def _combined(
        self,
        within: np.ndarray,
        about_zero: np.ndarray,
        held: np.ndarray,
        influence: tuple[np.ndarray, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Variance and degrees of freedom of the strata together, group x statistic.

        within, held  group x stratum x statistic: sums of squares; units that count. about_zero: sums of squares about
                      zero, all strata; influence: see ``_influence``
        """
        count, by_stratum, freedom = self._free(held)
        sizes, (second, fourth) = np.maximum(self.sizes[:, None], 1).astype(float), influence
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(by_stratum > 0, held / by_stratum, 1.0)
            factor = np.where(held > 0, own, sizes / np.maximum(sizes - 1, 1))
            left = 1.0 if self.sampled is None else (1 - self.sampled)[:, None]
            variance = (left * factor * within).sum(axis=1)
            expected = (factor * second * (1 - 1 / sizes)).sum(axis=1)
            noise = (factor**2 * (fourth * (1 - 2 / sizes) + (second / sizes) ** 2)).sum(axis=1)
            is_thin = freedom < count / 2
            variance = np.where(is_thin, about_zero * count / (count - 1), variance)
            even = np.where(is_thin, second.sum(axis=1) ** 2 / fourth.sum(axis=1), expected**2 / noise)
            freedom = np.minimum(np.where(is_thin, count - 1, freedom), even)
        is_alone = count < 2
        return np.where(is_alone, np.nan, variance), np.where(is_alone, np.nan, freedom)

    def _free(self, held: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Units that count, and D of the module's formula by stratum and in all."""
        count, sizes = held.sum(axis=1), np.maximum(self.sizes[:, None], 1).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = held / count[:, None]
            by_stratum = held * ((1 - 1 / count[:, None]) - (1 - share) / sizes)
        return count, by_stratum, by_stratum.sum(axis=1)


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
    unit = sampling_units(strata, units)
    has_clusters = len(unit) > 0 and bool(unit.max() + 1 < len(unit))
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


def sampling_units(strata: np.ndarray, units: np.ndarray | None) -> np.ndarray:
    """Number of each respondent's primary sampling unit, 0..: the establishment, or the respondent where it is not known.

    An establishment with respondents in two strata (provinces) is a unit of its own in each.
    """
    if units is None or not (units >= 0).any():
        return np.arange(len(strata))
    keys = np.where(units >= 0, units, units.max() + 1 + np.arange(len(units)))
    pairs = strata.astype(np.int64) * (int(keys.max()) + 1) + keys
    return np.asarray(np.unique(pairs, return_inverse=True)[1]).ravel()


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


def _simple_variance(
    linearised: np.ndarray, counted: np.ndarray, weights: np.ndarray, cells: OrderedGroups
) -> np.ndarray:
    """Variance that a simple random sample of as many respondents would have, group x statistic."""
    number, total = cells.by_group(counted), cells.by_group(counted * weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total * cells.by_group(linearised**2 * weights) / (number - 1))


def group_runs(places: np.ndarray, count: int) -> list[tuple[int, int]]:
    """First and last row (exclusive) of every place, the rows being in the places' order."""
    ends = np.searchsorted(places, np.arange(count + 1))
    return list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))


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


# ----------------------------------------------------------------------------------------------------
# Significant changes: multiple testing in families, and small-area estimates of provinces.
#
# Goes in: p-values of changes; direct estimates of provinces with their variances. Comes out: which changes are
# significant; the table ``confidence_pooled``. Method: Benjamini and Hochberg (1995) within each family of one survey,
# quarter and comparison: with no change anywhere, at most 5 % of families have any "significant" member. Partial
# pooling: Fay and Herriot (1979), the province's mean about its region's, the spread between provinces by their moment
# equation, mean squared error with the uncertainty of both (Prasad and Rao 1990; Datta and Lahiri 2000).
# ----------------------------------------------------------------------------------------------------

FALSE_SHARE = 0.05  # false alarms among significant changes: the counterpart of the 95 % intervals
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
