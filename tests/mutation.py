"""Mutation run over the formulas: which small changes of the code does no test notice? Run by hand (docs/mutation.md).

    pip install cosmic-ray; python tests/mutation.py COPY_OF_THE_CHECKOUT [MOST_PER_MODULE] [module ...]

Mutants come from cosmic-ray's operators, at most so many a module (a seeded choice). Each is written into the copy and its
tests run in a fork of this process, which has the heavy libraries loaded. Prints survivors with the line that was changed.
"""

from __future__ import annotations

import ast
import difflib
import os
import random
import signal
import sys
import time
from pathlib import Path

TARGETS = {
    "reporter/domain/periods.py": ["tests/domain/test_periods.py"],
    "reporter/index/composite.py": [
        "tests/index/test_composite_by_hand.py",
        "tests/index/test_composite.py",
        "tests/index/test_contributions_by_hand.py",
    ],
    "reporter/surveys/shares.py": ["tests/surveys/test_confidence_by_hand.py"],
    "reporter/surveys/quality.py": ["tests/surveys/test_disclosure_by_hand.py"],
    "reporter/domain/declarations.py": ["tests/domain/test_formula.py"],
    "reporter/measures/annex.py": [
        "tests/measures/test_annex.py",
        "tests/measures/test_frequency.py",
        "tests/measures/test_statistics_by_hand.py",
    ],
    "reporter/domain/thai.py": ["tests/domain/test_thai.py"],
    "reporter/qa/identities.py": ["tests/qa/test_qa.py"],
    "reporter/inputs/workspace.py": ["tests/inputs/test_waivers.py"],
}
LONGEST = 90


def meaning(code: str) -> str:
    """The syntax tree without annotations of functions (not evaluated, so a change there is none); "" where it is none."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        match node:
            case ast.arg():
                node.annotation = None
            case ast.FunctionDef():
                node.returns = None
    return ast.dump(tree)


def mutants(code: str, most: int) -> list[tuple[str, str]]:
    """(operator, mutated source), in a seeded order, at most ``most``."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    found: dict[str, str] = {}
    original = meaning(code)
    for name in operator_names():
        operator = get_operator(name)
        arguments = operator.arguments()
        if arguments:
            continue
        for occurrence in range(10_000):
            mutated = mutate_code(code, operator(), occurrence)
            if mutated is None:
                break
            if meaning(mutated) not in ("", original):
                found.setdefault(mutated, name)
    pairs = [(name, mutated) for mutated, name in found.items()]
    random.Random(10).shuffle(pairs)
    return pairs[:most]


def survives(tests: list[str]) -> bool:
    """Whether all tests pass in a fork; a test that does not end has noticed."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        import pytest

        os._exit(int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests])))
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def main() -> None:
    """Mutate, test, print."""
    import babel.dates  # noqa: F401
    import click  # noqa: F401
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import pydantic  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401

    os.chdir(sys.argv[1])
    sys.path.insert(0, ".")
    sys.dont_write_bytecode = True
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    for place in sys.argv[3:] or TARGETS:
        path, tests = Path(place), TARGETS[place]
        code = path.read_text(encoding="utf-8")
        if not survives(tests):
            print(f"{place}: its tests fail without a mutation", flush=True)
            continue
        tried = mutants(code, most)
        left = []
        try:
            for name, mutated in tried:
                path.write_text(mutated, encoding="utf-8")
                if survives(tests):
                    left.append((name, mutated))
        finally:
            path.write_text(code, encoding="utf-8")
        print(f"{place}: {len(tried) - len(left)} of {len(tried)} killed", flush=True)
        for name, mutated in left:
            changed = difflib.unified_diff(code.splitlines(), mutated.splitlines(), n=0, lineterm="")
            print(f"  {name}", *(line for line in list(changed)[2:]), sep="\n    ", flush=True)


if __name__ == "__main__":
    main()
