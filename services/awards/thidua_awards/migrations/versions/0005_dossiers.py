"""Dossiers, their steps, and opinions asked for."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = """
CREATE TABLE dossier (
    id TEXT NOT NULL,
    campaign TEXT NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    before TEXT,
    due_on DATE,
    came_from TEXT,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT dossier_once UNIQUE (campaign, subject, title)
);
CREATE INDEX dossier_state ON dossier (campaign, state);
CREATE TABLE dossier_step (
    dossier TEXT NOT NULL,
    number INTEGER NOT NULL,
    came_from TEXT NOT NULL,
    state TEXT NOT NULL,
    acted_on DATE NOT NULL,
    on_behalf TEXT NOT NULL,
    document TEXT NOT NULL,
    dated DATE,
    reason TEXT NOT NULL,
    afterwards INTEGER NOT NULL,
    skipped TEXT[] NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (dossier, number),
    FOREIGN KEY(dossier) REFERENCES dossier (id)
);
COMMENT ON TABLE dossier_step IS '`afterwards`: days between the act and its record; `skipped`: steps nobody recorded.';
CREATE TABLE consultation (
    id TEXT NOT NULL,
    campaign TEXT NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    addressee TEXT NOT NULL,
    posted_on DATE NOT NULL,
    until DATE NOT NULL,
    closed_on DATE,
    answer TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE consultation_case (
    consultation TEXT NOT NULL,
    dossier TEXT NOT NULL,
    PRIMARY KEY (consultation, dossier),
    FOREIGN KEY(consultation) REFERENCES consultation (id),
    FOREIGN KEY(dossier) REFERENCES dossier (id)
);
CREATE INDEX consultation_dossier ON consultation_case (dossier);
CREATE TABLE remark (
    consultation TEXT NOT NULL,
    number INTEGER NOT NULL,
    received_on DATE NOT NULL,
    said TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    PRIMARY KEY (consultation, number),
    FOREIGN KEY(consultation) REFERENCES consultation (id)
);
COMMENT ON TABLE remark IS 'Comments on a list, without the name of whoever sent them.';
CREATE TABLE working_day (
    day DATE NOT NULL,
    working BOOLEAN NOT NULL,
    document TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (day)
);
COMMENT ON TABLE working_day IS 'Days that a document made working or free; all others as the library has them.';
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
