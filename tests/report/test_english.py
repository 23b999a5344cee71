"""The English edition: no Thai letter, the same claims as the Thai one, every claim true by the checker."""

import csv
import datetime as dt
import re
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.text import Text

from reporter import qa
from reporter.domain import schema
from reporter.domain.declarations import all_chapters, asset
from reporter.domain.edition import (
    NoEnglishError,
    english_context,
    has_thai,
    names_en,
    quarter_en,
    running,
    translated,
)
from reporter.figures import Figures, all_charts, chart_data, figure_of, picture
from reporter.figures.chart import theme
from reporter.inputs.commentary import Commentary, Factor, SentenceEdit, read_commentary
from reporter.report import english, findings, outlook, pages
from reporter.report.document import FigureBlock, sentences_of, walk
from reporter.report.outlook import load_rules
from tests.support.issue import example_context
from tests.support.tables import example_tables, sparse_tables

pytestmark = pytest.mark.slow

REPORT_CHAPTERS = {item.slug for item in all_chapters() if item.volume == "report"} | {"summary"}


def rows(name):
    with asset("data", "glossary", name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# ------------------------------------------------------------------------------------------------ the phrase book


@pytest.mark.parametrize("name", ["phrases.csv", "terms.csv"])
def test_every_phrase_has_one_english_form_without_thai(name):
    listed = rows(name)
    assert len({row["th"] for row in listed}) == len(listed) > 50
    assert [
        row for row in listed if not row["en"].strip() or has_thai(row["en"]) or not has_thai(row["th"])
    ] == []


def test_numbers_of_a_phrase_are_as_many_in_both_languages():
    assert [row for row in rows("phrases.csv") if row["th"].count("#") != row["en"].count("#")] == []


def test_labels_keep_their_numbers_and_get_christian_years():
    assert translated("ขอบล่าง ร้อยละ 95") == "Lower 95 %"
    assert translated("ไตรมาสที่ 3 ปี 2568") == "Q3 2025"
    assert (
        translated("3/68") == "Q3 25" and translated("4/2567") == "Q4 2024" and translated("2551") == "2008"
    )
    assert translated("อัตราการว่างงาน (ร้อยละ)") == "Unemployment rate (per cent)"
    assert translated("2,551") == "2,551"  # a number of four digits has a separator; only years have none


def test_a_label_that_the_book_does_not_know_is_refused():
    with pytest.raises(NoEnglishError):
        translated("ข้อความที่ไม่มีคำแปล")


def test_english_lists_and_quarters():
    assert names_en(["a", "b", "c"]) == "a, b and c" and names_en(["a"]) == "a" and names_en([]) == ""
    assert quarter_en("2025-Q3") == "the third quarter of 2025"


def test_every_rule_has_english_words():
    book = load_rules()
    made = english.rules_in_english(book)
    assert [rule.id for rule in made.rules] == [rule.id for rule in book.rules]
    words = [word for rule in made.rules for word in (rule.theme, rule.measure)]
    assert not any(has_thai(word) for word in (*words, *made.departments.values(), *made.urgencies.values()))
    assert (
        made.departments.keys() == book.departments.keys() and made.urgencies.keys() == book.urgencies.keys()
    )


def test_a_rule_whose_department_has_no_english_is_left_out_unless_the_workspace_gives_it(tmp_path):
    book = load_rules()
    rule = replace(book.rules[0], id="own", departments=("NEW",))
    more = replace(book, rules=(*book.rules, rule))
    assert "own" not in [item.id for item in english.rules_in_english(more).rules]
    own = tmp_path / "recommendations.en.toml"
    own.write_text(
        '[rule]\nown = ["Theme", "Do it."]\n[departments]\nNEW = "New Department"\n', encoding="utf-8"
    )
    assert english.rules_in_english(more, own).rules[-1].measure == "Do it."


# ------------------------------------------------------------------------------------------------ charts


@pytest.fixture(scope="module")
def context():
    return english_context(example_context())


@pytest.fixture(scope="module")
def tables():
    return example_tables("2025-Q3")


def drawable(tables, context):
    for chart in all_charts():
        data = chart_data(chart, tables, context)
        if chart.declared("CHAPTER") in REPORT_CHAPTERS and not chart.absence(data):
            yield chart, data


@pytest.mark.slow
def test_every_chart_of_the_report_has_english_labels(tables, context):
    for chart, data in drawable(tables, context):
        with theme():
            drawn = picture(chart, data, context)  # raises NoEnglishError where a label has none
            drawn.draw_without_rendering()
        labels = [label.get_text() for label in drawn.findobj(Text)]
        assert not any(has_thai(text) for text in labels), chart.id
        assert not any(re.search(r"\b[1-4]/\d\d\b|^25\d\d$", text) for text in labels), chart.id


def test_figures_of_the_report_are_titled_by_their_finding_in_english(document):
    placed = [
        part
        for chapter in document.chapters
        for section in chapter.sections
        for block in walk(section.blocks)
        for part in (block, getattr(block, "figure", None))
        if isinstance(part, FigureBlock)
    ]
    assert len(placed) > 20
    assert sorted({block.id for block in placed if block.title == block.subject}) == []
    for block in placed:
        assert not has_thai(block.title) and not block.title.endswith("."), block.title
        assert block.subject in block.subtitle
        assert not block.title[0].isdigit(), block.title  # “Figure 2 3 of 7” reads badly


@pytest.mark.parametrize(("text", "said"), [
    ("Layoff rate", "the layoff rate"), ("Vacancies", "vacancies"), ("Real GDP growth", "real GDP growth"),
    ("Labour Economic Index", "the Labour Economic Index"), ("GDP growth", "GDP growth"), ("Wages", "wages"),
])  # fmt: skip
def test_names_within_a_sentence_have_their_article(text, said):
    assert running(text) == said


@pytest.mark.parametrize("names", [outlook.MODEL_NAMES.values(), outlook._BENCHMARKS])
def test_every_model_and_benchmark_of_the_forecast_has_an_english_name(names):
    for name in names:
        assert not has_thai(translated(name))


def test_words_of_charts_have_no_thai_letter_and_no_buddhist_year(tables, context):
    for chart, data in drawable(tables, context):
        figure = figure_of(chart, data, tables, context)
        words = (figure.title, figure.subtitle, figure.alt, figure.source, figure.note)
        assert not any(has_thai(text) for text in words), figure.id
        assert not re.search(r"\b25[56]\d\b", " ".join(words)), figure.id


def test_no_note_of_a_chart_or_table_is_lost_in_english(tables, context, document):
    thai = example_context()
    lost = [
        figure.note
        for chart, data in drawable(tables, thai)
        for figure in [figure_of(chart, data, tables, thai)]
        if figure.note and not figure_of(chart, chart_data(chart, tables, context), tables, context).note
    ]
    notes = {name: sheet.note for name, sheet in findings(tables, thai).sheets.items()}
    lost += [notes[block.id] for block in document.tables if notes.get(block.id) and not block.sheet.note]
    assert lost == []


# ------------------------------------------------------------------------------------------------ the document


def made(tables, context):
    shown = Figures(figure_of(chart, data, tables, context) for chart, data in drawable(tables, context))
    return pages.write(findings(tables, context), shown, tables, context)


@pytest.fixture(scope="module")
def document(tables, context):
    return made(tables, context)


def sentences(document):
    for part in document.parts:
        yield from part.finding
        for section in part.sections:
            for block in walk(section.blocks):
                yield from sentences_of(block)


def test_no_thai_letter_stands_in_the_document_or_on_its_pages(document, context):
    assert [sentence.text for sentence in sentences(document) if has_thai(sentence.text)] == []
    page = pages.print_html(document, context)
    assert re.findall("[^<>]*[\u0e00-\u0e7f][^<>]*", page) == []
    assert '<html lang="en">' in page


def test_the_truth_checker_finds_every_number_and_claim_true(document, tables, context):
    assert qa.check_claims({"report": {"en": document}}, tables, context) == []


def test_it_has_the_chapters_of_the_thai_report_and_claims_nothing_that_the_thai_does_not(document, tables):
    thai = made(tables, example_context())
    assert [part.slug for part in document.parts] == [part.slug for part in thai.parts]
    assert [len(part.sections) for part in document.parts] == [len(part.sections) for part in thai.parts]

    def claims(given):
        return {
            repr(claim.record())
            for sentence in sentences(given)
            for claim in sentence.claims
            if claim.kind != "level"
        }

    more = claims(document) - claims(thai)
    directions = {text for text in more if "'kind': 'direction'" in text}
    assert more - directions == set()


def test_a_quarter_with_little_data_reads_in_english_too():
    quarter = "2025-Q2"
    context, tables = english_context(example_context(quarter)), sparse_tables(quarter)
    document = made(tables, context)
    assert [sentence.text for sentence in sentences(document) if has_thai(sentence.text)] == []
    assert qa.check_claims({"report": {"en": document}}, tables, context) == []


def test_what_the_edition_leaves_out_is_said(document):
    said = " ".join(sentence.text for sentence in sentences(document))
    assert "exist in Thai only" in said


# ------------------------------------------------------------------------------------------------ the analysts' text, QA


def test_english_text_stands_beside_the_thai(tmp_path):
    folder = tmp_path / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    (folder / "labour.md").write_text("ข้อความไทย", encoding="utf-8")
    (folder / "labour.en.md").write_text("English words", encoding="utf-8")
    factor = '[[factors]]\norigin = "home"\nsign = "+"\naffects = "both"\ntext = "{}"\nsource = "x"\n'
    (folder / "outlook.toml").write_text(factor.format("ปัจจัย"), encoding="utf-8")
    (folder / "outlook.en.toml").write_text(factor.format("a factor"), encoding="utf-8")
    quarter = example_context().quarter
    thai, found = read_commentary(tmp_path, quarter)
    own, also = read_commentary(tmp_path, quarter, "en")
    assert found == also == []
    assert thai.chapters["labour"].markdown.strip() == "ข้อความไทย" and thai.factors[0].text == "ปัจจัย"
    assert own.chapters["labour"].markdown.strip() == "English words" and own.factors[0].text == "a factor"


def test_what_the_analysts_wrote_in_thai_alone_is_named_and_nothing_else(tmp_path, tables, context):
    folder = tmp_path / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    factor = '[[factors]]\norigin = "home"\nsign = "+"\naffects = "both"\ntext = "ปัจจัย"\nsource = "x"\n'
    texts = {"labour.md": "ก", "labour.en.md": "Words", "05.md": "ข", "outlook.toml": factor}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    own, _ = read_commentary(tmp_path, context.quarter, "en")
    assert own.only_thai == ("factors", "workers")
    document = pages.write(findings(tables, context), Figures(), tables, context, own)
    said = " ".join(sentence.text for sentence in sentences(document))
    assert "the analysts’ list of factors for the outlook and the analysts’ text on “Workers’ confidence”" in said.replace("'", "’")  # fmt: skip
    assert "text on “Labour Economic Index”" not in said


def test_listed_recommendations_have_english_labels_in_the_english_edition(tmp_path, context):
    folder = tmp_path / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    entry = '[[recommendations]]\ntext = "Train."\nagency = "DSD"\nwhen = "quarter"\nbasis = "Hours fell."\n'
    (folder / "recommendations.en.toml").write_text(entry, encoding="utf-8")
    own, found = read_commentary(tmp_path, context.quarter, "en")
    text = own.chapters["recommendations"].markdown
    assert not found and not has_thai(text) and "Time frame: by the end of the next quarter" in text


def test_factors_with_english_text_are_shown(tables, context):
    text = Commentary(factors=(Factor("home", "-", "workers", "Household debt is high.", "sample text"),))
    document = pages.write(findings(tables, context), Figures(), tables, context, text)
    assert "factors" in [block.id for block in document.tables]


def test_thai_left_on_an_english_page_is_a_finding(document, context):
    page = pages.parsed(pages.print_html(document, context))
    assert english.check(page, Commentary(), Commentary()) == []
    page.find("body").text = "ข้อความ"
    (found,) = english.check(page, Commentary(), Commentary())
    assert (found.rule, found.severity) == ("english.thai", "warning")


def test_a_sentence_hidden_in_thai_alone_is_a_finding(document, context):
    page = pages.parsed(pages.print_html(document, context))
    edit = SentenceEdit("labour", "ประโยค", "hide", "", "ผิด", "นักวิเคราะห์", dt.date(2025, 11, 1))
    (found,) = english.check(page, Commentary(sentences=(edit,)), Commentary())
    assert found.rule == "english.sentences"


def test_released_themes_are_told_in_english_where_they_have_a_wording(tables, context):
    columns = schema.columns("survey_themes")
    rows = [
        ["employer", "2025-Q3", "traits_other", "ภาษาจีน", "Chinese", "", 21, 80, 0.26, 0.2, 0.4],
        ["worker", "2025-Q3", "comment", "ค่าครองชีพ", "", "", 42, 120, 0.35, 0.3, 0.4],
        ["worker", "2025-Q3", "comment", "เพิ่มค่าแรงขั้นต่ำ", "a higher minimum wage", "demand", 37, 120, 0.31, 0.2, 0.4],
    ]  # fmt: skip
    own = {**tables, "survey_themes": pd.DataFrame(rows, columns=columns)}
    document = pages.write(findings(own, context), Figures(()), own, context)
    texts = " ".join(sentence.text for sentence in sentences(document))
    assert "80 employers wrote an answer of their own. They mention “Chinese” (21 answers)." in texts
    assert (
        "Of the state they ask for “a higher minimum wage” (37 answers). The Thai edition names another theme."
        in texts
    )
    assert not has_thai(texts)
    assert qa.check_claims({"report": {"en": document}}, own, context) == []
