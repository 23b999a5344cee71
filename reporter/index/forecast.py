"""Forecast of the composite four quarters ahead: the best of several models, with intervals that hold.

Goes in: ``labour_index`` and ``macro`` (docs/tables.md), the issue's quarter, a seed, and optionally the forecasts and index vintages of
earlier issues. Comes out: ``forecast``, ``forecast_evaluation``, ``forecast_scorecard``, ``forecast_notes``.
Method: study 3.3.5 (method.md, 1 step 9); the parts are in forecast_models, _sarima, _ets, _evaluation, _intervals.
Too short a series gives empty tables and a note that says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.domain import schema
from reporter.domain.periods import iso, parse_period
from reporter.domain.thai import number, quarter_th
from reporter.index import forecast_evaluation as rolling_origins
from reporter.index import forecast_models, var_tests
from reporter.index.forecast_evaluation import (
    BENCHMARK,
    MODELS,
    SMALL_MODELS,
    Rolling,
)
from reporter.index.forecast_models import HORIZONS, History, Path
from reporter.index.panel import longest_run

Tables = dict[str, pd.DataFrame]
Array = NDArray[np.float64]

MIN_QUARTERS = (
    18  # ten quarters to estimate on, eight origins to judge by: below, no model can be told from another
)
_ALL_MODELS_FROM = 30  # SARIMA, ETS and VAR need 24 quarters to converge, and origins after them
_MAX_MACRO_LAG = 2  # a variable known later than that tells nothing of the coming quarters
_SHOCK = 4.0  # robust standard deviations of a quarterly change that is named as a shock
_SCORECARD_ORIGINS = 8  # two years of earlier forecasts: what a reader remembers

MODEL_NAMES = {
    "naive": "ค่าล่าสุด",
    BENCHMARK: "ค่าไตรมาสเดียวกันของปีก่อน",
    "sarima": "SARIMA",
    "ets": "ETS (การปรับเรียบแบบเลขชี้กำลัง)",
    "theta": "Theta",
    "ar": "AR",
    "var": "VAR ร่วมกับตัวแปรเศรษฐกิจมหภาค",
    "joint": "แบบจำลองร่วมของดัชนี",
    "mean": "ค่าเฉลี่ยของทุกแบบจำลอง",
    "procedure": "การเลือกแบบจำลองทั้งกระบวนการ",
}


@dataclass
class _Notes:
    """What the appendix says about how the forecast was made: item, number, sentence."""

    rows: list[tuple[str, float, str]] = field(default_factory=list)

    def add(self, item: str, value: float, text_th: str) -> None:
        """One more row."""
        self.rows.append((item, float(value), text_th))

    def frame(self) -> pd.DataFrame:
        """``forecast_notes``."""
        return pd.DataFrame(self.rows, columns=schema.columns("forecast_notes"))


def compute(
    labour_index: pd.DataFrame,
    macro: pd.DataFrame,
    quarter: pd.Period,
    *,
    seed: int,
    earlier: pd.DataFrame | None = None,
    vintages: pd.DataFrame | None = None,
    simulated: pd.DataFrame | None = None,
) -> Tables:
    """Forecast the composite of ``TH`` for the four quarters after ``quarter``.

    labour_index  dimension, group, period, value
    macro         variable, period, value; a variable that ended more than two quarters ago stays out of the VAR
    earlier       issued, period, mean, low80, high80: forecasts that earlier issues published
    vintages      issued, period, value: the composite as earlier issues published it; origins that have one use it
    simulated     ``index_vintages``: the composite and the joint model's forecast as seen from every past quarter
    Returns       tables without rows, and the reason in forecast_notes, when there are under 18 quarters
    """
    notes = _Notes()
    index = _series(labour_index, quarter)
    if refused := _refusal(index, quarter):
        notes.add("refused", len(index), refused)
        return _empty(notes)
    values = index.to_numpy(dtype=float)
    names: tuple[str, ...] = MODELS if len(values) >= _ALL_MODELS_FROM else SMALL_MODELS
    columns, lags = _macro_columns(macro, pd.PeriodIndex(index.index), notes)
    ahead = _joint_forecasts(simulated, index)
    known = _known_vintages(_up_to_origin(simulated), index) | _known_vintages(vintages, index)
    if not ahead:
        names = tuple(name for name in names if name != rolling_origins.JOINT)
    rolling = rolling_origins.roll(values, columns, names, macro_lag=lags, vintages=known, ahead=ahead)
    history = History(values, columns, forecast_models.is_seasonal(values))
    forms = rolling_origins.identify(history)
    paths = rolling_origins.forecast_all(history, forms, names, ahead.get(len(values) - 1))
    rolling_origins.add_procedure(rolling, names)
    winner, ratios = rolling_origins.choose(rolling, names, set(paths))
    half = rolling_origins.intervals_at(rolling, winner, len(values) - 1, paths[winner].sd)
    _describe(notes, rolling, index, winner, ratios, forms)
    return {
        "forecast": _forecast(quarter, paths[winner], half),
        "forecast_evaluation": rolling_origins.evaluation(rolling, names, winner, values, seed),
        "forecast_scorecard": (
            _from_origins(rolling, winner, index) if earlier is None else _from_issues(earlier, index)
        ),
        "forecast_notes": notes.frame(),
    }


def _series(labour_index: pd.DataFrame, quarter: pd.Period) -> pd.Series:
    """The composite by quarter up to the issue's: the last stretch without a hole."""
    rows = labour_index[(labour_index["dimension"] == "overall") & (labour_index["group"] == "TH")]
    rows = rows.dropna(subset=["value"])
    quarters = pd.PeriodIndex([parse_period(text) for text in rows["period"]], freq="Q-DEC")
    index = pd.Series(rows["value"].to_numpy(dtype=float), index=quarters).sort_index().loc[:quarter]
    gaps = np.flatnonzero(np.diff(pd.PeriodIndex(index.index).asi8) != 1)
    return index.iloc[gaps[-1] + 1 :] if len(gaps) else index


