"""`thidua explain`: why a score is what it is, as a tree an official can read; and what differs between two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from thidua_scoring.terminal.options import ADDRESS, Url


def explain(
    subject: Annotated[str, typer.Argument(help="Code of a unit, staff code of a person, or an id.")],
    campaign: Annotated[str, typer.Option(help="Code of the campaign; default: every one.")] = "",
    period: Annotated[str, typer.Option(help="2022, 2022-Q1 …; default: the newest.")] = "",
    set_id: Annotated[str, typer.Option("--set", help="Id of the criteria set; default: the first.")] = "",
    lane: Annotated[str, typer.Option(help="official or running; default: official if there is one.")] = "",
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Two runs to compare: official, running, or a file that --json wrote."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the whole score to this file.")] = None,
    url: Url = ADDRESS,
) -> None:
    """Explain the score of a subject: every criterion with its clause, sentence, inputs and evidence."""
    from rich.console import Console

    from thidua_scoring.terminal.trees import as_tree, differences

    console = Console()
    asked = {"subject": subject, "campaign": campaign, "period": period, "set": set_id}
    if diff is not None:
        before, after = (_run(url, asked, one) for one in diff)
        for line in differences(before, after):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    found = _run(url, asked, lane)
    if json_file is not None:
        _write(json_file, found)
    console.print(as_tree(found), highlight=False)


def _write(file: Path, found: dict[str, Any]) -> None:
    import json

    file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _run(url: str, asked: dict[str, str], named: str) -> dict[str, Any]:
    import json

    from thidua_runtime.calling import call

    if Path(named).is_file():
        read: dict[str, Any] = json.loads(Path(named).read_text("utf-8"))
        return read
    one = _found(url, asked, named)
    key = "/".join(one[name] for name in ("subject", "campaign", "period", "criteria_set", "lane"))
    whole: dict[str, Any] = call(f"{url}/scores/{key}")
    return whole


def _found(url: str, asked: dict[str, str], lane: str) -> dict[str, Any]:
    from urllib.parse import urlencode

    from thidua_runtime.calling import call
    from thidua_scoring.errors import UnknownScore

    query = {**asked, "lane": lane, "limit": 1000}
    rows = call(f"{url}/scores?{urlencode(query)}")
    if not rows:
        # The code of a unit stands for the unit itself, not for its people.
        of_unit = {**query, "subject": "", "unit": asked["subject"], "subject_kind": "collective"}
        rows = call(f"{url}/scores?{urlencode(of_unit)}")
    if not rows:
        raise UnknownScore(key="/".join(part for part in (*asked.values(), lane) if part))
    newest: dict[str, Any] = max(rows, key=lambda one: (one["lane"] == "official", one["period"]))
    return newest
