"""Sub-indices that rest on a fallback, and members that hardly speak in theirs.

Goes in: ``dimension_quality``, ``factor_quality``. Comes out: a warning for every dimension whose model did not converge, left the
principal component or left a member out, so that another method of the declared order was taken; notes for the weaker signs.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from reporter.domain.errors import Finding
from reporter.domain.tables import Tables

_WHERE = "tables/dimension_quality.csv"
_REPLACED = {
    "two_step": ("วิธีสองขั้นตอน", "the two-step estimator"),
    "pca": ("องค์ประกอบหลัก", "the principal component"),
}
_LEAST_AGREEMENT = 0.9


def check(tables: Tables) -> list[Finding]:
    """Findings of all dimensions with data, and of the groups' together."""
    quality = tables.get("dimension_quality")
    if quality is None or quality.empty:
        return _groups(tables)
    rows = quality[quality["method"] != "none"].to_dict("records")
    return [*(item for row in rows for item in (*_fallbacks(row), *_agreement(row))), *_groups(tables)]


def _groups(tables: Tables) -> list[Finding]:
    """One note on all dimensions of groups that rest on a fallback."""
    status = tables.get("group_status")
    if status is None or status.empty:
        return []
    own = status[status["method"].isin(list(_REPLACED))]
    if own.empty:
        return []
    named = "; ".join(
        f"{group} {dimension}" for group, dimension in zip(own["group"], own["dimension"], strict=True)
    )
    return [
        Finding(
            "note",
            "tables/group_status.csv",
            f"ดัชนีย่อยรายกลุ่ม {len(own)} รายการใช้วิธีสำรองแทนแบบจำลองปัจจัยพลวัต เหตุผลอยู่ในตาราง: {named}",
            f"{len(own)} sub-indices of groups rest on a fallback of the factor model; the table gives the reasons: {named}.",
            rule="factor.group_fallback",
        )
    ]


def _fallbacks(row: Mapping[Hashable, Any]) -> Iterator[Finding]:
    dimension, method = str(row["dimension"]), str(row["method"])
    if method in _REPLACED:
        th, en = _REPLACED[method]
        yield Finding(
            "warning",
            _WHERE,
            f"ดัชนีย่อย {dimension} ใช้{th}แทนแบบจำลองปัจจัยพลวัต ({row['note_th']}) — ตรวจข้อมูลของตัวชี้วัดในมิตินี้",
            f"The sub-index {dimension} rests on {en} because the dynamic factor model failed its guards; look at the data "
            "of its indicators.",
            rule="factor.fallback",
            subject=dimension,
        )
    elif not row["converged"]:
        yield Finding(
            "warning",
            _WHERE,
            f"การประมาณแบบจำลองของดัชนีย่อย {dimension} ไม่ลู่เข้า — ตรวจข้อมูลของตัวชี้วัดในมิตินี้",
            f"The search for the model of {dimension} did not converge; look at the data of its indicators.",
            rule="factor.convergence",
            subject=dimension,
        )


def _agreement(row: Mapping[Hashable, Any]) -> Iterator[Finding]:
    agreement = float(str(row["pca_correlation"]))
    if agreement < _LEAST_AGREEMENT:
        dimension = str(row["dimension"])
        yield Finding(
            "note",
            _WHERE,
            f"ดัชนีย่อย {dimension} มีสหสัมพันธ์กับองค์ประกอบหลักเพียง {agreement:.2f} — อ่านด้วยความระมัดระวัง",
            f"The sub-index {dimension} agrees with its principal component by {agreement:.2f} only; read it with care.",
            rule="factor.agreement",
            subject=dimension,
        )
