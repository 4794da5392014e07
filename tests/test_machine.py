"""Anything that can happen, in any order: what unbusy promises holds after each step.

`make test` walks a fixed set of paths; with UNBUSY_TORTURE=1 in the environment many more, new ones each time.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from daemon.applying import Applied
from daemon.model.errors import RefusedError, TemporaryError
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, at, local_day
from machine import (
    GUESTS,
    OPTIONS,
    PROMPTS,
    TEAM,
    WORK,
    Killed,
    Place,
    World,
    changes,
    event,
    ics,
    local_vevent,
    reordered,
    vevent,
    when_lines,
    wish_of,
    with_lines,
)
from making import ZONE

TORTURE = bool(os.environ.get("UNBUSY_TORTURE"))
COUNTS: Counter[str] = Counter()

MONDAYS = (date(2026, 11, 30), date(2026, 3, 23), date(2026, 10, 19))
"""An ordinary week; the clocks change at the end of the others."""

picks = st.integers(0, 20)
days = st.integers(-1, 9)
quarters = st.integers(7 * 4, 18 * 4)
lengths = st.sampled_from((60, 15, 30, 90, 120, 240))
points = st.one_of(st.integers(0, 20), st.integers(0, 100))
calendars = st.sampled_from((WORK, TEAM))
texts = st.sampled_from(("", "TRANSP:TRANSPARENT\n", "STATUS:CANCELLED\n"))


class Calendars(RuleBasedStateMachine):
    """Each rule is something that happens; it counts only if it could happen then."""

    @initialize(monday=st.sampled_from(MONDAYS), busy=st.booleans())
    def begin(self, monday: date, busy: bool) -> None:
        self.world = World(monday)
        self.late: Callable[[], Applied | None] | None = None
        self.rested = False
        if busy:
            for n in range(5):
                self._meet(WORK, n, 9 * 4 + 2 * n, 240)
        self.world.apply()

    def teardown(self) -> None:
        """Everything can be read again: two runs later nothing is left to do, with the ledger and without it."""
        if not hasattr(self, "world"):
            return
        world = self.world
        try:
            world.store.down.clear()
            world.store.offline = False
            for place in list(world.broken):
                world.mend(place)
            world.apply(force=True)
            world.apply(force=True)
            world.look()
            world.at_rest()
            world.at_rest_without_ledger()
            COUNTS.update(world.counts + world.power.met)
        finally:
            world.close()

    # -- helpers --------------------------------------------------------------------------------------------------

    def _did(self, what: str, *, plans: bool = True) -> None:
        self.world.counts[what] += 1
        self.rested = self.rested and not plans

    def _span(self, day: int, quarter: int, minutes: int) -> TimeRange:
        start = at(local_day(self.world.now, ZONE) + day * DAY, time(quarter // 4, quarter % 4 * 15), ZONE)
        return TimeRange(start, start + minutes * MINUTE)

    def _meet(self, calendar: str, day: int, quarter: int, minutes: int) -> None:
        place, when = self.world.new_place(calendar, "meeting"), self._span(day, quarter, minutes)
        self.world.write(place, ics(vevent(place[1], when, GUESTS)), [when])

    def _one(self, pick: int) -> Place | None:
        """One of ours."""
        ours = list(self.world.ours())
        return ours[pick % len(ours)] if ours else None

    # -- other people ---------------------------------------------------------------------------------------------

    @rule(calendar=calendars, day=days, quarter=quarters, minutes=lengths)
    def meeting_comes(self, calendar: str, day: int, quarter: int, minutes: int) -> None:
        self._meet(calendar, day, quarter, minutes)
        self._did("meeting comes")

    @rule(pick=picks, minutes=lengths)
    def meeting_comes_over_one_of_ours(self, pick: int, minutes: int) -> None:
        if place := self._one(pick):
            start = event(place, self.world.ours()[place]).span.start
            new, when = self.world.new_place(WORK, "over"), TimeRange(start, start + minutes * MINUTE)
            self.world.write(new, ics(vevent(new[1], when, GUESTS)), [when])
            self._did("meeting comes over one of ours")

    @rule(pick=picks, day=days, quarter=quarters, minutes=lengths)
    def meeting_moves(self, pick: int, day: int, quarter: int, minutes: int) -> None:
        if meetings := self.world.meetings():
            place, when = meetings[pick % len(meetings)], self._span(day, quarter, minutes)
            self.world.write(place, ics(vevent(place[1], when, GUESTS)), [when])
            self._did("meeting moves")

    @rule(pick=picks)
    def meeting_goes(self, pick: int) -> None:
        if meetings := self.world.meetings():
            self.world.remove(meetings[pick % len(meetings)])
            self._did("meeting goes")

    @rule(calendar=calendars, day=days, quarter=quarters, minutes=lengths, text=texts)
    def hold_comes(self, calendar: str, day: int, quarter: int, minutes: int, text: str) -> None:
        """Without other people; busy, free or cancelled."""
        place, when = self.world.new_place(calendar, "hold"), self._span(day, quarter, minutes)
        self.world.write(place, ics(vevent(place[1], when, text, "Hold")), [] if text else [when])
        self._did("hold comes")

    @rule(day=days, length=st.integers(1, 3))
    def absence_comes(self, day: int, length: int) -> None:
        first = local_day(self.world.now, ZONE) + day * DAY
        dates = DateRange(first, first + length * DAY)
        (_, start), (_, end) = when_lines(dates)
        place = self.world.new_place(WORK, "away")
        lines = f"BEGIN:VEVENT\nUID:{place[1]}\nDTSTART{start}\nDTEND{end}\nSUMMARY:Away\nTRANSP:OPAQUE\nEND:VEVENT\n"
        self.world.write(place, ics(lines), [dates.span(ZONE)])
        self._did("absence comes")

    @rule(calendar=calendars, quarter=quarters, minutes=st.sampled_from((30, 60)), moved=st.integers(-8, 8))
    def series_comes(self, calendar: str, quarter: int, minutes: int, moved: int) -> None:
        """Daily, for ten days; one day is left out and one is moved."""
        place = self.world.new_place(calendar, "series")
        first = datetime.combine(local_day(self.world.now, ZONE), time(quarter // 4, quarter % 4 * 15))
        starts = [first + n * DAY for n in range(10)]
        other = starts[3] + moved * 15 * MINUTE
        self.world.write(
            place,
            ics(
                local_vevent(
                    place[1], first, minutes,
                    f"RRULE:FREQ=DAILY;COUNT=10\nEXDATE;TZID=Europe/Warsaw:{starts[2]:%Y%m%dT%H%M%S}\n",
                ),
                local_vevent(
                    place[1], other, minutes, f"RECURRENCE-ID;TZID=Europe/Warsaw:{starts[3]:%Y%m%dT%H%M%S}\n"
                ),
            ),
            [
                TimeRange(begin, begin + minutes * MINUTE)
                for start in (*starts[:2], other, *starts[4:])
                for begin in [at(start.date(), start.time(), ZONE)]
            ],
        )  # fmt: skip
        self._did("series with an override comes")

    # -- the user, on our events ----------------------------------------------------------------------------------

    @rule(pick=picks, day=days, quarter=quarters)
    def user_moves(self, pick: int, day: int, quarter: int) -> None:
        if place := self._one(pick):
            e = event(place, self.world.ours()[place])
            when = self._span(day, quarter, e.span.minutes)
            if e.dates:
                first = local_day(when.start, ZONE)
                self.world.edit(place, *when_lines(DateRange(first, first + len(e.dates.days) * DAY)))
            else:
                self.world.edit(place, *when_lines(when))
            self._did("user moves")

    @rule(pick=picks, minutes=lengths)
    def user_resizes(self, pick: int, minutes: int) -> None:
        place = self._one(pick)
        if place and not (e := event(place, self.world.ours()[place])).dates:
            self.world.edit(place, *when_lines(TimeRange(e.span.start, e.span.start + minutes * MINUTE)))
            self._did("user resizes")

    @rule(pick=picks, other=picks)
    def user_swaps(self, pick: int, other: int) -> None:
        one, two = self._one(pick), self._one(other)
        if one and two and one != two:
            first, second = (event(p, self.world.ours()[p]) for p in (one, two))
            if not first.dates and not second.dates:
                self.world.edit(one, *when_lines(second.span))
                self.world.edit(two, *when_lines(first.span))
                self._did("user swaps")

    @rule(
        pick=picks,
        change=st.sampled_from(
            (
                ("SUMMARY", "Write the strategy"),
                ("TRANSP", "OPAQUE"),
                ("TRANSP", "TRANSPARENT"),
                ("STATUS", "TENTATIVE"),
                ("COLOR", "red"),
            )
        ),
    )
    def user_edits(self, pick: int, change: tuple[str, str]) -> None:
        if place := self._one(pick):
            self.world.edit(place, change)
            self._did(f"user edits {change[0]}")

    @rule(pick=picks)
    def user_types(self, pick: int) -> None:
        if place := self._one(pick):
            self.world.number += 1
            self.world.type(place, f"Stopped at chapter {self.world.number}")
            self._did("user types")

    @rule(pick=picks)
    def user_deletes(self, pick: int) -> None:
        if place := self._one(pick):
            self.world.delete(place)
            self._did("user deletes")

    @rule(pick=picks)
    def user_restores(self, pick: int) -> None:
        wishes = {wish_of(b) for b in self.world.ours().values()}
        trash = sorted(p for p, (b, _) in self.world.trash.items() if wish_of(b) not in wishes)
        if trash:
            self.world.restore(trash[pick % len(trash)])
            self._did("user restores")

    @rule(pick=picks, day=days, quarter=quarters)
    def user_copies(self, pick: int, day: int, quarter: int) -> None:
        """With the mark and all; only the UID is another, as programs do it."""
        if place := self._one(pick):
            e = event(place, self.world.ours()[place])
            copy = self.world.new_place(WORK, "copy")
            changed = [] if e.dates else when_lines(self._span(day, quarter, e.span.minutes))
            self.world.write(copy, with_lines(self.world.ours()[place], ("UID", copy[1]), *changed))
            self._did("user copies")

    # -- other programs -------------------------------------------------------------------------------------------

    @rule(pick=picks, sequence=st.integers(0, 9))
    def program_rewrites(self, pick: int, sequence: int) -> None:
        """Without changing anything, so that the same is planned as before."""
        if place := self._one(pick):
            before, payload = changes(self.world.plan().plan), self.world.ours()[place]
            payload = with_lines(payload, ("SEQUENCE", str(sequence)), ("DTSTAMP", "20260909T090909Z"))
            self.world.store.put(*place, reordered(payload))
            assert changes(self.world.plan().plan) == before
            self._did("another program rewrites", plans=False)

    @rule(pick=picks, ours=st.booleans())
    def resource_breaks(self, pick: int, ours: bool) -> None:
        places = sorted(self.world.ours() if ours else self.world.meetings())
        if places:
            self.world.break_(places[pick % len(places)])
            self._did(f"{'one of ours' if ours else 'a meeting'} cannot be read")

    @precondition(lambda self: self.world.broken)
    @rule(pick=picks)
    def resource_mends(self, pick: int) -> None:
        places = sorted(self.world.broken)
        self.world.mend(places[pick % len(places)])
        self._did("a resource can be read again")

    @rule(calendar=st.sampled_from((WORK, PROMPTS, TEAM)))
    def calendar_goes_down(self, calendar: str) -> None:
        if calendar not in self.world.store.down:
            self.world.store.down.add(calendar)
            self._did("a calendar cannot be read")

    @precondition(lambda self: not self.world.store.offline and self.world.main_is_known())
    @rule()
    def account_goes_down(self) -> None:
        self.world.store.offline = True
        self._did("the account cannot be reached")

    @precondition(lambda self: self.world.hidden)
    @rule()
    def all_comes_back(self) -> None:
        self.world.store.down.clear()
        self.world.store.offline = False
        self._did("all calendars can be read again")

    # -- the machine and its owner --------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from((5, 60, 180, 24 * 60, 3 * 24 * 60, 7 * 24 * 60)))
    def clock_steps(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)
        self.late = None
        self._did(f"clock steps {minutes} min")

    @rule(option=st.sampled_from(sorted(OPTIONS)), pick=st.integers(0, 2))
    def config_changes(self, option: str, pick: int) -> None:
        value = OPTIONS[option][pick % len(OPTIONS[option])]
        if value != self.world.options[option]:
            self.late = None
            self.world.configure(option, value)
            self._did(f"config changes {option}")

    @precondition(lambda self: not self.world.store.offline)
    @rule()
    def ledger_is_lost(self) -> None:
        self.late = None
        self.world.lose_ledger()
        self._did("ledger is lost", plans=False)

    # -- runs -----------------------------------------------------------------------------------------------------

    @rule()
    def plan_only(self) -> None:
        plan = self.world.plan().plan
        assert not (self.rested and plan.changes), changes(plan)
        self._did("plan", plans=False)

    @rule(force=st.booleans())
    def apply(self, force: bool) -> None:
        self.late = None
        done = self.world.apply(force=force)
        assert done
        self._did("apply" if done.done else "apply, nothing to do")
        self._rest(force=force)

    def _rest(self, *, force: bool) -> None:
        """After a run that was carried out, nothing is left to do."""
        plan = self.world.plan().plan
        if not plan.stopped or force:
            assert changes(plan) == []
            self.rested = True

    @rule()
    def plan_for_later(self) -> None:
        self.late = self.world.apply_late()
        self._did("plan for later", plans=False)

    @precondition(lambda self: self.late)
    @rule()
    def apply_late(self) -> None:
        assert self.late
        if self.world.hidden:
            self.world.power.cut(0, TemporaryError("cannot be read"))
        done = self.late()
        self.late = None
        self._did("apply late" if not done or not done.lost else "apply late, lost a race")

    @rule(after=points)
    def run_is_killed(self, after: int) -> None:
        self.late = None
        self.world.power.cut(after, Killed())
        self._did("killed" if self.world.apply(force=True) is None else "killed too late")

    @rule(after=st.integers(0, 12), refused=st.booleans())
    def answer_is_lost(self, after: int, refused: bool) -> None:
        """Before or after the write took effect; a refusal comes before it."""
        self.late = None
        error = RefusedError("not allowed") if refused else TemporaryError("no answer")
        self.world.power.cut(after * (2 if refused else 1), error)
        self._did("failed" if self.world.apply(force=True) is None else "failed too late")

    @rule(after=points, kill=st.booleans())
    def undo(self, after: int, kill: bool) -> None:
        self.late = None
        if kill:
            self.world.power.cut(after, Killed())
        if self.world.undo():
            self._did("undo")

    @rule(after=points, kill=st.booleans())
    def purge(self, after: int, kill: bool) -> None:
        self.late = None
        if kill:
            self.world.power.cut(after, Killed())
        self._did("purge" if self.world.purge() else "purge failed")

    # -- what must hold -------------------------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "world"):
            self.world.look()


def test_any_order_of_events(capsys: pytest.CaptureFixture[str]) -> None:
    COUNTS.clear()
    profile = settings(
        max_examples=int(os.environ.get("UNBUSY_EXAMPLES", "2000")) if TORTURE else 40,
        stateful_step_count=int(os.environ.get("STEPS", "50")) if TORTURE else 30,
        derandomize=not TORTURE,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=list(Phase)[:-1] if not os.environ.get("NOSHRINK") else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Calendars, settings=profile)
    if TORTURE:
        with capsys.disabled():
            print("", *(f"{n:8} {what}" for what, n in sorted(COUNTS.items())), sep="\n")  # noqa: T201
