"""The rules that a review rests on; of earlier ones they are not known, so that the next looks at everything."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE review ADD COLUMN basis TEXT DEFAULT '' NOT NULL")
