"""What all streams share: the base of a state, open enumerations, text that PostgreSQL can keep."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text contains U+0000, which PostgreSQL cannot store; remove it at the source")
    return text


Text = Annotated[str, Field(max_length=20_000), AfterValidator(_without_nul)]
"""Unicode text up to 20,000 characters without U+0000."""

Code = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]
"""A non-empty name given by somebody else: a unit code, a source id, a document number."""

Exact = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]
"""A decimal that travels as a string, so that no reader turns it into a float."""

MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
Month = Annotated[str, Field(pattern=MONTH_PATTERN)]
"""A calendar month, `2022-03`."""

PERIOD_PATTERN = r"^[0-9]{4}(-(0[1-9]|1[0-2]|H[12]|Q[1-4]))?$"
Period = Annotated[str, Field(pattern=PERIOD_PATTERN)]
"""A year `2022`, half-year `2022-H1`, quarter `2022-Q3` or month `2022-03`."""


class OpenEnum(StrEnum):
    """An enumeration that reads a value it does not know as `unknown`, so that a newer producer stops nobody."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls.__members__.get("UNKNOWN")


class SubjectKind(OpenEnum):
    """Who is emulating: a collective (tập thể) or an individual (cá nhân)."""

    COLLECTIVE = "collective"
    INDIVIDUAL = "individual"
    UNKNOWN = "unknown"


class Part(BaseModel):
    """A frozen piece of a state; unknown fields are ignored, never an error."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Document(Part):
    """A document of the paper world: its number, date and issuer come from the register, never from us."""

    number: Code
    dated: date
    issuer: Text = ""
    file: Text = ""


class State(Part):
    """The whole new state of what its key names; `version` only grows per key.

    A stream is a changelog: whoever holds a version takes a newer one and ignores the rest, so that
    repeats and reordering change nothing.
    """

    stream: ClassVar[str]
    owner: ClassVar[str]

    version: int = 0

    @property
    def key(self) -> str:
        """Full identity of the state within its stream; log compaction keeps the newest record per key."""
        raise NotImplementedError(f"{type(self).__name__} must say what identifies it.")

    @property
    def stamps(self) -> frozenset[str]:
        """Fields that say when the rest was looked at; a state that differs in these alone is not published again."""
        return frozenset()

    @property
    def partition_key(self) -> str:
        """The part of the key that keeps everything of one unit or subject in one partition."""
        return self.key.split("/", 1)[0]
