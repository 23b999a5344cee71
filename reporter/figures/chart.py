"""A chart file as an object: what it declares, and its functions with their defaults.

A chart file in ``charts/`` declares

    TITLE, UNIT     {"th": ..., "en": ...}: what is drawn, and in which unit
    NEEDS           tables of docs/tables.md, passed to ``shown`` in this order; one that is empty leaves the chart out
    USES            optional: further tables, passed after them, without rows where the issue has none
    MARKS           columns drawn as coordinates (tests compare them); () where values are colours or words only
    CHAPTER, ORDER  where it stands: the slug of a chapter (templates/report/chapters.toml), or "summary"
    WIDTH, HEIGHT   "full", "side" (beside its text) or "half"; millimetres (``height(data)`` where it depends on the data drawn)
    PHONE           optional, for "full" ones that can be read on a narrow screen: drawn once more at 92 mm, this many times as high
    VARIANTS        optional: key -> overrides of TITLE, UNIT, CHAPTER, ORDER, WIDTH (lower case)
    CHOICES         optional: key -> ``name`` {"th", "en"} and overrides as above: ways to draw the chart of which a workspace
                    chooses one (``[charts]`` of workspace.toml); the first is the usual one

and defines ``shown(*tables, context)``, the tidy data drawn and nothing else; ``draw(data, *, ax | figure, context)``;
``finding(data, *, context)``, the title that says what the data show; ``alt(data, *, context)``; ``sources(data)``; and
optionally ``note(data, *, context)`` and ``too_little(data)``, the reason why so few data make no picture. Drawing only
what ``shown`` returned is what makes the picture, its table and its words agree. Charts with VARIANTS take ``variant=`` too,
those with CHOICES ``choice=``.
"""

from __future__ import annotations

import importlib.util
import inspect
import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure as Canvas
from matplotlib.figure import FigureBase
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from reporter.domain.declarations import all_chapters, asset, tokens
from reporter.domain.edition import Context, Width
from reporter.domain.errors import DeclarationError, RenderError
from reporter.domain.periods import buddhist_year, parse_quarter
from reporter.domain.schema import Tables, declared_tables
from reporter.domain.thai import BREAK, number, protect, quarter_short, strip

# ----------------------------------------------------------------------------------------------------
# The look of every chart: fonts of the package, colours of the identity, printed sizes, reproducible files.
#
# Goes in: ``templates/tokens.toml`` through ``reporter.domain.declarations`` and ``fonts/sarabun``. Comes out: a matplotlib canvas at
# the printed width and its SVG and PNG bytes. No font of the machine is ever used, and a missing glyph is an error.
# Method: style.md, 4 (shaped Thai needs matplotlib 3.11; SVG text as paths).
# ----------------------------------------------------------------------------------------------------

# names of tokens.toml
_PRINTED = {"full": "two_columns", "side": "beside_text", "half": "one_column", "phone": "phone"}
WIDTHS = ("full", "side", "half")  # that a chart file may declare; "phone" is drawn beside them
MM = 1 / 25.4
DPI = 160

COLOUR = tokens().colour
INK, MUTED, RULE, PAPER, TINT = (COLOUR[name] for name in ("ink", "muted", "rule", "paper", "tint"))
NAVY, EMPLOYERS, WORKERS = COLOUR["navy"], COLOUR["employers"], COLOUR["workers"]
BETTER, WORSE, UNCHANGED = COLOUR["better"], COLOUR["worse"], COLOUR["unchanged"]
SURVEY_COLOUR = {"employer": EMPLOYERS, "worker": WORKERS}
# Named lines and parts, told apart by lightness as well as by hue (Okabe and Ito's set, darkened for thin lines)
CATEGORIES = ("#1F4E79", "#D9814F", "#117A7A", "#C9A227", "#8E63AC", "#5E9BCB", "#8A2F08")
# Stacked parts: dark and light in turn, so that neighbours stay apart when printed in grey
STACK = ("#1F4E79", "#E9B384", "#117A7A", "#E3CE7A", "#7A3B12", "#9CC7E8")
DIVERGING = LinearSegmentedColormap.from_list("diverging", tokens().diverging)

TEXT, SMALL, LARGE = 8.5, 8.0, 11.0  # points as printed; nothing in a chart is smaller than 8

