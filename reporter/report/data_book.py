"""The workbook that people open: cover, contents by chapter, one table a sheet, quarters across, notes, codebook.

Goes in: the published tables, the context. Comes out: ``data.xlsx``, the same bytes for the same tables; no cell is a formula. It
follows the accessible-spreadsheet guidance of the UK Government Analysis Function, as its gptables does: title in A1, unit and source
above the table, one Excel table a sheet with one header row, no merged, blank or hidden cells, marks in brackets explained among the
notes. The long tables of every group stand in ``data-long.xlsx`` (``reporter.report.workbook``) and in ``tables/*.csv``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter

from reporter.domain import schema
from reporter.domain.declarations import VOLUMES, Name, tokens
from reporter.domain.edition import Context, chapters_of, english_context
from reporter.domain.periods import parse_quarter
from reporter.domain.schema import defuse
from reporter.domain.thai import date_th, quarter_slash, quarter_th
from reporter.figures import source_line
from reporter.report.workbook import OPTIONS, ExactSheet

COVER, CONTENTS, NOTES, CODEBOOK = (
    Name("ปก", "Cover"),
    Name("สารบัญ", "Contents"),
    Name("หมายเหตุ", "Notes"),
    Name("คำอธิบาย", "Codebook"),
)
MISSING, SUPPRESSED = "[x]", "[c]"  # the Analysis Function's marks: not available, confidential
_FIRST_ROW = 5  # of the table: title, unit, source, note and the link back stand above
_SHARE, _POINTS, _TWO = "0.0", "0.0", "0.00"
_PUBLISHED = 20  # quarters of published values of indicators: five years


@dataclass(frozen=True)
class DataSheet:
    """One sheet: ``frame`` has names in its first columns, numbers in the others.

    name      of the sheet, at most 31 letters
    chapter   slug of the chapter that speaks of it
    formats   number format of the rows (one for all, or one a row)
    chart     None, or "line" or "bar": a native chart of the rows named in ``charted`` (all where it is empty)
    """

    name: Name
    title: Name
    unit: Name
    chapter: str
    frame: pd.DataFrame
    sources: tuple[str, ...] = ("index",)
    note: Name = Name("", "")
    formats: str | Sequence[str] = _POINTS
    names: int = 1
    chart: str = ""
    charted: tuple[str, ...] = field(default=())


def data_book(tables: Mapping[str, pd.DataFrame], context: Context, lang: str = "th") -> bytes:
    """The readable workbook as an XLSX file, in Thai or English."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        book.worksheet_class = ExactSheet
        _Book(book, dict(tables), context, lang).write()
    return buffer.getvalue()


# ------------------------------------------------------------------------------------------------ the tables that people read


def readable_tables(tables: dict[str, pd.DataFrame], context: Context, lang: str = "th") -> list[DataSheet]:
    """The sheets in the order of the chapters; a table without data gives none."""
    made = _Maker(tables, context, lang)
    listed = [
        made.macro(),
        made.indicators(),
        made.index(),
        made.contributions("quarter"),
        made.contributions("year"),
        made.weights(),
        made.groups("STATUS", "REGION"),
        made.groups("INDUSTRY"),
        made.groups("PROVINCE"),
        made.forecast(),
        made.confidence("employer"),
        made.confidence("worker"),
        made.confidence_groups("employer"),
        made.confidence_groups("worker"),
        made.provinces(),
        made.shares("employer_actions", "action", "share", "actions"),
        made.shares_by_group("employer_actions", "action", "share", "actions"),
        made.shares("traits", "trait", "share", "skills"),
        made.shares_by_group("traits", "trait", "share", "skills"),
        made.shares("priorities", "aspect", "top3_share", "priorities"),
        made.shares_by_group("priorities", "aspect", "top3_share", "priorities"),
        made.status(),
    ]
    return [item for item in listed if item is not None and len(item.frame)]


