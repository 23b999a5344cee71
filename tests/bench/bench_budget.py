"""The website on a phone: largest paint, bytes of the first view, layout shift and the time of a choice, on a slow line and a slow processor.

Profile, set in the browser (issue 25): 1.6 Mbit/s down, 150 ms latency, processor four times slower, 390 x 844 pixels. The site is served
compressed, as docs/server/nginx.conf does. A built issue of the sample is published where out/2025-Q3 is there (or the folder given
as first argument holds it), else a small example, which says less.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from reporter.delivery.site import publish
from tests.delivery.site.conftest import build_small, request
from tests.support.loopback import QuietServer

PAGES = (
    "index.html",
    "dashboard/index.html",
    "search/index.html",
    "2568/q3/index.html",
    "2568/q3/v1/read.html",
)
KEPT = re.compile(
    r"/(assets/|\d+/q[1-4]/v\d+/|(dashboard|search)/\d+q[1-4]v\d+-)"
)  # as docs/server/nginx.conf
TURNS = 3
PAINT, BYTES, SCRIPTS, CHOICE = 2500, 150_000, 50_000, 200
OBSERVE = """
window.seen = { paint: 0, shift: 0 };
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.seen.paint = entry.startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value; })
  .observe({ type: 'layout-shift', buffered: true });
"""
# From the choice to the end of the frame that shows it.
CHOOSE = """async ([field, value]) => {
  const node = document.getElementById(field), start = performance.now();
  const done = new Promise((resolve) => new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start))))
    .observe(document.querySelector('#history .view'), { childList: true }));
  node.value = value;
  node.dispatchEvent(new Event('change'));
  return done;
}"""


class _Compressed(SimpleHTTPRequestHandler):
    """Files as a server sends them that compresses text."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body, is_text = path.read_bytes(), path.suffix not in (".woff2", ".png", ".pdf", ".xlsx")
        body = gzip.compress(body, 6) if is_text else body
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=31536000" if KEPT.match(self.path) else "no-cache")
        if is_text:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of the site on this machine."""
    server = QuietServer(("127.0.0.1", 0), partial(_Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def phone(browser: Browser) -> Page:
    """A page on the profile, with nothing in its cache."""
    page = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, device_scale_factor=2
    ).new_page()
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    line = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
    tools.send("Network.emulateNetworkConditions", line)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(OBSERVE)
    return page


def first_view(browser: Browser, address: str) -> tuple[float, float, int, int]:
    """Largest paint in ms, layout shift, bytes of all and of scripts that were there when the view was finished."""
    page = phone(browser)
    sizes: dict[str, dict[str, int]] = {"script": {}, "other": {}}

    def count(answer) -> None:
        is_code = (
            answer.request.resource_type == "script" and "/assets/" in answer.url
        )  # the others hold numbers
        kind = "script" if is_code else "other"
        # By address: what a frame of the page asks for once more the browser has already.
        sizes[kind][answer.url] = int(answer.headers.get("content-length", 0))

    page.on("response", count)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(1500)
    seen = page.evaluate("window.seen")
    page.context.close()
    return (
        seen["paint"],
        seen["shift"],
        sum(sum(one.values()) for one in sizes.values()),
        sum(sizes["script"].values()),
    )


def choices(browser: Browser, address: str) -> list[float]:
    """Milliseconds of choosing quarters, a range and a dimension in the dashboard."""
    page = phone(browser)
    page.goto(address, wait_until="load")
    page.locator("#history .view svg").first.wait_for()
    page.wait_for_timeout(1000)
    asked = [
        ("choose-q", "2025-Q2"),
        ("choose-q", "2025-Q1"),
        ("choose-r", "20"),
        ("choose-d", "wages"),
        ("choose-d", "overall"),
    ]
    found = [page.evaluate(CHOOSE, list(one)) for one in asked]
    page.context.close()
    return found


def main() -> None:
    """Print what was measured beside its bound."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        if not (out / "2025-Q3" / "manifest.json").exists():
            out = Path(folder, "out")
            build_small(out, "2025-Q3")
            print("no built issue in out/: measured on a small example")
        publish(request(out, site))
        with served(site) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for path in PAGES:
                seen = [first_view(browser, f"{address}/{path}") for _ in range(TURNS)]
                paint, shift, size, scripts = (median(values) for values in zip(*seen, strict=True))
                print(
                    f"{path}: largest paint {paint:.0f} ms (bound {PAINT}), layout shift {shift:.3f} (0), "
                    f"{size / 1000:.0f} kB ({BYTES // 1000}), of which program code {scripts / 1000:.0f} kB ({SCRIPTS // 1000})"
                )
            taken = choices(browser, f"{address}/dashboard/index.html")
            print(
                f"a choice in the dashboard: median {median(taken):.0f} ms, longest {max(taken):.0f} ms (bound {CHOICE})"
            )
            browser.close()


if __name__ == "__main__":
    main()
