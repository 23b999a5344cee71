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
    """One version's tables as series over its quarters; every table is read once and every column walked once."""

    def __init__(self, folder: Path, quarter: pd.Period) -> None:
        self._folder = folder
        self._tables: dict[str, pd.DataFrame] = {}
        self._nested: dict[tuple[str, ...], dict[str, Any]] = {}
        index = self.table("labour_index")
        periods = sorted(index["period"].unique()) if len(index) else []
        first = pd.Period(periods[0].replace("-", ""), freq="Q-DEC") if periods else quarter - (NEWEST - 1)
        self.periods = [iso(first + step) for step in range((quarter - first).n + 1)]
        self._place = {period: number for number, period in enumerate(self.periods)}

    def table(self, name: str) -> pd.DataFrame:
        """A table; without rows where the issue has none."""
        if name not in self._tables:
            self._tables[name] = table(self._folder, name)
        return self._tables[name]

    def series(self, name: str, keys: Sequence[str], column: str) -> dict[str, Any]:
        """Codes within codes -> one number for each quarter, null where there is none, without the nulls before the first."""
        wanted = (name, *keys, column)
        if wanted not in self._nested:
            self._nested[wanted] = self._walked(self.table(name), keys, column)
        return self._nested[wanted]

    def _walked(self, data: pd.DataFrame, keys: Sequence[str], column: str) -> dict[str, Any]:
        if data.empty or not {*keys, column} <= set(data.columns):
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

    def groups(self) -> set[str]:
        """Every group that the index or a survey has."""
        index = self.series("labour_index", ("group", "dimension"), "value")
        return {*index, *self.series("confidence", ("group", "survey", "domain"), "value")}


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
    known = about(numbers, group)
    if "labour_index" in known:
        found["about"] = known["labour_index"]
    for part, column in (("index", "value"), ("low", "low95"), ("high", "high95")):
        values = numbers.series("labour_index", ("group", "dimension"), column).get(group)
        if values:
            found[part] = values
    confidence: dict[str, Any] = {}
    for column in ("value", "low", "high", "n"):
        for survey, values in (
            numbers.series("confidence", ("group", "survey", "domain"), column).get(group, {}).items()
        ):
            confidence.setdefault(survey, {})[column] = values
    if confidence:
        found["confidence"] = confidence
    for key in _SHARES:
        shares = _shares(numbers, key, group)
        if shares:
            found[key] = shares
    return found


def _shares(numbers: Numbers, key: str, group: str) -> dict[str, Any]:
    """Options and their shares, intervals and numbers of answers; of the whole country also where an issue has no groups."""
    name, code, measure, whole = _SHARES[key]
    found = {}
    # The priorities' columns ``low`` and ``high`` are the interval of the mean rank.
    ends = ("top3_low", "top3_high") if key == "priorities" else ("low", "high")
    for part, column in (("value", measure), ("low", ends[0]), ("high", ends[1]), ("n", "n")):
        values = numbers.series(name, ("group", code), column).get(group)
        if values is None and group == "TH":
            values = numbers.series(whole, (code,), column)
        if values:
            found[part] = values
    return found


def main_content(numbers: Numbers, record: Record, declarations: Declarations) -> dict[str, Any]:
    """What every choice of the dashboard needs."""
    known = numbers.groups()
    groups = [group for group in declarations.groups if group in known]
    return {
        "issue": record.path.replace("/", ""),
        "quarter": iso(record.quarter),
        "title": record.content["title"],
        "periods": numbers.periods,
        "files": {group: file_of(group) for group in groups},
        "forecast": list(_forecast(numbers)),
        "variants": list(variants(numbers)),
        "annotations": [dict(event) for event in events()],
        "names": _names(declarations, groups),
    }


def variants(numbers: Numbers) -> dict[str, Any]:
    """What the index would be without a dimension, or with equal weights -> quarters, as the build computed it."""
    held = numbers.series("sensitivity", ("choice",), "value")
    return {
        name: values
        for name, values in held.items()
        if name.startswith("without_") or name == "equal_weights"
    }


def measure_content(numbers: Numbers, measure: str, groups: Sequence[str]) -> dict[str, Any]:
    """``values``: group -> newest quarters of the index or survey; ``about``: group -> what the newest quarter's value stands on."""
    if measure == "labour_index":
        held = {
            group: parts.get("overall")
            for group, parts in numbers.series("labour_index", ("group", "dimension"), "value").items()
        }
    else:
        surveys = numbers.series("confidence", ("group", "survey", "domain"), "value")
        held = {group: parts.get(measure, {}).get("overall") for group, parts in surveys.items()}
    known = {group: about(numbers, group) for group in groups}
    return {
        "values": {group: values[-NEWEST:] for group, values in held.items() if values},
        "about": {group: found[measure] for group, found in known.items() if measure in found},
    }


def dimension_content(numbers: Numbers, dimension: str) -> dict[str, Any]:
    """Group -> the newest quarters of one sub-index, for the map."""
    held = numbers.series("labour_index", ("group", "dimension"), "value")
    return {group: parts[dimension][-NEWEST:] for group, parts in held.items() if parts.get(dimension)}


def about(numbers: Numbers, group: str) -> dict[str, Any]:
    """Index or survey -> ``low``, ``high`` and ``n``, or ``dimensions`` and ``nation`` on the same ones, of the newest quarter."""
    found: dict[str, Any] = {}
    columns = {"low": "low", "high": "high", "dimensions": "dimensions", "nation": "nation_same_dimensions"}
    index = {
        key: _newest(numbers.series("group_ranking", ("group",), column).get(group))
        for key, column in columns.items()
    }
    if index["nation"] is not None:
        found["labour_index"] = index
    for survey in SURVEYS:
        held = {
            key: _newest(
                numbers.series("confidence", ("group", "survey", "domain"), key)
                .get(group, {})
                .get(survey, {})
                .get("overall")
            )
            for key in ("low", "high", "n")
        }
        if held["n"] is not None:
            found[survey] = held
    return found


def _newest(values: Sequence[float | int | None] | None) -> float | int | None:
    """The newest quarter's number: series end with it."""
    return values[-1] if values else None


def _forecast(numbers: Numbers) -> Iterator[dict[str, Any]]:
    for row in numbers.table("forecast").to_dict("records"):
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
