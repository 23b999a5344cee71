"""The tables that show how the index, its tests and its forecast were made: adjustment, trends, tests, accuracy, revisions.

Goes in: ``seasonal_quality``, ``detrending_tests``, ``detrending_sensitivity``, ``index_tests``, ``forecast_evaluation``, ``track_record``. Comes
out: sheets, and the facts of the sentence on detrending; a table without rows gives none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reporter.domain import thai
from reporter.domain.declarations import asset
from reporter.domain.edition import Context
from reporter.domain.periods import iso
from reporter.report import provenance, workbook
from reporter.report.numbers import Cells, Number
from reporter.report.outlook import model_name
from reporter.report.provenance import Claim, declared_bands
from reporter.report.workbook import (
    Cell,
    ReportSheet,
    SheetColumn,
    SheetRow,
)

_VERDICT = {
    "adjusted": "ปรับแล้ว",
    "not_seasonal": "ไม่มีฤดูกาล",
    "by_source": "ปรับโดยแหล่งข้อมูล",
    "too_short": "ข้อมูลสั้นเกินไป",
    "failed": "ปรับไม่สำเร็จ",
}
_METHOD = {"x13_airline": "ปรับด้วยแบบจำลองสำรอง", "stl": "ปรับด้วย STL"}
_MODE = {"log": "คูณ", "level": "บวก"}
_FORM = {"level": "ระดับ", "growth": "อัตราเปลี่ยน", "deviation": "เบี่ยงเบน"}
_TREND = {"slow_trend": "ขจัด", "none": "คง"}
_AGREEMENT = {
    "agrees": "สอดคล้อง",
    "overruled": "ใช้ตามหลักฐาน",
    "trend_left": "ยังมีแนวโน้ม",
    "not_stationary": "ยังไม่นิ่ง",
    "untested": "ข้อมูลสั้น",
}
_MOST_OUTLIERS = 3  # fit a line; the others are counted
_REGRESSORS = {"cny": "CNY", "holidays": "วันหยุด", "td": "วันทำการ"}
DETRENDING = {
    "none": "ไม่ขจัดแนวโน้ม",
    "linear": "แนวโน้มเส้นตรง",
    "medium_trend": "แนวโน้มระยะปานกลาง (15 ปี)",
    "declared": "ใช้การแปลงตามที่ประกาศทุกตัว",
    "hamilton": "ตัวกรองของ Hamilton",
    "one_sided_hp": "ตัวกรอง Hodrick-Prescott ด้านเดียว",
    "band_pass": "ตัวกรอง Christiano-Fitzgerald (6–32 ไตรมาส)",
    "local_line": "แนวโน้มเฉพาะช่วงแบบ biweight (10 ปี)",
}
_TESTS = {
    "sample": "ข้อมูลที่ใช้ทดสอบ",
    "adf": "ความนิ่งของข้อมูล (ADF)",
    "kpss": "ความนิ่งของข้อมูล (KPSS)",
    "correlation": "สหสัมพันธ์ในไตรมาสเดียวกัน",
    "correlation_of_changes": "สหสัมพันธ์ของการเปลี่ยนแปลงรายไตรมาส",
    "correlation_without_economy": "สหสัมพันธ์เมื่อไม่รวมมิติแนวโน้มเศรษฐกิจ",
    "correlation_peak": "สหสัมพันธ์สูงสุดข้ามเวลา",
    "engle_granger": "ความสัมพันธ์เชิงดุลยภาพระยะยาว (Engle-Granger)",
    "var": "แบบจำลอง VAR",
    "var_sample": "ตัวแปรที่ไม่รวมในแบบจำลอง VAR",
    "var_lags_aic": "จำนวนความล่าช้าของ VAR (AIC)",
    "var_lags_bic": "จำนวนความล่าช้าของ VAR (BIC)",
    "var_lags_aicc": "จำนวนความล่าช้าของ VAR (AICc)",
    "var_stability": "เสถียรภาพของแบบจำลอง VAR",
    "var_whiteness": "สหสัมพันธ์ของค่าคลาดเคลื่อน VAR",
    "var_normality": "การแจกแจงของค่าคลาดเคลื่อน VAR",
    "granger_to_index": "ตัวแปรช่วยพยากรณ์ดัชนี (Granger)",
    "granger_from_index": "ดัชนีช่วยพยากรณ์ตัวแปร (Granger)",
    "svar_identification": "ข้อสมมติของแบบจำลอง SVAR",
    "svar_ordering": "ผลของลำดับตัวแปรในแบบจำลอง SVAR",
    "svar_response": "การตอบสนองของดัชนีในแบบจำลอง SVAR",
    "svar_variance_share": "ที่มาของความไม่แน่นอนของดัชนีในแบบจำลอง SVAR",
}
_SUBJECTS = {"labour_index": "ดัชนีเศรษฐกิจแรงงาน", "macro": "ตัวแปรมหภาคทั้งหมด", "var": "แบบจำลอง VAR"}


@dataclass(frozen=True)
class DetrendingFacts:
    """What other detrending does to the composite; ``nearest`` and ``farthest`` by correlation with the published one."""

    lowest: Number
    highest: Number
    nearest: str
    farthest: str
    difference: Number
    period: str
    newest_low: Number
    newest_high: Number
    disagreeing: Number | None


def detrending_facts(cells: Cells) -> DetrendingFacts | None:
    """Facts of the sentence on other detrending; None when there is no other."""
    table = "detrending_sensitivity"
    frame = cells.rows(table)
    if not frame.empty:  # leaving the trend in is no other way to take it out
        frame = frame[frame["choice"] != "none"].dropna(subset=["correlation"])
    if frame.empty:
        return None
    ordered = frame.sort_values("correlation", kind="stable")["choice"].astype(str).tolist()
    newest = frame.sort_values("newest_difference", kind="stable")["choice"].astype(str).tolist()
    nearest, farthest = ordered[-1], ordered[0]
    lowest, highest = (
        cells.number(table, "correlation", {"choice": choice}, decimals=2) for choice in (farthest, nearest)
    )
    difference = cells.number(table, "largest_difference", {"choice": farthest}, unit="จุด")
    low, high = (
        cells.number(table, "newest_difference", {"choice": choice}, unit="จุด")
        for choice in (newest[0], newest[-1])
    )
    if lowest is None or highest is None or difference is None or low is None or high is None:
        return None
    return DetrendingFacts(
        lowest,
        highest,
        nearest=DETRENDING.get(nearest, nearest),
        farthest=DETRENDING.get(farthest, farthest),
        difference=difference,
        period=cells.text(table, "largest_period", choice=farthest),
        newest_low=low,
        newest_high=high,
        disagreeing=(
            cells.count("detrending_tests", {"verdict": "not_stationary"})
            if cells.has("detrending_tests")
            else None
        ),
    )


def seasonal_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Seasonal adjustment of the national series: model, outliers, quality, season before and after, verdict."""
    rows, notes = [], []
    for item in context.declarations.indicators.values():
        own = {"indicator": item.id, "group": "TH"}
        if len(cells.positions("seasonal_quality", own)) != 1:
            continue
        found = {
            name: cells.text("seasonal_quality", name, **own)
            for name in ("method", "model", "mode", "outliers", "regressors", "verdict", "note_th")
        }
        numbers = [
            workbook.number(cells.number("seasonal_quality", name, own, decimals=places))
            for name, places in (("q", 2), ("m7", 2), ("qs_before", 1), ("qs_after", 1))
        ]
        verdict = _METHOD.get(found["method"], _VERDICT.get(found["verdict"], found["verdict"]))
        rows.append(
            SheetRow(
                item.name.th,
                (
                    workbook.text(found["model"].replace(" ", "\u00a0")),
                    workbook.text(_MODE.get(found["mode"], "")),
                    workbook.text(
                        _effects(found["outliers"], found["regressors"], item.frequency == "monthly")
                    ),
                    *numbers,
                    workbook.text(verdict),
                ),
            )
        )
        if found["note_th"] and found["verdict"] == "adjusted":
            notes.append(f"{item.name.th}: {found['note_th']}")
    if not rows:
        return None
    heads = ("แบบจำลอง", "รูปแบบ", "ค่าผิดปกติและวันหยุด", "Q", "M7", "QS ก่อนปรับ", "QS หลังปรับ", "ผล")
    said = (
        "Q และ M7 ไม่เกิน 1 หมายถึงคุณภาพใช้ได้ QS เกิน 9.2 หมายถึงมีฤดูกาล AO ค่าผิดปกติครั้งเดียว LS ระดับเปลี่ยน TC ผลค่อย ๆ หมดไป "
        "CNY วันตรุษจีน – หมายถึงไม่มีการปรับ"
    )
    return ReportSheet(
        "seasonal",
        "คุณภาพของการปรับฤดูกาล",
        (SheetColumn("ตัวชี้วัด", False), *workbook.columns(*heads, texts=(0, 1, 2, 7))),
        tuple(rows),
        note=" ".join([said, *notes]),
        style="compact",
    )


