"""Tells when WeasyPrint changed what reporter/pdf/weasyprint_patch.py stands on."""

import weasyprint

from reporter.pdf.weasyprint_patch import SUPPORTED, fingerprints

# Of WeasyPrint 70.0. When one differs: read what upstream changed, mend hook.py, then renew the value.
KNOWN = {
    "draw_first_line": "1bb8eae6d88e71b1",
    "draw_text": "ebaf96239c6ca363",
    "add_tags": "f0e74575b0bafaf3",
    "add_links": "262e8b9b299892a7",
    "build_fonts_dictionary": "fc551bef35d0d6c3",
    "Font.clean": "794f0211f18453f1",
    "Stream.marked": "3fa3acacbbf66422",
    "Stream.artifact": "be61e42186804e99",
    "Stream.add_font": "e4226e1117477217",
    "Layout.set_text": "fe23ca9937dbf520",
    "SVGImage": "91c26b229879fc1c",
    "make_margin_boxes": "4a2d2e301eb3bc47",
    "layout_backgrounds": "5d7d4d589e3d8a33",
    "resolve_links": "f95937bb4e4f1007",
    "layout_document": "a5cbf437e99caf72",
    "split_first_line": "39ad1016863ca34d",
    "_in_flow_layout": "c2537262836dd981",
    "block_container_layout": "65842ca53a8391eb",
    "find_earlier_page_break": "c2bbdcdfdf408cbc",
}


def test_upstream_is_what_the_hook_was_written_for():
    assert int(weasyprint.__version__.split(".")[0]) in SUPPORTED
    assert fingerprints() == KNOWN


def test_nothing_stays_replaced_after_typesetting():
    from reporter.pdf.weasyprint_patch import hooked

    before = weasyprint.pdf.Stream
    with hooked():
        assert weasyprint.pdf.Stream is not before
    assert weasyprint.pdf.Stream is before
