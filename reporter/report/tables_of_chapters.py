"""Tables of the report's chapters (the economy, the index, the forecast, the surveys, outlook factors), from their facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from reporter.domain import thai
from reporter.domain.edition import Context
from reporter.domain.periods import iso
from reporter.measures import beside_declared
from reporter.report import workbook
from reporter.report.dimensions import Clarity, GroupRow, GroupSet, IndicatorPart, Mover
from reporter.report.labour import EconomyFacts, LabourFacts, OutlookFactor
from reporter.report.numbers import Cells, Movement, Number, unit_of
from reporter.report.other_questions import ActionsFacts, PrioritiesFacts, TraitsFacts
from reporter.report.outlook import ForecastFacts
from reporter.report.surveys import SurveyFacts
from reporter.report.workbook import ReportSheet, SheetRow
from reporter.surveys import few_answers

# Which changes of a table of survey results are significant: the colour says so, and the note what the colour says.
_TESTED = "การเปลี่ยนแปลงที่มีสีคือที่มีนัยสำคัญเมื่อคุมการทดสอบทั้งชุด ที่ไม่มีสียังอาจเกิดจากการสุ่มตัวอย่าง"
_TESTED_ALONE = "การเปลี่ยนแปลงไม่มีสี ข้อที่มีนัยสำคัญเมื่อคุมการทดสอบทั้งชุดระบุไว้ในข้อความ"
_UNTESTED = "การเปลี่ยนแปลงของแต่ละกลุ่มไม่มีช่วงความเชื่อมั่น จึงไม่มีสีและไม่บอกว่าชัดเจนหรือไม่"
_MOVES = ("ระดับ", "เทียบไตรมาสก่อน", "เทียบปีก่อน")


def _tested(rows: Sequence[SheetRow], *, is_coloured: bool = True) -> str:
    """The note on significant changes of a survey table; nothing where the table has no change."""
    if not any(cell.kind == "change" for row in rows for cell in row.cells):
        return ""
    return _TESTED if is_coloured else _TESTED_ALONE


def _joined(*notes: str) -> str:
    """The notes of a table one after the other."""
    return " ".join(note for note in notes if note)


def macro_sheet(economy: EconomyFacts) -> ReportSheet | None:
    """Macro variables: newest quarter, level, changes."""
    if not economy.macro:
        return None
    rows = [
        SheetRow(
            item.variable.name.th,
            (
                workbook.text(item.unit.column),
                workbook.text(thai.quarter_slash(item.movement.period)),
                *workbook.moves(item.movement),
            ),
        )
        for item in economy.macro
    ]
    return ReportSheet(
        "macro",
        "ตัวแปรเศรษฐกิจมหภาคที่ใช้ประกอบการวิเคราะห์",
        (
            workbook.SheetColumn("ตัวแปร", False),
            *workbook.columns("หน่วย", "ไตรมาสล่าสุด", *_MOVES, texts=(0, 1)),
        ),
        tuple(rows),
        note="การเปลี่ยนแปลงเทียบกับไตรมาสก่อนหน้าและไตรมาสเดียวกันของปีก่อนของไตรมาสล่าสุดที่มีข้อมูล หน่วยเป็นจุดร้อยละ",
    )


def economy_sheet(economy: EconomyFacts) -> ReportSheet | None:
    """Indicators of the economy dimension as published, with their adjusted change; none that stands in the macro table."""
    if not economy.own:
        return None
    rows = [
        SheetRow(
            mover.indicator.name.th + _months(mover),
            (
                workbook.text(mover.unit.column),
                *_compared_cells(mover, "year"),
                workbook.change(mover.change),
                workbook.change(mover.published_change),
            ),
        )
        for mover in economy.own
    ]
    return ReportSheet(
        "economy",
        "ตัวชี้วัดแนวโน้มเศรษฐกิจที่เป็นองค์ประกอบของดัชนีเศรษฐกิจแรงงาน",
        (
            workbook.SheetColumn("ตัวชี้วัด", False),
            *workbook.columns(
                "หน่วย",
                "ค่าประกาศ ปีก่อน",
                "ค่าประกาศ ไตรมาสนี้",
                "เทียบไตรมาสก่อน (ปรับฤดูกาล)",
                "เทียบปีก่อน (ค่าประกาศ)",
                texts=(0,),
            ),
        ),
        tuple(rows),
        note="ข้อมูลรายเดือนเป็นค่าเฉลี่ยของไตรมาส ลูกศรบอกทิศทางของตัวเลข สีบอกผลต่อตลาดแรงงาน",
    )


def countries_sheet(cells: Cells, context: Context) -> ReportSheet | None:
    """Thailand's unemployment rate beside that of other countries, each at its newest quarter up to the issue's; None without the file."""
    frame = cells.rows("countries")
    frame = frame[frame["period"] <= iso(context.quarter)] if not frame.empty else frame
    if frame.empty:
        return None
    newest = frame.sort_values("period", kind="stable").groupby("country", sort=False).tail(1)
    is_english = context.lang == "en"
    rows = []
    own = {"indicator": "unemployment_rate", "group": "TH", "period": iso(context.quarter)}
    if (value := cells.number("series", "raw", own, decimals=2)) is not None:
        rows.append(SheetRow("Thailand" if is_english else "ไทย", (workbook.text(thai.quarter_slash(own["period"])), workbook.number(value))))  # fmt: skip
    for country, period, name in zip(
        newest["country"], newest["period"], newest["name_en" if is_english else "name_th"], strict=True
    ):
        value = cells.number(
            "countries", "value", {"country": str(country), "period": str(period)}, decimals=2
        )
        rows.append(
            SheetRow(str(name), (workbook.text(thai.quarter_slash(str(period))), workbook.number(value)))
        )
    sources = " ".join(f"{source} ({licence})" for source, licence in dict.fromkeys(zip(newest["source"], newest["licence"], strict=True)))  # fmt: skip
    return ReportSheet(
        "countries",
        "อัตราการว่างงานเทียบกับประเทศอื่น",
        (workbook.SheetColumn("ประเทศ", False), *workbook.columns("ไตรมาส", "อัตราการว่างงาน", texts=(0,))),
        tuple(rows),
        unit="ร้อยละ",
        note=sources,
    )


def dimensions_sheet(labour: LabourFacts) -> ReportSheet:
    """The composite and its sub-indices: level, changes, contributions, weight; of a reduced issue the sub-indices alone."""
    if labour.is_reduced:
        return _sub_indices_sheet(labour)
    whole = labour.movement
    missing = (workbook.MISSING,) * 3
    first = SheetRow("ดัชนีเศรษฐกิจแรงงาน", (*_clear_moves(whole, labour.clarity), *missing))
    rows = [
        SheetRow(
            item.dimension.name.th,
            (
                *_clear_moves(item.movement, item.clarity),
                workbook.difference(item.quarter),
                workbook.difference(item.year),
                workbook.number(item.weight),
            ),
        )
        for item in labour.dimensions
    ]
    rows += [SheetRow(item.name.th, (workbook.MISSING,) * 6) for item in labour.absent]
    return ReportSheet(
        "dimensions",
        "ดัชนีเศรษฐกิจแรงงานและดัชนีย่อยรายมิติ",
        (
            workbook.SheetColumn("มิติ", False),
            *workbook.columns(*_MOVES, "ผลต่อดัชนีรวม เทียบไตรมาสก่อน", "ผลต่อดัชนีรวม เทียบปีก่อน", "น้ำหนัก"),
        ),
        (first, *rows),
        unit="จุด",
        note="ผลต่อดัชนีรวมของทุกมิติรวมกันเท่ากับการเปลี่ยนแปลงของดัชนีรวม"
        + (f" ผลของมิติ = น้ำหนัก × การเปลี่ยนแปลงของดัชนีย่อย × {labour.slope.value:.4f}" if labour.slope else "")
        + " การเปลี่ยนแปลงที่ยังไม่ชัดเจนไม่มีสี"
        + (" – หมายถึงไม่มีข้อมูลพอให้คำนวณ" if labour.absent else ""),
    )


def _clear_moves(moved: Movement, clarity: Mapping[str, Clarity]) -> tuple[workbook.Cell, ...]:
    """Level and changes of an index; a change that its band does not tell from zero has no colour."""
    level, quarter, year = workbook.moves(moved)
    quarter, year = (
        workbook.uncoloured(cell) if against in clarity and not clarity[against].is_clear else cell
        for cell, against in ((quarter, "quarter"), (year, "year"))
    )
    return level, quarter, year


def _sub_indices_sheet(labour: LabourFacts) -> ReportSheet:
    """Level and changes of the dimensions, without a word of a composite."""
    rows = [
        SheetRow(item.dimension.name.th, _clear_moves(item.movement, item.clarity))
        for item in labour.dimensions
    ]
    rows += [SheetRow(item.name.th, (workbook.MISSING,) * 3) for item in labour.absent]
    return ReportSheet(
        "dimensions",
        "ดัชนีย่อยรายมิติ",
        (workbook.SheetColumn("มิติ", False), *workbook.columns(*_MOVES)),
        tuple(rows),
        unit="จุด",
        note="– หมายถึงไม่มีข้อมูลของไตรมาสนี้" if labour.absent else "",
    )


_NAMED_PARTS = 3  # each way: six lines that a minister reads, beside the six published figures


def parts_sheet(name: str, title: str, parts: tuple[IndicatorPart, ...], against: str) -> ReportSheet | None:
    """The indicators that pushed, or pulled, the composite most: their values, and the part of the change.

    against  ``year``: what was published then and now; ``quarter``: both quarters adjusted for season, from which the part comes
    """
    rows = [
        SheetRow(_part_name(part), (*_part_cells(part, against), workbook.difference(part.total)))
        for part in parts[:_NAMED_PARTS]
    ]
    if not rows:
        return None
    return ReportSheet(
        name,
        title,
        (workbook.SheetColumn("ตัวชี้วัด", False), *workbook.columns(*_COMPARED[against], "ผลต่อดัชนี")),
        tuple(rows),
        style="compact",
    )


# The six labour figures that ministers ask for first: work, lack of work, pay, hours, openings (visual.md, headline page).
_HEADLINE_FIGURES = (
    "unemployment_rate", "employment_rate", "sso_unemployment_rate", "average_wage", "hours_worked", "vacancies",
)  # fmt: skip


def published_sheet(labour: LabourFacts, cells: Cells, quarter: pd.Period) -> ReportSheet | None:
    """Six labour figures as their sources published them; the seasonally adjusted quarters beside them, named so.

    Where the workspace has the persons that a rate counts, they stand beside it; none is computed from a rate.
    """
    movers = {mover.indicator.id: mover for item in labour.dimensions for mover in item.movers}
    shown = [movers[name] for name in _HEADLINE_FIGURES if name in movers]
    if not shown:
        return None
    persons = {mover.indicator.id: _persons(mover, cells, quarter) for mover in shown}
    has_persons = any(persons.values())
    rows = []
    for mover in shown:
        values = [mover.published_year, mover.published_before, mover.published, mover.previous, mover.value]
        values += [persons[mover.indicator.id]] if has_persons else []
        rows.append(SheetRow(_with_unit(mover), tuple(workbook.number(value) for value in values)))
    heads: tuple[str, ...] = ("ปีก่อน", "ไตรมาสก่อน", "ไตรมาสนี้", "ไตรมาสก่อน ปรับฤดูกาล", "ไตรมาสนี้ ปรับฤดูกาล")
    heads += ("พันคน ไตรมาสนี้",) if has_persons else ()
    return ReportSheet(
        "published-figures",
        "ตัวเลขตลาดแรงงานที่ประกาศ",
        (workbook.SheetColumn("ตัวเลข", False), *workbook.columns(*heads)),
        tuple(rows),
        style="compact",
    )


def _persons(mover: Mover, cells: Cells, quarter: pd.Period) -> Number | None:
    """Thousands of persons whom an indicator's rate counts, as published for the quarter."""
    series = next(
        (item["id"] for item in beside_declared() if item.get("beside") == mover.indicator.id), None
    )
    if series is None:
        return None
    found = cells.number("beside", "value", {"series": series, "period": iso(quarter)}, unit="คน", decimals=0)
    return None if found is None else found.times(0.001, "พันคน", 0)


