"""The lines of a score: what a line says, and whose inputs and parts it says it of."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from thidua.criteria.canonical import canonical_json, fraction_text, in_pieces, plain_decimal
from thidua.criteria.recorded import InputUsed, LineFields, Sign
from thidua.criteria.resolved import Status
from thidua.criteria.used import input_as_json, written_input


@final
class Finding:
    """What a line says but for its inputs and parts: one for all of whom the line says the same.

    Never changed once it is made; `remarks` is room for what is made of it. The fields are those of `CriterionResult`.
    """

    def __init__(
        self, code: str, title: str, clause: str | None, points: Decimal | None, maximum: Decimal, due_maximum: Decimal,
        upper: Decimal | None, credit: Fraction, status: Status, counted_as: str | None, in_percent: bool,
        sentence: str, parameters: tuple[str, ...], marks: tuple[str, ...], sign: Sign | None = None,
    ) -> None:  # fmt: skip
        self.code: Final = code
        self.title: Final = title
        self.clause: Final = clause
        self.points: Final = points
        self.maximum: Final = maximum
        self.due_maximum: Final = due_maximum
        self.upper: Final = upper
        self.credit: Final = credit
        self.status: Final = status
        self.counted_as: Final = counted_as
        self.in_percent: Final = in_percent
        self.sentence: Final = sentence
        self.parameters: Final = parameters
        self.marks: Final = marks
        self.sign: Final = sign
        self.remarks: Final[dict[Any, Any]] = {}
        self._pieces: tuple[bytes, bytes, bytes] | None = None

    def fields(self) -> tuple[Any, ...]:
        """Return all that it says."""
        return (
            self.code, self.title, self.clause, self.points, self.maximum, self.due_maximum, self.upper, self.credit,
            self.status, self.counted_as, self.in_percent, self.sentence, self.parameters, self.marks, self.sign,
        )  # fmt: skip

    def __reduce__(self) -> tuple[type[Finding], tuple[Any, ...]]:
        """Let it be copied and pickled, which a compiled class cannot by itself."""
        return Finding, self.fields()

    def reworded(self, sentence: str) -> Finding:
        """Return a finding that differs in its sentence."""
        return Finding(
            self.code, self.title, self.clause, self.points, self.maximum, self.due_maximum, self.upper, self.credit,
            self.status, self.counted_as, self.in_percent, sentence, self.parameters, self.marks, self.sign,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return what it says as JSON-able matter."""
        return {
            "code": self.code,
            "title": self.title,
            "clause": self.clause,
            "points": _decimal(self.points),
            "maximum": plain_decimal(self.maximum),
            "due_maximum": plain_decimal(self.due_maximum),
            "upper": _decimal(self.upper),
            "credit": fraction_text(self.credit),
            "status": self.status,
            "counted_as": self.counted_as,
            "in_percent": self.in_percent,
            "sentence": self.sentence,
            "parameters": list(self.parameters),
            "marks": list(self.marks),
            "sign": self.sign,
        }

    def pieces(self) -> tuple[bytes, bytes, bytes]:
        """Return the line as canonical JSON, in pieces between which its inputs and parts belong."""
        found = self._pieces
        if found is None:
            found = self._pieces = self._in_pieces()
        return found

    def is_in_pieces(self) -> bool:
        """Whether a line was written of it before."""
        return self._pieces is not None

    def _in_pieces(self) -> tuple[bytes, bytes, bytes]:
        start, to_inputs, to_parts, to_points, to_sentence, to_upper, end = _around_figures(
            self.code, self.title, self.clause, plain_decimal(self.maximum), plain_decimal(self.due_maximum),
            self.status, self.counted_as, self.in_percent, self.parameters, self.marks, self.sign,
        )  # fmt: skip
        points, sentence, upper = _quoted(self.points), canonical_json(self.sentence), _quoted(self.upper)
        figures = b"".join((to_points, points, to_sentence, sentence, to_upper, upper, end))
        return b"".join((start, b'"', fraction_text(self.credit).encode(), b'"', to_inputs)), to_parts, figures


