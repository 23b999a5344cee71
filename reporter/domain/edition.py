"""What every stage may know about the issue in hand: its quarter, the declarations, the settings.

Goes in: the workspace's ``workspace.toml`` (all keys optional). Comes out: two frozen objects, no behaviour.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.domain.declarations import Declarations, Name
from reporter.domain.periods import archive_path, buddhist_year


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
# What every file of an issue says of itself from its first day: permanent address, version, digest of the tables.
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
