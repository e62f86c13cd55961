"""Read what stands on a paper, and build it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import text

from thidua.errors import NotFound
from thidua_awards.documents import council_papers, dossier_papers, merits, report_papers
from thidua_awards.documents.paper import Paper
from thidua_awards.domain.dossier import AWARDED, LABELS, OPINION_WORDS, WAY
from thidua_awards.law import Regime, Rule, condition_names, regime_of, review_date
from thidua_awards.queries import (
    chain,
    dossiers,
    lists,
    lookups,
    papers_of_decisions,
    papers_of_movement,
    papers_of_reports,
    voting,
)
from thidua_awards.queries import council as councils
from thidua_awards.queries.alphabet import by_alphabet
from thidua_awards.queries.asked import Asked, head_of, label_of
from thidua_awards.queries.authorities import bodies, chosen, head_of_authority, office_head
from thidua_awards.queries.earlier import earlier_years
from thidua_awards.queries.papers_of_reports import case_of, law_of
from thidua_runtime.database import Transaction

VOTES_OF: Final = text("select id, title from vote where meeting = :id and state = 'closed' order by title, id")
LINES: Final = text(f"""
-- What the council did not pass is proposed to nobody, whether or not the step after the vote is recorded yet; unless
-- it was sent on all the same, with a reason.
select d.subject, d.title, d.unit as unit_id, coalesce(p.body->>'name', u.body->>'name', k.name, d.subject) as name,
       coalesce(p.body->>'post', k.post) as post,
       case when p.key is null and k.subject is null then '' else coalesce(w.body->>'name', d.unit) end as unit,
       r.yes, r.members, r.document, r.closed_on, d.achievement, d.state as stands_at,
       r.passed is not distinct from false as against_vote, false as went_back
  from dossier d
  left join replica_people p on p.id = d.subject and not p.deleted
  left join replica_units u on u.key = d.subject and not u.deleted
  left join replica_units w on w.key = d.unit and not w.deleted
  left join kept_name k on k.subject = d.subject
  left join lateral (
       select c.yes, c.passed, cardinality(v.members) as members, v.document, v.closed_on
         from vote v join vote_case c on c.vote = v.id
        where v.campaign = d.campaign and v.title = d.title and v.state = 'closed'
          and (c.subject, c.matter) = (d.subject, d.matter)
        order by v.closed_on desc, v.closed_at desc nulls last, v.id desc limit 1) as r on true
 where d.campaign = :campaign and (:title = '' or d.title = :title) and d.state = any(cast(:states as text[]))
   and (r.passed is distinct from false or d.state = 'to_authority')
 order by d.title, {by_alphabet("coalesce(p.body->>'name', u.body->>'name', k.name, d.subject)")}, d.subject
""")  # noqa: S608  (put together from a constant)
OF_MEETING: Final = text("""
-- What the council passed at a meeting, in the order of its ballot papers, and what was sent on or given against its
-- vote. What went back to the appraisal since is voted on anew.
select c.subject, v.title, coalesce(p.unit, c.subject) as unit_id,
       coalesce(p.body->>'name', u.body->>'name', k.name, c.subject) as name, coalesce(p.body->>'post', k.post) as post,
       case when p.key is null then coalesce(k.unit, '') else coalesce(w.body->>'name', p.unit) end as unit,
       c.yes, cardinality(v.members) as members, v.document, v.closed_on,
       d.achievement, d.state as stands_at, c.passed is not distinct from false as against_vote,
       exists (select from dossier_step s
                where s.dossier = d.id and s.came_from in ('voted', 'to_authority', 'sent_up')
                  and s.state in ('appraisal', 'supplement') and v.closed_at < s.recorded_at) as went_back
  from vote v join vote_case c on c.vote = v.id
  left join dossier d on (d.campaign, d.subject, d.title, d.matter) = (v.campaign, c.subject, v.title, c.matter)
  left join replica_people p on p.id = c.subject and not p.deleted
  left join replica_units u on u.key = c.subject and not u.deleted
  left join replica_units w on w.key = coalesce(p.unit, c.subject) and not w.deleted
  left join kept_name k on k.subject = c.subject
 where v.meeting = :meeting and v.state = 'closed'
   and (c.passed is distinct from false or d.state = any(cast(:despite as text[]))
        or exists (select from decision_award a join decision s on s.id = a.decision
                    where (a.subject, a.code, a.matter, s.campaign) = (c.subject, v.title, c.matter, v.campaign)
                      and not s.cancelled and a.cancelled_by is null))
   and (:title = '' or v.title = :title)
 order by v.title, c.place
