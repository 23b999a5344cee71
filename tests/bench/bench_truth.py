"""Random issues without a false claim, and how many errors put into finished issues the truth checker finds.

Run by ``make bench``. ``SETS`` sets of random tables (2,000; every seventh with the technical volume, every fourth in English too) become findings and an issue
document, without charts and typesetting, and are checked; ``ERRORS`` errors (1,000) are put into every hundredth of those issues.
Exit status 1 with a false claim, a crash, or less than 99 % of the errors found; what was missed is printed. ``FIRST`` is the first seed.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections import Counter

import numpy as np

from reporter.qa.truth import check_issue, check_sentence
from reporter.qa.words import CheckedCells, lexicon
from tests.support.issue import declarations
from tests.support.random_issues import VOLUMES, names_to_exchange, random_issue
from tests.support.random_tables import CASES
from tests.support.seeded_errors import seeded_errors

SETS = int(os.environ.get("SETS", "2000"))
ERRORS = int(os.environ.get("ERRORS", "1000"))
FIRST = int(os.environ.get("FIRST", "0"))
EVERY = 100  # issues of which one gets errors
ENGLISH = 4  # issues of which one has the English edition too


def main() -> None:
    """Make, check, print."""
    counts: Counter[str] = Counter()
    put: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    began = time.process_time()
    for seed in range(FIRST, FIRST + SETS):
        try:
            volumes = VOLUMES if seed % 7 == 0 else VOLUMES[:1]
            tables, issue, _ = random_issue(seed, volumes, in_english=seed % ENGLISH == 0)
            false = check_issue(issue, tables, declarations())
        except Exception:  # a crash is what this study looks for
            counts["crashed"] += 1
            print(
                f"seed {seed} ({CASES[seed % len(CASES)]}):",
                *traceback.format_exc().splitlines()[-3:],
                sep="\n  ",
            )
            continue
        counts["with false claims" if false else "true"] += 1
        for finding in false[:3]:
            print(f"seed {seed} ({CASES[seed % len(CASES)]}): {finding.en}")
        if seed % EVERY == 44 % EVERY and not false:
            _seed_errors(seed, tables, issue, put, missed)
    print(f"{SETS} sets in {time.process_time() - began:.0f} s of processor time: {dict(counts)}")
    total, lost = put.total(), missed.total()
    if total:
        print(f"{total} errors, {1 - lost / total:.1%} found; missed by kind: {dict(missed)} of {dict(put)}")
    sys.exit(1 if counts["crashed"] or counts["with false claims"] or lost > 0.01 * total else 0)


def _seed_errors(seed: int, tables: dict, issue: dict, put: Counter[str], missed: Counter[str]) -> None:
    cells, count = CheckedCells(tables), -(-ERRORS * EVERY // max(SETS, EVERY) // len(issue["documents"]))
    for lang in issue["documents"]:
        words, rng = lexicon(lang, declarations()), np.random.default_rng(seed)
        for kind, sentence in seeded_errors(issue, names_to_exchange(lang), rng, count, lang):
            put[kind] += 1
            if not check_sentence(sentence, cells, words):
                missed[kind] += 1
                print(f"missed {kind}: {sentence['text']}")


if __name__ == "__main__":
    main()
