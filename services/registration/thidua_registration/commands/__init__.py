"""What people do: enter units and people, open campaigns, send and move registrations and initiatives."""
