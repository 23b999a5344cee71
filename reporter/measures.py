"""The study's annex: 17 KILM and 74 KIP-MOL indicators, declared as formulas over raw counts.

    annex        the declarations of data/annex as frozen objects, checked against each other
    statistics   raw counts -> the statistical annex of the report

The indicators of the index carry their own formulas (data/indicators); ``index`` in the annex says which of them
each annex indicator stands behind, and the tests hold the two together. Source: study, lines 7126-9200.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reporter.domain import schema
from reporter.domain.declarations import asset, evaluate, names
from reporter.domain.errors import DeclarationError, Finding
from reporter.domain.periods import iso

# ----------------------------------------------------------------------------------------------------
# Declarations of the annex: indicators, their measures, inputs, breakdowns, units.
#
# Goes in: ``data/annex/*.toml``, a workspace's ``annex`` folder laid over it. Comes out: one frozen ``Annex``. Unknown keys,
# formulas that are no arithmetic and names that are not declared are refused with file and place.
# ----------------------------------------------------------------------------------------------------

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
            findings.append(_finding(key, f"{problem['msg']} — แก้ค่านี้", f"{problem['msg']}; mend it."))
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


# ----------------------------------------------------------------------------------------------------
# Fiscal context of chapter 1: the ministry's budget, what of it is disbursed, and the calendar's pace.
#
# Goes in: records of the store whose ids begin with ``fiscal_`` (government spending services; million baht). Comes out:
# the table ``fiscal``. The fiscal year runs from October to September and bears the year in which it ends, so 2025-Q4 is
# the first quarter of fiscal 2026. Pace: the share of the fiscal year that has passed, against which the disbursed share
# is read. Method: method.md, 5 and issue 6.
# ----------------------------------------------------------------------------------------------------

PREFIX = "fiscal_"
_MONTHS = 12
_STRATEGY = "STRATEGY:"


def compute_fiscal(records: pd.DataFrame, quarter: pd.Period) -> pd.DataFrame:
    """Budget, disbursement and pace, quarters and months up to the issue's.

    records   ``vintages.records(root, as_of, prefix="fiscal_")``: ``indicator, group, period, value`` at least; periods
              are months (2025-09) or fiscal years (2025)
    Returns   ``period,measure,value``. Per quarter: ``budget`` of its fiscal year, ``disbursed`` from October to the
              quarter's end, ``target`` = budget x share of the year passed (all million baht), ``disbursed_rate`` and
              ``pace`` (% of the budget). Per month: ``disbursed_month``. At the issue's quarter, per strategy:
              ``budget:<name>``, ``disbursed:<name>``. A quarter whose months are not all there has no ``disbursed``.
    """
    months = _fiscal_months(records, quarter)
    budgets = _yearly(records, "fiscal_budget", "TH")
    rows = [(iso(month), "disbursed_month", value) for month, value in months.items()]
    quarters = sorted(
        {month.asfreq("Q") for month in months} | ({quarter} if _fiscal(quarter) in budgets else set())
    )
    for each in quarters:
        rows += _quarter(each, months, budgets.get(_fiscal(each)))
    rows += _strategies(records, quarter)
    table = pd.DataFrame(rows, columns=schema.columns("fiscal")).astype({"value": "float64"})
    return table.sort_values(["period", "measure"], ignore_index=True)


def _quarter(
    quarter: pd.Period, months: dict[pd.Period, float], budget: float | None
) -> list[tuple[str, str, float]]:
    """The measures of one quarter that can be known."""
    passed = _passed(quarter)
    last = quarter.asfreq("M", how="end")
    needed = [last - back for back in range(passed)]
    rows: list[tuple[str, str, float]] = [(iso(quarter), "pace", passed / _MONTHS * 100)]
    disbursed = sum(months[month] for month in needed) if all(month in months for month in needed) else None
    if disbursed is not None:
        rows.append((iso(quarter), "disbursed", disbursed))
    if budget is not None:
        rows += [(iso(quarter), "budget", budget), (iso(quarter), "target", budget * passed / _MONTHS)]
    if disbursed is not None and budget:
        rows.append((iso(quarter), "disbursed_rate", disbursed / budget * 100))
    return rows


def _strategies(records: pd.DataFrame, quarter: pd.Period) -> list[tuple[str, str, float]]:
    """Budget and disbursement of the issue's fiscal year by strategy."""
    rows = []
    for series, measure in (("fiscal_budget_strategy", "budget"), ("fiscal_disbursed_strategy", "disbursed")):
        for group in sorted(records.loc[records["indicator"] == series, "group"].unique()):
            value = _yearly(records, series, group).get(_fiscal(quarter))
            if value is not None:
                rows.append((iso(quarter), f"{measure}:{group.removeprefix(_STRATEGY)}", value))
    return rows


def _fiscal_months(records: pd.DataFrame, quarter: pd.Period) -> dict[pd.Period, float]:
    """Disbursement of the months up to the quarter's end; months to come, which the service lists as zero, do not count."""
    found = records[(records["indicator"] == "fiscal_disbursed") & (records["group"] == "TH")]
    last = quarter.asfreq("M", how="end")
    values = {
        pd.Period(text, freq="M"): value for text, value in zip(found["period"], found["value"], strict=True)
    }
    return {month: values[month] for month in sorted(values) if month <= last}


