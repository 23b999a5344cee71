"""Seasonal adjustment of every indicator with one method: X-13ARIMA-SEATS, X-11 filters on a regARIMA model.

Goes in: raw series. Comes out: adjusted series, a quality sheet and the models used. A model (log or level, ARIMA
order, outliers, holiday regressors) is identified on the years before the issue's year and kept for that year, while
its parameters are estimated anew each quarter (partial concurrent adjustment: ESS Guidelines on Seasonal Adjustment,
2024). What its source has adjusted, what is too short and what shows no seasonality is left alone, and the sheet says
so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from reporter.index import x13
from reporter.index.holidays import new_year_regressors
from reporter.index.panel import Series, is_monthly, last_row, periods

Key = tuple[str, str]
YEARS_NEEDED = 3
YEARS_TO_IDENTIFY = 5
MOST_HOLES = 40
SEASONAL_P = 0.01
AIRLINE = "(0 1 1)(0 1 1)"
QUALITY = [
    "indicator",
    "group",
    "method",
    "model",
    "mode",
    "outliers",
    "regressors",
    "q",
    "m7",
    "qs_before",
    "qs_after",
]
MODELS = ["indicator", "group", "year", "model", "mode", "outliers", "regressors", "seasonal"]
NOTES = {
    "by_source": "หน่วยงานเจ้าของข้อมูลปรับฤดูกาลมาแล้ว จึงไม่ปรับซ้ำ",
    "too_short": "ข้อมูลไม่ถึง 3 ปี จึงยังปรับฤดูกาลไม่ได้",
    "not_seasonal": "ไม่พบรูปแบบฤดูกาลจากการทดสอบ จึงใช้ข้อมูลเดิม",
    "adjusted": "",
    "failed": "โปรแกรม X-13ARIMA-SEATS ปรับฤดูกาลไม่สำเร็จ จึงใช้ข้อมูลเดิม",
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
    models |= _identified({key: series[key] for key in open_keys if key not in models}, identify_until, run)
    to_run = [key for key in open_keys if models[key].seasonal]
    outputs = dict(
        zip(to_run, run([_fixed(series[key], models[key], identify_until) for key in to_run]), strict=True)
    )
    retried = [key for key in to_run if outputs[key].adjusted is None]
    outputs |= dict(zip(retried, run([_plain(series[key]) for key in retried]), strict=True))
    values: dict[Key, pd.Series] = {}
    rows = []
    for key, item in series.items():
        output = outputs.get(key)
        verdict = verdicts[key] or ("adjusted" if models[key].seasonal else "not_seasonal")
        if verdict == "adjusted" and (output is None or output.adjusted is None):
            verdict = "failed"
        values[key] = _result(item, output) if verdict == "adjusted" else item.values
        rows.append(_quality(key, verdict, models.get(key), output))
    return Adjusted(
        values, pd.DataFrame(rows, columns=[*QUALITY, "verdict", "note_th"]), _frame(models, identify_until)
    )


def _verdict(item: Series) -> str:
    """Why a series is not given to X-13, or ""."""
    if item.adjusted:
        return "by_source"
    seen = item.values.dropna()
    if len(item.values) < YEARS_NEEDED * item.per_year or len(seen) < 0.5 * YEARS_NEEDED * item.per_year:
        return "too_short"
    return "not_seasonal" if seen.nunique() < 2 else ""


def _identified(series: Mapping[Key, Series], identify_until: pd.Period, run: Runner) -> dict[Key, Model]:
    """Models found automatically, after testing for seasonality (QS and the combined test)."""
    specs = [_automatic(item, identify_until) for item in series.values()]
    outputs = run(specs)
    failed = [position for position, output in enumerate(outputs) if output.adjusted is None]
    for position, again in zip(
        failed,
        run([replace(specs[p], model=AIRLINE, outliers=(), holiday=None) for p in failed]),
        strict=True,
    ):
        outputs[position] = again
    return {key: _model(output) for key, output in zip(series, outputs, strict=True)}


def _automatic(item: Series, identify_until: pd.Period) -> x13.Spec:
    values = item.values
    known = values[: last_row(values, identify_until)]
    if known.notna().sum() >= YEARS_TO_IDENTIFY * item.per_year:
        values = known.loc[: known.last_valid_index()]
    holiday = new_year_regressors(periods(values)) if item.is_monthly else None
    return x13.Spec(_filled(values), transform=_transform(values), holiday=holiday)


def _transform(values: pd.Series) -> str:
    return "auto" if (values.dropna() > 0).all() else "none"


def _fixed(item: Series, model: Model, identify_until: pd.Period) -> x13.Spec:
    """The model kept for the year, open to new outliers after the period that chose it."""
    values = _filled(item.values)
    first_new = last_row(values, identify_until) + 1
    holiday = new_year_regressors(periods(values)) if model.regressors == "cny" else None
    return x13.Spec(
        values,
        model=model.model,
        transform=model.mode if (item.values.dropna() > 0).all() else "none",
        outliers=model.outliers,
        outliers_from=first_new if values.index[0] < first_new <= values.index[-1] else None,
        holiday=holiday,
        test_holiday=False,
    )


def _plain(item: Series) -> x13.Spec:
    """What is tried when the kept model fails: the airline model without regressors."""
    return x13.Spec(_filled(item.values), model=AIRLINE, transform=_transform(item.values), outliers=())


def _filled(values: pd.Series) -> pd.Series:
    """Leave few holes to X-13; many would need more regressors than it has, so they are bridged beforehand."""
    if values.isna().sum() <= MOST_HOLES:
        return values
    index = periods(values)
    position = index.month if is_monthly(values) else index.quarter
    trend = values.interpolate(limit_direction="both")
    pattern = (
        (values - trend.rolling(2 * 12, center=True, min_periods=4).mean())
        .groupby(position)
        .mean()
        .fillna(0.0)
    )
    return values.fillna(trend + pd.Series(pattern.reindex(position).to_numpy(), values.index))


def _model(output: x13.Output) -> Model:
    if output.adjusted is None:
        return Model(AIRLINE, "none", (), "", True)
    found = output.diagnostics
    evident = found.get("f2.idseasonal") == "yes" or output.number("qsorievadj", 1) < SEASONAL_P
    outliers = tuple(_outlier(key) for key in found if key.startswith("AutoOutlier$"))
    mode = "log" if found.get("finmode", "") == "multiplicative" else "none"
    holiday = "cny" if any(key.startswith("User-defined$") or "$cny" in key for key in found) else ""
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


def _result(item: Series, output: x13.Output | None) -> pd.Series:
    """Adjusted series with the holes of the raw one: what was not observed is not an observation."""
    assert output is not None and output.adjusted is not None
    return output.adjusted.where(item.values.notna())


def _quality(key: Key, verdict: str, model: Model | None, output: x13.Output | None) -> list[object]:
    used = verdict == "adjusted" and model is not None and output is not None
    new = [] if output is None else [_outlier(k) for k in output.diagnostics if k.startswith("AutoOutlier$")]
    nan = float("nan")
    return [
        *key,
        "x13" if used else "none",
        model.model if used and model else "",
        ("log" if model.mode == "log" else "level") if used and model else "",
        " ".join([*model.outliers, *new]) if used and model else "",
        model.regressors if used and model else "",
        output.number("f3.q") if used and output else nan,
        output.number("f3.m07") if used and output else nan,
        output.number("qsori") if used and output else nan,
        output.number("qssadj") if used and output else nan,
        verdict,
        NOTES[verdict],
    ]


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
    frame = pd.DataFrame(rows, columns=MODELS)
    return frame.astype({"seasonal": bool})
