"""Annex volumes of an issue (provinces, statistics): documents of their own, made from the same tables, asked for by name.

Goes in: the issue's tables and context. Comes out: ``Volume``, a PDF with the HTML it was set from. ``provinces`` is one page
per province. Study 5.2.1; the volumes obey the same rules as the issue (docs/print.md), and QA traces their numbers too.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from reporter import figures, pdf
from reporter.domain import thai
from reporter.domain.declarations import SURVEYS, Group, asset, rule, tokens
from reporter.domain.edition import Context
from reporter.domain.errors import CoverageError, Finding
from reporter.domain.periods import BUDDHIST_OFFSET, iso
from reporter.domain.thai import RESPONDENTS, quarter_th
from reporter.figures import Chart
from reporter.measures.annex import (
    Annex,
    AnnexIndicator,
    AnnexPart,
    Measure,
    Text,
    formula_words,
    load_annex,
    meaning_words,
)
from reporter.report import pages, templating, workbook
from reporter.report.dimensions import GroupRow, survey_row
from reporter.report.labour import Part
from reporter.report.numbers import (
    Cells,
    Change,
    Movement,
    Number,
    earlier,
    movement,
)
from reporter.report.provenance import check_trace
from reporter.report.workbook import (
    Cell,
    ReportSheet,
    SheetColumn,
    SheetRow,
)
from reporter.runtime.cache import StageCache
from reporter.runtime.program import Executor
from reporter.sources import catalogue
from reporter.surveys import few_answers, small_sample

_TITLE = "ภาวะแรงงานรายจังหวัด"
_STATISTICS = "ภาคผนวกสถิติแรงงาน"
_BOOKMARKS = 10  # a volume with fewer bookmarks has lost its contents


@dataclass(frozen=True)
class Volume:
    """A finished annex: its file's name, the bytes, the HTML they were set from."""

    name: str
    document: bytes
    html: str


def build(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    *,
    executor: Executor | None = None,
    cache: StageCache | None = None,
) -> Volume:
    """The volume of that name, of ``reporter.commands.ANNEXES``."""
    return _VOLUMES[name](tables, context, executor=executor, cache=cache)


def provinces(
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    *,
    executor: Executor | None = None,
    cache: StageCache | None = None,
) -> Volume:
    """One page per province, by region. Raises CoverageError where no province has any number, RenderError as a page does."""
    found = profiles(Cells(tables), context)
    if not found:
        raise CoverageError(
            "ไม่มีข้อมูลระดับจังหวัดสำหรับภาคผนวกรายจังหวัด — เพิ่มข้อมูลกลุ่ม PROVINCE หรือผลสำรวจ หรือไม่ต้องใช้ --annex provinces",
            "No province has any number, so there is no annex of provinces; add PROVINCE data or surveys, or leave out --annex.",
        )
    chart_file = asset("charts", "annex", "province_profile.py")
    charts = {
        item.province.code: Chart(chart_file, figures.load(chart_file), item.province.code) for item in found
    }
    data = {code: figures.chart_data(chart, dict(tables), context) for code, chart in charts.items()}
    drawable = {code: chart for code, chart in charts.items() if not chart.absence(data[code])}
    kept = cache or StageCache(None)
    planned = [(chart, data[code]) for code, chart in drawable.items()]
    drawn = figures.draw_pictures(planned, context, executor or Executor(), kept)
    html = _html(
        found,
        survey_sheets(Cells(tables), context),
        {code: chart.call("alt", data[code], context=context) for code, chart in drawable.items()},
        context,
    )
    shown = {picture_name(code): drawn[chart.id][0] for code, chart in drawable.items()}
    names = tuple(item.province.name.th for item in found)
    return Volume("provinces.pdf", _typeset(html, shown, names, context, kept, _metadata(context)), html)


