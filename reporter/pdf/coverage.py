"""Which characters our fonts can draw.

Goes in: text, for instance an analyst's commentary. Comes out: the characters that would be printed as an open box.
"""

from __future__ import annotations

from functools import cache

from fontTools.ttLib import TTFont

from reporter.domain.assets import asset


@cache
def _drawable() -> frozenset[int]:
    """Code points of the text face; the other weights have the same."""
    with TTFont(asset("fonts", "sarabun", "Sarabun-Regular.ttf")) as font:
        return frozenset(font.getBestCmap())


def unsupported(text: str) -> list[str]:
    """Characters of ``text`` that no font of ours has, sorted, each once; spaces and invisible characters do not count."""
    return sorted(
        letter
        for letter in set(text)
        if letter.isprintable() and not letter.isspace() and ord(letter) not in _drawable()
    )
