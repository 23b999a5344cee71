"""Every checkpoint that we check ourselves sees its damage, and a sound file has none."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from reporter.pdf.conformance import check_matterhorn, fonts, kids, structure

pytestmark = pytest.mark.slow


def elements(pdf, kind):
    return [element for element in structure(pdf.Root.StructTreeRoot) if str(element.S) == kind]


def suspects(pdf):
    pdf.Root.MarkInfo.Suspects = True


def own_type(pdf):
    elements(pdf, "/P")[0].S = Name.Para


def role_map(pdf):
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(P=Name.H1)


def cell_outside_a_row(pdf):
    elements(pdf, "/TR")[0].S = Name.Div


def row_in_a_wrong_place(pdf):
    elements(pdf, "/THead")[0].S = Name.Sect


def empty_paragraph(pdf):
    elements(pdf, "/P")[0].K = Array()


def short_row(pdf):
    row = elements(pdf, "/TR")[1]
    row.K = Array(kids(row)[:-1])


def cell_without_header(pdf):
    cell = next(cell for cell in elements(pdf, "/TD") if "/Headers" in cell.A)
    del cell.A["/Headers"]


def first_heading_low(pdf):
    elements(pdf, "/H1")[0].S = Name.H2


def heading_without_level(pdf):
    elements(pdf, "/H2")[0].S = Name.H


def no_language(pdf):
    pdf.Root.Lang = String("ไทย")


def figure_without_box(pdf):
    del elements(pdf, "/Figure")[0]["/A"]


def wrong_owner(pdf):
    owners = next(
        owners
        for owners in list(pdf.Root.StructTreeRoot.ParentTree.Nums)[1::2]
        if isinstance(owners, Array) and len({owner.objgen for owner in owners}) > 1
    )
    owners[0], owners[len(owners) - 1] = owners[len(owners) - 1], owners[0]


def lost_identifier(pdf):
    names = pdf.Root.StructTreeRoot.IDTree.Names
    del names[0:2]


def form(pdf):
    pdf.Root.AcroForm = Dictionary(Fields=Array())


def remark(pdf):
    next(page for page in pdf.pages if "/Annots" in page).Annots[0].Subtype = Name.Text


def layers(pdf):
    pdf.Root.OCProperties = Dictionary()


def marks_in_a_form(pdf):
    forms = [form for page in pdf.pages for form in page.Resources.get("/XObject", {}).values()]
    chart = next(form for form in forms if form.Resources.get("/XObject"))
    letter = next(iter(chart.Resources.XObject.values()))
    letter.write(letter.read_bytes() + b" /P <</MCID 1>> BDC EMC")


def nameless_file(pdf):
    del pdf.Root.Names.EmbeddedFiles.Names[1]["/F"]


def silent_bookmark(pdf):
    pdf.Root.Outlines.First.Title = String(" ")


def no_glyph_map(pdf):
    del fonts(pdf)[0].DescendantFonts[0]["/CIDToGIDMap"]


def code_without_glyph(pdf):
    page = pdf.pages[2]
    name = next(iter(page.obj.Resources.Font.keys()))
    page.Contents = pdf.make_stream(
        page.obj.Contents.read_bytes() + f"\n/Artifact BMC BT {name} 9 Tf [<ffff>] TJ ET EMC".encode()
    )


@pytest.mark.parametrize(
    ("damage", "point"),
    [
        (suspects, "01-007"), (own_type, "02-001"), (role_map, "02-004"), (cell_outside_a_row, "09-004"), (row_in_a_wrong_place, "09-004"),
        (empty_paragraph, "09-008"), (short_row, "09-004"), (cell_without_header, "15-003"), (first_heading_low, "14-002"),
        (heading_without_level, "14-007"), (no_language, "11-001"), (figure_without_box, "13-004"), (wrong_owner, "01-004"),
        (lost_identifier, "19-004"), (form, "25-001"), (remark, "28-002"), (layers, "20-001"), (marks_in_a_form, "30-002"), (nameless_file, "21-001"),
        (silent_bookmark, "11-003"), (no_glyph_map, "31-004"), (code_without_glyph, "31-030"),
    ],
)  # fmt: skip
def test_a_damage_is_found(report, damage, point):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        damage(pdf)
        assert f"pdf.matterhorn.{point}" in {finding.rule for finding in check_matterhorn(pdf)}


def test_a_sound_file_has_no_finding(report):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        assert check_matterhorn(pdf) == []


def test_figures_say_where_they_stand(report):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        boxes = [[float(edge) for edge in figure.A.BBox] for figure in elements(pdf, "/Figure")]
    assert boxes and all(right - left > 100 and top - bottom > 20 for left, bottom, right, top in boxes)
