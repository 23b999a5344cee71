"""Who may ask the desk: every route of the router, tried with every wrong thing; the attacks of the issue."""

import asyncio
import re
import socket
import tomllib
from hashlib import sha256

import pytest

from reporter.desk import server
from reporter.desk.server import Proxy, application, router
from reporter.domain.declarations import asset
from reporter.domain.errors import UsageError
from tests.support.desk import client, csrf, example_desk

pytestmark = pytest.mark.slow

SECRET = "a-secret-of-the-proxy"


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "data" / "series").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    return example_desk(tmp_path / "data", tmp_path / "out")


def addresses(desk) -> list[tuple[str, str]]:
    """Method and address of every route of the router, its parameters filled in; and of ones that it does not have."""
    fill = {"quarter": "2025-Q3", "name": "desk.css"}
    found = [
        (method, re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: fill.get(match[1], "x"), route.path))
        for route in router(desk).routes
        for method in sorted(route.methods)
    ]
    assert len(found) >= len(server.ROUTES)
    return [*found, ("GET", "/nothing-here"), ("POST", "/nothing-here"), ("DELETE", "/"), ("OPTIONS", "/")]


WRONG = {
    "another Host": {"host": "evil.example"},
    "the Host by name": {"host": "localhost:8123"},
    "another port": {"host": "127.0.0.1:80"},
    "another Origin": {"origin": "https://evil.example"},
    "no Origin but null": {"origin": "null"},
    "another site": {"sec-fetch-site": "cross-site"},
    "the same site on another port": {"sec-fetch-site": "same-site"},
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_every_route_refuses(desk, wrong):
    asking = client(desk)
    for method, path in addresses(desk):
        answer = asking.request(method, path, headers=csrf(desk) | WRONG[wrong])
        assert answer.status_code == 403, (method, path)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", [None, "", "x" * 43])
def test_every_route_refuses_a_missing_and_a_wrong_token(desk, token):
    asking = client(desk, opened=False)
    for method, path in addresses(desk):
        answer = asking.request(
            method, path, params={} if token is None else {"token": token}, headers=csrf(desk)
        )
        assert answer.status_code == 403, (method, path)


def test_a_wrong_token_is_refused_though_the_cookie_is_right(desk):
    asking = client(desk)
    assert asking.get("/", params={"token": "wrong"}).status_code == 403


def test_every_address_that_changes_something_asks_for_the_csrf_mark(desk):
    asking = client(desk)
    changing = [path for method, path in addresses(desk) if method == "POST" and "nothing" not in path]
    assert changing
    for path in changing:
        for headers in ({}, {"x-csrf-token": "wrong"}):
            assert asking.post(path, headers=headers, data={"csrf": ""}).status_code == 403, path


def test_no_websocket_is_ever_accepted(desk):
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message["type"])

    scope = {
        "type": "websocket",
        "path": "/",
        "headers": [(b"host", desk.origin[7:].encode())],
        "query_string": b"",
    }
    asyncio.run(application(desk)(scope, receive, send))
    assert sent == ["websocket.close"]


def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_do_not_get(desk):
    answer = client(desk, opened=False).get("/", params={"token": desk.token})
    cookie = answer.headers["set-cookie"].lower()
    assert answer.headers["location"] == "/q/2025-Q3"
    assert "httponly" in cookie and "samesite=strict" in cookie and desk.token.lower() not in cookie


def test_every_answer_forbids_outside_loads_frames_and_guessing(desk):
    asking = client(desk)
    for method, path in addresses(desk):
        headers = asking.request(method, path, headers=csrf(desk)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_hundred_megabytes_are_refused_before_they_are_read(desk):
    asking = client(desk)
    told = asking.post("/name", headers=csrf(desk) | {"content-length": "100000000"}, content=b"x", params={})
    assert told.status_code == 413

    async def pieces():
        for _ in range(100):
            yield b"x" * 1_000_000

    untold = asking.post(
        "/name", headers=csrf(desk) | {"content-type": "application/x-www-form-urlencoded"}, content=pieces()
    )
    assert untold.status_code == 413


def test_a_quarter_that_is_none_is_no_address(desk):
    asking = client(desk)
    for quarter in ("2025-Q5", "2025-Q3x", "2025-Q3%2f..", "%2e%2e%2fetc", "x" * 500):
        assert asking.get(f"/q/{quarter}").status_code == 404


def test_names_with_markup_are_shown_as_they_were_typed(desk):
    asking = client(desk)
    asking.post("/name", headers=csrf(desk), data={"name": "<script>alert(1)</script>", "next": "/q/2025-Q3"})
    page = asking.get("/q/2025-Q3").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_a_forged_name_is_nobody(desk):
    asking = client(desk)
    asking.cookies.set("reporter-desk-name", "4Lii.0000")
    assert 'name="name" value=""' in asking.get("/q/2025-Q3").text


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_no_form_leads_to_another_site(desk, target):
    answer = client(desk).post("/language", headers=csrf(desk), data={"language": "en", "next": target})
    assert answer.headers["location"] == "/"


def test_behind_a_proxy_only_the_proxy_may_ask_and_it_tells_who(tmp_path):
    desk = example_desk(tmp_path, tmp_path, proxy=Proxy("https://desk.example", "X-Remote-User", SECRET))
    asking = client(desk, opened=False)
    right = {"x-remote-user": "สมหญิง".encode(), "x-desk-secret": SECRET}
    page = asking.get("/q/2025-Q3", headers=right)
    assert page.status_code == 200 and "สมหญิง (นักวิเคราะห์)" in page.text
    for wrong in ({"x-remote-user": "x"}, {"x-desk-secret": SECRET}, right | {"x-desk-secret": "no"}):
        assert asking.get("/q/2025-Q3", headers=wrong).status_code == 403
    assert asking.get(f"/?token={desk.token}").status_code == 403
    assert desk.address == "https://desk.example/"


def test_a_taken_port_is_told(desk):
    with socket.socket() as other:
        other.bind((server.HOST, 0))
        other.listen()
        with pytest.raises(UsageError, match="--port"):
            server.bind(other.getsockname()[1])


def test_the_library_is_the_released_file_with_its_licence():
    vendor = asset("templates", "desk", "vendor")
    for library in tomllib.loads((vendor / "vendor.toml").read_text(encoding="utf-8")).values():
        assert sha256((vendor / library["file"]).read_bytes()).hexdigest() == library["sha256"]
        assert all((vendor / name).is_file() for name in library["licence_files"])


def test_pages_load_nothing_from_elsewhere(desk):
    asking = client(desk)
    loads = re.findall(r'(?:src|href|action|hx-get|hx-post)="([^"]*)"', asking.get("/q/2025-Q3").text)
    assert loads and all(
        address.startswith(("/", "#", "data:,")) and not address.startswith("//") for address in loads
    )


def test_the_quarter_in_work_is_the_newest_begun_or_the_last_that_ended(tmp_path):
    import datetime as dt

    assert server.current_quarter(tmp_path, tmp_path, dt.date(2026, 2, 1)) == "2025-Q4"
    assert server.current_quarter(tmp_path, tmp_path, dt.date(2026, 11, 1)) == "2026-Q3"
    (tmp_path / "commentary" / "2027-Q1").mkdir(parents=True)
    assert server.current_quarter(tmp_path, tmp_path, dt.date(2026, 11, 1)) == "2027-Q1"
