"""Population data of a survey: sampling plan, quotas and progress, margins for the weights.

Goes in: a frame of the population, ``province,industry,status,population``; margins, ``margin,category,population``.
Comes out: the plan, one row per cell; ``Margin`` objects.
Method: study 4.1.1 and 4.1.2: n = N / (1 + N e^2), rounded up, province by province; quotas in proportion to the
population of each industry and status, by largest remainder, so that they sum to n exactly. All in whole numbers and
fractions: no rounding error decides a respondent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import PeriodError, arabic_digits, parse_quarter
from reporter.surveys.answers import IMPOSSIBLE, code_meaning, plain
from reporter.surveys.file_reader import read_grids, reading_aliases
from reporter.surveys.responses import KINDS

CELLS = ("province", "industry", "status")
PLAN_COLUMNS = (*CELLS, "population", "province_population", "province_n", "quota")
_POPULATION = (
    "population",
    "count",
    "n",
    "workers",
    "establishments",
    "persons",
    "จำนวน",
    "ประชากร",
    "จำนวนแรงงาน",
)
# Respondents who do not count (too fast, under 15) take their weights along: a tenth of a file is usual.
_SUM_TOLERANCE = 0.1
# One survey's margins differ by rounding to thousands only; a digit too many or another unit is far above this.
_TOTALS_TOLERANCE = 0.01


def yamane(population: Fraction | int, error: Fraction | float | str) -> int:
    """Sample size N / (1 + N e^2), rounded up; never more than the population. Raises ValueError for e outside (0, 1)."""
    margin = Fraction(str(error))
    if not 0 < margin < 1:
        raise ValueError("error must lie between 0 and 1")
    size = Fraction(population)
    return math.ceil(size / (1 + size * margin**2)) if size > 0 else 0


def largest_remainder(total: int, parts: Sequence[Fraction]) -> list[int]:
    """Split ``total`` in proportion to ``parts`` into whole numbers that sum to it.

    Remainders go to the largest fractions; ties to the larger part, then to the earlier one. Raises ValueError when
    there is something to split and nothing to split it by.
    """
    whole = sum(parts)
    if not whole:
        if total:
            raise ValueError("nothing to split by")
        return [0] * len(parts)
    exact = [total * part / whole for part in parts]
    quotas = [math.floor(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda i: (quotas[i] - exact[i], -parts[i], i))
    for place in order[: total - sum(quotas)]:
        quotas[place] += 1
    return quotas


def plan(frame: pd.DataFrame, error: Fraction | float | str) -> pd.DataFrame:
    """The sampling plan: ``PLAN_COLUMNS``, provinces in the frame's order.

    frame  ``province`` and ``population`` (Fraction), perhaps ``industry`` and ``status``
    """
    parts = []
    for _, cells in frame.groupby("province", sort=False):
        population = sum(cells["population"], Fraction(0))
        size = yamane(population, error)
        quotas = largest_remainder(size, list(cells["population"]))
        whole = np.array([population] * len(cells))
        parts.append(cells.assign(province_population=whole, province_n=size, quota=quotas))
    planned = pd.concat(parts, ignore_index=True)
    for column in ("population", "province_population"):
        planned[column] = [
            int(value) if value.denominator == 1 else float(value) for value in planned[column]
        ]
    return planned[[column for column in PLAN_COLUMNS if column in planned]]


def by_province(planned: pd.DataFrame) -> pd.DataFrame:
    """``province,planned`` of a plan, with the group codes of the tables (``PROVINCE:TH-10``)."""
    totals = planned.groupby("province", sort=False)["quota"].sum()
    return pd.DataFrame(
        {"province": [f"PROVINCE:{code}" for code in totals.index], "planned": totals.to_numpy()}
    )


def by_region(planned: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """``region,provinces,population,quota`` of a plan with its populations, in declared order (study, line 6960)."""
    region_of = {group.code: group.region for group in declarations.groups_of("PROVINCE")}
    totals = planned.groupby("province", sort=False).agg({"province_population": "first", "quota": "sum"})
    totals["region"] = [region_of[f"PROVINCE:{code}"] for code in totals.index]
    found = totals.groupby("region").agg(
        provinces=("quota", "size"), population=("province_population", "sum"), quota=("quota", "sum")
    )
    order = [group.code for group in declarations.groups_of("REGION") if group.code in found.index]
    return found.loc[order].rename_axis("region").reset_index()


def read_frame(path: Path, declarations: Declarations) -> pd.DataFrame:
    """A sampling frame: ``province,industry,status,population``; repeated cells are added up.

    Industry and status may be missing. Raises InputError with a finding for every wrong cell.
    """
    where = path.name
    cells, places = _table(path, where, "population")
    findings: list[Finding] = []
    columns: dict[str, list[Any]] = {
        name: _codes(cells, places[name], name, declarations, findings, where)
        for name in CELLS
        if name in places
    }
    columns["population"] = _amounts(cells, places, "population", findings, where)
    if findings:
        raise InputError(f"กรอบตัวอย่าง {where} ผิด", f"The sampling frame {where} is wrong.", findings)
    frame = pd.DataFrame(columns)
    keys = [name for name in CELLS if name in frame]
    totals: dict[tuple[str, ...], Fraction] = {}
    for key, value in zip(frame[keys].itertuples(index=False, name=None), frame["population"], strict=True):
        totals[key] = totals.get(key, Fraction(0)) + value
    order = {
        group.code.partition(":")[2]: number for number, group in enumerate(declarations.groups.values())
    }
    ranked = sorted(totals, key=lambda key: [order[code] for code in key])
    return pd.DataFrame(ranked, columns=keys).assign(population=np.array([totals[key] for key in ranked]))


def read_plan(path: Path, declarations: Declarations) -> pd.DataFrame:
    """A plan written by ``reporter survey sample``: codes, ``quota``, the populations where the plan has them.

    Without populations a plan says how many were to be asked, but not whom they stand for. Raises InputError.
    """
    where = path.name
    cells, places = _table(path, where, "quota", ("population", "province_population"))
    findings: list[Finding] = []
    columns: dict[str, list[Any]] = {
        name: _codes(cells, places[name], name, declarations, findings, where)
        for name in CELLS
        if name in places
    }
    amounts = _amounts(cells, places, "quota", findings, where)
    for name in ("population", "province_population"):
        if name in places:
            columns[name] = [float(amount) for amount in _amounts(cells, places, name, findings, where)]
    if findings:
        raise InputError(f"แผนตัวอย่าง {where} ผิด", f"The sampling plan {where} is wrong.", findings)
    return pd.DataFrame(columns).assign(quota=[int(amount) for amount in amounts])


@dataclass(frozen=True)
class Margin:
    """How many people of the population are in each category: ``formal``, or ``formal*A`` where columns are crossed.

    columns  of the answers (``status``, ``region``, ``sex`` ..); start: first quarter it holds for, None from the start
    """

    name: str
    columns: tuple[str, ...]
    population: Mapping[str, float]
    start: pd.Period | None = None

    @property
    def total(self) -> float:
        """People in all categories."""
        return sum(self.population.values())


def read_margins(path: Path, declarations: Declarations, questionnaire: Questionnaire) -> list[Margin]:
    """Margins of the population: ``margin,category,population`` and perhaps ``from`` (quarter). Raises InputError.

    ``margin`` names a column of the answers, or several joined by ``*``; ``category`` their codes or Thai names.
    """
    where = f"surveys/{path.name}"
    cells, places = _table(path, where, "population", ("from",), ("margin", "category"))
    meanings = _category_meanings(declarations, questionnaire)
    findings: list[Finding] = []
    people = _amounts(cells, places, "population", findings, where)
    found: dict[tuple[str, pd.Period | None], dict[str, float]] = {}
    for (row, texts), amount in zip(cells.iterrows(), people, strict=True):
        name = "*".join(part.strip().lower() for part in str(texts.iloc[places["margin"]]).split("*"))
        category = _category(name, str(texts.iloc[places["category"]]), meanings)
        start, is_date = _start(str(texts.iloc[places["from"]]) if "from" in places else "")
        if category is None or not is_date or category in found.get((name, start), {}):
            findings.append(
                _wrong_category(where, int(str(row)) + 1, name, str(texts.iloc[places["category"]]), meanings)
            )
        else:
            found.setdefault((name, start), {})[category] = float(amount)
    if findings:
        raise InputError(f"โครงสร้างประชากร {where} ผิด", f"The margins {where} are wrong.", findings)
    return [
        Margin(name, tuple(name.split("*")), population, start)
        for (name, start), population in found.items()
        if sum(population.values()) > 0
    ]


def margins_in_force(margins: Sequence[Margin], period: pd.Period) -> list[Margin]:
    """Of every margin the newest that holds in the quarter."""
    chosen: dict[str, Margin] = {}
    for margin in margins:
        if margin.start is not None and margin.start > period:
            continue
        before = chosen.get(margin.name)
        if (
            before is None
            or before.start is None
            or (margin.start is not None and margin.start > before.start)
        ):
            chosen[margin.name] = margin
    return list(chosen.values())


def weights_finding(
    frame: pd.DataFrame, plan: pd.DataFrame | None, margins: Sequence[Margin], where: str
) -> Finding | None:
    """Weights of a file that sum neither to the population nor, with a mean of 1, to the respondents; None when they do.

    frame   answers that count; plan and margins: those in force. Without either a sum other than the respondents is noted.
    """
    if "weight" not in frame or not frame["weight"].notna().any():
        return None
    weights = frame["weight"].to_numpy(float)
    total = (
        float(np.nansum(weights)) * len(weights) / int(np.isfinite(weights).sum())
    )  # a blank is the mean weight
    people = 0.0
    if plan is not None and "province_population" in plan:
        people = float(plan.drop_duplicates("province")["province_population"].sum())
    elif margins:
        people = margins[0].total
    if any(size and abs(total / size - 1) <= _SUM_TOLERANCE for size in (len(weights), people)):
        return None
    said = f"{total:,.0f}" if total >= 100 else f"{total:,.2f}"
    if not people:
        return Finding(
            "note",
            where,
            f"น้ำหนักรวม {said} แต่ไม่มีจำนวนประชากรให้เทียบ — วางแผนตัวอย่างหรือโครงสร้างประชากรใน surveys/ ถ้าต้องการให้ตรวจ",
            f"The weights sum to {said}, and no population is known to compare it with; put a plan or margins into surveys/ to have it checked.",
            column="weight",
            rule="survey.weights_unchecked",
        )
    return Finding(
        "warning",
        where,
        f"น้ำหนักรวม {said} ไม่เท่ากับประชากร {people:,.0f} และไม่เท่ากับจำนวนผู้ตอบ {len(weights):,} — ตรวจคอลัมน์น้ำหนัก",
        f"The weights sum to {said}, neither to the population of {people:,.0f} nor to the {len(weights):,} respondents; check them.",
        column="weight",
        value=said,
        rule="survey.weights",
    )


def totals_finding(margins: Sequence[Margin], where: str) -> Finding | None:
    """A warning where the margins in force add up to populations of different size; None where they agree."""
    totals = {margin.name: margin.total for margin in margins}
    if not totals or max(totals.values()) <= (1 + _TOTALS_TOLERANCE) * min(totals.values()):
        return None
    said = ", ".join(f"{name} {total:,.0f}" for name, total in totals.items())
    return Finding(
        "warning",
        where,
        f"ยอดรวมของโครงสร้างประชากรต่างกัน ({said}) — แต่ละชุดต้องเป็นประชากรกลุ่มเดียวกัน ตรวจตัวเลขและหน่วย การถ่วงน้ำหนักใช้เพียงสัดส่วน",
        f"The margins add up to different totals ({said}); all must be of one population: check numbers and units. Only their"
        " shares are used.",
        rule="survey.margin_totals",
    )


def categories_of(frame: pd.DataFrame, margin: Margin, region_of: Mapping[str, str]) -> np.ndarray:
    """Place of every respondent's category in the margin, -1 where it is not known."""
    texts = texts_of(frame, margin, region_of)
    if texts is None:
        return np.full(len(frame), -1)
    order = {category: place for place, category in enumerate(margin.population)}
    return texts.map(order).fillna(-1).to_numpy(dtype=int)


