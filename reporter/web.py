"""The issue's HTML file: the document of the PDF with a stylesheet for screens and the fonts beside it.

Goes in: the HTML that was typeset. Comes out: ``report.html``, ``report.css`` and ``fonts/``; nothing is loaded from
elsewhere. A Content-Security-Policy in the file itself forbids scripts and foreign addresses.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from reporter.assets import asset
from reporter.thai import thai_digits_html
from reporter.tokens import css_variables

_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'"
_HEAD = (
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    '<link rel="stylesheet" href="report.css">'
)


def write_page(html: str, folder: Path, *, thai_digits: bool = False) -> str:
    """Write ``report.html`` with what it needs beside it; returns the page as written."""
    page = html.replace("</head>", f"{_HEAD}</head>", 1)
    if thai_digits:
        page = thai_digits_html(page)
    (folder / "report.html").write_text(page, encoding="utf-8")
    stylesheet = css_variables() + asset("templates", "screen.css").read_text(encoding="utf-8")
    (folder / "report.css").write_text(stylesheet, encoding="utf-8")
    shutil.copytree(asset("fonts", "sarabun"), folder / "fonts")
    return page
