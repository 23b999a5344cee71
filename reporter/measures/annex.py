"""The study's annex: 17 KILM and 74 KIP-MOL indicators, declared as formulas over raw counts.

Goes in: ``data/annex/*.toml``, a workspace's ``annex`` folder laid over it, and observations (docs/tables.md). Comes out: one frozen
``Annex``, and the table ``annex``. Unknown keys, formulas that are no arithmetic and names that are not declared are refused with
file and place. Months become quarters, and quarters years, as each input declares (sum, mean, last), and only when complete; a
rate of change needs the period before. A number whose inputs are not all there comes from the delivered rate that the measure
names (``rate``), or is left out. The indicators of the index carry their own formulas (data/indicators); ``index`` says which of
them each indicator of the annex stands behind, and the tests hold the two together. Source: study, annex, lines 7126-9200.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reporter.domain import schema
from reporter.domain.declarations import asset, evaluate, names
from reporter.domain.errors import DeclarationError, Finding, breach

TOTAL = "_total"
_CATALOGUES = {"kilm": "KILM", "kip_mol": "KIP-MOL"}


class Declared(BaseModel):
    """A declaration: frozen, nothing undeclared in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Declared):
    """A name in Thai and English."""

    th: str
    en: str


class Input(Declared):
    """A raw count or amount; ``aggregate`` says how months become quarters and quarters years."""

    name: Text
    unit: str
    aggregate: Literal["sum", "mean", "last"]


class AnnexPart(Declared):
    """One part of a breakdown; ``id`` is the ending of the inputs' ids."""

    id: str
    name: Text


class Breakdown(Declared):
    """A breakdown by sex, age, size: its parts."""

    name: Text
    parts: tuple[AnnexPart, ...]


class Measure(Declared):
    """One number of an annex indicator.

    change       the rate of change of the formula's value against the previous period, %
    rate         the delivered series that says the same number for the whole country: it stands where raw counts are missing
    note         where the study prints something else, and why this differs; for readers
    by, split    the breakdown, and the inputs that take its endings (empty: all of them)
    group        kind of groups that it is computed for; "" for the whole country
    """

    id: str
    name: Text | None = None
    formula: str
    unit: str
    frequencies: tuple[Literal["quarterly", "yearly"], ...] = Field(min_length=1)
    change: bool = False
    rate: str = ""
    note: Text | None = None
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


class AnnexIndicator(Declared):
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


class Annex(Declared):
    """The whole annex, in its own order."""

    indicators: tuple[AnnexIndicator, ...]
    inputs: Mapping[str, Input]
    breakdowns: Mapping[str, Breakdown]
    units: Mapping[str, Text]

    def rates(self) -> set[str]:
        """Every delivered rate that may stand for raw counts."""
        return {
            measure.rate for indicator in self.indicators for measure in indicator.measure if measure.rate
        }

    def series(self) -> dict[str, Input]:
        """Every series that a measure may use, breakdowns' endings included, with its input."""
        found = dict(self.inputs)
        for indicator in self.indicators:
            for measure in indicator.measure:
                for part in self.breakdowns[measure.by].parts if measure.by else ():
                    for name, series in measure.inputs(part.id).items():
                        found.setdefault(series, self.inputs[name.removesuffix(TOTAL)])
        return found


def load_annex(workspace: Path | None = None) -> Annex:
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
            th, en = breach(problem)
            findings.append(_finding(key, f"{th} — แก้ค่านี้", f"{en}; mend it."))
        _stop(findings)
        raise
    findings += _problems(annex)
    _stop(findings)
    return annex


@functools.cache
def _of_the_package() -> dict[str, Input]:
    return load_annex().series()


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


# ----------------------------------------------------------------------------------------------------
# The numbers.
# ----------------------------------------------------------------------------------------------------

_PARTS_OF = {("M", "Q"): 3, ("Q", "Y"): 4, ("M", "Y"): 12}
_TARGETS = {"quarterly": "Q", "yearly": "Y"}
_LAST_QUARTER = 4  # a year is complete with it
_Series = Mapping[str, pd.Series]


