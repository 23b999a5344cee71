"""Thai as readers of the report see it: Buddhist era, numbers, signs, words of direction, lists.

Goes in: periods, dates and numbers at full precision. Comes out: text. Rounding happens here and nowhere else.
One mark each for a missing number (–), a suppressed one (x) and a minus sign (−); ร้อยละ stands before the number,
never with a percent sign (house style). Month names and number patterns are those of CLDR (babel).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import Element

from babel.dates import get_month_names
from pythainlp.corpus import provinces
from pythainlp.tokenize import word_dict_trie, word_tokenize

from reporter.domain.declarations import Steps, rule, steps
from reporter.domain.periods import BUDDHIST_OFFSET, THAI_LETTER, buddhist_year, parse_period

if TYPE_CHECKING:
    import pandas as pd

MISSING = "–"
SUPPRESSED = "x"
MINUS = "−"
UP, DOWN, LEVEL = "▲", "▼", "■"
RESPONDENTS = {"employer": "ผู้ประกอบการ", "worker": "แรงงาน"}  # who answers each survey

_THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_VERBATIM = re.compile(
    r"""(?s)<(style|script|svg)\b.*?</\1>|<(\w+)\b[^>]*\blang="en"[^>]*>.*?</\2>|>([^<]+)(?=<)"""
)


# ---------------------------------------------------------------------------------------- periods and dates


def _period(period: pd.Period | str) -> pd.Period:
    """A period as it is, or read from its written form. Raises PeriodError."""
    return parse_period(period) if isinstance(period, str) else period


def quarter_th(quarter: pd.Period | str) -> str:
    """``ไตรมาสที่ 3 ปี 2568``: the form of running text."""
    quarter = _period(quarter)
    return f"ไตรมาสที่ {quarter.quarter} ปี {buddhist_year(quarter)}"


def quarter_slash(quarter: pd.Period | str) -> str:
    """``3/2568``: the form of table heads."""
    quarter = _period(quarter)
    return f"{quarter.quarter}/{buddhist_year(quarter)}"


def quarter_short(quarter: pd.Period | str) -> str:
    """``3/68``: the form of axes and narrow columns."""
    quarter = _period(quarter)
    return f"{quarter.quarter}/{buddhist_year(quarter) % 100:02d}"


@lru_cache(maxsize=2)
def _months(width: Literal["wide", "abbreviated"]) -> dict[int, str]:
    """Month names of CLDR, ``wide`` (กันยายน) or ``abbreviated`` (ก.ย.)."""
    return dict(get_month_names(width, locale="th"))


def month_th(month: pd.Period | str, *, short: bool = False) -> str:
    """``กันยายน 2568``, or ``ก.ย. 68`` when ``short``."""
    month = _period(month)
    if short:
        return f"{_months('abbreviated')[month.month]} {buddhist_year(month) % 100:02d}"
    return f"{_months('wide')[month.month]} {buddhist_year(month)}"


def month_name_th(month: pd.Period | str) -> str:
    """``กันยายน``: the month without its year."""
    return _months("wide")[_period(month).month]


def period_th(period: pd.Period | str) -> str:
    """Quarter or month in the form of running text."""
    period = _period(period)
    return quarter_th(period) if period.freqstr.startswith("Q") else month_th(period)


def period_slash(period: pd.Period | str) -> str:
    """Quarter (``3/2568``) or month (``ก.ย. 68``) in the form of table cells."""
    period = _period(period)
    return quarter_slash(period) if period.freqstr.startswith("Q") else month_th(period, short=True)


def date_th(date: dt.date) -> str:
    """``30 กันยายน 2568``."""
    return f"{date.day} {_months('wide')[date.month]} {date.year + BUDDHIST_OFFSET}"


# ---------------------------------------------------------------------------------------- numbers


def is_missing(value: object) -> bool:
    """None, NaN, NaT and the infinities are missing; anything else is there."""
    if isinstance(value, float):
        return not math.isfinite(value)
    import pandas as pd

    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def rounded(value: float, decimals: int = 1) -> float:
    """The number as it is displayed; never a negative zero."""
    return float(f"{value:.{decimals}f}") + 0.0


def number(value: float | None, decimals: int = 1) -> str:
    """``1,234.5`` with thousand separators and a true minus sign; ``–`` when missing."""
    if value is None or is_missing(value):
        return MISSING
    shown = rounded(float(value), decimals)
    return f"{shown:,.{decimals}f}".replace("-", MINUS)


def points(value: float | None, decimals: int = 1) -> str:
    """An index value; the unit (จุด) is the text's."""
    return number(value, decimals)


