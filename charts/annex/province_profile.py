"""A province at a glance: its index over 12 quarters, its dimensions, both confidence indices (annex of provinces).

The variant is the province's code. Region and country stand behind the province in every panel.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ภาพรวมของจังหวัด", "en": "The province at a glance"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ()
USES = ("labour_index", "confidence")
CHAPTER, ORDER, WIDTH, HEIGHT = "summary", 0, "full", 64
MARKS = ()
QUARTERS = 12
SURVEYS = {"employer": "ความเชื่อมั่นของผู้ประกอบการ", "worker": "ความเชื่อมั่นของแรงงาน"}


def _groups(context: figures.Context, variant: str) -> list[str]:
    own = context.declarations.groups[variant]
    region = context.declarations.groups.get(own.region)
    beside = [region.code] if region and region.name != own.name else []  # Bangkok is a region of its own
    return ["TH", *beside, variant]


def shown(
    index: pd.DataFrame, confidence: pd.DataFrame, *, context: figures.Context, variant: str
) -> pd.DataFrame:
    """survey (empty for the index), dimension, group, period, value: country, region and province, in this order."""
    groups, parts = _groups(context, variant), []
    if not index.empty:
        own = figures.recent(figures.rows(index, group=groups), context, QUARTERS)
        newest = own["period"] == figures.now(context)
        parts.append(own[(own["dimension"] == "overall") | newest].assign(survey=""))
    if not confidence.empty:
        whole = figures.rows(confidence, domain="overall", group=groups)
        parts.append(figures.recent(whole, context, QUARTERS).assign(dimension="overall"))
    if not parts:
        return pd.DataFrame()
    columns = ["survey", "dimension", "group", "period", "value"]
    table = pd.concat(parts)[columns].dropna(subset="value").sort_values("period", kind="stable")
    return figures.ordered(table, "group", groups)


def too_little(data: pd.DataFrame) -> str:
    """Something of the province itself."""
    return "" if data["group"].str.startswith("PROVINCE:").any() else "ไม่มีข้อมูลของจังหวัดนี้"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context, variant: str) -> None:
    """Left: the three indices over time, one below the other; right: the dimensions now."""
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=[1.12, 1])[0]
    colours = {"": figures.NAVY, **figures.SURVEY_COLOUR}
    lines = left.subplots(len(colours), 1, sharex=True)
    for ax, (survey, name) in zip(lines, {"": figures.INDEX_NAME, **SURVEYS}.items(), strict=True):
        own = figures.rows(data, survey=survey, dimension="overall")
        _history(ax, own, colours[survey], context, variant)
        figures.panel_title(ax, name)
    dimensions = data[(data["survey"] == "") & (data["dimension"] != "overall")]
    right.suptitle(
        f"ดัชนีรายมิติ {figures.quarter_short(figures.now(context))}", fontsize=figures.SMALL + 0.5, color=figures.INK,
        x=0.02, ha="left",
    )  # fmt: skip
    _dimensions(right.subplots(), dimensions, context)


def _history(ax: Axes, data: pd.DataFrame, colour: str, context: figures.Context, variant: str) -> None:
    """Country and region thin and grey, the province in colour; a word where it has no value."""
    for group, own in data.groupby("group", sort=False):
        is_own = group == variant
        figures.line(
            ax,
            list(own["period"]),
            own["value"],
            colour if is_own else figures.UNCHANGED,
            name=_kind(str(group)),
            width=1.8 if is_own else 0.9,
            style="-" if is_own or group == "TH" else (0, (3, 1.5)),  # type: ignore[arg-type]
            mark_end=is_own,
        )
    figures.quarter_axis(ax, figures.last_quarters(context, QUARTERS), ticks=4)
    figures.value_axis(ax, ticks=3)
    if not (data["group"] == variant).any():
        ax.text(
            0.5, 0.5, "ไม่มีค่าที่เผยแพร่ได้", transform=ax.transAxes, ha="center", va="center", fontsize=figures.SMALL,
            color=figures.MUTED,
        )  # fmt: skip


def _kind(group: str) -> str:
    """What a line or mark is, in one word."""
    return {"TH": "ประเทศ", "REGION": "ภาค"}.get(group.partition(":")[0], "จังหวัด")


def _dimensions(ax: Axes, data: pd.DataFrame, context: figures.Context) -> None:
    """One row a dimension: the province a full dot, its region a ring, the country a stroke."""
    order = [code for code in context.declarations.dimensions if (data["dimension"] == code).any()]
    marks = {
        "ประเทศ": ("|", figures.MUTED, 9),
        "ภาค": ("o", figures.PAPER, 4.5),
        "จังหวัด": ("o", figures.NAVY, 5.5),
    }
    for group, own in data.groupby("group", sort=False):
        mark, colour, size = marks[_kind(str(group))]
        ax.plot(
            own["value"], [order.index(code) for code in own["dimension"]], mark, color=colour, markersize=size,
            markeredgecolor=figures.MUTED if colour == figures.PAPER else colour, label=_kind(str(group)),
            linestyle="none", zorder=3,
        )  # fmt: skip
    figures.row_names(ax, [figures.name_of(code, context.declarations) for code in order], size=figures.SMALL)
    figures.value_axis(ax, ticks=5, axis="x")
    figures.room(ax, left=0.04, right=0.04)
    ax.axvline(100, color=figures.MUTED, linewidth=0.8, zorder=1.5)
    figures.key_above(ax, columns=3)


def finding(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """What the four panels show."""
    name = context.declarations.groups[variant].name.th
    return f"ดัชนีเศรษฐกิจแรงงาน ดัชนีรายมิติ และดัชนีความเชื่อมั่นของ{name}เทียบกับภาคและทั้งประเทศ"


def alt(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The province's lines in words, and the ends of its dimensions."""
    own = figures.rows(data, group=variant)
    parts = []
    for survey, name in {"": figures.INDEX_NAME, **SURVEYS}.items():
        values = figures.series(figures.rows(own, survey=survey, dimension="overall"))
        if len(values):
            parts.append(figures.series_words(name, values))
        else:
            parts.append(f"{name} ไม่มีค่าของจังหวัดนี้")
    dimensions = own[(own["survey"] == "") & (own["dimension"] != "overall")]
    if len(dimensions) > 1:
        names = [figures.name_of(code, context.declarations) for code in dimensions["dimension"]]
        parts.append(f"รายมิติ {figures.ranking_words(names, list(dimensions['value']))}")
    return " ".join(parts)


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Indicators and surveys."""
    return ("index",)
