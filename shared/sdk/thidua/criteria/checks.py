"""What a file must keep beyond the shape of its fields: a list of small checks, each yielding problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Final

from thidua.criteria.conditions import ATTRIBUTES, Condition, Test
from thidua.criteria.declarations import CaseFeed, Declared, DueAfter, FactInput, HavingBand, Log, Members
from thidua.criteria.exact import in_words
from thidua.criteria.kinds import kind_of
from thidua.criteria.kinds.base import ALWAYS, RuleParameters
from thidua.criteria.kinds.counted import PerCaseRule
from thidua.criteria.kinds.target import TargetRule
from thidua.criteria.limits import Limit
from thidua.criteria.manifest import Adjustment, BandEffect, BestOf, Criterion, Manifest
from thidua.criteria.strict import unknown

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]

Lines = tuple[tuple[str, tuple[Criterion | Adjustment, ...]], ...]

_LENGTH = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def parent_code(code: str) -> str | None:
    """Return the code a part belongs to: "T3" for "T3.1"; None for a code without a dot."""
    return code.rpartition(".")[0] or None


def parts_of(manifest: Manifest, code: str) -> list[Criterion]:
    """Return the direct parts of a group, in the order of the file."""
    return [criterion for criterion in manifest.criteria if parent_code(criterion.code) == code]


def _rules(manifest: Manifest) -> Iterator[tuple[Path, str, RuleParameters]]:
    for place, criterion in enumerate(manifest.criteria):
        if criterion.rule is not None:
            yield ("criteria", place, "rule"), criterion.code, criterion.rule
    for place, adjustment in enumerate(manifest.adjustments):
        yield ("adjustments", place, "rule"), adjustment.code, adjustment.rule


def _conditions(manifest: Manifest) -> Iterator[tuple[Path, Condition]]:
    if manifest.applies_when:
        yield ("applies_when",), manifest.applies_when
    lists: Lines = (("criteria", manifest.criteria), ("adjustments", manifest.adjustments))
    for name, items in lists:
        for place, item in enumerate(items):
            if item.applies_when:
                yield (name, place, "applies_when"), item.applies_when
    for place, elimination in enumerate(manifest.eliminations):
        yield ("eliminations", place, "when"), elimination.when
        if elimination.applies_when:
            yield ("eliminations", place, "applies_when"), elimination.applies_when


def codes_are_given_once(manifest: Manifest) -> Found:
    """A code names one line of the whole table."""
    seen: set[str] = set()
    for name in ("criteria", "adjustments", "eliminations"):
        for place, item in enumerate(getattr(manifest, name)):
            if item.code in seen:
                yield (name, place, "code"), f'the code "{item.code}" is given twice; give this one another code'
            seen.add(item.code)


def every_line_is_a_rule_or_a_group(manifest: Manifest) -> Found:
    """A criterion has a rule or parts, not both; a part has its group."""
    codes = {criterion.code for criterion in manifest.criteria}
    for place, criterion in enumerate(manifest.criteria):
        parts, parent = parts_of(manifest, criterion.code), parent_code(criterion.code)
        if parent is not None and parent not in codes:
            yield (
                ("criteria", place, "code"),
                f'"{criterion.code}" is a part of "{parent}", which is not there; add it before its parts',
            )
        if criterion.rule is None and not parts:
            yield (
                ("criteria", place),
                f"{criterion.code} has neither a rule nor parts; write rule: {{kind: …}}, "
                f"or a criterion {criterion.code}.1",
            )
        if criterion.rule is not None and parts:
            yield (
                ("criteria", place, "rule"),
                f"{criterion.code} is the group of {parts[0].code}; leave its rule out, or rename its parts",
            )


def only_groups_combine(manifest: Manifest) -> Found:
    """combine and requires belong to groups; `best: n` has at least n parts."""
    for place, criterion in enumerate(manifest.criteria):
        parts = parts_of(manifest, criterion.code)
        if criterion.combine is not None and not parts:
            yield ("criteria", place, "combine"), f"{criterion.code} has no parts to combine; leave combine out"
        if isinstance(criterion.combine, BestOf) and criterion.combine.best > len(parts):
            yield (
                ("criteria", place, "combine"),
                f"the best {criterion.combine.best} of {len(parts)} parts; write at most {len(parts)}",
            )


def is_in_percent(manifest: Manifest, code: str) -> bool:
    """Whether a criterion is printed in percent: the part of a mean, of the best, or of the lowest."""
    parent = parent_code(code)
    group = next((one for one in manifest.criteria if one.code == parent), None)
    return group is not None and group.combine not in (None, "sum")


def maxima_stand_where_points_do(manifest: Manifest) -> Found:
    """Everything that is added up has a maximum."""
    for place, criterion in enumerate(manifest.criteria):
        if criterion.maximum is not None:
            continue
        if not is_in_percent(manifest, criterion.code):
            yield ("criteria", place), f"{criterion.code} has no maximum; write maximum: 50"
        elif isinstance(criterion.rule, PerCaseRule):
            yield (
                ("criteria", place),
                f"{criterion.code} counts points per case and has no maximum; write maximum: 100",
            )


def maxima_add_up(manifest: Manifest) -> Found:
    """The maxima of a summed group add up to its own, those of the whole table to the scale."""
    for place, criterion in enumerate(manifest.criteria):
        parts = parts_of(manifest, criterion.code)
        if not parts or criterion.combine not in (None, "sum") or criterion.maximum is None:
            continue
        total = sum((part.maximum or Fraction(0) for part in parts), Fraction(0))
        if total != criterion.maximum:
            yield (
                ("criteria", place, "maximum"),
                f"the parts of {criterion.code} add up to {in_words(total)}, not {in_words(criterion.maximum)}; "
                "mend one of them",
            )
    top = [one for one in manifest.criteria if parent_code(one.code) is None]
    total = sum((one.maximum or Fraction(0) for one in top), Fraction(0))
    if total != manifest.points.scale:
        yield (
            ("points", "scale"),
            f"the criteria add up to {in_words(total)}, the scale is {in_words(manifest.points.scale)}; mend one",
        )


def required_codes_exist(manifest: Manifest) -> Found:
    """requires names criteria of the table."""
    codes = [criterion.code for criterion in manifest.criteria]
    for place, criterion in enumerate(manifest.criteria):
        own = [one for one in codes if parent_code(one) == criterion.code]
        for code in criterion.requires or ():
            if code not in own:
                yield ("criteria", place, "requires"), unknown(code, own, "part")
    top = [code for code in codes if parent_code(code) is None]
    for code in manifest.points.requires or ():
        if code not in top:
            yield ("points", "requires"), unknown(code, top, "code")


def rules_read_what_they_can_use(manifest: Manifest) -> Found:
    """A rule reads declared inputs of the shapes its kind understands."""
    for path, _, rule in _rules(manifest):
        for name, shapes in rule.reads:
            declared = manifest.inputs.get(name)
            if declared is None:
                yield path, unknown(name, list(manifest.inputs), "input")
            elif declared.shape not in shapes:
                yield (
                    path,
                    f'the input "{name}" is a {declared.shape}; this kind reads {" or ".join(shapes)}',
                )


def targets_are_facts(manifest: Manifest) -> Found:
    """`target` compares with peers, of whom only facts are in a case."""
    targets = [(path, rule) for path, _, rule in _rules(manifest) if isinstance(rule, TargetRule)]
    for path, rule in targets:
        for name in (rule.actual, rule.target):
            if name in manifest.inputs and not isinstance(manifest.inputs[name], FactInput):
                yield path, f'target reads facts only; declare "{name}" as fact: count or fact: amount'


def tables_name_every_case(manifest: Manifest) -> Found:
    """A table by case gives points for exactly the cases of its log."""
    for path, _, rule in _rules(manifest):
        if not isinstance(rule, PerCaseRule) or not isinstance(rule.each, dict):
            continue
        log = manifest.inputs.get(rule.input)
        if isinstance(log, Log):
            for case in sorted(set(log.cases) - set(rule.each)):
                yield (*path, "each"), f'the case "{case}" of {rule.input} has no points; add {case}: 1'
            for case in sorted(set(rule.each) - set(log.cases)):
                yield (*path, "each"), unknown(case, list(log.cases), "case")


def placeholders_belong_to_the_kind(manifest: Manifest) -> Found:
    """A replaced sentence uses only the figures its kind has."""
    for path, _, rule in _rules(manifest):
        if rule.sentence is None:
            continue
        allowed = kind_of(getattr(rule, "kind", "")).placeholders | ALWAYS
        for name in sorted(rule.sentence.placeholders() - allowed):
            yield (
                (*path, "sentence"),
                f"the placeholder {{{name}}} is not one of this kind; write one of: "
                + ", ".join(f"{{{one}}}" for one in sorted(allowed)),
            )


def conditions_read_what_is_declared(manifest: Manifest) -> Found:
    """A condition asks for declared inputs or attributes, and compares them with values of their kind."""
    for path, condition in _conditions(manifest):
        yield from _condition_problems(manifest, path, condition)


def _condition_problems(manifest: Manifest, path: Path, condition: Condition) -> Found:
    for test in condition.tests:
        if test.name in ATTRIBUTES:
            continue
        declared = manifest.inputs.get(test.name)
        if declared is None:
            yield (*path, test.name), unknown(test.name, [*manifest.inputs, *ATTRIBUTES, "any"], "input")
        elif not _is_comparable(declared, test):
            yield (*path, test.name), f"{test.name} is a {declared.shape}; write {_HOW_TO_COMPARE[declared.shape]}"
    for alternative in condition.any:
        yield from _condition_problems(manifest, path, alternative)


_HOW_TO_COMPARE: Final = {
    "yes_no": "true or false",
    "document": "true, which means that it is there",
    "number": "a number or a limit such as {at_least: 1}",
    "log": "a number of cases or a limit such as {at_least: 1}",
    "date": "a date",
    "mark": "another input: a mark is no condition",
    "months": "another input: months are no condition",
    "pair": "another input: a pair is no condition",
    "work": "another input: work items are no condition",
    "case": "another input: a case is no condition",
}


def _is_comparable(declared: Declared, test: Test) -> bool:
    if declared.shape in ("number", "log"):
        return isinstance(test.wanted, Limit) or all(isinstance(one, Fraction) for one in test.wanted)
    if isinstance(test.wanted, Limit):
        return False
    if declared.shape in ("yes_no", "document"):
        return all(isinstance(one, bool) for one in test.wanted)
    return declared.shape == "date"


def every_input_is_used(manifest: Manifest) -> Found:
    """An input that decides nothing would be asked of officials for nothing."""
    used = {name for _, _, rule in _rules(manifest) for name, _ in rule.reads}
    used |= {name for _, condition in _conditions(manifest) for name in condition.names()}
    used |= {name for _, feed in _cases(manifest) for name in feed.facts or ()}
    for name in manifest.inputs:
        if name not in used:
            yield ("inputs", name), f'the input "{name}" is not used; use it in a rule, or take it out'


def _cases(manifest: Manifest) -> Iterator[tuple[str, CaseFeed]]:
    return ((name, one) for name, one in manifest.inputs.items() if isinstance(one, CaseFeed))


def cases_name_facts_and_peers_that_are_there(manifest: Manifest) -> Found:
    """A case shows declared facts only, and peers of units only: people are in no cluster."""
    stated = [name for name, one in manifest.inputs.items() if isinstance(one, FactInput)]
    for name, feed in _cases(manifest):
        for fact in feed.facts or ():
            if fact not in stated:
                yield ("inputs", name, "facts"), unknown(fact, stated, "fact")
        if "peers" in feed.parts and manifest.subject == "individual":
            yield ("inputs", name, "parts"), "people are in no cluster; take peers out, or write subject: collective"


def repeated_facts_say_how_they_add_up(manifest: Manifest) -> Found:
    """A fact due several times in a period needs `over`; members name a band that exists."""
    longest = max(_LENGTH[kind] for kind in manifest.period.scored)
    for name, declared in manifest.inputs.items():
        if not isinstance(declared, FactInput) or isinstance(declared, Log) or declared.over is not None:
            continue
        due = declared.due
        if isinstance(due, DueAfter) and _LENGTH.get(due.after, 99) < longest:
            yield (
                ("inputs", name),
                f"{name} is stated several times in a period; write over: last, sum, max, min or mean",
            )


def what_cannot_be_zero_is_missing(manifest: Manifest) -> Found:
    """No document and no date is nothing; only numbers, answers and logs can be zero."""
    for name, declared in manifest.inputs.items():
        if declared.shape in ("document", "date") and isinstance(declared, FactInput) and declared.absent != "missing":
            yield ("inputs", name), f"a {declared.shape} has no zero; write absent: missing"


def bands_fall_in_order(manifest: Manifest) -> Found:
    """Bands go from best to worst, reach the lowest total, and do not stand beside a shrinking maximum."""
    bands = manifest.bands
    if not bands:
        return
    if manifest.not_applicable == "drop":
        yield ("not_applicable",), "drop shrinks the maximum, which bands cannot follow; write rescale or full"
    for place, code in enumerate(band.code for band in bands):
        if code in [band.code for band in bands[:place]]:
            yield ("bands", place, "code"), f'the band "{code}" is given twice; give this one another code'
    for place, (better, worse) in enumerate(pairwise(bands), start=1):
        if worse.at_least >= better.at_least:
            yield ("bands", place, "at_least"), "bands go from best to worst; put the higher at_least first"
    lowest = manifest.points.total.at_least if manifest.points.total else Fraction(0)
    if bands[-1].at_least > lowest:
        yield ("bands", len(bands) - 1, "at_least"), f"a total of {in_words(lowest)} has no band; add one"


def named_bands_exist(manifest: Manifest) -> Found:
    """Eliminations, quotas and members of this set name its bands."""
    codes = [band.code for band in manifest.bands]
    for place, elimination in enumerate(manifest.eliminations):
        effect = elimination.effect
        if isinstance(effect, BandEffect) and effect.band not in codes:
            yield ("eliminations", place, "effect"), unknown(effect.band, codes, "band")
    for place, quota in enumerate(manifest.quotas):
        for code in (quota.band, *quota.of):
            if code not in codes:
                yield ("quotas", place), unknown(code, codes, "band")
    for name, declared in manifest.inputs.items():
        having = declared.having if isinstance(declared, Members) else None
        if isinstance(having, HavingBand) and having.set == manifest.id and having.band_at_least not in codes:
            yield ("inputs", name), unknown(having.band_at_least, codes, "band")


def ranking_compares_what_is_there(manifest: Manifest) -> Found:
    """Ranking compares the total and codes of the table."""
    codes = [criterion.code for criterion in manifest.criteria]
    for place, code in enumerate(manifest.ranking.by if manifest.ranking else ()):
        if code != "total" and code not in codes:
            yield ("ranking", "by", place), unknown(code, ["total", *codes], "code")


def validity_is_a_span(manifest: Manifest) -> Found:
    """The last day is not before the first."""
    if manifest.valid.last is not None and manifest.valid.last < manifest.valid.first:
        yield ("valid", "to"), "the last day of validity is before the first; exchange them"


CHECKS: Final[tuple[Callable[[Manifest], Found], ...]] = (
    codes_are_given_once,
    every_line_is_a_rule_or_a_group,
    only_groups_combine,
    maxima_stand_where_points_do,
    maxima_add_up,
    required_codes_exist,
    rules_read_what_they_can_use,
    targets_are_facts,
    tables_name_every_case,
    placeholders_belong_to_the_kind,
    conditions_read_what_is_declared,
    every_input_is_used,
    cases_name_facts_and_peers_that_are_there,
    repeated_facts_say_how_they_add_up,
    what_cannot_be_zero_is_missing,
    bands_fall_in_order,
    named_bands_exist,
    ranking_compares_what_is_there,
    validity_is_a_span,
)


def problems(manifest: Manifest) -> Iterator[tuple[Path, str]]:
    """Yield every broken promise of a file whose fields are well-formed, with its path in the file."""
    for check in CHECKS:
        yield from check(manifest)
