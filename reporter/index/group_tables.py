"""Tables of the groups: index, what each group was made of, ranks with their uncertainty, contributions.

Goes in: one group's result after the other. Comes out: ``labour_index`` of the groups, ``group_status``, ``group_ranking``,
``group_contributions`` (docs/tables.md). Of a finished group only its rows are kept, by column: numbers packed, texts
shared. So the driver's memory grows by the published tables and by nothing else.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index import contributions
from reporter.index.composite import Composite
from reporter.index.group_index import Cycle, GroupIndex
from reporter.index.panel import periods, value_at

Tables = dict[str, pd.DataFrame]
KINDS = ("STATUS", "INDUSTRY", "REGION", "PROVINCE")
FALLBACKS = ("two_step", "pca")
TWO_SIDED_95 = 1.959963984540054

NOTES = {
    "used": "",
    "reweighted": "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้ จึงกระจายน้ำหนักไปยังมิติอื่น",
    "partial": "ไม่มีข้อมูลบางมิติ จึงกระจายน้ำหนักไปยังมิติที่มีข้อมูล",
    "refused": "มีตัวชี้วัด {members} ตัว ใน {dimensions} มิติ รวม {quarters} ไตรมาส ซึ่งน้อยกว่าเกณฑ์ (3 ตัวชี้วัด 2 มิติ 20 ไตรมาส) จึงไม่แสดงดัชนี",
}
_INDEX = {"dimension": "text", "group": "text", "period": "text", "value": "d"}
_STATUS = {
    "group": "text",
    "dimension": "text",
    "status": "text",
    "members": "q",
    "note_th": "text",
    "method": "text",
    "seasonal_fallback": "text",
}
_CONTRIBUTIONS = {
    "group": "text",
    "period": "text",
    "against": "text",
    "dimension": "text",
    "contribution": "d",
}

_iso = cache(iso)  # one text for a period, however many rows carry it


class _Rows:
    """A table that grows by rows and is kept by column: texts, or the type code of packed numbers."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns: dict[str, Any] = {
            name: [] if kind == "text" else array(kind) for name, kind in columns.items()
        }

    def add(self, *row: str | float) -> None:
        """One row, in the order of the columns."""
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def add_series(self, *texts: str, quarters: Sequence[str], values: np.ndarray) -> None:
        """One row for every value that is known: the same texts, then its period and itself."""
        known = np.flatnonzero(~np.isnan(values))
        *repeated, period, value = self._columns.values()
        for column, text in zip(repeated, texts, strict=True):
            column.extend(itertools.repeat(text, len(known)))
        period.extend(quarters[place] for place in known.tolist())
        value.extend(values[known].tolist())

    def frame(self) -> pd.DataFrame:
        """The table; every column is let go when its copy is made."""
        frame = {}
        for name in list(self._columns):
            column = self._columns.pop(name)
            values = np.array(column) if isinstance(column, array) else column
            frame[name] = pd.Series(values, dtype="str" if isinstance(column, list) else None)
        return pd.DataFrame(frame, copy=False)


class _Standing(NamedTuple):
    """What the ranking needs of a group; ``margin`` of its 95 % interval."""

    group: str
    value: float
    margin: float
    changes: tuple[float, float]


def tables(results: Iterable[GroupIndex], declarations: Declarations, quarter: pd.Period) -> Tables:
    """All tables of the groups; each result is let go once its rows are written."""
    index, status, moved = _Rows(_INDEX), _Rows(_STATUS), _Rows(_CONTRIBUTIONS)
    standings: list[_Standing] = []
    for result in results:
        _add_status(status, result, declarations)
        if result.composite is None:
            continue
        _add_index(index, result.group, result.composite)
        _add_contributions(moved, result.group, result.composite, quarter)
        value = value_at(result.composite.value, quarter)
        if np.isfinite(value):
            changes = [value - value_at(result.composite.value, quarter - lag) for lag in (1, 4)]
            standings.append(
                _Standing(result.group, value, TWO_SIDED_95 * result.spread, (changes[0], changes[1]))
            )
    return {
        "labour_index": index.frame(),
        "group_status": status.frame(),
        "group_ranking": _ranking(standings, declarations, quarter),
        "group_contributions": moved.frame(),
    }


def _add_index(rows: _Rows, group: str, composite: Composite) -> None:
    quarters = [_iso(quarter) for quarter in periods(composite.value)]
    for name, values in {"overall": composite.value, **dict(composite.sub_indices.items())}.items():
        rows.add_series(str(name), group, quarters=quarters, values=values.to_numpy(dtype=float))


def _add_status(rows: _Rows, result: GroupIndex, declarations: Declarations) -> None:
    counted = len(result.cycles)
    whole = "used" if counted == len(declarations.dimensions) else "reweighted"
    note = NOTES["used"] if whole == "used" else NOTES["partial"]
    if result.composite is None:
        whole = "refused"
        note = NOTES["refused"].format(members=result.members, dimensions=counted, quarters=result.quarters)
    rows.add(result.group, "overall", whole, result.members, note, "", "")
    for dimension in declarations.dimensions:
        cycle = result.cycles.get(dimension)
        members = 0 if cycle is None else cycle.members
        if result.composite is None:
            rows.add(result.group, dimension, "refused", members, "", "", "")
        elif cycle is None:
            rows.add(result.group, dimension, "reweighted", 0, NOTES["reweighted"], "", "")
        else:
            remark = _remark(cycle, declarations)
            rows.add(result.group, dimension, "used", members, remark, cycle.method, " ".join(cycle.replaced))


def _remark(cycle: Cycle, declarations: Declarations) -> str:
    """Why the sub-index is not what the declared methods give: the factor model's fallback, then each series'."""
    reasons = [cycle.reason] if cycle.method in FALLBACKS else []
    reasons += [f"{declarations.indicators[name].name.th}: {why}" for name, why in cycle.replaced.items()]
    return "; ".join(reasons)


def _add_contributions(rows: _Rows, group: str, composite: Composite, quarter: pd.Period) -> None:
    """Contributions to the change up to the issue's quarter, exact as the nation's are."""
    parts = contributions.dimension_parts(_newest(composite))
    for against, lag in sorted(contributions.LAGS.items()):
        for dimension, part in parts.items():
            change = value_at(part, quarter) - value_at(part, quarter - lag)
            if np.isfinite(change):
                rows.add(group, _iso(quarter), against, str(dimension), change)


def _newest(composite: Composite) -> Composite:
    """The quarters that a change on the year looks at; each quarter's parts are its own."""
    kept = max(contributions.LAGS.values()) + 1
    return replace(
        composite,
        sub_indices=composite.sub_indices.tail(kept),
        value=composite.value.tail(kept),
        used=composite.used.tail(kept),
    )


def _ranking(standings: list[_Standing], declarations: Declarations, quarter: pd.Period) -> pd.DataFrame:
    """Rank of every group within its kind; rank_low..rank_high: ranks that the 95 % intervals leave open."""
    rows = []
    for kind in KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        shown = [standing for standing in standings if standing.group in codes]
        value = np.array([standing.value for standing in shown])
        margin = np.array([standing.margin for standing in shown])
        low, high = value - margin, value + margin
        for position, standing in enumerate(shown):
            rank = 1 + int((value > value[position]).sum())
            best = 1 + int((low > high[position]).sum())
            worst = len(shown) - int((high < low[position]).sum())
            interval = [value[position], low[position], high[position]]
            rows.append(
                [kind, standing.group, _iso(quarter), *interval, rank, best, worst, *standing.changes]
            )
    return pd.DataFrame(rows, columns=schema.columns("group_ranking"))
