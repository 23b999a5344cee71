"""The register of series: what each is called, who publishes it, what its newest value is and when the next one is due.

Goes in: the declarations, a history of observations, a day. Comes out: one table for ``reporter indicators`` and for people who look for
an id.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.formula import names
from reporter.domain.periods import parse_period
from reporter.inputs.series.observations import latest_vintage
from reporter.measures.annex import annex_inputs

COLUMNS = (
    "id",
    "kind",
    "name_th",
    "name_en",
    "unit",
    "frequency",
    "source",
    "groups",
    "last_period",
    "last_value",
    "next_due",
    "status",
)
_MACRO_LAG_DAYS = 60  # the national accounts appear about seven weeks after the quarter
STATUS = {
    "current": ("ครบตามกำหนด", "current"),
    "due": ("ถึงกำหนดแล้วยังไม่มี", "due"),
    "absent": ("ไม่มีข้อมูล", "absent"),
    "computed": ("คำนวณจากสูตร", "computed"),
}


def register(declarations: Declarations, history: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Every series that a file may hold: columns ``COLUMNS``, indicators first, in declared order.

    kind      ``indicator``, ``part`` (of a gap), ``macro`` or ``input`` (of formulas and the annex)
    next_due  end of the period after the newest plus the declared lag, as text; "" where there is no value or no lag
    """
    entries = _entries(declarations)
    nation = history[history["group"] == "TH"]
    newest = latest_vintage(nation, None).sort_values("period", key=lambda column: column.map(_end))
    last = dict(zip(newest["indicator"], zip(newest["period"], newest["value"], strict=True), strict=True))
    rows = []
    for (series, *about), lag, inputs in entries:
        period, value = last.get(series, ("", float("nan")))
        due = _due(period, lag)
        if period:
            status = "due" if due and due < today else "current"
        else:
            status = "computed" if inputs and set(inputs) <= set(last) else "absent"
        rows.append((series, *about, period, value, due.isoformat() if due else "", status))
    return pd.DataFrame(rows, columns=list(COLUMNS))


_Entry = tuple[tuple[str, ...], int | None, tuple[str, ...]]


def _entries(declarations: Declarations) -> list[_Entry]:
    """(id, kind, names, unit, frequency, source, groups), lag in days, inputs of the formula."""
    found: list[_Entry] = []
    for one in declarations.indicators.values():
        groups = " ".join(one.groups)
        about = (one.unit, one.frequency, one.source, groups)
        inputs = names(one.formula) if one.formula else ()
        found.append(
            ((one.id, "indicator", one.name.th, one.name.en, *about), one.publication_lag_days, inputs)
        )
        for part in one.components:
            th, en = ("ชาย", "men") if part.endswith("_male") else ("หญิง", "women")
            named = (f"{one.name.th} ({th})", f"{one.name.en} ({en})")
            found.append(
                ((part, "part", *named, "", one.frequency, one.source, groups), one.publication_lag_days, ())
            )
    for macro in declarations.macro.values():
        named = (macro.name.th, macro.name.en)
        found.append(
            (
                (macro.id, "macro", *named, macro.unit, macro.frequency, macro.source, "TH"),
                _MACRO_LAG_DAYS,
                (),
            )
        )
    known = {entry[0][0] for entry in found}
    for series, entry in annex_inputs().items():
        if series not in known:
            found.append(((series, "input", entry.name.th, entry.name.en, entry.unit, "", "", ""), None, ()))
    return found


def _end(period: str) -> pd.Timestamp:
    return parse_period(period).end_time


def _due(period: str, lag: int | None) -> dt.date | None:
    if not period or lag is None:
        return None
    due: dt.date = (parse_period(period) + 1).end_time.date() + dt.timedelta(days=lag)
    return due
