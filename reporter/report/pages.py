"""The pages of an issue: findings, figures and the analysts' text filled into the templates, one HTML document.

Goes in: findings, figures, tables, context, commentary. Comes out: HTML for the typesetter and ``report.html``
(docs/print.md). Templates place and word; they compute nothing. Figures and tables are numbered as they are placed, and
references to them are resolved last, so that a reference to something absent vanishes with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nh3
import pandas as pd
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from reporter.domain import thai
from reporter.domain.context import Context
from reporter.figures import Figure
from reporter.inputs.commentary import Commentary
from reporter.report import Findings, templating
from reporter.report.economy import Factor
from reporter.report.numbers import Cells
from reporter.report.recommendations import RuleBook, load_rules, recommend
from reporter.report.sheets import Sheet
from reporter.surveys import disclosure

CHAPTERS = {
    1: "ภาพรวมสถานการณ์ทั่วไปและสถานการณ์เศรษฐกิจที่ส่งผลต่อผู้ประกอบการและแรงงานในไตรมาสหน้า",
    2: "ภาพรวมสถานการณ์ด้านแรงงานผ่านการวิเคราะห์ดัชนีเศรษฐกิจแรงงาน",
    3: "การคาดการณ์สถานการณ์ด้านแรงงานในอีก 4 ไตรมาสถัดไป",
    4: "ผลการสำรวจดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    5: "ผลการสำรวจดัชนีความเชื่อมั่นของแรงงาน",
    6: "การดำเนินงานของนายจ้างใน 6 เดือนที่ผ่านมา",
    7: "ความเห็นของผู้ประกอบการเกี่ยวกับคุณลักษณะที่พึงประสงค์และทักษะของแรงงานที่จำเป็นต่อการปฏิบัติงานในองค์กร",
    8: "ความเห็นของแรงงานเกี่ยวกับการให้ความสำคัญของแรงงานในแต่ละด้านของการทำงาน",
    9: "ข้อเสนอแนะ",
    10: "ภาคผนวก",
}
SHORT_TITLES = {
    1: "ภาพรวมสถานการณ์ทั่วไปและเศรษฐกิจ",
    2: "ดัชนีเศรษฐกิจแรงงาน",
    3: "การคาดการณ์สถานการณ์ด้านแรงงาน",
    4: "ความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    5: "ความเชื่อมั่นของแรงงาน",
    7: "คุณลักษณะและทักษะที่ผู้ประกอบการต้องการ",
    8: "ด้านที่แรงงานให้ความสำคัญ",
}
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([a-z]+):([^{_CLOSE}]*){_CLOSE}")


def fill(
    findings: Findings,
    figures: Sequence[Figure],
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    commentary: Commentary | None = None,
    rules: RuleBook | None = None,
) -> str:
    """One complete HTML document; ``figures`` may be empty. Raises RenderError naming the template that failed."""
    commentary = commentary or Commentary()
    places = _Places({figure.id: figure for figure in figures}, findings.sheets)
    recommended = recommend(Cells(tables), context, rules or load_rules())
    given: dict[str, Any] = {
        "f": findings,
        "context": context,
        "settings": context.settings,
        "declared": context.declarations,
        "quarter": context.quarter,
        "chapters": CHAPTERS,
        "short_titles": SHORT_TITLES,
        "recommended": recommended,
        "factors": _factors(findings, commentary),
        "commentary": {number: _analysts(item.markdown) for number, item in commentary.chapters.items()},
        "replaced": {number for number, item in commentary.chapters.items() if item.replaces},
        "places": places,
        **_tools(places),
    }
    body = templating.render("report/chapters.html.j2", given)
    given |= {"body": Markup(body), "places": places}
    document = templating.render("report/document.html.j2", given)
    return templating.tidy(places.resolve(document))


def _tools(places: _Places) -> dict[str, Any]:
    """What templates may call: placing, referring, wording."""
    return {
        "section": places.section,
        "see": places.see,
        "link": places.link,
        "has": places.has,
        "open_chapter": places.open_chapter,
        "take_figure": places.take_figure,
        "take_table": places.take_table,
        "source": places.source,
        "rest": places.rest,
        "with_unit": templating.with_unit,
        "arrowed_number": templating.arrowed_number,
        "hidden_below": disclosure.THRESHOLD,
        "small_below": disclosure.SMALL,
    }


def _factors(findings: Findings, commentary: Commentary) -> dict[str, tuple[Factor, ...]]:
    """Outlook factors by origin and sign: the analysts' file, else the table."""
    if not commentary.factors:
        return dict(findings.economy.factors)
    found: dict[str, list[Factor]] = {}
    for item in commentary.factors:
        factor = Factor(item.sign, item.affects, _plain(item.text), _plain(item.source))
        found.setdefault(f"{item.origin}{item.sign}", []).append(factor)
    return {name: tuple(items) for name, items in found.items()}


def _plain(text: str) -> str:
    """An analyst's text without the marks that this module uses itself."""
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _analysts(markdown: str) -> Markup:
    return Markup(safe_html(_plain(markdown)))


# ------------------------------------------------------------------------------------- figures, tables, sections


