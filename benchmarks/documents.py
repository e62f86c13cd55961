"""How long documents take: 1,000 data sheets of certificates as PDF, and a submission with 500 names in every form.

    python benchmarks/documents.py [--sheets 1000] [--names 500] [--json FILE]

Papers are made up in memory; what is measured is printing, as the service prints: each sheet a file of its own, side
by side in processes, and all sheets once more as the pages of one file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from thidua_awards.documents import FORMS, writers
from thidua_awards.documents.dossier_papers import submission
from thidua_awards.documents.list_papers import certificates
from thidua_awards.documents.paper import Paper
from thidua_awards.documents.printing import PROCESSES, Print, printers

LIMIT_OF_SHEETS_SECONDS = 60
LIMIT_OF_SUBMISSION_SECONDS = 5
HEAD = {"agency": "Sở Tài nguyên và Môi trường", "superior": "", "place": "Hà Nội", "draft": ""}
DECISION = {"number": "12/QĐ-BTNMT", "dated": "2023-02-28", "signer": "Bộ trưởng Bộ Tài nguyên và Môi trường"}


def line(number: int) -> dict[str, Any]:
    """Return one award, no two alike."""
    return {
        "name": f"Nguyễn Thị Hường {number}",
        "post": "Chuyên viên chính",
        "unit": f"Sở Tài nguyên và Môi trường tỉnh số {number % 63}",
        "label": "Chiến sĩ thi đua cơ sở",
        "year": 2022,
        "vote": "15/15",
        "minutes": "Biên bản 01/BB-HĐ",
    }


def main() -> None:
    """Measure and print the figures; write them to `--json` if given."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sheets", type=int, default=1_000)
    asked.add_argument("--names", type=int, default=500)
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    found = measured(given.sheets, given.names)
    for name, figure in found.items():
        print(f"{name:<32} {figure}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measured(sheets: int, names: int) -> dict[str, Any]:
    """Return the figures: seconds for the sheets both ways, and seconds per form for the submission."""
    papers = [certificates(DECISION, [line(number)], HEAD) for number in range(sheets)]
    apart = seconds(lambda: asyncio.run(printed(papers)))
    whole = certificates(DECISION, [line(number) for number in range(sheets)], HEAD)
    forms = writers()
    list_of_names = submission(
        [line(number) for number in range(names)], ("Luật Thi đua, khen thưởng 2003",), ("Bộ trưởng",), HEAD
    )
    return {
        "sheets": sheets,
        "processes": PROCESSES,
        "sheets_as_files_seconds": apart,
        "sheets_as_one_file_seconds": seconds(lambda: forms["pdf"](whole)),
        "sheets_limit_seconds": LIMIT_OF_SHEETS_SECONDS,
        "names": names,
        **{f"submission_{form}_seconds": seconds(partial(forms[form], list_of_names)) for form in FORMS},
        "submission_limit_seconds": LIMIT_OF_SUBMISSION_SECONDS,
    }


async def printed(papers: list[Paper]) -> list[bytes]:
    """Print every paper as a PDF of its own."""
    with printers(len(papers), None) as ready:
        return await ready.print_all([Print(f"phieu/{at}", "pdf", paper) for at, paper in enumerate(papers)])


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes by the clock on the wall."""
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 2)


if __name__ == "__main__":
    main()
