"""Fuzzing the readers: damaged copies of good input files. Prints files read, tracebacks, slowest file, memory.

Run by ``make bench``. Files of every kind that a workspace, a survey or an agency's delivery may be (CSV in several encodings, .xlsx,
.xls, .xlsb, .ods, .sav, .dta, TOML, Markdown) are cut, stretched and overwritten at random (seeded), inside their archive too, and
mixed with files that are built to harm: zip bombs, cells far away, entities, rows repeated a million times. Reading one must give
findings or a message, never a traceback; none may take longer than ten seconds or a gigabyte.
"""

from __future__ import annotations

import io
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd

from reporter.domain.declarations import Declarations, asset
from reporter.domain.edition import Settings
from reporter.domain.errors import ReporterError
from reporter.inputs.declared import load
from reporter.inputs.schema import register_of
from reporter.inputs.workbook import workbook
from reporter.inputs.workspace import Workspace
from reporter.sample import make_blank
from reporter.sources import dropped
from reporter.sources.proposal import preview, propose
from tests.support.spreadsheets import binary_excel, old_excel, open_document
from tests.support.workspace import check_workspace

FILES = int(os.environ.get("FILES", "10000"))
QUARTER = pd.Period("2025Q3")
_MOST_ROWS = 60
_ARCHIVES = (".xlsx", ".xlsb", ".ods")
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp874", "utf-8 twice")
DECLARED = (
    "annex/inputs.toml",
    "annex/kilm.toml",
    "indicators/unemployment/_dimension.toml",
    "indicators/unemployment/quit_rate.toml",
    "questionnaires/employer.toml",
    "questionnaires/worker.toml",
    "rules/recommendations.toml",
    "rules/survey_cleaning.toml",
    "rules/survey_reading.toml",
)


def originals(root: Path) -> dict[str, bytes]:
    """Small good files of every kind that a workspace holds; ``incoming/`` are those of agencies."""
    make_blank(root)
    found = {}
    for name in ("series/economy.csv", "series/gender_gap.csv", "series/macro.csv"):
        lines = (root / "examples" / name).read_bytes().splitlines(keepends=True)
        found[name] = b"".join(lines[:_MOST_ROWS])
    rows = [line.split(",") for line in found["series/economy.csv"].decode().splitlines()[:20]]
    found["series/book.xlsx"] = _book(rows)
    found |= {"series/a.xls": old_excel(), "series/a.xlsb": binary_excel(), "series/a.ods": open_document()}
    found["workspace.xlsx"] = workbook(_declarations(), QUARTER)
    found |= _surveys()
    found |= _texts()
    agency = [
        ["ตารางที่ 3 ภาวะการทำงานของประชากร"],
        ["รายการ", "2567", "", "2568", ""],
        ["", "ไตรมาสที่ 3", "ไตรมาสที่ 4", "ไตรมาสที่ 1", "ไตรมาสที่ 2"],
        ["1. อัตราการว่างงาน 1/", 1.02, 0.88, 0.89, "0.91p"],
        ["รวม", 1, 2, 3, 4],
        ["หมายเหตุ: ก"],
    ]
    found["incoming/nso_2568Q1.xlsx"] = _book(agency)
    found["incoming/nso.csv"] = "\n".join(",".join(map(str, row)) for row in agency).encode()
    found |= {
        "incoming/a.xls": old_excel(),
        "incoming/a.xlsb": binary_excel(),
        "incoming/a.ods": open_document(),
    }
    return found


