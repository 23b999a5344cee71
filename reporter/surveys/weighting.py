"""Weights of respondents: base weights, adjustment for non-response, raking to the population's margins.

Goes in: the respondents that count, the sampling plan with its populations, declared margins of the population. Comes
out: ``Weights``. Method: base weight N_h / n_h of the province (plan), respondents of each employment status of the
province as adjustment classes where they are enough; raking (Deming and Stephan 1940; Deville, Sarndal and Sautory
1993) until every margin is met, each weight held within bounds of its base weight. Without plan and margins every
respondent counts one, as the study's formula says (method.md 2 and 3).

The raking is our own: no library holds weights within bounds of the base weights while it rakes. Which were looked at, with
numbers: docs/surveys.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.surveys.responses import KINDS, TRAIT, Cleaned
from reporter.surveys.sampling import Margin, categories_of, texts_of
from reporter.surveys.variance import SampleDesign, sample_design

TOLERANCE = (
    1e-6  # a margin is met when it is right to a millionth: a person in a million (issue of the surveys)
)
UNSPECIFIED = "unspecified"  # "prefer not to say" among the answers of the questionnaires
_STOP = 1e-10  # the loop goes on until rounding error is all that is left
_ROUNDS = 500  # raking that converges takes 5 to 50 rounds
_PATIENCE = 50  # rounds in which the error must at least halve; convergence is geometric where there is any
_FAR = 50.0  # logarithm of a weight beyond every bound, far from overflow
# A respondent's weight may be a quarter to four times what the plan gives: beyond, one answer speaks for many
# (weights of official surveys are commonly trimmed at 3 to 5 times; Battaglia et al. 2009).
_LOWEST, _HIGHEST = 0.25, 4.0
_WIDER, _WIDENINGS = 1.5, 6  # bounds under which the margins cannot be met are widened, and that is said
# Fewer respondents than this in a category make weights that hang on single persons; such categories are put together.
_LEAST_CATEGORY = 20
# Answers of one establishment are one voice: a category that rests on fewer establishments has residuals near nought by
# construction, and intervals too narrow (simulation of 16 respondents an establishment: 91 % coverage without this).
_LEAST_UNITS = 10
# Answers of a category that the margin lacks keep their share of the sample; above one in ten that would leave a part of
# the population at the sample's share, which is what the weights are to mend: the row was forgotten.
_MOST_LACKING = 0.10
_LEAST_CLASS = 10  # respondents of an adjustment class for non-response, else the province is one class


@dataclass(frozen=True)
class Raked:
    """Weights that meet the margins: rounds taken, bounds used, largest relative error that is left."""

    weights: np.ndarray
    rounds: int
    bounds: tuple[float, float] | None
    error: float


@dataclass(frozen=True)
class Weights:
    """One survey and quarter.

    final, base  weights after and before raking, mean 1; margins: category of every respondent by margin
    kind         ``none``, ``file``, ``plan``, ``margins``, ``plan and margins``
    population   what the respondents stand for, NaN where it is not known
    """

    final: np.ndarray
    base: np.ndarray
    kind: str
    population: float = np.nan
    margins: tuple[np.ndarray, ...] = ()
    names: tuple[str, ...] = ()
    raked: Raked | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_weighted(self) -> bool:
        """Whether respondents have different weights."""
        return self.kind != "none"

    def row(self) -> dict[str, object]:
        """What ``survey_weights`` says of them: design effect by weighting (Kish), effective n, extremes, convergence."""
        n, weights = len(self.final), self.final
        effect = float(n * (weights**2).sum() / weights.sum() ** 2) if n else np.nan
        ratio = weights / self.base if n else weights
        bounds = self.raked.bounds if self.raked else None
        at_bound = (
            ((ratio <= bounds[0] * (1 + 1e-9)) | (ratio >= bounds[1] * (1 - 1e-9))) if bounds else ratio < 0
        )
        return {
            "weighting": self.kind,
            "n": n,
            "population": self.population,
            "margins": ", ".join(self.names),
            "design_effect": effect,
            "effective_n": n / effect if n else np.nan,
            "largest_weight": float(weights.max() / weights.mean()) if n else np.nan,
            "smallest_weight": float(weights.min() / weights.mean()) if n else np.nan,
            "trimmed_share": float(at_bound.mean()) if n else np.nan,
            "rounds": self.raked.rounds if self.raked else 0,
            "margin_error": self.raked.error if self.raked else np.nan,
        }


def weights_of(
    frame: pd.DataFrame,
    margins: Sequence[Margin],
    plan: pd.DataFrame | None,
    region_of: Mapping[str, str],
    where: str,
) -> Weights:
    """Weights of the respondents of one survey and quarter.

    frame      answers that count; margins: those in force in the quarter
    plan       ``province,province_population`` and perhaps ``status,population``; None or without populations: not used
    region_of  province -> region, both without their kind (``TH-10`` -> ``bangkok``)
    Raises InputError when the margins cannot be met together.
    """
    planned = plan if plan is not None and "province_population" in plan else None
    base, kind = _base(frame, planned, region_of)
    population = (
        float(planned.drop_duplicates("province")["province_population"].sum())
        if planned is not None
        else np.nan
    )
    found = _unplanned(frame, planned, where) if kind == "plan" and planned is not None else []
    if not margins or not len(frame):
        return Weights(_even(base), _even(base), kind, population, findings=found)
    total = population if population > 0 else margins[0].total
    codes, targets, names = [], [], []
    if kind == "plan":
        # The provinces' populations stay met while the other margins are.
        places, _ = pd.factorize(frame["province"].astype(object), use_na_sentinel=False)
        codes, targets, names = [places], [np.bincount(places, base)], ["province"]
    fixed = {margin.name for margin in margins} | ({"province", "region"} if kind == "plan" else set())
    for margin in margins:
        is_fixed = "*".join(margin.columns[1:]) in fixed
        code, target = _met(frame, margin, base / base.sum(), region_of, where, found, is_fixed=is_fixed)
        if len(target) > 1:
            codes.append(code)
            targets.append(target * base.sum())
            names.append(margin.name)
    try:
        raked = rake_within_bounds(base, codes, targets, where)
    except InputError:
        if kind != "plan" or len(codes) < 2:
            raise
        # A province that lacks a status altogether cannot meet both: the declared margins go before the plan's
        # provinces, which the base weights still carry.
        codes, targets, names = codes[1:], targets[1:], names[1:]
        raked = rake_within_bounds(base, codes, targets, where)
    if raked.bounds and raked.bounds[1] > _HIGHEST:
        found.append(_widened(where, raked.bounds))
    scale = len(base) / raked.weights.sum()
    return Weights(
        raked.weights * scale,
        _even(base),
        "margins" if kind == "none" else f"{kind} and margins",
        total,
        tuple(codes),
        tuple(names),
        raked,
        found,
    )


def _unplanned(frame: pd.DataFrame, plan: pd.DataFrame, where: str) -> list[Finding]:
    """A warning for provinces with answers but without a population in the plan: they weigh like the mean answer."""
    people = plan.drop_duplicates("province").set_index("province")["province_population"].astype(float)
    known = set(people.index[people > 0])
    answered = frame["province"].astype(object).dropna()
    lacking = answered[~answered.isin(known)]
    if not len(lacking):
        return []
    names = ", ".join(sorted(set(lacking)))
    return [
        Finding(
            "warning",
            where,
            f"จังหวัด {names} มีผู้ตอบ {len(lacking):,} ราย แต่ไม่มีประชากรในแผนการสุ่มตัวอย่าง จึงใช้น้ำหนักเฉลี่ย"
            " — เติม province_population ในแผน",
            f"Provinces {names} have {len(lacking):,} answers but no population in the sampling plan and weigh like the mean"
            " answer; add their province_population to the plan.",
            value=names,
            rule="survey.province_unplanned",
        )
    ]


def _even(weights: np.ndarray) -> np.ndarray:
    """Weights of mean 1; a ratio estimate does not depend on their total."""
    return weights / weights.mean() if len(weights) else weights


def _base(
    frame: pd.DataFrame, plan: pd.DataFrame | None, region_of: Mapping[str, str]
) -> tuple[np.ndarray, str]:
    """Weights of the file, or N / n of the plan's provinces and classes, or one each."""
    if (
        "weight" in frame and float(frame["weight"].sum()) > 0
    ):  # all blank or nought: no weights, and said by the reader
        given = frame["weight"].to_numpy(dtype=float)
        return np.nan_to_num(given, nan=float(np.nanmean(given))), "file"
    if plan is None or not len(frame):
        return np.ones(len(frame)), "none"
    province = frame["province"].astype(object).to_numpy()
    people = plan.drop_duplicates("province").set_index("province")["province_population"].astype(float)
    weights = np.full(len(frame), np.nan)
    rows = pd.Series(province).groupby(province).indices
    has_classes = {"status", "population"} <= set(plan) and "status" in frame
    for code, size in people.items():
        here = np.asarray(rows.get(code, []), dtype=int)
        if len(here):
            weights[here] = size / len(here)
            if has_classes:
                _adjust_classes(weights, here, frame, plan[plan["province"] == code])
    _spread_regions(weights, province, people, region_of)
    known = np.isfinite(weights)
    # Respondents of unknown province count as the mean respondent: they cannot be placed, and are not left out.
    weights[~known] = weights[known].mean() if known.any() else 1.0
    return weights, "plan"


