"""Effect of a newest value on the index: points of its sub-index and of the composite, and the sentences that depend on it.

Goes in: an indicator, the value that its past lets one expect and the one found. Comes out: ``Moved``. Selective editing
(de Waal, Pannekoek and Scholtus, 2011, chapter 6) ranks what is to be looked at first by effect; nothing is left out for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binom

from reporter.checks.newest.relations import quarterly
from reporter.checks.newest.surprise import Judged, Key, Limits, Panel, frequency_of
from reporter.domain.declarations import Declarations, Indicator, Name, evaluate
from reporter.domain.errors import Finding, Severity
from reporter.domain.periods import iso, year_before
from reporter.index import joint_model, seasonal
from reporter.index.composite import slopes
from reporter.index.joint_model import (
    OWN_MONTHLY,
    PERCENT_UNITS,
    JointModel,
    Member,
    Posterior,
    first_quarter,
    grid_of,
    observations_of,
    quarter_variance,
)
from reporter.index.national import LEARN_QUARTERS
from reporter.index.panel import MAD_TO_SD, Series, collect, is_monthly, periods
from reporter.index.seasonal import Runner

SHOWN = 0.05  # figures are printed with one decimal: less changes none
_POINTS_PER_DEVIATION = 10.0  # a sub-index has a standard deviation of 10 points
# Of a member's variance, where no model says otherwise: about the median share in the factor model.
_OWN_PART = 0.5
_LEAST_QUARTERS = 16
_NATION = "TH"


@dataclass(frozen=True)
class Moved:
    """Points by which a value moves things, found against expected. ``sub_index``: of its dimension; ``index``: of the whole.

    is_exact  computed by the model of the index itself (``index_effect``); else an estimate by shares, good to a factor of two or three
    """

    dimension: str
    sub_index: float
    index: float
    is_exact: bool = False


Effect = Callable[[str, float, float], Moved | None]
"""(series id, expected, found) -> what it moves; None for a series that the index does not use."""


@dataclass(frozen=True)
class EffectModel:
    """What the effect of a value needs of a model of the index.

    share    indicator -> points of its sub-index that one standard deviation of the indicator adds in a quarter
    weight   dimension -> points of the index that a point of the sub-index adds
    scale    indicator -> its standard deviation in the model; what is not there is taken from the series
    """

    share: Mapping[str, float]
    weight: Mapping[str, float]
    scale: Mapping[str, float] = field(default_factory=dict)


def model_of(index: JointModel) -> EffectModel:
    """The workspace's model of the index, quarter by quarter: information of earlier quarters is left out, so effects are rather too large.

    One factor with independent noise: a member's share is (loading / noise) / (1 / factor's variance + sum of loading^2 / noise).
    """
    share: dict[str, float] = {}
    for name, dimension in index.dimensions.items():
        members = index.of(name)
        precision = 1 / quarter_variance(index.persistence) + sum(m.loading**2 / _noise(m) for m in members)
        share |= {m.indicator: 10 / dimension.spread * m.loading / _noise(m) / precision for m in members}
    weight = {name: dimension.weight * index.slope for name, dimension in index.dimensions.items()}
    return EffectModel(share, weight, {member.indicator: member.scale for member in index.members})


def _noise(member: Member) -> float:
    """Variance of a member's own part in a quarter: three months average the white part and much of the other."""
    if not member.monthly:
        return member.persistent + member.white
    return member.persistent * quarter_variance(OWN_MONTHLY) + member.white / 3


def equal_model(declarations: Declarations) -> EffectModel:
    """Every member of a dimension alike, every dimension alike: where the workspace has no model of the index."""
    loading = np.sqrt(1 - _OWN_PART)
    share: dict[str, float] = {}
    for dimension in declarations.dimensions:
        members = declarations.members(dimension)
        each = loading / _OWN_PART / (1 + len(members) * loading**2 / _OWN_PART)
        share |= {item.id: _POINTS_PER_DEVIATION * item.polarity * float(each) for item in members}
    count = max(len(declarations.dimensions), 1)
    return EffectModel(share, dict.fromkeys(declarations.dimensions, 1 / count))


