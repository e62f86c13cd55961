"""The hash chain over votes, judged findings and decisions."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = """
CREATE TABLE chain_link (
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    salt BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    head BYTEA NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX chain_link_reference ON chain_link (kind, reference, number);
COMMENT ON TABLE chain_link IS 'Salted digests of votes, findings and decisions; a head covers all links before.';
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
