"""Charts as PDF operators: the subset of SVG that the chart writer produces, drawn directly and letters shared by the whole document.

Goes in: an SVG tree with paths, uses, clips and plain styles (text already as outlines). Comes out: operators of a form (a picture that pages
name) and the outlines drawn more than once. Pages are set with a stand-in of the same size, so what is drawn inside does not touch them.
Anything else in the SVG is Unsupported, and the typesetter's own, slower drawing takes over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians, sin
from typing import NamedTuple
from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_TOKEN = re.compile(r"[MLHVQCZmlhvqcz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(\w+)\(([^)]*)\)")
_LENGTH = re.compile(r"\s*([\d.]+)\s*(pt|px|mm|)\s*$")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "mm": 96 / 25.4}
_JOIN, _CAP = {"miter": 0, "round": 1, "bevel": 2}, {"butt": 0, "round": 1, "square": 2}
_SILENT = frozenset(("defs", "metadata", "title", "desc", "style"))
# Presentation properties we draw; others change nothing here or make the picture Unsupported.
_KNOWN = frozenset(
    (
        "fill", "stroke", "stroke-width", "fill-opacity", "stroke-opacity", "opacity", "stroke-dasharray", "stroke-dashoffset",
        "stroke-linejoin", "stroke-linecap", "stroke-miterlimit", "fill-rule",
    )
)  # fmt: skip
_HARMLESS = frozenset(("font", "text-anchor", "shape-rendering", "image-rendering"))


class UnsupportedError(Exception):
    """The SVG holds something this module does not draw."""


class Outline(NamedTuple):
    """A path as operators, and the box that holds it."""

    operators: bytes
    box: tuple[float, float, float, float]


class PictureSize(NamedTuple):
    """What the page needs to know of a picture: CSS pixels, and the viewBox."""

    width: float
    height: float
    view: tuple[float, float, float, float]


Style = Mapping[str, str]
_INITIAL: Style = {"fill": "#000000", "stroke": "none", "stroke-width": "1"}


@dataclass
class Picture:
    """A drawn SVG: operators in its own units, y pointing down.

    width, height  CSS pixels; view is the viewBox
    states         graphics-state names the operators use -> (``ca``|``CA``, opacity)
    shapes         names of shared outlines the operators use -> outline
    """

    width: float
    height: float
    view: tuple[float, float, float, float]
    operators: list[bytes] = field(default_factory=list)
    states: dict[str, tuple[str, float]] = field(default_factory=dict)
    shapes: dict[str, Outline] = field(default_factory=dict)

    @property
    def size(self) -> PictureSize:
        """How much room it takes."""
        return PictureSize(self.width, self.height, self.view)


def form_name(address: str) -> str:
    """The name under which pages draw the picture of an address."""
    return "p" + hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()[:10]


def number(value: float) -> str:
    """Two decimals, a hundredth of a point, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def read_picture(svg: Element) -> Picture:
    """Translate an SVG tree. Raises UnsupportedError."""
    if svg.tag != _SVG + "svg":
        raise UnsupportedError(svg.tag)
    view = [float(part) for part in svg.get("viewBox", "").replace(",", " ").split()]
    if len(view) != 4:
        raise UnsupportedError("viewBox")
    picture = Picture(
        _pixels(svg, "width", view[2]), _pixels(svg, "height", view[3]), (view[0], view[1], view[2], view[3])
    )
    try:
        _Reader(svg, picture).read()
    except (KeyError, ValueError, IndexError) as error:
        raise UnsupportedError(str(error)) from error
    return picture


def _pixels(svg: Element, name: str, default: float) -> float:
    match = _LENGTH.match(svg.get(name, ""))
    return float(match[1]) * _PIXELS[match[2]] if match else default


