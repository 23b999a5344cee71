"""Passwords and keys stay in the environment: in no message, no file, no cache, whatever goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PASSWORD, KEY = "hunter2-Passw0rd", "k3y-0123456789abcdef"
SECRETS = {
    "REPORTER_SMTP_URL": f"smtp://clerk:{PASSWORD}@127.0.0.1:9",
    "MOL_API_KEY": KEY,
    "GOVSPENDING_API_KEY": KEY,
    "MOL_API_URL": f"http://clerk:{PASSWORD}@127.0.0.1:9",
    "GOVSPENDING_API_URL": f"http://clerk:{PASSWORD}@127.0.0.1:9",
}


def _run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        **SECRETS,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONFAULTHANDLER": "1",
        **more,
    }
    (folder / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-X", "dev", "-W", "ignore", "-m", "reporter", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )


def _leaks(folder: Path, told: subprocess.CompletedProcess[str]) -> list[str]:
    """Where a secret can be read: messages, and every file that the run left."""
    places = {"stdout": told.stdout.encode(), "stderr": told.stderr.encode()}
    places |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [
        name for name, text in places.items() if any(secret.encode() in text for secret in (PASSWORD, KEY))
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("fetch", "mol:abc"),
        ("fetch", "govspending:bb_stg?year=2568"),
        ("fetch", "-q", "2025-Q3"),
        ("check", "-q", "2025-Q3"),
    ],
)
def test_a_service_that_fails_is_told_without_its_secrets(tmp_path, arguments):
    (tmp_path / "data" / "series").mkdir(parents=True)
    told = _run(tmp_path, *arguments)
    assert told.returncode in (1, 3), told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    assert _leaks(tmp_path, told) == []


@pytest.mark.parametrize(
    "url",
    [
        f"smtp://clerk:{PASSWORD}@127.0.0.1:9",
        f"smtp://clerk:{PASSWORD}@127.0.0.1:notaport",
        f"gopher://clerk:{PASSWORD}@127.0.0.1",
        f"smtp://clerk:{PASSWORD}@[::1",
        f"clerk:{PASSWORD}",
    ],
)
def test_a_mail_server_that_fails_is_told_without_its_password(tmp_path, url):
    from tests.support.mailbox import make_issue, make_workspace

    make_workspace(tmp_path / "data", 1)
    make_issue(tmp_path / "out")
    told = _run(tmp_path, "send", "-q", "2025-Q3", REPORTER_SMTP_URL=url)
    assert told.returncode in (1, 2, 3), told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    assert _leaks(tmp_path, told) == []


def test_an_address_is_written_down_without_its_login():
    from reporter.sources.access import without_login

    assert without_login(f"http://clerk:{PASSWORD}@host:8080/a/b?c=d") == "http://host:8080/a/b?c=d"
    assert without_login("https://host/a") == "https://host/a"
