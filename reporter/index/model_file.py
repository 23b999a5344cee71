"""The model of the index as a file: ``models/index-<year>-v<n>.json`` of a workspace.

In: a workspace's folder. Out: the model in force for a year, the highest version of the latest year up to it, or None: then a build
learns in memory. A file is learnt by ``reporter models learn``, holds for five years and is never changed; a later one
names the quarter at which its changes continue the earlier one's levels, and carries those levels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import iso, parse_quarter
from reporter.index.joint_model import Dimension, JointModel, Member
from reporter.index.panel import known_items
from reporter.runtime.atomic import disk_errors, write_bytes

FOLDER = "models"
FORMAT = 1
LIFE_YEARS = 5  # ESS guidelines on composite indicators: re-estimate rarely, on a calendar known beforehand
_NAME = re.compile(r"index-(\d{4})-v(\d{1,3})\.json")
_KEYS = ("format", "members", "dimensions", "own_quarterly", "learn_until", "base", "slope", "level")


@dataclass(frozen=True)
class Kept:
    """A model of the workspace: its first year, version, and what it continues.

    link      last quarter that an earlier model's values stand for; None for a first model
    history   those values: quarter x (overall and dimensions); empty for a first model
    replaced  name of the earlier model's file, or "learned in memory"; "" for a first model
    """

    year: int
    version: int
    model: JointModel
    link: pd.Period | None = None
    history: pd.DataFrame | None = None
    replaced: str = ""

    @property
    def name(self) -> str:
        """Path of the file in the workspace."""
        return f"{FOLDER}/index-{self.year}-v{self.version}.json"


def versions(root: Path) -> list[tuple[int, int]]:
    """(first year, version) of every model of the workspace, lowest first."""
    found = (_NAME.fullmatch(path.name) for path in (root / FOLDER).glob("index-*.json"))
    return sorted((int(match[1]), int(match[2])) for match in found if match)


def read(root: Path, year: int) -> Kept | None:
    """The model in force for the issues of a year; None where there is none. Raises InputError when the file cannot be used."""
    known = [pair for pair in versions(root) if pair[0] <= year]
    return load(root, *known[-1]) if known else None


def load(root: Path, year: int, version: int) -> Kept:
    """One model file. Raises InputError when it cannot be used."""
    where = f"{FOLDER}/index-{year}-v{version}.json"
    try:
        content = json.loads((root / where).read_text(encoding="utf-8-sig"))
        missing = [key for key in _KEYS if key not in content]
        if missing or content["format"] != FORMAT:
            raise ValueError(f"missing {', '.join(missing)}" if missing else f"format {content['format']}")
        model = _model(content)
        _require_sound(model)
        link = content.get("link")
        history = None if link is None else _history(content["history"])
        quarter = None if link is None else parse_quarter(link)
        return Kept(year, version, model, quarter, history, content.get("replaced", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"อ่าน {where} ไม่ได้ ({error}) — นำแฟ้มสำรองกลับมา หรือสร้างใหม่ด้วย reporter models learn",
            f"{where} cannot be used ({error}); restore it, or make one with reporter models learn.",
        ) from error


def check(root: Path, quarter: pd.Period | None) -> list[Finding]:
    """Findings of the file in force in the quarter's year, for ``reporter check``."""
    try:
        if quarter is not None:
            read(root, quarter.year)
    except InputError as error:
        return [Finding("error", FOLDER, error.th, error.en)]
    return []


def write(root: Path, kept: Kept) -> Path:
    """Keep a model as a new file of the workspace. Raises ReporterError when the disk refuses."""
    path = root / kept.name
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, text(kept).encode("utf-8"))
    return path


