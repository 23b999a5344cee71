"""The shapes of the survey tables: names, columns, types (docs/tables.md, Surveys)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

_TESTS = ("p_value_quarter", "p_value_year", "significant_quarter", "significant_year")
_SHARE_TESTS = ("change_quarter", "p_quarter", "change_year", "p_year")
_SIGNIFICANT = ("significant_quarter", "significant_year")
_SHARES = ("period", "share", "n", "low", "high", *_SHARE_TESTS, "flag", "unweighted", *_SIGNIFICANT)
_PRIORITIES = (
    *("aspect", "period", "mean_rank", "first_share", "top3_share", "n", "flag", "low", "high"),
    *(*_SHARE_TESTS, *_SIGNIFICANT),
)

COLUMNS: dict[str, tuple[str, ...]] = {
    "confidence": (
        *("survey", "domain", "group", "period", "value", "n", "low", "high", "flag"),
        *("unweighted", "n_effective", *_TESTS),
    ),
    "confidence_items": (
        *("survey", "item", "domain", "group", "period", "value", "n", "low", "high", "flag"),
        *("share5", "share4", "share3", "share2", "share1", "balance", "unweighted", *_TESTS),
    ),
    "confidence_change": (
        *("survey", "domain", "group", "period", "against", "change", "low", "high", "p_value", "flag"),
        *("items", "like_with_like", "family", "significant"),
    ),
    "confidence_pooled": (
        *("survey", "domain", "group", "period", "direct", "pooled", "low", "high", "own_share", "n"),
    ),
    "employer_actions": ("action", *_SHARES),
    "employer_actions_by_group": ("group", "action", *_SHARES),
    "traits": ("trait", *_SHARES),
    "traits_by_group": ("group", "trait", *_SHARES),
    "trait_gap": ("trait", "period", "share", "rating", "gap", "rank_share", "rank_rating"),
    "priorities": _PRIORITIES,
    "priorities_by_group": ("group", *_PRIORITIES),
    "survey_questions": ("survey", "question", "answer", *_SHARES),
    "survey_status": (
        *("survey", "period", "received", "kept", "dropped", "blanked_cells"),
        *("groups_published", "groups_small", "groups_suppressed"),
    ),
    "survey_weights": (
        *(
            "survey",
            "period",
            "published",
            "weighting",
            "n",
            "units",
            "population",
            "margins",
            "design_effect",
        ),
        *("effective_n", "largest_weight", "smallest_weight", "trimmed_share", "rounds", "margin_error"),
        *("index_design_effect", "weighted", "unweighted"),
    ),
    "survey_cleaning": ("survey", "period", "rule", "count", "action", "note_th"),
    "survey_coverage": ("survey", "period", "province", "planned", "achieved"),
    "ordinal_check": ("survey", "period", "linear", "latent", "rank_linear", "rank_latent"),
}
_TEXTS = {
    *("survey", "domain", "group", "period", "flag", "item", "against", "action", "trait", "aspect"),
    *("rule", "note_th", "province", "family", "question", "answer", "published", "weighting", "margins"),
}
_COUNTS = {
    *("n", "received", "kept", "dropped", "blanked_cells", "groups_published", "groups_small"),
    *("groups_suppressed", "count", "achieved", "items", "units", "rounds"),
}
_FLAGS = {"like_with_like", "significant", "significant_quarter", "significant_year"}


def empty(columns: Sequence[str]) -> pd.DataFrame:
    """A table without rows, with the right types."""
    return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in columns})


def empty_tables() -> dict[str, pd.DataFrame]:
    """Every survey table without rows: what a workspace without surveys gives."""
    return {name: empty(columns) for name, columns in COLUMNS.items()}


def _dtype(column: str) -> str:
    if column in _TEXTS:
        return "str"
    if column in _FLAGS:
        return "bool"
    return "int64" if column in _COUNTS else "float64"
