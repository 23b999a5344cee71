"""What the website's search looks through, and the data that the dashboard explores.

Goes in: the issue documents of the archive (``issue.json``), the declarations, ``templates/site/search.toml`` (words that mean the
same). Comes out: scripts under ``search/``, because a page on a disk may load scripts but may not fetch: ``site.js`` (pages,
provinces, groups, indicators, the list of issues) and one file for each issue (its sections, tables, figures and terms). A first
search loads ``site.js`` and the newest issue; an older issue is loaded when a query names its quarter, holds a word that only
that issue has, or the reader asks. ``templates/site/search.js`` finds; this module only says what there is.

Thai has no spaces, so every entry carries U+200B at the ends of its words (PyThaiNLP's newmm with the names of this field): a
query matches where it begins and ends with a word, so that แพร่ is not found in เผยแพร่, nor ขาว in ข่าว.
"""

from __future__ import annotations

import base64
import csv
import json
import math
import re
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from pythainlp.corpus import provinces
from pythainlp.corpus.common import thai_words
from pythainlp.tokenize import word_tokenize
from pythainlp.util import Trie, normalize

from reporter.delivery.built_issue import IssueDocument, read_document, table
from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import NextSite
from reporter.domain import schema
from reporter.domain.declarations import SURVEYS, Declarations, Name, asset
from reporter.domain.edition import has_thai
from reporter.domain.errors import InputError
from reporter.domain.periods import iso
from reporter.domain.thai import BREAK, FIELD_WORDS, quarter_slash, quarter_th
from reporter.measures import rules as signal_rules
from reporter.surveys import small_sample

# Raised when entries are made in another way: the files of older issues, which are kept from publish to publish, are then made again.
FORMAT = 2  # 1: the dashboard had no warning signals
# Prefixes that make a noun of the word behind them: การว่างงาน is found by ว่างงาน.
_PREFIXES = ("การ", "ความ", "ผู้", "นัก")
_LONG = 8  # letters: a longer word of the dictionary is a compound, which is found by its parts too (แรงงานต่างด้าว by ต่างด้าว)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class SearchEntry:
    """One thing that can be found.

    kind      page, section, table, figure, term, issue, province, group, indicator, dimension, data
    title     how it is called; ``place`` where it stands (chapter and section)
    address   relative to the site's root; entries with one ``group`` are shown as one result
    also      other names: English, codes, short forms
    text      what it says
    """

    kind: str
    title: str
    address: str
    place: str = ""
    also: str = ""
    text: str = ""
    group: str = ""

    def row(self) -> list[str]:
        """As the script holds it: words marked in what is searched."""
        return [
            self.kind, marked(self.title), self.address, marked(self.place), marked(self.also), marked(self.text), self.group,
        ]  # fmt: skip


@cache
def _dictionary() -> Trie:
    """The general dictionary and the names of this field."""
    return Trie({*thai_words(), *FIELD_WORDS, *provinces(), *_field_names()})


@cache
def _field_names() -> frozenset[str]:
    """Words of the list of synonyms that are one word of Thai."""
    return frozenset(
        word for group in word_lists()["same"] for word in group if has_thai(word) and " " not in word
    )


