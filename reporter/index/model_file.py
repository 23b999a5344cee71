"""The model of the index as a file: ``models/index-<year>-v<n>.json`` of a workspace.

In: a workspace's folder. Out: the model in force for a year, the highest version of the latest year up to it, or None: then a build
learns in memory. A file is learnt by ``reporter models learn``, holds for five years and is never changed; a later one
names the quarter at which its changes continue the earlier one's levels, and carries those levels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import iso, parse_quarter
from reporter.index.composite import FEWEST_SHARED, MEAN, SD, base_of, principal_weights, scale_of
from reporter.index.joint_model import (
    OWN_MONTHLY,
    PERSISTENCE,
    JointModel,
    Member,
    ModelDimension,
    apply_form,
    inputs,
    quarter_variance,
    smooth,
    years,
)
from reporter.index.panel import MAD_TO_SD, is_monthly, known_items, last_row, periods, quarterly_means
from reporter.runtime.cache import disk_errors, write_bytes

FOLDER = "models"
FORMAT = 1  # raised when files of before can no longer be read
LIFE_YEARS = 5  # ESS guidelines on composite indicators: re-estimate rarely, on a calendar known beforehand
_NAME = re.compile(r"index-(\d{4})-v(\d{1,3})\.json")
_KEYS = ("format", "members", "dimensions", "own_quarterly", "learn_until", "base", "slope", "level")


@dataclass(frozen=True)
class KeptModel:
    """A model of the workspace: its first year, version, and what it continues.

    link      last quarter that an earlier model's values stand for; None for a first model
    history   those values: quarter x (overall and dimensions); empty for a first model
    replaced  name of the earlier model's file, or "learned in memory"; "" for a first model
    """

    year: int
    version: int
    model: JointModel
    link: pd.Period | None = None
    history: pd.DataFrame | None = None
    replaced: str = ""

    @property
    def name(self) -> str:
        """Path of the file in the workspace."""
        return f"{FOLDER}/index-{self.year}-v{self.version}.json"


def versions(root: Path) -> list[tuple[int, int]]:
    """(first year, version) of every model of the workspace, lowest first."""
    found = (_NAME.fullmatch(path.name) for path in (root / FOLDER).glob("index-*.json"))
    return sorted((int(match[1]), int(match[2])) for match in found if match)


def read(root: Path, year: int) -> KeptModel | None:
    """The model in force for the issues of a year; None where there is none. Raises InputError when the file cannot be used."""
    known = [pair for pair in versions(root) if pair[0] <= year]
    return load(root, *known[-1]) if known else None


def load(root: Path, year: int, version: int) -> KeptModel:
    """One model file. Raises InputError when it cannot be used."""
    where = f"{FOLDER}/index-{year}-v{version}.json"
    try:
        content = json.loads((root / where).read_text(encoding="utf-8-sig"))
        missing = [key for key in _KEYS if key not in content]
        if missing or content["format"] != FORMAT:
            raise ValueError(f"missing {', '.join(missing)}" if missing else f"format {content['format']}")
        model = _model(content)
        _require_sound(model)
        link = content.get("link")
        history = None if link is None else _history(content["history"])
        quarter = None if link is None else parse_quarter(link)
        return KeptModel(year, version, model, quarter, history, content.get("replaced", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"อ่าน {where} ไม่ได้ ({error}) — นำแฟ้มสำรองกลับมา หรือสร้างใหม่ด้วย reporter models learn",
            f"{where} cannot be used ({error}); restore it, or make one with reporter models learn.",
        ) from error


def check(root: Path, quarter: pd.Period | None) -> list[Finding]:
    """Findings of the file in force in the quarter's year, for ``reporter check``."""
    try:
        if quarter is not None:
            read(root, quarter.year)
    except InputError as error:
        return [Finding("error", FOLDER, error.th, error.en)]
    return []


def write(root: Path, kept: KeptModel) -> Path:
    """Keep a model as a new file of the workspace. Raises ReporterError when the disk refuses."""
    path = root / kept.name
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, text(kept).encode("utf-8"))
    return path


