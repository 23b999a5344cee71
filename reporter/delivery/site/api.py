"""Static addresses for machines under ``/api/v1/`` with codes and schemas, and the card of an issue for messengers.

Goes in: the records of the archive and the tables of the issues that a long series needs. Comes out: JSON and CSV files whose
addresses never change; servers give static files an ETag by themselves. A long series takes each quarter from the newest issue
that has it and says from which: ``issue`` (quarter), ``version`` and ``vintage`` (the day whose data were used). Also the plain index
``llms.txt``. What the addresses are and what stands there: docs/site.md and ``/api/v1/index.json``.
"""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import pypdfium2
from weasyprint import HTML

from reporter.delivery.built_issue import INDICES, table
from reporter.delivery.site import metadata
from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import Known, NextSite, issue_file
from reporter.domain import thai
from reporter.domain.declarations import Declarations, Name, asset, tokens
from reporter.domain.periods import iso

ROOT = "api/v1"
COLUMNS = ("index", "part", "group", "period", "value", "low95", "high95", "n", "issue", "version", "vintage")
_LISTED = tuple(name for name in COLUMNS if name not in ("index", "group"))  # the lists of a series' JSON
# What a column of the long series holds, for the schema.
_ABOUT: Mapping[str, tuple[str, str]] = {
    "index": ("string", "labour_index, employer (confidence) or worker (confidence)"),
    "part": ("string", "overall, a dimension of the index or a domain of the survey (codes.json)"),
    "group": ("string", "TH or a group's code (codes.json)"),
    "period": ("string", "Quarter as 2025-Q3, Christian era"),
    "value": ("number", "Points: labour_index has long-run mean 100 and standard deviation 10; confidence runs from 0 to 200"),
    "low95": ("number", "Lower end of the 95 % interval; empty where none is published"),
    "high95": ("number", "Upper end of the 95 % interval"),
    "n": ("number", "Answers; empty for labour_index"),
    "issue": ("string", "Quarter of the issue that the value was taken from: the newest that has it"),
    "version": ("integer", "Version of that issue"),
    "vintage": ("string", "Date: the value uses what was known on that day"),
}  # fmt: skip


# One series: every column's values as JSON, by name, and ROW: the lines of the CSV. All lists have one entry a value.
Columns = dict[str, list[str]]
ROW = "row"
Pair = tuple[str, str]  # index and group
SeriesColumns = dict[Pair, Columns]


def file_of(group: str) -> str:
    """``PROVINCE-TH-50``: a group's code in an address."""
    return group.replace(":", "-")


def write_api(
    site: NextSite,
    newest: Sequence[Record],
    declarations: Declarations,
    title: str,
    touched: Collection[pd.Period],
    known: Known,
) -> list[Pair]:
    """Write everything under ``/api/v1/`` and ``llms.txt``; returns the (index, group) pairs that have a series.

    touched   quarters whose own files are made again; of the others only what is missing
    known     what the last publish left: long series that nobody has touched since are carried on
    """
    for record in newest:
        path = issue_file(record.quarter)
        if record.quarter in touched or not site.exists(path):
            site.write(path, json_text(issue_content(record)))
    site.write(f"{ROOT}/latest.json", json_text(issue_content(newest[0])))
    site.write(f"{ROOT}/codes.json", json_text(codes(declarations)))
    site.write(f"{ROOT}/series.schema.json", json_text(series_schema()))
    made = set()
    for (index, group), columns in long_series(site, newest, known):
        made.add((index, group))
        place = series_file(index, group)
        site.write(f"{place}.csv", _csv(columns))
        site.write(f"{place}.json", _series_json(index, group, columns))
    declared = {group: place for place, group in enumerate(declarations.groups)}
    pairs = sorted(made, key=lambda pair: (pair[0], declared.get(pair[1], len(declared)), pair[1]))
    site.write(f"{ROOT}/index.json", json_text(directory(newest, pairs, title)))
    site.write("llms.txt", plain_index(newest, title))
    return pairs


def series_file(index: str, group: str) -> str:
    """Address of a long series without its ending."""
    return f"{ROOT}/series/{index}/{file_of(group)}"


