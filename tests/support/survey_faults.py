"""Survey files as they go wrong in practice: answers of a wave, altered.

Goes in: answers as read, one row per respondent. Comes out: the altered answers by the name of the fault.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd

from reporter.domain.declarations import Questionnaire

Alter = Callable[[pd.DataFrame, Questionnaire], pd.DataFrame]


def items_of(answers: pd.DataFrame, questionnaire: Questionnaire) -> list[str]:
    return [item.column for item in questionnaire.items if item.column in answers]


def columns_of(answers: pd.DataFrame, prefix: str) -> list[str]:
    return [
        str(name) for name in answers if str(name).startswith(prefix) and str(name) not in ("traits_other",)
    ]


def scale_reversed(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    items = items_of(answers, questionnaire)
    return answers.assign(**{name: 6 - answers[name] for name in items})


def item_reversed(answers: pd.DataFrame, questionnaire: Questionnaire, at: int = 3) -> pd.DataFrame:
    name = items_of(answers, questionnaire)[at]
    return answers.assign(**{name: 6 - answers[name]})


def columns_shifted(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    items = items_of(answers, questionnaire)
    return answers.assign(**{later: answers[earlier] for earlier, later in pairwise(items)})


def five_read_as_four(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    return answers.assign(**{name: answers[name].clip(upper=4) for name in items_of(answers, questionnaire)})


def blanks_filled(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    return answers.assign(**{name: answers[name].fillna(3) for name in items_of(answers, questionnaire)})


def _without(prefix: str) -> Alter:
    return lambda answers, _: answers.drop(columns=columns_of(answers, prefix))


def _emptied(prefix: str) -> Alter:
    return lambda answers, _: answers.assign(**dict.fromkeys(columns_of(answers, prefix), np.nan))


def _zeroed(prefix: str) -> Alter:
    return lambda answers, _: answers.assign(**dict.fromkeys(columns_of(answers, prefix), 0.0))


def _one_zeroed(prefix: str) -> Alter:
    return lambda answers, _: answers.assign(**{columns_of(answers, prefix)[2]: 0.0})


BOTH: dict[str, Alter] = {
    "scale reversed": scale_reversed,
    "one item reversed": item_reversed,
    "columns shifted": columns_shifted,
    "5 read as 4": five_read_as_four,
    "blanks filled with 3": blanks_filled,
    "an item missing": lambda answers, form: answers.drop(columns=[items_of(answers, form)[4]]),
    "half the file": lambda answers, _: answers.iloc[: len(answers) // 2],
    "every second row": lambda answers, _: answers.iloc[::2],
    "the file doubled": lambda answers, _: pd.concat([answers, answers], ignore_index=True),
}
FAULTS: dict[str, dict[str, Alter]] = {
    "employer": {
        **BOTH,
        "traits missing": _without("trait:"),
        "traits lost": _zeroed("trait:"),
        "a trait lost": _one_zeroed("trait:"),
    },
    "worker": {
        **BOTH,
        "actions missing": _without("action"),
        "actions emptied": _emptied("action"),
        "an action lost": _one_zeroed("action"),
        "ranks missing": _without("rank"),
        "ranks reversed": lambda answers, _: answers.assign(
            **{name: 8 - answers[name] for name in columns_of(answers, "rank")}
        ),
    },
}
