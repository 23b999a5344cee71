"""What a sentence says of the figure it cites: the mean of months, an adjusted value, a model's estimate."""

from dataclasses import replace

import pandas as pd
import pytest

from reporter.domain.thai import RATE_STEPS
from reporter.figures import value_with_unit
from reporter.report import english, templating
from reporter.report.dimensions import Mover
from reporter.report.dimensions import mover_of as mover_of_quarter
from reporter.report.numbers import UNITS, Cells, Change, Number
from reporter.report.outlook import Evidence
from tests.report.issues import context, declarations


def macro(lang, call, **given):
    """The text of a macro of ``words.j2``."""
    made = (templating if lang == "th" else english).environment()
    name = call.partition("(")[0]
    text = made.from_string(
        f'{{% from "report/{lang}/words.j2" import {name} with context %}}{{{{ {call} }}}}'
    )
    return "".join(
        span.text for sentence in templating.sentences(text.render(**given)) for span in sentence.spans
    )


def mover_of(indicator, value, previous, **published):
    unit = UNITS[indicator.unit]
    now, before = (
        Number(one, name, unit.after, unit.decimals) for one, name in ((value, "a"), (previous, "b"))
    )
    own = {
        name: Number(
            one, f"series?indicator={indicator.id}&group=TH&period={name}#raw", unit.after, unit.decimals
        )
        for name, one in published.items()
    }
    change = Change(now - before, RATE_STEPS, indicator.polarity)
    return Mover(indicator, unit, now, before, change, "unchanged", **own)


@pytest.mark.parametrize(
    ("unit", "frequency", "per_month", "is_mean"),
    [
        ("persons", "monthly", False, True),
        ("positions", "monthly", False, True),
        ("percent", "monthly", True, True),
        ("percent", "monthly", False, False),
        ("persons", "quarterly", True, False),
    ],
)
def test_the_mean_of_monthly_counts_is_called_one_wherever_it_stands(unit, frequency, per_month, is_mean):
    """24,251 placements a month are no count of the quarter: label, sentence and recommendation say so."""
    before = declarations().indicators["placements"]
    indicator = replace(before, unit=unit, frequency=frequency, per_month=per_month)
    mover = mover_of(indicator, 23513.0, 24086.0, published=24251.0, published_year=26130.0)
    evidence = Evidence(indicator.spoken.th, "year", mover.value, None, mover)
    chart = replace(context().declarations, indicators={"placements": indicator})
    told = [
        templating.evidence_text(evidence),
        macro("th", "moved(mover)", mover=mover),
        value_with_unit(24251.0, "placements", replace(context(), declarations=chart)),
    ]
    assert [("เฉลี่ยต่อเดือน" in text) for text in told] == [is_mean] * 3, told
    told = [english.evidence_text(evidence), macro("en", "moved(mover)", mover=mover)]
    assert [("monthly average" in text) for text in told] == [is_mean] * 2, told


@pytest.mark.parametrize(("adjusted", "is_said"), [(20.98, True), (21.02, False)])
def test_adjusted_levels_are_called_adjusted_in_a_quarter_that_lacks_a_month_too(adjusted, is_said):
    """20.96 to 20.98 are adjusted where the published figures read otherwise; the months of the quarter are named."""
    indicator = declarations().indicators["sso_employment_rate"]
    before = 20.96 if is_said else 20.92
    mover = replace(
        mover_of(indicator, adjusted, before, published_before=20.92),
        months=("2025-07", "2025-08"),
        published_months=Number(21.02, "c", "", 2),
    )
    thai, english_one = (macro(lang, "moved(mover)", mover=mover) for lang in ("th", "en"))
    assert ("ปรับฤดูกาลแล้ว" in thai) is ("seasonally adjusted" in english_one) is is_said
    assert "เฉพาะเดือนกรกฎาคม และสิงหาคม" in thai and "July and August only" in english_one


def test_the_published_mean_of_a_part_of_a_quarter_tells_whether_its_value_is_adjusted():
    rows = [
        ("quit_rate", "TH", f"2025-0{month}", 0.9 if month > 6 else 0.8, 0.8) for month in (4, 5, 6, 7, 8)
    ]
    table = pd.DataFrame(rows, columns=["indicator", "group", "period", "raw", "adjusted"])
    moved = pd.DataFrame(
        [("2025-Q3", "quarter", "quit_rate", "unemployment", 0.8, 0.8, 0.0, 0.0, "unchanged")],
        columns=["period", "against", "indicator", "dimension", "value", "previous", "change", "change_sd", "direction"],
    )  # fmt: skip
    item = declarations().indicators["quit_rate"]
    for part, is_adjusted in ((table, True), (table.assign(raw=table["adjusted"]), False)):
        mover = mover_of_quarter(Cells({"series": part, "movers": moved}), item, "2025-Q3", "quarter")
        assert mover.published is None and mover.is_adjusted is is_adjusted
