"""The law data: every figure marked, dated and sourced; a poorly sourced rule refuses nobody."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import thidua_awards.law
from thidua.contracts.judgement import FindingStatus
from thidua_awards.domain.conditions import CONDITIONS, QUOTAS, answered
from thidua_awards.domain.fighters import influence
from thidua_awards.domain.findings import conclude, met, not_met
from thidua_awards.domain.individuals import full_months
from thidua_awards.domain.records import Confirmation, PersonCase, Work
from thidua_awards.domain.transition import KEY
from thidua_awards.errors import LawOverridesRefused, NoLawForYear
from thidua_awards.law import Mark, Rule, Share, decimal_text, read_regime, regime_of, regimes, review_date
from thidua_awards.law.library import FILES, condition_names, local_law_found
from thidua_awards.law.page import law_page
from thidua_awards.law.schema import law_schema
from thidua_runtime.settings import Settings

LAW = Path(thidua_awards.law.__file__).parent
YEARS = st.integers(2018, 2040)
COUNTS = st.integers(0, 5000)


def rule_with(mark: Mark) -> Rule:
    source = "https://example.vn/dieu-1"
    return Rule(key="a.b", clause="Điều 1", source=source, mark=mark, valid_from=date(2020, 1, 1))


@pytest.mark.parametrize("mark", list(Mark))
def test_only_a_rule_read_in_an_official_text_or_derived_from_one_may_refuse(mark: Mark) -> None:
    finding = not_met(rule_with(mark), "Chưa đạt.")
    binds = mark in (Mark.OFFICIAL, Mark.LOCAL, Mark.DERIVED)
    assert finding.status is (FindingStatus.NOT_MET if binds else FindingStatus.PERSON)
    assert finding.mark == mark.value
    assert binds or mark.words in finding.sentence


@pytest.mark.parametrize("mark", [Mark.MEMORY, Mark.CUT, Mark.UNOFFICIAL, Mark.NOT_FOUND, Mark.PROPOSAL])
def test_a_persons_no_on_a_poorly_sourced_rule_still_leaves_it_to_a_person(mark: Mark) -> None:
    rule = rule_with(mark)
    no = Confirmation(False, "Người thẩm định", "Phiếu 1", date(2022, 12, 1))
    assert answered(conclude(rule, FindingStatus.PERSON, "Xem."), rule, no).status is FindingStatus.PERSON


def test_a_confirmation_changes_nothing_that_was_already_decided_by_figures() -> None:
    rule = rule_with(Mark.OFFICIAL)
    yes = Confirmation(True, "Người thẩm định", "Phiếu 1", date(2022, 12, 1))
    refused = not_met(rule, "Chưa đạt.")
    assert answered(refused, rule, yes) is refused
    passed = met(rule, "Đạt.")
    assert answered(passed, rule, yes) is passed


def test_every_condition_and_quota_has_a_rule_in_every_regime() -> None:
    keys = {key for checks in CONDITIONS.values() for key in checks} | set(QUOTAS.values()) | {KEY}
    for regime, year in zip(regimes(), (2022, 2024, 2025, 2026), strict=True):
        assert {key for key in keys if regime.rule(key, review_date(year)) is None} == set()
        assert {rule.key for rule in regime.rules} == keys, "a rule nobody checks, or a check without rule"


@given(YEARS)
def test_of_one_condition_at_most_one_rule_is_in_force_on_any_day(year: int) -> None:
    regime = regime_of(year)
    on = [rule.key for rule in regime.rules if rule.in_force(review_date(year))]
    assert len(on) == len(set(on))


def test_the_regime_of_an_achievement_year_follows_its_last_day() -> None:
    assert [regime_of(year).code for year in (2022, 2023, 2024, 2025, 2026)] == ["R03", "R03", "R24", "R25", "R26"]


def test_a_regime_that_extends_another_keeps_its_rules_and_dates_them_anew() -> None:
    before, after = regime_of(2024), regime_of(2025)
    kept, written = after.rule("ldtt.rating", review_date(2025)), after.rule("bkb.years", review_date(2025))
    assert kept == before.rule("ldtt.rating", review_date(2024)).model_copy(  # type: ignore[union-attr]
        update={"valid_from": after.valid_from, "valid_to": after.valid_to}
    )
    assert written is not None
    assert written.mark is Mark.NOT_FOUND, "the circular that replaced the one read was not found"


def test_every_law_file_has_the_fields_of_the_schema_beside_it() -> None:
    schema = json.loads((LAW / "schema.json").read_text(encoding="utf-8"))
    assert schema == law_schema(), "run `python -m thidua_awards.law.schema > thidua_awards/law/schema.json`"
    for name in FILES:
        content = yaml.safe_load((LAW / name).read_text(encoding="utf-8"))
        assert set(schema["required"]) <= set(content) <= set(schema["properties"])
        rule = schema["$defs"]["Rule"]
        for one in content["rules"]:
            assert set(rule["required"]) <= set(one) <= set(rule["properties"]), one["key"]


def test_every_condition_has_one_name_and_no_two_share_it() -> None:
    names = condition_names()
    assert set(names) == {rule.key for rule in regime_of(2022).rules}
    assert len(set(names.values())) == len(names)


def test_a_province_that_sets_a_quota_of_its_own_makes_it_a_condition(tmp_path: Path) -> None:
    line = "{regime: R03, key: cstdb.quota, document: 9/QĐ-UBND, reason: Quy chế của tỉnh, share: {at_most: 10/100}}"
    rule = regime_of(2022, overrides(tmp_path, f"[{line}]")).rule("cstdb.quota", review_date(2022))
    assert rule is not None
    assert (rule.applies, rule.mark, rule.note) == (True, Mark.LOCAL, "Quy chế của tỉnh (9/QĐ-UBND).")


def test_a_year_without_law_data_is_refused_and_not_judged_by_another_law() -> None:
    with pytest.raises(NoLawForYear):
        regime_of(2015)


def test_an_official_rule_without_a_source_cannot_be_loaded() -> None:
    text = "{code: X, name: X, valid_from: 2020-01-01, titles: {}, commendations: {}, rules: [%s]}"
    with pytest.raises(ValidationError, match="names the source"):
        read_regime(text % "{key: a.b, clause: Điều 1, mark: official}")
    with pytest.raises(ValidationError, match="months"):
        read_regime(text % "{key: a.b, clause: Điều 1, mark: memory, months: 10}")


def test_titles_bear_the_names_of_their_regime() -> None:
    assert regime_of(2022).label("CSTDB") == "Chiến sĩ thi đua cấp Bộ"
    assert regime_of(2024).label("CSTDB") == "Chiến sĩ thi đua Bộ"


@given(COUNTS, st.integers(1, 5000))
def test_more_than_half_is_exactly_what_whole_numbers_say(part: int, whole: int) -> None:
    assert Share(more_than=Fraction(50, 100)).allows(part, whole) is (part * 2 > whole)


@given(COUNTS, st.integers(1, 5000))
def test_at_least_seventy_percent_is_exactly_what_whole_numbers_say(part: int, whole: int) -> None:
    assert Share(at_least=Fraction(70, 100)).allows(part, whole) is (part * 10 >= whole * 7)


@given(COUNTS)
def test_the_quota_is_the_largest_number_that_keeps_within_fifteen_percent(whole: int) -> None:
    cap = Share(at_most=Fraction(15, 100))
    places = cap.places(whole)
    assert places * 100 <= whole * 15 < (places + 1) * 100
    assert cap.allows(places, max(whole, 1)) or whole == 0
    assert cap.places(whole, min_one=True) == (places or min(whole, 1))


@given(st.integers(0, 10**6), st.integers(1, 10**4))
def test_a_written_share_is_never_rounded_up_past_its_limit(part: int, whole: int) -> None:
    written = Fraction(decimal_text(Fraction(part, whole)).replace(",", "."))
    assert 0 <= Fraction(part, whole) - written < Fraction(1, 100)


@given(st.dates(date(2000, 1, 1), date(2022, 12, 31)))
def test_full_months_to_the_year_end_grow_by_one_with_each_month_earlier(start: date) -> None:
    months = full_months(start, date(2022, 12, 31))
    first = date(start.year, start.month, 1)
    assert full_months(first, date(2022, 12, 31)) == (2022 - start.year) * 12 + 13 - start.month
    assert months == full_months(first, date(2022, 12, 31)) - (start.day > 1)


def test_the_law_page_says_what_the_data_say() -> None:
    written = (Path(__file__).parent.parent / "docs" / "law.md").read_text(encoding="utf-8")
    assert written == law_page() + "\n", "run `python -m thidua_awards.law.page > docs/law.md` in services/awards"


def overrides(tmp_path: Path, text: str, name: str = "overrides.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_local_quota_fills_what_the_sources_leave_open_and_names_its_document(tmp_path: Path) -> None:
    line = "{regime: R24, key: cstdcs.quota, document: 55/QĐ-UBND, reason: Quy chế của tỉnh, share: {at_most: 15/100}}"
    rule = regime_of(2024, overrides(tmp_path, f"[{line}]")).rule("cstdcs.quota", review_date(2024))
    assert rule is not None
    assert rule.share is not None
    assert (rule.share.places(47), rule.mark, rule.source) == (7, Mark.LOCAL, "55/QĐ-UBND")
    untouched = regime_of(2024).rule("cstdcs.quota", review_date(2024))
    assert untouched is not None
    assert untouched.share is None


@pytest.mark.parametrize(
    "line",
    [
        "{regime: R03, key: cstdcs.quota, document: 1/QĐ, reason: nới, share: {at_most: 30/100}}",
        "{regime: R03, key: ldtt.recruited, document: 1/QĐ, reason: nới, months_at_least: 3}",
        "{regime: R03, key: khong.co, document: 1/QĐ, reason: sai khóa}",
        "{regime: R24, key: cstdcs.quota, share: {at_most: 15/100}}",
        "{regime: R24, key: cstdcs.quota, document: 1/QĐ, reason: sai trường, quota: 15/100}",
        "{regime: R03, key: cstdb.vote, document: 1/QĐ, reason: không phải sáng kiến, usable_years: 3}",
        "not a list",
        "{regime: R24, key: cstdcs.quota, document: 1/QĐ, reason: hết hạn, min_one: true, valid_to: 2023-12-31}",
        "{regime: R24, key: cstdcs.quota, document: 1/QĐ, reason: a b, min_one: true}, "
        "{regime: R24, key: cstdcs.quota, document: 2/QĐ, reason: a b, min_one: false, valid_from: 2025-01-01}",
    ],
)
def test_a_local_value_that_contradicts_the_law_or_lacks_a_document_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(LawOverridesRefused):
        regimes(overrides(tmp_path, f"[{line}]"))


def test_every_local_value_that_cannot_stand_is_named_in_one_sentence(tmp_path: Path) -> None:
    wrong = (
        "{regime: R03, key: khong.co, document: 1/QĐ, reason: sai khóa}, "
        "{regime: R03, key: ldtt.recruited, document: 1/QĐ, reason: nới, months_at_least: 3}"
    )
    with pytest.raises(LawOverridesRefused, match=r"has no rule khong\.co; ldtt\.recruited of R03 was read"):
        local_law_found(Settings(law_overrides_file=overrides(tmp_path, f"[{wrong}]")))
    unread = "{regime: R03, key: a}, {regime: R03, key: b}"
    with pytest.raises(LawOverridesRefused, match=r"0\.document: Field required.*1\.reason: Field required") as refused:
        local_law_found(Settings(law_overrides_file=overrides(tmp_path, f"[{unread}]", "unread.yaml")))
    assert "\n" not in str(refused.value)


def test_a_local_value_holds_from_its_first_to_its_last_day_and_the_law_before_and_after(tmp_path: Path) -> None:
    about = "regime: R03, key: cstdcs.quota, document: 9/QĐ-UBND, reason: Tỉnh quy định"
    lines = (
        f"{{{about}, share: {{at_most: 10/100}}, valid_from: 2019-03-01, valid_to: 2021-06-30}}, "
        f"{{{about}, share: {{at_most: 12/100}}, valid_from: 2022-01-01}}"
    )
    file = overrides(tmp_path, f"[{lines}]")
    found = {
        year: regime_of(year, file).rule("cstdcs.quota", review_date(year)) for year in (2018, 2019, 2020, 2021, 2022)
    }
    places = {year: rule.share.places(100) for year, rule in found.items() if rule and rule.share}
    assert places == {2018: 15, 2019: 10, 2020: 10, 2021: 15, 2022: 12}
    assert [one.mark is Mark.LOCAL for one in found.values() if one] == [False, True, True, False, True]


def test_a_lower_quota_and_the_minimum_of_one_are_local_matters(tmp_path: Path) -> None:
    figures = "min_one: true, share: {at_most: 10/100}"
    line = f"{{regime: R03, key: cstdcs.quota, document: 9/QĐ-BTNMT, reason: Bộ quy định, {figures}}}"
    rule = regime_of(2022, overrides(tmp_path, f"[{line}]")).rule("cstdcs.quota", review_date(2022))
    assert rule is not None
    assert rule.share is not None
    assert (rule.min_one, rule.share.places(47)) == (True, 4)


@pytest.mark.parametrize(
    ("year", "title", "days"),
    [
        (2023, "CSTDB", None),
        (2023, "CSTDCS", 20),
        (2023, "LDTT", 10),
        (2024, "LDTT", None),
        (2024, "CSTDB", 25),
        (2024, "CSTDT", 25),
        (2024, "BKB", None),
        (2025, "CSTDB", 25),
    ],
)
def test_the_time_of_an_appraisal_is_law_with_a_clause_and_a_source(year: int, title: str, days: int | None) -> None:
    limit = regime_of(year).time_limit("received", title, review_date(year))
    assert (limit.working_days if limit else None) == days
    place = {25: "An Giang", 20: "cấp huyện", 10: "cấp xã", None: ""}[days]
    assert limit is None or (place in limit.clause and limit.source.startswith("http"))


def test_a_time_limit_is_official_only_where_it_was_read_for_that_regime() -> None:
    limits = [regime_of(year).time_limit("received", "CSTDB", review_date(year)) for year in (2024, 2025, 2026)]
    assert [one.mark if one else None for one in limits] == [Mark.OFFICIAL, Mark.UNOFFICIAL, Mark.UNOFFICIAL]


LATER = "code: R99\nextends: R24\nname: luật sau\nvalid_from: 2030-01-01\nrules: []\n"


def test_a_later_regime_takes_limits_over_as_unsure_has_none_by_an_empty_list_and_revives_nothing() -> None:
    r24 = regime_of(2024)
    ended = r24.rules[1].model_copy(update={"valid_to": date(2024, 6, 30)})
    before = r24.with_rules([r24.rules[0], ended])
    (limit,) = read_regime(f"{LATER}kept_because: chưa đọc", [before]).time_limits
    assert (limit.mark, limit.valid_from) == (Mark.UNOFFICIAL, date(2030, 1, 1))
    assert [one.mark for one in read_regime(LATER, [before]).time_limits] == [Mark.OFFICIAL]
    none = read_regime(f"{LATER}time_limits: []", [before])
    assert none.time_limits == ()
    assert [one.key for one in none.rules] == [r24.rules[0].key]


def test_bands_stand_for_a_rating_only_by_a_text_that_was_read() -> None:
    bands = "{from_year: 2030, sets: [a], levels: {}, clause: Điều 1, source: nguồn, mark: memory}"
    with pytest.raises(ValidationError, match="only by a text that was read"):
        read_regime(f"{LATER}rating_bands: {bands}", [regime_of(2024)])


@pytest.mark.parametrize("key", ["cstdb.three", "cstdtq.two"])
def test_the_years_of_a_block_stand_in_the_law_of_every_regime(key: str) -> None:
    rules = [regime_of(year).rule(key, review_date(year)) for year in (2022, 2024, 2025, 2026)]
    assert [rule.block_years if rule else None for rule in rules] == [3, 3, 3, 3]


@pytest.mark.parametrize(("year", "local", "status"), [(2019, "", "met"), (2018, "", "met"), (2018, "3", "not_met")])
def test_how_long_an_influence_may_be_used_refuses_by_a_local_text_alone(
    tmp_path: Path, year: int, local: str, status: str
) -> None:
    line = f"{{regime: R24, key: cstdb.influence, document: 55/QĐ-UBND, reason: Quy chế, usable_years: {local}}}"
    rule = regime_of(2024, overrides(tmp_path, f"[{line}]" if local else "[]")).rule(
        "cstdb.influence", review_date(2024)
    )
    work = Work("Bản đồ ngập", year, scope="bo", scope_decision="9/QĐ", scope_on=date(year, 11, 15))
    day = review_date(2024)
    case = PersonCase(title="CSTDB", subject="s", unit="u", group="u", year=2024, as_of=day, works=(work,))
    assert rule is not None
    found = influence(case, rule)
    assert found.status.value == status
    assert f"ngày 15/11/{year}" in found.sentence
    assert bool(local) is ("55/QĐ-UBND" in found.clause)
