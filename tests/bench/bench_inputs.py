"""Fuzzing the readers: damaged copies of good input files. Prints files read, tracebacks, slowest file, memory.

Run by ``make bench``. Each file of the sample is cut, stretched and overwritten at random (seeded); reading it must
give findings, never a traceback, and none may take longer than ten seconds.
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
from collections import Counter
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd

from reporter.checks import check_workspace
from reporter.domain.declarations import Declarations, asset
from reporter.domain.edition import Settings
from reporter.inputs.declared import load
from reporter.inputs.workspace import Workspace
from reporter.sample import make_blank

FILES = int(os.environ.get("FILES", "10000"))
QUARTER = pd.Period("2025Q3")
_MOST_ROWS = 60
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
    """Small good files of every kind that a workspace holds."""
    make_blank(root)
    found = {}
    for name in ("series/economy.csv", "series/gender_gap.csv", "series/macro.csv"):
        lines = (root / "examples" / name).read_bytes().splitlines(keepends=True)
        found[name] = b"".join(lines[:_MOST_ROWS])
    book = openpyxl.Workbook()
    for line in found["series/economy.csv"].decode().splitlines()[:20]:
        book.active.append(line.split(","))
    stream = io.BytesIO()
    book.save(stream)
    found["series/book.xlsx"] = stream.getvalue()
    book = openpyxl.Workbook()
    book.active.append([f"q{item}.1" for item in range(1, 7)] + ["province", "traits"])
    for _ in range(10):
        book.active.append([5, 4, 3, 2, 1, 5, "เชียงใหม่", "digital;teamwork"])
    stream = io.BytesIO()
    book.save(stream)
    found["surveys/employer/2025-Q3.xlsx"] = stream.getvalue()
    found["recipients.csv"] = b"agency,name,email\na,b,one@example.org\n" * 3
    found["workspace.toml"] = b'synthetic = true\nseed = 3\nministry = {th = "x", en = "y"}\n'
    found["calendar.toml"] = (
        'approvers = ["ก, ผู้อำนวยการ"]\n[[releases]]\nquarter = "2025-Q3"\nat = 2025-11-20T10:00:00+07:00\n'
        '[[early_readers]]\nname = "ข"\nagency = "ค"\nhours = 24\nreason = "ง"\n'
    ).encode()
    found["waivers.toml"] = (
        '[[waivers]]\nrule = "series.jump"\nsubject = "vacancies TH"\nwhere = "series/jobs.csv"\n'
        'reason = "ก"\nby = "ข"\non = 2025-11-10\nuntil = "2025-Q4"\n[[waivers]]\nfinding = "3fa91c02"\n'
        'reason = "x"\nby = "y"\non = 2025-11-11\n'
    ).encode()
    found["commentary/2025-Q3/outlook.toml"] = (
        b'[[factors]]\norigin = "home"\nsign = "+"\naffects = "both"\ntext = "x"\n'
    )
    found["commentary/2025-Q3/02.md"] = b"# x\n<script>a</script> ![](http://x)\n"
    found["groups/skills.csv"] = "code,name_th,name_en,aliases\nSKILL:high,ก,a,\n".encode()
    found |= {name: asset("data", *name.split("/")).read_bytes() for name in DECLARED}
    answers = ",".join(
        ["respondent_id", "province", "industry", "status", "skill", "q1.1", "q2.1", "action1", "rank1"]
    )
    found["surveys/worker/2025-Q3.csv"] = (answers + "\nA,TH-10,C,formal,high,5,4,1,1\n" * 8).encode()
    return found


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A copy with a few cuts, insertions, repetitions and overwritten bytes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.randint(0, 40))
        kind = chance.randrange(5)
        if kind == 0:
            del changed[at:end]
        elif kind == 1:
            changed[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        elif kind == 2:
            changed[at:at] = changed[at:end] * chance.randint(1, 20)
        elif kind == 3:
            changed[at:end] = bytes(chance.choice(b'0123456789,;"\n-./\xe0\xb8\x81') for _ in range(end - at))
        else:
            del changed[at:]
    return bytes(changed)


def _opened(root: Path, name: str) -> Workspace | Path:
    """The workspace with the packaged declarations, unless the damaged file is one that opening reads."""
    if name.startswith(("workspace", "groups")) or name in DECLARED:
        return root
    return Workspace(root, _declarations(), Settings())


@cache
def _declarations() -> Declarations:
    return load()


def main() -> None:
    """Read the damaged files and print what happened; exit status 1 when there was a traceback or a hang."""
    chance = random.Random(2568)
    failures: Counter[str] = Counter()
    slowest, slow_file = 0.0, ""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        files = originals(Path(folder) / "good")
        root = Path(folder) / "one"
        for _ in range(FILES):
            name = chance.choice(sorted(files))
            path = root / name
            (root / "series").mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(damaged(files[name], chance))
            began = time.perf_counter()
            try:
                check_workspace(_opened(root, name), QUARTER)
            except Exception:
                failures[name + ": " + traceback.format_exc().strip().splitlines()[-1]] += 1
            path.unlink()
            if name in DECLARED:  # an empty folder of declarations would be read instead of the package's
                shutil.rmtree(root / name.partition("/")[0])
            if (took := time.perf_counter() - began) > slowest:
                slowest, slow_file = took, name
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - started
    print(f"files {FILES}, tracebacks {sum(failures.values())}, slowest {slowest:.2f} s ({slow_file}), "
          f"memory {memory:.0f} MB, {seconds:.0f} s in all")  # fmt: skip
    for failure, count in failures.most_common():
        print(f"  {count} x {failure}")
    if failures or slowest > 10 or memory > 1024:
        sys.exit(1)


if __name__ == "__main__":
    main()
