"""Writing at the desk: the analysts' text beside the report's page, generated sentences hidden or replaced, outlook factors as a form.

Goes in: what is typed. Comes out: ``commentary/<quarter>/<slug>.md``, ``sentences.toml`` and ``outlook.toml``, which the commands read. A save
names the version of the file that it began from: where somebody else has saved meanwhile, nothing is overwritten and both
texts are shown. Files appear whole or not at all. The preview sets a chapter from the issue in memory, in well under a second.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from reporter.desk.server import Call, noted, served
from reporter.domain.declarations import chapters as declared_chapters
from reporter.domain.edition import Context, Figures
from reporter.domain.errors import Finding, StateError, UsageError
from reporter.domain.periods import parse_quarter
from reporter.domain.schema import Tables
from reporter.inputs.commentary import (
    OUTLOOK,
    RECOMMENDATIONS,
    SENTENCES,
    ChapterText,
    Commentary,
    CommentaryPicture,
    Factor,
    Recommendation,
    SentenceEdit,
    listed_pictures,
    pictures_of,
    read_commentary,
    sentence_id,
    slug_of_file,
    with_recommendations,
)
from reporter.inputs.commentary import PICTURE_FOLDER as PICTURES
from reporter.pipeline import issue_cache
from reporter.report import Findings
from reporter.report.commentary import (
    NamedQuantity,
    blocks_of,
    check_typed,
    clean,
    named_values,
    quantities_of,
)
from reporter.report.document import Aside, Block, Chapter, Document, Sentence, sentences_of, walk
from reporter.report.numbers import Cells, Number
from reporter.report.pages import part_page, write
from reporter.runtime.cache import StageCache, disk_errors, lock, write_bytes

# ----------------------------------------------------------------------------------------------------
# The issue in memory: any chapter as the report would show it with other texts, in well under a second.
#
# Goes in: what the last build was written from (``reporter.pipeline.issue_cache.kept_draft``), the analysts' texts as they are being typed. Comes
# out: parts of the report made by the report's own templates, the sentences that the program wrote, and what contradicts the tables. A
# chapter's frame depends on which chapters have a text of the analysts, not on its words; so the whole document is written once for
# every such arrangement, and a changed word fills one place of it.
# ----------------------------------------------------------------------------------------------------

_PICTURES_KEPT = 24  # pictures of texts that are being typed; each at most some megabytes
_KEPT = 12  # arrangements of one draft; each holds a document of a few megabytes
_PLACE = "…"  # stands where the analysts' text will

# Which chapters have the analysts' text and whether it replaces the generated one; factors; edited sentences.
Arrangement = tuple[tuple[tuple[str, bool], ...], tuple[Factor, ...], tuple[SentenceEdit, ...]]


@dataclass(frozen=True)
class GeneratedSentence:
    """One sentence that the program wrote; ``edit`` is what the analysts decided about it."""

    id: str
    text: str
    section: str
    edit: SentenceEdit | None


@dataclass(frozen=True)
class Preview:
    """A part of the report as a page, and what in the analysts' text is not true of the tables."""

    page: str
    findings: tuple[Finding, ...]


