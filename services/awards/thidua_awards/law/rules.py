"""The law as frozen, dated rules: every figure with its clause, its source and the mark of that source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from thidua.contracts import SubjectKind
from thidua.contracts.organisation import RatingLevel
from thidua_awards.law.limits import Share

T = TypeVar("T")


class Mark(StrEnum):
    """How well a rule is sourced; only what was read in an official text, or follows from one, can refuse."""

    OFFICIAL = "official"
    LOCAL = "local"
    DERIVED = "derived"
    PROPOSAL = "proposal"
    CUT = "cut"
    MEMORY = "memory"
    UNOFFICIAL = "unofficial"
    NOT_FOUND = "not_found"

    @property
    def binds(self) -> bool:
        """Whether a rule with this mark may say "not met"."""
        return self in (Mark.OFFICIAL, Mark.LOCAL, Mark.DERIVED)

    @property
    def words(self) -> str:
        """What an official reads beside a figure with this mark."""
        return MARK_WORDS[self]


MARK_WORDS: Final = {
    Mark.OFFICIAL: "đã đối chiếu văn bản",
    Mark.LOCAL: "theo văn bản do nơi triển khai nhập",
    Mark.DERIVED: "suy ra từ văn bản đã đối chiếu",
    Mark.PROPOSAL: "đề xuất, không phải quy định",
    Mark.CUT: "nguồn chỉ đọc được một phần",
    Mark.MEMORY: "chưa đối chiếu văn bản",
    Mark.UNOFFICIAL: "nguồn không chính thức",
    Mark.NOT_FOUND: "chưa tìm thấy văn bản",
}


class DisciplineForm(StrEnum):
    """Forms of discipline (hình thức kỷ luật) from the lightest to the heaviest."""

    KHIEN_TRACH = "khien_trach"
    CANH_CAO = "canh_cao"
    HA_BAC_LUONG = "ha_bac_luong"
    GIANG_CHUC = "giang_chuc"
    CACH_CHUC = "cach_chuc"
    BUOC_THOI_VIEC = "buoc_thoi_viec"

    @property
    def weight(self) -> int:
        """Position from the lightest, 0."""
        return list(DisciplineForm).index(self)

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return FORM_LABELS[self]


FORM_LABELS: Final = {
    DisciplineForm.KHIEN_TRACH: "khiển trách",
    DisciplineForm.CANH_CAO: "cảnh cáo",
    DisciplineForm.HA_BAC_LUONG: "hạ bậc lương",
    DisciplineForm.GIANG_CHUC: "giáng chức",
    DisciplineForm.CACH_CHUC: "cách chức",
    DisciplineForm.BUOC_THOI_VIEC: "buộc thôi việc",
}


class TrainingResult(StrEnum):
    """Result of a training course, from the lowest to the highest."""

    KEM = "kem"
    TRUNG_BINH = "trung_binh"
    KHA = "kha"
    GIOI = "gioi"
    XUAT_SAC = "xuat_sac"

    @property
    def weight(self) -> int:
        """Position from the lowest, 0."""
        return list(TrainingResult).index(self)

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return RESULT_LABELS[self]


RESULT_LABELS: Final = {
    TrainingResult.KEM: "kém",
    TrainingResult.TRUNG_BINH: "trung bình",
    TrainingResult.KHA: "khá",
    TrainingResult.GIOI: "giỏi",
    TrainingResult.XUAT_SAC: "xuất sắc",
}


class Law(BaseModel):
    """Base of all law data: frozen, and a misspelt field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceYears(Law):
    """Years of service asked of men and of women; `*_here`: how many of them in the sector itself."""

    men: int = Field(ge=0)
    women: int = Field(ge=0)
    men_here: int = Field(0, ge=0)
    women_here: int = Field(0, ge=0)

    def __str__(self) -> str:
        here = f" ({self.men_here}/{self.women_here} trong ngành)" if self.men_here or self.women_here else ""
        return f"nam {self.men}, nữ {self.women}{here}"


class Term(Law):
    """A number of years that another text gives than the one its rule was read in."""

    years: int = Field(ge=1)
    clause: str = Field(min_length=3)
    source: str
    mark: Mark


