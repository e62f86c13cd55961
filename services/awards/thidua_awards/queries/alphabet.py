"""The order of the Vietnamese alphabet in SQL, the same as `thidua.ordering.by_alphabet`."""

from __future__ import annotations

from thidua.ordering import AFTER_BREVE, BARRED, CIRCUMFLEX, RANKED_TONES, TONES


def by_alphabet(column: str) -> str:
    """Return what to order by for names in `column`: letters first, then tones, then the name as it is written.

    No collation of Vietnamese is asked for: an embedded PostgreSQL comes without ICU, and a database may have any
    collation. It costs some microseconds a name, so it is for lists that people read.
    """
    parts = f"normalize(lower({column} collate pg_c_utf8), nfd)"
    letters = f"translate({parts}, '{CIRCUMFLEX}{TONES}', '{AFTER_BREVE}')"
    barred, letter = BARRED
    return (
        f"replace({letters}, '{barred}', '{letter}') collate \"C\", "
        f"translate({parts}, '{TONES}', '{RANKED_TONES}') collate \"C\", {column} collate \"C\""
    )