def _part_name(part: IndicatorPart) -> str:
    if part.indicator is None:
        return "ข้อมูลของมิติอื่น"
    if part.mover is not None:
        return _with_unit(part.mover, of_months="ต่อเดือน")
    is_plain = (
        part.year_ago is None or part.indicator.unit == "percent"
    )  # the column is narrow, and a rate names itself
    unit = "" if is_plain else unit_of(part.indicator.unit).column
    return f"{part.indicator.spoken.th}{f' ({unit})' if unit else ''} (ค่าประมาณ)"


def _part_cells(part: IndicatorPart, against: str) -> tuple[workbook.Cell, workbook.Cell]:
    """The values that are compared; of an indicator without data for the quarter what was published a year ago."""
    if part.mover is None and against == "year" and part.year_ago is not None:
        return workbook.number(part.year_ago), workbook.MISSING
    return _compared_cells(part.mover, against)


_COMPARED = {
    "year": ("ปีก่อน", "ไตรมาสนี้"),
    "quarter": ("ไตรมาสก่อน ปรับฤดูกาล", "ไตรมาสนี้ ปรับฤดูกาล"),
}


def _compared_cells(mover: Mover | None, against: str) -> tuple[workbook.Cell, workbook.Cell]:
    """What the source published a year ago and now; against the quarter before both quarters adjusted for season."""
    if mover is None:
        return workbook.MISSING, workbook.MISSING
    if against == "year":
        return workbook.number(mover.published_year), workbook.number(mover.published)
    return workbook.number(mover.previous), workbook.number(mover.value)