""")
IS_MEETING: Final = text("select campaign from meeting where id = :id")
UNIT_NAME: Final = text("select body->>'name' as name from replica_units where key = :id and not deleted")


async def _council_head(tx: Transaction, asked: Asked, meeting: str) -> dict[str, Any]:
    council = (await councils.found_meeting(tx, meeting)).council
    row = await tx.row(UNIT_NAME, id=council.unit)
    head = head_of(tx, asked, council.name)
    return {**head, "superior": asked.superior or (row.name if row else "")}


async def _invitation(tx: Transaction, asked: Asked) -> Paper:
    return council_papers.invitation(
        await councils.shown_meeting(tx, asked.id), await _council_head(tx, asked, asked.id)
    )


async def _minutes(tx: Transaction, asked: Asked) -> Paper:
    meeting = await councils.shown_meeting(tx, asked.id)
    votes = [
        (await label_of(tx, meeting["campaign"], row.title), await voting.shown(tx, row.id))
        for row in await tx.rows(VOTES_OF, id=asked.id)
    ]
    head = await _council_head(tx, asked, asked.id)
    return council_papers.minutes(meeting, votes, head, await chain.head(tx))


async def _of_vote(tx: Transaction, asked: Asked) -> tuple[dict[str, Any], str, dict[str, Any]]:
    vote = await voting.shown(tx, asked.id)
    meeting = await councils.found_meeting(tx, vote["meeting"])
    label = await label_of(tx, meeting.row.campaign, vote["title"])
    return vote, label, await _council_head(tx, asked, vote["meeting"])


async def _ballot_paper(tx: Transaction, asked: Asked) -> Paper:
    vote, label, head = await _of_vote(tx, asked)
    return council_papers.ballot_paper(vote, label, {**head, "draft": ""})


async def _counting(tx: Transaction, asked: Asked) -> Paper:
    vote, label, head = await _of_vote(tx, asked)
    meeting = await councils.shown_meeting(tx, vote["meeting"])
    return council_papers.counting_minutes(vote, meeting, label, head, await chain.head(tx))


async def _appraisal(tx: Transaction, asked: Asked) -> Paper:
    case, _ = await case_of(tx, asked.id)
    return dossier_papers.appraisal(case, condition_names(), await office_head(tx, asked))


async def _non_award(tx: Transaction, asked: Asked) -> Paper:
    case, dossier = await case_of(tx, asked.id)
    refused = dossier_papers.refusal(dossier["steps"])
    if refused is None:
        raise NotFound(
            what=f"kết luận không khen thưởng của hồ sơ {asked.id}", what_en=f"A non-award of the dossier {asked.id}"
        )
    head = await office_head(tx, asked)
    votes = (await _told(tx, case, asked.id))["votes"]
    return dossier_papers.non_award(case, condition_names(), head, refused, votes)


NOTICED: Final = text("""
select c.kind, c.document, c.posted_on, c.until from consultation c join consultation_case k on k.consultation = c.id
 where k.dossier = :id order by c.posted_on, c.id
""")
VOTED: Final = text("""
select v.document, v.closed_on, c.yes, cardinality(v.members) as members
  from dossier d join vote v on v.campaign = d.campaign and v.title = d.title and v.state = 'closed'
  join vote_case c on c.vote = v.id and (c.subject, c.matter) = (d.subject, d.matter)
 where d.id = :id order by v.closed_on, v.closed_at nulls first, v.id
