"""`thidua demo`: play the sample year, print what it came to, keep serving it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from thidua_runtime.host import embedded_host, until_signal
from thidua_runtime.logs import configure_logs
from thidua_runtime.service import installed_services, load_service
from thidua_runtime.settings import Settings, read_settings
from thidua_sample.demo import run_demo
from thidua_sample.generate import DEFAULT_SEED, SampleYear, generate
from thidua_sample.result import Result
from thidua_sample.show import show
from thidua_sample.subset import only_clusters

DATA = Path(".thidua")
PHASES = {
    "start": "Khởi động cơ sở dữ liệu và bốn dịch vụ",
    "result": "Tổng hợp kết quả",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the result and end; do not keep serving.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the result to this file.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the data; with --once, default a temporary one.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = DEFAULT_SEED,
    small: Annotated[bool, typer.Option("--small", help="Two clusters instead of all: a few seconds.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of API and pages; 0 takes a free one.")] = None,
) -> None:
    """Play the sample year 2022 through the public doors, print the result and serve it.

    All of it is generated from published totals; points are illustrative ("mẫu minh hoạ").
    A play that was interrupted goes on where it stopped.
    """
    settings = read_settings()
    if port is not None:
        settings = settings.model_copy(update={"http_port": port})
    configure_logs(settings.model_copy(update={"log_format": "text", "log_level": "warning"}))
    folder = data or (Path(tempfile.mkdtemp(prefix="thidua-demo-")) if once else DATA)
    try:
        _play_and_serve(folder, seed, settings, json_file, once=once, small=small)
    finally:
        if once and data is None:
            shutil.rmtree(folder, ignore_errors=True)


def _play_and_serve(
    folder: Path, seed: int, settings: Settings, json_file: Path | None, *, once: bool, small: bool
) -> None:
    console = Console()
    folder.mkdir(parents=True, exist_ok=True)
    result = _play(folder, seed, settings, small)
    show(result, console)
    if json_file is not None:
        json_file.write_text(result.as_json(), encoding="utf-8")
    if not once:
        uvloop.run(_serve(folder, settings, console))


def _play(folder: Path, seed: int, settings: Settings, small: bool) -> Result:
    def make_year() -> SampleYear:
        return only_clusters(generate(seed)) if small else generate(seed)

    columns = (TextColumn("{task.description:<46}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        bars: dict[str, int] = {}

        def told(phase: str, done: int, total: int) -> None:
            if phase not in bars:
                bars[phase] = bar.add_task(PHASES.get(phase, phase), total=total)
            bar.update(bars[phase], completed=done, total=total)  # type: ignore[arg-type]

        return uvloop.run(run_demo(folder, make_year, settings, told))


async def _serve(folder: Path, settings: Settings, console: Console) -> None:
    services = [load_service(name) for name in installed_services()]
    async with embedded_host(folder, services, settings) as host:
        console.print(f"\nTrang đầu / index:  {host.address}/?token={host.token}", soft_wrap=True)
        for name in sorted(host.suite.services):
            console.print(f"API {name:<14} {host.address}/{name}/docs", soft_wrap=True)
        console.print(f"Prometheus         http://{settings.http_host}:{host.metrics_port}/metrics")
        console.print("Ctrl+C để dừng; `thidua up` mở lại đúng dữ liệu này.")
        await until_signal(host)
