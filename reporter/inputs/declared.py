"""Declarations from files: the package's defaults, a workspace's own files laid over them; the register of indicators.

Goes in: ``indicators/<dimension>/<id>.toml``, ``indicators/_sources.toml``, ``indicators/_macro.toml``,
``indicators/_experimental.toml``, ``questionnaires/<survey>.toml``, ``groups/*.csv``. Comes out: one ``Declarations`` object.
Source of the contents: method.md, 1 to 3; form of the files: style.md, 6.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import difflib
import io
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from reporter.domain.declarations import (
    SURVEYS,
    Declarations,
    Dimension,
    ExperimentalDimension,
    Group,
    Indicator,
    MacroVariable,
    Name,
    Questionnaire,
    Source,
    asset,
    names,
)
from reporter.domain.errors import Finding
from reporter.domain.periods import end_of, parse_period
from reporter.inputs import workbook
from reporter.inputs.schema import (
    DimensionFile,
    ExperimentalEntry,
    IndicatorFile,
    MacroEntry,
    NameEntry,
    Problems,
    QuestionnaireFile,
    lay_over,
    read_bytes,
    read_toml,
    validated,
)
from reporter.inputs.series import read_table
from reporter.inputs.series_cells import latest_vintage
from reporter.inputs.workbook import SOURCES
from reporter.measures import annex_inputs

SOURCES_FILE = "sources.toml"
_ACTUAL = "แหล่งข้อมูลที่ใช้จริง"
README = "README.md"
_COLUMN = {
    "indicator": {"indicator", "indicators", "series", "ตัวชี้วัด", "รหัส"},
    "source": {"source", "sources", "แหล่งข้อมูล", "ที่มา"},
}
_SAME = {"same", "ditto", '"', "เหมือนกัน", "เช่นเดียวกัน"}


def load(root: Path | None = None, questionnaires_of: Path | None = None) -> Declarations:
    """Read all declarations; a file of the workspace replaces the package's file of the same name.

    root     the workspace's folder, or None for the package's declarations alone
    questionnaires_of  folder with ``questionnaires/`` instead of the workspace's (as known on an earlier day)
    Raises   DeclarationError with every problem of every file, each with its file and field
    """
    roots = [asset("data")] + ([Path(root)] if root is not None else [])
    problems = Problems()
    groups = read_groups(lay_over(roots, "groups", "*.csv"), problems)
    catalogue = read_catalogue(lay_over(roots, "indicators", "**/*.toml"), problems)
    asked = [roots[0], questionnaires_of] if questionnaires_of else roots
    questionnaires = read_questionnaires(lay_over(asked, "questionnaires", "*.toml"), groups, problems)
    if root is not None:
        _own_sources(Path(root), catalogue, problems)
    problems.stop()
    return Declarations(
        dimensions=catalogue.dimensions,
        indicators=catalogue.indicators,
        macro=catalogue.macro,
        sources=catalogue.sources,
        questionnaires=questionnaires,
        groups=groups | demographic_groups(questionnaires),
        experimental=catalogue.experimental,
    )


def _own_sources(root: Path, catalogue: Catalogue, problems: Problems) -> None:
    """Sources that the workspace says its series really come from: ``sources.toml``, else the workbook's list."""
    path = root / SOURCES_FILE
    if path.is_file():
        content = read_toml(SOURCES_FILE, path, problems) or {}
        own: list[tuple[str, Any, str, int | None]] = [
            (series, source, SOURCES_FILE, None) for series, source in content.items()
        ]
    else:
        noted: list[Finding] = []
        listed = [entry for entry in workbook.entries(root, SOURCES, noted) if entry.texts[_ACTUAL]]
        own = [(entry.texts["รหัส"], entry.texts[_ACTUAL], entry.where, entry.row) for entry in listed]
    if not own:
        own = [(series, source, README, None) for series, source in readme_sources(root, catalogue).items()]
    for series, source, where, row in own:
        table: Any = catalogue.indicators if series in catalogue.indicators else catalogue.macro
        codes = str(source).split("+")
        if series not in table:
            problems.add(
                where,
                series,
                "ไม่รู้จักตัวชี้วัดนี้ — ดู reporter indicators",
                "Unknown series; see reporter indicators.",
                row=row,
            )
        elif unknown := [code for code in codes if code not in catalogue.sources]:
            known = ", ".join(catalogue.sources)
            problems.add(
                where,
                series,
                f'ไม่รู้จักแหล่งข้อมูล "{unknown[0]}" — เลือกจาก {known} หรือเพิ่มใน indicators/_sources.toml',
                f'Unknown source "{unknown[0]}"; choose from {known}, or declare it in indicators/_sources.toml.',
                row=row,
            )
        else:
            table[series] = dataclasses.replace(table[series], source=str(source))


