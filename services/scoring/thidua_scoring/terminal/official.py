"""`thidua official ask | show | cancel`: official scores of a closed period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from thidua_scoring.terminal.options import ADDRESS, Token, Url

official = typer.Typer(help="Official scores of a closed period.", no_args_is_help=True)

Campaign = Annotated[str, typer.Argument(help="Code of the campaign.")]
Period = Annotated[str, typer.Argument(help="2022, 2022-Q1, 2022-03 …")]


@official.command("ask")
def ask(
    campaign: Campaign,
    token: Token,
    period: Annotated[str, typer.Option(help="2022, 2022-Q1, 2022-03 …; default: the campaign's year.")] = "",
    url: Url = ADDRESS,
) -> None:
    """Ask for the official scores of a period; they are made once every stream has passed this moment."""
    from thidua_runtime.calling import call

    _tell(call(f"{url}/campaigns/{campaign}/official", token, {"period": period} if period else {}))


@official.command("show")
def show(campaign: Campaign, period: Period, url: Url = ADDRESS) -> None:
    """Show how far the official scores of a period are, and what they wait for."""
    from thidua_runtime.calling import call

    _tell(call(f"{url}/campaigns/{campaign}/official/{period}"))


@official.command("cancel")
def cancel(
    campaign: Campaign,
    period: Period,
    reason: Annotated[str, typer.Option(help="Why; kept with the run.")],
    token: Token,
    url: Url = ADDRESS,
) -> None:
    """Take back a run that still waits for a stream; no score changes."""
    from thidua_runtime.calling import call

    _tell(call(f"{url}/campaigns/{campaign}/official/{period}/cancel", token, {"reason": reason}))


def _tell(found: dict[str, Any]) -> None:
    for line in _lines(found):
        typer.echo(line)


def _lines(found: dict[str, Any]) -> Iterator[str]:
    said = found.get("state_in_words", "chưa có yêu cầu")
    yield f"Chấm chính thức {found['campaign']}, kỳ {found['period']}: {said}."
    if found["state"] == "not_asked":
        return
    yield f"Mốc số liệu {_moment(found['cut'])}; {found['asked_by']}, {_moment(found['changed_at'])}."
    if found["waits_for"]:
        yield found["waits_for"]
    if found["state"] == "done":
        yield f"{found['scored']} đối tượng có điểm, {found['not_scored']} chưa chấm."
    if found["closed_because"]:
        yield f"Lý do: {found['closed_because']}"
    for one in found["left_to_rescorings"]:
        yield f"Bộ tiêu chí {one['set']} đã chấm lại (đợt {one['rescoring']}), giữ nguyên điểm của đợt đó."


def _moment(written: str) -> str:
    from thidua_runtime.clock import VIETNAM

    return datetime.fromisoformat(written).astimezone(VIETNAM).strftime("%H:%M ngày %d/%m/%Y")
