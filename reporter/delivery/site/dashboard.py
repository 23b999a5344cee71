"""The dashboard's data: the newest thirteen quarters of every index, group and share, as one script of numbers.

Goes in: the tables of a built issue. Comes out: ``dashboard.js``, which sets ``window.reporterDashboard`` (a script, because
a page on a disk may not fetch). Numbers are rounded to the digits that a reader can be shown; missing ones are null.
Source: study, 5.2.2 (the nine items).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.built_issue import table
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.domain.thai import quarter_slash

HISTORY = 13
_DIGITS = 3


def script(folder: Path, quarter: pd.Period, declarations: Declarations, record: Mapping[str, Any]) -> str:
    """The content of ``dashboard.js``."""
    periods = [iso(quarter - step) for step in reversed(range(HISTORY))]
    content = {
        "title": record["title"],
        "periods": periods,
        "labels": [quarter_slash(period) for period in periods],
        "index": nested(table(folder, "labour_index"), ("group", "dimension"), "value", periods),
        "forecast": _forecast(folder),
        "confidence": _confidence(folder, periods),
        "actions": _shares(folder, "employer_actions", "action", ("share", "low", "high"), periods),
        "traits": _shares(folder, "traits", "trait", ("share", "low", "high"), periods),
        "priorities": _shares(
            folder, "priorities", "aspect", ("mean_rank", "first_share", "top3_share"), periods
        ),
        "priorities_of": nested(
            table(folder, "priorities_by_group"), ("group", "aspect"), "top3_share", periods
        ),
        "names": _names(declarations),
    }
    return f"window.reporterDashboard = {json.dumps(content, ensure_ascii=False, separators=(',', ':'))};\n"


def nested(data: pd.DataFrame, keys: Sequence[str], value: str, periods: Sequence[str]) -> dict[str, Any]:
    """Codes within codes -> one number a quarter, null where the table has none."""
    found: dict[str, Any] = {}
    if data.empty:
        return found
    position = {period: number for number, period in enumerate(periods)}
    data = data[data["period"].isin(position)]
    for *codes, period, number in zip(*(data[key] for key in keys), data["period"], data[value], strict=True):
        *outer, last = map(str, codes)
        place = found
        for code in outer:
            place = place.setdefault(code, {})
        place.setdefault(last, [None] * len(position))[position[period]] = _plain(number)
    return found


def _plain(value: Any) -> Any:
    """A number with the digits that are shown, null for a missing one; text and counts as they are."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return round(float(value), _DIGITS)


def _forecast(folder: Path) -> list[dict[str, Any]]:
    data = table(folder, "forecast")
    return [
        {
            "period": row["period"],
            "label": quarter_slash(row["period"]),
            **{key: _plain(row[key]) for key in ("mean", "low80", "high80", "low95", "high95")},
        }
        for row in data.to_dict("records")
    ]


def _confidence(folder: Path, periods: Sequence[str]) -> dict[str, Any]:
    """survey -> ``value`` (group -> domain), and for the overall index ``low``, ``high``, ``n``, ``flag`` by group."""
    data = table(folder, "confidence")
    if data.empty:
        return {}
    found: dict[str, Any] = {}
    for survey, rows in data.groupby("survey", sort=False):
        overall = rows[rows["domain"] == "overall"]
        newest = overall[overall["period"] == periods[-1]]
        flags = newest["flag"].fillna("") if "flag" in newest else pd.Series("", index=newest.index)
        found[str(survey)] = {
            "value": nested(rows, ("group", "domain"), "value", periods),
            **{key: nested(overall, ("group",), key, periods) for key in ("low", "high", "n")},
            "flag": {
                str(group): str(flag) for group, flag in zip(newest["group"], flags, strict=True) if flag
            },
        }
    return found


def _shares(
    folder: Path, name: str, key: str, measures: Sequence[str], periods: Sequence[str]
) -> dict[str, Any]:
    data = table(folder, name)
    if data.empty:
        return {}
    return {measure: nested(data, (key,), measure, periods) for measure in measures if measure in data}


def _names(declarations: Declarations) -> dict[str, Any]:
    """Names of everything that is shown, and the provinces' places on the tile map."""
    forms = declarations.questionnaires
    return {
        "dimensions": {code: item.short.th for code, item in declarations.dimensions.items()},
        "groups": {code: item.name.th for code, item in declarations.groups.items()},
        "tiles": {
            group.code: {"letters": group.abbreviation, "tile": list(group.tile), "region": group.region}
            for group in declarations.groups_of("PROVINCE")
            if group.tile is not None
        },
        "domains": {key: {item.id: item.name.th for item in form.domains} for key, form in forms.items()},
        "options": {
            item.id: (item.short.th or item.name.th)
            for form in forms.values()
            for item in (*form.actions, *form.traits, *form.aspects)
        },
    }
