"""The reviewers' pack: one archive by which the Bank of Thailand, TDRI or the Ministry of Finance can check an issue's numbers.

Goes in: a built issue with its manifest, the workspace it was made from. Comes out: a ZIP file with the published tables and
volumes, the inputs (without the single answers of the surveys), the program with its declarations and tests, and
``replicate.py``, which computes every table anew without a network and compares it with the published one (study 5.3, no. 1).
"""

from __future__ import annotations

import hashlib
import json
import socket
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import asset
from reporter.domain.errors import StateError
from reporter.domain.periods import parse_quarter
from reporter.pipeline import issue_cache, manifest
from reporter.runtime.program import DECLARED, Executor, Silent

_WHEN = (1980, 1, 1, 0, 0, 0)  # the oldest date of a ZIP file: the same issue gives the same bytes
_ANSWERS = ("surveys/employer/", "surveys/worker/", "store/surveys/employer/", "store/surveys/worker/")
_VOLUMES = (
    "report.pdf",
    "technical.pdf",
    "statistics.pdf",
    "provinces.pdf",
    "report-en.pdf",
    "technical-en.pdf",
)
_RECORDS = ("manifest.json", "issue.json", "issue.schema.json", "qa.json")
# Folders of the program beside its modules; of ``data`` the declarations only, never the numbers of a workspace.
_ASSETS = ("templates", "charts", "fonts")
_DECLARED = (*DECLARED, "models")
_CLOSE = 1e-9  # relative: the same program on another processor differs in the last digits only
# Made of the answers and of the index together; the rest of the surveys' tables say themselves who made them.
_OF_BOTH = frozenset(
    {"joint", "joint_correlations", "sensitivity_confidence", "sensitivity", "sensitivity_summary"}
)

README = """# Reviewers' pack, {quarter}

ชุดเอกสารสำหรับผู้ทรงคุณวุฒิ: ตรวจวิธี ข้อมูล และตัวเลขที่เผยแพร่ของ{title} {quarter} ฉบับที่ {version}

| folder | holds |
| --- | --- |
| `issue/` | published volumes, `tables/*.csv`, `manifest.json` (SHA-256 of every input and output, versions, parameters) |
| `workspace/` | the inputs the manifest lists{answers} |
| `earlier/` | tables and manifests of earlier issues that this one was compared with |
| `code/` | the program as it made the issue, its declarations{tests}; versions of libraries: `issue/manifest.json` |
| `replicate.py` | computes all tables again, without a network, and compares them with `issue/tables` |

## Replicate

    python -m venv venv && venv/bin/pip install -r code/requirements.lock   # once; this step alone uses the network
    venv/bin/python replicate.py

Takes some minutes. One line a table: `same`, `differs` with the largest difference, or `needs answers`. Exit status 0 when none differs.

## Questions to the reviewers — คำถามถึงผู้ทรงคุณวุฒิ

1. น้ำหนักของมิติและตัวชี้วัด (`tables/weights.csv`, `tables/weights_detail.csv`) สอดคล้องกับตลาดแรงงานไทยหรือไม่ — Do the weights fit the Thai labour market?
2. การปรับฤดูกาลและรูปของตัวแปร (`tables/detrending.csv`, `tables/seasonal_quality.csv`) เหมาะสมหรือไม่ — Are adjustment and forms of the series right?
3. ดัชนีไหวต่อทางเลือกใดมากเกินไปหรือไม่ (`tables/sensitivity_summary.csv`) — To which choice is the index too sensitive?
4. ค่าพยากรณ์และช่วงพยากรณ์ใช้ได้หรือไม่ (`tables/forecast_evaluation.csv`, `tables/forecast_scorecard.csv`) — Are forecast and bands usable?
5. แผนตัวอย่าง การถ่วงน้ำหนัก และการทดสอบของการสำรวจเพียงพอหรือไม่ (`tables/survey_weights.csv`, `technical.pdf`) — Are sampling, weights and tests of the surveys enough?
"""

SCRIPT = '''"""Computes the issue's tables again from workspace/ and compares them with issue/tables; uses no network."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "code"))

from reporter.delivery.reviewers import main  # noqa: E402

if __name__ == "__main__":
    raise SystemExit(main(HERE))
'''


def write(folder: Path, data: Path, target: Path, *, has_answers: bool = False) -> int:
    """Write the pack of a built issue; returns the number of files.

    folder       ``out/2025-Q3``; data: the workspace it was made from
    has_answers  with the single answers of the surveys, for a reviewer who may have them
    Raises       StateError where issue or inputs are no longer those of the manifest
    """
    content = manifest.read(folder)
    changed = [*manifest.changed_files(folder, content), *_changed_inputs(content, data)]
    if changed:
        raise StateError(
            f"แฟ้มไม่ตรงกับ manifest: {', '.join(changed[:5])} — สร้างฉบับใหม่ หรือนำแฟ้มเดิมกลับมา",
            f"Not as the manifest records them: {', '.join(changed[:5])}; build the issue again, or bring the files back.",
        )
    files = dict(_files(folder, data, content, has_answers=has_answers))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _WHEN), files[name], zipfile.ZIP_DEFLATED)
    part.replace(target)
    return len(files)


def _changed_inputs(content: Mapping[str, Any], data: Path) -> list[str]:
    """Inputs of the manifest that are missing or have other bytes now."""

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    return [item["path"] for item in content["inputs"] if digest(data / item["path"]) != item["sha256"]]