def _yearly(records: pd.DataFrame, series: str, group: str) -> dict[int, float]:
    """Fiscal year (Christian) -> value of one series."""
    found = records[(records["indicator"] == series) & (records["group"] == group)]
    return {int(text): value for text, value in zip(found["period"], found["value"], strict=True)}


def _fiscal(quarter: pd.Period) -> int:
    """Fiscal year in which a calendar quarter lies: October to December belong to the next."""
    return int(quarter.year) + (quarter.quarter == 4)


def _passed(quarter: pd.Period) -> int:
    """Months of its fiscal year that have passed at a quarter's end: 3, 6, 9 or 12."""
    return int((quarter.quarter % 4 + 1) * 3)


# ----------------------------------------------------------------------------------------------------
# The statistical annex: KILM and KIP-MOL indicators from raw counts, where data exist.
#
# Goes in: observations (docs/tables.md) and the annex's declarations. Comes out: the table ``annex``. Months become
# quarters, and quarters years, as each input declares (sum, mean, last), and only when complete; a rate of change needs
# the period before. A number whose inputs are not all there is left out. Formulas: study, annex (lines 7126-9200).
# ----------------------------------------------------------------------------------------------------

_PARTS_OF = {("M", "Q"): 3, ("Q", "Y"): 4, ("M", "Y"): 12}
_TARGETS = {"quarterly": "Q", "yearly": "Y"}
_Series = Mapping[str, pd.Series]


def compute_annex(observations: pd.DataFrame, annex: Annex, quarter: pd.Period | None = None) -> pd.DataFrame:
    """Every number of the annex that can be computed.

    observations  ``indicator, group, period, frequency, value`` at least, one row per key
    quarter       nothing later than this quarter; None for all
    Returns       ``code,measure,name_th,unit,group,part,period,value``: ``code`` ``KILM 9``; ``measure`` its id; ``unit``
                  in Thai; ``part`` the id of the breakdown's part or ""; ``period`` 2025-Q3 or 2025 (calendar year)
    """
    needed = annex.series()
    present = observations[observations["indicator"].isin(needed)]
    at = {target: _all_at(present, needed, target) for target in _TARGETS.values()}
    rows: list[pd.DataFrame] = []
    for indicator in annex.indicators:
        for measure in indicator.measure:
            for part in _parts(annex, measure):
                for frequency in measure.frequencies:
                    values = _values(measure, part, at[_TARGETS[frequency]])
                    if quarter is not None and len(values):
                        values = values[
                            values.index.get_level_values("period").map(lambda p: p.end_time)
                            <= quarter.end_time
                        ]
                    if len(values):
                        rows.append(_rows(annex, indicator, measure, part, values))
    if not rows:
        return schema.empty("annex")
    return pd.concat(rows, ignore_index=True)


def _parts(annex: Annex, measure: Measure) -> tuple[AnnexPart, ...]:
    """Parts of a measure's breakdown; one nameless part where it has none."""
    return annex.breakdowns[measure.by].parts if measure.by else (AnnexPart(id="", name=Text(th="", en="")),)


def _all_at(present: pd.DataFrame, needed: Mapping[str, Input], target: str) -> dict[str, pd.Series]:
    """Each series at a frequency: by (group, period)."""
    found = {}
    for series, rows in present.groupby("indicator", observed=True):
        parts = [
            _at(part, str(frequency), target, needed[str(series)].aggregate)
            for frequency, part in rows.groupby("frequency", observed=True)
        ]
        joined = (
            pd.concat([part for part in parts if len(part)]) if any(len(part) for part in parts) else None
        )
        if joined is not None:
            # A quarter that the source gives itself stands before one made of its months.
            found[str(series)] = joined[~joined.index.duplicated(keep="last")].sort_index()
    return found


def _at(rows: pd.DataFrame, frequency: str, target: str, aggregate: str) -> pd.Series:
    """One series of one frequency at another: complete periods only."""
    periods = pd.PeriodIndex(rows["period"].str.replace("-Q", "Q"), freq=frequency)
    values = pd.Series(
        rows["value"].to_numpy(),
        index=pd.MultiIndex.from_arrays([rows["group"], periods], names=["group", "period"]),
    )
    if frequency == target:
        return values
    if (frequency, target) not in _PARTS_OF:
        return values.iloc[:0]
    wider = periods.asfreq(target)
    frame = pd.DataFrame(
        {"group": rows["group"].to_numpy(), "period": wider, "part": periods, "value": values.to_numpy()}
    )
    made = frame.sort_values("part").groupby(["group", "period"], observed=True)["value"]
    return made.agg(aggregate)[made.count() == _PARTS_OF[frequency, target]]


def _values(measure: Measure, part: AnnexPart, at: _Series) -> pd.Series:
    """One measure of one part, by (group, period); empty where an input is missing."""
    inputs = measure.inputs(part.id)
    empty = pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []], names=["group", "period"]))
    if not all(series in at for series in inputs.values()):
        return empty
    values = evaluate(measure.formula, {name: at[series] for name, series in inputs.items()}).dropna()
    groups = values.index.get_level_values("group")
    wanted = groups.str.startswith(f"{measure.group}:") if measure.group else groups == "TH"
    values = values[wanted]
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
