"""For authors and operators of criteria sets: `thidua plugins`, and what a set is packed in."""
