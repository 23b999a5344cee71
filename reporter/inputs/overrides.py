"""Files of a workspace that take the place of the program's own: which are read, which are outdated, which nothing reads.

Goes in: the workspace's ``templates/`` and ``rules/``. Comes out: ``Override`` objects for ``reporter doctor`` and the desk. A copy says in its
first lines which version of the program's file it began from (``base: <12 digits>``); when the program's file has changed
since, the copy is outdated and says so: what it left out may be missing from the report. Charts are never read from a
workspace: they are programs. Templates are rendered in Jinja's sandbox (``reporter.report.templating``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from reporter.domain.declarations import asset
from reporter.domain.errors import StateError, UsageError
from reporter.runtime.cache import write_bytes

# Pattern in the workspace -> folders of the program in which the same name stands.
READ = {
    "templates/report/th/*.j2": ("templates", "report", "th"),
    "rules/recommendations.toml": ("data", "rules"),
    "rules/newest.toml": ("data", "rules"),
    "rules/survey_cleaning.toml": ("data", "rules"),
    "rules/survey_reading.toml": ("data", "rules"),
}
_LOOKED_AT = ("templates", "rules", "charts")
_BASE = re.compile(r"base:\s*([0-9a-f]{12})\b")
_HEAD = 400  # characters in which the base is looked for
STATES = {
    "used": ("ใช้แทนของโปรแกรม", "in the place of the program's"),
    "outdated": ("ล้าสมัย โปรแกรมมีไฟล์รุ่นใหม่กว่า", "outdated: the program's file has changed since"),
    "ignored": ("ไม่มีสิ่งใดอ่านไฟล์นี้", "nothing reads it"),
}


@dataclass(frozen=True)
class Override:
    """One file of the workspace. ``state``: used, outdated, ignored."""

    path: str
    state: str


def overrides(root: Path) -> list[Override]:
    """Every file under the workspace's folders of templates, rules and charts, with what becomes of it; equal copies say nothing."""
    return [Override(path, _state(root, path)) for path in _files(root) if not _is_the_programs(root, path)]


def _is_the_programs(root: Path, path: str) -> bool:
    """Whether the file holds exactly what the program's own file of that name does."""
    content = (root / path).read_bytes()
    return any(
        own.is_file() and own.read_bytes() == content
        for own in (asset(*path.split("/")), asset("data", *path.split("/")))
    )


def _files(root: Path) -> Iterator[str]:
    for name in _LOOKED_AT:
        folder = root / name
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(root).as_posix()


def _packaged(path: str) -> Path | None:
    """The program's file that a path of the workspace takes the place of; None where nothing reads the path."""
    for pattern, folders in READ.items():
        if fnmatchcase(path, pattern) and path.count("/") == pattern.count("/"):
            own = asset(*folders, path.rpartition("/")[2])
            return own if own.is_file() else None
    return None


def _state(root: Path, path: str) -> str:
    own = _packaged(path)
    if own is None:
        return "ignored"
    text = (root / path).read_text(encoding="utf-8", errors="replace")[:_HEAD]
    base = _BASE.search(text)
    return "outdated" if base is not None and base[1] != _digest(own) else "used"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def possible() -> list[str]:
    """Every path under which a file of the program can be taken into a workspace."""
    found = []
    for pattern, folders in READ.items():
        start, _, name = pattern.rpartition("/")
        found += [f"{start}/{path.name}" for path in sorted(asset(*folders).glob(name))]
    return found


def begin(root: Path, path: str) -> Path:
    """Copy the program's file into the workspace, with the version that it is of. Raises StateError where one is there."""
    own = _packaged(path)
    if own is None or path not in possible():
        raise UsageError(f"ไม่มีไฟล์ {path[:80]} ของโปรแกรม", f"The program has no file {path[:80]}.")
    target = root / path
    if target.exists() or not target.resolve().is_relative_to(root.resolve()):
        raise StateError(f"มี {path} อยู่แล้ว", f"{path} is there already.")
    mark = f"base: {_digest(own)}"
    head = f"{{# {mark} #}}\n" if path.endswith(".j2") else f"# {mark}\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, head.encode("ascii") + own.read_bytes())
    return target
