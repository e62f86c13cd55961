"""One step per file; see operations: add, deploy, remove."""