def cheap_effect(panels: list[Panel], declarations: Declarations, model: EffectModel | None = None) -> Effect:
    """Effects through a model's shares and each indicator's usual deviation from its trend: no index is computed.

    A month counts a third of its quarter; a component moves the gap that is computed from it.
    """
    model = model or equal_model(declarations)
    nation = {
        key[0]: panel.series(row)
        for panel in panels
        for row, key in enumerate(panel.keys)
        if key[1] == _NATION
    }
    owners = {name: item for item in declarations.indicators.values() for name in (item.id, *item.components)}

    @cache
    def deviation(item: str) -> float:
        if item in model.scale:
            return model.scale[item]
        return usual_deviation(_values(declarations.indicators[item], nation))

    def effect(series: str, expected: float, found: float) -> Moved | None:
        item = owners.get(series)
        if item is None or series not in nation or item.id not in model.share:
            return None
        usual = deviation(item.id)
        if not usual > 0:
            return None
        before, after = (_own_value(item, series, value, nation) for value in (expected, found))
        change = after - before
        if frequency_of(nation[series]) == "M":
            change /= 3
        points = model.share[item.id] * change / usual
        return Moved(item.dimension, points, points * model.weight.get(item.dimension, 0.0))

    return effect


def _values(item: Indicator, nation: Mapping[str, pd.Series]) -> pd.Series:
    """An indicator's quarterly values as the index looks at them: rates in points, anything else in 100 logs."""
    if item.id in nation:
        values = quarterly(nation[item.id])
    elif all(name in nation for name in item.components) and item.components:
        values = evaluate(item.formula, {name: quarterly(nation[name]) for name in item.components})
    else:
        return pd.Series(dtype=float)
    return values if item.unit in PERCENT_UNITS else 100 * np.log(values.where(values > 0))


def _own_value(item: Indicator, series: str, value: float, nation: Mapping[str, pd.Series]) -> float:
    """The indicator's value, in the same terms, when a series of it has a value and the others their newest."""
    if series != item.id:
        newest = {name: nation[name].iloc[-1:] for name in item.components if name in nation}
        newest[series] = pd.Series([value])
        if len(newest) < len(item.components):
            return 0.0
        plain = {name: one.reset_index(drop=True) for name, one in newest.items()}
        value = float(evaluate(item.formula, plain).iloc[0])
    if item.unit in PERCENT_UNITS:
        return value
    least = (
        float(np.nanmin(nation[series].where(nation[series] > 0))) / 10
    )  # a tenth of the smallest stands for 0
    return 100 * float(np.log(max(value, least)))


def usual_deviation(values: pd.Series) -> float:
    """Robust standard deviation of quarterly values about a quadratic trend with seasons; NaN when too short."""
    y = values.to_numpy(float)
    known = np.isfinite(y)
    if known.sum() < _LEAST_QUARTERS:
        return float("nan")
    time = np.linspace(-1, 1, len(y))
    seasons = (np.arange(len(y))[:, None] % 4 == np.arange(4)[None, :]).astype(float)
    design = np.column_stack([seasons, time, time**2])
    fitted = design[known] @ np.linalg.lstsq(design[known], y[known], rcond=None)[0]
    return MAD_TO_SD * float(np.median(np.abs(y[known] - fitted)))


# ----------------------------------------------------------------------------------------------------
# Findings of the checks of newest values: one finding for each fault, with its effect on the index.
#
# Goes in: everything that the rules saw. Comes out: one ``Told`` for each series, group of relations or kind of groups, and the
# findings made of them. A fault that several rules see is told once, by the rule that explains it best.
# ----------------------------------------------------------------------------------------------------


class CellPlace(NamedTuple):
    """File, row and column (or cell of a workbook) that a value stands in."""

    file: str
    row: int | None
    column: str


FindPlace = Callable[[Key, pd.Period], CellPlace | None]
"""(series, period) -> where its value stands."""


@dataclass(frozen=True)
class Told:
    """One fault.

    key       the series, or the one that is the likeliest cause
    expected  what its past lets one expect; NaN where that is not what is wrong
    t         distance in usual errors
    periods   how many of the newest quarter's values are off in the same way
    why       what is odd about it, in words
    """

    rule: str
    severity: Severity
    key: Key
    period: pd.Period
    found: float
    expected: float
    t: float
    why: Name
    periods: int = 1


