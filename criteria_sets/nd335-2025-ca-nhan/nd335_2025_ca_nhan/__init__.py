"""Criteria set nd335-2025-ca-nhan: see criteria.yaml beside this file."""
