"""Criteria sets: what they may say, the case they are given, and the score that comes of it."""
