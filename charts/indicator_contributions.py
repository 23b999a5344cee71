"""What moved the composite most on the quarter and on the year, indicator by indicator."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ตัวชี้วัดที่มีผลต่อดัชนีรวมมากที่สุด", "en": "Indicators that moved the composite most"}
UNIT = {"th": "จุดของดัชนีรวม", "en": "points of the composite"}
NEEDS = ("indicator_contributions", "indicator_status")
CHAPTER, ORDER, WIDTH = "labour", 33, "full"
MARKS = ("contribution",)
EACH_WAY = 3  # pushes and drags of either span: those that the text names
SPANS = {"quarter": "จากไตรมาสก่อน", "year": "จากปีก่อน"}
SPANS_EN = {"quarter": "on the quarter", "year": "on the year"}


def height(data: pd.DataFrame) -> float:
    """Room for each indicator."""
    return 12 + 6.6 * float(data["indicator"].nunique())


def shown(parts: pd.DataFrame, status: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """indicator, dimension, against, period, contribution: what the indicator's data added through its own dimension.

    The indicators that pushed and that held back most on the quarter or on the year, each with both its parts; is_estimated: no data.
    """
    now = figures.rows(parts, period=figures.now(context)).dropna(subset="contribution")
    now = now[now["indicator"].isin(list(context.declarations.indicators)) & now["against"].isin(list(SPANS))]
    chosen: list[str] = []
    for against in SPANS:
        own = figures.rows(now, against=against).set_index("indicator")["contribution"]
        chosen += [code for sign in (1, -1) for code in _most(own * sign)]
    kept = now[now["indicator"].isin(chosen)]
    estimated = set(status.loc[status["quarter_status"] == "estimated", "indicator"])
    order = kept.sort_values(["against", "contribution"], ascending=[True, False], kind="stable")
    ranked = figures.ordered(order, "indicator", list(dict.fromkeys(order["indicator"])))
    columns = ["indicator", "dimension", "against", "period", "contribution"]
    return ranked[columns].assign(is_estimated=ranked["indicator"].isin(estimated))


def _most(values: pd.Series) -> list[str]:
    """The largest positive ones, with those that read the same as the last of them."""
    ranked = values[values > 0].sort_values(ascending=False, kind="stable")
    return [str(code) for code in ranked.index[: figures.first_ones(ranked, EACH_WAY, 2)]]


def too_little(data: pd.DataFrame) -> str:
    """Three indicators make a comparison."""
    return "" if data["indicator"].nunique() >= 3 else "มีผลรายตัวชี้วัดน้อยกว่า 3 ตัว"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel a span: bars either way from zero, hatched where the quarter is estimated; the dimension at the right."""
    spans = [against for against in SPANS if against in set(data["against"])]
    codes = list(dict.fromkeys(data["indicator"]))
    names = [figures.name_of(code, context.declarations) for code in codes]
    homes = data.drop_duplicates("indicator").set_index("indicator")["dimension"]
    dimensions = [figures.name_of(homes[code], context.declarations) for code in codes]
    hatched = set(data.loc[data["is_estimated"], "indicator"])
    low, high = min(0.0, data["contribution"].min()), max(0.0, data["contribution"].max())
    margin = 0.3 * (high - low or 1.0)  # room for arrow and value beyond the longest bars
    for at, (against, ax) in enumerate(
        zip(spans, figures.panels(figure, len(spans), 2, share_y=False), strict=True)
    ):
        values = figures.rows(data, against=against).set_index("indicator")["contribution"].reindex(codes)
        notes = dimensions if against == spans[-1] else ()
        figures.diverging_bars(
            ax, names if at == 0 else [""] * len(names), values, notes=notes, decimals=2, columns=38
        )
        ax.set_xlim(low - (margin if low < 0 else 0), high + (margin if high > 0 else 0))  # of both spans
        estimated = hatched & set(values.dropna().index)
        figures.hatch_bars(ax, values, [row for row, code in enumerate(codes) if code in estimated])
        figures.panel_title(ax, SPANS[against])


def _ends(data: pd.DataFrame, against: str) -> list[tuple[list[str], str, float]]:
    """The largest push and the largest drag of a span, with all that read the same; none that reads 0.00."""
    own = figures.rows(data, against=against).set_index("indicator")["contribution"]
    found = []
    for word, sign in (("push", 1), ("drag", -1)):
        codes = figures.ends(own[own * sign > 0] * sign, 2)[0]
        if codes and figures.sign_of(own[codes[0]], 2):
            found.append((codes, word, float(own[codes[0]])))
    return found


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The largest push and the largest drag of either span."""
    words, estimated = {"push": "หนุน", "drag": "ฉุด"}, set(data.loc[data["is_estimated"], "indicator"])

    def named(codes: list[str]) -> str:
        kinds = ["ค่าประมาณของ" if code in estimated else "" for code in codes]
        names = [
            f"{kind}{figures.name_of(code, context.declarations)}"
            for kind, code in zip(kinds, codes, strict=True)
        ]
        return figures.named(names, "ตัวชี้วัด")

    parts = []
    for against, span in SPANS.items():
        told = [
            f"{named(codes)}{words[word]}ดัชนีมากที่สุด{figures.alike(codes)} ({figures.signed(value, 2)} จุด)"
            for codes, word, value in _ends(data, against)
        ]
        parts += [f"เทียบ{span.removeprefix('จาก')} {' '.join(told)}"] if told else []
    return " ".join(parts) or "ไม่มีตัวชี้วัดใดหนุนหรือฉุดดัชนีอย่างเห็นได้"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    words, estimated = (
        {"push": "lifted", "drag": "held back"},
        set(data.loc[data["is_estimated"], "indicator"]),
    )

    def named(codes: list[str]) -> str:
        names = [figures.running(figures.name_en(code, context.declarations)) for code in codes]
        kinds = [" (a model estimate)" if code in estimated else "" for code in codes]
        return figures.named_en(
            [f"{name}{kind}" for name, kind in zip(names, kinds, strict=True)], "indicators", "{}"
        )

    parts = []
    for against, span in SPANS_EN.items():
        told = [
            f"{named(codes)} {words[word]} the index most ({figures.signed(value, 2)} points{' each' if len(codes) > 1 else ''})"
            for codes, word, value in _ends(data, against)
        ]
        parts += [f"{span} {', '.join(told)}"] if told else []
    return "; ".join(parts) or "No indicator lifted or held back the index noticeably"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The ends of the list of either span."""
    parts = []
    for against, span in SPANS.items():
        own = figures.rows(data, against=against)
        names = [figures.name_of(code, context.declarations) for code in own["indicator"]]
        if names:
            parts.append(
                f"{span} {figures.ranking_words(names, list(own['contribution']), decimals=2, sign=True)}"
            )
    return f"แท่งสองทางของตัวชี้วัด {data['indicator'].nunique()} ตัวที่มีผลมากที่สุด {' '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How the points come about."""
    said = "ผลของข้อมูลของตัวชี้วัดต่อดัชนีรวมผ่านมิติของตน แสดงตัวที่หนุนและฉุดมากที่สุดจากไตรมาสก่อนหรือจากปีก่อน"
    hatched = " แท่งลายขีดคือค่าประมาณจากแบบจำลอง เพราะยังไม่มีข้อมูลของไตรมาสนี้"
    return said + (hatched if data["is_estimated"].any() else "")


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The indicators drawn."""
    return tuple(f"indicator:{code}" for code in dict.fromkeys(data["indicator"]))
