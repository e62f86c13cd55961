"""`thidua topics`: brings the topics of a province into being, or prints them for a Kafka run by others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import yaml

from thidua_runtime import rights
from thidua_runtime.errors import SettingMissing
from thidua_runtime.installed import installed_services
from thidua_runtime.kafka.admin import Admin, open_admin
from thidua_runtime.kafka.wanted import WANTED, WantedTopic
from thidua_runtime.service import load_service
from thidua_runtime.settings import Settings


async def apply_topics(settings: Settings) -> list[str]:
    """Create missing topics, raise partitions, put settings in force; return a line per change.

    Partitions are never lowered and nothing is deleted. Raises SettingMissing, BusAway or BusRefused.
    """
    if not settings.kafka_servers:
        raise SettingMissing(name="KAFKA_SERVERS", meaning="give the brokers as `host:port,…`.")
    async with open_admin(settings) as admin:
        brokers = await admin.brokers()
        replication = min(settings.kafka_replication, brokers)
        lines = _about_replication(settings, brokers, replication)
        present = await admin.partitions()
        names = [topic.name(settings.province) for topic in WANTED.values()]
        in_force = await admin.settings_of(name for name in names if name in present)
        for topic in WANTED.values():
            name = topic.name(settings.province)
            if name in present:
                lines += await _mend(admin, name, topic, present[name], in_force[name], replication)
            else:
                await admin.create(name, topic.partitions, replication, topic.settings_with(replication))
                lines.append(f"{name}: created with {topic.partitions} partitions")
        await admin.wait_until_listed(names)
    return lines or ["All topics are as they should be."]


def print_topics(settings: Settings, format: str) -> str:
    """Return the topics (`strimzi`, `kafka-topics`) or who may do what (`acls`, `rights`) as text to apply elsewhere.

    Access rules come from what the installed services own and follow; the other two need no service.
    """
    if format in RIGHTS:
        return RIGHTS[format](settings, [load_service(name) for name in installed_services()])
    return FORMATS[format](settings)


def strimzi(settings: Settings) -> str:
    """Return KafkaTopic resources for the Strimzi operator, version 0.49 or newer."""
    resources = [_strimzi_topic(settings, topic) for topic in WANTED.values()]
    return yaml.safe_dump_all(resources, sort_keys=False, allow_unicode=True)


def kafka_topics(settings: Settings) -> str:
    """Return commands of Kafka's own `kafka-topics.sh`; $KAFKA stands for the brokers' address."""
    return "\n".join(_kafka_topics_command(settings, topic) for topic in WANTED.values()) + "\n"


RIGHTS: Final = {"acls": rights.commands, "rights": rights.table}
FORMATS: Final[Mapping[str, Callable[[Settings], str]]] = {"strimzi": strimzi, "kafka-topics": kafka_topics}


async def _mend(
    admin: Admin,
    name: str,
    topic: WantedTopic,
    partitions: int,
    in_force: Mapping[str, tuple[str, bool]],
    replication: int,
) -> list[str]:
    lines = []
    if partitions < topic.partitions:
        await admin.raise_partitions(name, topic.partitions)
        lines.append(f"{name}: {partitions} → {topic.partitions} partitions")
    wanted = topic.settings_with(replication)
    different = {key: value for key, value in wanted.items() if in_force.get(key, ("", False))[0] != value}
    if different:
        # The protocol replaces all settings of a topic at once: what others set for it goes along.
        kept = {key: value for key, (value, of_topic) in in_force.items() if of_topic}
        await admin.alter(name, {**kept, **wanted})
        lines += [
            f"{name}: {key} {in_force.get(key, ('unset', False))[0]} → {value}" for key, value in different.items()
        ]
    return lines


def _about_replication(settings: Settings, brokers: int, replication: int) -> list[str]:
    if replication == settings.kafka_replication:
        return []
    return [
        f"There is {brokers} broker: topics get {replication} copy, and its disk is all that holds them."
        if brokers == 1
        else f"There are {brokers} brokers: topics get {replication} copies instead of {settings.kafka_replication}."
    ]


def _strimzi_topic(settings: Settings, topic: WantedTopic) -> dict[str, object]:
    name = topic.name(settings.province)
    return {
        # Served since Strimzi 0.49; version 1.0.0 serves no older one.
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": "kafka"}},
        "spec": {
            "topicName": name,
            "partitions": topic.partitions,
            "replicas": settings.kafka_replication,
            "config": topic.settings_with(settings.kafka_replication),
        },
    }


def _kafka_topics_command(settings: Settings, topic: WantedTopic) -> str:
    configs = topic.settings_with(settings.kafka_replication).items()
    return " ".join(
        [
            'kafka-topics.sh --bootstrap-server "$KAFKA" --create --if-not-exists',
            f"--topic {topic.name(settings.province)}",
            f"--partitions {topic.partitions} --replication-factor {settings.kafka_replication}",
            *(f"--config {key}={value}" for key, value in configs),
        ]
    )
