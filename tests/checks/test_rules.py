"""Every file of rules that a workspace may have of its own: a broken copy is found by ``reporter check``, with file and key."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reporter.checks import _RULES, check_rules
from reporter.domain.declarations import asset
from reporter.inputs.workspace import READ

FILES = sorted(path.name for path in asset("data", "rules").glob("*.toml"))
OWN = sorted(path.removeprefix("rules/") for path in READ if path.startswith("rules/"))


def packaged(name: str) -> str:
    return asset("data", "rules", name).read_text(encoding="utf-8")


def found(root: Path, name: str, content: bytes):
    path = root / "rules" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return check_rules(root)


def written(value) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {written(one)}' for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return (
        repr(value)
        if isinstance(value, int | float)
        else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def document(content: dict) -> bytes:
    return "\n".join(f'"{key}" = {written(value)}' for key, value in content.items()).encode("utf-8")


def leaves(value, way=()):
    """The way to every value that is no table and no list of tables."""
    is_tables = isinstance(value, list) and any(isinstance(one, dict) for one in value)
    if isinstance(value, dict) or is_tables:
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(one, (*way, key))
    else:
        yield way, value


def changed(content: dict, way: tuple, value) -> dict:
    copy = tomllib.loads(document(content).decode("utf-8"))
    place = copy
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = value
    return copy


@pytest.mark.parametrize("name", OWN)
def test_a_copy_of_the_programs_rules_is_right(tmp_path, name):
    assert found(tmp_path, name, packaged(name).encode("utf-8")) == []
    assert found(tmp_path, name, document(tomllib.loads(packaged(name)))) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content",
    [b"x = [\n", "ก = 1".encode("cp874"), b"no_such_name_of_a_rule = 1\n"],
    ids=["syntax", "encoding", "name"],
)
def test_a_broken_copy_is_named_by_the_check(tmp_path, name, content):
    (finding,) = found(tmp_path, name, content)
    assert finding.where == f"rules/{name}"
    assert finding.severity == ("error" if name in OWN else "note")
    assert finding.th != finding.en


@pytest.mark.parametrize("name", OWN)
def test_a_value_of_another_kind_is_an_error_at_its_key(tmp_path, name):
    """Every value of the file in turn (of rules alike a few) is a list within a list, or a date, which no rule is."""
    content = tomllib.loads(packaged(name))
    seen: dict[tuple, int] = {}
    for way, _ in leaves(content):
        alike = tuple(key for key in way if isinstance(key, str))
        alike = alike[-1:] if name.startswith("recommendations") and way[0] == "rule" else alike
        seen[alike] = seen.get(alike, 0) + 1
        if seen[alike] > 2:
            continue
        findings = found(tmp_path, name, document(changed(content, way, [[1]])))
        errors = [one for one in findings if one.severity == "error"]
        assert errors, way
        assert {one.where for one in errors} == {f"rules/{name}"}, way
        assert all(one.column for one in errors), way


def test_what_cannot_be_counted_or_told_is_an_error_before_anything_is_computed(tmp_path):
    wrong = {
        "signals.toml": [
            "span_quarters = 0",
            "span_quarters = 1.5",
            "watch = 25",
            "least_history = -1",
            "watch = nan",
        ],
        "wording.toml": ["[majority]\nmost = inf", "[majority]\nmost = true"],
        "recommendations.en.toml": ['[rule]\nown = ["theme alone"]', "[urgency]\nnow = 1"],
    }
    for name, content in [(name, one) for name, contents in wrong.items() for one in contents]:
        (finding,) = found(tmp_path, name, content.encode("utf-8"))
        assert (finding.severity, finding.where) == ("error", f"rules/{name}"), content
        (tmp_path / "rules" / name).unlink()


BOOK = {
    "urgency": {"now": "ก", "quarter": "ข", "year": "ค"},
    "departments": {"DOE": "กรมการจัดหางาน"},
    "rule": [
        {
            "id": "falls", "theme": "งาน", "urgency": "now", "departments": ["DOE"], "measure": "จัดหางาน",
            "when": [{"fact": "labour.employment.quarter", "operator": "<=", "value": -1}],
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("way", "value", "key"),
    [
        (("rule", 0, "departments"), ["XXX"], "falls.departments"),
        (("rule", 0, "departments"), "DOE", "falls.departments"),
        (("rule", 0, "urgency"), "soon", "falls.urgency"),
        (("rule", 0, "partners"), ["MIND"], "falls.partners"),
        (("rule", 0, "when"), [], "falls"),
        (("rule", 0, "when", 0, "value"), "-1", "falls.when"),
        (("rule", 0, "when", 0, "operator"), "=", "falls.when"),
        (("rule", 0, "when", 0, "fact"), "labour.wages.lvl", "falls.when.fact"),
        (("urgency",), {"now": "ก"}, "urgency"),
        (("urgency", "soon"), "ก", "urgency.soon"),
        (("departments",), ["DOE"], "departments"),
        (("rule",), {"id": "falls"}, "rule"),
    ],
)
def test_a_wrong_recommendation_is_told_with_its_rule_and_field(tmp_path, way, value, key):
    assert found(tmp_path, "recommendations.toml", document(BOOK)) == []
    (finding,) = found(tmp_path, "recommendations.toml", document(changed(BOOK, way, value)))
    assert (finding.where, finding.column, finding.severity) == ("rules/recommendations.toml", key, "error")


def test_the_check_knows_every_file_that_a_workspace_may_lay_over():
    assert sorted(_RULES) == OWN


def test_faults_of_recommendations_are_told_beside_a_broken_file_of_thresholds(tmp_path):
    """The words of the report are bound when they are loaded: in a process of its own, as the command runs."""
    for folder in ("rules", "series"):
        (tmp_path / folder).mkdir()
    (tmp_path / "rules" / "wording.toml").write_text("[steps", encoding="utf-8")
    book = asset("data", "rules", "recommendations.toml").read_text(encoding="utf-8")
    broken = re.sub(r"(?m)^id = ", "idd = ", book, count=1)
    assert broken != book
    (tmp_path / "rules" / "recommendations.toml").write_text(broken, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "reporter", "check", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    told = done.stdout + done.stderr
    assert "rules/wording.toml" in told and "rules/recommendations.toml" in told
