"""Criteria set tnmt-2022-tap-the: see criteria.yaml beside this file."""