def count(value: float | None) -> str:
    """A whole number with thousand separators."""
    return number(value, 0)


def percent(value: float | None, decimals: int = 1) -> str:
    """``ร้อยละ 1.2`` for running text; never a percent sign."""
    return MISSING if is_missing(value) else f"ร้อยละ {number(value, decimals)}"


def magnitude(value: float | None, decimals: int = 1) -> str:
    """The size without its sign, for sentences whose verb says the direction."""
    return MISSING if value is None or is_missing(value) else number(abs(float(value)), decimals)


def signed(value: float | None, decimals: int = 1) -> str:
    """``+1.2``, ``−1.2`` or ``0.0``; ``–`` when missing."""
    if value is None or is_missing(value):
        return MISSING
    text = number(value, decimals)
    return f"+{text}" if rounded(float(value), decimals) > 0 else text


def sign_of(value: float | None, decimals: int = 1) -> int:
    """-1, 0 or 1 of the number as displayed; 0 when missing."""
    if value is None or is_missing(value):
        return 0
    shown = rounded(float(value), decimals)
    return (shown > 0) - (shown < 0)


def arrow(value: float | None, decimals: int = 1) -> str:
    """``▲``, ``▼`` or ``■`` of the number as displayed; ``–`` when missing."""
    return MISSING if is_missing(value) else (LEVEL, UP, DOWN)[sign_of(value, decimals)]


def change(value: float | None, decimals: int = 1) -> str:
    """``▲ 1.2``, ``▼ 1.2`` or ``■ 0.0``: a change in a table cell; ``–`` when missing."""
    return MISSING if is_missing(value) else f"{arrow(value, decimals)} {magnitude(value, decimals)}"


def quality(value: float | None, polarity: int = 1, decimals: int = 1) -> str:
    """``better``, ``worse`` or ``same``: the class that colours a change; ``""`` when missing."""
    if is_missing(value):
        return ""
    return ("same", "better", "worse")[sign_of(value, decimals) * polarity]


# ---------------------------------------------------------------------------------------- words


INDEX_STEPS = steps("index")  # points of an index with a standard deviation of 10
FORECAST_STEPS = steps(
    "forecast"
)  # points; wider than of an observed change: the bands of a forecast are wide
CONFIDENCE_STEPS = steps("confidence")  # points of an index from 0 to 200
SHARE_STEPS = steps("share")  # percentage points of a share of respondents
SD_STEPS = steps("sd")  # standard deviations of an indicator's change
RATE_STEPS = steps("rate")  # percentage points of a rate

_SIZES = {"slight": "เล็กน้อย", "plain": "", "marked": "มาก"}


def size_of(value: float, steps: Steps, decimals: int | None = None) -> str:
    """``still``, ``slight``, ``plain`` or ``marked``.

    decimals  of the number that readers see: two changes that read the same have the same size, unless one stands still
    """
    size = abs(value)
    if size < steps.still:
        return "still"
    size = size if decimals is None else abs(rounded(value, decimals))
    if size < steps.slight:
        return "slight"
    return "plain" if size < steps.marked else "marked"


def move_word(value: float, steps: Steps = INDEX_STEPS, decimals: int | None = None) -> str:
    """Direction of a number: ทรงตัว, เพิ่มขึ้นเล็กน้อย, เพิ่มขึ้น, เพิ่มขึ้นมาก, ลดลง... ``decimals`` as in ``size_of``."""
    size = size_of(value, steps, decimals)
    return "ทรงตัว" if size == "still" else ("เพิ่มขึ้น" if value > 0 else "ลดลง") + _SIZES[size]


def health_word(value: float, steps: Steps = INDEX_STEPS, decimals: int | None = None) -> str:
    """Direction of a state, oriented so that more is better: ทรงตัว, ปรับตัวดีขึ้นเล็กน้อย, อ่อนตัวลง... ``decimals`` as in ``size_of``."""
    size = size_of(value, steps, decimals)
    return "ทรงตัว" if size == "still" else ("ปรับตัวดีขึ้น" if value > 0 else "อ่อนตัวลง") + _SIZES[size]


