"""Interpretations in plain Thai of the tests of the index: one or two formal sentences a test.

Part of the relations stage. In: verdicts and numbers of ``relations``. Out: text for ``index_tests.reading_th``.
A reading says what the result means for the labour market, not how the test works (the appendix does), and warns
when the sample is short or when the relation is partly built into the index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
import pandas as pd
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp

from reporter.domain.thai import magnitude, number, quarter_th
from reporter.index.panel import Array

INDEX = "labour_index"
OTHERS = "labour_index_without_economy"  # mean of the other sub-indices
NAMES = {
    INDEX: "ดัชนีเศรษฐกิจแรงงาน",
    "real_gdp_growth": "อัตราการเติบโตทางเศรษฐกิจที่แท้จริง",
    "headline_inflation": "อัตราเงินเฟ้อทั่วไป",
    "short_term_rate": "อัตราดอกเบี้ยระยะสั้นในตลาดเงิน",
    "unemployment_rate": "อัตราการว่างงาน",
    "macro": "ตัวแปรเศรษฐกิจมหภาคทั้งหมด",
}
# Indicators of the index that measure the same thing as a macro variable (method.md, 1: dimensions 2 and 10).
BUILT_IN = {"real_gdp_growth", "headline_inflation", "unemployment_rate"}

_TESTS = {
    "adf": "การทดสอบความนิ่ง (ADF)",
    "kpss": "การทดสอบความนิ่ง (KPSS)",
    "correlation": "ค่าสหสัมพันธ์",
    "correlation_of_changes": "ค่าสหสัมพันธ์ของการเปลี่ยนแปลง",
    "correlation_without_economy": "ค่าสหสัมพันธ์เมื่อไม่รวมด้านแนวโน้มเศรษฐกิจ",
    "correlation_peak": "ค่าสหสัมพันธ์ข้ามเวลา",
    "engle_granger": "การทดสอบดุลยภาพระยะยาว (Engle-Granger)",
    "var": "แบบจำลอง VAR",
    "svar": "แบบจำลอง SVAR",
    "granger": "การทดสอบความเป็นเหตุเป็นผลตามแนวคิดของ Granger",
}


# A smoothed value knows what came after it: unrelated series give "the index leads" in 22 of a hundred cases (simulated) where 5 are meant.
SMOOTHED = (
    "ทั้งนี้ ดัชนีแต่ละไตรมาสประมาณโดยใช้ข้อมูลของไตรมาสหลังจากนั้นด้วย การทดสอบจึงพบว่าดัชนีนำบ่อยเกินจริง "
    "ไม่ควรใช้เป็นหลักฐานว่าดัชนีบอกเหตุการณ์ล่วงหน้า"
)


def name(variable: str) -> str:
    """Thai name of a variable; an undeclared one keeps its id."""
    return NAMES.get(variable, variable)


def with_caution(text: str, n: int, enough: int) -> str:
    """The reading, with a warning when fewer than ``enough`` quarters stand behind it."""
    if n >= enough:
        return text
    return f"{text} ทั้งนี้ มีข้อมูลเพียง {n} ไตรมาส จึงควรใช้ผลนี้ด้วยความระมัดระวัง"


def too_short(test: str, variable: str, n: int, needed: int) -> str:
    """Why a test was not made: too few quarters."""
    return (
        f"ไม่ได้ทำ{_TESTS[test]}ของ{name(variable)} เนื่องจากมีข้อมูลต่อเนื่องร่วมกันเพียง {n} ไตรมาส "
        f"น้อยกว่าเกณฑ์ขั้นต่ำ {needed} ไตรมาส"
    )


def constant(test: str, variable: str) -> str:
    """Why a test was not made: the series does not move."""
    return f"ไม่ได้ทำ{_TESTS[test]}ของ{name(variable)} เนื่องจากค่าไม่เปลี่ยนแปลงตลอดช่วงข้อมูล"


def sample(variable: str, verdict: str, first: str, last: str, behind: int, holes: int) -> str:
    """Which quarters of a macro variable there are."""
    if verdict == "missing":
        return f"ไม่มีข้อมูล{name(variable)} จึงไม่ได้ทดสอบความสัมพันธ์กับตัวแปรนี้"
    text = f"ข้อมูล{name(variable)}มีตั้งแต่{quarter_th(first)} ถึง{quarter_th(last)}"
    if behind:
        text += f" สิ้นสุดก่อนไตรมาสของรายงาน {behind} ไตรมาส ผลการทดสอบจึงไม่ครอบคลุมช่วงล่าสุด"
    if holes:
        text += f" และขาดหายระหว่างทาง {holes} ไตรมาส"
    return text


def stationarity(test: str, variable: str, verdict: str) -> str:
    """ADF (the null is a unit root) or KPSS (the null is stationarity)."""
    if test == "adf" and verdict == "stationary":
        return f"ผลการทดสอบ ADF สนับสนุนว่า{name(variable)}นิ่ง กล่าวคือ เมื่อเบี่ยงเบนแล้วมีแนวโน้มกลับเข้าหาค่าเฉลี่ย"
    if test == "adf":
        return f"ผลการทดสอบ ADF ยังไม่มีหลักฐานเพียงพอว่า{name(variable)}นิ่ง ผลกระทบต่อระดับของตัวแปรอาจคงอยู่นาน"
    if verdict == "stationary":
        return f"ผลการทดสอบ KPSS ไม่ปฏิเสธว่า{name(variable)}นิ่ง"
    return f"ผลการทดสอบ KPSS ปฏิเสธว่า{name(variable)}นิ่ง ค่าเฉลี่ยของตัวแปรอาจเปลี่ยนไปในช่วงข้อมูล"


def correlation(test: str, variable: str, value: float, verdict: str) -> str:
    """A correlation in the same quarter, of levels, of changes or without the economy's dimension."""
    what = {
        "correlation": f"{name(INDEX)}กับ{name(variable)}ในไตรมาสเดียวกัน",
        "correlation_of_changes": f"การเปลี่ยนแปลงของ{name(INDEX)}กับการเปลี่ยนแปลงของ{name(variable)}",
        "correlation_without_economy": f"ค่าเฉลี่ยดัชนีย่อยที่ไม่รวมด้านแนวโน้มเศรษฐกิจกับ{name(variable)}",
    }[test]
    if verdict == "not_significant":
        return f"{what}ไม่มีความสัมพันธ์กันอย่างมีนัยสำคัญ (ค่าสหสัมพันธ์ {number(value, 2)})"
    direction = "เดียวกัน" if value > 0 else "ตรงข้าม"
    text = f"{what}เคลื่อนไหวในทิศทาง{direction}อย่างมีนัยสำคัญ (ค่าสหสัมพันธ์ {number(value, 2)})"
    if test == "correlation" and variable in BUILT_IN:
        text += " ความสัมพันธ์นี้ส่วนหนึ่งเกิดจากการที่ดัชนีใช้ตัวแปรเดียวกันเป็นตัวชี้วัด"
    return text


