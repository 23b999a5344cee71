"""Open answers: themes with counts for the analysts' desk, and those that an analyst has released.

Goes in: free texts ("อื่น ๆ" of the traits, comments); files of released themes. Comes out: a table of themes for the
workspace's ``desk/`` folder, which no build reads; ``survey_themes`` of the files in ``surveys/themes/``, where an
analyst has saved a desk file with the wording to publish. Words: PyThaiNLP's dictionary segmentation (newmm), stop words and
particles out. No answer is ever printed raw, and a theme of fewer than five answers is not published.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import PeriodError, arabic_digits, iso, parse_quarter
from reporter.surveys.answers import plain, tidy
from reporter.surveys.file_reader import read_grids
from reporter.surveys.quality import THRESHOLD
from reporter.surveys.variance import Spread, share_interval

LEAST = 3  # a theme of fewer answers could tell who gave them
_THAI = re.compile(r"[\u0e01-\u0e4e]{2,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z+#.-]+")
_EMPTY = {"ไม่มี", "ไม่มีค่ะ", "ไม่มีครับ", "none", "no", "ไม่มีความคิดเห็น", "ไม่มีข้อเสนอแนะ"}
_WEAK = {
    *("อยาก", "ต้องการ", "ควร", "มาก", "มากขึ้น", "เพิ่ม", "เพิ่มขึ้น", "ดี", "ดีขึ้น", "ทำ", "งาน", "การทำงาน"),
    *("คน", "ทำให้", "เรื่อง", "ด้าน", "ค่ะ", "ครับ", "นะ", "บริษัท", "พนักงาน", "แรงงาน", "อื่น", "ทักษะ", "สามารถ"),
}


# Words with which an answer turns to the state: a theme is marked as a demand where half of its answers hold one.
_STATE = (
    "รัฐ",
    "กระทรวง",
    "ราชการ",
    "ค่าแรงขั้นต่ำ",
    "ค่าจ้างขั้นต่ำ",
    "ประกันสังคม",
    "กฎหมาย",
    "ภาษี",
    "นโยบาย",
    "government",
    "tax",
)
DEMAND = "demand"
_DEMANDS = {DEMAND, "ข้อเสนอต่อภาครัฐ", "ข้อเรียกร้องต่อภาครัฐ", "ภาครัฐ"}
QUESTIONS = ("traits_other", "comment")
FOLDER = "themes"
DESK_COLUMNS = ["release", "kind", "theme", "words", "answers", "of", "share", "release_en"]


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
    """Columns ``DESK_COLUMNS``: most frequent first; ``share`` of the ``of`` texts that say something.

    A theme is a word of at least ``least`` answers, with the words that stand in at least half of its answers. An
    answer counts in its strongest theme only; answers of no theme are counted in the last row, ``อื่น ๆ``. ``kind`` is
    ``demand`` where half of the answers turn to the state; ``release`` is left to the analyst.
    """
    said = [text for text in texts if plain(text) and plain(text) not in _EMPTY]
    split = [words(text) for text in said]
    is_demand = [any(word in text.lower() for word in _STATE) for text in said]
    counts = Counter(word for answer in split for word in answer)
    left = list(range(len(split)))
    rows: list[tuple[str, str, str, int]] = []
    while left:
        here = Counter(word for place in left for word in split[place])
        if not here:
            break
        word, count = min(here.items(), key=lambda pair: (-pair[1], -counts[pair[0]], pair[0]))
        if count < least:
            break
        holding = [place for place in left if word in split[place]]
        beside = Counter(other for place in holding for other in split[place] if other != word)
        close = sorted((w for w, n in beside.items() if 2 * n >= count), key=lambda w: (-beside[w], w))[:4]
        rows.append((_kind(is_demand, holding), word, ", ".join(close), count))
        left = [place for place in left if word not in split[place]]
    if left:
        rows.append(("", "อื่น ๆ", "", len(left)))
    table = pd.DataFrame(rows, columns=["kind", "theme", "words", "answers"])
    table = table.assign(
        release="", release_en="", of=len(split), share=table["answers"] / max(len(split), 1)
    )
    return table[DESK_COLUMNS]


def _kind(is_demand: list[bool], holding: list[int]) -> str:
    return DEMAND if 2 * sum(is_demand[place] for place in holding) >= len(holding) else ""


def demands(texts: Iterable[str]) -> int:
    """Answers that turn to the state, whatever their theme."""
    return sum(any(word in text.lower() for word in _STATE) for text in texts if plain(text))


def released_themes(root: Path | None, survey: str, quarter: pd.Period) -> pd.DataFrame:
    """``survey_themes`` of one survey up to ``quarter``: the rows with a text in ``release``, most frequent first.

    root  workspace with ``surveys/themes/<survey>-<quarter>-<question>.csv`` as ``reporter survey themes`` writes them.
    Rows with the same text are one theme. Raises InputError with the rows that cannot be published.
    """
    parts = []
    folder = root / "surveys" / FOLDER if root else None
    for path in sorted(folder.glob(f"{survey}-*.csv")) if folder else []:
        period, question = _named(path, survey)
        if period <= quarter:
            parts.append(_released(path).assign(survey=survey, period=iso(period), question=question))
    filled = [part for part in parts if len(part)]
    if not filled:
        return schema.empty("survey_themes")
    return pd.concat(filled, ignore_index=True)[schema.columns("survey_themes")]


def _named(path: Path, survey: str) -> tuple[pd.Period, str]:
    """Quarter and question in a file's name. Raises InputError for another name."""
    text, _, question = path.stem.removeprefix(f"{survey}-").rpartition("-")
    try:
        if question in QUESTIONS:
            return parse_quarter(text), question
    except PeriodError:
        pass
    finding = Finding(
        "error",
        f"surveys/{FOLDER}/{path.name}",
        f"ชื่อแฟ้มไม่บอกไตรมาสและข้อคำถาม — ใช้ชื่ออย่าง {survey}-2025-Q3-comment.csv ตามที่ reporter survey themes ตั้งให้",
        f"The name says no quarter and question; use one as {survey}-2025-Q3-comment.csv, as reporter survey themes gives it.",
        rule="survey.themes",
    )
    raise InputError(f"อ่าน {path.name} ไม่ได้", f"{path.name} cannot be read.", [finding])


