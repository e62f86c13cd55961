"""What people do: review, confirm, enter records and decisions."""
