"""Electronic forms from the declared questionnaire: XLSForm for KoboToolbox and ODK, a survey file for LimeSurvey.

Goes in: a ``Questionnaire``. Comes out: the bytes of an .xlsx and the text of a .txt that the two programs import. The
codes of questions and answers are those that the reader knows (``reporter.surveys.columns``), so that what comes back
needs no mapping; the wording is that of the declarations, so that paper, form and index never differ. The workers'
questionnaire has two forms: one for employees, one with the wording for informal and own-account workers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2
import pandas as pd
import xlsxwriter

from reporter.domain.declarations import Choice, Declarations, Name, Option, Questionnaire, SurveyItem, asset
from reporter.domain.thai import count
from reporter.pdf import Metadata, typeset
from reporter.surveys.answers import Breach, form_code
from reporter.surveys.responses import KINDS, TRAIT, RawAnswers
from reporter.surveys.sampling import by_region, names_of

INFORMAL = "STATUS:informal"
_Add = Callable[..., None]
_LANGUAGES = (("th", "ไทย (th)"), ("en", "English (en)"))
_SURVEY_COLUMNS = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "appearance",
    "default",
)
# Questions of part 1 whose options are the declared groups.
PART_1 = {
    "province": Name("จังหวัดที่ทำงาน", "Province of work"),
    "industry": Name("ประเภทอุตสาหกรรมของสถานประกอบการ", "Industry of the establishment"),
    "status": Name("สถานะการจ้างงาน", "Employment status"),
    "skill": Name("ระดับทักษะของแรงงาน", "Skill of the worker"),
    "work_type": Name("ลักษณะการทำงาน", "Kind of work"),
}
# Headings of the rated part: the study's own (lines 6616 and 6719); an own-account worker has no employer to be satisfied with.
PART_2 = {
    "employer": "ความพึงพอใจของนายจ้างต่อการทำงาน ความรู้ ทักษะ และจริยธรรมของแรงงานในสถานประกอบการของตน",
    "worker": "ความพึงพอใจของแรงงานต่อนายจ้าง อาชีพการงานของตน และการคาดการณ์แนวโน้มเศรษฐกิจ",
    INFORMAL: "ความพึงพอใจต่ออาชีพการงานของตน และการคาดการณ์แนวโน้มเศรษฐกิจ",
}
# The same where the worker has no establishment and no superior.
_INFORMAL_WORDS = {
    "industry": Name("ประเภทอุตสาหกรรมของงานหรือกิจการ", "Industry of the work or business"),
    "actions": Name(
        "ในช่วง 6 เดือนที่ผ่านมา ผู้ว่าจ้างหรือลูกค้าหลักของคุณได้ดำเนินการด้านใดบ้าง",
        "What have those who give you work done in the last six months?",
    ),
}
_NAMED = {
    "intro": Name(
        "คำตอบของท่านเป็นความลับ ใช้ในภาพรวมเท่านั้น และไม่เผยแพร่เป็นรายบุคคล",
        "Your answers are confidential, used in totals only and never published for a person.",
    ),
    "establishment_id": Name(
        "รหัสสถานประกอบการ (เจ้าหน้าที่เป็นผู้กรอก)", "Establishment code (filled in by the officer)"
    ),
    "actions": Name(
        "ในช่วง 6 เดือนที่ผ่านมา องค์กรของคุณได้ดำเนินการด้านใดบ้าง",
        "What has your organisation done in the last six months?",
    ),
    "traits": Name("คุณลักษณะและทักษะของแรงงานที่จำเป็น", "Traits and skills that workers need"),
    "traits_other": Name("อื่น ๆ โปรดระบุ", "Other, please specify"),
    "ranking": Name(
        "จัดลำดับความสำคัญของแต่ละด้านของการทำงาน จากมากที่สุดไปน้อยที่สุด",
        "Rank these aspects of work from the most important to the least",
    ),
    "comment": Name("ความคิดเห็นเพิ่มเติม", "Further comments"),
    "nothing": Name("ไม่มีการดำเนินการ", "None of these"),
    "other": Name("อื่น ๆ", "Other"),
    "general": Name("ความพึงพอใจในภาพรวม", "Overall satisfaction"),
    "optional": Name(
        "เว้นได้หากไม่เกี่ยวข้องกับงานของท่าน", "May be left blank where it does not apply to your work"
    ),
}


@dataclass
class _Sheets:
    """Rows of the three sheets of an XLSForm."""

    survey: list[dict[str, object]] = field(default_factory=list)
    choices: list[tuple[str, str, Name]] = field(default_factory=list)

    def ask(self, kind: str, name: str, label: Name | None = None, **more: object) -> None:
        """One row of the sheet ``survey``."""
        self.survey.append({"type": kind, "name": name, "label": label, **more})

    def offer(self, name: str, options: Iterable[tuple[str, Name]]) -> None:
        """One list of the sheet ``choices``."""
        self.choices += [(name, code, label) for code, label in options]


def xlsform(questionnaire: Questionnaire, declarations: Declarations, group: str = "") -> bytes:
    """The questionnaire as an XLSForm.

    group  ``STATUS:informal``: the workers' form in the wording for informal and own-account workers
    """
    sheets = _Sheets()
    for name in ("start", "end"):
        sheets.ask(name, name)
    sheets.ask("note", "intro", _NAMED["intro"])
    _part_1(sheets, questionnaire, declarations, group)
    _ratings(sheets, questionnaire, group)
    _lists(sheets, questionnaire, group)
    for question in questionnaire.questions:
        sheets.ask(f"select_one {question.id}", question.id, question.wording(group))
        sheets.offer(question.id, [(option.id, option.name) for option in question.options])
    sheets.ask("text", "comment", _NAMED["comment"], appearance="multiline")
    return _workbook(sheets, questionnaire, group)


def _part_1(sheets: _Sheets, questionnaire: Questionnaire, declarations: Declarations, group: str) -> None:
    sheets.ask("begin_group", "part1", Name("ส่วนที่ 1 ข้อมูลทั่วไป", "Part 1: about you"), appearance="field-list")
    for column, kind in KINDS.items():
        if column == "work_type" and questionnaire.id != "worker":
            continue
        default = group.partition(":")[2] if group.startswith(f"{kind}:") else ""
        look = "minimal autocomplete" if column in ("province", "industry") else ""
        sheets.ask(
            f"select_one {column}",
            column,
            _words(column, group),
            required="yes",
            appearance=look,
            default=default,
        )
        groups = declarations.groups_of(kind)
        sheets.offer(column, [(entry.code.partition(":")[2], entry.name) for entry in groups])
    for question in questionnaire.demographics:
        sheets.ask(f"select_one {question.id}", question.id, question.wording(group))
        sheets.offer(question.id, [(option.id, option.name) for option in question.options])
    sheets.ask("text", "establishment_id", _NAMED["establishment_id"])
    sheets.ask("end_group", "")


def _ratings(sheets: _Sheets, questionnaire: Questionnaire, group: str) -> None:
    """One page per domain; the scale from "agree most" down, as on paper."""
    english = ("Agree most", "Agree much", "Agree moderately", "Agree little", "Do not agree")
    words = [
        (str(rating), Name(word, en))
        for (rating, word, _), en in zip(questionnaire.scale, english, strict=True)
    ]
    sheets.offer("rating", words)
    for number, (title, items) in enumerate(blocks(questionnaire, group), start=1):
        sheets.ask("begin_group", f"part2_{number}", title, appearance="field-list")
        for item in items:
            hint = _NAMED["optional"] if group and group in item.optional_for else None
            sheets.ask("select_one rating", form_name(item), item.wording(group), hint=hint)
        sheets.ask("end_group", "")


def _words(name: str, group: str) -> Name:
    """The wording of a question that every questionnaire has, in the form of a group."""
    own = _INFORMAL_WORDS.get(name) if group == INFORMAL else None
    return own or PART_1.get(name) or _NAMED[name]


def _lists(sheets: _Sheets, questionnaire: Questionnaire, group: str) -> None:
    """Check-lists and the ranking."""
    alone = "not(selected(., 'nothing') and count-selected(.) > 1)"
    if questionnaire.actions:
        sheets.ask("select_multiple actions", "actions", _words("actions", group), constraint=alone)
        sheets.offer("actions", [*_named(questionnaire.actions, group), ("nothing", _NAMED["nothing"])])
    if questionnaire.traits:
        sheets.ask("select_multiple traits", "traits", _NAMED["traits"], constraint=alone)
        others = [("other", _NAMED["other"]), ("nothing", _NAMED["nothing"])]
        sheets.offer("traits", [*_named(questionnaire.traits), *others])
        sheets.ask("text", "traits_other", _NAMED["traits_other"], relevant="selected(${traits}, 'other')")
    if questionnaire.aspects:
        sheets.ask("rank ranking", "ranking", _NAMED["ranking"])
        sheets.offer("ranking", _named(questionnaire.aspects, group))


def _named(options: Sequence[Option], group: str = "") -> list[tuple[str, Name]]:
    return [(option.id, option.wording(group)) for option in options]


def blocks(questionnaire: Questionnaire, group: str = "") -> list[tuple[Name, list[SurveyItem]]]:
    """Items by domain, each domain where its first item stands; items outside the domains stand where the declaration has them."""
    titles = {domain.id: domain.wording(group) for domain in questionnaire.domains}
    found: list[tuple[Name, list[SurveyItem]]] = []
    own: dict[str, list[SurveyItem]] = {}
    last = None
    for item in questionnaire.items:
        known = own.get(item.domain) if item.domain or last == "" else None
        if known is None:
            title = titles.get(item.domain, _NAMED["general"])
            known = own[item.domain] = []
            found.append((Name(f"{item.domain}. {title.th}", title.en) if item.domain else title, known))
        known.append(item)
        last = item.domain
    return found


def form_name(item: SurveyItem) -> str:
    """An item's name in forms: ``q1_1``, for XPath and Stata know no points in names."""
    return item.column.replace(".", "_")