def text(kept: Kept) -> str:
    """The file's content: JSON, one line for a member."""
    model = kept.model
    head: dict[str, Any] = {
        "format": FORMAT,
        "learn_until": iso(model.learn_until),
        "base": [iso(quarter) for quarter in model.base],
        "persistence": model.persistence,
        "own_quarterly": model.own_quarterly,
        "components": model.components,
        "slope": model.slope,
        "level": model.level,
        "replaced": kept.replaced,
        "link": None if kept.link is None else iso(kept.link),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    named = {name: asdict(item) for name, item in model.dimensions.items()}
    lines += [
        '  "dimensions": {',
        _rows([f"{json.dumps(n)}: {json.dumps(v)}" for n, v in named.items()]),
        "  },",
    ]
    lines += ['  "history": {', _rows(_history_lines(kept.history)), "  },"]
    lines += ['  "members": [', _rows([json.dumps(asdict(member)) for member in model.members]), "  ]"]
    return "{\n" + "\n".join(line for line in lines if line) + "\n}\n"


def _rows(lines: list[str]) -> str:
    return ",\n".join(f"    {line}" for line in lines)


def _history_lines(history: pd.DataFrame | None) -> list[str]:
    if history is None:
        return []
    lines = []
    for name in history:
        known = history[name].dropna()
        values = {iso(period): value for period, value in known_items(known)}
        lines.append(f"{json.dumps(str(name))}: {json.dumps(values)}")
    return lines


def _history(content: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    columns = {
        name: pd.Series(values, dtype=float).rename(index=parse_quarter) for name, values in content.items()
    }
    frame = pd.DataFrame(
        {n: pd.Series(c.to_numpy(), pd.PeriodIndex(c.index, freq="Q-DEC")) for n, c in columns.items()}
    )
    return frame.sort_index()


def _model(content: Mapping[str, Any]) -> JointModel:
    base = content["base"]
    return JointModel(
        tuple(Member(**member) for member in content["members"]),
        {name: Dimension(**item) for name, item in content["dimensions"].items()},
        float(content["own_quarterly"]),
        parse_quarter(content["learn_until"]),
        (parse_quarter(base[0]), parse_quarter(base[1])),
        float(content["slope"]),
        float(content["level"]),
        int(content.get("components", 1)),
        float(content.get("persistence", 0.95)),
    )


def _require_sound(model: JointModel) -> None:
    """Raises ValueError for numbers that no learning gives."""
    if not model.members or {member.dimension for member in model.members} != set(model.dimensions):
        raise ValueError("members and dimensions do not match")
    numbers = [member.scale for member in model.members] + [item.spread for item in model.dimensions.values()]
    variances = [v for member in model.members for v in (member.persistent, member.white, member.slope_prior)]
    if not (np.array(numbers) > 0).all() or not (np.array(variances) >= 0).all():
        raise ValueError("a scale is not positive or a variance negative")
    if abs(float(model.weights.sum()) - 1) > 1e-6 or (model.weights < 0).any():
        raise ValueError("weights do not sum to 1")


def differences(before: JointModel, now: JointModel) -> pd.DataFrame:
    """What another estimation changes: kind, name, number, before, now; numbers that differ by less than 1 % are left out."""
    rows: list[list[object]] = []
    for name in [*before.dimensions, *(n for n in now.dimensions if n not in before.dimensions)]:
        old, new = before.dimensions.get(name), now.dimensions.get(name)
        rows += _differing(
            "dimension", name, {} if old is None else asdict(old), {} if new is None else asdict(new)
        )
    members = [{member.indicator: asdict(member) for member in model.members} for model in (before, now)]
    for name in dict.fromkeys([*members[0], *members[1]]):
        rows += _differing("indicator", name, members[0].get(name, {}), members[1].get(name, {}))
    return pd.DataFrame(rows, columns=["kind", "name", "number", "before", "now"])


def _differing(kind: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = []
    for key in dict.fromkeys([*old, *new]):
        a, b = old.get(key), new.get(key)
        if isinstance(a, float) and isinstance(b, float):
            if abs(a - b) <= 0.01 * max(abs(a), abs(b), 1e-9):
                continue
        elif a == b:
            continue
        rows.append([kind, name, key, a, b])
    return rows
