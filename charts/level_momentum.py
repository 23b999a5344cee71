"""Level and momentum of the dimensions: where each stands, and which way it went in a year."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ระดับและทิศทางของดัชนีย่อย", "en": "Level and momentum of the sub-indices"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 15, "full", 84
MARKS = ("level", "change")
YEAR = 4  # quarters
WHOLE = "ดัชนีรวม"
# Sizes as fractions of the axes at the printed size, for finding free places: a letter of 8 points is about 1.7 mm of 150,
# a line of Thai 4.4 mm of 76, a dot 3 mm.
LETTER_WIDE, NAME_HIGH, DOT_HIGH = 0.0115, 0.058, 0.04
PLACES = [(side, up) for side in (1, -1) for up in (0.0, 0.045, -0.045, 0.09, -0.09)]


def shown(index: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """dimension, period, level, change: the newest level and its change on the year; the composite first."""
    national = figures.rows(index, group="TH")
    now = figures.rows(national, period=figures.now(context)).set_index("dimension")["value"]
    before = figures.rows(national, period=figures.ago(context, YEAR)).set_index("dimension")["value"]
    both = pd.DataFrame({"level": now, "change": now - before}).dropna()
    frame = both.rename_axis("dimension").reset_index().assign(period=figures.now(context))
    ranked = figures.ordered(frame, "dimension", ["overall", *context.declarations.dimensions])
    return ranked[["dimension", "period", "level", "change"]]


def too_little(data: pd.DataFrame) -> str:
    """Three dimensions make a picture."""
    return "" if (data["dimension"] != "overall").sum() >= 3 else "มีดัชนีย่อยที่เทียบกับปีก่อนได้น้อยกว่า 3 มิติ"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Level across, change upwards; four named quarters of the plane."""
    across = max(12.0, float((data["level"] - 100).abs().max()) * 1.25)
    upward = max(6.0, float(data["change"].abs().max()) * 1.4)
    ax.set(xlim=(100 - across, 100 + across), ylim=(-upward, upward))
    ax.axvline(100, color=figures.MUTED, linewidth=0.8, zorder=1)
    ax.axhline(0, color=figures.MUTED, linewidth=0.8, zorder=1)
    corners = {
        (0.01, 0.98): "ต่ำกว่าปกติ กำลังดีขึ้น", (0.99, 0.98): "สูงกว่าปกติ กำลังดีขึ้น",
        (0.01, 0.02): "ต่ำกว่าปกติ กำลังแย่ลง", (0.99, 0.02): "สูงกว่าปกติ กำลังแย่ลง",
    }  # fmt: skip
    for (x, y), words in corners.items():
        ax.text(
            x, y, words, transform=ax.transAxes, fontsize=figures.SMALL, color=figures.MUTED,
            ha="left" if x < 0.5 else "right", va="top" if y > 0.5 else "bottom",
        )  # fmt: skip
    for code, level, change in zip(data["dimension"], data["level"], data["change"], strict=True):
        _dot(ax, str(code), level, change)
    _names(ax, data, context)
    figures.value_axis(ax, axis="x", ticks=7)
    figures.value_axis(ax, ticks=7)
    ax.set_xlabel("ระดับดัชนี (จุด)")
    ax.set_ylabel("เปลี่ยนแปลงจากปีก่อน (จุด)")


def _dot(ax: Axes, code: str, level: float, change: float) -> None:
    is_whole = code == "overall"
    colour = figures.NAVY if is_whole else figures.dimension_colour(code)
    ax.plot(
        level, change, "D" if is_whole else "o", markersize=9 if is_whole else 8, color=colour,
        markeredgecolor=figures.outline(colour), markeredgewidth=0.8, zorder=4, clip_on=False,
    )  # fmt: skip