def readme_sources(root: Path, catalogue: Catalogue | Declarations) -> dict[str, str]:
    """Series -> codes of the sources that the workspace's README.md names for it; empty without such a table.

    A Markdown table with a column ``indicator`` and a column ``source`` (Thai: ตัวชี้วัด, แหล่งข้อมูล) counts: ids of series, and the name or code of
    producers of the register in a text of any kind; "same" is the row above. Other rows and words are passed over.
    """
    path = root / README
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found: dict[str, str] = {}
    places, codes = (-1, -1), ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if "|" in line else []
        heads = [cell.lower() for cell in cells]
        if not cells:
            places, codes = (-1, -1), ""
        elif _COLUMN["indicator"] & set(heads) and _COLUMN["source"] & set(heads):
            places = _heading(heads, "indicator"), _heading(heads, "source")
        elif min(places) >= 0 and len(cells) > max(places):
            said = cells[places[1]]
            codes = codes if said.lower() in _SAME else "+".join(_sources_in(said, catalogue.sources))
            named = re.findall(r"[a-z][a-z0-9_]+", cells[places[0]])
            known = [name for name in named if name in catalogue.indicators or name in catalogue.macro]
            found |= dict.fromkeys(known, codes) if codes else {}
    return found


def _heading(heads: list[str], column: str) -> int:
    return next(place for place, head in enumerate(heads) if head in _COLUMN[column])


def _sources_in(text: str, sources: Mapping[str, Source]) -> list[str]:
    """Producers that a text names, by code or by name, in the order of the text."""
    found = {
        code: match.start()
        for code, source in sources.items()
        if (match := re.search(rf"\b{code}\b|{re.escape(source.name.en)}|{re.escape(source.name.th)}", text))
    }
    return sorted(found, key=lambda code: found[code])


__all__ = ["load", "readme_sources"]


# ----------------------------------------------------------------------------------------------------
# Questionnaires from their TOML files.
#
# Goes in: ``questionnaires/employer.toml`` and ``worker.toml``. Comes out: frozen objects; problems are noted.
# Contents: the study, 4.2.1 and 4.3.1, word for word.
# ----------------------------------------------------------------------------------------------------


def read_questionnaires(
    files: Mapping[str, Path], groups: Mapping[str, Group], problems: Problems
) -> dict[str, Questionnaire]:
    """Read both questionnaires; problems are added to ``problems``."""
    found: dict[str, Questionnaire] = {}
    for where, path in files.items():
        survey = PurePosixPath(where).stem
        if survey not in SURVEYS:
            problems.add(
                where,
                "",
                "ไม่รู้จักแบบสำรวจนี้ — ใช้ employer หรือ worker",
                "Unknown survey; use employer or worker.",
            )
            continue
        content = read_toml(where, path, problems)
        if content is None or (entry := validated(where, content, QuestionnaireFile, problems)) is None:
            continue
        _check(where, entry, groups, problems)
        found[survey] = _frozen(survey, entry)
    return {survey: found[survey] for survey in SURVEYS if survey in found}


def _frozen(survey: str, entry: QuestionnaireFile) -> Questionnaire:
    return Questionnaire(
        id="employer" if survey == "employer" else "worker",
        name=entry.name.name(),
        index_name=entry.index_name.name(),
        aggregation=entry.aggregation,
        domains=tuple(option.option() for option in entry.domains),
        items=tuple(item.item() for item in entry.items),
        actions=tuple(option.option() for option in entry.actions),
        traits=tuple(option.option() for option in entry.traits),
        aspects=tuple(option.option() for option in entry.aspects),
        scale=tuple((step.rating, step.word, step.points) for step in entry.scale),
        demographics=tuple(question.choice() for question in entry.demographics),
        questions=tuple(question.choice() for question in entry.questions),
    )


def demographic_groups(questionnaires: Mapping[str, Questionnaire]) -> dict[str, Group]:
    """Groups that part 1 of the questionnaires makes (``SEX:female``), by code; both surveys share them."""
    return {
        f"{question.kind}:{option.id}": Group(f"{question.kind}:{option.id}", question.kind, option.name)
        for questionnaire in questionnaires.values()
        for question in questionnaire.demographics
        for option in question.options
    }


