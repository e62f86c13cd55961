"""SQL of the awards service, and nothing else."""
