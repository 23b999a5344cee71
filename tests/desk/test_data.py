"""Data at the desk: every series has its page, a warning is answered once, a file is seen before it is stored."""

import re

import openpyxl
import pandas as pd
import pytest

from reporter.desk import data, status
from reporter.domain.errors import InputError
from reporter.domain.periods import parse_quarter
from reporter.inputs.workspace import open_workspace, read_waivers
from tests.support.desk import client, csrf, example_desk
from tests.support.workspace import small_workspace

pytestmark = pytest.mark.slow

QUARTER = parse_quarter("2025-Q3")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    root = small_workspace(tmp_path_factory.mktemp("data"), dimensions=("economy", "wages"), answers=60)
    path = root / "series" / "economy.csv"
    table = pd.read_csv(path, dtype=str)
    newest = (table["indicator"] == "pmi") & (table["period"] == "2025-09")
    assert newest.any()
    table.loc[newest, "value"] = "70.3"  # a slip: 50 is usual
    table.to_csv(path, index=False)
    return root


@pytest.fixture
def asking(workspace, tmp_path):
    made = client(example_desk(workspace, tmp_path / "out"))
    made.post("/name", headers=csrf(made.desk), data={"name": "สมหญิง", "next": "/"})
    return made


def send(asking, path, files=None, **fields):
    return asking.post(f"/q/2025-Q3{path}", headers=csrf(asking.desk), data=fields, files=files)


def hidden(page, name):
    return re.search(rf'name="{name}"\s+value="([^"]*)"', page)[1]


def test_the_register_names_every_series_that_has_values(asking, workspace):
    page = asking.get("/q/2025-Q3/data").text
    for series in open_workspace(workspace).usable_history()["indicator"].unique():
        assert f"/q/2025-Q3/data/{series}" in page


def test_a_series_shows_its_newest_value_its_expectation_and_where_it_came_from(asking, workspace):
    page = asking.get("/q/2025-Q3/data/pmi").text
    assert "<svg" in page and 'class="newest"' in page and "70.3" in page and "series/economy.csv" in page
    call = type("Call", (), {"folder": workspace / "nothing", "desk": asking.desk, "say": str, "lang": "th"})
    found = data.read_series(open_workspace(workspace), "pmi", call)
    assert found.expectation.period == "2025-09" and not found.expectation.low < 70.3 < found.expectation.high
    assert found.expectation.low < found.expectation.expected < found.expectation.high < 80


def test_a_series_that_is_none_is_refused(asking):
    for series in ("nothing", "%3Cscript%3E", "x" * 300):
        answer = asking.get(f"/q/2025-Q3/data/{series}")
        assert answer.status_code == 400 and "<script>" not in answer.text


def test_a_warning_is_answered_with_reason_and_name_and_the_check_takes_it(asking, workspace):
    ruling = status.ruled(workspace, QUARTER)
    wanted = next(one for one in ruling.unanswered if one.subject.startswith("pmi"))
    page = asking.get("/q/2025-Q3/data/findings").text
    assert wanted.id in page
    before = (workspace / "waivers.toml").read_bytes() if (workspace / "waivers.toml").exists() else b""
    assert send(asking, "/data/answer", finding=wanted.id, reason=" ", digest="").status_code == 400
    done = send(
        asking, "/data/answer", finding=wanted.id, reason='ตรวจกับต้นทาง "แล้ว"', digest=hidden(page, "digest")
    )
    assert done.status_code == 303
    waivers, problems = read_waivers(workspace)
    assert problems == [] and waivers[-1].reason == 'ตรวจกับต้นทาง "แล้ว"' and waivers[-1].by == "สมหญิง"
    assert wanted.id not in [one.id for one in status.ruled(workspace, QUARTER).unanswered]
    again = send(asking, "/data/answer", finding=wanted.id, reason="x", digest="")
    assert again.status_code == 409
    (workspace / "waivers.toml").write_bytes(before) if before else (workspace / "waivers.toml").unlink()


def agency_file(tmp_path, label="อัตราการว่างงานที่ไม่มีใครรู้จัก"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["รายการ", "2568-Q1", "2568-Q2", "2568-Q3"])
    sheet.append([label, 1.1, 1.2, 1.3])
    path = tmp_path / "รายงาน หน่วยงาน.xlsx"
    book.save(path)
    return path