def _effects(outliers: str, regressors: str, is_monthly: bool) -> str:
    """``AO เม.ย. 63, LS 2/2563 และอีก 2 จุด``: the outliers that the model holds, moving holidays and working days."""
    parts = []
    for code in outliers.split():
        year, _, period = code[2:].partition(".")
        at = f"{year}-{int(period):02d}" if is_monthly else f"{year}-Q{period}"
        parts.append(f"{code[:2].upper()}\u00a0{thai.period_slash(at).replace(' ', chr(0xA0))}")
    shown = ", ".join(parts[:_MOST_OUTLIERS])
    if len(parts) > _MOST_OUTLIERS:
        shown += f" และอีก {len(parts) - _MOST_OUTLIERS} จุด"
    return ", ".join(
        text
        for text in (shown, " ".join(_REGRESSORS[code] for code in regressors.split() if code in _REGRESSORS))
        if text
    )


def detrending_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """What is declared for every indicator, what was used, and what ADF and KPSS say before and after."""
    rows = []
    for item in context.declarations.indicators.values():
        own, raw = {"indicator": item.id}, {"indicator": item.id, "group": "TH"}
        if not cells.positions("detrending_tests", own):
            continue
        words = {
            name: cells.text("detrending_tests", name, **own)
            for name in ("declared_transform", "declared_detrend", "transform", "detrend", "verdict")
        }
        tests = [
            workbook.number(cells.number("seasonal_quality", name, raw, decimals=2))
            for name in ("adf_before", "adf_after", "kpss_before", "kpss_after")
        ]
        rows.append(
            SheetRow(
                item.name.th,
                (
                    workbook.text(_choice(words["declared_transform"], words["declared_detrend"])),
                    workbook.text(_choice(words["transform"], words["detrend"])),
                    workbook.number(cells.number("detrending_tests", "trend_t", own, decimals=1)),
                    *tests,
                    workbook.text(_AGREEMENT.get(words["verdict"], words["verdict"])),
                ),
            )
        )
    if not rows:
        return None
    heads = ("ประกาศไว้", "ที่ใช้", "t ของแนวโน้ม", "ADF ก่อน", "ADF หลัง", "KPSS ก่อน", "KPSS หลัง", "ผล")
    return ReportSheet(
        "detrending",
        "การแปลง การขจัดแนวโน้ม และความนิ่งของข้อมูล",
        (SheetColumn("ตัวชี้วัด", False), *workbook.columns(*heads, texts=(0, 1, 7))),
        tuple(rows),
        note="ขจัดและคง หมายถึงขจัดและไม่ขจัดแนวโน้มระยะยาว อัตราเปลี่ยน คือ อัตราการเปลี่ยนแปลงจากงวดก่อน เบี่ยงเบน คือ ร้อยละที่เบี่ยงเบนจากแนวโน้มระยะยาว "
        "ADF และ KPSS เป็นค่า p ข้อมูลนิ่งเมื่อค่า p ของ ADF ต่ำและของ KPSS สูง “ใช้ตามหลักฐาน” คือ ข้อมูลขัดกับการแปลงที่ประกาศไว้ "
        "“ยังไม่นิ่ง” คือ ทั้งสองการทดสอบไม่สนับสนุนว่านิ่ง ควรทบทวนการประกาศ",
        style="compact",
    )


