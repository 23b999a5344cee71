"""`reporter fetch` over declared series: store, summary, dropped files, rebuilding."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from reporter.cli import main
from reporter.domain.errors import DeclarationError
from reporter.inputs import vintages
from reporter.sources import catalogue, fetching
from reporter.sources.fetching import days_late
from tests.support.loopback import KEY, Reply, Request, Server, as_json, envelope
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow

SERIES = """
service = "mol"
dataset = "{dataset}"
name = {{th = "ก", en = "a"}}
frequency = "quarterly"
publication_lag_days = 45
[[observations]]
series = "{series}"
value = "sumTestResult"
period = {{year = "year", quarter = "quarterName"}}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Path:
    """A workspace with two declared series and no others."""
    only = {"tests_a", "tests_b"}
    load = catalogue.load

    def few(root=None):
        whole = load(root)
        return whole.model_copy(update={"requests": {k: v for k, v in whole.requests.items() if k in only}})

    monkeypatch.setattr(catalogue, "load", few)
    monkeypatch.setattr("reporter.sources.access.time.sleep", lambda seconds: None)
    for name in ("MOL", "GOVSPENDING", "BOT"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
        monkeypatch.setenv(f"{name}_API_URL", server.url)
    folder = tmp_path / "sources" / "series"
    folder.mkdir(parents=True)
    for letter in "ab":
        text = SERIES.format(dataset=letter.upper(), series=f"tests_{letter}")
        (folder / f"tests_{letter}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def answers(values: dict[str, int]):
    rows = [
        {"year": period[:4], "quarterName": f"ไตรมาส {period[-1]}", "sumTestResult": n}
        for period, n in values.items()
    ]
    return lambda request: as_json({"RSum": rows})


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        main(list(arguments))
        status = 0
    except SystemExit as stop:
        status = int(stop.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def line(out: str, name: str) -> list[str]:
    return next(text for text in out.splitlines() if text.startswith(name)).split()


def test_a_run_fills_the_store_and_tells_new_revised_and_same(workspace, server, capsys):
    server.answer = answers({"2567-4": 10, "2568-1": 20})
    status, out, _ = run(capsys, "fetch", "--data", str(workspace))
    assert status == 0
    assert line(out, "tests_a")[:6] == ["tests_a", "2", "0", "0", "2", "2025-Q1"]
    server.answer = answers({"2567-4": 10, "2568-1": 21, "2568-2": 30})
    out = run(capsys, "fetch", "tests_a", "--data", str(workspace))[1]
    assert line(out, "tests_a")[:6] == ["tests_a", "1", "1", "1", "3", "2025-Q2"]
    assert "tests_b" not in out
    found = vintages.observations(workspace, indicators=["tests_a"])
    assert found["value"].tolist() == [10, 21, 30]
    assert (workspace / found["file"][0]).is_file()


def test_the_same_answer_twice_adds_no_vintage(workspace, server, capsys):
    server.answer = answers({"2568-1": 20})
    run(capsys, "fetch", "--data", str(workspace))
    before = vintages.segments(workspace)
    run(capsys, "fetch", "--data", str(workspace))
    assert vintages.segments(workspace) == before
    assert len(vintages.history(workspace)) == 2


def test_a_failing_source_is_told_and_the_others_go_on(workspace, server, capsys):
    good = answers({"2568-1": 20})
    server.answer = lambda request: good(request) if request.query["resource_id"] == "B" else Reply(b"{")
    status, out, err = run(capsys, "fetch", "--data", str(workspace))
    assert status == 3
    assert "failed" in " ".join(line(out, "tests_a")) and "fetched" in " ".join(line(out, "tests_b"))
    assert sum("JSON" in text for text in err.splitlines()) == 1
    assert KEY not in out + err
    assert vintages.observations(workspace)["indicator"].tolist() == ["tests_b"]


def test_an_answer_that_does_not_fit_is_kept_as_evidence_and_changes_nothing(workspace, server, capsys):
    server.answer = lambda request: as_json(
        {"RSum": [{"year": "2568", "quarterName": "ครึ่งปี", "sumTestResult": 1}]}
    )
    status, _, err = run(capsys, "fetch", "tests_a", "--data", str(workspace))
    assert status == 3 and "ครึ่งปี" in err
    assert len(list((workspace / "snapshots" / "mol").glob("*.snapshot.json"))) == 1
    assert vintages.segments(workspace) == []
    assert run(capsys, "vintages", "rebuild", "--data", str(workspace))[0] == 0


def test_rebuilding_from_the_snapshots_gives_the_store_back(workspace, server, capsys):
    for value in (20, 21, 21, 20):
        server.answer = answers({"2567-4": 10, "2568-1": value})
        assert run(capsys, "fetch", "--data", str(workspace))[0] == 0
    before = vintages.history(workspace)
    for segment in vintages.segments(workspace):
        segment.write_bytes(b"damaged")
    status, _, err = run(capsys, "vintages", "list", "--data", str(workspace))
    assert status == 1 and "vintages rebuild" in err
    assert run(capsys, "vintages", "rebuild", "--data", str(workspace))[0] == 0
    assert vintages.history(workspace).equals(before)
    assert len(before) == 8
    assert (
        run(capsys, "vintages", "list", "--data", str(workspace))[1]
        .splitlines()[1]
        .startswith("tests_a,2,2,2025-Q1,")
    )


def test_a_changed_snapshot_is_refused_and_the_store_stays(workspace, server, capsys):
    server.answer = answers({"2568-1": 20})
    run(capsys, "fetch", "--data", str(workspace))
    page = next((workspace / "snapshots" / "mol").glob("*_p0001.json"))
    page.write_bytes(page.read_bytes().replace(b"20", b"99"))
    status, _, err = run(capsys, "vintages", "rebuild", "--data", str(workspace))
    assert status == 1 and page.name in err
    assert vintages.observations(workspace)["value"].tolist() == [20, 20]


def test_as_of_gives_what_was_known_then(workspace, server, capsys):
    server.answer = answers({"2568-1": 20})
    groups: dict = {}
    moments = iter([dt.datetime(2025, 5, 20, 12, tzinfo=dt.UTC), dt.datetime(2025, 8, 20, 12, tzinfo=dt.UTC)])
    for value in (20.25, 21.75):
        server.answer = answers({"2568-1": value})
        now = next(moments)
        declared = catalogue.load(workspace)
        context = fetching.FetchRun(declared, groups, workspace, os.environ, lambda now=now: now, now.date())
        assert fetching.fetch_request(context, declared.requests["tests_a"]).status == "fetched"
    assert vintages.observations(workspace, dt.date(2025, 8, 19))["value"].tolist() == [20.25]
    assert vintages.observations(workspace, dt.date(2025, 8, 20))["value"].tolist() == [21.75]


def test_dropped_files_are_taken_in_once(workspace, server, capsys):
    server.answer = answers({"2568-1": 20})
    (workspace / "sources" / "drop").mkdir()
    (workspace / "sources" / "drop" / "doe.toml").write_text(
        'files = "doe*.csv"\nname = {th = "จัดหางาน", en = "DOE"}\nfrequency = "monthly"\n'
        '[[observations]]\nseries = "vacancies"\nvalue = "ตำแหน่ง"\nperiod = {field = "เดือน"}\n',
        encoding="utf-8",
    )
    incoming = workspace / "incoming"
    incoming.mkdir()
    (incoming / "DOE_กันยายน.csv").write_text(
        'เดือน,ตำแหน่ง\nส.ค. 68,"50,100"\nก.ย. 68,๕๑๒๐๐\n', encoding="utf-8-sig"
    )
    assert "new" in run(capsys, "fetch", "--data", str(workspace))[1]
    found = vintages.observations(workspace, indicators=["vacancies"])
    assert found[["period", "value"]].to_numpy().tolist() == [["2025-08", 50100], ["2025-09", 51200]]
    out = run(capsys, "fetch", "--data", str(workspace))[1]
    assert "known" in next(text for text in out.splitlines() if "DOE_" in text)
    assert run(capsys, "vintages", "rebuild", "--data", str(workspace))[0] == 0
    assert len(vintages.observations(workspace, indicators=["vacancies"])) == 2


def test_a_dropped_file_without_declaration_is_told(workspace, server, capsys):
    server.answer = answers({"2568-1": 20})
    (workspace / "incoming").mkdir()
    (workspace / "incoming" / "unknown.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    status, _, err = run(capsys, "fetch", "--data", str(workspace))
    assert status == 1 and "unknown.csv" in err


def test_an_unknown_series_is_wrong_usage(workspace, capsys):
    assert run(capsys, "fetch", "nothing", "--data", str(workspace))[0] == 2


def test_a_wrong_declaration_names_file_and_key(workspace, capsys):
    (workspace / "sources" / "series" / "bad.toml").write_text(
        'service = "mol"\ncolour = "red"\n', encoding="utf-8"
    )
    status, _, err = run(capsys, "fetch", "--data", str(workspace))
    assert status == 1 and "bad.toml" in err and "colour" in err


def test_the_ministry_is_looked_up_and_its_money_becomes_records(workspace, server, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr("reporter.sources.access.time.sleep", lambda seconds: None)
    environment = {"GOVSPENDING_API_KEY": KEY, "GOVSPENDING_API_URL": server.url}

    def answer(request: Request) -> Reply:
        if request.path.endswith("bbministry"):
            rows = [{"year": request.query["year"], "min_code": "17000", "min_name": "กระทรวงแรงงาน"}]
            return envelope(rows, total=1)
        assert request.query["dept_id"] == "17000"
        if request.path.endswith("bb_stg"):
            return envelope([{"stg_name": "ยุทธศาสตร์ด้านความมั่นคง", "amount": "1,234.5", "percent": 1}])
        year = int(request.query["year"])
        return envelope(
            [
                {"month": "10", "year": year - 1, "amount": 4966.5},
                {"month": "01", "year": year, "amount": 7578.25},
            ]
        )

    server.answer = answer
    declared = catalogue.load(None)
    now = dt.datetime(2025, 11, 20, 12, tzinfo=dt.UTC)
    context = fetching.FetchRun(declared, {}, workspace, environment, lambda: now, dt.date(2025, 9, 30))
    for name in ("fiscal_disbursement", "fiscal_budget_strategy"):
        assert fetching.fetch_request(context, declared.requests[name]).error is None
    found = vintages.records(workspace, prefix="fiscal_disbursed")
    assert dict(zip(found["period"], found["value"], strict=True)) == {
        "2023-10": 4966.5,
        "2024-01": 7578.25,
        "2024-10": 4966.5,
        "2025-01": 7578.25,
    }
    strategies = vintages.records(workspace, prefix="fiscal_budget_strategy")
    assert strategies["group"].unique().tolist() == ["STRATEGY:ยุทธศาสตร์ด้านความมั่นคง"]
    assert strategies["period"].tolist() == ["2024", "2025"]


def test_the_bank_is_asked_in_windows_and_its_token_stays_in_the_header(workspace, server, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr("reporter.sources.access.time.sleep", lambda seconds: None)

    def answer(request: Request) -> Reply:
        start = request.query["start_period"]
        series = {
            "series_code": request.query["series_code"],
            "observations": [{"period_start": start[:7], "value": "49.5"}],
        }
        return as_json({"result": {"api": "Observations", "series": [series]}})

    server.answer = answer
    declared = catalogue.load(None)
    now = dt.datetime(2025, 11, 20, 12, tzinfo=dt.UTC)
    environment = {"BOT_API_KEY": KEY, "BOT_API_URL": server.url}
    context = fetching.FetchRun(declared, {}, workspace, environment, lambda: now, now.date())
    assert fetching.fetch_request(context, declared.requests["business_sentiment"]).error is None
    asked = [(request.query["start_period"], request.query["end_period"]) for request in server.requests]
    assert asked == [
        ("1999-01-01", "2007-04-30"),
        ("2007-05-01", "2015-08-31"),
        ("2015-09-01", "2023-12-31"),
        ("2024-01-01", "2025-11-20"),
    ]
    assert {request.headers["Authorization"] for request in server.requests} == {KEY}
    assert vintages.observations(workspace)["period"].tolist() == ["1999-01", "2007-05", "2015-09", "2024-01"]


def test_the_old_gateway_is_a_matter_of_configuration(workspace, server, monkeypatch):
    folder = workspace / "sources" / "bot"
    folder.mkdir()
    (folder / "service.toml").write_text(
        'name = {th = "ธปท.", en = "BOT"}\naddress = "https://apigw1.bot.or.th"\npath = "bot/public/observations"\n'
        'address_env = "BOT_API_URL"\ndataset_parameter = "series_code"\nanswer = "observations"\nany_dataset = true\n'
        '[key]\nenv = "BOT_API_KEY"\nplace = "header"\nname = "X-IBM-Client-Id"\n',
        encoding="utf-8",
    )
    server.answer = lambda request: as_json({"result": {"series": []}})
    source = fetching.parse_source("bot:EIBSIM00057", catalogue.load(workspace), dt.date(2025, 11, 20))
    fetching.take_source(source, workspace)
    assert server.requests[0].path == "/bot/public/observations"
    assert server.requests[0].headers["X-IBM-Client-Id"] == KEY


def test_lateness_counts_from_the_next_period_and_its_lag():
    assert (
        days_late("2025-Q2", dt.date(2025, 11, 14), 45) == 0
    )  # Q3 ends on 30 September; 45 days later is 14 November
    assert days_late("2025-Q2", dt.date(2025, 11, 24), 45) == 10
    assert days_late("2025-09", dt.date(2025, 11, 5), 5) == 0
    assert days_late("2025-08", dt.date(2025, 11, 5), 5) == 31
    assert days_late("", dt.date(2025, 11, 5), 5) == 0


@pytest.mark.parametrize("moment", [0.0, 0.04, 0.1])
def test_a_killed_fetch_leaves_a_store_that_opens_and_lacks_nothing(workspace, server, capsys, moment):
    server.answer = answers({"2568-1": 20})
    run(capsys, "fetch", "--data", str(workspace))
    before = vintages.history(workspace)
    asked = len(server.requests)
    server.answer = answers({"2568-1": 21, "2568-2": 30})
    process = subprocess.Popen(
        [sys.executable, "-m", "reporter", "fetch", "tests_a", "tests_b", "--data", str(workspace)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while len(server.requests) == asked and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(moment)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    after = vintages.history(workspace)
    assert before.merge(after).shape == before.shape
    assert run(capsys, "fetch", "--data", str(workspace))[0] == 0
    assert vintages.observations(workspace, indicators=["tests_a"])["value"].tolist() == [21, 30]
    assert run(capsys, "vintages", "rebuild", "--data", str(workspace))[0] == 0
    assert vintages.observations(workspace)["value"].tolist() == [21, 30, 21, 30]


def test_the_examples_of_the_documentation_can_be_read(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
    found = []
    for block in text.split("\n    # sources/")[1:]:
        place, _, rest = block.partition(".toml")
        lines = [line[4:] for line in rest.split("\n")[1:] if line.startswith("    ") or not line.strip()]
        path = tmp_path / "sources" / f"{place}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "\n".join(lines[: next((n for n, x in enumerate(lines) if x.startswith("Where")), None)]),
            encoding="utf-8",
        )
        found.append(path.stem)
    declared = catalogue.load(tmp_path)
    assert found == ["sso_claimants", "doe"]
    assert declared.requests["sso_claimants"].observations[0].series == "claimants"
    assert declared.drops["doe"].header_rows == 2


def dropped_file(workspace: Path, name: str, rate: float) -> None:
    (workspace / "incoming").mkdir(exist_ok=True)
    (workspace / "sources" / "drop").mkdir(exist_ok=True)
    (workspace / "sources" / "drop" / "nso.toml").write_text(
        'files = "nso*.csv"\nname = {th = "สสช.", en = "NSO"}\nfrequency = "quarterly"\n'
        + "".join(
            f'[[observations]]\nseries = "{series}"\nvalue = "{series}"\nperiod = {{field = "period"}}\n'
            for series in ("unemployment_rate", "underemployment_rate")
        ),
        encoding="utf-8",
    )
    (workspace / "incoming" / name).write_text(
        f"period,unemployment_rate,underemployment_rate\n2568-Q1,{rate},0.5\n", encoding="utf-8"
    )


def test_older_files_that_still_lie_there_never_come_back_as_revisions(workspace, capsys):
    dropped_file(workspace, "nso_2568Q1.csv", 0.91)
    dropped_file(workspace, "nso_2568Q2.csv", 0.95)
    for _ in range(3):
        run(capsys, "fetch", "--dropped", "--data", str(workspace))
    found = vintages.history(workspace, indicators=["unemployment_rate"])
    assert found.sort_values("as_of")["value"].tolist() == [0.91, 0.95]


def test_files_dropped_at_once_are_taken_in_by_the_period_of_their_names(workspace, capsys):
    dropped_file(workspace, "nso_Q1_2568.csv", 0.95)  # by name before the fourth quarter of 2567
    dropped_file(workspace, "nso_Q4_2567.csv", 0.91)
    run(capsys, "fetch", "--dropped", "--data", str(workspace))
    found = vintages.history(workspace, indicators=["unemployment_rate"])
    assert found.sort_values("as_of")["value"].tolist() == [0.91, 0.95]


def test_faults_of_all_series_of_a_file_are_told_together(workspace, capsys):
    dropped_file(workspace, "nso.csv", 0.91)
    path = workspace / "incoming" / "nso.csv"
    path.write_text('period,unemployment_rate,underemployment_rate\n2568-Q1,"0,9",12 5\n', encoding="utf-8")
    status, _, err = run(capsys, "fetch", "--dropped", "--data", str(workspace))
    assert status == 3
    assert "0,9" in err and "12 5" in err


def test_a_dropped_file_that_was_not_taken_in_is_told_by_check(workspace, capsys):
    def told() -> list[str]:
        found = check_workspace(workspace, pd.Period("2025Q1"))
        return [one.where for one in found if one.rule == "incoming.untaken"]

    (workspace / "series").mkdir()
    dropped_file(workspace, "nso_2568Q1.csv", 0.91)
    assert told() == ["incoming/nso_2568Q1.csv"]
    run(capsys, "fetch", "--dropped", "--data", str(workspace))
    assert told() == []


def test_one_fault_of_a_declaration_is_one_finding(workspace, capsys):
    dropped_file(workspace, "nso.csv", 0.91)
    path = workspace / "sources" / "drop" / "nso.toml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.partition("[[observations]]")[0] + '[[observations]]\nseries = "mpi"\n'
                    'period = {field = "period"}\n', encoding="utf-8")  # fmt: skip
    with pytest.raises(DeclarationError) as refused:
        catalogue.load(workspace)
    assert [one.column for one in refused.value.findings] == ["observations.0.value"]


def test_a_value_of_the_wrong_kind_is_told_in_thai(workspace):
    dropped_file(workspace, "nso.csv", 0.91)
    path = workspace / "sources" / "drop" / "nso.toml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(
        whole.partition("[[observations]]")[0]
        + '[[observations]]\nseries = 5\nvalue = {field = "v"}\nperiod = {field = "p"}\n',
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError) as refused:
        catalogue.load(workspace)
    told = " ".join(one.th for one in refused.value.findings)
    assert "ต้องเป็นข้อความในเครื่องหมายคำพูด" in told and "Input should" not in told
