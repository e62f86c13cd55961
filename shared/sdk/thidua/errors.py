"""Base of every error of the suite: one sentence each, for the person who must act."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar


class Reader(StrEnum):
    """Who can do something about an error."""

    OFFICIAL = "official"
    OPERATOR = "operator"
    INTEGRATOR = "integrator"


class ThiduaError(Exception):
    """Base of every error of the suite.

    `sentence` is for `reader` (Vietnamese when that is an official) and says what happened, with its
    figures, then what to do; `english` says the same in English where `sentence` is Vietnamese.
    `status` is the HTTP status of the problem document a client gets.
    """

    reader: ClassVar[Reader] = Reader.OFFICIAL
    sentence: ClassVar[str] = "Yêu cầu không thực hiện được."
    english: ClassVar[str] = ""
    status: ClassVar[int] = 422

    def __init__(self, **figures: object) -> None:
        self.figures = figures
        super().__init__(self.sentence.format(**figures))

    @property
    def in_english(self) -> str:
        """The English sentence with its figures; the sentence itself where it is English already.

        A figure that is itself Vietnamese has an English one beside it: `why_en` stands for `why` here.
        """
        translated = {name.removesuffix("_en"): value for name, value in self.figures.items() if name.endswith("_en")}
        return (self.english or self.sentence).format(**{**self.figures, **translated})

    @classmethod
    def code(cls) -> str:
        """Name of the error in kebab case, stable across releases: `MonthClosed` is `month-closed`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()


class NotFound(ThiduaError):
    """What was asked for does not exist, or not on the day asked about."""

    sentence = "Không tìm thấy {what}; hãy kiểm tra lại mã hoặc ngày."
    english = "{what} was not found; check the code or the date."
    status = 404


class Conflict(ThiduaError):
    """The request contradicts what is stored."""

    sentence = "Yêu cầu mâu thuẫn với dữ liệu hiện có: {why}."
    english = "The request contradicts what is stored: {why}."
    status = 409


class Stale(ThiduaError):
    """Somebody else changed the record since the client read it (`If-Match`)."""

    sentence = "Bản ghi đã được sửa (phiên bản {current}, bạn đang sửa {expected}); hãy tải lại rồi sửa tiếp."
    english = "The record changed meanwhile (revision {current}, yours {expected}); read it again and redo."
    status = 412


class Refused(ThiduaError):
    """The request breaks a rule of the field."""

    sentence = "Yêu cầu bị từ chối: {why}."
    english = "The request was refused: {why}."
