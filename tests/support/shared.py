"""Material that stands beside the checkout in ``../shared``; tests that read it carry the marker ``shared``.

Where it is absent such a test is left out with ``ABSENT`` as its reason, and the last lines of the run count them.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3] / "shared"
ABSENT = "left out, not beside this checkout:"


def shared(*parts: str) -> Path:
    """Path of a file or folder of ``../shared``; leaves the test out where it is absent."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{ABSENT} ../shared/{'/'.join(parts)}")
    return path
