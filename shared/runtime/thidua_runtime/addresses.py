"""The address that a command was given, turned into that of the service it needs."""

from __future__ import annotations

from collections.abc import Callable


def address_of(service: str) -> Callable[[str], str]:
    """Return what turns the address given to a command into that of `service`, for a typer option's callback."""

    def found(url: str) -> str:
        # Options are read for every command, also by those that ask nobody.
        from thidua_runtime.calling import service_at  # noqa: PLC0415

        return service_at(url, service)

    return found
