"""The hash chain over totals, judged findings and decisions: links written with what they cover, and their check."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua_awards.domain.chain import (
    KIND_WORDS,
    REOPENED,
    START,
    Link,
    broken_links,
    differs,
    digest_of,
    is_withheld,
    newest,
    next_head,
    reopened,
    shown_of,
    withheld_of,
    word_of,
)
from thidua_awards.queries.outcomes import OPEN
from thidua_runtime.database import Transaction

SALT_BYTES: Final = 16

# Links come one after the other; two transactions that end a vote and record a decision take turns.
TURN: Final = text("select pg_advisory_xact_lock(hashtextextended('awards.chain_link', 0))")
LAST: Final = text("select number, head from chain_link order by number desc limit 1")
ADD: Final = text("""
insert into chain_link (number, kind, reference, salt, digest, head, withheld)
select * from unnest(cast(:numbers as bigint[]), cast(:kinds as text[]), cast(:references as text[]),
                     cast(:salts as bytea[]), cast(:digests as bytea[]), cast(:heads as bytea[]),
                     cast(:withheld as bytea[]))
""")
LINKS: Final = text("select number, kind, reference, salt, digest, head, withheld from chain_link order by number")
VOTES: Final = text("""
select v.id as reference,
       cast(jsonb_build_object('title', v.title, 'method', v.method, 'members', v.members, 'need', v.need,
            'document', v.document, 'closed_on', v.closed_on, 'cases', (
                select json_agg(json_build_array(c.place, c.subject, c.yes, c.no, c.invalid, c.passed) order by c.place)
                  from vote_case c where c.vote = v.id))
            -- Only where something was waived, or a case has a need of its own: links of before name nothing else.
            || case when v.waived = '{}' then '{}'
                    else jsonb_build_object('waived', v.waived, 'waived_reason', v.waived_reason) end
            || case when v.state <> 'withdrawn' then '{}'
                    else jsonb_build_object('withdrawn', jsonb_build_array(v.withdrawn_by, v.withdrawn_reason,
                             cast(extract(epoch from v.withdrawn_at) as text))) end
            || coalesce((select jsonb_build_object('needs', jsonb_object_agg(c.place, c.need))
                           from vote_case c where c.vote = v.id and c.need is not null having count(*) > 0), '{}')
            || coalesce((select jsonb_build_object('matters', jsonb_object_agg(c.place, c.matter))
                           from vote_case c where c.vote = v.id and c.matter <> '' having count(*) > 0), '{}')
            || jsonb_build_object('also', jsonb_build_object('campaign', v.campaign, 'meeting', v.meeting,
                   'held_on', m.held_on, 'closed_at', cast(extract(epoch from v.closed_at) as text), 'wrote', v.wrote,
                   'counted_by', v.counted_by, 'checked_by', v.checked_by, 'interests', (
                       select json_agg(json_build_array(i.place, i.member) order by i.place, i.member)
                         from interest i where i.vote = v.id)))
            as text)
       as content
  from vote v join meeting m on m.id = v.meeting
 where v.state in ('closed', 'withdrawn') and (cast(:ids as text[]) is null or v.id = any(cast(:ids as text[])))
""")
JUDGED: Final = text("""
select concat_ws('/', r.subject, r.campaign, r.title, nullif(r.matter, '')) as reference,
       cast(json_build_object('verdict', r.verdict, 'score_version', r.score_version,
                              'findings', r.findings,
                              'also', json_build_object('regime', r.regime, 'unit', r.unit, 'quota', r.quota)) as text)
       as content
  from recommendation r
 where r.state <> all(cast(:open as text[]))
""")
# The same of some, each by its primary key. A title compared as a text made anew keeps the index of title and unit out:
# before a young table's first statistics it looks as good, and reads every case of the title for each.
JUDGED_OF: Final = text("""
select i.id as reference, r.content
  from (select id, split_part(id, '/', 1) as subject, split_part(id, '/', 2) as campaign,
               split_part(id, '/', 3) as title, split_part(id, '/', 4) as matter
          from unnest(cast(:ids as text[])) as n (id)) as i
 cross join lateral (
       select cast(json_build_object('verdict', r.verdict, 'score_version', r.score_version,
                                     'findings', r.findings,
                                     'also', json_build_object('regime', r.regime, 'unit', r.unit, 'quota', r.quota))
                   as text) as content
         from recommendation r
        where r.subject = i.subject and r.campaign = i.campaign and r.title || '' = i.title and r.matter = i.matter
          and r.state <> all(cast(:open as text[])) offset 0) as r