def _refusal(index: pd.Series, quarter: pd.Period) -> str:
    """Why there is no forecast, or an empty text."""
    if len(index) < MIN_QUARTERS:
        return f"ไม่ได้พยากรณ์ เนื่องจากดัชนีมีข้อมูลต่อเนื่อง {len(index)} ไตรมาส น้อยกว่าเกณฑ์ขั้นต่ำ {MIN_QUARTERS} ไตรมาส"
    if index.index[-1] != quarter:
        return f"ไม่ได้พยากรณ์ เนื่องจากดัชนีสิ้นสุดที่{quarter_th(index.index[-1])} ก่อนไตรมาสของรายงาน"
    if var_tests.is_constant(index.to_numpy(dtype=float)):
        return "ไม่ได้พยากรณ์ เนื่องจากดัชนีไม่เปลี่ยนแปลงตลอดช่วงข้อมูล"
    return ""


def _empty(notes: _Notes) -> Tables:
    return {
        "forecast": schema.empty("forecast"),
        "forecast_evaluation": schema.empty("forecast_evaluation"),
        "forecast_scorecard": schema.empty("forecast_scorecard"),
        "forecast_notes": notes.frame(),
    }


def _macro_columns(
    macro: pd.DataFrame, quarters: pd.PeriodIndex, notes: _Notes
) -> tuple[Array | None, tuple[int, ...]]:
    """Macro variables on the index's quarters and how many quarters later each of them comes."""
    columns, lags = [], []
    for variable in sorted(set(macro["variable"])):
        rows = macro[macro["variable"] == variable].dropna(subset=["value"])
        known = pd.PeriodIndex([parse_period(text) for text in rows["period"]], freq="Q-DEC")
        column = pd.Series(rows["value"].to_numpy(dtype=float), index=known).groupby(level=0).mean()
        column = column.reindex(quarters)
        present = np.flatnonzero(column.notna().to_numpy())
        lag = len(quarters) - 1 - int(present[-1]) if len(present) else len(quarters)
        if lag > _MAX_MACRO_LAG:
            notes.add(
                "macro_left_out",
                lag,
                f"แบบจำลอง VAR ไม่ใช้ตัวแปร {variable} เนื่องจากไม่มีข้อมูลใน {_MAX_MACRO_LAG} ไตรมาสล่าสุด",
            )
            continue
        columns.append(column.to_numpy(dtype=float))
        lags.append(lag)
    return (np.column_stack(columns), tuple(lags)) if columns else (None, ())


def _known_vintages(vintages: pd.DataFrame | None, index: pd.Series) -> dict[int, Array]:
    """By origin: the composite as published then, where that issue exists and reaches back without a hole."""
    found: dict[int, Array] = {}
    if vintages is None:
        return found
    for issued, rows in vintages.dropna(subset=["value"]).groupby("issued"):
        origin = parse_period(str(issued))
        if origin not in index.index:
            continue
        known = pd.Series(
            rows["value"].to_numpy(dtype=float),
            index=pd.PeriodIndex([parse_period(text) for text in rows["period"]], freq="Q-DEC"),
        )
        expected = index.loc[:origin].index
        run = longest_run(known.reindex(expected).to_frame("value"))
        if len(run) == len(expected):
            found[len(expected) - 1] = run["value"].to_numpy(dtype=float)
    return found


def _up_to_origin(simulated: pd.DataFrame | None) -> pd.DataFrame | None:
    """Simulated vintages without their forecasts."""
    return None if simulated is None else simulated[simulated["period"] <= simulated["issued"]]


def _joint_forecasts(simulated: pd.DataFrame | None, index: pd.Series) -> dict[int, Array]:
    """By origin: what the joint model forecast for the four quarters after it."""
    if simulated is None or simulated.empty:
        return {}
    places = {iso(quarter): place for place, quarter in enumerate(pd.PeriodIndex(index.index))}
    later = simulated[simulated["period"] > simulated["issued"]]
    return {
        places[str(issued)]: rows.sort_values("period")["value"].to_numpy(dtype=float)[:HORIZONS]
        for issued, rows in later.groupby("issued")
        if str(issued) in places and len(rows) >= HORIZONS
    }


