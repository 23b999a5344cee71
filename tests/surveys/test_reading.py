"""Files as they really arrive: forms' exports, encodings, title rows; every one gives the answers of the contract file."""

import csv
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from reporter.domain.errors import DeclarationError
from reporter.surveys.file_reader import reading_aliases
from reporter.surveys.responses import parse, read
from surveys.respondents import respondents, write

QUARTER = pd.Period("2025Q3")
WORDS = {
    "5": "เห็นด้วยมากที่สุด",
    "4": "เห็นด้วยมาก",
    "3": "เห็นด้วยปานกลาง",
    "2": "เห็นด้วยน้อย",
    "1": "ไม่เห็นด้วย",
    "": "",
}
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@pytest.fixture(scope="module")
def worker(declarations):
    return declarations.questionnaires["worker"]


@pytest.fixture(scope="module")
def employer(declarations):
    return declarations.questionnaires["employer"]


@pytest.fixture(scope="module")
def answers(declarations, worker):
    """Contract answers of 60 workers."""
    return respondents(declarations, worker, 60, seed=5)


@pytest.fixture
def expected(answers, worker, declarations, tmp_path):
    return parse(write(answers, tmp_path / "contract.csv"), worker, declarations).frame


def same(found, expected, worker):
    """The typed answers are those of the contract file."""
    columns = [item.column for item in worker.items] + [o.id for o in (*worker.actions, *worker.aspects)]
    for column in columns:
        np.testing.assert_array_equal(found[column].to_numpy(), expected[column].to_numpy(), err_msg=column)
    for column in ("province", "industry", "status", "skill", "work_type"):
        assert found[column].tolist() == expected[column].tolist(), column


def in_thai(answers, worker, declarations, header):
    """Question texts as headers, Thai words as answers; ``header(item)`` writes an item's header."""
    name = {group.code: group.name.th for group in declarations.groups.values()}
    form = pd.DataFrame({"ประทับเวลา": ["13/8/2568, 14:02:11"] * len(answers)})
    form["จังหวัดที่ทำงาน"] = [name[f"PROVINCE:{code}"] for code in answers["province"]]
    form["ประเภทอุตสาหกรรม"] = [f"{code} {name[f'INDUSTRY:{code}']}" for code in answers["industry"]]
    form["สถานะการจ้างงาน"] = [name[f"STATUS:{code}"] for code in answers["status"]]
    form["ระดับทักษะ"] = [name[f"SKILL:{code}"] for code in answers["skill"]]
    form["ลักษณะการทำงาน (สัญญาจ้าง พาร์ทไทม์ เต็มเวลา)"] = [name[f"WORK:{code}"] for code in answers["work_type"]]
    for item in worker.items:
        form[header(item)] = [WORDS[value] for value in answers[item.column]]
    return form


def ticked(answers, worker, separator):
    names = {option.id: option.name.th for option in worker.actions}
    return [
        separator.join(name for action, name in names.items() if row[action] == "1") or "ไม่มี"
        for row in answers.to_dict("records")
    ]


def test_google_forms(answers, worker, declarations, expected, tmp_path):
    """Grids put the row in brackets, check-lists join with a comma, the ranking is a grid of places."""
    form = in_thai(
        answers, worker, declarations, lambda item: f"โปรดให้คะแนน [{item.column[1:]} {item.text.th}]"
    )
    form["ในช่วง 6 เดือนที่ผ่านมา องค์กรของคุณได้ดำเนินการด้านใดบ้าง"] = ticked(answers, worker, ", ")
    for aspect in worker.aspects:
        form[f"จัดลำดับความสำคัญ [{aspect.name.th}]"] = [f"อันดับ {rank}" for rank in answers[aspect.id]]
    reading = parse(write(form, tmp_path / "google.csv"), worker, declarations)
    same(reading.frame, expected, worker)
    assert not reading.breaches and not [f for f in reading.findings if f.severity != "note"]


def test_microsoft_forms(answers, worker, declarations, expected, tmp_path):
    """XLSX with a title row, start and end times, choices joined by semicolons, the ranking in one cell."""
    form = in_thai(answers, worker, declarations, lambda item: f"{item.column[1:]} {item.text.th}")
    form.insert(0, "ID", range(1, len(form) + 1))
    form["Start time"], form["Completion time"] = "2025-08-13 09:00:00", "2025-08-13 09:06:30"
    form["ในช่วง 6 เดือนที่ผ่านมา องค์กรของคุณได้ดำเนินการด้านใดบ้าง"] = [f"{t};" for t in ticked(answers, worker, ";")]
    names = {aspect.id: aspect.name.th for aspect in worker.aspects}
    form["จัดลำดับความสำคัญ"] = [
        ";".join(names[a] for a in sorted(names, key=lambda a: int(row[a]))) + ";"
        for row in answers.to_dict("records")
    ]
    book = openpyxl.Workbook()
    book.active.append(["คำตอบแบบสอบถามแรงงาน ไตรมาสที่ 3 ปี 2568"])
    book.active.merge_cells(start_row=1, start_column=1, end_row=1, end_column=8)
    book.active.append([])
    for row in (form.columns, *form.itertuples(index=False)):
        book.active.append(list(row))
    book.save(tmp_path / "microsoft.xlsx")
    reading = parse(tmp_path / "microsoft.xlsx", worker, declarations)
    same(reading.frame, expected, worker)
    assert reading.frame["row"].iloc[0] == 4
    assert (reading.frame["duration_seconds"] == 390).all()
    assert not reading.breaches


