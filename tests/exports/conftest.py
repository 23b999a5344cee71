"""A small built issue: the example tables, worded and written, with two of its charts."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.domain import schema
from reporter.domain.declarations import REPORT, TECHNICAL, asset
from reporter.domain.edition import edition_of, english_context
from reporter.exports import read_issue
from reporter.figures import draw_all
from reporter.report import document, findings, pages
from tests.support.issue import example_context
from tests.support.tables import example_tables

OFFICE = shutil.which("soffice")
NO_OFFICE = "LibreOffice is not installed (apt-get install libreoffice-writer-nogui libreoffice-impress-nogui libreoffice-calc-nogui)"


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of a built issue of 2025-Q3."""
    root = tmp_path_factory.mktemp("issue")
    folder, charts = root / "2025-Q3", root / "charts"
    charts.mkdir()
    for name in ("index_history", "confidence_domains"):
        shutil.copyfile(asset("charts", f"{name}.py"), charts / f"{name}.py")
    tables, context = example_tables("2025-Q3"), example_context()
    csv = schema.write_csv(tables, folder / "tables")
    context = replace(context, edition=edition_of(context.quarter, 1, "https://labour.example.org", csv))
    figures = draw_all(tables, context, folder, charts=charts)
    facts = findings(tables, context)
    volumes = {
        volume: {"th": pages.write(facts, figures, tables, context, volume=volume)}
        for volume in (REPORT, TECHNICAL)
    }
    english = english_context(context)
    drawn = draw_all(tables, english, folder, charts=charts)
    volumes[REPORT]["en"] = pages.write(findings(tables, english), drawn, tables, english)
    document.write(volumes, tables, context, folder)
    return folder


@pytest.fixture(scope="session")
def issue(built):
    """The same issue as exports read it."""
    return read_issue(built)


@pytest.fixture(scope="session")
def english_issue(built):
    """Its English edition."""
    return read_issue(built, "en")


@pytest.fixture(scope="session")
def as_pdf(tmp_path_factory):
    """An Office file opened by LibreOffice and written as PDF, or in another format: bytes and name -> path of the new file."""

    def convert(content: bytes, name: str, to: str = "pdf") -> Path:
        folder = tmp_path_factory.mktemp("office")
        source = folder / name
        source.write_bytes(content)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [
            str(OFFICE),
            profile,
            "--headless",
            "--convert-to",
            to,
            "--outdir",
            str(folder / "made"),
            str(source),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            env=os.environ | {"HOME": str(folder)},
        )
        target = folder / "made" / source.with_suffix(f".{to}").name
        assert target.exists(), done.stderr
        return target

    return convert
