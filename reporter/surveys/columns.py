"""Which column of a survey file holds which question.

Goes in: the first rows of a ``AnswerGrid`` and the questionnaire. Comes out: a ``AnswerLayout``: the header's row and, for every
target of the contract, the columns that answer it. Recognised are the columns of contract.md, a mapping file, the
declared aliases, and the questionnaire's own wording as Google Forms, Microsoft Forms and LimeSurvey export it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import arabic_digits
from reporter.surveys import answers
from reporter.surveys.answers import Breach, numbering, parts, plain
from reporter.surveys.file_reader import Aliases, AnswerGrid, CleaningRules
from reporter.surveys.file_reader import Mapping as SourceMapping

DEMOGRAPHICS = ("province", "industry", "status", "skill", "work_type")
_HEADER_SEARCH = 15  # rows: title, unit and notes above a header take fewer
_ALIKE = 0.9  # a letter in ten: a slip of the typist, not another question
_ALIKE_WITH_NUMBER = 0.6  # a number that fits allows a shortened wording
_PLACE = re.compile(r"(?:อันดับ|ลำดับ|rank|ranking)(?:ที่)?([1-9])$")
_CUT_LENGTH = (
    24  # form programs cut headers at thirty characters, Stata at thirty-two, numbering and group included
)
_LIKELY = 0.45  # a renamed column shares about half of its letters with its old name
_REMARKS = "comment"  # a file with the contract's own column has no other one of that meaning
_ID = "respondent_id"
# What stands in the second header row of a form export where the question has no options.
_ANSWER = frozenset(map(plain, ("Response", "Open-Ended Response", "Answer", "คำตอบ", "ตอบ")))
# A box that is no option ("other", "none of these"): its words stand in a column of their own, its tick says nothing more.
_NO_OPTION = "box"
_FOREIGN = 3  # one or two shared names may be chance; three columns of the other survey are its file


@dataclass
class AnswerLayout:
    """Where the answers stand in a grid.

    header    row of the header, counted from 0; columns: column numbers by target
    single    target -> column: items, demographics, action1.., rank1.., comment, joined check-lists
    ticks     trait id -> column, where a form split its check-list over columns
    places    rank -> column holding the aspect put on that rank
    reworded  target -> header that was accepted although its wording differs
    twice     targets that two columns claim, with the later header
    comments  further columns of remarks: a form may ask for suggestions and for other opinions
    unknown   headers nobody recognised, with their columns
    """

    header: int
    headers: list[str]
    single: dict[str, int] = field(default_factory=dict)
    ticks: dict[str, int] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    reworded: dict[str, str] = field(default_factory=dict)
    twice: list[tuple[str, str]] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)

    @property
    def recognised(self) -> int:
        """How many columns are understood."""
        return len(self.single) + len(self.ticks) + len(self.places)


@dataclass(frozen=True)
class Wordings:
    """Every wording that names a target, in plain form; ``beside``: boxes of a check-list that are no options."""

    names: Mapping[str, str]
    questions: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, str]
    beside: frozenset[str] = frozenset()


def lexicon(questionnaire: Questionnaire, aliases: Aliases) -> Wordings:
    """Names, question texts and options of a questionnaire, ready to be compared with headers."""
    columns = [item.column for item in questionnaire.items]
    columns += [option.id for option in (*questionnaire.actions, *questionnaire.aspects)]
    names = {column.lower(): column for column in columns}
    names |= {plain(column): column for column in columns if plain(column) not in names and "." not in column}
    for target, known in aliases.columns.items():
        names |= {alias.lower(): target for alias in known}
        names |= {plain(alias): target for alias in known if plain(alias) not in names}
    for choice in (*questionnaire.demographics, *questionnaire.questions):
        for text in (
            choice.id,
            *(t for own in (choice.text, *choice.text_for.values()) for t in (own.en, own.th)),
        ):
            names.setdefault(text.lower(), choice.id)
            names.setdefault(plain(text), choice.id)
    for item in questionnaire.items:  # the same question as another group is asked it
        names |= {plain(text): item.column for own in item.text_for.values() for text in (own.th, own.en)}
    questions = {
        plain(text): item.column
        for item in questionnaire.items
        for text in (item.text.en, item.text.th)
        if text
    }
    numbers = {item.column[1:]: item.column for item in questionnaire.items if item.column.startswith("q")}
    options = {
        "actions": answers.wordings(questionnaire.actions),
        "ranking": answers.wordings(questionnaire.aspects),
        "traits": answers.wordings(questionnaire.traits),
    }
    others = {plain(alias) for alias in aliases.columns["traits_other"]}
    beside = frozenset(map(plain, aliases.tokens["nothing_chosen"])) | others
    return Wordings(names, questions, options, numbers, beside)


def find_layout(grid: AnswerGrid, words: Wordings, mapping: SourceMapping | None) -> AnswerLayout:
    """The layout under the row that is understood best; title rows above it do not matter.

    Some programs write options, or the word "Response", in a second header row: the row after a good header is looked at too.
    """
    best, is_good = AnswerLayout(0, []), False
    for number in range(min(_HEADER_SEARCH, len(grid.cells))):
        layout = _layout(grid, number, words, mapping)
        # One column more may be an answer that reads like an option: a second header row has a whole check-list.
        gain = layout.recognised - best.recognised
        if gain > int(is_good) or not best.headers or (gain == 0 and is_good and _says_answer(grid, number)):
            best = layout
        if is_good:
            break
        is_good = (
            best.recognised > len(words.questions) // 2
        )  # both languages: all items would be half of them
    _accept_reworded(best, words)
    return best


def _says_answer(grid: AnswerGrid, number: int) -> bool:
    """Whether a row holds nothing but words for "answer", as a second header row does."""
    texts = {plain(text) for text in grid.row(number) if text.strip()}
    return bool(texts) and texts <= _ANSWER


def _layout(grid: AnswerGrid, number: int, words: Wordings, mapping: SourceMapping | None) -> AnswerLayout:
    above = grid.row(number - 1) if number else []
    headers = [text.strip() for text in grid.row(number)]
    # A header merged over two rows leaves its lower cell empty: what stands above names the column.
    headers = [
        above[i].strip() if (not text or plain(text) in _ANSWER) and i < len(above) else text
        for i, text in enumerate(headers)
    ]
    layout = AnswerLayout(number, headers)
    for column, header in enumerate(headers):
        if not header:
            continue
        if target := (mapping.target(header) if mapping else None) or _exact(header, words):
            _place(layout, target, column, header)
        else:
            layout.unknown[header] = column
    return layout


def _accept_reworded(layout: AnswerLayout, words: Wordings) -> None:
    """Give headers that nearly are a question's wording to that question, if no other column claims it."""
    for header, column in list(layout.unknown.items()):
        guess = _cut_short(header, words) or _alike(header, words)
        if guess and guess not in layout.single:
            layout.single[guess] = column
            layout.reworded[guess] = header
            del layout.unknown[header]


