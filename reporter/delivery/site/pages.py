"""Fills the templates of the website: one method for each kind of page.

Goes in: records of the archive. Comes out: HTML. Every address in a page is relative, so that the site works from a
disk, under any folder of a server and in twenty years.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from reporter.delivery.built_issue import ENGLISH_INDICES, INDICES, SEVERITIES, site_templates
from reporter.delivery.site import metadata, tree
from reporter.delivery.site.archive import Record
from reporter.delivery.site.metadata import Release
from reporter.domain import schema, thai
from reporter.domain.declarations import Declarations, asset
from reporter.domain.periods import BANGKOK, iso
from reporter.domain.thai import BREAK, protect
from reporter.measures import load_annex
from reporter.measures import rules as signal_rules
from reporter.report.manual import Manual
from reporter.report.provenance import declared_bands
from reporter.sources import catalogue
from reporter.surveys import small_sample

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
)
HUES = {"labour_index": "labour", "employer": "employer", "worker": "worker"}
_HISTORY_FIGURE = {
    "labour_index": "index_history",
    "employer": "confidence_history-employer",
    "worker": "confidence_history-worker",
}
_DIGIT_GROUPS = re.compile(r"(?<=\d) (?=\d)")  # telephone numbers
_KB = 1024
# Figures that stand open on an issue's page; the others are folded by chapter.
_KEY_FIGURES = (
    "index_history",
    "forecast_fan",
    "indicator_contributions",
    "confidence_history-employer",
    "confidence_history-worker",
)
# Dashboard item -> heading, and the issue's charts that stand there without scripts (tests look for every one of them).
DASHBOARD = {
    "history": "1. ดัชนีเศรษฐกิจแรงงานและการพยากรณ์",
    "dimensions": "2. ดัชนีย่อยรายมิติ",
    "groups": "3. ดัชนีจำแนกตามกลุ่มและพื้นที่",
    "employer": "4. ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    "worker": "5. ดัชนีความเชื่อมั่นของแรงงาน",
    "rates": "6. การเปลี่ยนแปลงของดัชนีแต่ละตัว",
    "actions": "7. การดำเนินงานของนายจ้างใน 6 เดือนที่ผ่านมา",
    "traits": "8. คุณลักษณะและทักษะที่ผู้ประกอบการต้องการ",
    "priorities": "9. ด้านที่แรงงานให้ความสำคัญ",
}
STATIC = {
    "history": ("index_history", "forecast_fan"),
    "dimensions": ("signal_heatmap-dimensions", "index_by_dimension", "dimension_panels"),
    "groups": ("index_by_group-region", "index_ranking-province", "province_map-index"),
    "employer": ("confidence_history-employer", "confidence_domains-employer", "province_map-employer"),
    "worker": ("confidence_history-worker", "worker_domain_lines", "province_map-worker"),
    "rates": ("contributions_waterfall-quarter", "contributions_waterfall-year"),
    "actions": ("actions_by_quarter", "actions_change"),
    "traits": ("traits",),
    "priorities": ("priorities",),
}


_KINDS_OF_SERIES = {"index": "ตัวชี้วัดของดัชนี", "macro": "ตัวแปรเศรษฐกิจมหภาค", "annex": "ภาคผนวกสถิติและอนุกรมนอกดัชนี"}

# Folder -> name in the menu.
MENU = (
    ("", "หน้าแรก"), ("issues", "รายงานทุกฉบับ"), ("how-to-read", "วิธีอ่านดัชนี"), ("dashboard", "แดชบอร์ด"), ("data", "ข้อมูล"),
    ("methods", "วิธีจัดทำ"), ("calendar", "ปฏิทิน"), ("search", "ค้นหา"), ("en", "English"),
)  # fmt: skip
MENU_EN = (
    ("en", "Home"),
    ("dashboard", "Dashboard"),
    ("data", "Data"),
    ("search", "Search"),
    ("", "ภาษาไทย"),
)

# What search.js says.
SEARCH_WORDS = {
    "kinds": {
        "page": "หน้า", "section": "หัวข้อ", "table": "ตาราง", "figure": "รูป", "term": "คำศัพท์", "issue": "ฉบับ", "province": "จังหวัด",
        "group": "กลุ่ม", "indicator": "ตัวชี้วัด", "dimension": "มิติ", "data": "แฟ้มข้อมูล",
    },
    "found": "พบ", "places": "แห่ง", "none": "ไม่พบหัวข้อ ตาราง รูป หรือหน้าที่มีคำนี้", "meant": "แสดงผลของ", "unknown": "ไม่มีคำว่า",
    "noIssue": "ยังไม่มีฉบับของไตรมาส", "all": "แสดงทั้งหมด", "partial": "ไม่มีที่ใดมีทุกคำ",
}  # fmt: skip


@dataclass(frozen=True)
class LongSeries:
    """A column of a long series: the whole index, a dimension or a domain, and what it measures ("" if undeclared)."""

    code: str
    name: str
    description: str = ""


def size_text(size: int) -> str:
    """``86 กิโลไบต์`` or ``1.2 เมกะไบต์``."""
    if size < _KB * _KB:
        return f"{max(1, round(size / _KB)):,} กิโลไบต์"
    return f"{size / _KB / _KB:.1f} เมกะไบต์"


def date_text(iso_date: str) -> str:
    """A written date as ``19 พฤศจิกายน 2568``."""
    return thai.date_th(dt.date.fromisoformat(iso_date))


def glued(text: str) -> str:
    """Running text whose numbers keep their units beside them; the browser breaks lines between the other words."""
    return _DIGIT_GROUPS.sub("\u00a0", protect(text).replace(BREAK, ""))


def titled(text: str) -> Markup:
    """A heading: as ``glued``, and the word that browsers cut stays whole."""
    return Markup(escape(glued(text)).replace("รายไตรมาส", Markup('<span class="nowrap">รายไตรมาส</span>')))


def clock_text(moment: dt.datetime) -> str:
    """A moment's time in Bangkok as ``10.00``."""
    return f"{moment.astimezone(BANGKOK):%H.%M}"


