"""Electronic forms: accepted by pyxform, and answers given in their own codes come back as the same table."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from reporter.domain.errors import InputError
from reporter.surveys import forms, sampling
from reporter.surveys.forms import guide_html, questionnaire_html
from reporter.surveys.responses import parse
from surveys.respondents import respondents

pytestmark = pytest.mark.slow

FORMS = [("employer", ""), ("worker", ""), ("worker", forms.INFORMAL)]


def sheets(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        sheet.title: pd.DataFrame(list(sheet.values)[1:], columns=next(iter(sheet.values))).fillna("")
        for sheet in book.worksheets
    }


@pytest.mark.parametrize(("survey", "group"), FORMS)
def test_pyxform_accepts_the_form(declarations, survey, group):
    convert = pytest.importorskip("pyxform.xls2xform").convert
    data = forms.xlsform(declarations.questionnaires[survey], declarations, group)
    result = convert(io.BytesIO(data), validate=False, pretty_print=False, file_type=".xlsx")
    assert [warning for warning in result.warnings if "IANA" not in warning] == []
    for item in declarations.questionnaires[survey].items:
        assert f"/{forms.form_name(item)}" in result.xform


@pytest.mark.parametrize(("survey", "group"), FORMS)
def test_every_option_that_is_asked_for_is_offered(declarations, survey, group):
    found = sheets(forms.xlsform(declarations.questionnaires[survey], declarations, group))
    asked = {kind.split()[1] for kind in found["survey"]["type"] if " " in kind}
    assert asked == set(found["choices"]["list_name"])
    assert not found["choices"].duplicated(["list_name", "name"]).any()
    labels = found["survey"].query("type != 'start' and type != 'end' and type != 'end_group'")
    assert (labels[["label::ไทย (th)", "label::English (en)"]] != "").all(axis=None)


def test_informal_workers_are_not_asked_about_a_company(declarations):
    worker = declarations.questionnaires["worker"]
    label = "label::ไทย (th)"
    plain = sheets(forms.xlsform(worker, declarations))["survey"].set_index("name")[label]
    own = sheets(forms.xlsform(worker, declarations, forms.INFORMAL))["survey"].set_index("name")
    items = [forms.form_name(item) for item in worker.items]
    assert plain[items].str.contains("บริษัท|ผู้บังคับบัญชา|นายจ้าง").sum() > 10
    assert not own.loc[items, label].str.contains("บริษัท|ผู้บังคับบัญชา|เงินเดือน").any()
    assert own.at["status", "default"] == "informal"


@pytest.mark.parametrize("form", ["kobo", "limesurvey", "paper"])
def test_no_word_of_the_informal_form_supposes_a_company(declarations, form):
    """Headings, check-list and ranking too: everything that is read out but the officer's own box."""
    worker = declarations.questionnaires["worker"]
    made = {
        "kobo": lambda: " ".join(
            sheet.drop(columns="name", errors="ignore").to_string()
            for sheet in sheets(forms.xlsform(worker, declarations, forms.INFORMAL)).values()
        ),
        "limesurvey": lambda: forms.limesurvey(worker, declarations, forms.INFORMAL),
        "paper": lambda: questionnaire_html(worker, declarations, forms.INFORMAL),
    }[form]()
    for allowed in ("รหัสสถานประกอบการ", "พนักงานบริการ"):  # the officer's box; an occupation
        made = made.replace(allowed, "")
    for word in ("บริษัท", "ผู้บังคับบัญชา", "นายจ้าง", "องค์กรของ", "สถานประกอบการ", "พนักงาน"):
        assert word not in made, word


def test_the_paper_has_boxes_for_respondent_and_establishment_and_the_status_marked(declarations):
    worker = declarations.questionnaires["worker"]
    own = questionnaire_html(worker, declarations, forms.INFORMAL)
    mark = "(&nbsp;/&nbsp;)"
    assert f"{mark} แรงงานนอกระบบ" in own and own.count(mark) == 1
    assert mark not in questionnaire_html(worker, declarations)
    assert all(text in own for text in ("รหัสผู้ตอบ", "รหัสสถานประกอบการ", "วันที่สัมภาษณ์"))


def filled(declarations, questionnaire, size=300):
    """Answers in the columns of the contract, as somebody would have typed them."""
    frame = respondents(declarations, questionnaire, size, seed=4)
    frame["establishment_id"] = [f"E{row % 80}" if row % 7 else "" for row in range(size)]
    rng = np.random.default_rng(11)
    # An unticked list says "none of it" only between answered questions (reporter.surveys.responses).
    last = questionnaire.items[-1].column
    frame.loc[frame[last] == "", last] = "3"
    for question in (*questionnaire.demographics, *questionnaire.questions):
        codes = [option.id for option in question.options]
        frame[question.id] = rng.choice([*codes, ""], size)
    return frame


