"""The English edition: words for numbers and changes, tables with English labels, the rule book in English.

Goes in: the facts of ``reporter.report``, found with declarations whose names are English. Comes out: filters for the templates of
``templates/report/en``, tables, recommendations. Sentences stand in the templates; every word of direction comes from the same claim
that the Thai sentence makes, so that the truth checker judges both.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import jinja2
from markupsafe import Markup, escape

from reporter.domain.declarations import asset, broken_rules, own_rules, rule
from reporter.domain.edition import (
    NoEnglishError,
    date_en,
    has_thai,
    lower_first,
    month_name_en,
    names_en,
    quarter_en,
    running,
    translated,
)
from reporter.domain.errors import Finding
from reporter.domain.periods import BUDDHIST_OFFSET
from reporter.inputs.commentary import Commentary
from reporter.report import provenance, templating
from reporter.report.dimensions import Mover
from reporter.report.document import Claim
from reporter.report.numbers import Change, Number, UnitWords
from reporter.report.outlook import Evidence, RuleBook
from reporter.report.templating import claimed, compared, evidence_claims, magnitude, plain
from reporter.report.workbook import Cell, ReportSheet, SheetRow

_SIZES = {"slight": " slightly", "plain": "", "marked": " sharply"}
ENGLISH_RULES = "recommendations.en.toml"
_THAN = {"quarter": "on the quarter", "year": "on the year", "change": "from this quarter"}


# ------------------------------------------------------------------------------------------------ numbers in words


def percent(number: Number) -> Markup:
    """``12.3 per cent``."""
    return Markup("{} per cent").format(plain(number))


def with_unit(number: Number, unit: UnitWords) -> Markup:
    """``1.10 per cent``, ``15,900 baht a month``."""
    return Markup(" ").join(part for part in (plain(number), escape(unit_name(unit))) if part)


def unit_name(unit: UnitWords) -> str:
    """The unit after a number; an index has none."""
    thai_name = unit.before or unit.after
    return "" if thai_name == "ระดับ" else translated(thai_name)


def published_value(mover: Mover) -> Markup:
    """A mover's published value with its unit; without a unit that its name says already (injuries per 1,000 employees)."""
    if mover.published is None:
        return Markup("")
    unit = unit_name(mover.unit)
    is_said = bool(unit) and unit in mover.indicator.name.th
    return plain(mover.published) if is_said else with_unit(mover.published, mover.unit)


def from_to(mover: Mover) -> Markup:
    """``from 1.10 to 1.02 per cent``; ``at 1.02 per cent`` where both read the same."""
    shown = Markup("from {} to {}").format(plain(mover.previous), plain(mover.value))
    if verb(mover) == "was unchanged":
        shown = Markup("at {}").format(plain(mover.value))
    unit = unit_name(mover.unit)
    shown = Markup("{} {}").format(shown, unit) if unit else shown
    months = names_en(month_name_en(month) for month in mover.months)
    return Markup("{} ({} only)").format(shown, months) if months else shown


def moved(change: Change) -> str:
    """``rose slightly``, ``fell``, ``was unchanged``."""
    if change.sign == 0:
        return "was unchanged"
    return ("rose" if change.sign > 0 else "fell") + _SIZES[change.size]


def verb(mover: Mover) -> str:
    """``rose``, ``fell`` or ``was unchanged``: by the two values as displayed, as the Thai verb."""
    return {"เพิ่มขึ้น": "rose", "ลดลง": "fell"}.get(mover.verb, "was unchanged")


def level(number: Number, claim: Claim) -> str:
    """The level of the Labour Economic Index or of a dimension; a distance that the band does not bear out is said to be unclear."""
    if abs(number.value - 100) < rule("labour_level.about"):
        return "close to its long-run average"
    unclear = ", but not clearly" if claim.says == "about" else ""
    return f"{'above' if number.value > 100 else 'below'} its long-run average{unclear}"


def confidence(says: object) -> str:
    """The level of a confidence index, by its claim."""
    return {"above": "high", "below": "low"}.get(str(says), "neutral")


