"""Whose data were erased, by which document."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENT = """
CREATE TABLE erasure (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    removed JSONB DEFAULT '{}' NOT NULL,
    PRIMARY KEY (id)
)
"""


def upgrade() -> None:
    op.execute(STATEMENT)
