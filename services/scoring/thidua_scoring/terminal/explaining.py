"""`thidua explain`: why a score is what it is, as a tree an official can read; and what differs between two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from thidua_scoring.terminal.options import ADDRESS, Url


def explain(
    subject: Annotated[str, typer.Argument(help="Code of a unit, staff code of a person, or an id.")],
    campaign: Annotated[str, typer.Option(help="Code of the campaign; default: every one.")] = "",
    period: Annotated[str, typer.Option(help="2022, 2022-Q1 …; default: the newest.")] = "",
    set_id: Annotated[str, typer.Option("--set", help="Id of the criteria set; default: the first.")] = "",
    lane: Annotated[
        Literal["official", "running"] | None, typer.Option(help="Default: official if there is one.")
    ] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Two runs to compare, each official, running, or a file that --json wrote: --diff official running."
        ),
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
    found = _run(url, asked, lane or "")
    if json_file is not None:
        _write(json_file, found)
    console.print(as_tree(found), highlight=False)


def _write(file: Path, found: dict[str, Any]) -> None:
    import json

    file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _run(url: str, asked: dict[str, str], named: str) -> dict[str, Any]:
    from thidua_runtime.calling import call

    if Path(named).is_file():
        return _read(Path(named))
    if named not in ("", "official", "running"):
        raise typer.BadParameter(
            f"{named!r} is neither official nor running, and no such file; --json writes one, as in "
            "`thidua explain CODE --json before.json`, then `thidua explain CODE --diff before.json running`"
        )
    one = _found(url, asked, named)
    key = "/".join(one[name] for name in ("subject", "campaign", "period", "criteria_set", "lane"))
    whole: dict[str, Any] = call(f"{url}/scores/{key}")
    return whole


def _read(file: Path) -> dict[str, Any]:
    import json

    try:
        read = json.loads(file.read_text("utf-8"))
    except ValueError:
        read = None
    if not isinstance(read, dict) or "tree" not in read:
        raise typer.BadParameter(f"{file} is no score that --json wrote")
    return read


def _found(url: str, asked: dict[str, str], lane: str) -> dict[str, Any]:
    from urllib.parse import urlencode

    from thidua_runtime.calling import call
    from thidua_scoring.errors import NothingToExplain
    from thidua_scoring.terminal import absent

    def rows_of(parts: dict[str, str]) -> list[dict[str, Any]]:
        query = {**parts, "limit": 1000}
        # The code of a unit stands for the unit itself, not for its people.
        of_unit = {**query, "subject": "", "unit": parts["subject"], "subject_kind": "collective"}
        rows: list[dict[str, Any]] = call(f"{url}/scores?{urlencode(query)}")
        return rows or call(f"{url}/scores?{urlencode(of_unit)}")

    whole = {**asked, "lane": lane}
    rows = rows_of(whole)
    if not rows:
        raise NothingToExplain(**absent.no_score(whole, rows_of))
    newest: dict[str, Any] = max(rows, key=lambda one: (one["lane"] == "official", one["period"]))
    return newest