def as_kobo(form, frame, questionnaire):
    """The same answers as KoboToolbox exports them: pages before names, codes, blanks between several answers."""
    group, headers = "", {}
    for kind, name in form["survey"][["type", "name"]].itertuples(index=False):
        group = name if kind == "begin_group" else "" if kind == "end_group" else group
        headers[name] = f"{group}/{name}" if group else name
    columns = {headers["start"]: "2025-08-01T09:00:00", headers["end"]: "2025-08-01T09:20:00"}
    for column in frame:
        name = column.replace(".", "_") if column.startswith("q") else column
        if name in headers:
            columns[headers[name]] = frame[column]
    if questionnaire.actions:
        ticks = frame[[option.id for option in questionnaire.actions]].astype(int)
        chosen = [" ".join(ticks.columns[row == 1]) or "nothing" for row in ticks.to_numpy()]
        columns[headers["actions"]] = chosen
    if questionnaire.traits:
        columns[headers["traits"]] = frame["traits"].str.replace(";", " ")
    if questionnaire.aspects:
        ranks = frame[[option.id for option in questionnaire.aspects]].astype(int)
        order = np.argsort(ranks.to_numpy(), axis=1)
        columns[headers["ranking"]] = [" ".join(ranks.columns[row]) for row in order]
    columns["_uuid"] = frame["respondent_id"]
    return pd.DataFrame(columns)


def as_limesurvey(text, frame, questionnaire):
    """The same answers as LimeSurvey exports them with codes: ``q1[1]``, short answer codes, a column a tick and place."""
    rows = pd.read_csv(io.StringIO(text.lstrip("\ufeff")), sep="\t", dtype=str, keep_default_na=False)
    questions, last = {}, ""
    for kind, name in rows[["class", "name"]].itertuples(index=False):
        if kind == "Q":
            questions[last := name] = []
        elif kind == "SQ":
            questions[last].append(name)
    columns = {"Response ID": frame["respondent_id"]}
    coded = {"province", "industry", "status", "skill", "work_type"}
    coded |= {question.id for question in (*questionnaire.demographics, *questionnaire.questions)}
    for column in coded & set(frame):
        assert column.replace("_", "") in questions
        columns[column.replace("_", "")] = frame[column].map(forms.form_code)
    columns["establishmentid"] = frame["establishment_id"]
    for question, subs in questions.items():
        for sub in subs:
            header, item = f"{question}[{sub}]", f"{question}.{sub}"
            if item not in frame:
                item = next((c for c in frame if c.replace("_", "") == sub), None)
            if question != "traits":
                values = frame[item]
                columns[header] = values.map({"1": "Y", "0": ""}) if question == "actions" else values
            else:
                trait = next(t.id for t in questionnaire.traits if t.id.replace("_", "") == sub)
                columns[header] = ["Y" if trait in picked.split(";") else "" for picked in frame["traits"]]
    if questionnaire.aspects:
        ranks = frame[[option.id for option in questionnaire.aspects]].astype(int)
        order = np.argsort(ranks.to_numpy(), axis=1)
        for place in range(len(ranks.columns)):
            columns[f"ranking[{place + 1}]"] = ranks.columns[order[:, place]]
    return pd.DataFrame(columns)


@pytest.mark.parametrize("program", ["kobo", "limesurvey"])
@pytest.mark.parametrize(("survey", "group"), FORMS)
def test_answers_in_the_forms_own_codes_come_back_as_the_same_table(
    declarations, tmp_path, survey, group, program
):
    questionnaire = declarations.questionnaires[survey]
    frame = filled(declarations, questionnaire)
    if questionnaire.traits:
        frame.loc[frame["traits"] == "", "traits"] = questionnaire.traits[0].id
    if program == "kobo":
        form = sheets(forms.xlsform(questionnaire, declarations, group))
        exported = as_kobo(form, frame, questionnaire)
    else:
        exported = as_limesurvey(forms.limesurvey(questionnaire, declarations, group), frame, questionnaire)
    frame.to_csv(tmp_path / "contract.csv", index=False)
    exported.to_csv(tmp_path / "exported.csv", index=False)
    ours = parse(tmp_path / "contract.csv", questionnaire, declarations)
    theirs = parse(tmp_path / "exported.csv", questionnaire, declarations)
    assert not theirs.breaches and not [f for f in theirs.findings if f.rule == "survey.reworded"]
    compared = [c for c in ours.frame if c not in ("comment", "traits_other")]
    pd.testing.assert_frame_equal(theirs.frame[compared], ours.frame[compared])
    assert len(compared) > 45


