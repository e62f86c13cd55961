"""The tables of the registration service.

An aggregate is one row: its state as published (`body`, without the version) with a revision for `If-Match`,
who changed it and when. The columns that queries filter by are generated from the body, so they cannot
disagree with it. Codes, sheets and moves, which are ours alone, have columns of their own.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from thidua.contracts import CriteriaSetState
from thidua_runtime import replicas

metadata: Final = MetaData()


def _generated(name: str, kind: type[Text | Integer | Boolean] = Text) -> Column[Any]:
    casts: dict[type, str] = {Integer: "::integer", Boolean: "::boolean"}
    return Column(name, kind, Computed(f"(body ->> '{name}'){casts.get(kind, '')}", persisted=True))


def _aggregate(name: str, *columns: Column[Any] | UniqueConstraint | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        Column("body", JSONB, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("changed_by", Text, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        *columns,
    )


unit: Final = _aggregate("unit", _generated("kind"), _generated("parent"))

unit_code: Final = Table(
    "unit_code",
    metadata,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("unit", Text, nullable=False),
    Index("unit_code_unit", "unit"),  # all codes of a unit, when they are written anew or shown
)
"""Official codes by date; a code may belong to several units, one after the other."""

external_code: Final = Table(
    "external_code",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Index("external_code_id", "kind", "id"),  # the code of a cluster; erasing a person
)
"""What other systems call our records: an import names the same thing the same way and changes nothing."""

cluster: Final = _aggregate("cluster", _generated("year", Integer), Index("cluster_year", "year"))

person: Final = _aggregate(
    "person",
    _generated("code"),
    _generated("unit"),
    _generated("active", Boolean),
    UniqueConstraint("code", name="person_code"),
    Index("person_unit", "unit"),  # people of a unit; subjects that may register
)

erasure: Final = _aggregate(
    "erasure",
    Column("reason", Text, nullable=False, server_default=""),
    Column("removed", JSONB, nullable=False, server_default="{}"),
)
"""Whose data were erased by which document and why, with numbers of rows and no content."""

rating: Final = _aggregate(
    "rating",
    _generated("subject"),
    _generated("unit"),
    _generated("year", Integer),
    Index("rating_subject", "subject"),  # erasing a person
    Index("rating_year_unit", "year", "unit"),  # the list of a year
)

campaign: Final = _aggregate("campaign", _generated("code"), UniqueConstraint("code", name="campaign_code"))

date_move: Final = Table(
    "date_move",
    metadata,
    Column("id", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("old", Date),
    Column("new", Date),
    Column("reason", Text, nullable=False),
    Column("moved_by", Text, nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False),
    Index("date_move_campaign", "campaign"),  # the history beside a calendar
)
"""Every date of a calendar that was moved, with its reason."""

sheet: Final = Table(
    "sheet",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("document", JSONB),
    Column("revision", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""A unit's bản đăng ký as a document; its items are registrations. The revision counts every change of either."""

registration: Final = _aggregate(
    "registration",
    Column("let_in_by", Text, nullable=False, server_default=""),
    _generated("subject"),
    _generated("campaign"),
    _generated("unit"),
    _generated("subject_kind"),
    _generated("state"),
    _generated("late", Boolean),
    Index("registration_campaign_unit", "campaign", "unit"),  # a sheet; counts per unit and state
    Index("registration_subject", "subject"),  # erasing a person
)

initiative: Final = _aggregate(
    "initiative",
    _generated("unit"),
    _generated("code"),
    _generated("campaign"),
    _generated("state"),
    UniqueConstraint("unit", "code", name="initiative_unit_code"),
)

move: Final = Table(
    "move",
    metadata,
    Column("id", Text, primary_key=True),
    Column("about", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("move", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("round", Integer),
    Column("done_on", Date, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("on_behalf_of", Text, nullable=False),
    Column("document", JSONB),
    Column("reason", Text, nullable=False),
    Column("recorded_afterwards", Boolean, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Index("move_record", "about", "record"),  # the history of one record
)
"""Every act upon a registration or an initiative; rows are never changed."""

replica_criteria_sets: Final = replicas.table(metadata, CriteriaSetState)
