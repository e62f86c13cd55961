"""Who may do what on Kafka, made from what the services own and follow: printed for those who grant it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table

from thidua_runtime.service import Service
from thidua_runtime.settings import Settings

INBOXES: Final = ("sources", "tasks")
"""Streams that task sources write."""

LOOK: Final = ("Describe", "DescribeConfigs")
TOPIC, GROUP, TRANSACTION = "topic", "group", "transactional-id"


@dataclass(frozen=True)
class Right:
    """What one principal may do with a topic, group or transactional id, or with all whose names begin so."""

    principal: str
    operations: tuple[str, ...]
    kind: str
    name: str
    is_prefix: bool = False

    @property
    def command(self) -> str:
        """The command of `kafka-acls.sh` that grants it; $KAFKA stands for the brokers' address."""
        may = " ".join(f"--operation {operation}" for operation in self.operations)
        pattern = " --resource-pattern-type prefixed" if self.is_prefix else ""
        user = shlex.quote(f"User:{self.principal}")
        return (
            f'kafka-acls.sh --bootstrap-server "$KAFKA" --add --allow-principal {user} {may} '
            f"--{self.kind} {self.name}{pattern}"
        )


def principal_of(settings: Settings, party: str) -> str:
    """Return the principal of a service or of another party: `thidua-<province>-<party>`."""
    return f"thidua-{settings.province}-{party}"


def rights(settings: Settings, services: Sequence[Service]) -> list[Right]:
    """Return everything that services, task sources, the topic administrator and an auditor need, and nothing else."""
    found = [right for service in sorted(services, key=lambda s: s.name) for right in _of_service(settings, service)]
    source, every = principal_of(settings, "source"), f"thidua.{settings.province}."
    found += [Right(source, ("Write", *LOOK), TOPIC, every + stream) for stream in INBOXES]
    administrator = principal_of(settings, "topics")
    found.append(Right(administrator, ("Create", "Alter", "AlterConfigs", *LOOK), TOPIC, every, is_prefix=True))
    # `thidua state` and `thidua verify` read all streams, and no group remembers it.
    found.append(Right(principal_of(settings, "auditor"), ("Read", *LOOK), TOPIC, every, is_prefix=True))
    return found


def commands(settings: Settings, services: Sequence[Service]) -> str:
    """Return commands of `kafka-acls.sh`, a heading for each principal."""
    lines: list[str] = []
    principal = ""
    for right in rights(settings, services):
        if right.principal != principal:
            principal = right.principal
            lines.append(f"# {_ABOUT.get(principal.rpartition('-')[2], 'service')}: {principal}")
        lines.append(right.command)
    return "\n".join(lines) + "\n"


def table(settings: Settings, services: Sequence[Service]) -> str:
    """Return the same as a table to read: principal, what on, what it may do."""
    shown = Table("principal", "on", "name", "may")
    for right in rights(settings, services):
        name = f"{right.name}*" if right.is_prefix else right.name
        shown.add_row(right.principal, right.kind, name, ", ".join(right.operations))
    console = Console(width=160, file=StringIO())
    console.print(shown)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


_ABOUT: Final = {
    "source": "a task source, one principal each with these rights",
    "topics": "who runs `thidua topics apply`",
    "auditor": "who runs `thidua state` and `thidua verify`",
}


def _of_service(settings: Settings, service: Service) -> list[Right]:
    principal = principal_of(settings, service.name)
    every = f"thidua.{settings.province}."
    owned = [model.stream for model in service.owns]
    followed = sorted(set(service.by_stream) - set(owned))
    return [
        # Its own streams it also reads: restore and rebuild compare them with the database.
        *(Right(principal, ("Write", "Read", *LOOK), TOPIC, every + name) for name in owned),
        *(Right(principal, ("Read", *LOOK), TOPIC, every + name) for name in followed),
        # The dot at the end: without it `ha` would also open `hai-phong`, and `a` the groups of `ab`.
        Right(principal, ("Read", "Describe"), GROUP, f"{every}{service.name}.", is_prefix=True),
        Right(principal, ("Write", "Describe"), TRANSACTION, every + service.name),
    ]
