"""Tables of chapter 10 on the surveys: sizes, cleaning, scoring.

Goes in: ``survey_status``, ``survey_cleaning``, ``ordinal_check``. Comes out: sheets; a table without rows gives none.
"""

from __future__ import annotations

from reporter import thai
from reporter.context import Context
from reporter.narrative import sheets
from reporter.narrative.numbers import Cells
from reporter.narrative.sheets import Column, Row, Sheet
from reporter.periods import iso

_SURVEYS = {"employer": "ผู้ประกอบการ", "worker": "แรงงาน"}


def sizes_sheet(cells: Cells, context: Context) -> Sheet | None:
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
    for survey, name in _SURVEYS.items():
        own = {"survey": survey, "period": period}
        numbers = [cells.number("survey_status", column, own, decimals=0) for column in names]
        if numbers[0] is not None:
            rows.append(Row(name, tuple(sheets.number(value) for value in numbers)))
    if not rows:
        return None
    return Sheet(
        "sizes",
        "ขนาดตัวอย่างและการเปิดเผยผลของการสำรวจ",
        (
            Column("การสำรวจ", False),
            *sheets.columns(
                "ได้รับ", "ใช้ได้", "ตัดออก", "ช่องที่ทำให้ว่าง", "กลุ่มที่เผยแพร่", "กลุ่มตัวอย่างน้อย", "กลุ่มที่ไม่เผยแพร่"
            ),
        ),
        tuple(rows),
    )


def cleaning_sheet(cells: Cells, context: Context) -> Sheet | None:
    """What was looked for in the answers, how often it was found, what was done."""
    actions = {"keep": "นับไว้ ไม่แก้ไข", "blank": "ทำให้ช่องว่าง", "drop": "ตัดผู้ตอบออก"}
    rows: list[Row] = []
    for survey, name in _SURVEYS.items():
        frame = cells.rows("survey_cleaning", survey=survey, period=iso(context.quarter))
        own = []
        for row in frame.to_dict("records"):
            key = {"survey": survey, "period": iso(context.quarter), "rule": str(row["rule"])}
            number = cells.number("survey_cleaning", "count", key, decimals=0)
            action = str(row["action"])
            own.append(
                Row(str(row["note_th"]), (sheets.number(number), sheets.text(actions.get(action, action))))
            )
        if own:
            rows += [Row("", group=name), *own]
    if not rows:
        return None
    return Sheet(
        "cleaning",
        "การตรวจและทำความสะอาดข้อมูลสำรวจ",
        (Column("สิ่งที่ตรวจ", False), *sheets.columns("จำนวนที่พบ", "การดำเนินการ", texts=(1,))),
        tuple(rows),
        style="compact",
    )


def ordinal_sheet(cells: Cells, context: Context) -> Sheet | None:
    """The linear scoring beside an ordinal model, last five quarters."""
    rows: list[Row] = []
    for survey, name in _SURVEYS.items():
        frame = cells.rows("ordinal_check", survey=survey)
        periods = sorted(str(item) for item in frame.get("period", []))[-5:]
        own = []
        for period in periods:
            key = {"survey": survey, "period": period}
            linear, latent = (
                cells.number("ordinal_check", item, key, decimals=2) for item in ("linear", "latent")
            )
            own.append(Row(thai.quarter_th(period), (sheets.number(linear), sheets.number(latent))))
        if own:
            rows += [Row("", group=name), *own]
    if not rows:
        return None
    return Sheet(
        "ordinal",
        "ดัชนีที่ให้คะแนนแบบเส้นตรงเทียบกับแบบจำลองเชิงอันดับ",
        (Column("ไตรมาส", False), *sheets.columns("คะแนนแบบเส้นตรง", "ค่าแฝงจากแบบจำลองเชิงอันดับ")),
        tuple(rows),
    )
