"""Declarations of the annex: indicators, their measures, inputs, breakdowns, units.

Goes in: ``data/annex/*.toml``, a workspace's ``annex`` folder laid over it. Comes out: one frozen ``Annex``. Unknown keys,
formulas that are no arithmetic and names that are not declared are refused with file and place.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reporter.domain.assets import asset
from reporter.domain.errors import DeclarationError, Finding
from reporter.domain.formula import names

TOTAL = "_total"
_CATALOGUES = {"kilm": "KILM", "kip_mol": "KIP-MOL"}


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Declared):
    """A name in Thai and English."""

    th: str
    en: str


class Input(_Declared):
    """A raw count or amount; ``aggregate`` says how months become quarters and quarters years."""

    name: Text
    unit: str
    aggregate: Literal["sum", "mean", "last"]


class AnnexPart(_Declared):
    """One part of a breakdown; ``id`` is the ending of the inputs' ids."""

    id: str
    name: Text


class Breakdown(_Declared):
    """A breakdown by sex, age, size: its parts."""

    name: Text
    parts: tuple[AnnexPart, ...]


class Measure(_Declared):
    """One number of an annex indicator.

    change       the rate of change of the formula's value against the previous period, %
    by, split    the breakdown, and the inputs that take its endings (empty: all of them)
    group        kind of groups that it is computed for; "" for the whole country
    """

    id: str
    name: Text | None = None
    formula: str
    unit: str
    frequencies: tuple[Literal["quarterly", "yearly"], ...] = Field(min_length=1)
    change: bool = False
    by: str = ""
    split: tuple[str, ...] = ()
    group: Literal["", "REGION", "INDUSTRY"] = ""

    def inputs(self, ending: str = "") -> dict[str, str]:
        """Names in the formula -> ids of the series they stand for, for one part of the breakdown."""
        found = {}
        for name in names(self.formula):
            if name.endswith(TOTAL):
                found[name] = name.removesuffix(TOTAL)
            else:
                takes = ending and (not self.split or name in self.split)
                found[name] = f"{name}_{ending}" if takes else name
        return found


class AnnexIndicator(_Declared):
    """One indicator of the annex: ``KILM 9``, ``KIP-MOL 17``; ``index`` the indicators of the index behind which it stands."""

    catalogue: Literal["KILM", "KIP-MOL"]
    number: int
    name: Text
    agency: str
    index: tuple[str, ...] = ()
    measure: tuple[Measure, ...] = Field(min_length=1)

    @property
    def code(self) -> str:
        """``KIP-MOL 17``."""
        return f"{self.catalogue} {self.number}"


class Annex(_Declared):
    """The whole annex, in its own order."""

    indicators: tuple[AnnexIndicator, ...]
    inputs: Mapping[str, Input]
    breakdowns: Mapping[str, Breakdown]
    units: Mapping[str, Text]

    def series(self) -> dict[str, Input]:
        """Every series that a measure may use, breakdowns' endings included, with its input."""
        found = dict(self.inputs)
        for indicator in self.indicators:
            for measure in indicator.measure:
                for part in self.breakdowns[measure.by].parts if measure.by else ():
                    for name, series in measure.inputs(part.id).items():
                        found.setdefault(series, self.inputs[name.removesuffix(TOTAL)])
        return found


def load(workspace: Path | None = None) -> Annex:
    """Read the annex. Raises DeclarationError with every finding."""
    findings: list[Finding] = []
    content = {
        name: _content(f"{name}.toml", workspace, findings)
        for name in (*_CATALOGUES, "inputs", "breakdowns", "units")
    }
    indicators = [
        {**entry, "catalogue": catalogue}
        for name, catalogue in _CATALOGUES.items()
        for entry in content[name].get("indicator", [])
    ]
    try:
        annex = Annex.model_validate(
            {**{k: content[k] for k in ("inputs", "breakdowns", "units")}, "indicators": indicators}
        )
    except ValidationError as error:
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"])
            findings.append(_finding(key, f"{problem['msg']} — แก้ค่านี้", f"{problem['msg']}; mend it."))
        _stop(findings)
        raise
    findings += _problems(annex)
    _stop(findings)
    return annex


@functools.cache
def _of_the_package() -> dict[str, Input]:
    return load().series()


def annex_inputs() -> Mapping[str, Input]:
    """Every series that the package's annex can use, with its name and unit."""
    return _of_the_package()


def aggregate_of(series: str) -> Literal["sum", "mean", "last"]:
    """How months of a series become quarters; the mean for a series that is no input of the annex."""
    known = _of_the_package().get(series)
    return known.aggregate if known is not None else "mean"


