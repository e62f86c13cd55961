"""`thidua replay`, `thidua cases export`, `thidua what-if`: official scores proved, lent out, tried under a draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer

from thidua_scoring.terminal.options import ADDRESS, Url

PAGE: Final = 200
PAGE_OF_CASES: Final = 1_000
cases = typer.Typer(help="Stored cases of official scores.", no_args_is_help=True)

Code = Annotated[str, typer.Option(help="Code of the campaign.")]
Set = Annotated[str, typer.Option("--set", help="Id of one criteria set; default: all.")]


def replay(
    campaign: Annotated[str, typer.Argument(help="Code of the campaign.")],
    sample: Annotated[int, typer.Option(min=0, help="Only so many scores, drawn by --seed; 0: all.")] = 0,
    seed: Annotated[str, typer.Option(help="The same seed draws the same sample.")] = "1",
    set_id: Set = "",
    url: Url = ADDRESS,
) -> None:
    """Score stored cases again with the stored sets; exit code 1 unless every score is the same byte for byte."""
    from thidua_runtime.calling import call
    from thidua_scoring.errors import NothingToReplay
    from thidua_scoring.terminal import absent

    asked = {"sample": sample, "seed": seed, "set": set_id, "limit": PAGE}
    pages: list[dict[str, Any]] = []
    while not pages or len(pages) * PAGE < pages[0]["total"]:
        query = urlencode({**asked, "offset": len(pages) * PAGE})
        pages.append(call(f"{url}/campaigns/{campaign}/replays?{query}"))
    if not pages[0]["total"]:
        raise NothingToReplay(**absent.no_set(campaign, set_id, absent.official_sets(url, campaign)))
    for one in (one for page in pages for one in page["differing"]):
        typer.echo(f"differs: {one['score']} (case {one['case']}, set {one['artefact']})")
    for one in (one for page in pages for one in page["not_replayable"]):
        typer.echo(f"not replayable: {one['score']}: {one['why']}")
    equal = sum(page["equal"] for page in pages)
    typer.echo(f"{equal} of {pages[0]['total']} official scores of {campaign} replayed to the same bytes")
    if equal < pages[0]["total"]:
        raise typer.Exit(1)


@cases.command("export")
def export(
    campaign: Code,
    out: Annotated[Path, typer.Option(help="File: one JSON object per line, a case with what it came to.")],
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Under other names, so that it may leave.")] = False,
    set_id: Set = "",
    url: Url = ADDRESS,
) -> None:
    """Export the cases of official scores, for whoever tries a set on them: `thidua what-if SET --cases FILE`."""
    import json

    from thidua_scoring.domain.anonymous import Pseudonyms
    from thidua_scoring.domain.anonymous import anonymous as renamed

    names = Pseudonyms()
    written = 0
    with out.open("w", encoding="utf-8") as file:
        for row in _rows(url, campaign, set_id):
            if anonymous:
                case = renamed(row["case"], names)
                row = {name: one for name, one in row.items() if name not in ("called", "unit_name")}
                row |= {"case": case, "subject": case["subject"]["id"]}
            file.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
            written += 1
    typer.echo(f"{written} cases → {out}")


def what_if(
    draft: Annotated[str, typer.Argument(help="criteria.yaml of the draft, its folder, or its wheel.")],
    campaign: Code = "",
    cases_file: Annotated[Path | None, typer.Option("--cases", help="Exported cases instead of a campaign.")] = None,
    set_id: Annotated[str, typer.Option("--set", help="Official set to compare with; default: the draft's id.")] = "",
    period: Annotated[str, typer.Option(help="2022, 2022-Q1 …; default: the longest that was scored.")] = "",
    url: Url = ADDRESS,
) -> None:
    """Score last year under a draft, here: who moves, which cluster changes its leader, which quota breaks.

    A summary comes first. Nothing is stored or published.
    """
    import json

    from thidua.criteria import load_criteria_set
    from thidua.plugins.places import set_folder
    from thidua_scoring.domain.what_if import of_one_period
    from thidua_scoring.domain.what_if import what_if as compared
    from thidua_scoring.errors import NothingToCompare
    from thidua_scoring.terminal import absent, drafts

    if not campaign and cases_file is None:
        raise typer.BadParameter("name what to score the draft on: --campaign CODE, or --cases FILE")
    with set_folder(draft) as folder:
        loaded = load_criteria_set(folder)
        name = set_id or loaded.id
        if cases_file is not None:
            kind = loaded.manifest.subject
            read = [json.loads(line) for line in cases_file.read_text("utf-8").splitlines()]
            fitting = [row for row in read if row["case"]["subject"]["kind"] == kind]
            known = {row["set"] for row in fitting}
            every = [row for row in fitting if row["set"] == name or not set_id]
        else:
            every = list(_rows(url, campaign, name))
            known = set() if every else absent.official_sets(url, campaign)
        where = campaign or str(cases_file)
        if not every:
            raise NothingToCompare(**absent.no_set(where, name, known))
        rows = of_one_period(every, period)
        if not rows:
            raise NothingToCompare(**absent.no_period(where, name, period, (row["period"] for row in every)))
        groups = None if cases_file is not None else drafts.groups(url, campaign, name, rows)
        for line in drafts.shown(loaded, compared(loaded, rows, groups), drafts.names(rows, groups or ())):
            typer.echo(line)


def _rows(url: str, campaign: str, set_id: str) -> Iterator[dict[str, Any]]:
    from thidua_runtime.calling import call

    offset = 0
    while True:
        query = urlencode({"set": set_id, "limit": PAGE_OF_CASES, "offset": offset})
        page = call(f"{url}/campaigns/{campaign}/cases?{query}")
        yield from page
        if len(page) < PAGE_OF_CASES:
            return
        offset += PAGE_OF_CASES
