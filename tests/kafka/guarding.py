"""Users and rights on a real broker, for tests: what whoever runs Kafka does with `kafka-configs` and `kafka-acls`."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.rights import GROUP, TOPIC, TRANSACTION, Right
from thidua_runtime.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
GUARDED_PORTS_UP: Final = 2
ITERATIONS: Final = 4096
SCRAM_SHA_512: Final = 2

# Numbers of the protocol.
KINDS: Final = {TOPIC: 2, GROUP: 3, TRANSACTION: 5}
OPERATIONS: Final = {
    "Read": 3, "Write": 4, "Create": 5, "Delete": 6, "Alter": 7, "Describe": 8, "DescribeConfigs": 10,
    "AlterConfigs": 11,
}  # fmt: skip
LITERAL, PREFIXED, ALLOW = 3, 4, 3


class _UsersAnswer(Response):
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")), ("error_code", Int16), ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )  # fmt: skip


class _UsersRequest(RequestStruct):
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _UsersAnswer
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")), ("mechanism", Int8), ("iterations", Int32),
                ("salt", CompactBytes), ("salted_password", CompactBytes), ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )  # fmt: skip


class _MakeUsers(Request[_UsersRequest]):
    API_KEY = 51

    def __init__(self, passwords: dict[str, str]) -> None:
        self.passwords = passwords

    def build(self, request_struct_class: type[_UsersRequest]) -> _UsersRequest:
        return request_struct_class([], [_user(*each) for each in self.passwords.items()], {})


def _user(name: str, password: str) -> tuple[Any, ...]:
    salt = secrets.token_bytes(24)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return name, SCRAM_SHA_512, ITERATIONS, salt, salted, {}


async def make_users(settings: Settings, passwords: dict[str, str]) -> None:
    """Let these users in, each with a password."""
    async with open_admin(settings) as admin:
        answer = await admin._client._send_to_controller(_MakeUsers(passwords))
    assert [code for _, code, *_ in answer.results] == [0] * len(passwords)


async def grant(settings: Settings, rights: Iterable[Right]) -> None:
    """Grant rights, as the commands that `thidua topics print --format acls` prints would."""
    async with open_admin(settings) as admin:
        for right in rights:
            for operation in right.operations:
                await _allow(admin._client, right, operation)


async def _allow(client: Any, right: Right, operation: str) -> None:
    pattern = PREFIXED if right.is_prefix else LITERAL
    user = f"User:{right.principal}"
    request = CreateAclsRequest(KINDS[right.kind], right.name, pattern, user, "*", OPERATIONS[operation], ALLOW)
    answer = await client._send_to_controller(request)
    assert [code for code, _ in answer.creation_responses] == [0], answer.creation_responses


def guarded(settings: Settings, user: str, password: str) -> Settings:
    """Return the same settings through the door that asks for TLS, user and rights."""
    host, _, port = settings.kafka_servers.rpartition(":")
    folder = Path(os.environ.get("KAFKA_FOLDER", ROOT / ".kafka"))
    if not (folder / "broker.pem").exists():
        pytest.fail(
            f"{folder} holds no broker.pem: start the broker with `tools/kafka.sh start`, or name KAFKA_FOLDER."
        )
    return Settings.model_validate(
        {
            **settings.model_dump(),
            "kafka_servers": f"{host}:{int(port) + GUARDED_PORTS_UP}",
            "kafka_security_protocol": "SASL_SSL",
            "kafka_username": user,
            "kafka_password": password,
            "kafka_ca_file": folder / "broker.pem",
        }
    )
