"""The look of every chart: fonts of the package, colours of the identity, printed sizes, reproducible files.

Goes in: ``templates/tokens.toml`` through ``reporter.domain.assets`` and ``fonts/sarabun``. Comes out: a matplotlib canvas at
the printed width and its SVG and PNG bytes. No font of the machine is ever used, and a missing glyph is an error.
Method: style.md, 4 (shaped Thai needs matplotlib 3.11; SVG text as paths).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure as Canvas

from reporter.domain.assets import asset, tokens
from reporter.domain.errors import RenderError

Width = Literal["full", "side", "half"]
_PRINTED = {"full": "two_columns", "side": "beside_text", "half": "one_column"}  # names of tokens.toml
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
SEMIBOLD = "Sarabun SemiBold"

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
    """An empty picture at its printed size; call inside ``theme``."""
    figure = Canvas(figsize=(millimetres(width) * MM, height_mm * MM), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


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
