"""Context of the issue being built: its quarter, the declarations, the settings; the same in English.

Goes in: the workspace's ``workspace.toml`` (all keys optional). Comes out: frozen objects, no behaviour.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from babel.dates import format_date, get_month_names

from reporter.domain.declarations import REPORT, ChapterOf, Declarations, Group, Name, asset, chapters
from reporter.domain.periods import BUDDHIST_OFFSET, THAI_LETTER, archive_path, buddhist_year, parse_period


@dataclass(frozen=True)
class Settings:
    """A workspace's settings; every field has a default, so a workspace needs no file for them.

    base_start, base_end   base period of the scale; "" lets the index take all complete years before the
                           issue's year
    seed                   for everything random: bootstrap, simulation
    approvers              how many persons must approve an issue before it may go out
    mail_retry_hours       how long ``reporter send --until-done`` tries again what failed for now
    publish_qa             whether the editor's page, its findings and the waivers are published with the issue
    survey_weights         the published survey figure: "weighted" or "unweighted"; "": weighted where a plan or
                           margins say whom the answers stand for
    languages              of the issue: "th" always, "en" for the English edition beside it
    logo                   a picture of the workspace for the cover, ``figures/logo.png``
    signature              who signs the letters, below their text: name and office
    leave_out              slugs of chapters that the report goes without; the others are numbered anew
    charts                 name of a chart and which of its declared choices is drawn, pair by pair
    colours                colours of the identity that the workspace sets, name and ``#RRGGBB``, pair by pair
    """

    ministry: Name = Name("กระทรวงแรงงาน", "Ministry of Labour")
    office: Name = Name("สำนักงานปลัดกระทรวงแรงงาน", "Office of the Permanent Secretary")
    division: Name = Name("กองเศรษฐกิจการแรงงาน", "Labour Economics Division")
    title: Name = Name("รายงานภาวะแรงงานรายไตรมาส", "Quarterly Labour Market Report")
    contact: str = ""
    website: str = ""
    address: str = ""
    contact_en: str = ""
    address_en: str = ""
    synthetic: bool = False
    thai_digits: bool = False
    base_start: str = ""
    base_end: str = ""
    embargo: str = ""
    release_date: str = ""
    mail_attachment_limit_mb: float = 10.0
    mail_retry_hours: float = 24.0
    approvers: int = 1
    publish_qa: bool = False
    seed: int = 20250930
    survey_weights: str = ""
    languages: tuple[str, ...] = ("th",)
    logo: str = ""
    signature: Name = Name("", "")
    leave_out: tuple[str, ...] = ()
    charts: tuple[tuple[str, str], ...] = ()
    colours: tuple[tuple[str, str], ...] = ()


def chapters_of(settings: Settings, volume: str = REPORT) -> tuple[ChapterOf, ...]:
    """The chapters of a volume without those that the workspace leaves out, numbered without a gap."""
    kept = [item for item in chapters(volume) if volume != REPORT or item.slug not in settings.leave_out]
    return tuple(dataclasses.replace(item, number=number) for number, item in enumerate(kept, start=1))


@dataclass(frozen=True)
class EarlyReader:
    """Somebody who is shown the issue before its release: who, from where, how many hours before, why."""

    name: str
    agency: str
    hours: float
    reason: str


@dataclass(frozen=True)
class Context:
    """One issue: what it is about and how it is being made.

    as_of   the run's date: observations known later do not count, and the cover prints it
    final   False for a draft, which is marked on every page
    edition         address, version and digest of the tables; None until the tables are written
    early_readers   who is shown the issue before its release; printed in it
    lang            language of what is being made; the declarations of an English context have English names
    overrides       the workspace's folder where it has own templates or rules, as text: templates see the context
    """

    quarter: pd.Period
    declarations: Declarations
    settings: Settings
    as_of: dt.date
    final: bool = False
    version: int = 1
    early_readers: tuple[EarlyReader, ...] = ()
    edition: Edition | None = None
    lang: str = "th"
    overrides: str = ""


# ----------------------------------------------------------------------------------------------------
# Identification that every file of an issue has from its first day: permanent address, version, digest of the tables.
#
# Goes in: quarter, version, website, the tables as they are written. Comes out: an ``Edition``. A file cannot hold its own digest; it can
# hold that of the tables that all its numbers come from (``data_id``). Whoever holds an old file finds under the status address
# whether it still is the newest one, was corrected, or withdrawn.
# ----------------------------------------------------------------------------------------------------

QR_FILE = "edition.svg"  # beside report.html
# Level M restores 15 per cent of the symbol: enough for print, and the address still fits a small one.
_ERROR_CORRECTION = "m"
_QUIET_ZONE = 4  # modules of white around the symbol, as ISO/IEC 18004 asks


@dataclass(frozen=True)
class Edition:
    """One version of a quarter's issue. ``website`` is empty where the workspace declares none: addresses are then, too."""

    quarter: pd.Period
    version: int
    data_id: str
    website: str = ""

    @property
    def address(self) -> str:
        """Where the quarter's newest version stands, and where corrections are announced."""
        return f"{self.website}/{archive_path(self.quarter)}/" if self.website else ""

    @property
    def status_address(self) -> str:
        """The short address of the page that says what became of this version."""
        return f"{self.website}/{status_path(self.quarter, self.version)}/" if self.website else ""

    @property
    def short_data_id(self) -> str:
        """The first sixteen digits in groups of four, for people to compare."""
        return " ".join(self.data_id[start : start + 4] for start in range(0, 16, 4))

    def qr_svg(self) -> str:
        """A QR code of the status address as an SVG file's text; empty without an address."""
        if not self.website:
            return ""
        import segno  # here, so that help texts do not wait for it

        symbol = segno.make_qr(self.status_address, error=_ERROR_CORRECTION)
        drawn = io.BytesIO()
        symbol.save(
            drawn, kind="svg", border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True, xmldecl=False
        )
        return drawn.getvalue().decode("ascii")


