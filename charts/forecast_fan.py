"""The forecast of the index with its intervals."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "การพยากรณ์ดัชนีเศรษฐกิจแรงงาน", "en": "Forecast of the index"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("forecast", "labour_index")
USES = ("forecast_scorecard",)  # the first issue has none
CHAPTER, ORDER, WIDTH, HEIGHT = "forecast", 10, "full", 66
PHONE = 0.9
MARKS = ("value", "mean", "earlier", "low80", "high80", "low95", "high95")
CHOICES = {
    "three_years": {"name": {"th": "ย้อนหลังสามปี", "en": "three years back"}},
    "ten_years": {"name": {"th": "ย้อนหลังสิบปี", "en": "ten years back"}},
}
BOUNDS = ["low80", "high80", "low95", "high95"]


def shown(
    forecast: pd.DataFrame,
    index: pd.DataFrame,
    scorecard: pd.DataFrame,
    *,
    context: figures.Context,
    choice: str = "",
) -> pd.DataFrame:
    """period, value, mean, low80, high80, low95, high95, earlier: the quarters observed (13, or 41), then the forecast ones.

    earlier  what was forecast for a quarter that is known now, with data up to the quarter before it
    """
    span = 41 if choice == "ten_years" else figures.QUARTERS
    past = figures.rows(index, dimension="overall", group="TH")
    past = figures.recent(past, context, span).dropna(subset="value")
    ahead = forecast.dropna(subset="mean").sort_values("period")
    both = pd.concat([past.sort_values("period")[["period", "value"]], ahead[["period", "mean", *BOUNDS]]])
    both["earlier"] = both["period"].map(_one_ahead(scorecard))
    return both.reindex(columns=["period", "value", "mean", *BOUNDS, "earlier"])


def _one_ahead(scorecard: pd.DataFrame) -> dict[str, float]:
    """Quarter -> what was forecast for it one quarter before; a published forecast goes before one of a test."""
    if scorecard.empty:
        return {}
    step = pd.PeriodIndex(scorecard["period"], freq="Q") - pd.PeriodIndex(scorecard["issued"], freq="Q")
    own = scorecard[[gap.n == 1 for gap in step]].sort_values(
        "kind", ascending=False
    )  # "published" last: it stays
    return dict(zip(own["period"], own["mean"], strict=True))


def too_little(data: pd.DataFrame) -> str:
    """A history to start from, and a forecast."""
    enough = data["value"].notna().sum() >= 2 and data["mean"].notna().any()
    return "" if enough else "ไม่มีผลการพยากรณ์"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """The line, the fan, the newest and the last forecast value."""
    past, ahead = data[data["value"].notna()], data[data["mean"].notna()]
    last = past.iloc[-1]
    figures.fan(ax, ahead, (last["period"], last["value"]), figures.NAVY)
    figures.line(ax, list(past["period"]), past["value"], figures.NAVY, name=None)
    places = figures.place(list(data["period"]))
    known = data["earlier"].notna().to_numpy()
    earlier: dict[str, Any] = {
        "markersize": 3.5,
        "color": figures.PAPER,
        "markeredgecolor": figures.MUTED,
        "zorder": 4,
    }
    ax.plot(places[known], data["earlier"][known], "D", **earlier)
    figures.point_label(
        ax, places[len(past) - 1], last["value"], figures.number(last["value"]), above=last["value"] >= 100
    )
    end = ahead.iloc[-1]
    figures.end_label(ax, places[-1], end["mean"], figures.number(end["mean"]), figures.NAVY)
    for bound, name in (("high80", "80"), ("high95", "95")):
        figures.end_label(ax, places[-1], end[bound], f"ร้อยละ {name}", figures.MUTED, weight="normal")
    ax.axvline(places[len(past) - 1], color=figures.RULE, linewidth=0.8)
    figures.quarter_axis(ax, list(data["period"]), ticks=9)
    figures.value_axis(ax)
    figures.neutral(ax, 100, "ค่าเฉลี่ยระยะยาว = 100")


def finding(data: pd.DataFrame) -> str:
    """Which way the forecast goes, and how sure that is."""
    now, end = data["value"].dropna().iloc[-1], data[data["mean"].notna()].iloc[-1]
    way = figures.change_words(end["mean"] - now, steps=figures.FORECAST_STEPS)
    sure = "" if end["low80"] > now or end["high80"] < now else " แต่ช่วงพยากรณ์ครอบคลุมทั้งการเพิ่มขึ้นและลดลง"
    when = figures.quarter_th(end["period"])
    return f"คาดว่าดัชนีจะอยู่ที่ {figures.number(end['mean'])} จุดใน{when} {way}เมื่อเทียบกับไตรมาสล่าสุด{sure}"


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    now, end = data["value"].dropna().iloc[-1], data[data["mean"].notna()].iloc[-1]
    when = figures.quarter_short_en(str(end["period"]))
    way = figures.change_en(end["mean"] - now, steps=figures.FORECAST_STEPS).replace(
        "unchanged", "about unchanged"
    )
    level = f"Index expected at {figures.number(end['mean'])} points in {when}, {way} from the newest quarter"
    is_sure = end["low80"] > now or end["high80"] < now
    return level if is_sure else f"{level}; the forecast interval allows a rise or a fall"


def alt(data: pd.DataFrame) -> str:
    """Observed level, then each forecast quarter with its interval."""
    ahead = data[data["mean"].notna()]
    parts = [
        f"{figures.quarter_th(row['period'])} {figures.number(row['mean'])} จุด "
        f"(ช่วงร้อยละ 80 ตั้งแต่ {figures.number(row['low80'])} ถึง {figures.number(row['high80'])})"
        for _, row in ahead.iterrows()
    ]
    now = figures.number(data["value"].dropna().iloc[-1])
    return f"เส้นดัชนีล่าสุด {now} จุด ตามด้วยเส้นประพยากรณ์พร้อมพัด: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What the bands mean."""
    said = "เส้นประคือค่าพยากรณ์ แถบเข้มคือช่วงพยากรณ์ร้อยละ 80 แถบอ่อนร้อยละ 95"
    marks = " จุดข้าวหลามตัดคือค่าที่พยากรณ์ไว้ก่อนหน้าหนึ่งไตรมาส (รวมการทดสอบย้อนหลังที่ไม่ได้เผยแพร่)"
    return said + (marks if data["earlier"].notna().any() else "")


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
