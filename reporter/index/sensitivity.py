"""How the composite would look under other reasonable choices.

In: the model, the posterior, the dimensions' principal components, the factors under other detrending. Out: ``sensitivity`` and ``sensitivity_summary``. The
Federal Reserve stopped its labour market conditions index over exactly this question, so the answer is printed in every issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index import panel
from reporter.index.composite import MEAN, SD, IndexValues, principal_weights, scale_of
from reporter.index.joint_model import JointModel, apply_form
from reporter.index.panel import TREND_T, Series, known_items, last_row, periods, quarterly_means
from reporter.index.smoother import Grid, Posterior, observations_of


def rescaled(values: pd.DataFrame, base: tuple[pd.Period, pd.Period]) -> pd.DataFrame:
    """Every column with mean 100 and standard deviation 10 over the base period; all quarters where it has no value there."""
    inside = values[base[0] : base[1]]
    inside = inside.where(inside.notna().sum() >= 2, values)
    spread = inside.std(ddof=0)
    return MEAN + SD * (values - inside.mean()) / spread.where(spread > 0)


def composite_of(
    sub_indices: pd.DataFrame, weights: pd.Series, base: tuple[pd.Period, pd.Period]
) -> pd.Series:
    """Weighted mean of sub-indices on the composite's scale; a quarter's missing ones count as 100."""
    mean = ((sub_indices - MEAN).fillna(0.0) * weights / weights.sum()).sum(axis=1)
    mean = mean.where(sub_indices.notna().any(axis=1))
    slope, level = scale_of(mean[base[0] : base[1]])
    return level + slope * mean


def alternatives(
    model: JointModel, values: IndexValues, components: pd.DataFrame, others: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Composite by choice: quarter -> points.

    components  quarter x dimension: principal components; others: name of another detrending -> factors
    """
    base, sub = model.base, values.sub_indices
    names = [str(name) for name in sub]
    equal = pd.Series(1 / len(names), names)
    first, _ = principal_weights(sub[base[0] : base[1]].dropna(how="all"), components=1)
    found = {
        "equal_weights": composite_of(sub, equal, base),
        "first_component": composite_of(sub, first, base),
        "pca": composite_of(rescaled(components, base), model.weights, base),
    }
    for name in names if len(names) > 1 else []:
        kept = model.weights.drop(name)
        kept = kept if kept.sum() > 0 else equal.drop(name)
        found[f"without_{name}"] = composite_of(sub.drop(columns=name), kept, base)
    found |= {
        name: composite_of(rescaled(frame, base), model.weights, base) for name, frame in others.items()
    }
    known = values.composite.notna()
    return {name: other[known] for name, other in found.items()}


def other_trends(
    model: JointModel, series: Mapping[str, Series], adjusted: Mapping[str, pd.Series], grid: Grid
) -> dict[str, pd.DataFrame]:
    """Factors (quarter x dimension) with every other way of taking trends out: ``detrend_<choice>`` -> values.

    The model reads series whose trend was removed beforehand, without slopes of its own; all else stays.
    """
    straight = replace(model, members=tuple(replace(member, slope_prior=0.0) for member in model.members))
    found = {}
    for choice in panel.OTHERS:
        inputs = {}
        for member in model.members:
            if member.indicator in series:
                values = _otherwise(
                    choice, member.form, series[member.indicator], adjusted[member.indicator], model
                )
                if values.notna().any():
                    inputs[member.indicator] = values
        seen = observations_of(straight, grid, inputs)
        found[f"detrend_{choice}"] = Posterior(straight, grid, seen).value
    return found


def _otherwise(choice: str, form: str, item: Series, adjusted: pd.Series, model: JointModel) -> pd.Series:
    """One standardised input under another detrending."""
    form = panel.form_under(choice, form, item.indicator.transform)
    rest = panel.removed(
        apply_form(form, adjusted), form, item.indicator.detrend, model.learn_until, choice
    ).values
    known = quarterly_means(rest[: last_row(rest, model.learn_until)]).dropna()
    spread = float(known.std(ddof=0)) if len(known) > 2 else 0.0
    return (rest - known.mean()) / spread if spread > 0 else rest * float("nan")