def form_id(questionnaire: Questionnaire, group: str = "") -> str:
    """Identifier of a form: ``labour_confidence_worker_informal``."""
    return "_".join(filter(None, ("labour_confidence", questionnaire.id, group.partition(":")[2])))


def _workbook(sheets: _Sheets, questionnaire: Questionnaire, group: str) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    translated = ("label", "hint")
    header = [
        name
        for column in _SURVEY_COLUMNS
        for name in ([f"{column}::{title}" for _, title in _LANGUAGES] if column in translated else [column])
    ]
    rows: list[list[object]] = [list(header)]
    for entry in sheets.survey:
        row: list[object] = []
        for column in _SURVEY_COLUMNS:
            value = entry.get(column) or ""
            if column in translated:
                row += [value.th, value.en] if isinstance(value, Name) else ["", ""]
            else:
                row.append(value)
        rows.append(row)
    _fill(book.add_worksheet("survey"), rows)
    header = ["list_name", "name", *(f"label::{title}" for _, title in _LANGUAGES)]
    _fill(
        book.add_worksheet("choices"),
        [header, *([n, c, label.th, label.en] for n, c, label in sheets.choices)],
    )
    title = _title(questionnaire, group)
    settings = [
        ["form_title", "form_id", "default_language"],
        [title, form_id(questionnaire, group), _LANGUAGES[0][1]],
    ]
    _fill(book.add_worksheet("settings"), settings)
    book.close()
    return buffer.getvalue()


