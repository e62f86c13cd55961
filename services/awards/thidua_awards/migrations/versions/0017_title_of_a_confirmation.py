"""What people answer may be about one title; what was answered before names none."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE confirmation ADD COLUMN title TEXT DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE confirmation DROP CONSTRAINT confirmation_pkey")
    op.execute("ALTER TABLE confirmation ADD PRIMARY KEY (campaign, subject, key, title)")
