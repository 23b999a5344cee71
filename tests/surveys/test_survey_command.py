"""``reporter survey``: what users see, exit statuses, files written."""

import csv
import io

import pypdfium2
import pytest
from click.testing import CliRunner

from reporter.cli import main
from reporter.commands.survey import survey_command
from reporter.surveys.forms import questionnaire_html
from surveys.respondents import respondents, write

pytestmark = pytest.mark.slow

FRAME = "province,industry,status,population\nTH-10,C,formal,150000\nTH-10,G,informal,250000\nTH-50,A,informal,700\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        try:
            main(["survey", *map(str, arguments)])
        except SystemExit as stopped:
            return stopped.code
        return 0

    return call


def test_daily_progress_names_silent_provinces_and_asks_for_dates(run, tmp_path, capsys, declarations):
    frame = respondents(declarations, declarations.questionnaires["worker"], 40, seed=1)
    frame["province"] = "TH-10"
    (tmp_path / "plan.csv").write_text("province,quota\nTH-10,50\nTH-50,20\n", encoding="utf-8")
    path = write(frame, tmp_path / "worker" / "2025-Q3.csv")
    assert run("progress", "plan.csv", path, "--daily") == 1
    assert "timestamp" in capsys.readouterr().err
    write(frame.assign(timestamp="2025-08-01 09:00"), path)
    assert run("progress", "plan.csv", path, "--daily") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1:] == ["2025-08-01,TH-10,40,40,50,0.8"]
    assert "TH-50" in shown.err


