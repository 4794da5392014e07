"""Anything that can happen, in any order: what unbusy promises holds after each step.

`make test` walks a fixed set of paths; with UNBUSY_TORTURE=1 in the environment many more, new ones each time.
"""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RULE_MARKER,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

import outsiders
from clusters import Cluster, InPostgres
from connectors.rfc5545.lines import escaped
from daemon.explain import search as why
from daemon.model.errors import ExistsError, GoneError, LostRaceError, RefusedError, TemporaryError, UnbusyError
from daemon.model.owner import EXTRA, UNBUSY, UNDONE, Field
from daemon.model.plan import Annotate, Cause, Create, Plan
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, at, local_day, read_stamp
from daemon.model.user.gesture import Gesture
from daemon.planning.counting.copies import MIRRORS
from daemon.stages.applying import Applied
from living import said
from machine import (
    GUESTS,
    MEETINGS,
    NAMES,
    OPTIONS,
    PRIVATE,
    PROMPTS,
    TEAM,
    WORK,
    Answers,
    Figure,
    Files,
    Place,
    World,
    carried,
    changes,
    differences,
    event,
    ics,
    local_vevent,
    uid_in,
    vevent,
    when_lines,
    with_lines,
)
from making import ME, ZONE
from modelserver import REWRITES, Habits
from power import POINTS, Killed
from twins import CALLS, InBoth
from words import TITLES, answer_under, description

TORTURE = bool(os.environ.get("UNBUSY_TORTURE"))
COUNTS: Counter[str] = Counter()
STEPS = "steps"
LEAST_STEPS, LEAST, LEAST_KILLS, MOST_ROUNDS = 10_000, 200, 20, 20
"""What must have happened at least: steps, effects of each rule, crashes at each point; within so many rounds."""

REACHED = [p for p in POINTS if not p.endswith(("respond", "take_up"))]

MONDAYS = (date(2026, 11, 30), date(2026, 3, 23), date(2026, 10, 19))
"""An ordinary week; the clocks change at the end of the others."""

picks = st.integers(0, 20)
days = st.integers(-1, 9)
quarters = st.integers(7 * 4, 18 * 4)
lengths = st.sampled_from((60, 15, 30, 90, 120, 240))
afters = st.one_of(st.just(0), st.integers(0, 6))
calendars = st.sampled_from((WORK, TEAM))
OTHER_LINES = ("LOCATION:Room 5", "CATEGORIES:red", "X-OTHER;A=b:c", "URL:https://example.com/")
ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Soon\nTRIGGER:-PT7M\nEND:VALARM"

HEAVY = "DESCRIPTION:#heavy\n"
texts = st.sampled_from(("", "TRANSP:TRANSPARENT\n", "STATUS:CANCELLED\n", HEAVY, "DESCRIPTION:#ignore\n"))


WROTE = ("create", "update", "delete", "annotate")
WRITE_POINTS = [f"{side} {name}" for name in WROTE for side in ("before", "after")]
ANSWERS: Mapping[str, Mapping[str, BaseException]] = {
    "refused": dict.fromkeys(WRITE_POINTS[::2], RefusedError("not allowed")),
    "not sent": dict.fromkeys(WRITE_POINTS[::2], TemporaryError("no connection")),
    "lost": dict.fromkeys(WRITE_POINTS[1::2], TemporaryError("no answer")),
    "to the second of two": {
        "after create": ExistsError("is there"),
        "after update": LostRaceError("has changed"),
        "after delete": GoneError("is gone"),
        "after annotate": LostRaceError("has changed"),
    },
    "of the ledger": {
        f"before {name}": UnbusyError("cannot use the ledger")
        for name in ("begin", "intend", "put_resource", "drop_resource", "conclude", "finish")
    },
}
"""What may come instead of an answer, and at which points; a write may have been done, or done and sent again."""

SCENES = ("", "less or more is wanted", "commanded", "booked over", "deleted", "typed into")
"""What may happen right before a run, or between its two halves."""

scenes = st.sampled_from(SCENES)
points = st.runner().flatmap(lambda calendars: st.sampled_from(calendars.killed_at))

servers = st.builds(
    Habits,
    rewrites=st.lists(st.sampled_from(sorted(REWRITES)), unique=True).map(tuple),
    tells=st.booleans(), hashes=st.booleans(), flaky=st.booleans(), tokens=st.booleans(),
    portion=st.sampled_from((0, 0, 0, 5)),
)  # fmt: skip