def _content(name: str, workspace: Path | None, findings: list[Finding]) -> dict[str, Any]:
    """One file: the workspace's, or the package's."""
    own = workspace / "annex" / name if workspace is not None else None
    path = own if own is not None and own.is_file() else asset("data", "annex", name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        findings.append(
            _finding(name, f"อ่านไม่ได้ ({error}) — แก้ไฟล์", f"cannot be read ({error}); mend the file.")
        )
        return {}


def _problems(annex: Annex) -> list[Finding]:
    """Formulas that name what is not declared."""
    found = []
    for indicator in annex.indicators:
        for measure in indicator.measure:
            try:
                used = {name.removesuffix(TOTAL) for name in names(measure.formula)}
            except ValueError as error:
                found.append(
                    _finding(
                        measure.id, f"สูตรใช้ไม่ได้ ({error}) — แก้ formula", f"not a formula ({error}); mend it."
                    )
                )
                continue
            strangers = sorted((used | set(measure.split)) - set(annex.inputs))
            if strangers:
                listed = ", ".join(strangers)
                found.append(
                    _finding(
                        measure.id,
                        f"{listed} ไม่มีใน inputs.toml — เพิ่มหรือแก้ชื่อ",
                        f"{listed} is not in inputs.toml; add or mend it.",
                    )
                )
            if measure.by and measure.by not in annex.breakdowns:
                found.append(
                    _finding(
                        measure.id,
                        f"{measure.by} ไม่มีใน breakdowns.toml — เพิ่มหรือแก้ชื่อ",
                        f"{measure.by} is not in breakdowns.toml; add or mend it.",
                    )
                )
            if measure.unit not in annex.units:
                found.append(
                    _finding(
                        measure.id,
                        f"หน่วย {measure.unit} ไม่มีใน units.toml — เพิ่มหรือแก้ชื่อ",
                        f"the unit {measure.unit} is not in units.toml; add or mend it.",
                    )
                )
    return found


def _finding(place: str, th: str, en: str) -> Finding:
    return Finding("error", f"annex, {place}", th, en)


def _stop(findings: list[Finding]) -> None:
    if findings:
        raise DeclarationError(
            "ประกาศภาคผนวกสถิติไม่ถูกต้อง — แก้ตามรายการข้างต้น",
            "The annex's declarations are wrong; mend the findings above.",
            findings,
        )


_LETTER = {"monthly": "M", "quarterly": "Q"}
_KEY = ["group", "period"]
Aggregate = Literal["sum", "mean", "last"]


def at_frequency(
    rows: pd.DataFrame, frequency: Literal["monthly", "quarterly"], aggregate: Aggregate
) -> pd.DataFrame:
    """Observations of one series (docs/tables.md) at ``frequency``; ``as_of`` of a quarter is its last month's."""
    letter = _LETTER[frequency]
    own, others = rows[rows["frequency"] == letter], rows[rows["frequency"] != letter]
    if others.empty:
        return own
    made = _quarters(others, aggregate) if letter == "Q" else _months(others)
    have = pd.MultiIndex.from_frame(own[_KEY])
    made = made[~pd.MultiIndex.from_frame(made[_KEY]).isin(have)]
    return pd.concat([own, made[rows.columns]], ignore_index=True) if len(own) else made[rows.columns]


def _quarters(months: pd.DataFrame, aggregate: Aggregate) -> pd.DataFrame:
    """Complete quarters of monthly observations."""
    month = pd.PeriodIndex(months["period"], freq="M")
    dated = months.assign(period=[f"{p.year}-Q{p.quarter}" for p in month], _month=month).sort_values(
        "_month"
    )
    grouped = dated.groupby(_KEY, sort=True, observed=True)
    made = grouped.agg("last")
    made["value"] = grouped["value"].agg(aggregate)
    made["as_of"] = grouped["as_of"].max()
    made["adjusted"] = grouped["adjusted"].all()
    return made[grouped.size() == 3].assign(frequency="Q").reset_index()


def _months(quarters: pd.DataFrame) -> pd.DataFrame:
    """Each quarter's value for its three months."""
    quarter = pd.PeriodIndex(quarters["period"].str.replace("-Q", "Q"), freq="Q")
    first = quarter.asfreq("M", how="START")
    parts = [quarters.assign(period=(first + ahead).strftime("%Y-%m"), frequency="M") for ahead in range(3)]
    return pd.concat(parts, ignore_index=True)
