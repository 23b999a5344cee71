"""Quality of a questionnaire (IOC, Cronbach's alpha), disclosure control, and themes of the open answers.

Goes in: experts' marks -1, 0, 1 per item; a file of answers. Comes out: tables with verdicts, and the report of
``reporter survey quality`` for the desk: a text in Thai and English and a log of rows; respondents are never named. Method: study 4.1.4:
IOC = sum R / N, items from 0.50 on are kept; alpha = k/(k-1) (1 - sum s_i^2 / s_total^2), from 0.7 exploratory, 0.8
basic, 0.9 important research. Variances and covariances are those of respondents who answered both items, which for
complete answers is the formula itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations, Name, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import PeriodError, arabic_digits, iso, parse_quarter
from reporter.surveys import THRESHOLD, small_sample
from reporter.surveys.answers import plain, tidy
from reporter.surveys.file_reader import CleaningRules, cleaning_rules, read_grids, reading_aliases
from reporter.surveys.responses import Cleaned, clean, parse
from reporter.surveys.variance import Spread, share_interval
from reporter.surveys.weighting import sample_of

KEEP_FROM = 0.50  # the study: an item is kept when at least half of the experts rate it as fitting (IOC)
EXPERTS = 3  # the study asks at least three experts
_BANDS = (
    (0.9, Name("ใช้ได้กับงานวิจัยที่สำคัญ", "important research")),
    (0.8, Name("ใช้ได้กับงานวิจัยพื้นฐาน", "basic research")),
    (0.7, Name("ใช้ได้กับงานวิจัยเชิงสำรวจ", "exploratory research")),
)
_ROWS = 12  # rows named on the screen; the log holds them all
_ACTIONS = {"keep": "เก็บไว้", "blank": "ลบค่าในช่อง", "drop": "ไม่นับ"}
_BELOW = Name("ต่ำกว่าเกณฑ์", "below the criterion")


def read_ioc(path: Path) -> pd.DataFrame:
    """Experts' marks, one row per item: first column the item, one column per expert. Raises InputError."""
    grid = read_grids(path, path.name)[0]
    header, body = grid.row(0), grid.cells.iloc[1:]
    findings = []
    marks = np.full((len(body), len(header) - 1), np.nan)
    for row, (number, cells) in enumerate(body.iterrows()):
        for column in range(1, len(header)):
            text = arabic_digits(str(cells.iloc[column])).strip().removeprefix("+").replace("\u2212", "-")
            if text in ("-1", "0", "1"):
                marks[row, column - 1] = int(text)
            elif text:
                findings.append(
                    Finding(
                        "error",
                        path.name,
                        f'พบ "{text}" — คะแนนผู้เชี่ยวชาญต้องเป็น -1, 0 หรือ 1',
                        f'Found "{text}"; an expert\'s mark is -1, 0 or 1.',
                        row=int(str(number)) + 1,
                        column=header[column],
                    )
                )
    if findings:
        raise InputError(f"อ่าน {path.name} ไม่ได้", f"{path.name} cannot be read.", findings)
    return pd.DataFrame(marks, columns=header[1:], index=pd.Index(body.iloc[:, 0].astype(str), name="item"))


def is_ioc(path: Path) -> bool:
    """Whether a file looks like experts' marks: every cell below the header and behind the item is -1, 0, 1 or empty."""
    grid = read_grids(path, path.name)[0]
    cells = grid.cells.iloc[1:, 1:]
    texts = {arabic_digits(str(text)).strip() for text in cells.to_numpy().ravel()}
    return grid.row(0)[0].strip().lower() in ("item", "ข้อ", "ข้อคำถาม") and texts <= {
        "-1",
        "0",
        "1",
        "+1",
        "",
        "\u22121",
    }


def ioc(marks: pd.DataFrame) -> pd.DataFrame:
    """``item,experts,ioc,keep``: mean mark per item; kept from 0.50 on. Few experts are the caller's to mention."""
    return pd.DataFrame(
        {
            "item": marks.index,
            "experts": marks.notna().sum(axis=1).to_numpy(),
            "ioc": marks.mean(axis=1).to_numpy(),
            "keep": (marks.mean(axis=1) >= KEEP_FROM - 1e-12).to_numpy(),
        }
    )


