"""Whatever bytes arrive: findings, never a traceback."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.domain.declarations import names
from reporter.domain.periods import PeriodError, parse_period
from reporter.inputs.values import number, period
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")
FILES = (
    "series/monthly.csv",
    "series/book.xlsx",
    "surveys/worker/2025-Q3.csv",
    "surveys/employer/2025-Q3.csv",
    "commentary/2025-Q3/outlook.toml",
    "commentary/2025-Q3/02.md",
    "recipients.csv",
    "workspace.toml",
    "groups/skills.csv",
    "indicators/economy/extra.toml",
)
QUIET = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.mark.parametrize("name", FILES)
@QUIET
@given(
    content=st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore"))
)
def test_any_bytes_in_any_file(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "series").mkdir(exist_ok=True)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    for finding in check_workspace(tmp_path, QUARTER):
        assert finding.th
        assert finding.en


def test_damaged_copies_of_good_files(good: Path) -> None:
    chance = random.Random(11)
    originals = {name: (good / name).read_bytes() for name in FILES if (good / name).exists()}
    for _ in range(10):
        name = chance.choice(sorted(originals))
        data = bytearray(originals[name])
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.randint(0, 30)] = bytes(
                chance.randrange(256) for _ in range(chance.randint(0, 4))
            )
        (good / name).write_bytes(bytes(data))
        check_workspace(good, QUARTER)
        (good / name).write_bytes(originals[name])


@settings(derandomize=True, max_examples=300)
@given(st.text(max_size=30))
def test_parsers_refuse_or_understand(text: str) -> None:
    for parser, refusal in (
        (parse_period, PeriodError),
        (period, ValueError),
        (number, ValueError),
        (names, ValueError),
    ):
        with contextlib.suppress(refusal):
            parser(text)
