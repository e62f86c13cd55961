"""From the inputs of a golden case, written as a person would, to the raw material of a case.

months: {every: [19, 20], 2022-03: [18, 20], 2022-05: missing}   N on time of D due, for every month
tasks_done: [240, 250]         a pair, placed in the last month unless months are given
titles: 2                      registered in time; or {count: 2, on: 2022-04-02, withdrawn: true}
flags: [CTDB]                  decisions within the period
reprimands: [khien_trach]      measures in force; [] for none, and not given: missing, as in every score of the suite
members: [8, 10]               8 of 10 judged members have it; or {having: 8, of: 10, undecided: 1}
a fact: its value; {2022-Q1: 2, 2022-Q2: 1} by period; {value: 8, by: self, evidence: false, refused: true}
a document: its date, or {number: 12/KH, dated: 2022-02-15}
peers: [{solved: 12}]          other subjects of the cluster, with their facts
a log: [muon_som, muon_som], or [] for none; either way every month counts as reported
a case: {decisions: [{code: CTDB, dated: 2021-12-20, year: 2021}], members: [{titles: [LDTT]}]}   parts as in `Case`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from thidua.criteria.declarations import (
    CaseFeed,
    CompletedTasks,
    Decisions,
    Declared,
    DisciplineFeed,
    DocumentFact,
    FactInput,
    HavingTitle,
    Initiatives,
    Log,
    Members,
    MonthResults,
    OverdueOpen,
    Registered,
    WorkItems,
)
from thidua.criteria.periods import Period

Collected = dict[str, list[Any]]
_STATEMENT_KEYS = {"value", "by", "period", "evidence", "refused", "dated", "number"}


class GivenRefused(ValueError):
    """A given input is not written as its kind asks; `name` is the input."""

    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        super().__init__(f"{name}: {sentence}")


class _Months:
    """The months of a golden case, which several feeds share."""

    def __init__(self, span: Period) -> None:
        self.names = [month.name for month in span.parts("month")]
        self.rows: dict[str, dict[str, Any]] = {}

    def row(self, month: str) -> dict[str, Any]:
        empty = {"month": month, "reported": True, "due": 0, "on_time": 0, "completed": 0, "overdue_open": 0}
        return self.rows.setdefault(month, empty)

    def report(self, months: list[str] | None = None) -> None:
        for month in self.names if months is None else months:
            self.row(month)


def material(inputs: Mapping[str, Declared], span: Period, given: Mapping[str, Any], reported: Any) -> dict[str, Any]:
    """Return the raw material of a case. Raises GivenRefused for what an input cannot be.

    `reported`: months whose reports came in, beside those given; "all" for all of them.
    """
    collected: Collected = {key: [] for key in ("registrations", "initiatives", "facts", "members", "decisions")}
    months = _Months(span)
    in_order = sorted(given, key=lambda name: not isinstance(inputs[name], MonthResults))
    for name in in_order:
        declared = inputs[name]
        if isinstance(declared, FactInput):
            collected["facts"] += _facts(name, declared, span, given[name])
            if isinstance(declared, Log) and reported is None and not _by_period(given[name]):
                months.report()
        else:
            # The table pairs each type with its own function, which mypy cannot see.
            add: Any = _FEEDS[type(declared)]
            add(name, declared, span, given[name], collected, months)
    if reported is not None:
        months.report(None if reported == "all" else [str(month) for month in reported])
    disciplined = any(isinstance(one, DisciplineFeed) for one in inputs.values())
    unknown = {"discipline": None} if disciplined else {}
    return {**unknown, **collected, "months": list(months.rows.values())}


def peer(inputs: Mapping[str, Declared], span: Period, given: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return another subject of the cluster with its facts. Raises GivenRefused for what is no fact."""
    facts: list[dict[str, Any]] = []
    for name, value in given.items():
        declared = inputs[name]
        if not isinstance(declared, FactInput):
            raise GivenRefused(name, "of a peer only facts are known; leave it out")
        facts += [{**one, "id": f"peer-{place}-{one['id']}"} for one in _facts(name, declared, span, value)]
    return {"subject": f"peer-{place}", "facts": facts}


