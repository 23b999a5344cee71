"""Words compared as people write them: spaces, punctuation, numbering, Thai digits and case do not count.

Goes in: headers, options and answers as texts. Comes out: their plain form, and the parts of a form's header.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from reporter.inputs.values import visible

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TONE_FIRST = re.compile(r"([\u0e48-\u0e4b])([\u0e31\u0e34-\u0e39])")
_NUMBERING = re.compile(
    r"^\s*(?:ข้อ(?:ที่)?\s*)?[(\[]?\s*([0-9]{1,2}(?:\.[0-9]{1,2})?)\s*[)\].:]*(?=\s|[^0-9\s])\s*"
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?\Z")
_THAI_MARKS = re.compile(r"[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")
_BRACKETED = re.compile(r"\[([^\[\]]+)\]\s*$")


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The text with nothing left but its letters, marks and digits; numbering in front is dropped.

    A text that is only a number stays that number: ``" ๕ "`` and ``"5.0"`` are ``"5"``, ``"3.5"`` is ``"3.5"``.
    """
    cleaned = tidy(text)
    if _NUMBER.match(cleaned):
        return f"{float(cleaned):.12g}"
    bare = _NUMBERING.sub("", cleaned)
    return _letters(bare) or _letters(cleaned)


def tidy(text: str) -> str:
    """The text with invisible characters out, Thai digits Arabic, sara am and doubled sara e in one form."""
    if "&" in text or "<" in text:  # what a form's own editor leaves: <b>, &nbsp;
        text = _TAG.sub(" ", html.unescape(text))
    cleaned = visible(unicodedata.normalize("NFC", text))
    cleaned = cleaned.replace("\u0e4d\u0e32", "\u0e33").replace("เเ", "แ")
    # A tone mark typed before its vowel looks the same on paper: กระบ่ี is กระบี่.
    return _TONE_FIRST.sub(r"\2\1", cleaned)


def _letters(text: str) -> str:
    """Letters, Thai marks and digits, lower case. Thai vowels and tones are no word characters to ``re``."""
    kept = [c for c in text if c.isalnum() or _THAI_MARKS.match(c)]
    return "".join(kept).lower()


def numbering(text: str) -> str:
    """The number in front of a question, ``"1.1"`` of ``"ข้อ ๑.๑ มีความเมตตา"``; "" if there is none."""
    match = _NUMBERING.match(tidy(text))
    return match[1] if match else ""


def parts(header: str) -> list[str]:
    """What of a header may be the question itself: all of it, the last ``[...]``, what follows ``:`` or `` - ``.

    Google Forms writes a grid's row in brackets behind the question; LimeSurvey does so too; others use a colon.
    """
    header = tidy(header)
    found = [header]
    if match := _BRACKETED.search(header):
        found.append(match[1])
    for separator in (" - ", ": ", " > ", "\n", "/"):
        if separator in header:
            found += [header.rsplit(separator, 1)[1], header.split(separator, 1)[1]]
    return found
