"""What a rule in Python sees of the case itself: the parts its set declares, frozen, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from thidua.criteria.case import Decision, Fact, Initiative, Member, Month, Registration, Subject

_IN_WORDS: Final = MappingProxyType(
    {
        "registrations": "đăng ký",
        "initiatives": "sáng kiến",
        "months": "tháng",
        "facts": "nội dung khai báo",
        "members": "thành viên",
        "peers": "đơn vị cùng cụm",
        "decisions": "quyết định khen thưởng",
    }
)


class BySource(NamedTuple):
    """What each side stated for one input, by period; the sides never mix. A refused statement says so itself."""

    by_self: tuple[Fact, ...] = ()
    by_appraiser: tuple[Fact, ...] = ()
    by_council: tuple[Fact, ...] = ()


def by_source(names: Iterable[str], facts: Iterable[Fact]) -> Mapping[str, BySource]:
    """Sort facts by the declared names and by who stated them; those of other names are left out."""
    found: dict[str, dict[str, list[Fact]]] = {name: {"self": [], "appraiser": [], "council": []} for name in names}
    for fact in facts:
        if fact.input in found:
            found[fact.input][fact.stated_by].append(fact)
    return {name: BySource(*(tuple(one) for one in sides.values())) for name, sides in found.items()}


class StatedFacts(Mapping[str, BySource]):
    """Statements by the name of their input; asking for one that `facts:` does not name is refused."""

    def __init__(self, of: str, stated: Mapping[str, BySource]) -> None:
        self._of = of
        self._stated = stated

    def __getitem__(self, name: str) -> BySource:
        if name not in self._stated:
            raise LookupError(
                f'the fact "{name}" is not declared for this case; add it to `facts` of the input "{self._of}" '
                f"(declared: {', '.join(self._stated) or 'none'})"
            )
        return self._stated[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stated)

    def __len__(self) -> int:
        return len(self._stated)


class PeerSeen(NamedTuple):
    """Another unit of the cluster: what it stated, and its months where the set reads months as well."""

    subject: str
    facts: Mapping[str, BySource]
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """The case as a rule sees it: who, when, and the declared parts. A part that is not declared is refused.

    `silent`: names of months that are over and that nobody reported: their absence from `months` is not zero.
    """

    name: str
    subject: Subject
    period: str
    as_of: date
    is_official: bool
    silent: tuple[str, ...] = ()
    found: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """Titles, targets and initiatives registered for the campaign, with codes, figures and lateness."""
        shown: tuple[Registration, ...] = self._part("registrations")
        return shown

    @property
    def initiatives(self) -> tuple[Initiative, ...]:
        """Initiatives of the period."""
        shown: tuple[Initiative, ...] = self._part("initiatives")
        return shown

    @property
    def months(self) -> tuple[Month, ...]:
        """Results of the months of the period, in order."""
        shown: tuple[Month, ...] = self._part("months")
        return shown

    @property
    def facts(self) -> Mapping[str, BySource]:
        """Statements for the period, by input and by who stated them."""
        stated: Mapping[str, BySource] = self._part("facts")
        return stated

    @property
    def members(self) -> tuple[Member, ...]:
        """Members of the unit that the subject is or leads, with titles of the year and bands of the period."""
        shown: tuple[Member, ...] = self._part("members")
        return shown

    @property
    def peers(self) -> tuple[PeerSeen, ...]:
        """The other units of the cluster."""
        shown: tuple[PeerSeen, ...] = self._part("peers")
        return shown

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Awards of all years that the suite knows, but for those that the campaign itself leads to."""
        shown: tuple[Decision, ...] = self._part("decisions")
        return shown

    def _part(self, part: str) -> Any:
        if part not in self.found:
            raise LookupError(
                f'the part "{part}" is not declared; add it to `parts` of the input "{self.name}" '
                f"(declared: {', '.join(self.found)})"
            )
        return self.found[part]

    def __str__(self) -> str:
        """Say how much of each part there is, as the explanation of a score lists it."""
        return ", ".join(f"{_IN_WORDS[part]}: {len(one)}" for part, one in self.found.items())
