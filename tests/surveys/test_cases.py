"""The rows C of the table of faulty inputs that concern reading, one test a row, by number."""

from __future__ import annotations

import io
import re
import tracemalloc

import numpy as np
import openpyxl
import pandas as pd
import pytest

from reporter.domain.errors import InputError
from reporter.inputs.workspace import needs_waiver
from reporter.surveys.responses import parse, read
from surveys.respondents import respondents, write

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")


@pytest.fixture(scope="module")
def worker(declarations):
    return declarations.questionnaires["worker"]


@pytest.fixture(scope="module")
def employer(declarations):
    return declarations.questionnaires["employer"]


@pytest.fixture
def workers(declarations, worker):
    return respondents(declarations, worker, 120, seed=5, blank=0.0)


@pytest.fixture
def employers(declarations, employer):
    return respondents(declarations, employer, 120, seed=5, blank=0.0)


def refused(path, questionnaire, declarations):
    frame, found = read(path, questionnaire, declarations, quarter=QUARTER)
    assert frame.empty
    return [finding for finding in found if finding.severity == "error"]


def sheets(path, *pages, hidden=(), hidden_rows=()):
    """A workbook of frames; ``hidden`` numbers of hidden sheets, ``hidden_rows`` rows of the first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, frame in enumerate(pages):
        sheet = book.create_sheet(f"แผ่น {number + 1}")
        for row in (frame.columns, *frame.itertuples(index=False)):
            sheet.append(list(row))
        if number in hidden:
            sheet.sheet_state = "hidden"
    for row in hidden_rows:
        book.worksheets[0].row_dimensions[row].hidden = True
    book.save(path)
    return path


@pytest.mark.parametrize("row", [3, 12, 100])
def test_c01_c02_a_row_with_a_cell_too_many_is_one_error_with_its_row(
    workers, worker, declarations, tmp_path, row
):
    lines = write(workers, tmp_path / "w.csv").read_text(encoding="utf-8").split("\n")
    cells = lines[row - 1].split(",")
    cells.insert(3, "อาหาร")
    lines[row - 1] = ",".join([*cells[:-1], "x"])
    (tmp_path / "w.csv").write_text("\n".join(lines), encoding="utf-8")
    (finding,) = refused(tmp_path / "w.csv", worker, declarations)
    assert (finding.rule, finding.row) == ("survey.ragged_row", row)


@pytest.mark.parametrize(
    ("text", "value"), [("1,250", 1250), ("1.9E+03", 1900), ("6.0E+02", 600), ("๑.๕", 1.5)]
)
def test_c03_weights_are_read_as_every_number_is(workers, worker, declarations, tmp_path, text, value):
    reading = parse(write(workers.assign(weight=text), tmp_path / "w.csv"), worker, declarations)
    assert set(reading.frame["weight"]) == {np.float32(value)}


@pytest.mark.parametrize("text", ["1,9", "0,6", "1.9p", "-1"])
def test_c03_weights_that_can_be_read_in_two_ways_are_told(workers, worker, declarations, tmp_path, text):
    weight = ["1"] * 119 + [text]
    reading = parse(write(workers.assign(weight=weight), tmp_path / "w.csv"), worker, declarations)
    assert [(one.column, one.values) for one in reading.breaches] == [("weight", (text,))]


def test_c04_one_enormous_weight_is_told(workers, worker, declarations, tmp_path):
    weight = ["1"] * 119 + ["1000000"]
    reading = parse(write(workers.assign(weight=weight), tmp_path / "w.csv"), worker, declarations)
    (finding,) = [one for one in reading.findings if one.rule == "survey.weights"]
    assert finding.row == 121
    assert "100 %" in finding.en


def test_c04_a_group_that_weighs_nothing_is_told(workers, worker, declarations, tmp_path):
    weight = ["0" if code == "low" else "2" for code in workers["skill"]]
    reading = parse(write(workers.assign(weight=weight), tmp_path / "w.csv"), worker, declarations)
    assert "low" in next(one.en for one in reading.findings if one.rule == "survey.weights")


def test_c05_ticked_values_joined_by_spaces_are_all_read(employers, employer, declarations, tmp_path):
    spaced = employers.assign(traits=[text.replace(";", " ") for text in employers["traits"]])
    expected = parse(write(employers, tmp_path / "a.csv"), employer, declarations).frame
    found = parse(write(spaced, tmp_path / "b.csv"), employer, declarations).frame
    traits = [f"trait:{trait.id}" for trait in employer.traits]
    pd.testing.assert_frame_equal(found[traits], expected[traits])


@pytest.mark.parametrize("separator", ["/", " / ", " + ", "\n", " | "])
def test_c05_other_separators_are_read(employers, employer, declarations, tmp_path, separator):
    parted = employers.assign(traits=[text.replace(";", separator) for text in employers["traits"]])
    expected = parse(write(employers, tmp_path / "a.csv"), employer, declarations).frame
    found = parse(write(parted, tmp_path / "b.csv"), employer, declarations).frame
    traits = [f"trait:{trait.id}" for trait in employer.traits]
    pd.testing.assert_frame_equal(found[traits], expected[traits])


def test_c05_a_list_that_is_not_understood_is_told(employers, employer, declarations, tmp_path):
    parted = employers.assign(traits=[text.replace(";", " กับ ") for text in employers["traits"]])
    reading = parse(write(parted, tmp_path / "b.csv"), employer, declarations)
    assert "survey.unread_items" in {one.rule for one in reading.findings}


def test_c06_words_inside_an_other_text_tick_nothing(employers, employer, declarations, tmp_path):
    names = {trait.id: trait.name.th for trait in employer.traits}
    text = f"{names['teamwork']}, ไม่เน้น{names['communication']}"
    found = parse(write(employers.assign(traits=text), tmp_path / "e.csv"), employer, declarations).frame
    assert found["trait:teamwork"].mean() == 1
    assert found["trait:communication"].mean() == 0
    assert set(found["traits_other"]) == {f"ไม่เน้น{names['communication']}"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:12:30", 750),
        ("0:12:30", 750),
        ("12 นาที 30 วินาที", 750),
        ("12 นาที", 720),
        ("750.4", 750.4),
        ("1 ชั่วโมง 5 นาที", 3900),
    ],
)
def test_c07_durations_however_written(workers, worker, declarations, tmp_path, text, seconds):
    path = write(workers.assign(interviewtime=text), tmp_path / "w.csv")
    assert set(parse(path, worker, declarations).frame["duration_seconds"]) == {np.float32(seconds)}
    assert len(read(path, worker, declarations, quarter=QUARTER)[0]) == 120


@pytest.mark.parametrize("text", ["12:30", "นาน"])
def test_c07_what_cannot_be_read_leaves_nobody_out_and_is_told(workers, worker, declarations, tmp_path, text):
    path = write(workers.assign(interviewtime=text), tmp_path / "w.csv")
    frame, found = read(path, worker, declarations, quarter=QUARTER)
    assert len(frame) == 120
    assert [(one.column, one.severity) for one in found if one.rule == "survey.impossible_value"] == [
        ("duration_seconds", "warning")
    ]


@pytest.mark.parametrize(
    ("column", "text", "kept"),
    [
        ("age", "15-24", 120),
        ("age", "60 ปีขึ้นไป", 120),
        ("age", "<15", 0),
        ("age", "ต่ำกว่า 15 ปี", 0),
        ("age", "25 ปี", 120),
        ("employed", "ไม่มีงานทำ", 0),
        ("employed", "ว่างงาน", 0),
        ("employed", "ไม่ได้ทำงาน", 0),
        ("employed", "ทำงาน", 120),
    ],
)
def test_c08_age_bands_and_worded_employment(workers, worker, declarations, tmp_path, column, text, kept):
    frame, found = read(
        write(workers.assign(**{column: text}), tmp_path / "w.csv"), worker, declarations, quarter=QUARTER
    )
    assert len(frame) == kept
    assert not [one for one in found if one.rule == "survey.impossible_value"]


def test_c09_the_visible_sheet_is_read_and_the_hidden_one_told(workers, worker, declarations, tmp_path):
    path = sheets(tmp_path / "w.xlsx", workers.iloc[:50], workers.iloc[50:], hidden=[0])
    reading = parse(path, worker, declarations)
    assert reading.frame["respondent_id"].iloc[0] == workers["respondent_id"].iloc[50]
    assert [one.value for one in reading.findings if one.rule == "survey.hidden_sheet"] == ["แผ่น 1"]


def test_c10_filtered_rows_refuse_the_file(workers, worker, declarations, tmp_path):
    path = sheets(tmp_path / "w.xlsx", workers, hidden_rows=range(2, 102))
    (finding,) = refused(path, worker, declarations)
    assert (finding.rule, finding.row) == ("survey.hidden_rows", 2)
    assert "100 rows" in finding.en


def test_c10_two_sheets_of_answers_are_refused(workers, worker, declarations, tmp_path):
    path = sheets(tmp_path / "w.xlsx", workers.iloc[:60], workers.iloc[60:])
    assert [one.rule for one in refused(path, worker, declarations)] == ["survey.several_sheets"]


@pytest.mark.parametrize(("old", "new"), [("action3", "ดำเนินการข้อสาม"), ("rank4", "ลำดับ 4 สวัสดิการ")])
def test_c11_a_renamed_column_is_missed_with_the_likely_one(
    workers, worker, declarations, tmp_path, old, new
):
    reading = parse(write(workers.rename(columns={old: new}), tmp_path / "w.csv"), worker, declarations)
    (finding,) = [one for one in reading.findings if one.rule == "survey.missing_column"]
    assert (finding.severity, finding.column) == ("warning", old)
    assert new in finding.en


def test_c11_a_missing_check_list_is_told(employers, employer, declarations, tmp_path):
    reading = parse(
        write(employers.rename(columns={"traits": "ทักษะที่ต้องการ"}), tmp_path / "e.csv"), employer, declarations
    )
    assert [one.column for one in reading.findings if one.rule == "survey.missing_column"] == ["traits"]


@pytest.mark.parametrize("codec", ["latin-1", "cp874"])
def test_c13_text_decoded_twice_is_one_error(workers, worker, declarations, tmp_path, codec):
    names = {group.code: group.name.th for group in declarations.groups_of("PROVINCE")}
    thai = workers.assign(province=[names[f"PROVINCE:{code}"] for code in workers["province"]])
    text = thai.to_csv(index=False).encode().decode(codec, errors="replace" if codec == "cp874" else "strict")
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    (finding,) = refused(tmp_path / "w.csv", worker, declarations)
    assert "UTF-8" in finding.en


def test_c14_utf16_without_its_mark_is_read(workers, worker, declarations, tmp_path):
    (tmp_path / "w.csv").write_bytes(workers.to_csv(index=False).encode("utf-16-le"))
    assert len(parse(tmp_path / "w.csv", worker, declarations).frame) == 120


@pytest.mark.parametrize(
    ("text", "code"),
    [("กระบ่ี", "TH-81"), ("ชัยนาท&nbsp;", "TH-18"), ("ตราด&#8203;", "TH-23"), ("<b>ตราด</b>", "TH-23")],
)
def test_c15_thai_spelled_by_another_keyboard(workers, worker, declarations, tmp_path, text, code):
    reading = parse(write(workers.assign(province=text), tmp_path / "w.csv"), worker, declarations)
    assert set(reading.frame["province"]) == {code}


def test_c15_full_width_digits(workers, worker, declarations, tmp_path):
    reading = parse(write(workers.assign(**{"q1.1": "５"}), tmp_path / "w.csv"), worker, declarations)
    assert set(reading.frame["q1.1"]) == {5.0}


def test_c16_ids_that_lost_their_digits_are_one_error(workers, worker, declarations, tmp_path):
    (finding,) = refused(
        write(workers.assign(respondent_id="1.18012E+11"), tmp_path / "w.csv"), worker, declarations
    )
    assert finding.rule == "survey.lost_ids"
    assert "120" in finding.en


def test_c17_one_person_twice_without_an_id_is_told_without_the_address(
    workers, worker, declarations, tmp_path
):
    form = workers.drop(columns="respondent_id").assign(
        **{"Email Address": [f"p{n // 2}@example.org" for n in range(120)]}
    )
    reading = parse(write(form, tmp_path / "w.csv"), worker, declarations)
    (finding,) = [one for one in reading.findings if one.rule == "survey.repeated_person"]
    assert "60" in finding.en and "example.org" not in str(finding)


def test_c18_usual_headers_are_recognised(workers, worker, declarations, tmp_path):
    item = next(one for one in worker.items if one.column == "q3.4")
    headers = {"province": "จังหวัดที่ท่านพักอาศัยและทำงาน", "q3.4": f"<b>{item.text.th}</b>&nbsp;"}
    form = workers.rename(columns=headers)
    reading = parse(write(form, tmp_path / "w.csv"), worker, declarations)
    assert "q3.4" in reading.items
    assert reading.frame["province"].notna().all()


def test_c18_grouped_names_of_kobo(workers, worker, declarations, tmp_path):
    form = workers.rename(
        columns={one.column: f"g_rate/{one.column.replace('.', '_')}" for one in worker.items}
    )
    form = form.rename(columns={one.id: f"g_list/{one.id}" for one in (*worker.actions, *worker.aspects)})
    form = form.rename(
        columns={name: f"g_who/{name}" for name in ("province", "industry", "status", "skill", "work_type")}
    )
    reading = parse(write(form, tmp_path / "w.csv"), worker, declarations)
    assert len(reading.items) == len(worker.items)
    assert not [
        one for one in reading.findings if one.rule in ("survey.missing_column", "survey.unknown_column")
    ]


def test_c18_headers_cut_to_thirty_characters(workers, worker, declarations, tmp_path):
    long = [one for one in worker.aspects if len(one.name.th) > 30]
    form = workers.rename(columns={one.id: one.name.th[:30] for one in long})
    reading = parse(write(form, tmp_path / "w.csv"), worker, declarations)
    assert long
    assert all(one.id in reading.frame for one in long)


@pytest.mark.parametrize("suffix", ["dta", "sav"])
def test_c19_files_of_statistical_packages_are_read(workers, worker, declarations, tmp_path, suffix):
    pyreadstat = pytest.importorskip("pyreadstat")
    form = workers.drop(columns="comment").copy()
    for item in worker.items:
        form[item.column] = form[item.column].astype(float)
    form.columns = [name.replace(".", "_") for name in form.columns]
    path = tmp_path / f"2025-Q3.{suffix}"
    (pyreadstat.write_dta if suffix == "dta" else pyreadstat.write_sav)(form, str(path))
    expected = parse(write(workers, tmp_path / "w.csv"), worker, declarations).frame
    found = parse(path, worker, declarations).frame
    for column in [one.column for one in worker.items] + [
        one.id for one in (*worker.actions, *worker.aspects)
    ]:
        np.testing.assert_array_equal(found[column], expected[column], err_msg=column)
    assert found["province"].tolist() == expected["province"].tolist()


def test_c20_answer_codes_in_rank_cells_are_one_finding_a_column(workers, worker, declarations, tmp_path):
    form = workers.assign(**{one.id: [f"R{rank}" for rank in workers[one.id]] for one in worker.aspects})
    _, found = read(write(form, tmp_path / "w.csv"), worker, declarations, quarter=QUARTER)
    ranks = [one for one in found if one.rule == "survey.impossible_value"]
    assert [one.column for one in ranks] == [one.id for one in worker.aspects]
    assert re.search('"R[1-7]"', ranks[0].en) and "120 rows" in ranks[0].en


def test_day_and_month_in_one_order_for_the_whole_file(workers, worker, declarations, tmp_path):
    form = workers.assign(**{"Start time": "9/8/2025 09:00:00", "Completion time": "9/8/2025 09:10:00"})
    form.loc[0, "Completion time"] = "8/13/2025 09:10:00"
    form.loc[0, "Start time"] = "8/13/2025 09:00:00"
    frame, _ = read(write(form, tmp_path / "w.csv"), worker, declarations, quarter=QUARTER)
    assert len(frame) == 120
    assert set(frame["duration_seconds"]) == {600.0}


def test_dates_of_both_orders_are_told_and_nobody_is_left_out(workers, worker, declarations, tmp_path):
    form = workers.assign(timestamp=["13/8/2025", "8/14/2025", *["9/8/2025"] * 118])
    frame, found = read(write(form, tmp_path / "w.csv"), worker, declarations, quarter=QUARTER)
    assert len(frame) == 120
    assert [one.rule for one in found if "moment" in one.rule] == ["survey.unknown_moment"]


def test_d08_two_columns_of_one_meaning_are_refused(workers, worker, declarations, tmp_path):
    with pytest.raises(InputError) as caught:
        parse(write(workers.assign(ข้อเสนอแนะ="x"), tmp_path / "w.csv"), worker, declarations)
    assert "comment" in caught.value.findings[0].en and "ข้อเสนอแนะ" in caught.value.findings[0].en


def test_two_questions_for_remarks_are_read_as_one_text(workers, worker, declarations, tmp_path):
    form = workers.drop(columns="comment").assign(ความคิดเห็นเพิ่มเติม="ก", ข้อเสนอแนะ=["", "ข"] * 60)
    frame = parse(write(form, tmp_path / "w.csv"), worker, declarations).frame
    assert frame["comment"].tolist() == ["ก", "ก / ข"] * 60


def test_d09_a_second_header_row_is_no_respondent(workers, worker, declarations, tmp_path):
    first = pd.DataFrame([dict.fromkeys(workers.columns, "Response")])
    frame, _ = read(
        write(pd.concat([first, workers]), tmp_path / "w.csv"), worker, declarations, quarter=QUARTER
    )
    assert len(frame) == 120


def test_excels_first_line_sep_is_obeyed(workers, worker, declarations, tmp_path):
    stream = io.StringIO()
    workers.to_csv(stream, index=False, sep=";")
    (tmp_path / "w.csv").write_text("sep=;\n" + stream.getvalue(), encoding="utf-8")
    assert len(parse(tmp_path / "w.csv", worker, declarations).frame) == 120


@pytest.mark.parametrize(
    ("text", "age"),
    [("อายุ 25-34 ปี", 25), ("มากกว่า 60", 61), ("> 60 ปี", 61), ("ตั้งแต่ 60 ปีขึ้นไป", 60), ("อายุต่ำกว่า 15 ปี", 14)],
)
def test_bands_of_age_in_words_are_read(workers, worker, declarations, tmp_path, text, age):
    frame = parse(write(workers.assign(age=text), tmp_path / "w.csv"), worker, declarations).frame
    assert set(frame["age"]) == {age}


def test_iso_durations_and_numbered_or_grouped_headers_are_read(workers, worker, declarations, tmp_path):
    form = workers.assign(interviewtime="PT12M30S")
    for pattern in ("ข้อ {}", "ข้อที่ {}", "rating.q{}", "page1:q{}"):
        renamed = form.rename(columns={one.column: pattern.format(one.column[1:]) for one in worker.items})
        frame = parse(write(renamed, tmp_path / "w.csv"), worker, declarations).frame
        assert all(one.column in frame for one in worker.items), pattern
        assert set(frame["duration_seconds"]) == {750.0}


def test_the_province_nan_is_no_blank(workers, worker, declarations, tmp_path):
    names = ["Nan", "NAN", "nan", *["Chiang Mai"] * 117]
    frame = parse(write(workers.assign(province=names), tmp_path / "w.csv"), worker, declarations).frame
    assert frame["province"].tolist()[:4] == ["TH-55", "TH-55", np.nan, "TH-50"]


def same_answers(path, base, questionnaire, declarations, quarter=QUARTER):
    """Whether a file gives the ratings, actions and ranks of the base, and nothing that must be answered."""
    frame, found = read(path, questionnaire, declarations, quarter=quarter)
    names = [name for name in base if str(name).startswith(("q", "action", "rank"))]
    assert [one.en for one in found if one.severity != "note"] == []
    np.testing.assert_array_equal(frame[names].to_numpy(float), base[names].to_numpy(float))


@pytest.fixture
def base(workers, worker, declarations, tmp_path):
    return parse(write(workers, tmp_path / "base.csv"), worker, declarations).frame


@pytest.mark.parametrize("word", ["Response", "Open-Ended Response", "คำตอบ"])
def test_a_second_header_row_of_answers_is_no_respondent_and_no_finding(
    workers, worker, declarations, base, tmp_path, word
):
    path = tmp_path / "w.csv"
    rows = [list(workers), [word] * workers.shape[1], *workers.to_numpy().tolist()]
    pd.DataFrame(rows).to_csv(path, index=False, header=False)
    same_answers(path, base, worker, declarations)


def test_options_in_a_second_header_row_are_all_read(workers, worker, declarations, base, tmp_path):
    path, ids = tmp_path / "w.csv", [action.id for action in worker.actions]
    wording = {action.id: action.name.th for action in worker.actions}
    others = [name for name in workers if name not in ids]
    question = "ในช่วง 6 เดือนที่ผ่านมา องค์กรของคุณได้ดำเนินการด้านใดบ้าง"
    rows = [[*others, question, *[""] * (len(ids) - 1)], [*[""] * len(others), *wording.values()]]
    for _, row in workers.iterrows():
        rows.append([*row[others], *[wording[one] if row[one] == "1" else "" for one in ids]])
    pd.DataFrame(rows).to_csv(path, index=False, header=False)
    same_answers(path, base, worker, declarations)


def test_one_answer_that_reads_like_an_option_makes_no_second_header(workers, worker, declarations, tmp_path):
    ids = [action.id for action in worker.actions]
    frame = workers.drop(columns=ids).assign(unknown=[worker.actions[0].name.th, *[""] * 119])
    assert len(parse(write(frame, tmp_path / "w.csv"), worker, declarations).frame) == 120


def test_kobos_two_numbers_of_an_answer_are_no_contradiction(workers, worker, declarations, base, tmp_path):
    groups = {"q": "group_a/", "action": "group_b/", "rank": "group_c/"}
    names = {
        name: next((front for start, front in groups.items() if name.startswith(start)), "")
        + name.replace(".", "_")
        for name in workers
    }
    frame = workers.rename(columns=names).drop(columns="respondent_id")
    frame = frame.assign(_id=range(120), _uuid=[f"u{n}" for n in range(120)], _tags="")
    same_answers(write(frame, tmp_path / "w.csv"), base, worker, declarations)
    hyphens = frame.rename(columns=lambda name: name.replace("/", "-"))
    same_answers(write(hyphens, tmp_path / "h.csv"), base, worker, declarations)


def test_ranks_as_ordinals_a_repeated_header_and_lone_returns(workers, worker, declarations, base, tmp_path):
    ends = {"1": "1st", "2": "2nd", "3": "3rd"}
    ranks = [aspect.id for aspect in worker.aspects]
    frame = workers.assign(**{one: [ends.get(text, f"{text}th") for text in workers[one]] for one in ranks})
    header = pd.DataFrame([dict(zip(frame.columns, frame.columns, strict=True))])
    frame = pd.concat([frame.iloc[:50], header, frame.iloc[50:]], ignore_index=True)
    path = write(frame, tmp_path / "w.csv")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    same_answers(path, base, worker, declarations)


def package(workers, worker, path, labels, **changed):
    """An SPSS file of numbers with these value labels (variables as ``q1_1``)."""
    import pyreadstat

    numbers = [name for name in workers if name.startswith(("q", "action", "rank"))]
    frame = workers.assign(**{name: workers[name].astype(float) for name in numbers}).assign(**changed)
    frame = frame.rename(columns=lambda name: name.replace(".", "_"))
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    return path


def test_a_head_that_states_more_rows_than_the_file_holds_is_refused_before_memory_is_taken(
    workers, worker, declarations, tmp_path
):
    import pyreadstat

    path = package(workers, worker, tmp_path / "w.sav", {})
    content = bytearray(path.read_bytes())
    count = slice(80, 84)  # the number of cases in the head of a .sav
    assert (
        int.from_bytes(content[count], "little")
        == len(workers)
        == pyreadstat.read_sav(str(path))[1].number_rows
    )
    content[count] = (741_859_373).to_bytes(4, "little")
    path.write_bytes(content)
    tracemalloc.start()
    answers, found = read(path, worker, declarations, quarter=QUARTER)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answers.empty and [one.severity for one in found] == ["error"] and ".sav" in found[0].en
    assert taken < 100 * 2**20  # 6 GB before, and no end of it


def test_the_labels_of_a_package_say_which_way_a_scale_runs(workers, worker, declarations, base, tmp_path):
    turned = {float(6 - rating): word for rating, word, _ in worker.scale}
    items = [item.column for item in worker.items]
    path = package(
        workers,
        worker,
        tmp_path / "w.sav",
        {name.replace(".", "_"): turned for name in items},
        **{name: 6 - workers[name].astype(float) for name in items},
    )
    same_answers(path, base, worker, declarations)


@pytest.mark.parametrize(
    "labels", [{1.0: "Strongly agree", 5.0: "Strongly disagree"}, {1.0: "เห็นด้วยมากที่สุด", 5.0: "ไม่เห็นด้วย"}]
)
def test_labels_that_leave_the_direction_open_are_one_finding(
    workers, worker, declarations, tmp_path, labels
):
    names = [item.column.replace(".", "_") for item in worker.items]
    path = package(workers, worker, tmp_path / "w.sav", dict.fromkeys(names, labels))
    found = [one for one in parse(path, worker, declarations).findings if one.severity == "warning"]
    assert [one.rule for one in found] == ["survey.scale_labels"]
    assert needs_waiver(found[0])


def test_labelled_codes_of_groups_and_of_yes_and_no_are_read(workers, worker, declarations, base, tmp_path):
    actions = [action.id for action in worker.actions]
    labels = {"status": {1.0: "แรงงานในระบบ", 2.0: "แรงงานนอกระบบ"}}
    labels |= {name: {1.0: "ใช่", 2.0: "ไม่ใช่"} for name in actions}
    changed = {name: [1.0 if text == "1" else 2.0 for text in workers[name]] for name in actions}
    changed["status"] = workers["status"].map({"formal": 1.0, "informal": 2.0})
    path = package(workers, worker, tmp_path / "w.sav", labels, **changed)
    same_answers(path, base, worker, declarations)
    assert parse(path, worker, declarations).frame["status"].tolist() == workers["status"].tolist()


def test_many_who_weigh_nothing_are_told(workers, worker, declarations, tmp_path):
    weights = ["0", "1"] * 60
    reading = parse(write(workers.assign(weight=weights), tmp_path / "w.csv"), worker, declarations)
    assert "60 of 120" in next(one.en for one in reading.findings if one.rule == "survey.weights")


@pytest.mark.parametrize("is_joined_too", [True, False])
def test_kobos_boxes_of_a_check_list_are_options_even_where_an_item_has_their_words(
    employers, employer, declarations, tmp_path, is_joined_too
):
    base = parse(write(employers, tmp_path / "base.csv"), employer, declarations).frame
    ids = [trait.id for trait in employer.traits]
    boxes = {
        f"part3/traits/{one}": ["01"[one in text.split(";")] for text in employers["traits"]] for one in ids
    }
    frame = employers.assign(**{"part3/traits": [text.replace(";", " ") for text in employers["traits"]]})
    frame = frame.drop(columns=["traits"] if is_joined_too else ["traits", "part3/traits"]).assign(**boxes)
    reading = parse(write(frame, tmp_path / "w.csv"), employer, declarations)
    names = [f"trait:{one}" for one in ids] + ["q4.5"]
    np.testing.assert_array_equal(reading.frame[names].to_numpy(float), base[names].to_numpy(float))
