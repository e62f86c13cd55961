"""What a review reads of each kind of record: everybody's, or of those named alone.

`subjects` are those looked at, `members` also those whom a collective among them counts; `declaring` the subjects and
their units. Null is everybody. `long`, `ever`, `voted` and `shown` are the subjects whose titles ask for it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from thidua_awards.queries import dossiers, earlier, notices, votes
from thidua_awards.queries.together import Together

PEOPLE_OF: Final = text("""
select body::text as body from replica_people
 where not deleted and (unit = any(cast(:below as text[])) or id = any(cast(:subjects as text[])))
 order by key
""")
REGISTRATIONS_OF: Final = text("""
select body::text as body from replica_registrations
 where not deleted and campaign = :campaign and subject = any(cast(:subjects as text[]))
 order by key
""")
PEOPLE: Final = text("""
-- Of a scope also those who registered there and have moved on: they must be seen where they are now.
select body::text as body from replica_people
 where not deleted
   and (cast(:units as text[]) is null or unit = any(cast(:units as text[])) or id in (
        select r.subject from replica_registrations r
         where not r.deleted and r.campaign = :campaign and r.body->>'unit' = any(cast(:units as text[]))))
 order by key
""")
REGISTRATIONS: Final = text("""
select body::text as body from replica_registrations
 where not deleted and campaign = :campaign
   and (cast(:units as text[]) is null or body->>'unit' = any(cast(:units as text[]))
        or subject = any(cast(:people as text[])))
 order by key
""")
RATINGS: Final = text("""
select subject, level from replica_ratings
 where not deleted and year = :text_year
   and (cast(:members as text[]) is null or subject = any(cast(:members as text[])))
""")
INITIATIVES: Final = text("""
select body::text as body from replica_initiatives
 where not deleted and (campaign = :campaign or campaign is null)
 order by key
""")
# A bound stands in these reads where the planner, which must not know how few are asked for, would read all rows.
INITIATIVES_OF: Final = text("""
select distinct on (i.key) i.body::text as body
  from unnest(cast(:subjects as text[])) as s (subject)
 cross join lateral (
       select key, body from replica_initiatives
        where body->'authors' @> jsonb_build_array(jsonb_build_object('person', s.subject))
          and not deleted and (campaign = :campaign or campaign is null) offset 0) as i
 order by i.key
""")
SCORES: Final = text("""
-- The official score where there is one, else the running one; a campaign may use one set per kind of subject.
select distinct on (subject) subject, version, lane, body->>'points' as points, body->>'maximum' as maximum
  from replica_scores
 where not deleted and campaign = :campaign and period = :text_year
   and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, lane = 'official' desc, version desc
""")
CLUSTERS: Final = text("""
select body::text as body from replica_clusters where not deleted and year = :text_year and cast(:with_teams as boolean)
 order by key
""")
DISCIPLINES: Final = text("""
-- Of the year, or running in it; of some subjects all there were before.
select subject, kind, form, decided_on, ends_on, counted_in from discipline
 where (cast(:members as text[]) is null or subject = any(cast(:members as text[])))
   and decided_on <= :last_day
   and (decided_on >= :first_day or ends_on is null or ends_on >= :first_day
        or subject = any(cast(:ever as text[])))
 order by subject, decided_on, id
""")
HOLDS_MOVED: Final = text("""
select distinct subject from hold where starts_on between :first and :day or ends_on between :first and :day
""")
HOLDS: Final = text("""
select subject, min(starts_on) as since from hold
 where starts_on <= :as_of and (ends_on is null or ends_on > :as_of)
   and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 group by subject
""")
TRAININGS: Final = text("""
select subject, months, result from training
 where year = :year and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, id
""")
CONFIRMATIONS: Final = text("""
select subject, key, answer, by, document, dated from confirmation
 where campaign = :campaign and (cast(:declaring as text[]) is null or subject = any(cast(:declaring as text[])))
""")
CANDIDATES: Final = text("""
select subject, title from candidate
 where campaign = :campaign and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, title
""")
SERVICE_TIMES: Final = text("""
select subject, woman, years, outsider, years_here from service_time
 where subject = any(cast(:ever as text[]))
""")
FLAGS: Final = text("""
-- Flags of the Ministry or province awarded for the year, and collectives that a cluster voted first in the campaign.
select (select count(distinct a.subject) from decision_award a join decision d on d.id = a.decision
         where a.year = :year and a.code in ('CTDB', 'CTDT') and not d.cancelled and a.cancelled_by is null) as flags,
       (select count(distinct subject) from confirmation
         where campaign = :campaign and key in ('ctdb.cluster', 'ctdcp.first') and answer) as firsts
 where cast(:with_flags as boolean)
""")
AWARDS: Final = text("""
select a.subject, a.unit, a.code
  from decision_award a join decision d on d.id = a.decision
 where a.year = :year and not d.cancelled and a.cancelled_by is null and a.kind is null
""")
AWARDS_IN: Final = text("""
-- What those who are there now hold, wherever it was given, and what was given there, to whomever: of another unit,
-- whose awards are not all read, none is counted.
select a.subject, case when a.unit = any(cast(:units as text[])) then a.unit end as unit, a.code
  from replica_people p
 cross join lateral (
       select a.subject, a.unit, a.code from decision_award a join decision d on d.id = a.decision
        where a.subject = p.id and a.year = :year
          and not d.cancelled and a.cancelled_by is null and a.kind is null offset 0) as a
 where not p.deleted and p.unit = any(cast(:units as text[]))
 union
select a.subject, a.unit, a.code
  from unnest(cast(:units as text[])) as u (unit)
 cross join lateral (
       select a.subject, a.unit, a.code from decision_award a join decision d on d.id = a.decision
        where a.unit = u.unit and a.year = :year
          and not d.cancelled and a.cancelled_by is null and a.kind is null offset 0) as a
""")
# To plan the reads of a single subject takes several times as long as to make them.
SINGLE: Final = Together(
    {"registrations": REGISTRATIONS_OF, "candidates": CANDIDATES, "people": PEOPLE_OF}, plans_after="force_generic_plan"
)
"""Single subjects themselves; `below` are the units of collectives whose members are read along."""

_OF_ANYBODY: Final = {
    "ratings": RATINGS,
    "scores": SCORES,
    "clusters": CLUSTERS,
    "disciplines": DISCIPLINES,
    "holds": HOLDS,
    "trainings": TRAININGS,
    "confirmations": CONFIRMATIONS,
    "votes": votes.RESULTS,
    "notices": notices.NOTICES,
    "filed": dossiers.FILED,
    "ledger": earlier.LEDGER,
    "service": SERVICE_TIMES,
    "flags": FLAGS,
    "bands": earlier.BANDS,
    "history": earlier.HISTORY,
    "past_ratings": earlier.RATINGS,
}
OF_SINGLE: Final = Together(
    {**_OF_ANYBODY, "initiatives": INITIATIVES_OF, "awards": AWARDS_IN, "works": earlier.WORKS_OF_FEW}
)
"""All that is read of single subjects, besides themselves and their registrations."""

OF_UNITS: Final = Together({**_OF_ANYBODY, "initiatives": INITIATIVES, "awards": AWARDS_IN})
OF_EVERYBODY: Final = Together({**_OF_ANYBODY, "initiatives": INITIATIVES, "awards": AWARDS})
"""Read kind by kind; the works of authors go along by how many they are."""
