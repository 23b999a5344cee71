"""A built issue as delivery reads it: whether its parts say the same headline.

Goes in: the folder ``out/<quarter>/`` with its manifest. Comes out: sentences about what contradicts what. The headline stands in
four places: the manifest, the tables, the report and the issue document. An edit of one of them alone is found here, whatever the
hashes say.
"""

from __future__ import annotations

import json
import math
import numbers
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain import thai
from reporter.domain.errors import InputError
from reporter.domain.periods import iso, parse_quarter

DOCUMENT, PAGE = "issue.json", "report.html"
# Index of the headline -> its table and the columns that choose its series there.
SERIES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "labour_index": ("labour_index", {"dimension": "overall"}),
    "employer": ("confidence", {"survey": "employer", "domain": "overall"}),
    "worker": ("confidence", {"survey": "worker", "domain": "overall"}),
}
_HEADS = {"labour_index": "labour_index", "employer": "employers_confidence", "worker": "workers_confidence"}
PARTS = {"value": 0, "change_quarter": 1, "change_year": 4}  # part -> quarters between the two values
# Tables are written so that numbers read back to the last bit; a difference of two of them may lose that bit.
_TOLERANCE = 1e-9


def table(folder: Path, name: str) -> pd.DataFrame:
    """One of the issue's tables, codes as text; without rows where the issue has none. Raises InputError."""
    path = folder / "tables" / f"{name}.csv"
    if not path.exists():
        return pd.DataFrame()
    texts = ("domain", "group", "period", "dimension", "survey", "flag", "item", "variable", "text_th")
    try:
        columns = pd.read_csv(path, nrows=0).columns
        kinds = {key: "str" for key in texts if key in columns}
        return pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values=[""], low_memory=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ — สร้างฉบับใหม่ด้วย reporter build",
            f"Cannot read {path}; build the issue again with reporter build.",
        ) from error


def document(folder: Path) -> dict[str, Any] | None:
    """The whole issue document (``issue.json``), or None where the issue was built without one. Raises InputError."""
    path = folder / DOCUMENT
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ — สร้างฉบับใหม่ด้วย reporter build",
            f"Cannot read {path}; build the issue again with reporter build.",
        ) from error
    # A version that an early program published has its record under this name.
    return content if isinstance(content, dict) and "documents" in content else None


def _headline_of_document(content: Mapping[str, Any] | None, lang: str) -> dict[str, dict[str, Any]] | None:
    """The headline as one language of the document says it, in the manifest's terms; None without a document."""
    if content is None:
        return None
    heads = {head["id"]: head for head in content["documents"][lang]["headline"]}
    return {
        key: {
            part: (heads.get(name, {}).get(field) or {}).get("value")
            for part, field in (("value", "level"), ("change_quarter", "quarter"), ("change_year", "year"))
        }
        for key, name in _HEADS.items()
    }


def headline_conflicts(folder: Path, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where the headline of the manifest is not that of the tables, the issue document or the report; Thai and English."""
    stated = content.get("headline")
    if not isinstance(stated, Mapping):
        return []
    quarter = parse_quarter(str(content["quarter"]))
    told = document(folder)
    languages = told["documents"] if told else ()
    return [
        *_against("tables", stated, headline_of_tables(folder, quarter)),
        *(
            found
            for lang in languages
            for found in _against(DOCUMENT, stated, _headline_of_document(told, lang))
        ),
        *_against_page(folder / PAGE, stated, iso(quarter)),
    ]


def headline_of_tables(folder: Path, quarter: pd.Period) -> dict[str, dict[str, float | None]]:
    """The headline computed again from the published tables; None for a missing number."""
    found: dict[str, dict[str, float | None]] = {}
    for key, (name, where) in SERIES.items():
        data = table(folder, name)
        values: dict[str, float] = {}
        if len(data) and {"group", "period", "value", *where} <= set(data.columns):
            chosen = data["group"] == "TH"
            for column, code in where.items():
                chosen &= data[column] == code
            values = dict(zip(data.loc[chosen, "period"], data.loc[chosen, "value"], strict=True))
        now = _number(values.get(iso(quarter)))
        found[key] = {"value": now}
        for part, lag in PARTS.items():
            before = _number(values.get(iso(quarter - lag)))
            if lag:
                found[key][part] = None if now is None or before is None else now - before
    return found


def _against(place: str, stated: Mapping[str, Any], found: Any) -> Iterator[tuple[str, str]]:
    """Numbers of the manifest that another place gives differently."""
    if not isinstance(found, Mapping):
        return
    for key in SERIES:
        for part in PARTS:
            first, second = (_part(headline, key, part) for headline in (stated, found))
            if not _is_same(first, second):
                yield (
                    f"{key} {part}: manifest.json ว่า {_shown(first)} แต่ {place} ว่า {_shown(second)}",
                    f"{key} {part}: manifest.json says {_shown(first)}, {place} says {_shown(second)}",
                )


def _against_page(path: Path, stated: Mapping[str, Any], quarter: str) -> Iterator[tuple[str, str]]:
    """Levels of the manifest that the report does not print, or prints with another value behind them."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for key, (name, where) in SERIES.items():
        value = _part(stated, key, "value")
        chosen = "&amp;".join(f"{column}={code}" for column, code in where.items())
        cell = re.escape(f"{name}?{chosen}&amp;group=TH&amp;period={quarter}#value")
        # The report keeps beside every printed number its full value and the cell that it was taken from.
        printed = {float(found) for found in re.findall(rf'value="([-\d.e+]+)" data-cell="{cell}"', text)}
        if value is None:
            printed_otherwise, is_printed = printed, True
        else:
            printed_otherwise = {number for number in printed if not _is_same(number, value)}
            shown = thai.number(value)
            is_printed = bool(printed) or shown in text or thai.thai_digits(shown) in text
        if printed_otherwise or not is_printed:
            other = ", ".join(map(_shown, sorted(printed_otherwise))) or "–"
            yield (
                f"{key} value: manifest.json ว่า {_shown(value)} แต่ {path.name} ว่า {other}",
                f"{key} value: manifest.json says {_shown(value)}, {path.name} says {other}",
            )


def _part(headline: Mapping[str, Any], key: str, part: str) -> float | None:
    entry = headline.get(key)
    return _number(entry.get(part)) if isinstance(entry, Mapping) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return float(value) if math.isfinite(value) else None


def _is_same(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"
