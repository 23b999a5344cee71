"""The desk as a web application: routes, access control, pages, the guide, the server on 127.0.0.1.

Goes in: a workspace, the folder of built issues, a port. Comes out: a Starlette application whose every answer has passed
``Guard``. ``ROUTES`` lists every address with the function that answers it; modules are imported when they are first asked for,
so that the first page waits for none of them. Method: OWASP ASVS 4 (session, CSRF, headers), W3C Fetch Metadata.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import datetime as dt
import hashlib
import hmac
import html
import importlib
import mimetypes
import re
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from babel.messages.pofile import read_po
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reporter.domain.declarations import asset, css_variables
from reporter.domain.errors import ReporterError, StateError, UsageError
from reporter.domain.periods import now_in_bangkok

HOST = "127.0.0.1"
LARGEST_UPLOAD = 32_000_000  # the largest agency file seen is a few megabytes; a text is never near it
LARGEST_TEXT = 2_000_000
LANGUAGES = ("th", "en")
_ARENA_MAX = -8  # M_ARENA_MAX of mallopt(3)
_SAFE = ("GET", "HEAD")
_QUARTER = re.compile(r"[0-9]{4}-Q[1-4]\Z")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    # "no-referrer" would make browsers send "Origin: null" with the desk's own forms
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_SERVED = (
    ".html",
    ".css",
    ".svg",
    ".png",
    ".jpg",
    ".pdf",
    ".csv",
    ".xlsx",
    ".json",
    ".ttf",
    ".woff2",
    ".js",
    ".eml",
    ".txt",
    ".xml",
    ".ics",
)
# The editor's page and the letters bring their own styles; scripts stay forbidden.
STYLED = "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src 'self' data:; font-src 'self'; frame-ancestors 'self'"
# Method, address, module and function of every page. ``/q/{quarter}`` stands before all that speaks of one quarter.
ROUTES = (
    ("GET", "/", "server:home"),
    ("GET", "/assets/{name:path}", "server:static"),
    ("GET", "/favicon.ico", "server:no_icon"),
    ("POST", "/language", "server:set_language"),
    ("POST", "/name", "server:set_name"),
    ("GET", "/q/{quarter}", "server:first_page"),
    ("GET", "/q/{quarter}/parts/status", "status:status_part"),
    ("GET", "/q/{quarter}/parts/findings", "status:findings_part"),
    ("POST", "/new-quarter", "status:begin_quarter"),
    ("GET", "/q/{quarter}/data", "data:register_page"),
    ("GET", "/q/{quarter}/data/findings", "data:findings_page"),
    ("POST", "/q/{quarter}/data/answer", "data:answer"),
    ("GET", "/q/{quarter}/data/{series}", "data:series_page"),
    ("GET", "/q/{quarter}/files", "data:files_page"),
    ("POST", "/q/{quarter}/files/look", "data:look_at"),
    ("POST", "/q/{quarter}/files/store", "data:store_file"),
    ("POST", "/q/{quarter}/files/withdraw", "data:take_back"),
    ("GET", "/q/{quarter}/write", "writing:chapters_page"),
    ("GET", "/q/{quarter}/write/{slug}", "writing:editor_page"),
    ("POST", "/q/{quarter}/write/{slug}/preview", "writing:preview"),
    ("POST", "/q/{quarter}/write/{slug}/save", "writing:save_text"),
    ("POST", "/q/{quarter}/write/{slug}/sentence", "writing:edit_sentence"),
    ("GET", "/q/{quarter}/factors", "writing:factors_page"),
    ("POST", "/q/{quarter}/factors", "writing:save_factors"),
    ("GET", "/q/{quarter}/recommendations", "writing:recommendations_page"),
    ("POST", "/q/{quarter}/recommendations", "writing:save_recommendations"),
    ("GET", "/q/{quarter}/issue/preview-{slug}", "writing:preview_page"),
    ("GET", "/q/{quarter}/issue/figures/{name}", "writing:picture_file"),
    ("GET", "/q/{quarter}/issue/{path:path}", "look:issue_file"),
    ("GET", "/q/{quarter}/kept/{kind}/{path:path}", "look:kept_file"),
    ("GET", "/q/{quarter}/look", "look:look_page"),
    ("POST", "/q/{quarter}/build", "look:build"),
    ("GET", "/q/{quarter}/parts/job", "look:job_part"),
    ("GET", "/q/{quarter}/parts/differences", "look:differences_part"),
    ("GET", "/q/{quarter}/workspace", "data:workspace_page"),
    ("POST", "/q/{quarter}/workspace", "data:save_settings"),
    ("POST", "/q/{quarter}/workspace/own", "data:take_over"),
    ("POST", "/q/{quarter}/charts", "data:save_charts"),
    ("GET", "/q/{quarter}/guide", "server:guide_page"),
    ("GET", "/q/{quarter}/guide/methods", "server:methods_page"),
    ("GET", "/q/{quarter}/guide/messages", "server:messages_page"),
    ("GET", "/q/{quarter}/guide/{name}", "server:guide_picture"),
    ("GET", "/q/{quarter}/decide", "look:decide_page"),
    ("POST", "/q/{quarter}/approve", "look:approve"),
    ("POST", "/q/{quarter}/approve/withdraw", "look:withdraw"),
    ("POST", "/q/{quarter}/letters", "look:rehearse_letters"),
    ("POST", "/q/{quarter}/site", "look:rehearse_site"),
    ("POST", "/q/{quarter}/send", "look:send"),
    ("POST", "/q/{quarter}/publish", "look:publish_issue"),
)
Handler = Callable[["Call"], Response]


@dataclass(frozen=True)
class Proxy:
    """A proxy before the desk that authenticates people.

    origin   the address that people's browsers show, ``https://desk.example.go.th``
    header   name of the header in which it tells the person's name
    secret   what it sends in ``X-Desk-Secret``, so that nobody else on the machine can pretend to be it
    """

    origin: str
    header: str
    secret: str


@dataclass
class Desk:
    """What the whole desk works on.

    quarter  the quarter that is opened first, ISO
    site     the website's folder for preview and publication; None where none was given
    shared   things kept between requests by the modules that own them: drafts in memory, running builds, who edits what
    """

    data: Path
    out: Path
    quarter: str
    port: int = 0
    site: Path | None = None
    proxy: Proxy | None = None
    now: Callable[[], dt.datetime] = now_in_bangkok
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    shared: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers must name."""
        return self.proxy.origin if self.proxy else f"http://{HOST}:{self.port}"

    @property
    def address(self) -> str:
        """Where the desk opens: with the token, where no proxy stands before it."""
        return f"{self.origin}/" if self.proxy else f"{self.origin}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """Name of the session's cookie; browsers do not tell ports apart, so the name does."""
        return f"reporter-desk-{self.port}"

    def signed(self, purpose: str) -> str:
        """A value that only this run of the desk can make."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).hexdigest()

    def keep(self, name: str, make: Callable[[], Any]) -> Any:
        """A thing shared between requests, made once."""
        with self.lock:
            if name not in self.shared:
                self.shared[name] = make()
            return self.shared[name]


# ---------------------------------------------------------------------------------------------- who may ask


class Guard:
    """Stands before everything, files and unknown addresses too: refuses with 403 what does not come from the desk's own pages."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app, self.desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on with the body's size bounded and the headers that every answer carries."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http":
            await send(
                {"type": "websocket.close", "code": 1008}
            )  # the desk has no socket; none is ever accepted
        elif reason := self.refusal(Request(scope)):
            await _with_headers(send, PlainTextResponse(reason, 403), scope, receive)
        elif _declared_size(Headers(scope=scope)) > _bound(scope):
            await _with_headers(send, PlainTextResponse(_TOO_LARGE, 413), scope, receive)
        else:
            await self._passed(scope, receive, send)

    def refusal(self, request: Request) -> str:
        """Why a request is refused; empty where it is not."""
        desk, headers = self.desk, request.headers
        if headers.get("host", "") != desk.origin.partition("://")[2]:
            return "Host"
        if headers.get("origin", desk.origin) != desk.origin:
            return "Origin"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "Sec-Fetch-Site"
        if desk.proxy:
            told = headers.get(desk.proxy.header, "").strip()
            known = _same(headers.get("x-desk-secret", ""), desk.proxy.secret)
            return "" if told and known else "user"
        token = request.query_params.get("token")
        if token is not None:
            return "" if _same(token, desk.token) else "token"
        return "" if _same(request.cookies.get(desk.cookie, ""), desk.signed("session")) else "token"

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = _bound(scope)

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLargeError
            return message

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _added(message["headers"])}
            await send(message)

        await self.app(scope, bounded, headed)


