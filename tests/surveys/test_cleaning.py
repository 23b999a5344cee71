"""Each cleaning rule on the smallest file that breaks it."""

import pandas as pd
import pytest

from reporter.surveys import pipeline
from reporter.surveys.file_reader import cleaning_rules
from reporter.surveys.responses import clean, parse, read
from surveys.respondents import respondents, write

QUARTER = pd.Period("2025Q3")


@pytest.fixture
def worker_file(declarations, tmp_path):
    """Writes 80 workers after a change to their frame; gives back the reading cleaned."""
    worker = declarations.questionnaires["worker"]

    def make(change):
        frame = respondents(declarations, worker, 80, seed=2, blank=0)
        frame.loc[10:12, ["q2.1", "q2.2"]] = "4"
        change(frame)
        reading = parse(write(frame, tmp_path / "worker.csv"), worker, declarations)
        return clean(reading, worker, QUARTER, cleaning_rules())

    return make


def breaches(cleaned):
    return {(b.rule, b.column): b.rows.tolist() for b in cleaned.breaches}


def put(row, column, value):
    return lambda frame: frame.loc.__setitem__((row, column), value)


def test_a_repeated_id_keeps_the_first_answer(worker_file):
    cleaned = worker_file(put(5, "respondent_id", "R000004"))
    assert breaches(cleaned) == {("duplicate_id", "respondent_id"): [7]}  # header is row 1
    assert cleaned.received == 80 and len(cleaned.frame) == 79


@pytest.mark.parametrize("value", ["7", "0", "3.5", "-1", "เห็นด้วยเล็กน้อย", "3 เห็นด้วยมากที่สุด"])
def test_an_impossible_rating_is_emptied(worker_file, value):
    cleaned = worker_file(put(5, "q3.1", value))
    assert breaches(cleaned) == {("impossible_value", "q3.1"): [7]}
    assert cleaned.blanked == 1 and cleaned.frame["q3.1"].isna().sum() == 1


def test_a_tie_or_gap_empties_the_whole_ranking(worker_file):
    def change(frame):
        frame.loc[3, [f"rank{k}" for k in range(1, 8)]] = [1, 1, 3, 4, 5, 6, 7]
        frame.loc[4, [f"rank{k}" for k in range(1, 8)]] = [1, 2, 3, 4, 5, 6, ""]

    cleaned = worker_file(change)
    assert breaches(cleaned) == {("ranking_tie", "rank1..rank7"): [5], ("ranking_gap", "rank1..rank7"): [6]}
    assert cleaned.frame["rank1"].isna().sum() == 2 and cleaned.blanked == 13


def test_outside_the_sample_leaves(worker_file):
    def change(frame):
        frame["age"] = 30
        frame["employed"] = "ใช่"
        frame.loc[0, "age"] = 14
        frame.loc[1, "employed"] = "ไม่ใช่"

    cleaned = worker_file(change)
    assert breaches(cleaned) == {("under_age", "age"): [2], ("not_employed", "employed"): [3]}
    assert len(cleaned.frame) == 78


def test_too_fast_and_unrated_leave(worker_file):
    def change(frame):
        frame["duration_seconds"] = 300
        frame.loc[0, "duration_seconds"] = 9
        frame.loc[1, [column for column in frame if column.startswith("q")]] = ""

    cleaned = worker_file(change)
    assert breaches(cleaned) == {("no_rating", ""): [3], ("too_fast", "duration_seconds"): [2]}


def test_straight_lines_are_counted_and_kept(worker_file):
    cleaned = worker_file(
        lambda frame: frame.loc.__setitem__((0, [c for c in frame if c.startswith("q")]), "5")
    )
    assert breaches(cleaned) == {("straight_lining", ""): [2]} and len(cleaned.frame) == 80


def test_informal_workers_may_leave_blank_what_does_not_apply(worker_file, declarations):
    worker = declarations.questionnaires["worker"]
    optional = [item.column for item in worker.items if item.optional_for]
    assert len(optional) > len(worker.items) / 2

    def change(frame):
        frame.loc[0:1, optional] = ""
        frame.loc[0, "status"], frame.loc[1, "status"] = "informal", "formal"

    assert breaches(worker_file(change)) == {("too_many_blanks", ""): [3]}


def test_unknown_places_and_industries_count_for_the_country_only(worker_file):
    def change(frame):
        frame.loc[0, "province"], frame.loc[1, "industry"], frame.loc[2, "skill"] = "แอตแลนติส", "Z", "wizard"

    cleaned = worker_file(change)
    assert breaches(cleaned) == {
        ("unknown_province", "province"): [2],
        ("unknown_industry", "industry"): [3],
        ("unknown_group", "skill"): [4],
    }
    assert len(cleaned.frame) == 80 and cleaned.frame["province"].isna().sum() == 1


def test_same_answers_twice_are_counted(worker_file):
    def change(frame):
        frame.loc[20] = frame.loc[0].to_numpy()
        frame.loc[20, "respondent_id"] = "other"

    assert breaches(worker_file(change)) == {("duplicate_answers", ""): [22]}


def test_answers_from_another_year_are_noticed(worker_file):
    def change(frame):
        frame["timestamp"] = "15/8/2568, 14:02:11"
        frame.loc[0, "timestamp"] = "15/8/2567, 14:02:11"

    assert breaches(worker_file(change)) == {("outside_quarter", "timestamp"): [2]}


def test_findings_name_row_column_and_remedy_in_both_languages(declarations, tmp_path):
    worker = declarations.questionnaires["worker"]
    frame = respondents(declarations, worker, 80, seed=2)
    frame.loc[5, "q3.1"] = "9"
    kept, found = read(write(frame, tmp_path / "2025-Q3.csv"), worker, declarations, quarter=QUARTER)
    finding = next(f for f in found if f.rule == "survey.impossible_value")
    assert (finding.row, finding.column, finding.severity) == (7, "q3.1", "warning")
    assert '"9"' in finding.th and '"9"' in finding.en
    assert len(kept) == 80


def test_rules_of_the_workspace_go_first(declarations, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "survey_cleaning.toml").write_text(
        '[straight_lining]\naction = "drop"\n', encoding="utf-8"
    )
    worker = declarations.questionnaires["worker"]
    frame = respondents(declarations, worker, 80, seed=2, blank=0)
    frame.loc[0, [c for c in frame if c.startswith("q")]] = "5"
    path = write(frame, tmp_path / "w.csv")
    tables, _ = pipeline.compute({"worker": {QUARTER: path}}, QUARTER, declarations, rules_folder=tmp_path)
    assert tables["survey_status"].loc[0, ["received", "kept", "dropped"]].tolist() == [80, 79, 1]
    assert tables["survey_cleaning"][["rule", "count", "action"]].to_numpy().tolist() == [
        ["straight_lining", 1, "drop"]
    ]
