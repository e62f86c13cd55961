"""How long a draft takes over the sample year at full scale: the stored cases of 63 provinces and the ministry.

    python -m benchmarks.what_if [--data DIR] [--set tnmt-2022-tap-the] [--json FILE]

DIR holds a finished `thidua demo --once --data DIR`; without it the full year is played first, which takes a minute
or two and is not measured. Its suite is served, and `thidua what-if` runs as its user runs it: it asks for the
cases over HTTP, scores them under a draft with another limit, ranks both, judges the quotas and prints. The draft is
the set itself with the limit of months on time at 85 % instead of 90 % (for people: with another version only).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from thidua.criteria.loader import FILE, folder_of, installed_criteria_sets
from thidua_runtime.host import embedded_host
from thidua_runtime.installed import installed_services
from thidua_runtime.service import load_service
from thidua_runtime.settings import Settings

CAMPAIGN: Final = "btnmt-2022"
THIDUA: Final = Path(sys.executable).with_name("thidua")


def draft_of(set_id: str, folder: Path) -> Path:
    """Write a draft of an installed set into a folder; return its file."""
    written = (folder_of(installed_criteria_sets()[set_id]) / FILE).read_text("utf-8")
    draft = written.replace("version: 1.0.0", "version: 2.0.0", 1).replace("more_than: 9/10", "more_than: 85/100", 1)
    file = folder / FILE
    file.write_text(draft, "utf-8")
    return file


async def measure(data: Path, set_id: str, folder: Path) -> dict[str, Any]:
    """Serve the sample year and try the draft on it; return the figures."""
    services = [load_service(name) for name in installed_services()]
    async with embedded_host(data, services, Settings(http_port=0, metrics_port=0)) as host:
        url = f"{host.address}/scoring"
        draft = str(draft_of(set_id, folder))
        command = [str(THIDUA), "what-if", draft, "--campaign", CAMPAIGN, "--set", set_id, "--url", url]
        began = time.perf_counter()
        told = await asyncio.to_thread(
            subprocess.run, command, check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"}
        )
        seconds = time.perf_counter() - began
    return {"set": set_id, "seconds": round(seconds, 1), "told": told.stdout.splitlines()[0]}


def main() -> None:
    """Read the options, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="folder of a finished full demo")
    options.add_argument("--set", action="append", dest="sets", metavar="SET", help="default: both sets of the year")
    options.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = chosen.data or Path(folder) / "data"
        if not (data / "postgres").is_dir():
            subprocess.run([THIDUA, "demo", "--once", "--data", data], check=True, stdout=subprocess.DEVNULL)
        sets = chosen.sets or ["tnmt-2022-tap-the", "tnmt-2022-ca-nhan"]
        found = [asyncio.run(measure(data, one, Path(folder))) for one in sets]
    for one in found:
        print(f"{one['set']}: {one['seconds']} s. {one['told']}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
