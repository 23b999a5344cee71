"""The manuals: the Thai guide to the desk, the methods as they are declared, and every message of the program with its English.

Goes in: ``templates/desk/guide/th.md``, the declarations, the rules of ``data/rules``, the program's own sources. Comes out: pages as HTML with
their sections; the desk and the website show the same ones. Nothing here is written by hand twice: a changed declaration changes the manual.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reporter.domain.declarations import Declarations, Indicator, asset

_THAI = re.compile("[ก-๛]")
_ENGLISH = re.compile("[A-Za-z]{2}")
_UNITS = {
    "percent": "ร้อยละ", "pp": "จุดร้อยละ", "percent_of_mean": "ร้อยละของค่าเฉลี่ย", "per_1000": "ต่อพัน", "percent_growth": "ร้อยละ (อัตราการขยายตัว)",
    "baht": "บาท", "baht_per_month": "บาทต่อเดือน", "baht_per_person": "บาทต่อคน", "hours_per_week": "ชั่วโมงต่อสัปดาห์", "index": "ดัชนี",
    "positions": "ตำแหน่ง", "persons": "คน",
}  # fmt: skip
_OFTEN = {"M": "รายเดือน", "Q": "รายไตรมาส", "A": "รายปี", "Y": "รายปี"}
_RULES = {
    "wording": "เกณฑ์ของถ้อยคำในรายงาน",
    "newest": "เกณฑ์ตรวจค่าล่าสุด",
    "survey_cleaning": "เกณฑ์ตรวจคำตอบแบบสำรวจ",
    "survey_reading": "การอ่านคำตอบแบบสำรวจ",
}


class Manual(NamedTuple):
    """A manual as HTML of the program's own words, with id and title of its sections."""

    html: str
    contents: list[tuple[str, str]]


def _rendered(markdown: str, pictures: str = "") -> Manual:
    """Markdown as HTML; sections get ids, pictures an address."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    contents = _sections(tokens, pictures)
    html: str = parser.renderer.render(tokens, parser.options, {})
    return Manual(html.replace("<th>", '<th scope="col">').replace("<pre>", '<pre tabindex="0">'), contents)


def _sections(tokens: list[Token], pictures: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            found.append((f"g-{len(found) + 1}", tokens[place + 1].content))
            token.attrSet("id", found[-1][0])
        for inner in token.children or ():
            if inner.type == "image":
                inner.attrSet("src", f"{pictures}{inner.attrGet('src')}")
                inner.attrSet("loading", "lazy")
    return found


def guide(pictures: str = "") -> Manual:
    """The Thai guide; ``pictures`` stands before their names."""
    return _rendered(asset("templates", "desk", "guide", "th.md").read_text(encoding="utf-8"), pictures)


def guide_pictures() -> list[Path]:
    """Files of the guide's pictures."""
    return sorted(asset("templates", "desk", "guide").glob("*.png"))


# ---------------------------------------------------------------------------------------------- methods, as declared


def methods(declarations: Declarations) -> Manual:
    """What is measured how: dimensions with their indicators, surveys, thresholds of words and checks."""
    return _rendered("\n".join(_methods(declarations)))


def _methods(declarations: Declarations) -> Iterator[str]:
    yield "# คู่มือวิธีการ: สิ่งที่วัดและเกณฑ์ที่ใช้"
    yield "\nสร้างจากนิยามของโปรแกรม จึงตรงกับที่คำนวณเสมอ วิธีคำนวณดัชนีและการพยากรณ์อยู่ในภาคผนวกและเล่มเทคนิคของรายงาน\n"
    for dimension in declarations.dimensions.values():
        yield f"\n## มิติ{dimension.name.th}\n\n{dimension.description.th}\n"
        yield _table(
            ("ตัวชี้วัด", "รหัส", "หน่วย", "ความถี่", "แหล่ง", "ค่าสูงหมายถึง", "แปลงเป็น", "เผยแพร่หลังสิ้นงวด (วัน)"),
            (_indicator(one, declarations) for one in declarations.members(dimension.id)),
        )
        for one in declarations.members(dimension.id):
            computed = one.formula or " และ ".join(one.components)
            if computed:
                yield f"\n- {one.name.th}: คำนวณจาก `{computed}`"
            if one.notes.th:
                yield f"\n- {one.name.th}: {one.notes.th}"
    for survey in declarations.questionnaires.values():
        yield f"\n## แบบสำรวจ: {survey.name.th}\n"
        how = "เฉลี่ยทุกข้อ" if survey.aggregation == "items" else "เฉลี่ยด้าน แล้วเฉลี่ยทุกด้าน"
        yield f"\n{survey.index_name.th}: {how} คะแนนตั้งแต่ 0 ถึง 200 โดย 100 คือไม่เปลี่ยนแปลง\n"
        domains = {one.id: one.name.th for one in survey.domains}
        yield _table(
            ("ข้อคำถาม", "คอลัมน์", "ด้าน", "กลับทิศ"),
            ((one.text.th, f"`{one.column}`", domains.get(one.domain, one.domain), "ใช่" if one.negative else "–") for one in survey.items),
        )  # fmt: skip
    yield "\n## แหล่งข้อมูล\n"
    yield _table(("รหัส", "แหล่ง"), ((f"`{one.id}`", one.name.th) for one in declarations.sources.values()))
    for name, title in _RULES.items():
        yield f"\n## {title}\n\nไฟล์ `rules/{name}.toml` ของพื้นที่งานใช้แทนได้ หมายเหตุในไฟล์บอกเหตุผลของแต่ละค่า\n"
        text = asset("data", "rules", f"{name}.toml").read_text(encoding="utf-8")
        yield f"\n```\n{text.rstrip()}\n```\n"


