"""The search of the website in Chromium, over the sample issue: the published list of queries, spellings, slips, size."""

import csv
import gzip
import random
import re
from pathlib import Path

import pandas as pd
import pytest
from pythainlp.corpus.common import thai_words

from reporter.delivery.site import search, tree
from reporter.delivery.site.archive import Record
from reporter.domain.declarations import asset

pytestmark = pytest.mark.browser
DOCUMENT = Path(__file__).with_name(
    "sample_issue.json.gz"
)  # the sample issue's document without cells and claims
QUERIES = Path(__file__).parents[3] / "docs" / "search-queries.csv"
LEAST_RECALL, LEAST_PRECISION, LEAST_FIRST = 0.98, 0.95, 0.98  # issue 25
MOST_BYTES = 100_000
PAGE = '<!doctype html><html lang="th"><meta charset="utf-8"><title>x</title><script src="../search.js"></script>'
TABLES = [{"name": "news", "title": "ข่าวและการปรับปรุงข้อมูล", "title_en": "News and revisions"}]


def record(quarter: str, version: int = 1) -> Record:
    content = {
        "title": f"รายงานภาวะแรงงานรายไตรมาส {quarter}",
        "sentences": ["ดัชนีลดลง"],
        "english": [],
        "changes": [],
    }
    return Record(pd.Period(quarter.replace("-", ""), freq="Q-DEC"), version, content)


def write_site(folder: Path, issues: dict[str, str], declarations) -> Path:
    """A site that holds nothing but what is searched. issues: quarter -> text of its ``issue.json``, newest first."""
    records = [record(quarter) for quarter in issues]
    for item, text in zip(records, issues.values(), strict=True):
        place = folder / item.path
        place.mkdir(parents=True)
        (place / "issue.json").write_text(text, encoding="utf-8")
    (folder / "assets").mkdir()
    with tree.next_site(folder) as site:
        search.write_search(site, records, declarations, TABLES)
        site.write("search/index.html", PAGE)
        site.write("search.js", asset("templates", "site", "search.js").read_bytes())
    return folder


@pytest.fixture(scope="module")
def sample():
    return gzip.decompress(DOCUMENT.read_bytes()).decode("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory, sample, declarations):
    older = sample.replace("2.6 แนวทาง", "2.6 ปลาทู แนวทาง").replace(
        "แนวทางการดำเนินการของภาครัฐ", "การเลี้ยงปลาทูของภาครัฐ"
    )
    return write_site(tmp_path_factory.mktemp("search"), {"2025-Q3": sample, "2025-Q2": older}, declarations)


@pytest.fixture(scope="module")
def find(browser, site):
    """A query -> its results."""
    page = browser.new_page()
    page.goto((site / "search" / "index.html").as_uri())
    yield lambda query: page.evaluate("(query) => reporterSearch.find(query)", query)
    page.close()


def sections_of(site: Path) -> dict[str, str]:
    """Section -> all that stands in it, for the newest issue and the site itself; said apart from the search's own code."""
    found: dict[str, str] = {}
    for name in ("site.js", f"2568q3v1-{search.FORMAT}.js"):
        for row in search.read_script((site / "search" / name).read_text(encoding="utf-8"))["rows"]:
            words = [text.replace("\u200b", "") for text in row]
            section = words[6] or words[2]
            found[section] = f"{found.get(section, '')}\n{words[1]} {words[3]} {words[4]} {words[5]}"
    return found


def test_published_queries_find_the_right_sections_and_hardly_others(find, site):
    queries = list(csv.DictReader(QUERIES.read_text(encoding="utf-8").splitlines()))
    assert len(queries) >= 100
    sections, recall, precision, first = sections_of(site), [], [], []
    for query in queries:
        hits = find(query["query"])["hits"]
        got = {hit["group"] for hit in hits}
        wanted = [re.compile(part, re.IGNORECASE | re.DOTALL) for part in query["right"].split("&")]
        right = {key for key, text in sections.items() if all(pattern.search(text) for pattern in wanted)}
        if query["kind"] == "quarter":  # the quarter restricts the search to its issue
            right &= got
        recall.append(len(got & right) / len(right) if right else 1.0)
        precision.append(len(got & right) / len(got) if got else 1.0)
        places = [place["address"] for hit in hits[:3] for place in (hit, *hit["more"])]
        is_first = (
            not hits
            if query["first"] == "-"
            else any(one in place for one in query["first"].split() for place in places)
        )
        first.append((is_first, query["query"]))
    number = len(queries)
    assert sum(recall) / number >= LEAST_RECALL
    assert sum(precision) / number >= LEAST_PRECISION
    assert sum(is_first for is_first, _ in first) / number >= LEAST_FIRST, [
        name for ok, name in first if not ok
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("นํ้าหนัก", "น้ำหนัก"),  # sara am in two parts
        ("เเรงงาน", "แรงงาน"),  # two short e for one
        ("ท่ีพักแรม", "ที่พักแรม"),  # tone before the vowel
        ("ที่่พักแรม", "ที่พักแรม"),  # a mark twice
        ("นำ้หนัก", "น้ำหนัก"),  # tone behind sara am
        ("๓/๒๕๖๘", "3/2568"),
        ("GDP", "gdp"),
        ("แรง\u200bงาน", "แรงงาน"),
    ],
)
def test_ways_of_writing_find_the_same(find, typed, meant):
    one, other = find(typed), find(meant)
    assert [hit["address"] for hit in one["hits"]] == [hit["address"] for hit in other["hits"]]
    assert one["slips"] == []


