"""Random tables of an issue that agree with each other, for the truth checker: ordinary ones and degenerate ones.

Goes in: a seed. Comes out: the tables and the name of their case. What the index, its parts, the surveys and the forecast say is drawn
anew for every seed, and everything that follows from it by definition is worked out here by sums of its own: contributions add up to
the change, an indicator's part to its dimension's, an index of a survey is the mean of its questions. Tables of methods, which no
claim rests on, are those of ``tests.support.tables``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from reporter.domain import schema
from tests.support.issue import declarations
from tests.support.survey_tables import ACTIONS, ASPECTS, TRAITS
from tests.support.tables import empty_tables, example_tables

LAST = "2025-Q3"
LAGS = {"quarter": 1, "year": 4}
CASES = (
    "plain", "all_equal", "one_dimension", "ties", "one_group", "first_quarter", "dimension_without_data", "no_surveys",
    "one_survey", "negative_forecast", "equal_contributions", "round_alike", "five_dimensions", "no_year_ago", "huge_changes",
    "holes", "everything_estimated", "dimension_came_back", "no_indicators", "two_indicators_equal", "tiny_changes", "many_quarters",
)  # fmt: skip
_GROUPS = {
    "STATUS": ("formal", "informal"),
    "REGION": ("bangkok", "central", "north", "northeast", "south"),
    "INDUSTRY": ("A", "C", "F", "G", "I", "P"),
    "PROVINCE": ("TH-10", "TH-12", "TH-50", "TH-80", "TH-83", "TH-90", "TH-96"),
    "SKILL": ("high", "medium", "low"),
    "WORK": ("contract", "part_time", "full_time"),
}
# Tables that random_tables makes, and large ones that no sentence reads.
_LEFT = (
    "observations",
    "observation_history",
    "monthly_indicators",
    "labour_index",
    "series",
    "confidence_pooled",
)


@dataclass
class _Draw:
    """A seed's generator, its case, and what is drawn first: quarters and the values of every dimension."""

    case: str
    rng: np.random.Generator
    quarters: list[str]
    present: list[str]
    weights: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    values: pd.DataFrame = field(default_factory=pd.DataFrame)  # quarter x dimension
    states: dict[str, str] = field(default_factory=dict)  # indicator -> state of the quarter


def frame(name: str, rows: list[tuple]) -> pd.DataFrame:
    """A table from rows, whose last columns may be left out."""
    return pd.DataFrame(rows, columns=schema.columns(name)[: len(rows[0]) if rows else 0])


@cache
def _methods() -> dict[str, pd.DataFrame]:
    """Tables of methods, made once."""
    return {name: table for name, table in example_tables(LAST).items() if name not in _LEFT}


@cache
def _empty() -> dict[str, pd.DataFrame]:
    return empty_tables()


def random_tables(seed: int) -> tuple[dict[str, pd.DataFrame], str]:
    """Tables of 2025-Q3 and the name of the case; the same seed gives the same tables."""
    draw = _draw(seed)
    made = dict(_methods() if seed % 2 else _empty())  # every second issue has no tables of methods
    index = _index_tables(draw)
    made |= (
        index | _indicator_tables(draw) | _group_tables(draw, index["labour_index"]) | _economy_tables(draw)
    )
    made |= _forecast_tables(draw) | _survey_tables(draw) | _other_tables(draw) | _signal_table(draw)
    return {name: _shaped(name, table) for name, table in made.items()}, draw.case