def texts_of(frame: pd.DataFrame, margin: Margin, region_of: Mapping[str, str]) -> pd.Series | None:
    """Category of every respondent as the margin names it, NaN where an answer is missing; None without the column."""
    texts = pd.Series("", index=frame.index, dtype=object)
    for number, column in enumerate(margin.columns):
        own = frame["province"].astype(object).map(region_of) if column == "region" else frame.get(column)
        if own is None:
            return None
        texts = texts + ("*" if number else "") + own.astype(object)
    return texts


def _category_meanings(
    declarations: Declarations, questionnaire: Questionnaire
) -> dict[str, Callable[[str], object]]:
    """How the categories of each column may be written, by column."""
    kinds = {**KINDS, "region": "REGION", **{entry.id: entry.kind for entry in questionnaire.demographics}}
    aliases = reading_aliases()
    return {
        column: code_meaning(declarations.groups_of(kind), aliases, column)[0]
        for column, kind in kinds.items()
    }


def _category(name: str, text: str, meanings: Mapping[str, Callable[[str], object]]) -> str | None:
    columns, parts = name.split("*"), text.split("*")
    if len(columns) != len(parts) or not all(column in meanings for column in columns):
        return None
    codes = [meanings[column](part) for column, part in zip(columns, parts, strict=True)]
    return (
        "*".join(map(str, codes))
        if all(code is not None and code is not IMPOSSIBLE for code in codes)
        else None
    )


