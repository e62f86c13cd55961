"""Usual reports as they were sent; a mark of when names changed."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Nothing is rewritten: what stands in `report` stays there.
STATEMENTS = (
    "alter table task add column body text",
    "alter table task alter column report drop not null",
    "alter table task alter column content_hash drop not null",
    "alter table as_of add column names uuid",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
