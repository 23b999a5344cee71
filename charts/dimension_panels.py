"""Each sub-index against the composite, small multiples."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ดัชนีรายมิติเทียบกับดัชนีรวม", "en": "Sub-indices against the composite"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
CHAPTER, ORDER, WIDTH = "detail", 25, "full"
MARKS = ("value",)
CHOICES = {
    "five_years": {"name": {"th": "ห้าปีล่าสุด", "en": "the last five years"}},
    "ten_years": {"name": {"th": "สิบปีล่าสุด", "en": "the last ten years"}},
}
COLUMNS = 5


def height(data: pd.DataFrame) -> float:
    """Room for each row of panels."""
    return 6 + 40 * -(-len(_parts(data)) // COLUMNS)


def _parts(data: pd.DataFrame) -> set[str]:
    """The dimensions; a reduced issue has no composite beside them."""
    return set(data["dimension"]) - {"overall"}


def shown(index: pd.DataFrame, *, context: figures.Context, choice: str = "") -> pd.DataFrame:
    """dimension, period, value over 21 or 41 quarters; dimensions without any value are left out."""
    span = 41 if choice == "ten_years" else 21
    national = figures.recent(figures.rows(index, group="TH"), context, span).dropna(subset="value")
    order = ["overall", *context.declarations.dimensions]
    return figures.ordered(national.sort_values("period"), "dimension", order)[
        ["dimension", "period", "value"]
    ]


def too_little(data: pd.DataFrame) -> str:
    """Two dimensions make a comparison."""
    return "" if len(_parts(data)) >= 2 else "มีดัชนีรายมิติน้อยกว่า 2 มิติ"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel a dimension, all on the same axes; the composite in grey behind."""
    figures.parts_against_whole(
        figure, data, "dimension", figures.NAVY, columns=COLUMNS, ticks=3,
        name=lambda code: figures.name_of(code, context.declarations),
    )  # fmt: skip


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many dimensions rose on the quarter, and which moved most."""
    change = _changes(data).rename(lambda code: figures.name_of(str(code), context.declarations))
    if change.empty:
        return f"ดัชนีรายมิติใน{figures.quarter_th(data['period'].max())}"
    moved = figures.ends(change.abs())[0]
    rising = int((change >= figures.INDEX_STEPS.still).sum())
    told = figures.join_th([f"{name} ({figures.signed(change[name])} จุด)" for name in moved])
    return f"{figures.counted(rising, len(change), 'มิติ')}ปรับตัวดีขึ้น ที่เปลี่ยนแปลงมากที่สุด{figures.alike(moved)} คือมิติ{told}"


def _changes(data: pd.DataFrame) -> pd.Series:
    """dimension -> change on the quarter before, where both are known."""
    cells = figures.wide(data, "dimension", "period").drop(index="overall", errors="ignore")
    return (cells.iloc[:, -1] - cells.iloc[:, -2]).dropna() if cells.shape[1] > 1 else pd.Series(dtype=float)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Newest levels in words."""
    last = data[(data["period"] == data["period"].max()) & (data["dimension"] != "overall")]
    names = [figures.name_of(code, context.declarations) for code in last["dimension"]]
    return f"กราฟย่อย {len(_parts(data))} มิติ ค่าล่าสุด {figures.ranking_words(names, list(last['value']))}"


def note(data: pd.DataFrame) -> str:
    """What the grey line is, where there is a composite, and the level line."""
    grey = "เส้นสีเทาคือดัชนีเศรษฐกิจแรงงานรวม " if (data["dimension"] == "overall").any() else ""
    return f"{grey}เส้นแนวนอนคือค่าเฉลี่ยระยะยาว = 100"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