def test_white_news_and_rice_stay_apart(find):
    titles = {word: {hit["title"] for hit in find(word)["hits"]} for word in ("ขาว", "ข่าว", "ข้าว")}
    assert any("ข่าว" in title for title in titles["ข่าว"])
    assert not titles["ข่าว"] & (titles["ขาว"] | titles["ข้าว"])
    assert find("ข้าวสาร")["hits"] == []  # though ข่าวสาร is there


def test_a_province_is_not_found_within_another_word(find):
    assert find("แพร่")["hits"][0]["address"].endswith("PROVINCE:TH-54")
    assert not any("เผยแพร่" in hit["title"] for hit in find("แพร่")["hits"])


def test_what_nobody_wrote_is_not_found(find):
    for word in ("ฟุตบอล", "zzzz", "ตลาดหุ้นนิวยอร์ก"):
        assert find(word)["hits"] == [], word


def test_a_quarter_opens_its_issue_and_an_unknown_one_says_so(find):
    assert find("ไตรมาสที่ 2 ปี 2568")["hits"][0]["address"] == "2568/q2/index.html"
    absent = find("1/2560")
    assert absent["missing"]
    assert all(hit["address"].startswith("data/") for hit in absent["hits"])


def test_a_word_of_an_older_issue_alone_loads_that_issue(find):
    assert any(hit["address"].startswith("2568/q2/") for hit in find("ปลาทู")["hits"])


def test_first_query_stays_small_at_forty_issues(tmp_path, sample, declarations):
    words = sorted(word for word in thai_words() if len(word) > 4)
    chosen = random.Random(25).sample(words, 40 * 50)
    newest = pd.Period("2025Q3", freq="Q-DEC")
    issues = {}
    for step in range(40):
        period = newest - step
        own = " ".join(chosen[50 * step : 50 * step + 50]) if step else ""
        issues[f"{period.year}-Q{period.quarter}"] = sample.replace(
            "แนวทางการดำเนินการของภาครัฐ", f"แนวทางการดำเนินการของภาครัฐ {own}"
        )
    folder = write_site(tmp_path / "site", issues, declarations)
    loaded = [folder / "search" / "site.js", folder / "search" / f"2568q3v1-{search.FORMAT}.js"]
    assert sum(path.stat().st_size for path in loaded) <= MOST_BYTES
