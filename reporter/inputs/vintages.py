"""The store of vintages: every observation with the time from which it was known; nothing is ever overwritten.

Goes in: observations from snapshots. Comes out: what was known on a date, and the history of every value. The store is
a folder of Parquet segments (``store/vintages``), read with DuckDB. A segment is written beside, flushed and renamed, so
a kill at any moment leaves the segments there were; a lock keeps two writers apart. Only values that differ from what
counted before are added: the same answer twice adds no vintage.

``as_of`` is the time at which the whole answer had been received, in Thai time without zone.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import os
import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reporter.domain import schema
from reporter.domain.errors import StateError, VintageError
from reporter.domain.periods import BANGKOK
from reporter.inputs.series_cells import KEY
from reporter.runtime.cache import lock

if TYPE_CHECKING:
    import duckdb

STORE = "store"
WITHDRAWN = "withdrawn.csv"
_SEGMENTS = "vintages"
_PATTERN = "[0-9]*.parquet"
COLUMNS = [
    *KEY,
    "frequency",
    "value",
    "as_of",
    "adjusted",
    "flag",
    "source",
    "snapshot",
    "published",
    "place",
    "row",
    "cell",
]
_READ = [*KEY, "frequency", "value", "adjusted", "flag", "snapshot", "place", "row", "cell", "as_of"]
_GROUPS = ("TH", "STATUS", "REGION", "PROVINCE", "INDUSTRY", "SKILL", "WORK")
_PATIENCE_SECONDS = 120.0
_TYPES = {
    "indicator": "VARCHAR",
    "group": "VARCHAR",
    "period": "VARCHAR",
    "frequency": "VARCHAR",
    "value": "DOUBLE",
    "as_of": "TIMESTAMP",
    "adjusted": "BOOLEAN",
    "flag": "VARCHAR",
    "source": "VARCHAR",
    "snapshot": "VARCHAR",
    "published": "TIMESTAMP",
    "place": "VARCHAR",
    "row": "INTEGER",
    "cell": "VARCHAR",
}
# Columns that segments written before them lack, and that an answer need not have.
_OPTIONAL: dict[str, Any] = {"flag": "", "place": "", "row": 0, "cell": ""}


@dataclass(frozen=True)
class Added:
    """What an answer brought: values for new keys, values that differ, values as they were."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(self.new + other.new, self.revised + other.revised, self.unchanged + other.unchanged)


def local(moment: dt.datetime) -> pd.Timestamp:
    """A moment as the store writes it: Thai time without zone, microseconds."""
    return pd.Timestamp(moment.astimezone(BANGKOK).replace(tzinfo=None)).as_unit("us")


def vintages_folder(root: Path) -> Path:
    """Where a workspace's segments are."""
    return root / STORE / _SEGMENTS


def segments(root: Path) -> list[Path]:
    """The store's files of a workspace, in the order in which they were written."""
    return sorted(vintages_folder(root).glob(_PATTERN))