def _book(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _surveys() -> dict[str, bytes]:
    import pyreadstat

    employer = [[f"q{item}.1" for item in range(1, 7)] + ["province", "traits"]]
    employer += [[5, 4, 3, 2, 1, 5, "เชียงใหม่", "digital;teamwork"]] * 10
    head = [
        "respondent_id",
        "province",
        "industry",
        "status",
        "skill",
        "q1.1",
        "q2.1",
        "action1",
        "rank1",
        "weight",
    ]
    line = "\nA,TH-10,C,formal,high,5,4,1,1,1.9"
    frame = pd.DataFrame({name.replace(".", "_"): [5.0, 4.0] * 5 for name in head[5:]}).assign(
        province="TH-10"
    )
    found = {
        "surveys/employer/2025-Q3.xlsx": _book(employer),
        "surveys/worker/2025-Q3.csv": (",".join(head) + line * 8).encode(),
    }
    with tempfile.TemporaryDirectory() as folder:
        for suffix, write in ((".sav", pyreadstat.write_sav), (".dta", pyreadstat.write_dta)):
            path = Path(folder) / f"a{suffix}"
            write(frame, str(path))
            found[f"surveys/worker/2025-Q3{suffix}"] = path.read_bytes()
    return found


def _texts() -> dict[str, bytes]:
    found = {
        "recipients.csv": b"agency,name,email\na,b,one@example.org\n" * 3,
        "workspace.toml": b'synthetic = true\nseed = 3\nministry = {th = "x", en = "y"}\n',
        "calendar.toml": (
            'approvers = ["ก, ผู้อำนวยการ"]\n[[releases]]\nquarter = "2025-Q3"\nat = 2025-11-20T10:00:00+07:00\n'
            '[[early_readers]]\nname = "ข"\nagency = "ค"\nhours = 24\nreason = "ง"\n'
        ).encode(),
        "waivers.toml": (
            '[[waivers]]\nrule = "series.jump"\nsubject = "vacancies TH"\nwhere = "series/jobs.csv"\n'
            'reason = "ก"\nby = "ข"\non = 2025-11-10\nuntil = "2025-Q4"\n[[waivers]]\nfinding = "3fa91c02"\n'
            'reason = "x"\nby = "y"\non = 2025-11-11\n'
        ).encode(),
        "commentary/2025-Q3/outlook.toml": b'[[factors]]\norigin = "home"\nsign = "+"\naffects = "both"\ntext = "x"\n',
        "commentary/2025-Q3/02.md": b"# x\n<script>a</script> ![](http://x)\n",
        "groups/skills.csv": "code,name_th,name_en,aliases\nSKILL:high,ก,a,\n".encode(),
        "surveys/plan-worker.csv": b"province,quota,province_population\nTH-10,10,1000\n",
        "surveys/margins-worker.csv": b"margin,category,population\nstatus,formal,10\nstatus,informal,20\n",
    }
    return found | {name: asset("data", *name.split("/")).read_bytes() for name in DECLARED}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A copy with a few cuts, insertions, repetitions and overwritten bytes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.randint(0, 40))
        kind = chance.randrange(6)
        if kind == 0:
            del changed[at:end]
        elif kind == 1:
            changed[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        elif kind == 2:
            changed[at:at] = changed[at:end] * chance.randint(1, 20)
        elif kind == 3:
            changed[at:end] = bytes(chance.choice(b'0123456789,;"\n-./\xe0\xb8\x81') for _ in range(end - at))
        elif kind == 4:
            changed[at:end] = bytes(chance.choice(b'0123456789<>="/ABZr\xff') for _ in range(end - at))
        elif chance.random() < 0.3:
            del changed[at:]
    return bytes(changed)


def damaged_inside(data: bytes, chance: random.Random) -> bytes:
    """An archive with one damaged part."""
    old, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    hit = chance.choice(old.namelist())
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damaged(content, chance) if name == hit else content)
    return stream.getvalue()


def encoded(data: bytes, chance: random.Random) -> bytes:
    """A text in another encoding, or decoded wrongly and saved again."""
    text, kind = data.decode("utf-8", "replace"), chance.choice(_ENCODINGS)
    if kind == "utf-8 twice":
        return text.encode().decode("latin-1").encode()
    return text.encode(kind, "replace")


def harmful(chance: random.Random) -> tuple[str, bytes]:
    """A suffix and a file that is built to take time or memory."""
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
    far = chance.choice(["XFD1048576", "ZZ700000", "A1048576", "XFD1", "A4294967290", "zz900000", "AAAAAA1"])
    row = chance.choice(
        ["".join(filter(str.isdigit, far)), "2"]
    )  # a cell's own name counts, wherever it stands
    kinds: list[Callable[[], tuple[str, bytes]]] = [
        lambda: (".xlsx", _with_sheet(sheet.format(f'<row r="{row}"><c r="{far}"><v>1</v></c></row>'))),
        lambda: (".xlsx", _with_sheet("<!DOCTYPE a [<!ENTITY b 'c'>]>" + sheet.format("&b;"))),
        lambda: (".xlsx", _with_sheet(sheet, chance.choice([1, 300]))),
        lambda: (
            ".xlsx",
            _with_sheet(sheet.format("<row><c><v>1</v></c></row>" * chance.randint(10**4, 10**6))),
        ),
        lambda: (
            ".ods",
            _repeated(chance.choice(["percentage", "float", "string"]), chance.choice([10**4, 10**6, 2**31])),
        ),
        lambda: (
            ".csv",
            b"indicator,period,value\n" + b"mpi,2025-08,98.5\n" * chance.randint(10**4, 3 * 10**5),
        ),
        lambda: (".csv", b"indicator,period,value" + b"," * chance.choice([10**3, 10**6]) + b"\n"),
        lambda: (".csv", b'"' * chance.randint(1, 10**6)),
        lambda: (".csv", bytes(chance.randrange(256) for _ in range(chance.randint(1, 5000)))),
    ]
    return chance.choice(kinds)()