class _Maker:
    """Makes wide tables out of the long ones, with names in place of codes."""

    def __init__(self, tables: dict[str, pd.DataFrame], context: Context, lang: str) -> None:
        self.tables, self.context, self.lang = tables, context, lang
        self.declared = context.declarations

    def text(self, name: Name) -> str:
        return name.th if self.lang == "th" else name.en.replace("'", "’")  # as print has it

    def _given(self, name: str, **chosen: str) -> pd.DataFrame:
        table = self.tables.get(name, pd.DataFrame())
        for column, value in chosen.items():
            table = table[table[column] == value] if column in table else table.iloc[:0]
        return table

    def _wide(
        self, table: pd.DataFrame, key: str, column: str, heading: Name, names: Mapping[str, str]
    ) -> pd.DataFrame:
        """Names in the first column, one column a quarter, in declared order; empty where there is nothing."""
        if table.empty:
            return pd.DataFrame()
        wide = table.pivot(index=key, columns="period", values=column)
        wide = wide.reindex([code for code in names if code in wide.index])
        if "flag" in table:
            flags = table.pivot(index=key, columns="period", values="flag").reindex(wide.index)
            hidden = (flags == "suppressed") & wide.isna()
            wide = wide.astype(object).mask(hidden, SUPPRESSED) if hidden.any(axis=None) else wide
        wide.columns = [self._quarter(str(period)) for period in wide.columns]
        wide.insert(0, self.text(heading), [names[str(code)] for code in wide.index])
        return wide.reset_index(drop=True)

    def _quarter(self, period: str) -> str:
        quarter = parse_quarter(period)
        return quarter_slash(quarter) if self.lang == "th" else f"Q{quarter.quarter} {quarter.year}"

    def _dimensions(self) -> dict[str, str]:
        whole = self.text(Name("ดัชนีเศรษฐกิจแรงงาน", "Labour Economic Index"))
        return {"overall": whole} | {
            code: self.text(item.name) for code, item in self.declared.dimensions.items()
        }

    def index(self) -> DataSheet:
        table = self._given("labour_index", group="TH")
        frame = self._wide(table, "dimension", "value", Name("มิติ", "Dimension"), self._dimensions())
        return DataSheet(
            Name("ดัชนีและมิติ", "Index and dimensions"),
            Name("ดัชนีเศรษฐกิจแรงงานและดัชนีย่อยรายมิติ รายไตรมาส", "Labour Economic Index and its dimensions, by quarter"),
            Name("จุด (100 คือค่าเฉลี่ยระยะยาว ค่าสูงคือดีกว่า)", "points (100 is the long-run average; higher is better)"),
            "labour",
            frame,
            chart="line",
            charted=(self._dimensions()["overall"],),
        )  # fmt: skip

    def contributions(self, against: str) -> DataSheet:
        table = self._given("contributions", against=against)
        frame = self._wide(table, "dimension", "contribution", Name("มิติ", "Dimension"), self._dimensions())
        than = {"quarter": Name("จากไตรมาสก่อน", "on the quarter"), "year": Name("จากปีก่อน", "on the year")}[
            against
        ]
        return DataSheet(
            Name(f"ผลต่อดัชนี {than.th}", f"Contributions {than.en}"),
            Name(f"ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนี {than.th}", f"Contributions of the dimensions to the change {than.en}"),
            Name("จุดของดัชนีรวม", "points of the index"),
            "labour",
            frame,
            note=Name("ผลรวมของทุกมิติเท่ากับการเปลี่ยนแปลงของดัชนี", "All dimensions add up to the change of the index"),
            formats=_TWO,
        )  # fmt: skip

    def weights(self) -> DataSheet:
        table, names = self._given("weights"), self._dimensions()
        heads = [self.text(Name("มิติ", "Dimension")), self.text(Name("น้ำหนัก", "Weight"))]
        frame = pd.DataFrame({heads[0]: [names.get(code, code) for code in table.get("dimension", [])], heads[1]: table.get("weight", pd.Series(dtype=float)).tolist()})  # fmt: skip
        return DataSheet(
            Name("น้ำหนัก", "Weights"),
            Name("น้ำหนักของแต่ละมิติในดัชนีรวม", "Weights of the dimensions in the index"),
            Name("สัดส่วน รวมเป็น 1", "share; they add up to 1"),
            "labour",
            frame,
            formats="0.000",
            chart="bar",
        )

    def groups(self, *kinds: str) -> DataSheet:
        table = self._given("labour_index", dimension="overall")
        names = {
            group.code: self.text(group.name) for kind in kinds for group in self.declared.groups_of(kind)
        }
        own = table[table["group"].isin(names)] if len(table) else table
        frame = self._wide(own, "group", "value", Name("กลุ่ม", "Group"), names)
        word = {
            "STATUS": Name("สถานะและภูมิภาค", "Status and region"),
            "INDUSTRY": Name("อุตสาหกรรม", "Industry"),
            "PROVINCE": Name("จังหวัด", "Province"),
        }[kinds[0]]
        return DataSheet(
            Name(f"ดัชนีราย{word.th}"[:31], f"Index by {word.en.lower()}"),
            Name(f"ดัชนีเศรษฐกิจแรงงานจำแนกตาม{word.th}", f"Labour Economic Index by {word.en.lower()}"),
            Name("จุด (100 คือค่าเฉลี่ยระยะยาวของกลุ่มนั้นเอง)", "points (100 is the group's own long-run average)"),
            "labour",
            frame,
            note=Name("เทียบกับอดีตของกลุ่มเอง จึงใช้จัดอันดับระหว่างกลุ่มไม่ได้", "Measured against the group's own past: not for ranking groups"),
            chart="line" if kinds[0] == "STATUS" else "",
        )  # fmt: skip

    def forecast(self) -> DataSheet | None:
        table = self._given("forecast")
        if table.empty:
            return None
        heads = {
            "period": Name("ไตรมาส", "Quarter"),
            "mean": Name("ค่ากลาง", "Central"),
            "low80": Name("ขอบล่าง 80%", "Lower 80 %"),
            "high80": Name("ขอบบน 80%", "Upper 80 %"),
            "low95": Name("ขอบล่าง 95%", "Lower 95 %"),
            "high95": Name("ขอบบน 95%", "Upper 95 %"),
        }
        frame = table[list(heads)].assign(period=table["period"].map(self._quarter))
        return DataSheet(
            Name("การพยากรณ์", "Forecast"),
            Name("การพยากรณ์ดัชนีเศรษฐกิจแรงงาน 4 ไตรมาสข้างหน้า", "Forecast of the Labour Economic Index, four quarters ahead"),
            Name("จุด", "points"),
            "forecast",
            frame.rename(columns={code: self.text(name) for code, name in heads.items()}),
        )  # fmt: skip

    def confidence(self, survey: str) -> DataSheet | None:
        form = self.declared.questionnaires.get(survey)
        table = self._given("confidence", survey=survey, group="TH")
        if form is None or table.empty:
            return None
        names = {"overall": self.text(form.index_name)} | {
            item.id: self.text(item.name) for item in form.domains
        }
        return DataSheet(
            {"employer": Name("ความเชื่อมั่นผู้ประกอบการ", "Employers"), "worker": Name("ความเชื่อมั่นแรงงาน", "Workers")}[survey],
            Name(f"{form.index_name.th} รายด้าน", f"{form.index_name.en} by domain"),
            Name("จุด (0 ถึง 200; 100 คือระดับปานกลาง)", "points (0 to 200; 100 is neutral)"),
            {"employer": "employers", "worker": "workers"}[survey],
            self._wide(table, "domain", "value", Name("ด้าน", "Domain"), names),
            (f"survey:{survey}",),
            chart="line",
            charted=(names["overall"],),
        )  # fmt: skip

    def _people(self, survey: str) -> dict[str, tuple[str, str]]:
        """Groups of the survey's respondents by code, with the question that makes them; provinces have a sheet of their own."""
        form = self.declared.questionnaires[survey]
        asked = {kind: name for kind, name in _KINDS.items() if kind != "WORK" or survey == "worker"}
        asked |= {question.kind: question.text for question in form.demographics}
        return {
            group.code: (self.text(name), self.text(group.name))
            for kind, name in asked.items()
            for group in self.declared.groups_of(kind)
        }

    def _with_question(
        self, frame: pd.DataFrame, people: Mapping[str, tuple[str, str]], codes: Sequence[str]
    ) -> pd.DataFrame:
        """The question that makes the group as first column."""
        frame.insert(0, self.text(Name("จำแนกตาม", "By")), [people[code][0] for code in codes])
        return frame

    def confidence_groups(self, survey: str) -> DataSheet | None:
        """The survey's index by group and quarter: status to industry, then who answered (part 1 of the form)."""
        form = self.declared.questionnaires.get(survey)
        table = self._given("confidence", survey=survey, domain="overall")
        if form is None or table.empty:
            return None
        people = self._people(survey)
        own = table[table["group"].isin(people)]
        names = {code: name for code, (_, name) in people.items()}
        frame = self._wide(own, "group", "value", Name("กลุ่ม", "Group"), names)
        known = set(own["group"])
        who = {"employer": Name("ผู้ประกอบการรายกลุ่ม", "Employers by group"), "worker": Name("แรงงานรายกลุ่ม", "Workers by group")}  # fmt: skip
        return DataSheet(
            who[survey],
            Name(f"{form.index_name.th} จำแนกตามกลุ่มและลักษณะของผู้ตอบ", f"{form.index_name.en} by group and by who answered"),
            Name("จุด (0 ถึง 200; 100 คือระดับปานกลาง)", "points (0 to 200; 100 is neutral)"),
            {"employer": "employers", "worker": "workers"}[survey],
            frame if frame.empty else self._with_question(frame, people, [code for code in people if code in known]),
            (f"survey:{survey}",),
            note=Name(f"{SUPPRESSED} ไม่เผยแพร่เพราะผู้ตอบน้อย จำนวนผู้ตอบและช่วงความเชื่อมั่นอยู่ในแฟ้ม confidence.csv", f"{SUPPRESSED} withheld, few answers; counts and intervals are in confidence.csv"),
            names=2,
        )  # fmt: skip

    def provinces(self) -> DataSheet | None:
        """Both surveys by province in the newest quarter: the direct value, the one drawn towards the region, its interval."""
        table = self._given("confidence_pooled", domain="overall")
        if table.empty:
            return None
        newest = table[table["period"] == table["period"].max()]
        names = {group.code: self.text(group.name) for group in self.declared.groups_of("PROVINCE")}
        whose = {"employer": Name("ผู้ประกอบการ", "Employers"), "worker": Name("แรงงาน", "Workers")}
        heads = {"direct": Name("ค่าของจังหวัดเอง", "direct"), "pooled": Name("ค่าที่ปรับเข้าหาภาค", "pooled"), "low": Name("ขอบล่าง 95%", "lower 95 %"), "high": Name("ขอบบน 95%", "upper 95 %")}  # fmt: skip
        known = [code for code in names if code in set(newest["group"])]
        frame = pd.DataFrame({self.text(Name("จังหวัด", "Province")): [names[code] for code in known]})
        for survey, who in whose.items():
            own = newest[newest["survey"] == survey].set_index("group").reindex(known)
            for column, head in heads.items():
                if own["n"].notna().any():
                    hidden = own[column].isna() & own["n"].notna()
                    frame[f"{self.text(who)}: {self.text(head)}"] = own[column].astype(object).mask(hidden, SUPPRESSED).tolist()  # fmt: skip
        return DataSheet(
            Name("ความเชื่อมั่นรายจังหวัด", "Confidence by province"),
            Name(f"ดัชนีความเชื่อมั่นรายจังหวัด {self._quarter(newest['period'].iloc[0])}", f"Confidence by province, {self._quarter(newest['period'].iloc[0])}"),
            Name("จุด (0 ถึง 200; 100 คือระดับปานกลาง)", "points (0 to 200; 100 is neutral)"),
            "workers",
            frame,
            tuple(f"survey:{survey}" for survey in whose if survey in set(newest["survey"])),
            note=Name(
                "ค่าที่เผยแพร่คือค่าของจังหวัดเอง ค่าที่ปรับเข้าหาภาคใช้เปรียบเทียบจังหวัดที่มีผู้ตอบน้อย ช่วงเป็นของค่าที่ปรับแล้ว " + f"{SUPPRESSED} ไม่เผยแพร่เพราะผู้ตอบน้อย",
                "The direct value is the published one; the pooled one is for comparing provinces with few answers, and the interval is its own. " + f"{SUPPRESSED} withheld, few answers",
            ),
        )  # fmt: skip

    def shares_by_group(self, table: str, key: str, column: str, chapter: str) -> DataSheet | None:
        """Shares of the newest quarter with the options across, by group and by who answered."""
        survey = "employer" if table == "traits" else "worker"
        given = self._given(f"{table}_by_group")
        if given.empty or survey not in self.declared.questionnaires:
            return None
        people, form = self._people(survey), self.declared.questionnaires[survey]
        newest = given[(given["period"] == given["period"].max()) & given["group"].isin(people)]
        options = {
            option.id: self.text(option.name) for option in (*form.actions, *form.traits, *form.aspects)
        }
        codes = [code for code in people if code in set(newest["group"])]
        wide = (100 * newest.pivot(index="group", columns=key, values=column)).reindex(codes)
        flags = newest.pivot(index="group", columns=key, values="flag").reindex(codes)
        wide = wide.astype(object).mask((flags == "suppressed") & wide.isna(), SUPPRESSED)
        wide = wide[[option for option in options if option in wide]].rename(columns=options)
        wide.insert(0, self.text(Name("กลุ่ม", "Group")), [people[code][1] for code in codes])
        words = {
            "employer_actions": (Name("การดำเนินงาน รายกลุ่ม", "Actions by group"), Name("สัดส่วนแรงงานที่พบการดำเนินงานของนายจ้าง", "Share of workers who met an action of their employer")),
            "traits": (Name("คุณลักษณะ รายกลุ่ม", "Traits by group"), Name("สัดส่วนผู้ประกอบการที่เลือกคุณลักษณะหรือทักษะ", "Share of employers who chose a trait or skill")),
            "priorities": (Name("การให้ความสำคัญ รายกลุ่ม", "Priorities by group"), Name("สัดส่วนแรงงานที่จัดด้านไว้ในสามลำดับแรก", "Share of workers who rank an aspect among the first three")),
        }[table]  # fmt: skip
        when = self._quarter(str(given["period"].max()))
        return DataSheet(
            words[0],
            Name(f"{words[1].th} จำแนกตามกลุ่ม {when}", f"{words[1].en} by group, {when}"),
            Name("ร้อยละของผู้ตอบ", "per cent of those who answered"),
            chapter,
            self._with_question(wide.reset_index(drop=True), people, codes),
            (f"survey:{survey}",),
            note=Name(f"{SUPPRESSED} ไม่เผยแพร่เพราะผู้ตอบน้อย ทุกไตรมาสอยู่ในแฟ้ม {table}_by_group.csv", f"{SUPPRESSED} withheld, few answers; all quarters are in {table}_by_group.csv"),
            formats=_SHARE,
            names=2,
        )  # fmt: skip

    def shares(self, table: str, key: str, column: str, chapter: str) -> DataSheet | None:
        given = self._given(table)
        if given.empty:
            return None
        options = {
            option.id: self.text(option.name)
            for form in self.declared.questionnaires.values()
            for option in (*form.actions, *form.traits, *form.aspects)
        }
        words = {
            "employer_actions": Name("การดำเนินงานของนายจ้าง", "Employers’ actions"),
            "traits": Name("คุณลักษณะที่ต้องการ", "Desired traits"),
            "priorities": Name("การให้ความสำคัญ", "Workers’ priorities"),
        }[table]
        titles = {
            "employer_actions": Name("สัดส่วนแรงงานที่พบการดำเนินงานของนายจ้างใน 6 เดือน", "Share of workers who met an action of their employer in six months"),
            "traits": Name("สัดส่วนผู้ประกอบการที่เลือกคุณลักษณะหรือทักษะ", "Share of employers who chose a trait or skill"),
            "priorities": Name("สัดส่วนแรงงานที่จัดด้านไว้ในสามลำดับแรก", "Share of workers who rank an aspect among the first three"),
        }[table]  # fmt: skip
        frame = self._wide(
            given.assign(**{column: given[column] * 100}), key, column, Name("รายการ", "Item"), options
        )
        survey = "employer" if table == "traits" else "worker"
        return DataSheet(words, titles, Name("ร้อยละของผู้ตอบ", "per cent of those who answered"), chapter, frame, (f"survey:{survey}",), formats=_SHARE)  # fmt: skip

    def indicators(self) -> DataSheet:
        """Published values of the last five years, with unit and source."""
        table = self._given("series", group="TH")
        table = table[table["period"].str.contains("Q")] if len(table) else table
        recent = sorted(table["period"].unique())[-_PUBLISHED:] if len(table) else []
        names = {code: self.text(item.name) for code, item in self.declared.indicators.items()}
        frame = self._wide(table[table["period"].isin(recent)] if len(table) else table, "indicator", "raw", Name("ตัวชี้วัด", "Indicator"), names)  # fmt: skip
        units = {
            self.text(item.name): _unit(item.unit, self.lang) for item in self.declared.indicators.values()
        }
        formats: list[str] = []
        if len(frame):
            first = str(frame.columns[0])
            codes = {self.text(item.name): item.unit for item in self.declared.indicators.values()}
            formats = [_decimals(codes[name]) for name in frame[first]]
            frame.insert(1, self.text(Name("หน่วย", "Unit")), [units[name] for name in frame[first]])
        return DataSheet(
            Name("ตัวชี้วัด", "Indicators"),
            Name("ตัวชี้วัดของดัชนีเศรษฐกิจแรงงาน ค่าที่แหล่งข้อมูลประกาศ", "Indicators of the Labour Economic Index as published by their sources"),
            Name("ตามคอลัมน์หน่วย", "see the column of units"),
            "outlook",
            frame,
            note=Name("ยังไม่ปรับฤดูกาล ตัวชี้วัดรายเดือนเป็นค่าของไตรมาส", "Not seasonally adjusted; monthly indicators as their quarter's value"),
            formats=formats or _TWO,
            names=2,
        )  # fmt: skip

    def macro(self) -> DataSheet:
        table = self._given("macro")
        names = {code: self.text(item.name) for code, item in self.declared.macro.items()}
        value = "value" if "value" in table else "raw"
        return DataSheet(
            Name("เศรษฐกิจมหภาค", "Macroeconomy"),
            Name("ตัวแปรเศรษฐกิจมหภาค รายไตรมาส", "Macroeconomic variables by quarter"),
            Name("ร้อยละ", "per cent"),
            "outlook",
            self._wide(table, "variable", value, Name("ตัวแปร", "Variable"), names),
            tuple(f"macro:{code}" for code in names),
            formats=_TWO,
        )

    def status(self) -> DataSheet:
        table = self._given("indicator_status")
        words = {
            "observed": Name("ครบทั้งไตรมาส", "whole quarter"),
            "partial": Name("ขาดบางเดือน", "a month lacking"),
            "estimated": Name("ใช้ค่าประมาณ", "estimated"),
            "absent": Name("ไม่มีข้อมูล", "absent"),
        }
        rows = [
            (
                self.text(self.declared.indicators[code].name),
                self.text(self.declared.dimensions[self.declared.indicators[code].dimension].name),
                str(last),
                self.text(words.get(str(state), Name(str(state), str(state)))),
            )
            for code, last, state in zip(table.get("indicator", []), table.get("last", []), table.get("quarter_status", []), strict=True)
            if code in self.declared.indicators
        ]  # fmt: skip
        heads = (Name("ตัวชี้วัด", "Indicator"), Name("มิติ", "Dimension"), Name("ข้อมูลล่าสุด", "Newest data"), Name("ไตรมาสนี้", "This quarter"))  # fmt: skip
        return DataSheet(
            Name("สถานะข้อมูล", "State of the data"),
            Name("สถานะข้อมูลของตัวชี้วัดในไตรมาสนี้", "State of the indicators' data in this quarter"),
            Name("ข้อความ", "text"),
            "appendix",
            pd.DataFrame(rows, columns=[self.text(head) for head in heads]),
            names=4,
        )


