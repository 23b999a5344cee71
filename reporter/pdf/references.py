"""Cross-references: page numbers that are right after the last layout, one annotation for each piece of a link.

Wraps WeasyPrint's ``make_all_pages`` and ``add_links`` (reporter/pdf/hook.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def all_pages_of(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """``make_all_pages`` that fills in page numbers of cross-references before the pages are laid out again.

    Upstream fills them in afterwards and lays every page with a reference out a third time; and it does not notice when the
    second layout moved a target.
    """

    def make_all_pages(context: Any, root_box: Any, html: Any, pages: Any) -> Iterator[Any]:
        collector = context.target_collector
        references = collector.counter_lookup_items.values()
        for reference in references if pages else ():
            if reference.cached_page_counter_values:
                reference.cached_page_counter_values["pages"] = [len(pages)]
                reference.parse_again(reference.cached_page_counter_values)
        before = _target_pages(collector)
        yield from original(context, root_box, html, pages)
        if pages and _target_pages(collector) != before:
            for reference in references:
                if reference.page_maker_index is not None and reference.page_maker_index < len(
                    context.page_maker
                ):
                    context.page_maker[reference.page_maker_index][-1]["content_changed"] = True

    return make_all_pages


def add_links_of(original: Callable[..., None]) -> Callable[..., None]:
    """``add_links`` with one annotation for each piece of a link, not one more for every box inside it."""

    def add_links(links_and_anchors: Any, *rest: Any) -> None:
        links, anchors = links_and_anchors
        own = [
            link
            for link in links
            if link[3].link and link[2][0] < link[2][2] and not hasattr(link[3], "furniture")
        ]
        original((own, anchors), *rest)

    return add_links


def _target_pages(collector: Any) -> dict[str, Any]:
    """The page of every target of a cross-reference."""
    return {
        name: item.cached_page_counter_values.get("page")
        for name, item in collector.target_lookup_items.items()
    }
