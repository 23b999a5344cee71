"""Marks inside a template's text, and the spans and sentences that they become.

Goes in: the rendered text of a paragraph, in which numbers, claims, references and sentence ends stand as marks between
private-use characters. Comes out: ``Sentence`` objects. Text of templates and of analysts never holds those characters itself.
"""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise

from markupsafe import Markup, escape

from reporter.domain.errors import RenderError
from reporter.report.document import Claim, Sentence, Span
from reporter.report.numbers import Number

OPEN, CLOSE, BETWEEN = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")


def _mark(kind: str, *fields: str) -> Markup:
    return Markup(OPEN + BETWEEN.join((kind, *(str(escape(field)) for field in fields))) + CLOSE)


STOP = _mark("stop")


def number_mark(number: Number, shown: str, quality: str = "") -> Markup:
    """A number as it is shown, with its full value and its cell."""
    return _mark("number", shown, repr(float(number.value)), number.cell, quality)


def claim_mark(claim: Claim) -> Markup:
    """A claim of the sentence in which the mark stands."""
    return _mark("claim", json.dumps(claim.record(), ensure_ascii=False))


def style_mark(kind: str, text: str = "") -> Markup:
    """A run of text in another style: strong, emphasis, code, break."""
    return _mark(kind, text)


def link_mark(text: str, target: str) -> Markup:
    """A link within the document."""
    return _mark("link", text, target)


def reference_mark(form: str, *names: str) -> Markup:
    """A reference to figures and tables, filled when all are numbered; ``form``: see (in brackets) or link."""
    return _mark("reference", form, ",".join(names))


def clean(text: str) -> str:
    """Text of others without the characters that marks are made of."""
    return text.replace(OPEN, "").replace(CLOSE, "").replace(BETWEEN, "")


def sentences(rendered: str) -> list[Sentence]:
    """The sentences of a rendered text; marks become spans and claims. Raises RenderError where markup stands in it."""
    found: list[Sentence] = [Sentence([])]
    for number, piece in enumerate(_MARK.split(rendered)):
        if number % 2 == 0:
            _add_text(found[-1], piece)
            continue
        kind, *fields = (html.unescape(field) for field in piece.split(BETWEEN))
        if kind == "stop":
            found.append(Sentence([]))
        elif kind == "claim":
            given = json.loads(fields[0])
            found[-1].claims.append(Claim(given.pop("kind"), given.pop("says"), given))
        else:
            found[-1].spans.append(_span(kind, fields))
    for sentence in found:
        _tidy(sentence)
    return _joined([sentence for sentence in found if sentence.spans or sentence.claims])


def _joined(found: list[Sentence]) -> list[Sentence]:
    """A reference or a claim that stands alone belongs to the sentence before it."""
    kept: list[Sentence] = []
    for sentence in found:
        has_words = any(span.kind not in ("reference", "break") for span in sentence.spans)
        if has_words or not kept:
            kept.append(sentence)
        else:
            kept[-1].spans += sentence.spans
            kept[-1].claims += sentence.claims
    return [sentence for sentence in kept if sentence.spans]


def _add_text(sentence: Sentence, piece: str) -> None:
    if "<" in piece:
        raise RenderError(f"ข้อความมีแท็ก HTML: {piece[:80]}", f"A sentence holds markup: {piece[:80]}")
    words = _BLANKS.sub(" ", html.unescape(piece))
    if words:
        sentence.spans.append(Span("text", words))


def _span(kind: str, fields: list[str]) -> Span:
    if kind == "number":
        shown, value, cell, quality = fields
        return Span("number", shown, float(value), cell, quality=quality)
    if kind == "reference":
        form, names = fields
        return Span("reference", form, target=names)
    return Span(kind, fields[0], target=fields[1] if len(fields) > 1 else "")


def _tidy(sentence: Sentence) -> None:
    """No blank at the edges, one between words, none doubled where a mark printed nothing."""
    kept: list[Span] = []
    for span in sentence.spans:
        if span.kind == "text" and kept and kept[-1].kind == "text":
            kept[-1].text = _BLANKS.sub(" ", kept[-1].text + span.text)
        else:
            kept.append(span)
    if kept and kept[0].kind == "text":
        kept[0].text = kept[0].text.lstrip()
    if kept and kept[-1].kind == "text":
        kept[-1].text = kept[-1].text.rstrip()
    for before, after in pairwise(kept):
        if after.kind == "reference" and after.text == "see":
            before.text = before.text.rstrip()
    sentence.spans = [span for span in kept if span.text or span.kind in ("break", "reference")]


def inline_html(rendered: str) -> str:
    """A page that is rendered as HTML: numbers as ``<data>`` with their cell, claims and sentence ends left out."""

    def replaced(match: re.Match[str]) -> str:
        kind, *fields = match[1].split(BETWEEN)
        if kind == "number":
            shown, value, cell, _ = fields
            return f'<data class="n" value="{value}" data-cell="{cell}">{shown}</data>'
        return f"<strong>{fields[0]}</strong>" if kind == "strong" else ""

    return _MARK.sub(replaced, rendered)
