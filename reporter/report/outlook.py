"""Facts of the forecast: the path of four quarters, its bands, the model that won, how earlier forecasts did.

Goes in: ``forecast``, ``forecast_evaluation``, ``forecast_scorecard``. Comes out: ``ForecastFacts``. Study 3.3.5.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain import thai
from reporter.domain.declarations import Declarations, Dimension, asset, broken_rules, own_rules, rule
from reporter.domain.edition import Context
from reporter.domain.errors import DeclarationError
from reporter.domain.periods import iso
from reporter.domain.thai import FORECAST_STEPS
from reporter.report import provenance
from reporter.report.dimensions import Clarity, Mover, band, clarity_of, dimension_facts, mover_of
from reporter.report.document import Claim
from reporter.report.labour import LabourFacts
from reporter.report.numbers import Cells, Change, Movement, Number, earlier, movement, total
from reporter.report.other_questions import least_places

MODEL_NAMES = {
    "naive": "ค่าล่าสุดคงที่",
    "rw": "เดินสุ่ม",
    "drift": "แนวโน้มเฉลี่ย",
    "mean": "ค่าเฉลี่ยของทุกแบบจำลอง",
    "snaive": "ค่าไตรมาสเดียวกันของปีก่อน",
    "seasonal_naive": "ค่าไตรมาสเดียวกันของปีก่อน",
    "ar": "อัตถดถอย (AR)",
    "arima": "ARIMA",
    "sarima": "SARIMA",
    "ets": "การปรับให้เรียบแบบเอกซ์โพเนนเชียล (ETS)",
    "damped": "การปรับให้เรียบแบบแนวโน้มหน่วง",
    "theta": "วิธีทีตา",
    "joint": "แบบจำลองร่วมของดัชนี",
    "procedure": "การเลือกแบบจำลองทั้งกระบวนการ",
    "var": "VAR ร่วมกับตัวแปรเศรษฐกิจมหภาค",
    "combination": "ค่าเฉลี่ยของหลายแบบจำลอง",
    "combined": "ค่าเฉลี่ยของหลายแบบจำลอง",
}


@dataclass(frozen=True)
class Ahead:
    """The forecast of one quarter."""

    period: str
    horizon: int
    mean: Number
    low80: Number
    high80: Number
    low95: Number
    high95: Number


@dataclass(frozen=True)
class Score:
    """How the chosen model did at one horizon, out of sample; ``n``: in so many tests."""

    horizon: int
    rmse: Number
    mae: Number
    mase: Number | None
    coverage80: Number | None
    n: Number | None = None


@dataclass(frozen=True)
class ForecastOutcome:
    """An earlier forecast of the issue's quarter beside what came; not published when it was only a test."""

    issued: str
    mean: Number
    actual: Number
    error: Number
    inside: bool
    was_published: bool
    band: tuple[Number, Number] | None = None

    @property
    def inside_claim(self) -> Claim | None:
        """Whether the outcome lies in the forecast's 80 % band."""
        return None if self.band is None else provenance.interval(*self.band, self.actual)

    @property
    def is_exact(self) -> bool:
        """Whether forecast and outcome read the same."""
        return self.mean.text == self.actual.text


@dataclass(frozen=True)
class Bias:
    """Errors (outcome less forecast) of the forecasts one quarter ahead: ``errors`` by quarter, their ``mean``."""

    errors: tuple[tuple[str, Number], ...]
    mean: Number

    @property
    def below(self) -> int:
        """How many outcomes lay below their forecast."""
        return sum(error.value < 0 for _, error in self.errors)

    @property
    def is_below(self) -> bool:
        """Whether at least half of them did."""
        return 2 * self.below >= len(self.errors)

    @property
    def count(self) -> int:
        """How many lay on the side on which most lay."""
        return self.below if self.is_below else sum(error.value > 0 for _, error in self.errors)

    @property
    def claim(self) -> Claim:
        """That so many outcomes lay on that side."""
        return provenance.count(self.count, self.errors, "<" if self.is_below else ">", 0)


@dataclass(frozen=True)
class BetterAt:
    """Models with a smaller error than the chosen one at a horizon, the smallest first; ``others``: errors of all models there."""

    horizon: int
    own: Number
    better: tuple[tuple[str, Number], ...]
    others: tuple[tuple[str, Number], ...]

    @property
    def claims(self) -> list[Claim]:
        """How many models have a smaller error than the chosen one, and that each of them has."""
        counted = provenance.count(len(self.better), self.others, "<", self.own.value)
        return [
            counted,
            *(provenance.comparison(replace(error, decimals=9), self.own) for _, error in self.better),
        ]