def long_series(site: NextSite, newest: Sequence[Record], known: Known) -> Iterator[tuple[Pair, Columns]]:
    """Every series: each quarter from the newest issue that has it.

    The past is on the site already: where the last publish wrote the series of all issues but the newest, and nobody has touched
    them since, quarters before those of the newest issue are taken from there, and only its own tables are read. So the
    40th issue costs hardly more than the second. Otherwise the tables of all issues that have something to add are read,
    also after some series have been given: those of the tables are then the ones to keep.
    """
    past = _carried(site, newest, known)
    if past is None:
        yield from _from_tables(site, newest).items()
        return
    fresh = _from_tables(site, newest[:1])
    nothing: Columns = {name: [] for name in (*_LISTED, ROW)}
    filled = {index: _quarters(fresh, index) for index in INDICES}
    for pair in {**fresh, **dict.fromkeys(sorted(past))}:
        before = _read_series(site, pair) if pair in past else nothing
        joined = before and _joined(before, fresh.get(pair, nothing), filled[pair[0]])
        if not joined:
            yield from _from_tables(site, newest).items()
            return
        if joined[ROW]:
            yield pair, joined


def _carried(site: NextSite, newest: Sequence[Record], known: Known) -> set[Pair] | None:
    """The series that stand on the site as the last publish left them, made of all these issues or all but the newest; else None."""
    paths = [record.path for record in newest]
    listed = f"{ROOT}/index.json"
    if list(known.series) not in (paths, paths[1:]) or not _is_untouched(site, known, listed):
        return None
    groups = json.loads(site.read(listed))["series"]["groups"]
    pairs = {(index, group) for index, codes in groups.items() for group in codes}
    files = [f"{series_file(*pair)}.{kind}" for pair in pairs for kind in ("csv", "json")]
    return pairs if all(_is_untouched(site, known, path) for path in files) else None


def _read_series(site: NextSite, pair: Pair) -> Columns | None:
    """A series as it stands on the site; None for what this program has not written so."""
    place = series_file(*pair)
    head, *rows = site.read(f"{place}.csv").decode("utf-8").split("\n")[:-1]
    columns = _lists(site.read(f"{place}.json").decode("utf-8")) | {ROW: rows}
    is_ours = head == ",".join(COLUMNS) and all(len(values) == len(rows) for values in columns.values())
    return columns if is_ours else None


def _is_untouched(site: NextSite, known: Known, path: str) -> bool:
    return path in known.files and site.files.get(path) == known.files[path]


def _lists(text: str) -> Columns:
    """The lists of a series' JSON, cut at their commas: a number that stays as it is need not be read and written again."""
    found, end = {}, 0
    for name in _LISTED:
        lead = f'"{name}":['
        start = text.index(lead, end) + len(lead)
        end = text.index("]", start)
        found[name] = text[start:end].split(",")
    return found


def _quarters(series: SeriesColumns, index: str) -> set[str]:
    """The quarters that an index has in any group, as JSON."""
    return {period for key, columns in series.items() if key[0] == index for period in columns["period"]}


def _joined(past: Columns, fresh: Columns, filled: set[str]) -> Columns | None:
    """Part by part what stood there of the quarters before, then the newest issue's.

    filled   the quarters that the newest issue has of the index; None comes out where the past has another among them
    """
    joined: Columns = {name: [] for name in (*_LISTED, ROW)}
    since = min(filled, default="")
    parts = {**dict.fromkeys(past["part"]), **dict.fromkeys(fresh["part"])}
    for part in sorted(parts, key=lambda part: (part != '"overall"', part)):
        start, end = _span(past["part"], part)
        cut = bisect_left(past["period"], since, start, end) if filled else end
        if not filled.issuperset(past["period"][cut:end]):
            return None
        first, last = _span(fresh["part"], part)
        for name, values in joined.items():
            values += past[name][start:cut]
            values += fresh[name][first:last]
    return joined


def _span(parts: list[str], part: str) -> tuple[int, int]:
    """Where the rows of a part, which follow each other, begin and end."""
    start = parts.index(part) if part in parts else 0
    return start, start + parts.count(part)


def _from_tables(site: NextSite, newest: Sequence[Record]) -> SeriesColumns:
    """The series of these issues from their tables."""
    parts: dict[str, list[pd.DataFrame]] = {}
    filled: dict[str, set[str]] = {}
    for record in newest:
        # An issue of which the country's quarters are all there already has nothing to add: its tables are not read.
        if all(periods <= filled.get(index, set()) for index, periods in _periods_of(record).items()):
            continue
        for index, rows in _tables_of(site, record):
            held = filled.setdefault(index, set())
            new = rows[~rows["period"].isin(held) & rows["value"].notna()]
            about = {
                "issue": iso(record.quarter),
                "version": record.version,
                "vintage": record.content["as_of"],
            }
            parts.setdefault(index, []).append(new.assign(index=index, **about))
            held.update(new["period"].unique())
    return {key: columns for index, frames in parts.items() for key, columns in _by_group(index, frames)}


