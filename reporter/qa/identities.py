"""Identities and ranges that must hold whatever the data, and the quality of every seasonal adjustment.

Goes in: the tables of one issue. Comes out: findings; a broken identity is an error, because the report would contradict
itself.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import jinja2
import numpy as np
import pandas as pd
import pikepdf
import pypdfium2

from reporter.domain import schema, thai
from reporter.domain.declarations import SURVEYS, asset, css_variables, tokens
from reporter.domain.edition import Context
from reporter.domain.errors import SEVERITIES, Finding
from reporter.domain.periods import iso, parse_period
from reporter.domain.schema import Tables
from reporter.domain.thai import RESPONDENTS
from reporter.inputs.workspace import Ruling
from reporter.report.document import Document
from reporter.report.labour import labour_facts
from reporter.report.numbers import Cells, quarter_number
from reporter.report.provenance import numbers_of
from reporter.report.templating import CompiledTemplates, own_templates

_TOLERANCE = 1e-9  # identities hold up to the noise of doubles
_ROUNDING = 1e-6  # of figures that were written and read back


def check_identities(tables: Tables, context: Context) -> list[Finding]:
    """Findings of all identities."""
    found: list[Finding] = []
    for one in _CHECKS:
        found += one(tables, context)
    return found


def _newest_quarter(tables: Tables, context: Context) -> list[Finding]:
    index = tables.get("labour_index", pd.DataFrame())
    wanted = iso(context.quarter)
    if index.empty:
        return [
            _error(
                "tables/labour_index.csv",
                "index.empty",
                "คำนวณดัชนีไม่ได้ เพราะไม่มีตัวชี้วัดที่ใช้ได้",
                "No index: no indicator can be used.",
            )
        ]
    national = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    if wanted in set(national["period"]):
        return []
    return [
        _error(
            "tables/labour_index.csv",
            "index.quarter",
            f"ไม่มีดัชนีของไตรมาส {wanted} — ข้อมูลใหม่สุดถึง {national['period'].max()}",
            f"No index for {wanted}; the newest is {national['period'].max()}.",
        )
    ]


def _reduced(tables: Tables, context: Context) -> list[Finding]:
    """An issue without a composite needs an explicit answer."""
    facts = labour_facts(Cells(tables), context)
    if not facts.is_reduced:
        return []
    return [
        _warning(
            "tables/labour_index.csv",
            "index.reduced",
            f"ไตรมาสนี้มีข้อมูล {len(facts.dimensions)} มิติ ไม่พอสำหรับดัชนีรวม ฉบับนี้จึง{'มีเพียงค่าประมาณปัจจุบัน (nowcast)' if facts.nowcast else 'ไม่มีดัชนีรวม'} — รอข้อมูล หรือรับรองใน waivers.toml",
            f"Too few dimensions have data ({len(facts.dimensions)}) for a composite, so the issue has {'a nowcast' if facts.nowcast else 'no composite'}; wait for data or waive this.",
        )
    ]


def _contributions_sum(tables: Tables, context: Context) -> list[Finding]:
    contributions, index = tables.get("contributions"), tables.get("labour_index")
    if contributions is None or contributions.empty or index is None:
        return []
    overall = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    level = overall.set_index("period")["value"]
    found = []
    for against, lag in (("quarter", 1), ("year", 4)):
        rows = contributions[contributions["against"] == against]
        sums = rows.groupby("period")["contribution"].sum()
        change = level.diff(lag).reindex(sums.index)
        gap = (sums - change).abs().max()
        if gap > _TOLERANCE:
            found.append(
                _error(
                    "tables/contributions.csv",
                    "contributions.sum",
                    f"ผลรวมรายมิติต่างจากการเปลี่ยนแปลงของดัชนีรวม {gap:.2g} จุด ({against})",
                    f"Contributions differ from the change by {gap:.2g} points ({against}).",
                )
            )
    return found


def _weights_sum(tables: Tables, context: Context) -> list[Finding]:
    weights = tables.get("weights")
    if weights is None or weights.empty:
        return []
    total = float(weights["weight"].sum())
    if abs(total - 1) <= _TOLERANCE and (weights["weight"] >= 0).all():
        return []
    return [
        _error(
            "tables/weights.csv",
            "weights.sum",
            f"น้ำหนักรวมได้ {total:.6f} แต่ต้องเป็น 1 และไม่ติดลบ",
            f"Weights sum to {total:.6f}; must be 1 and not negative.",
        )
    ]


def _ranges(tables: Tables, context: Context) -> list[Finding]:
    """Shares lie in 0..1, confidence in 0..200; infinite numbers nowhere."""
    limits = (
        ("employer_actions", "share", 0, 1),
        ("traits", "share", 0, 1),
        ("priorities", "first_share", 0, 1),
        ("priorities", "top3_share", 0, 1),
        ("priorities", "mean_rank", 1, 7),
        ("confidence", "value", 0, 200),
    )
    found = []
    for name, column, low, high in limits:
        values = tables.get(name, pd.DataFrame({column: []}))[column]
        outside = int(((values < low) | (values > high)).sum())
        if outside:
            found.append(
                _error(
                    f"tables/{name}.csv",
                    "range",
                    f"{column} มี {outside} ค่าอยู่นอกช่วง {low} ถึง {high}",
                    f"{outside} values of {column} lie outside {low} to {high}.",
                )
            )
    for name, table in tables.items():
        numbers = table.select_dtypes("number")
        infinite = (
            int(np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).sum()) if len(numbers.columns) else 0
        )
        if infinite:
            found.append(
                _error(
                    f"tables/{name}.csv", "infinite", f"มีค่าอนันต์ {infinite} ค่า", f"{infinite} infinite values."
                )
            )
    return found


def _ranks_sum(tables: Tables, context: Context) -> list[Finding]:
    """Mean ranks of the seven aspects average to 4 where everyone ranked all of them."""
    priorities = tables.get("priorities")
    if priorities is None or priorities.empty:
        return []
    firsts = priorities.dropna(subset=["first_share"]).groupby("period")["first_share"].sum()
    wrong = firsts[(firsts - 1).abs() > _ROUNDING]
    return [
        _warning(
            "tables/priorities.csv",
            "priorities.sum",
            f"สัดส่วนอันดับหนึ่งของ {period} รวมได้ {value:.4f}",
            f"First-place shares of {period} sum to {value:.4f}.",
        )
        for period, value in wrong.items()
    ]


def _intervals(tables: Tables, context: Context) -> list[Finding]:
    """Values lie inside their intervals, and wider intervals hold narrower ones."""
    chains = (
        ("confidence", ("low", "value", "high")),
        ("employer_actions", ("low", "share", "high")),
        ("traits", ("low", "share", "high")),
        ("forecast", ("low95", "low80", "mean", "high80", "high95")),
    )
    found = []
    for name, columns in chains:
        table = tables.get(name)
        if table is None or not set(columns) <= set(table.columns):
            continue
        values = table[list(columns)].apply(pd.to_numeric, errors="coerce").dropna().to_numpy(dtype=float)
        wrong = int((np.diff(values, axis=1) < -_ROUNDING).any(axis=1).sum()) if len(values) else 0
        if wrong:
            found.append(
                _error(
                    f"tables/{name}.csv",
                    "interval",
                    f"มี {wrong} แถวที่ {' <= '.join(columns)} ไม่เป็นจริง",
                    f"{wrong} rows do not hold {' <= '.join(columns)}.",
                )
            )
    return found


_READS_THE_SAME = 0.1  # percentage points: one source gives one decimal, the other two


def _one_fact_one_number(tables: Tables, context: Context) -> list[Finding]:
    """Growth and inflation come once as an indicator and once as a macro variable; both must say the same."""
    cells, period = Cells(tables), iso(context.quarter)
    found = []
    for indicator, variable in context.declarations.same_facts.items():
        key = {"indicator": indicator, "group": "TH"}
        values = cells.series("series", "raw", **key)
        own = values[[quarter_number(str(at)) == quarter_number(period) for at in values.index]]
        first = float(own.mean()) if len(own) in (1, 3) else None
        second = cells.value("macro", "value", {"variable": variable, "period": period})
        if first is not None and second is not None and abs(first - second) > _READS_THE_SAME:
            found.append(
                _warning(
                    "tables/macro.csv",
                    "facts.differ",
                    f"{indicator} คือ {first:.2f} แต่ {variable} คือ {second:.2f} ทั้งที่เป็นข้อเท็จจริงเดียวกัน — ใช้ค่าเดียวกัน",
                    f"{indicator} is {first:.2f} but {variable} is {second:.2f}; they are one fact: give one value.",
                )
            )
    return found


_CHECKS: tuple[Callable[[Tables, Context], list[Finding]], ...] = (
    _newest_quarter,
    _reduced,
    _contributions_sum,
    _weights_sum,
    _ranges,
    _ranks_sum,
    _intervals,
    _one_fact_one_number,
)


def _error(where: str, rule: str, th: str, en: str) -> Finding:
    return Finding("error", where, th, en, rule=rule)


def _warning(where: str, rule: str, th: str, en: str) -> Finding:
    return Finding("warning", where, th, en, rule=rule)


def headline(tables: Tables, context: Context) -> dict[str, Any]:
    """The three headline numbers with their changes on the quarter and on the year; None where there is none.

    A reduced issue has no composite: too few dimensions, or too little of the weight, have data. Where its quarter is still running, the entry of the
    index holds the ``nowcast`` that the report prints: value and 80 % band.
    """
    index = tables["labour_index"]
    labour = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    series = {"labour_index": labour.set_index("period")["value"]}
    confidence = tables.get("confidence", schema.empty("confidence"))
    for survey in SURVEYS:
        rows = confidence[
            (confidence["survey"] == survey)
            & (confidence["domain"] == "overall")
            & (confidence["group"] == "TH")
        ]
        series[survey] = rows.set_index("period")["value"]
    labour_said = labour_facts(Cells(tables), context)
    if labour_said.is_reduced:
        series["labour_index"] = pd.Series(dtype=float)
    now, before, year_ago = (iso(context.quarter - lag) for lag in (0, 1, 4))
    found: dict[str, Any] = {
        name: {
            "value": _number(values.get(now)),
            "change_quarter": _difference(values.get(now), values.get(before)),
            "change_year": _difference(values.get(now), values.get(year_ago)),
        }
        for name, values in series.items()
    }
    if (nowcast := labour_said.nowcast) is not None:
        low, high = nowcast.band
        found["labour_index"]["nowcast"] = {
            "value": nowcast.level.value,
            "low80": low.value,
            "high80": high.value,
        }
    return found


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _difference(value: Any, earlier: Any) -> float | None:
    first, second = _number(value), _number(earlier)
    return None if first is None or second is None else first - second


# ----------------------------------------------------------------------------------------------------
# The editor's page ``qa.html``: everything that was checked, on one page without scripts.
#
# Goes in: the ruling on all findings, the issue document, its tables. Comes out: HTML with its style inside. It shows what a
# person signing the issue should see: open and answered warnings, the index against its own history, whether contributions
# and shares add up, samples against their plan, and every number of the text with the cell that it was taken from.
# ----------------------------------------------------------------------------------------------------

_TABLE = re.compile(r"([a-z_]+)\?")


@dataclass(frozen=True)
class Level:
    """One index against its own history: newest value and change, and where they lay before."""

    name: str
    value: float
    change: float
    least: float
    most: float
    largest_change: float
    quarters: int


@dataclass(frozen=True)
class Sum:
    """Parts that must add up: what they add up to, what they should, the difference."""

    name: str
    table: str
    total: float
    expected: float

    @property
    def gap(self) -> float:
        """How far the sum is off."""
        return self.total - self.expected


def editors_page(ruling: Ruling, document: Document, tables: Tables, context: Context) -> str:
    """The whole page; the document holds the cell of every number."""
    numbers = numbers_of(document)
    return (
        _environment()
        .get_template("qa/qa.html.j2")
        .render(
            settings=context.settings,
            quarter=thai.quarter_th(context.quarter),
            is_final=context.final,
            style=css_variables() + asset("templates", "qa", "qa.css").read_text(encoding="utf-8"),
            groups=_grouped(ruling.findings),
            severities={severity: th for severity, (th, _) in SEVERITIES.items()},
            unanswered=set(ruling.unanswered),
            answered=ruling.answered,
            waivers=ruling.record(),
            levels=_levels(tables, context),
            sums=[*_contribution_sums(tables, context), *_share_sums(tables, context)],
            samples=_samples(tables, context),
            numbers=_by_table(numbers),
            count=len(numbers),
            titles={name: table.title.th for name, table in schema.declared_tables().items()},
        )
    )


def _grouped(found: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    """Findings by severity, the gravest first; empty kinds are left out."""
    return {
        level: listed
        for level in SEVERITIES
        if (listed := [item for item in found if item.severity == level])
    }


def _levels(tables: Tables, context: Context) -> list[Level]:
    """National index and sub-indices that have a value for the quarter."""
    now, found = iso(context.quarter), []
    for dimension, level in national_levels(tables):
        if len(level) < 2 or level.index[-1] != now:
            continue
        before, changes = level.iloc[:-1], level.diff().dropna()
        earlier = changes.iloc[:-1].abs()
        found.append(
            Level(
                _dimension(dimension, context),
                float(level.iloc[-1]),
                float(changes.iloc[-1]),
                float(before.min()),
                float(before.max()),
                float(earlier.max()) if len(earlier) else float("nan"),
                len(level),
            )
        )
    return found


def _dimension(name: str, context: Context) -> str:
    declared = context.declarations.dimensions.get(name)
    return declared.name.th if declared else "ดัชนีรวม"


def _contribution_sums(tables: Tables, context: Context) -> list[Sum]:
    """Contributions of the dimensions against the change of the composite."""
    level = dict(national_levels(tables)).get("overall")
    contributions = tables.get("contributions")
    if level is None or contributions is None or contributions.empty:
        return []
    found = []
    for against, lag, words in (("quarter", 1, "ไตรมาสก่อน"), ("year", 4, "ปีก่อน")):
        rows = contributions[
            (contributions["period"] == iso(context.quarter)) & (contributions["against"] == against)
        ]
        change = level.get(iso(context.quarter), float("nan")) - level.get(
            iso(context.quarter - lag), float("nan")
        )
        if len(rows) and not pd.isna(change):
            total = float(rows["contribution"].sum())
            found.append(Sum(f"ผลต่อดัชนีรวมรายมิติ เทียบกับ{words}", "contributions", total, float(change)))
    return found


def _share_sums(tables: Tables, context: Context) -> list[Sum]:
    """Weights of the dimensions and first places of the aspects; both make one whole."""
    found = []
    weights = tables.get("weights")
    if weights is not None and len(weights):
        found.append(Sum("น้ำหนักของมิติ", "weights", float(weights["weight"].sum()), 1.0))
    priorities = tables.get("priorities")
    if priorities is not None and len(priorities):
        rows = priorities[priorities["period"] == iso(context.quarter)]
        if len(rows) and rows["first_share"].notna().all():
            found.append(Sum("สัดส่วนอันดับหนึ่งของทุกด้าน", "priorities", float(rows["first_share"].sum()), 1.0))
    return found


def _samples(tables: Tables, context: Context) -> list[dict[str, Any]]:
    """Answers of the quarter by survey, with the plan where there is one."""
    coverage = tables.get("survey_coverage")
    if coverage is None or coverage.empty:
        return []
    now = coverage[coverage["period"] == iso(context.quarter)]
    return [
        {
            "name": RESPONDENTS[str(survey)],
            "achieved": float(rows["achieved"].sum()),
            "planned": float(rows["planned"].sum()) if rows["planned"].notna().any() else None,
            "provinces": int((rows["achieved"] > 0).sum()),
        }
        for survey, rows in now.groupby("survey", sort=True)
    ]


def _by_table(numbers: Sequence[tuple[str, str, str]]) -> dict[str, list[tuple[str, str, str]]]:
    """Traced numbers by the first table that their cell names."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for number in numbers:
        named = _TABLE.search(number[1])
        found.setdefault(named[1] if named else "", []).append(number)
    return dict(sorted(found.items()))


