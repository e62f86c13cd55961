"""Re-scorings: new official scores beside the old ones, applied or cancelled as a whole; superseded ones are kept."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    CREATE TABLE rescoring (
        id TEXT COLLATE "C" NOT NULL,
        campaign TEXT COLLATE "C" NOT NULL,
        period TEXT COLLATE "C" NOT NULL,
        set_id TEXT COLLATE "C" NOT NULL,
        set_version TEXT COLLATE "C" NOT NULL,
        reason TEXT NOT NULL,
        cut TIMESTAMP WITH TIME ZONE NOT NULL,
        state TEXT NOT NULL,
        waits_for TEXT NOT NULL,
        opened_by TEXT NOT NULL,
        opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        closed_because TEXT NOT NULL,
        revision INTEGER NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE UNIQUE INDEX rescoring_open ON rescoring (campaign, set_id)
     WHERE state IN ('waiting', 'ready')
    """,
    """
    CREATE TABLE rescored (
        rescoring TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        period TEXT COLLATE "C" NOT NULL,
        before BIGINT,
        skipped TEXT NOT NULL,
        unit TEXT NOT NULL,
        state TEXT NOT NULL,
        points NUMERIC,
        band TEXT,
        case_hash TEXT NOT NULL,
        artefact TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BYTEA NOT NULL,
        tree BYTEA,
        PRIMARY KEY (rescoring, subject, period)
    )
    """,
    """
    CREATE TABLE superseded (
        rescoring TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        campaign TEXT COLLATE "C" NOT NULL,
        period TEXT COLLATE "C" NOT NULL,
        set_id TEXT COLLATE "C" NOT NULL,
        state TEXT NOT NULL,
        points NUMERIC,
        band TEXT,
        case_hash TEXT NOT NULL,
        artefact TEXT NOT NULL,
        body JSONB NOT NULL,
        tree BYTEA,
        scored_at TIMESTAMP WITH TIME ZONE NOT NULL,
        superseded_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (rescoring, subject, period)
    )
    """,
    "CREATE INDEX superseded_subject ON superseded (subject, campaign, period, set_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