def ld_json(content: object) -> Markup:
    """JSON for a data block in a page; nothing in it can end the block."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))


def sparkline(values: Sequence[float], quarters: int = 13) -> Markup:
    """A small line of the newest quarters, without words: the number stands beside it."""
    shown = [float(value) for value in values[-quarters:]]
    if len(shown) < 2:
        return Markup("")
    low, reach = min(shown), max(max(shown) - min(shown), 1e-9)
    across = 188 / (len(shown) - 1)
    places = [(6 + number * across, 34 - 28 * (value - low) / reach) for number, value in enumerate(shown)]
    drawn = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    x, y = places[-1]
    return Markup(
        '<svg class="spark" viewBox="0 0 200 40" width="200" height="40" aria-hidden="true" focusable="false">'
        f'<path d="M{drawn}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="4"/></svg>'
    )


def status_name(record: Record) -> str:
    """Name of the page, beside the version's folder, that says what became of the version."""
    return f"status-v{record.version}.html"


def correction_lines(record: Record) -> list[str]:
    """Content of a correction: its words, its severity, and the headline numbers with old and new; letter and website agree."""
    changes = record.content.get("correction_changes") or {}
    lines = [str(record.content["correction"])]
    if changes:
        lines.append(f"ระดับของการแก้ไข: {SEVERITIES[changes['severity']]}")
        lines += changes["headline"] or ["ตัวเลขหลักทั้งสามดัชนีไม่เปลี่ยนแปลง"]
    return lines


@cache
def _environment() -> jinja2.Environment:
    environment = site_templates()
    environment.filters.update(
        quarter=thai.quarter_th,
        quarter_short=thai.quarter_slash,
        points=thai.points,
        change=thai.change,
        quality=thai.quality,
        date=date_text,
        clock=clock_text,
        glued=glued,
        titled=titled,
        size=size_text,
        ld=ld_json,
    )
    environment.globals.update(
        policy=POLICY,
        menu=MENU,
        menu_en=MENU_EN,
        indices=INDICES,
        hues=HUES,
        correction_lines=correction_lines,
        table_titles=_table_titles(),
        small_below=small_sample(),
    )
    return environment


def _table_titles() -> dict[str, str]:
    return {name: table.title.th for name, table in schema.declared_tables().items()}


def bilingual(path: str) -> dict[str, str]:
    """Language -> address of a page that both languages have: the English one lies under ``en/``."""
    return {"th": path, "en": f"en/{path}"}


@cache
def _chrome() -> dict[str, dict[str, str]]:
    """Language -> what every page says around its content."""
    return tomllib.loads(asset("templates", "site", "chrome.toml").read_text(encoding="utf-8"))


def card_path(record: Record) -> str:
    """``2568/q3/card-v1.png``: the picture that messengers show."""
    return f"{record.issue_path}/card-v{record.version}.png"


def _description(record: Record, title: str) -> str:
    """What a search engine or messenger shows of a page: the newest story, marked where the numbers are not real."""
    story = record.content["sentences"][0] if record.content["sentences"] else title
    marks = [record.content["mark"], "ข้อมูลสังเคราะห์ ไม่ใช่สถิติจริง" if record.content["synthetic"] else ""]
    return " ".join([*(mark for mark in marks if mark), story])


