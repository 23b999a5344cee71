"""Respondents' answers of one survey and quarter, read from whatever file they arrived in, and cleaned.

Goes in: a file, the questionnaire, the declared rules, perhaps a mapping file. Comes out: a ``RawAnswers``: one row per
respondent with typed answers, what was impossible, and findings in Thai and English. A file that is another survey's,
or on another scale, is refused: a wrong file never becomes a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import (
    Choice,
    Declarations,
    Option,
    Questionnaire,
)
from reporter.domain.errors import Finding, InputError, Severity
from reporter.domain.periods import iso
from reporter.surveys import answers
from reporter.surveys.answers import Breach
from reporter.surveys.columns import (
    DEMOGRAPHICS,
    AnswerLayout,
    find_layout,
    lexicon,
    odd_weights,
    recognise_by_values,
    refuse_lost_ids,
    refuse_other_scale,
    refuse_wrong_file,
    repeated_addresses,
    structure_findings,
)
from reporter.surveys.file_reader import (
    Aliases,
    AnswerGrid,
    CleaningRules,
    cleaning_rules,
    find_mapping,
    read_grids,
    read_mapping,
    reading_aliases,
)
from reporter.surveys.file_reader import Mapping as SourceMapping

KINDS = {
    "province": "PROVINCE",
    "industry": "INDUSTRY",
    "status": "STATUS",
    "skill": "SKILL",
    "work_type": "WORK",
}
UNKNOWN_RULE = {"province": "unknown_province", "industry": "unknown_industry"}
TRAIT = "trait:"
NO_QUARTER = pd.Period(
    "1970Q1"
)  # of a file whose name says none: dates of answering have nothing to be judged by
# People add a text of their own in at most every tenth answer; more is a list that was not understood.
_MOST_LEFT = 0.2
_LEAST_LEFT = 10


@dataclass
class RawAnswers:
    """A survey file's answers as they arrived, before any rule of cleaning was applied.

    frame     one row per respondent: ``row`` (spreadsheet row), ``respondent_id``, group columns (categorical codes),
              items, actions, ``trait:<id>`` and ranks (float32, NaN for no answer), texts for the desk
    items     columns of the items that the file has
    breaches  impossible cells, already empty in the frame
    findings  about the file's structure
    """

    where: str
    frame: pd.DataFrame
    items: tuple[str, ...]
    columns: Mapping[str, str]
    breaches: list[Breach] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def parse(
    path: Path,
    questionnaire: Questionnaire,
    declarations: Declarations,
    *,
    where: str | None = None,
    mapping: SourceMapping | Path | None = None,
    rules: CleaningRules | None = None,
    aliases: Aliases | None = None,
) -> RawAnswers:
    """Read one file. Raises InputError, with findings, for a file that cannot be this survey's answers."""
    where = where or f"surveys/{questionnaire.id}/{path.name}"
    known = aliases or reading_aliases()
    grid, layout, source = _recognised(path, where, questionnaire, known, mapping)
    refuse_wrong_file(layout, questionnaire, declarations, where)
    reading = RawAnswers(where, pd.DataFrame(), (), _named_columns(layout))
    reading.findings += grid.notes
    cells = _body(grid, layout)
    recognise_by_values(cells, layout, declarations, known, reading)
    refuse_lost_ids(cells, layout, where)
    reading.findings += structure_findings(layout, questionnaire, where)
    reading.findings += [
        *repeated_addresses(cells, layout, where),
        *odd_weights(cells, layout, known, where),
    ]
    reader = _Reader(cells, layout, source, known, reading)
    reader.labels = grid.labels
    columns: dict[str, object] = {"row": cells.index.to_numpy(dtype=np.int32) + 1}
    columns |= reader.people(declarations, questionnaire)
    columns |= reader.ratings(questionnaire)
    columns |= reader.checklists(questionnaire)
    columns |= reader.ranking(questionnaire)
    columns |= reader.questions(questionnaire)
    columns |= reader.texts()
    reading.frame = pd.DataFrame(columns)
    reading.items = tuple(item.column for item in questionnaire.items if item.column in layout.single)
    refuse_other_scale(reading.frame, reading.breaches, reading.items, rules or cleaning_rules(), where)
    return reading