def _typeset(
    html: str,
    shown: Mapping[str, bytes],
    names: tuple[str, ...],
    context: Context,
    cache: StageCache,
    about: pdf.Metadata,
) -> bytes:
    """The PDF of a volume; ``shown``: file of a picture -> its bytes."""
    metadata, digits = about, context.settings.thai_digits

    def typeset() -> bytes:
        with tempfile.TemporaryDirectory(prefix="reporter-annex-") as scratch:
            for name, picture in shown.items():
                Path(scratch, name).write_bytes(picture)
            return pdf.typeset(
                html,
                assets=Path(scratch),
                metadata=metadata,
                names=names,
                thai_digits=digits,
                cache=cache,
            )

    return cache.result("annex_pdf", (html, shown, metadata, names, digits), typeset)


def check(
    volume: Volume, tables: Mapping[str, pd.DataFrame], cache: StageCache | None = None
) -> list[Finding]:
    """QA of a volume: every printed number re-derived, every word found again, the standards kept."""
    document, html = volume.document, volume.html
    read = (cache or StageCache(None)).result(
        "annex_check", (document, html), lambda: pdf.check(document, html, bookmarks=_BOOKMARKS)
    )
    return [*check_trace(html, dict(tables)), *read]


def picture_name(code: str) -> str:
    """``TH-50.svg``: the file that the page of a province names."""
    return f"{code.partition(':')[2]}.svg"


def _html(
    found: tuple[Profile, ...], surveys: Sequence[ReportSheet], alts: Mapping[str, str], context: Context
) -> str:
    rendered = templating.render(
        "annex/provinces.html.j2",
        {
            "title": _TITLE,
            "profiles": found,
            "surveys": surveys,
            "small_below": small_sample(),
            "alts": alts,
            "context": context,
            "settings": context.settings,
            "quarter": context.quarter,
            "spoken_name": spoken,
            "picture_name": picture_name,
            "table_html": pages.table_html,
        },
    )
    return pages.tidy(templating.inline_html(rendered))


def _metadata(context: Context) -> pdf.Metadata:
    settings = context.settings
    return pdf.Metadata(
        title=f"{_TITLE} {quarter_th(context.quarter)}",
        author=f"{settings.division.th} {settings.office.th} {settings.ministry.th}",
        subject=f"ภาคผนวกของ{settings.title.th}: ดัชนีเศรษฐกิจแรงงานและดัชนีความเชื่อมั่นจำแนกตามจังหวัด",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("แรงงาน", "จังหวัด", "ดัชนีเศรษฐกิจแรงงาน", "ความเชื่อมั่น"),
    )


def statistical(
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    *,
    executor: Executor | None = None,
    cache: StageCache | None = None,
) -> Volume:
    """Every indicator of the statistical annex (``reporter.report.annexes``)."""
    cells = Cells(tables)
    found = entries(cells, context)
    rendered = templating.render(
        "annex/statistics.html.j2",
        {
            "title": _STATISTICS,
            "entries": found,
            "sources": sources_sheet(context),
            "catalogues": CATALOGUES,
            "context": context,
            "settings": context.settings,
            "quarter": context.quarter,
            "table_html": pages.table_html,
        },
    )
    html = pages.tidy(templating.inline_html(rendered))
    shown = pictures(cells, tokens().colour["navy"])
    about = pdf.Metadata(
        title=f"{_STATISTICS} {quarter_th(context.quarter)}",
        author=f"{context.settings.division.th} {context.settings.office.th} {context.settings.ministry.th}",
        subject=f"ภาคผนวกของ{context.settings.title.th}: ตัวชี้วัด KILM และ KIP-MOL",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("แรงงาน", "KILM", "KIP-MOL", "สถิติ"),
    )
    return Volume(
        "statistics.pdf", _typeset(html, shown, (), context, cache or StageCache(None), about), html
    )


_VOLUMES: Mapping[str, Callable[..., Volume]] = {"provinces": provinces, "statistics": statistical}


# ----------------------------------------------------------------------------------------------------
# One profile per province: its index, its dimensions beside the region's and the country's, both surveys, 12 quarters.
#
# Goes in: ``labour_index``, ``group_ranking``, ``group_contributions``, ``group_status``, ``confidence``. Comes out: ``Profile``
# objects whose numbers name their cells. What a province lacks is missing in its profile and said there. Study 5.2.1.
# ----------------------------------------------------------------------------------------------------

