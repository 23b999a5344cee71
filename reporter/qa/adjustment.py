"""Seasonal adjustment that needed a fallback or left a season; detrending that the data speak against.

Goes in: ``seasonal_quality``, ``detrending_tests``, ``group_status``. Comes out: a warning for every series of the nation that
X-13ARIMA-SEATS could not adjust at all, notes for the weaker ones, and one note that names the groups' series. What the quality sheet says in a cell is said here where somebody must answer for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from reporter.domain.edition import Context
from reporter.domain.errors import Finding
from reporter.domain.periods import iso, parse_period
from reporter.domain.schema import Tables

_WHERE = "tables/seasonal_quality.csv"
_LARGEST_M = 1.0  # X-11's own limit of Q and M7
_QS_LIMIT = 9.21  # chi-squared(2) at 1 %
_REPLACED = {"stl": "STL", "x13_airline": "X-13 (0 1 1)(0 1 1)"}


def check_adjustment(tables: Tables) -> list[Finding]:
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


# ----------------------------------------------------------------------------------------------------
# Sub-indices that rest on a fallback, and members that hardly speak in theirs.
#
# Goes in: ``dimension_quality``, ``factor_quality``. Comes out: a warning for every dimension whose model did not converge, left the
# principal component or left a member out, so that another method of the declared order was taken; notes for the weaker signs.
# ----------------------------------------------------------------------------------------------------

_FACTORS_TABLE = "tables/dimension_quality.csv"
_REPLACED_FACTORS = {
    "two_step": ("วิธีสองขั้นตอน", "the two-step estimator"),
    "pca": ("องค์ประกอบหลัก", "the principal component"),
}
_LEAST_AGREEMENT = (
    0.9  # correlation with the principal component: below, more than a fifth of the variance is another story
)


def check_factors(tables: Tables) -> list[Finding]:
    """Findings of all dimensions with data, and of the groups' together."""
    quality = tables.get("dimension_quality")
    if quality is None or quality.empty:
        return _groups(tables)
    rows = quality[quality["method"] != "none"].to_dict("records")
    return [*(item for row in rows for item in (*_fallbacks(row), *_agreement(row))), *_groups(tables)]


def _groups(tables: Tables) -> list[Finding]:
    """One note on all dimensions of groups that rest on a fallback."""
    status = tables.get("group_status")
    if status is None or status.empty:
        return []
    own = status[status["method"].isin(list(_REPLACED_FACTORS))]
    if own.empty:
        return []
    named = "; ".join(
        f"{group} {dimension}" for group, dimension in zip(own["group"], own["dimension"], strict=True)
    )
    return [
        Finding(
            "note",
            "tables/group_status.csv",
            f"ดัชนีย่อยรายกลุ่ม {len(own)} รายการใช้วิธีสำรองแทนแบบจำลองปัจจัยพลวัต เหตุผลอยู่ในตาราง: {named}",
            f"{len(own)} sub-indices of groups rest on a fallback of the factor model; the table gives the reasons: {named}.",
            rule="factor.group_fallback",
        )
    ]


def _fallbacks(row: Mapping[Hashable, Any]) -> Iterator[Finding]:
    dimension, method = str(row["dimension"]), str(row["method"])
    if method in _REPLACED_FACTORS:
        th, en = _REPLACED_FACTORS[method]
        yield Finding(
            "warning",
            _FACTORS_TABLE,
            f"ดัชนีย่อย {dimension} ใช้{th}แทนแบบจำลองปัจจัยพลวัต ({row['note_th']}) — ตรวจข้อมูลของตัวชี้วัดในมิตินี้",
            f"The sub-index {dimension} rests on {en} because the dynamic factor model failed its guards; look at the data "
            "of its indicators.",
            rule="factor.fallback",
            subject=dimension,
        )
    elif not row["converged"]:
        yield Finding(
            "warning",
            _FACTORS_TABLE,
            f"การประมาณแบบจำลองของดัชนีย่อย {dimension} ไม่ลู่เข้า — ตรวจข้อมูลของตัวชี้วัดในมิตินี้",
            f"The search for the model of {dimension} did not converge; look at the data of its indicators.",
            rule="factor.convergence",
            subject=dimension,
        )


