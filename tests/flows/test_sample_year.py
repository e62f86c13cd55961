from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from .conftest import Played
from .thidua_command import THIDUA, demo, difference, environment, run, state

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.xdist_group("sample"), pytest.mark.slow, pytest.mark.timeout(600)]


def test_same_seed_gives_the_same_file_but_for_times(played: Played, tmp_path: Path) -> None:
    again = demo(tmp_path / "again")
    assert {**again, "elapsed": {}} == {**played.result, "elapsed": {}}
    assert difference(state(tmp_path / "again"), played.state) == []


def test_a_play_that_is_done_is_not_played_twice(played: Played) -> None:
    assert {**demo(played.folder), "elapsed": {}} == {**played.result, "elapsed": {}}
    assert difference(state(played.folder), played.state) == []


def test_all_twelve_months_are_closed_and_everything_is_counted(played: Played) -> None:
    counts = played.result["counts"]
    assert counts["months_closed"] == 12
    assert all(counts[name] > 0 for name in counts), counts


def test_a_rate_is_two_whole_numbers_or_nothing_at_all(played: Played) -> None:
    rates = [rate for months in played.result["rates"].values() for rate in months.values()]
    assert all(rate is None or 0 <= rate[0] <= rate[1] for rate in rates)
    known = [Fraction(*rate) for rate in rates if rate is not None and rate[1]]
    assert known
    assert min(known) < Fraction(9, 10) < max(known)


def test_points_and_candidates_say_what_they_rest_on(played: Played) -> None:
    assert played.result["points_mark"] == "mẫu minh họa"
    assert "sinh từ số liệu tổng hợp đã công bố" in played.result["label"]
    assert set(played.result["candidates"]) == {"LDTT", "CSTDCS", "CSTDB", "TTLDTT", "TTLDXS", "CTDB"}


def test_what_is_printed_is_vietnamese_with_figures(played: Played) -> None:
    printed = run("demo", "--once", "--small", "--seed", "7", "--data", played.folder)
    for expected in ("mẫu minh họa", "Lao động tiên tiến", "đúng hạn", "Tính đến"):
        assert expected.lower() in printed.lower(), expected


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The small year of the published seed, and what playing it printed."""
    folder = tmp_path_factory.mktemp("published") / "data"
    return folder, run("demo", "--once", "--small", "--data", folder)


def test_the_output_that_the_readme_shows_is_what_the_small_year_prints(published: tuple[Path, str]) -> None:
    printed = {line.rstrip() for line in published[1].splitlines()}
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert [line for line in shown.splitlines() if line != "…" and line not in printed] == []


def test_the_guide_of_awards_shows_what_its_commands_print(published: tuple[Path, str]) -> None:
    text = (ROOT / "docs/awards.md").read_text(encoding="utf-8")
    shown = re.findall(r"^<!-- small year -->\n```console\n\$ thidua (.*?)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert {command.split()[0] for command, _ in shown} == {"explain", "fairness", "audit"}
    with served(published[0]) as address:
        for command, expected in shown:
            service = "scoring" if command.startswith("explain") else "awards"
            printed = run(*command.split(), "--url", f"{address}/{service}", COLUMNS="80")
            pattern = re.escape(trimmed(expected)).replace(re.escape("…"), ".*")
            assert re.fullmatch(pattern, trimmed(printed), re.DOTALL), f"{command}\n{printed}"


def trimmed(text: str) -> str:
    """Return a text without the blanks that a table leaves at the end of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a data folder as `thidua up` does; give its address."""
    command = [THIDUA, "up", "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(COLUMNS="200")) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://[0-9.]+:[0-9]+", process.stdout.readline())
            assert found, "the first line names the address"
            yield found[0]
        finally:
            process.terminate()


def test_a_folder_with_another_year_is_refused_with_a_sentence(played: Played) -> None:
    told = run("demo", "--once", "--small", "--seed", "8", "--data", played.folder, fails=True)
    assert "holds another sample year" in told
    assert "Traceback" not in told


def test_canonical_state_names_nothing_by_a_generated_id(played: Played) -> None:
    lines = [json.loads(line) for line in played.state.splitlines()]
    assert {stream for stream, _ in lines} >= {"units", "monthly-results", "scores", "recommendations", "decisions"}
    units = {body["id"] for stream, body in lines if stream == "units"}
    assert all(unit.startswith(("btnmt", "stnmt")) for unit in units)
