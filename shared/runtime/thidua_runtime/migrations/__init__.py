"""Alembic chains of the runtime."""
