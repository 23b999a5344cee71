"""A report-like document for the tests and the bench of typesetting: Thai with many sara am, English passages, charts, tables, notes.

Everything is made up and says so (``synthetic``); sizes are arguments, so that a test can be small and the bench as large as a real issue.
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

from reporter.pdf import Attachment, Metadata

METADATA = Metadata(
    title="รายงานภาวะแรงงานรายไตรมาส ไตรมาสที่ 3 ปี 2568",
    author="กองเศรษฐกิจการแรงงาน สำนักงานปลัดกระทรวงแรงงาน",
    subject="เอกสารทดสอบการจัดหน้า ข้อมูลสังเคราะห์",
    created=dt.datetime(2025, 11, 14, 9, 0),
    keywords=("แรงงาน", "ดัชนีเศรษฐกิจแรงงาน", "ไตรมาสที่ 3 ปี 2568"),
)
ATTACHMENTS = (
    Attachment("labour_index.csv", b"dimension,group,period,value\noverall,TH,2025-Q3,98.6\n", "text/csv", "ดัชนีเศรษฐกิจแรงงานรายมิติ"),
    Attachment("confidence.csv", b"survey,domain,value\nemployer,overall,101.2\n", "text/csv", "ดัชนีความเชื่อมั่น"),
)  # fmt: skip

PARAGRAPHS = (
    "สำนักงานปลัดกระทรวงแรงงานจัดทำรายงานฉบับนี้เพื่อนำเสนอภาวะการทำงานของกำลังแรงงานทั่วประเทศ ดัชนีเศรษฐกิจแรงงานในไตรมาสที่ 3 ปี 2568 อยู่ที่ 98.6 จุด "
    "ต่ำกว่าระดับปกติเล็กน้อย และลดลง 1.2 จุดจากไตรมาสก่อน สาเหตุสำคัญมาจากชั่วโมงการทำงานที่ลดลงร้อยละ 2.4 ในภาคการผลิต",
    "ราคาน้ำมันและค่าน้ำประปาที่เพิ่มขึ้นทำให้ค่าครองชีพสูงขึ้น ผู้มีรายได้ประจำและผู้ค้ำประกันเงินกู้จำนวนมากจำเป็นต้องกำหนดแผนการชำระหนี้ใหม่ อัตราการว่างงานอยู่ที่ร้อยละ 1.2 "
    "ของกำลังแรงงาน คิดเป็นจำนวน 412,300 คน ส่วนใหญ่อยู่ในจังหวัดนครราชสีมา สมุทรปราการ และพระนครศรีอยุธยา",
    "เมื่อพิจารณารายมิติ มิติความมั่นคงในการทำงานปรับตัวดีขึ้น 0.8 จุด ขณะที่มิติค่าจ้างและรายได้ทรงตัว ผู้ประกันตนมาตรา 33 มีจำนวน 12.1 ล้านคน เพิ่มขึ้นร้อยละ 0.9 "
    "จากช่วงเดียวกันของปีก่อน ทั้งนี้ การเลิกจ้างกระจุกตัวในกิจการขนาดเล็กซึ่งมีลูกจ้างต่ำกว่า 10 คน",
    "ข้อสังเกตที่สำคัญคือ แรงงานนอกระบบยังทำงานต่ำระดับเป็นจำนวนมาก การสำรวจภาวะการทำงานของประชากร พ.ศ. 2568 ระบุว่าผู้ทำงานต่ำระดับด้านเวลามี 198,500 คน "
    "กระทรวงแรงงานจึงนำข้อมูลดังกล่าวไปกำหนดมาตรการช่วยเหลือ โดยเน้นย้ำการพัฒนาฝีมือแรงงานและการคุ้มครองแรงงานสัมพันธ์",
    "ด้านความเชื่อมั่น ผู้ประกอบการให้ความสำคัญกับต้นทุนวัตถุดิบ ค่าน้ำมันเชื้อเพลิง และคำสั่งซื้อจากต่างประเทศ ส่วนลูกจ้างให้น้ำหนักกับความมั่นคง สวัสดิการ และโอกาสเติบโตในตำแหน่งงาน "
    "ดัชนีความเชื่อมั่นของลูกจ้างอยู่ที่ 104.3 จุด สูงกว่าค่ากลาง 100 เป็นไตรมาสที่ 4 ติดต่อกัน",
)
ENGLISH = (
    "The Labour Economic Index summarises thirty-eight indicators in ten dimensions. A value of one hundred is the average of the "
    "base period, and ten points are one standard deviation; the unemployment rate enters with reversed sign."
)
DIMENSIONS = ("การมีงานทำ", "การว่างงาน", "ค่าจ้างและรายได้", "ชั่วโมงการทำงาน", "ความมั่นคงในการทำงาน", "การคุ้มครองทางสังคม", "ผลิตภาพแรงงาน", "ทักษะและการพัฒนาฝีมือ", "ความเท่าเทียม", "ความปลอดภัยในการทำงาน")  # fmt: skip
PROVINCES = ("กรุงเทพมหานคร", "สมุทรปราการ", "นนทบุรี", "พระนครศรีอยุธยา", "นครราชสีมา", "อุบลราชธานี", "เชียงใหม่", "ลำปาง", "ลำพูน", "กำแพงเพชร", "หนองบัวลำภู", "สุราษฎร์ธานี", "นครศรีธรรมราช", "ภูเก็ต")  # fmt: skip


def series(seed: int, length: int) -> list[float]:
    """A smooth made-up series around 100; no randomness, so that every run draws the same."""
    return [100 + 6 * math.sin(seed + k / 3.1) + 3 * math.cos(seed * 1.7 + k / 1.3) for k in range(length)]


def chart(folder: Path, name: str, seed: int, *, width_mm: float = 166, height_mm: float = 70) -> None:
    """Draw one chart the way the report's charts are saved: SVG with text as paths."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    from reporter.domain.declarations import asset

    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "sample", "font.size": 9}):
        for path in sorted(asset("fonts", "sarabun").glob("*.ttf")):
            mpl.font_manager.fontManager.addfont(path)
        mpl.rcParams["font.family"] = "Sarabun"
        figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for line in range(4):
            values = series(seed + line, 53)
            axes.plot(values, linewidth=1.4)
            axes.annotate(
                DIMENSIONS[line], (52, values[-1]), xytext=(4, 0), textcoords="offset points", va="center"
            )
        axes.fill_between(
            range(53),
            [v - 2 for v in series(seed, 53)],
            [v + 2 for v in series(seed, 53)],
            alpha=0.15,
            linewidth=0,
        )
        axes.set_xticks(range(0, 53, 8), [f"1/{55 + k // 4}" for k in range(0, 53, 8)])
        axes.set_ylabel("จุด")
        axes.set_title(f"การมีงานทำฉุดดัชนีลง {seed}.2 จุด", loc="left", fontweight="semibold")
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(folder / name, metadata={"Date": None, "Creator": None})


