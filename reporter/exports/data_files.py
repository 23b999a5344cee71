"""Tables as files for other programs: Stata (.dta) and Parquet with labels and scripts; SDMX and JSON-stat.

Goes in: an ``Issue``. Comes out: name -> bytes. Every published table becomes one file with its columns in order and its numbers at
full precision; what is added is a numeric quarter that Stata and R can use (``quarter``), and ``codes``: what each code stands for.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyreadstat
from lxml import etree
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Role,
)
from pysdmx.model.message import Header

from reporter.domain import schema
from reporter.domain.declarations import Name
from reporter.domain.periods import PeriodError, parse_period
from reporter.exports import Issue

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
    made["stata/codes.dta"] = _stata_bytes(codes(issue), "รหัสทุกชุด | All codes", dict(zip(("column", "code", "name_th", "name_en"), labels, strict=True)), {}, {})  # fmt: skip
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
    return _stata_bytes(shown, title, labels, values, formats)


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


def _stata_bytes(
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


# ----------------------------------------------------------------------------------------------------
# SDMX and JSON: indices and indicators for other statistical offices and for the web.
#
# Goes in: an ``Issue``. Comes out: name -> bytes. ``sdmx/structure.xml`` (SDMX-ML 3.0: code lists, concepts, data structure definitions,
# dataflows) with ``sdmx/indices.csv`` and ``sdmx/indicators.csv`` (SDMX-CSV 2.0); ``json/<table>.json`` (JSON-stat 2.0). Numbers have full
# precision. An SDMX id takes no colon: ``REGION:bangkok`` is ``REGION_bangkok`` there.
# ----------------------------------------------------------------------------------------------------

AGENCY, VERSION = "TH_MOL", "1.0.0"  # the ministry as maintainer of these structures
_XML = "{http://www.w3.org/XML/1998/namespace}lang"


# ------------------------------------------------------------------------------------------------ the observations


def indices(issue: Issue) -> pd.DataFrame:
    """INDEX, COMPONENT, GROUP, TIME_PERIOD, OBS_VALUE, LOW_95, HIGH_95, OBS_STATUS, N_OBS of the three indices.

    A suppressed cell has no OBS_VALUE and the status ``Q``; a provisional value ``P``, a model estimate ``E``, else ``A``.
    """
    labour = issue.tables["labour_index"]
    states = {"final": "A", "provisional": "P", "nowcast": "E"}
    parts = [
        pd.DataFrame(
            {
                "INDEX": "LEI",
                "COMPONENT": [f"LEI_{code}" for code in labour["dimension"]],
                "GROUP": [sdmx_id(code) for code in labour["group"]],
                "TIME_PERIOD": labour["period"],
                "OBS_VALUE": labour["value"],
                "LOW_95": labour["low95"],
                "HIGH_95": labour["high95"],
                "OBS_STATUS": [states.get(state, "A") for state in labour["status"]],
                "N_OBS": float("nan"),
            }
        )
    ]
    confidence = issue.tables.get("confidence")
    if confidence is not None and len(confidence):
        parts.append(
            pd.DataFrame(
                {
                    "INDEX": confidence["survey"].map({"employer": "ECI", "worker": "WCI"}),
                    "COMPONENT": [
                        f"{survey}_{domain}"
                        for survey, domain in zip(confidence["survey"], confidence["domain"], strict=True)
                    ],
                    "GROUP": [sdmx_id(code) for code in confidence["group"]],
                    "TIME_PERIOD": confidence["period"],
                    "OBS_VALUE": confidence["value"],
                    "LOW_95": confidence["low"],
                    "HIGH_95": confidence["high"],
                    "OBS_STATUS": ["Q" if flag == "suppressed" else "A" for flag in confidence["flag"]],
                    "N_OBS": confidence["n"].astype(float),
                }
            )
        )
    every = pd.concat(parts, ignore_index=True)
    return every[every["OBS_VALUE"].notna() | (every["OBS_STATUS"] == "Q")].reset_index(drop=True)


def indicators(issue: Issue) -> pd.DataFrame:
    """INDICATOR, GROUP, TIME_PERIOD, OBS_VALUE (as its source published it), ADJUSTED, TRANSFORMED."""
    series = issue.tables["series"]
    frame = pd.DataFrame(
        {
            "INDICATOR": [sdmx_id(code) for code in series["indicator"]],
            "GROUP": [sdmx_id(code) for code in series["group"]],
            "TIME_PERIOD": series["period"],
            "OBS_VALUE": series["raw"],
            "ADJUSTED": series["adjusted"],
            "TRANSFORMED": series["transformed"],
        }
    )
    return frame.dropna(subset=["OBS_VALUE", "ADJUSTED", "TRANSFORMED"], how="all").reset_index(drop=True)


def sdmx_id(code: str) -> str:
    """A code as SDMX takes it: letters, digits, ``_``, ``-``, ``@``, ``$``."""
    return re.sub(r"[^A-Za-z0-9_@$-]", "_", str(code))


# ------------------------------------------------------------------------------------------------ structures


@dataclass(frozen=True)
class Structures:
    """What describes the two data sets; ``thai``: (code list, code) -> Thai name."""

    lists: Sequence[Codelist]
    concepts: ConceptScheme
    definitions: Sequence[DataStructureDefinition]
    flows: Sequence[Dataflow]
    thai: Mapping[tuple[str, str], str]


_OTHER_CODES: Mapping[str, Mapping[str, Name]] = {
    "CL_INDEX": {
        "LEI": Name("ดัชนีเศรษฐกิจแรงงาน", "Labour Economic Index (mean 100, standard deviation 10)"),
        "ECI": Name("ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน", "Employers’ confidence index (0 to 200)"),
        "WCI": Name("ดัชนีความเชื่อมั่นของแรงงาน", "Workers’ confidence index (0 to 200)"),
    },
    "CL_OBS_STATUS": {
        "A": Name("ปกติ", "Normal value"),
        "P": Name("เบื้องต้น", "Provisional value"),
        "E": Name("ค่าประมาณจากแบบจำลอง", "Estimated value"),
        "Q": Name("ไม่เผยแพร่", "Missing value; suppressed"),
    },
}
# Component -> role, data type, code list, names. Dimensions stand in the order of the key.
_COMPONENTS: Mapping[str, tuple[Role, DataType, str, Name]] = {
    "INDEX": (Role.DIMENSION, DataType.STRING, "CL_INDEX", Name("ดัชนี", "Index")),
    "COMPONENT": (Role.DIMENSION, DataType.STRING, "CL_COMPONENT", Name("มิติหรือด้าน", "Dimension or domain")),
    "INDICATOR": (Role.DIMENSION, DataType.STRING, "CL_INDICATOR", Name("ตัวชี้วัด", "Indicator")),
    "GROUP": (Role.DIMENSION, DataType.STRING, "CL_GROUP", Name("กลุ่ม", "Group")),
    "TIME_PERIOD": (Role.DIMENSION, DataType.PERIOD, "", Name("งวด", "Quarter or month")),
    "OBS_VALUE": (Role.MEASURE, DataType.DOUBLE, "", Name("ค่า", "Observation value")),
    "LOW_95": (Role.ATTRIBUTE, DataType.DOUBLE, "", Name("ขอบล่าง 95%", "Lower end of the 95 % interval")),
    "HIGH_95": (Role.ATTRIBUTE, DataType.DOUBLE, "", Name("ขอบบน 95%", "Upper end of the 95 % interval")),
    "OBS_STATUS": (Role.ATTRIBUTE, DataType.STRING, "CL_OBS_STATUS", Name("สถานะ", "Observation status")),
    "N_OBS": (Role.ATTRIBUTE, DataType.DOUBLE, "", Name("จำนวนตัวอย่าง", "Number of answers")),
    "ADJUSTED": (Role.ATTRIBUTE, DataType.DOUBLE, "", Name("ค่าปรับฤดูกาล", "Seasonally adjusted value")),
    "TRANSFORMED": (Role.ATTRIBUTE, DataType.DOUBLE, "", Name("ค่าที่แบบจำลองใช้", "Value that the model saw")),
}
_FLOWS = {
    "LABOUR_INDICES": Name("ดัชนีเศรษฐกิจแรงงานและดัชนีความเชื่อมั่น", "Labour Economic Index and confidence indices of Thailand"),
    "LABOUR_INDICATORS": Name("ตัวชี้วัดของดัชนีเศรษฐกิจแรงงาน", "Indicators of the Labour Economic Index of Thailand"),
}  # fmt: skip


def structures(issue: Issue) -> Structures:
    """Code lists, concepts, two data structure definitions and two dataflows."""
    named = {**_OTHER_CODES, **_declared_codes(issue)}
    thai = {(name, code): text.th for name, own in named.items() for code, text in own.items()}
    lists = {
        name: Codelist(
            id=name,
            name=name.removeprefix("CL_").replace("_", " ").title(),
            agency=AGENCY,
            version=VERSION,
            items=[Code(id=code, name=text.en or text.th) for code, text in own.items()],
        )
        for name, own in named.items()
    }
    concepts = ConceptScheme(
        id="CS_LABOUR",
        name="Concepts of the labour indices",
        agency=AGENCY,
        version=VERSION,
        items=[
            Concept(id=name, name=text.en, dtype=kind) for name, (_, kind, _, text) in _COMPONENTS.items()
        ],
    )
    columns = {"LABOUR_INDICES": indices(issue).columns, "LABOUR_INDICATORS": indicators(issue).columns}
    definitions = [
        DataStructureDefinition(
            id=f"DSD_{flow}",
            name=_FLOWS[flow].en,
            agency=AGENCY,
            version=VERSION,
            components=Components([_component(str(name), lists) for name in own]),
        )
        for flow, own in columns.items()
    ]
    flows = [
        Dataflow(id=flow, name=_FLOWS[flow].en, agency=AGENCY, version=VERSION, structure=definition)
        for flow, definition in zip(_FLOWS, definitions, strict=True)
    ]
    return Structures(list(lists.values()), concepts, definitions, flows, thai)


def _declared_codes(issue: Issue) -> dict[str, dict[str, Name]]:
    declared = issue.declarations
    components = {"LEI_overall": Name("ดัชนีรวม", "Composite")}
    components |= {f"LEI_{code}": item.name for code, item in declared.dimensions.items()}
    for survey, form in declared.questionnaires.items():
        components[f"{survey}_overall"] = form.index_name
        components |= {f"{survey}_{item.id}": item.name for item in form.domains}
    groups = {sdmx_id(code): item.name for code, item in declared.groups.items()}
    groups.setdefault("TH", Name("ทั่วประเทศ", "Whole country"))
    series = {sdmx_id(code): item.name for code, item in declared.indicators.items()}
    series |= {sdmx_id(code): item.name for code, item in declared.macro.items()}
    for code in issue.tables["series"]["indicator"].unique():
        series.setdefault(sdmx_id(code), Name(str(code), str(code)))
    for code in {
        *issue.tables["labour_index"]["group"],
        *issue.tables.get("confidence", pd.DataFrame({"group": []}))["group"],
    }:
        groups.setdefault(sdmx_id(code), Name(str(code), str(code)))
    return {"CL_COMPONENT": components, "CL_GROUP": groups, "CL_INDICATOR": series}


def _component(name: str, lists: Mapping[str, Codelist]) -> Component:
    role, kind, codelist, _ = _COMPONENTS[name]
    return Component(
        id=name,
        required=role == Role.DIMENSION,
        role=role,
        concept=ItemReference("Concept", AGENCY, "CS_LABOUR", VERSION, name),
        local_dtype=kind,
        local_codes=lists.get(codelist),
        attachment_level="O" if role == Role.ATTRIBUTE else None,
    )


# ------------------------------------------------------------------------------------------------ files


def sdmx_files(issue: Issue) -> dict[str, bytes]:
    """The structure message and the two data sets."""
    made = structures(issue)
    day = dt.datetime.combine(dt.date.fromisoformat(issue.content["as_of"]), dt.time(), dt.UTC)
    header = Header(id=f"LABOUR-{issue.content['quarter']}-v{issue.content['version']}", prepared=day)
    every = [*made.lists, made.concepts, *made.definitions, *made.flows]
    text = write_sdmx(every, Format.STRUCTURE_SDMX_ML_3_0, header=header) or ""
    data = {"LABOUR_INDICES": indices(issue), "LABOUR_INDICATORS": indicators(issue)}
    files = {"sdmx/structure.xml": with_thai_names(text, made.thai)}
    for flow, name in (("LABOUR_INDICES", "indices"), ("LABOUR_INDICATORS", "indicators")):
        files[f"sdmx/{name}.csv"] = sdmx_csv(data[flow], f"{AGENCY}:{flow}({VERSION})")
    return files


def sdmx_csv(frame: pd.DataFrame, flow: str) -> bytes:
    """SDMX-CSV 2.0: structure, its id and action before every observation (sdmx-twg/sdmx-csv, field guide of version 2.0.0)."""
    head = {"STRUCTURE": "dataflow", "STRUCTURE_ID": flow, "ACTION": "I"}
    shown = frame.map(_cell_text)
    for place, (column, value) in enumerate(head.items()):
        shown.insert(place, column, value)
    content: str = shown.to_csv(index=False, lineterminator="\n")
    return content.encode("utf-8")


def _cell_text(value: Any) -> str:
    """A number so that it reads back to the last bit; nothing for a missing one."""
    if isinstance(value, float):
        return "" if value != value else repr(value)
    return str(value)


def with_thai_names(text: str, thai: Mapping[tuple[str, str], str]) -> bytes:
    """A structure message whose codes have their Thai names beside the English ones."""
    root = etree.fromstring(text.encode("utf-8"))
    for codelist in root.iter("{*}Codelist"):
        for code in codelist.iter("{*}Code"):
            name, said = code.find("{*}Name"), thai.get((codelist.get("id"), code.get("id")), "")
            if name is not None and said:
                other = etree.Element(name.tag)
                other.set(_XML, "th")
                other.text = said
                name.addnext(other)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


# ------------------------------------------------------------------------------------------------ JSON-stat

# Table -> columns of its key that are dimensions, in order; measures are its numbers.
_JSON = {
    "labour_index": ("dimension", "group", "period"),
    "confidence": ("survey", "domain", "group", "period"),
    "series": ("indicator", "group", "period"),
    "contributions": ("against", "dimension", "period"),
    "forecast": ("period",),
    "employer_actions": ("action", "period"),
    "traits": ("trait", "period"),
    "priorities": ("aspect", "period"),
}


def json_files(issue: Issue) -> dict[str, bytes]:
    """``json/<table>.json`` of the main tables and ``json/index.json``, the list of them."""
    made = {name: jsonstat(issue, name) for name in _JSON if len(issue.tables.get(name, ()))}
    files = {f"json/{name}.json": _json(content) for name, content in made.items()}
    listed = [
        {"class": "dataset", "href": f"{name}.json", "label": content["label"]}
        for name, content in made.items()
    ]
    files["json/index.json"] = _json({"version": "2.0", "class": "collection", "link": {"item": listed}})
    return files


def _json(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode("utf-8")


def jsonstat(issue: Issue, name: str) -> dict[str, Any]:
    """A table as a JSON-stat 2.0 dataset: dimensions of its key, one metric dimension with its numbers.

    Values are sparse (position -> number); a position that is not listed has no value. ``status`` names suppressed ones.
    """
    frame, keys = issue.tables[name], _JSON[name]
    declared = schema.declared_tables()[name]
    measures = [
        column
        for column, spec in declared.columns.items()
        if spec.dtype in ("number", "integer") and column not in keys
    ]
    labels = _labels(issue)
    codes = {
        key: sorted(frame[key].unique()) if key == "period" else list(frame[key].unique()) for key in keys
    }
    dimensions: dict[str, Any] = {
        key: {
            "label": issue.word(declared.columns[key].title),
            "category": {"index": own, "label": {code: labels.get((key, code), code) for code in own}},
        }
        for key, own in codes.items()
    }
    dimensions["measure"] = {
        "label": "measure",
        "category": {
            "index": measures,
            "label": {column: issue.word(declared.columns[column].title) for column in measures},
            "unit": {
                column: {"label": issue.word(unit)}
                for column in measures
                if (unit := declared.columns[column].unit)
            },
        },
    }
    values, status = _sparse(frame, codes, measures)
    return {
        "version": "2.0",
        "class": "dataset",
        "label": issue.word(declared.title),
        "source": issue.issuer("division"),
        "updated": issue.content["as_of"],
        "id": [*keys, "measure"],
        "size": [*map(len, codes.values()), len(measures)],
        "role": {
            "time": ["period"],
            "metric": ["measure"],
            **({"geo": ["group"]} if "group" in keys else {}),
        },
        "dimension": dimensions,
        "value": values,
        **({"status": status} if status else {}),
        "extension": {
            "quarter": issue.content["quarter"],
            "edition": dict(issue.content.get("edition", {})),
            "marks": list(issue.document["marks"]),
        },
    }


def _sparse(
    frame: pd.DataFrame, codes: Mapping[str, Sequence[str]], measures: Sequence[str]
) -> tuple[dict[str, float], dict[str, str]]:
    """Position -> number, and position -> "suppressed": positions count through the codes of the key, the measures fastest."""
    places = [{code: place for place, code in enumerate(own)} for own in codes.values()]
    values: dict[str, float] = {}
    status: dict[str, str] = {}
    columns = [frame[column].tolist() for column in measures]
    flags = frame["flag"].tolist() if "flag" in frame else [""] * len(frame)
    for row, key_values in enumerate(zip(*(frame[key] for key in codes), strict=True)):
        at = 0
        for code, own in zip(key_values, places, strict=True):
            at = at * len(own) + own[code]
        for place, column in enumerate(columns):
            number = column[row]
            if number == number:
                values[str(at * len(measures) + place)] = number
            elif flags[row] == "suppressed":
                status[str(at * len(measures) + place)] = "suppressed"
    return values, status


def _labels(issue: Issue) -> dict[tuple[str, str], str]:
    """(column, code) -> name in the issue's language."""

    column = "name_th" if issue.lang == "th" else "name_en"
    return {
        (kind.partition(" ")[0], code): text
        for kind, code, text in codes(issue)[["column", "code", column]].itertuples(index=False)
    }