def _choice(form: str, detrend: str) -> str:
    """``ระดับ (ขจัด)``: the form, and whether the trend goes out; a deviation says so by its name."""
    shown = _FORM.get(form, form)
    return shown if form in ("deviation", "growth") else f"{shown}\u00a0({_TREND.get(detrend, detrend)})"


def detrending_sensitivity_sheet(cells: Cells) -> ReportSheet | None:
    """The composite under other detrending: agreement, largest difference and its quarter, turning points."""
    table, rows = "detrending_sensitivity", []
    for choice in cells.rows(table).get("choice", []):
        own = {"choice": str(choice)}
        largest = cells.text(table, "largest_period", **own)
        rows.append(
            SheetRow(
                DETRENDING.get(str(choice), str(choice)),
                (
                    workbook.number(cells.number(table, "correlation", own, decimals=2)),
                    workbook.number(cells.number(table, "largest_difference", own)),
                    workbook.text(thai.period_slash(largest) if largest else ""),
                    workbook.number(cells.number(table, "newest_difference", own)),
                    workbook.number(cells.number(table, "turning_points", own, decimals=0)),
                    workbook.number(cells.number(table, "matched", own, decimals=0)),
                    workbook.number(cells.number(table, "mean_shift", own)),
                ),
            )
        )
    if not rows:
        return None
    heads = (
        "สหสัมพันธ์",
        "ต่างมากที่สุด (จุด)",
        "ไตรมาส",
        "ต่างล่าสุด (จุด)",
        "จุดวกกลับ",
        "ที่ตรงกัน",
        "ช้ากว่า (ไตรมาส)",
    )
    return ReportSheet(
        "detrending-sensitivity",
        "ดัชนีรวมเมื่อขจัดแนวโน้มด้วยวิธีอื่น",
        (SheetColumn("วิธี", False), *workbook.columns(*heads, texts=(2,))),
        tuple(rows),
        note="ความต่าง คือ ดัชนีตามวิธีนั้นลบดัชนีที่เผยแพร่ จุดวกกลับ คือ จำนวนจุดสูงสุดและต่ำสุดของวัฏจักรของดัชนีที่เผยแพร่ในช่วงเดียวกัน "
        "ที่ตรงกัน คือ จำนวนที่วิธีนั้นให้จุดชนิดเดียวกันภายใน 4 ไตรมาส ช้ากว่าเป็นลบหมายถึงเร็วกว่า",
        style="compact",
    )