@contextlib.contextmanager
def alone(root: Path, name: str = "store", patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the store, or one series of it, alone; wait for another run as long as ``patience`` (seconds).

    Raises VintageError when the other run does not end in that time.
    """
    folder = root / STORE
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(lock(folder / f".{name}.lock"))
                break
            except StateError as error:
                if time.monotonic() >= deadline:
                    raise VintageError(
                        f"มีการดึงข้อมูลอื่นใช้ {name} อยู่ — รอให้เสร็จแล้วสั่งใหม่",
                        f"Another run is using {name}; wait for it and run again.",
                    ) from error
                time.sleep(0.05)
        yield


def append(root: Path, found: pd.DataFrame) -> Added:
    """Add to the store what ``found`` says otherwise than what counted at its ``as_of``.

    found   the columns ``COLUMNS``; one row per key; ``as_of`` one moment for all
    Raises  VintageError when the store is busy or damaged, ValueError for repeated keys
    """
    if found.empty:
        return Added()
    found = found.assign(**{name: value for name, value in _OPTIONAL.items() if name not in found})
    if found.duplicated(KEY).any():
        raise ValueError("an answer must hold one value per indicator, group and period")
    with alone(root):
        before = _latest(root, found["as_of"].max(), sorted(set(found["indicator"])))
        compared = found.merge(
            before[[*KEY, "value", "adjusted"]], on=KEY, how="left", suffixes=("", "_before")
        )
        is_new = compared["value_before"].isna().to_numpy()
        same = (
            (compared["value"] == compared["value_before"])
            & (compared["adjusted"] == compared["adjusted_before"])
        ).to_numpy()
        fresh = found[~same]
        if not fresh.empty:
            _write(root, fresh)
    return Added(int(is_new.sum()), int((~is_new & ~same).sum()), int(same.sum()))


def observations(
    root: Path, as_of: dt.date | None = None, *, indicators: Collection[str] | None = None
) -> pd.DataFrame:
    """What was known of every month and quarter at the end of a day: one row per indicator, group and period.

    root        the workspace
    as_of       a day in Thailand, or None for all that is known
    indicators  only these series
    Returns     the columns of ``observations`` in docs/tables.md, sorted by indicator, group, period; no rows where
                the workspace has no store
    Raises      VintageError for a store that cannot be read
    """
    return _shaped(_latest(root, _end(as_of), indicators), annual=False)


def history(
    root: Path,
    as_of: dt.date | None = None,
    *,
    indicators: Collection[str] | None = None,
    group: str | None = None,
) -> pd.DataFrame:
    """Like ``observations``, superseded values too, each key's oldest first; ``group``: of that group only."""
    select = f"SELECT {', '.join(_quoted(_READ))} FROM known"
    if group is not None:
        select += f' WHERE "group" = {_literal(group)}'
    return _shaped(_query(root, _end(as_of), indicators, select), annual=False)


def records(root: Path, as_of: dt.date | None = None, *, prefix: str = "") -> pd.DataFrame:
    """What was known, of any frequency and kind of group; ``prefix`` of the series' ids. Columns as ``observations``."""
    everything = _latest(root, _end(as_of), None)
    return _shaped(everything[everything["indicator"].str.startswith(prefix)], annual=True)


def withdrawn(root: Path) -> dict[str, pd.Timestamp]:
    """Deliveries that were taken back, with the moment from which they count no more (Thai time)."""
    path = root / STORE / WITHDRAWN
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return {row["snapshot"]: pd.Timestamp(row["at"]) for row in csv.DictReader(stream)}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise VintageError(
            f"อ่าน {STORE}/{WITHDRAWN} ไม่ได้ — กู้คืนจากสำเนาสำรอง",
            f"{STORE}/{WITHDRAWN} cannot be read; restore it from a backup.",
        ) from error


def withdraw(root: Path, snapshot: str, at: dt.datetime, by: str, reason: str) -> None:
    """Record that a delivery is taken back from a moment on; days before still see it. Raises StateError when it was before."""
    with alone(root):
        if snapshot in withdrawn(root):
            raise StateError(f"{snapshot} ถอนไปแล้ว", f"{snapshot} was withdrawn before.")
        path = root / STORE / WITHDRAWN
        is_new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            if is_new:
                writer.writerow(["snapshot", "at", "by", "reason"])
            writer.writerow([snapshot, local(at).isoformat(), by, reason])
            stream.flush()
            os.fsync(stream.fileno())


def replace_all(root: Path, parts: Collection[pd.DataFrame]) -> Path:
    """Write a whole store anew, as one segment under a temporary name, from the parts' changes in order.

    The caller holds the store and puts the folder in place.
    """
    beside = root / STORE / f".{_SEGMENTS}.rebuilding"
    beside.mkdir(parents=True, exist_ok=True)
    for stale in beside.iterdir():
        stale.unlink()
    filled = [part for part in parts if not part.empty]
    if filled:
        whole = pd.concat(filled, ignore_index=True).sort_values(
            [*KEY, "as_of"], kind="stable", ignore_index=True
        )
        _save(beside / "000001.parquet", whole)
    return beside


def changes(parts: Collection[pd.DataFrame]) -> list[pd.DataFrame]:
    """Of answers in order of time, the rows that differ from what counted before each; what ``append`` keeps."""
    if not parts:
        return []
    numbered = [part.assign(_order=number) for number, part in enumerate(parts)]
    whole = pd.concat(numbered, ignore_index=True).sort_values([*KEY, "as_of", "_order"], kind="stable")
    before = whole.groupby(KEY, sort=False)[["value", "adjusted"]].shift()
    same = (whole["value"] == before["value"]) & (
        whole["adjusted"] == before["adjusted"].astype("boolean").fillna(False)
    )
    return [whole[~same].drop(columns="_order")]


def _end(as_of: dt.date | None) -> pd.Timestamp | None:
    """The last moment of a day."""
    return (
        None if as_of is None else pd.Timestamp(as_of) + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
    )


def _latest(root: Path, moment: pd.Timestamp | None, indicators: Collection[str] | None) -> pd.DataFrame:
    """The newest value of every key not later than a moment."""
    # One arg_max over a structure reads every vintage once; one per column would compare times again for each.
    return _query(
        root,
        moment,
        indicators,
        'SELECT indicator, "group", period, unnest(newest), as_of FROM (SELECT indicator, "group", period, '
        "arg_max(struct_pack(frequency := frequency, value := value, adjusted := adjusted, flag := flag, snapshot := snapshot, "
        'place := place, "row" := "row", cell := cell), as_of) '
        'AS newest, max(as_of) AS as_of FROM known GROUP BY indicator, "group", period)',
    )


def _query(
    root: Path, moment: pd.Timestamp | None, indicators: Collection[str] | None, select: str
) -> pd.DataFrame:
    """A selection from the segments that were known at a moment; text columns come as categories of few words."""
    files = [str(path) for path in segments(root)]
    if not files:
        return _empty()
    import duckdb  # here and below: the desk starts sooner without it, and many workspaces have no store

    conditions = ["TRUE"]
    values: list[object] = []
    if moment is not None:
        conditions.append("as_of <= ?")
        values.append(moment.to_pydatetime())
    gone = [snapshot for snapshot, at in withdrawn(root).items() if moment is None or moment >= at]
    if gone:
        conditions.append("snapshot NOT IN (SELECT unnest(?))")
        values.append(gone)
    if indicators is not None:
        conditions.append("indicator IN (SELECT unnest(?))")
        values.append(sorted(indicators))
    try:
        with duckdb.connect(config={"threads": min(4, os.cpu_count() or 1)}) as database:
            database.execute(_view(files))
            database.execute(
                f"CREATE TEMP TABLE found AS WITH known AS (SELECT * FROM segments WHERE {' AND '.join(conditions)}) {select}",
                values,
            )
            return _frame(database)
    except (duckdb.Error, OSError) as error:
        raise VintageError(
            f"อ่านคลังข้อมูล {STORE}/{_SEGMENTS} ไม่ได้ — สร้างใหม่ด้วย reporter vintages rebuild",
            f"The store {STORE}/{_SEGMENTS} cannot be read; rebuild it with reporter vintages rebuild.",
        ) from error


def _view(files: list[str]) -> str:
    """SQL of a view of all segments, with the columns that old ones lack."""
    typed = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in _TYPES.items())
    filled = ", ".join(f'coalesce("{name}", {value!r}) AS "{name}"' for name, value in _OPTIONAL.items())
    whole = f"SELECT {typed} WHERE FALSE UNION ALL BY NAME SELECT * FROM read_parquet({_literal(files)}, union_by_name = true)"
    return f"CREATE TEMP VIEW segments AS SELECT * REPLACE ({filled}) FROM ({whole})"