def _check(where: str, entry: QuestionnaireFile, groups: Mapping[str, Group], problems: Problems) -> None:
    columns = [item.column for item in entry.items]
    asked = [question.id for question in entry.demographics + entry.questions]
    options = [option.id for option in entry.actions + entry.aspects]
    _unique(where, "items", columns + options + asked, problems)
    for question in entry.demographics:
        if not question.kind:
            problems.add(
                where,
                f"demographics.{question.id}.kind",
                "ไม่มี kind — ใส่ชื่อกลุ่มเป็นตัวพิมพ์ใหญ่ เช่น SEX",
                "kind is missing; write the kind of group in capitals, as SEX.",
            )
    for kind, declared in (("domains", entry.domains), ("traits", entry.traits)):
        _unique(where, kind, [option.id for option in declared], problems)
    _unique(where, "scale", [str(step.rating) for step in entry.scale], problems)
    domains = {option.id for option in entry.domains}
    for item in entry.items:
        if item.domain and item.domain not in domains:
            _unknown(where, f"items.{item.column}.domain", item.domain, domains, problems)
        for code in (*item.optional_for, *item.text_for):
            if code not in groups:
                _unknown(where, f"items.{item.column}.optional_for", code, groups, problems)
    worded = [
        (f"{kind}.{one.id}.name_for", one.name_for)
        for kind in ("domains", "actions", "traits", "aspects")
        for one in getattr(entry, kind)
    ]
    worded += [
        (f"demographics.{one.id}.text_for", one.text_for) for one in (*entry.demographics, *entry.questions)
    ]
    for place, wordings in worded:
        for code in wordings:
            if code not in groups:
                _unknown(where, place, code, groups, problems)
    for trait in entry.traits:
        for column in trait.items:
            if column not in columns:
                _unknown(where, f"traits.{trait.id}.items", column, columns, problems)


def _unique(where: str, field: str, values: Iterable[str], problems: Problems) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            problems.add(
                where, field, f'รหัส "{value}" ซ้ำ — ใช้รหัสที่ไม่ซ้ำกัน', f'Id "{value}" occurs twice; use another.'
            )
        seen.add(value)


_FEW_KNOWN = 12  # names that a finding can list on two lines


def _unknown(where: str, field: str, value: str, known: Collection[str], problems: Problems) -> None:
    """Note a value that is none of those known, with those known where they are few, else with the nearest."""
    few = len(known) <= _FEW_KNOWN
    near = ", ".join(sorted(known) if few else difflib.get_close_matches(value, known))
    th, en = (f" ใช้ได้: {near}", f" Possible: {near}.") if near else ("", "")
    problems.add(
        where, field, f'ไม่รู้จัก "{value}" — ตรวจตัวสะกด{th}', f'Unknown "{value}"; check its spelling.{en}'
    )


# ----------------------------------------------------------------------------------------------------
# Groups of workers from their CSV files: the country, regions, provinces, industries, statuses, skills, kinds of work.
#
# Goes in: ``groups/*.csv`` with ``code,name_th,name_en,aliases`` (provinces also region, abbreviation, tile). Comes
# out: frozen groups by code, in declared order. Codes: contract.md; regions: the five of the Labour Force Survey.
# ----------------------------------------------------------------------------------------------------

_KINDS = {
    "all": "TH",
    "statuses": "STATUS",
    "regions": "REGION",
    "provinces": "PROVINCE",
    "industries": "INDUSTRY",
    "skills": "SKILL",
    "work_types": "WORK",
}
_COLUMNS = ["code", "name_th", "name_en", "aliases"]
_PROVINCE_COLUMNS = [
    "code",
    "name_th",
    "name_en",
    "region",
    "abbreviation",
    "tile_row",
    "tile_column",
    "aliases",
]
_CODES = {
    "TH": re.compile(r"TH\Z"),
    "PROVINCE": re.compile(r"TH-[0-9]{2}\Z"),
}


def read_groups(files: Mapping[str, Path], problems: Problems) -> dict[str, Group]:
    """Read every file of ``groups/``; problems are added to ``problems``."""
    groups: dict[str, Group] = {}
    by_kind = {PurePosixPath(where).stem: (where, path) for where, path in files.items()}
    for stem in sorted(set(by_kind) - set(_KINDS)):
        problems.add(
            by_kind[stem][0],
            "",
            f"ไม่รู้จักไฟล์กลุ่มนี้ — ใช้ {', '.join(_KINDS)}",
            f"Unknown file of groups; use {', '.join(_KINDS)}.",
        )
    for stem, kind in _KINDS.items():
        if stem in by_kind:
            for group in _read_file(*by_kind[stem], kind, groups, problems):
                groups[group.code] = group
    return groups