def _names(ax: Axes, data: pd.DataFrame, context: figures.Context) -> None:
    """Names beside the dots, at the place where they meet the fewest dots, other names and corners."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    dots = [
        _Box((level - x0) / (x1 - x0), (change - y0) / (y1 - y0), 0.02, DOT_HIGH)
        for level, change in zip(data["level"], data["change"], strict=True)
    ]
    taken = [_Box(x, y, 0.2, NAME_HIGH) for x in (0.09, 0.91) for y in (0.03, 0.97)]
    for dot, code in zip(dots, data["dimension"], strict=True):
        name = WHOLE if code == "overall" else figures.name_of(str(code), context.declarations)
        others = [*taken, *(other for other in dots if other is not dot)]
        side, up = min(PLACES, key=lambda place: _crowd(dot, name, place, others))
        taken.append(_name_box(dot, name, (side, up)))
        colour = figures.NAVY if code == "overall" else figures.legible(figures.dimension_colour(str(code)))
        ax.annotate(
            name, (dot.x, dot.y + up), xycoords="axes fraction", xytext=(7 * side, 0), textcoords="offset points",
            ha="left" if side > 0 else "right", va="center", fontsize=figures.SMALL, color=colour,
            fontweight="bold" if code == "overall" else "normal",
        )  # fmt: skip


class _Box(NamedTuple):
    """A rectangle in fractions of the axes: centre, width, height."""

    x: float
    y: float
    wide: float
    high: float

    def meets(self, other: _Box) -> bool:
        """Do the two overlap?"""
        across = abs(self.x - other.x) < (self.wide + other.wide) / 2
        return across and abs(self.y - other.y) < (self.high + other.high) / 2


def _name_box(dot: _Box, name: str, place: tuple[int, float]) -> _Box:
    side, up = place
    wide = LETTER_WIDE * figures.columns_wide(name)
    return _Box(dot.x + side * (0.018 + wide / 2), dot.y + up, wide, NAME_HIGH)


def _crowd(dot: _Box, name: str, place: tuple[int, float], others: list[_Box]) -> float:
    """What a name at this place runs into; where two places are equally free, the nearer and the right one is better."""
    box = _name_box(dot, name, place)
    outside = max(0.0, box.x + box.wide / 2 - 1) + max(0.0, box.wide / 2 - box.x)
    return (
        sum(box.meets(other) for other in others) * 10
        + outside * 100
        + abs(place[1]) * 5
        + (place[0] < 0) * 0.1
    )


def _falling(data: pd.DataFrame) -> tuple[int, int, int]:
    """How many dimensions there are, how many fell in the year, and how many of these stand below 100."""
    parts = data[data["dimension"] != "overall"]
    falling = parts[parts["change"] <= -figures.INDEX_STEPS.still]
    return len(parts), len(falling), int((falling["level"] < 100).sum())


def finding(data: pd.DataFrame) -> str:
    """How many dimensions fell in the year, and how many of these stand under their normal level."""
    parts, falling, low = _falling(data)
    text = f"{figures.counted(falling, parts, 'มิติ')}มีดัชนีย่อยลดลงจากปีก่อน"
    return f"{text} ในจำนวนนี้ {low} มิติอยู่ต่ำกว่า 100 แล้ว" if low else text


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    parts, falling, low = _falling(data)
    text = f"{figures.counted_en(falling, parts, 'sub-indices')} fell on the year"
    return f"{text}, and {low} of these stand below 100" if low else text


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Level and change of each dimension."""
    cells = zip(data["dimension"], data["level"], data["change"], strict=True)
    parts = [
        f"{figures.name_of(str(code), context.declarations)} {figures.number(level)} จุด ({figures.signed(change)} จากปีก่อน)"
        for code, level, change in cells
    ]
    return f"แผนภาพจุด แกนนอนคือระดับ แกนตั้งคือการเปลี่ยนแปลงจากปีก่อน: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How to read the plane."""
    return "ขวาของ 100 คือสูงกว่าค่าเฉลี่ยระยะยาวของมิตินั้น เหนือเส้นศูนย์คือสูงกว่าปีก่อน เครื่องหมายสี่เหลี่ยมคือดัชนีรวม"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
