"""One small document typeset once for all tests of its file, and a helper for fragments."""

from __future__ import annotations

import datetime as dt

import pytest

from reporter.pdf import Metadata, typeset
from tests.support import document as sample

METADATA = Metadata("หัวเรื่อง", "ผู้จัดทำ", "เรื่อง", dt.datetime(2025, 11, 14, 9))


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """(HTML, PDF) of the sample: two chapters, four charts, four tables, one of them wide."""
    assets = tmp_path_factory.mktemp("assets")
    html = sample.document(assets, chapters=2, sections=2, rows=26, charts=1)
    return html, typeset(html, assets=assets, metadata=sample.METADATA, attachments=sample.ATTACHMENTS)


@pytest.fixture
def fragment(tmp_path):
    """Typeset the inside of a body; files of the test's folder are its assets."""

    def typeset_fragment(body: str, **options) -> bytes:
        html = f'<!doctype html><html lang="th"><head><title>หัวเรื่อง</title></head><body>{body}</body></html>'
        return typeset(html, assets=tmp_path, metadata=METADATA, **options)

    return typeset_fragment