def _title(questionnaire: Questionnaire, group: str) -> str:
    return questionnaire.name.th + (" (แรงงานนอกระบบและผู้ประกอบอาชีพอิสระ)" if group == INFORMAL else "")


def _fill(sheet: xlsxwriter.worksheet.Worksheet, rows: Sequence[Sequence[object]]) -> None:
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write_string(number, column, str(value))


def limesurvey(questionnaire: Questionnaire, declarations: Declarations, group: str = "") -> str:
    """The questionnaire as LimeSurvey's tab-separated survey file (import: "Survey structure (.txt)").

    Codes hold letters and digits only and answers five at most, as LimeSurvey wants; the reader knows them as well as
    the full answers.
    """
    rows: list[dict[str, str]] = []

    def add(kind: str, name: str, text: str, scale: str = "", mandatory: str = "") -> None:
        rows.append(
            {
                "class": kind,
                "type/scale": scale,
                "name": name,
                "text": text,
                "language": "th",
                "mandatory": mandatory,
            }
        )

    rows.append({"class": "S", "name": "language", "text": "th"})
    rows.append({"class": "S", "name": "format", "text": "G"})
    add("SL", "surveyls_title", _title(questionnaire, group))
    add("SL", "surveyls_welcometext", _NAMED["intro"].th)
    add("G", "ส่วนที่ 1 ข้อมูลทั่วไป", "")
    for column, kind in KINDS.items():
        if column != "work_type" or questionnaire.id == "worker":
            add("Q", column.replace("_", ""), _words(column, group).th, "!", "Y")
            for entry in declarations.groups_of(kind):
                add("A", form_code(entry.code.partition(":")[2]), entry.name.th, "0")
    for question in questionnaire.demographics:
        _choice(add, question, group)
    add("Q", "establishmentid", _NAMED["establishment_id"].th, "S", "N")
    for title, items in blocks(questionnaire, group):
        add("G", title.th, "")
        code = f"q{items[0].domain}" if items[0].domain else form_name(items[0]).replace("_", "") + "group"
        add("Q", code, title.th, "F")
        for item in items:
            sub = item.column.partition(".")[2] if item.domain else item.column.replace("_", "")
            add("SQ", sub, item.wording(group).th)
        for rating, word, _ in questionnaire.scale:
            add("A", str(rating), word, "0")
    _lime_lists(add, questionnaire, group)
    for question in questionnaire.questions:
        _choice(add, question, group)
    add("Q", "comment", _NAMED["comment"].th, "T")
    return _tab_separated(rows)


