"""The issue document: sentences with their numbers and cells, written down by a schema, and no text outside of it."""

import json
import re
from typing import get_args

import jsonschema
import pytest

from reporter.domain.declarations import asset
from reporter.domain.edition import Width
from reporter.domain.errors import RenderError
from reporter.figures.chart import WIDTHS
from reporter.report import document as issue_json
from reporter.report import templating
from reporter.report.document import Claim, FigureBlock, Paragraph
from reporter.report.numbers import Number
from reporter.report.templating import Writer
from tests.report.issues import context, document, index_tables, whole_document, whole_tables
from tests.support.tables import empty_tables, sparse_tables

pytestmark = pytest.mark.slow

ISSUES = {
    "whole": (whole_document, whole_tables),
    "sparse": (lambda: document(sparse_tables("2025-Q3")), lambda: sparse_tables("2025-Q3")),
    "empty": (lambda: document(empty_tables()), empty_tables),
}


@pytest.fixture(scope="module", params=ISSUES, name="written")
def _written(request):
    made, tables = ISSUES[request.param]
    return issue_json.record({"report": {"th": made()}}, tables(), context())


def sentences(value):
    """Every sentence of a part of ``issue.json``, wherever it stands."""
    if isinstance(value, dict):
        if "spans" in value:
            yield value
        for part in value.values():
            yield from sentences(part)
    elif isinstance(value, list):
        for part in value:
            yield from sentences(part)


def test_it_is_what_its_schema_says(written):
    schema = json.loads(asset("templates", "report", issue_json.SCHEMA).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(written, allow_nan=False)))


def test_the_schema_knows_every_width_of_a_chart():
    """The made-up issues hold no pictures: the sample's charts beside their text broke the schema unseen."""
    text = asset("templates", "report", issue_json.SCHEMA).read_text(encoding="utf-8")
    assert json.dumps(list(WIDTHS)) in re.sub(r"\s+", " ", text).replace("[ ", "[").replace(" ]", "]")
    assert set(WIDTHS) == set(get_args(Width)) - {"phone"}


def test_the_text_of_a_sentence_is_that_of_its_spans(written):
    for sentence in sentences(written):
        joined = "".join("\n" if span["kind"] == "break" else span["text"] for span in sentence["spans"])
        assert joined.strip() == sentence["text"]
        assert "\ue000" not in sentence["text"]


def test_every_number_names_cells_that_the_tables_have(written):
    numbers = [span for item in sentences(written) for span in item["spans"] if span["kind"] == "number"]
    assert all(span["cells"] for span in numbers)
    known = [cell for span in numbers for cell in span["cells"] if "function" not in cell]
    assert all(cell["value"] is not None for cell in known)


def test_a_simple_number_is_the_value_of_its_cell():
    record = issue_json.record({"report": {"th": whole_document()}}, whole_tables(), context())
    simple = [
        span
        for item in sentences(record)
        for span in item["spans"]
        if span["kind"] == "number" and " " not in span["cell"] and "function" not in span["cells"][0]
    ]
    assert len(simple) > 50
    assert all(span["cells"][0]["value"] == span["value"] for span in simple)


def test_marks_become_spans_and_claims_and_sentences_end_where_they_say():
    number = Number(98.64, "t?a=b#c")
    claim = Claim("direction", "up", {"of": "t?a=b#c"})
    found = templating.sentences(
        f"ดัชนีอยู่ที่  {templating.number_mark(number, '98.6')}\n จุด {templating.claim_mark(claim)}{templating.STOP} อีก &lt;ประโยค "
    )
    assert [item.text for item in found] == ["ดัชนีอยู่ที่ 98.6 จุด", "อีก <ประโยค"]
    assert [span.cell for span in found[0].numbers] == ["t?a=b#c"]
    assert found[0].claims == [claim]


def test_markup_in_a_sentence_is_refused():
    with pytest.raises(RenderError, match="markup"):
        templating.sentences("ก <b>ข</b>")


def test_text_outside_of_the_tags_is_refused():
    made = document(index_tables(overall=[100.0]))
    with pytest.raises(RenderError, match="outside"):
        Writer({}, {}).write_chapter(made.chapters[0], lambda: "ลอย")


def test_every_figure_and_table_is_spoken_of_before_it_stands():
    for part in whole_document().parts:
        for section in part.sections:
            for place, block in enumerate(section.blocks):
                if isinstance(block, FigureBlock):
                    earlier = [item for item in section.blocks[:place] if isinstance(item, Paragraph)]
                    assert earlier, block.id
