"""What a set has worked out before and finds again: most inputs and lines of most people say the same.

Kept with the compiled rules, so nothing outlives them. Evidence differs from person to person and is never part of
what is kept: it is put back where a line is used.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter
from typing import Any, Final, TypeVar, final

from thidua.criteria.case import Fact
from thidua.criteria.lines import CriterionResult, Finding
from thidua.criteria.recorded import InputUsed
from thidua.criteria.resolved import Resolved

Made = TypeVar("Made")

KeptLines = tuple[tuple[InputUsed, ...], tuple[CriterionResult, ...]]
"""Lines of a block, and the records of what they read."""

MOST_KEPT: Final = 16_384
MOST_WEIGHED: Final = 65_536
"""Most entries of a table; sums of weights are spread wider than all else, and a kept line is 2 kB."""


@final
class KnownInput:
    """An input resolved before, without evidence. `token`: equal only for the same resolved input.

    `used`: the same as a line records it. `place`: which of the stated facts lends its evidence; None: none does.
    """

    def __init__(self, token: int, resolved: Resolved, used: InputUsed, place: int | None) -> None:
        self.token: Final = token
        self.resolved: Final = resolved
        self.used: Final = used
        self.place: Final = place

    def as_of(self, facts: Sequence[Fact]) -> Resolved:
        """Return the input with the evidence of these facts."""
        if self.place is None:
            return self.resolved
        name, heading, state, value, certain, why, _, stated_by, provisional, unstated = self.resolved
        evidence = facts[self.place].evidence
        return Resolved(name, heading, state, value, certain, why, evidence, stated_by, provisional, unstated)

    def used_as_of(self, facts: Sequence[Fact]) -> InputUsed:
        """Return its record with the evidence of these facts."""
        if self.place is None:
            return self.used
        name, heading, state, value, why, _, stated_by, provisional = self.used
        evidence = facts[self.place].evidence
        return tuple.__new__(InputUsed, (name, heading, state, value, why, evidence, stated_by, provisional))


@final
class Unstated:
    """What the inputs say of which nobody stated anything: tokens and records by name, to be copied.

    `others`: the inputs that more than statements decide.
    """

    def __init__(self, tokens: dict[str, Hashable], seen: dict[str, InputUsed], others: tuple[str, ...]) -> None:
        self.tokens: Final = tokens
        self.seen: Final = seen
        self.others: Final = others


@dataclass(eq=False)
class Memory:
    """The tables of one set of rules; a full one is emptied, which costs time and changes nothing.

    `contents`: tokens of inputs by what they say. `weighed`: lines by whole numbers. `standings`: what totals come to.
    """

    inputs: dict[Hashable, KnownInput] = field(default_factory=dict)
    contents: dict[Hashable, int] = field(default_factory=dict)
    lines: dict[Hashable, KeptLines] = field(default_factory=dict)
    weighed: dict[Hashable, CriterionResult] = field(default_factory=dict)
    groups: dict[Hashable, Finding] = field(default_factory=dict)
    eliminations: dict[Hashable, Any] = field(default_factory=dict)
    standings: dict[Hashable, Any] = field(default_factory=dict)
    unstated: dict[Hashable, Unstated] = field(default_factory=dict)
    settings: dict[Hashable, Any] = field(default_factory=dict)
    # Never given twice: a token may outlive the table that its input was kept in.
    tokens: count[int] = field(default_factory=count)

    def token(self, resolved: Resolved) -> int:
        """Return the token of a resolved input without evidence: the same number for the same content."""
        # True equals 1 as a key, and reads otherwise.
        key = (resolved, resolved.value.__class__)
        found = self.contents.get(key)
        return keep(self.contents, key, next(self.tokens)) if found is None else found


def keep(table: dict[Hashable, Made], key: Hashable, made: Made, most: int = MOST_KEPT) -> Made:
    """Keep what was made under a key, and return it."""
    if len(table) >= most:
        table.clear()
    table[key] = made
    return made


Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]
"""Takes some entries out of a table."""


def picking(names: Sequence[str]) -> Pick:
    """Return what takes the entries of these names out of a table, in one step."""
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda table: ()
    (only,) = names
    return lambda table: (table[only],)