def index_level_word(value: float) -> str:
    """A Labour Economic Index or sub-index against its long-run average of 100 (standard deviation 10)."""
    distance = value - 100
    if abs(distance) < rule("labour_level.about"):
        return "ใกล้เคียงค่าเฉลี่ยระยะยาว"
    side = "สูงกว่า" if distance > 0 else "ต่ำกว่า"
    size = abs(distance)
    degree = (
        "เล็กน้อย"
        if size < rule("labour_level.slight")
        else ("มาก" if size >= rule("labour_level.marked") else "")
    )
    return f"{side}ค่าเฉลี่ยระยะยาว{degree}"


def confidence_level_word(value: float) -> str:
    """สูง, ปานกลาง or ต่ำ: the study's reading of a confidence index (above, at, below 100 as displayed)."""
    return ("ปานกลาง", "สูง", "ต่ำ")[sign_of(value - 100)]


def join_th(items: Sequence[str], last: str = "และ") -> str:
    """``ก``, ``ก และข``, ``ก ข และค``: a list in running text; the word and what follows it stay together."""
    if len(items) < 2:
        return "".join(items)
    return f"{' '.join(items[:-1])} {last}{items[-1]}"


def thai_digits(text: str) -> str:
    """Arabic digits of a text as Thai ones."""
    return text.translate(_THAI_DIGITS)


def thai_digits_html(html: str) -> str:
    """Thai digits in the text of a page; tags, styles, pictures and English passages keep theirs."""
    return _VERBATIM.sub(lambda match: f">{thai_digits(match[3])}" if match[3] else match[0], html)


# ----------------------------------------------------------------------------------------------------
# Where a Thai line may end: between words, never inside a name, a number with its unit or a date.
#
# Goes in: text or an HTML tree. Comes out: the same with U+200B at every place where a line may break inside Thai, and U+00A0 where a
# space must not; the typesetter breaks Thai nowhere else (reporter/pdf/weasyprint_patch.py). Words: PyThaiNLP's newmm dictionary segmentation.
# ----------------------------------------------------------------------------------------------------

FindBreaks = Callable[[str, tuple[str, ...]], tuple[frozenset[int], frozenset[int]]]

BREAK = "\u200b"
NO_BREAK_SPACE = "\u00a0"

# Elements that are part of the line around them; every other element starts a text of its own.
INLINE = frozenset(
    "a abbr b bdi bdo cite code data dfn em i kbd mark q s samp small span strong sub sup time u var wbr".split()  # noqa: SIM905
)
VERBATIM = frozenset(("script", "style", "svg", "pre", "code", "title"))

_NUMBER = r"[−+\-±]?\d[\d,.]*"
_MONTH = "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม"
_MONTH += r"|ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\."
_UNIT = (
    "จุดร้อยละ|จุด|ล้านล้านบาท|แสนล้านบาท|หมื่นล้านบาท|พันล้านบาท|ล้านบาท|ล้านคน|แสนคน|หมื่นคน|พันคน|บาท|คน|ราย|แห่ง|ตำแหน่ง|อัตรา|"
    "ชั่วโมง|นาที|วัน|สัปดาห์|เดือน|ไตรมาส|ปี|เท่า|ครั้ง|ข้อ|ด้าน|มิติ|รายการ|ประการ|จังหวัด|ภาค|กลุ่ม|อันดับ|ลำดับ|หน่วย|ชุด|ฉบับ|เล่ม|หน้า|ส่วน|ตัวชี้วัด|ล้าน|"
    "ตัว|คะแนน|สาขา|อาชีพ|ประเทศ|บริษัท|กิจการ|ปัจจัย|มาตรการ|ทักษะ|คำถาม|คำตอบ|คู่|อำเภอ|ช่อง|แถว|ชนิด|รอบ|ดอลลาร์|กิโลเมตร|กิโลกรัม|ตัน|ไร่|องศา"
)
_NUMBERED = (
    "ไตรมาสที่|ไตรมาส|ครั้งที่|ฉบับที่|เล่มที่|ลำดับที่|อันดับที่|อันดับ|ระดับที่|มิติที่|ด้านที่|ข้อที่|ตอนที่|ส่วนที่|รูปที่|ตารางที่|แผนภูมิที่|บทที่|หมวดที่|ปีที่|"
    "หน้า|ข้อ|มาตรา|รูป|ตาราง|บท|วันที่|ร้อยละ|ประมาณ|ปีงบประมาณ|ปี|ราว|กว่า|เพียง|เลขที่|โทร\\.|พ\\.ศ\\.|ค\\.ศ\\.|ภาคผนวก"
)
_TOGETHER = (
    rf"(?:{_NUMBERED})\s?(?:{_NUMBER}|[ก-ฮ](?![ก-๛]))",  # ร้อยละ 1.2, ไตรมาสที่ 3, พ.ศ. 2568, ภาคผนวก ก
    rf"{_NUMBER}\s?(?:{_UNIT})",  # 98.6 จุด; also before more letters: 4 ไตรมาส|ถัดไป
    rf"\d{{1,2}}\s?(?:{_MONTH})(?:\s?\d{{2,4}})?",  # 14 พฤศจิกายน 2568
    rf"(?:{_MONTH})\s?\d{{2,4}}",
    rf"[▲▼■]\s?{_NUMBER}",
    r"(?:นาย(?!จ้าง|หน้า|ทะเบียน|ทุน)|นาง|นางสาว|ดร\.|ศ\.|รศ\.|ผศ\.)\s?[ก-๛]+",
    r"\S+\s?ๆ",
    r"(?:[ก-ฮ]{1,3}\.\s?)+[ก-ฮ]{1,3}\.",  # พ.ร.บ., ก. พ.
)
_TOGETHER_PATTERNS = tuple(re.compile(pattern) for pattern in _TOGETHER)  # apart: their matches may overlap
_LONGEST = 48  # characters: a joined piece longer than half a line would tear holes
_INNER_SPACE = re.compile(r"(?<=\S) (?=\S)")
_SHORT_CELL = 12  # characters: a word or two in a table cell stay on one line
_SPACE = re.compile(r"[ \t\r\n\f]+")
_OPENING, _CLOSING = "([{“‘\"'«", ")]}”’\"'».,:;!?…ๆฯ/–"

