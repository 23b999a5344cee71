"""What is said when a service fails: the service, the data set, what happened, what to do. Never a key.

Goes in: the fault. Comes out: a ``ServiceError`` with one Thai and one English sentence.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from reporter.domain.errors import ServiceError
from reporter.sources.access import without_login
from reporter.sources.catalogue import Service


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
