"""What a vote was opened with: days for a recount, counted from closing, and what was waived and why."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = """
ALTER TABLE vote ADD COLUMN recount_days INTEGER;
ALTER TABLE vote ADD COLUMN waived TEXT[] DEFAULT '{}' NOT NULL;
ALTER TABLE vote ADD COLUMN waived_reason TEXT;
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
