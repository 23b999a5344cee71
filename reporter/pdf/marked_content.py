"""Marked content: everything drawn on a page is either tagged or an artifact, never both, never nested.

Goes in: boxes that know their ``node`` or ``furniture`` (reporter/pdf/structure.py). Comes out: content streams with marked sequences.
Stands in for WeasyPrint's ``Stream`` (reporter/pdf/weasyprint_patch.py). Source: ISO 32000-1 14.6, ISO 14289-1 7.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
import weasyprint.pdf.stream


class MarkedStream(weasyprint.pdf.stream.Stream):
    """A page's content: all of it is either tagged or an artifact, never both, never nested.

    reporter/pdf/structure.py has given every box what it is: ``furniture`` (drawn as an artifact) or ``node``, its structure
    element. Neighbours of one element share a marked sequence.
    """

    open_marks = 0
    last_mark: tuple[Any, int] | None = None
    next_mcid = 0

    @contextmanager
    def marked(self, box: Any, tag: str) -> Iterator[None]:
        """Draw a box's content as a marked sequence, or as part of the one just closed."""
        furniture = getattr(box, "furniture", "")
        if self._tags is None or self.open_marks:
            yield
            return
        if furniture:
            with self._artifact(furniture):
                yield
            return
        node = getattr(box, "node", None)
        if self.last_mark and self.last_mark[0] is node and self.stream[-1] == b"EMC":
            self.stream.pop()
        else:
            self.last_mark = (node, self.next_mcid)
            self.next_mcid += 1
            self.begin_marked_content(
                node.type if node else tag, pydyf.Dictionary({"MCID": self.last_mark[1]})
            )
        self._tags[box] = {"tag": tag, "mcid": self.last_mark[1]}
        self.open_marks += 1
        yield
        self.open_marks -= 1
        self.end_marked_content()

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Draw decoration; inside a marked sequence (an underline) it belongs to the content."""
        if self._tags is None or self.open_marks:
            yield
        else:
            with self._artifact(""):
                yield

    @contextmanager
    def _artifact(self, furniture: str) -> Iterator[None]:
        properties = {"Header": "/Pagination", "Footer": "/Pagination", "Repeated": "/Pagination"}.get(
            furniture, "/Layout"
        )
        extra = pydyf.Dictionary({"Type": properties})
        if furniture in ("Header", "Footer"):
            extra["Subtype"] = f"/{furniture}"
        self.begin_marked_content("Artifact", extra)
        self.open_marks += 1
        yield
        self.open_marks -= 1
        self.end_marked_content()
