"""Messages on the terminal: Thai and English, or one of them (``reporter --messages th|en``).

Goes in: a sentence in both languages, as the code that says it holds it; for the words of the library click (usage errors, help) its
English ones, with Thai from the Babel catalogue ``templates/messages/th.po``. Comes out: lines in the chosen language. The choice holds
for the run of one command; nothing that is computed or written to a file depends on it. ``REPORTER_MESSAGES`` chooses for all commands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from reporter.domain import asset
from reporter.domain.errors import Finding

Language = Literal["both", "th", "en"]
LANGUAGES: tuple[Language, ...] = ("both", "th", "en")
VARIABLE = "REPORTER_MESSAGES"
_THAI = re.compile("[ก-๛]")
_BETWEEN = " — "
_CLICK = (core, decorators, exceptions, formatting, parser, termui, types)
# Short words of help texts and the version: in both languages they would only be longer. One language alone translates them.
_PLAIN = frozenset(
    (
        "%(prog)s, version %(version)s", "(dynamic)", "Choice({choices})", "Error: {message}", "default: {default}", "deprecated", "directory",
        "env var: {var}", "file", "path", "required", "Usage:", "Options", "Commands",
    )
)  # fmt: skip
_chosen: list[Language] = ["both"]
_written: dict[int, str | None] = {}  # help texts as they were written, by command or option


def choose(lang: str | None) -> None:
    """Say everything in a language from now on; None: what ``REPORTER_MESSAGES`` names, else both."""
    wanted = lang or os.environ.get(VARIABLE, "both")
    _chosen[0] = next((one for one in LANGUAGES if one == wanted), "both")
    for module in _CLICK:  # click looks its words up under these names at the moment it says them
        for name, own in (("_", translated), ("ngettext", _counted)):
            if hasattr(module, name):
                setattr(module, name, own)


def language() -> Language:
    """The language in force."""
    return _chosen[0]


def worded(th: str, en: str, *, line: bool = False) -> str:
    """A sentence in the language in force; in both: Thai first, on two lines or, with ``line``, on one."""
    if language() == "th" or not en:
        return th
    return en if language() == "en" else f"{th}{_BETWEEN if line else chr(10)}{en}"


def label(th: str, en: str) -> str:
    """A heading or a state in a table in the language in force; in both, the words stand side by side."""
    return f"{th} {en}" if language() == "both" else worded(th, en)


def say(th: str, en: str, *, err: bool = False, line: bool = False) -> None:
    """Print a sentence in the language in force."""
    click.echo(worded(th, en, line=line), err=err)


def told(finding: Finding) -> str:
    """A finding for a terminal: its place, then what is wrong."""
    return f"{finding.place}\n  " + worded(finding.th, f"  {finding.en}").replace("\n    ", "\n  ").lstrip()


def half(text: str) -> str:
    """The part of a help text ``ไทย — English`` that is in the language in force, paragraph by paragraph; others stay whole."""
    return "\n\n".join(_half(part) for part in text.split("\n\n"))


def _half(text: str) -> str:
    between = [at for at in re.finditer(r"\s—\s", text) if not _THAI.search(text[at.end() :])]
    if language() == "both" or not between or not _THAI.search(text[: between[0].start()]):
        return text
    return text[: between[0].start()] if language() == "th" else text[between[0].end() :]


def helped(command: click.Command) -> click.Command:
    """A command whose help, with that of its options and commands, is in the language in force."""
    command._help_option = None  # click makes its words anew, in the language in force
    speaking: list[click.Command | click.Option] = [command]
    speaking += [one for one in command.params if isinstance(one, click.Option)]
    for one in speaking:
        written = _written.setdefault(id(one), one.help)
        one.help = half(written) if written else written
    for inner in getattr(command, "commands", {}).values():
        helped(inner)
    return command


# ---------------------------------------------------------------------------------------------- words of click


@cache
def catalogue() -> Mapping[str, str]:
    """English message of click -> Thai one."""
    from babel.messages.pofile import read_po  # here: only help and usage errors need it

    with asset("templates", "messages", "th.po").open("rb") as stream:
        return {str(item.id): str(item.string) for item in read_po(stream) if item.id and item.string}


def translated(message: str) -> str:
    """A message of click in the language in force; in both, a frame around another message stays one frame."""
    if language() == "en":
        return message
    thai = catalogue().get(message, message)
    if language() == "th" or thai == message:
        return thai
    if message in _PLAIN:
        return message
    inner = ": {message}"
    if message.endswith(inner) and thai.endswith(inner):
        return f"{thai.removesuffix(inner)} ({message.removesuffix(inner)}){inner}"
    if message.startswith("Missing ") and "{" not in message:  # a name follows it
        return f"{thai} ({message})"
    return f"{thai}{_BETWEEN}{message}"


def _counted(one: str, many: str, count: Any) -> str:
    return translated(one if count == 1 else many)