def _read_file(
    where: str, path: Path, kind: str, groups: Mapping[str, Group], problems: Problems
) -> list[Group]:
    text = read_bytes(where, path, problems)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""))
    expected = _PROVINCE_COLUMNS if kind == "PROVINCE" else _COLUMNS
    try:
        header = list(reader.fieldnames or [])
        rows = list(reader) if header == expected else []
    except csv.Error as error:
        problems.add(where, "", f"ไม่ใช่ CSV ที่ถูกต้อง: {error}", f"Not valid CSV: {error}.")
        return []
    if header != expected:
        problems.add(
            where,
            "",
            f"หัวคอลัมน์ต้องเป็น {','.join(expected)}",
            f"The header must be {','.join(expected)}.",
            row=1,
        )
    found: list[Group] = []
    for number, row in enumerate(rows, start=2):
        if group := _read_row(where, number, row, kind, groups, problems):
            _check_row(where, number, group, found, problems)
            found.append(group)
    return found


def _read_row(
    where: str,
    number: int,
    row: dict[str, str | None],
    kind: str,
    groups: Mapping[str, Group],
    problems: Problems,
) -> Group | None:
    code = (row["code"] or "").strip()
    pattern = _CODES.get(kind, re.compile(rf"{kind}:[A-Za-z_]+\Z"))
    if not pattern.match(code):
        problems.add(where, "code", f'รหัส "{code}" ผิดรูปแบบ', f'Code "{code}" has a wrong form.', row=number)
        return None
    name = Name((row["name_th"] or "").strip(), (row["name_en"] or "").strip())
    if not (name.th and name.en):
        problems.add(where, "name_th", "ต้องมีชื่อไทยและอังกฤษ", "Both names must be given.", row=number)
    aliases = tuple(alias.strip() for alias in (row["aliases"] or "").split(";") if alias.strip())
    if kind != "PROVINCE":
        return Group(code, kind, name, aliases=aliases)
    region = (row["region"] or "").strip()
    if region not in groups:
        problems.add(where, "region", f'ไม่รู้จักภาค "{region}"', f'Unknown region "{region}".', row=number)
    try:
        tile = (int(row["tile_row"] or ""), int(row["tile_column"] or ""))
    except ValueError:
        problems.add(
            where,
            "tile_row",
            "ตำแหน่งช่องต้องเป็นจำนวนเต็ม",
            "The tile's place must be whole numbers.",
            row=number,
        )
        return None
    abbreviation = (row["abbreviation"] or "").strip()
    return Group(f"PROVINCE:{code}", kind, name, region, abbreviation, tile, aliases)


def _check_row(where: str, number: int, group: Group, earlier: list[Group], problems: Problems) -> None:
    for other in earlier:
        shared = [
            field
            for field, same in (
                ("code", other.code == group.code),
                ("name_th", other.name.th == group.name.th),
                ("abbreviation", bool(group.abbreviation) and other.abbreviation == group.abbreviation),
                ("tile_row", group.tile is not None and other.tile == group.tile),
            )
            if same
        ]
        for name in shared:
            problems.add(
                where,
                name,
                f"ซ้ำกับ {other.code} — ใช้ค่าที่ไม่ซ้ำกัน",
                f"Also that of {other.code}; use another.",
                row=number,
            )


# ----------------------------------------------------------------------------------------------------
# The catalogue: dimensions, indicators, macro variables and sources from their TOML files.
#
# Goes in: files by their name relative to the workspace. Comes out: frozen objects in declared order; problems are
# noted, not raised. Form: style.md, 6; contents: method.md, 1.
# ----------------------------------------------------------------------------------------------------

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_SOURCES = "indicators/_sources.toml"
_MACRO = "indicators/_macro.toml"
_EXPERIMENTAL = "indicators/_experimental.toml"


@dataclass
class Catalogue:
    """What the index is made of, keyed by id in declared order."""

    dimensions: dict[str, Dimension] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    macro: dict[str, MacroVariable] = field(default_factory=dict)
    experimental: dict[str, ExperimentalDimension] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)


