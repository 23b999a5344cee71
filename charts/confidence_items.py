"""Answers to every rated question, either way from the middle."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "คำตอบรายข้อ", "en": "Answers by item"}
UNIT = {"th": "ร้อยละของผู้ตอบ", "en": "per cent of respondents"}
NEEDS = ("confidence_items",)
CHAPTER, ORDER, WIDTH = "fieldwork", 30, "full"
MARKS = ()
VARIANTS = {
    "employer": {"title": {"th": "คำตอบของผู้ประกอบการรายข้อ", "en": "Employers’ answers by item"}},
    "worker": {
        "title": {"th": "คำตอบของแรงงานรายข้อ", "en": "Workers’ answers by item"},
    },
}
SHARES = ["share5", "share4", "share3", "share2", "share1"]
COLOURS = (figures.BETTER, "#A9CBE6", "#E6EAEE", "#F0BFA0", figures.WORSE)


def height(data: pd.DataFrame) -> float:
    """Room for each question."""
    return 12 + 7.2 * float(len(data))


def shown(items: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """item, period, value, share5 .. share1: as answered, highest score first."""
    now = figures.rows(items, survey=variant, group="TH", period=figures.now(context))
    ranked = now.dropna(subset=["value", *SHARES]).sort_values("value", ascending=False, kind="stable")
    return ranked[["item", "period", "value", *SHARES, "n"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context, variant: str) -> None:
    """A bar a question, five shares, the neutral answer astride the middle; the item's score at the right."""
    form = context.declarations.questionnaires[variant]
    words = {rating: word for rating, word, _ in form.scale}
    shares = data[SHARES].to_numpy(dtype=float, copy=True)
    turned = data["item"].isin(_negative(context, variant)).to_numpy()
    shares[turned] = shares[turned, ::-1]
    figures.stacked_shares(
        ax, _names(data, context, variant), pd.DataFrame(shares), COLOURS, columns=52,
        notes=[figures.number(value, 0) for value in data["value"]], key=[words[rating] for rating in (5, 4, 3, 2, 1)],
    )  # fmt: skip


def _negative(context: figures.Context, variant: str) -> set[str]:
    """Questions in which agreeing is bad: they are drawn the other way round."""
    return {item.column for item in context.declarations.questionnaires[variant].items if item.negative}


def _names(data: pd.DataFrame, context: figures.Context, variant: str) -> list[str]:
    turned = _negative(context, variant)
    texts = figures.item_texts(variant, context.declarations)
    return [texts[code] + (" (−)" if code in turned else "") for code in data["item"]]


def finding(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The questions with the highest and the lowest score; a reversed one says which way it is read."""
    texts, reversed_items = figures.item_texts(variant, context.declarations), _negative(context, variant)

    def told(items: list[str]) -> str:
        ways = [" (ข้อเชิงลบ คะแนนกลับด้านแล้ว)" if item in reversed_items else "" for item in items]
        return figures.named([f"“{texts[item]}”{way}" for item, way in zip(items, ways, strict=True)], "ข้อ")

    values = data.set_index("item")["value"]
    best, worst = figures.ends(values)
    if not worst:
        return f"ทุกข้อได้ {figures.number(values.iloc[0])} คะแนน"
    return (
        f"{told(best)} ได้คะแนนสูงที่สุด{figures.alike(best)} {figures.number(values.max())} คะแนน "
        f"{told(worst)} ต่ำที่สุด{figures.alike(worst)} {figures.number(values.min())} คะแนน"
    )


def too_little(data: pd.DataFrame) -> str:
    """Two questions to compare."""
    return "" if len(data) >= 2 else "มีคำตอบน้อยกว่า 2 ข้อ"


def alt(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The ends of the ranking."""
    texts = figures.item_texts(variant, context.declarations)
    ranked = figures.ranking_words([texts[code] for code in data["item"]], list(data["value"]))
    return f"แท่งซ้อนแสดงสัดส่วนคำตอบห้าระดับของ {len(data)} ข้อ เรียงตามคะแนนเฉลี่ย {ranked}"


def note(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """How to read bar and number."""
    text = "ตัวเลขขวาสุดคือคะแนนเฉลี่ยของข้อ (0 ถึง 200)"
    if set(data["item"]) & _negative(context, variant):
        text += " ข้อที่มีเครื่องหมาย (−) มีความหมายเชิงลบ คะแนนและสีกลับด้านแล้ว: ขวาสุดของแท่งคือไม่เห็นด้วย"
    return text


def sources(data: pd.DataFrame, *, variant: str) -> tuple[str, ...]:
    """The survey."""
    return (f"survey:{variant}",)
