"""What new and revised data did to the index since the previous issue: news and revisions by series.

Goes in: the present computation and the data as the previous issue knew them. Comes out: ``news``. The present models
read both sets of data; series are brought up to date one after another in declared order, first the values that were
known before (revisions, of the source or of the seasonal adjustment), then the new observations (news, beyond what the
model expected of them), so the impacts sum exactly to the whole change. Quarters: the issue's and the one before; a
dimension without data in a quarter stands there with the model's forecast.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.index.composite import Composite, scale_of
from reporter.index.factor import Fit, reread
from reporter.index.panel import is_monthly, value_at
from reporter.periods import iso

COLUMNS = ["period", "indicator", "dimension", "kind", "impact"]


def impacts(
    composite: Composite,
    fits: Mapping[str, Fit],
    present: Mapping[str, pd.Series],
    previous: Mapping[str, pd.Series],
    quarter: pd.Period,
) -> pd.DataFrame:
    """Table ``news``: points of the composite by series and kind; series without a change have no row.

    present, previous  id -> transformed series; a member that was not there before is all new
    """
    rows: list[list[object]] = []
    for dimension, fit in fits.items():
        slope, _ = scale_of(fit.value, composite.base)
        points = composite.slope * float(composite.weights.to_dict()[dimension]) * slope
        data = {name: _before(present[name], previous.get(name)) for name in fit.members}
        value = reread(fit, data, quarter)
        for name in fit.members:
            for kind, series in _steps(data[name], present[name]).items():
                if series.equals(data[name]):
                    continue
                data[name] = series
                after = reread(fit, data, quarter)
                rows.extend(
                    [
                        iso(period),
                        name,
                        dimension,
                        kind,
                        points * (value_at(after, period) - value_at(value, period)),
                    ]
                    for period in (quarter - 1, quarter)
                )
                value = after
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["period", "dimension", "indicator", "kind"], kind="stable", ignore_index=True)


def _before(now: pd.Series, before: pd.Series | None) -> pd.Series:
    """The previous data on the present index."""
    if before is None or is_monthly(before) != is_monthly(now):
        return now * float("nan")
    return before.reindex(now.index)


def _steps(before: pd.Series, now: pd.Series) -> dict[str, pd.Series]:
    """First the new values of what was known, then everything."""
    return {"revision": now.where(before.notna(), before), "news": now}