# Kinds of group that every form asks for, in the order in which they are read.
_KINDS = {
    "STATUS": Name("สถานะการจ้างงาน", "Employment status"), "SKILL": Name("ทักษะของแรงงาน", "Skill"), "WORK": Name("ลักษณะการทำงาน", "Kind of work"),
    "REGION": Name("ภูมิภาค", "Region"), "INDUSTRY": Name("อุตสาหกรรม", "Industry"),
}  # fmt: skip
_UNITS = {
    "percent": Name("ร้อยละ", "per cent"), "percent_growth": Name("ร้อยละ", "per cent"), "pp": Name("จุดร้อยละ", "percentage points"),
    "percent_of_mean": Name("ร้อยละของค่าเฉลี่ย", "per cent of the mean"), "per_1000": Name("ต่อ 1,000 คน", "per 1,000 persons"), "baht": Name("บาท", "baht"),
    "baht_per_month": Name("บาทต่อเดือน", "baht a month"), "baht_per_person": Name("บาทต่อคน", "baht a person"), "index": Name("จุด", "points"),
    "hours_per_week": Name("ชั่วโมงต่อสัปดาห์", "hours a week"), "positions": Name("ตำแหน่ง", "positions"), "persons": Name("คน", "persons"),
}  # fmt: skip


