"""Schemas of the declaration files: what each may and must say. Unknown keys are refused.

Goes in: parsed TOML. Comes out: pydantic models that know how to become the frozen objects of
``reporter.domain.declarations``. Form: style.md, 6.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from reporter.domain.declarations import (
    Choice,
    Item,
    Name,
    Option,
)

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]*$")]
GroupKind = Literal["TH", "STATUS", "REGION", "PROVINCE", "INDUSTRY"]
Unit = Literal[
    "percent",
    "pp",
    "percent_of_mean",
    "per_1000",
    "percent_growth",
    "baht",
    "baht_per_month",
    "baht_per_person",
    "hours_per_week",
    "index",
    "positions",
    "persons",
]
Bounds = Annotated[list[float], Field(min_length=2, max_length=2)]


class Strict(BaseModel):
    """No unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class NameEntry(Strict):
    """A name in Thai and English; both must be given."""

    th: Text
    en: Text

    def name(self) -> Name:
        """The frozen name."""
        return Name(self.th, self.en)


class DimensionFile(Strict):
    """``_dimension.toml`` of a dimension's folder."""

    order: int = Field(ge=1)
    name: NameEntry
    short: NameEntry
    description: NameEntry


class IndicatorFile(Strict):
    """``<id>.toml``; ``id`` and ``dimension`` may be repeated inside, but must then agree with the path."""

    id: str | None = None
    dimension: str | None = None
    order: int = Field(ge=1)
    name: NameEntry
    source: Text
    unit: Unit
    frequency: Literal["monthly", "quarterly"]
    polarity: Literal[1, -1]
    transform: Literal["level", "growth"]
    detrend: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    groups: Annotated[list[GroupKind], Field(min_length=1)]
    publication_lag_days: int = Field(ge=0, le=1000)
    bounds: Bounds
    components: list[Identifier] = []
    gap: Literal["", "absolute", "relative"] = ""
    formula: str = ""
    fetch: dict[str, Any] = {}
    notes: NameEntry | None = None

    @field_validator("polarity", mode="before")
    @classmethod
    def _no_boolean(cls, value: Any) -> Any:
        # In Python True equals 1; a declaration that says `true` does not say a direction.
        return str(value).lower() if isinstance(value, bool) else value


class MacroEntry(Strict):
    """One table of ``_macro.toml``."""

    name: NameEntry
    unit: Unit
    source: Text
    frequency: Literal["monthly", "quarterly"]
    bounds: Bounds


class OptionEntry(Strict):
    """A domain, an action, a trait or an aspect of a questionnaire."""

    id: Identifier | Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]
    name: NameEntry
    short: NameEntry | None = None
    items: list[str] = []

    def option(self) -> Option:
        """The frozen option."""
        short = self.short or self.name
        return Option(self.id, self.name.name(), short.name(), tuple(self.items))


class ItemEntry(Strict):
    """A rated question."""

    column: Identifier
    domain: str
    text: NameEntry
    negative: bool = False
    optional_for: list[str] = []
    text_for: dict[str, NameEntry] = {}
    meaning: str = ""

    def item(self) -> Item:
        """The frozen item."""
        wordings = {group: text.name() for group, text in self.text_for.items()}
        return Item(
            self.column,
            self.domain,
            self.text.name(),
            self.negative,
            tuple(self.optional_for),
            wordings,
            self.meaning,
        )


class AnswerEntry(Strict):
    """One answer of a closed question; ``sign`` 1, 0 or -1 makes the question's net balance."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_+-]*$")]
    name: NameEntry
    sign: Literal[1, 0, -1] | None = None


class ChoiceEntry(Strict):
    """A closed question with one answer."""

    id: Identifier
    text: NameEntry
    options: Annotated[list[AnswerEntry], Field(min_length=2)]
    kind: Annotated[str, StringConstraints(pattern=r"^[A-Z]*$")] = ""

    def choice(self) -> Choice:
        """The frozen question."""
        options = tuple(Option(answer.id, answer.name.name(), answer.name.name()) for answer in self.options)
        has_signs = any(answer.sign is not None for answer in self.options)
        signs = tuple(float("nan") if answer.sign is None else float(answer.sign) for answer in self.options)
        return Choice(self.id, self.text.name(), options, self.kind, signs if has_signs else ())


class ScaleEntry(Strict):
    """One step of the rating scale."""

    rating: int = Field(ge=1, le=5)
    word: Text
    points: int = Field(ge=0, le=200)


class QuestionnaireFile(Strict):
    """``questionnaires/<survey>.toml``."""

    name: NameEntry
    index_name: NameEntry
    aggregation: Literal["items", "domains"]
    scale: Annotated[list[ScaleEntry], Field(min_length=5, max_length=5)]
    domains: Annotated[list[OptionEntry], Field(min_length=1)]
    items: Annotated[list[ItemEntry], Field(min_length=1)]
    actions: list[OptionEntry] = []
    traits: list[OptionEntry] = []
    aspects: list[OptionEntry] = []
    demographics: list[ChoiceEntry] = []
    questions: list[ChoiceEntry] = []
