"""The static addresses for programs: long series against the tables, schema, codes, catalogue, card."""

import csv
import io
import json
import re
import shutil

import jsonschema
import pandas as pd
import pytest
from PIL import Image

from reporter.delivery.site import api, publish, rebuild
from reporter.delivery.site.search import FORMAT
from tests.delivery.site.conftest import build_small, quarters, request
from tests.support.work import Opened

pytestmark = pytest.mark.slow
ROOT = "api/v1"


def read(eight, path):
    return json.loads((eight / path).read_text(encoding="utf-8"))


def test_every_named_address_is_there_and_fits_its_schema(eight):
    directory = read(eight, f"{ROOT}/index.json")
    schema = read(eight, f"{ROOT}/{directory['schema']}")
    for name in (directory["latest"], directory["codes"], *directory["issues"].values()):
        assert (eight / ROOT / name).is_file(), name
    assert next(iter(directory["issues"])) == "2025-Q3"
    assert len(directory["issues"]) == 8
    for index, groups in directory["series"]["groups"].items():
        assert "TH" in groups
        for group in groups:
            place = f"{ROOT}/series/{index}/{api.file_of(group)}"
            jsonschema.validate(read(eight, f"{place}.json"), schema)
            assert (eight / f"{place}.csv").is_file()


def test_long_series_has_the_newest_issues_numbers_and_says_so(eight):
    rows = list(
        csv.DictReader(
            io.StringIO((eight / f"{ROOT}/series/labour_index/TH.csv").read_text(encoding="utf-8"))
        )
    )
    table = pd.read_csv(eight / "2568/q3/v1/tables/labour_index.csv")
    table = table[table["group"] == "TH"]
    held = {(row["part"], row["period"]): float(row["value"]) for row in rows if row["issue"] == "2025-Q3"}
    assert held == {(row["dimension"], row["period"]): row["value"] for row in table.to_dict("records")}
    newest = next(row for row in rows if (row["part"], row["period"]) == ("overall", "2025-Q3"))
    assert (newest["issue"], newest["version"], newest["vintage"]) == ("2025-Q3", "1", "2025-11-19")


def test_surveys_are_filled_from_older_issues(eight):
    rows = list(
        csv.DictReader(io.StringIO((eight / f"{ROOT}/series/employer/TH.csv").read_text(encoding="utf-8")))
    )
    issues = {row["period"]: row["issue"] for row in rows if row["part"] == "overall"}
    assert issues["2025-Q3"] == "2025-Q3"
    assert issues["2024-Q1"] < "2025-Q3"  # the example's newest issue has six quarters of its surveys
    assert all(row["n"] for row in rows if row["part"] == "overall")


def test_publishing_does_not_grow_with_the_archive(tmp_path):
    """Of every older issue two files are read, its record and its words for the search, and none of its tables; as many are written.

    What was carried on from publish to publish is what comes from the tables when all is made again; a series that somebody has
    changed is not carried on.
    """
    out, site = tmp_path / "out", tmp_path / "site"
    opened = Opened(tmp_path)
    counts = {}
    for number, quarter in enumerate(quarters("2025-Q3", 6), start=1):
        build_small(out, quarter)
        if number == 6:
            changed = site / f"{ROOT}/series/worker/TH.csv"
            changed.write_text(changed.read_text(encoding="utf-8").replace(",1", ",2"), encoding="utf-8")
        counts[number] = opened.by(lambda quarter=quarter: publish(request(out, site, quarter)))
    tables = {
        number: [path for path in paths if path.startswith("site/") and "/tables/" in path]
        for number, paths in counts.items()
    }
    assert tables[3] == tables[5] == []
    assert len(counts[5]) - len(counts[3]) <= 2 * (5 - 3)
    assert tables[6]  # the changed series was noticed
    carried = {path: path.read_bytes() for path in (site / ROOT).rglob("*") if path.is_file()}
    assert min(row["period"] for row in rows_of(site, "worker/TH")) == "2023-Q1"
    shutil.rmtree(site / ROOT)
    rebuild(site)
    assert {path: path.read_bytes() for path in (site / ROOT).rglob("*") if path.is_file()} == carried


def rows_of(site, name):
    text = (site / f"{ROOT}/series/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_latest_tells_the_headline_and_every_tables_digest(eight):
    latest, record = read(eight, f"{ROOT}/latest.json"), read(eight, "2568/q3/v1/record.json")
    assert latest["headline"] == record["headline"]
    sums = (eight / "2568/q3/v1/SHA256SUMS").read_text(encoding="utf-8")
    for table in latest["tables"]:
        assert f"{table['sha256']}  tables/{table['name']}.csv" in sums


def test_a_corrected_issue_says_what_was_wrong(eight):
    issue = read(eight, f"{ROOT}/issues/2025-Q2.json")
    assert (issue["version"], issue["correction"]) == (2, "ตัวเลขมิติค่าจ้างผิด")
    assert "ตัวเลขมิติค่าจ้างผิด" in (eight / "about/index.html").read_text(encoding="utf-8")


def test_catalogue_has_addresses_for_licence_time_place_theme_and_checksums(eight):
    graph = read(eight, "data/catalog.jsonld")["@graph"]
    datasets = [entry for entry in graph if entry["@type"] == "dcat:Dataset"]
    for entry in datasets:
        assert entry["dct:license"]["@id"].startswith("https://")
        assert entry["dct:spatial"]["@id"].startswith("http")
        assert entry["dcat:theme"]["@id"].startswith("http")
        assert (
            entry["dct:temporal"]["dcat:startDate"]["@value"]
            < entry["dct:temporal"]["dcat:endDate"]["@value"]
        )
        for file in entry["dcat:distribution"]:
            assert re.fullmatch(r"[0-9a-f]{64}", file["spdx:checksum"]["spdx:checksumValue"]["@value"])
    corrected = next(entry for entry in datasets if "2025-Q2" in entry["dct:identifier"])
    assert corrected["dcat:previousVersion"]["@id"].endswith("2025-Q2:v1")


def test_every_page_has_a_description_a_card_and_the_licence(eight):
    for page in eight.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if "site-head" not in text:
            continue
        assert 'name="description"' in text, page
        assert "about/index.html#licence" in text, page
        card = re.search(r'property="og:image" content="https://labour.example.org/([^"]+)"', text)
        assert card, page
        if "/v1/" not in page.as_posix() and "/v2/" not in page.as_posix():
            assert (eight / card[1]).is_file(), (page, card[1])
    with Image.open(eight / "2568/q3/card-v1.png") as picture:
        assert picture.size == (1200, 630)


def test_plain_index_names_what_is_there(eight):
    text = (eight / "llms.txt").read_text(encoding="utf-8")
    for address in re.findall(r"\]\(([^)]+)\)", text):
        assert (eight / address).exists(), address


def test_scripts_of_numbers_of_a_version_are_made_once(eight):
    folders = sorted(path.name for path in (eight / "dashboard").iterdir() if path.is_dir())
    assert f"2568q2v2-{FORMAT}" in folders
    assert f"2568q3v1-{FORMAT}" in folders
