"""The typesetting process: reads requests, lays out and draws parts of a document, answers each.

Goes in: pickled ``Setup``, then ``MeasureRequest``, ``LayRequest`` and ``DrawRequest``, on standard input. Comes out: the pickled answer to each on standard
output. The process limits its own memory; nothing it does can disturb the caller. Started by reporter/pdf/worker_process.py only.

Files reach it only from the issue's own folder and the package, by plain relative name (``AssetFetcher``): no network, no other part of the
disk.
"""

from __future__ import annotations

import copy
import gc
import logging
import mimetypes
import pickle
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from weasyprint import CSS, HTML
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from reporter.domain.declarations import css_variables
from reporter.domain.thai import VERBATIM, load_words, protect_tree
from reporter.pdf import pages, structure
from reporter.pdf.pages import size_tables
from reporter.pdf.picture import form_name
from reporter.pdf.weasyprint_patch import Hooks, hooked, stand_in
from reporter.pdf.worker_process import Drawn, DrawRequest, Laid, LayRequest, Measured, MeasureRequest, Setup

WorkerRequest = MeasureRequest | LayRequest | DrawRequest
Answer = Measured | Laid | Drawn
BASE = "https://issue.invalid/"  # a reserved name that no network knows; only a base for relative names


class AssetFetcher(URLFetcher):
    """Serves ``charts/x.svg`` from one folder and refuses every other address.

    instead    path in the folder -> bytes that are given in place of the file's
    problems   (``refused``|``missing``, address), in the order met; the caller fails the build on any
    """

    def __init__(self, assets: Path, instead: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols=["https"])
        self._assets, self._instead = assets.resolve(), instead or {}
        self.problems: list[tuple[str, str]] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Read one file. Raises ValueError for anything else, after noting it."""
        if not url.startswith(BASE):
            raise self._problem("refused", url)
        path = (self._assets / unquote(urlsplit(url).path).lstrip("/")).resolve()
        if not path.is_relative_to(self._assets):
            raise self._problem("refused", url)
        name = path.relative_to(self._assets).as_posix()
        if not path.is_file():
            raise self._problem("missing", name)
        kind = mimetypes.guess_type(path.name, strict=False)[0] or "application/octet-stream"
        content = self._instead.get(name)
        return URLFetcherResponse(
            url, path.read_bytes() if content is None else content, {"Content-Type": kind}
        )

    def _problem(self, kind: str, address: str) -> ValueError:
        self.problems.append((kind, address[:200]))
        return ValueError(f"{kind}: {address[:200]}")


def main() -> None:
    """Answer requests until there are no more."""
    # boxes live as long as the document: looking for dead ones is most of the waiting
    gc.set_threshold(50_000, 20, 100)
    load_words()
    setup: Setup = pickle.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_DATA, (setup.memory_limit_mb * 2**20, resource.RLIM_INFINITY))
    setter = None
    with hooked() as hooks:
        while True:
            try:
                request: WorkerRequest = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            try:
                setter = setter or Setter(setup, hooks)
                answer = setter.answer(request)
            except MemoryError:
                answer = _out_of_memory(request, setup.memory_limit_mb)
            pickle.dump(answer, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _out_of_memory(request: WorkerRequest, limit_mb: int) -> Answer:
    """The answer to a request that the limit was too small for."""
    problems = (("memory", str(limit_mb)),)
    if isinstance(request, MeasureRequest):
        return Measured(problems=problems)
    return Laid(problems=problems) if isinstance(request, LayRequest) else Drawn(problems=problems)


class Setter:
    """Lays out parts of one document and draws them."""

    def __init__(self, setup: Setup, hooks: Hooks) -> None:
        self._setup, self._hooks = setup, hooks
        self._collector = _Collector()
        self._fonts = FontConfiguration()
        self._sheets = [CSS(string=css_variables(), font_config=self._fonts)]
        for sheet in setup.stylesheets:
            fetcher = AssetFetcher(setup.assets)
            self._sheets.append(CSS(filename=sheet, font_config=self._fonts, url_fetcher=fetcher))
        self._open: dict[int, Any] = {}  # documents that are laid out and not drawn yet, by part

    def answer(self, request: WorkerRequest) -> Answer:
        """Do what is asked."""
        if isinstance(request, MeasureRequest):
            return self.measure(request)
        return self.lay(request) if isinstance(request, LayRequest) else self.draw(request)

    def measure(self, request: MeasureRequest) -> Measured:
        """Lay out chapters, read how high everything is, and forget the layout."""
        html, fetcher = self._read(request)
        root = html.etree_element
        as_written = dict(zip(root.iter(), copy.deepcopy(root).iter(), strict=True))
        prepare(root, self._setup, {})
        found = pages.measured(self._render(html), root, as_written)
        return replace(found, problems=tuple(dict.fromkeys([*fetcher.problems, *self._collector.taken()[0]])))

    def _read(self, request: MeasureRequest | LayRequest) -> tuple[HTML, AssetFetcher]:
        """The parsed document, with a place of its size for every chart."""
        pictures = {name: stand_in(size, form_name(name)) for name, size in request.pictures.items()}
        fetcher = AssetFetcher(self._setup.assets, pictures)
        return HTML(string=request.html, base_url=BASE, url_fetcher=fetcher, media_type="print"), fetcher

    def lay(self, request: LayRequest) -> Laid:
        """Lay out a part, in the place of an earlier layout of it."""
        self._open.pop(request.part, None)
        html, fetcher = self._read(request)
        prepare(html.etree_element, self._setup, request.numbers)
        document = self._render(html)
        self._open[request.part] = document
        links = (link for page in document.pages for link in page.links)
        problems, warnings = self._collector.taken()
        return Laid(
            pages=len(document.pages),
            anchors={
                name: number
                for number, page in reversed(list(enumerate(document.pages)))
                for name in page.anchors
            },
            targets=tuple(dict.fromkeys(target for kind, target, *_ in links if kind == "internal")),
            strings=pages.last_strings(document),
            problems=tuple(dict.fromkeys([*fetcher.problems, *problems])),
            warnings=tuple(dict.fromkeys(warnings)),
        )

    def draw(self, request: DrawRequest) -> Drawn:
        """Draw a part and forget it."""
        document = self._open.pop(request.part)
        self._hooks.start()
        pages.furnish(document, request.before, request.total, request.strings)
        pages.open_bookmarks(document)
        tree = structure.plan(document, request.part)
        self._hooks.add_tags = partial(structure.add_tags, tree)
        pdf = document.write_pdf(pdf_tags=True, output_intent="srgb", pdf_version="1.7")
        glyphs = (("glyph", f"U+{code:04X} {chr(code)}") for code in sorted(self._hooks.missing))
        problems, warnings = self._collector.taken()
        return Drawn(pdf, tuple(problems), (*warnings, *glyphs))

    def _render(self, html: HTML) -> Any:
        return html.render(font_config=self._fonts, stylesheets=self._sheets)


def prepare(root: Element, setup: Setup, numbers: Mapping[str, int]) -> None:
    """Make the parsed document ready: Thai digits if asked, places where lines may break, columns of tables, page numbers."""
    if setup.thai_digits:
        from reporter.domain.thai import thai_digits  # here, because it takes pandas along

        _rewrite(root, thai_digits)
    protect_tree(root, setup.names)
    size_tables(root)
    pages.write_numbers(root, numbers)


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


class _Collector(logging.Handler):
    """Keeps what the typesetter says: errors are problems, warnings are rules it ignored."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.problems: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        LOGGER.handlers = [self]
        LOGGER.setLevel(logging.WARNING)
        LOGGER.propagate = False

    def taken(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Problems and warnings since the last time."""
        taken = self.problems, self.warnings
        self.problems, self.warnings = [], []
        return taken

    def emit(self, record: logging.LogRecord) -> None:
        """Sort one message."""
        text = record.getMessage()
        if record.levelno >= logging.ERROR:
            self.problems.append(("missing" if "Failed to load" in text else "failed", text))
        else:
            self.warnings.append(("style", text))


if __name__ == "__main__":
    main()
