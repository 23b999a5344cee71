"""Tables on the index for the technical volume: history, weights, factors, sensitivity, revisions of published values; indicators, provinces, surveys.

Goes in: ``labour_index``, the index's quality tables, ``news``, ``moved_summary``. Comes out: sheets; a table without rows gives
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reporter.domain import thai
from reporter.domain.edition import Context
from reporter.domain.periods import BUDDHIST_OFFSET, iso
from reporter.domain.thai import RESPONDENTS
from reporter.report import workbook
from reporter.report.dimensions import GroupSet
from reporter.report.numbers import Cells, Movement, Number, earlier, unit_of
from reporter.report.tables_of_methods import (
    DETRENDING,
    bands_sheet,
    coverage_sheet,
    detrending_sensitivity_sheet,
    detrending_sheet,
    evaluation_sheet,
    input_checks_sheet,
    late_sources_sheet,
    replaced_sheet,
    seasonal_sheet,
    signals_sheet,
    tests_sheet,
    track_record_sheet,
    turning_points_sheet,
)
from reporter.report.workbook import (
    Cell,
    ReportSheet,
    SheetColumn,
    SheetRow,
)

_HISTORY = 13  # quarters: three years and the quarter that they are compared with
_CHOICES = {
    "equal_weights": "น้ำหนักเท่ากันทุกมิติ",
    "first_component": "น้ำหนักจากองค์ประกอบหลักที่หนึ่ง",
    "pca": "ดัชนีย่อยจากการวิเคราะห์องค์ประกอบหลัก",
}
_METHODS = {
    "joint": "แบบจำลองร่วม",
    "single": "ตัวชี้วัดเดียว",
    "none": "ไม่มีข้อมูล",
}
_MOST_NEWS = 15  # rows that fit half a page; all stand in the table's file


def history_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Composite and sub-indices of the last 13 quarters."""
    period = iso(context.quarter)
    periods = [earlier(period, lag) for lag in range(_HISTORY - 1, -1, -1)]
    names = {"overall": "ดัชนีรวม"} | {
        key: item.name.th for key, item in context.declarations.dimensions.items()
    }
    rows = []
    for dimension, name in names.items():
        key = {"dimension": dimension, "group": "TH"}
        row = [workbook.number(cells.number("labour_index", "value", key | {"period": at})) for at in periods]
        if any(cell.kind == "number" for cell in row):
            rows.append(SheetRow(name, tuple(row)))
    if not rows:
        return None
    return ReportSheet(
        "history",
        f"ดัชนีเศรษฐกิจแรงงาน {_HISTORY} ไตรมาส",
        (SheetColumn("มิติ", False), *workbook.columns(*(thai.quarter_short(at) for at in periods))),
        tuple(rows),
        unit="จุด",
        style="compact",
    )


