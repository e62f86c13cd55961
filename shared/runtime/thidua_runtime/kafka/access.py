"""How to reach the brokers: one reading of the settings for every client."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from thidua_runtime.errors import AccessRefused, BusAway
from thidua_runtime.settings import Settings

ANSWER_SECONDS = 30
KNOCK_SECONDS = 5
"""How long one request to the brokers may take, a change of leaders included."""
START_SECONDS = 1
"""How long a client that is cancelled may still wait for the brokers' first answer."""

REFUSALS = (
    AuthenticationFailedError, SaslAuthenticationFailed, TopicAuthorizationFailedError,
    GroupAuthorizationFailedError, ClusterAuthorizationFailedError, TransactionalIdAuthorizationFailed,
)  # fmt: skip

_SASL = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def servers(settings: Settings) -> list[str]:
    """Return the addresses of the brokers."""
    return [address.strip() for address in settings.kafka_servers.split(",") if address.strip()]


def topic_name(settings: Settings, stream: str) -> str:
    """Return the topic of a stream: `thidua.<province>.<stream>`."""
    return f"thidua.{settings.province}.{stream}"


def group_name(settings: Settings, service: str, stream: str) -> str:
    """Return the consumer group of a service on a stream: `thidua.<province>.<service>.<stream>`."""
    return f"thidua.{settings.province}.{service}.{stream}"


def publisher_name(settings: Settings, service: str) -> str:
    """Return the transactional id of a service's relay; two producers of one name fence each other."""
    return f"thidua.{settings.province}.{service}"


def security(settings: Settings) -> BaseSecurity:
    """Return access settings for FastStream."""
    context = _ssl_context(settings)
    use_ssl = context is not None
    if not settings.kafka_security_protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=use_ssl)
    return _SASL[settings.kafka_sasl_mechanism](
        username=settings.kafka_username, password=_password(settings), ssl_context=context, use_ssl=use_ssl
    )


def client_options(settings: Settings) -> dict[str, Any]:
    """Return access settings for a client of aiokafka."""
    options: dict[str, Any] = {
        "bootstrap_servers": servers(settings),
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": _ssl_context(settings),
    }
    if settings.kafka_security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = _password(settings)
    return options


def principal(settings: Settings) -> str:
    """Return who the brokers take this process for, as far as it says so itself."""
    return settings.kafka_username or "a client without a name"


async def _knock(settings: Settings) -> None:
    """Raise AccessRefused if the first broker is there and does not believe who we are."""
    if not settings.kafka_security_protocol.startswith("SASL"):
        return
    options = client_options(settings)
    host, _, port = options.pop("bootstrap_servers")[0].rpartition(":")
    try:
        async with asyncio.timeout(KNOCK_SECONDS):
            (await create_conn(host, int(port), **options)).close()
    except REFUSALS as error:
        raise AccessRefused(principal=principal(settings), why=_refusal(error)) from error
    except (KafkaError, OSError, TimeoutError):
        return


def _refusal(error: KafkaError) -> str:
    return f"{type(error).__name__} {' '.join(map(str, error.args))}".strip()


@asynccontextmanager
async def answering(settings: Settings, seconds: float = ANSWER_SECONDS) -> AsyncIterator[None]:
    """Turn every failure of the brokers within the block, slowness too, into BusAway, a refusal into AccessRefused."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise BusAway(servers=settings.kafka_servers, why=f"no answer within {seconds} seconds") from error
    except REFUSALS as error:
        raise AccessRefused(principal=principal(settings), why=_refusal(error)) from error
    except KafkaConnectionError as error:
        # The client keeps to itself why no broker let it in.
        await _knock(settings)
        raise BusAway(servers=settings.kafka_servers, why=error) from error
    except (KafkaError, OSError) as error:
        raise BusAway(servers=settings.kafka_servers, why=error) from error


async def started(starting: Coroutine[Any, Any, None]) -> None:
    """Start a client; when the caller is cancelled, only after the brokers have answered, or a moment later.

    aiokafka leaves the connection open over which it asks for the first time if it is cancelled while it asks.
    """
    task = asyncio.ensure_future(starting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=START_SECONDS)
        task.cancel()
        raise


async def in_full(work: Coroutine[Any, Any, None]) -> None:
    """Do `work` to its end, however often the caller is cancelled meanwhile; for closing what is open."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)


def _ssl_context(settings: Settings) -> ssl.SSLContext | None:
    if "SSL" not in settings.kafka_security_protocol:
        return None
    return ssl.create_default_context(cafile=str(settings.kafka_ca_file) if settings.kafka_ca_file else None)


def _password(settings: Settings) -> str:
    return settings.kafka_password.get_secret_value() if settings.kafka_password else ""