def _with_unit(mover: Mover, of_months: str = " เฉลี่ยต่อเดือน") -> str:
    """The indicator and the unit of its values, which says of a monthly mean that it is one; an index has none."""
    name = mover.indicator.spoken.th
    mean = of_months if mover.indicator.is_monthly_mean else ""
    unit = "" if mover.unit.column in ("", "ดัชนี") else f" ({mover.unit.column}{mean})"
    return f"{name}{unit}{_months(mover)}"


def _months(mover: Mover) -> str:
    """`` (กรกฎาคม–สิงหาคม)`` where the quarter lacks a month, nothing where it is whole."""
    names = [thai.month_name_th(month) for month in mover.months]
    return f" (เฉพาะ{'–'.join(names)})" if names else ""


def groups_sheet(
    name: str, title: str, sets: list[GroupSet], *, has_sizes: bool = False
) -> ReportSheet | None:
    """Groups of one or more kinds; of a survey from the highest to the lowest, of the index, which ranks none, in declared order."""
    if not sets:
        return None
    labels = (*_MOVES, *_context_labels(sets, has_sizes=has_sizes))
    rows: list[SheetRow] = []
    for kind in sets:
        if len(sets) > 1:
            rows.append(SheetRow("", group=f"จำแนกตาม{kind.name}"))
        for item in kind.rows if has_sizes else kind.listed or kind.rows:
            cells = (
                *_group_moves(item, is_tested=has_sizes),
                *_group_context(item, sets, has_sizes=has_sizes),
            )
            rows.append(SheetRow(item.group.name.th + ("*" if item.flag == "small" else ""), cells))
        rows += [SheetRow(group.name.th, (workbook.SUPPRESSED,) * len(labels)) for group in kind.suppressed]
    notes = []
    if any(cell.kind == "change" for row in rows for cell in row.cells):
        notes.append(_TESTED if has_sizes else _UNTESTED)
    if any(item.flag == "small" for kind in sets for item in kind.rows):
        notes.append(f"* {few_answers()} ราย ควรใช้ด้วยความระมัดระวัง")
    if any(kind.suppressed for kind in sets):
        notes.append("x ไม่เผยแพร่เพื่อรักษาความลับของผู้ตอบ")
    if any(cell.kind == "missing" for row in rows for cell in row.cells):
        notes.append("– ไม่มีข้อมูลของไตรมาสที่ใช้เปรียบเทียบ")
    first = sets[0].name if len(sets) == 1 else "กลุ่ม"
    return ReportSheet(
        name,
        title,
        (workbook.SheetColumn(first, False), *workbook.columns(*labels)),
        tuple(rows),
        unit="จุด",
        note=" ".join(notes),
        style="compact" if len(rows) > 24 else "",
    )


