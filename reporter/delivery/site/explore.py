"""The dashboard's numbers: one script of what every choice needs, and one for each group, which is loaded when it is chosen.

Goes in: the tables of a published version. Comes out: ``dashboard/2568q3v1-1/main.js`` (names, quarters, forecast, annotations),
``measure-employer.js`` and ``dimension-wages.js`` (the newest values of every group, for map and ranking), ``variants.js``, and ``.../TH.js``, ``.../PROVINCE-TH-50.js``: the index by
dimension with its bands, both surveys by domain with intervals and numbers of answers, actions, traits and priorities. Scripts,
because a page on a disk may load scripts but may not fetch. Numbers have full precision; every one is
a cell of the version's tables. Source of the nine items: study, 5.2.2.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.built_issue import table
from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import NextSite
from reporter.domain.declarations import Declarations, Name, asset
from reporter.domain.periods import iso

# Raised when the scripts hold something else: those of older issues, which are kept from publish to publish, are made again.
FORMAT = 1
NEWEST = 13  # quarters of every group for map and ranking: three years and the quarter to compare with
SURVEYS = ("employer", "worker")
# table by group -> column of the option, measure, table of the whole country where issues of older programs have no groups
_SHARES = {
    "actions": ("employer_actions_by_group", "action", "share", "employer_actions"),
    "traits": ("traits_by_group", "trait", "share", "traits"),
    "priorities": ("priorities_by_group", "aspect", "top3_share", "priorities"),
}


def folder_of(record: Record) -> str:
    """``dashboard/2568q3v1-1``: where the scripts of a version stand."""
    return f"dashboard/{record.path.replace('/', '')}-{FORMAT}"


def file_of(group: str) -> str:
    """``PROVINCE-TH-50.js``."""
    return f"{group.replace(':', '-')}.js"


@cache
def events() -> tuple[Mapping[str, Any], ...]:
    """What is marked in the charts (``templates/site/annotations.toml``)."""
    content = tomllib.loads(asset("templates", "site", "annotations.toml").read_text(encoding="utf-8"))
    return tuple(content["event"])


class Numbers:
    """One version's tables as series over its quarters."""

    def __init__(self, folder: Path, quarter: pd.Period) -> None:
        self.tables = folder
        self.index = table(folder, "labour_index")
        self.confidence = table(folder, "confidence")
        periods = sorted(self.index["period"].unique()) if len(self.index) else []
        first = pd.Period(periods[0].replace("-", ""), freq="Q-DEC") if periods else quarter - (NEWEST - 1)
        self.periods = [iso(first + step) for step in range((quarter - first).n + 1)]
        self._by_group: dict[str, dict[str, pd.DataFrame]] = {}
        self._place = {period: number for number, period in enumerate(self.periods)}

    def series(self, data: pd.DataFrame, keys: Sequence[str], column: str) -> dict[str, Any]:
        """Codes within codes -> one number for each quarter, null where there is none, without the nulls before the first."""
        if data.empty or column not in data:
            return {}
        held: dict[tuple[str, ...], list[float | int | None]] = {}
        codes = zip(*(data[key].astype(str) for key in keys), strict=True)
        for code, period, number in zip(codes, data["period"], data[column], strict=True):
            if period in self._place:
                values = held.setdefault(code, [None] * len(self.periods))
                values[self._place[period]] = _plain(number)
        found: dict[str, Any] = {}
        for (*outer, last), values in held.items():
            place = found
            for part in outer:
                place = place.setdefault(part, {})
            place[last] = _from_first(values)
        return found

    def of_group(self, name: str, group: str) -> pd.DataFrame:
        """A group's rows of a table; without rows where the issue has no such table."""
        if name not in self._by_group:
            data = table(self.tables, name)
            rows = data.groupby("group", sort=False) if "group" in data else ()
            self._by_group[name] = {str(code): part for code, part in rows}
        return self._by_group[name].get(group, pd.DataFrame())

    def groups(self) -> list[str]:
        """Every group that any table has."""
        named = [data["group"] for data in (self.index, self.confidence) if len(data)]
        return sorted({str(group) for column in named for group in column.unique()})


