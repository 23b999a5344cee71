"""How fast and how small the typesetter is: 120 pages with 60 charts and 60 tables (must hold: 20 s, 600 MB on two cores)."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from reporter.pdf import typeset
from tests.support import document as sample


def main() -> None:
    """Typeset the large document once and print pages per second, bytes per page and peak memory of the process."""
    with tempfile.TemporaryDirectory() as folder:
        assets = Path(folder)
        html = sample.document(assets, chapters=12, sections=5, rows=12, charts=6)
        started = time.perf_counter()
        pdf = typeset(html, assets=assets, metadata=sample.METADATA, attachments=sample.ATTACHMENTS)
        seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    pages = len(pypdfium2.PdfDocument(pdf))
    print(f"pages {pages}, charts 60, tables 60")
    print(
        f"seconds {seconds:.1f} (processor {usage.ru_utime + usage.ru_stime:.1f}), pages per second {pages / seconds:.1f}"
    )
    print(f"bytes {len(pdf)}, bytes per page {len(pdf) / pages:.0f}")
    print(f"peak memory {usage.ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
