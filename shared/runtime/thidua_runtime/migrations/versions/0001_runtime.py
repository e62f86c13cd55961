"""Runtime tables: outbox, positions, dead letters, jobs, leases."""

from alembic import op

from thidua_runtime.tables import STATEMENTS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
