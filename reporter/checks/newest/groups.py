"""Newest values of regions, provinces, industries and statuses: fifty times as many series, so stricter limits.

Goes in: judged series of groups. Comes out: a warning that needs an answer, one that needs none, or a note for a value; one finding with a count where much of a kind of
groups is off at once, or was delivered again: one systematic fault is one finding and not seventy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from scipy.stats import binom

from reporter.checks.newest.rules import Limits
from reporter.checks.newest.surprise import Judged
from reporter.checks.newest.told import Told
from reporter.domain.declarations import Name
from reporter.domain.periods import iso

_SHOWN = 6  # codes that are listed before "and others"


def group_faults(judged: Sequence[Judged], rules: Limits, settled: Collection[str]) -> list[Told]:
    """Findings about series of groups. ``settled``: subjects that something else has told."""
    found = [fault for one in judged for fault in _of_values(one, rules, settled)]
    return [*_counted(found, judged, rules), *_delivered_again(judged, rules)]


def _of_values(one: Judged, rules: Limits, settled: Collection[str]) -> Iterable[Told]:
    panel, seen = one.panel, one.surprise
    note, warning = rules.number("groups", "note"), rules.number("groups", "warning")
    answer = rules.number("groups", "answer")
    for row in np.flatnonzero((seen.t.max(axis=1) > note) | seen.never.any(axis=1)):
        column = int(np.where(seen.never[row], np.inf, seen.t[row]).argmax()) - panel.block
        key, period = panel.keys[row], panel.period(int(row), column)
        if f"{key[0]} {key[1]} {iso(period)}" in settled:
            continue
        never, t = bool(seen.never[row, column]), float(seen.t[row, column])
        why = Name("ผิดปกติเมื่อเทียบกับอดีตของกลุ่มนี้", "unlike the past of this group")
        if never:
            why = Name("ซึ่งเป็นศูนย์หรือมีเครื่องหมายที่กลุ่มนี้ไม่เคยมี", "0, or a sign, that this group never had")
        yield Told(
            "newest.group" if never or t > answer else "newest.group_odd",
            "warning" if never or t > warning else "note",
            key,
            period,
            float(panel.values[row, column]),
            float(seen.expected[row, column]),
            t,
            why,
        )


def _counted(found: list[Told], judged: Sequence[Judged], rules: Limits) -> list[Told]:
    """Warnings of one indicator in much of a kind of groups as one, led by the farthest off."""
    least, share = int(rules.number("groups", "together_least")), rules.number("groups", "together_share")
    sizes: dict[tuple[str, str], int] = {}
    for one in judged:
        for key in one.panel.keys:
            sizes[_kind(key)] = sizes.get(_kind(key), 0) + 1
    out = [fault for fault in found if fault.severity != "warning"]
    warned: dict[tuple[str, str], list[Told]] = {}
    for fault in found:
        if fault.severity == "warning":
            warned.setdefault(_kind(fault.key), []).append(fault)
    for kind, own in warned.items():
        if len(own) < least or len(own) <= share * sizes[kind]:
            out += own
            continue
        codes = _codes([one.key[1] for one in own])
        why = Name(
            f"เป็นหนึ่งใน {len(own)} จาก {sizes[kind]} กลุ่มที่ผิดปกติพร้อมกัน ({codes}) อาจผิดทั้งชุด",
            f"one of {len(own)} of {sizes[kind]} groups that are off at once ({codes}), perhaps the whole delivery is wrong",
        )
        first = max(own, key=lambda one: one.t)
        out.append(
            Told(
                "newest.groups", "warning", first.key, first.period, first.found, first.expected, first.t, why
            )
        )
    return out


def _delivered_again(judged: Sequence[Judged], rules: Limits) -> Iterable[Told]:
    """Kinds of groups most of whose newest quarter equals the quarter or the year before, as it never was."""
    least = int(rules.number("groups", "together_least"))
    rows: dict[tuple[str, str], list[tuple[Judged, int]]] = {}
    for one in judged:
        for row, key in enumerate(one.panel.keys):
            rows.setdefault(_kind(key), []).append((one, row))
    for own in rows.values():
        if len(own) < least:
            continue
        for lag in (own[0][0].panel.block, own[0][0].panel.season):
            ties = np.array([_tie(one.panel.values[row], one.panel.block, lag) for one, row in own])
            equal, usual = int(ties[:, 0].sum()), float(ties[:, 1].mean())
            chance = binom.logsf(equal - 1, len(own), min(max(usual, 1e-3), 1.0)) / np.log(10)
            if equal > 0.5 * len(own) and chance < rules.number("repeat", "answer_log10"):
                one, row = own[int(ties[:, 0].argmax())]
                why = Name(
                    f"เป็นหนึ่งใน {equal} จาก {len(own)} กลุ่มที่ค่าล่าสุดเท่ากับเมื่อ {lag} งวดก่อนทุกตัว อาจเป็นข้อมูลเดิมที่ส่งซ้ำ",
                    f"one of {equal} of {len(own)} groups whose newest values equal those {lag} period(s) before,"
                    " perhaps old numbers delivered again",
                )
                nan, panel = float("nan"), one.panel
                yield Told(
                    "newest.groups",
                    "warning",
                    panel.keys[row],
                    panel.period(row, -1),
                    float(panel.values[row, -1]),
                    nan,
                    nan,
                    why,
                )
                break


def _tie(values: np.ndarray, block: int, lag: int) -> tuple[bool, float]:
    """Whether the newest block equals the one ``lag`` periods before, and how often earlier values did."""
    equal = np.abs(values[lag:] - values[:-lag]) < 1e-9 * (1 + np.abs(values[lag:]))
    known = np.isfinite(values[lag:] - values[:-lag])[:-block]
    return bool(equal[-block:].all()), float(equal[:-block].sum() / max(known.sum(), 1)) ** block


def _kind(key: tuple[str, str]) -> tuple[str, str]:
    return key[0], key[1].partition(":")[0]


def _codes(groups: list[str]) -> str:
    shown = ", ".join(sorted(groups)[:_SHOWN])
    return f"{shown}, ..." if len(groups) > _SHOWN else shown
