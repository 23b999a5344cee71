"""One column of answers at a time: texts become numbers and codes, impossible ones are marked.

Goes in: a column of texts. Comes out: an array and a mask of the cells that no rule of the questionnaire allows.
Every distinct text is looked at once, so that tens of thousands of respondents cost no more than a few words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from reporter.domain.declarations import Group, Option, Questionnaire
from reporter.surveys.rules import Aliases
from reporter.surveys.wording import numbering, plain

IMPOSSIBLE = object()  # what a meaning answers for a text that no rule of the questionnaire allows
_LONG_ENOUGH = 8
_LIST_SEPARATORS = (";", "\n", "|", ",")
_DIGITS = re.compile(r"[0-9]+")


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
    empty = blanks(aliases)

    def meaning(text: str) -> object:
        bare = plain(text)
        return None if bare in empty else known.get(bare, IMPOSSIBLE)

    return meaning, order


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
