"""From the index of a quarter or a year ago to today's, dimension by dimension."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ที่มาของการเปลี่ยนแปลงของดัชนี", "en": "What moved the index"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("contributions", "labour_index")
USES = ("index_changes",)
CHAPTER, ORDER, WIDTH = "detail", 28, "full"
MARKS = ("value",)
VARIANTS = {
    "quarter": {
        "title": {"th": "ที่มาของการเปลี่ยนแปลงของดัชนีจากไตรมาสก่อน", "en": "What moved the index on the quarter"}
    },
    "year": {
        "title": {"th": "ที่มาของการเปลี่ยนแปลงของดัชนีจากปีก่อน", "en": "What moved the index on the year"},
        "order": 29,
    },
}
CHOICES = {
    "by_size": {"name": {"th": "เรียงจากหนุนมากไปฉุดมาก", "en": "from the largest rise to the largest fall"}},
    "declared": {"name": {"th": "เรียงตามลำดับมิติ", "en": "in the order of the dimensions"}},
}
BACK = {"quarter": 1, "year": 4}
WORDS = {"quarter": "ไตรมาสก่อน", "year": "ช่วงเดียวกันของปีก่อน"}


def height(data: pd.DataFrame) -> float:
    """Room for each step."""
    return 6 + 6.2 * float(len(data))


def shown(
    contributions: pd.DataFrame,
    index: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    context: figures.Context,
    variant: str,
    choice: str = "",
) -> pd.DataFrame:
    """name, kind (level or step), value: the level before, steps by size or in the order of the dimensions, the level now.

    is_unclear  the change between the levels is not told from zero
    """
    now, before = figures.now(context), figures.ago(context, BACK[variant])
    levels = figures.rows(index, dimension="overall", group="TH").set_index("period")["value"]
    steps = figures.rows(contributions, against=variant, period=now).dropna(subset="contribution")
    if steps.empty or not {now, before} <= set(levels.dropna().index):
        return pd.DataFrame()
    if choice == "declared":
        steps = figures.ordered(steps, "dimension", list(context.declarations.dimensions))
    else:
        steps = steps.sort_values("contribution", ascending=False, kind="stable")
    names = [figures.name_of(code, context.declarations) for code in steps["dimension"]]
    ends = [f"ดัชนี {figures.quarter_slash(quarter)}" for quarter in (before, now)]
    return pd.DataFrame(
        {
            "name": [ends[0], *names, ends[1]],
            "kind": ["ระดับ", *["ผล"] * len(steps), "ระดับ"],
            "value": [levels[before], *steps["contribution"], levels[now]],
            "is_unclear": figures.is_unclear(changes, variant, context),
        }
    )


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """Levels in navy, steps up in blue, steps down in orange."""
    (first, start), (last, end) = data[["name", "value"]].iloc[[0, -1]].itertuples(index=False)
    steps = _steps(data)
    figures.waterfall(ax, (first, start), steps, (last, end), figures.NAVY)


def _steps(data: pd.DataFrame) -> pd.Series:
    return data[data["kind"] == "ผล"].set_index("name")["value"].astype(float)


def finding(data: pd.DataFrame, *, variant: str) -> str:
    """Which dimension lifted the index most and which pulled it down most."""
    change = float(data["value"].iloc[-1] - data["value"].iloc[0])
    steps = _steps(data)
    doubt = " (ยังไม่ชัดเจน)" if data["is_unclear"].any() else ""
    parts = [f"ดัชนี{figures.change_words(change)}จาก{WORDS[variant]}{doubt}"]
    for own, word in ((steps[steps >= 0.05], "หนุน"), (-steps[steps <= -0.05], "ฉุด")):
        if len(own):
            most = figures.ends(own, 2)[0]
            names = figures.named(most, "มิติ", "มิติ{}")
            parts.append(f"{names}{word}มากที่สุด{figures.alike(most)} {figures.number(own.max(), 2)} จุด")
    return " ".join(parts)


def alt(data: pd.DataFrame) -> str:
    """Both levels and the steps between them."""
    steps = _steps(data)
    first, last = data.iloc[0], data.iloc[-1]
    return (
        f"แผนภูมิขั้นบันไดจาก{first['name']} ที่ {figures.number(first['value'])} จุด ถึง{last['name']} "
        f"ที่ {figures.number(last['value'])} จุด มิติที่เพิ่ม {int((steps > 0).sum())} มิติ ลด {int((steps < 0).sum())} มิติ "
        f"{figures.ranking_words(list(steps.index), list(steps), decimals=2, sign=True)}"
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
