"""Descriptions for catalogues and search engines: data package, Thai government metadata, schema.org, Dublin Core.

Goes in: the record of a version. Comes out: plain dictionaries. Sources: Data Package (frictionless) v1; schema.org
Dataset and Report; Dublin Core terms; the required items of the Thai government data catalogue (DGA, NSO and GBDi: field
names of its CKAN extension; the frequency is one item with two fields).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reporter.periods import iso
from reporter.site.archive import Record
from reporter.tables import titles
from reporter.thai import quarter_th

KEYWORDS = (
    "แรงงาน",
    "ดัชนีเศรษฐกิจแรงงาน",
    "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    "ดัชนีความเชื่อมั่นของแรงงาน",
    "ตลาดแรงงาน",
)
LICENCE = "Open Data Common"
_OBJECTIVE = "ยุทธศาสตร์/นโยบาย: ติดตามภาวะตลาดแรงงานรายไตรมาสเพื่อกำหนดนโยบายด้านแรงงาน"
_MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def owner(record: Record) -> str:
    """Division, office and ministry in one line."""
    settings = record.content["settings"]
    return " ".join(settings[key]["th"] for key in ("division", "office", "ministry"))


def description(record: Record) -> str:
    """One paragraph about the issue: its title and its first sentences."""
    marked = "ข้อมูลสังเคราะห์ ไม่ใช่สถิติจริง " if record.content["synthetic"] else ""
    return f"{marked}{record.content['title']}: {' '.join(record.content['sentences'])}"


def government_metadata(record: Record) -> dict[str, Any]:
    """The required items of the Thai government metadata standard, under the catalogue's field names."""
    return {
        "data_type": "ข้อมูลสถิติ",
        "title": record.content["title"],
        "owner_org": owner(record),
        "maintainer": record.content["settings"]["division"]["th"],
        "maintainer_email": record.content["email"],
        "tag_string": ",".join(KEYWORDS),
        "notes": description(record),
        "objective": _OBJECTIVE,
        "update_frequency_unit": "ไตรมาส",
        "update_frequency_interval": "1",
        "geo_coverage": "จังหวัด",
        "data_source": owner(record),
        "data_format": "CSV,XLSX,PDF,HTML",
        "data_category": "ข้อมูลสาธารณะ",
        "license_id": LICENCE,
    }


def tables(record: Record) -> list[dict[str, Any]]:
    """The CSV files of a version: name, path, size, hash, titles."""
    found = []
    for entry in record.content["files"]:
        if not entry["path"].startswith("tables/"):
            continue
        name = entry["path"].removeprefix("tables/").removesuffix(".csv")
        title = titles().get(name)
        found.append(
            {
                **entry,
                "name": name,
                "title": title.name.th if title else name,
                "title_en": title.name.en if title else name,
            }
        )
    return found


def datapackage(record: Record) -> dict[str, Any]:
    """``datapackage.json``: every table with its hash, and the government items under ``custom``."""
    resources: list[dict[str, Any]] = [
        {
            "name": entry["name"].replace("_", "-"),
            "path": entry["path"],
            "title": entry["title"],
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": _MEDIA["csv"],
            "encoding": "utf-8",
            "bytes": entry["bytes"],
            "hash": f"sha256:{entry['sha256']}",
        }
        for entry in tables(record)
    ]
    return {
        "name": f"labour-market-report-{iso(record.quarter).lower()}",
        "id": identifier(record),
        "title": record.content["title"],
        "description": description(record),
        "version": f"{record.version}.0.0",
        "created": record.content["published"],
        "keywords": list(KEYWORDS),
        "licenses": [{"name": LICENCE, "title": LICENCE}],
        "contributors": [{"title": owner(record), "role": "publisher"}],
        "resources": resources,
        "custom": {"thai_government_metadata": government_metadata(record)},
    }


def identifier(record: Record) -> str:
    """A name of the version that does not depend on where the website stands."""
    return f"urn:mol-th:labour-market-report:{iso(record.quarter)}:v{record.version}"


def address(record: Record, path: str) -> str:
    """Absolute address of a page; relative to the root where the issue declares no website."""
    return f"{record.content['website']}/{path}"


def linked_data(record: Record) -> list[Mapping[str, Any]]:
    """schema.org Report and Dataset of a version."""
    page = address(record, f"{record.path}/")
    publisher = {"@type": "GovernmentOrganization", "name": owner(record)}
    months = f"{record.quarter.start_time.date()}/{record.quarter.end_time.date()}"
    shared = {
        "@context": "https://schema.org",
        "inLanguage": "th",
        "datePublished": record.content["published"],
        "version": str(record.version),
        "publisher": publisher,
        "creator": publisher,
        "keywords": ", ".join(KEYWORDS),
        "isAccessibleForFree": True,
        "license": LICENCE,
    }
    report = {
        **shared,
        "@type": "Report",
        "@id": f"{page}#report",
        "name": record.content["title"],
        "headline": record.content["title"],
        "description": description(record),
        "reportNumber": f"{iso(record.quarter)} v{record.version}",
        "url": page,
    }
    dataset = {
        **shared,
        "@type": "Dataset",
        "@id": f"{page}#data",
        "name": f"ข้อมูลประกอบ{record.content['title']}",
        "description": description(record),
        "url": page,
        "identifier": identifier(record),
        "temporalCoverage": months,
        "spatialCoverage": {"@type": "Country", "name": "Thailand"},
        "variableMeasured": [
            "ดัชนีเศรษฐกิจแรงงาน",
            "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
            "ดัชนีความเชื่อมั่นของแรงงาน",
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": entry["title"],
                "encodingFormat": _MEDIA["csv"],
                "contentUrl": f"{page}{entry['path']}",
                "sha256": entry["sha256"],
            }
            for entry in tables(record)
        ],
    }
    return [report, dataset]


def dublin_core(record: Record) -> dict[str, str]:
    """Dublin Core terms for the head of the page."""
    return {
        "DC.title": record.content["title"],
        "DC.creator": owner(record),
        "DC.publisher": owner(record),
        "DC.subject": "; ".join(KEYWORDS),
        "DC.description": description(record),
        "DC.date": record.content["published"],
        "DC.type": "Text",
        "DC.format": "text/html",
        "DC.identifier": identifier(record),
        "DC.language": "th",
        "DC.coverage": f"ประเทศไทย {quarter_th(record.quarter)}",
        "DC.rights": LICENCE,
    }