@dataclass(frozen=True)
class ForecastFacts:
    """The path and what is known about its quality; ``shape`` rising|falling|flat|hump|dip.

    benchmarks  by horizon, one quarter ahead and as far as the headline: by how many per cent the error is below simple rules'
    better      at each horizon where there is one: all models with a smaller error in the reported part
    bias        how forecasts one quarter ahead have erred; None where they are too few
    notes       how the model was chosen, in Thai; ``choice``: the numbers of those notes, by what they tell
    """

    path: tuple[Ahead, ...]
    change: Change | None
    shape: str
    covers_neutral: bool
    model: str
    scores: tuple[Score, ...]
    benchmarks: tuple[tuple[int, tuple[tuple[str, Number], ...]], ...]
    latest: ForecastOutcome | None
    inside: Number | None
    checked: Number | None
    notes: tuple[str, ...] = ()
    choice: Mapping[str, float] = field(default_factory=dict)
    better: tuple[BetterAt, ...] = ()
    bias: Bias | None = None
    start: Number | None = None

    @property
    def claim(self) -> Claim:
        """The shape of the path, from the level that is known."""
        return provenance.forecast(
            self.shape, [step.mean for step in self.path], self.start, FORECAST_STEPS.still
        )

    @property
    def neutral_claim(self) -> Claim:
        """Whether the 80 % band of the last quarter contains the long-run average."""
        return provenance.interval(self.end.low80, self.end.high80, 100)

    @property
    def has_record(self) -> bool:
        """Whether enough published forecasts have come due to tell how many were right."""
        return self.checked is not None and self.checked.value >= rule("history.scorecard")

    @property
    def end(self) -> Ahead:
        """The last quarter of the path."""
        return self.path[-1]


def model_name(model: str) -> str:
    """Thai name of a model, its code when it has none here."""
    return MODEL_NAMES.get(model, model)


def forecast_facts(cells: Cells, context: Context, labour: LabourFacts) -> ForecastFacts | None:
    """Facts of the forecast; None when there is none."""
    period = iso(context.quarter)
    path = tuple(_ahead(cells, period))
    if not path or labour.is_reduced:
        return None
    level = labour.movement.level
    change = None if level is None else Change(path[-1].mean - level, FORECAST_STEPS)
    model, scores = _scores(cells)
    issued = {"kind": "published"}
    has_scores = bool(cells.positions("forecast_scorecard", issued))
    return ForecastFacts(
        path,
        change,
        _shape(level, path),
        covers_neutral=path[-1].low80.value <= 100 <= path[-1].high80.value,
        model=model_name(model),
        scores=scores,
        benchmarks=tuple(
            (horizon, gains)
            for horizon in sorted({1, scores[-1].horizon if scores else 1})
            if (gains := _gains(cells, model, horizon))
        ),
        latest=_latest(cells, period),
        inside=cells.count("forecast_scorecard", issued | {"inside80": "True"}) if has_scores else None,
        checked=cells.count("forecast_scorecard", issued) if has_scores else None,
        notes=_notes(cells, context),
        choice=_choice(cells),
        better=tuple(
            BetterAt(score.horizon, score.rmse, found, tuple(errors))
            for score in scores
            if (found := _better(errors := _errors(cells, score.horizon), model))
        ),
        bias=_bias(cells),
        start=level,
    )


def _ahead(cells: Cells, period: str) -> list[Ahead]:
    frame = cells.rows("forecast")
    periods = sorted(str(item) for item in frame.get("period", []) if str(item) > period)
    found = []
    for horizon, at in enumerate(periods, start=1):
        parts = [
            cells.number("forecast", name, {"period": at}, unit="จุด")
            for name in ("mean", "low80", "high80", "low95", "high95")
        ]
        if None not in parts:
            found.append(Ahead(at, horizon, *parts))  # type: ignore[arg-type]
    return found


def _shape(level: Number | None, path: tuple[Ahead, ...]) -> str:
    """Where the path goes, moves under the still step not counting."""
    values = ([] if level is None else [level.value]) + [step.mean.value for step in path]
    still = FORECAST_STEPS.still
    end, top, low = values[-1] - values[0], max(values) - values[0], values[0] - min(values)
    if top - max(end, 0) >= 2 * still:
        return "hump"
    if low - max(-end, 0) >= 2 * still:
        return "dip"
    if abs(end) < still:
        return "flat"
    return "rising" if end > 0 else "falling"