def weights_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Nominal and effective weights beside other choices."""
    names = ("weight", "effective", "equal", "first_component")
    table = "weights_detail" if cells.has("weights_detail") else "weights"
    rows = []
    for item in context.declarations.dimensions.values():
        row = [cells.number(table, name, {"dimension": item.id}, decimals=3) for name in names]
        if row[0] is not None:
            rows.append(SheetRow(item.name.th, tuple(workbook.number(value) for value in row)))
    if not rows:
        return None
    return ReportSheet(
        "weights",
        "น้ำหนักของแต่ละมิติในดัชนีรวม",
        (
            SheetColumn("มิติ", False),
            *workbook.columns("น้ำหนักที่ใช้", "น้ำหนักที่มีผลจริง", "น้ำหนักเท่ากัน", "องค์ประกอบหลักที่หนึ่ง"),
        ),
        tuple(rows),
        note=f"น้ำหนักที่มีผลจริง คือ ส่วนของความแปรปรวนของดัชนีรวมที่มาจากมิตินั้น{_version(cells)}",
    )


def _version(cells: Cells) -> str:
    """Which weights these are: learnt on the base period, the same for all issues of the year."""
    if not cells.positions("index_parameters", {"key": "weights_version"}):
        return ""
    start, end = (cells.text("index_parameters", "value", key=key) for key in ("base_start", "base_end"))
    year = int(cells.text("index_parameters", "value", key="weights_version").split()[0]) + BUDDHIST_OFFSET
    return f" น้ำหนักที่ใช้ตั้งแต่ปี {year} ประมาณจากช่วงฐาน{thai.quarter_th(start)} ถึง{thai.quarter_th(end)} และตรึงไว้จนกว่าจะประมาณแบบจำลองใหม่"


def factors_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Loadings of the indicators on their dimension's factor."""
    rows: list[SheetRow] = []
    for dimension in context.declarations.dimensions.values():
        found = []
        for item in context.declarations.members(dimension.id):
            own = {"dimension": dimension.id, "indicator": item.id}
            row = [
                cells.number("factor_quality", name, own, decimals=2)
                for name in (
                    "loading",
                    "pca_loading",
                    "idiosyncratic_variance",
                    "share_explained",
                    "correlation_with_index",
                )
            ]
            if any(value is not None for value in row):
                found.append(SheetRow(item.name.th, tuple(workbook.number(value) for value in row)))
        if found:
            rows += [SheetRow("", group=dimension.name.th), *found]
    if not rows:
        return None
    return ReportSheet(
        "loadings",
        "น้ำหนักองค์ประกอบของตัวชี้วัดในดัชนีย่อย",
        (
            SheetColumn("ตัวชี้วัด", False),
            *workbook.columns(
                "แบบจำลองปัจจัยพลวัต",
                "องค์ประกอบหลัก",
                "ความแปรปรวนเฉพาะตัว",
                "ส่วนที่อธิบายได้",
                "สหสัมพันธ์กับดัชนีย่อย",
            ),
        ),
        tuple(rows),
        note="ความแปรปรวนเฉพาะตัวเป็นของงวดที่ตัวชี้วัดมี รายเดือนหรือรายไตรมาส ของข้อมูลที่ทำเป็นหน่วยส่วนเบี่ยงเบนมาตรฐาน จึงอาจเกิน 1 ในตัวชี้วัดรายเดือนที่มีความเคลื่อนไหวเฉพาะตัวต่อเนื่อง",
        style="compact",
    )


def dimension_quality_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """How well one factor represents each dimension."""
    rows = []
    for item in context.declarations.dimensions.values():
        own = {"dimension": item.id}
        if not cells.positions("dimension_quality", own):
            continue
        counts = [cells.number("dimension_quality", name, own, decimals=0) for name in ("used", "members")]
        shares = [
            cells.number("dimension_quality", name, own, decimals=2)
            for name in ("share_explained", "pca_share", "pca_correlation", "kmo", "alpha")
        ]
        method = cells.text("dimension_quality", "method", **own)
        numbers = (workbook.number(value) for value in (*counts, *shares))
        rows.append(SheetRow(item.name.th, (workbook.text(_METHODS.get(method, method)), *numbers)))
    if not rows:
        return None
    return ReportSheet(
        "dimension-quality",
        "คุณภาพของดัชนีย่อยแต่ละมิติ",
        (
            SheetColumn("มิติ", False),
            *workbook.columns(
                "วิธี",
                "ตัวชี้วัดที่ใช้",
                "ตัวชี้วัดทั้งหมด",
                "ส่วนที่อธิบายได้",
                "ส่วนที่องค์ประกอบหลักอธิบายได้",
                "สหสัมพันธ์กับองค์ประกอบหลัก",
                "KMO",
                "แอลฟา",
                texts=(0,),
            ),
        ),
        tuple(rows),
        note="– หมายถึงคำนวณไม่ได้เพราะมีตัวชี้วัดน้อยเกินไป",
        style="compact",
    )


def choice_name(choice: str, context: Context) -> str:
    """Thai name of another way to build the index."""
    if choice.startswith("without_"):
        left_out = context.declarations.dimensions.get(choice.removeprefix("without_"))
        return f"ไม่รวมมิติ{left_out.name.th}" if left_out else choice
    if choice.startswith("source_"):
        source = context.declarations.sources.get(choice.removeprefix("source_"))
        return f"ไม่รวมข้อมูลของ{source.name.th}" if source else choice
    if choice.startswith("with_"):
        tried = context.declarations.experimental.get(choice.removeprefix("with_"))
        return f"เพิ่มมิติ{tried.name.th} (ทดลอง)" if tried else choice
    if choice.startswith("detrend_"):
        method = choice.removeprefix("detrend_")
        return f"การขจัดแนวโน้ม: {DETRENDING.get(method, method)}"
    return _CHOICES.get(choice, choice)


