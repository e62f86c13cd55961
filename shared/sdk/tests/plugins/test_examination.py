"""Examining a foreign set: the tiers it reaches, and an answer whatever its code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from thidua.plugins.writing import write_distribution
from thidua.testkit.report import examine_apart
from thidua.testkit.rules import RULES, tier_reached

MB = 512


pytestmark = pytest.mark.drill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_distribution("bo-thu", tmp_path, "Bộ tiêu chí thử", "collective", 2022)
    return tmp_path / "bo-thu" / "bo_thu"


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


def broken(report: dict[str, object]) -> list[str]:
    rows = report["rules"]
    assert isinstance(rows, list)
    return [row["key"] for row in rows if not row["kept"]]


def test_the_template_as_written_reaches_the_highest_tier(folder: Path) -> None:
    report = examine_apart(folder, MB, 60)
    assert (report["tier"], broken(report), report["golden"]) == ("gold", [], 10)
    assert [row["address"] for row in report["rules"]] == [f"docs/conformance.md#{one.key}" for one in RULES]


IN_THE_FILES = (
    ("golden/C.yaml", "points: 10", "points: 11", "golden"),
    ("golden/B.yaml", "B: {status: met,", "B: {", "covered"),
    ("golden/A.yaml", "A: {status: missing,", "A: {", "covered-when-silent"),
    ("criteria.yaml", "Báo cáo kết quả phong trào", "Bao cao", "in-vietnamese"),
    ("criteria.yaml", "scale: 100, mark: illustrative,", "scale: 100,", "settled"),
    ("criteria.yaml", ", due: {day: 5, after: period}}", "}", "due"),
)
REACHES_OUT = """from collections import _sys
    try:
        _sys.modules['os'].listdir('/')
    except Exception:
        pass
    words = {str(n) for n in range(99)}
    [n * n for n in range(2_000_000)]
    cleared = now.value / 8 + 0 * max("""
IN_THE_CODE = (
    ("rules.py", "cleared = max(", REACHES_OUT, "pure deterministic quick better"),
    ("rules.py", 'còn {now.value}."', "còn {' '.join(words)}\"", "explained"),
    ("rules.py", "return unknown", "return judged(False, Fraction(0), 'Không điểm.')", "missing-is-not-zero"),
)


@pytest.mark.parametrize("changes", [IN_THE_FILES, IN_THE_CODE])
def test_what_breaks_rules_is_found_under_their_names_and_costs_the_tier(
    folder: Path, changes: tuple[tuple[str, str, str, str], ...]
) -> None:
    for file, old, new, _ in changes:
        change(folder, file, old, new)
    report = examine_apart(folder, MB, 60)
    wanted = {rule for *_, rules in changes for rule in rules.split()}
    assert wanted - set(broken(report)) == set(), report
    assert report["tier"] == "none"


@pytest.mark.parametrize(
    ("lost", "tier"), [("golden", "none"), ("due", "silver"), ("explained", "bronze"), ("", "gold")]
)
def test_a_tier_needs_its_rules_and_those_below_it(lost: str, tier: str) -> None:
    assert tier_reached(iter([lost])) == tier


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("while True:\n    pass", "did not come to an end within 2 seconds"),
        ("from collections import _sys\n_sys.modules['os']._exit(0)", "ended the process that examined it"),
        ("TABLE = bytearray(10_000_000_000)", "cannot be imported"),
        ("from collections import _sys\n_sys.stdout.write('A' * 5_000_000)\n_sys.exit('vô cớ')", "imported: vô cớ"),
        ("from collections import _sys\n_sys.exit('vô cớ')", "cannot be imported: vô cớ"),
    ],
)
def test_an_answer_comes_back_whatever_the_code_of_a_set_does(folder: Path, head: str, said: str) -> None:
    change(folder, "rules.py", "def backlog_cleared", f"{head}\n\n\ndef backlog_cleared")
    report = examine_apart(folder, MB, 2)
    assert report["tier"] == "none"
    assert re.search(said, report["refused"]), report["refused"][:300]
