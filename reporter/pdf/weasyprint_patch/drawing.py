"""What is drawn on a page: everything either tagged or an artifact, and a placeholder for every chart.

Goes in: boxes that know their ``node`` or ``furniture`` (reporter/pdf/structure.py); parsed SVG. Comes out: content streams with marked
sequences; on the page the name of a form, which becomes the chart when the parts are joined (reporter/pdf/join.py). WeasyPrint draws
other SVG itself. Stands in for WeasyPrint's ``Stream`` and ``SVGImage``. Source: ISO 32000-1 14.6, ISO 14289-1 7.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import quoteattr

import pydyf
import weasyprint.images
import weasyprint.pdf.stream

from reporter.pdf.picture import Size


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


_FORM = "data-form"


def stand_in(size: Size, form: str) -> bytes:
    """An empty SVG of that size that names the form to be drawn."""
    view = " ".join(map(repr, size.view))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width!r}" height="{size.height!r}" viewBox="{view}"'
        f" {_FORM}={quoteattr(form)}/>"
    ).encode()


class PictureImage(weasyprint.images.SVGImage):
    """An SVG image, or the stand-in of one."""

    def __init__(self, tree: Any, base_url: Any, url_fetcher: Any, context: Any) -> None:
        self._form: str | None = tree.get(_FORM)
        if self._form is None:
            super().__init__(tree, base_url, url_fetcher, context)
        else:
            self._width, self._height = float(tree.get("width")), float(tree.get("height"))
            self._view = [float(part) for part in tree.get("viewBox").split()]

    def get_intrinsic_size(self, image_resolution: Any, font_size: Any) -> Any:
        """(width, height, ratio) in CSS pixels."""
        if self._form is None:
            return super().get_intrinsic_size(image_resolution, font_size)
        return self._width, self._height, self._width / self._height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Draw into a box, as large as fits, centred (``xMidYMid meet``)."""
        if self._form is None:
            super().draw(stream, concrete_width, concrete_height, style)
            return
        left, top, width, height = self._view
        scale = min(concrete_width / width, concrete_height / height)
        shift_x, shift_y = (concrete_width - width * scale) / 2, (concrete_height - height * scale) / 2
        stream.transform(a=scale, d=scale, e=shift_x - left * scale, f=shift_y - top * scale)
        place = {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(self._view)}
        stream._resources["XObject"].setdefault(self._form, pydyf.Stream([], place))
        stream.stream.append(f"/{self._form} Do".encode())
