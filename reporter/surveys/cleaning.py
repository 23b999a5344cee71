"""Cleaning by declared rules: what is wrong with the answers, and what was done about it.

Goes in: a ``Reading`` and the rules of ``survey_cleaning.toml``. Comes out: ``Cleaned``: the respondents that count and
a log with the row of every breach. Blank is an answer not given, never an error; items that do not apply to a
respondent's group (``optional_for``; hearing 5.4, no. 4) do not count as left blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.domain.errors import Finding, InputError, Severity
from reporter.domain.periods import iso
from reporter.surveys.answers import Breach
from reporter.surveys.file_reader import Mapping as SourceMapping
from reporter.surveys.file_reader import Rules, cleaning_rules, reading_aliases
from reporter.surveys.responses import KINDS, TRAIT, Reading, parse

_LISTED = 50  # rows that anybody reads in one finding; the log has them all
_SYSTEMATIC = 10  # more impossible texts than this in one column have one cause
_DONE = {
    "keep": ("เก็บไว้ตามเดิม", "kept"),
    "blank": ("ถือว่าไม่ตอบช่องนี้", "cell emptied"),
    "drop": ("ไม่นับผู้ตอบรายนี้", "respondent left out"),
}


@dataclass(frozen=True)
class Cleaned:
    """Respondents that count, with the log of what was found.

    frame     as ``Reading.frame``, dropped respondents out, emptied cells NaN
    received  respondents in the file; blanked: cells emptied
    breaches  what was found, by rule and column, with spreadsheet rows
    """

    where: str
    quarter: str
    frame: pd.DataFrame
    items: tuple[str, ...]
    received: int
    blanked: int
    breaches: tuple[Breach, ...]

    def counts(self, rules: Rules) -> pd.DataFrame:
        """``rule,count,action,note_th``: breaches per rule in declared order; rules without one are left out."""
        counted = [
            (rule.id, sum(len(b.rows) for b in self.breaches if b.rule == rule.id), rule.action, rule.name.th)
            for rule in rules.by_id.values()
        ]
        return pd.DataFrame(
            [row for row in counted if row[1]], columns=["rule", "count", "action", "note_th"]
        ).astype({"count": "int64"})

    def findings(self, rules: Rules) -> list[Finding]:
        """One finding per breach with its row, at most fifty a rule and column; for the operator's screen only."""
        found: list[Finding] = []
        for breach in self.breaches:
            found += _findings_of(breach, rules, self.where)
        return found

    def log(self, rules: Rules) -> pd.DataFrame:
        """``rule,row,column,action``: every breach, for the analysts' desk."""
        rows = [
            (breach.rule, int(row), breach.column, rules[breach.rule].action)
            for breach in self.breaches
            for row in breach.rows
        ]
        return pd.DataFrame(rows, columns=["rule", "row", "column", "action"])


def clean(reading: Reading, questionnaire: Questionnaire, quarter: pd.Period, rules: Rules) -> Cleaned:
    """Apply every rule; respondents dropped by one rule are not looked at by the later ones."""
    work = _Work(reading, questionnaire, rules, quarter)
    for check in (
        work.outside_sample,
        work.duplicate_ids,
        work.unrated,
        work.speed,
        work.rankings,
        work.blanks,
        work.straight_lines,
        work.duplicate_answers,
        work.outside_quarter,
    ):
        check()
    kept = work.frame[work.is_kept].reset_index(drop=True)
    return Cleaned(
        reading.where,
        iso(quarter),
        kept,
        reading.items,
        len(reading.frame),
        work.blanked,
        tuple(sorted(work.breaches, key=lambda b: list(rules.by_id).index(b.rule))),
    )


