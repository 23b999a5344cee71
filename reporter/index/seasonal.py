"""Seasonal adjustment of every indicator with one method: X-13ARIMA-SEATS, X-11 filters on a regARIMA model.

Goes in: raw series. Comes out: adjusted series, a quality sheet and the models used. A model (log or level, ARIMA
order, outliers, holiday regressors) is identified on the years before the issue's year and kept for that year, while
its parameters are estimated anew each quarter (partial concurrent adjustment: ESS Guidelines on Seasonal Adjustment,
2024). What its source has adjusted, what is too short and what shows no seasonality is left alone, and the sheet says
so. Where X-13 stops, the declared order of fallbacks is: the kept model, the airline model without regressors, STL;
the sheet and qa.json name every series that needed one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from reporter.domain import schema
from reporter.index import seasonal_fallback, x13
from reporter.index.holidays import new_year_regressors, working_day_regressors
from reporter.index.panel import Series, last_row, periods

Key = tuple[str, str]
YEARS_NEEDED = 3
YEARS_TO_IDENTIFY = 5
MOST_HOLES = 40
SEASONAL_P = 0.01
AIRLINE = "(0 1 1)(0 1 1)"
_FLOWS = frozenset({"index", "positions", "persons"})  # what is counted or produced day by day
NOTES = {
    "by_source": "หน่วยงานเจ้าของข้อมูลปรับฤดูกาลมาแล้ว จึงไม่ปรับซ้ำ",
    "too_short": "ข้อมูลไม่ถึง 3 ปี จึงยังปรับฤดูกาลไม่ได้",
    "not_seasonal": "ไม่พบรูปแบบฤดูกาลจากการทดสอบ จึงใช้ข้อมูลเดิม",
    "adjusted": "",
    "failed": "ปรับฤดูกาลไม่สำเร็จทั้งด้วย X-13ARIMA-SEATS และ STL จึงใช้ข้อมูลเดิม",
}
FALLBACK_NOTES = {
    "identification": f"X-13ARIMA-SEATS เลือกแบบจำลองพร้อมค่าผิดปกติไม่สำเร็จ จึงเลือกโดยไม่ค้นหาค่าผิดปกติ หรือใช้แบบจำลองพื้นฐาน {AIRLINE}",
    "x13_airline": f"แบบจำลองที่ใช้ประจำปีประมาณค่าไม่สำเร็จ จึงปรับฤดูกาลด้วย X-13ARIMA-SEATS แบบจำลองพื้นฐาน {AIRLINE}",
    "stl": "X-13ARIMA-SEATS ปรับฤดูกาลไม่สำเร็จ จึงใช้วิธี STL แทน",
}


class Model(NamedTuple):
    """A regARIMA model kept for a year; ``seasonal`` False: tested, and not to be adjusted."""

    model: str
    mode: str
    outliers: tuple[str, ...]
    regressors: str
    seasonal: bool


@dataclass(frozen=True)
class Adjusted:
    """Adjusted series by (indicator, group); quality sheet and models in the order of the keys."""

    values: Mapping[Key, pd.Series]
    quality: pd.DataFrame
    models: pd.DataFrame


Runner = Callable[[Sequence[x13.Spec]], list[x13.Output]]


def adjust(
    series: Mapping[Key, Series],
    identify_until: pd.Period,
    frozen: pd.DataFrame | None = None,
    run: Runner = x13.run,
) -> Adjusted:
    """Adjust all series.

    identify_until  last quarter whose data may choose a model; a series with less than five years until then is
                    identified on all it has
    frozen          models of an earlier run (``seasonal_models``); what they lack is identified
    run             runs X-13 on a batch; groups pass one that spreads batches over processes
    """
    verdicts = {key: _verdict(item) for key, item in series.items()}
    open_keys = [key for key in series if not verdicts[key]]
    models = _stored(frozen, open_keys)
    found, unidentified = _identified(
        {key: series[key] for key in open_keys if key not in models}, identify_until, run
    )
    models |= found
    to_run = [key for key in open_keys if models[key].seasonal]
    outputs = dict(
        zip(to_run, run([_fixed(series[key], models[key], identify_until) for key in to_run]), strict=True)
    )
    retried = [key for key in to_run if outputs[key].adjusted is None]
    outputs |= dict(zip(retried, run([_plain(series[key]) for key in retried]), strict=True))
    values: dict[Key, pd.Series] = {}
    rows = []
    for key, item in series.items():
        verdict = verdicts[key] or ("adjusted" if models[key].seasonal else "not_seasonal")
        done = _Done("none", item.values, None)
        if verdict == "adjusted":
            done = _done(item, models[key], outputs[key], was_retried=key in retried)
            verdict = "failed" if done.method == "none" else verdict
        values[key] = done.values
        note = _note(verdict, done.method, is_unidentified=key in unidentified)
        rows.append([*_quality(key, item, models.get(key), done), verdict, note])
    # The stationarity tests of what was adjusted come later (``national``).
    known = [name for name in schema.columns("seasonal_quality") if not name.startswith(("adf_", "kpss_"))]
    return Adjusted(values, pd.DataFrame(rows, columns=known), _frame(models, identify_until))


class _Done(NamedTuple):
    """How a series was adjusted ("x13", "x13_airline", "stl", "none"), the result, X-13's diagnostics."""

    method: str
    values: pd.Series
    output: x13.Output | None


