"""Councils, their meetings and votes."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = """
CREATE TABLE council (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    document TEXT NOT NULL,
    dated DATE NOT NULL,
    rules TEXT NOT NULL,
    electronic BOOLEAN NOT NULL,
    quorum JSONB,
    share JSONB,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE council_member (
    council TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    post TEXT NOT NULL,
    role TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    token TEXT,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (council, id),
    FOREIGN KEY(council) REFERENCES council (id),
    UNIQUE (token)
);
COMMENT ON TABLE council_member IS '`token` is the SHA-256 of what the member votes with.';
CREATE TABLE meeting (
    id TEXT NOT NULL,
    council TEXT NOT NULL,
    campaign TEXT NOT NULL,
    held_on DATE NOT NULL,
    place TEXT NOT NULL,
    chair TEXT NOT NULL,
    secretary TEXT NOT NULL,
    agenda TEXT[] NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(council) REFERENCES council (id)
);
CREATE TABLE attendance (
    meeting TEXT NOT NULL,
    member TEXT NOT NULL,
    presence TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (meeting, member),
    FOREIGN KEY(meeting) REFERENCES meeting (id)
);
CREATE TABLE vote (
    id TEXT NOT NULL,
    meeting TEXT NOT NULL,
    campaign TEXT NOT NULL,
    title TEXT NOT NULL,
    method TEXT NOT NULL,
    state TEXT NOT NULL,
    members TEXT[] NOT NULL,
    need JSONB NOT NULL,
    public_key BYTEA,
    recount_until DATE,
    destroyed_at TIMESTAMP WITH TIME ZONE,
    counted JSONB,
    counted_by TEXT,
    checked_by TEXT[] DEFAULT '{}' NOT NULL,
    document TEXT,
    wrote TEXT[] DEFAULT '{}' NOT NULL,
    closed_on DATE,
    unreadable INTEGER DEFAULT 0 NOT NULL,
    recounts JSONB DEFAULT '[]' NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(meeting) REFERENCES meeting (id)
);
CREATE INDEX vote_campaign ON vote (campaign, title);
COMMENT ON TABLE vote IS '`members` is fixed when the vote opens and is what every share is taken of.';
CREATE TABLE vote_case (
    vote TEXT NOT NULL,
    place INTEGER NOT NULL,
    subject TEXT NOT NULL,
    yes INTEGER,
    no INTEGER,
    invalid INTEGER,
    passed BOOLEAN,
    PRIMARY KEY (vote, place),
    CONSTRAINT vote_case_subject UNIQUE (vote, subject),
    FOREIGN KEY(vote) REFERENCES vote (id)
);
CREATE TABLE interest (
    vote TEXT NOT NULL,
    place INTEGER NOT NULL,
    member TEXT NOT NULL,
    document TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (vote, place, member),
    FOREIGN KEY(vote) REFERENCES vote (id)
);
COMMENT ON TABLE interest IS 'Declared interests; the member stays in the number of members.';
CREATE TABLE ballot (
    vote TEXT NOT NULL,
    member TEXT NOT NULL,
    sealed BYTEA,
    PRIMARY KEY (vote, member),
    FOREIGN KEY(vote) REFERENCES vote (id)
);
COMMENT ON TABLE ballot IS 'One row per member who voted; sealed until closing, null once the recount term is over.';
CREATE TABLE opened_ballot (
    vote TEXT NOT NULL,
    place INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    choice INTEGER NOT NULL,
    PRIMARY KEY (vote, place, slot),
    FOREIGN KEY(vote) REFERENCES vote (id)
);
COMMENT ON TABLE opened_ballot IS 'Votes on each case in an order drawn at closing, written opinions among them.';
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
