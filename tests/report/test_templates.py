"""Templates of the report: short lines, no thresholds, chapters that are declared once and can be put in between."""

import re
import shutil

import jinja2
import pytest

from reporter import domain, measures, report
from reporter.domain import declarations
from reporter.domain.edition import english_context
from reporter.domain.errors import DeclarationError
from reporter.inputs.commentary import ChapterText, Commentary
from reporter.report import pages, templating
from reporter.report.document import sentences_of, walk
from reporter.runtime.cache import StageCache
from tests.report.issues import document, index_tables
from tests.support.issue import example_context
from tests.support.tables import example_tables

FOLDER = declarations.asset("templates", "report")
TEMPLATES = sorted(FOLDER.rglob("*.j2"))
EVERY = sorted(
    path
    for path in declarations.asset("templates").rglob("*")
    if path.suffix in {".j2", ".css", ".js"} and "vendor" not in path.parts
)
NUMBER_TEST = re.compile(r"\{%-?\s*(?:el)?if[^%]*?(?:[<>]=?|==)\s*-?(\d+(?:\.\d+)?)")


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_line_is_longer_than_160_characters(path):
    long = [
        number
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 160
    ]
    assert long == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_judges_by_a_number_of_its_own(path):
    text = path.read_text(encoding="utf-8")
    found = [float(number) for number in NUMBER_TEST.findall(text)]
    # the sign of a number, and how many things there are to list, are no thresholds
    assert [number for number in found if number > 5] == []


def test_every_declared_chapter_has_its_template():
    known = {path.stem for path in (FOLDER / "th").glob("*.j2")}
    assert [item.slug for item in declarations.all_chapters() if item.slug not in known] == []


def test_a_threshold_that_is_not_declared_is_a_mistake():
    assert declarations.rule("composite.least_dimensions") == 6
    with pytest.raises(KeyError):
        declarations.rule("composite.most_dimensions")


@pytest.fixture(name="package")
def _package(tmp_path, monkeypatch):
    """A copy of the package's own files in which chapters may be added."""
    for name in ("templates", "data", "fonts"):
        shutil.copytree(
            declarations.asset(name), tmp_path / name, ignore=shutil.ignore_patterns("series", "surveys")
        )
    monkeypatch.setattr(domain, "_ROOT", tmp_path)
    declarations.all_chapters.cache_clear()
    templating.environment.cache_clear()
    yield tmp_path
    declarations.all_chapters.cache_clear()
    templating.environment.cache_clear()


def spoken_in(made, slug):
    own = next(item for item in made.chapters if item.slug == slug)
    found = [block for section in own.sections for block in walk(section.blocks)]
    return [sentence for block in found for sentence in sentences_of(block)]


def test_a_new_chapter_is_one_entry_and_one_template(package):
    before = document(index_tables(overall=[100.0, 98.0]))
    declared = package / "templates" / "report" / "chapters.toml"
    entry = '[[chapter]]\nslug = "youth"\ntitle = { th = "เยาวชน", en = "Youth" }\n\n'
    text = declared.read_text(encoding="utf-8")
    place = text.index('[[chapter]]\nslug = "appendix"')
    declared.write_text(text[:place] + entry + text[place:], encoding="utf-8")
    template = package / "templates" / "report" / "th" / "youth.j2"
    template.write_text(
        '{{ section("ใหม่") }}\n{% p %}ดู{{ chapter_link("appendix") }}{% endp %}\n', encoding="utf-8"
    )
    declarations.all_chapters.cache_clear()
    after = document(index_tables(overall=[100.0, 98.0]))

    numbers = {item.slug: item.number for item in after.chapters}
    was = next(item.number for item in before.chapters if item.slug == "appendix")
    assert (numbers["youth"], numbers["appendix"]) == (was, was + 1)
    assert [item.id for item in after.chapters if item.slug != "youth"] == [
        item.id for item in before.chapters
    ]
    own = next(item for item in after.chapters if item.slug == "youth")
    assert own.sections[0].number == f"{was}.1"
    appendix = next(item for item in after.chapters if item.slug == "appendix")
    assert appendix.sections[0].number == f"{was + 1}.1"
    old = next(item for item in before.chapters if item.slug == "appendix")
    assert [section.id for section in appendix.sections] == [section.id for section in old.sections]

    # a text of the analysts for it is not lost, though its template gives it no place
    written = Commentary(chapters={"youth": ChapterText("youth", "ข้อความของนักวิเคราะห์", False, "youth.md")})
    texted = document(index_tables(overall=[100.0, 98.0]), written)
    assert any("ข้อความของนักวิเคราะห์" in sentence.text for sentence in spoken_in(texted, "youth"))


