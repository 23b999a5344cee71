"""The shapes of the survey tables: names, columns, types (docs/tables.md, Surveys)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

COLUMNS: dict[str, tuple[str, ...]] = {
    "confidence": ("survey", "domain", "group", "period", "value", "n", "low", "high", "flag"),
    "confidence_items": (
        *("survey", "item", "domain", "group", "period", "value", "n", "low", "high", "flag"),
        *("share5", "share4", "share3", "share2", "share1"),
    ),
    "confidence_change": (
        *("survey", "domain", "group", "period", "against", "change", "low", "high", "p_value", "flag"),
        *("items", "like_with_like"),
    ),
    "employer_actions": (
        *("action", "period", "share", "n", "low", "high"),
        *("change_quarter", "p_quarter", "change_year", "p_year", "flag"),
    ),
    "traits": ("trait", "period", "share", "n", "low", "high", "flag"),
    "trait_gap": ("trait", "period", "share", "rating", "gap", "rank_share", "rank_rating"),
    "priorities": ("aspect", "period", "mean_rank", "first_share", "top3_share", "n", "flag"),
    "priorities_by_group": (
        "group",
        "aspect",
        "period",
        "mean_rank",
        "first_share",
        "top3_share",
        "n",
        "flag",
    ),
    "survey_status": (
        *("survey", "period", "received", "kept", "dropped", "blanked_cells"),
        *("groups_published", "groups_small", "groups_suppressed"),
    ),
    "survey_cleaning": ("survey", "period", "rule", "count", "action", "note_th"),
    "survey_coverage": ("survey", "period", "province", "planned", "achieved"),
    "ordinal_check": ("survey", "period", "linear", "latent", "rank_linear", "rank_latent"),
}
_TEXTS = {
    *("survey", "domain", "group", "period", "flag", "item", "against", "action", "trait", "aspect"),
    *("rule", "note_th", "province"),
}
_COUNTS = {
    *("n", "received", "kept", "dropped", "blanked_cells", "groups_published", "groups_small"),
    *("groups_suppressed", "count", "achieved", "items"),
}


def empty(columns: Sequence[str]) -> pd.DataFrame:
    """A table without rows, with the right types."""
    return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in columns})


def empty_tables() -> dict[str, pd.DataFrame]:
    """Every survey table without rows: what a workspace without surveys gives."""
    return {name: empty(columns) for name, columns in COLUMNS.items()}


def _dtype(column: str) -> str:
    if column in _TEXTS:
        return "str"
    if column == "like_with_like":
        return "bool"
    return "int64" if column in _COUNTS else "float64"
