"""The Kafka transport: FastStream subscribers for reading, a transactional producer for the relay."""

from thidua_runtime.kafka.bus import KafkaBus, open_kafka_bus

__all__ = ["KafkaBus", "open_kafka_bus"]