def compute_annex(observations: pd.DataFrame, annex: Annex, quarter: pd.Period | None = None) -> pd.DataFrame:
    """Every number of the annex that can be computed.

    observations  ``indicator, group, period, frequency, value`` at least, one row per key; of ``annex.series()`` and ``annex.rates()``
    quarter       nothing later than this quarter; None for all
    Returns       ``code,measure,name_th,unit,group,part,period,value``: ``code`` ``KILM 9``; ``measure`` its id; ``unit``
                  in Thai; ``part`` the id of the breakdown's part or ""; ``period`` 2025-Q3 or 2025 (calendar year)
    """
    aggregates = dict.fromkeys(annex.rates(), "mean") | {
        series: item.aggregate for series, item in annex.series().items()
    }
    present = observations[observations["indicator"].isin(aggregates) & _is_asked(observations, annex)]
    at = {target: _all_at(present, aggregates, target) for target in _TARGETS.values()}
    if quarter is not None:
        at = {
            target: {name: _until(values, quarter, target) for name, values in found.items()}
            for target, found in at.items()
        }
    rows: list[pd.DataFrame] = []
    for indicator in annex.indicators:
        for measure in indicator.measure:
            for part in _parts(annex, measure):
                for frequency in measure.frequencies:
                    values = _values(measure, part, at[_TARGETS[frequency]])
                    if len(values):
                        rows.append(_rows(annex, indicator, measure, part, values))
    if not rows:
        return schema.empty("annex")
    return _in_order(pd.concat(rows, ignore_index=True))


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Measures, groups and parts as they came; of each its years and quarters by time (2024, 2024-Q1, ..., 2025)."""
    places = [pd.factorize(table[column])[0] for column in ("code", "measure", "group", "part")]
    periods = pd.factorize(table["period"], sort=True)[0]
    return table.iloc[np.lexsort((periods, *reversed(places)))].reset_index(drop=True)


def _is_asked(observations: pd.DataFrame, annex: Annex) -> pd.Series:
    """Rows of the whole country, and of the groups for which a measure with that series is asked."""
    group = observations["group"].astype("str")
    asked = group == "TH"
    for kind in ("REGION", "INDUSTRY"):
        series = {
            name
            for indicator in annex.indicators
            for measure in indicator.measure
            if measure.group == kind
            for name in measure.inputs().values()
        }
        asked |= group.str.startswith(f"{kind}:") & observations["indicator"].isin(series)
    return asked


def _until(values: pd.Series, quarter: pd.Period, target: str) -> pd.Series:
    """A series without the quarters after the issue's, and without years that had not ended with it."""
    last = (
        quarter
        if target == "Q"
        else pd.Period(str(quarter.year - (quarter.quarter < _LAST_QUARTER)), freq="Y")
    )
    return values[values.index.get_level_values("period") <= last]


def _parts(annex: Annex, measure: Measure) -> tuple[AnnexPart, ...]:
    """Parts of a measure's breakdown; one nameless part where it has none."""
    return annex.breakdowns[measure.by].parts if measure.by else (AnnexPart(id="", name=Text(th="", en="")),)


def _all_at(present: pd.DataFrame, aggregates: Mapping[str, str], target: str) -> dict[str, pd.Series]:
    """Each series at a frequency: by (group, period)."""
    parts = [
        _at(rows, str(frequency), target, aggregates)
        for frequency, rows in present.groupby("frequency", observed=True)
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return {}
    joined = pd.concat(parts)
    # A quarter that the source gives itself stands before one made of its months.
    joined = joined[~joined.index.duplicated(keep="last")].sort_index()
    return {str(series): values.droplevel(0) for series, values in joined.groupby(level=0, observed=True)}


def _at(rows: pd.DataFrame, frequency: str, target: str, aggregates: Mapping[str, str]) -> pd.Series:
    """All series of one frequency at another, by (indicator, group, period): complete periods only."""
    # Reading a text as a period is slow, and a few hundred texts stand in many rows.
    codes, texts = pd.factorize(rows["period"])
    periods = pd.PeriodIndex([str(text).replace("-Q", "Q") for text in texts], freq=frequency)
    frame = pd.DataFrame(
        {
            "indicator": rows["indicator"].astype("str").to_numpy(),
            "group": rows["group"].to_numpy(),
            "period": periods.asfreq(target).take(codes),
            "part": periods.take(codes),
            "value": rows["value"].to_numpy(),
        }
    )
    key = ["indicator", "group", "period"]
    if frequency == target:
        return frame.set_index(key)["value"]
    parts: list[pd.Series] = []
    if (frequency, target) in _PARTS_OF:
        for aggregate, own in frame.groupby(frame["indicator"].map(aggregates)):
            made = own.sort_values("part").groupby(key, observed=True)["value"]
            parts.append(made.agg(str(aggregate))[made.count() == _PARTS_OF[frequency, target]])
    return pd.concat(parts) if parts else frame.set_index(key)["value"].iloc[:0]


def _values(measure: Measure, part: AnnexPart, at: _Series) -> pd.Series:
    """One measure of one part, by (group, period); empty where an input is missing."""
    inputs = measure.inputs(part.id)
    values = pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []], names=["group", "period"]))
    if all(series in at for series in inputs.values()):
        values = evaluate(measure.formula, {name: at[series] for name, series in inputs.items()}).dropna()
    if measure.rate in at:
        delivered = at[measure.rate].dropna()
        values = pd.concat([values, delivered[~delivered.index.isin(values.index)]]).sort_index()
    groups = values.index.get_level_values("group").astype("str")
    values = values[groups.str.startswith(f"{measure.group}:") if measure.group else groups == "TH"]
    return _change(values) if measure.change else values


