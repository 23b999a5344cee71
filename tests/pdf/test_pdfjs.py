"""pdf.js, which ignores ActualText, finds every word: the fonts' own maps are right. `make pdfjs` fetches the package and runs this."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reporter.pdf.conformance import html_phrases, lost_phrases

SCRIPT = Path(__file__).with_name("read_pdfjs.mjs")
PACKAGE = os.environ.get("PDFJS", "")


@pytest.mark.skipif(
    not (PACKAGE and shutil.which("node")),
    reason="needs node and PDFJS=<folder of pdfjs-dist>: run `make pdfjs`",
)
def test_every_phrase_is_found_by_pdfjs(report, tmp_path):
    html, pdf = report
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(
        ["node", str(SCRIPT), str(file)],
        capture_output=True, check=True, timeout=120, env={**os.environ, "PDFJS": str(Path(PACKAGE).resolve())},
    )  # fmt: skip
    phrases = html_phrases(html)
    assert len(phrases) > 100 and lost_phrases(phrases, done.stdout.decode()) == []
