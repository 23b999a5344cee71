"""What would be sent, as files: one ``.eml`` per recipient and a page that shows the letter.

Goes in: packed messages. Comes out: a folder ``out/mail/preview-<quarter>/``; nothing is sent and the ledger stays as it is.
"""

from __future__ import annotations

import base64
import datetime as dt
import html
import re
from collections.abc import Sequence
from pathlib import Path

from reporter.delivery.mail import letter
from reporter.delivery.mail.message import Packer
from reporter.inputs.recipients import Recipient
from reporter.runtime.atomic import new_folder

_UNSAFE = re.compile(r"[^A-Za-z0-9.@_-]")


def write_preview(
    packer: Packer, recipients: Sequence[Recipient], folder: Path, *, on: dt.datetime, rehearsal: bool = False
) -> Path:
    """Write the files of all recipients in place of an earlier preview; returns the page that shows them."""
    rows, first = [], ""
    with new_folder(folder) as target:
        for number, recipient in enumerate(recipients, start=1):
            words = letter.write(packer.issue, recipient, on=on, rehearsal=rehearsal)
            name = f"{number:04d}_{_UNSAFE.sub('_', recipient.email)}.eml"
            message = packer.pack(words, recipient, date=on)
            with (target / name).open("wb") as stream:
                stream.writelines(message.pieces)
            rows.append((name, recipient, words.subject))
            first = first or words.html
        (target / "index.html").write_text(_page(packer, rows, first), encoding="utf-8")
    folder.chmod(0o700)
    return folder / "index.html"


def _page(packer: Packer, rows: Sequence[tuple[str, Recipient, str]], first: str) -> str:
    """List of messages and the first letter, its chart inside the page."""
    picture = packer.issue.picture
    if picture is not None:
        data = base64.b64encode(picture.png).decode("ascii")
        first = first.replace("cid:chart", f"data:image/png;base64,{data}")
    listed = "".join(
        f'<li><a href="{html.escape(name)}">{html.escape(person.email)}</a> '
        f"{html.escape(f'{person.name} {person.agency}')} — {html.escape(subject)}</li>"
        for name, person, subject in rows
    )
    return (
        '<!DOCTYPE html><html lang="th"><head><meta charset="utf-8"><title>ตัวอย่างก่อนส่ง</title></head>'
        f"<body><h1>ตัวอย่างก่อนส่ง {len(rows)} ฉบับ</h1>"
        f'<iframe title="จดหมาย" width="660" height="1500" srcdoc="{html.escape(first, quote=True)}"></iframe>'
        f"<ol>{listed}</ol></body></html>\n"
    )
