"""Seeded, realistic tables of an issue, for tests of everything downstream of the tables. Never used by the product.

``example_tables`` gives every table of docs/tables.md with figures that agree with each other (contributions sum to
the change, the workers' index is the mean of its domains, movers stand in ``series``); ``empty_tables`` the columns
without rows; ``sparse_tables`` what the real workspace gives: two dimensions, no surveys, holes, stale series.
Every series is drawn from its own name, so a later quarter keeps the history of an earlier one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter import measures
from reporter.domain import schema
from reporter.domain.periods import parse_quarter
from reporter.inputs import declared
from reporter.pipeline import manifest
from tests.support.frames import filled, frame, generator, sorted_by_key
from tests.support.more_tables import surrounding_tables
from tests.support.survey_tables import survey_tables

# id: (dimension, frequency, level, monthly or quarterly noise, polarity, growth?)
INDICATORS: dict[str, tuple[str, str, float, float, int, bool]] = {
    "employment_rate": ("employment", "Q", 67.1, 0.35, 1, False),
    "sso_employment_rate": ("employment", "M", 29.4, 0.15, 1, False),
    "participation_rate": ("employment", "Q", 68.0, 0.3, 1, False),
    "hours_worked": ("employment", "Q", 41.9, 0.5, 1, True),
    "part_time_rate": ("employment", "Q", 19.8, 0.6, -1, False),
    "unemployment_rate": ("unemployment", "Q", 1.0, 0.12, -1, False),
    "sso_unemployment_rate": ("unemployment", "M", 2.0, 0.1, -1, False),
    "underemployment_rate": ("unemployment", "Q", 0.6, 0.08, -1, False),
    "quit_rate": ("unemployment", "M", 1.4, 0.1, -1, False),
    "average_wage": ("wages", "Q", 15900.0, 180.0, 1, True),
    "average_bonus": ("wages", "Q", 1450.0, 60.0, 1, True),
    "layoff_rate": ("job_security", "Q", 0.32, 0.05, -1, False),
    "employee_benefits": ("job_security", "Q", 640.0, 18.0, 1, True),
    "welfare_promotion_rate": ("job_security", "Q", 41.0, 1.1, 1, False),
    "social_security_coverage": ("job_security", "Q", 60.5, 0.4, 1, False),
    "labour_law_violation_rate": ("job_security", "Q", 12.2, 0.9, -1, False),
    "vacancies": ("job_opportunity", "M", 62000.0, 3500.0, 1, True),
    "placements": ("job_opportunity", "M", 39000.0, 2600.0, 1, True),
    "work_injury_rate": ("safety", "Q", 1.9, 0.12, -1, False),
    "safety_law_violation_rate": ("safety", "Q", 9.1, 0.7, -1, False),
    "labour_productivity": ("productivity", "Q", 68500.0, 900.0, 1, True),
    "skill_development_rate": ("productivity", "Q", 2.7, 0.3, 1, False),
    "participation_gap": ("gender_gap", "Q", 15.8, 0.4, -1, False),
    "employment_gap": ("gender_gap", "Q", 15.6, 0.4, -1, False),
    "hours_gap": ("gender_gap", "Q", 4.9, 0.3, -1, False),
    "unemployment_gap": ("gender_gap", "Q", 0.12, 0.06, -1, False),
    "hourly_wage_gap": ("gender_gap", "Q", 2.6, 0.5, -1, False),
    "youth_unemployment_rate": ("vulnerable", "Q", 5.1, 0.4, -1, False),
    "neet_rate": ("vulnerable", "Q", 12.9, 0.4, -1, False),
    "migrant_insured_rate": ("vulnerable", "Q", 46.0, 0.9, 1, False),
    "women_senior_management": ("vulnerable", "Q", 36.5, 0.8, 1, False),
    "gdp_growth": ("economy", "Q", 2.4, 0.7, 1, False),
    "mpi": ("economy", "M", 97.5, 1.6, 1, True),
    "pmi": ("economy", "M", 50.8, 1.1, 1, True),
    "inflation": ("economy", "M", 0.6, 0.4, -1, False),
    "consumer_confidence": ("economy", "M", 54.5, 1.3, 1, True),
    "business_sentiment": ("economy", "M", 48.6, 1.0, 1, True),
    "private_investment": ("economy", "M", 103.0, 1.4, 1, True),
}
DIMENSIONS = tuple(dict.fromkeys(row[0] for row in INDICATORS.values()))
WEIGHTS = (0.14, 0.13, 0.09, 0.11, 0.12, 0.06, 0.10, 0.05, 0.08, 0.12)
REGIONS = tuple(f"REGION:{code}" for code in ("bangkok", "central", "north", "northeast", "south"))
STATUSES = ("STATUS:formal", "STATUS:informal")
INDUSTRIES = tuple(f"INDUSTRY:{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTU")
PROVINCES = tuple(
    f"PROVINCE:TH-{number}"
    for first, last in ((10, 27), (30, 49), (50, 58), (60, 67), (70, 77), (80, 86), (90, 96))
    for number in range(first, last + 1)
)
GROUPS = (*STATUSES, *REGIONS, *INDUSTRIES, *PROVINCES)
GROUP_DIMENSIONS = ("employment", "unemployment", "wages", "job_security", "job_opportunity")
START = "2008-Q2"
MODELS = ("snaive", "sarima", "ets", "theta", "var")


def quarters(last: str, count: int | None = None) -> list[str]:
    """Quarters up to ``last``: all since START, or the last ``count``."""
    end = pd.Period(last.replace("-", ""), freq="Q")
    begin = end - count + 1 if count else pd.Period(START.replace("-", ""), freq="Q")
    return [f"{p.year}-Q{p.quarter}" for p in pd.period_range(begin, end, freq="Q")]


def cycle(name: str, periods: list[str], *, depth: float = 1.0) -> np.ndarray:
    """Business cycle in standard deviations: persistent, with the 2009 and 2020 shocks."""
    noise = generator("cycle", name).normal(0, 0.33, len(periods))
    values = np.zeros(len(periods))
    for step, period in enumerate(periods):
        shock = {"2009-Q1": -1.2, "2011-Q4": -0.8, "2020-Q2": -2.6, "2020-Q3": 0.7, "2021-Q3": -0.6}.get(
            period[:7], 0.0
        )
        before = values[step - 1] if step else 0.0
        values[step] = 0.86 * before + depth * shock + noise[step]
    return values


def _labour_index(last: str) -> pd.DataFrame:
    periods = quarters(last)
    scores = {
        name: np.round(100 + 10 * cycle(name, periods, depth=0.8 + 0.05 * at), 9)
        for at, name in enumerate(DIMENSIONS)
    }
    scores["overall"] = sum(weight * scores[name] for name, weight in zip(DIMENSIONS, WEIGHTS, strict=True))
    parts = [
        pd.DataFrame({"dimension": name, "group": "TH", "period": periods, "value": values})
        for name, values in scores.items()
    ]
    recent = quarters(last, 13)
    for group in GROUPS:
        shift = generator("level", group).normal(0, 5)
        for name in ("overall", *GROUP_DIMENSIONS):
            wiggle = generator("group", group, name).normal(0, 1.6, len(periods))[-len(recent) :]
            parts.append(
                pd.DataFrame(
                    {
                        "dimension": name,
                        "group": group,
                        "period": recent,
                        "value": scores[name][-len(recent) :] + shift + wiggle,
                    }
                )
            )
    index = pd.concat(parts)
    for name, side in (("low80", -1.9), ("high80", 1.9), ("low95", -3.0), ("high95", 3.0)):
        index[name] = index["value"] + side
    return index.assign(status="final")


def _contributions(index: pd.DataFrame) -> pd.DataFrame:
    wide = index[index["group"] == "TH"].pivot(index="period", columns="dimension", values="value")
    parts = []
    for against, lag in (("quarter", 1), ("year", 4)):
        change = (wide[list(DIMENSIONS)].diff(lag) * np.array(WEIGHTS)).iloc[lag:]
        long = change.rename_axis(columns="dimension").stack().rename("contribution").reset_index()
        parts.append(long.assign(against=against))
    return pd.concat(parts)


def _series(last: str) -> pd.DataFrame:
    end = pd.Period(last.replace("-", ""), freq="Q")
    parts = []
    for name, (_, frequency, level, noise, polarity, growth) in INDICATORS.items():
        months = frequency == "M"
        span = (
            pd.period_range("2008-01", end.asfreq("M", "end"), freq="M")
            if months
            else pd.period_range("2008Q1", end, freq="Q")
        )
        labels = [str(p) if months else f"{p.year}-Q{p.quarter}" for p in span]
        rise = np.linspace(-0.25, 0, len(span)) * level if growth else 0.0
        adjusted = level + rise + polarity * noise * cycle(name, labels) * 1.5
        season = noise * 1.2 * np.sin(2 * np.pi * np.arange(len(span)) / (12 if months else 4))
        transformed = np.r_[np.nan, np.diff(adjusted) / adjusted[:-1] * 100] if growth else adjusted
        parts.append(
            pd.DataFrame(
                {
                    "indicator": name,
                    "group": "TH",
                    "period": labels,
                    "raw": adjusted + season,
                    "adjusted": adjusted,
                    "transformed": transformed,
                }
            )
        )
    return pd.concat(parts)


def _movers(series: pd.DataFrame, last: str) -> pd.DataFrame:
    end = pd.Period(last.replace("-", ""), freq="Q")
    rows = []
    for name, group in series.groupby("indicator", sort=False):
        dimension, frequency, _, _, polarity, _ = INDICATORS[str(name)]
        index = pd.PeriodIndex(group["period"].str.replace("-Q", "Q"), freq="Q" if frequency == "Q" else "M")
        values = pd.Series(group["adjusted"].to_numpy(), index).groupby(index.asfreq("Q")).mean()
        for against, lag in (("quarter", 1), ("year", 4)):
            changes = values.diff(lag)
            change = float(changes[end])
            change_sd = polarity * change / float(changes.std())
            direction = "unchanged" if abs(change_sd) < 0.1 else "improved" if change_sd > 0 else "worsened"
            rows.append(
                (last, against, name, dimension, values[end], values[end - lag], change, change_sd, direction)
            )
    return frame("movers", rows)


def _indicator_contributions(contributions: pd.DataFrame, last: str) -> pd.DataFrame:
    """Splits each sub-index's change among its indicators; the sub-index's change is contribution / weight."""
    weight = dict(zip(DIMENSIONS, WEIGHTS, strict=True))
    rows = []
    for row in contributions[contributions["period"] == last].itertuples():
        members = [name for name, spec in INDICATORS.items() if spec[0] == row.dimension]
        parts = generator("split", last, row.against, row.dimension).normal(1, 1.2, len(members))
        parts += 1 - parts.mean()
        change = row.contribution / weight[row.dimension] / len(members)
        rows += [
            (last, row.against, row.dimension, name, part * change * weight[row.dimension], part * change)
            for name, part in zip(members, parts, strict=True)
        ]
    return frame("indicator_contributions", rows)


def _contribution_steps(parts: pd.DataFrame) -> pd.DataFrame:
    """Every indicator's contribution as raw data less what the seasonal adjustment takes away."""
    rows = [
        (
            row.period,
            row.against,
            row.dimension,
            row.indicator,
            step,
            share * row.contribution,
            share * row.sub_index,
        )
        for against in ("quarter", "year")
        for row in parts[parts["against"] == against].itertuples()
        for step, share in (("data", 1.5), ("seasonal", -0.5))
    ]
    return frame("contribution_steps", rows)