def test_sample_prints_the_plan(run, tmp_path, capsys):
    (tmp_path / "FRAME.csv").write_text(FRAME, encoding="utf-8")
    result = CliRunner().invoke(survey_command, ["sample", str(tmp_path / "FRAME.csv"), "--error", "0.05"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.exit_code == 0
    assert [(row["province"], row["province_n"], row["quota"]) for row in rows] == [
        ("TH-10", "400", "150"),
        ("TH-10", "400", "250"),
        ("TH-50", "255", "255"),
    ]


def test_wrong_margin_and_wrong_frame_end_without_a_traceback(run, tmp_path, capsys):
    (tmp_path / "FRAME.csv").write_text(FRAME.replace("TH-50", "TH-00"), encoding="utf-8")
    assert run("sample", "FRAME.csv", "--error", "5") == 2
    assert run("sample", "FRAME.csv") == 1
    assert "FRAME.csv, row 4, province" in capsys.readouterr().err


def test_quality_tells_marks_from_answers(run, tmp_path, capsys, declarations):
    (tmp_path / "ioc.csv").write_text("item,e1,e2,e3\nq1.1,1,1,0\nq1.2,0,0,1\n", encoding="utf-8")
    CliRunner().invoke(survey_command, ["quality", "ioc.csv"])
    text = CliRunner().invoke(survey_command, ["quality", str(tmp_path / "ioc.csv")]).stdout
    assert "q1.1\t3\t0.67\tใช้ได้" in text and "q1.2\t3\t0.33\tตัดออก" in text
    answers = respondents(declarations, declarations.questionnaires["worker"], 30, seed=1)
    answers.loc[3, "q1.1"] = "8"
    path = write(answers, tmp_path / "worker" / "2025-Q3.csv")
    log = tmp_path / "log.csv"
    report = CliRunner().invoke(survey_command, ["quality", str(path), "--log", str(log)])
    assert report.exit_code == 0 and "Cronbach" in report.stdout and "rows 5" in report.stdout
    assert log.read_text(encoding="utf-8-sig").splitlines() == [
        "rule,row,column,action",
        "impossible_value,5,q1.1,blank",
    ]


def test_a_file_of_no_known_survey_asks_for_one(run, tmp_path, capsys):
    (tmp_path / "x.csv").write_text("a,b\n1,z\n", encoding="utf-8")
    assert run("quality", "x.csv") == 2
    assert "--survey employer" in capsys.readouterr().err
    assert run("quality", "x.csv", "--survey", "worker") == 1


def test_themes_go_to_the_desk_of_the_workspace(tmp_path, declarations):
    answers = respondents(declarations, declarations.questionnaires["employer"], 30, seed=1)
    answers.loc[:9, "traits_other"] = "ภาษาอังกฤษ"
    path = write(answers, tmp_path / "surveys" / "employer" / "2025-Q3.csv")
    result = CliRunner().invoke(survey_command, ["themes", str(path), "--desk", str(tmp_path / "desk")])
    assert result.exit_code == 0, result.output
    text = (tmp_path / "desk" / "surveys" / "employer-2025-Q3-traits_other.csv").read_text(
        encoding="utf-8-sig"
    )
    assert text.splitlines()[:2] == [
        "release,kind,theme,words,answers,of,share,release_en",
        ",,ภาษาอังกฤษ,,10,10,1.0,",
    ]
    assert not list(tmp_path.glob("out*"))


def test_map_writes_what_was_recognised(tmp_path, declarations):
    path = write(
        respondents(declarations, declarations.questionnaires["worker"], 5, seed=1), tmp_path / "worker.csv"
    )
    text = CliRunner().invoke(survey_command, ["map", str(path)]).stdout
    assert '"q4.7" = "q4.7"' in text and "[columns]" in text


@pytest.mark.parametrize("survey", ["employer", "worker"])
def test_the_paper_asks_every_question(declarations, survey):
    questionnaire = declarations.questionnaires[survey]
    html = questionnaire_html(questionnaire, declarations)
    for item in questionnaire.items:
        assert item.text.th in html
    for option in (*questionnaire.actions, *questionnaire.traits, *questionnaire.aspects):
        assert option.name.th in html


@pytest.mark.parametrize("form", [("employer",), ("worker",), ("worker", "--informal")])
def test_the_paper_keeps_the_order_of_the_questions(run, tmp_path, form, declarations):
    """No list is set before a table of items that would not fit the page: people answer in the order they read."""
    assert run("questionnaire", *form, "--out", "q.pdf") == 0
    pages = pypdfium2.PdfDocument(tmp_path / "q.pdf")
    text = "".join(page.get_textpage().get_text_range() for page in pages).replace(" ", "")
    items = declarations.questionnaires[form[0]].items
    numbers = [item.column[1:] for item in items if item.column[1:2].isdigit()]
    places = [text.find(f"\n{number}") for number in numbers]
    assert -1 not in places and places == sorted(places)
    assert max(places) < text.find("ส่วนที่3") < text.find("ส่วนที่4")


def test_forms_of_both_programs_are_written(run, tmp_path):
    assert run("form", "worker", "--informal", "--out", tmp_path / "form.xlsx") == 0
    assert run("form", "employer", "--for", "limesurvey", "--out", tmp_path / "form.txt") == 0
    assert (tmp_path / "form.xlsx").read_bytes()[:2] == b"PK"
    assert (tmp_path / "form.txt").read_text(encoding="utf-8").startswith("\ufeffid\trelated_id\tclass")


def test_only_the_workers_questionnaire_has_a_form_for_informal_workers(run, tmp_path, capsys):
    assert run("form", "employer", "--informal", "--out", tmp_path / "form.xlsx") == 2
    assert "worker" in capsys.readouterr().err


def test_the_frame_to_be_filled_in_is_read_once_it_is(run, tmp_path, declarations):
    assert run("frame", "--out", tmp_path / "frame.csv") == 0
    text = (tmp_path / "frame.csv").read_text(encoding="utf-8-sig").splitlines()
    filled = [text[0], *(line.replace(",,", ",1000,", 1) for line in text[1:])]
    (tmp_path / "frame.csv").write_text("\n".join(filled), encoding="utf-8")
    assert run("sample", tmp_path / "frame.csv", "--plan", tmp_path / "plan.csv") == 0
    assert "province_population" in (tmp_path / "plan.csv").read_text(encoding="utf-8-sig").splitlines()[0]


def test_a_pilot_without_a_quarter_is_judged_by_its_size_and_not_by_its_dates(
    run, tmp_path, capsys, declarations
):
    frame = respondents(declarations, declarations.questionnaires["worker"], 29, seed=1)
    write(frame.assign(timestamp="2025-08-01 09:00"), tmp_path / "pilot.csv")
    assert run("quality", "pilot.csv", "--survey", "worker") == 0
    shown = capsys.readouterr().out
    assert "pilot of 30" in shown and "outside the quarter" not in shown
    write(
        respondents(declarations, declarations.questionnaires["worker"], 31, seed=1), tmp_path / "pilot.csv"
    )
    assert run("quality", "pilot.csv", "--survey", "worker") == 0
    assert "pilot of 30" not in capsys.readouterr().out


def test_joined_files_are_never_written_over(run, tmp_path, capsys, declarations):
    worker = declarations.questionnaires["worker"]
    one = write(respondents(declarations, worker, 20, seed=1), tmp_path / "one.csv")
    two = write(respondents(declarations, worker, 20, seed=2), tmp_path / "two.csv")
    assert run("join", one, two, "--out", "worker/2025-Q3.csv") == 0
    made = (tmp_path / "worker/2025-Q3.csv").read_bytes()
    assert run("join", one, "--out", "worker/2025-Q3.csv") == 2
    assert run("join", one, two, "--out", one, "--survey", "worker", "--replace") == 2
    assert (tmp_path / "worker/2025-Q3.csv").read_bytes() == made
    assert run("join", one, "--out", "worker/2025-Q3.csv", "--replace") == 0
    assert (tmp_path / "worker/2025-Q3.csv").read_bytes() != made
    (tmp_path / "three.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert run("join", one, "three.csv", "--out", "worker/2025-Q4.csv") == 1
    assert not (tmp_path / "worker/2025-Q4.csv").exists() and "three.csv" in capsys.readouterr().err
