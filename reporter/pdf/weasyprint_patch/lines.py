"""Where the typesetter may end a line of Thai: only where reporter/domain/linebreak.py left a mark or a space.

Goes in: the text of a layout. Comes out: the same layout, forbidden to break inside a run. Wraps ``Layout.set_text`` (reporter/pdf/weasyprint_patch.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from weasyprint.text.ffi import ffi, pango

# A run without a place to break: Thai, held together by a no-break space, or a quarter (3/2568).
_UNBROKEN = re.compile(r"[^\u200b \n]*(?:[\u0e00-\u0e7f\u00a0]|\d/\d)[^\u200b \n]*")
_LONGEST_RUN = 80
_END = 2**31  # behind every text, in bytes

ffi.cdef("PangoAttribute * pango_attr_allow_breaks_new (gboolean allow_breaks);")


def set_text_of(original: Callable[..., None]) -> Callable[..., None]:
    """``Layout.set_text`` that forbids breaks inside every run without U+200B or a space."""

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        original(self, text, justify)
        if not self.text or not _UNBROKEN.search(self.text):
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        _allow_breaks(attributes, True, 0, _END)  # undoes the runs of a former text of this layout
        for run in _UNBROKEN.finditer(self.text):
            if 1 < len(run[0]) <= _LONGEST_RUN:
                start = len(self.text[: run.start()].encode())
                _allow_breaks(attributes, False, start, start + len(run[0].encode()))
        pango.pango_layout_set_attributes(self.layout, attributes)

    return set_text


def _allow_breaks(attributes: Any, allowed: bool, start: int, end: int) -> None:
    attribute = pango.pango_attr_allow_breaks_new(allowed)
    attribute.start_index, attribute.end_index = start, end
    pango.pango_attr_list_change(attributes, attribute)
