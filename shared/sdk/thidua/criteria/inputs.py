"""The inputs of one score, resolved from its case when a rule first asks, and no others."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from thidua.criteria.case import Fact
from thidua.criteria.declarations import Declared, Members
from thidua.criteria.facts import resolve_fact
from thidua.criteria.feeds import FEEDS
from thidua.criteria.material import Material
from thidua.criteria.recorded import InputUsed
from thidua.criteria.remembered import KnownInput, Memory, Unstated, keep
from thidua.criteria.resolved import Resolved
from thidua.criteria.used import input_used

NO_FACTS: Sequence[Fact] = ()


class Inputs(Mapping[str, Resolved]):
    """A mapping of the declared inputs; asking for an undeclared one is a KeyError."""

    def __init__(self, declared: Mapping[str, Declared], material: Material, memory: Memory) -> None:
        self._declared = declared
        self._material = material
        self._memory = memory
        self._setting = material.number
        self._resolved: dict[str, Resolved] = {}

    def __getitem__(self, name: str) -> Resolved:
        """Resolve an input once."""
        found = self._resolved.get(name)
        if found is None:
            facts = self._material.facts.get(name, NO_FACTS)
            known = self._recalled(name, facts)
            found = self._anew(name) if known is None else known.as_of(facts)
            self._resolved[name] = found
        return found

    def _anew(self, name: str) -> Resolved:
        """Resolve an input of which nothing is kept."""
        found = self._resolved[name] = _resolve(name, self._declared[name], self._material)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def looked_over(self) -> tuple[dict[str, Hashable], dict[str, InputUsed]]:
        """Return for every input its token, and the record of it.

        A token is equal for two cases only where the input says the same but for its evidence.
        """
        setting, kept = self._setting, self._memory.inputs
        key = (setting, not self._material.case.members)
        unstated = self._memory.unstated.get(key) or keep(self._memory.unstated, key, self._unstated())
        tokens, seen = unstated.tokens.copy(), unstated.seen.copy()
        for name in unstated.others:
            tokens[name] = found = self._anew(name)
            seen[name] = input_used(found)
        for name, facts in self._material.facts.items():
            if name in unstated.tokens:
                # What may not be kept is never found.
                known = kept.get(_key(name, setting, facts)) or self._recalled(name, facts)
                if known is None:
                    tokens[name] = found = self._anew(name)
                    seen[name] = input_used(found)
                else:
                    tokens[name] = known.token
                    seen[name] = known.used if known.place is None else known.used_as_of(facts)
        return tokens, seen

    def _unstated(self) -> Unstated:
        material = self._material
        nothing = Material(material.case, NO_FACTS, material.band_orders, material.setting)
        kept = [name for name, one in self._declared.items() if _can_be_kept(one, material, NO_FACTS)]
        found = {name: self._looked_up(name, NO_FACTS, nothing) for name in kept}
        tokens: dict[str, Hashable] = {name: known.token for name, known in found.items()}
        seen = {name: known.used for name, known in found.items()}
        others = tuple(name for name in self._declared if name not in found)
        return Unstated(tokens, seen, others)

    def _recalled(self, name: str, facts: Sequence[Fact]) -> KnownInput | None:
        if not _can_be_kept(self._declared[name], self._material, facts):
            return None
        return self._looked_up(name, facts, self._material)

    def _looked_up(self, name: str, facts: Sequence[Fact], material: Material) -> KnownInput:
        key = _key(name, self._setting, facts)
        known = self._memory.inputs.get(key)
        if known is None:
            found = _resolve(name, self._declared[name], material)
            known = keep(self._memory.inputs, key, _as_known(found, facts, self._memory))
        return known


def _resolve(name: str, declared: Declared, material: Material) -> Resolved:
    # The table pairs each feed with its own function, which mypy cannot see; all else is a fact.
    resolver: Any = FEEDS.get(type(declared), resolve_fact)
    resolved: Resolved = resolver(name, declared, material)
    return resolved


def _can_be_kept(declared: Declared, material: Material, facts: Sequence[Fact]) -> bool:
    """Whether the setting of a case and what each side says once decide the input."""
    if not declared.says_one_thing:
        return isinstance(declared, Members) and not material.case.members
    many = len(facts)
    if many < 2:
        return True
    first, last = facts[0], facts[-1]
    if many == 2:
        return first.period == last.period and first.stated_by != last.stated_by
    is_of_one_period = all(fact.period == first.period for fact in facts)
    return is_of_one_period and len({fact.stated_by for fact in facts}) == many


def _key(name: str, setting: int, facts: Sequence[Fact]) -> Hashable:
    if len(facts) == 1:
        return (name, setting, _said(facts[0]))
    return (name, setting, *[_said(fact) for fact in facts])


def _said(fact: Fact) -> Hashable:
    # A model keeps its fields in its dictionary. True equals 1 as a key, and reads otherwise.
    said = fact.__dict__
    value = said["value"]
    return (said["stated_by"], value, value.__class__, said["period"], said["status"], not said["evidence"])


def _as_known(found: Resolved, facts: Sequence[Fact], memory: Memory) -> KnownInput:
    lenders = [at for at, fact in enumerate(facts) if found.evidence and fact.stated_by == found.stated_by]
    plain = found._replace(evidence=())
    return KnownInput(memory.token(plain), plain, input_used(plain), lenders[0] if lenders else None)
