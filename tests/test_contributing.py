"""CONTRIBUTING.md: each thing that it says how to add is added here, in a temporary workspace, with the files that it names."""

import re
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

from reporter import sample
from reporter.commands.inputs import fetch_command
from reporter.domain import schema
from reporter.domain.declarations import asset
from reporter.domain.errors import TableError
from reporter.figures import figure_of
from reporter.figures.chart import all_charts
from reporter.inputs import declared
from reporter.inputs.workspace import open_workspace
from reporter.surveys import pipeline
from reporter.surveys.file_reader import cleaning_rules
from tests.support.issue import example_context
from tests.support.tables import example_tables
from tests.surveys.respondents import respondents, write

QUARTER = pd.Period("2025Q3")


def copied(root, *parts: str) -> str:
    """Text of a packaged declaration, and room for the workspace's own."""
    root.joinpath(*parts[1:]).parent.mkdir(parents=True, exist_ok=True)
    return asset(*parts).read_text(encoding="utf-8")


def test_an_indicator(tmp_path):
    text = copied(tmp_path, "data", "indicators", "economy", "mpi.toml")
    own = re.sub(r"(?m)^order = .*", "order = 99", text)
    (tmp_path / "indicators" / "economy" / "exports.toml").write_text(own, encoding="utf-8")
    (tmp_path / "series").mkdir()
    rows = "indicator,period,value\nexports,2025-01,101.5\n"
    (tmp_path / "series" / "exports.csv").write_text(rows, encoding="utf-8")
    workspace = open_workspace(tmp_path)
    members = [item.id for item in workspace.declarations.members("economy")]
    assert members[-1] == "exports" and len(members) == len(declared.load(None).members("economy")) + 1
    assert workspace.observations().set_index("indicator").loc["exports", "value"] == 101.5


def test_a_dimension_of_which_the_sample_has_no_numbers(tmp_path, monkeypatch):
    text = copied(tmp_path, "data", "indicators", "productivity", "skill_development_rate.toml")
    own = tmp_path / "indicators" / "skills_online"
    own.mkdir(parents=True)
    (own / "courses.toml").write_text(text, encoding="utf-8")
    names = 'name = {th = "ก", en = "A"}\nshort = {th = "ก", en = "A"}\ndescription = {th = "ก", en = "A"}\n'
    (own / "_dimension.toml").write_text(f"order = 99\n{names}", encoding="utf-8")
    declarations = declared.load(tmp_path)
    assert list(declarations.dimensions)[-1] == "skills_online"
    # real workspaces are compared with the sample's values: a dimension without any is no fault of theirs
    monkeypatch.setattr(sample, "load", lambda: declarations)
    sample._sample_values.cache_clear()
    try:
        assert sample._sample_values()["value"].dtype == "float64"
    finally:
        sample._sample_values.cache_clear()


def test_a_question(tmp_path):
    text = copied(tmp_path, "data", "questionnaires", "worker.toml")
    item = '[[items]]\ncolumn = "q7.9"\ndomain = "7"\ntext = {th = "คำถามใหม่", en = "A new question"}\n\n'
    at = text.index("[[items]]")
    (tmp_path / "questionnaires" / "worker.toml").write_text(text[:at] + item + text[at:], encoding="utf-8")
    declarations = declared.load(tmp_path)
    questionnaire = declarations.questionnaires["worker"]
    assert "q7.9" in [item.column for item in questionnaire.items]
    answers = write(respondents(declarations, questionnaire, 154, seed=1), tmp_path / "answers.csv")
    tables, _ = pipeline.compute({"worker": {QUARTER: answers}}, QUARTER, declarations)
    schema.checked(tables)
    assert "q7.9" in set(tables["confidence_items"]["item"])


def test_a_chart(tmp_path):
    shutil.copy(asset("charts", "index_history.py"), tmp_path / "my_chart.py")
    (chart, *_), tables, context = all_charts(tmp_path), example_tables(), example_context()
    figure = figure_of(chart, chart.shown(tables, context), tables, context)
    assert chart.name == "my_chart" and figure.title and figure.alt and figure.source


def test_a_source(tmp_path):
    """A file that an agency sends becomes values of an indicator, with the declaration alone."""
    (tmp_path / "sources" / "drop").mkdir(parents=True)
    (tmp_path / "sources" / "drop" / "agency.toml").write_text(
        'files = "agency*.csv"\nname = { th = "หน่วยงาน", en = "Agency" }\nfrequency = "quarterly"\n'
        'observations = [{ series = "unemployment_rate", value = "ร้อยละ", period = { field = "ไตรมาส" } }]\n',
        encoding="utf-8",
    )
    for folder in ("incoming", "series"):
        (tmp_path / folder).mkdir()
    (tmp_path / "incoming" / "agency 3-2568.csv").write_text("ไตรมาส,ร้อยละ\n3/2568,0.91\n", encoding="utf-8")
    done = CliRunner().invoke(fetch_command, ["--data", str(tmp_path), "--dropped"])
    assert done.exit_code == 0, done.output
    kept = open_workspace(tmp_path).observations().set_index("indicator")
    assert (
        kept.loc["unemployment_rate", "value"] == 0.91
        and kept.loc["unemployment_rate", "period"] == "2025-Q3"
    )


def test_what_is_done_with_odd_answers(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "survey_cleaning.toml").write_text(
        '[duplicate_id]\naction = "keep"\n', encoding="utf-8"
    )
    before, after = cleaning_rules()["duplicate_id"], cleaning_rules(tmp_path)["duplicate_id"]
    assert (before.action, after.action) == ("drop", "keep")


def test_a_column_of_a_table_and_a_table(tmp_path, monkeypatch):
    """A declared column is asked for from the stage, and stands in documents and tests without more."""
    folder = tmp_path / "data" / "tables"
    shutil.copytree(asset("data", "tables"), folder)
    column = '\n[columns.wide]\ndtype = "number"\ntitle = { th = "ก", en = "Wide" }\nmeaning = { th = "ก", en = "How wide" }\n'
    text = (folder / "forecast.toml").read_text(encoding="utf-8")
    (folder / "forecast.toml").write_text(text + column, encoding="utf-8")
    (folder / "another.toml").write_text(re.sub(r"(?m)^order = .*", "order = 5", text), encoding="utf-8")
    monkeypatch.setattr(schema, "asset", lambda *parts: tmp_path.joinpath(*parts))
    schema.declared_tables.cache_clear()
    try:
        assert next(iter(schema.declared_tables())) == "another"
        assert schema.columns("forecast")[-1] == "wide" and "How wide" in schema.document()
        tables = example_tables()
        assert list(tables["forecast"]) == schema.columns("forecast")
        with pytest.raises(TableError, match="column wide is missing"):
            schema.check("forecast", tables["forecast"].drop(columns="wide"))
    finally:
        schema.declared_tables.cache_clear()
