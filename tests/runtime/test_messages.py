"""Every message of the program is there in Thai and in English: what the code says, what click says, help texts; one language on request."""

import ast
import io
import re
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract

from reporter.cli import main
from reporter.commands import MODULES
from reporter.domain import errors
from reporter.domain.declarations import asset
from reporter.runtime import messages

THAI = re.compile("[ก-๛]")
ENGLISH = re.compile("[A-Za-z]{2}")
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
# Calls that carry a message in both languages: the Thai one, then the English one.
SAYING = ERRORS | {"Finding", "say", "worded", "stage", "_finding", "_error", "_warning", "_note", "_refused"}


def literal(node: ast.expr) -> str | None:
    """The words of a string in the source; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return None


def calls():
    """File, line and the literal arguments of every call that says something."""
    for path in sorted(asset("reporter").rglob("*.py")):
        if path.parent.name == "desk":
            continue  # the desk's ``say`` looks its one argument up in its own catalogue (tests/desk/test_messages.py)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in SAYING:
                    yield f"{path.name}:{node.lineno}", [literal(one) for one in node.args]


def test_whatever_is_said_in_thai_is_said_in_english_right_after_it():
    found, lonely = 0, []
    for where, said in calls():
        for place, text in enumerate(said):
            if text and THAI.search(text):
                found += 1
                after = said[place + 1] if place + 1 < len(said) else None
                is_value = place + 1 < len(said) and after is None  # a variable: its words stand elsewhere
                if not is_value and (not after or THAI.search(after) or not ENGLISH.search(after)):
                    lonely.append((where, text[:60], after))
                break
    assert found > 400
    assert lonely == []


def test_commands_print_words_through_say_alone():
    loose = []
    for path in sorted((asset("reporter") / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "click.echo" and node.args:
                text = literal(node.args[0]) or ""
                if THAI.search(text) or re.search(r"[a-z]{3,} [a-z]{3,}", text):
                    loose.append(f"{path.name}:{node.lineno} {text[:50]}")
    assert loose == []


# Messages of click that only a programmer's mistake can bring about.
_OF_PROGRAMMERS = re.compile(
    "defined twice|DeprecationWarning|declaration|colour|cannot use the same flag|No options defined"
)


def of_click() -> set[str]:
    """Every message of the installed click that a command can say."""
    found: set[str] = set()
    for module in ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types"):
        content = (Path(click.__file__).parent / f"{module}.py").read_bytes()
        for _, said, _, _ in extract("python", io.BytesIO(content), keywords={"_": None, "ngettext": (1, 2)}):
            found |= set(said) if isinstance(said, tuple) else {said}
    return {one for one in found if not _OF_PROGRAMMERS.search(one)}


def test_every_message_of_click_has_its_thai_with_the_same_fields():
    catalogue = messages.catalogue()
    assert sorted(of_click() - set(catalogue)) == []
    fields = re.compile(r"\{(\w+)|%\((\w+)\)")
    for english, thai in catalogue.items():
        assert THAI.search(thai) and set(fields.findall(thai)) == set(fields.findall(english)), english


def run(capsys, *arguments):
    """Exit status and everything that a command printed."""
    try:
        main(list(arguments))
        status = 0
    except SystemExit as stop:
        status = int(stop.code or 0)
    finally:
        messages.choose("both")
    captured = capsys.readouterr()
    return status, captured.out + captured.err


WRONG = (
    "nonsense",
    "build",
    "build --jobs x -q 2568-Q3",
    "init --foo",
    "init a b",
    "desk --port 99999999",
    "status -q 9",
    "check --data /nowhere/at/all",
    "export nonsense -q 2568-Q3",
    "verify /nowhere",
)


@pytest.mark.parametrize("line", WRONG)
def test_a_usage_error_is_told_in_the_language_that_was_asked_for(capsys, line):
    arguments = line.split()
    status, both = run(capsys, *arguments)
    assert status and THAI.search(both) and ENGLISH.search(both)
    again, english = run(capsys, "--messages", "en", *arguments)
    assert again == status and not THAI.search(english)
    again, thai = run(capsys, "--messages", "th", *arguments)
    assert again == status
    assert [one for one in thai.splitlines() if one.strip() and not THAI.search(one)] == []


def test_an_unknown_language_is_a_usage_error(capsys):
    assert run(capsys, "--messages", "fr", "status")[0] == 2


def test_a_variable_chooses_for_all_commands(capsys, monkeypatch):
    monkeypatch.setenv(messages.VARIABLE, "th")
    assert "No such" not in run(capsys, "nonsense")[1]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_the_help_of_every_command_is_in_both_languages_and_in_one(capsys, name):
    both = run(capsys, name, "--help")[1]
    assert THAI.search(both) and ENGLISH.search(both)
    english = run(capsys, "--messages", "en", name, "--help")[1]
    assert [line for line in english.splitlines() if THAI.search(line)] == []
    assert THAI.search(run(capsys, "--messages", "th", name, "--help")[1])


@pytest.mark.parametrize("lang", ["th", "en", "both"])
def test_headings_and_states_of_the_tables_are_in_the_language_in_force(lang):
    from reporter.commands.inputs import summary

    messages.choose(lang)
    try:
        said = summary([])
    finally:
        messages.choose("both")
    assert bool(THAI.search(said)) == (lang != "en")
    assert ("newest" in said) == (lang != "th")
