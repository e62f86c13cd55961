"""The HTTP door of scoring: sets, scores with their explanation, ranks, official runs, replays."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from thidua.contracts.base import Period
from thidua_runtime.web import Page, Reader, Upload, Writer, page, reader, upload, writer
from thidua_scoring import pages, rescoring_api
from thidua_scoring.commands import installing, official, sets
from thidua_scoring.queries import cases, listing, ranks, reading, replay, shadows, statements
from thidua_scoring.queries.reading import Filters, Key
from thidua_scoring.rescoring_api import BecauseIn, Reason

router = APIRouter()
router.include_router(rescoring_api.router)
router.include_router(pages.router)

# What no key of the suite holds is refused before it reaches the database.
WORD = r"^[^\x00/]{1,200}$"
Word = Annotated[str, Path(pattern=WORD)]
Filter = Annotated[str, Query(pattern=r"^[^\x00]{0,200}$")]
InPath = Annotated[Period, Path()]
Lane = Literal["official", "running"]


class ReasonIn(BaseModel):
    """Why an operator does something to a criteria set."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class OfficialIn(BaseModel):
    """Which period to score officially (default: the year), and the moment every stream must have passed (now)."""

    model_config = ConfigDict(extra="forbid")

    period: Period | None = None
    cut: AwareDatetime | None = None


def key(subject: Word, campaign: Word, period: InPath, set: Word, lane: Lane) -> Key:
    """Read the key of a score from the path."""
    return Key(subject, campaign, period, set, lane)


def filters(
    campaign: Filter = "", period: Filter = "", set: Filter = "", lane: Filter = "", unit: Filter = "",
    state: Filter = "", subject: Filter = "", subject_kind: Filter = "",
) -> Filters:  # fmt: skip
    """Read the filters of a list of scores from the query."""
    return Filters(campaign, period, set, lane, unit, state, subject, subject_kind)


@router.get("/criteria-sets")
async def list_sets(reader: Annotated[Reader, Depends(reader)]) -> Response:
    """List the registered criteria sets with their state."""
    return await reader.run(listing.all_sets)


@router.post("/criteria-sets", status_code=201)
async def install_set(
    writer: Annotated[Writer, Depends(writer("operator"))], sent: Annotated[Upload, Depends(upload)]
) -> Response:
    """Install a set from its wheel, or the zip of its folder: examined, stored, waiting in evaluation."""
    found = await installing.examine(writer.database, sent)
    return await writer.run(installing.install, found, status=201)


@router.get("/criteria-sets/{name}/{version}/report")
async def show_report(reader: Annotated[Reader, Depends(reader)], name: Word, version: Word) -> Response:
    """Show what the examiners found about a set: its tier, and each rule with what breaks it."""
    return await reader.run(listing.report, name, version)


@router.get("/criteria-sets/{name}/{version}")
async def show_set(reader: Annotated[Reader, Depends(reader)], name: Word, version: Word) -> Response:
    """Show one set: declared inputs and manifest."""
    return await reader.run(listing.one_set, name, version)


@router.post("/criteria-sets/{name}/{version}/enable")
async def enable_set(
    writer: Annotated[Writer, Depends(writer("operator"))], name: Word, version: Word, given: ReasonIn
) -> Response:
    """Let a set score again."""
    return await writer.run(sets.enable, name, version, given.reason, writer.expected)


@router.post("/criteria-sets/{name}/{version}/disable")
async def disable_set(
    writer: Annotated[Writer, Depends(writer("operator"))], name: Word, version: Word, given: ReasonIn
) -> Response:
    """Stop a set until it is enabled again."""
    return await writer.run(sets.disable, name, version, given.reason, writer.expected)


@router.post("/criteria-sets/{name}/{version}/withdraw")
async def withdraw_set(
    writer: Annotated[Writer, Depends(writer("operator"))], name: Word, version: Word, given: ReasonIn
) -> Response:
    """Stop a version of a set for good."""
    return await writer.run(sets.withdraw, name, version, given.reason, writer.expected)


