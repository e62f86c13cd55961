"""No order of opening, voting, absence, closing, recount and kill yields a wrong total, a second vote or a link."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, text

from thidua.errors import ThiduaError
from thidua_awards.commands import council as councils
from thidua_awards.commands import counting, votes
from thidua_awards.council_entries import (
    BallotEntry,
    CaseTotals,
    CloseEntry,
    CouncilEntry,
    InterestEntry,
    MeetingEntry,
    OpenEntry,
    PresenceEntry,
    RecountEntry,
    VoteEntry,
)
from thidua_awards.service import SERVICE
from thidua_runtime.access import fingerprint
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.testing import RunningSuite, SuiteFactory

pytestmark = pytest.mark.drill

MEMBERS = tuple(f"tv{number:02d}" for number in range(1, 6))
PLACES = (1, 2)
CHOICES = ("yes", "no", "invalid")
SAID = st.tuples(*[st.sampled_from(CHOICES)] * 2)
AFTER_COMMIT = 99
KILLED = st.sampled_from((None,) * 12 + (0, 3, AFTER_COMMIT, AFTER_COMMIT))
"""At which statement the process is killed (kill -9), most often at none, so that most acts come through.

An act with fewer statements is committed first, and its answer is lost.
"""


def act_and_die(database: Database, command: Any, arguments: tuple[Any, ...], at: int, told: int) -> NoReturn:
    """Run a command in this process, a fork, and kill it at a statement or after the commit; never returns."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    async def run() -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        own = open_database(url, database.service, database.settings, database.clock)
        event.listen(own.engine.sync_engine, "before_cursor_execute", count)
        async with own.transaction("Thư ký") as tx:
            await command(tx, *arguments)

    with suppress(ThiduaError):
        asyncio.run(run())
        os.write(told, b"committed")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a process survives no SIGKILL")


def killed_while_acting(database: Database, command: Any, arguments: tuple[Any, ...], at: int) -> bool:
    """Let another process act and be killed; return whether it committed before."""
    hears, told = os.pipe()
    child = os.fork()
    if child == 0:
        act_and_die(database, command, arguments, at, told)
    os.close(told)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    with os.fdopen(hears, "rb") as answer:
        return answer.read() == b"committed"


@dataclass
class Council:
    """The running service, and the loop on which everything of it happens."""

    runner: asyncio.Runner
    running: RunningSuite
    made: AbstractAsyncContextManager[RunningSuite]
    keys: Path
    factory: Any
    acts: Counter[str] = field(default_factory=Counter)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def doing(self, command: Any, *arguments: Any) -> Any:
        async with self.running.transaction("awards", "Thư ký") as tx:
            return await command(tx, *arguments)

    def do(self, command: Any, *arguments: Any, killed: int | None = None) -> Any:
        """Run a command; returns None where it was refused or killed before its commit, True where after it."""
        if killed is not None:
            database = self.running.suite.services["awards"].database
            done = killed_while_acting(database, command, arguments, killed)
            self.acts["killed and committed" if done else "killed"] += 1
            return done or None
        try:
            answer = self.run(self.doing(command, *arguments))
        except ThiduaError:
            return None
        self.acts[command.__name__] += 1
        return answer


@pytest.fixture
def house(suite: SuiteFactory, year: Any, council: Any, tmp_path: Path) -> Iterator[Council]:
    clock = ManualClock(datetime(2022, 12, 30, 9, tzinfo=VIETNAM))
    with asyncio.Runner() as runner:
        made = suite(SERVICE, clock=clock, ballot_keys_folder=tmp_path / "keys")
        running = runner.run(made.__aenter__())
        runner.run(running.deliver(*year.department()))
        runner.run(running.settle())
        yield Council(runner, running, made, tmp_path / "keys", council)
        runner.run(made.__aexit__(None, None, None))


