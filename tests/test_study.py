"""docs/study.md: made from its table, answers every requirement that was found missing, and leads to files that exist."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.shared import shared

ROOT = Path(__file__).resolve().parents[1]
ROWS = tomllib.loads((ROOT / "data" / "study.toml").read_text(encoding="utf-8"))["requirement"]


def test_the_document_is_what_its_table_says():
    done = subprocess.run([sys.executable, ROOT / ".ci" / "study", "--check"], check=False)
    assert done.returncode == 0, "run python .ci/study"


def test_every_reference_leads_to_a_file():
    dead = [ref for row in ROWS for ref in row["refs"] if not (ROOT / ref).exists()]
    links = re.findall(r"\]\(\.\./([^)]+)\)", (ROOT / "docs" / "study.md").read_text(encoding="utf-8"))
    assert dead == [] and [link for link in links if not (ROOT / link).exists()] == []


def test_every_row_has_a_state_and_one_sentence():
    for row in ROWS:
        assert row["state"] in ("met", "differently", "open")
        assert row["answer"].endswith(".") and row["answer"].count(". ") == 0, row["answer"]
        assert row["refs"], row["lines"]


def test_every_requirement_that_was_found_missing_is_answered():
    path = shared("cases", "study-gaps.md")
    if path is None:
        pytest.skip("the list of gaps stands in ../shared, which is not here")
    listed = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith(("|---", "| study lines"))
    ]
    answered = [(row["lines"].removesuffix(" ..."), row["text"].removesuffix(" ...")) for row in ROWS]
    missing = [
        (lines, text)
        for lines, text, *_ in listed
        if not any(lines.startswith(one) and text.startswith(start) for one, start in answered)
    ]
    assert missing == []
