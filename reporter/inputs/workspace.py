"""A workspace: what is in the folder, read when asked for.

Goes in: the folder of contract.md. Comes out: declarations, settings, observations, survey files, commentary and
recipients. Reading collects all findings of all files; asking for content with an error in it raises InputError.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, create_model

from reporter.domain.context import Settings
from reporter.domain.declarations import Declarations, Name
from reporter.domain.errors import Finding, InputError, StateError
from reporter.domain.periods import PeriodError, parse_quarter
from reporter.inputs import spreadsheets, survey_vintages, vintages, workbook
from reporter.inputs.commentary import (
    ChapterText,
    Commentary,
    Factor,
    commentary_files,
    read_commentary,
)
from reporter.inputs.declared import load
from reporter.inputs.declared.files import Problems, read_toml, validated
from reporter.inputs.declared.schema import NameEntry, Strict
from reporter.inputs.names import known_series
from reporter.inputs.recipients import Recipient, read_recipients
from reporter.inputs.series import consistency
from reporter.inputs.series.observations import latest_vintage, with_computed
from reporter.inputs.series.reading import read_series, series_files
from reporter.runtime.cache import StageCache

SETTINGS_FILE = "workspace.toml"
SURVEY_SUFFIXES = (".csv", ".dta", ".sav", *spreadsheets.SUFFIXES)
Survey = Literal["employer", "worker"]


@dataclass(frozen=True)
class Workspace:
    """One folder of inputs; every property is read once, on first use. ``cache`` keeps what unchanged files say.

    answers_on  day whose knowledge of the surveys' answers counts (``--as-of``); None: the files as they stand
    """

    root: Path
    declarations: Declarations
    settings: Settings
    cache: StageCache = field(default_factory=lambda: StageCache(None), compare=False, repr=False)
    answers_on: dt.date | None = None

    @cached_property
    def _series(self) -> tuple[pd.DataFrame, list[Finding]]:
        return read_series(self.root, self.declarations, self.cache)

    @property
    def series_findings(self) -> list[Finding]:
        """Everything that reading the series files found, and where files, store and vintages do not agree."""
        return [*self._series[1], *self._disagreements]

    @cached_property
    def _disagreements(self) -> list[Finding]:
        stored = self._stored[self._stored["group"].isin(list(self.declarations.groups))]
        return consistency.check(self._series[0], stored, self.declarations, dt.date.today())

    @cached_property
    def _stored(self) -> pd.DataFrame:
        return vintages.history(self.root, indicators=known_series(self.declarations))

    def observation_history(self, group: str | None = None) -> pd.DataFrame:
        """All observations of files and store, superseded vintages too (docs/tables.md); of one group where it is given.

        Raises InputError for unusable rows.
        """
        stored = vintages.history(self.root, indicators=known_series(self.declarations), group=group)
        history = self._with_stored(stored)
        return history if group is None else history[history["group"] == group].reset_index(drop=True)

    def observations(self, as_of: dt.date | None = None) -> pd.DataFrame:
        """Observations in force on a date, computed gaps and rates included (docs/tables.md).

        as_of    None counts every vintage
        Raises   InputError with all findings of all series files when one of them is an error
        """
        stored = vintages.observations(self.root, as_of, indicators=known_series(self.declarations))
        return with_computed(latest_vintage(self._with_stored(stored), as_of), self.declarations)

    def usable_history(self) -> pd.DataFrame:
        """As ``observation_history``, without the rows that an error forbids: for checks that go on to the rest."""
        return self._joined(self._stored)

    def _with_stored(self, stored: pd.DataFrame) -> pd.DataFrame:
        """The series files' observations and those of the store of vintages (``reporter fetch``)."""
        stop_for_errors(self._series[1])
        return self._joined(stored)

    def _joined(self, stored: pd.DataFrame) -> pd.DataFrame:
        history = self._series[0]
        stored = stored[stored["group"].isin(list(self.declarations.groups))]
        return pd.concat([history, stored], ignore_index=True) if len(stored) else history

    def survey_files(self, survey: Survey) -> dict[pd.Period, Path]:
        """Files of one survey by quarter, in time order; a name that is no quarter is left to ``check``."""
        found: dict[pd.Period, Path] = {}
        folder = self.root / "surveys" / survey
        try:
            paths = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            raise InputError(
                f"เปิดโฟลเดอร์ surveys/{survey} ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"The folder surveys/{survey} cannot be opened ({error.strerror}); check its permissions.",
            ) from error
        for path in paths:
            if path.suffix.lower() in SURVEY_SUFFIXES and (quarter := file_quarter(path)) is not None:
                found.setdefault(quarter, path)
        found = dict(sorted(found.items()))
        return (
            found
            if self.answers_on is None
            else survey_vintages.known_on(self.root, survey, found, self.answers_on)
        )

    def keep_answers(self, day: dt.date) -> list[Path]:
        """Keep the surveys' answers as they stand in the store of vintages; returns what was new. Raises StateError."""
        surveys: tuple[Survey, ...] = ("employer", "worker")
        try:
            kept = [survey_vintages.keep(self.root, one, self.survey_files(one), day) for one in surveys]
        except OSError as error:
            raise StateError(
                f"เขียนคลังคำตอบแบบสำรวจ store/surveys ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์ของโฟลเดอร์",
                f"The store of answers store/surveys cannot be written ({error.strerror}); check its permissions.",
            ) from error
        return [path for paths in kept for path in paths]

    def commentary(self, quarter: pd.Period) -> Commentary:
        """The analysts' text of a quarter; empty where there is none. Raises InputError."""
        commentary, found = read_commentary(self.root, quarter)
        stop_for_errors(found)
        return commentary

    def recipients(self) -> tuple[Recipient, ...]:
        """Addressees of the issue, in file order. Raises InputError."""
        recipients, found = read_recipients(self.root)
        stop_for_errors(found)
        return recipients

    def input_files(self, quarter: pd.Period) -> list[Path]:
        """Every file of the workspace that a build of the quarter may read, sorted."""
        files = [self.root / SETTINGS_FILE, *series_files(self.root, [])]
        for folder, pattern in (
            ("indicators", "**/*.toml"),
            ("questionnaires", "*.toml"),
            ("groups", "*.csv"),
            ("rules", "**/*"),
            ("sources", "**/*"),
            ("annex", "**/*"),
            ("models", "seasonal-*.csv"),
            ("store/vintages", "*.parquet"),
        ):
            files += sorted((self.root / folder).glob(pattern))
        surveys: tuple[Survey, ...] = ("employer", "worker")
        for survey in surveys:
            files += [path for period, path in self.survey_files(survey).items() if period <= quarter]
            files += [self.root / "surveys" / f"{name}-{survey}.csv" for name in ("plan", "margins")]
        files += sorted((self.root / "surveys" / "mappings").glob("*.toml"))
        files += [
            self.root / name for name in ("calendar.toml", "waivers.toml", "sources.toml", workbook.FILE)
        ]
        files += commentary_files(self.root, quarter)
        return sorted({path for path in files if path.is_file()})


