"""The catalogue: dimensions, indicators, macro variables and sources from their TOML files.

Goes in: files by their name relative to the workspace. Comes out: frozen objects in declared order; problems are
noted, not raised. Form: style.md, 6; contents: method.md, 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from reporter.domain.declarations import (
    Dimension,
    Indicator,
    MacroVariable,
    Name,
    Source,
)
from reporter.domain.formula import names
from reporter.inputs.declared.files import Problems, read_toml, validated
from reporter.inputs.declared.schema import (
    DimensionFile,
    IndicatorFile,
    MacroEntry,
    NameEntry,
)

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_SOURCES = "indicators/_sources.toml"
_MACRO = "indicators/_macro.toml"


@dataclass
class Catalogue:
    """What the index is made of, keyed by id in declared order."""

    dimensions: dict[str, Dimension] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    macro: dict[str, MacroVariable] = field(default_factory=dict)
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
    return catalogue


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
    for code, entry in (content or {}).items():
        if code in catalogue.indicators:
            problems.add(
                _MACRO, code, "ชื่อซ้ำกับตัวชี้วัด — ใช้ชื่ออื่น", "Also the id of an indicator; use another name."
            )
        if macro := validated(_MACRO, entry, MacroEntry, problems, prefix=code):
            _check_source(_MACRO, f"{code}.source", macro.source, catalogue.sources, problems)
            low, high = macro.bounds
            catalogue.macro[code] = MacroVariable(
                code, macro.name.name(), macro.unit, macro.source, macro.frequency, (low, high)
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
    )


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
