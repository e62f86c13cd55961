"""Named tokens: who they are, what they are bound to, and what a file of them may hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from thidua_runtime.access import Tokens, new_token, read_tokens, token_line
from thidua_runtime.errors import NotAllowed, SettingRefused, TokenRefused, WhoAreYou


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "tokens"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_token_names_its_actor_and_role(tmp_path: Path) -> None:
    token = new_token()
    tokens = read_tokens(_file(tmp_path, "# văn phòng", "", token_line("Nguyễn Văn An", "unit:stnmt-01", token)))
    principal = tokens.principal(token)
    assert (principal.actor, principal.role, principal.unit) == ("Nguyễn Văn An", "unit", "stnmt-01")


def test_the_file_never_holds_the_token_itself() -> None:
    token = new_token()
    assert token not in token_line("An", "office", token)


@pytest.mark.parametrize("sent", ["wrong", "Bearer wrong", " "])
def test_an_unknown_token_is_refused_in_two_languages(sent: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        Tokens({}).principal(sent)
    assert "Không được phép" in str(refused.value)
    assert refused.value.in_english.startswith("Not allowed")


def test_without_any_token_the_caller_is_asked_who_it_is() -> None:
    with pytest.raises(WhoAreYou):
        Tokens({}).principal(None)


def test_a_unit_may_act_for_itself_alone(tmp_path: Path) -> None:
    token = new_token()
    principal = read_tokens(_file(tmp_path, token_line("An", "unit:a", token))).principal(token)
    principal.may_act_for("a")
    with pytest.raises(NotAllowed, match="chỉ dùng cho đơn vị a"):
        principal.may_act_for("b")


@pytest.mark.parametrize("role", ["king", "unit", "source:", "office:x", ""])
def test_a_role_that_does_not_exist_or_lacks_its_scope_is_refused(role: str) -> None:
    with pytest.raises(TokenRefused, match=r"^No token was made: role .* does not exist") as refused:
        token_line("An", role, new_token())
    assert "API_TOKENS_FILE" not in str(refused.value)


def test_a_line_that_is_not_a_token_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="line 2"):
        read_tokens(_file(tmp_path, "# first", "An office"))
