"""Charts as pictures of the page: drawn by reporter/pdf/picture.py where that can, by WeasyPrint elsewhere.

Goes in: a parsed SVG. Comes out: operators on the page; letters are shared by the whole document. Stands in for ``SVGImage``
(reporter/pdf/hook.py).
"""

from __future__ import annotations

import logging
from typing import Any

import pydyf
import weasyprint.images

from reporter.pdf.picture import Outline, Picture, UnsupportedError, read_picture


class PictureImage(weasyprint.images.SVGImage):
    """An SVG image; letters of charts are shared by the whole document."""

    def __init__(self, tree: Any, base_url: Any, url_fetcher: Any, context: Any) -> None:
        try:
            self._picture: Picture | None = read_picture(tree)
        except UnsupportedError as reason:
            logging.getLogger("weasyprint").debug("drawn by WeasyPrint: %s", reason)
            self._picture = None
            super().__init__(tree, base_url, url_fetcher, context)

    def get_intrinsic_size(self, image_resolution: Any, font_size: Any) -> Any:
        """(width, height, ratio) in CSS pixels."""
        if self._picture is None:
            return super().get_intrinsic_size(image_resolution, font_size)
        width, height = self._picture.width, self._picture.height
        return width, height, width / height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Draw into a box, as large as fits, centred (``xMidYMid meet``)."""
        picture = self._picture
        if picture is None:
            super().draw(stream, concrete_width, concrete_height, style)
            return
        left, top, width, height = picture.view
        scale = min(concrete_width / width, concrete_height / height)
        shift_x, shift_y = (concrete_width - width * scale) / 2, (concrete_height - height * scale) / 2
        stream.transform(a=scale, d=scale, e=shift_x - left * scale, f=shift_y - top * scale)
        for name, (key, opacity) in picture.states.items():
            stream._resources["ExtGState"].setdefault(name, pydyf.Dictionary({key: opacity}))
        for name, outline in picture.shapes.items():
            if name not in stream._resources["XObject"]:
                stream._resources["XObject"][name] = _form(outline, stream.compress)
        stream.stream.extend(picture.operators)


def _form(outline: Outline, compress: bool) -> Any:
    """A shared outline as a form: a path filled with the colour in force."""
    extra = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": pydyf.Array([round(edge, 2) for edge in outline.box]),
    }
    return pydyf.Stream([outline.operators + b" f"], extra, compress)
