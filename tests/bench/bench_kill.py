"""SIGKILL at random moments of a build: the old issue intact, the next build right. Prints counts.

Run by ``make bench``. Two workspaces that differ in one value; the issue of the first stands while builds of the second are
killed: a third at any moment of a whole build, a third around its last steps, a third while the issue comes from the
cache. After each kill the folder holds the first issue or the second, byte for byte. After every fifth kill a build runs to
its end and must give the second issue's bytes. ``KILLS`` says how many kills, ``MINUTES`` when to stop at the latest.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.support.kills import QUARTER, after, build, digest, in_the_end, killed_build
from tests.support.workspace import small_workspace

KILLS = int(os.environ.get("KILLS", "50"))
MINUTES = float(os.environ.get("MINUTES", "60"))
WHOLE_EVERY = 5


def main() -> None:
    """Kill, compare, print; exit status 1 when an issue was neither the old nor the new one."""
    chance = random.Random(2568)
    seen: Counter[str] = Counter()
    right = whole = 0
    ends = time.monotonic() + 60 * MINUTES
    with tempfile.TemporaryDirectory(prefix="bench-kill-") as folder:
        root = Path(folder)
        first = small_workspace(root / "first", dimensions=("unemployment",))
        second = small_workspace(root / "second", dimensions=("unemployment",))
        changed = second / "series" / "unemployment.csv"
        lines = changed.read_text(encoding="utf-8").splitlines()
        cells = lines[-1].split(",")
        place = lines[0].split(",").index("value")
        cells[place] = f"{float(cells[place]) * 1.05:.4f}"
        changed.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n", encoding="utf-8")
        out, reference = root / "out", root / "reference"
        seconds = build(second, reference, root)
        for workspace in (second, first):
            build(workspace, out, root, is_cached=True)
        quick = build(second, root / "other", root, is_cached=True)
        old, new = digest(out / QUARTER), digest(reference / QUARTER)
        assert old != new
        number = kills = 0
        while kills < KILLS and number < 3 * KILLS and time.monotonic() < ends:
            number += 1
            kind = number % 3
            moment = (
                in_the_end(out, chance, patience=4 * seconds)
                if kind == 2
                else after(chance.uniform(0.0, seconds if kind else quick))
            )
            was_killed = killed_build(second, out, root, moment, is_cached=not kind)
            found = digest(out / QUARTER) if (out / QUARTER).is_dir() else "none"
            state = {old: "old intact", new: "new whole"}.get(found, "BROKEN")
            kills += was_killed
            seen[state if was_killed else "had ended before the kill"] += 1
            if not was_killed and found != new:
                seen["BROKEN"] += 1
            print(f"\r{kills} kills", end="", file=sys.stderr, flush=True)
            if found == new:
                build(first, out, root, is_cached=True)
            if number % WHOLE_EVERY == 0:
                build(second, out, root, is_cached=number % 2 == 0)
                whole += 1
                right += digest(out / QUARTER) == new
                left = sorted(path.name for path in out.iterdir())
                seen["left something behind"] += left != [QUARTER]
                build(first, out, root, is_cached=True)
                assert digest(out / QUARTER) == old
    print(
        f"\nkills {kills} of {KILLS}, of a build of {seconds:.0f} s: "
        + ", ".join(f"{n} {word}" for word, n in seen.items())
    )
    print(f"next builds right {right} of {whole}")
    if seen["BROKEN"] or right != whole or seen["left something behind"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
