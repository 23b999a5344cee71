"""Issue documents of random tables, as ``issue.json`` holds them, without charts and without typesetting."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reporter import report
from reporter.domain.edition import english_context
from reporter.report import document, pages
from tests.support.issue import declarations, example_context
from tests.support.random_tables import random_tables

VOLUMES = ("report", "technical")


def random_issue(
    seed: int, volumes: tuple[str, ...] = ("report",), *, in_english: bool = False
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], str]:
    """Tables, issue document and case of a seed; ``in_english`` adds the English report, which has no technical volume."""
    (tables, case), context = random_tables(seed), example_context()
    facts = report.findings(tables, context)
    written = {name: {"th": pages.write(facts, [], tables, context, volume=name)} for name in volumes}
    if in_english:
        abroad = english_context(context)
        written["report"]["en"] = pages.write(report.findings(tables, abroad), [], tables, abroad)
    return tables, document.record(written, tables, context), case


def names_to_exchange(lang: str = "th") -> dict[str, list[str]]:
    """Names of dimensions and of indicators as sentences of a language say them."""
    declared = declarations()
    if lang == "en":
        named = (declared.dimensions.values(), declared.indicators.values())
        dimensions, indicators = (
            [item.name.en[:1].lower() + item.name.en[1:] for item in own] for own in named
        )
        return {"dimension": dimensions, "indicator": indicators}
    return {
        "dimension": [item.name.th for item in declared.dimensions.values()],
        "indicator": [item.spoken.th for item in declared.indicators.values()],
    }
