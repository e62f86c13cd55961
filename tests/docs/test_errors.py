"""Every error is one whole sentence for the one who must act, and says what it stands for."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from thidua.errors import Reader, ThiduaError

VIETNAMESE = re.compile(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)


@pytest.fixture(scope="module")
def errors(reference: ModuleType) -> tuple[type[ThiduaError], ...]:
    found: tuple[type[ThiduaError], ...] = reference.error_classes()
    assert len(found) > 40
    return found


def test_every_error_says_in_its_docstring_what_it_stands_for(errors: tuple[type[ThiduaError], ...]) -> None:
    assert [error.__name__ for error in errors if not (error.__doc__ or "").strip().endswith(".")] == []


def test_every_sentence_of_an_error_is_whole_and_ends_with_a_full_stop(errors: tuple[type[ThiduaError], ...]) -> None:
    open_ended = [
        f"{error.__module__}.{error.__name__}: {text}"
        for error in errors
        for text in (error.sentence, error.english)
        # The last figure may be a sentence of its own, or a list of places to mend.
        if text and not re.search(r"(\.|\{\w+\})$", text)
    ]
    assert open_ended == []


def test_what_an_official_reads_is_vietnamese_with_english_beside_it(errors: tuple[type[ThiduaError], ...]) -> None:
    # An error that only passes on a reason has nothing of its own to say in either language.
    said = {error: re.sub(r"\{.*?\}", "", error.sentence).strip(" .") for error in errors}
    speaking = [error for error in errors if error.reader is Reader.OFFICIAL and said[error]]
    assert [e.__name__ for e in speaking if not VIETNAMESE.search(e.sentence)] == []
    assert [e.__name__ for e in speaking if not e.english] == []


def test_errors_stand_in_the_one_file_of_their_distribution(errors: tuple[type[ThiduaError], ...]) -> None:
    assert [f"{e.__module__}.{e.__name__}" for e in errors if not e.__module__.endswith("errors")] == []