class RequestTerm(Term):
    """Until when recognition of an initiative may be asked for, in years from its first application."""

    def __str__(self) -> str:
        return f"{self.years} year(s) from the first application ({self.clause}; `{self.mark}`; read in {self.source})"


class UsableTerm(Term):
    """For how many calendar years after the one of its recognition the influence of a work may be used for a title."""

    titles: tuple[str, ...] = ()

    def __str__(self) -> str:
        whose = f" of {', '.join(self.titles)}" if self.titles else ""
        return f"{self.years} year(s) after recognition{whose} ({self.clause}; `{self.mark}`; read in {self.source})"


class Rule(Law):
    """One condition of a title between two dates; a figure that no source gives is None and needs a person.

    `applies` = False means that the regime dropped the condition, and `note` is then the sentence an official
    reads. `asks_person`: figures are shown, a person judges even where they are fulfilled. `ministry_only`: open to
    units of the Ministry alone. `after_award`: the years count from the one after an award of `awards`.
    `decided_by`: the date that picks the regime (`g.regime`). `refused_pairs`: `CSTDCS>BKB` where an achievement that
    counted for the first may not count for the second again (`g.once`).
    `months_at_least`, `training_months`, `comment_months`: full months. `years_after`: calendar years. `block_years`:
    years of CSTĐCS that one title of a ministry or province rests on. `request_within`: an initiative whose recognition
    was asked for later counts only by a decision a person has looked at. `usable`: how long a recognised influence may
    be used; without it nobody knows, and an old one counts. `secret`: the vote is a secret ballot.
    """

    key: str = Field(pattern=r"^[a-z]+[0-9]?\.[a-z_]+$")
    clause: str = Field(min_length=3)
    source: str = ""
    mark: Mark
    valid_from: date
    valid_to: date | None = None
    applies: bool = True
    note: str = ""
    asks_person: bool = False
    confirmed_by: Literal["unit", "office", "personnel", "appraiser", "cluster", "council"] = "office"

    rating_at_least: RatingLevel | None = None
    months_at_least: int | None = None
    discipline_from: DisciplineForm | None = None
    training_months: int | None = None
    training_result: TrainingResult | None = None
    comment_months: int | None = None
    routes: tuple[Literal["excellent", "initiative"], ...] = ()
    initiatives_at_least: int | None = None
    titles_at_least: int | None = None
    years_at_least: int | None = None
    excellent_years: int | None = None
    years_after: int | None = None
    block_years: int | None = Field(None, ge=1)
    request_within: RequestTerm | None = None
    usable: UsableTerm | None = None
    awards: tuple[str, ...] = ()
    after_award: bool = False
    ministry_only: bool = False
    working_days: int | None = None
    service: ServiceYears | None = None
    service_outside: ServiceYears | None = None
    decided_by: Literal["received_on", "proposed_on"] | None = None
    refused_pairs: tuple[str, ...] = ()
    share: Share | None = None
    secret: bool = False
    rounding: Literal["down"] | None = None
    rounding_mark: Mark | None = None
    min_one: bool = False

    @model_validator(mode="after")
    def _says_why(self) -> Rule:
        if not self.applies and not self.note:
            raise ValueError(f"{self.key}: a condition that does not apply needs the sentence that says why")
        if self.mark is Mark.OFFICIAL and not self.source:
            raise ValueError(f"{self.key}: an official rule names the source it was read in")
        return self

    def resting_on(self, term: Term) -> Rule:
        """Return the rule as a finding that rests on a term of it shows it: that clause too, the weaker mark."""
        mark = term.mark if self.mark.binds else self.mark
        return self.model_copy(update={"clause": f"{self.clause}; {term.clause}", "mark": mark})

    def in_force(self, day: date) -> bool:
        """Whether the rule is in force on `day`, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class TitleLabel(Law):
    """A title as one regime names it; registering it also registers those it is chosen among."""

    label: str
    subject_kind: SubjectKind
    includes: tuple[str, ...] = ()


class CommendationLabel(Law):
    """A commendation form as one regime names it; it is no title: neither registered nor chosen among others."""

    label: str
    persons_only: bool = False


class Authority(Law):
    """Who decides on a title or form: the head of a legal person, a minister, a provincial chairman, or the State."""

    of: Literal["base", "ministry", "province", "state"]
    label: str
    mark: Mark


class RatingBands(Law):
    """Where a yearly rating may be read off the bands of criteria sets: which sets, from which year on.

    Only by a text that binds: a rating can refuse, and does not tell afterwards that it was a band.
    """

    from_year: int
    sets: tuple[str, ...]
    levels: dict[str, RatingLevel]
    clause: str
    source: str
    mark: Mark

    @model_validator(mode="after")
    def _binds(self) -> RatingBands:
        if not self.mark.binds:
            raise ValueError("bands stand for a rating only by a text that was read; leave rating_bands out until then")
        return self


class TimeLimit(Law):
    """How many working days a text gives for the step that begins with a dossier's `state`; it moves nothing."""

    state: Literal["received"]
    titles: tuple[str, ...]
    working_days: int = Field(ge=1)
    clause: str = Field(min_length=3)
    source: str = Field(min_length=3)
    mark: Mark
    valid_from: date
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the limit is in force on `day`, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Regime(Law):
    """A legal regime: titles and commendations by its own names, and its rules."""

    code: str
    name: str
    valid_from: date
    valid_to: date | None = None
    titles: dict[str, TitleLabel]
    commendations: dict[str, CommendationLabel]
    authorities: dict[str, Authority] = Field(default_factory=dict)
    rules: tuple[Rule, ...]
    kept_because: str = ""
    rating_bands: RatingBands | None = None
    time_limits: tuple[TimeLimit, ...] = ()

    @cached_property
    def basis(self) -> str:
        """What a review rests on besides its inputs: the text of the rules and the version of the checks."""
        rules = sha256(self.model_dump_json().encode()).hexdigest()
        return f"{self.code} {version('thidua-awards')} {rules}"

    @cached_property
    def _by_key(self) -> dict[str, tuple[Rule, ...]]:
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            found[rule.key] = (*found.get(rule.key, ()), rule)
        return found

    @cached_property
    def _in_force(self) -> dict[tuple[str, date], Rule | None]:
        # A review asks a hundred times for each person, and always for the same day.
        return {}

    @cached_property
    def _worked_out(self) -> dict[tuple[str, date], Any]:
        return {}

    def once(self, name: str, day: date, work_out: Callable[[], T]) -> T:
        """Return what `work_out` makes of these rules for a day; the same name and day are worked out once."""
        if (name, day) not in self._worked_out:
            self._worked_out[name, day] = work_out()
        found: T = self._worked_out[name, day]
        return found

    def rule(self, key: str, day: date) -> Rule | None:
        """Return the rule of that key in force on `day`, or None: then only a person can judge."""
        if (key, day) not in self._in_force:
            found = (rule for rule in self._by_key.get(key, ()) if rule.in_force(day))
            self._in_force[key, day] = next(found, None)
        return self._in_force[key, day]

    def time_limit(self, state: str, title: str, day: date) -> TimeLimit | None:
        """Return the limit in force on `day` for a dossier on `title` that enters `state`, or None."""
        fitting = (one for one in self.time_limits if one.state == state and title in one.titles and one.in_force(day))
        return next(fitting, None)

    def label(self, code: str) -> str:
        """Return the name of a title or commendation in this regime, or the code itself."""
        title = self.titles.get(code)
        form = self.commendations.get(code)
        return title.label if title else form.label if form else code

    def with_rules(self, rules: Iterable[Rule]) -> Regime:
        """Return this regime with other rules; nothing worked out from the old ones goes along."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Regime(**{**fields, "rules": tuple(rules)})

    def nearest(self, day: date) -> date:
        """Return `day`, or the first or last day of this regime where it judges what was achieved outside its time."""
        return max(self.valid_from, min(day, self.valid_to or day))

    def in_force(self, day: date) -> bool:
        """Whether achievements that end on `day` are judged by this regime."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
