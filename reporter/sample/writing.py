"""Writing a workspace's files; what the disk refuses becomes one clear error.

Goes in: texts by their name in the workspace. Comes out: files in UTF-8 with Unix line ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reporter.domain.errors import StateError


@contextmanager
def writable(root: Path) -> Iterator[None]:
    """Turn whatever the system refuses under ``root`` into a StateError that names the reason."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"เขียนลงโฟลเดอร์ {root} ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์และพื้นที่ดิสก์ หรือใช้โฟลเดอร์อื่น",
            f"The folder {root} cannot be written ({error.strerror}); check its permissions and the disk,"
            " or use another folder.",
        ) from error


def write_texts(root: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write texts by name; returns the paths, sorted. Raises OSError."""
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return sorted(root / name for name in texts)
