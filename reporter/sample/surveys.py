"""Answers to both surveys of the synthetic sample: 13 quarters, about 6,000 respondents each.

Goes in: the questionnaires and a seed. Comes out: CSV text per survey and quarter. Every respondent has one mood,
shared by all items, moved by the quarter, the group and the domain; so items correlate as answers do. Some cells
are blank, some provinces answer little, and no comment was written by anybody. Plans and margins of the population
are made up too, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Item, Questionnaire
from reporter.domain.periods import iso
from reporter.sample import groups
from reporter.surveys.sampling import largest_remainder

QUARTERS = pd.period_range("2022Q3", "2025Q3", freq="Q")
RESPONDENTS = 6000
BLANK, BLANK_OPTIONAL = 0.012, 0.45
EMPLOYED = 0.58  # of the inhabitants, roughly

# Moods by quarter, in points of the 0-200 scale around each domain's level.
_MOOD = {
    "employer": [-5.0, -3.8, -2.5, -1.8, -0.5, 0.4, 1.6, 1.2, 2.2, 3.0, 2.4, 1.0, -0.6],
    "worker": [-8.5, -6.0, -3.0, -2.0, 0.5, 1.5, 2.8, 1.9, 2.4, 3.6, 2.2, -0.8, -3.4],
}
_LEVEL = {
    "employer": {"": 131, "1": 142, "2": 131, "3": 119, "4": 137, "5": 111, "6": 133},
    "worker": {"1": 121, "2": 119, "3": 111, "4": 117, "5": 104, "6": 102, "7": 82},
}
# How strongly a domain follows the quarter's mood.
_PULL = {"worker": {"5": 1.6, "6": 1.8, "7": 2.6}, "employer": {"5": 1.3, "3": 1.2}}
_STATUS = {"formal": 3.0, "informal": -4.5}
_SKILL = {"high": 6.0, "medium": 0.0, "low": -5.0}
_WORK = {"contract": 0.5, "part_time": -4.0, "full_time": 1.0}
_INDUSTRY = {"I": 2.0, "C": -3.0, "F": -2.5, "J": 5.0, "K": 5.5, "M": 4.0, "A": -3.5, "O": 2.5, "T": -4.0}
_REGION = {"bangkok": 1.5, "central": 0.0, "north": -0.5, "northeast": -2.0, "south": -1.0}
_ACTIONS = (0.085, 0.052, 0.115, 0.094, 0.148, 0.122, 0.041)
# Usefulness of each aspect; the higher, the earlier it is ranked.
_ASPECTS = (0.1, 1.75, 0.55, 0.0, 0.45, 0.25, 1.25)
_TRAITS = (0.46, 0.55, 0.33, 0.44, 0.38, 0.36, 0.42, 0.37, 0.48, 0.17, 0.35, 0.24, 0.22, 0.18)
_CUTS = np.array([25.0, 75.0, 125.0, 175.0])


@dataclass(frozen=True)
class SampleAnswers:
    """Who answered in one quarter: codes as numpy arrays of text, and each respondent's shift in points."""

    province: np.ndarray
    industry: np.ndarray
    status: np.ndarray
    skill: np.ndarray
    work_type: np.ndarray
    shift: np.ndarray

    def __len__(self) -> int:
        return len(self.shift)


def make_surveys(declarations: Declarations, random: np.random.Generator) -> dict[str, str]:
    """Text of every survey file by ``<survey>/<quarter>.csv``."""
    files = {}
    extra = random.spawn(1)[
        0
    ]  # a stream of its own: what it draws leaves the answers of the index as they are
    for survey, questionnaire in declarations.questionnaires.items():
        effects = _item_effects(questionnaire, random)
        for number, quarter in enumerate(QUARTERS):
            sample = _respondents(declarations, random)
            mood = _MOOD[survey][number] + random.normal(0.0, 0.35)
            columns = _columns(questionnaire, sample, mood, effects, declarations, random)
            columns = {"respondent_id": _ids(survey, quarter, len(sample)), **columns}
            columns |= _closed_questions(questionnaire, sample, mood, extra)
            files[f"{survey}/{iso(quarter)}.csv"] = _csv(columns)
    return files


