"""Survey files: their cells (text, spreadsheet, Stata or SPSS), the declared rules of reading and cleaning, mapping files.

Goes in: a CSV, a spreadsheet (.xlsx, .xls, .xlsb, .ods), a Stata or SPSS file (.dta, .sav) as it arrived. Comes out: an ``AnswerGrid`` of
stripped texts per sheet, nothing interpreted yet. CSV: UTF-8, UTF-16 or Windows-874 (TIS-620); comma, semicolon, tab or bar. What
may hide answers (hidden sheets and rows, rows with a cell too many, text decoded twice) is reported or refused.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import pandas as pd

from reporter.domain.declarations import Name, asset
from reporter.domain.errors import DeclarationError, Finding, InputError
from reporter.inputs import spreadsheets
from reporter.inputs.series_cells import decode, too_wide
from reporter.inputs.spreadsheets import Sheet, cell_text

_SNIFFED_ROWS = 40  # enough to tell the separator; the header stands among the first few
_SEPARATORS = ",;\t|"
_LISTED_ROWS = 20  # rows with a cell too many that are named one by one
_PACKAGES = {".sav": "read_sav", ".dta": "read_dta"}
# A damaged head of a .sav or .dta may state 740 million rows in a file of 1 kB, and the reader takes memory for all of them. A value
# takes a byte at least; zlib, which .zsav uses, packs at most 1,032 bytes into one. 20 million is five times a whole history.
_MOST_PACKED = 1032
_MOST_VALUES = 20_000_000


@dataclass(frozen=True)
class AnswerGrid:
    """Cells of one sheet as text, before anybody knows which row holds the headers.

    cells   row x column, strings, "" where empty; row i of the frame is spreadsheet row i + 1
    notes   what had to be guessed about the file, as findings
    labels  of a statistical package's file: column -> code as text -> its label
    """

    cells: pd.DataFrame
    notes: tuple[Finding, ...] = ()
    sheet: str = ""
    labels: MappingType[int, MappingType[str, str]] = field(default_factory=dict)

    def row(self, number: int) -> list[str]:
        """Texts of one row, counted from 0."""
        return [str(cell) for cell in self.cells.iloc[number]]


def read_grids(path: Path, where: str, names: Collection[str] = ()) -> list[AnswerGrid]:
    """Every visible sheet of the file (one for CSV). Raises InputError when it cannot be read as a table.

    names  of the questionnaire's columns, in lower case: a variable of Stata or SPSS called so goes by its name, others by their label
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(
            where, f"เปิดแฟ้มไม่ได้ ({error.strerror})", f"The file cannot be opened ({error.strerror})."
        ) from error
    if not data.strip():
        raise _refused(where, "แฟ้มว่าง — ส่งออกคำตอบใหม่", "The file is empty; export the answers again.")
    if path.suffix.lower() in _PACKAGES:
        return [_package_grid(path, where, names)]
    if spreadsheets.is_spreadsheet(data):
        return _sheets(data, where)
    return [_csv_grid(data, where)]


def _csv_grid(data: bytes, where: str) -> AnswerGrid:
    text, notes = _decoded(data, where)
    if "\r" in text:  # also the lone ones of old Macintosh files
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    mark = re.match(r"\ufeff*sep=(.)\r?\n", text)
    if mark:  # Excel's own first line, kept as a blank row so that rows count as a spreadsheet counts them
        text = "\n" + text[mark.end() :]
    head = _head_rows(text)
    separator = mark[1] if mark else _separator(head)
    width = 1
    try:
        rows = list(csv.reader(head, delimiter=separator))
        if (wide := too_wide(rows)) is not None:
            raise _refused(
                where,
                f"แถวนี้มี {len(rows[wide]):,} ช่อง — ตรวจว่าเป็นแฟ้มคำตอบ",
                f"{len(rows[wide]):,} cells in one row; check that this is the file of answers.",
                row=wide + 1,
            )
        width = _width([row for row in rows if any(row)])
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=list(range(width + 1)),  # one more, so that a cell too many is seen and not cut off
            index_col=False,
            dtype=object,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise InputError(
            f"อ่าน {where} ไม่ได้",
            f"{where} cannot be read.",
            _ragged_rows(text, separator, width, where),
        ) from error
    beyond = cells[width]
    cells = cells.drop(columns=width)
    if (beyond.notna() & (beyond != "")).any():
        raise InputError(
            f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", _ragged_rows(text, separator, width, where)
        )
    # Rows shorter than the header end in missing cells, whatever na_filter says.
    return AnswerGrid(cells.fillna("") if cells[width - 1].isna().any() else cells, notes)


