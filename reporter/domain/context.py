"""What every stage may know about the issue in hand: its quarter, the declarations, the settings.

Goes in: the workspace's ``workspace.toml`` (all keys optional). Comes out: two frozen objects, no behaviour.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from reporter.domain.declarations import Declarations, Name
from reporter.domain.edition import Edition


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
    """

    ministry: Name = Name("กระทรวงแรงงาน", "Ministry of Labour")
    office: Name = Name("สำนักงานปลัดกระทรวงแรงงาน", "Office of the Permanent Secretary")
    division: Name = Name("กองเศรษฐกิจการแรงงาน", "Labour Economics Division")
    title: Name = Name("รายงานภาวะแรงงานรายไตรมาส", "Quarterly Labour Market Report")
    contact: str = ""
    website: str = ""
    address: str = ""
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
    """

    quarter: pd.Period
    declarations: Declarations
    settings: Settings
    as_of: dt.date
    final: bool = False
    version: int = 1
    early_readers: tuple[EarlyReader, ...] = ()
    edition: Edition | None = None
