"""How many wrong newest values are told and how many right ones are: the checks of newest values and of surveys.

Prints, for the sample, simulated and real national series, the share of faults for which somebody must answer, one wrong value at a
time; the share told of the faults that move the index by more than a point; false alarms on untouched data in calm years, with
their 95 % intervals (Clopper and Pearson; series and quarters taken as independent), on seeds that no threshold was chosen on; the
same for groups and for surveys; the time for all series. ``--alarms`` leaves the table of faults out. With ``--write`` the rates of false alarms are put into
``data/rules/newest_measured.toml``, from where documents print them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import beta

from reporter.checks import newest
from reporter.checks.newest import survey_history
from reporter.checks.newest.effects import cheap_effect
from reporter.checks.newest.surprise import limits
from reporter.domain.declarations import Declarations, Questionnaire
from reporter.inputs.declared import load
from reporter.inputs.workspace import needs_waiver, open_workspace
from reporter.sample import generate
from reporter.surveys.responses import read
from tests.support.newest_faults import FAULTS, Study
from tests.support.simulation import Recipe, simulate
from tests.support.survey_faults import FAULTS as SURVEY_FAULTS

QUARTER = pd.Period("2025Q3")
REAL_QUARTER = pd.Period("2025Q2")
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "real"
MEASURED = Path(__file__).resolve().parents[2] / "data" / "rules" / "newest_measured.toml"
RECIPES = {
    "rates, first-order cycle": Recipe(),
    "levels, first-order cycle": Recipe(growth="level"),
    "rates, second-order cycle": Recipe(cycle="ar2"),
    "no trend, white noise": Recipe(trend=0, idiosyncratic=0.0, noise=(0.3, 0.8)),
    "persistent noise": Recipe(idiosyncratic=0.8),
    "wandering members": Recipe(wandering=0.4, growth="level"),
}
# Noise with the tails of real series (Student's t with 3, 4 and 6 degrees of freedom), which the normal recipes lack.
HEAVY = {
    "rates, heavy tails": Recipe(tails=4, noise=(0.8, 1.6)),
    "levels, heavy tails": Recipe(growth="level", tails=3, noise=(0.8, 1.6)),
    "persistent heavy tails": Recipe(idiosyncratic=0.8, tails=6, noise=(0.8, 1.6)),
}
DETECTION_SEEDS, ALARM_SEEDS, HEAVY_SEEDS, SURVEY_SEEDS = (
    range(9100, 9103),
    range(9200, 9206),
    range(9300, 9303),
    (9401, 9402),
)
DISTURBED = {2020, 2021}
# What goes on in the economy in the real series: the crisis of 2008, the flood of 2011 and its base effect.
REAL_SHOCKS = {2008, 2009, 2011, 2012}
WANTED = {  # % told: sample, simulated
    "= 0": (98, 90),
    "x 2": (98, 90),
    "x 3": (98, None),
    "/ 10": (98, 90),
    "x 10": (98, None),
    "/ 100": (98, 90),
    "x 100": (98, None),
    "sign": (98, None),
    "999": (98, None),
    "+ 5 sd": (98, None),
    "- 5 sd": (98, None),
    "a year copied": (98, None),
    "x 0.5": (95, 85),
    "x 0.85": (75, 65),
    "three months x 0.5": (88, 88),
}


class Rate(NamedTuple):
    """Alarms among possible ones."""

    alarms: int
    possible: int

    def text(self) -> str:
        """Per 1,000, with the 95 % interval."""
        low, high = self.interval()
        return f"{1000 * self.alarms / max(self.possible, 1):5.2f} [{low:.2f}, {high:.2f}] in 1,000 ({self.alarms} of {self.possible:,})"

    def interval(self) -> tuple[float, float]:
        """Of alarms per 1,000."""
        k, n = self.alarms, max(self.possible, 1)
        low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
        high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
        return 1000 * float(low), 1000 * float(high)


def detection(sample: pd.DataFrame, declarations: Declarations) -> None:
    """Table of faults told."""
    studies = {"sample": [Study.of(sample, declarations, QUARTER)]}
    recipes = list(RECIPES.values())
    studies["simulated"] = [
        Study.of(simulate(declarations, seed, recipes[at % len(recipes)])[0], declarations, QUARTER)
        for at, seed in enumerate(DETECTION_SEEDS)
    ]
    if REAL.is_dir():
        studies["real"] = [Study.of(open_workspace(REAL).usable_history(), declarations, REAL_QUARTER)]
    print(f"{'fault':20s}" + "".join(f"{name:>22s}" for name in studies) + "   wanted (sample, simulated)")
    moving = [0, 0]
    for fault in FAULTS:
        cells = []
        for own in studies.values():
            results = [
                (study, key, study.is_told(key, FAULTS[fault])) for study in own for key in study.national()
            ]
            seen = [(study, key, told) for study, key, told in results if told is not None]
            count = sum(told for _, _, told in seen)
            cells.append(f"{count:5d} of {len(seen):4d} {100 * count / max(len(seen), 1):5.1f} %")
            for study, key, told in seen:
                if abs(_index_effect(study, key, fault)) > 1:
                    moving[0] += told
                    moving[1] += 1
        print(f"{fault:20s}" + "".join(f"{cell:>22s}" for cell in cells) + f"   {WANTED[fault]}")
    print(
        f"moves the index by more than a point: told {moving[0]} of {moving[1]} ({100 * moving[0] / moving[1]:.1f} %, wanted 90)"
    )


def _index_effect(study: Study, key: tuple[str, str], fault: str) -> float:
    """Points by which a fault moves the index, reckoned by equal shares."""
    changed = study.changed(key, FAULTS[fault])
    assert changed is not None
    effect = cheap_effect(study.panels, study.declarations)
    total = 0.0
    for before, after in zip(study.panels, changed, strict=True):
        if key in before.keys:
            row = before.keys.index(key)
            for column in range(-before.block, 0):
                old, new = before.values[row, column], after.values[row, column]
                if (
                    np.isfinite(old)
                    and np.isfinite(new)
                    and (moved := effect(key[0], float(old), float(new)))
                ):
                    total += moved.index
    return total


def alarms(
    history: pd.DataFrame, declarations: Declarations, quarters: pd.PeriodIndex, skipped: set[int]
) -> Iterator[Rate]:
    """For every calm quarter: national findings that need an answer, among national series."""
    nation = history[history["group"] == "TH"]
    for quarter in quarters:
        if quarter.year not in skipped:
            found = newest.check(nation, declarations, quarter)
            possible = len(Study.of(nation, declarations, quarter).national())
            yield Rate(sum(map(needs_waiver, found)), possible)


def added(rates: Iterator[Rate] | list[Rate]) -> Rate:
    """All of them as one."""
    own = list(rates)
    return Rate(sum(one.alarms for one in own), sum(one.possible for one in own))


def false_alarms(sample: pd.DataFrame, declarations: Declarations) -> dict[str, Rate]:
    """National series of all kinds, and the sample's groups."""
    found = {
        "national, simulated": _simulated(declarations, ALARM_SEEDS, RECIPES),
        "national, heavy tails": _simulated(declarations, HEAVY_SEEDS, HEAVY),
    }
    since = list(alarms(sample, declarations, pd.period_range("2022Q1", QUARTER, freq="Q"), DISTURBED))
    print(f"sample since 2022: at most {max(rate.alarms for rate in since)} in one issue (wanted: 3)")
    found["national, sample"] = added(
        alarms(sample, declarations, pd.period_range("2014Q1", QUARTER, freq="Q"), DISTURBED)
    )
    if REAL.is_dir():
        real = open_workspace(REAL).usable_history()
        skipped = DISTURBED | REAL_SHOCKS
        found["national, real"] = added(
            alarms(real, declarations, pd.period_range("2004Q1", REAL_QUARTER, freq="Q"), skipped)
        )
    groups = sample[sample["group"] != "TH"]
    warned = answered = possible = 0
    for quarter in pd.period_range("2022Q1", QUARTER, freq="Q"):
        own = newest.check(groups, declarations, quarter)
        warned += sum(one.severity == "warning" for one in own)
        answered += sum(map(needs_waiver, own))
        possible += groups.drop_duplicates(["indicator", "group"]).shape[0]
    found["groups, warning"] = Rate(warned, possible)
    found["groups, answer"] = Rate(answered, possible)
    return found


