"""Stata, Parquet, SDMX and JSON: each is read back by another program and gives the tables' numbers to the last bit."""

import json

import duckdb
import pandas as pd
import pyreadstat
import pytest
from lxml import etree
from pysdmx.io import read_sdmx

from reporter.domain import schema
from reporter.exports import data_files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(issue, tmp_path_factory):
    """Everything but Word and slides, written as the command does it."""
    target = tmp_path_factory.mktemp("exports")
    for make in (
        data_files.stata_files,
        data_files.parquet_files,
        data_files.sdmx_files,
        data_files.json_files,
    ):
        for name, content in make(issue).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(content)
    return target


def same(first, second):
    """Whether two columns hold the same numbers to the last bit, missing ones in the same places."""
    left, right = pd.Series(first, dtype=float).to_numpy(), pd.Series(second, dtype=float).to_numpy()
    return len(left) == len(right) and bool(((left == right) | ((left != left) & (right != right))).all())


# ------------------------------------------------------------------------------------------------ Stata


def test_stata_files_give_every_table_back(folder, issue):
    filled = {name: frame for name, frame in issue.tables.items() if len(frame)}
    assert len(filled) > 30
    for name, frame in filled.items():
        back, _ = pyreadstat.read_dta(str(folder / "stata" / f"{name}.dta"))
        for column in frame:
            spec = schema.declared_tables()[name].columns[column]
            if spec.dtype in ("number", "integer", "flag"):
                assert same(back[column], frame[column].astype(float)), (name, column)
            else:
                assert back[column].fillna("").tolist() == frame[column].tolist(), (name, column)


def test_stata_labels_are_thai_and_english_and_pandas_reads_them(folder):
    with pd.io.stata.StataReader(folder / "stata" / "labour_index.dta") as reader:
        labels = reader.variable_labels()
        frame = reader.read()
    assert labels["value"] == "ค่า | Value (points)"
    assert frame["quarter"].iloc[0] == pd.Period(frame["period"].iloc[0].replace("-", "")).start_time


def test_flags_have_value_labels(folder):
    _, about = pyreadstat.read_dta(str(folder / "stata" / "confidence.dta"))
    assert about.variable_value_labels["significant_year"] == {0: "ไม่ใช่ no", 1: "ใช่ yes"}


def test_codes_name_every_code_of_the_main_tables(issue):
    known = {
        (column, code) for column, code in data_files.codes(issue)[["column", "code"]].itertuples(index=False)
    }
    index, confidence = issue.tables["labour_index"], issue.tables["confidence"]
    assert {("dimension", code) for code in index["dimension"]} <= known
    assert {("group", code) for code in (*index["group"], *confidence["group"])} <= known
    domains = {
        (f"domain ({s})", d)
        for s, d in zip(confidence["survey"], confidence["domain"], strict=True)
        if d != "overall"
    }
    assert domains <= known


# ------------------------------------------------------------------------------------------------ Parquet


def test_parquet_files_give_every_table_back_with_their_meanings(folder, issue):
    with duckdb.connect() as connection:
        for name, frame in issue.tables.items():
            path = folder / "parquet" / f"{name}.parquet"
            back = connection.execute(f"SELECT * FROM '{path}'").df()
            assert list(back) == list(frame)
            for column in frame.select_dtypes("number"):
                assert same(back[column], frame[column]), (name, column)
        path = folder / "parquet" / "labour_index.parquet"
        told = connection.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall()
    meanings = json.loads({bytes(key).decode(): bytes(value).decode() for key, value in told}["columns"])
    assert meanings["value"]["title_th"] == "ค่า" and meanings["value"]["unit"] == "points"


def test_polars_reads_the_parquet_files(folder, issue):
    polars = pytest.importorskip("polars", reason="polars is not installed: a second reader of Parquet")
    back = polars.read_parquet(folder / "parquet" / "labour_index.parquet")
    assert same(back["value"].to_list(), issue.tables["labour_index"]["value"])


def test_scripts_name_files_that_are_there(folder):
    assert (folder / "parquet" / "labour_index.parquet").exists() and (
        folder / "parquet" / "codes.parquet"
    ).exists()
    assert "labour_index" in (folder / "parquet" / "read.R").read_text()
    assert "use labour_index.dta" in (folder / "stata" / "read.do").read_text()


