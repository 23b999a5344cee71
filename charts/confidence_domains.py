"""Domains of a survey now, a quarter ago, with intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีความเชื่อมั่นรายด้าน", "en": "Confidence by domain"}
UNIT = {"th": "จุด 0 ถึง 200", "en": "points, 0 to 200"}
NEEDS = ("confidence",)
CHAPTER, ORDER, WIDTH = "employers", 20, "full"
PHONE = 2.0
MARKS = ("value", "low", "high", "before")
VARIANTS = {
    "employer": {
        "title": {"th": "ความเชื่อมั่นของผู้ประกอบการต่อแรงงานรายด้าน", "en": "Employers’ confidence by domain"}
    },
    "worker": {
        "title": {"th": "ความเชื่อมั่นของแรงงานรายด้าน", "en": "Workers’ confidence by domain"},
        "chapter": "workers",
    },
}


def height(data: pd.DataFrame) -> float:
    """Room for each domain."""
    return 16 + 7.0 * float(len(data))


def shown(confidence: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """domain, period, value, low, high, before, n: highest first."""
    domains = figures.rows(confidence, survey=variant, group="TH")
    domains = domains[domains["domain"] != "overall"]
    now = figures.rows(domains, period=figures.now(context)).dropna(subset="value")
    before = figures.rows(domains, period=figures.ago(context, 1)).set_index("domain")["value"]
    ranked = now.assign(before=now["domain"].map(before)).sort_values("value", ascending=False, kind="stable")
    return ranked[["domain", "period", "value", "low", "high", "before", "n"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context, variant: str) -> None:
    """A dot a domain, its interval, a hollow dot for the quarter before."""
    names = [figures.domain_name(variant, code, context.declarations, short=False) for code in data["domain"]]
    figures.dots(
        ax, names, data["value"], figures.SURVEY_COLOUR[variant], low=data["low"], high=data["high"], before=data["before"],
        columns=44, reference=("ปานกลาง", 100),
    )  # fmt: skip


def finding(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The domains that stand apart from all others, if any."""
    names = [f"ด้าน{figures.domain_name(variant, code, context.declarations)}" for code in data["domain"]]
    return figures.clear_ends(data, names)


def finding_en(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The same in English."""
    return figures.clear_ends_en(
        data, [figures.domain_name(variant, code, context.declarations) for code in data["domain"]]
    )


def too_little(data: pd.DataFrame) -> str:
    """Two domains to compare."""
    return "" if len(data) >= 2 else "มีดัชนีน้อยกว่า 2 ด้าน"


def alt(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """All domains, and how many rose."""
    names = [figures.domain_name(variant, code, context.declarations) for code in data["domain"]]
    moved = data["value"] - data["before"]
    text = (
        f"จุดพร้อมช่วงความเชื่อมั่นของ {len(data)} ด้าน {figures.ranking_words(names, list(data['value']), count=4)}"
    )
    return text + (f" สูงขึ้นจากไตรมาสก่อน {int((moved > 0).sum())} ด้าน" if moved.notna().any() else "")


def note(data: pd.DataFrame) -> str:
    """What the marks are."""
    return "แถบคือช่วงความเชื่อมั่นร้อยละ 95 วงกลมกลวงคือไตรมาสก่อน"


def sources(data: pd.DataFrame, *, variant: str) -> tuple[str, ...]:
    """The survey."""
    return (f"survey:{variant}",)
