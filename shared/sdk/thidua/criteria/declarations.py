"""The inputs a set may declare: feeds, which nobody types, and facts, which people state."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from thidua.criteria.exact import Number
from thidua.criteria.strict import DAY_SCHEMA, Day, Name, Names, Strict, Text, Whole, each_once, nested, unknown

Shape = Literal["yes_no", "number", "date", "document", "mark", "log", "months", "pair", "work", "case"]
"""What a resolved input looks like to a rule."""

Stater = Literal["self", "appraiser", "council"]
Staters = Annotated[tuple[Stater, ...], Field(min_length=1), AfterValidator(each_once)]


class DueAfter(Strict):
    """Due on a day of the month that follows each month, quarter or period."""

    day: Annotated[Whole, Field(ge=1, le=28)]
    after: Literal["month", "quarter", "half", "period"]


def _due(written: object) -> date | DueAfter:
    if isinstance(written, date | DueAfter):
        return written
    if isinstance(written, dict):
        return nested(DueAfter, written)
    raise ValueError(f"{written!r} is no due date; write 2022-12-10 or {{day: 5, after: month}}")


class Feed(Strict):
    """An input that comes from a stream; `heading` is what sentences and reminders call it."""

    shape: ClassVar[Shape]
    heading: ClassVar[str]
    says_one_thing: ClassVar[bool] = False


class Registered(Feed):
    """How many titles, targets or initiatives were first submitted up to `by` and not withdrawn."""

    shape: ClassVar[Shape] = "number"
    heading: ClassVar[str] = "Số nội dung đăng ký"

    feed: Literal["registered"]
    what: Literal["titles", "targets", "initiatives"]
    by: Day | None = None


class MonthResults(Feed):
    """Per month: reported or not, N on time of D due."""

    shape: ClassVar[Shape] = "months"
    heading: ClassVar[str] = "Kết quả nhiệm vụ hằng tháng"

    feed: Literal["month_results"]


class CompletedTasks(Feed):
    """Tasks completed, late ones too, of the tasks due in the period."""

    shape: ClassVar[Shape] = "pair"
    heading: ClassVar[str] = "Nhiệm vụ hoàn thành"

    feed: Literal["completed_tasks"]


class OverdueOpen(Feed):
    """Tasks whose deadline lies in the period, has passed, and that are not completed."""

    shape: ClassVar[Shape] = "number"
    heading: ClassVar[str] = "Nhiệm vụ quá hạn chưa hoàn thành"

    feed: Literal["overdue_open"]


class WorkItems(Feed):
    """Converted weights of work items; `no_weight`: an item without weight is missing, or counts one."""

    shape: ClassVar[Shape] = "work"
    heading: ClassVar[str] = "Sản phẩm, công việc quy đổi"

    feed: Literal["work_items"]
    no_weight: Literal["missing", "one"] = "missing"


class Initiatives(Feed):
    """How many initiatives reached a stage; `level`: recognised in that scope or a wider one."""

    shape: ClassVar[Shape] = "number"
    heading: ClassVar[str] = "Số sáng kiến"

    feed: Literal["initiatives"]
    stage: Literal["registered", "recognised"]
    level: Literal["base", "province", "ministry", "national"] | None = None


class DisciplineFeed(Feed):
    """How many disciplinary measures, from a form upwards, are in force within the period."""

    shape: ClassVar[Shape] = "number"
    heading: ClassVar[str] = "Hình thức kỷ luật đang có hiệu lực"

    feed: Literal["discipline"]
    form: Literal["khien_trach", "canh_cao"] = Field(alias="from")


class HavingTitle(Strict):
    """Members who were awarded a title."""

    title: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,19}$")]


class HavingBand(Strict):
    """Members in a band of a set, or a better one."""

    band_at_least: Name
    set: Text


def _having(written: object) -> HavingTitle | HavingBand:
    if isinstance(written, HavingTitle | HavingBand):
        return written
    if isinstance(written, dict):
        return nested(HavingTitle, written) if "title" in written else nested(HavingBand, written)
    raise ValueError(f"{written!r} is nothing to have; write {{title: LDTT}} or {{band_at_least: …, set: …}}")


class Members(Feed):
    """Members of the unit who have a title or band, of the members judged."""

    shape: ClassVar[Shape] = "pair"
    heading: ClassVar[str] = "Thành viên của đơn vị"

    feed: Literal["members"]
    having: Annotated[
        HavingTitle | HavingBand,
        PlainValidator(_having),
        WithJsonSchema({"anyOf": [{"x-def": "HavingTitle"}, {"x-def": "HavingBand"}]}),
    ]


class Decisions(Feed):
    """How many decisions with one of the codes the subject received within the period."""

    shape: ClassVar[Shape] = "number"
    heading: ClassVar[str] = "Số quyết định khen thưởng"

    feed: Literal["decisions"]
    codes: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,19}$")], ...], Field(min_length=1)]


CasePart = Literal["registrations", "initiatives", "months", "facts", "members", "peers", "decisions"]
"""A part of a case that Python may see as it is."""


class CaseFeed(Feed):
    """Parts of the case as they are, for a rule in Python; `facts`: whose statements it sees, side by side."""

    shape: ClassVar[Shape] = "case"
    heading: ClassVar[str] = "Hồ sơ chấm điểm"

    feed: Literal["case"]
    parts: Annotated[tuple[CasePart, ...], Field(min_length=1), AfterValidator(each_once)]
    facts: Names | None = None

    @model_validator(mode="after")
    def _facts_are_named(self) -> Self:
        if "facts" in self.parts and not self.facts:
            raise ValueError("the part facts needs their names; write facts: [name, …]")
        if self.facts and not {"facts", "peers"} & set(self.parts):
            raise ValueError("facts are named and in no part; add facts or peers to parts, or take the names out")
        return self


class FactDefaults(Strict):
    """What a fact leaves out."""

    evidence: Literal["required", "optional", "none"] | None = None
    stated_by: Staters | None = None
    counts: Staters | None = None
    due: Annotated[
        date | DueAfter | None,
        PlainValidator(_due),
        WithJsonSchema({"anyOf": [DAY_SCHEMA, {"x-def": "DueAfter"}]}),
    ] = None
    over: Literal["last", "sum", "max", "min", "mean"] | None = None
    absent: Literal["missing", "zero", "zero_when_reported"] | None = None
    better: Literal["more", "less"] | None = None


class FactInput(FactDefaults):
    """An input stated by people.

    `counts`: whose statement counts in an official score, the first present; None stands for `stated_by`.
    """

    shape: ClassVar[Shape]

    title: Text
    evidence: Literal["required", "optional", "none"] = "optional"
    stated_by: Staters = ("self",)
    absent: Literal["missing", "zero", "zero_when_reported"] = "missing"

    @property
    def heading(self) -> str:
        """What sentences, forms and reminders call the input."""
        return self.title

    @cached_property
    def counting(self) -> tuple[Stater, ...]:
        """Whose statement counts in an official score, in order of precedence."""
        return self.counts or self.stated_by

    @cached_property
    def says_one_thing(self) -> bool:
        """Whether a single value counts: no log, no sum over parts, no document with a date of its own."""
        return self.over is None and self.shape not in ("log", "document")

    @model_validator(mode="after")
    def _who_counts_may_state(self) -> Self:
        strangers = [who for who in self.counting if who not in self.stated_by]
        if len(strangers) == len(self.counting):
            raise ValueError(
                f"counts names {', '.join(strangers)}, who cannot state this fact; "
                "name one of stated_by, or add them there"
            )
        return self


class YesNo(FactInput):
    """Yes or no."""

    shape: ClassVar[Shape] = "yes_no"
    fact: Literal["yes_no"]


class CountFact(FactInput):
    """A whole number."""

    shape: ClassVar[Shape] = "number"
    fact: Literal["count"]


class Amount(FactInput):
    """An exact amount of something measured in `unit`."""

    shape: ClassVar[Shape] = "number"
    fact: Literal["amount"]
    unit: Text


class DateFact(FactInput):
    """A day."""

    shape: ClassVar[Shape] = "date"
    fact: Literal["date"]


class DocumentFact(FactInput):
    """A document: number, date and file; the file is its evidence."""

    shape: ClassVar[Shape] = "document"
    fact: Literal["document"]


class MarkFact(FactInput):
    """A person's points out of `out_of`."""

    shape: ClassVar[Shape] = "mark"
    fact: Literal["mark"]
    out_of: Annotated[Number, Field(gt=0)]


