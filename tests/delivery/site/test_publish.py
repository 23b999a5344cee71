"""Permanence: what is published stays, in one step, whatever happens."""

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from reporter.delivery import release_log
from reporter.delivery.site import publish, rebuild, tree
from reporter.domain.errors import StateError
from tests.delivery.site.conftest import build_small, request

pytestmark = pytest.mark.slow


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


def test_a_nowcast_edition_shows_value_band_and_label_wherever_the_composite_stands(places):
    out, site = places
    build_small(out, "2025-Q3", nowcast={"value": 98.96, "low80": 92.53, "high80": 105.39})
    publish(request(out, site))
    for page in ("index.html", "2568/q3/index.html"):
        text = (site / page).read_text(encoding="utf-8")
        assert "99.0" in text and "ค่าประมาณปัจจุบัน (nowcast)" in text and "92.5 ถึง 105.4" in text
    series = (site / "data/labour_index/index.html").read_text(encoding="utf-8")
    assert "3/2568 ค่าประมาณปัจจุบัน (nowcast)</th>" in series
    assert "2/2568 ค่าประมาณ" not in series
    main = next((site / "dashboard").glob("*/main.js")).read_text(encoding="utf-8")
    assert '"nowcasts":["overall"' in main and '"forecast":[]' in main
    assert "nowcast of the Labour Economic Index is 99.0 points" in (site / "en/index.html").read_text(
        "utf-8"
    )


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
    assert not site.with_name(f".{site.name}.publishing").exists()  # nothing unpublished stays in reach


