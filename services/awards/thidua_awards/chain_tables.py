"""The table of the hash chain."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Table, text

from thidua_awards.tables import metadata, required

chain_link: Final = Table(
    "chain_link",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    required("kind"),
    required("reference"),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("withheld", LargeBinary),
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("chain_link_reference", "kind", "reference", "number"),  # the newest link of a record
    comment="Salted digests of votes, findings and decisions; a head covers all links before.",
)
