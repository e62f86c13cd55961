"""What thidua needs beside the tasks: its schema, and the units and people that the tasks name."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.bus.contestants import CONTESTANTS, Place
from benchmarks.bus.events import PEOPLE_PER_UNIT, UNITS, YEAR, person_code, unit_code
from thidua.contracts import Person, State, Unit
from thidua.contracts.organisation import DatedCode
from thidua_runtime.kafka.publisher import open_publisher
from thidua_runtime.records import TYPE_HEADER, VERSION_HEADER, Outgoing

AT_ONCE: Final = 2_000


async def prepare(place: Place) -> None:
    """Migrate thidua's database, and publish units and people as registration would."""
    thidua = next(one for one in CONTESTANTS if one.is_thidua)
    command = (str(Path(sys.executable).with_name("thidua")), "migrate", "monitoring")
    migrating = await asyncio.create_subprocess_exec(*command, env={**os.environ, **thidua.environment(place, 0)})
    if await migrating.wait():
        raise RuntimeError("thidua migrate failed")
    publisher = await open_publisher(place.settings, "registration")
    try:
        records = [_outgoing(state) for state in _states()]
        for first in range(0, len(records), AT_ONCE):
            await publisher.publish(records[first : first + AT_ONCE])
    finally:
        await publisher.close()


def _states() -> Iterator[State]:
    begins = date(YEAR - 1, 1, 1)
    for number in range(UNITS):
        code = unit_code(number)
        codes = (DatedCode(code=code, valid_from=begins),)
        yield Unit(version=1, id=code, name=f"Đơn vị {number}", kind="department", codes=codes, valid_from=begins)
        for place in range(PEOPLE_PER_UNIT):
            person = person_code(number, place)
            yield Person(version=1, id=person, unit=code, code=person, name=f"Cán bộ {place}")


def _outgoing(state: State) -> Outgoing:
    headers = ((TYPE_HEADER, f"thidua.{state.stream}".encode()), (VERSION_HEADER, b"1"))
    return Outgoing(state.stream, state.key, state.partition_key, headers, state.model_dump_json().encode())