def status_path(quarter: pd.Period, version: int) -> str:
    """``s/2568q3v1``: the folder of a version's status page, relative to the website."""
    return f"s/{buddhist_year(quarter)}q{quarter.quarter}v{version}"


def edition_of(quarter: pd.Period, version: int, website: str, tables: Mapping[str, bytes]) -> Edition:
    """The edition of an issue. ``tables``: name -> the CSV file's bytes."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in tables.items()}
    return Edition(quarter, version, data_id(digests), website.rstrip("/"))


def data_id(digests: Mapping[str, str]) -> str:
    """SHA-256 over ``<SHA-256 of the table>  <name>.csv`` lines, sorted by name: what ``sha256sum *.csv | sha256sum`` gives.

    digests   name of the table -> SHA-256 of its CSV file
    """
    lines = "".join(f"{digests[name]}  {name}.csv\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def data_id_of(folder: Path) -> str:
    """The digest of the tables of a built issue's folder."""
    return data_id(
        {
            path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (folder / "tables").glob("*.csv")
        }
    )


# ----------------------------------------------------------------------------------------------------
# English for the labels of charts and tables: names of the declarations, and a phrase book for everything else.
#
# Goes in: Thai labels as charts, tables and print templates make them. Comes out: English ones. Sentences of the English edition are
# written in English in ``templates/report/en``; only labels pass through here. The phrase book is ``data/glossary/phrases.csv`` (``th,en``;
# ``#`` stands for a number, in both columns in the same order); ``data/glossary/terms.csv`` is the glossary that its words follow.
# A label that the book does not know raises NoEnglishError: what has no English is left out of the edition and said, never printed in Thai.
# ----------------------------------------------------------------------------------------------------

LOCALE = "en_GB"  # day before month, as the ministry's English letters have it
_RUN = re.compile("[\u0e00-\u0e7f](?:[\u0e00-\u0e7f\\s]*[\u0e00-\u0e7f])?")
_NUMBER = re.compile(r"[−+\-]?\d[\d,]*(?:\.\d+)?")
_QUARTER = re.compile(r"ไตรมาสที่ ([1-4]) ปี (25\d\d)")
_SLASH = re.compile(r"(?<![\d/])([1-4])/(25\d\d)(?![\d/])")
_SHORT = re.compile(r"(?<![\d/])([1-4])/(\d\d)(?![\d/])")
_YEAR = re.compile(r"^25\d\d$")
_MONTHS = {
    name: number
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale="th").items()
}
_DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(map(re.escape, _MONTHS))}) (25\d\d)")
_MONTH = re.compile(rf"({'|'.join(map(re.escape, _MONTHS))}) (25\d\d|\d\d)(?!\d)")