QUARTERS = 12  # three years fit the width of a page
_POOLED = "† ปรับเข้าหาค่าของภาคตามความแน่นอนของค่าจังหวัด ใช้เทียบระหว่างจังหวัด ค่าที่เผยแพร่คือแถวก่อนหน้า"
_NEUTRAL = 100.0  # long-run average of the index, middle of the confidence scale
_STATISTICS_OF_SURVEY = (("n", 0), ("value", 1), ("low", 1), ("high", 1))
_HEADS_OF_SURVEY = ("ผู้ตอบ", "ดัชนี", "ช่วงต่ำ", "ช่วงสูง")
_NAMED = 3  # strengths or weaknesses in a sentence


@dataclass(frozen=True)
class ProvinceRank:
    """A province's place among the provinces, and the places that its interval leaves open."""

    rank: Number
    low: Number | None
    high: Number | None
    of: Number


@dataclass(frozen=True)
class Trait:
    """A dimension or domain whose whole 95 % interval lies on one side of 100."""

    name: str
    level: Number


@dataclass(frozen=True)
class Profile:
    """One province at the issue's quarter. Differences are province minus region or country.

    refused   why there is no index, in Thai; empty where there is one
    lifts, drags   dimensions by their contribution to the change on the quarter, the strongest first
    strengths, weaknesses   dimensions and domains clearly above and below 100, the farthest first
    """

    province: Group
    region: Group | None
    index: Movement
    beside_region: Change | None
    beside_country: Change | None
    standing: ProvinceRank | None
    lifts: tuple[Part, ...]
    drags: tuple[Part, ...]
    surveys: tuple[tuple[str, GroupRow], ...]
    strengths: tuple[Trait, ...]
    weaknesses: tuple[Trait, ...]
    comparison: ReportSheet
    history: ReportSheet
    refused: str


def profiles(cells: Cells, context: Context) -> tuple[Profile, ...]:
    """Profiles of all declared provinces by region, in declared order; none where no province has any number."""
    declared = context.declarations
    regions = declared.groups_of("REGION")
    # Bangkok is a region of its own: beside it stands the country alone.
    ordered = [
        (province, region if region and region.name != province.name else None)
        for region in (*regions, None)
        for province in declared.groups_of("PROVINCE")
        if province.region == (region.code if region else "")
    ]
    made = [_profile(cells, context, province, region) for province, region in ordered]
    known = any(item.index.newest or any(row.movement.newest for _, row in item.surveys) for item in made)
    return tuple(made) if known else ()


def _profile(cells: Cells, context: Context, province: Group, region: Group | None) -> Profile:
    period = iso(context.quarter)
    index = _index(cells, "overall", province.code, period)
    surveys = tuple(
        (survey, survey_row(cells, survey, province, period))
        for survey in SURVEYS
        if cells.positions("confidence", {"survey": survey, "period": period})
    )
    lifts, drags = _parts(cells, context, province, period)
    return Profile(
        province=province,
        region=region,
        index=index,
        beside_region=_beside(cells, index, region.code if region else "", period),
        beside_country=_beside(cells, index, "TH", period),
        standing=_standing(cells, province, period),
        lifts=lifts,
        drags=drags,
        surveys=surveys,
        strengths=_traits(cells, context, province, 1),
        weaknesses=_traits(cells, context, province, -1),
        comparison=_comparison(cells, context, province, region, surveys),
        history=_history(cells, context, province, surveys),
        refused="" if index.level else _reason(cells, province),
    )


def _index(cells: Cells, dimension: str, group: str, period: str) -> Movement:
    return movement(cells, "labour_index", period, key={"dimension": dimension, "group": group})


def _level(cells: Cells, dimension: str, group: str, period: str) -> Number | None:
    key = {"dimension": dimension, "group": group, "period": period}
    return cells.number("labour_index", "value", key, unit="จุด")


def _beside(cells: Cells, index: Movement, group: str, period: str) -> Change | None:
    other = _level(cells, "overall", group, period)
    return None if index.level is None or other is None else Change(index.level - other, thai.INDEX_STEPS)


