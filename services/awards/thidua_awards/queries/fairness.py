"""Read and build the fairness report of a campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua.ordering import by_number
from thidua_awards.domain import fairness as domain
from thidua_awards.domain.common import IN_FORCE
from thidua_awards.domain.fairness import DEFINITIONS, Group, Line, compared
from thidua_awards.law import regime_of, share_text
from thidua_awards.queries import lookups
from thidua_awards.queries.alphabet import by_alphabet
from thidua_runtime import cuts
from thidua_runtime.database import Transaction

PEOPLE: Final = text("""
-- Per title, unit and whether they lead one: people reviewed, and those with a decision in force for the year.
with awarded as (
    select distinct a.subject, a.code from decision_award a join decision d on d.id = a.decision
     where a.year = :year and not d.cancelled and a.cancelled_by is null and a.kind is null
), sizes as (
    select p.unit, count(*) as people from replica_people p
     where not p.deleted and coalesce((p.body->>'active')::boolean, true) group by p.unit
)
select r.title, r.unit, coalesce((p.body->>'leads_unit')::boolean, false) as leads,
       coalesce(s.people, 0)::integer as people, count(*)::integer as reviewed, count(w.subject)::integer as awarded
  from recommendation r
  left join replica_people p on p.id = r.subject and not p.deleted
  left join sizes s on s.unit = r.unit
  left join awarded w on w.subject = r.subject and w.code = r.title
 where r.campaign = :campaign and r.subject_kind = 'individual' and r.matter = ''
 group by r.title, r.unit, leads, s.people order by r.title, r.unit, leads
""")
SEX: Final = text("""
select title, sum(women)::integer as women, sum(men)::integer as men, sum(women_awarded)::integer as women_awarded,
       sum(men_awarded)::integer as men_awarded, count(*)::integer as units
  from sex_count where campaign = :campaign group by title order by title
""")
SAVE_SEX: Final = text("""
insert into sex_count as s (campaign, unit, title, women, men, women_awarded, men_awarded, document, changed_by)
select i.*, :actor
  from unnest(cast(:campaign as text[]), cast(:unit as text[]), cast(:title as text[]), cast(:women as int[]),
              cast(:men as int[]), cast(:women_awarded as int[]), cast(:men_awarded as int[]),
              cast(:document as text[])) as i
    on conflict (campaign, unit, title) do update
       set women = excluded.women, men = excluded.men, women_awarded = excluded.women_awarded,
           men_awarded = excluded.men_awarded, document = excluded.document, changed_by = excluded.changed_by,
           changed_at = now(), revision = s.revision + 1
""")
FLAGS: Final = text(f"""
select c.body->>'name' as cluster, a.year, a.subject, coalesce(u.body->>'name', a.subject) as name
  from replica_clusters c
 cross join lateral jsonb_array_elements(c.body->'members') as m
  join decision_award a on a.subject = m->>'unit' and a.code in ('CTDB', 'CTDT') and a.year between :first and :last
  join decision d on d.id = a.decision and not d.cancelled and a.cancelled_by is null
  left join replica_units u on u.key = a.subject and not u.deleted
 where not c.deleted and c.year = cast(:last as text)
 order by cluster, a.year, {by_alphabet("coalesce(u.body->>'name', a.subject)")}
""")  # noqa: S608  (put together from a constant)
BALLOTS: Final = text("""
select v.title, c.yes, c.no, c.invalid from vote v join vote_case c on c.vote = v.id
 where v.campaign = :campaign and v.state = 'closed' order by v.title, v.id, c.place
""")
TARGETS: Final = text("""
select body->>'subject_kind' as kind,
       md5((select string_agg(concat_ws('|', lower(regexp_replace(trim(t->>'name'), '\\s+', ' ', 'g')), t->>'value',
                                        lower(trim(t->>'measure'))), ';' order by lower(trim(t->>'name')), t->>'value')
              from jsonb_array_elements(body->'targets') as t)) as fingerprint
  from replica_registrations
 where not deleted and campaign = :campaign and body->>'state' = any(cast(:states as text[]))
   and jsonb_array_length(body->'targets') > 0
