"""A later dossier of the same subject and title is a matter of its own; what was there before is the first, ''."""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = """
ALTER TABLE dossier ADD COLUMN matter TEXT DEFAULT '' NOT NULL, ADD COLUMN begun_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE dossier DROP CONSTRAINT dossier_once;
ALTER TABLE dossier ADD CONSTRAINT dossier_once UNIQUE (campaign, subject, title, matter);
CREATE UNIQUE INDEX dossier_achievement ON dossier (campaign, subject, title, achievement)
 WHERE state <> ALL (ARRAY['withdrawn', 'closed', 'converted', 'cancelled']);
ALTER TABLE recommendation ADD COLUMN matter TEXT DEFAULT '' NOT NULL;
ALTER TABLE recommendation DROP CONSTRAINT recommendation_pkey;
ALTER TABLE recommendation ADD PRIMARY KEY (campaign, subject, title, matter);
ALTER TABLE vote_case ADD COLUMN matter TEXT DEFAULT '' NOT NULL;
ALTER TABLE decision_award ADD COLUMN matter TEXT DEFAULT '' NOT NULL
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
