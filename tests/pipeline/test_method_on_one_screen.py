"""``pipeline/build.py`` stays what one reads first: short functions with few parameters, in the order of the method."""

import ast
from pathlib import Path

import pytest

from reporter.pipeline import build

pytestmark = pytest.mark.slow

LONGEST, MOST_PARAMETERS = 40, 6
METHOD = ["ingest", "validate", "compute", "describe", "draw", "typeset", "check", "record_issue"]


def functions() -> dict[str, ast.FunctionDef]:
    module = ast.parse(Path(build.__file__).read_text(encoding="utf-8"))
    return {item.name: item for item in ast.walk(module) if isinstance(item, ast.FunctionDef)}


def test_no_function_is_longer_than_a_screen_and_none_takes_more_than_it_shows():
    for name, function in functions().items():
        assert function.end_lineno - function.lineno + 1 <= LONGEST, name
        assert len(function.args.args) + len(function.args.kwonlyargs) <= MOST_PARAMETERS, name


def test_a_build_reads_as_the_method():
    calls = [node for node in ast.walk(functions()["build"]) if isinstance(node, ast.Call)]
    in_order = sorted(calls, key=lambda call: (call.lineno, -call.col_offset))
    stages = [call.func.id for call in in_order if isinstance(call.func, ast.Name) and call.func.id in METHOD]
    assert sorted(stages, key=METHOD.index) == METHOD
    assert [stage for stage in stages if stage not in ("typeset", "check")] == [
        stage for stage in METHOD if stage not in ("typeset", "check")
    ]