def rough_effect(told: Told, effect: Effect) -> Moved | None:
    """The estimate by shares; None without an expected value, for groups and for series that the index does not use."""
    if told.key[1] != _NATION or told.expected != told.expected:
        return None
    return _times(effect(told.key[0], told.expected, told.found), told.periods)


def finding_of(told: Told, declarations: Declarations, moved: Moved | None, places: FindPlace) -> Finding:
    """The finding: where, found, expected, t, what it does to the index and to which sentences."""
    series, group = told.key
    place = places(told.key, told.period) or CellPlace("series", None, "value")
    period, name = iso(told.period), _name(series, declarations)
    th = f"{name.th} ({series} {group}) {period} มีค่า {number(told.found)} {told.why.th}{_expected_th(told)}"
    en = f"{name.en} ({series} {group}) {period} is {number(told.found)}: {told.why.en}{_expected_en(told)}"
    th += f"{_effect_th(moved, name, declarations)} — ตรวจตัวเลขกับแหล่งข้อมูล"
    en += f"{_effect_en(moved, name, declarations)}; check it with the source."
    return Finding(
        told.severity,
        place.file,
        th,
        en,
        row=place.row,
        column=place.column,
        value=f"{told.found:.10g}",
        rule=told.rule,
        subject=f"{series} {group} {period}",
        effect=None if moved is None else round(abs(moved.index), 4),
    )


def _times(moved: Moved | None, periods: int) -> Moved | None:
    """The effect of several months of a quarter, from that of one."""
    return moved and Moved(moved.dimension, periods * moved.sub_index, periods * moved.index)


