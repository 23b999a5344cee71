"""Runs as a program: replaces a folder again and again, killed at its first, second, third ... system call in turn.

Arguments: scratch folder. Prints one word per kill point: what stands under the final name afterwards (old, new, or half),
then what the next run leaves. An audit hook counts the operations on files and kills the process in the middle of them.
"""

import os
import signal
import sys
from pathlib import Path

from reporter.runtime.cache import new_folder

EVENTS = {
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.scandir",
    "ctypes.dlsym",
    "shutil.rmtree",
}


def replace(target: Path, word: str) -> None:
    with new_folder(target) as folder:
        for name in ("a", "b"):
            (folder / name).write_text(word)


def standing(target: Path) -> str:
    words = {(target / name).read_text() if (target / name).exists() else "none" for name in ("a", "b")}
    return words.pop() if len(words) == 1 else "half"


def killed_at(point: int, target: Path) -> bool:
    """Whether the run was killed; False when it ended before the point."""
    child = os.fork()
    if child == 0:
        left = [point]

        def count(event: str, arguments: tuple) -> None:
            if event in EVENTS:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        replace(target, "new")
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main() -> None:
    target = Path(sys.argv[1]) / "out" / "2025-Q3"
    replace(target, "old")
    point = 1
    while True:
        was_killed = killed_at(point, target)
        found = standing(target)
        replace(target, "old")
        rest = sorted(path.name for path in target.parent.iterdir())
        print(point, found if was_killed else "ended", standing(target), " ".join(rest))
        if not was_killed:
            return
        point += 1


main()