def _trail(path: str, title: str) -> list[tuple[str, str]]:
    """Addresses and names from the home page to this one, "" for itself; none for pages that the menu names."""
    parts = [part for part in path.split("/") if part]
    if len(parts) < 2 or parts[0] == "s":
        return []
    if parts[0] == "data":
        return [("data/index.html", "ข้อมูล"), ("", title)]
    issue = "/".join(parts[:2])
    found = [
        ("issues/index.html", "รายงานทุกฉบับ"),
        (f"{issue}/index.html", f"ไตรมาส {parts[1][1:]}/{parts[0]}"),
    ]
    if parts[2:] == ["dashboard"]:
        return [*found, ("", "แดชบอร์ด")]
    if len(parts) > 2:
        return [*found, ("", f"ฉบับที่ {parts[2][1:]}")]
    return [found[0], ("", found[1][1])]


# Folder below ``/guide/`` -> title of the manual.
MANUALS = {"": "คู่มือโต๊ะงานนักวิเคราะห์", "methods": "คู่มือวิธีการ", "messages": "อภิธานข้อความของโปรแกรม"}
_SCROLLED = '<div class="scroll" tabindex="0" role="region" aria-label="ตาราง {}"><table>'


class Pages:
    """Pages of one state of the archive; ``newest`` is the latest issue's newest version (for names and marks)."""

    def __init__(self, newest: Record) -> None:
        self._newest = newest

    def _fill(
        self, template: str, *, path: str, title: str, marked: Record | None = None, **values: Any
    ) -> str:
        """Fill a template. ``path`` is the page's folder relative to the site, "" for the root.

        ``lang`` (Thai unless given) is the page's language, ``alternates`` the folders of the same content by language.
        """
        lang = values.setdefault("lang", "th")
        record = marked or self._newest
        depth = len([part for part in path.split("/") if part])
        content = record.content
        shared = {
            "root": "../" * depth,
            "path": path,
            "title": title,
            "asset": tree.names(),
            "settings": content["settings"],
            "website": content["website"],
            "contact": content["contact"],
            "mark": content["mark"] if lang == "th" or not content["mark"] else "DRAFT",
            "synthetic": content["synthetic"],
            "dublin_core": {},
            "linked_data": [],
            "canonical": path,
            "licence": metadata.LICENCE,
            "description": _description(record, title),
            "card": card_path(record),
            "trail": _trail(path, title),
            "say": _chrome()[lang],
            "other": "en" if lang == "th" else "th",
            "alternates": {},
        }
        return _environment().get_template(template).render({**shared, **values}) + "\n"

    def version(self, record: Record) -> str:
        """``/2568/q3/v1/``: made once; what comes later shows in the frame of ``status``."""
        return self._issue_page(
            record,
            record.path,
            "",
            status=f"../{status_name(record)}",
            versions=[record],
            previous=None,
            following=None,
        )

    def status(self, record: Record, later: Sequence[Record]) -> str:
        """``/2568/q3/status-v1.html``: whether the version is the newest, or what was corrected after it."""
        return self._fill(
            "status.html.j2",
            path=record.issue_path,
            title=record.content["title"],
            marked=record,
            record=record,
            later=list(later),
        )

    def status_page(self, record: Record, later: Sequence[Record]) -> str:
        """``/s/2568q3v1/``: the short address that is printed in the report; the same as a page of its own."""
        return self._fill(
            "status-page.html.j2",
            path=record.status_path,
            title=f"สถานะของ{record.content['title']} ฉบับที่ {record.version}",
            marked=record,
            record=record,
            later=list(later),
        )

    def issue(self, versions: Sequence[Record], previous: Record | None, following: Record | None) -> str:
        """``/2568/q3/``: the newest version with its neighbours."""
        record = versions[-1]
        return self._issue_page(
            record,
            record.issue_path,
            f"v{record.version}/",
            status="",
            versions=versions,
            previous=previous,
            following=following,
        )

    def _issue_page(self, record: Record, path: str, files: str, **values: Any) -> str:
        return self._fill(
            "issue.html.j2",
            path=path,
            title=record.content["title"],
            marked=record,
            record=record,
            content=record.content,
            files=files,
            tables=metadata.tables(record),
            key_figures=_KEY_FIGURES,
            table_names={entry["name"]: entry["title"] for entry in metadata.tables(record)},
            government=metadata.government_metadata(record),
            required_items=metadata.REQUIRED_ITEMS,
            owner=metadata.owner(record),
            page_address=metadata.address(record, f"{record.path}/"),
            canonical=f"{record.issue_path}/",
            alternates=bilingual(f"{record.issue_path}/"),
            dublin_core=metadata.dublin_core(record),
            linked_data=metadata.linked_data(record),
            **values,
        )

    def reading(self, record: Record, body: str) -> str:
        """``/2568/q3/v1/read.html``: the whole report as a page of the site."""
        return self._fill(
            "reading.html.j2",
            path=record.path,
            title=record.content["title"],
            marked=record,
            record=record,
            status=f"../{status_name(record)}",
            body=Markup(body),
            dublin_core=metadata.dublin_core(record),
        )

    def home(self, newest: Sequence[Record], words: Mapping[str, str]) -> str:
        """The first page: the latest issue and the ones before it. words: index -> the report's word for its level."""
        series = self._newest.content["series"]
        lines = {key: sparkline(list(series.get(key, {}).get("overall", {}).values())) for key in INDICES}
        return self._fill(
            "home.html.j2",
            path="",
            alternates=bilingual(""),
            title=self._newest.content["settings"]["title"]["th"],
            record=self._newest,
            content=self._newest.content,
            recent=list(newest[1:5]),
            words=words,
            lines=lines,
        )

    def issues(self, newest: Sequence[Record]) -> str:
        """All issues, newest first."""
        return self._fill("issues.html.j2", path="issues", title="รายงานทุกฉบับ", issues=newest)

    def data(self, declarations: Declarations) -> str:
        """The list of data, with codes."""
        return self._fill(
            "data.html.j2",
            path="data",
            title="ข้อมูล",
            record=self._newest,
            tables=metadata.tables(self._newest),
            declarations=declarations,
            codebook=metadata.codebook(),
            linked_data=metadata.linked_data(self._newest)[1:],
        )

    def series(
        self, key: str, parts: Sequence[LongSeries], periods: Sequence[str], series: Mapping[str, Any]
    ) -> str:
        """The long series of one index: ``parts`` in order; ``series`` code -> period -> points."""
        figures = {str(figure["id"]): figure for figure in self._newest.content["figures"]}
        return self._fill(
            "series.html.j2",
            path=f"data/{key}",
            title=INDICES[key],
            key=key,
            record=self._newest,
            figure=figures.get(_HISTORY_FIGURE[key]),
            parts=parts,
            linked_data=[metadata.series_data(self._newest, key, INDICES[key], periods)],
            periods=list(reversed(periods)),
            series=series,
            nowcasts=[iso(self._newest.quarter)]
            if (self._newest.content["headline"].get(key) or {}).get("nowcast")
            else [],
        )

    def methods(self) -> str:
        """How the indices are made, in the words of the newest report."""
        folder = f"../{self._newest.path}/"
        sections = [
            {
                **part,
                "html": Markup(
                    part["html"]
                    .replace('href="#', f'href="{folder}read.html#')
                    .replace('"charts/', f'"{folder}charts/')
                    .replace('href="tables/', f'href="{folder}tables/')
                ),
            }
            for part in self._newest.content["methods"]
        ]
        return self._fill(
            "methods.html.j2", path="methods", title="วิธีจัดทำดัชนี", sections=sections, record=self._newest
        )

    def reading_guide(self, declarations: Declarations) -> str:
        """The plain page before the dashboard."""
        return self._fill(
            "guide.html.j2",
            path="how-to-read",
            title="วิธีอ่านดัชนี",
            content=self._newest.content,
            declarations=declarations,
            bands=declared_bands()["band"],
            scale=declarations.questionnaires["worker"].scale,
            signals=signal_rules(),
        )

    def sources(self, declarations: Declarations) -> str:
        """The map of sources: agency, data set, frequency and state of every series."""
        rows = catalogue.origins(declarations, load_annex(), catalogue.load())
        return self._fill(
            "sources.html.j2",
            path="data/sources",
            title="แหล่งข้อมูลของทุกอนุกรม",
            groups={
                title: [row for row in rows if row.kind == kind] for kind, title in _KINDS_OF_SERIES.items()
            },
            counts={state: sum(row.state == state for row in rows) for state in catalogue.STATES},
            states=catalogue.STATES,
            often={"monthly": "รายเดือน", "quarterly": "รายไตรมาส", "yearly": "รายปี"},
        )

    def calendar(self, past: Sequence[Record], planned: Sequence[Release], today: dt.date | None) -> str:
        """When issues came out and when the next are expected, as of the day on which the page is made."""
        return self._fill(
            "calendar.html.j2",
            path="calendar",
            title="ปฏิทินการเผยแพร่",
            past=past,
            planned=planned,
            today=today.isoformat() if today else "",
        )

    def manual(self, name: str, title: str, made: Manual) -> str:
        """``/guide/``: the guide for the analysts, the methods as declared, the messages of the program."""
        return self._fill(
            "manual.html.j2",
            path=f"guide/{name}" if name else "guide",
            title=title,
            name=name,
            manuals=list(MANUALS.items()),
            html=_scrolled(made.html),
            contents=made.contents,
        )

    def about(self, corrections: Sequence[Record]) -> str:
        """``/about/``: licence, privacy, accessibility, contact, and every correction."""
        return self._fill(
            "about.html.j2",
            path="about",
            title="เกี่ยวกับเว็บไซต์นี้",
            owner=metadata.owner(self._newest),
            email=self._newest.content["email"],
            corrections=corrections,
        )

    def english(self, figures: Sequence[Mapping[str, Any]], issues: Sequence[Record] = ()) -> str:
        """``/en/``: the newest issue in English, with all issues; without ``issues`` the page of the issue itself.

        figures   of the issue's English edition, none where it has none
        """
        record = self._newest
        own = f"en/{record.issue_path}"
        return self._fill(
            "english.html.j2",
            path="en" if issues else own,
            title="Labour market report of Thailand",
            lang="en",
            alternates=bilingual("") if issues else bilingual(f"{record.issue_path}/"),
            trail=[],
            description=" ".join(record.content["english"][:1]) or "Labour market report of Thailand",
            record=record,
            content=record.content,
            english_indices=ENGLISH_INDICES,
            figures=figures,
            issues=issues,
        )

    def search(self) -> str:
        """Search over all issues; works from a disk too."""
        return self._fill("search.html.j2", path="search", title="ค้นหา", words=SEARCH_WORDS)

    def not_found(self) -> str:
        """404: links from the root, because a server shows it for any address."""
        start = f"{urlsplit(self._newest.content['website']).path}/"
        return self._fill("404.html.j2", path="404", title="ไม่พบหน้านี้", root=start, canonical=None)

    def dashboard(self, record: Record, path: str, files: str) -> str:
        """The dashboard of an issue; its charts stand still where scripts do not run. files: folder of the scripts of numbers."""
        figures = {str(figure["id"]): figure for figure in record.content["figures"]}
        static = {
            item: [figures[name] for name in wanted if name in figures] for item, wanted in STATIC.items()
        }
        return self._fill(
            "dashboard.html.j2",
            path=path,
            title="แดชบอร์ดดัชนีแรงงาน",
            marked=record,
            record=record,
            content=record.content,
            static=static,
            items=DASHBOARD,
            files=files,
            about=_about_dashboard(record, path, files),
            linked_data=[],
        )

    def embed(self, record: Record, path: str, files: str) -> str:
        """``/2568/q3/dashboard/embed.html``: one chart of the issue, for a frame in another page."""
        return self._fill(
            "embed.html.j2",
            path=path,
            title=f"{record.content['title']}: แดชบอร์ด",
            marked=record,
            record=record,
            items=DASHBOARD,
            files=files,
            about=_about_dashboard(record, path, files),
        )