def tests_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Tests of the index against macro variables, with what they mean."""
    frame = cells.rows("index_tests")
    names = dict(_SUBJECTS)
    for catalogue in (context.declarations.indicators, context.declarations.macro):
        names |= {key: item.name.th for key, item in catalogue.items()}
    rows: list[SheetRow] = []
    for test, title in _TESTS.items():
        own = frame[frame["test"] == test] if not frame.empty else frame
        if not own.empty:
            rows.append(SheetRow("", group=title))
        for row in own.to_dict("records"):
            variable, reading = str(row["variable"]), row.get("reading_th")
            key = {"test": test, "variable": variable}
            numbers = [
                workbook.number(cells.number("index_tests", name, key, decimals=places))
                for name, places in (
                    ("statistic", 0 if test == "sample" else 2),
                    ("p_value", 3),
                    ("critical_5", 2),
                )
            ]
            head = " → ".join(names.get(part, part) for part in variable.split(" > "))
            rows.append(
                SheetRow(head, (*numbers, workbook.text(reading if isinstance(reading, str) else "")))
            )
    if not rows:
        return None
    return ReportSheet(
        "tests",
        "ผลการทดสอบดัชนีกับตัวแปรเศรษฐกิจมหภาค",
        (
            SheetColumn("ตัวแปร", False),
            *workbook.columns("ค่าสถิติ", "ค่า p", "ค่าวิกฤตร้อยละ 5", "ความหมาย", texts=(3,)),
        ),
        tuple(rows),
        style="compact",
    )


def evaluation_sheet(cells: Cells) -> ReportSheet | None:
    """Out-of-sample errors of the forecasting models one and four quarters ahead."""
    frame = cells.rows("forecast_evaluation")
    if frame.empty:
        return None
    ends = _ends(frame["horizon"].astype(int).tolist())
    measures = (("rmse", "RMSE", 2), ("mae", "MAE", 2), ("mase", "MASE", 2), ("dm_p_value", "ค่า p", 2))
    rows = []
    for model in dict.fromkeys(frame["model"].astype(str)):
        row: list[Cell] = []
        for name, _, places in measures:
            for horizon in ends:
                own = {"model": model, "horizon": str(horizon)}
                row.append(workbook.number(cells.number("forecast_evaluation", name, own, decimals=places)))
        chosen = bool(frame.loc[frame["model"] == model, "selected"].any())
        rows.append(SheetRow(model_name(model) + (" (แบบที่เลือก)" if chosen else ""), tuple(row)))
    labels = [f"{title} ({horizon} ไตรมาส)" for _, title, _ in measures for horizon in ends]
    return ReportSheet(
        "evaluation",
        "ความคลาดเคลื่อนของแบบจำลองพยากรณ์นอกช่วงประมาณค่า",
        (SheetColumn("แบบจำลอง", False), *workbook.columns(*labels)),
        tuple(rows),
        unit="จุด",
        note="วัดในช่วงหลังซึ่งไม่ได้ใช้เลือกแบบจำลอง MASE ต่ำกว่า 1 หมายถึงแม่นกว่าการใช้ค่าไตรมาสเดียวกันของปีก่อนในช่วงประมาณค่า "
        "ค่า p เป็นของการทดสอบ Coroneo-Iacone ว่าความแม่นยำเท่ากับการใช้ค่าไตรมาสเดียวกันของปีก่อน",
        style="compact",
    )


def _ends(horizons: Sequence[int]) -> list[int]:
    """The nearest and the farthest horizon."""
    known = sorted(set(horizons))
    return [known[0], known[-1]] if len(known) > 1 else known


def coverage_sheet(cells: Cells) -> ReportSheet | None:
    """The chosen model by horizon: errors, and how often its intervals held."""
    frame = cells.rows("forecast_evaluation", selected="True")
    if frame.empty:
        return None
    rows = []
    model = str(frame["model"].iloc[0])
    for horizon in sorted({int(item) for item in frame["horizon"]}):
        own = {"model": model, "horizon": str(horizon)}
        errors = [
            workbook.number(cells.number("forecast_evaluation", name, own, decimals=places))
            for name, places in (("rmse", 2), ("mae", 2), ("mase", 2))
        ]
        shares = [cells.number("forecast_evaluation", name, own) for name in ("coverage80", "coverage95")]
        held = [workbook.number(None if share is None else share.times(100, "", 0)) for share in shares]
        count = workbook.number(cells.number("forecast_evaluation", "n", own, decimals=0))
        rows.append(SheetRow(f"ล่วงหน้า {horizon} ไตรมาส", (*errors, *held, count)))
    heads = ("RMSE (จุด)", "MAE (จุด)", "MASE", "ช่วงร้อยละ 80", "ช่วงร้อยละ 95", "จำนวนครั้ง")
    return ReportSheet(
        "coverage",
        "ความแม่นยำและความครอบคลุมของช่วงพยากรณ์ของแบบจำลองที่เลือก",
        (SheetColumn("ระยะพยากรณ์", False), *workbook.columns(*heads)),
        tuple(rows),
        note="สองคอลัมน์ของช่วงพยากรณ์แสดงร้อยละของครั้งที่ค่าจริงอยู่ในช่วง วัดย้อนหลังในช่วงที่ไม่ได้ใช้เลือกแบบจำลอง จำนวนครั้งน้อย ร้อยละจึงเป็นค่าโดยประมาณ",
    )


# ----------------------------------------------------------------------------------------------------
# Revisions: the track record, the index with sources missing, both histories where a model is replaced.
#
# Goes in: ``track_record``, ``late_sources``, ``replaced_history``. Comes out: sheets, and the facts of the revision policy and of the banner.
# ----------------------------------------------------------------------------------------------------

_SHOWN_AGES = ("1", "2", "4", "7")  # quarters after the first release
_SHOWN_HISTORY = 20  # quarters of both histories in the report; all stand in the table's file


@dataclass(frozen=True)
class TrackFacts:
    """Median absolute revision of the composite's first releases after one quarter and after a year; ``simulated``: no issue was printed yet."""

    quarter: Number
    year: Number
    is_simulated: bool


