"""What clients send to have documents printed."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from thidua.contracts.base import Code
from thidua_awards.entries import Entry

MOST_DOCUMENTS: Final = 1_000
"""Documents printed for one request; a list of more is asked for in parts."""

Form = Literal["docx", "pdf", "xlsx"]
Head = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
FileName = Annotated[str, StringConstraints(pattern=r"^\w[\w.\-]*(/\w[\w.\-]*){0,3}$", max_length=150)]
"""A relative path of letters, digits, dots, dashes and underscores."""


class DocumentEntry(Entry):
    """A document to print: its kind, what it is of, the forms, and the name of its files without the form."""

    kind: Code
    id: Code
    forms: Annotated[tuple[Form, ...], Field(min_length=1, max_length=3)] = ("pdf",)
    name: FileName
    title: Head = ""
    agency: Head = ""
    superior: Head = ""
    place: Head = ""
    campaign: Head = ""
