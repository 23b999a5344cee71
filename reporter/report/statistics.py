"""The statistical volume: 17 KILM and 74 KIP-MOL indicators, each with meaning, formula, source, a table and a line.

Goes in: the table ``annex`` and the annex's declarations. Comes out: pages of ``statistics.pdf`` (``reporter build --annex statistics``).
Every number names its cell. A measure without a value says which inputs are missing and whose they are. Sources: study, 2485-2486
(tables and lines with the meaning and the way of computing of each) and the annex, lines 7126-9200.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from reporter.domain import thai
from reporter.domain.edition import Context
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
from reporter.report import workbook
from reporter.report.numbers import Cells
from reporter.report.workbook import Column, Row, Sheet

QUARTERS, YEARS = 8, 5
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
    sheets: tuple[Sheet, ...]
    missing: str


@dataclass(frozen=True)
class Entry:
    """One indicator with its measures; ``alt`` says what the line ``<id>.svg`` shows, empty where none is drawn; ``line`` whose it is."""

    id: str
    catalogue: str
    code: str
    name: str
    agency: str
    measures: tuple[Shown, ...]
    alt: str
    line: str


def entries(cells: Cells, context: Context) -> list[Entry]:
    """All 91 indicators in the annex's order."""
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
) -> Entry:
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
    return Entry(
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
) -> Iterator[Sheet]:
    """A table of the newest quarters and one of the newest years, where there are such numbers."""
    is_quarter = rows["period"].str.contains("Q")
    for periods, heads in (
        (sorted(rows.loc[is_quarter, "period"].unique())[-QUARTERS:], thai.quarter_short),
        (sorted(rows.loc[~is_quarter, "period"].unique())[-YEARS:], _year),
    ):
        if not periods:
            continue
        lines = [
            Row(
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
        yield Sheet(
            f"annex-{measure.id}-{kind}",
            f"{name} {'รายไตรมาส' if kind == 'q' else 'รายปี'}",
            (Column("รายการ", False), *workbook.columns(*map(heads, periods))),
            tuple(lines),
            unit=annex.units[measure.unit].th,
            style="compact",
        )


def _year(period: str) -> str:
    return str(int(period) + 543)


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
