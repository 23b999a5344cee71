"""Addresses and keys of services, and the errors reported when a service fails.

Goes in: a declared service, the environment, a fault. Comes out: addresses to try and the key, neither of which is ever written down,
and a ``ServiceError`` with one Thai and one English sentence: the service, the data set, what happened, what to do.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import logging
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import quote, quote_plus, urlencode, urljoin, urlsplit

import httpx
import tenacity

from reporter import __version__
from reporter.domain.errors import ServiceError, StateError
from reporter.domain.periods import now_in_bangkok
from reporter.sources.catalogue import Dataset, Service


def addresses(service: Service, dataset: Dataset, override: str = "") -> list[str]:
    """Addresses to try for a data set, first the documented one.

    An override may name the bare server, the server with part of the documented path, or the whole address: what the
    two paths share is not repeated, and a server that answers 404 there is asked without the documented path.
    """
    documented = "/".join(part.strip("/") for part in (service.path, dataset.path) if part)
    slash = "/" if service.path.endswith("/") and not dataset.path else ""
    if not override:
        return [f"{service.address.rstrip('/')}/{documented}{slash}"]
    server = override.split("?")[0].rstrip("/")
    given = [part for part in urlsplit(server).path.split("/") if part]
    wanted = documented.split("/")
    shared = max(
        (n for n in range(len(wanted) + 1) if n <= len(given) and given[len(given) - n :] == wanted[:n]),
        default=0,
    )
    first = "/".join([server, *wanted[shared:]]) + slash
    second = f"{server}/{dataset.path}" if dataset.path else server
    return [first] if first == second else [first, second]


def without_login(address: str) -> str:
    """An address as it may be written down: without the name and password that it may hold."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def key_of(service: Service, environment: Mapping[str, str]) -> str:
    """The service's key from the environment, or ""."""
    if service.key is None:
        return ""
    key = environment.get(service.key.env, "").strip()
    if not key:
        raise StateError(
            f"{service.id} ต้องใช้กุญแจ แต่ไม่มีตัวแปรสภาพแวดล้อม {service.key.env} — ตั้งค่าแล้วสั่งใหม่",
            f"{service.id} needs a key, but the environment has no {service.key.env}; set it and run again.",
        )
    if not key.isascii() or not key.isprintable():
        raise StateError(
            f"กุญแจใน {service.key.env} มีอักขระที่ใช้ไม่ได้ — คัดลอกจากหน้าข้อมูลบัญชีใหม่",
            f"The key in {service.key.env} has characters that no key has; copy it again.",
        )
    return key


def override_of(service: Service, environment: Mapping[str, str]) -> str:
    """The address of another server from the environment, or ""."""
    address = environment.get(service.address_env, "").strip()
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_web = False
    if address and not is_web:
        raise StateError(
            f"{service.address_env} ไม่ใช่ที่อยู่เว็บ — ตั้งเป็น http://... หรือ https://...",
            f"{service.address_env} is not a web address; set it to http://... or https://...",
        )
    return address


def failure(service: Service, dataset: str, th: str, en: str) -> ServiceError:
    """A ServiceError that names the service and the data set."""
    return ServiceError(f"{service.id}:{dataset} {th}", f"{service.id}:{dataset} {en}")


def wrong_key(service: Service, dataset: str, said: str) -> ServiceError:
    """The service refuses the key."""
    variable = service.key.env if service.key else "-"
    return failure(
        service,
        dataset,
        f"ปฏิเสธกุญแจ ({said}) — ตรวจค่าใน {variable} และสิทธิ์ของชุดข้อมูล",
        f"refuses the key ({said}); check {variable} and the right to this data set.",
    )


def blocked(service: Service, dataset: str, status: int) -> ServiceError:
    """The service, or the firewall before it, refuses access; the statistical office's says so with 418."""
    return failure(
        service,
        dataset,
        f"ไม่ให้เข้าถึง (HTTP {status}) อาจถูกกั้นโดยไฟร์วอลล์ — สั่งใหม่ภายหลัง หรือดาวน์โหลดเองแล้ววางใน incoming/",
        f"lets nobody in (HTTP {status}), perhaps its firewall; run again later, or download the file into incoming/.",
    )


def still_refused(
    service: Service, dataset: str, status: int, wait: float | None, longest: float
) -> ServiceError:
    """A status that stayed after retries, or a wait longer than declared (seconds)."""
    if (wait or 0) > longest:
        return failure(
            service,
            dataset,
            f"ตอบ HTTP {status} และให้รอ {wait:.0f} วินาที — สั่งใหม่ภายหลัง",
            f"answered HTTP {status} and asks to wait {wait:.0f} s; run again later.",
        )
    return failure(
        service,
        dataset,
        f"ยังตอบ HTTP {status} หลังลองซ้ำ — สั่งใหม่ภายหลัง",
        f"still answers HTTP {status} after retries; run again later.",
    )