def _scores(cells: Cells) -> tuple[str, tuple[Score, ...]]:
    rows = cells.rows("forecast_evaluation", selected="True")
    if rows.empty:
        return "", ()
    model = str(rows["model"].iloc[0])
    found = []
    for horizon in sorted({int(item) for item in rows["horizon"]}):
        key = {"model": model, "horizon": str(horizon)}
        rmse = cells.number("forecast_evaluation", "rmse", key, unit="จุด", decimals=2)
        mae = cells.number("forecast_evaluation", "mae", key, unit="จุด", decimals=2)
        if rmse is None or mae is None:
            continue
        share = cells.number("forecast_evaluation", "coverage80", key, decimals=0)
        found.append(
            Score(
                horizon,
                rmse,
                mae,
                cells.number("forecast_evaluation", "mase", key, decimals=2),
                None if share is None else share.times(100, "ร้อยละ", 0),
                cells.number("forecast_evaluation", "n", key, decimals=0),
            )
        )
    return model, tuple(found)


_BENCHMARKS = {
    "การใช้ค่าล่าสุด": ("naive", "rw"),
    "แบบจำลองอัตถดถอย (AR)": ("ar",),
    "การใช้ค่าไตรมาสเดียวกันของปีก่อน": ("snaive", "seasonal_naive"),
}


def _gains(cells: Cells, model: str, horizon: int) -> tuple[tuple[str, Number], ...]:
    """By how many per cent the model's error at a horizon is below that of simple rules; negative: above."""
    found = []
    at = str(horizon)
    own = cells.number("forecast_evaluation", "rmse", {"model": model, "horizon": at}, decimals=0)
    for label, names in _BENCHMARKS.items():
        for name in names:
            simple = cells.number("forecast_evaluation", "rmse", {"model": name, "horizon": at}, decimals=0)
            if simple is not None and own is not None and name != model and simple.value > 0:
                found.append((label, (simple - own).over(simple, 100, "ร้อยละ", 0)))
                break
    return tuple(found)


def _errors(cells: Cells, horizon: int) -> list[tuple[str, Number]]:
    """Model and RMSE of the reported part at a horizon, the smallest first."""
    rows = cells.rows("forecast_evaluation", horizon=str(horizon))
    # what choosing at every origin would have given is no model
    models = [str(name) for name in rows["model"] if name != "procedure"] if len(rows) else []
    errors = [
        (
            name,
            cells.number("forecast_evaluation", "rmse", {"model": name, "horizon": str(horizon)}, decimals=2),
        )
        for name in models
    ]
    return sorted(((name, error) for name, error in errors if error), key=lambda pair: pair[1].value)


def _better(errors: list[tuple[str, Number]], chosen: str) -> tuple[tuple[str, Number], ...]:
    """Thai names and errors of the models that did better than the chosen one; those with the same printed error are left out."""
    own = next((error for name, error in errors if name == chosen), None)
    if own is None:
        return ()
    return tuple((model_name(name), error) for name, error in errors if error.value < own.value)


def _bias(cells: Cells) -> Bias | None:
    """Errors of all forecasts one quarter ahead whose quarter has come; None for fewer than a record needs."""
    rows = cells.rows("forecast_scorecard")
    found = []
    for issued, period in zip(rows.get("issued", ()), rows.get("period", ()), strict=True):
        key = {"issued": str(issued), "period": str(period)}
        error = cells.number("forecast_scorecard", "error", key, unit="จุด")
        if error is not None and earlier(str(period), 1) == str(issued):
            found.append((str(period), error))
    if len(found) < rule("history.scorecard"):
        return None
    whole = total([error for _, error in found])
    mean = Number(whole.value / len(found), f"( {whole.cell} ) / {len(found)}", "จุด")
    return Bias(tuple(sorted(found)), mean)


def _latest(cells: Cells, period: str) -> ForecastOutcome | None:
    """The newest earlier forecast of the issue's quarter; one that was published goes before a test's."""
    rows = cells.rows("forecast_scorecard", period=period)
    if rows.empty:
        return None
    kinds = rows["kind"].astype(str) if "kind" in rows else pd.Series("published", index=rows.index)
    was_published = bool((kinds == "published").any())
    own = rows[kinds == "published"] if was_published else rows
    issued = str(own["issued"].astype(str).max())
    key = {"issued": issued, "period": period}
    if "kind" in rows:
        key["kind"] = "published" if was_published else str(kinds.iloc[0])
    mean, actual, error = (
        cells.number("forecast_scorecard", name, key, unit="จุด") for name in ("mean", "actual", "error")
    )
    if mean is None or actual is None or error is None:
        return None
    inside = cells.text("forecast_scorecard", "inside80", **key) == "True"
    low, high = (cells.number("forecast_scorecard", name, key, unit="จุด") for name in ("low80", "high80"))
    band = None if low is None or high is None else (low, high)
    return ForecastOutcome(issued, mean, actual, error, inside, was_published, band)


def _choice(cells: Cells) -> dict[str, float]:
    """How often forecasts were tested, how the chosen model did against the newest value, and what else the notes count."""
    rows = cells.rows("forecast_notes")
    if rows.empty:
        return {}
    single = rows[~rows["item"].duplicated(keep=False)]
    return dict(zip(single["item"].astype(str), single["value"].astype(float), strict=True))