def _from_first(values: Sequence[float | int | None]) -> list[float | int | None]:
    """Ends with the newest quarter; begins with the first that has a value."""
    first = next((place for place, value in enumerate(values) if value is not None), len(values))
    return list(values[first:])


def _plain(value: Any) -> float | int | None:
    """A number as a script holds it, null for a missing one; whole numbers without a point.

    Nothing is rounded before it is shown: a number that is rounded twice may differ from the table's in its last digit.
    """
    if value is None or not math.isfinite(float(value)):
        return None
    number = float(value)
    return int(number) if number.is_integer() else number


def group_content(numbers: Numbers, group: str) -> dict[str, Any]:
    """All that the dashboard shows of one group."""
    found: dict[str, Any] = {}
    index = numbers.of_group("labour_index", group)
    known = about(numbers, group)
    if "labour_index" in known:
        found["about"] = known["labour_index"]
    if len(index):
        found["index"] = numbers.series(index, ("dimension",), "value")
        found["low"] = numbers.series(index, ("dimension",), "low95")
        found["high"] = numbers.series(index, ("dimension",), "high95")
    surveys = {}
    confidence = numbers.of_group("confidence", group)
    for survey in SURVEYS:
        answers = confidence[confidence["survey"] == survey] if len(confidence) else confidence
        if len(answers):
            surveys[survey] = {
                key: numbers.series(answers, ("domain",), column)
                for key, column in (("value", "value"), ("low", "low"), ("high", "high"), ("n", "n"))
            }
    if surveys:
        found["confidence"] = surveys
    for key, (name, code, measure, whole) in _SHARES.items():
        data = numbers.of_group(name, group)
        if data.empty and group == "TH":
            data = table(numbers.tables, whole)
        if len(data):
            found[key] = {
                part: numbers.series(data, (code,), column)
                for part, column in (("value", measure), ("low", "low"), ("high", "high"), ("n", "n"))
                if column in data and not (key == "priorities" and part in ("low", "high"))
            }
    return found


def main_content(numbers: Numbers, record: Record, declarations: Declarations) -> dict[str, Any]:
    """What every choice of the dashboard needs."""
    groups = [group for group in declarations.groups if group in set(numbers.groups())]
    return {
        "issue": record.path.replace("/", ""),
        "quarter": iso(record.quarter),
        "title": record.content["title"],
        "periods": numbers.periods,
        "files": {group: file_of(group) for group in groups},
        "forecast": list(_forecast(numbers.tables)),
        "variants": list(variants(numbers)),
        "annotations": [dict(event) for event in events()],
        "names": _names(declarations, groups),
    }


def variants(numbers: Numbers) -> dict[str, Any]:
    """What the index would be without a dimension, or with equal weights -> quarters, as the build computed it."""
    held = numbers.series(table(numbers.tables, "sensitivity"), ("choice",), "value")
    return {
        name: values
        for name, values in held.items()
        if name.startswith("without_") or name == "equal_weights"
    }


def measure_content(numbers: Numbers, measure: str, groups: Sequence[str]) -> dict[str, Any]:
    """``values``: group -> newest quarters of the index or survey; ``about``: group -> what the newest quarter's value stands on."""
    if measure == "labour_index":
        rows = numbers.index
        rows = rows[rows["dimension"] == "overall"] if len(rows) else rows
    else:
        rows = numbers.confidence
        rows = rows[(rows["survey"] == measure) & (rows["domain"] == "overall")] if len(rows) else rows
    held = numbers.series(rows, ("group",), "value")
    known = {group: about(numbers, group) for group in groups}
    return {
        "values": {group: values[-NEWEST:] for group, values in held.items()},
        "about": {group: found[measure] for group, found in known.items() if measure in found},
    }


