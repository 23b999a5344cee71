"""What the twelve slides of the minister's briefing say: titles, points, charts, sources.

Goes in: an ``Issue``. Comes out: ``Slide`` objects. Titles and points are sentences of ``issue.json``; charts hold the tables' numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from reporter.domain.periods import iso
from reporter.exports.issue import Issue, blocks_of

_SPAN = 13  # quarters that a chart of a history shows, as the report's do
_TITLE = 170  # letters that fit two lines
_POINTS = 4  # sentences beside a chart: what can be read aloud in a minute

_REFERENCE = re.compile(r"(?:รูปที่|ตารางที่|Figure|Table) \d+")
_BRACKETED = re.compile(rf" ?\((?:{_REFERENCE.pattern})[^)]*\)")
_SAME_SOURCE = re.compile(r"^(?:เช่นเดียวกับรูปที่|As in Figure|Same as Figure) (\d+)\.?$")
WORDS = {
    "th": {
        "source": "ที่มา", "cells": "ตัวเลขจากตาราง", "now": "ไตรมาสนี้", "before": "ไตรมาสก่อน", "year": "ปีก่อน",
        "mean": "ค่ากลาง", "low": "ขอบล่าง 80%", "high": "ขอบบน 80%", "index": "ดัชนี", "points": "จุด", "percent": "ร้อยละ",
        "story": "ภาพรวม", "contribution": "ผลต่อดัชนี (จุด)", "top3": "จัดใน 3 ลำดับแรก (ร้อยละ)", "none": "ไตรมาสนี้ไม่มีข้อมูลของหน้านี้",
        "on_quarter": "จากไตรมาสก่อน", "on_year": "จากปีก่อน",
    },
    "en": {
        "source": "Source", "cells": "Numbers from the tables", "now": "This quarter", "before": "Quarter before", "year": "Year before",
        "mean": "Central forecast", "low": "Lower 80 %", "high": "Upper 80 %", "index": "Index", "points": "points", "percent": "per cent",
        "story": "Overview", "contribution": "Contribution (points)", "top3": "Among the first three (per cent)", "none": "No data for this page this quarter",
        "on_quarter": "on the quarter", "on_year": "on the year",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Series:
    """One chart: categories and named lines or bars of numbers (None: no value)."""

    kind: str  # line, bar (horizontal) or column
    categories: Sequence[str]
    values: Mapping[str, Sequence[float | None]]
    number_format: str = "0.0"
    colours: Sequence[str] = ()
    minimum: float | None = None


@dataclass(frozen=True)
class Slide:
    """One slide: its title and points are sentences of the issue; ``source`` is the figure's."""

    title: Mapping[str, Any] | str
    points: Sequence[Mapping[str, Any]] = ()
    chart: Series | None = None
    source: str = ""
    alt: str = ""
    more: Sequence[Mapping[str, Any]] = field(default=())  # sentences of the notes alone


def slides(issue: Issue) -> list[Slide]:
    """The eleven slides after the cover, in the order of a briefing."""
    return [make(issue) for make in (
        _story, _history, _contributions, _dimensions, _groups, _employers, _workers, _actions, _priorities,
        _outlook, _recommendations,
    )]  # fmt: skip


# ------------------------------------------------------------------------------------------------ what each slide says


def _figure(issue: Issue, *names: str) -> Mapping[str, Any] | None:
    """The first of these figures that the report or the technical volume holds."""
    for name in names:
        for volume in ("documents", "technical"):
            document = issue.content.get(volume, {}).get(issue.lang)
            for part in document["chapters"] if document else ():
                for block in blocks_of(part):
                    if block["kind"] == "figure" and block["id"] == name:
                        return block
    return None


def _source(issue: Issue, figure: Mapping[str, Any]) -> str:
    """The figure's source in full: the report prints it once and then refers to the first figure's number."""
    said = str(figure["source"])
    if (number := _SAME_SOURCE.search(said)) is None:
        return said
    every = (block for part in issue.parts for block in blocks_of(part) if block["kind"] == "figure")
    return next((str(block["source"]) for block in every if block["number"] == int(number[1])), said)


def _points_elsewhere(sentence: Mapping[str, Any]) -> bool:
    """Whether a sentence only makes sense beside a figure or table of the report."""
    return bool(_REFERENCE.search(spoken(sentence)))


def spoken(sentence: Mapping[str, Any]) -> str:
    """A sentence without references in brackets to figures and tables of the report."""
    return _BRACKETED.sub("", str(sentence["text"]))