def sparkline(folder: Path) -> None:
    """A line of 13 points, its last one marked, as plain SVG."""
    points = [(4 + 10 * k, 40 - 2.6 * (value - 92)) for k, value in enumerate(series(1, 13))]
    path = " ".join(f"{'M' if not k else 'L'} {x:.2f} {y:.2f}" for k, (x, y) in enumerate(points))
    x, y = points[-1]
    (folder / "spark.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="132pt" height="40pt" viewBox="0 0 132 40">'
        f'<path d="{path}" style="fill: none; stroke: #1F4E79; stroke-width: 1.5; stroke-linejoin: round"/>'
        f'<rect x="{x - 2:.2f}" y="{y - 2:.2f}" width="4" height="4" style="fill: #1F4E79"/></svg>',
        encoding="utf-8",
    )


def table(number: int, rows: int, *, wide: bool = False) -> str:
    """A data table with row groups, changes, missing and suppressed cells."""
    quarters = [f"{(k % 4) + 1}/{2563 + k // 4}" for k in range(12 if wide else 4)]
    head = "".join(f'<th scope="col" class="number">{quarter}</th>' for quarter in quarters)
    body = []
    for row in range(rows):
        if row % 12 == 0:
            body.append(
                f'<tr class="group"><th scope="rowgroup" colspan="{len(quarters) + 3}">กลุ่มที่ {row // 12 + 1}</th></tr>'
            )
        values = series(number + row, len(quarters))
        cells = "".join(f'<td class="number">{value:.1f}</td>' for value in values)
        change = values[-1] - values[-2]
        state, arrow = ("better", "▲") if change > 0 else ("worse", "▼")
        last = (
            '<td class="number missing">–</td>'
            if row % 7 == 3
            else '<td class="number suppressed">x</td>'
            if row % 7 == 5
            else f'<td class="number">{values[0]:.1f}</td>'
        )
        name = f"{PROVINCES[row % len(PROVINCES)]} {DIMENSIONS[row % len(DIMENSIONS)]}"
        body.append(
            f'<tr><th scope="row">{name}</th>{cells}<td class="number {state}">{arrow} {abs(change):.1f}</td>{last}</tr>'
        )
    return (
        f'<table class="data{" wide" if wide else ""}" id="tab-{number}"><caption><span class="number">ตารางที่ {number}</span> ดัชนีรายมิติและรายจังหวัด ทำขึ้นเพื่อทดสอบ '
        f'<span class="unit">(จุด)</span></caption><thead><tr><th scope="col">จังหวัดและมิติ</th>{head}<th scope="col" class="number">เปลี่ยนแปลง</th>'
        f'<th scope="col" class="number">ค่าต่ำสุด</th></tr></thead><tbody>{"".join(body)}</tbody>'
        f'<tfoot><tr><td colspan="{len(quarters) + 3}">หมายเหตุ: – ไม่มีข้อมูล x ปกปิดเพราะมีผู้ตอบน้อย ที่มา: ข้อมูลสังเคราะห์</td></tr></tfoot></table>'
    )


