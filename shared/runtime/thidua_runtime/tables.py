"""Runtime tables of every service, in schema `thidua` of its own database.

Created by the runtime's own migration chain before the service's; the statements stand here as data so
that the migration and a test compare the same text.
"""

from __future__ import annotations

from typing import Final

SCHEMA: Final = "thidua"

STATEMENTS: Final = (
    "create sequence thidua.version",
    # Newest state per key that this service published: its version, and a digest to drop repeats. With room on every
    # page, so that a newer version stays on its page and no index is touched.
    """create table thidua.published (
        stream text collate "C" not null, key text collate "C" not null, version bigint not null,
        deleted boolean not null, digest bytea, primary key (stream, key)) with (fillfactor = 60)""",
    # A body without its version (the relay puts it in front); a null body is a tombstone.
    """create table thidua.outbox (
        id bigint generated always as identity primary key, stream text not null, key text not null,
        partition_key text not null, kind text not null default 'state', partition integer,
        version bigint not null, body text, created_at timestamptz not null default clock_timestamp())""",
    """create table thidua.position (
        stream text not null, partition integer not null, next_offset bigint not null,
        primary key (stream, partition))""",
    """create table thidua.heartbeat (
        stream text not null, partition integer not null, departed_at timestamptz not null,
        primary key (stream, partition))""",
    """create table thidua.follower (
        stream text primary key, stopped_because text, allowance integer not null default 0,
        changed_at timestamptz not null default clock_timestamp())""",
    """create table thidua.dead_letter (
        id bigint generated always as identity primary key, stream text not null, partition integer not null,
        record_offset bigint not null, key bytea, aggregate text, version bigint, source text not null default '',
        reason text not null, sentence text not null, headers jsonb not null, body bytea, body_hash bytea,
        body_length integer not null, state text not null default 'waiting', closed_because text,
        received_at timestamptz not null default clock_timestamp(), closed_at timestamptz)""",
    # Serves: list of waiting letters, and closing them as superseded.
    """create index dead_letter_waiting on thidua.dead_letter (stream, aggregate) where state = 'waiting'""",
    """create table thidua.parked (
        id bigint generated always as identity primary key, stream text not null, partition integer not null,
        record_offset bigint not null, key bytea, aggregate text not null, version bigint not null,
        waits_for text not null, source text not null default '', headers jsonb not null, body bytea not null,
        since timestamptz not null default clock_timestamp(), unique (stream, aggregate))""",
    # Serves: release of what waits for an arrived reference.
    """create index parked_waits_for on thidua.parked (waits_for)""",
    """create table thidua.job_run (
        name text not null, day date not null, holder text not null, started_at timestamptz not null,
        finished_at timestamptz, error text, attempts integer not null default 1, primary key (name, day))""",
    """create table thidua.lease (
        name text primary key, holder text not null, epoch bigint not null, expires_at timestamptz not null)""",
    """create table thidua.idempotency (
        key text not null, actor text not null, request_hash bytea not null, status integer not null,
        headers jsonb not null, body bytea not null, created_at timestamptz not null default clock_timestamp(),
        primary key (key, actor))""",
)
