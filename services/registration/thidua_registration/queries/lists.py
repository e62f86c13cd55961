"""What the API shows: lists with paging, single records with their revision."""

# ruff: noqa: S608 - the pieces of statements are constants of this file; what clients send are parameters.

from __future__ import annotations

from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import TextClause, text

from thidua.contracts import Campaign
from thidua_registration.errors import CampaignNotFound, RecordNotFound
from thidua_registration.queries import lookups
from thidua_runtime.database import Transaction
from thidua_runtime.web import Page, Versioned

Listing = dict[str, Any]
"""`items`, and of how many they are a window: `total`, `limit`, `offset`."""

# The official code of a day, else the latest one: a dissolved unit keeps a name in old lists.
_CODE = """(select c.code from unit_code as c where c.unit = {unit}
  order by (c.valid_from <= :day and (c.valid_to is null or c.valid_to >= :day)) desc, c.valid_from desc limit 1)"""


def _code(unit: str) -> str:
    return _CODE.format(unit=unit)


class _Selection:
    """A list as two statements: how many there are, and one page of them."""

    def __init__(self, shown: str, found: str, order: str) -> None:
        # `found` never uses the page; columns in `shown` are computed for the page alone.
        self.total: TextClause = text(f"select count(*) as total {found}")
        self.page: TextClause = text(
            f"select ({shown})::text as body {found} order by {order} limit :limit offset :offset"
        )
        self.by_total = frozenset(self.total.compile().params)
        self.by_page = frozenset(self.page.compile().params)


UNITS: Final = _Selection(
    f"u.body || jsonb_build_object('code', {_code('u.id')}, 'parent_code', {_code('u.parent')}, "
    "'revision', u.revision)",
    """from unit as u
 where (cast(:kind as text) is null or u.kind = :kind)
   and (cast(:code as text) is null or exists (
        select from unit_code as h where h.unit = u.id and h.code = :code
           and h.valid_from <= :day and (h.valid_to is null or h.valid_to >= :day)))""",
    "u.id",
)

CLUSTERS: Final = _Selection(
    """k.body || jsonb_build_object('revision', k.revision,
       'code', (select e.code from external_code as e
                 where e.kind = 'cluster' and e.source = '' and e.id = k.body ->> 'id'),
       'members', (select coalesce(jsonb_agg(m.member || jsonb_build_object('unit_code', """
    + _code("m.member ->> 'unit'")
    + """) order by m.place), '[]')
          from jsonb_array_elements(k.body -> 'members') with ordinality as m (member, place)))""",
    "from cluster as k where (cast(:year as integer) is null or k.year = :year)",
    "k.year, k.body ->> 'name', k.id",
)

PEOPLE: Final = _Selection(
    f"p.body || jsonb_build_object('unit_code', {_code('p.unit')}, 'revision', p.revision)",
    """from person as p
 where (cast(:unit as text) is null or p.unit = :unit)
   and (cast(:active as boolean) is null or p.active = :active)
   and (cast(:code as text) is null or p.code = :code)""",
    "p.code",
)

RATINGS: Final = _Selection(
    f"r.body || jsonb_build_object('unit_code', {_code('r.unit')}, 'revision', r.revision, "
    "'person', (select p.code from person as p where p.id = r.subject))",
    """from rating as r
 where (cast(:year as integer) is null or r.year = :year)
   and (cast(:unit as text) is null or r.unit = :unit)""",
    "r.year, r.id",
)

CAMPAIGNS: Final = _Selection(
    """c.body || jsonb_build_object('revision', c.revision, 'participant_codes', (
       select coalesce(jsonb_agg("""
    + _code("p.unit")
    + """ order by p.place), '[]')
         from jsonb_array_elements_text(c.body -> 'participants') with ordinality as p (unit, place)))""",
    "from campaign as c where (cast(:code as text) is null or c.code = :code)",
    "c.body ->> 'year', c.code",
)