def _sentences(
    issue: Issue, slug: str, *, finding: bool = False, section: int | None = None
) -> list[Mapping[str, Any]]:
    """Sentences of a chapter: its finding, or those of its paragraphs and lists."""
    part = issue.chapter(slug)
    if part is None:
        return []
    if finding:
        return list(part["finding"])
    chosen = [part] if section is None else [{"sections": part["sections"][section : section + 1]}]
    return [
        sentence
        for piece in chosen
        for block in blocks_of(piece)
        if block["kind"] == "paragraph"
        for sentence in block["sentences"]
    ]


def _slide(
    issue: Issue, slug: str, chart: Series | None, *figures: str, points: Sequence[Mapping[str, Any]] = ()
) -> Slide:
    """A slide whose title is the figure's finding, else the chapter's; its points are the chapter's first sentences."""
    figure, findings = _figure(issue, *figures), _sentences(issue, slug, finding=True)
    body = list(points) or [*findings, *_sentences(issue, slug)]
    title: Mapping[str, Any] | str
    fallback = findings[0] if findings else WORDS[issue.lang]["none"]
    # Thai figures are titled by their finding, English ones by what they draw: there the chapter's finding is the title
    is_named = figure is not None and not (
        issue.lang == "en" and findings and len(findings[0]["text"]) < _TITLE
    )
    title = figure["title"] if figure is not None and is_named else fallback
    body = [sentence for sentence in body if sentence is not title and not _points_elsewhere(sentence)][
        :_POINTS
    ]
    source = _source(issue, figure) if figure and figure["source"] else issue.issuer("division")
    return Slide(title, body, chart, source, figure["alt"] if figure else "", _sentences(issue, slug)[:8])


def _story(issue: Issue) -> Slide:
    points = _sentences(issue, "summary", section=0)
    found = _sentences(issue, "summary", finding=True)
    return Slide(
        found[0] if found else WORDS[issue.lang]["story"], points[:6], None, issue.issuer("division")
    )


def _national(issue: Issue) -> pd.DataFrame:
    index = issue.tables["labour_index"]
    return index[index["group"] == "TH"]


def _window(issue: Issue) -> list[str]:
    """The last thirteen quarters, oldest first."""
    return [iso(issue.quarter - back) for back in range(_SPAN - 1, -1, -1)]


def _history(issue: Issue) -> Slide:
    national = _national(issue)
    values = national[national["dimension"] == "overall"].set_index("period")["value"]
    chart = _line(issue, {WORDS[issue.lang]["index"]: values}, _window(issue))
    return _slide(issue, "labour", chart, "index_history", points=_sentences(issue, "labour", section=1))


def _contributions(issue: Issue) -> Slide:
    table = issue.tables.get("contributions", pd.DataFrame(columns=["period", "against"]))
    now = table[(table["period"] == iso(issue.quarter)) & (table["against"] == "quarter")]
    chart = None
    if len(now):
        ordered = now.sort_values("contribution")
        names = [issue.word(issue.declarations.dimensions[code].short) for code in ordered["dimension"]]
        chart = Series("bar", names, {WORDS[issue.lang]["contribution"]: _numbers(ordered["contribution"])}, "+0.00;−0.00;0.00")  # fmt: skip
    points = _sentences(issue, "labour", section=2)
    return _slide(issue, "labour", chart, "contributions_history-quarter", "contributions_waterfall-quarter", points=points)  # fmt: skip


def _dimensions(issue: Issue) -> Slide:
    national, names = _national(issue), issue.declarations.dimensions
    wide = national.pivot(index="dimension", columns="period", values="value")
    codes = [code for code in reversed(list(names)) if code in wide.index]
    chart = _compared(issue, wide, codes, {code: issue.word(names[code].short) for code in codes}, minimum=60)
    part = issue.chapter("labour")
    points = list(part["sections"][0]["blocks"]) if part and not part["sections"][0]["title"] else []
    said = [sentence for block in points for item in block.get("items", []) for piece in item for sentence in piece["sentences"]]  # fmt: skip
    return _slide(issue, "labour", chart, "index_by_dimension", points=said)


def _groups(issue: Issue) -> Slide:
    index = issue.tables["labour_index"]
    regions = issue.declarations.groups_of("REGION")
    lines = {}
    for group in regions:
        own = index[(index["group"] == group.code) & (index["dimension"] == "overall")]
        if len(own.dropna(subset="value")):
            lines[issue.word(group.name)] = own.set_index("period")["value"]
    chart = _line(issue, lines, _window(issue)) if lines else None
    part, said = issue.chapter("labour"), []
    for section in part["sections"] if part else ():
        if any(block["kind"] == "figure" and block["id"] == "index_by_group-region" for block in blocks_of({"sections": [section]})):  # fmt: skip
            said = [s for block in blocks_of({"sections": [section]}) if block["kind"] == "paragraph" for s in block["sentences"]]  # fmt: skip
    return _slide(issue, "labour", chart, "index_by_group-region", points=said)


