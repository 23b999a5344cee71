"""Words inside charts: labels that do not run into each other, Thai lines broken between words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from reporter.domain.linebreak import BREAK, protect, strip

_WORD = re.compile(
    rf"[^ {BREAK}]+[ {BREAK}]*|[ {BREAK}]+"
)  # a word and what may stand between it and the next


def spread(positions: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf) -> list[float]:
    """Move positions as little as needed to keep ``gap`` between neighbours inside ``low..high``; order is kept.

    Method: pool adjacent violators (isotonic least squares) after taking out the required gaps.
    """
    order = np.argsort(positions, kind="stable")
    wanted = np.asarray(positions, dtype=float)[order] - gap * np.arange(len(order))
    blocks: list[list[float]] = []  # sum, count
    for value in wanted:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    pooled = np.repeat([total / count for total, count in blocks], [int(count) for _, count in blocks])
    room = gap * (len(order) - 1)
    placed = np.clip(pooled, low, max(low, high - room)) + gap * np.arange(len(order))
    result = np.empty(len(order))
    result[order] = placed
    return [float(value) for value in result]


def columns_wide(text: str) -> int:
    """Columns that a text takes: marks above and below the line take none."""
    return sum(unicodedata.category(letter) not in ("Mn", "Cf") for letter in text)


@lru_cache(maxsize=4096)
def wrap(text: str, columns: int) -> str:
    """Break a Thai text between words so that no line is wider than ``columns``; a longer word stands alone."""
    if columns_wide(text) <= columns:
        return text
    lines, line = [], ""
    for word in _WORD.findall(protect(text)):
        if line and columns_wide((line + word).rstrip()) > columns:
            lines.append(line.strip())
            line = ""
        line += word
    return strip("\n".join([*lines, line.strip()]))