def _shaped(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with every declared column; dtypes stay as drawn, which saves a third of the time."""
    if any(table is made.get(name) for made in (_methods(), _empty())):
        return table
    declared = schema.declared_tables()[name].columns
    if table.empty:
        return _empty()[name]
    return pd.DataFrame(
        {column: table[column].to_numpy() if column in table else None for column in declared}
    )


def _draw(seed: int) -> _Draw:
    case, rng = CASES[seed % len(CASES)], np.random.default_rng(seed)
    count = {"first_quarter": 1, "no_year_ago": 3, "many_quarters": 40}.get(case, int(rng.integers(5, 10)))
    end = pd.Period("2025Q3", freq="Q-DEC")
    quarters = [f"{p.year}-Q{p.quarter}" for p in pd.period_range(end=end, periods=count, freq="Q-DEC")]
    dimensions = list(declarations().dimensions)
    kept = {"one_dimension": 1, "five_dimensions": 5, "dimension_without_data": 9}.get(case, 10)
    present = sorted(rng.choice(dimensions, kept, replace=False), key=dimensions.index)
    draw = _Draw(case, rng, quarters, present)
    weights = rng.dirichlet(np.full(len(dimensions), 4.0))
    draw.weights = pd.Series(weights, dimensions)
    draw.values = _values(draw)
    draw.states = _states(draw)
    if draw.case == "equal_contributions":
        _make_equal(draw)
    return draw


def _values(draw: _Draw) -> pd.DataFrame:
    rng, shape = draw.rng, (len(draw.quarters), len(draw.present))
    step = {"huge_changes": 25.0, "tiny_changes": 0.02, "round_alike": 0.05}.get(
        draw.case, rng.uniform(0.3, 5)
    )
    levels = 100 + rng.normal(0, 6, shape[1]) + np.cumsum(rng.normal(0, step, shape), axis=0)
    if draw.case == "all_equal":
        levels = np.full(shape, 100.0)
    if draw.case == "ties":
        levels = np.round(levels)
    if draw.case == "round_alike":
        levels = np.round(levels) + 0.05 * np.sign(rng.normal(size=shape))  # on the edge of rounding
    return pd.DataFrame(levels, draw.quarters, draw.present)


def _states(draw: _Draw) -> dict[str, str]:
    """The state of every indicator's quarter; a dimension that is not there has no data."""
    choices, shares = ("observed", "partial", "estimated", "absent"), (0.7, 0.1, 0.15, 0.05)
    found = {}
    for item in declarations().indicators.values():
        state = str(draw.rng.choice(choices, p=shares))
        if draw.case == "everything_estimated":
            state = "estimated"
        found[item.id] = state if item.dimension in draw.present else "absent"
    for name in draw.present:  # a dimension that is there has at least one indicator with data
        own = [item.id for item in declarations().members(name)]
        if draw.case != "everything_estimated" and not {found[i] for i in own} & {"observed", "partial"}:
            found[own[0]] = "observed"
    return found


def _step(draw: _Draw, lag: int) -> str | None:
    return draw.quarters[-1 - lag] if len(draw.quarters) > lag else None


# ------------------------------------------------------------------------------------------------------ the index


def _composite(draw: _Draw) -> pd.Series:
    weights = draw.weights[draw.present]
    return (draw.values * (weights / weights.sum())).sum(axis=1)


def _index_tables(draw: _Draw) -> dict[str, pd.DataFrame]:
    wide = draw.values.assign(overall=_composite(draw))
    index = wide.rename_axis("period").reset_index().melt("period", var_name="dimension")
    half = draw.rng.uniform(0.2, 4, len(index))
    index = index.assign(
        group="TH", low80=index["value"] - half, high80=index["value"] + half, status="provisional",
        low95=index["value"] - 1.5 * half, high95=index["value"] + 1.5 * half,
    )  # fmt: skip
    index.loc[index["dimension"].isin(_without_data(draw)) & (index["period"] == LAST), "status"] = "nowcast"
    if draw.case == "dimension_came_back":
        before = (index["dimension"] == draw.present[0]) & (index["period"] != LAST)
        index.loc[before, "status"] = "nowcast"
    changes = []
    for against, lag in LAGS.items():
        if _step(draw, lag):
            moved = wide.iloc[-1] - wide.iloc[-1 - lag]
            half = draw.rng.uniform(0.1, 4, len(moved))
            changes.append(
                pd.DataFrame(
                    {
                        "dimension": moved.index, "against": against, "period": LAST, "change": moved.to_numpy(),
                        "low": moved.to_numpy() - half, "high": moved.to_numpy() + half,
                        "clear": np.abs(moved.to_numpy()) > half,
                    }
                )
            )  # fmt: skip
    has_changes = bool(changes) and draw.rng.random() < 0.7
    return {
        "labour_index": index,
        "index_changes": pd.concat(changes) if has_changes else pd.DataFrame(),
        "weights": pd.DataFrame({"dimension": draw.weights.index, "weight": draw.weights.to_numpy()}),
        "contributions": _contributions(draw),
        "indicator_contributions": _parts(draw),
    }


def _without_data(draw: _Draw) -> list[str]:
    """Dimensions of which no indicator has data in the quarter."""
    with_data = {
        item.dimension
        for item in declarations().indicators.values()
        if draw.states[item.id] in ("observed", "partial")
    }
    return [name for name in draw.present if name not in with_data]


def _contributions(draw: _Draw) -> pd.DataFrame:
    weights = draw.weights[draw.present]
    weights = weights / weights.sum()
    made = []
    for against, lag in LAGS.items():
        change = (draw.values.diff(lag) * weights).iloc[lag:]
        long = (
            change.rename_axis("period")
            .reset_index()
            .melt("period", var_name="dimension", value_name="contribution")
        )
        made.append(long.assign(against=against))
    return pd.concat(made)


def _make_equal(draw: _Draw) -> None:
    """Two dimensions weigh and move alike, more than the others: the two largest contributions are equal."""
    first, second = draw.present[:2]
    draw.values[first] = draw.values[first] + 30 * (np.arange(len(draw.quarters)) % 2)
    draw.values[second] = draw.values[first]
    draw.weights[[first, second]] = draw.weights[[first, second]].mean()


def _parts(draw: _Draw) -> pd.DataFrame:
    """Every indicator's part of its sub-index's change, and of the composite's; a rest comes from other dimensions."""
    weights = draw.weights[draw.present]
    weights = weights / weights.sum()
    rows = []
    for against, lag in LAGS.items():
        before = _step(draw, lag)
        if before is None or draw.case == "no_indicators":
            continue
        for name in draw.present:
            change = draw.values.loc[LAST, name] - draw.values.loc[before, name]
            own = [i.id for i in declarations().members(name) if draw.states[i.id] != "absent"]
            parts = change * draw.rng.normal(1, 1.5, len(own) + 1) / (len(own) + 1)
            parts[-1] += change - parts.sum()
            if draw.case == "two_indicators_equal" and len(own) > 1:
                parts[:2] = parts[:2].mean()
            rows += [
                (LAST, against, name, indicator, part * weights[name], part)
                for indicator, part in zip([*own, "other_dimensions"], parts, strict=True)
            ]
    return frame("indicator_contributions", rows)


# ------------------------------------------------------------------------------------------------- the indicators

_LEVELS = {
    "baht": 2000.0, "baht_per_month": 15000.0, "baht_per_person": 68000.0, "positions": 60000.0, "persons": 40000.0, "index": 100.0,
    "pp": 5.0, "percent_growth": 1.0, "percent": 20.0, "per_1000": 2.0, "hours_per_week": 41.0, "percent_of_mean": 3.0,
}  # fmt: skip


def _indicator_tables(draw: _Draw) -> dict[str, pd.DataFrame]:
    series, movers, status = [], [], []
    for item in declarations().indicators.values():
        state, rng = draw.states[item.id], draw.rng
        level = _LEVELS[item.unit] * rng.uniform(0.5, 1.5)
        adjusted = level + level * 0.03 * np.cumsum(rng.normal(size=len(draw.quarters)))
        if draw.case in ("all_equal", "tiny_changes"):
            adjusted = level + (0 if draw.case == "all_equal" else 1e-4) * np.arange(len(draw.quarters))
        if item.unit == "percent_growth":
            adjusted = adjusted - level  # growth may be negative
        raw = adjusted * rng.uniform(0.97, 1.03, len(adjusted)) if rng.random() < 0.7 else adjusted
        end = (
            LAST if state in ("observed", "partial") else draw.quarters[-2] if len(draw.quarters) > 1 else ""
        )
        known = state != "absent" and bool(end)
        if known:
            series.append(_series(item.id, item.frequency, draw.quarters, raw, adjusted, state))
            if state in ("observed", "partial"):
                movers += _moves(item, adjusted, rng)
        last = end.replace("-Q3", "-09").replace("-Q2", "-06") if item.frequency == "monthly" else end
        last = last.replace("-09", "-08") if state == "partial" and item.frequency == "monthly" else last
        status.append(
            (
                item.id, item.dimension, item.frequency, draw.quarters[0] if known else None, last if known else None,
                len(draw.quarters), 0, "used" if known else "missing", False, "", "", state if known else "absent",
            )
        )  # fmt: skip
    return {
        "series": pd.concat(series) if series else pd.DataFrame(),
        "movers": frame("movers", movers),
        "indicator_status": frame("indicator_status", status),
    }


def _series(
    name: str, frequency: str, quarters: list[str], raw: np.ndarray, adjusted: np.ndarray, state: str
) -> pd.DataFrame:
    """The published and the adjusted figures; monthly ones three times a quarter, an estimated quarter has none."""
    until = len(quarters) - (state == "estimated")
    own = quarters[:until]
    if frequency == "monthly":
        months = [f"{q[:4]}-{3 * int(q[-1]) - 2 + month:02d}" for q in own for month in range(3)]
        months = months[:-1] if state == "partial" else months
        return pd.DataFrame(
            {
                "indicator": name, "group": "TH", "period": months, "raw": np.repeat(raw[:until], 3)[: len(months)],
                "adjusted": np.repeat(adjusted[:until], 3)[: len(months)],
            }
        )  # fmt: skip
    return pd.DataFrame(
        {"indicator": name, "group": "TH", "period": own, "raw": raw[:until], "adjusted": adjusted[:until]}
    )


def _moves(item: object, adjusted: np.ndarray, rng: np.random.Generator) -> list[tuple]:
    rows = []
    for against, lag in LAGS.items():
        if len(adjusted) <= lag:
            continue
        change = adjusted[-1] - adjusted[-1 - lag]
        spread = max(float(np.std(np.diff(adjusted))), 1e-9) * rng.uniform(0.7, 1.3)
        deviation = item.polarity * change / spread
        way = "unchanged" if abs(deviation) < 0.1 else "improved" if deviation > 0 else "worsened"
        rows.append(
            (LAST, against, item.id, item.dimension, adjusted[-1], adjusted[-1 - lag], change, deviation, way)
        )
    return rows


def _economy_tables(draw: _Draw) -> dict[str, pd.DataFrame]:
    rng, rows = draw.rng, []
    for name in declarations().macro:
        kept = draw.quarters[: len(draw.quarters) - int(rng.integers(0, 2))] if rng.random() < 0.9 else []
        values = rng.normal(1.0, 2.0, len(kept))
        if draw.case == "all_equal":
            values = np.full(len(kept), 2.0)
        rows += [(name, period, value) for period, value in zip(kept, values, strict=True)]
    leads = [
        (name, "labour_index", lead, rng.uniform(-0.9, 0.9), 40)
        for name in declarations().macro for lead in range(-4, 5)
    ]  # fmt: skip
    return {
        "macro": frame("macro", rows),
        "cross_correlations": frame("cross_correlations", leads if rng.random() < 0.6 else []),
    }


# ------------------------------------------------------------------------------------------------------- groups


def _group_tables(draw: _Draw, national: pd.DataFrame) -> dict[str, pd.DataFrame]:
    rng = draw.rng
    index, ranking, status, parts = [], [], [], []
    for kind in ("STATUS", "REGION", "INDUSTRY", "PROVINCE"):
        codes = [f"{kind}:{code}" for code in _GROUPS[kind]]
        if draw.case == "one_group":
            codes = codes[:1]
        if draw.case in ("first_quarter", "one_dimension") and rng.random() < 0.5:
            codes = []
        refused = [code for code in codes if rng.random() < 0.1]
        codes = [code for code in codes if code not in refused]
        values = (
            100
            + rng.normal(0, 6, len(codes))[:, None]
            + np.cumsum(rng.normal(0, 2, (len(codes), len(draw.quarters))), axis=1)
        )
        if draw.case in ("ties", "all_equal"):
            values = np.round(values / 5) * 5
        index.append(_group_index(codes, draw.quarters, values))
        ranking += _ranking(draw, kind, codes, values)
        status += [(code, "overall", "used", 5, 0.5, "", "", "") for code in codes]
        status += [(code, "overall", "refused", 1, 0.1, "ข้อมูลไม่พอให้คำนวณดัชนี", "", "") for code in refused]
        for against, lag in LAGS.items():
            if len(draw.quarters) > lag:
                parts += _group_parts(draw, codes, values[:, -1] - values[:, -1 - lag], against)
    return {
        "labour_index": pd.concat([national, *index]),
        "group_ranking": frame("group_ranking", ranking),
        "group_status": frame("group_status", status),
        "group_contributions": frame("group_contributions", parts),
    }


def _group_index(codes: list[str], quarters: list[str], values: np.ndarray) -> pd.DataFrame:
    long = (
        pd.DataFrame(values, codes, quarters)
        .rename_axis("group")
        .reset_index()
        .melt("group", var_name="period")
    )
    names = {
        name: long["value"] + side
        for name, side in (("low80", -2), ("high80", 2), ("low95", -3), ("high95", 3))
    }
    return long.assign(dimension="overall", status="provisional", **names)


def _ranking(draw: _Draw, kind: str, codes: list[str], values: np.ndarray) -> list[tuple]:
    rng, rows = draw.rng, []
    ranks = (-values[:, -1]).argsort().argsort() + 1
    for place, code in enumerate(codes):
        value, half = values[place, -1], rng.uniform(0.5, 6)
        low, high = (value - half, value + half) if rng.random() < 0.9 else (np.nan, np.nan)
        change = [
            value - values[place, -1 - lag] if len(draw.quarters) > lag else np.nan for lag in LAGS.values()
        ]
        rank = int(ranks[place])
        rows.append(
            (kind, code, LAST, value, low, high, rank, max(1, rank - 1), min(len(codes), rank + 1), *change,
             value, value - half, value + half, 100 + rng.normal(0, 3), int(rng.integers(3, 9)))
        )  # fmt: skip
    return rows


def _group_parts(draw: _Draw, codes: list[str], changes: np.ndarray, against: str) -> list[tuple]:
    rows = []
    for code, change in zip(codes, changes, strict=True):
        own = draw.present[:5]
        parts = draw.rng.normal(0, 1, len(own))
        parts[-1] += change - parts.sum()
        rows += [(code, LAST, against, name, part) for name, part in zip(own, parts, strict=True)]
    return rows


# ------------------------------------------------------------------------------------------------------ forecast


def _forecast_tables(draw: _Draw) -> dict[str, pd.DataFrame]:
    rng, level = draw.rng, float(_composite(draw).iloc[-1])
    ahead = ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    mean = level + np.cumsum(rng.normal(0, rng.uniform(0.1, 3), 4))
    if draw.case == "negative_forecast":
        mean = -np.abs(mean) + np.arange(4)
    half = rng.uniform(0.5, 6) * np.sqrt(np.arange(1, 5))
    if draw.case in ("first_quarter", "one_dimension") or rng.random() < 0.1:
        return {
            name: pd.DataFrame()
            for name in ("forecast", "forecast_evaluation", "forecast_scorecard", "forecast_notes")
        }
    forecast = pd.DataFrame(
        {"period": ahead, "mean": mean, "low80": mean - half, "high80": mean + half, "low95": mean - 1.5 * half, "high95": mean + 1.5 * half}
    )  # fmt: skip
    rows = []
    chosen = str(rng.choice(["sarima", "ets", "naive", "combination"]))
    for model in ("sarima", "ets", "naive", "ar", "snaive", "combination", "procedure"):
        for step in range(1, 5):
            rmse = rng.uniform(1, 9)
            rows.append((model, step, rmse, rmse * 0.8, model == chosen, rng.uniform(0.4, 1.4), rng.uniform(0.5, 1), 0.95, rng.normal(), rng.uniform(), 20, 1.0, 0.5))  # fmt: skip
    return {
        "forecast": forecast,
        "forecast_evaluation": frame("forecast_evaluation", rows),
        "forecast_scorecard": frame("forecast_scorecard", _scores(draw)),
        "forecast_notes": pd.DataFrame(),
    }


def _scores(draw: _Draw) -> list[tuple]:
    """Earlier forecasts beside what came, of one quarter ahead."""
    composite, rows = _composite(draw), []
    for before, period in zip(draw.quarters, draw.quarters[1:], strict=False):
        mean, half = composite[period] + draw.rng.normal(0, 2), draw.rng.uniform(0.5, 4)
        actual = composite[period]
        kind = str(draw.rng.choice(["published", "rolling_origin"]))
        rows.append(
            (
                before,
                period,
                mean,
                mean - half,
                mean + half,
                actual,
                actual - mean,
                abs(actual - mean) <= half,
                kind,
            )
        )
    return rows


# ------------------------------------------------------------------------------------------------------- surveys


def _survey_tables(draw: _Draw) -> dict[str, pd.DataFrame]:
    surveys = {"no_surveys": [], "one_survey": [str(draw.rng.choice(["employer", "worker"]))]}.get(
        draw.case, ["employer", "worker"]
    )
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in _SURVEY_TABLES}
    for survey in surveys:
        items = _item_values(draw, survey)
        found["confidence_items"].append(_items(draw, survey, items))
        found["confidence"].append(_confidence(draw, survey, items))
        found["survey_status"].append(
            frame("survey_status", [(survey, q, 1000, 950, 50, 10, 5, 1, 1) for q in draw.quarters])
        )
        found["survey_weights"].append(_weights(draw, survey, found["confidence"][-1]))
    if "worker" in surveys:
        found["employer_actions"].append(_share_table(draw, "action", ACTIONS))
        found["priorities"].append(_priorities(draw))
        found["priorities_by_group"].append(_priorities(draw).assign(group="STATUS:formal"))
        found["priorities_by_group"].append(_priorities(draw).assign(group="INDUSTRY:D", flag="small"))
    if "employer" in surveys:
        found["traits"].append(_share_table(draw, "trait", TRAITS))
        found["trait_gap"].append(_gaps(draw, found["traits"][-1]))
    made = {name: pd.concat(parts) if parts else pd.DataFrame() for name, parts in found.items()}
    made["joint_correlations"] = _joint_correlations(draw, surveys)
    return made | {"confidence_change": _changes(made["confidence"], draw)}