def open_workspace(
    path: Path, cache: StageCache | None = None, *, answers_on: dt.date | None = None
) -> Workspace:
    """Open a folder as a workspace; with a cache, files that are as they were are not read cell by cell again.

    Raises InputError when it is missing, no folder or without ``series/`` and workbook; DeclarationError when its declarations
    or its settings break their schema.
    """
    root = Path(path)
    require_workspace(root, *(["series"] if workbook.path_of(root) is None else []))
    return Workspace(root, load(root), read_settings(root), cache or StageCache(None), answers_on)


def require_workspace(path: Path, *parts: str) -> None:
    """Raise InputError where the folder, or one of the named folders in it, is missing or no folder."""
    for place in (path, *(path / part for part in parts)):
        try:
            exists, is_folder = place.exists(), place.is_dir()
        except OSError:
            exists, is_folder = False, False
        if not exists:
            raise InputError(
                f"ไม่พบโฟลเดอร์ {place} — ตรวจค่า --data หรือสร้างด้วย reporter init",
                f"There is no folder {place}; check --data, or make one with reporter init.",
            )
        if not is_folder:
            raise InputError(
                f"{place} ไม่ใช่โฟลเดอร์ — ตรวจค่า --data", f"{place} is not a folder; check --data."
            )


def file_quarter(path: Path) -> pd.Period | None:
    """Quarter that a file's name says (``2025-Q3.csv``), or None."""
    try:
        return parse_quarter(path.stem)
    except PeriodError:
        return None