def _exact(header: str, words: Wordings) -> str | None:
    """Target of a header by name, alias, question text or option; None if no wording fits exactly."""
    # KoboToolbox writes the page's name before the question's, ODK Central does it with a hyphen.
    header = re.sub(r"^part[0-9_]+[/-]", "", header)
    if target := words.names.get(header.lower()):
        return target
    found = parts(header)
    lead = plain(re.sub(r"\[[^\]]*\]\s*$", "", header)) if "[" in header else ""
    # Kobo names the boxes of a check-list traits/teamwork: an option, whatever item has the same words.
    group, box = _box(header)
    scope = words.names.get(lead, "") or words.names.get(plain(re.split(r"[/.:-]", group)[-1]), "")
    for part in (*found[1:], box) if scope else ():
        if target := _option(plain(part), words, scope):
            return target
    if scope in words.options and plain(box) in words.beside:
        return _NO_OPTION
    # LimeSurvey turns q1.1 into q1_1 or q1[1]; the separator must be there, or question 11 would be taken for 1.1.
    # Kobo puts the group in front: g_rate/q1_1, others with a dot or a colon; a typist writes ข้อ 1.1.
    if match := re.fullmatch(
        r"(?:\w+[/.:-])*(?:[qQ]|(?:ข้อ|ข้อที่|item|question)\s*)(\d)[._\[](\d)\]?", arabic_digits(header)
    ):
        return words.numbers.get(f"{match[1]}.{match[2]}")
    for part in (*found[1:], re.split(r"[-/:.]", header)[-1]):
        if target := words.names.get(part.strip().lower()):
            return target
    for part in found:
        bare = plain(part)
        if target := words.questions.get(bare) or words.names.get(bare):
            return target
    for part in found:
        if target := _option(plain(part), words, ""):
            return target
        if match := _PLACE.search(plain(part)):
            return f"place:{match[1]}"
    return None


