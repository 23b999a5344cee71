"""Numbers that describe the answers of one wave of a survey, with their sampling errors.

Goes in: answers as read (``surveys.cleaning.read``). Comes out: statistics by name: levels, blanks and correlations of the rated items,
means by group, shares and ranks of the options, size and make-up of the sample.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.domain.declarations import Questionnaire

TRAIT, ACTION, RANK = "trait:", "action", "rank"
INDEX = "all items"
_RATINGS = (1, 2, 3, 4, 5)
_POINTS = 50.0  # a rating of 1 is 0 points of the index, 5 is 200 (method.md)
_PEOPLE = ("status", "skill", "work_type", "industry")
_LEAST_IN_GROUP = 50  # fewer answers of a group say little about its mean
_LEAST_SHARE_VARIANCE = 1e-4  # a share of 0 or 1 has a sampling error too


class Statistic(NamedTuple):
    """One number of a wave: value, sampling error, family (what it is), column of the answers it is of."""

    value: float
    error: float
    family: str
    column: str


def statistics(answers: pd.DataFrame, questionnaire: Questionnaire) -> dict[str, Statistic]:
    """Every statistic of one wave by name. Columns without one answer give none."""
    n = len(answers)
    if n == 0:
        return {}
    items = [item.column for item in questionnaire.items if _is_answered(answers, item.column)]
    negative = {item.column for item in questionnaire.items if item.negative}
    ratings = np.where(
        [name in negative for name in items],
        6 - answers[items].to_numpy(float),
        answers[items].to_numpy(float),
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # respondents without a rating
        own = np.nanmean(ratings, axis=1) if items else np.full(n, np.nan)
        found = {**_of_ratings(ratings, items, own), **_of_groups(answers, own)}
    for prefix, family in ((ACTION, "share"), (TRAIT, "share"), (RANK, "rank")):
        columns = [
            str(name) for name in answers if str(name).startswith(prefix) and _is_answered(answers, str(name))
        ]
        columns = [name for name in columns if name.removeprefix(prefix)]
        found |= _of_options(answers[columns].to_numpy(float), columns, prefix, family)
    found["answers"] = Statistic(float(np.log(n)), 1 / np.sqrt(n), "size", "")
    for column in _PEOPLE:
        if column in answers:
            found |= {
                f"{column}={code}": _share(float(share), n, "mix", column)
                for code, share in answers[column].value_counts(normalize=True).items()
            }
    if "province" in answers:
        counts = answers["province"].value_counts()
        found |= {
            f"province={code}": Statistic(float(np.sqrt(k)), 0.5, "province", "province")
            for code, k in counts.items()
        }
    return found


def _is_answered(answers: pd.DataFrame, column: str) -> bool:
    return (
        column in answers
        and pd.api.types.is_numeric_dtype(answers[column])
        and bool(answers[column].notna().any())
    )


def _of_ratings(ratings: np.ndarray, items: Sequence[str], own: np.ndarray) -> dict[str, Statistic]:
    """Mean, blanks and correlation with the others of each item; mean, flatness and correlation of all."""
    n = len(ratings)
    if not items:
        return {}
    root = 1 / np.sqrt(n)
    found = {INDEX: _mean(_POINTS * (own - 1), "index", "")}
    flat = float((np.nanstd(ratings, axis=1) == 0).mean())
    found["same rating for every item"] = Statistic(flat, np.sqrt(0.01 / n), "shape", "")
    total, count = np.nansum(ratings, axis=1), np.isfinite(ratings).sum(axis=1)
    for rating in _RATINGS:  # a rating that is lost, or read as another
        found[f"rating {rating}"] = _mean((ratings == rating).sum(axis=1) / count, "rating", f"{rating}")
    correlations = []
    for at, item in enumerate(items):
        column = ratings[:, at]
        answered = np.isfinite(column)
        found[f"mean {item}"] = _mean(column, "item", item)
        found[f"blank {item}"] = _share(1 - float(answered.mean()), n, "blank", item)
        rest = (total - np.where(answered, column, 0)) / np.maximum(count - answered, 1)
        both = answered & (count > 1)
        if both.sum() > 2 and np.std(column[both]) > 0 and np.std(rest[both]) > 0:
            value = float(np.corrcoef(column[both], rest[both])[0, 1])
            correlations.append(value)
            found[f"correlation {item}"] = Statistic(value, root, "correlation", item)
    if correlations:
        found["correlation of all items"] = Statistic(float(np.mean(correlations)), root, "shape", "")
    return found


def _of_groups(answers: pd.DataFrame, own: np.ndarray) -> dict[str, Statistic]:
    """Mean rating of every group of people that is not small."""
    found = {}
    for column in _PEOPLE:
        if column in answers:
            for code, rows in answers.groupby(column, observed=True).indices.items():
                if len(rows) >= _LEAST_IN_GROUP:
                    found[f"all items {column}={code}"] = _mean(own[rows], "group", column)
    return found


def _of_options(values: np.ndarray, columns: Sequence[str], prefix: str, family: str) -> dict[str, Statistic]:
    """Share or mean rank of every option, and how many a respondent ticks."""
    found = {}
    for at, column in enumerate(columns):
        known = values[:, at][np.isfinite(values[:, at])]
        found[column] = (
            _share(float(known.mean()), len(known), "share", column)
            if family == "share"
            else _mean(known, "rank", column)
        )
    if columns:
        counted = np.isfinite(values).any(axis=1)
        ticks = (
            np.nansum(values[counted], axis=1)
            if family == "share"
            else np.isfinite(values).sum(axis=1).astype(float)
        )
        found[f"{prefix} ticked"] = _mean(ticks, "ticks", prefix)
    return found


def _mean(values: np.ndarray, family: str, column: str) -> Statistic:
    known = values[np.isfinite(values)]
    error = float(known.std() / np.sqrt(max(len(known), 1))) if len(known) else 0.0
    return Statistic(float(known.mean()) if len(known) else float("nan"), error, family, column)


def _share(share: float, n: int, family: str, column: str) -> Statistic:
    error = float(np.sqrt(max(share * (1 - share), _LEAST_SHARE_VARIANCE) / max(n, 1)))
    return Statistic(share, error, family, column)


def identical_share(answers: pd.DataFrame, before: pd.DataFrame) -> float:
    """Share of the answers that stand cell for cell in the wave before too; texts and ids aside."""
    columns = [name for name in answers if name in before and _is_told_by(str(name))]
    if not columns or answers.empty or before.empty:
        return 0.0
    first, other = (_hashes(frame[columns]) for frame in (answers, before))
    return float(np.isin(first, other).mean())


def _is_told_by(column: str) -> bool:
    return column not in ("row", "respondent_id", "comment", "weight")


def _hashes(frame: pd.DataFrame) -> np.ndarray:
    text = frame.apply(
        lambda column: column.astype(str) if not pd.api.types.is_numeric_dtype(column) else column
    )
    return pd.util.hash_pandas_object(text, index=False).to_numpy()
