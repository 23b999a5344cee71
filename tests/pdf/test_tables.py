"""Which header speaks for which cell."""

from xml.etree import ElementTree

from reporter.pdf.pages import cell_attributes, cells_of

TWO_LEVELS = ElementTree.fromstring(
    "<table><thead>"
    "<tr><th scope='col' rowspan='2'>มิติ</th><th scope='colgroup' colspan='2'>2568</th></tr>"
    "<tr><th scope='col'>ไตรมาสที่ 2</th><th scope='col'>ไตรมาสที่ 3</th></tr></thead>"
    "<tbody><tr><th scope='rowgroup' colspan='3'>ภาคเหนือ</th></tr>"
    "<tr><th scope='row'>การมีงานทำ</th><td>1</td><td>2</td></tr></tbody>"
    "<tbody><tr><th scope='row'>ค่าจ้าง</th><td>3</td><td>4</td></tr></tbody></table>"
)


def attributes_of(text):
    cells = cells_of(TWO_LEVELS)
    found = cell_attributes(cells, "t")
    cell = next(cell for cell in cells if cell.element.text == text)
    return found[cell.element]


def test_a_cell_names_both_levels_its_row_and_its_group():
    # t-0-1 is 2568, t-1-2 the third quarter, t-2-0 the north, t-3-0 the row
    assert set(attributes_of("2")["A"]["Headers"]) == {"t-0-1", "t-1-2", "t-2-0", "t-3-0"}


def test_a_group_speaks_for_its_own_rows_only():
    assert set(attributes_of("4")["A"]["Headers"]) == {"t-0-1", "t-1-2", "t-4-0"}


def test_scope_spans_and_names():
    assert attributes_of("2568") == {"A": {"O": "/Table", "ColSpan": 2, "Scope": "/Column"}, "ID": "t-0-1"}
    assert attributes_of("มิติ")["A"]["RowSpan"] == 2
    assert attributes_of("การมีงานทำ")["A"]["Scope"] == "/Row"
