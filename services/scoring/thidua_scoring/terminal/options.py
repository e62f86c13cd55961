"""Options that the commands share."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from thidua_runtime.addresses import address_of

ADDRESS: Final = "http://127.0.0.1:8000/scoring"
Url = Annotated[
    str,
    typer.Option(
        envvar="THIDUA_URL", callback=address_of("scoring"), help="Address of the suite or of the scoring service."
    ),
]
Token = Annotated[str, typer.Option(envvar="THIDUA_TOKEN", help="Token with the role operator.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the set.")]
SetAtVersion = Annotated[str, typer.Argument(help="SET@VERSION, as in so-y-te-2026@1.0.0.")]


def path_of(named: str) -> str:
    """Return `SET/VERSION` of `SET@VERSION`. Raises typer.BadParameter if it is none."""
    name, at, version = named.partition("@")
    if not (name and at and version) or "/" in named:
        raise typer.BadParameter(f"{named!r} names no version; write SET@VERSION, as in so-y-te-2026@1.0.0")
    return f"{name}/{version}"