def sensitivity_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """How far other choices would have taken the composite."""
    names = ("correlation", "mean_abs_difference", "max_abs_difference")
    rows = []
    for choice in cells.rows("sensitivity_summary").get("choice", []):
        own = {"choice": str(choice)}
        numbers = [cells.number("sensitivity_summary", name, own, decimals=2) for name in names]
        numbers.append(cells.number("sensitivity_summary", "largest_rank_change", own, decimals=0))
        rows.append(
            SheetRow(choice_name(str(choice), context), tuple(workbook.number(value) for value in numbers))
        )
    if not rows:
        return None
    return ReportSheet(
        "sensitivity",
        "ความอ่อนไหวของดัชนีรวมต่อทางเลือกในการจัดทำ",
        (
            SheetColumn("ทางเลือก", False),
            *workbook.columns("สหสัมพันธ์", "ความต่างเฉลี่ย (จุด)", "ความต่างสูงสุด (จุด)", "ลำดับเปลี่ยนมากที่สุด (อันดับ)"),
        ),
        tuple(rows),
        note="ลำดับ คือ ลำดับของไตรมาสเมื่อเรียงดัชนีรวมทุกไตรมาสจากต่ำไปสูง" + _tried_note(cells),
    )


def _tried_note(cells: Cells) -> str:
    """What the row of the experimental dimension rests on; nothing where there is none."""
    quarters = len(cells.rows("sensitivity_confidence"))
    if not quarters:
        return ""
    return (
        f" แถว (ทดลอง) เทียบเฉพาะ {quarters} ไตรมาสที่มีการสำรวจครบ โดยให้มิติที่เพิ่มมีน้ำหนักเท่ากับแต่ละมิติที่มีอยู่"
        " เป็นการทดลองตามข้อเสนอของการศึกษา ไม่นับในดัชนีที่เผยแพร่"
    )


_NEWS_KINDS = {
    "news": "ข้อมูลใหม่",
    "revision": "ข้อมูลปรับปรุง",
    "seasonal": "ปรับฤดูกาลใหม่",
    "transformation": "การแปลงค่า",
    "clipping": "จำกัดค่าสุดขั้ว",
}


def news_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """What news and revisions of each series did to the newest quarter's composite, largest first."""
    period = iso(context.quarter)
    frame = cells.rows("news", period=period)
    if frame.empty:
        return None
    size = frame.assign(size=frame["impact"].abs()).groupby("indicator", sort=False)["size"].sum()
    ranked = [str(name) for name in size.sort_values(ascending=False, kind="stable").index[:_MOST_NEWS]]
    rows = []
    for name in ranked:
        numbers = [
            cells.number("news", "impact", {"period": period, "indicator": name, "kind": kind}, decimals=2)
            for kind in _NEWS_KINDS
        ]
        title = context.declarations.indicators[name].name.th
        rows.append(SheetRow(title, tuple(workbook.number(value) for value in numbers)))
    return ReportSheet(
        "news",
        "ผลของข้อมูลใหม่และข้อมูลปรับปรุงต่อดัชนีรวม จำแนกตามตัวชี้วัด",
        (SheetColumn("ตัวชี้วัด", False), *workbook.columns(*_NEWS_KINDS.values())),
        tuple(rows),
        unit="จุดของดัชนีรวมไตรมาสนี้ เทียบกับข้อมูลของฉบับก่อน",
        note=f"แสดง {_MOST_NEWS} ตัวที่มีผลมากที่สุด ผลของทุกตัวรวมกันเท่ากับการเปลี่ยนแปลงทั้งหมด และอยู่ในตาราง news ของข้อมูลประกอบ",
        style="compact",
    )


