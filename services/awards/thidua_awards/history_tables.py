"""Tables of history and of personal data: corrections, succession, erasures, who read disciplines, totals by sex."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from thidua_awards.tables import audit, metadata, required

correction: Final = Table(
    "correction",
    metadata,
    Column("decision", Text, ForeignKey("decision.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    required("document"),
    Column("dated", Date, nullable=False),
    required("reason"),
    required("recorded_by"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    comment="What a decision said before and after; `line` is null where its head was corrected.",
)

succession: Final = Table(
    "succession",
    metadata,
    Column("predecessor", Text, primary_key=True),
    Column("successor", Text, primary_key=True),
    Column("effective_on", Date, nullable=False),
    required("document"),
    Column("dated", Date, nullable=False),
    *audit(),
    comment="Which unit took over from which, by document; awards stay with whom they were given to.",
)

kept_name: Final = Table(
    "kept_name",
    metadata,
    Column("subject", Text, primary_key=True),
    required("name"),
    required("post"),
    required("unit"),
    comment="Of people the register lists no more: as whom a signed decision or a council's minutes name them.",
)

erasure: Final = Table(
    "erasure",
    metadata,
    Column("id", Text, primary_key=True),
    required("person"),
    required("document"),
    required("reason"),
    Column("removed", JSONB, nullable=False),
    Column("kept", JSONB, nullable=False),
    required("erased_by"),
    Column("erased_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    comment="Which person was erased by which document: numbers of rows, no content.",
)

discipline_reading: Final = Table(
    "discipline_reading",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    required("subject"),
    required("what"),
    required("read_by"),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("discipline_reading_subject", "subject", "read_at"),  # who read about one subject
    comment="Who read what is known of a subject's disciplines, and when.",
)

local_value: Final = Table(
    "local_value",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    required("regime"),
    required("key"),
    required("document"),
    required("reason"),
    Column("figures", JSONB, nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("ended_at", DateTime(timezone=True)),
    comment="Local values of the law with document and reason, and when a review first and last rested on them.",
)

sex_count: Final = Table(
    "sex_count",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("title", Text, primary_key=True),
    Column("women", Integer, nullable=False),
    Column("men", Integer, nullable=False),
    Column("women_awarded", Integer, nullable=False),
    Column("men_awarded", Integer, nullable=False),
    required("document"),
    *audit(),
    comment="Totals stated by a unit; the sex of a single person is in no table but service_time.",
)

service_time: Final = Table(
    "service_time",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("woman", Boolean, nullable=False),
    Column("years", Integer, nullable=False),
    Column("outsider", Boolean, nullable=False),
    Column("years_here", Integer, nullable=False),
    required("document"),
    *audit(),
    comment="Years in the sector, for the medal alone; read by this service alone.",
)