@dataclass
class Draft:
    """One built issue, ready to be written again with other texts.

    folder  where its pictures and tables lie
    """

    findings: Findings
    figures: Figures
    tables: Tables
    context: Context
    folder: Path
    _documents: OrderedDict[Arrangement, Document] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _values: dict[str, Number] = field(default_factory=dict, repr=False)
    _quantities: list[NamedQuantity] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.cells = Cells(self.tables)

    @property
    def values(self) -> Mapping[str, Number]:
        """Name -> number that the analysts' text may name."""
        if not self._values:
            self._values = named_values(self.cells, self.context)
        return self._values

    @property
    def quantities(self) -> list[NamedQuantity]:
        """What typed numbers are held against."""
        if not self._quantities:
            self._quantities = quantities_of(self.cells, self.context)
        return self._quantities

    # ------------------------------------------------------------------------------------ parts of the report

    def document(self, commentary: Commentary) -> Document:
        """The report's frame for these texts: every text of the analysts stands as a placeholder."""
        placed = tuple(sorted((slug, text.replaces) for slug, text in commentary.chapters.items()))
        arrangement: Arrangement = (placed, commentary.factors, commentary.sentences)
        with self._lock:
            if arrangement not in self._documents:
                texts = {slug: ChapterText(slug, _PLACE, replaces, "") for slug, replaces in placed}
                own = replace(commentary, chapters=texts)
                made = write(self.findings, self.figures, self.tables, self.context, own)
                self._documents[arrangement] = made
                if len(self._documents) > _KEPT:
                    self._documents.popitem(last=False)
            self._documents.move_to_end(arrangement)
            return self._documents[arrangement]

    def chapter(self, slug: str, commentary: Commentary) -> Chapter:
        """One part with the analysts' text in its place. Raises StateError where the report has no such part."""
        part = _part(self.document(commentary), slug)
        text = commentary.chapters.get(slug)
        if text is None:
            return part
        blocks = blocks_of(text.markdown, self.values, text.pictures)
        sections = [replace(section, blocks=_filled(section.blocks, blocks)) for section in part.sections]
        return replace(part, sections=sections)

    def preview(self, slug: str, commentary: Commentary) -> Preview:
        """One part as a page and what contradicts the tables in it."""
        document, part = self.document(commentary), self.chapter(slug, commentary)
        only = replace(document, summary=Chapter("summary", 0, "", ""), chapters=[part])
        found = check_typed(only, self.cells, self.context, self.quantities)
        return Preview(
            part_page(document, part, self.context, self.folder),
            tuple(one for one in found if slug in one.where),
        )

    def sentences(self, slug: str, commentary: Commentary) -> list[GeneratedSentence]:
        """What the program wrote in one part, with what the analysts decided about each sentence."""
        edits = {edit.id: edit for edit in commentary.sentences if edit.chapter == slug}
        part = _part(self.document(replace(commentary, sentences=())), slug)
        found = []
        for section, sentence in _generated(part):
            own = sentence_id(slug, sentence.text)
            found.append(GeneratedSentence(own, sentence.text, section, edits.get(own)))
        return list({one.id: one for one in found}.values())

    def idle(self, commentary: Commentary) -> tuple[tuple[str, str], ...]:
        """Edits that fit no sentence any more."""
        return self.document(commentary).idle_edits


def _part(document: Document, slug: str) -> Chapter:
    for part in document.parts:
        if part.slug == slug:
            return part
    raise StateError(f"ร่างไม่มีบท {slug}", f"The draft has no chapter {slug}.")


def _filled(blocks: Sequence[Block], text: list[Block]) -> list[Block]:
    """The blocks with the analysts' text where the placeholder stands."""
    return [
        replace(block, blocks=text) if isinstance(block, Aside) and block.style == "commentary" else block
        for block in blocks
    ]


def _generated(part: Chapter) -> Iterator[tuple[str, Sentence]]:
    """Title of the section and sentence, of everything that the program wrote."""
    yield from (("", sentence) for sentence in part.finding)
    for section in part.sections:
        own = [
            block
            for block in section.blocks
            if not (isinstance(block, Aside) and block.style == "commentary")
        ]
        for block in walk(own):
            yield from ((section.title, sentence) for sentence in sentences_of(block) if sentence.text)


# ---------------------------------------------------------------------------------------------- the draft of a quarter


def loaded(shared: dict[str, Any], lock: threading.RLock, folder: Path) -> Draft | None:
    """The draft of the issue in a folder, kept until the issue is built anew; None where none is built or kept."""
    built = stamp(folder)
    with lock:
        known = shared.get("draft")
        if known is not None and known[0] == (folder, built):
            found: Draft | None = known[1]
            return found
        shared.pop("draft", None)  # only one draft is kept: it is the desk's largest thing
        parts = (
            issue_cache.kept_draft(StageCache(platformdirs.user_cache_path("reporter")), folder)
            if built
            else None
        )
        draft = None
        if parts is not None:
            described, context = parts
            draft = Draft(described.findings, described.figures, described.tables, context, folder)
        if draft is not None:
            shared["draft"] = ((folder, built), draft)
        return draft


