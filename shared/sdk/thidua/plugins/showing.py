"""A report of the examiners as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_SIGNS = {True: "✓", False: "✗"}


def rules(report: dict[str, Any]) -> Iterator[str]:
    """Give one line per rule, with what breaks it below, and the tier reached."""
    if report["refused"]:
        yield report["refused"]
        return
    yield f"{report['set']} {report['version']} · {report['golden']} golden cases · {report['artefact']}"
    for row in report["rules"]:
        yield f"{_SIGNS[row['kept']]} {row['tier']:<6} {row['key']:<20} {row['promise']}"
        for one in row["found"]:
            yield f"    {one}"
        if row["found"]:
            yield f"    see {row['address']}"
    yield f"tier: {report['tier']}"


def golden(report: dict[str, Any]) -> Iterator[str]:
    """Give what came of the golden cases alone."""
    if report["refused"]:
        yield report["refused"]
        return
    row = next(one for one in report["rules"] if one["key"] == "golden")
    yield from row["found"]
    yield f"{_SIGNS[row['kept']]} {report['golden']} golden cases"