""")


async def _told(tx: Transaction, case: Mapping[str, Any], id: str) -> dict[str, list[tuple[str, ...]]]:
    """Return what a complaint is answered with beside the findings: sources, notices, minutes."""
    return {
        "sources": await _sources(tx, case),
        "notices": [
            (OPINION_WORDS[row.kind], row.document, f"{row.posted_on:%d/%m/%Y}", f"{row.until:%d/%m/%Y}")
            for row in await tx.rows(NOTICED, id=id)
        ],
        "votes": [
            (row.document, f"{row.closed_on:%d/%m/%Y}", f"{row.yes}/{row.members}")
            for row in await tx.rows(VOTED, id=id)
        ],
    }


async def _sources(tx: Transaction, case: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the rules that judged a case: clause, time in force, and where it was read."""
    law = law_of(tx, case["regime"])
    day = review_date((await lookups.campaign(tx, case["campaign"])).year)
    rules = [law.rule(one["key"], law.nearest(day)) for one in case["findings"]] if law else []
    found = {rule.clause: rule for rule in rules if rule}
    return [(one.clause, _in_force(one), one.source or one.mark.words) for one in found.values()]


def _in_force(rule: Rule) -> str:
    until = f" đến {rule.valid_to:%d/%m/%Y}" if rule.valid_to else ""
    return f"từ {rule.valid_from:%d/%m/%Y}{until}"


async def _explanation(tx: Transaction, asked: Asked) -> Paper:
    case, dossier = await case_of(tx, asked.id)
    history = await lists.history(tx, dossier["subject"])
    head = await office_head(tx, asked)
    words = council_papers.chain_words(await chain.head(tx))
    told = await _told(tx, case, asked.id)
    return dossier_papers.explanation(case, dossier, history, condition_names(), told, head, words)


async def _notice(tx: Transaction, asked: Asked) -> Paper:
    return dossier_papers.public_notice(*await _asked(tx, asked))


async def _asked(tx: Transaction, asked: Asked) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    found = await dossiers.consultation(tx, asked.id)
    row = await dossiers.found_consultation(tx, asked.id)
    labels = {one["title"]: await label_of(tx, row.campaign, one["title"]) for one in found["list"]}
    return found, labels, await office_head(tx, asked)


async def _letter(tx: Transaction, asked: Asked) -> Paper:
    return report_papers.letter(*await _asked(tx, asked))


