"""``pipeline/build.py`` stays what one reads first: short functions with few parameters, in the order of the method."""

import ast
from pathlib import Path

import pytest

from reporter.pipeline import build

pytestmark = pytest.mark.slow

LONGEST, MOST_PARAMETERS = 40, 6
METHOD = {
    *("ingest", "validate", "kept_numbers", "compute", "describe", "draw"),
    *("typeset", "check", "record_issue"),
}


def functions() -> dict[str, ast.FunctionDef]:
    module = ast.parse(Path(build.__file__).read_text(encoding="utf-8"))
    return {item.name: item for item in ast.walk(module) if isinstance(item, ast.FunctionDef)}


def test_no_function_is_longer_than_a_screen_and_none_takes_more_than_it_shows():
    for name, function in functions().items():
        assert function.end_lineno - function.lineno + 1 <= LONGEST, name
        assert len(function.args.args) + len(function.args.kwonlyargs) <= MOST_PARAMETERS, name


def test_a_build_reads_as_the_method():
    assert steps("build") == ["ingest", "validate", "kept_numbers", "typeset", "check", "record_issue"]
    assert steps("numbers_of") == ["compute", "describe", "draw"]


def steps(name: str) -> list[str]:
    """What a function of the build calls of the method, in the order in which it stands there."""
    calls = [node for node in ast.walk(functions()[name]) if isinstance(node, ast.Call)]
    in_order = sorted(calls, key=lambda call: (call.lineno, -call.col_offset))
    return [call.func.id for call in in_order if isinstance(call.func, ast.Name) and call.func.id in METHOD]
