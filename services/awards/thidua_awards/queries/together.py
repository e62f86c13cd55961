"""Several reads in one statement: of a single person each way to the database costs more than what it brings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import TextClause, text

from thidua_runtime.database import Transaction

_OR_EVERYBODY: Final = re.compile(r"\(cast\(:(\w+) as text\[\]\) is null\s+or (\S+ = any\(cast\(:\1 as text\[\]\)\))\)")
"""Whom a read is limited to, where null is everybody. A plan that allows for everybody looks at every row."""


@dataclass(frozen=True)
class Together:
    """Reads by name, whose parameters have one meaning in all of them.

    A row is told by the places of its columns: read at once it is a plain tuple.
    """

    reads: Mapping[str, TextClause]
    plans_after: str = "auto"
    """Whether the next statement is planned for its values, as most are, or once for all (`force_generic_plan`)."""

    @cached_property
    def _at_once(self) -> TextClause:
        named = {name: _OR_EVERYBODY.sub(r"\2", one.text) for name, one in self.reads.items()}
        columns = [f"array(select r from ({sql}) as r) as {name}" for name, sql in named.items()]  # noqa: S608 - our texts
        return text("select " + ",\n".join([*columns, f"set_config('plan_cache_mode', '{self.plans_after}', true)"]))

    def instead(self, **reads: TextClause) -> Together:
        """Return the same with these reads, in the place of those of their names or besides them."""
        return replace(self, reads={**self.reads, **reads})

    async def at_once(self, tx: Transaction, **parameters: Any) -> Mapping[str, Sequence[Any]]:
        """Return the rows of every read, as they were at one moment, all held in memory; null names nobody here."""
        (row,) = await tx.rows(self._at_once, **parameters)
        return dict(row._mapping)

    async def one_by_one(
        self, tx: Transaction, without: Collection[str] = (), **parameters: Any
    ) -> Mapping[str, Sequence[Any]]:
        """Return the rows of every read, one statement after the other; those in `without` have none."""
        return {
            name: () if name in without else await tx.rows(statement, **parameters)
            for name, statement in self.reads.items()
        }
