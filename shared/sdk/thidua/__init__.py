"""Public contracts, criteria sets and the test kit of the thidua suite."""
