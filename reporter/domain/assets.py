"""Where the package's own files are (templates, fonts, charts, default declarations), and the visual identity as values.

In a checkout they stand at the top level; in an installed wheel they travel under ``reporter/_assets``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = _PACKAGE / "_assets"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent


def asset(*parts: str) -> Path:
    """Path of a packaged file or folder, e.g. ``asset("data", "indicators")``."""
    return _ROOT.joinpath(*parts)


Value = str | int | float


@dataclass(frozen=True)
class Tokens:
    """The declared identity.

    colour      name -> ``#RRGGBB``
    dimension   dimension id -> ``#RRGGBB``, fixed for all issues
    diverging   nine colours from worse to better, the fifth neutral
    font        ``family`` and the weights' numbers
    size        points on paper
    line        points: ``body`` is the baseline grid, ``half`` its half
    page        millimetres
    chart       millimetres a chart is printed wide: ``one_column``, ``two_columns``
    web         px, unitless line height, em
    """

    colour: Mapping[str, str]
    dimension: Mapping[str, str]
    diverging: tuple[str, ...]
    font: Mapping[str, Value]
    size: Mapping[str, float]
    line: Mapping[str, float]
    page: Mapping[str, float]
    chart: Mapping[str, float]
    web: Mapping[str, float]


@cache
def tokens() -> Tokens:
    """Read ``templates/tokens.toml``."""
    declared = tomllib.loads(asset("templates", "tokens.toml").read_text(encoding="utf-8"))
    steps = tuple(declared.pop("diverging")["steps"])
    return Tokens(diverging=steps, **{name: MappingProxyType(table) for name, table in declared.items()})


def css_variables() -> str:
    """``:root {--colour-ink: #1B2733; --size-body: 11.5pt; ...}`` for print.css, site.css and the dashboard."""
    identity = tokens()
    lines = [f"--colour-{name}: {value};" for name, value in identity.colour.items()]
    lines += [f"--dimension-{name.replace('_', '-')}: {value};" for name, value in identity.dimension.items()]
    lines += [f"--diverging-{number}: {value};" for number, value in enumerate(identity.diverging, start=1)]
    lines += [f"--font-family: '{identity.font['family']}';"]
    lines += [f"--weight-{name}: {value};" for name, value in identity.font.items() if name != "family"]
    for prefix, table, unit in (
        ("size", identity.size, "pt"),
        ("line", identity.line, "pt"),
        ("page", identity.page, "mm"),
        ("chart", identity.chart, "mm"),
    ):
        lines += [f"--{prefix}-{name.replace('_', '-')}: {value}{unit};" for name, value in table.items()]
    web = identity.web
    lines += [
        f"--web-body: {web['body']}px;",
        f"--web-line: {web['line']};",
        f"--web-measure: {web['measure']}em;",
    ]
    return ":root {\n  " + "\n  ".join(lines) + "\n}\n"