class _Reader:
    """Walks the tree, writes operators into the picture."""

    def __init__(self, svg: Element, picture: Picture) -> None:
        self.svg = svg
        self.picture = picture
        self.out = picture.operators
        self.known = {element.get("id"): element for element in svg.iter() if element.get("id")}

    def read(self) -> None:
        """Translate everything below the root."""
        x, y, width, height = self.picture.view
        self.out.append(f"{number(x)} {number(y)} {number(width)} {number(height)} re W n".encode())
        style = {**_INITIAL, **self._sheet(), **_own_style(self.svg)}
        for child in self.svg:
            self._element(child, style)

    def _sheet(self) -> Style:
        """The document's style sheet, where it is one rule for everything."""
        style: dict[str, str] = {}
        for sheet in self.svg.iter(_SVG + "style"):
            rule = re.fullmatch(r"\s*\*\s*\{([^}]*)\}\s*", sheet.text or "")
            if not rule:
                raise UnsupportedError("style sheet")
            style.update(_declarations(rule[1]))
        return style

    def _element(self, element: Element, inherited: Style) -> None:
        tag = str(element.tag).removeprefix(_SVG)
        if tag in _SILENT or tag == "clipPath":
            return
        if tag not in ("g", "a", "path", "use", "rect"):
            raise UnsupportedError(tag)
        own = _own_style(element)
        style = {**inherited, **own}
        if "opacity" in own:  # of a shape: the same as its fill's and stroke's
            if tag in ("g", "a") and float(own["opacity"]) < 1:
                raise UnsupportedError("group opacity")
            style |= {
                name: str(float(style.get(name, 1)) * float(own["opacity"]))
                for name in ("fill-opacity", "stroke-opacity")
            }
        start = len(self.out)
        self._enter(element)
        entered = len(self.out)
        if tag in ("g", "a"):
            for child in element:
                self._element(child, style)
        else:
            getattr(self, f"_{tag}")(element, style)
        if len(self.out) == entered:
            del self.out[start:]  # nothing drawn
        elif entered > start or tag not in ("g", "a"):
            self.out.insert(start, b"q")
            self.out.append(b"Q")

    def _enter(self, element: Element) -> None:
        """The element's own coordinates and clip."""
        for matrix in _matrices(element.get("transform", "")):
            self.out.append(_cm(matrix))
        if clip := element.get("clip-path"):
            for shape in self.known[clip.removeprefix("url(#").removesuffix(")")]:
                self.out.append(_shape(shape).operators + b" W n")

    def _path(self, element: Element, style: Style) -> None:
        outline = _shape(element)
        if outline.operators:
            self._paint(outline.operators, style)

    _rect = _path

    def _use(self, element: Element, style: Style) -> None:
        target = self.known[(element.get(_HREF) or element.get("href") or "").removeprefix("#")]
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        if x or y:
            self.out.append(_cm((1, 0, 0, 1, x, y)))
        for matrix in _matrices(target.get("transform", "")):
            self.out.append(_cm(matrix))
        style = {**style, **_own_style(target)}
        outline = _shape(target)
        if not outline.operators:
            return
        if style.get("stroke", "none") != "none" or style.get("fill") == "none":
            self._paint(outline.operators, style)
            return
        name = "o" + hashlib.md5(outline.operators, usedforsecurity=False).hexdigest()[:10]
        self.picture.shapes[name] = outline
        self._paint_state(style, fill=True, stroke=False)
        self.out.append(f"/{name} Do".encode())

    def _paint(self, operators: bytes, style: Style) -> None:
        """State, path and painting operator."""
        fill, stroke = style.get("fill", "none") != "none", style.get("stroke", "none") != "none"
        if stroke and float(style.get("stroke-width", "1").removesuffix("px")) == 0:
            stroke = False
        if not fill and not stroke:
            return
        self._paint_state(style, fill=fill, stroke=stroke)
        rule = b"*" if fill and style.get("fill-rule") == "evenodd" else b""
        self.out.append(operators + b" " + (b"B" if fill and stroke else b"f" if fill else b"S") + rule)

    def _paint_state(self, style: Style, *, fill: bool, stroke: bool) -> None:
        if fill:
            self.out.append(_colour(style["fill"]) + b" rg")
            self._opacity("ca", float(style.get("fill-opacity", 1)))
        if not stroke:
            return
        self.out.append(_colour(style["stroke"]) + b" RG")
        self._opacity("CA", float(style.get("stroke-opacity", 1)))
        state = [f"{number(float(style.get('stroke-width', '1').removesuffix('px')))} w"]
        state.append(
            f"{_JOIN[style.get('stroke-linejoin', 'miter')]} j {_CAP[style.get('stroke-linecap', 'butt')]} J"
        )
        state.append(f"{number(float(style.get('stroke-miterlimit', '4')))} M")
        dashes = style.get("stroke-dasharray", "none")
        if dashes != "none":
            lengths = " ".join(number(float(part)) for part in dashes.replace(",", " ").split())
            state.append(f"[{lengths}] {number(float(style.get('stroke-dashoffset', '0')))} d")
        self.out.append(" ".join(state).encode())

    def _opacity(self, key: str, opacity: float) -> None:
        if opacity < 1:
            name = f"{key}{number(opacity)}"
            self.picture.states[name] = (key, opacity)
            self.out.append(f"/{name} gs".encode())


