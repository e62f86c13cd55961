"""The demonstration on a terminal: progress, the result as tables, then serving until a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from thidua.errors import ThiduaError
from thidua_runtime.host import embedded_host, until_signal
from thidua_runtime.installed import installed_services
from thidua_runtime.logs import configure_logs
from thidua_runtime.service import load_service
from thidua_runtime.serving import check_ports
from thidua_runtime.settings import Settings
from thidua_sample.demo import run_demo
from thidua_sample.generate import SampleYear, generate
from thidua_sample.printing import FOLDER
from thidua_sample.result import Result
from thidua_sample.show import show, show_documents
from thidua_sample.subset import only_clusters
from thidua_sample.tried import TriedSet, read_tried_set, show_tried

T = TypeVar("T")

PHASES = {
    "start": "Khởi động cơ sở dữ liệu và bốn dịch vụ",
    "organisation": "Đơn vị, cá nhân, phong trào",
    "registrations": "Đăng ký thi đua",
    "tasks": "Nhiệm vụ của các nguồn",
    "facts": "Số liệu, minh chứng",
    "history": "Khen thưởng các năm trước",
    "initiatives": "Sáng kiến",
    "corrections": "Đính chính số liệu đã chốt",
    "scores": "Chấm điểm chính thức",
    "titles": "Rà soát và quyết định danh hiệu",
    "council": "Hội đồng, hồ sơ và quyết định của Bộ",
    "result": "Tổng hợp kết quả",
    "documents": "In văn bản",
    "end": "Hoàn thành",
}


def play_and_serve(
    folder: Path,
    seed: int,
    settings: Settings,
    json_file: Path | None,
    criteria_set: Path | None = None,
    *,
    once: bool,
    small: bool,
    kept: bool = True,
) -> None:
    """Play the year in `folder`, print it, write it to `json_file` if given, and serve it unless `once`.

    `kept`: the folder stays when the program ends.
    `criteria_set`: a set of somebody else's, with which the year is scored beside the built-in ones.
    """
    tried = None if criteria_set is None else read_tried_set(criteria_set)
    configure_logs(settings.model_copy(update={"log_format": "text", "log_level": "warning"}))
    console = Console()
    if not once:
        check_ports(settings)
    folder.mkdir(parents=True, exist_ok=True)
    result, ranks = _play(folder, seed, settings, tried, small=small, kept=kept)
    show(result, console)
    show_documents(result, folder / FOLDER, console, kept=kept)
    if tried is not None:
        show_tried(tried, ranks, console)
    if json_file is not None:
        json_file.write_text(result.as_json(), encoding="utf-8")
    if not once:
        uvloop.run(_serve(folder, settings, console))


def _play(
    folder: Path, seed: int, settings: Settings, tried: TriedSet | None, *, small: bool, kept: bool
) -> tuple[Result, dict[str, Any]]:
    def make_year() -> SampleYear:
        year = only_clusters(generate(seed)) if small else generate(seed)
        return year if tried is None else tried.used_in(year)

    columns = (TextColumn("{task.description:<46}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        bars: dict[str, int] = {}

        def told(phase: str, done: int, total: int) -> None:
            if phase not in bars:
                bars[phase] = bar.add_task(PHASES.get(phase, phase), total=total)
            bar.update(bars[phase], completed=done, total=total)  # type: ignore[arg-type]

        try:
            return uvloop.run(until_told_to_end(run_demo(folder, make_year, settings, told, tried)))
        except asyncio.CancelledError:
            again = " Chạy lại lệnh này để làm tiếp từ chỗ dừng." if kept else ""
            bar.console.print(f"Đã dừng theo yêu cầu.{again}")
            raise SystemExit(128 + signal.SIGTERM) from None
        except BaseExceptionGroup as many:
            # What went wrong among several calls at once: the first sentence says what to do, a trace does not.
            raise first_of(many) from None


def first_of(many: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of the suite in a group, however deep; the group itself if none of it has a sentence."""
    ours, others = many.split(ThiduaError)
    if ours is None or others is not None:
        return many
    first: BaseException = ours
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


async def until_told_to_end(play: Coroutine[Any, Any, T]) -> T:
    """Return what the play comes to; SIGTERM cancels it, so that everything it opened is closed in order."""
    task = asyncio.ensure_future(play)
    before = signal.getsignal(signal.SIGTERM)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)


async def _serve(folder: Path, settings: Settings, console: Console) -> None:
    services = [load_service(name) for name in installed_services()]
    async with embedded_host(folder, services, settings) as host:
        console.print(f"\nTrang đầu / index:  {host.address}/?token={host.token}", soft_wrap=True)
        for name in sorted(host.suite.services):
            console.print(f"API {name:<14} {host.address}/{name}/docs", soft_wrap=True)
        console.print(f"Prometheus         http://{settings.http_host}:{host.metrics_port}/metrics")
        console.print("Ctrl+C để dừng; `thidua up` mở lại đúng dữ liệu này.")
        await until_signal(host)