def _survey(issue: Issue, survey: str, slug: str) -> Slide:
    table = issue.tables.get("confidence", pd.DataFrame(columns=["survey", "group"]))
    own = table[(table["survey"] == survey) & (table["group"] == "TH")]
    chart = None
    if len(own):
        wide = own.pivot(index="domain", columns="period", values="value")
        domains = {item.id: issue.word(item.short) or issue.word(item.name) for item in issue.declarations.questionnaires[survey].domains}  # fmt: skip
        codes = [code for code in reversed(list(domains)) if code in wide.index]
        chart = _compared(issue, wide, codes, domains, minimum=0)
    return _slide(issue, slug, chart, f"confidence_domains-{survey}")


def _employers(issue: Issue) -> Slide:
    return _survey(issue, "employer", "employers")


def _workers(issue: Issue) -> Slide:
    return _survey(issue, "worker", "workers")


def _shares(issue: Issue, table: str, key: str, column: str, names: Mapping[str, str]) -> Series | None:
    """Shares of this quarter, the one before and a year before, in per cent, the largest at the top."""
    given = issue.tables.get(table)
    if given is None or given.empty:
        return None
    wide = given.pivot(index=key, columns="period", values=column) * 100
    now = iso(issue.quarter)
    if now not in wide:
        return None
    codes = list(wide[now].sort_values().index)
    return _compared(issue, wide, codes, names, minimum=0)


def _options(issue: Issue) -> dict[str, str]:
    return {
        option.id: issue.word(option.short) or issue.word(option.name)
        for form in issue.declarations.questionnaires.values()
        for option in (*form.actions, *form.traits, *form.aspects)
    }


def _actions(issue: Issue) -> Slide:
    chart = _shares(issue, "employer_actions", "action", "share", _options(issue))
    return _slide(issue, "actions", chart, "actions_change", "actions_by_quarter")


def _priorities(issue: Issue) -> Slide:
    chart = _shares(issue, "priorities", "aspect", "top3_share", _options(issue))
    said = [*_sentences(issue, "priorities", finding=True), *_sentences(issue, "skills", finding=True)]
    return _slide(issue, "priorities", chart, "priorities", points=said)


def _outlook(issue: Issue) -> Slide:
    national = _national(issue)
    past = national[national["dimension"] == "overall"].set_index("period")["value"]
    ahead = issue.tables.get("forecast", pd.DataFrame())
    chart = None
    if len(ahead):
        ahead = ahead.set_index("period")
        now, words = iso(issue.quarter), WORDS[issue.lang]
        periods = [*_window(issue)[-8:], *ahead.index]
        start = past.reindex([now])
        lines = {words["index"]: past}
        for name, column in (("mean", "mean"), ("low", "low80"), ("high", "high80")):
            lines[words[name]] = pd.concat([start, ahead[column]])
        chart = _line(issue, lines, periods)
    return _slide(issue, "forecast", chart, "forecast_fan")


def _recommendations(issue: Issue) -> Slide:
    part = issue.chapter("recommendations")
    urgent: list[Mapping[str, Any]] = []
    for block in blocks_of(part) if part else ():
        if block["kind"] == "list" and block["style"] == "ordered":
            urgent = [
                sentence
                for item in block["items"]
                for piece in item[:1]
                for sentence in piece["sentences"][:1]
            ]
            break
    found = _sentences(issue, "recommendations", finding=True)
    return Slide(found[0] if found else WORDS[issue.lang]["none"], urgent[:5], None, issue.issuer("division"))


# ------------------------------------------------------------------------------------------------ series of charts


def _numbers(values: Sequence[Any] | pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _line(issue: Issue, lines: Mapping[str, pd.Series], periods: Sequence[str]) -> Series:
    values = {name: _numbers(own.reindex(list(periods))) for name, own in lines.items()}
    return Series("line", [issue.quarter_label(period) for period in periods], values)


def _compared(
    issue: Issue, wide: pd.DataFrame, codes: Sequence[str], names: Mapping[str, str], *, minimum: float
) -> Series:
    """Bars of a year before and of this quarter, which stands on top."""
    words, values = WORDS[issue.lang], {}
    for word, back in (("year", 4), ("now", 0)):
        period = iso(issue.quarter - back)
        if period in wide:
            values[words[word]] = _numbers(wide.loc[list(codes), period])
    return Series("bar", [names.get(code, code) for code in codes], values, minimum=minimum)
