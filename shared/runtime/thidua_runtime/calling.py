"""A running service asked through its own doors, for commands of an operator."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from thidua_runtime.errors import ServiceAnswered
from thidua_runtime.installed import installed_services

PATIENCE_SECONDS = 120
"""Longer than the longest examination of a criteria set that a door waits for."""
PROBE_SECONDS = 10
NO_DOOR = "urn:thidua:problem:http"
WHICH_ADDRESS = "no such door; give the address of the suite (http://HOST:8000) or of one service (…:8000/NAME)"


def service_at(url: str, service: str) -> str:
    """Return the address of one service, from that of the suite, of the service itself or of one of its neighbours."""
    bare = url.rstrip("/")
    before, _, last = bare.rpartition("/")
    if last == service:
        return bare
    if last in installed_services():
        return f"{before}/{service}"
    return f"{bare}/{service}" if _serves(f"{bare}/{service}/health/live") else bare


def _serves(door: str) -> bool:
    # Whatever is not plainly a missing door may be the service: its own answer then says what is wrong.
    try:
        urllib.request.urlopen(door, timeout=PROBE_SECONDS).close()  # noqa: S310 - asked for by the operator
    except urllib.error.HTTPError as error:
        error.close()
        return error.code != HTTPStatus.NOT_FOUND
    except (OSError, ValueError):
        return True
    return True


def call(url: str, token: str = "", body: dict[str, Any] | None = None) -> Any:
    """Ask a door, or post `body` to it with a token; return its JSON. Raises ServiceAnswered when it refuses."""
    return _asked(url, token, None if body is None else json.dumps(body).encode(), "application/json")


def send(url: str, token: str, content: bytes) -> Any:
    """Post a file to a door with a token; return its JSON. Raises ServiceAnswered when it refuses."""
    return _asked(url, token, content, "application/octet-stream")


def _asked(url: str, token: str, data: bytes | None, kind: str) -> Any:
    headers = {"Content-Type": kind}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if not url.startswith(("http://", "https://")):
        raise ServiceAnswered(url=url, answer="the address must begin with http:// or https://")
    request = urllib.request.Request(url, data, headers)  # noqa: S310  (checked above)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ServiceAnswered(url=url, answer=_sentence(error.read())) from None
    except OSError as error:
        why = getattr(error, "reason", error)
        answer = f"nothing ({why}); start it with `thidua up`, or name another address with --url"
        raise ServiceAnswered(url=url, answer=answer) from None


def _sentence(body: bytes) -> str:
    """Return the sentence of a problem, or whatever else was answered."""
    text = body.decode("utf-8", "replace")
    with suppress(ValueError):
        problem = json.loads(text)
        if isinstance(problem, dict) and problem.get("type") == NO_DOOR and problem["status"] == HTTPStatus.NOT_FOUND:
            return WHICH_ADDRESS
        if isinstance(problem, dict) and isinstance(problem.get("detail"), str):
            return str(problem["detail"])
    return text
