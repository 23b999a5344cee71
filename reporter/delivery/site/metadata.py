"""Descriptions for catalogues and search engines: data package, Thai government metadata, DCAT, schema.org, Dublin Core.

Goes in: the record of a version. Comes out: plain dictionaries. Sources: Data Package (frictionless) v1; DCAT 2 as CKAN
harvests it; schema.org Dataset and Report; Dublin Core terms; the required items of the Thai government data catalogue
(DGA, NSO and GBDi: field names and choices of its CKAN extension ``thai_gdc``; the frequency is one item with two fields).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reporter.delivery.site.archive import Record
from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.domain.thai import quarter_th

KEYWORDS = (
    "แรงงาน",
    "ดัชนีเศรษฐกิจแรงงาน",
    "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    "ดัชนีความเชื่อมั่นของแรงงาน",
    "ตลาดแรงงาน",
)
LICENCE = "Open Data Common"
_LICENCE_ID = "other-open"  # the Open Definition's id for an open licence that has none of its own
_OBJECTIVES = ("พันธกิจหน่วยงาน",)
_FORMATS = ("CSV", "XLS", "PDF", "HTML")
_CSV = "text/csv"
_TYPES = {"text": "string", "integer": "integer", "number": "number", "flag": "boolean", "date": "datetime"}
# The fourteen required items in the standard's order and words, with the fields of the catalogue that hold them.
REQUIRED_ITEMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ประเภทข้อมูล", ("data_type",)),
    ("ชื่อชุดข้อมูล", ("title",)),
    ("องค์กร", ("owner_org",)),
    ("ชื่อผู้ติดต่อ", ("maintainer",)),
    ("อีเมลผู้ติดต่อ", ("maintainer_email",)),
    ("คำสำคัญ", ("tag_string",)),
    ("รายละเอียด", ("notes",)),
    ("วัตถุประสงค์", ("objective",)),
    (
        "หน่วยความถี่และค่าความถี่ของการปรับปรุงข้อมูล",
        ("update_frequency_unit", "update_frequency_interval"),
    ),
    ("ขอบเขตเชิงภูมิศาสตร์หรือเชิงพื้นที่", ("geo_coverage",)),
    ("แหล่งที่มา", ("data_source",)),
    ("รูปแบบการเก็บข้อมูล", ("data_format",)),
    ("หมวดหมู่ข้อมูลตามธรรมาภิบาลข้อมูลภาครัฐ", ("data_category",)),
    ("สัญญาอนุญาตให้ใช้ข้อมูล", ("license_id",)),
)


def codebook() -> Mapping[str, Mapping[str, str]]:
    """Table -> column -> what it holds and what an empty cell means, for every table."""
    return {
        name: {
            column.name: column.meaning.th + (f" (ช่องว่าง: {column.missing.th})" if column.missing else "")
            for column in table.columns.values()
        }
        for name, table in schema.tables().items()
    }


def owner(record: Record) -> str:
    """Division, office and ministry in one line."""
    settings = record.content["settings"]
    return " ".join(settings[key]["th"] for key in ("division", "office", "ministry"))


def description(record: Record) -> str:
    """One paragraph about the issue: its title and its first sentences."""
    marked = "ข้อมูลสังเคราะห์ ไม่ใช่สถิติจริง " if record.content["synthetic"] else ""
    return f"{marked}{record.content['title']}: {' '.join(record.content['sentences'])}"


def government_metadata(record: Record) -> dict[str, Any]:
    """The required items of the Thai government metadata standard, under the catalogue's field names.

    Values of items with a list of choices are choices of the catalogue's form, to the letter.
    """
    return {
        "data_type": "ข้อมูลสถิติ",
        "title": record.content["title"],
        "owner_org": owner(record),
        "maintainer": record.content["settings"]["division"]["th"],
        "maintainer_email": record.content["email"],
        "tag_string": ",".join(KEYWORDS),
        "notes": description(record),
        "objective": list(_OBJECTIVES),
        "update_frequency_unit": "ไตรมาส",
        "update_frequency_interval": "1",
        "geo_coverage": "จังหวัด",
        "data_source": f"ผลสำรวจของ{record.content['settings']['division']['th']} และข้อมูลของ{' '.join(record.content['sources'])}",
        "data_format": list(_FORMATS),
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
        declared = schema.tables().get(name)
        found.append(
            {
                **entry,
                "name": name,
                "title": declared.title.th if declared else name,
                "title_en": declared.title.en if declared else name,
            }
        )
    return found


def datapackage(record: Record) -> dict[str, Any]:
    """``datapackage.json``: every table with its hash and columns, and the government items under ``custom``."""
    website = record.content["website"]
    homepage = {"homepage": address(record, f"{record.path}/")} if website else {}
    return {
        "profile": "tabular-data-package",
        "name": f"labour-market-report-{iso(record.quarter).lower()}",
        "id": identifier(record),
        "title": record.content["title"],
        "description": description(record),
        **homepage,
        "version": f"{record.version}.0.0",
        "created": record.moment,
        "keywords": list(KEYWORDS),
        "licenses": [{"name": _LICENCE_ID, "title": LICENCE}],
        "contributors": [{"title": owner(record), "role": "publisher"}],
        "resources": [_resource(record, entry) for entry in tables(record)],
        "custom": {
            "thai_government_metadata": government_metadata(record),
            "version": record.version,
            "data_id": record.content.get("data_id", ""),
            "permanent_address": address(record, f"{record.issue_path}/"),
            "status_address": address(record, f"{record.status_path}/"),
        },
    }


def _resource(record: Record, entry: Mapping[str, Any]) -> dict[str, Any]:
    declared = schema.tables().get(entry["name"])
    columns = [
        _field(name, kind, declared.columns.get(name) if declared else None)
        for name, kind in record.content["fields"][entry["name"]].items()
    ]
    key = {"primaryKey": list(declared.key)} if declared and declared.key else {}
    return {
        "profile": "tabular-data-resource",
        "name": entry["name"].replace("_", "-"),
        "path": entry["path"],
        "title": entry["title"],
        "format": "csv",
        "mediatype": _CSV,
        "encoding": "utf-8",
        "bytes": entry["bytes"],
        "hash": f"sha256:{entry['sha256']}",
        "schema": {"fields": columns, "missingValues": [""], **key},
    }


def _field(name: str, kind: str, column: schema.Column | None) -> dict[str, str]:
    """One column as Table Schema says it; ``kind`` is what the file holds, which an issue of an older schema may differ in."""
    if column is None:
        return {"name": name, "type": kind, "title": name}
    declared = _TYPES[column.dtype]
    is_number = {kind, declared} <= {"integer", "number"}
    about = {
        "title": column.title.th,
        "description": column.meaning.th,
        **({"unit": column.unit.th} if column.unit else {}),
    }
    return {"name": name, "type": kind if is_number else declared, **about}


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
                "encodingFormat": _CSV,
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


def catalogue(newest: Sequence[Record], title: str) -> dict[str, Any]:
    """``data/catalog.jsonld``: every quarter's newest data as DCAT, the form that CKAN harvests."""
    first = newest[0]
    about = {
        "@id": address(first, "data/#catalog"),
        "@type": "dcat:Catalog",
        "dct:title": _thai(title),
        "dct:description": _thai(f"ชุดข้อมูลประกอบ{title}ทุกฉบับ"),
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": owner(first)},
        "dct:language": "th",
        "foaf:homepage": {"@id": address(first, "")},
        "dcat:dataset": [{"@id": identifier(record)} for record in newest],
    }
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@graph": [about, *(_dcat_dataset(record) for record in newest)],
    }