def _simulated(declarations: Declarations, seeds: range, recipes: dict[str, Recipe]) -> Rate:
    """National series of simulated workspaces, one for each seed, the recipes in turn."""
    calm, kinds = pd.period_range("2016Q1", QUARTER, freq="Q"), list(recipes.values())
    return added(
        [
            rate
            for at, seed in enumerate(seeds)
            for rate in alarms(
                simulate(declarations, seed, kinds[at % len(kinds)])[0], declarations, calm, DISTURBED
            )
        ]
    )


def fresh_samples(declarations: Declarations) -> dict[str, Rate]:
    """Samples of other seeds: national series, survey statistics beyond the limit on untouched waves, faults of files that are told."""
    rates = {"national, other samples": Rate(0, 0), "surveys": Rate(0, 0), "surveys, provinces": Rate(0, 0)}
    calm = pd.period_range("2014Q1", QUARTER, freq="Q")
    for seed in SURVEY_SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "workspace"
            generate(root, seed=seed)
            history = open_workspace(root).usable_history()
            own = added(alarms(history, declarations, calm, DISTURBED))
            rates["national, other samples"] = added([rates["national, other samples"], own])
            for survey, questionnaire in declarations.questionnaires.items():
                waves = _waves(root, survey, declarations)
                for _, _, one in survey_history.all_distances(waves, questionnaire, limits()):
                    name = "surveys, provinces" if one.statistic.family == "province" else "surveys"
                    is_far = one.z > limits().number("survey", "answer")
                    rates[name] = added([rates[name], Rate(int(is_far), 1)])
                counts = {
                    fault: _findings(waves, alter(waves[-1], questionnaire), questionnaire)
                    for fault, alter in SURVEY_FAULTS[survey].items()
                }
                print(f"{survey}, seed {seed}: findings by fault {counts}")
    return rates


