"""The card of an issue that messengers show beside its address (LINE, Facebook): 1200 x 630 pixels, drawn from the record.

Goes in: a record. Comes out: PNG bytes, the same for the same record. Set as one page by WeasyPrint, because Thai marks need a typesetter,
and drawn by PDFium. Source of the size: the Open Graph protocol's usual 1.91 to 1.
"""

from __future__ import annotations

import io
from html import escape

import pypdfium2
from weasyprint import HTML

from reporter.delivery.built_issue import INDICES
from reporter.delivery.site.archive import Record
from reporter.domain import thai
from reporter.domain.declarations import asset, tokens

WIDTH, HEIGHT = 1200, 630
_HUES = {"labour_index": "navy", "employer": "employers", "worker": "workers"}
_STYLE = """
@font-face {{ font-family: Card; src: url({regular}); }}
@font-face {{ font-family: Card; font-weight: 600; src: url({bold}); }}
@page {{ size: 1200px 630px; margin: 0; background: #ffffff; }}
body {{ font-family: Card; margin: 0; padding: 44px 60px; color: #1B2733; }}
.top {{ color: #5B6B7A; font-size: 26px; margin: 0 330px 0 0; }} h1 {{ font-size: 46px; line-height: 1.35; margin: 10px 0 10px; }}
.story {{ font-size: 31px; line-height: 1.55; margin: 0 0 20px; height: 150px; overflow: hidden; }}
.heads {{ display: flex; }} .heads div {{ width: 350px; margin-right: 15px; padding-top: 10px; }}
.heads p {{ margin: 0; font-size: 23px; line-height: 1.35; }} .heads .value {{ font-size: 62px; font-weight: 600; line-height: 1.25; }}
.mark {{ position: absolute; right: 60px; bottom: 30px; background: #8C1D18; color: #ffffff; font-size: 24px; padding: 4px 16px; }}
"""


def card(record: Record) -> bytes:
    """The issue's card as PNG."""
    style = _STYLE.format(
        regular=asset("fonts", "sarabun", "Sarabun-Regular.ttf").as_uri(),
        bold=asset("fonts", "sarabun", "Sarabun-SemiBold.ttf").as_uri(),
    )
    page = HTML(string=f"<meta charset='utf-8'><style>{style}</style>{_body(record)}").write_pdf()
    document = pypdfium2.PdfDocument(page)
    try:
        sheet = document[0]
        picture = (
            sheet.render(scale=WIDTH / sheet.get_width()).to_pil().convert("RGB").crop((0, 0, WIDTH, HEIGHT))
        )
    finally:
        document.close()
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _body(record: Record) -> str:
    content = record.content
    settings = content["settings"]
    marks = [content["mark"], "ข้อมูลสังเคราะห์" if content["synthetic"] else ""]
    mark = " ".join(part for part in marks if part)
    heads = "".join(_head(key, content["headline"].get(key) or {}) for key in INDICES)
    story = thai.protect(content["sentences"][0]) if content["sentences"] else ""
    marked = f'<p class="mark">{escape(mark)}</p>' if mark else ""
    return (
        f'{marked}<p class="top">{escape(settings["ministry"]["th"])} {escape(settings["division"]["th"])}</p>'
        f'<h1>{escape(thai.protect(content["title"]))}</h1><p class="story">{escape(story)}</p><div class="heads">{heads}</div>'
    )


def _head(key: str, numbers: dict[str, float | None]) -> str:
    if numbers.get("value") is None:
        return ""
    change = numbers.get("change_quarter")
    moved = f"{thai.change(change)} จากไตรมาสก่อน" if change is not None else ""
    colour = tokens().colour[_HUES[key]]
    return (
        f'<div style="border-top: 6px solid {colour}"><p>{escape(INDICES[key])}</p>'
        f'<p class="value">{thai.points(numbers["value"])}</p><p>{escape(moved)}</p></div>'
    )
