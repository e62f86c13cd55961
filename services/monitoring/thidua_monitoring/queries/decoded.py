"""JSON columns that a query wants as Python values; the engine itself leaves them as the text they are."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator


class Decoded(TypeDecorator[Any]):
    """A `jsonb` column decoded on read."""

    impl = JSONB
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the decoded value, or None."""
        return orjson.loads(value) if isinstance(value, (str, bytes)) else value