def _box(header: str) -> tuple[str, str]:
    """Question and box of a header such as ``traits/teamwork``; Kobo lets its users choose other separators."""
    group, separator, box = re.match(r"(.*?)([/.:-]?)([^/.:-]*)\Z", header, re.DOTALL).groups()  # type: ignore[union-attr]
    return (group, box) if separator else ("", header)


def _option(bare: str, words: Wordings, scope: str) -> str | None:
    for kind, options in words.options.items():
        if scope in ("", kind) and bare in options:
            return f"tick:{options[bare]}" if kind == "traits" else options[bare]
    return None


def _place(layout: AnswerLayout, target: str, column: int, header: str) -> None:
    kind, _, name = target.partition(":")
    if target == _NO_OPTION:
        return
    if kind == "tick":
        taken = layout.ticks.setdefault(name, column) != column
    elif kind == "place":
        taken = layout.places.setdefault(int(name), column) != column
    else:
        taken = layout.single.setdefault(target, column) != column
    if (
        taken and target == _ID
    ):  # form programs number answers twice (_id and _uuid); the contract's own column counts
        first = layout.single[_ID]
        is_own = header.strip().lower() == _ID
        layout.single[_ID] = column if is_own else first
        layout.unknown[layout.headers[first] if is_own else header] = first if is_own else column
    elif taken and target == _REMARKS and _REMARKS not in (header, layout.headers[layout.single[_REMARKS]]):
        layout.comments.append(column)
    elif taken:
        layout.twice.append((target, header))


def _alike(header: str, words: Wordings) -> str | None:
    """Item whose wording is nearly the header's; its number in front lowers what "nearly" must be."""
    by_column = {column: text for text, column in words.questions.items()}
    for part in parts(header):
        bare = plain(part)
        numbered = words.numbers.get(numbering(part))
        if numbered and _likeness(bare, by_column[numbered]) >= _ALIKE_WITH_NUMBER:
            return numbered
        near = difflib.get_close_matches(bare, list(words.questions), n=1, cutoff=_ALIKE)
        if near and len(bare) >= 8:
            return words.questions[near[0]]
    return None


def _cut_short(header: str, words: Wordings) -> str | None:
    """Target of a header that a form program cut after thirty characters or so: the one wording that begins like it."""
    for part in parts(header):
        bare = plain(part)
        if len(part.strip()) < _CUT_LENGTH:
            continue
        known = dict(words.questions)
        for options in words.options.values():
            known |= options
        fitting = {
            target for wording, target in known.items() if wording.startswith(bare) and wording != bare
        }
        if len(fitting) == 1:
            return fitting.pop()
    return None