def redundancy(test: str, value: float, verdict: str) -> str:
    """Whether the index says more than the unemployment rate: the question that the LMCI could not answer well."""
    what = (
        "การเปลี่ยนแปลงของดัชนีกับการเปลี่ยนแปลงของอัตราการว่างงาน"
        if test.endswith("changes")
        else "ดัชนีกับอัตราการว่างงาน"
    )
    meaning = {
        "redundant": "สูงจนดัชนีแทบไม่ให้ข้อมูลเพิ่มเติมจากอัตราการว่างงาน ควรทบทวนองค์ประกอบของดัชนี",
        "related": "แสดงว่าดัชนีเคลื่อนไหวสอดคล้องกับการว่างงาน แต่ยังให้ข้อมูลเพิ่มเติมจากมิติอื่น",
        "distinct": "แสดงว่าดัชนีสะท้อนมิติของตลาดแรงงานที่กว้างกว่าการว่างงาน",
        "wrong_sign": "มีทิศทางเดียวกัน ซึ่งขัดกับความหมายของดัชนี ควรตรวจสอบองค์ประกอบของดัชนี",
    }[verdict]
    return f"ค่าสหสัมพันธ์ระหว่าง{what}เท่ากับ {number(value, 2)} {meaning}"


def peak(variable: str, value: float, lead: int, verdict: str) -> str:
    """The lead or lag at which the cross-correlation is largest."""
    if verdict == "no_relation":
        return f"ไม่พบว่า{name(INDEX)}นำหรือตาม{name(variable)}อย่างมีนัยสำคัญ"
    strength = f"(ค่าสหสัมพันธ์สูงสุด {number(value, 2)})"
    if verdict == "coincident":
        return f"{name(INDEX)}สัมพันธ์กับ{name(variable)}สูงสุดในไตรมาสเดียวกัน {strength}"
    if verdict == "leads":
        return f"{name(INDEX)}เคลื่อนไหวก่อน{name(variable)}ประมาณ {lead} ไตรมาส {strength} {SMOOTHED}"
    return f"{name(INDEX)}เคลื่อนไหวตามหลัง{name(variable)}ประมาณ {-lead} ไตรมาส {strength}"