def stamp(folder: Path) -> tuple[int, int] | None:
    """Time and size of the manifest: another build has another."""
    try:
        about = (folder / "manifest.json").stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size


def titles() -> dict[str, str]:
    """Slug -> short title of the parts of the report, the summary first."""
    return {"summary": "สรุปสำหรับผู้บริหาร", **{item.slug: item.short.th for item in declared_chapters()}}


_MARK = "<!-- replace -->\n"
_MARKED = re.compile(r"\s*<!--\s*replace\s*-->[ \t]*\n?")  # as the reader takes it
_PRESENT_SECONDS = 300  # after five minutes without a keystroke a page counts as left
_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Stored:
    """A file as an editor began from it: its text and the digest of its bytes ("" where there is none)."""

    text: str
    digest: str


class ConflictError(StateError):
    """Somebody saved the file after the editor had read it; carries what stands there now."""

    def __init__(self, now: Stored) -> None:
        super().__init__(
            "มีผู้บันทึกข้อความนี้หลังจากท่านเปิดหน้า — ไม่มีสิ่งใดถูกเขียนทับ เปรียบเทียบแล้วบันทึกอีกครั้ง",
            "Somebody saved this text after you had opened it; nothing was overwritten. Compare, then save again.",
        )
        self.now = now


# ---------------------------------------------------------------------------------------------- files


def stored(path: Path) -> Stored:
    """A file's text with its digest; both empty where there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Stored("", "")
    return Stored(content.decode("utf-8-sig", "replace"), hashlib.sha256(content).hexdigest())


def save(path: Path, text: str, began_from: str) -> Stored:
    """Write a text where the file is still as the editor began from it; an empty text takes the file away.

    Raises ConflictError where somebody saved meanwhile, ReporterError where the disk refuses
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent / ".desk.lock"):
            now = stored(path)
            if now.digest != began_from:
                raise ConflictError(now)
            if text.strip():
                write_bytes(path, text.encode("utf-8"))
            else:
                path.unlink(missing_ok=True)
    return stored(path)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock file; wait a moment for another holder, who writes one file."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lock(path))
                break
            except StateError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield


def chapter_file(data: Path, quarter: str, slug: str) -> Path:
    """The file of a chapter's text: the one that is there, under an older name too, else ``<slug>.md``."""
    folder = data / "commentary" / quarter
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        is_thai = not path.stem.endswith(".en")  # the English text stands beside it
        if path.suffix.lower() == ".md" and is_thai and slug_of_file(path.stem) == slug:
            return path
    return folder / f"{slug}.md"


def text_of(file: Stored) -> tuple[str, bool]:
    """The text of a chapter's file without its mark, and whether it replaces the generated one."""
    text = file.text.replace("\r\n", "\n")
    marked = _MARKED.match(text)
    return (text[marked.end() :], True) if marked else (text, False)


def file_text(text: str, *, replaces: bool) -> str:
    """The file of a chapter's text: its mark first, one line end at its end."""
    body = clean(text).strip("\n")
    return (_MARK if replaces else "") + body + "\n" if body.strip() else ""