def _forecast(quarter: pd.Period, path: Path, half: Array) -> pd.DataFrame:
    """``forecast``."""
    return pd.DataFrame(
        {
            "period": [iso(quarter + step) for step in range(1, HORIZONS + 1)],
            "mean": path.mean,
            "low80": path.mean - half[:, 0],
            "high80": path.mean + half[:, 0],
            "low95": path.mean - half[:, 1],
            "high95": path.mean + half[:, 1],
        }
    )


def _from_origins(rolling: Rolling, winner: str, index: pd.Series) -> pd.DataFrame:
    """Scorecard of the winner's rolling forecasts: nobody published these, and ``kind`` says so."""
    rows = []
    places = [p for p in range(len(rolling.origins)) if np.isfinite(rolling.means[winner][p, 0])]
    for place in places[-_SCORECARD_ORIGINS:]:
        origin = rolling.origins[place]
        half = rolling_origins.intervals_at(rolling, winner, origin, rolling.sds[winner][place])[:, 0]
        for step in range(HORIZONS):
            if np.isfinite(rolling.actual[place, step]):
                mean = float(rolling.means[winner][place, step])
                rows.append((index.index[origin], step + 1, mean, mean - half[step], mean + half[step]))
    frame = pd.DataFrame(rows, columns=["origin", "step", "mean", "low80", "high80"])
    issued = [iso(origin) for origin in frame["origin"]]
    periods = [iso(origin + step) for origin, step in zip(frame["origin"], frame["step"], strict=True)]
    return _scored(frame.assign(issued=issued, period=periods), index, "rolling_origin")


def _from_issues(earlier: pd.DataFrame, index: pd.Series) -> pd.DataFrame:
    """Scorecard of published forecasts whose quarter has come."""
    return _scored(earlier.sort_values(["issued", "period"]), index, "published")


def _scored(forecasts: pd.DataFrame, index: pd.Series, kind: str) -> pd.DataFrame:
    """Forecasts beside what came; forecasts of quarters that have not come stay out."""
    actual = {iso(quarter): float(value) for quarter, value in index.items()}  # type: ignore[arg-type]
    kept = forecasts[forecasts["period"].isin(list(actual))].reset_index(drop=True)
    came = kept["period"].map(actual).astype(float)
    scored = kept.assign(
        actual=came,
        error=came - kept["mean"],
        inside80=(came >= kept["low80"]) & (came <= kept["high80"]),
        kind=kind,
    )
    return scored[schema.columns("forecast_scorecard")]


def _describe(
    notes: _Notes,
    rolling: Rolling,
    index: pd.Series,
    winner: str,
    ratios: dict[str, float],
    forms: rolling_origins.Forms,
) -> None:
    """How the choice was made, which fits failed, which shocks are in the sample."""
    split = rolling_origins.split_origin(rolling)
    first, last = index.index[rolling.origins[0]], index.index[rolling.origins[-1]]
    choosing = sum(origin < split for origin in rolling.origins)
    notes.add(
        "origins",
        len(rolling.origins),
        f"ทดสอบพยากรณ์ย้อนหลังจาก{quarter_th(first)} ถึง{quarter_th(last)} รวม {len(rolling.origins)} ครั้ง "
        f"ใช้ {choosing} ครั้งแรกเลือกแบบจำลอง และใช้ส่วนที่เหลือรายงานความคลาดเคลื่อน",
    )
    notes.add(
        "winner",
        ratios[winner],
        f"แบบจำลองที่เลือกคือ {MODEL_NAMES[winner]} ซึ่งมีความคลาดเคลื่อนสัมบูรณ์เฉลี่ยเป็น {number(ratios[winner], 2)} เท่า"
        "ของการใช้ค่าล่าสุด",
    )
    if "sarima" in rolling.means:
        notes.add("sarima_order", 0, f"อันดับของแบบจำลอง SARIMA คือ {forms.sarima}")
        notes.add("ets_form", 0, f"รูปแบบของแบบจำลอง ETS คือ {forms.ets}")
    for name, failures in rolling.failed.items():
        if failures:
            notes.add(
                f"failed_{name}",
                failures,
                f"แบบจำลอง {MODEL_NAMES[name]} ประมาณค่าไม่ได้ {failures} จาก {len(rolling.origins)} ครั้ง และไม่นับในครั้งนั้น",
            )
    changes = index.diff().dropna()
    spread = forecast_models.robust_sd(changes.to_numpy(dtype=float))
    for period, change in changes[changes.abs() > _SHOCK * spread].items():
        assert isinstance(period, pd.Period)
        notes.add(
            "shock",
            float(change),
            f"ดัชนีเปลี่ยนแปลง {number(float(change), 1)} จุดใน{quarter_th(period)} ซึ่งผิดปกติ ค่านี้ยังอยู่ในข้อมูล "
            "แต่จำกัดผลต่อความกว้างของช่วงพยากรณ์",
        )


# ----------------------------------------------------------------------------------------------------
# Forecast of the composite: candidates, choice by real-time errors, intervals. In and out: ``stage.compute``.
# ----------------------------------------------------------------------------------------------------

__all__ = ["compute"]