@cache
def word_lists() -> Mapping[str, Any]:
    """``same``: groups of words that mean the same; ``fillers``: words that say how one asks (``templates/site/search.toml``)."""
    return tomllib.loads(asset("templates", "site", "search.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=20_000)
def marked(text: str) -> str:
    """The text in normal order with U+200B at the ends of Thai words; spaces become one."""
    plain = _SPACES.sub(" ", normalize(text.replace(BREAK, "").replace("\u00a0", " "))).strip()
    if not has_thai(plain):
        return plain
    words = word_tokenize(plain, custom_dict=_dictionary(), engine="newmm", keep_whitespace=True)
    return BREAK.join(part for word in words for part in _parts(word))


@cache
def _parts(word: str) -> tuple[str, ...]:
    """A compound as its words; names of provinces stay whole, and so does what has parts that are no words."""
    if len(word) > _LONG and word not in provinces():
        parts = word_tokenize(word, custom_dict=_short_words(), engine="newmm")
        if all(part in _words() and len(part) > 1 for part in parts):
            return tuple(parts)
    return tuple(_without_prefix(word))


@cache
def _short_words() -> Trie:
    return Trie([word for word in _words() if 1 < len(word) <= _LONG])


def _without_prefix(word: str) -> Iterator[str]:
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) > len(prefix) + 1 and word[len(prefix) :] in _words():
            yield prefix
            yield word[len(prefix) :]
            return
    yield word


@cache
def _words() -> frozenset[str]:
    return frozenset({*thai_words(), *FIELD_WORDS})


# ---- one issue


@cache
def _chapter_names() -> Mapping[str, str]:
    """Slug -> English title and short title of a chapter."""
    declared = tomllib.loads(asset("templates", "report", "chapters.toml").read_text(encoding="utf-8"))
    return {
        item["slug"]: f"{item['title']['en']} {item.get('short', {}).get('en', '')}"
        for item in declared["chapter"]
    }


def issue_entries(record: Record, document: IssueDocument) -> list[SearchEntry]:
    """The issue itself, then every section with its tables, figures and terms, in reading order."""
    content = record.content
    page = f"{record.path}/read.html"
    names = f"{iso(record.quarter)} {quarter_slash(record.quarter)} {quarter_th(record.quarter)}"
    found = [
        SearchEntry(
            "issue",
            f"{content['title']}",
            f"{record.issue_path}/index.html",
            also=f"{names} issue report PDF รายงาน ฉบับ",
            text=" ".join([*content["sentences"], *content["english"], *content["changes"]]),
        )
    ]
    for volume, chapters in (("", [document.content["summary"], *document.content["chapters"]]),
                             ("เล่มวิชาการ", document.technical)):  # fmt: skip
        for chapter in chapters:
            if not any(not section["title"] for section in chapter["sections"]):
                found += _section_entries(chapter, {"title": "", "blocks": ()}, volume, page)
            for section in chapter["sections"]:
                found += _section_entries(chapter, section, volume, page)
    return found


def _section_entries(
    chapter: Mapping[str, Any], section: Mapping[str, Any], volume: str, page: str
) -> Iterator[SearchEntry]:
    """A section, or the words at a chapter's head, then what stands in it."""
    number = f"{chapter['number']}. " if chapter["number"] else ""
    place = " › ".join(part for part in (volume, f"{number}{chapter['title']}") if part)
    anchor = section["id"] if section["title"] else chapter["id"]
    title = f"{section['number']} {section['title']}" if section["title"] else chapter["title"]
    address, english = f"{page}#{anchor}", _chapter_names().get(chapter["slug"], "")
    finding = "" if section["title"] else " ".join(sentence["text"] for sentence in chapter["finding"])
    told = " ".join(_told(section["blocks"]))
    yield SearchEntry("section", title, address, place, english, f"{finding} {told}".strip(), group=address)
    where = f"{place} › {title}"
    for block in _all_blocks(section["blocks"]):
        if block["kind"] == "table":
            yield _table_entry(block, page, where, address)
        elif block["kind"] == "figure":
            yield _figure_entry(block, page, where, address)
        elif block["kind"] == "terms":
            for item in block["items"]:
                words = " ".join(sentence["text"] for sentence in item["sentences"])
                yield SearchEntry("term", item["term"], address, where, "", words, group=address)


def _table_entry(block: Mapping[str, Any], page: str, where: str, group: str) -> SearchEntry:
    heads = [row["head"] for row in block["rows"] if "head" in row] + [
        row["group"] for row in block["rows"] if "group" in row
    ]
    columns = [column["label"] for column in block["columns"]]
    number = f"ตารางที่ {block['number']} " if block["number"] else ""
    words = " ".join([*columns, *dict.fromkeys(heads), block["note"]])
    return SearchEntry(
        "table", f"{number}{block['title']}", f"{page}#tab-{block['id']}", where, f"table {block['unit']}", words, group
    )  # fmt: skip


def _figure_entry(block: Mapping[str, Any], page: str, where: str, group: str) -> SearchEntry:
    declared = schema.declared_tables()
    english = [declared[name].title.en for name in block["tables"] if name in declared]
    number = f"รูปที่ {block['number']} " if block["number"] else ""
    # Not the description for blind readers: it tells of shapes and colours, which nobody looks for.
    words = block["note"]
    also = f"{block['subject']} figure chart กราฟ แผนภูมิ {block['subtitle']} {' '.join(english)}"
    return SearchEntry(
        "figure", f"{number}{block['title']}", f"{page}#fig-{block['id']}", where, also, words, group
    )


def _all_blocks(blocks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        yield block
        yield from _all_blocks(block.get("blocks", ()))
        if block["kind"] == "list":
            for item in block["items"]:
                yield from _all_blocks(item)


def _told(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Headings and sentences of a section."""
    for block in _all_blocks(blocks):
        if block["kind"] == "heading":
            yield block["text"]
        elif block["kind"] == "paragraph":
            yield from (sentence["text"].replace("\n", " ") for sentence in block["sentences"])


# ---- the site itself

# Address, name, other names, what stands there.
PAGES: tuple[tuple[str, str, str, str], ...] = (
    ("index.html", "หน้าแรก", "home", "ฉบับล่าสุด ตัวเลขหลัก บทสรุป"),
    ("issues/index.html", "รายงานทุกฉบับ", "all issues archive รายงานย้อนหลัง ฉบับเก่า ฉบับก่อนหน้า คลังรายงาน", "ค่าดัชนีตามที่เผยแพร่ในแต่ละฉบับ"),
    ("how-to-read/index.html", "วิธีอ่านดัชนี", "how to read the index guide คู่มือ", "ค่า 100 หมายถึงอะไร สีและเครื่องหมาย ข้อควรระวัง"),
    ("dashboard/index.html", "แดชบอร์ดดัชนีแรงงาน", "dashboard charts map แผนที่ กราฟ เปรียบเทียบกลุ่ม", "ดัชนีรายมิติ รายกลุ่ม รายจังหวัด การพยากรณ์"),
    ("data/index.html", "ข้อมูล", "data download CSV ดาวน์โหลด รหัส codebook ข้อมูลเปิด open data สัญญาอนุญาต licence", "อนุกรมยาว ตารางของฉบับล่าสุด รหัสที่ใช้"),
    ("data/labour_index/index.html", "อนุกรมยาว: ดัชนีเศรษฐกิจแรงงาน", "long series Labour Economic Index time series ข้อมูลย้อนหลัง", ""),
    ("data/employer/index.html", "อนุกรมยาว: ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน", "long series employers confidence time series ข้อมูลย้อนหลัง", ""),
    ("data/worker/index.html", "อนุกรมยาว: ดัชนีความเชื่อมั่นของแรงงาน", "long series workers confidence time series ข้อมูลย้อนหลัง", ""),
    ("methods/index.html", "วิธีจัดทำดัชนี", "methods methodology ระเบียบวิธี", "วิธีอ่านดัชนี วิธีจัดทำ วิธีสำรวจ อภิธานศัพท์"),
    ("calendar/index.html", "ปฏิทินการเผยแพร่", "release calendar dates กำหนดเผยแพร่ ฉบับต่อไป ICS", "ฉบับต่อไปเผยแพร่เมื่อใด"),
    ("about/index.html", "เกี่ยวกับเว็บไซต์นี้", "about licence privacy accessibility contact", "สัญญาอนุญาต ความเป็นส่วนตัว การเข้าถึง ติดต่อ การแก้ไข"),
    ("en/index.html", "English", "english summary labour market report of Thailand", ""),
    ("search/index.html", "ค้นหา", "search", ""),
)  # fmt: skip


def page_entries() -> list[SearchEntry]:
    """The pages that every site has."""
    return [SearchEntry("page", title, address, "", also, text) for address, title, also, text in PAGES]


def site_entries(declarations: Declarations) -> list[SearchEntry]:
    """Pages, and what is declared: provinces and groups (their dashboard), indicators, dimensions, tables of data."""
    found = page_entries()
    for group in declarations.groups.values():
        if group.code == "TH":
            continue
        kind = "province" if group.kind == "PROVINCE" else "group"
        lead, english = ("จังหวัด", "province") if kind == "province" else ("กลุ่ม", "group")
        region = declarations.groups[group.region].name.th if group.region else ""
        also = " ".join([group.name.en, *group.aliases, group.code, lead, english])
        address = f"dashboard/index.html#g={group.code}"
        found.append(SearchEntry(kind, group.name.th, address, "แดชบอร์ด", also, region))
    for code, dimension in declarations.dimensions.items():
        also = f"{dimension.name.en} {dimension.short.en} {code} มิติ ดัชนีย่อย dimension sub-index"
        address = f"dashboard/index.html#d={code}"
        found.append(
            SearchEntry(
                "dimension", f"มิติ{dimension.name.th}", address, "แดชบอร์ด", also, dimension.description.th
            )
        )
    for code, indicator in declarations.indicators.items():
        about = f"{indicator.notes.th} {declarations.dimensions[indicator.dimension].name.th} {_sources(declarations, indicator.source)}"
        also = f"{indicator.name.en} {code} ตัวชี้วัด indicator"
        address = f"data/index.html#indicator-{code}"
        found.append(SearchEntry("indicator", indicator.name.th, address, "ข้อมูล › ตัวชี้วัด", also, about))
    return found


def _sources(declarations: Declarations, codes: str) -> str:
    known = [declarations.sources[code] for code in codes.split("+") if code in declarations.sources]
    return " ".join(f"{source.name.th} {source.name.en} {source.id}" for source in known)


def data_entries(tables: Sequence[Mapping[str, Any]]) -> list[SearchEntry]:
    """The newest issue's tables as files."""
    return [
        SearchEntry(
            "data", f"ข้อมูล: {item['title']} (CSV)", f"data/index.html#table-{item['name']}", "ข้อมูล › ตารางของฉบับล่าสุด",
            f"{item['title_en']} {item['name']} CSV data download ดาวน์โหลด",
        )
        for item in tables
    ]  # fmt: skip


# ---- files


def _file(record: Record) -> str:
    return f"search/{record.path.replace('/', '')}-{FORMAT}.js"


def _script(name: str, rows: Sequence[Sequence[str]], more: Mapping[str, Any] | None = None) -> str:
    """A script that hands over its entries compressed: a server that does not compress, and a disk, send as little."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = json.dumps({"name": name, "rows": rows, **(more or {})}, ensure_ascii=False, separators=(",", ":"))
    content = packed.compress(data.encode("utf-8")) + packed.flush()
    return f'reporterSearchFile("{name}","{base64.b64encode(content).decode("ascii")}");\n'


def read_script(script: str) -> dict[str, Any]:
    """The content of a script of entries."""
    packed = base64.b64decode(script.split('"')[3])
    content: dict[str, Any] = json.loads(zlib.decompress(packed, -15))
    return content


def _tokens(rows: Sequence[Sequence[str]]) -> set[str]:
    """The Thai words and the Latin words of entries."""
    text = " ".join(" ".join((row[1], row[3], row[4], row[5])) for row in rows).lower()
    for separator in "\u200b.,()/:;":  # quicker than one pattern: every publish does this for all issues
        text = text.replace(separator, " ")
    return {word for word in set(text.split()) if len(word) > 1}


def write_search(
    site: NextSite,
    newest: Sequence[Record],
    declarations: Declarations,
    tables: Sequence[Mapping[str, Any]],
) -> None:
    """Write the scripts of entries; files of issues that are there already stay as they are."""
    issues = []
    for record in newest:
        path = _file(record)
        if not site.exists(path):
            site.write(path, _script(record.path, [entry.row() for entry in _entries_of(site, record)]))
        issues.append(
            {
                "id": record.path, "quarter": iso(record.quarter), "label": quarter_slash(record.quarter), "file": path,
                "address": f"{record.issue_path}/index.html",
            }
        )  # fmt: skip
    rows = [entry.row() for entry in [*site_entries(declarations), *data_entries(tables)]]
    known = _tokens(rows) | _tokens(read_script(_text(site, issues[0]["file"]))["rows"])
    only: dict[str, list[int]] = {}
    for number, issue in enumerate(issues[1:], start=1):
        for word in sorted(_tokens(read_script(_text(site, issue["file"]))["rows"]) - known):
            if not word[0].isdigit():
                only.setdefault(word, []).append(number)
    # A word of many issues is no help in choosing one: the newest that has it is enough.
    older = {word: numbers[0] for word, numbers in only.items()}
    lists = word_lists()
    same = [*lists["same"], *_declared_names(declarations)]
    more = {"issues": issues, "older": older, "same": same, "fillers": lists["fillers"]}
    site.write("search/site.js", _script("site", rows, more))


def _declared_names(declarations: Declarations) -> list[list[str]]:
    """Names of every province, region, indicator, dimension, domain and option, and the glossary: Thai, English, other spellings."""
    kinds = ("PROVINCE", "REGION")
    named = [group for group in declarations.groups.values() if group.kind in kinds]
    things = [item.name for item in declarations.indicators.values()]
    things += [item.name for item in declarations.dimensions.values()]
    things += [
        item.name
        for form in declarations.questionnaires.values()
        for item in (*form.domains, *form.actions, *form.traits, *form.aspects)
    ]
    return [
        *([group.name.th, group.name.en.lower(), *map(str.lower, group.aliases)] for group in named),
        *([name.th, name.en.lower()] for name in things if name.en),
        *glossary(),
    ]


@cache
def glossary() -> tuple[list[str], ...]:
    """Terms of the report in both languages (``data/glossary/terms.csv``), without what stands in brackets."""
    rows = csv.DictReader(asset("data", "glossary", "terms.csv").read_text(encoding="utf-8").splitlines())
    plain = ([re.sub(r"\s*\(.*?\)", "", row[key]).strip() for key in ("th", "en")] for row in rows)
    return tuple([th, en.lower()] for th, en in plain if th and en)


def _text(site: NextSite, path: str) -> str:
    return site.read(path).decode("utf-8")


def _entries_of(site: NextSite, record: Record) -> list[SearchEntry]:
    """The entries of an issue; of one whose document this program cannot read, its page alone."""
    folder = site.folder(record.path)
    try:
        return issue_entries(record, read_document(folder))
    except InputError:
        title, address = str(record.content["title"]), f"{record.issue_path}/index.html"
        return [SearchEntry("issue", title, address, text=" ".join(record.content["sentences"]))]


# ----------------------------------------------------------------------------------------------------
# The dashboard's numbers: one script of what every choice needs, and one for each group, which is loaded when it is chosen.
#
# Goes in: the tables of a published version. Comes out: ``dashboard/2568q3v1-1/main.js`` (names, quarters, forecast, annotations),
# ``measure-employer.js`` and ``dimension-wages.js`` (the newest values of every group, for map and ranking), ``variants.js``, and ``.../TH.js``, ``.../PROVINCE-TH-50.js``: the index by
# dimension with its bands, both surveys by domain with intervals and numbers of answers, actions, traits and priorities. Scripts,
# because a page on a disk may load scripts but may not fetch. Numbers have full precision; every one is
# a cell of the version's tables. Source of the nine items: study, 5.2.2.
# ----------------------------------------------------------------------------------------------------

# Raised when the scripts hold something else: those of older issues, which are kept from publish to publish, are made again.
NEWEST = 13  # quarters of every group for map and ranking: three years and the quarter to compare with
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


class VersionSeries:
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


def group_content(numbers: VersionSeries, group: str) -> dict[str, Any]:
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


def _shares(numbers: VersionSeries, key: str, group: str) -> dict[str, Any]:
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


def main_content(numbers: VersionSeries, record: Record, declarations: Declarations) -> dict[str, Any]:
    """What every choice of the dashboard needs."""
    known = numbers.groups()
    groups = [group for group in declarations.groups if group in known]
    return {
        "issue": record.path.replace("/", ""),
        "quarter": iso(record.quarter),
        "title": record.content["title"],
        "periods": numbers.periods,
        "files": {group: file_of(group) for group in groups},
        # Where the composite is not published, its forecast is not either.
        "forecast": list(_forecast(numbers)) if _is_published(record) else [],
        "variants": list(variants(numbers)),
        "nowcasts": nowcasts(numbers, record),
        "signals": signals(numbers, declarations),
        "annotations": [dict(event) for event in events()],
        "names": _names(declarations, groups),
        "rules": _rules(),
    }


def _rules() -> dict[str, int]:
    """Thresholds that the dashboard's words name: fewest answers, quarters of a signal, worst shares of the past in per cent."""
    signal = signal_rules()
    worst = {"watch": signal.watch_percent, "alert": signal.alert_percent}
    return {"few": small_sample(), "span": signal.span_quarters, **worst}


def _is_published(record: Record) -> bool:
    """Whether the issue publishes the composite."""
    return (record.content["headline"].get("labour_index") or {}).get("value") is not None


def nowcasts(numbers: VersionSeries, record: Record) -> list[str]:
    """Composite and dimensions of the country whose newest value is a nowcast; they are shown by that name."""
    data = numbers.table("labour_index")
    if "status" not in data:
        return []
    newest = data[(data["group"] == "TH") & (data["period"] == iso(record.quarter))]
    stated = record.content["headline"].get("labour_index") or {}
    found = [
        str(name) for name in newest.loc[newest["status"] == "nowcast", "dimension"] if name != "overall"
    ]
    return (["overall"] if stated.get("nowcast") else []) + found


def signals(numbers: VersionSeries, declarations: Declarations) -> dict[str, Any]:
    """Warning signals: ``rows`` composite or dimension -> quarter -> signal; ``indicators`` those that warn in the issue's quarter."""
    found = numbers.table("signals")
    if found.empty:
        return {"rows": {}, "indicators": []}
    newest = found[found["period"].isin(numbers.periods[-NEWEST:]) & found["signal"].notna()]
    rows: dict[str, dict[str, str]] = {}
    for item, period, signal in newest.loc[
        newest["kind"].isin(["index", "dimension"]), ["item", "period", "signal"]
    ].itertuples(index=False):
        rows.setdefault(item, {})[period] = signal
    warn = newest[
        (newest["kind"] == "indicator")
        & (newest["period"] == numbers.periods[-1])
        & newest["signal"].isin(["watch", "alert"])
        & newest["item"].isin(list(declarations.indicators))
    ]
    named = [
        [signal, *_both(declarations.indicators[item].name)]
        for item, signal in zip(warn["item"], warn["signal"], strict=True)
    ]
    return {"rows": rows, "indicators": named}


def variants(numbers: VersionSeries) -> dict[str, Any]:
    """What the index would be without a source, without a dimension, or with equal weights -> quarters, as the build computed it."""
    held = numbers.series("sensitivity", ("choice",), "value")
    return {
        name: values
        for name, values in held.items()
        if name.startswith(("source_", "without_")) or name == "equal_weights"
    }


def measure_content(numbers: VersionSeries, measure: str, groups: Sequence[str]) -> dict[str, Any]:
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


def dimension_content(numbers: VersionSeries, dimension: str) -> dict[str, Any]:
    """Group -> the newest quarters of one sub-index, for the map."""
    held = numbers.series("labour_index", ("group", "dimension"), "value")
    return {group: parts[dimension][-NEWEST:] for group, parts in held.items() if parts.get(dimension)}


def about(numbers: VersionSeries, group: str) -> dict[str, Any]:
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


def _forecast(numbers: VersionSeries) -> Iterator[dict[str, Any]]:
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
        "sources": {code: _both(source.name) for code, source in declarations.sources.items()},
        "domains": {key: {item.id: _both(item.name) for item in form.domains} for key, form in forms.items()},
        "options": {
            item.id: _both(item.short if item.short.th else item.name)
            for form in forms.values()
            for item in (*form.actions, *form.traits, *form.aspects)
        },
    }


def _both(name: Name) -> list[str]:
    return [name.th, name.en or name.th]


def _dashboard_script(name: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"reporterDashboardFile({json.dumps(name)},{text});\n"


def write_dashboard(site: NextSite, newest: Sequence[Record], declarations: Declarations) -> None:
    """Write the scripts of every issue's newest version; those that are there already stay as they are."""
    for record in newest:
        folder = folder_of(record)
        if site.exists(f"{folder}/main.js"):
            continue
        numbers = VersionSeries(site.folder(record.path), record.quarter)
        content = main_content(numbers, record, declarations)
        for group in content["files"]:
            site.write(f"{folder}/{file_of(group)}", _dashboard_script(group, group_content(numbers, group)))
        for dimension in content["names"]["dimensions"]:
            name = f"dimension-{dimension}"
            site.write(f"{folder}/{name}.js", _dashboard_script(name, dimension_content(numbers, dimension)))
        for measure in ("labour_index", *SURVEYS):
            held = measure_content(numbers, measure, list(content["files"]))
            site.write(f"{folder}/measure-{measure}.js", _dashboard_script(f"measure-{measure}", held))
        site.write(f"{folder}/variants.js", _dashboard_script("variants", variants(numbers)))
        site.write(f"{folder}/main.js", _dashboard_script("main", content))
