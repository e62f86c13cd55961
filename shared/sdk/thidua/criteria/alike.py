"""Lines that say for one case what they said for another: the same but for their evidence."""

from __future__ import annotations

from thidua.criteria.lines import CriterionResult
from thidua.criteria.recorded import InputUsed


def are_same(these: tuple[InputUsed, ...], those: tuple[InputUsed, ...]) -> bool:
    """Whether these records are those: what is kept without evidence is the same record for everybody.

    Both are records of the same inputs.
    """
    for place in range(len(these)):  # noqa: SIM110 (a third of the time of a generator)
        if these[place] is not those[place]:
            return False
    return True


def with_inputs(line: CriterionResult, used: tuple[InputUsed, ...]) -> CriterionResult:
    """Return a line of another case as this one has it, which says the same but for its evidence."""
    if are_same(used, line.inputs):
        return line
    return CriterionResult(line.finding, used)
