"""Composite, coincident and leading index with dated turning points, and the diffusion index."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from reporter import figures

TITLE = {"th": "วัฏจักรของตลาดแรงงานและจุดเปลี่ยน", "en": "Cycle of the labour market and its turning points"}
UNIT = {
    "th": "ดัชนีรวมเป็นจุด ดัชนีพ้องและดัชนีชี้นำเริ่มที่ 100 ดัชนีกระจายเป็นร้อยละ",
    "en": "composite in points, coincident and leading index from 100, diffusion index in per cent",
}
NEEDS = ("signals", "labour_index")
USES = ("turning_points",)
CHAPTER, ORDER, WIDTH, HEIGHT = "detail", 60, "full", 168
MARKS = ("value",)
NAMES = {
    "overall": "ดัชนีรวม",
    "coincident": "ดัชนีพ้อง",
    "leading": "ดัชนีชี้นำ",
    "diffusion": "ดัชนีกระจาย",
}
NAMES_EN = {"overall": "composite", "coincident": "coincident index", "leading": "leading index"}
COLOURS = {"overall": figures.NAVY, "coincident": figures.EMPLOYERS, "leading": figures.WORKERS, "diffusion": figures.INK}  # fmt: skip
POINTS = {"peak": ("v", "ยอด"), "trough": ("^", "ก้น")}
POINTS_EN = {"peak": "peak", "trough": "trough"}


def shown(
    signals: pd.DataFrame, index: pd.DataFrame, points: pd.DataFrame, *, context: figures.Context
) -> pd.DataFrame:
    """item, period, value, point: the four indices, and which of their quarters are turning points."""
    whole = figures.rows(index, dimension="overall", group="TH").assign(item="overall")
    parts = signals[signals["kind"].isin(["cycle", "diffusion"])]
    frame = pd.concat([whole[["item", "period", "value"]], parts[["item", "period", "value"]]])
    frame = figures.up_to(frame, context).dropna(subset="value")
    if points.empty:
        frame = frame.assign(point="")
    else:
        frame = frame.merge(points[["item", "period", "point"]], on=["item", "period"], how="left")
        frame["point"] = frame["point"].fillna("")
    return figures.ordered(frame.sort_values("period"), "item", list(NAMES))


def too_little(data: pd.DataFrame) -> str:
    """The composite and one more index over some years."""
    counts = data["item"].value_counts()
    return "" if (counts >= 12).sum() >= 2 else "มีดัชนีที่ยาวพอสำหรับดูวัฏจักรน้อยกว่า 2 ตัว"


def draw(data: pd.DataFrame, *, figure: Figure) -> None:
    """One panel an index on one axis of time; every turning point has its quarter beside it."""
    items = [name for name in NAMES if name in set(data["item"])]
    axes = figure.subplots(len(items), 1, sharex=True, squeeze=False)[:, 0]
    everything = sorted(data["period"].unique())
    for ax, item in zip(axes, items, strict=True):
        own = data[data["item"] == item]
        periods = list(own["period"])
        figures.line(ax, periods, own["value"], COLOURS[item])
        figures.panel_title(ax, NAMES[item], COLOURS[item])
        marked = own[own["point"] != ""]
        for at, value, kind, period in zip(
            figures.place(list(marked["period"])), marked["value"], marked["point"], marked["period"], strict=True
        ):  # fmt: skip
            ax.plot(at, value, POINTS[kind][0], color=COLOURS[item], markersize=5, zorder=5)
            figures.point_label(ax, at, value, figures.quarter_short(period), above=kind == "peak")
        figures.value_axis(ax, ticks=4)
        figures.room(ax, top=0.22, bottom=0.22)
        figures.shade_shock(ax, everything, name=ax is axes[0])
        middle = 50 if item == "diffusion" else 100  # ends with the data, so that it crosses no label
        ax.plot(
            figures.place([everything[0], everything[-1]]), [middle] * 2, color=figures.MUTED, linewidth=0.8
        )
    figures.quarter_axis(axes[-1], everything, ticks=9)


def _last(data: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """The newest turning point of every index that has one: period and kind."""
    marked = data[data["point"] != ""].sort_values("period").groupby("item", sort=False).tail(1)
    return {str(row["item"]): (str(row["period"]), str(row["point"])) for _, row in marked.iterrows()}


def finding(data: pd.DataFrame) -> str:
    """The newest turning points."""
    last = _last(data)
    if not last:
        return "ยังไม่มีจุดเปลี่ยนของวัฏจักรที่ระบุได้"
    parts = [
        f"{NAMES[item]} {POINTS[kind][1]} {figures.quarter_slash(period)}"
        for item, (period, kind) in last.items()
    ]
    return f"จุดเปลี่ยนล่าสุดที่ระบุได้ {figures.join_th(parts)}"


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    last = _last(data)
    if not last:
        return "No turning point of the cycle can be dated yet"
    parts = [
        f"{NAMES_EN[item]}: {POINTS_EN[kind]} {figures.quarter_short_en(period)}"
        for item, (period, kind) in last.items()
    ]
    return f"Newest dated turning points: {'; '.join(parts)}"


def alt(data: pd.DataFrame) -> str:
    """The newest values and how many turning points there are."""
    newest = data[data["period"] == data["period"].max()]
    told = [f"{NAMES[item]} {figures.number(value)}" for item, value in zip(newest["item"], newest["value"], strict=True)]  # fmt: skip
    return (
        f"เส้นของ{figures.join_th([NAMES[item] for item in data['item'].unique()])} "
        f"มีจุดเปลี่ยน {int((data['point'] != '').sum())} จุด ใน{figures.quarter_th(data['period'].max())} {figures.join_th(told)}"
    )


def note(data: pd.DataFrame) -> str:
    """What the indices are."""
    return (
        "ยอดและก้นระบุตามวิธี Bry-Boschan สำหรับรายไตรมาส ดัชนีพ้องและดัชนีชี้นำสะสมการเปลี่ยนแปลงของตัวชี้วัดที่กำหนดไว้ "
        "ดัชนีกระจายคือร้อยละของตัวชี้วัดที่ดีขึ้นจากไตรมาสก่อน เกิน 50 คือส่วนใหญ่ดีขึ้น"
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
