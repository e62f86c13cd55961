"""`thidua dead-letters`, `thidua follower`, `thidua import`: a running service through its own doors."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

letters = typer.Typer(help="Events that were refused.", no_args_is_help=True)
followers = typer.Typer(help="Streams that a service follows.", no_args_is_help=True)

Url = Annotated[str, typer.Option(envvar="THIDUA_URL", help="Address of the suite, or of a service: …:8000/awards.")]
Of = Annotated[str, typer.Option("--service", help="Whose; default: that of the address, else monitoring.")]
Token = Annotated[str, typer.Option(envvar="THIDUA_TOKEN", help="Token with the role operator.")]
ADDRESS = "http://127.0.0.1:8000"


class Standing(StrEnum):
    """In which state a refused event is."""

    WAITING = "waiting"
    RETRIED = "retried"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(letters, name="dead-letters")
    app.add_typer(followers, name="follower")
    app.command("import")(import_command)


@letters.command("list")
def list_letters(
    url: Url = ADDRESS,
    service: Of = "",
    state: Annotated[Standing, typer.Option(help="Which of them.")] = Standing.WAITING,
) -> None:
    """List refused events with their reason."""
    from thidua_runtime.calling import call
    from thidua_runtime.printing import grid, printer

    rows = call(f"{_base(url, service)}/operation/dead-letters?state={state.value}")
    table = grid("id", "stream", "aggregate", "reason", "sentence", "received")
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("id", "stream", "aggregate", "reason", "sentence", "received_at")))
    printer().print(table if rows else f"No event is {state.value} here.")


@letters.command("retry")
def retry(letter: int, token: Token, url: Url = ADDRESS, service: Of = "") -> None:
    """Hand a refused event to its handler again."""
    from thidua_runtime.calling import call

    answer = call(f"{_base(url, service)}/operation/dead-letters/{letter}/retry", token, {})
    typer.echo(_retried(letter, answer.get("waits_as")))


@letters.command("discard")
def discard(letter: int, reason: str, token: Token, url: Url = ADDRESS, service: Of = "") -> None:
    """Close a refused event for good, with a reason."""
    from thidua_runtime.calling import call

    call(f"{_base(url, service)}/operation/dead-letters/{letter}/discard", token, {"reason": reason})
    typer.echo(f"event {letter} is closed for good: {reason}")


@followers.command("list")
def list_followers(url: Url = ADDRESS, service: Of = "") -> None:
    """List the followed streams with state and lag."""
    from thidua_runtime.calling import call
    from thidua_runtime.printing import grid, printer

    table = grid("stream", "state", "lag")
    for row in call(f"{_base(url, service)}/operation/followers"):
        table.add_row(row["stream"], row["state"], str(row["lag"]))
    printer().print(table)


@followers.command("resume")
def resume(stream: str, token: Token, url: Url = ADDRESS, service: Of = "") -> None:
    """Let a follower go on that stopped because too many events were bad."""
    from thidua_runtime.calling import call

    answer = call(f"{_base(url, service)}/operation/followers/{stream}/resume", token, {})
    typer.echo("resumed" if answer["resumed"] else f"{stream} was not stopped")


def _base(url: str, service: str) -> str:
    from thidua_runtime.calling import service_at
    from thidua_runtime.installed import installed_services

    named = url.rstrip("/").rpartition("/")[2]
    return service_at(url, service or (named if named in installed_services() else "monitoring"))


def _retried(letter: int, waits_as: int | None) -> str:
    if waits_as is None:
        return f"event {letter} is applied, or waits for a unit or person not known yet"
    return f"event {letter} still cannot be applied; it waits again as event {waits_as}"


def import_command(
    kind: Annotated[str, typer.Argument(help="units, people, ratings, clusters (registration); tasks; awards.")],
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX.")] = None,
    token: Annotated[str, typer.Option(envvar="THIDUA_TOKEN", help="Token of the role office.")] = "",
    url: Annotated[str, typer.Option(envvar="THIDUA_URL", help="Address of the suite or of the service.")] = ADDRESS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    template: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write an empty CSV with the columns instead.")
    ] = None,
) -> None:
    """Import a table; bad rows are refused with number, column and reason, the others get in."""
    from thidua_runtime.commands_import import import_file, save_template

    if template is not None:
        save_template(kind, template)
        typer.echo(f"{template}: the columns of {kind}; docs/integrators.md says what goes into them")
        return
    if file is None or not token:
        raise typer.BadParameter("give a FILE and a token (--token or THIDUA_TOKEN), or --template FILE.csv")
    raise typer.Exit(import_file(kind, file, url, token, dry_run))
