"""Ranks of one campaign, period and set, with everything that makes a rank less certain than it looks."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.contracts import Campaign, Cluster
from thidua.criteria import Apart, Place, RankGroup, rank
from thidua.criteria.periods import period as period_of
from thidua.ordering import by_number
from thidua_runtime.database import Transaction
from thidua_scoring.errors import SetNotLoaded
from thidua_scoring.queries import reading
from thidua_scoring.queries.official import campaign_of
from thidua_scoring.workplace import workplace_of

CLUSTERS: Final = text("select body from replica_clusters where not deleted and year = :year order by key")
UNITS: Final = text("select key, body->>'name' as name from replica_units where not deleted")
# People go by their staff code and unit: their names are for whoever keeps the register.
PEOPLE: Final = text("""
select distinct on (p.person) p.person, concat_ws(', ', p.code, u.body->>'name') as called
  from replica_people as p left join replica_units as u on u.key = p.unit and not u.deleted
 where not p.deleted and p.person = any(cast(:subjects as text[])) order by p.person, p.version desc
""")
# A month passes when more than nine tenths of what was due is on time; a month without due tasks is not judged.
ON_TIME: Final = text("""
select m.subject, sum(m.on_time) as on_time, sum(m.due) as due,
       count(*) filter (where m.due > 0 and m.on_time * 10 > m.due * 9) as passed,
       count(*) filter (where m.due > 0) as judged
  from (select subject, (body->>'on_time')::bigint as on_time, (body->>'due')::bigint as due
          from replica_monthly_results
         where not deleted and month between :first and :last and (body->>'reported')::boolean
           and subject = any(cast(:subjects as text[]))) as m
 group by m.subject
""")
NOTES: Final = {
    "illustrative": "Điểm là mẫu minh họa, không phải điểm do văn bản quy định.",
    "running": "Xếp hạng tạm tính theo số liệu đến ngày {as_of}, chưa phải kết quả chính thức.",
    "membership": "Thành viên khối, cụm có dấu “minh họa” chưa có văn bản xác nhận.",
}


async def ranks(tx: Transaction, code: str, period: str, set_id: str, lane: str) -> dict[str, Any]:
    """Return the rank groups of a set; `lane` empty: official if there is any, else running.

    Raises UnknownCampaign, and SetNotLoaded when the set is not loaded here.
    """
    campaign = await campaign_of(tx, code)
    version = next((one.version for one in campaign.criteria_sets if one.id == set_id), "")
    loaded = workplace_of(tx.database).sets.get((set_id, version))
    if loaded is None:
        raise SetNotLoaded(
            set=set_id,
            version=version or "?",
            why="phong trào không dùng hoặc máy chủ chưa cài đặt",
            why_en="the campaign does not use it, or it is not installed here",
        )
    lane = lane or await reading.best_lane(tx, campaign.id, period, set_id)
    rows = await reading.of_set(tx, campaign.id, period, set_id, lane)
    scores = [reading.score_of(row.tree) for row in rows if row.tree is not None]
    beside = await _beside(tx, campaign, period, [row.subject for row in rows])
    places = loaded.criteria_set.manifest.points.rounding.places
    groups = [_group(one, beside, places) for one in rank(loaded.criteria_set, scores)]
    groups.sort(key=lambda group: by_number(group["cluster_name"] or ""))
    mark, scale = loaded.criteria_set.manifest.points.mark, loaded.criteria_set.manifest.points.scale
    as_of = max((one.as_of.isoformat() for one in scores), default=None)
    return {
        "campaign": campaign.code, "period": period, "set": set_id, "version": version, "lane": lane, "as_of": as_of,
        "points_mark": mark, "scale": str(scale), "notes": _notes(mark, lane, as_of, groups), "groups": groups,
        "not_scored": [_unscored(row) for row in rows if row.tree is None],
    }  # fmt: skip


class _Beside:
    """What stands beside a rank: names of units, clusters, on-time figures."""

    def __init__(self, clusters: Iterable[Cluster], names: dict[str, str], figures: dict[str, Row[Any]]) -> None:
        self.clusters = {one.id: one for one in clusters}
        self.names = names
        self.figures = figures
        self.illustrative = {member.unit for one in self.clusters.values() for member in one.members
                             if member.illustrative}  # fmt: skip

    def called(self, key: str) -> str:
        """Return the name of a cluster or unit; of anything else what it is in the case."""
        return self.clusters[key].name if key in self.clusters else self.names.get(key, key)


async def _beside(tx: Transaction, campaign: Campaign, period: str, subjects: list[str]) -> _Beside:
    span = period_of(period)
    first, last = span.first.isoformat()[:7], span.last.isoformat()[:7]
    clusters = [Cluster.model_validate_json(row.body) for row in await tx.rows(CLUSTERS, year=f"{campaign.year}")]
    names = {row.key: row.name for row in await tx.rows(UNITS)}
    names |= {row.person: row.called for row in await tx.rows(PEOPLE, subjects=subjects)}
    figures = {row.subject: row for row in await tx.rows(ON_TIME, first=first, last=last, subjects=subjects)}
    return _Beside(clusters, names, figures)


def _group(group: RankGroup, beside: _Beside, places: int) -> dict[str, Any]:
    cluster = beside.clusters.get(dict(group.within).get("subject.cluster", ""))
    return {
        "within": dict(group.within),
        "within_name": ", ".join(beside.called(value) for _, value in group.within if value) or None,
        "cluster_name": None if cluster is None else cluster.name,
        "mark": group.mark,
        "ranked": [_placed(place, beside, places) for place in group.ranked],
        "apart": [_apart(one, beside, places) for one in group.apart],
    }


def _placed(place: Place, beside: _Beside, places: int) -> dict[str, Any]:
    return {
        "rank": place.rank,
        "tied": place.tied,
        "total": _total(place.total, places),
        "compared": [format(figure, "f") for figure in place.figures],
        **_subject(place.subject, beside),
    }


def _apart(one: Apart, beside: _Beside, places: int) -> dict[str, Any]:
    total = None if one.total is None else _total(one.total, places)
    return {"total": total, "reason": one.reason, **_subject(one.subject, beside)}


def _total(total: Decimal, places: int) -> str:
    # Rounded long ago; a nought alone has none of the places that the others in its column have.
    return f"{total:.{places}f}"


def _subject(subject: str, beside: _Beside) -> dict[str, Any]:
    row = beside.figures.get(subject)
    return {
        "subject": subject,
        "name": beside.names.get(subject),
        "illustrative_member": subject in beside.illustrative,
        "on_time": None if row is None else {"n": int(row.on_time), "d": int(row.due)},
        "months": None if row is None else {"passed": row.passed, "judged": row.judged},
    }


def _unscored(row: Row[Any]) -> dict[str, Any]:
    body = orjson.loads(row.body)
    return {"subject": row.subject, "cluster": body["cluster"], "reason": body["not_ranked_because"]}


def _notes(mark: str | None, lane: str, as_of: str | None, groups: list[dict[str, Any]]) -> list[str]:
    notes = [NOTES["illustrative"]] if mark == "illustrative" else []
    if lane == "running":
        notes.append(NOTES["running"].format(as_of=as_of or "chưa có"))
    if any(one["illustrative_member"] for group in groups for one in (*group["ranked"], *group["apart"])):
        notes.append(NOTES["membership"])
    return notes