def _notes(cells: Cells, context: Context) -> tuple[str, ...]:
    """How the choice was made, macro variables under their names."""
    found = []
    for text in cells.rows("forecast_notes").get("text_th", pd.Series(dtype=str)):
        said = str(text)
        for variable in context.declarations.macro.values():
            said = said.replace(variable.id, variable.name.th)
        found.append(said)
    return tuple(found)


# ----------------------------------------------------------------------------------------------------
# The chapter ``recommendations``: the declared rule book, applied to the results.
#
# Goes in: ``data/rules/recommendations.toml`` and the tables. Comes out: the rules that fired, each with the measure, the
# departments responsible and the numbers that fired it. A condition whose fact has no value does not hold.
# ----------------------------------------------------------------------------------------------------

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDER = ("now", "quarter", "year")
_PARTS = ("level", "quarter", "year")
_QUARTERS = {"now": 1, "quarter": 2, "year": 4}  # quarters until a measure of each urgency is due


@dataclass(frozen=True)
class Condition:
    """``fact operator value``, e.g. ``labour.employment.quarter <= -1``."""

    fact: str
    operator: str
    value: float


@dataclass(frozen=True)
class RecommendationRule:
    """When all conditions hold, the measure is recommended to the departments, with partners outside the ministry.

    figures  indicators whose published figures can stand behind the measure; none: any of the dimension that is looked at
    """

    id: str
    theme: str
    urgency: str
    departments: tuple[str, ...]
    measure: str
    when: tuple[Condition, ...]
    partners: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleBook:
    """The rules in declared order, with the names of departments, urgencies and agencies outside the ministry."""

    rules: tuple[RecommendationRule, ...]
    departments: Mapping[str, str]
    urgencies: Mapping[str, str]
    partners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What a condition looked at: its name, where the series stands, which part of it was judged.

    mover     of an indicator: the figures that readers are told instead of the judged standard deviations
    clarity   of a change of the index: whether its band tells it from zero
    interval  of a level or a rank: both of its ends have to meet the condition
    bears     whether the number tells more than chance: a change by its band or test, a level of the index by its band
    lowest    of a domain of a survey: that it has the lowest score of all; None where it has not, or shares it as displayed
    """

    label: str
    part: str
    number: Number
    movement: Movement | None
    mover: Mover | None = None
    clarity: Clarity | None = None
    interval: tuple[Number, Number] | None = None
    bears: bool = True
    lowest: Claim | None = None

    @property
    def worse_on_year(self) -> Change | None:
        """Of a level: its change on the year where that is worse, and significant by its own test."""
        change = self.movement.year if self.movement is not None and self.part == "level" else None
        is_so = change is not None and change.is_significant and change.quality == "worse"
        return change if is_so else None

    @property
    def better_way(self) -> int:
        """1 where a change told as points of an index or as a share is better, -1 where it is worse; 0 of what is no change."""
        moved = self.movement
        change = {"quarter": moved.quarter, "year": moved.year}.get(self.part) if moved is not None else None
        if change is None or not change.polarity or not change.number.value:
            return 0
        return 1 if change.number.value * change.polarity > 0 else -1


@dataclass(frozen=True)
class FiredRule:
    """A rule that fired."""

    rule: RecommendationRule
    departments: tuple[str, ...]
    urgency: str
    evidence: tuple[Evidence, ...]
    places: tuple[str, ...] = ()
    due: str = ""
    partners: tuple[str, ...] = ()

    @property
    def is_by_index(self) -> bool:
        """Whether the Labour Economic Index, not a survey, gave rise to it."""
        return self.rule.when[0].fact.startswith(("labour.", "group.", "indicator.", "forecast."))


@dataclass(frozen=True)
class Unanswered:
    """A dimension to be followed for which no measure is recommended; ``claim``: where its level stands, by its band."""

    dimension: Dimension
    level: Number
    claim: Claim


def unanswered(
    labour: LabourFacts, fired: Iterable[FiredRule], declared: Declarations
) -> tuple[Unanswered, ...]:
    """The weak dimensions that no recommendation looks at, the weakest first."""
    facts = [condition.fact.split(".") for item in fired for condition in item.rule.when]
    looked_at = {name for kind, name, *_ in facts if kind == "labour"}
    looked_at |= {
        declared.indicators[name].dimension
        for kind, name, *_ in facts
        if kind == "indicator" and name in declared.indicators
    }
    return tuple(
        Unanswered(item.dimension, item.movement.level, item.level_claim)
        for item in labour.weak
        if item.dimension.id not in looked_at
        and item.movement.level is not None
        and item.level_claim is not None
    )


def load_rules(path: Path | None = None) -> RuleBook:
    """Read and check the rule book. Raises DeclarationError naming the file, the rule and the field."""
    path = path or asset("data", "rules", "recommendations.toml")
    declared = own_rules(path)
    if unknown := sorted(declared.keys() - {"rule", *_NAMED}):
        raise _broken(path, unknown[0], "ไม่รู้จักหัวข้อนี้ — ลบออก", "is unknown; take it away")
    departments, urgencies, partners = (_names(path, declared, part) for part in _NAMED)
    if unknown := sorted(urgencies.keys() - set(_ORDER)):
        raise _broken(path, f"urgency.{unknown[0]}", "ไม่รู้จัก — ใช้ now, quarter, year", "is unknown; use now, quarter, year")  # fmt: skip
    if not urgencies.keys() & set(_ORDER[1:]):
        raise _broken(path, "urgency", "ต้องมี quarter หรือ year", "needs quarter or year")
    known = {"urgency": urgencies, "departments": departments, "partners": partners}
    rules = [_rule(path, entry, known) for entry in _tables(path, "rule", declared.get("rule", []))]
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise _broken(path, name, "id ซ้ำ — ตั้งชื่ออื่น", "has an id that is given twice; choose another")
    return RuleBook(tuple(rules), departments, urgencies, partners)


_NAMED = ("departments", "urgency", "partners")
_TEXTS, _LISTS = ("id", "theme", "urgency", "measure"), ("departments", "partners", "figures")
_NEEDED = {*_TEXTS, "departments", "when"}


def _names(path: Path, declared: Mapping[str, Any], part: str) -> Mapping[str, str]:
    """Code -> name of the departments, urgencies or partners."""
    found = declared.get(part, {})
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise _broken(path, part, 'ต้องเป็น รหัส = "ชื่อ"', 'must hold code = "name"')
    return found


def _tables(path: Path, key: str, given: Any) -> list[dict[str, Any]]:
    """A list of tables. Raises DeclarationError for anything else."""
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise _broken(path, key, "ต้องเขียนเป็น [[...]]", "must be written as [[...]]")
    return given


def _rule(path: Path, entry: Mapping[str, Any], known: Mapping[str, Mapping[str, str]]) -> RecommendationRule:
    """One rule. ``known``: the codes that urgency, departments and partners may name."""
    name = str(entry.get("id", "?"))
    if missing := sorted(_NEEDED - set(entry)):
        raise _broken(path, name, f"ไม่มี {', '.join(missing)} — เพิ่ม", f"lacks {', '.join(missing)}; add it")
    if unknown := sorted(set(entry) - _NEEDED - set(_LISTS)):
        raise _broken(path, name, f"ไม่รู้จัก {', '.join(unknown)} — ลบออก", f"has unknown {', '.join(unknown)}; take it away")  # fmt: skip
    for key in _TEXTS:
        if not isinstance(entry[key], str):
            raise _broken(path, name, f"{key} ต้องเป็นข้อความ", f"{key} must be a text", key)
    for key in _LISTS:
        given = entry.get(key, [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise _broken(path, name, f"{key} ต้องเป็นรายการข้อความ", f"{key} must be a list of texts", key)
    for key, codes in known.items():
        given = [entry[key]] if key == "urgency" else entry.get(key, [])
        if strange := sorted(set(given) - set(codes)):
            listed = ", ".join(codes)
            raise _broken(path, name, f"{key} ไม่รู้จัก {', '.join(strange)} — ใช้ {listed}", f"unknown {key} {', '.join(strange)}; use {listed}", key)  # fmt: skip
    conditions = tuple(_condition(path, name, item) for item in _tables(path, name, entry["when"]))
    if not conditions:
        raise _broken(path, name, "ไม่มีเงื่อนไข — เพิ่ม [[rule.when]]", "has no condition; add [[rule.when]]")
    return RecommendationRule(
        name, entry["theme"], entry["urgency"], tuple(entry["departments"]), entry["measure"], conditions,
        tuple(entry.get("partners", ())), tuple(entry.get("figures", ())),
    )  # fmt: skip


def _condition(path: Path, name: str, entry: Mapping[str, Any]) -> Condition:
    is_whole = set(entry) == {"fact", "operator", "value"}
    value = entry.get("value")
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_whole or str(entry["operator"]) not in _OPERATORS or not is_number:
        raise _broken(
            path,
            name,
            "เงื่อนไขต้องมี fact, operator (< <= > >=) และ value ที่เป็นตัวเลข",
            "a condition needs fact, operator (< <= > >=) and value, a number",
            "when",
        )
    fact = str(entry["fact"])
    if not is_fact(fact):
        raise _broken(path, name, f'ไม่รู้จักข้อเท็จจริง "{fact}" — ดูรายการต้นแฟ้ม', f'unknown fact "{fact}"; the head of the file lists them', "when.fact")  # fmt: skip
    return Condition(fact, entry["operator"], float(entry["value"]))


def _broken(path: Path, rule: str, th: str, en: str, field_name: str = "") -> DeclarationError:
    key = ".".join(part for part in (rule, field_name) if part)
    return broken_rules(path.name, key, th, f"{en}.")


def recommend(cells: Cells, context: Context, book: RuleBook | None = None) -> tuple[FiredRule, ...]:
    """Rules that fire in the issue's quarter, the most urgent first, in declared order within an urgency.

    A rule fires when its conditions hold and something bears them: the number itself beyond chance, the index's change on the
    year, or a published figure that is clearly worse than a year before. What only a published figure bears is not urgent.
    """
    book = book or load_rules()
    fired = []
    for declared in book.rules:
        evidence = [_evidence(cells, context, condition) for condition in declared.when]
        if not all(_holds(item, condition) for item, condition in zip(evidence, declared.when, strict=True)):
            continue
        known = tuple(item for item in evidence if item is not None)
        on_year = _on_year(cells, context, declared, known)
        beside = _published_beside(cells, context, declared, known)
        is_borne = on_year is not None or all(item.bears for item in known)
        if is_borne or beside:
            told = (*known, *((on_year,) if on_year else ()), *beside)
            own = declared if is_borne or declared.urgency != "now" else _less_urgent(declared, book)
            fired.append(_fired(context, book, own, told))
    return tuple(sorted(fired, key=lambda item: _ORDER.index(item.rule.urgency)))


def _less_urgent(declared: RecommendationRule, book: RuleBook) -> RecommendationRule:
    return replace(declared, urgency=next(name for name in _ORDER[1:] if name in book.urgencies))


def _fired(
    context: Context, book: RuleBook, declared: RecommendationRule, evidence: tuple[Evidence, ...]
) -> FiredRule:
    return FiredRule(
        declared,
        tuple(book.departments[code] for code in declared.departments),
        book.urgencies[declared.urgency],
        evidence,
        _places(context, declared),
        iso(context.quarter + _QUARTERS.get(declared.urgency, 4)),
        tuple(book.partners[code] for code in declared.partners),
    )


def _on_year(
    cells: Cells, context: Context, declared: RecommendationRule, known: tuple[Evidence, ...]
) -> Evidence | None:
    """The change on the year of a sub-index, where it is clear and the change or level that was asked for is not."""
    for condition, item in zip(declared.when, known, strict=True):
        kind, _, rest = condition.fact.partition(".")
        name, _, part = rest.rpartition(".")
        if kind == "labour" and part != "year" and not item.bears:
            found = _labour(cells, context, name, "year")
            way = item.number.value if part == "quarter" else item.number.value - 100
            if found is not None and found.bears and found.number.value * way > 0:
                return found
    return None


def _published_beside(
    cells: Cells, context: Context, declared: RecommendationRule, known: tuple[Evidence, ...]
) -> tuple[Evidence, ...]:
    """The published figure that stands behind a dimension's sub-index: points of an index alone are no evidence for a reader.

    Of each dimension that the rule looks at, the indicator with data whose part pulled the sub-index down most and whose published
    figure is worse than a year before by more than a slight change; none where no indicator is both, or one is told already.
    """
    if any(item.mover is not None for item in known):
        return ()
    period, found = iso(context.quarter), []
    for condition in declared.when:
        kind, _, rest = condition.fact.partition(".")
        name = rest.rpartition(".")[0]
        if kind != "labour" or name not in context.declarations.dimensions:
            continue
        facts = dimension_facts(cells, context, context.declarations.dimensions[name], period)
        parts = sorted(facts.parts, key=lambda part: part.sub.value)
        own = [part.indicator for part in parts if part.indicator is not None]
        asked = [item for item in own if not declared.figures or item.id in declared.figures]
        years = [mover_of(cells, item, period, "year") for item in asked]
        worse = [mover for mover in years if mover is not None and _is_clearly_worse(mover)]
        if worse:
            label = worse[0].indicator.spoken.th
            found.append(Evidence(label, "year", worse[0].change.number, None, worse[0]))
    return tuple(found)


def _is_clearly_worse(mover: Mover) -> bool:
    """Whether the published figure is worse than a year before by more than a slight change of the indicator's own."""
    published = mover.published_change
    is_large = mover.change.size in ("plain", "marked")
    return published is not None and published.quality == "worse" and is_large and _is_visible(published)


