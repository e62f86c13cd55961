"""Alembic migrations of the awards database."""
