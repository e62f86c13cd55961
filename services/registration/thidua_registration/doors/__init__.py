"""The doors of the JSON API: translate a request, call a command or query, answer."""