def read(
    path: Path,
    questionnaire: Questionnaire,
    declarations: Declarations,
    *,
    quarter: pd.Period,
    mapping: SourceMapping | Path | None = None,
    root: Path | None = None,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Answers that count, and every finding of the file with its row and column.

    mapping  a mapping file, or the folder of them, of which the one that fits the file's headers is used
    root     the workspace, for its mappings (``surveys/mappings/``) and its own rules (``rules/survey_*.toml``)
    The frame has one row per respondent kept by the cleaning rules; see ``Reading``. A file that must be refused
    gives no rows and at least one finding of severity ``error``.
    """
    rules = cleaning_rules(root)
    if mapping is None and root is not None:
        mapping = root / "surveys" / "mappings"
    try:
        reading = parse(
            path, questionnaire, declarations, mapping=mapping, rules=rules, aliases=reading_aliases(root)
        )
    except InputError as error:
        return pd.DataFrame(), list(error.findings)
    cleaned = clean(reading, questionnaire, quarter, rules)
    return cleaned.frame, [*reading.findings, *cleaned.findings(rules)]


class _Work:
    """The state of one cleaning: who is kept, what was found."""

    def __init__(
        self, reading: Reading, questionnaire: Questionnaire, rules: Rules, quarter: pd.Period
    ) -> None:
        self.frame, self.items, self.rules, self.quarter = (
            reading.frame.copy(),
            list(reading.items),
            rules,
            quarter,
        )
        self.questionnaire = questionnaire
        self.is_kept = np.ones(len(self.frame), dtype=bool)
        self.rows = self.frame["row"].to_numpy()
        self.breaches = list(reading.breaches)
        self.blanked = sum(len(breach.rows) for breach in reading.breaches)
        self.ratings = self.frame[self.items].to_numpy(dtype=np.float32)
        self.answered = ~np.isnan(self.ratings)

    def found(self, rule: str, column: str, mask: np.ndarray, columns: Sequence[str] = ()) -> None:
        """Record a breach by kept respondents and do what the rule says."""
        mask = mask & self.is_kept
        if not mask.any():
            return
        self.breaches.append(Breach(rule, column, self.rows[mask]))
        if self.rules[rule].action == "drop":
            self.is_kept &= ~mask
        elif self.rules[rule].action == "blank" and columns:
            cells = self.frame.loc[mask, list(columns)]
            self.blanked += int(cells.notna().to_numpy().sum())
            self.frame.loc[mask, list(columns)] = np.nan

    def outside_sample(self) -> None:
        """Under 15 or not employed; blank age or employment says nothing."""
        if "age" in self.frame:
            age = self.frame["age"].to_numpy()
            self.found("under_age", "age", age < self.rules.number("under_age", "minimum_age"))
        if "employed" in self.frame:
            self.found("not_employed", "employed", self.frame["employed"].to_numpy() == 0)

    def duplicate_ids(self) -> None:
        """Later answers under an id that came before; blank ids are nobody's."""
        if "respondent_id" in self.frame:
            ids = self.frame["respondent_id"]
            self.found("duplicate_id", "respondent_id", (ids.duplicated() & (ids != "")).to_numpy())

    def unrated(self) -> None:
        """Nobody's opinion: no item rated at all."""
        self.found("no_rating", "", ~self.answered.any(axis=1))

    def speed(self) -> None:
        """Faster than anybody can read the items they rated."""
        if "duration_seconds" in self.frame:
            least = self.rules.number("too_fast", "seconds_per_item") * self.answered.sum(axis=1)
            seconds = self.frame["duration_seconds"].to_numpy()
            self.found("too_fast", "duration_seconds", (seconds >= 0) & (seconds < least))

    def rankings(self) -> None:
        """Rankings with ties or gaps; a ranking is one answer, so all its cells go together."""
        columns = [aspect.id for aspect in self.questionnaire.aspects if aspect.id in self.frame]
        if not columns:
            return
        ranks = self.frame[columns].to_numpy(dtype=np.float32)
        is_given = ~np.isnan(ranks)
        ordered = np.sort(ranks, axis=1)  # NaN last
        ties = ((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)) | (ranks == 0).any(axis=1)
        gaps = is_given.any(axis=1) & ~is_given.all(axis=1) & ~ties
        if len(columns) < len(self.questionnaire.aspects):
            gaps = is_given.any(axis=1) & ~ties
        self.found("ranking_tie", "rank1..rank7", ties, columns)
        self.found("ranking_gap", "rank1..rank7", gaps, columns)

    def blanks(self) -> None:
        """More than the declared share of the items that apply left blank."""
        applies = np.ones_like(self.answered)
        codes = {
            kind: self.frame[column].astype(object).to_numpy()
            for column, kind in KINDS.items()
            if column in self.frame
        }
        for item in self.questionnaire.items:
            if item.column not in self.items:
                continue
            place = self.items.index(item.column)
            for group in item.optional_for:
                kind, _, code = group.partition(":")
                if kind in codes:
                    applies[:, place] &= ~((codes[kind] == code) & ~self.answered[:, place])
        asked = applies.sum(axis=1)
        blank = (applies & ~self.answered).sum(axis=1)
        self.found("too_many_blanks", "", blank > self.rules.number("too_many_blanks", "share") * asked)

    def straight_lines(self) -> None:
        """The same rating throughout, negative items included."""
        count = self.answered.sum(axis=1)
        low = np.where(self.answered, self.ratings, np.inf).min(axis=1)
        high = np.where(self.answered, self.ratings, -np.inf).max(axis=1)
        enough = count >= self.rules.number("straight_lining", "minimum_items")
        self.found("straight_lining", "", (low == high) & enough)

    def duplicate_answers(self) -> None:
        """Every typed answer equal to an earlier respondent's (straight lines aside, which repeat by nature)."""
        names = [
            c for c in map(str, self.frame) if c in self.items or c.startswith((TRAIT, "action", "rank"))
        ]
        codes = np.column_stack(
            [
                np.nan_to_num(self.frame[names].to_numpy(dtype=np.float32), nan=-1).astype(np.int8),
                *[self.frame[c].cat.codes.to_numpy().astype(np.int8) for c in KINDS if c in self.frame],
            ]
        )
        text, width = np.ascontiguousarray(codes).tobytes(), codes.shape[1]
        keys = pd.Series([text[start : start + width] for start in range(0, len(text), width)], dtype=object)
        enough = self.answered.sum(axis=1) >= self.rules.number("duplicate_answers", "minimum_items")
        varied = np.nanmax(self.ratings, axis=1, initial=0) != np.nanmin(self.ratings, axis=1, initial=9)
        self.found("duplicate_answers", "", keys.duplicated().to_numpy() & enough & varied)

    def outside_quarter(self) -> None:
        """Answered long before or after the quarter."""
        if "moment" not in self.frame:
            return
        day = 86400.0
        margin = self.rules.number("outside_quarter", "days") * day
        start = self.quarter.start_time.timestamp() - margin
        end = self.quarter.end_time.timestamp() + margin
        seconds = self.frame["moment"].to_numpy()
        self.found("outside_quarter", "timestamp", (seconds < start) | (seconds > end))


def _findings_of(breach: Breach, rules: Rules, where: str) -> list[Finding]:
    """One finding a row; what is wrong with a whole column is one finding with its number and the texts that were found."""
    rule = rules[breach.rule]
    done_th, done_en = _DONE[rule.action]
    severity: Severity = "note" if rule.action == "keep" else "warning"
    is_column = len(breach.rows) > _SYSTEMATIC and bool(breach.values)
    listed = breach.rows[: 1 if is_column else _LISTED]
    found = []
    for number, row in enumerate(listed):
        value = breach.values[number][:20] if breach.values else ""
        if is_column:
            texts = ", ".join(f'"{text[:20]}"' for text in list(dict.fromkeys(breach.values))[:6])
            seen_th, seen_en = (
                f" {len(breach.rows):,} แถว พบ {texts}",
                f" in {len(breach.rows):,} rows; found {texts}",
            )
        else:
            seen_th, seen_en = (f' พบ "{value}"', f'; found "{value}"') if value else ("", "")
        found.append(
            Finding(
                severity,
                where,
                f"{rule.name.th}{seen_th} — {done_th}",
                f"{rule.name.en}{seen_en}; {done_en}.",
                row=int(row),
                column=breach.column or None,
                value=value or None,
                rule=f"survey.{breach.rule}",
            )
        )
    if not is_column and len(breach.rows) > _LISTED:
        more = len(breach.rows) - _LISTED
        found.append(
            Finding(
                "warning",
                where,
                f"{rule.name.th}: มีอีก {more} แถว — ดูครบทุกแถวด้วย reporter survey quality",
                f"{rule.name.en}: {more} more rows; reporter survey quality lists them all.",
                column=breach.column or None,
                rule=f"survey.{breach.rule}",
            )
        )
    return found
