"""How a tagged PDF is read: its structure, its fonts, the owners of its marks.

Goes in: an open PDF of this typesetter. Comes out: parts of it, for the checks of conformance.py, matterhorn.py and checks.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from reporter.domain.errors import Finding

WHERE = "report.pdf"


def finding(rule: str, th: str, en: str, value: str | None = None) -> Finding:
    """An error about the PDF itself."""
    return Finding("error", WHERE, th, en, value=value, rule=f"pdf.{rule}")


def structure(root: Any) -> Iterator[Any]:
    """Every structure element in reading order."""
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        if node is not root:
            yield node
        stack.extend(
            reversed([kid for kid in kids(node) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid])
        )


def inside(value: Any, *keys: str) -> Any:
    """The value under a path of keys of nested dictionaries; None where one is missing."""
    for key in keys:
        value = None if value is None else value.get(key)
    return value


def kids(node: Any) -> list[Any]:
    """The kids of an element as a list."""
    value = node.get("/K")
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def fonts(pdf: pikepdf.Pdf) -> list[Any]:
    """The fonts of all pages, each once."""
    found: dict[tuple[int, int], Any] = {}
    for page in pdf.pages:
        for font in (inside(page.obj, "/Resources", "/Font") or {}).values():
            found[font.objgen] = font
    return list(found.values())


def code_texts(font: Any) -> dict[int, str]:
    """Code -> text, from the font's ToUnicode map."""
    pairs = re.findall(
        rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>",
        font.ToUnicode.read_bytes().partition(b"endcodespacerange")[2],
    )
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def page_content(page: Any) -> bytes:
    """The content stream of a page."""
    contents = page.obj.Contents
    return (
        b"\n".join(part.read_bytes() for part in contents)
        if isinstance(contents, pikepdf.Array)
        else contents.read_bytes()
    )


def parent_tree(pdf: pikepdf.Pdf) -> dict[int, Any]:
    """Key of a page or annotation -> owners of its marks, or its owner."""
    numbers = list(inside(pdf.Root, "/StructTreeRoot", "/ParentTree", "/Nums") or ())
    return {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}


def identity(value: Any) -> Any:
    """What tells one object of the file from another; None for nothing."""
    return None if value is None else tuple(value.objgen)
