"""Open answers for the analysts' desk: suggestions of themes with counts, never printed raw.

Goes in: free texts ("อื่น ๆ" of the traits, comments). Comes out: themes: words that occur together, with how many
respondents used them. Words: PyThaiNLP's dictionary segmentation (newmm), stop words and particles out. The table goes to the
workspace's ``desk/`` folder; no stage that writes to ``out/`` reads it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

import pandas as pd

from reporter.surveys.text_matching import plain, tidy

LEAST = 3
_THAI = re.compile(r"[\u0e01-\u0e4e]{2,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z+#.-]+")
_EMPTY = {"ไม่มี", "ไม่มีค่ะ", "ไม่มีครับ", "none", "no", "ไม่มีความคิดเห็น", "ไม่มีข้อเสนอแนะ"}
_WEAK = {
    *("อยาก", "ต้องการ", "ควร", "มาก", "มากขึ้น", "เพิ่ม", "เพิ่มขึ้น", "ดี", "ดีขึ้น", "ทำ", "งาน", "การทำงาน"),
    *("คน", "ทำให้", "เรื่อง", "ด้าน", "ค่ะ", "ครับ", "นะ", "บริษัท", "พนักงาน", "แรงงาน", "อื่น", "ทักษะ", "สามารถ"),
}


@cache
def _stop_words() -> frozenset[str]:
    from pythainlp.corpus import thai_stopwords

    return frozenset(thai_stopwords()) | _WEAK


def words(text: str) -> list[str]:
    """Content words of a text in order, each once."""
    from pythainlp.tokenize import word_tokenize

    found: list[str] = []
    for token in word_tokenize(tidy(text), engine="newmm", keep_whitespace=False):
        token = token.strip().lower()
        if token not in _stop_words() and (_THAI.fullmatch(token) or _LATIN.fullmatch(token)):
            found.append(token)
    return list(dict.fromkeys(found))


def themes(texts: Iterable[str], *, least: int = LEAST) -> pd.DataFrame:
    """``theme,words,answers,share``: most frequent first; ``share`` of the texts that say something.

    A theme is a word of at least ``least`` answers, with the words that stand in at least half of its answers. An
    answer counts in its strongest theme only; answers of no theme are counted in the last row, ``อื่น ๆ``.
    """
    split = [words(text) for text in texts if plain(text) and plain(text) not in _EMPTY]
    counts = Counter(word for answer in split for word in answer)
    left = list(split)
    rows: list[tuple[str, str, int]] = []
    while left:
        here = Counter(word for answer in left for word in answer)
        if not here:
            break
        word, count = min(here.items(), key=lambda pair: (-pair[1], -counts[pair[0]], pair[0]))
        if count < least:
            break
        holding = [answer for answer in left if word in answer]
        beside = Counter(other for answer in holding for other in answer if other != word)
        close = sorted((w for w, n in beside.items() if 2 * n >= count), key=lambda w: (-beside[w], w))[:4]
        rows.append((word, ", ".join(close), count))
        left = [answer for answer in left if word not in answer]
    if left:
        rows.append(("อื่น ๆ", "", len(left)))
    table = pd.DataFrame(rows, columns=["theme", "words", "answers"])
    return table.assign(share=table["answers"] / max(len(split), 1))