def evidence_text(evidence: Evidence) -> Markup:
    """What a recommendation rests on, as a phrase with its number."""
    number, part, label = evidence.number, evidence.part, _label(evidence.label)
    if evidence.mover is not None:
        return _indicator_evidence(label, part, evidence.mover)
    unit = translated(number.unit) if number.unit else ""
    if part == "level":
        shown = percent(number) if unit == "percentage points" else Markup("{} points").format(plain(number))
        return Markup("{} stands at {}{}").format(label, shown, _why_low(evidence))
    if part in _THAN:
        way = "rose" if number.value > 0 else "fell"
        said = claimed(
            Claim(
                "direction",
                "up" if number.value > 0 else "down",
                {"of": number.cell, "still": 0.0, "decimals": 9},
            )
        )
        told = Markup("{}{} {} by {} {} {}").format(said, label, way, magnitude(number), unit, _THAN[part])
        words = [{1: "better", -1: "worse"}[evidence.better_way]] if evidence.better_way else []
        if evidence.clarity is not None:
            words.append("clear" if evidence.clarity.is_clear else "not clear")
        said = evidence_claims(evidence)
        return Markup("{}{} ({})").format(said, told, ", ".join(words)) if words else told
    return Markup("{}: {}").format(
        label, Markup(" ").join(part for part in (plain(number), escape(unit)) if part)
    )


def _why_low(evidence: Evidence) -> Markup:
    """What makes a level a case: it is the lowest of all domains, and it has fallen on the year."""
    told = Markup("")
    if evidence.lowest is not None:
        domains = len(evidence.lowest.about["among"])
        told += claimed(evidence.lowest) + Markup(", the lowest of {} domains").format(domains)
    if change := evidence.worse_on_year:
        way = "rose" if change.number.value > 0 else "fell"
        proof = claimed(provenance.significance(change.number, change.test, is_clear=True))
        unit = translated(change.number.unit)
        told += proof + Markup(", and {} by {} {} on the year (significant)").format(
            way, magnitude(change.number), unit
        )
    return told


def _label(text: str) -> str:
    """A label of evidence, whose Thai glue stands beside English names."""
    quoted = re.fullmatch(r"คะแนนข้อ “(.*)”", text)
    if quoted:
        return f"The score of “{quoted[1]}”"
    placed = re.fullmatch(r"ผลประเมิน “(.*)” ตามหลังความต้องการ", text)
    if placed:
        return f"The rating of “{placed[1]}” lies behind the need"
    domain = re.fullmatch(r"([^\u0e00-\u0e7f]+) ด้าน([^\u0e00-\u0e7f]+)", text)
    if domain:
        return f"{domain[1]}, {domain[2].lower()},"
    return translated(text)


def _indicator_evidence(label: str, part: str, mover: Mover) -> Markup:
    label += " (monthly average)" if mover.indicator.is_monthly_mean else ""
    if part == "year" and mover.published is not None and mover.published_year is not None:
        now, before = published_value(mover), plain(mover.published_year)
        return Markup("{}: {} ({} a year before)").format(label, now, before)
    said = compared(mover.value, mover.previous)
    return Markup("{}{}, seasonally adjusted, {} {}").format(said, label, verb(mover), from_to(mover))


def known(text: str) -> str:
    """A label in English; as it is where it has none, so that QA finds its letters (``english.thai``): a dash would hide the lack."""
    try:
        return translated(text)
    except NoEnglishError:
        return text