def _waves(root: Path, survey: str, declarations: Declarations) -> list[pd.DataFrame]:
    """Answers of every wave of a survey, in time order."""
    form = declarations.questionnaires[survey]
    paths = sorted((root / "surveys" / survey).iterdir())
    quarters = [pd.Period(path.stem.replace("-", "")) for path in paths]
    return [
        read(path, form, declarations, quarter=quarter, root=root)[0]
        for path, quarter in zip(paths, quarters, strict=True)
    ]


def _findings(waves: list[pd.DataFrame], answers: pd.DataFrame, questionnaire: Questionnaire) -> int:
    """How many findings the newest wave gives when its answers are these."""
    found = survey_history.check(
        waves[:-1], answers, questionnaire, where="x", quarter=QUARTER, limits=limits()
    )
    return len(found)


def write(rates: dict[str, Rate]) -> None:
    """Put the rates where documents find them."""
    lines = [
        "# Measured by tests/bench/bench_newest.py --write on fresh seeds: findings on untouched data in calm years, per 1,000.",
        "# low and high: 95 % interval (Clopper and Pearson).",
    ]
    for name, rate in rates.items():
        low, high = rate.interval()
        lines += [
            "",
            f'["{name}"]',
            f"alarms = {rate.alarms}",
            f"possible = {rate.possible}",
            f"per_thousand = {1000 * rate.alarms / rate.possible:.2f}",
            f"low = {low:.2f}",
            f"high = {high:.2f}",
        ]
    MEASURED.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """All of it."""
    declarations = load()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        generate(root)
        sample = open_workspace(root).usable_history()
    started = time.process_time()
    newest.check(sample, declarations, QUARTER)
    count = len(sample.drop_duplicates(["indicator", "group"]))
    print(
        f"{count:,} series and groups in {time.process_time() - started:.1f} processor seconds (wanted: under 10)"
    )
    if "--alarms" not in sys.argv:
        detection(sample, declarations)
    rates = {**false_alarms(sample, declarations), **fresh_samples(declarations)}
    wanted = {
        "national, simulated": 8,
        "national, heavy tails": 8,
        "national, sample": 8,
        "national, real": 8,
        "national, other samples": 8,
        "groups, warning": 0.5,
        "surveys": 1,
    }
    for name, rate in rates.items():
        print(f"{name:24s} {rate.text()}" + (f"  wanted: at most {wanted[name]}" if name in wanted else ""))
    if "--write" in sys.argv:
        write(rates)


if __name__ == "__main__":
    main()
