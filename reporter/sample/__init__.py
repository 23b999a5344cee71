"""The synthetic sample workspace: series, surveys, commentary, recipients, from one seed.

Goes in: an empty folder (or the folder of an earlier sample) and a seed. Comes out: a whole workspace of
contract.md whose settings say ``synthetic = true``. The same seed gives the same bytes. Everything bulky is drawn
here; the hand-written parts (commentary, recipients, settings) travel with the package's data.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import SURVEYS, asset
from reporter.domain.errors import Finding, InputError, StateError
from reporter.domain.periods import iso, today_in_bangkok
from reporter.inputs.declared import load
from reporter.inputs.series import read_series
from reporter.inputs.series_cells import KEY
from reporter.inputs.workbook import FILE as WORKBOOK
from reporter.inputs.workbook import workbook
from reporter.inputs.workspace import Workspace, open_workspace, stop_for_errors
from reporter.runtime.cache import StageCache
from reporter.sample.groups import make_plans, make_series, make_surveys
from reporter.surveys.file_reader import read_grids

SEED = 2568
MARK = ".generated"
HAND_WRITTEN = ("workspace.toml", "recipients.csv", "commentary")


def generate(root: Path, *, seed: int = SEED, force: bool = False) -> bool:
    """Write the sample workspace; False when an up-to-date sample of the same seed was there already.

    Raises StateError when the folder cannot be written, or holds series or surveys that no earlier sample wrote,
    unless ``force``.
    """
    with writable(root):
        return _generate(Path(root), seed, force)


def _generate(root: Path, seed: int, force: bool) -> bool:
    mark = root / MARK
    stamp = f"seed {seed}, generator {_fingerprint()}\n"
    if not force and _holds_others_data(root):
        raise StateError(
            f"โฟลเดอร์ {root} มีข้อมูลอยู่แล้วซึ่งไม่ใช่ข้อมูลตัวอย่าง — ใช้โฟลเดอร์อื่น หรือใช้ --force เพื่อเขียนทับ",
            f"The folder {root} holds data that is no sample; use another folder, or --force to overwrite it.",
        )
    if (
        not force
        and mark.is_file()
        and mark.read_text(encoding="utf-8") == stamp
        and (root / "series").is_dir()
    ):
        return False
    declarations = load()
    series_seed, survey_seed = seeds(seed)
    series = make_series(declarations, np.random.default_rng(series_seed))
    surveys = make_surveys(declarations, np.random.default_rng(survey_seed))
    texts = {f"series/{name}": text for name, text in series.items()}
    texts |= {f"surveys/{name}": text for name, text in surveys.items()}
    texts |= {f"surveys/{name}": text for name, text in make_plans(declarations).items()}
    # A run that is killed leaves a mark that says "a sample, but not a whole one"; the next run mends it.
    write_texts(root, {MARK: "incomplete\n"})
    for folder in ("series", "surveys"):
        if (root / folder).is_dir():
            shutil.rmtree(root / folder)
    write_texts(root, texts)
    _copy_hand_written(root)
    if seed == SEED:  # the index's model was learnt on these very series
        _copied("models", root)
    mark.write_text(stamp, encoding="utf-8")
    return True


def seeds(seed: int) -> list[np.random.SeedSequence]:
    """Seeds of the series and of the surveys, one from the other independent."""
    return np.random.SeedSequence(seed).spawn(2)


def _holds_others_data(root: Path) -> bool:
    if (root / MARK).is_file():
        return False
    return any(
        (root / folder).is_dir() and any((root / folder).iterdir()) for folder in ("series", "surveys")
    )


def _copy_hand_written(root: Path) -> None:
    """Commentary, recipients and settings, where the folder does not have its own."""
    for name in HAND_WRITTEN:
        _copied(name, root)


def _copied(name: str, root: Path) -> None:
    source, target = asset("data", name), root / name
    if target.exists():
        return
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _fingerprint() -> str:
    """Changes with the generator's own code and with the declarations that it follows."""
    digest = hashlib.sha256()
    files = [*sorted(Path(__file__).parent.glob("*.py"))]
    for folder in ("indicators", "questionnaires", "groups"):
        files += sorted(path for path in asset("data", folder).rglob("*") if path.is_file())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


# ----------------------------------------------------------------------------------------------------
# A new workspace: the folders of the contract, empty of numbers, with examples beside them.
#
# Goes in: a folder that does not hold anything yet. Comes out: settings and forms to fill in. Synthetic numbers stand in
# ``examples/`` only, which no command reads, so that nobody publishes one by accident; with ``excel`` one workbook takes the place
# of the CSV files.
# ----------------------------------------------------------------------------------------------------

