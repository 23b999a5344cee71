"""The release calendar and what it forbids."""

import datetime as dt

import pandas as pd
import pytest

from reporter.delivery import release_log
from reporter.delivery.release_log import require_releasable
from reporter.domain.errors import InputError, StateError
from reporter.inputs.calendar import read_calendar
from reporter.pipeline import manifest

QUARTER = pd.Period("2025Q3")
WHOLE = """
approvers = ["ผู้อำนวยการกอง"]
[[releases]]
quarter = "3/2568"
at = 2025-11-20T10:00:00
[[early_readers]]
name = "ปลัดกระทรวงแรงงาน"
agency = "กระทรวงแรงงาน"
hours = 24
reason = "เตรียมตอบสื่อมวลชน"
"""


def _write(root, text):
    (root / "calendar.toml").write_text(text, encoding="utf-8")
    return read_calendar(root)


def test_a_time_without_zone_is_bangkok_time(tmp_path):
    calendar, problems = _write(tmp_path, WHOLE)
    assert problems == []
    assert calendar.release_of(QUARTER) == dt.datetime(2025, 11, 20, 3, tzinfo=dt.UTC)
    assert calendar.early_readers[0].hours == 24 and calendar.approvers == ("ผู้อำนวยการกอง",)
    assert calendar.release_of(QUARTER + 1) is None


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("[[releases]]\nquarter = '2025-Q5'\nat = 2025-11-20T10:00:00\n", "releases.1.quarter"),
        ("[[releases]]\nquarter = '2025-Q3'\nat = 2025-09-20T10:00:00\n", "releases.1.at"),
        ("[[releases]]\nquarter = '2025-Q3'\nat = 2568-11-20T10:00:00\n", "releases.1.at"),
        ("[[releases]]\nquarter = '2025-Q3'\nat = 9999-12-31T23:59:59-10:00\n", "releases.1.at"),
        ("[[releases]]\nquarter = '2025-Q3'\nat = 'soon'\n", "releases.1.at"),
        (
            "[[releases]]\nquarter = '2025-Q3'\nat = 2025-11-20T10:00:00\n"
            "[[releases]]\nquarter = '2568-Q3'\nat = 2025-11-21T10:00:00\n",
            "releases.2.quarter",
        ),
        ("[[early_readers]]\nname = 'ก'\nagency = 'ข'\nhours = 24\n", "early_readers.1.reason"),
        ("[[early_readers]]\nname = 'ก'\nagency = 'ข'\nhours = 999\nreason = 'ค'\n", "early_readers.1.hours"),
        ("embargo = 1\n", "embargo"),
        ("[[releases\n", None),
    ],
)
def test_a_wrong_calendar_is_told(tmp_path, text, column):
    calendar, problems = _write(tmp_path, text)
    assert [finding.column for finding in problems] == [column]
    assert not calendar.is_declared


def _approved_issue(out, embargo=""):
    folder = out / "2025-Q3"
    folder.mkdir(parents=True)
    (folder / "report.pdf").write_bytes(b"%PDF")
    head = {"quarter": "2025-Q3", "version": 1, "status": "final", "embargo": embargo}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    release_log.record_check(folder, when="2025-11-19T08:00:00+07:00")
    release_log.approve(folder, who="ก", when="2025-11-19T09:00:00+07:00")
    return folder


@pytest.mark.parametrize(
    ("embargo", "hour", "passes"),
    [
        ("", 9, False),
        ("", 10, True),
        ("2025-11-20T09:00:00+07:00", 9, False),  # put off by the calendar after the build
        ("2025-11-20T11:00:00+07:00", 10, False),  # the issue's own embargo is the later one
        ("2025-11-20T11:00:00+07:00", 11, True),
    ],
)
def test_the_later_of_embargo_and_calendar_holds(tmp_path, embargo, hour, passes):
    folder = _approved_issue(tmp_path / "out", embargo)
    _write(tmp_path, WHOLE)
    now = dt.datetime(2025, 11, 20, hour, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    if passes:
        assert require_releasable(folder, False, now=now, workspace=tmp_path).mark == ""
    else:
        for allow_draft in (False, True):
            with pytest.raises(StateError, match="embargo"):
                require_releasable(folder, allow_draft, now=now, workspace=tmp_path)
        assert require_releasable(folder, False, now=now, workspace=tmp_path, only_preview=True)


def test_a_wrong_calendar_lets_nothing_leave(tmp_path):
    folder = _approved_issue(tmp_path / "out")
    _write(tmp_path, "[[releases]]\n")
    now = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(InputError, match="nothing leaves"):
        require_releasable(folder, False, now=now, workspace=tmp_path)


def test_a_withdrawn_approval_forbids(tmp_path):
    folder = _approved_issue(tmp_path / "out")
    release_log.withdraw(folder, who="ก", when="2025-11-19T10:00:00+07:00", note="ผิด")
    now = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(StateError, match="not been approved"):
        require_releasable(folder, False, now=now)
