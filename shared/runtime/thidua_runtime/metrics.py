"""Prometheus: counters of this process, and state gauges refreshed by query, never during a scrape."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

COMMON: Final = ("province", "service")
BUCKETS: Final = (0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0)


@dataclass(frozen=True)
class Sample:
    """One value of a gauge; `province` and `service` are added by the runtime."""

    name: str
    labels: dict[str, str]
    value: int | float


@dataclass(eq=False)
class Gauges(Collector):
    """The state gauges of one service as last refreshed, plus those read at the scrape from memory."""

    province: str
    service: str
    refreshed_at: float | None = None
    samples: tuple[Sample, ...] = ()
    live: list[Callable[[], Iterable[Sample]]] = field(default_factory=list)

    def replace(self, samples: Iterable[Sample]) -> None:
        """Show these samples from now on; what is not among them disappears."""
        self.samples = tuple(samples)
        self.refreshed_at = time.time()

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges for a scrape, without touching the database."""
        samples = [*self.samples, *(sample for source in self.live for sample in source())]
        if self.refreshed_at is not None:
            samples.append(Sample("thidua_state_refreshed_timestamp_seconds", {}, self.refreshed_at))
        by_name: dict[str, list[Sample]] = {}
        for sample in samples:
            by_name.setdefault(sample.name, []).append(sample)
        for name, same in sorted(by_name.items()):
            yield self._family(name, same)

    def _family(self, name: str, samples: list[Sample]) -> GaugeMetricFamily:
        labels = tuple(sorted({label for sample in samples for label in sample.labels}))
        family = GaugeMetricFamily(name, f"See docs/metrics.md: {name}", labels=(*COMMON, *labels))
        for sample in samples:
            values = [sample.labels.get(label, "") for label in labels]
            family.add_metric([self.province, self.service, *values], sample.value)
        return family


class Meters:
    """All metrics of one service in one process, in a registry of their own."""

    def __init__(self, province: str, service: str) -> None:
        self.registry = CollectorRegistry()
        self.common = {"province": province, "service": service}
        self.gauges = Gauges(province, service)
        self.registry.register(self.gauges)
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter; its label names are fixed by the first call."""
        if name not in self._counters:
            names = (*COMMON, *sorted(labels))
            documentation = f"See docs/metrics.md: {name}"
            self._counters[name] = Counter(name, documentation, names, registry=self.registry)
        self._counters[name].labels(**self.common, **labels).inc(amount)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration in seconds to a histogram of eight buckets."""
        if name not in self._histograms:
            names = (*COMMON, *sorted(labels))
            documentation = f"See docs/metrics.md: {name}"
            self._histograms[name] = Histogram(name, documentation, names, registry=self.registry, buckets=BUCKETS)
        self._histograms[name].labels(**self.common, **labels).observe(seconds)
