"""Criteria set bang-tru-diem-don-vi: see criteria.yaml beside this file."""