def _width(rows: list[list[str]]) -> int:
    """Cells of a row as most rows have them; the header may have more, where the last columns are blank."""
    counts = [len(row) for row in rows]
    full = [count for count in counts if count > 1] or counts or [1]
    usual = Counter(full).most_common(1)[0][0]
    return next((count for count in counts if count >= usual), usual)


def _decoded(data: bytes, where: str) -> tuple[str, tuple[Finding, ...]]:
    """Text and notes on its encoding. Raises InputError for text that cannot be trusted."""
    found: list[Finding] = []
    text = decode(data, where, found)
    if text is None:
        errors = [dataclasses.replace(one, rule="survey.unreadable") for one in found]
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", errors)
    said = [one for one in found if one.value and not one.value.startswith("UTF-16")]
    return text, tuple(dataclasses.replace(one, severity="note", rule="survey.encoding") for one in said)


def _head_rows(text: str) -> list[str]:
    """The first lines, for sniffing; complete records, quoted line breaks included."""
    stream = io.StringIO(text)
    lines: list[str] = []
    is_open = False
    for line in stream:
        lines.append(line)
        is_open ^= line.count('"') % 2 == 1
        if len(lines) >= _SNIFFED_ROWS and not is_open:
            break
        if len(lines) >= 10 * _SNIFFED_ROWS:
            break
    return lines


def _separator(head: list[str]) -> str:
    """The separator that cuts the widest header; ties go to the comma."""

    def width(separator: str) -> int:
        try:
            return max((len(row) for row in csv.reader(head, delimiter=separator)), default=1)
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=lambda separator: (width(separator), separator == ","))


def _ragged_rows(text: str, separator: str, width: int, where: str) -> list[Finding]:
    """One finding per row with more cells than the header; at least one finding in any case."""
    findings: list[Finding] = []
    more = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1):
            if len(row) > width and any(row[width:]):
                if len(findings) >= _LISTED_ROWS:
                    more += 1
                    continue
                findings.append(
                    Finding(
                        "error",
                        where,
                        f"มี {len(row)} ช่อง แต่หัวตารางมี {width} ช่อง — ข้อความที่มีเครื่องหมาย {separator!r} ต้องอยู่ในเครื่องหมายคำพูด",
                        f"{len(row)} cells under a header of {width}; put text holding {separator!r} in quotation marks.",
                        row=number,
                        rule="survey.ragged_row",
                    )
                )
    except csv.Error:
        findings.clear()
    if more:
        findings[-1] = dataclasses.replace(
            findings[-1],
            th=f"{findings[-1].th} (และอีก {more:,} แถว)",
            en=f"{findings[-1].en} ({more:,} more rows)",
        )
    return findings or [_unreadable(where)]


def _unreadable(where: str) -> Finding:
    return Finding(
        "error",
        where,
        "โครงสร้าง CSV เสีย — ส่งออกใหม่เป็น CSV UTF-8",
        "The CSV is broken; export it again as CSV UTF-8.",
        rule="survey.unreadable",
    )


def _sheets(data: bytes, where: str) -> list[AnswerGrid]:
    """Visible sheets that hold something; hidden ones with answers are told, hidden rows refused."""
    noted: list[Finding] = []
    sheets = [sheet for sheet in spreadsheets.read_workbook(data, where, noted) if not sheet.is_empty]
    if noted:
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", noted)
    hidden = tuple(_hidden_sheet(where, sheet) for sheet in sheets if not sheet.is_visible)
    grids = [_sheet_grid(sheet, where, hidden) for sheet in sheets if sheet.is_visible]
    if not grids:
        raise _refused(where, "ทุกแผ่นงานว่างหรือถูกซ่อน", "Every sheet is empty or hidden.")
    return grids


def _sheet_grid(sheet: Sheet, where: str, notes: tuple[Finding, ...]) -> AnswerGrid:
    rows = [[cell if isinstance(cell, str) else cell_text(cell) for cell in row] for row in sheet.rows]
    hidden = sorted(number for number in sheet.hidden_rows if number < len(rows) and any(rows[number]))
    if hidden:
        shown = ", ".join(str(number + 1) for number in hidden[:5]) + (", …" if len(hidden) > 5 else "")
        finding = Finding(
            "error",
            where,
            f"มี {len(hidden):,} แถวที่ซ่อนหรือถูกกรองไว้ (แถว {shown}) — ล้างตัวกรอง หรือลบแถวเหล่านั้น",
            f"{len(hidden):,} rows are hidden or filtered away (rows {shown}); clear the filter, or delete them.",
            row=hidden[0] + 1,
            rule="survey.hidden_rows",
        )
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", [finding])
    while rows and not any(rows[-1]):
        rows.pop()
    return AnswerGrid(pd.DataFrame(rows, dtype=object).fillna(""), notes, sheet.name)


