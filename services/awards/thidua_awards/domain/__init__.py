"""Conditions of titles as small pure checks on frozen records; no I/O and no clock."""
