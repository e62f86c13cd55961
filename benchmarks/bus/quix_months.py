"""The contestant `quix`: Quix Streams with its stateful dataframe, exactly once; state per unit in RocksDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from quixstreams import Application, State

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
LOCAL: Final = "+07:00"
COMMIT_SECONDS: Final = 0.1


def count(task: dict[str, Any], state: State) -> list[dict[str, Any]]:
    """Store a task if it is newer than what is stored, and return the counters it changed."""
    identity = f"task/{task['source']}/{task['source_id']}"
    old = state.get(identity)
    if old is not None and task["version"] <= old["version"]:
        return []
    new = {
        "version": task["version"], "unit": task["unit"], "deadline": task["deadline"], "title": task.get("title"),
        "people": [person["code"] for person in task.get("assignees", ())], "done": _day(task.get("completed_at")),
    }  # fmt: skip
    state.set(identity, new)
    changed: dict[tuple[str, str], list[int]] = {}
    for stored, sign in ((old, -1), (new, 1)):
        for place in _places(stored) if stored else ():
            counter = changed.setdefault(place, state.get("/".join(place)) or [0, 0, 0])
            _add(counter, stored, sign)
    for place, counter in changed.items():
        state.set("/".join(place), counter)
    return [_result(place, counter) for place, counter in changed.items()]


def _day(moment: str | None) -> str | None:
    if moment is None or moment.endswith(LOCAL):
        return moment and moment[:10]
    return str(datetime.fromisoformat(moment).astimezone(VIETNAM).date())


def _places(task: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for subject in (task["unit"], *task["people"]):
        yield subject, task["deadline"][:7]


def _add(counter: list[int], task: dict[str, Any], sign: int) -> None:
    counter[0] += sign
    if task["done"] is not None:
        counter[1 if task["done"] <= task["deadline"] else 2] += sign


def _result(place: tuple[str, str], counter: list[int]) -> dict[str, Any]:
    due, on_time, late = counter
    return {"subject": place[0], "month": place[1], "due": due, "on_time": on_time, "late": late}


def main() -> None:
    """Run until ended."""
    told = os.environ
    app = Application(
        told["BENCH_SERVERS"], consumer_group=told["BENCH_GROUP"], auto_offset_reset="earliest",
        processing_guarantee="exactly-once", commit_interval=COMMIT_SECONDS, state_dir=told["BENCH_FOLDER"],
        loglevel="WARNING", producer_extra_config={"compression.type": "lz4"}, consumer_poll_timeout=0.1,
        consumer_extra_config={"isolation.level": "read_committed"}, auto_create_topics=True,
    )  # fmt: skip
    tasks = app.topic(told["BENCH_TASKS"], key_deserializer="str", value_deserializer="json")
    results = app.topic(told["BENCH_RESULTS"], key_serializer="str", value_serializer="json")
    frame = app.dataframe(tasks)
    frame = frame.apply(count, stateful=True, expand=True)
    frame.to_topic(results, key=lambda result: f"{result['subject']}/{result['month']}")
    app.run()


if __name__ == "__main__":
    main()