def _hidden_sheet(where: str, sheet: Sheet) -> Finding:
    return Finding(
        "warning",
        where,
        f'มีแผ่นงานซ่อน "{sheet.name}" ซึ่งมีข้อมูล ระบบไม่อ่าน — เลิกซ่อนหรือลบออก',
        f'Hidden sheet "{sheet.name}" holds data and is not read; unhide or delete it.',
        value=sheet.name,
        rule="survey.hidden_sheet",
    )


def _package_grid(path: Path, where: str, names: Collection[str]) -> AnswerGrid:
    """A Stata or SPSS file: names in the first row, the labels of questions in the second where there are any."""
    import pyreadstat

    try:
        read = getattr(pyreadstat, _PACKAGES[path.suffix.lower()])
        _, head = read(str(path), metadataonly=True)
        _refuse_impossible_size(head.number_rows or 0, head.number_columns or 0, path.stat().st_size)
        frame, meta = read(str(path), apply_value_formats=False, dates_as_pandas_datetime=True)
    except Exception as error:  # the reader raises its own errors, and others for damaged files
        raise _refused(
            where,
            f"อ่านแฟ้ม {path.suffix} ไม่ได้ ({type(error).__name__}) — ส่งออกเป็น .csv หรือ .xlsx",
            f"The {path.suffix} file cannot be read ({type(error).__name__}); export it as .csv or .xlsx.",
        ) from error
    labelled = zip(frame.columns, meta.column_labels, strict=True)
    headers = [_header(name, label, names) for name, label in labelled]
    labels = meta.variable_value_labels
    columns = [_package_texts(frame[name], labels.get(name, {})) for name in frame.columns]
    cells = pd.DataFrame([headers, *zip(*columns, strict=True)], dtype=object)
    coded = {place: labels[name] for place, name in enumerate(frame.columns) if labels.get(name)}
    return AnswerGrid(
        cells,
        labels={
            place: {cell_text(code): str(label).strip() for code, label in known.items()}
            for place, known in coded.items()
        },
    )


def _refuse_impossible_size(rows: int, columns: int, size: int) -> None:
    """Raise ValueError where a file's head states more values than ``size`` bytes can hold, or than any survey has."""
    values = rows * columns
    if values > min(_MOST_PACKED * size, _MOST_VALUES):
        raise ValueError(f"{rows:,} rows x {columns:,} columns in {size:,} bytes")


def _header(name: str, label: str | None, names: Collection[str]) -> str:
    """A variable's name where the questionnaire has it (``q1_1`` for ``q1.1``) or it is numbered, else its label, else its name."""
    bare = name.lower()
    is_declared = bare in names or bare.replace("_", ".") in names or bare in reading_aliases().columns
    is_numbered = re.fullmatch(r"(?:action|rank|q)[0-9]+(?:[._][0-9]+)?", bare)
    return name if is_declared or is_numbered or not label else label


def _package_texts(values: pd.Series, labels: dict[Any, str]) -> list[str]:
    """Texts of a variable: small codes stay numbers (their labels are kept beside them), others are labelled."""
    is_scale = all(isinstance(code, int | float) and 0 <= code <= 7 for code in labels)
    texts = []
    for value in values:
        if value is None or value != value:
            texts.append("")
        elif labels and not is_scale and value in labels:
            texts.append(str(labels[value]).strip())
        else:
            texts.append(
                cell_text(value.to_pydatetime() if isinstance(value, pd.Timestamp) else value).strip()
            )
    return texts


def _refused(where: str, th: str, en: str, row: int | None = None) -> InputError:
    return InputError(
        f"อ่าน {where} ไม่ได้",
        f"{where} cannot be read.",
        [Finding("error", where, th, en, row=row, rule="survey.unreadable")],
    )


# ----------------------------------------------------------------------------------------------------
# The declared rules of reading and cleaning: aliases of columns and values, cleaning rules with their actions.
#
# Goes in: ``data/rules/survey_reading.toml`` and ``survey_cleaning.toml`` (a workspace's own go first), and the mapping
# files ``surveys/mappings/<source>.toml`` of a workspace. Comes out: frozen objects. A mapping file says how one source
# names its columns and codes its answers; one can be written for a file whose columns were recognised:
#
#     [columns]                       # column of the contract = header of the source
#     "q1.1" = "1.1 มีความเมตตา กรุณา และช่วยเหลือผู้อื่น"
#     [values.status]                 # answer of the source = code of the contract
#     "ลูกจ้างประจำ" = "formal"
#     [values.rating]
#     "A1" = "5"
# ----------------------------------------------------------------------------------------------------