@dataclass(frozen=True)
class MovedFacts:
    """By how much the composite of published quarters moved since the last issue; ``data`` and ``models`` are shares of it."""

    quarters: Number
    mean: Number
    largest: Number
    period: str
    data: Number
    models: Number


def moved_facts(cells: Cells) -> MovedFacts | None:
    """Facts of the sentence on what was published before; None for a first issue."""
    own = {"dimension": "overall"}
    if not cells.positions("moved_summary", own):
        return None
    quarters = cells.number("moved_summary", "quarters", own, decimals=0)
    mean, largest, data, models = (
        cells.number("moved_summary", column, own, unit="จุด", decimals=2)
        for column in ("mean_abs", "largest", "mean_abs_data", "mean_abs_models")
    )
    if quarters is None or mean is None or largest is None or data is None or models is None:
        return None
    period = cells.text("moved_summary", "largest_period", **own)
    return MovedFacts(quarters, mean, largest, period, data, models)


def moved_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """By how much published quarters moved since the last issue, and how much of it data and models made."""
    names = {"overall": "ดัชนีรวม"} | {
        key: item.name.th for key, item in context.declarations.dimensions.items()
    }
    rows = []
    for dimension, name in names.items():
        own = {"dimension": dimension}
        if not cells.positions("moved_summary", own):
            continue
        mean, largest, data, models = (
            cells.number("moved_summary", column, own, decimals=2)
            for column in ("mean_abs", "largest", "mean_abs_data", "mean_abs_models")
        )
        at = cells.text("moved_summary", "largest_period", **own)
        numbers = (workbook.number(mean), workbook.number(largest), workbook.text(thai.quarter_short(at)))
        rows.append(SheetRow(name, (*numbers, workbook.number(data), workbook.number(models))))
    if not rows:
        return None
    return ReportSheet(
        "moved",
        "การเปลี่ยนแปลงของดัชนีที่เผยแพร่แล้วเมื่อเทียบกับฉบับก่อน",
        (
            SheetColumn("ดัชนี", False),
            *workbook.columns("เฉลี่ย", "มากที่สุด", "ไตรมาส", "เฉลี่ยจากข้อมูล", "เฉลี่ยจากแบบจำลอง", texts=(2,)),
        ),
        tuple(rows),
        unit="จุด ค่าเฉลี่ยไม่คิดเครื่องหมาย",
        note="จากข้อมูล คือ ข้อมูลใหม่ ข้อมูลที่แหล่งข้อมูลปรับปรุง และการปรับฤดูกาลใหม่ จากแบบจำลอง คือ การประมาณค่า น้ำหนัก และช่วงฐานใหม่",
        style="compact",
    )


# ----------------------------------------------------------------------------------------------------
# All these tables by id (``appendix_sheets``), with those on the indicators, the provinces and the surveys.
#
# Goes in: the quality tables of docs/tables.md, the indices of groups. Comes out: sheets; a table without rows gives none.
# ----------------------------------------------------------------------------------------------------

_STATUS = {
    "used": "ใช้",
    "stale": "ล่าช้า",
    "short": "สั้น",
    "constant": "ค่าคงที่",
    "missing": "ไม่มีข้อมูล",
}
_FREQUENCY = {"monthly": "เดือน", "quarterly": "ไตรมาส"}


