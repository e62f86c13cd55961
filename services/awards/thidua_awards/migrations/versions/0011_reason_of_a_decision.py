"""Why the competent person decided otherwise than the data or the council said; of decisions of before it is empty."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE decision ADD COLUMN reason TEXT DEFAULT '' NOT NULL")
