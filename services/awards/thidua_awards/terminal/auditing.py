"""`thidua audit verify`: check the hash chain of a running awards service."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from thidua_runtime.addresses import address_of

ADDRESS: Final = "http://127.0.0.1:8000/awards"
Url = Annotated[
    str,
    typer.Option(
        envvar="THIDUA_URL", callback=address_of("awards"), help="Address of the suite or of the awards service."
    ),
]

audit = typer.Typer(help="The hash chain over votes, judged findings and decisions.", no_args_is_help=True)


@audit.callback()
def _group() -> None:
    """Keep `audit` a group while it has one command."""


@audit.command("verify")
def verify(
    head: Annotated[str, typer.Option(help="A head printed on minutes; it must be in the chain.")] = "",
    url: Url = ADDRESS,
) -> None:
    """Check every link and the records it covers; exit code 1 and their names if one was altered."""
    from thidua_runtime.calling import call  # noqa: PLC0415 - commands are loaded for any of them

    found = call(f"{url}/audit?head={head}")
    for broken in found["broken"]:
        typer.echo(f"chuỗi bị đứt tại {broken}")
    for altered in found["altered"]:
        typer.echo(f"đã bị thay đổi: {altered}")
    for withheld in found["withheld"]:
        typer.echo(f"khôi phục từ luồng, không còn lời văn về kỷ luật, vắng mặt, tạm dừng để đối chiếu: {withheld}")
    if not found["printed_head_known"]:
        typer.echo("giá trị in trên biên bản không có trong chuỗi: chuỗi đã bị lập lại hoặc cắt bớt")
    typer.echo(f"{found['links']} mắt xích, giá trị cuối {found['head']}")
    if not found["sound"]:
        raise typer.Exit(1)
