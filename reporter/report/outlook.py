"""Facts of the forecast: the path of four quarters, its bands, the model that won, how earlier forecasts did.

Goes in: ``forecast``, ``forecast_evaluation``, ``forecast_scorecard``. Comes out: ``ForecastFacts``. Study 3.3.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reporter.domain.context import Context
from reporter.domain.periods import iso
from reporter.domain.rules import rule, steps
from reporter.report import claims
from reporter.report.document import Claim
from reporter.report.labour import LabourFacts
from reporter.report.movement import Change
from reporter.report.numbers import Cells, Number

# A forecast is flat, rising or falling by wider steps than an observed change: its bands are wide.
PATH_STEPS = steps("forecast")

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
    """How the chosen model did at one horizon, out of sample."""

    horizon: int
    rmse: Number
    mae: Number
    mase: Number | None
    coverage80: Number | None


@dataclass(frozen=True)
class Checked:
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
        return None if self.band is None else claims.interval(*self.band, self.actual)

    @property
    def is_exact(self) -> bool:
        """Whether forecast and outcome read the same."""
        return self.mean.text == self.actual.text


@dataclass(frozen=True)
class ForecastFacts:
    """The path and what is known about its quality; ``shape`` rising|falling|flat|hump|dip.

    ``best_later``  model of the lowest mean error in the reported part, where that is not the chosen one
    """

    path: tuple[Ahead, ...]
    change: Change | None
    shape: str
    covers_neutral: bool
    model: str
    scores: tuple[Score, ...]
    benchmarks: tuple[tuple[str, Number], ...]
    latest: Checked | None
    inside: Number | None
    checked: Number | None
    notes: tuple[str, ...] = ()
    best_later: str = ""
    start: Number | None = None

    @property
    def claim(self) -> Claim:
        """The shape of the path, from the level that is known."""
        return claims.forecast(self.shape, [step.mean for step in self.path], self.start, PATH_STEPS.still)

    @property
    def neutral_claim(self) -> Claim:
        """Whether the 80 % band of the last quarter holds the long-run average."""
        return claims.interval(self.end.low80, self.end.high80, 100)

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
    change = None if level is None else Change(path[-1].mean - level, PATH_STEPS)
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
        benchmarks=_gains(cells, model),
        latest=_latest(cells, period),
        inside=cells.count("forecast_scorecard", issued | {"inside80": "True"}) if has_scores else None,
        checked=cells.count("forecast_scorecard", issued) if has_scores else None,
        notes=_notes(cells, context),
        best_later=_best_later(cells, model),
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
    still = PATH_STEPS.still
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
            )
        )
    return model, tuple(found)


_BENCHMARKS = {
    "การใช้ค่าล่าสุด": ("naive", "rw"),
    "แบบจำลอง AR": ("ar",),
    "การใช้ค่าไตรมาสเดียวกันของปีก่อน": ("snaive", "seasonal_naive"),
}


def _gains(cells: Cells, model: str) -> tuple[tuple[str, Number], ...]:
    """By how many per cent the model's error one quarter ahead is below that of simple rules; negative: above."""
    found = []
    own = cells.number("forecast_evaluation", "rmse", {"model": model, "horizon": "1"}, decimals=0)
    for label, names in _BENCHMARKS.items():
        for name in names:
            simple = cells.number("forecast_evaluation", "rmse", {"model": name, "horizon": "1"}, decimals=0)
            if simple is not None and own is not None and name != model and simple.value > 0:
                found.append((label, (simple - own).over(simple, 100, "ร้อยละ", 0)))
                break
    return tuple(found)


def _best_later(cells: Cells, chosen: str) -> str:
    """Thai name of the model with the lowest RMSE over the horizons of the reported part; empty for the chosen one."""
    frame = cells.rows("forecast_evaluation")
    if frame.empty or not chosen:
        return ""
    models = frame[
        frame["model"] != "procedure"
    ]  # what choosing at every origin would have given is no model
    means = models.groupby("model", sort=False)["rmse"].mean().dropna()
    best = str(means.idxmin()) if len(means) else chosen
    return "" if best == chosen else model_name(best)


def _latest(cells: Cells, period: str) -> Checked | None:
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
    return Checked(issued, mean, actual, error, inside, was_published, band)


def _notes(cells: Cells, context: Context) -> tuple[str, ...]:
    """How the choice was made, macro variables under their names."""
    found = []
    for text in cells.rows("forecast_notes").get("text_th", pd.Series(dtype=str)):
        said = str(text)
        for variable in context.declarations.macro.values():
            said = said.replace(variable.id, variable.name.th)
        found.append(said)
    return tuple(found)