def read_settings(root: Path) -> Settings:
    """Settings of ``workspace.toml`` over the defaults. Raises DeclarationError for unknown keys and wrong types."""
    path = root / SETTINGS_FILE
    if not path.exists():
        return Settings()
    problems = Problems()
    settings = _settings(path, problems)
    problems.stop()
    assert settings is not None
    return settings


def _settings(path: Path, problems: Problems) -> Settings | None:
    content = read_toml(SETTINGS_FILE, path, problems)
    if content is None:
        return None
    entry = validated(SETTINGS_FILE, content, _settings_model(), problems)
    if entry is None:
        return None
    given: dict[str, Any] = {
        key: value.name() if isinstance(value, NameEntry) else value
        for key, value in entry
        if key in entry.model_fields_set
    }
    for key in ("base_start", "base_end"):
        _check_quarter(key, given.get(key, ""), problems)
    for key, example in (("embargo", "2025-11-20T10:00:00+07:00"), ("release_date", "2025-11-20")):
        _check_moment(key, given.get(key, ""), example, problems)
    if given.get("approvers", 1) < 1:
        problems.add(
            SETTINGS_FILE,
            "approvers",
            f"พบ {given['approvers']} — ต้องมีผู้อนุมัติอย่างน้อย 1 คน",
            f"Found {given['approvers']}; at least one person must approve.",
        )
    if given.get("survey_weights", "") not in ("", "weighted", "unweighted"):
        problems.add(
            SETTINGS_FILE,
            "survey_weights",
            f'พบ "{given["survey_weights"]}" — ใช้ "weighted" หรือ "unweighted" หรือไม่ต้องใส่',
            f'Found "{given["survey_weights"]}"; write "weighted" or "unweighted", or leave it out.',
        )
    for key in ("seed", "mail_attachment_limit_mb", "mail_retry_hours"):
        if given.get(key, 0) < 0:
            problems.add(
                SETTINGS_FILE,
                key,
                f"พบ {given[key]} ซึ่งติดลบ — ใส่ค่าตั้งแต่ 0 ขึ้นไป",
                f"Found {given[key]}, which is negative; write 0 or more.",
            )
    return Settings(**given)


def _check_quarter(key: str, text: str, problems: Problems) -> None:
    if text:
        try:
            parse_quarter(text)
        except PeriodError as error:
            problems.add(SETTINGS_FILE, key, error.th, error.en)


def _check_moment(key: str, text: str, example: str, problems: Problems) -> None:
    """A release date is a day; an embargo a day or a moment."""
    read = dt.date.fromisoformat if key == "release_date" else dt.datetime.fromisoformat
    try:
        if text:
            read(text)
    except ValueError:
        problems.add(
            SETTINGS_FILE,
            key,
            f'พบ "{text[:40]}" ซึ่งไม่ใช่วันเวลา — เขียนแบบ {example} (ปี ค.ศ.)',
            f'Found "{text[:40]}", which is no date; write {example} (Christian era).',
        )


def _settings_model() -> type[BaseModel]:
    """Schema of ``workspace.toml``: the fields of Settings, so that neither can forget the other."""
    fields: dict[str, Any] = {}
    defaults = Settings()
    for item in dataclasses.fields(Settings):
        default = getattr(defaults, item.name)
        kind = NameEntry if isinstance(default, Name) else type(default)
        fields[item.name] = (kind, None)
    return create_model("SettingsFile", __base__=Strict, **fields)


def stop_for_errors(found: list[Finding]) -> None:
    """Raise InputError with all findings when one of them is an error."""
    errors = [finding for finding in found if finding.severity == "error"]
    if errors:
        raise InputError(
            f"ข้อมูลนำเข้ามีข้อผิดพลาด {len(errors)} แห่ง — แก้ไขตามรายการข้างต้น",
            f"{len(errors)} error(s) in the inputs; mend them as listed.",
            found,
        )


__all__ = [
    "ChapterText",
    "Commentary",
    "Factor",
    "Recipient",
    "Workspace",
    "file_quarter",
    "open_workspace",
    "read_settings",
    "require_workspace",
    "stop_for_errors",
]