ITEMS: Final = _Selection(
    f"""r.body || jsonb_build_object('unit_code', {_code("r.unit")}, 'let_in_by', r.let_in_by,
       'person', p.code, 'name', coalesce(p.body ->> 'name', u.body ->> 'name'), 'revision', r.revision,
       'notes', array_remove(array[
          case when p.body ->> 'joined_unit' > c.body ->> 'registration_due' then 'joined_after_due' end,
          case when p.unit <> r.unit then 'transferred' end,
          case when not p.active then 'left' end], null))""",
    """from registration as r join campaign as c on c.id = r.campaign
  left join person as p on p.id = r.subject left join unit as u on u.id = r.subject
 where c.code = :campaign
   and (cast(:unit as text) is null or r.unit = :unit)
   and (cast(:state as text) is null or r.state = :state)
   and (cast(:subject_kind as text) is null or r.subject_kind = :subject_kind)
   and (cast(:late as boolean) is null or r.late = :late)""",
    "r.unit, r.subject_kind, p.code, r.id",
)

# Whoever may register: the units that take part, and the people now working in them.
EXPECTED: Final = """
from (select x.unit as subject, x.unit, 'collective' as subject_kind, c.id as campaign, c.code as campaign_code
        from campaign as c, jsonb_array_elements_text(c.body -> 'participants') as x (unit)
      union all
      select p.id, p.unit, 'individual', c.id, c.code
        from campaign as c, jsonb_array_elements_text(c.body -> 'participants') as x (unit)
        join person as p on p.unit = x.unit and p.active) as e
"""

MISSING: Final = _Selection(
    f"""jsonb_build_object('subject', e.subject, 'subject_kind', e.subject_kind, 'unit', e.unit,
       'unit_code', {_code("e.unit")}, 'person', p.code, 'state', r.state,
       'name', coalesce(p.body ->> 'name', u.body ->> 'name'))""",
    EXPECTED
    + """  left join registration as r on r.id = e.subject || '/' || e.campaign
  left join person as p on p.id = e.subject left join unit as u on u.id = e.subject
 where e.campaign_code = :campaign and r.body ->> 'first_submitted_on' is null
   and (cast(:unit as text) is null or e.unit = :unit)""",
    "e.unit, e.subject_kind, p.code",
)

INITIATIVES: Final = _Selection(
    f"i.body || jsonb_build_object('unit_code', {_code('i.unit')}, 'revision', i.revision)",
    """from initiative as i left join campaign as c on c.id = i.campaign
 where (cast(:unit as text) is null or i.unit = :unit)
   and (cast(:code as text) is null or i.code = :code)
   and (cast(:campaign as text) is null or c.code = :campaign)
   and (cast(:state as text) is null or i.state = :state)
   and (not cast(:lapsing as boolean) or (i.state in ('draft', 'submitted')
        and (i.body ->> 'first_applied_on')::date + interval '1 year'
            < coalesce((i.body ->> 'submitted_on')::date, cast(:day as date))))""",
    "i.unit, i.code",
)

_MOVE = """to_jsonb(m) - 'about' - 'record'"""

REGISTRATION_MOVES: Final = _Selection(
    f"""{_MOVE} || jsonb_build_object('person', p.code, 'unit', {_code("r.unit")})""",
    """from move as m join registration as r on r.id = m.record and m.about = 'registration'
  join campaign as c on c.id = r.campaign left join person as p on p.id = r.subject
 where c.code = :campaign
   and (cast(:unit as text) is null or r.unit = :unit)
   and (cast(:person as text) is null or p.code = :person)""",
    "m.id",
)

INITIATIVE_MOVES: Final = _Selection(
    _MOVE,
    """from move as m join initiative as i on i.id = m.record and m.about = 'initiative'
 where i.code = :code and i.unit = :unit""",
    "m.id",
)

DATE_MOVES: Final = _Selection(
    "to_jsonb(d) - 'id' - 'campaign'",
    "from date_move as d join campaign as c on c.id = d.campaign where c.code = :campaign",
    "d.id",
)

COUNTS: Final = text(f"""
select {_code("r.unit")} as unit_code, r.subject_kind, r.state, count(*) as items,
       count(*) filter (where r.late) as late,
       count(*) filter (where (r.body ->> 'title_mismatch')::boolean) as title_mismatch
  from registration as r join campaign as c on c.id = r.campaign
 where c.code = :campaign group by r.unit, r.subject_kind, r.state order by 1, 2, 3
""")

SHEET: Final = text("""
select document::text as document, revision from sheet where campaign = :campaign and unit = :unit
""")