def make_plans(declarations: Declarations) -> dict[str, str]:
    """Text of both sampling plans and margins by file name: quotas of the provinces by size, whatever came in later."""
    codes = [group.code.partition(":")[2] for group in declarations.groups_of("PROVINCE")]
    quotas = largest_remainder(RESPONDENTS, [Fraction(groups.PROVINCE_SIZE[code]) for code in codes])
    people = [round(1000 * EMPLOYED * groups.PROVINCE_SIZE[code]) for code in codes]
    lines = [
        "province,province_population,quota",
        *map(",".join, zip(codes, map(str, people), map(str, quotas), strict=True)),
    ]
    margins = "\n".join(_margins(sum(people))) + "\n"
    files = {}
    for survey in declarations.questionnaires:
        files[f"plan-{survey}.csv"] = "\n".join(lines) + "\n"
        files[f"margins-{survey}.csv"] = margins
    return files


def _margins(total: int) -> list[str]:
    """Made-up margins of the employed: statuses, and sexes by age. Women and the old answer less than they are many."""
    rows = ["margin,category,population,note"]
    note = "ข้อมูลสังเคราะห์ synthetic"
    for code, share in groups.STATUS_SIZE.items():
        rows.append(f"status,{code},{round(total * share / 100)},{note}")
    for sex, share in (("male", 0.54), ("female", 0.46)):
        for age, weight in zip(groups.AGE_SIZE, groups.AGE_SIZE.values(), strict=True):
            rows.append(f"sex*age_group,{sex}*{age},{round(total * share * weight / 100)},{note}")
    return rows


def _closed_questions(
    questionnaire: Questionnaire, sample: SampleAnswers, mood: float, random: np.random.Generator
) -> dict[str, list[str]]:
    """Part 1, the questions outside the index, and for workers the establishment of those who have an employer."""
    size = len(sample)
    columns = {}
    for question in questionnaire.demographics:
        shares = np.array(groups.ANSWERED[question.id], dtype=float)
        columns[question.id] = _drawn([option.id for option in question.options], shares, random.random(size))
    for question in questionnaire.questions:
        shares = np.resize(np.array([0.24, 0.55, 0.21]), len(question.options))
        shares[3:] = 0.06
        better = np.clip(
            0.5 - (sample.shift + 4 * mood) / 200, 0, 1
        )  # the contented draw from the better end
        drawn = np.clip(0.6 * random.random(size) + 0.4 * better, 0, 0.999)
        columns[question.id] = _drawn([option.id for option in question.options], shares, drawn)
    if questionnaire.id == "worker":
        place = random.integers(0, 40, size)
        names = np.char.add(np.char.add(sample.province, "-"), place.astype(str))
        columns["establishment_id"] = np.where(sample.status == "formal", names, "").tolist()
    return columns


def _drawn(codes: list[str], shares: np.ndarray, uniform: np.ndarray) -> list[str]:
    """Codes by their shares, a few left blank."""
    places_of = np.searchsorted(np.cumsum(shares / shares.sum()), uniform, side="right")
    found = np.array([*codes, ""], dtype=object)[np.minimum(places_of, len(codes) - 1)]
    found[uniform > 1 - BLANK] = ""
    return [str(code) for code in found]


def _ids(survey: str, quarter: pd.Period, size: int) -> list[str]:
    mark = f"{survey[0].upper()}{quarter.year % 100}{quarter.quarter}"
    return [f"{mark}-{number:05d}" for number in range(1, size + 1)]


def _respondents(declarations: Declarations, random: np.random.Generator) -> SampleAnswers:
    """Draw the quarter's respondents: provinces by size and willingness, the rest in plausible proportions."""
    provinces = [group.code.partition(":")[2] for group in declarations.groups_of("PROVINCE")]
    sizes = np.array([groups.PROVINCE_SIZE[code] * groups.FEW_ANSWERS.get(code, 1.0) for code in provinces])
    willing = sizes * random.lognormal(0.0, 0.12, len(sizes))
    size = int(random.normal(RESPONDENTS, 90))
    province = random.choice(provinces, size, p=willing / willing.sum())
    weights = np.array(list(groups.INDUSTRY_SIZE.values()))
    industry = random.choice(list(groups.INDUSTRY_SIZE), size, p=weights / weights.sum())
    is_formal = random.random(size) < np.where(np.isin(industry, ["A", "T", "S"]), 0.18, 0.62)
    status = np.where(is_formal, "formal", "informal")
    skill = np.where(
        is_formal,
        random.choice(["high", "medium", "low"], size, p=[0.22, 0.55, 0.23]),
        random.choice(["high", "medium", "low"], size, p=[0.05, 0.48, 0.47]),
    )
    work_type = np.where(
        is_formal,
        random.choice(["contract", "part_time", "full_time"], size, p=[0.19, 0.06, 0.75]),
        random.choice(["contract", "part_time", "full_time"], size, p=[0.24, 0.31, 0.45]),
    )
    regions = {
        group.code.partition(":")[2]: _REGION[group.region.partition(":")[2]]
        for group in declarations.groups_of("PROVINCE")
    }
    own = dict(zip(provinces, random.normal(0.0, 2.0, len(provinces)), strict=True))
    shift = (
        random.normal(0.0, 24.0, size)
        + _effect(province, {code: regions[code] + own[code] for code in provinces})
        + _effect(industry, _INDUSTRY)
        + _effect(status, _STATUS)
        + _effect(skill, _SKILL)
        + _effect(work_type, _WORK)
    )
    return SampleAnswers(province, industry, status, skill, work_type, shift)


