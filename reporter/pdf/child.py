"""The typesetting process: reads a job, lays it out, draws, tags and finishes it, writes the result.

Goes in: a pickled ``Job`` on standard input. Comes out: a pickled ``Result`` on standard output. The process limits its own memory; nothing
it does can disturb the caller. Started by reporter/pdf/typesetter.py only.
"""

from __future__ import annotations

import gc
import logging
import pickle
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from xml.etree.ElementTree import Element

from weasyprint import CSS, HTML
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration

from reporter.linebreak import VERBATIM, protect_tree
from reporter.pdf import structure, tags
from reporter.pdf.archive import finish
from reporter.pdf.columns import size_tables
from reporter.pdf.ends import MOST_PAGES, short_ends
from reporter.pdf.fetcher import BASE, AssetFetcher
from reporter.pdf.hook import hooked
from reporter.pdf.model import Job, Result
from reporter.tokens import css_variables

_KINDS = (("No anchor", "anchor"), ("has no required alt", "alt"), ("Failed to load", "missing"))


class _Collector(logging.Handler):
    """Keeps what the typesetter says: errors are problems, warnings are rules it ignored."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.problems: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Sort one message."""
        text = record.getMessage()
        kind = next((kind for start, kind in _KINDS if start in text), "")
        if record.levelno >= logging.ERROR:
            self.problems.append((kind or "failed", text))
        else:
            self.warnings.append((kind or "style", text))


def main() -> None:
    """Run one job from standard input to standard output."""
    job: Job = pickle.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_DATA, (job.memory_limit_mb * 2**20, resource.RLIM_INFINITY))
    try:
        result = run(job)
    except MemoryError:
        result = Result(problems=(("memory", str(job.memory_limit_mb)),))
    pickle.dump(result, sys.stdout.buffer)


def run(job: Job) -> Result:
    """Typeset one job in this process."""
    gc.set_threshold(
        50_000, 20, 100
    )  # boxes live as long as the document: looking for dead ones is most of the waiting
    clock = _Clock()
    collector = _Collector()
    LOGGER.handlers = [collector]
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False
    fetcher = AssetFetcher(job.assets)
    fonts = FontConfiguration()
    html = HTML(string=job.html, base_url=BASE, url_fetcher=fetcher, media_type="print")
    prepare(html.etree_element, job)
    sheets = [CSS(string=css_variables(), font_config=fonts)]
    sheets += [CSS(filename=sheet, font_config=fonts, url_fetcher=fetcher) for sheet in job.stylesheets]
    clock.note("parse")
    with hooked() as hooks:
        document = html.render(font_config=fonts, stylesheets=sheets)
        short = short_ends(document) if len(document.pages) <= MOST_PAGES else []
        for section in short:
            section.set("class", f"{section.get('class', '')} tight")
        if short:
            del document
            document = html.render(font_config=fonts, stylesheets=sheets)
        clock.note("layout")
        tree = structure.plan(document)
        hooks.add_tags = partial(tags.add_tags, tree)
        drawn = document.write_pdf(pdf_tags=True, output_intent="srgb", pdf_version="1.7")
    clock.note("draw")
    warnings = [
        *collector.warnings,
        *(("glyph", f"U+{code:04X} {chr(code)}") for code in sorted(hooks.missing)),
    ]
    problems = tuple(dict.fromkeys([*fetcher.problems, *collector.problems]))
    if problems:
        return Result(problems=problems, warnings=tuple(warnings))
    pdf, breaches = finish(drawn, job.metadata, job.attachments)
    warnings += [("claims", breach.en) for breach in breaches]
    clock.note("finish")
    return Result(pdf, (), tuple(dict.fromkeys(warnings)), clock.seconds)


def prepare(root: Element, job: Job) -> None:
    """Make the parsed document ready: Thai digits if asked, places where lines may break, columns of tables."""
    if job.thai_digits:
        from reporter.thai import thai_digits  # here, because it takes pandas along

        _rewrite(root, thai_digits)
    protect_tree(root, job.names)
    size_tables(root)


def _rewrite(element: Element, write: Callable[[str], str]) -> None:
    """Rewrite all text below an element except English passages and code; attributes stay."""
    if isinstance(element.tag, str) and (element.get("lang") == "en" or element.tag in VERBATIM | {"code"}):
        return
    if element.text:
        element.text = write(element.text)
    for child in element:
        _rewrite(child, write)
        if child.tail:
            child.tail = write(child.tail)


class _Clock:
    """Seconds spent in each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def note(self, step: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self.seconds[step] = round(now - self._last, 3)
        self._last = now


if __name__ == "__main__":
    main()
