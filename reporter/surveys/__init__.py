"""Surveys: from raw answers to confidence indices with honest intervals (method.md, 2 and 3; study chapter 4)."""

# Under five a respondent may be known by who they are (threshold rule of the Eurostat/ESSnet handbook on disclosure: 3
# to 10; ours is the middle, and in force since the first issue).
THRESHOLD = 5
SMALL = 30  # below thirty Student's t still helps, but a single respondent moves an index by points
