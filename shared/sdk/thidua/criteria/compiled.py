"""A criteria set ready to score: parameters replaced, groups made into a tree, kinds looked up. Made once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from thidua.criteria.checks import is_in_percent, parent_code, parts_of
from thidua.criteria.conditions import ATTRIBUTES, Condition, said_of_peers
from thidua.criteria.declarations import Declared, FactInput
from thidua.criteria.exact import rounded
from thidua.criteria.kinds import kind_of
from thidua.criteria.kinds.base import Kind, RuleParameters
from thidua.criteria.kinds.code import CodeRule
from thidua.criteria.kinds.counted import WorkItemsRule
from thidua.criteria.kinds.target import TargetRule
from thidua.criteria.manifest import Adjustment, BestOf, Criterion, Elimination, Manifest
from thidua.criteria.parameters import InForce, names_in
from thidua.criteria.remembered import Memory, Pick, picking

Sign = Literal["plus", "minus"]

MOST_INPUTS_OF_A_BLOCK: Final = 4

HUNDRED = Fraction(100)
SETTING: Final = "the case"
"""The entry of a sheet's tokens that tells lane, period, date and reports of a case: no input may have that name."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the table. `maximum`: what its credit is multiplied by; in percent: 100.

    `rule_maximum`: the points a rule that counts points per case works with. `inputs`: what the line itself
    reads. `rests_on`: the inputs and attributes of the subject that decide the line and its parts, None where more
    does: peers, a function of the set; and for weights of work items, of which few are alike. `blocks`: its parts;
    `is_flat`: whether these have none of their own. `sign`: of an adjustment.
    `sees` takes the records of `inputs` out of the tables of a sheet. `of_peers`: where the line is compared with
    peers, what its conditions and those above it ask of each of them. `parameters`: names of those that decide
    something here; `marks`: theirs and its own.
    """

    code: str
    title: str
    clause: str | None
    maximum: Fraction
    printed_maximum: Decimal
    rule_maximum: Fraction
    in_percent: bool
    applies_when: Condition | None
    rule: RuleParameters | None
    kind: Kind | None
    combine: str | BestOf
    requires: tuple[str, ...]
    sign: Sign | None
    parts: tuple[Node, ...]
    inputs: tuple[str, ...]
    rests_on: tuple[str, ...] | None
    blocks: tuple[Block, ...]
    is_flat: bool
    sees: Pick
    of_peers: tuple[Condition, ...]
    parameters: tuple[str, ...]
    marks: tuple[str, ...]


class Block(NamedTuple):
    """Lines that follow one another and are kept together, because few inputs decide them all.

    `asks` takes the tokens of what decides them and `sees` the records of what they read out of the tables of a
    sheet; without `asks` they are filled in one by one.
    """

    nodes: tuple[Node, ...]
    name: str
    asks: Pick | None
    sees: Pick


class Struck(NamedTuple):
    """An elimination, with what takes what it reads out of the tables of a sheet."""

    elimination: Elimination
    sees: Pick


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything `score` needs of a set on one day, for one campaign.

    `attributes`: those of a subject that decide a line, as conditions and as a case name them. `marks`: of the points
    and all lines. `strikes_by`, `strikes_see`: what takes out of the tables of a sheet the tokens that all
    eliminations rest on, and the records of all that they read. `nothing`: no points, `scale`: of all points, both as
    printed. `orders`: the bands of this set from best to worst.
    """

    manifest: Manifest
    parameters: Mapping[str, InForce]
    inputs: Mapping[str, Declared]
    criteria: tuple[Node, ...]
    blocks: tuple[Block, ...]
    adjustments: tuple[Node, ...]
    adjusting_blocks: tuple[Block, ...]
    eliminations: tuple[Struck, ...]
    strikes_by: Pick
    strikes_see: Pick
    nothing: Decimal
    scale: Decimal
    orders: Mapping[str, tuple[str, ...]]
    attributes: tuple[tuple[str, str], ...]
    parameters_of_inputs: Mapping[str, tuple[str, ...]]
    marks: tuple[str, ...]
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)


