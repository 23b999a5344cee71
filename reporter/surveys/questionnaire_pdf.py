"""Paper for the field: the questionnaire and the sampling plan as PDF.

Goes in: a ``Questionnaire``, a plan. Comes out: PDF bytes, typeset from ``templates/survey/``. The wording is that of
the declarations, so that paper, form and index never differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import jinja2
import pandas as pd

from reporter.domain.assets import asset
from reporter.domain.declarations import Declarations, Item, Questionnaire
from reporter.domain.thai import count
from reporter.pdf import Metadata, typeset
from reporter.surveys.forms import INFORMAL, PART_1, blocks
from reporter.surveys.responses import KINDS
from reporter.surveys.sampling import names_of

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
            {"text": text, "options": options} for text, options in _demographics(questionnaire, declarations)
        ],
        "scale": [word for _, word, _ in questionnaire.scale],
        "blocks": [
            {"title": title.th, "questions": [_question(item, group) for item in items]}
            for title, items in blocks(questionnaire)
        ],
        "has_optional": any(item.optional_for for item in questionnaire.items),
        "questions": [
            {"text": question.text.th, "options": [option.name.th for option in question.options]}
            for question in questionnaire.questions
        ],
        "note": "ฉบับแรงงานนอกระบบและผู้ประกอบอาชีพอิสระ" if group == INFORMAL else "",
        "actions": [option.name.th for option in questionnaire.actions],
        "traits": [option.name.th for option in questionnaire.traits],
        "aspects": [option.name.th for option in questionnaire.aspects],
        "last_part": (5 if is_worker else 4) + bool(questionnaire.questions),
        "open_question": (
            "ความพึงพอใจของท่านต่อนายจ้าง องค์กร และอาชีพการทำงาน"
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
    """The sampling plan: a page of provinces, then a tally sheet per province. Raises RenderError."""
    names = names_of(declarations)
    provinces = [
        _province(str(code), cells, names) for code, cells in planned.groupby("province", sort=False)
    ]
    content = {"total": count(int(planned["quota"].sum())), "error": error, "provinces": provinces}
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
    questionnaire: Questionnaire, declarations: Declarations
) -> list[tuple[str, tuple[str, ...]]]:
    """Questions of part 1 with their options; provinces are written in."""

    def names(kind: str) -> tuple[str, ...]:
        return tuple(group.name.th for group in declarations.groups_of(kind))

    asked = [
        (question.text.th, tuple(o.name.th for o in question.options))
        for question in questionnaire.demographics
    ]
    asked += [
        (PART_1[column].th, names(kind))
        for column, kind in KINDS.items()
        if column not in ("province", "work_type")
    ]
    if questionnaire.id == "worker":
        asked.append((PART_1["work_type"].th, names("WORK")))
    return [*asked, (PART_1["province"].th, ())]


def _question(item: Item, group: str) -> str:
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