def _frame(database: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The table ``found`` as a frame; texts pass as enumerations, which keeps memory and time small."""
    picked = []
    for name in _READ:
        if _TYPES[name] == "VARCHAR":
            database.execute(
                f'CREATE TYPE "words of {name}" AS ENUM (SELECT DISTINCT "{name}" FROM found ORDER BY 1)'
            )
            picked.append(f'"{name}"::"words of {name}" AS "{name}"')
        else:
            picked.append(f'"{name}"')
    # Enumerations sort as their words do, at the price of numbers.
    frame = database.execute(f"SELECT {', '.join(picked)} FROM found ORDER BY 1, 2, 3, as_of").df()
    for name in _READ:
        if _TYPES[name] == "VARCHAR":
            frame[name] = frame[name].astype("str")
    return frame


def _shaped(found: pd.DataFrame, *, annual: bool) -> pd.DataFrame:
    """The columns of docs/tables.md; what is no month or quarter, or no group of the contract, stays in the store."""
    if not annual:
        outside = [group for group in found["group"].unique() if group.split(":")[0] not in _GROUPS]
        found = found[~found["group"].isin(outside) & found["frequency"].isin(["M", "Q"])]
    # An operator can open the file that was dropped, not the snapshot that was made of it.
    file = found["place"].where(found["place"] != "", found["snapshot"])
    return found.assign(file=file)[schema.columns("observations")].reset_index(drop=True)


def _empty() -> pd.DataFrame:
    """No observations, in the columns and types of what is read."""
    kinds = {
        "VARCHAR": "str",
        "DOUBLE": "float64",
        "BOOLEAN": "bool",
        "TIMESTAMP": "datetime64[us]",
        "INTEGER": "int64",
    }
    return pd.DataFrame({name: pd.Series(dtype=kinds[_TYPES[name]]) for name in _READ})


def _write(root: Path, rows: pd.DataFrame) -> None:
    """Add a segment after the last. The caller holds the store."""
    folder = vintages_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(".*.part"):
        stale.unlink()
    last = max((int(path.stem) for path in segments(root)), default=0)
    name = folder / f"{last + 1:06d}.parquet"
    temporary = folder / f".{name.name}.part"
    _save(temporary, rows.sort_values(KEY, kind="stable", ignore_index=True))
    temporary.rename(name)
    _flush(folder)


def _save(path: Path, rows: pd.DataFrame) -> None:
    """Write rows as Parquet and flush them to the disk."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as database:
        rows = rows.assign(**{name: value for name, value in _OPTIONAL.items() if name not in rows})
        database.register("rows", rows[COLUMNS])
        picked = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in _TYPES.items())
        database.execute(
            f"COPY (SELECT {picked} FROM rows) TO {_literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        )
    _flush(path)


def _flush(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(names: list[str]) -> list[str]:
    """Column names as SQL."""
    return [f'"{name}"' for name in names]


def _literal(value: str | list[str]) -> str:
    """A text, or a list of texts, as SQL."""
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return "'" + value.replace("'", "''") + "'"


# ----------------------------------------------------------------------------------------------------
# The answers of the surveys as they were known on a day: late forms and corrections never overwrite what was published.
#
# Goes in: the files of ``surveys/<survey>/``, and the sampling plan and margins beside them, which make the weights. Comes
# out: copies in ``store/surveys/<survey>/<quarter>/`` (``plan``, ``margins``), named by the day they were first seen and
# their digest, byte for byte; and the file that was known on a day. A final issue keeps its answers here, and
# ``reporter build --as-of DAY`` computes from what was known then. The store is part of the workspace and holds single
# answers: it is never published.
# ----------------------------------------------------------------------------------------------------

_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9a-f]{16})\.[a-z]+\Z")