def _released(path: Path) -> pd.DataFrame:
    """``theme,theme_en,kind,answers,of,share,low,high`` of one file; ``release_en`` may be missing or empty."""
    where = f"surveys/{FOLDER}/{path.name}"
    grid = read_grids(path, where)[0]
    header = [text.strip().lower() for text in grid.row(0)]
    missing = [name for name in ("release", "answers", "of") if name not in header]
    if missing:
        raise InputError(
            f"อ่าน {path.name} ไม่ได้",
            f"{path.name} cannot be read.",
            [_refused(where, 1, missing[0], "", "ไม่มีคอลัมน์นี้", "the column is missing")],
        )
    cells = grid.cells.iloc[1:]
    cells.columns = pd.Index([*header, *map(str, range(len(cells.columns) - len(header)))])
    findings: list[Finding] = []
    rows = []
    for number, row in zip(range(2, len(cells) + 2), cells.to_dict("records"), strict=True):
        if theme := str(row["release"]).strip():
            answers, of = (_count(row[name], findings, where, number, name) for name in ("answers", "of"))
            kind = DEMAND if str(row.get("kind", "")).strip().lower() in _DEMANDS else ""
            rows.append((theme, str(row.get("release_en", "")).strip(), kind, answers, of))
    if findings:
        raise InputError(f"ประเด็นใน {where} ผิด", f"The themes in {where} are wrong.", findings)
    table = pd.DataFrame(rows, columns=["theme", "theme_en", "kind", "answers", "of"])
    table = table.groupby("theme", sort=False, as_index=False).agg(
        {"theme_en": "max", "kind": "max", "answers": "sum", "of": "max"}
    )
    findings = [
        _refused(where, None, "answers", str(row["answers"]), *_WHY[row["answers"] > row["of"]])
        for row in table.to_dict("records")
        if row["answers"] < THRESHOLD or row["answers"] > row["of"]
    ]
    if findings:
        raise InputError(f"ประเด็นใน {where} ผิด", f"The themes in {where} are wrong.", findings)
    return _with_intervals(table.sort_values("answers", ascending=False, kind="stable", ignore_index=True))


_WHY = {
    False: (
        f"น้อยกว่า {THRESHOLD} คำตอบ อาจรู้ตัวผู้ตอบ ให้รวมกับประเด็นอื่นหรือไม่เผยแพร่",
        f"fewer than {THRESHOLD} answers may be recognised: put the theme together with another, or leave it out",
    ),
    True: ("มากกว่าจำนวนผู้ตอบทั้งหมด (of)", "more than all answers (of)"),
}


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of those who wrote something, with Wilson's interval; every answer counts one."""
    of = table["of"].to_numpy(dtype=float)
    share = table["answers"].to_numpy(dtype=float) / of
    freedom = np.maximum(of - 1, 1)
    low, high = share_interval(share, of, Spread(share * (1 - share) / freedom, freedom))
    return table.assign(share=share, low=low, high=high)


def _count(text: object, findings: list[Finding], where: str, row: int, column: str) -> int:
    plain_text = arabic_digits(str(text)).strip().replace(",", "")
    if re.fullmatch(r"\d+(\.0+)?", plain_text):
        return int(float(plain_text))
    findings.append(_refused(where, row, column, str(text), "ต้องเป็นจำนวนเต็ม", "a whole number is needed"))
    return 0


def _refused(where: str, row: int | None, column: str, value: str, th: str, en: str) -> Finding:
    return Finding(
        "error",
        where,
        f'พบ "{value}" ใน {column} — {th}',
        f'Found "{value}" in {column}; {en}.',
        row=row,
        column=column,
        value=value or None,
        rule="survey.themes",
    )