def _files(
    folder: Path, data: Path, content: Mapping[str, Any], *, has_answers: bool
) -> Iterator[tuple[str, bytes]]:
    """Names in the archive and bytes."""
    for name in (*_VOLUMES, *_RECORDS):
        if (folder / name).is_file():
            yield f"issue/{name}", (folder / name).read_bytes()
    for path in sorted((folder / "tables").glob("*.csv")):
        yield f"issue/tables/{path.name}", path.read_bytes()
    for item in content["inputs"]:
        if has_answers or not item["path"].startswith(_ANSWERS):
            yield f"workspace/{item['path']}", (data / item["path"]).read_bytes()
    quarter = parse_quarter(content["quarter"])
    for path in _earlier(folder.parent, quarter):
        yield f"earlier/{path.relative_to(folder.parent).as_posix()}", path.read_bytes()
    code = dict(_code())
    yield from code.items()
    yield "replicate.py", SCRIPT.encode()
    text = README.format(
        quarter=content["quarter"],
        version=content["version"],
        title=content["parameters"]["settings"]["title"]["th"],
        answers=""
        if has_answers
        else ", without the single answers of the surveys, which do not leave the office",
        tests=" and tests" if any(name.startswith("code/tests/") for name in code) else "",
    )
    yield "README.md", text.encode()


def _earlier(out: Path, quarter: pd.Period) -> Iterable[Path]:
    """Manifests and tables of earlier issues in the same folder."""
    for issue in manifest.earlier(out, quarter):
        folder = next(
            path for path in out.iterdir() if path.name.upper() == str(issue.quarter).replace("Q", "-Q")
        )
        yield folder / "manifest.json"
        yield from sorted((folder / "tables").glob("*.csv"))


def _code() -> Iterator[tuple[str, bytes]]:
    """The program with its declarations; its tests and the list of libraries where they are there."""
    package, root = Path(__file__).resolve().parents[1], asset()
    folders = {package: "reporter"} | {root / name: name for name in _ASSETS}
    folders |= {root / "data" / name: f"data/{name}" for name in _DECLARED} | {root / "tests": "tests"}
    for folder, place in folders.items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            parts = path.relative_to(folder).parts
            if path.is_file() and "__pycache__" not in parts and not path.name.startswith("."):
                yield f"code/{place}/{'/'.join(parts)}", path.read_bytes()
    for name in ("pyproject.toml", "requirements.lock", "LICENSE", "data/workspace.toml"):
        if (root / name).is_file():
            yield f"code/{name}", (root / name).read_bytes()


# ------------------------------------------------------------------------------------------------ replication


def main(pack: Path) -> int:
    """What ``replicate.py`` does in the unpacked archive: prints one line a table, returns 1 where one differs."""
    _without_network()
    table = replicate(pack)
    for row in table.to_dict("records"):
        largest = f"  {row['largest']:.3g}" if row["state"] == "differs" else ""
        sys.stdout.write(f"{row['state']:<14}{row['table']}{largest}\n")
    counts = table["state"].value_counts()
    sys.stdout.write(", ".join(f"{state} {number}" for state, number in counts.items()) + "\n")
    return int((table["state"] == "differs").any())


def replicate(pack: Path) -> pd.DataFrame:
    """``table,state,largest``: every published table against the one computed anew (largest relative difference)."""
    from reporter.pipeline.build import ingest, validate
    from reporter.pipeline.computation import compute, read_inputs
    from reporter.runtime.cache import StageCache

    content = json.loads((pack / "issue" / "manifest.json").read_text(encoding="utf-8"))
    quarter = parse_quarter(content["quarter"])
    request = issue_cache.BuildRequest(
        quarter, pack / "workspace", pack / "earlier", version=content["version"]
    )
    with Executor(1) as executor:
        resources = issue_cache.Resources(StageCache(None), executor, Silent())
        workspace = ingest(request, resources)
        validate(workspace, request, resources)
        computed, _ = compute(read_inputs(workspace, request), resources)
    has_answers = any((pack / "workspace" / name).is_dir() for name in _ANSWERS[:2])
    rows = []
    for path in sorted((pack / "issue" / "tables").glob("*.csv")):
        if path.stem not in computed:
            continue  # made of texts and of earlier issues when the volumes are written
        if _needs_answers(path.stem) and not has_answers:
            rows.append((path.stem, "needs answers", np.nan))
        else:
            largest = difference(pd.read_csv(path, low_memory=False), computed[path.stem])
            rows.append((path.stem, "same" if largest <= _CLOSE else "differs", largest))
    return pd.DataFrame(rows, columns=["table", "state", "largest"])


def _needs_answers(table: str) -> bool:
    return table in _OF_BOTH or schema.declared_tables()[table].made_by.startswith("reporter.surveys.")


def difference(published: pd.DataFrame, computed: pd.DataFrame) -> float:
    """Largest difference of two tables, relative where numbers are above one; infinite where texts or shapes differ."""
    if list(published.columns) != list(computed.columns) or len(published) != len(computed):
        return np.inf
    found = 0.0
    for name in published:
        one, other = published[name], computed[name]
        if pd.api.types.is_numeric_dtype(one) and not pd.api.types.is_bool_dtype(one):
            first, second = (
                one.to_numpy(float),
                pd.to_numeric(other, errors="coerce").to_numpy(float, na_value=np.nan),
            )
            if (np.isnan(first) != np.isnan(second)).any():
                return np.inf
            away = np.abs(first - second) / np.maximum(np.abs(first), 1.0)
            found = max(found, float(np.nanmax(away)) if (~np.isnan(away)).any() else 0.0)
        elif not (_texts(one) == _texts(other)).all():
            return np.inf
    return found


def _texts(column: pd.Series) -> np.ndarray:
    return np.array(["" if pd.isna(value) else str(value) for value in column.tolist()], dtype=object)


def _without_network() -> None:
    """From here on nothing can be asked from another machine."""

    def refused(*_: Any, **__: Any) -> NoReturn:
        raise OSError("the replication uses no network")

    socket.socket.connect = refused  # type: ignore[method-assign]
