"""Every message of the desk stands in the Babel catalogue in both languages."""

import io
import re

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from reporter.desk.server import catalogue
from reporter.domain.declarations import asset

pytestmark = pytest.mark.slow

_THAI = re.compile(r"[ก-๛]")


def messages() -> set[str]:
    """Thai messages of templates and modules: arguments of ``_``, ``say`` and ``noted``."""
    found = set()
    for path in asset("templates", "desk").glob("*.j2"):
        found |= {str(one[2]) for one in babel_extract(io.BytesIO(path.read_bytes()), ["_"], [], {})}
    for path in (asset("reporter") / "desk").glob("*.py"):
        with path.open("rb") as stream:
            found |= {str(one[1]) for one in extract("python", stream, keywords={"say": None, "noted": None})}
    return found


def test_every_message_has_its_english():
    english = catalogue("en")
    assert sorted(message for message in messages() if _THAI.search(message) and message not in english) == []


def test_the_catalogue_holds_nothing_that_no_page_says():
    assert sorted(set(catalogue("en")) - messages()) == []


def test_no_english_message_is_thai():
    assert [text for text in catalogue("en").values() if _THAI.search(text)] == []


def test_templates_say_nothing_in_thai_outside_of_messages():
    loose = []
    for path in asset("templates", "desk").glob("*.j2"):
        text = re.sub(
            r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        loose += [
            (path.name, line.strip())
            for line in text.splitlines()
            if _THAI.search(line) and "ภาษาไทย" not in line
        ]
    assert loose == []