def versions(root: Path, survey: str, name: str) -> list[tuple[dt.date, Path]]:
    """Kept versions of one file, the oldest first; ``name``: the quarter (``2025-Q3``), ``plan`` or ``margins``."""
    folder = root / "store" / "surveys" / survey / name
    paths = folder.glob("*") if folder.is_dir() else ()
    found = [(dt.date.fromisoformat(match[1]), path) for path in paths if (match := _NAME.match(path.name))]
    return sorted(found, key=lambda version: (version[0], version[1].stat().st_mtime_ns))


def keep(root: Path, survey: str, files: Mapping[str, Path], day: dt.date) -> list[Path]:
    """Keep every file (by name, see ``versions``) that is not the newest kept version already; returns the new copies.

    Raises OSError.
    """
    added = []
    for name, path in files.items():
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:16]
        known = versions(root, survey, name)
        if known and _NAME.match(known[-1][1].name)[2] == digest:  # type: ignore[index]
            continue
        copy = f"{day.isoformat()}-{digest}{path.suffix.lower()}"
        target = root / "store" / "surveys" / survey / name / copy
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        part.write_bytes(data)
        part.replace(target)
        added.append(target)
    return added


def known_on(root: Path, survey: str, files: Mapping[str, Path], day: dt.date) -> dict[str, Path]:
    """Files by name as they were known on a day.

    A file without kept versions is taken as it stands; one whose versions are all later was not known yet.
    """
    found: dict[str, Path] = {}
    folder = root / "store" / "surveys" / survey
    kept = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(set(files) | kept):
        known = versions(root, survey, name)
        until = [path for seen, path in known if seen <= day]
        if until:
            found[name] = until[-1]
        elif not known and name in files:
            found[name] = files[name]
    return found


