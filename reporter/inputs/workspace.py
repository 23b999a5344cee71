"""A workspace: what is in the folder, read when asked for, and which of the package's files it overrides.

Goes in: the folder of contract.md. Comes out: declarations, settings, observations, survey files, commentary and
recipients. Reading collects all findings of all files; asking for content with an error in it raises InputError.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, Field, StringConstraints, create_model

from reporter.domain.declarations import (
    COLOURS,
    SURVEYS,
    Declarations,
    Name,
    Survey,
    asset,
    chapters,
    contrast,
    tokens,
)
from reporter.domain.edition import Settings
from reporter.domain.errors import Finding, InputError, StateError, UsageError
from reporter.domain.periods import (
    BUDDHIST_OFFSET,
    FIRST_BUDDHIST_YEAR,
    PeriodError,
    iso,
    parse_period,
    parse_quarter,
    today_in_bangkok,
)
from reporter.inputs import (
    series,
    spreadsheets,
    vintages,
    workbook,
)
from reporter.inputs.calendar import Recipient, read_recipients
from reporter.inputs.commentary import (
    ChapterText,
    Commentary,
    Factor,
    commentary_files,
    read_commentary,
    read_picture,
)
from reporter.inputs.declared import README, SOURCES_FILE, load
from reporter.inputs.schema import (
    NameEntry,
    NonEmptyText,
    Problems,
    Strict,
    known_series,
    read_toml,
    validated,
)
from reporter.inputs.series import COUNTRIES_FILE, read_countries, read_series, series_files
from reporter.inputs.series_cells import is_inside, latest_vintage, with_computed
from reporter.runtime.cache import StageCache, write_bytes

SETTINGS_FILE = "workspace.toml"
BESIDE_ANSWERS = ("plan", "margins")  # what the weights are made of: surveys/plan-worker.csv
SURVEY_SUFFIXES = (".csv", ".dta", ".sav", *spreadsheets.SUFFIXES)


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
        return series.check_consistency(self._series[0], stored, self.declarations, today_in_bangkok())

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
        if self.answers_on is None:
            return found
        known = vintages.known_on(self.root, survey, _by_name(found), self.answers_on)
        return {parse_quarter(name): path for name, path in known.items() if "-Q" in name}

    def weight_files(self, survey: Survey) -> dict[str, Path]:
        """``plan`` and ``margins`` of one survey where they are there, as known on the day of ``answers_on``."""
        paths = {name: self.root / "surveys" / f"{name}-{survey}.csv" for name in BESIDE_ANSWERS}
        found = {name: path for name, path in paths.items() if path.is_file()}
        if self.answers_on is None:
            return found
        known = vintages.known_on(self.root, survey, found, self.answers_on)
        return {name: known[name] for name in BESIDE_ANSWERS if name in known}

    @property
    def reading_root(self) -> Path:
        """Folder whose rules, questionnaires, mappings and released themes count for the answers."""
        return self.root if self.answers_on is None else vintages.reading_on(self.root, self.answers_on)

    def keep_answers(self, day: dt.date) -> list[Path]:
        """Keep answers, plans, margins and what decides how they are read, as they stand, in the store; returns what was new.

        Raises StateError.
        """
        surveys: tuple[Survey, ...] = SURVEYS
        try:
            kept = [
                vintages.keep(self.root, one, _by_name(self.survey_files(one)) | self.weight_files(one), day)
                for one in surveys
            ]
            kept.append(vintages.keep_reading(self.root, day))
        except OSError as error:
            raise StateError(
                f"เขียนคลังคำตอบแบบสำรวจ store/surveys ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์ของโฟลเดอร์",
                f"The store of answers store/surveys cannot be written ({error.strerror}); check its permissions.",
            ) from error
        return [path for paths in kept for path in paths]

    def commentary(self, quarter: pd.Period, lang: str = "th") -> Commentary:
        """The analysts' text of a quarter in one language; empty where there is none. Raises InputError."""
        commentary, found = read_commentary(self.root, quarter, lang)
        stop_for_errors(found)
        return commentary

    def recipients(self) -> tuple[Recipient, ...]:
        """Addressees of the issue, in file order. Raises InputError."""
        recipients, found = read_recipients(self.root)
        stop_for_errors(found)
        return recipients

    def countries(self) -> pd.DataFrame:
        """Unemployment rates of other countries (table ``countries``); without rows where there is no file. Raises InputError."""
        table, found = read_countries(self.root)
        stop_for_errors(found)
        return table

    def input_files(self, quarter: pd.Period) -> list[Path]:
        """Every file of the workspace that a build of the quarter may read, sorted."""
        files = [self.root / SETTINGS_FILE, *series_files(self.root, [])]
        for folder, pattern in (
            ("indicators", "**/*.toml"),
            ("questionnaires", "*.toml"),
            ("groups", "*.csv"),
            ("rules", "**/*"),
            ("templates", "**/*.j2"),
            ("sources", "**/*"),
            ("annex", "**/*"),
            ("figures", "*"),
            ("models", "*"),
            ("store/vintages", "*.parquet"),
        ):
            files += sorted((self.root / folder).glob(pattern))
        surveys: tuple[Survey, ...] = SURVEYS
        for survey in surveys:
            files += [path for period, path in self.survey_files(survey).items() if period <= quarter]
            files += self.weight_files(survey).values()
        files += vintages.reading_files(self.reading_root)
        files += [
            self.root / name
            for name in ("calendar.toml", "waivers.toml", SOURCES_FILE, README, COUNTRIES_FILE, workbook.FILE)
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
    reading = root if answers_on is None else vintages.reading_on(root, answers_on)
    return Workspace(root, load(root, reading), read_settings(root), cache or StageCache(None), answers_on)


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


def _by_name(files: Mapping[pd.Period, Path]) -> dict[str, Path]:
    return {iso(quarter): path for quarter, path in files.items()}


def file_quarter(path: Path) -> pd.Period | None:
    """Quarter that a file's name says (``2025-Q3.csv``), or None."""
    try:
        return parse_quarter(path.stem)
    except PeriodError:
        return None


def read_settings(root: Path, pictures_in: Path | None = None) -> Settings:
    """Settings of ``workspace.toml`` over the defaults. Raises DeclarationError for unknown keys and wrong types.

    pictures_in  the workspace whose pictures the settings name, where the file stands apart from it
    """
    path = root / SETTINGS_FILE
    if not path.exists():
        return Settings()
    problems = Problems()
    settings = _settings(path, pictures_in or root, problems)
    problems.stop()
    assert settings is not None
    return settings


def _settings(path: Path, root: Path, problems: Problems) -> Settings | None:
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
    for key in ("charts", "colours"):
        given |= {key: tuple(sorted(given[key].items()))} if key in given else {}
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    _check_chapters(given.get("leave_out", ()), problems)
    _check_colours(given.get("colours", ()), problems)
    _check_logo(root, given.get("logo", ""), problems)
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
    if set(given.get("languages", ("th",))) not in ({"th"}, {"th", "en"}):
        problems.add(
            SETTINGS_FILE,
            "languages",
            'ใช้ ["th"] หรือ ["th", "en"] — ฉบับภาษาไทยมีเสมอ',
            'Write ["th"] or ["th", "en"]; the Thai edition is always made.',
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


# Chapters that cannot be left out: the site, the letters and every reader's trust stand on them.
_ALWAYS = ("labour", "appendix")
_LEAST_CONTRAST = 4.5  # of text: WCAG 2.2, 1.4.3


def _check_chapters(slugs: Sequence[str], problems: Problems) -> None:
    """Only chapters that there are can be left out, and not all of them."""
    possible = [item.slug for item in chapters() if item.slug not in _ALWAYS]
    for slug in slugs:
        if slug not in possible:
            problems.add(
                SETTINGS_FILE,
                "leave_out",
                f'พบ "{str(slug)[:40]}" — ละได้เฉพาะบท {", ".join(possible)}',
                f'Found "{str(slug)[:40]}"; chapters that can be left out: {", ".join(possible)}.',
            )


def _check_colours(given: Sequence[tuple[str, str]], problems: Problems) -> None:
    """Colours of the identity, dark enough to be read on paper; gold is a rule without words."""
    for name, colour in given:
        is_known = name in COLOURS and re.fullmatch(r"#[0-9A-Fa-f]{6}", colour)
        if is_known and (name == "gold" or contrast(colour, tokens().colour["paper"]) >= _LEAST_CONTRAST):
            continue
        problems.add(
            SETTINGS_FILE,
            f"colours.{name[:40]}",
            f'พบ "{colour[:40]}" — ใช้ชื่อ {", ".join(COLOURS)} และสี #RRGGBB ที่เข้มพอให้อ่านบนกระดาษ (4.5 : 1)',
            f'Found "{colour[:40]}"; use the names {", ".join(COLOURS)} and a colour #RRGGBB that is dark enough on paper (4.5 : 1).',
        )


def _check_logo(root: Path, path: str, problems: Problems) -> None:
    """The logo is a picture of the workspace that can be read."""
    found: list[Finding] = []
    if not path:
        return
    try:
        read_picture(root, path, SETTINGS_FILE, found)
    except InputError as error:
        problems.add(SETTINGS_FILE, "logo", error.th, error.en)
    for one in found:
        problems.add(SETTINGS_FILE, "logo", one.th, one.en)


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
        is_wrong = bool(text) and read(text).year >= FIRST_BUDDHIST_YEAR
    except ValueError:
        is_wrong = True
    if is_wrong:
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
        kind = list[str] if isinstance(default, tuple) else kind  # TOML has lists
        kind = dict[str, str] if item.name in ("charts", "colours") else kind
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


# ----------------------------------------------------------------------------------------------------
# Written waivers: warnings that may mean a wrong number stop a final issue until somebody answers for them.
#
# Goes in: ``waivers.toml`` of the workspace and everything that the checks found. Comes out: which warnings are answered for,
# which are not, and which waivers nothing called for. Errors cannot be waived. Warnings about form (a hidden sheet, an
# unread file, mixed eras that were read) need no waiver: ``DEMANDED`` lists those that do (docs/release.md).
# ----------------------------------------------------------------------------------------------------

FILE = "waivers.toml"
# Rules whose warnings may mean a wrong number, with what they look at. Those of inputs come before anything is computed.
INPUT_RULES = {
    "series.jump": "a value unlike its neighbours",
    "newest.surprise": "a newest value far from what its own past lets one expect",
    "newest.collective": "newest values of many series far from what was to be expected, all at once",
    "newest.never": "a newest value of 0 or of a sign that the series never had",
    "newest.relation": "newest values that do not fit a relation between series",
    "newest.repeat": "newest values that repeat earlier ones",
    "newest.twin": "two series with the same numbers",
    "newest.group": "a newest value of a group that only a slip explains",
    "newest.groups": "newest values of many groups at once, odd or old",
    "newest.survey": "results of the quarter's survey unlike its last waves",
    "series.hole": "the issue's quarter lacks in a series that has later values",
    "series.scale": "a whole series in per cent below a tenth of one",
    "survey.missing_item": "a rated item that the quarter's answers lack",
    "survey.scale_labels": "value labels of a statistical package's file that are not the scale's words: it may run the other way",
    "survey.weights": "weights by which one respondent decides the index or a group counts for nothing, or that miss the population",
    "survey.margin_totals": "margins of the population that add up to different totals",
    "survey.repeated_person": "one person who may count several times",
    "survey.unread_items": "a check-list of which many answers hold no option of the questionnaire",
    "survey.hidden_sheet": "a hidden sheet of a survey file that holds data",
    "series.undated": "values without a date beside dated ones that say otherwise",
    "series.rebased": "a vintage that differs from the one before by one factor over all periods",
    "series.constant": "a series that never moves",
    "series.part_adjusted": "a series of which a part is said to be adjusted for season",
    "series.swapped": "values of men and women the other way round than ever before",
    "columns.misspelt": "a column that is not read though its name nearly is one that is",
}
RESULT_RULES = {
    "index.reduced": "an issue without a composite, because too few dimensions have data",
    "index.jump": "a change or level of the index unlike its own history",
    "index.stale_dimension": "a sub-index without one recent observation",
    "revisions.large": "a revision unlike the series' own movements",
    "forecast.bounds": "a forecast beyond anything the index has been",
    "survey.plan": "a sample far below its plan",
    "commentary.contradicts": "a number in the analysts' text that the tables do not have",
}
DEMANDED = {**INPUT_RULES, **RESULT_RULES}
_STANDING = {"series.constant"}  # speaks of the whole series, though it names its newest period


def _begun(subject: str) -> dt.date | None:
    """First day of the period with which a finding's subject ends; None where it names none."""
    try:
        day: dt.date = parse_period(subject.split()[-1]).start_time.date()
    except (PeriodError, IndexError):
        return None
    return day


@dataclass(frozen=True)
class Waiver:
    """Somebody's word for findings of one rule, or for the one with an id.

    where, subject   narrow it to one file, to an indicator or any beginning of a finding's subject; "" for all
    until            the last quarter whose issue it covers (ISO), "" without end
    """

    number: int
    rule: str
    finding: str
    where: str
    subject: str
    reason: str
    by: str
    on: dt.date
    until: str

    def covers(self, found: Finding) -> bool:
        """Whether this waiver covers a finding."""
        if found.severity != "warning" or found.rule not in DEMANDED:
            return False
        own = found.subject.split()
        wanted = self.subject.split()
        return (
            (not self.rule or self.rule == found.rule)
            and (not self.finding or self.finding == found.id)
            and (not self.where or self.where == found.where)
            and own[: len(wanted)] == wanted
            and not self.is_older_than(found)
        )

    def is_older_than(self, found: Finding) -> bool:
        """Whether it was signed before the period of the value had begun, when the value could not be known."""
        if found.rule in _STANDING:
            return False
        begun = _begun(found.subject)
        return begun is not None and self.on < begun

    def has_ended(self, quarter: pd.Period | None) -> bool:
        """Whether the issue's quarter comes after the last one covered."""
        return bool(self.until) and quarter is not None and quarter > parse_quarter(self.until)


@dataclass(frozen=True)
class Ruling:
    """Findings, notes on idle waivers included; for each answered one its waiver; those that still need one."""

    findings: list[Finding]
    answered: dict[Finding, Waiver]
    unanswered: list[Finding]

    def record(self) -> list[dict[str, Any]]:
        """The waivers that were used, with the findings they answered for: for manifest and qa.json."""
        used: dict[int, dict[str, Any]] = {}
        for found, waiver in self.answered.items():
            entry = used.setdefault(waiver.number, {**dataclasses.asdict(waiver), "findings": []})
            entry["on"] = waiver.on.isoformat()
            entry["findings"].append(found.id)
        return [used[number] for number in sorted(used)]

    def refuse_unanswered(self) -> None:
        """Raise InputError when a warning that may mean a wrong number has no waiver."""
        if count := len(self.unanswered):
            raise InputError(
                f"มีคำเตือน {count} แห่งที่ต้องแก้ไขหรือมีผู้รับรองเป็นลายลักษณ์อักษรใน {FILE} จึงไม่ออกฉบับจริง: "
                + ", ".join(found.id for found in self.unanswered),
                f"{count} warning(s) must be mended or answered for in {FILE}, so no final issue: "
                + ", ".join(f"{found.id} ({found.rule})" for found in self.unanswered),
                self.unanswered,
            )


class _Entry(Strict):
    rule: str = ""
    finding: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{8})?$")] = ""
    where: str = ""
    subject: str = ""
    reason: NonEmptyText
    by: NonEmptyText
    on: dt.date
    until: str = ""


class _File(Strict):
    waivers: Annotated[list[_Entry], Field(default_factory=list, max_length=500)]


def read_waivers(root: Path, today: dt.date | None = None) -> tuple[tuple[Waiver, ...], list[Finding]]:
    """All waivers (none without a file, or where it is wrong), and what is wrong with them.

    today   nobody signs after it; None is the day of the clock
    """
    path, problems = root / FILE, Problems()
    outside: list[Finding] = []
    if not path.exists() or not is_inside(path, root, FILE, outside):
        return (), outside
    content = read_toml(FILE, path, problems)
    declared = None if content is None else validated(FILE, content, _File, problems)
    entries = [] if declared is None else declared.waivers
    waivers = tuple(_waiver(number, entry, problems) for number, entry in enumerate(entries, start=1))
    lines = _lines_of_days(path) if waivers else {}
    for waiver in waivers:
        _check_day(waiver, today or today_in_bangkok(), lines.get(waiver.number), problems)
    return (() if problems.findings else waivers), problems.findings


def _lines_of_days(path: Path) -> dict[int, int]:
    """Number of each waiver -> line of its ``on``, as an editor counts; waivers in another form of TOML have none."""
    found: dict[int, int] = {}
    number = 0
    for line, text in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        number += bool(re.match(r"\s*\[\[\s*waivers\s*\]\]", text))
        if number and re.match(r"\s*on\s*=", text):
            found.setdefault(number, line)
    return found


def _check_day(waiver: Waiver, today: dt.date, line: int | None, problems: Problems) -> None:
    """A signature of a day that has not come, or of a year of the Buddhist era, is not valid."""
    place, day = f"waivers.{waiver.number}.on", waiver.on
    if day.year >= FIRST_BUDDHIST_YEAR:
        written = f"{day.year - BUDDHIST_OFFSET:04d}-{day:%m-%d}"
        problems.add(
            FILE,
            place,
            f"พบ {day} ซึ่งเป็นปี พ.ศ. — เขียนเป็นปี ค.ศ. คือ {written}",
            f"Found {day}, a year of the Buddhist era; write {written}.",
            row=line,
        )
    elif day > today:
        problems.add(
            FILE,
            place,
            f"พบ {day} ซึ่งยังมาไม่ถึง (วันนี้ {today}) — ใส่วันที่รับรองจริง",
            f"Found {day}, which has not come yet (today is {today}); write the day on which it was signed.",
            row=line,
        )


def _waiver(number: int, entry: _Entry, problems: Problems) -> Waiver:
    place = f"waivers.{number}"
    if not entry.rule and not entry.finding:
        problems.add(
            FILE,
            place,
            "ไม่บอกว่ารับรองข้อใด — ระบุ rule หรือ finding (รหัส 8 ตัวจาก reporter check)",
            "Names no finding; give rule, or finding (the eight digits that reporter check prints).",
        )
    if entry.rule and entry.rule not in DEMANDED:
        problems.add(
            FILE,
            f"{place}.rule",
            f'พบ "{entry.rule}" ซึ่งไม่ต้องหรือไม่อาจรับรองได้ — ใช้ได้: {", ".join(DEMANDED)}',
            f'Found "{entry.rule}", which needs or takes no waiver; possible: {", ".join(DEMANDED)}.',
        )
    until = ""
    if entry.until:
        try:
            until = iso(parse_quarter(entry.until))
        except PeriodError as error:
            problems.add(FILE, f"{place}.until", error.th, error.en)
    return Waiver(
        number,
        entry.rule,
        entry.finding,
        entry.where,
        entry.subject.strip(),
        entry.reason.strip(),
        entry.by.strip(),
        entry.on,
        until,
    )


def needs_waiver(found: Finding) -> bool:
    """Whether a finding stops a final issue unless somebody answers for it."""
    return found.severity == "warning" and found.rule in DEMANDED


def rule_on(
    found: Sequence[Finding],
    waivers: Iterable[Waiver],
    quarter: pd.Period | None,
    *,
    only_inputs: bool = False,
) -> Ruling:
    """Match findings with waivers; the first waiver that covers a finding answers for it.

    only_inputs   nothing is computed yet: waivers of results are not called idle
    """
    waivers = tuple(waivers)
    valid = [waiver for waiver in waivers if not waiver.has_ended(quarter)]
    answered: dict[Finding, Waiver] = {}
    for one in filter(needs_waiver, found):
        if covering := next((waiver for waiver in valid if waiver.covers(one)), None):
            answered[one] = covering
    used = {waiver.number for waiver in answered.values()}
    notes = [
        _ended(waiver) if waiver.has_ended(quarter) else _idle(waiver, found)
        for waiver in waivers
        if waiver.number not in used and not (only_inputs and _may_concern_results(waiver))
    ]
    unanswered = [one for one in found if needs_waiver(one) and one not in answered]
    return Ruling([*found, *notes], answered, unanswered)


def _may_concern_results(waiver: Waiver) -> bool:
    return waiver.rule not in INPUT_RULES


def _idle(waiver: Waiver, found: Sequence[Finding]) -> Finding:
    today = dataclasses.replace(waiver, on=dt.date.max)
    if any(waiver.is_older_than(one) and today.covers(one) for one in found):
        return _note(
            waiver,
            f"ลงวันที่ {waiver.on} ก่อนงวดของค่านั้นจะเริ่ม จึงไม่นับ — ตรวจค่าแล้วรับรองใหม่",
            f"Signed on {waiver.on}, before the period of the value began, so it does not count; look at the value and sign anew.",
        )
    return _note(
        waiver,
        "ไม่มีคำเตือนที่ข้อนี้รับรอง — ลบออกหากแก้ข้อมูลแล้ว",
        "Answers for no finding; remove it if the data were mended.",
    )


def _ended(waiver: Waiver) -> Finding:
    return _note(
        waiver,
        f"มีผลถึงไตรมาส {waiver.until} เท่านั้น จึงไม่ใช้ — ต่ออายุหรือลบออก",
        f"Was valid until {waiver.until} only, so it does not count; renew or remove it.",
    )


def _note(waiver: Waiver, th: str, en: str) -> Finding:
    column = f"waivers.{waiver.number}"
    return Finding("note", FILE, th, en, column=column, value=waiver.reason[:60], rule="waiver.idle")


# ----------------------------------------------------------------------------------------------------
# Files of a workspace that take the place of the program's own: which are read, which are outdated, which nothing reads.
#
# Goes in: the workspace's ``templates/`` and ``rules/``. Comes out: ``Override`` objects for ``reporter doctor`` and the desk. A copy says in its
# first lines which version of the program's file it began from (``base: <12 digits>``); when the program's file has changed
# since, the copy is outdated and says so: what it left out may be missing from the report. Charts are never read from a
# workspace: they are programs. Templates are rendered in Jinja's sandbox (``reporter.report.templating``).
# ----------------------------------------------------------------------------------------------------

# Pattern in the workspace -> folders of the program in which the same name stands.
READ = {
    "templates/report/th/*.j2": ("templates", "report", "th"),
    "templates/report/en/*.j2": ("templates", "report", "en"),
    "templates/mail/*": ("templates", "mail"),
    "rules/recommendations.toml": ("data", "rules"),
    "rules/recommendations.en.toml": ("data", "rules"),
    "rules/wording.toml": ("data", "rules"),
    "rules/bands.toml": ("data", "rules"),
    "rules/signals.toml": ("data", "rules"),
    "rules/newest.toml": ("data", "rules"),
    "rules/survey_cleaning.toml": ("data", "rules"),
    "rules/survey_reading.toml": ("data", "rules"),
}
_LOOKED_AT = ("templates", "rules", "charts")
_BASE = re.compile(r"base:\s*([0-9a-f]{12})\b")
_HEAD = 400  # characters in which the base is looked for
STATES = {
    "used": ("ใช้แทนของโปรแกรม", "in the place of the program's"),
    "outdated": ("ล้าสมัย โปรแกรมมีไฟล์รุ่นใหม่กว่า", "outdated: the program's file has changed since"),
    "ignored": ("ไม่มีสิ่งใดอ่านไฟล์นี้", "nothing reads it"),
}


@dataclass(frozen=True)
class Override:
    """One file of the workspace. ``state``: used, outdated, ignored."""

    path: str
    state: str


def overrides(root: Path) -> list[Override]:
    """Every file under the workspace's folders of templates, rules and charts, with what becomes of it; equal copies say nothing."""
    return [Override(path, _state(root, path)) for path in _files(root) if not _is_the_programs(root, path)]


def _is_the_programs(root: Path, path: str) -> bool:
    """Whether the file holds exactly what the program's own file of that name does."""
    content = (root / path).read_bytes()
    return any(
        own.is_file() and own.read_bytes() == content
        for own in (asset(*path.split("/")), asset("data", *path.split("/")))
    )


def _files(root: Path) -> Iterator[str]:
    for name in _LOOKED_AT:
        folder = root / name
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(root).as_posix()


def _packaged(path: str) -> Path | None:
    """The program's file that a path of the workspace takes the place of; None where nothing reads the path."""
    for pattern, folders in READ.items():
        if fnmatchcase(path, pattern) and path.count("/") == pattern.count("/"):
            own = asset(*folders, path.rpartition("/")[2])
            return own if own.is_file() else None
    return None


def _state(root: Path, path: str) -> str:
    own = _packaged(path)
    if own is None:
        return "ignored"
    text = (root / path).read_text(encoding="utf-8", errors="replace")[:_HEAD]
    base = _BASE.search(text)
    return "outdated" if base is not None and base[1] != _digest(own) else "used"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def possible() -> list[str]:
    """Every path under which a file of the program can be taken into a workspace."""
    found = []
    for pattern, folders in READ.items():
        start, _, name = pattern.rpartition("/")
        found += [f"{start}/{path.name}" for path in sorted(asset(*folders).glob(name))]
    return found


def begin(root: Path, path: str) -> Path:
    """Copy the program's file into the workspace, with the version that it is of. Raises StateError where one is there."""
    own = _packaged(path)
    if own is None or path not in possible():
        raise UsageError(f"ไม่มีไฟล์ {path[:80]} ของโปรแกรม", f"The program has no file {path[:80]}.")
    target = root / path
    if target.exists() or not target.resolve().is_relative_to(root.resolve()):
        raise StateError(f"มี {path} อยู่แล้ว", f"{path} is there already.")
    mark = f"base: {_digest(own)}"
    head = f"{{# {mark} #}}\n" if path.endswith(".j2") else f"# {mark}\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, head.encode("ascii") + own.read_bytes())
    return target