@pytest.mark.parametrize(("survey", "group"), FORMS)
def test_answers_in_the_forms_own_words_come_back_as_the_same_table(declarations, tmp_path, survey, group):
    """Exports with labels instead of codes, as Excel users ask for: every wording of either form is known."""
    questionnaire = declarations.questionnaires[survey]
    frame = filled(declarations, questionnaire)
    if questionnaire.traits:
        frame.loc[frame["traits"] == "", "traits"] = questionnaire.traits[0].id
    form = sheets(forms.xlsform(questionnaire, declarations, group))
    words = form["choices"].set_index(["list_name", "name"])["label::ไทย (th)"]
    exported = pd.DataFrame({"_uuid": frame["respondent_id"]})
    label_of = form["survey"].set_index("name")["label::ไทย (th)"]
    for kind, name in form["survey"][["type", "name"]].itertuples(index=False):
        column = next((c for c in frame if c.replace(".", "_") == name or c == name), None)
        if kind.startswith("select_one") and column is not None:
            offered = words[kind.split()[1]]
            exported[label_of[name]] = frame[column].map(lambda code, o=offered: o.get(code, ""))
        elif name == "establishment_id":
            exported[label_of[name]] = frame[name]
    for listed, options in (("actions", questionnaire.actions), ("ranking", questionnaire.aspects)):
        if options:
            ids = [option.id for option in options]
            values = frame[ids].astype(int).to_numpy()
            chosen = [np.flatnonzero(row) if listed == "actions" else np.argsort(row) for row in values]
            texts = ["; ".join(words[listed, ids[n]] for n in row) or "ไม่มีการดำเนินการ" for row in chosen]
            exported[label_of[listed]] = texts
    if questionnaire.traits:
        exported[label_of["traits"]] = [
            "; ".join(words["traits", one] for one in row.split(";")) for row in frame["traits"]
        ]
    frame.to_csv(tmp_path / "contract.csv", index=False)
    exported.to_csv(tmp_path / "exported.csv", index=False)
    ours = parse(tmp_path / "contract.csv", questionnaire, declarations)
    theirs = parse(tmp_path / "exported.csv", questionnaire, declarations)
    assert not theirs.breaches, [(b.rule, b.column, b.values[:2]) for b in theirs.breaches]
    compared = [c for c in ours.frame if c not in ("comment", "traits_other")]
    pd.testing.assert_frame_equal(theirs.frame[compared], ours.frame[compared])


def test_short_codes_of_answers_do_not_collide(declarations):
    for questionnaire in declarations.questionnaires.values():
        for question in (*questionnaire.demographics, *questionnaire.questions):
            codes = [forms.form_code(option.id) for option in question.options]
            assert len(set(codes)) == len(codes) and not any(code.isdigit() for code in codes)


def test_the_guide_says_what_every_question_means(declarations):
    for questionnaire in declarations.questionnaires.values():
        html = guide_html(questionnaire)
        said = [item.meaning for item in questionnaire.items if item.meaning]
        assert len(said) > 20 and all(meaning in html for meaning in said)


def test_the_printed_form_for_informal_workers_has_their_wording(declarations):
    worker = declarations.questionnaires["worker"]
    html = questionnaire_html(worker, declarations, forms.INFORMAL)
    assert worker.items[1].text_for[forms.INFORMAL].th in html and worker.items[1].text.th not in html


def test_fieldwork_is_counted_day_by_day(declarations):
    plan = pd.DataFrame({"province": ["TH-10", "TH-50"], "quota": [4, 2]})
    day = 86400.0
    frame = pd.DataFrame(
        {
            "province": pd.Categorical(["TH-10", "TH-10", "TH-10", "TH-50", None]),
            "moment": [0.0, 3600, day, np.nan, day],
        }
    )
    found = sampling.daily_progress(plan, frame)
    assert found[["date", "new", "achieved"]].to_numpy().tolist() == [
        ["1970-01-01", 2, 2],
        ["1970-01-02", 1, 3],
    ]
    assert found["share"].tolist() == [0.5, 0.75]


def test_an_empty_frame_has_a_row_for_every_cell(declarations):
    frame = sampling.empty_frame(declarations)
    assert len(frame) == 77 * 21 * 2 and (frame["population"] == "").all()


def with_boxes(exported, frame, questionnaire):
    """Kobo's usual export: besides the list in one cell a column of 0 and 1 for every box, "other" and "nothing" too."""
    for name, options in (("actions", questionnaire.actions), ("traits", questionnaire.traits)):
        for box in [*(o.id for o in options), *(("nothing",) if options else ())]:
            chosen = exported[name].str.split()
            exported[f"{name}/{box}"] = [str(int(box in (one or []))) for one in chosen]
    if questionnaire.traits:
        wrote = frame["traits_other"] != ""
        exported["traits/other"] = wrote.astype(int).astype(str)
        exported["traits_other"] = frame["traits_other"]
    return exported


