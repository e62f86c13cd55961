"""An official run that was cancelled says why."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE official_run ADD COLUMN closed_because TEXT DEFAULT '' NOT NULL")
