"""Every kind of broken workspace: the file and the row are named, nothing else is found, nothing is raised."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from reporter.commands.build import check_command
from reporter.domain.errors import errors
from reporter.inputs.workspace import needs_waiver
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")
MONTHLY, QUARTERLY = "series/monthly.csv", "series/quarterly.csv"
WORKER, EMPLOYER = "surveys/worker/2025-Q3.csv", "surveys/employer/2025-Q3.csv"
OUTLOOK = "commentary/2025-Q3/outlook.toml"


def line(name: str, row: int, text: str) -> Callable[[Path], None]:
    """Replace one row (the header is row 1)."""

    def mutate(root: Path) -> None:
        lines = (root / name).read_text(encoding="utf-8").split("\n")
        lines[row - 1] = text
        (root / name).write_text("\n".join(lines), encoding="utf-8")

    return mutate


def cell(name: str, row: int, column: str, text: str) -> Callable[[Path], None]:
    """Replace one cell."""

    def mutate(root: Path) -> None:
        lines = (root / name).read_text(encoding="utf-8").split("\n")
        cells = lines[row - 1].split(",")
        cells[lines[0].split(",").index(column)] = text
        lines[row - 1] = ",".join(cells)
        (root / name).write_text("\n".join(lines), encoding="utf-8")

    return mutate


def whole(name: str, content: str | bytes) -> Callable[[Path], None]:
    """Write a whole file."""

    def mutate(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return mutate


def same_rank(root: Path) -> None:
    """Give row 5 of the workers' file the rank of its second aspect twice."""
    lines = (root / WORKER).read_text(encoding="utf-8").split("\n")
    cells = lines[4].split(",")
    at = lines[0].split(",").index("rank1")
    cells[at : at + 7] = ["1", "1", "3", "4", "5", "6", "7"]
    lines[4] = ",".join(cells)
    (root / WORKER).write_text("\n".join(lines), encoding="utf-8")


