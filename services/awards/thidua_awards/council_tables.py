"""Tables of councils, meetings and votes. No column of `opened_ballot` leads to a member."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from thidua_awards.tables import audit, matter, metadata, required

council: Final = Table(
    "council",
    metadata,
    Column("id", Text, primary_key=True),
    required("name"),
    required("unit"),
    required("document"),
    Column("dated", Date, nullable=False),
    required("rules"),
    Column("electronic", Boolean, nullable=False),
    Column("quorum", JSONB),
    Column("share", JSONB),
    *audit(),
)

council_member: Final = Table(
    "council_member",
    metadata,
    Column("council", Text, ForeignKey("council.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    required("name"),
    required("post"),
    required("role"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("token", Text, unique=True),
    *audit(),
    comment="`token` is the SHA-256 of what the member votes with.",
)

meeting: Final = Table(
    "meeting",
    metadata,
    Column("id", Text, primary_key=True),
    Column("council", Text, ForeignKey("council.id"), nullable=False),
    required("campaign"),
    Column("held_on", Date, nullable=False),
    required("place"),
    required("chair"),
    required("secretary"),
    Column("agenda", ARRAY(Text), nullable=False),
    *audit(),
)

attendance: Final = Table(
    "attendance",
    metadata,
    Column("meeting", Text, ForeignKey("meeting.id"), primary_key=True),
    Column("member", Text, primary_key=True),
    required("presence"),
    *audit(),
)

vote: Final = Table(
    "vote",
    metadata,
    Column("id", Text, primary_key=True),
    Column("meeting", Text, ForeignKey("meeting.id"), nullable=False),
    required("campaign"),
    required("title"),
    required("method"),
    required("state"),
    Column("members", ARRAY(Text), nullable=False),
    Column("need", JSONB, nullable=False),
    Column("public_key", LargeBinary),
    Column("recount_days", Integer),
    Column("recount_until", Date),
    Column("destroyed_at", DateTime(timezone=True)),
    Column("counted", JSONB),
    Column("counted_by", Text),
    Column("checked_by", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("document", Text),
    Column("wrote", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("closed_on", Date),
    Column("closed_at", DateTime(timezone=True)),
    Column("unreadable", Integer, nullable=False, server_default=text("0")),
    Column("recounts", JSONB, nullable=False, server_default=text("'[]'")),
    Column("waived", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("waived_reason", Text),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_reason", Text),
    *audit(),
    Index("vote_campaign", "campaign", "title"),  # results that a review reads
    comment="`members` is fixed when the vote opens and is what every share is taken of.",
)

vote_case: Final = Table(
    "vote_case",
    metadata,
    Column("vote", Text, ForeignKey("vote.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    required("subject"),
    Column("yes", Integer),
    Column("no", Integer),
    Column("invalid", Integer),
    Column("passed", Boolean),
    Column("need", JSONB),
    matter(),
    UniqueConstraint("vote", "subject", name="vote_case_subject"),
    comment="`need` only where the transition clause judges the case by another regime than the campaign's.",
)

interest: Final = Table(
    "interest",
    metadata,
    Column("vote", Text, ForeignKey("vote.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("member", Text, primary_key=True),
    required("document"),
    *audit(),
    comment="Declared interests; the member stays in the number of members.",
)

ballot: Final = Table(
    "ballot",
    metadata,
    Column("vote", Text, ForeignKey("vote.id"), primary_key=True),
    Column("member", Text, primary_key=True),
    Column("sealed", LargeBinary),
    comment="One row per member who voted; sealed until closing, null once the recount term is over.",
)

opened_ballot: Final = Table(
    "opened_ballot",
    metadata,
    Column("vote", Text, ForeignKey("vote.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("choice", Integer, nullable=False),
    comment="Votes on each case in an order drawn at closing, written opinions among them.",
)
