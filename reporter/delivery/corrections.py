"""What a correction corrects: headline numbers, table cells, and which sentences no longer say the same.

Goes in: the folders of two versions of one quarter's issue. Comes out: a ``Correction`` with a severity that is computed, not
chosen. Letter and website tell it in the same words. The truth of a sentence is read from its claims in ``issue.json``
(docs/issue.md): a claim that both versions make about the same cells, with another answer, changed its truth value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from reporter.delivery.built_issue import PARTS, document, table
from reporter.domain import schema, thai
from reporter.pipeline import manifest

Severity = Literal["meaning", "numbers", "details"]
SEVERITIES: Mapping[Severity, str] = {
    "meaning": "เปลี่ยนข้อสรุป",
    "numbers": "เปลี่ยนตัวเลขที่พิมพ์ในรายงาน",
    "details": "เปลี่ยนเฉพาะรายละเอียด",
}
INDICES = {
    "labour_index": "ดัชนีเศรษฐกิจแรงงาน",
    "employer": "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    "worker": "ดัชนีความเชื่อมั่นของแรงงาน",
}
_PART_WORDS = {"change_quarter": "จากไตรมาสก่อน", "change_year": "จากปีก่อน"}
# Two computations of one number on two machines differ in the last bits; a correction differs by more.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Correction:
    """The difference of two versions.

    severity    meaning: a sentence changed its truth value, or a headline its direction; numbers: a printed number changed
    headline    one Thai sentence per headline number that is printed differently, with the old and the new one
    sentences   pairs of a sentence as it was and the sentence that now stands for it ("" where none does)
    tables      table -> how many of its cells changed, rows that came or went included
    """

    severity: Severity
    headline: tuple[str, ...]
    sentences: tuple[tuple[str, str], ...]
    tables: Mapping[str, int]

    def record(self) -> dict[str, Any]:
        """Plain values for the website's record."""
        return {
            "severity": self.severity,
            "headline": list(self.headline),
            "sentences": [list(pair) for pair in self.sentences],
            "tables": dict(self.tables),
        }


def compare(before: Path, after: Path) -> Correction:
    """What changed between two versions of an issue, from their folders. Raises InputError for a broken one."""
    old, new = (manifest.read(folder).get("headline") or {} for folder in (before, after))
    headline = headline_changes(old, new)
    first, second = document(before), document(after)
    altered = tuple(_altered_sentences(first, second)) if first and second else ()
    turned = any(
        thai.sign_of(_value(old, key, part), 1) != thai.sign_of(_value(new, key, part), 1)
        for key in INDICES
        for part in _PART_WORDS
        if _value(old, key, part) is not None and _value(new, key, part) is not None
    )
    severity: Severity = "details"
    if altered or turned:
        severity = "meaning"
    elif headline or (first and second and _printed(first) != _printed(second)):
        severity = "numbers"
    return Correction(severity, headline, altered, changed_cells(before, after))


def headline_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Headline numbers that are printed differently, each as a Thai sentence with the old and the new one."""
    found = []
    for key, name in INDICES.items():
        old, new = (_value(headline, key, "value") for headline in (before, after))
        if thai.number(old) != thai.number(new):
            found.append(f"{name} เปลี่ยนจาก {thai.number(old)} จุด เป็น {thai.number(new)} จุด")
        for part, words in _PART_WORDS.items():
            old, new = (_value(headline, key, part) for headline in (before, after))
            if thai.change(old) != thai.change(new):
                found.append(f"{name} การเปลี่ยนแปลง{words} แก้จาก {thai.change(old)} เป็น {thai.change(new)}")
    return tuple(found)


def _value(headline: Mapping[str, Any], key: str, part: str) -> float | None:
    assert part in PARTS
    entry = headline.get(key)
    value = entry.get(part) if isinstance(entry, Mapping) else None
    return None if value is None else float(value)


def _altered_sentences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Sentences of which a claim has another answer now, with the sentence that makes the claim now."""
    now: dict[str, tuple[Any, str]] = {}
    for sentence in sentences_of(after):
        for key, says in _claims(sentence):
            now.setdefault(key, (says, sentence["text"]))
    told: set[str] = set()
    for sentence in sentences_of(before):
        for key, says in _claims(sentence):
            if key in now and now[key][0] != says and sentence["text"] not in told:
                told.add(sentence["text"])
                yield sentence["text"], now[key][1]