class NoEnglishError(LookupError):
    """A label that the phrase book does not know."""


def has_thai(text: str) -> bool:
    """Whether a Thai letter stands in a text."""
    return bool(THAI_LETTER.search(text))


@cache
def phrases() -> Mapping[str, str]:
    """Thai label -> English label, numbers as ``#``."""
    with asset("data", "glossary", "phrases.csv").open(encoding="utf-8", newline="") as stream:
        return {row["th"]: row["en"] for row in csv.DictReader(stream)}


def translated(text: str) -> str:
    """A label in English. Raises NoEnglishError with what is not known."""
    text = _in_christian_years(text)
    if not has_thai(text):
        return text
    whole = _whole(text)
    if whole is not None:
        return whole
    # a name and its unit in brackets, lines of one label, a list: each part by itself
    for glue in ("\n", "; "):
        if glue in text:
            return glue.join(translated(part) for part in text.split(glue))
    if text.endswith(")") and " (" in text:
        head, _, tail = text[:-1].rpartition(" (")
        return f"{translated(head)} ({translated(tail)})"
    return re.sub(r"\s+", " ", _RUN.sub(_run, text)).strip()


def _whole(text: str) -> str | None:
    """The label as one phrase, its numbers put back; None where the book has none."""
    numbers = _NUMBER.findall(text)
    found = phrases().get(text)
    if found is not None:
        return found
    found = phrases().get(_NUMBER.sub("#", text))
    if found is None:
        return None
    given = iter(numbers)
    return re.sub("#", lambda _: next(given), found)


def _run(match: re.Match[str]) -> str:
    """A run of Thai letters within a label, with a blank where it meets Latin ones."""
    found = phrases().get(match[0])
    if found is None:
        raise NoEnglishError(match[0])
    before, after = match.string[: match.start()], match.string[match.end() :]
    left = " " if before and before[-1].isalnum() else ""
    right = " " if after and after[0].isalnum() else ""
    return f"{left}{found}{right}"


def _in_christian_years(text: str) -> str:
    """Quarters and years of the Buddhist era in the forms that charts and tables print."""
    if _YEAR.match(text):
        return str(int(text) - BUDDHIST_OFFSET)
    text = _DATE.sub(lambda m: date_en(dt.date(int(m[3]) - BUDDHIST_OFFSET, _MONTHS[m[2]], int(m[1]))), text)
    text = _MONTH.sub(
        lambda m: (
            f"{get_month_names('abbreviated', locale=LOCALE)[_MONTHS[m[1]]]} {(int(m[2]) + 57) % 100 if len(m[2]) == 2 else int(m[2]) - BUDDHIST_OFFSET}"
        ),
        text,
    )
    text = _QUARTER.sub(lambda match: f"Q{match[1]} {int(match[2]) - BUDDHIST_OFFSET}", text)
    text = _SLASH.sub(lambda match: f"Q{match[1]} {int(match[2]) - BUDDHIST_OFFSET}", text)
    return _SHORT.sub(lambda match: f"Q{match[1]} {(int(match[2]) - 43) % 100:02d}", text)


# ------------------------------------------------------------------------------------------------ periods, dates, lists


def quarter_en(quarter: pd.Period | str) -> str:
    """``the third quarter of 2025``."""
    period = parse_period(quarter) if isinstance(quarter, str) else quarter
    ordinal = ("first", "second", "third", "fourth")[period.quarter - 1]
    return f"the {ordinal} quarter of {period.year}"


def quarter_name(quarter: pd.Period) -> str:
    """``Third Quarter 2025``: the form of titles."""
    return f"{('First', 'Second', 'Third', 'Fourth')[quarter.quarter - 1]} Quarter {quarter.year}"


