"""Annex volumes of an issue: documents of their own, made from the same tables, asked for by name.

Goes in: the issue's tables and context. Comes out: ``Volume``, a PDF with the HTML it was set from. ``provinces`` is one page
per province. Study 5.2.1; the volumes obey the same rules as the issue (docs/print.md), and QA traces their numbers too.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter import figures, pdf
from reporter.domain import thai
from reporter.domain.declarations import Group, asset, tokens
from reporter.domain.edition import Context
from reporter.domain.errors import CoverageError, Finding
from reporter.domain.periods import iso
from reporter.domain.thai import quarter_th
from reporter.figures import Chart
from reporter.report import pages, statistics, templating, workbook
from reporter.report.groups import GroupRow, survey_row
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
    Column,
    Row,
    Sheet,
)
from reporter.runtime.cache import StageCache
from reporter.runtime.program import Executor

_TITLE = "ภาวะแรงงานรายจังหวัด"
_STATISTICS = "ภาคผนวกสถิติแรงงาน"
_BOOKMARKS = 10


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


def _html(found: tuple[Profile, ...], alts: Mapping[str, str], context: Context) -> str:
    rendered = templating.render(
        "annex/provinces.html.j2",
        {
            "title": _TITLE,
            "profiles": found,
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
    """Every indicator of the statistical annex (``reporter.report.statistics``)."""
    cells = Cells(tables)
    found = statistics.entries(cells, context)
    rendered = templating.render(
        "annex/statistics.html.j2",
        {
            "title": _STATISTICS,
            "entries": found,
            "catalogues": statistics.CATALOGUES,
            "context": context,
            "settings": context.settings,
            "quarter": context.quarter,
            "table_html": pages.table_html,
        },
    )
    html = pages.tidy(templating.inline_html(rendered))
    shown = statistics.pictures(cells, tokens().colour["navy"])
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

QUARTERS = 12
_SHOWN = 0.05  # points: a smaller contribution reads 0.0
_SURVEYS = {"employer": "ความเชื่อมั่นของผู้ประกอบการ", "worker": "ความเชื่อมั่นของแรงงาน"}


@dataclass(frozen=True)
class Standing:
    """A province's place among the provinces, and the places that its interval leaves open."""

    rank: Number
    low: Number | None
    high: Number | None
    of: Number


@dataclass(frozen=True)
class Profile:
    """One province at the issue's quarter. Differences are province minus region or country.

    refused   why there is no index, in Thai; empty where there is one
    lifts, drags   dimensions by their contribution to the change on the quarter, the strongest first
    """

    province: Group
    region: Group | None
    index: Movement
    beside_region: Change | None
    beside_country: Change | None
    standing: Standing | None
    lifts: tuple[Part, ...]
    drags: tuple[Part, ...]
    surveys: tuple[tuple[str, GroupRow], ...]
    comparison: Sheet
    history: Sheet
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
        for survey in _SURVEYS
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


def _standing(cells: Cells, province: Group, period: str) -> Standing | None:
    place = {"kind": province.kind, "period": period}
    key = place | {"group": province.code}
    rank = cells.number("group_ranking", "rank", key, decimals=0)
    if rank is None:
        return None
    low, high = (cells.number("group_ranking", name, key, decimals=0) for name in ("rank_low", "rank_high"))
    return Standing(rank, low, high, cells.count("group_ranking", place))


def _parts(
    cells: Cells, context: Context, province: Group, period: str
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    key = {"group": province.code, "period": period, "against": "quarter"}
    found = (
        (item, cells.number("group_contributions", "contribution", key | {"dimension": code}, unit="จุด"))
        for code, item in context.declarations.dimensions.items()
    )
    parts = [Part(item, number) for item, number in found if number and abs(number.value) >= _SHOWN]
    lifts = sorted((part for part in parts if part.number.value > 0), key=lambda part: -part.number.value)
    drags = sorted((part for part in parts if part.number.value < 0), key=lambda part: part.number.value)
    return tuple(lifts), tuple(drags)


def _reason(cells: Cells, province: Group) -> str:
    status = {"group": province.code, "dimension": "overall"}
    return cells.text("group_status", "note_th", **status) or "ไม่มีข้อมูลระดับจังหวัด"


def _comparison(
    cells: Cells,
    context: Context,
    province: Group,
    region: Group | None,
    surveys: Sequence[tuple[str, GroupRow]],
) -> Sheet:
    """The province beside its region and the country: the index, its dimensions, both surveys."""
    period = iso(context.quarter)
    others = [group for group in (region.code if region else "", "TH") if group]
    rows = [
        Row(
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
        beside = (
            workbook.number(cells.number("confidence", "value", key | {"group": group})) for group in others
        )
        rows.append(Row(_SURVEYS[survey] + (" *" if row.flag == "small" else ""), (*own, *beside)))
    heads = ("จังหวัด", "เทียบไตรมาสก่อน", "เทียบปีก่อน", *((region.name.th,) if region else ()), "ทั้งประเทศ")
    notes = (
        ["* ตัวอย่างน้อยกว่า 30 ราย ควรใช้ด้วยความระมัดระวัง"] if any(r.flag == "small" for _, r in surveys) else []
    )
    notes += ["x ไม่เผยแพร่เพื่อรักษาความลับของผู้ตอบ"] if any(r.flag == "suppressed" for _, r in surveys) else []
    return Sheet(
        f"{province.code.partition(':')[2]}-comparison",
        f"ดัชนีของ{spoken(province)}เทียบกับ{f'{region.name.th}และ' if region else ''}ทั้งประเทศ {thai.quarter_th(context.quarter)}",
        (Column("ดัชนี", False), *workbook.columns(*heads)),
        tuple(rows),
        unit="จุด",
        note=" ".join([*notes, "– ไม่มีข้อมูล"]),
        style="compact",
    )


def _survey_cells(row: GroupRow) -> tuple[Cell, Cell, Cell]:
    if row.flag == "suppressed":
        return (workbook.SUPPRESSED,) * 3
    return workbook.moves(row.movement)


def _history(
    cells: Cells, context: Context, province: Group, surveys: Sequence[tuple[str, GroupRow]]
) -> Sheet:
    """The three indices over 12 quarters."""
    period = iso(context.quarter)
    quarters = [earlier(period, back) for back in range(QUARTERS - 1, -1, -1)]
    rows = [
        Row(
            "เศรษฐกิจแรงงาน",
            tuple(workbook.number(_level(cells, "overall", province.code, quarter)) for quarter in quarters),
        )
    ]
    for survey, _ in surveys:
        key = {"survey": survey, "domain": "overall", "group": province.code}
        rows.append(
            Row(
                "ผู้ประกอบการ" if survey == "employer" else "แรงงาน",
                tuple(_published(cells, key | {"period": quarter}) for quarter in quarters),
            )
        )
    return Sheet(
        f"{province.code.partition(':')[2]}-history",
        f"ดัชนีของ{spoken(province)}ย้อนหลัง {QUARTERS} ไตรมาส {thai.quarter_slash(quarters[0])} ถึง {thai.quarter_slash(quarters[-1])}",
        (Column("ดัชนี", False), *workbook.columns(*(thai.quarter_short(quarter) for quarter in quarters))),
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
