"""Units, clusters, people, ratings, campaigns, sheets, registrations, initiatives and their moves."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE TABLE campaign (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    code TEXT GENERATED ALWAYS AS ((body ->> 'code')) STORED,
    PRIMARY KEY (id),
    CONSTRAINT campaign_code UNIQUE (code)
);
CREATE TABLE cluster (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    year INTEGER GENERATED ALWAYS AS ((body ->> 'year')::integer) STORED,
    PRIMARY KEY (id)
);
CREATE INDEX cluster_year ON cluster (year);
CREATE TABLE date_move (
    id TEXT NOT NULL,
    campaign TEXT NOT NULL,
    what TEXT NOT NULL,
    "old" DATE,
    "new" DATE,
    reason TEXT NOT NULL,
    moved_by TEXT NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX date_move_campaign ON date_move (campaign);
CREATE TABLE external_code (
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    code TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, source, code)
);
CREATE INDEX external_code_id ON external_code (kind, id);
CREATE TABLE initiative (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    unit TEXT GENERATED ALWAYS AS ((body ->> 'unit')) STORED,
    code TEXT GENERATED ALWAYS AS ((body ->> 'code')) STORED,
    campaign TEXT GENERATED ALWAYS AS ((body ->> 'campaign')) STORED,
    state TEXT GENERATED ALWAYS AS ((body ->> 'state')) STORED,
    PRIMARY KEY (id),
    CONSTRAINT initiative_unit_code UNIQUE (unit, code)
);
CREATE TABLE move (
    id TEXT NOT NULL,
    about TEXT NOT NULL,
    record TEXT NOT NULL,
    move TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    round INTEGER,
    done_on DATE NOT NULL,
    done_by TEXT NOT NULL,
    on_behalf_of TEXT NOT NULL,
    document JSONB,
    reason TEXT NOT NULL,
    recorded_afterwards BOOLEAN NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX move_record ON move (about, record);
CREATE TABLE person (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    code TEXT GENERATED ALWAYS AS ((body ->> 'code')) STORED,
    unit TEXT GENERATED ALWAYS AS ((body ->> 'unit')) STORED,
    active BOOLEAN GENERATED ALWAYS AS ((body ->> 'active')::boolean) STORED,
    PRIMARY KEY (id),
    CONSTRAINT person_code UNIQUE (code)
);
CREATE INDEX person_unit ON person (unit);
CREATE TABLE rating (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    subject TEXT GENERATED ALWAYS AS ((body ->> 'subject')) STORED,
    unit TEXT GENERATED ALWAYS AS ((body ->> 'unit')) STORED,
    year INTEGER GENERATED ALWAYS AS ((body ->> 'year')::integer) STORED,
    PRIMARY KEY (id)
);
CREATE INDEX rating_subject ON rating (subject);
CREATE INDEX rating_year_unit ON rating (year, unit);
CREATE TABLE registration (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    let_in_by TEXT DEFAULT '' NOT NULL,
    subject TEXT GENERATED ALWAYS AS ((body ->> 'subject')) STORED,
    campaign TEXT GENERATED ALWAYS AS ((body ->> 'campaign')) STORED,
    unit TEXT GENERATED ALWAYS AS ((body ->> 'unit')) STORED,
    subject_kind TEXT GENERATED ALWAYS AS ((body ->> 'subject_kind')) STORED,
    state TEXT GENERATED ALWAYS AS ((body ->> 'state')) STORED,
    late BOOLEAN GENERATED ALWAYS AS ((body ->> 'late')::boolean) STORED,
    PRIMARY KEY (id)
);
CREATE INDEX registration_campaign_unit ON registration (campaign, unit);
CREATE INDEX registration_subject ON registration (subject);
CREATE TABLE replica_criteria_sets (
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    body JSONB,
    PRIMARY KEY (key)
);
CREATE TABLE sheet (
    campaign TEXT NOT NULL,
    unit TEXT NOT NULL,
    document JSONB,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (campaign, unit)
);
CREATE TABLE unit (
    id TEXT NOT NULL,
    body JSONB NOT NULL,
    revision INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT GENERATED ALWAYS AS ((body ->> 'kind')) STORED,
    parent TEXT GENERATED ALWAYS AS ((body ->> 'parent')) STORED,
    PRIMARY KEY (id)
);
CREATE TABLE unit_code (
    code TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    unit TEXT NOT NULL,
    PRIMARY KEY (code, valid_from)
);
CREATE INDEX unit_code_unit ON unit_code (unit);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
