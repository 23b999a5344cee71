"""What readers are told when a model of the index, or the whole method, replaces another: both histories, the link, the reason.

In: the workspace's model of the index and, where the office says so, ``models/replaced.toml`` with the history that another method published. Out: table
``replaced_history``, which has rows only in the issue that starts the new model or method; chapter 2 and the technical volume speak of it there.

    # models/replaced.toml
    first_issue = "2025-Q1"                          # the issue that tells of it
    name = { th = "ดัชนีตามวิธีเดิม", en = "Index by the earlier method" }
    reason = { th = "…", en = "…" }
    history = "replaced.csv"                         # dimension,period,value as in labour_index.csv

Without that file a re-estimated model that continues an earlier one tells of itself: the earlier values are those that its file carries.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.domain import schema
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.index.composite import OVERALL
from reporter.index.model_file import FOLDER, Kept
from reporter.index.panel import known_items

FILE = f"{FOLDER}/replaced.toml"
_REASON = "ประมาณแบบจำลองใหม่ตามกำหนดทุกห้าปี"
_FORMAT = 'ใช้รูปแบบ first_issue = "2025-Q1", name = { th, en }, reason = { th, en }, history = "replaced.csv"'


@dataclass(frozen=True)
class Replaced:
    """A published history that another method made.

    history  quarter x (overall and dimensions)
    """

    first_issue: pd.Period
    name: Mapping[str, str]
    reason: Mapping[str, str]
    history: pd.DataFrame


def read(root: Path) -> Replaced | None:
    """What the workspace declares; None where it declares nothing. Raises InputError when a file cannot be used."""
    path = root / FILE
    if not path.is_file():
        return None
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        texts = {
            key: {language: str(content[key][language]) for language in ("th", "en")}
            for key in ("name", "reason")
        }
        table = path.parent / Path(str(content["history"])).name
        return Replaced(
            parse_quarter(str(content["first_issue"])), texts["name"], texts["reason"], _history(table)
        )
    except (OSError, KeyError, TypeError, ValueError, PeriodError) as error:
        raise InputError(
            f"อ่าน {FILE} ไม่ได้ ({error}) — {_FORMAT}",
            f"{FILE} cannot be used ({error}); it needs first_issue, name, reason (th and en) and history, a file beside it.",
        ) from error


def _history(path: Path) -> pd.DataFrame:
    """Raises ValueError with file and row where a value cannot be used."""
    columns: dict[str, dict[pd.Period, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"dimension", "period", "value"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path.name}: no column {', '.join(sorted(missing))}")
        for number, row in enumerate(rows, start=2):
            if row.get("group") not in (None, "TH"):
                continue  # the file may be an issue's whole labour_index.csv
            try:
                columns.setdefault(row["dimension"], {})[parse_quarter(row["period"])] = float(row["value"])
            except (TypeError, ValueError, PeriodError) as error:
                raise ValueError(f"{path.name} row {number}: {error}") from error
    if OVERALL not in columns:
        raise ValueError(f"{path.name}: no rows of dimension {OVERALL}")
    frame = pd.DataFrame(
        {n: pd.Series(list(c.values()), pd.PeriodIndex(list(c), freq="Q-DEC")) for n, c in columns.items()}
    )
    return frame.sort_index()


def check(root: Path) -> list[Finding]:
    """Findings of the declared history, for ``reporter check``."""
    try:
        read(root)
    except InputError as error:
        return [Finding("error", FILE, error.th, error.en)]
    return []


def of_model(kept: Kept | None, alone: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``replaced_history`` for a model that continues an earlier one; none for a first model.

    alone  quarter x (overall and dimensions): what the new model says by itself, before its levels are linked
    """
    if kept is None or kept.link is None or kept.history is None:
        return schema.empty("replaced_history")
    return _rows(kept.history, alone, kept.replaced, _REASON, iso(kept.link))


def told(
    computed: Mapping[str, pd.DataFrame],
    quarter: pd.Period,
    declared: Replaced | None,
    last_model: str | None,
) -> pd.DataFrame:
    """Table ``replaced_history`` of an issue: without rows where it starts no other method or model.

    computed    ``replaced_history`` of ``of_model``, ``labour_index``, ``index_parameters``
    last_model  ``index_model`` of the last earlier issue; None where there is none
    """
    if declared is not None and declared.first_issue == quarter:
        index = computed["labour_index"]
        nation = index[(index["group"] == "TH") & index["value"].notna()]
        now = nation.pivot(index="period", columns="dimension", values="value")
        now = now.set_axis(pd.PeriodIndex([parse_quarter(text) for text in now.index], freq="Q-DEC"))
        now = now[list(dict.fromkeys(nation["dimension"]))]
        return _rows(declared.history, now, declared.name["th"], declared.reason["th"], "")
    values = computed["index_parameters"].set_index("key")["value"]
    link, model = values.get("index_link"), values.get("index_model")
    if link is None:
        return schema.empty("replaced_history")
    starts = last_model != model if last_model is not None else parse_quarter(str(link)) == quarter - 1
    return computed["replaced_history"] if starts else schema.empty("replaced_history")


def _rows(before: pd.DataFrame, now: pd.DataFrame, name: str, reason: str, link: str) -> pd.DataFrame:
    rows: list[list[object]] = []
    for dimension in now:
        if dimension in before:
            both = pd.DataFrame({"before": before[dimension], "now": now[dimension]}).dropna()
            for (period, value), (_, present) in zip(
                known_items(both["before"]), known_items(both["now"]), strict=True
            ):
                rows.append([dimension, iso(period), value, present, present - value, name, reason, link])
    return pd.DataFrame(rows, columns=schema.columns("replaced_history"))