def read_catalogue(files: Mapping[str, Path], problems: Problems) -> Catalogue:
    """Read every file of ``indicators/``; problems are added to ``problems``."""
    catalogue = Catalogue()
    _read_sources(files, catalogue, problems)
    dimensions = [_read_dimension(where, files[where], problems) for where in files if _is_dimension(where)]
    known = {item.id for item in dimensions if item}
    known |= {PurePosixPath(where).parent.name for where in files if _is_dimension(where)}
    indicators = [
        _read_indicator(where, path, known, catalogue.sources, problems)
        for where, path in files.items()
        if not PurePosixPath(where).name.startswith("_")
    ]
    read = [item for item in indicators if item]
    places = [where for where in files if not PurePosixPath(where).name.startswith("_")]
    _check_unique(places, problems)
    for dimension in sorted((item for item in dimensions if item), key=lambda item: (item.order, item.id)):
        _check_order(dimension, catalogue, problems)
        catalogue.dimensions[dimension.id] = dimension
        members = [item for item in read if item.dimension == dimension.id]
        for indicator in sorted(members, key=lambda item: (item.order, item.id)):
            catalogue.indicators[indicator.id] = indicator
    _read_macro(files, catalogue, problems)
    _check_same_facts(catalogue, problems)
    _read_experimental(files, catalogue, problems)
    return catalogue


def _check_same_facts(catalogue: Catalogue, problems: Problems) -> None:
    for item in catalogue.indicators.values():
        if item.same_as and item.same_as not in catalogue.macro:
            known = ", ".join(catalogue.macro)
            problems.add(
                f"indicators/{item.dimension}/{item.id}.toml",
                "same_as",
                f'ไม่รู้จักตัวแปรเศรษฐกิจมหภาค "{item.same_as}" — เลือกจาก {known}',
                f'Unknown macro variable "{item.same_as}"; choose from {known}, or declare it in {_MACRO}.',
            )


def _is_dimension(where: str) -> bool:
    return PurePosixPath(where).name == "_dimension.toml"


def _check_unique(places: list[str], problems: Problems) -> None:
    """File name = id, so two files of one name are two declarations of one indicator."""
    first: dict[str, str] = {}
    for where in places:
        stem = PurePosixPath(where).stem
        if stem in first:
            problems.add(
                where,
                "id",
                f'รหัส "{stem}" ซ้ำกับ {first[stem]} — ลบหรือเปลี่ยนชื่อไฟล์หนึ่ง',
                f'Id "{stem}" is also declared in {first[stem]}; remove or rename one.',
            )
        first.setdefault(stem, where)


def _check_order(dimension: Dimension, catalogue: Catalogue, problems: Problems) -> None:
    for other in catalogue.dimensions.values():
        if other.order == dimension.order:
            problems.add(
                f"indicators/{dimension.id}/_dimension.toml",
                "order",
                f"ลำดับ {dimension.order} ซ้ำกับ {other.id} — ใช้ลำดับที่ไม่ซ้ำกัน",
                f"Order {dimension.order} is also that of {other.id}; use another.",
            )


def _read_sources(files: Mapping[str, Path], catalogue: Catalogue, problems: Problems) -> None:
    content = read_toml(_SOURCES, files[_SOURCES], problems) if _SOURCES in files else {}
    for code, entry in (content or {}).items():
        if name := validated(_SOURCES, entry, NameEntry, problems, prefix=code):
            catalogue.sources[code] = Source(code, name.name())


def _read_macro(files: Mapping[str, Path], catalogue: Catalogue, problems: Problems) -> None:
    content = read_toml(_MACRO, files[_MACRO], problems) if _MACRO in files else {}
    packaged = _packaged(_MACRO, files[_MACRO]) if _MACRO in files else {}
    for code, entry in (content or {}).items():
        if isinstance(entry, dict):
            entry = _packaged_words(packaged.get(code, {}), entry, _MACRO_WORDS) | entry
        if code in catalogue.indicators:
            problems.add(
                _MACRO, code, "ชื่อซ้ำกับตัวชี้วัด — ใช้ชื่ออื่น", "Also the id of an indicator; use another name."
            )
        if macro := validated(_MACRO, entry, MacroEntry, problems, prefix=code):
            _check_source(_MACRO, f"{code}.source", macro.source, catalogue.sources, problems)
            low, high = macro.bounds
            catalogue.macro[code] = MacroVariable(
                code,
                macro.name.name(),
                macro.unit,
                macro.source,
                macro.frequency,
                (low, high),
                macro.polarity,
                tuple(macro.also_called),
            )