def unreachable(service: Service, dataset: str, address: str, error: httpx.TransportError) -> ServiceError:
    """A broken or missing connection, told apart by what the user can do about it. The address carries no key."""
    host = urlsplit(without_login(address)).netloc
    if isinstance(error, httpx.TimeoutException):
        return failure(
            service,
            dataset,
            f"ไม่ตอบภายในเวลา ({host}) — สั่งใหม่ภายหลัง",
            f"does not answer in time ({host}); run again later.",
        )
    if "CERTIFICATE" in str(error).upper():
        return failure(
            service,
            dataset,
            f"ใบรับรอง TLS ของ {host} ไม่ถูกต้อง — แจ้งผู้ดูแลบริการ หรือตั้ง SSL_CERT_FILE หากผ่านพร็อกซีของหน่วยงาน",
            f"the TLS certificate of {host} is not valid; tell its keepers, or set SSL_CERT_FILE behind an office proxy.",
        )
    if isinstance(error, httpx.ConnectError):
        return failure(
            service,
            dataset,
            f"เชื่อมต่อ {host} ไม่ได้ — ตรวจเครือข่าย พร็อกซี และที่อยู่ใน {service.address_env}",
            f"cannot connect to {host}; check network, proxy and the address in {service.address_env}.",
        )
    return failure(
        service,
        dataset,
        f"การเชื่อมต่อกับ {host} ขาดหลังลองซ้ำ — สั่งใหม่ภายหลัง",
        f"the connection to {host} broke, also on retries; run again later.",
    )


# ----------------------------------------------------------------------------------------------------
# One HTTP client for all data services: patient with faults, polite in pace, silent about keys.
#
# Goes in: a declared service and the parameters of one request. Comes out: an ``Answer``, whose address and bytes hold no
# key. Retries with exponential backoff and jitter on 429, 5xx and broken connections; a Retry-After is honoured; TLS is
# verified; proxies come from the environment (never for loopback addresses); an answer larger than the declared limit is
# refused while it arrives. Method: RFC 9110 (10.2.3 Retry-After, 15 status codes).
# ----------------------------------------------------------------------------------------------------

_HIDDEN = "***"
_RETRIED = {408, 425, 429, 500, 502, 503, 504}
_BLOCKED = {401, 403, 418}
_REDIRECTS = 3
_LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")

# httpx logs whole addresses, keys in parameters included, as soon as someone turns logging on.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


@dataclass(frozen=True)
class ServiceAnswer:
    """What a service answered. ``address`` is without the key; ``hidden`` says that the bytes repeated the key."""

    content: bytes
    status: int
    content_type: str
    address: str
    received: dt.datetime
    hidden: bool = False


