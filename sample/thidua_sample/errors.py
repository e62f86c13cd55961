"""What can go wrong with the sample year, each with a sentence for who must act."""

from __future__ import annotations

from typing import ClassVar

from thidua.errors import Reader, ThiduaError


class CannotApportion(ThiduaError):
    """A generator was asked to place more than its places hold: a mistake in the plan of the year."""

    reader: ClassVar[Reader] = Reader.OPERATOR
    sentence: ClassVar[str] = "The plan of the sample year asks for {total} but has room for {room}; correct the plan."
    english: ClassVar[str] = sentence


class OtherYear(ThiduaError):
    """The folder holds a sample year made with another seed, size or criteria set."""

    reader: ClassVar[Reader] = Reader.OPERATOR
    sentence: ClassVar[str] = (
        "The folder {folder} holds another sample year ({found}; asked for: {wanted}). Choose another folder with "
        "--data, or serve this one with `thidua up`."
    )
    english: ClassVar[str] = sentence


class DoorRefused(ThiduaError):
    """A service answered a call of the sample year with an error."""

    reader: ClassVar[Reader] = Reader.OPERATOR
    sentence: ClassVar[str] = (
        "{method} {path} was answered {status}: {detail}. The sample year stops here; correct the "
        "service or the sample and start again with an empty database."
    )
    english: ClassVar[str] = sentence

    def says(self, *codes: str) -> bool:
        """Whether the answer is a problem of one of these codes (`cut-not-reached`)."""
        return any(f'urn:thidua:problem:{code}"' in str(self.figures["detail"]) for code in codes)
