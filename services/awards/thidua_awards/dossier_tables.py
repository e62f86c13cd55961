"""Tables of dossiers: where each stands, every step it took, and the opinions that were asked for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY

from thidua_awards.domain.dossier import ENDED
from thidua_awards.tables import audit, matter, metadata, required

dossier: Final = Table(
    "dossier",
    metadata,
    Column("id", Text, primary_key=True),
    required("campaign"),
    required("subject"),
    required("title"),
    required("unit"),
    required("kind"),
    required("state"),
    Column("before", Text),
    Column("due_on", Date),
    Column("due_before", Date),
    Column("came_from", Text),
    Column("achieved_on", Date),
    Column("achievement", Text, nullable=False, server_default=text("''")),
    matter(),
    Column("begun_at", DateTime(timezone=True)),
    *audit(),
    UniqueConstraint("campaign", "subject", "title", "matter", name="dossier_once"),
    Index(
        "dossier_achievement",
        "campaign",
        "subject",
        "title",
        "achievement",
        unique=True,  # for one achievement a title is asked for once, until that has ended without it
        postgresql_where=text(f"state <> all (array[{', '.join(map(repr, ENDED))}])"),
    ),
    Index("dossier_state", "campaign", "state"),  # lists by state; what waits for a person
)

dossier_step: Final = Table(
    "dossier_step",
    metadata,
    Column("dossier", Text, ForeignKey("dossier.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    required("came_from"),
    required("state"),
    Column("acted_on", Date, nullable=False),
    required("on_behalf"),
    required("document"),
    Column("dated", Date),
    required("reason"),
    Column("afterwards", Integer, nullable=False),
    Column("skipped", ARRAY(Text), nullable=False),
    required("recorded_by"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("agreement", Text, nullable=False, server_default=text("''")),
    comment="`afterwards`: days between the act and its record; `skipped`: steps nobody recorded.",
)

consultation: Final = Table(
    "consultation",
    metadata,
    Column("id", Text, primary_key=True),
    required("campaign"),
    required("kind"),
    required("document"),
    required("addressee"),
    Column("posted_on", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("closed_on", Date),
    required("answer"),
    *audit(),
)

consultation_case: Final = Table(
    "consultation_case",
    metadata,
    Column("consultation", Text, ForeignKey("consultation.id"), primary_key=True),
    Column("dossier", Text, ForeignKey("dossier.id"), primary_key=True),
    Index("consultation_dossier", "dossier"),  # what was asked about a dossier
)

remark: Final = Table(
    "remark",
    metadata,
    Column("consultation", Text, ForeignKey("consultation.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("received_on", Date, nullable=False),
    required("said"),
    required("answer"),
    required("answered_by"),
    comment="Comments on a list, without the name of whoever sent them.",
)

working_day: Final = Table(
    "working_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    required("document"),
    *audit(),
    comment="Days that a document made working or free; all others as the library has them.",
)