def _is_visible(change: Change) -> bool:
    """Whether two figures read more apart than one unit of their last decimal: 0.28 and 0.29 are no evidence for a reader."""
    least = 2 * 10**-change.number.decimals
    return abs(thai.rounded(change.number.value, change.number.decimals)) >= least - 1e-9


def _places(context: Context, declared: RecommendationRule) -> tuple[str, ...]:
    """Whom a measure is meant for: the groups that its conditions look at; none for the whole country."""
    codes = [item.fact.split(".")[1] for item in declared.when if item.fact.startswith("group.")]
    names = [
        context.declarations.groups[code].name.th for code in codes if code in context.declarations.groups
    ]
    return tuple(dict.fromkeys(names))


def _holds(evidence: Evidence | None, condition: Condition) -> bool:
    """Whether the number meets the condition, and both ends of its interval where it has one."""
    if evidence is None:
        return False
    numbers = (evidence.number, *(evidence.interval or ()))
    return all(_OPERATORS[condition.operator](number.value, condition.value) for number in numbers)


# ------------------------------------------------------------------------------------------------- facts

_THREE_PARTS = {"labour", "group", "employer", "worker", "action"}
_FIXED = {
    "indicator": ("quarter", "year"),
    "employer_item": ("level",),
    "worker_item": ("level",),
    "trait_gap": ("places",),
    "priority": ("rank",),
}