@cache
def _environment() -> jinja2.Environment:
    environment = own_templates()
    environment.bytecode_cache = CompiledTemplates("qa")
    environment.filters.update(
        points=lambda value: thai.number(value, 1),
        signed=lambda value: thai.signed(value, 1),
        exact=lambda value: f"{value:.6f}",
        small=lambda value: f"{value:.1e}",
        whole=lambda value: f"{value:,.0f}",
    )
    return environment


# ----------------------------------------------------------------------------------------------------
# Seasonal adjustment that needed a fallback or left a season; detrending that the data contradict.
#
# Goes in: ``seasonal_quality``, ``detrending_tests``, ``group_status``. Comes out: a warning for every series of the nation that
# X-13ARIMA-SEATS could not adjust at all, notes for the weaker ones, and one note that names the groups' series. What the quality sheet says in a cell is said here where somebody must answer for it.
# ----------------------------------------------------------------------------------------------------

_WHERE = "tables/seasonal_quality.csv"
_LARGEST_M = 1.0  # X-11's own limit of Q and M7
_QS_LIMIT = 9.21  # chi-squared(2) at 1 %
_REPLACED = {"stl": "STL", "x13_airline": "X-13 (0 1 1)(0 1 1)"}


def check_adjustment(tables: Tables) -> list[Finding]:
    """Findings of all rules, by series."""
    quality, tests = tables.get("seasonal_quality"), tables.get("detrending_tests")
    found: list[Finding] = []
    if quality is not None and not quality.empty:
        found += [*_replaced(quality), *_weak(quality)]
    if tests is not None and not tests.empty:
        found += _disagreeing(tests)
    return [*found, *_of_groups(tables.get("group_status"))]


