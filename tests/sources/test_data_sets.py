"""The map of sources: every series once, with a state that its declarations carry."""

import csv
import io
import json

from click.testing import CliRunner

from reporter.commands.inputs import sources_command
from reporter.domain.declarations import Declarations
from reporter.inputs import declared
from reporter.measures import load_annex
from reporter.sources import catalogue


def test_every_series_stands_in_the_map_once_with_a_known_state():
    declarations: Declarations = declared.load(None)
    rows = catalogue.origins(declarations, load_annex(), catalogue.load(None))
    found = [row.series for row in rows]
    assert len(found) == len(set(found))
    parts = {part for item in declarations.indicators.values() for part in item.components or (item.id,)}
    assert set(found) == parts | set(declarations.macro) | set(load_annex().inputs)
    assert {row.state for row in rows} <= set(catalogue.STATES)
    requested = {
        mapping.series for item in catalogue.load(None).requests.values() for mapping in item.observations
    }
    assert {row.series for row in rows if row.state in ("works", "needs key")} == requested & set(found)


def test_a_data_set_feeds_series_that_exist_and_an_agency_that_is_declared():
    declarations = declared.load(None)
    parts = {part for item in declarations.indicators.values() for part in item.components or (item.id,)}
    known = parts | set(declarations.indicators) | set(declarations.macro) | set(load_annex().inputs)
    for item in catalogue.named_data_sets():
        assert set(item.feeds) <= known, item.name
        assert item.agency in declarations.sources and item.service in ("", *catalogue.load(None).services)


def test_the_command_gives_a_table_csv_and_json(tmp_path):
    for shape in ("text", "csv", "json"):
        done = CliRunner().invoke(sources_command, ["--as", shape, "--data", str(tmp_path)])
        assert done.exit_code == 0, done.output
        if shape == "csv":
            rows = list(csv.DictReader(io.StringIO(done.output)))
            assert rows[0]["series"] and "state" in rows[0]
        if shape == "json":
            assert {"series", "data_sets"} == set(json.loads(done.output))
