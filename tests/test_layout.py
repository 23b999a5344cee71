"""The packages import one another in one direction, and no two modules import each other in a circle."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From low to high: a package may import those before it, never those after it (docs/architecture.md).
ORDER = (
    "domain",
    "runtime",
    "pdf",
    "measures",
    "inputs",
    "sources",
    "index",
    "surveys",
    "sample",
    "figures",
    "report",
    "checks",
    "qa",
    "exports",
    "pipeline",
    "delivery",
    "desk",
    "commands",
    "cli",
)


def modules() -> dict[str, Path]:
    """Dotted name -> file, of every module of the program."""
    found = {}
    for path in (ROOT / "reporter").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """The program's modules that a file imports, at its top or within a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in names}
    return {name for name in found if name in known}


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    """Module -> modules that it imports."""
    known = modules()
    return {name: imports(path, known) - {name} for name, path in known.items()}


def package(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_package_has_its_place_in_the_order(graph):
    assert {package(name) for name in graph} - {"", "__main__"} == set(ORDER)


def test_imports_point_one_way(graph):
    upward = [
        f"{name} imports {other}"
        for name, others in graph.items()
        for other in others
        if package(name) in ORDER
        and package(other) in ORDER
        and ORDER.index(package(other)) > ORDER.index(package(name))
    ]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def named_types(text: str) -> set[str]:
    """Public classes and aliases of types that a module defines; type variables are of the module that has them."""
    body = ast.parse(text).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    aliases = {
        target.id
        for node in body
        if isinstance(node, ast.Assign) and "TypeVar(" not in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name) and re.fullmatch(r"[A-Z][a-z]\w*", target.id)
    }
    return {name for name in classes | aliases if not name.startswith("_")}


def test_a_public_type_has_a_name_that_no_other_has():
    where: dict[str, list[str]] = {}
    for module, path in modules().items():
        for name in named_types(path.read_text(encoding="utf-8")):
            where.setdefault(name, []).append(module)
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


def test_types_of_the_same_name_are_found():
    assert named_types(
        "class Entry: ...\nKey = tuple[str, str]\n_Own = int\nT = TypeVar('T')\nMOST = 3\n"
    ) == {
        "Entry",
        "Key",
    }


# Modules that read HTML or XML, and the names by which those that also write are made to read.
PARSERS = {
    "bs4",
    "html.parser",
    "html5lib",
    "lxml",
    "lxml.html",
    "markupsafe.striptags",
    "selectolax",
    "tinyhtml5",
}
READING = {"HTMLParser", "XMLParser", "fromstring", "iterparse"}


def reads_markup(text: str) -> list[str]:
    """What in a module's text parses HTML or XML."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in PARSERS]
        elif isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names if node.module in PARSERS or alias.name in READING]
        elif isinstance(node, ast.Attribute) and node.attr in READING:
            found.append(node.attr)
    return found


SYSTEMD = {
    "reporter.env",
    "reporter.run",
    "reporter.service",
    "reporter.timer",
}  # files of the scheduler, and its log


def named_places(text: str) -> set[str]:
    """Modules and files of this repository that a text names: ``reporter.index.national``, ``docs/index.md``, ``reporter/cli.py``."""
    modules = set(re.findall(r"\breporter(?:\.[a-z_]+)+\b", text))
    files = set(re.findall(r"(?<![\w/])(?:docs|reporter|charts)/[\w/]+\.(?:md|py)\b", text))
    return (modules | files) - SYSTEMD


def is_there(place: str, known: dict[str, Path]) -> bool:
    """A file, a module, or a name of a module."""
    if "/" in place:
        return (ROOT / place).is_file()
    module, _, name = place.rpartition(".")
    if place in known:
        return True
    return module in known and re.search(rf"\b{name}\b", known[module].read_text("utf-8")) is not None


def test_prose_names_no_module_and_no_document_that_is_gone():
    known = modules()
    texts = [*known.values(), *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    stale = {
        (str(path.relative_to(ROOT)), place)
        for path in texts
        for place in named_places(path.read_text(encoding="utf-8"))
        if not is_there(place, known)
    }
    assert stale == set()
    assert not is_there("docs/templates.md", known) and not is_there("reporter.surveys.cleaning", known)


def test_mail_and_website_read_no_html_they_render_the_issue_document():
    folders = [ROOT / "reporter" / "delivery" / name for name in ("mail", "site")]
    texts = {path: path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")}
    assert len(texts) > 10
    assert {str(path): found for path, text in texts.items() if (found := reads_markup(text))} == {}


def test_a_parser_would_be_found():
    written = (
        "from html.parser import HTMLParser", "import lxml.html", "import tinyhtml5",
        "from xml.etree import ElementTree\nElementTree.fromstring(page)", "from lxml import etree",
    )  # fmt: skip
    assert all(reads_markup(text) for text in written)
    assert not reads_markup("from html import escape\nfrom xml.etree.ElementTree import Element, SubElement")
