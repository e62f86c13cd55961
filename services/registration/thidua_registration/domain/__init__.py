"""Rules of registration without input, output or clock: codes, calendars, moves of registrations and initiatives."""