def cointegration(variable: str, verdict: str, *, index_is_stationary: bool) -> str:
    """Engle-Granger."""
    if verdict == "collinear":
        return f"{name(variable)}อธิบายดัชนีได้ทั้งหมด จึงไม่มีส่วนที่เหลือให้ทดสอบดุลยภาพระยะยาว"
    if index_is_stationary:
        tail = "ยืนยันว่าส่วนต่างกลับเข้าสู่ค่าเฉลี่ย" if verdict == "cointegrated" else "ไม่ยืนยันว่าส่วนต่างกลับเข้าสู่ค่าเฉลี่ย"
        return f"ดัชนีมีลักษณะนิ่งอยู่แล้ว การทดสอบดุลยภาพระยะยาวกับ{name(variable)}จึงมีความหมายจำกัด โดยผลการทดสอบ{tail}"
    if verdict == "cointegrated":
        return f"ดัชนีกับ{name(variable)}มีความสัมพันธ์เชิงดุลยภาพในระยะยาว เมื่อเบี่ยงเบนจากกันจะปรับตัวกลับเข้าหากัน"
    return f"ยังไม่มีหลักฐานเพียงพอว่าดัชนีกับ{name(variable)}มีความสัมพันธ์เชิงดุลยภาพในระยะยาว"


def lag_choice(criterion: str, best: int, used: int, *, raised: bool) -> str:
    """One information criterion's choice of lags, and the lags used."""
    text = f"เกณฑ์ {criterion.upper().replace('AICC', 'AICc')} เลือกความล่าช้า {best} ไตรมาส"
    if criterion != "aicc":
        return text
    if raised:
        return f"{text} แบบจำลองใช้ {used} ไตรมาส เพื่อให้ค่าคลาดเคลื่อนไม่มีสหสัมพันธ์กัน"
    return f"{text} ซึ่งปรับตามขนาดตัวอย่างแล้ว และใช้ในแบบจำลอง"


def stability(root: float, verdict: str) -> str:
    """Largest root of the VAR."""
    if verdict == "stable":
        return f"แบบจำลองมีเสถียรภาพ (รากสูงสุด {number(root, 2)} น้อยกว่า 1) ผลของเหตุการณ์ไม่คาดคิดจะค่อย ๆ หมดไป"
    return f"แบบจำลองไม่มีเสถียรภาพ (รากสูงสุด {number(root, 2)}) จึงไม่แสดงการตอบสนองต่อเหตุการณ์ไม่คาดคิด"


def residuals(test: str, verdict: str) -> str:
    """Whiteness or normality of the VAR's residuals."""
    if test == "var_whiteness":
        if verdict == "passed":
            return "ค่าคลาดเคลื่อนของแบบจำลองไม่มีสหสัมพันธ์กันอย่างมีนัยสำคัญ แบบจำลองจึงอธิบายพลวัตได้เพียงพอ"
        return "ค่าคลาดเคลื่อนของแบบจำลองยังมีสหสัมพันธ์กัน ผลจากแบบจำลองจึงเป็นเพียงข้อมูลประกอบ"
    if verdict == "passed":
        return "ค่าคลาดเคลื่อนของแบบจำลองไม่ต่างจากการแจกแจงปกติอย่างมีนัยสำคัญ"
    return "ค่าคลาดเคลื่อนไม่เป็นการแจกแจงปกติ มักเกิดจากช่วงวิกฤต แถบความเชื่อมั่นจึงใช้วิธีสุ่มซ้ำซึ่งไม่อาศัยการแจกแจงปกติ"


