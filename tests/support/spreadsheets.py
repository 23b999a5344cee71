"""Spreadsheets of the kinds that openpyxl does not write, each with the same three rows of a series file."""

from __future__ import annotations

import io
import struct
import zipfile

import xlwt


def old_excel() -> bytes:
    """An .xls of three rows, one value a per cent."""
    book = xlwt.Workbook()
    page = book.add_sheet("a")
    rows = [
        ["indicator", "period", "value"],
        ["mpi", "2025-08", 98.5],
        ["unemployment_rate", "2025-Q3", 0.0092],
    ]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            page.write(
                number, column, value, xlwt.easyxf(num_format_str="0.00%" if value == 0.0092 else "General")
            )
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def open_document() -> bytes:
    """An .ods of the same rows."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="{kind}" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
            if kind != "string"
            else f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            for kind, value in row
        )
        + "</table:table-row>"
        for row in (
            [("string", "indicator"), ("string", "period"), ("string", "value")],
            [("string", "mpi"), ("string", "2025-08"), ("float", 98.5)],
            [("string", "unemployment_rate"), ("string", "2025-Q3"), ("percentage", 0.0092)],
        )
    )
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" xmlns:text="{names}text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="a">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}manifest:1.0"/>'
        )
    return stream.getvalue()


def binary_excel() -> bytes:
    """An .xlsb of the same rows, record by record (MS-XLSB)."""

    def record(kind: int, body: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        return number + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    rows = [
        ["indicator", "period", "value"],
        ["mpi", "2025-08", 98.5],
        ["unemployment_rate", "2025-Q3", 0.0092],
    ]
    data = b""
    for number, row in enumerate(rows):
        data += record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        for column, value in enumerate(row):
            style = struct.pack("<II", column, 1 if value == 0.0092 else 0)
            data += (
                record(6, style + text(value))
                if isinstance(value, str)
                else record(5, style + struct.pack("<d", value))
            )
    sheet = (
        record(129)
        + record(148, struct.pack("<IIII", 0, 2, 0, 2))
        + record(145)
        + data
        + record(146)
        + record(130)
    )
    formats = [struct.pack("<HHHHHHI", 0, code, 0, 0, 0, 0, 0) for code in (0, 10)]
    styles = (
        record(278)
        + record(617, struct.pack("<I", 2))
        + b"".join(record(47, one) for one in formats)
        + record(618)
        + record(279)
    )
    book = (
        record(131)
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + text("rId1") + text("a"))
        + record(144)
        + record(132)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="bin" ContentType="x"/></Types>',
        )
        links = f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/><Relationship Id="rId2" Type="{office}/styles" Target="styles.bin"/>'
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
        )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return stream.getvalue()
