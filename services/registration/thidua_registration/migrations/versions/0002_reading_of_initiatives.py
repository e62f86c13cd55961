"""Readers of initiatives, their marks, the rules they mark by, and the texts."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
CREATE TABLE marking_rule (
    campaign TEXT NOT NULL,
    body JSONB NOT NULL,
    declared_by TEXT NOT NULL,
    declared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (campaign)
);
CREATE TABLE reading (
    initiative TEXT NOT NULL,
    round INTEGER NOT NULL,
    readers JSONB NOT NULL,
    rule JSONB NOT NULL,
    named_by TEXT NOT NULL,
    named_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (initiative, round)
);
CREATE TABLE reading_mark (
    id TEXT NOT NULL,
    initiative TEXT NOT NULL,
    round INTEGER NOT NULL,
    reader TEXT NOT NULL,
    points NUMERIC NOT NULL,
    comment TEXT NOT NULL,
    evidence TEXT[] NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    replaced BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX reading_mark_round ON reading_mark (initiative, round);
CREATE TABLE initiative_text (
    initiative TEXT NOT NULL,
    content TEXT NOT NULL,
    method TEXT NOT NULL,
    bands INTEGER[] NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (initiative)
);
CREATE INDEX initiative_text_bands ON initiative_text USING gin (bands);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
