"""Traffic lights of early warning: normal, watch or alert, by dimension and by indicator."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "สัญญาณเตือนภัยของดัชนีและมิติ 13 ไตรมาส", "en": "Warning signals by dimension over 13 quarters"}
UNIT = {"th": "ตัวเลขในช่องคือดัชนี (จุด)", "en": "numbers in the cells are indices (points)"}
NEEDS = ("signals",)
USES = ("series", "macro")
CHAPTER, ORDER, WIDTH = "labour", 20, "full"
MARKS = ()
VARIANTS = {
    "dimensions": {},
    "indicators": {
        "title": {"th": "สัญญาณเตือนภัยของตัวชี้วัด", "en": "Warning signals by indicator"},
        "unit": {
            "th": f"สัญญาณจากการเปลี่ยนแปลงใน {figures.SIGNALS.span_quarters} ไตรมาส",
            "en": f"signals from changes over {figures.SIGNALS.span_quarters} quarters",
        },
        "chapter": "appendix",
        "order": 12,
    },
}
QUARTERS = {"dimensions": 13, "indicators": 9}
# Shades of the house's scale from worse to better, one for each signal: pale, middle and dark also without colour.
SHADES = {"normal": 8.0, "watch": -45.0, "alert": -95.0}
SIGNS = {"normal": "", "watch": "!", "alert": "!!"}
WORDS = {"watch": "เฝ้าระวัง", "alert": "เตือนภัย"}


def height(data: pd.DataFrame, *, variant: str) -> float:
    """Room for each row: 3.7 mm carry names of 8 points without one touching the next."""
    if variant == "dimensions":
        return 14 + 5.9 * float(data["dimension"].nunique())
    return 12 + 3.7 * float(data["indicator"].nunique())


def shown(
    signals: pd.DataFrame,
    series: pd.DataFrame,
    macro: pd.DataFrame,
    *,
    context: figures.Context,
    variant: str,
) -> pd.DataFrame:
    """dimension or indicator, period, value, signal; watches, alerts: of the dimension's indicators, in the issue's quarter.

    value        of an indicator the published one of the issue's quarter; of a dimension its index
    is_partial   whether that is the mean of less than three months
    """
    recent = figures.recent(signals, context, QUARTERS[variant]).dropna(subset="value")
    own = figures.rows(recent, kind="indicator")
    declared = context.declarations.indicators
    if variant == "indicators":
        frame = own.rename(columns={"item": "indicator"})[["indicator", "period", "signal"]]
        raw = figures.rows(series, group="TH") if not series.empty else series
        if not raw.empty:
            raw = figures.by_quarter(raw.dropna(subset="raw"), "raw", "indicator")
            raw = figures.one_number(raw, macro, context.declarations)
            frame = frame.merge(
                figures.rows(raw, period=figures.now(context)), on=["indicator", "period"], how="left"
            )
            frame["is_partial"] = frame["indicator"].isin(figures.lacking_months(series, context))
        return figures.ordered(frame.sort_values("period"), "indicator", list(declared))
    frame = recent[recent["kind"].isin(["index", "dimension"])].rename(columns={"item": "dimension"})
    frame = frame[["dimension", "period", "value", "signal"]]
    now = figures.rows(own, period=figures.now(context))
    homes = now["item"].map({code: item.dimension for code, item in declared.items()})
    is_newest = frame["period"] == figures.now(context)
    for column, signal in (("alerts", "alert"), ("watches", "watch")):
        counted = homes[now["signal"] == signal].value_counts()
        frame[column] = (
            frame["dimension"].map(counted).fillna(0).where(is_newest & (frame["dimension"] != "overall"))
        )
    order = ["overall", *context.declarations.dimensions]
    return figures.ordered(frame.sort_values("period"), "dimension", order)


def too_little(data: pd.DataFrame) -> str:
    """Three rows make a comparison."""
    rows = data["dimension" if "dimension" in data else "indicator"].nunique()
    return "" if rows >= 3 else "มีสัญญาณน้อยกว่า 3 รายการ"


def draw(data: pd.DataFrame, *, ax: Axes, variant: str, context: figures.Context) -> None:
    """One row an item, one column a quarter; shade and mark tell the signal."""
    key = "dimension" if variant == "dimensions" else "indicator"
    codes = list(data[key].unique())
    wide = figures.wide(data.assign(shade=data["signal"].map(SHADES)), key, "period", "shade").loc[codes]
    names = [figures.name_of(code, context.declarations) for code in codes]
    labels = [figures.quarter_short(period) for period in wide.columns]
    if variant == "indicators":  # every second quarter is named, back from the newest
        labels = [name if (len(labels) - 1 - at) % 2 == 0 else " " * at for at, name in enumerate(labels)]
    matrix = wide.set_axis(names, axis=0).set_axis(labels, axis=1)
    bold = [figures.INDEX_NAME] if variant == "dimensions" else []
    figures.heat_map(
        ax, matrix, centre=0, least=100, columns=64, with_values=False, shade=matrix, bold_rows=bold
    )
    texts = data.assign(shown=data["signal"].map(SIGNS))
    if variant == "dimensions":
        texts["shown"] = [
            f"{figures.number(value, 0)} {sign}".strip()
            for value, sign in zip(texts["value"], texts["shown"], strict=True)
        ]
    places = {period: at for at, period in enumerate(wide.columns)}
    for code, period, signal, text in texts[[key, "period", "signal", "shown"]].itertuples(index=False):
        colour = figures.PAPER if signal == "alert" else figures.INK
        ax.text(
            places[period] + 0.5, codes.index(code) + 0.5, text, ha="center", va="center_baseline",
            fontsize=figures.SMALL, color=colour, fontweight="bold" if signal == "alert" else "normal",
        )  # fmt: skip
    newest = figures.rows(data, period=figures.now(context)).set_index(key)
    for row, code in enumerate(codes):
        if code in newest.index:
            figures.beside_row(ax, row + 0.5, _beside(newest.loc[code], code, variant, context))


def _beside(row: pd.Series, code: str, variant: str, context: figures.Context) -> str:
    """The published value of an indicator; how many indicators of a dimension warn."""
    if variant == "indicators":
        if np.isnan(row.get("value", np.nan)):
            return ""
        return figures.value_with_unit(row["value"], code, context) + ("*" if row["is_partial"] else "")
    parts = [f"{WORDS[name]} {int(row[column])}" for name, column in (("alert", "alerts"), ("watch", "watches")) if row[column] > 0]  # fmt: skip
    return " ".join(parts)


def _counts(data: pd.DataFrame, context: figures.Context) -> tuple[int, int, int]:
    """Alerts, watches and all rows of the issue's quarter, the composite left out."""
    newest = figures.rows(data, period=figures.now(context))
    if "dimension" in newest:
        newest = newest[newest["dimension"] != "overall"]
    return (
        int((newest["signal"] == "alert").sum()),
        int((newest["signal"] == "watch").sum()),
        len(newest),
    )