def compile_rules(manifest: Manifest, written: Mapping[str, Any], parameters: Mapping[str, InForce]) -> Rules:
    """Make the tree. `written`: the file before parameters were replaced, which says who uses which."""
    compiler = _Compiler(manifest, written, parameters)
    top = [one for one in manifest.criteria if "." not in one.code]
    criteria = tuple(compiler.criterion(one) for one in top)
    adjustments = tuple(compiler.adjustment(one) for one in manifest.adjustments)
    eliminations = tuple(_struck(one) for one in manifest.eliminations)
    asked = list(dict.fromkeys(name for one in manifest.eliminations for name in one.names))
    marks = [manifest.points.mark, *_marks_of((*criteria, *adjustments))]
    return Rules(
        manifest=manifest,
        parameters=MappingProxyType({name: parameters[name] for name in sorted(parameters)}),
        inputs=MappingProxyType(dict(manifest.inputs)),
        criteria=criteria,
        blocks=_in_blocks(criteria),
        adjustments=adjustments,
        adjusting_blocks=_in_blocks(adjustments),
        eliminations=eliminations,
        strikes_by=picking((SETTING, *asked)),
        strikes_see=picking([name for name in asked if name not in ATTRIBUTES]),
        nothing=rounded(Fraction(0), manifest.points.rounding.places),
        scale=rounded(manifest.points.scale, manifest.points.rounding.places, manifest.points.rounding.mode),
        orders=MappingProxyType({manifest.id: tuple(band.code for band in manifest.bands)}),
        attributes=_attributes(criteria, adjustments, eliminations),
        parameters_of_inputs=MappingProxyType(compiler.of_inputs),
        marks=tuple(dict.fromkeys(mark for mark in marks if mark)),
    )


def _rests_on(line: Criterion | Adjustment, inputs: Iterable[str], parts: Iterable[Node]) -> tuple[str, ...] | None:
    if isinstance(line.rule, CodeRule | TargetRule | WorkItemsRule):
        return None
    asked = line.applies_when.names() if line.applies_when else ()
    names = [*inputs, *(name for name in asked if name in ATTRIBUTES)]
    for part in parts:
        if part.rests_on is None:
            return None
        names += part.rests_on
    return tuple(dict.fromkeys(names))


def _in_blocks(nodes: Iterable[Node]) -> tuple[Block, ...]:
    """Cut lines into blocks, so that what is kept of each repeats: the fewer inputs, the more people are alike."""
    blocks: list[Block] = []
    names: tuple[str, ...] = ()
    for node in nodes:
        rests_on = node.rests_on
        if rests_on is None or (node.parts and len(rests_on) > MOST_INPUTS_OF_A_BLOCK):
            blocks.append(Block((node,), node.code, None, picking(())))
            continue
        both = tuple(dict.fromkeys((*names, *rests_on)))
        joins = blocks and blocks[-1].asks is not None and len(both) <= MOST_INPUTS_OF_A_BLOCK
        before = blocks.pop().nodes if joins else ()
        names = both if joins else rests_on
        blocks.append(_block((*before, node), names))
    return tuple(blocks)


def _block(nodes: tuple[Node, ...], names: tuple[str, ...]) -> Block:
    inputs = [name for name in names if name not in ATTRIBUTES]
    return Block(nodes, nodes[0].code, picking((SETTING, *names)), picking(inputs))


def _attributes(
    criteria: Iterable[Node], adjustments: Iterable[Node], eliminations: Iterable[Struck]
) -> tuple[tuple[str, str], ...]:
    waiting = [*criteria, *adjustments]
    asked = {name for one in eliminations for name in one.elimination.names}
    for node in waiting:
        waiting += node.parts
        asked |= set(node.rests_on or ())
    return tuple((name, name.removeprefix("subject.")) for name in sorted(asked & set(ATTRIBUTES)))


