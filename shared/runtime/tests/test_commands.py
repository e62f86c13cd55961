"""Commands that ask a running service: which address is meant, and tables that cut nothing."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rich.console import Console

from thidua_runtime import calling
from thidua_runtime.calling import call, service_at
from thidua_runtime.errors import ServiceAnswered
from thidua_runtime.printing import PIPED_COLUMNS, grid, printer


class Suite(BaseHTTPRequestHandler):
    """A host with the services `scoring` and `awards` under their names, as a suite is."""

    def do_GET(self) -> None:
        found = self.path in ("/scoring/health/live", "/awards/health/live")
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b"{}" if found else b'{"type": "urn:thidua:problem:http", "status": 404, "detail": "x"}')

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def host() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Suite) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_suite_a_service_and_its_neighbour_all_lead_to_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "installed_services", lambda: ("awards", "scoring"))
    with host() as suite:
        for given in (suite, f"{suite}/", f"{suite}/scoring", f"{suite}/scoring/", f"{suite}/awards"):
            assert service_at(given, "scoring") == f"{suite}/scoring"
        assert service_at(f"{suite}/cham-diem", "scoring") == f"{suite}/cham-diem"


def test_an_address_without_the_door_is_told_which_one_is_meant() -> None:
    with host() as suite, pytest.raises(ServiceAnswered, match="give the address of the suite"):
        call(f"{suite}/elsewhere")


def test_what_must_be_typed_again_is_folded_and_never_cut() -> None:
    code = "tnmt-2022-tap-the-va-mot-ten-rat-dai@1.0.0"
    table = grid("set", "title")
    table.add_row(code, "Bộ tiêu chí " * 9)
    narrow = Console(width=40, file=io.StringIO(), record=True)
    narrow.print(table)
    shown = "".join(line.split("│")[1].strip() for line in narrow.export_text().splitlines() if line.startswith("│"))
    assert shown == code


def test_a_table_in_a_pipe_is_as_wide_as_its_rows() -> None:
    assert printer().width == PIPED_COLUMNS
