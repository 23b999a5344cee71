"""A second opinion: every confidence cell of both surveys computed again in plain Python from the files."""

import csv
from collections import defaultdict

import pandas as pd
import pytest

from reporter.domain.periods import iso
from reporter.surveys import pipeline
from surveys.respondents import respondents, write

NEGATIVE = {"q4.7", "q6.1", "q7.1"}  # of the workers, by the study
POINTS = {"5": 200, "4": 150, "3": 100, "2": 50, "1": 0}
QUARTER = pd.Period("2025Q3")


def plain_indices(path, asked, region_of):
    """(group, domain) -> (index, respondents), by the formulas of the method, with dictionaries and sums only."""
    scores = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    people = defaultdict(lambda: defaultdict(int))
    domain_of = {item.column: item.domain for item in asked.items}
    negative = {item.column for item in asked.items if item.negative}
    for row in rows:
        groups = ["TH", f"STATUS:{row['status']}", f"SKILL:{row['skill']}", f"INDUSTRY:{row['industry']}"]
        groups += [f"PROVINCE:{row['province']}", region_of[row["province"]]]
        if asked.id == "worker":
            groups.append(f"WORK:{row['work_type']}")
        answered = {item for item in domain_of if row[item]}
        for group in groups:
            people[group]["overall"] += bool(answered)
            for domain in {domain_of[item] for item in answered} - {""}:
                people[group][domain] += 1
            for item in answered:
                points = POINTS[row[item]]
                scores[group][item].append(200 - points if item in negative else points)
    found = {}
    for group, by_item in scores.items():
        mean = {item: sum(values) / len(values) for item, values in by_item.items()}
        domains = defaultdict(list)
        for item, value in mean.items():
            if domain_of[item]:
                domains[domain_of[item]].append(value)
        by_domain = {domain: sum(values) / len(values) for domain, values in domains.items()}
        overall = mean if asked.id == "employer" else by_domain
        for domain, value in {**by_domain, "overall": sum(overall.values()) / len(overall)}.items():
            found[group, domain] = (value, people[group][domain])
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory, declarations):
    folder = tmp_path_factory.mktemp("surveys")
    return {
        survey: {
            QUARTER - lag: write(
                respondents(declarations, declarations.questionnaires[survey], 1540, seed=lag),
                folder / survey / f"{lag}.csv",
            )
            for lag in range(2)
        }
        for survey in ("employer", "worker")
    }


def test_every_cell_equals_a_plain_computation(files, declarations):
    tables, findings = pipeline.compute(files, QUARTER, declarations)
    assert not [finding for finding in findings if finding.severity == "error"]
    region_of = {
        group.code.removeprefix("PROVINCE:"): group.region for group in declarations.groups_of("PROVINCE")
    }
    compared = 0
    for survey, period, path in [(s, p, path) for s in files for p, path in files[s].items()]:
        own = (tables["confidence"]["survey"] == survey) & (tables["confidence"]["period"] == iso(period))
        ours = tables["confidence"][own].set_index(["group", "domain"])
        plain = plain_indices(path, declarations.questionnaires[survey], region_of)
        assert set(plain) == set(ours.index[ours["n"] > 0])
        for cell, (value, n) in plain.items():
            assert ours.at[cell, "n"] == n
            if ours.at[cell, "flag"] != "suppressed":
                assert ours.at[cell, "value"] == pytest.approx(value, abs=1e-6)
                compared += 1
    assert compared > 3000


def test_three_negative_items_are_turned(declarations, tmp_path):
    worker = declarations.questionnaires["worker"]
    frame = respondents(declarations, worker, 77, seed=1, blank=0)
    frame[[item.column for item in worker.items]] = "5"
    tables, _ = pipeline.compute(
        {"worker": {QUARTER: write(frame, tmp_path / "w.csv")}}, QUARTER, declarations
    )
    items = tables["confidence_items"].set_index("item")
    assert items["value"].to_dict() == {
        item.column: 0 if item.column in NEGATIVE else 200 for item in worker.items
    }
    assert (items["share5"] == 1).all()  # shares are of the answers as given
    whole = tables["confidence"].query("group == 'TH'").set_index("domain")["value"]
    own = [[item.column for item in worker.items if item.domain == one.id] for one in worker.domains]
    positive = [sum(column not in NEGATIVE for column in columns) / len(columns) for columns in own]
    assert whole["overall"] == pytest.approx(200 * sum(positive) / len(positive))


def test_weights_change_the_mean(declarations, tmp_path):
    employer = declarations.questionnaires["employer"]
    frame = respondents(declarations, employer, 40, seed=1, blank=0)
    columns = [item.column for item in employer.items]
    frame.loc[:19, columns], frame.loc[20:, columns] = "5", "1"
    frame["weight"] = [3] * 20 + [1] * 20
    tables, _ = pipeline.compute(
        {"employer": {QUARTER: write(frame, tmp_path / "e.csv")}}, QUARTER, declarations
    )
    assert tables["confidence"].query("group == 'TH' and domain == 'overall'")["value"].item() == 150
