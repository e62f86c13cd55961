"""Chance that repeats: every draw comes from a seed and a stream number, and every draw is an integer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from thidua_sample.errors import CannotApportion

T = TypeVar("T")

SATURDAY = 5


class Draw:
    """One stream of draws. Two streams of one seed never disturb each other.

    Only `randrange` is used: its results are the same on every platform and need no hash or float.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._random = Random(seed * 1_000_003 + stream)  # noqa: S311 - sample figures, no secret

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, not including, `limit`."""
        return self._random.randrange(limit)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self._random.randrange(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Return True in `percent` of a hundred draws."""
        return self._random.randrange(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        """Return one item, all equally likely."""
        return items[self._random.randrange(len(items))]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """Return one item of pairs (item, whole weight)."""
        left = self._random.randrange(sum(weight for _, weight in items))
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        raise CannotApportion(total=1, room=0)

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """Return the items in a drawn order."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self._random.randrange(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def sample(self, items: Iterable[T], count: int) -> list[T]:
        """Return `count` different items, in a drawn order."""
        return self.shuffled(items)[:count]

    def workday(self, first: date, last: date) -> date:
        """Return a day from Monday to Friday between two days; `first` itself when there is none."""
        span = (last - first).days
        if span < 7:  # a short span may hold no working day at all
            days = [day for day in days_between(first, last) if day.weekday() < SATURDAY]
            return self.pick(days) if days else first
        while (day := first + timedelta(days=self.below(span + 1))).weekday() >= SATURDAY:
            continue
        return day


def days_between(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`, both included."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def apportion(total: int, weights: Sequence[int], room: Sequence[int] | None = None) -> list[int]:
    """Share `total` out in proportion to whole weights by largest remainders, at most `room[i]` to each.

    Ties go to the earlier place, so the result depends on nothing but its arguments. Raises
    CannotApportion when the room of all places with a weight is less than `total`.
    """
    limits = [total] * len(weights) if room is None else list(room)
    shares = [0] * len(weights)
    left = total
    while left > 0:
        open_places = [i for i, weight in enumerate(weights) if weight > 0 and shares[i] < limits[i]]
        if not open_places:
            raise CannotApportion(total=total, room=sum(shares))
        left -= _share_round(left, weights, limits, shares, open_places)
    return shares


def _share_round(
    left: int, weights: Sequence[int], limits: Sequence[int], shares: list[int], places: Sequence[int]
) -> int:
    whole = sum(weights[i] for i in places)
    exact = [(left * weights[i], i) for i in places]
    given = 0
    for product, i in exact:
        part = min(product // whole, limits[i] - shares[i])
        shares[i] += part
        given += part
    if given:
        return given
    for _, i in sorted(exact, key=lambda item: (-(item[0] % whole), item[1])):
        if given == left:
            break
        shares[i] += 1
        given += 1
    return given
