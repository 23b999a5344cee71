"""By how much this issue moved what the last one published, and why.

Goes in: ``labour_index`` of the last issue and of this one, ``data_effects``. Comes out: ``moved_history`` and its summary. A published
quarter moves through data (revised and new values, read with this issue's models: revisions of the source and of the
seasonal adjustment, and smoothing) and through models: loadings, weights and base period, learnt anew when a year is
complete, and learnt again where revised data reach into the years they were learnt on.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.domain import schema

_NATION = "TH"
_KEY = ["period", "dimension"]


def compute(
    tables: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame] | None
) -> dict[str, pd.DataFrame]:
    """Tables ``moved_history`` and ``moved_summary``; without a last issue they have no rows.

    tables, previous  ``labour_index`` of both, ``data_effects`` of this one
    """
    if previous is None or "labour_index" not in previous:
        return {
            "moved_history": schema.empty("moved_history"),
            "moved_summary": schema.empty("moved_summary"),
        }
    now, before = (_country(source["labour_index"]) for source in (tables, previous))
    effects = tables.get("data_effects", pd.DataFrame({"period": [], "dimension": [], "change": []}))
    both = before.rename(columns={"value": "published"}).merge(now.rename(columns={"value": "now"}), on=_KEY)
    both = both.merge(effects.rename(columns={"change": "data"}), on=_KEY, how="left")
    both["moved"] = both["now"] - both["published"]
    both["models"] = both["moved"] - both["data"]
    history = both[schema.columns("moved_history")]
    return {"moved_history": history, "moved_summary": summary(history)}


def _country(index: pd.DataFrame) -> pd.DataFrame:
    rows = index[(index["group"] == _NATION) & index["value"].notna()]
    return rows[[*_KEY, "value"]].reset_index(drop=True)


def summary(history: pd.DataFrame) -> pd.DataFrame:
    """One row a dimension, the composite (``overall``) first: mean absolute and largest move, and what made them."""
    rows = []
    for dimension, own in history.groupby("dimension", sort=False):
        at = int(own["moved"].abs().to_numpy().argmax())
        means = [float(own[name].abs().mean()) for name in ("moved", "data", "models")]
        rows.append(
            [
                dimension,
                len(own),
                means[0],
                float(own["moved"].iloc[at]),
                own["period"].iloc[at],
                means[1],
                means[2],
            ]
        )
    return pd.DataFrame(rows, columns=schema.columns("moved_summary"))
