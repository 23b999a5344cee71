"""Findings: the facts of an issue, each number with the cell it came from.

Goes in: the named tables and the issue's context. Comes out: ``Findings``; the wording stays in ``templates/``. A fact
that the tables do not carry is None or empty, and the templates leave its sentence out or say what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import pandas as pd

from reporter.domain.declarations import SURVEYS, rule
from reporter.domain.edition import Context
from reporter.report import english, provenance
from reporter.report.dimensions import (
    GroupSet,
    IndicatorPart,
    Mover,
    RefusedKind,
    labour_groups,
    refused_kinds,
)
from reporter.report.document import Claim
from reporter.report.labour import EconomyFacts, LabourFacts, economy_facts, labour_facts, publishable
from reporter.report.numbers import Cells, Change
from reporter.report.other_questions import (
    ActionsFacts,
    PrioritiesFacts,
    ShareFacts,
    TraitsFacts,
    actions_facts,
    priorities_facts,
    traits_facts,
)
from reporter.report.outlook import FiredRule, ForecastFacts, forecast_facts, load_rules, recommend
from reporter.report.surveys import SurveyFacts, survey_facts
from reporter.report.tables_of_chapters import (
    actions_sheet,
    countries_sheet,
    dimensions_sheet,
    domains_sheet,
    economy_sheet,
    forecast_sheet,
    groups_sheet,
    items_sheet,
    macro_sheet,
    parts_sheet,
    priorities_sheet,
    published_sheet,
    traits_sheet,
)
from reporter.report.tables_of_index import MovedFacts, appendix_sheets, moved_facts
from reporter.report.tables_of_methods import (
    DetrendingFacts,
    ReplacedFacts,
    TrackFacts,
    detrending_facts,
    replaced_facts,
    track_facts,
)
from reporter.report.workbook import ReportSheet


@dataclass(frozen=True)
class Findings:
    """Everything an issue says; ``sheets`` are its tables by id, ``seasonal_models`` the file they come from.

    unworded   how many recommendations have no words in the language of the issue
    """

    labour: LabourFacts
    groups: Mapping[str, GroupSet]
    economy: EconomyFacts
    forecast: ForecastFacts | None
    employer: SurveyFacts | None
    worker: SurveyFacts | None
    actions: ActionsFacts | None
    traits: TraitsFacts | None
    priorities: PrioritiesFacts | None
    sheets: Mapping[str, ReportSheet]
    release_notes: tuple[str, ...]
    detrending: DetrendingFacts | None = None
    moved: MovedFacts | None = None
    track: TrackFacts | None = None
    replaced: ReplacedFacts | None = None
    seasonal_models: str = ""
    refused_kinds: tuple[RefusedKind, ...] = ()
    recommended: tuple[FiredRule, ...] = ()
    unworded: int = 0

    @property
    def joint(self) -> tuple[tuple[str, Change], ...]:
        """``labour``, ``employer``, ``worker`` with the index's change on the quarter, of those that have one."""
        surveys = [(item.survey, item.movement) for item in (self.employer, self.worker) if item is not None]
        own = [("labour", self.labour.movement), *surveys]
        return tuple((name, moved.quarter) for name, moved in own if moved.quarter is not None)

    @property
    def joint_claims(self) -> tuple[Claim, ...]:
        """Whether each two of them went the same way; none of a change that chance alone may make."""
        return tuple(claim for claim, _ in self._joint_pairs())

    def _joint_pairs(self) -> list[tuple[Claim, bool]]:
        """Claims about two changes that are told from zero, and whether one of them is that of the official index."""
        known = [(name, change, self._told_from_zero(name, change)) for name, change in self.joint]
        made = [
            (provenance.together(first, second, clear=(one, other)), "labour" in (name, another))
            for (name, first, one), (another, second, other) in combinations(known, 2)
            if one and other
        ]
        return [(claim, is_official) for claim, is_official in made if claim is not None]

    def _told_from_zero(self, name: str, change: Change) -> provenance.Clear:
        """What tells a change from zero: the survey's test, the band of the official index; "" where it may be chance."""
        if name != "labour":
            return change.test if change.is_significant else ""
        band = self.labour.clarity.get("quarter")
        return (band.low, band.high) if band is not None and band.is_clear else ""

    @property
    def joint_on_year(self) -> tuple[tuple[str, Change, Claim], ...]:
        """The indices whose change on the year is told from zero, each with what tells it."""
        found: list[tuple[str, Change, Claim]] = []
        clarity, moved = self.labour.clarity.get("year"), self.labour.movement.year
        if moved is not None and moved.sign and clarity is not None and clarity.is_clear:
            found.append(("labour", moved, clarity.claim))
        for item in (self.employer, self.worker):
            change = item.movement.year if item else None
            if item and change is not None and change.sign and change.is_significant:
                found.append((item.survey, change, item.tests["year"]))
        return tuple(found)

    @property
    def joint_on_year_claims(self) -> tuple[Claim, ...]:
        """That each two of three indices went the same way on the year; none where they did not, or fewer are told from zero."""
        known = self.joint_on_year
        if len(known) < 3 or len({change.sign for _, change, _ in known}) > 1:
            return ()
        band = self.labour.clarity["year"]
        proofs: list[provenance.Clear] = [(band.low, band.high), *(change.test for _, change, _ in known[1:])]
        pairs = combinations(zip((change for _, change, _ in known), proofs, strict=True), 2)
        made = [provenance.together(one, other, clear=(own, its)) for (one, own), (other, its) in pairs]
        return tuple(claim for claim in made if claim is not None)

    @property
    def joint_reading(self) -> str:
        """What the indices tell together.

        ``one_picture`` all three the same way; ``official_apart`` statistics against answers; ``surveys_apart`` and ``surveys_same``
        the two surveys alone, where the official index has no clear direction; "" where no direction can be told.
        """
        official = {str(claim.says) for claim, is_official in self._joint_pairs() if is_official}
        surveys = {str(claim.says) for claim, is_official in self._joint_pairs() if not is_official}
        if "opposite" in official:
            return "official_apart"
        if official == {"same"} and surveys == {"same"}:
            return "one_picture"
        return {"opposite": "surveys_apart", "same": "surveys_same"}.get("".join(surveys), "")

    @property
    def bonus(self) -> tuple[IndicatorPart, ShareFacts] | None:
        """Average bonus as a push, and the workers who were told of lower ones: two facts that seem to disagree."""
        part = next((item for item in self.labour.pushes if item.id == "average_bonus"), None)
        told = self.actions.share("action6") if self.actions else None
        if part is None or told is None or part.state == "estimated" or part.total is None:
            return None
        return (part, told) if part.total.value >= rule("contribution.least_dimension") else None

    @property
    def related_to_actions(self) -> tuple[Mover, ...]:
        """Official indicators beside which employers' actions are read."""
        wanted = ("layoff_rate", "sso_unemployment_rate", "average_bonus", "employee_benefits")
        movers = (mover for item in self.labour.dimensions for mover in item.movers)
        return tuple(item for item in movers if item.indicator.id in wanted and item.verb != "ทรงตัว")