_RC: Any = {
    "font.family": ["Sarabun"],
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.6,
    "axes.labelcolor": MUTED,
    "axes.labelsize": SMALL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.unicode_minus": True,
    "axes.xmargin": 0,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.size": 2.5,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "patch.linewidth": 0,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "path.simplify": True,
    "figure.constrained_layout.h_pad": 0.02,
    "figure.constrained_layout.w_pad": 0.02,
}


def _use_own_fonts() -> None:
    """Let matplotlib know the package's faces and no others."""
    manager = font_manager.fontManager
    folder = asset("fonts", "sarabun")
    if {entry.fname for entry in manager.ttflist} == {str(path) for path in folder.glob("*.ttf")}:
        return
    manager.ttflist = []
    for path in sorted(folder.glob("*.ttf")):
        manager.addfont(path)


@contextmanager
def theme() -> Iterator[None]:
    """Draw inside: the identity's settings, the package's fonts; a glyph that they lack raises RenderError."""
    _use_own_fonts()
    with mpl.rc_context(_RC), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing from font")
        warnings.filterwarnings("error", message="findfont")
        try:
            yield
        except UserWarning as warning:
            raise RenderError(
                f"แผนภูมิมีอักขระที่แบบอักษรของรายงานไม่มี ({warning})",
                f"A chart holds a character that the report's font lacks ({warning}).",
            ) from warning


