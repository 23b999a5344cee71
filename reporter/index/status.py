"""What was used and how good it is: state of every declared indicator, loadings, and the cross-check by principal components.

In: declarations, raw and adjusted series, the posterior. Out: ``indicator_status``, ``factor_quality`` and ``dimension_quality``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index.components import principal_component
from reporter.index.joint_model import quarter_variance, years
from reporter.index.learn import FEWEST_QUARTERS
from reporter.index.panel import Series, periods, quarterly_means, quarters_of
from reporter.index.points import STALE_QUARTERS, quarter_status
from reporter.index.smoother import Posterior

CHECKED_SHARE = 0.05  # a member with less of its variance in common is named in the quality sheet
NOTES = {
    "used": ("ใช้ในการคำนวณ", "Used."),
    "stale": (
        "ข้อมูลสิ้นสุดที่ {last} จึงใช้เฉพาะช่วงที่มีข้อมูล และไม่มีผลต่อไตรมาสล่าสุดนอกจากผ่านแบบจำลอง",
        "Data end in {last}: used where they exist, without weight of their own in the newest quarters.",
    ),
    "short": ("ข้อมูลไม่ถึง 12 ไตรมาส จึงยังไม่ใช้ในการคำนวณ", "Fewer than 12 quarters of data: not used yet."),
    "constant": ("ข้อมูลมีค่าคงที่ จึงไม่มีข้อมูลเกี่ยวกับวัฏจักร", "Constant: carries no information on the cycle."),
    "not_in_model": (
        "ยังไม่อยู่ในแบบจำลองที่ตรึงไว้ จะเริ่มใช้เมื่อประมาณแบบจำลองใหม่",
        "Not in the model that is kept: used from its next estimation on.",
    ),
    "missing": ("ไม่มีข้อมูลในพื้นที่ทำงานนี้", "No data in this workspace."),
}


@dataclass(frozen=True)
class Crosscheck:
    """One dimension's principal component: of the members' quarterly means without their trends, over what is observed.

    panel  quarter x indicator, standard deviations; value: the component by quarter; loadings: correlations with it; share: of variance
    """

    panel: pd.DataFrame
    value: pd.Series
    loadings: np.ndarray
    share: float


def usable(changed: pd.Series) -> str:
    """State of a series in its form of change: "used", "short" or "constant"."""
    seen = changed.dropna()
    if (quarters_of(seen).nunique() if len(seen) else 0) < FEWEST_QUARTERS:
        return "short"
    values = seen.to_numpy()
    scale = max(float(np.abs(values).max()), 1e-300)
    return "constant" if float(values.std()) <= 1e-9 * scale else "used"


def detrended(posterior: Posterior, inputs: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Inputs less the posterior means of their levels and slopes, in standard deviations."""
    trends = posterior.trends()
    found = {}
    for member in posterior.model.members:
        values = inputs.get(member.indicator)
        if values is not None:
            trend = trends.loc[member.indicator]
            line = trend["level"] + trend["slope"] * (years(periods(values)) - member.middle)
            found[member.indicator] = values - line
    return found


def crosschecks(posterior: Posterior, rest: Mapping[str, pd.Series]) -> dict[str, Crosscheck]:
    """Principal component of every dimension, oriented as the model's loadings.

    rest  of ``detrended``
    """
    found = {}
    for dimension in posterior.dimensions:
        members = [member for member in posterior.model.of(dimension) if member.indicator in rest]
        panel = pd.DataFrame({m.indicator: quarterly_means(rest[m.indicator]) for m in members})
        panel = panel.reindex(posterior.grid.index)
        panel = panel.loc[:, panel.notna().sum() >= FEWEST_QUARTERS]
        kept = panel.dropna(how="all")
        if kept.empty:
            continue
        standard = (kept - kept.mean()) / kept.std(ddof=0).where(kept.std(ddof=0) > 0, 1.0)
        scores, loadings, share = principal_component(standard.to_numpy())
        signs = np.array([m.loading for m in members if m.indicator in panel])
        turn = 1.0 if loadings @ signs >= 0 else -1.0
        value = pd.Series(turn * scores, kept.index).reindex(panel.index)
        found[dimension] = Crosscheck(panel, value, turn * loadings, share)
    return found


