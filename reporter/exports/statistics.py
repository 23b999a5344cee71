"""Files for statistical programs: Stata (.dta) and Parquet, each with labels in Thai and English, and scripts that read them.

Goes in: an ``Issue``. Comes out: name -> bytes. Every published table becomes one file with its columns in order and its numbers at
full precision; what is added is a numeric quarter that Stata and R can use (``quarter``), and ``codes``: what each code stands for.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyreadstat

from reporter.domain import schema
from reporter.domain.periods import PeriodError, parse_period
from reporter.exports.issue import Issue

_LABEL = 80  # letters that Stata shows of a label
_STATA_START = pd.Period("1960Q1", freq="Q-DEC").ordinal  # quarter 0 of Stata's %tq
_MONTH_START = pd.Period("1960-01", freq="M").ordinal  # month 0 of %tm
_YES_NO = {0: "ไม่ใช่ no", 1: "ใช่ yes"}


# ------------------------------------------------------------------------------------------------ what codes stand for


def codes(issue: Issue) -> pd.DataFrame:
    """column, code, name_th, name_en: dimensions, groups, indicators, surveys, domains, questions, answers."""
    declared, rows = (
        issue.declarations,
        [("dimension", "overall", "ดัชนีเศรษฐกิจแรงงาน", "Labour Economic Index")],
    )
    for column, catalogue in (
        ("dimension", declared.dimensions),
        ("indicator", declared.indicators),
        ("variable", declared.macro),
        ("group", declared.groups),
    ):
        rows += [(column, code, item.name.th, item.name.en) for code, item in catalogue.items()]
    for survey, form in declared.questionnaires.items():
        rows.append(("survey", survey, form.index_name.th, form.index_name.en))
        rows += [(f"domain ({survey})", one.id, one.name.th, one.name.en) for one in form.domains]
        rows += [(f"item ({survey})", one.column, one.text.th, one.text.en) for one in form.items]
        for column, options in (("action", form.actions), ("trait", form.traits), ("aspect", form.aspects)):
            rows += [(column, one.id, one.name.th, one.name.en) for one in options]
    return pd.DataFrame(rows, columns=["column", "code", "name_th", "name_en"])


def label(table: str, column: str) -> str:
    """Thai and English title of a column with its unit, as long as Stata shows."""
    declared = schema.declared_tables()[table].columns[column]
    unit = f" ({declared.unit.en})" if declared.unit else ""
    return f"{declared.title.th} | {declared.title.en}{unit}"[:_LABEL]


# ------------------------------------------------------------------------------------------------ Stata


def stata_files(issue: Issue) -> dict[str, bytes]:
    """``stata/<table>.dta`` of every table with rows, ``codes.dta`` and ``read.do``. Numbers are doubles, missing ones ``.``."""
    made = {
        f"stata/{name}.dta": _dta(issue, name, frame) for name, frame in issue.tables.items() if len(frame)
    }
    labels = ["คอลัมน์ | column", "รหัส | code", "ชื่อ | name in Thai", "ชื่ออังกฤษ | name in English"]
    made["stata/codes.dta"] = _written(codes(issue), "รหัสทุกชุด | All codes", dict(zip(("column", "code", "name_th", "name_en"), labels, strict=True)), {}, {})  # fmt: skip
    made["stata/read.do"] = _STATA_SCRIPT.format(**_words(issue)).encode("utf-8")
    return made


def _dta(issue: Issue, name: str, frame: pd.DataFrame) -> bytes:
    columns = schema.declared_tables()[name].columns
    labels = {column: label(name, column) for column in frame.columns}
    shown, values = frame.copy(), {}
    formats: dict[str, str] = {}
    for column in frame.columns:
        if columns[column].dtype == "flag" and frame[column].notna().all():
            shown[column] = frame[column].astype(bool).astype("int8")
            values[column] = dict(_YES_NO)
    if "period" in frame:
        shown, formats = _with_quarter(shown)
        if formats:
            labels["quarter"] = "งวด เป็นตัวเลขของ Stata | Period as a Stata date"
    marks = " ".join(issue.content["documents"][issue.lang]["marks"])
    title = f"{schema.declared_tables()[name].title.en} {issue.content['quarter']} {marks}"[:_LABEL]
    return _written(shown, title, labels, values, formats)


def _with_quarter(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The frame with ``quarter``, where all its periods are quarters (%tq) or all are months (%tm)."""
    try:
        periods = {text: parse_period(text) for text in frame["period"].unique() if text}
    except PeriodError:
        return frame, {}
    kinds = {period.freqstr[0] for period in periods.values()}
    if len(kinds) != 1:
        return frame, {}
    start, form = (_STATA_START, "%tq") if kinds == {"Q"} else (_MONTH_START, "%tm")
    numbers = frame["period"].map(lambda text: float(periods[text].ordinal - start) if text else float("nan"))
    return frame.assign(quarter=numbers), {"quarter": form}


