"""Schema of the monitoring service, step by step."""
