"""What the website's search looks through: entries with an address, and their words with the places where words end.

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
import json
import re
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pythainlp.corpus import provinces
from pythainlp.corpus.common import thai_words
from pythainlp.tokenize import word_tokenize
from pythainlp.util import Trie, normalize

from reporter.delivery.built_issue import IssueDocument, read_document
from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import NextSite
from reporter.domain import schema
from reporter.domain.declarations import Declarations, asset
from reporter.domain.errors import InputError
from reporter.domain.periods import iso
from reporter.domain.thai import BREAK, FIELD_WORDS, quarter_slash, quarter_th

# Raised when entries are made in another way: the files of older issues, which are kept from publish to publish, are then made again.
FORMAT = 1
# Prefixes that make a noun of the word behind them: การว่างงาน is found by ว่างงาน.
_PREFIXES = ("การ", "ความ", "ผู้", "นัก")
_LONG = 8  # letters: a longer word of the dictionary is a compound, which is found by its parts too (แรงงานต่างด้าว by ต่างด้าว)
_THAI = re.compile("[\u0e00-\u0e7f]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Entry:
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
        word for group in word_lists()["same"] for word in group if _THAI.search(word) and " " not in word
    )


@cache
def word_lists() -> Mapping[str, Any]:
    """``same``: groups of words that mean the same; ``fillers``: words that say how one asks (``templates/site/search.toml``)."""
    return tomllib.loads(asset("templates", "site", "search.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=20_000)
def marked(text: str) -> str:
    """The text in normal order with U+200B at the ends of Thai words; spaces become one."""
    plain = _SPACES.sub(" ", normalize(text.replace(BREAK, "").replace("\u00a0", " "))).strip()
    if not _THAI.search(plain):
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


def issue_entries(record: Record, document: IssueDocument) -> list[Entry]:
    """The issue itself, then every section with its tables, figures and terms, in reading order."""
    content = record.content
    page = f"{record.path}/read.html"
    names = f"{iso(record.quarter)} {quarter_slash(record.quarter)} {quarter_th(record.quarter)}"
    found = [
        Entry(
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
) -> Iterator[Entry]:
    """A section, or the words at a chapter's head, then what stands in it."""
    number = f"{chapter['number']}. " if chapter["number"] else ""
    place = " › ".join(part for part in (volume, f"{number}{chapter['title']}") if part)
    anchor = section["id"] if section["title"] else chapter["id"]
    title = f"{section['number']} {section['title']}" if section["title"] else chapter["title"]
    address, english = f"{page}#{anchor}", _chapter_names().get(chapter["slug"], "")
    finding = "" if section["title"] else " ".join(sentence["text"] for sentence in chapter["finding"])
    told = " ".join(_told(section["blocks"]))
    yield Entry("section", title, address, place, english, f"{finding} {told}".strip(), group=address)
    where = f"{place} › {title}"
    for block in _all_blocks(section["blocks"]):
        if block["kind"] == "table":
            yield _table_entry(block, page, where, address)
        elif block["kind"] == "figure":
            yield _figure_entry(block, page, where, address)
        elif block["kind"] == "terms":
            for item in block["items"]:
                words = " ".join(sentence["text"] for sentence in item["sentences"])
                yield Entry("term", item["term"], address, where, "", words, group=address)


def _table_entry(block: Mapping[str, Any], page: str, where: str, group: str) -> Entry:
    heads = [row["head"] for row in block["rows"] if "head" in row] + [
        row["group"] for row in block["rows"] if "group" in row
    ]
    columns = [column["label"] for column in block["columns"]]
    number = f"ตารางที่ {block['number']} " if block["number"] else ""
    words = " ".join([*columns, *dict.fromkeys(heads), block["note"]])
    return Entry(
        "table", f"{number}{block['title']}", f"{page}#tab-{block['id']}", where, f"table {block['unit']}", words, group
    )  # fmt: skip


def _figure_entry(block: Mapping[str, Any], page: str, where: str, group: str) -> Entry:
    declared = schema.declared_tables()
    english = [declared[name].title.en for name in block["tables"] if name in declared]
    number = f"รูปที่ {block['number']} " if block["number"] else ""
    # Not the description for blind readers: it tells of shapes and colours, which nobody looks for.
    words = block["note"]
    also = f"{block['subject']} figure chart กราฟ แผนภูมิ {block['subtitle']} {' '.join(english)}"
    return Entry(
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


def page_entries() -> list[Entry]:
    """The pages that every site has."""
    return [Entry("page", title, address, "", also, text) for address, title, also, text in PAGES]


def site_entries(declarations: Declarations) -> list[Entry]:
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
        found.append(Entry(kind, group.name.th, address, "แดชบอร์ด", also, region))
    for code, dimension in declarations.dimensions.items():
        also = f"{dimension.name.en} {dimension.short.en} {code} มิติ ดัชนีย่อย dimension sub-index"
        address = f"dashboard/index.html#d={code}"
        found.append(
            Entry("dimension", f"มิติ{dimension.name.th}", address, "แดชบอร์ด", also, dimension.description.th)
        )
    for code, indicator in declarations.indicators.items():
        about = f"{indicator.notes.th} {declarations.dimensions[indicator.dimension].name.th} {_sources(declarations, indicator.source)}"
        also = f"{indicator.name.en} {code} ตัวชี้วัด indicator"
        address = f"data/index.html#indicator-{code}"
        found.append(Entry("indicator", indicator.name.th, address, "ข้อมูล › ตัวชี้วัด", also, about))
    return found


def _sources(declarations: Declarations, codes: str) -> str:
    known = [declarations.sources[code] for code in codes.split("+") if code in declarations.sources]
    return " ".join(f"{source.name.th} {source.name.en} {source.id}" for source in known)


def data_entries(tables: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The newest issue's tables as files."""
    return [
        Entry(
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
    found: set[str] = set()
    for row in rows:
        for field in (row[1], row[3], row[4], row[5]):
            found.update(word for word in re.split(r"[\u200b\s.,()/:;]+", field.lower()) if len(word) > 1)
    return found


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
    """Names of every province, region, indicator and dimension: Thai, English and other spellings."""
    kinds = ("PROVINCE", "REGION")
    named = [group for group in declarations.groups.values() if group.kind in kinds]
    things = [item.name for item in declarations.indicators.values()]
    things += [item.name for item in declarations.dimensions.values()]
    return [
        *([group.name.th, group.name.en.lower(), *map(str.lower, group.aliases)] for group in named),
        *([name.th, name.en.lower()] for name in things),
    ]


def _text(site: NextSite, path: str) -> str:
    return site.read(path).decode("utf-8")


def _entries_of(site: NextSite, record: Record) -> list[Entry]:
    """The entries of an issue; of one whose document this program cannot read, its page alone."""
    folder = site.folder(record.path)
    try:
        return issue_entries(record, read_document(folder))
    except InputError:
        title, address = str(record.content["title"]), f"{record.issue_path}/index.html"
        return [Entry("issue", title, address, text=" ".join(record.content["sentences"]))]
