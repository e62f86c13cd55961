"""The hash chain: what a link covers, and how each head covers all before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from thidua.contracts.judgement import FindingStatus
from thidua_awards.domain.findings import KEPT_BACK, PRIVATE, STATUS_PRIVATE

START: Final = bytes(32)
"""The head before the first link."""

ALSO: Final = "also"
"""What links cover since they cover more: campaign and meeting of a vote, units and cut of a decision, the regime."""

KIND_WORDS: Final = {
    "vote": "kết quả kiểm phiếu",
    "judged": "kết quả rà soát và điểm đã dùng khi biểu quyết",
    "decision": "quyết định",
    "cancellation": "hủy bỏ quyết định",
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
    statuses = [one["status"] for one in content["findings"] if one["key"] in STATUS_PRIVATE]
    return digest_of(salt, {"sentences": _sentences(content), "statuses": statuses})


def _sentences(content: Mapping[str, Any]) -> list[str]:
    return [one["sentence"] for one in content["findings"] if one["key"] in PRIVATE]


def shown_of(content: Mapping[str, Any], withheld: bytes) -> dict[str, Any]:
    """Return judged findings as the stream has them, with the digest of what it leaves out."""
    findings = [
        {**one, "status": FindingStatus.WITHHELD.value} if one["key"] in STATUS_PRIVATE else one
        for one in _without_sentences(content)
    ]
    return {**content, "findings": findings, "withheld": withheld.hex()}


def _without_sentences(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [{**one, "sentence": KEPT_BACK} if one["key"] in PRIVATE else one for one in content["findings"]]


def is_withheld(content: Mapping[str, Any]) -> bool:
    """Whether the sentences no stream carries are gone: a record that a restore took from the stream."""
    said = {one["sentence"] for one in content.get("findings", ()) if one["key"] in PRIVATE}
    return said == {KEPT_BACK}


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
    if link.withheld is None:
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


def broken_links(links: Sequence[Link]) -> tuple[Link, ...]:
    """Return the links whose head does not follow from those before, or whose number leaves a gap."""
    found: list[Link] = []
    head = START
    for place, link in enumerate(links, 1):
        expected = next_head(head, place, link.kind, link.reference, link.digest)
        if link.number != place or link.head != expected:
            found.append(link)
        head = link.head
    return tuple(found)


def newest(links: Iterable[Link]) -> dict[tuple[str, str], Link]:
    """Return the newest link of each record."""
    return {(link.kind, link.reference): link for link in links}
