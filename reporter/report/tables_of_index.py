"""Tables of chapter 10 on the index: history, weights, factors, sensitivity, what moved what was published.

Goes in: ``labour_index``, the index's quality tables, ``news``, ``moved_summary``. Comes out: sheets; a table without rows gives
none.
"""

from __future__ import annotations

from dataclasses import dataclass

from reporter.domain import thai
from reporter.domain.context import Context
from reporter.domain.periods import BUDDHIST_OFFSET, iso
from reporter.report import sheets
from reporter.report.movement import earlier
from reporter.report.numbers import Cells, Number
from reporter.report.sheets import Column, Row, Sheet
from reporter.report.tables_of_methods import DETRENDING

_HISTORY = 13
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
_MOST_NEWS = 15


def history_sheet(cells: Cells, context: Context) -> Sheet | None:
    """Composite and sub-indices of the last 13 quarters."""
    period = iso(context.quarter)
    periods = [earlier(period, lag) for lag in range(_HISTORY - 1, -1, -1)]
    names = {"overall": "ดัชนีรวม"} | {
        key: item.name.th for key, item in context.declarations.dimensions.items()
    }
    rows = []
    for dimension, name in names.items():
        key = {"dimension": dimension, "group": "TH"}
        row = [sheets.number(cells.number("labour_index", "value", key | {"period": at})) for at in periods]
        if any(cell.kind == "number" for cell in row):
            rows.append(Row(name, tuple(row)))
    if not rows:
        return None
    return Sheet(
        "history",
        f"ดัชนีเศรษฐกิจแรงงาน {_HISTORY} ไตรมาส",
        (Column("มิติ", False), *sheets.columns(*(thai.quarter_short(at) for at in periods))),
        tuple(rows),
        unit="จุด",
        style="compact",
    )


def weights_sheet(cells: Cells, context: Context) -> Sheet | None:
    """Nominal and effective weights beside other choices."""
    names = ("weight", "effective", "equal", "first_component")
    table = "weights_detail" if cells.has("weights_detail") else "weights"
    rows = []
    for item in context.declarations.dimensions.values():
        row = [cells.number(table, name, {"dimension": item.id}, decimals=3) for name in names]
        if row[0] is not None:
            rows.append(Row(item.name.th, tuple(sheets.number(value) for value in row)))
    if not rows:
        return None
    return Sheet(
        "weights",
        "น้ำหนักของแต่ละมิติในดัชนีรวม",
        (
            Column("มิติ", False),
            *sheets.columns("น้ำหนักที่ใช้", "น้ำหนักที่มีผลจริง", "น้ำหนักเท่ากัน", "องค์ประกอบหลักที่หนึ่ง"),
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


def factors_sheet(cells: Cells, context: Context) -> Sheet | None:
    """Loadings of the indicators on their dimension's factor."""
    rows: list[Row] = []
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
                found.append(Row(item.name.th, tuple(sheets.number(value) for value in row)))
        if found:
            rows += [Row("", group=dimension.name.th), *found]
    if not rows:
        return None
    return Sheet(
        "loadings",
        "น้ำหนักองค์ประกอบของตัวชี้วัดในดัชนีย่อย",
        (
            Column("ตัวชี้วัด", False),
            *sheets.columns(
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


def dimension_quality_sheet(cells: Cells, context: Context) -> Sheet | None:
    """How well one factor stands for each dimension."""
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
        numbers = (sheets.number(value) for value in (*counts, *shares))
        rows.append(Row(item.name.th, (sheets.text(_METHODS.get(method, method)), *numbers)))
    if not rows:
        return None
    return Sheet(
        "dimension-quality",
        "คุณภาพของดัชนีย่อยแต่ละมิติ",
        (
            Column("มิติ", False),
            *sheets.columns(
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
    if choice.startswith("detrend_"):
        method = choice.removeprefix("detrend_")
        return f"การขจัดแนวโน้ม: {DETRENDING.get(method, method)}"
    return _CHOICES.get(choice, choice)


def sensitivity_sheet(cells: Cells, context: Context) -> Sheet | None:
    """How far other choices would have taken the composite."""
    names = ("correlation", "mean_abs_difference", "max_abs_difference")
    rows = []
    for choice in cells.rows("sensitivity_summary").get("choice", []):
        own = {"choice": str(choice)}
        numbers = [cells.number("sensitivity_summary", name, own, decimals=2) for name in names]
        numbers.append(cells.number("sensitivity_summary", "largest_rank_change", own, decimals=0))
        rows.append(Row(choice_name(str(choice), context), tuple(sheets.number(value) for value in numbers)))
    if not rows:
        return None
    return Sheet(
        "sensitivity",
        "ความอ่อนไหวของดัชนีรวมต่อทางเลือกในการจัดทำ",
        (
            Column("ทางเลือก", False),
            *sheets.columns("สหสัมพันธ์", "ความต่างเฉลี่ย (จุด)", "ความต่างสูงสุด (จุด)", "ลำดับเปลี่ยนมากที่สุด (อันดับ)"),
        ),
        tuple(rows),
        note="ลำดับ คือ ลำดับของไตรมาสเมื่อเรียงดัชนีรวมทุกไตรมาสจากต่ำไปสูง",
    )


def news_sheet(cells: Cells, context: Context) -> Sheet | None:
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
            for kind in ("news", "revision", "seasonal")
        ]
        title = context.declarations.indicators[name].name.th
        rows.append(Row(title, tuple(sheets.number(value) for value in numbers)))
    return Sheet(
        "news",
        "ผลของข้อมูลใหม่และข้อมูลปรับปรุงต่อดัชนีรวม จำแนกตามตัวชี้วัด",
        (Column("ตัวชี้วัด", False), *sheets.columns("ข้อมูลใหม่", "ข้อมูลปรับปรุง", "ปรับฤดูกาลใหม่")),
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


def moved_sheet(cells: Cells, context: Context) -> Sheet | None:
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
        numbers = (sheets.number(mean), sheets.number(largest), sheets.text(thai.quarter_short(at)))
        rows.append(Row(name, (*numbers, sheets.number(data), sheets.number(models))))
    if not rows:
        return None
    return Sheet(
        "moved",
        "การเปลี่ยนแปลงของดัชนีที่เผยแพร่แล้วเมื่อเทียบกับฉบับก่อน",
        (
            Column("ดัชนี", False),
            *sheets.columns("เฉลี่ย", "มากที่สุด", "ไตรมาส", "เฉลี่ยจากข้อมูล", "เฉลี่ยจากแบบจำลอง", texts=(2,)),
        ),
        tuple(rows),
        unit="จุด ค่าเฉลี่ยไม่คิดเครื่องหมาย",
        note="จากข้อมูล คือ ข้อมูลใหม่ ข้อมูลที่แหล่งข้อมูลปรับปรุง และการปรับฤดูกาลใหม่ จากแบบจำลอง คือ การประมาณค่า น้ำหนัก และช่วงฐานใหม่",
        style="compact",
    )
