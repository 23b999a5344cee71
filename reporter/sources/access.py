"""Where a service is, with what key it is asked, and what is said when it fails.

Goes in: a declared service, the environment, a fault. Comes out: addresses to try and the key, neither of which is ever written down,
and a ``ServiceError`` with one Thai and one English sentence: the service, the data set, what happened, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from reporter.domain.errors import ServiceError, StateError
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
    """The service, or the firewall before it, lets nobody in; the statistical office's says so with 418."""
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
