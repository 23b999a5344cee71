"""How full the pages of a built issue are, and how far figures stand from the text that refers to them.

    python tests/bench/bench_layout.py [out/2025-Q3/report.pdf ...]

Prints for each PDF: pages; the share of the text area that is blank bands (at least 10 mm high and as wide as the measure);
the emptiest page that is not the last of a chapter; the largest distance, in pages, of a figure from its first reference.
Bounds of the sample's report: 40 pages, 8 %, 45 %, 1 page.
"""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2

from reporter.domain.declarations import tokens

MM = 25.4
DPI = 50
BAND = 10.0  # mm: lower bands are the air that a page needs
_LISTS = ("สารบัญ", "Contents", "List of")
WHITE = 250  # of 255: paper, with the noise of anti-aliasing


def main(paths: list[Path]) -> None:
    """Print the measures of every PDF."""
    for path in paths:
        blanks, chapters = blank_shares(path), chapter_starts(path)
        last_of_chapter = {start - 1 for start in chapters} | {len(blanks) - 1}
        inner = {page: share for page, share in enumerate(blanks) if page > 0 and page not in last_of_chapter}
        emptiest = max(inner, key=lambda page: inner[page], default=0)
        distance, figure = farthest_figure(path)
        print(
            f"{path}: {len(blanks)} pages; blank bands {np.mean(blanks[1:]):.1%} of the text area; "
            f"emptiest inner page {emptiest + 1} ({inner.get(emptiest, 0):.0%}); "
            f"farthest figure {distance} page(s) ({figure})"
        )


def blank_shares(path: Path) -> list[float]:
    """Share of each page's text area that is blank bands across the measure."""
    found = []
    for page in pypdfium2.PdfDocument(path):
        picture = np.asarray(page.render(scale=DPI / 72, grayscale=True).to_numpy()).squeeze()
        found.append(_blank(picture))
    return found


def _blank(picture: np.ndarray) -> float:
    page = tokens().page
    pixels = DPI / MM
    left, top = round(page["side"] * pixels), round(page["top"] * pixels)
    area = picture[top : picture.shape[0] - round(page["bottom"] * pixels), left : picture.shape[1] - left]
    is_blank = (area >= WHITE).all(axis=1)
    edges = np.flatnonzero(np.diff(np.r_[False, is_blank, False].astype(int)))
    heights = edges[1::2] - edges[::2]
    return float(heights[heights >= BAND * pixels].sum() / len(area))


def chapter_starts(path: Path) -> set[int]:
    """Pages (from 0) to which a bookmark of the first level leads."""
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        found = set()
        for item in outline.root:
            target = _resolved(pdf, item.destination or (item.action or {}).get("/D"))
            if target is not None:
                found.add(numbers.get(target[0].objgen, 0))
        return found


def pages_of_lists(path: Path) -> set[int]:
    """Pages (from 0) of the contents and of the lists of figures and tables: their links are no text that speaks of a figure."""
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        tops = []
        for item in outline.root:
            target = _resolved(pdf, item.destination or (item.action or {}).get("/D"))
            if target is not None:
                tops.append((numbers.get(target[0].objgen, 0), item.title))
    found: set[int] = set()
    for (start, title), (end, _) in pairwise([*tops, (len(numbers), "")]):
        if title.startswith(_LISTS):
            found |= set(range(start, max(end, start + 1)))
    return found


def farthest_figure(path: Path) -> tuple[int, str]:
    """The largest distance in pages between a figure and the first link to it, and that figure."""
    with pikepdf.open(path) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        first: dict[str, int] = {}
        lists = pages_of_lists(path)
        for number, page in enumerate(pdf.pages):
            if number in lists:
                continue
            for note in page.get("/Annots", []):
                name = _name(note.get("/Dest") or note.get("/A", {}).get("/D"))
                if re.match("fig-", name):
                    first.setdefault(name, number)
        distances = {}
        for name, number in first.items():
            target = _resolved(pdf, pikepdf.String(name))
            if target is not None:
                distances[name] = abs(numbers[target[0].objgen] - number)
    farthest = max(distances, key=lambda name: distances[name], default="")
    return distances.get(farthest, 0), farthest


def _name(target: object) -> str:
    return str(target) if isinstance(target, pikepdf.String | str) else ""


def _resolved(pdf: pikepdf.Pdf, target: object) -> pikepdf.Array | None:
    """A destination as an array whose first item is its page."""
    if isinstance(target, pikepdf.Array):
        return target
    names = pdf.Root.get("/Names", {}).get("/Dests")
    if names is None or not _name(target):
        return None
    found = pikepdf.NameTree(names).get(_name(target))
    return found.get("/D") if isinstance(found, pikepdf.Dictionary) else found


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(Path("out").glob("*/*.pdf")))