def _release_notes(cells: Cells, labour: LabourFacts) -> tuple[str, ...]:
    """What changed since the issue before; nothing of the composite where that is not published."""
    notes = map(str, cells.rows("release_notes").get("text_th", pd.Series(dtype=str)).dropna())
    return tuple(text for text in notes if not (labour.is_reduced and text.startswith(_COMPOSITE)))


def findings(tables: Mapping[str, pd.DataFrame], context: Context) -> Findings:
    """All facts of the issue's quarter. Tables may be missing or empty; then their facts are."""
    cells = Cells(tables)
    labour = labour_facts(cells, context)
    economy = economy_facts(cells, context, labour)
    groups = labour_groups(cells, context)
    surveys = {
        name: survey_facts(cells, context, name, labour, economy)
        for name in SURVEYS
        if name in context.declarations.questionnaires
    }
    forecast = forecast_facts(cells, context, labour)
    actions, traits = actions_facts(cells, context), traits_facts(cells, context)
    worker = surveys.get("worker")
    priorities = priorities_facts(cells, context, worker)
    sets = {"labour": groups} | {name: item.groups for name, item in surveys.items() if item is not None}
    made: list[ReportSheet | None] = [
        macro_sheet(economy),
        economy_sheet(economy),
        countries_sheet(cells, context),
        dimensions_sheet(labour) if labour.dimensions else None,
        published_sheet(labour, cells, context.quarter),
        *_parts_sheets(labour),
        *_group_sheets(groups),
        forecast_sheet(forecast) if forecast else None,
        *(sheet for item in surveys.values() if item is not None for sheet in _survey_sheets(item)),
        actions_sheet(actions) if actions else None,
        traits_sheet(traits) if traits else None,
        priorities_sheet(priorities) if priorities else None,
    ]
    sheets = {sheet.id: sheet for sheet in made if sheet is not None}
    recommended, unworded = _recommended(cells, context)
    sheets |= appendix_sheets(Cells(publishable(tables, context)), context, sets)
    if labour.is_reduced:
        news = sheets.get("news") if labour.nowcast else None
        sheets = _without_composite(sheets)
        if news is not None:
            sheets["news"] = replace(news, title=f"{news.title} (ค่าประมาณปัจจุบัน nowcast)")
    return Findings(
        labour,
        groups,
        economy,
        forecast,
        surveys.get("employer"),
        worker,
        actions,
        traits,
        priorities,
        sheets,
        release_notes=_release_notes(cells, labour),
        detrending=detrending_facts(cells),
        moved=None if labour.is_reduced else moved_facts(cells),
        track=None if labour.is_reduced else track_facts(cells),
        replaced=replaced_facts(cells),
        seasonal_models=cells.text("index_parameters", "value", key="seasonal_models"),
        refused_kinds=refused_kinds(cells, context),
        recommended=recommended,
        unworded=unworded,
    )


