"""Criteria set cong-an-cum: see criteria.yaml beside this file."""