def test_limesurvey(answers, worker, declarations, expected, tmp_path):
    """Semicolons, codes as headers, check-list and ranking split over columns, ticks written Yes and empty."""
    form = answers[["province", "industry", "status", "skill", "work_type"]].copy()
    form.insert(0, "Response ID", range(60))
    for item in worker.items:
        form[item.column.replace(".", "[") + "]"] = answers[item.column]
    for action in worker.actions:
        form[f"ในช่วง 6 เดือนที่ผ่านมา องค์กรของคุณได้ดำเนินการด้านใดบ้าง [{action.name.th}]"] = np.where(
            answers[action.id] == "1", "Yes", ""
        )
    names = {aspect.id: aspect.name.th for aspect in worker.aspects}
    for place in range(1, 8):
        form[f"จัดลำดับความสำคัญ [อันดับ {place}]"] = [
            next(names[a] for a in names if row[a] == str(place)) for row in answers.to_dict("records")
        ]
    path = tmp_path / "lime.csv"
    form.to_csv(path, index=False, sep=";")
    same(parse(path, worker, declarations).frame, expected, worker)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp874", "utf-16"])
def test_encodings(answers, worker, declarations, expected, tmp_path, encoding):
    form = in_thai(answers, worker, declarations, lambda item: item.text.th)
    for option in (*worker.actions, *worker.aspects):
        form[option.name.th] = answers[option.id]
    path = tmp_path / "coded.csv"
    path.write_bytes(form.to_csv(index=False).encode(encoding))
    reading = parse(path, worker, declarations)
    same(reading.frame, expected, worker)
    assert ("survey.encoding" in {finding.rule for finding in reading.findings}) == (encoding == "cp874")


def test_thai_digits_stray_spaces_and_both_words_and_numbers(
    answers, worker, declarations, expected, tmp_path
):
    untidy = answers.copy()
    for item in worker.items[:8]:
        untidy[item.column] = [f"  {v.translate(THAI_DIGITS)}\u00a0" for v in answers[item.column]]
    for item in worker.items[8:16]:
        untidy[item.column] = [f"{v} - {WORDS[v]}" if v else "-" for v in answers[item.column]]
    for item in worker.items[16:]:
        untidy[item.column] = [f"{v}.0" if v else "N/A" for v in answers[item.column]]
    untidy.columns = [f" {column.upper()} " for column in untidy]
    same(parse(write(untidy, tmp_path / "untidy.csv"), worker, declarations).frame, expected, worker)


def test_employers_check_list_with_others(declarations, employer, tmp_path):
    """Joined Thai options, one of them with a comma of its own; what is left over is the respondent's own text."""
    frame = respondents(declarations, employer, 40, seed=1)
    names = [trait.name.th for trait in employer.traits]
    frame["traits"] = ""
    frame.loc[0, "traits"] = f"{names[0]}, {names[2]}, ขับรถโฟล์คลิฟต์ได้"
    frame.loc[1, "traits"] = employer.traits[1].id
    frame.loc[2, "traits_other"] = "ขยัน"
    found = parse(write(frame, tmp_path / "e.csv"), employer, declarations).frame
    ids = [f"trait:{trait.id}" for trait in employer.traits]
    assert found.loc[0, ids].to_numpy().nonzero()[0].tolist() == [0, 2]
    assert found.loc[0, "traits_other"] == "ขับรถโฟล์คลิฟต์ได้"
    assert found.loc[1, ids].sum() == 1
    assert (found.loc[2, ids] == 0).all()  # answered, with none of the boxes
    assert (found.loc[3, ids] == 0).all()  # blank among answered questions: none of the boxes
    frame.loc[4, frame.columns[frame.columns.get_loc("traits") - 1]] = ""
    found = parse(write(frame, tmp_path / "f.csv"), employer, declarations).frame
    assert found.loc[4, ids].isna().all()  # nor was the question beside it answered


def test_a_mapping_file_remembers_a_source(answers, worker, declarations, expected, tmp_path):
    odd = answers.rename(columns={item.column: f"V{n}" for n, item in enumerate(worker.items)})
    odd["V0"] = odd["V0"].map({"5": "A1", "4": "A2", "3": "A3", "2": "A4", "1": "A5", "": ""})
    odd["status"] = odd["status"].map({"formal": "ลูกจ้างประจำ", "informal": "รับจ้างอิสระ"})
    path = write(odd, tmp_path / "odd.csv")
    folder = tmp_path / "mappings"
    folder.mkdir()
    lines = ["[columns]", *(f'"{item.column}" = "V{n}"' for n, item in enumerate(worker.items))]
    lines += ["[values.status]", '"ลูกจ้างประจำ" = "formal"', '"รับจ้างอิสระ" = "informal"']
    lines += [
        f'[values."{worker.items[0].column}"]',
        *(f'"A{6 - rating}" = "{rating}"' for rating in range(1, 6)),
    ]
    (folder / "institute.toml").write_text("\n".join(lines), encoding="utf-8")
    _, refused = read(path, worker, declarations, quarter=QUARTER)
    assert [finding.rule for finding in refused] == ["survey.wrong_file"]
    same(parse(path, worker, declarations, mapping=folder).frame, expected, worker)


