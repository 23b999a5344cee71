"""Parts of a document joined into one PDF: pages, tag trees, bookmarks, destinations.

Goes in: drawn and tagged PDFs in order, the charts whose places are in them. Comes out: one PDF; what parts have in common (letters of
charts, the colour profile) is in it once. Source: ISO 32000-1 7.9.6 (name trees), 8.10 (form XObjects), 12.3.3 (outline), 14.7.4
(parent tree).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from reporter import __version__
from reporter.domain.errors import Finding
from reporter.domain.periods import BANGKOK
from reporter.domain.thai import strip
from reporter.pdf.conformance import breaches, kids
from reporter.pdf.picture import Outline, Picture
from reporter.pdf.worker_process import GOING_ON


def join(parts: Sequence[bytes], pictures: Mapping[str, Picture]) -> bytes:
    """One PDF of at least one; destinations of the same name lead to the first.

    pictures  name of the form that stands for a chart -> the chart
    """
    with pikepdf.open(io.BytesIO(parts[0])) as whole:
        joined = _Joined(whole, pictures)
        for part in parts[1:]:
            with pikepdf.open(io.BytesIO(part)) as added:
                joined.add(added)
        joined.finish()
        out = io.BytesIO()
        whole.save(out, static_id=True, compress_streams=False)
    return out.getvalue()


class _Joined:
    """A PDF that grows by parts."""

    def __init__(self, whole: pikepdf.Pdf, pictures: Mapping[str, Picture]) -> None:
        self._whole, self._pictures = whole, pictures
        self._tree = whole.Root.StructTreeRoot
        self._outlines = [whole.Root.Outlines] if Name.Outlines in whole.Root else []
        self._names = dict(_pairs(_destinations(whole.Root)))
        self._streams: dict[bytes, Any] = {}
        self._shapes: dict[str, Any] = {}
        self._profile = whole.Root.OutputIntents[0].DestOutputProfile
        self._share(whole.pages[0].Resources)

    def add(self, part: pikepdf.Pdf) -> None:
        """Put a part behind what is there."""
        before = len(self._whole.pages)
        shift = int(self._tree.ParentTreeNextKey)
        for page in part.pages:
            page.StructParents += shift
            for note in page.get(Name.Annots, ()):
                if Name.StructParent in note:
                    note.StructParent += shift
            self._whole.pages.append(page)
        self._share(self._whole.pages[before].Resources)
        tree = self._whole.copy_foreign(part.Root.StructTreeRoot)
        self._add_tags(tree, shift)
        if Name.Outlines in part.Root:
            self._outlines.append(self._whole.copy_foreign(part.Root.Outlines))
        found = _destinations(part.Root)
        if found is not None:
            for name, place in _pairs(self._whole.copy_foreign(part.make_indirect(found))):
                self._names.setdefault(name, place)

    def finish(self) -> None:
        """Write what is known only when all parts are there."""
        root = self._whole.Root
        if self._names:
            if Name.Names not in root:
                root.Names = Dictionary()
            root.Names.Dests = _name_tree(self._names)
        if self._outlines:
            top: list[Any] = []
            for outline in self._outlines:
                _hang(top, _bookmarks(outline))
            root.Outlines = self._outlines[0]
            _link(root.Outlines, top)

    def _add_tags(self, tree: Any, shift: int) -> None:
        """Hang a part's elements under the document's, and its marks into the parent tree."""
        first = self._tree
        top, children = first.K[0], kids(tree.K[0])
        for child in children:
            child.P = top
        top.K = Array([*kids(top), *children])
        numbers = first.ParentTree.Nums
        added = list(tree.ParentTree.Nums)
        for key, owner in zip(added[::2], added[1::2], strict=True):
            numbers.append(int(key) + shift)
            numbers.append(owner)
        first.ParentTreeNextKey = shift + int(tree.ParentTreeNextKey)
        if Name.IDTree in tree:
            first.IDTree = _name_tree({**dict(_pairs(first.get(Name.IDTree))), **dict(_pairs(tree.IDTree))})

    def _share(self, resources: Any) -> None:
        """Put charts in their places; use streams that are there already in place of equal ones."""
        forms = resources.get(Name.XObject, {})
        for name in list(forms.keys()):
            picture = self._pictures.get(name.removeprefix("/"))
            form = forms[name] if picture is None else self._form(picture)
            forms[name] = self._streams.setdefault(_content(form), form)
        spaces = resources.get(Name.ColorSpace, {})
        for name in list(spaces.keys()):
            if spaces[name][0] == Name.ICCBased:
                spaces[name] = Array([Name.ICCBased, self._profile])

    def _form(self, picture: Picture) -> Any:
        """A chart as a form with what it draws by name."""
        states = {name: Dictionary({f"/{key}": opacity}) for name, (key, opacity) in picture.states.items()}
        shapes = {name: self._outline(name, outline) for name, outline in picture.shapes.items()}
        resources = Dictionary(
            XObject=Dictionary({f"/{name}": shape for name, shape in shapes.items()}),
            ExtGState=Dictionary({f"/{name}": state for name, state in states.items()}),
        )
        return self._whole.make_indirect(
            pikepdf.Stream(
                self._whole,
                b"\n".join(picture.operators),
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array(picture.view),
                Resources=resources,
            )
        )

    def _outline(self, name: str, outline: Outline) -> Any:
        """A shared outline as a form: a path filled with the colour in force."""
        if name not in self._shapes:
            self._shapes[name] = self._whole.make_indirect(
                pikepdf.Stream(
                    self._whole,
                    outline.operators + b" f",
                    Type=Name.XObject,
                    Subtype=Name.Form,
                    BBox=Array([round(edge, 2) for edge in outline.box]),
                    Resources=Dictionary(),
                )
            )
        return self._shapes[name]


def _content(stream: Any) -> bytes:
    """Digest of a stream with its dictionary."""
    return hashlib.sha256(stream.stream_dict.unparse() + stream.read_raw_bytes()).digest()


def _destinations(root: Any) -> Any:
    return root.Names.get(Name.Dests) if Name.Names in root else None


def _pairs(tree: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a flat name tree."""
    if tree is not None:
        items = list(tree.Names)
        yield from zip(map(str, items[::2]), items[1::2], strict=True)