def _standing(cells: Cells, province: Group, period: str) -> ProvinceRank | None:
    place = {"kind": province.kind, "period": period}
    key = place | {"group": province.code}
    rank = cells.number("group_ranking", "rank", key, decimals=0)
    if rank is None:
        return None
    low, high = (cells.number("group_ranking", name, key, decimals=0) for name in ("rank_low", "rank_high"))
    return ProvinceRank(rank, low, high, cells.count("group_ranking", place))


def _parts(
    cells: Cells, context: Context, province: Group, period: str
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    key = {"group": province.code, "period": period, "against": "quarter"}
    found = (
        (item, cells.number("group_contributions", "contribution", key | {"dimension": code}, unit="จุด"))
        for code, item in context.declarations.dimensions.items()
    )
    parts = [
        Part(item, number)
        for item, number in found
        if number and abs(number.value) >= rule("contribution.least_dimension")
    ]
    lifts = sorted((part for part in parts if part.number.value > 0), key=lambda part: -part.number.value)
    drags = sorted((part for part in parts if part.number.value < 0), key=lambda part: part.number.value)
    return tuple(lifts), tuple(drags)


def _traits(cells: Cells, context: Context, province: Group, side: int) -> tuple[Trait, ...]:
    """What stands clearly above 100 (``side`` 1) or below it (-1): dimensions of the index, domains of both surveys."""
    period, declared = iso(context.quarter), context.declarations
    asked = [
        ("labour_index", ("low95", "high95"), {"dimension": code}, f"มิติ{item.name.th}")
        for code, item in declared.dimensions.items()
    ]
    asked += [
        ("confidence", ("low", "high"), {"survey": survey, "domain": domain.id}, f"{RESPONDENTS[survey]} {templating.domain_word(domain.name.th)}")
        for survey, form in declared.questionnaires.items()
        for domain in form.domains
    ]  # fmt: skip
    found = []
    for table, ends, part, name in asked:
        key = {**part, "group": province.code, "period": period}
        level = cells.number(table, "value", key, unit="จุด")
        near = cells.value(table, ends[0] if side > 0 else ends[1], key)
        if level is not None and near is not None and (near - _NEUTRAL) * side > 0:
            found.append(Trait(name, level))
    found.sort(key=lambda trait: -side * trait.level.value)
    return tuple(found[:_NAMED])


def survey_sheets(cells: Cells, context: Context) -> tuple[ReportSheet, ...]:
    """The statistics of both surveys by province: index, interval and answers, then the index of every domain."""
    period, provinces_ = iso(context.quarter), context.declarations.groups_of("PROVINCE")
    made: list[ReportSheet] = []
    for survey, form in context.declarations.questionnaires.items():
        columns = [("overall", name, decimals) for name, decimals in _STATISTICS_OF_SURVEY]
        columns += [(domain.id, "value", 1) for domain in form.domains]
        rows = []
        for group in provinces_:
            key = {"survey": survey, "group": group.code, "period": period}
            if not cells.positions("confidence", key | {"domain": "overall"}):
                continue
            is_hidden = cells.text("confidence", "flag", **key, domain="overall") == "suppressed"
            numbers = (
                cells.number("confidence", column, key | {"domain": domain}, decimals=decimals)
                for domain, column, decimals in columns
            )
            own = (workbook.SUPPRESSED,) * len(columns) if is_hidden else tuple(map(workbook.number, numbers))
            rows.append(SheetRow(group.name.th, own))
        if rows:
            heads = (*_HEADS_OF_SURVEY, *(f"ด้านที่ {domain.id}" for domain in form.domains))
            named = " ".join(
                f"({domain.id}) {templating.domain_word(domain.name.th)}" for domain in form.domains
            )
            made.append(
                ReportSheet(
                    f"{survey}-statistics",
                    f"สถิติผลสำรวจ{form.index_name.th}รายจังหวัด {thai.quarter_th(context.quarter)}",
                    (SheetColumn("จังหวัด", False), *workbook.columns(*heads)),
                    tuple(rows),
                    unit="จุด ผู้ตอบเป็นราย",
                    note=f"{named} x ไม่เผยแพร่ – ไม่มีข้อมูล",
                    style="compact",
                )
            )
    return tuple(made)


def _reason(cells: Cells, province: Group) -> str:
    status = {"group": province.code, "dimension": "overall"}
    return cells.text("group_status", "note_th", **status) or "ไม่มีข้อมูลระดับจังหวัด"


def _comparison(
    cells: Cells,
    context: Context,
    province: Group,
    region: Group | None,
    surveys: Sequence[tuple[str, GroupRow]],
) -> ReportSheet:
    """The province beside its region and the country: the index, its dimensions, both surveys."""
    period = iso(context.quarter)
    others = [group for group in (region.code if region else "", "TH") if group]
    notes: list[str] = []
    rows = [
        SheetRow(
            context.declarations.dimensions[dimension].name.th
            if dimension != "overall"
            else "ดัชนีเศรษฐกิจแรงงาน",
            (
                *workbook.moves(_index(cells, dimension, province.code, period)),
                *(workbook.number(_level(cells, dimension, group, period)) for group in others),
            ),
        )
        for dimension in ("overall", *context.declarations.dimensions)
    ]
    for survey, row in surveys:
        own = _survey_cells(row)
        key = {"survey": survey, "domain": "overall", "period": period}
        beside = tuple(
            workbook.number(cells.number("confidence", "value", key | {"group": group})) for group in others
        )
        rows.append(
            SheetRow(
                f"ความเชื่อมั่นของ{RESPONDENTS[survey]}" + (" *" if row.flag == "small" else ""), (*own, *beside)
            )
        )
        if pooled := _pooled_cells(cells, survey, province, period):
            rows.append(SheetRow(f"ความเชื่อมั่นของ{RESPONDENTS[survey]} †", (*pooled, *beside)))
            notes = [_POOLED]
    heads = ("จังหวัด", "เทียบไตรมาสก่อน", "เทียบปีก่อน", *((region.name.th,) if region else ()), "ทั้งประเทศ")
    if any(r.flag == "small" for _, r in surveys):
        notes.append(f"* {few_answers()} ราย ควรใช้ด้วยความระมัดระวัง")
    notes += ["x ไม่เผยแพร่เพื่อรักษาความลับของผู้ตอบ"] if any(r.flag == "suppressed" for _, r in surveys) else []
    return ReportSheet(
        f"{province.code.partition(':')[2]}-comparison",
        f"ดัชนีของ{spoken(province)}เทียบกับ{f'{region.name.th}และ' if region else ''}ทั้งประเทศ {thai.quarter_th(context.quarter)}",
        (SheetColumn("ดัชนี", False), *workbook.columns(*heads)),
        tuple(rows),
        unit="จุด",
        note=" ".join([*notes, "– ไม่มีข้อมูล"]),
        style="compact",
    )


def _pooled_cells(cells: Cells, survey: str, province: Group, period: str) -> tuple[Cell, Cell, Cell] | None:
    """The province's confidence drawn towards its region's, with its changes; None where there is none."""
    key = {"survey": survey, "domain": "overall", "group": province.code}
    found = movement(
        cells, "confidence_pooled", period, steps=thai.CONFIDENCE_STEPS, column="pooled", key=key
    )
    if not found.level:
        return None
    level, *changes = workbook.moves(found)
    quarter, year = map(workbook.uncoloured, changes)  # they are not tested: a colour would call them changes
    return level, quarter, year


def _survey_cells(row: GroupRow) -> tuple[Cell, Cell, Cell]:
    if row.flag == "suppressed":
        return (workbook.SUPPRESSED,) * 3
    return workbook.moves(row.movement)


def _history(
    cells: Cells, context: Context, province: Group, surveys: Sequence[tuple[str, GroupRow]]
) -> ReportSheet:
    """The three indices over 12 quarters."""
    period = iso(context.quarter)
    quarters = [earlier(period, back) for back in range(QUARTERS - 1, -1, -1)]
    rows = [
        SheetRow(
            "เศรษฐกิจแรงงาน",
            tuple(workbook.number(_level(cells, "overall", province.code, quarter)) for quarter in quarters),
        )
    ]
    for survey, _ in surveys:
        key = {"survey": survey, "domain": "overall", "group": province.code}
        rows.append(
            SheetRow(
                "ผู้ประกอบการ" if survey == "employer" else "แรงงาน",
                tuple(_published(cells, key | {"period": quarter}) for quarter in quarters),
            )
        )
    return ReportSheet(
        f"{province.code.partition(':')[2]}-history",
        f"ดัชนีของ{spoken(province)}ย้อนหลัง {QUARTERS} ไตรมาส {thai.quarter_slash(quarters[0])} ถึง {thai.quarter_slash(quarters[-1])}",
        (
            SheetColumn("ดัชนี", False),
            *workbook.columns(*(thai.quarter_short(quarter) for quarter in quarters)),
        ),
        tuple(rows),
        unit="จุด",
        style="compact quarters",
    )


def _published(cells: Cells, key: dict[str, str]) -> Cell:
    if cells.text("confidence", "flag", **key) == "suppressed":
        return workbook.SUPPRESSED
    return workbook.number(cells.number("confidence", "value", key))


def spoken(province: Group) -> str:
    """``จังหวัดเชียงใหม่``; Bangkok is no changwat and stands alone."""
    return province.name.th if province.name.th.startswith("กรุงเทพ") else f"จังหวัด{province.name.th}"


# ----------------------------------------------------------------------------------------------------
# The statistical volume: 17 KILM and 74 KIP-MOL indicators, each with meaning, formula, source, a table and a line.
#
# Goes in: the table ``annex`` and the annex's declarations. Comes out: pages of ``statistics.pdf`` (``reporter build --annex statistics``).
# Every number names its cell. A measure without a value says which inputs are missing and whose they are. Sources: study, 2485-2486
# (tables and lines with the meaning and the way of computing of each) and the annex, lines 7126-9200.
# ----------------------------------------------------------------------------------------------------

STATISTICS_QUARTERS, YEARS = 8, 5
_WIDTH, _HEIGHT, _MARGIN = 460.0, 70.0, 6.0
_DECIMALS: Mapping[str, int] = {"baht_per_person": 0, "thousand_persons": 1, "hours_per_week": 1, "days": 1}
CATALOGUES: Mapping[str, str] = {
    "KILM": "ดัชนีชี้วัดตลาดแรงงานที่สำคัญ (KILM)",
    "KIP-MOL": "ดัชนีชี้วัดผลการดำเนินงานของกระทรวงแรงงาน (KIP-MOL)",
}


@dataclass(frozen=True)
class Shown:
    """One measure as the page shows it; ``missing`` is empty where there are numbers."""

    id: str
    name: str
    unit: str
    meaning: str
    formula: str
    note: str
    sheets: tuple[ReportSheet, ...]
    missing: str


@dataclass(frozen=True)
class IndicatorEntry:
    """One indicator with its measures; ``alt`` says what the line ``<id>.svg`` shows, empty where none is drawn; ``line`` whose it is."""

    id: str
    catalogue: str
    code: str
    name: str
    agency: str
    measures: tuple[Shown, ...]
    alt: str
    line: str


def entries(cells: Cells, context: Context) -> list[IndicatorEntry]:
    """All indicators of the annex in the annex's order."""
    annex = load_annex()
    table = cells.tables.get("annex", pd.DataFrame())
    by_measure = {str(key): rows for key, rows in table.groupby("measure")} if len(table) else {}
    return [_entry(cells, annex, indicator, by_measure, context) for indicator in annex.indicators]


def _entry(
    cells: Cells,
    annex: Annex,
    indicator: AnnexIndicator,
    by_measure: Mapping[str, pd.DataFrame],
    context: Context,
) -> IndicatorEntry:
    shown = tuple(
        _shown(cells, annex, indicator, measure, by_measure.get(measure.id, pd.DataFrame()), context)
        for measure in indicator.measure
    )
    rows = by_measure.get(indicator.measure[0].id, pd.DataFrame())
    line = _line_of(rows)
    alt = _alt(indicator.name.th, line) if len(line) > 1 else ""
    whose = (
        next(
            (
                head
                for head, group, part in _rows(annex, indicator.measure[0], rows, context)
                if _is_first(rows, group, part)
            ),
            "",
        )
        if alt
        else ""
    )
    about = (
        f"{whose} {annex.units[indicator.measure[0].unit].th} {_spoken(line.index[0])} ถึง {_spoken(line.index[-1])}"
        if whose
        else ""
    )
    code = indicator.code.lower().replace(" ", "-")
    return IndicatorEntry(
        code, indicator.catalogue, indicator.code, indicator.name.th, indicator.agency, shown, alt, about
    )


def _is_first(rows: pd.DataFrame, group: str, part: str) -> bool:
    """Whether the line of the indicator is of this group and part."""
    return bool(rows.iloc[0]["group"] == group and rows.iloc[0]["part"] == part)


def _shown(
    cells: Cells,
    annex: Annex,
    indicator: AnnexIndicator,
    measure: Measure,
    rows: pd.DataFrame,
    context: Context,
) -> Shown:
    name = measure.name.th if measure.name is not None else indicator.name.th
    name += f" จำแนกตาม{annex.breakdowns[measure.by].name.th}" if measure.by else ""
    sheets = tuple(_sheets(cells, annex, measure, name, rows, context)) if len(rows) else ()
    needed = ", ".join(annex.inputs[key.removesuffix("_total")].name.th for key in measure.inputs())
    return Shown(
        measure.id,
        name,
        annex.units[measure.unit].th,
        meaning_words(annex, indicator, measure),
        formula_words(annex, measure),
        measure.note.th if measure.note else "",
        sheets,
        "" if sheets else f"ยังไม่มีข้อมูล: {needed} ({indicator.agency})",
    )


def _sheets(
    cells: Cells, annex: Annex, measure: Measure, name: str, rows: pd.DataFrame, context: Context
) -> Iterator[ReportSheet]:
    """A table of the newest quarters and one of the newest years, where there are such numbers."""
    is_quarter = rows["period"].str.contains("Q")
    for periods, heads in (
        (sorted(rows.loc[is_quarter, "period"].unique())[-STATISTICS_QUARTERS:], thai.quarter_short),
        (sorted(rows.loc[~is_quarter, "period"].unique())[-YEARS:], _year),
    ):
        if not periods:
            continue
        lines = [
            SheetRow(
                head,
                tuple(
                    workbook.number(
                        cells.number(
                            "annex",
                            "value",
                            {"measure": measure.id, "group": group, "part": part, "period": period},
                            decimals=_DECIMALS.get(measure.unit, 2),
                        )
                    )
                    for period in periods
                ),
            )
            for head, group, part in _rows(annex, measure, rows, context)
        ]
        kind = "q" if "Q" in periods[0] else "y"
        yield ReportSheet(
            f"annex-{measure.id}-{kind}",
            f"{name} {'รายไตรมาส' if kind == 'q' else 'รายปี'}",
            (SheetColumn("รายการ", False), *workbook.columns(*map(heads, periods))),
            tuple(lines),
            unit=annex.units[measure.unit].th,
            style="compact",
        )


def _year(period: str) -> str:
    return str(int(period) + BUDDHIST_OFFSET)


def _rows(
    annex: Annex, measure: Measure, rows: pd.DataFrame, context: Context
) -> Iterator[tuple[str, str, str]]:
    """Head, group and part of each row of a table."""
    if measure.group:
        have = set(rows["group"])
        for group in context.declarations.groups_of(measure.group):
            if group.code in have:
                yield group.name.th, group.code, ""
        return
    whole = AnnexPart(id="", name=Text(th="ทั้งประเทศ", en="Whole country"))
    for part in annex.breakdowns[measure.by].parts if measure.by else (whole,):
        yield part.name.th, "TH", part.id


def _line_of(rows: pd.DataFrame) -> pd.Series:
    """Values by quarter (by year, where there are no quarters) of an indicator's first measure, its first group and part."""
    if rows.empty:
        return pd.Series(dtype="float64")
    first = rows.iloc[0]
    own = rows[(rows["group"] == first["group"]) & (rows["part"] == first["part"])]
    quarters = own[own["period"].str.contains("Q")]
    chosen = quarters if len(quarters) > 1 else own[~own["period"].str.contains("Q")]
    return chosen.set_index("period")["value"].sort_index()


def _alt(name: str, line: pd.Series) -> str:
    first, last = line.index[0], line.index[-1]
    way = "เพิ่มขึ้น" if line.iloc[-1] > line.iloc[0] else "ลดลง" if line.iloc[-1] < line.iloc[0] else "เท่าเดิม"
    return f"เส้นของ{name} จาก {_spoken(first)} ถึง {_spoken(last)} {way}"


def _spoken(period: str) -> str:
    return thai.quarter_slash(period) if "Q" in period else f"ปี {_year(period)}"


_ACCESS = {
    "file": "แฟ้ม",
    "bot": "API ธปท.",
    "bot_rates": "API ธปท.",
    "mol": "API กระทรวงแรงงาน",
    "nso": "API สสช.",
    "govspending": "API ภาษีไปไหน",
}
_FREQUENCIES = {"monthly": "เดือน", "quarterly": "ไตรมาส", "yearly": "ปี"}
_INPUTS = {"index": "ตัวชี้วัดของดัชนี", "macro": "ตัวแปรเศรษฐกิจมหภาค", "annex": "ข้อมูลของเล่มสถิติ"}


def sources_sheet(context: Context) -> ReportSheet:
    """The map of sources: who has every series, in which data set, by which way, and whether it comes by itself (study, line 7089)."""
    found = catalogue.origins(context.declarations, load_annex(), catalogue.load())
    rows: list[SheetRow] = []
    for kind, words in _INPUTS.items():
        rows.append(SheetRow("", group=words))
        for one in (one for one in found if one.kind == kind):
            named = " ".join(filter(None, (one.data_set, f"({one.code})" if one.code else "")))
            cells = (
                one.agency,
                named or thai.MISSING,
                _ACCESS.get(one.access, one.access),
                _FREQUENCIES.get(one.frequency, thai.MISSING),
                catalogue.STATES[one.state],
            )
            rows.append(SheetRow(one.name_th, tuple(map(workbook.text, cells))))
    return ReportSheet(
        "sources-map",
        "แหล่งข้อมูลของทุกอนุกรม",
        tuple(SheetColumn(head, False) for head in ("อนุกรม", "หน่วยงาน", "ชุดข้อมูล", "ทาง", "ความถี่", "สถานะ")),
        tuple(rows),
        note="ตามประกาศของโปรแกรม แหล่งที่พื้นที่งานประกาศเพิ่มดูได้จากคำสั่ง reporter sources – หมายถึงไม่ได้ประกาศไว้",
        style="compact",
    )


def pictures(cells: Cells, colour: str) -> dict[str, bytes]:
    """``kilm-1.svg`` ...: one line an indicator, without axes; its numbers stand in the table below it."""
    table = cells.tables.get("annex", pd.DataFrame())
    by_measure = {str(key): rows for key, rows in table.groupby("measure")} if len(table) else {}
    found = {}
    for indicator in load_annex().indicators:
        line = _line_of(by_measure.get(indicator.measure[0].id, pd.DataFrame()))
        if len(line) > 1:
            found[f"{indicator.code.lower().replace(' ', '-')}.svg"] = _svg(line, colour).encode("utf-8")
    return found


def _svg(line: pd.Series, colour: str) -> str:
    low, high = float(line.min()), float(line.max())
    span = (high - low) or 1.0
    step = (_WIDTH - 2 * _MARGIN) / (len(line) - 1)
    points = [
        (_MARGIN + step * place, _HEIGHT - _MARGIN - (value - low) / span * (_HEIGHT - 2 * _MARGIN))
        for place, value in enumerate(line)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" height="{_HEIGHT:g}">'
        f'<polyline points="{path}" fill="none" stroke="{escape(colour)}" stroke-width="1.6"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{escape(colour)}"/></svg>'
    )