def _context_labels(sets: Sequence[GroupSet], *, has_sizes: bool) -> tuple[str, ...]:
    """Heads of the columns that tell how to read a group's value."""
    if has_sizes:
        return ("ขอบล่าง ร้อยละ 95", "ขอบบน ร้อยละ 95", "จำนวนตัวอย่าง")
    rows = [row for kind in sets for row in kind.rows]
    heads = ("ขอบล่าง ร้อยละ 95", "ขอบบน ร้อยละ 95") if any(row.low for row in rows) else ()
    return heads + (("จำนวนมิติ", "ทั้งประเทศ บนมิติเดียวกัน") if any(row.nation for row in rows) else ())


def _group_context(item: GroupRow, sets: Sequence[GroupSet], *, has_sizes: bool) -> tuple[workbook.Cell, ...]:
    """A group's interval with its answers, or with its dimensions and the nation's index on the same ones."""
    labels = _context_labels(sets, has_sizes=has_sizes)
    interval = (workbook.number(item.low), workbook.number(item.high)) if "ขอบล่าง ร้อยละ 95" in labels else ()
    if has_sizes:
        return (*interval, workbook.number(item.n))
    nation = (workbook.number(item.dimensions), workbook.number(item.nation)) if "จำนวนมิติ" in labels else ()
    return (*interval, *nation)