""")
DECISIONS: Final = text("""
select d.id as reference,
       cast(jsonb_build_object('number', d.number, 'dated', d.dated, 'signer', d.signer, 'authority', d.authority,
            'campaign', d.campaign, 'cancelled', d.cancelled,
            'awards', (select json_agg(jsonb_build_array(a.subject, a.code, a.year, a.route)
                           || case when a.kind is null and a.uses = '{}' then '[]'
                                   else jsonb_build_array(a.kind, a.uses) end
                           || case when a.cancelled_by is null then '[]'
                                   else jsonb_build_array(a.cancelled_by, a.cancelled_because) end order by a.line)
                         from decision_award a where a.decision = d.id))
            || coalesce((select jsonb_build_object('corrections', json_agg(json_build_array(c.number, c.line, c.before,
                               c.after, c.document, c.dated, c.reason) order by c.number))
                           from correction c where c.decision = d.id having count(*) > 0), '{}')
            || coalesce((select jsonb_build_object('matters', jsonb_object_agg(a.line, a.matter))
                           from decision_award a where a.decision = d.id and a.matter <> '' having count(*) > 0), '{}')
            || case when d.reason = '' then '{}' else jsonb_build_object('reason', d.reason) end
            || jsonb_build_object('also', jsonb_build_object('cut', cast(extract(epoch from d.cut) as text), 'given', (
                   select json_agg(json_build_array(a.line, a.unit, a.subject_kind) order by a.line)
                     from decision_award a where a.decision = d.id))) as text) as content
  from decision d where cast(:ids as text[]) is null or d.id = any(cast(:ids as text[]))
""")
CANCELLATIONS: Final = text("""
select d.id as reference, cast(json_build_object('cancelled', d.cancelled, 'because', d.cancelled_because) as text)
       as content
  from decision d
 where d.cancelled and (cast(:ids as text[]) is null or d.id = any(cast(:ids as text[])))
""")
# Awards in force: what they rest on is never judged anew, whatever a link says.
AWARDED: Final = text("""
select concat_ws('/', a.subject, d.campaign, a.code, nullif(a.matter, '')) as reference
  from decision d join decision_award a on a.decision = d.id
 where d.campaign is not null and not d.cancelled and a.cancelled_by is null
""")
NAMES: Final = text("""
select i.id as reference, coalesce(min(p.body->>'name'), min(u.body->>'name'), min(k.name)) as name
  from unnest(cast(:ids as text[])) as i (id)
  left join replica_people p on p.id = split_part(i.id, '/', 1) and not p.deleted
  left join replica_units u on u.key = split_part(i.id, '/', 1) and not u.deleted
  left join kept_name k on k.subject = split_part(i.id, '/', 1)
 group by i.id
