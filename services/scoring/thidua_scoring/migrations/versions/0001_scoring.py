"""Replicas, the queue, criteria sets and their artefacts, scores, cases and official runs."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE SEQUENCE mark_generation;
CREATE TABLE artefact (
    hash TEXT COLLATE "C" NOT NULL,
    files BYTEA NOT NULL,
    PRIMARY KEY (hash)
);
CREATE TABLE campaign_day (
    campaign TEXT COLLATE "C" NOT NULL,
    as_of DATE NOT NULL,
    PRIMARY KEY (campaign)
);
CREATE TABLE case_store (
    hash TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (hash)
);
CREATE TABLE criteria_set (
    id TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    artefact TEXT NOT NULL,
    reads TEXT[] NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE decision_subject (
    subject TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject, key)
);
CREATE INDEX decision_subject_key ON decision_subject (key);
CREATE TABLE dirty (
    subject TEXT COLLATE "C" NOT NULL,
    campaign TEXT COLLATE "C" NOT NULL,
    set_id TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (subject, campaign, set_id)
);
CREATE INDEX dirty_marked_at ON dirty (marked_at);
CREATE TABLE initiative_subject (
    subject TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject, key)
);
CREATE INDEX initiative_subject_key ON initiative_subject (key);
CREATE TABLE official_run (
    campaign TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    cut TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    waits_for TEXT NOT NULL,
    missing JSONB NOT NULL,
    scored INTEGER NOT NULL,
    not_scored INTEGER NOT NULL,
    generation BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (campaign, period)
);
CREATE TABLE replica_campaigns (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    code TEXT GENERATED ALWAYS AS (body->>'code') STORED,
    PRIMARY KEY (key)
);
CREATE TABLE replica_clusters (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    year TEXT GENERATED ALWAYS AS (body->>'year') STORED,
    PRIMARY KEY (key)
);
CREATE TABLE replica_decisions (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
CREATE TABLE replica_facts (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    subject TEXT GENERATED ALWAYS AS (body->>'subject') STORED,
    campaign TEXT GENERATED ALWAYS AS (body->>'campaign') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_facts_subject ON replica_facts (subject);
CREATE TABLE replica_initiatives (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
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
CREATE TABLE replica_people (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    person TEXT GENERATED ALWAYS AS (body->>'id') STORED,
    unit TEXT GENERATED ALWAYS AS (body->>'unit') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_people_person ON replica_people (person);
CREATE INDEX replica_people_unit ON replica_people (unit);
CREATE TABLE replica_registrations (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
CREATE TABLE replica_units (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
CREATE TABLE score (
    subject TEXT COLLATE "C" NOT NULL,
    campaign TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    set_id TEXT COLLATE "C" NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    unit TEXT NOT NULL,
    state TEXT NOT NULL,
    points NUMERIC,
    band TEXT,
    generation BIGINT NOT NULL,
    case_hash TEXT NOT NULL,
    artefact TEXT NOT NULL,
    body JSONB NOT NULL,
    tree BYTEA,
    scored_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (subject, campaign, period, set_id, lane)
);
CREATE INDEX score_listed ON score (campaign, period, set_id, lane);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
