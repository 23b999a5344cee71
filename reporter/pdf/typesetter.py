"""Typesets one document, part by part, in processes of their own, with limits on memory and time.

Goes in: HTML, the folder of its charts, attachments, metadata. Comes out: the bytes of the PDF, or a RenderError that says in Thai and
English what stands in the way. Charts are read (picture.py), parts (parts.py) are laid out side by side with places of the charts' sizes; when
their pages are counted, the lists of contents are laid out with the numbers, everything is drawn and joined, and the charts put in their
places (join.py). A chart or part that is as it was is taken from the cache, layout and drawing each under the key of what it is made from. The bytes do not depend on the number of processes or on the cache.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from reporter.domain.assets import asset
from reporter.domain.errors import Finding, RenderError
from reporter.pdf.join import join
from reporter.pdf.model import Attachment, Draw, Drawn, Laid, Lay, Metadata, Read, Setup
from reporter.pdf.parts import Part, printed, split
from reporter.pdf.pdfa import finish
from reporter.pdf.picture import Picture, Size, form_name
from reporter.pdf.worker_process import EndedError, Process, Standby
from reporter.runtime.cache import StageCache

Answer = TypeVar("Answer", Laid, Drawn)
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
    standby: Standby | None = None,
    cache: StageCache | None = None,
    begin_reading: Callable[[bytes], object] | None = None,
) -> bytes:
    """Turn one HTML document (docs/print.md) into a PDF; the same input gives the same bytes.

    assets           the only folder whose files the HTML may name
    names            names that no line break may split, beyond those of reporter.domain.linebreak
    thai_digits      Arabic digits of Thai text become Thai digits
    memory_limit_mb  of each typesetting process; timeout in seconds
    standby          processes that are waiting for the document; None starts one
    cache            keeps parts; None keeps nothing
    begin_reading    ``checks.begin_reading`` where the PDF is going to be checked: it is read while it is judged
    Raises           RenderError, with one finding for each problem.
    """
    setup = Setup(
        assets=assets.resolve(),
        stylesheets=(asset("templates", "print.css"),),
        names=tuple(names),
        thai_digits=thai_digits,
        memory_limit_mb=memory_limit_mb,
    )
    with contextlib.ExitStack() as stack:
        processes = (standby or stack.enter_context(Standby())).processes
        try:
            for process in processes:
                process.set_up(setup)
            book = _Book(split(printed(html)), setup, processes, cache or StageCache(None), timeout)
            drawn = book.set()
        except EndedError as end:
            raise _failure([end.problem]) from end
    joined = join([part.pdf for part in drawn], book.forms())
    pdf, breaches = finish(joined, metadata, attachments, begin_reading)
    warnings = [*book.warnings(), *(warning for part in drawn for warning in part.warnings)]
    for kind, detail in dict.fromkeys([*warnings, *(("claims", breach.en) for breach in breaches)]):
        _LOG.warning("%s: %s", kind, detail)
    return pdf


class _Book:
    """One document on its way through the processes."""

    def __init__(
        self,
        parts: Sequence[Part],
        setup: Setup,
        processes: Sequence[Process],
        cache: StageCache,
        timeout: float,
    ) -> None:
        self._parts, self._setup, self._processes, self._cache = parts, setup, processes, cache
        self._timeout, self._deadline = timeout, time.monotonic() + timeout
        self._laid: dict[int, Laid] = {}
        self._numbers: dict[int, dict[str, int]] = {part.number: {} for part in parts}
        self._holders: dict[int, Process] = {}
        self._charts = {part.number: _charts(part, setup.assets) for part in parts}
        self._pictures: dict[str, Picture] = {}

    def set(self) -> list[Drawn]:
        """Every part, drawn. Raises RenderError with all problems, EndedError."""
        self._read_charts()
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

    def _read_charts(self) -> None:
        """Read the charts that are drawn as forms, or know them from the cache."""
        names = dict.fromkeys(name for charts in self._charts.values() for name in charts)
        keys = {name: self._cache.key(self._setup.assets / name) for name in names}
        stored = {name: self._cache.stored("picture", key) for name, key in keys.items()}
        known: dict[str, Picture | None] = {name: kept[0] for name, kept in stored.items() if kept}
        asked = [name for name in names if name not in known]

        def read(process: Process, charts: Sequence[str]) -> dict[str, Picture | None]:
            answer: dict[str, Picture | None] = process.ask(
                Read(tuple(charts)), self._deadline, self._timeout
            )
            return answer

        count = len(self._processes)
        with ThreadPoolExecutor(count) as pool:
            shares = [asked[at::count] for at in range(min(count, len(asked)))]
            answers = list(pool.map(read, self._processes, shares))
        for name, picture in (item for answer in answers for item in answer.items()):
            known[name] = picture
            self._cache.store("picture", keys[name], (picture,))  # a pair of brackets, for None is not kept
        self._pictures = {name: picture for name, picture in known.items() if picture is not None}

    def _sizes(self, part: Part) -> dict[str, Size]:
        """Path -> size, of the charts of a part that are put in at the end."""
        charts = self._charts[part.number]
        return {name: self._pictures[name].size for name in charts if name in self._pictures}

    def _lay(self, parts: Sequence[Part]) -> None:
        """Lay parts out, or know from the cache how they come out."""
        keys = {part.number: self._key(part) for part in parts}
        asked = []
        for part in parts:
            known: Laid | None = self._cache.stored("layout", keys[part.number])
            if known is None:
                asked.append(part)
            else:
                self._laid[part.number] = known
                self._holders.pop(part.number, None)
        for part, laid in zip(asked, self._share(asked, self._lay_one), strict=True):
            self._laid[part.number] = laid
            if not laid.problems:
                self._cache.store("layout", keys[part.number], laid)

    def _lay_one(self, process: Process, part: Part, tight: tuple[int, ...] | None = None) -> Laid:
        request = Lay(part.number, part.html, self._numbers[part.number], tight, self._sizes(part))
        laid: Laid = process.ask(request, self._deadline, self._timeout)
        self._holders[part.number] = process
        return laid

    def _lay_lists(self, lists: Sequence[Part]) -> None:
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
            raise _failure([("failed", "the lists of contents do not come to rest")])

    def _wanted_numbers(self, lists: Sequence[Part]) -> dict[int, dict[str, int]]:
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
        requests, keys, drawn = {}, {}, {}
        for part, before in zip(self._parts, self._before(), strict=True):
            laid = self._laid[part.number]
            request = requests[part.number] = Draw(part.number, before, total, dict(strings))
            keys[part.number] = self._cache.key((self._key(part), request))
            strings |= laid.strings
            if (known := self._cache.stored("drawing", keys[part.number])) is not None:
                drawn[part.number] = known

        def draw(process: Process, part: Part) -> Drawn:
            if part.number not in self._holders:
                self._lay_one(process, part, self._laid[part.number].tight)
            answer: Drawn = process.ask(requests[part.number], self._deadline, self._timeout)
            return answer

        asked = [part for part in self._parts if part.number not in drawn]
        for part, done in zip(asked, self._share(asked, draw), strict=True):
            drawn[part.number] = done
            if not done.problems:
                self._cache.store("drawing", keys[part.number], done)
        return [drawn[part.number] for part in self._parts]

    def _share(self, parts: Sequence[Part], work: Callable[[Process, Part], Answer]) -> list[Answer]:
        """Do the work for parts in all processes; a part that one of them has laid out stays with it. Longest first."""
        waiting = sorted(parts, key=lambda part: -len(part.html))
        holders, lock = dict(self._holders), threading.Lock()
        done: dict[int, Answer] = {}

        def take(process: Process) -> Part | None:
            with lock:
                own = (part for part in waiting if holders.get(part.number, process) is process)
                part = next(own, None)
                if part is not None:
                    waiting.remove(part)
                return part

        def serve(process: Process) -> None:
            while (part := take(process)) is not None:
                done[part.number] = work(process, part)

        with ThreadPoolExecutor(len(self._processes)) as pool:
            list(pool.map(serve, self._processes))
        return [done[part.number] for part in parts]

    def _key(self, part: Part) -> str:
        """Key of a part's layout; empty without a cache."""
        if not self._cache:
            return ""
        setup, sizes = self._setup, self._sizes(part)
        put_in = {self._charts[part.number][name] for name in sizes}
        files = {name: setup.assets / name for name in part.files() if name not in put_in}
        return self._cache.key(
            (part, sizes, files, self._numbers[part.number], setup.names, setup.thai_digits)
        )


def _charts(part: Part, assets: Path) -> dict[str, str]:
    """Path in the assets -> address, of every SVG file that a part names."""
    found = {}
    for address in part.files():
        path = (assets / unquote(address)).resolve()
        if path.suffix == ".svg" and path.is_relative_to(assets) and path.is_file():
            found[path.relative_to(assets).as_posix()] = address
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