def _name_tree(values: Mapping[str, Any]) -> Any:
    """A flat name tree."""
    return Dictionary(Names=Array([part for name in sorted(values) for part in (name, values[name])]))


def _bookmarks(parent: Any) -> list[Any]:
    """The bookmarks directly below another, or below an outline."""
    found, item = [], parent.get(Name.First)
    while item is not None:
        found.append(item)
        item = item.get(Name.Next)
    return found


def _hang(present: list[Any], added: Sequence[Any]) -> None:
    """Put bookmarks behind those present; those below one without words go below the last of these, or take its place."""
    for item in added:
        if str(item.Title) != GOING_ON:
            present.append(item)
        elif present:
            inner = _bookmarks(present[-1])
            _hang(inner, _bookmarks(item))
            _link(present[-1], inner)
        else:
            _hang(present, _bookmarks(item))


def _link(parent: Any, items: Sequence[Any]) -> None:
    """Make these the bookmarks below a parent; it stays open, or closed."""
    for item in items:
        item.Parent = parent
        for name in (Name.Prev, Name.Next):
            if name in item:
                del item[name]
    for former, following in pairwise(items):
        former.Next, following.Prev = following, former
    parent.First, parent.Last = items[0], items[-1]
    seen = sum(1 + max(int(item.get(Name.Count, 0)), 0) for item in items)
    parent.Count = -seen if int(parent.get(Name.Count, 0)) < 0 else seen


# ----------------------------------------------------------------------------------------------------
# A document cut into parts that are typeset on their own: each begins a page, so none changes how another is laid out.
#
# Goes in: the HTML of a document (docs/print.md). Comes out: complete documents, one a part, in order. A part is a chapter, the cover or
# the lists of contents with whatever follows up to the next of these; short neighbours stay together, so that fonts are not embedded
# more often than is worth it. What a part cannot know by itself, page numbers above all, it is told when all are laid out.
# ----------------------------------------------------------------------------------------------------

SHORT = 12_000  # characters; neighbours that are no longer together are one part
_DATA = re.compile(r"</?data\b[^>]*>")
_EDGE = re.compile(r"<(/?)(?:section|nav)\b([^>]*)>")
_CLASSES = re.compile(r'class="([^"]*)"')
_ADDRESS = re.compile(r'(?:src|href)="([^"#:]+)"')
_LINK = re.compile(r'href="#([^"]+)"')
_WITH_NUMBERS = re.compile(r'<nav\b[^>]*class="contents|<a\b[^>]*class="page"')
# as print.css: these begin a page, except a second one directly after the first
_OPENING = frozenset(("cover", "chapter", "contents"))
_SHARING = frozenset(("contents", "brief"))


@dataclass(frozen=True)
class DocumentPart:
    """One part of a document.

    html     a document of its own, with the head and body of the whole
    refers   whether page numbers of other places are printed in it
    """

    number: int
    html: str
    refers: bool

    def inside(self) -> tuple[str, str, str]:
        """What is before the inside of the body, the inside, and what is behind it."""
        opened = self.html.find("<body")
        start, end = self.html.find(">", opened) + 1, self.html.rfind("</body>")
        return (
            ("", self.html, "")
            if opened < 0 or end < start
            else (self.html[:start], self.html[start:end], self.html[end:])
        )

    def files(self) -> tuple[str, ...]:
        """Relative addresses of the files it names."""
        return tuple(dict.fromkeys(_ADDRESS.findall(self.html)))

    def links(self) -> frozenset[str]:
        """Anchors that it links to."""
        return frozenset(_LINK.findall(self.html))


