"""Tables of the scoring service: replicas of what it follows, the queue, the scores and what a replay needs."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Sequence,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from thidua.contracts import (
    Campaign,
    Cluster,
    Decision,
    Erasure,
    Fact,
    Initiative,
    MonthlyResult,
    Person,
    Registration,
    Unit,
)
from thidua_runtime import replicas

metadata: Final = MetaData()

replicas.table(metadata, Unit)
replicas.table(metadata, Cluster, {"year": "body->>'year'"})
# Indexes serve: the people of a batch of subjects, the people of a unit, and who is asked for by staff code.
PEOPLE: Final = {"person": "body->>'id'", "unit": "body->>'unit'", "code": "body->>'code'"}
replicas.table(metadata, Person, PEOPLE, ("person", "unit", "code"))
replicas.table(metadata, Erasure)
replicas.table(metadata, Campaign, {"code": "body->>'code'"})
replicas.table(metadata, Registration)
replicas.table(metadata, Initiative)
# Index serves: the months of a batch of subjects.
replicas.table(metadata, MonthlyResult, {"subject": "body->>'subject'", "month": "body->>'month'"}, ("subject",))
# Index serves: the facts of a batch of subjects.
replicas.table(metadata, Fact, {"subject": "body->>'subject'", "campaign": "body->>'campaign'"}, ("subject",))
replicas.table(metadata, Decision)

# Raised by every mark and every lease; only compared, never counted.
mark_generation: Final = Sequence("mark_generation", metadata=metadata)


def _link(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("subject", Text(collation="C"), primary_key=True),
        Column("key", Text(collation="C"), primary_key=True),
        # Serves: the subjects that a changed state named before.
        Index(f"{name}_key", "key"),
    )


initiative_subject: Final = _link("initiative_subject")
decision_subject: Final = _link("decision_subject")

campaign_day: Final = Table(
    "campaign_day",
    metadata,
    Column("campaign", Text(collation="C"), primary_key=True),
    Column("as_of", Date, nullable=False),
)

criteria_set: Final = Table(
    "criteria_set",
    metadata,
    Column("id", Text(collation="C"), primary_key=True),
    Column("version", Text(collation="C"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("artefact", Text, nullable=False),
    # Which streams and facts it reads: who is marked follows from this.
    Column("reads", ARRAY(Text), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

artefact: Final = Table(
    "artefact",
    metadata,
    Column("hash", Text(collation="C"), primary_key=True),
    Column("files", LargeBinary, nullable=False),
)

# What the examiners of a set found when it was installed: its report, as `thidua plugins check` prints it.
examination: Final = Table(
    "examination",
    metadata,
    Column("artefact", Text(collation="C"), primary_key=True),
    Column("tier", Text, nullable=False),
    Column("report", JSONB, nullable=False),
    Column("examined_at", DateTime(timezone=True), nullable=False),
)

dirty: Final = Table(
    "dirty",
    metadata,
    Column("subject", Text(collation="C"), primary_key=True),
    Column("campaign", Text(collation="C"), primary_key=True),
    Column("set_id", Text(collation="C"), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("marked_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True)),
    # Serves: the lease of the subjects that wait longest.
    Index("dirty_marked_at", "marked_at"),
)

score: Final = Table(
    "score",
    metadata,
    Column("subject", Text(collation="C"), primary_key=True),
    Column("campaign", Text(collation="C"), primary_key=True),
    Column("period", Text(collation="C"), primary_key=True),
    Column("set_id", Text(collation="C"), primary_key=True),
    Column("lane", Text(collation="C"), primary_key=True),
    Column("unit", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("points", Numeric),
    Column("band", Text),
    Column("generation", BigInteger, nullable=False),
    Column("case_hash", Text, nullable=False),
    Column("artefact", Text, nullable=False),
    # The published state without its version, and the whole explanation: canonical JSON, compressed.
    Column("body", JSONB, nullable=False),
    Column("tree", LargeBinary),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    # Serves: lists and ranks of one campaign, period and set.
    Index("score_listed", "campaign", "period", "set_id", "lane"),
    # A row fits into a page as it comes; what is large of it is packed already.
    postgresql_with={"toast_tuple_target": 8160},
)

case_store: Final = Table(
    "case_store",
    metadata,
    Column("hash", Text(collation="C"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

official_run: Final = Table(
    "official_run",
    metadata,
    Column("campaign", Text(collation="C"), primary_key=True),
    Column("period", Text(collation="C"), primary_key=True),
    Column("cut", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("missing", JSONB, nullable=False),
    Column("scored", Integer, nullable=False),
    Column("not_scored", Integer, nullable=False),
    Column("closed_because", Text, nullable=False, server_default=""),
    Column("generation", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
