"""A new workspace: the folders of the contract, empty of numbers, with examples beside them.

Goes in: a folder that does not hold anything yet. Comes out: settings and forms to fill in. Synthetic numbers stand in
``examples/`` only, which no command reads, so that nobody publishes one by accident; with ``excel`` one workbook takes the place
of the CSV files.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.errors import StateError
from reporter.inputs.declared import load
from reporter.inputs.series.reading import read_series
from reporter.inputs.workbook import FILE as WORKBOOK
from reporter.inputs.workbook_form import workbook
from reporter.inputs.workspace import open_workspace, stop_for_errors
from reporter.sample.series import make_series
from reporter.sample.writing import writable, write_texts

_SETTINGS = """\
# ค่าตั้งของโฟลเดอร์งาน ทุกค่ามีค่าเริ่มต้น ลบเครื่องหมาย # เพื่อกำหนดเอง
# Settings of this workspace; every key has a default. Remove the # to set one.

# ใส่ true หากทดลองด้วยข้อมูลตัวอย่างใน examples/ รายงานจะระบุว่าเป็นข้อมูลสังเคราะห์
# Write true to try the synthetic numbers of examples/: the report then says on every page that they are made up.
synthetic = false

# contact = "กองเศรษฐกิจการแรงงาน โทร. ..."
# website = "https://..."
# address = "..."
# base_start = "2010-Q1"      # ช่วงฐานของดัชนี - base period of the index
# base_end = "2019-Q4"
# embargo = "2025-11-20T10:00:00+07:00"
# release_date = "2025-11-20"
# thai_digits = false         # ใช้เลขไทยในรายงาน - Thai digits in the report
"""

_CALENDAR = """\
# กำหนดการเผยแพร่ ผู้อนุมัติ และผู้ได้รับข้อมูลก่อนเผยแพร่ - release calendar, approvers, early readers
# ก่อนถึงเวลา at ระบบไม่ส่งและไม่เผยแพร่ เวลาที่ไม่บอกเขตเวลาคือเวลาไทย ใช้ปี ค.ศ.
# Nothing leaves before `at`; a time without a zone is Bangkok time; years are Christian era.

# approvers = ["ผู้อำนวยการกองเศรษฐกิจการแรงงาน"]   # ผู้ที่สั่ง reporter approve ได้ - who may approve

# [[releases]]
# quarter = "2025-Q3"
# at = 2025-11-20T10:00:00+07:00

# รายชื่อนี้พิมพ์ไว้ในรายงาน - this list is printed in the issue
# [[early_readers]]
# name = "ปลัดกระทรวงแรงงาน"
# agency = "กระทรวงแรงงาน"
# hours = 24
# reason = "เตรียมตอบคำถามสื่อมวลชน"
"""

_WAIVERS = """\
# การรับรองคำเตือนที่ตัวเลขอาจผิด เพื่อให้ออกฉบับจริงได้ - who answers for warnings that may mean a wrong number
# reporter check และ qa.html บอกรหัสของคำเตือนที่ต้องรับรอง ข้อผิดพลาดรับรองไม่ได้ ต้องแก้ไข

# [[waivers]]
# rule = "series.jump"          # หรือ finding = "รหัส 8 ตัว" - or finding = its eight digits
# subject = "vacancies TH"      # ตัวชี้วัด กลุ่ม งวด เท่าที่ต้องการจำกัด - indicator, group, period
# reason = "ยืนยันกับแหล่งข้อมูลแล้วว่าถูกต้อง"
# by = "ชื่อและตำแหน่งผู้รับรอง"
# on = 2025-11-10
# until = "2025-Q4"             # ไตรมาสสุดท้ายที่มีผล - last quarter covered
"""

_README = """\
# โฟลเดอร์งานของรายงานภาวะแรงงานรายไตรมาส

{excel}1. วางข้อมูลอนุกรมใน `series/` เป็น CSV (UTF-8) หรือสเปรดชีต (.xlsx .xls .xlsb .ods) หัวตาราง `indicator,period,value`
   และถ้ามี `group` (ค่าเริ่มต้น TH), `as_of` (วันที่รู้ค่า), `adjusted` (1 หากแหล่งข้อมูลปรับฤดูกาลแล้ว)
   งวดเขียนแบบ `2025-Q3`, `2568-Q3`, `3/2568` หรือ `2025-09` ตารางที่มีงวดเป็นหัวคอลัมน์ก็อ่านได้ รหัสตัวชี้วัดดูด้วย `reporter indicators`
   ตัวอย่างอยู่ใน `examples/` (ข้อมูลสังเคราะห์ ห้ามใช้เป็นข้อมูลจริง) ตารางของหน่วยงานอื่นใช้ `reporter map FILE`
2. วางคำตอบแบบสำรวจใน `surveys/employer/2025-Q3.csv` และ `surveys/worker/2025-Q3.csv`
3. เขียนปัจจัยและข้อความของนักวิเคราะห์ใน `commentary/2025-Q3/`: `outlook.toml` และไฟล์ `01.md` ถึง `10.md` ตามเลขบท
   บรรทัดแรก `<!-- replace -->` แปลว่าใช้แทนข้อความที่ระบบเขียน มิฉะนั้นเป็นการเพิ่มเติม
