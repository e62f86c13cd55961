"""What the journal gives back is what the disk has: an answer is noted only once all it may rest on is there."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from thidua_sample.journal import Journal, JournalTransport

pytestmark = pytest.mark.anyio


class Services:
    """Answers with a count of the requests that reached it, or not at all."""

    def __init__(self) -> None:
        self.happened: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.happened.append("answered")
        return httpx2.Response(500 if request.url.path == "/away" else 200, json=len(self.happened))


def noted(path: Path) -> int:
    return path.read_text(encoding="utf-8").count('"body"')


async def ask(path: Path, services: Services, door: str = "/a") -> httpx2.Response:
    """Ask once, as a play that begins anew."""
    journal = Journal(path)

    async def reach_disk() -> None:
        services.happened.append(f"on the disk, {noted(path)} noted")

    transport = JournalTransport(journal, services, reach_disk)  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://thidua") as client:
        answer = await client.get(door)
    journal.close()
    return answer


async def test_an_answer_is_noted_after_it_reached_the_disk_and_given_back_from_then_on(tmp_path: Path) -> None:
    path, services = tmp_path / "play.jsonl", Services()
    first = await ask(path, services)
    assert services.happened == ["answered", "on the disk, 0 noted"]
    again = await ask(path, services)
    assert services.happened == ["answered", "on the disk, 0 noted"]
    assert first.json() == again.json() == 1


async def test_an_answer_of_a_service_that_failed_is_asked_for_again(tmp_path: Path) -> None:
    path, services = tmp_path / "play.jsonl", Services()
    assert (await ask(path, services, "/away")).status_code == 500
    assert (await ask(path, services)).json() == 2
