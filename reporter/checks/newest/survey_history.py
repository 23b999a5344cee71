"""Survey results of a quarter against their own last waves and their sampling error.

Goes in: the answers of every wave of one survey (``reporter.surveys.responses``). Comes out: findings. Levels, correlations of an item
with the others, shares, ranks, blanks, sizes and the make-up of the sample are each compared with the median of the last waves; a
scale turned round, a shifted column or half a file changes them by many sampling errors while every single answer looks possible.
One cause is one finding: statistics that a cause moves together are told together.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.checks.newest.surprise import Limits
from reporter.domain.declarations import Name, Questionnaire
from reporter.domain.errors import Finding
from reporter.domain.periods import iso
from reporter.index.panel import MAD_TO_SD

_BLOCK = 3  # more items or options than these are a matter of the whole question
_NEVER_RARE = 0.01  # a share above it in every wave is some answers in each
_SHOWN = 4  # values that one finding lists; the others are counted
_MEDIAN_VARIANCE = (
    1.25  # sampling variance of the quarter and of the median of the last waves, over that of the quarter
)
# What moves between waves although nothing is wrong, in the units of the statistics: below it no difference is told.
_FLOORS = {
    "item": 0.02,
    "index": 1.0,
    "group": 0.04,
    "blank": 0.005,
    "correlation": 0.02,
    "shape": 0.02,
    "rating": 0.01,
    "share": 0.005,
    "ticks": 0.05,
    "rank": 0.03,
    "size": 0.05,
    "mix": 0.005,
    "province": 0.25,
}


class Distance(NamedTuple):
    """A statistic of the quarter against the last waves. ``z``: infinite where the statistic is missing."""

    statistic: Statistic
    expected: float
    z: float


def distances(
    waves: Sequence[Mapping[str, Statistic]], now: Mapping[str, Statistic], limits: Limits
) -> dict[str, Distance]:
    """Every statistic of the quarter, or of the wave before, against the median of the last waves.

    waves  earlier ones in time order. The scale is the largest of sampling error, floor and the usual step between waves.
    """
    least, window = int(limits.number("survey", "least_waves")), int(limits.number("survey", "waves"))
    found = {}
    for name in dict.fromkeys((*now, *(waves[-1] if waves else ()))):
        past = [wave[name] for wave in waves if name in wave]
        own = now.get(name) or _nobody(past[-1])
        if own is None:
            if past[-1].family != "group":  # a group that became too small for a mean is no fault
                found[name] = Distance(past[-1], past[-1].value, np.inf)
            continue
        values = np.array([one.value for one in past])
        if len(values) < least:
            continue
        expected = float(np.median(values[-window:]))
        error = np.sqrt(_MEDIAN_VARIANCE * own.error**2 + _FLOORS[own.family] ** 2)
        z = abs(own.value - expected) / max(_usual_step(values, window), error)
        is_gone = not np.isfinite(z) or _has_vanished(own, past)
        found[name] = Distance(own, expected, np.inf if is_gone else z)
    return found


def _has_vanished(own: Statistic, past: Sequence[Statistic]) -> bool:
    """A share that no wave was without is 0: the option was lost, however much it moves between waves."""
    is_share = own.family in ("share", "rating")
    return is_share and own.value == 0 and min(one.value for one in past) > _NEVER_RARE


def _nobody(before: Statistic) -> Statistic | None:
    """A group of people of whom nobody answered has a share of 0; anything else that is not there has no value."""
    return before._replace(value=0.0) if before.family in ("mix", "province") else None


def _usual_step(values: np.ndarray, window: int) -> float:
    """Robust size of what a statistic moved from the median of the waves before it."""
    steps = np.array(
        [abs(values[at] - np.median(values[max(0, at - window) : at])) for at in range(1, len(values))]
    )
    return float(max(MAD_TO_SD * np.median(steps), np.quantile(steps, 0.9) / 1.645))


def check(
    waves: Sequence[pd.DataFrame],
    answers: pd.DataFrame,
    questionnaire: Questionnaire,
    *,
    where: str,
    quarter: pd.Period,
    limits: Limits,
    known: Collection[str] = (),
) -> list[Finding]:
    """Findings about the answers of a quarter; none without an earlier wave, or without answers.

    waves  answers of the earlier waves in time order
    known  columns whose absence something else has told
    """
    waves = [wave for wave in waves if len(wave)]
    if not waves or answers.empty:
        return []
    same = identical_share(answers, waves[-1])
    subject = f"{questionnaire.id} {iso(quarter)}"
    if same > limits.number("survey", "identical_share"):
        return [_old_rows(where, subject, same)]
    past = [statistics(wave, questionnaire) for wave in waves]
    found = distances(past, statistics(answers, questionnaire), limits)
    answer, province = limits.number("survey", "answer"), limits.number("survey", "province_answer")
    far = {
        name: one
        for name, one in found.items()
        if one.z > (province if one.statistic.family == "province" else answer)
    }
    causes = _causes(far, found)
    return [
        _finding(where, f"{subject} {cause}", cause, own, found.get(INDEX))
        for cause, own in causes.items()
        if cause not in known
    ]


def _causes(far: Mapping[str, Distance], seen: Mapping[str, Distance]) -> dict[str, dict[str, Distance]]:
    """Statistics that one cause moves together, by the cause's name, the strongest first within each.

    A file that is much too short or long also has another make-up: that is told with its size. Ratings that are odd as a whole
    take their items and groups along; else each odd item stands for itself. The same holds for the options of a question.
    """
    causes: dict[str, dict[str, Distance]] = {}
    people = _of(far, ("size", "mix", "province"))
    if _of(people, ("size",)):
        causes["sample"] = people
    else:
        for name, one in people.items():
            causes.setdefault(one.statistic.column, {})[name] = one
    ratings = _of(far, ("item", "blank", "correlation", "index", "shape", "rating"))
    causes |= _parts(ratings, _columns(_of(seen, ("item",))), "ratings")
    if not ratings:
        for name, one in _of(far, ("group",)).items():
            causes.setdefault(f"ratings by {one.statistic.column}", {})[name] = one
    elif "ratings" in causes:
        causes["ratings"] |= _of(far, ("group",))
    for prefix in (ACTION, TRAIT, RANK):
        own = {
            name: one
            for name, one in far.items()
            if one.statistic.family in ("share", "rank", "ticks") and one.statistic.column.startswith(prefix)
        }
        options = {column for column in _columns(seen) if column.startswith(prefix) and column != prefix}
        whole = {"action": "actions", "trait:": "traits", "rank": "ranks"}[prefix]
        # Ranks hang together: when one is wrong all of them are.
        causes |= {whole: own} if own and prefix == RANK else _parts(own, options, whole)
    return {
        cause: dict(sorted(own.items(), key=lambda pair: -pair[1].z)) for cause, own in causes.items() if own
    }


def _parts(
    far: Mapping[str, Distance], options: Collection[str], whole: str
) -> dict[str, dict[str, Distance]]:
    """One cause for the whole question where much of it is off, its level, or its totals alone; else one for each column."""
    columns = {one.statistic.column for one in far.values()} & set(options)
    if not far:
        return {}
    if not columns or len(columns) > _BLOCK or _of(far, ("index", "rating")):
        return {whole: dict(far)}
    return {
        column: {name: one for name, one in far.items() if one.statistic.column == column}
        for column in sorted(columns)
    }


def _of(distances: Mapping[str, Distance], families: Collection[str]) -> dict[str, Distance]:
    return {name: one for name, one in distances.items() if one.statistic.family in families}


def _columns(distances: Mapping[str, Distance]) -> set[str]:
    return {one.statistic.column for one in distances.values()}


_CAUSES = {
    "sample": Name(
        "ขนาดของแฟ้มผิดจากรอบก่อน ๆ (แฟ้มขาด หรือซ้ำ?)",
        "the file's size is unlike the last waves (cut short, or doubled?)",
    ),
    "ratings": Name(
        "คะแนนทั้งชุดผิดจากรอบก่อน ๆ (มาตรวัดกลับด้าน คอลัมน์เลื่อน หรือมาตรวัดอื่น?)",
        "the ratings as a whole are unlike the last waves (scale turned round, columns shifted, another scale?)",
    ),
    "actions": Name(
        "คำตอบการดำเนินการผิดจากรอบก่อน ๆ หรือหายไป", "the actions are unlike the last waves, or missing"
    ),
    "traits": Name(
        "คุณลักษณะที่ต้องการผิดจากรอบก่อน ๆ หรือหายไป", "the traits are unlike the last waves, or missing"
    ),
    "ranks": Name("การจัดลำดับผิดจากรอบก่อน ๆ หรือหายไป", "the ranks are unlike the last waves, or missing"),
    "province": Name("จำนวนผู้ตอบรายจังหวัดผิดจากรอบก่อน ๆ", "counts by province are unlike the last waves"),
}
_RATED = ("item", "index", "rating", "correlation", "blank", "group")
_STATISTICS = {
    "item": Name("คะแนนเฉลี่ย", "mean"),
    "index": Name("ดัชนีเฉลี่ยทุกข้อ (จุด)", "index of all items (points)"),
    "group": Name("คะแนนเฉลี่ยของกลุ่ม", "mean of a group"),
    "blank": Name("สัดส่วนไม่ตอบ", "share of blanks"),
    "correlation": Name("สหสัมพันธ์กับข้ออื่น", "correlation with the other items"),
    "shape": Name("รูปแบบของคะแนน", "pattern of the ratings"),
    "rating": Name("สัดส่วนของคะแนนระดับ", "share of the rating"),
    "share": Name("สัดส่วนที่เลือก", "share ticked"),
    "ticks": Name("จำนวนที่เลือกต่อคน", "number ticked"),
    "rank": Name("ลำดับเฉลี่ย", "mean rank"),
    "size": Name("จำนวนผู้ตอบ", "answers"),
    "mix": Name("สัดส่วนของกลุ่ม", "share of a group"),
    "province": Name("จำนวนผู้ตอบของจังหวัด", "answers of a province"),
}


def _finding(
    where: str, subject: str, cause: str, own: Mapping[str, Distance], index: Distance | None
) -> Finding:
    name = _CAUSES.get(cause, Name(f"{cause} ผิดจากรอบก่อน ๆ", f"{cause} is unlike the last waves"))
    shown = list(own.items())[:_SHOWN]
    th = "; ".join(_statistic_text(key, one, is_thai=True) for key, one in shown)
    en = "; ".join(_statistic_text(key, one, is_thai=False) for key, one in shown)
    if len(own) > _SHOWN:
        th, en = f"{th} และอีก {len(own) - _SHOWN} ค่า", f"{en}, and {len(own) - _SHOWN} more"
    if (
        index is not None
        and index.statistic.family == "index"
        and any(one.statistic.family in _RATED for one in own.values())
    ):
        now, before = index.statistic.value, index.expected
        th += f" ดัชนีความเชื่อมั่นของแบบสอบถามนี้ราว {now:.0f} จุด คาดไว้ {before:.0f}"
        en += f"; the confidence index is about {now:.0f} points, {before:.0f} expected"
    return Finding(
        "warning",
        where,
        f"{name.th}: {th} — ประโยคของบทนี้ตั้งอยู่บนคำตอบเหล่านี้ ตรวจแฟ้มที่ส่งออก",
        f"{name.en[0].upper()}{name.en[1:]}: {en}. The sentences of its chapter rest on these answers; check the export.",
        column=cause if cause not in _CAUSES else None,
        rule="newest.survey",
        subject=subject,
    )


def _statistic_text(key: str, one: Distance, *, is_thai: bool) -> str:
    statistic = one.statistic
    label = _STATISTICS[statistic.family].th if is_thai else _STATISTICS[statistic.family].en
    place = key.split(" ")[-1] if "=" in key else statistic.column.rstrip(":")
    head = f"{label} {place}".strip()
    if not np.isfinite(one.z) and statistic.value != 0:
        return f"{head} ไม่มีแล้ว" if is_thai else f"{head} is gone"
    distance = f" (z = {one.z:.0f})" if np.isfinite(one.z) else ""
    value, expected = (_shown(each, statistic.family) for each in (statistic.value, one.expected))
    return (
        f"{head} {value} คาดไว้ {expected}{distance}"
        if is_thai
        else f"{head} {value}, {expected} expected{distance}"
    )


def _shown(value: float, family: str) -> str:
    if family in ("blank", "share", "mix", "rating"):
        return f"{100 * value:.1f} %"
    if family == "size":
        return f"{np.exp(value):,.0f}"
    return f"{value**2:.0f}" if family == "province" else f"{value:.2f}"


def _old_rows(where: str, subject: str, same: float) -> Finding:
    return Finding(
        "warning",
        where,
        f"คำตอบร้อยละ {100 * same:.0f} เหมือนแถวของรอบก่อนทุกช่อง — ตรวจว่าวางแฟ้มของไตรมาสนี้หรือไม่",
        f"{100 * same:.0f} % of the answers stand cell for cell in the wave before; check that this is the quarter's file.",
        rule="newest.survey",
        subject=f"{subject} rows",
    )


def all_distances(
    waves: Sequence[pd.DataFrame], questionnaire: Questionnaire, limits: Limits
) -> Iterable[tuple[int, str, Distance]]:
    """(number of the wave, statistic, distance) of every wave against those before it: for the rate of false alarms."""
    known = [statistics(wave, questionnaire) for wave in waves]
    for at in range(int(limits.number("survey", "least_waves")), len(known)):
        for name, one in distances(known[:at], known[at], limits).items():
            yield at, name, one


# ----------------------------------------------------------------------------------------------------
# Numbers that describe the answers of one wave of a survey, with their sampling errors.
#
# Goes in: answers as read (``reporter.surveys.responses``). Comes out: statistics by name: levels, blanks and correlations of the rated items,
# means by group, shares and ranks of the options, size and make-up of the sample.
# ----------------------------------------------------------------------------------------------------

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
        if negative.intersection(items):
            found |= _as_ticked(answers[items].to_numpy(float))
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


def _as_ticked(ratings: np.ndarray) -> dict[str, Statistic]:
    """Shares of the ratings as they were ticked: one that a program loses is gone there, while turned items hide that."""
    count = np.isfinite(ratings).sum(axis=1)
    return {
        f"ticked {rating}": _mean((ratings == rating).sum(axis=1) / count, "rating", f"{rating}")
        for rating in _RATINGS
    }


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
    """Share of the answers that are identical, cell for cell, in the wave before; texts and ids aside."""
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
