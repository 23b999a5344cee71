"""Free text of the synthetic surveys: whole sentences from short lists; nobody wrote them about anybody."""

from __future__ import annotations

import numpy as np

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