4. ใส่รายชื่อผู้รับใน `recipients.csv` (`agency,name,email`)
5. ใส่กำหนดการเผยแพร่และผู้อนุมัติใน `calendar.toml` และการรับรองคำเตือนใน `waivers.toml` (ไม่บังคับ)
6. สั่ง `reporter check --data โฟลเดอร์นี้ -q 2025-Q3` จนไม่มีข้อผิดพลาด แล้วสั่ง `reporter build --data โฟลเดอร์นี้ -q 2025-Q3`

มีเพียงข้อมูลอนุกรมที่จำเป็น ส่วนที่ขาดรายงานจะแจ้งว่าไม่มีข้อมูล

In English: only the series are required; put CSV files or spreadsheets into `series/` with `indicator,period,value` (and `group`, `as_of`,
`adjusted`), or fill in `workspace.xlsx` where there is one. Surveys, commentary, recipients, release calendar and waivers go where the forms
stand. Check, then build. Numbers in `examples/` are synthetic and no command reads them.
"""

_EXCEL = """\
**สมุดงาน `workspace.xlsx` ใช้แทนไฟล์ใน `series/`, `recipients.csv`, `calendar.toml` และ `outlook.toml` ได้ทั้งหมด** กรอกแล้วสั่ง
`reporter check --data โฟลเดอร์นี้ -q 2025-Q3 --mark` จะได้สำเนาที่ระบายสีเซลล์ที่ต้องแก้

"""

_ABOUT_EXAMPLES = """\
# ตัวอย่าง - examples

ตัวเลขทั้งหมดในโฟลเดอร์นี้สังเคราะห์ขึ้น ระบบไม่อ่านโฟลเดอร์นี้ หากคัดลอกไปไว้ใน `series/` ต้องตั้ง `synthetic = true` มิฉะนั้นออกฉบับจริงไม่ได้
All numbers here are synthetic and no command reads them. Copied into `series/` they need `synthetic = true`: a final issue refuses them otherwise.
"""

_OUTLOOK = """\
# ปัจจัยที่ส่งผลในไตรมาสหน้า หนึ่งรายการต่อหนึ่งปัจจัย - one table per factor
# origin: abroad|home   sign: +|-   affects: workers|employers|both

# [[factors]]
# origin = "abroad"
# sign = "-"
# affects = "both"
# text = "คำสั่งซื้อสินค้าอุตสาหกรรมชะลอลง"
# source = "ชื่อแหล่งข้อมูล"
"""


def make_blank(root: Path, *, excel: bool = False, source: Path | None = None) -> list[Path]:
    """Write the forms of a new workspace; returns their paths, sorted.

    excel    one workbook instead of CSV and TOML files for series, factors, recipients and calendar
    source   a workspace whose series fill the workbook
    Raises   StateError when the folder is not empty or cannot be written, InputError for a source that cannot be read
    """
    root = Path(root)
    with writable(root):
        is_taken = root.exists() and any(root.iterdir())
    if is_taken:
        raise StateError(
            f"โฟลเดอร์ {root} ไม่ว่าง — ใช้โฟลเดอร์ใหม่",
            f"The folder {root} is not empty; name a new one.",
        )
    texts = {
        "README.md": _README.replace("{excel}", _EXCEL if excel else ""),
        "workspace.toml": _SETTINGS,
        "waivers.toml": _WAIVERS,
        **_examples(),
    }
    if not excel:
        texts |= {
            "recipients.csv": "agency,name,email\n",
            "calendar.toml": _CALENDAR,
            "commentary/2025-Q3/outlook.toml": _OUTLOOK,
        }
    book = _workbook(source) if excel else b""
    with writable(root):
        written = write_texts(root, texts)
        if excel:
            (root / WORKBOOK).write_bytes(book)
            written = sorted([*written, root / WORKBOOK])
        for folder in ("series", "surveys/employer", "surveys/worker"):
            (root / folder).mkdir(parents=True, exist_ok=True)
    return written


def _workbook(source: Path | None) -> bytes:
    """The workbook, with a year of columns to come; filled from a workspace where one is named."""
    until = pd.Period(dt.date.today(), freq="Q") + 4
    if source is None:
        return workbook(load(), until)
    workspace = open_workspace(source)
    stop_for_errors(workspace.series_findings)
    return workbook(workspace.declarations, until, read_series(source, workspace.declarations)[0])


def _examples() -> dict[str, str]:
    """The sample's national series, one file per dimension, where no command reads them."""
    files = make_series(load(), np.random.default_rng(np.random.SeedSequence(2568).spawn(2)[0]))
    texts = {"examples/README.md": _ABOUT_EXAMPLES}
    for name, text in files.items():
        header, *lines = text.splitlines(keepends=True)
        has_groups = header.startswith("indicator,group")
        kept = [line for line in lines if not has_groups or line.split(",", 2)[1] == "TH"]
        texts[f"examples/series/{name}"] = header + "".join(kept)
    return texts