def _about_dashboard(record: Record, path: str, files: str) -> dict[str, str]:
    """What dashboard.js needs to know of its page: addresses, and what a citation and a picture say."""
    root = "../" * len([part for part in path.split("/") if part])
    marks = [record.content["mark"], "ข้อมูลสังเคราะห์ ไม่ใช่สถิติจริง" if record.content["synthetic"] else ""]
    return {
        "files": f"{root}{files}/",
        "faces": root + tree.names()["faces.js"],
        "map": root + tree.names()["map.js"],
        "issue": f"{root}{record.issue_path}/dashboard/index.html",
        "embed": f"{root}{record.issue_path}/dashboard/embed.html",
        "owner": metadata.owner(record),
        "year": str(record.content["published"])[:4],
        "version": str(record.version),
        "licence": metadata.LICENCE,
        "data": str(record.content.get("data_id", "")),
        "mark": " ".join(mark for mark in marks if mark),
    }


def _scrolled(html: str) -> Markup:
    """Tables in regions that scroll sideways and take the keyboard's focus, each with a name of its own."""
    first, *tables = html.split("<table>")
    parts = [_SCROLLED.format(number) + part for number, part in enumerate(tables, start=1)]
    return Markup("".join([first, *parts]).replace("</table>", "</table></div>"))
