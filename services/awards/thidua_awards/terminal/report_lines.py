"""The fairness report as the terminal shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from thidua_awards.domain.fairness import HEADINGS, NEXT
from thidua_runtime.web.views import moment_words


def fairness_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Return the report as an official reads it."""
    as_of = datetime.fromisoformat(report["as_of"]) if report["as_of"] else None
    yield f"BÁO CÁO THAM KHẢO VỀ SỰ CÔNG BẰNG TRONG XÉT KHEN THƯỞNG – {report['title']}"
    yield f"Số liệu tính đến {moment_words(as_of)}. {report['note']}"
    for number, part in enumerate(report["parts"], 1):
        yield ""
        yield f"{number}. {HEADINGS[part['key']]}"
        yield f"   {part['definition']}"
        yield from _figures(part["key"], part["figures"])


def _figures(key: str, figures: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    empty = True
    for one in figures:
        empty = False
        if key == "flags":
            held = "; ".join(f"{flag['year']}: {', '.join(flag['units'])}" for flag in one["flags"])
            sign = "có dấu hiệu luân phiên" if one["rotates"] else "không có dấu hiệu luân phiên"
            yield f"   – {one['cluster']}: {sign} ({held})"
        elif "lines" in one:
            yield f"   – {one['title']}: " + "; ".join(f"{line['group']} {line['figure']}" for line in one["lines"])
        else:
            yield f"   – {one.get('title') or one['kind']}: {one['figure']}"
    if empty:
        yield f"   – {NEXT[key]}"
