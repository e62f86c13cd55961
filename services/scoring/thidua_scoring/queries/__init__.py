"""SQL of the scoring service: marks, leases, cases, scores, lists."""