def workbook(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """A spreadsheet of three good rows, changed."""
    book = openpyxl.Workbook()
    for row in (["indicator", "period", "value"], ["pmi", "2025-07", 51], ["pmi", "2025-08", 52]):
        book.active.append(row)
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def merged(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("A5:B5")


def formula(book: openpyxl.Workbook) -> None:
    book.active["C3"] = "=C2+1"


def per_cent(book: openpyxl.Workbook) -> None:
    book.active["C3"].number_format = "0.00%"


def far_cell(book: openpyxl.Workbook) -> None:
    book.active["XFD1048576"] = 1


def link_out(root: Path) -> None:
    (root / "series" / "out.csv").symlink_to(root.parent / "elsewhere.csv")
    (root.parent / "elsewhere.csv").write_text("indicator,period,value\npmi,2025-08,50\n")


def thousands_from_2024(root: Path) -> None:
    text = (root / MONTHLY).read_text(encoding="utf-8")
    lines = [
        f"{line[: line.rindex(',')]},{float(line[line.rindex(',') + 1 :]) / 1000}"
        if line.startswith(("vacancies,TH,2024", "vacancies,TH,2025"))
        else line
        for line in text.splitlines()
    ]
    (root / MONTHLY).write_text("\n".join(lines) + "\n", encoding="utf-8")


def serial(book: openpyxl.Workbook) -> None:
    book.active["B3"] = 45901


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()


def damaged_part(data: bytes) -> bytes:
    """Overwrite the first compressed part of an archive."""
    at = data.index(b"PK\x03\x04") + 60
    return data[:at] + b"\xff" * 20 + data[at + 20 :]


BOMB = archive({"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 120_000_000})
ENTITIES = archive({"[Content_Types].xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'})
MACROS = archive({"[Content_Types].xml": b"<x/>", "xl/vbaProject.bin": b"x"})

# name: (what is broken, file, row, rule)
BROKEN: dict[str, tuple[Callable[[Path], None], str, int | None, str]] = {
    "unknown_indicator": (line(MONTHLY, 5, "mpii,TH,2021-04,100"), MONTHLY, 5, "series.indicator"),
    "unknown_group": (line(MONTHLY, 6, "mpi,PROVINCE:TH-99,2021-05,100"), MONTHLY, 6, "series.group"),
    "month_13": (line(MONTHLY, 7, "mpi,TH,2021-13,100"), MONTHLY, 7, "series.period"),
    "quarter_5": (line(QUARTERLY, 6, "unemployment_rate,2017-Q5,1,"), QUARTERLY, 6, "series.period"),
    "year_9999": (line(MONTHLY, 7, "mpi,TH,9999-01,100"), MONTHLY, 7, "series.period"),
    "date_serial_as_text": (line(MONTHLY, 7, "mpi,TH,45901,100"), MONTHLY, 7, "series.period"),
    "word_for_number": (line(MONTHLY, 8, "mpi,TH,2021-07,สูง"), MONTHLY, 8, "series.value"),
    "infinite": (line(MONTHLY, 8, "mpi,TH,2021-07,inf"), MONTHLY, 8, "series.value"),
    "not_a_number": (line(MONTHLY, 8, "mpi,TH,2021-07,nan"), MONTHLY, 8, "series.value"),
    "decimal_comma": (line(MONTHLY, 8, 'mpi,TH,2021-07,"100,25"'), MONTHLY, 8, "series.value"),
    "beyond_bounds": (line(QUARTERLY, 10, "unemployment_rate,2016-Q3,-4,"), QUARTERLY, 10, "series.range"),
    "times_thousand": (line(MONTHLY, 70, "vacancies,TH,2021-12,30.3"), MONTHLY, 70, "series.unit_slip"),
    "share_for_per_cent": (
        line(QUARTERLY, 10, "unemployment_rate,2016-Q3,0.0092,"),
        QUARTERLY,
        10,
        "series.unit_slip",
    ),
    "another_value_again": (line(MONTHLY, 3, "mpi,TH,2021-01,99"), MONTHLY, 3, "series.duplicate"),
    "quarter_in_monthly": (line(MONTHLY, 9, "mpi,TH,2021-Q3,100"), MONTHLY, 9, "series.frequency"),
    "month_in_quarterly": (
        line(QUARTERLY, 10, "unemployment_rate,2016-08,0.9,"),
        QUARTERLY,
        10,
        "series.frequency",
    ),
    "bad_date": (
        line(QUARTERLY, 10, "unemployment_rate,2016-Q3,0.9,31/12/2018"),
        QUARTERLY,
        10,
        "series.as_of",
    ),
    "known_before_it_began": (
        line(QUARTERLY, 10, "unemployment_rate,2016-Q3,0.9,2015-12-31"),
        QUARTERLY,
        10,
        "series.as_of",
    ),
    "too_many_cells": (line(MONTHLY, 11, "mpi,TH,2021-10,1,234.5"), MONTHLY, 11, "file.ragged"),
    "missing_column": (line(MONTHLY, 1, "indicator,group,date,value"), MONTHLY, 1, "columns.missing"),
    "column_twice": (line(MONTHLY, 1, "indicator,value,period,value"), MONTHLY, 1, "columns.duplicate"),
    "empty_file": (whole("series/empty.csv", ""), "series/empty.csv", None, "file.empty"),
    "nul_bytes": (
        whole("series/nul.csv", b"indicator,period,value\nmpi,2019-01\x00,1\n"),
        "series/nul.csv",
        2,
        "file.nul",
    ),
    "a_picture": (
        whole("series/photo.csv", b"\x89PNG\r\n\x1a\n0000"),
        "series/photo.csv",
        None,
        "file.binary",
    ),
    "no_known_encoding": (
        whole("series/odd.csv", b"indicator,period,value\nmpi,2019-01,1\nmpi,2019-\xff\xdb,1\n"),
        "series/odd.csv",
        3,
        "file.encoding",
    ),
    "not_a_spreadsheet": (
        whole("series/x.xlsx", b"PK\x03\x04 damaged"),
        "series/x.xlsx",
        None,
        "xlsx.damaged",
    ),
    "damaged_compression": (
        whole("series/x.xlsx", damaged_part(workbook(lambda book: None))),
        "series/x.xlsx",
        None,
        "xlsx.damaged",
    ),
    "zip_bomb": (whole("series/x.xlsx", BOMB), "series/x.xlsx", None, "xlsx.bomb"),
    "entity_bomb": (whole("series/x.xlsx", ENTITIES), "series/x.xlsx", None, "xlsx.entity"),
    "macros": (whole("series/x.xlsx", MACROS), "series/x.xlsx", None, "xlsx.macro"),
    "macro_file": (whole("series/x.xlsm", MACROS), "series/x.xlsm", None, "xlsx.macro"),
    "merged_cells": (whole("series/x.xlsx", workbook(merged)), "series/x.xlsx", 5, "xlsx.merged"),
    "formula_without_value": (whole("series/x.xlsx", workbook(formula)), "series/x.xlsx", 3, "xlsx.formula"),
    "per_cent_format": (whole("series/x.xlsx", workbook(per_cent)), "series/x.xlsx", 3, "xlsx.percent"),
    "cell_far_away": (whole("series/x.xlsx", workbook(far_cell)), "series/x.xlsx", None, "xlsx.size"),
    "link_out_of_the_workspace": (link_out, "series/out.csv", None, "file.outside"),
    "unit_changed_midway": (thousands_from_2024, MONTHLY, 95, "series.unit_slip"),
    "folder_named_as_file": (
        lambda root: (root / "recipients.csv").unlink() or (root / "recipients.csv").mkdir(),
        "recipients.csv",
        None,
        "file.kind",
    ),
    "date_serial": (whole("series/x.xlsx", workbook(serial)), "series/x.xlsx", 3, "series.period"),
    "rating_of_nine": (cell(WORKER, 4, "q1.1", "9"), WORKER, 4, "survey.impossible_value"),
    "tied_ranks": (same_rank, WORKER, 5, "survey.ranking_tie"),
    "action_of_two": (cell(WORKER, 6, "action3", "2"), WORKER, 6, "survey.impossible_value"),
    "unknown_province": (cell(EMPLOYER, 7, "province", "TH-00"), EMPLOYER, 7, "survey.unknown_province"),
    "unknown_industry": (cell(EMPLOYER, 8, "industry", "Z"), EMPLOYER, 8, "survey.unknown_industry"),
    "respondent_twice": (cell(WORKER, 9, "respondent_id", "W253-00001"), WORKER, 9, "survey.duplicate_id"),
    "broken_toml": (whole(OUTLOOK, "[[factors]]\norigin = abroad\n"), OUTLOOK, 2, "commentary"),
    "unknown_origin": (
        whole(OUTLOOK, '[[factors]]\norigin = "mars"\nsign = "+"\naffects = "both"\ntext = "x"\n'),
        OUTLOOK,
        None,
        "commentary",
    ),
    "commentary_not_utf8": (
        whole("commentary/2025-Q3/03.md", "ข้อ".encode("cp874")),
        "commentary/2025-Q3/03.md",
        1,
        "commentary",
    ),
    "chapter_twice": (
        whole("commentary/2025-Q3/chapter-2.md", "x"),
        "commentary/2025-Q3/chapter-2.md",
        None,
        "commentary",
    ),
    "no_address": (
        whole("recipients.csv", "agency,name,email\nก,ข,someone\n"),
        "recipients.csv",
        2,
        "recipients.email",
    ),
    "address_twice": (
        whole("recipients.csv", "agency,name,email\nก,ข,a@example.org\nก,ค,A@example.org\n"),
        "recipients.csv",
        3,
        "recipients.email",
    ),
    "header_injection": (
        whole("recipients.csv", 'agency,name,email\nก,"ข\nBcc: x@example.org",a@example.org\n'),
        "recipients.csv",
        2,
        "recipients.name",
    ),
    "period_that_has_not_begun": (
        line(MONTHLY, 115, "vacancies,TH,2099-09,30300"),
        MONTHLY,
        115,
        "series.future",
    ),
    "columns_without_end": (
        whole(
            "series/wide.csv", "indicator,period,value," + ",".join(f"c{n}" for n in range(150_000)) + "\n"
        ),
        "series/wide.csv",
        1,
        "file.columns",
    ),
    "folder_of_surveys_is_a_file": (
        lambda root: (shutil.rmtree(root / "surveys"), (root / "surveys").write_text("x")),
        "surveys",
        None,
        "folder.kind",
    ),
    "nobody_answered": (
        lambda root: (root / WORKER).write_text((root / WORKER).read_text(encoding="utf-8").split("\n")[0]),
        WORKER,
        None,
        "survey.no_rows",
    ),
    "answers_of_another_quarter": (
        lambda root: shutil.copy(root / WORKER, root / "surveys/worker/2025-Q2.csv"),
        WORKER,
        None,
        "survey.copy",
    ),
    "survey_of_the_other_kind": (
        lambda root: shutil.copy(root / EMPLOYER, root / WORKER),
        WORKER,
        1,
        "survey.wrong_file",
    ),
    "cleaning_rules_not_toml": (
        whole("rules/survey_cleaning.toml", "x = [\n"),
        "rules/survey_cleaning.toml",
        None,
        "declaration",
    ),
    "plan_of_no_province": (
        whole("surveys/plan-worker.csv", "province,quota\nTH-99,10\n"),
        "surveys/plan-worker.csv",
        2,
        "",
    ),
    "calendar_without_time": (
        whole("calendar.toml", '[[releases]]\nquarter = "2025-Q3"\n'),
        "calendar.toml",
        None,
        "declaration",
    ),
    "waiver_without_reason": (
        whole("waivers.toml", '[[waivers]]\nrule = "series.jump"\nby = "ก"\non = 2025-11-10\n'),
        "waivers.toml",
        None,
        "declaration",
    ),
    "negative_seed": (whole("workspace.toml", "seed = -1\n"), "workspace.toml", None, "declaration"),
    "release_date_in_thai_form": (
        whole("workspace.toml", 'release_date = "20/11/2568"\n'),
        "workspace.toml",
        None,
        "declaration",
    ),
    "base_period_backwards": (
        whole("workspace.toml", 'base_start = "2020-Q1"\nbase_end = "2015-Q1"\n'),
        "workspace.toml",
        None,
        "settings.base",
    ),
    "base_period_without_data": (
        whole("workspace.toml", 'base_start = "1950-Q1"\nbase_end = "1955-Q4"\n'),
        "workspace.toml",
        None,
        "settings.base",
    ),
    "passwords_linked_as_commentary": (
        lambda root: (root / "commentary/2025-Q3/03.md").symlink_to("/etc/passwd"),
        "commentary/2025-Q3/03.md",
        None,
        "file.outside",
    ),
    "pipe": (lambda root: os.mkfifo(root / "series/pipe.csv"), "series/pipe.csv", None, "file.kind"),
    "quote_never_closed": (
        whole("series/q.csv", 'indicator,period,value\npmi,2025-07,"51\n' + "pmi,2025-08,52\n" * 20_000),
        "series/q.csv",
        None,
        "file.csv",
    ),
    "two_addresses_in_one_cell": (
        whole("recipients.csv", 'agency,name,email\nก,ข,"a@example.org, b@example.org"\n'),
        "recipients.csv",
        2,
        "recipients.email",
    ),
    "word_for_period": (
        line(MONTHLY, 60, "mpi,TH,period,100"),
        MONTHLY,
        60,
        "series.period",
    ),
    "unknown_setting": (whole("workspace.toml", "colour = 1\n"), "workspace.toml", None, "declaration"),
    "own_indicator_without_polarity": (
        whole("indicators/economy/extra.toml", 'order = 9\nname = {th = "ก", en = "a"}\n'),
        "indicators/economy/extra.toml",
        None,
        "declaration",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_workspace_names_file_and_row(kind: str, good: Path) -> None:
    mutate, where, row, rule = BROKEN[kind]
    mutate(good)
    found = errors(check_workspace(good, QUARTER))
    assert found, "nothing was found"
    assert {finding.where for finding in found} == {where}
    assert {finding.rule for finding in found} == {rule}
    if row is not None:
        assert [finding.row for finding in found] == [row]
    for finding in found:
        assert any("\u0e00" <= mark <= "\u0e7f" for mark in finding.th)
        assert finding.en


# Faults that do not touch one another: of each line at most one is put in.
APART = (
    ("unknown_indicator",),
    ("unknown_group",),
    ("month_13",),
    ("word_for_number", "infinite", "decimal_comma"),
    ("quarter_in_monthly",),
    ("times_thousand",),
    ("beyond_bounds", "share_for_per_cent", "bad_date"),
    ("quarter_5",),
    ("per_cent_format", "formula_without_value", "merged_cells", "date_serial", "zip_bomb", "macros"),
    ("empty_file",),
    ("no_known_encoding",),
    ("macro_file",),
    ("rating_of_nine",),
    ("tied_ranks",),
    ("action_of_two",),
    ("respondent_twice",),
    ("unknown_province",),
    ("unknown_industry",),
    ("broken_toml", "unknown_origin"),
    ("commentary_not_utf8",),
    ("no_address", "address_twice", "header_injection"),
    ("calendar_without_time",),
    ("waiver_without_reason",),
    ("cleaning_rules_not_toml",),
    ("plan_of_no_province",),
    ("negative_seed", "unknown_setting", "release_date_in_thai_form"),
)


@pytest.mark.parametrize("seed", range(6))
def test_any_k_faults_are_k_findings_of_one_run(seed: int, good: Path) -> None:
    chance = random.Random(seed)
    lines = chance.sample(APART, chance.randint(2, len(APART)))
    kinds = [chance.choice(line) for line in lines]
    if "cleaning_rules_not_toml" in kinds:  # without rules no answer can be judged
        kinds = [kind for kind in kinds if BROKEN[kind][1] not in (WORKER, EMPLOYER)]
    for kind in kinds:
        BROKEN[kind][0](good)
    found = [one for one in check_workspace(good, QUARTER) if one.severity == "error" or needs_waiver(one)]
    wanted = [(where, rule) for _, where, _, rule in (BROKEN[kind] for kind in kinds)]
    assert Counter((one.where, one.rule) for one in found) == Counter(wanted)


def test_good_workspace_has_neither_errors_nor_warnings(good: Path) -> None:
    assert [str(f) for f in check_workspace(good, QUARTER) if f.severity != "note"] == []


# name: (what is odd but usable, file, rule)
ODD: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "tis_620": (
        whole("series/thai.csv", "indicator,period,value,หมายเหตุ\npmi,2025-07,51,ก\n".encode("cp874")),
        "series/thai.csv",
        "file.encoding",
    ),
    "mixed_eras": (line(MONTHLY, 9, "mpi,TH,2564-08,100.2"), MONTHLY, "series.mixed_eras"),
    "same_value_again": (line(MONTHLY, 3, "mpi,TH,2021-01,100.00"), MONTHLY, "series.duplicate"),
    "header_only": (whole("series/none.csv", "indicator,period,value\n"), "series/none.csv", "file.no_rows"),
    "notes_beside_the_series": (whole("series/notes.txt", b"x"), "series/notes.txt", "file.kind"),
    "unknown_column": (line(MONTHLY, 1, "indicator,groupe,period,value"), MONTHLY, "columns.misspelt"),
    "jump": (line(MONTHLY, 30, "mpi,TH,2023-05,165"), MONTHLY, "series.jump"),
    "shares_for_per_cent": (
        lambda root: (root / QUARTERLY).write_text(
            "\n".join(
                f"{cells[0]},{cells[1]},{float(cells[2]) / 100:.4f},"
                if cells[0] == "unemployment_rate"
                else text
                for text in (root / QUARTERLY).read_text(encoding="utf-8").split("\n")
                for cells in [text.split(",")]
            )
        ),
        QUARTERLY,
        "series.scale",
    ),
    "stale": (
        whole("series/old.csv", "indicator,period,value\npmi,2024-01,50\n"),
        "series/old.csv",
        "series.stale",
    ),
    "one_sex": (
        whole("series/one.csv", "indicator,period,value\nparticipation_male,2025-Q3,76\n"),
        "series/one.csv",
        "series.component",
    ),
    "unpublished_group": (
        whole("series/g.csv", "indicator,group,period,value\npmi,REGION:north,2025-08,50\n"),
        "series/g.csv",
        "series.group",
    ),
    "script": (
        whole("commentary/2025-Q3/02.md", "ก\n<script>alert(1)</script>\n"),
        "commentary/2025-Q3/02.md",
        "commentary.active",
    ),
    "commentary_folder": (whole("commentary/Q3/02.md", "ก"), "commentary/Q3", "commentary.name"),
    "survey_name": (whole("surveys/worker/answers.csv", "x"), "surveys/worker/answers.csv", "survey.name"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_workspace_is_told_and_goes_on(kind: str, good: Path) -> None:
    mutate, where, rule = ODD[kind]
    mutate(good)
    found = check_workspace(good, QUARTER)
    assert not errors(found)
    assert (where, rule) in {
        (finding.where, finding.rule) for finding in found if finding.severity == "warning"
    }


def test_an_item_that_the_quarter_lacks_must_be_answered_for(good: Path) -> None:
    text = (good / WORKER).read_text(encoding="utf-8")
    (good / WORKER).write_text(text.replace("q3.1", "q3_1_old", 1), encoding="utf-8")
    found = check_workspace(good, QUARTER)
    assert [f.subject for f in found if needs_waiver(f)] == ["worker 2025-Q3 q3.1"]
    assert not any(needs_waiver(f) for f in check_workspace(good, QUARTER + 1))


def test_more_than_ten_rows_that_do_not_fit_are_one_finding_with_their_number(good: Path) -> None:
    whole("series/odd.csv", "indicator,period,value\n" + "pmi,2025-07,1,2,3\n" * 5000)(good)
    found = [f for f in check_workspace(good, QUARTER) if f.rule == "file.ragged"]
    assert [f.row for f in found] == [2]
    assert "5,000" in found[0].en


def test_one_slip_of_the_pen_is_one_finding(good: Path) -> None:
    ODD["jump"][0](good)
    assert [f.row for f in check_workspace(good, QUARTER) if f.rule == "series.jump"] == [30]


def test_a_quarter_in_another_unit_is_one_finding(good: Path) -> None:
    lines = (good / MONTHLY).read_text(encoding="utf-8").split("\n")
    changed = [
        text
        if not text.startswith(("vacancies,TH,2025-07", "vacancies,TH,2025-08", "vacancies,TH,2025-09"))
        else f"{text.rpartition(',')[0]},{float(text.rpartition(',')[2]) / 1000:g}"
        for text in lines
    ]
    (good / MONTHLY).write_text("\n".join(changed), encoding="utf-8")
    found = [f for f in check_workspace(good, QUARTER) if f.severity != "note"]
    assert [(f.rule, f.subject) for f in found] == [("series.unit_slip", "vacancies TH 2025-09")]
    assert "2 more" in found[0].en


def test_hidden_sheet_is_named_and_not_read(good: Path) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("ลับ")
        sheet.append(["indicator", "period", "value"])
        sheet.append(["pmi", "2025-07", "x"])
        sheet.sheet_state = "hidden"

    whole("series/x.xlsx", workbook(hide))(good)
    found = [f for f in check_workspace(good, QUARTER) if f.severity != "note"]
    assert [(f.rule, f.value) for f in found] == [("xlsx.hidden", "ลับ")]


def test_findings_of_all_files_come_together(good: Path) -> None:
    for kind in ("unknown_indicator", "quarter_5", "rating_of_nine", "no_address", "broken_toml"):
        BROKEN[kind][0](good)
    assert {f.where for f in errors(check_workspace(good, QUARTER))} == {
        MONTHLY,
        QUARTERLY,
        WORKER,
        "recipients.csv",
        OUTLOOK,
    }


def test_draft_goes_on_with_answers_that_the_rules_mend(good: Path) -> None:
    BROKEN["rating_of_nine"][0](good)
    assert errors(check_workspace(good, QUARTER))
    assert not errors(check_workspace(good, QUARTER, is_final=False))


def test_command_ends_with_1_and_speaks_json(good: Path) -> None:
    BROKEN["unknown_indicator"][0](good)
    result = CliRunner().invoke(check_command, ["--data", str(good), "-q", "3/2568", "--format", "json"])
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["counts"]["error"] == 1
    assert told["findings"][-1]["row"] == 5 or any(f["row"] == 5 for f in told["findings"])


def test_command_ends_with_0_on_good_input(good: Path) -> None:
    result = CliRunner().invoke(check_command, ["--data", str(good)])
    assert result.exit_code == 0, result.output


@pytest.mark.shared
def test_real_series_have_no_errors(real_workspace: Path) -> None:
    found = check_workspace(real_workspace, QUARTER - 1)
    assert not errors(found)
    assert {f.value for f in found if f.rule == "series.stale"} == {
        "business_sentiment",
        "private_investment",
    }


def test_many_missing_indicators_are_one_note(good: Path) -> None:
    missing = [one for one in check_workspace(good, QUARTER) if one.rule == "series.missing"]
    assert len(missing) == 1
    assert "pmi" in missing[0].en


def test_a_series_whose_newest_rows_cannot_be_read_is_not_said_to_end_early(good: Path) -> None:
    path = good / QUARTERLY
    lines = path.read_text(encoding="utf-8").splitlines()
    mine = [n for n, text in enumerate(lines) if text.startswith("unemployment_rate,TH,")][-3:]
    for number in mine:
        cells = lines[number].split(",")
        lines[number] = ",".join([*cells[:3], "soon"])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = [one for one in check_workspace(good, QUARTER) if one.severity != "note"]
    assert [(one.rule, one.row) for one in found] == [("series.value", number + 1) for number in mine]
