"""Names of indicators and groups as tables write them: ids in any case, declared Thai and English names, numbered labels.

Goes in: the declarations and the text of a cell. Comes out: an id, or the nearest ids for a message. A name that two
series share is no name: then the id has to be written.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from reporter.domain.declarations import Declarations
from reporter.domain.formula import names
from reporter.inputs.values import visible
from reporter.measures.annex import annex_inputs

_NUMBERING = re.compile(
    r"^[(\[]?[0-9]{1,2}(?:\.[0-9]{1,2})*[.)\]:]?\s+|^[0-9]{1,2}(?:\.[0-9]{1,2})*\.\s*(?=[^0-9\s])|^[-•–]\s+"
)
_FOOTNOTE = re.compile(
    r"(?:\s+[0-9]{1,2}[/)]|\s*\*{1,3}|\s*\([0-9]{1,2}\)|\s*[\u00b9\u00b2\u00b3\u2070-\u2079†‡]+)\s*$"
)
_UNIT = re.compile(r"\s*\([^()]*\)\s*$")
# Below 0.6 a suggestion is more often wrong than right (difflib's own default).
_NEAR = 0.6


def bare_label(text: str) -> str:
    """A row's title without numbering, doubled spaces and footnote marks: ``2. อัตราการจ้างงาน 1/`` is ``อัตราการจ้างงาน``."""
    label = " ".join(visible(str(text)).split())
    label = _NUMBERING.sub("", label)
    while match := _FOOTNOTE.search(label):
        label = label[: match.start()]
    return label.strip()


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """A name as it is compared: no numbering, footnotes, spaces, case; sara am and sara ae in one form."""
    label = bare_label(text).replace("\u0e4d\u0e32", "\u0e33").replace("เเ", "แ")
    return re.sub(r"\s+", "", label).casefold()


@dataclass(frozen=True)
class Register:
    """Every name by which a series or a group may be called."""

    series: dict[str, str]
    groups: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)

    def series_id(self, text: str) -> str | None:
        """The id of a series' name, with or without its unit in brackets; None for an unknown one."""
        return self.series.get(fold(text)) or self.series.get(fold(_UNIT.sub("", str(text))))

    def group_code(self, text: str) -> str | None:
        """The code of a group's name; None for an unknown one."""
        return self.groups.get(fold(text))

    def nearest(self, text: str, kind: str = "series", count: int = 1) -> list[str]:
        """Ids whose name is most like a text, best first."""
        known = self.series if kind == "series" else self.groups
        near = difflib.get_close_matches(fold(text), list(known), n=3 * count, cutoff=_NEAR)
        return list(dict.fromkeys(known[name] for name in near))[:count]


def register_of(declarations: Declarations) -> Register:
    """The names of all series that a file may hold and of all groups."""
    inputs = annex_inputs()
    named = [(one.id, one.name.th, one.name.en) for one in declarations.indicators.values()]
    named += [(one.id, one.name.th, one.name.en) for one in declarations.macro.values()]
    # A breakdown's parts (labour_force_male) share the name of the whole, which the whole keeps.
    base = {id(entry): series for series, entry in reversed(list(inputs.items()))}
    named += [(series, inputs[series].name.th, inputs[series].name.en) for series in base.values()]
    called = [(series, text) for series, *texts in named for text in texts]
    ids = known_series(declarations)
    series = _unshared(called, ids)
    groups = [
        (group.code, name)
        for group in declarations.groups.values()
        for name in (group.name.th, group.name.en, *group.aliases)
    ]
    labels = {series: th for series, th, _ in named}
    labels |= {name: entry.name.th for name, entry in inputs.items() if name not in labels}
    return Register(series, _unshared(groups, declarations.groups), labels)


def _unshared(called: Iterable[tuple[str, str]], ids: Iterable[str]) -> dict[str, str]:
    """Folded names that only one id has; ids themselves go before names."""
    found: dict[str, set[str]] = {}
    for one, name in called:
        found.setdefault(fold(name), set()).add(one)
    known = {name: ones.pop() for name, ones in found.items() if name and len(ones) == 1}
    return known | {fold(one): one for one in ids}


def known_series(declarations: Declarations) -> set[str]:
    """Ids that a series file may use: indicators, macro variables, components of gaps, inputs of formulas and annex."""
    known = set(declarations.indicators) | set(declarations.macro) | set(annex_inputs())
    for indicator in declarations.indicators.values():
        known |= set(indicator.components)
        known |= set(names(indicator.formula)) if indicator.formula else set()
    return known
