"""Sub-indices by dimension over 13 quarters as a heat map."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีเศรษฐกิจแรงงานรายมิติ 13 ไตรมาส", "en": "Index by dimension over 13 quarters"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
CHAPTER, ORDER, WIDTH = "detail", 8, "full"
MARKS = ("value",)
CHOICES = {
    "declared": {"name": {"th": "เรียงตามลำดับมิติ", "en": "in the order of the dimensions"}},
    "by_level": {"name": {"th": "เรียงจากดัชนีสูงไปต่ำ", "en": "from the highest index to the lowest"}},
}


def height(data: pd.DataFrame) -> float:
    """Room for each dimension."""
    return 14 + 6.4 * float(data["dimension"].nunique())


def shown(index: pd.DataFrame, *, context: figures.Context, choice: str = "") -> pd.DataFrame:
    """dimension, period, value, low, high (95 %): the composite on top, then the dimensions in declared order or by their newest value."""
    national = figures.recent(figures.rows(index, group="TH"), context)
    order = list(context.declarations.dimensions)
    if choice == "by_level":
        newest = figures.rows(national, period=figures.now(context)).set_index("dimension")["value"]
        order.sort(key=lambda name: -newest.get(name, float("-inf")))
    order = ["overall", *order]
    named = national.rename(columns={"low95": "low", "high95": "high"})
    columns = ["dimension", "period", "value", "low", "high"]
    return figures.ordered(named.sort_values("period"), "dimension", order).reindex(columns=columns)


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """One row a dimension, one column a quarter."""
    names = [figures.name_of(code, context.declarations) for code in data["dimension"].unique()]
    cells = figures.wide(data, "dimension", "period").loc[data["dimension"].unique()]
    matrix = cells.set_axis(names, axis=0).rename(columns=figures.quarter_short)
    figures.heat_map(ax, matrix, centre=100, least=12, bold_rows=[figures.INDEX_NAME])


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many dimensions stand at their normal level or above; the highest and the lowest where intervals part them."""
    newest = _newest(data)
    names = [f"มิติ{figures.name_of(code, context.declarations)}" for code in newest["dimension"]]
    above = int((newest["value"].round(1) >= 100).sum())
    normal = f"{figures.counted(above, len(newest), 'มิติ')}อยู่ที่ค่าเฉลี่ยระยะยาวหรือสูงกว่า"
    return f"{normal} {figures.clear_ends(newest, names)}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    newest = _newest(data)
    names = [figures.name_en(code, context.declarations) for code in newest["dimension"]]
    above = int((newest["value"].round(1) >= 100).sum())
    normal = (
        f"{figures.counted_en(above, len(newest), 'dimensions')} stand at or above their long-run average"
    )
    return f"{normal}; {figures.lower_first(figures.clear_ends_en(newest, names))}"


def _newest(data: pd.DataFrame) -> pd.DataFrame:
    last = figures.rows(data, period=data["period"].max())
    return last[last["dimension"] != "overall"].dropna(subset="value")


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The newest column in words."""
    newest = _newest(data)
    last = figures.quarter_th(data["period"].max())
    names = [figures.name_of(code, context.declarations) for code in newest["dimension"]]
    ranked = figures.ranking_words(names, list(newest["value"]))
    return f"ตารางสีของดัชนี {len(newest)} มิติ {data['period'].nunique()} ไตรมาส ใน{last} {ranked}"


def note(data: pd.DataFrame) -> str:
    """How to read the colours."""
    return "สีน้ำเงินสูงกว่า 100 (ดีกว่าค่าเฉลี่ยระยะยาว) สีส้มต่ำกว่า 100 (แย่กว่า) กรอบคือไตรมาสล่าสุด"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