def _thai(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "th"}


def _dcat_dataset(record: Record) -> dict[str, Any]:
    page = address(record, f"{record.path}/")
    contact = {"@type": "vcard:Organization", "vcard:fn": owner(record)}
    if record.content["email"]:
        contact["vcard:hasEmail"] = f"mailto:{record.content['email']}"
    return {
        "@id": identifier(record),
        "@type": "dcat:Dataset",
        "dct:identifier": identifier(record),
        "dct:title": _thai(f"ข้อมูลประกอบ{record.content['title']}"),
        "dct:description": _thai(description(record)),
        "dct:issued": {"@value": record.content["published"], "@type": "xsd:date"},
        "dct:accrualPeriodicity": {"@id": "http://purl.org/cld/freq/quarterly"},
        "dct:language": "th",
        "dct:license": LICENCE,
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": owner(record)},
        "dcat:contactPoint": contact,
        "dcat:keyword": [_thai(word) for word in KEYWORDS],
        "dcat:landingPage": {"@id": page},
        "dcat:version": f"{record.version}.0.0",
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": _thai(entry["title"]),
                "dct:format": "CSV",
                "dcat:mediaType": _CSV,
                "dcat:byteSize": entry["bytes"],
                "dcat:accessURL": {"@id": page},
                "dcat:downloadURL": {"@id": f"{page}{entry['path']}"},
            }
            for entry in tables(record)
        ],
    }
