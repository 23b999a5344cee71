"""Errors put into a finished issue, for the truth checker: one wrong number, word, name, count or unit at a time.

Goes in: an issue document as ``issue.json`` holds it, and a random generator. Comes out: sentences of it with one error each, and
what was done to them. The words exchanged here are written down apart from those the checker knows.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from reporter.qa.truth import sentences

Sentence = dict[str, Any]
_SWAPS = {
    "direction": [("เพิ่มขึ้น", "ลดลง"), ("ดีขึ้น", "แย่ลง"), ("ปรับตัวดีขึ้น", "อ่อนตัวลง"), ("เร่งขึ้น", "ชะลอลง"), ("ขยายตัว", "หดตัว")],
    "comparison": [("สูงกว่า", "ต่ำกว่า"), ("ใกล้เคียงค่าเฉลี่ยระยะยาว", "สูงกว่าค่าเฉลี่ยระยะยาว")],
    "superlative": [("สูงที่สุด", "ต่ำที่สุด"), ("มากที่สุด", "น้อยที่สุด")],
    "significance": [
        ("ไม่เปลี่ยนแปลงอย่างมีนัยสำคัญ", "เปลี่ยนแปลงอย่างมีนัยสำคัญ"), ("ยังไม่ชัดเจน", "ชัดเจน"), ("ยังไม่มีนัยสำคัญ", "มีนัยสำคัญ"),
    ],
    "push": [("แรงหนุน", "แรงฉุด"), ("ช่วยหนุนดัชนี", "ฉุดดัชนี"), ("ส่งผลบวก", "ส่งผลลบ"), ("ถ่วงไว้", "พยุงไว้")],
    "signal": [("สัญญาณเตือนภัย", "สัญญาณเฝ้าระวัง")],
    "unit": [(" จุด", " บาท"), (" คะแนน", " คน"), ("ร้อยละ ", "จุด "), (" จุดร้อยละ", " จุด"), (" บาท", " คน")],
}  # fmt: skip
# The same in English; no word here is a part of a longer one of the edition, other than those that _is_inside_longer knows.
_SWAPS_EN = {
    "direction": [("rose", "fell"), ("risen", "fallen"), ("improved", "worsened"), ("was unchanged", "rose"), ("grew by", "shrank by")],
    "comparison": [("higher than", "lower than"), ("above its long-run", "below its long-run"), ("close to its long-run", "above its long-run")],
    "superlative": [("the highest", "the lowest"), ("its highest", "its lowest"), ("rose most", "rose least")],
    "significance": [("is not clear", "is clear"), ("is not significant", "is significant"), ("does not differ significantly", "differs significantly")],
    "push": [("pushed", "dragged"), ("lifted it most", "held it back most"), ("largest pushes", "largest drags")],
    "signal": [("on alert", "on watch")],
    "unit": [(" points", " baht"), (" per cent", " persons"), (" percentage points", " points"), (" points", " per cent")],
}  # fmt: skip


def seeded_errors(
    issue: Mapping[str, Any],
    names: Mapping[str, list[str]],
    rng: np.random.Generator,
    count: int,
    lang: str = "th",
) -> Iterator[tuple[str, Sentence]]:
    """``count`` sentences of one language of the issue with one error each, with the kind of the error.

    names  names of one kind of thing that may stand in each other's place (dimensions, indicators)
    """
    document, makers = issue["documents"][lang], _makers(_SWAPS if lang == "th" else _SWAPS_EN)
    whole: list[Sentence] = [
        dict(own) for where, own in sentences(document) if not where.startswith(("appendix", "methods"))
    ]
    able = {
        kind: [at for at, own in enumerate(whole) if make(copy.deepcopy(own), names, rng)]
        for kind, make in makers.items()
    }
    kinds = [kind for kind in makers if able[kind]]
    for made in range(count):
        kind = kinds[made % len(kinds)]
        sentence = copy.deepcopy(whole[int(rng.choice(able[kind]))])
        if makers[kind](sentence, names, rng):
            yield kind, sentence


def _rewrite(sentence: Sentence) -> bool:
    """The text of the sentence after its spans were changed."""
    sentence["text"] = "".join(
        "\n" if span["kind"] == "break" else span["text"] for span in sentence["spans"]
    ).strip()
    return True


def _numbers(sentence: Sentence) -> list[dict[str, Any]]:
    return [span for span in sentence["spans"] if span["kind"] == "number" and span.get("cell")]


def _number(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
    """One digit of a number is another."""
    own = _numbers(sentence)
    if not own:
        return False
    span = own[int(rng.integers(len(own)))]
    places = [place for place, letter in enumerate(span["text"]) if letter.isdigit()]
    place = int(rng.choice(places))
    digit = (int(span["text"][place]) + int(rng.integers(1, 10))) % 10
    span["text"] = span["text"][:place] + str(digit) + span["text"][place + 1 :]
    return _rewrite(sentence)


def _value(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
    """Value and text agree with each other, and not with the cell."""
    own = _numbers(sentence)
    if not own:
        return False
    span = own[int(rng.integers(len(own)))]
    decimals = len(span["text"].partition(".")[2])
    span["value"] += float(rng.uniform(2, 5)) * 10**-decimals
    sign = "−" if span["value"] < 0 and span["text"][0] in "−-" else "+" if span["text"][0] == "+" else ""
    span["text"] = f"{sign}{abs(span['value']):,.{decimals}f}"
    return _rewrite(sentence)


def _cell(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
    """Two numbers of a sentence change places, with their cells."""
    own = _numbers(sentence)
    if len(own) < 2:
        return False
    first, second = (own[int(at)] for at in rng.choice(len(own), 2, replace=False))
    if first["text"] == second["text"]:
        return False
    first["text"], second["text"] = second["text"], first["text"]
    return _rewrite(sentence)


def _coverage(sentence: Sentence, names: object, rng: np.random.Generator) -> bool:
    is_coverage = any(span["cell"].startswith("count:indicator_status") for span in _numbers(sentence))
    return is_coverage and _number(sentence, names, rng)


def _swap(kind: str, pairs: list[tuple[str, str]]) -> Callable[..., bool]:
    def make(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
        found = []
        for at, span in enumerate(sentence["spans"]):
            if span["kind"] not in ("text", "strong"):
                continue
            for pair in pairs:
                for old, new in (pair, pair[::-1]) if kind != "unit" else (pair,):
                    found += [
                        (at, match.start(), old, new) for match in re.finditer(re.escape(old), span["text"])
                    ]
        found = [item for item in found if not _is_inside_longer(sentence, *item, kind)]
        if not found:
            return False
        at, place, old, new = found[int(rng.integers(len(found)))]
        text = sentence["spans"][at]["text"]
        sentence["spans"][at]["text"] = text[:place] + new + text[place + len(old) :]
        return _rewrite(sentence)

    return make


def _is_inside_longer(sentence: Sentence, at: int, place: int, old: str, new: str, kind: str) -> bool:
    """Whether the word found is a part of another ("ไม่ชัดเจน"), of a name, of a quotation, or no word about the quarter."""
    text = sentence["spans"][at]["text"]
    before, after = text[max(0, place - 24) : place], text[place + len(old) :]
    if not sentence.get("claims") or text[:place].count("“") > text[:place].count("”"):
        return True
    if kind == "unit":
        stands_by = (place == 0 and at and sentence["spans"][at - 1]["kind"] == "number") or (
            old.startswith("ร้อยละ") and not after and at + 1 < len(sentence["spans"])
        )
        return not stands_by or after.startswith(("ร้อยละ", "ต่อ"))
    if before.endswith(
        (
            "ไม่",
            "ค่าที่",
            "ไม่เปลี่ยนแปลงอย่าง",
            "ไม่ต่างอย่าง",
            "ยังไม่",
            "ปรับตัว",
            "การ",
            "สูงหรือ",
            "อัตราการ",
            "ทั้งดีและอ่อนแอ",
            "ทำงาน",
            "แรง",
            "การทำงาน",
        )
    ):
        return True
    return after.startswith(("ระดับ", "ค่าเฉลี่ยระยะยาวเล็กน้อยแต่")) or (
        old == "มากที่สุด" and after.startswith("สามลำดับ")
    )


def _exchange(field: str) -> Callable[..., bool]:
    """A name of a rank, or of a cause, is that of another thing of its kind."""

    def make(sentence: Sentence, names: Mapping[str, list[str]], rng: np.random.Generator) -> bool:
        if not any(field in claim for claim in sentence.get("claims", ())):
            return False
        spans = [span for span in sentence["spans"] if span["kind"] == "text"]
        found = []
        for span in spans:
            for own in names.values():
                for name in own:
                    found += [(span, name, own)] if name in span["text"] else []
        found = [
            (span, name, own)
            for span, name, own in found
            if not any(name != n and name in n for _, n, _ in found)
        ]
        if not found:
            return False
        span, name, own = found[int(rng.integers(len(found)))]
        others = [
            other
            for other in own
            if other not in sentence["text"] and other not in name and name not in other
        ]
        span["text"] = span["text"].replace(name, str(rng.choice(others)), 1)
        return _rewrite(sentence)

    return make


def _count(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
    """A count in words is one more or less."""
    claims = [claim for claim in sentence.get("claims", ()) if claim["kind"] == "count" and claim["says"] > 1]
    for claim in claims:
        for span in sentence["spans"]:
            shown = re.search(rf"(?<![\d.]){claim['says']}(?![\d.])", span["text"])
            if span["kind"] == "text" and shown:
                other = claim["says"] + int(rng.choice([-1, 1, 2]))
                span["text"] = span["text"][: shown.start()] + str(other) + span["text"][shown.end() :]
                return _rewrite(sentence)
    return False


_OTHER = {
    "up": "down", "down": "up", "better": "worse", "worse": "better", "above": "below", "below": "above", "about": "above",
    "highest": "lowest", "lowest": "highest", "higher": "lower", "lower": "higher", "same": "opposite", "opposite": "same",
    "contains": "above", "high": "low", "low": "high", "rising": "falling", "falling": "rising", "flat": "hump", "hump": "dip",
    "published": "adjusted", "adjusted": "published", "still": "up", "equal": "higher", "dip": "flat", "unchanged": "better", "alert": "watch",
    "watch": "alert",
}  # fmt: skip


def _claim(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
    """A claim says something else."""
    if not sentence.get("claims"):
        return False
    claim = sentence["claims"][int(rng.integers(len(sentence["claims"])))]
    says = claim["says"]
    claim["says"] = (
        not says if isinstance(says, bool) else _OTHER[says] if isinstance(says, str) else says + 1
    )
    return True


def _parts(sentence: Sentence, _: object, rng: np.random.Generator) -> bool:
    """The parts of a cause, or the places of a rank, are others of the candidates."""
    for claim in sentence.get("claims", ()):
        field = "parts" if "parts" in claim else "order" if "order" in claim else ""
        named = [part["of"] for part in claim.get(field, ())]
        others = [item for item in claim.get("among", ()) if item["of"] not in named]
        if field and others:
            claim[field][0] = others[int(rng.integers(len(others)))]
            return True
    return False


def _makers(swaps: Mapping[str, list[tuple[str, str]]]) -> Mapping[str, Callable[..., bool]]:
    return {
        "number": _number, "value": _value, "cell": _cell, "coverage": _coverage,
        **{kind: _swap(kind, pairs) for kind, pairs in swaps.items()},
        "rank": _exchange("order"), "cause": _exchange("parts"), "count": _count, "claim": _claim, "claimed parts": _parts,
    }  # fmt: skip
