"""The scorer: takes marked subjects, scores them outside any transaction, writes what came of it."""
