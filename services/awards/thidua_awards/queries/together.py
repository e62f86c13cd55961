"""Several reads in one statement: of a single person each way to the database costs more than what it brings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import TextClause, text

from thidua_runtime.database import Transaction


@dataclass(frozen=True)
class Together:
    """Reads by name, whose parameters have one meaning in all of them.

    A row is told by the places of its columns: read at once it is a plain tuple.
    """

    reads: Mapping[str, TextClause]

    @cached_property
    def _at_once(self) -> TextClause:
        columns = (f"array(select r from ({one.text}) as r) as {name}" for name, one in self.reads.items())  # noqa: S608 - texts of this package
        return text("select " + ",\n".join(columns))

    def instead(self, **reads: TextClause) -> Together:
        """Return the same with these reads in the place of those of their names."""
        return Together({**self.reads, **reads})

    async def at_once(self, tx: Transaction, **parameters: Any) -> Mapping[str, Sequence[Any]]:
        """Return the rows of every read, as they were at one moment; all of them are held in memory at once."""
        (row,) = await tx.rows(self._at_once, **parameters)
        return row._mapping

    async def one_by_one(
        self, tx: Transaction, without: Collection[str] = (), **parameters: Any
    ) -> Mapping[str, Sequence[Any]]:
        """Return the rows of every read, one statement after the other; those in `without` have none."""
        return {
            name: () if name in without else await tx.rows(statement, **parameters)
            for name, statement in self.reads.items()
        }
