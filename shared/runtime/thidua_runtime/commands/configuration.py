"""`thidua settings`, `thidua token`, `thidua doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

tokens = typer.Typer(help="Tokens that name who writes.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("settings")(settings_command)
    app.command("doctor")(doctor)
    app.command("roles")(roles)
    app.add_typer(tokens, name="token")


def settings_command(
    service: Annotated[str | None, typer.Argument(help="Service whose settings are meant; the table is one.")] = None,
) -> None:
    """Show every setting with its value; secrets are masked, unknown THIDUA_ names refused."""
    from pydantic import SecretStr

    from thidua_runtime.printing import grid, printer
    from thidua_runtime.service import load_service
    from thidua_runtime.settings import PREFIX, Settings, read_settings

    settings = read_settings()
    if service is not None:
        load_service(service)
    table = grid("setting", "value", "meaning")
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = "********" if isinstance(value, SecretStr) else ("" if value is None else str(value))
        table.add_row(PREFIX + name.upper(), shown, field.description or "")
    printer().print(table)


@tokens.command("create")
def create(
    actor: Annotated[str, typer.Option(help="Who acts with it: a name as it shall stand in the records.")],
    role: Annotated[str, typer.Option(help="operator, office, unit:CODE, appraiser, source:NAME or reader.")],
) -> None:
    """Make a token: the token itself is printed once, its line goes to the file THIDUA_API_TOKENS_FILE."""
    from thidua_runtime.access import new_token, token_line

    token = new_token()
    line = token_line(actor, role, token)
    typer.echo(f"token (give it to {actor}; it is stored nowhere): {token}")
    typer.echo("line for the tokens file:")
    typer.echo(line)


def roles() -> None:
    """Print the SQL that makes databases and roles of this province: no service reads another's database."""
    from thidua_runtime.installed import installed_services
    from thidua_runtime.roles import roles_sql
    from thidua_runtime.settings import read_settings

    typer.echo(roles_sql(read_settings().province, installed_services()), nl=False)


def doctor(service: Annotated[str, typer.Argument(help="Service to examine.")]) -> None:
    """Examine settings, database, schema, topics, clock and criteria sets; exit code 1 if one is red."""
    import asyncio

    from thidua_runtime.doctor import examine
    from thidua_runtime.printing import grid, printer
    from thidua_runtime.service import load_service
    from thidua_runtime.settings import read_settings

    findings = asyncio.run(examine(load_service(service), read_settings()))
    table = grid("what", "state", "found")
    for finding in findings:
        table.add_row(finding.what, "[green]ok[/]" if finding.good else "[red]red[/]", finding.found)
    printer().print(table)
    if any(not finding.good for finding in findings):
        raise typer.Exit(1)
