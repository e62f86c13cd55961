"""Writes the law data as a page: `python -m thidua_awards.law.page > docs/law.md`; a test compares the two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from thidua_awards.law.library import condition_names, regimes
from thidua_awards.law.limits import Share
from thidua_awards.law.rules import MARK_WORDS, Regime, Rule, TimeLimit

FIGURES: Final = (
    "rating_at_least", "months_at_least", "discipline_from", "training_months", "training_result", "comment_months",
    "routes", "initiatives_at_least", "titles_at_least", "share", "rounding", "rounding_mark", "years_at_least",
    "excellent_years", "years_after", "block_years", "request_within", "usable", "awards",
    "working_days", "service", "service_outside", "decided_by", "refused_pairs",
)  # fmt: skip

HEAD: Final = """# The law in use: which rule, from which source, with which mark

Generated from `thidua_awards/law/*.yaml` by `python -m thidua_awards.law.page`; a test compares both. A rule whose
mark does not bind may say "met" or "needs a person", never "not met" (`thidua_awards/domain/findings.py`). A figure
that is not listed is not known, and needs a person. `THIDUA_LAW_OVERRIDES_FILE` gives local values, each with its
document; such a rule bears the mark `local`.

| mark | what an official reads | may say "not met" |
|---|---|---|
"""


def law_page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    marks = (f"| `{mark}` | {words} | {'yes' if mark.binds else 'no'} |" for mark, words in MARK_WORDS.items())
    yield HEAD + "\n".join(marks) + "\n"
    for regime in regimes():
        yield from _regime(regime)


def _regime(regime: Regime) -> Iterator[str]:
    end = regime.valid_to.isoformat() if regime.valid_to else "today"
    yield f"## {regime.code}: {regime.name}\n"
    yield f"Judges achievements from {regime.valid_from} to {end}.\n"
    yield "| code | name | kind | decided by | mark |"
    yield "|---|---|---|---|---|"
    yield from _awards(regime)
    yield ""
    yield "| rule | clause | figures | mark | in force | confirmed by | note | read in |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (_row(rule, regime) for rule in regime.rules)
    yield ""
    if regime.time_limits:
        yield "| step | of | working days | clause | mark | in force | read in |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_limit(one) for one in regime.time_limits)
        yield ""


def _limit(one: TimeLimit) -> str:
    titles = ", ".join(f"`{title}`" for title in one.titles)
    force = f"{one.valid_from} – {one.valid_to or 'today'}"
    return f"| `{one.state}` | {titles} | {one.working_days} | {one.clause} | `{one.mark}` | {force} | <{one.source}> |"


def _awards(regime: Regime) -> Iterator[str]:
    named = [(code, one.label, f"title, {one.subject_kind.value}") for code, one in regime.titles.items()]
    forms = regime.commendations.items()
    named += [(code, one.label, "form, persons only" if one.persons_only else "form") for code, one in forms]
    for code, label, kind in named:
        who = regime.authorities.get(code)
        yield f"| `{code}` | {label} | {kind} | {who.label if who else '–'} | {f'`{who.mark}`' if who else '–'} |"


def _row(rule: Rule, regime: Regime) -> str:
    figures = "not applicable" if not rule.applies else ", ".join(_figures(rule)) or "–"
    same = (rule.valid_from, rule.valid_to) == (regime.valid_from, regime.valid_to)
    force = "as the regime" if same else f"{rule.valid_from} – {rule.valid_to or 'today'}"
    source = f"<{rule.source}>" if rule.source else "–"
    cells = (
        f"`{rule.key}` {condition_names()[rule.key]}",
        rule.clause,
        figures,
        f"`{rule.mark}`",
        force,
        rule.confirmed_by,
        rule.note or "–",
        source,
    )
    return f"| {' | '.join(cells)} |"


def _figures(rule: Rule) -> Iterable[str]:
    for name in FIGURES:
        value = getattr(rule, name)
        if value not in (None, ()):
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            yield f"{name.replace('_', ' ')}: {shown}" if not isinstance(value, Share) else shown
    if rule.secret:
        yield "bỏ phiếu kín"


if __name__ == "__main__":
    print(law_page())
