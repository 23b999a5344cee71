"""The page says what the tables say: every number re-derived, every figure and table placed and referred to, no gap.

Goes in: the HTML of one issue, its tables and figures. Comes out: findings.
"""

from __future__ import annotations

import html as html_entities
import re
from collections.abc import Sequence
from html.parser import HTMLParser

from reporter.domain.errors import Finding, Severity
from reporter.domain.tables import Tables
from reporter.figures import Figure
from reporter.report.provenance import check_trace

_BROKEN_WORDS = re.compile(r"(?<![A-Za-z])(nan|NaN|None|NaT|inf|undefined|\{\{|\}\})(?![A-Za-z])")
_ANALYSTS = re.compile(r'<div class="commentary">.*?</div>', re.S)
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.S)
_VOID = {"br", "img", "meta", "link", "hr", "input", "wbr", "col"}
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3}


def check(html: str, tables: Tables, drawn: Sequence[Figure]) -> list[Finding]:
    """Findings about the generated text; what the analysts wrote is theirs, save that it may not leave a gap."""
    reader = _Structure()
    reader.feed(html)
    reader.close()
    return [
        *_broken_words(html),
        *check_trace(html, tables),
        *_unplaced(html, drawn),
        *_unreferred(reader),
        *_dangling(reader),
        *_empty_sections(reader),
    ]


def _broken_words(html: str) -> list[Finding]:
    """Words that betray a missing value in the generated text."""
    text = html_entities.unescape(_TAG.sub(" ", _ANALYSTS.sub(" ", html)))
    return [
        _finding(
            "error",
            "report.html",
            "text.missing",
            f'พบ "{match}" ในข้อความของรายงาน',
            f'The text holds "{match}".',
        )
        for match in sorted(set(_BROKEN_WORDS.findall(text)))
    ]


def _unplaced(html: str, drawn: Sequence[Figure]) -> list[Finding]:
    """Figures that were drawn but that no chapter shows."""
    return [
        _finding(
            "warning",
            figure.svg,
            "figure.unplaced",
            "วาดแผนภูมินี้แล้วแต่ไม่มีบทใดใช้",
            "Drawn, but no chapter shows it.",
        )
        for figure in drawn
        if figure.svg not in html
    ]


def _unreferred(reader: _Structure) -> list[Finding]:
    """Numbered figures and tables that no sentence mentions."""
    return [
        _finding(
            "warning",
            f"report.html#{name}",
            "page.unreferred",
            "ไม่มีข้อความใดอ้างถึงแผนภูมิหรือตารางนี้",
            "No sentence refers to this figure or table.",
        )
        for name in reader.placed
        if name not in reader.referred
    ]


def _dangling(reader: _Structure) -> list[Finding]:
    """Links of the generated text that lead nowhere."""
    return [
        _finding(
            "error",
            f"report.html#{name}",
            "page.dangling",
            "ลิงก์ในรายงานอ้างถึงสิ่งที่ไม่มีอยู่",
            "A link of the report leads to something that is not there.",
        )
        for name in sorted((reader.referred | reader.listed) - reader.anchors)
    ]


def _empty_sections(reader: _Structure) -> list[Finding]:
    """Headings under which nothing stands."""
    return [
        _finding(
            "warning",
            "report.html",
            "page.empty_section",
            f'หัวข้อ "{title}" ไม่มีเนื้อหา',
            f'Nothing stands under the heading "{title}".',
        )
        for title in reader.empty
    ]


class _Structure(HTMLParser):
    """Anchors, links, placed figures and tables, and headings without content."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: set[str] = set()
        self.referred: set[str] = set()
        self.listed: set[str] = set()
        self.placed: list[str] = []
        self.empty: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._heading: tuple[int, list[str]] | None = None
        self._bare: tuple[int, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note anchors, links and headings; a picture is content."""
        given = {name: value or "" for name, value in attrs}
        if name := given.get("id"):
            self.anchors.add(name)
            if tag in ("figure", "table") and name.startswith(("fig-", "tab-")):
                self.placed.append(name)
        target = given.get("href", "")
        if target.startswith("#") and not self._is_within("", "commentary"):
            (self.listed if self._is_within("nav", "") else self.referred).add(target[1:])
        if tag == "img":
            self._bare = None
        if tag in _HEADINGS:
            self._close_section(_HEADINGS[tag])
            self._heading = (_HEADINGS[tag], [])
        if tag not in _VOID:
            self._open.append((tag, given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        """A heading that ends waits for content; a chapter that ends must have had some."""
        if tag in _HEADINGS and self._heading is not None:
            level, words = self._heading
            self._heading, self._bare = None, (level, "".join(words).strip())
        if tag == "section":
            self._close_section(0)
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                break

    def handle_data(self, data: str) -> None:
        """Words of a heading, or content under it."""
        if self._heading is not None:
            self._heading[1].append(data)
        elif data.strip():
            self._bare = None

    def _close_section(self, level: int) -> None:
        """A new heading: the one before it is empty unless content came or the new one lies below it."""
        if self._bare is not None and level <= self._bare[0]:
            self.empty.append(self._bare[1])
        self._bare = None

    def _is_within(self, tag: str, kind: str) -> bool:
        return any(
            (not tag or own == tag) and (not kind or kind in classes.split()) for own, classes in self._open
        )


def _finding(severity: Severity, where: str, rule: str, th: str, en: str) -> Finding:
    return Finding(severity, where, th, en, rule=rule)
