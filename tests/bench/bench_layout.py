"""How full the pages of a built issue are, and how far figures stand from the text that refers to them.

    python tests/bench/bench_layout.py [out/2025-Q3/report.pdf ...]

Prints for each PDF: pages; the share of the text area that is blank bands (at least 10 mm high and as wide as the measure);
the emptiest page that is not the last of a chapter; the largest distance, in pages, of a figure from its first reference.
Bounds of the sample's report: 40 pages, 8 %, 45 %, 1 page; QA of every build tells what goes beyond them (reporter/qa/identities.py).
"""

from __future__ import annotations

import sys
from pathlib import Path

from reporter.qa.identities import pages_filled


def main(paths: list[Path]) -> None:
    """Print the measures of every PDF."""
    for path in paths:
        filled = pages_filled(path.read_bytes())
        emptiest = max(filled.inner, key=lambda page: filled.inner[page], default=0)
        print(
            f"{path}: {filled.pages} pages; blank bands {filled.blank:.1%} of the text area; "
            f"emptiest inner page {emptiest + 1} ({filled.inner.get(emptiest, 0):.0%}); "
            f"farthest figure {filled.distance} page(s) ({filled.farthest})"
        )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(Path("out").glob("*/*.pdf")))
