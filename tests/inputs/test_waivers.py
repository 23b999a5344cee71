"""Who answers for what: waivers, what they cover, and what they cannot."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from reporter.commands.build import check_command as check
from reporter.domain.errors import Finding, InputError
from reporter.inputs.workspace import DEMANDED, read_waivers, rule_on

QUARTER = pd.Period("2025Q3")
JUMP = Finding(
    "warning", "series/a.csv", "ก", "x", row=9, value="165", rule="series.jump", subject="mpi TH 2023-05"
)
OTHER = dataclasses.replace(JUMP, where="series/b.csv", subject="mpi_new TH 2023-05")
FORM = Finding("warning", "series/a.csv", "ก", "x", rule="xlsx.hidden")
ERROR = dataclasses.replace(JUMP, severity="error")
REST = 'reason = "ยืนยันกับแหล่งข้อมูลแล้ว"\nby = "นางสาวตัวอย่าง"\non = 2025-11-10\n'


def _waivers(root: Path, *entries: str):
    text = "".join(f"[[waivers]]\n{entry}\n" for entry in entries)
    (root / "waivers.toml").write_text(text, encoding="utf-8")
    return read_waivers(root)


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ('rule = "series.jump"', [JUMP, OTHER]),
        ('rule = "series.jump"\nwhere = "series/a.csv"', [JUMP]),
        ('rule = "series.jump"\nsubject = "mpi"', [JUMP]),  # whole words: mpi_new is another indicator
        ('rule = "series.jump"\nsubject = "mpi TH 2023-05"', [JUMP]),
        ('rule = "series.jump"\nsubject = "mpi TH 2023-06"', []),
        (f'finding = "{OTHER.id}"', [OTHER]),
        ('rule = "index.jump"', []),
        ('rule = "series.jump"\nuntil = "2568-Q3"', [JUMP, OTHER]),
        ('rule = "series.jump"\nuntil = "2025-Q2"', []),
    ],
)
def test_a_waiver_covers_what_it_names(tmp_path, given, answered):
    waivers, problems = _waivers(tmp_path, f"{given}\n{REST}")
    assert problems == []
    ruling = rule_on([JUMP, OTHER, FORM, ERROR], waivers, QUARTER)
    assert list(ruling.answered) == answered
    assert ruling.unanswered == [found for found in (JUMP, OTHER) if found not in answered]
    idle = [found for found in ruling.findings if found.rule == "waiver.idle"]
    assert len(idle) == (0 if answered else 1)


@pytest.mark.parametrize("day", ["2569-11-20", "2026-01-02"])
def test_a_waiver_of_a_day_that_cannot_be_is_refused_with_its_line(tmp_path, day):
    text = f'# one\n[[waivers]]\nrule = "series.jump"\n{REST}\n[[waivers]]\nrule = "series.jump"\n{REST}'
    first, second = text.rsplit("2025-11-10", 1)
    (tmp_path / "waivers.toml").write_text(first + day + second, encoding="utf-8")
    waivers, found = read_waivers(tmp_path, today=dt.date(2026, 1, 1))
    assert waivers == ()
    assert [(one.where, one.row, one.column) for one in found] == [("waivers.toml", 12, "waivers.2.on")]
    assert all(day in text for text in (found[0].th, found[0].en))


def test_a_waiver_that_is_older_than_the_value_does_not_answer_for_it(tmp_path):
    old = f'rule = "series.jump"\n{REST.replace("2025-11-10", "2023-04-30")}'
    waivers, problems = _waivers(tmp_path, old)
    assert problems == []
    ruling = rule_on([JUMP], waivers, QUARTER)
    assert ruling.unanswered == [JUMP]
    assert "2023-04-30" in ruling.findings[-1].en
    waivers, _ = _waivers(tmp_path, old.replace("2023-04-30", "2023-05-31"))
    assert rule_on([JUMP], waivers, QUARTER).unanswered == []


def test_without_waivers_a_final_issue_is_refused_and_the_finding_named():
    with pytest.raises(InputError, match=JUMP.id) as refused:
        rule_on([JUMP, FORM], (), QUARTER).refuse_unanswered()
    assert refused.value.findings == (JUMP,)
    rule_on([FORM], (), QUARTER).refuse_unanswered()


def test_a_waiver_of_results_is_not_idle_before_anything_is_computed(tmp_path):
    waivers, _ = _waivers(tmp_path, f'rule = "index.jump"\n{REST}', f'rule = "series.jump"\n{REST}')
    early = rule_on([], waivers, QUARTER, only_inputs=True).findings
    assert [found.column for found in early] == ["waivers.2"]
    assert len(rule_on([], waivers, QUARTER).findings) == 2


@pytest.mark.parametrize(
    ("entry", "column"),
    [
        ('rule = "series.jump"\nby = "ก"\non = 2025-11-10', "waivers.1.reason"),
        ('rule = "series.jump"\nreason = "ก"\non = 2025-11-10', "waivers.1.by"),
        ('rule = "series.jump"\nreason = " "\nby = "ก"\non = 2025-11-10', "waivers.1.reason"),
        ('rule = "series.jump"\nreason = "ก"\nby = "ก"', "waivers.1.on"),
        (f'rule = "series.range"\n{REST}', "waivers.1.rule"),  # an error cannot be waived
        (REST, "waivers.1"),
        (f'finding = "xyz"\n{REST}', "waivers.1.finding"),
        (f'rule = "series.jump"\nuntil = "soon"\n{REST}', "waivers.1.until"),
        (f'rule = "series.jump"\nwho = "ก"\n{REST}', "waivers.1.who"),
    ],
)
def test_a_waiver_that_does_not_say_who_why_when_and_what_is_an_error(tmp_path, entry, column):
    waivers, problems = _waivers(tmp_path, entry)
    assert waivers == ()
    assert [(found.severity, found.where, found.column) for found in problems] == [
        ("error", "waivers.toml", column)
    ]


def test_the_record_names_waiver_and_findings(tmp_path):
    waivers, _ = _waivers(tmp_path, f'rule = "series.jump"\n{REST}')
    (entry,) = rule_on([JUMP, OTHER], waivers, QUARTER).record()
    assert entry["by"] == "นางสาวตัวอย่าง" and entry["findings"] == [JUMP.id, OTHER.id]
    assert json.loads(json.dumps(entry))["on"] == "2025-11-10"


def test_the_id_of_a_finding_does_not_move_with_its_row():
    assert dataclasses.replace(JUMP, row=10).id == JUMP.id
    assert len({JUMP.id, OTHER.id, dataclasses.replace(JUMP, value="166").id}) == 3


def test_every_rule_that_demands_a_waiver_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "release.md").read_text(encoding="utf-8")
    assert [rule for rule in DEMANDED if f"`{rule}`" not in text] == []


def test_check_refuses_a_jump_until_somebody_answers_for_it(tmp_path):
    quarters = pd.period_range("2012Q1", "2025Q3", freq="Q")
    lines = [
        f"unemployment_rate,{q.year}-Q{q.quarter},{1 + 0.02 * (n % 5):.2f}" for n, q in enumerate(quarters)
    ]
    lines[30] = lines[30].rpartition(",")[0] + ",4.5"
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "a.csv").write_text(
        "\n".join(["indicator,period,value", *lines]), encoding="utf-8"
    )
    arguments = ["--data", str(tmp_path), "-q", "2025-Q3", "--format", "json"]
    first = CliRunner().invoke(check, arguments)
    (finding,) = [item for item in json.loads(first.output)["findings"] if item["needs_waiver"]]
    assert first.exit_code == 1 and finding["rule"] == "series.jump" and finding["row"] == 32
    assert CliRunner().invoke(check, [*arguments, "--draft"]).exit_code == 0
    _waivers(tmp_path, f'finding = "{finding["id"]}"\n{REST}')
    second = CliRunner().invoke(check, arguments)
    assert second.exit_code == 0, second.output
