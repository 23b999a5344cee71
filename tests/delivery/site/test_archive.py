"""What must not happen to an archive, on a folder that is served over HTTP: ../shared/cases/delivery.md, A."""

import datetime as dt
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

import icalendar
import pytest
from click.testing import CliRunner

from reporter.commands.release import publish_command
from reporter.commands.release import verify_command as verify
from reporter.delivery import release_log
from reporter.delivery.site import publish, rebuild, tree, withdraw
from reporter.domain.errors import ReporterError, StateError
from reporter.pipeline import manifest
from tests.delivery.site.conftest import NOW, build_small, request
from tests.delivery.site.test_publish import digests
from tests.support.loopback import QuietServer

pytestmark = pytest.mark.slow

HOME = "https://labour.example.org"


@pytest.fixture
def places(tmp_path):
    return tmp_path / "out", tmp_path / "www" / "labour"


@pytest.fixture
def get(places):
    """GET of an address under the web root, which is the folder above the site: status and text."""
    root = places[1].parent
    root.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(root))
    handler.log_message = lambda *arguments: None
    service = QuietServer(("127.0.0.1", 0), handler)
    threading.Thread(target=service.serve_forever, daemon=True).start()

    def ask(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{service.server_address[1]}/{path}") as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    yield ask
    service.shutdown()
    service.server_close()


def released(out, site, quarter, **more):
    """Build, approve and publish one quarter."""
    correction = more.pop("correction", "")
    now = more.pop("now", NOW)
    build_small(out, quarter, status="final", approved=True, **more)
    return publish(request(out, site, quarter, allow_draft=False, correction=correction, now=now))


# ------------------------------------------------------------------------------------- what was published stays


@pytest.mark.parametrize("harm", ["row", "row and checksum", "quarter", "file", "added"])
def test_harm_to_an_older_quarter_is_found_by_the_next_publish_of_any(places, harm):
    out, site = places
    released(out, site, "2025-Q2")
    released(out, site, "2025-Q3")
    old = site / "2568/q2/v1"
    table = old / "tables/labour_index.csv"
    if harm == "quarter":
        shutil.rmtree(site / "2568/q2")
    elif harm == "file":
        (old / "report.pdf").unlink()
    elif harm == "added":
        (old / "note.txt").write_text("x", encoding="utf-8")
    else:
        table.write_text(table.read_text(encoding="utf-8") + "overall,TH,2030-Q1,1\n", encoding="utf-8")
    if harm == "row and checksum":
        told = subprocess.run(
            ["sha256sum", "tables/labour_index.csv"], cwd=old, capture_output=True, text=True, check=True
        )
        sums = (old / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        mended = [told.stdout.strip() if line.endswith("tables/labour_index.csv") else line for line in sums]
        (old / "SHA256SUMS").write_text("\n".join(mended) + "\n", encoding="utf-8")
    before = digests(site)
    build_small(out, "2025-Q4", status="final", approved=True)
    for again in (
        lambda: publish(request(out, site, "2025-Q4", allow_draft=False)),
        lambda: publish(request(out, site, "2025-Q3", allow_draft=False)),
        lambda: rebuild(site, out=out),
    ):
        with pytest.raises(StateError, match="restore"):
            again()
    assert digests(site) == before
    if harm != "quarter":
        build_small(out, "2025-Q2", status="final", approved=True, sentence="อื่น")
    with pytest.raises(StateError):
        publish(request(out, site, "2025-Q2", allow_draft=False))
    assert isinstance(
        CliRunner().invoke(verify, ["--site", str(site), "--out", str(out)]).exception, StateError
    )


def test_a_file_that_was_changed_and_given_its_old_time_back_is_found(places):
    out, site = places
    released(out, site, "2025-Q2")
    released(out, site, "2025-Q3")
    table = site / "2568/q2/v1/tables/labour_index.csv"
    about = table.stat()
    content = table.read_bytes()
    table.write_bytes(content[:-2] + b"9\n")
    os.utime(table, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert table.stat().st_size == about.st_size
    build_small(out, "2025-Q4", status="final", approved=True)
    with pytest.raises(StateError, match=r"labour_index\.csv"):
        publish(request(out, site, "2025-Q4", allow_draft=False))


def test_a_log_that_was_cut_is_noticed_by_the_next_publish(places):
    out, site = places
    released(out, site, "2025-Q2")
    log = out / release_log.NAME
    whole = log.read_text(encoding="utf-8")
    head = json.loads((site / "2568/q2/v1/record.json").read_text(encoding="utf-8"))["log_head"]
    assert head in (site / "2568/q2/v1/index.html").read_text(encoding="utf-8")
    assert head in whole
    log.write_text(whole.splitlines()[0] + "\n", encoding="utf-8")
    build_small(out, "2025-Q3", status="final", approved=True)
    with pytest.raises(StateError, match="cut off"):
        publish(request(out, site, "2025-Q3", allow_draft=False))
    done = CliRunner().invoke(verify, ["--head", head, "--out", str(out)])
    assert isinstance(done.exception, StateError)


def test_a_site_made_anew_gets_what_was_published_before_or_nothing(places):
    out, site = places
    released(out, site, "2025-Q3")
    first = digests(site / "2568/q3/v1/tables")
    shutil.rmtree(site)
    publish(request(out, site, "2025-Q3", allow_draft=False))
    assert digests(site / "2568/q3/v1/tables") == first
    shutil.rmtree(site)
    with pytest.raises(StateError, match="other content"):
        released(out, site, "2025-Q3", sentence="อื่น")


def test_a_kill_between_the_website_and_the_log_is_mended_by_the_next_publish(places):
    out, site = places
    released(out, site, "2025-Q3")
    log = out / release_log.NAME
    log.write_text("\n".join(log.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    publish(request(out, site, "2025-Q3", allow_draft=False))
    publish(request(out, site, "2025-Q3", allow_draft=False))
    assert [entry.event for entry in release_log.read_log(out)].count("published") == 1


# -------------------------------------------------------------------------------------------- where the site stands


def test_nothing_but_the_site_is_under_the_web_root(places, get):
    out, site = places
    released(out, site, "2025-Q3")
    (site.parent / ".labour.publishing").mkdir()  # what an earlier program version kept
    (site.parent / ".labour.publishing" / "index.html").write_text("the state before", encoding="utf-8")
    released(out, site, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น", version=2, correction="กลับเครื่องหมาย")
    assert get("labour/2568/q3/v2/index.html")[0] == 200
    assert get(".labour.publishing/index.html")[0] == 404
    assert sorted(path.name for path in site.parent.iterdir()) == ["labour"]
    assert not list(site.rglob(".*"))
    assert not [path for path in out.iterdir() if path.name.startswith(".publishing")]


def test_a_server_that_holds_the_folder_sees_the_correction_at_once(places):
    out, site = places
    released(out, site, "2025-Q3")
    held = os.open(site, os.O_RDONLY)  # as a container's volume or a server's root does
    inode = site.stat().st_ino
    released(out, site, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น", version=2, correction="กลับเครื่องหมาย")
    assert site.stat().st_ino == inode
    descriptor = os.open("2568/q3/status-v1.html", os.O_RDONLY, dir_fd=held)
    with os.fdopen(descriptor, encoding="utf-8") as page:
        assert "กลับเครื่องหมาย" in page.read()
    os.close(held)


def can_mount() -> bool:
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="this machine lets no program mount a folder")
def test_publishing_into_a_mount_point_works_and_shows_under_the_mounted_name(places, tmp_path):
    out, site = places
    released(out, site, "2025-Q2")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    build_small(out, "2025-Q3", status="final", approved=True)
    program = (
        "import sys; from pathlib import Path; from reporter.delivery.site import publish;"
        "from tests.delivery.site.conftest import request;"
        "publish(request(Path(sys.argv[1]), Path(sys.argv[2]), '2025-Q3', allow_draft=False))"
    )
    # A tmpfs is another disk: nothing can be renamed into it from the folder of the built issues.
    script = (
        'mount -t tmpfs none "$2" && cp -a "$4/." "$2" && "$0" -c "$3" "$1" "$2" && '
        'cat "$2/index.html" && stat -c %a "$2/2568/q3/v1/report.pdf" && mkdir "$2-too" && mount --bind "$4" "$2-too" && "$0" -c "$3" "$1" "$2-too"'
    )
    command = [
        "unshare",
        "-rm",
        "bash",
        "-ec",
        script,
        sys.executable,
        str(out),
        str(mounted),
        program,
        str(site),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == 0, done.stderr
    assert "2568/q3/index.html" in done.stdout and "644" in done.stdout
    assert (site / "2568/q3/v1/report.pdf").exists()  # through the bind mount


def test_publishing_through_a_symbolic_link_keeps_the_link(places, tmp_path):
    out, site = places
    link = tmp_path / "current"
    site.mkdir(parents=True)
    link.symlink_to(site, target_is_directory=True)
    released(out, link, "2025-Q3")
    released(out, link, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น", version=2, correction="กลับเครื่องหมาย")
    assert link.is_symlink() and (site / "2568/q3/v2/index.html").exists()


@pytest.mark.parametrize("mask", [0o077, 0o000])
def test_rights_do_not_depend_on_the_umask(places, mask):
    out, site = places
    old = os.umask(mask)
    try:
        released(out, site, "2025-Q3")
    finally:
        os.umask(old)
    modes = {oct(path.stat().st_mode & 0o777) for path in [site, *site.rglob("*")] if path.is_dir()}
    assert modes == {"0o755"}
    assert {oct(path.stat().st_mode & 0o777) for path in site.rglob("*") if path.is_file()} == {"0o644"}


def test_an_error_leaves_the_site_as_it_was(places, monkeypatch):
    out, site = places
    released(out, site, "2025-Q2")
    before = digests(site)
    build_small(out, "2025-Q3", status="final", approved=True)
    # The package gives the name of the module to its function, so the module is taken from where Python keeps it.
    steps = sys.modules["reporter.delivery.site.publish"]
    monkeypatch.setattr(steps, "write_derived", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(request(out, site, "2025-Q3", allow_draft=False))
    assert digests(site) == before


# -------------------------------------------------------------------------------------------------- versions, moving


def test_report_mail_and_website_have_one_version_number(places):
    out, site = places
    released(out, site, "2025-Q3")
    with pytest.raises(StateError, match="--version 2"):
        released(out, site, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น", correction="กลับเครื่องหมาย")
    with pytest.raises(StateError, match="--correction"):
        released(out, site, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น", version=2)
    assert (
        released(out, site, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น", version=2, correction="กลับเครื่องหมาย").version == 2
    )
    entry = [entry for entry in release_log.read_log(out) if entry.event == "published"][-1]
    assert (entry.version, entry.correction) == (2, "กลับเครื่องหมาย")


def test_two_versions_of_one_day_have_their_own_times_in_the_feed(places):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    later = NOW + dt.timedelta(hours=2, minutes=5)
    released(
        out,
        site,
        "2025-Q3",
        website=HOME,
        sentence="ดัชนีเพิ่มขึ้น",
        version=2,
        correction="กลับเครื่องหมาย",
        now=later,
    )
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(site / "feed.xml").getroot()
    moments = [
        entry.find(f"{atom}{name}").text
        for entry in feed.findall(f"{atom}entry")
        for name in ("updated", "published")
    ]
    assert moments == [later.isoformat()] * 2 + [NOW.isoformat()] * 2
    assert feed.find(f"{atom}updated").text == later.isoformat()
    sitemap = (site / "sitemap.xml").read_text(encoding="utf-8")
    assert f"{HOME}/2568/q3/v2/" in sitemap and "/v1/" not in sitemap
    assert sitemap.count("<lastmod>") == sitemap.count("<loc>") > 10


def test_rebuild_with_another_address_moves_every_page_but_no_published_byte(places, tmp_path):
    out, site = places
    for quarter in ("2025-Q1", "2025-Q2", "2025-Q3"):
        released(out, site, quarter, website="https://old.example.org")
    before = {name: digest for name, digest in digests(site).items() if name[4:6] == "/q" and "/v1/" in name}
    workspace = tmp_path / "work"
    workspace.mkdir()
    (workspace / "workspace.toml").write_text('website = "https://new.example.org"\n', encoding="utf-8")
    rebuild(site, data=workspace, out=out)
    for path in site.rglob("*"):
        if path.is_file() and "v1" not in path.parts and path.suffix != ".woff2":
            assert b"old.example.org" not in path.read_bytes(), path
    assert "https://new.example.org/2568/q3/" in (site / "sitemap.xml").read_text(encoding="utf-8")
    assert {
        name: digest for name, digest in digests(site).items() if name[4:6] == "/q" and "/v1/" in name
    } == before
    moved = digests(site)
    publish(request(out, site, "2025-Q3", allow_draft=False))
    assert digests(site) == moved  # the old address does not come back with the next publish


# ------------------------------------------------------------------------------------------- what holders of a file find


def test_the_short_address_says_whether_a_version_is_the_newest_corrected_or_withdrawn(places, get):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    assert "เป็นฉบับล่าสุด" in get("labour/s/2568q3v1/index.html")[1]
    released(
        out, site, "2025-Q3", website=HOME, sentence="ดัชนีเพิ่มขึ้น", version=2, correction="กลับเครื่องหมาย <ดัชนี>"
    )
    page = get("labour/s/2568q3v1/index.html")[1]
    assert "มีการแก้ไข" in page and "กลับเครื่องหมาย &lt;ดัชนี&gt;" in page and "ฉบับที่ 2" in page
    assert "ระดับของการแก้ไข: เปลี่ยนเฉพาะรายละเอียด" in page
    withdraw(request(out, site, "2025-Q3"), 2, "แหล่งข้อมูลผิดทั้งชุด")
    for place in ("s/2568q3v2", "2568/q3"):
        assert "แหล่งข้อมูลผิดทั้งชุด" in get(f"labour/{place}/index.html")[1]
    assert "ถูกถอนแล้ว" in get("labour/2568/q3/status-v2.html")[1]
    assert get("labour/2568/q3/v2/report.pdf")[0] == 200
    with pytest.raises(StateError, match="not on the website"):
        withdraw(request(out, site, "2025-Q3"), 3, "x")
    done = CliRunner().invoke(verify, ["--site", str(site), "--out", str(out)])
    assert done.exit_code == 0 and "none dead" in done.output, done.output


def withdrawn(out, site, version, reason="ตัวเลขผิด", **more):
    return withdraw(request(out, site, "2025-Q3", **more), version, reason)


def test_nobody_is_sent_to_a_withdrawn_version(places, get):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    for version in (2, 3):
        released(
            out, site, "2025-Q3", website=HOME, sentence=f"อื่น {version}", version=version, correction="แก้"
        )
    first = ("labour/s/2568q3v1/index.html", "labour/2568/q3/status-v1.html")
    withdrawn(out, site, 2)
    for place in first:
        page = get(place)[1]
        assert re.search(r'v3/index.html"[^>]*>(?:ฉบับที่ 3|อ่านฉบับแก้ไข \(ฉบับที่ 3\))</a>', page), place
        assert 'v2/index.html"' not in page and "ไม่มีฉบับที่มีผล" not in page, place
    for place in ("labour/s/2568q3v2/index.html", "labour/2568/q3/status-v2.html"):
        assert 'v3/index.html"' in get(place)[1], place
    withdrawn(out, site, 3, "แหล่งข้อมูลผิด")
    for place in (
        *first,
        "labour/s/2568q3v2/index.html",
        "labour/2568/q3/status-v3.html",
        "labour/2568/q3/index.html",
    ):
        page = get(place)[1]
        assert "ขณะนี้ไม่มีฉบับที่มีผลให้ใช้แทน" in page and "โปรดใช้" not in page, place
        assert "แหล่งข้อมูลผิด" in page and "อ่านฉบับแก้ไข" not in page, place
    assert "withdrawn on 2025-11-20" in get("labour/en/2568/q3/index.html")[1]
    assert tree.dead_links(site)[1] == []


def test_the_day_of_a_withdrawal_is_that_of_bangkok_also_where_the_record_holds_another_zone(places, get):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    evening = dt.datetime(2025, 11, 20, 17, 30, tzinfo=dt.UTC)  # the morning of the 21st in Bangkok
    withdrawn(out, site, 1, now=evening)
    kept = site / "2568/q3/withdrawn.json"
    assert json.loads(kept.read_text(encoding="utf-8"))["1"]["when"] == "2025-11-21T00:30:00+07:00"
    kept.write_text(json.dumps({"1": {"when": evening.isoformat(), "reason": "ตัวเลขผิด"}}), encoding="utf-8")
    rebuild(site, out=out, now=evening)
    for place in ("s/2568q3v1/index.html", "2568/q3/status-v1.html", "2568/q3/index.html"):
        page = get(f"labour/{place}")[1]
        assert "21 พฤศจิกายน 2568: ตัวเลขผิด" in page.replace("\u00a0", " "), place
    assert "2025-11-21T00:30:00+07:00" in get("labour/feed.xml")[1]


def test_a_second_withdrawal_changes_nothing_and_completes_a_log_that_lacks_it(places):
    out, site = places
    released(out, site, "2025-Q3")
    log = out / release_log.NAME
    before = log.read_bytes()
    assert withdrawn(out, site, 1).is_new
    pages, once = digests(site), log.read_bytes()
    told = withdrawn(out, site, 1, "เหตุผลอื่น", now=NOW + dt.timedelta(days=3))
    assert not told.is_new and (digests(site), log.read_bytes()) == (pages, once)
    log.write_bytes(before)  # killed between the website and the log
    withdrawn(out, site, 1, "เหตุผลอื่น", now=NOW + dt.timedelta(days=3))
    assert (digests(site), log.read_bytes()) == (pages, once)
    command = ["-q", "2025-Q3", "--site", str(site), "--out", str(out), "--withdraw", "อีก", "--version", "1"]
    done = CliRunner().invoke(publish_command, [*command, "--data", str(out)])
    assert done.exit_code == 0 and "was withdrawn before" in done.output, (done.output, done.exception)
    assert (digests(site), log.read_bytes()) == (pages, once)


def test_verify_names_the_files_that_are_other_than_the_published_ones(places, tmp_path):
    out, site = places
    released(out, site, "2025-Q3")
    forged = tmp_path / "copy" / "2025-Q3"
    shutil.copytree(out, forged.parent)
    table = forged / "tables" / "labour_index.csv"
    table.write_text(table.read_text(encoding="utf-8") + "overall,TH,2030-Q1,1\n", encoding="utf-8")
    head = {key: value for key, value in manifest.read(forged).items() if key not in ("outputs", "inputs")}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=forged), forged)
    told = CliRunner().invoke(verify, [str(forged)]).exception
    assert isinstance(told, StateError) and "These files differ: tables/labour_index.csv." in str(told)


def test_every_companion_names_address_version_and_digest_of_the_tables(places):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    version = site / "2568/q3/v1"
    custom = json.loads((version / "datapackage.json").read_text(encoding="utf-8"))["custom"]
    told = subprocess.run(
        "sha256sum *.csv | sha256sum",
        shell=True,
        cwd=version / "tables",
        capture_output=True,
        text=True,
        check=True,
    )
    assert custom["data_id"] == told.stdout[:64]
    assert (custom["version"], custom["permanent_address"], custom["status_address"]) == (
        1,
        f"{HOME}/2568/q3/",
        f"{HOME}/s/2568q3v1/",
    )


# ------------------------------------------------------------------------------------------------- quality, calendar


def with_findings(out, **settings):
    """An approved issue with an editor's page, findings and a waiver."""
    from reporter.pipeline import manifest

    folder = build_small(out, "2025-Q3", status="final", **settings)
    for name in ("qa.html", "qa.json"):
        (folder / name).write_text("อัตราว่างงานผิดปกติ", encoding="utf-8")
    kept = {
        key: value
        for key, value in manifest.read(folder).items()
        if key not in ("inputs", "outputs", "versions")
    }
    head = {
        **kept,
        "qa": {"error": 0, "warning": 3, "note": 7},
        "waivers": [{"reason": "โทรสอบถามแล้ว", "by": "นางสาวดี"}],
    }
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    release_log.record_check(folder, when=NOW.isoformat())
    release_log.approve(folder, who="ก", when=NOW.isoformat())


def test_findings_and_waivers_stay_in_the_office_and_a_short_statement_is_public(places):
    out, site = places
    with_findings(out)
    publish(request(out, site, "2025-Q3", allow_draft=False))
    everything = [path for path in site.rglob("*") if path.is_file()]
    assert not {"qa.html", "qa.json"} & {path.name for path in everything}
    for secret in ("โทรสอบถามแล้ว", "นางสาวดี", "อัตราว่างงานผิดปกติ"):
        assert not [path for path in everything if secret.encode() in path.read_bytes()]
    page = (site / "2568/q3/v1/index.html").read_text(encoding="utf-8")
    assert "คำเตือน 3 รายการ ผู้รับผิดชอบตรวจสอบและรับรองแล้ว 1 รายการ" in page
    record = json.loads((site / "2568/q3/v1/record.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry["sha256"] for entry in record["files"]}
    assert listed.items() <= digests(site / "2568/q3/v1").items()


def test_a_workspace_may_publish_them(places):
    out, site = places
    with_findings(out, publish_qa=True)
    publish(request(out, site, "2025-Q3", allow_draft=False))
    assert (site / "2568/q3/v1/qa.html").exists()
    assert "โทรสอบถามแล้ว" in (site / "2568/q3/v1/manifest.json").read_text(encoding="utf-8")


def test_a_year_later_the_calendar_says_late_and_expects_dates_to_come(places):
    out, site = places
    released(out, site, "2025-Q3")
    a_year_later = NOW + dt.timedelta(days=365)
    rebuild(site, out=out, now=a_year_later)
    events = icalendar.Calendar.from_ical((site / "calendar/releases.ics").read_bytes()).walk("VEVENT")
    coming = [event.decoded("DTSTART") for event in events if str(event["STATUS"]) == "TENTATIVE"]
    assert len(coming) == 4 and min(coming) >= a_year_later.date()
    page = (site / "calendar/index.html").read_text(encoding="utf-8")
    assert page.count("เลยกำหนดแล้ว ยังไม่เผยแพร่") == 4


def test_the_release_that_the_website_announces_holds_too(places, tmp_path):
    out, site = places
    workspace = tmp_path / "work"
    workspace.mkdir()
    declared = '[[releases]]\nquarter = "2025-Q3"\nat = 2025-12-01T10:00:00\n'
    (workspace / "calendar.toml").write_text(declared, encoding="utf-8")
    build_small(out, "2025-Q2", status="final", approved=True)
    publish(request(out, site, "2025-Q2", allow_draft=False, data=workspace))
    (workspace / "calendar.toml").unlink()
    for allow_draft in (False, True):
        build_small(out, "2025-Q3", status="final", approved=not allow_draft)
        with pytest.raises(StateError, match="embargo"):
            publish(request(out, site, "2025-Q3", allow_draft=allow_draft, data=workspace))


@pytest.mark.parametrize(
    "name", ["calendar/declared.json", "2568/q3/withdrawn.json", "2568/q3/v1/record.json"]
)
def test_a_damaged_file_of_the_site_is_named_and_nothing_changes(places, name):
    out, site = places
    released(out, site, "2025-Q3")
    (site / name).write_text('{"1": 2}', encoding="utf-8")
    before = digests(site)
    with pytest.raises(ReporterError, match=name.rpartition("/")[2]):
        publish(request(out, site, "2025-Q3", allow_draft=False))
    assert digests(site) == before


# ------------------------------------------------------------------------------------------------- sites of before


def test_a_site_of_the_first_program_version_is_carried_on(places):
    """Records were called issue.json, knew the day only, and the declared releases stood alone."""
    out, site = places
    released(out, site, "2025-Q2", website=HOME)
    version = site / "2568/q2/v1"
    content = json.loads((version / "record.json").read_text(encoding="utf-8"))
    for name in ("published_at", "log_head", "data_id", "correction_changes", "quality"):
        del content[name]
    (version / "record.json").unlink()
    (version / "issue.json").write_text(json.dumps({**content, "format": 1}), encoding="utf-8")
    told = subprocess.run(
        "sha256sum $(find . -type f ! -name SHA256SUMS | sed 's,^./,,' | sort)",
        shell=True,
        cwd=version,
        capture_output=True,
        text=True,
        check=True,
    )
    (version / "SHA256SUMS").write_text(told.stdout, encoding="utf-8")
    (site / "calendar/declared.json").write_text('{"2025-Q4": "2026-02-20T10:00:00+07:00"}', encoding="utf-8")
    shutil.rmtree(site / "s")
    (out / release_log.NAME).unlink()
    before = digests(version)
    released(out, site, "2025-Q3", website=HOME)
    assert digests(version) == before
    assert (
        "เป็นฉบับล่าสุด" in (site / "s/2568q2v1/index.html").read_text(encoding="utf-8")
        or not (site / "s/2568q2v1").exists()
    )
    assert "20 กุมภาพันธ์ 2569" in (site / "calendar/index.html").read_text(encoding="utf-8").replace(
        "\u00a0", " "
    )
    rebuild(site, out=out)
    assert digests(version) == before
    assert CliRunner().invoke(verify, ["--site", str(site), "--out", str(out)]).exit_code == 0


# --------------------------------------------------------------------------------------------- severity of a correction


def direction(says: str) -> dict:
    return {
        "kind": "direction",
        "of": "labour_index?dimension=overall&group=TH&period=2025-Q3#value - 1",
        "says": says,
    }


@pytest.mark.parametrize(
    ("claims", "sentence", "severity"),
    [
        ("down", "ดัชนีลดลง 2.3 จุด", "details"),
        ("up", "ดัชนีเพิ่มขึ้น 2.3 จุด", "meaning"),
    ],
)
def test_the_severity_is_computed_from_sentences_that_change_their_truth_value(
    places, claims, sentence, severity
):
    out, site = places
    released(out, site, "2025-Q3", claims=[direction("down")])
    released(
        out,
        site,
        "2025-Q3",
        version=2,
        correction="x",
        sentence=sentence,
        claims=[direction(claims)],
        website=HOME,
    )
    changes = json.loads((site / "2568/q3/v2/record.json").read_text(encoding="utf-8"))["correction_changes"]
    assert changes["severity"] == severity
    page = (site / "s/2568q3v1/index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert ("เดิม: ดัชนีลดลง 2.3 จุด" in page and "แก้เป็น: ดัชนีเพิ่มขึ้น 2.3 จุด" in page) == (severity == "meaning")


def test_a_changed_headline_is_told_with_the_old_and_the_new_number_by_page_feed_and_letter(places):
    from reporter.delivery.built_issue import compare, headline_changes
    from tests.support.mailbox import HEADLINE, make_issue

    old = make_issue(places[0] / "a", approved=False)
    newer = {**HEADLINE, "labour_index": {"value": 101.94, "change_quarter": -0.4, "change_year": -1.5}}
    new = make_issue(places[0] / "b", approved=False, headline=newer)
    found = compare(old, new)
    assert found.headline == headline_changes(HEADLINE, newer)
    assert found.headline[0] == "ดัชนีเศรษฐกิจแรงงาน เปลี่ยนจาก 101.2 จุด เป็น 101.9 จุด"
    assert found.severity == "meaning"  # up on the quarter became down
    assert found.tables == {"labour_index": 3}  # this quarter, the one before, the one a year ago
    assert compare(old, old).record() == {
        "severity": "details",
        "headline": [],
        "sentences": [],
        "tables": {},
    }


# --------------------------------------------------------------------------- every old address at every publish


def test_every_publish_walks_all_old_addresses_and_names_what_is_gone(places, get, monkeypatch):
    out, site = places
    today = tree._files()
    style = next(name for name in today if name.endswith(".css"))
    # The first issue is published by a program with another style sheet, which its pages keep.
    earlier = {name: content for name, content in today.items() if name != style}
    monkeypatch.setattr(tree, "_files", lambda: {**earlier, "site.000000000000.css": b"p{}"})
    released(out, site, "2025-Q1")
    monkeypatch.setattr(tree, "_files", lambda: today)
    for quarter in ("2025-Q2", "2025-Q3"):
        told = released(out, site, quarter).notes[0]
    assert "links on" in told[1] and "none is dead" in told[1]
    addresses = [path for path in digests(site) if not path.startswith(".")]
    (site / "assets/site.000000000000.css").rename(out / "lost.css")
    (site / "of-others.html").write_text('<a href="nowhere.html">x</a>', encoding="utf-8")
    build_small(out, "2025-Q4", status="final", approved=True)
    before = digests(site)
    with pytest.raises(StateError, match=r"2568/q1/v1/index\.html -> assets/site\.000000000000\.css"):
        publish(request(out, site, "2025-Q4", allow_draft=False))
    assert digests(site) == before
    (out / "lost.css").rename(site / "assets/site.000000000000.css")
    publish(request(out, site, "2025-Q4", allow_draft=False))
    for path in addresses:
        assert get(f"{site.name}/{path}")[0] == 200, path


@pytest.mark.parametrize("harm", ["changed", "gone"])
@pytest.mark.parametrize(
    "page",
    [
        "2567/q4/index.html",
        "2567/q4/status-v1.html",
        "s/2567q4v1/index.html",
        "2567/q4/dashboard/index.html",
        "en/2567/q4/index.html",
        "api/v1/issues/2024-Q4.json",
    ],
)
def test_a_page_that_was_changed_or_lost_is_made_again_by_the_next_publish(places, get, harm, page):
    out, site = places
    for quarter in ("2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"):
        released(out, site, quarter)
    good = (site / page).read_bytes()
    if harm == "gone":
        (site / page).unlink()
    else:
        changed = good.replace(b"</h1>", b" 999.9</h1>", 1)
        (site / page).write_bytes(good + b"\n999.9" if changed == good else changed)
    told = publish(request(out, site, "2025-Q3", allow_draft=False)).notes
    assert (site / page).read_bytes() == good
    assert any("2024-Q4" in english for _, english in told)
    assert get(f"{site.name}/{page}")[0] == 200


def test_a_site_that_was_moved_is_known_by_what_it_holds(places):
    out, site = places
    for quarter in ("2025-Q1", "2025-Q2"):
        released(out, site, quarter)
    moved = site.with_name("labour-new")
    site.rename(moved)
    released(out, moved, "2025-Q3")
    shutil.rmtree(moved / "2568/q1")
    build_small(out, "2025-Q4", status="final", approved=True)
    with pytest.raises(StateError, match="2025-Q1"):
        publish(request(out, moved, "2025-Q4", allow_draft=False))


def test_a_rehearsed_site_that_was_thrown_away_does_not_bind_another(places):
    out, site = places
    trial = site.with_name("trial")
    for quarter in ("2025-Q1", "2025-Q2"):
        released(out, trial, quarter)
    shutil.rmtree(trial)
    later = NOW + dt.timedelta(hours=1)
    publish(request(out, site, "2025-Q2", allow_draft=False, now=later))
    assert released(out, site, "2025-Q3", now=later).version == 1


# ------------------------------------------------------------------- folders, clocks and numbers that are not as usual


def test_a_site_that_was_emptied_gets_its_version_back_byte_for_byte_and_goes_on(places):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    first = digests(site / "2568/q3/v1")
    shutil.rmtree(site)
    a_day_later = NOW + dt.timedelta(days=1)
    assert publish(request(out, site, "2025-Q3", allow_draft=False, now=a_day_later)).is_new
    assert digests(site / "2568/q3/v1") == first
    assert released(out, site, "2025-Q4", now=a_day_later).version == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_an_emptied_site_of_many_quarters_is_not_begun_anew(places, is_known):
    out, site = places
    for quarter in ("2025-Q1", "2025-Q2"):
        released(out, site, quarter)
    shutil.rmtree(site)
    if not is_known:
        shutil.rmtree(out / "site-checks")
    for quarter in ("2025-Q2", "2025-Q3"):
        build_small(out, quarter, status="final", approved=True)
        with pytest.raises(StateError, match="restore"):
            publish(request(out, site, quarter, allow_draft=False))
    assert not list(site.rglob("*.html"))


def test_a_skipped_version_links_to_the_one_that_it_corrects(places, get):
    out, site = places
    released(out, site, "2025-Q3", website=HOME)
    released(out, site, "2025-Q3", website=HOME, version=4, sentence="ดัชนีลดลง 2.4 จุด", correction="แก้")
    page = (site / "2568/q3/v4/index.html").read_text(encoding="utf-8")
    assert "v1/index.html" in page and "v3/" not in page
    assert get(f"{site.name}/s/2568q3v4/index.html")[0] == 200


@pytest.mark.parametrize("act", ["correction", "next quarter", "withdraw"])
def test_nothing_is_published_at_a_time_before_the_last_publication(places, act):
    out, site = places
    released(out, site, "2025-Q3")
    before = digests(site)
    early = NOW - dt.timedelta(days=365)
    with pytest.raises(StateError, match="clock"):
        if act == "withdraw":
            withdraw(request(out, site, "2025-Q3", now=early), 1, "ตัวเลขผิด")
        elif act == "correction":
            released(out, site, "2025-Q3", now=early, version=2, sentence="อื่น", correction="แก้")
        else:
            released(out, site, "2025-Q4", now=early)
    assert digests(site) == before


@pytest.mark.parametrize(
    "place", ["2568", "2568/q2", "2568/q2/v1", "2568/q2/v1/tables", "2568/q2/v1/report.pdf"]
)
def test_what_is_published_does_not_become_a_link_to_another_place(places, tmp_path, place):
    out, site = places
    released(out, site, "2025-Q2")
    shutil.move(site / place, tmp_path / "elsewhere")
    (site / place).symlink_to(tmp_path / "elsewhere")
    build_small(out, "2025-Q3", status="final", approved=True)
    with pytest.raises(StateError, match=place.split("/")[-1]):
        publish(request(out, site, "2025-Q3", allow_draft=False))


def test_ledger_log_and_recipients_never_lie_under_the_web_root(places, tmp_path):
    out, site = places
    released(out, site, "2025-Q2")
    shutil.copytree(out, site / "out")
    build_small(site / "out", "2025-Q3", status="final", approved=True)
    for wrong in ({"out": site / "out"}, {"data": site / "assets"}):
        asked = request(**{"out": out, "site": site, "quarter": "2025-Q3", **wrong})
        with pytest.raises(StateError, match="under the website"):
            publish(asked)
    with pytest.raises(StateError, match="under the website"):
        rebuild(site, out=site / "out")


def test_a_withdrawn_version_goes_to_nobody_any_more_and_its_correction_does(places):
    out, site = places
    released(out, site, "2025-Q3")
    withdraw(request(out, site, "2025-Q3"), 1, "ตัวเลขผิด")
    folder = out / "2025-Q3"
    with pytest.raises(StateError, match="was withdrawn"):
        publish(request(out, site.with_name("other"), "2025-Q3", allow_draft=False))
    with pytest.raises(StateError, match="was withdrawn"):
        release_log.require_not_retracted(folder, release_log.read_issue(folder))
    told = released(out, site, "2025-Q3", version=2, sentence="อื่น", correction="แก้")
    assert told.version == 2
    release_log.require_not_retracted(folder, release_log.read_issue(folder))


# ------------------------------------------------------------------------------------------ disks that say no


def in_a_mount(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script as root of a mount namespace of its own; nothing is mounted outside it."""
    command = ["unshare", "--mount", "--user", "--map-root-user", "bash", "-ec", script, "x"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "PYTHON": sys.executable},
    )


PUBLISH = '"$PYTHON" -m reporter publish -q {quarter} --site "$1" --out "$2" --data "$3"'


@pytest.mark.parametrize(
    ("disk", "words"),
    [
        ('mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"', "No permission"),
        ('size=$(( $(du -sk "$1" | cut -f1) + 2000 )); cp -a "$1" "$4" && mount -t tmpfs -o size=${size}k none "$1" && cp -a "$4"/. "$1"/ && (dd if=/dev/zero of="$1/.filler" bs=1k 2>/dev/null || true)', "disk is full"),
    ],
    ids=["read-only", "full"],
)  # fmt: skip
def test_a_disk_that_takes_nothing_is_named_and_the_next_publish_completes(places, tmp_path, disk, words):
    if not can_mount():
        pytest.skip("this machine lets nobody mount")
    out, site = places
    data = tmp_path / "data"
    (data / "series").mkdir(parents=True)
    released(out, site, "2025-Q2")
    before = digests(site)
    build_small(out, "2025-Q3", status="final", approved=True)
    told = in_a_mount(f"{disk}\n{PUBLISH.format(quarter='2025-Q3')}", site, out, data, tmp_path / "copy")
    assert told.returncode == 1, told.stderr
    assert words in told.stderr and "Traceback" not in told.stderr
    assert digests(site) == before
    assert [entry.event for entry in release_log.read_log(out)].count("published") == 1
    assert publish(request(out, site, "2025-Q3", allow_draft=False)).is_new


def test_every_issue_has_a_page_in_english_and_both_languages_name_each_other(places):
    out, site = places
    build_small(out, "2025-Q2", website="https://labour.example.org")
    publish(request(out, site, "2025-Q2"))
    build_small(out, "2025-Q3", website="https://labour.example.org")
    publish(request(out, site))
    for path in ("", "2568/q2/", "2568/q3/"):
        thai, english = (
            (site / folder / "index.html").read_text(encoding="utf-8") for folder in (path, f"en/{path}")
        )
        assert '<html lang="th">' in thai and '<html lang="en">' in english
        for page in (thai, english):
            for lang, folder in (("th", path), ("en", f"en/{path}")):
                link = f'<link rel="alternate" hreflang="{lang}" href="https://labour.example.org/{folder}">'
                assert link in page
        without = re.sub(r'<[^>]* lang="th"[^>]*>[^<]*<|กระทรวงแรงงาน', "", english)
        assert not re.search("[\u0e00-\u0e7f]", without), re.findall("[\u0e00-\u0e7f]+", without)
        assert "Data in Thai (XLSX)" in english  # these issues have no English workbook
    assert "Q2 2025" in (site / "en" / "index.html").read_text(encoding="utf-8")