def luminance(rgb: Sequence[float]) -> float:
    """Relative luminance of a colour (WCAG 2), 0 to 1."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(rgb: Sequence[float]) -> str:
    """Ink or paper, whichever reads better on a colour."""
    return INK if luminance(rgb) > 0.22 else PAPER


def dimension_colour(dimension: str) -> str:
    """The fixed colour of a dimension; a dimension that the identity does not name is grey."""
    return tokens().dimension.get(dimension, UNCHANGED)


def outline(colour: str) -> str:
    """The colour for thin lines and the edges of areas: darkened as far as marks on paper need (3 : 1, WCAG 1.4.11)."""
    return _darkened(colour, 3.0)


def legible(colour: str) -> str:
    """The colour for text: darkened as far as text on paper needs (4.5 : 1, WCAG 1.4.3)."""
    return _darkened(colour, 4.5)


def _darkened(colour: str, contrast: float) -> str:
    rgb: tuple[float, ...] = to_rgb(colour)
    while 1.05 / (luminance(rgb) + 0.05) < contrast:
        rgb = tuple(channel * 0.95 for channel in rgb)
    return to_hex((rgb[0], rgb[1], rgb[2]))


def millimetres(width: Width) -> float:
    """Printed width of a chart."""
    return float(tokens().chart[_PRINTED[width]])


def canvas(width: Width, height_mm: float) -> Canvas:
    """An empty picture at its printed size; call inside ``theme``. Marks ask ``for_phone`` how wide it is."""
    figure = Canvas(figsize=(millimetres(width) * MM, height_mm * MM), layout="constrained")
    figure.set_label(width)
    FigureCanvasAgg(figure)
    return figure


def for_phone(figure: FigureBase | None) -> bool:
    """Is this picture drawn for a narrow screen? Names then break sooner, panels stand two in a row, axes have fewer ticks."""
    return figure is not None and figure.get_label() == "phone"


def svg_bytes(figure: Canvas, salt: str) -> bytes:
    """The picture as SVG: no date, ids from ``salt``, equal bytes for equal pictures. Its layout must be fixed."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": salt}), _at(figure, 72, "none"):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def png_bytes(figure: Canvas) -> bytes:
    """The picture as PNG on white at 160 dots per inch, without any metadata. Its layout must be fixed."""
    buffer = io.BytesIO()
    with _at(figure, DPI, PAPER):
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def _at(figure: Canvas, dpi: float, paper: str) -> Iterator[None]:
    """Another resolution and ground for one save. The canvases are called themselves: ``savefig`` draws twice."""
    before, canvas_before = figure.dpi, figure.canvas
    figure.set_dpi(dpi)
    figure.set_facecolor(paper)
    try:
        yield
    finally:
        figure.set_dpi(before)
        figure.set_canvas(canvas_before)


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
    choice: str = ""

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

    @property
    def phone_height(self) -> float:
        """Height on a narrow screen by that on paper, 0 where the chart is not drawn for one: ``PHONE``."""
        return float(self.declared("PHONE", 0))

    def call(self, function: str, *arguments: Any, default: Any = None, **keywords: Any) -> Any:
        """Call one of the file's functions with those keywords that it takes."""
        defined: Callable[..., Any] | None = getattr(self.module, function, None)
        if defined is None:
            return default
        taken = inspect.signature(defined).parameters
        keywords |= {"variant": self.variant, "choice": self.choice}
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
    """Import a chart file by its path, so that it works from a wheel as well. Raises DeclarationError on a bad file."""
    spec = importlib.util.spec_from_file_location(f"reporter_charts_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise DeclarationError(f"อ่านแผนภูมิ {path.name} ไม่ได้", f"Cannot read the chart {path.name}.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a chart file does wrong, its author is told which file it is
        raise DeclarationError(
            f"charts/{path.name} ใช้ไม่ได้: {type(error).__name__} {str(error)[:160]} — แก้ไฟล์นี้",
            f"charts/{path.name} cannot be used: {type(error).__name__} {str(error)[:160]}; mend this file.",
        ) from error
    missing = [name for name in REQUIRED if not hasattr(module, name)]
    if missing:
        raise DeclarationError(
            f"charts/{path.name} ขาด {', '.join(missing)} — เพิ่มตามแบบใน reporter/figures/chart.py",
            f"charts/{path.name} lacks {', '.join(missing)}; add them as reporter/figures/chart.py shows.",
        )
    return module


def all_charts(folder: Path | None = None, chosen: Mapping[str, str] | None = None) -> list[Chart]:
    """Every chart file and variant, by chapter and order.

    chosen   name of a chart -> its choice; others are drawn as usual. Raises DeclarationError for a choice that is not declared
    """
    charts: list[Chart] = []
    names = set()
    for path in sorted((folder or asset("charts")).glob("[!_]*.py")):
        module = load(path)
        names.add(path.stem)
        choice = _choice(path.stem, choices(module), (chosen or {}).get(path.stem))
        own = choices(module).get(choice, {})
        variants: Mapping[str, Mapping[str, Any]] = getattr(module, "VARIANTS", {"": {}})
        charts += [
            Chart(path, module, key, {**overrides, **own}, choice) for key, overrides in variants.items()
        ]
    for chart in charts:
        _check_declared(chart)
    for stranger in sorted(set(chosen or {}) - names):
        _choice(stranger, {}, (chosen or {})[stranger])
    place = {item.slug: at for at, item in enumerate(all_chapters(), start=1)}
    return sorted(
        charts, key=lambda chart: (place.get(chart.declared("CHAPTER"), 0), chart.declared("ORDER"), chart.id)
    )


def _check_declared(chart: Chart) -> None:
    """Raise DeclarationError where a chart names a table, a chapter or a width that does not exist: it would vanish in silence."""
    tables = set(declared_tables())
    chapters = [item.slug for item in all_chapters()]
    wrong = [
        ("NEEDS, USES", name, "")
        for name in (*chart.needs, *chart.declared("USES", ()))
        if name not in tables
    ]
    if chart.declared("CHAPTER") not in {*chapters, "summary"}:
        wrong.append(("CHAPTER", str(chart.declared("CHAPTER")), ", ".join(("summary", *chapters))))
    if chart.width not in WIDTHS:
        wrong.append(("WIDTH", str(chart.width), ", ".join(WIDTHS)))
    for key, value, known in wrong:
        raise DeclarationError(
            f"charts/{chart.path.name}: ไม่รู้จัก {value[:60]} ใน {key} — ใช้ได้: {known or 'ตารางใน docs/tables.md'}",
            f"charts/{chart.path.name}: {value[:60]} in {key} is not known; possible: {known or 'the tables of docs/tables.md'}.",
        )


def choices(module: ModuleType) -> Mapping[str, Mapping[str, Any]]:
    """The ways to draw a chart among which a workspace chooses, the usual one first; empty where there is one way alone."""
    found: Mapping[str, Mapping[str, Any]] = getattr(module, "CHOICES", {})
    return found


def _choice(name: str, declared: Mapping[str, Any], wanted: str | None) -> str:
    if wanted is None:
        return next(iter(declared), "")
    if wanted not in declared:
        known = ", ".join(declared) or "–"
        raise DeclarationError(
            f"workspace.toml [charts] {name[:60]}: ไม่มีแบบ {wanted[:60]} — ใช้ได้: {known}",
            f"workspace.toml [charts] {name[:60]}: there is no choice {wanted[:60]}; possible: {known}.",
        )
    return wanted


# ----------------------------------------------------------------------------------------------------
# Axes of the report's charts: Buddhist quarters, few ticks, a named neutral line, the named shock of 2020; words that fit.
#
# Labels do not run into each other; Thai lines are broken between words.
# ----------------------------------------------------------------------------------------------------

_WORD = re.compile(
    rf"[^ {BREAK}]+[ {BREAK}]*|[ {BREAK}]+"
)  # a word and what may stand between it and the next


def spread(positions: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf) -> list[float]:
    """Move positions as little as needed to keep ``gap`` between neighbours inside ``low..high``; order is kept.

    Method: pool adjacent violators (isotonic least squares) after taking out the required gaps.
    """
    order = np.argsort(positions, kind="stable")
    wanted = np.asarray(positions, dtype=float)[order] - gap * np.arange(len(order))
    blocks: list[list[float]] = []  # sum, count
    for value in wanted:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    pooled = np.repeat([total / count for total, count in blocks], [int(count) for _, count in blocks])
    room = gap * (len(order) - 1)
    placed = np.clip(pooled, low, max(low, high - room)) + gap * np.arange(len(order))
    result = np.empty(len(order))
    result[order] = placed
    return [float(value) for value in result]


def columns_wide(text: str) -> int:
    """Columns that a text takes: marks above and below the line take none."""
    return sum(unicodedata.category(letter) not in ("Mn", "Cf") for letter in text)


@lru_cache(maxsize=4096)
def wrap(text: str, columns: int) -> str:
    """Break a Thai text between words so that no line is wider than ``columns``; a longer word stands alone."""
    if columns_wide(text) <= columns:
        return text
    lines, line = [], ""
    for word in _WORD.findall(protect(text)):
        if line and columns_wide((line + word).rstrip()) > columns:
            lines.append(line.strip())
            line = ""
        line += word
    return strip("\n".join([*lines, line.strip()]))


SHOCK = ("2020-Q1", "2021-Q4")  # the years of the epidemic's restrictions
SHOCK_NAME = "โควิด-19"
_PHONE_TICKS = 6  # quarters below an axis of 92 mm without touching
_PHONE_PANELS = 2  # in a row: a third would be narrower than its name


def place(periods: Sequence[str]) -> np.ndarray:
    """Where quarters stand on an axis: their ordinal numbers, so that holes keep their room."""
    return np.array([parse_quarter(period).ordinal for period in periods], dtype=float)


def quarter_axis(ax: Axes, periods: Sequence[str], *, ticks: int = 7, years: bool | None = None) -> None:
    """Quarters ``3/68`` below the axis; more than 24 of them get years (``2568``) at first quarters instead.

    The newest quarter is always labelled.
    """
    places = place(periods)
    first, last = int(places.min()), int(places.max())
    ticks = min(ticks, _PHONE_TICKS // _beside(ax)) if for_phone(ax.figure) else ticks
    if years if years is not None else last - first > 24:
        step = max(1, round((last - first) / 4 / ticks))
        starts = [at for at in range(first, last + 1) if pd.Period(ordinal=at, freq="Q-DEC").quarter == 1]
        chosen = [at for at in starts[::-1][::step][::-1] if at <= last]
        names = [str(buddhist_year(pd.Period(ordinal=at, freq="Q-DEC"))) for at in chosen]
    else:
        step = max(1, int(np.ceil((last - first + 1) / ticks)))
        chosen = list(range(last, first - 1, -step))[::-1]
        names = [quarter_short(pd.Period(ordinal=at, freq="Q-DEC")) for at in chosen]
    ax.xaxis.set_major_locator(FixedLocator(chosen))
    ax.set_xticklabels(names)


def _beside(ax: Axes) -> int:
    """How many panels stand beside each other."""
    place_in_grid = ax.get_subplotspec()
    return place_in_grid.get_gridspec().ncols if place_in_grid else 1


def value_axis(
    ax: Axes, *, ticks: int = 5, decimals: int = 0, axis: str = "y", grid: bool = True, whole: bool = False
) -> None:
    """Few round numbers with thousand separators and a true minus; hairlines behind the marks; ``whole`` numbers only."""
    chosen = ax.yaxis if axis == "y" else ax.xaxis
    steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    chosen.set_major_locator(MaxNLocator(ticks, steps=steps, integer=whole))
    chosen.set_major_formatter(FuncFormatter(lambda value, _: tick_number(value, decimals)))
    if grid:
        ax.grid(axis=axis)  # type: ignore[arg-type]


def tick_number(value: float, decimals: int = 0) -> str:
    """A tick's number with as many decimals as it needs to be true."""
    needed = next((digits for digits in range(decimals, 4) if abs(round(value, digits) - value) < 1e-9), 3)
    return number(value, needed)


def neutral(ax: Axes, at: float = 100, name: str = "") -> None:
    """The line that divides good from bad, named beside it where the drawn lines leave room; call after them."""
    ax.axhline(at, color=MUTED, linewidth=0.8, zorder=1.5)
    if not name:
        return
    where, below = _freest_place(ax, at)
    ax.annotate(
        name, (where, at), xycoords=("axes fraction", "data"), xytext=(2, -2 if below else 2),
        textcoords="offset points", fontsize=SMALL, color=MUTED, va="top" if below else "bottom",
    )  # fmt: skip


def _freest_place(ax: Axes, at: float) -> tuple[float, bool]:
    """Left end (axes fraction) and side of the neutral line where a label meets fewest points of the drawn lines."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    along = np.linspace(0, 1, 201)
    heights = []
    for drawn in ax.get_lines():
        x, y = np.asarray(drawn.get_xdata(), dtype=float), np.asarray(drawn.get_ydata(), dtype=float)
        if len(x) > 2:
            heights.append(
                (np.interp(along, (x - x0) / (x1 - x0), y, left=np.nan, right=np.nan) - at) / (y1 - y0)
            )
    places: list[tuple[int, float, bool]] = []
    for where in np.arange(0, 0.78, 0.04):
        window = (along >= where) & (along <= where + 0.18)
        for below in (False, True):
            space = (at - y0) / (y1 - y0) if below else (y1 - at) / (y1 - y0)
            depths = [(-height if below else height)[window] for height in heights]
            crowd = sum(int(((depth > 0.012) & (depth < 0.12)).sum()) for depth in depths)
            places.append((crowd if space > 0.09 else 1000 + crowd, float(where), below))
    _, where, below = min(places)
    return where, below


def shade_shock(ax: Axes, periods: Sequence[str], *, name: bool = True) -> None:
    """Shade and name the shock of 2020 where the axis shows it."""
    places, (first, last) = place(periods), place(SHOCK)
    begin, end = max(first, places.min()), min(last, places.max())
    if end <= begin:
        return
    ax.axvspan(begin, end, color=TINT, zorder=0)
    for edge in (begin, end):
        ax.axvline(edge, color=RULE, linewidth=0.4, zorder=0.1)
    if name:
        ax.annotate(
            SHOCK_NAME, ((begin + end) / 2, 1), xycoords=("data", "axes fraction"), xytext=(0, -1),
            textcoords="offset points", fontsize=SMALL, color=MUTED, ha="center", va="top",
        )  # fmt: skip


def room(ax: Axes, *, left: float = 0, right: float = 0, top: float = 0, bottom: float = 0) -> None:
    """Widen the axis limits by fractions of their span, so that no mark or label is clipped."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    ax.set_xlim(x0 - left * (x1 - x0), x1 + right * (x1 - x0))
    ax.set_ylim(y0 - bottom * (y1 - y0), y1 + top * (y1 - y0))


def panel_title(ax: Axes, text: str, colour: str = INK) -> None:
    """Name of one panel of small multiples."""
    ax.set_title(text, loc="left", fontsize=SMALL + 0.5, color=colour, pad=3)


def panels(figure: Canvas, count: int, columns: int, *, share_y: bool = True) -> list[Axes]:
    """``count`` panels on the same axes, row by row; places that stay free are left blank."""
    columns = min(columns, count, _PHONE_PANELS) if for_phone(figure) else min(columns, count)
    grid = figure.subplots(-(-count // columns), columns, sharex=True, sharey=share_y, squeeze=False)
    everywhere = [ax for row in grid for ax in row]
    for at, ax in enumerate(everywhere):
        if at >= count:
            ax.remove()
        elif at + columns >= count:
            ax.tick_params(axis="x", labelbottom=True)
    return everywhere[:count]


def key_above(ax: Axes, *, columns: int) -> None:
    """What colours mean, above the axes at the left: where marks are too many to be labelled directly."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, fontsize=SMALL, handlelength=1, handleheight=0.9,
        columnspacing=1.2, borderaxespad=0.2, borderpad=0, handletextpad=0.5,
    )  # fmt: skip