@dataclass(frozen=True)
class ReplacedFacts:
    """What this issue's model or method replaces; ``link`` is empty where levels are not continued."""

    name: str
    reason: str
    link: str
    quarters: Number
    largest: Number
    period: str
    claim: Claim


def track_facts(cells: Cells) -> TrackFacts | None:
    """None where nothing was followed for a year."""
    after = [
        cells.number(
            "track_record", "median_abs", {"dimension": "overall", "age": age}, unit="จุด", decimals=2
        )
        for age in ("1", "4")
    ]
    if after[0] is None or after[1] is None:
        return None
    frame = cells.rows("track_record", dimension="overall")
    return TrackFacts(after[0], after[1], bool(frame["data"].isna().all()))


def replaced_facts(cells: Cells) -> ReplacedFacts | None:
    """None in an issue that starts no other model or method."""
    frame = cells.rows("replaced_history", dimension="overall")
    if frame.empty:
        return None
    at = frame.iloc[int(frame["difference"].abs().to_numpy().argmax())]
    own = {"dimension": "overall", "period": str(at["period"])}
    largest = cells.number("replaced_history", "difference", own, unit="จุด")
    if largest is None:
        return None
    name, reason, link = (
        cells.text("replaced_history", column, **own) for column in ("replaced", "reason", "link")
    )
    count = cells.count("replaced_history", {"dimension": "overall"})
    differences = [
        (period, cells.number("replaced_history", "difference", {**own, "period": period}, unit="จุด"))
        for period in frame["period"].astype(str)
    ]
    known = [(period, number) for period, number in differences if number is not None]
    claim = provenance.superlative((own["period"], largest), known, "highest", is_by_size=True)
    return ReplacedFacts(name, reason, link, count, largest, own["period"], claim)


