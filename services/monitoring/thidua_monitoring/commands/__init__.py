"""What people, sources and the clock do to the records of monitoring: a verb per act."""
