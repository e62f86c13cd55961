"""Lines that say for one case what they said for another: the same but for their evidence."""

from __future__ import annotations

from typing import Any, Final

from thidua.criteria.score import CriterionResult
from thidua.criteria.used import InputUsed

new_line: Final = tuple.__new__
_INPUTS: Final = CriterionResult._fields.index("inputs")
_PARTS: Final = CriterionResult._fields.index("parts")


def with_inputs(line: CriterionResult, used: tuple[InputUsed, ...]) -> CriterionResult:
    """Return a line of another case as this one has it, which says the same but for its evidence."""
    if line.inputs == used:
        return line
    fields: list[Any] = list(line)
    fields[_INPUTS] = used
    made = new_line(CriterionResult, fields)
    made.like = line
    return made


def with_parts(
    line: CriterionResult, used: tuple[InputUsed, ...], parts: tuple[CriterionResult, ...]
) -> CriterionResult:
    """Return the group of another case that says the same but for the evidence of it and its parts."""
    fields: list[Any] = list(line)
    fields[_INPUTS], fields[_PARTS] = used, parts
    made = new_line(CriterionResult, fields)
    made.like = line.like or line
    return made