def dimension_content(numbers: Numbers, dimension: str) -> dict[str, Any]:
    """Group -> the newest quarters of one sub-index, for the map."""
    index = numbers.index
    rows = index[index["dimension"] == dimension] if len(index) else index
    held = numbers.series(rows, ("group",), "value")
    return {group: values[-NEWEST:] for group, values in held.items()}


def about(numbers: Numbers, group: str) -> dict[str, Any]:
    """Index or survey -> ``low``, ``high`` and ``n``, or ``dimensions`` and ``nation`` on the same ones, of the newest quarter."""
    found: dict[str, Any] = {}
    newest = numbers.periods[-1]
    ranking = numbers.of_group("group_ranking", group)
    ranking = ranking[ranking["period"] == newest] if len(ranking) else ranking
    if len(ranking) and "nation_same_dimensions" in ranking:
        row = ranking.iloc[0]
        keys = {"low": "low", "high": "high", "dimensions": "dimensions", "nation": "nation_same_dimensions"}
        found["labour_index"] = {key: _plain(row[column]) for key, column in keys.items()}
    answers = numbers.of_group("confidence", group)
    for survey in SURVEYS:
        if len(answers):
            chosen = (
                (answers["survey"] == survey)
                & (answers["domain"] == "overall")
                & (answers["period"] == newest)
            )
            for low, high, n in answers[chosen][["low", "high", "n"]].itertuples(index=False, name=None):
                found[survey] = {"low": _plain(low), "high": _plain(high), "n": _plain(n)}
    return found


def _forecast(folder: Path) -> Iterator[dict[str, Any]]:
    for row in table(folder, "forecast").to_dict("records"):
        yield {
            "period": row["period"],
            **{key: _plain(row[key]) for key in ("mean", "low80", "high80", "low95", "high95")},
        }


def _names(declarations: Declarations, groups: Iterable[str]) -> dict[str, Any]:
    """Thai and English names of everything that is shown, and the provinces' places on the tile map."""
    forms = declarations.questionnaires
    known = declarations.groups
    return {
        "dimensions": {code: _both(item.short) for code, item in declarations.dimensions.items()},
        "groups": {code: _both(known[code].name) for code in groups},
        "tiles": {
            group.code: [group.abbreviation, *group.tile]
            for group in declarations.groups_of("PROVINCE")
            if group.tile is not None
        },
        "domains": {key: {item.id: _both(item.name) for item in form.domains} for key, form in forms.items()},
        "options": {
            item.id: _both(item.short if item.short.th else item.name)
            for form in forms.values()
            for item in (*form.actions, *form.traits, *form.aspects)
        },
    }


def _both(name: Name) -> list[str]:
    return [name.th, name.en or name.th]


def _script(name: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"reporterDashboardFile({json.dumps(name)},{text});\n"


def write_dashboard(site: NextSite, newest: Sequence[Record], declarations: Declarations) -> None:
    """Write the scripts of every issue's newest version; those that are there already stay as they are."""
    for record in newest:
        folder = folder_of(record)
        if site.exists(f"{folder}/main.js"):
            continue
        numbers = Numbers(site.folder(record.path), record.quarter)
        content = main_content(numbers, record, declarations)
        for group in content["files"]:
            site.write(f"{folder}/{file_of(group)}", _script(group, group_content(numbers, group)))
        for dimension in content["names"]["dimensions"]:
            name = f"dimension-{dimension}"
            site.write(f"{folder}/{name}.js", _script(name, dimension_content(numbers, dimension)))
        for measure in ("labour_index", *SURVEYS):
            held = measure_content(numbers, measure, list(content["files"]))
            site.write(f"{folder}/measure-{measure}.js", _script(f"measure-{measure}", held))
        site.write(f"{folder}/variants.js", _script("variants", variants(numbers)))
        site.write(f"{folder}/main.js", _script("main", content))
