"""Results against their own history: what may be right, but that somebody should have looked at before it is signed.

Goes in: the tables of one issue. Comes out: warnings that need a waiver in a final issue (``reporter.inputs.waivers``), and notes.
The rules are simple on purpose, so that whoever answers for them can check them by eye.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reporter.domain.context import Context
from reporter.domain.errors import Finding
from reporter.domain.periods import iso, parse_period
from reporter.domain.tables import Tables

_LEAST_HISTORY = 12
_BIG_CHANGE = 2.0  # times the largest change before
_LEAST_CHANGE = 10.0  # points: one standard deviation of the index
_BEYOND = 10.0  # points beyond everything seen so far
_RECENT_QUARTERS = 2
_REVISED_QUARTERS = 8
_PLAN_SHARE = 0.5


def check(tables: Tables, context: Context) -> list[Finding]:
    """Findings of all rules."""
    return [
        *_index_jumps(tables, context),
        *_stale_dimensions(tables, context),
        *_revisions(tables, context),
        *_forecast(tables),
        *_samples(tables, context),
    ]


def national_levels(tables: Tables) -> Iterator[tuple[str, pd.Series]]:
    """(dimension, period -> points) of the whole country."""
    index = tables.get("labour_index")
    if index is None or index.empty:
        return
    for dimension, rows in index[index["group"] == "TH"].groupby("dimension", sort=True):
        yield str(dimension), rows.set_index("period")["value"].dropna().sort_index()


def _index_jumps(tables: Tables, context: Context) -> Iterator[Finding]:
    """The newest change more than twice the largest before, or the newest level far beyond all before."""
    now = iso(context.quarter)
    for dimension, level in national_levels(tables):
        if len(level) <= _LEAST_HISTORY or level.index[-1] != now:
            continue
        changes = level.diff().abs().dropna()
        change, largest = float(changes.iloc[-1]), float(changes.iloc[:-1].max())
        before, value = level.iloc[:-1], float(level.iloc[-1])
        is_far = value > before.max() + _BEYOND or value < before.min() - _BEYOND
        if change > max(_BIG_CHANGE * largest, _LEAST_CHANGE) or is_far:
            yield Finding(
                "warning",
                "tables/labour_index.csv",
                f"ดัชนี {dimension} ไตรมาส {now} เท่ากับ {value:.1f} จุด เปลี่ยนจากไตรมาสก่อน {change:.1f} จุด"
                f" ขณะที่เดิมเปลี่ยนมากที่สุด {largest:.1f} จุด และอยู่ระหว่าง {before.min():.1f} ถึง {before.max():.1f} จุด"
                " — ตรวจตัวชี้วัดที่ทำให้เปลี่ยน",
                f"The index {dimension} is {value:.1f} in {now}, {change:.1f} points from the quarter before; it never"
                f" changed by more than {largest:.1f} and lay between {before.min():.1f} and {before.max():.1f}."
                " Look at the indicators that moved it.",
                value=f"{value:.1f}",
                rule="index.jump",
                subject=f"{dimension} TH {now}",
            )


def _stale_dimensions(tables: Tables, context: Context) -> Iterator[Finding]:
    """Dimensions with a value for the quarter of which no indicator reaches it or the quarter before."""
    status = tables.get("indicator_status")
    if status is None or status.empty:
        return
    now = iso(context.quarter)
    published = {name for name, level in national_levels(tables) if len(level) and level.index[-1] == now}
    used = status[status["status"].isin(["used", "stale"]) & (status["last"] != "")]
    for dimension, rows in used.groupby("dimension", sort=True):
        if str(dimension) not in published:
            continue
        last = max(parse_period(text).end_time.to_period("Q-DEC") for text in rows["last"])
        if (context.quarter - last).n >= _RECENT_QUARTERS:
            yield Finding(
                "warning",
                "tables/indicator_status.csv",
                f"ดัชนีย่อย {dimension} ไตรมาส {now} ไม่มีข้อมูลของไตรมาสนี้หรือไตรมาสก่อนเลย (ใหม่สุด {iso(last)})"
                " — ขอข้อมูลล่าสุดจากแหล่งข้อมูล",
                f"The sub-index {dimension} for {now} rests on no observation of this quarter or the one before"
                f" (newest {iso(last)}); ask its sources for newer data.",
                value=iso(last),
                rule="index.stale_dimension",
                subject=f"{dimension} TH {now}",
            )


def _revisions(tables: Tables, context: Context) -> Iterator[Finding]:
    """Recent values that were revised by more than the series ever changed from one period to the next."""
    triangle = tables.get("revisions")
    if triangle is None or triangle.empty:
        return
    since = context.quarter - _REVISED_QUARTERS
    for series, rows in triangle.groupby("series", sort=True):
        ordered = rows.assign(end=[parse_period(text).end_time for text in rows["period"]]).sort_values("end")
        if len(ordered) <= _LEAST_HISTORY:
            continue
        usual = float(ordered["latest"].diff().abs().max())
        recent = ordered[ordered["end"] >= since.start_time]
        size = (recent["latest"] - recent["first"]).abs()
        if size.empty or not float(size.max()) > usual:
            continue
        row = recent.iloc[int(size.to_numpy().argmax())]
        yield Finding(
            "warning",
            "tables/revisions.csv",
            f"{series} {row['period']} ปรับจาก {row['first']:.6g} เป็น {row['latest']:.6g} มากกว่าที่อนุกรมเคยเปลี่ยนระหว่างงวด"
            f" ({usual:.4g}) — ยืนยันกับแหล่งข้อมูล",
            f"{series} {row['period']} was revised from {row['first']:.6g} to {row['latest']:.6g}, more than the series"
            f" ever changed between periods ({usual:.4g}); confirm it with the source.",
            value=f"{row['latest']:.6g}",
            rule="revisions.large",
            subject=f"{series} TH {row['period']}",
        )


def _forecast(tables: Tables) -> Iterator[Finding]:
    """Central forecasts more than ten points beyond anything the index has been."""
    forecast = tables.get("forecast")
    level = dict(national_levels(tables)).get("overall")
    if forecast is None or forecast.empty or level is None or level.empty:
        return
    low, high = float(level.min()) - _BEYOND, float(level.max()) + _BEYOND
    for row in forecast[(forecast["mean"] < low) | (forecast["mean"] > high)].itertuples():
        yield Finding(
            "warning",
            "tables/forecast.csv",
            f"ค่าพยากรณ์ {row.period} เท่ากับ {row.mean:.1f} จุด อยู่นอกช่วง {low:.1f} ถึง {high:.1f} จุดที่ดัชนีเคยเป็น"
            " (เผื่อข้างละ 10 จุด) — ตรวจแบบจำลองและข้อมูลล่าสุด",
            f"The forecast for {row.period} is {row.mean:.1f}, outside {low:.1f} to {high:.1f}: what the index has been,"
            " and ten points. Look at the model and the newest data.",
            value=f"{row.mean:.1f}",
            rule="forecast.bounds",
            subject=f"overall TH {row.period}",
        )


def _samples(tables: Tables, context: Context) -> Iterator[Finding]:
    """Surveys far below their plan; provinces below half of theirs are counted in a note."""
    coverage = tables.get("survey_coverage")
    if coverage is None or coverage.empty:
        return
    now = coverage[(coverage["period"] == iso(context.quarter)) & coverage["planned"].notna()]
    for survey, rows in now.groupby("survey", sort=True):
        planned, achieved = float(rows["planned"].sum()), float(rows["achieved"].sum())
        if planned <= 0:
            continue
        thin = int((rows["achieved"] < _PLAN_SHARE * rows["planned"]).sum())
        share = achieved / planned
        if share >= _PLAN_SHARE and not thin:
            continue
        yield Finding(
            "warning" if share < _PLAN_SHARE else "note",
            "tables/survey_coverage.csv",
            f"แบบสำรวจ {survey} ได้ {achieved:,.0f} ราย จากแผน {planned:,.0f} ราย (ร้อยละ {100 * share:.0f})"
            f" มี {thin} จังหวัดที่ได้ไม่ถึงครึ่งของแผน",
            f"The {survey} survey has {achieved:,.0f} of {planned:,.0f} planned answers ({100 * share:.0f} per cent);"
            f" {thin} provinces have less than half of theirs.",
            value=f"{achieved:.0f}",
            rule="survey.plan",
            subject=f"{survey} {iso(context.quarter)}",
        )
