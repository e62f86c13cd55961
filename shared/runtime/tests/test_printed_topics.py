"""What `thidua topics print` says to those who run Kafka."""

from __future__ import annotations

import yaml

from thidua_runtime.kafka.wanted import WANTED
from thidua_runtime.settings import Settings
from thidua_runtime.topics import print_topics


def test_strimzi_gets_every_topic_in_the_version_that_its_operator_keeps_serving() -> None:
    printed = list(yaml.safe_load_all(print_topics(Settings(province="ha-noi"), "strimzi")))
    # v1beta2 ends with Strimzi 1.0.0: https://github.com/strimzi/strimzi-kafka-operator/releases/tag/0.49.0
    assert {one["apiVersion"] for one in printed} == {"kafka.strimzi.io/v1"}
    assert {one["spec"]["topicName"] for one in printed} == {f"thidua.ha-noi.{stream}" for stream in WANTED}
    assert all(one["kind"] == "KafkaTopic" and one["spec"]["partitions"] and one["spec"]["config"] for one in printed)