def is_fact(fact: str) -> bool:
    """Whether a fact's form is known (its ids are judged on the data: an absent one never holds)."""
    kind, _, rest = fact.partition(".")
    name, _, part = rest.rpartition(".")
    if kind == "forecast":
        return rest in ("change", "end")
    if kind in _THREE_PARTS:
        return bool(name) and part in _PARTS
    return kind in _FIXED and bool(name) and part in _FIXED[kind]


def _evidence(cells: Cells, context: Context, condition: Condition) -> Evidence | None:
    """The number a condition judges, with its name; None when the quarter has none."""
    kind, _, rest = condition.fact.partition(".")
    name, _, part = rest.rpartition(".")
    if kind == "forecast":
        return _forecast(cells, context, rest)
    return _FACTS[kind](cells, context, name, part)


def _of_movement(label: str, part: str, moved: Movement) -> Evidence | None:
    change = {"quarter": moved.quarter, "year": moved.year}.get(part)
    if part == "level":
        return None if moved.level is None else Evidence(label, part, moved.level, moved)
    if change is None or change.is_significant is False:
        return None  # what chance alone may have made is no change
    return Evidence(label, part, change.number, moved)


def _with_interval(
    made: Evidence | None, cells: Cells, table: str, key: Mapping[str, str]
) -> Evidence | None:
    """The evidence with the 95 % interval of its level, where the table has one."""
    if made is None or made.part not in ("level", "rank"):
        return made
    low, high = (cells.number(table, name, key) for name in ("low", "high"))
    return made if low is None or high is None else replace(made, interval=(low, high))


