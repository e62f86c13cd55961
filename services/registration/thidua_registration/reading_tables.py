"""Tables beside the published state of an initiative: who reads it, their marks, and its text."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from thidua_registration.tables import metadata

METADATA: Final = metadata
"""All tables of registration."""

marking_rule: Final = Table(
    "marking_rule",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("body", JSONB, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("declared_at", DateTime(timezone=True), nullable=False),
)
"""When two marks disagree, as a campaign declared it."""

reading: Final = Table(
    "reading",
    metadata,
    Column("initiative", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("readers", JSONB, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("named_by", Text, nullable=False),
    Column("named_at", DateTime(timezone=True), nullable=False),
)
"""Who reads an initiative; a round begins each time it is submitted."""

reading_mark: Final = Table(
    "reading_mark",
    metadata,
    Column("id", Text, primary_key=True),
    Column("initiative", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("reader", Text, nullable=False),
    Column("points", Numeric, nullable=False),
    Column("comment", Text, nullable=False),
    Column("evidence", ARRAY(Text), nullable=False),
    Column("marked_at", DateTime(timezone=True), nullable=False),
    Column("replaced", Boolean, nullable=False),
    Index("reading_mark_round", "initiative", "round"),  # the marks of one reading
)
"""Marks as they were given; one that its reader changed stays, as replaced."""

initiative_text: Final = Table(
    "initiative_text",
    metadata,
    Column("initiative", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("bands", ARRAY(Integer), nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("initiative_text_bands", "bands", postgresql_using="gin"),  # texts that are alike
)
"""What an initiative says beyond its title, and the hashes that texts alike have in common; in no stream."""
