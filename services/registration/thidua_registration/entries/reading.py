"""Readers and marks as clients send them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from thidua.contracts.base import Text
from thidua_registration.domain.reading import FULL
from thidua_registration.entries.campaign import exact
from thidua_registration.entries.organisation import Entry, Name


class ReadersEntry(Entry):
    """Who reads an initiative, by the names of their tokens; the third one may be named later."""

    unit: Name
    code: Name
    first: Name
    second: Name
    third: Name | None = None


class MarkEntry(Entry):
    """The mark of one initiative by whoever sends it, of a hundred points, with a comment and papers."""

    unit: Name
    code: Name
    points: Annotated[Decimal, BeforeValidator(exact), Field(ge=0, le=FULL, decimal_places=2)]
    comment: Annotated[Text, Field(max_length=5_000)] = ""
    evidence: Annotated[tuple[Annotated[Text, Field(min_length=1, max_length=500)], ...], Field(max_length=50)] = ()