def figure(number: int, name: str) -> str:
    """A chart with caption, source and a link to its table."""
    return (
        f'<figure id="fig-{number}" class="chart"><figcaption><span class="number">รูปที่ {number}</span> การมีงานทำฉุดดัชนีลง 1.2 จุด</figcaption>'
        f'<img src="charts/{name}" alt="กราฟเส้นสี่มิติ ไตรมาสที่ 1 ปี 2555 ถึงไตรมาสที่ 1 ปี 2568 ค่าต่ำสุด 91.3 จุด ค่าสูงสุด 108.2 จุด แนวโน้มลดลงในช่วงท้าย">'
        f'<p class="source">ที่มา: ข้อมูลสังเคราะห์ คำนวณโดยกองเศรษฐกิจการแรงงาน</p><p class="data"><a href="#tab-{number}">ตารางข้อมูลของรูปที่ {number}</a></p></figure>'
    )


COVER = """<section class="cover"><p class="ministry">กระทรวงแรงงาน</p><p class="office">สำนักงานปลัดกระทรวงแรงงาน</p>
<h1>รายงานภาวะแรงงานรายไตรมาส</h1><p class="quarter">ไตรมาสที่ 3 ปี 2568</p>
<p class="english" lang="en">Quarterly Labour Market Report, Third Quarter 2025</p>
<dl class="headline-numbers">
<div class="labour"><dt>ดัชนีเศรษฐกิจแรงงาน</dt><dd>98.6 <span class="change worse">▼ 1.2 จากไตรมาสก่อน</span></dd></div>
<div class="employers"><dt>ดัชนีความเชื่อมั่นของผู้ประกอบการ</dt><dd>101.2 <span class="change better">▲ 0.7 จากไตรมาสก่อน</span></dd></div>
<div class="workers"><dt>ดัชนีความเชื่อมั่นของลูกจ้าง</dt><dd>104.3 <span class="change unchanged">■ 0.0 จากไตรมาสก่อน</span></dd></div></dl>
<p class="division">กองเศรษฐกิจการแรงงาน</p><p class="issued">เผยแพร่วันที่ 14 พฤศจิกายน 2568</p>
<p class="notice">ฉบับร่างเพื่อตรวจสอบ ตัวเลขทั้งหมดเป็นข้อมูลสังเคราะห์</p></section>"""


def dial(kind: str, name: str, value: str) -> str:
    """One headline number with its changes and sparkline."""
    return (
        f'<div class="dial {kind}"><p class="name">{name}</p><p class="value">{value} <span class="unit">จุด</span></p><p class="level">ต่ำกว่าระดับปกติเล็กน้อย</p>'
        f'<ul class="changes"><li class="worse">▼ 1.2 จากไตรมาสก่อน</li><li class="better">▲ 0.4 จากปีก่อน</li></ul>'
        f'<img class="sparkline" src="charts/spark.svg" alt="{name} 13 ไตรมาสล่าสุด ต่ำสุด 96.1 สูงสุด 103.9"></div>'
    )


def headline() -> str:
    """The headline page."""
    dials = dial("labour", "ดัชนีเศรษฐกิจแรงงาน", "98.6") + dial(
        "employers", "ดัชนีความเชื่อมั่นของผู้ประกอบการ", "101.2"
    )
    dials += dial("workers", "ดัชนีความเชื่อมั่นของลูกจ้าง", "104.3")
    movers = "".join(
        f'<tr><th scope="row">{name}</th><td class="number better">▲ {k}.2</td></tr>'
        for k, name in enumerate(DIMENSIONS[:5], 1)
    )
    mover_table = f'<table class="data compact"><thead><tr><th scope="col">ตัวชี้วัด</th><th scope="col" class="number">เปลี่ยนแปลง</th></tr></thead><tbody>{movers}</tbody></table>'
    return (
        '<section class="chapter headline" id="summary"><header class="opening"><h1>บทสรุปผู้บริหาร</h1><p class="finding">ตลาดแรงงานชะลอตัวลงเล็กน้อย แต่ความเชื่อมั่นของลูกจ้างยังสูงกว่าค่ากลาง</p></header>'
        f'<div class="dials">{dials}</div><ul class="sentences"><li>{PARAGRAPHS[0]}</li><li>{PARAGRAPHS[2]}</li><li>{PARAGRAPHS[4]}</li></ul>'
        f'<div class="movers two-columns"><div class="up"><h2 id="up">ดีขึ้นมากที่สุด</h2>{mover_table}</div><div class="down"><h2 id="down">แย่ลงมากที่สุด</h2>{mover_table}</div></div></section>'
    )