@final
class CriterionResult:
    """One line of the explanation.

    `points`: printed, rounded once; None where none exist (not applicable, not due); percent if
    `in_percent`. `maximum`: as printed in the table; `due_maximum`: what of it applies and is due.
    `credit`: exact. `upper`: the printed points if all that is missing were full. Of points taken off, where `sign` is
    minus, `points` has what may still be taken off and `upper` what is certain: again the best for the subject.
    `counted_as`: how a line without a value of its own entered: not_met, deducted, rescaled, full, dropped. `marks`:
    memory, derived, proposal, illustrative, wherever one of them decided something here.
    """

    def __init__(
        self, finding: Finding, inputs: tuple[InputUsed, ...] = (), parts: tuple[CriterionResult, ...] = ()
    ) -> None:
        self.finding: Final = finding
        self.inputs: Final = inputs
        self.parts: Final = parts

    @property
    def code(self) -> str:
        """The code of the line in its table."""
        return self.finding.code

    @property
    def title(self) -> str:
        """What the line is called."""
        return self.finding.title

    @property
    def clause(self) -> str | None:
        """Where the rule stands."""
        return self.finding.clause

    @property
    def points(self) -> Decimal | None:
        """Printed points or percent; None where none exist."""
        return self.finding.points

    @property
    def maximum(self) -> Decimal:
        """The maximum as printed in the table."""
        return self.finding.maximum

    @property
    def due_maximum(self) -> Decimal:
        """What of the maximum applies and is due."""
        return self.finding.due_maximum

    @property
    def upper(self) -> Decimal | None:
        """The best that is still possible."""
        return self.finding.upper

    @property
    def credit(self) -> Fraction:
        """The exact share of the maximum."""
        return self.finding.credit

    @property
    def status(self) -> Status:
        """What became of the criterion."""
        return self.finding.status

    @property
    def counted_as(self) -> str | None:
        """How a line without a value of its own entered."""
        return self.finding.counted_as

    @property
    def in_percent(self) -> bool:
        """Whether points are percent."""
        return self.finding.in_percent

    @property
    def sentence(self) -> str:
        """Why, in Vietnamese."""
        return self.finding.sentence

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that decide something here."""
        return self.finding.parameters

    @property
    def marks(self) -> tuple[str, ...]:
        """What is not as sure as the text of a law."""
        return self.finding.marks

    @property
    def sign(self) -> Sign | None:
        """Of an adjustment, whether it adds points or takes them off."""
        return self.finding.sign

    def as_json(self) -> dict[str, Any]:
        """Return the line with its parts as JSON-able matter."""
        whole = self.finding.as_json()
        whole["inputs"] = [input_as_json(used) for used in self.inputs]
        whole["parts"] = [part.as_json() for part in self.parts]
        return whole

    def written(self) -> bytes:
        """Return the line with its parts as canonical JSON."""
        finding, inputs = self.finding, self.inputs
        kept = finding.remarks.get(_WHOLE)
        # The empty tuple is one and the same for all who have no inputs.
        if kept is not None and kept[0] is inputs and not self.parts:
            whole: bytes = kept[1]
            return whole
        # Of a line that says the same again without evidence of its own, its set keeps the inputs as well.
        is_kept = not self.parts and finding.is_in_pieces()
        before, between, after = finding.pieces()
        of_inputs = b",".join([written_input(used) for used in inputs])
        of_parts = b",".join([part.written() for part in self.parts])
        whole = b"".join((before, b"[", of_inputs, b"]", between, b"[", of_parts, b"]", after))
        if is_kept and not any(used.evidence for used in inputs):
            finding.remarks[_WHOLE] = (inputs, whole)
        return whole

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a line be read of what `written` wrote."""
        return core_schema.no_info_after_validator_function(_line_of, handler.generate_schema(LineFields))

    def __eq__(self, other: object) -> bool:
        """Whether both say the same of the same inputs and parts."""
        if not isinstance(other, CriterionResult):
            return NotImplemented
        if self.finding is not other.finding and self.finding.fields() != other.finding.fields():
            return False
        return self.inputs == other.inputs and self.parts == other.parts

    def __reduce__(self) -> tuple[type[CriterionResult], tuple[Any, ...]]:
        """Let it be copied and pickled, which a compiled class cannot by itself."""
        return CriterionResult, (self.finding, self.inputs, self.parts)

    def __hash__(self) -> int:
        """Equal lines have equal codes and sentences."""
        return hash((self.finding.code, self.finding.sentence))

    def __repr__(self) -> str:
        """Show the line in short."""
        return f"CriterionResult({self.code} {self.status} {self.points}/{self.maximum}: {self.sentence})"


def _line_of(read: LineFields) -> CriterionResult:
    finding = Finding(*read[:12], *read[13:15], read.sign)
    return CriterionResult(finding, read.inputs, tuple([_line_of(part) for part in read.parts]))


_WHOLE: Final = "whole"


# Beside its figures and its sentence a line says the same of everybody. Maxima are text: 0 equals 0.00 as a number.
@lru_cache(maxsize=4096)
def _around_figures(
    code: str, title: str, clause: str | None, maximum: str, due_maximum: str, status: str, counted_as: str | None,
    in_percent: bool, parameters: tuple[str, ...], marks: tuple[str, ...], sign: str | None,
) -> tuple[bytes, ...]:  # fmt: skip
    said = {
        "code": code, "title": title, "clause": clause, "maximum": maximum, "due_maximum": due_maximum,
        "status": status, "counted_as": counted_as, "in_percent": in_percent, "parameters": parameters,
        "marks": marks, "sign": sign,
    }  # fmt: skip
    return in_pieces(said, "credit", "inputs", "parts", "points", "sentence", "upper")


def _quoted(figure: Decimal | None) -> bytes:
    return b"null" if figure is None else b"".join((b'"', plain_decimal(figure).encode(), b'"'))


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else plain_decimal(number)