@router.get("/scores")
async def list_scores(
    reader: Annotated[Reader, Depends(reader)],
    page: Annotated[Page, Depends(page)],
    filters: Annotated[Filters, Depends(filters)],
) -> Response:
    """List scores by campaign, period, set, lane, unit, state, subject and kind of subject (collective, individual)."""
    return await reader.run(reading.listed, filters, page.limit, page.offset)


@router.get("/scores/counts")
async def count_scores(reader: Annotated[Reader, Depends(reader)], campaign: Filter) -> Response:
    """Count the scores of a campaign by set, period, lane and state."""
    return await reader.run(reading.counted, campaign)


@router.get("/scores/{subject}/{campaign}/{period}/{set}/{lane}")
async def explain_score(reader: Annotated[Reader, Depends(reader)], key: Annotated[Key, Depends(key)]) -> Response:
    """Show one score with the whole tree of its explanation, and who states what side by side."""
    return await reader.run(statements.explained_with_statements, key)


@router.get("/scores/{subject}/{campaign}/{period}/{set}/{lane}/replay")
async def replay_score(reader: Annotated[Reader, Depends(reader)], key: Annotated[Key, Depends(key)]) -> Response:
    """Score the stored case again; it must match byte for byte."""
    return await reader.run(replay.replay, key)


@router.get("/rankings")
async def show_ranks(
    reader: Annotated[Reader, Depends(reader)],
    campaign: Annotated[str, Query(pattern=WORD)],
    period: Annotated[Period, Query()],
    set: Annotated[str, Query(pattern=WORD)],
    lane: Literal["official", "running", ""] = "",
) -> Response:
    """Show the ranks per cluster, with who is not ranked and why."""
    return await reader.run(ranks.ranks, campaign, period, set, lane)


@router.post("/campaigns/{code}/official", status_code=202)
async def ask_official(writer: Annotated[Writer, Depends(writer("office"))], code: Word, given: OfficialIn) -> Response:
    """Ask for official scores of a closed period; they are made once every stream has passed the cut."""
    return await writer.run(official.ask, code, given.period, given.cut, status=202)


@router.get("/campaigns/{code}/cases")
async def list_cases(
    reader: Annotated[Reader, Depends(reader)], page: Annotated[Page, Depends(page)], code: Word, set: Filter = ""
) -> Response:
    """List the official scores of a campaign with the stored cases they were made of."""
    return await reader.run(cases.cases, code, set, page.limit, page.offset)


@router.get("/campaigns/{code}/shadows")
async def show_shadows(reader: Annotated[Reader, Depends(reader)], code: Word) -> Response:
    """Count how versions that only follow along lie beside the running scores: agree, points or verdict differ."""
    return await reader.run(shadows.matrix, code)


@router.get("/campaigns/{code}/shadows/{set}/{version}")
async def list_shadows(
    reader: Annotated[Reader, Depends(reader)],
    page: Annotated[Page, Depends(page)],
    code: Word,
    set: Word,
    version: Word,
    agreement: Literal["agrees", "points_differ", "verdict_differs", "alone", ""] = "",
) -> Response:
    """List the shadows of one version, each beside the running score, with the lines that differ."""
    return await reader.run(shadows.listed, code, set, version, agreement, page.limit, page.offset)


@router.get("/campaigns/{code}/replays")
async def replay_scores(
    reader: Annotated[Reader, Depends(reader)],
    page: Annotated[Page, Depends(page)],
    code: Word,
    set: Filter = "",
    sample: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    seed: Filter = "1",
) -> Response:
    """Score stored cases of a campaign again, all or a sample, and compare byte for byte."""
    return await reader.run(cases.replay_campaign, code, set, sample, seed, page.limit, page.offset)


@router.post("/campaigns/{code}/official/{period}/cancel")
async def cancel_official(
    writer: Annotated[Writer, Depends(writer("office"))], code: Word, period: InPath, given: BecauseIn
) -> Response:
    """Take back a run that still waits for a stream; no score changes."""
    return await writer.run(official.cancel, code, period, given.reason)


@router.get("/campaigns/{code}/official/{period}")
async def show_official(reader: Annotated[Reader, Depends(reader)], code: Word, period: InPath) -> Response:
    """Show how far an official run is, and which stream it waits for."""
    return await reader.run(official.status, code, period)
