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
from reporter.surveys.sampling import names_of

_MINISTRY = "กระทรวงแรงงาน"
_UNDATED = dt.datetime(
    2025, 1, 1
)  # paper without a date of its own: the same declarations give the same bytes
_SHARED = (
    ("เพศ", ("ชาย", "หญิง")),
    ("อายุ (ปี)", ()),
    ("ระดับการศึกษาสูงสุด", ("ต่ำกว่ามัธยมศึกษา", "มัธยมศึกษา", "ปวช. หรือ ปวส.", "ปริญญาตรี", "สูงกว่าปริญญาตรี")),
    ("อาชีพ", ()),
    ("รายได้ส่วนตัวเฉลี่ยต่อเดือน (บาท)", ()),
    ("ระดับตำแหน่งในองค์กร", ("ผู้บริหาร", "หัวหน้างาน", "ผู้ปฏิบัติงาน")),
)
_EMPLOYER_LAST = (("ระดับความคุ้นเคยกับพนักงาน", ("มาก", "ปานกลาง", "น้อย")),)


def questionnaire_html(questionnaire: Questionnaire, declarations: Declarations) -> str:
    """The questionnaire as one HTML document."""
    is_worker = questionnaire.id == "worker"
    sheet = {
        "title": questionnaire.name.th,
        "running": questionnaire.index_name.th,
        "index_name": questionnaire.index_name.th,
        "ministry": _MINISTRY,
        "demographics": [
            {"text": text, "options": options} for text, options in _demographics(declarations, is_worker)
        ],
        "scale": [word for _, word, _ in questionnaire.scale],
        "blocks": _blocks(questionnaire),
        "has_optional": any(item.optional_for for item in questionnaire.items),
        "actions": [option.name.th for option in questionnaire.actions],
        "traits": [option.name.th for option in questionnaire.traits],
        "aspects": [option.name.th for option in questionnaire.aspects],
        "last_part": 5 if is_worker else 4,
        "open_question": (
            "ความพึงพอใจของท่านต่อนายจ้าง องค์กร และอาชีพการทำงาน"
            if is_worker
            else "ความคิดเห็นต่อสถานการณ์ของแรงงานในองค์กรของท่าน"
        ),
    }
    return _render("questionnaire.html.j2", sheet=sheet)


def questionnaire_pdf(questionnaire: Questionnaire, declarations: Declarations) -> bytes:
    """The questionnaire, ready to be printed. Raises RenderError."""
    return _typeset(questionnaire_html(questionnaire, declarations), questionnaire.name.th)


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


def _demographics(declarations: Declarations, is_worker: bool) -> list[tuple[str, tuple[str, ...]]]:
    def names(kind: str) -> tuple[str, ...]:
        return tuple(group.name.th for group in declarations.groups_of(kind))

    asked: list[tuple[str, tuple[str, ...]]] = [*_SHARED, ("ประเภทอุตสาหกรรม", names("INDUSTRY"))]
    asked += [("สถานะการจ้างงาน", names("STATUS")), ("ระดับทักษะของแรงงาน", names("SKILL"))]
    if is_worker:
        asked.append(("ลักษณะการทำงาน", names("WORK")))
    asked += [("จังหวัดที่ทำงาน", ()), ("ระยะเวลาการทำงานในบริษัท (ปี)", ())]
    return asked if is_worker else [*asked, *_EMPLOYER_LAST]


def _blocks(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """Items by domain in the questionnaire's order; items outside the domains stand where the declaration has them."""
    titles = {domain.id: f"{domain.id}. {domain.name.th}" for domain in questionnaire.domains}
    blocks: list[dict[str, Any]] = []
    for item in questionnaire.items:
        title = titles.get(item.domain, "ความพึงพอใจในภาพรวม")
        if not blocks or blocks[-1]["title"] != title:
            blocks.append({"title": title, "questions": []})
        blocks[-1]["questions"].append(_question(item))
    return blocks


def _question(item: Item) -> str:
    number = f"{item.column[1:]} " if item.column[1:2].isdigit() else ""
    return f"{number}{item.text.th}{' *' if item.optional_for else ''}"


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
