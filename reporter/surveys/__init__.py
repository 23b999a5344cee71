"""Surveys: from raw answers to confidence indices with design-based intervals (method.md, 2 and 3; study chapter 4)."""

from reporter.domain.declarations import rule

# Under five a respondent may be known by who they are (threshold rule of the Eurostat/ESSnet handbook on disclosure: 3
# to 10; ours is the middle, and in force since the first issue).
THRESHOLD = 5


def small_sample() -> int:
    """Answers below which a result is marked: under thirty a single respondent moves an index by points."""
    # asked for when it is needed: a broken file of rules stops no import
    return int(rule("significance.small_sample"))


def few_answers() -> str:
    """What marks such a result, in Thai."""
    return f"ตัวอย่างน้อยกว่า {small_sample()}"
