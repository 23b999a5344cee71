"""The answers' store of vintages: late forms and corrections leave what was known before as it was."""

import datetime as dt

import pandas as pd
import pytest

from reporter.checks import check_surveys
from reporter.domain.declarations import asset
from reporter.inputs import vintages
from reporter.inputs.workspace import open_workspace
from reporter.surveys import pipeline
from tests.surveys.respondents import respondents, write

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")
FIRST, SECOND = dt.date(2025, 11, 1), dt.date(2025, 12, 5)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "series").mkdir()
    folder = tmp_path / "surveys/worker"
    folder.mkdir(parents=True)
    (folder / "2025-Q3.csv").write_text("answers\n1\n")
    return tmp_path


def known(root, day):
    files = open_workspace(root, answers_on=day).survey_files("worker")
    return {quarter: path.read_text() for quarter, path in files.items()}


def test_a_correction_does_not_change_what_was_known_before(root):
    assert len(open_workspace(root).keep_answers(FIRST)) == 1
    (root / "surveys/worker/2025-Q3.csv").write_text("answers\n1\n2\n")
    assert len(open_workspace(root).keep_answers(SECOND)) == 1
    assert known(root, dt.date(2025, 11, 20)) == {QUARTER: "answers\n1\n"}
    assert known(root, SECOND) == {QUARTER: "answers\n1\n2\n"}
    assert open_workspace(root).survey_files("worker")[QUARTER].parent.name == "worker"


def test_the_same_bytes_are_kept_once(root):
    open_workspace(root).keep_answers(FIRST)
    assert open_workspace(root).keep_answers(SECOND) == []


def test_a_quarter_that_came_later_was_not_known(root):
    open_workspace(root).keep_answers(SECOND)
    assert known(root, FIRST) == {}


def test_files_never_kept_are_taken_as_they_stand(root):
    assert known(root, FIRST) == {QUARTER: "answers\n1\n"}


def test_a_withdrawn_file_is_still_known_for_its_day(root):
    open_workspace(root).keep_answers(FIRST)
    (root / "surveys/worker/2025-Q3.csv").unlink()
    assert known(root, SECOND) == {QUARTER: "answers\n1\n"}
    assert open_workspace(root).survey_files("worker") == {}


def test_margins_and_plan_are_kept_too_and_other_folders_of_the_store_are_nothing(root):
    margins = root / "surveys/margins-worker.csv"
    margins.write_text("first")
    open_workspace(root).keep_answers(FIRST)
    margins.write_text("second")
    open_workspace(root).keep_answers(SECOND)
    (root / "store/surveys/worker/notes").mkdir()
    before = open_workspace(root, answers_on=FIRST).weight_files("worker")
    assert {name: path.read_text() for name, path in before.items()} == {"margins": "first"}
    assert open_workspace(root).weight_files("worker") == {"margins": margins}
    assert list(known(root, SECOND)) == [QUARTER]


def test_the_figures_of_a_day_come_back_after_corrections_and_new_margins(tmp_path, declarations):
    """Late forms, a corrected file and other margins later: the index of the first day is the same to the last digit."""
    (tmp_path / "series").mkdir()
    frame = respondents(declarations, declarations.questionnaires["worker"], 400, seed=3)
    path = write(frame.iloc[:300], tmp_path / "surveys/worker/2025-Q3.csv")
    margins = tmp_path / "surveys/margins-worker.csv"

    def weighted(formal):
        rows = ["margin,category,population", f"status,formal,{formal}", f"status,informal,{100 - formal}"]
        margins.write_text("\n".join(rows), encoding="utf-8")

    def computed(day):
        place = open_workspace(tmp_path, answers_on=day)
        files, beside = place.survey_files("worker"), place.weight_files("worker")
        tables, _ = pipeline.compute(
            {"worker": files}, QUARTER, declarations, rules_folder=tmp_path, beside={"worker": beside}
        )
        return tables["confidence"]

    weighted(45)
    first = computed(None)
    open_workspace(tmp_path).keep_answers(FIRST)
    write(frame, path)
    weighted(70)
    assert not computed(None).equals(first)
    open_workspace(tmp_path).keep_answers(SECOND)
    pd.testing.assert_frame_equal(computed(FIRST), first, check_exact=True)
    pd.testing.assert_frame_equal(computed(SECOND), computed(None), check_exact=True)


