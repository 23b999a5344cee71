"""Seasonal adjustment that needed a fallback or left a season; detrending that the data speak against.

Goes in: ``seasonal_quality``, ``detrending_tests``, ``group_status``. Comes out: a warning for every series of the nation that
X-13ARIMA-SEATS could not adjust at all, notes for the weaker ones, and one note that names the groups' series. What the quality sheet says in a cell is said here where somebody must answer for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reporter.domain.errors import Finding
from reporter.domain.tables import Tables

_WHERE = "tables/seasonal_quality.csv"
_LARGEST_M = 1.0  # X-11's own limit of Q and M7
_QS_LIMIT = 9.21  # chi-squared(2) at 1 %
_REPLACED = {"stl": "STL", "x13_airline": "X-13 (0 1 1)(0 1 1)"}


def check(tables: Tables) -> list[Finding]:
    """Findings of all rules, by series."""
    quality, tests = tables.get("seasonal_quality"), tables.get("detrending_tests")
    found: list[Finding] = []
    if quality is not None and not quality.empty:
        found += [*_replaced(quality), *_weak(quality)]
    if tests is not None and not tests.empty:
        found += _disagreeing(tests)
    return [*found, *_of_groups(tables.get("group_status"))]


def _of_groups(status: pd.DataFrame | None) -> list[Finding]:
    """One note on all series of groups that another method than the year's model adjusted, or none."""
    if status is None or status.empty:
        return []
    own = status[status["seasonal_fallback"] != ""]
    if own.empty:
        return []
    series = [str(names).split() for names in own["seasonal_fallback"]]
    named = "; ".join(
        f"{group} {', '.join(names)}" for group, names in zip(own["group"], series, strict=True)
    )
    count = sum(len(names) for names in series)
    return [
        Finding(
            "note",
            "tables/group_status.csv",
            f"ตัวชี้วัดรายกลุ่ม {count} ชุดปรับฤดูกาลด้วยวิธีสำรอง เพราะ X-13ARIMA-SEATS ปรับด้วยแบบจำลองประจำปีไม่สำเร็จ เหตุผลอยู่ในตาราง: {named}",
            f"{count} series of groups were adjusted by a fallback of X-13ARIMA-SEATS; the table gives the reasons: {named}.",
            rule="seasonal.group_fallback",
        )
    ]


def _replaced(quality: pd.DataFrame) -> Iterator[Finding]:
    """Series that another method than the year's model adjusted, or none."""
    for row in quality.to_dict("records"):
        name, method = str(row["indicator"]), str(row["method"])
        if row["verdict"] == "failed":
            yield _finding(
                "warning",
                "seasonal.failed",
                name,
                f"ปรับฤดูกาล {name} ไม่สำเร็จ จึงใช้ข้อมูลเดิม — ตรวจข้อมูลชุดนี้",
                f"{name} could not be adjusted and enters as it is; look at its data.",
            )
        elif method in _REPLACED or row["note_th"]:
            is_adjusted = row["verdict"] == "adjusted"
            if not is_adjusted:
                continue
            used = _REPLACED.get(method, "a simpler X-13 model")
            yield _finding(
                "warning" if method == "stl" else "note",
                "seasonal.fallback",
                name,
                f"{name}: {row['note_th']} — ตรวจข้อมูล หรือเลือกแบบจำลองใหม่ด้วย reporter models reidentify",
                f"{name} was adjusted by the fallback {used}; look at its data or run reporter models reidentify.",
            )


def _weak(quality: pd.DataFrame) -> Iterator[Finding]:
    """Adjusted series whose statistics say that the season is unstable or still there."""
    adjusted = quality[quality["verdict"] == "adjusted"]
    for row in adjusted.to_dict("records"):
        name = str(row["indicator"])
        if row["m7"] > _LARGEST_M or row["q"] > _LARGEST_M:
            yield _finding(
                "note",
                "seasonal.quality",
                name,
                f"การปรับฤดูกาลของ {name} มีคุณภาพต่ำ (Q {row['q']:.2f} M7 {row['m7']:.2f} ควรไม่เกิน 1) — อ่านค่าที่ปรับแล้วด้วยความระมัดระวัง",
                f"The adjustment of {name} is weak (Q {row['q']:.2f}, M7 {row['m7']:.2f}; at most 1 is good).",
            )
        if row["qs_after"] > _QS_LIMIT:
            yield _finding(
                "note",
                "seasonal.residual",
                name,
                f"ข้อมูล {name} ที่ปรับแล้วยังมีฤดูกาลเหลืออยู่ (QS {row['qs_after']:.1f}) — เลือกแบบจำลองใหม่ด้วย reporter models reidentify",
                f"{name} still shows a season after adjustment (QS {row['qs_after']:.1f}); run reporter models reidentify.",
            )


_AGAINST = {
    "not_stationary": "what enters the model is not stationary by ADF and KPSS",
    "trend_left": "a significant trend is left in",
    "overruled": "the data speak against the declared transformation, and the tested one is used",
}


def _disagreeing(tests: pd.DataFrame) -> Iterator[Finding]:
    """Indicators whose data speak against the declared transformation or detrending."""
    for row in tests.to_dict("records"):
        verdict, name = str(row["verdict"]), str(row["indicator"])
        if verdict in _AGAINST:
            declared = f"transform = {row['declared_transform']}, detrend = {row['declared_detrend']}"
            yield Finding(
                "note",
                "tables/detrending_tests.csv",
                f"{name}: {row['note_th']} (ประกาศไว้ {declared})",
                f"{name}: {_AGAINST[verdict]} (declared {declared}).",
                rule=f"detrending.{verdict}",
                subject=name,
            )


def _finding(severity: str, rule: str, name: str, th: str, en: str) -> Finding:
    assert severity in ("warning", "note")
    return Finding("warning" if severity == "warning" else "note", _WHERE, th, en, rule=rule, subject=name)