Action = Literal["keep", "blank", "drop"]
_ACTIONS = ("keep", "blank", "drop")


@dataclass(frozen=True)
class CleaningRule:
    """One cleaning rule: what is done about a breach, its names, its numbers (``minimum_age``, ``share``, ...)."""

    id: str
    action: Action
    name: Name
    numbers: MappingType[str, float]


@dataclass(frozen=True)
class CleaningRules:
    """Cleaning rules by id, in declared order."""

    by_id: MappingType[str, CleaningRule]

    def __getitem__(self, rule: str) -> CleaningRule:
        return self.by_id[rule]

    def number(self, rule: str, name: str) -> float:
        """A rule's number, e.g. ``number("under_age", "minimum_age")``."""
        return self.by_id[rule].numbers[name]


@dataclass(frozen=True)
class Aliases:
    """Other names of columns and values: target column -> names; column -> code -> names."""

    columns: MappingType[str, tuple[str, ...]]
    values: MappingType[str, MappingType[str, tuple[str, ...]]]
    tokens: MappingType[str, frozenset[str]]


def cleaning_rules(folder: Path | None = None) -> CleaningRules:
    """Cleaning rules of the package with what ``folder/rules`` says otherwise. Raises DeclarationError."""
    name = "survey_cleaning.toml"
    return _cleaning(_text(name, None), _text(name, folder))


@cache
def _cleaning(packaged_text: str, own_text: str) -> CleaningRules:
    packaged, own = (_parsed("survey_cleaning.toml", text) for text in (packaged_text, own_text))
    if unknown := sorted(set(own) - set(packaged)):
        known = ", ".join(packaged)
        raise _broken_rule(unknown[0], f"ไม่รู้จักกฎนี้ — ใช้ได้: {known}", f"Unknown rule; possible: {known}.")
    if wrong := sorted(rule for rule, entry in own.items() if not isinstance(entry, dict)):
        raise _broken_rule(wrong[0], "เขียนกฎเป็นหัวข้อ [ชื่อกฎ]", "Write the rule as a table, [name].")
    for rule, entry in own.items():
        for key, value in entry.items():
            if not _is_alike(value, packaged[rule].get(key)):
                raise _broken_rule(f"{rule}.{key}", f"พบ {value!r} — ใช้ชื่อของโปรแกรม และค่าชนิดเดียวกัน", f"Found {value!r}; use the program's names, with values of the same kind.")  # fmt: skip
    return CleaningRules({rule: _rule(rule, packaged[rule] | own.get(rule, {})) for rule in packaged})


def _is_alike(value: Any, packaged: Any) -> bool:
    """Whether a rule's value is of the kind that the program has there: a finite number or a text."""
    if isinstance(packaged, int | float):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(packaged, str) and isinstance(value, str)


def reading_aliases(folder: Path | None = None) -> Aliases:
    """Aliases of the package; a column or value that ``folder/rules`` names has its names from there. Raises DeclarationError."""
    name = "survey_reading.toml"
    return _aliases(_text(name, None), _text(name, folder))


@cache
def _aliases(packaged_text: str, own_text: str) -> Aliases:
    packaged, own = (_parsed("survey_reading.toml", text) for text in (packaged_text, own_text))
    if unknown := sorted(own.keys() - packaged.keys()):
        raise _broken_names(unknown[0])
    columns = packaged["columns"] | _section(own, "columns")
    values = dict(packaged["values"])
    for column, names in _section(own, "values").items():
        both = isinstance(names, dict) and isinstance(values.get(column), dict)
        values[column] = values[column] | names if both else names
    for column, names in [*columns.items(), *values.items()]:
        for listed in names.values() if isinstance(names, dict) else [names]:
            if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
                raise _broken_names(column)
    return Aliases(
        columns={column: tuple(names) for column, names in columns.items()},
        values={
            column: {code: tuple(names) for code, names in codes.items()}
            for column, codes in values.items()
            if isinstance(codes, dict)
        },
        tokens={name: frozenset(tokens) for name, tokens in values.items() if isinstance(tokens, list)},
    )


def _section(declared: MappingType[str, Any], name: str) -> dict[str, Any]:
    """A table of the workspace's own file; empty where it has none."""
    found = declared.get(name, {})
    if not isinstance(found, dict):
        raise _broken_names(name)
    return found


