"""Errors of the forecast models out of sample, by horizon."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ความคลาดเคลื่อนนอกกลุ่มตัวอย่างของแบบจำลองพยากรณ์", "en": "Out-of-sample errors by model"}
UNIT = {"th": "RMSE จุด", "en": "RMSE, points"}
NEEDS = ("forecast_evaluation",)
CHAPTER, ORDER, WIDTH, HEIGHT = "detail", 20, "full", 62
MARKS = ("horizon", "rmse")


def shown(evaluation: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """model, horizon, rmse, selected: single horizons, quarters ahead."""
    numbered = pd.to_numeric(evaluation["horizon"], errors="coerce")
    chosen = evaluation.assign(horizon=numbered).dropna(subset=["horizon", "rmse"])
    selected = chosen["selected"].astype(str).isin(["True", "1", "1.0"])
    chosen = chosen.assign(selected=selected.map({True: "เลือกใช้", False: ""}))
    return chosen.sort_values(["model", "horizon"], kind="stable")[["model", "horizon", "rmse", "selected"]]


def too_little(data: pd.DataFrame) -> str:
    """Two models to compare."""
    return "" if data["model"].nunique() >= 2 else "มีแบบจำลองน้อยกว่า 2 แบบ"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """One line a model over horizons; the chosen one in navy, the others grey."""
    for model, own in data.groupby("model", sort=True):
        chosen = (own["selected"] != "").any()
        colour = figures.NAVY if chosen else figures.UNCHANGED
        ax.plot(own["horizon"], own["rmse"], "o-", color=colour, linewidth=2 if chosen else 1, markersize=4, clip_on=False,
                zorder=4 if chosen else 3)  # fmt: skip
        last = own.iloc[-1]
        name = figures.MODELS.get(str(model), str(model))
        figures.end_label(ax, last["horizon"], last["rmse"], f"{name} {figures.number(last['rmse'])}", colour,
                          weight="bold" if chosen else "normal")  # fmt: skip
    ax.set_xticks(
        sorted(data["horizon"].unique()), [f"{int(h)} ไตรมาส" for h in sorted(data["horizon"].unique())]
    )
    ax.set_ylim(bottom=0)
    figures.room(ax, left=0.02, top=0.05)
    figures.value_axis(ax)


def _means(data: pd.DataFrame) -> pd.Series:
    return data.groupby("model")["rmse"].mean().sort_values(kind="stable")


def finding(data: pd.DataFrame) -> str:
    """The chosen model, and its rank by mean error."""
    means = _means(data)
    chosen = data.loc[data["selected"] != "", "model"]
    best = str(chosen.iloc[0]) if len(chosen) else str(means.index[0])
    called = figures.MODELS.get(best, best)
    name = called if called.startswith("แบบจำลอง") else f"แบบจำลอง {called}"
    lowest = figures.ends(-means)[0]
    if best in lowest:
        others = figures.join_th(
            [figures.MODELS.get(code, code) for code in lowest if code not in (best, "procedure")]
        )
        shared = f"ร่วมกับ {others}" if others else ""
        return f"{name} คลาดเคลื่อนต่ำที่สุด{shared} เฉลี่ย {figures.number(means[best])} จุด"
    return f"{name} ซึ่งเป็นแบบจำลองที่เลือก คลาดเคลื่อนเฉลี่ย {figures.number(means[best])} จุด"


def alt(data: pd.DataFrame) -> str:
    """Mean error of each model, lowest first."""
    parts = [
        f"{figures.MODELS.get(str(m), str(m))} {figures.number(v, 2)} จุด" for m, v in _means(data).items()
    ]
    span = f"{int(data['horizon'].min())} ถึง {int(data['horizon'].max())}"
    return f"เส้น RMSE ของ {len(parts)} แบบจำลอง ล่วงหน้า {span} ไตรมาส เฉลี่ยจากต่ำไปสูง: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How errors were measured."""
    return "RMSE คือรากที่สองของค่าเฉลี่ยกำลังสองของความคลาดเคลื่อน วัดจากการพยากรณ์ย้อนหลังช่วงหลังซึ่งไม่ได้ใช้เลือกแบบจำลอง"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