@lru_cache(maxsize=4096)
def _declarations(text: str) -> Style:
    """Properties of a ``style`` attribute; unknown ones that would be seen make the picture unsupported."""
    style = {}
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if name in _KNOWN:
            style[name] = value
        elif name and name not in _HARMLESS and not name.startswith(("font-", "-inkscape")):
            raise UnsupportedError(name)
    return style


def _own_style(element: Element) -> Style:
    """An element's properties, from attributes and ``style``."""
    attributes = {name: value for name, value in element.attrib.items() if name in _KNOWN}
    return {**attributes, **_declarations(element.get("style", ""))}


def _colour(text: str) -> bytes:
    """``#RRGGBB`` as three numbers."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise UnsupportedError(text)
    return " ".join(f"{int(text[start : start + 2], 16) / 255:.4g}" for start in (1, 3, 5)).encode()


Matrix = tuple[float, float, float, float, float, float]


def _cm(matrix: Matrix) -> bytes:
    return (" ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in matrix) + " cm").encode()


def _matrices(transform: str) -> Iterator[Matrix]:
    """The steps of a ``transform`` attribute, outermost first."""
    for name, arguments in _TRANSFORM.findall(transform):
        values = [float(part) for part in arguments.replace(",", " ").split()]
        if name == "translate":
            yield 1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0
        elif name == "scale":
            yield values[0], 0, 0, values[-1], 0, 0
        elif name == "rotate" and len(values) == 1:
            angle = radians(values[0])
            yield cos(angle), sin(angle), -sin(angle), cos(angle), 0, 0
        elif name == "matrix":
            yield values[0], values[1], values[2], values[3], values[4], values[5]
        else:
            raise UnsupportedError(name)


def _shape(element: Element) -> Outline:
    """The outline of a path or rectangle."""
    if element.tag == _SVG + "path":
        return _outline(element.get("d", ""))
    if element.tag == _SVG + "rect" and not element.get("rx"):
        x, y, width, height = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
        return Outline(
            f"{number(x)} {number(y)} {number(width)} {number(height)} re".encode(),
            (x, y, x + width, y + height),
        )
    raise UnsupportedError(str(element.tag))


@lru_cache(maxsize=2048)
def _outline(path: str) -> Outline:
    """Operators of a path's ``d``: absolute moves, lines, curves; quadratic curves become cubic."""
    tokens = _TOKEN.findall(path)
    out: list[str] = []
    xs: list[float] = []
    ys: list[float] = []
    x = y = 0.0
    command, place = "", 0
    while place < len(tokens):
        if tokens[place].isalpha():
            command = tokens[place]
            place += 1
        if command in "Zz":
            out.append("h")
            continue
        count = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6}[command]
        values = [float(token) for token in tokens[place : place + count]]
        place += count
        if command == "H":
            values = [values[0], y]
        elif command == "V":
            values = [x, values[0]]
        elif command == "Q":
            (cx, cy, ex, ey) = values
            values = [
                x + (cx - x) * 2 / 3,
                y + (cy - y) * 2 / 3,
                ex + (cx - ex) * 2 / 3,
                ey + (cy - ey) * 2 / 3,
                ex,
                ey,
            ]
        xs += values[::2]
        ys += values[1::2]
        x, y = values[-2:]
        out.append(
            " ".join([number(value) for value in values])
            + (" m" if command == "M" else " c" if command in "QC" else " l")
        )
        if command == "M":
            command = "L"
    box = (min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1) if xs else (0.0, 0.0, 0.0, 0.0)
    return Outline("\n".join(out).encode(), box)
