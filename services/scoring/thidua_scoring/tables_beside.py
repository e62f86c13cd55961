"""Tables of what stands beside the scores: re-scorings with what they replaced, and shadows."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, LargeBinary, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from thidua_scoring.tables import metadata

# One re-scoring: who opened it and why, for which set, version and period; waiting, ready, applied or cancelled.
rescoring: Final = Table(
    "rescoring",
    metadata,
    Column("id", Text(collation="C"), primary_key=True),
    Column("campaign", Text(collation="C"), nullable=False),
    Column("period", Text(collation="C"), nullable=False),
    Column("set_id", Text(collation="C"), nullable=False),
    Column("set_version", Text(collation="C"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("cut", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_because", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
# Serves: one open re-scoring of a set in a campaign, so that two never replace the same scores.
Index(
    "rescoring_open",
    rescoring.c.campaign,
    rescoring.c.set_id,
    unique=True,
    postgresql_where=rescoring.c.state.in_(("waiting", "ready")),
)

# What a re-scoring found, beside the official scores. `before`: the number of the score it would replace.
rescored: Final = Table(
    "rescored",
    metadata,
    Column("rescoring", Text(collation="C"), primary_key=True),
    Column("subject", Text(collation="C"), primary_key=True),
    Column("period", Text(collation="C"), primary_key=True),
    Column("before", BigInteger),
    Column("skipped", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("points", Numeric),
    Column("band", Text),
    Column("case_hash", Text, nullable=False),
    Column("artefact", Text, nullable=False),
    # The state as it will be published, with its digest.
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("tree", LargeBinary),
)

# Official scores that a re-scoring replaced, as they stood.
superseded: Final = Table(
    "superseded",
    metadata,
    Column("rescoring", Text(collation="C"), primary_key=True),
    Column("subject", Text(collation="C"), primary_key=True),
    Column("campaign", Text(collation="C"), nullable=False),
    Column("period", Text(collation="C"), primary_key=True),
    Column("set_id", Text(collation="C"), nullable=False),
    Column("state", Text, nullable=False),
    Column("points", Numeric),
    Column("band", Text),
    Column("case_hash", Text, nullable=False),
    Column("artefact", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("tree", LargeBinary),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    Column("superseded_at", DateTime(timezone=True), nullable=False),
    # Serves: the earlier scores of one subject.
    Index("superseded_subject", "subject", "campaign", "period", "set_id"),
)

# What a version that only follows along makes of a subject; never published. `agreement`: how it lies beside the
# running score of the version `beside`; `differing`: codes of lines with another status or other points.
shadow_score: Final = Table(
    "shadow_score",
    metadata,
    Column("subject", Text(collation="C"), primary_key=True),
    Column("campaign", Text(collation="C"), primary_key=True),
    Column("period", Text(collation="C"), primary_key=True),
    Column("set_id", Text(collation="C"), primary_key=True),
    Column("set_version", Text(collation="C"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("points", Numeric),
    Column("band", Text),
    Column("agreement", Text, nullable=False),
    Column("beside", Text, nullable=False),
    Column("differing", ARRAY(Text), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("tree", LargeBinary),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    # Serves: the matrix of a campaign.
    Index("shadow_score_counted", "campaign", "set_id", "set_version", "period", "agreement"),
)

METADATA: Final = metadata
"""All tables of the service: those of the scores, and these."""
