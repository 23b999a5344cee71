"""Typesets one document part by part in a process of its own, with limits on memory and time.

Goes in: HTML, the folder of its charts, attachments, metadata. Comes out: the bytes of the PDF, or a RenderError that says in Thai and
English what stands in the way. The steps:

1. ``parts.split`` cuts the document where a page begins anyway: cover, lists of contents, chapters.
2. ``picture.read_picture`` turns every chart into PDF operators; pages are laid out with a placeholder of the chart's size.
3. The worker process lays out each part. When all pages are counted, it lays out the lists of contents with their numbers.
4. The worker draws each part as a PDF; ``join`` puts the parts together and the charts in their places; ``pdfa.finish`` archives.

A part that is as it was comes from the cache, layout and drawing each under the key of what it is made from. The worker starts with the
first part that is not there. The bytes do not depend on the cache.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from reporter.domain.declarations import asset, css_variables
from reporter.domain.errors import Finding, RenderError
from reporter.pdf.join import Attachment, DocumentPart, Metadata, finish, join, printed, split
from reporter.pdf.picture import Picture, Size, UnsupportedError, form_name, read_picture
from reporter.pdf.worker_process import Arrangement, Draw, Drawn, EndedError, Laid, Lay, Setup, WorkerProcess
from reporter.runtime.cache import StageCache

Problem = tuple[str, str]
_LOG = logging.getLogger("reporter.pdf")
_ROUNDS = 6  # of laying out the lists of contents, whose own length moves what they count
# (Thai, English) for each kind of problem; {} is the detail
_MESSAGES = {
    "refused": (
        "เอกสารอ้างถึง {} ซึ่งอยู่นอกโฟลเดอร์ของฉบับ — ใช้ชื่อไฟล์ในโฟลเดอร์ของฉบับเท่านั้น",
        "The document refers to {}, outside the issue's folder. Only files of that folder may be used.",
    ),
    "missing": (
        "ไม่พบไฟล์ {} — สร้างแผนภูมิใหม่หรือแก้ชื่อไฟล์",
        "File {} is missing. Draw the charts again or mend the name.",
    ),
    "anchor": (
        "การอ้างอิงไม่มีปลายทาง: {} — แก้ href หรือ id",
        "A cross-reference has no target: {} Mend its href or the id.",
    ),
    "memory": (
        "หน่วยความจำไม่พอสำหรับจัดหน้าภายใน {} MB — แบ่งตารางยาวหรือเพิ่มขีดจำกัด",
        "Typesetting needs more than {} MB. Shorten the longest tables or raise the limit.",
    ),
    "time": ("จัดหน้าไม่เสร็จภายใน {} วินาที", "Typesetting did not finish within {} seconds."),
    "failed": ("จัดหน้าไม่สำเร็จ: {}", "Typesetting failed: {}"),
}


def typeset(
    html: str,
    *,
    assets: Path,
    metadata: Metadata,
    attachments: Sequence[Attachment] = (),
    names: Sequence[str] = (),
    thai_digits: bool = False,
    memory_limit_mb: int = 1200,
    timeout: float = 300.0,
    cache: StageCache | None = None,
) -> bytes:
    """Turn one HTML document (docs/print.md) into a PDF; the same input gives the same bytes.

    assets           the only folder whose files the HTML may name
    names            names that no line break may split, beyond those of reporter.domain.thai
    thai_digits      Arabic digits of Thai text become Thai digits
    memory_limit_mb  of the worker process; timeout in seconds
    cache            keeps parts; None keeps nothing
    Raises           RenderError, with one finding for each problem.
    """
    setup = Setup(
        assets=assets.resolve(),
        stylesheets=(asset("templates", "print.css"),),
        names=tuple(names),
        thai_digits=thai_digits,
        memory_limit_mb=memory_limit_mb,
    )
    cache, parts = cache or StageCache(None), split(printed(html))
    files = {name: setup.assets / unquote(name) for part in parts for name in part.files()}
    pdf, warnings = cache.result(
        "pdf",
        (parts, files, metadata, list(attachments), setup.names, thai_digits, css_variables()),
        lambda: _typeset(
            parts, setup, timeout, cache, partial(finish, metadata=metadata, attachments=attachments)
        ),
    )
    for kind, detail in warnings:
        _LOG.warning("%s: %s", kind, detail)
    return pdf


def _typeset(
    parts: Sequence[DocumentPart],
    setup: Setup,
    timeout: float,
    cache: StageCache,
    archived: Callable[[bytes], tuple[bytes, list[Finding]]],
) -> tuple[bytes, list[Problem]]:
    """The PDF and what the typesetter was warned of. ``archived``: what makes a file that can be archived of the joined parts."""
    with WorkerProcess(setup, timeout) as worker:
        document = _Document(parts, setup, worker, cache)
        try:
            drawn = document.drawn()
        except EndedError as end:
            raise _failure([end.problem]) from end
    pdf, breaches = archived(join([part.pdf for part in drawn], document.forms()))
    warnings = [*document.warnings(), *(warning for part in drawn for warning in part.warnings)]
    return pdf, list(dict.fromkeys([*warnings, *(("claims", breach.en) for breach in breaches)]))


class _Document:
    """One document on its way to a PDF: what is known of each of its parts, by the part's number."""

    def __init__(
        self, parts: Sequence[DocumentPart], setup: Setup, worker: WorkerProcess, cache: StageCache
    ) -> None:
        self._parts, self._setup, self._worker, self._cache = parts, setup, worker, cache
        self._laid: dict[int, Laid] = {}
        self._numbers: dict[int, dict[str, int]] = {part.number: {} for part in parts}
        self._in_worker: set[int] = set()  # parts that the worker has laid out and holds
        self._charts = {part.number: _charts(part, setup.assets) for part in parts}
        self._pictures = _read_charts(setup.assets, self._charts.values())

    def drawn(self) -> list[Drawn]:
        """Every part, drawn. Raises RenderError with all problems, EndedError."""
        self._lay([part for part in self._parts if not part.refers])
        self._lay_lists([part for part in self._parts if part.refers])
        problems = [problem for part in self._parts for problem in self._laid[part.number].problems]
        _refuse([*problems, *self._lost_links()])
        drawn = self._draw()
        _refuse([problem for part in drawn for problem in part.problems])
        return drawn

    def forms(self) -> dict[str, Picture]:
        """The charts to be put in their places, by the name of the form."""
        return {form_name(name): picture for name, picture in self._pictures.items()}

    def warnings(self) -> list[Problem]:
        """What the layouts were warned of, by part."""
        return [warning for part in self._parts for warning in self._laid[part.number].warnings]

    def _sizes(self, part: DocumentPart) -> dict[str, Size]:
        """Path -> size, of the charts of a part that are put in at the end."""
        charts = self._charts[part.number]
        return {name: self._pictures[name].size for name in charts if name in self._pictures}

    def _lay(self, parts: Sequence[DocumentPart]) -> None:
        """Lay parts out, or know from the cache how they come out."""
        for part in parts:
            key = self._key(part)
            known: Laid | None = self._cache.stored("layout", key)
            if known is None:
                known = self._lay_one(part)
                if not known.problems:
                    self._cache.store("layout", key, known)
            else:
                self._in_worker.discard(part.number)
            self._laid[part.number] = known

    def _lay_one(self, part: DocumentPart, plan: Arrangement | None = None) -> Laid:
        request = Lay(part.number, part.html, self._numbers[part.number], plan, self._sizes(part))
        laid: Laid = self._worker.ask(request)
        self._in_worker.add(part.number)
        return laid

    def _lay_lists(self, lists: Sequence[DocumentPart]) -> None:
        """Lay out what prints page numbers, again until the numbers are those of its own length."""
        waiting = list(lists)
        for part in lists:
            self._laid[part.number] = Laid(pages=1)
        for _ in range(_ROUNDS):
            if not waiting:
                return
            wanted = self._wanted_numbers(lists)
            for part in waiting:
                self._numbers[part.number] = wanted[part.number]
            self._lay(waiting)
            if any(self._laid[part.number].problems for part in waiting):
                return
            wanted = self._wanted_numbers(lists)
            waiting = [part for part in lists if self._numbers[part.number] != wanted[part.number]]
        if waiting:
            raise _failure([("failed", "the page numbers of the lists of contents do not settle")])

    def _wanted_numbers(self, lists: Sequence[DocumentPart]) -> dict[int, dict[str, int]]:
        """For each part the page of every anchor that it links to, as far as they are known."""
        pages = self._page_of_anchors()
        return {
            part.number: {name: pages[name] for name in sorted(part.links() & pages.keys())} for part in lists
        }

    def _page_of_anchors(self) -> dict[str, int]:
        """Page of every anchor, from 1; the first counts."""
        found: dict[str, int] = {}
        for part, before in zip(self._parts, self._before(), strict=True):
            for name, page in self._laid[part.number].anchors.items():
                found.setdefault(name, before + page + 1)
        return found

    def _before(self) -> list[int]:
        """Pages before every part."""
        before = [0]
        for part in self._parts:
            before.append(before[-1] + self._laid[part.number].pages)
        return before[:-1]

    def _lost_links(self) -> list[Problem]:
        known = self._page_of_anchors()
        targets = [name for part in self._parts for name in self._laid[part.number].targets]
        return [
            ("anchor", f"No anchor #{name} for internal URI reference")
            for name in dict.fromkeys(targets)
            if name not in known
        ]

    def _draw(self) -> list[Drawn]:
        """Every part drawn, or as it was drawn before."""
        total = sum(laid.pages for laid in self._laid.values())
        strings: dict[str, str] = {}
        drawn = []
        for part, before in zip(self._parts, self._before(), strict=True):
            laid = self._laid[part.number]
            request = Draw(part.number, before, total, dict(strings))
            strings |= laid.strings
            key = self._cache.key((self._key(part), request))
            known: Drawn | None = self._cache.stored("drawing", key)
            if known is None:
                known = self._draw_one(part, request)
                if not known.problems:
                    self._cache.store("drawing", key, known)
            drawn.append(known)
        return drawn

    def _draw_one(self, part: DocumentPart, request: Draw) -> Drawn:
        if part.number not in self._in_worker:
            self._lay_one(part, self._laid[part.number].plan)
        drawn: Drawn = self._worker.ask(request)
        return drawn

    def _key(self, part: DocumentPart) -> str:
        """Key of a part's layout; empty without a cache."""
        if not self._cache:
            return ""
        setup, sizes = self._setup, self._sizes(part)
        put_in = {self._charts[part.number][name] for name in sizes}
        files = {name: setup.assets / name for name in part.files() if name not in put_in}
        return self._cache.key(
            (
                part,
                sizes,
                files,
                self._numbers[part.number],
                setup.names,
                setup.thai_digits,
                css_variables(),  # a workspace may set colours
            )
        )