def _indicator(one: Indicator, declarations: Declarations) -> tuple[str, ...]:
    source = declarations.sources.get(one.source)
    return (
        one.name.th,
        f"`{one.id}`",
        _UNITS.get(one.unit, one.unit),
        _OFTEN.get(str(one.frequency), str(one.frequency)),
        source.name.th if source else one.source,
        "ดีขึ้น" if one.polarity == 1 else "แย่ลง",
        "ระดับ" if one.transform == "level" else "อัตราการเปลี่ยนแปลง",
        str(one.publication_lag_days),
    )


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# ---------------------------------------------------------------------------------------------- messages of the program

_PARTS: Mapping[str, str] = {
    "inputs": "อ่านไฟล์ของพื้นที่งาน", "checks": "ตรวจข้อมูล", "sources": "ดึงข้อมูลและรับไฟล์ของหน่วยงาน", "surveys": "แบบสำรวจ", "measures": "ตัวชี้วัด",
    "index": "ดัชนีและการพยากรณ์", "pipeline": "สร้างรายงาน", "report": "เขียนรายงาน", "figures": "แผนภูมิ", "pdf": "PDF", "qa": "ตรวจเล่ม",
    "exports": "ส่งออก", "delivery": "อนุมัติ ส่ง และเผยแพร่", "commands": "คำสั่ง", "desk": "โต๊ะงาน", "domain": "งวดและนิยาม", "runtime": "เครื่องและแคช",
    "sample": "พื้นที่งานใหม่และตัวอย่าง", "": "ทั่วไป",
}  # fmt: skip


def messages() -> Manual:
    """Every message of the program, Thai and English side by side, by the part that says it; ``…`` stands for a value."""
    by_part: dict[str, list[tuple[str, str, str]]] = {}
    for part, th, en, rule in _said():
        by_part.setdefault(part, []).append((th, en, rule))
    lines = [
        "# อภิธานข้อความของโปรแกรม",
        "\nข้อความแต่ละข้อบอกสิ่งที่พบและวิธีแก้หลังเครื่องหมาย — จุดไข่ปลา … คือค่าที่พบ ค้นในหน้านี้ด้วย Ctrl+F คำสั่ง `reporter --messages th` แสดงเฉพาะภาษาไทย\n",
    ]
    for part, title in _PARTS.items():
        if part in by_part:
            lines.append(f"\n## {title}\n")
            rows = ((_plain(th), _plain(en), f"`{rule}`" if rule else "–") for th, en, rule in by_part[part])
            lines.append(_table(("ข้อความ", "English", "กฎ"), rows))
    return _rendered("\n".join(lines))


def _plain(text: str) -> str:
    """Words as words: nothing in a message is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!~])", r"\\\1", _cell(text).replace("\\|", "|")).replace("|", "\\|")


@cache
def _said() -> tuple[tuple[str, str, str, str], ...]:
    """Part, Thai, English and rule of every message that the sources hold, each once."""
    found: dict[tuple[str, str], tuple[str, str, str, str]] = {}
    package = asset("reporter") if asset("reporter").is_dir() else Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).parts
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (pair := _pair(node)):
                rule = next((_words(one.value) for one in node.keywords if one.arg == "rule"), "")
                found.setdefault(pair, (parts[0] if len(parts) > 1 else "", *pair, rule))
    return tuple(found.values())


def _pair(node: ast.Call) -> tuple[str, str] | None:
    """The Thai words of a call and the English ones right after them; None where it says nothing."""
    said = [_words(one) for one in node.args]
    for th, en in pairwise(said):
        is_sentence = bool(_THAI.search(th)) and (" " in th.strip() or len(th) > 12)
        if is_sentence and en and not _THAI.search(en) and _ENGLISH.search(en):
            return th, en
    return None


def _words(node: ast.expr) -> str:
    """The words of a string in the source, values as ``…``; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values)
    return ""