# Sentences of the table ``forecast_notes``, which is in Thai alone, after their quarters and names are English.
_NOTES = (
    (
        r"ทดสอบพยากรณ์ย้อนหลังจาก(Q\d \d{4}) ถึง(Q\d \d{4}) รวม (\d+) ครั้ง ใช้ (\d+) ครั้งแรกเลือกแบบจำลอง และใช้ส่วนที่เหลือรายงานความคลาดเคลื่อน",
        r"Forecasts were made as of \3 past quarters, from \1 to \2: the first \4 chose the model, the others measure its errors.",
    ),
    (
        r"แบบจำลองที่เลือกคือ (.+?) ซึ่งมีความคลาดเคลื่อนสัมบูรณ์เฉลี่ยเป็น ([\d.]+) เท่าของการใช้ค่าล่าสุด .*?เกิน ([\d.]+) ซึ่งเป็นความคลาดเคลื่อนมาตรฐานของการเปรียบเทียบ",
        r"The mean absolute error of the chosen model (\1) is \2 times that of using the newest value. The joint model of the index or the mean"
        r" of all models comes first unless this ratio is lower for another by more than \3, a standard error of the comparison.",
    ),
    (r"อันดับของแบบจำลอง SARIMA คือ (.+)", r"Order of the SARIMA model: \1."),
    (r"รูปแบบของแบบจำลอง ETS คือ (.+)", r"Form of the ETS model: \1."),
    (
        r"แบบจำลอง (.+) ประมาณค่าไม่ได้ (\d+) จาก (\d+) ครั้ง และไม่นับในครั้งนั้น",
        r"One model (\1) could not be estimated at \2 of \3 quarters and is left out there.",
    ),
    (
        r"ดัชนีเปลี่ยนแปลง (\S+) จุดใน(Q\d \d{4}) ซึ่งผิดปกติ ค่านี้ยังอยู่ในข้อมูล แต่จำกัดผลต่อความกว้างของช่วงพยากรณ์",
        r"The index changed by \1 points in \2, which is out of the ordinary: the value stays in the data, but its effect on the width of the"
        r" intervals is limited.",
    ),
    (
        r"การทดสอบย้อนหลังใช้ดัชนีตามที่ทราบในขณะนั้น คือ(.+?) โดยวัดความคลาดเคลื่อนกับค่าแรกของแต่ละไตรมาส",
        r"The tests use the index as it was known then: \1; errors are measured against the first value of each quarter.",
    ),
    (
        r"ตัวแปรเศรษฐกิจมหภาคในการทดสอบย้อนหลังใช้(.+)",
        r"Macroeconomic variables of the tests: \1.",
    ),
    (
        r"แบบจำลอง VAR ไม่ใช้ตัวแปร (.+) เนื่องจากไม่มีข้อมูลใน (\d+) ไตรมาสล่าสุด",
        r"The VAR leaves out one variable (\1), which has no data for the last \2 quarters.",
    ),
)
_COUNTED = (
    (r"ค่าที่เผยแพร่ในฉบับก่อน (\d+) ครั้ง", r"as issues printed it at \1 quarters"),
    (r"ค่าจำลองตามกำหนดเผยแพร่ของแหล่งข้อมูล (\d+) ครั้ง", r"as simulated from the release calendar at \1 quarters"),
    (
        r"ค่าปัจจุบันที่ตัดให้ล่าช้าเท่ากับที่ล่าช้าในขณะนี้ (\d+) ครั้ง",
        r"today’s values, cut as late as they are now, at \1 quarters",
    ),
    (r"ค่าตามคลังข้อมูลย้อนหลัง ณ วันนั้น (\d+) ครั้ง", r"those of the store of vintages at \1 quarters"),
    (r"ค่าปัจจุบัน (\d+) ครั้ง", r"as it is today at \1 quarters"),
)


def note(text: str) -> str:
    """A sentence of the table ``forecast_notes`` in English; empty where its form is not known."""
    said = re.sub(
        r"ไตรมาสที่ (\d) ปี (\d{4})", lambda found: f"Q{found[1]} {int(found[2]) - BUDDHIST_OFFSET}", text
    )
    for form, english in _NOTES:
        match = re.fullmatch(form, said)
        if match is not None:
            return _filled(english, [_note_part(part) for part in match.groups()])
    return ""


def _filled(english: str, parts: list[str]) -> str:
    for place, part in enumerate(parts, start=1):
        english = english.replace(f"\\{place}", part)
    return english


def _note_part(part: str) -> str:
    """What stands within such a sentence: how often which values were used, the name of a model or a variable."""
    counts = [
        (found.start(), found.expand(english))
        for form, english in _COUNTED
        for found in re.finditer(form, part)
    ]
    if counts:
        return names_en([said for _, said in sorted(counts)])
    try:
        return translated(part)
    except NoEnglishError:
        return "–"


