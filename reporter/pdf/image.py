"""Charts on the page: a stand-in of the chart's size, where its form is drawn; other SVG is drawn by WeasyPrint.

Goes in: a parsed SVG. Comes out: on the page the name of a form, which is put in when the parts are joined (join.py). Stands in for
``SVGImage`` (reporter/pdf/weasyprint_patch.py).
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

import pydyf
import weasyprint.images

from reporter.pdf.picture import Size

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
