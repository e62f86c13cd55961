"""What people do: enable and withdraw criteria sets, ask for official scores."""
