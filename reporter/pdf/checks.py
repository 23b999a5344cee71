"""Reads the finished PDF back: is every word there for every reader, is the file what it claims to be?

Goes in: the bytes, and the HTML or phrases they were made from. Comes out: findings. Readers: PDFium, as Chrome; our own, which
knows nothing but the fonts' ToUnicode maps, as pypdf and pdf.js do; for a second opinion poppler's pdftotext where it is installed.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

import pikepdf
import pypdfium2
import tinyhtml5
from pythainlp.tokenize import word_tokenize

from reporter.domain.errors import Finding
from reporter.domain.linebreak import INLINE
from reporter.pdf.conformance import breaches
from reporter.pdf.tagged import WHERE, code_texts, finding, inside, page_content

_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9a-f]+)>|(Tm)\b")
_IGNORED = re.compile(
    "[\\s\u00ad\u200b\u2060\ufeff\u0000-\u001f\ufffe\u2010]+"
)  # spacing, and the hyphen at a line's end
PAGE_END = "\f"  # between pages, as pdftotext writes it
_NEAR = 5_000  # characters
_LISTED = 20  # words named in a finding


def check(
    pdf: bytes, expected_text: str | Iterable[str], *, bookmarks: int = 0, second_opinion: bool = True
) -> list[Finding]:
    """All findings on a finished PDF: lost words in any reader at hand, and breaches of PDF/A-3a and PDF/UA-1.

    expected_text   phrases that must be found again, or the HTML they stand in
    bookmarks       how many bookmarks there must be at least
    second_opinion  whether poppler reads the file too, where it is installed
    """
    phrases = html_phrases(expected_text) if isinstance(expected_text, str) else list(expected_text)
    against = [*breaches(pdf), *_too_few(pdf, bookmarks)]
    found: list[Finding] = []
    for reader, text in readings(pdf, second_opinion=second_opinion).items():
        lost = lost_phrases(phrases, text)
        if lost:
            listed = ", ".join(lost[:_LISTED])
            found.append(
                finding(
                    f"text.{reader}",
                    f"ข้อความ {len(lost)} จาก {len(phrases)} ส่วนอ่านกลับไม่ได้ด้วย {reader}: {listed}",
                    f"{len(lost)} of {len(phrases)} phrases are lost to {reader}: {listed}",
                )
            )
    return [*found, *against]


def _too_few(pdf: bytes, bookmarks: int) -> list[Finding]:
    """A finding where there are fewer bookmarks than there must be."""
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        count = sum(1 for item in _flat(outline.root))
    if count >= bookmarks:
        return []
    message = (f"มีที่คั่นหน้า {count} แห่ง น้อยกว่า {bookmarks}", f"{count} bookmarks, fewer than {bookmarks}.")
    return [Finding("error", WHERE, *message, rule="pdf.bookmarks")]


def _flat(items: Iterable[pikepdf.OutlineItem]) -> Iterable[pikepdf.OutlineItem]:
    for item in items:
        yield item
        yield from _flat(item.children)


def html_phrases(html: str | Element) -> list[str]:
    """The pieces between spaces of every running text of an HTML document or its tree, in order, each once."""
    texts: list[str] = []
    _collect(tinyhtml5.parse(html, namespace_html_elements=False) if isinstance(html, str) else html, texts)
    return list(dict.fromkeys(piece for text in texts for piece in text.split()))


def _collect(element: Element, texts: list[str]) -> None:
    """Running texts below an element; a block ends the text before it."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if (
        not tag
        or tag in ("head", "script", "style", "template")
        or tag.startswith("{")
        or element.get("hidden") is not None
    ):
        return
    block = tag not in INLINE or "footnote" in element.get("class", "").split()
    if block or not texts:
        texts.append("")
    texts[-1] += element.text or ""
    for child in element:
        _collect(child, texts)
        if isinstance(child.tag, str) and (
            child.tag not in INLINE or "footnote" in child.get("class", "").split()
        ):
            texts.append("")
        texts[-1] += child.tail or ""


def bare(text: str) -> str:
    """Text without spacing and steering characters, for comparison."""
    return _IGNORED.sub("", text)


def lost_phrases(phrases: Iterable[str], text: str) -> list[str]:
    """Phrases that a text does not hold. A phrase cut by the end of a page counts word by word."""
    read = bare(text)
    lost, place = [], 0
    for phrase in phrases:
        wanted = bare(phrase)
        # most stand shortly behind the one before
        found = read.find(wanted, place, place + _NEAR)
        place = found if found >= 0 else max(read.find(wanted), 0)
        if not read.startswith(wanted, place) and not all(
            bare(word) in read for word in word_tokenize(phrase)
        ):
            lost.append(phrase)
    return lost


def readings(pdf: bytes, *, second_opinion: bool = True) -> Mapping[str, str]:
    """Reader -> all text it finds; poppler, the slowest, only for a second opinion and where it is installed."""
    found = {"tounicode": mapped_text(pdf), "pdfium": _pdfium_text(pdf)}
    if second_opinion and shutil.which("pdftotext"):
        found["poppler"] = _poppler_text(pdf)
    return found


def _poppler_text(pdf: bytes) -> str:
    command = ["pdftotext", "-enc", "UTF-8", "-", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=False)
    return done.stdout.decode(errors="replace")


def _pdfium_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    texts = []
    for page in document:
        reading = page.get_textpage()
        texts.append(reading.get_text_range())
        reading.close()
        page.close()
    document.close()
    return PAGE_END.join(texts)


def mapped_text(pdf: bytes) -> str:
    """The text that a reader gets who knows only the fonts' ToUnicode maps, in the order of drawing."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        maps: dict[tuple[int, int], dict[int, str]] = {}
        return PAGE_END.join(_page_text(page, maps) for page in opened.pages)


def _page_text(page: pikepdf.Page, maps: dict[tuple[int, int], dict[int, str]]) -> str:
    resources = inside(page.obj, "/Resources", "/Font")
    current: dict[int, str] = {}
    parts: list[str] = []
    for match in _SHOWN.finditer(page_content(page)):
        if match[1]:
            font = resources["/" + match[1].decode()]
            if font.objgen not in maps:
                maps[font.objgen] = code_texts(font)
            current = maps[font.objgen]
        elif match[2]:
            digits = match[2].decode()
            parts += [
                current.get(int(digits[place : place + 4], 16), "\ufffd")
                for place in range(0, len(digits), 4)
            ]
        else:
            parts.append("\n")
    return "".join(parts)
