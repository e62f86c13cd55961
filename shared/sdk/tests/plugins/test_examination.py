"""Examining a foreign set: the tiers it reaches, and an answer whatever its code does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from thidua.criteria.loader import folder_of
from thidua.plugins.writing import write_distribution
from thidua.testkit.checks import covered
from thidua.testkit.exam import begin
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


FORGES = """
from collections import _sys
for number in range(3, 20):
    try:
        _sys.modules["os"].write(number, {written})
    except OSError:
        pass
{then}
"""
ENDS = "_sys.modules['os']._exit(0)"


@pytest.mark.parametrize(
    ("head", "said", "seconds"),
    [
        ("while True:\n    pass", "did not come to an end within 2 seconds", 2),
        ("from collections import _sys\n_sys.modules['os']._exit(0)", "ended the process that examined it", 60),
        ("TABLE = bytearray(10_000_000_000)", "cannot be imported", 60),
        ("from collections import _sys\n_sys.stdout.write('A' * 5_000_000)\n_sys.exit('vô cớ')", "imported: vô cớ", 60),
        ("from collections import _sys\n_sys.exit('vô cớ')", "cannot be imported: vô cớ", 60),
        (FORGES.format(written="b'[]'", then=ENDS), "ended the process that examined it", 60),
        (FORGES.format(written="b'[]\\n'", then=ENDS), "answered something else than was asked", 60),
        (FORGES.format(written='b\'{"tier": "gold"}\\n\'', then=ENDS), "answered something else than was asked", 60),
        (FORGES.format(written="b'A' * 5_000_000", then=ENDS), "answered more than 4000000 bytes", 60),
    ],
)
def test_an_answer_comes_back_whatever_the_code_of_a_set_does(folder: Path, head: str, said: str, seconds: int) -> None:
    change(folder, "rules.py", "def backlog_cleared", f"{head}\n\n\ndef backlog_cleared")
    report = examine_apart(folder, MB, seconds)
    assert report["tier"] == "none"
    assert re.search(said, report["refused"]), report["refused"][:300]


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ("_sys.modules['thidua.testkit.report']._judged = None", "for criterion C: 'thidua.testkit.report'"),
        ("_sys.modules['thidua.testkit.apart'].score = lambda *_: 'gold'", "AttributeError"),
        (
            "_sys.modules['thidua.testkit.apart'].scored = type('S', (), dict("
            "canonical=b'{}', seconds=Fraction(0), seen=(), kept_case=True))",
            "TypeError",
        ),
    ],
)
def test_a_set_that_replaces_what_examines_it_reaches_no_tier(folder: Path, forged: str, said: str) -> None:
    change(folder, "rules.py", "    before, now =", f"    {forged}\n    before, now =")
    change(folder, "rules.py", "from fractions import", "from collections import _sys\nfrom fractions import")
    report = examine_apart(folder, MB, 60)
    assert report["tier"] == "none"
    assert said in str(report)


def test_rules_of_adjustments_need_golden_cases_as_those_of_criteria_do(tmp_path: Path) -> None:
    copy = shutil.copytree(folder_of("cong_an_cum"), tmp_path / "cong_an_cum")
    assert covered(begin(copy)) == []
    (copy / "golden" / "thuong-phat.yaml").unlink()
    assert covered(begin(copy)) == [f"{code} has no golden case: met, not_met or partly" for code in ("TH", "PH")]


OTHER_SCORES = (
    "another hash seed of Python, another day, or another order of cases gives another score; sort what came out of a "
    "set, ask no clock, keep nothing from one case to the next"
)
LATER_CASES = "Giải quyết được một phần tư thì được một nửa số điểm, Hồ sơ tồn tăng thêm thì không có điểm"


def test_a_rule_that_learns_the_day_in_a_roundabout_way_is_not_deterministic(folder: Path) -> None:
    change(folder, "rules.py", "from fractions import", "from collections import _sys\nfrom fractions import")
    change(folder, "rules.py", 'còn {now.value}."', 'còn {TODAY()}."')
    change(
        folder,
        "rules.py",
        "def backlog",
        "TODAY = getattr(_sys.modules['datetime'].date, 'to' + 'day')\n\n\ndef backlog",
    )
    report = examine_apart(folder, MB, 60)
    (found,) = [row["found"] for row in report["rules"] if row["key"] == "deterministic"]
    assert [one.partition(": ")[2] for one in found] == [OTHER_SCORES]


def test_a_rule_that_keeps_what_it_saw_in_a_roundabout_way_is_not_deterministic(folder: Path) -> None:
    change(folder, "rules.py", 'còn {now.value}."', 'còn {now.value}, {note(SEEN, credit)}."')
    keeps = "SEEN = []\n\n\ndef note(seen, one):\n    seen.append(one)\n    return max(seen)\n\n\ndef backlog"
    change(folder, "rules.py", "def backlog", keeps)
    report = examine_apart(folder, MB, 60)
    (found,) = [row["found"] for row in report["rules"] if row["key"] == "deterministic"]
    # Those whose score is another one while the first case was not scored yet.
    assert [one.partition(": ")[::2] for one in found] == [(LATER_CASES, OTHER_SCORES)]