def _adjust_classes(weights: np.ndarray, here: np.ndarray, frame: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Within a province: weights of each employment status add up to its own population, where it has enough respondents."""
    people = cells.groupby("status")["population"].sum().astype(float)
    status = frame["status"].astype(object).to_numpy()[here]
    members = {code: here[status == code] for code in people.index}
    if sum(map(len, members.values())) < len(here) or min(map(len, members.values())) < _LEAST_CLASS:
        return
    for code, rows in members.items():
        weights[rows] = people[code] / len(rows)


def _spread_regions(
    weights: np.ndarray, province: np.ndarray, people: pd.Series, region_of: Mapping[str, str]
) -> None:
    """Give the population of provinces without answers to the respondents of the other provinces of their region."""
    answered = set(province[np.isfinite(weights)])
    regions = people.groupby(people.index.map(region_of)).sum()
    heard = people[[code in answered for code in people.index]]
    factor = regions / heard.groupby(heard.index.map(region_of)).sum()
    weights *= pd.Series(province).map(region_of).map(factor).fillna(1.0).to_numpy(dtype=float)


def _met(
    frame: pd.DataFrame,
    margin: Margin,
    shares: np.ndarray,
    region_of: Mapping[str, str],
    where: str,
    found: list[Finding],
    *,
    is_fixed: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Category of every respondent and each category's share of the weights, small categories put together.

    Respondents whose category is not known keep their share: they are a category of their own.
    """
    codes = categories_of(frame, margin, region_of)
    found += _lacking(frame, margin, codes, region_of, where)
    counting = np.where(shares > 0, codes, -1)  # a category of weightless answers has nobody to stand for it
    place, is_small = _put_together(
        margin, _support(counting, _units(frame), len(margin.population)), is_fixed=is_fixed
    )
    together = np.bincount(place, list(margin.population.values()))
    codes = np.where(codes >= 0, place[np.maximum(codes, 0)], -1)
    if is_small.any():
        names = ", ".join(name for name, small in zip(margin.population, is_small, strict=True) if small)
        found.append(_combined(where, margin.name, names))
    is_unknown = codes < 0
    left = float(shares[is_unknown].sum())
    target = together / together.sum() * (1 - left)
    if left > 0:
        codes, target = np.where(is_unknown, len(target), codes), np.append(target, left)
    return codes, target


def _lacking(
    frame: pd.DataFrame, margin: Margin, codes: np.ndarray, region_of: Mapping[str, str], where: str
) -> list[Finding]:
    """Answers of categories that the margin does not have. Raises InputError where they are many: a forgotten row."""
    texts = texts_of(frame, margin, region_of)
    if texts is None:
        return []
    # A category that nobody is said to be in, and that people answered from, is as good as a lacking one.
    codes = np.where(
        np.isin(codes, np.flatnonzero(np.array(list(margin.population.values())) <= 0)), -1, codes
    )
    # who would not say belongs to no category of any margin: that is no lacking row of the file
    unknown = texts[codes < 0].dropna()
    unknown = unknown[~unknown.str.contains(UNSPECIFIED, regex=False).astype(bool)]
    if not len(unknown):
        return []
    names = ", ".join(sorted(set(unknown)))
    is_forgotten = len(unknown) > _MOST_LACKING * len(frame)
    finding = Finding(
        "error" if is_forgotten else "warning",
        where,
        f"โครงสร้างประชากร {margin.name} ไม่มีประชากรในหมวด {names} ซึ่งมีผู้ตอบ {len(unknown):,} ราย"
        + (" — เพิ่มหมวดนี้ในแฟ้ม margins" if is_forgotten else " — ผู้ตอบเหล่านี้คงสัดส่วนเดิม หรือเพิ่มหมวดในแฟ้ม margins"),
        f"Margin {margin.name} has no category {names}, in which {len(unknown):,} answered"
        + (
            "; add it to the margins file."
            if is_forgotten
            else "; they keep their share. Add it to the margins file."
        ),
        value=names,
        rule="survey.margin_lacking",
        subject=margin.name,
    )
    if is_forgotten:
        raise InputError(f"ถ่วงน้ำหนัก {where} ไม่ได้", f"{where} cannot be weighted.", [finding])
    return [finding]


def _units(frame: pd.DataFrame) -> np.ndarray:
    """Number of each respondent's establishment; a respondent without one forms an establishment alone."""
    own = -1 - np.arange(len(frame))
    if "establishment_id" not in frame:
        return own
    names = frame["establishment_id"].to_numpy()
    return np.where(names == "", own, pd.factorize(names)[0])


def _support(codes: np.ndarray, units: np.ndarray, count: int) -> np.ndarray:
    """How much each category rests on, 1 for just enough: respondents and establishments, whichever are fewer."""
    known = codes >= 0
    pairs = pd.DataFrame({"code": codes[known], "unit": units[known]}).drop_duplicates()
    respondents = np.bincount(codes[known], minlength=count) / _LEAST_CATEGORY
    return np.asarray(np.minimum(respondents, np.bincount(pairs["code"], minlength=count) / _LEAST_UNITS))


def _put_together(
    margin: Margin, support: np.ndarray, *, is_fixed: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """New place of every category, the small ones joined to another, and which are small.

    A small category joins the one that shares most of its first columns (``status*region``: the same status in another
    region), so that the totals of the first column stay as they are; of those the one whose last columns have the
    fewest respondents.

    is_fixed  the totals of the last columns (regions) are met by another margin: then all statuses of the region join
              those of the same other region. Else the difference of the totals would still fix each of them, and the
              few answers that were to be put together would go on to speak for many.
    """
    parts = [category.split("*") for category in margin.population]
    people = np.array(list(margin.population.values()))
    home = np.arange(len(parts))
    is_small = (support < 1) | (people <= 0)
    rest = np.array(["*".join(part[1:]) for part in parts])
    held_by_rest = {name: float(support[rest == name].sum()) for name in set(rest)}

    def nearness(one: int, other: int) -> tuple[int, float, str, float]:
        shared = 0
        while shared < len(parts[one]) and parts[one][shared] == parts[other][shared]:
            shared += 1
        return (-shared, held_by_rest[rest[other]], rest[other], float(support[home == other].sum()))

    def join(one: int, kept: np.ndarray) -> int:
        """Put a category to its nearest and return that."""
        nearest = min((int(other) for other in kept if other != one), key=lambda other: nearness(one, other))
        home[home == one] = nearest
        return nearest

    while True:
        kept = np.unique(home)
        held = {place: float(support[home == place].sum()) for place in kept}
        weak = [place for place in kept if held[place] < 1 or not people[home == place].sum()]
        if not weak or len(kept) == 1:
            return np.unique(home, return_inverse=True)[1], is_small
        least = int(min(weak, key=lambda place: (held[place], place)))
        nearest = join(least, kept)
        if is_fixed:
            for sibling in np.flatnonzero((rest == rest[least]) & (home == np.arange(len(home)))):
                same = np.flatnonzero((rest == rest[nearest]) & _first_columns(parts, int(sibling)))
                if rest[least] != rest[nearest] and len(same):
                    home[home == sibling] = home[same[0]]


def _first_columns(parts: Sequence[Sequence[str]], place: int) -> np.ndarray:
    """Which categories have the same first column as one of them."""
    return np.array([part[0] == parts[place][0] for part in parts])


def rake(
    base: np.ndarray,
    codes: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    bounds: tuple[float, float] | None = None,
) -> Raked:
    """Weights nearest to ``base`` that add up to the targets in every margin.

    codes    category of every respondent by margin, 0..; targets: population of every category by margin
    bounds   smallest and largest final weight, as multiples of the base weight; None: no bounds
    """
    cells, cell_of = _combinations(codes)
    # A factor depends on the categories alone: respondents of the same categories are raked as one.
    start = np.bincount(cell_of, base, len(cells[0]) if cells else 1)
    log, factor = np.zeros(len(start)), np.ones(len(start))
    error, rounds, before = np.inf, 0, np.inf
    while error > _STOP and rounds < _ROUNDS:
        rounds += 1
        if rounds % _PATIENCE == 0:
            if error > before / 2:
                break  # bounds that the margins cannot be met within: more rounds only push against them
            before = error
        for code, target in zip(cells, targets, strict=True):
            log += np.log(target / np.bincount(code, start * factor, len(target)))[code]
            factor = np.exp(np.clip(log, -_FAR, _FAR))
            factor = np.clip(factor, *bounds) if bounds else factor
        error = margin_error(start * factor, cells, targets)
    weights = base * factor[cell_of]
    return Raked(weights, rounds, bounds, margin_error(weights, codes, targets))


def _combinations(codes: Sequence[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """Category by margin of every combination of categories that occurs, and each respondent's combination."""
    together = np.zeros(len(codes[0]) if codes else 0, dtype=np.int64)
    for code in codes:
        together = np.unique(together * (int(code.max()) + 1) + code, return_inverse=True)[1]
    first = np.unique(together, return_index=True)[1]
    return [code[first] for code in codes], together


def rake_within_bounds(
    base: np.ndarray, codes: Sequence[np.ndarray], targets: Sequence[np.ndarray], where: str
) -> Raked:
    """Raking with the narrowest bounds that the margins allow. Raises InputError when there are none."""
    if not codes:
        return Raked(base, 0, None, 0.0)
    low, high = _LOWEST, _HIGHEST
    for _ in range(_WIDENINGS + 1):
        raked = rake(base, codes, targets, (low, high))
        if raked.error <= TOLERANCE:
            return raked
        low, high = low / _WIDER, high * _WIDER
    finding = Finding(
        "error",
        where,
        f"ถ่วงน้ำหนักให้ตรงกับโครงสร้างประชากรไม่ได้ (ต่างกัน {raked.error:.2g}) — ยอดรวมหรือหมวดในแฟ้ม margins ขัดแย้งกัน"
        " ตรวจแฟ้มหรือรวมหมวดที่มีผู้ตอบน้อย",
        f"The weights cannot meet the population's margins together (error {raked.error:.2g}); the margins contradict each"
        " other or a category has too few respondents: check the margins file, or put categories together.",
        rule="survey.raking",
    )
    raise InputError(f"ถ่วงน้ำหนัก {where} ไม่ได้", f"{where} cannot be weighted.", [finding])


def margin_error(weights: np.ndarray, codes: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> float:
    """Largest relative difference between the margins of the weights, counted anew, and their targets."""
    errors = [
        np.abs(np.bincount(code, weights, len(target)) / target - 1).max()
        for code, target in zip(codes, targets, strict=True)
    ]
    return float(max(errors, default=0.0))


def _combined(where: str, margin: str, names: str) -> Finding:
    return Finding(
        "note",
        where,
        f"โครงสร้างประชากร {margin}: รวมหมวดที่มีผู้ตอบน้อยกว่า {_LEAST_CATEGORY} ราย ({names}) เข้าด้วยกัน",
        f"Margin {margin}: categories with fewer than {_LEAST_CATEGORY} respondents ({names}) were put together.",
        rule="survey.margin_combined",
    )


def _widened(where: str, bounds: tuple[float, float]) -> Finding:
    return Finding(
        "warning",
        where,
        f"ต้องยอมให้น้ำหนักต่างจากแผนถึง {bounds[1]:.1f} เท่า จึงจะตรงกับโครงสร้างประชากร — กลุ่มที่ตอบน้อยมีน้ำหนักมาก",
        f"Weights up to {bounds[1]:.1f} times the plan's were needed to meet the margins; some group answered too little.",
        rule="survey.weights_wide",
    )


# ----------------------------------------------------------------------------------------------------
# A survey's respondents as arrays: scores, weights, strata, groups.
#
# Goes in: the frame of a ``Cleaned`` reading. Comes out: a ``Sample``. Scores: method.md, 2 and 3 (200 150 100 50 0,
# negative items the other way round). Strata: provinces, in which the sample size is fixed (study 4.1.1).
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Partition:
    """Respondents split by one kind of group: ``codes[i]`` is the place in ``groups``, -1 for unknown."""

    kind: str
    groups: tuple[str, ...]
    codes: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One survey and quarter.

    points      respondent x item, 0 to 200, NaN for no answer; every declared item has its column (16 bits hold the
                scale's whole numbers exactly, and 13 quarters of answers in a quarter of the memory)
    scores      the points an answer may have, lowest first
    weights     respondent; 1 where nothing says otherwise (``reporter.surveys.weighting``)
    strata      respondent, 0..: province, the unknown ones last
    partitions  by kind: TH, STATUS, SKILL, REGION, PROVINCE, INDUSTRY, for workers WORK
    ticks       trait or action id -> 1, 0, NaN; ranks: respondent x aspect, NaN where there is no valid ranking
    choices     question outside the index -> place of the answer among its options, -1 for no answer
    units       establishment of each respondent, -1 where it is not known; None where nobody was asked
    weighting   how the weights came about; None: every respondent counts as ``weights`` says
    """

    survey: str
    period: pd.Period
    points: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    strata: np.ndarray
    partitions: Mapping[str, Partition]
    ticks: Mapping[str, np.ndarray]
    ranks: np.ndarray
    choices: Mapping[str, np.ndarray] = field(default_factory=dict)
    units: np.ndarray | None = None
    weighting: Weights | None = None

    def design(self) -> SampleDesign:
        """Strata, clusters, weights and raking, for the variances."""
        given = self.weighting
        return sample_design(
            self.weights,
            self.strata,
            units=self.units,
            margins=given.margins if given else (),
            base=given.base if given else None,
        )

    def unweighted(self) -> Sample:
        """The same respondents, each counting one: the study's formula."""
        return replace(self, weights=np.ones(self.size), weighting=None)

    @property
    def size(self) -> int:
        """Number of respondents."""
        return len(self.weights)

    @cached_property
    def counts(self) -> np.ndarray:
        """Weighted answers: item x score, the lowest score first (negative items already turned)."""
        items, scores = self.points.shape[1], len(self.scores)
        places = np.searchsorted(
            self.scores, self.points.astype(np.float32)
        )  # NaN sorts last: a place of its own
        places += np.arange(items) * (scores + 1)
        weights = np.repeat(self.weights, items)
        return np.bincount(places.ravel(), weights, items * (scores + 1)).reshape(items, -1)[:, :scores]


def sample_of(
    cleaned: Cleaned,
    questionnaire: Questionnaire,
    declarations: Declarations,
    period: pd.Period,
    weights: Weights | None = None,
) -> Sample:
    """Arrays of the respondents that count; without ``weights`` those of the file, or one each."""
    frame = cleaned.frame
    weighting = weights or weights_of(frame, (), None, {}, cleaned.where)
    partitions = _partitions(frame, questionnaire, declarations)
    province = partitions["PROVINCE"]
    strata = np.where(province.codes < 0, len(province.groups), province.codes)
    ticks = [option.id for option in questionnaire.actions]
    ticks += [f"{TRAIT}{option.id}" for option in questionnaire.traits]
    return Sample(
        questionnaire.id,
        period,
        _points(frame, questionnaire),
        np.array(sorted(points for _, _, points in questionnaire.scale), dtype=np.float32),
        weighting.final,
        np.unique(strata, return_inverse=True)[1],
        partitions,
        {c.removeprefix(TRAIT): frame[c].to_numpy(dtype=np.float16) for c in ticks if c in frame},
        _columns(frame, [aspect.id for aspect in questionnaire.aspects]),
        {q.id: frame[q.id].cat.codes.to_numpy() for q in questionnaire.questions if q.id in frame},
        _drawn_units(frame),
        weighting,
    )


def _drawn_units(frame: pd.DataFrame) -> np.ndarray | None:
    """Number of each respondent's establishment, -1 for a blank one."""
    if "establishment_id" not in frame:
        return None
    names = frame["establishment_id"].to_numpy()
    codes = pd.factorize(names)[0]
    return np.where(names == "", -1, codes)


def _columns(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Float columns in the order of ``names``; NaN for those the file lacks."""
    values = np.full((len(frame), len(names)), np.nan, dtype=np.float16)
    for place, name in enumerate(names):
        if name in frame:
            values[:, place] = frame[name].to_numpy()
    return values


def _points(frame: pd.DataFrame, questionnaire: Questionnaire) -> np.ndarray:
    """Ratings to points by the declared scale; a negative item takes the scale from its other end."""
    ratings = _columns(frame, [item.column for item in questionnaire.items])
    points_of = np.full(len(questionnaire.scale) + 2, np.nan, dtype=np.float16)
    for rating, _, points in questionnaire.scale:
        points_of[rating] = points
    highest = float(np.nanmax(points_of)) + float(np.nanmin(points_of))
    points = points_of[np.nan_to_num(ratings, nan=0).astype(np.int8)]  # place 0 holds NaN: no answer
    is_negative = [item.negative for item in questionnaire.items]
    points[:, is_negative] = highest - points[:, is_negative]
    return points


def _partitions(
    frame: pd.DataFrame, questionnaire: Questionnaire, declarations: Declarations
) -> dict[str, Partition]:
    found = {"TH": Partition("TH", ("TH",), np.zeros(len(frame), dtype=np.int16))}
    for column, kind in KINDS.items():
        if column in frame:
            groups = tuple(group.code for group in declarations.groups_of(kind))
            found[kind] = Partition(kind, groups, frame[column].cat.codes.to_numpy().astype(np.int16))
    provinces = found["PROVINCE"]
    regions = tuple(group.code for group in declarations.groups_of("REGION"))
    region_of = [regions.index(declarations.groups[code].region) for code in provinces.groups]
    codes = np.where(provinces.codes < 0, -1, np.array([*region_of, -1])[provinces.codes])
    found["REGION"] = Partition("REGION", regions, codes.astype(np.int16))
    order = ("TH", "STATUS", "SKILL", "REGION", "PROVINCE", "INDUSTRY", "WORK")
    own = {
        choice.kind: Partition(
            choice.kind,
            tuple(f"{choice.kind}:{option.id}" for option in choice.options),
            frame[choice.id].cat.codes.to_numpy().astype(np.int16),
        )
        for choice in questionnaire.demographics
        if choice.id in frame
    }
    return {kind: found[kind] for kind in order if kind in found} | own
