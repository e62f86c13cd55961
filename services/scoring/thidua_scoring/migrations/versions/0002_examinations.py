"""What examiners found about each stored set."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE examination (
        artefact TEXT COLLATE "C" NOT NULL,
        tier TEXT NOT NULL,
        report JSONB NOT NULL,
        examined_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (artefact)
    )
    """)