def _charts(part: DocumentPart, assets: Path) -> dict[str, str]:
    """Path in the assets -> address, of every SVG file that a part names."""
    found = {}
    for address in part.files():
        path = (assets / unquote(address)).resolve()
        if path.suffix == ".svg" and path.is_relative_to(assets) and path.is_file():
            found[path.relative_to(assets).as_posix()] = address
    return found


def _read_charts(assets: Path, charts: Iterable[Mapping[str, str]]) -> dict[str, Picture]:
    """Path -> chart, of the charts that are drawn as forms; WeasyPrint draws what our reader does not know."""
    found = {}
    for name in dict.fromkeys(name for part in charts for name in part):
        with contextlib.suppress(UnsupportedError, ElementTree.ParseError):
            found[name] = read_picture(ElementTree.fromstring((assets / name).read_bytes()))
    return found


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise _failure(list(dict.fromkeys(problems)))


def _failure(problems: Sequence[Problem]) -> RenderError:
    """One error for all problems."""
    said = [tuple(text.format(detail) for text in _MESSAGES[kind]) for kind, detail in problems]
    findings = [
        Finding("error", "report.pdf", th, en, rule=f"pdf.{kind}")
        for (kind, _), (th, en) in zip(problems, said, strict=True)
    ]
    return RenderError("; ".join(th for th, _ in said[:5]), "; ".join(en for _, en in said[:5]), findings)
