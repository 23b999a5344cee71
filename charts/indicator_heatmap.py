"""Every indicator's change on the year over nine quarters, coloured by better and worse (report chapter 10)."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "การเปลี่ยนแปลงจากปีก่อนของตัวชี้วัดทุกตัว", "en": "Change on the year of every indicator"}
UNIT = {"th": "สีตามขนาดเทียบกับการเปลี่ยนแปลงในอดีตของตัวเอง", "en": "shade by size against its own past changes"}
NEEDS = ("series",)
USES = ("movers", "macro")
CHAPTER, ORDER, WIDTH = "appendix", 12, "full"
MARKS = ()
QUARTERS = 9
YEAR = 4  # quarters
LEAST = 8  # changes on the year; with fewer nothing says which size is usual


def height(data: pd.DataFrame) -> float:
    """Room for each indicator: 3.7 mm carry names of 8 points without one touching the next."""
    return 12 + 3.7 * float(data["indicator"].nunique())


def shown(
    series: pd.DataFrame, movers: pd.DataFrame, macro: pd.DataFrame, *, context: figures.Context
) -> pd.DataFrame:
    """indicator, period, strength, value: -100 the largest worsening ever, 100 the largest improvement; newest published value.

    direction   of the newest quarter on the year, as the text counts it: improved, worsened, unchanged
    """
    declared = context.declarations.indicators
    known = figures.up_to(figures.rows(series, group="TH", indicator=list(declared)), context)
    raw = figures.one_number(figures.by_quarter(known.dropna(subset="raw"), "raw", "indicator"), macro)
    if raw.empty:
        return pd.DataFrame()
    levels = figures.wide(raw, "period", "indicator").sort_index()
    levels = levels.reindex(figures.every_quarter(levels.index[0], levels.index[-1]))
    changes = levels - levels.shift(YEAR)
    parts = []
    for code in levels.columns[changes.notna().sum() >= LEAST]:
        change = changes[code].dropna() * declared[code].polarity
        sizes = change.abs().rank(method="average") / len(change) * 100
        strength = sizes.where(change > 0, -sizes).where(change != 0, 0.0)
        parts.append(strength.rename("strength").rename_axis("period").reset_index().assign(indicator=code))
    if not parts:
        return pd.DataFrame()
    frame = figures.recent(pd.concat(parts), context, QUARTERS)
    frame = frame.merge(
        figures.rows(raw, period=figures.now(context)), on=["indicator", "period"], how="left"
    )
    ranked = figures.ordered(frame.sort_values("period"), "indicator", list(declared))
    told = figures.rows(movers, against="year", period=figures.now(context)) if not movers.empty else movers
    directions = told.set_index("indicator")["direction"] if not told.empty else pd.Series(dtype=str)
    newest = ranked["period"] == figures.now(context)
    ranked["direction"] = ranked["indicator"].map(directions).where(newest)
    ranked["is_partial"] = ranked["indicator"].isin(figures.lacking_months(series, context))
    return ranked[["indicator", "period", "strength", "value", "direction", "is_partial"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """One row an indicator, one column a quarter; the newest published value at the right."""
    codes = list(data["indicator"].unique())
    places = figures.wide(data, "indicator", "period", "strength").loc[codes]
    names = [figures.name_of(code, context.declarations) for code in codes]
    labels = [figures.quarter_short(period) for period in places.columns]
    # every second quarter is named, back from the newest: nine names at 8 points do not fit beside the long names
    headings = [name if (len(labels) - 1 - at) % 2 == 0 else " " * at for at, name in enumerate(labels)]
    matrix = places.set_axis(names, axis=0).set_axis(headings, axis=1)
    figures.heat_map(ax, matrix, centre=0, least=100, columns=64, with_values=False)
    newest = data.dropna(subset="value").set_index("indicator")["value"]
    for row, code in enumerate(codes):
        if code in newest:
            star = "*" if figures.rows(data, indicator=code)["is_partial"].any() else ""
            figures.beside_row(ax, row + 0.5, figures.value_with_unit(newest[code], code, context) + star)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many improved, worsened and hardly changed on the year: the counts of the text."""
    newest = figures.rows(data, period=figures.now(context))["direction"].dropna()
    better, worse, same = (int((newest == name).sum()) for name in ("improved", "worsened", "unchanged"))
    if not len(newest):
        return f"การเปลี่ยนแปลงจากปีก่อนของตัวชี้วัด {data['indicator'].nunique()} ตัว"
    return f"ตัวชี้วัดที่มีข้อมูล {len(newest)} ตัว ดีขึ้นจากปีก่อน {better} ตัว แย่ลง {worse} ตัว แทบไม่เปลี่ยนแปลง {same} ตัว"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    newest = figures.rows(data, period=figures.now(context))["direction"].dropna()
    better, worse, same = (int((newest == name).sum()) for name in ("improved", "worsened", "unchanged"))
    if not len(newest):
        return f"Change on the year of {data['indicator'].nunique()} indicators"
    return f"On the year, {better} of {len(newest)} indicators with data improved, {worse} worsened, {same} hardly changed"


def too_little(data: pd.DataFrame) -> str:
    """Three indicators make a comparison."""
    return "" if data["indicator"].nunique() >= 3 else "มีตัวชี้วัดที่มีประวัติยาวพอน้อยกว่า 3 ตัว"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Those that improved and worsened most against their own past."""
    newest = figures.rows(data, period=figures.now(context)).set_index("indicator")["strength"]
    ranked = newest.sort_values(kind="stable")
    names = [figures.name_of(str(code), context.declarations) for code in ranked.index]
    return (
        f"ตารางสีของตัวชี้วัด {data['indicator'].nunique()} ตัว {data['period'].nunique()} ไตรมาส "
        f"แย่ลงมากเป็นพิเศษ ได้แก่ {figures.join_th(names[:3])} ดีขึ้นมากเป็นพิเศษ ได้แก่ {figures.join_th(names[::-1][:3])}"
    )


def note(data: pd.DataFrame) -> str:
    """What the colours mean."""
    return (
        "สีน้ำเงินคือดีขึ้นจากปีก่อน สีส้มคือแย่ลง ยิ่งเข้มยิ่งมากเมื่อเทียบกับการเปลี่ยนแปลงในอดีตของตัวชี้วัดนั้น "
        "ช่องขาวคือยังไม่มีข้อมูล ขวาสุดคือค่าประกาศของไตรมาสล่าสุด"
        + (f" * {figures.PARTIAL}" if data["is_partial"].any() else "")
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The indicators drawn."""
    return tuple(f"indicator:{code}" for code in data["indicator"].unique())