def _read_experimental(files: Mapping[str, Path], catalogue: Catalogue, problems: Problems) -> None:
    content = read_toml(_EXPERIMENTAL, files[_EXPERIMENTAL], problems) if _EXPERIMENTAL in files else {}
    for code, entry in (content or {}).items():
        if code in catalogue.dimensions:
            problems.add(
                _EXPERIMENTAL,
                code,
                "เป็นมิติของดัชนีอยู่แล้ว — ลบออกจากแฟ้มนี้",
                "Already a dimension of the index; remove it here.",
            )
        elif found := validated(_EXPERIMENTAL, entry, ExperimentalEntry, problems, prefix=code):
            catalogue.experimental[code] = ExperimentalDimension(
                code, found.name.name(), tuple(dict.fromkeys(found.surveys))
            )


def _read_dimension(where: str, path: Path, problems: Problems) -> Dimension | None:
    content = read_toml(where, path, problems)
    if content is None or (entry := validated(where, content, DimensionFile, problems)) is None:
        return None
    return Dimension(
        PurePosixPath(where).parent.name,
        entry.order,
        entry.name.name(),
        entry.short.name(),
        entry.description.name(),
    )


def _read_indicator(
    where: str, path: Path, dimensions: set[str], sources: Mapping[str, Source], problems: Problems
) -> Indicator | None:
    content = read_toml(where, path, problems)
    if content is not None:
        content = _packaged_words(_packaged(where, path), content, _WORDS) | content
    if content is None or (entry := validated(where, content, IndicatorFile, problems)) is None:
        return None
    place = PurePosixPath(where)
    before = len(problems.findings)
    _check_place(where, entry, dimensions, problems)
    _check_source(where, "source", entry.source, sources, problems)
    _check_contents(where, entry, problems)
    if len(problems.findings) > before:
        return None
    low, high = entry.bounds
    return Indicator(
        id=place.stem,
        dimension=place.parent.name,
        order=entry.order,
        name=entry.name.name(),
        spoken=Name(entry.spoken or entry.name.th, entry.name.en),
        source=entry.source,
        unit=entry.unit,
        frequency=entry.frequency,
        polarity=entry.polarity,
        transform=entry.transform,
        detrend=entry.detrend,
        groups=tuple(entry.groups),
        publication_lag_days=entry.publication_lag_days,
        bounds=(low, high),
        components=tuple(entry.components),
        gap=entry.gap,
        formula=entry.formula,
        fetch=entry.fetch,
        notes=entry.notes.name() if entry.notes else Name("", ""),
        also_called=tuple(entry.also_called),
        same_as=entry.same_as or "",
        often_misread=entry.often_misread,
        per_month=entry.per_month,
    )


_WORDS = ("spoken", "also_called", "same_as", "often_misread", "per_month")  # of an indicator
_MACRO_WORDS = ("polarity", "also_called")


def _packaged(where: str, read: Path) -> dict[str, Any]:
    """The program's own declaration of a name; empty where it has none, and where it is the file that was read."""
    path = asset("data") / where
    return tomllib.loads(path.read_text(encoding="utf-8")) if path != read and path.is_file() else {}


def _packaged_words(
    packaged: Mapping[str, Any], content: Mapping[str, Any], keys: Sequence[str]
) -> dict[str, Any]:
    """How texts speak of a packaged series, for a workspace's file of it that was written before files said this."""
    renamed = content.get("name") != packaged.get("name")
    return {key: packaged[key] for key in keys if key in packaged and not (renamed and key == "spoken")}


def _check_place(where: str, entry: IndicatorFile, dimensions: set[str], problems: Problems) -> None:
    place = PurePosixPath(where)
    folder = place.parent.name
    if not _ID.match(place.stem):
        problems.add(
            where,
            "id",
            f'ชื่อไฟล์ "{place.stem}" ใช้เป็นรหัสไม่ได้ — ใช้ a-z 0-9 และ _',
            f'File name "{place.stem}" cannot be an id; use a-z, 0-9 and _.',
        )
    if len(place.parts) != 3 or folder not in dimensions:
        problems.add(
            where,
            "dimension",
            f'โฟลเดอร์ "{folder}" ไม่ใช่มิติ — ย้ายไฟล์ไปไว้ในโฟลเดอร์ของมิติ',
            f'Folder "{folder}" is no dimension; move the file into a dimension\'s folder.',
        )
    if entry.id is not None and entry.id != place.stem:
        problems.add(
            where,
            "id",
            f'รหัส "{entry.id}" ไม่ตรงกับชื่อไฟล์ — ใช้ "{place.stem}" หรือลบค่านี้',
            f'Id "{entry.id}" is not the file\'s name; write "{place.stem}" or leave it out.',
        )
    if entry.dimension is not None and entry.dimension != folder:
        problems.add(
            where,
            "dimension",
            f'มิติ "{entry.dimension}" ไม่ตรงกับโฟลเดอร์ — ใช้ "{folder}" หรือย้ายไฟล์',
            f'Dimension "{entry.dimension}" is not the folder; write "{folder}" or move the file.',
        )


