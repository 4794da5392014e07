"""What the focus policy wants: how much, where, how shown, and that asking again changes nothing."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.options import decode
from daemon.model.owner import Field
from daemon.model.proposal import Blocks, Level, Showing, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import TimeRange, WorkingHours, local_day, minus, week_of
from making import DAYS, ZONE, event, meeting, moment, own, profile, snapshot, span
from policies.focus.options import BlockOptions, FocusOptions
from policies.focus.policy import propose

WORK = ((time(9), time(17, 30)),)
THREE_DAYS = WorkingHours((WORK,) * 3 + ((),) * 4)
MORNINGS = WorkingHours((((time(9), time(13)),),) * 5 + ((),) * 2)
NO_DAYS = WorkingHours(((),) * 7)
NOT_ON_TUESDAY = WorkingHours((WORK, (), WORK, (), (), (), ()))
WEEKEND_NIGHTS = WorkingHours(((),) * 5 + (((time(), time(6)),),) * 2)
AUTUMN = date(2026, 10, 19)  # the clock goes back on the Sunday of that week
SPRING = date(2027, 3, 22)  # and forward on the Sunday of this one


def options(**table: object) -> FocusOptions:
    """As the config would hold them."""
    return msgspec.convert(table, FocusOptions, dec_hook=decode)


def blocks(want: Want) -> Blocks:
    assert isinstance(want.when, Blocks)
    return want.when


def totals(snap: Snapshot, opts: FocusOptions | None = None) -> dict[str, int]:
    """Minutes that are wanted in each week, by its key."""
    wants = propose(snap, opts or FocusOptions())
    return {want.key: want.when.total for want in wants if isinstance(want.when, Blocks)}


def focus_made(when: str, title: str = "Deep work") -> Event:
    return event(when, title, counts_as=CountsAs.FOCUS)


def block(when: str, ordinal: int = 1, *, week: str = "2026-W49", pinned: bool = False, **more: object) -> OwnEvent:
    return own(when, key=f"{week}/{ordinal}", edited=[Field.WHEN] if pinned else [], **more)


def skip(ordinal: int, minutes: int = 120, *, week: str = "2026-W49", policy: str = "focus") -> Skip:
    return Skip(policy, f"{week}/{ordinal}", date(2026, 12, 1), minutes)


def away(*days: str) -> tuple[TimeRange, ...]:
    return tuple(event(d).span for d in days)


LONG_HERE = block("Mon-1 09:00-11:00", week="2026-W48")
"""A block of the week before: unbusy did not come only now."""

FULL_WEEK = [meeting(f"{d} 09:00-17:30", d) for d in DAYS[:5]]
EIGHT_SKIPS = [skip(n) for n in range(1, 9)]
CAME_ON_WEDNESDAY = own("Wed 17:00-17:10", "reflection", "day/2026-12-02", created="Wed 08:00")
TUESDAY_BY_HAND, MORE_BY_HAND = focus_made("Tue 10:00-12:00"), focus_made("Tue 11:00-13:00", "Focus")
KEPT, PINNED = block("Mon 09:00-11:00"), block("Wed 09:00-11:00", pinned=True)

THIS_WEEK: dict[str, tuple[Snapshot, int | None]] = {
    # who is there
    "an empty calendar owes the whole goal": (snapshot(), 480),
    "on Wednesday it still does": (snapshot(now="Wed 12:00", ours=[LONG_HERE]), 480),
    "first run on a Thursday: two days of five, in quarters of an hour": (snapshot(now="Thu 07:00"), 180),
    "the day on which unbusy comes counts whole": (snapshot(now="Thu 20:00"), 180),
    "any event of ours says when unbusy came": (snapshot(now="Thu 07:00", ours=[CAME_ON_WEDNESDAY]), 285),
    "an event made in the future says nothing": (
        snapshot(now="Thu 07:00", ours=[block("Fri 09:00-11:00", created="Sat 08:00")]),
        180,
    ),
    "one of unknown age says that we were there at its start": (
        snapshot(now="Thu 07:00", ours=[replace(KEPT, event=replace(KEPT.event, created=None))]),
        360,
    ),
    "first run on a Thursday, Friday away": (snapshot(now="Thu 07:00", away=away("Fri")), 90),
    "away on Wednesday": (snapshot(away=away("Wed")), 375),
    "away on Wednesday morning": (snapshot(away=[span("Wed 09:00-13:15")]), 420),
    "away on a day off": (snapshot(away=away("Sat")), 480),
    "a holiday week owes nothing": (snapshot(away=away("Mon..Fri")), None),
    "part-time, all there": (snapshot(who=profile(hours=THREE_DAYS)), 480),
    "part-time, away on one day of three": (snapshot(who=profile(hours=THREE_DAYS), away=away("Wed")), 315),
    "no working hours at all": (snapshot(who=profile(hours=NO_DAYS)), None),
    "no working time left this week": (snapshot(now="Sat 10:00", ours=[LONG_HERE]), None),
    "no working hours today, but tomorrow": (
        snapshot(now="Tue 10:00", ours=[LONG_HERE], who=profile(hours=NOT_ON_TUESDAY)),
        480,
    ),
    "nothing is carried over": (snapshot(ours=[LONG_HERE]), 480),
    # what others do
    "a fully booked week owes it all the same": (snapshot(*FULL_WEEK), 480),
    "so does one in which everything is unanswered": (
        snapshot(*(meeting(f"{d} 09:00-17:30", d, reply=PartStat.NEEDS_ACTION) for d in DAYS[:5])),
        480,
    ),
    # blocks made by hand
    "a hand-made block counts": (snapshot(TUESDAY_BY_HAND), 360),
    "two of them: the overlap once": (snapshot(TUESDAY_BY_HAND, MORE_BY_HAND), 300),
    "what a meeting takes of it does not count": (snapshot(TUESDAY_BY_HAND, meeting("Tue 11:00-11:30")), 390),
    "what a hold takes of it does": (snapshot(TUESDAY_BY_HAND, event("Tue 11:00-11:30")), 360),
    "one on a day away does not": (snapshot(TUESDAY_BY_HAND, away=away("Tue")), 375),
    "one before unbusy came does not": (snapshot(TUESDAY_BY_HAND, now="Thu 07:00"), 180),
    "one outside working hours does": (snapshot(focus_made("Sun 10:00-12:00")), 360),
    "all-day ones mean the working time of their days": (
        snapshot(focus_made("Fri..Sun", "Focus days"), who=profile(hours=MORNINGS)),
        240,
    ),
    "one in another week does not count": (snapshot(focus_made("Tue+1 10:00-12:00")), 480),
    # blocks of ours
    "a movable block is no input": (snapshot(ours=[block("Tue 09:00-11:00")]), 480),
    "now in the middle of a block": (snapshot(now="Mon 10:00", ours=[KEPT]), 360),
    "a kept block": (snapshot(now="Tue 07:00", ours=[KEPT]), 360),
    "booked over for half an hour: that is repaid": (
        snapshot(meeting("Mon 10:00-10:30"), now="Tue 07:00", ours=[KEPT]),
        390,
    ),
    "by a hold too": (snapshot(event("Mon 10:00-10:30"), now="Tue 07:00", ours=[KEPT]), 390),
    "booked over wholly: not kept": (snapshot(meeting("Mon 08:00-12:00"), now="Tue 07:00", ours=[KEPT]), 480),
    "a pinned block": (snapshot(ours=[PINNED]), 360),
    "two at one time count once": (snapshot(ours=[PINNED, block("Wed 10:00-12:00", 2, pinned=True)]), 300),
    "one over a hand-made one counts once": (snapshot(focus_made("Wed 09:00-10:00"), ours=[PINNED]), 360),
    "pinned outside working hours": (snapshot(ours=[block("Sun 23:00-23:45", pinned=True)]), 435),
    "made all-day by the user: that working day": (
        snapshot(ours=[block("Tue", pinned=True)], who=profile(hours=MORNINGS)),
        240,
    ),
    # skips
    "skips are spent": (snapshot(skips=[skip(1), skip(2, 60)]), 300),
    "never under zero": (snapshot(skips=EIGHT_SKIPS), None),
    "skips of other policies are not": (snapshot(skips=[skip(1, policy="habits")]), 480),
    "nor skips of other weeks": (snapshot(skips=[skip(1, week="2026-W50"), skip(1, week="2026-W4")]), 480),
}


@pytest.mark.parametrize(("snap", "expected"), THIS_WEEK.values(), ids=THIS_WEEK)
def test_what_this_week_owes(snap: Snapshot, expected: int | None) -> None:
    assert totals(snap).get("2026-W49") == expected


STANDING = [block(f"{d} 09:00-11:00", n) for n, d in enumerate(("Mon", "Tue", "Wed", "Thu"), 1)]
ONE, TWO, THREE, FOUR = STANDING


TO_WED, INTO_W50 = block("Wed 14:00-16:00", 2, pinned=True), block("Wed+1 14:00-16:00", 2, pinned=True)
IN_W50 = Skip("focus", "2026-W49/2", date(2026, 12, 9), 120)
SWAPPED = [block("Wed 09:00-11:00", 2, pinned=True), block("Tue 09:00-11:00", 3, pinned=True)]

WORKED_EXAMPLES: dict[str, tuple[Snapshot, int | None, int]] = {
    "as it stands": (snapshot(ours=STANDING), 480, 480),
    "/2 moved to Wednesday afternoon": (snapshot(ours=[ONE, TO_WED, THREE, FOUR]), 360, 480),
    "/2 moved into W50: W49 is not owed it, W50 owes 6 h more": (snapshot(ours=[ONE, INTO_W50, THREE, FOUR]), 360, 360),
    "/2 moved into W50 and booked over there: W50 pays": (
        snapshot(meeting("Wed+1 13:00-15:00"), ours=[ONE, INTO_W50, THREE, FOUR]),
        360,
        420,
    ),
    "/2 deleted: 120 minutes spent": (snapshot(ours=[ONE, THREE, FOUR], skips=[skip(2)]), 360, 480),
    "/2 moved into W50 and deleted there: spent in W49": (snapshot(ours=[ONE, THREE, FOUR], skips=[IN_W50]), 360, 480),
    "a meeting over /3": (snapshot(meeting("Wed 09:00-11:00"), ours=STANDING), 480, 480),
    "a meeting over half of /2, which the user had moved": (
        snapshot(meeting("Wed 15:00-16:00"), ours=[ONE, TO_WED, THREE, FOUR]),
        420,
        480,
    ),
    "a meeting over the end of /3": (snapshot(meeting("Wed 10:30-11:00"), ours=STANDING), 480, 480),
    "/2 and /3 swapped": (snapshot(ours=[ONE, *SWAPPED, FOUR]), 240, 480),
    "/3 copied to Friday": (snapshot(focus_made("Fri 09:00-11:00", "Focus"), ours=STANDING), 360, 480),
    "all kept: nothing owed on Friday": (snapshot(now="Fri 07:00", ours=STANDING), None, 480),
}


@pytest.mark.parametrize(("snap", "this_week", "next_week"), WORKED_EXAMPLES.values(), ids=WORKED_EXAMPLES)
def test_worked_examples(snap: Snapshot, this_week: int | None, next_week: int) -> None:
    found = totals(snap)
    assert (found.get("2026-W49"), found.get("2026-W50")) == (this_week, next_week)


def test_a_smaller_goal_and_back() -> None:
    snap = snapshot(ours=STANDING)
    assert [totals(snap, options(weekly_goal=g))["2026-W49"] for g in ("8h", "4h", "8h")] == [480, 240, 480]


def test_the_week_rolls_over() -> None:
    assert totals(snapshot(now="Sun 23:30", ours=STANDING)) == {"2026-W50": 480, "2026-W51": 480}
    assert totals(snapshot(now="Mon+1 00:00", ours=STANDING)) == {"2026-W50": 480, "2026-W51": 480, "2026-W52": 480}


def test_a_block_over_midnight_between_weeks_counts_in_both() -> None:
    over = block("Sun 22:00-23:45", pinned=True)
    late = replace(over, event=replace(over.event, span=TimeRange(moment("Sun 23:00"), moment("Mon+1 01:00"))))
    assert totals(snapshot(ours=[late])) == {"2026-W49": 360, "2026-W50": 420, "2026-W51": 480}


@pytest.mark.parametrize(
    ("monday", "away_day", "expected"),
    [
        pytest.param(
            AUTUMN, "Sun", 480 * 360 // 780 // 15 * 15, id="autumn, the long Sunday away: 6 hours of 13 are left"
        ),
        pytest.param(AUTUMN, "Sat", 480 * 420 // 780 // 15 * 15, id="autumn, the long Sunday there"),
        pytest.param(
            SPRING, "Sun", 480 * 360 // 660 // 15 * 15, id="spring, the short Sunday away: 6 hours of 11 are left"
        ),
        pytest.param(SPRING, "Sat", 480 * 300 // 660 // 15 * 15, id="spring, the short Sunday there"),
    ],
)
def test_nights_on_which_the_clock_changes(monday: date, away_day: str, expected: int) -> None:
    snap = snapshot(monday=monday, who=profile(hours=WEEKEND_NIGHTS), away=[event(away_day, monday=monday).span])
    assert propose(snap, FocusOptions())[0].when.total == expected  # type: ignore[union-attr]


@pytest.mark.parametrize("monday", [AUTUMN, SPRING])
def test_windows_and_preferred_times_keep_local_time_over_a_clock_change(monday: date) -> None:
    for want in propose(snapshot(monday=monday), FocusOptions()):
        local = [r.start.astimezone(ZONE).time() for r in (*blocks(want).windows, *blocks(want).prefer)]
        assert set(local) == {time(9)}


def test_windows_are_the_working_time_that_is_left_and_the_user_is_there() -> None:
    snap = snapshot(meeting("Tue 10:00-11:00"), now="Mon 10:07", away=[span("Wed 09:00-12:00"), *away("Thu")])
    assert blocks(propose(snap, FocusOptions())[0]).windows == (
        span("Mon 10:07-17:30"),
        span("Tue 09:00-17:30"),
        span("Wed 12:00-17:30"),
        span("Fri 09:00-17:30"),
    )


def test_a_want_says_all_that_placement_needs() -> None:
    table = {"block": {"min": "45m", "ideal": "1h", "max": "2h"}, "per_day": "3h", "buffer": "10m", "reminder": "5m"}
    table |= {"weekly_goal": "6h", "prefer": ["08:00-10:00", "16:00-24:00"], "title": "Think"}
    want = propose(snapshot(), options(**table))[0]
    assert (want.policy, want.key, want.level, want.calendar) == ("focus", "2026-W49", Level.FOCUS, None)
    when = blocks(want)
    assert when.week == week_of(date(2026, 12, 3), 0)
    assert (when.total, when.per_day, when.buffer) == (360, 180, 10)
    assert (when.shortest, when.ideal, when.longest) == (45, 60, 120)
    assert when.prefer[:2] == (span("Mon 08:00-10:00"), TimeRange(moment("Mon 16:00"), moment("Tue 00:00")))
    assert len(when.prefer) == 14
    assert want.content.title == "Think"
    assert str(want.content.reminder) == "5", "a plain number, as it comes back from a calendar"
    assert want.content.questions == ("Where did you stop, and what is the next step?",)
    assert want.content.question_ids == ("focus-resume",)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        pytest.param(
            {}, "Time to think, held for your focus goal of week 49. Preferred times: 09:00-12:00.", id="goal"
        ),
        pytest.param({"prefer": []}, "Time to think, held for your focus goal of week 49.", id="no preference"),
        pytest.param(
            {"prefer": ["09:00-10:00", "13:00-15:00"], "weekly_goal": "90m"},
            "Time to think, held for your focus goal of week 49. Preferred times: 09:00-10:00, 13:00-15:00.",
            id="two preferences",
        ),
        pytest.param(
            {"mode": "scarce", "scarce_below": "50h", "prefer": ""},
            "Free time for focus in week 49 fell under 50 h, so time to think is held here.",
            id="scarce",
        ),
    ],
)
def test_the_reason(table: dict[str, object], reason: str) -> None:
    assert propose(snapshot(), options(**table))[0].content.reason == reason


TO_WEDNESDAY = [meeting(f"{d} 09:00-17:30", d) for d in ("Mon", "Tue", "Wed")]
"""Leaves Thursday and Friday: 1,020 minutes."""


@pytest.mark.parametrize(
    ("goal", "shown"),
    [
        pytest.param(340, ShowAs.FREE, id="slack 3.0"),
        pytest.param(341, ShowAs.TENTATIVE, id="slack just under 3"),
        pytest.param(680, ShowAs.TENTATIVE, id="slack 1.5"),
        pytest.param(681, ShowAs.BUSY, id="slack just under 1.5"),
    ],
)
def test_who_has_set_the_bounds_of_0_1_keeps_them(goal: int, shown: ShowAs) -> None:
    content = propose(snapshot(*TO_WEDNESDAY), options(weekly_goal=f"{goal}m", tentative_below=3.0))[0].content
    assert (content.show_as, content.showing) == (shown, Showing(busy_within=24 * 60))


def test_each_week_has_its_own_slack() -> None:
    wants = propose(snapshot(*TO_WEDNESDAY), options(weekly_goal="10h", busy_below=1.5))
    shown = [w.content.show_as for w in wants]
    assert shown == [ShowAs.TENTATIVE, ShowAs.FREE, ShowAs.FREE]


@pytest.mark.parametrize("shown", list(ShowAs))
def test_a_fixed_show_as_never_hardens(shown: ShowAs) -> None:
    content = propose(snapshot(*TO_WEDNESDAY), options(weekly_goal="16h", show_as=shown.value))[0].content
    assert (content.show_as, content.showing) == (shown, None)


CROWDED = [meeting("Thu 10:00-16:00"), meeting("Fri 11:00-16:30")]
"""Leaves gaps of 60, 90, 120 and 60 minutes: 5 h 30."""

SHORT = {"block": {"min": "60m"}}

SCARCE: dict[str, tuple[dict[str, object], Snapshot, bool]] = {
    "at the threshold it rests": ({"scarce_below": "17h"}, snapshot(*TO_WEDNESDAY), False),
    "under the threshold it acts": ({"scarce_below": "1021m"}, snapshot(*TO_WEDNESDAY), True),
    "time that is past is not free": ({"scarce_below": "17h"}, snapshot(*TO_WEDNESDAY, now="Thu 10:00"), True),
    "a hand-made block takes free time": (
        {"scarce_below": "17h"},
        snapshot(*TO_WEDNESDAY, focus_made("Thu 09:00-10:00")),
        True,
    ),
    "blocks of ours take none": (
        {"scarce_below": "17h"},
        snapshot(*TO_WEDNESDAY, ours=[block("Thu 09:00-11:00", week="2026-W50", pinned=True)]),
        False,
    ),
    "it goes on once blocks stand": ({"scarce_below": "1h"}, snapshot(ours=STANDING), True),
    "blocks of other weeks are none": ({"scarce_below": "1h"}, snapshot(ours=[LONG_HERE]), False),
    "one that the user moved out is of this week": ({"scarce_below": "1h"}, snapshot(ours=[INTO_W50]), True),
    "one that was moved in is not": (
        {"scarce_below": "1h"},
        snapshot(ours=[block("Tue 09:00-11:00", pinned=True, week="2026-W50")]),
        False,
    ),
    "a gap of the shortest length counts": (
        {"scarce_below": "5h30m", **SHORT},
        snapshot(*TO_WEDNESDAY, *CROWDED),
        False,
    ),
    "and no more than the gaps": ({"scarce_below": "331m", **SHORT}, snapshot(*TO_WEDNESDAY, *CROWDED), True),
    "shorter gaps do not": (
        {"scarce_below": "5h30m", "block": {"min": "61m"}},
        snapshot(*TO_WEDNESDAY, *CROWDED),
        True,
    ),
    "the buffer makes gaps shorter: 75 and 105 minutes": (
        {"scarce_below": "181m", "buffer": "15m", **SHORT},
        snapshot(*TO_WEDNESDAY, *CROWDED),
        True,
    ),
    "and no shorter": ({"scarce_below": "3h", "buffer": "15m", **SHORT}, snapshot(*TO_WEDNESDAY, *CROWDED), False),
    "but not where no meeting is": ({"scarce_below": "42h30m", "buffer": "15m"}, snapshot(), False),
}


@pytest.mark.parametrize(("table", "snap", "acts"), SCARCE.values(), ids=SCARCE)
def test_scarce_mode(table: dict[str, object], snap: Snapshot, acts: bool) -> None:
    assert ("2026-W49" in totals(snap, options(mode="scarce", **table))) is acts
    assert "2026-W49" in totals(snap), "mode 'goal' does not look at free time"


# The options.


def test_defaults() -> None:
    assert options() == FocusOptions()
    assert (FocusOptions().block, FocusOptions().prefer) == (BlockOptions(), "09:00-12:00")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        pytest.param({"block": {"min": "3h"}}, "each must be at least as long", id="min over ideal"),
        pytest.param({"block": {"max": "1h"}}, "each must be at least as long", id="ideal over max"),
        pytest.param({"block": {"min": "10m"}}, "min at least 15m", id="min too short"),
        pytest.param(
            {"per_day": "90m", "block": {"min": "2h"}}, "make it at least 2h", id="a day without room for a block"
        ),
        pytest.param({"busy_below": 4.0}, "must be at most tentative_below = 3.0", id="busy before tentative"),
        pytest.param({"busy_below": -1.0}, ">= 0", id="negative slack"),
        pytest.param({"prefer": ["morning"]}, "write it like '09:00-12:00'", id="a time of day in words"),
        pytest.param({"prefer": 9}, "write a string such as '09:00-12:00'", id="a time of day as a number"),
        pytest.param({"weekly_goal": "plenty"}, "write it like '90m'", id="no duration"),
        pytest.param({"mode": "fast"}, "Invalid enum value 'fast'", id="no such mode"),
        pytest.param({"title": ""}, "length >= 1", id="no title"),
        pytest.param({"goal": "8h"}, "unknown field `goal`", id="an unknown key"),
    ],
)
def test_bad_options(table: dict[str, object], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        options(**table)


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("09:00–12:00", "09:00-12:00"),
        ("09:00-10:00, 22:00-24:00", "09:00-10:00,22:00-24:00"),
        (["09:00-10:00", "13:00-14:00"], "09:00-10:00,13:00-14:00"),
        ([], ""),
        ("", ""),
    ],
)
def test_preferred_times_are_one_span_or_several(written: object, held: str) -> None:
    assert options(prefer=written).prefer == held
    assert options(prefer=held).prefer == held


# Properties.


@st.composite
def spans(draw: st.DrawFn, weeks: int = 3) -> str:
    """'Tue+1 09:00-10:30', on quarters of an hour."""
    start = draw(st.integers(0, 90))
    end = draw(st.integers(start + 1, 95))
    day = f"{draw(st.sampled_from(DAYS))}+{draw(st.integers(0, weeks - 1))}"
    return f"{day} {start // 4:02}:{start % 4 * 15:02}-{end // 4:02}:{end % 4 * 15:02}"


@st.composite
def calendars(draw: st.DrawFn) -> Snapshot:
    """Three weeks with meetings, holds, hand-made focus, absences, our own blocks (kept, pinned, movable) and skips."""
    made = {"counts_as": CountsAs.FOCUS}
    events = [
        *(meeting(w, f"m{n}") for n, w in enumerate(draw(st.lists(spans(), max_size=6)))),
        *(event(w, f"h{n}") for n, w in enumerate(draw(st.lists(spans(), max_size=2)))),
        *(event(w, f"f{n}", **made) for n, w in enumerate(draw(st.lists(spans(), max_size=2)))),
    ]
    week_names = st.sampled_from(["2026-W49", "2026-W50", "2026-W51"])
    ours = [
        block(w, n, week=draw(week_names), pinned=draw(st.booleans()))
        for n, w in enumerate(draw(st.lists(spans(), max_size=4)), 1)
    ]
    skips = [skip(n + 90, draw(st.integers(0, 200)), week=draw(week_names)) for n in range(draw(st.integers(0, 3)))]
    absences = [span(w) for w in draw(st.lists(spans(), max_size=2))]
    days_off = away(*draw(st.lists(st.sampled_from([f"{d}+{w}" for d in DAYS for w in range(3)]), max_size=2)))
    now = moment("Mon 00:00") + timedelta(minutes=draw(st.integers(0, 7 * 24 * 60 - 1)))
    return snapshot(*events, now=now, ours=ours, skips=skips, away=[*absences, *days_off])


@st.composite
def focus_options(draw: st.DrawFn) -> FocusOptions:
    return options(
        weekly_goal=f"{draw(st.integers(0, 40 * 60))}m",
        mode=draw(st.sampled_from(["goal", "scarce"])),
        scarce_below=f"{draw(st.integers(0, 50))}h",
        buffer=f"{draw(st.sampled_from([0, 15]))}m",
    )


@given(calendars(), focus_options())
def test_totals_lie_between_nothing_and_the_goal(snap: Snapshot, opts: FocusOptions) -> None:
    assert all(0 < total <= opts.weekly_goal for total in totals(snap, opts).values())


@given(calendars(), focus_options())
def test_windows_lie_ahead_in_their_week_and_in_present_working_time(snap: Snapshot, opts: FocusOptions) -> None:
    for want in propose(snap, opts):
        when = blocks(want)
        present = [r for d in when.week.days for r in snap.present(d)]
        assert not minus(when.windows, present)
        assert all(snap.now <= w.start < w.end for w in when.windows)


@given(calendars(), st.integers(1, 300))
def test_more_skips_never_owe_more(snap: Snapshot, minutes: int) -> None:
    before, after = totals(snap), totals(replace(snap, skips=(*snap.skips, skip(99, minutes))))
    assert after.get("2026-W49", 0) == max(0, before.get("2026-W49", 0) - minutes)
    assert after.get("2026-W50") == before.get("2026-W50")


@given(calendars(), focus_options(), st.randoms(use_true_random=False))
def test_the_order_of_events_is_irrelevant(snap: Snapshot, opts: FocusOptions, chance: Random) -> None:
    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    other = replace(
        snap, events=mixed(snap.events), ours=mixed(snap.ours), skips=mixed(snap.skips), away=mixed(snap.away)
    )
    assert propose(other, opts) == propose(snap, opts)


@given(calendars(), focus_options(), st.lists(spans(), max_size=6))
def test_blocks_that_placement_puts_change_no_want(snap: Snapshot, opts: FocusOptions, places: list[str]) -> None:
    first = propose(snap, opts)
    wanted = {blocks(w).week: w.key for w in first}
    put = []
    for n, where in enumerate(places, 200):
        week = week_of(local_day(span(where).start, ZONE), 0)
        if week in wanted and span(where).start > snap.now:
            shown = next(w.content.show_as for w in first if w.key == wanted[week])
            placed = block(where, n, week=wanted[week], show_as=shown)
            put.append(replace(placed, event=replace(placed.event, created=snap.now)))
    assume(put)
    assert propose(replace(snap, ours=(*snap.ours, *put)), opts) == first


@given(calendars(), focus_options())
def test_blocks_that_placement_moves_or_takes_back_change_no_want(snap: Snapshot, opts: FocusOptions) -> None:
    here = replace(snap, ours=(*snap.ours, LONG_HERE))
    stays = tuple(o for o in here.ours if o.pinned or here.begun(o.event))
    goal_mode = replace(opts, mode="goal", show_as="busy")  # `auto` stays as a week was treated
    assert propose(replace(here, ours=stays), goal_mode) == propose(here, goal_mode)


@given(calendars())
def test_a_kept_block_is_paid_off_minute_by_minute(snap: Snapshot) -> None:
    """What stood as movable and then came to pass falls from what is owed, and nothing else does."""
    here = replace(snap, ours=(LONG_HERE, block("Tue 09:00-11:00", 300)), now=moment("Tue 08:59"))
    free = sum(r.minutes for r in minus([span("Tue 09:00-11:00")], here.busy))
    before, after = totals(here), totals(replace(here, now=moment("Tue 09:00")))
    assert after.get("2026-W49", 0) == max(0, before.get("2026-W49", 0) - free)
