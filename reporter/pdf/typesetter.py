"""Typesets one document part by part in a process of its own, with limits on memory and time.

Goes in: HTML, the folder of its charts, attachments, metadata. Comes out: the bytes of the PDF, or a RenderError that says in Thai and
English what stands in the way. The steps:

1. ``split`` cuts the document where a page begins anyway: cover, lists of contents, chapters.
2. ``picture.read_picture`` turns every chart into PDF operators; pages are laid out with a placeholder of the chart's size.
3. The worker process measures each chapter that holds figures or tables. A search finds where they stand best (``best_order``), and the part
   is cut into pieces where pages begin (``runs``): a changed sentence sets a few pages anew.
4. The worker lays out each piece. When all pages are counted, it lays out the lists of contents with their numbers.
5. The worker draws each piece as a PDF; ``join`` puts them together and the charts in their places; ``finish`` makes it PDF/A.

What is as it was comes from the cache: measures, layout and drawing each under the key of what they are made from. The worker starts with the
first part that is not there. The bytes do not depend on the cache.
"""

from __future__ import annotations

import contextlib
import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

from reporter.domain.declarations import asset, css_variables, tokens
from reporter.domain.errors import Finding, RenderError
from reporter.pdf.join import Attachment, DocumentPart, Metadata, chapters, finish, join, printed, split
from reporter.pdf.picture import Picture, PictureSize, UnsupportedError, form_name, read_picture
from reporter.pdf.worker_process import (
    Drawn,
    DrawRequest,
    EndedError,
    Laid,
    LayRequest,
    Measured,
    MeasuredBlock,
    MeasureRequest,
    PageItem,
    Setup,
    WorkerProcess,
)
from reporter.runtime.cache import StageCache

Problem = tuple[str, str]
_LOG = logging.getLogger("reporter.pdf")
_HAS_FLOATS = re.compile(r"<(?:figure|table)\b")
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


@dataclass(frozen=True)
class _Order:
    """The items of a part as they stand best, between the head and the tail of its HTML."""

    head: str
    tail: str
    items: Sequence[PageItem]
    sections: Sequence[str]
    placed: list[Placed]

    def html(self, pieces: Iterable[Sequence[Placed]]) -> list[str]:
        """The HTML of every piece."""
        opened: set[int] = set()
        return [self.head + written(piece, self.items, self.sections, opened) + self.tail for piece in pieces]