def _check_source(
    where: str, column: str, source: str, sources: Mapping[str, Source], problems: Problems
) -> None:
    for code in source.split("+"):
        if code not in sources:
            known = ", ".join(sources)
            problems.add(
                where,
                column,
                f'ไม่รู้จักแหล่งข้อมูล "{code}" — เลือกจาก {known}',
                f'Unknown source "{code}"; choose from {known}, or declare it in {_SOURCES}.',
            )


def _check_contents(where: str, entry: IndicatorFile, problems: Problems) -> None:
    low, high = entry.bounds
    if not low < high:
        problems.add(
            where, "bounds", "ค่าต่ำสุดต้องน้อยกว่าค่าสูงสุด", "The lower bound must be below the upper bound."
        )
    if "TH" not in entry.groups or len(set(entry.groups)) < len(entry.groups):
        problems.add(where, "groups", "ต้องมี TH และไม่ซ้ำกัน", "TH must be listed, and no kind twice.")
    if bool(entry.gap) != (len(entry.components) == 2):
        problems.add(
            where,
            "components",
            "ตัวชี้วัดความเหลื่อมล้ำต้องมี gap และ components สองรายการ (ชาย, หญิง)",
            "A gap needs `gap` and two `components` (male, female); other indicators need neither.",
        )
    if entry.formula:
        try:
            used = names(entry.formula)
        except ValueError as error:
            problems.add(where, "formula", f"สูตรใช้ไม่ได้: {error}", f"Not a usable formula: {error}.")
            return
        if entry.components and set(used) != set(entry.components):
            problems.add(
                where,
                "formula",
                "สูตรต้องใช้ components เท่านั้น",
                "The formula must use its components, and only them.",
            )


# ----------------------------------------------------------------------------------------------------
# The register of series: what each is called, who publishes it, what its newest value is and when the next one is due.
#
# Goes in: the declarations, a history of observations, a day. Comes out: one table for ``reporter indicators`` and for people who look for
# an id.
# ----------------------------------------------------------------------------------------------------

COLUMNS = (
    "id",
    "kind",
    "name_th",
    "name_en",
    "unit",
    "frequency",
    "source",
    "groups",
    "last_period",
    "last_value",
    "next_due",
    "status",
)
_MACRO_LAG_DAYS = 60  # the national accounts appear about seven weeks after the quarter
STATUS = {
    "current": ("ครบตามกำหนด", "current"),
    "due": ("ถึงกำหนดแล้วยังไม่มี", "due"),
    "absent": ("ไม่มีข้อมูล", "absent"),
    "computed": ("คำนวณจากสูตร", "computed"),
}


