"""The figures of months, which reports print."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = """
CREATE TABLE replica_monthly_results (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    subject TEXT GENERATED ALWAYS AS (body->>'subject') STORED,
    month TEXT GENERATED ALWAYS AS (body->>'month') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_monthly_results_subject ON replica_monthly_results (subject);
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