def _with_sheet(part: str, megabytes: int = 0) -> bytes:
    """A workbook with this sheet, of which ``{}`` is so many megabytes of blanks, written piece by piece: reading is measured here."""
    old, stream = zipfile.ZipFile(io.BytesIO(_book([["indicator", "period", "value"]]))), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
                continue
            before, _, after = part.partition("{}")
            with new.open(name, "w", force_zip64=True) as stream_of_part:
                stream_of_part.write(before.encode())
                for _ in range(megabytes):
                    stream_of_part.write(b" " * 10**6)
                stream_of_part.write(after.encode())
    return stream.getvalue()


def _repeated(kind: str, times: int) -> bytes:
    """An .ods file one of whose cells or rows is repeated."""
    old, stream = zipfile.ZipFile(io.BytesIO(open_document())), io.BytesIO()
    content = old.read("content.xml").decode()
    content = content.replace(
        "<table:table-row>", f'<table:table-row table:number-rows-repeated="{times}">', 1
    )
    content = content.replace('office:value-type="float"', f'office:value-type="{kind}"', 1)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == "content.xml" else old.read(name))
    return stream.getvalue()


def _opened(root: Path, name: str) -> Workspace | Path:
    """The workspace with the packaged declarations, unless the damaged file is one that opening reads."""
    if name.startswith(("workspace", "groups")) or name in DECLARED:
        return root
    return Workspace(root, _declarations(), Settings())


@cache
def _declarations() -> Declarations:
    return load()


def read(root: Path, name: str) -> None:
    """Read a file as the program would: an agency's as ``fetch --dropped`` and ``map`` do, any other as ``check`` does."""
    if not name.startswith("incoming/"):
        check_workspace(_opened(root, name), QUARTER)
        return
    content = (root / name).read_bytes()
    try:
        dropped.grids(content, name)
        declarations = _declarations()
        preview(
            content,
            propose(content, Path(name).name, declarations, register_of(declarations), {}),
            declarations,
        )
    except ReporterError:
        return


def case(files: dict[str, bytes], chance: random.Random) -> tuple[str, bytes]:
    """The next damaged file: name and content."""
    if chance.random() < 0.03:
        suffix, content = harmful(chance)
        place = chance.choice(["series/harm", "incoming/harm", "surveys/worker/2025-Q3"])
        return place + suffix, content
    name = chance.choice(sorted(files))
    content = files[name]
    if name.endswith(_ARCHIVES) and chance.random() < 0.7:
        return name, damaged_inside(content, chance)
    if name.endswith((".csv", ".toml", ".md")) and chance.random() < 0.2:
        content = encoded(content, chance)
    return name, damaged(content, chance)


def main() -> None:
    """Read the damaged files and print what happened; exit status 1 when there was a traceback or a hang."""
    chance = random.Random(int(os.environ.get("SEED", "2569")))
    failures: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    slowest, slow_file = 0.0, ""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        files = originals(Path(folder) / "good")
        root = Path(folder) / "one"
        for number in range(FILES):
            name, content = case(files, chance)
            kinds[Path(name).suffix] += 1
            path = root / name
            (root / "series").mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            began = time.process_time()
            try:
                read(root, name)
            except Exception:
                failures[name + ": " + traceback.format_exc().strip().splitlines()[-1]] += 1
                if keep := os.environ.get("KEEP"):
                    Path(keep, f"{number}_{name.replace('/', '_')}").write_bytes(content)
            took = time.process_time() - began
            path.unlink()
            if name in DECLARED:  # an empty folder of declarations would be read instead of the package's
                shutil.rmtree(root / name.partition("/")[0])
            if took > slowest:
                slowest, slow_file = took, f"{number} {name}"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - started
    print(f"files {FILES} ({', '.join(f'{kind} {count}' for kind, count in kinds.most_common())})")
    print(f"tracebacks {sum(failures.values())}, slowest {slowest:.2f} processor seconds ({slow_file}), "
          f"memory {memory:.0f} MB, {seconds:.0f} s in all")  # fmt: skip
    for failure, count in failures.most_common():
        print(f"  {count} x {failure}")
    if failures or slowest > 10 or memory > 1024:
        sys.exit(1)


if __name__ == "__main__":
    main()
