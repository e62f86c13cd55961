"""Whose data were erased."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENT = """
CREATE TABLE replica_erasures (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
)
"""


def upgrade() -> None:
    op.execute(STATEMENT)
