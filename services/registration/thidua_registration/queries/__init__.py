"""SQL of the registration service: the store of aggregates, look-ups by code, lists, moves."""