_CYCLE = {"coincident": "ดัชนีพ้อง", "leading": "ดัชนีชี้นำ"}
_POINTS = {"peak": "ยอด", "trough": "ก้น"}
_SIGNALS = {"normal": "ปกติ", "watch": "เฝ้าระวัง", "alert": "เตือนภัย"}


def bands_sheet(cells: Cells) -> ReportSheet | None:
    """The reading bands of the three indices: limits, name, action; None where there is no index to be read."""
    if cells.rows("labour_index").empty and cells.rows("confidence").empty:
        return None
    declared = declared_bands()
    outer = declared["outer"]
    rows = []
    for band in reversed(declared["band"]):
        where = [_where(band["id"], outer[scale]) for scale in ("labour_index", "confidence")]
        actions = [band["action"][index]["th"] for index in ("labour_index", "employer", "worker")]
        rows.append(SheetRow(band["name"]["th"], tuple(map(workbook.text, (*where, *actions)))))
    heads = ("เศรษฐกิจแรงงาน", "ความเชื่อมั่น", "แนวทาง: เศรษฐกิจแรงงาน", "แนวทาง: ผู้ประกอบการ", "แนวทาง: แรงงาน")
    return ReportSheet(
        "bands",
        "ขั้นการอ่านค่าดัชนีและแนวทาง",
        (SheetColumn("ขั้น", False), *workbook.columns(*heads, texts=(0, 1, 2, 3, 4))),
        tuple(rows),
        unit="จุด",
        note="ปานกลางรวมค่าที่ยังแยกจาก 100 ไม่ได้ตามช่วงความเชื่อมั่น เกณฑ์อยู่ใน data/rules/bands.toml",
        style="compact",
    )


def _where(band: str, limits: Mapping[str, float]) -> str:
    """The values of a band in words."""
    low, high = (thai.number(limits[end], 0) for end in ("low", "high"))
    return {
        "much_below": f"ต่ำกว่า {low}",
        "below": f"{low} ถึงต่ำกว่า 100",
        "about": "100",
        "above": f"เกิน 100 ถึง {high}",
        "much_above": f"เกิน {high}",
    }[band]


def signals_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """The quarter's warning signals of the composite and its dimensions, and how useful such signals have been."""
    declared = context.declarations
    lines = [("index", "overall", "ดัชนีรวม")]
    lines += [("dimension", key, item.name.th) for key, item in declared.dimensions.items()]
    lines += [
        ("cycle", "coincident", _CYCLE["coincident"]),
        ("cycle", "leading", _CYCLE["leading"]),
        ("diffusion", "diffusion", "ดัชนีกระจาย (ร้อยละของตัวชี้วัดที่ดีขึ้น)"),
        ("simulation", "overall", "การจำลอง 200 ชุดที่รู้ช่วงถดถอย"),
    ]
    lines += [("indicator", key, item.name.th) for key, item in declared.indicators.items()]
    rows = []
    for kind, item, name in lines:
        key = {"kind": kind, "item": item}
        if not cells.positions("signal_quality", key):
            continue
        signal = cells.text("signals", "signal", **key, period=iso(context.quarter))
        counts = (
            workbook.number(cells.number("signal_quality", column, key, decimals=0))
            for column in ("hits", "missed", "false_alarms")
        )
        ratios = (
            workbook.number(cells.number("signal_quality", column, key, decimals=2))
            for column in ("noise_to_signal", "usefulness")
        )
        rows.append(SheetRow(name, (workbook.text(_SIGNALS.get(signal, "")), *counts, *ratios)))
    if not rows:
        return None
    heads = ("สัญญาณไตรมาสนี้", "เตือนถูก", "พลาด", "เตือนผิด", "สัญญาณรบกวน", "ประโยชน์")
    return ReportSheet(
        "signals",
        "สัญญาณเตือนภัยล่วงหน้าและคุณภาพของสัญญาณ",
        (SheetColumn("รายการ", False), *workbook.columns(*heads, texts=(0,))),
        tuple(rows),
        unit="ไตรมาส สองคอลัมน์สุดท้ายเป็นสัดส่วน",
        note="สัญญาณรบกวนต่ำกว่า 1 และประโยชน์มากกว่า 0 คือสัญญาณมีสาระ",
        style="compact",
    )


