"""Typesets one document in a process of its own, with limits on memory and time.

Goes in: HTML, the folder of its charts, attachments, metadata. Comes out: the bytes of the PDF, or a RenderError that says in Thai and
English what stands in the way. The process sees our fonts only and no environment but what it needs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from reporter.assets import asset
from reporter.errors import Finding, RenderError
from reporter.pdf.model import Attachment, Job, Metadata, Result

_LOG = logging.getLogger("reporter.pdf")
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""
# (Thai, English) for each kind of problem; {} is the detail
_MESSAGES = {
    "refused": (
        "เอกสารอ้างถึง {} ซึ่งอยู่นอกโฟลเดอร์ของฉบับ — ใช้ชื่อไฟล์ในโฟลเดอร์ของฉบับเท่านั้น",
        "The document refers to {}, outside the issue's folder. Only files of that folder may be used.",
    ),
    "missing": (
        "ไม่พบไฟล์ {} — สร้างแผนภูมิใหม่หรือแก้ชื่อไฟล์",
        "File {} is missing. Draw the charts again or mend the name.",
    ),
    "anchor": (
        "การอ้างอิงไม่มีปลายทาง: {} — แก้ href หรือ id",
        "A cross-reference has no target: {} Mend its href or the id.",
    ),
    "alt": ("รูปไม่มีคำบรรยายสำหรับผู้อ่านด้วยเสียง: {} — เติม alt", "A figure has no alternate text: {} Add alt."),
    "memory": (
        "หน่วยความจำไม่พอสำหรับจัดหน้าภายใน {} MB — แบ่งตารางยาวหรือเพิ่มขีดจำกัด",
        "Typesetting needs more than {} MB. Shorten the longest tables or raise the limit.",
    ),
    "time": ("จัดหน้าไม่เสร็จภายใน {} วินาที", "Typesetting did not finish within {} seconds."),
    "failed": ("จัดหน้าไม่สำเร็จ: {}", "Typesetting failed: {}"),
}


def typeset(
    html: str,
    *,
    assets: Path,
    metadata: Metadata,
    attachments: Sequence[Attachment] = (),
    names: Sequence[str] = (),
    thai_digits: bool = False,
    memory_limit_mb: int = 1200,
    timeout: float = 300.0,
    standby: Standby | None = None,
) -> bytes:
    """Turn one HTML document (docs/print.md) into a PDF; the same input gives the same bytes.

    assets           the only folder whose files the HTML may name
    names            names that no line break may split, beyond those of reporter.linebreak
    thai_digits      Arabic digits of Thai text become Thai digits
    memory_limit_mb  of the typesetting process; timeout in seconds
    standby          a process that is waiting for the job; None starts one
    Raises           RenderError, with one finding for each problem.
    """
    result = typeset_job(
        Job(
            html=html,
            assets=assets.resolve(),
            stylesheets=(asset("templates", "print.css"),),
            metadata=metadata,
            attachments=tuple(attachments),
            names=tuple(names),
            thai_digits=thai_digits,
            memory_limit_mb=memory_limit_mb,
        ),
        timeout=timeout,
        standby=standby,
    )
    for kind, detail in result.warnings:
        _LOG.warning("%s: %s", kind, detail)
    return result.pdf


class Standby:
    """A typesetting process that loads its libraries while there is nothing to set yet; it serves one job."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="reporter-typeset-")
        config = Path(self._scratch.name, "fonts.conf")
        config.write_text(
            _FONTS.format(fonts=escape(str(asset("fonts"))), cache=escape(self._scratch.name)),
            encoding="utf-8",
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reporter.pdf.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(config),
        )

    def __enter__(self) -> Standby:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process, whether or not it had anything to do."""
        self._process.kill()
        self._process.communicate()
        self._scratch.cleanup()

    def run(self, job: Job, timeout: float) -> tuple[int, bytes, bytes]:
        """Exit status and what the process wrote. Raises subprocess.TimeoutExpired."""
        output, errors = self._process.communicate(pickle.dumps(job), timeout=timeout)
        return self._process.returncode, output, errors


def typeset_job(job: Job, *, timeout: float, standby: Standby | None = None) -> Result:
    """Run a job in a process of its own. Raises RenderError when it has problems."""
    with contextlib.ExitStack() as stack:
        process = standby or stack.enter_context(Standby())
        try:
            status, output, errors = process.run(job, timeout)
        except subprocess.TimeoutExpired as error:
            raise _failure([("time", f"{timeout:.0f}")]) from error
    if status or not output:
        lines = errors.decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else f"exit status {status}"
        raise _failure([("memory", str(job.memory_limit_mb)) if "MemoryError" in last else ("failed", last)])
    result: Result = pickle.loads(output)
    if result.problems:
        raise _failure(result.problems)
    return result


def _environment(config: Path) -> dict[str, str]:
    """The variables of the process: our package, our fonts, a fixed locale."""
    package = str(Path(__file__).resolve().parents[2])
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR")
        if name in os.environ
    }
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    fixed = {
        "FONTCONFIG_FILE": str(config),
        "PYTHONPATH": path,
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
    }
    return {**kept, **fixed}


def _failure(problems: Sequence[tuple[str, str]]) -> RenderError:
    """One error for all problems."""
    said = [tuple(text.format(detail) for text in _MESSAGES[kind]) for kind, detail in problems]
    findings = [
        Finding("error", "report.pdf", th, en, rule=f"pdf.{kind}")
        for (kind, _), (th, en) in zip(problems, said, strict=True)
    ]
    return RenderError("; ".join(th for th, _ in said[:5]), "; ".join(en for _, en in said[:5]), findings)