def _registered(name: str, feed: Registered, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    written = given if isinstance(given, dict) else {"count": given}
    first = written.get("on", span.first)
    collected["registrations"].append(
        {
            "what": feed.what,
            "count": written.get("count", 1),
            "first_submitted": first,
            "withdrawn": written.get("withdrawn", False),
        }
    )


def _month_results(
    name: str, feed: MonthResults, span: Period, given: Any, collected: Collected, months: _Months
) -> None:
    if not isinstance(given, dict):
        raise GivenRefused(name, "write {every: [19, 20], 2022-03: [18, 20]}")
    single = {month: value for month, value in given.items() if month != "every"}
    for month in single:
        if month not in months.names:
            raise GivenRefused(name, f'"{month}" is no month of {span.name}; write {months.names[0]}')
    every = dict.fromkeys(months.names, given["every"]) if "every" in given else {}
    for month, figures in {**every, **single}.items():
        if figures != "missing":
            n, d = _pair(name, figures)
            months.row(month).update(due=d, on_time=n, completed=n)


def _completed(
    name: str, feed: CompletedTasks, span: Period, given: Any, collected: Collected, months: _Months
) -> None:
    n, d = _pair(name, given)
    if not months.rows:
        months.report()
        months.row(months.names[-1])["due"] = d
    if sum(row["due"] for row in months.rows.values()) != d:
        raise GivenRefused(name, f"{d} tasks are due, which is not the sum of the months; mend one of them")
    more = n - sum(row["completed"] for row in months.rows.values())
    for row in months.rows.values():
        late = min(max(more, 0), row["due"] - row["completed"])
        row["completed"] += late
        more -= late
    if more != 0:
        raise GivenRefused(name, f"{n} tasks cannot be completed beside the months given")


def _overdue(name: str, feed: OverdueOpen, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    if not months.rows:
        months.report()
    months.row(months.names[-1])["overdue_open"] = given


def _pair(name: str, given: Any) -> tuple[int, int]:
    if isinstance(given, list) and len(given) == 2 and all(isinstance(one, int) for one in given):
        return given[0], given[1]
    raise GivenRefused(name, f"{given!r} is no pair; write [19, 20]")


def _list(name: str, given: Any, form: str) -> list[Any]:
    if isinstance(given, list):
        return given
    raise GivenRefused(name, f"{given!r} is no list; write {form}")


def _initiatives(name: str, feed: Initiatives, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    if not isinstance(given, int) or isinstance(given, bool):
        raise GivenRefused(name, f"{given!r} is no number of initiatives; write 2")
    start = len(collected["initiatives"])
    for place in range(given):
        collected["initiatives"].append(
            {"id": f"sk{start + place}", "stage": feed.stage, "level": feed.level or "base"}
        )


def _discipline(
    name: str, feed: DisciplineFeed, span: Period, given: Any, collected: Collected, months: _Months
) -> None:
    forms = _list(name, given, "[khien_trach]")
    collected.setdefault("discipline", []).extend({"form": form, "first_day": span.first} for form in forms)


def _decisions(name: str, feed: Decisions, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    start = len(collected["decisions"])
    collected["decisions"] += [
        {"code": code, "dated": span.last, "number": f"{start + place}/QĐ"}
        for place, code in enumerate(_list(name, given, "[CTDB]"))
    ]


def _members(name: str, feed: Members, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    written = given if isinstance(given, dict) else dict(zip(("having", "of"), _pair(name, given), strict=True))
    having = feed.having
    for place in range(written["of"]):
        has = place < written["having"]
        member: dict[str, Any] = {
            "subject": f"{name}-{place}",
            "judged": place < written["of"] - written.get("undecided", 0),
        }
        if has and isinstance(having, HavingTitle):
            member["titles"] = [having.title]
        elif has and not isinstance(having, HavingTitle):
            member["bands"] = [{"set": having.set, "band": having.band_at_least}]
        collected["members"].append(member)


def _work(name: str, feed: WorkItems, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    months.report()
    tally = {"assigned": given["assigned"], "done": given.get("done", 0)}
    for key in ("by_failures", "by_delays"):
        tally[key] = [(int(times), weight) for times, weight in given.get(key, {"0": tally["done"]}).items()]
    months.row(months.names[-1]).update(work=tally, weights_missing=given.get("without_weight", 0))


# What a lawyer need not invent; `place` counts within the case.
_LEFT_OUT: Final[Mapping[str, Callable[[int], dict[str, Any]]]] = MappingProxyType(
    {
        "registrations": lambda place: {"count": 1},
        "initiatives": lambda place: {"id": f"sk{place}"},
        "months": lambda place: {"reported": True},
        "members": lambda place: {"subject": f"member-{place}", "judged": True},
        "peers": lambda place: {"subject": f"of-the-case-{place}"},
        "decisions": lambda place: {"number": f"{place}/QĐ"},
    }
)


def _case(name: str, feed: CaseFeed, span: Period, given: Any, collected: Collected, months: _Months) -> None:
    known = [part for part in feed.parts if part in _LEFT_OUT]
    for part, written in given.items() if isinstance(given, dict) else [(str(given), None)]:
        if part not in known or not isinstance(written, list):
            advice = f"write {{{known[0]}: [{{…}}]}}" if known else "write facts by their own names"
            raise GivenRefused(name, f'"{part}" is no list of a declared part; {advice}')
        start = len(collected.setdefault(part, []))
        whole = [{**_LEFT_OUT[part](start + place), **one} for place, one in enumerate(written)]
        if part == "months":
            months.rows.update({str(one["month"]): {"completed": one.get("on_time", 0), **one} for one in whole})
        else:
            collected[part] += whole


_FEEDS: Final[Mapping[Any, Callable[..., None]]] = MappingProxyType(
    {
        CaseFeed: _case,
        Registered: _registered,
        MonthResults: _month_results,
        CompletedTasks: _completed,
        OverdueOpen: _overdue,
        Initiatives: _initiatives,
        DisciplineFeed: _discipline,
        Decisions: _decisions,
        Members: _members,
        WorkItems: _work,
    }
)


def _facts(name: str, declared: FactInput, span: Period, given: Any) -> Iterator[dict[str, Any]]:
    for place, written in enumerate(_statements(name, declared, given)):
        yield _fact(name, declared, span, written, f"{name}-{place}")


def _by_period(given: Any) -> bool:
    return isinstance(given, dict) and any(str(key)[:4].isdigit() for key in given)


def _statements(name: str, declared: FactInput, given: Any) -> list[dict[str, Any]]:
    if _by_period(given):
        spans = given.items()
        return [{**one, "period": span} for span, value in spans for one in _statements(name, declared, value)]
    if isinstance(given, list):
        return [one if isinstance(one, dict) else {"value": one} for one in given]
    if isinstance(given, dict):
        for key in given:
            if key not in _STATEMENT_KEYS:
                raise GivenRefused(name, f'"{key}" is not known; write one of {", ".join(sorted(_STATEMENT_KEYS))}')
        return [given]
    return [{"value": given}]


def _fact(name: str, declared: FactInput, span: Period, written: Mapping[str, Any], key: str) -> dict[str, Any]:
    value, dated = written.get("value"), written.get("dated")
    if isinstance(declared, DocumentFact):
        dated = dated or (value if isinstance(value, date) else None)
        value = written.get("number", "01/VB")
    with_evidence = written.get("evidence", declared.evidence == "required")
    return {
        "id": key,
        "input": name,
        "stated_by": written.get("by", declared.counting[0]),
        "value": value.isoformat() if isinstance(value, date) else value,
        "period": str(written["period"]) if "period" in written else None,
        "dated": dated or (span.first if isinstance(declared, Log) else None),
        "evidence": ["minh-chung"] if with_evidence else [],
        "status": "refused" if written.get("refused") else "open",
    }