def _claims(sentence: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What each claim is about, and its answer. What surrounds it (candidates, limits) is not part of what it is about."""
    for claim in sentence.get("claims", ()):
        about = {key: claim[key] for key in ("kind", "of", "left", "right", "where", "path") if key in claim}
        if len(about) > 1:
            yield json.dumps(about, sort_keys=True, ensure_ascii=False), claim.get("says")


def sentences_of(content: Any) -> Iterator[Mapping[str, Any]]:
    """Every sentence of an issue document, in reading order; a sentence is what has both a text and claims."""
    if isinstance(content, Mapping):
        if "text" in content and "spans" in content:
            yield content
            return
        for part in content.values():
            yield from sentences_of(part)
    elif isinstance(content, list):
        for part in content:
            yield from sentences_of(part)


def _printed(content: Mapping[str, Any]) -> list[str]:
    """Every number as it stands in a sentence, in reading order."""
    return [
        str(span["text"])
        for sentence in sentences_of(content)
        for span in sentence["spans"]
        if span.get("kind") == "number"
    ]


def changed_cells(before: Path, after: Path) -> dict[str, int]:
    """Table -> how many of its cells changed; tables without a change are left out."""
    names = {path.stem for folder in (before, after) for path in (folder / "tables").glob("*.csv")}
    order = {name: number for number, name in enumerate(schema.tables())}
    found = {}
    for name in sorted(names, key=lambda name: (order.get(name, len(order)), name)):
        first, second = (folder / "tables" / f"{name}.csv" for folder in (before, after))
        if first.exists() and second.exists() and first.read_bytes() == second.read_bytes():
            continue
        declared = schema.tables().get(name)
        keys = declared.key if declared else ()
        if count := _cells_that_differ(table(before, name), table(after, name), keys):
            found[name] = count
    return found


def _cells_that_differ(first: pd.DataFrame, second: pd.DataFrame, declared: Sequence[str]) -> int:
    """Cells that differ between two tables: row by row by their key, or place by place where none tells rows apart.

    declared   key columns of the table; a row that came or went counts with all its other cells
    """
    shared = [str(column) for column in first if column in second]
    keys = [column for column in declared if column in shared]
    if keys and not first.duplicated(keys).any() and not second.duplicated(keys).any():
        old, new = (data.astype(dict.fromkeys(keys, "str")).set_index(keys) for data in (first, second))
        common = old.index.intersection(new.index)
        values = [column for column in shared if column not in keys]
        gone = len(old) + len(new) - 2 * len(common)
        return _differing(old.loc[common], new.loc[common], values) + gone * max(1, len(values))
    rows = min(len(first), len(second))
    gone = abs(len(first) - len(second))
    return _differing(first[:rows], second[:rows], shared) + gone * max(1, len(shared))


def _differing(first: pd.DataFrame, second: pd.DataFrame, columns: Sequence[str]) -> int:
    """Cells of two tables with the same rows that differ."""
    return sum(int((~_same(first[column], second[column])).sum()) for column in columns)


def _same(first: pd.Series, second: pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Cell by cell: the same text, the same number within the tolerance, or both missing."""
    a, b = first.to_numpy(), second.to_numpy()
    missing = pd.isna(a) & pd.isna(b)
    if pd.api.types.is_numeric_dtype(first.dtype) and pd.api.types.is_numeric_dtype(second.dtype):
        equal = np.isclose(a.astype(float), b.astype(float), rtol=_TOLERANCE, atol=_TOLERANCE)
    else:
        equal = a == b
    return np.asarray(missing | equal, dtype=bool)
