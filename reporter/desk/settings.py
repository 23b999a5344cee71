"""The workspace at the desk: its settings as a text that is checked before it is saved, and its files in the place of the program's.

Goes in: ``workspace.toml`` and the workspace's templates and rules. Comes out: the same files. A text that breaks the schema is not
saved; the former one stays. Which files can be taken into a workspace says ``reporter.inputs.overrides``.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from starlette.responses import Response

from reporter.desk.server import Call
from reporter.desk.writing import save, stored
from reporter.domain.declarations import Name
from reporter.domain.edition import Settings
from reporter.inputs.overrides import STATES, begin, overrides, possible
from reporter.inputs.workspace import SETTINGS_FILE, read_settings
from reporter.report.commentary import clean


def workspace_page(call: Call) -> Response:
    """Settings, every key that they may have with its usual value, own templates and rules."""
    file = stored(call.desk.data / SETTINGS_FILE)
    found = overrides(call.desk.data)
    taken = {one.path for one in found}
    return call.page(
        "workspace",
        title=call.say("พื้นที่งาน"),
        tab="workspace",
        file=file,
        keys=_keys(),
        found=found,
        possible=[path for path in possible() if path not in taken],
        states=STATES,
        place=0 if call.lang == "th" else 1,
    )


def _keys() -> list[tuple[str, str]]:
    """Every key of ``workspace.toml`` with its usual value as TOML."""
    return [(item.name, _toml(getattr(Settings(), item.name))) for item in dataclasses.fields(Settings)]


def _toml(value: object) -> str:
    if isinstance(value, Name):
        return f'{{ th = "{value.th}", en = "{value.en}" }}'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def save_settings(call: Call) -> Response:
    """Save ``workspace.toml`` where it keeps to the schema. Raises DeclarationError, with every fault, where it does not."""
    text = clean(call.text("text")).rstrip() + "\n"
    with tempfile.TemporaryDirectory(prefix="reporter-desk-") as folder:
        (Path(folder) / SETTINGS_FILE).write_text(text, encoding="utf-8")
        read_settings(Path(folder))
    save(call.desk.data / SETTINGS_FILE, text, call.text("digest"))
    return call.back("/workspace", call.say("บันทึกค่าตั้งแล้ว"))


def take_over(call: Call) -> Response:
    """Copy a template or a book of rules of the program into the workspace, to be changed there."""
    path = begin(call.desk.data, call.text("path"))
    said = call.say("คัดลอกแล้ว แก้ไฟล์นี้ในโฟลเดอร์งานได้:")
    return call.back("/workspace", f"{said} {path.relative_to(call.desk.data).as_posix()}")