def _done(item: Series, model: Model, output: x13.Output, *, was_retried: bool) -> _Done:
    if output.adjusted is not None:
        # What was not observed is not an observation: the holes stay.
        kept = output.adjusted.where(item.values.notna())
        return _Done("x13_airline" if was_retried else "x13", kept, output)
    replaced = seasonal_fallback.stl(item.values, model.mode)
    return _Done("none", item.values, None) if replaced is None else _Done("stl", replaced, None)


def _note(verdict: str, method: str, *, is_unidentified: bool) -> str:
    if verdict == "adjusted" and method == "x13" and is_unidentified:
        return FALLBACK_NOTES["identification"]
    return FALLBACK_NOTES.get(method, "") if verdict == "adjusted" else NOTES[verdict]


def _verdict(item: Series) -> str:
    """Why a series is not given to X-13, or ""."""
    if item.adjusted:
        return "by_source"
    seen = item.values.dropna()
    if len(item.values) < YEARS_NEEDED * item.per_year or len(seen) < 0.5 * YEARS_NEEDED * item.per_year:
        return "too_short"
    return "not_seasonal" if seen.nunique() < 2 else ""


def _identified(
    series: Mapping[Key, Series], identify_until: pd.Period, run: Runner
) -> tuple[dict[Key, Model], set[Key]]:
    """Models found automatically, after testing for seasonality (QS and the combined test); keys that needed a simpler search."""
    specs = [_automatic(item, identify_until) for item in series.values()]
    outputs = run(specs)
    failed = [position for position, output in enumerate(outputs) if output.adjusted is None]
    simpler = [
        [
            replace(specs[position], outliers=()) for position in failed
        ],  # where the search for outliers broke off
        [
            replace(specs[position], model=AIRLINE, outliers=(), holiday=None, trading_days=False)
            for position in failed
        ],
    ]
    for attempt in simpler:
        still = [place for place, position in enumerate(failed) if outputs[position].adjusted is None]
        for place, again in zip(still, run([attempt[place] for place in still]), strict=True):
            outputs[failed[place]] = again
    keys = list(series)
    models = {key: _model(output, series[key]) for key, output in zip(keys, outputs, strict=True)}
    return models, {keys[position] for position in failed}


def _automatic(item: Series, identify_until: pd.Period) -> x13.Spec:
    values = item.values
    known = values[: last_row(values, identify_until)]
    if known.notna().sum() >= YEARS_TO_IDENTIFY * item.per_year:
        values = known.loc[: known.last_valid_index()]
    offered = _offered(item)
    return x13.Spec(
        _filled(values),
        transform=_transform(values),
        holiday=_holiday(offered, periods(values)),
        trading_days="td" in offered,
    )


def _offered(item: Series) -> tuple[str, ...]:
    """Regressors among which AICC chooses: working days move flows and indices, the new year alone may move rates."""
    if not item.is_monthly:
        return ()
    return ("holidays", "td") if item.indicator.unit in _FLOWS else ("cny",)


def _holiday(codes: Sequence[str], index: pd.PeriodIndex) -> pd.DataFrame | None:
    """The user regressors that a model's codes name."""
    if "holidays" in codes:
        return working_day_regressors(index)
    return new_year_regressors(index) if "cny" in codes else None


def _transform(values: pd.Series) -> str:
    return "auto" if (values.dropna() > 0).all() else "none"


