"""The annex of provinces: one page each, its numbers traced, what is missing said."""

import io
import itertools
import re
from dataclasses import replace

import pandas as pd
import pikepdf
import pytest

from reporter import pdf
from reporter.domain.edition import edition_of
from reporter.domain.errors import CoverageError
from reporter.measures.annex import load_annex
from reporter.report import annexes
from reporter.report.annexes import profiles
from reporter.report.numbers import Cells, parse_address
from reporter.report.provenance import check_trace
from reporter.runtime.cache import StageCache
from reporter.sources.catalogue import load as load_catalogue
from reporter.sources.catalogue import origins
from tests.report.issues import context, whole_tables
from tests.support.tables import empty_tables, example_tables

pytestmark = pytest.mark.slow

REFUSED = "PROVINCE:TH-58"  # the example tables have no index for it


def some_provinces(*codes):
    """The issue's context with these provinces only."""
    issue = context()
    groups = {
        code: group
        for code, group in issue.declarations.groups.items()
        if group.kind != "PROVINCE" or code in codes
    }
    return replace(issue, declarations=replace(issue.declarations, groups=groups))


def test_every_province_has_a_profile_by_region():
    issue = context()
    found = profiles(Cells(whole_tables()), issue)
    assert {item.province.code for item in found} == {
        group.code for group in issue.declarations.groups_of("PROVINCE")
    }
    regions = [item.province.region for item in found]
    assert len([1 for a, b in itertools.pairwise(regions) if a != b]) == 4
    bangkok = next(item for item in found if item.province.code == "PROVINCE:TH-10")
    assert bangkok.region is None and bangkok.beside_country is not None


def test_a_difference_is_province_minus_the_other():
    tables = whole_tables()
    found = next(
        item for item in profiles(Cells(tables), context()) if item.province.code == "PROVINCE:TH-50"
    )
    index = (
        tables["labour_index"]
        .query("dimension == 'overall' and period == '2025-Q3'")
        .set_index("group")["value"]
    )
    assert found.beside_country.number.value == pytest.approx(index["PROVINCE:TH-50"] - index["TH"])
    assert found.beside_region.number.value == pytest.approx(index["PROVINCE:TH-50"] - index["REGION:north"])
    assert [len(row.cells) for row in found.history.rows] == [12, 12, 12]


def test_the_volume_is_one_page_a_province_and_every_number_is_traced():
    issue = some_provinces("PROVINCE:TH-10", "PROVINCE:TH-50", REFUSED)
    tables = dict(example_tables(gaps=True))
    tables["confidence"] = tables["confidence"].copy()
    hidden = (tables["confidence"]["group"] == "PROVINCE:TH-50") & (
        tables["confidence"]["survey"] == "worker"
    )
    tables["confidence"].loc[hidden, ["value", "low", "high"]] = float("nan")
    tables["confidence"].loc[hidden, "flag"] = "suppressed"
    issue = replace(issue, edition=edition_of(issue.quarter, 1, "https://labour.example.org", {}))
    volume = annexes.build("provinces", tables, issue)
    assert issue.edition.short_data_id in volume.html and issue.edition.status_address in volume.html
    assert volume.name == "provinces.pdf"
    assert [
        item
        for item in annexes.check(volume, tables)
        if item.severity == "error" and item.rule != "pdf.bookmarks"
    ] == []
    statistics = 1  # both tables of the surveys; with every province they fill more
    assert len(pikepdf.open(io.BytesIO(volume.document)).pages) == 3 + 3 + statistics
    pages = re.split(r'<section class="chapter profile"', volume.html)[1:]
    assert "ไม่มีดัชนีเศรษฐกิจแรงงานของจังหวัดแม่ฮ่องสอน" in pages[-1]
    chiang_mai = next(page for page in pages if "<h1>จังหวัดเชียงใหม่" in page)
    assert (
        "x ไม่เผยแพร่เพื่อรักษาความลับของผู้ตอบ" in chiang_mai
        and '<td class="number suppressed">x</td>' in chiang_mai
    )