def status_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Every declared indicator: source, unit, frequency, first and last value, how they were used."""
    if not cells.has("indicator_status"):
        return None
    rows: list[SheetRow] = []
    notes: list[str] = []
    for dimension in context.declarations.dimensions.values():
        rows.append(SheetRow("", group=f"{dimension.order} {dimension.name.th}"))
        for item in context.declarations.members(dimension.id):
            own = {"indicator": item.id}
            status = cells.text("indicator_status", "status", **own)
            first, last = (cells.text("indicator_status", name, **own) for name in ("first", "last"))
            rows.append(
                SheetRow(
                    item.name.th,
                    (
                        workbook.text(item.source),
                        workbook.text(unit_of(item.unit).column),
                        workbook.text(_FREQUENCY.get(item.frequency, "")),
                        workbook.text(thai.period_slash(first) if first else ""),
                        workbook.text(thai.period_slash(last) if last else ""),
                        workbook.number(cells.number("indicator_status", "holes", own, decimals=0)),
                        workbook.text(_STATUS.get(status, status)),
                    ),
                )
            )
            note = cells.text("indicator_status", "note_th", **own)
            if note and status != "used" and note not in notes:
                notes.append(note)
    return ReportSheet(
        "status",
        f"แหล่งข้อมูลและสถานะของตัวชี้วัด {len(context.declarations.indicators)} ตัว",
        (
            SheetColumn("ตัวชี้วัด", False),
            *workbook.columns(
                "แหล่ง", "หน่วย", "ความถี่", "เริ่ม", "ล่าสุด", "งวดที่ขาด", "สถานะ", texts=(0, 1, 2, 3, 4, 6)
            ),
        ),
        tuple(rows),
        note="ล่าช้า คือ ข้อมูลใหม่ที่สุดเก่าเกินกว่าจะใช้กับไตรมาสนี้ สั้น คือ จำนวนงวดไม่พอให้ประมาณแบบจำลอง",
        style="compact",
    )


def provinces_sheet(sets: Mapping[str, Mapping[str, GroupSet]], context: Context) -> ReportSheet | None:
    """Every province by region: the three indices and their changes on the quarter."""
    found = {
        name: {row.group.code: row for row in kinds["PROVINCE"].rows}
        for name, kinds in sets.items()
        if "PROVINCE" in kinds
    }
    hidden = {
        name: {group.code for group in kinds["PROVINCE"].suppressed}
        for name, kinds in sets.items()
        if "PROVINCE" in kinds
    }
    if not found:
        return None
    labels = {"labour": "ดัชนีเศรษฐกิจแรงงาน", "employer": "ความเชื่อมั่นผู้ประกอบการ", "worker": "ความเชื่อมั่นแรงงาน"}
    shown = [name for name in labels if name in found]
    rows: list[SheetRow] = []
    for region in context.declarations.groups_of("REGION"):
        members = [item for item in context.declarations.groups_of("PROVINCE") if item.region == region.code]
        if members:
            rows.append(SheetRow("", group=region.name.th))
        for province in members:
            row: list[Cell] = []
            for name in shown:
                own = found[name].get(province.code)
                mark = workbook.SUPPRESSED if province.code in hidden[name] else workbook.MISSING
                moved = own.movement if own else Movement("")
                row += [
                    workbook.number(moved.level) if moved.level else mark,
                    workbook.change(moved.quarter) if own else mark,
                ]
            rows.append(SheetRow(province.name.th, tuple(row)))
    heads = [label for name in shown for label in (labels[name], f"เปลี่ยนแปลง: {labels[name]}")]
    return ReportSheet(
        "provinces",
        "ดัชนีรายจังหวัด",
        (SheetColumn("จังหวัด", False), *workbook.columns(*heads)),
        tuple(rows),
        unit="จุด การเปลี่ยนแปลงเทียบกับไตรมาสก่อน",
        note="x ไม่เผยแพร่เพื่อรักษาความลับของผู้ตอบ – ไม่มีข้อมูล",
        style="compact",
    )


def appendix_sheets(
    cells: Cells, context: Context, sets: Mapping[str, Mapping[str, GroupSet]]
) -> dict[str, ReportSheet]:
    """All tables of the appendix that have rows, by id."""
    made = (
        history_sheet(cells, context),
        weights_sheet(cells, context),
        status_sheet(cells, context),
        seasonal_sheet(cells, context),
        detrending_sheet(cells, context),
        factors_sheet(cells, context),
        dimension_quality_sheet(cells, context),
        sensitivity_sheet(cells, context),
        detrending_sensitivity_sheet(cells),
        news_sheet(cells, context),
        moved_sheet(cells, context),
        track_record_sheet(cells, context),
        bands_sheet(cells),
        signals_sheet(cells, context),
        turning_points_sheet(cells),
        late_sources_sheet(cells),
        replaced_sheet(cells),
        tests_sheet(cells, context),
        evaluation_sheet(cells),
        coverage_sheet(cells),
        provinces_sheet(sets, context),
        sizes_sheet(cells, context),
        weighting_sheet(cells, context),
        balances_sheet(cells, context),
        cleaning_sheet(cells, context),
        ordinal_sheet(cells, context),
        input_checks_sheet(cells),
    )
    return {sheet.id: sheet for sheet in made if sheet is not None}


def sizes_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Answers received and kept, groups published and suppressed, for the issue's quarter."""
    period, rows = iso(context.quarter), []
    names = (
        "received",
        "kept",
        "dropped",
        "blanked_cells",
        "groups_published",
        "groups_small",
        "groups_suppressed",
    )
    for survey, name in RESPONDENTS.items():
        own = {"survey": survey, "period": period}
        numbers = [cells.number("survey_status", column, own, decimals=0) for column in names]
        if numbers[0] is not None:
            rows.append(SheetRow(name, tuple(workbook.number(value) for value in numbers)))
    if not rows:
        return None
    return ReportSheet(
        "sizes",
        "ขนาดตัวอย่างและการเปิดเผยผลของการสำรวจ",
        (
            SheetColumn("การสำรวจ", False),
            *workbook.columns(
                "ได้รับ", "ใช้ได้", "ตัดออก", "ช่องที่ทำให้ว่าง", "กลุ่มที่เผยแพร่", "กลุ่มตัวอย่างน้อย", "กลุ่มที่ไม่เผยแพร่"
            ),
        ),
        tuple(rows),
    )