class _Document:
    """One document on its way to a PDF: what is known of each of its parts, by the part's number."""

    def __init__(
        self, parts: Sequence[DocumentPart], setup: Setup, worker: WorkerProcess, cache: StageCache
    ) -> None:
        self._given, self._setup, self._worker, self._cache = parts, setup, worker, cache
        self._parts: list[DocumentPart] = []  # the pieces that the given parts are cut into, numbered anew
        self._laid: dict[int, Laid] = {}
        self._numbers: dict[int, dict[str, int]] = {}
        self._in_worker: set[int] = set()  # parts that the worker has laid out and holds
        self._pictures = _read_charts(
            setup.assets, (name for part in parts for name in _charts(part, setup.assets)), cache
        )

    def drawn(self) -> list[Drawn]:
        """Every part, drawn. Raises RenderError with all problems, EndedError."""
        for part in self._given:
            self._parts += self._pieces(part)
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

    def _sizes(self, part: DocumentPart) -> dict[str, PictureSize]:
        """Path -> size, of the charts of a part that are put in at the end."""
        charts = _charts(part, self._setup.assets)
        return {name: self._pictures[name].size for name in charts if name in self._pictures}

    def _pieces(self, part: DocumentPart) -> list[DocumentPart]:
        """A part in its best order, cut where pages begin, and laid out unless it prints the numbers of other pages.

        A piece that comes out longer than the search reckoned would leave its last page empty: then the part is not cut.
        """
        whole = replace(part, number=len(self._parts))
        order = self._best_order(whole)
        if order is None:
            return self._laid_out([whole])
        if not part.refers:
            found = runs(order.placed, order.items)
            pieces = [
                replace(whole, number=whole.number + n, html=html) for n, html in enumerate(order.html(found))
            ]
            self._laid_out(pieces)
            planned = [run[-1].ends - run[0].starts + 1 for run in found]
            if [self._laid[piece.number].pages for piece in pieces[:-1]] == planned[:-1]:
                return pieces
        return self._laid_out([replace(whole, html=order.html([order.placed])[0])])

    def _laid_out(self, pieces: list[DocumentPart]) -> list[DocumentPart]:
        """The pieces, laid out unless they print the numbers of other pages."""
        self._lay([piece for piece in pieces if not piece.refers])
        return pieces

    def _best_order(self, part: DocumentPart) -> _Order | None:
        """The order of a part that leaves the least blank; None where no figure or table can move."""
        head, body, tail = part.inside()
        if not _HAS_FLOATS.search(body):
            return None
        measured = [self._measured(replace(part, html=head + text + tail)) for text in chapters(body)]
        if not all(one.items for one in measured):
            return None
        items = list(_numbered(measured))
        placed = best_order(items, max(one.page for one in measured))
        return _Order(head, tail, items, [tag for one in measured for tag in one.sections], placed)

    def _measured(self, part: DocumentPart) -> Measured:
        """What stands in some chapters of a part, from the cache or measured."""
        key = self._key(part)
        known: Measured | None = self._cache.stored("measures", key)
        if known is None:
            known = self._worker.ask(MeasureRequest(part.number, part.html, self._sizes(part)))
            if not known.problems:
                self._cache.store("measures", key, known)
        return known

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

    def _lay_one(self, part: DocumentPart) -> Laid:
        request = LayRequest(part.number, part.html, self._numbers.get(part.number, {}), self._sizes(part))
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
        total = sum(self._laid[part.number].pages for part in self._parts)
        strings: dict[str, str] = {}
        drawn = []
        for part, before in zip(self._parts, self._before(), strict=True):
            laid = self._laid[part.number]
            request = DrawRequest(part.number, before, total, dict(strings))
            strings |= laid.strings
            key = self._cache.key((self._key(part), request))
            known: Drawn | None = self._cache.stored("drawing", key)
            if known is None:
                known = self._draw_one(part, request)
                if not known.problems:
                    self._cache.store("drawing", key, known)
            drawn.append(known)
        return drawn

    def _draw_one(self, part: DocumentPart, request: DrawRequest) -> Drawn:
        if part.number not in self._in_worker:
            self._lay_one(part)
        drawn: Drawn = self._worker.ask(request)
        return drawn

    def _key(self, part: DocumentPart) -> str:
        """Key of a part's layout; empty without a cache."""
        if not self._cache:
            return ""
        setup, sizes = self._setup, self._sizes(part)
        charts = _charts(part, setup.assets)
        put_in = {charts[name] for name in sizes}
        files = {name: setup.assets / name for name in part.files() if name not in put_in}
        return self._cache.key(
            (
                part.html,
                sizes,
                files,
                self._numbers.get(part.number, {}),
                setup.names,
                setup.thai_digits,
                css_variables(),  # a workspace may set colours
            )
        )


def _numbered(measured: Iterable[Measured]) -> Iterator[PageItem]:
    """The items of chapters that follow each other, with their sections counted through."""
    before = 0
    for one in measured:
        yield from (
            replace(item, section=item.section + before) if item.section >= 0 else item for item in one.items
        )
        before += len(one.sections)


def _charts(part: DocumentPart, assets: Path) -> dict[str, str]:
    """Path in the assets -> address, of every SVG file that a part names."""
    found = {}
    for address in part.files():
        path = (assets / unquote(address)).resolve()
        if path.suffix == ".svg" and path.is_relative_to(assets) and path.is_file():
            found[path.relative_to(assets).as_posix()] = address
    return found


def _read_charts(assets: Path, names: Iterable[str], cache: StageCache) -> dict[str, Picture]:
    """Path -> chart, of the charts that are drawn as forms; WeasyPrint draws what our reader does not know."""
    found = {}
    for name in dict.fromkeys(names):
        drawing = (assets / name).read_bytes()
        picture = cache.result("pictures", drawing, partial(_read_chart, drawing))
        if picture is not None:
            found[name] = picture
    return found


def _read_chart(drawing: bytes) -> Picture | None:
    with contextlib.suppress(UnsupportedError, ElementTree.ParseError):
        return read_picture(ElementTree.fromstring(drawing))
    return None


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


# ----------------------------------------------------------------------------------------------------
# Placement of figures and tables: the order that leaves the least blank at the foot of pages.
#
# Goes in: the height of every block of the chapters. Comes out: their order and the pages on which they begin and end: figures and tables
# moved past neighbouring text of their own chapter. Text keeps its order, figures theirs, tables theirs; no figure or table stands farther than
# the facing page from the text that speaks of it first; a table that fits a page is not split. The search goes through the blocks one after the
# other and keeps the cheapest ways to have filled the pages so far (a beam search, as in Plass 1981 for TeX's floats).
# ----------------------------------------------------------------------------------------------------

