"""Criteria set nd335-2025-tap-the: see criteria.yaml beside this file."""