def _group_moves(item: GroupRow, *, is_tested: bool) -> tuple[workbook.Cell, ...]:
    """Level and changes; a change that is not clear, or not tested, or rests on few answers, has no colour."""
    level, quarter, year = workbook.moves(item.movement)
    if not is_tested:
        return level, workbook.uncoloured(quarter), workbook.uncoloured(year)
    clear = (item.is_quarter_clear, item.is_year_clear)
    quarter, year = (
        cell if is_clear and not item.is_small else workbook.uncoloured(cell)
        for cell, is_clear in zip((quarter, year), clear, strict=True)
    )
    return level, quarter, year


def forecast_sheet(forecast: ForecastFacts) -> ReportSheet:
    """The path with its bands."""
    rows = [
        SheetRow(
            thai.quarter_th(step.period),
            tuple(
                workbook.number(item)
                for item in (step.mean, step.low80, step.high80, step.low95, step.high95)
            ),
        )
        for step in forecast.path
    ]
    return ReportSheet(
        "forecast",
        "ค่าพยากรณ์ดัชนีเศรษฐกิจแรงงานและช่วงพยากรณ์",
        (
            workbook.SheetColumn("ไตรมาส", False),
            *workbook.columns(
                "ค่าพยากรณ์",
                "ขอบล่าง ร้อยละ 80",
                "ขอบบน ร้อยละ 80",
                "ขอบล่าง ร้อยละ 95",
                "ขอบบน ร้อยละ 95",
            ),
        ),
        tuple(rows),
        unit="จุด",
    )


def domains_sheet(survey: SurveyFacts) -> ReportSheet:
    """The survey's index and its domains with their confidence intervals."""
    labels = (*_MOVES, "ขอบล่าง ร้อยละ 95", "ขอบบน ร้อยละ 95")
    first = SheetRow(
        "ดัชนีรวม",
        (*workbook.moves(survey.movement), workbook.number(survey.low), workbook.number(survey.high)),
    )
    rows = [
        SheetRow(
            item.option.name.th,
            (*workbook.moves(item.movement), workbook.number(item.low), workbook.number(item.high)),
        )
        for item in survey.domains
    ]
    return ReportSheet(
        f"{survey.survey}-domains",
        f"{survey.questionnaire.index_name.th} จำแนกรายด้าน",
        (workbook.SheetColumn("ด้าน", False), *workbook.columns(*labels)),
        (first, *rows),
        unit="จุด",
        note=_tested((first, *rows)),
    )