@pytest.fixture(name="own_rules")
def _own_rules(tmp_path, monkeypatch):
    """A workspace in force with other steps of words and other signals."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "wording.toml").write_text(
        "[steps.index]\nstill = 0.45\n[steps.share]\nslight = 1.7\n[significance]\nlevel = 0.08\n", "utf-8"
    )
    (folder / "signals.toml").write_text("span_quarters = 3\nwatch = 0.3\nalert = 0.07\n", "utf-8")
    monkeypatch.setenv(declarations.WORKSPACE, str(tmp_path))
    declarations.rules_of.cache_clear()
    measures.rules.cache_clear()
    yield
    monkeypatch.undo()
    declarations.rules_of.cache_clear()
    measures.rules.cache_clear()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "th",
            [
                "0.45 จุดเรียกว่าทรงตัว",
                "0.5, 1.7 และ 5 จุดร้อยละ",
                "ที่ร้อยละ 8",
                "ข้อ 4.7, 6.1, 7.1 ให้คะแนนกลับด้าน",
                "5 ระดับ คือ เห็นด้วยมากที่สุด 200",
            ],
        ),
        (
            "en",
            [
                "0.45 points",
                "0.5, 1.7 and 5 percentage",
                "at 8 per cent",
                "(4.7, 6.1, 7.1)",
                "from 0 (disagree) to 200",
            ],
        ),
    ],
)
def test_the_appendix_names_the_thresholds_in_force(own_rules, lang, said):
    context = example_context() if lang == "th" else english_context(example_context())
    made = pages.write(report.findings(example_tables(), context), [], example_tables(), context)
    text = re.sub(r"\s+", " ", " ".join(sentence.text for sentence in spoken_in(made, "appendix")))
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('slug = "labour"\ntitle = { th = "ซ้ำ", en = "Again" }', "an earlier chapter has the slug labour"),
        ('slug = "youth"\ntitle = { th = "เยาวชน" }', "needs slug (a-z 0-9 -) and title = { th, en }"),
        ('slug = "youth"\ntitle = { th = "เยาวชน", en = "Youth" ', "chapters.toml cannot be read"),
        (
            'slug = "youth"\ntitle = { th = "เยาวชน", en = "Youth" }\nvolume = "atlas"',
            "there is no volume atlas; possible: report, technical",
        ),
    ],
)
def test_a_mistake_in_the_list_of_chapters_is_refused(package, entry, said):
    declared = package / "templates" / "report" / "chapters.toml"
    declared.write_text(declared.read_text(encoding="utf-8") + f"\n[[chapter]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=re.escape(said)):
        declarations.all_chapters()


# A word that somebody might write -> the term of the study or of the glossary for the same thing.
VARIANTS = {
    "สถานภาพการทำงาน": "สถานะการจ้างงาน",
    "ช่วงเชื่อมั่น": "ช่วงความเชื่อมั่น",
    "คาบเกี่ยว": "ซ้อนกัน",
    "แรงถ่วง": "แรงฉุด",
    "จำแนกตามภาค": "จำแนกตามภูมิภาค",
    "และลักษณะงาน": "และลักษณะการทำงาน",
    "ผลิตภาพของแรงงาน": "ผลิตภาพแรงงาน",
    "อัตราว่างงาน": "อัตราการว่างงาน",
}


@pytest.mark.parametrize(("variant", "term"), VARIANTS.items())
def test_one_idea_has_one_term(variant, term):
    root = declarations.asset("templates").parent
    folders = (root / "charts", root / "reporter" / "report", root / "reporter" / "figures")
    files = [*TEMPLATES, *(path for folder in folders for path in folder.rglob("*.py"))]
    assert len(files) > 60
    found = [path.name for path in files if variant in path.read_text(encoding="utf-8")]
    assert found == [], f"say {term}"


def test_a_compiled_template_is_kept_for_its_source_and_its_kind_of_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(templating.CompiledTemplates, "cache", StageCache(tmp_path / "cache"))
    compiled = []

    def filled(source, kind, word):
        """The template in a new environment, as another process has it."""
        made = jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path))
        made.filters["word"] = lambda text: f"{text} {word}"
        made.bytecode_cache = templating.CompiledTemplates(kind)
        compile_ = made.compile
        made.compile = lambda *given, **named: (compiled.append(kind), compile_(*given, **named))[1]
        (tmp_path / "one.j2").write_text(source, encoding="utf-8")
        return made.get_template("one.j2").render()

    assert filled("{{ 'rose' | word }}", "en", "by") == "rose by" and compiled == ["en"]
    assert filled("{{ 'rose' | word }}", "en", "by") == "rose by" and compiled == ["en"]
    assert filled("{{ 'fell' | word }}", "en", "by") == "fell by" and compiled == ["en", "en"]
    assert filled("{{ 'fell' | word }}", "th", "to") == "fell to" and compiled[2:] == ["th"]
    monkeypatch.setattr(templating.CompiledTemplates, "cache", StageCache(None))
    assert filled("{{ 'fell' | word }}", "th", "to") == "fell to" and compiled[3:] == ["th"]