async def _answers(tx: Transaction, asked: Asked) -> Paper:
    found, _, head = await _asked(tx, asked)
    return report_papers.answers(found, head)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a list, in the law of their year, and the council that passed them where a meeting is named."""

    regime: Regime
    year: int
    every: Sequence[Mapping[str, Any]]
    council_unit: str = ""

    @property
    def bases(self) -> tuple[str, ...]:
        """What a submission or decision is based on."""
        return (self.regime.name,)


async def _lines(tx: Transaction, asked: Asked, *states: str) -> Lines:
    """Return the lines of a list: of a campaign what is on its way now, of a meeting what its council passed."""
    meeting = await tx.row(IS_MEETING, id=asked.id)
    campaign = await lookups.campaign(tx, meeting.campaign if meeting else asked.id)
    regime = regime_of(campaign.year)
    if meeting:
        rows = await tx.rows(OF_MEETING, meeting=asked.id, title=asked.title, despite=DESPITE)
    else:
        rows = await tx.rows(LINES, campaign=campaign.id, title=asked.title, states=list(states))
    lines = [
        {
            "subject": row.subject,
            "title": row.title,
            "unit_id": row.unit_id,
            "name": row.name,
            "post": row.post or "",
            "unit": row.unit,
            "label": regime.label(row.title),
            "vote": f"{row.yes}/{row.members}" if row.members else "",
            "minutes": f"{row.document} ngày {row.closed_on:%d/%m/%Y}" if row.document else "",
            "achievement": row.achievement or "",
            "stands_at": row.stands_at,
            "against_vote": row.against_vote,
            "went_back": row.went_back,
        }
        for row in rows
    ]
    council_unit = (await councils.found_meeting(tx, asked.id)).council.unit if meeting else ""
    return Lines(regime, campaign.year, lines, council_unit)


def _standing(lines: Lines) -> tuple[Lines, str]:
    """Return the lines a decision may still name, and the words on the others: read back, a list would miss them."""
    every = [one for one in lines.every if one["stands_at"] in DECIDABLE and not one["went_back"]]
    gone = [one for one in lines.every if one not in every]
    left_out = "; ".join(f"{one['name']} ({one['label']}: {LABELS[one['stands_at']]})" for one in gone)
    against = "; ".join(f"{one['name']} ({one['label']}: {one['vote']})" for one in every if one["against_vote"])
    said = [
        f"Không đưa vào văn bản này: {left_out}." if gone else "",
        f"Trình, tặng khác kết quả biểu quyết của Hội đồng: {against}." if against else "",
    ]
    return replace(lines, every=every), " ".join(filter(None, said))


READY: Final = ("council_ready", "voted", "to_authority")
DECIDABLE: Final = (None, *WAY, "sent_up", "presented", "paid", "archived", "corrected")
"""Where a dossier that the council passed stands while a decision may name it; None: there is no dossier."""

DESPITE: Final = ["to_authority", "sent_up", *AWARDED]
"""Where a dossier stands that was sent on, or given, though the council did not pass it."""


async def _submission(tx: Transaction, asked: Asked) -> Paper:
    lines, foot = _standing(await _lines(tx, asked, *READY))
    known = await bodies(tx, lines.council_unit)
    to = list(dict.fromkeys(known.of(lines.regime, line).named for line in lines.every))
    head = {**await office_head(tx, asked), "foot": foot}
    return dossier_papers.submission(lines.every, lines.bases, to, head)


async def _list(tx: Transaction, asked: Asked) -> Paper:
    lines, foot = _standing(await _lines(tx, asked, *READY))
    year = lines.year
    earlier = await earlier_years(tx, [one["subject"] for one in lines.every], year)
    every = [
        {
            **one,
            "achievement": merits.achievement(
                one["achievement"], earlier.ratings.get(one["subject"], {}), earlier.works.get(one["subject"], ()), year
            ),
            "proof": merits.proofs(
                one["title"], earlier.history.get(one["subject"], ()), earlier.works.get(one["subject"], ()), year
            ),
        }
        for one in lines.every
    ]
    return dossier_papers.short_list(every, {**await office_head(tx, asked), "foot": foot})


async def _draft(tx: Transaction, asked: Asked) -> Paper:
    lines, foot = _standing(await _lines(tx, asked, "to_authority"))
    known = await bodies(tx, lines.council_unit)
    of = chosen(known, lines.regime, lines.every, asked.agency, known.name(lines.council_unit))
    head = {**head_of_authority(tx, asked, known, of.authority), "foot": f"{of.remark} {foot}".strip()}
    return dossier_papers.draft_decision(of.lines, lines.bases, of.authority, head)


PAPERS: Final[Mapping[str, Callable[[Transaction, Asked], Awaitable[Paper]]]] = {
    "giay-moi": _invitation,
    "bien-ban-hop": _minutes,
    "phieu-bau": _ballot_paper,
    "bien-ban-kiem-phieu": _counting,
    "phieu-tham-dinh": _appraisal,
    "thong-bao-khong-khen-thuong": _non_award,
    "giai-trinh": _explanation,
    "thong-bao-cong-khai": _notice,
    "xin-y-kien": _letter,
    "bang-tiep-thu": _answers,
    "to-trinh": _submission,
    "danh-sach": _list,
    "du-thao-quyet-dinh": _draft,
    **papers_of_decisions.PAPERS,
    **papers_of_movement.PAPERS,
    **papers_of_reports.PAPERS,
}
"""Kind of paper → what reads and builds it; the id is that of a meeting, vote, dossier, list, campaign or decision."""


async def paper(tx: Transaction, asked: Asked) -> Paper:
    """Return a paper; raises NotFound for a kind that does not exist, or for what it is asked of."""
    if asked.kind not in PAPERS:
        raise NotFound(
            what=f"mẫu văn bản {asked.kind} (có: {', '.join(PAPERS)})",
            what_en=f"The kind of document {asked.kind} (there are {', '.join(PAPERS)})",
        )
    return await PAPERS[asked.kind](tx, asked)
