"""How a thidua service lives."""
