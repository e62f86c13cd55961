"""Marks of single subjects, and who is in the running for a quota; the next review looks at everybody once."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = """
CREATE TABLE dirty_subject (
    campaign TEXT NOT NULL,
    subject TEXT NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (campaign, subject)
);
COMMENT ON TABLE dirty_subject IS 'Subjects of which something changed that concerns nobody else.';
CREATE TABLE quota_candidate (
    campaign TEXT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    deciding_unit TEXT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (campaign, title, subject)
);
COMMENT ON TABLE quota_candidate IS
    'Candidates for titles with a quota, with the verdict reached without it; every review keeps it up.';
CREATE INDEX quota_candidate_group ON quota_candidate (campaign, title, deciding_unit);
CREATE INDEX decision_award_unit ON decision_award (unit, year);
CREATE INDEX recommendation_group ON recommendation (campaign, title, deciding_unit);
CREATE INDEX replica_registrations_subject ON replica_registrations (subject);
CREATE INDEX replica_initiatives_authors ON replica_initiatives USING gin ((body->'authors'));
ALTER TABLE vote_case ADD COLUMN need JSONB;
COMMENT ON TABLE vote_case IS
    '`need` only where the transition clause judges the case by another regime than the campaign''s.';
ALTER TABLE dossier_step ADD COLUMN agreement TEXT DEFAULT '' NOT NULL;
CREATE TABLE kept_name (
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    post TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (subject)
);
COMMENT ON TABLE kept_name IS
    'Of people the register lists no more: as whom a signed decision or a council''s minutes name them.';
CREATE TABLE replica_erasures (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
UPDATE review SET basis = '';
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
