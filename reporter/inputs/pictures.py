"""Pictures of the workspace: those that the analysts' text shows, and the ministry's logo.

Goes in: ``![what the picture shows](figures/map.png "caption")`` in a chapter's Markdown, or ``logo`` of ``workspace.toml``, and the file.
Comes out: ``Picture`` with its pixels written anew as PNG or JPEG, or a finding that says what is wrong. A picture's file is hostile:
only pixels are taken over, so that places, names, scripts and bytes behind the picture do not get into an issue.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from reporter.domain.errors import Finding, InputError
from reporter.inputs.series_cells import is_inside
from reporter.runtime.cache import write_bytes

FOLDER = "figures"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
LARGEST_BYTES = 8_000_000  # a camera's picture; more has no use at the printed width
LARGEST_PIXELS = 40_000_000  # what a picture may unpack to: a small file can be a bomb
WIDEST = 2_100  # pixels: 178 mm at 300 dots per inch
_HALF = 1_000  # narrower pictures are printed in one column
_QUALITY = 88
_SHORTEST_ALT = 8  # characters: fewer do not say what a picture shows

NAMED = re.compile(r"!\[([^\]]*)\]\(\s*(?:<([^>\n]+)>|([^)\s]+))(?:\s+\"([^\"]*)\")?\s*\)")

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True)
class Picture:
    """One picture of a text. ``name``: as the text names it; ``content``: the file that an issue holds; sizes in pixels."""

    id: str
    name: str
    alt: str
    caption: str
    content: bytes
    suffix: str
    width: int
    height: int

    @property
    def file(self) -> str:
        """Its path in the issue's folder: named by its content, so that no name of a file can be an attack."""
        return f"{FOLDER}/{hashlib.sha256(self.content).hexdigest()[:16]}{self.suffix}"

    @property
    def printed(self) -> str:
        """``full`` or ``half``: the width in print."""
        return "half" if self.width < _HALF else "full"


def named(text: str) -> Iterator[tuple[str, str, str]]:
    """Alternative text, path and caption of every picture that a Markdown text names."""
    for match in NAMED.finditer(text):
        yield match[1].strip(), unquote(match[2] or match[3]).strip(), (match[4] or "").strip()


def pictures_of(root: Path, text: str, where: str, found: list[Finding]) -> tuple[Picture, ...]:
    """The pictures of a text in its order; what cannot be shown is left out and noted in ``found``."""
    pictures = []
    chapter = re.sub(r"[^a-z0-9]+", "-", Path(where).stem.lower())
    for number, (alt, path, caption) in enumerate(named(text), start=1):
        if not path.startswith(f"{FOLDER}/"):
            said = (
                f"ภาพ {path[:60]} ไม่อยู่ในโฟลเดอร์ {FOLDER}/ ของพื้นที่งาน จึงแสดงเป็นข้อความ — วางไฟล์ใน {FOLDER}/ แล้วเขียน {FOLDER}/ชื่อไฟล์",
                f"The picture {path[:60]} is not in the workspace's folder {FOLDER}/, so it stays text; put the file there and write {FOLDER}/name.",
            )
            found.append(_finding(where, said, path, severity="warning"))
            continue
        if len(alt) < _SHORTEST_ALT or alt.lower() == path.rpartition("/")[2].lower():
            said = (
                f"ภาพ {path[:60]} ไม่มีคำอธิบายภาพ — เขียนในวงเล็บเหลี่ยมว่าภาพแสดงสิ่งใด อย่างน้อย {_SHORTEST_ALT} ตัวอักษร สำหรับผู้ที่มองไม่เห็นภาพ",
                f"The picture {path[:60]} has no alternative text; write in the square brackets what it shows, at least {_SHORTEST_ALT} characters, for those who cannot see it.",
            )
            found.append(_finding(where, said, path))
            continue
        try:
            content, suffix, width, height = read(root, path, where, found)
        except InputError as error:
            found.append(_finding(where, (error.th, error.en), path))
            continue
        if content:
            own = f"own-{chapter}-{number}"
            pictures.append(Picture(own, path, alt, caption, content, suffix, width, height))
    if len(pictures) > sum(NAMED.fullmatch(part.strip()) is not None for part in _PARAGRAPHS.split(text)):
        said = (
            "ภาพต้องอยู่ในย่อหน้าของตนเอง มิฉะนั้นแสดงเป็นข้อความ — เว้นบรรทัดว่างก่อนและหลังภาพ",
            "A picture stands in a paragraph of its own, else it stays text; leave an empty line before and after it.",
        )
        found.append(_finding(where, said, "", severity="warning"))
    return tuple(pictures)


