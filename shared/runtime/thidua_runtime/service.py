"""What a service is: a frozen table of what it owns, follows and serves, read by `run`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Protocol

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Executable, MetaData

from thidua.contracts import State
from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import UnknownService
from thidua_runtime.installed import GROUP, installed_services
from thidua_runtime.jobs import Job
from thidua_runtime.keeping import Keeping
from thidua_runtime.metrics import Sample
from thidua_runtime.settings import Settings

Handler = Callable[[Any, Transaction], Awaitable[Any]]
"""A plain async function of a `Batch` and a `Transaction`; called twice, it leaves the same state."""

GaugeSource = Callable[[Transaction], Awaitable[Sequence[Sample]]]
"""One set-based query that yields state gauges; run each minute by every replica."""


class Running(Protocol):
    """A running service, as far as its loops reach into it."""

    @property
    def database(self) -> Database:
        """Return the service's database."""
        ...


Loop = Callable[[Running], Coroutine[Any, Any, None]]
"""A background activity that runs until it is cancelled."""


BeforeHeartbeat = Callable[[Database], Awaitable[None]]
"""Publishes, in transactions of its own, what a service has put off."""


Derive = Callable[[Transaction], Awaitable[None]]
"""Makes derived tables anew, within one transaction."""


Examine = Callable[[Settings], str]
"""Looks at a setting of a service and says what it found; raises a ThiduaError where it cannot be used."""


@dataclass(frozen=True)
class Service:
    """One service. `migrations` names its Alembic chain as `package:folder`; empty: it has no tables of its own.

    `counters` name, once at the start, the series whose labels are known, so that they begin at 0: `rate()` and
    `increase()` see no first event of a series that begins with it.
    `waiting` counts the work that its loops, or `before_heartbeat`, still have to do; `settle` waits until it is
    zero. `before_heartbeat` publishes what was put off, so that a heartbeat stands behind all that happened before.
    `keeps` says how its tables hold each owned stream; `derive` makes anew, from replicas and primary tables, all
    that is derived from them, and touches nothing that a person did. `watches` are loops that only hurry what
    happens anyway, such as at the next heartbeat: nobody waits for them. `side_by_side`: streams of which two halves of
    the partitions are applied at the same time where much waits, as by two instances of the service.
    `examines`: what of its own settings is checked before it starts and by `thidua doctor`. `imports`: the row models
    of import files by kind.
    """

    name: str
    owns: tuple[type[State], ...]
    follows: Mapping[type[State], tuple[Handler, ...]]
    metadata: MetaData
    migrations: str
    api: APIRouter
    jobs: tuple[Job, ...] = ()
    gauges: tuple[GaugeSource, ...] = ()
    counters: tuple[GaugeSource, ...] = ()
    loops: tuple[Loop, ...] = ()
    watches: tuple[Loop, ...] = ()
    waiting: Executable | None = None
    before_heartbeat: BeforeHeartbeat | None = None
    keeps: Mapping[type[State], Keeping] = field(default_factory=dict)
    derive: Derive | None = None
    side_by_side: tuple[type[State], ...] = ()
    examines: Mapping[str, Examine] = field(default_factory=dict)
    imports: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    version: str = "0.1.0"
    by_stream: Mapping[str, tuple[type[State], tuple[Handler, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        by_stream = {model.stream: (model, handlers) for model, handlers in self.follows.items()}
        object.__setattr__(self, "by_stream", by_stream)


def load_service(name: str) -> Service:
    """Import one installed service; raises UnknownService."""
    for point in entry_points(group=GROUP, name=name):
        service = point.load()
        assert isinstance(service, Service)
        return service
    raise UnknownService(name=name, installed=", ".join(installed_services()) or "none")
