"""The pages of an issue: findings, figures and the analysts' text filled into the templates, one HTML document.

Goes in: findings, figures, tables, context, commentary. Comes out: HTML for the typesetter and ``report.html``
(docs/print.md). Templates place and word; they compute nothing. Figures and tables are numbered as they are placed, and
references to them are resolved last, so that a reference to something absent vanishes with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from reporter import thai
from reporter.assets import asset
from reporter.commentary import Commentary
from reporter.context import Context
from reporter.errors import RenderError
from reporter.figures import Figure
from reporter.narrative import Findings
from reporter.narrative.economy import Factor
from reporter.narrative.labour import Mover
from reporter.narrative.movement import Change
from reporter.narrative.numbers import Cells, Number
from reporter.narrative.prose import safe_html
from reporter.narrative.sheets import Sheet
from reporter.narrative.units import Unit, spoken
from reporter.recommendations import Evidence, RuleBook, load_rules, recommend
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
    environment = _environment()
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
    try:
        body = environment.get_template("report/chapters.html.j2").render(given)
        given |= {"body": Markup(body), "places": places}
        document = environment.get_template("report/document.html.j2").render(given)
    except (jinja2.TemplateError, TypeError, AttributeError, LookupError, ValueError) as error:
        name = _failing_template(error)
        raise RenderError(f"เติมแม่แบบ {name} ไม่ได้: {error}", f"Template {name} failed: {error}") from error
    return _tidy(places.resolve(document))


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
        "with_unit": with_unit,
        "arrowed_number": arrowed_number,
        "hidden_below": disclosure.THRESHOLD,
        "small_below": disclosure.SMALL,
    }


def _failing_template(error: BaseException) -> str:
    """The innermost template of a failure's traceback, with its line."""
    place, trace = "report", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            place = f"{name.rpartition('templates/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


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


# ------------------------------------------------------------------------------------- numbers in the text


def _data(number: Number, shown: str) -> Markup:
    """A number of the text with the cell it came from."""
    return Markup('<data class="n" value="{}" data-cell="{}">{}</data>').format(
        repr(float(number.value)), number.cell, shown
    )


def plain(number: Number) -> Markup:
    """``98.6``; a negative number has its sign."""
    return _data(number, thai.number(number.value, number.decimals))


def magnitude(number: Number) -> Markup:
    """The size of a number whose direction the sentence says."""
    return _data(number, thai.magnitude(number.value, number.decimals))


def signed(number: Number) -> Markup:
    """``+0.4``, ``−0.4``."""
    return _data(number, thai.signed(number.value, number.decimals))


def percent(number: Number) -> Markup:
    """``ร้อยละ 12.3``."""
    return Markup("ร้อยละ {}").format(plain(number))


def arrowed(change: Change) -> Markup:
    """``▲ 1.2`` in the colour of better or worse."""
    sign = thai.arrow(change.number.value, change.number.decimals)
    return Markup('<span class="{}">{} {}</span>').format(change.quality, sign, magnitude(change.number))


def arrowed_number(number: Number, quality: str) -> Markup:
    """A cell's change: arrow and size."""
    return Markup("{} {}").format(thai.arrow(number.value, number.decimals), magnitude(number))


def with_unit(number: Number, unit: Unit) -> Markup:
    """``ร้อยละ 1.10``, ``15,900 บาทต่อเดือน``."""
    return Markup(" ").join(part for part in (escape(unit.before), plain(number), escape(unit.after)) if part)


def from_to(mover: Mover) -> Markup:
    """``จากร้อยละ 1.10 เป็นร้อยละ 1.02``, ``จาก 15,900 เป็น 16,100 บาทต่อเดือน``."""
    unit, glue = mover.unit, "" if mover.unit.before else " "
    before = f"{unit.before} " if unit.before else ""
    second = "" if unit.before == "ระดับ" else before
    after = f" {unit.after}" if unit.after else ""
    return Markup("จาก{}{}{} เป็น{}{}{}{}").format(
        glue,
        before,
        plain(mover.previous),
        glue if second == before else " ",
        second,
        plain(mover.value),
        after,
    )


def evidence_text(evidence: Evidence) -> Markup:
    """What a recommendation rests on, as a phrase with its number."""
    number, part = evidence.number, evidence.part
    if part == "level":
        unit = "ร้อยละ {}" if number.unit == "จุดร้อยละ" else "{} จุด"
        return Markup("{} อยู่ที่ " + unit).format(evidence.label, plain(number))
    if part in ("quarter", "year", "change"):
        verb = "เพิ่มขึ้น" if number.value > 0 else "ลดลง"
        if number.unit == "ส่วนเบี่ยงเบนมาตรฐาน":
            verb = "ดีขึ้น" if number.value > 0 else "แย่ลง"
        than = {"quarter": "จากไตรมาสก่อน", "year": "จากปีก่อน", "change": "จากไตรมาสนี้"}[part]
        return Markup("{} {} {} {}{}").format(evidence.label, verb, magnitude(number), number.unit, than)
    after = f" {number.unit}" if number.unit else ""
    if part == "places":
        return Markup("{} {}{}").format(evidence.label, plain(number), after)
    return Markup("{} เท่ากับ {}{}").format(evidence.label, plain(number), after)


def domain_word(name: str) -> str:
    """``ด้านความรู้``: the word ด้าน once."""
    return name if name.startswith("ด้าน") else f"ด้าน{name}"


def names_list(items: Iterable[Any]) -> str:
    """``ก ข และค``."""
    return thai.join_th([str(item) for item in items])


@cache
def _environment() -> jinja2.Environment:
    """The compiled templates; nothing of an issue stays in them."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters.update(
        n=plain,
        mag=magnitude,
        sgn=signed,
        pct=percent,
        chg=arrowed,
        quarter_th=thai.quarter_th,
        quarter_slash=thai.quarter_slash,
        period_th=thai.period_th,
        date_th=thai.date_th,
        domain=domain_word,
        names=names_list,
        spoken=lambda indicator: spoken(indicator.id, indicator.name.th),
        evidence=evidence_text,
        from_to=from_to,
        index_level=thai.index_level_word,
        confidence_level=thai.confidence_level_word,
    )
    return environment


_SPACES = re.compile(r"[ \t\r\f\v]*\n\s*|[ \t\r\f\v]{2,}")
_EDGES = re.compile(r"(<(?:p|li|td|th|h[1-3]|figcaption|caption|dd|dt|a|strong|span)\b[^>]*>)\s+")
_ENDS = re.compile(r"\s+(</(?:p|li|td|th|h[1-3]|figcaption|caption|dd|dt)>)")


def _tidy(html: str) -> str:
    """One space where the templates broke a line, none at the edges of a paragraph."""
    single = _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", html)
    return _ENDS.sub(r"\1", _EDGES.sub(r"\1", single)).strip() + "\n"
