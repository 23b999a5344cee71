"""All tables of chapter 10 by id; here those on the indicators and on the provinces.

Goes in: the quality tables of docs/tables.md, the indices of groups. Comes out: sheets; a table without rows gives none.
"""

from __future__ import annotations

from collections.abc import Mapping

from reporter import thai
from reporter.context import Context
from reporter.narrative import sheets
from reporter.narrative.groups import GroupSet
from reporter.narrative.movement import Movement
from reporter.narrative.numbers import Cells
from reporter.narrative.sheets import Cell, Column, Row, Sheet
from reporter.narrative.tables_of_index import (
    dimension_quality_sheet,
    factors_sheet,
    history_sheet,
    moved_sheet,
    news_sheet,
    sensitivity_sheet,
    weights_sheet,
)
from reporter.narrative.tables_of_methods import (
    coverage_sheet,
    detrending_sensitivity_sheet,
    detrending_sheet,
    evaluation_sheet,
    seasonal_sheet,
    tests_sheet,
)
from reporter.narrative.tables_of_samples import cleaning_sheet, ordinal_sheet, sizes_sheet
from reporter.narrative.units import unit_of

_STATUS = {
    "used": "ใช้",
    "stale": "ล่าช้า",
    "short": "สั้น",
    "constant": "ค่าคงที่",
    "missing": "ไม่มีข้อมูล",
}
_FREQUENCY = {"monthly": "เดือน", "quarterly": "ไตรมาส"}


def status_sheet(cells: Cells, context: Context) -> Sheet | None:
    """The 38 indicators: source, unit, frequency, first and last value, how they were used."""
    if not cells.has("indicator_status"):
        return None
    rows: list[Row] = []
    notes: list[str] = []
    for dimension in context.declarations.dimensions.values():
        rows.append(Row("", group=f"{dimension.order} {dimension.name.th}"))
        for item in context.declarations.members(dimension.id):
            own = {"indicator": item.id}
            status = cells.text("indicator_status", "status", **own)
            first, last = (cells.text("indicator_status", name, **own) for name in ("first", "last"))
            rows.append(
                Row(
                    item.name.th,
                    (
                        sheets.text(item.source),
                        sheets.text(unit_of(item.unit).column),
                        sheets.text(_FREQUENCY.get(item.frequency, "")),
                        sheets.text(thai.period_slash(first) if first else ""),
                        sheets.text(thai.period_slash(last) if last else ""),
                        sheets.number(cells.number("indicator_status", "holes", own, decimals=0)),
                        sheets.text(_STATUS.get(status, status)),
                    ),
                )
            )
            note = cells.text("indicator_status", "note_th", **own)
            if note and status != "used" and note not in notes:
                notes.append(note)
    return Sheet(
        "status",
        "แหล่งข้อมูลและสถานะของตัวชี้วัด 38 ตัว",
        (
            Column("ตัวชี้วัด", False),
            *sheets.columns(
                "แหล่ง", "หน่วย", "ความถี่", "เริ่ม", "ล่าสุด", "งวดที่ขาด", "สถานะ", texts=(0, 1, 2, 3, 4, 6)
            ),
        ),
        tuple(rows),
        note="ล่าช้า คือ ข้อมูลใหม่ที่สุดเก่าเกินกว่าจะใช้กับไตรมาสนี้ สั้น คือ จำนวนงวดไม่พอให้ประมาณแบบจำลอง",
        style="compact",
    )


def provinces_sheet(sets: Mapping[str, Mapping[str, GroupSet]], context: Context) -> Sheet | None:
    """77 provinces by region: the three indices and their changes on the quarter."""
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
    rows: list[Row] = []
    for region in context.declarations.groups_of("REGION"):
        members = [item for item in context.declarations.groups_of("PROVINCE") if item.region == region.code]
        if members:
            rows.append(Row("", group=region.name.th))
        for province in members:
            row: list[Cell] = []
            for name in shown:
                own = found[name].get(province.code)
                mark = sheets.SUPPRESSED if province.code in hidden[name] else sheets.MISSING
                moved = own.movement if own else Movement("")
                row += [
                    sheets.number(moved.level) if moved.level else mark,
                    sheets.change(moved.quarter) if own else mark,
                ]
            rows.append(Row(province.name.th, tuple(row)))
    heads = [label for name in shown for label in (labels[name], f"เปลี่ยนแปลง: {labels[name]}")]
    return Sheet(
        "provinces",
        "ดัชนีรายจังหวัด",
        (Column("จังหวัด", False), *sheets.columns(*heads)),
        tuple(rows),
        unit="จุด การเปลี่ยนแปลงเทียบกับไตรมาสก่อน",
        note="x ไม่เผยแพร่เพื่อรักษาความลับของผู้ตอบ – ไม่มีข้อมูล",
        style="compact",
    )


def appendix_sheets(
    cells: Cells, context: Context, sets: Mapping[str, Mapping[str, GroupSet]]
) -> dict[str, Sheet]:
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
        tests_sheet(cells, context),
        evaluation_sheet(cells),
        coverage_sheet(cells),
        provinces_sheet(sets, context),
        sizes_sheet(cells, context),
        cleaning_sheet(cells, context),
        ordinal_sheet(cells, context),
    )
    return {sheet.id: sheet for sheet in made if sheet is not None}
