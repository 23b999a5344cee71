"""Seeded tables of the two surveys, for tests; see tests/support/tables.py."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.support.frames import frame, generator

ITEMS: dict[str, dict[str, tuple[str, ...]]] = {
    "employer": {
        "1": ("q1.1", "q1.2", "q1.3", "q1.4", "q1.5"),
        "2": ("q2.1", "q2.2", "q2.3"),
        "3": ("q3.1", "q3.2", "q3.3"),
        "4": ("q4.1", "q4.2", "q4.3", "q4.5", "q4.6"),
        "5": ("q5.1", "q5.2", "q5.3", "q5.4", "q5.5"),
        "6": ("q6.1",),
        "": ("overall", "productivity", "digital", "self_development"),
    },
    "worker": {
        "1": ("q1.1",),
        "2": ("q2.1", "q2.2", "q2.3"),
        "3": ("q3.1", "q3.2", "q3.3", "q3.4", "q3.5"),
        "4": ("q4.1", "q4.2", "q4.3", "q4.4", "q4.5", "q4.6", "q4.7"),
        "5": ("q5.1",),
        "6": ("q6.1", "q6.2", "q6.3"),
        "7": ("q7.1", "q7.2", "q7.3"),
    },
}
ACTIONS = tuple(f"action{number}" for number in range(1, 8))
ASPECTS = tuple(f"rank{number}" for number in range(1, 8))
TRAITS = (
    "integrity", "responsibility", "interpersonal", "teamwork", "learning", "analytical_thinking", "problem_solving",
    "communication", "digital", "numeracy", "professional", "foreign_language", "creativity", "leadership",
)  # fmt: skip
SIZE = {"employer": 2400, "worker": 6200}
_KINDS = {
    "STATUS": ("formal", "informal"),
    "SKILL": ("high", "medium", "low"),
    "REGION": ("bangkok", "central", "north", "northeast", "south"),
    "INDUSTRY": tuple("ABCDEFGHIJKLMNOPQRSTU"),
    "WORK": ("contract", "part_time", "full_time"),
    "PROVINCE": tuple(
        f"TH-{number}"
        for first, last in ((10, 27), (30, 49), (50, 58), (60, 67), (70, 77), (80, 86), (90, 96))
        for number in range(first, last + 1)
    ),
}


def survey_groups(survey: str) -> list[tuple[str, int]]:
    """Groups of a survey with their numbers of respondents; provinces from 3 (suppressed) to a few hundred."""
    groups = [("TH", SIZE[survey])]
    for kind, codes in _KINDS.items():
        if kind == "WORK" and survey == "employer":
            continue
        shares = generator("size", survey, kind).dirichlet(np.full(len(codes), 2.0))
        groups += [
            (f"{kind}:{code}", int(3 + share * SIZE[survey]))
            for code, share in zip(codes, shares, strict=True)
        ]
    return groups


def _flag(n: pd.Series | np.ndarray) -> np.ndarray:
    return np.select([np.asarray(n) < 10, np.asarray(n) < 30], ["suppressed", "small"], "")


def _drift(name: str, count: int) -> np.ndarray:
    """Slow common movement of a survey, points."""
    return np.cumsum(generator("drift", name).normal(0, 1.3, 60))[-60:][:count]


def _group_levels(survey: str, periods: list[str]) -> pd.DataFrame:
    level = 118.0 if survey == "employer" else 104.0
    base = level + _drift(survey, len(periods))
    domains = [domain for domain in ITEMS[survey] if domain]
    sizes = {domain: len(ITEMS[survey][domain]) for domain in ITEMS[survey]}
    parts = []
    for group, n in survey_groups(survey):
        shift = 0.0 if group == "TH" else generator("shift", survey, group).normal(0, 6)
        values = {
            domain: base
            + shift
            + generator("domain", survey, domain).normal(0, 9)
            + generator("wiggle", survey, group, domain).normal(0, 1.2, len(periods))
            for domain in ITEMS[survey]
        }
        if survey == "worker":
            values["overall"] = np.mean([values[domain] for domain in domains], axis=0)
        else:
            values["overall"] = sum(sizes[d] * values[d] for d in sizes) / sum(sizes.values())
            values.pop("")
        parts += [
            pd.DataFrame(
                {
                    "survey": survey,
                    "domain": domain,
                    "group": group,
                    "period": periods,
                    "value": value,
                    "n": n,
                }
            )
            for domain, value in values.items()
        ]
    table = pd.concat(parts, ignore_index=True)
    half = 1.96 * 38 / np.sqrt(table["n"])
    table["low"], table["high"], table["flag"] = (
        table["value"] - half,
        table["value"] + half,
        _flag(table["n"]),
    )
    table.loc[table["flag"] == "suppressed", ["value", "low", "high"]] = np.nan
    return table.assign(unweighted=table["value"], n_effective=table["n"])


def _changes(confidence: pd.DataFrame, last: str) -> pd.DataFrame:
    periods = sorted(confidence["period"].unique())
    keys = ["survey", "domain", "group"]
    now = confidence[confidence["period"] == last].set_index(keys)
    parts = []
    for against, lag in (("quarter", 1), ("year", 4)):
        if len(periods) <= lag:
            continue
        before = confidence[confidence["period"] == periods[-1 - lag]].set_index(keys)
        change = now["value"] - before["value"]
        half = 1.4 * (now["high"] - now["value"])
        parts.append(
            pd.DataFrame(
                {
                    "period": last,
                    "against": against,
                    "change": change,
                    "low": change - half,
                    "high": change + half,
                    "p_value": np.exp(-((change / half) ** 2) * 2),
                    "significant": np.exp(-((change / half) ** 2) * 2) < 0.05,
                    "flag": now["flag"],
                    "items": 5,
                    "family": "domains",
                }
            ).reset_index()
        )
    return pd.concat(parts)


def _items(survey: str, periods: list[str], confidence: pd.DataFrame) -> pd.DataFrame:
    """Items whose means lie about their domain's, with shares of answers that give exactly that mean."""
    whole = confidence[(confidence["group"] == "TH") & (confidence["survey"] == survey)]
    domain_values = whole.pivot(index="period", columns="domain", values="value")
    domain_values[""] = domain_values["overall"]
    rows = []
    for domain, items in ITEMS[survey].items():
        offsets = generator("items", survey, domain).normal(0, 7, len(items))
        offsets -= offsets.mean()
        for item, offset in zip(items, offsets, strict=True):
            for period in periods:
                value = float(domain_values.loc[period, domain] + offset)
                high = value / 200
                shares = [
                    high**4,
                    4 * high**3 * (1 - high),
                    6 * high**2 * (1 - high) ** 2,
                    4 * high * (1 - high) ** 3,
                    (1 - high) ** 4,
                ]  # binomial: its mean score is the value
                rows.append(
                    (
                        survey,
                        item,
                        domain,
                        "TH",
                        period,
                        value,
                        SIZE[survey],
                        value - 1.1,
                        value + 1.1,
                        "",
                        *shares,
                    )
                )
    return frame("confidence_items", rows).assign(
        unweighted=[row[5] for row in rows], balance=[row[5] - 100 for row in rows]
    )


