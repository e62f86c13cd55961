"""From what a consumer fetched to our records: nothing here can fail because of what somebody sent."""

from __future__ import annotations

from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage

from thidua_runtime.records import Record

RawBatch = tuple["ConsumerRecord[Any, Any]", ...]


def record_of(stream: str, raw: ConsumerRecord[Any, Any]) -> Record:
    """Return a fetched record as it is; a header without a value gets an empty one."""
    headers = tuple([(name, value or b"") for name, value in raw.headers]) if raw.headers else ()
    return Record(stream, raw.partition, raw.offset, raw.key, headers, raw.value, raw.timestamp)


async def hand_over(raw: RawBatch) -> KafkaMessage:
    """FastStream's parser: hands the batch over without looking into it.

    Its own parser decodes header values as UTF-8; one that is not would fail before any of our code, and the
    next commit would pass over the whole batch.
    """
    return KafkaMessage(body=b"", headers={}, raw_message=raw, consumer=_NO_CONSUMER)


async def decode_nothing(message: KafkaMessage) -> RawBatch:
    """FastStream's decoder: gives the handler the raw batch; bodies are decoded by `consume`, all at once."""
    raw: RawBatch = message.raw_message
    return raw


class _NoConsumer:
    async def commit(self) -> None:
        """Offsets are committed by the reading alone."""

    def seek(self, partition: Any, offset: int) -> None:
        """Positions are set by the reading alone."""


_NO_CONSUMER = _NoConsumer()

__all__ = ["RawBatch", "decode_nothing", "hand_over", "record_of"]
