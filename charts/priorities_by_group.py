"""Mean ranks of the aspects of work by group, as a heat map."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ลำดับความสำคัญเฉลี่ยจำแนกตามกลุ่ม", "en": "Mean ranks by group"}
UNIT = {"th": "ลำดับเฉลี่ย 1 ถึง 7", "en": "mean rank, 1 to 7"}
NEEDS = ("priorities_by_group",)
CHAPTER, ORDER, WIDTH = "priorities", 20, "full"
MARKS = ("mean_rank",)
KINDS = ("STATUS", "SKILL", "WORK", "REGION")


def height(data: pd.DataFrame) -> float:
    """Room for each group."""
    return 22 + 6.4 * float(data["group"].nunique())


def shown(table: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """group, aspect, period, mean_rank, n, flag: the whole country first; suppressed groups are left out."""
    now = figures.rows(table, period=figures.now(context)).dropna(subset="mean_rank")
    codes = ["TH", *(group.code for kind in KINDS for group in context.declarations.groups_of(kind))]
    return figures.ordered(now, "group", codes)[["group", "aspect", "period", "mean_rank", "n", "flag"]]


def too_little(data: pd.DataFrame) -> str:
    """Two groups to compare."""
    return "" if _judged(data)["group"].nunique() >= 2 else "มีกลุ่มที่เผยแพร่ได้น้อยกว่า 2 กลุ่ม"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """One row a group, one column an aspect; blue for what matters more."""
    options = {option.id: option.name.th for option in context.declarations.questionnaires["worker"].aspects}
    aspects = [code for code in options if code in set(data["aspect"])]
    cells = figures.wide(data, "group", "aspect", "mean_rank").loc[list(data["group"].unique()), aspects]
    small = _small(data)
    cells.index = pd.Index(
        [
            figures.name_of(str(code), context.declarations) + (" *" if code in small else "")
            for code in cells.index
        ]
    )
    cells.columns = pd.Index([figures.wrap(options[code], 13) for code in aspects])
    figures.heat_map(ax, cells, centre=4, least=1.5, decimals=1, reverse=True, frame_last=False)


def _small(data: pd.DataFrame) -> set[str]:
    """Groups with too few answers to be told apart."""
    return set(data.loc[data["flag"].fillna("").astype(str) == "small", "group"])


def _judged(data: pd.DataFrame) -> pd.DataFrame:
    """Groups of people with answers enough: those that a finding may speak of."""
    return data[~data["group"].isin(_small(data) | {"TH"})]


def _tops(data: pd.DataFrame, context: figures.Context) -> dict[str, str]:
    """Group -> the aspect whose mean rank is best as displayed; several that read alike stand together."""
    names, found = figures.option_names(context.declarations), {}
    for group, own in data.groupby("group", sort=False):
        best = figures.ends(-own.set_index("aspect")["mean_rank"], 2)[0]
        found[figures.name_of(str(group), context.declarations)] = figures.join_th(
            [names[code] for code in best]
        )
    return found


def _agreement(data: pd.DataFrame, context: figures.Context) -> tuple[str, list[str], int]:
    """What groups most often rank first, the groups that do not rank it alone, and how many groups have answers enough."""
    tops = _tops(_judged(data), context)
    common = str(pd.Series(tops).mode().iloc[0])
    return common, [group for group, aspect in tops.items() if aspect != common], len(tops)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Whether all groups with answers enough agree on what comes first."""
    common, others, count = _agreement(data, context)
    which = "ที่มีตัวอย่างพอ" if _small(data) else "ที่แสดง"
    if not others:
        return f"ทั้ง {count} กลุ่ม{which}ให้{common}เป็นลำดับแรก"
    agree = f"{count - len(others)} จาก {count} กลุ่ม{which}ให้{common}เป็นลำดับแรก"
    return f"{agree} ยกเว้น{figures.join_th(others)}" if len(others) <= 3 else agree


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    common, others, count = _agreement(data, context)
    which = "with enough answers" if _small(data) else "shown"
    if not others:
        return f"All {count} groups {which} rank “{common}” first"
    agree = f"Of {count} groups {which} {count - len(others)} rank “{common}” first"
    return f"{agree}; exceptions: {figures.names_en(others)}" if len(others) <= 3 else agree


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """What comes first for each group."""
    parts = [f"{group}: {aspect}" for group, aspect in _tops(data, context).items()]
    return f"ตารางสีของลำดับเฉลี่ย {len(parts)} กลุ่ม ด้านที่สำคัญที่สุดของแต่ละกลุ่ม {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How to read the colours."""
    text = "ตัวเลขน้อยคือสำคัญกว่า สีน้ำเงินคือสำคัญกว่าลำดับกลาง (4) สีส้มคือสำคัญน้อยกว่า"
    return text + (f" * {figures.FEW_ANSWERS} ราย" if _small(data) else "")


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:worker",)
