"""`thidua plugins list | show | install | enable | disable | withdraw`: the sets of a running suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from thidua.plugins.commands import plugins
from thidua_scoring.terminal.options import ADDRESS, Reason, SetAtVersion, Token, Url, path_of


def register() -> None:
    """Add the commands to `thidua plugins`."""
    for name, command in (
        ("list", list_sets), ("show", show), ("install", install), ("enable", enable), ("disable", disable),
        ("withdraw", withdraw),
    ):  # fmt: skip
        plugins.command(name)(command)


def list_sets(url: Url = ADDRESS) -> None:
    """List the sets of a running suite with their state."""
    from thidua_runtime.calling import call
    from thidua_runtime.printing import grid, printer

    table = grid("set", "state", "scores", "title", "since", "by")
    for one in call(f"{url}/criteria-sets"):
        name = f"{one['id']}@{one['set_version']}"
        table.add_row(name, one["state"], one["subject_kind"], one["title"], one["changed_at"][:16], one["changed_by"])
    printer().print(table)


def show(
    named: SetAtVersion,
    report: Annotated[bool, typer.Option("--report", help="The report of its examiners instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
    url: Url = ADDRESS,
) -> None:
    """Show one set: state, reason, declared inputs, criteria; or what its examiners found."""
    import json

    from thidua.plugins import showing
    from thidua_runtime.calling import call

    found = call(f"{url}/criteria-sets/{path_of(named)}{'/report' if report else ''}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for line in (showing.rules if report else one_set)(found):
        typer.echo(line)


def one_set(found: Mapping[str, Any]) -> Iterator[str]:
    """Return an installed set as lines: what it is, who is asked for what, what it scores."""
    manifest = found["manifest"]
    yield f"{found['id']}@{found['set_version']} · {found['title']}"
    because = f" ({found['reason']})" if found["reason"] else ""
    yield f"state: {found['state']}{because} · scores: {found['subject_kind']}"
    yield f"legal basis: {'; '.join(manifest.get('legal_basis', ())) or 'none named'}"
    yield f"artefact: {found['artefact']}"
    yield f"criteria ({len(manifest.get('criteria', ()))}):"
    for one in manifest.get("criteria", ()):
        yield f"  {one['code']:<8} {one['maximum']!s:>8}  {one.get('title', '')}"
    yield f"inputs ({len(found['inputs'])}), each with its kind and who states it:"
    for one in found["inputs"]:
        by = ", ".join(one.get("stated_by", ())) or one["origin"]
        yield f"  {one['name']:<28} {one['kind']:<12} {by:<24} {one.get('title', '')}"


def install(
    file: Annotated[Path, typer.Argument(exists=True, help="Wheel, or folder of a set without code.")],
    token: Token,
    url: Url = ADDRESS,
) -> None:
    """Install a set into a running suite, without a restart; it waits in evaluation until it is enabled."""
    from thidua.plugins.packages import packed
    from thidua_runtime.calling import send

    found = send(f"{url}/criteria-sets?name={quote(file.name)}", token, packed(file))
    typer.echo(f"{found['id']}@{found['version']}: {found['state']}, tier {found['tier']}, {found['artefact']}")


def enable(named: SetAtVersion, reason: Reason, token: Token, url: Url = ADDRESS) -> None:
    """Let a set score."""
    _move(url, named, "enable", reason, token)


def disable(named: SetAtVersion, reason: Reason, token: Token, url: Url = ADDRESS) -> None:
    """Stop a set until it is enabled again."""
    _move(url, named, "disable", reason, token)


def withdraw(named: SetAtVersion, reason: Reason, token: Token, url: Url = ADDRESS) -> None:
    """Stop a version of a set for good."""
    _move(url, named, "withdraw", reason, token)


def _move(url: str, named: str, verb: str, reason: str, token: str) -> None:
    from thidua_runtime.calling import call

    found = call(f"{url}/criteria-sets/{path_of(named)}/{verb}", token, {"reason": reason})
    typer.echo(f"{named}: {found['state']}")
