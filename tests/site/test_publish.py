"""Permanence: what is published stays, in one step, whatever happens."""

import hashlib
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from reporter import approval
from reporter.errors import StateError
from reporter.site import publish
from tests.site.conftest import build_small, request


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def places(tmp_path):
    return tmp_path / "out", tmp_path / "site"


def test_files_of_the_issue_are_published_as_built(places):
    out, site = places
    folder = build_small(out, "2025-Q3")
    publish(request(out, site))
    published = digests(site / "2568/q3/v1")
    assert digests(folder).items() <= published.items()
    assert (site / "2568/q3/index.html").exists()


def test_same_issue_twice_changes_nothing(places):
    out, site = places
    build_small(out, "2025-Q3")
    assert publish(request(out, site)).is_new
    before = digests(site)
    assert not publish(request(out, site)).is_new
    assert digests(site) == before


def test_other_content_under_a_published_version_is_refused(places):
    out, site = places
    build_small(out, "2025-Q3")
    publish(request(out, site))
    before = digests(site)
    build_small(out, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น")
    with pytest.raises(StateError, match="never changes"):
        publish(request(out, site))
    assert digests(site) == before


def test_correction_becomes_v2_with_a_notice_on_both(places):
    out, site = places
    build_small(out, "2025-Q3")
    publish(request(out, site))
    before = digests(site / "2568/q3/v1")
    build_small(out, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น 2.9 จุด")
    assert publish(request(out, site, correction="กลับเครื่องหมาย <ดัชนี>")).version == 2
    after = digests(site / "2568/q3/v1")
    # Only the two pages that carry the notice differ; every file of the issue is the same.
    assert {name for name in before if before[name] != after[name]} == {"index.html", "read.html"}
    assert "กลับเครื่องหมาย &lt;ดัชนี&gt;" in (site / "2568/q3/v1/index.html").read_text(encoding="utf-8")
    assert "กลับเครื่องหมาย &lt;ดัชนี&gt;" in (site / "2568/q3/v2/index.html").read_text(encoding="utf-8")
    assert "ดัชนีเพิ่มขึ้น 2.9 จุด" in (site / "2568/q3/index.html").read_text(encoding="utf-8")


def test_correction_of_nothing_is_refused(places):
    out, site = places
    build_small(out, "2025-Q3")
    with pytest.raises(StateError, match="no published issue"):
        publish(request(out, site, correction="แก้ไข"))
    assert not site.exists()


def test_draft_is_refused_and_changed_files_too(places):
    out, site = places
    folder = build_small(out, "2025-Q3")
    with pytest.raises(StateError, match="draft"):
        publish(request(out, site, allow_draft=False))
    (folder / "report.pdf").write_bytes(b"%PDF other")
    with pytest.raises(StateError, match=r"report\.pdf"):
        publish(request(out, site))
    assert not site.exists()


def test_final_issue_needs_its_approval_and_leaves_one_line_in_the_release_log(places):
    out, site = places
    folder = build_small(out, "2025-Q3", status="final")
    with pytest.raises(StateError, match="approved"):
        publish(request(out, site, allow_draft=False))
    approval.record(folder, "approved", who="ผู้อนุมัติ", when="2025-11-19T09:00:00+07:00")
    publish(request(out, site, allow_draft=False))
    publish(request(out, site, allow_draft=False))
    assert [entry.event for entry in approval.read_log(out)] == ["approved", "published"]
    assert 'class="mark">ฉบับร่าง' not in (site / "index.html").read_text(encoding="utf-8")


def test_draft_and_synthetic_data_are_marked_on_every_page(eight):
    for page in eight.rglob("*.html"):
        if page.name == "report.html":
            continue
        text = page.read_text(encoding="utf-8")
        assert 'class="mark">ฉบับร่าง' in text, page
        assert 'class="mark">ข้อมูลสังเคราะห์' in text, page


def test_folder_of_others_is_left_alone(places):
    out, site = places
    build_small(out, "2025-Q3")
    site.mkdir()
    (site / "thesis.docx").write_bytes(b"mine")
    with pytest.raises(StateError, match="other files"):
        publish(request(out, site))
    assert digests(site).keys() == {"thesis.docx"}


def test_lists_come_from_the_archive_alone(places):
    out, site = places
    build_small(out, "2025-Q2")
    build_small(out, "2025-Q3")
    publish(request(out, site, "2025-Q2"))
    publish(request(out, site))
    before = digests(site)
    derived = ("index.html", "feed.xml", "*.ics", "series.csv", "search-data.js")
    for path in [path for pattern in derived for path in site.rglob(pattern)]:
        if "v1" not in path.parts:
            path.unlink()
    for quarter in ("2025-Q2", "2025-Q3"):
        publish(request(out, site, quarter))
    assert digests(site) == before


def test_older_issue_published_late_stands_in_order(places):
    out, site = places
    build_small(out, "2025-Q2")
    build_small(out, "2025-Q3")
    publish(request(out, site))
    publish(request(out, site, "2025-Q2"))
    assert 'rel="prev" href="../../2568/q2/' in (site / "2568/q3/index.html").read_text(encoding="utf-8")
    assert 'rel="next" href="../../2568/q3/' in (site / "2568/q2/index.html").read_text(encoding="utf-8")
    assert "2568/q3/index.html" in (site / "index.html").read_text(encoding="utf-8")


def _publish_in_child(out, site):
    publish(request(out, site))


def test_killed_publish_leaves_the_old_site_and_the_next_run_completes_it(places):
    out, site = places
    build_small(out, "2025-Q2")
    build_small(out, "2025-Q3")
    publish(request(out, site, "2025-Q2"))
    old = digests(site)
    fork = multiprocessing.get_context("spawn")
    seen_beside = False
    for delay in (0.0, 0.08):
        child = fork.Process(target=_publish_in_child, args=(out, site))
        child.start()
        beside = site.with_name(f".{site.name}.publishing")
        while child.is_alive() and not beside.exists():
            time.sleep(0.002)
        time.sleep(delay)
        seen_beside |= beside.exists()
        if child.pid and child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        now = digests(site)
        # Wholly old, or wholly new when the kill came after the swap.
        assert now == old or (site / "2568/q3/v1/index.html").exists()
    assert seen_beside
    publish(request(out, site))
    killed = digests(site)
    again = site.with_name("fresh")
    publish(request(out, again, "2025-Q2"))
    publish(request(out, again))
    assert killed == digests(again)
    assert not site.with_name(f".{site.name}.publishing").exists()