def _of_groups(status: pd.DataFrame | None) -> list[Finding]:
    """One note on all series of groups that another method than the year's model adjusted, or none."""
    if status is None or status.empty:
        return []
    own = status[status["seasonal_fallback"] != ""]
    if own.empty:
        return []
    series = [str(names).split() for names in own["seasonal_fallback"]]
    named = "; ".join(
        f"{group} {', '.join(names)}" for group, names in zip(own["group"], series, strict=True)
    )
    count = sum(len(names) for names in series)
    return [
        Finding(
            "note",
            "tables/group_status.csv",
            f"ตัวชี้วัดรายกลุ่ม {count} ชุดปรับฤดูกาลด้วยวิธีสำรอง เพราะ X-13ARIMA-SEATS ปรับด้วยแบบจำลองประจำปีไม่สำเร็จ เหตุผลอยู่ในตาราง: {named}",
            f"{count} series of groups were adjusted by a fallback of X-13ARIMA-SEATS; the table gives the reasons: {named}.",
            rule="seasonal.group_fallback",
        )
    ]


def _replaced(quality: pd.DataFrame) -> Iterator[Finding]:
    """Series that another method than the year's model adjusted, or none."""
    for row in quality.to_dict("records"):
        name, method = str(row["indicator"]), str(row["method"])
        if row["verdict"] == "failed":
            yield _finding(
                "warning",
                "seasonal.failed",
                name,
                f"ปรับฤดูกาล {name} ไม่สำเร็จ จึงใช้ข้อมูลเดิม — ตรวจข้อมูลชุดนี้",
                f"{name} could not be adjusted and enters as it is; look at its data.",
            )
        elif method in _REPLACED or row["note_th"]:
            is_adjusted = row["verdict"] == "adjusted"
            if not is_adjusted:
                continue
            used = _REPLACED.get(method, "a simpler X-13 model")
            yield _finding(
                "warning" if method == "stl" else "note",
                "seasonal.fallback",
                name,
                f"{name}: {row['note_th']} — ตรวจข้อมูล หรือเลือกแบบจำลองใหม่ด้วย reporter models reidentify",
                f"{name} was adjusted by the fallback {used}; look at its data or run reporter models reidentify.",
            )


