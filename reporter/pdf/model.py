"""What typesetting is told beside the HTML: attached files, metadata, limits.

Goes in: nothing. Comes out: frozen objects that travel to the typesetting process.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

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
class Job:
    """Everything one typesetting process needs. Paths are absolute; none reaches the PDF."""

    html: str
    assets: Path
    stylesheets: tuple[Path, ...]
    metadata: Metadata
    attachments: tuple[Attachment, ...] = ()
    names: tuple[str, ...] = ()
    thai_digits: bool = False
    memory_limit_mb: int = 1200


@dataclass(frozen=True)
class Result:
    """What the process hands back: the PDF or the reasons why there is none.

    problems   (kind, detail): ``refused`` an address outside the assets, ``missing`` a file that is not there,
               ``anchor`` a link without target, ``alt`` a figure without words, ``memory``, ``failed``
    warnings   (kind, detail): ``glyph`` a character no font has, ``style`` a rule the typesetter ignored, ``claims`` a breach of
               PDF/A or PDF/UA, because of which the file does not claim them
    """

    pdf: bytes = b""
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
