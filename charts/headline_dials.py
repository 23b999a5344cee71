"""The three headline indices on their dials."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ดัชนีหลักของไตรมาส", "en": "Headline indices"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
USES = ("confidence",)
CHAPTER, ORDER, WIDTH, HEIGHT = "summary", 1, "full", 46
MARKS = ()
SHORT = {
    "labour_index": "ดัชนีเศรษฐกิจแรงงาน",
    "employer": "ความเชื่อมั่นของผู้ประกอบการ",
    "worker": "ความเชื่อมั่นของแรงงาน",
}
COLOURS = {"labour_index": figures.NAVY, **figures.SURVEY_COLOUR}


def shown(index: pd.DataFrame, confidence: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """name, index, period, value, before, year_before: one row for each index that has a value this quarter."""
    parts = {"labour_index": figures.rows(index, dimension="overall", group="TH")}
    if not confidence.empty:
        for survey in ("employer", "worker"):
            parts[survey] = figures.rows(confidence, survey=survey, domain="overall", group="TH")
    rows = []
    for code, table in parts.items():
        values = figures.series(table).reindex([figures.ago(context, back) for back in (0, 1, 4)])
        rows.append((SHORT[code], code, figures.now(context), *values))
    frame = pd.DataFrame(rows, columns=["name", "index", "period", "value", "before", "year_before"])
    return frame.dropna(subset="value")


def draw(data: pd.DataFrame, *, figure: Canvas) -> None:
    """One dial an index, with its changes below."""
    panels = figures.panels(figure, len(data), len(data), share_y=False)
    for ax, (_, row) in zip(panels, data.iterrows(), strict=True):
        code = str(row["index"])
        scale = figures.LEI_SCALE if code == "labour_index" else figures.CONFIDENCE_SCALE
        figures.dial(ax, row["value"], scale, before=row["before"], colour=COLOURS[code])
        ax.set_title(row["name"], fontsize=figures.TEXT + 0.5, fontweight="bold", color=COLOURS[code], pad=8)
        changes = [
            f"{word} {figures.change(row['value'] - row[column])}"
            for word, column in (("ไตรมาส", "before"), ("ปี", "year_before"))
        ]
        ax.text(0, -0.62, "    ".join(changes), ha="center", va="top", fontsize=figures.SMALL + 0.5)


def finding(data: pd.DataFrame) -> str:
    """Each index with its change on the quarter."""
    parts = [f"{row['name']} {figures.number(row['value'])} จุด ({figures.change(row['value'] - row['before'])})"
             for _, row in data.iterrows()]  # fmt: skip
    return " ".join(parts)


def alt(data: pd.DataFrame) -> str:
    """Levels, changes on the quarter and on the year."""
    parts = []
    for _, row in data.iterrows():
        text = f"{row['name']}อยู่ที่ {figures.number(row['value'])} จุด"
        if pd.notna(row["before"]):
            text += f" {figures.change_words(row['value'] - row['before'])}จากไตรมาสก่อน"
        if pd.notna(row["year_before"]):
            text += f" {figures.change_words(row['value'] - row['year_before'])}จากปีก่อน"
        parts.append(text)
    return f"หน้าปัด {len(data)} หน้าปัด " + "; ".join(parts)


def note(data: pd.DataFrame) -> str:
    """How to read the scales."""
    text = "วงกลมกลวงคือค่าของไตรมาสก่อน ดัชนีเศรษฐกิจแรงงานมีค่าเฉลี่ยระยะยาว = 100"
    return text + (" ดัชนีความเชื่อมั่นมีค่า 0 ถึง 200 โดย 100 คือปานกลาง" if len(data) > 1 else "")


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The index's sources and the surveys shown."""
    return ("index", *(f"survey:{code}" for code in data["index"] if code != "labour_index"))