def test_a_reworded_question_is_taken_and_said(answers, worker, declarations, tmp_path):
    path = write(answers.rename(columns={"q2.1": "2.1 ผู้บังคับบัญชาของท่านมีความยุติธรรม"}), tmp_path / "w.csv")
    reading = parse(path, worker, declarations)
    assert "q2.1" in reading.items
    assert [f.column for f in reading.findings if f.rule == "survey.reworded"] == ["q2.1"]


def refused_rules(frame_or_bytes, questionnaire, declarations, tmp_path, name="f.csv"):
    path = tmp_path / name
    if isinstance(frame_or_bytes, bytes):
        path.write_bytes(frame_or_bytes)
    else:
        write(frame_or_bytes, path)
    frame, found = read(path, questionnaire, declarations, quarter=QUARTER)
    errors = [finding for finding in found if finding.severity == "error"]
    assert frame.empty and errors
    for finding in errors:
        assert finding.where.startswith("surveys/") and str(tmp_path) not in str(finding)
        assert finding.th != finding.en and any("\u0e00" <= c <= "\u0e7f" for c in finding.th)
    return {finding.rule for finding in errors}


def test_the_other_surveys_file_is_refused(answers, worker, employer, declarations, tmp_path):
    assert refused_rules(answers, employer, declarations, tmp_path) == {"survey.wrong_file"}
    others = respondents(declarations, employer, 40, seed=1)
    assert refused_rules(others, worker, declarations, tmp_path) == {"survey.wrong_file"}


def test_another_scale_is_refused(answers, worker, declarations, tmp_path):
    ten = answers.assign(**{"q1.1": [str(n % 10 + 1) for n in range(60)]})
    assert refused_rules(ten, worker, declarations, tmp_path) == {"survey.other_scale"}


def test_two_columns_for_one_question_are_refused(answers, worker, declarations, tmp_path):
    twice = answers.assign(**{worker.items[1].text.th: answers["q2.1"]})
    assert refused_rules(twice, worker, declarations, tmp_path) == {"survey.wrong_file"}


def ragged():
    stream = io.StringIO()
    rows = csv.writer(stream)
    rows.writerow(["a", "b"])
    rows.writerows([["1", "2"]] * 60)
    rows.writerow(["1", "2", "3"])
    return stream.getvalue().encode()


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "survey.unreadable"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600,
            ("survey.unreadable", "xlsx.damaged", "xlsx.locked"),
        ),
        (b"PK\x03\x04 broken", ("survey.unreadable", "xlsx.damaged")),
        (b"\xff\xfe\x00\xd8\x00", "survey.unreadable"),
        (b"a,b\n1,\xdb\xdc\xfc\n", "survey.unreadable"),
        (b'a,b\n1,"never closed\n' + b"2,3\n" * 80, "survey.unreadable"),
        (ragged(), "survey.ragged_row"),
        (b"name,colour\nx,red\n", "survey.wrong_file"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_traceback(data, rule, worker, declarations, tmp_path):
    (found,) = refused_rules(data, worker, declarations, tmp_path)
    assert found in rule if isinstance(rule, tuple) else found == rule


def test_a_missing_file_is_said(worker, declarations, tmp_path):
    _, found = read(tmp_path / "none.csv", worker, declarations, quarter=QUARTER)
    assert [finding.rule for finding in found] == ["survey.unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        "columns = 3",
        "[columns]\nprovince = 'จังหวัด'",
        "[values.status]\nformal = [1]",
        "[values]\nblank = '-'",
        "= broken",
    ],
)
def test_names_of_columns_that_are_no_lists_are_refused_with_words(tmp_path, text):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/survey_reading.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"survey_reading|names of columns"):
        reading_aliases(tmp_path)


def test_own_names_are_laid_over_the_packages_and_read_anew_when_they_change(tmp_path):
    (tmp_path / "rules").mkdir()
    path = tmp_path / "rules/survey_reading.toml"
    path.write_text('[columns]\nskill = ["ฝีมือ"]\n[values.status]\nformal = ["ม.33"]\n', encoding="utf-8")
    found, packaged = reading_aliases(tmp_path), reading_aliases()
    assert found.columns["skill"] == ("ฝีมือ",) and found.columns["province"] == packaged.columns["province"]
    assert found.values["status"]["formal"] == ("ม.33",)
    assert found.values["status"]["informal"] == packaged.values["status"]["informal"]
    path.write_text('[columns]\nskill = ["ระดับฝีมือ"]\n', encoding="utf-8")
    assert reading_aliases(tmp_path).columns["skill"] == ("ระดับฝีมือ",)
