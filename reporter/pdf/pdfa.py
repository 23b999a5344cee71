"""The finished file: PDF/A-3a and PDF/UA-1 in one, attachments, metadata, the same bytes for the same input.

Goes in: the drawn and tagged PDF. Comes out: the PDF with output intent, XMP, associated files, viewer preferences, fixed dates and
identifier. Source: ISO 19005-3, ISO 14289-1, XMP part 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from reporter import __version__
from reporter.domain.errors import Finding
from reporter.domain.linebreak import strip
from reporter.pdf.conformance import breaches

PRODUCER = f"reporter {__version__}"
BANGKOK = dt.timezone(dt.timedelta(hours=7))

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