_PREFIXES = frozenset(
    ("การ", "ความ", "ผู้", "นัก", "ชาว", "ไม่", "ที่")
)  # begin a word with what follows them: การ|เลิกจ้าง

# Words of this field that the general dictionary would cut.
FIELD_WORDS = (
    "กระทรวงแรงงาน", "ปลัดกระทรวง", "สำนักงานปลัดกระทรวง", "ประกันสังคม", "ผู้ประกันตน", "นายจ้าง", "ลูกจ้าง", "ตลาดแรงงาน", "กำลังแรงงาน",
    "การจ้างงาน", "การว่างงาน", "ว่างงาน", "ผู้ว่างงาน", "ค่าจ้าง", "ค่าแรง", "รายได้", "แรงงานนอกระบบ", "แรงงานในระบบ", "ดัชนีรวม", "มิติย่อย",
    "ความเชื่อมั่น", "ผู้ประกอบการ", "ผู้ตอบแบบสอบถาม", "แบบสอบถาม", "กรุงเทพมหานคร", "กรุงเทพฯ", "ตะวันออกเฉียงเหนือ",
    "กิจกรรม", "อาชีวอนามัย", "สหสัมพันธ์", "ค่าสหสัมพันธ์", "ต่ำที่สุด", "สูงที่สุด", "มากที่สุด", "น้อยที่สุด", "ไตรมาสก่อน", "ไตรมาสนี้",
    "ตัวชี้วัด", "สัดส่วน", "มาตรการ",
)  # fmt: skip