def recognised_columns(
    path: Path, questionnaire: Questionnaire, *, mapping: SourceMapping | Path | None = None
) -> dict[str, str]:
    """Columns of the contract that are recognised in a file, with the file's headers. Raises InputError."""
    _, layout, _ = _recognised(path, path.name, questionnaire, reading_aliases(), mapping)
    return _named_columns(layout)


def recognised_survey(path: Path, declarations: Declarations) -> tuple[str, dict[str, str]]:
    """The survey most of whose items are columns of a file, with the columns known; ("", {}) where it is no survey's."""
    best: tuple[int, str, dict[str, str]] = (0, "", {})
    for survey, questionnaire in declarations.questionnaires.items():
        try:
            columns = recognised_columns(path, questionnaire)
        except InputError:
            continue
        items = {item.column for item in questionnaire.items}
        known = len(items & set(columns))
        if 2 * known > len(items):
            best = max(best, (known, survey, columns), key=lambda entry: entry[:2])
    return best[1], best[2]


def _recognised(
    path: Path,
    where: str,
    questionnaire: Questionnaire,
    aliases: Aliases,
    mapping: SourceMapping | Path | None,
) -> tuple[AnswerGrid, AnswerLayout, SourceMapping | None]:
    """The sheet that is understood best, with its layout and the mapping that was used."""
    words = lexicon(questionnaire, aliases)
    found: list[tuple[AnswerGrid, AnswerLayout, SourceMapping | None]] = []
    for grid in read_grids(path, where, words.names.keys()):
        source = _source_mapping(mapping, grid)
        found.append((grid, find_layout(grid, words, source), source))
    best = max(found, key=lambda entry: entry[1].recognised)
    also = [
        entry[0].sheet
        for entry in found
        if entry is not best and 2 * entry[1].recognised >= best[1].recognised > 2
    ]
    if also:
        names = ", ".join([best[0].sheet, *also])
        finding = Finding(
            "error",
            where,
            f"มีคำตอบหลายแผ่นงาน ({names}) — รวมไว้ในแผ่นงานเดียว หรือซ่อนแผ่นที่ไม่ใช้",
            f"Several sheets hold answers ({names}); put them into one, or hide those that do not count.",
            rule="survey.several_sheets",
        )
        raise InputError(f"{where} มีคำตอบหลายแผ่นงาน", f"{where} has answers on several sheets.", [finding])
    return best


def _source_mapping(mapping: SourceMapping | Path | None, grid: AnswerGrid) -> SourceMapping | None:
    if isinstance(mapping, SourceMapping) or mapping is None:
        return mapping
    if mapping.suffix != ".toml":
        texts = {text for number in range(min(15, len(grid.cells))) for text in grid.row(number)}
        return find_mapping(mapping, texts)
    return read_mapping(mapping)


def _body(grid: AnswerGrid, layout: AnswerLayout) -> pd.DataFrame:
    """Rows below the header that are not empty; the index keeps counting from the sheet's first row."""
    body = grid.cells.iloc[layout.header + 1 :]
    body.index = pd.RangeIndex(layout.header + 1, layout.header + 1 + len(body))
    is_empty = np.ones(len(body), dtype=bool)
    for column in body.columns:
        is_empty &= body[column].to_numpy() == ""
        if not is_empty.any():
            break
    return body[~(is_empty | _repeats_header(body, layout))]


def _repeats_header(body: pd.DataFrame, layout: AnswerLayout) -> np.ndarray:
    """Rows that hold the header again, as files that were put together from several do."""
    repeats = np.ones(len(body), dtype=bool)
    for column, header in enumerate(layout.headers):
        if not repeats.any():
            break
        if header:
            repeats &= body.iloc[:, column].to_numpy() == header
    return repeats & any(layout.headers)


def _stripped(texts: pd.Series) -> np.ndarray:
    return np.array([str(text).strip() for text in texts.to_numpy()], dtype=object)


def _named_columns(layout: AnswerLayout) -> dict[str, str]:
    return {target: layout.headers[column] for target, column in layout.single.items()}


