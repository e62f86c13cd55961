"""Until when a step was expected that a hold, a complaint or a cluster's vote interrupts: it is so again afterwards."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE dossier ADD COLUMN due_before DATE")