EVERYTHING: Final = Page(limit=100_000, offset=0)
"""For what is shown whole: the items of one sheet."""


async def listing(tx: Transaction, selection: _Selection, page: Page, **filters: Any) -> Listing:
    """Return one page of a list. `day` is today unless given; `unit` is an official code of that day.

    Raises RecordNotFound for a unit code that nobody holds.
    """
    known = {"day": tx.clock.today(), "limit": page.limit, "offset": page.offset, **filters}
    if known.get("unit") is not None:
        known["unit"] = await _unit_id(tx, known["unit"], known["day"])
    total = await tx.row(selection.total, **{name: known[name] for name in selection.by_total})
    rows = await tx.rows(selection.page, **{name: known[name] for name in selection.by_page})
    assert total is not None
    items = [orjson.loads(row.body) for row in rows]
    return {"items": items, "total": total.total, "limit": page.limit, "offset": page.offset}


async def of_campaign(
    tx: Transaction, selection: _Selection, page: Page, campaign: str, filters: dict[str, Any]
) -> Listing:
    """Return one page of a list that belongs to a campaign; raises CampaignNotFound, RecordNotFound."""
    day = lookups.campaign_day(tx, await _campaign(tx, campaign))
    return await listing(tx, selection, page, campaign=campaign, day=day, **filters)


PERSON: Final = ("người mang mã cán bộ", "The person with the staff code")
"""What a person is called where nobody has the code, in Vietnamese and English."""


async def single(
    tx: Transaction, selection: _Selection, what: tuple[str, str], code: str, filters: dict[str, Any]
) -> Versioned:
    """Return the only record of a list; raises RecordNotFound, which calls it `what` in both languages."""
    found = (await listing(tx, selection, Page(limit=1, offset=0), code=code, **filters))["items"]
    if not found:
        raise RecordNotFound(what=what[0], what_en=what[1], code=code)
    return Versioned(found[0], found[0]["revision"])


async def campaign(tx: Transaction, code: str) -> Versioned:
    """Return a campaign; raises CampaignNotFound."""
    await _campaign(tx, code)
    return await single(tx, CAMPAIGNS, ("phong trào", "The campaign"), code, {})


async def unit(tx: Transaction, code: str, on: date | None) -> Versioned:
    """Return the unit that held an official code on a day (today if None); raises RecordNotFound."""
    return await single(tx, UNITS, ("đơn vị", "The unit"), code, {"kind": None, "day": on or tx.clock.today()})


async def sheet(tx: Transaction, campaign: str, unit: str) -> Versioned:
    """Return a unit's bản đăng ký with all its items; raises CampaignNotFound or RecordNotFound."""
    found = await _campaign(tx, campaign)
    unit_id = await _unit_id(tx, unit, lookups.campaign_day(tx, found))
    filters = {"unit": unit, "state": None, "subject_kind": None, "late": None}
    items = await of_campaign(tx, ITEMS, EVERYTHING, campaign, filters)
    row = await tx.row(SHEET, campaign=found.id, unit=unit_id)
    body = {
        "campaign": campaign,
        "unit": unit_id,
        "unit_code": unit,
        "document": orjson.loads(row.document) if row and row.document else None,
        "items": items["items"],
        "revision": row.revision if row else 0,
    }
    return Versioned(body, body["revision"])


async def counts(tx: Transaction, campaign: str) -> Listing:
    """Return how many items stand in each state, per unit and kind of subject, and how many are missing."""
    await _campaign(tx, campaign)
    rows = [dict(row._mapping) for row in await tx.rows(COUNTS, campaign=campaign, day=tx.clock.today())]
    missing = await tx.row(MISSING.total, campaign=campaign, unit=None)
    assert missing is not None
    states: dict[str, int] = {}
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + row["items"]
    return {"states": states, "missing": missing.total, "by_unit": rows, "as_of": tx.clock.today()}


async def _campaign(tx: Transaction, code: str) -> Campaign:
    stored = await lookups.campaign(tx, code)
    if stored is None:
        raise CampaignNotFound(code=code)
    return stored.state


async def _unit_id(tx: Transaction, code: str, day: date) -> str:
    found = await lookups.units_on(tx, [code], day)
    if code not in found:
        raise RecordNotFound(what="đơn vị", what_en="The unit", code=code)
    return found[code]
