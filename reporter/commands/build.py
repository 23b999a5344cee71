"""``reporter build``: one quarter's whole issue from a workspace."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
import platformdirs

from reporter.commands import (
    ANNEXES,
    data_option,
    out_option,
    quarter_option,
)
from reporter.domain.errors import UsageError
from reporter.runtime.progress import progress


@click.command("build")
@quarter_option(required=True)
@data_option
@out_option
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="จำนวนโปรเซสที่ทำงานพร้อมกัน — worker processes.",
)
@click.option(
    "--final", "is_final", is_flag=True, help="ฉบับจริง: หยุดเมื่อ QA พบข้อผิดพลาด — stop on any QA error."
)
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    help="ใช้ข้อมูลเท่าที่รู้ ณ วันที่นี้ (2025-11-15) — use what was known on that day.",
)
@click.option(
    "--version",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="ลำดับฉบับ: 2 ขึ้นไปเป็นฉบับแก้ไข — version of the issue; 2 and later are corrections.",
)
@click.option(
    "--annex",
    "annexes",
    type=click.Choice(ANNEXES),
    multiple=True,
    help="เล่มภาคผนวกเพิ่มเติม: provinces คือจังหวัดละหนึ่งหน้า — a further volume: one page per province.",
)
@click.option("--no-cache", is_flag=True, help="คำนวณใหม่ทั้งหมด — recompute everything.")
def command(
    quarter: str,
    data: Path,
    out: Path,
    jobs: int,
    is_final: bool,
    as_of: str | None,
    version: int,
    annexes: tuple[str, ...],
    no_cache: bool,
) -> None:
    """สร้างรายงานทั้งฉบับของหนึ่งไตรมาส — build the whole issue of one quarter."""
    from reporter.delivery import release_log
    from reporter.domain.periods import parse_quarter
    from reporter.pipeline import build_issue
    from reporter.pipeline.request import STAGES, BuildRequest, summary
    from reporter.runtime.machine import require_libraries

    require_libraries()
    if is_final:
        release_log.read_log(out)  # an edited log is told before anything is computed
    request = BuildRequest(
        quarter=parse_quarter(quarter),
        data=data,
        out=out,
        jobs=jobs,
        is_final=is_final,
        as_of=_date(as_of),
        version=version,
        annexes=tuple(sorted(set(annexes))),
        cache=None if no_cache else platformdirs.user_cache_path("reporter"),
    )
    with progress(STAGES) as bar:
        built = build_issue(request, bar)
    if is_final:
        release_log.record_check(
            built.folder, when=dt.datetime.now().astimezone().isoformat(timespec="seconds")
        )
    for line in summary(built):
        click.echo(line)


def _date(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f'--as-of "{text}" ไม่ใช่วันที่ — เขียนแบบ 2025-11-15',
            f'--as-of "{text}" is no date; write 2025-11-15.',
        ) from error
