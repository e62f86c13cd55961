"""Scores of versions that only follow along, beside the running scores they are compared with."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE shadow_score (
        subject TEXT COLLATE "C" NOT NULL,
        campaign TEXT COLLATE "C" NOT NULL,
        period TEXT COLLATE "C" NOT NULL,
        set_id TEXT COLLATE "C" NOT NULL,
        set_version TEXT COLLATE "C" NOT NULL,
        state TEXT NOT NULL,
        points NUMERIC,
        band TEXT,
        agreement TEXT NOT NULL,
        beside TEXT NOT NULL,
        differing TEXT[] NOT NULL,
        generation BIGINT NOT NULL,
        tree BYTEA,
        scored_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (subject, campaign, period, set_id, set_version)
    )
    """,
    "CREATE INDEX shadow_score_counted ON shadow_score (campaign, set_id, set_version, period, agreement)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
