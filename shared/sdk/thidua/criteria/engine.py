"""score(set, case): pure, exact, and explained line by line. The same case and set give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from thidua.criteria.alike import are_same, with_inputs
from thidua.criteria.case import Case, Subject
from thidua.criteria.compiled import SETTING, Block, Node, Rules
from thidua.criteria.conditions import decide
from thidua.criteria.errors import CaseDoesNotFit, RuleBroken, first_line, printable
from thidua.criteria.exact import in_words, rounded, rounded_product
from thidua.criteria.groups import Combined, Tally, add_up, combine, quotient, tally
from thidua.criteria.inputs import Inputs
from thidua.criteria.kinds.base import LONGEST_SENTENCE, Figures, Scope
from thidua.criteria.kinds.code import CodeRule, ResultTooLarge
from thidua.criteria.lines import CriterionResult, Finding
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.manifest import Manifest
from thidua.criteria.material import Material, setting_of
from thidua.criteria.periods import period
from thidua.criteria.recorded import InputUsed
from thidua.criteria.remembered import MOST_WEIGHED, Pick, keep
from thidua.criteria.resolved import ONE, ZERO, Outcome, Status, missing, not_applicable, not_due
from thidua.criteria.score import Score
from thidua.criteria.total import Filled, leaves, make_score
from thidua.criteria.year import fill_year

ENGINE: Final = "2"
"""Version of the engine: raised when the same case and set can come to another score."""

_FORCED: Final[Mapping[str, Callable[[str], Outcome]]] = MappingProxyType(
    {"fails": not_applicable, "missing": missing, "not_due": not_due}
)
_NO_MAXIMUM: Final = Decimal(0)
_SETTLED: Final = frozenset({"met", "partly", "not_met"})
_COUNTED_AS: Final = {"rescale": "rescaled", "full": "full", "drop": "dropped"}


def score(criteria_set: CriteriaSet, case: Case) -> Score:
    """Score one case.

    Raises CaseDoesNotFit for another kind of subject, period or validity; ParameterRefused for a parameter
    the campaign may not replace; RuleBroken for a Python rule that fails.
    """
    span = period(case.period)
    check_fit(criteria_set, case)
    rules = criteria_set.rules(span.last, case.parameters)
    sheet = Sheet(rules, case)
    is_made_of_periods = span.kind not in rules.manifest.period.scored
    filled = fill_year(rules, case, sheet.printed) if is_made_of_periods else _fill(sheet)
    return make_score(criteria_set, sheet, filled, ENGINE)


def _fill(sheet: Sheet) -> Filled:
    manifest = sheet.rules.manifest
    applies = sheet.applies()
    inherited = None if applies is None or applies.status == "not_due" else applies
    criteria = sheet.lines(sheet.rules.blocks, inherited)
    adjustments = sheet.lines(sheet.rules.adjusting_blocks, inherited)
    made = add_up(criteria, manifest.points.scale, manifest.not_applicable, sheet.rules.nothing)
    why = _why_not_scored(manifest, made.status, criteria, applies)
    maybe_open = [*_maybe_open(sheet, criteria), *adjustments]
    if not maybe_open:
        return Filled(criteria, adjustments, made, why, (), ())
    lines = leaves(maybe_open)
    missing = tuple([line.code for line in lines if line.status == "missing"])
    later = tuple([line.code for line in lines if line.status == "not_due"])
    return Filled(criteria, adjustments, made, why, missing, later)


def _maybe_open(sheet: Sheet, criteria: tuple[CriterionResult, ...]) -> list[CriterionResult]:
    """Leave out the groups that say themselves that none of their parts is missing; officially everything is due."""
    if not sheet.setting.official:
        return list(criteria)
    nodes = sheet.rules.criteria
    return [line for at, line in enumerate(criteria) if line.status not in _SETTLED or not nodes[at].is_flat]


def _is_provisional(inputs: tuple[InputUsed, ...]) -> bool:
    for used in inputs:  # noqa: SIM110 (a third of the time of a generator)
        if used.provisional:
            return True
    return False


def _why_not_scored(
    manifest: Manifest, status: Status, criteria: tuple[CriterionResult, ...], applies: Outcome | None
) -> str:
    if applies is not None and applies.status != "missing":
        sentence = applies.sentence.rstrip(".")
        return sentence[0].lower() + sentence[1:]
    for line in criteria:
        if line.status == "not_applicable" and line.code in (manifest.points.requires or ()):
            return f"{line.code} {line.title} không áp dụng"
    if status == "not_applicable":
        return "không có nội dung nào áp dụng"
    return "chưa có nội dung nào đến hạn" if status == "not_due" else ""


def check_fit(criteria_set: CriteriaSet, case: Case) -> None:
    """Raise CaseDoesNotFit for a case of another kind of subject, period or validity."""
    manifest, span = criteria_set.manifest, period(case.period)
    why = ""
    if case.subject.kind != manifest.subject:
        why = f"its subject is {case.subject.kind}, the set scores {manifest.subject}"
    elif span.kind not in manifest.period.scored and not (span.kind == "year" and manifest.period.year):
        why = f"its period {case.period} is a {span.kind}, the set scores {', '.join(manifest.period.scored)}"
    elif span.last < manifest.valid.first or (manifest.valid.last and span.last > manifest.valid.last):
        why = f"the period {case.period} ends outside {manifest.valid.first} to {manifest.valid.last or 'open'}"
    if why:
        raise CaseDoesNotFit(set=criteria_set.id, version=criteria_set.version, why=why)


class Sheet:
    """The score sheet of one case: its inputs, and the lines filled in from the leaves up."""

    def __init__(self, rules: Rules, case: Case) -> None:
        self.rules = rules
        self.case = case
        manifest = rules.manifest
        self.rounding = manifest.points.rounding
        self.setting = setting_of(case, rules.memory)
        self.number = self.setting.number
        self.weighed = rules.memory.weighed
        self.inputs = Inputs(rules.inputs, Material(case, case.facts, rules.orders, self.setting), rules.memory)
        # The tables that lines and eliminations take their inputs from.
        self.tokens, self.seen = self.inputs.looked_over()
        for name, attribute in rules.attributes:
            self.tokens[name] = getattr(case.subject, attribute)
        self.tokens[SETTING] = self.number

    def applies(self) -> Outcome | None:
        """Return why the whole set does not apply, or that this is unknown; None if it applies."""
        condition = self.rules.manifest.applies_when
        if condition is None:
            return None
        verdict = decide(condition, self.inputs, self.case.subject)
        if verdict.answer == "holds":
            return None
        return _FORCED[verdict.answer](verdict.reason)

    def printed(self, points: Fraction | Decimal) -> Decimal:
        """Round as the set says; every figure is rounded here, once. A sum of printed figures is printed already."""
        if isinstance(points, Decimal):
            return points
        return rounded(points, self.rounding.places, self.rounding.mode)

    def lines(self, blocks: tuple[Block, ...], inherited: Outcome | None) -> tuple[CriterionResult, ...]:
        """Fill in lines. `inherited`: the outcome that a group's condition forces on its parts."""
        found: list[CriterionResult] = []
        for block in blocks:
            if inherited is not None or block.asks is None:
                for node in block.nodes:
                    found.append(self._filled(node, inherited))
            else:
                found += self._known(block, block.asks)
        return tuple(found)

    def _known(self, block: Block, asks: Pick) -> tuple[CriterionResult, ...]:
        key = (block.name, asks(self.tokens))
        used = block.sees(self.seen)
        known = self.rules.memory.lines
        found = known.get(key)
        if found is None:
            made = tuple([self._filled(node, None) for node in block.nodes])
            keep(known, key, (used, made))
            return made
        before, lines = found
        if are_same(used, before):
            return lines
        return tuple([self._of_this_case(node, lines[at]) for at, node in enumerate(block.nodes)])

    def _of_this_case(self, node: Node, found: CriterionResult) -> CriterionResult:
        """Return a line that was filled in for another case that says the same, with the evidence of this one."""
        if not node.parts:
            return with_inputs(found, node.sees(self.seen))
        kept = found.parts
        parts = [self._of_this_case(part, kept[at]) for at, part in enumerate(node.parts)]
        return CriterionResult(found.finding, node.sees(self.seen), tuple(parts))

    def _filled(self, node: Node, inherited: Outcome | None) -> CriterionResult:
        forced = inherited or (self._forced(node) if node.applies_when else None)
        if node.parts:
            return self._group(node, forced)
        kind = node.kind
        if forced is not None or kind is None or kind.weigh is None or kind.word is None:
            return self._leaf(node, forced or self._judged(node))
        figures = kind.weigh(node.rule, self.inputs)
        return self._leaf(node, figures) if isinstance(figures, Outcome) else self._weighed(node, figures, kind.word)

    def _weighed(self, node: Node, figures: Figures, word: Callable[[Any, Figures], Outcome]) -> CriterionResult:
        used = node.sees(self.seen)
        # One flat key: of a table of this size, each part lies somewhere else in memory. The figures are of work, which
        # nobody states; what a condition asks for may be provisional, and then the line says so.
        key = (node.code, self.number, _is_provisional(used), *figures)
        known = self.weighed
        found = known.get(key)
        if found is not None:
            return with_inputs(found, used)
        made = self._leaf(node, word(node.rule, figures))
        keep(known, key, made, MOST_WEIGHED)
        return made

    def _forced(self, node: Node) -> Outcome | None:
        if node.applies_when is None:
            return None
        verdict = decide(node.applies_when, self.inputs, self.case.subject)
        return None if verdict.answer == "holds" else _FORCED[verdict.answer](verdict.reason)

    def _judged(self, node: Node) -> Outcome:
        scope = Scope(node.rule_maximum, self.case.lane == "official", partial(self._peers, node), node.sign == "minus")
        if node.kind is None or node.rule is None:
            raise AssertionError(f"{node.code} has neither a rule nor parts; the loader lets none pass")
        try:
            return node.kind.judge(node.rule, self.inputs, scope)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            # A rule that ends the program ends itself only.
            if not isinstance(node.rule, CodeRule):
                raise
            why = first_line(error, 1_000) or printable(type(error).__name__)
            raise RuleBroken.by(error, call=node.rule.call, set=self.rules.manifest.id, code=node.code, why=why)  # noqa: B904

    def _peers(self, node: Node) -> tuple[Inputs, ...]:
        """Return what the peers state to whom the line applies, as far as the case tells."""
        return tuple(
            inputs
            for subject, inputs in self._others()
            if all(decide(one, inputs, subject).answer != "fails" for one in node.of_peers)
        )

    def _others(self) -> Iterator[tuple[Subject, Inputs]]:
        own, rules = self.case.subject, self.rules
        for peer in self.case.peers:
            if peer.subject != own.id:
                # A collective is its own unit, and only collectives have peers.
                subject = Subject(kind=own.kind, id=peer.subject, unit=peer.subject, cluster=own.cluster)
                material = Material(self.case, peer.facts, rules.orders, self.setting)
                yield subject, Inputs(rules.inputs, material, rules.memory)

    def _leaf(self, node: Node, outcome: Outcome) -> CriterionResult:
        if node.sign == "minus" and outcome.status == "missing":
            outcome = self._taken_off(node, outcome)
        status, credit, most, _, _ = outcome
        has_points = status not in ("not_applicable", "not_due")
        points = self._share(node, credit) if has_points else None
        used = node.sees(self.seen)
        finding = Finding(
            node.code,
            node.title,
            node.clause,
            points,
            node.printed_maximum,
            node.printed_maximum if has_points else _NO_MAXIMUM,
            points if most is credit else self._share(node, most),
            credit,
            status,
            None if status in _SETTLED else self._counted_as(status, node.sign),
            node.in_percent,
            self._sentence(node, outcome, points, used),
            node.parameters,
            node.marks,
            node.sign,
        )
        return CriterionResult(finding, used)

    def _taken_off(self, node: Node, outcome: Outcome) -> Outcome:
        """Take off what may still be taken off: silence never scores better. The line prints it and says why."""
        whole = "đủ " if outcome.upper == ONE else ""
        points = f"trừ {whole}{in_words(self._share(node, outcome.upper))} điểm"
        is_closed = self._counted_as("missing") is not None
        why = f"{points} vì khi chốt vẫn chưa có số liệu" if is_closed else f"tạm {points} cho đến khi có số liệu"
        sentence = f"{outcome.sentence.removesuffix('.')}; {why}."
        return outcome._replace(credit=outcome.upper, upper=outcome.credit, sentence=sentence)

    def _share(self, node: Node, credit: Fraction) -> Decimal:
        return rounded_product(node.maximum, credit, self.rounding.places, self.rounding.mode)

    def _sentence(self, node: Node, outcome: Outcome, points: Decimal | None, inputs: tuple[InputUsed, ...]) -> str:
        own = node.rule.sentence if node.rule else None
        replaced = getattr(own, outcome.status, None) if own else None
        sentence = outcome.sentence
        if replaced is not None:
            shown = in_words(points or 0)
            figures = {**outcome.figures, "points": shown, "maximum": in_words(node.maximum)}
            sentence = self._short(node, replaced.format_map(figures))
        return f"{sentence} Theo số liệu tự khai, chưa được thẩm định." if _is_provisional(inputs) else sentence

    def _short(self, node: Node, sentence: str) -> str:
        if len(sentence) > LONGEST_SENTENCE:
            why = f"its sentence has {len(sentence)} letters, more than {LONGEST_SENTENCE}; say it shorter"
            name = self.rules.manifest.id
            raise RuleBroken.by(ResultTooLarge(why), call="sentence", set=name, code=node.code, why=why)
        return sentence

    def _counted_as(self, status: str, sign: str | None = None) -> str | None:
        if status == "not_applicable":
            return _COUNTED_AS[self.rules.manifest.not_applicable]
        is_closed = self.case.lane == "official" and self.rules.manifest.missing_at_close == "not_met"
        if status != "missing" or not is_closed:
            return None
        return "deducted" if sign == "minus" else "not_met"

    def _most(self, node: Node, made: Combined) -> Decimal:
        """Return the points of a group if all that is missing were full."""
        if node.in_percent:
            return self._share(node, quotient(made.upper, made.due))
        return self.printed(made.upper if made.due else ZERO)

    def _group(self, node: Node, forced: Outcome | None) -> CriterionResult:
        parts = self.lines(node.blocks, forced)
        if forced is None and node.requires:
            absent = [part for part in parts if part.code in node.requires and part.status == "not_applicable"]
            forced = not_applicable(f"{absent[0].code} không áp dụng") if absent else None
        if forced is not None and forced.status in ("not_applicable", "not_due"):
            leaf = self._leaf(node, forced)
            return CriterionResult(leaf.finding, leaf.inputs, parts)
        made = tally(node.combine, parts, self.rules.nothing)
        if made.status in ("not_applicable", "not_due"):
            make = not_applicable if made.status == "not_applicable" else not_due
            leaf = self._leaf(node, make("mọi nội dung thành phần"))
            return CriterionResult(leaf.finding, leaf.inputs, parts)
        key = (node.code, self.case.lane, made)
        known = self.rules.memory.groups
        found = known.get(key)
        if found is None:
            found = keep(known, key, self._summed(node, made))
        finding = found if forced is None else found.reworded(forced.sentence)
        return CriterionResult(finding, node.sees(self.seen), parts)

    def _summed(self, node: Node, figures: Tally) -> Finding:
        """Return what the line of a group says."""
        made = combine(node.combine, figures, node.rule_maximum, self.rules.manifest.not_applicable)
        credit, is_certain = made.credit, made.upper is made.points or made.upper == made.points
        if node.in_percent:
            due, points = node.printed_maximum, self._share(node, credit)
        else:
            due = node.printed_maximum if made.due is node.rule_maximum else self.printed(made.due)
            points = self.printed(made.points)
        upper = points if is_certain else self._most(node, made)
        return Finding(
            code=node.code,
            title=node.title,
            clause=node.clause,
            points=points,
            maximum=node.printed_maximum,
            due_maximum=due,
            upper=upper,
            credit=credit,
            status=made.status,
            counted_as=self._counted_as(made.status),
            in_percent=node.in_percent,
            sentence=made.sentence,
            parameters=node.parameters,
            marks=node.marks,
        )