def indicator_status(
    declarations: Declarations,
    series: Mapping[str, Series],
    changed: Mapping[str, pd.Series],
    members: frozenset[str],
    quarter: pd.Period,
) -> pd.DataFrame:
    """Table ``indicator_status``: one row for each declared indicator.

    changed  series in their forms of change; members: those of the model
    """
    rows = []
    for name, item in declarations.indicators.items():
        if name not in series:
            rows.append(
                [
                    name,
                    item.dimension,
                    item.frequency,
                    "",
                    "",
                    0,
                    0,
                    "missing",
                    False,
                    *NOTES["missing"],
                    "absent",
                ]
            )
            continue
        values = series[name].values
        state = usable(changed[name])
        if state == "used" and name not in members:
            state = "not_in_model"
        if state == "used" and (quarter - values.index[-1].asfreq("Q-DEC")).n > STALE_QUARTERS:
            state = "stale"
        first, last = iso(values.index[0]), iso(values.index[-1])
        notes = [text.format(last=last) for text in NOTES[state]]
        count, holes = int(values.notna().sum()), int(values.isna().sum())
        frequency = "monthly" if series[name].is_monthly else "quarterly"
        counts = [name, item.dimension, frequency, first, last, count, holes, state, series[name].adjusted]
        rows.append([*counts, *notes, quarter_status(values, quarter)])
    return pd.DataFrame(rows, columns=schema.columns("indicator_status"))


def factor_quality(posterior: Posterior, checks: Mapping[str, Crosscheck]) -> pd.DataFrame:
    """Table ``factor_quality``: loadings of quarterly means, in standard deviations, on the unit-variance factor."""
    unit = np.sqrt(quarter_variance(posterior.model.persistence))
    rows = []
    for member in posterior.model.members:
        loading = member.loading * unit
        check, agreement = checks.get(member.dimension), float("nan")
        if check is not None and member.indicator in check.panel:
            agreement = _agreement(posterior.value[member.dimension], check.panel[member.indicator])
        own = 1 - loading**2
        row = [member.dimension, member.indicator, loading, own, loading**2, member.pca_loading, agreement]
        rows.append(row)
    return pd.DataFrame(rows, columns=schema.columns("factor_quality"))


def dimension_quality(
    declarations: Declarations, posterior: Posterior, checks: Mapping[str, Crosscheck]
) -> pd.DataFrame:
    """Table ``dimension_quality``: one row for each dimension, also for those without data."""
    model, unit = posterior.model, quarter_variance(posterior.model.persistence)
    rows = []
    for dimension in declarations.dimensions:
        count, members = len(declarations.members(dimension)), model.of(dimension)
        if not members:
            rows.append([dimension, count, 0, "none", False, *[np.nan] * 5, "ไม่มีข้อมูลของมิตินี้"])
            continue
        shares = {member.indicator: member.loading**2 * unit for member in members}
        check = checks.get(dimension)
        numbers = [float("nan")] * 4
        if check is not None:
            matrix = check.panel.corr(min_periods=8).to_numpy()
            agreement = _agreement(posterior.value[dimension], check.value)
            numbers = [check.share, agreement, kmo(matrix), alpha(matrix, check.loadings)]
        method = "single" if len(members) == 1 else "joint"
        share = float(np.mean(list(shares.values())))
        rows.append([dimension, count, len(members), method, True, share, *numbers, _note(shares)])
    return pd.DataFrame(rows, columns=schema.columns("dimension_quality"))


def _note(shares: Mapping[str, float]) -> str:
    """Thai note: a lone member, members that hardly move with the others."""
    notes = []
    if len(shares) == 1:
        notes.append("มีตัวชี้วัดเดียว ค่าดัชนีจึงมาจากตัวชี้วัดนั้น")
    weak = [name for name, share in shares.items() if share < CHECKED_SHARE]
    if weak:
        notes.append(f"ตัวชี้วัดที่แทบไม่มีส่วนร่วมกับวัฏจักรของมิติ {len(weak)} ตัว ({', '.join(weak)})")
    return "; ".join(notes)


def _agreement(first: pd.Series, second: pd.Series) -> float:
    both = pd.DataFrame({"first": first, "second": second}).dropna()
    if len(both) < 3 or both.std().min() == 0:
        return float("nan")
    return float(both["first"].corr(both["second"]))


def kmo(correlation: np.ndarray) -> float:
    """Kaiser-Meyer-Olkin measure of sampling adequacy; NaN for fewer than two members or a singular matrix."""
    members = len(correlation)
    if members < 2 or not np.isfinite(correlation).all() or np.linalg.cond(correlation) > 1e10:
        return float("nan")
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    off = ~np.eye(members, dtype=bool)
    plain, left = float((correlation[off] ** 2).sum()), float((partial[off] ** 2).sum())
    return plain / (plain + left) if plain + left > 0 else float("nan")


def alpha(correlation: np.ndarray, loadings: np.ndarray) -> float:
    """Standardised Cronbach's alpha after turning members the way of the common factor; NaN below two members."""
    members = len(correlation)
    if members < 2 or not np.isfinite(correlation).all():
        return float("nan")
    turned = correlation * np.outer(np.sign(loadings), np.sign(loadings))
    mean = float(turned[~np.eye(members, dtype=bool)].mean())
    denominator = 1 + (members - 1) * mean
    return members * mean / denominator if denominator > 0 else float("nan")
