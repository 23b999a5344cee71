"""Descriptions for catalogues and search engines: data package, Thai government metadata, DCAT, schema.org, Dublin Core.

Goes in: the record of a version. Comes out: plain dictionaries. Sources: Data Package (frictionless) v1; DCAT 2 as CKAN
harvests it; schema.org Dataset and Report; Dublin Core terms; the required items of the Thai government data catalogue
(DGA, NSO and GBDi: field names and choices of its CKAN extension ``thai_gdc``; the frequency is one item with two fields).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import NextSite
from reporter.domain import schema
from reporter.domain.errors import InputError, ReporterError
from reporter.domain.periods import BANGKOK, iso, parse_quarter
from reporter.domain.thai import quarter_th
from reporter.inputs.calendar import read_calendar

KEYWORDS = (
    "แรงงาน",
    "ดัชนีเศรษฐกิจแรงงาน",
    "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน",
    "ดัชนีความเชื่อมั่นของแรงงาน",
    "ตลาดแรงงาน",
)
LICENCE = "Open Data Common"
# Vocabulary of the European Union's data portals for what a data set is about, and of places; DCAT-AP names them.
_THEME = "http://publications.europa.eu/resource/authority/data-theme/SOCI"
_PLACE = "http://publications.europa.eu/resource/authority/country/THA"
_CSV_TYPE = "https://www.iana.org/assignments/media-types/text/csv"
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
        for name, table in schema.declared_tables().items()
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
        declared = schema.declared_tables().get(name)
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
    declared = schema.declared_tables().get(entry["name"])
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
        "license": _licence_address(record),
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
            "adms": "http://www.w3.org/ns/adms#",
            "spdx": "http://spdx.org/rdf/terms#",
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
        "dct:license": {"@id": _licence_address(record)},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": record.quarter.start_time.date().isoformat(), "@type": "xsd:date"},
            "dcat:endDate": {"@value": record.quarter.end_time.date().isoformat(), "@type": "xsd:date"},
        },
        "dct:spatial": {"@id": _PLACE},
        "dcat:theme": {"@id": _THEME},
        **_earlier(record),
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
                "dcat:mediaType": {"@id": _CSV_TYPE},
                "dct:license": {"@id": _licence_address(record)},
                "spdx:checksum": {
                    "@type": "spdx:Checksum",
                    "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                    "spdx:checksumValue": {"@value": entry["sha256"], "@type": "xsd:hexBinary"},
                },
                "dcat:byteSize": entry["bytes"],
                "dcat:accessURL": {"@id": page},
                "dcat:downloadURL": {"@id": f"{page}{entry['path']}"},
            }
            for entry in tables(record)
        ],
    }


def _licence_address(record: Record) -> str:
    """Where the licence is said in words: the catalogue's licence has no address of its own."""
    return address(record, "about/#licence")


def _earlier(record: Record) -> dict[str, Any]:
    """What this version replaces, and what it corrects."""
    if not record.before:
        return {}
    before = identifier(replace(record, version=record.before))
    return {
        "dcat:previousVersion": {"@id": before},
        "dct:isVersionOf": {"@id": address(record, f"{record.issue_path}/")},
        "adms:versionNotes": _thai(str(record.content["correction"])),
    }


def series_data(record: Record, key: str, name: str, periods: Sequence[str]) -> dict[str, Any]:
    """A long series as a schema.org Dataset."""
    page = address(record, f"data/{key}/")
    files = (
        (f"data/{key}/series.csv", _CSV),
        (f"api/v1/series/{key}/TH.csv", _CSV),
        (f"api/v1/series/{key}/TH.json", "application/json"),
    )
    months = {"temporalCoverage": f"{periods[0]}/{periods[-1]}"} if periods else {}
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": f"{page}#data",
        "name": f"อนุกรมยาว: {name}",
        "description": f"{name} รายไตรมาส ทุกมิติหรือทุกด้าน ทั้งประเทศ แต่ละไตรมาสใช้ค่าจากฉบับล่าสุดที่มีไตรมาสนั้น",
        "url": page,
        "inLanguage": "th",
        "license": _licence_address(record),
        "isAccessibleForFree": True,
        "creator": {"@type": "GovernmentOrganization", "name": owner(record)},
        "keywords": ", ".join(KEYWORDS),
        "spatialCoverage": {"@type": "Country", "name": "Thailand"},
        "variableMeasured": name,
        **months,
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": address(record, path)}
            for path, kind in files
        ],
    }


# ----------------------------------------------------------------------------------------------------
# The release calendar: dates of past and future issues; as ICS too.
#
# Goes in: the newest record of each quarter, and what was known when the site was last written: the releases of the workspace's
# ``calendar.toml``, the website's address, the day (kept as ``calendar/declared.json``, so that the site can be made again from
# itself). Comes out: planned releases, and an iCalendar file (RFC 5545). A quarter without a declared release has an estimate: the
# newest issue's distance from the end of its quarter, and it is called one. A release whose day has gone by is late.
# ----------------------------------------------------------------------------------------------------

DECLARED = "calendar/declared.json"

_AHEAD = 4  # a year of releases to come
_FOLD = 73  # octets of a row before its line break: 75 are allowed (RFC 5545, 3.1)
_FORMAT = 2  # 1: the declared releases alone