def text(kept: KeptModel) -> str:
    """The file's content: JSON, one line for a member."""
    model = kept.model
    head: dict[str, Any] = {
        "format": FORMAT,
        "learn_until": iso(model.learn_until),
        "base": [iso(quarter) for quarter in model.base],
        "persistence": model.persistence,
        "own_quarterly": model.own_quarterly,
        "components": model.components,
        "slope": model.slope,
        "level": model.level,
        "replaced": kept.replaced,
        "link": None if kept.link is None else iso(kept.link),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    if model.seasonal:
        spreads = [f"{json.dumps(name)}: {json.dumps(list(item))}" for name, item in model.seasonal.items()]
        lines += ['  "seasonal": {', _rows(spreads), "  },"]
    named = {name: asdict(item) for name, item in model.dimensions.items()}
    lines += [
        '  "dimensions": {',
        _rows([f"{json.dumps(n)}: {json.dumps(v)}" for n, v in named.items()]),
        "  },",
    ]
    lines += ['  "history": {', _rows(_history_lines(kept.history)), "  },"]
    lines += ['  "members": [', _rows([json.dumps(asdict(member)) for member in model.members]), "  ]"]
    return "{\n" + "\n".join(line for line in lines if line) + "\n}\n"


def _rows(lines: list[str]) -> str:
    return ",\n".join(f"    {line}" for line in lines)


def _history_lines(history: pd.DataFrame | None) -> list[str]:
    if history is None:
        return []
    lines = []
    for name in history:
        known = history[name].dropna()
        values = {iso(period): value for period, value in known_items(known)}
        lines.append(f"{json.dumps(str(name))}: {json.dumps(values)}")
    return lines


def _history(content: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    columns = {
        name: pd.Series(values, dtype=float).rename(index=parse_quarter) for name, values in content.items()
    }
    frame = pd.DataFrame(
        {n: pd.Series(c.to_numpy(), pd.PeriodIndex(c.index, freq="Q-DEC")) for n, c in columns.items()}
    )
    return frame.sort_index()


def _model(content: Mapping[str, Any]) -> JointModel:
    base = content["base"]
    return JointModel(
        tuple(Member(**member) for member in content["members"]),
        {name: ModelDimension(**item) for name, item in content["dimensions"].items()},
        float(content["own_quarterly"]),
        parse_quarter(content["learn_until"]),
        (parse_quarter(base[0]), parse_quarter(base[1])),
        float(content["slope"]),
        float(content["level"]),
        int(content.get("components", 1)),
        float(content.get("persistence", 0.95)),
        {name: (item[0], item[1], item[2]) for name, item in content.get("seasonal", {}).items()},
    )


def _require_sound(model: JointModel) -> None:
    """Raises ValueError for numbers that no learning gives."""
    if not model.members or {member.dimension for member in model.members} != set(model.dimensions):
        raise ValueError("members and dimensions do not match")
    numbers = [member.scale for member in model.members] + [item.spread for item in model.dimensions.values()]
    variances = [v for member in model.members for v in (member.persistent, member.white, member.slope_prior)]
    if not (np.array(numbers) > 0).all() or not (np.array(variances) >= 0).all():
        raise ValueError("a scale is not positive or a variance negative")
    if abs(float(model.weights.sum()) - 1) > 1e-6 or (model.weights < 0).any():
        raise ValueError("weights do not sum to 1")


def differences(before: JointModel, now: JointModel) -> pd.DataFrame:
    """What another estimation changes: kind, name, number, before, now; numbers that differ by less than 1 % are left out."""
    rows: list[list[object]] = []
    for name in [*before.dimensions, *(n for n in now.dimensions if n not in before.dimensions)]:
        old, new = before.dimensions.get(name), now.dimensions.get(name)
        rows += _differing(
            "dimension", name, {} if old is None else asdict(old), {} if new is None else asdict(new)
        )
    members = [{member.indicator: asdict(member) for member in model.members} for model in (before, now)]
    for name in dict.fromkeys([*members[0], *members[1]]):
        rows += _differing("indicator", name, members[0].get(name, {}), members[1].get(name, {}))
    return pd.DataFrame(rows, columns=["kind", "name", "number", "before", "now"])


def _differing(kind: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = []
    for key in dict.fromkeys([*old, *new]):
        a, b = old.get(key), new.get(key)
        if isinstance(a, float) and isinstance(b, float):
            if abs(a - b) <= 0.01 * max(abs(a), abs(b), 1e-9):
                continue
        elif a == b:
            continue
        rows.append([kind, name, key, a, b])
    return rows


# ----------------------------------------------------------------------------------------------------
# Learns the model of the index from adjusted series: once in five years, on the data up to one quarter.
#
# In: seasonally adjusted series, the forms of change, declarations. Out: a ``JointModel``. Steps: the trend's starting line, centre and scale of every member
# (robust); loadings by least squares on the correlations of the dimension's members, drawn towards the usual one; own
# noise so that monthly and quarterly variances agree; the slopes' priors by empirical Bayes; the correlation of the dimensions with their common
# factor likewise; scale, weights and base from the posterior of this very model.
# ----------------------------------------------------------------------------------------------------

FEWEST_QUARTERS = 12  # three years: less does not tell a level from a cycle
_CLIP = 6.0  # robust standard deviations; beyond, a value would decide the moments alone
_LEAST_LOADING, _MOST_LOADING = 0.15, 0.97  # a member is never said to know nothing, or everything
_LONE_LOADING = 0.85  # of a member without another to compare with (simulated)
_USUAL_PRODUCT = (0.25, 0.9)  # bounds of the mean correlation of members that belong together
# Sampling variance of a correlation over the variance of a loading between members: own noise makes about 20 independent quarters of 17 years
# ((1 - 0.5^2)^2 / 20 = 0.03), loadings differ by 0.3; cycles of dimensions give about 7 independent observations ((1 - 0.5^2)^2 / 7 = 0.08), and
# what they have in common is taken to differ by 0.15. On one simulated design a third and three times the one, and a quarter and four
# times the other, did about as well.
_LOADING_PRIOR, _COMMON_PRIOR = 0.3, 4.0
_MOST_SHARED = 0.95  # a dimension is never said to be the common factor itself
_WHITE_QUARTERLY = 0.4  # share of a quarterly member's own variance that is white
_MOST_MONTHLY_NOISE = 3.0  # a month's own variance, in those of the quarter: a white series has just 3
_LEAST_SLOPE = 0.02  # standard deviations a year: what a slope may be that was estimated as 0
_LEAST_COMMON, _MOST_COMMON = 0.02, 0.9  # bounds of the mean correlation of dimensions
_ROUNDS = 100  # of the loadings; they settle after about 20


@dataclass(frozen=True)
class _Line:
    """A member's starting trend: value ``level`` at ``middle`` (a year with fraction), ``slope`` a year."""

    middle: float
    slope: float
    level: float


@dataclass(frozen=True)
class _Draft:
    """A member on its way: quarterly and (of a monthly series) monthly standardised deviations from its line."""

    item: Indicator
    form: str
    monthly: bool
    line: _Line
    scale: float
    values: pd.Series
    quarterly: pd.Series
    single: pd.Series
    loading: float = 0.0
    weight: float = 0.0
    pca_loading: float = 0.0


class Learnt(NamedTuple):
    """A model, and the factors over its base period that its scale was learnt on (quarter x dimension)."""

    model: JointModel
    reference: pd.DataFrame


def learn(
    adjusted: Mapping[str, pd.Series],
    forms: Mapping[str, str],
    declarations: Declarations,
    end: pd.Period,
    base: tuple[pd.Period | None, pd.Period | None] = (None, None),
) -> Learnt | None:
    """The model of the data up to ``end``; None where no indicator is long enough.

    adjusted  id -> seasonally adjusted series; forms: id -> form of change (joint_model.choose_forms)
    base      first and last quarter of the scale where the settings give them
    """
    drafts = _drafts(adjusted, forms, declarations, end)
    if not drafts:
        return None
    drafts, components, reliability = _loaded(drafts, declarations)
    own = _own_quarterly(drafts, components)
    members = tuple(_member(draft, own) for draft in drafts)
    common = _common(components, reliability)
    dimensions = {str(name): ModelDimension(float(common[str(name)])) for name in components}
    return _calibrated(JointModel(members, dimensions, own, end, (end, end)), adjusted, base)


def _drafts(
    adjusted: Mapping[str, pd.Series], forms: Mapping[str, str], declarations: Declarations, end: pd.Period
) -> list[_Draft]:
    found = []
    for dimension in declarations.dimensions:
        for item in declarations.members(dimension):
            values = adjusted.get(item.id)
            if values is None or values.index[0] > last_row(values, end):
                continue
            draft = _draft(item, values, forms.get(item.id, item.transform), end)
            if draft is not None:
                found.append(draft)
    return found


def _draft(item: Indicator, values: pd.Series, form: str, end: pd.Period) -> _Draft | None:
    """None where the series is too short or does not vary."""
    changed = apply_form(form, values)[: last_row(values, end)]
    if quarterly_means(changed).notna().sum() < FEWEST_QUARTERS:
        return None
    is_straight = form == "deviation" or (form == "level" and item.detrend == "slow_trend")
    line = _line(changed, is_straight=is_straight)
    rest = changed - (line.level + line.slope * (years(periods(changed)) - line.middle))
    quarterly = quarterly_means(rest)
    centre, scale = _moments(quarterly.to_numpy(dtype=float))
    if not scale > 1e-9 * max(float(changed.abs().max()), 1e-300):
        return None
    line = replace(line, level=line.level + centre)
    return _Draft(
        item,
        form,
        is_monthly(values),
        line,
        scale,
        changed,
        _standard(quarterly, centre, scale),
        _standard(rest, centre, scale),
    )


def _standard(values: pd.Series, centre: float, scale: float) -> pd.Series:
    standard = (values.to_numpy(dtype=float) - centre) / scale
    return pd.Series(np.clip(standard, -_CLIP, _CLIP), values.index)


def _line(values: pd.Series, *, is_straight: bool) -> _Line:
    """Straight line without what is further than six robust standard deviations from it; or the mean."""
    known = values.notna().to_numpy()
    level, time = values.to_numpy(dtype=float)[known], years(periods(values))[known]
    middle = float(time.mean())
    if not is_straight:
        return _Line(middle, 0.0, float(level.mean()))
    kept = np.ones(len(level), dtype=bool)
    slope, height = 0.0, float(level.mean())
    for _ in range(3):
        slope, height = np.polyfit(time[kept] - middle, level[kept], 1)
        rest = level - height - slope * (time - middle)
        spread = MAD_TO_SD * np.median(np.abs(rest))
        if spread > 0:
            kept = np.abs(rest) <= _CLIP * spread
    return _Line(middle, float(slope), float(height))


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of values that are pulled back to six robust standard deviations."""
    seen = values[np.isfinite(values)]
    middle = float(np.median(seen))
    spread = MAD_TO_SD * float(np.median(np.abs(seen - middle)))
    near = np.clip(seen, -_CLIP * spread, _CLIP * spread) if spread > 0 else seen
    return float(near.mean()), float(near.std())


def _loaded(
    drafts: list[_Draft], declarations: Declarations
) -> tuple[list[_Draft], pd.DataFrame, dict[str, float]]:
    """Drafts with loadings; the dimensions' scores (quarter x dimension) and the reliability of each."""
    groups = {name: [d for d in drafts if d.item.dimension == name] for name in declarations.dimensions}
    panels = {
        name: pd.DataFrame({d.item.id: d.quarterly for d in own}) for name, own in groups.items() if own
    }
    signs = {name: np.array([d.item.polarity for d in groups[name]], dtype=float) for name in panels}
    matrices = {name: _correlations(panel, FEWEST_SHARED) for name, panel in panels.items()}
    size = _usual_loading([matrices[name] * np.outer(signs[name], signs[name]) for name in panels])
    found: list[_Draft] = []
    scores: dict[str, pd.Series] = {}
    reliability: dict[str, float] = {}
    for name, panel in panels.items():
        factor = shrunk_loadings(matrices[name], signs[name] * size, _LOADING_PRIOR)
        factor = factor if factor @ signs[name] >= 0 else -factor
        known = np.clip(np.abs(factor), _LEAST_LOADING, _MOST_LOADING)
        loadings = np.where(factor < 0, -1.0, 1.0) * known
        weights = loadings / (1 - loadings**2)  # of the regression of the factor on its members
        enough = panel.notna().sum(axis=1) >= max(1, panel.shape[1] / 2)
        scores[name] = (panel.fillna(0) * weights).sum(axis=1).where(enough)
        signal = (weights @ loadings) ** 2
        reliability[name] = float(signal / (signal + weights**2 @ (1 - loadings**2)))
        correlations = _first_component(matrices[name], signs[name])
        component = correlations / (correlations**2).sum()
        found += [
            replace(
                draft,
                loading=float(loadings[k]),
                weight=float(component[k]),
                pca_loading=float(correlations[k]),
            )
            for k, draft in enumerate(groups[name])
        ]
    return found, pd.DataFrame(scores), reliability


def _correlations(panel: pd.DataFrame, fewest: int) -> np.ndarray:
    """Correlations of the columns; 0 where fewer than ``fewest`` quarters are shared."""
    matrix = panel.corr(min_periods=fewest).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _usual_loading(matrices: list[np.ndarray]) -> float:
    """Loading that the mean correlation of all dimensions' members, turned by polarity, implies: their product is the correlation."""
    apart = [matrix[~np.eye(len(matrix), dtype=bool)] for matrix in matrices]
    every = np.concatenate(apart)
    return float(np.sqrt(np.clip(every.mean(), *_USUAL_PRODUCT))) if len(every) else _LONE_LOADING


def shrunk_loadings(correlations: np.ndarray, prior: np.ndarray, weight: float) -> np.ndarray:
    """Loadings of one factor, by least squares on the correlations outside the diagonal, drawn towards a prior.

    Minimises  sum over i < j of (r_ij - b_i b_j)^2 + (weight / 2) sum_i (b_i - prior_i)^2, one loading at a time.
    weight     sampling variance of a correlation over the prior variance of a loading

    A principal component takes the members' own noise for common, the more the fewer they are; and what two members share is
    one number for two loadings. The prior settles both.
    """
    found = prior.astype(float).copy()
    for _ in range(_ROUNDS):
        before = found.copy()
        for i in range(len(found)):
            others = np.delete(found, i)
            shared = np.delete(correlations[i], i) @ others + weight * prior[i]
            found[i] = np.clip(shared / (others @ others + weight), -_MOST_LOADING, _MOST_LOADING)
        if np.abs(found - before).max() < 1e-9:
            break
    return found


def _first_component(matrix: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Correlations of the members with their first principal component, oriented by polarity: the published cross-check."""
    values, vectors = np.linalg.eigh(matrix)
    correlations = vectors[:, -1] * np.sqrt(values[-1])
    return correlations * (np.sign(correlations @ signs) or 1.0)


def _own_quarterly(drafts: list[_Draft], components: pd.DataFrame) -> float:
    """Autocorrelation of the persistent own part of quarterly members: the median over members.

    Two fifths of the own variance are white, which lowers the first autocorrelation; hence the factor of 1.2 (simulated).
    """
    found = []
    for dimension in components:
        own = [draft for draft in drafts if draft.item.dimension == dimension]
        scores = components[dimension] / components[dimension].std()
        quarterly = [draft for draft in own if len(own) > 1 and not draft.monthly]
        found += [(draft.quarterly - draft.loading * scores).autocorr(1) for draft in quarterly]
    known = [value for value in found if np.isfinite(value)]
    return float(np.clip(np.median(known) * 1.2, 0.2, 0.85)) if known else 0.3


def _member(draft: _Draft, own_quarterly: float) -> Member:
    """The member's numbers for the monthly model from those of the quarterly panel."""
    own = 1 - draft.loading**2
    loading = draft.loading / np.sqrt(quarter_variance(PERSISTENCE))
    if draft.monthly:
        persistent, white = _monthly_noise(draft.single, loading, own)
    else:
        persistent, white = own * (1 - _WHITE_QUARTERLY), own * _WHITE_QUARTERLY
    return Member(
        draft.item.id, draft.item.dimension, draft.monthly, draft.form, draft.line.middle, draft.line.level, draft.scale,
        float(loading), float(persistent), float(white), _slope_prior(draft), draft.weight, draft.pca_loading,
    )  # fmt: skip


def _monthly_noise(single: pd.Series, loading: float, own: float) -> tuple[float, float]:
    """Variances of the AR and the white part that match the monthly variance and the quarterly own variance."""
    persistent = quarter_variance(OWN_MONTHLY)
    total = max(float(single.var()) - loading**2, own / persistent)
    total = min(total, _MOST_MONTHLY_NOISE * own)
    share = float(np.clip((own / total - 1 / 3) / (persistent - 1 / 3), 0, 1))
    return total * share, total * (1 - share)


def _slope_prior(draft: _Draft) -> float:
    """Standard deviation of the slope: what the robust slope is beyond its own error (empirical Bayes).

    0 for rates of change, and for levels declared without a trend.
    """
    if draft.form == "growth" or draft.line.slope == 0:
        return 0.0
    known = quarterly_means(draft.values).dropna()
    place, time = periods(known).asi8, years(periods(known))
    persistence = PERSISTENCE ** (3 * np.abs(np.subtract.outer(place, place)))
    covariance = draft.loading**2 * persistence + (1 - draft.loading**2) * np.eye(len(place))
    design = np.column_stack([np.ones(len(place)), time - time.mean()])
    error = np.linalg.inv(design.T @ np.linalg.solve(covariance, design))[1, 1]
    return float(np.sqrt(max((draft.line.slope / draft.scale) ** 2 - error, 0.0) + _LEAST_SLOPE**2))


def _common(scores: pd.DataFrame, reliability: Mapping[str, float]) -> pd.Series:
    """Correlation of every dimension's factor with the common one, drawn towards what they have in common on the mean.

    Correlations of the scores are corrected for their noise first. With fewer than three dimensions nothing tells what is common: 0.
    """
    names = [str(name) for name in scores]
    if len(names) < 3:
        return pd.Series(0.0, names)
    share = np.array([reliability[name] for name in names])
    matrix = _correlations(scores, FEWEST_QUARTERS) / np.sqrt(np.outer(share, share))
    mean = float(matrix[~np.eye(len(names), dtype=bool)].mean())
    usual = np.sqrt(np.clip(mean, _LEAST_COMMON, _MOST_COMMON))
    found = shrunk_loadings(matrix, np.full(len(names), usual), _COMMON_PRIOR)
    return pd.Series(np.clip(found, -_MOST_SHARED, _MOST_SHARED), names)


def _calibrated(
    model: JointModel, adjusted: Mapping[str, pd.Series], base: tuple[pd.Period | None, pd.Period | None]
) -> Learnt:
    """The model with base, scale and weights learnt on its own posterior of the data up to ``learn_until``."""
    known = {name: values[: last_row(values, model.learn_until)] for name, values in adjusted.items()}
    found = inputs(model, known)
    values = smooth(model, found, model.learn_until).value
    start, end = base_of(observed(model, found, periods(values)), model.learn_until, *base)
    inside = values[start:end]
    mean, spread = inside.mean(), inside.std(ddof=0)
    scaled = replace(
        model,
        base=(start, end),
        dimensions={
            name: replace(item, mean=float(mean[name]), spread=float(spread[name]) or 1.0)
            for name, item in model.dimensions.items()
        },
    )
    weights, components = principal_weights(MEAN + SD * (inside - mean) / spread.where(spread > 0, 1.0))
    return Learnt(weighted(replace(scaled, components=components), inside, weights), inside)


def weighted(model: JointModel, reference: pd.DataFrame, weights: pd.Series) -> JointModel:
    """The model with other weights of its dimensions, and the composite's scale that belongs to them."""
    dimensions = {name: replace(item, weight=float(weights[name])) for name, item in model.dimensions.items()}
    mean = np.array([item.mean for item in dimensions.values()])
    sub = (reference - mean) * model.points()
    slope, level = scale_of(sub @ weights.reindex(sub.columns))
    return replace(model, dimensions=dimensions, slope=slope, level=level)


def observed(model: JointModel, found: Mapping[str, pd.Series], index: pd.PeriodIndex) -> pd.DataFrame:
    """Quarter x dimension: whether a member of the dimension has data in the quarter."""
    columns = {}
    for name in model.dimensions:
        seen = np.zeros(len(index), dtype=bool)
        for member in model.of(name):
            if member.indicator in found:
                known = periods(found[member.indicator].dropna()).asfreq("Q-DEC")
                seen |= np.isin(index.asi8, known.asi8)
        columns[name] = seen
    return pd.DataFrame(columns, index)
