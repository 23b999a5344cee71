"""A small issue document (docs/issue.md) for the tests of mail and website."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HEADS = {"labour_index": "labour_index", "employer": "employers_confidence", "worker": "workers_confidence"}


def sentence(text: str, claims: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A sentence of one run of text."""
    return {"text": text, "spans": [{"kind": "text", "text": text}], "claims": list(claims)}


def paragraph(*texts: str) -> dict[str, Any]:
    """A paragraph of plain sentences."""
    return {"kind": "paragraph", "style": "", "sentences": [sentence(text) for text in texts]}


def figure(
    key: str,
    title: str,
    *,
    number: int = 1,
    alt: str = "",
    source: str = "",
    unit: str = "จุด",
    tables: Iterable[str] = (),
) -> dict[str, Any]:
    """A figure whose pictures lie under ``charts/``."""
    return {
        "kind": "figure", "id": key, "number": number, "title": title, "subtitle": unit, "subject": title,
        "alt": alt or f"เส้นแสดง{title}", "svg": f"charts/{key}.svg", "png": f"charts/{key}.png", "source": source,
        "note": "", "width": "", "tables": list(tables),
    }  # fmt: skip


def table(key: str, title: str) -> dict[str, Any]:
    """A table of one row."""
    return {
        "kind": "table", "id": key, "number": 1, "title": title, "unit": "", "note": "", "style": "",
        "columns": [{"label": "มิติ", "is_number": False}, {"label": "ค่า", "is_number": True}],
        "rows": [{"group": "ทั้งหมด"}, {"head": "ค่าจ้าง", "cells": [{"kind": "number", "text": "1.0", "value": 1.0}]}],
    }  # fmt: skip


def section(key: str, title: str, *blocks: Mapping[str, Any], number: str = "") -> dict[str, Any]:
    """A section with its blocks."""
    return {"id": key, "number": number, "title": title, "blocks": list(blocks)}


def chapter(slug: str, number: int, title: str, *sections: Mapping[str, Any]) -> dict[str, Any]:
    """A chapter with its sections."""
    return {
        "slug": slug, "id": f"chapter-{slug}" if number else slug, "number": number, "title": title,
        "short_title": title, "author": "generated", "finding": [], "sections": list(sections),
    }  # fmt: skip


def summary(sentences: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary with its list of sentences."""
    items = [[{"kind": "paragraph", "style": "", "sentences": [one]}] for one in sentences]
    return chapter(
        "summary",
        0,
        "บทสรุป",
        section("", "", {"kind": "list", "style": "sentences", "start": 1, "items": items}),
    )


def write_issue_json(
    folder: Path,
    quarter: str,
    headline: Mapping[str, Mapping[str, Any]],
    sentences: Sequence[Mapping[str, Any]],
    chapters: Sequence[Mapping[str, Any]],
    english: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write ``issue.json`` with these sentences in its summary, and in English where there are any."""
    head = [
        {
            "id": HEADS[key], "name": key, "word": "",
            **{
                field: None if numbers[part] is None else {"text": f"{numbers[part]:.1f}", "value": numbers[part], "unit": "", "cell": "", "cells": [], "quality": ""}
                for field, part in (("level", "value"), ("quarter", "change_quarter"), ("year", "change_year"))
            },
        }
        for key, numbers in headline.items()
    ]  # fmt: skip
    document = {
        "lang": "th", "title": "รายงานภาวะแรงงานรายไตรมาส", "quarter_name": quarter, "marks": [], "headline": head,
        "summary": summary(sentences), "chapters": list(chapters),
    }  # fmt: skip
    content = {
        "schema": "issue.schema.json",
        "schema_version": "1.0",
        "quarter": quarter,
        "documents": {"th": document},
    }
    if english:
        content["documents"]["en"] = document | {
            "lang": "en", "title": "Quarterly Labour Market Report", "summary": summary(english),
        }  # fmt: skip
    (folder / "issue.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
