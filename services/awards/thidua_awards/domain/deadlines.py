"""Until when a step of a dossier is expected: what the campaign says, else what a text says; it moves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from thidua.contracts.campaign import StepDeadline

LIMITED_BY: Final[Mapping[str, tuple[str, ...]]] = {"received": ("received", "appraisal")}
"""State → states whose limit begins with it: the time of an appraisal runs from the complete dossier."""


def limit_of(
    deadlines: Iterable[StepDeadline], state: str, title: str, proposers: Collection[str]
) -> StepDeadline | None:
    """Return the campaign's limit for entering `state`; one for the title or the proposing unit goes before others.

    `proposers`: the unit of the dossier and those above it.
    """
    fitting = [
        one
        for one in deadlines
        if one.about == "dossier"
        and one.state in LIMITED_BY.get(state, (state,))
        and one.title in (None, title)
        and (one.proposer is None or one.proposer in proposers)
    ]
    return max(fitting, key=lambda one: (one.title is not None, one.proposer is not None), default=None)


def review_of_hold(since: date) -> date:
    """Return until when a hold is looked at again: monthly, on the same day of the next month or its last.

    >>> review_of_hold(date(2023, 1, 31)), review_of_hold(date(2022, 12, 5))
    (datetime.date(2023, 2, 28), datetime.date(2023, 1, 5))
    """
    first = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(since.day, last.day))
