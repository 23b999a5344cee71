"""The example settings for nginx, on a local nginx: compression, how long files may be kept, 304, the page for unknown addresses."""

import gzip
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SETTINGS = Path(__file__).parents[3] / "docs" / "server" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(eight, tmp_path_factory):
    """Address of an nginx of our own over the example site."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    settings = SETTINGS.read_text(encoding="utf-8")
    settings = settings.replace("listen 8080", f"listen 127.0.0.1:{port}").replace(
        "/var/www/labour-report", str(eight)
    )
    assert f"127.0.0.1:{port}" in settings
    assert str(eight) in settings
    kept = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\n"
        f"access_log off;\n{kept}{settings}\n}}\n",
        encoding="utf-8",
    )
    running = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
    for _ in range(1200):  # a minute: a busy machine starts slowly
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    running.terminate()
    running.wait(10)


def ask(address: str, **headers: str):
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip", **headers})
    try:
        return urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as answer:
        return answer


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/dashboard/",
        "/search/site.js",
        "/api/v1/series/labour_index/TH.csv",
        "/api/v1/latest.json",
        "/data/catalog.jsonld",
        "/feed.xml",
    ],
)
def test_text_is_compressed_and_its_kind_is_said(server, eight, path):
    answer = ask(server + path)
    body = answer.read()
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    plain = gzip.decompress(body)
    assert plain == (eight / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))).read_bytes()
    assert "octet-stream" not in answer.headers["Content-Type"]


def test_what_never_changes_may_be_kept_and_the_rest_is_asked_for_again(server, eight):
    style = next((eight / "assets").glob("site.*.css")).name
    numbers = next(eight.glob("dashboard/2568q3v1-*")).name
    for path in (f"/assets/{style}", "/2568/q3/v1/record.json", f"/dashboard/{numbers}/main.js"):
        assert "immutable" in ask(server + path).headers["Cache-Control"], path
    for path in (
        "/",
        "/2568/q3/",
        "/dashboard/",
        "/api/v1/latest.json",
        "/search/site.js",
        "/2568/q3/status-v1.html",
    ):
        assert ask(server + path).headers["Cache-Control"] == "no-cache", path


def test_an_unchanged_file_is_answered_with_304(server):
    tag = ask(server + "/api/v1/latest.json").headers["ETag"]
    assert tag
    assert ask(server + "/api/v1/latest.json", **{"If-None-Match": tag}).status == 304


def test_unknown_addresses_get_our_page_and_hidden_files_nothing(server):
    answer = ask(server + "/2399/q1/")
    assert answer.status == 404
    assert "ไม่พบหน้านี้" in gzip.decompress(answer.read()).decode("utf-8")
    assert ask(server + "/.git/config").status == 404


def test_apache_example_says_the_same(server):
    apache = SETTINGS.with_name("apache.conf").read_text(encoding="utf-8")
    nginx = SETTINGS.read_text(encoding="utf-8")
    for pattern in re.findall(r"~(\^/\S+)", nginx):
        assert f'"{pattern}"' in apache, pattern
    for kind in ("text/csv", "application/ld+json", "image/svg+xml"):
        assert kind in apache
