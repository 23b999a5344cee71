"""The thresholds behind the report's words, declared in ``data/rules/wording.toml``.

Goes in: that file. Comes out: single values by their dotted name, and the steps that grade a change. A name that is not declared
is a mistake of the program and raises KeyError.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from reporter.domain.assets import asset


@dataclass(frozen=True)
class Steps:
    """Sizes of a change, in its unit: up to ``still`` it is unchanged, up to ``slight`` slight, from ``marked`` large."""

    still: float
    slight: float
    marked: float


@cache
def declared_rules() -> dict[str, Any]:
    """The whole file."""
    text = asset("data", "rules", "wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def rule(name: str) -> float:
    """One threshold, e.g. ``rule("composite.least_weight")``. Raises KeyError when it is not declared."""
    table, _, key = name.partition(".")
    return float(declared_rules()[table][key])


def steps(name: str) -> Steps:
    """The steps of a kind of change, e.g. ``steps("index")``. Raises KeyError when they are not declared."""
    return Steps(**declared_rules()["steps"][name])
