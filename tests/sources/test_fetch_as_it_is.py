"""`reporter fetch SERVICE:DATASET` against a loopback server that plays the documented answers."""

from __future__ import annotations

import csv
import io
import json
import socket
from pathlib import Path

import pytest

from reporter.cli import main
from reporter.sources.catalogue import load as load_catalogue
from tests.support.loopback import KEY, Reply, Request, Server, as_json, envelope

MOL_PATH = "/LMIS_API/API/V1/API_DATA/request"
TESTING = {
    "RSumTesting": [
        {"year": "2561", "quarterName": "ไตรมาส 3", "sumTestResult": 9710, "percentOfPassed": 71.08},
        {"year": "2556", "quarterName": "ไตรมาส 4", "sumTestResult": 7418, "percentOfPassed": 75.08},
    ]
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setattr("reporter.sources.access.time.sleep", lambda seconds: None)
    monkeypatch.setenv("MOL_API_KEY", KEY)
    monkeypatch.setenv("GOVSPENDING_API_KEY", KEY)
    monkeypatch.setenv("MOL_API_URL", server.url)
    monkeypatch.setenv("GOVSPENDING_API_URL", server.url)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        main(["fetch", *arguments])
        status = 0
    except SystemExit as stop:
        status = int(stop.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def snapshots(folder: Path, service: str) -> tuple[list[bytes], dict]:
    found = folder / "snapshots" / service
    (record,) = found.glob("*.snapshot.json")
    content = json.loads(record.read_text(encoding="utf-8"))
    return [(found / page["file"]).read_bytes() for page in content["pages"]], content


def pages_of(rows: list[dict], most: int = 100):
    def answer(request: Request) -> Reply:
        offset, limit = int(request.query.get("offset", 0)), int(request.query.get("limit", 100))
        return envelope(rows[offset : offset + min(limit, most)], total=len(rows))

    return answer


def assert_key_nowhere(folder: Path, *texts: str) -> None:
    for text in texts:
        assert KEY not in text
    for path in folder.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path.name


def test_mol_answer_is_kept_byte_for_byte_and_printed_as_csv(server, tmp_path, capsys):
    server.answer = lambda request: as_json(TESTING)
    status, out, err = run(capsys, "mol:RFNEXzMx", "--csv", "--data", str(tmp_path))
    assert status == 0, err
    assert server.requests[0].path == MOL_PATH
    assert server.requests[0].query == {"resource_id": "RFNEXzMx"}
    assert server.requests[0].headers["api-key"] == KEY
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["quarterName"] for row in rows] == ["ไตรมาส 3", "ไตรมาส 4"]
    contents, record = snapshots(tmp_path, "mol")
    assert contents == [as_json(TESTING).body]
    assert record["pages"][0]["address"] == f"{server.url}{MOL_PATH}?resource_id=RFNEXzMx"
    assert_key_nowhere(tmp_path, out, err)


def test_three_pages_of_257_rows_come_complete(server, tmp_path, capsys):
    rows = [{"year": "2568", "agc_code": f"{n:05d}", "agc_name": f"หน่วยงาน {n}"} for n in range(257)]
    server.answer = pages_of(rows)
    status, out, err = run(capsys, "govspending:bbagc?year=2568", "--csv", "--data", str(tmp_path))
    assert status == 0, err
    assert [row["agc_code"] for row in csv.DictReader(io.StringIO(out))] == [row["agc_code"] for row in rows]
    assert len(snapshots(tmp_path, "govspending")[0]) == 3
    assert [request.query["offset"] for request in server.requests] == ["0", "100", "200"]
    assert {request.path for request in server.requests} == {"/govspending/bbagc"}
    assert_key_nowhere(tmp_path, out, err)


def test_a_server_that_hands_out_less_than_asked_is_paged_by_what_came(server, tmp_path, capsys):
    rows = [{"dept_code": f"{n:04d}"} for n in range(50)]
    server.answer = pages_of(rows, most=20)
    status, out, _ = run(capsys, "govspending:egpdepartment?limit=1000", "--csv", "--data", str(tmp_path))
    assert status == 0
    assert len(out.splitlines()) == 51
    assert [request.query["offset"] for request in server.requests] == ["0", "20", "40"]


def test_a_service_without_total_is_asked_until_a_page_is_empty(server, tmp_path, capsys):
    rows = [{"project_id": str(n)} for n in range(150)]

    def answer(request: Request) -> Reply:
        offset = int(request.query["offset"])
        return envelope(rows[offset : offset + 100])

    server.answer = answer
    status, out, _ = run(capsys, "govspending:cgdcontract?year=2568", "--csv", "--data", str(tmp_path))
    assert status == 0
    assert len(out.splitlines()) == 151


def test_pages_that_stop_before_the_total_are_refused(server, tmp_path, capsys):
    server.answer = lambda request: envelope([{"a": 1}] if request.query["offset"] == "0" else [], total=5)
    status, _, err = run(capsys, "govspending:bbagc", "--data", str(tmp_path))
    assert status == 3
    assert "5" in err and len(err.splitlines()) == 1
    assert not (tmp_path / "snapshots").exists()


def test_two_503_are_survived(server, tmp_path, capsys):
    left = [503, 503]
    server.answer = lambda request: Reply(status=left.pop()) if left else as_json(TESTING)
    status, out, _ = run(capsys, "mol:RFNEXzMx", "--csv", "--data", str(tmp_path))
    assert status == 0
    assert len(server.requests) == 3
    assert len(out.splitlines()) == 3


def test_a_broken_connection_is_tried_again(server, tmp_path, capsys):
    left = [Reply(hang_up=True)]
    server.answer = lambda request: left.pop() if left else as_json(TESTING)
    assert run(capsys, "mol:RFNEXzMx", "--data", str(tmp_path))[0] == 0


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Reply(b'{"message": "Unauthorized"}', 401), "MOL_API_KEY"),
        (Reply(b"", 403), "MOL_API_KEY"),
        (as_json({"status": False, "code": 200, "msg": f"invalid api-key {KEY}"}), "MOL_API_KEY"),
        (as_json({"message": "Invalid token"}), "MOL_API_KEY"),
        (Reply(b'{"RSumTesting": [{"year": "25'), "JSON"),
        (Reply(b"<!DOCTYPE html><html><body>maintenance</body></html>"), "หน้าเว็บ"),
        (as_json({"status": False, "msg": "resource not found"}), "resource not found"),
        (Reply(b"", 404), "404"),
        (Reply(b"", 503), "503"),
        (as_json(["not", "rows"]), "รูปแบบ"),
        (Reply(b'{"X": [{"value": ' + b"9" * 5000 + b"}]}"), "JSON"),
        (Reply(b"[" * 100_000), "JSON"),
        (Reply(b"\xff\xfe\x00\x01"), "JSON"),
        (Reply(b""), "JSON"),
    ],
)
def test_a_bad_answer_ends_with_status_3_and_one_line(server, tmp_path, capsys, reply, word):
    server.answer = lambda request: reply
    status, out, err = run(capsys, "mol:RFNEXzMx", "--csv", "--data", str(tmp_path))
    assert (status, out) == (3, "")
    assert len(err.splitlines()) == 1
    assert word in err
    assert_key_nowhere(tmp_path, err)


