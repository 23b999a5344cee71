"""Where a service is and with what key it is asked: documented addresses, another server, keys from the environment.

Goes in: a declared service, the environment. Comes out: addresses to try and the key; neither is ever written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from reporter.domain.errors import StateError
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
