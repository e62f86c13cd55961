"""Who signs a decision, in the words of its head: the body it is issued by, and the post that signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DOTS: Final = "……………………"
POSTS: Final = (("Bộ trưởng", "Bộ "), ("Chủ tịch", "Ủy ban nhân dân"), ("Giám đốc", "Sở "))
"""A post, and how the names of the bodies begin that it heads; of any other body it is the head (thủ trưởng)."""

NO_MINISTRIES: Final = ("Bộ phận ", "Bộ môn ")
ANY_HEAD: Final = "Thủ trưởng"
OF_THE_STATE: Final = ("Thủ tướng Chính phủ", "Chủ tịch nước")
"""They are body and post at once."""


RANKS: Final = {"base": 0, "ministry": 1, "province": 1, "state": 2}
"""How high a body stands that decides on a title, by the words of the law files."""

RANKS_OF_POSTS: Final = {"Giám đốc": 0, "Bộ trưởng": 1, "Chủ tịch": 1, **dict.fromkeys(OF_THE_STATE, 2)}


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides: `body` stands at the head of the page, `named` above the bases, `post` over the signature."""

    body: str
    named: str
    post: str

    @property
    def is_highest(self) -> bool:
        """Whether no body stands above it on the page: a ministry, a province, the State."""
        return self.post in ("Bộ trưởng", "Chủ tịch", *OF_THE_STATE)


def authority(written: str) -> Authority:
    """Return the authority that a body or a post is written down as; unknown words stay what they are.

    >>> authority("Bộ Tài nguyên và Môi trường").named
    'Bộ trưởng Bộ Tài nguyên và Môi trường'
    >>> authority("Giám đốc Sở Nội vụ").body
    'Sở Nội vụ'
    >>> authority("Cục Viễn thám quốc gia").post
    'Thủ trưởng đơn vị'
    """
    plain = written.strip()
    if plain in OF_THE_STATE:
        return Authority(plain, plain, plain)
    for post, begins in POSTS:
        body = plain.removeprefix(post).strip() if plain.startswith(f"{post} ") else plain
        if f"{body} ".startswith(begins) and not body.startswith(NO_MINISTRIES):
            return Authority(body, f"{post} {body}", post)
    body = plain.removeprefix(ANY_HEAD).strip()
    return Authority(body, f"{ANY_HEAD} {body}", f"{ANY_HEAD} đơn vị")


def deciding(of: str, label: str, base: str, ministry: str, province: str) -> Authority:
    """Return who decides on a title that `of` decides on (base, ministry, province, state), named by the law `label`.

    `base`, `ministry`, `province`: names of the bodies; where nobody knows one, its place is dotted.
    """
    if of == "state":
        return authority(label)
    names = {
        "base": base or DOTS,
        "ministry": ministry or f"Bộ {DOTS}",
        "province": province or f"Ủy ban nhân dân tỉnh {DOTS}",
    }
    return authority(names[of])


def rank_of(written: str) -> int | None:
    """Return how high a body or post stands, as in `RANKS`; None where its words do not tell.

    >>> rank_of("Bộ Tài nguyên và Môi trường"), rank_of("Giám đốc Sở Nội vụ"), rank_of("Cục Viễn thám quốc gia")
    (1, 0, None)
    """
    return RANKS_OF_POSTS.get(authority(written).post)
