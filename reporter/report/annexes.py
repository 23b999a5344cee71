"""Annex volumes of an issue: documents of their own, made from the same tables, asked for by name.

Goes in: the issue's tables and context. Comes out: ``Volume``, a PDF with the HTML it was set from. ``provinces`` is one page
per province. Study 5.2.1; the volumes obey the same rules as the issue (docs/print.md), and QA traces their numbers too.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter import figures, pdf
from reporter.domain.assets import asset
from reporter.domain.context import Context
from reporter.domain.errors import CoverageError, Finding
from reporter.domain.thai import quarter_th
from reporter.figures import Chart
from reporter.report import inline, pages, templating
from reporter.report.numbers import Cells
from reporter.report.profiles import Profile, profiles, spoken
from reporter.report.provenance import check_trace
from reporter.runtime.cache import StageCache
from reporter.runtime.executor import Executor

_TITLE = "ภาวะแรงงานรายจังหวัด"
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
    return Volume("provinces.pdf", _typeset(html, shown, names, context, kept), html)


def _typeset(
    html: str, shown: Mapping[str, bytes], names: tuple[str, ...], context: Context, cache: StageCache
) -> bytes:
    """The PDF of a volume; ``shown``: file of a picture -> its bytes."""
    metadata, digits = _metadata(context), context.settings.thai_digits

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
    return pages.tidy(inline.inline_html(rendered))


def _metadata(context: Context) -> pdf.Metadata:
    settings = context.settings
    return pdf.Metadata(
        title=f"{_TITLE} {quarter_th(context.quarter)}",
        author=f"{settings.division.th} {settings.office.th} {settings.ministry.th}",
        subject=f"ภาคผนวกของ{settings.title.th}: ดัชนีเศรษฐกิจแรงงานและดัชนีความเชื่อมั่นจำแนกตามจังหวัด",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("แรงงาน", "จังหวัด", "ดัชนีเศรษฐกิจแรงงาน", "ความเชื่อมั่น"),
    )


_VOLUMES: Mapping[str, Callable[..., Volume]] = {"provinces": provinces}