def _choice(add: _Add, question: Choice, group: str) -> None:
    add("Q", question.id.replace("_", ""), question.wording(group).th, "L", "N")
    for option in question.options:
        add("A", form_code(option.id), option.name.th, "0")


def _lime_lists(add: _Add, questionnaire: Questionnaire, group: str) -> None:
    add("G", "ส่วนที่ 3", "")
    for name, options in (("actions", questionnaire.actions), ("traits", questionnaire.traits)):
        if options:
            add("Q", name, _words(name, group).th, "M")
            for option in options:
                add("SQ", option.id.replace("_", ""), option.wording(group).th)
    if questionnaire.traits:
        add("Q", "traitsother", _NAMED["traits_other"].th, "S")
    if questionnaire.aspects:
        add("Q", "ranking", _NAMED["ranking"].th, "R")
        for option in questionnaire.aspects:
            add("A", option.id, option.wording(group).th, "0")


def _tab_separated(rows: Sequence[dict[str, str]]) -> str:
    columns = ["id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language"]
    columns += ["validation", "mandatory", "other", "default", "same_default"]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", delimiter="\t", lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows, start=1):
        writer.writerow(
            {"id": str(number), "relevance": "1" if row["class"] in ("Q", "SQ", "G") else "", **row}
        )
    return "\ufeff" + buffer.getvalue()


# ----------------------------------------------------------------------------------------------------
# Paper for the field: the questionnaire and the sampling plan as PDF.
#
# Goes in: a ``Questionnaire``, a plan. Comes out: PDF bytes, typeset from ``templates/survey/``. The wording is that of
# the declarations, so that paper, form and index never differ.
# ----------------------------------------------------------------------------------------------------

_MINISTRY = "กระทรวงแรงงาน"
_UNDATED = dt.datetime(
    2025, 1, 1
)  # paper without a date of its own: the same declarations give the same bytes


