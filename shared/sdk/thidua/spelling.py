"""One spelling of people's names, so that nobody is two people by letters that nobody sees."""

from __future__ import annotations

import unicodedata


def spelled(name: str) -> str:
    """Return the one spelling of a name: as a tokens file gives it back, whose underscores are blanks.

    >>> spelled("Đọc_giả\\u200b  A")
    'Đọc giả A'
    """
    visible = "".join(letter for letter in name.replace("_", " ") if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFC", visible).split())


def plain_name(name: str) -> str:
    """Return a name as two people of one name compare: capitals make no difference either."""
    return spelled(name).casefold()