def _likeness(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def refuse_wrong_file(
    layout: AnswerLayout, questionnaire: Questionnaire, declarations: Declarations, where: str
) -> None:
    """Raise InputError when the columns are not this survey's: too few items, or another survey's columns."""
    columns = [item.column for item in questionnaire.items]
    missing = [column for column in columns if column not in layout.single]
    foreign = sorted(
        _own_columns(declarations, questionnaire) & {_bare_name(header) for header in layout.unknown}
    )
    if len(foreign) >= _FOREIGN and len(missing) >= _FOREIGN:
        raise _refused(
            where,
            f"มีคอลัมน์ของแบบสำรวจอื่น ({', '.join(foreign[:5])}) และขาด {', '.join(missing[:5])} — วางแฟ้มไว้ผิดโฟลเดอร์หรือไม่",
            f"Holds another survey's columns ({', '.join(foreign[:5])}) and lacks {', '.join(missing[:5])};"
            " is it in the wrong folder?",
            layout.header + 1,
        )
    if 2 * len(missing) > len(columns):
        raise _refused(
            where,
            f"พบข้อให้คะแนนเพียง {len(columns) - len(missing)} จาก {len(columns)} ข้อ — ตรวจหัวตาราง หรือสั่ง reporter map เพื่อเสนอแฟ้มจับคู่ใน surveys/mappings/",
            f"Only {len(columns) - len(missing)} of {len(columns)} rated items found; check the header, or let reporter map"
            " propose a mapping for surveys/mappings/.",
            layout.header + 1,
        )
    if layout.twice:
        target, header = layout.twice[0]
        place = layout.single.get(target, layout.ticks.get(target.partition(":")[2]))
        first = layout.headers[place] if place is not None else target
        raise _refused(
            where,
            f"มีสองคอลัมน์ที่เป็น {target.replace(':', ' ')} คือ “{first[:60]}” และ “{header[:60]}” — ลบหรือเปลี่ยนชื่อคอลัมน์หนึ่ง",
            f"Two columns are {target.replace(':', ' ')}, “{first[:60]}” and “{header[:60]}”; delete or rename one.",
            layout.header + 1,
        )


def _bare_name(header: str) -> str:
    """A column's name as the contract writes it: without the pages that forms put in front, ``q1_4`` as ``q1.4``."""
    name = header.strip().lower().rpartition("/")[2]
    return re.sub(r"(?:part[0-9_]+-)?q([0-9])[_\[]([0-9])\]?\Z", r"q\1.\2", name)


def _own_columns(declarations: Declarations, questionnaire: Questionnaire) -> set[str]:
    """Columns of the other questionnaires that this one does not have."""

    def columns(entry: Questionnaire) -> set[str]:
        return {item.column for item in entry.items} | {o.id for o in (*entry.actions, *entry.aspects)}

    others = [entry for entry in declarations.questionnaires.values() if entry.id != questionnaire.id]
    return set().union(*map(columns, others)) - columns(questionnaire) if others else set()


def refuse_other_scale(
    frame: pd.DataFrame, breaches: Sequence[Breach], items: Sequence[str], rules: CleaningRules, where: str
) -> None:
    """Raise InputError when an item has so many impossible answers that it must be on another scale."""
    share, count = (
        rules.number("impossible_value", "refuse_share"),
        rules.number("impossible_value", "refuse_count"),
    )
    findings = []
    for breach in breaches:
        if breach.column not in items or len(breach.rows) < count:
            continue
        answered = int(frame[breach.column].notna().sum()) + len(breach.rows)
        if len(breach.rows) > share * answered:
            seen = ", ".join(list(dict.fromkeys(value[:12] for value in breach.values))[:4])
            findings.append(
                Finding(
                    "error",
                    where,
                    f"คำตอบ {len(breach.rows)} จาก {answered} ช่องไม่ใช่ 5 ถึง 1 หรือคำไทยตามมาตร (พบ {seen}) — แปลงเป็นมาตร 5 ระดับ"
                    " หรือเขียน [values.rating] ในแฟ้มจับคู่",
                    f"{len(breach.rows)} of {answered} answers are neither 5 to 1 nor the scale's Thai words (found {seen});"
                    " convert them, or write [values.rating] in a mapping.",
                    row=int(breach.rows[0]),
                    column=breach.column,
                    rule="survey.other_scale",
                )
            )
    if findings:
        raise InputError(f"{where} ใช้มาตรอื่น", f"{where} is on another scale.", findings)


def structure_findings(layout: AnswerLayout, questionnaire: Questionnaire, where: str) -> list[Finding]:
    """Missing items and groups, accepted rewordings, unknown columns."""
    row = layout.header + 1
    found = [
        _missing(
            where,
            row,
            item.column,
            f"ไม่มีข้อ {item.column} ({item.text.th}) — ดัชนีคิดจากข้อที่เหลือ และเทียบไตรมาสด้วยข้อที่มีทั้งสองไตรมาส",
            f"Item {item.column} is missing; the index uses the others, and quarters are compared on the items"
            " both have.",
        )
        for item in questionnaire.items
        if item.column not in layout.single
    ]
    found += [
        _missing(
            where,
            row,
            column,
            f"ไม่มีคอลัมน์ {column} — ไม่มีผลจำแนกตามกลุ่มนี้",
            f"Column {column} is missing; there will be no results by it.",
        )
        for column in DEMOGRAPHICS
        if column not in layout.single and (column != "work_type" or questionnaire.id == "worker")
    ]
    found += [_missing_question(layout, where, target) for target in _lacking(layout, questionnaire)]
    found += [
        Finding(
            "note",
            where,
            f"รับ “{header[:60]}” เป็นข้อ {target} แม้ถ้อยคำต่างจากแบบสอบถาม",
            f"“{header[:60]}” was taken for {target} although the wording differs.",
            row=row,
            column=target,
            rule="survey.reworded",
        )
        for target, header in layout.reworded.items()
    ]
    if layout.unknown:
        names = ", ".join(f"“{header[:30]}”" for header in list(layout.unknown)[:6])
        found.append(
            Finding(
                "note",
                where,
                f"ไม่ใช้ {len(layout.unknown)} คอลัมน์ที่ไม่รู้จัก: {names}",
                f"{len(layout.unknown)} unknown columns are not used: {names}",
                row=row,
                rule="survey.unknown_column",
            )
        )
    return found


def _lacking(layout: AnswerLayout, questionnaire: Questionnaire) -> list[str]:
    """Actions, aspects and the traits' check-list that no column answers."""
    have = set(layout.single)
    actions = [] if "actions" in have else [one.id for one in questionnaire.actions if one.id not in have]
    ranked = "ranking" in have or layout.places
    aspects = [] if ranked else [one.id for one in questionnaire.aspects if one.id not in have]
    traits = ["traits"] if questionnaire.traits and "traits" not in have and not layout.ticks else []
    return [*actions, *aspects, *traits]


def _missing_question(layout: AnswerLayout, where: str, target: str) -> Finding:
    """A question outside the items that the file lacks, with the column that may be it under another name."""
    near = difflib.get_close_matches(
        target, [plain(header) for header in layout.unknown], n=1, cutoff=_LIKELY
    )
    likely = [header for header in layout.unknown if near and plain(header) == near[0]] or list(
        layout.unknown
    )[:3]
    hint_th = f" อาจเป็นคอลัมน์ {', '.join(likely)}" if likely else ""
    hint_en = f"; it may be the column {', '.join(likely)}" if likely else ""
    return _missing(
        where,
        layout.header + 1,
        target,
        f"ไม่มีคอลัมน์ {target}{hint_th} — แก้ชื่อคอลัมน์ หรือเขียนแฟ้มจับคู่ใน surveys/mappings/",
        f"Column {target} is missing{hint_en}; rename it, or write a mapping in surveys/mappings/.",
    )


def _missing(where: str, row: int, column: str, th: str, en: str) -> Finding:
    return Finding("warning", where, th, en, row=row, column=column, rule="survey.missing_column")


def _refused(where: str, th: str, en: str, row: int) -> InputError:
    finding = Finding("error", where, th, en, row=row, rule="survey.wrong_file")
    return InputError(
        f"{where} ไม่ใช่คำตอบของแบบสำรวจนี้", f"{where} does not hold this survey's answers.", [finding]
    )


# ----------------------------------------------------------------------------------------------------
# Faults of whole columns that identify respondents, groups or weights, reported before any answer is used.
#
# Goes in: the cells and the layout of a survey file. Comes out: findings, or an InputError where respondents cannot be distinguished: ids that lost
# their digits, one person's address several times, a group column under another name, weights that decide the index.
# ----------------------------------------------------------------------------------------------------

_POWER = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}\Z")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
# Words that a header about a group has whatever else it says.
_WORDS = {"province": "จังหวัด", "industry": "อุตสาหกรรม", "skill": "ทักษะ", "work_type": "ลักษณะการทำงาน"}
_KINDS = {"province": "PROVINCE", "industry": "INDUSTRY", "skill": "SKILL", "work_type": "WORK"}
_MOSTLY = 0.9  # of the answers must be groups of the kind: a comment about provinces is not a province
_WEIGHTLESS_SHARE = 0.05  # weights of nought stand for the few who do not count; more are a fault
_LEAST_GROUP = 5  # smaller groups are suppressed in any case (disclosure)
_LARGEST_SHARE = 0.05  # one respondent in twenty of the whole weight: the index then says what that one said
_LARGEST_TIMES = 10.0  # ... unless the file is so small that others weigh a tenth of it