def _recommended(cells: Cells, context: Context) -> tuple[tuple[FiredRule, ...], int]:
    """What is recommended on the evidence of the tables, and how many of it the language of the issue has no words for."""
    own = Path(context.overrides) / "rules" if context.overrides else None
    thai = own / "recommendations.toml" if own else None
    book = load_rules(thai if thai and thai.is_file() else None)
    recommended = recommend(cells, context, book)
    if context.lang == "th":
        return recommended, 0
    worded = recommend(
        cells, context, english.rules_in_english(book, own / english.ENGLISH_RULES if own else None)
    )
    return worded, len(recommended) - len(worded)


_COMPOSITE = "ดัชนีรวม"
# Tables that measure, test or forecast the composite: a reduced issue has none (``tables/`` keep their rows).
_OF_COMPOSITE = frozenset(
    (
        "coverage",
        "detrending-sensitivity",
        "evaluation",
        "late-sources",
        "news",
        "sensitivity",
        "tests",
        "turning-points",
        "weights",
    )
)

_WITH_COMPOSITE = frozenset(
    ("moved", "signals", "track-record")
)  # tables with rows of the composite among others


def _without_composite(sheets: Mapping[str, ReportSheet]) -> dict[str, ReportSheet]:
    """The tables of a reduced issue: none of the composite, and no row of it in the others."""
    kept = {name: sheet for name, sheet in sheets.items() if name not in _OF_COMPOSITE}
    for name in _WITH_COMPOSITE & kept.keys():
        rows, group = [], ""
        for row in kept[name].rows:
            group = row.group or group
            if _COMPOSITE not in (row.head, group):
                rows.append(row)
        kept[name] = replace(kept[name], rows=tuple(rows))
    return kept


def _parts_sheets(labour: LabourFacts) -> list[ReportSheet | None]:
    """What pushed and what pulled the index most."""
    if labour.is_reduced:
        return []
    against = labour.parts_against
    return [
        parts_sheet("pushes", "แรงหนุนมากที่สุด", labour.moving(against, 1), against),
        parts_sheet("pulls", "แรงฉุดมากที่สุด", labour.moving(against, -1), against),
    ]


def _group_sheets(groups: Mapping[str, GroupSet]) -> list[ReportSheet | None]:
    small = [groups[kind] for kind in ("STATUS", "REGION") if kind in groups]
    return [
        groups_sheet(
            "labour-groups", f"ดัชนีเศรษฐกิจแรงงานจำแนกตาม{'และ'.join(kind.name for kind in small)}", small
        ),
        groups_sheet(
            "labour-industries",
            "ดัชนีเศรษฐกิจแรงงานจำแนกตามอุตสาหกรรม",
            [groups["INDUSTRY"]] if "INDUSTRY" in groups else [],
        ),
    ]


def _survey_sheets(survey: SurveyFacts) -> list[ReportSheet | None]:
    kinds = [survey.groups[kind] for kind in ("STATUS", "SKILL", "WORK", "REGION") if kind in survey.groups]
    industries = [survey.groups["INDUSTRY"]] if "INDUSTRY" in survey.groups else []
    name = survey.questionnaire.index_name.th
    return [
        domains_sheet(survey),
        items_sheet(survey),
        groups_sheet(f"{survey.survey}-groups", f"{name} จำแนกตามกลุ่ม", kinds, has_sizes=True),
        groups_sheet(f"{survey.survey}-industries", f"{name} จำแนกตามอุตสาหกรรม", industries, has_sizes=True),
        groups_sheet(
            f"{survey.survey}-profile", f"{name} จำแนกตามลักษณะของผู้ตอบ", list(survey.profile), has_sizes=True
        ),
    ]


__all__ = ["Findings", "findings", "publishable"]