""")
KIND_WORDS: Final = {"collective": "tập thể", "individual": "cá nhân"}


async def report(tx: Transaction, code: str) -> dict[str, Any]:
    """Return the report of a campaign, each part with its definition; as of the last heartbeats."""
    campaign = await lookups.campaign(tx, code)
    label = regime_of(campaign.year, tx.settings.law_overrides_file).label
    people = await tx.rows(PEOPLE, campaign=campaign.id, year=campaign.year)
    heard = lookups.in_own_time(tx, await cuts.heard_until(tx))
    parts = {
        "leaders": [{"title": label(title), "lines": lines} for title, lines in _leaders(people)],
        "sex": [_sex(label(row.title), row) for row in await tx.rows(SEX, campaign=campaign.id)],
        "small_units": [{"title": label(title), "lines": lines} for title, lines in _sizes(people)],
        "flags": await _flags(tx, campaign.year),
        "ballots": _ballots(await tx.rows(BALLOTS, campaign=campaign.id), label),
        "targets": _targets(await tx.rows(TARGETS, campaign=campaign.id, states=[one.value for one in IN_FORCE])),
    }
    return {
        "campaign": campaign.code,
        "title": campaign.title,
        "as_of": heard.isoformat() if heard else None,
        "note": domain.ADVISORY,
        "parts": [{"key": key, "definition": DEFINITIONS[key], "figures": figures} for key, figures in parts.items()],
    }


def _by_title(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.title].append(row)
    return found


def _leaders(rows: Sequence[Any]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    for title, every in _by_title(rows).items():
        groups = [
            Group(words, sum(row.reviewed for row in every if row.leads is leads),
                  sum(row.awarded for row in every if row.leads is leads))
            for leads, words in ((True, "người đứng đầu đơn vị"), (False, "những người còn lại"))
        ]  # fmt: skip
        yield title, _shown(compared(groups))


def _sizes(rows: Sequence[Any]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    for title, every in _by_title(rows).items():
        yield title, _shown(compared(domain.by_size((row.people, row.reviewed, row.awarded) for row in every)))


def _sex(label: str, row: Any) -> dict[str, Any]:
    groups = (Group("nữ", row.women, row.women_awarded), Group("nam", row.men, row.men_awarded))
    return {"title": label, "units": row.units, "lines": _shown(compared(groups))}


def _shown(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [{"group": one.group, "figure": one.figure, "shown": one.shown} for one in lines]


async def _flags(tx: Transaction, year: int) -> list[dict[str, Any]]:
    rows = await tx.rows(FLAGS, first=year - domain.FLAG_YEARS + 1, last=year)
    clusters: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        clusters[row.cluster][row.year].append(row.name)
    return [
        {
            "cluster": cluster,
            "rotates": domain.rotates(held, year),
            "flags": [{"year": one, "units": names} for one, names in sorted(held.items())],
        }
        for cluster, held in sorted(clusters.items(), key=lambda one: by_number(one[0]))
    ]


def _ballots(rows: Sequence[Any], label: Any) -> list[dict[str, Any]]:
    figures = []
    for title, every in _by_title(rows).items():
        alike, cases = domain.unanimous((row.yes, row.no, row.invalid) for row in every)
        few = domain.is_few(cases)
        figure = domain.SUPPRESSED if few else share_text(alike, cases)
        figures.append({"title": label(title), "figure": figure, "shown": not few})
    return figures


def _targets(rows: Sequence[Any]) -> list[dict[str, Any]]:
    figures = []
    for kind, words in KIND_WORDS.items():
        shared, every, largest = domain.copied(row.fingerprint for row in rows if row.kind == kind)
        if every:
            few = domain.is_few(every)
            figure = domain.SUPPRESSED if few else share_text(shared, every)
            figures.append({"kind": words, "figure": figure, "largest_group": largest, "shown": not few})
    return figures