def items_sheet(survey: SurveyFacts) -> ReportSheet | None:
    """All questions: score, changes, shares that agree and disagree."""
    if not survey.items:
        return None
    names = {option.id: option.name.th for option in survey.questionnaire.domains}
    rows: list[SheetRow] = []
    domain = None
    for item in survey.items:
        if item.item.domain != domain:
            domain = item.item.domain
            rows.append(SheetRow("", group=names.get(domain, "ความพึงพอใจโดยรวมและข้ออื่น ๆ")))
        label = item.item.text.th + (" (ข้อเชิงลบ)" if item.item.negative else "")
        cells = (*workbook.moves(item.movement), workbook.number(item.agree), workbook.number(item.disagree))
        rows.append(SheetRow(label, cells))
    note = "เห็นด้วย คือ ตอบเห็นด้วยมากหรือมากที่สุด ไม่เห็นด้วย คือ ตอบเห็นด้วยน้อยหรือไม่เห็นด้วย"
    if any(item.item.negative for item in survey.items):
        note += " ข้อเชิงลบกลับคะแนนแล้ว คะแนนสูงจึงหมายถึงดี"
    return ReportSheet(
        f"{survey.survey}-items",
        f"คะแนนรายข้อของ{survey.questionnaire.index_name.th}",
        (
            workbook.SheetColumn("ข้อคำถาม", False),
            *workbook.columns("คะแนน", "เทียบไตรมาสก่อน", "เทียบปีก่อน", "เห็นด้วย (ร้อยละ)", "ไม่เห็นด้วย (ร้อยละ)"),
        ),
        tuple(rows),
        unit="คะแนน 0 ถึง 200",
        note=_joined(note, _tested(rows)),
        style="compact",
    )


def actions_sheet(actions: ActionsFacts) -> ReportSheet:
    """Shares of eleven quarters with their changes."""
    labels = [thai.quarter_short(period) for period in actions.periods]
    rows = [
        SheetRow(
            item.option.name.th,
            (
                *(workbook.number(value) for _, value in item.history),
                workbook.change(item.movement.quarter),
                workbook.change(item.movement.year),
            ),
        )
        for item in actions.shares
    ]
    is_short = any(cell.kind == "missing" for row in rows for cell in row.cells)
    return ReportSheet(
        "actions",
        "สัดส่วนของแรงงานที่พบการดำเนินงานของนายจ้างในช่วง 6 เดือนที่ผ่านมา",
        (
            workbook.SheetColumn("การดำเนินงาน", False),
            *workbook.columns(*labels, "เทียบไตรมาสก่อน", "เทียบปีก่อน"),
        ),
        tuple(rows),
        unit="ร้อยละของผู้ตอบ การเปลี่ยนแปลงเป็นจุดร้อยละ",
        note=_joined(
            "แรงงานตอบได้มากกว่าหนึ่งข้อ", _tested(rows), "– หมายถึงไม่มีผลสำรวจในไตรมาสนั้น" if is_short else ""
        ),
        style="compact",
    )


def traits_sheet(traits: TraitsFacts) -> ReportSheet:
    """Shares of the options with changes, and the rating beside the need."""
    gaps = {item.option.id: item for item in traits.gaps}
    rows = []
    for item in traits.shares:
        gap = gaps.get(item.option.id)
        rows.append(
            SheetRow(
                item.option.name.th,
                (
                    *workbook.moves(item.movement),
                    workbook.number(gap.rating if gap else None),
                    workbook.number(gap.wanted if gap else None),
                    workbook.number(gap.rated if gap else None),
                ),
            )
        )
    note = "คะแนนประเมินและลำดับมีเฉพาะคุณลักษณะที่แบบสอบถามส่วนที่ 2 มีข้อประเมินตรงกัน" if traits.gaps else ""
    mean = "คะแนนประเมินของบางรายการเป็นค่าเฉลี่ยของหลายข้อคำถาม ดูรายชื่อข้อในหัวข้อนี้" if traits.means else ""
    return ReportSheet(
        "traits",
        "คุณลักษณะและทักษะที่ผู้ประกอบการเห็นว่าจำเป็น",
        (
            workbook.SheetColumn("คุณลักษณะหรือทักษะ", False),
            *workbook.columns(
                "สัดส่วน (ร้อยละ)", "เทียบไตรมาสก่อน", "เทียบปีก่อน", "คะแนนประเมิน", "ลำดับความต้องการ", "ลำดับผลประเมิน"
            ),
        ),
        tuple(rows),
        note=_joined(note, mean, _tested(rows, is_coloured=False)),
    )