@dataclass
class _Places:
    """Numbers figures, tables and sections in the order in which the templates place them."""

    figures: Mapping[str, Figure]
    sheets: Mapping[str, Sheet]
    chapter: int = 0
    figure_numbers: dict[str, int] = field(default_factory=dict)
    table_numbers: dict[str, int] = field(default_factory=dict)
    sections: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    table_titles: dict[str, str] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)

    def open_chapter(self, number: int) -> str:
        """Begin a chapter; returns nothing to be printed."""
        self.chapter = number
        self.sections[number] = []
        return ""

    def section(self, title: str) -> Markup:
        """A numbered heading of the second level."""
        own = self.sections[self.chapter]
        anchor, label = f"s-{self.chapter}-{len(own) + 1}", f"{self.chapter}.{len(own) + 1} {title}"
        own.append((anchor, label))
        return Markup('<h2 id="{}">{}</h2>').format(anchor, label)

    def take_figure(self, name: str) -> tuple[Figure, int] | None:
        """A figure that is there and not yet placed, with its number."""
        if name not in self.figures or name in self.figure_numbers:
            return None
        self.figure_numbers[name] = len(self.figure_numbers) + 1
        return self.figures[name], self.figure_numbers[name]

    def source(self, text: str, number: int) -> str:
        """A figure's source in full once a chapter; afterwards the figure that gives it."""
        first = self.sources.setdefault(f"{self.chapter} {text}", number)
        return text if first == number else f"เช่นเดียวกับรูปที่ {first}"

    def take_table(self, name: str, title: str = "") -> tuple[Sheet | None, int] | None:
        """A table that is there and not yet placed, with its number; ``title`` announces one set by a template."""
        if name in self.table_numbers or (name not in self.sheets and not title):
            return None
        self.table_numbers[name] = len(self.table_numbers) + 1
        self.table_titles[name] = title or self.sheets[name].title
        return self.sheets.get(name), self.table_numbers[name]

    def rest(self) -> list[str]:
        """Figures of the open chapter that no template has placed."""
        own = [item for item in self.figures.values() if item.chapter == self.chapter]
        return [
            item.id for item in sorted(own, key=lambda item: item.order) if item.id not in self.figure_numbers
        ]

    def see(self, *names: str) -> Markup:
        """``(รูปที่ 3 และตารางที่ 2)`` for those of ``fig:<id>`` and ``tab:<id>`` that are placed; else nothing."""
        return Markup(f"{_OPEN}see:{','.join(names)}{_CLOSE}")

    def link(self, *names: str) -> Markup:
        """The same without brackets, for use within a sentence."""
        return Markup(f"{_OPEN}link:{','.join(names)}{_CLOSE}")

    def has(self, name: str) -> bool:
        """Whether a figure (``fig:``) or table (``tab:``) can be placed."""
        kind, _, own = name.partition(":")
        return own in (self.figures if kind == "fig" else self.sheets)

    def listed_figures(self) -> list[tuple[str, str]]:
        """Anchor and subject of every placed figure."""
        return [
            (f"fig-{name}", f"รูปที่ {number} {self.figures[name].subject}")
            for name, number in self.figure_numbers.items()
        ]

    def listed_tables(self) -> list[tuple[str, str]]:
        """Anchor and caption of every placed table."""
        return [
            (f"tab-{name}", f"ตารางที่ {number} {self.table_titles[name]}")
            for name, number in self.table_numbers.items()
        ]

    def resolve(self, html: str) -> str:
        """Put links in the place of references; what is not placed leaves nothing behind."""

        referenced = {name for match in _MARK.finditer(html) for name in match[2].split(",")}
        html = self._introduced(html, referenced)

        def replaced(match: re.Match[str]) -> str:
            links = [link for name in match[2].split(",") if (link := self._link(name))]
            joined = thai.join_th(links)
            return (f" ({joined})" if joined else "") if match[1] == "see" else joined

        return _MARK.sub(replaced, html)

    def _introduced(self, html: str, referenced: set[str]) -> str:
        """A sentence before every figure and table that no text refers to."""
        placed = [(f"fig:{name}", self.figures[name].subject) for name in self.figure_numbers]
        placed += [(f"tab:{name}", title) for name, title in self.table_titles.items()]
        for name, subject in placed:
            if name in referenced:
                continue
            element = "figure" if name.startswith("fig:") else "table"
            anchor = re.compile(rf'(?=<{element}\b[^>]*id="{name.replace(":", "-")}")')
            sentence = f"<p>{self.link(name)} แสดง{escape(subject)}</p>\n"
            html = anchor.sub(lambda _, said=sentence: said, html, count=1)  # type: ignore[misc]
        return html

    def _link(self, name: str) -> str:
        kind, _, own = name.partition(":")
        numbers, word = {"fig": (self.figure_numbers, "รูปที่"), "tab": (self.table_numbers, "ตารางที่")}[kind]
        return f'<a href="#{kind}-{own}">{word} {numbers[own]}</a>' if own in numbers else ""


_TAGS = {
    "p", "ul", "ol", "li", "strong", "em", "h3", "blockquote", "br", "code", "sub", "sup",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def safe_html(markdown: str) -> str:
    """HTML of a Markdown text; headings of every level become ``<h3>``, tables get the report's class."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["image", "link", "autolink", "html_inline", "html_block", "fence", "code", "reference"])
    tokens = parser.parse(_clean(markdown))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"
        if token.type == "table_open":
            token.attrSet("class", "data")
        if token.type == "th_open":
            token.attrSet("scope", "col")
        token.attrs.pop("style", None)
    html = str(parser.renderer.render(tokens, parser.options, {}))
    return nh3.clean(html, tags=_TAGS, attributes={"table": {"class"}, "th": {"scope"}, "ol": {"start"}})


def _clean(text: str) -> str:
    """The text without control, private-use and direction-changing characters."""
    kept = (
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Co", "Cs", "Cf")
    )
    return "".join(kept)
