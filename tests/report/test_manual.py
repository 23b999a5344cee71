"""The manuals follow the declarations and the sources: nothing that is declared or said is missing from them."""

import re

import pytest

from reporter.domain.declarations import asset
from reporter.inputs.declared import load
from reporter.report import manual

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def declarations(tmp_path_factory):
    return load(tmp_path_factory.mktemp("none"))


def test_the_methods_name_every_dimension_indicator_question_and_source(declarations):
    made = manual.methods(declarations)
    for one in (*declarations.indicators.values(), *declarations.sources.values()):
        assert f"<code>{one.id}</code>" in made.html, one.id
    for survey in declarations.questionnaires.values():
        assert all(f"<code>{item.column}</code>" in made.html for item in survey.items)
    titles = [title for _, title in made.contents]
    assert all(f"มิติ{one.name.th}" in titles for one in declarations.dimensions.values())


def test_the_methods_follow_a_changed_declaration(tmp_path):
    own = tmp_path / "indicators" / "wages" / "average_wage.toml"
    own.parent.mkdir(parents=True)
    text = (asset("data", "indicators", "wages", "average_wage.toml")).read_text(encoding="utf-8")
    own.write_text(
        re.sub(r"publication_lag_days = \d+", "publication_lag_days = 171", text), encoding="utf-8"
    )
    assert "<td>171</td>" in manual.methods(load(tmp_path)).html


def test_every_message_stands_beside_its_english():
    made = manual.messages()
    assert made.html.count("<tr>") > 500 and len(made.contents) >= 15
    assert "ไม่พบโฟลเดอร์ … — ตรวจค่า --data หรือสร้างด้วย reporter init" in made.html
    assert "There is no folder …; check --data, or make one with reporter init." in made.html
    assert "<code>commentary.contradicts</code>" in made.html or "commentary.contradicts" in made.html


def test_sections_have_ids_that_the_contents_name_and_tables_have_heads(declarations):
    for made in (manual.guide("x/"), manual.methods(declarations), manual.messages()):
        assert made.contents and all(f'id="{name}"' in made.html for name, _ in made.contents)
        assert "<th>" not in made.html and "<script" not in made.html
    assert 'src="x/home.png"' in manual.guide("x/").html