def _weak(quality: pd.DataFrame) -> Iterator[Finding]:
    """Adjusted series whose statistics say that the season is unstable or still there."""
    adjusted = quality[quality["verdict"] == "adjusted"]
    for row in adjusted.to_dict("records"):
        name = str(row["indicator"])
        if row["m7"] > _LARGEST_M or row["q"] > _LARGEST_M:
            yield _finding(
                "note",
                "seasonal.quality",
                name,
                f"การปรับฤดูกาลของ {name} มีคุณภาพต่ำ (Q {row['q']:.2f} M7 {row['m7']:.2f} ควรไม่เกิน 1) — อ่านค่าที่ปรับแล้วด้วยความระมัดระวัง",
                f"The adjustment of {name} is weak (Q {row['q']:.2f}, M7 {row['m7']:.2f}; at most 1 is good).",
            )
        if row["qs_after"] > _QS_LIMIT:
            yield _finding(
                "note",
                "seasonal.residual",
                name,
                f"ข้อมูล {name} ที่ปรับแล้วยังมีฤดูกาลเหลืออยู่ (QS {row['qs_after']:.1f}) — เลือกแบบจำลองใหม่ด้วย reporter models reidentify",
                f"{name} still shows a season after adjustment (QS {row['qs_after']:.1f}); run reporter models reidentify.",
            )


