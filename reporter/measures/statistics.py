"""The statistical annex: KILM and KIP-MOL indicators from raw counts, where data exist.

Goes in: observations (docs/tables.md) and the annex's declarations. Comes out: the table ``annex``. Months become
quarters, and quarters years, as each input declares (sum, mean, last), and only when complete; a rate of change needs
the period before. A number whose inputs are not all there is left out. Formulas: study, annex (lines 7126-9200).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from reporter.domain import schema
from reporter.domain.formula import evaluate
from reporter.measures.annex import (
    Annex,
    AnnexIndicator,
    AnnexPart,
    Input,
    Measure,
    Text,
)

_PARTS_OF = {("M", "Q"): 3, ("Q", "Y"): 4, ("M", "Y"): 12}
_TARGETS = {"quarterly": "Q", "yearly": "Y"}
_Series = Mapping[str, pd.Series]


def compute(observations: pd.DataFrame, annex: Annex, quarter: pd.Period | None = None) -> pd.DataFrame:
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
