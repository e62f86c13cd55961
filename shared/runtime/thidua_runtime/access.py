"""Who may do what: named tokens, one checking place."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thidua_runtime.errors import NotAllowed, SettingRefused, TokenRefused, WhoAreYou

ROLES: Final = ("operator", "office", "unit", "appraiser", "source", "reader")
"""operator runs the suite; office is the standing office; unit:CODE and source:NAME are bound to one."""

ROLE_WORDS: Final = {
    "operator": "người vận hành",
    "office": "Thường trực Hội đồng",
    "unit": "đơn vị",
    "appraiser": "người thẩm định",
    "source": "nguồn số liệu",
    "reader": "người xem",
}
"""Roles as an official reads them."""


@dataclass(frozen=True)
class Principal:
    """Who is acting: `actor` is stored with every write; `scope` binds a unit or source role."""

    actor: str
    role: str
    scope: str | None = None

    @property
    def unit(self) -> str | None:
        """The unit code this principal is bound to, if any."""
        return self.scope if self.role == "unit" else None

    def may_act_for(self, unit_code: str) -> None:
        """Raise NotAllowed if this principal is bound to another unit."""
        if self.role == "unit" and self.scope != unit_code:
            raise NotAllowed(
                why=f"mã truy cập này chỉ dùng cho đơn vị {self.scope}, không dùng cho {unit_code}",
                why_en=f"this token acts for unit {self.scope} alone, not for {unit_code}",
            )


@dataclass(frozen=True)
class Tokens:
    """The known tokens by the SHA-256 of their text; the text itself is never stored."""

    by_hash: dict[str, Principal]

    def principal(self, token: str | None) -> Principal:
        """Return whose token it is; raises WhoAreYou without one, NotAllowed for an unknown one."""
        if not token:
            raise WhoAreYou
        found = self.by_hash.get(fingerprint(token.strip()))
        if found is None:
            raise NotAllowed(why="mã truy cập không có trong danh sách", why_en="this token is unknown")
        return found

    def knows(self, token: str) -> bool:
        """Whether the token is a known one."""
        return fingerprint(token.strip()) in self.by_hash

    def with_token(self, token: str, principal: Principal) -> Tokens:
        """Return these tokens and one more."""
        return Tokens({**self.by_hash, fingerprint(token): principal})


def fingerprint(token: str) -> str:
    """Return the SHA-256 of a token in hex; tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Return a new random token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_line(actor: str, role: str, token: str) -> str:
    """Return the line for THIDUA_API_TOKENS_FILE; blanks in the actor become underscores."""
    wrong = _wrong_role(role)
    if wrong or not actor.strip() or len(role.split()) != 1:
        raise TokenRefused(why=wrong or "it needs a name, and a role without blanks")
    return f"{'_'.join(actor.split())} {role} {fingerprint(token)}"


def parse_role(role: str) -> tuple[str, str | None]:
    """Split `unit:stnmt-01` into role and scope; raises SettingRefused for a role that does not exist."""
    if wrong := _wrong_role(role):
        raise SettingRefused(name="API_TOKENS_FILE", why=wrong)
    name, _, scope = role.partition(":")
    return name, scope or None


def _wrong_role(role: str) -> str:
    name, _, scope = role.partition(":")
    if name in ROLES and (name in {"unit", "source"}) == bool(scope):
        return ""
    return f"role {role!r} does not exist; known: operator, office, unit:CODE, appraiser, source:NAME, reader"


def read_tokens(path: Path | None) -> Tokens:
    """Read the tokens file; an absent setting means that nobody may write."""
    if path is None:
        return Tokens({})
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingRefused(name="API_TOKENS_FILE", why=f"it cannot be read: {error}") from error
    tokens: dict[str, Principal] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split()
        if len(parts) != 3:
            raise SettingRefused(name="API_TOKENS_FILE", why=f"line {number} is not `actor role sha256`")
        name, scope = parse_role(parts[1])
        tokens[parts[2]] = Principal(parts[0].replace("_", " "), name, scope)
    return Tokens(tokens)