class _TooLargeError(Exception):
    """More bytes came than the address takes."""


_TOO_LARGE = "ไฟล์หรือข้อความใหญ่เกินไป — The file or the text is too large."


def _bound(scope: Scope) -> int:
    return LARGEST_UPLOAD if scope["path"].endswith("/files/look") else LARGEST_TEXT


def _declared_size(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isdecimal() else 0


def _same(first: str, second: str) -> bool:
    return hmac.compare_digest(first.encode(), second.encode())


def _added(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = {name for name, _ in headers}
    return headers + [
        (name.encode(), value.encode()) for name, value in _HEADERS.items() if name.encode() not in own
    ]


async def _with_headers(send: Send, answer: Response, scope: Scope, receive: Receive) -> None:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    await answer(scope, receive, send)


# ---------------------------------------------------------------------------------------------- one request


@dataclass
class Call:
    """One request, as the pages' functions see it: who asks in which language for which quarter, and the form."""

    request: Request
    desk: Desk
    form: FormData

    @property
    def lang(self) -> str:
        """``th`` or ``en``."""
        chosen = self.request.cookies.get("reporter-desk-language", "th")
        return chosen if chosen in LANGUAGES else "th"

    @property
    def user(self) -> str:
        """The person's name: sent by the proxy, or chosen on the page; empty where it is not known."""
        if self.desk.proxy:
            told = self.request.headers.get(self.desk.proxy.header, "").strip()[:400]
            return told.encode("latin-1", "replace").decode("utf-8", "replace")  # headers come as Latin-1
        text, _, mark = self.request.cookies.get("reporter-desk-name", "").partition(".")
        if not _same(mark, self.desk.signed(f"name {text}")):
            return ""
        return base64.urlsafe_b64decode(text.encode()).decode("utf-8", "replace")

    @property
    def quarter(self) -> str:
        """The quarter of the address, ISO."""
        return str(self.request.path_params.get("quarter", self.desk.quarter))

    @property
    def folder(self) -> Path:
        """Where the quarter's issue is built."""
        return self.desk.out / self.quarter

    @property
    def tabs(self) -> tuple[str, ...]:
        """The parts of the desk that there are, by the first word of their addresses; "" is the first page."""
        own = (path.removeprefix("/q/{quarter}").strip("/") for method, path, _ in ROUTES if method == "GET")
        return ("", *(name for name in own if name.isalpha()))

    @property
    def role(self) -> str:
        """Analyst or approver: what the calendar says of the person's name."""
        from reporter.inputs.calendar import read_calendar

        is_approver = self.user in read_calendar(self.desk.data)[0].approvers
        return self.say("ผู้อนุมัติ") if is_approver else self.say("นักวิเคราะห์")

    def text(self, name: str) -> str:
        """A field of the form as text, line ends as files have them; empty where it is missing."""
        given = self.form.get(name, "")
        return given.replace("\r\n", "\n") if isinstance(given, str) else ""

    def upload(self, name: str) -> UploadFile | None:
        """A file of the form."""
        given = self.form.get(name)
        return given if isinstance(given, UploadFile) and given.filename else None

    def say(self, thai: str) -> str:
        """A message in the person's language."""
        return translated(thai, self.lang)

    def address(self, path: str = "") -> str:
        """An address of the quarter's pages."""
        return f"/q/{self.quarter}{path}"

    def page(self, template: str, status: int = 200, **given: Any) -> Response:
        """A page, or a part of one, from a template of ``templates/desk``."""
        answer = HTMLResponse(self.render(template, **given), status)
        if self.said and not template.startswith("part-"):
            answer.delete_cookie("reporter-desk-said", samesite="strict", httponly=True)  # said once
        return answer

    def render(self, template: str, **given: Any) -> str:
        """The text of a template."""
        return (
            _environment()
            .get_template(f"desk/{template}.html.j2")
            .render(
                _=self.say,
                call=self,
                lang=self.lang,
                csrf=self.desk.signed("csrf"),
                url=self.address,
                **given,
            )
        )

    def back(self, path: str, said: str = "") -> Response:
        """On to another page of the quarter, which shows what was done."""
        answer = RedirectResponse(self.address(path), 303)
        if said:
            answer.set_cookie(
                "reporter-desk-said", _packed(said), max_age=30, samesite="strict", httponly=True
            )
        return answer

    @property
    def said(self) -> str:
        """What the step before this page did."""
        return _unpacked(self.request.cookies.get("reporter-desk-said", ""))


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _unpacked(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text.encode()).decode("utf-8")
    except ValueError:
        return ""


def answering(where: str) -> Callable[[Request], Any]:
    """The endpoint of a route: reads the form, asks for the CSRF mark of what changes something, runs the page's function."""

    async def endpoint(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        quarter = request.path_params.get("quarter")
        if quarter is not None and not _QUARTER.match(quarter):
            return PlainTextResponse("404", 404)
        form = FormData()
        if request.method not in _SAFE:
            form = await request.form(max_files=20, max_fields=2_000, max_part_size=LARGEST_TEXT)
            mark = request.headers.get("x-csrf-token") or str(form.get("csrf", ""))
            if not _same(mark, desk.signed("csrf")):
                await form.close()
                return PlainTextResponse("CSRF", 403)
        call = Call(request, desk, form)
        try:
            return await run_in_threadpool(_handler(where), call)
        except ReporterError as error:
            return call.page("error", 409 if isinstance(error, StateError) else 400, error=error)
        finally:
            await form.close()

    return endpoint


@cache
def _handler(where: str) -> Handler:
    module, _, name = where.partition(":")
    found: Handler = getattr(importlib.import_module(f"reporter.desk.{module}"), name)
    return found


# ---------------------------------------------------------------------------------------------- words and templates


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Thai message -> the message in another language, from the Babel catalogue; empty for Thai."""
    path = asset("templates", "desk", "messages", f"{lang}.po")
    if lang == "th":
        return {}
    with path.open("rb") as stream:
        return {str(item.id): str(item.string) for item in read_po(stream) if item.id and item.string}


def translated(thai: str, lang: str) -> str:
    """A message in a language; Thai where the catalogue lacks it."""
    return catalogue(lang).get(thai, thai)


def noted(thai: str) -> str:
    """The message as it is: marks one that a template says later, so that the catalogue has it."""
    return thai


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = shown_number
    made.filters["path"] = lambda address: _own_path(urlsplit(address).path) if address else ""
    return made


def shown_number(value: float | None) -> str:
    """A number as tables of the desk show it: up to six significant digits, thousands apart; – where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.6g}"


@cache
def _assets() -> Mapping[str, tuple[bytes, str]]:
    """Every file that pages load, with its type; nothing comes from elsewhere."""
    desk, variables = asset("templates", "desk"), css_variables().encode()
    found = {
        "desk.css": (variables + (desk / "desk.css").read_bytes(), "text/css"),
        "report.css": (variables + asset("templates", "screen.css").read_bytes(), "text/css"),
        "desk.js": ((desk / "desk.js").read_bytes(), "text/javascript"),
        "htmx.min.js": ((desk / "vendor" / "htmx.min.js").read_bytes(), "text/javascript"),
    }
    for face in sorted(asset("fonts", "sarabun").glob("*.ttf")):
        found[f"fonts/{face.name}"] = face.read_bytes(), "font/ttf"
    return found


# ---------------------------------------------------------------------------------------------- the pages of the frame


def home(call: Call) -> Response:
    """The first page; an address with the token becomes a cookie, so that the token leaves the address bar."""
    answer = RedirectResponse(f"/q/{call.desk.quarter}", 303)
    if call.request.query_params.get("token") and not call.desk.proxy:
        answer.set_cookie(
            call.desk.cookie, call.desk.signed("session"), httponly=True, samesite="strict", path="/"
        )
    return answer


def first_page(call: Call) -> Response:
    """The state of the quarter: the frame at once, its parts when they are read."""
    return call.page("home", title=call.say("งานของไตรมาส"), tab="")


def static(call: Call) -> Response:
    """A stylesheet, a script, a font."""
    content, kind = _assets().get(call.request.path_params["name"], (b"", ""))
    return Response(content, media_type=kind) if kind else PlainTextResponse("404", 404)


def no_icon(call: Call) -> Response:
    """Browsers ask for it with every page that is no page of the desk, such as a part of the report."""
    return Response(status_code=204)


def set_language(call: Call) -> Response:
    """The other language, from now on."""
    answer = RedirectResponse(_own_path(call.text("next")), 303)
    lang = call.text("language")
    if lang in LANGUAGES:
        answer.set_cookie(
            "reporter-desk-language", lang, max_age=31_536_000, samesite="strict", httponly=True
        )
    return answer


def set_name(call: Call) -> Response:
    """Who works at this desk; a proxy tells it where one stands before the desk."""
    answer = RedirectResponse(_own_path(call.text("next")), 303)
    if not call.desk.proxy:
        text = _packed(" ".join(call.text("name").split())[:100])
        value = f"{text}.{call.desk.signed(f'name {text}')}"
        answer.set_cookie("reporter-desk-name", value, max_age=43_200, samesite="strict", httponly=True)
    return answer


def _own_path(text: str) -> str:
    """A path of the desk itself, never another site's address."""
    return text if re.match(r"/(?!/)[\w/.?=&%-]*\Z", text) else "/"


def served(folder: Path, path: str, *, policy: str = STYLED) -> Response:
    """A file under a folder; 404 for one outside of it, a hidden one, or one of a kind that no page shows."""
    target = (folder / path).resolve()
    if target.is_dir():
        target = target / "index.html"
    parts = Path(path).parts
    is_fine = (
        target.is_relative_to(folder.resolve())
        and target.is_file()
        and target.suffix.lower() in _SERVED
        and not any(part.startswith(".") for part in parts)
    )
    if not is_fine:
        return PlainTextResponse("404", 404)
    kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
    if target.suffix in (".xml", ".eml", ".ics", ".json"):
        kind = "text/plain; charset=utf-8"
    return FileResponse(target, media_type=kind, headers={"content-security-policy": policy})


def not_found(request: Request, error: Exception) -> Response:
    """An address that the desk does not have."""
    return PlainTextResponse("404", 404)


def too_large(request: Request, error: Exception) -> Response:
    """A body that grew beyond its bound."""
    return PlainTextResponse(_TOO_LARGE, 413)


def failed(request: Request, error: Exception) -> Response:
    """A fault of the program: shown as such; the traceback goes to the terminal."""
    words = "โปรแกรมผิดพลาด รายละเอียดอยู่ในหน้าต่างคำสั่ง — A fault of the program; the terminal has the details."
    kind = html.escape(type(error).__name__)
    return HTMLResponse(f"<!doctype html><title>500</title><p>{words} ({kind})</p>", 500, dict(_HEADERS))


# ---------------------------------------------------------------------------------------------- the server


def application(desk: Desk) -> ASGIApp:
    """The desk behind its guard."""
    return Guard(router(desk), desk)


def router(desk: Desk) -> Starlette:
    """The routes without the guard; tests list them from here."""
    routes = [Route(path, answering(where), methods=[method]) for method, path, where in ROUTES]
    app = Starlette(
        routes=routes, exception_handlers={404: not_found, 500: failed, _TooLargeError: too_large}
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one. Raises UsageError where the port is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # a browser that opens the printed address at once waits instead of being refused
    except OSError as error:
        listening.close()
        raise UsageError(
            f"พอร์ต {port} ใช้ไม่ได้ ({error.strerror}) — เลือก --port อื่น",
            f"Port {port} cannot be used ({error.strerror}); choose another --port.",
        ) from error
    return listening


def serve(desk: Desk, listening: socket.socket) -> None:
    """Answer until the program is stopped."""
    import uvicorn

    config = uvicorn.Config(
        application(desk),
        log_level="warning",
        access_log=False,  # the first address holds the token
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    _few_arenas()
    threading.Thread(target=_warm_up, daemon=True).start()
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        print(file=sys.stderr)


def _few_arenas() -> None:
    """Threads share two heaps of the C library: with one each, tables that were read and dropped stay as holes in all of them."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def _warm_up() -> None:
    """Import what pages need before they are asked for; what fails here is told when a page needs it."""
    for _, _, where in ROUTES:
        try:
            _handler(where)
        except ImportError:
            return


def current_quarter(data: Path, out: Path, today: dt.date) -> str:
    """The quarter in work: the newest that has a commentary folder or an issue, else the last one that has ended."""
    found = [
        path.name
        for folder in (data / "commentary", out)
        if folder.is_dir()
        for path in folder.iterdir()
        if path.is_dir() and _QUARTER.match(path.name)
    ]
    ended = (today.month - 1) // 3  # quarters of this year that have ended
    return max(found) if found else (f"{today.year}-Q{ended}" if ended else f"{today.year - 1}-Q4")


# ----------------------------------------------------------------------------------------------------
# The manuals as pages of the desk (``reporter.report.manual``): the guide, the methods, the messages.
#
# Goes in: ``templates/desk/guide/th.md`` and its pictures, the declarations. Comes out: pages. The pictures are made
# by ``tests/desk/test_guide.py``, which also holds the guide's words for buttons against the pages that it speaks of.
# ----------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[a-z]+\.png\Z")


def guide_page(call: Call) -> Response:
    """The guide; it is written in Thai for the ministry's analysts."""
    return _manual_page(call, "", call.say("คู่มือ"))


def methods_page(call: Call) -> Response:
    """What is measured how, from the declarations in force."""
    return _manual_page(call, "methods", call.say("วิธีการ"))


def messages_page(call: Call) -> Response:
    """Every message of the program with its English."""
    return _manual_page(call, "messages", call.say("อภิธานข้อความ"))


def _manual_page(call: Call, name: str, title: str) -> Response:
    from reporter.inputs.declared import load
    from reporter.report import manual

    made = {
        "": lambda: manual.guide("guide/"),
        "methods": lambda: manual.methods(load(call.desk.data)),
        "messages": manual.messages,
    }[name]()
    return call.page(
        "guide", title=title, tab="guide", manual=name, html=Markup(made.html), contents=made.contents
    )


def guide_picture(call: Call) -> Response:
    """One picture of the guide."""
    name = str(call.request.path_params["name"])
    path = asset("templates", "desk", "guide", name)
    if not _NAME.match(name) or not path.is_file():
        return PlainTextResponse("404", 404)
    return FileResponse(path, media_type="image/png")
