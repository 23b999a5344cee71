"""The desk on the built sample: seconds to its first page, its memory with a draft open, milliseconds from a change to the page beside it.

Needs ``make report`` before: ``data`` and ``out`` beside this checkout's files, or those that ``DATA`` and ``OUT`` name. Printed are wall
times, each with its bound, so the machine must be otherwise idle; the load is printed with them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

HERE = Path(__file__).resolve().parents[2]
DATA, OUT = Path(os.environ.get("DATA", HERE / "data")), Path(os.environ.get("OUT", HERE / "out"))
EDITS = 50


def opened(desk: subprocess.Popen[str]) -> httpx.Client:
    """A client that the desk has let in by the address that it printed."""
    assert desk.stdout is not None
    address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", desk.stdout.readline())
    if address is None:
        raise SystemExit("The desk did not say where it is open.")
    client = httpx.Client(base_url=address[0].partition("/?")[0], follow_redirects=True, timeout=120)
    client.get(address[0]).raise_for_status()
    return client


def edits(client: httpx.Client, quarter: str) -> list[float]:
    """Seconds that each of the changes of a text takes to be shown in its chapter, after a first one that reads the issue."""
    page = client.get(f"/q/{quarter}/write/labour").text
    mark = re.search(r'<meta name="csrf" content="([^"]+)"', page)
    assert mark is not None
    times = []
    for number in range(EDITS + 1):
        began = time.perf_counter()
        answer = client.post(
            f"/q/{quarter}/write/labour/preview",
            data={"text": f"ข้อความที่ {number}-"},
            headers={"X-CSRF-Token": mark[1], "Origin": str(client.base_url).rstrip("/")},
        )
        times.append(time.perf_counter() - began)
        shown = answer.json()["html"] if answer.status_code == 200 else answer.text
        if shown is None:
            raise SystemExit("The issue was built by another version of the program: run make report first.")
        assert f"ข้อความที่ {number}-" in shown, shown[:300]
    return sorted(times[1:])


def main() -> None:
    """Print the three figures."""
    issues = sorted(OUT.glob("*-Q*/issue.json"))
    if not issues:
        print("no built issue: run make report first")
        return
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "reporter",
        "desk",
        "--data",
        str(DATA),
        "--out",
        str(OUT),
        "--port",
        "0",
    ]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as desk:
        try:
            client = opened(desk)
            print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
            print(f"first page after the start, seconds: {time.perf_counter() - began:.2f}, bound 2.00")
            times = edits(client, issues[-1].parent.name)
            memory = psutil.Process(desk.pid).memory_full_info().uss / 2**20
            print(
                f"from a change to the page beside it, 95th percentile of {EDITS}, seconds: {times[int(0.95 * EDITS)]:.2f}, bound 1.00"
            )
            print(f"memory with a draft open, MB: {memory:.0f}, bound 500")
        finally:
            desk.terminate()


if __name__ == "__main__":
    main()