def _written(
    frame: pd.DataFrame,
    title: str,
    labels: Mapping[str, str],
    values: Mapping[str, Any],
    formats: Mapping[str, str],
) -> bytes:
    """A .dta file of version 118 (Stata 14 and later: Unicode)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.dta"
        pyreadstat.write_dta(
            frame,
            str(path),
            file_label=title,
            column_labels=[labels[str(column)] for column in frame.columns],
            variable_value_labels=dict(values),
            variable_format=dict(formats),
            version=15,
        )
        return path.read_bytes()


# ------------------------------------------------------------------------------------------------ Parquet


# What a column holds -> its type in the file; a whole number with missing values is a number.
_TYPES = {"text": "VARCHAR", "date": "VARCHAR", "number": "DOUBLE", "integer": "DOUBLE", "flag": "BOOLEAN"}


def parquet_files(issue: Issue) -> dict[str, bytes]:
    """``parquet/<table>.parquet`` of every table, ``codes.parquet`` and ``read.R``.

    The file's key-value metadata hold ``about`` (title, edition, marks) and ``columns`` (titles, units, meanings), both JSON.
    """
    made = {f"parquet/{name}.parquet": _parquet(issue, name, frame) for name, frame in issue.tables.items()}
    every = codes(issue)
    made["parquet/codes.parquet"] = _parquet_bytes(every, dict.fromkeys(map(str, every), "VARCHAR"), {})
    made["parquet/read.R"] = _R_SCRIPT.format(**_words(issue)).encode("utf-8")
    return made


def _parquet(issue: Issue, name: str, frame: pd.DataFrame) -> bytes:
    declared, edition = schema.declared_tables()[name], issue.content.get("edition", {})
    about = {
        "title_th": declared.title.th,
        "title_en": declared.title.en,
        "quarter": issue.content["quarter"],
        "version": issue.content["version"],
        "data_id": edition.get("data_id", ""),
        "address": edition.get("address", ""),
        "synthetic": issue.content["is_synthetic"],
        "final": issue.content["is_final"],
    }
    columns = {column: _about(declared.columns[str(column)]) for column in frame}
    types = {str(column): _TYPES[declared.columns[str(column)].dtype] for column in frame}
    told = {"about": about, "columns": columns}
    return _parquet_bytes(
        frame, types, {key: json.dumps(value, ensure_ascii=False) for key, value in told.items()}
    )


def _about(column: schema.Column) -> dict[str, str]:
    unit, missing = ((text.en if text else "") for text in (column.unit, column.missing))
    return {
        "title_th": column.title.th,
        "title_en": column.title.en,
        "unit": unit,
        "meaning_th": column.meaning.th,
        "meaning_en": column.meaning.en,
        "empty": missing,
    }


def _parquet_bytes(frame: pd.DataFrame, types: Mapping[str, str], metadata: Mapping[str, str]) -> bytes:
    """A Parquet file, written by DuckDB; empty texts and missing numbers are NULL."""
    quoted = [f'NULLIF("{name}", \'\')::{kind} AS "{name}"' if kind == "VARCHAR" else f'"{name}"::{kind} AS "{name}"' for name, kind in types.items()]  # fmt: skip
    told = ", ".join(f"{key}: '{_escaped(text)}'" for key, text in metadata.items())
    options = "FORMAT parquet, COMPRESSION zstd" + (f", KV_METADATA {{{told}}}" if told else "")
    given = frame.astype(object).where(frame.notna(), None)  # NaN would be a number of its own there
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "table.parquet"
        connection.execute("SET threads = 1")
        connection.register("given", given)
        connection.execute(f"COPY (SELECT {', '.join(quoted)} FROM given) TO '{path}' ({options})")
        return path.read_bytes()


def _escaped(text: str) -> str:
    return text.replace("'", "''")


# ------------------------------------------------------------------------------------------------ scripts


def _words(issue: Issue) -> dict[str, str]:
    mark = "SYNTHETIC DATA, not real statistics. " if issue.content["is_synthetic"] else ""
    mark += "" if issue.content["is_final"] else "DRAFT, not to be quoted."
    return {
        "quarter": issue.content["quarter"],
        "edition": issue.edition_line,
        "marks": mark.strip() or "Published issue.",
    }


_STATA_SCRIPT = """* Reads the tables of the Quarterly Labour Market Report, {quarter}. {edition}
* {marks}
* Run in the folder that holds the .dta files. "codes.dta" says what every code stands for.
version 14
use labour_index.dta, clear
keep if group == "TH" & dimension == "overall"
tsset quarter, quarterly
describe
list period value low95 high95 status if quarter >= tq(2024q1), noobs
tsline value, yline(100)

* Names of the groups beside the codes
use codes.dta, clear
keep if column == "group"
rename code group
keep group name_th name_en
tempfile names
save `names'
use confidence.dta, clear
merge m:1 group using `names', keep(master match) nogenerate
"""

_R_SCRIPT = """# Reads the tables of the Quarterly Labour Market Report, {quarter}. {edition}
# {marks}
# Packages: arrow (Parquet) or haven (the Stata files). Run in the folder that holds the files.
library(arrow)

read_table <- function(name) as.data.frame(read_parquet(paste0(name, ".parquet")))
labour_index <- read_table("labour_index")
codes <- read_table("codes")

# Titles, units and meanings of the columns stand in the file itself (package jsonlite)
meaning <- function(name) {{
  file <- ParquetFileReader$create(paste0(name, ".parquet"))
  jsonlite::fromJSON(file$GetSchema()$metadata$columns)
}}

nation <- subset(labour_index, group == "TH" & dimension == "overall")
nation$date <- as.Date(paste0(substr(nation$period, 1, 4), "-", 3 * as.integer(substr(nation$period, 7, 7)) - 2, "-01"))
plot(nation$date, nation$value, type = "l", xlab = "", ylab = "points (100 = long-run average)")
abline(h = 100, lty = 2)

# The same from Stata's file:  haven::read_dta("../stata/labour_index.dta")
"""
