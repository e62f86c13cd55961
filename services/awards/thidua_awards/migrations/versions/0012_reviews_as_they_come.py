"""Reviews are stored as they come: a changed quota writes a hundred anew, and packing each took a fifth of that."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE recommendation SET (toast_tuple_target = 8160)")