_BEAM = 200  # ways kept at each step; more changed no page of the issues tried
_NO_BAND = 10 / 25.4 * 96  # px: less air at the foot of a page is no blank band
_AIR = 0.1  # what a pixel of such air costs against a pixel of a band
_AT_THE_END = 0.8  # a pixel behind the last line of a part, where readers expect it
_MOST_BLANK, _EMPTY = 0.4, 300.0  # a page with more of it free looks empty, which costs that much more
_SLACK_PX = 0.01  # px: rounding of what is measured
_LATER, _EARLIER = 14, 6  # texts that a figure may be moved behind, and before
# What a way costs, in pixels of blank: between a figure and its place a text, a small heading (h3), another; between figure and text a page
_PER_TEXT, _PER_SMALL_HEADING, _PER_HEADING, _PER_PAGE, _TOO_FAR = 3.0, 20.0, 40.0, 12.0, 5000.0
_SMALL = frozenset(("h3", "h4"))


@dataclass(frozen=True)
class _Pen:
    """Where the next block comes: page, height used, margin below the last block."""

    page: int = 0
    used: float = 0.0
    below: float = 0.0
    blank: float = 0.0  # cost of what was left free at the foot of pages so far


@dataclass(frozen=True)
class _Way:
    """One way to have placed the first items.

    placed  how many texts, figures, tables
    pages   float -> page of it or of the text that speaks of it, where only one of the two is placed
    last    the item placed last; starts  the page where it begins; before  the way it was added to
    """

    pen: _Pen
    cost: float
    placed: tuple[int, int, int]
    pages: tuple[tuple[int, int], ...] = ()
    last: int = -1
    starts: int = 0
    before: _Way | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Ways with the same key go on alike; the cheapest of them is kept."""
        return (self.placed, self.pen.page, round(self.pen.used), self.pages)


class Placed(NamedTuple):
    """Where an item stands: its place in the list of items, the pages on which it begins and ends."""

    item: int
    starts: int
    ends: int


def best_order(items: Sequence[PageItem], page: float) -> list[Placed]:
    """The order that fills pages of a height best."""
    search = _Search(items, page)
    ways = [_Way(_Pen(), 0.0, (0, 0, 0))]
    for _ in items:
        best: dict[tuple[object, ...], _Way] = {}
        for way in ways:
            for further in search.further(way):
                former = best.get(further.key)
                if former is None or further.cost < former.cost:
                    best[further.key] = further
        ways = sorted(best.values(), key=lambda way: way.cost)[:_BEAM]
    at: _Way | None = min(ways, key=lambda way: way.cost + _AT_THE_END * (page - way.pen.used))
    found: list[Placed] = []
    while at is not None and at.before is not None:
        found.append(Placed(at.last, at.starts, at.pen.page))
        at = at.before
    return found[::-1]


class _Search:
    """What the search asks of the items: what may come next, and what it costs."""

    def __init__(self, items: Sequence[PageItem], page: float) -> None:
        self._items, self._page = items, page
        self._queues = [
            [n for n, item in enumerate(items) if item.kind == kind] for kind in ("text", "figure", "table")
        ]
        texts = self._queues[0]
        before = list(accumulate((item.kind == "text" for item in items), initial=0))
        self._home = {n: before[n] for queue in self._queues[1:] for n in queue}  # texts before it as written
        self._span = {n: self._bounds(n, texts) for n in self._home}
        self._weights = list(accumulate((_weight(items[n]) for n in texts), initial=0.0))
        self._spoken_of = self._references(texts)
        self._speaks_of: dict[int, list[int]] = {}
        for thing, text in self._spoken_of.items():
            self._speaks_of.setdefault(text, []).append(thing)

    def _bounds(self, thing: int, texts: list[int]) -> tuple[int, int]:
        """How many texts may stand before a float, at least and at most: it stays in its section."""
        home, items, section = self._home[thing], self._items, self._items[thing].section
        low = home
        while low > 0 and home - low < _EARLIER and self._may_follow(texts[low - 1], section):
            low -= 1
        if low < home and (low == 0 or items[texts[low - 1]].section != section):
            low += 1  # never before the first text of the part
        high = home
        while high < len(texts) and high - home < _LATER and self._is_open(texts[high], section):
            high += 1
        return min(low, home), high

    def _may_follow(self, text: int, section: int) -> bool:
        """Whether a text may come behind a figure that stands behind it as written: no heading may, for it announces the figure."""
        return self._is_open(text, section) and not self._items[text].heads

    def _is_open(self, text: int, section: int) -> bool:
        item = self._items[text]
        return item.section == section and not any(block.opens_page for block in item.blocks)

    def _references(self, texts: list[int]) -> dict[int, int]:
        """Float -> the text that speaks of it first, else the one before it; by place among the texts."""
        found: dict[int, int] = {}
        for place, text in enumerate(texts):
            for thing in self._home:
                if thing not in found and self._items[thing].anchors & self._items[text].links:
                    found[thing] = place
        return {thing: max(home - 1, 0) for thing, home in self._home.items() if texts} | found

    def further(self, way: _Way) -> Iterator[_Way]:
        """The ways with one item more."""
        texts, *rest = way.placed
        waiting = [queue[n] for queue, n in zip(self._queues[1:], rest, strict=True) if n < len(queue)]
        last_call = [thing for thing in waiting if self._span[thing][1] <= texts]
        for kind, thing in enumerate(waiting_by_kind(self._queues, way.placed), start=1):
            if thing is not None and self._span[thing][0] <= texts:
                yield self._with(way, kind, thing)
        if texts < len(self._queues[0]) and not last_call:
            yield self._with(way, 0, self._queues[0][texts])

    def _with(self, way: _Way, kind: int, item: int) -> _Way:
        pen, starts = _put(self._items[item].blocks, way.pen, self._page)
        cost = way.cost + pen.blank - way.pen.blank
        pages = dict(way.pages)
        if kind:
            cost += self._moved(item, way.placed[0]) + _meets(item, starts, pages, way.pen.page)
        else:  # a text may go on: a figure before it waits for its end, one behind it counts from its beginning
            for thing in self._speaks_of.get(way.placed[0], ()):
                cost += _meets(thing, pen.page if thing in pages else starts, pages, way.pen.page)
        cost += sum(_late(pen.page - page) - _late(way.pen.page - page) for page in pages.values())
        placed = tuple(count + (n == kind) for n, count in enumerate(way.placed))
        return _Way(pen, cost, placed, tuple(sorted(pages.items())), item, starts, way)  # type: ignore[arg-type]

    def _moved(self, thing: int, texts: int) -> float:
        """What it costs that a float stands behind so many texts."""
        passed = self._weights[texts] - self._weights[self._home[thing]]
        return passed if passed >= 0 else -2 * passed


def _weight(item: PageItem) -> float:
    """What it costs to move a float past a text."""
    if not item.heads:
        return _PER_TEXT
    return _PER_SMALL_HEADING if item.heads <= _SMALL else _PER_HEADING


def _meets(thing: int, page: int, pages: dict[int, int], before: int) -> float:
    """Keep the page of a float or of its text; what their distance costs more than is charged so far when both are known.

    before  the page on which the pen was: up to there the distance is charged already, so that a search that looks at one item
            after the other does not see it too late
    """
    if thing not in pages:
        pages[thing] = page
        return 0.0
    other = pages.pop(thing)
    return _PER_PAGE * abs(other - page) + _late(page - other) - _late(before - other)


def _late(distance: int) -> float:
    """What it costs that a figure stands farther than on the facing page."""
    return _TOO_FAR * max(0, distance - 1)


def waiting_by_kind(queues: Sequence[Sequence[int]], placed: Sequence[int]) -> list[int | None]:
    """The next figure and the next table; None where there is none."""
    return [queue[n] if n < len(queue) else None for queue, n in zip(queues[1:], placed[1:], strict=True)]


def _cost(left: float, page: float) -> float:
    """What it costs to leave so much free at the foot of a page: all of it from a band on, more where the page looks empty."""
    if left <= _NO_BAND:
        return _AIR * max(0.0, left)
    return left + (_EMPTY if left > _MOST_BLANK * page else 0.0)


def _put(blocks: Sequence[MeasuredBlock], pen: _Pen, page: float) -> tuple[_Pen, int]:
    """Fill the page with blocks that stand together, and the next one where they do not fit; (pen, page of their beginning)."""
    if blocks[0].opens_page and pen.used > 0:
        pen = _next_page(pen, page)
    whole = _stack(blocks, pen)
    if whole.used + blocks[-1].foot <= page + _SLACK_PX:
        return whole, pen.page
    fitting = _broken(blocks, pen, page)
    if fitting is not None:
        return fitting, pen.page
    if pen.used > 0:
        return _put(blocks, _next_page(pen, page), page)
    return replace(pen, used=page, below=0.0), pen.page  # higher than a page


def _stack(blocks: Sequence[MeasuredBlock], pen: _Pen) -> _Pen:
    for block in blocks:
        pen = replace(pen, used=_top(block, pen) + block.height, below=block.below)
    return pen


def _top(block: MeasuredBlock, pen: _Pen) -> float:
    """Where a block begins."""
    top = pen.used + _collapsed(pen.below, block.above) if pen.used else 0.0
    if block.is_heading:
        return _on_line(top + block.height + block.below) - block.height - block.below
    return _on_line(top + block.inner) - block.inner if block.on_grid and pen.used else top


def _collapsed(below: float, above: float) -> float:
    """The margin between two blocks (CSS 2.1, 8.3.1)."""
    return max(below, above, 0.0) + min(below, above, 0.0)


def _on_line(y: float) -> float:
    """The next line of the grid."""
    return math.ceil(y / _line() - 0.001) * _line()


def _line() -> float:
    return tokens().line["body"] * 96 / 72


def _broken(blocks: Sequence[MeasuredBlock], pen: _Pen, page: float) -> _Pen | None:
    """The last block broken where the page ends; None where no part of it fits."""
    *first, last = blocks
    pen = _stack(first, pen)
    top = _top(last, pen)
    fits = [(before, again) for before, again in last.breaks if top + before <= page + _SLACK_PX]
    if not fits:
        return None
    before, again = fits[-1]
    rest = last.height - before + again
    pen = _next_page(replace(pen, used=top + before), page)
    while rest > page:
        further = [(b, a) for b, a in last.breaks if before < b <= before + page - again]
        if not further:
            return replace(pen, used=page, below=last.below)
        before, again = further[-1]
        rest = last.height - before + again
        pen = replace(pen, page=pen.page + 1)
    return replace(pen, used=rest, below=last.below)


def _next_page(pen: _Pen, page: float) -> _Pen:
    return _Pen(pen.page + 1, 0.0, 0.0, pen.blank + _cost(page - pen.used, page))


# ----------------------------------------------------------------------------------------------------
# A part cut where its pages begin: what is changed on one page leaves the others as they are.
#
# Goes in: the chapters of a part as they were measured, the order that was found. Comes out: documents of a few pages each.
# ----------------------------------------------------------------------------------------------------

_LEAST_PAGES = 4  # of a piece: each embeds its letters and is drawn with its own structure
_TAG = re.compile(r"^<[a-z0-9]+")
_IDENTIFIER = re.compile(r' id="[^"]*"')
_FLOWS = re.compile(r"\bflows\b ?")


def runs(placed: Sequence[Placed], items: Sequence[PageItem]) -> list[list[Placed]]:
    """What stands together in a piece: each begins with a heading, a figure or a table that begins a page."""
    found = [[placed[0]]]
    for former, now in pairwise(placed):
        item = items[now.item]
        is_first = former.ends < now.starts
        may_begin = item.kind != "text" or item.heads or item.section != items[former.item].section
        if is_first and may_begin and now.starts - found[-1][0].starts >= _LEAST_PAGES:
            found.append([])
        found[-1].append(now)
    return found


def written(
    run: Sequence[Placed], items: Sequence[PageItem], sections: Sequence[str], opened: set[int]
) -> str:
    """The HTML of a piece.

    sections  opening tag of every section
    opened    sections that begin in an earlier piece; those of this one are added
    """
    on_top = {now.item for former, now in pairwise(run) if former.starts < now.starts}
    texts: list[str] = []
    for number, members in groupby(run, key=lambda place: items[place.item].section):
        inside = "".join(_html(items[place.item], begins_page=place.item in on_top) for place in members)
        if number >= 0:
            inside = f"{_opening(sections[number], number in opened, bool(texts))}{inside}</section>"
        opened.add(number)
        texts.append(inside)
    return "".join(texts)


def _html(item: PageItem, *, begins_page: bool) -> str:
    """The elements of an item; a figure or table that begins a page says so, for text behind it might fit on the page before."""
    if item.kind == "text" or not begins_page:
        return "".join(item.html)
    return "".join(_TAG.sub(r"\g<0> data-opens=''", html) for html in item.html)


def _opening(tag: str, goes_on: bool, has_before: bool) -> str:
    """The opening tag of a section in a piece: what goes on is named once, and what begins a page does not stand below another."""
    if goes_on:
        tag = _IDENTIFIER.sub("", tag)
    return tag if has_before else _FLOWS.sub("", tag)