def _toml(header: str, table: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """A TOML file of one list of tables; empty fields are left out."""
    lines = [header.rstrip("\n")] if header.strip() else []
    for entry in entries:
        lines += ["", f"[[{table}]]"]
        for key, value in entry.items():
            if value or not isinstance(value, str):
                shown = (
                    value.isoformat()
                    if isinstance(value, dt.date)
                    else json.dumps(clean(value), ensure_ascii=False)
                )
                lines.append(f"{key} = {shown}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _header(text: str) -> str:
    """The comments at the head of a file, which a form keeps."""
    lines = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines).rstrip()


# ---------------------------------------------------------------------------------------------- who is writing


def others(call: Call, slug: str, tab: str) -> list[str]:
    """Who else has the same text open; notes that this page is there."""
    present = call.desk.keep("editors", dict)
    now = time.monotonic()
    with call.desk.lock:
        own = present.setdefault((call.quarter, slug), {})
        for other in [other for other, (_, seen) in own.items() if now - seen > _PRESENT_SECONDS]:
            del own[other]
        own[tab] = (call.user or call.say("ผู้ไม่ได้บอกชื่อ"), now)
        return [name for other, (name, _) in own.items() if other != tab]


# ---------------------------------------------------------------------------------------------- pages


def _commentary(call: Call) -> tuple[Commentary, list[Finding]]:
    return read_commentary(call.desk.data, parse_quarter(call.quarter))


def _draft(call: Call) -> Draft | None:
    return loaded(call.desk.shared, call.desk.lock, call.folder)


def _slug(call: Call) -> str:
    slug = str(call.request.path_params["slug"])
    if slug not in titles():
        raise UsageError(f"ไม่มีบท {slug[:40]}", f"There is no chapter {slug[:40]}.")
    return slug


def chapters_page(call: Call) -> Response:
    """Every part of the report: what stands in it, and where to write."""
    commentary, found = _commentary(call)
    edits = {slug: sum(edit.chapter == slug for edit in commentary.sentences) for slug in titles()}
    draft = _draft(call)
    return call.page(
        "write",
        title=call.say("เขียน"),
        tab="write",
        titles=titles(),
        commentary=commentary,
        edits=edits,
        found=found,
        idle=draft.idle(commentary) if draft else (),
        has_draft=draft is not None,
    )


def editor_page(call: Call) -> Response:
    """One part: the analysts' text, the sentences of the program, the page of the report beside them."""
    slug, tab = _slug(call), secrets.token_hex(8)
    commentary, _ = _commentary(call)
    draft = _draft(call)
    file = stored(chapter_file(call.desk.data, call.quarter, slug))
    text, replaces = text_of(file)
    return call.page(
        "editor",
        title=titles()[slug],
        tab="write",
        slug=slug,
        titles=titles(),
        text=text,
        replaces=replaces,
        file=file,
        file_name=chapter_file(call.desk.data, call.quarter, slug).name,
        page_tab=tab,
        others=others(call, slug, tab),
        draft=draft,
        sentences=draft.sentences(slug, commentary) if draft else [],
        sentences_digest=stored(_sentences_file(call)).digest,
        values=named(call, draft) if draft else [],
        pictures=listed_pictures(call.desk.data),
    )


def named(call: Call, draft: Draft) -> list[tuple[str, str, str]]:
    """Name, number and words of every value that a text may name."""
    declared, found = draft.context.declarations, []
    place = 0 if call.lang == "th" else 1
    parts = {"quarter": ("เทียบไตรมาสก่อน", "on the quarter"), "year": ("เทียบปีก่อน", "on the year")}
    for name, number in sorted(draft.values.items()):
        kind, _, rest = name.partition(".")
        own, _, part = rest.partition(".")
        known = declared.indicators.get(own) if kind == "indicator" else declared.dimensions.get(own)
        fixed = {
            "index.overall": ("ดัชนีเศรษฐกิจแรงงาน", "Labour Economic Index"),
            "employers.overall": ("ความเชื่อมั่นของผู้ประกอบการ", "Employers' confidence"),
            "workers.overall": ("ความเชื่อมั่นของแรงงาน", "Workers' confidence"),
        }
        words = fixed.get(f"{kind}.{own}") or ((known.name.th, known.name.en) if known else (own, own))
        found.append((name, number.text, " ".join([words[place], *([parts[part][place]] if part else [])])))
    return found


def preview(call: Call) -> Response:
    """The page of a part with the text as it is being typed, and what contradicts the tables; for the script of the editor."""
    slug, draft = _slug(call), _draft(call)
    busy = others(call, slug, call.text("tab"))
    if draft is None:
        return JSONResponse({"html": None, "found": [], "others": busy})
    typed, wrong = _typed(call, slug)
    made = draft.preview(slug, typed)
    found = [
        {"severity": one.severity, "text": one.th if call.lang == "th" else one.en}
        for one in (*wrong, *made.findings)
    ]
    body = made.page.partition("<main>")[2].rpartition("</main>")[0]
    return JSONResponse({"html": body, "found": found, "others": busy})


def _typed(call: Call, slug: str) -> tuple[Commentary, list[Finding]]:
    """The quarter's commentary with the typed text in the place of the saved one, and what is wrong with its pictures."""
    commentary, _ = _commentary(call)
    found: list[Finding] = []
    texts = {key: text for key, text in commentary.chapters.items() if key != slug}
    if (text := call.text("text")).strip():
        pictures = pictures_of(call.desk.data, text, f"{slug}.md", found)
        _show(call, pictures)
        texts[slug] = ChapterText(slug, text, bool(call.text("replaces")), f"{slug}.md", pictures)
    if slug == "recommendations" and commentary.recommendations:
        own = texts.get(slug, ChapterText(slug, "", False, f"{slug}.md"))
        texts[slug] = replace(own, markdown=with_recommendations(own.markdown, commentary.recommendations))
    return replace(commentary, chapters=texts), found


def _show(call: Call, pictures: Sequence[CommentaryPicture]) -> None:
    """Keep pictures that no build has put into the issue's folder yet, for the page beside the editor."""
    kept: OrderedDict[str, bytes] = call.desk.keep("pictures", OrderedDict)
    with call.desk.lock:
        for one in pictures:
            kept[one.file] = one.content
            kept.move_to_end(one.file)
        while len(kept) > _PICTURES_KEPT:
            kept.popitem(last=False)


def picture_file(call: Call) -> Response:
    """A picture of the analysts' text, from the built issue or from the workspace."""
    name = f"{PICTURES}/{call.request.path_params['name']}"
    kept: OrderedDict[str, bytes] = call.desk.keep("pictures", OrderedDict)
    content = kept.get(name)
    if content is None:
        return served(call.folder, name)
    return Response(content, media_type="image/png" if name.endswith(".png") else "image/jpeg")


def preview_page(call: Call) -> Response:
    """The page of a part with the saved texts, for the frame beside the editor."""
    slug, draft = _slug(call), _draft(call)
    if draft is None:
        return PlainTextResponse(call.say("สร้างร่างก่อน จึงจะเห็นหน้าของรายงานที่นี่"))
    commentary, _ = _commentary(call)
    _show(call, commentary.pictures)
    return HTMLResponse(draft.preview(slug, commentary).page)


def save_text(call: Call) -> Response:
    """Save a chapter's text; 409 with the other text where somebody saved meanwhile."""
    slug = _slug(call)
    if slug == "summary":
        raise UsageError("หน้าสรุปไม่มีข้อความของนักวิเคราะห์", "The summary page takes no text of the analysts.")
    path = chapter_file(call.desk.data, call.quarter, slug)
    text = file_text(call.text("text"), replaces=bool(call.text("replaces")))
    try:
        now = save(path, text, call.text("digest"))
    except ConflictError as error:
        answer = {
            "said": error.th if call.lang == "th" else error.en,
            "theirs": text_of(error.now)[0],
            "digest": error.now.digest,
        }
        return JSONResponse(answer, 409)
    said = call.say("บันทึกแล้ว") + f" {path.relative_to(call.desk.data).as_posix()}"
    return JSONResponse({"said": said, "digest": now.digest})


# ---------------------------------------------------------------------------------------------- sentences of the program


def _sentences_file(call: Call) -> Path:
    return call.desk.data / "commentary" / call.quarter / SENTENCES


def edit_sentence(call: Call) -> Response:
    """Hide a generated sentence, replace it, or take that back; with a reason and a name."""
    slug, draft = _slug(call), _draft(call)
    commentary, _ = _commentary(call)
    known = {one.id: one for one in draft.sentences(slug, commentary)} if draft else {}
    own = known.get(call.text("id"))
    if own is None:
        raise StateError(
            "ร่างเปลี่ยนไปแล้ว ไม่พบประโยคนี้ — เปิดหน้าใหม่",
            "The draft has changed and has no such sentence; open the page again.",
        )
    kept = [edit for edit in commentary.sentences if edit.id != own.id]
    if call.text("action") != "restore":
        kept.append(_edit(call, slug, own.text))
    path = _sentences_file(call)
    entries = [
        {
            name: getattr(edit, name)
            for name in ("chapter", "text", "action", "replacement", "reason", "by", "on")
        }
        for edit in kept
    ]
    text = _toml(_header(stored(path).text) or _ABOUT_SENTENCES, "sentences", entries) if entries else ""
    save(path, text, call.text("digest"))
    return call.back(f"/write/{slug}", call.say("บันทึกการตัดสินใจเรื่องประโยคแล้ว"))


_ABOUT_SENTENCES = (
    "# ประโยคที่โปรแกรมเขียน ซึ่งนักวิเคราะห์ซ่อน (hide) หรือแทน (replace) พร้อมเหตุผล\n"
    "# Generated sentences that the analysts hide or replace, with the reason. text is the sentence as it was generated."
)


def _edit(call: Call, slug: str, text: str) -> SentenceEdit:
    action, reason, replacement = (
        call.text("action"),
        call.text("reason").strip(),
        call.text("replacement").strip(),
    )
    if action not in ("hide", "replace") or (action == "replace" and not blocks_of(replacement)):
        raise UsageError("ไม่มีประโยคที่จะใช้แทน — เขียนประโยค", "There is no sentence to replace it; write one.")
    if not reason:
        raise UsageError("ต้องบอกเหตุผล", "A reason is needed.")
    name = require_name(call)
    shown = replacement if action == "replace" else ""
    return SentenceEdit(slug, text, action, shown, reason, name, call.desk.now().date())  # type: ignore[arg-type]


def require_name(call: Call) -> str:
    """The person's name. Raises UsageError without one: every decision is recorded with a name."""
    if not call.user:
        raise UsageError(
            "ยังไม่ได้บอกชื่อผู้ทำงาน — ใส่ชื่อที่มุมบนขวาแล้วทำใหม่",
            "Nobody has said who works here; put your name at the top right, then do it again.",
        )
    return call.user


# ---------------------------------------------------------------------------------------------- factors

FIELDS = {
    "origin": (("abroad", noted("ต่างประเทศ")), ("home", noted("ในประเทศ"))),
    "sign": (("+", noted("บวก")), ("-", noted("ลบ"))),
    "affects": (
        ("both", noted("ทั้งสองฝ่าย")),
        ("workers", noted("แรงงาน")),
        ("employers", noted("ผู้ประกอบการ")),
    ),
    "kind": (
        ("", "–"),
        ("policy", noted("นโยบาย")),
        ("economic", noted("เศรษฐกิจ")),
        ("social", noted("สังคม")),
        ("political", noted("การเมือง")),
    ),
    "size": (("", "–"), ("small", noted("น้อย")), ("medium", noted("ปานกลาง")), ("large", noted("มาก"))),
    "likelihood": (("", "–"), ("low", noted("ต่ำ")), ("medium", noted("ปานกลาง")), ("high", noted("สูง"))),
}
_BLANK_ROWS = 2


def factors_page(call: Call) -> Response:
    """The outlook factors as a form, with rows for new ones."""
    commentary, found = _commentary(call)
    file = stored(_factors_file(call))
    mine = [one for one in found if one.where.endswith(OUTLOOK)]
    own = commentary.factors if file.digest else ()
    rows = [*own, *[Factor("home", "+", "both", "")] * _BLANK_ROWS]
    draft = _draft(call)
    return call.page(
        "factors",
        title=call.say("ปัจจัยในไตรมาสหน้า"),
        tab="write",
        rows=rows,
        fields=FIELDS,
        file=file,
        found=mine,
        listed=commentary.factors if not file.digest else (),
        has_draft=draft is not None,
    )


def _factors_file(call: Call) -> Path:
    return call.desk.data / "commentary" / call.quarter / OUTLOOK


def save_factors(call: Call) -> Response:
    """Write ``outlook.toml`` from the form; rows without text are left out, in the order of the form."""
    path = _factors_file(call)
    _, found = _commentary(call)
    if any(one.severity == "error" and one.where.endswith(OUTLOOK) for one in found):
        raise StateError(
            "outlook.toml มีข้อผิดพลาด แบบฟอร์มจะไม่เขียนทับ — แก้ไฟล์ก่อน",
            "outlook.toml is wrong and the form does not write over it; mend the file first.",
        )
    entries = _form_rows(call, FIELDS, ("text", "source"))
    text = _toml(_header(stored(path).text), "factors", entries)
    save(path, text, call.text("digest"))
    return call.back("/factors", call.say("บันทึกปัจจัยแล้ว"))


def _form_rows(
    call: Call, choices: Mapping[str, Sequence[tuple[str, str]]], texts: Sequence[str]
) -> list[dict[str, str]]:
    """The rows of a form that have a text and are not to be removed. Raises UsageError for a choice that is none."""
    count = min(int(call.text("rows")) if call.text("rows").isdecimal() else 0, 200)
    entries = []
    for number in range(count):
        given = {name: call.text(f"{name}.{number}") for name in (*choices, *texts)}
        if not given["text"].strip() or call.text(f"remove.{number}"):
            continue
        for name, possible in choices.items():
            if given[name] not in [code for code, _ in possible]:
                raise UsageError(f"ค่าของ {name} ใช้ไม่ได้", f"The value of {name} is not one of its choices.")
        entries.append({name: " ".join(value.split()) for name, value in given.items()})
    return entries


# ---------------------------------------------------------------------------------------------- recommendations

WHEN = {
    "when": (
        ("", "–"),
        ("now", noted("ทันที")),
        ("quarter", noted("ภายในไตรมาสหน้า")),
        ("year", noted("ภายในหนึ่งปี")),
    )
}


def recommendations_page(call: Call) -> Response:
    """The analysts' recommendations as a form, with rows for new ones."""
    commentary, found = _commentary(call)
    return call.page(
        "recommendations",
        title=call.say("ข้อเสนอแนะของนักวิเคราะห์"),
        tab="write",
        rows=[*commentary.recommendations, *[Recommendation("")] * _BLANK_ROWS],
        choices=WHEN["when"],
        file=stored(_recommendations_file(call)),
        found=[one for one in found if one.where.endswith(RECOMMENDATIONS)],
    )


def _recommendations_file(call: Call) -> Path:
    return call.desk.data / "commentary" / call.quarter / RECOMMENDATIONS


def save_recommendations(call: Call) -> Response:
    """Write ``recommendations.toml`` from the form, in its order; a file that is wrong is not written over."""
    path, (_, found) = _recommendations_file(call), _commentary(call)
    if any(one.severity == "error" and one.where.endswith(RECOMMENDATIONS) for one in found):
        raise StateError(
            "recommendations.toml มีข้อผิดพลาด แบบฟอร์มจะไม่เขียนทับ — แก้ไฟล์ก่อน",
            "recommendations.toml is wrong and the form does not write over it; mend the file first.",
        )
    entries = _form_rows(call, WHEN, ("text", "agency", "basis"))
    text = _toml(_header(stored(path).text), "recommendations", entries) if entries else ""
    save(path, text, call.text("digest"))
    return call.back("/recommendations", call.say("บันทึกข้อเสนอแนะแล้ว"))
