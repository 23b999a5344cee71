"""Tables of the groups: index with bands, what each group was made of, who stands higher, contributions.

In: one group's result after the other. Out: ``labour_index`` of the groups, ``group_status``, ``group_ranking``, ``group_levels``, ``group_contributions`` (docs/tables.md). Of
a finished group only its rows are kept, by column: numbers packed, texts shared. So the driver's memory grows by the published
tables and by nothing else.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index import group_levels
from reporter.index.group_index import GroupIndex
from reporter.index.panel import periods, value_at
from reporter.index.points import LAGS, OVERALL, Z80, Z95

Tables = dict[str, pd.DataFrame]
KINDS = ("STATUS", "INDUSTRY", "REGION", "PROVINCE")
NOTES = {
    "absent": "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้ จึงไม่นับมิตินี้ในดัชนีรวมของกลุ่ม",
    "partial": "ดัชนีรวมของกลุ่มใช้ {dimensions} มิติที่มีข้อมูล ด้วยน้ำหนักของประเทศ",
}
_INDEX = {
    name: "d" if name[:3] in ("val", "low", "hig") else "text" for name in schema.columns("labour_index")
}
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

_PLACED = ["level", "low", "high", "rank", "rank_low", "rank_high"]  # of group_levels
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

    def frame(self) -> pd.DataFrame:
        """The table; every column is let go when its copy is made."""
        frame = {}
        for name in list(self._columns):
            column = self._columns.pop(name)
            values = np.array(column) if isinstance(column, array) else column
            frame[name] = pd.Series(values, dtype="str" if isinstance(column, list) else None)
        return pd.DataFrame(frame, copy=False)


class _Standing(NamedTuple):
    """What the ranking needs of a group; ``margin`` of its 95 % band, ``nation`` the nation's composite on its dimensions."""

    group: str
    value: float
    margin: float
    changes: tuple[float, float]
    nation: float
    dimensions: int


def tables(
    results: Iterable[GroupIndex],
    declarations: Declarations,
    quarter: pd.Period,
    weights: pd.Series,
    nation: pd.DataFrame,
) -> Tables:
    """All tables of the groups; each result is let go once its rows are written.

    weights  dimension -> the nation's weight; nation: period x dimension, the nation's sub-indices
    """
    index, status, moved = _Rows(_INDEX), _Rows(_STATUS), _Rows(_CONTRIBUTIONS)
    standings: list[_Standing] = []
    levels: list[group_levels.Levels] = []
    for result in results:
        _add_status(status, result, declarations)
        _add_index(index, result)
        levels.append(group_levels.Levels(result.group, result.factors.levels))
        if result.refused:
            continue
        _add_contributions(moved, result, quarter)
        value = value_at(result.value[OVERALL], quarter)
        if np.isfinite(value):
            changes = [value - value_at(result.value[OVERALL], quarter - lag) for lag in (1, 4)]
            beside = _nation_on(list(result.factors.members), weights, nation, _iso(quarter))
            own = (result.group, value, result.margin(quarter), (changes[0], changes[1]))
            standings.append(_Standing(*own, beside, len(result.factors.members)))
    compared = _levels(levels, declarations, weights, quarter)
    return {
        "labour_index": index.frame(),
        "group_status": status.frame(),
        "group_ranking": _ranking(standings, compared, declarations, quarter),
        "group_levels": compared,
        "group_contributions": moved.frame(),
    }


def _levels(
    levels: Sequence[group_levels.Levels], declarations: Declarations, weights: pd.Series, quarter: pd.Period
) -> pd.DataFrame:
    parts = []
    for kind in KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        own = [level for level in levels if level.group in codes]
        parts.append(group_levels.table(own, kind, declarations, weights, quarter))
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else schema.empty("group_levels")


def _nation_on(dimensions: Sequence[str], weights: pd.Series, nation: pd.DataFrame, period: str) -> float:
    """Weighted mean of the nation's sub-indices on a group's dimensions, on the composite's scale over all quarters."""
    kept = [name for name in dimensions if name in nation]
    share = weights[kept] / weights[kept].sum()
    mean = (nation[kept].dropna() - 100) @ share
    spread = float(mean.std(ddof=0))
    if period not in mean.index or not spread > 0:
        return float("nan")
    return float(100 + 10 * (mean[period] - mean.mean()) / spread)


def _add_index(rows: _Rows, result: GroupIndex) -> None:
    quarters = [_iso(quarter) for quarter in periods(result.value)]
    for name in result.value:
        value, spread = result.value[name].to_numpy(dtype=float), result.spread[name].to_numpy(dtype=float)
        status = result.status[name].to_numpy(dtype=object)
        for place in np.flatnonzero(np.isfinite(value)).tolist():
            level, deviation = float(value[place]), float(spread[place])
            bands = [level + sign * z * deviation for z in (Z80, Z95) for sign in (-1, 1)]
            rows.add(str(name), result.group, quarters[place], level, *bands, str(status[place]))


def _add_status(rows: _Rows, result: GroupIndex, declarations: Declarations) -> None:
    members = result.factors.members
    counted, total = len(members), sum(members.values())
    is_whole = counted == len(declarations.dimensions)
    whole = "refused" if result.refused else "used" if is_whole else "reweighted"
    note = result.refused or ("" if is_whole else NOTES["partial"].format(dimensions=counted))
    rows.add(result.group, OVERALL, whole, total, note, "", "")
    for dimension in declarations.dimensions:
        if dimension not in members:
            rows.add(result.group, dimension, "reweighted", 0, NOTES["absent"], "", "")
            continue
        replaced = result.factors.replaced.get(dimension, {})
        remark = "; ".join(
            f"{declarations.indicators[name].name.th}: {why}" for name, why in replaced.items()
        )
        method = "single" if members[dimension] == 1 else "joint"
        rows.add(result.group, dimension, "used", members[dimension], remark, method, " ".join(replaced))


def _add_contributions(rows: _Rows, result: GroupIndex, quarter: pd.Period) -> None:
    """Contributions to the change up to the issue's quarter, exact as the nation's are."""
    for against, lag in sorted(LAGS.items()):
        for dimension, part in result.parts.items():
            change = value_at(part, quarter) - value_at(part, quarter - lag)
            if np.isfinite(change):
                rows.add(result.group, _iso(quarter), against, str(dimension), change)


def _ranking(
    standings: list[_Standing], compared: pd.DataFrame, declarations: Declarations, quarter: pd.Period
) -> pd.DataFrame:
    """Table ``group_ranking``: the cycle index with its band, ranks from the level index (NaN where a group is not in it)."""
    ranks = compared.set_index("group")
    rows = []
    for kind in KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        for item in (standing for standing in standings if standing.group in codes):
            band = [item.value, item.value - item.margin, item.value + item.margin]
            placed = item.group in ranks.index
            own = list(ranks.loc[item.group, _PLACED]) if placed else [float("nan")] * 6
            place = [kind, item.group, _iso(quarter), *band, *own[3:], *item.changes]
            rows.append([*place, *own[:3], item.nation, item.dimensions])
    return pd.DataFrame(rows, columns=schema.columns("group_ranking"))