def _periods_of(record: Record) -> dict[str, set[str]]:
    """Index -> the quarters that the issue has for the country, as its record says."""
    return {
        index: {period for values in parts.values() for period in values}
        for index, parts in record.content["series"].items()
    }


def _by_group(index: str, frames: Sequence[pd.DataFrame]) -> Iterator[tuple[Pair, Columns]]:
    """Every group's columns, its whole first, then its parts in time order."""
    whole = pd.concat(frames, ignore_index=True).reindex(columns=COLUMNS)
    rank = whole.assign(_part=whole["part"] != "overall")
    sorted_rows = whole.loc[rank.sort_values(["group", "_part", "part", "period"]).index]
    # Every value is turned into text once, for all groups together, and cut afterwards: hundreds of files with more
    # quarters than last time cost hardly more time.
    texts = {str(name): _texts(column) for name, column in sorted_rows.items()}
    columns = {name: texts[name][0] for name in _LISTED}
    columns[ROW] = list(map(",".join, zip(*(texts[name][1] for name in COLUMNS), strict=True)))
    sizes = sorted_rows.groupby("group").size()
    ends = sizes.cumsum()
    for group, end, size in zip(sizes.index, ends, sizes, strict=True):
        yield (index, str(group)), {name: values[end - size : end] for name, values in columns.items()}


def _texts(column: pd.Series) -> tuple[list[str], list[str]]:
    """Every value of a column as JSON and as CSV: numbers with all their digits, ``null`` and nothing where there is none."""
    if pd.api.types.is_numeric_dtype(column):
        digits = [repr(value) for value in column.tolist()]
        is_there = np.isfinite(column.astype(float)).tolist()
        pairs = list(zip(digits, is_there, strict=True))
        return [text if there else "null" for text, there in pairs], [
            text if there else "" for text, there in pairs
        ]
    values = column.astype(object).where(column.notna(), None).tolist()
    codes = dict.fromkeys(values)
    in_json = {code: json.dumps(code, ensure_ascii=False) for code in codes}
    in_csv = {code: _csv_cell(code) for code in codes}
    return [in_json[value] for value in values], [in_csv[value] for value in values]


def _csv_cell(code: str | None) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(["" if code is None else code, ""])
    return stream.getvalue()[:-1]


def _tables_of(site: NextSite, record: Record) -> Iterator[tuple[str, pd.DataFrame]]:
    """Index -> its table with the columns of the long series."""
    folder = site.folder(record.path)
    index = table(folder, "labour_index")
    if len(index):
        yield "labour_index", index.rename(columns={"dimension": "part"})
    answers = table(folder, "confidence")
    if len(answers):
        answers = answers.rename(columns={"domain": "part", "low": "low95", "high": "high95"})
        for survey, rows in answers.groupby("survey", sort=False):
            yield str(survey), rows


def _csv(columns: Columns) -> str:
    """One row a value; nothing where there is none."""
    return "\n".join([",".join(COLUMNS), *columns[ROW], ""])


def _series_json(index: str, group: str, columns: Columns) -> str:
    """Columns as lists: what data frames read without a loop."""
    about = {"index": index, "group": group, "schema": "../../series.schema.json"}
    head = json.dumps(about, ensure_ascii=False, separators=(",", ":"))[:-1]
    held = ",".join(f'"{name}":[{",".join(columns[name])}]' for name in _LISTED)
    return f'{head},"columns":{{{held}}}}}\n'


def issue_content(record: Record) -> dict[str, Any]:
    """One issue: what it says first, where it stands, and its tables with their digests."""
    content = record.content
    return {
        "quarter": iso(record.quarter),
        "version": record.version,
        "title": content["title"],
        "published": content["published"],
        "vintage": content["as_of"],
        "data_id": content["data_id"],
        "is_synthetic": content["synthetic"],
        "mark": content["mark"],
        "correction": content["correction"],
        "withdrawn": dict(record.withdrawn),
        "licence": metadata.LICENCE,
        "headline": content["headline"],
        "sentences": content["sentences"],
        "sentences_en": content["english"],
        "address": metadata.address(record, f"{record.path}/"),
        "status": metadata.address(record, f"{record.status_path}/"),
        "document": metadata.address(record, f"{record.path}/issue.json"),
        "sha256sums": metadata.address(record, f"{record.path}/SHA256SUMS"),
        "tables": [
            {
                "name": item["name"], "title": item["title"], "title_en": item["title_en"], "bytes": item["bytes"],
                "sha256": item["sha256"], "address": metadata.address(record, f"{record.path}/{item['path']}"),
            }
            for item in metadata.tables(record)
        ],
    }  # fmt: skip