def recognise_by_values(
    cells: pd.DataFrame, layout: AnswerLayout, declarations: Declarations, aliases: Aliases, reading: Any
) -> None:
    """Give a group's column to the header in other words whose answers are groups of that kind; it is noted as reworded."""
    for target, word in _WORDS.items():
        if target in layout.single:
            continue
        meaning, _ = answers.code_meaning(declarations.groups_of(_KINDS[target]), aliases, target)
        for header, place in list(layout.unknown.items()):
            if plain(word) not in plain(header):
                continue
            texts = [str(text) for text in cells.iloc[:, place] if str(text).strip()]
            known = sum(isinstance(meaning(text), str) for text in texts)
            if texts and known >= _MOSTLY * len(texts):
                layout.single[target] = place
                layout.reworded[target] = header
                del layout.unknown[header]
                break
    reading.columns = {
        **reading.columns,
        **{target: layout.headers[layout.single[target]] for target in layout.single},
    }


def refuse_lost_ids(cells: pd.DataFrame, layout: AnswerLayout, where: str) -> None:
    """Raise InputError for ids that a spreadsheet turned into powers of ten: different people then have one id."""
    place = layout.single.get("respondent_id")
    if place is None:
        return
    ids = cells.iloc[:, place]
    is_lost = [_POWER.match(str(text).strip()) is not None for text in ids.to_numpy()]
    lost = ids[is_lost].astype(str).str.strip()
    if lost.empty or not lost.duplicated().any():
        return
    finding = Finding(
        "error",
        where,
        f'รหัสผู้ตอบ {len(lost):,} แถวเป็นเลขยกกำลัง เช่น "{lost.iloc[0]}" จึงเสียหลักท้ายไปแล้ว — จัดคอลัมน์เป็นข้อความแล้วส่งออกใหม่',
        f'{len(lost):,} ids are powers of ten, as "{lost.iloc[0]}", and have lost their last digits; format the column as text'
        " and export again.",
        row=int(lost.index[0]) + 1,
        column="respondent_id",
        rule="survey.lost_ids",
    )
    raise InputError(f"{where} รหัสผู้ตอบเสียหาย", f"The ids of {where} are damaged.", [finding])


