"""What is told where a model of the index or a method replaces another: both histories, once."""

from __future__ import annotations

import pandas as pd
import pytest

from reporter.domain.errors import InputError
from reporter.index import realtime
from reporter.index.composite import OVERALL
from reporter.index.model_file import KeptModel
from tests.report.issues import index_tables, page, text_of

QUARTERS = pd.period_range("2024Q3", "2025Q1", freq="Q-DEC")
DECLARED = """first_issue = "2025-Q3"
name = { th = "ดัชนีตามวิธีเดิม", en = "Earlier index" }
reason = { th = "วิธีเดิมขยับย้อนหลังทุกเดือนมกราคม", en = "It moved each January" }
history = "replaced.csv"
"""


def _wide(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({OVERALL: values, "wages": [100.0, 100.0, 100.0]}, QUARTERS)


def _computed(link: str | None, model: str = "models/index-2025-v2.json") -> dict[str, pd.DataFrame]:
    kept = KeptModel(
        2025, 2, None, QUARTERS[1], _wide([100.0, 101.0, 102.0])[: QUARTERS[1]], "models/index-2025-v1.json"
    )
    rows = {"index_model": model} | ({} if link is None else {"index_link": link})
    return {
        "replaced_history": realtime.of_model(kept, _wide([101.0, 101.5, 103.0])),
        "index_parameters": pd.DataFrame(list(rows.items()), columns=["key", "value"]),
        "labour_index": index_tables(overall=[99.0, 98.0])["labour_index"],
    }


def _write(folder, declared: str = DECLARED, history: str = "dimension,period,value\noverall,2025-Q2,97.5\n"):
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models" / "replaced.toml").write_text(declared, encoding="utf-8")
    (folder / "models" / "replaced.csv").write_text(history, encoding="utf-8")
    return folder


def test_a_new_model_tells_both_histories_in_its_first_issue_only():
    found = realtime.told(_computed("2024-Q4"), QUARTERS[2], None, "models/index-2025-v1.json")
    assert found[found["dimension"] == OVERALL]["difference"].tolist() == [1.0, 0.5]  # up to the link
    assert set(found["link"]) == {"2024-Q4"}
    assert realtime.told(_computed("2024-Q4"), QUARTERS[2], None, "models/index-2025-v2.json").empty
    assert realtime.told(_computed("2024-Q4"), QUARTERS[2] + 2, None, None).empty
    assert len(realtime.told(_computed("2024-Q4"), QUARTERS[2], None, None))
    assert realtime.told(_computed(None), QUARTERS[2], None, None).empty


def test_a_declared_history_is_told_in_the_issue_that_it_names(tmp_path):
    declared = realtime.read(_write(tmp_path))
    issue = pd.Period("2025Q3", freq="Q-DEC")
    found = realtime.told(_computed(None), issue, declared, None)
    assert found[["dimension", "period", "before", "now", "difference"]].to_numpy().tolist() == [
        [OVERALL, "2025-Q2", 97.5, 99.0, 1.5]
    ]
    assert realtime.told(_computed(None), issue + 1, declared, None).empty


@pytest.mark.parametrize(
    ("declared", "history"),
    [
        ("first_issue = 1", "dimension,period,value\n"),
        (DECLARED.replace("reason", "why"), "dimension,period,value\noverall,2025-Q2,97.5\n"),
        (DECLARED, "period,value\n2025-Q2,97.5\n"),
        (DECLARED, "dimension,period,value\nwages,2025-Q2,97.5\n"),
        (DECLARED, "dimension,period,value\noverall,2568/2,97.5\noverall,2025-Q2,x\n"),
    ],
)
def test_what_cannot_be_used_is_a_finding_in_two_languages(tmp_path, declared, history):
    _write(tmp_path, declared, history)
    with pytest.raises(InputError, match=r"replaced\.toml"):
        realtime.read(tmp_path)
    assert [item.severity for item in realtime.check(tmp_path)] == ["error"]


def test_chapter_two_says_that_a_new_method_starts(tmp_path):
    tables = index_tables(overall=[97.0, 99.0, 98.0])
    assert "เริ่มใช้แบบจำลองหรือวิธีใหม่" not in text_of(page(tables))
    computed = {
        **tables,
        "replaced_history": tables["labour_index"],
        "index_parameters": _computed(None)["index_parameters"],
    }
    declared = realtime.read(_write(tmp_path))
    tables["replaced_history"] = realtime.told(computed, pd.Period("2025Q3", freq="Q-DEC"), declared, None)
    text = text_of(page(tables))
    assert "ฉบับนี้เริ่มใช้แบบจำลองหรือวิธีใหม่ แทน “ดัชนีตามวิธีเดิม” เหตุผล: วิธีเดิมขยับย้อนหลังทุกเดือนมกราคม" in text
    assert "ต่างจากค่าเดิมมากที่สุด +1.5 จุด" in text