_AGAINST = {
    "not_stationary": "what enters the model is not stationary by ADF and KPSS",
    "trend_left": "a significant trend is left in",
    "overruled": "the data speak against the declared transformation, and the tested one is used",
}


def _disagreeing(tests: pd.DataFrame) -> Iterator[Finding]:
    """Indicators whose data contradict the declared transformation or detrending."""
    for row in tests.to_dict("records"):
        verdict, name = str(row["verdict"]), str(row["indicator"])
        if verdict in _AGAINST:
            declared = f"transform = {row['declared_transform']}, detrend = {row['declared_detrend']}"
            yield Finding(
                "note",
                "tables/detrending_tests.csv",
                f"{name}: {row['note_th']} (ประกาศไว้ {declared})",
                f"{name}: {_AGAINST[verdict]} (declared {declared}).",
                rule=f"detrending.{verdict}",
                subject=name,
            )


def _finding(severity: str, rule: str, name: str, th: str, en: str) -> Finding:
    assert severity in ("warning", "note")
    return Finding("warning" if severity == "warning" else "note", _WHERE, th, en, rule=rule, subject=name)


# ----------------------------------------------------------------------------------------------------
# Sub-indices that rest on a fallback, did not converge, or differ from their principal component.
#
# Goes in: ``dimension_quality``, ``factor_quality``. Comes out: a warning for every dimension whose model did not converge, left the
# principal component or left a member out, so that another method of the declared order was taken; notes for the weaker signs.
# ----------------------------------------------------------------------------------------------------

_FACTORS_TABLE = "tables/dimension_quality.csv"
_REPLACED_FACTORS = {
    "two_step": ("วิธีสองขั้นตอน", "the two-step estimator"),
    "pca": ("องค์ประกอบหลัก", "the principal component"),
}
_LEAST_AGREEMENT = (
    0.9  # correlation with the principal component: below, more than a fifth of the variance is another story
)


def check_factors(tables: Tables) -> list[Finding]:
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
    own = status[status["method"].isin(list(_REPLACED_FACTORS))]
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
    if method in _REPLACED_FACTORS:
        th, en = _REPLACED_FACTORS[method]
        yield Finding(
            "warning",
            _FACTORS_TABLE,
            f"ดัชนีย่อย {dimension} ใช้{th}แทนแบบจำลองปัจจัยพลวัต ({row['note_th']}) — ตรวจข้อมูลของตัวชี้วัดในมิตินี้",
            f"The sub-index {dimension} rests on {en} because the dynamic factor model failed its guards; look at the data "
            "of its indicators.",
            rule="factor.fallback",
            subject=dimension,
        )
    elif not row["converged"]:
        yield Finding(
            "warning",
            _FACTORS_TABLE,
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
            _FACTORS_TABLE,
            f"ดัชนีย่อย {dimension} มีสหสัมพันธ์กับองค์ประกอบหลักเพียง {agreement:.2f} — อ่านด้วยความระมัดระวัง",
            f"The sub-index {dimension} agrees with its principal component by {agreement:.2f} only; read it with care.",
            rule="factor.agreement",
            subject=dimension,
        )


# ----------------------------------------------------------------------------------------------------
# Results against their own history: unusual values that may be right, but need a look before approval.
#
# Goes in: the tables of one issue. Comes out: warnings that need a waiver in a final issue (``reporter.inputs.workspace``), and notes.
# The rules are simple on purpose, so that whoever answers for them can check them by eye.
# ----------------------------------------------------------------------------------------------------

_LEAST_HISTORY = 12  # three years: below, nothing is unusual
_BIG_CHANGE = 2.0  # times the largest change before
_LEAST_CHANGE = 10.0  # points: one standard deviation of the index
_BEYOND = 10.0  # points beyond everything seen so far
_RECENT_QUARTERS = 2  # a source may be one quarter late by its declared lag
_REVISED_QUARTERS = 8  # two years: as far back as quarterly sources are usually revised
_PLAN_SHARE = 0.5  # with less than half of the planned answers the sample is another one