def _effect(codes: np.ndarray, effects: dict[str, float]) -> np.ndarray:
    names, places_of = np.unique(codes, return_inverse=True)
    return np.array([effects.get(str(name), 0.0) for name in names])[places_of]


def _item_effects(questionnaire: Questionnaire, random: np.random.Generator) -> dict[str, float]:
    return {item.column: float(random.normal(0.0, 5.0)) for item in questionnaire.items}


def _columns(
    questionnaire: Questionnaire,
    sample: SampleAnswers,
    mood: float,
    effects: dict[str, float],
    declarations: Declarations,
    random: np.random.Generator,
) -> dict[str, list[str]]:
    columns = {
        "province": sample.province.tolist(),
        "industry": sample.industry.tolist(),
        "status": sample.status.tolist(),
        "skill": sample.skill.tolist(),
    }
    if questionnaire.id == "worker":
        columns["work_type"] = sample.work_type.tolist()
    domain_shift = {domain: random.normal(0.0, 13.0, len(sample)) for domain in _LEVEL[questionnaire.id]}
    for item in questionnaire.items:
        ratings = _ratings(questionnaire, item, sample, mood, effects, domain_shift, random)
        columns[item.column] = np.array(["", "1", "2", "3", "4", "5"])[ratings].tolist()
    if questionnaire.id == "employer":
        columns |= _traits(questionnaire, sample, random)
    else:
        columns |= _actions(questionnaire, sample, mood, random)
        columns |= _ranks(questionnaire, sample, random)
    columns["comment"] = comments(questionnaire.id, sample.shift + 4 * mood, random)
    return columns


def _ratings(
    questionnaire: Questionnaire,
    item: Item,
    sample: SampleAnswers,
    mood: float,
    effects: dict[str, float],
    domain_shift: dict[str, np.ndarray],
    random: np.random.Generator,
) -> np.ndarray:
    """Ratings 1..5 (0: blank): the latent score cut at the middles between the points."""
    survey = questionnaire.id
    level = _LEVEL[survey][item.domain] + effects[item.column]
    pull = _PULL[survey].get(item.domain, 1.0)
    latent = level + pull * mood + sample.shift + domain_shift[item.domain]
    latent = latent + random.normal(0.0, 30.0, len(sample))
    # A better score on a negative item means less agreement.
    ratings = np.searchsorted(_CUTS, 200 - latent if item.negative else latent) + 1
    blank = np.full(len(sample), BLANK)
    if "STATUS:informal" in item.optional_for:
        blank[sample.status == "informal"] = BLANK_OPTIONAL
    return np.where(random.random(len(sample)) < blank, 0, ratings)


def _traits(
    questionnaire: Questionnaire, sample: SampleAnswers, random: np.random.Generator
) -> dict[str, list[str]]:
    ids = [option.id for option in questionnaire.traits]
    shares = np.resize(np.array(_TRAITS), len(ids)) * random.lognormal(0.0, 0.03, len(ids))
    chosen = random.random((len(sample), len(ids))) < shares
    is_skilled = sample.skill == "high"
    digital = ids.index("digital")
    chosen[:, digital] |= is_skilled & (random.random(len(sample)) < 0.3)
    picks = [";".join(name for name, is_on in zip(ids, row, strict=True) if is_on) for row in chosen.tolist()]
    return {"traits": picks, "traits_other": other_traits(len(sample), random)}


