"""Templates and the words that they use: numbers with their cells, changes, units, names.

Goes in: facts of ``reporter.report``. Comes out: text of the filled templates. A number set by these filters carries the
cell it came from, so that ``reporter.report.provenance`` can work it out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import groupby
from typing import Any

import jinja2
from markupsafe import Markup, escape

from reporter.domain import thai
from reporter.domain.assets import asset
from reporter.domain.errors import RenderError
from reporter.report.labour import Mover
from reporter.report.movement import Change
from reporter.report.numbers import Number
from reporter.report.recommendations import Evidence
from reporter.report.units import Unit, spoken


def render(template: str, given: Mapping[str, Any]) -> str:
    """A template filled in. Raises RenderError naming the template and line that failed."""
    try:
        return environment().get_template(template).render(given)
    except (jinja2.TemplateError, TypeError, AttributeError, LookupError, ValueError) as error:
        name = _failing_template(error)
        raise RenderError(f"เติมแม่แบบ {name} ไม่ได้: {error}", f"Template {name} failed: {error}") from error


def _failing_template(error: BaseException) -> str:
    """The innermost template of a failure's traceback, with its line."""
    place, trace = "report", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            place = f"{name.rpartition('templates/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


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


def anchor(code: str) -> str:
    """A code of the tables as an HTML id: ``PROVINCE:TH-50`` is ``province-th-50``."""
    return code.replace(":", "-").lower()


def grouped(items: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Neighbours that share an attribute, in their own order (jinja's groupby sorts)."""
    return [(key, list(own)) for key, own in groupby(items, key=lambda item: getattr(item, name))]


def own_templates(*extensions: str) -> jinja2.Environment:
    """An environment without filters over the package's templates: escaped, and strict about names that are not given."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=extensions,
    )


@cache
def environment() -> jinja2.Environment:
    """The compiled templates; nothing of an issue stays in them."""
    environment = own_templates("jinja2.ext.do")
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
        anchor=anchor,
        groupby_kept=grouped,
        evidence=evidence_text,
        from_to=from_to,
        index_level=thai.index_level_word,
        confidence_level=thai.confidence_level_word,
    )
    return environment


_SPACES = re.compile(r"[ \t\r\f\v]*\n\s*|[ \t\r\f\v]{2,}")
_EDGES = re.compile(r"(<(?:p|li|td|th|h[1-3]|figcaption|caption|dd|dt|a|strong|span)\b[^>]*>)\s+")
_ENDS = re.compile(r"\s+(</(?:p|li|td|th|h[1-3]|figcaption|caption|dd|dt)>)")


def tidy(html: str) -> str:
    """One space where the templates broke a line, none at the edges of a paragraph."""
    single = _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", html)
    return _ENDS.sub(r"\1", _EDGES.sub(r"\1", single)).strip() + "\n"