def test_a_rebuild_is_judged_by_the_files_of_its_day(tmp_path, declarations):
    """A correction that is itself broken stops the next issue, not the one that was made before it came."""
    (tmp_path / "series").mkdir()
    frame = respondents(declarations, declarations.questionnaires["worker"], 200, seed=3)
    path = write(frame, tmp_path / "surveys/worker/2025-Q3.csv")
    open_workspace(tmp_path).keep_answers(FIRST)
    path.write_text("respondent_id,q1.1\n", encoding="utf-8")

    def errors(day):
        found = check_surveys(open_workspace(tmp_path, answers_on=day), QUARTER)
        return [one for one in found if one.severity == "error" and "worker" in one.where]

    assert errors(None) and not errors(FIRST)


THEMES = "theme,answers,of,kind,release\nลดค่าครองชีพ,40,200,demand,{text}\n"


def told(place, declared=None):
    """What a build tells of the workers' answers: index and released themes."""
    files = place.survey_files("worker")
    tables, _ = pipeline.compute(
        {"worker": files},
        QUARTER,
        declared or place.declarations,
        rules_folder=place.reading_root,
        beside={"worker": place.weight_files("worker")},
    )
    return tables


def changed(root, what):
    """One of the files that decide how answers are read or told, made, changed or taken away."""
    mapping = root / "surveys/mappings/office.toml"
    theme = root / "surveys/themes/worker-2025-Q3-comment.csv"
    if what == "a theme is withdrawn":
        theme.unlink()
    elif what == "a theme is worded anew":
        theme.write_text(THEMES.format(text="อื่น"), encoding="utf-8")
    elif what == "the mapping is gone":
        mapping.unlink()
    elif what == "another word stands for no answer":
        (root / "rules").mkdir(exist_ok=True)
        (root / "rules/survey_reading.toml").write_text('[values]\nblank = ["", "3"]\n', encoding="utf-8")
    else:
        (root / "questionnaires").mkdir()
        text = (asset("data") / "questionnaires/worker.toml").read_text(encoding="utf-8")
        text = text.replace('column = "q1.1"\ndomain = "1"', 'column = "q1.1"\nnegative = true\ndomain = "1"')
        (root / "questionnaires/worker.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "what",
    [
        "a theme is withdrawn",
        "a theme is worded anew",
        "the mapping is gone",
        "another word stands for no answer",
        "a question is turned",
    ],
)
def test_what_decides_how_answers_are_read_belongs_to_the_day(tmp_path, declarations, what):
    (tmp_path / "series").mkdir()
    frame = respondents(declarations, declarations.questionnaires["worker"], 200, seed=3)
    frame = frame.rename(columns={"q1.1": "คำถามแรก"})
    write(frame, tmp_path / "surveys/worker/2025-Q3.csv")
    for folder in ("mappings", "themes"):
        (tmp_path / "surveys" / folder).mkdir()
    (tmp_path / "surveys/mappings/office.toml").write_text(
        '[columns]\n"q1.1" = "คำถามแรก"\n', encoding="utf-8"
    )
    theme = tmp_path / "surveys/themes/worker-2025-Q3-comment.csv"
    theme.write_text(THEMES.format(text="ค่าครองชีพ"), encoding="utf-8")
    first = told(open_workspace(tmp_path))
    assert len(first["survey_themes"]) == 1 and "q1.1" in set(first["confidence_items"]["item"])
    open_workspace(tmp_path).keep_answers(FIRST)
    assert open_workspace(tmp_path).keep_answers(FIRST) == []
    changed(tmp_path, what)
    later = told(open_workspace(tmp_path))
    assert any(not later[name].equals(first[name]) for name in ("survey_themes", "confidence"))
    assert open_workspace(tmp_path).keep_answers(SECOND)
    for day, expected in ((FIRST, first), (SECOND, later)):
        found = told(open_workspace(tmp_path, answers_on=day))
        for name in ("survey_themes", "confidence", "confidence_items"):
            pd.testing.assert_frame_equal(found[name], expected[name], check_exact=True)


def test_a_set_without_files_is_kept_and_told_from_none(root):
    open_workspace(root).keep_answers(FIRST)
    (root / "surveys/mappings").mkdir()
    (root / "surveys/mappings/later.toml").write_text("", encoding="utf-8")
    before = open_workspace(root, answers_on=FIRST)
    assert vintages.reading_files(before.reading_root) == [] and before.reading_root != root
    assert before.input_files(QUARTER) and not any("mappings" in str(f) for f in before.input_files(QUARTER))


def test_released_themes_are_inputs_of_the_issue(root):
    path = root / "surveys/themes/worker-2025-Q3-comment.csv"
    path.parent.mkdir()
    path.write_text(THEMES.format(text="ค่าครองชีพ"), encoding="utf-8")
    assert path in open_workspace(root).input_files(QUARTER)
