"""Jobs on this machine and on a Dask cluster: order, errors, versions, a scheduler that goes away."""

from __future__ import annotations

import socket
import time

import pytest

from reporter.domain.errors import FitError, ServiceError
from reporter.runtime import engine
from reporter.runtime.engine import Engine
from tests.support.cluster import cluster


def fail(item: int) -> int:
    raise FitError("ผิด", "wrong")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    pytest.importorskip("distributed")
    with cluster(tmp_path_factory.mktemp("cluster")) as (found, _, _):
        yield found


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_items(jobs):
    assert list(Engine(jobs).map(abs, iter(range(-3, 4)))) == [3, 2, 1, 0, 1, 2, 3]


def test_items_are_taken_as_they_are_needed():
    taken = []

    def items():
        for item in range(50):
            taken.append(item)
            yield item

    results = Engine(1).map(abs, items())
    assert next(results) == 0
    assert len(taken) < 50


def test_an_error_of_a_worker_process_comes_home_whole():
    with pytest.raises(FitError) as told:
        list(Engine(2).map(fail, range(4)))
    assert (told.value.th, told.value.en) == ("ผิด", "wrong")


def test_no_cluster_at_the_address_is_told_in_both_languages(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 0.3)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
    for wrong in (address, "nonsense"):
        with pytest.raises(ServiceError, match="No Dask cluster") as told:
            list(Engine(scheduler=wrong).map(abs, range(3)))
        assert told.value.exit_status == 3
        with pytest.raises(ServiceError, match="No Dask cluster"):
            Engine(scheduler=wrong).reach()
        assert "ติดต่อ Dask" in told.value.th


def test_results_of_a_cluster_come_in_the_order_of_the_items(address):
    assert list(Engine(scheduler=address).map(abs, range(-4, 0))) == [4, 3, 2, 1]


def test_workers_of_another_version_are_refused(address, monkeypatch):
    monkeypatch.setattr(engine, "versions", lambda: {"reporter": "another"})
    with pytest.raises(ServiceError, match=r"reporter .* \(another\)"):
        list(Engine(scheduler=address).map(abs, range(3)))


def test_an_error_on_the_cluster_comes_home_whole(address):
    with pytest.raises(FitError, match="wrong"):
        list(Engine(scheduler=address).map(fail, range(2)))


def test_a_scheduler_that_goes_away_is_an_error_and_no_hang(tmp_path):
    pytest.importorskip("distributed")
    with cluster(tmp_path) as (address, scheduler, _):
        results = Engine(scheduler=address).map(time.sleep, [0.2] * 30)
        next(results)
        scheduler.kill()
        with pytest.raises(ServiceError, match="No Dask cluster"):
            list(results)


def test_a_cluster_that_can_be_used_is_reached_and_no_cluster_needs_no_reaching(address):
    Engine(scheduler=address).reach()
    Engine(2).reach()
