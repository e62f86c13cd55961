"""The Prometheus rules parse, fire when they should, and are documented; promtool is needed only where marked."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
RULES: Final = PROMETHEUS / "thidua.rules.yaml"
RULE_TESTS: Final = sorted((PROMETHEUS / "tests").glob("*.test.yaml"))
METRIC_NAME: Final = re.compile(r"(?<!:)\bthidua_[a-z_]+")
VIETNAMESE_LETTER: Final = re.compile(r"[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]")
MINUTES: Final = {"m": 1, "h": 60}


def rules_of_all_groups() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS: Final = {rule["alert"]: rule for rule in rules_of_all_groups() if "alert" in rule}
every_alert: Final = pytest.mark.parametrize("name", sorted(ALERTS))


def in_minutes(duration: str) -> int:
    return int(duration[:-1]) * MINUTES[duration[-1]]


@cache
def rule_tests(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def expectations(alert: str) -> list[tuple[dict[int, bool], int]]:
    """Per test group that speaks of the alert: minute -> loud or not, and the minutes between evaluations."""
    found = []
    for path in RULE_TESTS:
        content = rule_tests(path)
        step = in_minutes(content["evaluation_interval"])
        for group in content["tests"]:
            cases = [case for case in group["alert_rule_test"] if case["alertname"] == alert]
            found.append(({in_minutes(case["eval_time"]): bool(case["exp_alerts"]) for case in cases}, step))
    return found


def turns_loud(minutes: dict[int, bool], step: int) -> bool:
    return any(loud and minutes.get(minute - step) is False for minute, loud in minutes.items())


def section_of(name: str) -> str:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", runbook, flags=re.MULTILINE)
    return next((section for section in sections if section.split("\n", 1)[0] == name), "")


def names_in_first_table() -> set[str]:
    released = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8").partition("\n## Planned")[0]
    return set(re.findall(r"^\| `(thidua_\w+)` \|", released, flags=re.MULTILINE))


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@every_alert
def test_every_alert_is_tested_at_its_last_quiet_and_first_loud_minute(name: str) -> None:
    assert any(turns_loud(minutes, step) for minutes, step in expectations(name))


@every_alert
def test_every_alert_is_also_tested_where_it_must_stay_quiet_for_another_reason(name: str) -> None:
    quiet = [minute for minutes, _ in expectations(name) for minute, loud in minutes.items() if not loud]
    assert len(quiet) >= 2


@every_alert
def test_every_alert_stays_quiet_when_its_series_do_not_exist(name: str) -> None:
    content = yaml.safe_load((PROMETHEUS / "tests" / "absent.test.yaml").read_text(encoding="utf-8"))
    quiet = {case["alertname"] for case in content["tests"][0]["alert_rule_test"] if not case["exp_alerts"]}
    assert name in quiet


@every_alert
def test_every_alert_says_how_urgent_it_is_for_whom_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["labels"]["audience"] in {"monitoring", "operator"}
    assert alert["annotations"]["summary"].strip()
    assert alert["annotations"]["action"].strip()


@every_alert
def test_alerts_speak_vietnamese_to_monitoring_teams_and_english_to_operators(name: str) -> None:
    action = ALERTS[name]["annotations"]["action"].replace('"chưa chấm"', "")
    for_officials = ALERTS[name]["labels"]["audience"] == "monitoring"
    assert bool(VIETNAMESE_LETTER.search(action.lower())) is for_officials


@every_alert
def test_every_alert_has_a_runbook_section_for_its_audience(name: str) -> None:
    section, labels = section_of(name), ALERTS[name]["labels"]
    assert f"**Audience:** {labels['audience']}, {labels['severity']}." in section
    assert all(f"**{part}:**" in section for part in ("Means", "Look at", "Do"))
    assert ("**Tóm tắt:**" in section) is (labels["audience"] == "monitoring")


def test_the_runbook_has_no_section_about_an_alert_that_is_gone() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (\w+)$", runbook, flags=re.MULTILINE)) == set(ALERTS)


def test_every_metric_named_in_a_rule_stands_in_the_released_table() -> None:
    texts = [rule["expr"] + str(rule.get("annotations", "")) for rule in rules_of_all_groups()]
    named = {name for text in texts for name in METRIC_NAME.findall(text)}
    assert named
    assert named <= names_in_first_table()


def test_every_recorded_series_that_a_rule_reads_is_recorded() -> None:
    rules = rules_of_all_groups()
    read = {name for rule in rules for name in re.findall(r"unit_period:\w+", rule["expr"])}
    assert read == {rule["record"] for rule in rules if "record" in rule}


def test_the_example_configuration_keeps_the_labels_that_the_program_sets() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    assert all(scrape["honor_labels"] is True for scrape in config["scrape_configs"])
    targets = [t for scrape in config["scrape_configs"] for s in scrape["static_configs"] for t in s["targets"]]
    assert targets
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+", target) for target in targets)


@pytest.mark.parametrize("program", ["promtool", "prometheus"])
def test_the_program_is_there_where_the_environment_requires_it(program: str) -> None:
    required = "prometheus" in os.environ.get("THIDUA_REQUIRE", "")
    assert shutil.which(program) or not required, "Run tools/install_prometheus.sh as root."


@pytest.mark.prometheus
def test_promtool_accepts_the_rules_and_the_example_configuration() -> None:
    promtool("check", "rules", RULES)
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.prometheus
@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_alerts_fire_at_the_minute_the_rule_tests_expect(path: Path) -> None:
    promtool("test", "rules", path)
