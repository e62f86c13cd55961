"""Settings: one frozen table, read once when a command starts and passed on."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from thidua_runtime.errors import OpenDoorRefused, SettingRefused, UnknownSetting

PREFIX = "THIDUA_"
READ_ELSEWHERE = frozenset({"THIDUA_URL", "THIDUA_TOKEN", "THIDUA_REQUIRE", "THIDUA_TEST_KAFKA"})
"""Names that options of the command line and the test run read: no settings, and no typing mistakes either."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """Read once, when a command starts, and passed on; no other code looks at the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    province: str = Field(
        "mau",
        pattern=r"^[a-z][a-z-]{1,30}$",
        description="Short name, part of every topic, group and metric; never renamed.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL of the service, run-time role; `{service}` stands for the service's name.",
    )
    migration_database_url: SecretStr | None = Field(
        None, description="The same database with the owner role, for `thidua migrate`; else DATABASE_URL."
    )
    database_pool_size: int = Field(5, ge=2, le=100, description="Connections of one service in one process.")
    kafka_servers: str = Field("", description="Addresses of the brokers, `host:port,…`.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to the brokers."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="SASL mechanism."
    )
    kafka_username: str = Field("", description="Principal of this service.")
    kafka_password: SecretStr | None = Field(None, description="Its password.")
    kafka_ca_file: Path | None = Field(None, description="Certificates to trust.")
    kafka_replication: int = Field(
        3,
        ge=1,
        le=7,
        description="Copies of topics that `topics apply` creates; min.insync.replicas is one less.",
    )
    http_host: str = Field("127.0.0.1", description="Where the API listens; beyond loopback only with tokens.")
    http_port: int = Field(8000, ge=0, le=65535, description="Port of API and pages.")
    http_root_path: str = Field("", description="Path prefix that a proxy in front removes.")
    metrics_port: int = Field(9464, ge=0, le=65535, description="Port of the Prometheus metrics.")
    api_tokens_file: Path | None = Field(
        None, description="`actor role sha256` per line, as `thidua token create` prints them."
    )
    sources_file: Path | None = Field(None, description="(monitoring) YAML file of the task sources.")
    scorer_processes: int = Field(2, ge=1, le=64, description="(scoring) Worker processes.")
    score_time_limit_ms: int = Field(2000, ge=10, description="(scoring) Longest time for one score.")
    score_memory_limit_mb: int = Field(512, ge=64, description="(scoring) Memory of one worker.")
    score_quarantine_cases: int = Field(
        10, ge=1, le=1000, description="(scoring) Cases in a row beyond their limits at which a set is quarantined."
    )
    minimum_tier: Literal["bronze", "silver", "gold"] = Field(
        "bronze", description="(scoring) Lowest conformance tier of a criteria set that may be enabled."
    )
    law_overrides_file: Path | None = Field(
        None, description="(awards) Local values for what the sources leave open, each with a reason."
    )
    ballot_keys_folder: Path | None = Field(
        None, description="(awards) Private keys of electronic ballots, outside the database; none: paper only."
    )
    fonts_folder: Path | None = Field(
        None, description="(awards) Font files for PDF, such as Times New Roman; none: the font inside typst."
    )
    relay_batch_rows: int = Field(
        500, ge=1, le=10_000, description="Outbox rows, of up to 250 states each, published at once."
    )
    fetch_max_records: int = Field(30_000, ge=1, le=100_000, description="Records taken into one transaction.")
    dead_letter_limit: int = Field(
        50, ge=1, le=1000, description="Bad events among the last 1,000 at which a follower stops."
    )
    reference_grace_hours: int = Field(
        24, ge=0, description="How long an event waits for a unit or person not known yet."
    )
    heartbeat_seconds: int = Field(10, ge=1, le=300, description="How often an owner writes heartbeats.")
    shutdown_seconds: int = Field(
        25,
        ge=1,
        description="On SIGTERM: longest time for requests in hand, and then again for batches and jobs in hand.",
    )
    handler_stuck_seconds: int = Field(
        300, ge=1, description="A batch longer than this with a healthy database: not live."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level logged.")
    log_format: Literal["json", "text"] = Field("json", description="One JSON object per line, or text.")

    def url_of(self, service: str, *, owner: bool = False) -> str | None:
        """Return the database URL of `service` for SQLAlchemy, or None when none is set."""
        secret = self.migration_database_url if owner and self.migration_database_url else self.database_url
        if secret is None:
            return None
        url = secret.get_secret_value().replace("{service}", service)
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+asyncpg://" + url.removeprefix(scheme)
        return url

    @property
    def on_loopback(self) -> bool:
        """Whether the API listens on this machine alone."""
        return self.http_host in LOOPBACK


def read_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Read the settings from the environment; `…_FILE` gives a secret from a file.

    Raises UnknownSetting for a THIDUA_ variable that no setting reads and SettingRefused for a bad value.
    """
    values = dict(_from(os.environ if environment is None else environment))
    values.update(given)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingRefused(name=str(first["loc"][0]).upper(), why=first["msg"]) from None


def check_doors(settings: Settings) -> None:
    """Raise OpenDoorRefused if other machines could write without a known token."""
    if not settings.on_loopback and settings.api_tokens_file is None:
        raise OpenDoorRefused(host=settings.http_host)


def _from(environment: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name in READ_ELSEWHERE:
            continue
        field = name.removeprefix(PREFIX).lower()
        secret = field.removesuffix("_file")
        if field in Settings.model_fields:
            values[field] = value
        elif field.endswith("_file") and _is_secret(secret):
            values[secret] = Path(value).read_text(encoding="utf-8").strip()
        else:
            raise UnknownSetting(name=name, nearest=_nearest(field))
    return values


def _is_secret(field: str) -> bool:
    info = Settings.model_fields.get(field)
    return info is not None and "SecretStr" in str(info.annotation)


def _nearest(field: str) -> str:
    found = difflib.get_close_matches(field, Settings.model_fields, n=1, cutoff=0.0)
    return PREFIX + found[0].upper()
