"""Tables on a terminal or in a pipe: what a person must type again is never cut."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Column, Table

PIPED_COLUMNS: Final = 1_000
"""Width where nobody's window limits it: every row stays on one line, for grep and for files."""


def grid(*heads: str) -> Table:
    """Return a table that folds what does not fit into its columns, instead of ending it with an ellipsis."""
    return Table(*(Column(head, overflow="fold") for head in heads))


def printer() -> Console:
    """Return the console for tables: as wide as the window, and wide where the output is no window."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPED_COLUMNS)
