"""How the score of a version that only follows along lies beside the running one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson

from thidua_scoring.domain.outcomes import NOT_SCORED, Row

AGREES: Final = "agrees"
POINTS_DIFFER: Final = "points_differ"
VERDICT_DIFFERS: Final = "verdict_differs"
ALONE: Final = "alone"
AGREEMENTS: Final = (AGREES, POINTS_DIFFER, VERDICT_DIFFERS, ALONE)
_VERDICT: Final = ("state", "band", "ranked")


class Agreement(NamedTuple):
    """`kind`: one of AGREEMENTS, where "alone" has nothing to lie beside; `differing`: codes of lines."""

    kind: str
    beside: str
    differing: tuple[str, ...]


def agreement(shadow: Row, running: Row | None) -> Agreement:
    """Compare two scores of one subject and period.

    The verdict differs where state, band, rank or the status of a line both have does; a line that only one of them
    has differs in points.
    """
    if running is None or NOT_SCORED in (shadow.state, running.state):
        return Agreement(ALONE, "" if running is None else running.set_version, ())
    mine, other = orjson.loads(shadow.body), orjson.loads(running.body)
    lines, others = _lines(mine), _lines(other)
    statuses = sorted(code for code in {*lines} & {*others} if lines[code]["status"] != others[code]["status"])
    differing = sorted({*statuses, *_other_points(lines, others)})
    if statuses or any(mine[name] != other[name] for name in _VERDICT):
        kind = VERDICT_DIFFERS
    else:
        kind = POINTS_DIFFER if differing or shadow.points != running.points else AGREES
    return Agreement(kind, running.set_version, tuple(differing))


def _lines(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {line["code"]: line for line in body["lines"]}


def _other_points(lines: Mapping[str, Mapping[str, Any]], others: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for code in {*lines, *others}:
        if lines.get(code, {}).get("points") != others.get(code, {}).get("points"):
            yield code