def _labour(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    dimensions = context.declarations.dimensions
    label = (
        "ดัชนีเศรษฐกิจแรงงาน"
        if name == "overall"
        else f"ดัชนีมิติ{dimensions[name].name.th}"
        if name in dimensions
        else ""
    )
    key = {"dimension": name, "group": "TH"}
    period = iso(context.quarter)
    made = _of_movement(label, part, movement(cells, "labour_index", period, key=key))
    clarity, ends = clarity_of(cells, name, period).get(part), band(cells, name, period)
    if made is None:
        return None
    if part == "level":
        return made if ends is None else replace(made, bears=ends[0].value > 100 or ends[1].value < 100)
    return made if clarity is None else replace(made, clarity=clarity, bears=clarity.is_clear)


def _group(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    group = context.declarations.groups.get(name)
    if group is None:
        return None
    key = {"dimension": "overall", "group": name}
    period = iso(context.quarter)
    made = _of_movement(
        f"ดัชนีเศรษฐกิจแรงงานของ{group.name.th}", part, movement(cells, "labour_index", period, key=key)
    )
    place = {"kind": group.kind, "group": group.code, "period": period}
    low, high = (cells.value("group_ranking", end, place) for end in ("low", "high"))
    if made is None or part != "level" or low is None or high is None:
        return made
    return replace(made, bears=low > 100 or high < 100)


def _indicator(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    indicator = context.declarations.indicators.get(name)
    key = {"period": iso(context.quarter), "against": part, "indicator": name}
    number = cells.number("movers", "change_sd", key, unit="ส่วนเบี่ยงเบนมาตรฐาน", decimals=2)
    if indicator is None or number is None:
        return None
    mover = mover_of(cells, indicator, iso(context.quarter), part)
    told = mover.published_change if mover is not None and part == "year" else None
    return Evidence(indicator.spoken.th, part, number, None, mover, bears=told is None or _is_visible(told))


def _confidence(survey: str) -> Callable[[Cells, Context, str, str], Evidence | None]:
    def fact(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
        asked = context.declarations.questionnaires[survey]
        domain = next((item.name.th for item in asked.domains if item.id == name), "")
        label = asked.index_name.th + (f" {_domain(domain)}" if domain else "")
        key = {"survey": survey, "domain": name, "group": "TH"}
        period = iso(context.quarter)
        made = _of_movement(label, part, movement(cells, "confidence", period, key=key))
        made = _with_interval(made, cells, "confidence", key | {"period": period})
        if made is None or part != "level":
            return made
        levels = {
            item.id: number
            for item in asked.domains
            if (number := cells.number("confidence", "value", key | {"domain": item.id, "period": period}))
        }
        return replace(made, lowest=_lowest(name, levels))

    return fact


def _lowest(name: str, levels: Mapping[str, Number]) -> Claim | None:
    """That one of several levels is the lowest; None where another one reads as low."""
    others = [thai.rounded(number.value, number.decimals) for code, number in levels.items() if code != name]
    own = levels.get(name)
    if own is None or not others or thai.rounded(own.value, own.decimals) >= min(others):
        return None
    return provenance.superlative((name, own), list(levels.items()), "lowest")


def _domain(name: str) -> str:
    return name if name.startswith("ด้าน") else f"ด้าน{name}"


def _item(survey: str) -> Callable[[Cells, Context, str, str], Evidence | None]:
    def fact(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
        asked = context.declarations.questionnaires[survey]
        text = next((item.text.th for item in asked.items if item.column == name), "")
        key = {"survey": survey, "item": name, "group": "TH"}
        period = iso(context.quarter)
        moved = movement(cells, "confidence_items", period, key=key)
        made = _of_movement(f"คะแนนข้อ “{text}”", part, moved)
        return _with_interval(made, cells, "confidence_items", key | {"period": period})

    return fact


def _action(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    actions = context.declarations.questionnaires["worker"].actions
    label = next((item.name.th for item in actions if item.id == name), "")
    moved = movement(
        cells,
        "employer_actions",
        iso(context.quarter),
        column="share",
        unit="จุดร้อยละ",
        factor=100,
        polarity=-1,
        key={"action": name},
    )
    return _of_movement(f"สัดส่วนแรงงานที่พบว่านายจ้างดำเนินการ: {label}", part, moved)


def _trait_gap(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    traits = context.declarations.questionnaires["employer"].traits
    label = next((item.name.th for item in traits if item.id == name), "")
    key = {"trait": name, "period": iso(context.quarter)}
    wanted, rated = (
        cells.number("trait_gap", column, key, unit="ลำดับ", decimals=0)
        for column in ("rank_share", "rank_rating")
    )
    if wanted is None or rated is None:
        return None
    least = least_places(
        cells, next(item for item in traits if item.id == name), traits, iso(context.quarter)
    )
    if least is not None and int(least.says) <= 0:
        return None  # within their intervals the two ranks may be the same
    return Evidence(f"ผลประเมิน “{label}” ตามหลังความต้องการ", part, rated - wanted, None)


def _priority(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    aspects = context.declarations.questionnaires["worker"].aspects
    label = next((item.name.th for item in aspects if item.id == name), "")
    key = {"aspect": name, "period": iso(context.quarter)}
    number = cells.number("priorities", "mean_rank", key, decimals=2)
    if number is None:
        return None
    return _with_interval(
        Evidence(f"ลำดับความสำคัญเฉลี่ยของด้าน{label}", part, number, None), cells, "priorities", key
    )


def _forecast(cells: Cells, context: Context, part: str) -> Evidence | None:
    ahead = sorted(str(item) for item in cells.rows("forecast").get("period", []))
    if not ahead:
        return None
    end = cells.number("forecast", "mean", {"period": ahead[-1]}, unit="จุด")
    if part == "end" or end is None:
        return None if end is None else Evidence("ค่าพยากรณ์ดัชนีเศรษฐกิจแรงงานในอีก 4 ไตรมาส", part, end, None)
    key = {"dimension": "overall", "group": "TH", "period": iso(context.quarter)}
    now = cells.number("labour_index", "value", key, unit="จุด")
    return None if now is None else Evidence("ค่าพยากรณ์ดัชนีเศรษฐกิจแรงงานในอีก 4 ไตรมาส", part, end - now, None)


_FACTS: Mapping[str, Callable[[Cells, Context, str, str], Evidence | None]] = {
    "labour": _labour,
    "group": _group,
    "indicator": _indicator,
    "employer": _confidence("employer"),
    "worker": _confidence("worker"),
    "employer_item": _item("employer"),
    "worker_item": _item("worker"),
    "action": _action,
    "trait_gap": _trait_gap,
    "priority": _priority,
}
