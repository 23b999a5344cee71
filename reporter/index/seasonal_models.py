"""Seasonal models kept for a year: ``models/seasonal-<year>-v<n>.csv`` of a workspace.

Goes in: a workspace's folder and a year. Comes out: the models in force, the highest version, or None where the year has no
file; then every issue of the year identifies them on the years before, which gives the same models as long as
those years are not revised. Partial concurrent adjustment (ESS Guidelines on Seasonal Adjustment, 2024, item 4): within
a year parameters and outliers are estimated anew, the models are not; they change only by ``reporter models``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding, InputError
from reporter.index.panel import collect
from reporter.index.seasonal import adjust
from reporter.runtime.atomic import disk_errors, write_bytes

FOLDER = "models"
_NAME = re.compile(r"seasonal-(\d{4})-v(\d{1,3})\.csv")
_ARIMA = re.compile(r"\(\d \d \d\)(\(\d \d \d\))?")
_OUTLIER = re.compile(r"(ao|ls|tc)\d{4}\.\d{1,2}")
_NATION = "TH"


@dataclass(frozen=True)
class Frozen:
    """Models of one year: ``table`` as seasonal_models (docs/tables.md), and which version of the file they are."""

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
