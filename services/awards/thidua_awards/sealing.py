"""Ballots sealed for the vote's key: of one size whatever they say, and openable only with the private key.

libsodium's sealed boxes (X25519, XSalsa20-Poly1305) through PyNaCl; why these, is in decision 0030. Its import takes a
tenth of a second, which only those who seal or open spend.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

TAG_BYTES: Final = 32
BLOCK_BYTES: Final = 64
"""A ballot is as long as the next multiple of this: its length tells nothing but the length of the list."""


class Choice(IntEnum):
    """What a ballot says of one case; NONE where the member declared an interest and has no vote."""

    NONE = 0
    YES = 1
    NO = 2
    INVALID = 3


def new_keys() -> tuple[bytes, bytes]:
    """Return a new private and public key, 32 bytes each."""
    from nacl.public import PrivateKey  # noqa: PLC0415

    private = PrivateKey.generate()
    return bytes(private), bytes(private.public_key)


def seal(public_key: bytes, vote: str, member: str, choices: Sequence[Choice]) -> bytes:
    """Seal a member's choices, one per case in the order of the list.

    Sealing the same choices twice gives different bytes; the size depends on the number of cases alone.
    """
    from nacl.public import PublicKey, SealedBox  # noqa: PLC0415

    said = _tag(vote, member) + bytes(choices)
    return SealedBox(PublicKey(public_key)).encrypt(said.ljust(_size(len(choices)), b"\x00"))


def unseal(private_key: bytes, vote: str, member: str, sealed: bytes, cases: int) -> tuple[Choice, ...] | None:
    """Return what a ballot says; None for one that is of another vote or member, was altered, or says nonsense."""
    from nacl.exceptions import CryptoError  # noqa: PLC0415
    from nacl.public import PrivateKey, SealedBox  # noqa: PLC0415

    try:
        said = SealedBox(PrivateKey(private_key)).decrypt(sealed)
        choices = tuple(Choice(one) for one in said[TAG_BYTES : TAG_BYTES + cases])
    except (CryptoError, ValueError):
        return None
    # Without its tag a ballot could be copied into another member's row and count twice.
    genuine = said[:TAG_BYTES] == _tag(vote, member) and len(said) == _size(cases)
    return choices if genuine else None


def _tag(vote: str, member: str) -> bytes:
    return hashlib.sha256(f"{vote}\n{member}".encode()).digest()


def _size(cases: int) -> int:
    return -(-(TAG_BYTES + cases) // BLOCK_BYTES) * BLOCK_BYTES
