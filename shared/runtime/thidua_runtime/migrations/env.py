"""Alembic environment of every chain; the connection and schema come from `thidua_runtime.migrate`."""

from alembic import context

options = context.config.attributes
context.configure(
    connection=options["connection"],
    target_metadata=options.get("metadata"),
    version_table="schema_version",
    version_table_schema=options["schema"],
    include_schemas=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
