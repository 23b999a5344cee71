"""Tables and sentences on how the index and its forecast were made."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reporter import report
from reporter.domain import schema
from reporter.domain.edition import edition_of
from reporter.index.panel import OTHERS
from reporter.report.tables_of_methods import DETRENDING, _effects
from tests.report.issues import context, frame, index_tables, page, print_page, text_of

EVALUATION = schema.columns("forecast_evaluation")[:11]  # up to the count


def _tables() -> dict[str, pd.DataFrame]:
    tables = index_tables(overall=[100.0 + place for place in range(6)])
    nan = np.nan
    tables["seasonal_quality"] = frame(
        "seasonal_quality",
        [
            ("mpi", "TH", "x13", "(0 1 1)(0 1 1)", "log", "ls2011.10 ao2011.11 ao2020.4 tc2020.5", "cny",
             0.4, 0.3, 120.0, 0.0, 0.3, 0.01, 0.02, 0.1, "adjusted", ""),
            ("pmi", "TH", "stl", "STL", "log", "", "", nan, nan, 50.0, 0.0, 0.3, 0.01, 0.02, 0.1, "adjusted", "ใช้วิธี STL แทน"),
        ],
    )  # fmt: skip
    rows = [
        ["mpi", "growth", "none", "deviation", "slow_trend", -0.5, 0.01, 0.1, "overruled", ""],
        ["pmi", "growth", "none", "growth", "none", 0.1, 0.5, 0.01, "not_stationary", ""],
    ]
    tables["detrending_tests"] = pd.DataFrame(rows, columns=schema.columns("detrending_tests"))
    others = [
        ["none", 0.3, 40.0, "2021-Q4", 30.0, 6, 2, 0.5],
        ["linear", 0.98, 4.0, "2020-Q2", 1.5, 6, 6, 0.0],
        ["hamilton", 0.91, -9.25, "2013-Q1", -2.0, 6, 5, 1.2],
    ]
    tables["detrending_sensitivity"] = pd.DataFrame(others, columns=schema.columns("detrending_sensitivity"))
    quarters = pd.period_range("2025Q4", periods=4, freq="Q-DEC")
    tables["forecast"] = pd.DataFrame(
        [[f"{q.year}-Q{q.quarter}", 101.0, 97.0, 105.0, 94.0, 108.0] for q in quarters],
        columns=schema.columns("forecast"),
    )
    tables["forecast_evaluation"] = pd.DataFrame(
        [
            [
                model,
                step,
                size * step,
                size,
                model == "ar",
                0.4,
                0.75 + step / 100,
                0.95,
                -1.0,
                0.2,
                18 - step,
            ]
            for model, size in (("ar", 2.0), ("mean", 1.5), ("seasonal_naive", 5.0))
            for step in (1, 2, 3, 4)
        ],
        columns=EVALUATION,
    )
    return tables


def test_every_other_detrending_has_a_thai_name():
    assert set(DETRENDING) == set(OTHERS)


def test_quality_sheet_shows_outliers_holiday_season_before_and_after_and_the_fallback():
    sheet = report.findings(_tables(), context()).sheets["seasonal"]
    assert [row.head for row in sheet.rows] == ["ดัชนีผลผลิตอุตสาหกรรม (MPI)", "ดัชนีผู้จัดการฝ่ายจัดซื้อ (PMI)"]
    first, second = ([cell.text or f"{cell.number.value:g}" for cell in row.cells] for row in sheet.rows)
    assert first[2].endswith("CNY") and "และอีก 1 จุด" in first[2]
    assert first[5:7] == ["120", "0"]
    assert second[-1] == "ปรับด้วย STL"
    assert "PMI" in sheet.note and "STL แทน" in sheet.note


def test_outliers_read_as_dates():
    assert _effects("ls2020.6", "", True) == "LS\u00a0มิ.ย.\u00a063"
    assert _effects("ao2020.2", "cny", False) == "AO\u00a02/2563, CNY"
    assert _effects("", "", True) == ""


def test_sentence_on_other_detrending_leaves_out_keeping_the_trend():
    facts = report.findings(_tables(), context()).detrending
    assert (facts.lowest.value, facts.highest.value) == (0.91, 0.98)
    assert (facts.nearest, facts.farthest) == ("แนวโน้มเส้นตรง", "ตัวกรองของ Hamilton")
    assert facts.disagreeing.value == 1
    text = text_of(page(_tables(), volume="technical"))
    assert "อยู่ระหว่าง 0.91 ถึง 0.98" in text
    assert "มากที่สุด 9.3 จุดในไตรมาสที่ 1 ปี 2556" in text or "มากที่สุด 9.2 จุดในไตรมาสที่ 1 ปี 2556" in text


def test_chosen_model_is_not_called_the_best_of_the_part_that_reports_it():
    text = text_of(page(_tables()))
    assert "เลือกจากความคลาดเคลื่อนในช่วงที่ใช้เลือก" in text
    better = r"แบบจำลองที่คลาดเคลื่อนน้อยกว่าแบบจำลองที่ใช้ \([\d.]+ จุด\) ได้แก่ ค่าเฉลี่ยของทุกแบบจำลอง"
    assert re.search(better, text)
    sheet = report.findings(_tables(), context()).sheets["coverage"]
    assert [cell.number.value for cell in sheet.rows[3].cells] == [8.0, 2.0, 0.4, 79.0, 95.0, 14.0]


def test_appendix_names_the_file_of_frozen_models():
    tables = _tables()
    sentence = "แบบจำลองเลือกครั้งเดียวจากข้อมูลถึงสิ้นปีก่อนและใช้ตลอดปี"
    assert sentence in text_of(page(tables, volume="technical"))
    tables["index_parameters"] = pd.DataFrame(
        {"key": ["seasonal_models"], "value": ["models/seasonal-2025-v2.csv"]}
    )
    text = text_of(page(tables, volume="technical"))
    assert "ตรึงไว้ในแฟ้ม models/seasonal-2025-v2.csv" in text
    assert sentence not in text


def test_the_rate_of_false_alarms_stands_with_its_interval():
    sheet = report.findings(_tables(), context()).sheets["input-checks"]
    assert len(sheet.rows) >= 6
    for row in sheet.rows:
        rate, interval, count = (cell.text for cell in row.cells)
        low, high = map(float, interval.split("–"))
        alarms, possible = (int(part.replace(",", "")) for part in count.split(" จาก "))
        assert low <= float(rate) <= high
        assert float(rate) == pytest.approx(1000 * alarms / possible, abs=0.051)


def test_the_technical_volume_says_which_issue_it_belongs_to_and_where_corrections_are_told():
    issue = context()
    issue = replace(issue, edition=edition_of(issue.quarter, 1, "https://labour.example.org", {}))
    made = print_page(report.findings(_tables(), issue), [], _tables(), issue, None, volume="technical")
    written = text_of(made)
    assert issue.edition.short_data_id in written
    assert issue.edition.status_address in written and issue.edition.address in written