@settings(max_examples=25, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck))
class Ballot(RuleBasedStateMachine):
    """One vote on two cases by five members, and what it must come to."""

    house: Council
    state = "drafted"

    # Most orders begin with an open vote and some ballots: acts drawn blindly would hardly ever come to a closing.
    @initialize(
        recused=st.sets(st.tuples(st.sampled_from(MEMBERS), st.sampled_from(PLACES)), max_size=3),
        wrote=st.sampled_from(((), MEMBERS[2:])),
        opened=st.integers(0, 3),
        first=st.dictionaries(st.sampled_from(MEMBERS), SAID),
    )
    def draw_up(
        self, recused: set[tuple[str, int]], wrote: tuple[str, ...], opened: int, first: dict[str, tuple[str, ...]]
    ) -> None:
        entry = CouncilEntry.model_validate(self.house.factory.council(5, share={"more_than": "1/2"}, quorum=None))
        council = self.house.do(councils.set_up_council, entry)["id"]
        self.tokens = {one: self.house.do(councils.give_token, council, one)["token"] for one in MEMBERS}
        meeting = MeetingEntry.model_validate(
            {"campaign": "TD2022", "held_on": "2022-12-30", "place": "P", "chair": "A", "secretary": "B"}
        )
        self.meeting = self.house.do(councils.call_meeting, council, meeting)["id"]
        entries = VoteEntry.model_validate({"title": "BKB", "method": "electronic", "subjects": ["P0", "P1"]})
        self.vote = self.house.do(votes.draw_up, self.meeting, entries)["id"]
        self.presence: dict[str, str] = {}
        self.recused: set[tuple[str, int]] = set()
        self.cast: dict[str, tuple[str, ...]] = {}
        self.state = "drafted"
        self.totals: dict[int, Counter[str]] = {}
        for member in MEMBERS:
            self.attend(member, "written" if member in wrote else "present", killed=None)
        for member, place in sorted(recused):
            self.declare(member, place)
        if opened:
            self.open(killed=None)
            for member, said in sorted(first.items()):
                self.vote_for(member, said, killed=None)

    @rule(member=st.sampled_from(MEMBERS), how=st.sampled_from(("present", "written", "absent")), killed=KILLED)
    def attend(self, member: str, how: str, killed: int | None) -> None:
        entry = [PresenceEntry.model_validate({"member": member, "presence": how})]
        if self.house.do(councils.record_presence, self.meeting, entry, killed=killed):
            assert not (how != "present" and member in self.cast and self.state == "open"), "a vote and no voter"
            if self.state != "closed":
                self.presence[member] = how

    @rule(member=st.sampled_from(MEMBERS), place=st.sampled_from(PLACES))
    def declare(self, member: str, place: int) -> None:
        entry = [InterestEntry(member=member, place=place, document="Đơn")]
        if self.house.do(votes.declare_interests, self.vote, entry):
            assert self.state == "drafted"
            self.recused.add((member, place))

    @rule(killed=KILLED)
    def open(self, killed: int | None) -> None:
        # Every order votes on the same two people.
        entry = OpenEntry(despite=True, despite_voted=True, reason="Hội đồng thống nhất")
        if self.house.do(votes.open_vote, self.vote, entry, killed=killed):
            assert self.state == "drafted"
            assert not self._few_wrote()
            self.state = "open"

    @rule(member=st.sampled_from(MEMBERS), said=SAID, killed=KILLED)
    def vote_for(self, member: str, said: tuple[str, ...], killed: int | None) -> None:
        choices = tuple(
            "none" if (member, place) in self.recused else one for place, one in zip(PLACES, said, strict=True)
        )
        entry = BallotEntry.model_validate({"choices": choices})
        if self.house.do(votes.cast, self.vote, fingerprint(self.tokens[member]), entry, killed=killed):
            assert (self.state, self.presence.get(member)) == ("open", "present")
            self.cast[member] = choices

    @precondition(lambda self: self.state == "open")
    @rule(killed=KILLED, yes=st.booleans())
    def close(self, killed: int | None, yes: bool) -> None:
        entry = CloseEntry(document="BB", written=self._written(yes))
        if self.house.do(counting.close, self.vote, entry, killed=killed):
            assert self.state == "open"
            assert not self._few_wrote(), "one or two opinions are a total of their own"
            self.state = "closed"
            self.totals = self._expected(yes)
            self.recount()

    @precondition(lambda self: self.state == "closed")
    @rule()
    def recount(self) -> None:
        again = self.house.do(counting.recount, self.vote, RecountEntry(document="BB"))
        assert again["same"], again

    @invariant()
    def nothing_is_lost_counted_twice_or_linked(self) -> None:
        self.house.run(self._look())

    def teardown(self) -> None:
        """Close what is still open: an order that never comes to a closing shows no total."""
        if self.state == "open":
            self.close(killed=None, yes=True)
            self.nothing_is_lost_counted_twice_or_linked()

    async def _look(self) -> None:
        async with self.house.running.transaction("awards") as tx:
            row = await tx.row(text("select state from vote where id = :id"), id=self.vote)
            ballots = await tx.rows(text("select * from ballot where vote = :id"), id=self.vote)
            cases = await tx.rows(text("select * from vote_case where vote = :id order by place"), id=self.vote)
            opened = await tx.rows(text("select * from opened_ballot where vote = :id"), id=self.vote)
        assert row is not None
        assert row.state == self.state
        assert {one.member for one in ballots} == set(self.cast)
        assert len({len(one.sealed) for one in ballots}) <= 1
        if self.state != "closed":
            assert not opened
            assert all(case.yes is None for case in cases)
            return
        for case in cases:
            assert Counter({"yes": case.yes, "no": case.no, "invalid": case.invalid}) == self.totals[case.place]
            slots = sorted(one.slot for one in opened if one.place == case.place)
            assert slots == list(range(1, self.totals[case.place].total() + 1)), "a vote too few or too many"

    def _written(self, yes: bool) -> tuple[CaseTotals, ...]:
        return tuple(
            CaseTotals(place=p, yes=n if yes else 0, no=0 if yes else n) for p in PLACES for n in [self._wrote(p)]
        )

    def _wrote(self, place: int) -> int:
        return sum(how == "written" and (one, place) not in self.recused for one, how in self.presence.items())

    def _few_wrote(self) -> bool:
        return any(self._wrote(place) in (1, 2) for place in PLACES)

    def _expected(self, yes: bool) -> dict[int, Counter[str]]:
        expected = {}
        for index, place in enumerate(PLACES):
            said = Counter(dict.fromkeys(CHOICES, 0))
            said.update(choices[index] for choices in self.cast.values() if choices[index] != "none")
            said["yes" if yes else "no"] += self._wrote(place)
            expected[place] = said
        return expected


def test_no_order_of_acts_and_kills_yields_a_wrong_total_a_second_vote_or_a_link(house: Council) -> None:
    Ballot.house = house
    run_state_machine_as_test(Ballot, settings=Ballot.TestCase.settings)
    assert house.acts["close"] > 5, f"hardly any order came to a closing: {house.acts}"
    assert house.acts["killed"] + house.acts["killed and committed"] > 5, f"hardly any kill: {house.acts}"
