"""What a burst of new tasks comes to for people, set aside until it is over."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FIGURES = ("due", "on_time", "late", "open", "ahead", "overdue", "excluded", "without_weight")
TEXTS = ("months", "subjects", *FIGURES)
STATEMENTS = (
    f"""
    create table people_moved (
        id bigint generated always as identity primary key,
        {", ".join(f"{name} text not null" for name in TEXTS)}
    )
    """,
    "comment on table people_moved is "
    "'What batches of new tasks came to for people and no counter holds yet: a row for each batch.'",
    *(f"alter table people_moved alter column {name} set storage external" for name in TEXTS),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
