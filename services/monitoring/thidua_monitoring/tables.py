"""Tables of the monitoring service; an index names the query it serves."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from thidua.contracts import Campaign, Cluster, CriteriaSetState, Erasure, Person, Registration, Unit
from thidua_runtime import replicas

metadata: Final = MetaData()


def _name(name: str, **options: Any) -> Column[str]:
    # Byte order: as fast as it gets, and the order in which Python sorts before an upsert.
    return Column(name, Text(collation="C"), nullable=False, **options)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _audit() -> tuple[Column[Any], ...]:
    return (
        Column("revision", Integer, nullable=False, server_default="1"),
        Column("changed_by", Text, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )


def _figures() -> tuple[Column[int], ...]:
    return tuple(_number(name) for name in ("due", "on_time", "late", "open", "overdue", "excluded"))


as_of = Table(
    "as_of",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    # Another value whenever a unit or a person changes: what was found out about their codes then counts no more.
    Column("names", UUID),
    CheckConstraint("id = 1", name="as_of_is_one_row"),
    comment="The day the counters stand on. Only roll_day moves it, forward.",
)

task = Table(
    "task",
    metadata,
    _name("source"),
    _name("source_id"),
    Column("version", BigInteger, nullable=False),
    # Where there is none, it is that of `body`.
    Column("content_hash", BYTEA),
    _name("unit"),
    _name("month"),
    Column("counted_deadline", Date, nullable=False),
    Column("open_deadline", Date, nullable=False),
    Column("completed_on", Date),
    Column("ended_on", Date),
    Column("secret", Boolean, nullable=False),
    Column("standing", Text, nullable=False),
    Column("people", ARRAY(Text), nullable=False),
    Column("weights", ARRAY(Numeric), nullable=False),
    Column("weight", Numeric),
    Column("failures", SmallInteger, nullable=False),
    Column("delays", SmallInteger, nullable=False),
    # A usual report stands in `body` as it was sent, any other one in `report` as far as it is kept.
    Column("report", JSONB),
    Column("report_bytes", Integer, nullable=False),
    Column("unknown_fields", Text),
    Column("moved_from", Text),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("body", Text),
    PrimaryKeyConstraint("source", "source_id", name="task_pkey"),
    # Serves: GET /tasks of a unit or month, roll_day, tasks due soon.
    Index("task_month_unit", "month", "unit"),
    # Serves: roll_day and due soon for the few tasks whose extension came too late.
    Index("task_extended", "open_deadline", postgresql_where=text("open_deadline <> counted_deadline")),
    # Room for the one or two changes a task sees.
    postgresql_with={"fillfactor": 85},
    comment="The ledger: newest report of each task, whichever door it came through, and what decisions make of it.",
)

task_decision = Table(
    "task_decision",
    metadata,
    _name("id", primary_key=True),
    _name("source"),
    _name("source_id"),
    _name("kind"),
    Column("deadline", Date),
    Column("receiver", Text),
    Column("document", Text, nullable=False),
    Column("dated", Date, nullable=False),
    _words("issuer"),
    _words("reason"),
    _name("state"),
    Column("asked_by", Text, nullable=False),
    Column("decided_by", Text),
    *_audit(),
    # Serves: laying decisions over a batch of reports.
    Index("task_decision_task", "source", "source_id"),
)

month_counter = Table(
    "month_counter",
    metadata,
    _name("month"),
    _name("subject"),
    Column("individual", Boolean, nullable=False),
    *_figures(),
    _number("ahead"),
    _number("without_weight"),
    PrimaryKeyConstraint("month", "subject", name="month_counter_pkey"),
    # Room on every page: a counter that moves stays on its page, and no index is touched.
    postgresql_with={"fillfactor": 50},
    comment="Live counters, kept by delta and proved by the nightly recount.",
)

month_work = Table(
    "month_work",
    metadata,
    _name("month"),
    _name("subject"),
    Column("failures", SmallInteger, nullable=False),
    Column("delays", SmallInteger, nullable=False),
    Column("assigned", Numeric, nullable=False),
    Column("done", Numeric, nullable=False),
    Column("items", Integer, nullable=False),
    PrimaryKeyConstraint("month", "subject", "failures", "delays", name="month_work_pkey"),
    comment="Converted weight by number of counted failures and delays.",
)

month_to_publish = Table(
    "month_to_publish",
    metadata,
    _name("month"),
    _name("subject"),
    PrimaryKeyConstraint("month", "subject", name="month_to_publish_pkey"),
    comment="Months of people that changed and are published together, before the next heartbeat.",
)

MOVED: Final = ("due", "on_time", "late", "open", "ahead", "overdue", "excluded", "without_weight")

people_moved = Table(
    "people_moved",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("lane", SmallInteger, nullable=False, server_default="0"),
    Column("month", Text),
    # Joined texts, kept as they are: what lives for a second is not worth being compressed.
    *(Column(name, Text, nullable=False) for name in ("months", "subjects", *MOVED)),
    comment="What batches of new tasks came to for people and no counter holds yet: a row for each month of a batch.",
)

units_moved = Table(
    "units_moved",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("set_aside_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("put_off", Boolean, nullable=False, server_default="false"),
    *(Column(name, Text, nullable=False) for name in ("months", "subjects")),
    *(Column(name, Text, nullable=False, server_default="") for name in MOVED),
    comment="What batches of new tasks came to for units and no counter holds yet; months put off have no figures.",
)

month_period = Table(
    "month_period",
    metadata,
    _name("month", primary_key=True),
    _name("campaign"),
    Column("report_due", Date, nullable=False),
    Column("objection_until", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("rolls", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("closed_on", Date),
    _words("forced_because"),
    *_audit(),
)

month_result = Table(
    "month_result",
    metadata,
    _name("month"),
    _name("subject"),
    Column("individual", Boolean, nullable=False),
    _name("unit"),
    *_figures(),
    Column("work", JSONB),
    Column("declared", Boolean, nullable=False),
    Column("reported", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("closed_on", Date, nullable=False),
    *_audit(),
    PrimaryKeyConstraint("month", "subject", name="month_result_pkey"),
    comment="Closed results; only an approved correction changes one.",
)

month_correction = Table(
    "month_correction",
    metadata,
    _name("id", primary_key=True),
    _name("month"),
    _name("subject"),
    *_figures(),
    Column("work", JSONB),
    _name("state"),
    _words("reason"),
    Column("document", JSONB),
    Column("found_on", Date, nullable=False),
    *_audit(),
    # Serves: one open correction per subject and month.
    Index("month_correction_pending", "month", "subject", unique=True, postgresql_where=text("state = 'pending'")),
)

declared_total = Table(
    "declared_total",
    metadata,
    _name("month"),
    _name("unit"),
    *(_number(name) for name in ("due", "on_time", "late", "overdue")),
    Column("document", JSONB),
    Column("evidence", ARRAY(Text), nullable=False),
    _words("note"),
    *_audit(),
    PrimaryKeyConstraint("month", "unit", name="declared_total_pkey"),
    comment="Totals a unit declares itself (tự khai báo), because its agency sends no tasks.",
)

objection = Table(
    "objection",
    metadata,
    _name("id", primary_key=True),
    _name("month"),
    _name("unit"),
    Column("reason", Text, nullable=False),
    Column("answer", Text),
    *_audit(),
)

report = Table(
    "report",
    metadata,
    _name("unit"),
    _name("campaign"),
    _name("period"),
    Column("due_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    _name("state"),
    Column("sent_on", Date),
    _words("returned_because"),
    Column("document", JSONB),
    *_audit(),
    PrimaryKeyConstraint("unit", "campaign", "period", name="report_pkey"),
)

fact = Table(
    "fact",
    metadata,
    _name("subject"),
    _name("campaign"),
    _name("input"),
    _name("stated_by"),
    Column("individual", Boolean, nullable=False),
    _name("unit"),
    *_audit(),
    PrimaryKeyConstraint("subject", "campaign", "input", "stated_by", name="fact_pkey"),
)

fact_entry = Table(
    "fact_entry",
    metadata,
    _name("subject"),
    _name("campaign"),
    _name("input"),
    _name("stated_by"),
    _name("id"),
    Column("period", Text, nullable=False),
    Column("dated", Date, nullable=False),
    Column("value", Text, nullable=False),
    Column("document", JSONB),
    Column("evidence", ARRAY(Text), nullable=False),
    _name("status"),
    Column("stated_actor", Text, nullable=False),
    Column("checked_by", Text),
    _words("refused_because"),
    PrimaryKeyConstraint("subject", "campaign", "input", "stated_by", "id", name="fact_entry_pkey"),
)

reminder = Table(
    "reminder",
    metadata,
    _name("subject"),
    _name("what"),
    Column("individual", Boolean, nullable=False),
    _name("unit"),
    _name("kind"),
    Column("sentence", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    _number("times"),
    Column("last_on", Date),
    Column("settled", Boolean, nullable=False),
    PrimaryKeyConstraint("subject", "what", name="reminder_pkey"),
)

source = Table(
    "source",
    metadata,
    _name("name", primary_key=True),
    Column("last_event_at", DateTime(timezone=True)),
    Column("complete_until", DateTime(timezone=True)),
    *(
        Column(name, BigInteger, nullable=False, server_default="0")
        for name in ("applied", "stale", "warned", "parked", "refused", "ties")
    ),
)

source_unit = Table(
    "source_unit",
    metadata,
    _name("source"),
    _name("unit"),
    # Asked for by unit with every result that is published.
    PrimaryKeyConstraint("unit", "source", name="source_unit_pkey"),
    comment="Which source has ever spoken for which unit: its mark vouches for the unit's silence.",
)

source_event = Table(
    "source_event",
    metadata,
    _name("source"),
    _name("source_id"),
    _name("outcome"),
    Column("version", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    _number("times"),
    Column("last_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("source", "source_id", "outcome", name="source_event_pkey"),
    comment="What became of events that were not simply applied; bounded by one row per task and outcome.",
)

recount = Table(
    "recount",
    metadata,
    _name("counter", primary_key=True),
    Column("differing", Integer, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    comment="How many counters differed from the last nightly recount; must be 0.",
)

rolled_day = Table(
    "rolled_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("rolls_to", Date, nullable=False),
    comment="Days off inside campaigns whose deadlines roll, and the working day that follows.",
)

replica_units = replicas.table(metadata, Unit)
replica_clusters = replicas.table(metadata, Cluster)
replica_people = replicas.table(
    metadata,
    Person,
    columns={"id": "body->>'id'", "code": "body->>'code'", "unit": "body->>'unit'"},
    # Serve: staff codes of a batch, the unit of an assignee, the people of a unit at closing.
    indexed=("id", "code", "unit"),
)
replica_erasures = replicas.table(metadata, Erasure)
replica_campaigns = replicas.table(metadata, Campaign)
replica_registrations = replicas.table(
    metadata, Registration, columns={"campaign": "body->>'campaign'", "unit": "body->>'unit'"}
)
replica_criteria_sets = replicas.table(metadata, CriteriaSetState)