def _ranking(index: pd.DataFrame, last: str) -> pd.DataFrame:
    recent = quarters(last, 5)
    parts = []
    for kind in ("STATUS", "REGION", "INDUSTRY", "PROVINCE"):
        chosen = index[(index["dimension"] == "overall") & index["group"].str.startswith(kind + ":")]
        wide = chosen.pivot(index="group", columns="period", values="value")[recent]
        value = wide[last]
        rank = value.rank(ascending=False)
        half = 1.5 + np.abs(generator("half", kind).normal(0, 1, len(value)))
        spread = max(1, len(value) // 6)
        parts.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "group": value.index,
                    "period": last,
                    "value": value.to_numpy(),
                    "low": value.to_numpy() - half,
                    "high": value.to_numpy() + half,
                    "rank": rank.to_numpy(),
                    "rank_low": np.maximum(1, rank - spread).to_numpy(),
                    "rank_high": np.minimum(len(value), rank + spread).to_numpy(),
                    "change_quarter": (value - wide[recent[-2]]).to_numpy(),
                    "change_year": (value - wide[recent[0]]).to_numpy(),
                    "level": value.to_numpy(),
                    "level_low": value.to_numpy() - half,
                    "level_high": value.to_numpy() + half,
                    "nation_same_dimensions": 100.0,
                    "dimensions": 8,
                }
            )
        )
    return pd.concat(parts)