def _agreement(row: Mapping[Hashable, Any]) -> Iterator[Finding]:
    agreement = float(str(row["pca_correlation"]))
    if agreement < _LEAST_AGREEMENT:
        dimension = str(row["dimension"])
        yield Finding(
            "note",
            _FACTORS_TABLE,
            f"ดัชนีย่อย {dimension} มีสหสัมพันธ์กับองค์ประกอบหลักเพียง {agreement:.2f} — อ่านด้วยความระมัดระวัง",
            f"The sub-index {dimension} agrees with its principal component by {agreement:.2f} only; read it with care.",
            rule="factor.agreement",
            subject=dimension,
        )


# ----------------------------------------------------------------------------------------------------
# Results against their own history: what may be right, but that somebody should have looked at before it is signed.
#
# Goes in: the tables of one issue. Comes out: warnings that need a waiver in a final issue (``reporter.inputs.workspace``), and notes.
# The rules are simple on purpose, so that whoever answers for them can check them by eye.
# ----------------------------------------------------------------------------------------------------

_LEAST_HISTORY = 12  # three years: below, nothing is unusual
_BIG_CHANGE = 2.0  # times the largest change before
_LEAST_CHANGE = 10.0  # points: one standard deviation of the index
_BEYOND = 10.0  # points beyond everything seen so far
_RECENT_QUARTERS = 2  # a source may be one quarter late by its declared lag
_REVISED_QUARTERS = 8  # two years: as far back as quarterly sources are usually revised
_PLAN_SHARE = 0.5  # with less than half of the planned answers the sample is another one


def check_history(tables: Tables, context: Context) -> list[Finding]:
    """Findings of all rules."""
    return [
        *_index_jumps(tables, context),
        *_stale_dimensions(tables, context),
        *_revisions(tables, context),
        *_forecast(tables),
        *_samples(tables, context),
    ]


def national_levels(tables: Tables) -> Iterator[tuple[str, pd.Series]]:
    """(dimension, period -> points) of the whole country."""
    index = tables.get("labour_index")
    if index is None or index.empty:
        return
    for dimension, rows in index[index["group"] == "TH"].groupby("dimension", sort=True):
        yield str(dimension), rows.set_index("period")["value"].dropna().sort_index()


def _index_jumps(tables: Tables, context: Context) -> Iterator[Finding]:
    """The newest change more than twice the largest before, or the newest level far beyond all before."""
    now = iso(context.quarter)
    for dimension, level in national_levels(tables):
        if len(level) <= _LEAST_HISTORY or level.index[-1] != now:
            continue
        changes = level.diff().abs().dropna()
        change, largest = float(changes.iloc[-1]), float(changes.iloc[:-1].max())
        before, value = level.iloc[:-1], float(level.iloc[-1])
        is_far = value > before.max() + _BEYOND or value < before.min() - _BEYOND
        if change > max(_BIG_CHANGE * largest, _LEAST_CHANGE) or is_far:
            yield Finding(
                "warning",
                "tables/labour_index.csv",
                f"ดัชนี {dimension} ไตรมาส {now} เท่ากับ {value:.1f} จุด เปลี่ยนจากไตรมาสก่อน {change:.1f} จุด"
                f" ขณะที่เดิมเปลี่ยนมากที่สุด {largest:.1f} จุด และอยู่ระหว่าง {before.min():.1f} ถึง {before.max():.1f} จุด"
                " — ตรวจตัวชี้วัดที่ทำให้เปลี่ยน",
                f"The index {dimension} is {value:.1f} in {now}, {change:.1f} points from the quarter before; it never"
                f" changed by more than {largest:.1f} and lay between {before.min():.1f} and {before.max():.1f}."
                " Look at the indicators that moved it.",
                value=f"{value:.1f}",
                rule="index.jump",
                subject=f"{dimension} TH {now}",
            )


def _stale_dimensions(tables: Tables, context: Context) -> Iterator[Finding]:
    """Dimensions with a value for the quarter of which no indicator reaches it or the quarter before."""
    status = tables.get("indicator_status")
    if status is None or status.empty:
        return
    now = iso(context.quarter)
    published = {name for name, level in national_levels(tables) if len(level) and level.index[-1] == now}
    used = status[status["status"].isin(["used", "stale"]) & (status["last"] != "")]
    for dimension, rows in used.groupby("dimension", sort=True):
        if str(dimension) not in published:
            continue
        last = max(parse_period(text).end_time.to_period("Q-DEC") for text in rows["last"])
        if (context.quarter - last).n >= _RECENT_QUARTERS:
            yield Finding(
                "warning",
                "tables/indicator_status.csv",
                f"ดัชนีย่อย {dimension} ไตรมาส {now} ไม่มีข้อมูลของไตรมาสนี้หรือไตรมาสก่อนเลย (ใหม่สุด {iso(last)})"
                " — ขอข้อมูลล่าสุดจากแหล่งข้อมูล",
                f"The sub-index {dimension} for {now} rests on no observation of this quarter or the one before"
                f" (newest {iso(last)}); ask its sources for newer data.",
                value=iso(last),
                rule="index.stale_dimension",
                subject=f"{dimension} TH {now}",
            )