@dataclass(frozen=True)
class SiteState:
    """What the site keeps beside its records: declared releases, its own address, the day on which its pages were made."""

    releases: Mapping[pd.Period, dt.datetime] = field(default_factory=dict)
    website: str = ""
    today: dt.date | None = None


@dataclass(frozen=True)
class Release:
    """An issue to come: the day, and the declared moment (None where the day is an estimate)."""

    quarter: pd.Period
    date: dt.date
    at: dt.datetime | None = None
    is_late: bool = False


def remember(site: NextSite, workspace: Path | None, *, website: str, today: dt.date | None) -> None:
    """Keep what is known now; where the workspace declares no calendar, what the site knows of it stays. Raises InputError."""
    kept = state_of_next(site)
    moments = {iso(quarter): moment for quarter, moment in kept.releases.items()}
    if workspace is not None:
        calendar, problems = read_calendar(workspace)
        if problems:
            raise InputError(
                "อ่านกำหนดการเผยแพร่ calendar.toml ไม่ได้ จึงไม่เผยแพร่ — แก้ไขตามรายการข้างต้น",
                "calendar.toml is wrong, so nothing is published; mend it as listed.",
                problems,
            )
        if calendar.is_declared:
            moments = dict(calendar.releases)
    content = {
        "format": _FORMAT,
        "made": today.isoformat() if today else "",
        "website": website,
        "releases": {quarter: moment.isoformat() for quarter, moment in sorted(moments.items())},
    }
    site.write(DECLARED, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def state_of(site: Path) -> SiteState:
    """What the site keeps; nothing where there is no site yet."""
    path = site / DECLARED
    return _read(path.read_bytes()) if path.exists() else SiteState()


def state_of_next(site: NextSite) -> SiteState:
    """What the site will keep."""
    return _read(site.read(DECLARED)) if site.exists(DECLARED) else SiteState()


def _read(content: bytes) -> SiteState:
    try:
        kept = json.loads(content)
        if "format" not in kept:  # as the first versions of the program wrote it
            kept = {"releases": kept}
        return SiteState(
            {
                parse_quarter(quarter): dt.datetime.fromisoformat(at)
                for quarter, at in kept["releases"].items()
            },
            kept.get("website", ""),
            dt.date.fromisoformat(kept["made"]) if kept.get("made") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ReporterError) as error:
        raise InputError(
            f"อ่าน {DECLARED} ของเว็บไซต์ไม่ได้ — กู้แฟ้มนี้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Cannot read the site's {DECLARED}; restore it from a copy of the site.",
        ) from error


def planned(newest: Record, state: SiteState) -> list[Release]:
    """The next four issues from the day on which the pages are made, late ones, and every later declared one."""
    told = newest.content["release_date"] or newest.content["as_of"]
    lag = dt.date.fromisoformat(told) - newest.quarter.end_time.date()
    today = state.today or dt.date.fromisoformat(str(newest.content["published"]))
    releases: list[Release] = []
    ahead, quarter = 0, newest.quarter + 1
    last = max([newest.quarter, *state.releases])
    while ahead < _AHEAD or quarter <= last:
        moment = state.releases.get(quarter)
        day = moment.astimezone(BANGKOK).date() if moment else quarter.end_time.date() + lag
        is_late = day < today
        if ahead < _AHEAD or moment:
            releases.append(Release(quarter, day, moment, is_late))
        ahead += not is_late
        quarter += 1
    return releases


def ics(past: Sequence[Record], to_come: Sequence[Release], title: str) -> str:
    """The calendar as iCalendar text; stamps are dates of publication, so that equal archives give equal bytes."""
    stamp = max(record.content["published"] for record in past).replace("-", "")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//MOL Thailand//Labour market report//TH"]
    lines += ["CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_escaped(title)}"]
    for record in past:
        day = dt.date.fromisoformat(record.content["published"])
        website = record.content["website"]
        link = [f"URL:{website}/{record.issue_path}/"] if website else []
        name = f"{title} {quarter_th(record.quarter)}"
        lines += _event(record.quarter, _all_day(day) + link, name, "CONFIRMED", stamp)
    for release in to_come:
        if release.is_late and not release.at:
            continue  # an estimate that has gone by tells a reader's calendar nothing
        name = f"{title} {quarter_th(release.quarter)}"
        if release.is_late:
            name = f"{name} (ล่าช้ากว่ากำหนด)"
        if release.at:
            lines += _event(release.quarter, [f"DTSTART:{_utc(release.at)}"], name, "CONFIRMED", stamp)
        else:
            name = f"{name} (กำหนดการโดยประมาณ)"
            lines += _event(release.quarter, _all_day(release.date), name, "TENTATIVE", stamp)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _all_day(day: dt.date) -> list[str]:
    return [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"]


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _event(quarter: pd.Period, when: list[str], name: str, status: str, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{iso(quarter).lower()}@labour-market-report.mol.go.th",
        f"DTSTAMP:{stamp}T000000Z",
        *when,
        f"SUMMARY:{_escaped(name)}",
        f"STATUS:{status}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A content line of at most 75 octets a row, never cut inside a character."""
    rows, row = [], ""
    for character in line:
        if len((row + character).encode("utf-8")) > _FOLD:
            rows.append(row)
            row = ""
        row += character
    return "\r\n ".join([*rows, row]) + "\r\n"