@cache
def environment(overrides: str = "") -> jinja2.Environment:
    """The templates' environment with English filters in the place of the Thai ones. ``overrides``: a workspace with templates of its own."""
    thai_one = templating.environment(overrides)
    made = thai_one.overlay(bytecode_cache=templating.CompiledTemplates("en-sandbox" if overrides else "en"))
    made.filters = {
        **thai_one.filters,
        "pct": percent,
        "quarter_en": quarter_en,
        "date_en": date_en,
        "names": names_en,
        "moved": moved,
        "verb": verb,
        "index_level": level,
        "confidence_level": confidence,
        "evidence": evidence_text,
        "from_to": from_to,
        "en": known,
        "note": note,
        "lower_first": lower_first,
        "upper_first": lambda text: text[:1].upper() + text[1:],
        "running": running,
        "direction": lambda change: claimed(provenance.direction(change)),
    }
    made.globals = {
        **thai_one.globals,
        "with_unit": with_unit,
        "published_value": published_value,
    }
    return made


def render(template: str, given: Mapping[str, Any]) -> str:
    """An English template filled in. Raises RenderError naming the template and line that failed."""
    own = given["context"].overrides if "context" in given else ""
    return templating.render(template, given, environment(own))


# ------------------------------------------------------------------------------------------------ tables, rules, pages


