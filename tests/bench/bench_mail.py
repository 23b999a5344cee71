"""Time and memory of ``reporter send``: 1,000 recipients, a report of 2 MB, a server on loopback.

Run by ``make bench``. Claimed: under 60 seconds, and memory that does not grow with the number of recipients. The server is a
process of its own that reads messages to their final dot and counts them.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import resource
import socket
import sys
import tempfile
import time
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reporter.delivery.mail import sending
from reporter.domain.periods import parse_quarter
from tests.support.mailbox import NOON, QUARTER, make_issue, make_workspace

RECIPIENTS, PDF_BYTES, LIMIT_SECONDS = 1000, 2_000_000, 60.0


def sink(ready: Pipe) -> None:
    """Answer SMTP, swallow contents, report how many messages and bytes came."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready.send(listener.getsockname()[1])
        messages = received = 0
        listener.settimeout(0.5)
        while not ready.poll():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(None)
                count, size = _session(connection)
                messages, received = messages + count, received + size
        ready.send((messages, received))


def _session(connection: socket.socket) -> tuple[int, int]:
    messages = received = 0
    reader = connection.makefile("rb", buffering=1 << 20)
    connection.sendall(b"220 sink\r\n")
    while line := reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            connection.sendall(b"354 go\r\n")
            while (text := reader.readline()) != b".\r\n":
                received += len(text)
            messages += 1
        connection.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")
        if verb == b"QUIT":
            break
    return messages, received


def measure(count: int) -> tuple[float, float]:
    """Seconds and megabytes of peak memory for ``count`` recipients."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=sink, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    with tempfile.TemporaryDirectory() as scratch:
        out, data = Path(scratch) / "out", Path(scratch) / "data"
        make_issue(out, pdf=b"%PDF-1.7\n" + os.urandom(PDF_BYTES))
        make_workspace(data, count)
        request = sending.SendRequest(
            quarter=parse_quarter(QUARTER),
            data=data,
            out=out,
            environment={"REPORTER_SMTP_URL": f"smtp://127.0.0.1:{port}"},
            clock=sending.Clock(lambda: NOON + dt.timedelta(0), time.sleep),
            say=lambda thai, english: None,
            ask=lambda address: None,
        )
        started = time.perf_counter()
        sending.send(request)
        seconds = time.perf_counter() - started
    here.send("stop")
    messages, received = here.recv()
    server.join()
    assert messages == count, f"{messages} messages arrived, not {count}"
    assert received > count * PDF_BYTES
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print seconds, rate and memory; the peak after 100 is compared with the peak after 1,000."""
    _, small = measure(100)
    seconds, large = measure(RECIPIENTS)
    verdict = "holds" if seconds < LIMIT_SECONDS else "DOES NOT HOLD"
    print(
        f"{RECIPIENTS} recipients, {PDF_BYTES / 1e6:.0f} MB report: {seconds:.1f} s (limit {LIMIT_SECONDS:.0f} s): {verdict}"
    )
    flat = "flat" if large - small < 20 else "GROWS"
    print(f"peak memory {small:.0f} MB after 100 recipients, {large:.0f} MB after {RECIPIENTS}: {flat}")


if __name__ == "__main__":
    main()