def number(value: float) -> str:
    """A value as a reader writes it: thousands apart, four significant digits below a thousand."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _name(series: str, declarations: Declarations) -> Name:
    if series in declarations.indicators:
        return declarations.indicators[series].name
    if series in declarations.macro:
        return declarations.macro[series].name
    owner = next((item for item in declarations.indicators.values() if series in item.components), None)
    return owner.name if owner else Name(series, series)


def _expected_th(told: Told) -> str:
    if told.expected != told.expected:
        return ""
    return f" ค่าที่คาดราว {number(told.expected)} ห่างกัน {told.t:.1f} เท่าของความคลาดเคลื่อนปกติ (t = {told.t:.1f})"


def _expected_en(told: Told) -> str:
    if told.expected != told.expected:
        return ""
    return f"; about {number(told.expected)} was expected, {told.t:.1f} usual errors away (t = {told.t:.1f})"


def _effect_th(moved: Moved | None, name: Name, declarations: Declarations) -> str:
    if moved is None:
        return ""
    dimension = declarations.dimensions[moved.dimension].name.th
    touched = _touched(moved, f"ประโยคที่อ้าง{name.th}", f"ย่อหน้าของมิติ{dimension}", "ประโยคสรุปดัชนีรวม")
    about, rough = ("", "") if moved.is_exact else ("ราว ", " (ประมาณอย่างหยาบ อาจคลาดได้สองถึงสามเท่า)")
    return (
        f" ทำให้ดัชนีย่อย{dimension}เปลี่ยน{about}{moved.sub_index:+.1f} จุด และดัชนีรวม{about}{moved.index:+.1f} จุด{rough}"
        f" กระทบ {' / '.join(touched)}"
    )


def _effect_en(moved: Moved | None, name: Name, declarations: Declarations) -> str:
    if moved is None:
        return ""
    dimension = declarations.dimensions[moved.dimension].name.en
    touched = _touched(moved, f"the sentences on {name.en}", "the paragraph of the dimension", "the headline")
    about, rough = (
        ("", "") if moved.is_exact else ("about ", " (a rough estimate: it may be two or three times off)")
    )
    return (
        f"; it moves the sub-index {dimension} by {about}{moved.sub_index:+.1f} and the index by {about}{moved.index:+.1f} points{rough},"
        f" and touches {', '.join(touched)}"
    )


def _touched(moved: Moved, own: str, paragraph: str, headline: str) -> list[str]:
    """The sentences whose printed figures the value changes."""
    found = [own]
    if abs(moved.sub_index) >= SHOWN:
        found.append(paragraph)
    if abs(moved.index) >= SHOWN:
        found.append(headline)
    return found


def together(told: Sequence[Told], judged: int, least: int, share: float) -> list[Told]:
    """Surprises of the nation under a rule of their own when many come at once: one waiver may then answer for all.

    judged  how many national series were looked at; least, share: how many at once are many
    """
    own = [
        one
        for one in told
        if one.rule == "newest.surprise" and one.severity == "warning" and one.key[1] == "TH"
    ]
    if len(own) < least or len(own) <= share * judged:
        return list(told)
    why = Name(
        f"เป็นหนึ่งใน {len(own)} จาก {judged} อนุกรมที่ผิดปกติพร้อมกัน"
        ' (วิกฤตจริง หรือข้อมูลผิดทั้งไตรมาส; หากเป็นวิกฤตจริง รับรองครั้งเดียวด้วย rule = "newest.collective")',
        f"one of {len(own)} of {judged} series that surprise at once (a true shock, or a whole quarter that is wrong;"
        ' for a true shock one waiver with rule = "newest.collective" answers for all)',
    )
    return [
        dataclasses.replace(one, rule="newest.collective", why=why) if one in own else one for one in told
    ]


# ----------------------------------------------------------------------------------------------------
# Newest values of regions, provinces, industries and statuses: fifty times as many series, so stricter limits.
#
# Goes in: judged series of groups. Comes out: a warning that needs an answer, one that needs none, or a note for a value; one finding with a count where much of a kind of
# groups is off at once, or was delivered again: one systematic fault is one finding and not seventy.
# ----------------------------------------------------------------------------------------------------

_SHOWN = 6  # codes that are listed before "and others"


def group_faults(judged: Sequence[Judged], rules: Limits, settled: Collection[str]) -> list[Told]:
    """Findings about series of groups. ``settled``: subjects already reported."""
    found = [fault for one in judged for fault in _of_values(one, rules, settled)]
    return [*_counted(found, judged, rules), *_delivered_again(judged, rules)]


def _of_values(one: Judged, rules: Limits, settled: Collection[str]) -> Iterable[Told]:
    panel, seen = one.panel, one.surprise
    note, warning = rules.number("groups", "note"), rules.number("groups", "warning")
    answer = rules.number("groups", "answer")
    for row in np.flatnonzero((seen.t.max(axis=1) > note) | seen.never.any(axis=1)):
        column = int(np.where(seen.never[row], np.inf, seen.t[row]).argmax()) - panel.block
        key, period = panel.keys[row], panel.period(int(row), column)
        if f"{key[0]} {key[1]} {iso(period)}" in settled:
            continue
        never, t = bool(seen.never[row, column]), float(seen.t[row, column])
        why = Name("ผิดปกติเมื่อเทียบกับอดีตของกลุ่มนี้", "unlike the past of this group")
        if never:
            why = Name("ซึ่งเป็นศูนย์หรือมีเครื่องหมายที่กลุ่มนี้ไม่เคยมี", "0, or a sign, that this group never had")
        yield Told(
            "newest.group" if never or t > answer else "newest.group_odd",
            "warning" if never or t > warning else "note",
            key,
            period,
            float(panel.values[row, column]),
            float(seen.expected[row, column]),
            t,
            why,
        )


def _counted(found: list[Told], judged: Sequence[Judged], rules: Limits) -> list[Told]:
    """Warnings of one indicator in much of a kind of groups as one, led by the farthest off."""
    least, share = int(rules.number("groups", "together_least")), rules.number("groups", "together_share")
    sizes: dict[tuple[str, str], int] = {}
    for one in judged:
        for key in one.panel.keys:
            sizes[_kind(key)] = sizes.get(_kind(key), 0) + 1
    out = [fault for fault in found if fault.severity != "warning"]
    warned: dict[tuple[str, str], list[Told]] = {}
    for fault in found:
        if fault.severity == "warning":
            warned.setdefault(_kind(fault.key), []).append(fault)
    for kind, own in warned.items():
        if len(own) < least or len(own) <= share * sizes[kind]:
            out += own
            continue
        codes = _codes([one.key[1] for one in own])
        why = Name(
            f"เป็นหนึ่งใน {len(own)} จาก {sizes[kind]} กลุ่มที่ผิดปกติพร้อมกัน ({codes}) อาจผิดทั้งชุด",
            f"one of {len(own)} of {sizes[kind]} groups that are off at once ({codes}), perhaps the whole delivery is wrong",
        )
        first = max(own, key=lambda one: one.t)
        out.append(
            Told(
                "newest.groups", "warning", first.key, first.period, first.found, first.expected, first.t, why
            )
        )
    return out


def _delivered_again(judged: Sequence[Judged], rules: Limits) -> Iterable[Told]:
    """Kinds of groups most of whose newest quarter equals the quarter or the year before, as it never was."""
    least = int(rules.number("groups", "together_least"))
    rows: dict[tuple[str, str], list[tuple[Judged, int]]] = {}
    for one in judged:
        for row, key in enumerate(one.panel.keys):
            rows.setdefault(_kind(key), []).append((one, row))
    for own in rows.values():
        if len(own) < least:
            continue
        for lag in (own[0][0].panel.block, own[0][0].panel.season):
            ties = np.array([_tie(one.panel.values[row], one.panel.block, lag) for one, row in own])
            equal, usual = int(ties[:, 0].sum()), float(ties[:, 1].mean())
            chance = binom.logsf(equal - 1, len(own), min(max(usual, 1e-3), 1.0)) / np.log(10)
            if equal > 0.5 * len(own) and chance < rules.number("repeat", "answer_log10"):
                one, row = own[int(ties[:, 0].argmax())]
                why = Name(
                    f"เป็นหนึ่งใน {equal} จาก {len(own)} กลุ่มที่ค่าล่าสุดเท่ากับเมื่อ {lag} งวดก่อนทุกตัว อาจเป็นข้อมูลเดิมที่ส่งซ้ำ",
                    f"one of {equal} of {len(own)} groups whose newest values equal those {lag} period(s) before,"
                    " perhaps old numbers delivered again",
                )
                nan, panel = float("nan"), one.panel
                yield Told(
                    "newest.groups",
                    "warning",
                    panel.keys[row],
                    panel.period(row, -1),
                    float(panel.values[row, -1]),
                    nan,
                    nan,
                    why,
                )
                break


def _tie(values: np.ndarray, block: int, lag: int) -> tuple[bool, float]:
    """Whether the newest block equals the one ``lag`` periods before, and how often earlier values did."""
    equal = np.abs(values[lag:] - values[:-lag]) < 1e-9 * (1 + np.abs(values[lag:]))
    known = np.isfinite(values[lag:] - values[:-lag])[:-block]
    return bool(equal[-block:].all()), float(equal[:-block].sum() / max(known.sum(), 1)) ** block


def _kind(key: tuple[str, str]) -> tuple[str, str]:
    return key[0], key[1].partition(":")[0]


def _codes(groups: list[str]) -> str:
    shown = ", ".join(sorted(groups)[:_SHOWN])
    return f"{shown}, ..." if len(groups) > _SHOWN else shown


# ----------------------------------------------------------------------------------------------------
# Exact effect of an unusual newest value on the index, computed with the workspace's own models, not with equal shares.
#
# Goes in: the history of observations, the model of the index and the seasonal models in force. Comes out: points of the sub-index and of
# the index for one value, found against expected. The model is linear in its standardised inputs, so that the weight of every observation
# (``smoother.Posterior.weights``) times its change is what a build would find. Only the series itself is adjusted for season anew, once
# with the value found and once with the value expected.
# ----------------------------------------------------------------------------------------------------


class IndexEffect:
    """Effects of values of one issue. What is costly is computed when the first value asks for it."""

    def __init__(
        self,
        history: pd.DataFrame,
        declarations: Declarations,
        quarter: pd.Period,
        *,
        model: JointModel,
        seasonal_models: pd.DataFrame | None,
        run: Runner,
    ) -> None:
        """history: the newest vintage of every period; seasonal_models and run: as for the index itself (``national``)."""
        self.nation = history[history["group"] == _NATION]
        self.declarations, self.quarter, self.model = declarations, quarter, model
        self.seasonal_models, self.run = seasonal_models, run
        self.owners = {
            name: item for item in declarations.indicators.values() for name in (item.id, *item.components)
        }
        self.members = {member.indicator: number for number, member in enumerate(model.members)}

    @cached_property
    def _series(self) -> dict[str, Series]:
        return collect(self.nation, self.declarations, self.quarter, _NATION)

    @cached_property
    def _identify_until(self) -> pd.Period:
        """As ``national.prepare`` chooses it."""
        first = min(item.values.index[0].asfreq("Q-DEC") for item in self._series.values())
        end = year_before(self.quarter)
        return end if (end - first).n + 1 >= LEARN_QUARTERS else self.quarter

    @cached_property
    def _posterior(self) -> Posterior:
        """Weights follow from which values are known, not from how large they are: unadjusted ones do."""
        known = joint_model.inputs(self.model, {name: item.values for name, item in self._series.items()})
        grid = grid_of(first_quarter(known), self.quarter)
        return Posterior(self.model, grid, observations_of(self.model, grid, known))

    def __call__(self, told: Told) -> Moved | None:
        """What a value moves in its own quarter; None for a series that the model of the index does not use."""
        item = self.owners.get(told.key[0])
        if item is None or item.id not in self.members or told.key[1] != _NATION:
            return None
        found, expected = self._input(item, self.nation), self._input(item, self._expected(told))
        if found is None or expected is None:
            return None
        changed = (found - expected).dropna()
        moved = slopes(self.model) @ self._factors(item, changed, told.period.asfreq("Q-DEC"))
        place = 1 + list(self.model.dimensions).index(item.dimension)
        return Moved(item.dimension, float(moved[place]), float(moved[0]), is_exact=True)

    def _factors(self, item: Indicator, changed: pd.Series, quarter: pd.Period) -> np.ndarray:
        """Change of every dimension's factor in a quarter by changed inputs of one member."""
        posterior = self._posterior
        grid, seen = posterior.grid, posterior.seen
        own = np.flatnonzero(seen.member == self.members[item.id])
        known = periods(changed)
        quarterly = not is_monthly(changed)
        first = grid.first if quarterly else grid.first.asfreq("M", "start")
        cells = seen.cell[own] - (0 if quarterly else grid.quarters)
        by_cell = dict(zip(known.asi8 - first.ordinal, changed.to_numpy(float), strict=True))
        values = np.array([by_cell.get(cell, 0.0) for cell in cells])
        return np.asarray(posterior.weights([quarter])[:, own] @ values)

    def _input(self, item: Indicator, nation: pd.DataFrame) -> pd.Series | None:
        """One member's standardised input."""
        rows = nation[nation["indicator"].isin([item.id, *item.components])]
        series = collect(rows, self.declarations, self.quarter, _NATION).get(item.id)
        if series is None:
            return None
        key = (item.id, _NATION)
        adjusted = seasonal.adjust({key: series}, self._identify_until, self.seasonal_models, self.run).values
        return joint_model.inputs(self.model, {item.id: adjusted[key]}).get(item.id)

    def _expected(self, told: Told) -> pd.DataFrame:
        """The history with the value that was expected; months of the quarter that are off alike are moved alike."""
        period = told.period
        months = [period]
        if period.freqstr == "M" and told.periods > 1:
            others = pd.period_range(period.asfreq("Q-DEC").asfreq("M", "start"), periods=3, freq="M")
            months += [month for month in others if month != period][: told.periods - 1]
        texts = {str(month).replace("Q", "-Q") for month in months}
        nation = self.nation
        at = (nation["indicator"] == told.key[0]) & nation["period"].isin(texts)
        values = nation.loc[at, "value"]
        by_ratio = told.found > 0 and told.expected > 0
        moved = values * (told.expected / told.found) if by_ratio else values + told.expected - told.found
        return nation.assign(value=nation["value"].where(~at, moved.reindex(nation.index)))
