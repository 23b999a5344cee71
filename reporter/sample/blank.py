"""A new workspace: the folders of the contract with small commented examples, ready to be overwritten.

Goes in: a folder that does not hold anything yet. Comes out: files that ``reporter check`` accepts and a draft can be
built from. The example numbers are the sample's synthetic ones, national only, and the settings say so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reporter.domain.errors import StateError
from reporter.inputs.declared import load
from reporter.sample.series import make_series
from reporter.sample.writing import writable, write_texts

_SETTINGS = """\
# ค่าตั้งของโฟลเดอร์งาน ทุกค่ามีค่าเริ่มต้น ลบเครื่องหมาย # เพื่อกำหนดเอง
# Settings of this workspace; every key has a default. Remove the # to set one.

# ข้อมูลตัวอย่างในโฟลเดอร์นี้เป็นข้อมูลสังเคราะห์ เมื่อใส่ข้อมูลจริงแล้วให้เปลี่ยนเป็น false
# The example data are synthetic; write false once real data have replaced them.
synthetic = true

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

1. วางข้อมูลอนุกรมใน `series/` เป็น CSV (UTF-8) หรือ .xlsx หัวตาราง `indicator,period,value`
   และถ้ามี `group` (ค่าเริ่มต้น TH), `as_of` (วันที่รู้ค่า), `adjusted` (1 หากแหล่งข้อมูลปรับฤดูกาลแล้ว)
   งวดเขียนแบบ `2025-Q3`, `2568-Q3`, `3/2568` หรือ `2025-09`
2. วางคำตอบแบบสำรวจใน `surveys/employer/2025-Q3.csv` และ `surveys/worker/2025-Q3.csv`
3. เขียนปัจจัยและข้อความของนักวิเคราะห์ใน `commentary/2025-Q3/`: `outlook.toml` และไฟล์ `01.md` ถึง `10.md` ตามเลขบท
   บรรทัดแรก `<!-- replace -->` แปลว่าใช้แทนข้อความที่ระบบเขียน มิฉะนั้นเป็นการเพิ่มเติม
4. ใส่รายชื่อผู้รับใน `recipients.csv` (`agency,name,email`)
5. ใส่กำหนดการเผยแพร่และผู้อนุมัติใน `calendar.toml` และการรับรองคำเตือนใน `waivers.toml` (ไม่บังคับ)
6. สั่ง `reporter check --data โฟลเดอร์นี้ -q 2025-Q3` จนไม่มีข้อผิดพลาด แล้วสั่ง `reporter build --data โฟลเดอร์นี้ -q 2025-Q3`

มีเพียง `series/` ที่จำเป็น ส่วนที่ขาดรายงานจะแจ้งว่าไม่มีข้อมูล ตัวเลขตัวอย่างในโฟลเดอร์นี้เป็นข้อมูลสังเคราะห์ ให้ลบเมื่อมีข้อมูลจริง

In English: only `series/` is required; put CSV or .xlsx files there with `indicator,period,value` (and `group`, `as_of`,
`adjusted`). Surveys, commentary, recipients, release calendar and waivers go where the examples stand. Check, then build. The example numbers are
synthetic.
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


def make_blank(root: Path) -> list[Path]:
    """Write the example files; returns their paths, sorted. Raises StateError when it is not empty or cannot be written."""
    root = Path(root)
    with writable(root):
        is_taken = root.exists() and any(root.iterdir())
    if is_taken:
        raise StateError(
            f"โฟลเดอร์ {root} ไม่ว่าง — ใช้โฟลเดอร์ใหม่",
            f"The folder {root} is not empty; name a new one.",
        )
    texts = {
        "README.md": _README,
        "workspace.toml": _SETTINGS,
        "recipients.csv": "agency,name,email\n",
        "calendar.toml": _CALENDAR,
        "waivers.toml": _WAIVERS,
        "commentary/2025-Q3/outlook.toml": _OUTLOOK,
        **_series(),
    }
    with writable(root):
        written = write_texts(root, texts)
        for survey in ("employer", "worker"):
            (root / "surveys" / survey).mkdir(parents=True)
    return written


def _series() -> dict[str, str]:
    """The sample's national series, one file per dimension."""
    files = make_series(load(), np.random.default_rng(np.random.SeedSequence(2568).spawn(2)[0]))
    texts = {}
    for name, text in files.items():
        header, *lines = text.splitlines(keepends=True)
        has_groups = header.startswith("indicator,group")
        kept = [line for line in lines if not has_groups or line.split(",", 2)[1] == "TH"]
        texts[f"series/{name}"] = header + "".join(kept)
    return texts