@pytest.mark.parametrize("separator", ["/", ".", ":", "-"])
@pytest.mark.parametrize(("survey", "group"), FORMS)
def test_boxes_that_are_no_options_do_not_stop_koboes_usual_export(
    declarations, tmp_path, survey, group, separator
):
    questionnaire = declarations.questionnaires[survey]
    frame = filled(declarations, questionnaire, 60)
    form = sheets(forms.xlsform(questionnaire, declarations, group))
    exported = with_boxes(as_kobo(form, frame, questionnaire), frame, questionnaire)
    boxes = {name: name.replace("/", separator) for name in exported if not name.startswith("part")}
    exported = exported.rename(columns=boxes)
    frame.to_csv(tmp_path / "contract.csv", index=False)
    exported.to_csv(tmp_path / "exported.csv", index=False)
    ours = parse(tmp_path / "contract.csv", questionnaire, declarations)
    theirs = parse(tmp_path / "exported.csv", questionnaire, declarations)
    assert not theirs.breaches and not [f for f in theirs.findings if f.rule == "survey.unknown_column"]
    compared = [c for c in ours.frame if c not in ("comment",)]
    pd.testing.assert_frame_equal(theirs.frame[compared], ours.frame[compared])


def test_two_exports_joined_hold_what_each_of_them_holds(declarations, tmp_path):
    """Both forms, an unreadable rating, ids that both files use: nothing is lost and nobody is taken for another."""
    worker = declarations.questionnaires["worker"]
    readings = []
    for name, group in (("employees", ""), ("informal", forms.INFORMAL)):
        frame = filled(declarations, worker, 50)
        exported = as_kobo(sheets(forms.xlsform(worker, declarations, group)), frame, worker)
        exported.loc[3, exported.columns[exported.columns.str.endswith("q1_1")]] = "9"
        exported.to_csv(tmp_path / f"{name}.csv", index=False)
        readings.append(parse(tmp_path / f"{name}.csv", worker, declarations))
    table = forms.joined(readings, ["employees", "informal"])
    table.to_csv(tmp_path / "joined.csv", index=False)
    found = parse(tmp_path / "joined.csv", worker, declarations)
    assert sorted((b.column, b.values) for b in found.breaches) == [("q1.1", ("9", "9"))]
    assert found.frame["respondent_id"].is_unique and len(found.frame) == 100
    assert not any(forms.unplaced(reading) for reading in readings)
    given = pd.concat([reading.frame for reading in readings], ignore_index=True)
    for column in given.columns.drop(["row", "respondent_id"]):
        pd.testing.assert_series_equal(
            found.frame[column].astype(object), given[column].astype(object), check_names=False
        )


def test_a_joined_employers_file_tells_no_answer_from_none_of_the_boxes(declarations, tmp_path):
    employer = declarations.questionnaires["employer"]
    frame = filled(declarations, employer, 40)
    frame["traits"] = ["", "nothing", employer.traits[0].id, "other"] * 10
    frame["comment"] = ["", "ดี"] * 20
    frame.to_csv(tmp_path / "one.csv", index=False)
    reading = parse(tmp_path / "one.csv", employer, declarations)
    forms.joined([reading], ["one"]).to_csv(tmp_path / "joined.csv", index=False)
    found = parse(tmp_path / "joined.csv", employer, declarations)
    ticks = [column for column in reading.frame if column.startswith("trait:")]
    pd.testing.assert_frame_equal(found.frame[ticks], reading.frame[ticks])
    assert found.frame["comment"].tolist() == reading.frame["comment"].tolist()


@pytest.mark.parametrize("program", ["kobo", "limesurvey"])
@pytest.mark.parametrize(("asked", "folder"), [("employer", "worker"), ("worker", "employer")])
def test_the_other_surveys_form_is_refused_whatever_program_made_it(
    declarations, tmp_path, asked, folder, program
):
    questionnaire = declarations.questionnaires[asked]
    frame = filled(declarations, questionnaire, 30)
    if program == "kobo":
        form = sheets(forms.xlsform(questionnaire, declarations))
        exported = with_boxes(as_kobo(form, frame, questionnaire), frame, questionnaire)
    else:
        exported = as_limesurvey(forms.limesurvey(questionnaire, declarations), frame, questionnaire)
    exported.to_csv(tmp_path / "exported.csv", index=False)
    with pytest.raises(InputError, match="does not hold this survey"):
        parse(tmp_path / "exported.csv", declarations.questionnaires[folder], declarations)