def granger(cause: str, effect: str, verdict: str) -> str:
    """Granger causality, after Holm's correction for the number of tests."""
    if verdict == "none":
        return f"ไม่พบว่าค่าในอดีตของ{name(cause)}ช่วยพยากรณ์{name(effect)}"
    if verdict == "built_in":
        return (
            f"ค่าในอดีตของ{name(cause)}สัมพันธ์กับ{name(effect)} แต่ไม่พบเมื่อไม่รวมด้านแนวโน้มเศรษฐกิจไว้ในดัชนี "
            "จึงไม่สรุปว่าช่วยพยากรณ์"
        )
    text = f"ค่าในอดีตของ{name(cause)}อาจช่วยพยากรณ์{name(effect)} แต่ไม่มีนัยสำคัญเมื่อปรับตามจำนวนการทดสอบ"
    if verdict == "predicts":
        text = f"ค่าในอดีตของ{name(cause)}ช่วยพยากรณ์{name(effect)}ได้อย่างมีนัยสำคัญ แม้ปรับตามจำนวนการทดสอบแล้ว"
    return f"{text} {SMOOTHED}" if cause == INDEX else text


def identification(order: tuple[str, ...]) -> str:
    """The assumption behind the structural shocks."""
    chain = " ตามด้วย ".join(name(variable) for variable in order)
    return (
        f"ระบุเหตุการณ์ไม่คาดคิดด้วยวิธีเรียงลำดับ (Cholesky): {chain} ตัวแปรแต่ละตัวตอบสนองต่อตัวแปรก่อนหน้าได้ในไตรมาสเดียวกัน "
        "เพราะผลผลิตและราคาปรับตัวช้า ตลาดแรงงานตอบสนองต่อผลผลิตในไตรมาสเดียวกัน และอัตราดอกเบี้ยตอบสนองต่อข้อมูลทั้งหมด"
    )


def ordering(difference: float, verdict: str) -> str:
    """How much the answer hangs on the order."""
    text = f"เมื่อย้ายดัชนีไปไว้ลำดับแรก การตอบสนองของดัชนีต่างไปไม่เกิน {number(difference, 2)} จุด"
    return f"{text} ข้อสรุปไม่ขึ้นกับลำดับ" if verdict == "robust" else f"{text} ข้อสรุปจึงขึ้นกับลำดับที่สมมติ"


def response(shock: str, value: float, horizon: int, verdict: str) -> str:
    """Largest response of the index to one standard deviation of a shock, and whether the claim survived every check."""
    direction = "เพิ่มขึ้น" if value > 0 else "ลดลง"
    when = "ในไตรมาสเดียวกัน" if horizon == 0 else f"ในอีก {horizon} ไตรมาส"
    text = f"เมื่อ{name(shock)}สูงกว่าคาดหนึ่งส่วนเบี่ยงเบนมาตรฐาน ดัชนี{direction}มากที่สุด {magnitude(value, 1)} จุด{when}"
    return f"{text} {_RESPONSE_VERDICTS[verdict]}"


_RESPONSE_VERDICTS = {
    "significant": "อย่างมีนัยสำคัญที่ระดับความเชื่อมั่นร้อยละ 90 ทั้งเมื่อเรียงลำดับตัวแปรอีกแบบและเมื่อไม่รวมด้านแนวโน้มเศรษฐกิจ",
    "order_dependent": "แต่ไม่มีนัยสำคัญเมื่อเรียงดัชนีไว้ลำดับแรก จึงไม่สรุปว่ามีผล",
    "built_in": "แต่ไม่มีนัยสำคัญเมื่อไม่รวมด้านแนวโน้มเศรษฐกิจไว้ในดัชนี จึงไม่สรุปว่ามีผล",
    "not_significant": "แต่ไม่มีนัยสำคัญที่ระดับความเชื่อมั่นร้อยละ 90",
}