class _RefusedError(Exception):
    """A status worth another try, with what the server said about when."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.retry_after = status, retry_after


class Client:
    """Calls one service. Use as a context manager; not shared between threads.

    clock   the time now, with its zone; sleep   waits (tests pass their own)
    Raises  StateError at once when the service needs a key and the environment has none
    """

    def __init__(
        self,
        service: Service,
        *,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], dt.datetime] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.service = service
        self._key = key_of(service, environment)
        self._override = override_of(service, environment)
        self._clock = clock or now_in_bangkok
        self._sleep = sleep or time.sleep
        self._last = float("-inf")
        self._base = 0
        headers = {
            "User-Agent": f"reporter/{__version__}",
            "Accept": "application/json, text/csv;q=0.9, */*;q=0.1",
        }
        if service.key and service.key.place == "header":
            headers[service.key.name] = self._key
        self._http = httpx.Client(
            headers=headers,
            timeout=service.client.timeout_seconds,
            follow_redirects=False,
            mounts=dict.fromkeys(_LOOPBACK),
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, dataset: Dataset, parameters: Mapping[str, str]) -> ServiceAnswer:
        """One answer of a data set. Raises ServiceError; its texts hold no key."""
        asked = {**self.service.fixed, **parameters}
        if self.service.dataset_parameter:
            asked = {self.service.dataset_parameter: dataset.id, **asked}
        bases = addresses(self.service, dataset, self._override)
        for number in range(min(self._base, len(bases) - 1), len(bases)):
            answer = self._patiently(dataset, bases[number], asked)
            if answer.status != 404 or number == len(bases) - 1:
                self._base = number
                break
        if answer.status in (401, 403) and self.service.key is not None:
            raise wrong_key(self.service, dataset.id, f"HTTP {answer.status}")
        if answer.status in _BLOCKED:
            raise blocked(self.service, dataset.id, answer.status)
        if answer.status >= 400:
            raise failure(
                self.service,
                dataset.id,
                f"ตอบ HTTP {answer.status} — ตรวจรหัสชุดข้อมูลและพารามิเตอร์",
                f"answered HTTP {answer.status}; check the data set's id and parameters.",
            )
        return answer

    def _patiently(self, dataset: Dataset, address: str, parameters: Mapping[str, str]) -> ServiceAnswer:
        """One request with its retries."""
        policy = self.service.client
        jitter = random.Random()

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, _RefusedError) and error.retry_after is not None:
                return error.retry_after
            longest = policy.backoff_seconds * 2 ** (state.attempt_number - 1)
            return min(longest * jitter.uniform(0.5, 1.0), policy.longest_wait_seconds)

        def stop(state: tenacity.RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, _RefusedError) and (error.retry_after or 0) > policy.longest_wait_seconds:
                return True
            most = policy.connect_attempts if isinstance(error, httpx.ConnectError) else policy.attempts
            return state.attempt_number >= most

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            wait=wait,
            stop=stop,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._once, dataset, address, parameters)
        except _RefusedError as error:
            raise still_refused(
                self.service, dataset.id, error.status, error.retry_after, policy.longest_wait_seconds
            ) from None
        except httpx.TransportError as error:
            raise unreachable(self.service, dataset.id, address, error) from None
        except (httpx.DecodingError, httpx.InvalidURL):
            raise failure(
                self.service,
                dataset.id,
                "ตอบข้อมูลที่ถอดรหัสไม่ได้ — สั่งใหม่ภายหลัง",
                "answered data that cannot be decoded; run again later.",
            ) from None

    def _once(self, dataset: Dataset, address: str, parameters: Mapping[str, str]) -> ServiceAnswer:
        """One request, redirects of the same host followed."""
        self._keep_pace()
        url = _with(address, {**parameters, **self._key_parameter()})
        for _ in range(_REDIRECTS + 1):
            with self._http.stream("GET", url) as response:
                if response.status_code in _RETRIED:
                    raise _RefusedError(response.status_code, _retry_after(response, self._clock()))
                if not response.has_redirect_location:
                    content = self._body(dataset, response)
                    break
                url = self._next(dataset, url, response.headers["Location"])
        else:
            raise failure(
                self.service,
                dataset.id,
                "เปลี่ยนเส้นทางไม่รู้จบ — แจ้งผู้ดูแลบริการ",
                "redirects in a circle; tell its keepers.",
            )
        hidden = self._hide(content)
        return ServiceAnswer(
            content=hidden,
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            address=_with(without_login(address), parameters),
            received=self._clock(),
            hidden=hidden != content,
        )

    def _body(self, dataset: Dataset, response: httpx.Response) -> bytes:
        """The bytes of an answer, as far as the declared limit."""
        limit = int(self.service.client.limit_megabytes * 1_000_000)
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > limit:
                raise failure(
                    self.service,
                    dataset.id,
                    f"ตอบมากกว่า {limit:,} ไบต์ที่กำหนด — จำกัดด้วยพารามิเตอร์หรือเพิ่ม limit_megabytes",
                    f"answered more than the limit of {limit:,} bytes; narrow the parameters or raise limit_megabytes.",
                )
        return bytes(content)

    def _next(self, dataset: Dataset, url: str, location: str) -> str:
        """Where a redirect leads, if to the same host and not from TLS to plain HTTP: a key goes nowhere else."""
        try:
            target = urljoin(url, location)
            old, new = urlsplit(url), urlsplit(target)
        except ValueError:
            raise failure(
                self.service,
                dataset.id,
                "เปลี่ยนเส้นทางไปที่อยู่ที่ไม่ถูกต้อง — แจ้งผู้ดูแลบริการ",
                "redirects nowhere; tell its keepers.",
            ) from None
        if new.hostname != old.hostname or (old.scheme == "https" and new.scheme != "https"):
            raise failure(
                self.service,
                dataset.id,
                f"เปลี่ยนเส้นทางไปที่ {new.hostname} ซึ่งไม่ได้ประกาศไว้ — ตรวจที่อยู่ของบริการ",
                f"redirects to {new.hostname}, which is not declared; check the service's address.",
            )
        return target

    def _keep_pace(self) -> None:
        """Wait until the declared interval since the last request has passed."""
        rest = self._last + self.service.client.interval_seconds - time.monotonic()
        if rest > 0:
            self._sleep(rest)
        self._last = time.monotonic()

    def _key_parameter(self) -> dict[str, str]:
        key = self.service.key
        return {key.name: self._key} if key and key.place == "parameter" else {}

    def _hide(self, content: bytes) -> bytes:
        """Bytes with every spelling of the key replaced; services repeat their parameters in their answers."""
        if not self._key:
            return content
        spellings = {self._key, quote(self._key, safe=""), quote_plus(self._key), json.dumps(self._key)[1:-1]}
        for spelling in sorted(spellings, key=len, reverse=True):
            # Inside a longer word it is not the key, and the data must stay as they are.
            pattern = rb"(?<![0-9A-Za-z])" + re.escape(spelling.encode()) + rb"(?![0-9A-Za-z])"
            content = re.sub(pattern, _HIDDEN.encode(), content)
        return content


def _with(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address


def _may_pass(error: BaseException) -> bool:
    """Whether a fault may be gone on another try."""
    broken = isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)
    return broken or isinstance(error, _RefusedError)


def _retry_after(response: httpx.Response, now: dt.datetime) -> float | None:
    """Seconds that the server asks to wait, from seconds or a date; None where it says nothing usable."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - now).total_seconds())


__all__ = ["Client", "ServiceAnswer"]
