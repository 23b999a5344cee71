"""The HTTP client's manners: pace, retries, Retry-After, limits, proxies, addresses."""

from __future__ import annotations

import datetime as dt

import pytest

from reporter.domain.errors import ServiceError, StateError
from reporter.sources import catalogue
from reporter.sources.access import Client, addresses
from tests.support.loopback import KEY, Reply, Server, as_json


@pytest.fixture
def service():
    return catalogue.load(None).services["mol"]


@pytest.fixture
def call(server: Server, service):
    """Call the loopback server once; returns the answer and the waits."""

    def once(environment=None, now=None, **policy):
        waits: list[float] = []
        patient = service.model_copy(update={"client": service.client.model_copy(update=policy)})
        given = {"MOL_API_KEY": KEY, "MOL_API_URL": server.url, **(environment or {})}
        clock = (lambda: now) if now else None
        with Client(patient, environment=given, clock=clock, sleep=waits.append) as client:
            return client.get(patient.dataset("X"), {}), waits

    return once


def after(seconds: str):
    left = [Reply(status=429, headers={"Retry-After": seconds})]
    return lambda request: left.pop() if left else as_json({"X": []})


def test_retry_after_in_seconds_is_honoured(server, call):
    server.answer = after("7")
    assert call(interval_seconds=0.0)[1] == [7.0]


def test_retry_after_as_a_date_is_honoured(server, call):
    server.answer = after("Thu, 20 Nov 2025 03:00:09 GMT")
    assert call(now=dt.datetime(2025, 11, 20, 3, 0, tzinfo=dt.UTC), interval_seconds=0.0)[1] == [9.0]


def test_a_wait_longer_than_declared_ends_the_call(server, call):
    server.answer = after("3600")
    with pytest.raises(ServiceError, match="asks to wait 3600 s"):
        call(interval_seconds=0.0)
    assert len(server.requests) == 1


def test_waits_grow_and_spread(server, call):
    left = [Reply(status=502), Reply(status=500), Reply(status=504)]
    server.answer = lambda request: left.pop() if left else as_json({"X": []})
    waits = call(interval_seconds=0.0)[1]
    for wait, longest in zip(waits, (0.5, 1.0, 2.0), strict=True):
        assert longest / 2 <= wait <= longest


def test_retries_are_bounded(server, call):
    server.answer = lambda request: Reply(status=503)
    with pytest.raises(ServiceError, match="still answers HTTP 503"):
        call(interval_seconds=0.0)
    assert len(server.requests) == 5


def test_a_refusal_is_not_retried(server, call):
    server.answer = lambda request: Reply(status=401)
    with pytest.raises(ServiceError, match="refuses the key"):
        call()
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [403, 418])
def test_a_firewall_is_told_from_a_wrong_key(server, status):
    server.answer = lambda request: Reply(b"<html>blocked</html>", status)
    nso = catalogue.load(None).services["nso"]
    with (
        Client(nso, environment={"NSO_API_URL": server.url}) as client,
        pytest.raises(ServiceError, match="firewall"),
    ):
        client.get(nso.dataset("LFS_02_20545_18"), {})


def test_an_answer_over_the_limit_is_refused_while_it_arrives(server, call):
    server.answer = lambda request: Reply(b"x" * 200_000)
    with pytest.raises(ServiceError, match="more than the limit of 100,000 bytes"):
        call(limit_megabytes=0.1)


def test_the_pace_is_kept(server, service):
    server.answer = lambda request: as_json({"X": []})
    waits: list[float] = []
    slow = service.model_copy(update={"client": service.client.model_copy(update={"interval_seconds": 5.0})})
    with Client(
        slow, environment={"MOL_API_KEY": KEY, "MOL_API_URL": server.url}, sleep=waits.append
    ) as client:
        client.get(slow.dataset("X"), {})
        client.get(slow.dataset("X"), {})
    assert len(waits) == 1 and 4.0 < waits[0] <= 5.0


def test_a_proxy_is_not_used_for_the_loopback(server, call, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.answer = lambda request: as_json({"X": []})
    assert call()[0].status == 200


def test_a_server_that_does_not_answer_in_time(server, call):
    import time

    def slow(request):
        time.sleep(0.3)
        return as_json({})

    server.answer = slow
    with pytest.raises(ServiceError, match="does not answer in time"):
        call(timeout_seconds=0.05, attempts=1)


def test_a_redirect_of_the_same_host_is_followed(server, call):
    server.answer = lambda request: (
        as_json({"X": []}) if request.path == "/new" else Reply(status=301, headers={"Location": "/new"})
    )
    assert call()[0].status == 200
    assert server.requests[1].headers["api-key"] == KEY


def test_tls_is_verified(tmp_path, service):
    import shutil
    import ssl
    import subprocess
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Quiet(HTTPServer):
        def handle_error(self, request, client_address):
            pass

    http = Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        given = {"MOL_API_KEY": KEY, "MOL_API_URL": f"https://127.0.0.1:{http.server_port}"}
        with (
            Client(service, environment=given, sleep=lambda seconds: None) as client,
            pytest.raises(ServiceError, match="TLS certificate"),
        ):
            client.get(service.dataset("X"), {})
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1/x", "http://", "http://[::1"])
def test_an_address_that_is_none_is_told(call, address):
    with pytest.raises(StateError, match="MOL_API_URL is not a web address"):
        call(environment={"MOL_API_URL": address})


def test_data_that_cannot_be_decoded_is_told(server, call):
    server.answer = lambda request: Reply(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(ServiceError, match="cannot be decoded"):
        call()


def test_a_short_key_does_not_eat_into_the_data(server, call):
    server.answer = lambda request: as_json({"RSumTesting": [{"asked_with": "Test", "name": "Testing"}]})
    answer = call(environment={"MOL_API_KEY": "Test"})[0]
    assert answer.content == b'{"RSumTesting": [{"asked_with": "***", "name": "Testing"}]}'


def test_the_documented_addresses(service):
    assert addresses(service, service.dataset("X")) == [
        "http://api.bigdata.mol.go.th/LMIS_API/API/V1/API_DATA/request"
    ]
    spending = catalogue.load(None).services["govspending"]
    assert addresses(spending, spending.dataset("BBAgc")) == ["https://opend.data.go.th/govspending/bbagc"]


def test_all_21_services_are_declared_with_parameters_and_fields():
    datasets = catalogue.load(None).services["govspending"].datasets
    assert len(datasets) == 21
    assert all(dataset.fields and dataset.parameters for dataset in datasets.values())
    assert {d.id for d in datasets.values() if d.paged} == {
        "bbagc", "dla_income", "cgdcontract", "egpdepartment", "egpsubdepartment", "egpwinner", "egpcost"
    }  # fmt: skip


def test_resource_ids_are_the_base64_of_their_codes():
    import base64

    for dataset in catalogue.load(None).services["mol"].datasets.values():
        assert base64.b64decode(dataset.id).decode() == dataset.code