def in_english(sheet: ReportSheet) -> ReportSheet:
    """A table with English labels. Raises NoEnglishError with the first label that has none."""

    def cell(given: Cell) -> Cell:
        return given if given.number is not None else replace(given, text=translated(given.text))

    def row(given: SheetRow) -> SheetRow:
        return SheetRow(
            _capital(translated(given.head)), tuple(cell(one) for one in given.cells), translated(given.group)
        )

    return replace(
        sheet,
        title=translated(sheet.title),
        unit=translated(sheet.unit),
        note=_note(sheet.note),
        columns=tuple(replace(column, label=_capital(translated(column.label))) for column in sheet.columns),
        rows=tuple(row(one) for one in sheet.rows),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _note(text: str) -> str:
    """The notes of a table, each as the phrase book has it; nothing where one of them has no English."""
    said = _notes_of(text.split(" ")) if text else []
    ended = [part if part.endswith(".") or len(said) == 1 else f"{part}." for part in said]
    return " ".join(ended)


def _notes_of(words: list[str]) -> list[str]:
    """The longest beginning that the phrase book knows, and the rest in the same way; empty where there is no such way."""
    for end in range(len(words), 0, -1):
        try:
            first = translated(" ".join(words[:end]))
        except NoEnglishError:
            continue
        rest = _notes_of(words[end:]) if end < len(words) else []
        if rest or end == len(words):
            return [first, *rest]
    return []


def sheets_in_english(sheets: Mapping[str, ReportSheet]) -> tuple[dict[str, ReportSheet], tuple[str, ...]]:
    """Those that have English labels, and the names of those that do not."""
    made, left_out = {}, []
    for name, sheet in sheets.items():
        try:
            made[name] = in_english(sheet)
        except NoEnglishError:
            left_out.append(name)
    return made, tuple(left_out)


def rules_in_english(book: RuleBook, own: Path | None = None) -> RuleBook:
    """The rule book with its English words; a rule without all of its words is left out.

    own   the workspace's ``rules/recommendations.en.toml``, laid over the package's
    """
    words: dict[str, dict[str, Any]] = {"rule": {}, "departments": {}, "urgency": {}, "partners": {}}
    for path in (asset("data", "rules", ENGLISH_RULES), own):
        if path is not None and path.is_file():
            for part, given in english_words(path).items():
                words[part].update(given)
    rules = tuple(
        replace(rule, theme=words["rule"][rule.id][0], measure=words["rule"][rule.id][1])
        for rule in book.rules
        if rule.id in words["rule"]
        and rule.urgency in words["urgency"]
        and set(rule.departments) <= set(words["departments"])
        and set(rule.partners) <= set(words["partners"])
    )
    return RuleBook(rules, words["departments"], words["urgency"], words["partners"])


def english_words(path: Path) -> dict[str, dict[str, Any]]:
    """``rule`` (id -> theme and measure), ``departments``, ``urgency``, ``partners`` (code -> name). Raises DeclarationError."""
    found = own_rules(path)
    for part, given in found.items():
        if part not in ("rule", "departments", "urgency", "partners") or not isinstance(given, dict):
            raise broken_rules(path.name, part, "ไม่รู้จักหัวข้อนี้ — ใช้ rule, departments, urgency, partners", "is unknown; use rule, departments, urgency, partners.")  # fmt: skip
        for key, words in given.items():
            texts = words if part == "rule" else [words]
            is_whole = isinstance(texts, list) and len(texts) == (2 if part == "rule" else 1)
            if not is_whole or not all(isinstance(text, str) for text in texts):
                th, en = ("[ชื่อเรื่อง, มาตรการ]", "[theme, measure]") if part == "rule" else ("ข้อความ", "a text")
                raise broken_rules(path.name, f"{part}.{key}", f"ต้องเป็น{th}", f"must be {en}.")
    return found


_TEXT = re.compile(r"(?s)(<(?:style|script|svg|title)\b.*?</(?:style|script|svg|title)>)|>([^<]+)(?=<)")
# A hyphened word stays on its line: a reader that joins lines would take its hyphen for one of hyphenation.
_HYPHENED = re.compile(r"\b[A-Za-z]+(?:-[A-Za-z]+)+\b")
_ATTRIBUTE = re.compile(r'((?:alt|title|aria-label|data-running)=")([^"]*)(")')


def page_in_english(page: str) -> str:
    """The print HTML with the words of its templates in English; what has none stays and QA says so."""

    def words(text: str) -> str:
        if not has_thai(text):
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        try:
            return before + str(escape(translated(" ".join(html.unescape(text).split())))) + after
        except NoEnglishError:
            return text

    def kept(text: str) -> str:
        return text if "-" not in text else _HYPHENED.sub(r'<span class="whole">\g<0></span>', text)

    def attribute(match: re.Match[str]) -> str:
        return match[1] + words(match[2]) + match[3]

    tagged = re.sub(r"<[^>]+>", lambda tag: _ATTRIBUTE.sub(attribute, tag[0]), page)
    return _TEXT.sub(lambda match: f">{kept(words(match[2]))}" if match[2] else match[0], tagged)


# ------------------------------------------------------------------------------------------------ QA


def check(page: Element, thai: Commentary, own: Commentary) -> list[Finding]:
    """Thai letters on an English page; sentences that the analysts hid or replaced in the Thai edition alone.

    page   the words of ``report-en.html``
    thai   the analysts' text of the Thai edition; own: of the English one
    """
    left = sorted({" ".join(text.split()) for text in page.itertext() if has_thai(text)})
    found = [
        Finding(
            "warning",
            "report-en.pdf",
            f"ฉบับภาษาอังกฤษมีข้อความไทย: “{text[:80]}” — เพิ่มใน data/glossary/phrases.csv",
            f"Thai stands in the English edition: “{text[:80]}”; add it to data/glossary/phrases.csv.",
            rule="english.thai",
            subject=text[:80],
        )
        for text in left
    ]
    if len(thai.sentences) > len(own.sentences):
        found.append(
            Finding(
                "warning",
                "sentences.en.toml",
                f"ฉบับภาษาไทยซ่อนหรือแทน {len(thai.sentences)} ประโยค ฉบับภาษาอังกฤษ {len(own.sentences)} — ตรวจว่าประโยคเดียวกันในภาษาอังกฤษควรซ่อนด้วยหรือไม่",
                f"The Thai edition hides or replaces {len(thai.sentences)} sentence(s), the English {len(own.sentences)}; "
                "see whether the same English sentence should go, in sentences.en.toml.",
                rule="english.sentences",
                subject=str(len(thai.sentences)),
            )
        )
    return found