def turning_points_sheet(cells: Cells) -> ReportSheet | None:
    """Turning points of the composite in time order, and those of the coincident and the leading index that belong to them."""
    frame = cells.rows("turning_points", item="overall")
    if frame.empty:
        return None
    rows = []
    for period, point in zip(frame["period"], frame["point"], strict=True):
        own: list[Cell] = [workbook.text(_POINTS[str(point)])]
        for item in _CYCLE:
            near = cells.rows("turning_points", item=item, point=str(point), reference=str(period))
            dated = min(zip(near["lead"].abs(), near["period"], strict=True), default=(0, ""))[1]
            key = {"item": item, "period": str(dated)}
            own += [
                workbook.text(thai.period_slash(str(dated)) if dated else ""),
                workbook.number(cells.number("turning_points", "lead", key, decimals=0)),
            ]
        rows.append(SheetRow(thai.period_slash(str(period)), tuple(own)))
    heads = ("จุด", _CYCLE["coincident"], "นำดัชนีรวม", _CYCLE["leading"], "นำดัชนีรวม")
    return ReportSheet(
        "turning-points",
        "จุดเปลี่ยนของวัฏจักร",
        (SheetColumn("ดัชนีรวม", False), *workbook.columns(*heads, texts=(0, 1, 3))),
        tuple(rows),
        unit="ไตรมาส ค่าลบคือตามหลังดัชนีรวม",
        note="เทียบจุดชนิดเดียวกันที่ห่างกันไม่เกิน 4 ไตรมาส",
        style="compact",
    )