# ------------------------------------------------------------------------------------------------ SDMX


@pytest.fixture(scope="module")
def message(folder):
    """The structure message, read and validated against the schemas of SDMX 3.0."""
    return read_sdmx(folder / "sdmx" / "structure.xml", validate=True)


@pytest.mark.parametrize(
    ("file", "flow"), [("indices", "LABOUR_INDICES"), ("indicators", "LABOUR_INDICATORS")]
)
def test_sdmx_data_fit_their_structure(folder, message, file, flow):
    definition = next(d for d in message.get_data_structure_definitions() if d.id == f"DSD_{flow}")
    lists = {item.id: {code.id for code in item.items} for item in message.get_codelists()}
    data = pd.read_csv(folder / "sdmx" / f"{file}.csv", dtype=str, keep_default_na=False)
    assert list(data)[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert set(data["STRUCTURE_ID"]) == {f"TH_MOL:{flow}(1.0.0)"}
    assert list(data)[3:] == [component.id for component in definition.components]
    keys = [component.id for component in definition.components if component.role.name == "DIMENSION"]
    assert not data[keys].duplicated().any()
    for component in definition.components:
        codes = lists.get(getattr(component.enumeration, "id", ""))
        if codes is not None:
            assert set(data[component.id]) - {""} <= codes, component.id


def test_sdmx_gives_the_indices_back(folder, issue):
    data = pd.read_csv(folder / "sdmx" / "indices.csv", keep_default_na=False, dtype=str)
    national = data[(data["COMPONENT"] == "LEI_overall") & (data["GROUP"] == "TH")]
    index = issue.tables["labour_index"]
    own = index[(index["group"] == "TH") & (index["dimension"] == "overall")].dropna(subset="value")
    assert national["TIME_PERIOD"].tolist() == own["period"].tolist()
    assert same([float(text) for text in national["OBS_VALUE"]], own["value"])


def test_suppressed_cells_have_a_status_and_no_value(issue):
    shown = data_files.indices(issue)
    confidence = issue.tables["confidence"]
    assert (shown["OBS_STATUS"] == "Q").sum() == (confidence["flag"] == "suppressed").sum()
    assert shown.loc[shown["OBS_STATUS"] == "Q", "OBS_VALUE"].isna().all()


def test_codes_have_thai_and_english_names(folder):
    root = etree.parse(folder / "sdmx" / "structure.xml")
    code = next(c for c in root.iter("{*}Code") if c.get("id") == "REGION_bangkok")
    names = {n.get("{http://www.w3.org/XML/1998/namespace}lang"): n.text for n in code.iter("{*}Name")}
    assert names["th"] == "กรุงเทพมหานคร" and names["en"] == "Bangkok"


def test_pysdmx_reads_the_data_with_their_structure(folder, issue):
    pytest.importorskip(
        "pyarrow", reason="pysdmx reads data with pyarrow, which the product itself does not need"
    )
    from pysdmx.io import get_datasets

    (data,) = get_datasets(folder / "sdmx" / "indices.csv", folder / "sdmx" / "structure.xml")
    assert same(data.data["OBS_VALUE"], data_files.indices(issue)["OBS_VALUE"])


# ------------------------------------------------------------------------------------------------ JSON-stat


def test_jsonstat_gives_the_numbers_back(folder, issue):
    data = json.loads((folder / "json" / "labour_index.json").read_text())
    categories = [data["dimension"][name]["category"]["index"] for name in data["id"]]
    assert data["size"] == [len(own) for own in categories]
    frame = issue.tables["labour_index"].dropna(subset="value")
    for row in frame.head(300).itertuples():
        at = 0
        for own, code in zip(categories, (row.dimension, row.group, row.period, "value"), strict=True):
            at = at * len(own) + own.index(code)
        assert data["value"][str(at)] == row.value


def test_jsonstat_names_its_codes_and_marks(folder):
    data = json.loads((folder / "json" / "labour_index.json").read_text())
    assert data["dimension"]["dimension"]["category"]["label"]["wages"]
    assert data["extension"]["marks"] == ["draft", "synthetic"]