def date_en(date: dt.date) -> str:
    """``19 November 2025``."""
    return str(format_date(date, "d MMMM y", locale=LOCALE))


def month_name_en(month: str) -> str:
    """``September``: the month without its year."""
    return str(get_month_names("wide", locale=LOCALE)[parse_period(month).month])


def names_en(items: Any) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    listed = [str(item) for item in items]
    return " and ".join(part for part in (", ".join(listed[:-1]), listed[-1] if listed else "") if part)


# Words by which a name counts one thing: in a sentence such a name has an article (the layoff rate, but vacancies, inflation).
_ONE_THING = re.compile(r"\b(?:rate|index|gap|ratio|wage|bonus|outlook|share|promotion)\b", re.IGNORECASE)


def lower_first(text: str) -> str:
    """A name within a sentence: small first letter, unless it is a proper name or an abbreviation (Labour Economic Index, GDP growth)."""
    first, _, rest = text.partition(" ")
    is_proper = first[1:2].isupper() or (rest[:1].isupper() and rest[1:2].islower())
    return text if is_proper else text[:1].lower() + text[1:]


def running(text: str) -> str:
    """A name within a sentence with its article: ``the layoff rate``, ``vacancies``, ``the Labour Economic Index``."""
    return f"the {lower_first(text)}" if _ONE_THING.search(text) else lower_first(text)


# ------------------------------------------------------------------------------------------------ declarations


def in_english(declared: Any) -> Any:
    """A frozen declaration in which every name reads English wherever it is shown (``Name.th`` included).

    Charts, tables and facts show ``name.th``; for the English edition they are given declarations whose names are English, so that
    no code asks for a language. A name without English keeps its Thai, which ``translated`` then refuses.
    """
    if isinstance(declared, Group) and declared.abbreviation:
        number = declared.code.rpartition("-")[
            2
        ]  # of ISO 3166-2:TH; the interior ministry's letters are Thai
        declared = dataclasses.replace(declared, abbreviation=number)
    if isinstance(declared, Name):
        shown = declared.en or declared.th
        return Name(shown, shown)
    if dataclasses.is_dataclass(declared) and not isinstance(declared, type):
        fields = {
            item.name: in_english(getattr(declared, item.name)) for item in dataclasses.fields(declared)
        }
        return dataclasses.replace(declared, **fields)
    if isinstance(declared, Mapping):
        return {key: in_english(value) for key, value in declared.items()}
    if isinstance(declared, tuple) and type(declared) is tuple:
        return tuple(in_english(value) for value in declared)
    return declared


def english_context(context: Context) -> Context:
    """The same issue for the English edition."""
    return dataclasses.replace(
        context,
        declarations=in_english(context.declarations),
        settings=dataclasses.replace(
            in_english(context.settings),
            contact=context.settings.contact_en,
            address=context.settings.address_en,
        ),
        lang="en",
    )


# ----------------------------------------------------------------------------------------------------
# Description of a drawn chart: its files, its words, the table of what it shows.
# ----------------------------------------------------------------------------------------------------

NO_ENGLISH = "a label has no English"  # why a chart is absent from the English edition
Width = Literal["full", "side", "half", "phone"]


@dataclass(frozen=True)
class Figure:
    """One drawn chart and its words.

    id, chart         name of its files; name of the chart file
    title, subtitle   the finding; what is drawn, in which unit, for which quarters
    svg, png          paths relative to the issue's folder
    table             exactly what is drawn, with Thai headings, at full precision
    tables            names of the issue's tables it was drawn from; they are attached to the PDF
    height_mm         printed height; the width is the identity's for ``full`` or ``half``
    """

    id: str
    chart: str
    chapter: str
    order: int
    title: str
    subtitle: str
    subject: str
    unit: str
    source: str
    note: str
    alt: str
    svg: str
    png: str
    width: Width
    height_mm: float
    table: pd.DataFrame
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absent:
    """A chart that the tables cannot carry, and why."""

    id: str
    chapter: str
    subject: str
    reason: str


class Figures(list[Figure]):
    """The figures of an issue; ``absent`` lists those not drawn."""

    absent: tuple[Absent, ...] = ()
