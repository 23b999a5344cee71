"""What was used and what was not: status of every declared indicator, before and after the fit.

Goes in: declarations, raw and transformed series, fits. Comes out: ``indicator_status``, ``dimension_quality`` and
``factor_quality``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index.factor import Fit
from reporter.index.panel import Series, quarters_of

QUARTERS_NEEDED = 12
STALE_QUARTERS = 4
CHECKED_SHARE = 0.05

NOTES = {
    "used": ("ใช้ในการคำนวณ", "Used."),
    "stale": (
        "ข้อมูลสิ้นสุดที่ {last} จึงใช้เฉพาะช่วงที่มีข้อมูล และไม่มีผลต่อไตรมาสล่าสุดนอกจากผ่านแบบจำลอง",
        "Data end in {last}: used where they exist, without weight of their own in the newest quarters.",
    ),
    "short": ("ข้อมูลไม่ถึง 12 ไตรมาส จึงยังไม่ใช้ในการคำนวณ", "Fewer than 12 quarters of data: not used yet."),
    "constant": ("ข้อมูลมีค่าคงที่ จึงไม่มีข้อมูลเกี่ยวกับวัฏจักร", "Constant: carries no information on the cycle."),
    "missing": ("ไม่มีข้อมูลในพื้นที่ทำงานนี้", "No data in this workspace."),
}


def usable(transformed: pd.Series) -> str:
    """Status of a transformed series as a member: "used", "short" or "constant"."""
    seen = transformed.dropna()
    quarters = quarters_of(seen).nunique() if len(seen) else 0
    if quarters < QUARTERS_NEEDED:
        return "short"
    values = seen.to_numpy()
    scale = max(float(np.abs(values).max()), 1e-300)
    return "constant" if float(values.std()) <= 1e-9 * scale else "used"


def indicator_status(
    declarations: Declarations,
    series: Mapping[str, Series],
    transformed: Mapping[str, pd.Series],
    quarter: pd.Period,
) -> pd.DataFrame:
    """Table ``indicator_status``: one row for each declared indicator."""
    rows = []
    for name, item in declarations.indicators.items():
        if name not in series:
            rows.append(
                [name, item.dimension, item.frequency, "", "", 0, 0, "missing", False, *NOTES["missing"]]
            )
            continue
        values = series[name].values
        state = usable(transformed[name])
        if state == "used" and (quarter - values.index[-1].asfreq("Q-DEC")).n > STALE_QUARTERS:
            state = "stale"
        last = iso(values.index[-1])
        notes = [text.format(last=last) for text in NOTES[state]]
        count, holes = int(values.notna().sum()), int(values.isna().sum())
        frequency = "monthly" if series[name].is_monthly else "quarterly"
        first = iso(values.index[0])
        rows.append(
            [name, item.dimension, frequency, first, last, count, holes, state, series[name].adjusted, *notes]
        )
    return pd.DataFrame(rows, columns=schema.columns("indicator_status"))


def factor_quality(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """Table ``factor_quality``: loadings are of members in standard deviations on the unit-variance factor."""
    rows = []
    for dimension, fit in fits.items():
        value = fit.value.to_numpy()
        for position, name in enumerate(fit.members):
            loading, variance = fit.parameters.loadings[position], fit.parameters.variances[position]
            member = fit.panel[name].to_numpy()
            both = np.isfinite(value) & np.isfinite(member)
            agreement = _correlation(value[both], member[both])
            share = loading**2 / (loading**2 + variance)
            rows.append([dimension, name, loading, variance, share, fit.pca_loadings[position], agreement])
    return pd.DataFrame(rows, columns=schema.columns("factor_quality"))


def dimension_quality(declarations: Declarations, fits: Mapping[str, Fit]) -> pd.DataFrame:
    """Table ``dimension_quality``: one row for each dimension, also for those without data."""
    rows = []
    for dimension in declarations.dimensions:
        members = len(declarations.members(dimension))
        if dimension not in fits:
            rows.append([dimension, members, 0, "none", False, *[np.nan] * 5, "ไม่มีข้อมูลของมิตินี้"])
            continue
        fit = fits[dimension]
        loadings, variances = fit.parameters.loadings, fit.parameters.variances
        share = float(np.mean(loadings**2 / (loadings**2 + variances)))
        value, component = fit.value.dropna(), fit.pca.dropna()
        agreement = _correlation(value.to_numpy(), component.reindex(value.index).to_numpy())
        matrix = fit.panel.corr(min_periods=8).to_numpy()
        row = [
            dimension,
            members,
            len(fit.members),
            fit.method,
            fit.converged,
            share,
            fit.pca_share,
            agreement,
        ]
        rows.append([*row, kmo(matrix), alpha(matrix, fit.pca_loadings), _note(fit)])
    return pd.DataFrame(rows, columns=schema.columns("dimension_quality"))


def _note(fit: Fit) -> str:
    notes = []
    if fit.method == "single":
        notes.append("มีตัวชี้วัดเดียว ค่าดัชนีจึงมาจากตัวชี้วัดนั้น")
    if fit.method in ("two_step", "pca"):
        name = {"two_step": "วิธีสองขั้นตอน", "pca": "องค์ประกอบหลัก"}[fit.method]
        notes.append(f"ใช้{name}แทน เพราะแบบจำลอง{_reason(fit.reason)}")
    if fit.outliers:
        notes.append(f"ลดน้ำหนักค่าผิดปกติ {fit.outliers} ค่า")
    loadings, variances = fit.parameters.loadings, fit.parameters.variances
    weak = [
        name
        for name, part in zip(fit.members, loadings**2 / (loadings**2 + variances), strict=True)
        if part < CHECKED_SHARE
    ]
    if weak:
        notes.append(f"ตัวชี้วัดที่แทบไม่มีส่วนร่วมกับวัฏจักรของมิติ {len(weak)} ตัว ({', '.join(weak)})")
    return "; ".join(notes)


def _reason(reason: str) -> str:
    """What was wrong with the first choice, in Thai."""
    if reason.startswith("left out "):
        return f"ไม่เคลื่อนไหวกับตัวชี้วัด {reason.removeprefix('left out ')}"
    return {
        "search did not converge": "ประมาณค่าไม่ลู่เข้า",
        "parameters are not finite": "ประมาณค่าไม่ได้",
        "left the principal component": "ต่างจากองค์ประกอบหลักเกินเกณฑ์",
    }[reason]


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < 3 or first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


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