def test_a_refused_connection_ends_with_status_3_and_one_line(tmp_path, capsys, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("GOVSPENDING_API_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        status, _, err = run(capsys, "govspending:gf_stg?year=2568", "--data", str(tmp_path))
    assert status == 3
    assert len(err.splitlines()) == 1
    assert_key_nowhere(tmp_path, err)


def test_a_key_that_the_answer_repeats_is_hidden_in_snapshot_and_output(server, tmp_path, capsys):
    server.answer = lambda request: envelope(
        [{"asked_with": request.query["api-key"]}], param_obj=request.query
    )
    status, out, err = run(capsys, "govspending:dla_type", "--csv", "--data", str(tmp_path))
    assert status == 0
    assert server.requests[0].query["api-key"] == KEY
    assert_key_nowhere(tmp_path, out, err)
    assert snapshots(tmp_path, "govspending")[1]["pages"][0]["key_hidden"] is True


def test_one_object_and_a_summary_alone_are_one_row(server, tmp_path, capsys):
    server.answer = lambda request: (
        envelope({"dept_name": "กระทรวงแรงงาน", "total_bb": 100.5})
        if request.path.endswith("bbgf_summary")
        else as_json(
            {"code": 200, "status": True, "summary": {"total_project": "17495", "total_price": "19613.46"}}
        )
    )
    assert run(capsys, "govspending:BBGFSummary?year=2568", "--csv", "--data", str(tmp_path))[1] == (
        "dept_name,total_bb\nกระทรวงแรงงาน,100.5\n"
    )
    assert run(capsys, "govspending:summary_cgdcontract?year=2568", "--csv", "--data", str(tmp_path))[1] == (
        "total_project,total_price\n17495,19613.46\n"
    )


def test_codes_and_written_numbers_stay_as_they_are(server, tmp_path, capsys):
    row = {
        "project_id": "60026146503",
        "price_build": "385,000,000",
        "dept_code": "01000",
        "project_location": {"lat": 1},
    }
    server.answer = lambda request: envelope([row] if request.query["offset"] == "0" else [])
    out = run(capsys, "govspending:cgdcontract?year=2560", "--csv", "--data", str(tmp_path))[1]
    assert list(csv.DictReader(io.StringIO(out))) == [{**row, "project_location": '{"lat": 1}'}]


@pytest.mark.parametrize("ending", ["", "/", "/govspending", "/govspending/"])
def test_the_other_server_may_be_named_with_or_without_the_path(
    server, tmp_path, capsys, monkeypatch, ending
):
    monkeypatch.setenv("GOVSPENDING_API_URL", server.url + ending)
    server.answer = lambda request: (
        envelope([], total=0) if request.path == "/govspending/dla_type" else Reply(status=404)
    )
    assert run(capsys, "govspending:dla_type", "--data", str(tmp_path))[0] == 0


@pytest.mark.parametrize(("ending", "served"), [("/", "/dla_type"), ("/api", "/api/dla_type")])
def test_another_server_without_the_documented_path_is_found(
    server, tmp_path, capsys, monkeypatch, ending, served
):
    monkeypatch.setenv("GOVSPENDING_API_URL", server.url + ending)
    server.answer = lambda request: envelope([], total=0) if request.path == served else Reply(status=404)
    assert run(capsys, "govspending:dla_type", "--data", str(tmp_path))[0] == 0


@pytest.mark.parametrize("ending", ["", MOL_PATH, "/LMIS_API/API"])
def test_the_other_mol_server_may_be_a_whole_address(server, tmp_path, capsys, monkeypatch, ending):
    monkeypatch.setenv("MOL_API_URL", server.url + ending)
    server.answer = lambda request: as_json(TESTING) if request.path == MOL_PATH else Reply(status=404)
    assert run(capsys, "mol:RFNEXzMx", "--data", str(tmp_path))[0] == 0


@pytest.mark.parametrize(
    "source",
    [
        "nothing",
        "mol:",
        "nowhere:1",
        "govspending:nothing",
        "govspending:cgdcontract",
        "govspending:bbagc?year=abc",
        "govspending:bbagc?year=25600",
        "govspending:dla_income?prov_id=100",
        "govspending:cgdcontract?year=2560&winner_tin=01055600000001",
        "govspending:bbagc?api-key=x1y2",
    ],
)
def test_wrong_usage_is_status_2_without_a_request(server, tmp_path, capsys, source):
    status, _, err = run(capsys, source, "--data", str(tmp_path))
    assert status == 2
    assert "x1y2" not in err
    assert server.requests == []


def test_a_missing_key_is_status_1_and_names_the_variable(server, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("MOL_API_KEY")
    status, _, err = run(capsys, "mol:RFNEXzMx", "--data", str(tmp_path))
    assert status == 1
    assert "MOL_API_KEY" in err and len(err.splitlines()) == 1
    assert server.requests == []


def test_one_failing_source_does_not_stop_the_others(server, tmp_path, capsys):
    server.answer = lambda request: (
        as_json(TESTING) if request.query.get("resource_id") == "good" else Reply(b"{")
    )
    status, _, _ = run(capsys, "mol:bad", "mol:good", "--data", str(tmp_path))
    assert status == 3
    assert len(list((tmp_path / "snapshots" / "mol").glob("*.snapshot.json"))) == 1


def test_a_redirect_to_another_host_is_not_followed(server, tmp_path, capsys):
    port = server.url.rsplit(":", 1)[1]
    server.answer = lambda request: Reply(status=302, headers={"Location": f"http://localhost:{port}/x"})
    status, _, err = run(capsys, "mol:RFNEXzMx", "--data", str(tmp_path))
    assert status == 3 and "localhost" in err
    assert len(server.requests) == 1


def test_the_longest_value_that_is_documented_is_asked_and_thai_letters_count_as_one(
    server, tmp_path, capsys
):
    server.answer = lambda request: envelope([])
    longest = "ก" * 255
    assert run(capsys, f"govspending:bbagc?agc_name={longest}", "--data", str(tmp_path))[0] == 0
    asked = len(server.requests)
    status, _, err = run(capsys, f"govspending:bbagc?agc_name={longest}ข", "--data", str(tmp_path))
    assert status == 2 and len(server.requests) == asked and "255" in err and longest not in err


@pytest.mark.parametrize(
    ("source", "sent", "documented"),
    [
        ("dla_income?prov_id=20", {"ref_dla_type_name": "เทศบาลตำบล"}, ("dla_type_name", "เทศบาลตำบล")),
        ("dla_income?prov_id=20", {"dla_type_name": "เทศบาลเมือง"}, ("dla_type_name", "เทศบาลเมือง")),
        (
            "egpcost?keyword=โดม",
            {
                "contract": [
                    {"id": "1", "contract_start_date": "9 พ.ย. 67"},
                    {"id": "2", "start_date": "7 พ.ค. 68"},
                ]
            },
            ("contract", ["9 พ.ย. 67", "7 พ.ค. 68"]),
        ),
        ("egpcost?keyword=โดม", {"contract": None, "cost_id": "5"}, ("contract", None)),
    ],
)
def test_a_field_is_found_under_the_documented_name_whichever_was_sent(
    server, tmp_path, capsys, source, sent, documented
):
    """EGPCost and DLAIncome answer in other names than their manual's (manual, line 1395)."""
    server.answer = lambda request: envelope([sent] if request.query["offset"] == "0" else [])
    status, out, _ = run(capsys, f"govspending:{source}", "--csv", "--data", str(tmp_path))
    (row,) = csv.DictReader(io.StringIO(out))
    name, expected = documented
    if isinstance(expected, list):
        assert [one["start_date"] for one in json.loads(row[name])] == expected
    else:
        assert row[name] == (expected or "")
    assert status == 0 and set(sent) <= set(row)


def test_declared_requests_keep_to_the_documented_lengths():
    catalogue = load_catalogue()
    limits = [
        (request.id, one.name, one.longest, request.parameters[one.name])
        for request in catalogue.requests.values()
        for one in catalogue.service(request.service).dataset(request.dataset).parameters
        if one.longest and one.name in request.parameters
    ]
    assert limits and all(
        len(value.replace("{fiscal_year}", "2568")) <= longest for _, _, longest, value in limits
    )
    declared = [
        p for d in catalogue.service("govspending").datasets.values() for p in d.parameters if p.longest
    ]
    assert (
        len(declared) == 37
    )  # the manual's tables give a greatest length for so many parameters beside the key
