"""The synthetic sample workspace: series, surveys, commentary, recipients, from one seed.

Goes in: an empty folder (or the folder of an earlier sample) and a seed. Comes out: a whole workspace of
contract.md whose settings say ``synthetic = true``. The same seed gives the same bytes. Everything bulky is drawn
here; the hand-written parts (commentary, recipients, settings) travel with the package's data.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np

from reporter.domain.assets import asset
from reporter.domain.errors import StateError
from reporter.inputs.declared import load
from reporter.sample.series import make_series
from reporter.sample.surveys import make_plans, make_surveys
from reporter.sample.writing import writable, write_texts

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
