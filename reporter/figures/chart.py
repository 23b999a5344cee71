"""A chart file as an object: what it declares, and its functions with their defaults.

A chart file in ``charts/`` declares

    TITLE, UNIT     {"th": ..., "en": ...}: what is drawn, and in which unit
    NEEDS           tables of docs/tables.md, passed to ``shown`` in this order; one that is empty leaves the chart out
    USES            optional: further tables, passed after them, without rows where the issue has none
    MARKS           columns drawn as coordinates (tests compare them); () where values are colours or words only
    CHAPTER, ORDER  where it stands: the slug of a chapter (templates/report/chapters.toml), or "summary"
    WIDTH, HEIGHT   "full" or "half"; millimetres (``height(data)`` where it depends on the data drawn)
    VARIANTS        optional: key -> overrides of TITLE, UNIT, CHAPTER, ORDER, WIDTH (lower case)

and defines ``shown(*tables, context)``, the tidy data drawn and nothing else; ``draw(data, *, ax | figure, context)``;
``finding(data, *, context)``, the title that says what the data show; ``alt(data, *, context)``; ``sources(data)``; and
optionally ``note(data, *, context)`` and ``too_little(data)``, the reason why so few data make no picture. Drawing only
what ``shown`` returned is what makes the picture, its table and its words agree. Charts with VARIANTS take ``variant=`` too.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from reporter.domain.assets import asset
from reporter.domain.chapters import all_chapters
from reporter.domain.context import Context
from reporter.domain.errors import RenderError
from reporter.figures.theme import Width

Tables = dict[str, pd.DataFrame]
REQUIRED = (
    "TITLE",
    "UNIT",
    "NEEDS",
    "MARKS",
    "CHAPTER",
    "ORDER",
    "shown",
    "draw",
    "finding",
    "alt",
    "sources",
)
NO_DATA = "ไม่มีข้อมูล"


@dataclass(frozen=True)
class Chart:
    """One chart file, or one variant of it."""

    path: Path
    module: ModuleType = field(compare=False, repr=False)
    variant: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def id(self) -> str:
        """Name and variant: unique in an issue, and the name of its files."""
        return f"{self.name}-{self.variant}" if self.variant else self.name

    def declared(self, key: str, default: Any = None) -> Any:
        """A declaration of the file, the variant's own first."""
        return self.overrides.get(key.lower(), getattr(self.module, key, default))

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the tables it is drawn from."""
        return tuple(self.declared("NEEDS"))

    @property
    def width(self) -> Width:
        """Two columns or one."""
        width: Width = self.declared("WIDTH", "full")
        return width

    def height(self, data: pd.DataFrame) -> float:
        """Millimetres."""
        return float(self.call("height", data, default=self.declared("HEIGHT", 70)))

    def call(self, function: str, *arguments: Any, default: Any = None, **keywords: Any) -> Any:
        """Call one of the file's functions with those keywords that it takes."""
        defined: Callable[..., Any] | None = getattr(self.module, function, None)
        if defined is None:
            return default
        taken = inspect.signature(defined).parameters
        keywords["variant"] = self.variant
        return defined(*arguments, **{name: value for name, value in keywords.items() if name in taken})

    def takes(self, function: str, keyword: str) -> bool:
        """Does one of the file's functions take this keyword?"""
        return keyword in inspect.signature(getattr(self.module, function)).parameters

    def shown(self, tables: Tables, context: Context) -> pd.DataFrame:
        """The data drawn; no rows where a table is missing or empty."""
        chosen = [tables.get(name) for name in self.needs]
        if any(table is None or table.empty for table in chosen):
            return pd.DataFrame()
        further = [tables.get(name, pd.DataFrame()) for name in self.declared("USES", ())]
        data: pd.DataFrame = self.call("shown", *chosen, *further, context=context)
        return data.reset_index(drop=True)

    def absence(self, data: pd.DataFrame) -> str:
        """Why there is nothing to draw, in Thai; empty when there is."""
        if data.empty or data.select_dtypes("number").isna().all(axis=None):
            return NO_DATA
        return str(self.call("too_little", data, default=""))


@cache
def load(path: Path) -> ModuleType:
    """Import a chart file by its path, so that it works from a wheel as well. Raises RenderError on a bad file."""
    spec = importlib.util.spec_from_file_location(f"reporter_charts_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise RenderError(f"อ่านแผนภูมิ {path.name} ไม่ได้", f"Cannot read the chart {path.name}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    missing = [name for name in REQUIRED if not hasattr(module, name)]
    if missing:
        raise RenderError(
            f"charts/{path.name} ขาด {', '.join(missing)} — เพิ่มตามแบบใน reporter/figures/chart.py",
            f"charts/{path.name} lacks {', '.join(missing)}; add them as reporter/figures/chart.py shows.",
        )
    return module


def all_charts(folder: Path | None = None) -> list[Chart]:
    """Every chart file and variant, by chapter and order."""
    charts: list[Chart] = []
    for path in sorted((folder or asset("charts")).glob("[!_]*.py")):
        module = load(path)
        variants: Mapping[str, Mapping[str, Any]] = getattr(module, "VARIANTS", {"": {}})
        charts += [Chart(path, module, key, overrides) for key, overrides in variants.items()]
    place = {item.slug: at for at, item in enumerate(all_chapters(), start=1)}
    return sorted(
        charts, key=lambda chart: (place.get(chart.declared("CHAPTER"), 0), chart.declared("ORDER"), chart.id)
    )
