"""Base of everything criteria.yaml may hold: frozen, and an unknown key is refused by name."""

from __future__ import annotations

import difflib
import re
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeVar
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*)")

VERSION_PATTERN = r"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$"
"""Three numbers in ASCII digits without leading zeros: one version has one spelling."""

ParameterName = Annotated[str, Field(pattern=r"^\$[a-z][a-z0-9_]*$")]
"""The name of a parameter, "$on_time"; it is replaced by its value before anything else is read."""

STEERING: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of what is no letter: control and format characters, lone surrogates, unassigned ones, ends of lines."""

Mark = Literal["official", "memory", "derived", "proposal", "illustrative"]
"""How well a source settles something; shown wherever it decided."""


class Strict(BaseModel):
    """A mapping of criteria.yaml. Lists become tuples, so that nothing of a loaded set can change."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False, serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, written: Any) -> Any:
        if isinstance(written, dict):
            valid = [field.alias or name for name, field in cls.model_fields.items()]
            for key in written:
                if key not in valid:
                    sentence = f"{unknown(str(key), valid)}"
                    raise PydanticCustomError("unknown_key", "{sentence}", {"key": key, "sentence": sentence})
        return written


Model = TypeVar("Model", bound=BaseModel)


def nested(model: type[Model], written: object) -> Model:
    """Read a mapping that one of several models may hold; raises ValueError with its first sentence."""
    try:
        return model.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        sentence = first["msg"].removeprefix("Value error, ")
        if first["type"] == "missing":
            raise ValueError(f"{where} is missing; write {where}: …") from error
        raise ValueError(f"{where}: {sentence}" if where else sentence) from error


def words_of(expected: str) -> list[str]:
    """Return the words that Pydantic expected one of, out of its sentence.

    >>> words_of("'met', 'not_met' or 'na'")
    ['met', 'not_met', 'na']
    """
    return expected.replace(" or ", ", ").replace("'", "").split(", ")


def unknown(word: str, valid: list[str], kind: str = "key") -> str:
    """Say that a word is not known, with the nearest valid one, or all of them if none is near."""
    near = difflib.get_close_matches(word, valid, n=1, cutoff=0.6)
    advice = f'write "{near[0]}"' if near else "write one of: " + ", ".join(sorted(valid))
    return f'the {kind} "{word}" is not known here; {advice}'


def _text(written: object) -> object:
    if not isinstance(written, str):
        raise ValueError(f"{written!r} is no text; write it in quotes")
    if not written.strip():
        raise ValueError("a text is empty; write it")
    # A folded text of several lines ends with the end of a line.
    unseen = next((one for one in written if category(one) in STEERING and one not in "\n\t"), None)
    if unseen is not None:
        raise ValueError(f"a text holds {unseen!a}, which nobody sees; take it out")
    return written


def _day(written: object) -> object:
    if not isinstance(written, date):
        raise ValueError(f"{written!r} is no date; write 2022-12-31, without quotes")
    return written


def _whole(written: object) -> object:
    if isinstance(written, bool) or not isinstance(written, int):
        raise ValueError(f"{written!r} is no whole number; write 10")
    return written


def _flag(written: object) -> object:
    if not isinstance(written, bool):
        raise ValueError(f"{written!r} is neither true nor false; write one of them")
    return written


def each_once(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Accept a list in which nothing stands twice."""
    for place, item in enumerate(items):
        if item in items[:place]:
            raise ValueError(f'"{item}" is listed twice; keep one')
    return items


def slug(pattern: str, what: str) -> AfterValidator:
    """Accept ASCII names of one shape; what else they should be is said in words."""
    shape = re.compile(pattern)

    def check(name: str) -> str:
        if not shape.fullmatch(name):
            raise ValueError(f'"{name}" is no {what}; write small ASCII letters, digits and _')
        return name

    return AfterValidator(check)


Text = Annotated[str, BeforeValidator(_text)]
"""A text that people read: Vietnamese, never empty."""

Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number."""

Flag = Annotated[bool, BeforeValidator(_flag)]
"""true or false."""

DAY_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "string", "format": "date"}, {"x-def": "ParameterName"}]}
"""JSON Schema of a date or a parameter that is one."""

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(DAY_SCHEMA)]
"""A date, or the name of a parameter that is one."""

Name = Annotated[str, BeforeValidator(_text), slug(r"[a-z][a-z0-9_]{0,59}", "name")]
"""Name of an input, a parameter, a case of a log or a band."""

Names = Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(each_once)]
"""One or more names, each once."""


def _code(code: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]{0,9}(\.[A-Za-z0-9]{1,10}){0,5}", code):
        raise ValueError(f'"{code}" is no code; write ASCII letters and digits, parts after a dot: T3.1')
    return code


Code = Annotated[str, BeforeValidator(_text), AfterValidator(_code)]
"""Code of a criterion, an adjustment or an elimination: "T3", and "T3.1" for a part of it."""

Codes = Annotated[tuple[Code, ...], Field(min_length=1), AfterValidator(each_once)]
"""One or more codes, each once."""
