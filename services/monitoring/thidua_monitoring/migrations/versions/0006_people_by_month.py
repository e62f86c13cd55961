"""What a burst comes to for people, a row for each month: it is counted and published month by month."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An instance of the version before names no month, and counts rows that do.
    op.execute("alter table people_moved add column month text")
    op.execute(
        "comment on table people_moved is "
        "'What batches of new tasks came to for people and no counter holds yet: a row for each month of a batch.'"
    )
