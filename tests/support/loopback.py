"""A loopback server that plays the documented answers of the data services."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

KEY = "s3cr3t-K3y/with+signs=="


@dataclass
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    hang_up: bool = False


Answer = Callable[[Request], Reply]


@dataclass
class Server:
    url: str
    requests: list[Request]
    answer: Answer


def as_json(document: object, status: int = 200) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False).encode(), status)


def envelope(result: object, total: object = None, **more: object) -> Reply:
    summary = {} if total is None else {"summary": {"total": total}}
    return as_json(
        {
            "code": 200,
            "status": True,
            "msg": "",
            "time": "2025-11-20 10:00:00",
            **summary,
            "result": result,
            **more,
        }
    )


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing of clients which hang up: a browser does that whenever it leaves a page."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on the loopback; set ``server.answer`` to a function of the request."""
    state = Server("", [], lambda request: as_json({}))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {
                name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()
            }
            request = Request(parts.path, query, dict(self.headers.items()))
            state.requests.append(request)
            reply = state.answer(request)
            if reply.hang_up:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
