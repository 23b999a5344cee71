"""The package's synthetic values recognised by content, wherever they were copied to.

Goes in: a workspace's history of observations and its survey files. Comes out: errors where a workspace that says its data are real
(``synthetic = false``) holds the sample's numbers or answers. The sample is drawn anew from its seed, so nothing has to be kept.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import iso
from reporter.inputs.declared import load
from reporter.inputs.workspace import Workspace
from reporter.runtime.cache import StageCache
from reporter.sample import MARK, SEED, seeds
from reporter.sample.series import make_series
from reporter.sample.surveys import make_surveys
from reporter.surveys.file_reader import read_grids

# Two years of quarters that agree to the last printed digit are no chance; a few values may be (a rate of 1.0).
_LEAST_VALUES = 8
_SHARE_OF_VALUES = 0.5  # some may have been overwritten by real ones
_LEAST_ROWS = 20
_SHARE_OF_ROWS = 0.5


def check(workspace: Workspace, history: pd.DataFrame, cache: StageCache | None = None) -> list[Finding]:
    """Errors for synthetic values in a workspace whose settings say that its data are real."""
    if workspace.settings.synthetic:
        return []
    cache = cache or StageCache(None)
    found = _mark(workspace.root)
    if len(history):
        found += _series(history, cache.result("sample_values", (SEED, load()), _sample_values))
    if (workspace.root / "surveys").is_dir():
        found += _surveys(workspace, cache.result("sample_answers", (SEED, load()), _sample_answers))
    return found


@functools.cache
def _sample_values() -> pd.DataFrame:
    """The sample's values: indicator, group, period, value."""
    parts = []
    for text in make_series(load(), np.random.default_rng(seeds(SEED)[0])).values():
        part = pd.read_csv(io.StringIO(text), dtype={"indicator": str, "period": str})
        parts.append(part.assign(group=part.get("group", "TH")))
    return pd.concat(parts, ignore_index=True)[["indicator", "group", "period", "value"]].drop_duplicates()


@functools.cache
def _sample_answers() -> frozenset[int]:
    """Digests of the rows of all survey files of the sample."""
    surveys = make_surveys(load(), np.random.default_rng(seeds(SEED)[1]))
    return frozenset(_row(cells) for text in surveys.values() for cells in csv.reader(io.StringIO(text)))


def _row(cells: Iterable[object]) -> int:
    """A survey row without its id and its blanks: what a person answered."""
    said = [text for cell in cells if (text := str(cell).strip())][1:]
    return int.from_bytes(hashlib.blake2b("\0".join(said).encode(), digest_size=8).digest())


def _mark(root: Path) -> list[Finding]:
    if not (root / MARK).is_file():
        return []
    return [
        Finding(
            "error",
            MARK,
            "โฟลเดอร์นี้สร้างด้วย reporter sample ข้อมูลจึงสังเคราะห์ — ตั้ง synthetic = true หรือใช้โฟลเดอร์ใหม่จาก reporter init",
            "This folder was made by reporter sample, so its data are synthetic; set synthetic = true, or begin with reporter init.",
            rule="synthetic.folder",
        )
    ]


def _series(history: pd.DataFrame, sample: pd.DataFrame) -> list[Finding]:
    key = ["indicator", "group", "period"]
    both = history.merge(sample, on=key, suffixes=("", "_sample"))
    if both.empty:
        return []
    same = np.isclose(both["value"], both["value_sample"], rtol=1e-9, atol=0)
    both = (
        both.assign(same=same)
        .sort_values("same", kind="stable")
        .drop_duplicates([*key, "file", "row"], keep="last")
    )
    found = []
    for file, rows in both.groupby("file", sort=True):
        counts = rows.groupby(["indicator", "group"])["same"].agg(["sum", "size"])
        alike = counts[
            (counts["sum"] >= _LEAST_VALUES) & (counts["sum"] >= _SHARE_OF_VALUES * counts["size"])
        ]
        if alike.empty:
            continue
        named = ", ".join(sorted({str(series) for series, _ in alike.index})[:6])
        first = rows[rows["same"] & (rows["indicator"] == alike.index[0][0])].iloc[0]
        found.append(
            Finding(
                "error",
                str(file),
                f"มีค่าของข้อมูลตัวอย่าง (สังเคราะห์) {int(alike['sum'].sum()):,} ค่าใน {len(alike):,} อนุกรม เช่น {named} แต่ synthetic = false"
                " — แทนด้วยข้อมูลจริง หรือตั้ง synthetic = true",
                f"{int(alike['sum'].sum()):,} values of {len(alike):,} series ({named}) are the package's synthetic ones, but synthetic ="
                " false; put real data in their place, or set synthetic = true.",
                row=int(first["row"]) or None,
                column="value",
                value=f"{first['value']:g}",
                rule="synthetic.series",
            )
        )
    return found


def _surveys(workspace: Workspace, known: frozenset[int]) -> list[Finding]:
    found = []
    for survey in ("employer", "worker"):
        for quarter, path in workspace.survey_files(survey).items():
            where = f"surveys/{survey}/{path.name}"
            try:
                grids = read_grids(path, where)
            except InputError:
                continue  # reading it says so
            rows = [_row(cells) for grid in grids for cells in grid.cells.itertuples(index=False)]
            same = sum(row in known for row in rows)
            if same >= _LEAST_ROWS and same >= _SHARE_OF_ROWS * len(rows):
                found.append(
                    Finding(
                        "error",
                        where,
                        f"คำตอบ {same:,} จาก {len(rows):,} แถวเป็นของข้อมูลตัวอย่าง (สังเคราะห์) แต่ synthetic = false — วางคำตอบจริงของไตรมาส {iso(quarter)}",
                        f"{same:,} of {len(rows):,} rows are the package's synthetic answers, but synthetic = false; put the real"
                        f" answers of {iso(quarter)} here.",
                        rule="synthetic.survey",
                    )
                )
    return found
