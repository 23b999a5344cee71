"""A built issue as delivery reads it: its tables, its document, and the check that its parts have the same headline.

Goes in: the folder ``out/<quarter>/``. Comes out: tables; sentences, figures, sections and HTML of the issue document (docs/issue.md),
made by ``templates/site/blocks.html.j2``; and what contradicts what. The headline stands in four places: the manifest, the
tables, the report and the issue document; an edit of one of them alone is found here, whatever the hashes say. Nothing is
worded here, and no HTML is read back, so that a number on the website or in a letter is the report's own.
"""

from __future__ import annotations

import json
import math
import numbers
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2
import numpy as np
import pandas as pd

from reporter.domain import schema, thai
from reporter.domain.declarations import asset
from reporter.domain.errors import InputError
from reporter.domain.periods import iso, parse_quarter
from reporter.domain.thai import BREAK, protect
from reporter.pipeline import manifest
from reporter.report.pages import image_size

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
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path) from error
    # A version that an early program published has its record under this name.
    return content if isinstance(content, dict) and "documents" in content else None


def _headlines(folder: Path) -> list[dict[str, dict[str, Any]]]:
    """The headline as each language of the document says it, in the manifest's terms; none without a document.

    Raises InputError for a document that is none of this program's
    """
    path = folder / DOCUMENT
    if not path.exists():
        return []
    content = document(folder)
    try:
        assert content is not None
        return [
            _headline_of(content["documents"][lang]["headline"]) for lang in (LANGUAGE, *content["documents"])
        ]
    except (AssertionError, AttributeError, KeyError, TypeError) as error:
        raise _unreadable(path) from error


