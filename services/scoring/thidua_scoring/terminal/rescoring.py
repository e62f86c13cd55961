"""`thidua rescore open | list | show | apply | cancel`: official scores made anew as a set, and what that changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from thidua_scoring.terminal.options import ADDRESS, Token, Url

rescore = typer.Typer(help="Official scores made anew as a whole, beside the old ones.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the re-scoring, as `open` and `list` print it.")]
Because = Annotated[str, typer.Option("--reason", help="Why; kept with the re-scoring.")]


@rescore.command("open")
def open_rescoring(
    campaign: Annotated[str, typer.Argument(help="Code of the campaign.")],
    period: Annotated[str, typer.Option(help="2022, 2022-Q1, 2022-03 …; longer periods made of it follow.")],
    set_id: Annotated[str, typer.Option("--set", help="Id of the criteria set.")],
    reason: Because,
    token: Token,
    version: Annotated[str, typer.Option(help="Another version of the set; default: the campaign's own.")] = "",
    url: Url = ADDRESS,
) -> None:
    """Open a re-scoring: everything affected is computed beside the official scores."""
    from thidua_runtime.calling import call

    asked = {"period": period, "set": set_id, "reason": reason, **({"version": version} if version else {})}
    _tell(call(f"{url}/campaigns/{campaign}/rescorings", token, asked))


@rescore.command("list")
def list_rescorings(campaign: Annotated[str, typer.Argument(help="Code of the campaign.")], url: Url = ADDRESS) -> None:
    """List the re-scorings of a campaign, newest first."""
    from thidua_runtime.calling import call

    for one in call(f"{url}/campaigns/{campaign}/rescorings"):
        typer.echo(_head(one))


@rescore.command("show")
def show(name: Id, url: Url = ADDRESS) -> None:
    """Show who moves from what to what, and what was skipped and why."""
    from thidua_runtime.calling import call

    _tell(call(f"{url}/rescorings/{name}?limit=1000"))


@rescore.command("apply")
def apply(name: Id, reason: Because, token: Token, url: Url = ADDRESS) -> None:
    """Put the new scores in place of the old ones, as a whole; the old ones are kept as superseded."""
    _close(url, name, "apply", reason, token)


@rescore.command("cancel")
def cancel(name: Id, reason: Because, token: Token, url: Url = ADDRESS) -> None:
    """Drop what was computed; the official scores stay."""
    _close(url, name, "cancel", reason, token)


def _close(url: str, name: str, verb: str, reason: str, token: str) -> None:
    from thidua_runtime.calling import call

    _tell(call(f"{url}/rescorings/{name}/{verb}", token, {"reason": reason}))


def _tell(found: dict[str, Any]) -> None:
    for line in _lines(found):
        typer.echo(line)


def _head(one: dict[str, Any]) -> str:
    what = f"{one['set']} {one['version']}, kỳ {one['period']}"
    return f"{one['id']}  {one['state_in_words']}  {what}  {one['opened_by']}: {one['reason']}"


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield _head(found)
    if found["waits_for"]:
        yield found["waits_for"]
    if found["state"] != "cancelled":
        yield f"Đã chấm lại {found['computed']} điểm; {found['unchanged']} không đổi, {found['moved']} thay đổi:"
    for one in found["changed"]:
        before = _score(one["before"]) if one["before"] else "chưa có điểm"
        yield f"  {one['name'] or one['subject']}, kỳ {one['period']}: {before} → {_score(one['after'])}"
    if len(found["changed"]) < found["moved"]:
        yield f"  … và {found['moved'] - len(found['changed'])} thay đổi khác, xem tiếp tại /rescorings/{found['id']}."
    yield from (f"Bỏ qua {number} điểm: {why}" for why, number in found["skipped_because"].items())
    if found["closed_because"]:
        yield f"{found['state_in_words']}, {found['changed_by']}: {found['closed_because']}"


def _score(one: dict[str, Any]) -> str:
    points = "không có điểm" if one["points"] is None else f"{one['points'].replace('.', ',')} điểm"
    return f"{points} ({one['band']})" if one["band"] else points
