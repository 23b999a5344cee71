"""A confidence index beside sentiment indices and the Labour Economic Index."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ดัชนีความเชื่อมั่นเทียบกับดัชนีอื่น", "en": "Confidence beside other indices"}
UNIT = {"th": "จุด แต่ละภาพมีแกนของตนเอง", "en": "points, each panel on its own scale"}
NEEDS = ("confidence", "labour_index")
USES = ("series", "index_changes", "joint_correlations")
CHAPTER, ORDER, WIDTH, HEIGHT = "employers", 70, "full", 48
PHONE = 2.0
MARKS = ("value",)
VARIANTS = {
    "employer": {
        "title": {
            "th": "ความเชื่อมั่นของผู้ประกอบการเทียบกับดัชนีอื่น",
            "en": "Employers’ confidence beside other indices",
        }
    },
    "worker": {
        "title": {"th": "ความเชื่อมั่นของแรงงานเทียบกับดัชนีอื่น", "en": "Workers’ confidence beside other indices"},
        "chapter": "workers",
    },
}
BESIDE = {"employer": ["business_sentiment"], "worker": ["consumer_confidence", "business_sentiment"]}


def shown(
    confidence: pd.DataFrame,
    index: pd.DataFrame,
    series: pd.DataFrame,
    changes: pd.DataFrame,
    correlations: pd.DataFrame,
    *,
    context: figures.Context,
    variant: str,
) -> pd.DataFrame:
    """index, period, value: the survey's index, sentiment (quarterly means), the Labour Economic Index.

    is_unclear   the newest change on the quarter is not told from zero: by the survey's test, by the band of the index
    moves_with   how it has moved with the survey's index so far, by the interval of their correlation: same, opposite, or ""
    """
    own = figures.rows(confidence, survey=variant, domain="overall", group="TH").assign(index=variant)
    lei = figures.rows(index, dimension="overall", group="TH").assign(index="labour_index")
    parts = [own, lei]
    if not series.empty:
        chosen = figures.rows(series, group="TH", indicator=BESIDE[variant]).dropna(subset="adjusted")
        parts.append(
            figures.by_quarter(chosen, "adjusted", "indicator").rename(columns={"indicator": "index"})
        )
    both = figures.recent(pd.concat(parts), context).dropna(subset="value").sort_values("period")
    both = both[both.groupby("index")["period"].transform("size") >= 4]
    chosen = figures.ordered(both, "index", [variant, *BESIDE[variant], "labour_index"])
    unclear = _unclear(own, changes, context)
    chosen["is_unclear"] = [unclear.get(str(name), False) for name in chosen["index"]]
    ways = _ways(correlations, f"confidence_{variant}")
    chosen["moves_with"] = [ways.get(str(name), "") for name in chosen["index"]]
    return chosen[["index", "period", "value", "is_unclear", "moves_with"]]


def _ways(correlations: pd.DataFrame, own: str) -> dict[str, str]:
    """Other variable -> same or opposite, where the interval of the same-quarter correlation leaves out zero."""
    found: dict[str, str] = {}
    if correlations.empty:
        return found
    for row in figures.rows(correlations, lead=0).to_dict("records"):
        if own in (row["first"], row["second"]) and row["low"] * row["high"] > 0:
            other = str(row["second"] if row["first"] == own else row["first"])
            found[other] = "same" if row["low"] > 0 else "opposite"
    return found


def _unclear(own: pd.DataFrame, changes: pd.DataFrame, context: figures.Context) -> dict[str, bool]:
    """index -> whether chance alone may have made its newest change; only those that were tested."""
    found = {}
    newest = figures.rows(own, period=figures.now(context))
    if len(newest) and "significant_quarter" in newest and pd.notna(newest["significant_quarter"].iloc[0]):
        found[str(newest["index"].iloc[0])] = not bool(newest["significant_quarter"].iloc[0])
    return found | {"labour_index": figures.is_unclear(changes, "quarter", context)}


def too_little(data: pd.DataFrame, *, variant: str) -> str:
    """The survey's own index and one beside it."""
    names = set(data["index"])
    return "" if variant in names and len(names) >= 2 else "ไม่มีดัชนีอื่นให้เปรียบเทียบอย่างน้อย 4 ไตรมาส"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel an index on the same quarters."""
    codes = list(data["index"].unique())
    colours = {"labour_index": figures.NAVY, **figures.SURVEY_COLOUR}
    for ax, code in zip(figures.panels(figure, len(codes), len(codes), share_y=False), codes, strict=True):
        own = figures.rows(data, index=code)
        colour = colours.get(code, figures.MUTED)
        figures.line(ax, list(own["period"]), own["value"], colour)
        figures.quarter_axis(ax, list(data["period"]), ticks=4)
        figures.value_axis(ax, ticks=4)
        figures.panel_title(
            ax, figures.wrap(figures.name_of(code, context.declarations), 92 // len(codes)), colour
        )


def _same(data: pd.DataFrame, variant: str) -> list[str]:
    """Indices that clearly went the survey's way in the newest quarter, and have moved with it so far."""
    way = figures.wide(data, "period", "index").diff().iloc[-1]
    told = data[~data["is_unclear"].astype(bool) & (data["moves_with"] == "same")]
    return [code for code in told["index"].unique() if code != variant and way[code] * way[variant] > 0]


def finding(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """Which of the others moved the same way in the newest quarter, as they have done so far."""
    unclear = set(data.loc[data["is_unclear"], "index"])
    moved = figures.wide(data, "period", "index").diff().iloc[-1][variant]
    own = "ความเชื่อมั่นของ" + ("ผู้ประกอบการ" if variant == "employer" else "แรงงาน")
    way = figures.move_word(moved, figures.CONFIDENCE_STEPS, 1)
    together = [figures.name_of(code, context.declarations) for code in _same(data, variant)]
    if variant in unclear:
        return f"{own}ไม่เปลี่ยนแปลงอย่างมีนัยสำคัญจากไตรมาสก่อน"
    if way == "ทรงตัว" or not together:
        return f"{own}{way}จากไตรมาสก่อน"
    return f"{own}{way} ทิศทางเดียวกับ{figures.join_th(together)}"


def finding_en(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The same in English."""
    unclear = set(data.loc[data["is_unclear"], "index"])
    moved = float(figures.wide(data, "period", "index").diff().iloc[-1][variant])
    own = "Employers’ confidence" if variant == "employer" else "Workers’ confidence"
    if variant in unclear:
        return f"{own} did not change significantly on the quarter"
    way = figures.moved_en(moved, figures.CONFIDENCE_STEPS)
    together = [figures.running(figures.name_en(code, context.declarations)) for code in _same(data, variant)]
    if way == "was unchanged" or not together:
        return f"{own} {way} on the quarter"
    return f"{own} {way} on the quarter, in the same direction as {figures.names_en(together)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Every line in words."""
    parts = [figures.series_words(figures.name_of(str(code), context.declarations), figures.series(own))
             for code, own in data.groupby("index", sort=False)]  # fmt: skip
    return "; ".join(parts)


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey, the index, the sentiment indices drawn."""
    kinds = {"labour_index": "index", "employer": "survey:employer", "worker": "survey:worker"}
    return tuple(kinds.get(code, f"indicator:{code}") for code in data["index"].unique())