def _struck(one: Elimination) -> Struck:
    return Struck(one, picking([name for name in one.names if name not in ATTRIBUTES]))


def _marks_of(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if node.parts:
            yield from _marks_of(node.parts)
        else:
            yield from node.marks


class _Compiler:
    def __init__(self, manifest: Manifest, written: Mapping[str, Any], parameters: Mapping[str, InForce]) -> None:
        self.manifest = manifest
        self.parameters = parameters
        self.of_inputs = {name: tuple(names_in(one)) for name, one in written["inputs"].items()}
        lines = [*written["criteria"], *written.get("adjustments", [])]
        self.of_lines = {line["code"]: tuple(names_in(line)) for line in lines}

    def criterion(self, criterion: Criterion) -> Node:
        parts = tuple(self.criterion(part) for part in parts_of(self.manifest, criterion.code))
        in_percent = is_in_percent(self.manifest, criterion.code)
        own = criterion.maximum or sum((part.maximum for part in parts), Fraction(0)) or HUNDRED
        return self._node(
            criterion,
            maximum=HUNDRED if in_percent else own,
            rule_maximum=own,
            in_percent=in_percent,
            combine=criterion.combine or "sum",
            requires=criterion.requires or (),
            sign=None,
            parts=parts,
        )

    def adjustment(self, adjustment: Adjustment) -> Node:
        return self._node(
            adjustment,
            maximum=adjustment.at_most,
            rule_maximum=adjustment.at_most,
            in_percent=False,
            combine="sum",
            requires=(),
            sign=adjustment.sign,
            parts=(),
        )

    def _node(self, line: Criterion | Adjustment, **shape: Any) -> Node:
        rule = line.rule
        inputs = [name for name, _ in rule.reads] if rule else []
        if line.applies_when:
            inputs += [name for name in line.applies_when.names() if name in self.manifest.inputs]
        inputs = list(dict.fromkeys(inputs))
        used = [*self.of_lines[line.code], *(name for one in inputs for name in self.of_inputs[one])]
        parameters = tuple(dict.fromkeys(used))
        rounding = self.manifest.points.rounding
        rests_on = _rests_on(line, inputs, shape["parts"])
        return Node(
            printed_maximum=rounded(shape["maximum"], rounding.places, rounding.mode),
            code=line.code,
            title=line.title,
            clause=line.clause,
            applies_when=line.applies_when,
            rule=rule,
            kind=kind_of(getattr(rule, "kind", "")) if rule else None,
            inputs=tuple(inputs),
            rests_on=rests_on,
            blocks=_in_blocks(shape["parts"]),
            is_flat=not any(part.parts for part in shape["parts"]),
            sees=picking(inputs),
            of_peers=self._of_peers(line) if isinstance(rule, TargetRule) else (),
            parameters=parameters,
            marks=self._marks(line.mark, parameters),
            **shape,
        )

    def _of_peers(self, line: Criterion | Adjustment) -> tuple[Condition, ...]:
        lines = {one.code: one.applies_when for one in self.manifest.criteria}
        asked = [self.manifest.applies_when, line.applies_when]
        above = parent_code(line.code)
        while above:
            asked.append(lines[above])
            above = parent_code(above)
        # Whether a peer's months were reported is not in the case, and so not what its silence means.
        stated = [
            name
            for name, one in self.manifest.inputs.items()
            if isinstance(one, FactInput) and one.absent != "zero_when_reported"
        ]
        return tuple(said_of_peers(one, stated) for one in asked if one)

    def _marks(self, own: str | None, parameters: tuple[str, ...]) -> tuple[str, ...]:
        marks = [own, *(self.parameters[name].mark for name in parameters if name in self.parameters)]
        return tuple(dict.fromkeys(mark for mark in marks if mark))
