"""Many states in one row of the outbox."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Bodies are short-lived: compressing them would cost more than it saves.
STATEMENTS = (
    """alter table thidua.outbox add column keys text[], add column partition_keys text[],
        add column versions bigint[], add column bodies text[]""",
    """alter table thidua.outbox alter column keys set storage external,
        alter column partition_keys set storage external, alter column versions set storage external,
        alter column bodies set storage external""",
    """update thidua.outbox set kind = 'states', keys = array[key], partition_keys = array[partition_key],
        versions = array[version], bodies = array[body] where kind = 'state'""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
