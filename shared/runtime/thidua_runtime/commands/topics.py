"""`thidua topics`: make the topics, or print what another team shall make."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

topics = typer.Typer(help="Topics of this province on Kafka.", no_args_is_help=True)


class Format(StrEnum):
    """What `print` writes."""

    STRIMZI = "strimzi"
    KAFKA_TOPICS = "kafka-topics"
    ACLS = "acls"
    RIGHTS = "rights"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(topics, name="topics")


@topics.command("apply")
def apply() -> None:
    """Create missing topics and set what differs; says what it did."""
    import asyncio

    from thidua_runtime.settings import read_settings
    from thidua_runtime.topics import apply_topics

    for line in asyncio.run(apply_topics(read_settings())):
        typer.echo(line)


@topics.command("print")
def print_command(format: Annotated[Format, typer.Option(help="For whom.")] = Format.KAFKA_TOPICS) -> None:
    """Print topics or access rules for a Kafka that others run."""
    from thidua_runtime.settings import read_settings
    from thidua_runtime.topics import print_topics

    typer.echo(print_topics(read_settings(), format.value))
