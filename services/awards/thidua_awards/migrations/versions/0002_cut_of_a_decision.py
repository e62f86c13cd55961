"""The cut that a decision stands behind; those recorded before have none."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE decision ADD COLUMN cut TIMESTAMP WITH TIME ZONE")
