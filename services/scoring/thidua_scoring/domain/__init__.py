"""What scoring knows without a database: which periods are scored, the case of a score, its explanation."""