def contents(chapters: int, sections: int, figures: int, tables: int) -> str:
    """Contents and lists of figures and tables."""
    items = ['<li><a href="#summary">บทสรุปผู้บริหาร</a></li>']
    for c in range(1, chapters + 1):
        inner = "".join(
            f'<li><a href="#s-{c}-{s}">{c}.{s} ภาวะการทำงานและการว่างงานในไตรมาสที่ 3</a></li>'
            for s in range(1, sections + 1)
        )
        items.append(
            f'<li><a href="#chapter-{c}">{c} ภาวะเศรษฐกิจแรงงานและกำลังแรงงาน</a><ol>{inner}</ol></li>'
        )
    figure_items = "".join(
        f'<li><a href="#fig-{n}">รูปที่ {n} การมีงานทำฉุดดัชนีลง 1.2 จุด</a></li>' for n in range(1, figures + 1)
    )
    table_items = "".join(
        f'<li><a href="#tab-{n}">ตารางที่ {n} ดัชนีรายมิติและรายจังหวัด ทำขึ้นเพื่อทดสอบ</a></li>'
        for n in range(1, tables + 1)
    )
    return (
        f'<nav class="contents" id="contents"><h1>สารบัญ</h1><ol>{"".join(items)}</ol></nav>'
        f'<nav class="contents figures" id="list-of-figures"><h1>สารบัญรูป</h1><ol>{figure_items}</ol></nav>'
        f'<nav class="contents tables" id="list-of-tables"><h1>สารบัญตาราง</h1><ol>{table_items}</ol></nav>'
    )


def document(
    assets: Path, *, chapters: int = 3, sections: int = 3, rows: int = 14, charts: int = 3, wide: bool = True
) -> str:
    """Write the charts under ``assets`` and return the HTML: one figure and one table a section.

    charts  distinct charts drawn; the figures use them in turn, each as a file of its own
    """
    folder = assets / "charts"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(charts):
        chart(folder, f"drawn{number}.svg", number + 1)
    sparkline(folder)
    parts = [COVER, contents(chapters, sections, chapters * sections, chapters * sections), headline()]
    number = 0
    for c in range(1, chapters + 1):
        parts.append(
            f'<section class="chapter" id="chapter-{c}"><header class="opening"><p class="number">บทที่ {c}</p><h1>ภาวะเศรษฐกิจแรงงานและกำลังแรงงาน</h1>'
            f'<p class="finding">ดัชนีเศรษฐกิจแรงงานอยู่ที่ 98.6 จุด ลดลง 1.2 จุดจากไตรมาสก่อน</p></header><ul class="key-points"><li>{PARAGRAPHS[1][:120]}</li><li>ข้อสรุปที่สองสำหรับผู้บริหาร</li></ul><p class="lead">{PARAGRAPHS[0]}</p>'
        )
        for s in range(1, sections + 1):
            number += 1
            name = f"figure{number}.svg"
            drawn = (folder / f"drawn{number % charts}.svg").read_text(encoding="utf-8")
            (folder / name).write_text(drawn.replace("</svg>", f"<!-- {number} --></svg>"), encoding="utf-8")
            texts = [PARAGRAPHS[(number + k) % len(PARAGRAPHS)] for k in range(4)]
            parts.append(
                f'<h2 id="s-{c}-{s}">{c}.{s} ภาวะการทำงานและการว่างงานในไตรมาสที่ 3</h2><p>{texts[0]}<span class="footnote">คำนวณจากการสำรวจภาวะการทำงานของประชากร สำนักงานสถิติแห่งชาติ ข้อที่ {number}</span></p>'
                f'<p>{texts[1]} ดู<a class="page" href="#tab-{number}">ตารางที่ {number}</a></p>{figure(number, name)}<h3>รายละเอียดเพิ่มเติม</h3><p>{texts[2]}</p>'
                f"{table(number, rows, wide=wide and number == 2)}<p>{texts[3]} ดัชนี<strong>ลดลงร้อยละ 1.2</strong> <span class='worse'>▼ 1.2</span></p>"
                f'<p lang="en">{ENGLISH}</p><aside class="note"><p>ข้อควรจำ: {texts[0][:90]}</p></aside>'
            )
        parts.append("</section>")
    body = "".join(parts)
    return f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{METADATA.title}</title></head><body class="draft synthetic">{body}</body></html>'
