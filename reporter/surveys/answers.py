"""One column of answers at a time: texts become numbers and codes, impossible ones are marked.

Goes in: a column of texts. Comes out: an array and a mask of the cells that no rule of the questionnaire allows;
dates and times become seconds since 1970, rankings in their three forms become one rank per aspect. Every distinct text is looked at once, so that tens of thousands of respondents cost no more than a few words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

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
from reporter.surveys.rules import Aliases
from reporter.surveys.text_matching import numbering, plain

IMPOSSIBLE = object()  # what a meaning answers for a text that no rule of the questionnaire allows
_LONG_ENOUGH = 8
_LIST_SEPARATORS = (";", "\n", "|", ",")
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
        return None if bare in empty else known.get(bare, IMPOSSIBLE)

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
    empty = blanks(aliases)

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
    yes = {plain(token) for token in aliases.tokens["yes"]} | {plain(option.name.th), plain(option.name.en)}
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
    """Meaning of a rank: 1 to ``count``, also written ``อันดับ 1``."""
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        bare = re.sub(r"^(อันดับ|ลำดับ|rank)(ที่)?", "", plain(text))
        if bare in empty:
            return None
        return int(bare) if bare.isdigit() and 1 <= int(bare) <= count else IMPOSSIBLE

    return meaning


def number_meaning(aliases: Aliases, lowest: float, highest: float) -> Callable[[str], object]:
    """Meaning of a plain number (age, weight, seconds) between two bounds; a unit behind it does not matter."""
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        if plain(text) in empty:
            return None
        match = re.match(
            r"\s*([0-9]+(?:\.[0-9]+)?)", plain(text) if text.strip()[:1] in "๐๑๒๓๔๕๖๗๘๙" else text
        )
        value = float(match[1]) if match else np.nan
        return value if lowest <= value <= highest else IMPOSSIBLE

    return meaning


def chosen(text: str, options: Mapping[str, str], none: frozenset[str]) -> tuple[list[str], str]:
    """Options named in a joined check-list answer, in the answer's order, and what is left over as free text.

    options  plain wording -> id. Separators are tried from the safest on, since an option's text may hold a comma.
    """
    codes = [
        plain(token) for token in text.split()
    ]  # KoboToolbox and ODK write codes with blanks between them
    if len(codes) > 1 and all(code in options or code in none for code in codes):
        return [options[code] for code in codes if code in options], ""
    for separator in _LIST_SEPARATORS:
        tokens = [token for token in text.split(separator) if token.strip()]
        bare = [plain(token) for token in tokens]
        if tokens and all(token in options or token in none for token in bare):
            return [options[token] for token in bare if token in options], ""
    return _contained(text, options, none)


def _contained(text: str, options: Mapping[str, str], none: frozenset[str]) -> tuple[list[str], str]:
    separator = next((s for s in _LIST_SEPARATORS if s in text), ";")
    left, found = [], []
    for token in text.split(separator):
        bare = plain(token)
        if bare in options:
            found.append(options[bare])
        elif bare and bare not in none:
            left.append(token.strip())
    rest = " ".join(left)
    remaining = plain(rest)
    for wording in sorted(options, key=len, reverse=True):  # options cut in two by a comma of their own
        if len(wording) >= _LONG_ENOUGH and wording in remaining:
            found.append(options[wording])
            remaining = remaining.replace(wording, "")
    return list(dict.fromkeys(found)), (remaining if remaining != plain(rest) else rest)


def timestamps(texts: pd.Series) -> np.ndarray:
    """Seconds since 1970 for every text; NaN where no date is recognised.

    Day and month: Thai order, unless some date of the column has a second number above 12.
    """
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    written = [arabic_digits(str(text)) for text in distinct]
    shorts = [match for text in written if (match := _YEAR_LAST.search(text))]
    is_month_first = any(int(match[2]) > 12 for match in shorts) and not any(int(m[1]) > 12 for m in shorts)
    seconds = np.array([_seconds(text, is_month_first) for text in written], dtype=float)
    return seconds[places]


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
        known |= {plain(text): option.id for text in (option.id, option.name.en, option.name.th)}
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
