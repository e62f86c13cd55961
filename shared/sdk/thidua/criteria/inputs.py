"""The inputs of one score, resolved from its case when a rule first asks, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from thidua.criteria.declarations import Declared
from thidua.criteria.facts import resolve_fact
from thidua.criteria.feeds import FEEDS
from thidua.criteria.material import Material
from thidua.criteria.resolved import Resolved


class Inputs(Mapping[str, Resolved]):
    """A mapping of the declared inputs; asking for an undeclared one is a KeyError."""

    def __init__(self, declared: Mapping[str, Declared], material: Material) -> None:
        self._declared = declared
        self._material = material
        self._known: dict[str, Resolved] = {}

    def __getitem__(self, name: str) -> Resolved:
        """Resolve an input once."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._resolve(name, self._declared[name])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def _resolve(self, name: str, declared: Declared) -> Resolved:
        # The table pairs each feed with its own function, which mypy cannot see; all else is a fact.
        resolver: Any = FEEDS.get(type(declared), resolve_fact)
        resolved: Resolved = resolver(name, declared, self._material)
        return resolved
