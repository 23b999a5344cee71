"""Confidence by groups with 95 % intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีความเชื่อมั่นรายกลุ่ม", "en": "Confidence by group"}
UNIT = {"th": "จุด 0 ถึง 200", "en": "points, 0 to 200"}
NEEDS = ("confidence",)
CHAPTER, ORDER, WIDTH = "employers", 40, "full"
MARKS = ("value", "low", "high", "before")
_PROFILE = {"employer": "สถานะการจ้างงานและทักษะ", "worker": "สถานะการจ้างงาน ทักษะ และลักษณะการทำงาน"}
VARIANTS = {
    f"{survey}_{name}": {
        "title": {"th": f"ความเชื่อมั่นของ{who}จำแนกตาม{th or _PROFILE[survey]}", "en": f"{en} confidence by {name}"},
        "chapter": chapter if name == "profile" else "groups", "order": order, "phone": 2.6 if name == "industry" else 1.15,
    }
    for survey, who, en, chapter in (("employer", "ผู้ประกอบการ", "Employers’", "employers"), ("worker", "แรงงาน", "Workers’", "workers"))
    for name, th, order in (("profile", "", 40), ("region", "ภูมิภาค", 44), ("industry", "อุตสาหกรรม", 48))
}  # fmt: skip
KINDS = {"profile": ("STATUS", "SKILL", "WORK"), "region": ("REGION",), "industry": ("INDUSTRY",)}


def height(data: pd.DataFrame) -> float:
    """Room for each group; many groups stand closer, so that two figures fit a page."""
    return 15 + (4.3 if len(data) > 15 else 5.8) * float(len(data))


def shown(confidence: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """group, period, value, low, high, before, n, flag: industries highest first, other kinds in declared order.

    The whole country stands first, drawn as a line without interval.
    """
    survey, kind = variant.split("_")
    overall = figures.rows(confidence, survey=survey, domain="overall")
    now = figures.rows(overall, period=figures.now(context))
    before = figures.rows(overall, period=figures.ago(context, 1)).set_index("group")["value"]
    codes = [group.code for one in KINDS[kind] for group in context.declarations.groups_of(one)]
    chosen = figures.ordered(now.assign(before=now["group"].map(before)), "group", codes)
    if kind == "industry":
        chosen = chosen.sort_values("value", ascending=False, kind="stable", na_position="last")
    whole = figures.rows(now, group="TH").assign(low=float("nan"), high=float("nan"), before=float("nan"))
    both = pd.concat([whole, chosen])
    return both[["group", "period", "value", "low", "high", "before", "n", "flag"]]


def too_little(data: pd.DataFrame) -> str:
    """Two groups that may be published."""
    groups = data[data["group"] != "TH"]
    return "" if groups["value"].notna().sum() >= 2 else "มีกลุ่มที่เผยแพร่ได้น้อยกว่า 2 กลุ่ม"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context, variant: str) -> None:
    """A dot a group; the whole country as the line; small samples starred, suppressed ones x."""
    groups = data[data["group"] != "TH"]
    names = [figures.industry_short(figures.name_of(code, context.declarations)) for code in groups["group"]]
    marks = groups["flag"].map({"small": "*", "suppressed": "x"}).fillna("")
    whole = data.loc[data["group"] == "TH", "value"]
    figures.dots(
        ax, names, groups["value"], figures.SURVEY_COLOUR[variant.split("_")[0]], low=groups["low"], high=groups["high"],
        before=groups["before"], reference=("ทั่วประเทศ", float(whole.iloc[0])) if len(whole) else None,
        marks=list(marks), columns=62 if "industry" in variant else 34,
        size=figures.SMALL if "industry" in variant else figures.TEXT,
    )  # fmt: skip


def _known(data: pd.DataFrame, context: figures.Context) -> pd.Series:
    known = data[(data["group"] != "TH")].dropna(subset="value").set_index("group")["value"]
    return known.rename(lambda code: figures.industry_short(figures.name_of(str(code), context.declarations)))


def _by_kind(data: pd.DataFrame) -> list[pd.DataFrame]:
    """The groups of each classification: only those are told apart, one person is in one group of each."""
    groups = data[data["group"] != "TH"]
    return [own for _, own in groups.groupby(groups["group"].str.partition(":")[0], sort=False)]


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The groups that stand apart from all others of their classification, if any."""
    kinds = _by_kind(data)
    names = [
        [figures.industry_short(figures.name_of(code, context.declarations)) for code in own["group"]]
        for own in kinds
    ]
    if len(kinds) == 1:
        return figures.clear_ends(kinds[0], names[0])
    tops = [figures.clear_top(own, called) for own, called in zip(kinds, names, strict=True)]
    told = [f"{name} {shown} จุด" for name, shown in tops if name]
    if not told:
        return "ยังแยกกลุ่มที่สูงสุดของแต่ละการจำแนกไม่ได้ เพราะช่วงความเชื่อมั่นซ้อนกัน"
    return f"สูงที่สุดในการจำแนกของตน ได้แก่ {figures.join_th(told)}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    kinds = _by_kind(data)
    names = [[figures.name_en(code, context.declarations) for code in own["group"]] for own in kinds]
    if len(kinds) == 1:
        return figures.clear_ends_en(kinds[0], names[0])
    tops = [figures.clear_top(own, called) for own, called in zip(kinds, names, strict=True)]
    told = [f"“{name}” ({shown} points)" for name, shown in tops if name]
    if not told:
        return "No group clearly highest in its classification: intervals overlap"
    return f"Highest in their classification: {figures.names_en(told)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The groups in order, and what is suppressed."""
    known = _known(data, context)
    hidden = int((data["flag"] == "suppressed").sum())
    text = f"จุดพร้อมช่วงความเชื่อมั่นของ {len(known)} กลุ่ม {figures.ranking_words(list(known.index), list(known))}"
    return text + (f" ไม่เผยแพร่ {hidden} กลุ่ม" if hidden else "")


def note(data: pd.DataFrame) -> str:
    """What the marks are."""
    text = "แถบคือช่วงความเชื่อมั่นร้อยละ 95 วงกลมกลวงคือไตรมาสก่อน"
    if (data["flag"] == "small").any():
        text += f" * {figures.FEW_ANSWERS} ราย"
    if (data["value"].isna() & (data["flag"] != "suppressed")).any():
        text += " – ไม่มีผู้ตอบ"
    return text + (" x ไม่เผยแพร่เพราะตัวอย่างน้อย" if (data["flag"] == "suppressed").any() else "")


def sources(data: pd.DataFrame, *, variant: str) -> tuple[str, ...]:
    """The survey."""
    return (f"survey:{variant.split('_')[0]}",)