def check_history(tables: Tables, context: Context) -> list[Finding]:
    """Findings of all rules."""
    return [
        *_index_jumps(tables, context),
        *_stale_dimensions(tables, context),
        *_revisions(tables, context),
        *_forecast(tables),
        *_sample_findings(tables, context),
    ]


def national_levels(tables: Tables) -> Iterator[tuple[str, pd.Series]]:
    """(dimension, period -> points) of the whole country."""
    index = tables.get("labour_index")
    if index is None or index.empty:
        return
    for dimension, rows in index[index["group"] == "TH"].groupby("dimension", sort=True):
        yield str(dimension), rows.set_index("period")["value"].dropna().sort_index()


def _index_jumps(tables: Tables, context: Context) -> Iterator[Finding]:
    """The newest change more than twice the largest before, or the newest level far beyond all before."""
    now = iso(context.quarter)
    for dimension, level in national_levels(tables):
        if len(level) <= _LEAST_HISTORY or level.index[-1] != now:
            continue
        changes = level.diff().abs().dropna()
        change, largest = float(changes.iloc[-1]), float(changes.iloc[:-1].max())
        before, value = level.iloc[:-1], float(level.iloc[-1])
        is_far = value > before.max() + _BEYOND or value < before.min() - _BEYOND
        if change > max(_BIG_CHANGE * largest, _LEAST_CHANGE) or is_far:
            yield Finding(
                "warning",
                "tables/labour_index.csv",
                f"ดัชนี {dimension} ไตรมาส {now} เท่ากับ {value:.1f} จุด เปลี่ยนจากไตรมาสก่อน {change:.1f} จุด"
                f" ขณะที่เดิมเปลี่ยนมากที่สุด {largest:.1f} จุด และอยู่ระหว่าง {before.min():.1f} ถึง {before.max():.1f} จุด"
                " — ตรวจตัวชี้วัดที่ทำให้เปลี่ยน",
                f"The index {dimension} is {value:.1f} in {now}, {change:.1f} points from the quarter before; it never"
                f" changed by more than {largest:.1f} and lay between {before.min():.1f} and {before.max():.1f}."
                " Look at the indicators that moved it.",
                value=f"{value:.1f}",
                rule="index.jump",
                subject=f"{dimension} TH {now}",
            )


def _stale_dimensions(tables: Tables, context: Context) -> Iterator[Finding]:
    """Dimensions with a value for the quarter of which no indicator reaches it or the quarter before."""
    status = tables.get("indicator_status")
    if status is None or status.empty:
        return
    now = iso(context.quarter)
    published = {name for name, level in national_levels(tables) if len(level) and level.index[-1] == now}
    used = status[status["status"].isin(["used", "stale"]) & (status["last"] != "")]
    for dimension, rows in used.groupby("dimension", sort=True):
        if str(dimension) not in published:
            continue
        last = max(parse_period(text).end_time.to_period("Q-DEC") for text in rows["last"])
        if (context.quarter - last).n >= _RECENT_QUARTERS:
            yield Finding(
                "warning",
                "tables/indicator_status.csv",
                f"ดัชนีย่อย {dimension} ไตรมาส {now} ไม่มีข้อมูลของไตรมาสนี้หรือไตรมาสก่อนเลย (ใหม่สุด {iso(last)})"
                " — ขอข้อมูลล่าสุดจากแหล่งข้อมูล",
                f"The sub-index {dimension} for {now} rests on no observation of this quarter or the one before"
                f" (newest {iso(last)}); ask its sources for newer data.",
                value=iso(last),
                rule="index.stale_dimension",
                subject=f"{dimension} TH {now}",
            )


def _revisions(tables: Tables, context: Context) -> Iterator[Finding]:
    """Recent values that were revised by more than the series ever changed from one period to the next."""
    triangle = tables.get("revisions")
    if triangle is None or triangle.empty:
        return
    since = context.quarter - _REVISED_QUARTERS
    for series, rows in triangle.groupby("series", sort=True):
        ordered = rows.assign(end=[parse_period(text).end_time for text in rows["period"]]).sort_values("end")
        if len(ordered) <= _LEAST_HISTORY:
            continue
        usual = float(ordered["latest"].diff().abs().max())
        recent = ordered[ordered["end"] >= since.start_time]
        size = (recent["latest"] - recent["first"]).abs()
        if size.empty or not float(size.max()) > usual:
            continue
        row = recent.iloc[int(size.to_numpy().argmax())]
        yield Finding(
            "warning",
            "tables/revisions.csv",
            f"{series} {row['period']} ปรับจาก {row['first']:.6g} เป็น {row['latest']:.6g} มากกว่าที่อนุกรมเคยเปลี่ยนระหว่างงวด"
            f" ({usual:.4g}) — ยืนยันกับแหล่งข้อมูล",
            f"{series} {row['period']} was revised from {row['first']:.6g} to {row['latest']:.6g}, more than the series"
            f" ever changed between periods ({usual:.4g}); confirm it with the source.",
            value=f"{row['latest']:.6g}",
            rule="revisions.large",
            subject=f"{series} TH {row['period']}",
        )


