"""``reporter map``: a declaration proposed for an agency's file, shown, asked about, written, and then read."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from reporter.commands.inputs import fetch_command as fetch
from reporter.commands.inputs import map_command
from reporter.domain.errors import InputError
from reporter.inputs.declared import load
from reporter.inputs.schema import register_of
from reporter.inputs.workspace import open_workspace
from reporter.sources.proposal import Proposal, preview, propose


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "work" / "series").mkdir(parents=True)
    return tmp_path / "work"


def book(path: Path, *rows: list[object], sheets: dict[str, list[list[object]]] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for name, lines in (sheets or {}).items():
        page = workbook.create_sheet(name)
        for row in lines:
            page.append(row)
    workbook.save(path)
    return path


def sheet(rows: list[list[object]]) -> bytes:
    stream = io.BytesIO()
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def declarations():
    return load()


def run(root: Path, file: Path, *options: str) -> str:
    result = CliRunner().invoke(map_command, [str(file), "--data", str(root), *options])
    assert result.exit_code == 0, result.output
    return result.output


def taken(root: Path, file: Path) -> dict[tuple[str, str, str], float]:
    """Write the declaration, drop the file, fetch without services, read the store."""
    run(root, file, "--write")
    (root / "incoming").mkdir(exist_ok=True)
    (root / "incoming" / file.name).write_bytes(file.read_bytes())
    result = CliRunner().invoke(fetch, ["--dropped", "--data", str(root)])
    assert result.exit_code == 0, result.output
    history = open_workspace(root).usable_history()
    return {(row.indicator, row.group, row.period): row.value for row in history.itertuples()}


def test_a_wide_table_with_years_over_quarters(root, tmp_path):
    file = book(
        tmp_path / "nso_2568Q1.xlsx",
        ["ตารางที่ 3 ภาวะการทำงาน"],
        ["รายการ", 2567, None, 2568, None],
        [None, "ไตรมาส 3", "ไตรมาส 4r", "ไตรมาส 1p", "%YoY"],
        ["1. อัตราการว่างงาน 1/", 1.02, 0.88, 0.89, 3],
        ["2. เรื่องอื่น", 68, 68.1, 67.9, 1],
        ["รวม", 100, 100, 100, 0],
        ["หมายเหตุ: ก"],
    )
    output = run(root, file)
    assert "--assign 'เรื่องอื่น=" in output  # what is unclear is asked
    assert not (root / "sources").exists()  # and nothing is stored by looking
    assert taken(root, file) == {
        ("unemployment_rate", "TH", "2024-Q3"): 1.02,
        ("unemployment_rate", "TH", "2024-Q4"): 0.88,
        ("unemployment_rate", "TH", "2025-Q1"): 0.89,
    }


def test_an_answer_gives_a_label_its_series(root, tmp_path):
    file = book(tmp_path / "a.xlsx", ["รายการ", "ม.ค. 2568", "ก.พ. 2568"], ["ดัชนีโรงงาน", 98, 99])
    assert 'series = "mpi"' in run(root, file, "--assign", "ดัชนีโรงงาน=mpi")


def test_a_table_of_one_quarter_named_in_its_title(root, tmp_path):
    file = book(
        tmp_path / "region.xlsx",
        ["ตารางที่ 1 อัตราการว่างงาน ไตรมาสที่ 3 (กรกฎาคม-กันยายน) 2568"],
        ["ภาค", "อัตราการว่างงาน"],
        ["ทั่วราชอาณาจักร", 0.76],
        ["ภาคเหนือ", 0.6],
        ["ภาคใต้", 0.9],
        ["ภาคตะวันออกเฉียงเหนือ", 0.5],
    )
    found = taken(root, file)
    assert found["unemployment_rate", "TH", "2025-Q3"] == 0.76
    assert found["unemployment_rate", "REGION:south", "2025-Q3"] == 0.9


def test_the_quarter_may_stand_in_the_files_name(root, tmp_path):
    file = book(tmp_path / "lfs_2568-Q3.xlsx", ["เรื่อง", "ค่า"], ["อัตราการว่างงาน", 0.76], ["หมายเหตุ", None])
    assert taken(root, file) == {("unemployment_rate", "TH", "2025-Q3"): 0.76}


def test_years_alone_over_their_quarters(root, tmp_path):
    rows = [
        ["ปี", "อัตราการว่างงาน"],
        [2567, None],
        ["ไตรมาสที่ 1", 1.1],
        ["ไตรมาสที่ 2", 1.2],
        [2568, None],
        ["ไตรมาสที่ 1", 0.9],
    ]
    found = taken(root, book(tmp_path / "stub.xlsx", *rows))
    assert found == {
        ("unemployment_rate", "TH", "2024-Q1"): 1.1,
        ("unemployment_rate", "TH", "2024-Q2"): 1.2,
        ("unemployment_rate", "TH", "2025-Q1"): 0.9,
    }


def test_a_long_table_with_a_column_of_periods(root, tmp_path):
    file = book(
        tmp_path / "long.xlsx", ["งวดเดือน", "ค่าดัชนี", "ตัว"], ["2568-08", 98.1, "mpi"], ["2568-09", 98.4, "mpi"]
    )
    assert taken(root, file) == {("mpi", "TH", "2025-08"): 98.1, ("mpi", "TH", "2025-09"): 98.4}


def test_of_several_sheets_the_one_that_is_understood(root, tmp_path):
    file = book(
        tmp_path / "two.xlsx",
        ["ข้อความ", "x"],
        ["ก", "ข"],
        sheets={"ข้อมูล": [["รายการ", "2568-Q1", "2568-Q2"], ["อัตราการว่างงาน", 1, 2]]},
    )
    assert 'sheet = "ข้อมูล"' in run(root, file)


def test_a_file_without_a_table_is_refused_in_thai(root, tmp_path):
    (tmp_path / "x.csv").write_text("สวัสดี\n", encoding="utf-8")
    result = CliRunner().invoke(map_command, [str(tmp_path / "x.csv"), "--data", str(root)])
    assert result.exit_code == 1 or result.exception
    assert "ไม่พบตาราง" in str(result.exception)


def test_a_surveys_export_gets_a_mapping(root, tmp_path, declarations):
    worker = declarations.questionnaires["worker"]
    stream = io.StringIO()
    stream.write(",".join(f'"{item.column[1:]} {item.text.th}"' for item in worker.items) + "\n")
    stream.write(",".join("5" for _ in worker.items) + "\n")
    (tmp_path / "export.csv").write_text(stream.getvalue(), encoding="utf-8")
    run(root, tmp_path / "export.csv", "--write")
    assert '"q1.1" = ' in (root / "surveys" / "mappings" / "export.toml").read_text(encoding="utf-8")


def test_row_titles_under_a_blank_heading_are_found(declarations):
    rows = [
        ["ธนาคารแห่งประเทศไทย"],
        ["หน่วย: ดัชนี"],
        ["", "", "ก.ย. 2568 p", "ส.ค. 2568"],
        [1, "ดัชนีความเชื่อมั่นทางธุรกิจ (BSI)", 48.5, 48.0],
        [2, "  - ภาคการผลิต", 47.5, 46.9],
        ["ที่มา : ธปท."],
    ]
    content = sheet(rows)
    proposal = propose(content, "EC_EI_027.xlsx", declarations, register_of(declarations))
    found = preview(content, proposal, declarations)
    assert found[["indicator", "period", "value", "flag", "cell"]].to_numpy().tolist() == [
        ["business_sentiment", "2025-08", 48.0, "", "D4"],
        ["business_sentiment", "2025-09", 48.5, "p", "C4"],
    ]


def test_sexes_across_and_regions_down_for_the_quarter_of_the_title(declarations):
    rows = [
        ["ตาราง 2 อัตราการว่างงาน จำแนกตามภาค ไตรมาสที่ 3 พ.ศ. 2568"],
        ["ภาค", "รวม", "ชาย", "หญิง"],
        ["ทั่วราชอาณาจักร", 0.76, 0.7, 0.8],
        ["กรุงเทพมหานคร", 0.8, 0.7, 0.9],
        ["1. กลาง", 0.7, 0.7, 0.7],
        ["เหนือ 1/", 0.6, 0.6, 0.6],
        ["ใต้", 0.9, 0.9, 0.9],
    ]
    content, register = sheet(rows), register_of(declarations)
    asked = propose(content, "a.xlsx", declarations, register).questions
    assert [(one.label, one.nearest) for one in asked] == [
        ("รวม", ("unemployment_rate",)),
        ("ชาย", ("unemployment_male",)),
        ("หญิง", ("unemployment_female",)),
    ]
    answers = {one.label: one.nearest[0] for one in asked}
    found = preview(content, propose(content, "a.xlsx", declarations, register, answers), declarations)
    rates = found[found["indicator"] == "unemployment_rate"].set_index("group")["value"].to_dict()
    assert rates == {
        "TH": 0.76,
        "REGION:bangkok": 0.8,
        "REGION:central": 0.7,
        "REGION:north": 0.6,
        "REGION:south": 0.9,
    }


def test_shares_of_a_count_are_asked_about(declarations):
    rows = [
        ["(หน่วย: ร้อยละ)"],
        ["รายการ", "2568-Q1", "2568-Q2"],
        ["กำลังแรงงานรวม", 100, 100],
        ["อัตราการว่างงาน", 0.9, 0.91],
    ]
    proposal = propose(sheet(rows), "a.xlsx", declarations, register_of(declarations))
    assert list(proposal.known) == ["อัตราการว่างงาน"]
    assert [one.label for one in proposal.questions] == ["กำลังแรงงานรวม"]


def test_files_with_thai_names_do_not_share_a_declaration(declarations):
    names = [Proposal(name, {}, "").id for name in ("สปส_2568.xlsx", "สปส_2569.xlsx", "สสช_2568.xlsx")]
    assert names[0] == names[1] != names[2]


UNEMPLOYED, UNDEREMPLOYED = "อัตราการว่างงาน", "อัตราการทำงานต่ำกว่าระดับ"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (  # the year and the quarter in columns of their own
            [["ปี", "ไตรมาส", UNEMPLOYED], [2568, 1, 0.9], [2568, 2, 0.8]],
            {"TH 2025-Q1": 0.9, "TH 2025-Q2": 0.8},
        ),
        (  # the year only where it changes
            [["ตาราง"], ["พ.ศ.", "ไตรมาสที่", UNEMPLOYED], [2567, 4, 0.9], [2568, 1, 0.8], [None, 2, 0.7]],
            {"TH 2024-Q4": 0.9, "TH 2025-Q1": 0.8, "TH 2025-Q2": 0.7},
        ),
        (  # the fiscal year begins in October
            [["ปีงบประมาณ", "ไตรมาส", UNEMPLOYED], [2568, 1, 0.9], [2568, 2, 0.8]],
            {"TH 2024-Q4": 0.9, "TH 2025-Q1": 0.8},
        ),
        (  # months in words, provinces down
            [
                ["ปี", "เดือน", "จังหวัด", "ตำแหน่งงาน"],
                [2568, "ก.ค.", "กรุงเทพมหานคร", 4000],
                [2568, "ก.ค.", "เชียงใหม่", 400],
            ],
            {"PROVINCE:TH-10 2025-07": 4000, "PROVINCE:TH-50 2025-07": 400},
        ),
        (  # frequency, series, area, period and value, as exchange formats have them
            [
                ["FREQ", "INDICATOR", "REF_AREA", "TIME_PERIOD", "OBS_VALUE"],
                ["Q", "Unemployment rate", "ทั่วประเทศ", "2025-Q1", 0.9],
                ["Q", "Unemployment rate", "ภาคเหนือ", "2025-Q1", 0.7],
                ["Q", "Unemployment rate", "ภาคใต้", "2025-Q1", 1.1],
            ],
            {"TH 2025-Q1": 0.9, "REGION:north 2025-Q1": 0.7, "REGION:south 2025-Q1": 1.1},
        ),
        (  # periods across, regions beside the name of the series
            [["ตัวชี้วัด", "ภาค", "Q1/2568", "Q2/2568"]]
            + [[UNEMPLOYED, area, 0.9, 0.8] for area in ("ทั่วประเทศ", "ภาคเหนือ", "ภาคใต้")],
            {
                f"{area} 2025-Q{quarter}": rate
                for area in ("TH", "REGION:north", "REGION:south")
                for quarter, rate in ((1, 0.9), (2, 0.8))
            },
        ),
        (  # a header that is repeated in the middle
            [["ก", "Q1/2568", "Q2/2568"], ["ก", "Q1/2568", "Q2/2568"], [UNEMPLOYED, 0.9, 0.8]],
            {"TH 2025-Q1": 0.9, "TH 2025-Q2": 0.8},
        ),
    ],
)
def test_layouts_of_other_agencies(declarations, rows, expected):
    content = sheet(rows)
    found = preview(
        content, propose(content, "a.xlsx", declarations, register_of(declarations)), declarations
    )
    assert {f"{row.group} {row.period}": row.value for row in found.itertuples()} == expected


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["ก", "Q1/2568", "Q2/2568"],
            [UNEMPLOYED, 0.9, 0.8],
            ["ข", "Q3/2567", "Q4/2567"],
            [UNDEREMPLOYED, 0.5, 0.6],
        ],
        [
            ["ก", 2567, None],
            [None, "Q1", "Q2"],
            [UNEMPLOYED, 0.9, 0.8],
            ["ข", 2568, None],
            [None, "Q3", "Q4"],
            [UNDEREMPLOYED, 0.5, 0.6],
        ],
    ],
)
def test_a_second_table_is_never_read_under_the_periods_of_the_first(declarations, rows):
    content = sheet(rows)
    proposal = propose(content, "a.xlsx", declarations, register_of(declarations))
    with pytest.raises(InputError, match="second table"):
        preview(content, proposal, declarations)


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("Jul-25", "two digits"),
        ("202507", "write 2025-07"),
        ("45839", "date serial"),
        ("Q1/68", "two digits"),
        ("ปีงบประมาณ 2568", "fiscal year"),
    ],
)
def test_a_file_that_is_not_understood_says_which_heading_is_nearly_a_period(declarations, heading, reason):
    content = sheet([["รายการ", heading, "รวม"], [UNEMPLOYED, 0.9, 0.8]])
    with pytest.raises(InputError, match=reason):
        propose(content, "a.xlsx", declarations, register_of(declarations))


def test_days_of_a_monthly_table_are_months(declarations):
    days = [dt.datetime(2025, month, 1) for month in (7, 8, 9)]
    content = sheet([["รายการ", *days], ["ดัชนีผลผลิตอุตสาหกรรม (MPI)", 98, 97, 96]])
    found = preview(
        content, propose(content, "a.xlsx", declarations, register_of(declarations)), declarations
    )
    assert found["period"].tolist() == ["2025-07", "2025-08", "2025-09"]
