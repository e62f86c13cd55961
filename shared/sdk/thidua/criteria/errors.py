"""Errors of criteria sets: for their authors and for operators, one sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from thidua.errors import Reader, ThiduaError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend in a file: where (line and column count from 1) and what to write instead."""

    line: int
    column: int
    sentence: str

    def at(self, file: str) -> str:
        """Write the problem as editors expect it: file:line:column: sentence."""
        return f"{file}:{self.line}:{self.column}: {self.sentence}"


def first_line(error: BaseException, letters: int = 300) -> str:
    """Return what an error of foreign code says, as one printable line; "" where saying it fails too."""
    try:
        said = str(error)
    except BaseException:
        # Its own __str__ is foreign code as well.
        return ""
    return printable(said, letters)


def printable(said: str, letters: int = 300) -> str:
    """Return a text of foreign code as one line of at most so many letters, without what steers a terminal."""
    line = " ".join(str.split(said[: 4 * letters]))[:letters]
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)


class CriteriaSetRefused(ThiduaError):
    """A criteria set breaks the format; nothing of it was imported or stored. `problems` lists them all."""

    reader = Reader.INTEGRATOR
    sentence = "The criteria set was not loaded; mend {count} place(s), then run `thidua plugins check`:\n{list}"

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems))
        super().__init__(count=len(problems), list="\n".join(problem.at(file) for problem in self.problems))


class CriteriaSetNotFound(ThiduaError):
    """There is no criteria.yaml where one was asked for."""

    reader = Reader.OPERATOR
    status = 404
    sentence = (
        'No criteria set was found at "{place}"; name a folder that holds criteria.yaml, or an installed '
        "package with the entry point thidua.criteria_sets."
    )


class CaseDoesNotFit(ThiduaError):
    """A case was given to a set that cannot score it: wrong kind of subject, period or day."""

    reader = Reader.OPERATOR
    sentence = "Criteria set {set} {version} cannot score this case: {why}. Choose the set the campaign names."


class ParameterRefused(ThiduaError):
    """A campaign replaced a parameter that it may not, or by a value that the set cannot use."""

    reader = Reader.OPERATOR
    sentence = "Parameter {name} of criteria set {set} was not replaced: {why}."


class RuleBroken(ThiduaError):
    """A rule written in Python raised an exception or answered something that is no credit in [0, 1]."""

    reader = Reader.INTEGRATOR
    status = 500
    sentence = "Rule {call} of criteria set {set} failed for criterion {code}: {why}. Install a mended version."

    @classmethod
    def by(cls, cause: BaseException, **told: str) -> Self:
        """Make the error with what caused it, which compiled code leaves out of `raise … from`."""
        made = cls(**told)
        made.__cause__ = cause
        return made


class PackageRefused(ThiduaError):
    """A file is no installable criteria set: no wheel or folder of one, too large, or it needs more than `thidua`."""

    reader = Reader.INTEGRATOR
    sentence = "{name} cannot be installed: {why}."


class NameRefused(ThiduaError):
    """A new criteria set was to be written under a name that cannot be one, or where something lies already."""

    reader = Reader.INTEGRATOR
    sentence = "No criteria set was written: {why}."


class ConformanceFailed(ThiduaError):
    """`thidua plugins check` found less than was demanded; the report says what."""

    reader = Reader.INTEGRATOR
    sentence = "{place} has the tier {tier}, {demanded} was demanded. Mend what is listed above, then check again."
