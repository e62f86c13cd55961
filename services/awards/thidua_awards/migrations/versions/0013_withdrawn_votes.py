"""A vote that was drawn up by mistake is withdrawn: by whom, when and why."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE vote ADD COLUMN withdrawn_by TEXT, ADD COLUMN withdrawn_at TIMESTAMPTZ,
            ADD COLUMN withdrawn_reason TEXT
    """)