def _nothing_ticked(values: np.ndarray, ticked: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Blanks of a check-list as 0 for who ticked another box, or answered the questions beside it; if nobody ticked, no answer."""
    if not ticked.any():
        return values
    return np.where(np.isnan(values) & (ticked | beside), np.float32(0), values)


class _Reader:
    """Turns the columns of one file into typed answers, noting impossible cells as breaches."""

    def __init__(
        self,
        cells: pd.DataFrame,
        layout: AnswerLayout,
        source: SourceMapping | None,
        aliases: Aliases,
        reading: RawAnswers,
    ) -> None:
        self.cells, self.layout, self.aliases, self.reading = cells, layout, aliases, reading
        self.values = source.values if source else {}
        self.labels: Mapping[int, Mapping[str, str]] = {}
        self.rows = cells.index.to_numpy(dtype=np.int32) + 1

    def column(self, target: str) -> pd.Series | None:
        """Texts of a target's column, None when the file has none."""
        place = self.layout.single.get(target)
        return None if place is None else self.cells.iloc[:, place]

    def codes(self, target: str, meaning: Callable[[str], object], kind: str = "") -> Mapping[str, str]:
        """What stands for a column's answers: labels of its codes that are understood, then the mapping file's answers.

        kind   name under which a mapping file answers for several columns at once
        """
        labels = self.labels.get(self.layout.single.get(target, -1), {})
        known = {
            code: label for code, label in labels.items() if meaning(label) not in (None, answers.IMPOSSIBLE)
        }
        return known | dict(self.values.get(target) or self.values.get(kind) or {})

    def note(self, rule: str, column: str, impossible: np.ndarray, texts: pd.Series) -> None:
        """Remember impossible cells."""
        if impossible.any():
            values = tuple(str(text) for text in texts.to_numpy()[impossible])
            self.reading.breaches.append(Breach(rule, column, self.rows[impossible], values))

    def people(self, declarations: Declarations, questionnaire: Questionnaire) -> dict[str, object]:
        """Who answered: id, groups, age, employment, weight, moment, seconds taken."""
        found: dict[str, object] = {}
        ids = self.column("respondent_id")
        if ids is not None:
            found["respondent_id"] = _stripped(ids)
        for column in DEMOGRAPHICS:
            texts = self.column(column)
            if column == "work_type" and questionnaire.id != "worker":
                continue
            meaning, order = answers.code_meaning(declarations.groups_of(KINDS[column]), self.aliases, column)
            if texts is None:
                found[column] = pd.Categorical([None] * len(self.cells), categories=order)
                continue
            codes, impossible = answers.decoded(texts, meaning, self.codes(column, meaning))
            self.note(UNKNOWN_RULE.get(column, "unknown_group"), column, impossible, texts)
            found[column] = pd.Categorical(codes, categories=order)
        if (units := self.column("establishment_id")) is not None:
            found["establishment_id"] = _stripped(units)
        return found | self._choices(questionnaire.demographics) | self._numbers()

    def _choices(self, choices: Sequence[Choice]) -> dict[str, object]:
        """Closed questions with one answer that the file has, as categorical codes."""
        found: dict[str, object] = {}
        for choice in choices:
            texts = self.column(choice.id)
            if texts is None and choice.id == "age_group":
                texts = self.column("age")  # an age in years says the band
            if texts is None:
                continue
            meaning, order = answers.choice_meaning(choice, self.aliases)
            codes, impossible = answers.decoded(texts, meaning, self.codes(choice.id, meaning))
            if choice.id in self.layout.single:
                self.note("impossible_value", choice.id, impossible, texts)
            found[choice.id] = pd.Categorical(codes, categories=order)
        return found

    def questions(self, questionnaire: Questionnaire) -> dict[str, object]:
        """Questions outside the index, as categorical codes."""
        return self._choices(questionnaire.questions)

    def _numbers(self) -> dict[str, object]:
        found: dict[str, object] = {}
        meanings = {
            "age": answers.age_meaning(self.aliases),
            "weight": answers.weight_meaning(self.aliases),
            "duration_seconds": answers.duration_meaning(self.aliases),
            "employed": answers.employed_meaning(self.aliases),
        }
        for column, meaning in meanings.items():
            if (texts := self.column(column)) is not None:
                found[column], impossible = answers.numbers(texts, meaning, self.codes(column, meaning))
                self.note("impossible_value", column, impossible, texts)
        return found | self._moments("duration_seconds" not in found)

    def _moments(self, has_no_duration: bool) -> dict[str, np.ndarray]:
        """When the answers came, and the time they took where the file gives start and end."""
        found: dict[str, np.ndarray] = {}
        names = [name for name in ("timestamp", "finished", "started") if name in self.layout.single]
        stamps = {name: self.cells.iloc[:, self.layout.single[name]] for name in names}
        order = answers.is_month_first(
            stamps.values()
        )  # of the file, not of each column: start and end are written alike
        if has_no_duration and {"started", "finished"} <= set(stamps):
            end, start = (answers.timestamps(stamps[name], order) for name in ("finished", "started"))
            found["duration_seconds"] = end - start
        if stamps:
            name = names[0]
            found["moment"] = answers.timestamps(stamps[name], order)
            unread = np.isnan(found["moment"]) & (stamps[name] != "").to_numpy()
            self.note("unknown_moment", name, unread, stamps[name])
        return found

    def ratings(self, questionnaire: Questionnaire) -> dict[str, np.ndarray]:
        """Items that the file has, 5 to 1."""
        meaning = answers.rating_meaning(questionnaire, self.aliases)
        found = {}
        labelled: dict[str, list[str]] = {}
        for item in questionnaire.items:
            if (texts := self.column(item.column)) is None:
                continue
            codes = self.codes(item.column, meaning, "rating")
            if labels := self._doubtful_labels(item.column, meaning, texts):
                labelled.setdefault(labels, []).append(item.column)
            found[item.column], impossible = answers.numbers(texts, meaning, codes)
            self.note("impossible_value", item.column, impossible, texts)
        self.reading.findings += [self._doubt(labels, columns) for labels, columns in labelled.items()]
        return found

    def _doubtful_labels(self, column: str, meaning: Callable[[str], object], texts: pd.Series) -> str:
        """Labels of a scale that say something else than its codes, unless every code that occurs has one; "" for none."""
        labels = self.labels.get(self.layout.single[column], {})
        said = {code: meaning(label) for code, label in labels.items()}
        known = {code: rating for code, rating in said.items() if isinstance(rating, int)}
        strange = {
            code: one for code, one in labels.items() if code.isdigit() and said[code] is answers.IMPOSSIBLE
        }
        is_turned = any(code != str(rating) for code, rating in known.items())
        if not strange and not (is_turned and {str(text) for text in texts if str(text)} - set(known)):
            return ""
        return ", ".join(f"{code} = {label[:20]}" for code, label in (strange or labels).items())

    def _doubt(self, labels: str, columns: Sequence[str]) -> Finding:
        names = ", ".join(columns[:5]) + (f" (+{len(columns) - 5})" if len(columns) > 5 else "")
        return Finding(
            "warning",
            self.reading.where,
            f"ป้ายคำตอบของ {names} ({labels}) ไม่ใช่คำตามมาตร ระบบถือว่า 5 คือเห็นด้วยมากที่สุด — ตรวจทิศทางของมาตร แล้วแก้ป้าย",
            f"The value labels of {names} ({labels}) are not the scale's words; 5 is taken as the most agreement. Check which way"
            " the scale runs, and mend the labels.",
            column=columns[0],
            value=labels[:200],
            rule="survey.scale_labels",
        )

    def checklists(self, questionnaire: Questionnaire) -> dict[str, np.ndarray]:
        """Employers' actions (columns by id) and traits (columns ``trait:<id>``): 1 ticked, 0 not, NaN no answer."""
        found: dict[str, np.ndarray] = {}
        places = {option.id: self.layout.single.get(option.id) for option in questionnaire.actions}
        found |= self._ticks(questionnaire.actions, places)
        if questionnaire.actions and (texts := self.column("actions")) is not None:
            found |= self._joined("actions", texts, questionnaire.actions, "")
        ticked = self._ticks(questionnaire.traits, self.layout.ticks)
        found |= {f"{TRAIT}{trait}": values for trait, values in ticked.items()}
        if questionnaire.traits and (texts := self.column("traits")) is not None:
            found |= self._joined("traits", texts, questionnaire.traits, TRAIT)
        other = self.column("traits_other")
        if questionnaire.traits and other is not None:
            is_written = (other != "").to_numpy()
            for column in [column for column in found if column.startswith(TRAIT)]:
                # Who wrote something under "others" only has answered the check-list: with none of its boxes.
                found[column] = np.where(is_written & np.isnan(found[column]), np.float32(0), found[column])
        return found

    def _ticks(self, options: Sequence[Option], places: Mapping[str, int | None]) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        for option in options:
            if (place := places.get(option.id)) is None:
                continue
            texts = self.cells.iloc[:, place]
            meaning = answers.yes_meaning(self.aliases, option)
            labels = self.labels.get(place, {})
            codes = {
                code: one for code, one in labels.items() if meaning(one) not in (None, answers.IMPOSSIBLE)
            }
            found[option.id], impossible = answers.numbers(texts, meaning, codes)
            self.note("impossible_value", option.id, impossible, texts)
        # A form that writes only the ticked boxes leaves the others empty: nowhere a "no", so empty means no.
        if found and not any((values == 0).any() for values in found.values()):
            beside = self._answered_beside([place for place in places.values() if place is not None])
            ticked = np.any([values == 1 for values in found.values()], axis=0)
            return {option: _nothing_ticked(values, ticked, beside) for option, values in found.items()}
        return found

    def _answered_beside(self, own: Sequence[int]) -> np.ndarray:
        """Who answered the recognised questions next to these columns: a blank check-list between them means none of it."""
        texts = {self.layout.single.get(name) for name in ("comment", "traits_other")}
        others = {place for place in self.layout.single.values() if place not in own} - texts
        beside = [
            max((p for p in others if p < min(own)), default=None),
            min((p for p in others if p > max(own)), default=None),
        ]
        answered = np.ones(len(self.cells), dtype=bool)
        for place in (place for place in beside if place is not None):
            answered &= (self.cells.iloc[:, place] != "").to_numpy()
        return answered

    def _joined(
        self, target: str, texts: pd.Series, options: Sequence[Option], prefix: str
    ) -> dict[str, np.ndarray]:
        """A check-list joined in one cell; an empty cell is none of it where the questions beside it are answered."""
        wordings = answers.wordings(options)
        none = frozenset(answers.plain(token) for token in self.aliases.tokens["nothing_chosen"])
        places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
        table = np.zeros((len(distinct), len(options)), dtype=np.float32)
        order = {option.id: number for number, option in enumerate(options)}
        left = []
        for number, text in enumerate(distinct):
            ids, rest = answers.chosen(str(text), wordings, none)
            table[number, [order[option] for option in ids]] = 1
            if not str(text).strip():
                table[number] = np.nan
            left.append(rest)
        rests = np.array(left, dtype=object)[places]
        if target == "traits":
            self.reading.frame.attrs["traits_rest"] = rests
            self._tell_leftovers(rests, texts)
        else:
            self.note("impossible_value", target, rests != "", texts)
        beside = self._answered_beside([self.layout.single[target]])
        ticked = (table[places] == 1).any(axis=1)
        return {
            f"{prefix}{option}": _nothing_ticked(table[places, number], ticked, beside)
            for option, number in order.items()
        }

    def _tell_leftovers(self, rests: np.ndarray, texts: pd.Series) -> None:
        """Texts of a check-list that hold no option as a whole item, in many answers: another separator, or other wordings."""
        filled, left = int((texts != "").sum()), int((rests != "").sum())
        if left < _LEAST_LEFT or left <= _MOST_LEFT * filled:
            return
        first = int(np.flatnonzero(rests != "")[0])
        self.reading.findings.append(
            Finding(
                "warning",
                self.reading.where,
                f"ข้อความใน traits ของ {left:,} จาก {filled:,} รายไม่ใช่ตัวเลือกของแบบสอบถาม จึงนับเป็นข้อความอื่น — ตรวจตัวคั่น (ใช้ ;) และถ้อยคำ",
                f"In {left:,} of {filled:,} answers traits holds words that are no option and count as other text; check the"
                " separator (use ;) and the wording.",
                row=int(self.rows[first]),
                column="traits",
                rule="survey.unread_items",
            )
        )

    def ranking(self, questionnaire: Questionnaire) -> dict[str, np.ndarray]:
        """The rank of every aspect, from one column per aspect, per place, or one cell holding the whole order."""
        aspects = questionnaire.aspects
        meaning = answers.rank_meaning(len(aspects), self.aliases)
        found: dict[str, np.ndarray] = {}
        for aspect in aspects:
            if (texts := self.column(aspect.id)) is not None:
                found[aspect.id], impossible = answers.numbers(texts, meaning, self.values.get("rank"))
                self.note("impossible_value", aspect.id, impossible, texts)
        if found or not aspects:
            return found
        if self.layout.places:
            return answers.ranks_from_places(self.cells, self.layout.places, aspects, self.note)
        if (texts := self.column("ranking")) is not None:
            return answers.ranks_from_orders(texts, aspects, self.note)
        return {}

    def texts(self) -> dict[str, np.ndarray]:
        """Free texts, for the analysts' desk only."""
        found = {}
        for column in ("traits_other", "comment"):
            if (texts := self.column(column)) is not None:
                found[column] = _stripped(texts)
        for place in self.layout.comments:
            more = _stripped(self.cells.iloc[:, place])
            both = (found["comment"] != "") & (more != "")
            found["comment"] = found["comment"] + np.where(both, " / ", "") + more
        rest = self.reading.frame.attrs.pop("traits_rest", None)
        if rest is not None and (rest != "").any():
            own = found.get("traits_other", np.full(len(rest), "", dtype=object))
            found["traits_other"] = np.where(own == "", rest, own)
        return found


# ----------------------------------------------------------------------------------------------------
# Cleaning by declared rules: what is wrong with the answers, and what was done about it.
#
# Goes in: a ``RawAnswers`` and the rules of ``survey_cleaning.toml``. Comes out: ``Cleaned``: the respondents that count and
# a log with the row of every breach. Blank is an answer not given, never an error; items that do not apply to a
# respondent's group (``optional_for``; hearing 5.4, no. 4) do not count as left blank.
# ----------------------------------------------------------------------------------------------------

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

    def counts(self, rules: CleaningRules) -> pd.DataFrame:
        """``rule,count,action,note_th``: breaches per rule in declared order; rules without one are left out."""
        counted = [
            (rule.id, sum(len(b.rows) for b in self.breaches if b.rule == rule.id), rule.action, rule.name.th)
            for rule in rules.by_id.values()
        ]
        return pd.DataFrame(
            [row for row in counted if row[1]], columns=["rule", "count", "action", "note_th"]
        ).astype({"count": "int64"})

    def findings(self, rules: CleaningRules) -> list[Finding]:
        """One finding per breach with its row, at most fifty a rule and column; for the operator's screen only."""
        found: list[Finding] = []
        for breach in self.breaches:
            found += _findings_of(breach, rules, self.where)
        return found

    def log(self, rules: CleaningRules) -> pd.DataFrame:
        """``rule,row,column,action``: every breach, for the analysts' desk."""
        rows = [
            (breach.rule, int(row), breach.column, rules[breach.rule].action)
            for breach in self.breaches
            for row in breach.rows
        ]
        return pd.DataFrame(rows, columns=["rule", "row", "column", "action"])


def clean(
    reading: RawAnswers, questionnaire: Questionnaire, quarter: pd.Period, rules: CleaningRules
) -> Cleaned:
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
    The frame has one row per respondent kept by the cleaning rules; see ``RawAnswers``. A file that must be refused
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
        self, reading: RawAnswers, questionnaire: Questionnaire, rules: CleaningRules, quarter: pd.Period
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
        """Later answers under an id that came before; blank ids do not count as repeated."""
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
        if "moment" not in self.frame or self.quarter == NO_QUARTER:
            return
        day = 86400.0
        margin = self.rules.number("outside_quarter", "days") * day
        start = self.quarter.start_time.timestamp() - margin
        end = self.quarter.end_time.timestamp() + margin
        seconds = self.frame["moment"].to_numpy()
        self.found("outside_quarter", "timestamp", (seconds < start) | (seconds > end))


def _findings_of(breach: Breach, rules: CleaningRules, where: str) -> list[Finding]:
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