def weighting_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """How the answers were weighted and what that does to the country's index; None where nothing was weighted."""
    rows: list[SheetRow] = []
    for survey, name in RESPONDENTS.items():
        own = {"survey": survey, "period": iso(context.quarter)}
        if cells.text("survey_weights", "weighting", **own) in ("", "none"):
            continue
        columns = (
            ("weighted", 2),
            ("unweighted", 2),
            ("effective_n", 0),
            ("design_effect", 2),
            ("largest_weight", 1),
        )
        numbers = [cells.number("survey_weights", column, own, decimals=digits) for column, digits in columns]
        rows.append(SheetRow(name, tuple(workbook.number(value) for value in numbers)))
    if not rows:
        return None
    return ReportSheet(
        "weighting",
        "การถ่วงน้ำหนักและผลต่อดัชนี",
        (
            SheetColumn("การสำรวจ", False),
            *workbook.columns("ถ่วงน้ำหนัก", "ไม่ถ่วง", "ตัวอย่างที่มีผลจริง", "ผลของการออกแบบ", "น้ำหนักสูงสุด"),
        ),
        tuple(rows),
    )


def balances_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Net balances beside the study's scale, and those of the questions outside the index with their intervals."""
    rows: list[SheetRow] = []
    for survey, name in RESPONDENTS.items():
        own = [*_index_balances(cells, context, survey), *_question_balances(cells, context, survey)]
        if own:
            rows += [SheetRow("", group=name), *own]
    if not rows:
        return None
    return ReportSheet(
        "balances",
        "ดุลสุทธิของคำตอบ (จุดร้อยละ)",
        (
            SheetColumn("ด้านหรือคำถาม", False),
            *workbook.columns("ดัชนี (0–200)", "ดุลสุทธิ", "ปรับฤดูกาล", "ขอบล่างร้อยละ 95", "ขอบบนร้อยละ 95"),
        ),
        tuple(rows),
        note="ดุลสุทธิคือร้อยละของคำตอบทางบวกลบด้วยทางลบตามวิธีของคณะกรรมาธิการยุโรป (EC BCS) คำตอบสุดขั้วนับเต็มและคำตอบรองนับครึ่ง"
        " บนมาตรา 0–200 จึงเท่ากับดัชนีลบ 100 คำถามนอกดัชนีนับคำตอบที่ดีขึ้นหรือเพิ่มขึ้นลบด้วยที่แย่ลงหรือลดลง และไม่อยู่ในดัชนี"
        " – หมายถึงไม่มีค่าหรือไม่พบฤดูกาล ช่วงของดัชนีแสดงไว้กับดัชนีรายด้าน",
        style="compact",
    )


