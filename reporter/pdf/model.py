"""What typesetting is told beside the HTML: attached files, metadata; what the processes tell each other.

Goes in: nothing. Comes out: frozen objects that travel between the processes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reporter.pdf.picture import Size

GOING_ON = "\ue000"  # stands above a bookmark whose own is in an earlier part; a character that no text has
BANGKOK = dt.timezone(dt.timedelta(hours=7))


@dataclass(frozen=True)
class Attachment:
    """A file that travels inside the PDF, as its data (PDF/A-3 relationship ``Data``).

    name         plain file name, as the reader sees it
    data         the bytes
    mime         media type, e.g. ``text/csv``
    description  one sentence for the list of attachments
    """

    name: str
    data: bytes
    mime: str
    description: str


@dataclass(frozen=True)
class Metadata:
    """What the file says of itself.

    created   fixed by the issue, never the clock; without a time zone it is Bangkok time
    language  BCP 47; the language of everything that does not say otherwise
    """

    title: str
    author: str
    subject: str
    created: dt.datetime
    keywords: tuple[str, ...] = ()
    language: str = "th"

    @property
    def stamp(self) -> dt.datetime:
        """``created`` with its time zone, to the second."""
        zoned = self.created if self.created.tzinfo else self.created.replace(tzinfo=BANGKOK)
        return zoned.replace(microsecond=0)


@dataclass(frozen=True)
class Setup:
    """What a typesetting process needs for every part of a document. Paths are absolute; none reaches the PDF."""

    assets: Path
    stylesheets: tuple[Path, ...]
    names: tuple[str, ...] = ()
    thai_digits: bool = False
    memory_limit_mb: int = 1200


@dataclass(frozen=True)
class Lay:
    """Lay out a part.

    numbers   anchor -> page, for the page numbers printed in it; unknown ones are left out
    tight     ordinals of the <section> elements to set tight; None: find out
    pictures  path in the assets -> size, of the charts that are put in when the parts are joined
    """

    part: int
    html: str
    numbers: Mapping[str, int]
    tight: tuple[int, ...] | None
    pictures: Mapping[str, Size]


@dataclass(frozen=True)
class Laid:
    """What is known of a part that is laid out.

    anchors   name -> page of the part, from 0
    targets   anchors that its links lead to, in this part or another
    strings   what its pages said last for the running heads, by the name of the string
    tight     ordinals of the <section> elements that are set tight
    problems  (kind, detail): ``refused`` an address outside the assets, ``missing`` a file that is not there, ``memory``, ``failed``
    warnings  (kind, detail): ``style`` a rule the typesetter ignored
    """

    pages: int = 0
    anchors: Mapping[str, int] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    strings: Mapping[str, str] = field(default_factory=dict)
    tight: tuple[int, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Draw:
    """Draw a part that is laid out.

    before, total  pages before it and of the whole document
    strings        what earlier parts said last for the running heads
    """

    part: int
    before: int
    total: int
    strings: Mapping[str, str]


@dataclass(frozen=True)
class Drawn:
    """A part as a PDF, or the problems that stand in the way; warnings also ``glyph``: a character no font has."""

    pdf: bytes = b""
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
