"""Tables of the awards database: own records, outcomes of the review, and replicas of followed streams."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from thidua.contracts import (
    Campaign,
    Cluster,
    Erasure,
    Initiative,
    MonthlyResult,
    Person,
    Rating,
    Registration,
    ScoreState,
    Unit,
)
from thidua_runtime import replicas

metadata: Final = MetaData()


def audit() -> tuple[Column[Any], ...]:
    """Return the columns that say who changed a row, when, and how often."""
    return (
        Column("revision", Integer, nullable=False, server_default=text("1")),
        Column("changed_by", Text, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )


def required(name: str) -> Column[Any]:
    """Return a text column that is never null."""
    return Column(name, Text, nullable=False)


def matter() -> Column[Any]:
    """Return the column that tells a later dossier of a subject for a title from the first: its id, else empty."""
    return Column("matter", Text, nullable=False, server_default=text("''"))


decision: Final = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    required("number"),
    Column("dated", Date, nullable=False),
    required("signer"),
    required("authority"),
    Column("campaign", Text),
    Column("cut", DateTime(timezone=True)),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    Column("cancelled_because", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("reason_by", Text),
    *audit(),
    UniqueConstraint("number", "dated", "authority", name="decision_number"),
)

decision_award: Final = Table(
    "decision_award",
    metadata,
    Column("decision", Text, ForeignKey("decision.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    required("subject"),
    required("subject_kind"),
    required("unit"),
    required("code"),
    Column("year", Integer, nullable=False),
    Column("route", Text),
    Column("kind", Text),
    Column("uses", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("cancelled_by", Text),
    Column("cancelled_because", Text, nullable=False, server_default=text("''")),
    matter(),
    UniqueConstraint("decision", "subject", "code", "year", name="decision_award_once"),
    Index("decision_award_uses", "uses", postgresql_using="gin"),  # who else counted an achievement
    Index("decision_award_subject", "subject", "year"),  # the history of a subject; what relied on an award
    Index("decision_award_year", "year", "code"),  # titles of a year: quotas and shares
    Index("decision_award_unit", "unit", "year"),  # titles given in a unit to whom nobody knows any more
)

discipline: Final = Table(
    "discipline",
    metadata,
    Column("id", Text, primary_key=True),
    required("subject"),
    required("kind"),
    Column("form", Text),
    Column("decided_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("counted_in", Integer),
    *audit(),
    Index("discipline_subject", "subject", "decided_on"),  # disciplines of the subjects under review
    comment="Read by this service alone; never on a stream.",
)

hold: Final = Table(
    "hold",
    metadata,
    Column("id", Text, primary_key=True),
    required("subject"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    *audit(),
    Index("hold_subject", "subject"),  # holds of the subjects under review
    comment="On or off; the reason is in no table.",
)

training: Final = Table(
    "training",
    metadata,
    Column("id", Text, primary_key=True),
    required("subject"),
    Column("year", Integer, nullable=False),
    Column("months", Integer, nullable=False),
    Column("result", Text),
    *audit(),
    Index("training_subject", "subject", "year"),  # courses of the subjects under review
)

confirmation: Final = Table(
    "confirmation",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("title", Text, primary_key=True, server_default=text("''")),
    Column("answer", Boolean, nullable=False),
    required("by"),
    required("document"),
    Column("dated", Date, nullable=False),
    *audit(),
    comment="Answers and declarations of people; those of a unit cover its members.",
)

candidate: Final = Table(
    "candidate",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("title", Text, primary_key=True),
    required("document"),
    *audit(),
    comment="Subjects named for a title they did not register.",
)

review: Final = Table(
    "review",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("titles", ARRAY(Text), nullable=False),
    Column("as_of", Date, nullable=False),
    *audit(),
    Column("basis", Text, nullable=False, server_default=text("''")),
    comment="One row per campaign under review; its lock makes reviews of a campaign take turns.",
)

recommendation: Final = Table(
    "recommendation",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("title", Text, primary_key=True),
    Column("matter", Text, primary_key=True, server_default=text("''")),
    required("subject_kind"),
    required("unit"),
    required("deciding_unit"),
    required("regime"),
    required("verdict"),
    Column("findings", JSONB, nullable=False),
    required("first_unmet"),
    Column("quota", JSONB),
    required("state"),
    Column("score_version", BigInteger),
    Column("route", Text),
    Column("uses", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    *audit(),
    Index("recommendation_unit", "campaign", "unit"),  # the list of a unit; a partial review
    Index("recommendation_group", "campaign", "title", "deciding_unit"),  # who shares a quota
    # The findings of one title fit into a page as they come.
    postgresql_with={"toast_tuple_target": 8160},
)

dirty_generation: Final = Sequence("dirty_generation", metadata=metadata)

dirty: Final = Table(
    "dirty",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    comment="Units whose inputs changed since their last review; '*' is every unit.",
)

dirty_subject: Final = Table(
    "dirty_subject",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    comment="Subjects of which something changed that concerns nobody else.",
)

quota_candidate: Final = Table(
    "quota_candidate",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("title", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    required("deciding_unit"),
    required("verdict"),
    Index("quota_candidate_group", "campaign", "title", "deciding_unit"),  # who is in the running in one unit
    comment="Candidates for titles with a quota, with the verdict reached without it; every review keeps it up.",
)

replica_units: Final = replicas.table(metadata, Unit)
replica_clusters: Final = replicas.table(metadata, Cluster, columns={"year": "body->>'year'"})
replica_people: Final = replicas.table(
    metadata,
    Person,
    columns={"id": "body->>'id'", "unit": "body->>'unit'", "code": "body->>'code'"},
    indexed=("id", "unit", "code"),
)
replica_erasures: Final = replicas.table(metadata, Erasure)
replica_ratings: Final = replicas.table(
    metadata,
    Rating,
    columns={"subject": "body->>'subject'", "year": "body->>'year'", "level": "body->>'level'"},
    indexed=("subject",),
)
replica_campaigns: Final = replicas.table(metadata, Campaign, columns={"code": "body->>'code'"})
replica_registrations: Final = replicas.table(
    metadata,
    Registration,
    columns={"campaign": "body->>'campaign'", "subject": "body->>'subject'"},
    indexed=("campaign", "subject"),
)
replica_initiatives: Final = replicas.table(
    metadata, Initiative, columns={"campaign": "body->>'campaign'"}, indexed=("campaign",)
)
Index(
    "replica_initiatives_authors",
    text("(body -> 'authors'::text)"),
    postgresql_using="gin",  # initiatives of a person
    _table=replica_initiatives,
)
replica_scores: Final = replicas.table(
    metadata,
    ScoreState,
    columns={
        "campaign": "body->>'campaign'",
        "subject": "body->>'subject'",
        "period": "body->>'period'",
        "lane": "body->>'lane'",
    },
    indexed=("campaign", "subject"),
)
replica_monthly_results: Final = replicas.table(
    metadata,
    MonthlyResult,
    columns={"subject": "body->>'subject'", "month": "body->>'month'"},
    indexed=("subject",),  # the on-time rates that reports print
)
