"""The hash chain: what a link covers, and how each head covers all before it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from thidua.contracts.judgement import FindingStatus
from thidua_awards.domain.findings import KEPT_BACK, PRIVATE, STATUS_PRIVATE

START: Final = bytes(32)
"""The head before the first link."""

ALSO: Final = "also"
"""What links cover since they cover more: campaign and meeting of a vote, units and cut of a decision, the regime."""

JUDGED: Final = "judged"
REOPENED: Final = "reopened"
"""Kind of a link that covers no record: findings went back to the review by a step, or as an award was cancelled."""

KIND_WORDS: Final = {
    "vote": "kết quả kiểm phiếu",
    JUDGED: "kết quả rà soát và điểm đã dùng khi biểu quyết",
    "decision": "quyết định",
    "cancellation": "hủy bỏ quyết định",
    REOPENED: "đưa về rà soát lại",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is stored; `withheld`: the digest of sentences that no stream carries, part of `digest`."""

    number: int
    kind: str
    reference: str
    salt: bytes
    digest: bytes
    head: bytes
    withheld: bytes | None = None


def digest_of(salt: bytes, content: Mapping[str, Any]) -> bytes:
    """Return the salted digest of a record: who lacks the salt cannot try out what it may have said."""
    return hashlib.sha256(salt + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def withheld_of(salt: bytes, content: Mapping[str, Any]) -> bytes:
    """Return the salted digest of what no stream carries of judged findings: sentences, and statuses that tell."""
    statuses = [one.get("status") for one in _findings(content) if _is_one_of(one, STATUS_PRIVATE)]
    return digest_of(salt, {"sentences": _sentences(content), "statuses": statuses})


def _sentences(content: Mapping[str, Any]) -> list[Any]:
    return [one.get("sentence") for one in _findings(content) if _is_one_of(one, PRIVATE)]


def shown_of(content: Mapping[str, Any], withheld: bytes) -> dict[str, Any]:
    """Return judged findings as the stream has them, with the digest of what it leaves out."""
    findings = [
        {**one, "status": FindingStatus.WITHHELD.value} if _is_one_of(one, STATUS_PRIVATE) else one
        for one in _without_sentences(content)
    ]
    return {**content, "findings": findings, "withheld": withheld.hex()}


def _without_sentences(content: Mapping[str, Any]) -> list[Any]:
    return [{**one, "sentence": KEPT_BACK} if _is_one_of(one, PRIVATE) else one for one in _findings(content)]


def is_withheld(content: Mapping[str, Any]) -> bool:
    """Whether the sentences no stream carries are gone: a record that a restore took from the stream."""
    said = _sentences(content)
    return bool(said) and all(one == KEPT_BACK for one in said)


def _findings(content: Mapping[str, Any]) -> Sequence[Any]:
    # Whoever alters a row may leave anything there, which is to be named and not to end the check.
    found = content.get("findings", ())
    return found if isinstance(found, list | tuple) else (found,)


def _is_one_of(finding: Any, keys: Collection[str]) -> bool:
    return isinstance(finding, Mapping) and str(finding.get("key")) in keys


def differs(link: Link, content: Mapping[str, Any] | None) -> bool:
    """Whether a record is not what its link covers; of sentences that are gone the digest kept stands for them."""
    if content is None:
        return True
    # Links of before cover less; one that covers more fits the whole record alone.
    variants = [*_covered(link, content)]
    variants += [{name: said for name, said in one.items() if name != ALSO} for one in variants]
    return all(link.digest != digest_of(link.salt, one) for one in variants)


def _covered(link: Link, content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what a link may cover of a record; those of before left the sentences out alone, with every status."""
    if link.withheld is None or link.kind != JUDGED:
        return (content,)
    if is_withheld(content):
        return (shown_of(content, link.withheld),)
    of_before = digest_of(link.salt, {"sentences": _sentences(content)})
    before = {**content, "findings": _without_sentences(content), "withheld": of_before.hex()}
    return (shown_of(content, withheld_of(link.salt, content)), before)


def next_head(head: bytes, number: int, kind: str, reference: str, digest: bytes) -> bytes:
    """Return the head after a link."""
    named = f"{number}\n{kind}\n{reference}\n".encode()
    return hashlib.sha256(head + named + digest).digest()


def word_of(kind: str) -> str:
    """Return what a kind of link is called; one that was altered is named as it stands."""
    return KIND_WORDS.get(kind, kind)


def broken_links(links: Sequence[Link]) -> tuple[Link, ...]:
    """Return the links whose head does not follow from those before, that leave a gap, or keep what no kind has."""
    found: list[Link] = []
    head = START
    for place, link in enumerate(links, 1):
        expected = next_head(head, place, link.kind, link.reference, link.digest)
        if link.number != place or link.head != expected or (link.withheld is not None and link.kind != JUDGED):
            found.append(link)
        head = link.head
    return tuple(found)


def newest(links: Iterable[Link]) -> dict[tuple[str, str], Link]:
    """Return the newest link of each record."""
    return {(link.kind, link.reference): link for link in links}


def reopened(links: Iterable[Link]) -> frozenset[str]:
    """Return whose newest link about its findings says that they went back to the review."""
    last = {link.reference: link.kind for link in links if link.kind in (JUDGED, REOPENED)}
    return frozenset(reference for reference, kind in last.items() if kind == REOPENED)
