"""Who recorded why a decision was made; of decisions of before it is whoever changed them last."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE decision ADD COLUMN reason_by TEXT")