def codes(declarations: Declarations) -> dict[str, Any]:
    """Every code of the series with its Thai and English name."""
    named = {
        "groups": {code: _both(item.name) for code, item in declarations.groups.items()},
        "dimensions": {code: _both(item.name) for code, item in declarations.dimensions.items()},
        "indicators": {code: _both(item.name) for code, item in declarations.indicators.items()},
    }
    domains = {
        survey: {item.id: _both(item.name) for item in form.domains}
        for survey, form in declarations.questionnaires.items()
    }
    return {"indices": {key: {"th": name} for key, name in INDICES.items()}, **named, "domains": domains}


def _both(name: Name) -> dict[str, str]:
    return {"th": name.th, "en": name.en}


def series_schema() -> dict[str, Any]:
    """JSON Schema of a series file; the CSV has the same columns."""
    columns = {
        name: {"type": "array", "items": {"type": [kind, "null"]}, "description": words}
        for name, (kind, words) in _ABOUT.items()
        if name in _LISTED
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A long series of one index and one group",
        "type": "object",
        "required": ["index", "group", "columns"],
        "properties": {
            "index": {"enum": list(INDICES), "description": _ABOUT["index"][1]},
            "group": {"type": "string", "description": _ABOUT["group"][1]},
            "schema": {"type": "string"},
            "columns": {"type": "object", "required": list(columns), "properties": columns},
        },
    }


def directory(newest: Sequence[Record], pairs: Sequence[tuple[str, str]], title: str) -> dict[str, Any]:
    """``index.json``: what there is. Addresses are relative to ``/api/v1/``."""
    series: dict[str, list[str]] = {}
    for index, group in pairs:
        series.setdefault(index, []).append(group)
    return {
        "title": title,
        "licence": metadata.LICENCE,
        "documentation": "../../data/index.html",
        "latest": "latest.json",
        "codes": "codes.json",
        "schema": "series.schema.json",
        "issues": {iso(record.quarter): f"issues/{iso(record.quarter)}.json" for record in newest},
        "series": {
            "address": "series/{index}/{group}.json and .csv; a colon of a group's code is written as a hyphen",
            "columns": list(COLUMNS),
            "groups": series,
        },
        "catalogue": "../../data/catalog.jsonld",
    }


def plain_index(newest: Sequence[Record], title: str) -> str:
    """``llms.txt``: the site in plain words, for programs that read text."""
    first = newest[0]
    mark = f"\n{first.content['mark']}" if first.content["mark"] else ""
    made = "\nSynthetic data: no real statistics." if first.content["synthetic"] else ""
    lines = [
        f"# {title}",
        "",
        f"> Quarterly labour-market report of Thailand: Labour Economic Index, employers' and workers' confidence, forecast. {metadata.owner(first)}{mark}{made}",
        "",
        "## Newest issue",
        f"- [{first.content['title']}]({first.issue_path}/index.html): {' '.join(first.content['english'])}",
        f"- [Whole report as a page]({first.path}/read.html), [as data with the cells of every number]({first.path}/issue.json)",
        "",
        "## Data",
        f"- [Directory of the API]({ROOT}/index.json), [newest issue]({ROOT}/latest.json), [codes]({ROOT}/codes.json)",
        f"- Long series: {ROOT}/series/INDEX/GROUP.csv and .json, for example [{ROOT}/series/labour_index/TH.csv]({ROOT}/series/labour_index/TH.csv)",
        f"- [Catalogue (DCAT)](data/catalog.jsonld), [data package of the newest issue]({first.path}/datapackage.json), [checksums]({first.path}/SHA256SUMS)",
        f"- Licence: {metadata.LICENCE}. Cite issue and version; numbers of an issue never change, corrections are new versions.",
        "",
        "## Pages",
        "- [How to read the index](how-to-read/index.html), [methods](methods/index.html), [dashboard](dashboard/index.html), [calendar](calendar/index.html)",
        "- [English](en/index.html), [about, licence, privacy, accessibility](about/index.html)",
        "",
        "## All issues",
        *[f"- [{record.content['title']}]({record.issue_path}/index.html)" for record in newest],
    ]
    return "\n".join(lines) + "\n"