def track_record_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Revisions of first releases by age, composite and dimensions; and what caused them, once issues were printed."""
    names = {"overall": "ดัชนีรวม"} | {
        key: item.name.th for key, item in context.declarations.dimensions.items()
    }
    columns = ["median_abs", "mean_abs", "mean", "sign_changes"]
    heads = ["มัธยฐาน", "เฉลี่ย", "ความเอนเอียง", "เครื่องหมายเปลี่ยน (ร้อยละ)"]
    frame = cells.rows("track_record")
    if not frame.empty and frame["data"].notna().any():
        columns += ["data", "seasonal", "model"]
        heads += ["จากข้อมูล", "จากการปรับฤดูกาล", "จากแบบจำลอง"]
    rows: list[SheetRow] = []
    for dimension, name in names.items():
        own = [
            SheetRow(
                f"หลังเผยแพร่ครั้งแรก {age} ไตรมาส",
                tuple(_tracked(cells, {"dimension": dimension, "age": age}, column) for column in columns),
            )
            for age in _SHOWN_AGES
            if cells.positions("track_record", {"dimension": dimension, "age": age})
        ]
        if own:
            rows += [SheetRow("", group=name), *own]
    if not rows:
        return None
    return ReportSheet(
        "track-record",
        "การปรับปรุงของค่าที่เผยแพร่ครั้งแรก จำแนกตามอายุ",
        (SheetColumn("ดัชนี", False), *workbook.columns(*heads)),
        tuple(rows),
        unit="จุด มัธยฐานและค่าเฉลี่ยไม่คิดเครื่องหมาย",
        note="ไตรมาสที่ยังไม่มีฉบับพิมพ์ใช้ค่าจำลองตามกำหนดเผยแพร่ของแต่ละแหล่ง ซึ่งใช้ตัวประกอบฤดูกาลของปัจจุบัน ความเอนเอียง คือ ค่าเฉลี่ยที่คิดเครื่องหมาย "
        "เครื่องหมายเปลี่ยน คือ การเปลี่ยนแปลงรายไตรมาสที่กลับทิศจากที่เผยแพร่ครั้งแรก",
        style="compact",
    )


def _tracked(cells: Cells, own: dict[str, str], column: str) -> Cell:
    number = cells.number("track_record", column, own, decimals=2)
    if column == "sign_changes" and number is not None:
        number = number.times(100, "", 0)
    return workbook.number(number)


def late_sources_sheet(cells: Cells) -> ReportSheet | None:
    """By how much the newest quarter moves with so many sources missing."""
    rows = []
    for missing in cells.rows("late_sources").get("missing", []):
        own = {"missing": str(missing)}
        numbers = [
            cells.number("late_sources", column, own, decimals=places)
            for column, places in (
                ("n", 0), ("headline_mean", 1), ("headline_largest", 1), ("sub_mean", 1), ("sub_largest", 1),
            )
        ]  # fmt: skip
        rows.append(SheetRow(f"ขาด {missing} แหล่ง", tuple(workbook.number(number) for number in numbers)))
    if not rows:
        return None
    heads = ("จำนวนกรณี", "ดัชนีรวม: เฉลี่ย", "ดัชนีรวม: มากที่สุด", "ดัชนีย่อย: เฉลี่ย", "ดัชนีย่อย: มากที่สุด")
    return ReportSheet(
        "late-sources",
        "การเปลี่ยนแปลงของไตรมาสล่าสุดเมื่อแหล่งข้อมูลยังไม่ส่งข้อมูล",
        (SheetColumn("แหล่งข้อมูลที่ขาด", False), *workbook.columns(*heads)),
        tuple(rows),
        unit="จุด ไม่คิดเครื่องหมาย เทียบกับค่าเมื่อทุกแหล่งส่งข้อมูลแล้ว",
        note="ทุกชุดที่เป็นไปได้ของแหล่งข้อมูลที่ขาด ในสี่ไตรมาสล่าสุด",
        style="compact",
    )


def replaced_sheet(cells: Cells) -> ReportSheet | None:
    """The composite by the replaced method or model and as it is now."""
    frame = cells.rows("replaced_history", dimension="overall")
    rows = []
    for period in sorted(str(item) for item in frame.get("period", []))[-_SHOWN_HISTORY:]:
        own = {"dimension": "overall", "period": period}
        numbers = [
            cells.number("replaced_history", column, own) for column in ("before", "now", "difference")
        ]
        rows.append(
            SheetRow(thai.quarter_short(period), tuple(workbook.number(number) for number in numbers))
        )
    if not rows:
        return None
    return ReportSheet(
        "replaced-history",
        "ดัชนีรวมตามวิธีหรือแบบจำลองเดิมและใหม่",
        (SheetColumn("ไตรมาส", False), *workbook.columns("เดิม", "ใหม่", "ผลต่าง")),
        tuple(rows),
        unit="จุด",
        note=f"แสดง {_SHOWN_HISTORY} ไตรมาสล่าสุด ทุกไตรมาสและทุกมิติอยู่ในตาราง replaced_history ของข้อมูลประกอบ",
        style="compact",
    )


_MEASURED = {
    "national, simulated": "อนุกรมระดับประเทศ จำลอง",
    "national, heavy tails": "อนุกรมระดับประเทศ จำลองแบบมีค่าสุดโต่งบ่อย",
    "national, sample": "อนุกรมระดับประเทศ ชุดข้อมูลตัวอย่าง",
    "national, other samples": "อนุกรมระดับประเทศ ชุดข้อมูลตัวอย่างชุดอื่น",
    "national, real": "อนุกรมระดับประเทศ ข้อมูลจริงของไทย",
    "groups, warning": "อนุกรมรายกลุ่ม",
    "surveys": "ค่าสถิติของแบบสำรวจ ไม่รวมจำนวนผู้ตอบรายจังหวัด",
    "surveys, provinces": "จำนวนผู้ตอบรายจังหวัดของแบบสำรวจ",
}


def input_checks_sheet(cells: Cells) -> ReportSheet | None:
    """How often the checks of newest values ask about data that are right, as last measured (``data/rules/newest_measured.toml``)."""
    if not cells.has("seasonal_quality"):
        return None
    measured = tomllib.loads(asset("data", "rules", "newest_measured.toml").read_text(encoding="utf-8"))
    rows = tuple(
        SheetRow(
            name,
            (
                workbook.text(f"{found['per_thousand']:.1f}"),
                workbook.text(f"{found['low']:.1f}–{found['high']:.1f}"),
                workbook.text(f"{found['alarms']:,} จาก {found['possible']:,}"),
            ),
        )
        for key, name in _MEASURED.items()
        if (found := measured.get(key))
    )
    return ReportSheet(
        "input-checks",
        "ความถี่ที่การตรวจค่าล่าสุดเตือนทั้งที่ข้อมูลถูกต้อง",
        (
            SheetColumn("ข้อมูลที่ไม่ได้แก้ไข ไตรมาสปกติ", False),
            *workbook.columns("ครั้งต่อ 1,000", "ช่วงความเชื่อมั่นร้อยละ 95", "จำนวนครั้ง"),
        ),
        rows,
        note="ไตรมาสปกติไม่รวมช่วงวิกฤตเศรษฐกิจ พ.ศ. 2551–2552 น้ำท่วม พ.ศ. 2554–2555 และโควิด-19 พ.ศ. 2563–2564 ช่วงความเชื่อมั่นแบบ Clopper-Pearson",
        style="compact",
    )
