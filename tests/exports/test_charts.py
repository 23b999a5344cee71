"""Charts for reuse say what they are: title, unit, source, version and marks inside; the data beside."""

import io

import pandas as pd
import pytest
from lxml import etree
from PIL import Image

from reporter.exports import blocks_of, chart_files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(issue):
    return chart_files(issue)


def test_every_figure_of_the_report_is_there_three_times(files, issue):
    shown = {block["id"] for part in issue.parts for block in blocks_of(part) if block["kind"] == "figure"}
    assert set(files) == {f"charts/{key}.{end}" for key in shown for end in ("svg", "png", "csv")}


def test_the_svg_holds_its_words_as_text(files, issue):
    root = etree.fromstring(files["charts/index_history.svg"])
    text = "".join("".join(element.itertext()) for element in root.iter("{*}text"))
    block = next(b for part in issue.parts for b in blocks_of(part) if b.get("id") == "index_history")
    flat = text.replace(" ", "")
    assert block["title"].replace(" ", "")[:40] in flat
    assert "ที่มา:" in text and issue.edition_line.split()[0] in text
    assert all(mark.replace(" ", "") in flat for mark in issue.marks)
    assert root.find("{*}title").text == block["title"]


def test_the_png_has_twice_the_dots(files):
    picture = Image.open(io.BytesIO(files["charts/index_history.png"]))
    assert round(picture.info["dpi"][0]) == 320


def test_the_data_beside_it_are_those_drawn(files, issue):
    data = pd.read_csv(io.BytesIO(files["charts/index_history.csv"]))
    index = issue.tables["labour_index"]
    own = index[(index["group"] == "TH") & (index["dimension"] == "overall")]["value"].dropna()
    numbers = data.select_dtypes("number").iloc[:, 0].dropna()
    assert numbers.tolist() == own.tolist()


def test_the_same_issue_gives_the_same_bytes(files, issue):
    assert chart_files(issue) == files
