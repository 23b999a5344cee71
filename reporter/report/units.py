"""How a quantity is said: words before and after its number, decimals, the unit of its change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """``ร้อยละ`` stands before a number, all other units after it."""

    before: str
    after: str
    decimals: int
    change: str
    column: str


UNITS = {
    "percent": Unit("ร้อยละ", "", 2, "จุดร้อยละ", "ร้อยละ"),
    "percent_growth": Unit("ร้อยละ", "", 1, "จุดร้อยละ", "ร้อยละ"),
    "pp": Unit("", "จุดร้อยละ", 2, "จุดร้อยละ", "จุดร้อยละ"),
    "percent_of_mean": Unit("ร้อยละ", "ของค่าเฉลี่ย", 1, "จุดร้อยละ", "ร้อยละของค่าเฉลี่ย"),
    "per_1000": Unit("", "รายต่อลูกจ้าง 1,000 คน", 2, "รายต่อลูกจ้าง 1,000 คน", "รายต่อลูกจ้าง 1,000 คน"),
    "baht": Unit("", "บาท", 0, "บาท", "บาท"),
    "baht_per_month": Unit("", "บาทต่อเดือน", 0, "บาท", "บาทต่อเดือน"),
    "baht_per_person": Unit("", "บาทต่อคน", 0, "บาท", "บาทต่อคน"),
    "hours_per_week": Unit("", "ชั่วโมงต่อสัปดาห์", 1, "ชั่วโมง", "ชั่วโมงต่อสัปดาห์"),
    "index": Unit("ระดับ", "", 1, "จุด", "ดัชนี"),
    "positions": Unit("", "ตำแหน่ง", 0, "ตำแหน่ง", "ตำแหน่ง"),
    "persons": Unit("", "คน", 0, "คน", "คน"),
}
_PLAIN = Unit("", "", 1, "", "")


def unit_of(code: str) -> Unit:
    """The unit's words; a unit not known here is said without any."""
    return UNITS.get(code, _PLAIN)


# Names as running text says them, where the catalogue's name would be clumsy in a sentence.
_SPOKEN = {
    "participation_gap": "ช่องว่างระหว่างเพศของอัตราการมีส่วนร่วมในกำลังแรงงาน",
    "employment_gap": "ช่องว่างระหว่างเพศของอัตราการมีงานทำ",
    "hours_gap": "ช่องว่างระหว่างเพศของชั่วโมงการทำงาน",
    "unemployment_gap": "ช่องว่างระหว่างเพศของอัตราการว่างงาน",
    "hourly_wage_gap": "ช่องว่างระหว่างเพศของค่าจ้างรายชั่วโมง",
    "work_injury_rate": "อัตราการประสบอันตรายหรือเจ็บป่วยจากการทำงาน",
    "labour_law_violation_rate": "อัตราการปฏิบัติไม่ถูกต้องตามกฎหมายคุ้มครองแรงงาน",
    "welfare_promotion_rate": "อัตราการส่งเสริมสวัสดิการนอกเหนือกฎหมายกำหนด",
    "neet_rate": "อัตราเยาวชนที่ไม่ได้เรียน ไม่ได้ทำงาน หรือไม่ได้อบรม",
    "skill_development_rate": "สัดส่วนผู้ได้รับการพัฒนาฝีมือแรงงานต่อกำลังแรงงาน",
    "women_senior_management": "สัดส่วนผู้หญิงในตำแหน่งผู้บริหารระดับสูง",
    "migrant_insured_rate": "สัดส่วนแรงงานต่างด้าวในระบบประกันสังคม",
    "vacancies": "ตำแหน่งงานว่าง",
    "placements": "จำนวนผู้ได้รับการบรรจุงาน",
    "inflation": "อัตราเงินเฟ้อ",
    "gdp_growth": "อัตราการขยายตัวทางเศรษฐกิจ",
    "employee_benefits": "มูลค่าสวัสดิการของลูกจ้าง",
    "employment_rate": "อัตราการมีงานทำต่อประชากร",
    "participation_rate": "อัตราการมีส่วนร่วมในกำลังแรงงาน",
    "pmi": "ดัชนีผู้จัดการฝ่ายจัดซื้อ",
    "mpi": "ดัชนีผลผลิตอุตสาหกรรม",
}


def spoken(indicator: str, name: str) -> str:
    """The name of an indicator in running text; its catalogue name when no other is declared."""
    return _SPOKEN.get(indicator, name)
