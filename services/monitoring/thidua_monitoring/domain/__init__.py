"""The rules of monitoring: deadlines, months, closing, facts, what is due. No I/O, no clock."""
