"""Sets of one campaign that ask for a fact of one name but of another kind: a statement could not be meant for both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from thidua.contracts.judgement import CriteriaSetState, DeclaredInput


class Clash(NamedTuple):
    """A name of a fact, and the two sets that mean different things by it."""

    input: str
    one: str
    other: str


def clashes(sets: Iterable[CriteriaSetState]) -> tuple[Clash, ...]:
    """Return the facts that two sets for the same kind of subject declare differently, each once.

    A statement belongs to subject, campaign and name: what is stated for one set replaces what was stated for another.
    """
    declared: dict[tuple[str, str], tuple[str, DeclaredInput]] = {}
    found: dict[tuple[str, str], Clash] = {}
    for each in sorted(sets, key=lambda one: one.id):
        for asked in each.inputs:
            if asked.origin != "fact":
                continue
            place = each.subject_kind.value, asked.name
            owner, before = declared.setdefault(place, (each.id, asked))
            if _form(before) != _form(asked):
                found.setdefault(place, Clash(asked.name, owner, each.id))
    return tuple(found.values())


def _form(asked: DeclaredInput) -> tuple[object, ...]:
    return asked.kind, asked.out_of, asked.cases