_SURVEY_TABLES = (
    "confidence", "confidence_items", "survey_status", "survey_weights", "employer_actions", "priorities", "priorities_by_group",
    "traits", "trait_gap",
)  # fmt: skip


def _item_values(draw: _Draw, survey: str) -> pd.DataFrame:
    """Score of every question by quarter, 0 to 200."""
    items = [item.column for item in declarations().questionnaires[survey].items]
    rng, shape = draw.rng, (len(draw.quarters), len(items))
    values = rng.uniform(70, 140, shape[1]) + np.cumsum(rng.normal(0, rng.uniform(0.2, 4), shape), axis=0)
    if draw.case in ("ties", "all_equal"):
        values = np.round(values / 10) * 10 if draw.case == "ties" else np.full(shape, 100.0)
    return pd.DataFrame(np.clip(values, 2, 198), draw.quarters, items)


def _items(draw: _Draw, survey: str, values: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for item in declarations().questionnaires[survey].items:
        for period in draw.quarters:
            value = float(values.loc[period, item.column])
            high = value / 200
            shares = [
                high**4,
                4 * high**3 * (1 - high),
                6 * (high * (1 - high)) ** 2,
                4 * high * (1 - high) ** 3,
                (1 - high) ** 4,
            ]
            rows.append(
                (
                    survey,
                    item.column,
                    item.domain,
                    "TH",
                    period,
                    value,
                    900,
                    value - 1.5,
                    value + 1.5,
                    "",
                    *shares,
                )
            )
    table = frame("confidence_items", rows)
    for against, lag in LAGS.items():  # some questions change by more than chance, all of them or none
        change = table.groupby("item")["value"].diff(lag)
        table[f"p_value_{against}"] = draw.rng.uniform(0, 1, len(table))
        chance = draw.rng.choice([0.0, 0.3, 0.9, 1.0])
        table[f"significant_{against}"] = (draw.rng.uniform(size=len(table)) > chance) & change.abs().gt(0)
    return table


def _confidence(draw: _Draw, survey: str, items: pd.DataFrame) -> pd.DataFrame:
    """The index and its domains by the questionnaire's formula; groups lie about the nation."""
    asked, rng = declarations().questionnaires[survey], draw.rng
    domains = {
        option.id: items[[item.column for item in asked.items if item.domain == option.id]].mean(axis=1)
        for option in asked.domains
    }
    overall = pd.DataFrame(domains).mean(axis=1) if asked.aggregation == "domains" else items.mean(axis=1)
    rows = []
    for name, values in (domains | {"overall": overall}).items():
        rows += _tested(draw, survey, name, "TH", values.to_numpy(), 900)
    for kind, codes in _GROUPS.items():
        if kind == "WORK" and survey == "employer":
            continue
        for code in codes[: 1 if draw.case == "one_group" else None]:
            n = int(rng.choice([5, 20, 60, 400]))
            values = overall.to_numpy() + rng.normal(0, 8) + rng.normal(0, 1.5, len(overall))
            if draw.case in ("ties", "all_equal"):
                values = np.round(values / 10) * 10
            rows += _tested(draw, survey, "overall", f"{kind}:{code}", np.clip(values, 1, 199), n)
    if draw.case == "holes":
        gone = draw.quarters[-2:-1]
        rows = [row for row in rows if row[3] not in gone]
    return frame("confidence", rows)


def _tested(draw: _Draw, survey: str, domain: str, group: str, values: np.ndarray, n: int) -> list[tuple]:
    """Rows of one series; a group of fewer than 10 answers is suppressed, one of fewer than 30 marked."""
    flag, half = ("suppressed" if n < 10 else "small" if n < 30 else ""), 60 / np.sqrt(n)
    rows = []
    for place, period in enumerate(draw.quarters):
        value = values[place]
        tests: list[float | bool] = []
        for lag in LAGS.values():
            change = value - values[place - lag] if place >= lag else np.nan
            tests.append(float(np.exp(-0.5 * (change / half) ** 2)) if place >= lag else np.nan)
        clear = [bool(p < 0.03) for p in tests]
        given = (
            (value, n, value - half, value + half) if flag != "suppressed" else (np.nan, n, np.nan, np.nan)
        )
        tests = tests if flag != "suppressed" else [np.nan, np.nan]
        clear = clear if flag != "suppressed" else [False, False]
        cv = half / 2 / value  # two standard errors are half an interval
        rows.append((survey, domain, group, period, *given, flag, value, n, cv, *tests, *clear))
    return rows


def _changes(confidence: pd.DataFrame, draw: _Draw) -> pd.DataFrame:
    """Changes of every series against the quarter and the year before, with the tests of ``confidence``."""
    if confidence.empty:
        return pd.DataFrame()
    keys, made = ["survey", "domain", "group"], []
    now = confidence[confidence["period"] == LAST].set_index(keys)
    for against, lag in LAGS.items():
        before = _step(draw, lag)
        if before is None:
            continue
        then = confidence[confidence["period"] == before].set_index(keys)
        change = (now["value"] - then["value"]).dropna()
        own = now.loc[change.index]
        made.append(
            pd.DataFrame(
                {
                    "period": LAST, "against": against, "change": change, "low": change - 2, "high": change + 2,
                    "p_value": own[f"p_value_{against}"], "significant": own[f"significant_{against}"], "flag": own["flag"],
                    "items": 5, "family": "domains",
                }
            ).reset_index()
        )  # fmt: skip
    return pd.concat(made) if made else pd.DataFrame()


def _joint_correlations(draw: _Draw, surveys: Sequence[str]) -> pd.DataFrame:
    """Same-quarter correlations of the surveys with other variables: some clear, some not, of either sign."""
    others = [
        "labour_index",
        "consumer_confidence",
        "business_sentiment",
        "real_gdp_growth",
        "headline_inflation",
    ]
    pairs = [(f"confidence_{survey}", other) for survey in surveys for other in others]
    rows = []
    for first, second in pairs:
        value, half = draw.rng.uniform(-0.95, 0.95), draw.rng.uniform(0.05, 0.9)
        rows.append((first, second, 0, value, 13, max(value - half, -1.0), min(value + half, 1.0)))
    return frame("joint_correlations", rows)


def _share_table(draw: _Draw, column: str, options: tuple[str, ...]) -> pd.DataFrame:
    rng, made = draw.rng, []
    for option in options:
        share = np.clip(
            rng.uniform(0.03, 0.8) + np.cumsum(rng.normal(0, 0.01, len(draw.quarters))), 0.01, 0.99
        )
        if draw.case in ("ties", "all_equal"):
            share = np.round(share, 1)
        table = pd.DataFrame(
            {
                column: option,
                "period": draw.quarters,
                "share": share,
                "n": 900,
                "low": share - 0.03,
                "high": share + 0.03,
            }
        )
        for against, lag in LAGS.items():
            table[f"change_{against}"] = table["share"].diff(lag)
            table[f"p_{against}"] = np.exp(-0.5 * (table[f"change_{against}"] / 0.01) ** 2)
            table[f"significant_{against}"] = table[f"p_{against}"] < 0.05
        made.append(table.assign(flag="", unweighted=share))
    return pd.concat(made)


def _gaps(draw: _Draw, traits: pd.DataFrame) -> pd.DataFrame:
    now = traits[traits["period"] == LAST]
    rating = draw.rng.uniform(70, 140, len(now))
    table = pd.DataFrame(
        {"trait": now["trait"].to_numpy(), "period": LAST, "share": now["share"].to_numpy(), "rating": rating}
    )
    table["gap"] = table["share"] * 200 - table["rating"]
    for name in ("share", "rating"):
        table[f"rank_{name}"] = table[name].rank(ascending=False, method="min")
    return table


def _priorities(draw: _Draw) -> pd.DataFrame:
    """Ranks of aspects; the mean rank and the share among the first three are tested apart and need not agree."""
    made = []
    for period in draw.quarters:
        appeal = draw.rng.normal(0, 1, len(ASPECTS))
        if draw.case in ("ties", "all_equal"):
            appeal = np.round(appeal)
        first = np.exp(appeal) / np.exp(appeal).sum()
        made.append(
            pd.DataFrame(
                {
                    "aspect": ASPECTS, "period": period, "mean_rank": 4 - (appeal - appeal.mean()), "first_share": first,
                    "top3_share": np.clip(3 * first, 0, 1), "n": 900, "flag": "",
                }
            )
        )  # fmt: skip
    table = pd.concat(made, ignore_index=True)
    for lag, against in ((1, "quarter"), (4, "year")):
        for of, column in (("", "mean_rank"), ("top3_", "top3_share")):
            table[f"{of}change_{against}"] = table.groupby("aspect")[column].diff(lag)
            table[f"{of}p_{against}"] = draw.rng.uniform(0, 0.1, len(table))
            table[f"{of}significant_{against}"] = table[f"{of}p_{against}"] < 0.05
    return table


def _weights(draw: _Draw, survey: str, confidence: pd.DataFrame) -> pd.DataFrame:
    own = confidence[(confidence["group"] == "TH") & (confidence["domain"] == "overall")]
    published = str(draw.rng.choice(["weighted", "unweighted"]))
    return pd.DataFrame(
        {
            "survey": survey, "period": own["period"], "published": published, "weighting": "none", "n": 900, "units": 900,
            "rounds": 0, "weighted": own["value"], "unweighted": own["value"] + (0.4 if published == "weighted" else 0.0),
        }
    )  # fmt: skip


def _signal_table(draw: _Draw) -> dict[str, pd.DataFrame]:
    """Warning signals of this quarter by ranks drawn anew, and the values two quarters before."""
    rng, rows = np.random.default_rng(draw.rng.integers(2**31)), []
    items = [("dimension", name) for name in draw.present]
    items += [("indicator", name) for name in declarations().indicators if rng.random() < 0.9]
    for kind, name in items:
        rank, value = float(rng.uniform()), float(rng.uniform(1, 100))
        level = "alert" if rank <= 0.1 else "watch" if rank <= 0.25 else "normal"
        rows += [
            (kind, name, "2025-Q1", value + rng.uniform(0, 3), 0.5, "normal"),
            (kind, name, LAST, value, rank, level),
        ]
    return {"signals": frame("signals", sorted(rows))}


def _other_tables(draw: _Draw) -> dict[str, pd.DataFrame]:
    rng = draw.rng
    news = [
        (LAST, name, declarations().indicators[name].dimension, kind, rng.normal(0, 0.5))
        for name, kind in (("gdp_growth", "news"), ("mpi", "revision"), ("unemployment_rate", "news"))
    ]
    budget = [
        (LAST, "budget", 60000.0),
        (LAST, "disbursed", rng.uniform(10000, 60000)),
        (LAST, "target", 40000.0),
    ]
    return {
        "news": frame("news", news if rng.random() < 0.5 else []),
        "fiscal": frame("fiscal", budget if rng.random() < 0.5 else []),
        "outlook": frame("outlook", [("home", "+", "both", "การท่องเที่ยวฟื้นตัว", "ททท."), ("abroad", "-", "workers", "ภาษีนำเข้า", "")] if rng.random() < 0.5 else []),
    }  # fmt: skip