class Calendars(RuleBasedStateMachine):
    """Each rule is something that happens; it counts only if it could happen then.

    `killed_at`: the points at which a run may be killed.  `kept`: where what is remembered lies.
    """

    killed_at: Sequence[str] = REACHED
    kept: Callable[[], Files] = Files

    @initialize(monday=st.sampled_from(MONDAYS), busy=st.booleans(), habits=servers, practices=st.booleans())
    def begin(self, monday: date, busy: bool, habits: Habits, practices: bool = False) -> None:
        self.world = World(monday, habits, self.kept(), practices=practices)
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
            world.all_can_be_read()
            mirrored = bool(outsiders.copies(world))
            outsiders.wipe_copies(world)
            world.apply(force=True)
            world.apply(force=True)
            world.look()
            world.at_rest()
            world.at_rest_without_ledger()
            if mirrored and outsiders.copy_blocks(world) >= MIRRORS:
                assert not unanswered(world.plan().plan)
                world.apply(force=True)
                world.at_rest()
                world.at_rest_without_ledger()
            COUNTS.update(world.counts + world.power.met)
        finally:
            world.close()

    # -- helpers --------------------------------------------------------------------------------------------------

    def _did(self, rule: Callable[..., None], kind: str = "", *, plans: bool = True) -> None:
        """A rule took effect; `plans`: perhaps something else is planned now."""
        self.world.counts[rule.__name__] += 1
        if kind:
            self.world.counts[f"{rule.__name__}: {kind}"] += 1
        self.rested = self.rested and not plans

    def _span(self, day: int, quarter: int, minutes: int) -> TimeRange:
        start = at(local_day(self.world.now, ZONE) + day * DAY, time(quarter // 4, quarter % 4 * 15), ZONE)
        return TimeRange(start, start + minutes * MINUTE)

    def _meet(self, calendar: str, day: int, quarter: int, minutes: int) -> None:
        place, when = self.world.new_place(calendar, "meeting"), self._span(day, quarter, minutes)
        title, more = MEETINGS[quarter % len(MEETINGS)]
        self.world.write(place, ics(vevent(place[1], when, more, title)), [when])

    def _one(self, pick: int) -> Place | None:
        """One of ours."""
        ours = list(self.world.ours())
        return ours[pick % len(ours)] if ours else None

    # -- other people ---------------------------------------------------------------------------------------------

    @rule(calendar=calendars, day=days, quarter=quarters, minutes=lengths)
    def meeting_comes(self, calendar: str, day: int, quarter: int, minutes: int) -> None:
        self._meet(calendar, day, quarter, minutes)
        self._did(self.meeting_comes)

    @rule(pick=picks, minutes=lengths)
    def meeting_comes_over_one_of_ours(self, pick: int, minutes: int) -> None:
        if place := self._one(pick):
            start = event(place, self.world.ours()[place]).span.start
            new, when = self.world.new_place(WORK, "over"), TimeRange(start, start + minutes * MINUTE)
            self.world.write(new, ics(vevent(new[1], when, GUESTS)), [when])
            self._did(self.meeting_comes_over_one_of_ours)

    @rule(pick=picks, day=days, quarter=quarters, minutes=lengths)
    def meeting_moves(self, pick: int, day: int, quarter: int, minutes: int) -> None:
        if meetings := self.world.meetings():
            place, when = meetings[pick % len(meetings)], self._span(day, quarter, minutes)
            self.world.write(place, ics(vevent(place[1], when, GUESTS)), [when])
            self._did(self.meeting_moves)

    @rule(pick=picks)
    def meeting_goes(self, pick: int) -> None:
        if meetings := self.world.meetings():
            self.world.remove(meetings[pick % len(meetings)])
            self._did(self.meeting_goes)

    @rule(calendar=calendars, day=days, quarter=quarters, minutes=lengths, text=texts)
    def hold_comes(self, calendar: str, day: int, quarter: int, minutes: int, text: str) -> None:
        """Without other people; busy, free, cancelled, with a pause after it, or of no account."""
        place, when = self.world.new_place(calendar, "hold"), self._span(day, quarter, minutes)
        self.world.write(place, ics(vevent(place[1], when, text, "Hold")), [when] if text in ("", HEAVY) else [])
        self._did(self.hold_comes)

    @rule(day=days, quarter=quarters, minutes=lengths)
    def private_time_comes(self, day: int, quarter: int, minutes: int) -> None:
        """In another account."""
        self.world.live(self.world.new_place(PRIVATE, "private")[1], self._span(day, quarter, minutes))
        self._did(self.private_time_comes)

    @rule(pick=picks, day=days, quarter=quarters, minutes=st.sampled_from((0, 30, 60)))
    def private_time_moves(self, pick: int, day: int, quarter: int, minutes: int) -> None:
        """Or goes."""
        if not self.world.private():
            self.private_time_comes(day=day, quarter=quarter, minutes=60)
            self.apply(force=True)
        places = self.world.private()
        when = self._span(day + 1, quarter, minutes) if minutes else None
        self.world.live(places[pick % len(places)][1], when)
        self._did(self.private_time_moves, "" if minutes else "goes")

    @rule(day=days, length=st.sampled_from((1, 2, 3, 5)))
    def absence_comes(self, day: int, length: int) -> None:
        first = local_day(self.world.now, ZONE) + day * DAY
        dates = DateRange(first, first + length * DAY)
        (_, start), (_, end) = when_lines(dates)
        place = self.world.new_place(WORK, "away")
        lines = f"BEGIN:VEVENT\nUID:{place[1]}\nDTSTART{start}\nDTEND{end}\nSUMMARY:Away\nTRANSP:OPAQUE\nEND:VEVENT\n"
        self.world.write(place, ics(lines), [dates.span(ZONE)])
        self._did(self.absence_comes)

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
        self._did(self.series_comes)

    @rule(day=st.sampled_from((-60, -30, -10, 15, 25, 60)), quarter=quarters, minutes=lengths, repeated=st.booleans())
    def far_meeting_comes(self, day: int, quarter: int, minutes: int, repeated: bool) -> None:
        """Perhaps out of the window, for now."""
        place, when = self.world.new_place(WORK, "far"), self._span(day, quarter, minutes)
        again = "RRULE:FREQ=WEEKLY;COUNT=2\n" if repeated else ""
        local = when.start.astimezone(ZONE)
        spans = [self._span(day + 7 * n, quarter, minutes) for n in range(2 if repeated else 1)]
        self.world.write(place, ics(local_vevent(place[1], local, minutes, again)), spans)
        self._did(self.far_meeting_comes)

    @rule(pick=picks, name=st.sampled_from(("bob@example.com", "eve@example.com")))
    def colleague_writes_theirs(self, pick: int, name: str) -> None:
        if (place := self._one(pick)) and self.world.colleague(place, name):
            self._did(self.colleague_writes_theirs)

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
            self._did(self.user_moves)

    @rule(pick=picks, minutes=lengths)
    def user_resizes(self, pick: int, minutes: int) -> None:
        place = self._one(pick)
        if place and not (e := event(place, self.world.ours()[place])).dates:
            self.world.edit(place, *when_lines(TimeRange(e.span.start, e.span.start + minutes * MINUTE)))
            self._did(self.user_resizes)

    @rule(pick=picks, other=picks)
    def user_swaps(self, pick: int, other: int) -> None:
        one, two = self._one(pick), self._one(other)
        if one and two and one != two:
            first, second = (event(p, self.world.ours()[p]) for p in (one, two))
            if not first.dates and not second.dates:
                self.world.edit(one, *when_lines(second.span))
                self.world.edit(two, *when_lines(first.span))
                self._did(self.user_swaps)

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
            self._did(self.user_edits, change[0])

    @rule(pick=picks, line=st.sampled_from((*OTHER_LINES, ALARM)))
    def user_adds(self, pick: int, line: str) -> None:
        """Something that is no field of ours, or an alarm."""
        if place := self._one(pick):
            self.world.add(place, *line.split("\n"))
            self._did(self.user_adds, line[:10])

    @rule(pick=picks, calendar=st.sampled_from((WORK, PROMPTS, TEAM)))
    def user_moves_to_another_calendar(self, pick: int, calendar: str) -> None:
        """But no line of unbusy's own: in a calendar that was never read it would be missed, and written again."""
        place = self._one(pick)
        if not place or self.world.wish_of(self.world.ours()[place])[0] == UNBUSY:
            return
        if (calendar, place[1]) not in self.world.contents():
            self.world.transfer(place, calendar)
            self._did(self.user_moves_to_another_calendar)

    @rule(pick=picks)
    def user_invites(self, pick: int) -> None:
        if place := self._one(pick):
            self.world.invite(place)
            self._did(self.user_invites)

    @rule(pick=picks)
    def user_uninvites(self, pick: int) -> None:
        if not self._invited():
            self.user_invites(pick=pick)
            self.apply(force=True)
        if places := self._invited():
            self.world.uninvite(places[pick % len(places)])
            self._did(self.user_uninvites)

    def _invited(self) -> list[Place]:
        return sorted(self.world.invited - self.world.broken.keys())

    @rule(pick=picks, under=st.booleans(), marked_up=st.booleans())
    def user_types(self, pick: int, under: bool, marked_up: bool) -> None:
        if place := self._one(pick):
            self.world.number += 1
            self.world.type(place, f"Stopped at chapter {self.world.number}.", under=under, marked_up=marked_up)
            self._did(self.user_types, "under a question" if under else "")

    @rule(pick=picks, word=st.sampled_from(tuple(Gesture)), where=st.sampled_from(("title", "text", "under")))
    def user_orders(self, pick: int, word: Gesture, where: str) -> None:
        """In one word, on one of ours."""
        if place := self._one(pick):
            if where == "title":
                self.world.edit(place, ("SUMMARY", f"Focus {word}"))
            else:
                self.world.number += 1
                self.world.type(place, f"Too tired for {self.world.number}. {word}", under=where == "under")
            self.world.ever_deleted |= {self.world.wish_of(self.world.ours()[place])} if word is Gesture.SKIP else set()
            self._did(self.user_orders, word)

    @rule(pick=picks, how=st.sampled_from((("STATUS", "CANCELLED"), ("ATTENDEE", f";PARTSTAT=DECLINED:mailto:{ME}"))))
    def user_turns_down(self, pick: int, how: tuple[str, str]) -> None:
        """One of ours, which stands there."""
        if place := self._one(pick):
            self.world.edit(place, how)
            self.world.ever_deleted.add(self.world.wish_of(self.world.ours()[place]))
            self._did(self.user_turns_down, how[0])

    @rule(pick=picks)
    def user_deletes(self, pick: int) -> None:
        if place := self._one(pick):
            self.world.delete(place)
            self._did(self.user_deletes)

    @rule(pick=picks)
    def user_restores(self, pick: int) -> None:
        if not self._trash():
            self.user_deletes(pick=pick)
            self.apply(force=True)
        if trash := self._trash():
            self.world.restore(trash[pick % len(trash)])
            self._did(self.user_restores)

    def _trash(self) -> list[Place]:
        """What can come back: its wish has no other event, nor has anything else its UID."""
        broken = [b for p, b in self.world.broken.items() if p not in self.world.theirs]
        wishes = {self.world.wish_of(b) for b in (*self.world.ours().values(), *broken)}
        uids = {uid_in(b) for b in (*self.world.contents().values(), *self.world.broken.values())}
        trash = self.world.trash.items()
        return sorted(p for p, (b, _) in trash if self.world.wish_of(b) not in wishes and uid_in(b) not in uids)

    @rule(pick=picks, day=days, quarter=quarters)
    def user_copies(self, pick: int, day: int, quarter: int) -> None:
        """With the mark and all; only the UID is another, as programs do it."""
        if place := self._one(pick):
            e = event(place, self.world.ours()[place])
            copy = self.world.new_place(WORK, "copy")
            changed = [] if e.dates else when_lines(self._span(day, quarter, e.span.minutes))
            self.world.write(copy, with_lines(self.world.ours()[place], ("UID", copy[1]), *changed))
            self._did(self.user_copies)

    # -- the user, on events of their own -----------------------------------------------------------------------------

    def _commands(self, quarter: int, title: str) -> list[Place]:
        """Those that can be read; one comes, and is answered, if there is none."""
        if not self.world.commands - self.world.broken.keys():
            self.command_comes(calendar=WORK, day=0, quarter=quarter, minutes=30, title=title, invited=False)
            self.apply(force=True)
        return sorted(self.world.commands - self.world.broken.keys())

    @rule(
        calendar=st.sampled_from((WORK, WORK, WORK, TEAM)), day=st.integers(0, 6), quarter=quarters, minutes=lengths,
        title=st.sampled_from(TITLES), invited=st.sampled_from((False, False, False, True)),
    )  # fmt: skip
    def command_comes(
        self, calendar: str, day: int, quarter: int, minutes: int, title: str, invited: bool
    ) -> None:  # fmt: skip
        """Or an event that is only titled like one: in a calendar that is not written, or from somebody else."""
        place, when = self.world.new_place(calendar, "command"), self._span(day, quarter, minutes)
        payload = ics(vevent(place[1], when, GUESTS if invited else "", title))
        if invited or calendar != WORK:
            self.world.write(place, payload, [when])
        else:
            self.world.command(place, payload, [when] * title.endswith("pause"))
        self._did(self.command_comes, title if place in self.world.commands else "none")

    @rule(pick=picks, quarter=quarters, first=st.sampled_from(TITLES), title=st.sampled_from(TITLES))
    def command_changes(self, pick: int, quarter: int, first: str, title: str) -> None:
        places = self._commands(quarter, first)
        place = places[pick % len(places)]
        payload = with_lines(self.world.contents()[place], ("SUMMARY", title))
        when = event(place, payload).span
        hushed = place in self.world.hushed  # perhaps with the same title, or the one before is back: no new answer
        self.world.command(place, payload, [when] * title.endswith("pause"), hushed=hushed)
        self._did(self.command_changes, title)

    @rule(pick=picks, quarter=quarters, title=st.sampled_from(TITLES), keep=st.booleans())
    def user_writes_under_a_command(self, pick: int, quarter: int, title: str, keep: bool) -> None:
        """Beside the answer, or in its place."""
        places = self._commands(quarter, title)
        place = places[pick % len(places)]
        payload = self.world.contents()[place]
        self.world.number += 1
        text = f"{description(payload) if keep else ''}\nNote {self.world.number}"
        changed = with_lines(payload, ("DESCRIPTION", f":{escaped(text)}"))
        hushed = not answer_under(changed) and (bool(answer_under(payload)) or place in self.world.hushed)
        self.world.command(place, changed, self.world.busy[place], hushed=hushed)
        self._did(self.user_writes_under_a_command)

    @rule(pick=picks, quarter=quarters, title=st.sampled_from(TITLES))
    def command_goes(self, pick: int, quarter: int, title: str) -> None:
        places = self._commands(quarter, title)
        self.world.remove(places[pick % len(places)])
        self._did(self.command_goes)

    # -- other programs -------------------------------------------------------------------------------------------

    @rule(pick=picks, how=st.sampled_from(sorted(REWRITES)))
    def program_rewrites(self, pick: int, how: str) -> None:
        """Without changing anything, so that the same is planned as before."""
        if place := self._one(pick):
            before, payload = changes(self.world.plan().plan), self.world.ours()[place]
            self.world.store.put(*place, REWRITES[how](payload))
            assert changes(self.world.plan().plan) == before
            self._did(self.program_rewrites, how, plans=False)

    @rule(calendar=st.sampled_from((WORK, PROMPTS, TEAM)))
    def versions_change(self, calendar: str) -> None:
        """Those of all resources, and nothing else, as after a restored backup."""
        before = changes(self.world.plan().plan)
        for href in list(self.world.store.stored[calendar]):
            self.world.store.restamp(calendar, href)
        assert changes(self.world.plan().plan) == before
        self._did(self.versions_change, plans=False)

    @rule(silent=st.booleans())
    def token_is_lost(self, silent: bool) -> None:
        """It is refused from now on, or the server gives none any more."""
        before = changes(self.world.plan().plan)
        self.world.store.forget_tokens()
        self.world.store.silent = silent
        assert changes(self.world.plan().plan) == before
        self._did(self.token_is_lost, "silent" if silent else "", plans=False)

    @rule(habits=servers)
    def server_changes_its_habits(self, habits: Habits) -> None:
        before = changes(self.world.plan().plan)
        self.world.store.habits = habits
        assert changes(self.world.plan().plan) == before
        self._did(self.server_changes_its_habits, plans=False)

    @rule(pick=picks, every=st.sampled_from((False, False, True)))
    def client_drops_the_mark(self, pick: int, every: bool) -> None:
        """Of one of ours, or of all."""
        places = list(self.world.ours()) if every else [self._one(pick)]
        for place in filter(None, places):
            outsiders.drop_mark(self.world, place)
            self._did(self.client_drops_the_mark, "all" if every else "")

    @rule(pick=picks)
    def client_renames(self, pick: int) -> None:
        """Nothing else comes of it."""
        if place := self._one(pick):
            before = changes(self.world.plan().plan)
            outsiders.rename(self.world, place)
            assert self.world.hidden or changes(self.world.plan().plan) == before
            self._did(self.client_renames)

    @rule()
    def mirror_tool_runs(self) -> None:
        """What it has copied takes no time, but few events may be the user's own; and `why` tells of the copies."""
        outsiders.wipe_copies(self.world)
        before = unanswered(self.world.plan().plan)
        many = outsiders.copy_blocks(self.world) >= MIRRORS
        after = unanswered(self.world.plan().plan)
        assert self.world.unreadable or not many or after == before
        self._did(self.mirror_tool_runs, "many" if many else "few")

    def _to_come(self, scene: str, pick: int) -> tuple[Plan, list[Create]]:
        """What is about to be created, after some scenes if need be, and the plan of that."""
        self.late = None
        self.world.all_can_be_read()
        for happens in (scene, "less or more is wanted", "less or more is wanted", "commanded"):
            self._scene(happens, pick)
            plan = self.world.plan().plan
            new = [c for c in plan.changes if isinstance(c, Create) and c.cause is not Cause.MOVED_CALENDAR]
            if new:
                break
        return plan, new

    @rule(pick=picks, scene=scenes, seen=st.booleans())
    def stranger_takes_a_uid(self, pick: int, scene: str, seen: bool) -> None:
        """One that is about to be used: ours comes all the same, in its next generation."""
        world = self.world
        plan, new = self._to_come(scene, pick)
        if not new:
            return
        one = new[pick % len(new)]
        if seen:
            outsiders.take_uid(world, one)
        else:
            world.store.reserved.add(one.draft.uid)
            world.apply(force=True)
            world.apply(force=True)
        found = world.plan().plan
        uids = {c.wish: c.draft.uid for c in found.changes if isinstance(c, Create)}
        assert uids.get(one.wish, "") != one.draft.uid
        assert not seen or (changes(found) == changes(plan) and any(str(one.wish) in p.what for p in found.problems))
        world.apply(force=True)
        world.store.reserved.clear()
        self._did(self.stranger_takes_a_uid, "seen" if seen else "unseen")

    @rule(pick=picks, scene=scenes, cancelled=st.booleans())
    def stranger_lets_go(self, pick: int, scene: str, cancelled: bool) -> None:
        """Nobody has turned anything down by that."""
        if not outsiders.taken(self.world):
            self.stranger_takes_a_uid(pick=pick, scene=scene, seen=True)
        if places := outsiders.taken(self.world):
            outsiders.let_go(self.world, places[pick % len(places)], cancelled=cancelled)
            self._did(self.stranger_lets_go, "cancelled" if cancelled else "removed")

    @rule(pick=picks, ours=st.booleans())
    def resource_breaks(self, pick: int, ours: bool) -> None:
        places = sorted(self.world.ours() if ours else self.world.meetings())
        if places:
            self.world.break_(places[pick % len(places)])
            self._did(self.resource_breaks, "ours" if ours else "a meeting")

    @rule(pick=picks, ours=st.booleans())
    def resource_mends(self, pick: int, ours: bool) -> None:
        if not self.world.broken:
            self.resource_breaks(pick=pick, ours=ours)
            self.apply(force=True)
        if places := sorted(self.world.broken):
            self.world.mend(places[pick % len(places)])
            self._did(self.resource_mends)

    @rule(calendar=st.sampled_from((WORK, PROMPTS, TEAM)))
    def calendar_goes_down(self, calendar: str) -> None:
        if calendar not in self.world.store.down:
            self.world.store.down.add(calendar)
            self._did(self.calendar_goes_down)

    @precondition(lambda self: not self.world.store.offline and self.world.main_is_known())
    @rule()
    def account_goes_down(self) -> None:
        self.world.store.offline = True
        self._did(self.account_goes_down)

    @precondition(lambda self: self.world.hidden)
    @rule()
    def all_comes_back(self) -> None:
        self.world.store.down.clear()
        self.world.store.offline = False
        self._did(self.all_comes_back)

    # -- the machine and its owner --------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from((5, 60, 180, 24 * 60, 3 * 24 * 60, 7 * 24 * 60, -60, -24 * 60)))
    def clock_steps(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)
        self.late = None
        self._did(self.clock_steps, f"{minutes} min")

    @rule(option=st.sampled_from(sorted(OPTIONS)), pick=picks)
    def config_changes(self, option: str, pick: int) -> None:
        others = [value for value in OPTIONS[option] if value != self.world.options[option]]
        self.late = None
        self.world.configure(option, others[pick % len(others)])
        self._did(self.config_changes, option)

    @precondition(lambda self: not self.world.store.offline)
    @rule()
    def ledger_is_lost(self) -> None:
        self.late = None
        self.world.lose_ledger()
        self._did(self.ledger_is_lost, plans=False)

    @rule(second=st.booleans(), way=st.sampled_from(("back", "adopt", "adopt", "purge")))
    def owner_changes(self, second: bool, way: str) -> None:
        """Nothing is done until the user has said what becomes of what stands under the old name.

        But what was taken back is wanted again, as after any change of the accounts: also once the old name is back.
        A new ledger knows a name that is none of the addresses once it has run under it.
        """
        world, before = self.world, self.world.owner
        name = sorted(NAMES.keys() - {before})[second]
        world.all_can_be_read()
        self.late = None
        if before not in world.written_as:
            world.apply(force=True)
        planned, held = changes(world.plan().plan), bool(world.back or world.put_back)
        world.called(name)
        plan = world.plan().plan
        asked = outsiders.asks(plan)
        others = {n for n in outsiders.standing_under(world) if n not in {name, *world.adopted}}
        assert asked or not others, f"not a word about what stands under {others}"
        if asked:
            outsiders.apply_unanswered(world)
        if way == "back":
            world.called(before)
            assert not asked or held or changes(world.plan().plan) == planned
        elif way == "purge" and asked:
            assert world.purge()
        if (asked and way == "adopt") or outsiders.asks(world.plan().plan):
            outsiders.adopt(world)
            assert not outsiders.asks(world.plan().plan)
        self._did(self.owner_changes, f"{way}{' asked' * asked}")

    @rule(scene=scenes, pick=picks)
    def second_machine_runs(self, scene: str, pick: int) -> None:
        """It is named by the first; and once each has looked, neither has anything to do.

        Each knows only what it has moved itself, and takes a copy of what the other has moved for the user's own, until
        the tool that made it has followed: that is gone by then.
        """
        world = self.world
        world.all_can_be_read()
        self._scene(scene, pick)
        self.late = None
        world.plan()
        before = world.contents()
        with outsiders.second_machine(world):
            done = world.apply(force=True)
            name = outsiders.name_of(world)
        assert done
        new = {p: b for p, b in world.ours().items() if before.get(p) != b and (m := carried(b)) and m.by == name}
        plan = world.plan().plan
        named = any(f"another installation of unbusy ({name})" in p.what for p in plan.problems)
        assert named or not outsiders.in_sight(world, new), f"{name} wrote {sorted(new)}, and nobody says so"
        outsiders.wipe_copies(world)
        for _ in range(3):
            last = world.contents()
            world.apply(force=True)
            with outsiders.second_machine(world):
                world.apply(force=True)
        assert world.contents() == last, "two of them come to no rest"
        self._did(self.second_machine_runs, "named" if named else "")

    # -- runs -----------------------------------------------------------------------------------------------------

    @rule()
    def plan_only(self) -> None:
        plan = self.world.plan().plan
        assert not (self.rested and plan.changes), changes(plan)
        self._did(self.plan_only, plans=False)

    @rule(force=st.booleans())
    def apply(self, force: bool) -> None:
        self.late = None
        done = self.world.apply(force=force)
        assert done
        self._did(self.apply, "" if done.done else "nothing to do")
        if not done.lost:
            self._rest(force=force)

    def _rest(self, *, force: bool) -> None:
        """After a run that was carried out, nothing is left to do; after two, where that may have made copies of some.

        What stands where ours have been counts as one: also where they were until that run.
        """
        plan = self.world.plan().plan
        if plan.stopped and not force:
            return
        if plan.changes and outsiders.copies(self.world):
            self.world.apply(force=True)
            plan = self.world.plan().plan
        assert changes(plan) == []
        self.rested = True

    @rule()
    def plan_for_later(self) -> None:
        self.late = self.world.apply_late()
        self._did(self.plan_for_later, plans=False)

    @rule(happens=scenes, pick=picks)
    def apply_late(self, happens: str, pick: int) -> None:
        """What was planned before; if nothing was, one thing happens between plan and run."""
        late = self.late
        if not late:
            self._scene("less or more is wanted", pick)
            late = self.world.apply_late()
            self._scene(happens, pick)
        if self.world.hidden:
            self.world.power.cut(WRITE_POINTS, 0, TemporaryError("cannot be read"))
        done = late()
        self.late = None
        self._did(self.apply_late, "" if not done or not done.lost else "lost a race")

    @rule(scene=scenes, pick=picks, point=points, after=st.integers(0, 20), at_once=st.booleans())
    def run_is_killed(self, scene: str, pick: int, point: str, after: int, at_once: bool) -> None:
        """At a point that it passes, or at one behind a refusal."""
        self._scene(scene, pick)
        expected, answers, passed = self.world.undisturbed()
        behind = point.endswith("retract") and not passed.keys().isdisjoint(WRITE_POINTS)
        refusals = dict.fromkeys(WRITE_POINTS[::2], RefusedError("not allowed")) if behind else {}
        cuts = refusals | {point if behind else _next(point, passed): Killed()}
        self._faulty(self.run_is_killed, cuts, passed, after, (expected, answers) if at_once else None)

    @rule(scene=scenes, pick=picks, point=points)
    def run_is_killed_often(self, scene: str, pick: int, point: str) -> None:
        """At one point after the other, run after run."""
        self._scene(scene, pick)
        for n in range(4):
            expected, answers, passed = self.world.undisturbed()
            point = _next(point, passed)
            led = (expected, answers) if n == 3 else None
            self._faulty(self.run_is_killed_often, {point: Killed()}, passed, pick, led)
            point = REACHED[(REACHED.index(point) + 1) % len(REACHED)]

    def _scene(self, scene: str, pick: int) -> None:
        """Something happens for which a run has to write in a certain way."""
        match scene:
            case "less or more is wanted":
                self.config_changes(option="goal", pick=pick)
            case "commanded":
                title = TITLES[pick % len(TITLES)]
                self.command_comes(calendar=WORK, day=0, quarter=60, minutes=30, title=title, invited=False)
            case "booked over":
                self.meeting_comes_over_one_of_ours(pick=pick, minutes=60)
            case "deleted":
                self.user_deletes(pick=pick)
            case "typed into":
                self.user_types(pick=pick, under=bool(pick % 2), marked_up=False)

    @rule(
        scene=scenes, pick=picks, answer=st.sampled_from(sorted(ANSWERS)), after=st.integers(0, 20),
        at_once=st.booleans(),
    )  # fmt: skip
    def answer_is_lost(self, scene: str, pick: int, answer: str, after: int, at_once: bool) -> None:
        self._scene(scene, pick)
        expected, answers, passed = self.world.undisturbed()
        doubtful = passed["after delete"] and "after delete" in ANSWERS[answer]  # gone before: by the user, in doubt
        led = (expected, answers) if at_once and not doubtful else None
        self._faulty(self.answer_is_lost, ANSWERS[answer], passed, after, led, answer)

    def _faulty(
        self, rule: Callable[..., None], cuts: Mapping[str, BaseException], passed: Mapping[str, int], after: int,
        expected: tuple[Figure, Answers] | None, kind: str = "",
    ) -> None:  # fmt: skip
        """A run in which something fails.  If nothing else happens then, it leads where a good run would have."""
        self.late = None
        world = self.world
        for point, failure in cuts.items():
            world.power.cut([point], after % passed[point] if passed.get(point) else 0, failure)
        before = world.power.met.total()
        world.apply(force=True)
        self.rested = False
        if world.power.met.total() == before:
            return
        self._did(rule, kind)
        if expected is not None:
            assert not differences(expected[0], world.recovered())
            assert world.answers() == expected[1]
            world.counts["recovered at once, where a good run leads"] += 1

    @rule(point=st.sampled_from(POINTS), after=afters, kill=st.booleans())
    def undo(self, point: str, after: int, kill: bool) -> None:
        self.late = None
        if kill:
            self.world.power.cut([point], after, Killed())
        if self.world.undo():
            self._did(self.undo)

    @rule(point=st.sampled_from(POINTS), after=afters, kill=st.booleans())
    def apply_again(self, point: str, after: int, kill: bool) -> None:
        self.late = None
        if kill:
            self.world.power.cut([point], after, Killed())
        if self.world.again():
            self._did(self.apply_again)

    @rule(scene=scenes, pick=picks, undos=st.integers(1, 3))
    def undo_and_apply_again(self, scene: str, pick: int, undos: int) -> None:
        """After some undos, what is wanted again is as it was before them.

        What only stayed because it stood there, booked over and with no other place, is not made anew; and copies of
        what was taken back take its time, until the tool that made them has looked again.
        """
        self._scene(scene, pick)
        self.late = None
        world = self.world
        expected = world.recovered()
        clear = not any(map(world.booked_over, world.ours())) and not outsiders.copies(world)
        waited = {u.wish for u in world.plan().plan.unplaced}  # for room, which there is now
        undone = [world.undo() for _ in range(undos)]
        if not any(undone) or world.hidden:
            return
        new = [c for c in world.plan().plan.changes if isinstance(c, Create) and not {c.wish, c.wish.want} & waited]
        assert not new, f"comes in place of what was taken back: {list(map(said, new))}"
        if world.again():
            self._did(self.undo_and_apply_again)
            found, seen = world.recovered(), world.plan().observation.snapshot
            both = (textless(within(f, seen.window, seen.today)) for f in (expected, found))
            assert not clear or not differences(*both)

    @rule(point=st.sampled_from(POINTS), after=afters, kill=st.booleans())
    def purge(self, point: str, after: int, kill: bool) -> None:
        self.late = None
        if kill:
            self.world.power.cut([point], after, Killed())
        self._did(self.purge, "" if self.world.purge() else "failed")

    # -- what must hold -------------------------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "world"):
            self.world.counts[STEPS] += 1
            self.world.look()


RULES = {name for name, there in inspect.getmembers(Calendars) if hasattr(there, RULE_MARKER)}
ALWAYS = {"apply", "clock_steps", "run_is_killed"}
"""What makes paths out of all the rest."""


def unanswered(plan: Plan) -> list[str]:
    """What a plan changes, but for the answers under commands."""
    return [said(c) for c in plan.changes if not isinstance(c, Annotate)]


ON_THEIR_DAY = {"reflection", "advisors", "network"}
"""Policies whose events are made in the morning of their day."""


def within(figure: Figure, window: TimeRange, today: date) -> Figure:
    """What lies in a window: what the user has moved out of it, no policy asks for; nor for a slot before its day."""
    spans = {place: read_stamp(found[Field.WHEN]) for place, (_, found) in figure.items()}
    return {
        place: (mark, found)
        for place, (mark, found) in figure.items()
        if (when := spans[place])
        and when.span(ZONE).overlaps(window)
        and (mark.policy not in ON_THEIR_DAY or when.first_day(ZONE) == today)
    }


def textless(figure: Figure) -> Figure:
    """All but the texts: what is made anew gets that of its day; and what undo made, and stands as wanted, is ours."""
    return {
        place: (replace(mark, base={**as_found(mark.base, found), Field.TEXT: ""}), {**found, Field.TEXT: ""})
        for place, (mark, found) in figure.items()
    }


def as_found(base: Mapping[Field, str], found: Mapping[Field, str]) -> dict[Field, str]:
    """The base, with what undo put back as if it had been asked for."""
    return {f: found[f] if base[f] in (f"{UNDONE}{found[f]}", f"{EXTRA}{found[f]}") else base[f] for f in base}


def _next(point: str, passed: Collection[str]) -> str:
    """That point, or the first one after it that is passed."""
    at = REACHED.index(point)
    return next(p for p in (*REACHED[at:], *REACHED[:at]) if p in passed)


def walk(paths: int, steps: int, *, drawn_anew: bool, kept: Callable[[], Files] = Files) -> None:
    """So many paths of so many steps; the same ones each time, unless they are drawn anew.

    What has happened often enough is left out, so that the rest gets its turn; `unbusy: why` is told to look less far.
    """
    points = [p for p in REACHED if COUNTS[f"Killed {p}"] < LEAST_KILLS] or REACHED
    profile = settings(
        max_examples=paths, stateful_step_count=steps, derandomize=not drawn_anew, database=None,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if drawn_anew and not os.environ.get("UNBUSY_NO_SHRINK") else [])],
    )  # fmt: skip
    left_out = {name: _no_rule(getattr(Calendars, name)) for name in RULES - ALWAYS if COUNTS[name] > 2 * LEAST}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(why, "TRIES", 20)
        run_state_machine_as_test(
            type("Calendars", (Calendars,), {"killed_at": points, "kept": staticmethod(kept), **left_out}),
            settings=profile,
        )


