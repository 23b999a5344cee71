"""The audit's report: a vulnerability fails, a service out of reach is said and does not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "audit_report.py"
BAD = {"name": "a", "version": "1", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["1.1"]}]}
GOOD = {"name": "b", "version": "2", "vulns": []}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        (json.dumps({"dependencies": [BAD, GOOD]}), 1, "CVE-2026-1; fixed in 1.1"),
        (json.dumps({"dependencies": [GOOD, UNKNOWN]}), 0, "1 libraries asked, 1 not known to the service"),
        (json.dumps({"dependencies": [UNKNOWN]}), 0, "SKIPPED"),
        ("", 0, "SKIPPED, no answer"),
    ],
)
def test_the_report_says_what_was_asked(report, status, words):
    told = subprocess.run([sys.executable, str(SCRIPT), "lock"], input=report, capture_output=True, text=True)
    assert (told.returncode, words in told.stdout) == (status, True), told.stdout + told.stderr
