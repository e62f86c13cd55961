"""`thidua import`: post a file to an import door and show its report as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from rich.console import Console

from thidua_runtime.calling import service_at
from thidua_runtime.columns import write_template
from thidua_runtime.errors import ImportNotSent, TemplateNotWritten
from thidua_runtime.printing import grid, printer
from thidua_runtime.service import load_service

SERVICE_OF_KIND: Final[Mapping[str, str]] = {
    "units": "registration",
    "people": "registration",
    "ratings": "registration",
    "clusters": "registration",
    "tasks": "monitoring",
    "awards": "awards",
}
"""Whose door takes which kind of file, where one address serves several services."""

# A file of 100,000 rows takes a minute on a slow machine.
TIMEOUT_SECONDS: Final = 600
MOST_LINES: Final = 200
"""Refused rows that the table shows; the rest is counted."""

OUTCOMES: Final = {
    "created": "mới",
    "changed": "thay đổi",
    "unchanged": "không đổi",
    "readable": "sẽ nhận",
    "applied": "đã nhận",
    "stale": "đã có bản này hoặc bản mới hơn",
    "warned": "đã nhận, có trường không đọc",
    "parked": "chờ khai báo đơn vị, cá nhân",
}


def import_file(kind: str, file: Path, url: str, token: str, dry_run: bool) -> int:
    """Post `file` and print what became of its rows; return 0, or 1 when a row was refused.

    `url` is the address of one service or of a host that serves several under their names. Raises
    ImportNotSent when the file cannot be sent or is refused as a whole.
    """
    report = _post(kind, file, url, token, dry_run)
    show(report, printer())
    return 1 if report.get("refused") or report.get("refusals") else 0


def save_template(kind: str, file: Path) -> None:
    """Write an empty file with the columns of `kind`; raises TemplateNotWritten, and UnknownService."""
    if kind not in SERVICE_OF_KIND:
        raise TemplateNotWritten(kind=kind, why=f"files are imported of {', '.join(SERVICE_OF_KIND)}")
    if file.suffix.casefold() != ".csv":
        raise TemplateNotWritten(kind=kind, why=f"{file.name} must end in .csv")
    try:
        write_template(load_service(SERVICE_OF_KIND[kind]).imports[kind], file)
    except OSError as error:
        raise TemplateNotWritten(kind=kind, why=f"{file}: {error.strerror}") from error


def show(report: Mapping[str, Any], console: Console) -> None:
    """Print a report: a line of counts, then a table of refused rows and of columns that nobody reads."""
    taken = [f"{count} {OUTCOMES.get(name, name)}" for name, count in report["taken"].items()]
    counts = ", ".join([*taken, f"{report['refused']} bị từ chối"])
    trial = " (chạy thử, chưa ghi)" if report.get("dry_run") else ""
    console.print(f"{report['kind']}: {report['rows']} dòng{trial}: {counts}")
    found = [*report.get("notices", ()), *report.get("refusals", ())]
    if not found:
        return
    table = grid("dòng", "cột", "lý do")
    for line in found[:MOST_LINES]:
        # What comes from the file is text, never markup.
        table.add_row(str(line["row"]), _text(line["column"]), _text(line["reason"]))
    console.print(table)
    if len(found) > MOST_LINES:
        console.print(f"… và {len(found) - MOST_LINES} dòng nữa")


def _text(value: str) -> str:
    return value.replace("[", "\\[")


def _post(kind: str, file: Path, url: str, token: str, dry_run: bool) -> dict[str, Any]:
    if not url.startswith(("http://", "https://")):
        raise ImportNotSent(file=file.name, why="the address must begin with http:// or https://")
    content = file.read_bytes()
    query = urlencode({"name": file.name, "dry_run": str(dry_run).lower()})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    no_door = f"{url} has no import door for {kind!r}; known: {', '.join(SERVICE_OF_KIND)}"
    if kind not in SERVICE_OF_KIND:
        raise ImportNotSent(file=file.name, why=no_door)
    door = f"{service_at(url, SERVICE_OF_KIND[kind])}/imports/{kind}"
    request = Request(f"{door}?{query}", data=content, headers=headers, method="POST")  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - checked above
            report: dict[str, Any] = json.load(answer)
            return report
    except HTTPError as error:
        missing = error.code == HTTPStatus.NOT_FOUND
        raise ImportNotSent(file=file.name, why=no_door if missing else _reason(error)) from error
    except (URLError, TimeoutError, json.JSONDecodeError) as error:
        raise ImportNotSent(file=file.name, why=f"{door} does not answer: {error}") from error


def _reason(error: HTTPError) -> str:
    try:
        problem = json.load(error)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return f"HTTP {error.code}"
    return str(problem.get("detail") or f"HTTP {error.code}")