_SETTINGS = """\
# ค่าตั้งของโฟลเดอร์งาน ทุกค่ามีค่าเริ่มต้น ลบเครื่องหมาย # เพื่อกำหนดเอง
# Settings of this workspace; every key has a default. Remove the # to set one.

# ใส่ true หากทดลองด้วยข้อมูลตัวอย่างใน examples/ รายงานจะระบุว่าเป็นข้อมูลสังเคราะห์
# Write true to try the synthetic numbers of examples/: the report then says on every page that they are made up.
synthetic = false

# ----- ชื่อและที่อยู่ - names and addresses; ทุกชื่อมีไทยและอังกฤษ - every name in Thai and English
# ministry = { th = "กระทรวงแรงงาน", en = "Ministry of Labour" }
# office = { th = "สำนักงานปลัดกระทรวงแรงงาน", en = "Office of the Permanent Secretary" }
# division = { th = "กองเศรษฐกิจการแรงงาน", en = "Labour Economics Division" }
# title = { th = "รายงานภาวะแรงงานรายไตรมาส", en = "Quarterly Labour Market Report" }
# contact = "กองเศรษฐกิจการแรงงาน โทร. ..."
# address = "..."
# contact_en = "..."          # ที่อยู่ในฉบับภาษาอังกฤษ - for the English edition; what is not given is left out there
# address_en = "..."
# website = "https://..."     # ที่อยู่ถาวรของเว็บไซต์ - the website's permanent address
# logo = "figures/logo.png"   # ตราบนปก PNG, JPEG หรือ WebP ในโฟลเดอร์ figures - a picture of figures/ on the cover
# signature = { th = "นางสาว... ผู้อำนวยการกอง", en = "Ms ..., Director" }   # ผู้ลงนามท้ายจดหมาย - who signs the letters

# colours = { navy = "#1F4E79", gold = "#C9A227" }   # สีหลักของเล่ม แผนภูมิ และเว็บไซต์ (navy employers workers gold) - colours of the identity
#   เกณฑ์ของถ้อยคำ (เล็กน้อย มาก ทรงตัว) อยู่ใน rules/wording.toml คัดลอกได้ที่หน้า พื้นที่งาน - thresholds of words: rules/wording.toml

# ----- ฉบับ - the issue
# languages = ["th", "en"]    # ฉบับภาษาอังกฤษด้วย - the English edition too
# thai_digits = false         # ใช้เลขไทยในรายงาน - Thai digits in the report
# leave_out = ["skills"]      # บทที่ละไว้ บทอื่นเรียงเลขใหม่ - chapters left out (slugs); the others are numbered anew
# base_start = "2010-Q1"      # ช่วงฐานของดัชนี - base period of the index
# base_end = "2019-Q4"
# survey_weights = "weighted" # ตัวเลขสำรวจที่เผยแพร่ "weighted" หรือ "unweighted" - the published survey figure
# seed = 20250930             # ค่าเริ่มต้นของการสุ่ม - seed of everything random

# ----- การเผยแพร่ - release
# approvers = 1               # จำนวนผู้อนุมัติ - how many must approve
# publish_qa = false          # เผยแพร่หน้าตรวจของบรรณาธิการด้วย - publish the editor's page too
# embargo = "2025-11-20T10:00:00+07:00"    # ทุกฉบับให้ใช้ calendar.toml แทน - for every issue use calendar.toml instead
# release_date = "2025-11-20"
# mail_attachment_limit_mb = 10.0
# mail_retry_hours = 24.0

# ----- แบบของแผนภูมิ เลือกได้ที่หน้า ดูเล่ม ของโต๊ะงาน - how charts are drawn; the desk's page of the issue has the choices
# [charts]
# index_history = "ten_years"
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
    until = pd.Period(today_in_bangkok(), freq="Q") + 4
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


# ----------------------------------------------------------------------------------------------------
# Writing a workspace's files; what the disk refuses becomes one clear error.
#
# Goes in: texts by their name in the workspace. Comes out: files in UTF-8 with Unix line ends.
# ----------------------------------------------------------------------------------------------------


@contextmanager
def writable(root: Path) -> Iterator[None]:
    """Turn whatever the system refuses under ``root`` into a StateError that names the reason."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"เขียนลงโฟลเดอร์ {root} ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์และพื้นที่ดิสก์ หรือใช้โฟลเดอร์อื่น",
            f"The folder {root} cannot be written ({error.strerror}); check its permissions and the disk,"
            " or use another folder.",
        ) from error