def _forecast(tables: Tables) -> Iterator[Finding]:
    """Central forecasts more than ten points beyond anything the index has been."""
    forecast = tables.get("forecast")
    level = dict(national_levels(tables)).get("overall")
    if forecast is None or forecast.empty or level is None or level.empty:
        return
    low, high = float(level.min()) - _BEYOND, float(level.max()) + _BEYOND
    for row in forecast[(forecast["mean"] < low) | (forecast["mean"] > high)].itertuples():
        yield Finding(
            "warning",
            "tables/forecast.csv",
            f"ค่าพยากรณ์ {row.period} เท่ากับ {row.mean:.1f} จุด อยู่นอกช่วง {low:.1f} ถึง {high:.1f} จุดที่ดัชนีเคยเป็น"
            " (เผื่อข้างละ 10 จุด) — ตรวจแบบจำลองและข้อมูลล่าสุด",
            f"The forecast for {row.period} is {row.mean:.1f}, outside {low:.1f} to {high:.1f}: what the index has been,"
            " and ten points. Look at the model and the newest data.",
            value=f"{row.mean:.1f}",
            rule="forecast.bounds",
            subject=f"overall TH {row.period}",
        )


def _sample_findings(tables: Tables, context: Context) -> Iterator[Finding]:
    """Surveys far below their plan; provinces below half of theirs are counted in a note."""
    coverage = tables.get("survey_coverage")
    if coverage is None or coverage.empty:
        return
    now = coverage[(coverage["period"] == iso(context.quarter)) & coverage["planned"].notna()]
    for survey, rows in now.groupby("survey", sort=True):
        planned, achieved = float(rows["planned"].sum()), float(rows["achieved"].sum())
        if planned <= 0:
            continue
        thin = int((rows["achieved"] < _PLAN_SHARE * rows["planned"]).sum())
        share = achieved / planned
        if share >= _PLAN_SHARE and not thin:
            continue
        yield Finding(
            "warning" if share < _PLAN_SHARE else "note",
            "tables/survey_coverage.csv",
            f"แบบสำรวจ {survey} ได้ {achieved:,.0f} ราย จากแผน {planned:,.0f} ราย (ร้อยละ {100 * share:.0f})"
            f" มี {thin} จังหวัดที่ได้ไม่ถึงครึ่งของแผน",
            f"The {survey} survey has {achieved:,.0f} of {planned:,.0f} planned answers ({100 * share:.0f} per cent);"
            f" {thin} provinces have less than half of theirs.",
            value=f"{achieved:.0f}",
            rule="survey.plan",
            subject=f"{survey} {iso(context.quarter)}",
        )


# ----------------------------------------------------------------------------------------------------
# How full the pages are.
#
# Goes in: a finished PDF. Comes out: ``PagesFilled``, from pictures of its pages, its bookmarks and its links.
# ----------------------------------------------------------------------------------------------------

_DPI, _BAND = (
    50,
    10.0,
)  # dots per inch of the pictures measured; mm: lower bands are the air that a page needs
_LISTS = ("สารบัญ", "Contents", "List of")
_WHITE = 250  # of 255: paper, with the noise of anti-aliasing
_MM = 25.4  # millimetres of an inch
_HEIGHT = 297.0  # mm: A4


@dataclass(frozen=True)
class PagesFilled:
    """How full the pages of a PDF are, and how far figures stand from the text that refers to them.

    blank     share of the text area that is blank bands (at least 10 mm high and as wide as the measure), the cover left out
    inner     page, from 0 -> its blank share, of pages that are not the last of a chapter
    distance  pages between the farthest figure and the first link to it; farthest  that figure
    """

    pages: int
    blank: float
    inner: Mapping[int, float]
    distance: int
    farthest: str


def pages_filled(pdf: bytes) -> PagesFilled:
    """Measure a finished PDF from its rendered pages."""
    opened = io.BytesIO(pdf)
    blanks, chapters = _blank_shares(opened), _chapter_starts(opened)
    last_of_chapter = {start - 1 for start in chapters} | {len(blanks) - 1}
    inner = {page: share for page, share in enumerate(blanks) if page > 0 and page not in last_of_chapter}
    distance, figure = _farthest_figure(opened)
    return PagesFilled(len(blanks), float(np.mean(blanks[1:] or [0.0])), inner, distance, figure)


_SLACK = 3.0  # mm: rules and padding around the rows, which no letter fills


def split_tables(pdf: bytes) -> list[int]:
    """Pages (from 0) on which a table begins that is split though it is lower than a page's text area."""
    area = _HEIGHT - tokens().page["top"] - tokens().page["bottom"]
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as opened, pypdfium2.PdfDocument(pdf) as drawn:
        for marks in _marks_of_tables(opened):
            if len(marks) > 1:
                heights = [_height_of(drawn[page], own) for page, own in marks.items()]
                if sum(heights) + _SLACK <= area:
                    found.append(min(marks))
    return found