def questionnaire_html(questionnaire: Questionnaire, declarations: Declarations, group: str = "") -> str:
    """The questionnaire as one HTML document; ``group``: the form in the wording for ``STATUS:informal``."""
    is_worker = questionnaire.id == "worker"
    sheet = {
        "title": questionnaire.name.th,
        "running": questionnaire.index_name.th,
        "index_name": questionnaire.index_name.th,
        "ministry": _MINISTRY,
        "demographics": [
            {"text": text, "options": options, "marked": marked}
            for text, options, marked in _demographics(questionnaire, declarations, group)
        ],
        "part_2": PART_2.get(group, PART_2[questionnaire.id]),
        "scale": [word for _, word, _ in questionnaire.scale],
        "blocks": [
            {"title": title.th, "questions": [_question(item, group) for item in items]}
            for title, items in blocks(questionnaire, group)
        ],
        "has_optional": any(item.optional_for for item in questionnaire.items),
        "questions": [
            {"text": question.wording(group).th, "options": [option.name.th for option in question.options]}
            for question in questionnaire.questions
        ],
        "note": "ฉบับแรงงานนอกระบบและผู้ประกอบอาชีพอิสระ" if group == INFORMAL else "",
        "actions_title": "การดำเนินงานของผู้ว่าจ้าง" if group == INFORMAL else "การดำเนินงานของนายจ้าง",
        "actions_text": _words("actions", group).th,
        "actions": [option.wording(group).th for option in questionnaire.actions],
        "traits": [option.name.th for option in questionnaire.traits],
        "aspects": [option.wording(group).th for option in questionnaire.aspects],
        "last_part": (5 if is_worker else 4) + bool(questionnaire.questions),
        "open_question": (
            (
                "ความพึงพอใจของท่านต่องานหรือกิจการ ผู้ว่าจ้าง และอาชีพการทำงาน"
                if group == INFORMAL
                else "ความพึงพอใจของท่านต่อนายจ้าง องค์กร และอาชีพการทำงาน"
            )
            if is_worker
            else "ความคิดเห็นต่อสถานการณ์ของแรงงานในองค์กรของท่าน"
        ),
    }
    return _render("questionnaire.html.j2", sheet=sheet)


def questionnaire_pdf(questionnaire: Questionnaire, declarations: Declarations, group: str = "") -> bytes:
    """The questionnaire, ready to be printed. Raises RenderError."""
    return _typeset(questionnaire_html(questionnaire, declarations, group), questionnaire.name.th)


def guide_html(questionnaire: Questionnaire) -> str:
    """The interviewer's guide: how to draw, how to ask, what each question means."""
    guide = {
        "title": f"คู่มือผู้สัมภาษณ์ {questionnaire.name.th}",
        "running": "คู่มือผู้สัมภาษณ์",
        "is_worker": questionnaire.id == "worker",
        "scale": [word for _, word, _ in questionnaire.scale],
        "blocks": [
            {
                "title": title.th,
                "items": [
                    {
                        "text": _question(item, ""),
                        "informal": item.text_for[INFORMAL].th if INFORMAL in item.text_for else "",
                        "meaning": item.meaning,
                        "negative": item.negative,
                        "optional": bool(item.optional_for),
                    }
                    for item in items
                ],
            }
            for title, items in blocks(questionnaire)
        ],
    }
    return _render("guide.html.j2", guide=guide)


def guide_pdf(questionnaire: Questionnaire) -> bytes:
    """The interviewer's guide, ready to be printed. Raises RenderError."""
    return _typeset(guide_html(questionnaire), f"คู่มือผู้สัมภาษณ์ {questionnaire.name.th}")


def plan_pdf(planned: pd.DataFrame, error: str, declarations: Declarations) -> bytes:
    """The sampling plan: sums by region, a page of provinces, then a tally sheet per province. Raises RenderError."""
    names = names_of(declarations)
    provinces = [
        _province(str(code), cells, names) for code, cells in planned.groupby("province", sort=False)
    ]
    regions = [
        {
            "name": declarations.groups[str(row["region"])].name.th,
            "provinces": count(row["provinces"]),
            "population": count(row["population"]),
            "size": count(row["quota"]),
        }
        for row in by_region(planned, declarations).to_dict("records")
    ]
    total = count(int(planned["quota"].sum()))
    content = {"total": total, "error": error, "regions": regions, "provinces": provinces}
    return _typeset(_render("sampling.html.j2", plan=content), "แผนการเก็บตัวอย่าง")