def printed(html: str) -> str:
    """The document without its <data> tags: where a number comes from is for screens and checks, only its digits are set.

    So a part whose digits are as they were is set from the same HTML, whatever moved behind the last of them.
    """
    return _DATA.sub("", html)


def split(html: str) -> tuple[DocumentPart, ...]:
    """The parts of a document, at least one."""
    head, body, tail = DocumentPart(0, html, False).inside()
    return tuple(
        DocumentPart(number, head + text + tail, bool(_WITH_NUMBERS.search(text)))
        for number, text in enumerate(_joined(_parted(body, _begins_page)))
    )


def chapters(body: str) -> list[str]:
    """The inside of a body cut before every chapter that stands below the one before it: how high its blocks are it knows by itself."""
    return _parted(body, lambda classes, _: "flows" in classes)


def _parted(body: str, is_cut: Callable[[frozenset[str], frozenset[str]], bool]) -> list[str]:
    """Pieces of a body, cut before sections by their classes and those of the section before."""
    cuts, depth, former, is_first = [0], 0, frozenset[str](), True
    for edge in _EDGE.finditer(body):
        if edge[1]:
            depth -= 1
            continue
        if depth == 0:
            found = _CLASSES.search(edge[2])
            classes = frozenset(found[1].split()) if found else frozenset[str]()
            if is_cut(classes, former) and not is_first:
                cuts.append(edge.start())
            former, is_first = classes, False
        depth += 1
    return [body[a:b] for a, b in pairwise([*cuts, len(body)])]


def _begins_page(classes: frozenset[str], former: frozenset[str]) -> bool:
    """Whether a section of these classes begins a page that it does not share with the one before it (print.css)."""
    return bool(classes & _OPENING) and "flows" not in classes and not classes & former & _SHARING


def _joined(texts: list[str]) -> list[str]:
    """Short neighbours put together; those that print page numbers, which are laid out more than once, stay alone."""
    joined = [texts[0]]
    for text in texts[1:]:
        alone = _WITH_NUMBERS.search(joined[-1]) or _WITH_NUMBERS.search(text)
        if not alone and len(joined[-1]) + len(text) <= SHORT:
            joined[-1] += text
        else:
            joined.append(text)
    return joined


# ----------------------------------------------------------------------------------------------------
# The finished file: PDF/A-3a and PDF/UA-1 in one, attachments, metadata, the same bytes for the same input.
#
# Goes in: the drawn and tagged PDF. Comes out: the PDF with output intent, XMP, associated files, viewer preferences, fixed dates and
# identifier. Source: ISO 19005-3, ISO 14289-1, XMP part 1.
# ----------------------------------------------------------------------------------------------------

PRODUCER = f"reporter {__version__}"

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li><rdf:li xml:lang="{language}">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Keywords>{keywords}</pdf:Keywords>
<pdf:Producer>{producer}</pdf:Producer>
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<xmp:CreateDate>{stamp}</xmp:CreateDate>
<xmp:ModifyDate>{stamp}</xmp:ModifyDate>
<xmp:MetadataDate>{stamp}</xmp:MetadataDate>
{claims}
</rdf:Description>
{extension}
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

_CLAIMS = """<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>"""

# PDF/A wants every XMP schema it does not know described; pdfuaid is one of them.
_EXTENSION = """<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>"""


@dataclass(frozen=True)
class Attachment:
    """A file that travels inside the PDF, as its data (PDF/A-3 relationship ``Data``).

    name         plain file name, as the reader sees it
    data         the bytes
    mime         media type, e.g. ``text/csv``
    description  one sentence for the list of attachments
    """

    name: str
    data: bytes
    mime: str
    description: str


@dataclass(frozen=True)
class Metadata:
    """What the file says of itself.

    created   fixed by the issue, never the clock; without a time zone it is Bangkok time
    language  BCP 47; the language of everything that does not say otherwise
    """

    title: str
    author: str
    subject: str
    created: dt.datetime
    keywords: tuple[str, ...] = ()
    language: str = "th"

    @property
    def stamp(self) -> dt.datetime:
        """``created`` with its time zone, to the second."""
        zoned = self.created if self.created.tzinfo else self.created.replace(tzinfo=BANGKOK)
        return zoned.replace(microsecond=0)


