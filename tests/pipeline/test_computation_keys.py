"""What a workspace's own thresholds decide is computed again when they change: they are part of the keys of the cache."""

from types import SimpleNamespace

import pandas as pd
import pytest

from reporter.index import groups
from reporter.inputs.declared import load
from reporter.pipeline import computation
from reporter.pipeline.issue_cache import Resources
from reporter.runtime.cache import StageCache
from reporter.runtime.program import Executor, Silent

QUARTER = pd.Period("2025Q3", "Q-DEC")


def test_surveys_are_computed_again_where_the_least_answers_have_changed(tmp_path, monkeypatch):
    workspace = SimpleNamespace(
        survey_files=lambda survey: {}, weight_files=lambda survey: {}, reading_root=tmp_path
    )
    settings = SimpleNamespace(survey_weights="declared")
    context = SimpleNamespace(quarter=QUARTER, declarations=load(), settings=settings)
    inputs = SimpleNamespace(workspace=workspace, context=context)
    resources = Resources(StageCache(tmp_path / "cache"), Executor(), Silent())
    calls = []
    monkeypatch.setattr(computation.surveys, "compute", lambda *given, **more: calls.append(more) or ({}, []))
    for least in (30, 30, 20):
        monkeypatch.setattr(computation, "small_sample", lambda least=least: least)
        computation._begin_surveys(inputs, resources)()
    assert len(calls) == 2


@pytest.mark.parametrize(("name", "other"), [("FEWEST_DIMENSIONS", 3), ("LEAST_WEIGHT", 0.3)])
def test_groups_are_put_together_again_where_the_thresholds_have_changed(tmp_path, monkeypatch, name, other):
    keys = []
    monkeypatch.setattr(groups, "shared_of", lambda *given: None)
    monkeypatch.setattr(groups, "_keys", lambda *given: ["a group"])
    monkeypatch.setattr(groups, "_nation", lambda *given: pd.DataFrame())
    index = pd.DataFrame({"group": ["TH"]})
    national = {"weights": pd.DataFrame({"dimension": ["wages"], "weight": [1.0]}), "labour_index": index}
    cache = StageCache(tmp_path)
    monkeypatch.setattr(
        cache,
        "result",
        lambda stage, given, compute: keys.append(cache.key(given)) or {"labour_index": index},
    )
    for value in (getattr(groups, name), other):
        monkeypatch.setattr(groups, name, value)
        groups.compute(index, load(), QUARTER, national=national, cache=cache)
    assert keys[0] != keys[1]
