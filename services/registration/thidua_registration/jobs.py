"""What registration does by the clock: texts of initiatives that have no hashes yet are read."""

from __future__ import annotations

from datetime import date
from typing import Final

import structlog

from thidua_registration.queries import texts
from thidua_runtime.database import Transaction
from thidua_runtime.jobs import Job

# Hashing keeps the event loop for a third of a millisecond a text.
PORTION_TEXTS: Final = 500

log = structlog.get_logger()


async def read_texts(day: date, tx: Transaction) -> None:
    """Hash what came without a text, from a restore, or under an older method, so that it can be found as alike."""
    read = portion = await texts.read_unread(tx, PORTION_TEXTS)
    while portion == PORTION_TEXTS:
        portion = await texts.read_unread(tx, PORTION_TEXTS)
        read += portion
    log.info("texts of initiatives read", texts=read)


JOBS: Final = (Job("read_texts", read_texts, beside=True),)