def priorities_sheet(priorities: PrioritiesFacts) -> ReportSheet:
    """All seven aspects: mean rank, shares, change of the share in the top three."""
    rows = [
        SheetRow(
            item.option.name.th,
            (
                workbook.number(item.mean_rank),
                workbook.number(item.first_share),
                workbook.number(item.top3.level),
                workbook.change(item.top3.quarter),
                workbook.change(item.top3.year),
            ),
        )
        for item in priorities.aspects
    ]
    return ReportSheet(
        "priorities",
        "การให้ความสำคัญของแรงงานในแต่ละด้านของการทำงาน",
        (
            workbook.SheetColumn("ด้าน", False),
            *workbook.columns(
                "ลำดับเฉลี่ย",
                "จัดเป็นลำดับ 1 (ร้อยละ)",
                "จัดใน 3 ลำดับแรก (ร้อยละ)",
                "เทียบไตรมาสก่อน",
                "เทียบปีก่อน",
            ),
        ),
        tuple(rows),
        note=_joined(
            "ลำดับเฉลี่ย 1 หมายถึงสำคัญที่สุด 7 หมายถึงสำคัญน้อยที่สุด การเปลี่ยนแปลงเป็นจุดร้อยละของสัดส่วนที่จัดใน 3 ลำดับแรก",
            _tested(rows, is_coloured=False),
        ),
    )


_AFFECTED = {"workers": "แรงงาน", "employers": "ผู้ประกอบการ", "both": "ผู้ประกอบการและแรงงาน"}
_KINDS = {"policy": "นโยบาย", "economic": "เศรษฐกิจ", "social": "สังคม", "political": "การเมือง"}
_SIZES = {"small": "น้อย", "medium": "ปานกลาง", "large": "มาก"}
_LIKELIHOODS = {"low": "ต่ำ", "medium": "ปานกลาง", "high": "สูง"}
# Columns that the table has only where the analysts said it of at least one factor: name, field, words.
_SAID = (("ประเภท", "kind", _KINDS), ("ขนาดของผล", "size", _SIZES), ("โอกาสเกิด", "likelihood", _LIKELIHOODS))
_ORIGINS = {"abroad": "ปัจจัยภายนอกประเทศ", "home": "ปัจจัยภายในประเทศ"}


def factors_sheet(factors: Mapping[str, Sequence[OutlookFactor]]) -> ReportSheet | None:
    """The analysts' outlook factors by origin, positive ones first; None without any."""
    said = [
        entry for entry in _SAID if any(getattr(item, entry[1]) for own in factors.values() for item in own)
    ]
    rows: list[SheetRow] = []
    for origin, name in _ORIGINS.items():
        own = [*factors.get(f"{origin}+", ()), *factors.get(f"{origin}-", ())]
        rows += [SheetRow("", group=name)] if own else []
        rows += [_factor_row(item, said) for item in own]
    if not rows:
        return None
    names = ("ทิศทาง", *(name for name, _, _ in said), "ผู้ได้รับผล", "ที่มา")
    return ReportSheet(
        "factors",
        "ปัจจัยที่คาดว่าจะส่งผลต่อผู้ประกอบการและแรงงานในไตรมาสหน้า",
        (workbook.SheetColumn("ปัจจัย", False), *workbook.columns(*names, texts=tuple(range(len(names))))),
        tuple(rows),
    )


def _factor_row(item: OutlookFactor, said: Sequence[tuple[str, str, Mapping[str, str]]]) -> SheetRow:
    is_good = item.sign == "+"
    sign = workbook.Cell("text", "▲ บวก" if is_good else "▼ ลบ", quality="better" if is_good else "worse")
    more = [workbook.text(words.get(getattr(item, field), "–")) for _, field, words in said]
    return SheetRow(
        item.text, (sign, *more, workbook.text(_AFFECTED[item.affects]), workbook.text(item.source))
    )
