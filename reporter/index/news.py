"""What new and revised data did to the index since the previous issue: news and revisions by series.

Goes in: the present computation and the data as the previous issue knew them. Comes out: ``news`` for the issue's quarter and the
one before, and ``data_effects`` for every quarter. The present models read both sets of data. Revisions are new values
of what was known before, of the source or of the seasonal adjustment; news is what new observations say beyond what
the model expected of them. Impacts sum exactly to the whole change (see ``updates``). A dimension without data in a
quarter stands there with the model's forecast.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index.composite import Composite, combine, scale_of
from reporter.index.factor import Fit, reread, updated
from reporter.index.panel import is_monthly, known_items
from reporter.index.updates import Update


def impacts(
    composite: Composite, fits: Mapping[str, Fit], found: Mapping[str, Update], quarter: pd.Period
) -> pd.DataFrame:
    """Table ``news``: points of the composite by series and kind; series without a change have no row.

    found  of ``changes``
    """
    rows: list[list[object]] = []
    for dimension, item in found.items():
        slope, _ = scale_of(fits[dimension].value, composite.base)
        points = composite.slope * float(composite.weights.to_dict()[dimension]) * slope
        for kind, moved in (("revision", item.revision), ("news", item.news)):
            shown = moved[-2:] * points
            rows.extend(
                [iso(period), name, dimension, kind, impact]
                for period, row in zip((quarter - 1, quarter), shown, strict=True)
                for name, impact in zip(fits[dimension].members, row.tolist(), strict=True)
                if impact != 0
            )
    table = pd.DataFrame(rows, columns=schema.columns("news"))
    return table.sort_values(["period", "dimension", "indicator", "kind"], kind="stable", ignore_index=True)


def effects(
    composite: Composite,
    fits: Mapping[str, Fit],
    present: Mapping[str, pd.Series],
    previous: Mapping[str, pd.Series],
    quarter: pd.Period,
) -> pd.DataFrame:
    """Table ``data_effects``: by how many points the data since the previous issue moved every quarter's value.

    The index is put together once more from the previous data, with the present models, weights and base period: had
    only the data changed, that is what the previous issue published.
    """
    index = composite.value.index
    factors = pd.DataFrame(
        {
            dimension: reread(fit, _members_before(fit, present, previous), quarter).reindex(index)
            for dimension, fit in fits.items()
        }
    )
    before = combine(factors, composite.base, composite.weights)
    wide = {"overall": composite.value - before.value}
    wide |= {str(name): composite.sub_indices[name] - values for name, values in before.sub_indices.items()}
    rows = [[iso(p), name, value] for name, values in wide.items() for p, value in known_items(values)]
    return pd.DataFrame(rows, columns=schema.columns("data_effects"))


def changes(
    fits: Mapping[str, Fit],
    present: Mapping[str, pd.Series],
    previous: Mapping[str, pd.Series],
    quarter: pd.Period,
) -> dict[str, Update]:
    """What the data since the previous issue did to every dimension.

    present, previous  id -> transformed series; a member that was not there before is all new
    """
    return {
        dimension: updated(fit, _members_before(fit, present, previous), present, quarter)
        for dimension, fit in fits.items()
    }


def _members_before(
    fit: Fit, present: Mapping[str, pd.Series], previous: Mapping[str, pd.Series]
) -> dict[str, pd.Series]:
    return {name: _before(present[name], previous.get(name)) for name in fit.members}


def _before(now: pd.Series, before: pd.Series | None) -> pd.Series:
    """The previous data on the present frequency; a member that was not there before has none."""
    if before is None or is_monthly(before) != is_monthly(now):
        return now * float("nan")
    return before