# What decides how the answers are read and which of their texts are told: kept as one set, for a mapping that is gone or
# a theme that was withdrawn later belongs to the day as much as one that was changed.
READING_FILES = (
    "rules/survey_*.toml",
    "questionnaires/*.toml",
    "surveys/mappings/*.toml",
    "surveys/themes/*.csv",
)
_SET = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9a-f]{16})\Z")
_LIST = "files.txt"  # of a kept set: an empty set is one too, and says so


def reading_files(root: Path) -> list[Path]:
    """Rules, questionnaires, mappings of columns and released themes of a workspace, or of a kept set of them."""
    return sorted(path for pattern in READING_FILES for path in root.glob(pattern) if path.is_file())


def _sets(root: Path) -> list[tuple[dt.date, Path]]:
    """Kept sets, the oldest first."""
    folder = root / STORE / "surveys" / "reading"
    paths = folder.glob("*/" + _LIST) if folder.is_dir() else ()
    found = [(path.parent, match) for path in paths if (match := _SET.match(path.parent.name))]
    known = [(dt.date.fromisoformat(match[1]), path) for path, match in found]
    return sorted(known, key=lambda kept: (kept[0], (kept[1] / _LIST).stat().st_mtime_ns))


def keep_reading(root: Path, day: dt.date) -> list[Path]:
    """Keep the set of files that decide how answers are read, unless the newest kept set is the same; new copies. Raises OSError."""
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in reading_files(root)}
    listed = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in contents.items())
    digest = hashlib.sha256(listed.encode()).hexdigest()[:16]
    kept = _sets(root)
    if kept and kept[-1][1].name.endswith(digest):
        return []
    target = root / STORE / "surveys" / "reading" / f"{day.isoformat()}-{digest}"
    for name, data in contents.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    target.mkdir(parents=True, exist_ok=True)
    part = target / (_LIST + ".part")
    part.write_text(listed, encoding="utf-8")
    part.replace(target / _LIST)  # last: a set without its list is none
    return [target / name for name in contents]


def reading_on(root: Path, day: dt.date) -> Path:
    """Folder whose rules, questionnaires, mappings and themes were in force on a day: the newest kept set until then.

    Before the first kept set that one counts; the workspace itself where none was kept.
    """
    kept = _sets(root)
    until = [path for seen, path in kept if seen <= day]
    return until[-1] if until else kept[0][1] if kept else root
