"""Atom feed, sitemap and robots file, from the archive's records.

Goes in: records, newest first. Comes out: XML and text. Sources: RFC 4287; sitemaps.org 0.9 (absolute addresses only).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from reporter.delivery.site import metadata
from reporter.delivery.site.archive import Record

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FEED_ID = "urn:mol-th:labour-market-report"


def atom(versions: Sequence[Record], title: str) -> str:
    """Every version as an entry; a correction is an entry of its own. ``versions`` newest first."""
    newest = versions[0]
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "th"})
    SubElement(feed, "id").text = _FEED_ID
    SubElement(feed, "title").text = title
    SubElement(feed, "updated").text = _moment(max(record.content["published"] for record in versions))
    SubElement(SubElement(feed, "author"), "name").text = metadata.owner(newest)
    website = newest.content["website"]
    SubElement(feed, "link", {"rel": "self", "href": f"{website}/feed.xml" if website else "feed.xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{website}/" if website else "index.html"})
    for record in versions:
        entry = SubElement(feed, "entry")
        marked = f" ({record.content['mark']})" if record.content["mark"] else ""
        corrected = f" ฉบับแก้ไขครั้งที่ {record.version - 1}" if record.version > 1 else ""
        SubElement(entry, "id").text = metadata.identifier(record)
        SubElement(entry, "title").text = f"{record.content['title']}{corrected}{marked}"
        SubElement(entry, "updated").text = _moment(record.content["published"])
        base = f"{website}/" if website else ""
        SubElement(entry, "link", {"rel": "alternate", "href": f"{base}{record.path}/index.html"})
        notice = f"แก้ไข: {record.content['correction']} " if record.content["correction"] else ""
        SubElement(entry, "summary").text = notice + metadata.description(record)
    return _text(feed)


def _moment(day: str) -> str:
    """A date of publication as RFC 3339, Bangkok time."""
    return f"{day}T00:00:00+07:00"


def sitemap(website: str, paths: Iterable[str]) -> str:
    """The addresses of all pages; ``paths`` relative to the root, folders end with a slash."""
    root = Element("urlset", {"xmlns": _SITEMAP})
    for path in paths:
        SubElement(SubElement(root, "url"), "loc").text = f"{website}/{path}"
    return _text(root)


def robots(website: str) -> str:
    """Everything may be read; the sitemap's address where there is one."""
    return "User-agent: *\nAllow: /\n" + (f"Sitemap: {website}/sitemap.xml\n" if website else "")


def _text(root: Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