def repeated_addresses(cells: pd.DataFrame, layout: AnswerLayout, where: str) -> list[Finding]:
    """One person several times, by an e-mail column of a file without ids; the address itself is never shown."""
    if "respondent_id" in layout.single:
        return []
    for header, place in layout.unknown.items():
        texts = cells.iloc[:, place].astype(str).str.strip().str.casefold()
        filled = texts[texts != ""]
        if filled.empty or not filled.map(lambda text: bool(_ADDRESS.match(text))).mean() > _MOSTLY:
            continue
        again = filled[filled.duplicated()]
        if again.empty:
            return []
        return [
            Finding(
                "warning",
                where,
                f"ที่อยู่อีเมลซ้ำ {len(again):,} แถว คนเดียวกันอาจตอบหลายครั้ง — ลบแถวที่ซ้ำ หรือใส่คอลัมน์ respondent_id",
                f"{len(again):,} rows repeat an e-mail address, so one person may count several times; delete them, or add"
                " a column respondent_id.",
                row=int(again.index[0]) + 1,
                column=header[:40],
                rule="survey.repeated_person",
            )
        ]
    return []


def odd_weights(cells: pd.DataFrame, layout: AnswerLayout, aliases: Aliases, where: str) -> list[Finding]:
    """One weight that decides the index, and groups that weigh nothing."""
    place = layout.single.get("weight")
    if place is None:
        return []
    weights, _ = answers.numbers(cells.iloc[:, place], answers.weight_meaning(aliases))
    total = float(np.nansum(weights))
    if not total > 0:
        return [
            _weight(
                where,
                "น้ำหนักทุกค่าเป็นศูนย์หรือว่าง — ใส่น้ำหนัก หรือลบคอลัมน์",
                "Every weight is zero or blank; fill them in, or delete the column.",
                None,
            )
        ]
    found = []
    largest = int(np.nanargmax(weights))
    share, times = weights[largest] / total, weights[largest] / np.nanmean(weights)
    if share > _LARGEST_SHARE and times > _LARGEST_TIMES:
        effective = total**2 / float(np.nansum(np.square(weights, dtype=float)))
        found.append(
            _weight(
                where,
                f"ผู้ตอบรายเดียวมีน้ำหนักร้อยละ {100 * share:.0f} ของทั้งหมด ({times:,.0f} เท่าของค่าเฉลี่ย) เท่ากับมีผู้ตอบเพียง {effective:,.1f} ราย"
                " — ตรวจน้ำหนัก",
                f"One respondent has {100 * share:.0f} % of the whole weight ({times:,.0f} times the mean), as if {effective:,.1f} people"
                " had answered; check the weights.",
                int(cells.index[largest]) + 1,
            )
        )
    groups = _weightless_groups(cells, layout, weights, where)
    weightless = int((weights == 0).sum())
    if not groups and weightless >= _LEAST_GROUP and weightless > _WEIGHTLESS_SHARE * len(weights):
        th = f"ผู้ตอบ {weightless:,} จาก {len(weights):,} รายมีน้ำหนักศูนย์ จึงไม่มีผลใด ๆ — ตรวจน้ำหนัก"
        en = f"{weightless:,} of {len(weights):,} respondents weigh nothing and count for nothing; check the weights."
        found.append(_weight(where, th, en, int(cells.index[int(np.argmax(weights == 0))]) + 1))
    return found + groups


def _weightless_groups(
    cells: pd.DataFrame, layout: AnswerLayout, weights: np.ndarray, where: str
) -> list[Finding]:
    found = []
    for column in _KINDS:
        place = layout.single.get(column)
        if place is None:
            continue
        texts = cells.iloc[:, place].astype(str).str.strip()
        sums = (
            pd.Series(np.nan_to_num(weights, nan=1.0), index=texts.index).groupby(texts).agg(["sum", "size"])
        )
        for name, row in sums[
            (sums["sum"] == 0) & (sums.index != "") & (sums["size"] >= _LEAST_GROUP)
        ].iterrows():
            found.append(
                _weight(
                    where,
                    f'ผู้ตอบ {int(row["size"]):,} รายของ {column} "{str(name)[:30]}" มีน้ำหนักศูนย์ทั้งหมด จึงไม่มีผลใด ๆ — ตรวจน้ำหนัก',
                    f'All {int(row["size"]):,} respondents of {column} "{str(name)[:30]}" weigh nothing and count for nothing; check'
                    " the weights.",
                    None,
                )
            )
    return found


def _weight(where: str, th: str, en: str, row: int | None) -> Finding:
    return Finding("warning", where, th, en, row=row, column="weight", rule="survey.weights")