def json_text(content: Mapping[str, Any]) -> str:
    """JSON as every file of the site has it: readable, a line to a value; no NaN."""
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


# ----------------------------------------------------------------------------------------------------
# The card of an issue that messengers show beside its address (LINE, Facebook): 1200 x 630 pixels, drawn from the record.
#
# Goes in: a record. Comes out: PNG bytes, the same for the same record. Set as one page by WeasyPrint, because Thai marks need a typesetter,
# and drawn by PDFium. Source of the size: the Open Graph protocol's usual 1.91 to 1.
# ----------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 1200, 630
_HUES = {"labour_index": "navy", "employer": "employers", "worker": "workers"}
_STYLE = """
@font-face {{ font-family: Card; src: url({regular}); }}
@font-face {{ font-family: Card; font-weight: 600; src: url({bold}); }}
@page {{ size: 1200px 630px; margin: 0; background: #ffffff; }}
body {{ font-family: Card; margin: 0; padding: 44px 60px; color: #1B2733; }}
.top {{ color: #5B6B7A; font-size: 26px; margin: 0 330px 0 0; }} h1 {{ font-size: 46px; line-height: 1.35; margin: 10px 0 10px; }}
.story {{ font-size: 31px; line-height: 1.55; margin: 0 0 20px; height: 150px; overflow: hidden; }}
.heads {{ display: flex; }} .heads div {{ width: 350px; margin-right: 15px; padding-top: 10px; }}
.heads p {{ margin: 0; font-size: 23px; line-height: 1.35; }} .heads .value {{ font-size: 62px; font-weight: 600; line-height: 1.25; }}
.mark {{ position: absolute; right: 60px; bottom: 30px; background: #8C1D18; color: #ffffff; font-size: 24px; padding: 4px 16px; }}
"""


def card(record: Record) -> bytes:
    """The issue's card as PNG."""
    style = _STYLE.format(
        regular=asset("fonts", "sarabun", "Sarabun-Regular.ttf").as_uri(),
        bold=asset("fonts", "sarabun", "Sarabun-SemiBold.ttf").as_uri(),
    )
    page = HTML(string=f"<meta charset='utf-8'><style>{style}</style>{_body(record)}").write_pdf()
    document = pypdfium2.PdfDocument(page)
    try:
        sheet = document[0]
        picture = (
            sheet.render(scale=WIDTH / sheet.get_width()).to_pil().convert("RGB").crop((0, 0, WIDTH, HEIGHT))
        )
    finally:
        document.close()
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _body(record: Record) -> str:
    content = record.content
    settings = content["settings"]
    marks = [content["mark"], "ข้อมูลสังเคราะห์" if content["synthetic"] else ""]
    mark = " ".join(part for part in marks if part)
    heads = "".join(_head(key, content["headline"].get(key) or {}) for key in INDICES)
    story = thai.protect(content["sentences"][0]) if content["sentences"] else ""
    marked = f'<p class="mark">{escape(mark)}</p>' if mark else ""
    return (
        f'{marked}<p class="top">{escape(settings["ministry"]["th"])} {escape(settings["division"]["th"])}</p>'
        f'<h1>{escape(thai.protect(content["title"]))}</h1><p class="story">{escape(story)}</p><div class="heads">{heads}</div>'
    )


def _head(key: str, numbers: Mapping[str, Any]) -> str:
    nowcast = numbers.get("nowcast")
    value = nowcast["value"] if nowcast else numbers.get("value")
    if value is None:
        return ""
    change = numbers.get("change_quarter")
    moved = f"{thai.change(change)} จากไตรมาสก่อน" if change is not None else ""
    if nowcast:
        moved = f"ค่าประมาณปัจจุบัน (nowcast) ช่วงร้อยละ 80: {thai.points(nowcast['low80'])} ถึง {thai.points(nowcast['high80'])}"
    colour = tokens().colour[_HUES[key]]
    return (
        f'<div style="border-top: 6px solid {colour}"><p>{escape(INDICES[key])}</p>'
        f'<p class="value">{thai.points(value)}</p><p>{escape(moved)}</p></div>'
    )