def _no_rule(step: Callable[..., None]) -> Callable[..., None]:
    """The same for those that call it, but nothing that happens by itself."""

    def called(*args: object, **kwargs: object) -> None:
        step(*args, **kwargs)

    called.__name__ = step.__name__
    return called


def short() -> list[str]:
    """What did not happen often enough yet: a rule, a crash at a point, a step."""
    points = [f"Killed {point}" for point in REACHED]
    wanted = {STEPS: LEAST_STEPS} | dict.fromkeys(RULES, LEAST) | dict.fromkeys(points, LEAST_KILLS)
    return [f"{what}: {COUNTS[what]} of {n}" for what, n in wanted.items() if COUNTS[what] < n]


def test_any_order_of_events() -> None:
    walk(30, 30, drawn_anew=False)


def test_any_order_of_events_with_what_is_remembered_in_files_and_in_postgresql_at_once(postgres: Cluster) -> None:
    """Each answer of the one is that of the other, so that each plan is."""
    walk(4, 30, drawn_anew=False, kept=lambda: InBoth(InPostgres(postgres)))
    assert {"intend", "conclude", "versions", "resources", "rewrite", "rows"} <= CALLS.keys()


@pytest.mark.skipif(not TORTURE, reason="takes minutes; `make torture`")
def test_any_order_of_events_for_long(capsys: pytest.CaptureFixture[str]) -> None:
    COUNTS.clear()
    try:
        for _ in range(MOST_ROUNDS):
            walk(100, 50, drawn_anew=True)
            if not short():
                break
        assert not short()
    finally:
        with capsys.disabled():
            print("", *(f"{n:8} {what}" for what, n in sorted(COUNTS.items())), sep="\n")  # noqa: T201
