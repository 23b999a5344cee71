"""A desk to ask in tests: over a workspace, with a clock that stands still, and a client that behaves as a browser does."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import httpx

from reporter.desk.server import Desk, application
from reporter.desk.writing import Draft, stamp
from reporter.figures import Figures

NOW = dt.datetime(2025, 11, 18, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
PORT = 8123


def example_desk(data: Path, out: Path, **more) -> Desk:
    """A desk on a port that nothing listens to."""
    return Desk(data, out, "2025-Q3", port=PORT, now=lambda: NOW, **more)


class Asking:
    """Asks the application itself, without a network; keeps cookies, follows no redirect."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.app, self.cookies = desk, application(desk), httpx.Cookies()

    def request(self, method: str, path: str, **more) -> httpx.Response:
        return asyncio.run(self._request(method, path, **more))

    async def _request(self, method: str, path: str, **more) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url=self.desk.origin, cookies=self.cookies, timeout=60
        ) as asking:
            answer = await asking.request(method, path, **more)
            self.cookies = asking.cookies
            return answer

    def get(self, path: str, **more) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more) -> httpx.Response:
        return self.request("POST", path, **more)


def client(desk: Desk, *, opened: bool = True) -> Asking:
    """A client with the session's cookie; ``opened=False``: one that never had the token."""
    asking = Asking(desk)
    if opened:
        assert asking.get("/", params={"token": desk.token}).status_code == 303
    return asking


def csrf(desk: Desk) -> dict[str, str]:
    """The headers that the desk's own pages send with what changes something."""
    return {"x-csrf-token": desk.signed("csrf"), "origin": desk.origin, "sec-fetch-site": "same-origin"}


def with_draft(desk: Desk, tables, context, findings, figures=()) -> Draft:
    """Give the desk a draft made of tables, as if it had been built; returns it."""
    folder = desk.out / "2025-Q3"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text('{"quarter": "2025-Q3", "outputs": []}', encoding="utf-8")
    draft = Draft(findings, Figures(figures), tables, context, folder)
    desk.shared["draft"] = ((folder, stamp(folder)), draft)
    return draft
