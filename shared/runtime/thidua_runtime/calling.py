"""A running service asked through its own doors, for commands of an operator."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from thidua_runtime.errors import ServiceAnswered


def call(url: str, token: str = "", body: dict[str, Any] | None = None) -> Any:
    """Ask a door, or post `body` to it with a token; return its JSON. Raises ServiceAnswered when it refuses."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    if not url.startswith(("http://", "https://")):
        raise ServiceAnswered(url=url, answer="the address must begin with http:// or https://")
    request = urllib.request.Request(url, data, headers)  # noqa: S310  (checked above)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        found = error.read().decode("utf-8", "replace")
        raise ServiceAnswered(url=url, answer=found) from None
    except OSError as error:
        raise ServiceAnswered(url=url, answer=str(error)) from None