def _sensitivity(index: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    wide = index[index["group"] == "TH"].pivot(index="period", columns="dimension", values="value")
    weight = pd.Series(WEIGHTS, DIMENSIONS)
    choices = {"equal_weights": wide[list(DIMENSIONS)].mean(axis=1), "pca": wide["overall"] + 0.4}
    first = weight**2 / (weight**2).sum()
    choices["first_component"] = wide[list(DIMENSIONS)] @ first
    for name in DIMENSIONS:
        rest = weight.drop(name) / (1 - weight[name])
        choices[f"without_{name}"] = wide[list(rest.index)] @ rest
    long = pd.concat(
        pd.DataFrame({"choice": name, "period": values.index, "value": values.to_numpy()})
        for name, values in choices.items()
    )
    rows = []
    for name, values in choices.items():
        gap = (values - wide["overall"]).abs()
        rows.append((name, values.corr(wide["overall"]), gap.mean(), gap.max(), 1.0))
    return long, frame("sensitivity_summary", rows)


def _forecast(index: pd.DataFrame, last: str) -> dict[str, pd.DataFrame]:
    history = index[(index["dimension"] == "overall") & (index["group"] == "TH")].set_index("period")["value"]
    ahead = quarters(f"{int(last[:4]) + 1}-Q{last[-1]}", 4)
    steps = np.arange(1, 5)
    mean = 100 + (history[last] - 100) * 0.8**steps
    spread = 3.2 * np.sqrt(steps)
    forecast = pd.DataFrame(
        {
            "period": ahead,
            "mean": mean,
            "low80": mean - 1.28 * spread,
            "high80": mean + 1.28 * spread,
            "low95": mean - 1.96 * spread,
            "high95": mean + 1.96 * spread,
        }
    )
    rows = [
        (
            model,
            int(step),
            2.6 + 0.4 * at + 0.7 * step,
            2.0 + 0.3 * at + 0.6 * step,
            model == "sarima",
            0.8 + 0.05 * at,
            0.8,
            0.94,
            0.0 if model == "sarima" else -1.2,
            1.0 if model == "sarima" else 0.2,
            28,
        )
        for at, model in enumerate(("sarima", *[m for m in MODELS if m != "sarima"]))
        for step in steps
    ]
    past = quarters(last, 9)[:-1]
    noise = generator("scorecard").normal(0, 2.5, len(past))
    score = pd.DataFrame(
        {
            "issued": [quarters(p, 2)[0] for p in past],
            "period": past,
            "mean": history[past].to_numpy() + noise,
        }
    )
    score = score.assign(
        low80=score["mean"] - 3.6, high80=score["mean"] + 3.6, actual=history[past].to_numpy()
    )
    score = score.assign(
        error=score["actual"] - score["mean"],
        inside80=score["actual"].between(score["low80"], score["high80"]),
        kind="rolling_origin",
    )
    return {
        "forecast": forecast,
        "forecast_scorecard": score,
        "forecast_evaluation": frame("forecast_evaluation", rows),
    }


def _macro(series: pd.DataFrame, last: str) -> pd.DataFrame:
    """Growth and inflation are those of the indicators: one fact has one number."""
    periods = quarters(last)
    rate = pd.DataFrame(
        {
            "variable": "short_term_rate",
            "period": periods,
            "value": 1.6 + 0.4 * cycle("short_term_rate", periods),
        }
    )
    parts = [rate]
    for indicator, variable in (("gdp_growth", "real_gdp_growth"), ("inflation", "headline_inflation")):
        own = series[(series["indicator"] == indicator) & (series["group"] == "TH")]
        quarter = pd.PeriodIndex(own["period"], freq="Q").strftime("%Y-Q%q")
        means = own.groupby(quarter)["raw"].mean().reindex(periods).dropna()
        parts.append(pd.DataFrame({"variable": variable, "period": means.index, "value": means.to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def _tests() -> dict[str, pd.DataFrame]:
    names = ("real_gdp_growth", "headline_inflation", "short_term_rate")
    tests = [
        (
            test,
            name,
            -3.4 + at,
            0.03 + 0.2 * at,
            2,
            60,
            -3.34,
            "rejected" if at == 0 else "not_rejected",
            "มีความสัมพันธ์เชิงดุลยภาพระยะยาว" if at == 0 else "ไม่พบความสัมพันธ์ที่มีนัยสำคัญ",
        )
        for test in ("engle_granger", "granger")
        for at, name in enumerate(names)
    ]
    steps = np.arange(13)
    responses = [
        (shock, "labour_index", int(h), v, v - 0.5 - 0.02 * h, v + 0.5 + 0.02 * h)
        for shock, size in zip((*names, "labour_index"), (1.4, -0.5, -0.4, 2.2), strict=True)
        for h, v in zip(steps, size * np.sin((steps + 1) / 4) * 0.85**steps, strict=True)
    ]
    lead = [
        (
            name,
            "labour_index",
            k,
            0.6 * np.exp(-((k - 1 - at) ** 2) / 8) * (1 if at == 0 else -0.5),
            60 - abs(k),
        )
        for at, name in enumerate(names)
        for k in range(-4, 5)
    ]
    return {
        "index_tests": frame("index_tests", tests),
        "impulse_responses": frame("impulse_responses", responses),
        "cross_correlations": frame("cross_correlations", lead),
    }


def _quality(last: str) -> dict[str, pd.DataFrame]:
    status, seasonal, detrend, factor = [], [], [], []
    for name, (dimension, frequency, _, _, polarity, growth) in INDICATORS.items():
        by_source = name in {"mpi", "pmi"}
        status.append(
            (
                name,
                dimension,
                frequency,
                "2008-01" if frequency == "M" else "2008-Q1",
                last,
                71,
                0,
                "used",
                by_source,
                "",
                "",
            )
        )
        verdict = "by_source" if by_source else "adjusted"
        seasonal.append(
            (
                name,
                "TH",
                "none" if by_source else "x13",
                "(0 1 1)(0 1 1)",
                "log" if growth else "level",
                "AO2020.2",
                "",
                0.6,
                0.4,
                22.0,
                0.5,
                -1.2,
                -4.0,
                1.1,
                0.2,
                verdict,
                "",
            )
        )
        detrend.append((name, "hp", "growth" if growth else "level", 1600.0, ""))
        loading = polarity * float(generator("loading", name).uniform(0.4, 0.95))
        factor.append((dimension, name, loading, 1 - loading**2, loading**2, loading * 0.95, abs(loading)))
    dimension = [
        (
            name,
            sum(spec[0] == name for spec in INDICATORS.values()),
        )
        for name in DIMENSIONS
    ]
    dimension = [(name, k, k, "joint", True, 0.55, 0.57, 0.97, 0.66, 0.72, "") for name, k in dimension]
    return {
        name: frame(name, rows)
        for name, rows in (
            ("indicator_status", status),
            ("seasonal_quality", seasonal),
            ("detrending", detrend),
            ("factor_quality", factor),
            ("dimension_quality", dimension),
        )
    }


def _revisions(series: pd.DataFrame, last: str) -> pd.DataFrame:
    recent = quarters(last, 9)[:-1]
    chosen = series[
        series["indicator"].isin(["gdp_growth", "unemployment_rate"]) & series["period"].isin(recent)
    ]
    noise = generator("revisions").normal(0, 0.15, len(chosen))
    return pd.DataFrame(
        {
            "series": chosen["indicator"].to_numpy(),
            "period": chosen["period"].to_numpy(),
            "first": chosen["raw"].to_numpy() + noise,
            "second": chosen["raw"].to_numpy() + noise / 3,
            "latest": chosen["raw"].to_numpy(),
        }
    )


def _fiscal(last: str) -> pd.DataFrame:
    """Budget, cumulative disbursement and the pace set by the cabinet, million baht, fiscal year to ``last``."""
    rows = []
    for at, period in enumerate(quarters(last, 5)[1:]):
        rows += [
            (period, "budget", 62000.0),
            (period, "disbursed", 62000.0 * (0.27, 0.49, 0.71, 0.94)[at]),
            (period, "target", 62000.0 * (0.32, 0.54, 0.77, 1.0)[at]),
        ]
    return frame("fiscal", rows)


def _outlook() -> pd.DataFrame:
    rows = [
        ("abroad", "-", "both", "มาตรการภาษีนำเข้าของสหรัฐอเมริกากดดันการส่งออก", "สศช."),
        ("abroad", "+", "employers", "ราคาน้ำมันดิบในตลาดโลกปรับลดลง", "ธปท."),
        ("home", "+", "workers", "มาตรการกระตุ้นการท่องเที่ยวช่วงปลายปี", "กระทรวงการคลัง"),
        ("home", "-", "both", "หนี้ครัวเรือนอยู่ในระดับสูง", "ธปท."),
    ]
    return frame("outlook", rows)


def _ordered(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every declared table with its declared columns, rows sorted by its key."""
    return {name: sorted_by_key(name, filled(name, tables[name])) for name in schema.declared_tables()}


def _moved(index: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the last issue published: this one's values less a small move, most of it through data."""
    now = index[index["group"] == "TH"].sort_values(["dimension", "period"], kind="stable")
    now = now[now["period"] < now["period"].max()].reset_index(drop=True)
    noise = generator("moved").normal(0, 0.2, len(now))
    data = pd.DataFrame(
        {"period": now["period"], "dimension": now["dimension"], "change": np.round(noise * 0.8, 3)}
    )
    return manifest.moved_tables(
        {"labour_index": now, "data_effects": data}, {"labour_index": now.assign(value=now["value"] - noise)}
    )


def _group_status() -> pd.DataFrame:
    used, left_out = ("used", 2, 0.1, "", "joint", ""), ("reweighted", 0, 0.0, "", "", "")
    return frame(
        "group_status",
        [
            (group, name, *(used if name in GROUP_DIMENSIONS else left_out))
            for group in GROUPS
            for name in DIMENSIONS
        ],
    )


def empty_tables() -> dict[str, pd.DataFrame]:
    """Every table with its columns and no row."""
    return {name: schema.empty(name) for name in schema.declared_tables()}


def example_tables(quarter: str = "2025-Q3", *, gaps: bool = False) -> dict[str, pd.DataFrame]:
    """All tables of a whole issue. ``gaps`` takes out what real issues lack: an indicator, a group, a survey quarter."""
    index, series = _labour_index(quarter), _series(quarter)
    contributions = _contributions(index)
    tables = empty_tables()
    sensitivity, summary = _sensitivity(index)
    effective = np.array(WEIGHTS) * np.linspace(1.2, 0.8, len(WEIGHTS))
    tables |= {
        "labour_index": index,
        "series": series,
        "contributions": contributions,
        "weights": pd.DataFrame({"dimension": DIMENSIONS, "weight": WEIGHTS}),
        "weights_detail": pd.DataFrame(
            {
                "dimension": DIMENSIONS,
                "weight": WEIGHTS,
                "effective": effective / effective.sum(),
                "equal": 0.1,
                "first_component": np.array(WEIGHTS) ** 2 / np.sum(np.array(WEIGHTS) ** 2),
                "eigenvalue_rank": range(1, 11),
            }
        ),
        "indicator_contributions": _indicator_contributions(contributions, quarter),
        "contribution_steps": _contribution_steps(_indicator_contributions(contributions, quarter)),
        "movers": _movers(series, quarter),
        "sensitivity": sensitivity,
        "sensitivity_summary": summary,
        "group_ranking": _ranking(index, quarter),
        "macro": _macro(series, quarter),
        "revisions": _revisions(series, quarter),
        **_moved(index),
        "fiscal": _fiscal(quarter),
        "outlook": _outlook(),
        "news": pd.DataFrame(
            {
                "period": quarter,
                "indicator": ["gdp_growth", "mpi", "unemployment_rate"],
                "dimension": ["economy", "economy", "unemployment"],
                "kind": ["news", "revision", "news"],
                "impact": [0.4, -0.1, 0.25],
            }
        ),
        "group_status": _group_status(),
        "monthly_indicators": series[~series["period"].str.contains("Q")].rename(
            columns={"adjusted": "value"}
        ),
        "release_notes": pd.DataFrame({"kind": ["method"], "text_th": ["ไม่มีการเปลี่ยนแปลงวิธีการจัดทำดัชนี"]}),
    }
    tables["observations"] = series.assign(
        frequency=np.where(series["period"].str.contains("Q"), "Q", "M"),
        value=series["raw"],
        as_of=pd.NaT,
        adjusted=False,
        file="series/" + series["indicator"] + ".csv",
        row=2,
    )
    tables |= _forecast(index, quarter) | _tests() | _quality(quarter)
    tables |= survey_tables(quarters(quarter, 13))
    known = quarters(quarter, 13)
    tables["beside"] = pd.DataFrame(
        {
            "series": "unit_labour_cost",
            "name_th": "ต้นทุนแรงงานต่อผลผลิตจริง 100 บาท",
            "unit": "บาท",
            "period": known,
            "value": np.linspace(32, 33.5, len(known)),
        }
    )
    tables |= surrounding_tables(tables, quarter)
    tables = _with_gaps(tables, quarter) if gaps else tables
    return _ordered(tables | _signals(tables, quarter))


def _signals(tables: dict[str, pd.DataFrame], quarter: str) -> dict[str, pd.DataFrame]:
    """Warning signals of these very indices and series."""
    return measures.compute_signals(
        tables["labour_index"], tables["series"], declared.load(None), parse_quarter(quarter)
    )


def _with_gaps(tables: dict[str, pd.DataFrame], quarter: str) -> dict[str, pd.DataFrame]:
    """No hours worked, a hole in wages, a province without index, no employer survey three quarters ago."""
    out = dict(tables)
    missing = quarters(quarter, 4)[0]
    index = out["labour_index"]
    out["labour_index"] = index[
        (index["group"] != "PROVINCE:TH-58")
        & ~((index["dimension"] == "wages") & (index["period"] == missing))
    ]
    ranking = out["group_ranking"]
    out["group_ranking"] = ranking[ranking["group"] != "PROVINCE:TH-58"]
    for name in ("movers", "series", "indicator_contributions"):
        out[name] = out[name][out[name]["indicator"] != "hours_worked"]
    for name in ("confidence", "confidence_items", "confidence_change"):
        rows = out[name]
        out[name] = rows[~((rows["survey"] == "employer") & (rows["period"] == missing))]
    out["impulse_responses"] = out["impulse_responses"].iloc[:0]
    return out


def sparse_tables(quarter: str = "2025-Q2") -> dict[str, pd.DataFrame]:
    """Like the real workspace: six indicators in two dimensions, no groups, no surveys, holes, stale series."""
    full, tables = example_tables(quarter), empty_tables()
    used = ("unemployment_rate", "gdp_growth", "mpi", "inflation", "business_sentiment", "private_investment")
    stale = ("business_sentiment", "private_investment")
    dims = ("unemployment", "economy")
    index = full["labour_index"]
    index = index[(index["group"] == "TH") & index["dimension"].isin([*dims])]
    holes = (index["dimension"] == "unemployment") & index["period"].isin(["2020-Q2", "2021-Q1", "2021-Q2"])
    wide = index[~holes].pivot(index="period", columns="dimension", values="value")
    overall = wide.ffill().mean(axis=1).rename("value").reset_index().assign(dimension="overall", group="TH")
    for name in ("low80", "high80", "low95", "high95"):
        overall[name] = overall["value"] + (index[name] - index["value"]).iloc[0]
    tables["labour_index"] = pd.concat([index[~holes], overall.assign(status="provisional")])
    change = [
        (quarter, against, name, 0.5 * (wide[name].ffill().iloc[-1] - wide[name].ffill().iloc[-1 - lag]))
        for against, lag in (("quarter", 1), ("year", 4))
        for name in dims
    ]
    tables["contributions"] = frame("contributions", change)
    tables["weights"] = pd.DataFrame({"dimension": dims, "weight": (0.5, 0.5)})
    series = full["series"][full["series"]["indicator"].isin(used)]
    tables["series"] = series[~(series["indicator"].isin(stale) & (series["period"] > "2018-12"))]
    movers = full["movers"]
    tables["movers"] = movers[movers["indicator"].isin([name for name in used if name not in stale])]
    status = full["indicator_status"].copy()
    status["status"] = [
        "stale" if name in stale else "used" if name in used else "missing" for name in status["indicator"]
    ]
    tables["indicator_status"] = status
    tables["macro"] = full["macro"][
        ~((full["macro"]["variable"] == "short_term_rate") & (full["macro"]["period"] > "2023-Q4"))
    ]
    tables |= {name: full[name] for name in ("index_tests", "cross_correlations")}
    tables |= {
        name: frame
        for name, frame in _forecast(tables["labour_index"], quarter).items()
        if name != "forecast_scorecard"
    }
    return _ordered(tables | _signals(tables, quarter))