def read(root: Path, path: str, where: str, found: list[Finding]) -> tuple[bytes, str, int, int]:
    """A picture of the workspace written anew: bytes, ending, width, height. Raises InputError; empty for a link that leads out."""
    file = root / path
    if ".." in Path(path).parts or not file.is_file():
        raise InputError(
            f"ไม่พบภาพ {path[:60]} — วางไฟล์ใน {FOLDER}/ ของพื้นที่งาน หรือแก้ชื่อ",
            f"There is no picture {path[:60]}; put the file into the workspace's {FOLDER}/, or mend the name.",
        )
    if not is_inside(file, root, where, found) or not file.resolve().is_relative_to(root.resolve()):
        return b"", "", 0, 0
    about = file.stat()
    if about.st_size > LARGEST_BYTES:
        raise _refused(path, f"{about.st_size / 1e6:,.1f} MB")
    return _encoded(file, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=24)
def _encoded(file: Path, changed: int, size: int) -> tuple[bytes, str, int, int]:
    """The pixels of a file as they were at a time, written anew."""
    return encoded(file.read_bytes(), f"{FOLDER}/{file.name}")


def encoded(content: bytes, name: str) -> tuple[bytes, str, int, int]:
    """Pixels written anew, at most ``WIDEST`` wide: bytes, ending, width, height. Raises InputError for what is no picture."""
    from PIL import Image, ImageOps  # here: only texts with pictures need it

    if len(content) > LARGEST_BYTES:
        raise _refused(name, f"{len(content) / 1e6:,.1f} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of unusual files; what cannot be read is refused below
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
                if opened.width * opened.height > LARGEST_PIXELS:
                    raise _refused(name, f"{opened.width:,} × {opened.height:,}")
                is_photo = opened.format == "JPEG"
                upright = ImageOps.exif_transpose(opened)
                pixels = upright.convert("RGB" if is_photo or not upright.has_transparency_data else "RGBA")
    except InputError:
        raise
    except Exception as error:  # Pillow raises what its decoders raise
        raise InputError(
            f"{name[:60]} ไม่ใช่ภาพ PNG, JPEG หรือ WebP ที่อ่านได้ — บันทึกภาพใหม่จากโปรแกรมที่สร้าง",
            f"{name[:60]} is no PNG, JPEG or WebP picture that can be read; save it again from the program that made it.",
        ) from error
    if pixels.width > WIDEST:
        pixels = pixels.resize((WIDEST, max(1, round(pixels.height * WIDEST / pixels.width))))
    made = io.BytesIO()
    clean = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())  # pixels alone: no metadata
    if is_photo:
        clean.save(made, "JPEG", quality=_QUALITY)
    else:
        clean.save(made, "PNG", optimize=True)
    return made.getvalue(), ".jpg" if is_photo else ".png", clean.width, clean.height


def _refused(name: str, size: str) -> InputError:
    return InputError(
        f"ภาพ {name[:60]} ใหญ่เกินไป ({size}) — ย่อให้ไม่เกิน {LARGEST_BYTES / 1e6:.0f} MB และ {LARGEST_PIXELS / 1e6:.0f} ล้านจุด",
        f"The picture {name[:60]} is too large ({size}); make it at most {LARGEST_BYTES / 1e6:.0f} MB and {LARGEST_PIXELS / 1e6:.0f} million pixels.",
    )


def _finding(where: str, said: tuple[str, str], path: str, *, severity: str = "error") -> Finding:
    return Finding(severity, where, *said, value=path[:80], rule="commentary.picture")  # type: ignore[arg-type]


def write_pictures(folder: Path, pictures: tuple[Picture, ...]) -> None:
    """Put pictures into the folder of an issue."""
    for one in pictures:
        (folder / FOLDER).mkdir(exist_ok=True)
        write_bytes(folder / one.file, one.content)


def logo_of(root: Path, path: str) -> str:
    """Where an issue holds the logo that the settings name; empty without one. Raises InputError for what is no picture."""
    _, suffix, _, _ = read(root, path, path, []) if path else (b"", "", 0, 0)
    return f"{FOLDER}/logo{suffix}" if suffix else ""


def write_logo(root: Path, path: str, folder: Path) -> None:
    """Put the logo into the folder of an issue."""
    if target := logo_of(root, path):
        (folder / FOLDER).mkdir(exist_ok=True)
        write_bytes(folder / target, read(root, path, path, [])[0])


def listed(root: Path) -> list[str]:
    """Paths of the workspace's pictures, as a text names them, sorted."""
    folder = root / FOLDER
    return [
        f"{FOLDER}/{path.name}"
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")
    ]