def _broken_names(column: str) -> DeclarationError:
    found = Finding(
        "error",
        "rules/survey_reading.toml",
        f'{column} ต้องเป็นรายการข้อความ เช่น {column} = ["ชื่อหนึ่ง", "อีกชื่อ"]',
        f'{column} must be a list of texts, as {column} = ["one name", "another"].',
        column=column,
    )
    return DeclarationError("ชื่อคอลัมน์และค่าผิด", "The names of columns and values are wrong.", [found])


def _rule(rule: str, entry: MappingType[str, Any]) -> CleaningRule:
    if entry["action"] not in _ACTIONS:
        raise _broken_rule(
            rule,
            f'พบ action "{entry["action"]}" — ใช้ keep, blank หรือ drop',
            f'Found action "{entry["action"]}"; use keep, blank or drop.',
        )
    numbers = {key: float(value) for key, value in entry.items() if isinstance(value, int | float)}
    return CleaningRule(rule, cast(Action, entry["action"]), Name(entry["th"], entry["en"]), numbers)


def _text(name: str, folder: Path | None) -> str:
    """A declaration's text: the workspace's own where it has one. Read anew each time, for the desk runs while it is edited."""
    own = folder / "rules" / name if folder else None
    path = own if own and own.is_file() else asset("data", "rules", name)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _no_toml(name, error) from error


@cache
def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(name, error) from error


def _no_toml(name: str, error: Exception) -> DeclarationError:
    return DeclarationError(
        f"rules/{name} ไม่ใช่ TOML ที่ถูกต้อง: {error}", f"rules/{name} is not valid TOML: {error}"
    )


def _broken_rule(rule: str, th: str, en: str) -> DeclarationError:
    found = Finding("error", "rules/survey_cleaning.toml", th, en, column=rule)
    return DeclarationError("กฎการตรวจทานคำตอบผิด", "A cleaning rule is wrong.", [found])


@dataclass(frozen=True)
class Mapping:
    """A source's columns (target -> header) and values (column -> answer -> code)."""

    name: str
    columns: MappingType[str, str]
    values: MappingType[str, MappingType[str, str]] = field(default_factory=dict)

    def target(self, header: str) -> str | None:
        """The contract's column for a header of the source, None if the source does not name it."""
        for target, known in self.columns.items():
            if known.strip() == header.strip():
                return target
        return None

    def fits(self, headers: Iterable[str]) -> bool:
        """Whether every header the mapping names stands in the file."""
        present = {header.strip() for header in headers}
        return bool(self.columns) and all(header.strip() in present for header in self.columns.values())


def read_mapping(path: Path) -> Mapping:
    """One mapping file. Raises DeclarationError when it is not a mapping."""
    where = f"surveys/mappings/{path.name}"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(where, f"อ่านเป็น TOML ไม่ได้ ({error})", f"Not readable as TOML ({error}).") from error
    columns, values = content.get("columns", {}), content.get("values", {})
    if set(content) - {"columns", "values", "survey"} or not _is_texts(columns):
        raise _broken(
            where,
            "ต้องมีเฉพาะ [columns] ที่เป็นข้อความ และ [values.คอลัมน์]",
            "Only [columns] of texts and [values.COLUMN] may stand here.",
        )
    if not isinstance(values, dict) or not all(_is_texts(codes) for codes in values.values()):
        raise _broken(where, "[values.คอลัมน์] ต้องเป็นข้อความ", "[values.COLUMN] must hold texts.")
    return Mapping(path.stem, columns, values)


def find_mapping(folder: Path | None, headers: Iterable[str]) -> Mapping | None:
    """The mapping of the folder whose headers all stand in the file; the one naming most columns wins."""
    if folder is None or not folder.is_dir():
        return None
    known = list(headers)
    fitting = [m for m in map(read_mapping, sorted(folder.glob("*.toml"))) if m.fits(known)]
    return max(fitting, key=lambda mapping: len(mapping.columns), default=None)


def mapping_text(columns: MappingType[str, str]) -> str:
    """A mapping file for recognised columns, ready to be saved and mended."""
    lines = ["# คอลัมน์ตามแบบแฟ้มมาตรฐาน = หัวตารางของแหล่งข้อมูล", "[columns]"]
    lines += [
        f"{json.dumps(target, ensure_ascii=False)} = {json.dumps(header, ensure_ascii=False)}"
        for target, header in columns.items()
    ]
    return "\n".join(lines) + "\n"


def _is_texts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def _broken(where: str, th: str, en: str) -> DeclarationError:
    return DeclarationError(
        f"แฟ้มจับคู่คอลัมน์ {where} ผิด", f"Mapping file {where} is wrong.", [Finding("error", where, th, en)]
    )