@lru_cache(maxsize=4)
def _name_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern of all protected names, longest first."""
    known = {*provinces(), *FIELD_WORDS, *names}
    ordered = sorted(
        (name for name in known if 2 <= len(name) <= _LONGEST), key=lambda name: (-len(name), name)
    )
    return re.compile("|".join(re.escape(name).replace(r"\ ", r"\s") for name in ordered))


def _may_break(before: str, after: str) -> bool:
    """Whether a word boundary between these two characters is a place to end a line."""
    if before.isspace() or after.isspace():
        return False  # the space itself is the place
    if before in _OPENING or after in _CLOSING:
        return False
    thai_before, thai_after = bool(THAI_LETTER.match(before)), bool(THAI_LETTER.match(after))
    if thai_before and thai_after:
        return True
    return (thai_before and after in _OPENING) or (thai_after and before in ")]}”’»ๆ")


@lru_cache(maxsize=20_000)
def breaks(
    text: str, names: tuple[str, ...] = (), *, words: bool = True
) -> tuple[frozenset[int], frozenset[int]]:
    """Places of ``text`` where a line may end inside Thai, and places of spaces where it must not.

    text    one running text, white space collapsed; positions are indices into it
    names   further names that are never split
    words   False leaves the words to a reader that finds them itself: no places to break, only spaces to be held
    Returns (positions a break may stand before, positions of spaces to be held).
    """
    if not THAI_LETTER.search(text):
        return frozenset(), frozenset()
    allowed, held = _word_ends(text) if words else set[int](), set[int]()
    for match in _kept_together(text, names):
        allowed.difference_update(range(match.start() + 1, match.end()))
        held.update(place for place in range(*match.span()) if text[place] == " ")
    return frozenset(allowed), frozenset(held)


held_spaces = partial(breaks, words=False)


def _kept_together(text: str, names: tuple[str, ...]) -> Iterator[re.Match[str]]:
    """Names, numbers with their units and dates, which are never split."""
    for pattern in (_name_pattern(names), *_TOGETHER_PATTERNS):
        yield from (match for match in pattern.finditer(text) if len(match[0]) <= _LONGEST)


def _word_ends(text: str) -> set[int]:
    """Ends of words at which a line may end.

    The segmentation takes the fewest words and so may cut one that is plain to a reader (สัด|ส่วนหลัง, มาตร|การรักษา): an end that
    lies inside a word of the dictionary which begins at another end is none.
    """
    allowed: set[int] = set()
    inside: set[int] = set()
    position = 0
    for word in word_tokenize(text, engine="newmm", keep_whitespace=True):
        for longer in word_dict_trie().prefixes(text, position):
            if len(longer) > len(word) and " " not in longer:
                inside.update(range(position + 1, position + len(longer)))
        position += len(word)
        if word not in _PREFIXES and position < len(text) and _may_break(text[position - 1], text[position]):
            allowed.add(position)
    return allowed - inside


def load_words() -> None:
    """Load the dictionary of Thai words, which takes a third of a second, before somebody waits for it."""
    _word_ends("แรงงาน")


def protect(text: str, names: Sequence[str] = ()) -> str:
    """``text`` with U+200B where Thai may break and U+00A0 for spaces that must hold."""
    return next(_marked([text], tuple(names)))


def _marked(pieces: Sequence[str], names: tuple[str, ...], places: FindBreaks = breaks) -> Iterator[str]:
    """The pieces of one running text, each with its marks."""
    allowed, held = places("".join(pieces), names)
    if not allowed and not held:
        yield from pieces
        return
    start = 0
    for piece in pieces:
        out = []
        for place, character in enumerate(piece, start):
            if place in allowed:
                out.append(BREAK)
            out.append(NO_BREAK_SPACE if place in held else character)
        start += len(piece)
        if (
            start in allowed and piece
        ):  # the break stands at the end of this piece, not at the start of the next
            out.append(BREAK)
        if out and out[0] == BREAK:
            out = out[1:]
        yield "".join(out)


Slot = tuple[Element, str]


def _slots(element: Element) -> Iterator[Slot | None]:
    """Places of text below ``element`` in reading order; None where a running text ends."""
    tag = element.tag if isinstance(element.tag, str) else ""
    inline = tag in INLINE and "footnote" not in element.get("class", "").split()
    if not inline:
        yield None
    if tag and tag not in VERBATIM and not tag.startswith("{"):
        if element.text:
            yield element, "text"
        for child in element:
            yield from _slots(child)
            if child.tail:
                yield child, "tail"
    if not inline:
        yield None


def protect_tree(root: Element, names: Iterable[str] = (), *, places: FindBreaks = breaks) -> None:
    """Mark every running text below ``root`` in place; markup, addresses and verbatim text stay as they are.

    places  ``breaks``, or ``held_spaces`` for screens, whose browsers break Thai by a dictionary of their own
    """
    known = tuple(names)
    run: list[Slot] = []
    for slot in (*_slots(root), None):
        if slot is not None:
            run.append(slot)
            continue
        pieces = [_SPACE.sub(" ", getattr(element, place)) for element, place in run]
        if run and run[0][0].tag == "td" and len("".join(pieces).strip()) <= _SHORT_CELL:
            marked = [_INNER_SPACE.sub(NO_BREAK_SPACE, piece) for piece in pieces]
        else:
            marked = list(_marked(pieces, known, places))
        for (element, place), piece in zip(run, marked, strict=True):
            setattr(element, place, piece)
        run = []


def strip(text: str) -> str:
    """``text`` without the marks: what a reader should copy, search and hear."""
    return text.replace(BREAK, "").replace(NO_BREAK_SPACE, " ")
