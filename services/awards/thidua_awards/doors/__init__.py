"""Doors of the awards service beyond the review, by what they are about."""
