"""Which indicators moved, as the Kansas City Fed prints: counts of up and down, largest first.

Goes in: seasonally adjusted series. Comes out: ``movers``, changes in the indicator's own unit and, turned by
polarity, in standard deviations of its usual changes over the same distance.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index.contributions import LAGS
from reporter.index.panel import Series, quarterly_means

UNCHANGED_SD = 0.1


def movers(
    series: Mapping[str, Series], adjusted: Mapping[str, pd.Series], quarter: pd.Period
) -> pd.DataFrame:
    """Table ``movers`` for the issue's quarter; indicators without data in one of the two quarters have no row."""
    rows = []
    for against, lag in LAGS.items():
        for name, item in series.items():
            means = quarterly_means(adjusted[name])
            value, previous = means.get(quarter, float("nan")), means.get(quarter - lag, float("nan"))
            if pd.isna(value) or pd.isna(previous):
                continue
            usual = float((means - means.shift(lag)).std(ddof=0))
            change = value - previous
            in_sd = item.indicator.polarity * change / usual if usual > 0 else 0.0
            direction = "unchanged" if abs(in_sd) < UNCHANGED_SD else "improved" if in_sd > 0 else "worsened"
            dimension = item.indicator.dimension
            rows.append([iso(quarter), against, name, dimension, value, previous, change, in_sd, direction])
    return pd.DataFrame(rows, columns=schema.columns("movers"))
