"""Every declared request of the package, against a loopback server that answers in the service's documented form."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from reporter.inputs import vintages
from reporter.sources import catalogue, fetching
from tests.support.loopback import KEY, Reply, Request, Server, as_json, envelope

pytestmark = pytest.mark.slow

NOW = dt.datetime(2025, 3, 20, 12, tzinfo=dt.UTC)
REQUESTS = catalogue.load(None).requests


def nso_table(head: str, *rows: str) -> Reply:
    return Reply("\n".join([head, *rows]).encode(), headers={"Content-Type": "text/csv"})


def bot_series(request: Request) -> Reply:
    observations = [{"period_start": request.query["start_period"][:7], "value": "2.25"}]
    series = {"series_code": request.query["series_code"], "observations": observations}
    return as_json({"result": {"series": [series]}})


def interbank(request: Request) -> Reply:
    month = request.query["start_period"][:7]
    assert request.query["end_period"].startswith(month), "at most a month at once"
    days = [
        (f"{month}-02", "Overnight", "2.20"),
        (f"{month}-03", "Overnight", "2.30"),
        (f"{month}-03", "1 Week", "9.99"),
    ]
    rows = [
        {"period": day, "term_type_name_eng": term, "weighted_average_interest_rate": rate}
        for day, term, rate in days
    ]
    return as_json({"result": {"timestamp": "2025-03-20", "data": {"data_header": {}, "data_detail": rows}}})


def spending(request: Request) -> Reply:
    if request.path.endswith("bbministry"):
        return envelope(
            [{"year": request.query["year"], "min_code": "17000", "min_name": "กระทรวงแรงงาน"}], total=1
        )
    if request.path.endswith(("bb_stg", "gf_stg")):
        return envelope([{"stg_name": "ยุทธศาสตร์ด้านความมั่นคง", "amount": "1,234.5"}])
    if request.path.endswith("bbgf_summary"):
        return envelope([{"total_bb": "60,000.5", "total_gf": "30,000.25"}])
    return envelope([{"month": "10", "year": int(request.query["year"]) - 1, "amount": 4966.5}])


def skill_tests(request: Request) -> Reply:
    assert request.query["resource_id"] == "RFNEXzMx"
    row = {"year": "2567", "quarterName": "ไตรมาส 4", "sumTestResult": 9710, "sumTestAttend": 13661}
    return as_json({"RSumTesting": [row]})


WAGES = nso_table(
    "YEAR,QUARTER,REGION,INDUSTRY,VALUE",
    "2567,4,ทั่วราชอาณาจักร,รวม,15900.5",
    "2567,4,ทั่วราชอาณาจักร,เกษตรกรรม,7000",
)
WORK = nso_table(
    "year,quarter,region,area,level_of_edu,value",
    "2567,4,ทั่วราชอาณาจักร,รวม,รวม,67.4",
    "2567,4,ทั่วราชอาณาจักร,ในเขตเทศบาล,รวม,66",
)
# request -> what the service answers, what then stands in the store of the newest period
EXPECTED = {
    "average_wage": (lambda request: WAGES, {"average_wage": ("2024-Q4", 15900.5)}),
    "employment_rate": (lambda request: WORK, {"employment_rate": ("2024-Q4", 67.4)}),
    "business_sentiment": (bot_series, {"business_sentiment": ("2024-01", 2.25)}),
    "private_investment": (bot_series, {"private_investment": ("2018-01", 2.25)}),
    "policy_rate": (bot_series, {"policy_rate": ("2024-07", 2.25)}),
    "money_market_rate": (interbank, {"short_term_rate": ("2025-03", 2.25)}),
    "skill_tests": (
        skill_tests,
        {"skill_tests_taken": ("2024-Q4", 13661), "skill_tests_passed": ("2024-Q4", 9710)},
    ),
    "fiscal_budget": (
        spending,
        {"fiscal_budget": ("2025", 60000.5), "fiscal_disbursed_total": ("2025", 30000.25)},
    ),
    "fiscal_budget_strategy": (spending, {"fiscal_budget_strategy": ("2025", 1234.5)}),
    "fiscal_disbursement": (spending, {"fiscal_disbursed": ("2024-10", 4966.5)}),
    "fiscal_disbursement_strategy": (spending, {"fiscal_disbursed_strategy": ("2025", 1234.5)}),
}


def test_every_declared_request_is_tried_here():
    assert set(EXPECTED) == set(REQUESTS)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_declared_request_fills_its_series(name, server: Server, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("reporter.sources.access.time.sleep", lambda seconds: None)
    server.answer, expected = EXPECTED[name]
    environment = {
        f"{service}_API_{what}": value
        for service in ("MOL", "GOVSPENDING", "BOT", "NSO")
        for what, value in (("KEY", KEY), ("URL", server.url))
    }
    context = fetching.FetchRun(catalogue.load(None), {}, tmp_path, environment, lambda: NOW, NOW.date())
    outcome = fetching.fetch_request(context, REQUESTS[name])
    assert outcome.error is None, json.dumps(str(outcome.error), ensure_ascii=False)
    assert {mapping.series for mapping in REQUESTS[name].observations} == set(expected)
    for series, (period, value) in expected.items():
        found = vintages.records(tmp_path, prefix=series)
        found = found[(found["indicator"] == series)].sort_values("period")
        assert (found["period"].iloc[-1], found["value"].iloc[-1]) == (period, pytest.approx(value))


def test_the_policy_rate_is_no_money_market_rate():
    fed = {mapping.series: name for name, request in REQUESTS.items() for mapping in request.observations}
    assert fed["short_term_rate"] == "money_market_rate"