""")
CONTENT: Final = {"vote": VOTES, "judged": JUDGED, "decision": DECISIONS, "cancellation": CANCELLATIONS}


async def add_links(tx: Transaction, kind: str, references: list[str]) -> None:
    """Add a link for each of these records, as they stand in this transaction."""
    if not references:
        return
    await tx.execute(TURN)
    last = await tx.row(LAST)
    number, head = (last.number, bytes(last.head)) if last else (0, START)
    rows: list[Link] = []
    for reference, content in sorted((await _contents(tx, kind, references)).items()):
        salt = secrets.token_bytes(SALT_BYTES)
        withheld = withheld_of(salt, content) if kind == "judged" else None
        digest = digest_of(salt, content if withheld is None else shown_of(content, withheld))
        number += 1
        head = next_head(head, number, kind, reference, digest)
        rows.append(Link(number, kind, reference, salt, digest, head, withheld))
    await tx.execute(
        ADD,
        numbers=[one.number for one in rows],
        kinds=[one.kind for one in rows],
        references=[one.reference for one in rows],
        salts=[one.salt for one in rows],
        digests=[one.digest for one in rows],
        heads=[one.head for one in rows],
        withheld=[one.withheld for one in rows],
    )


async def _contents(tx: Transaction, kind: str, references: list[str] | None) -> dict[str, Mapping[str, Any]]:
    if kind == REOPENED:
        return {reference: {} for reference in references or ()}
    if kind == "judged":
        known = {} if references is None else {"ids": references}
        rows = await tx.rows(JUDGED if references is None else JUDGED_OF, open=list(OPEN), **known)
    else:
        rows = await tx.rows(CONTENT[kind], ids=references)
    return {row.reference: orjson.loads(row.content) for row in rows}


async def head(tx: Transaction) -> dict[str, Any]:
    """Return the newest head, to be printed on minutes."""
    last = await tx.row(LAST)
    return {"number": last.number if last else 0, "head": (bytes(last.head) if last else START).hex()}


async def verify(tx: Transaction, printed: str = "") -> dict[str, Any]:
    """Check every link and every record it covers; `printed`: a head read from minutes, which must be in the chain.

    `withheld`: judged findings that came back from the stream without their sentences about disciplines, absences and
    holds; all else of them is checked. Whoever may write all tables can make a whole chain anew; only a head on paper
    shows that.
    """
    links = [
        Link(
            row.number,
            row.kind,
            row.reference,
            bytes(row.salt),
            bytes(row.digest),
            bytes(row.head),
            None if row.withheld is None else bytes(row.withheld),
        )
        for row in await tx.rows(LINKS)
    ]
    broken = [f"mắt xích số {one.number} ({word_of(one.kind)} {one.reference})" for one in broken_links(links)]
    altered: list[str] = []
    unseen: list[str] = []
    for kind in CONTENT:
        contents = await _contents(tx, kind, None)
        altered += await _altered(tx, kind, links, contents)
        unseen += [f"{KIND_WORDS[kind]} {name}" for name, one in sorted(contents.items()) if is_withheld(one)]
    known = not printed or any(one.head.hex() == printed.lower() for one in links)
    return {
        "links": len(links),
        "head": (links[-1].head if links else START).hex(),
        "broken": broken,
        "altered": altered,
        "withheld": unseen,
        "printed_head_known": known,
        "sound": not broken and not altered and known,
    }


async def _altered(
    tx: Transaction, kind: str, links: Sequence[Link], contents: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return what differs from its newest link, and what should have a link and has none."""
    linked = {reference: link for (of, reference), link in newest(links).items() if of == kind}
    excused: frozenset[str] = frozenset()
    unlinked: list[str] = []
    if kind == "judged":
        # What went back to the review by right has a link that says so, behind the one of what it was judged by.
        # Findings that were never voted on or decided have none, such as those of a dossier that was withdrawn.
        excused = reopened(links) - {row.reference for row in await tx.rows(AWARDED)}
    else:
        unlinked = sorted(contents.keys() - linked.keys())
    differing = [
        reference
        for reference, link in linked.items()
        if reference not in excused and differs(link, contents.get(reference))
    ]
    word, known = KIND_WORDS[kind], await _known_as(tx, kind, contents, [*differing, *unlinked])
    return [
        *(f"{word} {reference}{known.get(reference, '')}" for reference in differing),
        *(f"{word} {reference}{known.get(reference, '')} (không có mắt xích)" for reference in unlinked),
    ]


async def _known_as(
    tx: Transaction, kind: str, contents: Mapping[str, Mapping[str, Any]], references: Sequence[str]
) -> dict[str, str]:
    """Return, behind the id of a record, what an official finds it by: as it reads now, altered or not."""
    if kind == "judged":
        return {row.reference: f" ({row.name})" for row in await tx.rows(NAMES, ids=list(references)) if row.name}
    numbers = {"vote": ("document", "theo {}"), "decision": ("number", "số {}")}
    if kind not in numbers:
        return {}
    column, words = numbers[kind]
    found = {reference: contents[reference][column] for reference in references if reference in contents}
    return {reference: f" ({words.format(number)})" for reference, number in found.items() if number}
