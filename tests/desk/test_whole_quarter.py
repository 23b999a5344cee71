"""A whole quarter in headless Chromium, from an empty folder to the rehearsed letters, over the real server and the real builds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from reporter.delivery import release_log
from reporter.domain.periods import parse_quarter
from reporter.inputs.workbook import RECIPIENTS, workbook
from reporter.inputs.workspace import open_workspace
from reporter.pipeline import manifest
from tests.support.chromium import chromium
from tests.support.workspace import small_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUARTER = parse_quarter("2025-Q3")
BUILD_SECONDS = 1_500  # of a busy machine; alone it takes half a minute


def filled_workbook(tmp_path: Path) -> Path:
    """The workbook as an analyst would fill it: series of two dimensions, one odd newest value, one recipient."""
    source = small_workspace(tmp_path / "source", dimensions=("economy", "unemployment"))
    path = source / "series" / "economy.csv"
    table = pd.read_csv(path, dtype=str)
    table.loc[(table["indicator"] == "pmi") & (table["period"] == "2025-09"), "value"] = "70.3"
    table.to_csv(path, index=False)
    opened = open_workspace(source)
    book = tmp_path / "ข้อมูลของเรา.xlsx"
    book.write_bytes(workbook(opened.declarations, QUARTER, opened.usable_history()))
    sheets = openpyxl.load_workbook(book)
    for column, text in enumerate(("สำนักงาน", "ผู้รับ", "reader@mol.test"), start=1):
        sheets[RECIPIENTS].cell(2, column, text)
    sheets.save(book)
    return book


@pytest.fixture
def served(tmp_path):
    """``reporter desk`` over a workspace that ``reporter init --excel`` has just made; gives its address."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    root, program = tmp_path / "งาน", [sys.executable, "-m", "reporter"]
    subprocess.run([*program, "init", str(root), "--excel"], check=True, env=environment, capture_output=True)
    arguments = ["desk", "--data", str(root), "--out", str(tmp_path / "out"), "--port", "0", "-q", "2568-Q3"]
    with subprocess.Popen(
        [*program, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        line = running.stdout.readline()
        yield re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)[0]
        running.terminate()


def wait_for_job(page):
    page.locator(".job .said, .job .erratum").first.wait_for(timeout=BUILD_SECONDS * 1000)
    assert page.locator(".job .erratum").count() == 0, page.locator(".job").inner_text()


def test_a_quarter_from_an_empty_folder_to_the_rehearsed_letters(served, tmp_path):
    address = served
    base, out = address.partition("/?")[0] + "/q/2025-Q3", tmp_path / "out"
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(600_000)  # of a machine that many share
        page.goto(address)
        page.locator("input[name=name]").fill("สมหญิง รักงาน")
        with page.expect_navigation():  # the name is stored when the page comes back
            page.locator("input[name=name]").press("Enter")

        page.goto(f"{base}/files")
        page.locator("#file").set_input_files(filled_workbook(tmp_path))
        page.locator("#drop button").click()
        page.get_by_role("button", name="เก็บเข้าพื้นที่งาน").click()
        page.locator(".said").wait_for()

        page.goto(f"{base}/look")
        page.get_by_role("button", name="สร้างร่างใหม่").click()
        wait_for_job(page)
        assert manifest.read(out / "2025-Q3")["status"] == "draft"

        page.goto(f"{base}/write/labour")
        page.frame_locator("#preview").locator("section.chapter").wait_for()
        page.locator("#text").fill("ข้อความของนักวิเคราะห์สำหรับฉบับนี้")
        page.frame_locator("#preview").get_by_text("ข้อความของนักวิเคราะห์สำหรับฉบับนี้").wait_for()
        page.locator("#text").press("Control+s")
        page.locator("#text-state", has_text="บันทึกแล้ว").wait_for()

        page.goto(f"{base}/data/findings")
        assert page.locator("form.inline input[name=reason]").count() > 0
        while page.locator("main form input[name=reason]").count():
            page.locator("main form input[name=reason]").first.fill("ตรวจกับต้นทางแล้ว")
            page.locator("main form input[name=reason]").first.press("Enter")
            page.locator(".said").wait_for()
            page.goto(f"{base}/data/findings")

        page.goto(f"{base}/decide")
        page.get_by_role("button", name="สร้างฉบับจริง").click()
        wait_for_job(page)
        page.goto(f"{base}/decide")
        page.get_by_role("button", name="อนุมัติฉบับที่มีค่า").click()
        page.get_by_text("สมหญิง รักงาน (1 / 1)").first.wait_for()
        page.get_by_role("button", name="เขียนตัวอย่างจดหมายทุกฉบับ").click()
        page.get_by_text("send --dry-run").first.wait_for()
        wait_for_job(page)
        page.goto(f"{base}/kept/letters/index.html")
        assert "reader@mol.test" in page.content()
    assert manifest.read(out / "2025-Q3")["status"] == "final"
    assert [entry.event for entry in release_log.events(out / "2025-Q3")] == ["checked", "approved"]
    assert "ข้อความของนักวิเคราะห์สำหรับฉบับนี้" in (out / "2025-Q3" / "report.html").read_text(encoding="utf-8")