def _actions(periods: list[str]) -> pd.DataFrame:
    parts = []
    for at, action in enumerate(ACTIONS):
        share = 0.05 + 0.022 * ((at * 3) % 7) + 0.01 * np.sin(np.arange(len(periods)) + at)
        share = share + generator("action", action).normal(0, 0.004, len(periods))
        table = pd.DataFrame({"action": action, "period": periods, "share": share, "n": SIZE["worker"]})
        half = 1.96 * np.sqrt(share * (1 - share) / SIZE["worker"])
        table["low"], table["high"] = share - half, share + half
        for against, lag in (("quarter", 1), ("year", 4)):
            table[f"change_{against}"] = table["share"].diff(lag)
            table[f"p_{against}"] = np.exp(-((table[f"change_{against}"] / half / 1.4) ** 2) * 2)
            table[f"significant_{against}"] = table[f"p_{against}"] < 0.05
        parts.append(table.assign(flag="", unweighted=share))
    return pd.concat(parts)


def _traits(periods: list[str], traits: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    shares = np.sort(generator("traits").uniform(0.12, 0.74, len(traits)))[::-1]
    parts, gaps = [], []
    for trait, level in zip(traits, shares, strict=True):
        share = np.clip(level + generator("trait", trait).normal(0, 0.012, len(periods)), 0.02, 0.98)
        half = 1.96 * np.sqrt(share * (1 - share) / SIZE["employer"])
        parts.append(
            pd.DataFrame(
                {
                    "trait": trait,
                    "period": periods,
                    "share": share,
                    "n": SIZE["employer"],
                    "low": share - half,
                    "high": share + half,
                    "flag": "",
                    "unweighted": share,
                }
            )
        )
        rating = 120 - 30 * level + generator("rating", trait).normal(0, 8)
        gaps.append((trait, periods[-1], share[-1], rating, share[-1] * 200 - rating, 0.0, 0.0))
    gap = frame("trait_gap", gaps)
    gap["rank_share"], gap["rank_rating"] = (gap[name].rank(ascending=False) for name in ("share", "rating"))
    return pd.concat(parts), gap


def _priorities(periods: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ranks of all aspects average 4, first shares sum to 1, top-three shares to 3."""
    frames = []
    for group in ("TH", "STATUS:formal", "STATUS:informal"):
        for period in periods:
            appeal = np.array([0.6, 2.2, 1.2, 0.4, 0.9, 0.5, 1.6]) + generator(group, period).normal(
                0, 0.08, 7
            )
            first = np.exp(appeal) / np.exp(appeal).sum()
            top3 = 3 * np.exp(appeal * 0.5) / np.exp(appeal * 0.5).sum()
            mean_rank = 4 - 1.2 * (appeal - appeal.mean())
            frames.append(
                pd.DataFrame(
                    {
                        "group": group,
                        "aspect": ASPECTS,
                        "period": period,
                        "mean_rank": mean_rank,
                        "first_share": first,
                        "top3_share": top3,
                        "top3_low": top3 - 0.02,
                        "top3_high": top3 + 0.02,
                        "n": SIZE["worker"],
                        "flag": "",
                    }
                )
            )
    both = pd.concat(frames)
    return both[both["group"] == "TH"].drop(columns="group"), both


def _bookkeeping(periods: list[str]) -> dict[str, pd.DataFrame]:
    status, cleaning, coverage, ordinal = [], [], [], []
    for survey, size in SIZE.items():
        sizes = dict(survey_groups(survey))
        counts = [_flag(np.array([n]))[0] for n in sizes.values()]
        for period in periods:
            status.append(
                (
                    survey,
                    period,
                    size + 41,
                    size,
                    41,
                    18,
                    counts.count(""),
                    counts.count("small"),
                    counts.count("suppressed"),
                )
            )
            ordinal.append((survey, period, 110.0, 0.31, 1.0, 1.0))
        cleaning += [
            (survey, periods[-1], "straight_lining", 23, "drop", "ตอบค่าเดียวกันทุกข้อ"),
            (survey, periods[-1], "out_of_range", 18, "blank", "ค่าอยู่นอกช่วง 1 ถึง 5"),
        ]
        coverage += [
            (survey, periods[-1], code, int(n * 1.1) + 1, n)
            for code, n in sizes.items()
            if code.startswith("PROVINCE:")
        ]
    made = {
        "survey_status": status,
        "survey_cleaning": cleaning,
        "survey_coverage": coverage,
        "ordinal_check": ordinal,
    }
    return {name: frame(name, rows) for name, rows in made.items()}


def survey_tables(periods: list[str], traits: tuple[str, ...] = TRAITS) -> dict[str, pd.DataFrame]:
    """Every table of the surveys over ``periods``, oldest first."""
    confidence = pd.concat([_group_levels(survey, periods) for survey in ITEMS], ignore_index=True)
    trait_shares, trait_gap = _traits(periods, traits)
    priorities, by_group = _priorities(periods)
    return {
        "confidence": confidence,
        "confidence_items": pd.concat([_items(survey, periods, confidence) for survey in ITEMS]),
        "confidence_change": _changes(confidence, periods[-1]),
        "employer_actions": _actions(periods),
        "traits": trait_shares,
        "trait_gap": trait_gap,
        "priorities": priorities,
        "priorities_by_group": by_group,
        **_bookkeeping(periods),
    }