class Log(FactInput):
    """Dated entries, each one case of the listed ones; `titles`: what officials read instead of a case's name."""

    shape: ClassVar[Shape] = "log"
    fact: Literal["log"]
    cases: Names
    titles: dict[Name, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _titles_are_of_its_cases(self) -> Self:
        for name in self.titles:
            if name not in self.cases:
                raise ValueError(f"titles: {unknown(name, list(self.cases), 'case')}")
        return self

    @model_validator(mode="after")
    def _entries_add_up_by_themselves(self) -> Self:
        if self.over is not None:
            raise ValueError("over does not go with a log, whose entries all count; leave it out")
        return self


def _tag(written: Any) -> str | None:
    if isinstance(written, Feed | FactInput):
        written = written.model_dump(by_alias=True)
    if isinstance(written, dict):
        for source in ("feed", "fact"):
            if source in written:
                return f"{source}: {written[source]}"
    return None


Input = Annotated[
    Annotated[Registered, Tag("feed: registered")]
    | Annotated[MonthResults, Tag("feed: month_results")]
    | Annotated[CompletedTasks, Tag("feed: completed_tasks")]
    | Annotated[OverdueOpen, Tag("feed: overdue_open")]
    | Annotated[WorkItems, Tag("feed: work_items")]
    | Annotated[Initiatives, Tag("feed: initiatives")]
    | Annotated[DisciplineFeed, Tag("feed: discipline")]
    | Annotated[Members, Tag("feed: members")]
    | Annotated[Decisions, Tag("feed: decisions")]
    | Annotated[CaseFeed, Tag("feed: case")]
    | Annotated[YesNo, Tag("fact: yes_no")]
    | Annotated[CountFact, Tag("fact: count")]
    | Annotated[Amount, Tag("fact: amount")]
    | Annotated[DateFact, Tag("fact: date")]
    | Annotated[DocumentFact, Tag("fact: document")]
    | Annotated[MarkFact, Tag("fact: mark")]
    | Annotated[Log, Tag("fact: log")],
    Discriminator(_tag),
]
"""One declared input."""

Declared = Feed | FactInput
"""A declared input, of whatever kind."""
