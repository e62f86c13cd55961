"""The sample year 2022."""
