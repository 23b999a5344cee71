"""SDMX and JSON: indices and indicators for other statistical offices and for the web.

Goes in: an ``Issue``. Comes out: name -> bytes. ``sdmx/structure.xml`` (SDMX-ML 3.0: code lists, concepts, data structure definitions,
dataflows) with ``sdmx/indices.csv`` and ``sdmx/indicators.csv`` (SDMX-CSV 2.0); ``json/<table>.json`` (JSON-stat 2.0). Numbers have full
precision. An SDMX id takes no colon: ``REGION:bangkok`` is ``REGION_bangkok`` there.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
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
from reporter.exports.issue import Issue

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
    shown = frame.map(_written)
    for place, (column, value) in enumerate(head.items()):
        shown.insert(place, column, value)
    content: str = shown.to_csv(index=False, lineterminator="\n")
    return content.encode("utf-8")


def _written(value: Any) -> str:
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
    dimensions: dict[str, Any] = {}
    places: list[Mapping[str, int]] = []
    for key in keys:
        codes = sorted(frame[key].unique()) if key == "period" else list(frame[key].unique())
        places.append({code: place for place, code in enumerate(codes)})
        dimensions[key] = {
            "label": issue.word(declared.columns[key].title),
            "category": {"index": codes, "label": {code: labels.get((key, code), code) for code in codes}},
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
    sizes = [len(own) for own in places] + [len(measures)]
    values: dict[str, float] = {}
    status: dict[str, str] = {}
    columns = [frame[column].tolist() for column in measures]
    flags = frame["flag"].tolist() if "flag" in frame else [""] * len(frame)
    for row, key_values in enumerate(zip(*(frame[key] for key in keys), strict=True)):
        at = 0
        for code, own, size in zip(key_values, places, sizes, strict=False):
            at = at * size + own[code]
        for place, column in enumerate(columns):
            number = column[row]
            if number == number:
                values[str(at * len(measures) + place)] = number
            elif flags[row] == "suppressed":
                status[str(at * len(measures) + place)] = "suppressed"
    return {
        "version": "2.0",
        "class": "dataset",
        "label": issue.word(declared.title),
        "source": issue.issuer("division"),
        "updated": issue.content["as_of"],
        "id": [*keys, "measure"],
        "size": sizes,
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


def _labels(issue: Issue) -> dict[tuple[str, str], str]:
    """(column, code) -> name in the issue's language."""
    from reporter.exports.statistics import codes

    column = "name_th" if issue.lang == "th" else "name_en"
    return {
        (kind.partition(" ")[0], code): text
        for kind, code, text in codes(issue)[["column", "code", column]].itertuples(index=False)
    }