def _revisions(tables: Tables, context: Context) -> Iterator[Finding]:
    """Recent values that were revised by more than the series ever changed from one period to the next."""
    triangle = tables.get("revisions")
    if triangle is None or triangle.empty:
        return
    since = context.quarter - _REVISED_QUARTERS
    for series, rows in triangle.groupby("series", sort=True):
        ordered = rows.assign(end=[parse_period(text).end_time for text in rows["period"]]).sort_values("end")
        if len(ordered) <= _LEAST_HISTORY:
            continue
        usual = float(ordered["latest"].diff().abs().max())
        recent = ordered[ordered["end"] >= since.start_time]
        size = (recent["latest"] - recent["first"]).abs()
        if size.empty or not float(size.max()) > usual:
            continue
        row = recent.iloc[int(size.to_numpy().argmax())]
        yield Finding(
            "warning",
            "tables/revisions.csv",
            f"{series} {row['period']} ปรับจาก {row['first']:.6g} เป็น {row['latest']:.6g} มากกว่าที่อนุกรมเคยเปลี่ยนระหว่างงวด"
            f" ({usual:.4g}) — ยืนยันกับแหล่งข้อมูล",
            f"{series} {row['period']} was revised from {row['first']:.6g} to {row['latest']:.6g}, more than the series"
            f" ever changed between periods ({usual:.4g}); confirm it with the source.",
            value=f"{row['latest']:.6g}",
            rule="revisions.large",
            subject=f"{series} TH {row['period']}",
        )


def _forecast(tables: Tables) -> Iterator[Finding]:
    """Central forecasts more than ten points beyond anything the index has been."""
    forecast = tables.get("forecast")
    level = dict(national_levels(tables)).get("overall")
    if forecast is None or forecast.empty or level is None or level.empty:
        return
    low, high = float(level.min()) - _BEYOND, float(level.max()) + _BEYOND
    for row in forecast[(forecast["mean"] < low) | (forecast["mean"] > high)].itertuples():
        yield Finding(
            "warning",
            "tables/forecast.csv",
            f"ค่าพยากรณ์ {row.period} เท่ากับ {row.mean:.1f} จุด อยู่นอกช่วง {low:.1f} ถึง {high:.1f} จุดที่ดัชนีเคยเป็น"
            " (เผื่อข้างละ 10 จุด) — ตรวจแบบจำลองและข้อมูลล่าสุด",
            f"The forecast for {row.period} is {row.mean:.1f}, outside {low:.1f} to {high:.1f}: what the index has been,"
            " and ten points. Look at the model and the newest data.",
            value=f"{row.mean:.1f}",
            rule="forecast.bounds",
            subject=f"overall TH {row.period}",
        )


def _samples(tables: Tables, context: Context) -> Iterator[Finding]:
    """Surveys far below their plan; provinces below half of theirs are counted in a note."""
    coverage = tables.get("survey_coverage")
    if coverage is None or coverage.empty:
        return
    now = coverage[(coverage["period"] == iso(context.quarter)) & coverage["planned"].notna()]
    for survey, rows in now.groupby("survey", sort=True):
        planned, achieved = float(rows["planned"].sum()), float(rows["achieved"].sum())
        if planned <= 0:
            continue
        thin = int((rows["achieved"] < _PLAN_SHARE * rows["planned"]).sum())
        share = achieved / planned
        if share >= _PLAN_SHARE and not thin:
            continue
        yield Finding(
            "warning" if share < _PLAN_SHARE else "note",
            "tables/survey_coverage.csv",
            f"แบบสำรวจ {survey} ได้ {achieved:,.0f} ราย จากแผน {planned:,.0f} ราย (ร้อยละ {100 * share:.0f})"
            f" มี {thin} จังหวัดที่ได้ไม่ถึงครึ่งของแผน",
            f"The {survey} survey has {achieved:,.0f} of {planned:,.0f} planned answers ({100 * share:.0f} per cent);"
            f" {thin} provinces have less than half of theirs.",
            value=f"{achieved:.0f}",
            rule="survey.plan",
            subject=f"{survey} {iso(context.quarter)}",
        )
