"""`thidua fairness`: the fairness report of a campaign, for the council."""

from __future__ import annotations

from typing import Annotated

import typer

from thidua_awards.terminal.auditing import ADDRESS, Url


def fairness(
    campaign: Annotated[str, typer.Argument(help="Code of the campaign.")],
    url: Url = ADDRESS,
) -> None:
    """Print the fairness report of a campaign: advisory figures for the council, each with its definition."""
    # Commands are loaded for any of them.
    from thidua_awards.terminal.report_lines import fairness_lines  # noqa: PLC0415
    from thidua_runtime.calling import call  # noqa: PLC0415

    for line in fairness_lines(call(f"{url}/fairness?campaign={campaign}")):
        typer.echo(line)
