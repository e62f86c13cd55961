"""People are found by their staff code, as units are."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE replica_people ADD COLUMN code TEXT GENERATED ALWAYS AS (body->>'code') STORED")
    op.execute("CREATE INDEX replica_people_code ON replica_people (code)")
