"""Styles, scripts and fonts of the website, named by their content so that an old page keeps the ones it was made with.

Goes in: ``templates/site/*.css``, ``*.js``, ``vendor/`` (libraries as released, with ``vendor.toml``), ``fonts/sarabun``.
Comes out: files under ``assets/``, fonts as WOFF2, and the licences of what others made.
"""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from reporter.delivery.site.tree import NextSite
from reporter.domain.assets import asset, css_variables

_FONTS = {"sarabun-regular.woff2": "Sarabun-Regular.ttf", "sarabun-semibold.woff2": "Sarabun-SemiBold.ttf"}
_SCRIPTS = ("search", "charts", "dashboard")
_SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*\n?", re.MULTILINE)
_IMPORT = re.compile(r"^import \{(.+)\} from 'vega-util';$", re.MULTILINE)
_EXPORT = re.compile(r"^export \{ (\w+) as expressionInterpreter \};$", re.MULTILINE)


@cache
def _files() -> dict[str, bytes]:
    """Name -> content of every asset. The stylesheet names fonts by their own hashes."""
    fonts = {plain: _woff2(asset("fonts", "sarabun", face)) for plain, face in _FONTS.items()}
    named = {plain: _named(plain, content) for plain, content in fonts.items()}
    style = css_variables() + asset("templates", "site", "site.css").read_text(encoding="utf-8")
    for plain, name in named.items():
        style = style.replace(plain, name)
    found = {named[plain]: content for plain, content in fonts.items()}
    found[_named("site.css", style.encode())] = style.encode()
    for script in _SCRIPTS:
        content = asset("templates", "site", f"{script}.js").read_bytes()
        found[_named(f"{script}.js", content)] = content
    found["OFL.txt"] = asset("fonts", "sarabun", "OFL.txt").read_bytes()
    return found | _libraries()


@cache
def vendored() -> Mapping[str, Mapping[str, Any]]:
    """Library -> ``version``, ``file``, ``sha256``, ``licence``, ``licence_files`` as ``vendor.toml`` declares them."""
    return tomllib.loads(asset("templates", "site", "vendor", "vendor.toml").read_text(encoding="utf-8"))


def _libraries() -> dict[str, bytes]:
    """The vendored scripts as classic scripts (a page on a disk may load no modules), and their licences."""
    found = {}
    for library in vendored().values():
        content = _SOURCE_MAP.sub(b"", asset("templates", "site", "vendor", library["file"]).read_bytes())
        if b"\nexport {" in content:
            content = _classic(content.decode("utf-8")).encode("utf-8")
        found[_named(library["file"], content)] = content
        for licence in library["licence_files"]:
            found[licence] = asset("templates", "site", "vendor", licence).read_bytes()
    return found


def _classic(module: str) -> str:
    """Vega's interpreter, released as a module only, as a script that puts itself beside Vega's other parts."""
    body = _IMPORT.sub(r"const {\1} = vega;", module)
    body = _EXPORT.sub(r"vega.expressionInterpreter = \1;", body)
    return f'"use strict";\n(() => {{\n{body}}})();\n'


def _named(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"


def _woff2(path: Path) -> bytes:
    """The face as WOFF2; its own time stamp stays, so that two runs give equal bytes."""
    font = TTFont(path, recalcTimestamp=False)
    font.flavor = "woff2"
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def names() -> dict[str, str]:
    """``site.css`` -> ``assets/site.<hash>.css``, for templates."""
    return {f"{name.split('.')[0]}.{name.split('.')[-1]}": f"assets/{name}" for name in _files()}


def write_assets(site: NextSite) -> None:
    """Write the assets that the site does not have yet; older ones stay for the pages that use them."""
    for name, content in _files().items():
        if not site.exists(f"assets/{name}"):
            site.write(f"assets/{name}", content)