def write_texts(root: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write texts by name; returns the paths, sorted. Raises OSError."""
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return sorted(root / name for name in texts)


# ----------------------------------------------------------------------------------------------------
# The package's synthetic values recognised by content, wherever they were copied to.
#
# Goes in: a workspace's history of observations and its survey files. Comes out: errors where a workspace that says its data are real
# (``synthetic = false``) holds the sample's numbers or answers. The sample is drawn anew from its seed, so nothing has to be kept.
# ----------------------------------------------------------------------------------------------------

# Two years of quarters that agree to the last printed digit are no chance; a few values may be (a rate of 1.0).
_LEAST_VALUES = 8
_SHARE_OF_VALUES = 0.5  # some may have been overwritten by real ones
_LEAST_ROWS = 20
_SHARE_OF_ROWS = 0.5


def check_sample_values(
    workspace: Workspace, history: pd.DataFrame, cache: StageCache | None = None
) -> list[Finding]:
    """Errors for synthetic values in a workspace whose settings say that its data are real."""
    if workspace.settings.synthetic:
        return []
    cache = cache or StageCache(None)
    found = _mark(workspace.root)
    if len(history):
        found += _series(history, cache.result("sample_values", (SEED, load()), _sample_values))
    if (workspace.root / "surveys").is_dir():
        found += _surveys(workspace, cache.result("sample_answers", (SEED, load()), _sample_answers))
    return found


@functools.cache
def _sample_values() -> pd.DataFrame:
    """The sample's values: indicator, group, period, value."""
    parts = []
    for text in make_series(load(), np.random.default_rng(seeds(SEED)[0])).values():
        part = pd.read_csv(io.StringIO(text), dtype={"indicator": str, "period": str})
        parts.append(part.assign(group=part.get("group", "TH")))
    found = pd.concat(parts, ignore_index=True)[[*KEY, "value"]].drop_duplicates()
    return found.astype(
        {"value": "float64"}
    )  # a file of a dimension that the sample has no numbers of reads as text


@functools.cache
def _sample_answers() -> frozenset[int]:
    """Digests of the rows of all survey files of the sample."""
    surveys = make_surveys(load(), np.random.default_rng(seeds(SEED)[1]))
    return frozenset(_row(cells) for text in surveys.values() for cells in csv.reader(io.StringIO(text)))


def _row(cells: Iterable[object]) -> int:
    """A survey row without its id and its blanks: what a person answered."""
    said = [text for cell in cells if (text := str(cell).strip())][1:]
    return int.from_bytes(hashlib.blake2b("\0".join(said).encode(), digest_size=8).digest())


def _mark(root: Path) -> list[Finding]:
    if not (root / MARK).is_file():
        return []
    return [
        Finding(
            "error",
            MARK,
            "โฟลเดอร์นี้สร้างด้วย reporter sample ข้อมูลจึงสังเคราะห์ — ตั้ง synthetic = true หรือใช้โฟลเดอร์ใหม่จาก reporter init",
            "This folder was made by reporter sample, so its data are synthetic; set synthetic = true, or begin with reporter init.",
            rule="synthetic.folder",
        )
    ]


def _series(history: pd.DataFrame, sample: pd.DataFrame) -> list[Finding]:
    both = history.merge(sample, on=KEY, suffixes=("", "_sample"))
    if both.empty:
        return []
    same = np.isclose(both["value"], both["value_sample"], rtol=1e-9, atol=0)
    both = (
        both.assign(same=same)
        .sort_values("same", kind="stable")
        .drop_duplicates([*KEY, "file", "row"], keep="last")
    )
    found = []
    for file, rows in both.groupby("file", sort=True):
        counts = rows.groupby(["indicator", "group"])["same"].agg(["sum", "size"])
        alike = counts[
            (counts["sum"] >= _LEAST_VALUES) & (counts["sum"] >= _SHARE_OF_VALUES * counts["size"])
        ]
        if alike.empty:
            continue
        named = ", ".join(sorted({str(series) for series, _ in alike.index})[:6])
        first = rows[rows["same"] & (rows["indicator"] == alike.index[0][0])].iloc[0]
        found.append(
            Finding(
                "error",
                str(file),
                f"มีค่าของข้อมูลตัวอย่าง (สังเคราะห์) {int(alike['sum'].sum()):,} ค่าใน {len(alike):,} อนุกรม เช่น {named} แต่ synthetic = false"
                " — แทนด้วยข้อมูลจริง หรือตั้ง synthetic = true",
                f"{int(alike['sum'].sum()):,} values of {len(alike):,} series ({named}) are the package's synthetic ones, but synthetic ="
                " false; put real data in their place, or set synthetic = true.",
                row=int(first["row"]) or None,
                column="value",
                value=f"{first['value']:g}",
                rule="synthetic.series",
            )
        )
    return found


def _surveys(workspace: Workspace, known: frozenset[int]) -> list[Finding]:
    found = []
    for survey in SURVEYS:
        for quarter, path in workspace.survey_files(survey).items():
            where = f"surveys/{survey}/{path.name}"
            try:
                grids = read_grids(path, where)
            except InputError:
                continue  # reading it says so
            rows = [_row(cells) for grid in grids for cells in grid.cells.itertuples(index=False)]
            same = sum(row in known for row in rows)
            if same >= _LEAST_ROWS and same >= _SHARE_OF_ROWS * len(rows):
                found.append(
                    Finding(
                        "error",
                        where,
                        f"คำตอบ {same:,} จาก {len(rows):,} แถวเป็นของข้อมูลตัวอย่าง (สังเคราะห์) แต่ synthetic = false — วางคำตอบจริงของไตรมาส {iso(quarter)}",
                        f"{same:,} of {len(rows):,} rows are the package's synthetic answers, but synthetic = false; put the real"
                        f" answers of {iso(quarter)} here.",
                        rule="synthetic.survey",
                    )
                )
    return found
