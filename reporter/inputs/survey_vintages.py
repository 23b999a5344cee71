"""The answers of the surveys as they were known on a day: late forms and corrections never overwrite what was published.

Goes in: the files of ``surveys/<survey>/``. Comes out: copies in ``store/surveys/<survey>/<quarter>/``, named by the day
they were first seen and their digest, byte for byte; and the file that was known on a day. A final issue keeps its
answers here, and ``reporter build --as-of DAY`` computes from what was known then. The store is part of the workspace
and holds single answers: it is never published.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from reporter.domain.periods import iso

_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9a-f]{16})\.[a-z]+\Z")


def versions(root: Path, survey: str, quarter: pd.Period) -> list[tuple[dt.date, Path]]:
    """Kept versions of one quarter's answers, the oldest first."""
    folder = root / "store" / "surveys" / survey / iso(quarter)
    paths = folder.glob("*") if folder.is_dir() else ()
    found = [(dt.date.fromisoformat(name[1]), path) for path in paths if (name := _NAME.match(path.name))]
    return sorted(found, key=lambda version: (version[0], version[1].stat().st_mtime_ns))


def keep(root: Path, survey: str, files: Mapping[pd.Period, Path], day: dt.date) -> list[Path]:
    """Keep every file that is not the newest kept version already; returns the new copies. Raises OSError."""
    added = []
    for quarter, path in files.items():
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:16]
        known = versions(root, survey, quarter)
        if known and _NAME.match(known[-1][1].name)[2] == digest:  # type: ignore[index]
            continue
        target = (
            root
            / "store"
            / "surveys"
            / survey
            / iso(quarter)
            / f"{day.isoformat()}-{digest}{path.suffix.lower()}"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        part.write_bytes(data)
        part.replace(target)
        added.append(target)
    return added


def known_on(root: Path, survey: str, files: Mapping[pd.Period, Path], day: dt.date) -> dict[pd.Period, Path]:
    """Files as they were known on a day.

    A quarter without kept versions is taken as it stands; one whose versions are all later was not known yet.
    """
    found: dict[pd.Period, Path] = {}
    folder = root / "store" / "surveys" / survey
    kept = (
        {pd.Period(path.name.replace("-Q", "Q")) for path in folder.glob("????-Q?")}
        if folder.is_dir()
        else set()
    )
    for quarter in sorted(set(files) | kept):
        known = versions(root, survey, quarter)
        until = [path for seen, path in known if seen <= day]
        if until:
            found[quarter] = until[-1]
        elif not known:
            found[quarter] = files[quarter]
    return found