def register(declarations: Declarations, history: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Every series that a file may hold: columns ``COLUMNS``, indicators first, in declared order.

    kind      ``indicator``, ``part`` (of a gap), ``macro`` or ``input`` (of formulas and the annex)
    next_due  end of the period after the newest plus the declared lag, as text; "" where there is no value or no lag
    """
    entries = _entries(declarations)
    nation = history[history["group"] == "TH"]
    newest = latest_vintage(nation, None).sort_values("period", key=lambda column: column.map(end_of))
    last = dict(zip(newest["indicator"], zip(newest["period"], newest["value"], strict=True), strict=True))
    rows = []
    for (series, *about), lag, inputs in entries:
        period, value = last.get(series, ("", float("nan")))
        due = _due(period, lag)
        if period:
            status = "due" if due and due < today else "current"
        else:
            status = "computed" if inputs and set(inputs) <= set(last) else "absent"
        rows.append((series, *about, period, value, due.isoformat() if due else "", status))
    return pd.DataFrame(rows, columns=list(COLUMNS))


_Entry = tuple[tuple[str, ...], int | None, tuple[str, ...]]


def _entries(declarations: Declarations) -> list[_Entry]:
    """(id, kind, names, unit, frequency, source, groups), lag in days, inputs of the formula."""
    found: list[_Entry] = []
    for one in declarations.indicators.values():
        groups = " ".join(one.groups)
        about = (one.unit, one.frequency, one.source, groups)
        inputs = names(one.formula) if one.formula else ()
        found.append(
            ((one.id, "indicator", one.name.th, one.name.en, *about), one.publication_lag_days, inputs)
        )
        for part in one.components:
            th, en = ("ชาย", "men") if part.endswith("_male") else ("หญิง", "women")
            named = (f"{one.name.th} ({th})", f"{one.name.en} ({en})")
            found.append(
                ((part, "part", *named, "", one.frequency, one.source, groups), one.publication_lag_days, ())
            )
    for macro in declarations.macro.values():
        named = (macro.name.th, macro.name.en)
        found.append(
            (
                (macro.id, "macro", *named, macro.unit, macro.frequency, macro.source, "TH"),
                _MACRO_LAG_DAYS,
                (),
            )
        )
    known = {entry[0][0] for entry in found}
    for series, entry in annex_inputs().items():
        if series not in known:
            found.append(((series, "input", entry.name.th, entry.name.en, entry.unit, "", "", ""), None, ()))
    return found


def _due(period: str, lag: int | None) -> dt.date | None:
    if not period or lag is None:
        return None
    due: dt.date = (parse_period(period) + 1).end_time.date() + dt.timedelta(days=lag)
    return due


# ----------------------------------------------------------------------------------------------------
# A copy of the operator's own files with every cell that a finding speaks of coloured and commented.
#
# Goes in: findings and the workspace. Comes out: one .xlsx per file under ``checked/``, which no command reads. The files themselves are
# left as they are.
# ----------------------------------------------------------------------------------------------------

FOLDER = "checked"
_COLOURS = {"error": "FFC7CE", "warning": "FFEB9C", "note": "DDEBF7"}
_COORDINATE = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)\Z")
_HEADER_SEARCH = 30
_LONGEST = 2_000  # characters that Excel still shows in one comment
CellTexts = Mapping[tuple[str, str], str]


def mark(root: Path, findings: Iterable[Finding], cells: CellTexts) -> list[Path]:
    """Write marked copies; returns their paths, sorted.

    cells  (file, subject) -> name of the cell, for findings about values of wide tables
    """
    by_file: dict[str, list[Finding]] = {}
    for one in findings:
        name = one.where.partition("[")[0]
        if one.severity != "note" and (root / name).is_file() and not name.endswith((".toml", ".md")):
            by_file.setdefault(name, []).append(one)
    written = [_marked(root, name, found, cells) for name, found in by_file.items()]
    return sorted(path for path in written if path is not None)


def _marked(root: Path, name: str, found: Sequence[Finding], cells: CellTexts) -> Path | None:
    from openpyxl.comments import Comment  # here and below: only who has errors marked waits for it
    from openpyxl.styles import PatternFill

    book = _opened(root / name, name)
    if book is None:
        return None
    by_cell: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        sheet = one.where.partition("[")[2].rstrip("]")
        page = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
        by_cell.setdefault((page.title, _place(page, one, cells)), []).append(one)
    for (title, place), ones in by_cell.items():
        cell = book[title][place]
        worst = min(ones, key=lambda one: list(_COLOURS).index(one.severity)).severity
        cell.fill = PatternFill("solid", start_color=_COLOURS[worst])
        text = "\n\n".join(f"{one.th}\n{one.en}" for one in ones)[:_LONGEST]
        cell.comment = Comment(text, "reporter check", width=420, height=200)
    target = root / FOLDER / f"{name.replace('/', '-').removesuffix('.xlsx')}.marked.xlsx"
    target.parent.mkdir(exist_ok=True)
    book.save(target)
    return target


def _opened(path: Path, name: str) -> Any:
    """The workbook itself, or a new one of a text file's cells; None for a file that cannot be opened."""
    import openpyxl

    if path.suffix.lower() == ".xlsx":
        try:
            return openpyxl.load_workbook(path)
        except Exception:  # openpyxl raises what it meets; the findings say that the file is damaged
            return None
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, table in enumerate(read_table(path, name, []), start=1):
        sheet = book.create_sheet(table.where.partition("[")[2].rstrip("]") or f"{number}")
        for record in table.records:
            sheet.append([re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", cell) for cell in record])
    return book if book.sheetnames else None


def _place(page: Any, one: Finding, cells: CellTexts) -> str:
    """Name of the cell that a finding speaks of: told, known by its subject, or by row and column name."""
    if one.column and _COORDINATE.match(one.column):
        return one.column
    if known := cells.get((one.where, one.subject)):
        return known
    row = one.row or 1
    for header in page.iter_rows(min_row=1, max_row=min(_HEADER_SEARCH, page.max_row)):
        for cell in header:
            if one.column and str(cell.value or "").strip().casefold() == one.column.casefold():
                return f"{cell.column_letter}{row}"
    return f"A{row}"
