"""The metrics door: all services of a process on one port, each metric family once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from thidua_runtime.metrics import Meters
from thidua_runtime.serving import port_taken


@dataclass(frozen=True)
class _AllServices(Collector):
    meters: Sequence[Meters]

    def collect(self) -> Iterator[Metric]:
        merged: dict[str, Metric] = {}
        for one in self.meters:
            for family in one.registry.collect():
                if family.name in merged:
                    merged[family.name].samples.extend(family.samples)
                else:
                    merged[family.name] = family
        yield from merged.values()


def registry_of(meters: Sequence[Meters]) -> CollectorRegistry:
    """Return one registry over the metrics of several services."""
    registry = CollectorRegistry()
    registry.register(_AllServices(tuple(meters)))
    return registry


def serve_metrics(meters: Sequence[Meters], host: str, port: int) -> tuple[int, WSGIServer]:
    """Serve metrics until the returned server is shut down; port 0 takes a free one, which is returned.

    Raises PortTaken.
    """
    try:
        server, _ = start_http_server(port, host, registry_of(meters))
    except OSError as error:
        raise port_taken(error, host, port, "METRICS_PORT") from error
    return int(server.server_address[1]), server