def finish(
    drawn: bytes, metadata: Metadata, attachments: Sequence[Attachment]
) -> tuple[bytes, list[Finding]]:
    """Turn the drawn PDF into the archived one.

    It claims PDF/A-3a and PDF/UA-1 only if our checks find nothing against it; what they find comes with it.
    """
    pdf = _write(drawn, metadata, attachments, claims=True)
    findings = list(breaches(pdf))
    return (_write(drawn, metadata, attachments, claims=False), findings) if findings else (pdf, [])


def _write(drawn: bytes, metadata: Metadata, attachments: Sequence[Attachment], *, claims: bool) -> bytes:
    """The finished bytes, with or without the claims in the metadata."""
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        root = pdf.Root
        root.Lang = String(metadata.language)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        root.PageMode = Name.UseOutlines
        _output_intent(pdf)
        _attach(pdf, attachments, metadata)
        _clean_outlines(pdf)
        _information(pdf, metadata)
        root.Metadata = pikepdf.Stream(
            pdf, xmp(metadata, claims=claims), Type=Name.Metadata, Subtype=Name.XML
        )
        out = io.BytesIO()
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            recompress_flate=False,
            deterministic_id=True,
            linearize=False,
            fix_metadata_version=False,
        )
    return out.getvalue()


def xmp(metadata: Metadata, *, claims: bool = True) -> bytes:
    """The XMP packet; dates and words equal those of the document information."""
    values = {
        "title": metadata.title,
        "author": metadata.author,
        "subject": metadata.subject,
        "keywords": ", ".join(metadata.keywords),
        "language": metadata.language,
        "producer": PRODUCER,
        "stamp": metadata.stamp.isoformat(),
    }
    escaped = {name: escape(value) for name, value in values.items()}
    words = "".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in metadata.keywords)
    return _XMP.format(
        **escaped, words=words, claims=_CLAIMS if claims else "", extension=_EXTENSION
    ).encode()


def pdf_date(metadata: Metadata) -> str:
    """``D:20251114090000+07'00'``."""
    stamp = metadata.stamp
    zone = stamp.strftime("%z")
    return f"D:{stamp:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"


def _information(pdf: pikepdf.Pdf, metadata: Metadata) -> None:
    """Document information: the same facts as the XMP, nothing else."""
    del pdf.docinfo
    info = pdf.docinfo
    info["/Title"], info["/Author"], info["/Subject"] = metadata.title, metadata.author, metadata.subject
    info["/Keywords"] = ", ".join(metadata.keywords)
    info["/Producer"] = info["/Creator"] = PRODUCER
    info["/CreationDate"] = info["/ModDate"] = pdf_date(metadata)


def _output_intent(pdf: pikepdf.Pdf) -> None:
    """One output intent for PDF/A: sRGB, with the profile the typesetter embedded."""
    intent = pdf.Root.OutputIntents[0]
    intent.S = Name.GTS_PDFA1
    intent.OutputConditionIdentifier = String("sRGB")
    intent.Info = String("sRGB IEC61966-2.1")
    intent.RegistryName = String("http://www.color.org")


def _attach(pdf: pikepdf.Pdf, attachments: Sequence[Attachment], metadata: Metadata) -> None:
    """Embed the files as data associated with the document."""
    specs = {}
    for attachment in sorted(attachments, key=lambda attachment: attachment.name):
        stream = pikepdf.Stream(pdf, attachment.data)
        stream.Type, stream.Subtype = Name.EmbeddedFile, Name("/" + attachment.mime)
        digest = hashlib.md5(attachment.data, usedforsecurity=False).digest()
        stream.Params = Dictionary(
            Size=len(attachment.data), ModDate=pdf_date(metadata), CheckSum=String(digest)
        )
        specs[attachment.name] = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(attachment.name),
                UF=String(attachment.name),
                Desc=String(attachment.description),
                AFRelationship=Name.Data,
                EF=Dictionary(F=stream, UF=stream),
            )
        )
    if not specs:
        return
    names = [part for name in sorted(specs) for part in (String(name), specs[name])]
    if Name.Names not in pdf.Root:
        pdf.Root.Names = Dictionary()
    pdf.Root.Names.EmbeddedFiles = Dictionary(Names=Array(names))
    pdf.Root.AF = Array([specs[name] for name in sorted(specs)])


def _clean_outlines(pdf: pikepdf.Pdf) -> None:
    """Bookmark titles without the marks that steered line breaks."""

    def walk(item: pikepdf.Object | None) -> None:
        while item is not None:
            item.Title = String(" ".join(strip(str(item.Title)).split()))
            if Name.First in item:
                walk(item.First)
            item = item.get(Name.Next)

    if Name.Outlines in pdf.Root and Name.First in pdf.Root.Outlines:
        walk(pdf.Root.Outlines.First)
