"""The same groups on one worker, on two, and on a cluster of two of which one is killed at work."""

from __future__ import annotations

import signal
from functools import partial

import pandas as pd
import pytest

from reporter.index import groups
from tests.index.conftest import QUARTER
from tests.support.cluster import PATIENCE, cluster

pytest.importorskip("distributed")


def test_groups_are_the_same_on_one_worker_two_workers_and_a_cluster_that_loses_one(
    simulated, declarations, tables, tmp_path, monkeypatch
):
    nation = simulated[0]
    codes = [group.code for group in declarations.groups_of("PROVINCE")][:6]
    observations = pd.concat(
        [
            nation.assign(group=code, value=nation["value"] * (1 + number / 50))
            for number, code in enumerate(codes)
        ],
        ignore_index=True,
    )
    monkeypatch.setattr(groups, "BATCH", 1)
    compute = partial(groups.compute, observations, declarations, QUARTER, national=tables)
    alone, pair = compute(jobs=1), compute(jobs=2)

    came = []
    arrived = groups.index_of
    with cluster(tmp_path) as (address, _, workers):

        def killing(*arguments):
            """When the first result is home, one worker dies in the middle of its next job."""
            if not came:
                workers[0].kill()
            came.append(arguments[0])
            return arrived(*arguments)

        monkeypatch.setattr(groups, "index_of", killing)
        spread = compute(scheduler=address)
        assert workers[0].wait(timeout=PATIENCE) == -signal.SIGKILL
        assert workers[1].poll() is None
    assert came == codes
    for name, table in alone.items():
        pd.testing.assert_frame_equal(pair[name], table, check_exact=True, obj=name)
        pd.testing.assert_frame_equal(spread[name], table, check_exact=True, obj=name)
