"""One account fails: the others are served, and it is left alone until its rest is over or a command asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle, scheduler, service
from daemon.checks import health
from daemon.house import House
from daemon.model.errors import RefusedError, TemporaryError, UnbusyError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.plan import Draft
from daemon.model.protocols import CalendarInfo, Changes, Resource, Seen
from living import EVENT, ONLY_FOCUS, Life
from making import span
from memory import Memory

HOME = ONLY_FOCUS + '[accounts.home]\ntype = "vdir"\npath = "/nowhere"\n'
BUSY = TemporaryError("the server is busy")
ASKS = TemporaryError("the server asks for a rest", retry_after=timedelta(hours=3))
REFUSED = RefusedError("the server does not take the password", "log in")


@dataclass
class Moody(Memory):
    """A store that fails on demand: `error` at each of `at` ('calendars', a calendar, 'write', or a key of ours)."""

    error: UnbusyError | None = None
    at: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def _ask(self, *what: str) -> None:
        self.asked.append(what[0])
        if self.error and not set(what).isdisjoint(self.at):
            raise self.error

    def calendars(self) -> Sequence[CalendarInfo]:
        self._ask("calendars")
        return super().calendars()

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        self._ask(calendar)
        return super().changes(calendar, seen)

    def create(self, draft: Draft) -> Resource:
        self._ask("write", draft.mark.key)
        return super().create(draft)

    def delete(self, ref: ResourceRef) -> None:
        self._ask("write")
        super().delete(ref)


class Two(Life):
    """A life with a second account, `home`, that holds a dentist; both in memory, and moody."""

    def __init__(self, base: Path) -> None:
        super().__init__(base, policies=HOME, store="memory")
        self.work, self.home = Moody("work", clock=lambda: self.now), Moody("home", ("Private", "Clubs"))
        self.shelf.connector = self.work
        dentist = EVENT.format(uid="d", title="Dentist", more="", start=span("Tue 09:00-11:00").start,
                               end=span("Tue 09:00-11:00").end)  # fmt: skip
        self.home.put("home/Private", "d.ics", dentist.encode())

    @contextmanager
    def house(self) -> Iterator[House]:
        with super().house() as house:
            yield replace(house, connectors={"work": self.work, "home": self.home})

    def turn(self, minutes: int = 5) -> str:
        """A cycle of the daemon, some time later; what it says.  What was asked before is forgotten."""
        self.now += timedelta(minutes=minutes)
        self.work.asked.clear()
        self.home.asked.clear()
        with self.house() as house:
            return service.one_cycle(house, self.now, observe=False)

    def status(self) -> dict[str, object]:
        with self.house() as house:
            return health(house, self.now)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """Both were read, and the blocks stand."""
    two = Two(tmp_path)
    two.apply()
    return two


def starts(life: Life) -> list[str]:
    return sorted(f"{o.event.span.start.astimezone(life.now.tzinfo):%a %H:%M}" for o in life.ours().values())


@pytest.mark.parametrize(
    ("error", "at"),
    [(BUSY, ["calendars"]), (REFUSED, ["calendars"]), (ASKS, ["home/Private"]), (BUSY, ["home/Private", "home/Clubs"])],
)  # fmt: skip
def test_an_account_that_fails_rests_and_the_other_is_served(two: Two, error: UnbusyError, at: Sequence[str]) -> None:
    two.home.error, two.home.at = error, at
    two.meet("Wed 09:00-11:00", "Fire")
    assert "1 written" in two.turn()
    assert "Tue 09:00" not in starts(two), "the dentist's time stays busy"
    two.meet("Thu 09:00-11:00", "Flood")
    assert "1 written" in two.turn()
    asked = [bool(two.home.asked)]
    for _ in range(3):
        two.turn()
        asked.append(bool(two.home.asked))
    assert asked == ([False] * 4 if error is ASKS else [True, False, True, False])
    (said,) = two.status()["resting"]  # type: ignore[misc]  # a list of lines
    assert said.startswith(f"home: {error.what}; not asked again before 2026-11-30 ")


def test_who_asks_for_a_rest_is_asked_nothing_else_until_it_is_over(two: Two) -> None:
    two.home.error, two.home.at = ASKS, ["home/Clubs", "home/Private"]
    two.turn()
    assert two.home.asked == ["calendars", "home/Private"]
    two.turn(minutes=179)
    assert two.home.asked == []
    two.home.error = None
    two.turn(minutes=1)
    assert two.home.asked == ["calendars", "home/Private", "home/Clubs"]
    assert two.status()["resting"] == []


def test_one_calendar_that_fails_is_no_reason_to_leave_the_account_alone(two: Two) -> None:
    two.home.error, two.home.at = BUSY, ["home/Private"]
    for _ in range(4):
        two.turn()
        assert two.home.asked == ["calendars", "home/Private", "home/Clubs"]
    assert two.status()["resting"] == []


@pytest.mark.parametrize("command", [Life.plan, Life.apply])
def test_a_command_asks_at_once(two: Two, command: Callable[[Life], object]) -> None:
    two.home.error, two.home.at = ASKS, ["calendars"]
    two.turn()
    two.home.asked.clear()
    command(two)
    assert two.home.asked == ["calendars"]
    two.home.error = None
    command(two)
    assert two.status()["resting"] == []


@pytest.mark.parametrize("error", [BUSY, ASKS, REFUSED])
def test_an_account_that_takes_no_writes_keeps_nobody_from_being_read(two: Two, error: UnbusyError) -> None:
    two.meet("Wed 09:00-11:00", "Fire")
    two.delete("2026-W49/4")
    two.now += timedelta(days=7)
    two.work.error, two.work.at = error, ["write"]
    with pytest.raises(scheduler.Incomplete, match=f"writing failed: {error.what}"):
        two.turn()
    assert error.what in str(two.status()["problems"])
    assert error.what in str(two.status()["resting"])
    assert "0 written" in two.turn(minutes=4)
    assert two.work.asked == []
    assert two.home.asked == ["calendars", "home/Private", "home/Clubs"]
    two.work.error = None
    two.turn(minutes=180)
    assert two.changes() == []
    assert two.status()["resting"] == []


@pytest.mark.parametrize("error", [BUSY, ASKS])
def test_one_event_that_is_not_taken_stops_no_other(tmp_path: Path, error: UnbusyError) -> None:
    two = Two(tmp_path)
    two.work.error, two.work.at = error, ["2026-W49/1"]
    wanted = two.changes()
    with pytest.raises(TemporaryError, match=error.what):
        two.apply()
    tried = 1 if error is ASKS else len(wanted)
    assert two.work.asked.count("write") == tried
    assert len(two.names()) == tried - 1
    two.work.error = None
    two.apply()
    assert two.changes() == []
    assert len(two.names()) == len(wanted)


def test_two_failures_in_a_row_end_the_run(two: Two) -> None:
    two.now += timedelta(days=7)
    two.work.error, two.work.at = BUSY, ["write"]
    two.work.asked.clear()
    with pytest.raises(TemporaryError):
        two.apply()
    assert two.work.asked.count("write") == 2


def test_on_an_account_that_was_never_read_nothing_is_built(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.home.error, two.home.at = BUSY, ["calendars"]
    plan = two.plan()
    assert [c.reason for c in plan.changes if "unbusy cannot read home" not in str(c)] == []
    assert len(plan.changes) == 1
    assert [p.what for p in plan.problems] == [BUSY.what]
    two.home.error = None
    assert len(two.plan().changes) > 1


def test_a_writing_account_that_was_never_read_is_told_at_once(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.work.error, two.work.at = BUSY, ["calendars"]
    with pytest.raises(TemporaryError, match=BUSY.what):
        two.turn()
    with pytest.raises(TemporaryError, match="not asked again before"):
        two.turn(minutes=4)
    with two.house() as house, pytest.raises(TemporaryError, match=rf"{BUSY.what}$"):
        cycle.plan(house, two.now)
