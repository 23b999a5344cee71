"""One column of answers at a time: texts become numbers and codes, impossible ones are marked.

Goes in: a column of texts. Comes out: an array and a mask of the cells that no rule of the questionnaire allows;
dates and times become seconds since 1970, rankings in their three forms become one rank per aspect. Every distinct text is looked at once, so that tens of thousands of respondents cost no more than a few words.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from reporter.domain.declarations import (
    Choice,
    Group,
    Name,
    Option,
    Questionnaire,
)
from reporter.domain.errors import ReporterError
from reporter.domain.periods import arabic_digits, christian_year
from reporter.inputs.values import UnreadableError, quantity, visible
from reporter.surveys.file_reader import Aliases

IMPOSSIBLE = object()  # what a meaning answers for a text that no rule of the questionnaire allows
_MOST_PIECES = 5  # no option's text holds more commas than four
_OLDEST = 120  # older is a year of birth or a slip
_LARGEST_WEIGHT = 1e9  # a weight counts people: no more than fourteen times the population of Thailand
_LONGEST_SECONDS = 1e7  # 115 days; a number beyond is a moment, not a time taken
_AGE = re.compile(
    r"(?:อายุ\s*)?(?:(?:ตั้งแต่|>=|≥)\s*)?"
    r"(?P<under>(?:<(?!=)|ต่ำกว่า|น้อยกว่า|under|below)\s*)?(?P<over>(?:>(?!=)|มากกว่า|เกิน|over|above)\s*)?(?P<age>[0-9]{1,3})(?:\.0+)?\s*"
    r"(?:(?:-|–|ถึง|to)\s*(?P<to>[0-9]{1,3}))?\s*(?:ปี|years?|yrs?)?\s*(?:\+|ขึ้นไป|and over|or older|and older)?\s*\Z"
)
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9](?:\.[0-9]+)?)")
_SPELT = re.compile(
    r"(?:([0-9.]+)\s*(?:ชั่วโมง|ชม\.?|hours?|hrs?|h))?\s*(?:([0-9.]+)\s*(?:นาที|minutes?|mins?|m))?\s*"
    r"(?:([0-9.]+)\s*(?:วินาที|seconds?|secs?|s))?"
)
_LIST_SEPARATORS = (";", "\n", "|", ",", "/", "、", "+", "•")
_DIGITS = re.compile(r"[0-9]+")
_NUMBER_WITH_UNIT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:ปี|บาท|years?|baht)?\s*\Z", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"([12][0-9]{3})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([12][0-9]{3}|[0-9]{2})(?![0-9])")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([AaPp][Mm])?")
_EPOCH = dt.datetime(1970, 1, 1)
EMPLOYED = Option("employed", Name("มีงานทำ", "employed"))


@dataclass(frozen=True)
class Breach:
    """Cells that break one rule: spreadsheet rows, and the texts that stood there."""

    rule: str
    column: str
    rows: np.ndarray
    values: tuple[str, ...] = ()


Note = Callable[[str, str, np.ndarray, pd.Series], None]


def blanks(aliases: Aliases) -> frozenset[str]:
    """Plain forms of the texts that mean no answer."""
    return frozenset(plain(token) for token in aliases.tokens["blank"]) | {""}


def decoded(
    texts: pd.Series, meaning: Callable[[str], object], codes: Mapping[str, str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Look every distinct text up once.

    meaning   text -> value, None for no answer, or ``IMPOSSIBLE``
    codes     a mapping file's answers, replaced before anything else
    Returns   object array of values (None where blank or impossible), mask of impossible cells
    """
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    replaced = [(codes or {}).get(str(text).strip(), str(text)) for text in distinct]
    found = [meaning(text) for text in replaced]
    impossible = np.array([value is IMPOSSIBLE for value in found], dtype=bool)
    values = np.empty(len(found), dtype=object)
    values[:] = [None if value is IMPOSSIBLE else value for value in found]
    return values[places], impossible[places]


