"""Seeded tables that stages make around the index and the surveys, for tests; see tests/support/tables.py."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.domain.declarations import ExperimentalDimension, Name
from reporter.pipeline import computation
from reporter.surveys import shares
from tests.support.frames import frame, generator
from tests.support.survey_tables import SIZE

TRIED = ExperimentalDimension("confidence", Name("ความเชื่อมั่น", "Confidence"), ("employer", "worker"))
DETRENDING = ("none", "linear", "medium_trend", "declared")
ANNEX = (
    ("KIP-MOL 20", "kip_mol_20_2", "ตำแหน่งงานว่าง", "ร้อยละ"),
    ("KILM 9", "kilm_9_1", "อัตราการว่างงาน", "ร้อยละ"),
)


def surrounding_tables(tables: dict[str, pd.DataFrame], quarter: str) -> dict[str, pd.DataFrame]:
    """Tables that rest on ``tables``, the ones made so far: the stage's own code makes them where it is cheap."""
    made = shares.joint_tables(
        tables["confidence"], tables["labour_index"], tables["series"], tables["macro"], 10, TRIED
    )
    return {
        **made,
        "group_contributions": _group_contributions(tables["labour_index"], quarter),
        "revisions_summary": computation.summarise(tables["revisions"]),
        "index_parameters": _parameters(quarter),
        "detrending_tests": _detrending_tests(tables["detrending"]),
        "detrending_sensitivity": _detrending_sensitivity(quarter),
        "annex": _annex(tables["labour_index"]),
        "forecast_notes": frame("forecast_notes", [("winner", "", 0.8, "แบบจำลองที่เลือกคือ SARIMA")]),
        "seasonal_models": _seasonal_models(tables["seasonal_quality"], quarter),
        "data_effects": _effects(tables["moved_history"]),
        "observation_history": tables["observations"],
        **_survey_breakdowns(tables),
        "survey_weights": _weights(tables["confidence"]),
    }


def _group_contributions(index: pd.DataFrame, quarter: str) -> pd.DataFrame:
    """Every dimension of a group counts alike, so a contribution is its change over their number."""
    parts = index[(index["group"] != "TH") & (index["dimension"] != "overall")]
    wide = parts.pivot(index=["group", "dimension"], columns="period", values="value")
    count = parts["dimension"].nunique()
    changes = {"quarter": wide[quarter] - wide.iloc[:, -2], "year": wide[quarter] - wide.iloc[:, -5]}
    made = [
        (change / count).rename("contribution").reset_index().assign(period=quarter, against=against)
        for against, change in changes.items()
    ]
    return pd.concat(made, ignore_index=True)


def _parameters(quarter: str) -> pd.DataFrame:
    end = f"{int(quarter[:4]) - 1}-Q4"
    values = {
        "base_start": "2008-Q1",
        "base_end": end,
        "learn_until": end,
        "weights_version": f"{quarter[:4]} (2008-Q1..{end})",
        "composite_slope": "12.5",
        "composite_level": "0.0",
        "seasonal_models": "identified",
    }
    return frame("index_parameters", list(values.items()))


def _detrending_tests(detrending: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (row.indicator, row.transform, row.detrend, row.transform, row.detrend, 0.8, 0.01, 0.1, "agrees", "")
        for row in detrending.itertuples()
    ]
    return frame("detrending_tests", rows)


def _detrending_sensitivity(quarter: str) -> pd.DataFrame:
    rows = [
        (choice, 0.99 - 0.02 * at, 2.0 + at, quarter, 0.5 * at, 10, 10 - at, 0.25 * at)
        for at, choice in enumerate(DETRENDING)
    ]
    return frame("detrending_sensitivity", rows)


def _annex(index: pd.DataFrame) -> pd.DataFrame:
    periods = sorted(index["period"].unique())
    rows = [
        (code, measure, name, unit, "TH", "", period, value)
        for code, measure, name, unit in ANNEX
        for period, value in zip(
            periods, 5 + generator("annex", code).normal(0, 1, len(periods)), strict=True
        )
    ]
    return frame("annex", rows)


def _seasonal_models(quality: pd.DataFrame, quarter: str) -> pd.DataFrame:
    kept = quality[["indicator", "group", "model", "mode", "outliers", "regressors"]]
    return kept.assign(year=int(quarter[:4]), seasonal=quality["verdict"] == "adjusted")


def _effects(moved: pd.DataFrame) -> pd.DataFrame:
    return moved[["period", "dimension"]].assign(change=moved["data"])


def _survey_breakdowns(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The country's answers for the country and two groups; provinces drawn halfway to their mean."""
    groups = {"TH": 0.0, "STATUS:formal": 0.02, "STATUS:informal": -0.02}
    by_group = {
        f"{name}_by_group": pd.concat(
            tables[name].assign(
                group=group, **{c: tables[name][c] + shift for c in ("share", "low", "high", "unweighted")}
            )
            for group, shift in groups.items()
        )
        for name in ("employer_actions", "traits")
    }
    confidence = tables["confidence"]
    places = confidence[confidence["group"].str.startswith("PROVINCE:") & (confidence["domain"] == "overall")]
    means = places.groupby(["survey", "period"])["value"].transform("mean")
    pooled = places.assign(direct=places["value"], own_share=0.5, pooled=(places["value"] + means) / 2)
    return {**by_group, "confidence_pooled": pooled, "survey_questions": _questions(tables["traits"])}


def _questions(traits: pd.DataFrame) -> pd.DataFrame:
    """Two answers of one question, so that their shares sum to 1."""
    yes = traits[traits["trait"] == traits["trait"].iloc[0]]
    no = {name: 1 - yes[name] for name in ("share", "unweighted")}
    no |= {"low": 1 - yes["high"], "high": 1 - yes["low"]}
    both = [yes.assign(answer="yes"), yes.assign(answer="no", **no)]
    return pd.concat(both).assign(survey="employer", question="ai_use")


def _weights(confidence: pd.DataFrame) -> pd.DataFrame:
    whole = confidence[(confidence["group"] == "TH") & (confidence["domain"] == "overall")]
    unit_weights = (1.0, 1.0, 0.0, 0, np.nan, 1.0)
    rows = [
        (
            *(row.survey, row.period, "unweighted", "none", size, size, np.nan, "", 1.0, float(size)),
            *(*unit_weights, row.value, row.value),
        )
        for row in whole.itertuples()
        for size in [SIZE[row.survey]]
    ]
    return frame("survey_weights", rows)