def _change(values: pd.Series) -> pd.Series:
    """Rate of change against the previous period of the same group, %; nothing where that period is missing or zero."""
    before = values.copy()
    before.index = pd.MultiIndex.from_arrays(
        [before.index.get_level_values("group"), before.index.get_level_values("period") + 1],
        names=["group", "period"],
    )
    before = before[before != 0]
    return ((values - before) / before * 100).dropna()


def _rows(
    annex: Annex, indicator: AnnexIndicator, measure: Measure, part: AnnexPart, values: pd.Series
) -> pd.DataFrame:
    """A measure's values as rows of the table."""
    name = " ".join(_names(indicator, measure, part))
    periods = values.index.get_level_values("period")
    return pd.DataFrame(
        {
            "code": indicator.code,
            "measure": measure.id,
            "name_th": name,
            "unit": annex.units[measure.unit].th,
            "group": values.index.get_level_values("group"),
            "part": part.id,
            "period": [str(period).replace("Q", "-Q") for period in periods],
            "value": values.to_numpy(),
        }
    )


def _names(indicator: AnnexIndicator, measure: Measure, part: AnnexPart) -> Iterator[str]:
    """What a number is called: its own name or the indicator's, and the part."""
    yield measure.name.th if measure.name is not None else indicator.name.th
    if part.name.th:
        yield f"({part.name.th})"


# ----------------------------------------------------------------------------------------------------
# The words: meaning and computation of a measure, for readers; from the same declaration as the number.
# ----------------------------------------------------------------------------------------------------

_SIGNS = {"*": "×", "/": "÷", "-": "−"}
_OF = {"percent": "100", "per_1000": "1,000", "per_100000": "100,000"}
_TERM = re.compile(r"[a-z_][a-z_0-9]*|[*/-]")


def formula_words(annex: Annex, measure: Measure) -> str:
    """The formula with the Thai names of its inputs: ``ผู้ว่างงาน ÷ กำลังแรงงานรวม × 100``."""
    by = f"ตาม{annex.breakdowns[measure.by].name.th}" if measure.by else ""

    def named(found: re.Match[str]) -> str:
        term = found[0]
        if term in _SIGNS:
            return _SIGNS[term]
        words = annex.inputs[term.removesuffix(TOTAL)].name.th
        is_split = by and not term.endswith(TOTAL) and (not measure.split or term in measure.split)
        return f"{words}จำแนก{by}" if is_split else words

    level = _TERM.sub(named, measure.formula)
    return f"(งวดนี้ − งวดก่อน) ÷ งวดก่อน × 100 ของ {level}" if measure.change else level


def meaning_words(annex: Annex, indicator: AnnexIndicator, measure: Measure) -> str:
    """One sentence that says what the number means."""
    used = [annex.inputs[name.removesuffix(TOTAL)].name.th for name in names(measure.formula)]
    unit = annex.units[measure.unit].th
    if measure.change:
        return f"{' และ '.join(used[:1])} เปลี่ยนไปร้อยละเท่าใดจากงวดก่อน ค่าบวกคือเพิ่มขึ้น"
    if "/" not in measure.formula:
        return f"{used[0]} หน่วยเป็น{unit}"
    numerator, _, denominator = measure.formula.partition("/")
    above, below = (
        [annex.inputs[name.removesuffix(TOTAL)].name.th for name in names(_names_only(part))]
        for part in (numerator, denominator)
    )
    whole = " รวมกับ ".join(below) or "คะแนนเต็ม 5"
    part = annex.breakdowns[measure.by].name.th if measure.by else ""
    by = f" แยกตาม{part}" if part and not measure.split else ""
    counted = " หัก ".join(above) if "-" in numerator else " รวมกับ ".join(above)
    if measure.unit in _OF:
        each = f"แต่ละ{part}" if part and measure.split else ""
        return f"ใน {_OF[measure.unit]} ส่วนของ{whole} เป็น{counted}{each}กี่ส่วน{by}"
    return f"{counted}เฉลี่ยต่อ{whole} หน่วยเป็น{unit}{by}"


def _names_only(part: str) -> str:
    """The names of a part of a formula, added up, so that it can be read as a formula of its own."""
    return " + ".join(found for found in _TERM.findall(part) if found not in _SIGNS) or "1"
