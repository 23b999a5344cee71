"""Counts in texts come from the declarations: a workspace with one more indicator says one more everywhere."""

import re
from collections import defaultdict
from dataclasses import replace

import pandas as pd
import pytest

from reporter import report
from reporter.delivery.site.archive import Record
from reporter.delivery.site.pages import Pages
from reporter.domain.declarations import asset
from reporter.domain.periods import parse_quarter
from reporter.inputs import declared
from tests.report.issues import context, print_page, text_of, whole_tables
from tests.support.frames import sorted_by_key

pytestmark = pytest.mark.slow

EXTRA = asset("data", "indicators", "economy", "mpi.toml")


def more_indicators(root):
    """Declarations of a workspace that adds one file."""
    (root / "indicators" / "economy").mkdir(parents=True)
    text = re.sub(r"(?m)^order = .*", "order = 99", EXTRA.read_text(encoding="utf-8"))
    (root / "indicators" / "economy" / "extra.toml").write_text(text, encoding="utf-8")
    return declared.load(root)


def with_status(tables):
    """The example's tables with the status of one indicator more."""
    status = tables["indicator_status"]
    row = status[status["indicator"] == "mpi"].assign(indicator="extra")
    both = pd.concat([status, row], ignore_index=True)
    return tables | {"indicator_status": sorted_by_key("indicator_status", both)}


def test_a_thirty_ninth_indicator_is_counted_in_the_report(tmp_path):
    declarations = more_indicators(tmp_path)
    before, after = len(declared.load(None).indicators), len(declarations.indicators)
    assert after == before + 1
    issue = replace(context(), declarations=declarations)
    tables = with_status(whole_tables())
    findings = report.findings(tables, issue)
    text = text_of(print_page(findings, [], tables, issue))
    assert f"จากสถิติ {after} ตัวชี้วัดใน {len(declarations.dimensions)} มิติ" in text
    technical = text_of(print_page(findings, [], tables, issue, volume="technical"))
    assert f"แหล่งข้อมูลและสถานะของตัวชี้วัด {after} ตัว" in technical
    assert f"ตัวชี้วัด {after} ตัว มีข้อมูลครบทั้งไตรมาส" in text
    assert re.findall(rf"\b{before} (?:ตัว|ตัวชี้วัด)\b", text) == []


def test_a_thirty_ninth_indicator_is_counted_on_the_website(tmp_path):
    declarations = more_indicators(tmp_path)
    names = {key: {"th": "", "en": ""} for key in ("ministry", "office", "division", "title")}
    content = defaultdict(str, settings=names)
    record = Record(parse_quarter("2025-Q3"), 1, content)
    page = Pages(record).reading_guide(declarations)
    assert f"จากตัวชี้วัด {len(declarations.indicators)} ตัวใน {len(declarations.dimensions)} มิติ" in page


def test_the_readme_counts_as_the_declarations_do(declarations):
    counted = re.findall(r"ตัวชี้วัด (\d+) ตัวใน (\d+) มิติ", asset("README.md").read_text(encoding="utf-8"))
    expected = (str(len(declarations.indicators)), str(len(declarations.dimensions)))
    assert set(counted) <= {expected}
