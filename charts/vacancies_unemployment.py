"""Vacancies against unemployment, quarter by quarter: the Beveridge curve."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ตำแหน่งงานว่างกับอัตราการว่างงาน", "en": "Vacancies and unemployment"}
UNIT = {
    "th": "พันตำแหน่งเฉลี่ยต่อเดือน และร้อยละ ปรับฤดูกาล",
    "en": "thousand positions, monthly average, and per cent, seasonally adjusted",
}
NEEDS = ("series",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 38, "half", 62
MARKS = ("unemployment", "vacancies")
RATE, POSITIONS = "unemployment_rate", "vacancies"
WAYS = ("เท่าเดิม", "สูงขึ้น", "ต่ำลง")  # by sign: 0, 1, -1


def shown(series: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """period, unemployment (per cent), vacancies (thousand a month): quarterly means, seasonally adjusted; both as published."""
    known = figures.rows(series, group="TH", indicator=[RATE, POSITIONS]).dropna(subset="adjusted")
    quarterly = figures.recent(figures.by_quarter(known, "adjusted", "indicator"), context)
    if set(quarterly["indicator"]) != {RATE, POSITIONS}:
        return pd.DataFrame()
    cells = figures.wide(quarterly, "period", "indicator").dropna().sort_index()
    raw = figures.wide(figures.by_quarter(known, "raw", "indicator"), "period", "indicator").reindex(
        cells.index
    )
    frame = pd.DataFrame(
        {
            "unemployment": cells[RATE],
            "vacancies": cells[POSITIONS] / 1000,
            "unemployment_published": raw[RATE],
            "vacancies_published": raw[POSITIONS] / 1000,
        }
    )
    return frame.rename_axis("period").reset_index()


def too_little(data: pd.DataFrame) -> str:
    """A curve needs a few quarters."""
    return "" if len(data) >= 5 else "มีตำแหน่งงานและอัตราการว่างงานพร้อมกันน้อยกว่า 5 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """A path through the quarters; first, year-ago and newest quarters are named."""
    x, y = data["unemployment"].to_numpy(float), data["vacancies"].to_numpy(float)
    ax.plot(x, y, "-", color=figures.RULE, linewidth=1.2, zorder=2)
    ax.plot(x[:-1], y[:-1], "o", color=figures.UNCHANGED, markersize=4, zorder=3)
    ax.plot(x[-1], y[-1], "o", color=figures.NAVY, markersize=7, zorder=4)
    middle = float(y.mean())
    for at in dict.fromkeys([0, max(0, len(x) - 5), len(x) - 1]):
        is_newest = at == len(x) - 1
        figures.point_label(
            ax, x[at], y[at], figures.quarter_short(str(data["period"].iloc[at])), above=bool(y[at] >= middle),
            colour=figures.NAVY if is_newest else figures.INK,
        )  # fmt: skip
    ax.margins(x=0.12, y=0.18)
    figures.value_axis(ax, axis="x", ticks=4)
    figures.value_axis(ax, ticks=4)
    ax.set_xlabel("อัตราการว่างงาน (ร้อยละ)")
    ax.set_ylabel("ตำแหน่งงาน (พันต่อเดือน)")


def _signs(data: pd.DataFrame) -> tuple[int, int] | None:
    """Which way vacancies and the rate went within a year, as published; None where either quarter lacks one of them."""
    known = data.set_index("period")[["vacancies_published", "unemployment_published"]].dropna()
    last = str(data["period"].iloc[-1])
    before = figures.quarters_back(last, 4)
    if not {last, before} <= set(known.index):
        return None
    positions, rate = (float(value) for value in known.loc[last].to_numpy() - known.loc[before].to_numpy())
    return figures.sign_of(positions, 1), figures.sign_of(rate, 2)


def finding(data: pd.DataFrame) -> str:
    """Which way both went within a year."""
    signs = _signs(data)
    if signs is None:
        return "ตำแหน่งงานและอัตราการว่างงาน"
    positions, rate = (WAYS[sign] for sign in signs)
    joint = "และ" if positions == rate else "ขณะที่"
    return f"ตำแหน่งงาน{positions}จากปีก่อน {joint}อัตราการว่างงาน{rate}"


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    signs = _signs(data)
    if signs is None:
        return "Vacancies and the unemployment rate"
    positions, rate = (("unchanged", "higher", "lower")[sign] for sign in signs)
    if positions == rate:
        return f"Vacancies and the unemployment rate both {rate} on the year"
    return f"Vacancies {positions} on the year, the unemployment rate {rate}"


def alt(data: pd.DataFrame) -> str:
    """The year-ago point and the newest one."""
    parts = [
        f"{figures.quarter_th(row['period'])} ว่างงานร้อยละ {figures.number(row['unemployment'], 2)} "
        f"ตำแหน่งงาน {figures.number(row['vacancies'])} พันตำแหน่ง"
        for _, row in data.iloc[[max(0, len(data) - 5), -1]].iterrows()
    ]
    return f"เส้นทางของ {len(data)} ไตรมาส: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How to read the plane."""
    return (
        "ซ้ายบนคือตลาดแรงงานตึงตัว ขวาล่างคือหางานยาก ค่าปรับฤดูกาล ตำแหน่งงานเป็นค่าเฉลี่ยต่อเดือนของไตรมาส จุดทึบคือไตรมาสล่าสุด"
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Both series."""
    return (f"indicator:{RATE}", f"indicator:{POSITIONS}")
