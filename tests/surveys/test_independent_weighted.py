"""A second opinion on weights, clusters and raking: values and intervals of 300 cells by loops over the file's rows."""

import csv
import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reporter.surveys import pipeline
from surveys.respondents import respondents, write

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")
NEGATIVE = {"q4.7", "q6.1", "q7.1"}
STATUS, SKILL = {"formal": 0.4, "informal": 0.6}, {"high": 0.25, "medium": 0.45, "low": 0.3}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, declarations):
    """1,540 workers, four to an establishment, with a plan of unequal provinces and margins of status and skill."""
    folder = tmp_path_factory.mktemp("weighted")
    frame = respondents(declarations, declarations.questionnaires["worker"], 1540, seed=9)
    # Every province has 20 respondents; those of one establishment are not neighbours in the file.
    frame["establishment_id"] = [
        f"{province}-{row // 77 % 5}" for row, province in enumerate(frame["province"])
    ]
    frame.loc[::50, "establishment_id"] = ""
    write(frame, folder / "surveys/worker/2025-Q3.csv")
    people = {code: 40_000 + 9_000 * (n % 13) ** 2 for n, code in enumerate(sorted(set(frame["province"])))}
    lines = ["province,province_population,quota", *(f"{code},{size},20" for code, size in people.items())]
    (folder / "surveys/plan-worker.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["margin,category,population"]
    lines += [f"status,{code},{share * 1e6:.0f}" for code, share in STATUS.items()]
    lines += [f"skill,{code},{share * 1e6:.0f}" for code, share in SKILL.items()]
    (folder / "surveys/margins-worker.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder, people


def plain_weights(rows, people):
    """Base weights and weights raked to provinces, statuses and skills, by going round until nothing moves."""
    asked = defaultdict(int)
    for row in rows:
        asked[row["province"]] += 1
    base = [people[row["province"]] / asked[row["province"]] for row in rows]
    total = sum(people.values())
    wanted = [("province", people)]
    wanted += [
        (name, {k: v * total for k, v in shares.items()})
        for name, shares in (("status", STATUS), ("skill", SKILL))
    ]
    weights = list(base)
    for _ in range(2000):
        moved = 0.0
        for column, target in wanted:
            now = defaultdict(float)
            for row, weight in zip(rows, weights, strict=True):
                now[row[column]] += weight
            for place, row in enumerate(rows):
                factor = target[row[column]] / now[row[column]]
                moved = max(moved, abs(factor - 1))
                weights[place] *= factor
        if moved < 1e-13:
            break
    return base, weights


def dummies(rows):
    """Every category of the three margins as a column: no algebra saved."""
    names = sorted({(column, row[column]) for row in rows for column in ("province", "status", "skill")})
    return np.array([[float(row[column] == value) for column, value in names] for row in rows])


def scores_of(rows, items):
    found = []
    for row in rows:
        own = {}
        for item in items:
            if row[item]:
                points = 50 * (int(row[item]) - 1)
                own[item] = 200 - points if item in NEGATIVE else points
        found.append(own)
    return found


def linearised(members, scores, weights, domains):
    """Index of the members and each member's share in its error; ``domains``: lists of items, averaged."""
    total, summed = defaultdict(float), defaultdict(float)
    for place in members:
        for item, points in scores[place].items():
            total[item] += weights[place]
            summed[item] += weights[place] * points
    mean = {item: summed[item] / total[item] for item in total}
    asked = [[item for item in domain if item in mean] for domain in domains]
    asked = [domain for domain in asked if domain]
    share = {item: 1 / len(domain) / len(asked) for domain in asked for item in domain}
    value = sum(share[item] * mean[item] for item in share)
    errors = {}
    for place in members:
        known = [item for item in share if item in scores[place]]
        if known:
            errors[place] = sum(share[k] * (scores[place][k] - mean[k]) / total[k] for k in known)
    return value, errors


def interval(errors, rows, members, weights, base, solver):
    """Half the 95 % interval: residuals, unit totals, strata."""
    z = np.zeros(len(rows))
    for place, error in errors.items():
        z[place] = error
    x, solve = solver
    residual = z - x @ (solve @ (x.T @ (np.array(base) * z)))
    unit_of = [row["establishment_id"] or f"alone {place}" for place, row in enumerate(rows)]
    totals, held = defaultdict(lambda: defaultdict(float)), defaultdict(set)
    for place, row in enumerate(rows):
        totals[row["province"]][unit_of[place]] += weights[place] * residual[place]
        if place in errors:
            held[row["province"]].add(unit_of[place])
    stands = defaultdict(lambda: defaultdict(float))  # what each establishment stands for in the group
    for place in members:
        stands[rows[place]["province"]][unit_of[place]] += weights[place]
    n_g = sum(map(len, held.values()))
    variance, freedom, expected, noise = 0.0, 0.0, 0.0, 0.0
    for province, by_unit in totals.items():
        n_h, n_gh = len(by_unit), len(held[province])
        mean = sum(by_unit.values()) / n_h
        within = sum((value - mean) ** 2 for value in by_unit.values())
        factor = n_h / (n_h - 1)
        if n_gh:
            own = n_gh * ((1 - 1 / n_g) - (1 - n_gh / n_g) / n_h)
            factor = n_gh / own
            freedom += own
        variance += factor * within
        # Mean and variance of ``within`` when a unit's total varies with what it stands for.
        spread = [stands[province].get(unit, 0.0) ** 2 for unit in by_unit]
        expected += factor * sum(spread) * (1 - 1 / n_h)
        noise += factor**2 * sum(
            ((float(i == j) - 1 / n_h) ** 2) * one * other
            for i, one in enumerate(spread)
            for j, other in enumerate(spread)
        )
    if freedom < n_g / 2:  # strata too thin: no stratum means, no regression
        alone = defaultdict(float)
        for place, error in errors.items():
            alone[rows[place]["province"], unit_of[place]] += weights[place] * error
        variance = sum(value**2 for value in alone.values()) * n_g / (n_g - 1)
        spread = [one**2 for own in stands.values() for one in own.values()]
        freedom, expected, noise = n_g - 1, sum(spread), sum(one**2 for one in spread)
    freedom = min(freedom, expected**2 / noise)
    return stats.t.ppf(0.975, max(freedom, 1)) * math.sqrt(variance)


def test_three_hundred_cells_equal_a_plain_computation(workspace, declarations):
    folder, people = workspace
    path = folder / "surveys/worker/2025-Q3.csv"
    tables, _ = pipeline.compute({"worker": {QUARTER: path}}, QUARTER, declarations, rules_folder=folder)
    ours = tables["confidence"].set_index(["group", "domain"])
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    items = [item.column for item in declarations.questionnaires["worker"].items]
    by_domain = {d: [item for item in items if item[1] == d] for d in "1234567"}
    scores = scores_of(rows, items)
    base, weights = plain_weights(rows, people)
    x = dummies(rows)
    solver = (x, np.linalg.pinv(x.T @ (np.array(base)[:, None] * x), rcond=1e-10))
    region_of = {g.code: g.region for g in declarations.groups_of("PROVINCE")}
    members = defaultdict(list)
    for place, row in enumerate(rows):
        keys = ["TH", f"STATUS:{row['status']}", f"SKILL:{row['skill']}", f"WORK:{row['work_type']}"]
        keys += [f"INDUSTRY:{row['industry']}", region_of[f"PROVINCE:{row['province']}"]]
        if row["province"] in ("TH-10", "TH-11", "TH-12", "TH-13"):
            keys.append(f"PROVINCE:{row['province']}")
        for key in keys:
            members[key].append(place)
    compared = 0
    for group, places in members.items():
        for domain in ("overall", *by_domain):
            cell = ours.loc[(group, domain)]
            if cell["flag"] == "suppressed":
                continue
            scope = list(by_domain.values()) if domain == "overall" else [by_domain[domain]]
            value, errors = linearised(places, scores, weights, scope)
            half = interval(errors, rows, places, weights, base, solver)
            plain, _ = linearised(places, scores, [1.0] * len(rows), scope)
            assert cell["value"] == pytest.approx(value, abs=1e-6)
            assert cell["unweighted"] == pytest.approx(plain, abs=1e-6)
            assert cell["low"] == pytest.approx(max(value - half, 0), abs=1e-6)
            assert cell["high"] == pytest.approx(min(value + half, 200), abs=1e-6)
            compared += 1
    assert compared >= 300