def tables(composite: pd.Series, found: Mapping[str, pd.Series]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``sensitivity`` and ``sensitivity_summary`` of other composites beside the published one, all by quarter."""
    long: list[list[object]] = []
    summary: list[list[object]] = []
    ranks = composite.rank()
    for name, other in found.items():
        both = pd.DataFrame({"published": composite, "other": other}).dropna()
        long.extend([name, iso(period), value] for period, value in known_items(other))
        difference = (both["other"] - both["published"]).abs()
        moved = (other.rank() - ranks).abs().max()
        agreement = both["published"].corr(both["other"]) if len(both) > 2 else float("nan")
        summary.append([name, agreement, difference.mean(), difference.max(), moved])
    columns = schema.columns("sensitivity"), schema.columns("sensitivity_summary")
    return pd.DataFrame(long, columns=columns[0]), pd.DataFrame(summary, columns=columns[1])


# ----------------------------------------------------------------------------------------------------
# Whether the choice of trend decides what the index says: the indicators' tests, and the index under other choices.
#
# Goes in: the published composite, the composites under other detrending (``sensitivity``), the declared and used forms with
# their tests. Comes out: ``detrending_sensitivity`` and ``detrending_tests``. Turning points are those of Harding and
# Pagan (2002) for quarters: highest or lowest within two quarters to either side, phases of two and cycles of five
# quarters at least. The Federal Reserve stopped its index of labour market conditions over exactly this question.
# ----------------------------------------------------------------------------------------------------

PREFIX = "detrend_"
_SIGNIFICANT = 0.05  # the usual level
_ADF = (
    0.10  # more lenient than KPSS, as the ADF test has little power in short samples: both must speak against
)
_SIDE, _FEWEST_PHASE, _FEWEST_CYCLE = 2, 2, 5  # Harding and Pagan (2002), quarterly
_MATCHED_WITHIN = 4  # a year: turning points farther apart are two
NOTES = {
    "agrees": "",
    "not_stationary": "ข้อมูลที่เข้าแบบจำลองยังไม่นิ่งทั้งตาม ADF และ KPSS ควรทบทวนวิธีขจัดแนวโน้มที่ประกาศไว้",
    "trend_left": "ประกาศว่าไม่มีแนวโน้มระยะยาว แต่พบแนวโน้มที่มีนัยสำคัญ ควรทบทวนการประกาศ",
    "overruled": "หลักฐานจากข้อมูลขัดกับการแปลงที่ประกาศไว้ จึงใช้การแปลงที่ทดสอบแล้วแทน",
    "untested": "ข้อมูลสั้นเกินกว่าจะทดสอบ",
}


def turning_points(values: pd.Series) -> list[tuple[pd.Period, int]]:
    """(quarter, 1 for a peak or -1 for a trough), in time order and alternating.

    values  points by consecutive quarter, NaN only at the ends
    """
    known = values.dropna()
    quarters, level = periods(known), known.to_numpy()
    found: list[tuple[int, int]] = []
    for place in range(_SIDE, len(level) - _SIDE):
        around = np.delete(level[place - _SIDE : place + _SIDE + 1], _SIDE)
        kind = 1 if (level[place] > around).all() else -1 if (level[place] < around).all() else 0
        if kind:
            found.append((place, kind))
    found = _alternating(found, level)
    while (short := _too_short(found)) is not None:
        found = _alternating(found[:short] + found[short + 2 :], level)
    return [(quarters[place], kind) for place, kind in found]


def _alternating(found: list[tuple[int, int]], level: np.ndarray) -> list[tuple[int, int]]:
    """Of neighbours of one kind the more extreme stays."""
    kept: list[tuple[int, int]] = []
    for place, kind in found:
        if kept and kept[-1][1] == kind:
            if kind * level[place] > kind * level[kept[-1][0]]:
                kept[-1] = (place, kind)
        else:
            kept.append((place, kind))
    return kept


def _too_short(found: list[tuple[int, int]]) -> int | None:
    """Place of the first of two neighbours that stand too near, or None."""
    for place in range(len(found) - 1):
        if found[place + 1][0] - found[place][0] < _FEWEST_PHASE:
            return place
        if place + 2 < len(found) and found[place + 2][0] - found[place][0] < _FEWEST_CYCLE:
            return place + 1 if place + 2 < len(found) - 1 or place == 0 else place
    return None


def table(published: pd.Series, sensitivity: pd.DataFrame) -> pd.DataFrame:
    """``detrending_sensitivity``: how the composite under every other detrending differs from the published one.

    published    quarter -> points
    sensitivity  choice, period, value; choices that are no detrending are left out
    """
    own = turning_points(published)
    rows: list[list[object]] = []
    for choice, part in sensitivity[sensitivity["choice"].str.startswith(PREFIX)].groupby(
        "choice", sort=False
    ):
        quarters = pd.PeriodIndex([pd.Period(text.replace("-", ""), freq="Q-DEC") for text in part["period"]])
        other = pd.Series(part["value"].to_numpy(dtype=float), quarters)
        both = pd.DataFrame({"published": published, "other": other}).dropna()
        if len(both) < 3:
            continue
        difference = both["other"] - both["published"]
        shared = periods(both)
        place = int(np.argmax(difference.abs().to_numpy()))
        inside = [(at, kind) for at, kind in own if shared[0] <= at <= shared[-1]]
        shifts = _shifts(inside, turning_points(both["other"]))
        rows.append(
            [
                str(choice).removeprefix(PREFIX),
                both["published"].corr(both["other"]),
                float(difference.to_numpy()[place]),
                iso(shared[place]),
                difference.iloc[-1],
                len(inside),
                len(shifts),
                float(np.mean(shifts)) if shifts else float("nan"),
            ]
        )
    return pd.DataFrame(rows, columns=schema.columns("detrending_sensitivity"))


def _shifts(own: list[tuple[pd.Period, int]], others: list[tuple[pd.Period, int]]) -> list[int]:
    """Quarters by which the nearest turning point of the same kind comes later; only those within a year."""
    shifts = []
    for at, kind in own:
        near = [(other - at).n for other, same in others if same == kind]
        near = [shift for shift in near if abs(shift) <= _MATCHED_WITHIN]
        if near:
            shifts.append(min(near, key=abs))
    return shifts


def tests(
    declarations: Declarations,
    used: pd.DataFrame,
    statistics: Mapping[str, float],
    quality: pd.DataFrame,
) -> pd.DataFrame:
    """``detrending_tests``: the declared choice of every indicator against what its data say.

    used        ``detrending``
    statistics  t statistic of a linear trend, by indicator
    quality     ``seasonal_quality`` of the nation, with the p-values of ADF and KPSS of what enters the model
    """
    columns = (quality["indicator"].astype(str), quality["adf_after"], quality["kpss_after"])
    known = {name: (float(adf), float(kpss)) for name, adf, kpss in zip(*columns, strict=True)}
    rows: list[list[object]] = []
    for row in used.to_dict("records"):
        name = str(row["indicator"])
        item = declarations.indicators[name]
        adf, kpss = known[name]
        trend = float(statistics[name])
        form, detrend = str(row["transform"]), str(row["detrend"])
        verdict = _verdict(item.transform, item.detrend, form, detrend, trend, adf, kpss)
        note = NOTES[verdict]
        rows.append([name, item.transform, item.detrend, form, detrend, trend, adf, kpss, verdict, note])
    return pd.DataFrame(rows, columns=schema.columns("detrending_tests"))


def _verdict(
    transform: str, declared: str, form: str, detrend: str, trend: float, adf: float, kpss: float
) -> str:
    """The gravest of what speaks against the declared choice."""
    if not np.isfinite(adf):
        return "untested"
    if adf >= _ADF and kpss < _SIGNIFICANT:
        return "not_stationary"
    if form == "level" and declared == "none" and detrend == "none" and abs(trend) >= TREND_T:
        return "trend_left"
    return "overruled" if form != transform else "agrees"