def _fixed(item: Series, model: Model, identify_until: pd.Period) -> x13.Spec:
    """The model kept for the year, open to new outliers after the period that chose it."""
    values = _filled(item.values)
    first_new = last_row(values, identify_until) + 1
    codes = model.regressors.split()
    return x13.Spec(
        values,
        model=model.model,
        transform=model.mode if (item.values.dropna() > 0).all() else "none",
        outliers=model.outliers,
        outliers_from=first_new if values.index[0] < first_new <= values.index[-1] else None,
        holiday=_holiday(codes, periods(values)),
        test_holiday=False,
        trading_days="td" in codes and item.is_monthly,
    )


def _plain(item: Series) -> x13.Spec:
    """What is tried when the kept model fails: the airline model without regressors."""
    return x13.Spec(_filled(item.values), model=AIRLINE, transform=_transform(item.values), outliers=())


def _filled(values: pd.Series) -> pd.Series:
    """Leave few holes to X-13; many would need more regressors than it has, so they are bridged beforehand."""
    return values if values.isna().sum() <= MOST_HOLES else seasonal_fallback.bridged(values)


def _model(output: x13.Output, item: Series) -> Model:
    if output.adjusted is None:
        return Model(AIRLINE, "none", (), "", seasonal_fallback.is_seasonal(item.values))
    found = output.diagnostics
    evident = found.get("f2.idseasonal") == "yes" or output.number("qsorievadj", 1) < SEASONAL_P
    outliers = tuple(_outlier(key) for key in found if key.startswith("AutoOutlier$"))
    mode = "log" if found.get("finmode", "") == "multiplicative" else "none"
    kept = {
        "td": any(key.startswith("Trading Day$") for key in found),
        "cny": any("$cny" in key for key in found),
    }
    kept["holidays"] = kept["cny"]
    holiday = " ".join(code for code in _offered(item) if kept[code])
    model = found.get("arimamdl", AIRLINE)
    return Model(model, mode, outliers, holiday, bool(evident))


_MONTHS = {
    name: number + 1
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    )
}


def _outlier(key: str) -> str:
    """``AutoOutlier$AO1957.May`` -> ``ao1957.5``, the form in which it goes back into a specification."""
    code = key.split("$")[1]
    year, period = code[2:].split(".")
    return f"{code[:2].lower()}{year}.{_MONTHS.get(period, period)}"


def _quality(key: Key, item: Series, model: Model | None, done: _Done) -> list[object]:
    """A row of the quality sheet up to the QS statistics; those of a series without X-13 are computed here."""
    output = done.output
    nan = float("nan")
    if model is None or done.method == "none":
        return [*key, "none", "", "", "", "", nan, nan, seasonal_fallback.qs(item.values), nan]
    mode = "log" if model.mode == "log" else "level"
    if output is None:
        statistics = [seasonal_fallback.qs(item.values), seasonal_fallback.qs(done.values)]
        return [*key, done.method, "STL", mode, "", "", nan, nan, *statistics]
    statistics = [output.number(name) for name in ("f3.q", "f3.m07", "qsori", "qssadj")]
    new = [_outlier(name) for name in output.diagnostics if name.startswith("AutoOutlier$")]
    if done.method == "x13_airline":
        own = "log" if output.diagnostics.get("finmode") == "multiplicative" else "level"
        return [*key, done.method, AIRLINE, own, "", "", *statistics]
    kept = [model.model, mode, " ".join([*model.outliers, *new]), model.regressors]
    return [*key, done.method, *kept, *statistics]


def _stored(frozen: pd.DataFrame | None, keys: Sequence[Key]) -> dict[Key, Model]:
    if frozen is None or frozen.empty:
        return {}
    wanted = set(keys)
    stored = {}
    for row in frozen.itertuples(index=False):
        if (row.indicator, row.group) in wanted:
            outliers = tuple(str(row.outliers).split()) if isinstance(row.outliers, str) else ()
            regressors = row.regressors if isinstance(row.regressors, str) else ""
            stored[(str(row.indicator), str(row.group))] = Model(
                str(row.model), str(row.mode), outliers, regressors, bool(row.seasonal)
            )
    return stored


def _frame(models: Mapping[Key, Model], identify_until: pd.Period) -> pd.DataFrame:
    rows = [
        [*key, identify_until.year + 1, m.model, m.mode, " ".join(m.outliers), m.regressors, m.seasonal]
        for key, m in sorted(models.items())
    ]
    frame = pd.DataFrame(rows, columns=schema.columns("seasonal_models"))
    return frame.astype({"seasonal": bool})