def share(shock: str, value: float, horizon: int, ordering: str) -> str:
    """Share of a shock in the forecast-error variance of the index; ``ordering``: verdict of the other order."""
    source = "ตัวดัชนีเอง" if shock == INDEX else name(shock)
    text = f"ความไม่แน่นอนของดัชนีในช่วง {horizon} ไตรมาสข้างหน้า มาจาก{source}ร้อยละ {number(100 * value, 0)}"
    return text if ordering == "robust" else f"{text} ภายใต้ลำดับที่สมมติเท่านั้น"


def unusable(verdict: str, dropped: tuple[str, ...]) -> str:
    """Why there is no VAR, or which variables had to stay out of it."""
    names = " ".join(name(variable) for variable in dropped)
    if verdict == "dropped":
        return f"แบบจำลอง VAR ไม่รวม{names} เพื่อให้มีข้อมูลร่วมกันยาวเพียงพอ"
    if verdict == "collinear":
        return "ตัวแปรในแบบจำลอง VAR ซ้ำซ้อนกันทั้งหมดหรือบางส่วน จึงประมาณแบบจำลองไม่ได้"
    return "ไม่มีตัวแปรเศรษฐกิจมหภาคที่ใช้ได้ จึงไม่ได้ประมาณแบบจำลอง VAR"


# ----------------------------------------------------------------------------------------------------
# Rows of ``index_tests``: the result of every test of the index in one form (docs/tables.md, Tests and forecast).
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResultRow:
    """One test of one variable; a test that could not be made has NaN numbers and a verdict that says why."""

    test: str
    variable: str
    statistic: float = math.nan
    p_value: float = math.nan
    lags: float = math.nan
    n: int = 0
    critical_5: float = math.nan
    verdict: str = ""
    reading_th: str = ""

    @classmethod
    def of(cls, test: str, variable: str, result: TestResult, verdict: str, reading_th: str) -> ResultRow:
        """The row of a finished test."""
        return cls(
            test,
            variable,
            result.statistic,
            result.p_value,
            result.lags,
            result.n,
            result.critical_5,
            verdict,
            reading_th,
        )


def frame_of(rows: Sequence[ResultRow]) -> pd.DataFrame:
    """``index_tests`` from its rows, in the order in which the tests were made."""
    names = [field.name for field in fields(ResultRow)]
    table = pd.DataFrame([astuple(row) for row in rows], columns=names)
    numbers = ["statistic", "p_value", "lags", "critical_5"]
    return table.astype({**dict.fromkeys(numbers, "float64"), "n": "int64"})


# ----------------------------------------------------------------------------------------------------
# Unit-root, stationarity and cointegration tests on short quarterly series.
#
# Part of the relations and forecast stages. In: plain arrays without missing values. Out: one ``TestResult`` each.
# Methods: augmented Dickey-Fuller with the lag chosen by BIC on a common sample; KPSS (1992) with the Bartlett kernel;
# Engle and Granger (1987) on the residuals of the long-run regression. P-values and critical values are
# MacKinnon's (1994, 2010) response surfaces. Own regressions because a result must not depend on a library's warnings.
# ----------------------------------------------------------------------------------------------------


# KPSS (1992), table 1, level stationarity: upper-tail probabilities and critical values.
_KPSS_TAIL = (0.10, 0.05, 0.025, 0.01)
_KPSS_CRITICAL = (0.347, 0.463, 0.574, 0.739)
_RELATIVE_ZERO = 1e-10


@dataclass(frozen=True)
class TestResult:
    """Statistic, p-value, lags used, observations used and the 5 % critical value of one test."""

    __test__ = False  # pytest must not collect it

    statistic: float
    p_value: float
    lags: int
    n: int
    critical_5: float