def _marks_of_tables(opened: pikepdf.Pdf) -> list[dict[int, set[int]]]:
    """Of every table of the structure tree: page (from 0) -> ids of its marked content there; repeated heads are no part of it."""
    numbers = {page.obj.objgen: number for number, page in enumerate(opened.pages)}

    def marks(element: Any, page: int, into: dict[int, set[int]]) -> None:
        if isinstance(element, int):
            into.setdefault(page, set()).add(element)
        elif isinstance(element, pikepdf.Dictionary):
            own = element.get("/Pg")
            page = page if own is None else numbers.get(own.objgen, page)
            if "/MCID" in element:
                into.setdefault(page, set()).add(int(element["/MCID"]))
            for child in _children(element):
                marks(child, page, into)

    found: list[dict[int, set[int]]] = []
    waiting = _children(opened.Root.get("/StructTreeRoot", pikepdf.Dictionary()))
    while waiting:
        element = waiting.pop(0)
        if isinstance(element, pikepdf.Dictionary):
            if element.get("/S") == "/Table":
                found.append({})
                marks(element, 0, found[-1])
            else:
                waiting = [*_children(element), *waiting]
    return found


def _children(element: Any) -> list[Any]:
    inside = element.get("/K")
    if inside is None:
        return []
    return list(inside) if isinstance(inside, pikepdf.Array) else [inside]


def _height_of(page: pypdfium2.PdfPage, marks: set[int]) -> float:
    """Millimetres from the top of the highest to the bottom of the lowest object of some marked content."""
    bounds = [
        drawn.get_bounds()
        for drawn in page.get_objects(max_depth=1)
        if pypdfium2.raw.FPDFPageObj_GetMarkedContentID(drawn.raw) in marks
    ]
    if not bounds:
        return 0.0
    return (max(top for *_, top in bounds) - min(low for _, low, _, _ in bounds)) * _MM / 72


def _blank_shares(opened: io.BytesIO) -> list[float]:
    """Share of each page's text area that is blank bands across the measure."""
    found = []
    for page in pypdfium2.PdfDocument(opened):
        picture = np.asarray(page.render(scale=_DPI / 72, grayscale=True).to_numpy()).squeeze()
        found.append(_blank(picture))
    return found


def _blank(picture: np.ndarray) -> float:
    page = tokens().page
    pixels = _DPI / _MM
    left, top = round(page["side"] * pixels), round(page["top"] * pixels)
    area = picture[top : picture.shape[0] - round(page["bottom"] * pixels), left : picture.shape[1] - left]
    is_blank = (area >= _WHITE).all(axis=1)
    edges = np.flatnonzero(np.diff(np.r_[False, is_blank, False].astype(int)))
    heights = edges[1::2] - edges[::2]
    return float(heights[heights >= _BAND * pixels].sum() / len(area))


def _chapter_starts(opened: io.BytesIO) -> set[int]:
    """Pages (from 0) to which a bookmark of the first level leads."""
    with pikepdf.open(opened) as pdf, pdf.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        found = set()
        for item in outline.root:
            target = _resolved(pdf, _target_of(item))
            if target is not None:
                found.add(numbers.get(target[0].objgen, 0))
        return found


def _pages_of_lists(opened: io.BytesIO) -> set[int]:
    """Pages (from 0) of the contents and of the lists of figures and tables: their links are no text that speaks of a figure."""
    with pikepdf.open(opened) as pdf, pdf.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        tops = []
        for item in outline.root:
            target = _resolved(pdf, _target_of(item))
            if target is not None:
                tops.append((numbers.get(target[0].objgen, 0), item.title))
    found: set[int] = set()
    for (start, title), (end, _) in pairwise([*tops, (len(numbers), "")]):
        if title.startswith(_LISTS):
            found |= set(range(start, max(end, start + 1)))
    return found


def _farthest_figure(opened: io.BytesIO) -> tuple[int, str]:
    """The largest distance in pages between a figure and the first link to it, and that figure."""
    with pikepdf.open(opened) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        first: dict[str, int] = {}
        lists = _pages_of_lists(opened)
        for number, page in enumerate(pdf.pages):
            if number in lists:
                continue
            for note in page.obj.get("/Annots", []):
                action: Any = note.get("/A")
                name = _name(note.get("/Dest") or (None if action is None else action.get("/D")))
                if re.match("fig-", name):
                    first.setdefault(name, number)
        distances = {}
        for name, number in first.items():
            target = _resolved(pdf, pikepdf.String(name))
            if target is not None:
                distances[name] = abs(numbers[target[0].objgen] - number)
    farthest = max(distances, key=lambda name: distances[name], default="")
    return distances.get(farthest, 0), farthest


def _name(target: object) -> str:
    return str(target) if isinstance(target, pikepdf.String | str) else ""


def _target_of(item: Any) -> Any:
    """Where a bookmark leads."""
    return item.destination or (None if item.action is None else item.action.get("/D"))


def _resolved(pdf: pikepdf.Pdf, target: Any) -> Any:
    """A destination as an array whose first item is its page; None where there is none."""
    if isinstance(target, pikepdf.Array):
        return target
    names: Any = pdf.Root.get("/Names")
    tree = None if names is None else names.get("/Dests")
    if tree is None or not _name(target):
        return None
    found = pikepdf.NameTree(tree).get(_name(target))
    return found.get("/D") if isinstance(found, pikepdf.Dictionary) else found