def test_strengths_and_weaknesses_are_clear_of_100_and_the_farthest_come_first():
    tables, issue = whole_tables(), some_provinces("PROVINCE:TH-50")
    found = next(
        item for item in annexes.profiles(Cells(tables), issue) if item.province.code == "PROVINCE:TH-50"
    )
    for side, traits in ((1, found.strengths), (-1, found.weaknesses)):
        far = [side * (trait.level.value - 100) for trait in traits]
        assert len(traits) <= 3 and far == sorted(far, reverse=True)
        for trait in traits:
            table, key, _ = parse_address(trait.level.cell)
            ends = {"labour_index": ("low95", "high95"), "confidence": ("low", "high")}[table]
            assert side * (Cells(tables).value(table, ends[side < 0], key) - 100) > 0
    assert found.strengths or found.weaknesses


def test_a_wrong_number_in_the_volume_is_noticed():
    tables = whole_tables()
    html = annexes.build("provinces", tables, some_provinces("PROVINCE:TH-50")).html
    wrong = re.sub(
        r'(<data class="n" value=")([\d.]+)(" data-cell="labour_index)', r"\g<1>1\2\3", html, count=1
    )
    assert wrong != html and check_trace(html, dict(tables)) == []
    assert check_trace(wrong, dict(tables))


def test_no_provinces_at_all_is_said():
    with pytest.raises(CoverageError, match="--annex provinces"):
        annexes.build("provinces", empty_tables(), context())


def test_an_unchanged_volume_is_not_typeset_again(tmp_path, monkeypatch):
    tables, cache = whole_tables(), StageCache(tmp_path)
    one, other = some_provinces("PROVINCE:TH-50"), some_provinces("PROVINCE:TH-10")
    runs = []
    for name in ("typeset", "check"):
        whole = getattr(pdf, name)
        monkeypatch.setattr(
            pdf,
            name,
            lambda *given, name=name, whole=whole, **also: runs.append(name) or whole(*given, **also),
        )
    first = annexes.build("provinces", tables, one, cache=cache)
    found = annexes.check(first, tables, cache)
    again = annexes.build("provinces", tables, one, cache=cache)
    assert annexes.check(again, tables, cache) == found
    assert again == first and runs == ["typeset", "check"]
    assert annexes.build("provinces", tables, other, cache=cache) != first
    assert runs == ["typeset", "check", "typeset"]


def test_a_provinces_confidence_stands_beside_the_value_drawn_towards_its_region():
    tables, issue = dict(whole_tables()), some_provinces("PROVINCE:TH-50")
    row = {"survey": "worker", "domain": "overall", "group": "PROVINCE:TH-50", "direct": 90.0, "low": 95.0}
    row |= {"high": 101.0, "own_share": 0.4, "n": 20}
    pooled = [row | {"period": "2025-Q2", "pooled": 96.5}, row | {"period": "2025-Q3", "pooled": 98.0}]
    tables["confidence_pooled"] = pd.DataFrame(pooled)
    (found,) = profiles(Cells(tables), issue)
    rows = {item.head: [cell.shown for cell in item.cells] for item in found.comparison.rows}
    assert rows["ความเชื่อมั่นของแรงงาน †"][0] == "98.0" and "1.5" in rows["ความเชื่อมั่นของแรงงาน †"][1]
    assert rows["ความเชื่อมั่นของแรงงาน †"][3:] == next(
        cells[3:] for head, cells in rows.items() if head.startswith("ความเชื่อมั่นของแรงงาน") and "†" not in head
    )
    assert "ความเชื่อมั่นของผู้ประกอบการ †" not in rows and "†" in found.comparison.note


def test_the_statistical_volume_has_the_map_of_every_series():
    found = annexes.sources_sheet(context())
    rows = [row for row in found.rows if row.cells]
    known = origins(context().declarations, load_annex(), load_catalogue())
    assert len(rows) == len(known) > 100 and len({row.group for row in found.rows if row.group}) == 3
    heads = [row.head for row in rows]
    assert "อัตราการว่างงาน จำแนกตามเพศ (หญิง)" in heads and heads.count("อัตราการว่างงาน จำแนกตามเพศ (ชาย)") == 1
    bot = next(row for row in rows if row.head == "ดัชนีความเชื่อมั่นทางธุรกิจ")
    assert [cell.shown for cell in bot.cells][-1] == "ต้องใช้กุญแจ" and "EIBSIM00057" in bot.cells[1].shown
