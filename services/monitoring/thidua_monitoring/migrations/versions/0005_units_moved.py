"""What a burst of new tasks comes to for units, set aside for some moments."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIGURES = ("due", "on_time", "late", "open", "ahead", "overdue", "excluded", "without_weight")
STATEMENTS = (
    "alter table people_moved add column lane smallint not null default 0",
    f"""
    create table units_moved (
        id bigint generated always as identity primary key,
        set_aside_at timestamptz not null default clock_timestamp(),
        put_off boolean not null default false,
        months text not null,
        subjects text not null,
        {", ".join(f"{name} text not null default ''" for name in FIGURES)}
    )
    """,
    "comment on table units_moved is "
    "'What batches of new tasks came to for units and no counter holds yet; months put off have no figures.'",
    *(f"alter table units_moved alter column {name} set storage external" for name in ("months", "subjects", *FIGURES)),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