def _province(code: str, cells: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    kinds = [kind for kind in ("industry", "status") if kind in cells]
    rows = [
        {"name": " / ".join(names[row[kind]] for kind in kinds), "quota": count(row["quota"])}
        for row in cells.to_dict("records")
        if kinds and row["quota"]
    ]
    first = cells.iloc[0]
    return {
        "name": names[code],
        "population": count(first["province_population"]),
        "size": count(first["province_n"]),
        "cells": rows,
    }


def _demographics(
    questionnaire: Questionnaire, declarations: Declarations, group: str
) -> list[tuple[str, tuple[str, ...], str]]:
    """Questions of part 1 with their options, and the option that the form of a group has marked; provinces are written in."""
    asked = [
        (question.wording(group).th, tuple(o.name.th for o in question.options), "")
        for question in questionnaire.demographics
    ]
    columns = [name for name in KINDS if name not in ("province", "work_type")]
    columns += ["work_type"] if questionnaire.id == "worker" else []
    for column in columns:
        groups = declarations.groups_of(KINDS[column])
        marked = next((one.name.th for one in groups if one.code == group), "")
        asked.append((_words(column, group).th, tuple(one.name.th for one in groups), marked))
    return [*asked, (_words("province", group).th, (), "")]


def _question(item: SurveyItem, group: str) -> str:
    number = f"{item.column[1:]} " if item.column[1:2].isdigit() else ""
    mark = "\u00a0*" if item.optional_for else ""
    return f"{number}{item.wording(group).th}{mark}"


def _render(template: str, **content: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates", "survey")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**content)


def _typeset(html: str, title: str) -> bytes:
    metadata = Metadata(title=title, author=_MINISTRY, subject=title, created=_UNDATED)
    return typeset(html, assets=asset("templates", "survey"), metadata=metadata)


# ----------------------------------------------------------------------------------------------------
# Several exports of one quarter as one file: the two forms of the workers' survey come back as two.
#
# Goes in: what was read of every file. Comes out: one table in the columns of the contract, cell by cell as text, so that
# cleaning finds in it what it would have found in each file.
# ----------------------------------------------------------------------------------------------------

_BOX = "traits/"  # a column of 0 and 1 for every trait: a list in one cell cannot tell no answer from none of the boxes


def joined(readings: Sequence[RawAnswers], names: Sequence[str]) -> pd.DataFrame:
    """One table of all respondents; ids that occur in more than one file get their file's name in front.

    names  of the files, in the order of ``readings``
    """
    tables = [_contract_table(reading) for reading in readings]
    ids = [set(table["respondent_id"]) - {""} for table in tables if "respondent_id" in table]
    if sum(map(len, ids)) > len(set().union(*ids)):
        for table, name in zip(tables, names, strict=True):
            if "respondent_id" in table:
                own = table["respondent_id"]
                table["respondent_id"] = own.where(own == "", name + ":" + own)
    return pd.concat(tables, ignore_index=True).fillna("")


def _contract_table(reading: RawAnswers) -> pd.DataFrame:
    """The answers of one file as the contract writes them; impossible cells stand as they were found."""
    frame = reading.frame
    names = [str(name) for name in frame.columns]
    named = {name: _BOX + name.removeprefix(TRAIT) for name in names if name.startswith(TRAIT)}
    named["moment"] = "timestamp"
    table = pd.DataFrame(
        {named.get(name, name): _texts(name, frame[name]) for name in names if name != "row"}
    )
    place = pd.Series(range(len(frame)), index=frame["row"])
    for breach in reading.breaches:
        if (column := _column(breach, table)) is not None:
            table.loc[place[breach.rows].to_numpy(), column] = list(breach.values)
    first = [name for name in ("respondent_id", *KINDS) if name in table]
    return table[[*first, *(name for name in table if name not in first)]]


def _texts(name: str, values: pd.Series) -> pd.Series:
    """A column as text: codes as they are, numbers without needless digits, moments as date and time."""
    if name == "moment":
        moments = pd.to_datetime(values, unit="s").dt.strftime("%Y-%m-%d %H:%M:%S")
        return moments.astype(object).where(values.notna(), "")
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(["" if value != value else f"{value:.10g}" for value in values.tolist()])
    return pd.Series(["" if pd.isna(value) else str(value) for value in values.tolist()])


def _column(breach: Breach, table: pd.DataFrame) -> str | None:
    """The joined table's column of an impossible cell; None for lists and rankings that stood in one cell."""
    known = [name for name in (breach.column, _BOX + breach.column) if name in table and breach.values]
    return known[0] if known else None


def unplaced(reading: RawAnswers) -> dict[str, int]:
    """Impossible cells of check-lists and rankings in one cell, which have no column in the joined table: counts by column."""
    table = _contract_table(reading)
    return {breach.column: len(breach.rows) for breach in reading.breaches if _column(breach, table) is None}