def _start(text: str) -> tuple[pd.Period | None, bool]:
    """First quarter of a margin, and whether the text can be read."""
    if not text.strip():
        return None, True
    try:
        return parse_quarter(text.strip()), True
    except PeriodError:
        return None, False


def _wrong_category(
    where: str, row: int, margin: str, category: str, meanings: Mapping[str, Callable[[str], object]]
) -> Finding:
    known = ", ".join(meanings)
    return Finding(
        "error",
        where,
        f'พบ margin "{margin}" หมวด "{category}" — ใช้คอลัมน์ {known} (ไขว้กันด้วย *) รหัสหรือชื่อไทยของหมวด ไม่ซ้ำกัน และไตรมาสแบบ 2568-Q1',
        f'Found margin "{margin}", category "{category}"; use the columns {known} (joined by *), codes or Thai names of'
        " their categories, each once, and quarters as 2025-Q1.",
        row=row,
        column="category",
        rule="survey.margins",
    )


def progress(planned: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Fieldwork against quota: the plan's cells with ``achieved``, ``missing`` and ``surplus``.

    frame  answers as ``reporter.surveys.responses.read`` gives them; a respondent of a cell without a quota counts in
           a row of its own with quota 0
    """
    keys = [name for name in CELLS if name in planned and name in frame]
    known = frame[keys].astype(object).dropna()
    achieved = known.groupby(keys, sort=False).size().rename("achieved").reset_index()
    quotas = planned.groupby(keys, sort=False)["quota"].sum().reset_index()
    joined = quotas.merge(achieved, on=keys, how="outer", sort=False).fillna({"quota": 0, "achieved": 0})
    joined[["quota", "achieved"]] = joined[["quota", "achieved"]].astype("int64")
    gap = joined["quota"] - joined["achieved"]
    return joined.assign(missing=np.maximum(gap, 0), surplus=np.maximum(-gap, 0)).sort_values(
        keys, ignore_index=True
    )


def daily_progress(planned: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """``date,province,new,achieved,quota,share``: respondents of each day, and together by its end.

    frame  answers with ``moment`` (seconds since 1970); those without a date count on no day
    """
    columns = ["date", "province", "new", "achieved", "quota", "share"]
    if "moment" not in frame or frame["moment"].isna().all():
        return pd.DataFrame(columns=columns)
    dated = frame[frame["moment"].notna() & frame["province"].notna()]
    day = pd.to_datetime(dated["moment"], unit="s").dt.date.astype(str)
    counted = (
        dated.groupby([day.rename("date"), dated["province"].astype(str)]).size().rename("new").reset_index()
    )
    quotas = planned.groupby("province")["quota"].sum()
    counted["achieved"] = counted.groupby("province")["new"].cumsum()
    counted["quota"] = counted["province"].map(quotas).fillna(0).astype("int64")
    counted["share"] = (counted["achieved"] / counted["quota"].replace(0, np.nan)).round(3)
    return counted[columns]


def empty_frame(declarations: Declarations) -> pd.DataFrame:
    """A sampling frame to be filled in: ``province,industry,status,population,province_th,industry_th``."""
    names = names_of(declarations)
    kinds = [
        [group.code.partition(":")[2] for group in declarations.groups_of(KINDS[name])] for name in CELLS
    ]
    cells = pd.MultiIndex.from_product(kinds, names=list(CELLS)).to_frame(index=False)
    return cells.assign(
        population="", province_th=cells["province"].map(names), industry_th=cells["industry"].map(names)
    )


def _table(
    path: Path, where: str, amount: str, others: Sequence[str] = (), needed: Sequence[str] = ("province",)
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Cells below the header, and the columns of province, industry, status, the amount, and others by their name."""
    grid = read_grids(path, where)[0]
    known = reading_aliases().columns
    wanted = {name: {plain(alias) for alias in known[name]} for name in CELLS}
    wanted |= {name: {plain(name)} for name in (*others, *needed) if name not in wanted}
    wanted[amount] = {plain(alias) for alias in (amount, *(_POPULATION if amount == "population" else ()))}
    places: dict[str, int] = {}
    for column, header in enumerate(grid.row(0)):
        for name, aliases in wanted.items():
            if plain(header) in aliases:
                places.setdefault(name, column)
    missing = [name for name in (*needed, amount) if name not in places]
    if missing:
        header = "province,industry,status" if "province" in needed else ",".join(needed)
        finding = Finding(
            "error",
            where,
            f"ไม่มีคอลัมน์ {', '.join(missing)} — หัวตารางต้องเป็น {header},{amount}",
            f"Column {', '.join(missing)} is missing; the header must be {header},{amount}.",
            row=1,
        )
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", [finding])
    body = grid.cells.iloc[1:]
    return body[(body != "").any(axis=1)], places


def _codes(
    cells: pd.DataFrame,
    place: int,
    name: str,
    declarations: Declarations,
    findings: list[Finding],
    where: str,
) -> list[Any]:
    meaning, _ = code_meaning(declarations.groups_of(KINDS[name]), reading_aliases(), name)
    found = []
    for row, text in zip(cells.index, cells.iloc[:, place], strict=True):
        code = meaning(str(text))
        if code is None or code is IMPOSSIBLE:
            findings.append(
                Finding(
                    "error",
                    where,
                    f'พบ "{text}" — ใช้รหัสหรือชื่อไทยของ {name} ตามทะเบียนกลุ่ม',
                    f'Found "{text}"; use a code or Thai name of {name}.',
                    row=int(row) + 1,
                    column=name,
                )
            )
        found.append(code)
    return found


def _amounts(
    cells: pd.DataFrame, places: Mapping[str, int], name: str, findings: list[Finding], where: str
) -> list[Fraction]:
    """Numbers of one column. Cells that were not filled in are one finding, whatever their number: 0 has to be written."""
    found = []
    texts = cells.iloc[:, places[name]].astype(str).str.strip()
    if (texts == "").any():
        findings.append(_unfilled(texts, name, where))
    for row, text in texts.items():
        if not text:
            found.append(Fraction(0))
            continue
        try:
            amount = Fraction(arabic_digits(str(text)).replace(",", "").strip())
        except (ValueError, ZeroDivisionError):
            amount = Fraction(-1)
        if amount < 0:
            findings.append(
                Finding(
                    "error",
                    where,
                    f'พบ "{text}" — ต้องเป็นจำนวนตั้งแต่ 0 ขึ้นไป',
                    f'Found "{text}"; must be a number, 0 or more.',
                    row=int(str(row)) + 1,
                    column=name,
                )
            )
        found.append(amount)
    return found


def _unfilled(texts: pd.Series, name: str, where: str) -> Finding:
    empty = texts.index[texts == ""]
    return Finding(
        "error",
        where,
        f"ยังไม่ได้กรอก {name} {len(empty):,} จาก {len(texts):,} แถว — กรอกจำนวนให้ครบ ช่องที่ไม่มีคนให้ใส่ 0 หรือลบแถวนั้น",
        f"{name} is empty in {len(empty):,} of {len(texts):,} rows; fill it in, write 0 where there is nobody, or delete the row.",
        row=int(empty[0]) + 1,
        column=name,
    )


def names_of(declarations: Declarations) -> Mapping[str, str]:
    """Thai names by code tail (``TH-10``, ``C``, ``formal``), for printed sheets."""
    return {group.code.partition(":")[2]: group.name.th for group in declarations.groups.values()}
