"""The three headline numbers of an issue, for the manifest, the mail and the website.

Goes in: the tables. Comes out: value and changes on the quarter and on the year; None where there is none.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from reporter.context import Context
from reporter.periods import iso
from reporter.tables import Tables


def headline(tables: Tables, context: Context) -> dict[str, Any]:
    """The three headline numbers with their changes on the quarter and on the year; None where there is none."""
    index = tables["labour_index"]
    labour = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
    series = {"labour_index": labour.set_index("period")["value"]}
    confidence = tables.get(
        "confidence", pd.DataFrame(columns=["survey", "domain", "group", "period", "value"])
    )
    for survey in ("employer", "worker"):
        rows = confidence[
            (confidence["survey"] == survey)
            & (confidence["domain"] == "overall")
            & (confidence["group"] == "TH")
        ]
        series[survey] = rows.set_index("period")["value"]
    now, before, year_ago = (iso(context.quarter - lag) for lag in (0, 1, 4))
    return {
        name: {
            "value": _number(values.get(now)),
            "change_quarter": _difference(values.get(now), values.get(before)),
            "change_year": _difference(values.get(now), values.get(year_ago)),
        }
        for name, values in series.items()
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _difference(value: Any, earlier: Any) -> float | None:
    first, second = _number(value), _number(earlier)
    return None if first is None or second is None else first - second
