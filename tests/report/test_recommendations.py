"""The rule book: what fires, on which numbers, and what a broken file says."""

import pytest

from reporter.domain.errors import DeclarationError
from reporter.report.english import rules_in_english
from reporter.report.numbers import Cells
from reporter.report.outlook import load_rules, recommend
from reporter.report.provenance import evaluate
from reporter.report.templating import evidence_text
from tests.report.issues import context, declarations, index_tables, whole_tables
from tests.support.frames import frame
from tests.support.tables import empty_tables

BOOK = """
[urgency]
now = "เร่งด่วน"
year = "หนึ่งปี"
[departments]
DOE = "กรมการจัดหางาน"
[[rule]]
id = "late"
theme = "ค่าจ้าง"
urgency = "year"
departments = ["DOE"]
measure = "ก"
[[rule.when]]
fact = "labour.wages.level"
operator = "<"
value = 99
[[rule]]
id = "falls"
theme = "การมีงานทำ"
urgency = "now"
departments = ["DOE"]
measure = "ข"
[[rule.when]]
fact = "labour.employment.quarter"
operator = "<="
value = -1.0
"""


def book(tmp_path, text=BOOK):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def fired(tmp_path, **values):
    return [item.rule.id for item in recommend(Cells(index_tables(**values)), context(), book(tmp_path))]


def test_a_rule_fires_when_its_condition_holds(tmp_path):
    assert fired(tmp_path, employment=[100.0, 98.9]) == ["falls"]
    assert fired(tmp_path, employment=[100.0, 99.1]) == []


def test_the_urgent_come_first(tmp_path):
    assert fired(tmp_path, employment=[100.0, 98.0], wages=[98.0, 98.0]) == ["falls", "late"]


def test_a_fact_without_a_value_never_holds(tmp_path):
    assert fired(tmp_path, employment=[98.0]) == []  # no quarter before
    assert recommend(Cells(empty_tables()), context()) == ()


def test_the_evidence_is_the_number_that_fired(tmp_path):
    tables = index_tables(employment=[100.0, 98.5])
    (item,) = recommend(Cells(tables), context(), book(tmp_path))
    assert item.evidence[0].number.value == -1.5
    assert evaluate(item.evidence[0].number.cell, Cells(tables)) == -1.5
    assert item.departments == ("กรมการจัดหางาน",)


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ("labour.wages.level", "labour.wages.lvl"),
        ('operator = "<"', 'operator = "!="'),
        ('departments = ["DOE"]', 'departments = ["XXX"]'),
        ('measure = "ก"', 'measures = "ก"'),
        ('id = "late"', 'id = "falls"'),
        ("[urgency]", "[urgency"),
    ],
)
def test_a_broken_rule_book_names_the_file(tmp_path, found, wrong):
    with pytest.raises(DeclarationError, match=r"rules\.toml"):
        book(tmp_path, BOOK.replace(found, wrong, 1))


def test_the_packaged_rules_name_declared_things():
    known = declarations()
    options = {
        option.id
        for form in known.questionnaires.values()
        for option in (*form.actions, *form.traits, *form.aspects, *form.domains)
    }
    columns = {item.column for form in known.questionnaires.values() for item in form.items}
    names = {*known.dimensions, *known.indicators, *known.groups, *options, *columns, "overall"}
    for rule in load_rules().rules:
        for condition in rule.when:
            kind, _, rest = condition.fact.partition(".")
            assert kind == "forecast" or rest.rpartition(".")[0] in names, condition.fact


def test_every_dimension_has_a_rule():
    facts = {condition.fact.split(".")[1] for rule in load_rules().rules for condition in rule.when}
    assert set(declarations().dimensions) <= facts


def test_the_whole_issue_fires_rules_with_evidence():
    found = recommend(Cells(whole_tables()), context())
    assert found
    # a published figure may stand beside the numbers that the conditions judge
    assert all(len(item.evidence) >= len(item.rule.when) for item in found)


PARTNERED = BOOK.replace(
    '[[rule]]\nid = "late"', '[partners]\nMOC = "กระทรวงพาณิชย์"\n[[rule]]\nid = "late"\npartners = ["MOC"]'
)


