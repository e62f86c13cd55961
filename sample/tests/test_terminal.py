"""The demonstration on a terminal: ports are found taken before hours of play, and a signal ends it in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from thidua_runtime.errors import PortTaken
from thidua_runtime.settings import Settings
from thidua_sample.errors import DoorRefused
from thidua_sample.terminal import first_of, play_and_serve, until_told_to_end


@pytest.mark.parametrize("port", ["http_port", "metrics_port"])
def test_a_port_that_is_taken_is_said_before_anything_is_played(port: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"http_port": 0, "metrics_port": 0, port: taken.getsockname()[1]}
        settings = Settings(province="mau", **ports)  # type: ignore[arg-type]
        with pytest.raises(PortTaken, match=str(ports[port])):
            play_and_serve(tmp_path / "data", 1, settings, None, once=False, small=True)
    assert not (tmp_path / "data").exists()


def test_the_signal_to_end_cancels_the_play_so_that_it_closes_what_it_opened() -> None:
    closed: list[str] = []

    async def play() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        finally:
            closed.append("database")

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(until_told_to_end(play()))
    assert closed == ["database"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_of_calls_at_once_that_were_refused_the_first_sentence_is_told_and_nothing_else_is_hidden() -> None:
    refused = [DoorRefused(method="PUT", path=path, status=422, detail="conduct") for path in ("/a", "/b")]
    assert first_of(ExceptionGroup("", [ExceptionGroup("", refused)])) is refused[0]
    with_a_fault = ExceptionGroup("", [refused[0], ValueError("a fault of the program")])
    assert first_of(with_a_fault) is with_a_fault
