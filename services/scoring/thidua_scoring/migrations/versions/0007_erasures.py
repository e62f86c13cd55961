"""Whose data were erased."""

from alembic import op

revision = "0007"
down_revision = "0006"

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
