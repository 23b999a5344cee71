"""The only way files reach the typesetter: from the issue's own folder and the package, by plain relative name.

Goes in: addresses found in the HTML. Comes out: bytes, or a recorded problem. No network, no other part of the disk.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint.urls import URLFetcher, URLFetcherResponse

BASE = "https://issue.invalid/"  # a reserved name that no network knows; only a base for relative names


class AssetFetcher(URLFetcher):
    """Serves ``charts/x.svg`` from one folder and refuses every other address.

    instead    path in the folder -> bytes that are given in place of the file's
    problems   (``refused``|``missing``, address), in the order met; the caller fails the build on any
    """

    def __init__(self, assets: Path, instead: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols=["https"])
        self._assets, self._instead = assets.resolve(), instead or {}
        self.problems: list[tuple[str, str]] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Read one file. Raises ValueError for anything else, after noting it."""
        if not url.startswith(BASE):
            raise self._problem("refused", url)
        path = (self._assets / unquote(urlsplit(url).path).lstrip("/")).resolve()
        if not path.is_relative_to(self._assets):
            raise self._problem("refused", url)
        name = path.relative_to(self._assets).as_posix()
        if not path.is_file():
            raise self._problem("missing", name)
        kind = mimetypes.guess_type(path.name, strict=False)[0] or "application/octet-stream"
        content = self._instead.get(name)
        return URLFetcherResponse(
            url, path.read_bytes() if content is None else content, {"Content-Type": kind}
        )

    def _problem(self, kind: str, address: str) -> ValueError:
        self.problems.append((kind, address[:200]))
        return ValueError(f"{kind}: {address[:200]}")