def test_agencies_outside_the_ministry_are_named_by_the_rule_that_needs_them(tmp_path):
    values = index_tables(employment=[100.0, 98.0], wages=[98.0, 98.0])
    found = {
        item.rule.id: item.partners for item in recommend(Cells(values), context(), book(tmp_path, PARTNERED))
    }
    assert found == {"falls": (), "late": ("กระทรวงพาณิชย์",)}


def test_an_agency_that_is_not_listed_is_refused(tmp_path):
    with pytest.raises(DeclarationError, match="unknown partners XXX"):
        book(tmp_path, PARTNERED.replace('["MOC"]', '["MOC", "XXX"]'))


def test_the_packages_rules_name_partners_in_both_languages():
    ours = load_rules()
    english = rules_in_english(ours)
    assert sum(bool(rule.partners) for rule in ours.rules) >= 10
    assert {rule.id for rule in english.rules if rule.partners} == {
        rule.id for rule in ours.rules if rule.partners
    }
    assert set(english.partners) == set(ours.partners)


def _banded(low, high, on_year=None, **values):
    tables = index_tables(**values)
    change = values["employment"][-1] - values["employment"][-2]
    rows = [("employment", "quarter", "2025-Q3", change, low, high)]
    if on_year is not None:
        rows.append(("employment", "year", "2025-Q3", *on_year))
    return tables | {"index_changes": frame("index_changes", rows)}


def test_a_change_within_its_band_is_no_evidence(tmp_path):
    unclear = _banded(-4.0, 1.0, employment=[100.0, 98.5])
    assert recommend(Cells(unclear), context(), book(tmp_path)) == ()
    (item,) = recommend(Cells(_banded(-4.0, -0.1, employment=[100.0, 98.5])), context(), book(tmp_path))
    assert item.evidence[0].bears


def test_a_clear_fall_on_the_year_bears_what_the_quarter_leaves_open(tmp_path):
    values = [105.0, 103.0, 102.0, 100.0, 98.5]
    tables = _banded(-4.0, 1.0, on_year=(-6.5, -9.0, -2.0), employment=values)
    (item,) = recommend(Cells(tables), context(), book(tmp_path))
    assert [evidence.part for evidence in item.evidence] == ["quarter", "year"]
    assert item.rule.urgency == "now"


def test_a_score_whose_interval_reaches_the_bound_is_no_evidence(tmp_path):
    text = BOOK.replace('fact = "labour.wages.level"', 'fact = "worker.overall.level"').replace(
        "value = 99", "value = 100"
    )
    tables = whole_tables()
    now = (tables["confidence"]["survey"] == "worker") & (tables["confidence"]["domain"] == "overall")
    now &= (tables["confidence"]["group"] == "TH") & (tables["confidence"]["period"] == "2025-Q3")
    for high, is_told in ((100.7, False), (99.9, True)):
        tables["confidence"].loc[now, ["value", "low", "high"]] = (99.4, 98.9, high)
        found = [item.rule.id for item in recommend(Cells(tables), context(), book(tmp_path, text))]
        assert ("late" in found) == is_told


def test_the_figures_of_a_rule_are_indicators_of_a_dimension_that_it_looks_at():
    known = declarations().indicators
    for rule in load_rules().rules:
        looked_at = {condition.fact.split(".")[1] for condition in rule.when}
        assert all(known[name].dimension in looked_at for name in rule.figures), rule.id


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_low_domain_is_told_as_the_lowest_with_its_fall_on_the_year(is_alone):
    tables = whole_tables()
    table = tables["confidence"]
    own = (table["survey"] == "employer") & (table["group"] == "TH") & (table["domain"] == "5")
    other = own.index[(table["survey"] == "employer") & (table["group"] == "TH") & (table["domain"] == "4")]
    now, year_ago = (own & (table["period"] == period) for period in ("2025-Q3", "2024-Q3"))
    table.loc[now, ["value", "low", "high", "p_value_year", "significant_year"]] = (60, 59, 61, 0.01, True)
    table.loc[year_ago, "value"] = 64.0
    if not is_alone:
        table.loc[[at for at in other if table.loc[at, "period"] == "2025-Q3"], "value"] = 60.01
    fired = {item.rule.id: item for item in recommend(Cells(tables), context())}
    said = evidence_text(fired["employer_digital_low"].evidence[0])
    assert ("ต่ำที่สุดใน 6 ด้าน" in said) is is_alone
    assert "ลดลง" in said and "จากปีก่อน (มีนัยสำคัญ)" in said