def test_correction_becomes_v2_with_a_notice_on_both(places):
    out, site = places
    build_small(out, "2025-Q3")
    publish(request(out, site))
    before = digests(site / "2568/q3/v1")
    build_small(out, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น 2.9 จุด", version=2)
    assert publish(request(out, site, correction="กลับเครื่องหมาย <ดัชนี>")).version == 2
    # Not a byte below v1 differs: the notice stands in the frame's page beside it.
    assert digests(site / "2568/q3/v1") == before
    quarter = site / "2568/q3"
    assert 'src="../status-v1.html"' in (quarter / "v1/index.html").read_text(encoding="utf-8")
    assert 'src="../status-v1.html"' in (quarter / "v1/read.html").read_text(encoding="utf-8")
    assert "กลับเครื่องหมาย &lt;ดัชนี&gt;" in (quarter / "status-v1.html").read_text(encoding="utf-8")
    assert "เป็นฉบับล่าสุด" in (quarter / "status-v2.html").read_text(encoding="utf-8")
    assert "กลับเครื่องหมาย &lt;ดัชนี&gt;" in (quarter / "v2/index.html").read_text(encoding="utf-8")
    assert "ดัชนีเพิ่มขึ้น 2.9 จุด".replace(" จุด", "\u00a0จุด") in (quarter / "index.html").read_text(
        encoding="utf-8"
    )


def test_version_carries_the_hashes_of_all_its_files(places):
    out, site = places
    build_small(out, "2025-Q3")
    publish(request(out, site))
    version = site / "2568/q3/v1"
    told = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=version, check=False
    )
    assert told.returncode == 0
    listed = {line[66:] for line in (version / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert listed == digests(version).keys() - {"SHA256SUMS"}


def test_changed_file_of_a_published_version_is_found(places):
    out, site = places
    build_small(out, "2025-Q3")
    publish(request(out, site))
    (site / "2568/q3/v1/report.pdf").write_bytes(b"%PDF another")
    (site / "2568/q3/v1/new.txt").write_text("mine", encoding="utf-8")
    for again in (lambda: publish(request(out, site)), lambda: rebuild(site)):
        with pytest.raises(StateError, match=r"new\.txt, 2568/q3/v1/report\.pdf"):
            again()


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
    release_log.record_check(folder, when="2025-11-19T08:00:00+07:00")
    release_log.approve(folder, who="ผู้อนุมัติ", when="2025-11-19T09:00:00+07:00")
    publish(request(out, site, allow_draft=False))
    publish(request(out, site, allow_draft=False))
    assert [entry.event for entry in release_log.read_log(out)] == ["checked", "approved", "published"]
    assert 'class="mark">ฉบับร่าง' not in (site / "index.html").read_text(encoding="utf-8")


def test_draft_and_synthetic_data_are_marked_on_every_page(eight):
    for page in eight.rglob("*.html"):
        if page.name == "report.html" or page.name.startswith(
            "status-"
        ):  # the issue's own marks; part of a marked page
            continue
        text = page.read_text(encoding="utf-8")
        marks = ("DRAFT", "Synthetic data") if 'lang="en">\n<head' in text else ("ฉบับร่าง", "ข้อมูลสังเคราะห์")
        for mark in marks:
            assert f'class="mark">{mark}' in text, page


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
    derived = ("index.html", "feed.xml", "*.ics", "series.csv", "site.js")
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


def test_rebuild_makes_everything_derived_again(places):
    out, site = places
    for quarter in ("2025-Q1", "2025-Q2", "2025-Q3"):
        build_small(out, quarter)
        publish(request(out, site, quarter))
    before = digests(site)
    for path in [path for path in site.rglob("*") if path.is_file() and "v1" not in path.parts]:
        path.unlink()
    rebuild(site)
    assert digests(site) == before


def test_rebuild_of_nothing_is_refused(places):
    with pytest.raises(StateError, match="no published issue"):
        rebuild(places[1])
    assert not places[1].exists()


class _KilledError(BaseException):
    """Stands for a kill between two files."""


def dead_for_a_reader(site: Path, old: dict[str, str]) -> list[str]:
    """Links that lead nowhere, on the pages that somebody finds who knows the addresses of the old state."""
    to_read, read, dead = [path for path in old if path.endswith(".html")], set(), []
    while to_read:
        page = to_read.pop()
        read.add(page)
        for target in tree.targets_of(page, (site / page).read_text(encoding="utf-8")):
            there = next((path for path in (target, f"{target}/index.html") if (site / path).is_file()), "")
            if not there:
                dead.append(f"{page} -> {target}")
            elif there.endswith(".html") and there not in read:
                to_read.append(there)
    return dead


def state(site: Path, old: dict[str, str], new: dict[str, str]) -> str:
    """What a reader of the site meets: the old state, the new one, or one between them that holds together; else what is wrong."""
    seen = digests(site)
    if seen in (old, new):
        return "old" if seen == old else "new"
    torn = sorted(path for path, digest in seen.items() if digest not in (old.get(path), new.get(path)))
    lost = sorted((old.keys() & new.keys()) - seen.keys())
    dead = dead_for_a_reader(site, old)
    if torn or lost or dead:
        return f"torn {torn}, lost {lost}, dead links {dead}"[:500]
    if seen["index.html"] != old["index.html"] and new.keys() - seen.keys():
        return "the home page came before what it leads to"
    return "between"


KILLS = 4


def _kill_at_random(out: Path, site: Path, said: multiprocessing.SimpleQueue) -> None:
    """Publish again and again in children that die at a random moment; say what the site was each time."""
    old = digests(site)
    kept = site.with_name("kept")
    shutil.copytree(site, kept)
    start = time.perf_counter()
    publish(request(out, site))
    whole = time.perf_counter() - start
    new = digests(site)
    random_places = random.Random(9)
    for number in range(
        KILLS
    ):  # the first before anything is put in place, the others one in each part of the time
        shutil.rmtree(site)
        shutil.copytree(kept, site)
        child = os.fork()
        if child == 0:
            publish(request(out, site))
            os._exit(0)
        time.sleep(1.1 * whole * (number + random_places.random()) / KILLS if number else 0)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said.put(state(site, old, new))
    publish(request(out, site))
    said.put("mended" if digests(site) == new else "not mended")
    said.put("clean" if not list(site.parent.glob(".*.old")) else "left over")


def test_a_publish_killed_at_any_moment_leads_no_reader_into_nothing(places):
    out, site = places
    build_small(out, "2025-Q2")
    build_small(out, "2025-Q3")
    publish(request(out, site, "2025-Q2"))
    fresh = multiprocessing.get_context("spawn")  # this process has threads, which a fork must not have
    said = fresh.SimpleQueue()
    child = fresh.Process(target=_kill_at_random, args=(out, site, said))
    child.start()
    child.join()
    seen = [said.get() for _ in range(KILLS + 2)]
    assert seen[-2:] == ["mended", "clean"]
    assert set(seen[:-2]) <= {"old", "new", "between"}
    assert "old" in seen


def test_every_moment_of_putting_in_place_leads_no_reader_into_nothing(places, monkeypatch):
    out, site = places
    build_small(out, "2025-Q2")
    build_small(out, "2025-Q3")
    publish(request(out, site, "2025-Q2"))
    old, kept, put = digests(site), site.with_name("kept"), tree._put
    shutil.copytree(site, kept)
    put_in_place = []
    monkeypatch.setattr(tree, "_put", lambda *paths: put_in_place.append(put(*paths)))
    publish(request(out, site))
    new = digests(site)
    seen = []
    count = len(put_in_place)
    for moment in sorted(
        {*range(0, count, count // 5), count - 2, count - 1}
    ):  # the last one puts the home page
        shutil.rmtree(site)
        shutil.copytree(kept, site)
        left = iter([True] * moment)

        def put_until(*paths, left=left):
            if not next(left, False):
                raise _KilledError
            put(*paths)

        monkeypatch.setattr(tree, "_put", put_until)
        with pytest.raises(_KilledError):
            publish(request(out, site))
        seen.append(state(site, old, new))
    assert len(seen) > 5 and seen[0] == "old" and "between" in seen
    assert set(seen) <= {"old", "new", "between"}
