"""What the machine must have: the libraries of the system that pages are set with, and an operating system that can lock files.

Nothing goes in; comes out: what is missing, before any work is begun. Called by ``reporter build`` at its start and by
``reporter doctor``.
"""

from __future__ import annotations

import sys

from reporter.domain.errors import StateError

# What WeasyPrint loads when it sets the first page, by the names of Linux and of macOS; Debian package.
_LIBRARIES = (
    (("libpango-1.0.so.0", "libpango-1.0.dylib"), "libpango-1.0-0"),
    (("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "libpangoft2-1.0-0"),
    (("libharfbuzz-subset.so.0", "libharfbuzz-subset.dylib"), "libharfbuzz-subset0"),
)


def missing_libraries() -> list[str]:
    """Debian packages of the system libraries that cannot be loaded."""
    return [package for names, package in _LIBRARIES if not any(map(_can_load, names))]


def _can_load(name: str) -> bool:
    import ctypes  # here, so that help texts do not wait for it

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def require_libraries() -> None:
    """Raise StateError where pages could not be set: before the numbers are computed, not after."""
    if missing := missing_libraries():
        raise StateError(
            f"ขาดไลบรารีสำหรับจัดหน้า ({', '.join(missing)}) — สั่ง sudo apt-get install {' '.join(missing)} หรือดู reporter doctor",
            f"Libraries for typesetting are missing ({', '.join(missing)}); run sudo apt-get install {' '.join(missing)}, or see reporter doctor.",
        )


def unsupported_system() -> tuple[str, str] | None:
    """A Thai and an English line where the operating system cannot run the program; None where it can."""
    if sys.platform != "win32":
        return None
    return (
        "Windows: โปรแกรมนี้ทำงานบน Linux — ใช้ WSL (wsl --install แล้วทำตาม docs/operation.md) หรือคอนเทนเนอร์ (docker run ดู docs/operation.md)",
        "Windows: this program runs on Linux. Use WSL (wsl --install, then docs/operation.md) or the container (docker run, docs/operation.md).",
    )