def is_constant(values: Array) -> bool:
    """True when the series does not move, to rounding: no test and no model can be fitted to it."""
    spread = float(np.ptp(values)) if len(values) else 0.0
    return spread <= _RELATIVE_ZERO * max(1.0, float(np.max(np.abs(values), initial=0.0)))


def _schwert(n: int) -> int:
    """Schwert's shorter rule for the number of lags, int(4 (n/100)^(1/4))."""
    return int(4 * (n / 100) ** 0.25)


def adf(values: Array, *, constant: bool = True, max_lags: int | None = None) -> TestResult:
    """Augmented Dickey-Fuller test of a unit root; the alternative is stationarity around a mean.

    values     (n,) without missing values, n >= 12
    constant   False for residuals that have mean zero by construction; the p-value is then of no use
    max_lags   largest number of lagged differences tried; default int(4 (n/100)^(1/4)) + 1 (Schwert's shorter rule)
    """
    n = len(values)
    limit = _schwert(n) + 1 if max_lags is None else max_lags
    # The lag is chosen on the observations that the longest candidate has, so that the criteria compare.
    criteria = [_dickey_fuller(values, lags, limit, constant)[1] for lags in range(limit + 1)]
    lags = int(np.argmin(criteria))
    statistic, _, used = _dickey_fuller(values, lags, lags, constant)
    regression = "c" if constant else "n"
    return TestResult(
        statistic,
        float(mackinnonp(statistic, regression=regression, N=1)),
        lags,
        used,
        float(mackinnoncrit(N=1, regression=regression, nobs=used)[1]),
    )


def _dickey_fuller(values: Array, lags: int, skip: int, constant: bool) -> tuple[float, float, int]:
    """t statistic of the level, BIC and observations of one Dickey-Fuller regression that skips ``skip`` quarters."""
    changes = np.diff(values)
    target = changes[skip:]
    columns = [values[skip:-1]] + [changes[skip - lag : len(changes) - lag] for lag in range(1, lags + 1)]
    if constant:
        columns.append(np.ones(len(target)))
    design = np.column_stack(columns)
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ design.T @ target
    residuals = target - design @ coefficients
    used, parameters = design.shape
    squares = float(residuals @ residuals)
    floor = _RELATIVE_ZERO * max(float(target @ target), _RELATIVE_ZERO)
    variance = max(squares, floor) / (used - parameters)
    bic = used * math.log(max(squares, floor) / used) + parameters * math.log(used)
    return float(coefficients[0] / math.sqrt(variance * inverse[0, 0])), bic, used


def kpss(values: Array) -> TestResult:
    """KPSS test of stationarity around a mean; the alternative is a unit root.

    The p-value is interpolated in the published table and therefore lies between 0.01 and 0.10.
    """
    n = len(values)
    lags = _schwert(n)
    deviations = values - values.mean()
    long_run = float(deviations @ deviations) / n
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        long_run += 2 * weight * float(deviations[lag:] @ deviations[:-lag]) / n
    statistic = float(np.sum(np.cumsum(deviations) ** 2)) / (n**2 * long_run)
    p_value = float(np.interp(statistic, _KPSS_CRITICAL, _KPSS_TAIL))
    return TestResult(statistic, p_value, lags, n, _KPSS_CRITICAL[1])


def engle_granger(target: Array, others: Array) -> TestResult | None:
    """Engle-Granger test: no cointegration against cointegration of ``target`` with the columns of ``others``.

    target   (n,); others (n, k), k <= 11
    Returns  None when the columns explain the target exactly: no residual is left to test.
    """
    design = np.column_stack([others, np.ones(len(target))])
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    residuals = target - design @ coefficients
    if np.sqrt(np.mean(residuals**2)) <= 1e-8 * max(float(np.std(target)), 1e-300):
        return None
    unit_root = adf(residuals, constant=False)
    variables = others.shape[1] + 1
    return TestResult(
        unit_root.statistic,
        float(mackinnonp(unit_root.statistic, regression="c", N=variables)),
        unit_root.lags,
        unit_root.n,
        float(mackinnoncrit(N=variables, regression="c", nobs=len(target) - 1)[1]),
    )
