"""The model file: what is written is read back to the last digit, versions, links, and files that cannot be used."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from reporter.domain.edition import Settings
from reporter.domain.errors import InputError
from reporter.index import model_file, national
from reporter.index.composite import OVERALL
from reporter.index.model_file import KeptModel
from reporter.inputs.workspace import open_workspace
from reporter.sample import generate
from tests.index.conftest import QUARTER

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result(simulated, declarations) -> national.National:
    prepared = national.prepare(simulated[0].assign(adjusted=True), declarations, QUARTER, Settings())
    return national.estimate(prepared, declarations, QUARTER, Settings())


def test_a_model_is_read_back_to_the_last_digit(result, tmp_path):
    kept = KeptModel(2025, 1, result.model)
    model_file.write(tmp_path, kept)
    assert model_file.read(tmp_path, 2027) == kept
    assert model_file.read(tmp_path, 2024) is None


def test_the_highest_version_of_the_latest_year_counts(result, tmp_path):
    for year, version in ((2020, 1), (2025, 1), (2025, 2), (2030, 1)):
        model_file.write(tmp_path, KeptModel(year, version, result.model))
    assert [model_file.read(tmp_path, year).name for year in (2022, 2026, 2031)] == [
        "models/index-2020-v1.json",
        "models/index-2025-v2.json",
        "models/index-2030-v1.json",
    ]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 2}', "ภาษาไทย"])
def test_a_file_that_is_no_model_is_told_in_two_languages(content, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "index-2025-v1.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="reporter models learn"):
        model_file.read(tmp_path, 2025)
    assert [item.severity for item in model_file.check(tmp_path, QUARTER)] == ["error"]


def test_weights_that_do_not_sum_to_one_are_refused(result, tmp_path):
    broken = {n: dataclasses.replace(d, weight=d.weight * 1.1) for n, d in result.model.dimensions.items()}
    model_file.write(tmp_path, KeptModel(2025, 1, dataclasses.replace(result.model, dimensions=broken)))
    with pytest.raises(InputError, match="weights"):
        model_file.read(tmp_path, 2025)


def test_a_later_model_continues_the_levels_at_the_link_and_leaves_the_past_as_it_was(
    result, simulated, declarations, tmp_path
):
    link = pd.Period("2023Q4", freq="Q-DEC")
    changed = {n: dataclasses.replace(d, mean=d.mean + 0.3, spread=1.1 * d.spread)
               for n, d in result.model.dimensions.items()}  # fmt: skip
    model = dataclasses.replace(result.model, dimensions=changed, slope=1.3 * result.model.slope)
    kept = KeptModel(2025, 2, model, link, result.values.value[:link], "models/index-2025-v1.json")
    model_file.write(tmp_path, kept)
    found = model_file.read(tmp_path, 2025)
    now = national.estimate(result.prepared, declarations, QUARTER, Settings(), found).values.value
    pd.testing.assert_frame_equal(now[:link], result.values.value[:link], check_exact=True)
    alone = national.estimate(result.prepared, declarations, QUARTER, Settings(), KeptModel(2025, 1, model))
    own = alone.values.value
    assert np.abs((now - now.loc[link]) - (own - own.loc[link]))[link:].to_numpy().max() < 1e-9
    assert abs(now[OVERALL].iloc[-1] - own[OVERALL].iloc[-1]) > 0.1


def test_contributions_across_the_link_still_sum_to_the_change(result, simulated, declarations, tmp_path):
    link = pd.Period("2025Q1", freq="Q-DEC")
    model = dataclasses.replace(result.model, slope=1.3 * result.model.slope)
    kept = KeptModel(2025, 2, model, link, result.values.value[:link], "models/index-2025-v1.json")
    observations = simulated[0].assign(adjusted=True)
    tables = national.compute(observations, declarations, QUARTER, settings=Settings(), kept=kept)
    overall = tables["labour_index"].query("dimension == 'overall'").set_index("period")["value"]
    rows = tables["contributions"]
    for against, lag in (("quarter", 1), ("year", 4)):
        sums = rows[rows["against"] == against].groupby("period")["contribution"].sum()
        assert np.abs(sums - overall.diff(lag).reindex(sums.index)).max() < 1e-9
    newest = tables["contributions"].query("period == '2025-Q3'")
    spanning = newest.query("dimension == 'model_change'").set_index("against")["contribution"]
    assert abs(spanning["quarter"]) < 1e-9 < abs(spanning["year"])
    assert tables["index_parameters"].set_index("key")["value"]["index_link"] == "2025-Q1"


@pytest.mark.slow
def test_the_samples_model_is_what_learning_on_the_sample_gives(tmp_path):
    """When the sample's generator changes: ``reporter models learn -q 2025-Q3`` in the checkout, as version 1."""
    generate(tmp_path)
    workspace = open_workspace(tmp_path)
    kept = model_file.read(tmp_path, 2025)
    quarter = pd.Period("2025Q3", freq="Q-DEC")
    observations = workspace.observations(dt.date(2025, 11, 14))
    prepared = national.prepare(observations, workspace.declarations, quarter, workspace.settings)
    model = national.learnt(prepared, workspace.declarations, quarter, Settings(base_end="2024-Q4"))
    assert kept.name == "models/index-2025-v1.json"
    assert model_file.differences(kept.model, model).empty