def _index_balances(cells: Cells, context: Context, survey: str) -> list[SheetRow]:
    """The index and its domains: score, balance, adjusted balance; the interval stands beside the index."""
    period, questionnaire = iso(context.quarter), context.declarations.questionnaires.get(survey)
    names = {"overall": "ดัชนีรวม"}
    names |= {f"domain.{one.id}": one.name.th for one in questionnaire.domains} if questionnaire else {}
    rows = []
    for series, name in names.items():
        own = {"survey": survey, "series": series, "period": period}
        balance = cells.number("survey_balances", "balance", own)
        if balance is None:
            continue
        domain = series.removeprefix("domain.")
        cell = {"survey": survey, "domain": domain, "group": "TH", "period": period}
        level = cells.number("confidence", "value", cell)
        numbers = (level, balance, cells.number("survey_balances", "adjusted", own), None, None)
        rows.append(SheetRow(name, tuple(workbook.number(number) for number in numbers)))
    return rows


def _question_balances(cells: Cells, context: Context, survey: str) -> list[SheetRow]:
    """Questions outside the index: hiring next quarter (Net Employment Outlook), own job now and in three months."""
    period, questionnaire = iso(context.quarter), context.declarations.questionnaires.get(survey)
    rows = []
    for question in questionnaire.questions if questionnaire else ():
        own = {"survey": survey, "series": question.id, "period": period}
        asked = {"survey": survey, "question": question.id, "answer": "balance", "period": period}
        balance = cells.number("survey_balances", "balance", own)
        if balance is None:
            continue
        ends = [cells.number("survey_questions", column, asked) for column in ("low", "high")]
        numbers = (
            None,
            balance,
            cells.number("survey_balances", "adjusted", own),
            *(end.times(100) if end else None for end in ends),
        )
        rows.append(SheetRow(question.text.th, tuple(workbook.number(number) for number in numbers)))
    return rows


def cleaning_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """What was looked for in the answers, how often it was found, what was done."""
    actions = {"keep": "นับไว้ ไม่แก้ไข", "blank": "ทำให้ช่องว่าง", "drop": "ตัดผู้ตอบออก"}
    rows: list[SheetRow] = []
    for survey, name in RESPONDENTS.items():
        frame = cells.rows("survey_cleaning", survey=survey, period=iso(context.quarter))
        own = []
        for row in frame.to_dict("records"):
            key = {"survey": survey, "period": iso(context.quarter), "rule": str(row["rule"])}
            number = cells.number("survey_cleaning", "count", key, decimals=0)
            action = str(row["action"])
            own.append(
                SheetRow(
                    str(row["note_th"]), (workbook.number(number), workbook.text(actions.get(action, action)))
                )
            )
        if own:
            rows += [SheetRow("", group=name), *own]
    if not rows:
        return None
    return ReportSheet(
        "cleaning",
        "การตรวจและทำความสะอาดข้อมูลสำรวจ",
        (SheetColumn("สิ่งที่ตรวจ", False), *workbook.columns("จำนวนที่พบ", "การดำเนินการ", texts=(1,))),
        tuple(rows),
        style="compact",
    )


def ordinal_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """The linear scoring beside an ordinal model, last five quarters."""
    rows: list[SheetRow] = []
    for survey, name in RESPONDENTS.items():
        frame = cells.rows("ordinal_check", survey=survey)
        periods = sorted(str(item) for item in frame.get("period", []))[-5:]
        own = []
        for period in periods:
            key = {"survey": survey, "period": period}
            linear, latent = (
                cells.number("ordinal_check", item, key, decimals=2) for item in ("linear", "latent")
            )
            own.append(SheetRow(thai.quarter_th(period), (workbook.number(linear), workbook.number(latent))))
        if own:
            rows += [SheetRow("", group=name), *own]
    if not rows:
        return None
    return ReportSheet(
        "ordinal",
        "ดัชนีที่ให้คะแนนแบบเส้นตรงเทียบกับแบบจำลองเชิงอันดับ",
        (SheetColumn("ไตรมาส", False), *workbook.columns("คะแนนแบบเส้นตรง", "ค่าแฝงจากแบบจำลองเชิงอันดับ")),
        tuple(rows),
    )
