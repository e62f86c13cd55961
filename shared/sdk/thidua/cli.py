"""The command `thidua`; installed distributions add commands through the entry-point group `thidua.commands`."""

from __future__ import annotations

import gc
import signal
import sys
from importlib.metadata import entry_points
from types import FrameType

import typer

from thidua.errors import ThiduaError
from thidua.plugins.commands import register as register_plugins

app = typer.Typer(
    name="thidua",
    help="Open suite for emulation movements (phong trào thi đua): register, monitor, score, recommend.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Keep `thidua` a group of commands even while only one distribution is installed."""


def load_commands() -> typer.Typer:
    """Let every installed distribution add its commands, in the order of their names.

    All are loaded for any of them: what a command works with is imported when it is called.
    """
    register_plugins(app)
    for point in sorted(entry_points(group="thidua.commands"), key=lambda point: point.name):
        point.load()(app)
    return app


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line; an error of the suite is one sentence on stderr and exit code 1."""
    # What a command started (an embedded PostgreSQL, say) is stopped on the way out, also when it is told to end.
    signal.signal(signal.SIGTERM, _end)
    # Nearly all that loading makes stays (a quarter of a million objects for four services): looking for garbage
    # among it costs a fifth of a second.
    gc.set_threshold(500_000)
    try:
        load_commands()()
    except ThiduaError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
