"""`thidua plugins`: write, check and mend a criteria set. What talks to a running suite adds its own commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

plugins = typer.Typer(help="Criteria sets (bộ tiêu chí): write, check, install.", no_args_is_help=True)

Place = Annotated[str, typer.Argument(help="Folder, source of a distribution, wheel, or installed package.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(plugins, name="plugins")


@plugins.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Id of the set: so-y-te-2026.")],
    into: Annotated[Path, typer.Option(help="Folder in which it is written.")] = Path(),
    title: Annotated[str, typer.Option(help="Vietnamese title.")] = "Bộ tiêu chí thi đua",
    subject: Annotated[Literal["collective", "individual"], typer.Option(help="Who is scored.")] = "collective",
    year: Annotated[int, typer.Option(help="First year of validity.", min=2000, max=2100)] = 2026,
) -> None:
    """Write a complete distribution: criteria.yaml, one code rule, golden cases, tests, README, changelog."""
    from thidua.plugins.writing import write_distribution

    for file in write_distribution(name, into, title, subject, year):
        typer.echo(file)
    typer.echo(f"Next: thidua plugins check {into / name}")


@plugins.command("check")
def check(
    place: Place,
    golden: Annotated[bool, typer.Option("--golden", help="Only the golden cases, one line each.")] = False,
    report: Annotated[Path | None, typer.Option(help="Also write the report as JSON.")] = None,
    tier: Annotated[Literal["bronze", "silver", "gold"], typer.Option(help="Tier demanded.")] = "bronze",
) -> None:
    """Hold a set against the conformance rules, in a process of its own; exit code 1 below the demanded tier."""
    import json

    from thidua.criteria.errors import ConformanceFailed
    from thidua.plugins import showing
    from thidua.plugins.packages import refuse_other_version
    from thidua.plugins.places import set_folder
    from thidua.testkit.report import EXAMINATION_MB, EXAMINATION_SECONDS, examine_apart
    from thidua.testkit.rules import is_enough

    if (Path(place) / "pyproject.toml").is_file():
        refuse_other_version(Path(place))
    with set_folder(place) as folder:
        found = examine_apart(folder, EXAMINATION_MB, EXAMINATION_SECONDS)
    if report is not None:
        report.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    for line in showing.golden(found) if golden else showing.rules(found):
        typer.echo(line)
    if not is_enough(found["tier"], tier):
        raise ConformanceFailed(place=place, tier=found["tier"], demanded=tier)


@plugins.command("golden")
def golden_command(
    place: Place,
    update: Annotated[bool, typer.Option("--update", help="Offer to write what the set says now.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking, after showing the difference.")] = False,
) -> None:
    """Run the golden cases of a folder; with --update show what would be written, and write it after a yes."""
    from thidua.criteria.loader import load_criteria_set
    from thidua.plugins.golden_update import shown, updated
    from thidua.plugins.places import set_folder

    with set_folder(place) as folder:
        changes = updated(load_criteria_set(folder))
        for file, (before, after) in changes.items():
            typer.echo(shown(before, after, file.name))
        if not changes:
            typer.echo("Every golden case comes to what is written.")
            return
        if not update or not (yes or typer.confirm(f"Write {len(changes)} file(s)?")):
            raise typer.Exit(1)
        for file, (_, after) in changes.items():
            file.write_text(after, "utf-8")


@plugins.command("schema")
def schema() -> None:
    """Print the JSON Schema of criteria.yaml, for editors that complete and check while one writes."""
    from thidua.criteria.schema import FILE

    typer.echo(FILE.read_text("utf-8"), nl=False)
