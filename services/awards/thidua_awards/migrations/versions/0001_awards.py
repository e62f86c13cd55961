"""Own records, outcomes of the review, marks, and replicas of the followed streams."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE SEQUENCE dirty_generation;
CREATE TABLE candidate (
    campaign TEXT NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    document TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (campaign, subject, title)
);
COMMENT ON TABLE candidate IS 'Subjects named for a title they did not register.';
CREATE TABLE confirmation (
    campaign TEXT NOT NULL,
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    answer BOOLEAN NOT NULL,
    by TEXT NOT NULL,
    document TEXT NOT NULL,
    dated DATE NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (campaign, subject, key)
);
COMMENT ON TABLE confirmation IS 'Answers and declarations of people; those of a unit cover its members.';
CREATE TABLE decision (
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    dated DATE NOT NULL,
    signer TEXT NOT NULL,
    authority TEXT NOT NULL,
    campaign TEXT,
    cancelled BOOLEAN DEFAULT false NOT NULL,
    cancelled_because TEXT DEFAULT '' NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT decision_number UNIQUE (number, dated, authority)
);
CREATE TABLE dirty (
    campaign TEXT NOT NULL,
    unit TEXT NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (campaign, unit)
);
COMMENT ON TABLE dirty IS 'Units whose inputs changed since their last review; ''*'' is every unit.';
CREATE TABLE discipline (
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    form TEXT,
    decided_on DATE NOT NULL,
    ends_on DATE,
    counted_in INTEGER,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE discipline IS 'Read by this service alone; never on a stream.';
CREATE INDEX discipline_subject ON discipline (subject, decided_on);
CREATE TABLE hold (
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE hold IS 'On or off; the reason is in no table.';
CREATE INDEX hold_subject ON hold (subject);
CREATE TABLE recommendation (
    campaign TEXT NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    deciding_unit TEXT NOT NULL,
    regime TEXT NOT NULL,
    verdict TEXT NOT NULL,
    findings JSONB NOT NULL,
    first_unmet TEXT NOT NULL,
    quota JSONB,
    state TEXT NOT NULL,
    score_version BIGINT,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (campaign, subject, title)
);
CREATE INDEX recommendation_unit ON recommendation (campaign, unit);
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
CREATE TABLE replica_initiatives (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    campaign TEXT GENERATED ALWAYS AS (body->>'campaign') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_initiatives_campaign ON replica_initiatives (campaign);
CREATE TABLE replica_people (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    id TEXT GENERATED ALWAYS AS (body->>'id') STORED,
    unit TEXT GENERATED ALWAYS AS (body->>'unit') STORED,
    code TEXT GENERATED ALWAYS AS (body->>'code') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_people_code ON replica_people (code);
CREATE INDEX replica_people_id ON replica_people (id);
CREATE INDEX replica_people_unit ON replica_people (unit);
CREATE TABLE replica_ratings (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    subject TEXT GENERATED ALWAYS AS (body->>'subject') STORED,
    year TEXT GENERATED ALWAYS AS (body->>'year') STORED,
    level TEXT GENERATED ALWAYS AS (body->>'level') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_ratings_subject ON replica_ratings (subject);
CREATE TABLE replica_registrations (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    campaign TEXT GENERATED ALWAYS AS (body->>'campaign') STORED,
    subject TEXT GENERATED ALWAYS AS (body->>'subject') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_registrations_campaign ON replica_registrations (campaign);
CREATE TABLE replica_scores (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    campaign TEXT GENERATED ALWAYS AS (body->>'campaign') STORED,
    subject TEXT GENERATED ALWAYS AS (body->>'subject') STORED,
    period TEXT GENERATED ALWAYS AS (body->>'period') STORED,
    lane TEXT GENERATED ALWAYS AS (body->>'lane') STORED,
    PRIMARY KEY (key)
);
CREATE INDEX replica_scores_campaign ON replica_scores (campaign);
CREATE INDEX replica_scores_subject ON replica_scores (subject);
CREATE TABLE replica_units (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
CREATE TABLE review (
    campaign TEXT NOT NULL,
    titles TEXT[] NOT NULL,
    as_of DATE NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (campaign)
);
COMMENT ON TABLE review IS 'One row per campaign under review; its lock makes reviews of a campaign take turns.';
CREATE TABLE training (
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    year INTEGER NOT NULL,
    months INTEGER NOT NULL,
    result TEXT,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX training_subject ON training (subject, year);
CREATE TABLE decision_award (
    decision TEXT NOT NULL,
    line INTEGER NOT NULL,
    subject TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    code TEXT NOT NULL,
    year INTEGER NOT NULL,
    route TEXT,
    PRIMARY KEY (decision, line),
    CONSTRAINT decision_award_once UNIQUE (decision, subject, code, year),
    FOREIGN KEY(decision) REFERENCES decision (id)
);
CREATE INDEX decision_award_subject ON decision_award (subject, year);
CREATE INDEX decision_award_year ON decision_award (year, code);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
