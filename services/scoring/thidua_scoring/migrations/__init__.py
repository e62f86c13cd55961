"""Migrations of the scoring service."""
