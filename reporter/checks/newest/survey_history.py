"""Survey results of a quarter against their own last waves and their sampling error.

Goes in: the answers of every wave of one survey (``surveys.cleaning.read``). Comes out: findings. Levels, correlations of an item
with the others, shares, ranks, blanks, sizes and the make-up of the sample are each compared with the median of the last waves; a
scale turned round, a shifted column or half a file changes them by many sampling errors while every single answer looks possible.
One cause is one finding: statistics that a cause moves together are told together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.checks.newest.filters import MAD
from reporter.checks.newest.rules import Limits
from reporter.checks.newest.survey_statistics import (
    ACTION,
    INDEX,
    RANK,
    TRAIT,
    Statistic,
    identical_share,
    statistics,
)
from reporter.domain.declarations import Name, Questionnaire
from reporter.domain.errors import Finding
from reporter.domain.periods import iso

_BLOCK = 3  # more items or options than these are a matter of the whole question
_NEVER_RARE = 0.01  # a share above it in every wave is some answers in each
_SHOWN = 4
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
    """A statistic of the quarter against the last waves. ``z``: infinite where it is gone."""

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
    return float(max(MAD * np.median(steps), np.quantile(steps, 0.9) / 1.645))


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
