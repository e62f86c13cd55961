"""Criteria set tnmt-2022-ca-nhan: see criteria.yaml beside this file."""