def _actions(
    questionnaire: Questionnaire, sample: SampleAnswers, mood: float, random: np.random.Generator
) -> dict[str, list[str]]:
    columns = {}
    pressed = np.exp(-0.05 * mood - 0.008 * sample.shift)
    for action, share in zip(questionnaire.actions, _ACTIONS, strict=True):
        noise = random.lognormal(0.0, 0.05)
        answers = random.random(len(sample)) < np.minimum(share * pressed * noise, 0.9)
        columns[action.id] = np.where(answers, "1", "0").tolist()
    return columns


def _ranks(
    questionnaire: Questionnaire, sample: SampleAnswers, random: np.random.Generator
) -> dict[str, list[str]]:
    """Ranks 1..7 without ties, by noisy usefulness; a few respondents leave the question blank."""
    useful = np.array(_ASPECTS) + random.normal(0.0, 0.05, len(_ASPECTS))
    noisy = useful + random.gumbel(0.0, 0.75, (len(sample), len(_ASPECTS)))
    ranks = np.argsort(np.argsort(-noisy, axis=1), axis=1) + 1
    texts = ranks.astype(str).astype(object)
    texts[random.random(len(sample)) < 0.02] = ""
    return {aspect.id: texts[:, n].tolist() for n, aspect in enumerate(questionnaire.aspects)}


def _csv(columns: dict[str, list[str]]) -> str:
    lines = [",".join(columns)]
    lines += [",".join(row) for row in zip(*columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


# ----------------------------------------------------------------------------------------------------
# Free text of the synthetic surveys: whole sentences from short lists; nobody wrote them about anybody.
# ----------------------------------------------------------------------------------------------------

SHARE_WITH_COMMENT = 0.045
SHARE_WITH_OTHER = 0.03

_GOOD = {
    "employer": (
        "พนักงานมีความตั้งใจทำงานดี",
        "ลูกจ้างปรับตัวกับเครื่องจักรใหม่ได้เร็ว",
        "ทีมงานรับผิดชอบงานได้ครบถ้วน",
        "พอใจกับวินัยการมาทำงานของพนักงาน",
    ),
    "worker": (
        "หัวหน้างานรับฟังความเห็นดี",
        "พอใจกับสวัสดิการที่ได้รับ",
        "งานมั่นคงและเพื่อนร่วมงานดี",
        "อยากให้มีการอบรมแบบนี้ต่อไป",
    ),
}
_BAD = {
    "employer": (
        "ขาดแคลนแรงงานที่ใช้คอมพิวเตอร์ได้",
        "พนักงานใหม่ลาออกบ่อย",
        "ต้องการให้ภาครัฐช่วยอบรมทักษะดิจิทัล",
        "ต้นทุนค่าแรงสูงขึ้นแต่ผลผลิตเท่าเดิม",
        "หาช่างฝีมือยากมากในจังหวัด",
    ),
    "worker": (
        "ค่าจ้างไม่พอกับค่าครองชีพ",
        "กังวลว่าบริษัทจะลดคน",
        "อยากให้ปรับค่าแรงตามราคาสินค้า",
        "ทำงานล่วงเวลามากแต่รายได้เท่าเดิม",
        "อยากได้สวัสดิการรักษาพยาบาลเพิ่ม",
    ),
}
_OTHER_TRAITS = (
    "ขับรถโฟล์คลิฟต์ได้",
    "ทำงานเป็นกะได้",
    "มีใบขับขี่",
    "ทักษะการขายออนไลน์",
    "ความอดทน",
    "อ่านแบบก่อสร้างได้",
)


def comments(survey: str, mood: np.ndarray, random: np.random.Generator) -> list[str]:
    """One comment per respondent, mostly blank; contented ones praise more often."""
    size = len(mood)
    texts = [""] * size
    praises = random.random(size) < 1 / (1 + np.exp(-mood / 25))
    good, bad = random.integers(0, len(_GOOD[survey]), size), random.integers(0, len(_BAD[survey]), size)
    for place in np.flatnonzero(random.random(size) < SHARE_WITH_COMMENT):
        texts[place] = _GOOD[survey][good[place]] if praises[place] else _BAD[survey][bad[place]]
    return texts


def other_traits(size: int, random: np.random.Generator) -> list[str]:
    """What respondents added under "อื่น ๆ", mostly blank."""
    texts = [""] * size
    chosen = random.integers(0, len(_OTHER_TRAITS), size)
    for place in np.flatnonzero(random.random(size) < SHARE_WITH_OTHER):
        texts[place] = _OTHER_TRAITS[chosen[place]]
    return texts
