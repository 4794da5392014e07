"""Pauses after heavy talks and long runs, and lunch as an event: the table of what is planned, and what goes beyond."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.figures.long_runs import only_break
from daemon.model.options import decode
from daemon.model.owner import Field
from daemon.model.plan import Change, Create, Plan, Update
from daemon.model.profile import Lunch
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.text import QUESTION
from daemon.model.times import DateRange, TimeRange
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from instances import carried_out
from living import local
from making import CALENDAR, day, event, meeting, moment, own, profile, snapshot, span
from policies import POLICIES
from policies.breaks.options import POLICY, BreaksOptions
from policies.questions.prompts import library

WITH_LUNCH = profile(lunch=Lunch())
TERMS = Terms(main=CALENDAR)
CARRYING = {p.text for p in library() if p.theme == "carrying"}
TEXT = "Half an hour for yourself. Nothing is expected of you here."


def options(**values: object) -> BreaksOptions:
    """As the config file says it."""
    return msgspec.convert(values, BreaksOptions, dec_hook=decode)


def calendar(*parts: object, now: str = "Mon 07:00", **more: object) -> Snapshot:
    """Events and events of ours; lunch is kept free as it is by default."""
    foreign = [e for e in parts if isinstance(e, Event)]
    ours = [o for o in parts if isinstance(o, OwnEvent)]
    skips = [s for s in parts if isinstance(s, Skip)]
    return snapshot(*foreign, **{"who": WITH_LUNCH, "now": now, "ours": ours, "skips": skips, **more})


def plan(at: Snapshot, *, others: Iterable[str] = (), **values: object) -> Plan:
    """What the next run would do, with other policies as they are by default."""
    wants = list(POLICIES[POLICY].propose(at, options(**values)))
    wants += [w for name in others for w in POLICIES[name].propose(at, POLICIES[name].options())]
    return make_plan(at, wants, TERMS, Limits())


def shown(changes: Iterable[Change], policy: str = POLICY) -> list[str]:
    """'Pause Tue 10:30-11:00 busy', in order; '- …' for one that goes."""
    rows = []
    for c in changes:
        if c.wish.policy == policy:
            title, busy = (c.draft.title, c.draft.show_as) if isinstance(c, Create | Update) else ("-", "")
            rows.append(f"{title} {local(c.when)} {busy}".strip())
    return rows


def after(at: Snapshot, made: Plan, **more: object) -> Snapshot:
    """The calendar once that was carried out."""
    return replace(carried_out(at, made.changes), **more)


def talks(*clocks: str, title: str = "Exit talk") -> list[Event]:
    return [meeting(f"Tue {c}", title, others=1) for c in clocks]


FOUR = talks("10:00-10:30", "10:30-11:00", "11:00-11:30", "11:30-12:00")
LONG_DAY = [meeting("Wed 09:00-12:00", "Staff", others=3), meeting("Wed 15:00-16:00", "Review", others=3)]
LATER = ("Thu", "Fri")

TABLE: dict[str, tuple[list[Event], str, dict[str, object], list[str]]] = {
    "after a talk of two about a layoff there is half an hour": (
        talks("10:00-10:30", title="Layoff talk"), "Mon 07:00", {}, ["Pause Tue 10:30-11:00 busy"],
    ),
    "after four in a row, and a meeting, one pause at the end, and lunch stays free": (
        [*FOUR, meeting("Tue 12:00-13:00", "Staff", others=1)], "Mon 07:00", {}, ["Pause Tue 13:30-14:15 busy"],
    ),
    "after three hours of meetings there are twenty minutes": (
        LONG_DAY, "Tue 12:00", {}, ["Pause Wed 12:00-12:20 busy"],
    ),
    "nothing of it more than a day ahead": (LONG_DAY, "Tue 11:59", {}, []),
    "nothing of it on Monday": (LONG_DAY, "Mon 07:00", {}, []),
    "lunch is break enough": (LONG_DAY, "Tue 12:00", {"lunch": True}, ["Lunch Wed 12:00-12:30 busy"]),
    "where the next meeting is five minutes later there is none": (
        [meeting("Wed 10:00-12:00", "Staff"), meeting("Wed 12:05-13:00", "Review")], "Tue 12:00", {}, [],
    ),
    # decompression
    "the pause comes after what follows at once": (
        [*talks("10:00-10:30"), meeting("Tue 10:30-11:30", "Sync")], "Mon 07:00", {}, ["Pause Tue 11:30-12:00 busy"],
    ),
    "it begins two hours later at the latest": (
        [*talks("09:00-09:30"), meeting("Tue 09:30-11:30", "Sync", others=1)], "Mon 07:00", {},
        ["Pause Tue 11:30-12:00 busy"],
    ),
    "and later than that it does not come": (
        [*talks("09:00-09:30"), meeting("Tue 09:30-11:31", "Sync", others=1)], "Mon 07:00", {}, [],
    ),
    "talks apart from each other have a pause each": (
        talks("10:00-10:30", "14:00-14:30"), "Mon 07:00", {},
        ["Pause Tue 10:30-11:00 busy", "Pause Tue 14:30-15:00 busy"],
    ),
    "where there is no room for the long one, the short one": (
        [*talks("10:00-10:30", "10:30-11:00"), meeting("Tue 11:30-13:30", "Review", others=1)], "Mon 07:00", {},
        ["Pause Tue 11:00-11:30 busy"],
    ),
    "none after work": (talks("17:00-17:30"), "Mon 07:00", {}, []),
    "not after a meeting of many": (
        [meeting("Tue 10:00-10:30", "Layoff plan", others=4)], "Mon 07:00", {}, [],
    ),
    "with three others it is a talk": (
        [meeting("Tue 10:00-10:30", "Layoff plan", others=3)], "Mon 07:00", {}, ["Pause Tue 10:30-11:00 busy"],
    ),
    "#heavy in an event of one's own": (
        [event("Tue 10:00-10:30", "Call #heavy", mine=True)], "Mon 07:00", {}, ["Pause Tue 10:30-11:00 busy"],
    ),
    "its category, on any event": (
        [meeting("Tue 10:00-10:30", "Call", others=9, categories=("Heavy",))], "Mon 07:00", {},
        ["Pause Tue 10:30-11:00 busy"],
    ),
    "the word in somebody's invitation is none": (
        [meeting("Tue 10:00-10:30", "Call #heavy", description="#heavy")], "Mon 07:00", {}, [],
    ),
    "a hold of that title is no talk": ([event("Tue 10:00-10:30", "Layoff list")], "Mon 07:00", {}, []),
    "nor is what was declined or cancelled": (
        [meeting("Tue 10:00-10:30", "Exit talk", counts_as=c, others=1) for c in
         (CountsAs.DECLINED, CountsAs.CANCELLED, CountsAs.OTHERS, CountsAs.IGNORED)], "Mon 07:00", {}, [],
    ),
    "words of one's own replace those that come with unbusy": (
        [*talks("10:00-10:30"), meeting("Tue 14:00-14:30", "Goodbye Dana", others=1)], "Mon 07:00",
        {"heavy": ["goodbye *"]}, ["Pause Tue 14:30-15:00 busy"],
    ),
    "a length of one's own": (
        talks("10:00-10:30"), "Mon 07:00", {"heavy_length": "1h"}, ["Pause Tue 10:30-11:30 busy"],
    ),
    "it can be switched off": (talks("10:00-10:30"), "Mon 07:00", {"decompression": False}, []),
    "a talk over midnight is of the day on which it ends": (
        [meeting("Mon 00:00-00:01", "Exit talk", others=1, span=TimeRange(moment("Mon 23:30"), moment("Tue 08:30")))],
        "Mon 07:00", {}, ["Pause Tue 09:00-09:30 busy"],
    ),
    # recovery
    "two hours have ten minutes": (
        [meeting("Wed 09:00-11:00", "Staff")], "Wed 07:00", {}, ["Pause Wed 11:00-11:10 busy"],
    ),
    "less than two hours have none": ([meeting("Wed 09:00-10:59", "Staff")], "Wed 07:00", {}, []),
    "nor has time with one other": ([meeting("Wed 09:00-12:00", "Staff", others=1)], "Wed 07:00", {}, []),
    "a meeting of two in the middle is part of the run": (
        [meeting("Wed 09:00-10:00"), meeting("Wed 10:00-11:00", "1:1", others=1), meeting("Wed 11:00-12:00")],
        "Wed 07:00", {}, ["Pause Wed 12:00-12:20 busy"],
    ),
    "where twenty have no room, ten": (
        [meeting("Wed 09:00-12:00"), meeting("Wed 12:15-13:00", others=1)], "Wed 07:00", {},
        ["Pause Wed 12:00-12:10 busy"],
    ),
    "begun on the grid": ([meeting("Wed 09:00-11:02")], "Wed 07:00", {}, ["Pause Wed 11:05-11:15 busy"]),
    "none after work, where nobody would take it": ([meeting("Wed 15:00-17:30")], "Wed 07:00", {}, []),
    "one a day, where the day goes on": (
        [meeting("Wed 09:00-11:00"), meeting("Wed 14:00-16:30")], "Wed 07:00", {}, ["Pause Wed 11:00-11:10 busy"],
    ),
    "else after the longest": (
        [meeting("Wed 09:00-11:00"), meeting("Wed 13:00-15:30"), meeting("Wed 16:30-17:00", others=1)], "Wed 07:00", {},
        ["Pause Wed 15:30-15:40 busy"],
    ),
    "also of the week": (
        [meeting("Wed 09:00-11:00"), meeting("Wed 12:30-13:00"), *(meeting(f"{d} 14:00-17:00") for d in LATER)],
        "Wed 07:00", {}, ["Pause Wed 11:00-11:10 busy"],
    ),
    "two a week, after the longest, and the others wait for nothing": (
        [meeting(f"{d} 14:00-{end}") for d, end in (("Mon", "16:00"), ("Wed", "16:30"), ("Thu", "16:30"))],
        "Mon 07:00", {}, [],
    ),
    "hand-made focus that begins soon is break enough": (
        [meeting("Wed 09:00-11:00"), event("Wed 11:15-13:00", "Focus", counts_as=CountsAs.FOCUS)], "Wed 07:00", {},
        ["Pause Wed 11:00-11:10 busy"],
    ),
    "and so is it fourteen minutes later": (
        [meeting("Wed 09:00-11:00"), event("Wed 11:14-13:00", "Focus", counts_as=CountsAs.FOCUS)], "Wed 07:00", {}, [],
    ),
    "it leaves the last time for lunch": (
        [meeting("Wed 09:00-11:30"), meeting("Wed 12:00-14:00", others=1)], "Wed 07:00", {}, [],
    ),
    "what begins within the hour comes too late": ([meeting("Wed 09:00-11:00")], "Wed 10:01", {}, []),
    "recovery can be switched off": (LONG_DAY, "Tue 12:00", {"recovery": False}, []),
    # lunch
    "lunch is no event by default": (LONG_DAY, "Mon 07:00", {"recovery": False}, []),
    "with less than four hours there is none": (
        [meeting("Wed 09:00-11:59", others=1), LONG_DAY[1]], "Mon 07:00", {"lunch": True}, [],
    ),
    "lunch is at noon where noon is free": (
        [meeting("Wed 13:00-17:30", others=1)], "Mon 07:00", {"lunch": True}, ["Lunch Wed 12:00-12:30 busy"],
    ),
    "else as early as can be": (
        [meeting("Wed 12:00-17:30", others=1)], "Mon 07:00", {"lunch": True}, ["Lunch Wed 11:30-12:00 busy"],
    ),
    "a day without room shows it over the shortest meeting": (
        [meeting("Wed 11:00-12:30", "Staff", others=1), meeting("Wed 12:30-13:15", "Hiring sync", others=1),
         meeting("Wed 13:15-17:00", "Planning", others=1)],
        "Mon 07:00", {"lunch": True}, ["Lunch Wed 12:30-13:00 free"],
    ),
    "this week and the next": (
        [meeting(f"{d} 13:00-17:30", others=1) for d in ("Fri", "Fri+1", "Fri+2")], "Mon 07:00", {"lunch": True},
        ["Lunch Fri 12:00-12:30 busy", "Lunch Fri+1 12:00-12:30 busy"],
    ),
    "the pause and lunch find room beside each other": (
        [*talks("11:30-12:00"), meeting("Tue 13:00-17:30", "Planning", others=1)], "Mon 07:00", {"lunch": True},
        ["Pause Tue 12:00-12:30 busy", "Lunch Tue 12:30-13:00 busy"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "now", "values", "expected"), TABLE.values(), ids=TABLE)
def test_what_is_planned(events: list[Event], now: str, values: dict[str, object], expected: list[str]) -> None:
    """And a second run changes nothing."""
    at = calendar(*events, now=now)
    made = plan(at, **values)
    assert shown(made.changes) == expected
    assert plan(after(at, made), **values).changes == ()


@pytest.mark.parametrize(("events", "now", "values"), [row[:3] for row in TABLE.values()], ids=TABLE)
def test_it_rests_with_focus_and_reviews_beside_it(events: list[Event], now: str, values: dict[str, object]) -> None:
    at = calendar(*events, now=now)
    made = plan(at, others=("focus", "reflection", "overload"), **values)
    assert plan(after(at, made), others=("focus", "reflection", "overload"), **values).changes == ()


@pytest.mark.parametrize(("events", "now", "values"), [row[:3] for row in TABLE.values()], ids=TABLE)
def test_nothing_while_away(events: list[Event], now: str, values: dict[str, object]) -> None:
    at = calendar(*events, now=now, away=[DateRange(day("Mon"), day("Mon+3")).span(WITH_LUNCH.zone)])
    assert shown(plan(at, **values).changes) == []


# -- among others -----------------------------------------------------------------------------------------------------


def test_the_pause_is_placed_before_focus() -> None:
    at = calendar(*talks("09:00-09:30"))
    made = plan(at, others=["focus"])
    pause = span("Tue 09:30-10:00")
    assert "Pause Tue 09:30-10:00 busy" in shown(made.changes)
    assert not any(c.when.span(at.zone).overlaps(pause) for c in made.changes if c.wish.policy == "focus")


def test_focus_that_begins_soon_after_a_run_is_break_enough() -> None:
    at = calendar(meeting("Wed 13:00-15:00"), now="Wed 07:00")
    assert shown(plan(at).changes) == ["Pause Wed 15:00-15:10 busy"]
    crowd = [event(f"{d} 09:00-17:30") for d in ("Thu", "Fri")] + [event("Wed 09:00-12:00")]
    made = plan(calendar(meeting("Wed 13:00-15:00"), *crowd, now="Wed 07:00"), others=["focus"])
    assert _places(made, "focus")[:1] == ["Focus Wed 15:00-17:30"]
    assert shown(made.changes) == []


def _places(made: Plan, policy: str) -> list[str]:
    return [row.rpartition(" ")[0] for row in shown(made.changes, policy)]


@pytest.mark.parametrize(("start", "rows"), [("11:10", []), ("11:15", ["Pause Wed 11:00-11:10 busy"])])
def test_what_of_ours_begins_soon_is_break_enough(start: str, rows: list[str]) -> None:
    block = own(f"Wed {start}-12:15", key="2026-W49/1", edited=[Field.WHEN], title="Focus")
    assert shown(plan(calendar(meeting("Wed 09:00-11:00"), block, now="Wed 07:00")).changes) == rows


def test_a_pause_that_has_no_room_before_the_next_talk_does_not_come_after_it() -> None:
    pinned = own("Tue 10:30-11:30", key="2026-W49/1", edited=[Field.WHEN], title="Focus")
    at = calendar(*talks("10:00-10:30", "11:30-12:00"), pinned)
    assert shown(plan(at).changes) == ["Pause Tue 12:00-12:30 busy"]


def test_a_pause_after_a_talk_is_break_enough() -> None:
    at = calendar(meeting("Wed 13:00-15:00", "Sync"), meeting("Wed 15:00-15:30", "Exit talk"), now="Wed 07:00")
    assert shown(plan(at).changes) == ["Pause Wed 15:30-16:00 busy"]


def test_where_lunch_is_an_event_focus_leaves_no_second_one_free() -> None:
    """Noon is booked; lunch is at 13:00, and focus may begin when it is over."""
    full = [*(event(f"{d} 09:00-17:30") for d in ("Mon", "Tue", "Wed")), event("Fri 10:30-17:30")]
    at = calendar(*full, meeting("Thu 09:00-13:00", others=1), meeting("Thu 15:30-17:30", others=1))
    assert _places(plan(at, others=["focus"]), "focus")[:1] == ["Focus Thu 13:30-15:30"]
    made = plan(at, others=["focus"], lunch=True)
    assert "Lunch Thu 13:00-13:30 busy" in shown(made.changes)
    assert _places(made, "focus")[:1] == ["Focus Thu 13:30-15:30"]
    for now in ("Mon 07:00", "Thu 12:59", "Thu 13:05"):  # also once lunch has begun
        then = plan(after(at, made, now=moment(now)), others=["focus"], lunch=True)
        assert not [row for row in shown(then.changes, "focus") if "Thu " in row]


def test_lunch_that_the_user_has_put_elsewhere_leaves_the_time_for_it_free() -> None:
    """So that focus does not come over it in one run, and go in the next."""
    full = [*(event(f"{d} 09:00-17:30") for d in ("Mon", "Tue", "Wed")), event("Fri 10:30-17:30")]
    moved = own("Thu 16:00-16:30", POLICY, "lunch/2026-12-03", title="Lunch", edited=[Field.WHEN], show_as=ShowAs.BUSY)
    at = calendar(*full, meeting("Thu 09:00-13:00", others=1), moved)
    made = plan(at, others=["focus"], lunch=True)
    assert _places(made, "focus")[:1] == ["Focus Thu 13:30-16:00"]
    assert plan(after(at, made), others=["focus"], lunch=True).changes == ()


def test_lunch_itself_is_never_in_the_way_of_lunch() -> None:
    """It stands over the only time for it, also on the morning of its day."""
    at = calendar(meeting("Wed 09:00-12:30", others=1), meeting("Wed 13:00-17:30", others=1), now="Tue 07:00")
    made = plan(at, lunch=True)
    assert shown(made.changes) == ["Lunch Wed 12:30-13:00 busy"]
    assert plan(after(at, made, now=moment("Wed 07:00")), lunch=True).changes == ()


# -- later ------------------------------------------------------------------------------------------------------------


def rest(*events: Event, now: str = "Mon 07:00", later: str = "", **values: object) -> list[str]:
    """What a run does with the pause of a talk on Tuesday at ten, once the calendar is another one."""
    at = calendar(*talks("10:00-10:30"), now=now)
    stands = after(at, plan(at, **values))
    changed = replace(stands, events=tuple(sorted(events, key=lambda e: (e.span, e.ref))))
    return shown(plan(replace(changed, now=moment(later or now)), **values).changes)


def test_a_pause_goes_with_its_talk() -> None:
    assert rest() == ["- Tue 10:30-11:00"]
    assert rest(later="Tue 10:29") == ["- Tue 10:30-11:00"]
    assert rest(later="Tue 10:30") == [], "what has begun stays"


def test_a_pause_follows_its_talk_on_the_day_also_when_it_is_near() -> None:
    assert rest(*talks("14:00-14:30"), later="Tue 07:00") == ["Pause Tue 14:30-15:00 busy"]


def test_a_pause_that_is_booked_over_moves() -> None:
    over = meeting("Tue 10:30-11:15", "Sync", others=1)
    assert rest(*talks("10:00-10:30"), over, later="Tue 07:00") == ["Pause Tue 11:15-11:45 busy"]


def test_a_recovery_goes_with_its_run_and_another_comes_in_the_same_run() -> None:
    """So that the run after it has nothing to do."""
    runs = [meeting(f"{d} 13:00-{end}") for d, end in (("Mon", "16:30"), ("Tue", "16:30"), ("Wed", "15:30"))]
    at = calendar(*runs, now="Mon 17:00")
    stands = after(at, plan(at))
    assert [local(o.event.when) for o in stands.ours] == ["Tue 16:30-16:50"]
    freed = replace(stands, events=(runs[0], runs[2]), now=moment("Tue 15:30"))
    made = plan(freed)
    assert shown(made.changes) == ["- Tue 16:30-16:50", "Pause Wed 15:30-15:40 busy"]
    assert plan(after(freed, made)).changes == ()


def test_what_was_counts_for_the_week() -> None:
    was = [
        own(f"{d} 16:30-16:50", POLICY, f"recovery/2026-12-0{n}", title="Pause") for d, n in (("Tue", 1), ("Wed", 2))
    ]
    run = meeting("Thu 13:00-16:00")
    assert shown(plan(calendar(run, now="Thu 07:00")).changes) == ["Pause Thu 16:00-16:20 busy"]
    assert shown(plan(calendar(run, *was, now="Thu 07:00")).changes) == []
    assert shown(plan(calendar(run, was[0], now="Thu 07:00")).changes) == ["Pause Thu 16:00-16:20 busy"]


# -- gestures ---------------------------------------------------------------------------------------------------------


def test_a_pause_that_was_deleted_does_not_come_back_and_no_other_on_its_day() -> None:
    skip = Skip(POLICY, "calm/2026-12-01", day("Tue"), 30)
    assert shown(plan(calendar(*talks("10:00-10:30", "14:00-14:30"), skip)).changes) == []
    other = meeting("Wed 10:00-10:30", "Exit talk", others=1)
    assert shown(plan(calendar(*talks("10:00-10:30"), other, skip)).changes) == ["Pause Wed 10:30-11:00 busy"]


def test_a_recovery_that_was_deleted_counts() -> None:
    skips = [Skip(POLICY, f"recovery/2026-12-0{n}", day(d), 20) for d, n in (("Tue", 1), ("Wed", 2))]
    runs = [meeting("Wed 13:00-16:00"), meeting("Thu 13:00-16:00")]
    assert shown(plan(calendar(*runs, *skips[:1], now="Thu 07:00")).changes) == ["Pause Thu 16:00-16:20 busy"]
    assert shown(plan(calendar(*runs, *skips, now="Thu 07:00")).changes) == []


@pytest.mark.parametrize("lunch", [False, True])
def test_one_that_was_moved_stays_there(lunch: bool) -> None:
    key = "lunch/2026-12-01" if lunch else "calm/2026-12-01"
    moved = own("Tue 16:00-16:30", POLICY, key, title="Pause", edited=[Field.WHEN], show_as=ShowAs.BUSY)
    at = calendar(*talks("09:00-09:30"), meeting("Tue 12:00-16:00", others=1), moved, now="Tue 07:00")
    made = [c for c in plan(at, lunch=lunch).changes if c.wish.key == key]
    assert not any(isinstance(c, Create) or Field.WHEN in c.fields for c in made)


@pytest.mark.parametrize(
    ("key", "subject"), [("calm", "pauses"), ("recovery", "recovery"), ("lunch", "lunch")]
)  # fmt: skip
def test_each_kind_has_a_subject_that_tells_nothing(key: str, subject: str) -> None:
    events = [*talks("10:00-10:30"), meeting("Tue 13:00-17:00")]
    wants = POLICIES[POLICY].propose(calendar(*events, now="Tue 07:00"), options(lunch=True))
    assert {s.id for w in wants if w.key.startswith(key) for s in w.about} == {subject}


# -- words ------------------------------------------------------------------------------------------------------------

HOSTILE = "Layoff\r\n▸ talk <b>#skip</b> ‘x’\x00\u202e" + "y" * 5000


def texts(made: Plan) -> list[str]:
    return [c.draft.title + "\n" + c.draft.text for c in made.changes if isinstance(c, Create)]


def test_nothing_names_the_talk() -> None:
    for title in ("Layoff talk", "Exit talk Dana", "Termination: Dana"):
        (text,) = texts(plan(calendar(*talks("10:00-10:30", title=title))))
        assert text.startswith(f"Pause\n{TEXT}\n")
        assert not {"layoff", "exit", "termination", "dana", "heavy", "10:00"} & set(text.casefold().split())


def test_it_asks_one_question_about_what_one_carries_and_each_time_another() -> None:
    days = [meeting(f"{d} 10:00-10:30", "Exit talk", others=1) for d in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    made = plan(calendar(*days))
    asked = [line[2:] for text in texts(made) for line in text.splitlines() if line.startswith(QUESTION)]
    assert len(asked) == len(set(asked)) == 5
    assert set(asked) <= CARRYING
    assert not any(QUESTION in text for text in texts(plan(calendar(*days), question=False)))


def test_what_it_asks_stays_and_is_asked_by_no_other() -> None:
    """Also not by one that comes later, for an earlier day."""
    days = [meeting(f"{d} 10:00-10:30", "Exit talk", others=1) for d in ("Mon", "Wed", "Thu", "Fri")]
    at = calendar(*days)
    stands = after(at, plan(at))
    before = {o.wish: o.mark.questions for o in stands.ours}
    more = replace(stands, events=(*days, *talks("10:00-10:30")))
    (new,) = plan(more).changes
    assert isinstance(new, Create)
    assert new.draft.mark.questions[0] not in {name for ids in before.values() for name in ids}
    assert {o.wish: o.mark.questions for o in after(more, plan(more)).ours if o.wish in before} == before


def test_several_have_the_longer_pause_and_say_so() -> None:
    (text,) = texts(plan(calendar(*talks("10:00-10:30", "10:30-11:00"))))
    assert text.startswith("Pause\nThree quarters of an hour for yourself. Nothing is expected of you here.\n")


def test_a_recovery_says_why() -> None:
    (text,) = texts(plan(calendar(*LONG_DAY, now="Tue 12:00")))
    assert text.splitlines()[1] == "After 3 h of meetings without a break: 20 min of air."


def test_lunch_says_what_is_over_it_in_one_harmless_line() -> None:
    full = [meeting("Wed 09:00-12:00", "Plan", others=1), meeting("Wed 12:00-13:00", "A", others=1, spoken="")]
    last = meeting("Wed 13:00-17:00", "B", others=1)
    (text,) = texts(plan(calendar(*full, last), lunch=True))
    assert text.splitlines()[1] == "No room for lunch; a private appointment, Wed 12:00 is the shortest over it."
    hostile = meeting("Wed 12:00-13:00", HOSTILE, others=1)
    (text,) = texts(plan(calendar(full[0], hostile, last), lunch=True, decompression=False))
    first = text.splitlines()[1]
    assert first.startswith("No room for lunch; ‘")
    assert first.endswith("’ is the shortest over it.")
    assert len(first) < 120
    assert "#skip" not in first


def test_a_hostile_title_is_read_and_named_nowhere() -> None:
    made = plan(calendar(meeting("Tue 10:00-10:30", HOSTILE, others=1), meeting("Tue 13:00-15:00", HOSTILE)))
    assert "Pause Tue 10:30-11:00 busy" in shown(made.changes)
    assert not any("yyy" in text for text in texts(made))


def test_titles_are_options() -> None:
    events = [*talks("10:00-10:30"), meeting("Tue 13:00-17:00", others=1)]
    made = plan(calendar(*events), title="Air", lunch_title="Food", lunch=True)
    assert _places(made, POLICY) == ["Air Tue 10:30-11:00", "Food Tue 12:00-12:30"]


@pytest.mark.parametrize("length", ["9m", "121m"])
def test_a_pause_has_a_length_that_one_can_take(length: str) -> None:
    with pytest.raises(ValueError, match="heavy_length"):
        options(heavy_length=length)


# -- keys and roles ---------------------------------------------------------------------------------------------------


def test_every_key_that_is_used_is_announced_and_has_its_role() -> None:
    events = [*talks("10:00-10:30", "14:00-14:30"), *LONG_DAY, meeting("Thu 12:00-17:00", others=1)]
    at = calendar(*events, now="Tue 07:00")
    used = {want.wish for want in POLICIES[POLICY].propose(at, options(lunch=True))}
    assert {w.key.partition("/")[0] for w in used} == {"calm", "lunch"}
    assert {w.key for w in used} <= set(POLICIES[POLICY].keys(at, options()))
    assert {(at.roles.of(w), w.key.startswith("lunch")) for w in used} == {(Role.PAUSE, False), (Role.LUNCH, True)}


def test_what_hangs_on_a_calendar_names_it() -> None:
    """While that cannot be read, the pause stays."""
    (want,) = POLICIES[POLICY].propose(calendar(*talks("10:00-10:30")), options())
    assert want.source == {CALENDAR}


# -- the only break ---------------------------------------------------------------------------------------------------

RUN = [
    meeting("Tue 09:00-11:00", "Staff"), meeting("Tue 11:00-13:00", "Planning"), meeting("Tue 13:00-14:00", "Review"),
]  # fmt: skip
NEXT = meeting("Tue 14:05-17:30", "Late", others=1)
ONLY = {
    "the meeting that ends nearest to the middle": (
        [*RUN, NEXT], "Ending ‘Staff’ at 10:50 would give the only break before 14:00.",
    ),
    "after an earlier meeting it says from when": (
        [meeting("Tue 08:00-08:30", "Early"), *RUN, NEXT],
        "Ending ‘Staff’ at 10:50 would give the only break between 09:00 and 14:00.",
    ),
    "a private one is not named": (
        [meeting("Tue 09:00-11:00", "Staff", spoken=""), *RUN[1:], NEXT],
        "Ending a private appointment, Tue 09:00 at 10:50 would give the only break before 14:00.",
    ),
    "none where the run has room after it": (RUN, ""),
    "none on a day without a long run": ([RUN[2], NEXT], ""),
    "none where others lie over every end": ([meeting("Tue 09:00-14:00", "Offsite"), *RUN, NEXT], ""),
    "none in a meeting of a quarter of an hour": (
        [meeting("Tue 09:00-09:15", "A"), meeting("Tue 09:15-14:00", "B"), NEXT], "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "line"), ONLY.values(), ids=ONLY)
def test_the_only_break(events: list[Event], line: str) -> None:
    assert only_break(calendar(*events), day("Tue")) == line


def test_a_flag_on_a_day_says_where_the_only_break_would_be() -> None:
    at = calendar(*RUN, NEXT)
    (flag,) = (c for c in plan(at, others=["overload"]).changes if c.wish == ("overload", "day/2026-12-01"))
    assert isinstance(flag, Create)
    assert "Ending ‘Staff’ at 10:50 would give the only break before 14:00." in flag.draft.text.splitlines()