def _unit(code: str, lang: str) -> str:
    name = _UNITS.get(code, Name(code, code))
    return name.th if lang == "th" else name.en


def _decimals(unit: str) -> str:
    """Number format of a unit: whole baht, persons and positions; two decimals of rates."""
    whole = ("baht", "baht_per_month", "baht_per_person", "positions", "persons")
    return (
        "#,##0"
        if unit in whole
        else "0.0"
        if unit in ("index", "hours_per_week", "percent_growth")
        else "0.00"
    )


# ------------------------------------------------------------------------------------------------ writing


class _Book:
    """Writes the workbook sheet by sheet."""

    def __init__(self, book: Any, tables: dict[str, pd.DataFrame], context: Context, lang: str) -> None:
        self.book, self.tables, self.context, self.lang = book, tables, context, lang
        self.readable = readable_tables(tables, context, lang)
        navy, muted = tokens().colour["navy"], tokens().colour["muted"]
        font = {"font_name": "Sarabun", "font_size": 11}
        self.plain = book.add_format(font)
        self.wrapped = book.add_format({**font, "text_wrap": True, "valign": "top"})
        self.title = book.add_format({**font, "bold": True, "font_size": 15, "font_color": navy})
        self.note = book.add_format({**font, "font_color": muted})
        self.strong = book.add_format({**font, "bold": True, "font_color": tokens().colour["draft"]})
        self.header = book.add_format({**font, "bold": True, "bg_color": navy, "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"})  # fmt: skip
        self.link = book.add_format({**font, "font_color": navy, "underline": 1})
        self.numbers: dict[str, Any] = {}
        self._font = font

    def text(self, name: Name) -> str:
        return name.th if self.lang == "th" else name.en.replace("'", "’")  # as print has it

    def _number(self, form: str) -> Any:
        if form not in self.numbers:
            self.numbers[form] = self.book.add_format({**self._font, "num_format": form})
        return self.numbers[form]

    def write(self) -> None:
        context, settings = self.context, self.context.settings
        quarter = (
            quarter_th(context.quarter)
            if self.lang == "th"
            else f"Q{context.quarter.quarter} {context.quarter.year}"
        )
        self.heading = f"{self.text(settings.title)} {quarter}"
        created = dt.datetime.combine(context.as_of, dt.time())
        self.book.set_properties(
            {"title": self.heading, "author": self.text(settings.division), "created": created}
        )
        self._cover()
        self._contents()
        for item in self.readable:
            self._table(item)
        self._notes()
        self._codebook()

    def _marks(self) -> list[str]:
        marks = []
        if not self.context.final:
            marks.append(
                self.text(Name("ฉบับร่าง ยังไม่ได้รับอนุมัติให้เผยแพร่", "Draft, not approved for publication"))
            )
        if self.context.settings.synthetic:
            marks.append(
                self.text(
                    Name("ข้อมูลสังเคราะห์ ใช้เพื่อทดสอบระบบเท่านั้น", "Synthetic data, for testing the system only")
                )
            )
        return marks

    def _cover(self) -> None:
        sheet = self.book.add_worksheet(self.text(COVER))
        sheet.set_column(0, 0, 110, self.plain)
        settings, edition = self.context.settings, self.context.edition
        day = date_th(self.context.as_of) if self.lang == "th" else f"{self.context.as_of:%-d %B %Y}"
        lines = [self.text(settings.ministry), self.text(settings.office), self.text(settings.division)]
        lines.append(self.text(Name("ข้อมูล ณ วันที่ ", "Data as of ")) + day)
        links = []
        if edition is not None:
            lines.append(self.text(Name("ฉบับที่ ", "Version ")) + f"{edition.version}")
            lines.append(self.text(Name("รหัสข้อมูล ", "Data id ")) + edition.data_id)
            if edition.website:
                links = [edition.address, edition.status_address]
        sheet.write_string(0, 0, self.heading, self.title)
        row = 1
        for line in lines:
            sheet.write_string(row, 0, line, self.plain)
            row += 1
        for mark in self._marks():
            sheet.write_string(row, 0, mark, self.strong)
            row += 1
        words = (
            Name("ที่อยู่ถาวรของฉบับ ซึ่งประกาศการแก้ไข: ", "Permanent address, where corrections are announced: "),
            Name("ตรวจว่าฉบับนี้ยังเป็นฉบับล่าสุด: ", "Whether this version is still the newest: "),
        )
        for word, address in zip(words, links, strict=False):
            sheet.write_url(row, 0, address, self.link, string=self.text(word) + address)
            row += 1
        about = (
            Name("แผ่นงานละหนึ่งตาราง ไตรมาสเรียงจากซ้ายไปขวา ค่าในเซลล์มีความละเอียดเต็ม รูปแบบที่แสดงเป็นการปัดเศษ", "One table a sheet; quarters run from left to right; cells hold full precision, shown rounded."),
            Name("ตารางยาวของทุกกลุ่มอยู่ใน data-long.xlsx และ tables/*.csv ของฉบับเดียวกัน", "The long tables of every group are in data-long.xlsx and tables/*.csv of the same issue."),
            Name(f"{MISSING} ไม่มีข้อมูล  {SUPPRESSED} ไม่เผยแพร่เพราะตัวอย่างน้อย", f"{MISSING} not available   {SUPPRESSED} not published: too few answers"),
        )  # fmt: skip
        for name in about:
            sheet.write_string(row, 0, self.text(name), self.wrapped)
            row += 1

    def _top(self, sheet: Any, title: str, lines: Sequence[str]) -> None:
        sheet.write_string(0, 0, title, self.title)
        for row, line in enumerate(lines, start=1):
            sheet.write_string(row, 0, line, self.note)

    def _contents(self) -> None:
        sheet = self.book.add_worksheet(self.text(CONTENTS))
        chapters = {
            item.slug: f"{item.number} {self.text(item.short)}"
            for volume in VOLUMES
            for item in chapters_of(self.context.settings, volume)
        }
        rows = [(item.name, chapters.get(item.chapter, ""), item.title, item.unit) for item in self.readable]
        listed = [
            (self.text(name), chapter, self.text(title), self.text(unit))
            for name, chapter, title, unit in rows
        ]
        listed += [
            (self.text(NOTES), "", self.text(Name("เครื่องหมายและวิธีอ่าน", "Marks and how to read")), ""),
            (
                self.text(CODEBOOK),
                "",
                self.text(Name("คอลัมน์ของตารางยาวทุกตาราง", "Columns of every long table")),
                "",
            ),
        ]
        self._top(sheet, self.text(CONTENTS), [self.heading])
        heads = (Name("แผ่นงาน", "Sheet"), Name("บท", "Chapter"), Name("ตาราง", "Table"), Name("หน่วย", "Unit"))
        frame = pd.DataFrame([[cell or "–" for cell in row] for row in listed], columns=[self.text(head) for head in heads])  # fmt: skip
        self._grid(sheet, frame, 3, "contents", names=4)
        for row, (name, *_) in enumerate(listed, start=4):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.link, string=name)
        for column, width in enumerate((30, 34, 70, 52)):
            sheet.set_column(column, column, width)

    def _table(self, item: DataSheet) -> None:
        sheet = self.book.add_worksheet(self.text(item.name))
        source = self.text(Name("ที่มา: ", "Source: ")) + self._source(item)
        unit = self.text(Name("หน่วย: ", "Unit: ")) + self.text(item.unit)
        note = self.text(item.note) or self.text(Name(f"{MISSING} ไม่มีข้อมูล", f"{MISSING} not available"))
        self._top(sheet, self.text(item.title), [unit, source, note])
        back = self.text(CONTENTS)
        sheet.write_url(4, 0, f"internal:'{back}'!A1", self.link, string=self.text(Name("กลับไปสารบัญ", "Back to the contents")))  # fmt: skip
        number = self.readable.index(item) + 1
        self._grid(sheet, item.frame, _FIRST_ROW, f"table_{number}", names=item.names, formats=item.formats)
        sheet.freeze_panes(_FIRST_ROW + 1, item.names)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_columns(0, item.names - 1)
        if item.chart:
            self._chart(sheet, item)

    def _source(self, item: DataSheet) -> str:
        is_made = self.lang == self.context.lang
        return source_line(
            item.sources, self.tables, self.context if is_made else english_context(self.context)
        )

    def _grid(
        self,
        sheet: Any,
        frame: pd.DataFrame,
        first: int,
        name: str,
        *,
        names: int,
        formats: str | Sequence[str] = _POINTS,
    ) -> None:
        """An Excel table with one header row; an empty cell says why it is empty."""
        last = first + max(len(frame), 1)
        columns = [{"header": str(column), "header_format": self.header} for column in frame.columns]
        sheet.add_table(first, 0, last, len(columns) - 1, {"name": name, "columns": columns, "style": "Table Style Light 1", "autofilter": False})  # fmt: skip
        for place, column in enumerate(frame.columns):
            values = frame[column].tolist()
            longest = max((len(str(value)) for value in values), default=0) if place < names else 8
            sheet.set_column(place, place, min(max(longest, 9) + 1, 60))
            for row, value in enumerate(values):
                if place < names or isinstance(value, str):
                    sheet.write_string(first + 1 + row, place, str(defuse(value)) or "–", self.plain)
                elif value is None or value != value:
                    sheet.write_string(first + 1 + row, place, MISSING, self.plain)
                else:
                    form = formats if isinstance(formats, str) else formats[row]
                    sheet.write_number(first + 1 + row, place, float(value), self._number(form))

    def _chart(self, sheet: Any, item: DataSheet) -> None:
        """A native chart below the table, of the rows that are named; lines begin where no cell is empty."""
        frame, top = item.frame, _FIRST_ROW + 1
        width = len(frame.columns)
        rows = [row for row in range(len(frame)) if not item.charted or frame.iloc[row, 0] in item.charted]
        chart = self.book.add_chart({"type": "line" if item.chart == "line" else "bar"})
        palette = [
            tokens().colour[name] for name in ("navy", "employers", "workers", "worse", "muted", "gold")
        ]
        sheet_name = self.text(item.name)
        if item.chart == "line":
            numbers = frame.iloc[rows, item.names :].apply(pd.to_numeric, errors="coerce")
            known = numbers.notna().all().to_numpy()
            start = item.names + (int((~known).nonzero()[0].max()) + 1 if (~known).any() else 0)
            if start >= width - 1:
                return
            for place, row in enumerate(rows):
                chart.add_series(
                    {
                        "name": [sheet_name, top + row, 0],
                        "categories": [sheet_name, _FIRST_ROW, start, _FIRST_ROW, width - 1],
                        "values": [sheet_name, top + row, start, top + row, width - 1],
                        "line": {"color": palette[place % len(palette)], "width": 2},
                    }
                )
        else:
            chart.add_series(
                {
                    "name": [sheet_name, _FIRST_ROW, 1],
                    "categories": [sheet_name, top, 0, top + len(frame) - 1, 0],
                    "values": [sheet_name, top, 1, top + len(frame) - 1, 1],
                    "fill": {"color": palette[0]},
                }
            )
        font = {"name": "Sarabun", "size": 10}
        chart.set_title({"name": self.text(item.title), "name_font": {**font, "size": 12}})
        chart.set_x_axis({"num_font": font})
        chart.set_y_axis({"num_font": font, "reverse": item.chart == "bar", "major_gridlines": {"visible": True, "line": {"color": tokens().colour["rule"]}}})  # fmt: skip
        chart.set_legend({"none": True} if len(rows) == 1 or item.chart == "bar" else {"position": "bottom", "font": font})  # fmt: skip
        chart.set_size({"width": 860, "height": 340})
        described = f"{self.text(item.title)} ({self.text(item.unit)})"
        sheet.insert_chart(top + len(frame) + 1, 0, chart, {"description": described, "object_position": 3})

    def _notes(self) -> None:
        sheet = self.book.add_worksheet(self.text(NOTES))
        rows = (
            (MISSING, Name("ไม่มีข้อมูล", "Not available")),
            (SUPPRESSED, Name("ไม่เผยแพร่เพราะผู้ตอบน้อยเกินไป", "Not published: too few answers")),
            ("100", Name("ดัชนีเศรษฐกิจแรงงาน: ค่าเฉลี่ยระยะยาวของช่วงฐาน ส่วนเบี่ยงเบนมาตรฐานเท่ากับ 10 ค่าสูงคือดีกว่าเสมอ", "Labour Economic Index: average of the base period; the standard deviation is 10; higher is always better")),
            ("0–200", Name("ดัชนีความเชื่อมั่น: 100 คือระดับปานกลาง ไม่เทียบระดับข้ามดัชนี", "Confidence indices: 100 is neutral; levels of different indices are not compared")),
            ("data-long.xlsx", Name("ตารางยาวของทุกกลุ่มพร้อมช่วงความเชื่อมั่นและผลการทดสอบ", "Long tables of every group with intervals and tests")),
        )  # fmt: skip
        self._top(sheet, self.text(NOTES), [self.heading, *self._marks()])
        heads = [self.text(Name("เครื่องหมาย", "Mark")), self.text(Name("ความหมาย", "Meaning"))]
        frame = pd.DataFrame([(mark, self.text(meaning)) for mark, meaning in rows], columns=heads)
        self._grid(sheet, frame, 4, "notes", names=2)
        sheet.set_column(1, 1, 110)

    def _codebook(self) -> None:
        """Every column of every long table: its title, unit, meaning, what an empty cell means."""
        sheet = self.book.add_worksheet(self.text(CODEBOOK))
        rows = [
            (name, self.text(table.title), column.name, self.text(column.title), *(self.text(text) if text else "–" for text in (column.unit, column.meaning, column.missing)))
            for name, table in schema.published().items()
            if name in self.tables
            for column in table.columns.values()
        ]  # fmt: skip
        heads = (
            Name("ตาราง", "Table"), Name("ชื่อตาราง", "Title"), Name("คอลัมน์", "Column"), Name("ชื่อคอลัมน์", "Heading"),
            Name("หน่วย", "Unit"), Name("ความหมาย", "Meaning"), Name("ช่องว่างหมายถึง", "An empty cell means"),
        )  # fmt: skip
        self._top(sheet, self.text(CODEBOOK), [self.heading])
        self._grid(
            sheet, pd.DataFrame(rows, columns=[self.text(head) for head in heads]), 3, "codebook", names=7
        )
