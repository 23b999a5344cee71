"""Disclosure control: small cells are suppressed, and further cells where a small one could be worked out.

Goes in: respondents per group of one survey and quarter. Comes out: each group's flag. A group is published with all
its domains or not at all: the overall index is the mean of the domains, so a single hidden domain could be computed.

Rules (threshold 5 respondents):
1. a group with a cell of 1 to 4 respondents is suppressed;
2. where the groups of a kind add up to a published total, what is left after subtracting the published groups must
   hold at least two suppressed groups and at least 5 respondents; otherwise the smallest published group follows
   (respondents of unknown group are no group anybody could be recognised in: they ask for no protection, give none);
3. region and province are one hierarchy: a suppressed region keeps at least one province suppressed (its sum would
   tell), a region of one province shares that province's fate, and the provinces left over in suppressed regions
   together obey rule 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

# Under five a respondent may be known by who they are (threshold rule of the Eurostat/ESSnet handbook on disclosure: 3
# to 10; ours is the middle, and in force since the first issue).
THRESHOLD = 5
SMALL = 30  # below thirty Student's t still helps, but a single respondent moves an index by points
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
        group: SUPPRESSED if group in hidden else ("small" if 0 < size < SMALL else "")
        for group, size in sizes.items()
    }


def cell_flags(count: np.ndarray, effective: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Flags of cells: ``suppressed`` where the group is or under 5 answered, ``small`` under 30 effective respondents.

    effective  respondents of a simple random sample that would be as exact, at most ``count``; NaN: not known
    """
    has_answers = count > 0
    least = np.fmin(count, effective)
    few = has_answers & (hidden | (count < THRESHOLD))
    return np.select([few, has_answers & (least < SMALL)], [SUPPRESSED, "small"], "")


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
