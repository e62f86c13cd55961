"""`thidua dead-letters`, `thidua follower`, `thidua import`: a running service through its own doors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

letters = typer.Typer(help="Events that were refused.", no_args_is_help=True)
followers = typer.Typer(help="Streams that a service follows.", no_args_is_help=True)

Url = Annotated[str, typer.Option(envvar="THIDUA_URL", help="Address of the service, such as …:8000/monitoring.")]
Token = Annotated[str, typer.Option(envvar="THIDUA_TOKEN", help="Token with the role operator.")]
ADDRESS = "http://127.0.0.1:8000"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(letters, name="dead-letters")
    app.add_typer(followers, name="follower")
    app.command("import")(import_command)


@letters.command("list")
def list_letters(url: Url = f"{ADDRESS}/monitoring", state: str = "waiting") -> None:
    """List refused events with their reason."""
    from rich.console import Console
    from rich.table import Table

    from thidua_runtime.calling import call

    rows = call(f"{url}/operation/dead-letters?state={state}")
    table = Table("id", "stream", "aggregate", "reason", "sentence", "received")
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("id", "stream", "aggregate", "reason", "sentence", "received_at")))
    Console().print(table if rows else "No event waits here.")


@letters.command("retry")
def retry(letter: int, token: Token, url: Url = f"{ADDRESS}/monitoring") -> None:
    """Hand a refused event to its handler again."""
    from thidua_runtime.calling import call

    typer.echo(call(f"{url}/operation/dead-letters/{letter}/retry", token, {}))


@letters.command("discard")
def discard(letter: int, reason: str, token: Token, url: Url = f"{ADDRESS}/monitoring") -> None:
    """Close a refused event for good, with a reason."""
    from thidua_runtime.calling import call

    typer.echo(call(f"{url}/operation/dead-letters/{letter}/discard", token, {"reason": reason}))


@followers.command("list")
def list_followers(url: Url = f"{ADDRESS}/monitoring") -> None:
    """List the followed streams with state and lag."""
    from rich.console import Console
    from rich.table import Table

    from thidua_runtime.calling import call

    table = Table("stream", "state", "lag")
    for row in call(f"{url}/operation/followers"):
        table.add_row(row["stream"], row["state"], str(row["lag"]))
    Console().print(table)


@followers.command("resume")
def resume(stream: str, token: Token, url: Url = f"{ADDRESS}/monitoring") -> None:
    """Let a follower go on that stopped because too many events were bad."""
    from thidua_runtime.calling import call

    answer = call(f"{url}/operation/followers/{stream}/resume", token, {})
    typer.echo("resumed" if answer["resumed"] else f"{stream} was not stopped")


def import_command(
    kind: Annotated[str, typer.Argument(help="units, people, ratings, clusters (registration); tasks; awards.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX.")],
    token: Annotated[str, typer.Option(envvar="THIDUA_TOKEN", help="Token of the role office.")],
    url: Annotated[str, typer.Option(envvar="THIDUA_URL", help="Address of the service.")] = ADDRESS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Import a table; bad rows are refused with number, column and reason, the others get in."""
    from thidua_runtime.commands_import import import_file

    raise typer.Exit(import_file(kind, file, url, token, dry_run))