def finding(data: pd.DataFrame, *, variant: str, context: figures.Context) -> str:
    """How many warn, as one would say it."""
    alerts, watches, count = _counts(data, context)
    is_dimension = variant == "dimensions"
    what, unit = ("มิติ", "มิติ") if is_dimension else ("ตัวชี้วัดที่มีข้อมูล", "ตัว")
    if not count:
        return f"{what}ของไตรมาสนี้ไม่มีสัญญาณ เพราะยังไม่มีข้อมูล"
    if not alerts + watches:
        if count == 1:
            return "มิติเดียวที่มีข้อมูลอยู่ในภาวะปกติ" if is_dimension else "ตัวชี้วัดเดียวที่มีข้อมูลอยู่ในภาวะปกติ"
        return f"ทั้ง {count} มิติอยู่ในภาวะปกติ" if is_dimension else f"ตัวชี้วัดที่มีข้อมูลทั้ง {count} ตัวอยู่ในภาวะปกติ"
    every = f"จาก {count} มิติ" if is_dimension else f"จากตัวชี้วัดที่มีข้อมูล {count} ตัว"
    if not alerts:
        return f"{every} มี {watches} {unit}ที่ต้องเฝ้าระวัง และไม่มี{unit}ใดถึงระดับเตือนภัย"
    more = f"และอีก {watches} {unit}ต้องเฝ้าระวัง" if watches else f"นอกนั้นไม่มี{unit}ใดต้องเฝ้าระวัง"
    return f"{every} มี {alerts} {unit}ที่ถึงระดับเตือนภัย {more}"


def finding_en(data: pd.DataFrame, *, variant: str, context: figures.Context) -> str:
    """The same in English."""
    alerts, watches, count = _counts(data, context)
    what = "dimensions" if variant == "dimensions" else "indicators with data"
    if not count:
        return f"No signal for {what} this quarter: there are no data yet"
    if not alerts + watches:
        return f"All {count} {what} are normal" if count > 1 else "The one series with data is normal"
    be = "is" if (alerts or watches) == 1 else "are"
    if not alerts:
        return f"Of {count} {what} {watches} {be} on watch and none on alert"
    more = f"{watches} more on watch" if watches else "none on watch"
    return f"Of {count} {what} {alerts} {be} on alert, {more}"


def alt(data: pd.DataFrame, *, variant: str, context: figures.Context) -> str:
    """Names of those that warn in the issue's quarter."""
    key = "dimension" if variant == "dimensions" else "indicator"
    newest = figures.rows(data, period=figures.now(context))
    parts = []
    for signal, word in (("alert", "เตือนภัย"), ("watch", "เฝ้าระวัง")):
        names = [
            figures.name_of(code, context.declarations)
            for code in newest.loc[newest["signal"] == signal, key]
        ]
        parts.append(f"{word}: {figures.join_th(names) if names else 'ไม่มี'}")
    return f"ตารางสัญญาณ {data[key].nunique()} แถว {data['period'].nunique()} ไตรมาส {' '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What the shades and marks mean."""
    said = (
        f"! เฝ้าระวัง คือการแย่ลงใน {figures.SIGNALS.span_quarters} ไตรมาสที่อยู่ในร้อยละ {figures.SIGNALS.watch_percent} ที่แย่ที่สุดของอดีต "
        f"!! เตือนภัย คือร้อยละ {figures.SIGNALS.alert_percent} ที่แย่ที่สุด"
    )
    if "dimension" in data:
        return f"{said} ขวาสุดคือจำนวนตัวชี้วัดของมิติในไตรมาสล่าสุด"
    partial = f" * {figures.PARTIAL}" if "is_partial" in data and data["is_partial"].any() else ""
    return f"{said} ช่องขาวคือยังไม่มีข้อมูล ขวาสุดคือค่าประกาศของไตรมาสล่าสุด{partial}"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use, or those drawn."""
    if "dimension" in data:
        return ("index",)
    return tuple(f"indicator:{code}" for code in data["indicator"].unique())