def numbers(
    texts: pd.Series, meaning: Callable[[str], object], codes: Mapping[str, str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """As ``decoded``, with float32 values and NaN for no answer."""
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    found = [meaning((codes or {}).get(str(text).strip(), str(text))) for text in distinct]
    impossible = np.array([value is IMPOSSIBLE for value in found], dtype=bool)
    values = np.array(
        [value if isinstance(value, int | float) else np.nan for value in found], dtype=np.float32
    )
    return values[places], impossible[places]


def rating_meaning(questionnaire: Questionnaire, aliases: Aliases) -> Callable[[str], object]:
    """Meaning of a rating: 5 to 1, the scale's Thai words, or both together when they agree."""
    steps = {str(rating): rating for rating, _, _ in questionnaire.scale}
    words = {plain(word): rating for rating, word, _ in questionnaire.scale}
    words |= {word.removeprefix("เห็นด้วย"): r for word, r in words.items() if word.startswith("เห็นด้วย")}
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        bare = plain(text)
        if bare in empty:
            return None
        if bare in steps:
            return steps[bare]
        trailing = _DIGITS.findall(bare)
        rating = words.get(re.sub(r"[0-9]+$", "", bare))
        number = numbering(text) or (trailing[-1] if trailing else "")
        if rating is None or (number and number != str(rating)):
            return IMPOSSIBLE
        return rating

    return meaning


def code_meaning(
    groups: Iterable[Group], aliases: Aliases, column: str
) -> tuple[Callable[[str], object], list[str]]:
    """Meaning of a group column, and the codes it may have in declared order (``TH-10``, ``C``, ``formal``)."""
    known: dict[str, str] = {}
    order = []
    for group in groups:
        code = group.code.partition(":")[2]
        order.append(code)
        for name in _group_names(group, code, aliases.values.get(column, {})):
            known.setdefault(plain(name), code)
    for code in order:
        known.setdefault(plain(form_code(code)), code)
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        bare = plain(text)
        is_named = bare in known and not text.strip().islower()  # Nan is a province, nan is no answer
        return None if bare in empty and not is_named else known.get(bare, IMPOSSIBLE)

    return meaning, order


def form_code(code: str) -> str:
    """An answer's code in LimeSurvey, where five letters and digits are all there is: ``b1524`` of ``15-24``.

    The letter before a band keeps it from being taken for a number.
    """
    bare = "".join(letter for letter in code if letter.isalnum())
    return (f"b{bare}" if code[:1].isdigit() else bare)[:5]


def choice_meaning(choice: Choice, aliases: Aliases) -> tuple[Callable[[str], object], list[str]]:
    """Meaning of a closed question's answer, and its codes in declared order.

    A plain number (an age, an income, years) goes into the band that holds it, where the options are bands
    (``15-24``, ``60+``).
    """
    known: dict[str, str] = {}
    extra = aliases.values.get(choice.id, {})
    for option in choice.options:
        for name in (option.id, option.name.th, option.name.en, *extra.get(option.id, ())):
            known.setdefault(plain(name), option.id)
    short = {form_code(option.id): option.id for option in choice.options}
    codes = [option.id for option in choice.options]
    bands = sorted(
        (float(found[1]), code) for code in codes if (found := re.match(r"([0-9]+)(?:-[0-9]+|\+)\Z", code))
    )
    # "Do not know" is no answer elsewhere, and an answer of its own where the question offers it.
    empty = blanks(aliases) - set(known)

    def meaning(text: str) -> object:
        stripped = text.strip()
        if plain(stripped) in empty:
            return None
        if stripped in codes:
            return stripped
        if stripped in short:
            return short[stripped]
        number = _NUMBER_WITH_UNIT.match(arabic_digits(stripped).replace(",", ""))
        if bands and number:
            inside = [code for lowest, code in bands if lowest <= float(number[1])]
            return inside[-1] if inside else IMPOSSIBLE
        return known.get(plain(stripped), IMPOSSIBLE)

    return meaning, codes


def _group_names(group: Group, code: str, extra: Mapping[str, tuple[str, ...]]) -> list[str]:
    names = [group.code, code, group.name.th, group.name.en, *group.aliases, *extra.get(code, ())]
    if group.kind == "PROVINCE":
        names += [f"{prefix}{name}" for prefix in ("จังหวัด", "จ.") for name in names[2:]]
        names += [f"{group.name.en} Province", code.removeprefix("TH-")]
    if group.kind == "INDUSTRY":
        names += [f"{prefix}{code} {name}" for prefix in ("", "หมวด ") for name in names[2:]] + [
            f"หมวด {code}"
        ]
    return names


def yes_meaning(aliases: Aliases, option: Option) -> Callable[[str], object]:
    """Meaning of a ticked or unticked cell: 1, 0 or no answer; the option's own text counts as ticked."""
    yes = {plain(token) for token in aliases.tokens["yes"]} | {plain(text) for text in option.texts[1:]}
    yes -= {""}  # a bare tick mark has no letters: it is compared as it stands
    no = {plain(token) for token in aliases.tokens["no"]}
    ticks = {token for token in aliases.tokens["yes"] if not plain(token)}
    empty = blanks(aliases) - yes - no

    def meaning(text: str) -> object:
        bare = plain(text)
        if text.strip() in ticks or bare in yes:
            return 1
        if bare in no:
            return 0
        return None if bare in empty else IMPOSSIBLE

    return meaning


def rank_meaning(count: int, aliases: Aliases) -> Callable[[str], object]:
    """Meaning of a rank: 1 to ``count``, also written ``อันดับ 1`` or ``1st``."""
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        ordinal = re.fullmatch(r"([1-9])(?:st|nd|rd|th)(?: choice)?", text.strip().lower())
        bare = ordinal[1] if ordinal else re.sub(r"^(อันดับ|ลำดับ|rank)(ที่)?", "", plain(text))
        if bare in empty:
            return None
        return int(bare) if bare.isdigit() and 1 <= int(bare) <= count else IMPOSSIBLE

    return meaning


def employed_meaning(aliases: Aliases) -> Callable[[str], object]:
    """Meaning of the question of employment: yes, no, or in words (``ว่างงาน``, ``ไม่ได้ทำงาน``)."""
    yes_or_no = yes_meaning(aliases, EMPLOYED)
    out_of_work = {plain(token) for token in aliases.tokens.get("not_employed", ())}
    at_work = {plain(token) for token in aliases.tokens.get("employed", ())}

    def meaning(text: str) -> object:
        bare = plain(text)
        return 0 if bare in out_of_work else 1 if bare in at_work else yes_or_no(text)

    return meaning


def weight_meaning(aliases: Aliases) -> Callable[[str], object]:
    """Meaning of a weight: a number as every other way in reads it (``1,250`` is 1250, ``1,9`` is refused), not negative."""
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        if plain(text) in empty:
            return None
        try:
            read = quantity(text)
        except UnreadableError:
            return IMPOSSIBLE
        if read.value is None or read.flag or not 0 <= read.value <= _LARGEST_WEIGHT:
            return IMPOSSIBLE
        return read.value

    return meaning


def age_meaning(aliases: Aliases) -> Callable[[str], object]:
    """Meaning of an age in years; of a band its lowest year (``15-24``, ``60 ปีขึ้นไป``), of "under 15" the year below."""
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        if plain(text) in empty:
            return None
        match = _AGE.match(visible(text).casefold())
        if not match or (match["to"] and int(match["to"]) < int(match["age"])):
            return IMPOSSIBLE
        age = int(match["age"]) - bool(match["under"]) + bool(match["over"])
        return age if 0 <= age <= _OLDEST else IMPOSSIBLE

    return meaning


def duration_meaning(aliases: Aliases) -> Callable[[str], object]:
    """Meaning of a time taken, in seconds: seconds, ``h:mm:ss``, ``12 นาที 30 วินาที``; ``12:30`` says two things."""
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        if plain(text) in empty:
            return None
        cleaned = visible(text).casefold()
        if match := _CLOCK.fullmatch(cleaned):
            return 3600.0 * int(match[1]) + 60 * int(match[2]) + float(match[3])
        if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", cleaned):
            return float(cleaned) if float(cleaned) <= _LONGEST_SECONDS else IMPOSSIBLE
        spelt = re.sub(r"\Apt(?=[0-9])", "", cleaned)  # ISO 8601, as form programs write it: PT12M30S
        if (match := _SPELT.fullmatch(spelt)) and any(match.groups()):
            hours, minutes, seconds = (float(part or 0) for part in match.groups())
            return 3600 * hours + 60 * minutes + seconds
        return IMPOSSIBLE

    return meaning


def chosen(text: str, options: Mapping[str, str], none: frozenset[str]) -> tuple[list[str], str]:
    """Options named in a joined check-list answer, in the answer's order, and what is left over as free text.

    options  plain wording -> id. Only whole items of the list count: words inside a respondent's own text tick nothing.
    Separators are tried from the safest on; spaces part ids only, where all or most of the words are ids.
    """
    for separator in _LIST_SEPARATORS:
        tokens = [token for token in text.split(separator) if token.strip()]
        bare = [plain(token) for token in tokens]
        if tokens and all(token in options or token in none for token in bare):
            return list(dict.fromkeys(options[token] for token in bare if token in options)), ""
    ids = set(options.values())
    words = text.split()
    if len(words) > 1 and words[0] in ids and 2 * sum(word in ids for word in words) >= len(words):
        rest = " ".join(word for word in words if word not in ids)
        return list(dict.fromkeys(word for word in words if word in ids)), rest
    separator = next((s for s in _LIST_SEPARATORS if s in text), ";")
    return _items([token for token in text.split(separator) if token.strip()], separator, options, none)


def _items(
    tokens: list[str], separator: str, options: Mapping[str, str], none: frozenset[str]
) -> tuple[list[str], str]:
    """Whole items of a list; neighbours are put together again where an option holds the separator itself."""
    found: list[str] = []
    left: list[str] = []
    place = 0
    while place < len(tokens):
        for end in range(min(len(tokens), place + _MOST_PIECES), place, -1):
            bare = plain(separator.join(tokens[place:end]))
            if bare in options:
                found.append(options[bare])
                break
        else:
            end = place + 1
            if plain(tokens[place]) not in none:
                left.append(tokens[place].strip())
        place = end
    return list(dict.fromkeys(found)), f"{separator} ".join(left) if separator != "\n" else " ".join(left)


def is_month_first(columns: Iterable[pd.Series]) -> bool | None:
    """Order of day and month in a file's dates: Thai unless second numbers above 12 show another; None where both occur."""
    texts = {arabic_digits(str(text)) for column in columns for text in column.unique()}
    shorts = [match for text in texts if (match := _YEAR_LAST.search(text)) and not _YEAR_FIRST.search(text)]
    day_second, day_first = any(int(m[2]) > 12 for m in shorts), any(int(m[1]) > 12 for m in shorts)
    return None if day_second and day_first else day_second


def timestamps(texts: pd.Series, month_first: bool | None = False) -> np.ndarray:
    """Seconds since 1970 for every text; NaN where no date is recognised.

    month_first  the order of the file's dates (``is_month_first``); None: only dates that can be read in one way
    """
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    written = [arabic_digits(str(text)) for text in distinct]
    seconds = np.array([_in_order(text, month_first) for text in written], dtype=float)
    return seconds[places]


def _in_order(text: str, month_first: bool | None) -> float:
    if month_first is not None:
        return _seconds(text, month_first)
    one, other = _seconds(text, True), _seconds(text, False)
    if np.isnan(one) or np.isnan(other):
        return other if np.isnan(one) else one
    return one if one == other else np.nan


def _seconds(text: str, is_month_first: bool) -> float:
    if match := _YEAR_FIRST.search(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _YEAR_LAST.search(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        month, day = (first, second) if is_month_first else (second, first)
        year += 2000 if year < 50 else (2500 if year < 100 else 0)  # 25 is 2025; 68 is 2568
    else:
        return np.nan
    hour, minute, second = _clock(text[match.end() :])
    try:
        moment = dt.datetime(christian_year(year), month, day, hour, minute, second)
    except (ValueError, ReporterError):
        return np.nan
    return (moment - _EPOCH).total_seconds()


def _clock(text: str) -> tuple[int, int, int]:
    if not (match := _TIME.search(text)):
        return 0, 0, 0
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    return min(hour, 23), min(minute, 59), min(second, 59)


def wordings(options: Iterable[Option]) -> dict[str, str]:
    """Plain wordings of options -> ids."""
    known: dict[str, str] = {}
    for option in options:
        known |= {plain(text): option.id for text in option.texts}
    return known


def ranks_from_places(
    cells: pd.DataFrame, places: Mapping[int, int], aspects: Sequence[Option], note: Note
) -> dict[str, np.ndarray]:
    """Ranks from columns ``อันดับ 1`` .. that hold aspects."""
    known = wordings(aspects)
    ranks = {aspect.id: np.full(len(cells), np.nan, dtype=np.float32) for aspect in aspects}
    for place, column in sorted(places.items()):
        texts = cells.iloc[:, column]
        ids = np.array([known.get(plain(str(text)), "") for text in texts], dtype=object)
        note("impossible_value", f"rank place {place}", (ids == "") & (texts != "").to_numpy(), texts)
        for aspect, values in ranks.items():
            repeated = (ids == aspect) & ~np.isnan(values)
            values[ids == aspect] = place
            values[repeated] = 0  # an aspect put on two places: no rank at all, the cleaning finds it
    return ranks


def ranks_from_orders(texts: pd.Series, aspects: Sequence[Option], note: Note) -> dict[str, np.ndarray]:
    """Ranks from one cell that lists the aspects in order, joined by semicolons (Microsoft Forms)."""
    known = wordings(aspects)
    order = {aspect.id: number for number, aspect in enumerate(aspects)}
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    table = np.full((len(distinct), len(aspects)), np.nan, dtype=np.float32)
    impossible = np.zeros(len(distinct), dtype=bool)
    for number, text in enumerate(distinct):
        separator = ";" if ";" in str(text) else ","
        ids = [known.get(plain(token), "") for token in str(text).split(separator) if token.strip()]
        codes = [known.get(plain(token), "") for token in str(text).split()]
        ids = codes if len(ids) == 1 and len(codes) > 1 and "" not in codes else ids
        impossible[number] = "" in ids or len(set(ids)) != len(ids)
        if not impossible[number]:
            table[number, [order[aspect] for aspect in ids]] = np.arange(1, len(ids) + 1)
    note("impossible_value", "ranking", impossible[places], texts)
    return {aspect: table[places, number] for aspect, number in order.items()}


# ----------------------------------------------------------------------------------------------------
# Comparison of words in the ways people write them: spaces, punctuation, numbering, Thai digits and case do not count.
#
# Goes in: headers, options and answers as texts. Comes out: their plain form, and the parts of a form's header.
# ----------------------------------------------------------------------------------------------------

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