PILOT = 30  # respondents of the pilot from which alpha is judged (study 4.1.4)


def alpha_table(points: np.ndarray, questionnaire: Questionnaire) -> pd.DataFrame:
    """``domain,items,n,alpha,band``: the whole questionnaire and every domain of at least two items.

    points  respondent x item, negative items already turned, NaN for no answer
    """
    scopes: list[tuple[str, np.ndarray]] = [("overall", np.arange(len(questionnaire.items)))]
    for domain in questionnaire.domains:
        inside = [n for n, item in enumerate(questionnaire.items) if item.domain == domain.id]
        scopes.append((domain.id, np.array(inside)))
    rows = []
    for name, places in scopes:
        asked = places[~np.isnan(points[:, places]).all(axis=0)]
        value = alpha(covariances(points[:, asked]))
        n = int((~np.isnan(points[:, asked])).any(axis=1).sum())
        rows.append((name, len(asked), n, value, band(value).th if len(asked) > 1 else ""))
    return pd.DataFrame(rows, columns=["domain", "items", "n", "alpha", "band"])


def item_table(points: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
    """``item,n,mean,sd,item_total,alpha_if_dropped``; item-total against the sum of the other items."""
    covariance = covariances(points)
    variance = np.diag(covariance)
    own = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * own + variance
    with np.errstate(divide="ignore", invalid="ignore"):
        item_total = (own - variance) / np.sqrt(variance * rest)
        mean = np.nansum(points, axis=0) / (~np.isnan(points)).sum(axis=0)
    dropped = [alpha(np.delete(np.delete(covariance, k, 0), k, 1)) for k in range(len(columns))]
    return pd.DataFrame(
        {
            "item": list(columns),
            "n": (~np.isnan(points)).sum(axis=0),
            "mean": mean,
            "sd": np.sqrt(variance),
            "item_total": item_total,
            "alpha_if_dropped": dropped,
        }
    )


def covariances(points: np.ndarray) -> np.ndarray:
    """Sample covariances of items over respondents who answered both; NaN where fewer than two did."""
    answered = (~np.isnan(points)).astype(float)
    filled = np.nan_to_num(points).astype(np.float64)
    both = answered.T @ answered
    with np.errstate(divide="ignore", invalid="ignore"):
        products = filled.T @ filled
        means = filled.T @ answered  # sum of item k over those who also answered item j
        covariance = (products - means * means.T / both) / (both - 1)
    return np.asarray(np.where(both > 1, covariance, np.nan))


def alpha(covariance: np.ndarray) -> float:
    """Cronbach's alpha of a covariance matrix; NaN for fewer than two items or no variance."""
    items = len(covariance)
    total = covariance.sum()
    if items < 2 or not total > 0:
        return float("nan")
    return float(items / (items - 1) * (1 - np.trace(covariance) / total))


def band(value: float) -> Name:
    """What an alpha is good for (study 4.1.4)."""
    return next((name for least, name in _BANDS if value >= least), _BELOW)


@dataclass(frozen=True)
class QualityReport:
    """The text for the screen, and ``rule,row,column,action`` of everything found."""

    text: str
    log: pd.DataFrame


def answers_report(
    path: Path,
    questionnaire: Questionnaire,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    root: Path | None = None,
) -> QualityReport:
    """Read, clean and judge one file of answers. Raises InputError for a file that must be refused."""
    rules = cleaning_rules(root)
    mapping = root / "surveys" / "mappings" if root else None
    reading = parse(
        path,
        questionnaire,
        declarations,
        where=path.name,
        mapping=mapping,
        rules=rules,
        aliases=reading_aliases(root),
    )
    cleaned = clean(reading, questionnaire, quarter, rules)
    points = sample_of(cleaned, questionnaire, declarations, quarter).points.astype(float)
    lines = [str(finding) for finding in reading.findings]
    lines += [_cleaning_text(cleaned, rules)]
    lines += [_alpha_text(alpha_table(points, questionnaire), len(points))]
    lines += [_items_text(item_table(points, [item.column for item in questionnaire.items]))]
    return QualityReport("\n".join(lines), cleaned.log(rules))


def ioc_text(table: pd.DataFrame) -> str:
    """IOC per item with the verdict of the 0.50 rule."""
    lines = ["ข้อ\tผู้เชี่ยวชาญ\tIOC\tผล"]
    lines += [
        f"{row['item']}\t{row['experts']}\t{row['ioc']:.2f}\t{'ใช้ได้ keep' if row['keep'] else 'ตัดออก drop'}"
        for row in table.to_dict("records")
    ]
    kept = int(table["keep"].sum())
    lines.append(
        f"ใช้ได้ {kept} จาก {len(table)} ข้อ (เกณฑ์ IOC ≥ 0.50)\n{kept} of {len(table)} items kept (rule IOC >= 0.50)."
    )
    if (table["experts"] < EXPERTS).any():
        lines.append("บางข้อมีผู้เชี่ยวชาญน้อยกว่า 3 คน\nSome items were judged by fewer than 3 experts.")
    return "\n".join(lines)


def _cleaning_text(cleaned: Cleaned, rules: CleaningRules) -> str:
    kept = len(cleaned.frame)
    lines = [
        f"ผู้ตอบ {cleaned.received:,} ราย นับ {kept:,} ไม่นับ {cleaned.received - kept:,} ลบค่า {cleaned.blanked:,} ช่อง",
        f"{cleaned.received:,} received, {kept:,} kept, {cleaned.received - kept:,} left out,"
        f" {cleaned.blanked:,} cells emptied.",
    ]
    log = cleaned.log(rules)
    for (rule, column), found in log.groupby(["rule", "column"], sort=False):
        rows = ", ".join(map(str, found["row"].head(_ROWS)))
        more = f" … (+{len(found) - _ROWS:,})" if len(found) > _ROWS else ""
        name = rules[str(rule)].name
        done = _ACTIONS[rules[str(rule)].action]
        lines.append(f"- {name.th} ({name.en}) {column}: {len(found):,} {done} แถว rows {rows}{more}")
    return "\n".join(lines)


def _alpha_text(table: pd.DataFrame, respondents: int) -> str:
    lines = ["Cronbach's alpha\nด้าน domain\tข้อ items\tn\talpha\tเกณฑ์ band"]
    lines += [
        f"{row['domain']}\t{row['items']}\t{row['n']:,}\t{_number(row['alpha'])}\t{row['band']}"
        for row in table.to_dict("records")
    ]
    if respondents < PILOT:
        lines.append(
            f"มีผู้ตอบเพียง {respondents:,} ราย การศึกษากำหนดกลุ่มทดลอง {PILOT} ราย ค่า alpha จึงยังไม่ควรใช้ตัดสิน\n"
            f"Only {respondents:,} answered; the study asks for a pilot of {PILOT}, so alpha decides nothing yet."
        )
    return "\n".join(lines)


def _items_text(table: pd.DataFrame) -> str:
    lines = ["ข้อ item\tn\tค่าเฉลี่ย mean\tsd\titem-total\talpha ถ้าตัดข้อนี้ if dropped"]
    lines += [
        f"{row['item']}\t{row['n']:,}\t{row['mean']:.1f}\t{_number(row['sd'], 1)}\t{_number(row['item_total'])}"
        f"\t{_number(row['alpha_if_dropped'])}"
        for row in table.to_dict("records")
    ]
    return "\n".join(lines)


def _number(value: float, decimals: int = 3) -> str:
    return "–" if pd.isna(value) else f"{value:.{decimals}f}"


# ----------------------------------------------------------------------------------------------------
# Disclosure control: small cells are suppressed, and further cells where a small one could be worked out.
#
# Goes in: respondents per group of one survey and quarter. Comes out: each group's flag. A group is published with all
# its domains or not at all: the overall index is the mean of the domains, so a single hidden domain could be computed.
#
# Rules (threshold 5 respondents):
# 1. a group with a cell of 1 to 4 respondents is suppressed;
# 2. where the groups of a kind add up to a published total, what is left after subtracting the published groups must
#    hold at least two suppressed groups and at least 5 respondents; otherwise the smallest published group follows
#    (respondents of unknown group are no group anybody could be recognised in: they ask for no protection, give none);
# 3. region and province are one hierarchy: a suppressed region keeps at least one province suppressed (its sum would
#    tell), a region of one province shares that province's fate, and the provinces left over in suppressed regions
#    together obey rule 2.
# ----------------------------------------------------------------------------------------------------

# Statistics Canada marks estimates with a coefficient of variation above 16.6 % \"use with caution\": the 95 % interval is
# then wider than a third of the value to each side.
MOST_VARIATION = 1 / 6
SUPPRESSED = "suppressed"


def flags(
    sizes: Mapping[str, int], regions: Mapping[str, str], least: Mapping[str, int] | None = None
) -> dict[str, str]:
    """Flag of every group: "" published, ``small`` under 30 respondents, ``suppressed``.

    sizes    group -> respondents, ``TH`` included
    regions  province -> region
    least    group -> smallest cell above 0 among the group's domains; default ``sizes``
    """
    smallest = least or sizes
    if 0 < smallest.get("TH", 0) < THRESHOLD:
        return {group: SUPPRESSED if size else "" for group, size in sizes.items()}
    hidden = {group for group, size in sizes.items() if 0 < smallest.get(group, size) < THRESHOLD and size}
    hidden = _protect(hidden, {group: smallest.get(group, size) for group, size in sizes.items()}, regions)
    return {
        group: SUPPRESSED if group in hidden else ("small" if 0 < size < small_sample() else "")
        for group, size in sizes.items()
    }


def effective_sizes(weights: np.ndarray, codes: np.ndarray, groups: Sequence[str]) -> dict[str, int]:
    """Respondents of equal weight that each group's answers are worth (Kish), at least 1: one large weight is one person's answer.

    codes  place of each respondent's group, -1 for none
    """
    known = codes >= 0
    total = np.bincount(codes[known], weights[known], len(groups))
    squares = np.bincount(codes[known], weights[known] ** 2, len(groups))
    worth = np.divide(total**2, squares, out=np.ones(len(groups)), where=squares > 0)
    return {group: max(int(size + 1e-6), 1) for group, size in zip(groups, worth, strict=True)}


def cell_flags(
    count: np.ndarray, effective: np.ndarray, hidden: np.ndarray, error: np.ndarray | None = None
) -> np.ndarray:
    """Flags of cells: ``suppressed`` where the group is or under 5 answered; ``small`` where a figure is unreliable.

    effective  respondents of a simple random sample that would be as exact, at most ``count``; NaN: not known
    error      coefficient of variation, standard error over the value; None: not judged by it
    Unreliable: under 30 effective respondents, or a coefficient of variation above 1/6.
    """
    has_answers = count > 0
    few = has_answers & (hidden | (count < THRESHOLD))
    is_weak = np.fmin(count, effective) < small_sample()
    if error is not None:
        is_weak |= np.nan_to_num(error) > MOST_VARIATION
    return np.select([few, has_answers & is_weak], [SUPPRESSED, "small"], "")


def _protect(hidden: set[str], sizes: Mapping[str, int], regions: Mapping[str, str]) -> set[str]:
    """Hide further groups until no rule asks for another one."""
    kinds: dict[str, list[str]] = {}
    for group in sizes:
        if group != "TH":
            kinds.setdefault(group.partition(":")[0], []).append(group)
    inside: dict[str, list[str]] = {}
    for province in kinds.get("PROVINCE", []):
        inside.setdefault(regions[province], []).append(province)
    while True:
        before = set(hidden)
        for kind, groups in kinds.items():
            if kind != "PROVINCE":
                hidden |= _follow(groups, hidden, sizes)
        for region, provinces in inside.items():
            hidden |= _within_region(region, provinces, hidden, sizes)
        loose = [p for region, provinces in inside.items() if region in hidden for p in provinces]
        hidden |= _follow(loose, hidden, sizes)
        if hidden == before:
            return hidden


def _within_region(
    region: str, provinces: Sequence[str], hidden: set[str], sizes: Mapping[str, int]
) -> set[str]:
    filled = [province for province in provinces if sizes[province]]
    if len(filled) == 1 and {region, filled[0]} & hidden:
        return {region, filled[0]}
    if region not in hidden:
        return _follow(filled, hidden, sizes)
    if filled and not hidden & set(filled):
        return {min(filled, key=lambda province: (sizes[province], province))}
    return set()


def _follow(groups: Iterable[str], hidden: set[str], sizes: Mapping[str, int]) -> set[str]:
    """Groups to hide so that the total less the published ones is two groups and five respondents at least."""
    filled = sorted((group for group in groups if sizes[group]), key=lambda group: (sizes[group], group))
    left = [group for group in filled if group in hidden]
    still_open = [group for group in filled if group not in hidden]
    added: set[str] = set()
    while left and still_open and (len(left) < 2 or sum(sizes[group] for group in left) < THRESHOLD):
        added.add(still_open[0])
        left.append(still_open.pop(0))
    return added


# ----------------------------------------------------------------------------------------------------
# Open answers: themes with counts for the analysts' desk, and those that an analyst has released.
#
# Goes in: free texts ("อื่น ๆ" of the traits, comments); files of released themes. Comes out: a table of themes for the
# workspace's ``desk/`` folder, which no build reads; ``survey_themes`` of the files in ``surveys/themes/``, where an
# analyst has saved a desk file with the wording to publish. Words: PyThaiNLP's dictionary segmentation (newmm), stop words and
# particles out. No answer is ever printed raw, and a theme of fewer than five answers is not published.
# ----------------------------------------------------------------------------------------------------

LEAST = 3  # a theme of fewer answers could tell who gave them
_THAI = re.compile(r"[\u0e01-\u0e4e]{2,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z+#.-]+")
_EMPTY = {"ไม่มี", "ไม่มีค่ะ", "ไม่มีครับ", "none", "no", "ไม่มีความคิดเห็น", "ไม่มีข้อเสนอแนะ"}
_WEAK = {
    *("อยาก", "ต้องการ", "ควร", "มาก", "มากขึ้น", "เพิ่ม", "เพิ่มขึ้น", "ดี", "ดีขึ้น", "ทำ", "งาน", "การทำงาน"),
    *("คน", "ทำให้", "เรื่อง", "ด้าน", "ค่ะ", "ครับ", "นะ", "บริษัท", "พนักงาน", "แรงงาน", "อื่น", "ทักษะ", "สามารถ"),
}


# Words with which an answer turns to the state: a theme is marked as a demand where half of its answers hold one.
_STATE = (
    "รัฐ",
    "กระทรวง",
    "ราชการ",
    "ค่าแรงขั้นต่ำ",
    "ค่าจ้างขั้นต่ำ",
    "ประกันสังคม",
    "กฎหมาย",
    "ภาษี",
    "นโยบาย",
    "government",
    "tax",
)
DEMAND = "demand"
_DEMANDS = {DEMAND, "ข้อเสนอต่อภาครัฐ", "ข้อเรียกร้องต่อภาครัฐ", "ภาครัฐ"}
QUESTIONS = ("traits_other", "comment")
FOLDER = "themes"
DESK_COLUMNS = ["release", "kind", "theme", "words", "answers", "of", "share", "release_en"]


@cache
def _stop_words() -> frozenset[str]:
    from pythainlp.corpus import thai_stopwords

    return frozenset(thai_stopwords()) | _WEAK


def words(text: str) -> list[str]:
    """Content words of a text in order, each once."""
    from pythainlp.tokenize import word_tokenize

    found: list[str] = []
    for token in word_tokenize(tidy(text), engine="newmm", keep_whitespace=False):
        token = token.strip().lower()
        if token not in _stop_words() and (_THAI.fullmatch(token) or _LATIN.fullmatch(token)):
            found.append(token)
    return list(dict.fromkeys(found))


def themes(texts: Iterable[str], *, least: int = LEAST) -> pd.DataFrame:
    """Columns ``DESK_COLUMNS``: most frequent first; ``share`` of the ``of`` texts that say something.

    A theme is a word of at least ``least`` answers, with the words that stand in at least half of its answers. An
    answer counts in its strongest theme only; answers of no theme are counted in the last row, ``อื่น ๆ``. ``kind`` is
    ``demand`` where half of the answers turn to the state; ``release`` is left to the analyst.
    """
    said = [text for text in texts if plain(text) and plain(text) not in _EMPTY]
    split = [words(text) for text in said]
    is_demand = [any(word in text.lower() for word in _STATE) for text in said]
    counts = Counter(word for answer in split for word in answer)
    left = list(range(len(split)))
    rows: list[tuple[str, str, str, int]] = []
    while left:
        here = Counter(word for place in left for word in split[place])
        if not here:
            break
        word, count = min(here.items(), key=lambda pair: (-pair[1], -counts[pair[0]], pair[0]))
        if count < least:
            break
        holding = [place for place in left if word in split[place]]
        beside = Counter(other for place in holding for other in split[place] if other != word)
        close = sorted((w for w, n in beside.items() if 2 * n >= count), key=lambda w: (-beside[w], w))[:4]
        rows.append((_kind(is_demand, holding), word, ", ".join(close), count))
        left = [place for place in left if word not in split[place]]
    if left:
        rows.append(("", "อื่น ๆ", "", len(left)))
    table = pd.DataFrame(rows, columns=["kind", "theme", "words", "answers"])
    table = table.assign(
        release="", release_en="", of=len(split), share=table["answers"] / max(len(split), 1)
    )
    return table[DESK_COLUMNS]


def _kind(is_demand: list[bool], holding: list[int]) -> str:
    return DEMAND if 2 * sum(is_demand[place] for place in holding) >= len(holding) else ""


def demands(texts: Iterable[str]) -> int:
    """Answers that turn to the state, whatever their theme."""
    return sum(any(word in text.lower() for word in _STATE) for text in texts if plain(text))


def released_themes(root: Path | None, survey: str, quarter: pd.Period) -> pd.DataFrame:
    """``survey_themes`` of one survey up to ``quarter``: the rows with a text in ``release``, most frequent first.

    root  workspace with ``surveys/themes/<survey>-<quarter>-<question>.csv`` as ``reporter survey themes`` writes them.
    Rows with the same text are one theme. Raises InputError with the rows that cannot be published.
    """
    parts = []
    folder = root / "surveys" / FOLDER if root else None
    for path in sorted(folder.glob(f"{survey}-*.csv")) if folder else []:
        period, question = _named(path, survey)
        if period <= quarter:
            parts.append(_released(path).assign(survey=survey, period=iso(period), question=question))
    filled = [part for part in parts if len(part)]
    if not filled:
        return schema.empty("survey_themes")
    return pd.concat(filled, ignore_index=True)[schema.columns("survey_themes")]


def _named(path: Path, survey: str) -> tuple[pd.Period, str]:
    """Quarter and question in a file's name. Raises InputError for another name."""
    text, _, question = path.stem.removeprefix(f"{survey}-").rpartition("-")
    try:
        if question in QUESTIONS:
            return parse_quarter(text), question
    except PeriodError:
        pass
    finding = Finding(
        "error",
        f"surveys/{FOLDER}/{path.name}",
        f"ชื่อแฟ้มไม่บอกไตรมาสและข้อคำถาม — ใช้ชื่ออย่าง {survey}-2025-Q3-comment.csv ตามที่ reporter survey themes ตั้งให้",
        f"The name says no quarter and question; use one as {survey}-2025-Q3-comment.csv, as reporter survey themes gives it.",
        rule="survey.themes",
    )
    raise InputError(f"อ่าน {path.name} ไม่ได้", f"{path.name} cannot be read.", [finding])


def _released(path: Path) -> pd.DataFrame:
    """``theme,theme_en,kind,answers,of,share,low,high`` of one file; ``release_en`` may be missing or empty."""
    where = f"surveys/{FOLDER}/{path.name}"
    grid = read_grids(path, where)[0]
    header = [text.strip().lower() for text in grid.row(0)]
    missing = [name for name in ("release", "answers", "of") if name not in header]
    if missing:
        raise InputError(
            f"อ่าน {path.name} ไม่ได้",
            f"{path.name} cannot be read.",
            [_refused(where, 1, missing[0], "", "ไม่มีคอลัมน์นี้", "the column is missing")],
        )
    cells = grid.cells.iloc[1:]
    cells.columns = pd.Index([*header, *map(str, range(len(cells.columns) - len(header)))])
    findings: list[Finding] = []
    rows = []
    for number, row in zip(range(2, len(cells) + 2), cells.to_dict("records"), strict=True):
        if theme := str(row["release"]).strip():
            answers, of = (_count(row[name], findings, where, number, name) for name in ("answers", "of"))
            kind = DEMAND if str(row.get("kind", "")).strip().lower() in _DEMANDS else ""
            rows.append((theme, str(row.get("release_en", "")).strip(), kind, answers, of))
    if findings:
        raise InputError(f"ประเด็นใน {where} ผิด", f"The themes in {where} are wrong.", findings)
    table = pd.DataFrame(rows, columns=["theme", "theme_en", "kind", "answers", "of"])
    table = table.groupby("theme", sort=False, as_index=False).agg(
        {"theme_en": "max", "kind": "max", "answers": "sum", "of": "max"}
    )
    findings = [
        _refused(where, None, "answers", str(row["answers"]), *_WHY[row["answers"] > row["of"]])
        for row in table.to_dict("records")
        if row["answers"] < THRESHOLD or row["answers"] > row["of"]
    ]
    if findings:
        raise InputError(f"ประเด็นใน {where} ผิด", f"The themes in {where} are wrong.", findings)
    return _with_intervals(table.sort_values("answers", ascending=False, kind="stable", ignore_index=True))


_WHY = {
    False: (
        f"น้อยกว่า {THRESHOLD} คำตอบ อาจรู้ตัวผู้ตอบ ให้รวมกับประเด็นอื่นหรือไม่เผยแพร่",
        f"fewer than {THRESHOLD} answers may be recognised: put the theme together with another, or leave it out",
    ),
    True: ("มากกว่าจำนวนผู้ตอบทั้งหมด (of)", "more than all answers (of)"),
}


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of those who wrote something, with Wilson's interval; every answer counts one."""
    of = table["of"].to_numpy(dtype=float)
    share = table["answers"].to_numpy(dtype=float) / of
    freedom = np.maximum(of - 1, 1)
    low, high = share_interval(share, of, Spread(share * (1 - share) / freedom, freedom))
    return table.assign(share=share, low=low, high=high)


def _count(text: object, findings: list[Finding], where: str, row: int, column: str) -> int:
    plain_text = arabic_digits(str(text)).strip().replace(",", "")
    if re.fullmatch(r"\d+(\.0+)?", plain_text):
        return int(float(plain_text))
    findings.append(_refused(where, row, column, str(text), "ต้องเป็นจำนวนเต็ม", "a whole number is needed"))
    return 0


def _refused(where: str, row: int | None, column: str, value: str, th: str, en: str) -> Finding:
    return Finding(
        "error",
        where,
        f'พบ "{value}" ใน {column} — {th}',
        f'Found "{value}" in {column}; {en}.',
        row=row,
        column=column,
        value=value or None,
        rule="survey.themes",
    )