def _headline_of(stated: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    heads = {head["id"]: head for head in stated}
    fields = (("value", "level"), ("change_quarter", "quarter"), ("change_year", "year"))
    return {
        key: {part: (heads.get(name, {}).get(field) or {}).get("value") for part, field in fields}
        for key, name in _HEADS.items()
    }


def headline_conflicts(folder: Path, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where the headline of the manifest is not that of the tables, the issue document or the report; Thai and English.

    A number that neither the manifest nor the document states is not published: too few dimensions have data. The tables
    keep it for readers who ask; a report that prints it is a conflict, unless the manifest states it as the nowcast of a running quarter.
    """
    stated = content.get("headline")
    if not isinstance(stated, Mapping):
        return []
    quarter = parse_quarter(str(content["quarter"]))
    told = _headlines(folder)
    withheld = frozenset(
        key for key in SERIES if told and all(_part(said, key, "value") is None for said in (stated, *told))
    )
    return [
        *_against("tables", stated, headline_of_tables(folder, quarter), withheld),
        *dict.fromkeys(found for said in told for found in _against(DOCUMENT, stated, said)),
        *_against_page(folder / PAGE, stated, iso(quarter)),
    ]


def headline_of_tables(folder: Path, quarter: pd.Period) -> dict[str, dict[str, float | None]]:
    """The headline computed again from the published tables; None for a missing number, or one that stands there twice."""
    found: dict[str, dict[str, float | None]] = {}
    for key, (name, where) in SERIES.items():
        data = table(folder, name)
        values: dict[str, float] = {}
        if len(data) and {"group", "period", "value", *where} <= set(data.columns):
            chosen = data["group"] == "TH"
            for column, code in where.items():
                chosen &= data[column] == code
            rows = data.loc[chosen].drop_duplicates("period", keep=False)
            values = dict(zip(rows["period"], rows["value"], strict=True))
        now = _number(values.get(iso(quarter)))
        found[key] = {"value": now}
        for part, lag in PARTS.items():
            before = _number(values.get(iso(quarter - lag)))
            if lag:
                found[key][part] = None if now is None or before is None else now - before
    return found


def _against(
    place: str, stated: Mapping[str, Any], found: Any, withheld: Container[str] = ()
) -> Iterator[tuple[str, str]]:
    """Numbers of the manifest that another place gives differently; ``withheld`` are not compared."""
    if not isinstance(found, Mapping):
        return
    for key in (key for key in SERIES if key not in withheld):
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
            nowcast = _number(((stated.get(key) or {}).get("nowcast") or {}).get("value"))
            printed_otherwise, is_printed = {n for n in printed if not _is_same(n, nowcast)}, True
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


LANGUAGE = "th"
_READABLE = "1"  # first part of the schema's version: what breaks a reader raises it
# Sections of the appendix that say how the indices are made and read; by title, because numbers depend on what is there.
_METHODS = (
    "วิธีอ่านดัชนี",
    "วิธีจัดทำดัชนีเศรษฐกิจแรงงาน",
    "นโยบายการปรับปรุงย้อนหลัง",
    "การปรับปรุงข้อมูลย้อนหลัง",
    "การเปลี่ยนวิธีหรือแบบจำลองของดัชนีในฉบับนี้",
    "วิธีสำรวจและจัดทำดัชนีความเชื่อมั่น",
    "อภิธานศัพท์",
)

JsonBlock = Mapping[str, Any]


@dataclass(frozen=True)
class IssueDocument:
    """One language of an issue document.

    content     the report, as docs/issue.md describes it; ``technical`` the technical volume's chapters, where there is one
    folder      where the pictures lie
    """

    content: Mapping[str, Any]
    folder: Path
    technical: tuple[Mapping[str, Any], ...] = ()

    @property
    def title(self) -> str:
        """The report's title with its quarter."""
        return f"{self.content['title']} {self.content['quarter_name']}"

    @property
    def key_sentences(self) -> list[str]:
        """The story of the summary and the sentences of its list: what the issue says first."""
        story = " ".join(sentence["text"] for sentence in self.content["summary"].get("finding", ()))
        lists = [block for block in _blocks(self.content["summary"]) if block["kind"] == "list"]
        wanted = [block for block in lists if block["style"] in ("sentences", "key-points")] or lists
        listed = [_item_text(item) for block in wanted[:1] for item in block["items"]]
        return [story, *listed] if story else listed

    def figures(self) -> list[dict[str, Any]]:
        """Every figure with what the website shows of it, in reading order."""
        found: dict[str, dict[str, Any]] = {}
        for chapter in (self.content["summary"], *self.content["chapters"], *self.technical):
            for block in _blocks(chapter):
                if block["kind"] == "figure":
                    found.setdefault(block["id"], self._figure(block, chapter))
        return list(found.values())

    def _figure(self, block: JsonBlock, chapter: Mapping[str, Any]) -> dict[str, Any]:
        width, height = image_size(self.folder / block["svg"])
        return {
            "id": block["id"],
            "title": block["title"],
            "unit": block["subtitle"],
            "source": block["source"],
            "alt": block["alt"],
            "src": block["svg"],
            "png": block["png"],
            "width": width,
            "height": height,
            "phone": self._phone(block["svg"]),
            "tables": list(block["tables"]),
            "number": block["number"],
            "chapter": chapter["short_title"] or chapter["title"],
        }

    def _phone(self, svg: str) -> dict[str, Any]:
        """The chart as drawn once more for a narrow screen: address and size; empty where the printed one serves."""
        own = Path(svg).parent / "phone" / Path(svg).name
        if not (self.folder / own).exists():
            return {}
        width, height = image_size(self.folder / own)
        return {"src": own.as_posix(), "width": width, "height": height}

    def level_words(self) -> dict[str, str]:
        """Index -> the report's word for its level ("" where it has none)."""
        words = {head["id"]: head["word"] for head in self.content["headline"]}
        return {key: words.get(name, "") for key, name in _HEADS.items()}

    def methods(self) -> list[dict[str, str]]:
        """Sections of the appendix or the technical volume on how the indices are made and read, as HTML."""
        sections = {
            section["title"]: section
            for chapter in (*self.content["chapters"], *self.technical)
            for section in chapter["sections"]
        }
        macros = _macros()
        return [
            {
                "id": sections[title]["id"],
                "title": title,
                "html": str(macros.blocks(sections[title]["blocks"], 3)),
            }
            for title in _METHODS
            if title in sections
        ]

    def html(self) -> str:
        """The report and the technical volume to read on a page of the site, without the cells of their numbers."""
        return str(_macros().document(self.content, list(self.technical), self._sizes()))

    def _sizes(self) -> dict[str, dict[str, Any]]:
        return {str(figure["src"]): figure for figure in self.figures()}


def read_document(folder: Path, lang: str = LANGUAGE) -> IssueDocument:
    """The document of a built issue. Raises InputError where there is none, or one that this program cannot read."""
    path = folder / DOCUMENT
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        is_readable = str(content["schema_version"]).partition(".")[0] == _READABLE
        document = content["documents"][lang]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path) from error
    if not is_readable:
        raise _unreadable(path)
    technical = (content.get("technical") or {}).get(lang) or {}
    chapters = _with_own_anchors(technical.get("chapters", ()), _anchors(document["chapters"]))
    return IssueDocument(document, folder, tuple(chapters))


def has_language(folder: Path, lang: str) -> bool:
    """Whether the issue has an edition in a language. Raises InputError for a document that cannot be read."""
    told = document(folder)
    return told is not None and lang in told["documents"]


def _anchors(part: Any) -> set[str]:
    """Addresses of tables and figures within chapters, sections or blocks, as links name them."""
    if isinstance(part, list | tuple):
        return {anchor for item in part for anchor in _anchors(item)}
    if not isinstance(part, dict):
        return set()
    kind = {"table": "tab", "figure": "fig"}.get(part.get("kind", ""))
    own = {f"{kind}-{part['id']}"} if kind else set()
    return own | {anchor for value in part.values() if isinstance(value, list) for anchor in _anchors(value)}


def _with_own_anchors(part: Any, taken: set[str]) -> Any:
    """The technical volume on one page with the report: what both call by one name gets ``technical-`` in front of its own."""
    if isinstance(part, list | tuple):
        return [_with_own_anchors(item, taken) for item in part]
    if not isinstance(part, dict):
        return part
    changed = {key: _with_own_anchors(value, taken) for key, value in part.items()}
    kind = {"table": "tab", "figure": "fig"}.get(part.get("kind", ""))
    if kind and f"{kind}-{part['id']}" in taken:
        changed["id"] = f"technical-{part['id']}"
    if part.get("kind") == "link" and part["target"] in taken:
        kind, _, name = part["target"].partition("-")
        changed["target"] = f"{kind}-technical-{name}"
    return changed


def _unreadable(path: Path) -> InputError:
    return InputError(
        f"ไม่มี {path} หรืออ่านไม่ได้ — สร้างฉบับใหม่ด้วย reporter build ของโปรแกรมรุ่นนี้",
        f"There is no {path}, or it cannot be read; build the issue again with this version of the program.",
    )


def _blocks(part: Mapping[str, Any]) -> Iterator[JsonBlock]:
    """Every block of a chapter, those within lists and asides too."""
    for section in part["sections"]:
        yield from _within(section["blocks"])


def _within(blocks: list[JsonBlock]) -> Iterator[JsonBlock]:
    for block in blocks:
        yield block
        yield from _within(block.get("blocks", []))
        if block["kind"] == "list":
            for item in block["items"]:
                yield from _within(item)


def _item_text(item: list[JsonBlock]) -> str:
    """The words of an item of a list."""
    return " ".join(
        sentence["text"].replace("\n", " ")
        for block in item
        if block["kind"] == "paragraph"
        for sentence in block["sentences"]
    )


def glued(text: str) -> str:
    """Running text whose numbers keep their units beside them; the browser breaks lines between the other words."""
    return protect(text).replace(BREAK, "")


def site_templates() -> jinja2.Environment:
    """A new environment over the website's templates: escaped, and strict about names that are not given."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates", "site")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _macros() -> Any:
    environment = site_templates()
    environment.filters["glued"] = glued
    return environment.get_template("blocks.html.j2").module


# ----------------------------------------------------------------------------------------------------
# Effects of a correction: changed headline numbers, table cells and sentences.
#
# Goes in: the folders of two versions of one quarter's issue. Comes out: a ``Correction`` with a severity that is computed, not
# chosen. Letter and website tell it in the same words. The truth of a sentence is read from its claims in ``issue.json``
# (docs/issue.md): a claim that both versions make about the same cells, with another answer, changed its truth value.
# ----------------------------------------------------------------------------------------------------

ChangeKind = Literal["meaning", "numbers", "details"]
SEVERITIES: Mapping[ChangeKind, str] = {
    "meaning": "เปลี่ยนข้อสรุป",
    "numbers": "เปลี่ยนตัวเลขที่พิมพ์ในรายงาน",
    "details": "เปลี่ยนเฉพาะรายละเอียด",
}
INDICES = {
    "labour_index": "ดัชนีเศรษฐกิจแรงงาน",
    "employer": "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    "worker": "ดัชนีความเชื่อมั่นของแรงงาน",
}
ENGLISH_INDICES = {
    "labour_index": "Labour Economic Index",
    "employer": "Employers’ confidence in labour",
    "worker": "Workers’ confidence",
}
_PART_WORDS = {"change_quarter": "จากไตรมาสก่อน", "change_year": "จากปีก่อน"}
_ENGLISH_PARTS = {"change_quarter": "change on the quarter", "change_year": "change on the year"}


@dataclass(frozen=True)
class _ChangeWords:
    """How a language tells a headline number that was corrected; names in braces are filled in."""

    indices: Mapping[str, str]
    parts: Mapping[str, str]
    value: str
    change: str


_CHANGES = {
    "th": _ChangeWords(
        INDICES,
        _PART_WORDS,
        "{name} เปลี่ยนจาก {old} จุด เป็น {new} จุด",
        "{name} การเปลี่ยนแปลง{lag} แก้จาก {old} เป็น {new}",
    ),
    "en": _ChangeWords(
        ENGLISH_INDICES,
        _ENGLISH_PARTS,
        "{name}: {old} points corrected to {new} points",
        "{name}, {lag}: {old} corrected to {new}",
    ),
}
# Two computations of one number on two machines differ in the last bits; a correction differs by more.


@dataclass(frozen=True)
class Correction:
    """The difference of two versions.

    severity    meaning: a sentence changed its truth value, or a headline its direction; numbers: a printed number changed
    headline    one Thai sentence per headline number that is printed differently, with the old and the new one
    sentences   pairs of a sentence as it was and the sentence that now stands for it ("" where none does)
    tables      table -> how many of its cells changed, rows that came or went included
    """

    severity: ChangeKind
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
    severity: ChangeKind = "details"
    if altered or turned:
        severity = "meaning"
    elif headline or (first and second and _printed(first) != _printed(second)):
        severity = "numbers"
    return Correction(severity, headline, altered, changed_cells(before, after))


def headline_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], lang: str = LANGUAGE
) -> tuple[str, ...]:
    """Headline numbers that are printed differently, each as a sentence with the old and the new one."""
    words, found = _CHANGES[lang], []
    for key, name in words.indices.items():
        old, new = (_value(headline, key, "value") for headline in (before, after))
        if thai.number(old) != thai.number(new):
            found.append(words.value.format(name=name, old=thai.number(old), new=thai.number(new)))
        for part, lag in words.parts.items():
            old, new = (_value(headline, key, part) for headline in (before, after))
            if thai.change(old) != thai.change(new):
                found.append(
                    words.change.format(name=name, lag=lag, old=thai.change(old), new=thai.change(new))
                )
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
    """Subject and answer of each claim; its candidates and limits are not part of the subject."""
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
    order = {name: number for number, name in enumerate(schema.declared_tables())}
    found = {}
    for name in sorted(names, key=lambda name: (order.get(name, len(order)), name)):
        first, second = (folder / "tables" / f"{name}.csv" for folder in (before, after))
        if first.exists() and second.exists() and first.read_bytes() == second.read_bytes():
            continue
        declared = schema.declared_tables().get(name)
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