def test_a_file_of_series_is_seen_before_it_is_stored_and_the_old_one_is_kept(asking, workspace):
    path = workspace / "series" / "wages.csv"
    before = path.read_bytes()
    table = pd.read_csv(path, dtype=str)
    table.loc[len(table) - 1, "value"] = "1"
    files = {"file": ("wages.csv", table.to_csv(index=False).encode())}
    page = send(asking, "/files/look", files=files).text
    assert "series/wages.csv" in page and path.read_bytes() == before
    assert re.search(r"<b>1</b> ค่าที่เปลี่ยน", page)
    assert send(asking, "/files/store", look=hidden(page, "look")).status_code == 303
    assert path.read_bytes() != before
    kept = list((workspace / ".desk" / "replaced").iterdir())
    assert [item.read_bytes() for item in kept] == [before]
    path.write_bytes(before)
    assert send(asking, "/files/store", look=hidden(page, "look")).status_code == 409  # it is stored once


def test_an_agencys_file_is_read_after_its_labels_are_answered(asking, workspace, tmp_path):
    path = agency_file(tmp_path)
    page = send(asking, "/files/look", files={"file": (path.name, path.read_bytes())}).text
    assert "อัตราการว่างงานที่ไม่มีใครรู้จัก" in page and "/files/store" not in page
    answered = send(
        asking,
        "/files/look",
        look=hidden(page, "look"),
        label="อัตราการว่างงานที่ไม่มีใครรู้จัก",
        series="unemployment_rate",
    ).text
    assert re.search(r"<b>3</b> ค่าใหม่", answered) and "/files/store" in answered
    assert not (workspace / "incoming").exists() and not (workspace / "sources" / "drop").exists()
    done = send(asking, "/files/store", look=re.findall(r'name="look" value="([^"]*)"', answered)[-1])
    assert done.status_code == 303
    history = open_workspace(workspace).usable_history()
    own = history[history["indicator"] == "unemployment_rate"]
    assert own["value"].tolist() == [1.1, 1.2, 1.3] and own["cell"].tolist() == ["B2", "C2", "D2"]
    files = asking.get("/q/2025-Q3/files").text
    assert (
        send(asking, "/files/withdraw", delivery=hidden(files, "delivery"), reason="ผิดไฟล์").status_code == 303
    )
    assert open_workspace(workspace).usable_history()["indicator"].eq("unemployment_rate").sum() == 0
    assert "ถอนเมื่อ" in asking.get("/q/2025-Q3/files").text


def test_answers_of_a_survey_are_recognised_and_named_by_their_quarter(asking, workspace):
    content = (workspace / "surveys" / "worker" / "2025-Q3.csv").read_bytes()
    page = send(asking, "/files/look", files={"file": ("2568-Q2.csv", content)}).text
    assert "surveys/worker/2025-Q2.csv" in page and "<b>60</b>" in page
    nameless = send(asking, "/files/look", files={"file": ("answers.csv", content)}).text
    assert "/files/store" not in nameless and "2025-Q3.csv" in nameless


@pytest.mark.parametrize("name", ["../../evil.csv", "..\\..\\evil.csv", "/etc/evil.csv"])
def test_a_name_with_folders_is_taken_without_them(name):
    assert data.safe_name(name) == "evil.csv"


@pytest.mark.parametrize("name", ["", ".hidden", "a\nb.csv", "x" * 300 + ".csv", ".."])
def test_a_name_that_cannot_be_kept_is_refused(name):
    with pytest.raises(InputError):
        data.safe_name(name)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 50, b"PK\x03\x04broken", b"<html>", "ก".encode() * 1000]
)
@pytest.mark.parametrize("name", ["a.xlsx", "b.csv", "c.exe"])
def test_a_file_that_is_nothing_is_told_and_changes_nothing(asking, workspace, name, content):
    before = sorted(path.relative_to(workspace) for path in workspace.rglob("*"))
    answer = send(asking, "/files/look", files={"file": (name, content or b" ")})
    assert answer.status_code in (200, 400) and "/files/store" not in answer.text
    assert sorted(path.relative_to(workspace) for path in workspace.rglob("*")) == before


def test_a_link_out_of_the_workspace_is_not_written_through(workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "series").symlink_to(outside)
    with pytest.raises(Exception, match="outside"):
        data.inside(root, "series/x.csv")


def test_the_excel_workbook_is_recognised_with_what_it_would_change(asking, workspace, tmp_path):
    from reporter.inputs.workbook import workbook

    declared = open_workspace(workspace).declarations
    history = open_workspace(workspace).usable_history()
    path = tmp_path / "workspace.xlsx"
    path.write_bytes(workbook(declared, QUARTER, history))
    page = send(asking, "/files/look", files={"file": ("ข้อมูล.xlsx", path.read_bytes())}).text
    assert "workspace.xlsx" in page
    counts = [int(number) for number in re.findall(r"<b>(\d+)</b> ค่า", page)]
    assert counts[0] == 0 and counts[2] > 100
